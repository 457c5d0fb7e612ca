/* llvm_priv.h: the parts of jit/llvm to each other. */
#ifndef JIT_LLVM_PRIV_H
#define JIT_LLVM_PRIV_H

#include <llvm-c/TargetMachine.h>
#include <llvm-c/Types.h>

#include "llvm_jit.h"
#include "rt_arena.h"
#include "rt_symbols.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ends the running compilation; only while one runs. llvm_bail: from our own code, LLVM is in order.
 * llvm_fatal: from inside LLVM, whose state is abandoned. */
_Noreturn void llvm_bail(enum bailout why, const char *text);
_Noreturn void llvm_fatal(enum bailout why, const char *text);
/* Ends the running compilation by llvm_fatal() if it has used up its time or memory, or is cancelled. */
void llvm_check_budget(void);
bool llvm_is_cancelled(void);
/* LLVM or the C library is about to abort the program: ends the running compilation, else returns. The C
 * library below calls it (image), or a signal handler does (llvm_abort_host.c). */
void llvm_on_abort(void);
void llvm_abort_install(void); /* arranges for that */

/* --- ir_build.c --- */
struct llvm_target { /* what code is made for */
    const char *cpu, *features;
};
struct ir_tools {      /* owned by the caller, who frees them also when the translator bails out */
    LLVMModuleRef mod; /* empty but for its data layout */
    LLVMBuilderRef b, entry;
    struct arena *arena;
};
#define IR_SLOT_CALL "slot."            /* with a copy's name: calls the function that it is a copy of */
#define IR_UNREACHED "anneal.unreached" /* whether an arm was not reached: true, from UnreachedPass on */
#define IR_LOADER    "anneal.load." /* functions that stand for loads which may trap, until LowerLoadsPass */
#define IR_OFFSET    "anneal.at"    /* metadata of accesses of linear memory: where they are in the file */
/* Fills the module with the unit; ends by llvm_bail() when it cannot. Functions are named u<id>f<index>. */
void ir_build(const struct llvm_unit *u, u32 id, const struct llvm_target *t, const struct ir_tools *tools);

/* --- llvm_pipeline.cpp --- */
/* Once, before anything else: registers the target and routes LLVM's fatal errors to llvm_bail(). */
void llvm_pipeline_init(void);
/* CPU name and feature list ("+a,-b"), tuning included; cpu "native" asks the processor. heap_free both. */
void llvm_pipeline_cpu(const char *cpu, char **name, char **features);
LLVMTargetMachineRef llvm_pipeline_target(enum jit_tier tier,
                                          const struct llvm_target *t); /* NULL: unknown CPU */
/* The instructions that the machine's code may use. */
void llvm_pipeline_features(LLVMTargetMachineRef tm, struct cpu_features *out);
/* Runs the tier's passes; optional ones stop at `deadline` (plat_ticks). False: the time was used up. */
bool llvm_pipeline_run(LLVMModuleRef m, LLVMTargetMachineRef tm, const struct llvm_unit *u, u64 deadline);
/* Whether the unit is one in which known algorithms become kernels. */
bool llvm_pipeline_replaces(const struct llvm_unit *u);
/* Looks for loops whose form is known, and does no more: the module is of no use afterwards. Calls found()
 * for each. */
void llvm_pipeline_look(LLVMModuleRef m, LLVMTargetMachineRef tm, const struct llvm_unit *u,
                        void (*found)(void *env, u32 func), void *env);
/* What code generation has to deal with: instructions, and the values that phis choose from. */
u64 llvm_pipeline_values(LLVMModuleRef m);
/* Generates an object or assembly; `watched`: asks llvm_check_budget() between the passes. NULL: LLVM cannot.
 */
LLVMMemoryBufferRef llvm_pipeline_emit(LLVMModuleRef m, LLVMTargetMachineRef tm, enum jit_tier tier,
                                       bool assembly, bool watched);
/* A fatal error as LLVM raises them, for tests. */
void llvm_pipeline_fatal(void);

/* --- llvm_link.cpp: objects through ORC and JITLink into the arena --- */
struct llvm_span { /* of one linked object */
    void *p;
    size_t bytes;
};
struct llvm_symbol { /* a function of a linked object */
    char name[32];
    uintptr_t start;
    size_t bytes;
};
struct llvm_object {                        /* filled by llvm_link_add; arrays owned by this struct */
    struct llvm_span spans[RT_ARENA_KINDS]; /* p NULL: none */
    u32 nsymbols, symbols_cap;
    struct llvm_symbol *symbols;
    void *tracker;
    void *session; /* the session that linked it */
    char error[160];
};
struct llvm_session;
struct llvm_session *llvm_session_create(void); /* knows rt_symbols; NULL: failed */
void llvm_session_destroy(struct llvm_session *s);
/* Links `object` (consumed), which defines `name`. False: `o->error` says why, or the arena was full
 * (`*full`). */
bool llvm_link_add(struct llvm_session *s, LLVMMemoryBufferRef object, const char *name,
                   struct llvm_object *o, bool *full);
/* Frees its memory. `s`: the session alive now; if it is not the one that linked, only the pages are freed.
 */
void llvm_link_remove(struct llvm_session *s, struct llvm_object *o);

#ifdef __cplusplus
}
#endif

#endif
