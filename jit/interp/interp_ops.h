/* interp_ops.h: the handlers of numeric operations, memory accesses, copies, branches and calls, derived from
 * wasm_alu.def, wasm_mem.def and interp_fuse.def. Included twice: by interp_run.c for the threaded code, and
 * by interp_template.c for what is copied (interp_copy.c). Whoever includes it says how a handler gets at its
 * instruction:
 *
 *   HANDLER(name), INS(type), NEXT_INS(), TAKE_JUMP()
 *   HERE(), SAVE_IP()    the instruction
 *   CELL(field)     the cell that the operand names, an lvalue
 *   WORD32(field), WORD64(field), OFFSET()    the operand itself; an access's offset
 *   TABLE(name)     the name of a table of handlers */
#define AT_u32(field) (*(const u32 *)&CELL(field))
#define AT_u64(field) CELL(field)
#define AT_f32(field) (*(const f32 *)&CELL(field))
#define AT_f64(field) (*(const f64 *)&CELL(field))
/* All 64 bits of the cell are written, so that a copy of it forwards from this one store. */
#define TO_u32(field, r) (CELL(field) = acc = (u32)(r))
#define TO_u64(field, r) (CELL(field) = acc = (u64)(r))
#define TO_f32(field, r)                                                                                     \
    do {                                                                                                     \
        acc_f32 = (r);                                                                                       \
        __asm__("movlps %1, %0" : "=m"(CELL(field)) : "x"(acc_f32));                                         \
    } while (0)
#define TO_f64(field, r) (*(f64 *)&CELL(field) = acc_f64 = (r))
#define IMM_u32()        WORD32(imm)
#define IMM_u64()        ((u64)(s64)(s32)WORD32(imm))
#define IMM_f32()        rt_bits_u32_f32(WORD32(imm))
#define IMM_f64()        rt_bits_u64_f64(WORD64(imm))
#define INS_IMM_u32      ins_imm32
#define INS_IMM_u64      ins_imm32
#define INS_IMM_f32      ins_imm32
#define INS_IMM_f64      ins_imm64
#define BR_IMM_u32       ins_br_imm32
#define BR_IMM_u64       ins_br_imm32
#define BR_IMM_f32       ins_br_imm32
#define BR_IMM_f64       ins_br_imm64

/* --- Numeric operations: value, jump if, jump unless; by operand form. --- */
enum { MAY_TRAP_FLAG_T = 1, MAY_TRAP_FLAG_C = 0, MAY_TRAP_FLAG_X = 0, MAY_TRAP_FLAG__ = 0 };
enum {
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature) MAY_TRAP_##id = MAY_TRAP_FLAG_##flags,
#include "wasm_ops.def"
#undef OP
};

/* Where x and y come from. In forms with one cell operand it is `a`. */
#define X_RR(t)   AT_##t(a)
#define Y_RR(t)   AT_##t(b)
#define X_RI(t)   AT_##t(a)
#define Y_RI(t)   IMM_##t()
#define X_AR(t)   ACC_##t()
#define Y_AR(t)   AT_##t(a)
#define X_AI(t)   ACC_##t()
#define Y_AI(t)   IMM_##t()
#define X_RA(t)   AT_##t(a)
#define Y_RA(t)   ACC_##t()
#define X_R(t)    AT_##t(a)
#define X_A(t)    ACC_##t()
#define VAL_RR(t) ins_3
#define VAL_RI(t) INS_IMM_##t
#define VAL_AR(t) ins_2
#define VAL_AI(t) INS_IMM_##t
#define VAL_RA(t) ins_2
#define VAL_R(t)  ins_2
#define VAL_A(t)  ins_1
#define BR_RR(t)  ins_br
#define BR_RI(t)  BR_IMM_##t
#define BR_AR(t)  ins_br
#define BR_AI(t)  BR_IMM_##t
#define BR_RA(t)  ins_br
#define BR_R(t)   ins_br
#define BR_A(t)   ins_jump

#define HANDLE(name, ins, operands, id, body)                                                                \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins);                                                                                            \
        operands;                                                                                            \
        if (MAY_TRAP_##id)                                                                                   \
            SAVE_IP();                                                                                       \
        body;                                                                                                \
        NEXT_INS();                                                                                          \
    }
/* A conversion writes half of its register: without this it would wait for what stood there before. */
#define FRESH(reg)         __asm__ volatile("xorps %%" reg ", %%" reg ::: reg)
#define FRESH_u32_u32      (void)0
#define FRESH_u32_u64      (void)0
#define FRESH_u32_f32      FRESH("xmm0")
#define FRESH_u32_f64      FRESH("xmm1")
#define FRESH_u64_u32      (void)0
#define FRESH_u64_u64      (void)0
#define FRESH_u64_f32      FRESH("xmm0")
#define FRESH_u64_f64      FRESH("xmm1")
#define FRESH_f32_u32      (void)0
#define FRESH_f32_u64      (void)0
#define FRESH_f32_f32      (void)0
#define FRESH_f32_f64      (void)0
#define FRESH_f64_u32      (void)0
#define FRESH_f64_u64      (void)0
#define FRESH_f64_f32      (void)0
#define FRESH_f64_f64      (void)0
#define OPERANDS1(t, form) t x = X_##form(t)
#define OPERANDS2(t, form) t x = X_##form(t), y = Y_##form(t)
#define START1(t, r, form)                                                                                   \
    t x = X_##form(t);                                                                                       \
    FRESH_##t##_##r
#define START2(t, r, form) t x = X_##form(t), y = Y_##form(t)
#define JUMP_IF(e)                                                                                           \
    if (e)                                                                                                   \
    TAKE_JUMP()

#define VALUE(n, id, t, r, e, form)                                                                          \
    HANDLE(id##_##form, VAL_##form(t), START##n(t, r, form), id, TO_##r(d, e))                               \
    HANDLE(id##_acc_##form, VAL_##form(t), START##n(t, r, form), id, SET_##r(d, e))
#define BRANCH(n, id, t, e, form)                                                                            \
    HANDLE(id##_if_##form, BR_##form(t), OPERANDS##n(t, form), id, JUMP_IF(e))                               \
    HANDLE(id##_unless_##form, BR_##form(t), OPERANDS##n(t, form), id, JUMP_IF(!(e)))
#if INTERP_SMALL
#define ALU1(id, t, r, e, translator) HANDLE(id##_R, VAL_R(t), OPERANDS1(t, R), id, TO_##r(d, e))
#define ALU2(id, t, r, e, translator) HANDLE(id##_RR, VAL_RR(t), OPERANDS2(t, RR), id, TO_##r(d, e))
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
const interp_fn TABLE(interp_alu)[WASM_OP_COUNT] = {
#define ALU1(id, t, r, e, translator) [WASM_OP_##id] = id##_R,
#define ALU2(id, t, r, e, translator) [WASM_OP_##id] = id##_RR,
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
};
#else

/* Only i32 results decide branches. */
#define BRANCH_u32(...) BRANCH(__VA_ARGS__)
#define BRANCH_u64(...)
#define BRANCH_f32(...)
#define BRANCH_f64(...)

#define ALU1(id, t, r, e, translator)                                                                        \
    VALUE(1, id, t, r, e, R)                                                                                 \
    VALUE(1, id, t, r, e, A)                                                                                 \
    BRANCH_##r(1, id, t, e, R) BRANCH_##r(1, id, t, e, A)
#define ALU2_FORM(id, t, r, e, form)                                                                         \
    VALUE(2, id, t, r, e, form)                                                                              \
    BRANCH_##r(2, id, t, e, form)
#define ALU2(id, t, r, e, translator)                                                                        \
    ALU2_FORM(id, t, r, e, RR)                                                                               \
    ALU2_FORM(id, t, r, e, RI)                                                                               \
    ALU2_FORM(id, t, r, e, AR)                                                                               \
    ALU2_FORM(id, t, r, e, AI)                                                                               \
    ALU2_FORM(id, t, r, e, RA)
#include "wasm_alu.def"
#undef ALU1
#undef ALU2

#define ROW1(id, sense) {[FORM_R] = id##sense##R, [FORM_A] = id##sense##A}
#define ROW2(id, sense)                                                                                      \
    {[FORM_RR] = id##sense##RR,                                                                              \
     [FORM_RI] = id##sense##RI,                                                                              \
     [FORM_AR] = id##sense##AR,                                                                              \
     [FORM_AI] = id##sense##AI,                                                                              \
     [FORM_RA] = id##sense##RA}
#define VALUES(row, id)               [SENSE_VALUE] = row(id, _), [SENSE_ACC] = row(id, _acc_)
#define ROWS_u32(row, id)             {VALUES(row, id), [SENSE_IF] = row(id, _if_), [SENSE_UNLESS] = row(id, _unless_)}
#define ROWS_u64(row, id)             {VALUES(row, id)}
#define ROWS_f32(row, id)             {VALUES(row, id)}
#define ROWS_f64(row, id)             {VALUES(row, id)}
const interp_fn TABLE(interp_alu)[WASM_OP_COUNT][SENSE_COUNT][FORM_COUNT] = {
#define ALU1(id, t, r, e, translator) [WASM_OP_##id] = ROWS_##r(ROW1, id),
#define ALU2(id, t, r, e, translator) [WASM_OP_##id] = ROWS_##r(ROW2, id),
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
};

/* --- Pairs of numeric operations (interp_fuse.def). --- */
#define ALU1(id, t, r, e, translator)
#define ALU2(id, t, r, e, translator)                                                                        \
    static inline __attribute__((always_inline, unused)) r alu_##id(t x, t y)                                \
    {                                                                                                        \
        return e;                                                                                            \
    }
#include "wasm_alu.def"
#undef ALU1
#undef ALU2

/* A constant in a cell's place. */
#define FIELD_u32(n)        WORD32(n)
#define FIELD_u64(n)        ((u64)(s64)(s32)WORD32(n))
#define FIRST_RR(op, t)     alu_##op(AT_##t(a), AT_##t(b))
#define FIRST_RI(op, t)     alu_##op(AT_##t(a), FIELD_##t(b))
#define FIRST_AI(op, t)     alu_##op(ACC_##t(), FIELD_##t(b))
#define FIRST_RA(op, t)     alu_##op(AT_##t(a), ACC_##t())
#define FIRST_AR(op, t)     alu_##op(ACC_##t(), AT_##t(a))
#define SECOND_AI(op, t, x) alu_##op(x, FIELD_##t(c))
#define SECOND_RA(op, t, x) alu_##op(AT_##t(c), x)
#define SECOND_AR(op, t, x) alu_##op(x, AT_##t(c))
#define FUSED(first, second, t, f1, f2, kind, put)                                                           \
    HANDLER(first##_##second##_##kind##f1##_##f2)                                                            \
    {                                                                                                        \
        INS(ins_fused);                                                                                      \
        put##_##t(d, SECOND_##f2(second, t, FIRST_##f1(first, t)));                                          \
        NEXT_INS();                                                                                          \
    }
#define FUSED_FORMS(first, second, t, f1, f2)                                                                \
    FUSED(first, second, t, f1, f2, , TO)                                                                    \
    FUSED(first, second, t, f1, f2, acc_, SET)
#define FUSE_INT_SECOND(first, second, t, f2)                                                                \
    FUSED_FORMS(first, second, t, RR, f2)                                                                    \
    FUSED_FORMS(first, second, t, RI, f2)                                                                    \
    FUSED_FORMS(first, second, t, AI, f2)                                                                    \
    FUSED_FORMS(first, second, t, RA, f2)
#define FUSE_INT(first, second, t)                                                                           \
    FUSE_INT_SECOND(first, second, t, AI)                                                                    \
    FUSE_INT_SECOND(first, second, t, RA)
#define FUSE_FLOAT_SECOND(first, second, t, f2)                                                              \
    FUSED_FORMS(first, second, t, RR, f2)                                                                    \
    FUSED_FORMS(first, second, t, RA, f2)                                                                    \
    FUSED_FORMS(first, second, t, AR, f2)
#define FUSE_FLOAT(first, second, t)                                                                         \
    FUSE_FLOAT_SECOND(first, second, t, RA)                                                                  \
    FUSE_FLOAT_SECOND(first, second, t, AR)
#define TEST_HANDLER(name, op, y)                                                                            \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins_test);                                                                                       \
        u32 x = AT_u32(a) + WORD32(step);                                                                    \
        TO_u32(d, x);                                                                                        \
        if (alu_##op(x, y))                                                                                  \
            TAKE_JUMP();                                                                                     \
        NEXT_INS();                                                                                          \
    }
#define TEST(op)                                                                                             \
    TEST_HANDLER(op##_test_R, op, AT_u32(b))                                                                 \
    TEST_HANDLER(op##_test_I, op, WORD32(b))
#include "interp_fuse.def"
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST

#define INT_ROW(pair, f1)   [FORM_##f1] = {[FORM_AI] = pair##f1##_AI, [FORM_RA] = pair##f1##_RA}
#define INT_ROWS(pair)      {INT_ROW(pair, RR), INT_ROW(pair, RI), INT_ROW(pair, AI), INT_ROW(pair, RA)}
#define FLOAT_ROW(pair, f1) [FORM_##f1] = {[FORM_RA] = pair##f1##_RA, [FORM_AR] = pair##f1##_AR}
#define FLOAT_ROWS(pair)    {FLOAT_ROW(pair, RR), FLOAT_ROW(pair, RA), FLOAT_ROW(pair, AR)}
#define TEST(op)
#define FUSE_INT(first, second, t)                                                                           \
    {WASM_OP_##first, WASM_OP_##second, {INT_ROWS(first##_##second##_), INT_ROWS(first##_##second##_acc_)}},
#define FUSE_FLOAT(first, second, t)                                                                         \
    {WASM_OP_##first,                                                                                        \
     WASM_OP_##second,                                                                                       \
     {FLOAT_ROWS(first##_##second##_), FLOAT_ROWS(first##_##second##_acc_)}},
const struct interp_fusion TABLE(interp_fusions)[INTERP_FUSIONS] = {
#include "interp_fuse.def"
};
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST
#define FUSE_INT(first, second, t)
#define FUSE_FLOAT(first, second, t)
#define TEST(op) {WASM_OP_##op, op##_test_R, op##_test_I},
const struct interp_test TABLE(interp_tests)[INTERP_TESTS] = {
#include "interp_fuse.def"
};
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST
#endif

/* Sign extension to the stack type goes through its signed kind. */
#define WIDEN_u32(v) ((u32)(s32)(v))
#define WIDEN_u64(v) ((u64)(v))
#define WIDEN_f32(v) (v)
#define WIDEN_f64(v) (v)

#if !INTERP_SMALL
/* --- Loads and stores. Guarded memories need no check: what lies behind them faults. The barriers keep `ip`
 * where it is until the access is done. --- */
#define AT_LOAD(value) __asm__ volatile("" ::"r"(ip), "r"(value) : "memory")
#define AT_STORE()     __asm__ volatile("" ::"r"(ip) : "memory")
#define PLAIN(size)    (void)0
#define CHECKED(size)                                                                                        \
    do {                                                                                                     \
        if (__builtin_expect(address + (size) > f->inst->mems[0]->bytes, 0)) {                               \
            SAVE_IP();                                                                                       \
            rt_trap(TRAP_MEMORY_OOB);                                                                        \
        }                                                                                                    \
    } while (0)
#define ADDR_OF_R()  ((u64)AT_u32(a))
#define ADDR_OF_A()  ((u64)ACC_u32())
#define ADDR_OF_I()  ((u64)0)
#define ADDR_OF_RR() ((u64)(AT_u32(a) + AT_u32(b)))
#define ADDR_OF_RI() ((u64)(AT_u32(a) + WORD32(b)))
#define ADDR_OF_RA() ((u64)(AT_u32(a) + ACC_u32()))
#define ADDR_OF_AI() ((u64)(ACC_u32() + WORD32(b)))
#define INS_LOAD_R   ins_load
#define INS_LOAD_A   ins_load
#define INS_LOAD_I   ins_load
#define INS_LOAD_RR  ins_load_sum
#define INS_LOAD_RI  ins_load_sum
#define INS_LOAD_RA  ins_load
#define INS_LOAD_AI  ins_load_sum
#define RAW_s8       s8
#define RAW_u8       u8
#define RAW_s16      s16
#define RAW_u16      u16
#define RAW_s32      s32
#define RAW_u32      u32
#define RAW_s64      s64
#define RAW_u64      u64
#define RAW_f32      f32
#define RAW_f64      f64

#define AT_ACCESS_u32(v) AT_LOAD(v)
#define AT_ACCESS_u64(v) AT_LOAD(v)
#define AT_ACCESS_f32(v) __asm__ volatile("" ::"r"(ip), "x"(v) : "memory")
#define AT_ACCESS_f64(v) __asm__ volatile("" ::"r"(ip), "x"(v) : "memory")
#define LOAD_HANDLER(name, m, t, check, form, put)                                                           \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(INS_LOAD_##form);                                                                                \
        u64 address = ADDR_OF_##form() + OFFSET();                                                           \
        m v;                                                                                                 \
        check(sizeof v);                                                                                     \
        __builtin_memcpy(&v, mem + address, sizeof v);                                                       \
        t r = WIDEN_##t(v);                                                                                  \
        AT_ACCESS_##t(r);                                                                                    \
        put(d, r);                                                                                           \
        NEXT_INS();                                                                                          \
    }
#define LOAD_FORM(id, m, t, check, form)                                                                     \
    LOAD_HANDLER(id##_##check##_##form, m, t, check, form, TO_##t)                                           \
    LOAD_HANDLER(id##_##check##_acc_##form, m, t, check, form, SET_##t)
#define LOAD_FORMS(id, m, t, check)                                                                          \
    LOAD_FORM(id, m, t, check, R)                                                                            \
    LOAD_FORM(id, m, t, check, A)                                                                            \
    LOAD_FORM(id, m, t, check, I)                                                                            \
    LOAD_FORM(id, m, t, check, RR)                                                                           \
    LOAD_FORM(id, m, t, check, RI)                                                                           \
    LOAD_FORM(id, m, t, check, RA)                                                                           \
    LOAD_FORM(id, m, t, check, AI)
#define LOAD(id, m, t)                                                                                       \
    LOAD_FORMS(id, m, t, PLAIN)                                                                              \
    LOAD_FORMS(id, m, t, CHECKED)

#define SRC_OF_R(t)   AT_##t(v)
#define SRC_OF_A(t)   ACC_##t()
#define SRC_OF_I(t)   SRC_IMM_##t()
#define SRC_IMM_u32() WORD32(imm)
#define SRC_IMM_u64() WORD64(imm)
#define SRC_IMM_f32() rt_bits_u32_f32(WORD32(imm))
#define SRC_IMM_f64() rt_bits_u64_f64(WORD64(imm))
#define STORE_FORM(id, m, t, check, addr, src, ins)                                                          \
    HANDLER(id##_##check##_##addr##_##src)                                                                   \
    {                                                                                                        \
        INS(ins);                                                                                            \
        u64 address = ADDR_OF_##addr() + OFFSET();                                                           \
        m v = (m)SRC_OF_##src(t);                                                                            \
        check(sizeof v);                                                                                     \
        __builtin_memcpy(mem + address, &v, sizeof v);                                                       \
        AT_STORE();                                                                                          \
        NEXT_INS();                                                                                          \
    }
#define STORE_FORMS(id, m, t, check)                                                                         \
    STORE_FORM(id, m, t, check, R, R, ins_store)                                                             \
    STORE_FORM(id, m, t, check, R, A, ins_store)                                                             \
    STORE_FORM(id, m, t, check, R, I, ins_store_imm)                                                         \
    STORE_FORM(id, m, t, check, A, R, ins_store)                                                             \
    STORE_FORM(id, m, t, check, A, I, ins_store_imm)                                                         \
    STORE_FORM(id, m, t, check, I, R, ins_store)                                                             \
    STORE_FORM(id, m, t, check, I, A, ins_store)                                                             \
    STORE_FORM(id, m, t, check, I, I, ins_store_imm)                                                         \
    STORE_FORM(id, m, t, check, RR, R, ins_store_sum)                                                        \
    STORE_FORM(id, m, t, check, RI, R, ins_store_sum)                                                        \
    STORE_FORM(id, m, t, check, RA, R, ins_store_sum)                                                        \
    STORE_FORM(id, m, t, check, AI, R, ins_store_sum)
#define STORE(id, m, t)                                                                                      \
    STORE_FORMS(id, m, t, PLAIN)                                                                             \
    STORE_FORMS(id, m, t, CHECKED)
#include "wasm_mem.def"
#undef LOAD
#undef STORE

#define LOAD_ROW(id, kind)                                                                                   \
    {[ADDR_R] = id##_##kind##R,   [ADDR_A] = id##_##kind##A,   [ADDR_I] = id##_##kind##I,                    \
     [ADDR_RR] = id##_##kind##RR, [ADDR_RI] = id##_##kind##RI, [ADDR_RA] = id##_##kind##RA,                  \
     [ADDR_AI] = id##_##kind##AI}
#define LOAD_ROWS(id, check)                                                                                 \
    [WASM_OP_##id - WASM_OP_I32_LOAD] = {LOAD_ROW(id, check##_), LOAD_ROW(id, check##_acc_)}
#define STORE_ROW(id, kind)                                                                                  \
    [WASM_OP_##id - WASM_OP_I32_STORE] = {                                                                   \
        [ADDR_R] = {id##_##kind##_R_R, id##_##kind##_R_A, id##_##kind##_R_I},                                \
        [ADDR_A] = {id##_##kind##_A_R, NULL, id##_##kind##_A_I},                                             \
        [ADDR_I] = {id##_##kind##_I_R, id##_##kind##_I_A, id##_##kind##_I_I},                                \
        [ADDR_RR] = {id##_##kind##_RR_R},                                                                    \
        [ADDR_RI] = {id##_##kind##_RI_R},                                                                    \
        [ADDR_RA] = {id##_##kind##_RA_R},                                                                    \
        [ADDR_AI] = {id##_##kind##_AI_R},                                                                    \
    }
#define STORE(id, m, t)
const interp_fn TABLE(interp_loads)[2][INTERP_LOADS][2][ADDR_COUNT] = {
    {
#define LOAD(id, m, t) LOAD_ROWS(id, PLAIN),
#include "wasm_mem.def"
#undef LOAD
    },
    {
#define LOAD(id, m, t) LOAD_ROWS(id, CHECKED),
#include "wasm_mem.def"
#undef LOAD
    },
};
#undef STORE
#define LOAD(id, m, t)
const interp_fn TABLE(interp_stores)[2][INTERP_STORES][ADDR_COUNT][SRC_COUNT] = {
    {
#define STORE(id, m, t) STORE_ROW(id, PLAIN),
#include "wasm_mem.def"
#undef STORE
    },
    {
#define STORE(id, m, t) STORE_ROW(id, CHECKED),
#include "wasm_mem.def"
#undef STORE
    },
};
#undef LOAD
#endif

/* --- Moving values. --- */
HANDLER(COPY)
{
    INS(ins_2);
    CELL(d) = CELL(a);
    NEXT_INS();
}
HANDLER(COPY2)
{
    INS(ins_copy2);
    CELL(d) = CELL(a);
    CELL(d2) = CELL(a2);
    NEXT_INS();
}
HANDLER(COPY_JUMP)
{
    INS(ins_copy_jump);
    CELL(d) = CELL(a);
    TAKE_JUMP();
}
HANDLER(COPY2_JUMP)
{
    INS(ins_copy2_jump);
    CELL(d) = CELL(a);
    CELL(d2) = CELL(a2);
    TAKE_JUMP();
}
HANDLER(CONST32)
{
    INS(ins_imm32);
    CELL(d) = WORD32(imm);
    NEXT_INS();
}
HANDLER(CONST64)
{
    INS(ins_imm64);
    CELL(d) = WORD64(imm);
    NEXT_INS();
}
/* Both are read before it is known which one it is: an address that waits for the condition would cost more.
 */
#define SELECT_OPERANDS()                                                                                    \
    rt_cell x = CELL(a), y = CELL(b);                                                                        \
    __asm__("" : "+r"(x), "+r"(y))
HANDLER(SELECT_R)
{
    INS(ins_select);
    SELECT_OPERANDS();
    TO_u64(d, AT_u32(c) ? x : y);
    NEXT_INS();
}
HANDLER(SELECT_A)
{
    INS(ins_select);
    SELECT_OPERANDS();
    TO_u64(d, (u32)acc ? x : y);
    NEXT_INS();
}
HANDLER(GLOBAL_GET)
{
    INS(ins_imm64);
    CELL(d) = *(const rt_cell *)(uintptr_t)WORD64(imm);
    NEXT_INS();
}
HANDLER(GLOBAL_SET)
{
    INS(ins_imm64);
    *(rt_cell *)(uintptr_t)WORD64(imm) = CELL(a);
    NEXT_INS();
}

#define PLAIN_BRANCH(name, ins, e)                                                                           \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins);                                                                                            \
        if (e)                                                                                               \
            TAKE_JUMP();                                                                                     \
        NEXT_INS();                                                                                          \
    }
PLAIN_BRANCH(IF_R, ins_br, AT_u32(a))
PLAIN_BRANCH(IF_A, ins_jump, (u32)acc)
PLAIN_BRANCH(UNLESS_R, ins_br, !AT_u32(a))
PLAIN_BRANCH(UNLESS_A, ins_jump, !(u32)acc)
PLAIN_BRANCH(IF_NULL, ins_br, !CELL(a))
PLAIN_BRANCH(IF_NON_NULL, ins_br, CELL(a) != 0)
HANDLER(RETURN)
{
    (void)ip, (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
}
HANDLER(RETURN_R)
{
    INS(ins_1);
    (void)ip, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    fp[0] = CELL(d);
}
HANDLER(RETURN_I)
{
    INS(ins_imm64);
    (void)ip, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    fp[0] = WORD64(imm);
}

/* The jump distances stay in the instruction. */
#define TABLE_JUMP(index)                                                                                    \
    const s32 *table = ((const struct ins_table *)(const void *)HERE())->to;                                 \
    u32 k = (index) + WORD32(bias);                                                                          \
    const s32 *to = &table[k < WORD32(count) ? k : WORD32(count)];                                           \
    ip = (const u8 *)to + *to;                                                                               \
    if (*to < 0 && __builtin_expect(--f->heat < 0, 0))                                                       \
        TAIL interp_hot_loop(INTERP_PASS);                                                                   \
    DISPATCH()
HANDLER(TABLE_R)
{
    INS(ins_table);
    TABLE_JUMP(AT_u32(a));
}
HANDLER(TABLE_A)
{
    INS(ins_table);
    TABLE_JUMP((u32)acc);
}
HANDLER(FUEL)
{
    INS(ins_fuel);
    if (__builtin_expect((rt_thread.fuel -= WORD32(cost)) < 0, 0)) {
        SAVE_IP();
        interp_fuel_trap();
    }
    NEXT_INS();
}
HANDLER(CALL)
{
    INS(ins_call);
    CALL_TO((struct rt_func *)(uintptr_t)WORD64(callee), interp_call_anything);
}
HANDLER(CALL_SLOT)
{
    INS(ins_call);
    SAVE_IP();
    interp_call_slot((struct rt_func *)(uintptr_t)WORD64(callee), &CELL(base));
    FORGET_ACC();
    NEXT_INS();
}
HANDLER(CALL_INDIRECT)
{
    INS(ins_call_indirect);
    FIND_TARGET(AT_u32(a))
    CALL_TO(target, interp_call_indirect_anything);
}
HANDLER(CALL_INDIRECT64)
{
    INS(ins_call_indirect);
    FIND_TARGET(AT_u64(a))
    CALL_TO(target, interp_call_indirect64_anything);
}
HANDLER(CALL_REF)
{
    INS(ins_call_ref);
    TAKE_TARGET()
    CALL_TO(target, interp_call_ref_anything);
}
