/* jit_runtime.c: jit_runtime.h for hosts, and the same as imports of module "anneal" for guests. */
#include "jit_runtime.h"

#include <string.h>

#include "engine.h"
#include "engine_priv.h"
#include "plat.h"
#include "prof.h"
#include "tier.h"
#include "tier_tuning.h"

void jit_profile_begin(struct rt_instance *i)
{
    prof_begin(i);
}

void jit_profile_end(struct rt_instance *i)
{
    (void)i;
    prof_end();
}

u64 jit_get_call_count(const struct rt_instance *i, u32 func)
{
    struct tier_func_info f;
    tier_func_info(i, func, &f);
    return f.calls;
}

u64 jit_get_avg_cycles(const struct rt_instance *i, u32 func)
{
    struct tier_func_info f;
    tier_func_info(i, func, &f);
    return f.calls ? f.ticks / f.calls : 0;
}

u64 jit_get_min_cycles(const struct rt_instance *i, u32 func)
{
    struct tier_func_info f;
    tier_func_info(i, func, &f);
    return f.ticks_min;
}

u64 jit_get_max_cycles(const struct rt_instance *i, u32 func)
{
    struct tier_func_info f;
    tier_func_info(i, func, &f);
    return f.ticks_max;
}

u32 jit_get_optimization_level(const struct rt_instance *i, u32 func)
{
    struct tier_func_info f;
    tier_func_info(i, func, &f);
    return f.tier;
}

static u32 heat_of_calls(u64 calls)
{
    u64 heat = calls * RT_HEAT_CALL;
    return heat == 0 ? 1 : heat < INT32_MAX ? (u32)heat : INT32_MAX;
}

void jit_set_threshold(u32 warm, u32 hot, u32 very_hot)
{
    const u32 t[TIER_COUNT] = {0, heat_of_calls(warm), heat_of_calls(hot), heat_of_calls(very_hot),
                               heat_of_calls((u64)very_hot * TUNE_FINAL_FACTOR)};
    tier_set_thresholds(t);
}

u32 jit_optimize_hot_functions(struct rt_instance *i)
{
    return tier_compile_hot(i);
}

u32 jit_save_state(void)
{
    return engine_learn_save();
}

/* --- Imports. --- */

static struct rt_instance *guest; /* the one program that runs */

/* A C function pointer is an index in table 0; what is no function of this instance gives no function at all.
 */
static u32 func_of_pointer(rt_cell pointer)
{
    u32 k = (u32)pointer;
    if (!guest || guest->layout->ntables == 0 || k >= guest->tables[0]->size ||
        guest->tables[0]->type != RT_FUNCREF)
        return UINT32_MAX;
    const struct rt_func *f = guest->tables[0]->elems[k];
    return f && f->inst == guest ? f->index : UINT32_MAX;
}

#define IMPORT(name, body)                                                                                   \
    static enum rt_trap import_##name(void *env, struct rt_instance *caller, rt_cell *cells)                 \
    {                                                                                                        \
        (void)env, (void)caller, (void)cells;                                                                \
        body;                                                                                                \
        return TRAP_NONE;                                                                                    \
    }
IMPORT(jit_profile_begin, jit_profile_begin(guest))
IMPORT(jit_profile_end, jit_profile_end(guest))
IMPORT(jit_get_call_count, cells[0] = jit_get_call_count(guest, func_of_pointer(cells[0])))
IMPORT(jit_get_avg_cycles, cells[0] = jit_get_avg_cycles(guest, func_of_pointer(cells[0])))
IMPORT(jit_get_min_cycles, cells[0] = jit_get_min_cycles(guest, func_of_pointer(cells[0])))
IMPORT(jit_get_max_cycles, cells[0] = jit_get_max_cycles(guest, func_of_pointer(cells[0])))
IMPORT(jit_get_optimization_level, cells[0] = jit_get_optimization_level(guest, func_of_pointer(cells[0])))
IMPORT(jit_set_threshold, jit_set_threshold((u32)cells[0], (u32)cells[1], (u32)cells[2]))
IMPORT(jit_optimize_hot_functions, cells[0] = jit_optimize_hot_functions(guest))
IMPORT(jit_save_state, cells[0] = jit_save_state())
IMPORT(jit_ticks, cells[0] = plat_ticks())
#undef IMPORT

static struct import {
    const char *name, *sig;
    rt_host_fn fn;
    struct rt_func func;
} imports[] = {
#define JIT_IMPORT(name, sig) {#name, sig, import_##name, {0}},
#include "jit_runtime.def"
#undef JIT_IMPORT
};

static const struct rt_sig *sig_of(const char *text)
{
    rt_type types[8];
    u32 n = 0, params = 0;
    for (; *text; text++) {
        if (*text == '_')
            params = n;
        else
            types[n++] = *text == 'i' ? RT_I32 : RT_I64;
    }
    return rt_sig_get(types, params, n - params);
}

static bool named(const struct wasm_name *n, const char *s)
{
    return n->len == strlen(s) && memcmp(n->s, s, n->len) == 0;
}

struct rt_func *engine_jit_import(const struct wasm_module *m, const struct wasm_import *imp)
{
    (void)m;
    if (!named(&imp->module, "anneal"))
        return NULL;
    for (size_t k = 0; k < sizeof imports / sizeof imports[0]; k++) {
        struct import *i = &imports[k];
        if (!named(&imp->name, i->name))
            continue;
        const struct rt_sig *s = sig_of(i->sig);
        if (!s)
            return NULL;
        rt_func_init_host(&i->func, s, i->fn, NULL);
        return &i->func;
    }
    return NULL;
}

void engine_jit_bind(struct rt_instance *i)
{
    guest = i;
}

bool engine_wants_profile(const struct wasm_module *m)
{
    for (u32 k = 0; k < m->nimports; k++) {
        if (named(&m->imports[k].module, "anneal"))
            return true;
    }
    return false;
}
