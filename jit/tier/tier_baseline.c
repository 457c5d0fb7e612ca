/* tier_baseline.c: code made in one pass (baseline.h) is part of the interpreter's tier: it counts the same
 * heat, and goes to the same steps of the ladder. */
#include "interp.h"
#include "plat.h"
#include "tier_priv.h"

void tier_baseline(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    if (!tier_cfg.baseline || r->baseline)
        return;
    baseline_profile = tier_cfg.profile;
    if (!tier_whole(f, false))
        return;
    __atomic_store_n(&f->native, r->baseline->entry, __ATOMIC_RELEASE);
    tier_set_interpreter_entry(f);
}

/* The interpreter's way to leave a loop has an activation. */
bool baseline_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame)
{
    struct rt_activation activation = {.prev = rt_thread.interp_top, .func = f};
    rt_thread.interp_top = &activation;
    bool done = interp_on_hot_loop(f, loop, frame);
    rt_thread.interp_top = activation.prev;
    return done;
}
