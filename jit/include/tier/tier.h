/* tier.h: which function runs in which tier, and when it climbs. See tuning.def for the thresholds. */
#ifndef JIT_TIER_H
#define JIT_TIER_H

#include "llvm_jit.h"
#include "rt.h"
#include "wasm.h"

enum tier_mode {                          /* --tier */
                 TIER_MODE_BASELINE = -2, /* the interpreter's tier, with `baseline` */
                 TIER_MODE_AUTO = -1,
                 TIER_MODE_INTERP = TIER_INTERP,
                 TIER_MODE_O0,
                 TIER_MODE_O1,
                 TIER_MODE_O2,
                 TIER_MODE_O3,
};
#define TIER_COLD_ALL (UINT32_MAX - 1)
#define TIER_COLD_OFF UINT32_MAX
struct tier_config {
    enum tier_mode mode; /* fixed tiers compile each function at its first call */
    bool baseline; /* auto: what is called first gets code made in one pass (baseline.h), not the interpreter
                    */
    bool profile;  /* measure ticks of every call (jit_runtime.h); code carries the instrumentation */
    bool osr;      /* default true */
    bool counts;   /* code of the baseline, or of O1, counts for O3 (wasm_counts.h) */
    bool bind;     /* code does not outlive the process, and may name what lies where */
    bool background;           /* auto: compile on plat.h's worker, if there is one; needs `objects` */
    bool by_counts;            /* what is compiled depends on what the app does, not on how long it takes */
    u32 threshold[TIER_COUNT]; /* heat in the step below to reach a tier; 0: tuning.def's */
    u32 osr_ticks;             /* the same for OSR_TICKS */
    u32 cold_bytes;            /* the same for COLD_BYTES; TIER_COLD_OFF: all code is compiled; TIER_COLD_ALL:
                                  in fixed tiers, too, as if nothing had been reached (tests) */
    bool patterns, fp_relaxed; /* of O3 (llvm_jit.h) */
    enum jit_sites sites;
    bool verbose; /* a line per tier change on PLAT_LOG */
    /* Code is loaded from packed objects (obj.h), which are kept, instead of being linked by the compiler;
     * for state that outlives the boot. llvm_jit_config.objects must say the same. */
    bool objects;
};
MUST_CHECK status tier_init(const struct tier_config *c);
/* Ends the worker. Every instance has been removed. */
void tier_fini(void);
/* rt_func.cells of functions that never ran: give this to wasm_instantiate. Decides interpreter or compiler.
 */
void tier_first_call(struct rt_func *f, rt_cell *cells);
/* tuning.def's ladder with its first step at `heat` and the others, and what OSR takes, in proportion. */
void tier_thresholds_from(u32 heat, struct tier_config *c);
/* New thresholds for what climbs from now on; 0 keeps the old one, or the tier none of the steps. */
void tier_set_thresholds(const u32 threshold[TIER_COUNT]);
/* Compiles every function with at least the heat that leaves the interpreter at the highest tier, now.
 * Returns how many. */
u32 tier_compile_hot(struct rt_instance *i);
/* After a run: compiles what would be worth it if every run were like this one, the hottest first, so that
 * the next boot starts with it; for no longer than tuning.def says. */
void tier_settle(struct rt_instance *i);
/* In a fixed tier: compiles every function that has no code yet, though nobody may ever call it. Returns how
 * many did not compile. */
u32 tier_compile_all(struct rt_instance *i);
/* Registers a fresh instance (sets heat, remembers it for the report). After wasm_instantiate. */
MUST_CHECK status tier_add_instance(struct rt_instance *i);
/* Frees its records and code. No function of it may be running or called again. */
void tier_remove_instance(struct rt_instance *i);

/* What the report and jit_runtime.h read. */
struct tier_change {
    u64 ticks; /* plat_ticks() when the slot changed */
    u8 from, to;
    bool osr;
    bool stored; /* the code came from a state, nothing was compiled */
    u32 loop;    /* OSR: which */
    u64 code_bytes, compile_ticks;
};
struct tier_func_info {
    u64 calls, ticks, ticks_min, ticks_max; /* finished calls; ticks include callees; 0 without `profile` */
    enum jit_tier tier; /* the highest whose code holds the function, as its own or as a copy */
    u32 nchanges;
    const struct tier_change *changes;
    enum bailout bailout; /* of the last failed compilation */
};
void tier_func_info(const struct rt_instance *i, u32 func, struct tier_func_info *out);
/* Whether an instance's own function ever ran, in this boot or an earlier one. With measured calls also when
 * only copies of it did, that others have inside. */
bool tier_ran(const struct rt_func *f);
struct tier_totals {
    u64 compilations, bailouts, functions_compiled, osr_entries, code_bytes;
    u64 left;           /* calls that were left to code that has all of the function (tier_leave.c) */
    u64 ticks_compiler; /* spent in llvm_jit_compile */
    u64 ticks_beside;   /* of these: by the worker, while the app ran on */
    u64 boots;          /* before this one, by the state that was loaded */
    u64 functions_loaded, ticks_loading; /* from it */
    u64 changes;        /* slots and loops that got code compiled now, and compilations that failed */
    u64 last_change;    /* plat_ticks() of the last one; 0: none */
    u64 last_install;   /* the same of any code, also such from a state */
    u64 ticks_settling; /* of ticks_compiler: in tier_settle */
};
void tier_totals(struct tier_totals *out);

#endif
