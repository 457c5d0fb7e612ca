/* ir_priv.h: the translator from validated WebAssembly to LLVM IR. Private to jit/llvm.
 *
 * ir_build.c makes the module and the shell of each function, ir_body.c walks the instructions, ir_control.c
 * keeps blocks and branches, ir_alu.c, ir_memory.c, ir_ref.c and ir_call.c build operations, ir_abi.c passes
 * values from function to function. Memory of the translator comes from the compilation's arena; when it is
 * used up the compilation ends through llvm_bail(). */
#ifndef JIT_LLVM_IR_PRIV_H
#define JIT_LLVM_IR_PRIV_H

#include <llvm-c/Core.h>

#include "llvm_jit.h"
#include "llvm_priv.h"
#include "rt_helpers.h"

/* What an access of compiled code touches; kinds never overlap. */
enum ir_region {
    IR_REGION_GUEST,  /* linear memories */
    IR_REGION_INST,   /* slots, heads of memories and tables, pointer arrays */
    IR_REGION_GLOBAL, /* values of globals */
    IR_REGION_TABLE,  /* elements of tables */
    IR_REGION_THREAD, /* rt_thread */
    IR_REGION_FRAME,  /* interpreter frame an OSR entry starts from */
    IR_REGION_COUNTS, /* wasm_counts.h */
    IR_REGION_COUNT
};
enum ir_helper {
#define HELPER(name, result, params, ir, effects) IR_HELPER_##name,
#include "rt_helpers.def"
#undef HELPER
    IR_HELPER_COUNT
};
enum ir_attr { /* string and enum attributes, made once a module */
               IR_ATTR_NOUNWIND,
               IR_ATTR_FRAME_POINTER,
               IR_ATTR_CPU,
               IR_ATTR_FEATURES,
               IR_ATTR_PROBE,
               IR_ATTR_VECTORS,
               IR_ATTR_NO_TAIL_CALLS,
               IR_ATTR_NO_BUILTINS,
               IR_ATTR_FUNC_COUNT, /* the ones above go on every function */
               IR_ATTR_NORETURN = IR_ATTR_FUNC_COUNT,
               IR_ATTR_COLD,
               IR_ATTR_NEST,
               IR_ATTR_INLINE_FREE,
               IR_ATTR_READS_ARGUMENT,
               IR_ATTR_READS_NOTHING,
               IR_ATTR_OPTSIZE,
               IR_ATTR_MINSIZE,
               IR_ATTR_COUNT
};

struct ir_unit { /* one module being built */
    const struct llvm_unit *u;
    const struct wasm_module *m;
    u32 id; /* makes symbols unique in the process */
    struct arena *arena;
    LLVMContextRef ctx;
    LLVMModuleRef mod;
    LLVMBuilderRef b;     /* where code goes */
    LLVMBuilderRef entry; /* the end of the current function's entry block, which dominates everything */
    LLVMTypeRef t_void, t_i1, t_i8, t_i16, t_i32, t_i64, t_f32, t_f64, t_v128, t_ptr;
    bool has_pshufb; /* an instruction of SSSE3 */
    bool uniform;    /* one prototype for all functions, because there are tail calls (ir_abi.c) */
    LLVMValueRef mem0, inst0, text, thread;
    LLVMValueRef helpers[IR_HELPER_COUNT]; /* NULL: not used so far */
    LLVMTypeRef helper_types[IR_HELPER_COUNT];
    LLVMValueRef try_call; /* rt_try_call, or NULL */
    u8 *throws;            /* by function index: what ir_may_throw() has found out (enum answer) */
    LLVMValueRef *funcs;   /* by function index; NULL: not in this unit */
    LLVMValueRef tbaa[IR_REGION_COUNT];
    u32 md_tbaa, md_invariant, md_prof, md_offset;
    LLVMValueRef invariant, unlikely;
    LLVMAttributeRef attrs[IR_ATTR_COUNT];
};

enum ir_label_kind {
    IR_LABEL_FUNC,
    IR_LABEL_BLOCK,
    IR_LABEL_LOOP,
    IR_LABEL_IF,
    IR_LABEL_TRY_TABLE,
    IR_LABEL_TRY,
    IR_LABEL_CATCH
};
struct ir_label {
    enum ir_label_kind kind;
    LLVMBasicBlockRef target; /* where branches go; NULL: none so far */
    LLVMBasicBlockRef other;  /* IF: the arm not yet placed; CATCH: where no clause so far matched */
    LLVMValueRef *phis;       /* stack[base..height + arity) at the target; made with it */
    LLVMValueRef *saved;      /* IF: stack[0..height + nparams) at the start of both arms */
    u32 base, height, nparams, nresults;
    u32 arm;   /* BLOCK, IF: its end (wasm_arms.h) */
    u32 arity; /* values a branch carries */
    const rt_type *branch_types;
    struct ir_label *handler; /* TRY, TRY_TABLE: what is thrown inside goes there (ir_exception.c); or NULL */
    u32 catching;             /* how many labels there are up to the innermost one with a handler; 0: none */
    struct ir_label *caught;  /* CATCH: the handler that it continues */
    const u8 *catches;        /* TRY_TABLE: the clauses */
    u32 ncatches;
};
struct ir_target { /* what to call */
    LLVMValueRef code;
    LLVMValueRef slot; /* NULL: the code is known */
    LLVMValueRef inst;
    bool throws; /* it may */
};
struct ir_func { /* one function being built */
    struct ir_unit *x;
    const struct wasm_func *f;
    const struct wasm_functype *type;
    u32 index;
    LLVMValueRef fn, inst; /* inst: the instance, a constant or the first parameter */
    LLVMValueRef frame;    /* OSR: the interpreter's frame; else what ir_leave() passes on, or NULL so far */
    LLVMValueRef *locals;  /* allocas */
    LLVMTypeRef *local_types;
    LLVMValueRef *stack;
    u32 depth;
    struct ir_label *labels;
    u32 nlabels, labels_cap;
    bool reachable;
    u32 dead_depth;       /* blocks opened since code became unreachable */
    u32 nloops;           /* loops met so far */
    u32 *costs;           /* of fuel (wasm_fuel.h); NULL: the unit does not charge */
    bool calls;           /* not a leaf: checks the stack */
    bool osr;             /* all labels carry the whole stack, because a second copy joins this one */
    LLVMValueRef *caught; /* allocas of what open catch bodies caught, the outermost first; or NULL */
    LLVMValueRef record;  /* alloca of a struct rt_handler, or NULL */
    LLVMBasicBlockRef
        again; /* where a tail call of the function itself goes, its parameters set anew; or NULL */
    LLVMValueRef ticks;
    LLVMValueRef counts; /* where it counts, or NULL */
    const u32 *counted;  /* what was counted, or NULL */
    const u8 *seen;      /* by arm: whether it was reached; NULL: it is taken for granted */
    u32 arm, next_arm;   /* the instruction's first one, and the next one's */
    bool keep_loops;     /* llvm_unit_func */
    u32 plain;       /* number of labels up to the outermost open loop that is there as a whole; 0: none */
    const u64 *live; /* ir_live(), or NULL so far */
    LLVMBasicBlockRef leaving; /* where calls are left that get to an arm that is not compiled; or NULL */
    LLVMValueRef leaving_at;   /* and which arm that is */
    const u8 *at, *next;       /* the instruction that is being translated, and the next one */
    u32 site, next_site;       /* words in both: the instruction's first one, and the next one's */
    LLVMValueRef *mem_heads, *mem_bases; /* by memory, NULL: not loaded so far */
    LLVMBasicBlockRef traps[TRAP_COUNT];
    /* OSR: what was open at the loop, taken when the first copy passed it. */
    const u8 *osr_pos;
    u32 osr_nlabels, osr_depth, osr_nloops, osr_site;
    struct ir_label *osr_labels;
    LLVMTypeRef *osr_types;
};

/* ir_build.c */
LLVMTypeRef ir_type(const struct ir_unit *x, rt_type t);
void *ir_alloc(struct ir_unit *x, size_t bytes);
LLVMValueRef ir_int(LLVMTypeRef t, u64 v);
LLVMValueRef ir_v128(const struct ir_unit *x, const u8 *bytes);
LLVMValueRef ir_intrinsic(struct ir_unit *x, const char *name, LLVMTypeRef *overloads, unsigned n,
                          LLVMValueRef *args, unsigned nargs);
LLVMBasicBlockRef ir_block(struct ir_func *f); /* a new one */
void ir_place(struct ir_func *f,
              LLVMBasicBlockRef b); /* code goes on in `b`, which follows all others so far */
/* base + offset, in bytes, without any promise to LLVM. */
LLVMValueRef ir_offset(struct ir_unit *x, LLVMBuilderRef b, LLVMValueRef base, u64 offset);
LLVMValueRef ir_load(struct ir_unit *x, LLVMBuilderRef b, LLVMTypeRef t, LLVMValueRef addr, enum ir_region r);
/* A load of something that never changes while the instance lives. */
LLVMValueRef ir_load_const(struct ir_unit *x, LLVMBuilderRef b, LLVMTypeRef t, LLVMValueRef addr,
                           enum ir_region r);
LLVMValueRef ir_store(struct ir_unit *x, LLVMValueRef v, LLVMValueRef addr, enum ir_region r);
/* The function IR_LOADER<type> that stands for loads of `word`; type: word (ptr). */
LLVMValueRef ir_loader(struct ir_unit *x, LLVMTypeRef word, LLVMTypeRef type);
LLVMValueRef ir_slot(struct ir_func *f, u32 func); /* the slot of a function of this module */
/* Stores what the interpreter is to find in its frame from the first cell on (OSR). */
void ir_frame_put(struct ir_func *f, const LLVMValueRef *values, u32 n);
/* Ends the measurement of this call, if it is measured. */
void ir_profile_exit(struct ir_func *f);
/* Counts down the function's heat and asks the tier manager below zero; nothing unless the unit counts. */
void ir_count_heat(struct ir_func *f, u32 by);

/* Charges the cost of the function's entry (0) or of a loop (1 + its number); nothing unless the unit does.
 */
void ir_charge_fuel(struct ir_func *f, u32 which);

/* ir_body.c */
void ir_body(struct ir_func *f, const u8 *p);
void ir_push(struct ir_func *f, LLVMValueRef v);
LLVMValueRef ir_pop(struct ir_func *f);

/* ir_control.c */
void ir_label_push(struct ir_func *f, enum ir_label_kind kind, u32 nparams, u32 nresults,
                   const rt_type *params, const rt_type *results);
void ir_control(struct ir_func *f, const struct wasm_instr *in);
void ir_branch(struct ir_func *f, struct ir_label *l);
/* Makes the label's target, if there is none, and tells it what the block that is being built carries. */
void ir_carry(struct ir_func *f, struct ir_label *l);
/* The stack as the label's target has it. */
void ir_restore(struct ir_func *f, const struct ir_label *l);
void ir_place_target(struct ir_func *f, struct ir_label *l); /* goes on there */
void ir_control_dead(struct ir_func *f, const struct wasm_instr *in);
/* Goes on at `cond` false; else traps. */
void ir_trap_if(struct ir_func *f, LLVMValueRef cond, enum rt_trap t);
void ir_trap_block(struct ir_func *f, LLVMBasicBlockRef at, LLVMValueRef code);
LLVMBasicBlockRef ir_trap_target(struct ir_func *f, enum rt_trap t);
LLVMValueRef ir_cond(struct ir_func *f, LLVMValueRef v);      /* i32 -> i1 */
LLVMValueRef ir_from_cond(struct ir_func *f, LLVMValueRef c); /* i1 -> i32 */
LLVMValueRef ir_br_cond(struct ir_func *f, LLVMValueRef cond, LLVMBasicBlockRef rare,
                        LLVMBasicBlockRef usual);

u32 ir_last_label(const struct wasm_instr *br_table); /* the default */

/* ir_counts.c. Of the instruction that is being translated; nothing unless the unit counts, or has counts. */
void ir_counts_begin(struct ir_func *f); /* before the others */
void ir_count_cond(struct ir_func *f, LLVMValueRef cond);
void ir_count_index(struct ir_func *f, LLVMValueRef index, u32 labels);
void ir_count_target(struct ir_func *f, LLVMValueRef slot);
void ir_weigh_cond(struct ir_func *f, LLVMValueRef branch);
void ir_weigh_switch(struct ir_func *f, LLVMValueRef branch, const struct wasm_instr *in);
/* The function of this module that a call_indirect of type `t` nearly always calls; UINT32_MAX: none. */
u32 ir_expected_target(const struct ir_func *f, const struct wasm_functype *t);
/* A branch to its call, or else to the others'. */
void ir_weigh_expected(struct ir_func *f, LLVMValueRef branch);

/* ir_leave.c */
/* The innermost label is that of a loop. */
void ir_loop_begin(struct ir_func *f);
/* Code gets to an arm: if it is one that nobody has got to so far, and what follows is long enough, the call
 * is left there to code that has it, and the rest is as if it were not there. */
void ir_arm(struct ir_func *f, u32 arm);
/* Whether a branch to the end of `l` is one that nobody has taken so far. */
bool ir_is_cold_end(const struct ir_func *f, const struct ir_label *l);
/* Leaves the call there, with all operands: ends the block. */
void ir_leave(struct ir_func *f, u32 arm);
/* Behind the body: what leaving is. */
void ir_leave_end(struct ir_func *f);
/* ir_live.c: by arm, nlocals / 64 + 1 words: a bit for each local that is read there before it is written. */
const u64 *ir_live(struct ir_func *f);

/* ir_alu.c */
void ir_alu(struct ir_func *f, enum wasm_opcode op);
/* Of scalars and, lane by lane, vectors. */
LLVMValueRef ir_binary(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y);
LLVMValueRef ir_extremum(struct ir_func *f, bool max, LLVMValueRef x, LLVMValueRef y);
LLVMValueRef ir_convert(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMTypeRef to);

/* ir_exception.c */
void ir_exception(struct ir_func *f, const struct wasm_instr *in);
/* Operands that handlers need beyond wasm_func.max_stack. */
u32 ir_handler_operands(const struct wasm_module *m, const struct wasm_func *f);
/* Label `n` is entered in the middle (OSR), in a copy of its own. */
void ir_handler_enter(struct ir_func *f, u32 n);
/* Behind the body of `l`, which is closed: its clauses; what they do not take goes to the outermost `outside`
 * labels. */
void ir_handler_end(struct ir_func *f, struct ir_label *l, u32 outside);
/* Whether something thrown can come out of a call of this function. */
bool ir_may_throw(struct ir_unit *x, u32 func);
bool ir_in_try(const struct ir_func *f);
/* Before a native call: where something thrown in it is to be caught, changes *to and returns true;
 * ir_try_end() comes right behind the call then. */
bool ir_try_begin(struct ir_func *f, struct ir_target *to);
void ir_try_end(struct ir_func *f);

/* ir_ref.c */
void ir_ref(struct ir_func *f, const struct wasm_instr *in);
/* Goes on with `ref` if it is not null; else traps. */
LLVMValueRef ir_not_null(struct ir_func *f, LLVMValueRef ref, enum rt_trap otherwise);

/* ir_simd.c */
void ir_simd(struct ir_func *f, const struct wasm_instr *in);

/* ir_memory.c */
/* The words of wasm_mem.def and wasm_simd.def, in a scope with `f`: LLVM's type, and whether it extends with
 * the sign. */
#define WORD_u8  f->x->t_i8
#define WORD_s8  f->x->t_i8
#define WORD_u16 f->x->t_i16
#define WORD_s16 f->x->t_i16
#define WORD_u32 f->x->t_i32
#define WORD_s32 f->x->t_i32
#define WORD_u64 f->x->t_i64
#define WORD_s64 f->x->t_i64
#define WORD_f32 f->x->t_f32
#define WORD_f64 f->x->t_f64
#define SIGN_u8  false
#define SIGN_s8  true
#define SIGN_u16 false
#define SIGN_s16 true
#define SIGN_u32 false
#define SIGN_s32 true
#define SIGN_u64 false
#define SIGN_s64 true
#define SIGN_f32 false
#define SIGN_f64 false

/* Both pop the address. */
LLVMValueRef ir_memory_load(struct ir_func *f, const struct wasm_instr *in, LLVMTypeRef word);
void ir_memory_store(struct ir_func *f, const struct wasm_instr *in, LLVMValueRef v);
void ir_access(struct ir_func *f, const struct wasm_instr *in);
void ir_memory(struct ir_func *f, const struct wasm_instr *in);
void ir_table(struct ir_func *f, const struct wasm_instr *in);
void ir_global(struct ir_func *f, const struct wasm_instr *in);

/* ir_abi.c */
LLVMValueRef ir_declare(struct ir_unit *x, const struct wasm_functype *t, const char *name);
LLVMValueRef ir_inst_param(const struct ir_func *f);
/* The function's parameters; before anything else, because others may pass theirs the same way. */
void ir_params(struct ir_func *f, LLVMValueRef *values);
/* Of the function itself, by whatever code it has. */
LLVMValueRef ir_call_slot(struct ir_func *f, const LLVMValueRef *values);
LLVMValueRef ir_call_native(struct ir_func *f, const struct wasm_functype *t, struct ir_target to,
                            const LLVMValueRef *values);
/* Address of result `k` (1..) of a call, or of a function's own. */
LLVMValueRef ir_result_addr(struct ir_func *f, const struct wasm_functype *t, u32 k);

/* ir_call.c */
void ir_call(struct ir_func *f, const struct wasm_instr *in);
/* The results of a call: the first one, and what it has left in rt_thread.results. */
void ir_push_results(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef first);
LLVMValueRef ir_call_helper(struct ir_func *f, enum ir_helper h, LLVMValueRef *args, unsigned nargs);

#endif
