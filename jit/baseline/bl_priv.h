/* bl_priv.h: one function being compiled.
 *
 * Frame, from rbp down: callee-saved registers that are used, then the cells of the interpreter's frame in
 * ascending order. A local is in its cell or, for good, in a register; an operand is whatever struct bl_value
 * says, and in its own cell wherever paths join. i32 in registers are zero-extended. r10, r11 and
 * xmm7 hold nothing from one instruction to the next; r10 is the slot of a call. */
#ifndef JIT_BASELINE_PRIV_H
#define JIT_BASELINE_PRIV_H

#include "baseline.h"
#include "wasm_arms.h"
#include "wasm_counts.h"
#include "x64.h"

enum { SCRATCH = R11, SCRATCH_XMM = XMM7 };
#define BIT(reg)    (1u << (reg))
#define TEMPS       (BIT(RAX) | BIT(RCX) | BIT(RDX) | BIT(RSI))
#define TEMPS_XMM   (0x7fu << XMM0)
#define SAVED       (BIT(RBX) | BIT(R12) | BIT(R13) | BIT(R14) | BIT(R15))
#define UNSAVED     (BIT(RDI) | BIT(R8) | BIT(R9))
#define UNSAVED_XMM (0xffu << XMM8)
#define LOST        (UNSAVED | UNSAVED_XMM) /* by a call */

enum bl_type { BL_I32, BL_I64, BL_F32, BL_F64 }; /* references are BL_I64 */
enum { CC_FEQ = 16, CC_FNE = 17 }; /* of ucomis: equal and ordered, or not; the last bit negates */

enum bl_kind { BL_CONST, BL_LOCAL, BL_REG, BL_MEM, BL_FLAGS };
struct bl_value {
    u8 kind, type;
    u8 reg;    /* BL_REG */
    u8 cc;     /* BL_FLAGS: 1 if the condition holds; only on top */
    u32 index; /* BL_LOCAL: which; BL_MEM: whose operand cell */
    u64 bits;  /* BL_CONST */
};

struct bl_label {
    enum wasm_opcode op; /* BLOCK LOOP IF ELSE; the body is a BLOCK */
    u32 height;          /* operands below its parameters */
    struct wasm_blocktype type;
    u32 chain, other; /* jumps to its end, to its `else` */
    u32 header;       /* LOOP */
    u32 stub;         /* while a table is made: the jump there; 0: none yet */
    u32 arm;          /* BLOCK IF ELSE: its end (wasm_arms.h) */
};

struct bl_turn { /* a place where heat may run out */
    u32 chain, back;
    u32 loop; /* BL_ENTRY: the function's entry */
};
#define BL_ENTRY UINT32_MAX

struct bl_trap { /* an instruction that may trap: each has code of its own, by which it is found again */
    u32 chain, pos;
    enum rt_trap trap;
};

struct bl_place { /* what code from `at` on is made of */
    u32 at, pos;  /* byte offset in the module */
};

enum bl_fix_kind { FIX_ABSOLUTE, FIX_RELATIVE };
struct bl_fix { /* a word that depends on where the code is */
    u32 at;
    enum bl_fix_kind kind;
};

struct bl {
    struct x64 x;
    const struct wasm_module *m;
    const struct wasm_func *wf;
    struct rt_func *f;
    struct rt_instance *inst;
    bool failed; /* out of memory, or something that is left to others */
    /* Locals. */
    u32 nlocals;
    u8 *local_type, *local_reg;
    u32 pinned;             /* registers that locals are in, */
    u32 local_of[X64_REGS]; /* and which */
    u32 nsaved;             /* of these callee-saved */
    u32 ncells;             /* of the frame */
    u32 begun;              /* with a profile: the cell that says when, and one more, behind the others */
    /* Operands. */
    struct bl_value *stack;
    u32 depth, clean; /* all below `clean` are in their cells */
    u32 busy;         /* temporaries that operands, or an instruction at work, are in */
    u32 hint;         /* register of the local that the result goes to next; NO_REG */
    u32 hint_local;   /* and which one that is */
    /* Control. */
    struct bl_label *labels;
    u32 nlabels;
    bool reachable;
    u32 dead_depth;
    u32 leave, left; /* jumps to the way out, and where that is */
    u8 *seen;        /* by arm: whether it was reached; NULL: nobody asks */
    u32 *arms;       /* and where its code is; NULL: nobody asks */
    u32 arm, next_arm;
    u32 *counts; /* wasm_counts.h; NULL: nobody asks */
    u32 site, next_site;
    u32 plain;      /* number of labels up to the outermost open loop without calls; 0: none */
    const u8 *next; /* the next instruction */
    u32 resume;     /* the way in for who goes on at an arm */
    struct bl_trap *traps;
    u32 ntraps, traps_cap;
    struct bl_turn *turns;
    u32 nturns;
    u32 nloops;
    struct bl_fix *fixes;
    u32 nfixes, fixes_cap;
    /* Offsets for people. */
    u32 pos;
    bool want_map;
    struct bl_place *map;
    u32 nmap, map_cap;
};

/* --- bl_value.c: registers and operands. --- */
static inline bool bl_is_fp(u32 type)
{
    return type >= BL_F32;
}
static inline u32 bl_wide(u32 type)
{
    return type == BL_I64 ? X64_W : 0;
}
enum bl_type bl_type_of(rt_type t);
struct x64_mem bl_home(const struct bl *b, u32 cell);
/* The cell of a value that is in memory. */
struct x64_mem bl_cell(const struct bl *b, const struct bl_value *v);
/* Some address; may take SCRATCH. */
struct x64_mem bl_at(struct bl *b, const void *p);
struct x64_mem bl_offset(struct bl *b, u32 index, u64 offset);
/* A free temporary for a value of that type. */
u32 bl_alloc(struct bl *b, u32 type);
/* Makes that temporary free of operands, and takes it. */
void bl_claim(struct bl *b, u32 reg);
void bl_release(struct bl *b, const struct bl_value *v);
void bl_load(struct bl *b, u32 reg,
             const struct bl_value *v); /* leaves flags alone, takes SCRATCH for constants */
void bl_load_from(struct bl *b, u32 reg, u32 type, struct x64_mem m);
void bl_load_cell(struct bl *b, u32 reg, u32 type, u32 cell); /* of the frame */
void bl_store(struct bl *b, struct x64_mem m, u32 type, u32 reg);
/* Any value. Leaves flags alone. */
void bl_put(struct bl *b, struct x64_mem m, const struct bl_value *v);
void bl_move(struct bl *b, u32 type, u32 to, u32 from);
/* Where the value is, read only; a register. */
u32 bl_reg(struct bl *b, struct bl_value *v);
/* The same, to be overwritten. */
u32 bl_own(struct bl *b, struct bl_value *v);
/* `op` reg, value */
void bl_op(struct bl *b, u32 op, u32 reg, const struct bl_value *v);
/* Whether it is in a register already: which; else NO_REG. */
u32 bl_where(const struct bl *b, const struct bl_value *v);
bool bl_imm(const struct bl_value *v); /* a constant that is an immediate */

void bl_push(struct bl *b, struct bl_value v);
void bl_push_reg(struct bl *b, u32 type, u32 reg);
void bl_push_const(struct bl *b, u32 type, u64 bits);
void bl_push_mem(struct bl *b, u32 type);
void bl_push_flags(struct bl *b, u32 cc);
struct bl_value bl_pop(struct bl *b);
void bl_drop(struct bl *b, u32 n); /* pops `n`, which stay where they are */
u32 bl_pop_flags(struct bl *b);    /* pops a condition, which the flags hold then */
/* A register for the result of an operation: the one it goes to next, that of `a` (which is then free), or
 * another. Not that of `keep` (may be NULL). */
u32 bl_result(struct bl *b, u32 type, const struct bl_value *a, const struct bl_value *keep);
/* The same with `a` in it. */
u32 bl_result_from(struct bl *b, u32 type, struct bl_value *a, const struct bl_value *keep);
/* If the top is a pending condition: makes it a number. */
void bl_settle(struct bl *b);
/* All operands below `depth` into their cells. Leaves flags alone. */
void bl_flush(struct bl *b, u32 depth);
/* Operands that stand for a local whose value changes get a copy. */
void bl_detach(struct bl *b, u32 local);
/* Locals that are in one of the registers `which`: into their cells, and back. */
void bl_save_locals(struct bl *b, u32 which);
void bl_load_locals(struct bl *b, u32 which);

/* --- bl_alu.c --- */
void bl_alu(struct bl *b, enum wasm_opcode op);
void bl_select(struct bl *b);
/* --- bl_memory.c --- */
void bl_access(struct bl *b, const struct wasm_instr *in);
void bl_global(struct bl *b, const struct wasm_instr *in);
void bl_memory(struct bl *b, const struct wasm_instr *in);
void bl_table(struct bl *b, const struct wasm_instr *in);
/* --- bl_call.c --- */
void bl_call(struct bl *b, const struct wasm_instr *in);
struct bl_arg {
    u32 reg;
    struct bl_value v;
    u32 cell; /* number of the operand it was, if it was one */
};
/* Values into the registers that a call wants them in, whatever is where. */
void bl_place(struct bl *b, struct bl_arg *args, u32 n);
/* Calls C with arguments (popped values); all operands left are in cells first. The result is in rax or xmm0.
 */
void bl_call_c(struct bl *b, const void *fn, struct bl_arg *args, u32 n);
void bl_fix(struct bl *b, enum bl_fix_kind kind, u32 at);
/* Results in rax or xmm0 and rt_thread.results become operands. */
void bl_push_results(struct bl *b, const rt_type *types, u32 n);
/* --- bl_control.c --- */
void bl_control(struct bl *b, const struct wasm_instr *in);
void bl_control_dead(struct bl *b, const struct wasm_instr *in);
void bl_trap_if(struct bl *b, u32 cc, enum rt_trap t);
void bl_trap(struct bl *b, enum rt_trap t);
/* Here is that arm: notes that it was reached, and lets others go on here. All operands are in cells. */
void bl_arm(struct bl *b, u32 arm);
/* Counts in word `word` of the instruction's (wasm_counts.h), if somebody asks. */
void bl_count_word(struct bl *b, u32 word);
/* Counts heat down; below zero the tier manager is asked (bl_turns). */
void bl_count(struct bl *b, u32 loop, u32 heat);
/* --- bl_frame.c --- */
/* Chooses the locals that are in registers. */
void bl_pin_locals(struct bl *b);
void bl_enter(struct bl *b);  /* the function's entry */
void bl_leave(struct bl *b);  /* its only way out */
void bl_turns(struct bl *b);  /* what is done when heat runs out */
void bl_resume(struct bl *b); /* the entry for who goes on at an arm */
void bl_traps(struct bl *b);
/* Returns the offset of baseline_code.cells. */
u32 bl_cells_entry(struct bl *b);
/* Register of the next parameter; NO_REG: cell c->rest++ of rt_thread.args. */
struct bl_cursor {
    u32 ngpr, nxmm, rest;
};
u32 bl_next_place(struct bl_cursor *c, u32 type);
void bl_call_address(struct bl *b, const void *fn);
/* The word that says how far away `to` is from behind it. */
void bl_relative(struct bl *b, const void *to);
/* --- baseline.c --- */
/* Room for item number `n`; false: there is none, and `b` has failed. */
bool bl_grow(struct bl *b, void **array, u32 *cap, u32 n, size_t item);
/* The code that follows is of the instruction at `pos`. */
void bl_note(struct bl *b, u32 pos);
/* Gives up: left to others. */
static inline void bl_fail(struct bl *b)
{
    b->failed = true;
}

#endif
