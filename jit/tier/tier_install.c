/* tier_install.c: compiled units into the slots and loops that they are for. */
#include "tier_priv.h"

#include "heap.h"
#include "plat.h"

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
        tier_record_of(f)->together = tier_record_of(f)->anew = false;
        tier_record_of(f)->left = 0;
        tier_set_compiled(f, entry, code, u->tier, share);
        if (code->stored)
            tier_sum.functions_loaded++;
        else
            tier_sum.functions_compiled++;
    }
}

/* --- OSR. --- */

struct tier_osr *tier_osr_find(struct tier_record *r, u32 loop)
{
    struct tier_osr *o = r->osr;
    while (o && o->loop != loop)
        o = o->next;
    return o;
}

struct tier_osr *tier_osr_add(struct tier_record *r, u32 loop)
{
    struct tier_osr *o = heap_calloc(1, sizeof *o);
    if (o) {
        *o = (struct tier_osr){.loop = loop, .next = r->osr};
        r->osr = o;
    }
    return o;
}

void tier_osr_install(struct tier_osr *o, struct tier_code *c)
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

status tier_install_osr(struct tier_code *c, struct err *e)
{
    struct rt_func *f = tier_own_func(c->unit.inst, c->unit.funcs[0].index);
    struct tier_record *r = tier_record_of(f);
    struct tier_osr *o = tier_osr_find(r, c->unit.osr_loop) ? NULL : tier_osr_add(r, c->unit.osr_loop);
    if (!o || !tier_code_entry(c, 0)) {
        c->live++;
        tier_code_drop(c);
        tier_code_collect();
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the state is damaged: a loop has code already, or none");
    }
    tier_osr_install(o, c);
    tier_sum.functions_loaded++;
    return ST_OK;
}

bool tier_is_warm(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    return f->tier > TIER_INTERP || r->osr || r->before.warm ||
           r->prof.calls * RT_HEAT_CALL >= tier_heat_warm() || tier_heat_spent(f) >= tier_heat_warm();
}
