/* inst_state_restore.c: bytes of inst_state_take.c back into a fresh instance.
 *
 * They are covered by the payload's checksum, and each page by its own; what is checked here keeps a payload
 * for another module from being written over memory that is not there. */
#include <string.h>

#include "heap.h"
#include "inst_state.h"
#include "inst_state_format.h"
#include "plat.h"

/* Pages that are unpacked before the start, in all memories; others when they are touched. So much the app
 * will probably need, and its first accesses are not charged for it. */
enum { EAGER_PAGES = 128 };

static bool starting, broken; /* a page was damaged while the first ones were unpacked */

struct source {
    const u8 *p, *end;
    struct err *err;
};

struct contents { /* of a memory, as long as it lives */
    const u8 *base;
    const u8 *extents, *entries; /* of inst_extent and pages_entry, unaligned */
    u32 nextents, nentries;
    const u8 *packed;
    size_t packed_len;
    struct contents *next;
};

static status damaged(struct source *s)
{
    return err_set(s->err, E_INVAL, ERR_NO_OFFSET, "the kept state is not this module's");
}

static status take(struct source *s, void *out, size_t len)
{
    if ((size_t)(s->end - s->p) < len)
        return damaged(s);
    memcpy(out, s->p, len);
    s->p += len;
    return ST_OK;
}

static status take_place(struct source *s, u64 count, size_t size, const u8 **out)
{
    if ((size_t)(s->end - s->p) / size < count)
        return damaged(s);
    *out = s->p;
    s->p += count * size;
    return ST_OK;
}

/* --- Memories. --- */

static struct inst_extent extent_at(const struct contents *c, u32 k)
{
    struct inst_extent x;
    memcpy(&x, c->extents + k * sizeof x, sizeof x);
    return x;
}

/* The entry of `page`; false: the page is zeros. */
static bool find_entry(const struct contents *c, u32 page, struct pages_entry *out)
{
    u32 low = 0, high = c->nextents; /* the last extent that begins at or below `page` is before `high` */
    while (low < high) {
        u32 mid = low + (high - low) / 2;
        if (extent_at(c, mid).first <= page)
            low = mid + 1;
        else
            high = mid;
    }
    struct inst_extent x = low ? extent_at(c, low - 1) : (struct inst_extent){0};
    u64 entry = (u64)x.entry + (page - x.first);
    if (page - x.first >= x.count || entry >= c->nentries)
        return false;
    memcpy(out, c->entries + entry * sizeof *out, sizeof *out);
    return true;
}

/* plat_fill_fn */
static bool fill(void *env, const void *addr, u8 page[PLAT_PAGE])
{
    const struct contents *c = env;
    struct pages_entry x;
    if (!find_entry(c, (u32)(((const u8 *)addr - c->base) / PAGES_PAGE), &x))
        return false;
    if (pages_unpack(&x, c->packed, c->packed_len, page))
        return true;
    if (!starting)
        panic("the app is damaged: a page of its memory has another checksum");
    broken = true;
    return false;
}

static void fill_first(const struct contents *c, u32 *eager)
{
    for (u32 k = 0; k < c->nextents && *eager; k++) {
        struct inst_extent x = extent_at(c, k);
        u32 n = x.count < *eager ? x.count : *eager;
        plat_touch((void *)(uintptr_t)(c->base + (u64)x.first * PAGES_PAGE), (size_t)n * PAGES_PAGE);
        *eager -= n;
    }
}

/* A copy that stays as long as the program: a page may be touched at any time. */
static struct contents *keep(const struct contents *c)
{
    static struct contents *all;
    struct contents *kept = heap_alloc(sizeof *kept);
    if (!kept)
        return NULL;
    *kept = *c;
    kept->next = all;
    return all = kept;
}

static status take_memory(struct source *s, struct rt_memory *m, const u8 *packed, size_t packed_len,
                          u32 *eager)
{
    struct inst_memory h;
    TRY(take(s, &h, sizeof h));
    if (h.bytes % RT_PAGE || h.bytes < m->bytes)
        return damaged(s);
    if (rt_memory_grow(m, (h.bytes - m->bytes) / RT_PAGE) == UINT64_MAX)
        return err_set(s->err, E_NOMEM, ERR_NO_OFFSET,
                       "the app's memory has %llu bytes, more than this machine or --max-memory gives",
                       (unsigned long long)h.bytes);
    struct contents c = {.base = m->base,
                         .nextents = h.nextents,
                         .nentries = h.npages,
                         .packed = packed,
                         .packed_len = packed_len};
    TRY(take_place(s, h.nextents, sizeof(struct inst_extent), &c.extents));
    TRY(take_place(s, h.npages, sizeof(struct pages_entry), &c.entries));
    if (!m->bytes || !h.nextents)
        return ST_OK;
    struct contents *kept = keep(&c);
    if (!kept)
        return E_NOMEM;
    starting = true;
    plat_fill_lazily(m->base, m->bytes, fill, kept);
    fill_first(kept, eager);
    starting = false;
    if (broken)
        return err_set(s->err, E_INVAL, ERR_NO_OFFSET,
                       "the app is damaged: a page of its memory has another checksum");
    return ST_OK;
}

/* --- References. --- */

static status ref_of(struct source *s, const struct rt_instance *i, u32 number, void **out)
{
    if (number > i->layout->nfuncs)
        return damaged(s);
    *out = number ? i->funcs[number - 1] : NULL;
    return ST_OK;
}

static status take_ref(struct source *s, const struct rt_instance *i, void **out)
{
    u32 number;
    TRY(take(s, &number, sizeof number));
    return ref_of(s, i, number, out);
}

static status take_global(struct source *s, const struct rt_instance *i, struct rt_global *g)
{
    TRY(take(s, g->value, rt_type_cells(g->type) * sizeof *g->value));
    void *ref;
    if (!rt_type_is_ref(g->type))
        return ST_OK;
    TRY(ref_of(s, i, (u32)g->value[0], &ref));
    g->value[0] = (rt_cell)(uintptr_t)ref;
    return ST_OK;
}

static status take_run(struct source *s, const struct rt_instance *i, struct rt_table *t, u64 *at)
{
    u32 head;
    TRY(take(s, &head, sizeof head));
    u64 n = head >> 2;
    if (n == 0 || n > t->size - *at || (head & 3) > INST_LIST)
        return damaged(s);
    void *ref = NULL;
    for (u64 k = 0; k < n; k++) {
        if (k == 0 || (head & 3) == INST_LIST)
            TRY(take_ref(s, i, &ref));
        t->elems[(*at)++] = ref;
    }
    return ST_OK;
}

static status take_table(struct source *s, const struct rt_instance *i, struct rt_table *t)
{
    u64 size;
    TRY(take(s, &size, sizeof size));
    if (size < t->size || rt_table_grow(t, size - t->size, NULL) == UINT64_MAX)
        return err_set(s->err, E_NOMEM, ERR_NO_OFFSET,
                       "a table has %llu elements, for which there is no room", (unsigned long long)size);
    for (u64 at = 0; at < size;)
        TRY(take_run(s, i, t, &at));
    return ST_OK;
}

/* --- The whole. --- */

/* `n` bits; there are `here` segments. */
static status take_dropped(struct source *s, struct rt_segment *segments, u32 n, u32 here)
{
    for (u32 k = 0; k < n; k += 32) {
        u32 bits;
        TRY(take(s, &bits, sizeof bits));
        for (u32 b = 0; b < 32 && k + b < n && k + b < here; b++)
            if (bits >> b & 1)
                segments[k + b].len = 0;
    }
    return ST_OK;
}

static status take_head(struct source *s, const struct rt_instance *i, struct inst_head *out,
                        enum inst_phase *phase)
{
    struct inst_head h;
    const struct rt_layout *l = i->layout;
    TRY(take(s, &h, sizeof h));
    u32 nmutable = 0;
    for (u32 k = 0; k < l->nglobals; k++)
        nmutable += i->globals[k]->mut;
    if (h.phase < INST_NONE || h.phase > INST_WARM || h.nmems != l->nmems || h.nglobals != nmutable ||
        h.ntables != l->ntables || h.ndata < i->ndata || h.nelems < i->nelems)
        return damaged(s);
    *phase = (enum inst_phase)h.phase;
    *out = h;
    return ST_OK;
}

status inst_state_restore(struct rt_instance *i, const u8 *bytes, size_t len, const u8 *packed,
                          size_t packed_len, enum inst_phase *phase, struct err *e)
{
    struct source s = {bytes, bytes + len, e};
    const struct rt_layout *l = i->layout;
    u32 eager = EAGER_PAGES;
    struct inst_head h;
    TRY(take_head(&s, i, &h, phase));
    for (u32 k = 0; k < l->nmems; k++)
        TRY(take_memory(&s, i->mems[k], packed, packed_len, &eager));
    for (u32 k = 0; k < l->nglobals; k++)
        if (i->globals[k]->mut)
            TRY(take_global(&s, i, i->globals[k]));
    for (u32 k = 0; k < l->ntables; k++)
        TRY(take_table(&s, i, i->tables[k]));
    TRY(take_dropped(&s, i->data, h.ndata, i->ndata));
    TRY(take_dropped(&s, i->elems, h.nelems, i->nelems));
    return s.p == s.end ? ST_OK : damaged(&s);
}
