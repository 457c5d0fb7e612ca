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

static void promote(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.background && tier_queue_take() && f->heat >= 0)
        return; /* it has just got what it wants */
    if (tier_cfg.mode != TIER_MODE_AUTO || f->tier == TIER_O3 || r->stuck) {
        tier_set_heat(f);
        return;
    }
    if (r->hot_frame && f->tier > TIER_INTERP) { /* the heat was borrowed, but new calls spent it */
        r->hot_frame = NULL;
        tier_set_heat(f);
        return;
    }
    enum jit_tier to = r->straight_to_final ? TIER_O3 : tier_next((enum jit_tier)f->tier);
    if (tier_cfg.background)
        tier_queue_ask(f, to, NULL);
    else
        tier_climb(f, to);
}

void interp_on_hot_call(struct rt_func *f)
{
    promote(f);
}

void rt_h_tier_up(struct rt_instance *i, u32 func)
{
    promote(tier_own_func(i, func));
}

/* --- OSR. --- */

/* A function beyond some size would make the app wait, in the middle of a loop, for too long. */
static bool is_short(const struct rt_func *f)
{
    return wasm_module_of(f->inst)->funcs[f->index].size <= TUNE_OSR_O3_BYTES;
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
    tier_record_of(f)->straight_to_final = is_short(f);
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

/* Stands in for the interpreter's entry while a loop of `f` is hot. */
static void call_of_hot(struct rt_func *f, rt_cell *cells)
{
    (void)cells;
    struct tier_record *r = tier_record_of(f);
    r->called_hot = true;
    r->hot_frame = NULL;
    tier_set_interpreter(f);
    promote(f);
    rt_thread.tail = f; /* the new entry takes our place */
}

/* A loop that fills the heat of its function makes the function climb, when it is called again: what runs
 * once would have waited for code that nobody needs. If it goes on after that, within one activation, it is
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
    if (!o && f->tier == TIER_INTERP && !r->stuck && !r->called_hot) {
        f->cells = call_of_hot;
    } else if (!o && f->tier == TIER_INTERP && !r->stuck) {
        promote(f);
        if (f->tier == TIER_INTERP && !r->stuck)
            return false;
    }
    if (!o && r->hot_frame != frame) {
        r->hot_frame = frame;
        tier_borrow_heat(f, tier_heat_osr(f));
        return false;
    }
    r->hot_frame = NULL;
    if (!o)
        o = osr_get(f, loop);
    if (o && o->asked) {
        tier_queue_ask(f, TIER_O3, o);
        return false;
    }
    if (!o || !o->enter) {
        tier_borrow_heat(f, INT32_MAX);
        return false;
    }
    enter(f, o, frame);
    return true;
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
