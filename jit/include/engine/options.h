/* options.h: one parser for the command's options and the image's kernel command line. */
#ifndef JIT_OPTIONS_H
#define JIT_OPTIONS_H

#include "inst_state.h"
#include "plat.h"
#include "tier.h"

#define OPTIONS_LIST_MAX 64
struct options_list {
    const char *item[OPTIONS_LIST_MAX];
    u32 n;
};
enum options_compile { COMPILE_AUTO, COMPILE_SYNC, COMPILE_BACKGROUND };
struct options { /* strings point into argv */
    int tier;    /* enum tier_mode */
    bool base_memory, verbose, fuzz, manifest;
    bool objects;               /* code goes through packed objects (tier.h) */
    int profile, osr, baseline; /* -1: not given */
    u32 cold_bytes;             /* tier_config's */
    int compile;                /* enum options_compile */
    int patterns;               /* -1: not given */
    enum options_kernels { KERNELS_TRIED, KERNELS_TRUSTED, KERNELS_WRONG } kernels;
    bool fp_relaxed;
    const char *cpu, *state, *report, *invoke, *invoke_list, *name, *export_to, *export_cpu, *export_code,
        *export_state, *export_when;
    u64 threshold;                                      /* 0: defaults */
    u64 state_period, converge_boots, converge_seconds; /* 0: not */
    u64 sample_hz;                                      /* 0: off */
    u64 max_memory;                                     /* bytes; UINT64_MAX: no bound */
    u64 fuel;                                           /* UINT64_MAX: no limit */
    u64 timeout_ns;                                     /* 0: none */
    struct options_list dirs, env;
    struct options_list kept; /* options that are the app's rather than about this run, as they were given */
    /* No options. */
    const char *learnt; /* nothing is run, what is known of the app comes from this state (a file or disk) */
    void (*ended)(bool well); /* when the app has ended; not well: it trapped, or could not be run */
    /* Called after a run that was possible at all, before the report, with the exit code; returns another
     * one, or the same. */
    int (*finished)(void *env, struct rt_instance *i, int code);
    void *finished_env;
    /* Called when the instance has come to this phase. An error ends the run. */
    status (*keep)(void *env, const struct rt_instance *i, enum inst_phase phase, struct err *e);
    void *keep_env;
    enum inst_phase keep_phase;
    bool may_lack_start; /* without _start and --invoke nothing is called, instead of an error */
};
/* Whether nothing is to be compiled by LLVM. */
static inline bool options_interpret(const struct options *o)
{
    return o->tier == TIER_MODE_INTERP || o->tier == TIER_MODE_BASELINE;
}
void options_init(struct options *o);
/* Whether `arg` looks like an option of ours ("--name" or "--name=..."). */
bool options_knows(const char *arg);
/* Parses the option at args[0] of `n` words: "--name=value", "--name value" or "--name". `*used` says how
 * many words that took. E_INVAL: not an option, or a value it does not have (`e` says which and what there
 * is). */
MUST_CHECK status options_parse(struct options *o, const char *const *args, size_t n, size_t *used,
                                struct err *e);
/* Prints the list of options, one a line. */
void options_help(enum plat_stream s);

#endif
