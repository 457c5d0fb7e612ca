/* patterns.h: known algorithms, the kernels that replace them, and what became of each place in an app where
 * one was looked for: its certificate. Lists are of the process; `owner` tells modules apart. */
#ifndef JIT_PATTERNS_H
#define JIT_PATTERNS_H

#include "rt.h"

enum pattern {
#define PATTERN(id, ...) PATTERN_##id,
#include "patterns.def"
#undef PATTERN
    PATTERN_COUNT
};
struct pattern_info { /* a row of patterns.def */
    const char *name, *category, *what, *kernels, *evidence, *guards, *strict, *relaxed, *error;
};
extern const struct pattern_info pattern_info[PATTERN_COUNT];

/* LLVM bitcode with all kernels (jit/patterns/kernels). */
extern const u8 patterns_kernels[], patterns_kernels_end[];

/* --- Certificates. The compiler writes them. --- */

/* Code that looks like a pattern: what was found, or why it stays as it is. */
struct pattern_site {
    const void *owner; /* the module */
    u32 func;          /* whose code it stands in, after inlining */
    u32 at;            /* where the loop is in the file, in bytes; 0: not known */
    u32 loop; /* the innermost one, counted among the function's loops from its beginning, callees' included
               */
    enum pattern pattern;
    bool replaced;     /* behind tests, the original stays for when these fail */
    bool relaxed;      /* by a kernel that may differ in rounding */
    const char *text;  /* the kernel, or what is in the way; static */
    char evidence[96]; /* what was matched */
};
#define PATTERN_SITES_MAX 1024 /* later ones are not kept */

/* Keeps a copy; one of the same place is replaced. Allocates nothing: it runs inside of a compilation's
 * budget.
 */
void patterns_note(const struct pattern_site *s);
/* Those that were noted behind the first `n` did not come to be: their compilation failed. */
void patterns_drop_from(u32 n);
const struct pattern_site *patterns_sites(u32 *n);

/* Ticks of looking for patterns, by who looks, and of all compilations in which somebody looked. */
#define PATTERN_SEARCHES 24
struct pattern_ticks {
    u64 patterns, compilations;
    struct pattern_search {
        const char *name; /* null: no more */
        u64 ticks;
    } searches[PATTERN_SEARCHES];
};
extern struct pattern_ticks patterns_ticks;
/* `search`: static. */
void patterns_add_ticks(const char *search, u64 ticks);

/* --- Trials: kernels are compared with the code that they stand for on the first calls of a place, and
 * seldom after that (shadow.c). --- */

struct pattern_trial {
    u32 func, at;
    u32 runs;     /* in which both gave the same */
    u32 too_much; /* that were not compared: too large */
    u32 differed; /* not 0: the place is in quarantine, its kernel is never called again */
    u32 pattern;
    u64 ticks_original, ticks_kernel; /* of the shortest */
    char kernel[32];
};
#define PATTERN_NO_TRIAL UINT32_MAX
/* The number of a place, a new one if it has none. PATTERN_NO_TRIAL: there are too many. */
u32 patterns_trial_number(const void *owner, u32 func, u32 at);
/* NULL: it has none. */
const struct pattern_trial *patterns_trial(const void *owner, u32 func, u32 at);
/* Whether kernels of the place `at` differed in any function that it was inlined into. */
bool patterns_quarantined(const void *owner, u32 at);
/* By number, for a state; false behind the last one. Those of other modules are all zero. */
bool patterns_trial_at(const void *owner, u32 number, struct pattern_trial *out);
/* And back, before anything of `owner` is compiled or loaded. */
void patterns_trials_restore(const void *owner, const struct pattern_trial *t, u32 n);
void patterns_shadow_init(void);

/* With the type in rt_site_call.unordered: terms are squares of the difference of two numbers. */
#define RT_SITE_DIFFERENCES 0x100u

/* Tests: kernels are made wrong. */
extern bool patterns_test_wrong;

#endif
