/* fuzz.c: `anneal run --fuzz`: runs a random module so that two engines can be compared line by line.
 *
 * Supplies the imports of binaryen's fuzzer (module "fuzzing-support"), which print their name and arguments;
 * calls every exported function in order with zero arguments and prints results, `trap` or `exception`; last
 * a hash of memory 0, if all returned. Numbers print as the 16 hex digits of the value converted to f64, i64
 * as decimal with n, any NaN as nan, references as null or ref: what a JavaScript engine can print alike. */
#include <string.h>

#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"

static size_t print_number(f64 v, char *buf, size_t size)
{
    u64 bits;
    if (v != v)
        return fmt_s(buf, size, "nan");
    memcpy(&bits, &v, sizeof bits);
    return fmt_s(buf, size, "%016llx", (unsigned long long)bits);
}

static size_t print_value(const rt_cell *cell, rt_type t, char *buf, size_t size)
{
    rt_cell c = *cell;
    f32 single;
    f64 twice;
    switch (t) {
    case RT_I32: return print_number((f64)(s32)(u32)c, buf, size);
    case RT_I64: return fmt_s(buf, size, "%lldn", (long long)c);
    case RT_F32: memcpy(&single, &c, sizeof single); return print_number((f64)single, buf, size);
    case RT_F64: memcpy(&twice, &c, sizeof twice); return print_number(twice, buf, size);
    case RT_V128:
        return fmt_s(buf, size, "%016llx%016llx", (unsigned long long)cell[1], (unsigned long long)c);
    default: return fmt_s(buf, size, c ? "ref" : "null");
    }
}

/* "NAME" then " VALUE" for each; one write a line. */
static void print_line(const char *name, u32 len, const char *sep, const rt_cell *cells, const rt_type *types,
                       u32 n)
{
    char line[4096];
    size_t at = fmt_s(line, sizeof line, "%.*s%s", (int)len, name, sep);
    for (u32 k = 0, cell = 0; k < n && at + 64 < sizeof line; cell += rt_type_cells(types[k++])) {
        line[at++] = ' ';
        at += print_value(&cells[cell], types[k], line + at, sizeof line - at);
    }
    line[at++] = '\n';
    plat_write(PLAT_OUT, line, at < sizeof line ? at : sizeof line);
}

struct log_import {
    struct rt_func func;
    struct wasm_name name;
};

static enum rt_trap log_call(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    const struct log_import *l = env;
    const struct rt_sig *s = l->func.sig;
    print_line(l->name.s, l->name.len, "", cells, s->types, s->nparams);
    for (u32 k = 0; k < s->result_cells; k++)
        cells[k] = 0;
    return TRAP_NONE;
}

struct rt_func *engine_fuzz_import(const struct wasm_module *m, const struct wasm_import *imp)
{
    static const char support[] = "fuzzing-support";
    if (imp->module.len != sizeof support - 1 || memcmp(imp->module.s, support, sizeof support - 1) != 0)
        return NULL;
    struct log_import *l = heap_calloc(1, sizeof *l); /* lives as long as the program */
    if (!l)
        return NULL;
    l->name = imp->name;
    rt_func_init_host(&l->func, wasm_func_type(m, imp->index)->sig, log_call, l);
    return &l->func;
}

/* FNV-1a over memory 0. */
static u64 hash_memory(const struct rt_instance *i)
{
    u64 h = 0xcbf29ce484222325u;
    const struct rt_memory *m = i->layout->nmems ? i->mems[0] : NULL;
    for (u64 k = 0; m && k < m->bytes; k++)
        h = (h ^ m->base[k]) * 0x100000001b3u;
    return h;
}

static const char *end_text(enum rt_trap t)
{
    return t == TRAP_UNCAUGHT_EXCEPTION ? "exception" : "trap";
}

/* Zero arguments will do: JavaScript refuses a null where none may be. */
static bool can_call(const struct rt_sig *s)
{
    for (u32 k = 0; k < s->nparams; k++)
        if (s->types[k] & RT_NONNULL)
            return false;
    return true;
}

status engine_fuzz_run(const struct wasm_module *m, struct rt_instance *i, struct err *e)
{
    bool trapped = false;
    rt_cell *cells = heap_calloc(2 * RT_RESULTS_MAX, sizeof *cells);
    if (!cells)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    enum rt_trap t = m->has_start ? rt_call(i->funcs[m->start], cells) : TRAP_NONE;
    if (t != TRAP_NONE) {
        fmt_out(PLAT_OUT, "instantiate %s\n", end_text(t));
        heap_free(cells);
        return ST_OK;
    }
    for (u32 k = 0; k < m->nexports; k++) {
        const struct wasm_export *x = &m->exports[k];
        if (x->kind != WASM_FUNC)
            continue;
        struct rt_func *f = i->funcs[x->index];
        memset(cells, 0, 2 * RT_RESULTS_MAX * sizeof *cells);
        t = can_call(f->sig) ? rt_call(f, cells) : TRAP_HOST;
        if (t == TRAP_NONE) {
            print_line(x->name.s, x->name.len, " =", cells, f->sig->types + f->sig->nparams,
                       f->sig->nresults);
        } else {
            fmt_out(PLAT_OUT, "%.*s = %s\n", (int)x->name.len, x->name.s, end_text(t));
            trapped = true;
        }
    }
    if (!trapped)
        fmt_out(PLAT_OUT, "memory %016llx\n", (unsigned long long)hash_memory(i));
    heap_free(cells);
    return ST_OK;
}
