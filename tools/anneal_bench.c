/* anneal_bench.c: `anneal bench`: an export called often and timed, by --invoke here, or by the protocol of
 * anneal_bench_rig.c. */
#include "anneal_bench.h"

#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "heap.h"
#include "tier.h"

/* --- A module that is open. --- */

/* env.host_nop (i32) -> i32, the argument plus 1: the import that call overhead is measured with, as an
 * embedder's `typed` import is. */
static s32 host_nop(void *env, s32 x)
{
    (void)env;
    return (s32)((u32)x + 1);
}

static struct rt_func *host_nop_slot(const struct wasm_module *m, const struct wasm_import *imp)
{
    static const rt_type types[] = {RT_I32, RT_I32};
    static struct rt_func slot;
    const struct rt_sig *s = rt_sig_get(types, 1, 1);
    if (!s || wasm_func_type(m, imp->index)->sig != s || imp->name.len != 8 ||
        memcmp(imp->name.s, "host_nop", 8) != 0)
        return NULL;
    rt_func_init_native(&slot, s, (void *)host_nop, NULL);
    return &slot;
}

static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    struct bench *b = env;
    if (imp->kind != WASM_FUNC)
        return false;
    struct rt_func *f = host_nop_slot(m, imp);
    if (!f)
        f = wasi_resolve(b->wasi, m, imp, &b->import_err);
    *out = (struct wasm_extern_value){.kind = WASM_FUNC, .u.func = f};
    return f != NULL;
}

static status load(struct bench *b, struct err *e)
{
    u64 start = plat_clock_ns(PLAT_CLOCK_MONO);
    TRY(wasm_module_decode(b->blob.data, b->blob.len, &b->module, e));
    TRY(engine_init(&b->o, e));
    b->compile_ns = plat_clock_ns(PLAT_CLOCK_MONO) - start;
    return ST_OK;
}

static status link(struct bench *b, int argc, const char *const *argv, struct err *e)
{
    struct wasi_config c = {.argc = (u32)argc, .argv = argv, .nenv = b->o.env.n, .env = b->o.env.item};
    TRY(wasi_create(&c, &b->wasi, e));
    enum rt_trap trap = TRAP_NONE;
    struct wasm_instantiate_options in = {
        .resolve = resolve, .env = b, .want_fixed = !b->o.base_memory, .func_cells = tier_first_call};
    status st = wasm_instantiate(b->module, &in, &b->inst, &trap, e);
    if (st == E_TRAP)
        return err_set(e, st, ERR_NO_OFFSET, "trap while the module was initialised: %s", rt_trap_text(trap));
    if (st != ST_OK && b->import_err.code != ST_OK)
        *e = b->import_err;
    TRY(st);
    TRY(tier_add_instance(b->inst));
    return wasi_bind(b->wasi, b->inst, e);
}

static bool initialise(const struct bench *b)
{
    rt_cell none[1] = {0};
    if (b->module->has_start && !bench_call(b, b->inst->funcs[b->module->start], none))
        return false;
    struct rt_func *init = bench_export(b, "_initialize");
    return !init || init->sig->nparams || bench_call(b, init, none);
}

bool bench_open(struct bench *b, int argc, const char *const *argv, int *code)
{
    struct err e = {0};
    *code = ENGINE_EXIT_BAD;
    if (plat_blob_find(argv[0], &b->blob) != ST_OK) {
        fmt_out(PLAT_ERR, "anneal: %s: cannot read the file\n", argv[0]);
        return false;
    }
    status st = load(b, &e);
    u64 start = plat_clock_ns(PLAT_CLOCK_MONO);
    if (st == ST_OK)
        st = link(b, argc, argv, &e);
    if (st != ST_OK) {
        anneal_bad(&e);
        return false;
    }
    if (!initialise(b)) {
        *code = ENGINE_EXIT_TRAP;
        return false;
    }
    b->instantiate_ns = plat_clock_ns(PLAT_CLOCK_MONO) - start;
    return true;
}

struct rt_func *bench_export(const struct bench *b, const char *name)
{
    const struct wasm_export *x = wasm_export_find(b->module, name, strlen(name));
    if (!x || x->kind != WASM_FUNC)
        return NULL;
    struct wasm_extern_value v;
    wasm_instance_export(b->inst, x, &v);
    return v.u.func;
}

bool bench_call(const struct bench *b, struct rt_func *f, rt_cell *cells)
{
    if (rt_call(f, cells) == TRAP_NONE)
        return true;
    engine_print_trap(&b->o);
    return false;
}

bool bench_number(const char *const *args, int n, int *k, const char *name, double *out)
{
    const char *a = args[*k], *value = NULL;
    size_t len = strlen(name);
    char *end;
    if (strncmp(a, name, len) != 0)
        return false;
    if (a[len] == '=')
        value = a + len + 1;
    else if (!a[len] && *k + 1 < n)
        value = args[*k + 1];
    if (!value || *value < '0' || *value > '9')
        return false;
    *out = strtod(value, &end);
    *k += !a[len];
    return !*end;
}

/* --- --invoke. --- */

struct timing {
    double warmup, iterations;
    bool json;
    u64 *ns; /* one an iteration */
};

static int by_size(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;
    return (x > y) - (x < y);
}

static bool time_calls(const struct bench *b, struct rt_func *f, const rt_cell *args, rt_cell *cells,
                       struct timing *t)
{
    s64 warmup = (s64)t->warmup;
    for (s64 k = -warmup; k < (s64)t->iterations; k++) {
        memcpy(cells, args, f->sig->param_cells * sizeof *cells);
        u64 start = plat_clock_ns(PLAT_CLOCK_MONO);
        if (!bench_call(b, f, cells))
            return false;
        if (k >= 0)
            t->ns[k] = plat_clock_ns(PLAT_CLOCK_MONO) - start;
    }
    return true;
}

static void print_results(const struct rt_sig *s, const rt_cell *cells, const char *before, const char *quote,
                          const char *between)
{
    const rt_type *types = s->types + s->nparams;
    fmt_out(PLAT_OUT, "%s", before);
    for (u32 k = 0; k < s->nresults; cells += rt_type_cells(types[k++])) {
        char text[64];
        engine_value_print(cells, types[k], text, sizeof text);
        fmt_out(PLAT_OUT, "%s%s%s%s", k ? between : "", quote, text, quote);
    }
}

static void print_json(const struct bench *b, const struct rt_func *f, const rt_cell *cells,
                       const struct timing *t)
{
    fmt_out(PLAT_OUT, "{\"ev\":\"bench\",\"name\":\"%s\",\"tier\":%u,\"warmup\":%.0f,\"ns\":[", b->o.invoke,
            f->tier, t->warmup);
    for (size_t k = 0; k < (size_t)t->iterations; k++)
        fmt_out(PLAT_OUT, "%s%llu", k ? "," : "", (unsigned long long)t->ns[k]);
    print_results(f->sig, cells, "],\"results\":[", "\"", ",");
    fmt_out(PLAT_OUT, "]}\n");
}

static void print_text(const struct rt_func *f, const rt_cell *cells, const struct timing *t)
{
    size_t n = (size_t)t->iterations;
    qsort(t->ns, n, sizeof *t->ns, by_size);
    fmt_out(PLAT_OUT, "%.0f calls after %.0f to warm up: median %llu ns, least %llu, most %llu\n",
            t->iterations, t->warmup, (unsigned long long)t->ns[n / 2], (unsigned long long)t->ns[0],
            (unsigned long long)t->ns[n - 1]);
    if (f->sig->nresults)
        print_results(f->sig, cells, "= ", "", " ");
    fmt_out(PLAT_OUT, f->sig->nresults ? "\n" : "");
}

static status parse_arguments(const struct rt_sig *s, int n, const char *const *args, rt_cell *cells,
                              struct err *e)
{
    if (n != s->nparams)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "bench: the function takes %u arguments, %d given",
                       s->nparams, n);
    for (u32 k = 0; k < s->nparams; cells += rt_type_cells(s->types[k++]))
        TRY(engine_value_parse(args[k], s->types[k], cells, e));
    return ST_OK;
}

static int bench_invoke(struct bench *b, struct timing *t, int argc, const char *const *argv)
{
    int code;
    struct err e = {0};
    if (!bench_open(b, argc, argv, &code))
        return code;
    struct rt_func *f = bench_export(b, b->o.invoke);
    if (!f)
        return anneal_bad_use("bench: the module exports no such function");
    size_t ncells = rt_sig_cells(f->sig) + 1u;
    rt_cell *args = heap_calloc(2 * ncells, sizeof *args);
    t->ns = heap_calloc((size_t)t->iterations, sizeof *t->ns);
    if (!args || !t->ns)
        return anneal_bad_use("bench: out of memory");
    if (parse_arguments(f->sig, argc - 1, argv + 1, args, &e) != ST_OK)
        return anneal_bad(&e);
    if (!time_calls(b, f, args, args + ncells, t))
        return ENGINE_EXIT_TRAP;
    if (t->json)
        print_json(b, f, args + ncells, t);
    else
        print_text(f, args + ncells, t);
    return 0;
}

/* --- The command. --- */

int anneal_bench(int argc, char **argv)
{
    const char *const *args = (const char *const *)argv;
    struct bench b = {0};
    struct timing t = {.warmup = 10, .iterations = 100};
    struct err e = {0};
    int k = 0;
    options_init(&b.o);
    if (argc > 0 && strcmp(args[0], "--rig") == 0)
        return bench_rig(&b, argc - 1, args + 1);
    for (; k < argc && strncmp(args[k], "--", 2) == 0; k++) {
        size_t used;
        if (strcmp(args[k], "--json") == 0) {
            t.json = true;
        } else if (!bench_number(args, argc, &k, "--warmup", &t.warmup) &&
                   !bench_number(args, argc, &k, "--iterations", &t.iterations)) {
            if (options_parse(&b.o, args + k, (size_t)(argc - k), &used, &e) != ST_OK)
                return anneal_bad(&e);
            k += (int)used - 1;
        }
    }
    if (k == argc || !b.o.invoke || t.iterations < 1)
        return anneal_bad_use("bench: which --invoke=NAME of which FILE.wasm, and at least one iteration");
    return bench_invoke(&b, &t, argc - k, args + k);
}
