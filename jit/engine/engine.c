/* engine.c: from bytes to exit code. */
#include "engine.h"
#include "engine_priv.h"

#include <string.h>

#include "fmt.h"
#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "prof.h"

struct program {
    const struct options *o;
    struct wasm_module *module;
    struct wasi *wasi;
    struct rt_instance *inst;
    struct err err; /* first error of resolving imports */
    u64 first_wasm_ticks;
    enum rt_trap trap;
    bool profiled;
    enum inst_phase phase; /* what has happened before this boot */
};

static void complain(const char *name, const struct err *e)
{
    if (e->offset == ERR_NO_OFFSET)
        fmt_out(PLAT_ERR, "anneal: %s: %s\n", name, e->text);
    else
        fmt_out(PLAT_ERR, "anneal: %s: offset 0x%llx: %s\n", name, (unsigned long long)e->offset, e->text);
}

status engine_init(const struct options *o, struct err *e)
{
    TRY(rt_thread_init());
    rt_memory_limit_pages = o->max_memory / RT_PAGE < 65536 ? o->max_memory / RT_PAGE : 65536;
    rt_fuel_limited = o->fuel <= INT64_MAX;
    rt_thread.fuel = rt_fuel_limited ? (s64)o->fuel : 0;
    struct tier_config tier = {
        .mode = (enum tier_mode)o->tier,
        .baseline = o->tier == TIER_MODE_AUTO && o->baseline != 0,
        .profile = o->profile == 1,
        .cold_bytes = o->cold_bytes,
        .osr = o->osr != 0,
        .counts = o->profile != 0,
        .bind = !o->objects && !o->state,
        .verbose = o->verbose,
        .patterns = o->patterns != 0,
        .fp_relaxed = o->fp_relaxed,
        .sites = o->kernels == KERNELS_TRUSTED ? JIT_SITES_TRUSTED : JIT_SITES_TRIED,
    };
    TRY(engine_code_init(o, &tier, e));
    if (o->threshold)
        tier_thresholds_from((u32)o->threshold, &tier);
    interp_copy_after = o->threshold < INT32_MAX ? (u32)o->threshold : INT32_MAX;
    return tier_init(&tier);
}

/* --- Imports. --- */

static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    struct program *p = env;
    if (imp->kind != WASM_FUNC)
        return false;
    struct rt_func *f = engine_jit_import(m, imp);
    if (!f && p->o->fuzz)
        f = engine_fuzz_import(m, imp);
    if (!f)
        f = wasi_resolve(p->wasi, m, imp, &p->err);
    *out = (struct wasm_extern_value){.kind = WASM_FUNC, .u.func = f};
    return f != NULL;
}

const char *engine_program_name(const struct options *o, const char *path)
{
    const char *slash = strrchr(path, '/');
    return o->name ? o->name : slash ? slash + 1 : path;
}

static status open_wasi(struct program *p, int argc, const char *const *argv, struct err *e)
{
    static struct wasi_preopen dirs[OPTIONS_LIST_MAX];
    static char hosts[OPTIONS_LIST_MAX][256];
    for (u32 k = 0; k < p->o->dirs.n; k++) {
        const char *item = p->o->dirs.item[k];
        const char *sep = strstr(item, "::");
        size_t len = sep ? (size_t)(sep - item) : strlen(item);
        if (len >= sizeof hosts[k])
            return err_set(e, E_LIMIT, ERR_NO_OFFSET, "--dir=%s: the path is too long", item);
        memcpy(hosts[k], item, len);
        hosts[k][len] = 0;
        dirs[k] = (struct wasi_preopen){.host = hosts[k], .guest = sep ? sep + 2 : hosts[k]};
    }
    const char **own = heap_calloc((size_t)argc, sizeof *own); /* wasi_create copies */
    if (!own)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    memcpy(own, argv, (size_t)argc * sizeof *own);
    own[0] = engine_program_name(p->o, argv[0]);
    struct wasi_config c = {.argc = (u32)argc,
                            .argv = own,
                            .nenv = p->o->env.n,
                            .env = p->o->env.item,
                            .npreopens = p->o->dirs.n,
                            .preopens = dirs};
    status st = wasi_create(&c, &p->wasi, e);
    heap_free(own);
    return st;
}

/* --- Running. --- */

/* Calls and remembers how it ended. The first call is the first wasm instruction. */
static bool call(struct program *p, struct rt_func *f, rt_cell *cells)
{
    if (!p->first_wasm_ticks) {
        p->first_wasm_ticks = plat_ticks();
        engine_learn_runs();
    }
    enum prof_phase was = prof_enter(PROF_RUNTIME);
    p->trap = rt_call(f, cells);
    prof_enter(was);
    return p->trap == TRAP_NONE;
}

static int exit_code_of(const struct program *p)
{
    if (p->trap == TRAP_NONE)
        return 0;
    return p->trap == TRAP_EXIT ? (int)(rt_thread.exit_code & 0xff) : ENGINE_EXIT_TRAP;
}

static enum rt_trap call_of_list(void *env, struct rt_func *f, rt_cell *cells)
{
    struct program *p = env;
    (void)!call(p, f, cells);
    return p->trap;
}

static status find_export(struct program *p, const char *name, struct rt_func **out, struct err *e)
{
    const struct wasm_export *x = wasm_export_find(p->module, name, strlen(name));
    if (!x || x->kind != WASM_FUNC)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "the module exports no function \"%s\"%s", name,
                       p->o->invoke ? "" : "; name one with --invoke");
    struct wasm_extern_value v;
    wasm_instance_export(p->inst, x, &v);
    *out = v.u.func;
    return ST_OK;
}

/* Calls export `name`, which takes and returns nothing, if there is one. False: it trapped. */
static bool call_if_there(struct program *p, const char *name)
{
    rt_cell cells[1] = {0};
    const struct wasm_export *x = wasm_export_find(p->module, name, strlen(name));
    if (!x || x->kind != WASM_FUNC)
        return true;
    struct rt_func *f = p->inst->funcs[x->index];
    return f->sig->nparams || f->sig->nresults || call(p, f, cells);
}

/* Lets an export begin from here (struct options, keep). */
static status keep(struct program *p, enum inst_phase phase, struct err *e)
{
    if (!p->o->keep || p->o->keep_phase != phase)
        return ST_OK;
    if (phase != INST_NONE)
        TRY(wasi_is_as_created(p->wasi, e));
    return p->o->keep(p->o->keep_env, p->inst, phase, e);
}

/* The start function, a reactor's _initialize; where the result is to be kept, also Wizer's function, which
 * is for that alone. False: one of them did not come to its end. */
static bool initialise(struct program *p)
{
    rt_cell cells[1] = {0};
    bool kept = p->o->keep && p->o->keep_phase >= INST_INITIALISED;
    if (p->phase >= INST_INITIALISED)
        return true;
    if (p->module->has_start && !call(p, p->inst->funcs[p->module->start], cells))
        return false;
    if ((kept || p->o->invoke || p->o->invoke_list) && !call_if_there(p, "_initialize"))
        return false;
    return !kept || call_if_there(p, "wizer.initialize");
}

static status run_start(struct program *p, struct err *e)
{
    rt_cell cells[1] = {0};
    struct rt_func *f;
    if (p->o->may_lack_start && !wasm_export_find(p->module, "_start", 6))
        return ST_OK;
    TRY(find_export(p, "_start", &f, e));
    if (f->sig->nparams || f->sig->nresults)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "_start must take and return nothing");
    (void)!call(p, f, cells);
    return ST_OK;
}

/* What is to be done of the program itself. */
static status run_main(struct program *p, int argc, const char *const *argv, struct err *e)
{
    struct rt_func *f;
    if (p->o->learnt)
        return ST_OK;
    if (!p->o->invoke && !p->o->invoke_list)
        return run_start(p, e);
    struct engine_calls calls = {p->module, p->inst, call_of_list, p};
    if (p->o->invoke_list)
        return engine_invoke_list(&calls, p->o->invoke_list, &p->trap, e);
    TRY(find_export(p, p->o->invoke, &f, e));
    return engine_invoke(&calls, f, p->o->invoke, argc - 1, argv + 1, e);
}

static status run(struct program *p, int argc, const char *const *argv, struct err *e)
{
    TRY(keep(p, INST_NONE, e));
    bool has_to = !p->o->learnt || (p->o->keep && p->o->keep_phase >= INST_INITIALISED);
    if (has_to && !initialise(p))
        return ST_OK;
    TRY(keep(p, INST_INITIALISED, e));
    TRY(run_main(p, argc, argv, e));
    return p->trap == TRAP_NONE ? keep(p, INST_WARM, e) : ST_OK;
}

static status load(struct program *p, const u8 *bytes, size_t len, int argc, const char *const *argv,
                   struct err *e)
{
    TRY(engine_module_decode(bytes, len, &p->module, e));
    struct options o = *p->o;
    if (engine_wants_profile(p->module))
        o.profile = 1;
    TRY(engine_init(&o, e));
    TRY(open_wasi(p, argc, argv, e));
    struct wasm_instantiate_options in = {
        .resolve = resolve, .env = p, .want_fixed = !o.base_memory, .func_cells = tier_first_call};
    in.restored = engine_restores();
    status st = wasm_instantiate(p->module, &in, &p->inst, &p->trap, e);
    if (st == E_TRAP && o.fuzz) {
        fmt_out(PLAT_OUT, "instantiate trap\n");
        p->trap = TRAP_NONE;
        return E_TRAP;
    }
    if (st == E_TRAP) {
        fmt_out(PLAT_ERR, "anneal: %s: trap while the module was initialised: %s\n", argv[0],
                rt_trap_text(p->trap));
        return E_TRAP;
    }
    if (st != ST_OK && p->err.code != ST_OK)
        *e = p->err; /* says more than "unknown import" */
    TRY(st);
    TRY(engine_restore(p->inst, &p->phase, e));
    TRY(tier_add_instance(p->inst));
    p->profiled = o.profile == 1;
    if (p->profiled)
        prof_begin(p->inst);
    engine_jit_bind(p->inst);
    TRY(engine_state_open(&o, p->inst, e));
    TRY(engine_learn_begin(p->o, p->inst, e));
    if (o.fuzz)
        return ST_OK;
    return wasi_bind(p->wasi, p->inst, e);
}

static status start_timer(const struct options *o, struct err *e)
{
    if (!o->timeout_ns)
        return ST_OK;
    TRY(rt_thread_init());
    if (rt_timeout_start(o->timeout_ns) != ST_OK)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "--timeout: this machine has no timer");
    return ST_OK;
}

int engine_run(const struct options *o, const u8 *bytes, size_t len, int argc, const char *const *argv)
{
    struct program p = {.o = o};
    struct err e = {0};
    int code = ENGINE_EXIT_BAD;
    status st = start_timer(o, &e);
    if (st == ST_OK)
        st = load(&p, bytes, len, argc, argv, &e);
    if (st == ST_OK)
        st = o->fuzz ? engine_fuzz_run(p.module, p.inst, &e) : run(&p, argc, argv, &e);
    if (o->timeout_ns)
        rt_timeout_stop();
    if (st == ST_OK || st == E_TRAP) {
        code = exit_code_of(&p);
        if (code == ENGINE_EXIT_TRAP && st == ST_OK && p.trap != TRAP_EXIT)
            engine_print_trap(o);
    } else {
        if (e.code == ST_OK)
            err_set(&e, st, ERR_NO_OFFSET, st == E_NOMEM ? "out of memory" : "cannot be run");
        complain(argv[0], &e);
    }
    if (o->ended)
        o->ended(st == ST_OK && (p.trap == TRAP_NONE || p.trap == TRAP_EXIT));
    if (p.inst) {
        engine_learn_end(o, p.inst, p.trap);
        (void)engine_state_save(o, p.inst);
    }
    engine_state_close();
    u64 end_ticks = plat_ticks();
    if (o->finished && p.inst && (st == ST_OK || st == E_TRAP))
        code = o->finished(o->finished_env, p.inst, code);
    if (o->report) {
        struct engine_report r = {.inst = p.inst,
                                  .first_wasm_ticks = p.first_wasm_ticks,
                                  .end_ticks = end_ticks,
                                  .exit_code = code,
                                  .trap = p.trap,
                                  .profiled = p.profiled};
        if (engine_report_write(&r, o->report) != ST_OK) {
            fmt_out(PLAT_ERR, "anneal: cannot write the report to %s\n", o->report);
            code = code ? code : ENGINE_EXIT_BAD;
        }
    }
    return code;
}
