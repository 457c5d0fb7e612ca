/* tier_export.c: the code of an image without a compiler. What the app needed while it ran says which
 * functions are worth it; they are compiled together from scratch, so that neither the order in which they
 * got hot nor what they were compiled for on the way shows in the result. */
#include <string.h>

#include "heap.h"
#include "llvm_jit.h"
#include "state_format.h"
#include "tier_priv.h"
#include "tier_state.h"

enum { SMALL_RATIO = 2 }; /* bytes of code for one of wasm, about, where it is made small */

static bool was_called(const struct rt_func *f)
{
    return f->code || tier_record_of(f)->baseline || f->tier > TIER_INTERP || tier_record_of(f)->before.ran;
}

static bool is_wanted(const struct rt_func *f, const struct tier_export *x)
{
    if (tier_is_warm(f) || !x->rest)
        return tier_is_warm(f) && !x->rest;
    return x->code == TIER_EXPORT_ALL || (x->code == TIER_EXPORT_CALLED && was_called(f));
}

/* The tier of an unfinished unit's candidates: a root of the first unit that meets it. */
static void mark(struct rt_instance *i, const struct tier_export *x)
{
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        struct rt_func *f = &i->own_funcs[k];
        f->tier = is_wanted(f, x) ? TIER_O2 : TIER_INTERP;
    }
}

/* Takes back the mark from what will not fit, the least needed first. */
static void choose(struct rt_instance *i, struct tier_export *x)
{
    u64 left = x->bytes_max / SMALL_RATIO;
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    for (int w = UINT8_MAX; w >= 0; w--) {
        for (u32 k = 0; k < n; k++) {
            struct rt_func *f = &i->own_funcs[k];
            if (f->tier != TIER_O2 || tier_worth(f) != w)
                continue;
            u32 size = tier_size(f);
            if (size <= left) {
                left -= size;
            } else {
                f->tier = TIER_INTERP;
                x->left_out++;
            }
        }
    }
}

/* The next functions that are made small, up to a unit's size; they are not copied into each other. */
static void small_unit(struct rt_instance *i, u32 first, bool alone, struct llvm_unit *u,
                       struct llvm_unit_func *funcs)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs, bytes = 0, count = 0;
    for (u32 k = first; k < n && count < (alone ? 1 : TUNE_UNIT_FUNCS); k++) {
        struct rt_func *f = &i->own_funcs[k];
        if (f->tier != TIER_O2 || (count && bytes + tier_size(f) > TUNE_UNIT_BYTES_O3))
            continue;
        bytes += tier_size(f);
        funcs[count++] = (struct llvm_unit_func){.index = f->index, .root = true};
    }
    tier_unit_init(i, TIER_O3, u);
    u->small = true;
    u->nfuncs = count;
    u->funcs = funcs;
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

static void leave_out(struct tier_export *x, const struct llvm_unit *u)
{
    for (u32 k = 0; k < u->nfuncs; k++) {
        if (u->funcs[k].root) {
            tier_own_func(u->inst, u->funcs[k].index)->tier = TIER_INTERP;
            x->left_out++;
        }
    }
}

static void build(struct rt_instance *i, const struct tier_export *x, u32 k, bool alone, struct llvm_unit *u,
                  struct llvm_unit_func *funcs)
{
    if (x->rest)
        small_unit(i, k, alone, u, funcs);
    else if (alone)
        tier_unit_build(&i->own_funcs[k], TIER_O3, true, u, funcs);
    else
        tier_unit_fill(&i->own_funcs[k], u, funcs);
    for (u32 f = 0; f < u->nfuncs; f++) { /* an export from a state, which has neither, is to be the same */
        funcs[f].counts = NULL;
        funcs[f].seen = NULL;
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
    bool fits = bytes <= x->bytes_max - x->bytes;
    if (st == ST_OK && fits)
        st = put(x, u, &c, packed, bytes, e);
    if (st == ST_OK && fits)
        count(x, u, packed, bytes);
    else if (st == ST_OK)
        leave_out(x, u);
    x->bytes += fits ? bytes : 0;
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
        build(i, x, k, false, &u, funcs);
        status st = unit(x, &u, e);
        if (st == E_LIMIT && u.nfuncs > 1) { /* the company may have been too much */
            build(i, x, k, true, &u, funcs);
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
    struct llvm_jit_config jit = {.cpu = x->cpu, .objects = true, .patient = true};
    llvm_jit_fini();
    TRY(llvm_jit_init(&jit, e));
    TRY(tier_state_put_key(i, x->cpu, x->to, e));
    if (!i->own_funcs[0].host)
        return ST_OK;
    mark(i, x);
    if (x->rest)
        choose(i, x);
    return units(i, x, e);
}

status tier_state_export(struct rt_instance *i, struct tier_export *x, struct err *e)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    struct tier_config was = tier_cfg;
    u8 *tiers = heap_alloc(n + 1u);
    if (!tiers)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    tier_queue_clear(i);
    for (u32 k = 0; k < n; k++)
        tiers[k] = i->own_funcs[k].tier;
    x->functions = x->failed = x->left_out = 0;
    x->bytes = 0;
    x->features = (struct cpu_features){{0}};
    tier_cfg.mode = TIER_MODE_AUTO; /* how this run was compiled is not what decides */
    tier_cfg.profile = x->profile;
    tier_cfg.sites = JIT_SITES_TRUSTED;
    status st = compile(i, x, e);
    tier_cfg = was;
    for (u32 k = 0; k < n; k++)
        i->own_funcs[k].tier = tiers[k];
    heap_free(tiers);
    return st;
}
