/* interp_priv.h: the lowered code: how instructions are encoded and which handlers exist.
 *
 * An instruction is the address of its handler (all code lies below 2 GiB) followed by its operands: numbers
 * of frame cells, immediates, jump distances. A jump distance counts from its own field, so negative ones are
 * back-edges.
 *
 * Accumulator: handlers that compute a value write it to its cell AND pass it on in a register of its class
 * (integer, f32, f64). An instruction right behind can take an operand from there ("A") instead of a cell
 * ("R") or an immediate ("I"); copies and constants leave it alone. */
#ifndef JIT_INTERP_PRIV_H
#define JIT_INTERP_PRIV_H

#include "interp.h"

#ifdef JIT_LLVM_JIT_H
#error "the interpreter does not know the compiler"
#endif

/* Where only cold code is interpreted (an image that carries its compiled code), there is one form of each
 * operation: all operands in cells, every access checked. A fifth of the size. */
#ifdef ANNEAL_INTERP_SMALL
#define INTERP_SMALL 1
#else
#define INTERP_SMALL 0
#endif

typedef u32 interp_opc;                               /* address of a handler */
typedef u32 interp_opnd;                              /* number of a frame cell */
typedef u64 interp_imm64 __attribute__((aligned(4))); /* instructions are aligned to 4 */
typedef struct rt_func *interp_slot __attribute__((aligned(4)));
typedef const struct rt_tag *interp_tag __attribute__((aligned(4)));

/* What is thrown by an instruction in [from, to) goes on at `target`. Innermost regions come first. */
#define INTERP_NONE UINT32_MAX
struct interp_clause {
    u32 from, to, target;     /* offsets in text */
    u32 depth;                /* of the block that has the handler; the function's is 0 */
    const struct rt_tag *tag; /* NULL: every one */
    u32 values, ref; /* cells that get the exception's values and the exception itself, or INTERP_NONE */
    u32 caught;      /* the same in interp_catching.caught, for `rethrow` */
    bool delegates;  /* instead: the search goes on among handlers that are not deeper than `limit` */
    u32 limit;
};

/* Machine code of a function that runs often (interp_copy.h). */
struct interp_copy {
    u8 *code; /* NULL: there is none */
    size_t bytes;
};

struct interp_code { /* rt_func.code */
    u32 bytes;       /* of text */
    s32 young;       /* counts down to the copy: calls and turns of loops */
    struct interp_copy copy;
    u32 frame_cells; /* what an activation may touch from its first cell on */
    u32 nparams, nlocals;
    u8 *mem; /* base of memory 0, or NULL */
    u32 nloops;
    const u32 *loops; /* offset in text of each loop's header; UINT32_MAX for loops never reached */
    bool catches;     /* text begins with HANDLERS */
    u32 ncaught;      /* highest number of open `catch` and `catch_all` blocks */
    u32 caught_cell;  /* where an OSR entry finds what they caught */
    u32 nclauses;
    const struct interp_clause *clauses;
    const u64 *starts; /* which words of text begin an instruction, a bit each; NULL: INTERP_SMALL */
    u8 text[] __attribute__((aligned(8)));
};

/* Handlers keep the machine's state in registers; `ip` (r12) still points to the current instruction while it
 * accesses guest memory, so a fault tells which one it was. */
#define INTERP_ARGS const u8 *ip, rt_cell *fp, u8 *mem, struct rt_func *f, u64 acc, f32 acc_f32, f64 acc_f64
#define INTERP_PASS ip, fp, mem, f, acc, acc_f32, acc_f64
typedef __attribute__((preserve_none)) void (*interp_fn)(INTERP_ARGS);

/* --- Operand forms. --- */
enum interp_form { /* of operations with one (x: R, A) or two operands (x y) */
                   FORM_RR,
                   FORM_RI,
                   FORM_AR,
                   FORM_AI,
                   FORM_RA,
                   FORM_COUNT,
                   FORM_R = FORM_RR,
                   FORM_A = FORM_AR,
};
enum interp_sense {              /* what an operation does with its result */
                    SENSE_VALUE, /* stores it, and leaves it in the accumulator */
                    SENSE_ACC,   /* leaves it in the accumulator alone */
                    SENSE_IF,    /* jump if it is not zero */
                    SENSE_UNLESS,
                    SENSE_COUNT
};
enum interp_addr { /* of an access: cell, accumulator, constant, or a sum of two of them that wraps */
                   ADDR_R,
                   ADDR_A,
                   ADDR_I,
                   ADDR_RR,
                   ADDR_RI,
                   ADDR_RA,
                   ADDR_AI,
                   ADDR_COUNT
};
enum interp_src { SRC_R, SRC_A, SRC_I, SRC_COUNT };

/* --- Encodings. Every result cell is the first operand, so that it can be redirected. --- */
struct ins_0 {
    interp_opc h;
};
struct ins_1 {
    interp_opc h;
    interp_opnd d;
};
struct ins_2 {
    interp_opc h;
    interp_opnd d, a;
};
struct ins_3 {
    interp_opc h;
    interp_opnd d, a, b;
};
struct ins_imm32 {
    interp_opc h;
    interp_opnd d, a;
    s32 imm;
};
struct ins_imm64 {
    interp_opc h;
    interp_opnd d, a;
    interp_imm64 imm;
};
struct ins_fused {
    interp_opc h;
    interp_opnd d, a, b, c; /* b, c: cell or constant */
};
struct ins_test {
    interp_opc h;
    interp_opnd d, a;
    u32 step;
    interp_opnd b; /* cell or constant */
    s32 to;
};
struct ins_fuel {
    interp_opc h;
    u32 cost;
};
struct ins_copy2 {
    interp_opc h;
    interp_opnd d, a, d2, a2; /* one after the other */
};
struct ins_move {
    interp_opc h;
    interp_opnd d, a; /* d < a */
    u32 count;
};
struct ins_copy_jump {
    interp_opc h;
    interp_opnd d, a;
    s32 to;
};
struct ins_copy2_jump {
    interp_opc h;
    interp_opnd d, a, d2, a2;
    s32 to;
};
struct ins_select {
    interp_opc h;
    interp_opnd d, a, b, c;
};
struct ins_jump {
    interp_opc h;
    s32 to;
};
struct ins_br {
    interp_opc h;
    interp_opnd a, b;
    s32 to;
};
struct ins_br_imm32 {
    interp_opc h;
    interp_opnd a;
    s32 imm;
    s32 to;
};
struct ins_br_imm64 {
    interp_opc h;
    interp_opnd a;
    interp_imm64 imm;
    s32 to;
};
struct ins_table {
    interp_opc h;
    interp_opnd a;
    u32 bias; /* added to the index */
    u32 count;
    s32 to[]; /* count + 1 distances, the default last */
};
struct ins_load {
    interp_opc h;
    interp_opnd d, a;
    u32 offset;
};
struct ins_load_sum {
    interp_opc h;
    interp_opnd d, a, b; /* b: cell or constant */
    u32 offset;
};
struct ins_store_sum {
    interp_opc h;
    interp_opnd a, b, v;
    u32 offset;
};
struct ins_store {
    interp_opc h;
    interp_opnd a, v;
    u32 offset;
};
struct ins_store_imm {
    interp_opc h;
    interp_opnd a;
    u32 offset;
    interp_imm64 imm;
};
struct ins_load_far {
    interp_opc h;
    interp_opnd d, a;
    u32 mem;
    interp_imm64 offset;
};
struct ins_store_far {
    interp_opc h;
    interp_opnd a, v;
    u32 mem;
    interp_imm64 offset;
};
struct ins_simd {
    interp_opc h;
    interp_opnd d, a, b, c; /* of vectors the first of two cells */
    u32 lane;
};
struct ins_shuffle {
    interp_opc h;
    interp_opnd d, a, b;
    u8 bytes[16];
};
struct ins_simd_memory {
    interp_opc h;
    interp_opnd d, a, b;
    u32 mem;
    u8 lane, wide; /* wide: addresses have 64 bits */
    interp_imm64 offset;
};
struct ins_call {
    interp_opc h;
    interp_opnd base;
    interp_slot callee;
};
struct ins_call_indirect {
    interp_opc h;
    interp_opnd base, a;
    u32 table;
    u32 sig_id;
};
struct ins_call_ref {
    interp_opc h;
    interp_opnd base, a;
};
/* Arguments in `cells` cells from `base` on become the frame's first. */
struct ins_tail_call {
    interp_opc h;
    interp_opnd base;
    u32 cells;
    interp_slot callee;
};
struct ins_tail_call_indirect {
    interp_opc h;
    interp_opnd base, a;
    u32 table;
    u32 sig_id;
    u32 cells;
};
struct ins_tail_call_ref {
    interp_opc h;
    interp_opnd base, a;
    u32 cells;
};
struct ins_throw {
    interp_opc h;
    interp_opnd base; /* the values */
    interp_tag tag;
};
struct ins_helper {
    interp_opc h;
    interp_opnd base;
    u32 x, y;
    u32 wide; /* bit n: operand n has 64 bits; else the upper half of its cell is undefined */
};

/* --- Handler tables (interp_run.c). NULL: there is no such form. --- */
#if INTERP_SMALL
extern const interp_fn interp_alu[WASM_OP_COUNT];
static inline interp_fn interp_alu_find(enum wasm_opcode op, enum interp_sense sense, enum interp_form form)
{
    return sense == SENSE_VALUE && form == FORM_RR ? interp_alu[op] : NULL;
}
#else
extern const interp_fn interp_alu[WASM_OP_COUNT][SENSE_COUNT][FORM_COUNT];
static inline interp_fn interp_alu_find(enum wasm_opcode op, enum interp_sense sense, enum interp_form form)
{
    return interp_alu[op][sense][form];
}
#endif
#define INTERP_LOADS  (WASM_OP_I64_LOAD32_U - WASM_OP_I32_LOAD + 1)
#define INTERP_STORES (WASM_OP_I64_STORE32 - WASM_OP_I32_STORE + 1)
/* [1]: with an explicit bounds check; then by opcode, counted from the first load; [1]: SENSE_ACC. */
extern const interp_fn interp_loads[2][INTERP_LOADS][2][ADDR_COUNT];
extern const interp_fn interp_stores[2][INTERP_STORES][ADDR_COUNT][SRC_COUNT];
/* Memories other than 0 and those with 64-bit addresses ([1]): the instance's memory at run time, all
 * operands in cells, an explicit check. */
extern const interp_fn interp_loads_far[2][INTERP_LOADS];
extern const interp_fn interp_stores_far[2][INTERP_STORES];
/* Vector instructions (interp_simd.c). */
extern const interp_fn interp_simd[WASM_OP_COUNT];
/* interp_fuse.def. */
struct interp_fusion {
    u16 first, second;
    interp_fn handlers[2][FORM_COUNT][FORM_COUNT]; /* [1]: SENSE_ACC; form of the first, of the second */
};
struct interp_test {
    u16 op;
    interp_fn cell, constant;
};
#define FUSE_INT(first, second, type)   +1
#define FUSE_FLOAT(first, second, type) +1
#define TEST(op)
enum {
    INTERP_FUSIONS = 0
#include "interp_fuse.def"
};
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST
#define FUSE_INT(first, second, type)
#define FUSE_FLOAT(first, second, type)
#define TEST(op) +1
enum {
    INTERP_TESTS = 0
#include "interp_fuse.def"
};
#undef FUSE_INT
#undef FUSE_FLOAT
#undef TEST
extern const struct interp_fusion interp_fusions[INTERP_FUSIONS];
extern const struct interp_test interp_tests[INTERP_TESTS];

/* X(name, encoding): every other handler. */
#define INTERP_PLAIN_LIST(X)                                                                                 \
    X(TURN, ins_0)                                                                                           \
    X(COPY, ins_2)                                                                                           \
    X(COPY2, ins_copy2)                                                                                      \
    X(MOVE, ins_move)                                                                                        \
    X(COPY_JUMP, ins_copy_jump)                                                                              \
    X(COPY2_JUMP, ins_copy2_jump)                                                                            \
    X(CONST32, ins_imm32)                                                                                    \
    X(CONST64, ins_imm64)                                                                                    \
    X(SELECT_R, ins_select)                                                                                  \
    X(SELECT_A, ins_select)                                                                                  \
    X(JUMP, ins_jump)                                                                                        \
    X(IF_R, ins_br)                                                                                          \
    X(IF_A, ins_jump)                                                                                        \
    X(UNLESS_R, ins_br)                                                                                      \
    X(UNLESS_A, ins_jump)                                                                                    \
    X(IF_NULL, ins_br)                                                                                       \
    X(IF_NON_NULL, ins_br)                                                                                   \
    X(TABLE_R, ins_table)                                                                                    \
    X(TABLE_A, ins_table)                                                                                    \
    X(RETURN, ins_0)                                                                                         \
    X(RETURN_R, ins_1)                                                                                       \
    X(RETURN_I, ins_imm64)                                                                                   \
    X(FUEL, ins_fuel)                                                                                        \
    X(UNREACHABLE, ins_0)                                                                                    \
    X(CALL, ins_call)                                                                                        \
    X(CALL_SLOT, ins_call)                                                                                   \
    X(CALL_INDIRECT, ins_call_indirect)                                                                      \
    X(CALL_INDIRECT64, ins_call_indirect)                                                                    \
    X(CALL_REF, ins_call_ref)                                                                                \
    X(TAIL_CALL, ins_tail_call)                                                                              \
    X(TAIL_CALL_INDIRECT, ins_tail_call_indirect)                                                            \
    X(TAIL_CALL_INDIRECT64, ins_tail_call_indirect)                                                          \
    X(TAIL_CALL_REF, ins_tail_call_ref)                                                                      \
    X(LEAVE_CALL, ins_tail_call)                                                                             \
    X(LEAVE_CALL_INDIRECT, ins_tail_call_indirect)                                                           \
    X(LEAVE_CALL_INDIRECT64, ins_tail_call_indirect)                                                         \
    X(LEAVE_CALL_REF, ins_tail_call_ref)                                                                     \
    X(HANDLERS, ins_0)                                                                                       \
    X(THROW, ins_throw)                                                                                      \
    X(THROW_REF, ins_1)                                                                                      \
    X(RETHROW, ins_1)                                                                                        \
    X(NON_NULL, ins_1)                                                                                       \
    X(GLOBAL_GET, ins_imm64)                                                                                 \
    X(GLOBAL_SET, ins_imm64)                                                                                 \
    X(MEMORY_SIZE, ins_helper)                                                                               \
    X(MEMORY_GROW, ins_helper)                                                                               \
    X(MEMORY_INIT, ins_helper)                                                                               \
    X(MEMORY_COPY, ins_helper)                                                                               \
    X(MEMORY_FILL, ins_helper)                                                                               \
    X(DATA_DROP, ins_helper)                                                                                 \
    X(TABLE_GET, ins_helper)                                                                                 \
    X(TABLE_SET, ins_helper)                                                                                 \
    X(TABLE_SIZE, ins_helper)                                                                                \
    X(TABLE_GROW, ins_helper)                                                                                \
    X(TABLE_FILL, ins_helper)                                                                                \
    X(TABLE_COPY, ins_helper)                                                                                \
    X(TABLE_INIT, ins_helper)                                                                                \
    X(ELEM_DROP, ins_helper)
enum interp_plain {
#define X(name, encoding) PLAIN_##name,
    INTERP_PLAIN_LIST(X)
#undef X
        PLAIN_COUNT
};
extern const interp_fn interp_plain[PLAIN_COUNT];
extern const u8 interp_plain_size[PLAIN_COUNT];

/* --- Lowering (interp_lower.c). --- */
struct interp_map {
    u32 at, pos;
}; /* offset in text; byte offset in the module */
/* Lowers function `f` into a fresh block. `map` (may be NULL) receives one entry an instruction, in ascending
 * order, on the heap. E_NOMEM; E_LIMIT when the code would not be addressable by 32-bit distances. */
MUST_CHECK status interp_lower_func(const struct rt_func *f, struct interp_code **out,
                                    struct interp_map **map, u32 *nmap);

/* An activation of a function that catches (interp_catch.c), while it is the innermost one:
 * rt_thread.handler_top is its record. */
struct interp_catching {
    struct rt_handler handler;
    struct rt_exn *caught[]; /* by the open `catch` and `catch_all` blocks, the outermost first */
};
static inline struct interp_catching *interp_catching(void)
{
    return (struct interp_catching *)rt_thread.handler_top;
}
/* At a loop's header `ip` that its function's heat ran out at (interp_run.c). */
__attribute__((preserve_none)) void interp_hot_loop(INTERP_ARGS);
/* Runs the rest of such a function, from `ip` behind HANDLERS on. */
void interp_run_handled(struct rt_func *f, rt_cell *fp, const u8 *ip, u8 *mem);

/* Runs lowered `f` from its first instruction: stack checks, zeroed locals, activation (interp_run.c). May
 * end in a tail call, see rt_func.cells. */
void interp_run(struct rt_func *f, rt_cell *cells);

#endif
