/* interp_low.h: the lowering's state, and what its layers offer each other: code (interp_low_code.c),
 * operands (interp_low_operand.c), straight-line operations (interp_low_alu.c, interp_low_memory.c), control
 * (interp_lower.c), exceptions (interp_low_try.c). */
#ifndef JIT_INTERP_LOW_H
#define JIT_INTERP_LOW_H

#include "interp_priv.h"

#define NONE UINT32_MAX

enum acc_class { ACC_NONE, ACC_INT, ACC_F32, ACC_F64 };
struct acc {  /* what the accumulator holds */
    u32 cell; /* which also has this value, or NONE */
    enum acc_class class;
    u32 at;          /* the instruction that computed it */
    interp_fn alone; /* its handler that leaves out the store to the cell; may be NULL */
};

enum value_kind { VALUE_CELL, VALUE_LOCAL, VALUE_CONST };
struct value {
    enum value_kind kind;
    bool high; /* the second cell of a vector */
    u32 local; /* VALUE_LOCAL */
    u32 older; /* VALUE_LOCAL: next lower operand that stands for the same local */
    u64 bits;  /* VALUE_CONST */
};

struct block {
    enum wasm_opcode op;   /* BLOCK LOOP IF ELSE TRY CATCH CATCH_ALL TRY_TABLE */
    u32 height;            /* operands below the block's parameters */
    u32 nparams, nresults; /* in cells */
    struct wasm_blocktype type;
    u32 start;           /* LOOP: offset of the header */
    u32 to_end, to_else; /* chains of jump fields still to fill in, or NONE */
    u32 from, to;        /* TRY, TRY_TABLE: the code whose exceptions it handles */
    u32 caught;          /* CATCH, CATCH_ALL: how many such blocks are open around it */
    u32 ncatches;        /* TRY_TABLE */
    const u8 *catches;
};

/* The last instruction, if it computed a value and no label came since. */
struct last {
    bool valid;
    bool is_alu;
    u32 at, bytes;
    u32 dest;
    enum wasm_opcode op;
    enum interp_form form;
    u32 a, b;
    u64 imm;
    struct acc before;
};

struct lower { /* one function being lowered */
    const struct wasm_module *m;
    const struct wasm_func *wf;
    const struct rt_func *f;
    u32 nlocals, nresults;
    bool checked; /* memory 0 needs explicit bounds checks */
    status st;    /* first failure; code is dropped from then on */
    /* Code. */
    u8 *text;
    u32 bytes, cap;
    u64 *starts; /* of interp_code; what is not there yet is zero */
    u32 starts_cap;
    struct last last, prev; /* prev: the one right before, likewise */
    struct acc acc;
    u32 copy_at, copies; /* the last instruction, if it is COPY or COPY2 and no label came since */
    /* Operands. */
    struct value *values;
    u32 height, clean; /* all operands below `clean` are in their cells */
    u32 *newest;       /* per local: highest operand that stands for it, or NONE */
    struct block *blocks;
    u32 nblocks, blocks_cap;
    u32 *loops, nloops;
    struct interp_clause *clauses;
    u32 nclauses, clauses_cap;
    u32 ncaught, max_caught; /* CATCH and CATCH_ALL blocks that are open */
    u32 *costs;              /* of fuel (wasm_fuel.h); NULL: it is not limited */
    /* Offsets for people. */
    bool want_map;
    u32 pos;
    struct interp_map *map;
    u32 nmap, map_cap;
    u8 sink[64]; /* where instructions go after a failure */
};

/* How an ALU instruction's operands are encoded, and how many bytes it takes. */
struct alu {
    enum wasm_opcode op;
    enum interp_form form;
    u32 a, b;
    u64 imm;
};

/* An address: form and its operands. */
struct address {
    enum interp_addr form;
    u32 a, b;
};

/* --- Code. --- */
bool low_grow(struct lower *l, void **array, u32 *cap, u32 need, size_t item);
/* Room for one instruction, zeroed, with its handler set. After a failure it goes nowhere. */
void *low_emit(struct lower *l, interp_fn handler, u32 bytes);
void *low_emit_plain(struct lower *l, enum interp_plain p);
#define EMIT(type, var, name) struct type *var = low_emit_plain(l, PLAIN_##name)
/* Takes the last instruction (l->last, valid) back, with its effect on the accumulator. */
void low_undo(struct lower *l);
/* The instruction just emitted computed `dest`; `alone` is its handler that leaves it in the accumulator
 * alone. */
void low_computed(struct lower *l, u32 bytes, u32 dest, enum acc_class class, interp_fn alone);
/* What the cells from `cell` on hold is read on another path as well: no instruction may leave out its store.
 */
void low_keep_from(struct lower *l, u32 cell);
/* `cell` was written without the accumulator. */
void low_wrote(struct lower *l, u32 cell);
/* Nothing is known about what was executed before: a label, a call. */
void low_forget(struct lower *l);
/* Jump fields: towards a known offset; into a chain that waits for its target; the chain's target is here. */
void low_jump_to(struct lower *l, s32 *field, u32 target);
void low_chain(struct lower *l, s32 *field, u32 *chain);
void low_bind(struct lower *l, u32 *chain);

/* --- Operands. --- */
static inline u32 low_cell(const struct lower *l, u32 operand)
{
    return l->nlocals + operand;
}
void low_push_cell(struct lower *l);
void low_push_cells(struct lower *l, const rt_type *types, u32 n);
/* Marks the top operand as a vector's second cell. */
void low_mark_high(struct lower *l);
/* Whether a vector is on top: two operands here. */
bool low_is_vector(const struct lower *l);
/* Cells of `n` values. */
u32 low_cells_of(const rt_type *types, u32 n);
void low_push_const(struct lower *l, u64 bits);
void low_push_local(struct lower *l, u32 local);
/* Removes the top operand; its cell may still be read by the instruction that follows. */
struct value low_pop(struct lower *l);
void low_const(struct lower *l, u32 cell, u64 bits);
void low_copy(struct lower *l, u32 to, u32 from);
/* Brings operand number `operand` with value `v` into cell `to`. */
void low_move(struct lower *l, u32 to, const struct value *v, u32 operand);
/* Every operand into its own cell. */
void low_flush(struct lower *l);
/* Before `local` changes: operands that stand for it get their value. */
void low_detach(struct lower *l, u32 local);
/* The cell in which popped operand number `operand` is found; constants are written to its own. */
u32 low_in_cell(struct lower *l, const struct value *v, u32 operand);
u32 low_pop_cell(struct lower *l);
/* Whether the operand in `cell`, just popped, can be taken from the accumulator; the caller must do so then.
 */
bool low_take_acc(struct lower *l, u32 cell, enum acc_class class);

/* --- Numeric operations. --- */
enum acc_class low_class(char type); /* of a letter in wasm_op_info.sig */
char low_result_type(enum wasm_opcode op);
/* The operation that gives the same with its operands exchanged; 0 (unreachable): there is none. */
enum wasm_opcode low_exchanged(enum wasm_opcode op);
void low_alu1(struct lower *l, enum wasm_opcode op);
void low_alu2(struct lower *l, enum wasm_opcode op);
/* Emits a branch fused with the operation; returns its jump field. */
s32 *low_alu_branch(struct lower *l, const struct alu *x, enum interp_sense sense);

/* --- Memory accesses, locals, globals, select. --- */
/* If the last instruction is the addition that computed operand cell `cell`: takes it back for whoever adds
 * himself. */
bool low_take_sum(struct lower *l, u32 cell, struct address *out);
void low_load(struct lower *l, const struct wasm_instr *in);
void low_store(struct lower *l, const struct wasm_instr *in);
void low_local_set(struct lower *l, u32 local);
void low_simd(struct lower *l, const struct wasm_instr *in);
void low_local_get(struct lower *l, u32 local);
/* The local that instructions name. */
void low_set(struct lower *l, u32 local, bool tee);
void low_select(struct lower *l);
void low_global_get(struct lower *l, u32 global);
void low_global_set(struct lower *l, u32 global);

/* --- Control. --- */
/* Opens a block; NULL: out of memory. */
struct block *low_push_block(struct lower *l, enum wasm_opcode op, const struct wasm_blocktype *t);
/* Control leaves the top block at its end, if it arrives here at all. */
void low_exit_block(struct lower *l, bool reachable);
/* Operands above `height` become `n` values in their cells. */
void low_set_operands(struct lower *l, u32 height, const rt_type *types, u32 n);
/* The first cell of the values that a branch to `label` takes along. */
u32 low_label_cell(struct lower *l, u32 label);
/* A branch to `label` whose values are in its cells already; the operand stack is left alone. */
void low_branch_there(struct lower *l, u32 label);
/* The top block ends. Returns whether the code behind is reachable. */
bool low_end(struct lower *l, bool reachable);

/* --- Exceptions. --- */
void low_try(struct lower *l, const struct wasm_instr *in);
/* The end of a TRY_TABLE: its clauses. */
void low_clauses(struct lower *l, const struct block *b);
void low_catch(struct lower *l, const struct wasm_instr *in, bool reachable);
bool low_delegate(struct lower *l, u32 label, bool reachable);
void low_throw(struct lower *l, u32 tag);
void low_throw_ref(struct lower *l);
void low_rethrow(struct lower *l, u32 label);

#endif
