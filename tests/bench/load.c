/* load.c: how long a module takes until it can run, in this process: `load RUNS FILE` prints one JSON object.
 *
 * Phases of one run: decode and validate (one pass); the rest until the first instruction can run (instance
 * with stubs for all imports, segments copied, the entry function lowered); lowering of every other function,
 * which a program would do one by one at their first calls. CPU time of the thread and wall time, in seconds,
 * every run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine.h"
#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "tier.h"
#include "wasm.h"

enum phase { DECODE, READY, LOWER, PHASES };
static const char *const phase_names[PHASES] = {"decode", "ready", "lower"};

struct times {
    double cpu, wall;
};

struct stub { /* what one import gets; freed with the run */
    struct stub *next;
    struct wasm_extern_value value;
    struct rt_func func;
    struct rt_global global;
    struct rt_tag tag;
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct times now(void)
{
    return (struct times){seconds(CLOCK_THREAD_CPUTIME_ID), seconds(CLOCK_MONOTONIC)};
}

static _Noreturn void die(const char *file, const char *why)
{
    fprintf(stderr, "load: %s: %s\n", file, why);
    exit(1);
}

/* --- Imports: never called. --- */
static enum rt_trap stub_call(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)env, (void)caller, (void)cells;
    return TRAP_UNREACHABLE;
}

static bool make_table(const struct wasm_tabletype *t, struct rt_table **out)
{
    u64 max = t->limits.has_max ? t->limits.max : RT_TABLE_MAX;
    if (rt_table_create(t->elem, t->limits.min, max, out) != ST_OK)
        return false;
    (*out)->no_max = !t->limits.has_max;
    (*out)->is64 = t->limits.is64;
    return true;
}

static bool make_memory(const struct wasm_limits *l, struct rt_memory **out)
{
    if (rt_memory_create(l->min, l->has_max ? l->max : rt_memory_limit_pages, false, out) != ST_OK)
        return false;
    (*out)->no_max = !l->has_max;
    (*out)->is64 = l->is64;
    return true;
}

static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    struct stub **stubs = env, *s = heap_calloc(1, sizeof *s);
    if (!s)
        return false;
    s->next = *stubs;
    *stubs = s;
    s->value.kind = imp->kind;
    switch (imp->kind) {
    case WASM_FUNC:
        rt_func_init_host(&s->func, wasm_func_type(m, imp->index)->sig, stub_call, NULL);
        s->value.u.func = &s->func;
        break;
    case WASM_TABLE:
        if (!make_table(&m->tables[imp->index], &s->value.u.table))
            return false;
        break;
    case WASM_MEMORY:
        if (!make_memory(&m->mems[imp->index].limits, &s->value.u.mem))
            return false;
        break;
    case WASM_GLOBAL:
        s->global = (struct rt_global){.type = m->globals[imp->index].type.type,
                                       .mut = m->globals[imp->index].type.mut};
        s->value.u.global = &s->global;
        break;
    case WASM_TAG:
        s->tag = (struct rt_tag){.sig = m->types[m->tags[imp->index]].sig};
        s->value.u.tag = &s->tag;
        break;
    }
    *out = s->value;
    return true;
}

static void free_stubs(struct stub *s)
{
    while (s) {
        struct stub *next = s->next;
        if (s->value.kind == WASM_TABLE)
            rt_table_release(s->value.u.table);
        if (s->value.kind == WASM_MEMORY)
            rt_memory_release(s->value.u.mem);
        heap_free(s);
        s = next;
    }
}

/* --- The phases. --- */

/* The function that runs first: the start function, else what a command, a reactor or emscripten's glue
 * begins with, else the first. */
static u32 entry_of(const struct wasm_module *m)
{
    static const char *const names[] = {"_start", "_initialize", "__wasm_call_ctors"};
    if (m->has_start)
        return m->start;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct wasm_export *x = wasm_export_find(m, names[k], strlen(names[k]));
        if (x && x->kind == WASM_FUNC)
            return x->index;
    }
    return m->imp_funcs;
}

static struct rt_instance *get_ready(const char *file, const struct wasm_module *m, struct stub **stubs)
{
    struct err e = {0};
    struct rt_instance *inst;
    enum rt_trap trap;
    struct wasm_instantiate_options in = {
        .resolve = resolve, .env = stubs, .want_fixed = true, .func_cells = tier_first_call};
    status st = wasm_instantiate(m, &in, &inst, &trap, &e);
    if (st == E_TRAP) /* a segment's place depends on an import's value; all of it was linked and allocated */
        st = ST_OK;
    if (st != ST_OK)
        die(file, e.text);
    u32 entry = entry_of(m);
    if (tier_add_instance(inst) != ST_OK ||
        (entry >= m->imp_funcs && entry < m->nfuncs && interp_lower(inst->funcs[entry]) != ST_OK))
        die(file, "out of memory");
    return inst;
}

static void lower_all(const char *file, const struct wasm_module *m, struct rt_instance *inst)
{
    for (u32 k = 0; k < m->nfuncs - m->imp_funcs; k++)
        if (interp_lower(&inst->own_funcs[k]) != ST_OK)
            die(file, "out of memory");
}

static u64 code_bytes(const struct wasm_module *m)
{
    u64 n = 0;
    for (u32 k = m->imp_funcs; k < m->nfuncs; k++)
        n += m->funcs[k].size;
    return n;
}

static u64 lowered_bytes; /* of the last run */

static void run(const char *file, const struct plat_blob *b, struct times out[PHASES])
{
    struct wasm_module *m;
    struct stub *stubs = NULL;
    struct err e = {0};
    struct times t[PHASES + 1];
    t[DECODE] = now();
    if (wasm_module_decode(b->data, b->len, &m, &e) != ST_OK)
        die(file, e.text);
    t[READY] = now();
    struct rt_instance *inst = get_ready(file, m, &stubs);
    t[LOWER] = now();
    lower_all(file, m, inst);
    t[PHASES] = now();
    lowered_bytes = interp_code_bytes();
    for (int k = 0; k < PHASES; k++)
        out[k] = (struct times){t[k + 1].cpu - t[k].cpu, t[k + 1].wall - t[k].wall};
    interp_instance_fini(inst);
    tier_remove_instance(inst);
    rt_instance_destroy(inst);
    free_stubs(stubs);
    wasm_module_destroy(m);
}

static void print_counts(const char *file, const struct plat_blob *b)
{
    struct wasm_module *m;
    struct err e = {0};
    if (wasm_module_decode(b->data, b->len, &m, &e) != ST_OK)
        die(file, e.text);
    printf("{\"bytes\": %zu, \"code_bytes\": %llu, \"lowered_bytes\": %llu, \"functions\": %u, \"imports\": "
           "%u, \"exports\": %u",
           b->len, (unsigned long long)code_bytes(m), (unsigned long long)lowered_bytes,
           m->nfuncs - m->imp_funcs, m->nimports, m->nexports);
    wasm_module_destroy(m);
}

static void print_phase(const char *name, const struct times (*t)[PHASES], int runs, int phase)
{
    static const char *const keys[] = {"cpu", "wall"};
    printf(", \"%s\": {", name);
    for (int w = 0; w < 2; w++) {
        printf("%s\"%s\": [", w ? ", " : "", keys[w]);
        for (int k = 0; k < runs; k++)
            printf("%s%.6f", k ? ", " : "", w ? t[k][phase].wall : t[k][phase].cpu);
        printf("]");
    }
    printf("}");
}

int main(int argc, char **argv)
{
    int runs = argc == 3 ? atoi(argv[1]) : 0;
    struct options o;
    struct err e = {0};
    struct plat_blob b;
    if (runs < 1) {
        fprintf(stderr, "usage: load RUNS FILE\n");
        return 1;
    }
    options_init(&o);
    o.tier = TIER_MODE_INTERP;
    if (engine_init(&o, &e) != ST_OK)
        die(argv[2], e.text);
    if (plat_blob_find(argv[2], &b) != ST_OK)
        die(argv[2], "cannot be read");
    struct times(*t)[PHASES] = calloc((size_t)runs, sizeof *t);
    if (!t)
        die(argv[2], "out of memory");
    for (int k = 0; k < runs; k++)
        run(argv[2], &b, t[k]);
    print_counts(argv[2], &b);
    for (int p = 0; p < PHASES; p++)
        print_phase(phase_names[p], (const struct times(*)[PHASES])t, runs, p);
    printf("}\n");
    free(t);
    return 0;
}
