/* tier_state.h: compiled code and profile out of a running instance, and back into one of a later boot.
 *
 * Neither direction touches LLVM. Needs tier_config.objects. */
#ifndef JIT_TIER_STATE_H
#define JIT_TIER_STATE_H

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

#endif
