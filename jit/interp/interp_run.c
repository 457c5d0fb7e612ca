/* The interpreter's handlers. Each ends in a tail call of the next one, with the machine's state in registers
 * (preserve_none); every handler of a numeric operation or a memory access derives from wasm_alu.def or
 * wasm_mem.def.
 *
 * They lie in a section of their own, whose bounds tell the fault handler that a fault is the guest's. */
#include "interp_handler.h"

#include "plat.h"
#include "rt_helpers.h"
#include "rt_num.h"

#define IMM_u32()   ((u32)i->imm)
#define IMM_u64()   ((u64)(s64)i->imm)
#define IMM_f32()   rt_bits_u32_f32((u32)i->imm)
#define IMM_f64()   rt_bits_u64_f64(i->imm)
#define INS_IMM_u32 ins_imm32
#define INS_IMM_u64 ins_imm32
#define INS_IMM_f32 ins_imm32
#define INS_IMM_f64 ins_imm64
#define BR_IMM_u32  ins_br_imm32
#define BR_IMM_u64  ins_br_imm32
#define BR_IMM_f32  ins_br_imm32
#define BR_IMM_f64  ins_br_imm64

/* --- Jumps. A backward one counts down the function's heat. --- */
static __attribute__((preserve_none, section("interp_text"), noinline)) NO_ASAN void hot_loop(INTERP_ARGS);
#define TAKE_JUMP()                                                                                          \
    do {                                                                                                     \
        s64 distance = i->to;                                                                                \
        ip = (const u8 *)&i->to + distance;                                                                  \
        if (distance < 0 && __builtin_expect(--f->heat < 0, 0))                                              \
            TAIL hot_loop(INTERP_PASS);                                                                      \
        DISPATCH();                                                                                          \
    } while (0)

static u32 loop_at(const struct interp_code *c, u32 at)
{
    for (u32 k = 0; k < c->nloops; k++) {
        if (c->loops[k] == at)
            return k;
    }
    panic("interpreter: no loop at %u", at);
}

/* What finishes the call has the function's handlers itself. */
static void leave_handlers(const struct interp_code *c, rt_cell *fp)
{
    const struct interp_catching *own = interp_catching();
    for (u32 k = 0; k < c->ncaught; k++)
        fp[c->caught_cell + k] = (uintptr_t)own->caught[k];
    rt_thread.handler_top = own->handler.prev;
}

static __attribute__((noinline)) bool ask_hot_loop(struct rt_func *f, rt_cell *fp, const u8 *ip)
{
    const struct interp_code *c = f->code;
    rt_cell *top = rt_thread.cells_top;
    struct rt_handler *handler = rt_thread.handler_top;
    SAVE_IP();
    rt_thread.cells_top = fp + c->frame_cells;
    if (c->catches)
        leave_handlers(c, fp);
    bool done = interp_on_hot_loop(f, loop_at(c, (u32)(ip - c->text)), fp);
    rt_thread.handler_top = handler;
    rt_thread.cells_top = top;
    return done;
}

HANDLER(hot_loop)
{
    if (ask_hot_loop(f, fp, ip))
        return;
    DISPATCH();
}

/* --- Numeric operations: value, jump if, jump unless; by operand form. --- */
enum { MAY_TRAP_FLAG_T = 1, MAY_TRAP_FLAG_C = 0, MAY_TRAP_FLAG_X = 0, MAY_TRAP_FLAG__ = 0 };
enum {
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature) MAY_TRAP_##id = MAY_TRAP_FLAG_##flags,
#include "wasm_ops.def"
#undef OP
};

/* Where x and y come from. In forms with one cell operand it is `a`. */
#define X_RR(t)   GET_##t(i->a)
#define Y_RR(t)   GET_##t(i->b)
#define X_RI(t)   GET_##t(i->a)
#define Y_RI(t)   IMM_##t()
#define X_AR(t)   ACC_##t()
#define Y_AR(t)   GET_##t(i->a)
#define X_AI(t)   ACC_##t()
#define Y_AI(t)   IMM_##t()
#define X_RA(t)   GET_##t(i->a)
#define Y_RA(t)   ACC_##t()
#define X_R(t)    GET_##t(i->a)
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
#define OPERANDS1(t, form) t x = X_##form(t)
#define OPERANDS2(t, form) t x = X_##form(t), y = Y_##form(t)
#define JUMP_IF(e)                                                                                           \
    if (e)                                                                                                   \
    TAKE_JUMP()

#define VALUE(n, id, t, r, e, form)                                                                          \
    HANDLE(id##_##form, VAL_##form(t), OPERANDS##n(t, form), id, PUT_##r(i->d, e))                           \
    HANDLE(id##_acc_##form, VAL_##form(t), OPERANDS##n(t, form), id, SET_##r(i->d, e))
#define BRANCH(n, id, t, e, form)                                                                            \
    HANDLE(id##_if_##form, BR_##form(t), OPERANDS##n(t, form), id, JUMP_IF(e))                               \
    HANDLE(id##_unless_##form, BR_##form(t), OPERANDS##n(t, form), id, JUMP_IF(!(e)))
#if INTERP_SMALL
#define ALU1(id, t, r, e, translator) HANDLE(id##_R, VAL_R(t), OPERANDS1(t, R), id, PUT_##r(i->d, e))
#define ALU2(id, t, r, e, translator) HANDLE(id##_RR, VAL_RR(t), OPERANDS2(t, RR), id, PUT_##r(i->d, e))
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
const interp_fn interp_alu[WASM_OP_COUNT] = {
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
const interp_fn interp_alu[WASM_OP_COUNT][SENSE_COUNT][FORM_COUNT] = {
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
#define FIELD_u32(n)        ((u32)(n))
#define FIELD_u64(n)        ((u64)(s64)(s32)(n))
#define FIRST_RR(op, t)     alu_##op(GET_##t(i->a), GET_##t(i->b))
#define FIRST_RI(op, t)     alu_##op(GET_##t(i->a), FIELD_##t(i->b))
#define FIRST_AI(op, t)     alu_##op(ACC_##t(), FIELD_##t(i->b))
#define FIRST_RA(op, t)     alu_##op(GET_##t(i->a), ACC_##t())
#define FIRST_AR(op, t)     alu_##op(ACC_##t(), GET_##t(i->a))
#define SECOND_AI(op, t, x) alu_##op(x, FIELD_##t(i->c))
#define SECOND_RA(op, t, x) alu_##op(GET_##t(i->c), x)
#define SECOND_AR(op, t, x) alu_##op(x, GET_##t(i->c))
#define FUSED(first, second, t, f1, f2, kind, put)                                                           \
    HANDLER(first##_##second##_##kind##f1##_##f2)                                                            \
    {                                                                                                        \
        INS(ins_fused);                                                                                      \
        put##_##t(i->d, SECOND_##f2(second, t, FIRST_##f1(first, t)));                                       \
        NEXT_INS();                                                                                          \
    }
#define FUSED_FORMS(first, second, t, f1, f2)                                                                \
    FUSED(first, second, t, f1, f2, , PUT)                                                                   \
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
        u32 x = GET_u32(i->a) + i->step;                                                                     \
        PUT_u32(i->d, x);                                                                                    \
        if (alu_##op(x, y))                                                                                  \
            TAKE_JUMP();                                                                                     \
        NEXT_INS();                                                                                          \
    }
#define TEST(op)                                                                                             \
    TEST_HANDLER(op##_test_R, op, GET_u32(i->b))                                                             \
    TEST_HANDLER(op##_test_I, op, i->b)
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
const struct interp_fusion interp_fusions[INTERP_FUSIONS] = {
#include "interp_fuse.def"
};
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST
#define FUSE_INT(first, second, t)
#define FUSE_FLOAT(first, second, t)
#define TEST(op) {WASM_OP_##op, op##_test_R, op##_test_I},
const struct interp_test interp_tests[INTERP_TESTS] = {
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
#define ADDR_OF_R()  ((u64)GET_u32(i->a))
#define ADDR_OF_A()  ((u64)ACC_u32())
#define ADDR_OF_I()  ((u64)0)
#define ADDR_OF_RR() ((u64)(GET_u32(i->a) + GET_u32(i->b)))
#define ADDR_OF_RI() ((u64)(GET_u32(i->a) + i->b))
#define ADDR_OF_RA() ((u64)(GET_u32(i->a) + ACC_u32()))
#define ADDR_OF_AI() ((u64)(ACC_u32() + i->b))
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
        u64 address = ADDR_OF_##form() + i->offset;                                                          \
        m v;                                                                                                 \
        check(sizeof v);                                                                                     \
        __builtin_memcpy(&v, mem + address, sizeof v);                                                       \
        t r = WIDEN_##t(v);                                                                                  \
        AT_ACCESS_##t(r);                                                                                    \
        put(i->d, r);                                                                                        \
        NEXT_INS();                                                                                          \
    }
#define LOAD_FORM(id, m, t, check, form)                                                                     \
    LOAD_HANDLER(id##_##check##_##form, m, t, check, form, PUT_##t)                                          \
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

#define SRC_OF_R(t)    GET_##t(i->v)
#define SRC_OF_A(t)    ACC_##t()
#define SRC_OF_I(t)    SRC_IMM_##t(i->imm)
#define SRC_IMM_u32(v) ((u32)(v))
#define SRC_IMM_u64(v) (v)
#define SRC_IMM_f32(v) rt_bits_u32_f32((u32)(v))
#define SRC_IMM_f64(v) rt_bits_u64_f64(v)
#define STORE_FORM(id, m, t, check, addr, src, ins)                                                          \
    HANDLER(id##_##check##_##addr##_##src)                                                                   \
    {                                                                                                        \
        INS(ins);                                                                                            \
        u64 address = ADDR_OF_##addr() + i->offset;                                                          \
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
const interp_fn interp_loads[2][INTERP_LOADS][2][ADDR_COUNT] = {
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
const interp_fn interp_stores[2][INTERP_STORES][ADDR_COUNT][SRC_COUNT] = {
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

/* --- Loads and stores of any memory. --- */
#define FAR_LOAD(id, m, t, index)                                                                            \
    HANDLER(id##_far_##index)                                                                                \
    {                                                                                                        \
        INS(ins_load_far);                                                                                   \
        m v;                                                                                                 \
        __builtin_memcpy(&v, far_address(f, ip, i->mem, GET_##index(i->a), i->offset, sizeof v), sizeof v);  \
        PUT_##t(i->d, WIDEN_##t(v));                                                                         \
        NEXT_INS();                                                                                          \
    }
#define FAR_STORE(id, m, t, index)                                                                           \
    HANDLER(id##_far_##index)                                                                                \
    {                                                                                                        \
        INS(ins_store_far);                                                                                  \
        m v = (m)GET_##t(i->v);                                                                              \
        __builtin_memcpy(far_address(f, ip, i->mem, GET_##index(i->a), i->offset, sizeof v), &v, sizeof v);  \
        NEXT_INS();                                                                                          \
    }
#define LOAD(id, m, t)  FAR_LOAD(id, m, t, u32) FAR_LOAD(id, m, t, u64)
#define STORE(id, m, t) FAR_STORE(id, m, t, u32) FAR_STORE(id, m, t, u64)
#include "wasm_mem.def"
#undef LOAD
#undef STORE

#define STORE(id, m, t)
#define LOAD(id, m, t) [WASM_OP_##id - WASM_OP_I32_LOAD] = id##_far_u32,
const interp_fn interp_loads_far[2][INTERP_LOADS] = {
    {
#include "wasm_mem.def"
    },
#undef LOAD
#define LOAD(id, m, t) [WASM_OP_##id - WASM_OP_I32_LOAD] = id##_far_u64,
    {
#include "wasm_mem.def"
    },
};
#undef LOAD
#undef STORE
#define LOAD(id, m, t)
#define STORE(id, m, t) [WASM_OP_##id - WASM_OP_I32_STORE] = id##_far_u32,
const interp_fn interp_stores_far[2][INTERP_STORES] = {
    {
#include "wasm_mem.def"
    },
#undef STORE
#define STORE(id, m, t) [WASM_OP_##id - WASM_OP_I32_STORE] = id##_far_u64,
    {
#include "wasm_mem.def"
    },
};
#undef LOAD
#undef STORE

/* --- Moving values. --- */
HANDLER(COPY)
{
    INS(ins_2);
    fp[i->d] = fp[i->a];
    NEXT_INS();
}
HANDLER(COPY2)
{
    INS(ins_copy2);
    fp[i->d] = fp[i->a];
    fp[i->d2] = fp[i->a2];
    NEXT_INS();
}
HANDLER(MOVE)
{
    INS(ins_move);
    const rt_cell *from = &fp[i->a];
    rt_cell *to = &fp[i->d];
    for (u32 k = 0; k < i->count; k++) {
        to[k] = from[k];
        __asm__ volatile("" ::: "memory"); /* they may overlap, and are few */
    }
    NEXT_INS();
}
HANDLER(COPY_JUMP)
{
    INS(ins_copy_jump);
    fp[i->d] = fp[i->a];
    TAKE_JUMP();
}
HANDLER(COPY2_JUMP)
{
    INS(ins_copy2_jump);
    fp[i->d] = fp[i->a];
    fp[i->d2] = fp[i->a2];
    TAKE_JUMP();
}
HANDLER(CONST32)
{
    INS(ins_imm32);
    fp[i->d] = (u32)i->imm;
    NEXT_INS();
}
HANDLER(CONST64)
{
    INS(ins_imm64);
    fp[i->d] = i->imm;
    NEXT_INS();
}
HANDLER(SELECT_R)
{
    INS(ins_select);
    rt_cell x = fp[i->a], y = fp[i->b];
    PUT_u64(i->d, GET_u32(i->c) ? x : y);
    NEXT_INS();
}
HANDLER(SELECT_A)
{
    INS(ins_select);
    rt_cell x = fp[i->a], y = fp[i->b];
    PUT_u64(i->d, (u32)acc ? x : y);
    NEXT_INS();
}
HANDLER(GLOBAL_GET)
{
    INS(ins_imm64);
    fp[i->d] = *(const rt_cell *)(uintptr_t)i->imm;
    NEXT_INS();
}
HANDLER(GLOBAL_SET)
{
    INS(ins_imm64);
    *(rt_cell *)(uintptr_t)i->imm = fp[i->a];
    NEXT_INS();
}

/* --- Control. --- */
HANDLER(JUMP)
{
    INS(ins_jump);
    TAKE_JUMP();
}
#define PLAIN_BRANCH(name, ins, e)                                                                           \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins);                                                                                            \
        if (e)                                                                                               \
            TAKE_JUMP();                                                                                     \
        NEXT_INS();                                                                                          \
    }
PLAIN_BRANCH(IF_R, ins_br, GET_u32(i->a))
PLAIN_BRANCH(IF_A, ins_jump, (u32)acc)
PLAIN_BRANCH(UNLESS_R, ins_br, !GET_u32(i->a))
PLAIN_BRANCH(UNLESS_A, ins_jump, !(u32)acc)
PLAIN_BRANCH(IF_NULL, ins_br, !fp[i->a])
PLAIN_BRANCH(IF_NON_NULL, ins_br, fp[i->a] != 0)

#define TABLE_JUMP(index)                                                                                    \
    u32 k = (index) + i->bias;                                                                               \
    const s32 *to = &i->to[k < i->count ? k : i->count];                                                     \
    ip = (const u8 *)to + *to;                                                                               \
    if (*to < 0 && __builtin_expect(--f->heat < 0, 0))                                                       \
        TAIL hot_loop(INTERP_PASS);                                                                          \
    DISPATCH()
HANDLER(TABLE_R)
{
    INS(ins_table);
    TABLE_JUMP(GET_u32(i->a));
}
HANDLER(TABLE_A)
{
    INS(ins_table);
    TABLE_JUMP((u32)acc);
}
HANDLER(RETURN)
{
    (void)ip, (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
}
HANDLER(RETURN_R)
{
    INS(ins_1);
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    fp[0] = fp[i->d];
}
HANDLER(RETURN_I)
{
    INS(ins_imm64);
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    fp[0] = i->imm;
}
HANDLER(UNREACHABLE)
{
    (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_trap(TRAP_UNREACHABLE);
}

static _Noreturn __attribute__((noinline, cold)) void fuel_trap(void)
{
    rt_trap(TRAP_FUEL);
}

HANDLER(FUEL)
{
    INS(ins_fuel);
    if (__builtin_expect((rt_thread.fuel -= i->cost) < 0, 0)) {
        SAVE_IP();
        fuel_trap();
    }
    NEXT_INS();
}

/* --- Calls. --- */
/* Declared locals start as zero, two cells at a time; one cell too many is an operand's, and free. */
static inline __attribute__((always_inline)) void zero_locals(const struct interp_code *c, rt_cell *cells)
{
    typedef u64 pair __attribute__((vector_size(16), aligned(8)));
    for (rt_cell *p = cells + c->nparams, *end = cells + c->nlocals; p < end; p += 2) {
        *(pair *)p = (pair){0, 0};
        __asm__ volatile("" ::: "memory"); /* not memset: most functions have a handful */
    }
}

static inline __attribute__((always_inline)) void run(struct rt_func *callee, const struct interp_code *c,
                                                      rt_cell *cells)
{
    struct rt_activation activation = {.prev = rt_thread.interp_top, .func = callee, .ip = c->text};
    if (__builtin_expect((uintptr_t)__builtin_frame_address(0) < rt_thread.stack_limit, 0) ||
        (__builtin_expect(cells + c->frame_cells > rt_thread.cells_end, 0) &&
         !rt_cells_reserve(cells + c->frame_cells)))
        rt_trap(TRAP_STACK_EXHAUSTED);
    zero_locals(c, cells);
    rt_thread.interp_top = &activation;
    u64 acc;
    f32 acc_f32;
    f64 acc_f64;
    FORGET_ACC();
    ((interp_fn)(uintptr_t)*(const interp_opc *)(const void *)c->text)(c->text, cells, c->mem, callee, acc,
                                                                       acc_f32, acc_f64);
    rt_thread.interp_top = activation.prev;
}

NO_ASAN void interp_run(struct rt_func *f, rt_cell *cells)
{
    run(f, f->code, cells);
}

/* Through the slot, whatever is behind it. */
static __attribute__((noinline)) void call_slot(struct rt_func *callee, rt_cell *cells)
{
    rt_cell *top = rt_thread.cells_top;
    rt_thread.cells_top = cells + rt_sig_cells(callee->sig);
    rt_cells_call(callee, cells);
    rt_thread.cells_top = top;
}

/* Outside of the handlers: they stay as small as they are. */
static __attribute__((noinline, cold)) void finish_tail(rt_cell *cells)
{
    call_slot(rt_take_tail(), cells);
}

/* Whether `f` can be entered with lowered code `c` without asking anybody. */
static inline __attribute__((always_inline)) bool is_ready(const struct rt_func *f,
                                                           const struct interp_code *c)
{
    return f->cells == interp_call && c && !interp_profile && f->heat >= RT_HEAT_CALL;
}

#define CALL_TO(callee_, cells_)                                                                             \
    struct rt_func *callee = (callee_);                                                                      \
    rt_cell *cells = (cells_);                                                                               \
    const struct interp_code *c = callee->code;                                                              \
    SAVE_IP();                                                                                               \
    if (__builtin_expect(is_ready(callee, c), 1)) {                                                          \
        callee->heat -= RT_HEAT_CALL;                                                                        \
        run(callee, c, cells);                                                                               \
        if (__builtin_expect(rt_thread.tail != NULL, 0))                                                     \
            finish_tail(cells);                                                                              \
    } else {                                                                                                 \
        call_slot(callee, cells);                                                                            \
    }                                                                                                        \
    FORGET_ACC();                                                                                            \
    NEXT_INS()

HANDLER(CALL)
{
    INS(ins_call);
    CALL_TO(i->callee, fp + i->base);
}
HANDLER(CALL_SLOT)
{
    INS(ins_call);
    SAVE_IP();
    call_slot(i->callee, fp + i->base);
    FORGET_ACC();
    NEXT_INS();
}

static _Noreturn __attribute__((noinline, cold)) void indirect_trap(const struct rt_table *t, u64 index)
{
    rt_trap(index >= t->size   ? TRAP_UNDEFINED_ELEMENT
            : !t->elems[index] ? TRAP_UNINITIALIZED_ELEMENT
                               : TRAP_INDIRECT_TYPE);
}

/* Declares `target`, the function at `index` of the instruction's table. */
#define FIND_TARGET(index_)                                                                                  \
    const struct rt_table *t = f->inst->tables[i->table];                                                    \
    u64 index = (index_);                                                                                    \
    struct rt_func *target = index < t->size ? t->elems[index] : NULL;                                       \
    if (__builtin_expect(!target || target->sig_id != i->sig_id, 0)) {                                       \
        SAVE_IP();                                                                                           \
        indirect_trap(t, index);                                                                             \
    }
HANDLER(CALL_INDIRECT)
{
    INS(ins_call_indirect);
    FIND_TARGET(GET_u32(i->a))
    CALL_TO(target, fp + i->base);
}
HANDLER(CALL_INDIRECT64)
{
    INS(ins_call_indirect);
    FIND_TARGET(GET_u64(i->a))
    CALL_TO(target, fp + i->base);
}

static _Noreturn __attribute__((noinline, cold)) void null_trap(enum rt_trap t)
{
    rt_trap(t);
}

HANDLER(NON_NULL)
{
    INS(ins_1);
    if (__builtin_expect(!fp[i->d], 0)) {
        SAVE_IP();
        null_trap(TRAP_NULL_REFERENCE);
    }
    NEXT_INS();
}
/* Declares `target`, the function that cell `a` refers to. */
#define TAKE_TARGET()                                                                                        \
    struct rt_func *target = (struct rt_func *)(uintptr_t)fp[i->a];                                          \
    if (__builtin_expect(!target, 0)) {                                                                      \
        SAVE_IP();                                                                                           \
        null_trap(TRAP_NULL_FUNCTION);                                                                       \
    }
HANDLER(CALL_REF)
{
    INS(ins_call_ref);
    TAKE_TARGET()
    CALL_TO(target, fp + i->base);
}

/* --- Tail calls: the activation becomes the callee's. Where that takes more than lowered code, the frame is
 * left first. --- */
#define MOVE_ARGUMENTS()                                                                                     \
    for (u32 k = 0; k < i->cells; k++) {                                                                     \
        fp[k] = fp[i->base + k];                                                                             \
        __asm__ volatile("" ::: "memory"); /* they may overlap, and are few */                               \
    }
#define TAIL_CALL_TO(callee_)                                                                                \
    struct rt_func *callee = (callee_);                                                                      \
    const struct interp_code *c = callee->code;                                                              \
    MOVE_ARGUMENTS()                                                                                         \
    if (__builtin_expect(!is_ready(callee, c) || fp + c->frame_cells > rt_thread.cells_end, 0)) {            \
        rt_thread.tail = callee;                                                                             \
        return;                                                                                              \
    }                                                                                                        \
    callee->heat -= RT_HEAT_CALL;                                                                            \
    zero_locals(c, fp);                                                                                      \
    rt_thread.interp_top->func = callee;                                                                     \
    ip = c->text;                                                                                            \
    mem = c->mem;                                                                                            \
    f = callee;                                                                                              \
    DISPATCH()
/* Leaves it to whoever ran us, as above. */
#define LEAVE_CALL_TO(callee_)                                                                               \
    struct rt_func *callee = (callee_);                                                                      \
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;                                             \
    MOVE_ARGUMENTS()                                                                                         \
    rt_thread.tail = callee

#define TAIL_CALLS(prefix, TO)                                                                               \
    HANDLER(prefix)                                                                                          \
    {                                                                                                        \
        INS(ins_tail_call);                                                                                  \
        TO(i->callee);                                                                                       \
    }                                                                                                        \
    HANDLER(prefix##_INDIRECT)                                                                               \
    {                                                                                                        \
        INS(ins_tail_call_indirect);                                                                         \
        FIND_TARGET(GET_u32(i->a))                                                                           \
        TO(target);                                                                                          \
    }                                                                                                        \
    HANDLER(prefix##_INDIRECT64)                                                                             \
    {                                                                                                        \
        INS(ins_tail_call_indirect);                                                                         \
        FIND_TARGET(GET_u64(i->a))                                                                           \
        TO(target);                                                                                          \
    }                                                                                                        \
    HANDLER(prefix##_REF)                                                                                    \
    {                                                                                                        \
        INS(ins_tail_call_ref);                                                                              \
        TAKE_TARGET()                                                                                        \
        TO(target);                                                                                          \
    }
TAIL_CALLS(TAIL_CALL, TAIL_CALL_TO)
TAIL_CALLS(LEAVE_CALL, LEAVE_CALL_TO)

/* --- Exceptions. --- */
HANDLER(HANDLERS)
{
    INS(ins_0);
    (void)acc, (void)acc_f32, (void)acc_f64;
    interp_run_handled(f, fp, ip + sizeof *i, mem);
}
HANDLER(THROW)
{
    INS(ins_throw);
    (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_throw(rt_exn_new(i->tag, fp + i->base));
}
HANDLER(THROW_REF)
{
    INS(ins_1);
    (void)mem, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_h_throw_ref(f->inst, (struct rt_exn *)(uintptr_t)fp[i->d]);
}
HANDLER(RETHROW)
{
    INS(ins_1);
    (void)fp, (void)mem, (void)f, (void)acc, (void)acc_f32, (void)acc_f64;
    SAVE_IP();
    rt_throw(interp_catching()->caught[i->d]);
}

/* --- Memories and tables: operands in consecutive cells from `base`, the result there. --- */
static inline u64 narrowed(u64 v, bool wide)
{
    return wide ? v : (u32)v;
}
#define HELPER_CALL(name, body)                                                                              \
    HANDLER(name)                                                                                            \
    {                                                                                                        \
        INS(ins_helper);                                                                                     \
        rt_cell *o = fp + i->base;                                                                           \
        struct rt_instance *inst = f->inst;                                                                  \
        SAVE_IP();                                                                                           \
        body;                                                                                                \
        FORGET_ACC();                                                                                        \
        NEXT_INS();                                                                                          \
    }
#define O32(n) ((u32)o[n])
/* An address or a size; the result of growing, which has the type of operand n. */
#define O(n)         narrowed(o[n], i->wide >> (n) & 1)
#define GROWN(n, by) narrowed((by), i->wide >> (n) & 1)
#define REF(n)       ((void *)(uintptr_t)o[n])
HELPER_CALL(MEMORY_SIZE, o[0] = inst->mems[i->x]->bytes / RT_PAGE)
HELPER_CALL(MEMORY_GROW, o[0] = GROWN(0, rt_h_memory_grow(inst, i->x, O(0))))
HELPER_CALL(MEMORY_INIT, rt_h_memory_init(inst, i->y, i->x, O(0), O32(1), O32(2)))
HELPER_CALL(MEMORY_COPY, rt_h_memory_copy(inst, i->x, i->y, O(0), O(1), O(2)))
HELPER_CALL(MEMORY_FILL, rt_h_memory_fill(inst, i->x, O(0), O32(1), O(2)))
HELPER_CALL(DATA_DROP, (void)o; rt_h_data_drop(inst, i->x))
HELPER_CALL(TABLE_GET, o[0] = (uintptr_t)rt_h_table_get(inst, i->x, O(0)))
HELPER_CALL(TABLE_SET, rt_h_table_set(inst, i->x, O(0), REF(1)))
HELPER_CALL(TABLE_SIZE, o[0] = rt_h_table_size(inst, i->x))
HELPER_CALL(TABLE_GROW, o[0] = GROWN(1, rt_h_table_grow(inst, i->x, REF(0), O(1))))
HELPER_CALL(TABLE_FILL, rt_h_table_fill(inst, i->x, O(0), REF(1), O(2)))
HELPER_CALL(TABLE_COPY, rt_h_table_copy(inst, i->x, i->y, O(0), O(1), O(2)))
HELPER_CALL(TABLE_INIT, rt_h_table_init(inst, i->y, i->x, O(0), O32(1), O32(2)))
HELPER_CALL(ELEM_DROP, (void)o; rt_h_elem_drop(inst, i->x))

const interp_fn interp_plain[PLAIN_COUNT] = {
#define X(name, encoding) [PLAIN_##name] = name,
    INTERP_PLAIN_LIST(X)
#undef X
};
const u8 interp_plain_size[PLAIN_COUNT] = {
#define X(name, encoding) [PLAIN_##name] = sizeof(struct encoding),
    INTERP_PLAIN_LIST(X)
#undef X
};
