/* tier_export.c: the code of an image without a compiler. What the app needed while it ran says which
 * functions are worth it; they are compiled together from scratch, so that neither the order in which they
 * got hot nor what they were compiled for on the way shows in the result. */
#include <string.h>

#include "heap.h"
#include "llvm_jit.h"
#include "state_format.h"
#include "tier_priv.h"
#include "tier_state.h"

static bool is_wanted(const struct rt_func *f, enum tier_export_code code)
{
    switch (code) {
    case TIER_EXPORT_HOT: return tier_is_warm(f);
    case TIER_EXPORT_CALLED: return f->code || f->tier > TIER_INTERP || tier_record_of(f)->before.ran;
    case TIER_EXPORT_ALL: break;
    }
    return true;
}

/* The tier of an unfinished unit's candidates: what is warm is a root of the first unit that meets it. */
static void mark(struct rt_instance *i, enum tier_export_code code)
{
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        struct rt_func *f = &i->own_funcs[k];
        f->tier = is_wanted(f, code) ? TIER_O2 : TIER_INTERP;
    }
}

static status put(const struct tier_export *x, const struct llvm_unit *u, const struct llvm_code *c,
                  const u8 *packed, size_t bytes, struct err *e)
{
    const struct tier_sink *to = x->to;
    struct state_unit s = {
        .tier = (u8)u->tier, .nfuncs = u->nfuncs, .object_bytes = (u32)bytes, .features = c->features};
    TRY(to->record(to->env, STATE_UNIT, sizeof s + u->nfuncs * sizeof(u32) + bytes, e));
    TRY(to->bytes(to->env, &s, sizeof s, e));
    for (u32 k = 0; k < u->nfuncs; k++) {
        u32 f = u->funcs[k].index | (u->funcs[k].root ? STATE_ROOT : 0);
        TRY(to->bytes(to->env, &f, sizeof f, e));
    }
    return to->bytes(to->env, packed, bytes, e);
}

static void count(struct tier_export *x, const struct llvm_unit *u, const u8 *packed, size_t bytes)
{
    struct obj_view v;
    if (obj_open(packed, bytes, &v, NULL) != ST_OK)
        return;
    for (u32 k = 0; k < u->nfuncs; k++) {
        struct tier_exported f = {.index = u->funcs[k].index, .tier = u->tier};
        if (!u->funcs[k].root)
            continue;
        tier_own_func(u->inst, f.index)->tier = TIER_O3;
        for (u32 n = 0; n < v.nfuncs; n++) {
            struct obj_func o = obj_func_at(&v, n);
            f.code_bytes += o.index == f.index && !o.copy ? o.bytes : 0;
        }
        x->functions++;
        x->function(x->env, &f);
    }
}

/* E_LIMIT: bailed out. */
static status unit(struct tier_export *x, const struct llvm_unit *u, struct err *e)
{
    struct llvm_code c;
    enum bailout why;
    if (llvm_jit_compile(u, &c, &why, NULL) != ST_OK)
        return E_LIMIT;
    u8 *packed = NULL;
    size_t bytes = 0;
    status st = obj_pack(c.object, c.object_bytes, &packed, &bytes, e);
    if (st == ST_OK)
        st = put(x, u, &c, packed, bytes, e);
    if (st == ST_OK)
        count(x, u, packed, bytes);
    for (size_t k = 0; k < sizeof c.features.bits / sizeof *c.features.bits; k++)
        x->features.bits[k] |= c.features.bits[k];
    heap_free(packed);
    llvm_code_free(&c);
    return st;
}

static status units(struct rt_instance *i, struct tier_export *x, struct err *e)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct llvm_unit u;
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        struct rt_func *f = &i->own_funcs[k];
        if (f->tier != TIER_O2)
            continue;
        tier_unit_build(f, TIER_O3, false, &u, funcs);
        status st = unit(x, &u, e);
        if (st == E_LIMIT && u.nfuncs > 1) { /* the company may have been too much */
            tier_unit_build(f, TIER_O3, true, &u, funcs);
            st = unit(x, &u, e);
        }
        if (st != ST_OK && st != E_LIMIT)
            return st;
        if (st == E_LIMIT) {
            f->tier = TIER_INTERP;
            x->failed++;
        }
    }
    return ST_OK;
}

static status compile(struct rt_instance *i, struct tier_export *x, struct err *e)
{
    struct llvm_jit_config jit = {.cpu = x->cpu, .objects = true};
    llvm_jit_fini();
    TRY(llvm_jit_init(&jit, e));
    TRY(tier_state_put_key(i, x->cpu, x->to, e));
    if (!i->own_funcs[0].host)
        return ST_OK;
    mark(i, x->code);
    return units(i, x, e);
}

status tier_state_export(struct rt_instance *i, struct tier_export *x, struct err *e)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    struct tier_config was = tier_cfg;
    u8 *tiers = heap_alloc(n + 1u);
    if (!tiers)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    for (u32 k = 0; k < n; k++)
        tiers[k] = i->own_funcs[k].tier;
    x->functions = x->failed = 0;
    x->features = (struct cpu_features){{0}};
    tier_cfg.mode = TIER_MODE_AUTO; /* how this run was compiled is not what decides */
    tier_cfg.profile = x->profile;
    status st = compile(i, x, e);
    tier_cfg = was;
    for (u32 k = 0; k < n; k++)
        i->own_funcs[k].tier = tiers[k];
    heap_free(tiers);
    return st;
}
