/* tier_converge.h: whether boots still learn anything, and what each of them did (state_format.h). */
#ifndef JIT_TIER_CONVERGE_H
#define JIT_TIER_CONVERGE_H

#include "state_format.h"
#include "tier.h"

/* Nothing changes any more: no function ran for the first time and no tier changed in the last `boots` boots
 * that ended, or in the last `ticks` of running, over all boots. 0: that half is off. */
struct tier_converge_rule {
    u32 boots;
    u64 ticks;
};
struct tier_boot_times { /* plat_ticks(); 0: not yet */
    u64 began;           /* the app's first instruction */
    u64 wrote;           /* its first output */
    u64 ended;
};
/* What is told here holds for all below. */
void tier_converge_set_rule(const struct tier_converge_rule *r);
void tier_boot_times(const struct tier_boot_times *t);
/* Looks for functions that ran for the first time; only such a look can say when. */
void tier_boot_watch(const struct rt_instance *i);

/* The present boot so far. `i` has its records (tier_add_instance). */
void tier_boot_now(const struct rt_instance *i, struct state_boot *out);
/* Earlier ones, the oldest first, as the state had them. Returns how many. */
u32 tier_boots_before(const struct state_boot **first);
/* How many boots that ended, up to and with the present one, changed nothing. */
u32 tier_boots_quiet(const struct rt_instance *i);
/* What the rule says, now. */
bool tier_state_converged(const struct rt_instance *i);

#endif
