/* tier_state.c: units and profile as records (state_format.h), and back.
 *
 * What is read may be anything: sizes and indices are checked here, objects by obj_open. */
#include "tier_state.h"

#include <string.h>

#include "code_id.h"
#include "fmt.h"
#include "heap.h"
#include "patterns.h"
#include "plat.h"
#include "state_format.h"
#include "tier_priv.h"
#include "xxh64.h"

#define TEXT_MAX 128

struct key { /* with the texts behind it */
    struct state_key head;
    char text[TEXT_MAX];
};

/* --- The key. --- */

static u64 environment(const struct rt_instance *i)
{
    const struct wasm_module *m = wasm_module_of(i);
    struct xxh64 h;
    xxh64_init(&h, 0);
    for (u32 k = 0; k < m->ntypes; k++)
        xxh64_add(&h, &m->types[k].sig->id, sizeof m->types[k].sig->id);
    for (u32 k = 0; k < i->layout->nmems; k++)
        xxh64_add(&h, &i->mems[k]->guarded, sizeof i->mems[k]->guarded);
    return xxh64_value(&h);
}

static u32 key_flags(struct rt_instance *i)
{
    struct llvm_unit u;
    tier_unit_init(i, TIER_O3, &u);
    return (u.fixed_inst ? STATE_FIXED_INST : 0u) | (u.fixed_mem ? STATE_FIXED_MEM : 0u) |
           (u.fuel ? STATE_FUEL : 0u) | (u.profile ? STATE_PROFILED : 0u);
}

static void key_of_run(struct rt_instance *i, struct state_key *k)
{
    k->code_id = CODE_ID;
    k->environment = environment(i);
    k->flags = key_flags(i);
}

static void make_key(struct rt_instance *i, const char *cpu, struct key *k)
{
    memset(k, 0, sizeof *k);
    /* The module is the instance's own; only its hash is filled in. */
    memcpy(k->head.module, wasm_module_hash((struct wasm_module *)(uintptr_t)i->module),
           sizeof k->head.module);
    key_of_run(i, &k->head);
    size_t n = fmt_s(k->text, TEXT_MAX / 2, "%s", llvm_jit_version()) + 1;
    n += fmt_s(k->text + n, TEXT_MAX - n, "%s%s%s", cpu, tier_cfg.patterns ? "" : " without patterns",
               tier_cfg.patterns && tier_cfg.fp_relaxed ? " with relaxed patterns" : "") +
         1;
    k->head.text_bytes = (u32)n;
}

static status other(struct err *e, const char *what)
{
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "the state is %s", what);
}

static status compare_runs(const struct state_key *a, const struct state_key *b, struct err *e)
{
    if (a->code_id != b->code_id)
        return other(e, "of another version of Anneal");
    if (a->flags != b->flags)
        return other(e, "of a run with other options (profile, fuel or memory)");
    if (a->environment != b->environment)
        return other(e, "of a process that had other modules before this one");
    return ST_OK;
}

static status compare_keys(const struct key *here, const struct key *there, struct err *e)
{
    const struct state_key *a = &here->head, *b = &there->head;
    if (memcmp(a->module, b->module, sizeof a->module) != 0)
        return other(e, "of another module");
    if (strcmp(here->text, there->text) != 0)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "the state is of LLVM %s, this is %s", there->text,
                       here->text);
    TRY(compare_runs(a, b, e));
    if (a->text_bytes != b->text_bytes || memcmp(here->text, there->text, a->text_bytes) != 0)
        return other(e, "of a run with another --cpu, --patterns or --fp");
    return ST_OK;
}

/* --- Saving. --- */

status tier_state_put_key(struct rt_instance *i, const char *cpu, const struct tier_sink *to, struct err *e)
{
    struct key k;
    make_key(i, cpu, &k);
    TRY(to->record(to->env, STATE_KEY, sizeof k.head + k.head.text_bytes, e));
    TRY(to->bytes(to->env, &k.head, sizeof k.head, e));
    return to->bytes(to->env, k.text, k.head.text_bytes, e);
}

static struct state_site stored_site(const struct pattern_trial *t)
{
    struct state_site s = {.func = t->func,
                           .at = t->at,
                           .runs = t->runs,
                           .too_much = t->too_much,
                           .differed = t->differed,
                           .pattern = t->pattern,
                           .ticks_original = t->ticks_original,
                           .ticks_kernel = t->ticks_kernel};
    memcpy(s.kernel, t->kernel, sizeof s.kernel);
    return s;
}

static status put_sites(const struct rt_instance *i, const struct tier_sink *to, struct err *e)
{
    struct state_sites s = {0};
    struct pattern_trial t;
    while (patterns_trial_at(i->module, s.nsites, &t))
        s.nsites++;
    TRY(to->record(to->env, STATE_SITES, sizeof s + s.nsites * sizeof(struct state_site), e));
    TRY(to->bytes(to->env, &s, sizeof s, e));
    for (u32 k = 0; k < s.nsites && patterns_trial_at(i->module, k, &t); k++) {
        struct state_site one = stored_site(&t);
        TRY(to->bytes(to->env, &one, sizeof one, e));
    }
    return ST_OK;
}

/* A root whose slot leads elsewhere by now is none any more. */
static u32 stored_func(const struct tier_code *c, u32 k)
{
    const struct llvm_unit_func *f = &c->unit.funcs[k];
    bool named = c->unit.osr || tier_record_of(tier_own_func(c->unit.inst, f->index))->code == c;
    return f->index | (f->root && named ? STATE_ROOT : 0);
}

static status put_unit(const struct tier_code *c, const struct tier_sink *to, struct err *e)
{
    struct state_unit u = {
        .tier = (u8)c->unit.tier,
        .flags = (u8)((c->unit.count_heat ? STATE_COUNT_HEAT : 0) | (c->unit.osr ? STATE_OSR : 0)),
        .osr_loop = c->unit.osr ? c->unit.osr_loop : 0,
        .nfuncs = c->unit.nfuncs,
        .object_bytes = (u32)c->packed_bytes,
        .features = c->llvm.features};
    TRY(to->record(to->env, STATE_UNIT, sizeof u + u.nfuncs * sizeof(u32) + u.object_bytes, e));
    TRY(to->bytes(to->env, &u, sizeof u, e));
    for (u32 k = 0; k < u.nfuncs; k++) {
        u32 f = stored_func(c, k);
        TRY(to->bytes(to->env, &f, sizeof f, e));
    }
    return to->bytes(to->env, c->packed, c->packed_bytes, e);
}

/* Whether a failure would come again in the next boot. */
static bool lasts(enum bailout b)
{
    switch (b) {
    case BAILOUT_TOO_BIG:
    case BAILOUT_TIME:
    case BAILOUT_LLVM_FATAL:
    case BAILOUT_LLVM_ERROR:
    case BAILOUT_UNSUPPORTED:
    case BAILOUT_OSR_SHAPE: return true;
    case BAILOUT_MEMORY:
    case BAILOUT_NO_MEMORY:
    case BAILOUT_CODE_SPACE:
    case BAILOUT_CANCELLED:
    case BAILOUT_NO_COMPILER:
    case BAILOUT_NONE:
    case BAILOUT_COUNT: break;
    }
    return false;
}

static struct state_func stored_profile(const struct rt_func *f)
{
    const struct tier_record *r = tier_record_of(f);
    const struct prof_func *now = &r->prof, *was = &r->before.prof;
    bool stuck = r->stuck && lasts((enum bailout)r->bailout);
    struct state_func s = {.index = f->index,
                           .tier = f->tier,
                           .flags =
                               (u8)((stuck ? STATE_STUCK : 0) | (r->straight_to_final ? STATE_STRAIGHT : 0) |
                                    (tier_is_warm(f) ? STATE_WARM : 0)),
                           .bailout = stuck ? r->bailout : BAILOUT_NONE,
                           .worth = tier_worth(f),
                           .heat = f->heat + r->heat_left,
                           .calls = was->calls + now->calls,
                           .ticks = was->ticks + now->ticks};
    s.ticks_min =
        !now->calls || (was->calls && was->ticks_min < now->ticks_min) ? was->ticks_min : now->ticks_min;
    s.ticks_max = was->ticks_max > now->ticks_max ? was->ticks_max : now->ticks_max;
    return s;
}

static status put_profile(struct rt_instance *i, const struct tier_sink *to, struct err *e)
{
    u32 n = i->layout->nfuncs - i->layout->imp_funcs;
    struct state_profile p = {.boots = tier_sum.boots + 1};
    for (u32 k = 0; k < n; k++)
        p.nfuncs += tier_ran(&i->own_funcs[k]);
    TRY(to->record(to->env, STATE_PROFILE, sizeof p + p.nfuncs * sizeof(struct state_func), e));
    TRY(to->bytes(to->env, &p, sizeof p, e));
    for (u32 k = 0; k < n; k++) {
        if (!tier_ran(&i->own_funcs[k]))
            continue;
        struct state_func f = stored_profile(&i->own_funcs[k]);
        TRY(to->bytes(to->env, &f, sizeof f, e));
    }
    return ST_OK;
}

/* What a later boot can use: a function that is compiled as a whole is never left in the middle. */
static bool useful(const struct tier_code *c, const struct rt_instance *i)
{
    if (c->unit.inst != i || c->live == 0 || !c->packed)
        return false;
    return !c->unit.osr || !tier_record_of(tier_own_func(c->unit.inst, c->unit.funcs[0].index))->code;
}

status tier_state_save(struct rt_instance *i, const char *cpu, const struct tier_sink *to, struct err *e)
{
    if (!i->own_funcs[0].host)
        return ST_OK;
    TRY(tier_state_put_key(i, cpu, to, e));
    TRY(put_sites(i, to, e));
    for (const struct tier_code *c = tier_code_first(); c; c = c->next) {
        if (useful(c, i))
            TRY(put_unit(c, to, e));
    }
    TRY(tier_history_put(i, to, e));
    return put_profile(i, to, e);
}

/* --- Loading. --- */

static struct cpu_features processor; /* asked once: in a virtual machine each CPUID leaves it */

static status damaged(struct err *e, const char *what)
{
    return err_set(e, E_INVAL, ERR_NO_OFFSET, "the state is damaged: %s", what);
}

static status take_key(struct rt_instance *i, const char *cpu, const u8 *bytes, size_t len, struct err *e)
{
    struct key here, there = {0};
    if (len > sizeof there - 1 || len < sizeof there.head)
        return damaged(e, "its key");
    memcpy(&there, bytes, len); /* the texts lie directly behind the head; the rest is zero */
    if (there.head.text_bytes != len - sizeof there.head)
        return damaged(e, "its key");
    make_key(i, cpu, &here);
    return compare_keys(&here, &there, e);
}

/* Whether the unit fits this run. E_UNSUPPORTED without a text: it is just not wanted. */
static status check_unit(const struct rt_instance *i, const struct state_unit *s, const u8 *funcs,
                         struct err *e)
{
    const struct rt_layout *l = i->layout;
    if (s->tier < TIER_O0 || s->tier >= TIER_COUNT || s->nfuncs == 0 || s->nfuncs > TUNE_UNIT_FUNCS)
        return damaged(e, "a unit");
    for (u32 k = 0; k < s->nfuncs; k++) {
        u32 f;
        memcpy(&f, funcs + k * sizeof f, sizeof f);
        f &= ~STATE_ROOT;
        if (f < l->imp_funcs || f >= l->nfuncs)
            return damaged(e, "a unit has a function that the module does not have");
    }
    if (s->flags & STATE_OSR && s->nfuncs != 1)
        return damaged(e, "a unit");
    bool counts = tier_cfg.mode == TIER_MODE_AUTO && s->tier < TIER_O3 && !(s->flags & STATE_OSR);
    bool wanted = tier_cfg.mode == TIER_MODE_AUTO || (int)s->tier == (int)tier_cfg.mode;
    if (!wanted || counts != (s->flags & STATE_COUNT_HEAT))
        return E_UNSUPPORTED;
    int missing = cpu_features_missing(&s->features, &processor);
    if (missing >= 0)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "stored code needs %s, which this processor lacks",
                       cpu_feature_name(missing) ? cpu_feature_name(missing) : "something unknown");
    return ST_OK;
}

static status take_unit(struct rt_instance *i, const u8 *bytes, size_t len, struct err *e)
{
    static struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct state_unit s;
    struct llvm_unit u;
    if (len < sizeof s)
        return damaged(e, "a unit");
    memcpy(&s, bytes, sizeof s);
    const u8 *list = bytes + sizeof s;
    if (sizeof s + (u64)s.nfuncs * sizeof(u32) + s.object_bytes != len)
        return damaged(e, "a unit");
    TRY(check_unit(i, &s, list, e));
    for (u32 k = 0; k < s.nfuncs; k++) {
        u32 f;
        memcpy(&f, list + k * sizeof f, sizeof f);
        funcs[k] = (struct llvm_unit_func){.index = f & ~STATE_ROOT, .root = f & STATE_ROOT};
    }
    for (u32 k = 0; k < s.nfuncs && s.flags & STATE_COUNT_HEAT; k++) {
        if (!tier_unit_count(tier_own_func(i, funcs[k].index))) /* code of O1 may count */
            return E_NOMEM;
    }
    tier_unit_init(i, (enum jit_tier)s.tier, &u);
    u.count_heat = s.flags & STATE_COUNT_HEAT;
    u.osr = s.flags & STATE_OSR;
    u.osr_loop = s.osr_loop;
    u.nfuncs = s.nfuncs;
    u.funcs = funcs;
    struct tier_code *c;
    TRY(tier_code_load(&u, list + s.nfuncs * sizeof(u32), s.object_bytes, &c, e));
    c->llvm.features = s.features;
    return u.osr ? tier_install_osr(c, e) : (tier_install(c), ST_OK);
}

static status take_sites(const struct wasm_module *m, const u8 *bytes, size_t len, struct err *e)
{
    static struct pattern_trial trials[RT_SITES];
    struct state_sites head;
    if (len < sizeof head)
        return damaged(e, "its places of kernels");
    memcpy(&head, bytes, sizeof head);
    if (head.nsites > RT_SITES || sizeof head + (u64)head.nsites * sizeof(struct state_site) != len)
        return damaged(e, "its places of kernels");
    for (u32 k = 0; k < head.nsites; k++) {
        struct state_site s;
        memcpy(&s, bytes + sizeof head + k * sizeof s, sizeof s);
        if (s.pattern >= PATTERN_COUNT || s.kernel[sizeof s.kernel - 1])
            return damaged(e, "its places of kernels");
        trials[k] = (struct pattern_trial){.func = s.func,
                                           .at = s.at,
                                           .runs = s.runs,
                                           .too_much = s.too_much,
                                           .differed = s.differed,
                                           .pattern = s.pattern,
                                           .ticks_original = s.ticks_original,
                                           .ticks_kernel = s.ticks_kernel};
        memcpy(trials[k].kernel, s.kernel, sizeof s.kernel);
    }
    patterns_trials_restore(m, trials, head.nsites);
    return ST_OK;
}

static status take_profile(struct rt_instance *i, const u8 *bytes, size_t len, struct err *e)
{
    struct state_profile p;
    if (len < sizeof p)
        return damaged(e, "the profile");
    memcpy(&p, bytes, sizeof p);
    if (sizeof p + (u64)p.nfuncs * sizeof(struct state_func) != len)
        return damaged(e, "the profile");
    tier_sum.boots = p.boots;
    for (u32 k = 0; k < p.nfuncs; k++) {
        struct state_func s;
        memcpy(&s, bytes + sizeof p + k * sizeof s, sizeof s);
        if (s.index < i->layout->imp_funcs || s.index >= i->layout->nfuncs || s.tier >= TIER_COUNT ||
            s.bailout >= BAILOUT_COUNT)
            return damaged(e, "the profile");
        struct rt_func *f = tier_own_func(i, s.index);
        struct tier_record *r = tier_record_of(f);
        r->before = (struct tier_before){
            .ran = true,
            .warm = s.flags & STATE_WARM,
            .tier = s.tier,
            .worth = s.worth,
            .heat = tier_boot_before_ended() ? INT32_MAX
                    : s.heat < 0             ? 0
                                             : s.heat,
            .prof = {.calls = s.calls, .ticks = s.ticks, .ticks_min = s.ticks_min, .ticks_max = s.ticks_max}};
        r->straight_to_final = s.flags & STATE_STRAIGHT;
        r->stuck = s.flags & STATE_STUCK;
        r->bailout = s.bailout;
        if (f->tier != TIER_INTERP)
            tier_set_heat(f);
    }
    return ST_OK;
}

static status take(struct rt_instance *i, const char *cpu, u32 type, const u8 *bytes, size_t len, bool *keyed,
                   struct err *e)
{
    if (type == STATE_KEY) {
        TRY(take_key(i, cpu, bytes, len, e));
        *keyed = true;
        return ST_OK;
    }
    if (!*keyed)
        return other(e, "without a key");
    struct err why = {0};
    status st = ST_OK;
    if (type == STATE_SITES)
        st = take_sites(wasm_module_of(i), bytes, len, &why);
    else if (type == STATE_UNIT)
        st = take_unit(i, bytes, len, &why);
    else if (type == STATE_HISTORY)
        st = tier_history_take(bytes, len, &why);
    else if (type == STATE_PROFILE)
        st = take_profile(i, bytes, len, &why);
    if (st != ST_OK && why.code != ST_OK && e)
        *e = why; /* the others are still worth having */
    return ST_OK;
}

/* The record that from->next found; heap_free. */
static status read_record(const struct tier_source *from, u64 bytes, u8 **out, struct err *e)
{
    *out = bytes < SIZE_MAX ? heap_alloc(bytes ? bytes : 1) : NULL;
    if (!*out)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    status st = from->read(from->env, *out, e);
    if (st != ST_OK)
        heap_free(*out);
    return st;
}

static status take_all(struct rt_instance *i, const char *cpu, const struct tier_source *from, struct err *e)
{
    u32 type;
    u64 bytes;
    bool keyed = false;
    for (;;) {
        status st = from->next(from->env, &type, &bytes, e);
        if (st != ST_OK)
            return st == E_NOTFOUND ? ST_OK : st;
        if (type != STATE_KEY && type != STATE_SITES && type != STATE_UNIT && type != STATE_HISTORY &&
            type != STATE_PROFILE)
            continue;
        u8 *buf;
        TRY(read_record(from, bytes, &buf, e));
        st = take(i, cpu, type, buf, bytes, &keyed, e);
        heap_free(buf);
        TRY(st);
    }
}

status tier_state_load(struct rt_instance *i, const char *cpu, const struct tier_source *from, struct err *e)
{
    if (tier_cfg.mode == TIER_MODE_INTERP || !i->own_funcs[0].host)
        return ST_OK;
    u64 start = plat_ticks();
    cpu_features_here(&processor);
    tier_history_forget();
    status st = take_all(i, cpu, from, e);
    tier_sum.ticks_loading += plat_ticks() - start;
    return st;
}

/* --- For an export that runs nothing. --- */

static status take_module(const struct wasm_module *m, const u8 *bytes, size_t len, struct err *e)
{
    struct state_key there;
    if (len < sizeof there)
        return damaged(e, "its key");
    memcpy(&there, bytes, sizeof there);
    /* The module is the instance's own; only its hash is filled in. */
    if (memcmp(there.module, wasm_module_hash((struct wasm_module *)(uintptr_t)m), sizeof there.module))
        return other(e, "of another module");
    return there.code_id == CODE_ID ? ST_OK : other(e, "of another version of Anneal");
}

status tier_state_profile(struct rt_instance *i, const struct tier_source *from, struct err *e)
{
    u32 type, wanted = STATE_KEY;
    u64 bytes;
    if (!i->own_funcs[0].host)
        return ST_OK;
    for (;;) {
        status st = from->next(from->env, &type, &bytes, e);
        if (st == E_NOTFOUND)
            return other(e, wanted == STATE_KEY ? "without a key" : "without a profile");
        TRY(st);
        if (type != wanted && (type != STATE_SITES || wanted == STATE_KEY))
            continue;
        u8 *buf;
        TRY(read_record(from, bytes, &buf, e));
        st = type == STATE_KEY     ? take_module(wasm_module_of(i), buf, bytes, e)
             : type == STATE_SITES ? take_sites(wasm_module_of(i), buf, bytes, e)
                                   : take_profile(i, buf, bytes, e);
        heap_free(buf);
        if (st != ST_OK || type == STATE_PROFILE)
            return st;
        wanted = STATE_PROFILE;
    }
}

status tier_state_sites(const struct wasm_module *m, const struct tier_source *from, struct err *e)
{
    u32 type, wanted = STATE_KEY;
    u64 bytes;
    for (;;) {
        status st = from->next(from->env, &type, &bytes, e);
        if (st == E_NOTFOUND)
            return other(e, wanted == STATE_KEY ? "without a key" : "without places of kernels");
        TRY(st);
        if (type != wanted)
            continue;
        u8 *buf;
        TRY(read_record(from, bytes, &buf, e));
        st = type == STATE_KEY ? take_module(m, buf, bytes, e) : take_sites(m, buf, bytes, e);
        heap_free(buf);
        if (st != ST_OK || type == STATE_SITES)
            return st;
        wanted = STATE_SITES;
    }
}

/* --- For images that carry their code. --- */

status tier_state_fits(struct rt_instance *i, const struct state_key *there, struct err *e)
{
    struct state_key here = {0};
    cpu_features_here(&processor);
    key_of_run(i, &here);
    return compare_runs(&here, there, e);
}

status tier_state_unit(struct rt_instance *i, const u8 *bytes, size_t len, struct err *e)
{
    if (tier_cfg.mode == TIER_MODE_INTERP || !i->own_funcs[0].host)
        return ST_OK;
    u64 start = plat_ticks();
    status st = take_unit(i, bytes, len, e);
    tier_sum.ticks_loading += plat_ticks() - start;
    return st;
}
