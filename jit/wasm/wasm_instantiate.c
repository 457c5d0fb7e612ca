/* wasm_instantiate.c: from a module and its imports to an instance (WebAssembly 2.0, 4.5.3 and 4.5.4). */
#include "wasm_priv.h"

#include <string.h>

#include "fmt.h"
#include "heap.h"
#include "plat.h"

struct linker {
    const struct wasm_module *m;
    const struct wasm_instantiate_options *o;
    struct rt_instance *i;
    struct err *err;
};

/* --- Imports (4.5.3, 3.4). --- */
static const char *const kind_text[] = {"function", "table", "memory", "global", "tag"};

static int shown_len(struct wasm_name n)
{
    return (int)(n.len < 60 ? n.len : 60);
}

static status fail_import(struct linker *l, const struct wasm_import *imp, const char *what, const char *why)
{
    return err_set(l->err, E_INVAL, (u64)((const u8 *)imp->module.s - l->m->bytes),
                   "%s \"%.*s\".\"%.*s\": %s", what, shown_len(imp->module), imp->module.s,
                   shown_len(imp->name), imp->name.s, why);
}

static status fail_type(struct linker *l, const struct wasm_import *imp, const char *why)
{
    return fail_import(l, imp, "incompatible import type", why);
}

static bool limits_match(const struct wasm_limits *want, u64 size, u64 max, bool no_max)
{
    return size >= want->min && (!want->has_max || (!no_max && max <= want->max));
}

static status link_func(struct linker *l, const struct wasm_import *imp, struct rt_func *f)
{
    if (f->sig_id != wasm_func_type(l->m, imp->index)->sig->id)
        return fail_type(l, imp, "the function has another signature");
    l->i->funcs[imp->index] = f;
    return ST_OK;
}

static status link_table(struct linker *l, const struct wasm_import *imp, struct rt_table *t)
{
    const struct wasm_tabletype *want = &l->m->tables[imp->index];
    if (t->type != want->elem)
        return fail_type(l, imp, "the table has another element type");
    if (t->is64 != want->limits.is64)
        return fail_type(l, imp, "the table has another address type");
    if (!limits_match(&want->limits, t->size, t->max, t->no_max))
        return fail_type(l, imp, "the table's size or maximum does not fit");
    t->refs++;
    l->i->tables[imp->index] = t;
    return ST_OK;
}

static status link_memory(struct linker *l, const struct wasm_import *imp, struct rt_memory *mem)
{
    if (mem->is64 != l->m->mems[imp->index].limits.is64)
        return fail_type(l, imp, "the memory has another address type");
    if (!limits_match(&l->m->mems[imp->index].limits, mem->bytes / RT_PAGE, mem->max_pages, mem->no_max))
        return fail_type(l, imp, "the memory's size or maximum does not fit");
    mem->refs++;
    l->i->mems[imp->index] = mem;
    return ST_OK;
}

static status link_global(struct linker *l, const struct wasm_import *imp, struct rt_global *g)
{
    const struct wasm_globaltype *want = &l->m->globals[imp->index].type;
    if (want->mut ? g->type != want->type : !rt_type_matches(g->type, want->type))
        return fail_type(l, imp, "the global has another type");
    if (g->mut != want->mut)
        return fail_type(l, imp, want->mut ? "the global is immutable" : "the global is mutable");
    l->i->globals[imp->index] = g;
    return ST_OK;
}

static status link_tag(struct linker *l, const struct wasm_import *imp, struct rt_tag *t)
{
    if (t->sig != l->m->types[l->m->tags[imp->index]].sig)
        return fail_type(l, imp, "the tag has another signature");
    l->i->tags[imp->index] = t;
    return ST_OK;
}

static status link_import(struct linker *l, const struct wasm_import *imp)
{
    struct wasm_extern_value v;
    if (!l->o->resolve || !l->o->resolve(l->o->env, l->m, imp, &v))
        return fail_import(l, imp, "unknown import", "nothing provides it");
    if (v.kind != imp->kind) {
        char why[64];
        fmt_s(why, sizeof why, "expected a %s, got a %s", kind_text[imp->kind], kind_text[v.kind]);
        return fail_type(l, imp, why);
    }
    switch (imp->kind) {
    case WASM_FUNC: return link_func(l, imp, v.u.func);
    case WASM_TABLE: return link_table(l, imp, v.u.table);
    case WASM_MEMORY: return link_memory(l, imp, v.u.mem);
    case WASM_GLOBAL: return link_global(l, imp, v.u.global);
    case WASM_TAG: return link_tag(l, imp, v.u.tag);
    }
    return ST_OK;
}

/* --- Own parts (4.5.4, steps 6 to 11). --- */
static status fail_create(struct linker *l, status s, const char *what)
{
    return err_set(l->err, s, ERR_NO_OFFSET, "cannot allocate %s", what);
}

static status create_memories(struct linker *l)
{
    for (u32 k = l->m->imp_mems; k < l->m->nmems; k++) {
        const struct wasm_limits *t = &l->m->mems[k].limits;
        struct rt_memory *mem;
        status s = E_LIMIT;
        if (l->o->want_fixed && k == 0)
            s = rt_memory_create(t->min, t->max, true, &mem);
        if (s == E_LIMIT)
            s = rt_memory_create(t->min, t->max, false, &mem);
        if (s != ST_OK)
            return err_set(l->err, s, ERR_NO_OFFSET,
                           "cannot allocate the memory: it starts with %llu pages, the limit is %llu",
                           (unsigned long long)t->min, (unsigned long long)rt_memory_limit_pages);
        mem->no_max = !t->has_max;
        mem->is64 = t->is64;
        l->i->mems[k] = mem;
    }
    return ST_OK;
}

static status create_tables(struct linker *l)
{
    for (u32 k = l->m->imp_tables; k < l->m->ntables; k++) {
        const struct wasm_tabletype *t = &l->m->tables[k];
        struct rt_table *table;
        status s = rt_table_create(t->elem, t->limits.min, t->limits.max, &table);
        if (s != ST_OK)
            return err_set(l->err, s, ERR_NO_OFFSET, "cannot allocate a table: it starts with %llu elements",
                           (unsigned long long)t->limits.min);
        table->no_max = !t->limits.has_max;
        table->is64 = t->limits.is64;
        l->i->tables[k] = table;
    }
    return ST_OK;
}

static void init_funcs(struct linker *l)
{
    for (u32 k = l->m->imp_funcs; k < l->m->nfuncs; k++) {
        const struct rt_sig *sig = wasm_func_type(l->m, k)->sig;
        struct rt_func *f = &l->i->own_funcs[k - l->m->imp_funcs];
        f->native = (void *)rt_native_adapter;
        f->inst = l->i;
        f->cells = l->o->func_cells;
        f->sig_id = sig->id;
        f->sig = sig;
        f->index = k;
    }
}

/* The array and, behind it, the own tags. */
static status create_tags(struct linker *l)
{
    const struct wasm_module *m = l->m;
    if (!m->ntags)
        return ST_OK;
    u32 nown = m->ntags - m->imp_tags;
    l->i->tags = heap_calloc(1, m->ntags * sizeof *l->i->tags + nown * sizeof(struct rt_tag));
    if (!l->i->tags)
        return fail_create(l, E_NOMEM, "tags");
    struct rt_tag *own = (struct rt_tag *)(l->i->tags + m->ntags);
    for (u32 k = 0; k < nown; k++) {
        own[k] = (struct rt_tag){m->types[m->tags[m->imp_tags + k]].sig, l->i};
        l->i->tags[m->imp_tags + k] = &own[k];
    }
    return ST_OK;
}

/* Tables were created with null elements. */
static void init_tables(struct linker *l)
{
    for (u32 k = l->m->imp_tables; k < l->m->ntables; k++) {
        struct rt_table *t = l->i->tables[k];
        if (!l->m->tables[k].init.start)
            continue;
        void *value = (void *)(uintptr_t)wasm_const_eval(l->i, l->m->tables[k].init);
        for (u64 e = 0; e < t->size; e++)
            t->elems[e] = value;
    }
}

static void init_globals(struct linker *l)
{
    for (u32 k = l->m->imp_globals; k < l->m->nglobals; k++) {
        const struct wasm_global *from = &l->m->globals[k];
        struct rt_global *g = l->i->globals[k];
        g->type = from->type.type;
        g->mut = from->type.mut;
        g->owner = l->i;
        wasm_const_eval_wide(l->i, from->init, g->value);
    }
}

/* --- Segments. --- */
static rt_cell elem_item(const struct rt_instance *i, const struct wasm_elem *e, u32 k)
{
    return e->exprs ? wasm_const_eval(i, e->exprs[k]) : (rt_cell)(uintptr_t)i->funcs[e->funcs[k]];
}

/* Passive element segments become references, in one block with the array of segments; data segments point
 * into the module. Active and declared ones count as dropped from the start: nothing can run in between. */
static status create_segments(struct linker *l)
{
    const struct wasm_module *m = l->m;
    struct rt_instance *i = l->i;
    u64 refs = 0;
    for (u32 k = 0; k < m->nelems; k++)
        refs += m->elems[k].mode == WASM_ELEM_PASSIVE ? m->elems[k].count : 0;
    if (m->ndata && !(i->data = heap_calloc(m->ndata, sizeof *i->data)))
        return fail_create(l, E_NOMEM, "data segments");
    i->ndata = m->ndata;
    if (m->nelems && !(i->elems = heap_calloc(1, m->nelems * sizeof *i->elems + refs * sizeof(void *))))
        return fail_create(l, E_NOMEM, "element segments");
    i->nelems = m->nelems;
    for (u32 k = 0; k < m->ndata; k++)
        if (!m->data[k].active)
            i->data[k] = (struct rt_segment){m->data[k].bytes, m->data[k].len};
    void **next = i->elems ? (void **)(i->elems + m->nelems) : NULL;
    for (u32 k = 0; k < m->nelems; k++) {
        const struct wasm_elem *e = &m->elems[k];
        if (e->mode != WASM_ELEM_PASSIVE)
            continue;
        i->elems[k] = (struct rt_segment){next, e->count};
        for (u32 item = 0; item < e->count; item++)
            *next++ = (void *)(uintptr_t)elem_item(i, e, item);
    }
    return ST_OK;
}

static u64 segment_offset(const struct linker *l, struct wasm_const_expr x, bool is64)
{
    rt_cell c = wasm_const_eval(l->i, x);
    return is64 ? c : (u32)c;
}

static status run_elems(struct linker *l, enum rt_trap *trap)
{
    for (u32 k = 0; k < l->m->nelems; k++) {
        const struct wasm_elem *e = &l->m->elems[k];
        if (e->mode != WASM_ELEM_ACTIVE)
            continue;
        struct rt_table *t = l->i->tables[e->table];
        u64 at = segment_offset(l, e->offset, t->is64);
        if (at > t->size || e->count > t->size - at) {
            *trap = TRAP_TABLE_OOB;
            return err_set(l->err, E_TRAP, (u64)(e->offset.start - l->m->bytes), "%s: element segment %u",
                           rt_trap_text(*trap), k);
        }
        for (u32 item = 0; item < e->count; item++)
            t->elems[at + item] = (void *)(uintptr_t)elem_item(l->i, e, item);
    }
    return ST_OK;
}

static status run_data(struct linker *l, enum rt_trap *trap)
{
    for (u32 k = 0; k < l->m->ndata; k++) {
        const struct wasm_data *d = &l->m->data[k];
        if (!d->active)
            continue;
        struct rt_memory *mem = l->i->mems[d->mem];
        u64 at = segment_offset(l, d->offset, mem->is64);
        if (at > mem->bytes || d->len > mem->bytes - at) {
            *trap = TRAP_MEMORY_OOB;
            return err_set(l->err, E_TRAP, (u64)(d->offset.start - l->m->bytes), "%s: data segment %u",
                           rt_trap_text(*trap), k);
        }
        if (d->len)
            memcpy(mem->base + at, d->bytes, d->len);
    }
    return ST_OK;
}

/* --- The whole. --- */
static status create(struct linker *l)
{
    status s = E_LIMIT;
    if (l->o->want_fixed)
        s = rt_instance_create(&l->m->layout, true, &l->i);
    if (s == E_LIMIT)
        s = rt_instance_create(&l->m->layout, false, &l->i);
    if (s != ST_OK)
        return fail_create(l, s, "the instance");
    l->i->module = l->m;
    l->i->engine = l->o->engine;
    return ST_OK;
}

static status fill(struct linker *l)
{
    TRY(create_tags(l));
    for (u32 k = 0; k < l->m->nimports; k++)
        TRY(link_import(l, &l->m->imports[k]));
    TRY(create_memories(l));
    TRY(create_tables(l));
    init_funcs(l);
    init_tables(l);
    init_globals(l);
    return create_segments(l);
}

status wasm_instantiate(const struct wasm_module *m, const struct wasm_instantiate_options *o,
                        struct rt_instance **out, enum rt_trap *trap, struct err *e)
{
    struct linker l = {.m = m, .o = o, .err = e};
    *trap = TRAP_NONE;
    TRY(create(&l));
    status s = fill(&l);
    if (s != ST_OK) {
        rt_instance_destroy(l.i);
        return s;
    }
    *out = l.i; /* from here on its functions may stand in foreign tables */
    if (o->restored)
        return ST_OK;
    TRY(run_elems(&l, trap));
    return run_data(&l, trap);
}

void wasm_instance_export(const struct rt_instance *i, const struct wasm_export *x,
                          struct wasm_extern_value *out)
{
    out->kind = x->kind;
    switch (x->kind) {
    case WASM_FUNC: out->u.func = i->funcs[x->index]; break;
    case WASM_TABLE: out->u.table = i->tables[x->index]; break;
    case WASM_MEMORY: out->u.mem = i->mems[x->index]; break;
    case WASM_GLOBAL: out->u.global = i->globals[x->index]; break;
    case WASM_TAG: out->u.tag = i->tags[x->index]; break;
    }
}
