/* tier_baseline.c: code made in one pass (baseline.h) is part of the interpreter's tier: it counts the same
 * heat, and goes to the same steps of the ladder. */
#include "interp.h"
#include "plat.h"
#include "tier_priv.h"

bool tier_baseline(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    r->baseline = baseline_compile(f);
    if (!r->baseline)
        return false;
    __atomic_store_n(&f->native, r->baseline->entry, __ATOMIC_RELEASE);
    tier_set_interpreter_entry(f);
    return true;
}

enum interp_young interp_on_young(struct rt_func *f, u32 loop, rt_cell *frame)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.baseline == TIER_BASELINE_NEVER || f->tier != TIER_INTERP)
        return INTERP_COPY;
    if (!r->baseline && !tier_baseline(f))
        return INTERP_COPY;
    if (loop == INTERP_ENTRY)
        return INTERP_GO_ON;
    /* A backtrace shows this call once: as compiled code. */
    struct rt_activation *mine = rt_thread.interp_top;
    rt_thread.interp_top = mine->prev;
    bool done = baseline_enter(r->baseline, f, loop, frame);
    rt_thread.interp_top = mine;
    return done ? INTERP_DONE : INTERP_GO_ON;
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
