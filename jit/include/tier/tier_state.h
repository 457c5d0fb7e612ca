/* tier_state.h: compiled code and profile out of a running instance, and back into one of a later boot.
 *
 * Neither direction touches LLVM. Needs tier_config.objects. */
#ifndef JIT_TIER_STATE_H
#define JIT_TIER_STATE_H

#include "state_format.h"
#include "tier.h"

/* Where records go: one after the other, each of exactly the bytes announced. */
struct tier_sink {
    status (*record)(void *env, u32 type, u64 bytes, struct err *e);
    status (*bytes)(void *env, const void *data, size_t len, struct err *e);
    void *env;
};
/* Where they come from. `next`: E_NOTFOUND behind the last; `read`: the whole record into `buf`. */
struct tier_source {
    status (*next)(void *env, u32 *type, u64 *bytes, struct err *e);
    status (*read)(void *env, void *buf, struct err *e);
    void *env;
};
/* The records of state_format.h: the key, every unit that a slot or an OSR entry names, and the profile with
 * what was loaded before. `cpu`: the option --cpu. */
MUST_CHECK status tier_state_save(struct rt_instance *i, const char *cpu, const struct tier_sink *to,
                                  struct err *e);
/* Installs what fits, before the first call into `i`; records of other types are passed over. E_UNSUPPORTED:
 * the state is of something else, `e` says what, and nothing was installed. A unit that is damaged or that
 * this processor cannot run is left out; the last one's reason is in `e`, with ST_OK. */
MUST_CHECK status tier_state_load(struct rt_instance *i, const char *cpu, const struct tier_source *from,
                                  struct err *e);

/* Takes only what ran and what was warm, whatever the options and the processor of that run were: enough for
 * tier_state_export without a run. E_UNSUPPORTED: it is of something else, or has no profile. */
MUST_CHECK status tier_state_profile(struct rt_instance *i, const struct tier_source *from, struct err *e);

/* Takes only what is known about places where kernels stand for code (patterns.h). Errors as above. */
MUST_CHECK status tier_state_sites(const struct wasm_module *m, const struct tier_source *from,
                                   struct err *e);

/* For images that carry their code (payload.h), whose module and compiler are known to be the right ones:
 * checks the rest of a key; takes one record STATE_UNIT. Errors as above. */
MUST_CHECK status tier_state_fits(struct rt_instance *i, const struct state_key *k, struct err *e);
MUST_CHECK status tier_state_unit(struct rt_instance *i, const u8 *bytes, size_t len, struct err *e);

enum tier_export_code { TIER_EXPORT_HOT, TIER_EXPORT_CALLED, TIER_EXPORT_ALL }; /* of the app's functions */
/* After a run: compiles functions anew at O3 and hands out the key and one record STATE_UNIT for each
 * compilation, in an order that depends on the module and on the choice alone: what was warm, in the run or
 * in those that a loaded state remembers; or (`rest`) what else was called, or everything else, which is made
 * small rather than fast. Tiers and what the report says stay what they were, but nothing of `i` may run any
 * more. A function that cannot be compiled is left out, `failed` counts them; so is what does not fit into
 * bytes_max, the most needed first. */
struct tier_exported { /* of one function, to be named in a manifest */
    u32 index, code_bytes;
    enum jit_tier tier;
};
struct tier_export {
    const char *cpu; /* --cpu */
    enum tier_export_code code;
    bool rest;     /* what is not warm instead of what is */
    u64 bytes_max; /* of all units together */
    bool profile;  /* code that measures calls (tier_config) */
    const struct tier_sink *to;
    void (*function)(void *env, const struct tier_exported *f);
    void *env;
    u32 functions, failed, left_out; /* result */
    u64 bytes;
    struct cpu_features features;
};
MUST_CHECK status tier_state_export(struct rt_instance *i, struct tier_export *x, struct err *e);

#endif
