/* tier_climb.c: promotion. The interpreter and compiled code below O3 count heat down; below zero they ask
 * here. */
#include "tier_priv.h"

#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "rt_helpers.h"

static u64 compile_ticks(const struct tier_code *c)
{
    return c->llvm.ticks_translate + c->llvm.ticks_optimise + c->llvm.ticks_codegen + c->llvm.ticks_link;
}

/* Bytes of the code behind an entry. */
static u64 bytes_at(const void *entry)
{
    const struct rt_code *c = entry ? rt_code_find((uintptr_t)entry) : NULL;
    return c ? c->end - c->start : 0;
}

/* The ticks of a unit are shared among its roots by the size of their code. */
void tier_install(struct tier_code *code)
{
    const struct llvm_unit *u = &code->unit;
    u64 ticks = compile_ticks(code), bytes = 0;
    for (u32 k = 0; k < u->nfuncs; k++)
        bytes += bytes_at(tier_code_entry(code, k));
    for (u32 k = 0; k < u->nfuncs; k++) {
        void *entry = tier_code_entry(code, k);
        struct rt_func *f = tier_own_func(u->inst, u->funcs[k].index);
        if (!entry) {
            struct tier_record *r = tier_record_of(f);
            r->copy_tier = r->copy_tier > u->tier ? r->copy_tier : (u8)u->tier;
            continue;
        }
        u64 share = bytes ? (u64)((double)ticks * (double)bytes_at(entry) / (double)bytes) : ticks;
        tier_record_of(f)->together = false;
        tier_set_compiled(f, entry, code, u->tier, share);
        if (code->stored)
            tier_sum.functions_loaded++;
        else
            tier_sum.functions_compiled++;
    }
}

bool tier_climb(struct rt_func *f, enum jit_tier t)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct tier_record *r = tier_record_of(f);
    struct llvm_unit u;
    enum bailout why;
    tier_unit_build(f, t, false, &u, funcs);
    struct tier_code *code = tier_compile(&u, &why);
    if (!code && u.nfuncs > 1) { /* the company may have been too much */
        tier_unit_build(f, t, true, &u, funcs);
        code = tier_compile(&u, &why);
    }
    if (!code) {
        r->bailout = (u8)why;
        r->stuck = true;
        tier_count_change(false);
        tier_set_heat(f); /* which is never again */
        return false;
    }
    tier_install(code);
    tier_code_collect();
    return true;
}

static void promote(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.mode != TIER_MODE_AUTO || f->tier == TIER_O3 || r->stuck) {
        tier_set_heat(f);
        return;
    }
    tier_climb(f, r->straight_to_final ? TIER_O3 : tier_next((enum jit_tier)f->tier));
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

static struct tier_osr *osr_find(struct tier_record *r, u32 loop)
{
    struct tier_osr *o = r->osr;
    while (o && o->loop != loop)
        o = o->next;
    return o;
}

static struct tier_osr *osr_add(struct tier_record *r, u32 loop)
{
    struct tier_osr *o = heap_calloc(1, sizeof *o);
    if (o) {
        *o = (struct tier_osr){.loop = loop, .next = r->osr};
        r->osr = o;
    }
    return o;
}

static void osr_install(struct tier_osr *o, struct tier_code *c)
{
    tier_rely_on_memory(c->unit.inst, c->unit.tier);
    o->code = c;
    c->live++;
    o->enter = (void (*)(struct rt_instance *, rt_cell *))tier_code_entry(c, 0);
    tier_note_change(tier_own_func(c->unit.inst, c->unit.funcs[0].index),
                     (struct tier_change){.ticks = plat_ticks(),
                                          .from = TIER_INTERP,
                                          .to = (u8)c->unit.tier,
                                          .osr = true,
                                          .stored = c->stored,
                                          .loop = o->loop,
                                          .code_bytes = c->code_bytes,
                                          .compile_ticks = compile_ticks(c)});
}

static struct tier_osr *osr_compile(struct rt_func *f, u32 loop)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct tier_record *r = tier_record_of(f);
    struct tier_osr *o = osr_add(r, loop);
    if (!o)
        return NULL;
    struct llvm_unit u;
    enum bailout why;
    enum jit_tier to = wasm_module_of(f->inst)->funcs[f->index].size > TUNE_OSR_O3_BYTES ? TIER_O1 : TIER_O3;
    tier_unit_build(f, to, true, &u, funcs);
    u.osr = true;
    u.count_heat = false;
    u.osr_loop = loop;
    struct tier_code *c = tier_compile(&u, &why);
    if (c)
        osr_install(o, c);
    else {
        r->bailout = (u8)why;
        tier_count_change(false);
    }
    return o;
}

status tier_install_osr(struct tier_code *c, struct err *e)
{
    struct rt_func *f = tier_own_func(c->unit.inst, c->unit.funcs[0].index);
    struct tier_record *r = tier_record_of(f);
    struct tier_osr *o = osr_find(r, c->unit.osr_loop) ? NULL : osr_add(r, c->unit.osr_loop);
    if (!o || !tier_code_entry(c, 0)) {
        c->live++;
        tier_code_drop(c);
        tier_code_collect();
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the state is damaged: a loop has code already, or none");
    }
    osr_install(o, c);
    tier_sum.functions_loaded++;
    return ST_OK;
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

/* A loop that fills the heat of its function alone, within one activation, is worth leaving in the middle;
 * one that only helped to fill it makes the function climb at its next call. */
bool interp_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame)
{
    struct tier_record *r = tier_record_of(f);
    if (tier_cfg.mode != TIER_MODE_AUTO || !tier_cfg.osr) {
        promote(f);
        return false;
    }
    struct tier_osr *o = osr_find(r, loop);
    if (!o && waits_for_loaded(r)) {
        tier_borrow_heat(f, TIER_HEAT_LOADED_OSR);
        return false;
    }
    if (!o && r->hot_frame != frame) {
        r->hot_frame = frame;
        tier_borrow_heat(f, tier_heat_by_size(f, TUNE_HEAT_OSR));
        return false;
    }
    r->hot_frame = NULL;
    if (!o)
        o = osr_compile(f, loop);
    if (!o || !o->enter) {
        tier_borrow_heat(f, INT32_MAX);
        return false;
    }
    r->straight_to_final = wasm_module_of(f->inst)->funcs[f->index].size <= TUNE_OSR_O3_BYTES;
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
    return true;
}

bool tier_is_warm(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    return f->tier > TIER_INTERP || r->osr || r->before.warm ||
           r->prof.calls * RT_HEAT_CALL >= tier_heat_warm() || tier_heat_spent(f) >= tier_heat_warm();
}

u32 tier_compile_hot(struct rt_instance *i)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    u32 compiled = 0;
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
