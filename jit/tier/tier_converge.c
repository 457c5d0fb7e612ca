/* tier_converge.c: what this boot changed, what earlier ones did, and the rule that calls it the end. */
#include "tier_converge.h"

#include <string.h>

#include "heap.h"
#include "plat.h"
#include "tier_priv.h"
#include "tier_state.h"

_Static_assert(sizeof((struct state_boot){0}.tiers) == TIER_COUNT * sizeof(u32), "state_format.h");

static struct tier_converge_rule rule;
static struct tier_boot_times times;
static struct state_boot before[STATE_BOOTS_MAX];
static u32 nbefore;
static u32 new_seen; /* functions that ran for the first time, at the last look */
static u64 last_new; /* when the look found more */

void tier_converge_set_rule(const struct tier_converge_rule *r)
{
    rule = *r;
}

void tier_history_forget(void)
{
    nbefore = new_seen = 0;
    last_new = 0;
    times = (struct tier_boot_times){0};
}

void tier_boot_times(const struct tier_boot_times *t)
{
    times = *t;
}

static u32 own_count(const struct rt_instance *i)
{
    return i->own_funcs[0].host ? i->layout->nfuncs - i->layout->imp_funcs : 0;
}

void tier_boot_watch(const struct rt_instance *i)
{
    u32 n = 0;
    for (u32 k = 0; k < own_count(i); k++)
        n += tier_ran(&i->own_funcs[k]) && !tier_record_of(&i->own_funcs[k])->before.ran;
    if (n != new_seen)
        last_new = times.ended ? times.ended : plat_ticks();
    new_seen = n;
}

static void count_functions(const struct rt_instance *i, struct state_boot *b)
{
    for (u32 k = 0; k < own_count(i); k++) {
        const struct rt_func *f = &i->own_funcs[k];
        struct tier_func_info info;
        tier_func_info(i, f->index, &info);
        if (tier_ran(f)) {
            b->tiers[info.tier]++;
        } else {
            b->dead_functions++;
            b->dead_bytes += tier_size(f);
        }
    }
}

static u64 since_start(u64 ticks)
{
    return ticks ? ticks - plat_start_ticks() : 0;
}

/* All that passed, but for compilations and saves. */
static u64 work(u64 end)
{
    u64 all = times.began ? end - times.began : 0;
    u64 other = rt_thread.ticks_excluded - tier_sum.ticks_settling;
    return all > other ? all - other : 0;
}

static u64 latest(u64 a, u64 b)
{
    return a > b ? a : b;
}

void tier_boot_now(const struct rt_instance *i, struct state_boot *out)
{
    u64 end = times.ended ? times.ended : plat_ticks();
    tier_boot_watch(i);
    u64 changed = latest(latest(tier_sum.last_change, last_new), times.began);
    *out = (struct state_boot){.number = nbefore ? before[nbefore - 1].number + 1 : (u32)tier_sum.boots + 1,
                               .flags = times.ended ? STATE_BOOT_ENDED : 0,
                               .new_functions = new_seen,
                               .changes = (u32)tier_sum.changes,
                               .compilations = (u32)tier_sum.compilations,
                               .code_bytes = tier_sum.code_bytes,
                               .ticks_compiler = tier_sum.ticks_compiler,
                               .ticks_settling = tier_sum.ticks_settling,
                               .ticks_first_wasm = since_start(times.began),
                               .ticks_first_output = since_start(times.wrote),
                               .ticks_peak = since_start(latest(tier_sum.last_install, times.began)),
                               .ticks_work = work(end),
                               .ticks_quiet = times.began && end > changed ? end - changed : 0};
    count_functions(i, out);
}

u32 tier_boots_before(const struct state_boot **first)
{
    *first = before;
    return nbefore;
}

/* --- The rule. --- */

static bool is_quiet(const struct state_boot *b)
{
    return b->new_functions == 0 && b->changes == 0;
}

u32 tier_boots_quiet(const struct rt_instance *i)
{
    struct state_boot now;
    tier_boot_now(i, &now);
    if (!is_quiet(&now))
        return 0;
    u32 n = now.flags & STATE_BOOT_ENDED ? 1 : 0;
    for (u32 k = nbefore; k-- > 0 && is_quiet(&before[k]);)
        n += before[k].flags & STATE_BOOT_ENDED ? 1 : 0;
    return n;
}

/* Time of running since the last change. */
static u64 quiet_ticks(const struct rt_instance *i)
{
    struct state_boot now;
    tier_boot_now(i, &now);
    u64 sum = now.ticks_quiet;
    const struct state_boot *b = &now;
    for (u32 k = nbefore; k-- > 0 && is_quiet(b); b = &before[k])
        sum += before[k].ticks_quiet;
    return sum;
}

bool tier_state_converged(const struct rt_instance *i)
{
    return (rule.boots && tier_boots_quiet(i) >= rule.boots) || (rule.ticks && quiet_ticks(i) >= rule.ticks);
}

/* --- The record. --- */

bool tier_boot_before_ended(void)
{
    return nbefore > 0 && (before[nbefore - 1].flags & STATE_BOOT_ENDED);
}

status tier_history_put(const struct rt_instance *i, const struct tier_sink *to, struct err *e)
{
    struct state_boot now;
    u32 skip = nbefore == STATE_BOOTS_MAX;
    struct state_history h = {.nboots = nbefore - skip + 1};
    tier_boot_now(i, &now);
    now.flags |= tier_state_converged(i) ? STATE_BOOT_CONVERGED : 0;
    TRY(to->record(to->env, STATE_HISTORY, sizeof h + h.nboots * sizeof now, e));
    TRY(to->bytes(to->env, &h, sizeof h, e));
    TRY(to->bytes(to->env, before + skip, (nbefore - skip) * sizeof now, e));
    return to->bytes(to->env, &now, sizeof now, e);
}

status tier_history_take(const u8 *bytes, size_t len, struct err *e)
{
    struct state_history h;
    memcpy(&h, bytes, len < sizeof h ? 0 : sizeof h);
    if (len < sizeof h || h.nboots > STATE_BOOTS_MAX || len != sizeof h + h.nboots * sizeof before[0])
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the state is damaged: the history of boots");
    memcpy(before, bytes + sizeof h, h.nboots * sizeof before[0]);
    nbefore = h.nboots;
    return ST_OK;
}
