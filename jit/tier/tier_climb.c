/* tier_climb.c: promotion. The interpreter and compiled code below O3 count heat down; below zero they ask
 * here. What is worth compiling then is compiled at once, or asked of the worker (tier_queue.c) while the
 * function goes on as it is and asks again and again. */
#include "tier_priv.h"

#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "rt_helpers.h"

void tier_give_up(struct rt_func *f, enum bailout why)
{
    struct tier_record *r = tier_record_of(f);
    r->bailout = (u8)why;
    r->stuck = true;
    tier_count_change(false);
    tier_set_heat(f); /* which is never again */
}

bool tier_climb(struct rt_func *f, enum jit_tier t)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct llvm_unit u;
    enum bailout why;
    tier_unit_build(f, t, false, &u, funcs);
    struct tier_code *code = tier_compile(&u, &why);
    if (!code && u.nfuncs > 1) { /* the company may have been too much */
        tier_unit_build(f, t, true, &u, funcs);
        code = tier_compile(&u, &why);
    }
    if (!code) {
        tier_give_up(f, why);
        return false;
    }
    tier_install(code);
    tier_code_collect();
    return true;
}

/* What is left of the heat that climbing takes comes in slices: at the end of each, somebody looks at the
 * clock. They grow until they are long enough for that. */
static void next_slice(struct rt_func *f, struct tier_record *r)
{
    u64 now = plat_ticks();
    if (!tier_cfg.by_counts && now - r->looked < TUNE_LOOK_TICKS && r->slice < INT32_MAX / 2)
        r->slice *= 2;
    r->looked = now;
    s32 heat = r->slice;
    if (r->heat_left && r->seen) { /* not all of it has been reached, as had been thought */
        s64 most = tier_heat_by_size(f, tier_cfg.threshold[tier_next(TIER_INTERP)]) - (s64)tier_heat_spent(f);
        r->heat_left = most < r->heat_left ? (s32)(most > 0 ? most : 1) : r->heat_left;
    }
    if (r->heat_left) {
        heat = r->heat_left < heat ? r->heat_left : heat;
        r->heat_left -= heat;
    }
    tier_borrow_heat(f, heat);
}

static void climb(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    enum jit_tier to = r->straight_to_final ? TIER_O3 : tier_next((enum jit_tier)f->tier);
    if (tier_cfg.background)
        tier_queue_ask(f, to, NULL);
    else
        tier_climb(f, to);
}

/* Code of the baseline has no call_of_watched(). A frame may be where that of an earlier call was. */
static void notice_call(const struct rt_func *f, struct tier_record *r)
{
    if (!r->hot_frame || !r->baseline || !f->entered)
        return;
    r->hot_frame = NULL;
    r->called_hot = !r->heat_left && !r->stuck;
}

static void promote(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.background && tier_queue_take() && f->heat >= 0)
        return; /* it has just got what it wants */
    if (tier_cfg.mode != TIER_MODE_AUTO || f->tier == TIER_O3 || r->stuck) {
        tier_set_heat(f);
        return;
    }
    if (r->heat_left) {
        next_slice(f, r);
        return;
    }
    if (r->hot_frame && f->tier > TIER_INTERP) { /* the heat was borrowed, but new calls spent it */
        r->hot_frame = NULL;
        tier_set_heat(f);
        return;
    }
    notice_call(f, r);
    if (!tier_is_paid(f)) {
        u32 heat = tier_cfg.threshold[TIER_O3];
        tier_borrow_heat(f, heat < TUNE_HEAT_UNPAID ? (s32)heat : TUNE_HEAT_UNPAID);
        return;
    }
    climb(f);
}

void interp_on_hot_call(struct rt_func *f)
{
    promote(f);
    if (f->tier == TIER_INTERP)
        tier_baseline(f);
}

void rt_h_tier_up(struct rt_instance *i, u32 func)
{
    promote(tier_own_func(i, func));
}

/* --- OSR. --- */

/* A function beyond some size would make the app wait, in the middle of a loop, for too long. */
static bool is_short(const struct rt_func *f)
{
    return tier_size(f) <= TUNE_OSR_O3_BYTES;
}

void tier_unit_osr(struct rt_func *f, u32 loop, struct llvm_unit *u, struct llvm_unit_func *funcs)
{
    tier_unit_build(f, is_short(f) ? TIER_O3 : TIER_O1, true, u, funcs);
    u->osr = true;
    u->count_heat = u->counts = false;
    u->osr_loop = loop;
}

static void osr_compile(struct rt_func *f, struct tier_osr *o)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct llvm_unit u;
    enum bailout why;
    tier_unit_osr(f, o->loop, &u, funcs);
    struct tier_code *c = tier_compile(&u, &why);
    if (c) {
        tier_osr_install(o, c);
    } else {
        tier_record_of(f)->bailout = (u8)why;
        tier_count_change(false);
    }
}

/* Code for the loop, or whatever has to be done until there is some. */
static struct tier_osr *osr_get(struct rt_func *f, u32 loop)
{
    struct tier_osr *o = tier_osr_add(tier_record_of(f), loop);
    if (o && tier_cfg.background)
        tier_queue_ask(f, TIER_O3, o);
    else if (o)
        osr_compile(f, o);
    return o;
}

/* Whether it is worth waiting for another loop of `f`, for which there is code from an earlier boot. */
static bool waits_for_loaded(struct tier_record *r)
{
    for (const struct tier_osr *o = r->osr; o; o = o->next) {
        if (o->code && o->code->stored)
            return r->osr_waits++ < TUNE_OSR_WAITS;
    }
    return false;
}

static void enter(struct rt_func *f, const struct tier_osr *o, rt_cell *frame)
{
    struct tier_record *r = tier_record_of(f);
    r->straight_to_final = is_short(f);
    r->hot_frame = NULL;
    r->osr_misses = 0;
    r->heat_left = 0;
    tier_borrow_heat(f, 0); /* the next call goes to the final tier */
    tier_sum.osr_entries++;
    enum prof_phase was = tier_cfg.profile ? prof_enter(PROF_COMPILED) : PROF_INTERP;
    /* A backtrace shows this call once: as compiled code. */
    struct rt_activation *mine = rt_thread.interp_top;
    rt_thread.interp_top = mine->prev;
    o->enter(f->inst, frame);
    rt_thread.interp_top = mine;
    if (tier_cfg.profile)
        prof_enter(was);
}

/* Stands in for the interpreter's entry while an activation of `f` is watched. */
static void call_of_watched(struct rt_func *f, rt_cell *cells)
{
    (void)cells;
    struct tier_record *r = tier_record_of(f);
    r->hot_frame = NULL;
    tier_set_interpreter_entry(f);
    if (!r->heat_left && !r->stuck) {
        r->called_hot = true;
        climb(f);
    }
    rt_thread.tail = f; /* the new entry takes our place */
}

/* An activation is worth leaving in the middle when it has done as much as compiling takes: ticks since it
 * was first seen, but not those of its callees. Turns of its loops do not take more than the whole body does.
 */
static bool osr_pays(const struct rt_func *f, const struct tier_record *r)
{
    u64 size = tier_size(f);
    u64 ticks = plat_ticks() - rt_thread.ticks_excluded - r->hot_since;
    u64 own = (tier_heat_spent(f) - r->hot_heat) * size * TUNE_TICKS_PER_BYTE;
    u64 cost = (u64)tier_cfg.osr_ticks * (1 + size / TUNE_SIZE_STEP);
    return (ticks >= cost || tier_cfg.by_counts) && own >= cost;
}

static void watch(struct rt_func *f, struct tier_record *r, const rt_cell *frame)
{
    r->hot_frame = frame;
    r->hot_since = plat_ticks() - rt_thread.ticks_excluded;
    r->hot_heat = tier_heat_spent(f);
    f->entered = false;
    if (f->tier == TIER_INTERP && !r->baseline)
        f->cells = call_of_watched;
}

/* Another loop of `f` that has code, or waits for some: the first one that was hot is as good as any, as the
 * app gets there again. NULL: none, or it does not. */
static struct tier_osr *other_loop(struct tier_record *r)
{
    for (struct tier_osr *o = r->osr; o; o = o->next) {
        if (o->asked || (o->enter && r->osr_misses++ < TUNE_OSR_MISSES))
            return o;
    }
    return NULL;
}

/* Code for `loop`, to be entered now; NULL: not now. `o`: what is known of the loop. */
static struct tier_osr *osr_now(struct rt_func *f, u32 loop, struct tier_osr *o)
{
    if (!o)
        o = other_loop(tier_record_of(f));
    if (!o)
        o = osr_get(f, loop);
    if (o && o->asked)
        tier_queue_ask(f, TIER_O3, o);
    else if (!o || !o->enter)
        tier_borrow_heat(f, INT32_MAX); /* there will be none */
    else if (o->loop != loop)
        tier_borrow_heat(f, 0);
    else
        return o;
    return NULL;
}

/* A loop that fills the heat of its function makes the function climb, when it is called again: what runs
 * once would have waited for code that nobody needs. If it goes on for long within one activation, it is
 * worth leaving in the middle. */
bool interp_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.mode != TIER_MODE_AUTO || !tier_cfg.osr) {
        promote(f);
        return false;
    }
    if (tier_cfg.background)
        tier_queue_take();
    struct tier_osr *o = tier_osr_find(r, loop);
    if (!o && waits_for_loaded(r)) {
        tier_borrow_heat(f, TIER_HEAT_LOADED_OSR);
        return false;
    }
    notice_call(f, r);
    if (!o && f->tier == TIER_INTERP && !r->stuck && !r->heat_left && r->called_hot) {
        climb(f);
        if (f->tier == TIER_INTERP && !r->stuck)
            return false;
    }
    if (!o && r->hot_frame != frame)
        watch(f, r, frame);
    if (!o && !osr_pays(f, r)) {
        next_slice(f, r);
        return false;
    }
    o = osr_now(f, loop, o);
    if (o)
        enter(f, o, frame);
    return o != NULL;
}

/* --- All at once. --- */

u32 tier_compile_hot(struct rt_instance *i)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    u32 compiled = 0;
    tier_queue_clear(i);
    for (u32 k = 0; k < n; k++) {
        struct rt_func *f = &i->own_funcs[k];
        if (tier_is_warm(f) && f->tier < TIER_O3 && !tier_record_of(f)->stuck && tier_climb(f, TIER_O3))
            compiled++;
    }
    return compiled;
}

u32 tier_compile_all(struct rt_instance *i)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    u32 failed = 0;
    for (u32 k = 0; k < n && tier_cfg.mode > TIER_MODE_INTERP; k++) {
        struct rt_func *f = &i->own_funcs[k];
        if (f->tier == TIER_INTERP && !tier_climb(f, (enum jit_tier)tier_cfg.mode))
            failed++;
    }
    return failed;
}
