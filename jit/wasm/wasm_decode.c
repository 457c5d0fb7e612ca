/* wasm_decode.c: sections of a module (WebAssembly 2.0, 5.5), validated as they are read.
 *
 * The order of sections guarantees that everything a section refers to has been read before, so one pass over
 * the bytes is enough. Each vector is allocated after its length has been compared with the bytes that are
 * left: memory stays proportional to the input. Names and bodies point into the input. */
#include "wasm_priv.h"

#include <string.h>

#include "plat.h"

struct decoder {
    struct wasm_module *m;
    struct validator *v;
    struct err *err;
    u32 ncode;      /* bodies seen */
    bool has_ndata; /* a data count section was seen; m->ndata holds its value until the data section */
    bool data_seen;
    bool lazy; /* bodies are not looked at, names are not read */
    u32 customs_size;
    struct wasm_custom *customs; /* heap; copied into the arena at the end */
};

/* Allocates `n` zeroed elements of the module's arena into `var`. */
#define ALLOC(d, r, var, n)                                                                                  \
    do {                                                                                                     \
        (var) = arena_alloc(&(d)->m->arena, (size_t)(n) * sizeof *(var), _Alignof(__typeof__(*(var))));      \
        if (!(var))                                                                                          \
            return reader_fail((r), (r)->p, E_NOMEM, "out of memory");                                       \
    } while (0)

static void use(struct decoder *d, enum wasm_feature f)
{
    d->m->features |= 1u << f;
}

/* --- Types. --- */
static status read_types_of(struct reader *r, enum limit limit, rt_type *types, u32 *n)
{
    TRY(reader_count(r, limit, n));
    for (u32 i = 0; i < *n; i++)
        TRY(reader_valtype(r, &types[i]));
    return ST_OK;
}

static status read_functype(struct decoder *d, struct reader *r, struct wasm_functype *t)
{
    rt_type types[WASM_LIMIT_PARAMS + WASM_LIMIT_RESULTS];
    u8 form;
    const u8 *at = r->p;
    TRY(reader_u8(r, &form));
    if (form == 0x4e || form == 0x4f || form == 0x50 || form == 0x5e || form == 0x5f)
        return reader_fail(r, at, E_UNSUPPORTED, "type form 0x%02x needs the garbage collection proposal",
                           form);
    if (form != 0x60)
        return reader_fail(r, at, E_INVAL,
                           "integer representation too long: function types begin with 0x60, not 0x%02x",
                           form);
    TRY(read_types_of(r, LIMIT_PARAMS, types, &t->nparams));
    TRY(read_types_of(r, LIMIT_RESULTS, types + t->nparams, &t->nresults));
    if (t->nresults > 1)
        use(d, WASM_FEATURE_MULTI_VALUE);
    t->sig = rt_sig_get(types, t->nparams, t->nresults);
    if (!t->sig)
        return reader_fail(r, at, E_NOMEM, "out of memory");
    t->types = t->sig->types;
    return ST_OK;
}

static status read_type_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_TYPES, &n));
    ALLOC(d, r, m->types, n);
    for (; m->ntypes < n; m->ntypes++)
        TRY(read_functype(d, r, &m->types[m->ntypes]));
    return ST_OK;
}

/* Flag bits of limits; in later versions: 2 shared, 8 custom page size. */
enum { LIMITS_MAX = 1, LIMITS_64 = 4 };

/* The numbers are read with up
 * to 64 bits, as 3.0's grammar has it, and checked against `bound`: that gives the better message. */
static status read_limits(struct reader *r, u64 bound32, u64 bound64, const char *too_big,
                          struct wasm_limits *l)
{
    const u8 *at = r->p;
    u8 flags;
    TRY(reader_u8(r, &flags));
    if (flags & ~(LIMITS_MAX | LIMITS_64)) {
        const char *proposal = flags >= 16 ? NULL : flags & 8 ? "custom-page-sizes" : "threads";
        if (proposal)
            return reader_fail(r, at, E_UNSUPPORTED,
                               "malformed limits flags 0x%02x: they need the %s proposal", flags, proposal);
        return reader_fail(r, at, E_INVAL, "malformed limits flags 0x%02x", flags);
    }
    if (flags & LIMITS_64)
        TRY(reader_use(r, at, WASM_FEATURE_MEMORY64, "malformed limits flags 0x%02x: they need", flags));
    l->has_max = flags & LIMITS_MAX;
    l->is64 = flags & LIMITS_64;
    u64 bound = l->is64 ? bound64 : bound32;
    TRY(reader_u64(r, &l->min));
    l->max = bound;
    if (l->has_max)
        TRY(reader_u64(r, &l->max));
    if (l->min > bound || l->max > bound)
        return reader_fail(r, at, E_INVAL, "%s", too_big);
    if (l->min > l->max)
        return reader_fail(r, at, E_INVAL, "size minimum must not be greater than maximum");
    return ST_OK;
}

static status read_memtype(struct reader *r, struct wasm_memtype *t)
{
    return read_limits(r, 1u << 16, 1ull << 48, "memory size must be at most 65536 pages (4GiB)", &t->limits);
}

static status read_tabletype(struct reader *r, struct wasm_tabletype *t)
{
    TRY(reader_reftype(r, &t->elem));
    return read_limits(r, UINT32_MAX, UINT64_MAX, "table size must be at most 2^32-1", &t->limits);
}

static status read_globaltype(struct reader *r, struct wasm_globaltype *t)
{
    u8 mut;
    TRY(reader_valtype(r, &t->type));
    TRY(reader_u8(r, &mut));
    if (mut > 1)
        return reader_fail(r, r->p - 1, E_INVAL, "malformed mutability");
    t->mut = mut;
    return ST_OK;
}

static status read_type_index(struct decoder *d, struct reader *r, u32 *out)
{
    const u8 *at = r->p;
    TRY(reader_u32(r, out));
    if (*out >= d->m->ntypes)
        return reader_fail(r, at, E_INVAL, "unknown type %u", *out);
    return ST_OK;
}

static status read_tagtype(struct decoder *d, struct reader *r, u32 *type)
{
    const u8 *at = r->p;
    u8 attribute;
    TRY(reader_u8(r, &attribute));
    if (attribute != 0)
        return reader_fail(r, at, E_INVAL, "malformed tag attribute %u", attribute);
    TRY(read_type_index(d, r, type));
    if (d->m->types[*type].nresults)
        return reader_fail(r, at, E_INVAL, "non-empty tag result type");
    return ST_OK;
}

/* --- Index spaces: imports come first, own ones are added by a section of their own. Each array grows once,
 * since at most two sections contribute to it. --- */
/* Makes `var` an array of its `old` elements and `n` more. */
#define EXTEND(d, r, var, old, n)                                                                            \
    do {                                                                                                     \
        __typeof__(var) extended_;                                                                           \
        ALLOC(d, r, extended_, (u64)(old) + (n));                                                            \
        if (old)                                                                                             \
            memcpy(extended_, (var), (size_t)(old) * sizeof *(var));                                         \
        (var) = extended_;                                                                                   \
    } while (0)

static status add_memories(struct decoder *d, struct reader *r, u64 n)
{
    if (d->m->nmems + n > 1)
        TRY(reader_use(r, r->p, WASM_FEATURE_MULTI_MEMORY, "multiple memories: they need"));
    TRY(reader_check_limit(r, r->p, LIMIT_MEMORIES, d->m->nmems + n));
    EXTEND(d, r, d->m->mems, d->m->nmems, n);
    return ST_OK;
}

static status add_tables(struct decoder *d, struct reader *r, u64 n)
{
    struct wasm_module *m = d->m;
    TRY(reader_check_limit(r, r->p, LIMIT_TABLES, m->ntables + n));
    if (m->ntables + n > 1)
        use(d, WASM_FEATURE_REF_TYPES);
    EXTEND(d, r, m->tables, m->ntables, n);
    return ST_OK;
}

static status add_globals(struct decoder *d, struct reader *r, u64 n)
{
    TRY(reader_check_limit(r, r->p, LIMIT_GLOBALS, d->m->nglobals + n));
    EXTEND(d, r, d->m->globals, d->m->nglobals, n);
    return ST_OK;
}

static status add_tags(struct decoder *d, struct reader *r, u64 n)
{
    TRY(reader_check_limit(r, r->p, LIMIT_TAGS, d->m->ntags + n));
    EXTEND(d, r, d->m->tags, d->m->ntags, n);
    return ST_OK;
}

static status add_funcs(struct decoder *d, struct reader *r, u64 n)
{
    TRY(reader_check_limit(r, r->p, LIMIT_FUNCS, d->m->nfuncs + n));
    EXTEND(d, r, d->m->funcs, d->m->nfuncs, n);
    return ST_OK;
}

/* --- Imports. The kinds are counted in a first pass, so that each index space is allocated once. --- */
/* What one import brings; the index spaces take it in the second pass. */
struct import_type {
    u32 func, tag;
    struct wasm_tabletype table;
    struct wasm_memtype mem;
    struct wasm_globaltype global;
};

static status read_import(struct decoder *d, struct reader *r, struct wasm_import *i, struct import_type *t)
{
    u8 kind;
    TRY(reader_name(r, &i->module));
    TRY(reader_name(r, &i->name));
    TRY(reader_u8(r, &kind));
    i->kind = (enum wasm_extern)kind;
    switch (kind) {
    case WASM_FUNC: return read_type_index(d, r, &t->func);
    case WASM_TABLE: return read_tabletype(r, &t->table);
    case WASM_MEMORY: return read_memtype(r, &t->mem);
    case WASM_GLOBAL: return read_globaltype(r, &t->global);
    case WASM_TAG:
        TRY(reader_use(r, r->p - 1, WASM_FEATURE_EXCEPTIONS, "malformed import kind 4: tags need"));
        return read_tagtype(d, r, &t->tag);
    default: return reader_fail(r, r->p - 1, E_INVAL, "malformed import kind %u", kind);
    }
}

static void take_import(struct decoder *d, struct wasm_import *i, const struct import_type *t)
{
    struct wasm_module *m = d->m;
    switch (i->kind) {
    case WASM_FUNC:
        i->index = m->nfuncs;
        m->funcs[m->nfuncs++].type = t->func;
        m->imp_funcs++;
        break;
    case WASM_TABLE:
        i->index = m->ntables;
        m->tables[m->ntables++] = t->table;
        m->imp_tables++;
        if (t->table.elem != RT_FUNCREF)
            use(d, WASM_FEATURE_REF_TYPES);
        break;
    case WASM_MEMORY:
        i->index = m->nmems;
        m->mems[m->nmems++] = t->mem;
        m->imp_mems++;
        break;
    case WASM_GLOBAL:
        i->index = m->nglobals;
        m->globals[m->nglobals++].type = t->global;
        m->imp_globals++;
        if (t->global.mut)
            use(d, WASM_FEATURE_MUT_GLOBALS);
        break;
    case WASM_TAG:
        i->index = m->ntags;
        m->tags[m->ntags++] = t->tag;
        m->imp_tags++;
        break;
    }
}

static status read_import_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    struct import_type t;
    u32 n, counts[5] = {0};
    TRY(reader_count(r, LIMIT_IMPORTS, &n));
    ALLOC(d, r, m->imports, n);
    struct reader again = *r;
    for (u32 k = 0; k < n; k++) {
        TRY(read_import(d, r, &m->imports[k], &t));
        counts[m->imports[k].kind]++;
    }
    TRY(add_funcs(d, r, counts[WASM_FUNC]));
    TRY(add_tables(d, r, counts[WASM_TABLE]));
    TRY(add_memories(d, r, counts[WASM_MEMORY]));
    TRY(add_globals(d, r, counts[WASM_GLOBAL]));
    TRY(add_tags(d, r, counts[WASM_TAG]));
    for (; m->nimports < n; m->nimports++) {
        TRY(read_import(d, &again, &m->imports[m->nimports], &t));
        take_import(d, &m->imports[m->nimports], &t);
    }
    return ST_OK;
}

/* --- Own functions, tables, memories, globals. --- */
static status read_function_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_FUNCS, &n));
    TRY(add_funcs(d, r, n));
    for (; n; n--)
        TRY(read_type_index(d, r, &m->funcs[m->nfuncs++].type));
    return ST_OK;
}

/* A table type, or 0x40 0x00, a table type and the elements' first value. */
static status read_table(struct decoder *d, struct reader *r, struct wasm_tabletype *t)
{
    const u8 *at = r->p;
    bool has_init = r->p != r->end && *r->p == 0x40;
    if (has_init) {
        TRY(reader_use(r, at, WASM_FEATURE_FUNC_REFS, "a table with an initializer needs"));
        r->p++;
        u8 zero;
        TRY(reader_u8(r, &zero));
        if (zero != 0)
            return reader_fail(r, r->p - 1, E_INVAL, "malformed table");
    }
    TRY(read_tabletype(r, t));
    if (t->elem != RT_FUNCREF)
        use(d, WASM_FEATURE_REF_TYPES);
    if (has_init)
        return validator_const(d->v, r, t->elem, &t->init);
    if (t->elem & RT_NONNULL)
        return reader_fail(r, at, E_INVAL, "type mismatch: a table of %s needs an initializer",
                           wasm_type_text(t->elem));
    return ST_OK;
}

static status read_table_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_TABLES, &n));
    TRY(add_tables(d, r, n));
    for (; n; n--) {
        TRY(read_table(d, r, &m->tables[m->ntables]));
        m->ntables++;
    }
    return ST_OK;
}

static status read_tag_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_TAGS, &n));
    TRY(add_tags(d, r, n));
    for (; n; n--)
        TRY(read_tagtype(d, r, &m->tags[m->ntags++]));
    return ST_OK;
}

static status read_memory_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_u32(r, &n));
    TRY(add_memories(d, r, n));
    for (; n; n--)
        TRY(read_memtype(r, &m->mems[m->nmems++]));
    return ST_OK;
}

static status read_global_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_GLOBALS, &n));
    TRY(add_globals(d, r, n));
    for (; n; n--) {
        struct wasm_global *g = &m->globals[m->nglobals];
        TRY(read_globaltype(r, &g->type));
        TRY(validator_const(d->v, r, g->type.type, &g->init));
        m->nglobals++; /* only now: it cannot see itself */
    }
    return ST_OK;
}

/* --- Exports. --- */
static int compare_names(const struct wasm_name *a, const char *s, size_t len)
{
    int c = memcmp(a->s, s, a->len < len ? a->len : len);
    return c ? c : (a->len > len) - (a->len < len);
}

/* Merge sort (stable, so that of two equal names the later one stands behind). */
static void sort_exports(const struct wasm_export *x, u32 *order, u32 *other, u32 n)
{
    u32 *from = order, *to = other;
    for (u32 width = 1; width < n; width *= 2) {
        for (u32 low = 0; low < n; low += 2 * width) {
            u32 mid = low + width < n ? low + width : n, high = mid + width < n ? mid + width : n;
            for (u32 a = low, b = mid, k = low; k < high; k++) {
                bool take_a = a < mid && (b >= high || compare_names(&x[from[a]].name, x[from[b]].name.s,
                                                                     x[from[b]].name.len) <= 0);
                to[k] = take_a ? from[a++] : from[b++];
            }
        }
        u32 *swap = from;
        from = to;
        to = swap;
    }
    if (from != order)
        memcpy(order, from, n * sizeof *order);
}

static status check_exports_unique(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    ALLOC(d, r, m->export_order, m->nexports);
    u32 *scratch = heap_alloc(m->nexports * sizeof *scratch + 1);
    if (!scratch)
        return reader_fail(r, r->p, E_NOMEM, "out of memory");
    for (u32 k = 0; k < m->nexports; k++)
        m->export_order[k] = k;
    sort_exports(m->exports, m->export_order, scratch, m->nexports);
    heap_free(scratch);
    for (u32 k = 1; k < m->nexports; k++) {
        const struct wasm_name *a = &m->exports[m->export_order[k - 1]].name,
                               *b = &m->exports[m->export_order[k]].name;
        if (compare_names(a, b->s, b->len) == 0)
            return reader_fail(r, (const u8 *)b->s, E_INVAL, "duplicate export name \"%.*s\"",
                               (int)(b->len < 64 ? b->len : 64), b->s);
    }
    return ST_OK;
}

const struct wasm_export *wasm_export_find(const struct wasm_module *m, const char *name, size_t len)
{
    u32 low = 0, high = m->nexports;
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        const struct wasm_export *x = &m->exports[m->export_order[mid]];
        int c = compare_names(&x->name, name, len);
        if (c == 0)
            return x;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static status read_export(struct decoder *d, struct reader *r, struct wasm_export *x)
{
    static const char *const what[] = {"function", "table", "memory", "global", "tag"};
    struct wasm_module *m = d->m;
    const u32 counts[] = {m->nfuncs, m->ntables, m->nmems, m->nglobals, m->ntags};
    u8 kind;
    TRY(reader_name(r, &x->name));
    TRY(reader_u8(r, &kind));
    if (kind == WASM_TAG)
        TRY(reader_use(r, r->p - 1, WASM_FEATURE_EXCEPTIONS, "malformed export kind 4: tags need"));
    if (kind > WASM_TAG)
        return reader_fail(r, r->p - 1, E_INVAL, "malformed export kind %u", kind);
    const u8 *at = r->p;
    TRY(reader_u32(r, &x->index));
    if (x->index >= counts[kind])
        return reader_fail(r, at, E_INVAL, "unknown %s %u", what[kind], x->index);
    x->kind = (enum wasm_extern)kind;
    if (x->kind == WASM_FUNC)
        m->funcs[x->index].flags |= WASM_FUNC_EXPORTED;
    if (x->kind == WASM_GLOBAL && m->globals[x->index].type.mut)
        use(d, WASM_FEATURE_MUT_GLOBALS);
    return ST_OK;
}

static status read_export_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_EXPORTS, &n));
    ALLOC(d, r, m->exports, n);
    for (; m->nexports < n; m->nexports++)
        TRY(read_export(d, r, &m->exports[m->nexports]));
    return check_exports_unique(d, r);
}

static status read_start_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    const u8 *at = r->p;
    TRY(reader_u32(r, &m->start));
    if (m->start >= m->nfuncs)
        return reader_fail(r, at, E_INVAL, "unknown function %u", m->start);
    const struct wasm_functype *t = wasm_func_type(m, m->start);
    if (t->nparams || t->nresults)
        return reader_fail(r, at, E_INVAL, "start function must not have parameters or results");
    m->has_start = true;
    m->funcs[m->start].flags |= WASM_FUNC_START;
    return ST_OK;
}

/* --- Element and data segments. --- */
/* The flags of an element segment (5.5.12). */
enum { ELEM_NOT_ACTIVE = 1, ELEM_INDEX_OR_DECLARED = 2, ELEM_EXPRS = 4 };

static status read_elem_type(struct reader *r, u32 flags, rt_type *out)
{
    u8 kind;
    *out = flags & ELEM_EXPRS ? RT_FUNCREF : RT_FUNCREF | RT_NONNULL;
    if (!(flags & (ELEM_NOT_ACTIVE | ELEM_INDEX_OR_DECLARED)))
        return ST_OK; /* the old form says nothing: functions */
    if (flags & ELEM_EXPRS)
        return reader_reftype(r, out);
    TRY(reader_u8(r, &kind));
    return kind == 0 ? ST_OK : reader_fail(r, r->p - 1, E_INVAL, "malformed element kind %u", kind);
}

static status read_elem_items(struct decoder *d, struct reader *r, bool exprs, struct wasm_elem *e)
{
    struct wasm_module *m = d->m;
    u32 *funcs, func;
    struct wasm_const_expr *list;
    TRY(reader_count(r, LIMIT_ELEM_ITEMS, &e->count));
    if (exprs) {
        ALLOC(d, r, list, e->count);
        e->exprs = list;
        for (u32 k = 0; k < e->count; k++)
            TRY(validator_const(d->v, r, e->type, &list[k]));
        return ST_OK;
    }
    ALLOC(d, r, funcs, e->count);
    e->funcs = funcs;
    for (u32 k = 0; k < e->count; k++) {
        const u8 *at = r->p;
        TRY(reader_u32(r, &func));
        if (func >= m->nfuncs)
            return reader_fail(r, at, E_INVAL, "unknown function %u", func);
        m->funcs[func].flags |= WASM_FUNC_REFERENCED;
        funcs[k] = func;
    }
    return ST_OK;
}

static status read_elem(struct decoder *d, struct reader *r, struct wasm_elem *e)
{
    struct wasm_module *m = d->m;
    const u8 *at = r->p;
    u32 flags;
    TRY(reader_u32(r, &flags));
    if (flags > 7)
        return reader_fail(r, at, E_INVAL, "malformed elements segment kind %u", flags);
    if (flags & ELEM_NOT_ACTIVE) {
        e->mode = flags & ELEM_INDEX_OR_DECLARED ? WASM_ELEM_DECLARED : WASM_ELEM_PASSIVE;
        use(d, e->mode == WASM_ELEM_DECLARED ? WASM_FEATURE_REF_TYPES : WASM_FEATURE_BULK);
    } else {
        if (flags & ELEM_INDEX_OR_DECLARED)
            TRY(reader_u32(r, &e->table));
        if (e->table >= m->ntables)
            return reader_fail(r, at, E_INVAL, "unknown table %u", e->table);
        TRY(validator_const(d->v, r, wasm_addr_type(&m->tables[e->table].limits), &e->offset));
    }
    TRY(read_elem_type(r, flags, &e->type));
    if (e->mode == WASM_ELEM_ACTIVE && !rt_type_matches(e->type, m->tables[e->table].elem))
        return reader_fail(r, at, E_INVAL, "type mismatch: expected %s, got %s in an element segment",
                           wasm_type_text(m->tables[e->table].elem), wasm_type_text(e->type));
    if (flags & ELEM_EXPRS)
        use(d, WASM_FEATURE_REF_TYPES);
    return read_elem_items(d, r, flags & ELEM_EXPRS, e);
}

static status read_elem_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u32 n;
    TRY(reader_count(r, LIMIT_ELEMS, &n));
    ALLOC(d, r, m->elems, n);
    for (; m->nelems < n; m->nelems++)
        TRY(read_elem(d, r, &m->elems[m->nelems]));
    return ST_OK;
}

static status read_data_count_section(struct decoder *d, struct reader *r)
{
    TRY(reader_u32(r, &d->m->ndata));
    d->has_ndata = true;
    use(d, WASM_FEATURE_BULK);
    validator_set_ndata(d->v, d->m->ndata);
    return ST_OK;
}

static status read_data(struct decoder *d, struct reader *r, struct wasm_data *s)
{
    const u8 *at = r->p;
    u32 flags;
    TRY(reader_u32(r, &flags));
    if (flags > 2)
        return reader_fail(r, at, E_INVAL, "malformed data segment kind %u", flags);
    s->active = flags != 1;
    if (!s->active)
        use(d, WASM_FEATURE_BULK);
    if (flags == 2)
        TRY(reader_u32(r, &s->mem));
    if (s->active) {
        if (s->mem >= d->m->nmems)
            return reader_fail(r, at, E_INVAL, "unknown memory %u", s->mem);
        TRY(validator_const(d->v, r, wasm_addr_type(&d->m->mems[s->mem].limits), &s->offset));
    }
    TRY(reader_u32(r, &s->len));
    return reader_bytes(r, s->len, &s->bytes);
}

static const char data_mismatch[] = "data count and data section have inconsistent lengths";

static status read_data_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    const u8 *at = r->p;
    u32 n;
    TRY(reader_count(r, LIMIT_DATA, &n));
    if (d->has_ndata && n != m->ndata)
        return reader_fail(r, at, E_INVAL, "%s", data_mismatch);
    d->data_seen = true;
    ALLOC(d, r, m->data, n);
    for (m->ndata = 0; m->ndata < n; m->ndata++)
        TRY(read_data(d, r, &m->data[m->ndata]));
    return ST_OK;
}

/* --- Bodies. --- */
static const char code_mismatch[] = "function and code section have inconsistent lengths";

/* Notes where a body is; wasm_func_complete() does the rest when somebody wants it. */
static void skip_body(const struct reader *body, struct wasm_func *f)
{
    f->body = body->p;
    f->end = body->end;
    f->size = (u32)(f->end - f->body);
    f->flags |= WASM_FUNC_SKIPPED;
}

static status read_code_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    const u8 *at = r->p;
    u32 n, size;
    TRY(reader_u32(r, &n));
    if (n != m->nfuncs - m->imp_funcs)
        return reader_fail(r, at, E_INVAL, "%s", code_mismatch);
    for (; d->ncode < n; d->ncode++) {
        struct reader body;
        at = r->p;
        TRY(reader_u32(r, &size));
        TRY(reader_sub(r, size, &body));
        TRY(reader_check_limit(r, at, LIMIT_BODY_BYTES, size));
        struct wasm_func *f = &m->funcs[m->imp_funcs + d->ncode];
        if (d->lazy)
            skip_body(&body, f);
        else
            TRY(validator_func(d->v, &body, f));
    }
    return ST_OK;
}

/* --- Custom sections. --- */
static status read_custom_section(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    struct wasm_custom c;
    TRY(reader_name(r, &c.name));
    c.bytes = r->p;
    c.len = (u32)(r->end - r->p);
    r->p = r->end;
    if (m->ncustoms == d->customs_size) {
        u32 size = d->customs_size ? d->customs_size * 2 : 8;
        struct wasm_custom *customs = heap_realloc(d->customs, size * sizeof *customs);
        if (!customs)
            return reader_fail(r, r->p, E_NOMEM, "out of memory");
        d->customs = customs;
        d->customs_size = size;
    }
    d->customs[m->ncustoms++] = c;
    return ST_OK;
}

static status take_customs(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    ALLOC(d, r, m->customs, m->ncustoms);
    if (m->ncustoms)
        memcpy(m->customs, d->customs, m->ncustoms * sizeof *m->customs);
    if (!d->lazy)
        wasm_names_read(m);
    return ST_OK;
}

/* --- The whole. --- */
typedef status (*section_fn)(struct decoder *d, struct reader *r);
struct section {
    section_fn read;
    u8 order; /* sections other than custom ones come at most once and in this order */
};
static const struct section sections[] = {
    [0] = {read_custom_section, 0},       [1] = {read_type_section, 1},   [2] = {read_import_section, 2},
    [3] = {read_function_section, 3},     [4] = {read_table_section, 4},  [5] = {read_memory_section, 5},
    [6] = {read_global_section, 7},       [7] = {read_export_section, 8}, [8] = {read_start_section, 9},
    [9] = {read_elem_section, 10},        [10] = {read_code_section, 12}, [11] = {read_data_section, 13},
    [12] = {read_data_count_section, 11}, [13] = {read_tag_section, 6},
};
enum { SECTIONS = sizeof sections / sizeof *sections, SECTION_TAG = 13 };

static status read_section(struct decoder *d, struct reader *r, u8 *last)
{
    const u8 *at = r->p;
    u8 id;
    u32 size;
    struct reader body;
    TRY(reader_u8(r, &id));
    if (id == SECTION_TAG)
        TRY(reader_use(r, at, WASM_FEATURE_EXCEPTIONS, "malformed section id 13: tags need"));
    if (id >= SECTIONS)
        return reader_fail(r, at, E_INVAL, "malformed section id %u", id);
    TRY(reader_u32(r, &size));
    TRY(reader_sub(r, size, &body));
    const struct section *s = &sections[id];
    if (s->order && s->order <= *last)
        return reader_fail(r, at, E_INVAL,
                           "unexpected content after last section: section %u is out of order", id);
    if (s->order)
        *last = s->order;
    TRY(s->read(d, &body));
    if (body.p != body.end)
        return reader_fail(r, body.p, E_INVAL, "section size mismatch");
    return ST_OK;
}

static status read_header(struct reader *r)
{
    static const u8 magic[4] = {0, 'a', 's', 'm'}, version[4] = {1, 0, 0, 0};
    size_t len = (size_t)(r->end - r->p);
    if (len >= 4 && memcmp(r->p, magic, 4) != 0)
        return reader_fail(r, r->p, E_INVAL, "magic header not detected");
    if (len >= 8 && memcmp(r->p + 4, version, 4) != 0)
        return reader_fail(r, r->p + 4, E_INVAL, "unknown binary version%s",
                           r->p[6] == 1 ? ": this is a component, not a module" : "");
    if (len < 8)
        return reader_fail_end(r);
    r->p += 8;
    return ST_OK;
}

static status read_module(struct decoder *d, struct reader *r)
{
    struct wasm_module *m = d->m;
    u8 last = 0;
    TRY(read_header(r));
    while (r->p != r->end)
        TRY(read_section(d, r, &last));
    if (d->ncode != m->nfuncs - m->imp_funcs)
        return reader_fail(r, r->p, E_INVAL, "%s", code_mismatch);
    if (d->has_ndata && !d->data_seen && m->ndata)
        return reader_fail(r, r->p, E_INVAL, "%s", data_mismatch);
    TRY(take_customs(d, r));
    rt_layout_init(&m->layout, m->nmems, m->ntables, m->nglobals, m->nfuncs, m->imp_mems, m->imp_tables,
                   m->imp_globals, m->imp_funcs);
    return ST_OK;
}

static status decode(const u8 *bytes, size_t len, bool lazy, struct wasm_module **out, struct err *e)
{
    if (len > UINT32_MAX)
        return err_set(e, E_LIMIT, 0, "the module has 4 GiB or more");
    struct reader r = {.p = bytes, .end = bytes + len, .base = bytes, .limit = bytes + len, .err = e};
    struct decoder d = {.m = heap_calloc(1, sizeof(struct wasm_module)), .err = e, .lazy = lazy};
    r.m = d.m;
    status s = E_NOMEM;
    if (d.m) {
        d.m->bytes = bytes;
        d.m->len = len;
        d.m->features = 1u << WASM_FEATURE_MVP;
        s = validator_create(d.m, NDATA_UNKNOWN, &d.v);
    }
    if (s == ST_OK)
        s = read_module(&d, &r);
    if (d.m && lazy)
        d.m->validator = d.v;
    else
        validator_destroy(d.v);
    heap_free(d.customs);
    if (s != ST_OK) {
        wasm_module_destroy(d.m);
        return err_set(e, s, ERR_NO_OFFSET, "out of memory"); /* kept only if nothing is recorded yet */
    }
    *out = d.m;
    return ST_OK;
}

status wasm_module_decode(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e)
{
    return decode(bytes, len, false, out, e);
}

status wasm_module_decode_lazily(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e)
{
    return decode(bytes, len, true, out, e);
}

/* The module is its reader's; only what was put off is filled in. */
static struct wasm_module *unfinished(const struct wasm_module *m)
{
    return (struct wasm_module *)(uintptr_t)m;
}

status wasm_func_complete(const struct wasm_module *m, u32 func, struct err *e)
{
    struct wasm_func *f = &unfinished(m)->funcs[func];
    if (!(f->flags & WASM_FUNC_SKIPPED))
        return ST_OK;
    struct reader r = {.p = f->body,
                       .end = f->end,
                       .base = m->bytes,
                       .limit = m->bytes + m->len,
                       .err = e,
                       .m = unfinished(m)};
    struct wasm_func done = *f;
    done.flags &= ~(u32)WASM_FUNC_SKIPPED;
    TRY(validator_func(m->validator, &r, &done));
    *f = done;
    return ST_OK;
}

void wasm_names_complete(const struct wasm_module *m)
{
    if (m->validator && !m->named)
        wasm_names_read(unfinished(m));
}

void wasm_module_destroy(struct wasm_module *m)
{
    if (!m)
        return;
    validator_destroy(m->validator);
    arena_fini(&m->arena);
    heap_free(m);
}
