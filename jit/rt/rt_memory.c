/* rt_memory.c: linear memories: a reservation that never moves, of which the front is committed.
 *
 * With the whole MAP_GUEST_RESERVE behind it every 32-bit index + 32-bit offset stays inside the reservation,
 * so accesses need no check: what lies above the size faults. Where the address space does not give that
 * much, a memory gets what its maximum needs (or less) and says so by `guarded`. All reservations are on a
 * list, which the fault handler reads. */
#include "rt_priv.h"

#include "heap.h"
#include "plat.h"

#define PAGES_MAX 65536u

u64 rt_memory_limit_pages = PAGES_MAX;

struct node {
    struct rt_memory m; /* first */
    struct node *next;
};
static struct node *memories;

static u64 min_u64(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* Without guards: as much of `max` as there is, but not less than `min`, and never nothing. */
static bool reserve_plain(struct rt_memory *m, u64 min)
{
    for (u64 pages = m->max_pages ? m->max_pages : 1;; pages = pages / 2 > min ? pages / 2 : min) {
        m->base = plat_reserve(NULL, pages * RT_PAGE);
        if (m->base) {
            m->reserved = pages * RT_PAGE;
            return true;
        }
        if (pages <= min || pages <= 1)
            return false;
    }
}

static status reserve(struct rt_memory *m, u64 min, bool fixed)
{
    m->base = plat_reserve(fixed ? (void *)MAP_MEM0_BASE : NULL, MAP_GUEST_RESERVE);
    if (m->base) {
        m->reserved = MAP_GUEST_RESERVE;
        m->guarded = true;
        m->fixed = fixed;
        return ST_OK;
    }
    if (fixed)
        return E_LIMIT;
    return reserve_plain(m, min) ? ST_OK : E_NOMEM;
}

/* Commits from the present end to `bytes` in one call. */
static status resize(struct rt_memory *m, u64 bytes)
{
    if (bytes > m->reserved)
        return E_NOMEM;
    if (bytes > m->bytes)
        TRY(plat_commit_lazily(m->base + m->bytes, bytes - m->bytes));
    m->bytes = bytes;
    return ST_OK;
}

status rt_memory_create(u64 min, u64 max, bool fixed, struct rt_memory **out)
{
    u64 limit = min_u64(rt_memory_limit_pages, PAGES_MAX);
    if (min > limit)
        return E_LIMIT;
    struct node *n = heap_calloc(1, sizeof *n);
    if (!n)
        return E_NOMEM;
    n->m.max_pages = min_u64(max, limit);
    n->m.refs = 1;
    status s = reserve(&n->m, min, fixed);
    if (s == ST_OK) {
        s = resize(&n->m, min * RT_PAGE);
        if (s != ST_OK)
            plat_release(n->m.base, n->m.reserved);
    }
    if (s != ST_OK) {
        heap_free(n);
        return s;
    }
    n->next = memories;
    memories = n;
    *out = &n->m;
    return ST_OK;
}

void rt_memory_release(struct rt_memory *m)
{
    ASSERT(m->refs > 0);
    if (--m->refs > 0)
        return;
    struct node **at = &memories;
    while (&(*at)->m != m)
        at = &(*at)->next;
    struct node *n = *at;
    *at = n->next;
    plat_release(m->base, m->reserved);
    heap_free(n);
}

u64 rt_memory_grow(struct rt_memory *m, u64 delta_pages)
{
    u64 old = m->bytes / RT_PAGE;
    u64 most = m->stays_short ? min_u64(m->max_pages, RT_SHORT_MEMORY / RT_PAGE) : m->max_pages;
    if (delta_pages > most - old || resize(m, (old + delta_pages) * RT_PAGE) != ST_OK)
        return UINT64_MAX;
    return old;
}

const struct rt_memory *rt_memory_at(uintptr_t addr)
{
    for (const struct node *n = memories; n; n = n->next) {
        u64 before = n->m.fixed ? RT_SHORT_MEMORY_GAP : 0;
        if (addr - ((uintptr_t)n->m.base - before) < before + n->m.reserved)
            return &n->m;
    }
    return NULL;
}
