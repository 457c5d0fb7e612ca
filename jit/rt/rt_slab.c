/* Small pieces of code in common pages. Most copies have less than a page: a mapping for each would cost more
 * time than making it, memory, and entries of the processor's table of pages.
 *
 * A slab is filled from its start on. The pages of the piece being written are opened for it, so that they
 * are never writable and executable at once; the rest of a slab is writable and holds no code. */
#include "rt_slab.h"

#include "heap.h"
#include "plat.h"
#include "rt_arena.h"

enum { SLAB_BYTES = 64 << 10, ALIGN = 16 };
struct slab {
    struct slab *next;
    u8 *base;
    size_t bytes, used, live; /* live: bytes of pieces that were not given back */
};
static struct slab *slabs; /* the one that is being filled first */

static size_t rounded(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct slab *slab_create(size_t bytes)
{
    struct err e = {0};
    struct slab *s = heap_calloc(1, sizeof *s);
    if (!s || rt_arena_init(&e) != ST_OK)
        goto out;
    s->bytes = bytes > SLAB_BYTES ? bytes : SLAB_BYTES;
    s->base = rt_arena_alloc(RT_ARENA_CODE, s->bytes);
    if (s->base) {
        s->next = slabs;
        slabs = s;
        return s;
    }
    rt_arena_fini();
out:
    heap_free(s);
    return NULL;
}

static void slab_destroy(struct slab **at)
{
    struct slab *s = *at;
    *at = s->next;
    rt_arena_free(s->base, s->bytes);
    rt_arena_fini();
    heap_free(s);
}

static u8 *first_page(const u8 *p)
{
    return (u8 *)((uintptr_t)p & ~(uintptr_t)(PLAT_PAGE - 1));
}

u8 *rt_slab_take(size_t bytes)
{
    bytes = rounded(bytes);
    struct slab *s = slabs;
    if (!s || s->bytes - s->used < bytes)
        s = slab_create(bytes);
    if (!s)
        return NULL;
    u8 *p = s->base + s->used, *page = first_page(p);
    if (page != p && rt_arena_open(page, (size_t)(p - page)) != ST_OK)
        return NULL;
    s->used += bytes;
    s->live += bytes;
    return p;
}

bool rt_slab_seal(u8 *p, size_t bytes)
{
    u8 *page = first_page(p);
    if (rt_arena_seal(page, (size_t)(p - page) + bytes) == ST_OK)
        return true;
    if (page != p && rt_arena_seal(page, (size_t)(p - page)) != ST_OK)
        panic("interpreter: code at %p cannot be made executable again", (void *)page);
    return false;
}

void rt_slab_free(u8 *p, size_t bytes)
{
    struct slab **at = &slabs;
    while (p < (*at)->base || p >= (*at)->base + (*at)->bytes)
        at = &(*at)->next;
    (*at)->live -= rounded(bytes);
    if ((*at)->live == 0)
        slab_destroy(at);
}
