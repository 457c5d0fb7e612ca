/* rt_arena.c: pages for compiled code, MAP_CODE_BASE..MAP_CODE_END.
 *
 * Code and read-only data have a region each, so that neighbours have the same protection and the system
 * keeps few mappings. Allocation is by page, first fit among freed ranges, else at the region's top. A page
 * is writable until it is sealed, and again from when it is opened. */
#include "rt_arena.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

struct range {
    uintptr_t start, end;
};
struct region {
    uintptr_t base, top, end;
    struct range *free; /* ascending, never adjacent */
    size_t nfree, cap;
};
#define DATA_BYTES 0x6000000ull /* the last 96 MiB */
static struct region regions[RT_ARENA_KINDS];
static u64 used_bytes, peak_bytes;
static u32 users;

static size_t pages(size_t bytes)
{
    return (bytes + PLAT_PAGE - 1) & ~(size_t)(PLAT_PAGE - 1);
}

status rt_arena_init(struct err *e)
{
    if (users > 0) {
        users++;
        return ST_OK;
    }
    if (!plat_reserve((void *)MAP_CODE_BASE, MAP_CODE_END - MAP_CODE_BASE))
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET,
                       "the address range %#llx-%#llx for compiled code is not free in this process",
                       (unsigned long long)MAP_CODE_BASE, (unsigned long long)MAP_CODE_END);
    uintptr_t middle = MAP_CODE_END - DATA_BYTES;
    regions[RT_ARENA_CODE] = (struct region){.base = MAP_CODE_BASE, .top = MAP_CODE_BASE, .end = middle};
    regions[RT_ARENA_DATA] = (struct region){.base = middle, .top = middle, .end = MAP_CODE_END};
    used_bytes = peak_bytes = 0;
    users = 1;
    return ST_OK;
}

void rt_arena_fini(void)
{
    if (users == 0 || --users)
        return;
    plat_release((void *)MAP_CODE_BASE, MAP_CODE_END - MAP_CODE_BASE);
    for (int k = 0; k < RT_ARENA_KINDS; k++)
        heap_free(regions[k].free);
    memset(regions, 0, sizeof regions);
}

static void remove_free(struct region *r, size_t at)
{
    r->nfree--;
    memmove(&r->free[at], &r->free[at + 1], (r->nfree - at) * sizeof *r->free);
}

static uintptr_t take(struct region *r, size_t bytes)
{
    for (size_t k = 0; k < r->nfree; k++) {
        if (r->free[k].end - r->free[k].start < bytes)
            continue;
        uintptr_t p = r->free[k].start;
        r->free[k].start += bytes;
        if (r->free[k].start == r->free[k].end)
            remove_free(r, k);
        return p;
    }
    if (r->end - r->top < bytes)
        return 0;
    uintptr_t p = r->top;
    r->top += bytes;
    return p;
}

/* Without memory for the list the range is lost, which only costs addresses. */
static bool grow_list(struct region *r)
{
    if (r->nfree < r->cap)
        return true;
    size_t cap = r->cap ? r->cap * 2 : 32;
    struct range *more = heap_realloc(r->free, cap * sizeof *more);
    if (!more)
        return false;
    r->free = more;
    r->cap = cap;
    return true;
}

static void insert_free(struct region *r, struct range g)
{
    size_t at = 0;
    while (at < r->nfree && r->free[at].start < g.start)
        at++;
    if (at < r->nfree && r->free[at].start == g.end) {
        g.end = r->free[at].end;
        remove_free(r, at);
    }
    if (at > 0 && r->free[at - 1].end == g.start) {
        g.start = r->free[at - 1].start;
        remove_free(r, --at);
    }
    if (g.end == r->top) {
        r->top = g.start;
    } else if (grow_list(r)) {
        memmove(&r->free[at + 1], &r->free[at], (r->nfree - at) * sizeof *r->free);
        r->free[at] = g;
        r->nfree++;
    }
}

void *rt_arena_alloc(enum rt_arena_kind k, size_t bytes)
{
    struct region *r = &regions[k];
    bytes = pages(bytes);
    uintptr_t p = take(r, bytes);
    if (!p)
        return NULL;
    if (plat_commit((void *)p, bytes, PLAT_RW) != ST_OK) {
        insert_free(r, (struct range){p, p + bytes});
        return NULL;
    }
    used_bytes += bytes;
    if (used_bytes > peak_bytes)
        peak_bytes = used_bytes;
    return (void *)p;
}

static struct region *region_of(const void *p)
{
    return &regions[(uintptr_t)p < regions[RT_ARENA_CODE].end ? RT_ARENA_CODE : RT_ARENA_DATA];
}

status rt_arena_seal(void *p, size_t bytes)
{
    return plat_protect(p, pages(bytes), region_of(p) == &regions[RT_ARENA_CODE] ? PLAT_RX : PLAT_R);
}

status rt_arena_open(void *p, size_t bytes)
{
    return plat_protect(p, pages(bytes), PLAT_RW);
}

void rt_arena_free(void *p, size_t bytes)
{
    bytes = pages(bytes);
    plat_decommit(p, bytes);
    insert_free(region_of(p), (struct range){(uintptr_t)p, (uintptr_t)p + bytes});
    used_bytes -= bytes;
}

void rt_arena_usage(u64 *used, u64 *peak)
{
    *used = used_bytes;
    *peak = peak_bytes;
}
