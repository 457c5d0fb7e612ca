/* anneal.c: the embedding API over the rooms below. */
#include "anneal.h"

#include <string.h>

#include "engine.h"
#include "fmt.h"
#include "heap.h"
#include "interp.h"
#include "llvm_jit.h"
#include "plat.h"
#include "typed.h"

struct anneal_engine {
    bool base_memory, fuel;
};
struct typed_import { /* names and type are copies, in one block with it */
    const char *module, *name, *type;
    anneal_code fn;
    void *env;
    struct typed_import *next;
};
struct anneal_module {
    struct wasm_module *wasm;
    u8 *bytes; /* our copy */
    anneal_engine *engine;
    struct typed_import *imports; /* the last one first */
};
struct host_func { /* one resolved host import */
    struct rt_func slot;
    anneal_host_fn fn;
    void *env;
    struct host_func *next;
};
struct anneal_instance {
    struct rt_instance *rt;
    anneal_module *module;
    struct wasi *wasi;
    struct host_func *hosts;
    struct typed *typed; /* NULL: not asked for so far */
};

static struct err last_error;
static int last_exit = -1;

static void fail(status st, const char *what)
{
    last_error = (struct err){0};
    err_set(&last_error, st, ERR_NO_OFFSET, "%s", what);
}

static void fail_err(const struct err *e, status st)
{
    if (e->code == ST_OK)
        fail(st, st == E_NOMEM ? "out of memory" : "failed");
    else
        last_error = *e;
}

const char *anneal_error(void)
{
    return last_error.text;
}

int anneal_exit_code(void)
{
    return last_exit;
}

anneal_engine *anneal_engine_new(const anneal_config *config)
{
    static const anneal_config defaults;
    const anneal_config *c = config ? config : &defaults;
    struct options o;
    struct err e = {0};
    options_init(&o);
    o.tier = c->tier == ANNEAL_AUTO ? TIER_MODE_AUTO : (int)c->tier - ANNEAL_INTERP;
    o.base_memory = c->base_memory;
    o.profile = c->profile ? 1 : -1; /* not off: that would also end what is counted for O3 */
    if (c->max_memory)
        o.max_memory = c->max_memory;
    if (c->fuel)
        o.fuel = c->fuel <= INT64_MAX ? c->fuel : INT64_MAX;
    if (c->cpu)
        o.cpu = c->cpu;
    anneal_engine *engine = heap_calloc(1, sizeof *engine);
    status st = engine ? engine_init(&o, &e) : E_NOMEM;
    if (st != ST_OK) {
        fail_err(&e, st);
        heap_free(engine);
        return NULL;
    }
    engine->base_memory = c->base_memory;
    engine->fuel = c->fuel != 0;
    return engine;
}

void anneal_engine_delete(anneal_engine *e)
{
    if (!e)
        return;
    tier_fini();
    llvm_jit_fini();
    heap_free(e);
}

bool anneal_fuel_get(const anneal_engine *e, uint64_t *fuel)
{
    if (!e->fuel) {
        fail(E_INVAL, "the engine's configuration does not limit fuel");
        return false;
    }
    *fuel = rt_thread.fuel > 0 ? (uint64_t)rt_thread.fuel : 0;
    return true;
}

bool anneal_fuel_set(anneal_engine *e, uint64_t fuel)
{
    if (!e->fuel || fuel > INT64_MAX) {
        fail(E_INVAL,
             e->fuel ? "more fuel than there can be" : "the engine's configuration does not limit fuel");
        return false;
    }
    rt_thread.fuel = (s64)fuel;
    return true;
}

anneal_module *anneal_module_new(anneal_engine *e, const void *bytes, size_t len)
{
    struct err err = {0};
    anneal_module *m = heap_calloc(1, sizeof *m);
    u8 *copy = heap_alloc(len ? len : 1);
    status st = m && copy ? ST_OK : E_NOMEM;
    if (st == ST_OK) {
        memcpy(copy, bytes, len);
        *m = (anneal_module){.bytes = copy, .engine = e};
        st = wasm_module_decode(copy, len, &m->wasm, &err);
    }
    if (st == ST_OK)
        return m;
    fail_err(&err, st);
    heap_free(copy);
    heap_free(m);
    return NULL;
}

void anneal_module_delete(anneal_module *m)
{
    if (!m)
        return;
    wasm_module_destroy(m->wasm);
    while (m->imports) {
        struct typed_import *x = m->imports;
        m->imports = x->next;
        heap_free(x);
    }
    heap_free(m->bytes);
    heap_free(m);
}

/* Copies `s` to *at, which goes on behind it. */
static const char *put_text(char **at, const char *s)
{
    char *to = *at;
    size_t n = strlen(s) + 1;
    memcpy(to, s, n);
    *at += n;
    return to;
}

bool anneal_module_import(anneal_module *m, const char *module, const char *name, const char *type,
                          anneal_code fn, void *env)
{
    size_t text = strlen(module) + strlen(name) + strlen(type) + 3;
    struct typed_import *x = heap_alloc(sizeof *x + text);
    if (!x) {
        fail(E_NOMEM, "out of memory");
        return false;
    }
    char *at = (char *)(x + 1);
    *x = (struct typed_import){.fn = fn, .env = env, .next = m->imports};
    x->module = put_text(&at, module);
    x->name = put_text(&at, name);
    x->type = put_text(&at, type);
    m->imports = x;
    return true;
}

/* --- Values and cells. --- */

static enum anneal_type type_of(rt_type t)
{
    switch ((u8)t) {
    case RT_I32: return ANNEAL_I32;
    case RT_I64: return ANNEAL_I64;
    case RT_F32: return ANNEAL_F32;
    case RT_F64: return ANNEAL_F64;
    case RT_SIGREF:
    case RT_FUNCREF: return ANNEAL_FUNCREF;
    default: return ANNEAL_EXTERNREF;
    }
}

static rt_cell to_cell(const anneal_value *v)
{
    rt_cell c = 0;
    memcpy(&c, &v->of, v->type == ANNEAL_I32 || v->type == ANNEAL_F32 ? 4 : 8);
    return c;
}

static anneal_value from_cell(rt_cell c, rt_type t)
{
    anneal_value v = {.type = type_of(t)};
    memcpy(&v.of, &c, v.type == ANNEAL_I32 || v.type == ANNEAL_F32 ? 4 : 8);
    return v;
}

/* --- Imports. --- */

/* anneal_value has no vectors: one cell a value. */
static bool has_vectors(const struct rt_sig *s)
{
    return s->param_cells != s->nparams || s->result_cells != s->nresults;
}

static enum rt_trap call_host(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    const struct host_func *h = env;
    const struct rt_sig *s = h->slot.sig;
    anneal_value *values = heap_calloc((size_t)s->nparams + s->nresults + 1, sizeof *values);
    if (!values)
        return TRAP_OUT_OF_MEMORY;
    for (u32 k = 0; k < (u32)s->nparams + s->nresults; k++)
        values[k] = from_cell(k < s->nparams ? cells[k] : 0, s->types[k]);
    rt_thread.uncaught = NULL;
    bool ok = h->fn(h->env, values, values + s->nparams);
    for (u32 k = 0; k < s->nresults; k++)
        cells[k] = to_cell(&values[s->nparams + k]);
    heap_free(values);
    if (ok)
        return TRAP_NONE;
    return rt_thread.uncaught ? TRAP_UNCAUGHT_EXCEPTION : TRAP_HOST; /* of its last anneal_call */
}

struct linking {
    anneal_instance *i;
    const anneal_import *imports;
    size_t nimports;
    struct err err;
};

static bool named(const struct wasm_name *n, const char *s)
{
    return n->len == strlen(s) && memcmp(n->s, s, n->len) == 0;
}

/* The function's type as text (anneal_func_type). */
static size_t type_text(const struct rt_sig *s, char *buf, size_t size)
{
    static const char letters[] = {'i', 'l', 'f', 'd', 'r', 'r'};
    size_t len = 0;
    for (u32 k = 0; k <= (u32)s->nparams + s->nresults; k++) {
        char c = k == s->nparams ? '_' : letters[type_of(s->types[k - (k > s->nparams)])];
        if (len + 1 < size)
            buf[len] = c;
        len++;
    }
    if (size)
        buf[len < size ? len : size - 1] = 0;
    return len;
}

/* Whether a C function of type `text` can stand for one of `s`; else `e` says why. */
static bool is_typed(const struct rt_sig *s, const char *text, struct err *e)
{
    char own[32];
    if (!typed_fits(s)) {
        err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "a C function cannot have this type here (anneal.h)");
        return false;
    }
    type_text(s, own, sizeof own); /* which is enough for all that fit */
    if (strcmp(own, text) == 0)
        return true;
    err_set(e, E_INVAL, ERR_NO_OFFSET, "the function has type %s, not %s", own, text);
    return false;
}

static struct host_func *new_host(struct linking *l)
{
    struct host_func *h = heap_calloc(1, sizeof *h);
    if (h) {
        h->next = l->i->hosts;
        l->i->hosts = h;
    }
    return h;
}

static struct rt_func *typed_slot(struct linking *l, const struct rt_sig *sig, const struct wasm_import *imp)
{
    const struct typed_import *x = l->i->module->imports;
    while (x && !(named(&imp->module, x->module) && named(&imp->name, x->name)))
        x = x->next;
    struct host_func *h = x && is_typed(sig, x->type, &l->err) ? new_host(l) : NULL;
    if (!h)
        return NULL;
    rt_func_init_native(&h->slot, sig, (void *)x->fn, x->env);
    return &h->slot;
}

static struct rt_func *host_slot(struct linking *l, const struct rt_sig *sig, const struct wasm_import *imp)
{
    for (size_t k = 0; k < l->nimports; k++) {
        const anneal_import *x = &l->imports[k];
        if (!named(&imp->module, x->module) || !named(&imp->name, x->name))
            continue;
        struct host_func *h = has_vectors(sig) ? NULL : new_host(l);
        if (!h)
            return NULL;
        h->fn = x->fn;
        h->env = x->env;
        rt_func_init_host(&h->slot, sig, call_host, h);
        return &h->slot;
    }
    return NULL;
}

static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    struct linking *l = env;
    if (imp->kind != WASM_FUNC)
        return false;
    const struct rt_sig *sig = wasm_func_type(m, imp->index)->sig;
    struct rt_func *f = typed_slot(l, sig, imp);
    if (!f && l->err.code == ST_OK)
        f = host_slot(l, sig, imp);
    if (!f && l->err.code == ST_OK && l->i->wasi)
        f = wasi_resolve(l->i->wasi, m, imp, &l->err);
    *out = (struct wasm_extern_value){.kind = WASM_FUNC, .u.func = f};
    return f != NULL;
}

/* --- Instances. --- */

static status fail_trap(struct err *e, enum rt_trap t)
{
    char text[ENGINE_TRAP_TEXT_MAX];
    engine_trap_text(t, text, sizeof text);
    return err_set(e, E_TRAP, ERR_NO_OFFSET, "%s", text);
}

static bool finish(enum rt_trap t)
{
    last_exit = -1;
    if (t == TRAP_NONE)
        return true;
    last_error = (struct err){0};
    if (t == TRAP_EXIT) {
        last_exit = (int)rt_thread.exit_code;
        err_set(&last_error, E_TRAP, ERR_NO_OFFSET, "program exit with code %d", last_exit);
    } else {
        fail_trap(&last_error, t);
    }
    return false;
}

static status instantiate(anneal_instance *i, struct linking *l, struct err *e)
{
    enum rt_trap trap = TRAP_NONE;
    struct wasm_instantiate_options o = {.resolve = resolve,
                                         .env = l,
                                         .want_fixed = !i->module->engine->base_memory,
                                         .func_cells = tier_first_call};
    status st = wasm_instantiate(i->module->wasm, &o, &i->rt, &trap, e);
    if (st == E_TRAP)
        return fail_trap(e, trap);
    if (st != ST_OK && l->err.code != ST_OK)
        *e = l->err;
    TRY(st);
    TRY(tier_add_instance(i->rt));
    if (i->wasi)
        TRY(wasi_bind(i->wasi, i->rt, e));
    if (!i->module->wasm->has_start)
        return ST_OK;
    rt_cell none[1] = {0};
    trap = rt_call(i->rt->funcs[i->module->wasm->start], none);
    return trap == TRAP_NONE ? ST_OK : fail_trap(e, trap);
}

static status create_wasi(const anneal_wasi *w, struct wasi **out, struct err *e)
{
    struct wasi_preopen *dirs = heap_calloc(w->npreopens + 1, sizeof *dirs);
    if (!dirs)
        return E_NOMEM;
    for (size_t k = 0; k < w->npreopens; k++)
        dirs[k] = (struct wasi_preopen){w->preopens[k].host, w->preopens[k].guest};
    struct wasi_config c = {.argc = (u32)w->argc,
                            .argv = w->argv,
                            .nenv = (u32)w->nenv,
                            .env = w->env,
                            .npreopens = (u32)w->npreopens,
                            .preopens = dirs};
    status st = wasi_create(&c, out, e);
    heap_free(dirs);
    return st;
}

anneal_instance *anneal_instance_new(anneal_module *m, const anneal_import *imports, size_t nimports,
                                     const anneal_wasi *wasi)
{
    struct err e = {0};
    anneal_instance *i = heap_calloc(1, sizeof *i);
    if (!i) {
        fail(E_NOMEM, "out of memory");
        return NULL;
    }
    i->module = m;
    struct linking l = {.i = i, .imports = imports, .nimports = nimports};
    status st = ST_OK;
    if (wasi)
        st = create_wasi(wasi, &i->wasi, &e);
    if (st == ST_OK)
        st = instantiate(i, &l, &e);
    if (st == ST_OK)
        return i;
    fail_err(&e, st);
    anneal_instance_delete(i);
    return NULL;
}

void anneal_instance_delete(anneal_instance *i)
{
    if (!i)
        return;
    typed_destroy(i->typed);
    if (i->rt) {
        tier_remove_instance(i->rt);
        interp_instance_fini(i->rt);
        rt_instance_destroy(i->rt);
    }
    while (i->hosts) {
        struct host_func *h = i->hosts;
        i->hosts = h->next;
        heap_free(h);
    }
    if (i->wasi)
        wasi_destroy(i->wasi);
    heap_free(i);
}

static bool export_of(anneal_instance *i, const char *name, enum wasm_extern kind,
                      struct wasm_extern_value *out)
{
    const struct wasm_export *x = wasm_export_find(i->module->wasm, name, strlen(name));
    if (x && kind == WASM_FUNC && x->kind == kind &&
        has_vectors(wasm_func_type(i->module->wasm, x->index)->sig)) {
        fail(E_UNSUPPORTED, "functions with v128 in their type cannot be called from a host yet");
        return false;
    }
    if (!x || x->kind != kind) {
        fail(E_NOTFOUND, kind == WASM_FUNC ? "no such exported function" : "no such exported memory");
        return false;
    }
    wasm_instance_export(i->rt, x, out);
    return true;
}

/* An anneal_func is the function's slot under its public name. */
anneal_func *anneal_instance_func(anneal_instance *i, const char *name)
{
    struct wasm_extern_value v;
    return export_of(i, name, WASM_FUNC, &v) ? (anneal_func *)v.u.func : NULL;
}

static const struct rt_func *slot_of(const anneal_func *f)
{
    return (const struct rt_func *)f;
}

size_t anneal_func_type(const anneal_func *f, char *buf, size_t size)
{
    return type_text(slot_of(f)->sig, buf, size);
}

bool anneal_call(anneal_func *f, const anneal_value *args, size_t nargs, anneal_value *results,
                 size_t nresults)
{
    struct rt_func *slot = (struct rt_func *)f;
    const struct rt_sig *s = slot->sig;
    last_exit = -1;
    rt_thread.uncaught = NULL;
    if (nargs != s->nparams || nresults != s->nresults) {
        fail(E_INVAL, "wrong number of arguments or results");
        return false;
    }
    rt_cell few[16];
    u32 n = rt_sig_cells(s);
    rt_cell *cells = n <= 16 ? few : heap_alloc(n * sizeof *cells);
    if (!cells) {
        fail(E_NOMEM, "out of memory");
        return false;
    }
    bool ok = true;
    for (u32 k = 0; k < nargs && ok; k++) {
        ok = args[k].type == type_of(s->types[k]) && (args[k].of.ref || !(s->types[k] & RT_NONNULL));
        cells[k] = to_cell(&args[k]);
    }
    if (!ok)
        fail(E_INVAL, "an argument has the wrong type");
    else
        ok = finish(rt_call(slot, cells));
    for (u32 k = 0; k < nresults && ok; k++)
        results[k] = from_cell(cells[k], s->types[s->nparams + k]);
    if (cells != few)
        heap_free(cells);
    return ok;
}

anneal_code anneal_instance_typed(anneal_instance *i, const char *name, const char *type)
{
    struct err e = {0};
    const struct wasm_export *x = wasm_export_find(i->module->wasm, name, strlen(name));
    if (!x || x->kind != WASM_FUNC) {
        fail(E_NOTFOUND, "no such exported function");
        return NULL;
    }
    status st = is_typed(wasm_func_type(i->module->wasm, x->index)->sig, type, &e) ? ST_OK : e.code;
    if (st == ST_OK && !i->typed)
        st = typed_create(i->rt, &i->typed);
    if (st == ST_OK)
        return typed_find(i->typed, x);
    fail_err(&e, st);
    return NULL;
}

bool anneal_typed_trapped(void)
{
    enum rt_trap why;
    return typed_failed(&why) && !finish(why);
}

void anneal_trap(void)
{
    rt_trap(TRAP_HOST);
}

bool anneal_memory_view(anneal_instance *i, const char *name, uint8_t **data, size_t *size)
{
    struct wasm_extern_value v;
    if (!export_of(i, name, WASM_MEMORY, &v))
        return false;
    *data = v.u.mem->base;
    *size = (size_t)v.u.mem->bytes;
    plat_touch(*data, *size); /* system calls may be given it */
    return true;
}

int anneal_func_tier(const anneal_func *f)
{
    return slot_of(f)->tier;
}
