/* inst_state_take.c: an instance's contents as bytes (inst_state.h). */
#include <string.h>

#include "bytes.h"
#include "fmt.h"
#include "heap.h"
#include "inst_state.h"
#include "inst_state_format.h"

const char *const inst_phase_text[] = {"new", "none", "init", "warm"};

static status put(struct inst_state *s, const void *data, size_t len)
{
    return bytes_append(&s->bytes, &s->len, &s->cap, data, len);
}

static status put_u32(struct inst_state *s, u32 v)
{
    return put(s, &v, sizeof v);
}

void inst_state_fini(struct inst_state *s)
{
    heap_free(s->bytes);
    pages_fini(&s->pages);
    *s = (struct inst_state){0};
}

/* --- References. --- */

static status cannot(struct err *e, const char *what, u64 index, const char *where, u32 number)
{
    if (index == UINT64_MAX)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s cannot be kept: %s %u", what, where, number);
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s cannot be kept: %s %u, element %llu", what, where,
                   number, (unsigned long long)index);
}

/* 1 + the index of the function; 0: it is none of this instance. */
static u32 func_number(const struct rt_instance *i, const void *ref)
{
    const struct rt_layout *l = i->layout;
    uintptr_t at = (uintptr_t)ref - (uintptr_t)i->own_funcs;
    if (at < (u64)(l->nfuncs - l->imp_funcs) * sizeof(struct rt_func))
        return l->imp_funcs + (u32)(at / sizeof(struct rt_func)) + 1;
    for (u32 k = 0; k < l->imp_funcs; k++)
        if (i->funcs[k] == ref)
            return k + 1;
    return 0;
}

/* `where` and `number` name the table or global, `index` the element (UINT64_MAX: there are none). */
static status reference(const struct rt_instance *i, rt_type type, const void *ref, const char *where,
                        u32 number, u64 index, u32 *out, struct err *e)
{
    bool func = rt_type_matches(type | RT_NONNULL, RT_FUNCREF);
    *out = ref && func ? func_number(i, ref) : 0;
    if (!ref || *out)
        return ST_OK;
    const char *what = func                    ? "a function of another instance"
                       : (u8)type == RT_EXNREF ? "an exception"
                                               : "a reference to an object of the host";
    return cannot(e, what, index, where, number);
}

/* --- The parts. --- */

struct scan { /* of a memory: its extents, and entries of their pages */
    struct inst_extent *extents;
    struct pages_entry *entries;
    struct inst_memory head;
};

static status scan_pages(struct inst_state *s, const struct rt_memory *m, struct scan *c)
{
    u32 n = (u32)(m->bytes / PAGES_PAGE);
    for (u32 k = 0; k < n; k++) {
        struct pages_entry x;
        TRY(pages_pack(&s->pages, m->base + (u64)k * PAGES_PAGE, &x));
        if (!x.bytes)
            continue;
        struct inst_extent *last = &c->extents[c->head.nextents - 1];
        if (c->head.nextents == 0 || last->first + last->count != k)
            c->extents[c->head.nextents++] = (struct inst_extent){k, 1, c->head.npages};
        else
            last->count++;
        c->entries[c->head.npages++] = x;
    }
    return ST_OK;
}

static status put_memory(struct inst_state *s, const struct rt_memory *m)
{
    u32 n = (u32)(m->bytes / PAGES_PAGE);
    struct scan c = {.head = {.bytes = m->bytes}};
    c.extents = heap_alloc(((size_t)n + 1) * sizeof *c.extents);
    c.entries = heap_alloc(((size_t)n + 1) * sizeof *c.entries);
    status st = c.extents && c.entries ? scan_pages(s, m, &c) : E_NOMEM;
    if (st == ST_OK)
        st = put(s, &c.head, sizeof c.head);
    if (st == ST_OK)
        st = put(s, c.extents, c.head.nextents * sizeof *c.extents);
    if (st == ST_OK)
        st = put(s, c.entries, c.head.npages * sizeof *c.entries);
    heap_free(c.extents);
    heap_free(c.entries);
    return st;
}

static status put_global(const struct rt_instance *i, struct inst_state *s, u32 k, struct err *e)
{
    const struct rt_global *g = i->globals[k];
    rt_cell cells[2] = {g->value[0], g->value[1]};
    if (rt_type_is_ref(g->type)) {
        u32 ref;
        TRY(reference(i, g->type, (const void *)(uintptr_t)g->value[0], "global", k, UINT64_MAX, &ref, e));
        cells[0] = ref;
    }
    return put(s, cells, rt_type_cells(g->type) * sizeof *cells);
}

static u64 same_from(const struct rt_table *t, u64 at)
{
    u64 n = 1;
    while (at + n < t->size && t->elems[at + n] == t->elems[at])
        n++;
    return n;
}

static status put_run(struct inst_state *s, u64 n, enum inst_run kind)
{
    return put_u32(s, (u32)(n << 2) | (u32)kind);
}

enum { SAME_MIN = 3 };

static status put_table(const struct rt_instance *i, struct inst_state *s, u32 k, struct err *e)
{
    const struct rt_table *t = i->tables[k];
    TRY(put(s, &t->size, sizeof t->size));
    for (u64 at = 0; at < t->size;) {
        u64 same = same_from(t, at), list = 0;
        while (at + list < t->size && same < SAME_MIN) {
            list++;
            same = at + list < t->size ? same_from(t, at + list) : SAME_MIN;
        }
        TRY(put_run(s, list ? list : same, list ? INST_LIST : INST_SAME));
        for (u64 n = 0; n < (list ? list : 1); n++) {
            u32 ref;
            TRY(reference(i, t->type, t->elems[at + n], "table", k, at + n, &ref, e));
            TRY(put_u32(s, ref));
        }
        at += list ? list : same;
    }
    return ST_OK;
}

static status put_dropped(struct inst_state *s, const struct rt_segment *segments, u32 n)
{
    for (u32 k = 0; k < n; k += 32) {
        u32 bits = 0;
        for (u32 b = 0; b < 32 && k + b < n; b++)
            bits |= (u32)(segments[k + b].len == 0) << b;
        TRY(put_u32(s, bits));
    }
    return ST_OK;
}

static u32 mutable_globals(const struct rt_instance *i)
{
    u32 n = 0;
    for (u32 k = i->layout->imp_globals; k < i->layout->nglobals; k++)
        n += i->globals[k]->mut;
    return n;
}

static status put_all(const struct rt_instance *i, enum inst_phase phase, struct inst_state *s, struct err *e)
{
    const struct rt_layout *l = i->layout;
    if (l->imp_mems || l->imp_tables || l->imp_globals)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "imported %s cannot be kept",
                       l->imp_mems     ? "memories"
                       : l->imp_tables ? "tables"
                                       : "globals");
    struct inst_head h = {(u32)phase, l->nmems, mutable_globals(i), l->ntables, i->ndata, i->nelems};
    TRY(put(s, &h, sizeof h));
    for (u32 k = 0; k < l->nmems; k++)
        TRY(put_memory(s, i->mems[k]));
    for (u32 k = 0; k < l->nglobals; k++)
        if (i->globals[k]->mut)
            TRY(put_global(i, s, k, e));
    for (u32 k = 0; k < l->ntables; k++)
        TRY(put_table(i, s, k, e));
    TRY(put_dropped(s, i->data, i->ndata));
    return put_dropped(s, i->elems, i->nelems);
}

status inst_state_take(const struct rt_instance *i, enum inst_phase phase, struct inst_state *out,
                       struct err *e)
{
    *out = (struct inst_state){0};
    pages_init(&out->pages);
    status st = put_all(i, phase, out, e);
    return st == ST_OK ? ST_OK : err_set(e, st, ERR_NO_OFFSET, st == E_NOMEM ? "out of memory" : "too large");
}
