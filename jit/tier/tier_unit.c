/* tier_unit.c: which functions are compiled together.
 *
 * O0 and O1 take one function. O2 adds small callees as copies to inline. O3 follows direct calls through the
 * hot set and gives everything hot that it meets an entry of its own, so that one compilation serves them
 * all. */
#include "tier_priv.h"

#include "heap.h"
#include "wasm_counts.h"

void tier_unit_scan(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    if (r->scanned)
        return;
    r->scanned = true;
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    u32 cap = 0;
    for (const u8 *p = wf->body; p < wf->end;) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        p = in.next;
        if (in.op != WASM_OP_CALL || in.u.index < m->imp_funcs)
            continue;
        bool known = false;
        for (u32 k = 0; k < r->ncallees && !known; k++)
            known = r->callees[k] == in.u.index;
        if (known)
            continue;
        if (r->ncallees == cap) {
            cap = cap ? cap * 2 : 8;
            u32 *more = heap_realloc(r->callees, cap * sizeof *more);
            if (!more)
                return; /* fewer candidates for inlining, nothing wrong */
            r->callees = more;
        }
        r->callees[r->ncallees++] = in.u.index;
    }
}

bool tier_unit_count(struct rt_func *f)
{
    struct tier_record *r = tier_record_of(f);
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    u32 words = 0;
    for (const u8 *p = wf->body; p < wf->end && !r->counts;) {
        struct wasm_instr in;
        wasm_read_instr(m, p, &in);
        p = in.next;
        words += wasm_count_words(&in);
    }
    if (!r->counts)
        r->counts = heap_calloc(words, sizeof *r->counts);
    return r->counts != NULL;
}

bool baseline_counts(struct rt_func *f, u32 **counts)
{
    struct tier_record *r = tier_record_of(f);
    *counts = NULL;
    if (tier_cfg.mode != TIER_MODE_AUTO || !tier_cfg.counts || tier_cfg.profile || !tier_cfg.bind)
        return true;
    r->counted = tier_unit_count(f);
    *counts = r->counts;
    return r->counted;
}

static u32 count_bytes(void)
{
    return tier_cfg.background ? TUNE_COUNT_BYTES_BESIDE : TUNE_COUNT_BYTES;
}

struct choice {
    const struct wasm_module *module;
    struct rt_instance *inst;
    enum jit_tier tier;
    bool counts; /* what was counted decides, too */
    bool marked; /* those whose tier is O2 get an entry, whatever this run has seen of them */
    u32 bytes;
    u32 nfuncs;
    struct llvm_unit_func *funcs;
};

/* An export is the same whatever this run has reached, and has all of it. */
static u32 size_of(const struct choice *c, struct rt_func *f)
{
    return c->marked ? tier_size(f) : tier_reached(f);
}

static bool chosen(const struct choice *c, u32 func)
{
    for (u32 k = 0; k < c->nfuncs; k++) {
        if (c->funcs[k].index == func)
            return true;
    }
    return false;
}

/* Whether `g`, which counts its heat, has got far enough to be compiled at O3 with others. */
static bool is_ripe(struct rt_func *g)
{
    const struct tier_record *r = tier_record_of(g);
    u64 heat = (u64)tier_heat_by_size(g, tier_cfg.threshold[TIER_O3]);
    return g->tier > TIER_INTERP && (tier_heat_spent(g) - r->heat_before) * TUNE_JOIN_SHARE >= heat &&
           tier_is_paid(g);
}

/* Whether callee `g` joins, and whether it gets an entry. */
static bool wanted(const struct choice *c, struct rt_func *g, bool *root)
{
    u32 size = size_of(c, g);
    *root = false;
    if (c->tier == TIER_O2)
        return size <= TUNE_COPY_BYTES && c->bytes + size <= TUNE_UNIT_BYTES_O2;
    if (c->bytes + size > TUNE_UNIT_BYTES_O3)
        return false;
    const struct tier_record *r = tier_record_of(g);
    if (c->marked)
        *root = g->tier == TIER_O2;
    else
        *root = r->together ||
                (g->tier < TIER_O3 && !r->on_desk && (tier_cfg.mode != TIER_MODE_AUTO || is_ripe(g)));
    return *root || (size <= TUNE_COPY_BYTES && (tier_cfg.mode != TIER_MODE_AUTO || tier_is_warm(g)));
}

static void add(struct choice *c, u32 func, bool root)
{
    struct rt_func *f = tier_own_func(c->inst, func);
    c->funcs[c->nfuncs++] = (struct llvm_unit_func){.index = func,
                                                    .root = root,
                                                    .counts = c->counts ? tier_record_of(f)->counts : NULL,
                                                    .seen = tier_seen(f)};
    c->bytes += size_of(c, f);
}

void tier_unit_init(struct rt_instance *i, enum jit_tier t, struct llvm_unit *u)
{
    *u = (struct llvm_unit){.module = wasm_module_of(i),
                            .inst = i,
                            .tier = t,
                            .fixed_inst = i->fixed,
                            .fixed_mem = i->layout->nmems > 0 && i->mems[0]->fixed,
                            .short_mem = i->layout->nmems > 0 && i->mems[0]->bytes <= RT_SHORT_MEMORY,
                            .bind = tier_cfg.bind,
                            .count_heat = tier_cfg.mode == TIER_MODE_AUTO && t < TIER_O3,
                            .fuel = rt_fuel_limited,
                            .profile = tier_cfg.profile,
                            .patterns = tier_cfg.patterns,
                            .sites = tier_cfg.sites,
                            .fp_relaxed = tier_cfg.fp_relaxed};
}

static void consider(struct choice *c, u32 func)
{
    bool root;
    if (c->nfuncs < TUNE_UNIT_FUNCS && !chosen(c, func) && wanted(c, tier_own_func(c->inst, func), &root))
        add(c, func, root);
}

/* Those that indirect calls in `g` nearly always lead to. */
static void consider_expected(struct choice *c, const struct rt_func *g)
{
    const u32 *words = tier_record_of(g)->counts;
    const struct wasm_func *wf = &c->module->funcs[g->index];
    if (!words || !c->counts)
        return;
    for (const u8 *p = wf->body; p < wf->end;) {
        struct wasm_instr in;
        wasm_read_instr(c->module, p, &in);
        p = in.next;
        u32 func = in.op == WASM_OP_CALL_INDIRECT ? wasm_counted_target(c->inst, words) : UINT32_MAX;
        if (func != UINT32_MAX)
            consider(c, func);
        words += wasm_count_words(&in);
    }
}

/* Adds callees of what is chosen from number `next` on, and theirs. Returns where it stopped. */
static u32 expand(struct choice *c, u32 next)
{
    for (; next < c->nfuncs; next++) {
        /* Copies of copies cost more than all the rest, and gain nothing that shows. */
        if (!c->funcs[next].root && tier_cfg.mode != TIER_MODE_AUTO)
            continue;
        struct rt_func *g = tier_own_func(c->inst, c->funcs[next].index);
        tier_unit_scan(g);
        const struct tier_record *r = tier_record_of(g);
        consider_expected(c, g);
        for (u32 k = 0; k < r->ncallees; k++)
            consider(c, r->callees[k]);
    }
    return next;
}

static struct choice choice_of(const struct llvm_unit *u, struct llvm_unit_func *funcs)
{
    struct choice c = {.module = u->module,
                       .inst = u->inst,
                       .tier = u->tier,
                       .nfuncs = u->nfuncs,
                       .funcs = funcs,
                       .counts = tier_cfg.counts && u->tier == TIER_O3};
    for (u32 k = 0; k < c.nfuncs; k++)
        c.bytes += tier_reached(tier_own_func(c.inst, funcs[k].index));
    return c;
}

void tier_unit_join(struct rt_func *f, struct llvm_unit *u, struct llvm_unit_func *funcs)
{
    struct choice c = choice_of(u, funcs);
    add(&c, f->index, true);
    u->nfuncs = c.nfuncs;
}

void tier_unit_expand(struct llvm_unit *u, struct llvm_unit_func *funcs)
{
    struct choice c = choice_of(u, funcs);
    if (u->tier >= TIER_O2)
        expand(&c, 0);
    u->nfuncs = c.nfuncs;
}

void tier_unit_build(struct rt_func *f, enum jit_tier t, bool alone, struct llvm_unit *u,
                     struct llvm_unit_func *funcs)
{
    tier_unit_init(f->inst, t, u);
    u->funcs = funcs;
    struct choice c = choice_of(u, funcs);
    add(&c, f->index, true);
    u->nfuncs = 1;
    u->counts = u->count_heat && t == TIER_O1 && tier_cfg.counts && !tier_record_of(f)->counted &&
                tier_reached(f) <= count_bytes() && tier_unit_count(f);
    if (!alone)
        tier_unit_expand(u, funcs);
}

void tier_unit_fill(struct rt_func *f, struct llvm_unit *u, struct llvm_unit_func *funcs)
{
    struct rt_instance *i = f->inst;
    struct choice c = {
        .module = wasm_module_of(i), .inst = i, .tier = TIER_O3, .funcs = funcs, .marked = true};
    u32 next = 0;
    for (u32 k = f->index; k < i->layout->nfuncs && c.nfuncs < TUNE_UNIT_FUNCS; k++) {
        u32 size = c.module->funcs[k].size;
        if (tier_own_func(i, k)->tier != TIER_O2 || chosen(&c, k) ||
            (c.nfuncs && c.bytes + size > TUNE_UNIT_BYTES_O3))
            continue;
        add(&c, k, true);
        next = expand(&c, next);
    }
    tier_unit_init(i, TIER_O3, u);
    u->nfuncs = c.nfuncs;
    u->funcs = funcs;
}
