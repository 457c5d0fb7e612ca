/* tier.c: one record per function, and what a slot's entries point to in each state. */
#include "tier_priv.h"

#include <string.h>

#include "fmt.h"
#include "heap.h"
#include "interp.h"
#include "plat.h"

struct tier_config tier_cfg;
struct tier_totals tier_sum;

static const u32 defaults[TIER_COUNT] = {0, TUNE_HEAT_O0, TUNE_HEAT_O1, TUNE_HEAT_O2, TUNE_HEAT_O3};

/* TIER_COUNT: there is none. */
static enum jit_tier step_after(const u32 threshold[TIER_COUNT], enum jit_tier t)
{
    do
        t++;
    while (t < TIER_COUNT && !threshold[t]);
    return t;
}

enum jit_tier tier_next(enum jit_tier t)
{
    enum jit_tier next = step_after(tier_cfg.threshold, t);
    return next < TIER_COUNT ? next : TIER_O3;
}

u32 tier_heat_warm(void)
{
    u32 first = tier_cfg.threshold[tier_next(TIER_INTERP)];
    return first < TUNE_HEAT_WARM ? first : TUNE_HEAT_WARM;
}

static u32 in_proportion(u64 n, u32 heat)
{
    u64 scaled = n * heat / defaults[step_after(defaults, TIER_INTERP)];
    return scaled > INT32_MAX ? INT32_MAX : scaled || !n ? (u32)scaled : 1;
}

void tier_thresholds_from(u32 heat, struct tier_config *c)
{
    for (int t = TIER_INTERP; t < TIER_COUNT; t++)
        c->threshold[t] = in_proportion(defaults[t], heat);
    c->osr_ticks = in_proportion(TUNE_OSR_TICKS, heat);
}

status tier_init(const struct tier_config *c)
{
    tier_cfg = *c;
    tier_sum = (struct tier_totals){0};
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        if (!tier_cfg.threshold[t])
            tier_cfg.threshold[t] = defaults[t];
    }
    if (!tier_cfg.cold_bytes)
        tier_cfg.cold_bytes = TUNE_COLD_BYTES;
    if (!tier_cfg.osr_ticks)
        tier_cfg.osr_ticks = TUNE_OSR_TICKS;
    if (c->mode == TIER_MODE_BASELINE) {
        tier_cfg.mode = TIER_MODE_INTERP;
        tier_cfg.baseline = true;
    }
    interp_profile = c->profile;
    return ST_OK;
}

void tier_set_thresholds(const u32 threshold[TIER_COUNT])
{
    for (int t = TIER_O0; t < TIER_COUNT; t++) {
        if (threshold[t])
            tier_cfg.threshold[t] = threshold[t];
    }
}

/* --- Entries. With `profile` each crossing between interpreter, compiled code and host tells jit/prof. ---
 */

static void profiled_interpreter(struct rt_func *f, rt_cell *cells)
{
    enum prof_phase was = prof_enter(PROF_INTERP);
    interp_call(f, cells);
    prof_enter(was);
}

static void profiled_compiled(struct rt_func *f, rt_cell *cells)
{
    enum prof_phase was = prof_enter(PROF_COMPILED);
    rt_cells_to_native(f, cells);
    prof_enter(was);
}

s32 tier_heat_by_size(struct rt_func *f, u32 heat)
{
    /* Where nothing is compiled beside the app, it had better not wait for O1 for longer than the function
     * has taken. */
    bool waits = f->tier == TIER_INTERP && !tier_cfg.background && !tier_cfg.by_counts;
    u32 size = tier_reached(f), most = waits ? TUNE_SIZE_MOST_WAITED : TUNE_SIZE_MOST;
    u32 huge = waits ? TUNE_SIZE_HUGE_FACTOR_WAITED : f->tier > TIER_INTERP ? TUNE_SIZE_HUGE_FACTOR : 0;
    u64 steps = size < most ? size : most;
    if (size > TUNE_SIZE_HUGE)
        steps += (u64)(size - TUNE_SIZE_HUGE) * huge;
    u64 scaled = (u64)heat * (1 + steps / TUNE_SIZE_STEP);
    return scaled < INT32_MAX ? (s32)scaled : INT32_MAX;
}

bool tier_is_paid(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    double factor = (double)TUNE_PAID_FACTOR * tier_cfg.threshold[TIER_O3] / TUNE_HEAT_O3;
    return f->tier == TIER_INTERP || !tier_cfg.background ||
           (double)(plat_ticks() - r->since) >= (double)r->cost * factor;
}

/* What an earlier boot has spent already, once: for a boot that was cut short. One that ended has decided
 * what its heat was worth (tier_settle). */
static s32 heat_from_before(const struct rt_func *f, struct tier_record *r, s32 heat)
{
    if (!r->before.ran || heat == INT32_MAX)
        return heat;
    s32 left = r->before.tier == f->tier ? r->before.heat : heat;
    if (f->tier == TIER_INTERP && r->osr)
        left = TIER_HEAT_LOADED_OSR;
    else
        r->before.heat = INT32_MAX;
    return left < heat ? left : heat;
}

static u64 spent_of_set(const struct rt_func *f, const struct tier_record *r)
{
    s64 spent = (s64)r->heat_set - f->heat;
    return r->heat_set != INT32_MAX && spent > 0 ? (u64)spent : 0;
}

u64 tier_heat_spent(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    return r->heat_spent + spent_of_set(f, r);
}

u8 tier_worth(const struct rt_func *f)
{
    u64 now = tier_heat_spent(f) / (tier_size(f) + 1u) + 1;
    u8 worth = (u8)(63 - __builtin_clzll(now)), before = tier_record_of(f)->before.worth;
    return worth > before ? worth : before;
}

void tier_borrow_heat(struct rt_func *f, s32 heat)
{
    struct tier_record *r = tier_record_of(f);
    r->heat_spent += spent_of_set(f, r);
    r->heat_set = heat;
    f->heat = heat;
}

void tier_heat_forget(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    r->heat_spent = 0;
    r->heat_set = f->heat;
}

void tier_set_heat(struct rt_func *f)
{
    s32 heat = INT32_MAX;
    if (tier_cfg.mode == TIER_MODE_AUTO && f->tier < TIER_O3 && !tier_record_of(f)->stuck)
        heat = tier_heat_by_size(f, tier_cfg.threshold[tier_next((enum jit_tier)f->tier)]);
    struct tier_record *r = tier_record_of(f);
    heat = heat_from_before(f, r, heat);
    r->slice = heat < TUNE_HEAT_LOOK ? heat : TUNE_HEAT_LOOK;
    r->heat_left = f->tier == TIER_INTERP && heat != INT32_MAX ? heat - r->slice : 0;
    tier_borrow_heat(f, heat - r->heat_left);
}

void tier_set_interpreter_entry(struct rt_func *f)
{
    const struct baseline_code *c = tier_record_of(f)->baseline;
    if (tier_cfg.profile)
        f->cells = c ? profiled_compiled : profiled_interpreter;
    else
        f->cells = c ? c->cells : interp_call;
}

void tier_set_interpreter(struct rt_func *f)
{
    f->tier = TIER_INTERP;
    tier_set_interpreter_entry(f);
    tier_set_heat(f);
}

void tier_count_change(bool stored)
{
    tier_sum.last_install = plat_ticks();
    if (stored)
        return;
    tier_sum.last_change = tier_sum.last_install;
    tier_sum.changes++;
}

bool tier_ran(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    if (!r) /* of an instance whose initialisation trapped */
        return f->code;
    return f->code || r->baseline || r->code || r->nchanges || r->prof.calls || r->before.ran;
}

void tier_note_change(struct rt_func *f, struct tier_change c)
{
    struct tier_record *r = tier_record_of(f);
    tier_count_change(c.stored);
    if (r->nchanges == r->changes_cap) {
        u32 cap = r->changes_cap ? r->changes_cap * 2 : 4;
        struct tier_change *more = heap_realloc(r->changes, cap * sizeof *more);
        if (!more)
            return; /* the history is for people; the change itself happened */
        r->changes = more;
        r->changes_cap = cap;
    }
    r->changes[r->nchanges++] = c;
    if (tier_cfg.verbose) {
        char name[128];
        wasm_func_name(wasm_module_of(f->inst), f->index, name, sizeof name);
        static const char *const names[] = {"interp", "o0", "o1", "o2", "o3"};
        char cost[48] = "from state";
        if (!c.stored)
            fmt_s(cost, sizeof cost, "%llu ticks to compile", (unsigned long long)c.compile_ticks);
        fmt_out(PLAT_LOG, "tier: %s %s -> %s%s, %llu bytes, %s\n", name, names[c.from], names[c.to],
                c.osr ? " (osr)" : "", (unsigned long long)c.code_bytes, cost);
    }
}

void tier_rely_on_memory(struct rt_instance *i, enum jit_tier t)
{
    struct rt_memory *m = i->layout->nmems ? i->mems[0] : NULL;
    if (t >= TIER_O2 && m && m->fixed && m->bytes <= RT_SHORT_MEMORY)
        m->stays_short = true;
}

void tier_set_compiled(struct rt_func *f, void *entry, struct tier_code *code, enum jit_tier t,
                       u64 compile_ticks)
{
    struct tier_record *r = tier_record_of(f);
    const struct rt_code *where = rt_code_find((uintptr_t)entry);
    tier_note_change(f, (struct tier_change){.ticks = plat_ticks(),
                                             .from = f->tier,
                                             .to = (u8)t,
                                             .stored = code->stored,
                                             .code_bytes = where ? where->end - where->start : 0,
                                             .compile_ticks = compile_ticks});
    struct tier_code *old = r->code;
    tier_rely_on_memory(f->inst, t);
    r->code = code;
    r->heat_before = tier_heat_spent(f);
    r->since = plat_ticks();
    r->cost = compile_ticks;
    code->live++;
    f->tier = (u8)t;
    tier_set_heat(f);
    /* Release: whoever sees the new entry sees the code behind it. */
    __atomic_store_n(&f->native, entry, __ATOMIC_RELEASE);
    __atomic_store_n(&f->cells, tier_cfg.profile ? profiled_compiled : rt_cells_to_native, __ATOMIC_RELEASE);
    if (old)
        tier_code_drop(old);
}

void tier_first_call(struct rt_func *f, rt_cell *cells)
{
    /* An instance whose initialisation trapped was never added, but its functions can be reached through
     * tables. */
    if (!f->host && tier_add_instance(f->inst) != ST_OK)
        rt_trap(TRAP_OUT_OF_MEMORY);
    if (tier_cfg.mode <= TIER_MODE_INTERP || !tier_climb(f, (enum jit_tier)tier_cfg.mode))
        tier_set_interpreter(f);
    if (f->tier == TIER_INTERP && f->heat >= RT_HEAT_CALL)
        tier_baseline(f);
    (void)cells;
    rt_thread.tail = f; /* the new entry takes our place */
}

/* --- Instances. --- */

status tier_add_instance(struct rt_instance *i)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    if (n == 0)
        return ST_OK;
    struct tier_record *records = heap_calloc(n, sizeof *records);
    if (!records)
        return E_NOMEM;
    for (u32 k = 0; k < n; k++) {
        i->own_funcs[k].host = &records[k];
        i->own_funcs[k].heat = INT32_MAX;
    }
    return ST_OK;
}

void tier_remove_instance(struct rt_instance *i)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    if (n == 0 || !i->own_funcs[0].host)
        return;
    tier_queue_drop(i);
    for (u32 k = 0; k < n; k++) {
        struct tier_record *r = tier_record_of(&i->own_funcs[k]);
        heap_free(r->changes);
        heap_free(r->callees);
        heap_free(r->counts);
        heap_free(r->seen);
        heap_free(r->arm_bytes);
        baseline_free(r->baseline);
        while (r->osr) {
            struct tier_osr *o = r->osr;
            r->osr = o->next;
            heap_free(o);
        }
    }
    tier_code_free_all(i);
    heap_free(i->own_funcs[0].host);
    i->own_funcs[0].host = NULL;
}

/* --- Reading. --- */

void tier_func_info(const struct rt_instance *i, u32 func, struct tier_func_info *out)
{
    *out = (struct tier_func_info){0};
    const struct rt_layout *l = i->layout;
    if (func < l->imp_funcs || func >= l->nfuncs)
        return;
    const struct rt_func *f = &i->own_funcs[func - l->imp_funcs];
    const struct tier_record *r = tier_record_of(f);
    if (!r)
        return;
    *out = (struct tier_func_info){.calls = r->prof.calls,
                                   .ticks = r->prof.ticks,
                                   .ticks_min = r->prof.ticks_min,
                                   .ticks_max = r->prof.ticks_max,
                                   .tier = f->tier > r->copy_tier ? f->tier : r->copy_tier,
                                   .nchanges = r->nchanges,
                                   .changes = r->changes,
                                   .bailout = r->bailout};
}

void tier_totals(struct tier_totals *out)
{
    *out = tier_sum;
}
