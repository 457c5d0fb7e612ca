/* llvm_jit.h: from validated functions to machine code, through LLVM's ORC JIT. The only room that sees LLVM.
 *
 * A unit is a set of functions of one module compiled together. Its roots get a native entry (rt.h); the
 * others are internal copies that roots call directly or inline. Calls that leave the unit go through slots.
 * Code lands in the arena MAP_CODE_BASE..MAP_CODE_END, never writable and executable at once, and is
 * registered with rt_code_add. LLVM's constructors run at the first llvm_jit_compile, not before. */
#ifndef JIT_LLVM_JIT_H
#define JIT_LLVM_JIT_H

#include "cpu_features.h"
#include "rt.h"
#include "wasm.h"

enum jit_tier { TIER_INTERP, TIER_O0, TIER_O1, TIER_O2, TIER_O3, TIER_COUNT };

enum bailout {
#define BAILOUT(id, text) BAILOUT_##id,
#include "bailouts.def"
#undef BAILOUT
    BAILOUT_COUNT
};
const char *bailout_text(enum bailout b);

struct llvm_jit_config {
    const char *cpu; /* "native" or LLVM's name; features follow from CPUID (native) or from the name */
    bool verify;     /* run LLVM's verifier on every function (tests) */
    /* llvm_jit_compile hands out the relocatable object instead of linking it (jit/snapshot does). */
    bool objects;
    /* Nobody waits, and the result is to be the same on any machine: a limit of time ends only what has gone
     * astray (LLVM_PATIENCE). */
    bool patient;
};
MUST_CHECK status llvm_jit_init(const struct llvm_jit_config *c,
                                struct err *e); /* cheap: does not touch LLVM */
void llvm_jit_fini(void);

struct llvm_unit_func {
    u32 index; /* a function with a body */
    bool root;
    const u32 *counts; /* what has been counted (wasm_counts.h); NULL: nothing */
    const u8 *seen;    /* by arm (wasm_arms.h): whether it was ever reached. Where it was not, code calls
                          rt_h_leave(). NULL: all were. May change meanwhile */
    bool keep_loops;   /* what may be a known loop (wasm_arms.h) is there as a whole, reached or not */
};
enum jit_sites {                    /* places where a pattern was found (patterns.h) that become kernels */
                 JIT_SITES_TRUSTED, /* all but those in quarantine */
                 JIT_SITES_TRIED    /* the same; code compares kernel and original now and then */
};
struct llvm_unit {
    const struct wasm_module *module;
    struct rt_instance *inst; /* the instance whose slots are meant; NULL: code for any (anneal compile) */
    enum jit_tier tier;
    bool fixed_inst; /* the instance block is at MAP_DATA_BASE */
    bool fixed_mem;  /* memory 0 is at MAP_MEM0_BASE */
    bool short_mem;  /* it never grows beyond RT_SHORT_MEMORY; with fixed_mem only */
    bool bind;       /* code may name what lies where in this process: it does not outlive `inst` */
    bool count_heat; /* entries and back-edges count down rt_func.heat and call rt_h_tier_up below zero */
    bool counts;     /* it counts for the next tier (wasm_counts.h): the array must be there */
    bool fuel;       /* entries and loops charge rt_thread.fuel (wasm_fuel.h) */
    bool profile;    /* every finished call reports its ticks by rt_h_profile_exit */
    bool small;      /* its functions are called too seldom for anything but their size to matter */
    bool patterns;   /* loops that are known algorithms become kernels (jit/patterns), at O3 */
    enum jit_sites sites;
    bool fp_relaxed; /* such kernels may add in another order, and fuse */
    bool forms;      /* only to see the forms of large loops, which are printed (tests/patterns/rows) */
    bool osr; /* one function only, entered at loop `osr_loop`: void osr(struct rt_instance *, rt_cell *frame)
               */
    u32 osr_loop; /* with locals and operands from `frame` (interp.h), results to frame[0..nresults) */
    u32 nfuncs;
    const struct llvm_unit_func *funcs;
};
struct llvm_code {
    void **entry;   /* nfuncs entries: native entry of each root, NULL for the others; owned by this struct */
    u64 code_bytes; /* machine code */
    u64 data_bytes; /* read-only data beside it */
    u64 ticks_translate, ticks_optimise, ticks_codegen, ticks_link;
    uintptr_t text_start, text_end; /* where the machine code lies */
    void *handle;                   /* for llvm_code_free */
    /* Config `objects`: the ELF object, owned by this struct; of the rest only the ticks are set. Functions
     * are named u<n>f<index>; symbols with something behind a dot are copies that LLVM made. */
    u8 *object;
    size_t object_bytes;
    struct cpu_features features; /* instructions it may use */
};
/* Compiles. ST_OK fills `out`. Else `*why` says why; nothing is kept, and the next compilation works. */
MUST_CHECK status llvm_jit_compile(const struct llvm_unit *u, struct llvm_code *out, enum bailout *why,
                                   struct err *e);
/* Starts LLVM, which the first compilation does otherwise, and makes the code generators of `n` tiers. */
void llvm_jit_prepare(const enum jit_tier *tiers, u32 n);
/* From any thread: whether compilations, the running one as well, are to end soon, without a result. */
void llvm_jit_cancel(bool on);
/* Frees code that no frame can be in, and no slot names. */
void llvm_code_free(struct llvm_code *c);
/* LLVM's version, "19.1.4". Does not touch LLVM. */
const char *llvm_jit_version(void);
/* Bytes of the arena in use, and at the peak. */
void llvm_jit_memory(u64 *used, u64 *peak);
/* The unit's optimised IR or assembly as text (heap_free), for `anneal compile --emit` and debugging. */
MUST_CHECK status llvm_jit_emit_text(const struct llvm_unit *u, bool assembly, char **out, struct err *e);
/* Tests: how the next compilation fails (LLVM_FATAL: by a fatal error inside LLVM). */
extern enum bailout llvm_jit_test_fail;

#endif
