/* tier_settle.c: after a run. A function that was warm, but not hot enough to be worth stopping the app for,
 * is compiled when nobody waits; so what the next boot does is decided here, and it starts at its peak. */
#include "plat.h"
#include "tier_priv.h"

/* A function beyond one unit goes up tier by tier, boot by boot: that is what its compilation costs. */
static enum jit_tier goal(struct rt_func *f)
{
    if (tier_size(f) <= TUNE_UNIT_BYTES_O3)
        return TIER_O3;
    return tier_next((enum jit_tier)f->tier);
}

/* How many times over the next boots would spend what leaving the function's tier takes; 0: not worth it. */
static u64 worth(struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    if (f->tier == TIER_O3 || r->stuck || tier_cfg.mode != TIER_MODE_AUTO)
        return 0;
    bool small = tier_size(f) <= TUNE_UNIT_BYTES_O3;
    u32 heat = small ? tier_heat_warm() : tier_cfg.threshold[goal(f)];
    return tier_heat_spent(f) * TUNE_SETTLE_BOOTS / (u64)tier_heat_by_size(f, heat);
}

static struct rt_func *best(struct rt_instance *i)
{
    struct rt_func *found = NULL;
    u64 most = 0;
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        u64 w = worth(&i->own_funcs[k]);
        if (w > most) {
            most = w;
            found = &i->own_funcs[k];
        }
    }
    return found;
}

/* --- In the first boot, unless that is too much: all that was warm together, from scratch. Then neither the
 * order in which functions got hot nor what they were compiled for on the way shows in the code, and calls
 * among them are direct. --- */

static bool joins(struct rt_func *f)
{
    return worth(f) || (f->tier > TIER_INTERP && !tier_record_of(f)->stuck);
}

static bool choose(struct rt_instance *i)
{
    u64 bytes = 0;
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    for (u32 k = 0; k < n; k++)
        bytes += joins(&i->own_funcs[k]) ? tier_size(&i->own_funcs[k]) : 0;
    if (bytes > TUNE_SETTLE_BYTES || tier_sum.functions_loaded)
        return false;
    for (u32 k = 0; k < n; k++)
        tier_record_of(&i->own_funcs[k])->together = joins(&i->own_funcs[k]);
    return true;
}

static void compile_together(struct rt_instance *i)
{
    if (!choose(i))
        return;
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        struct rt_func *f = &i->own_funcs[k];
        if (tier_record_of(f)->together)
            tier_climb(f, TIER_O3);
        tier_record_of(f)->together = false;
    }
}

static void compile_worthy(struct rt_instance *i)
{
    u64 start = plat_ticks(), budget = (start - plat_start_ticks()) / TUNE_SETTLE_SHARE;
    if (budget < TUNE_SETTLE_TICKS)
        budget = TUNE_SETTLE_TICKS;
    struct rt_func *f;
    while (plat_ticks() - start < budget && (f = best(i))) {
        tier_climb(f, goal(f));
        tier_heat_forget(f); /* once is enough: a large one that climbed goes on in the next boot */
    }
}

void tier_settle(struct rt_instance *i)
{
    if (!i->own_funcs[0].host || tier_cfg.mode != TIER_MODE_AUTO)
        return;
    tier_queue_clear(i);
    u64 compiled = tier_sum.ticks_compiler, installed = tier_sum.last_install;
    compile_together(i);
    compile_worthy(i);
    tier_sum.last_install = installed; /* the app had its last code before */
    tier_sum.ticks_settling += tier_sum.ticks_compiler - compiled;
}
