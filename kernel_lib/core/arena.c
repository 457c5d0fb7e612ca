/* arena.c: bump allocation out of chunks that double in size, freed together. */
#include "heap.h"

#include <string.h>

#include "plat.h"

enum { CHUNK_MIN = 4096, CHUNK_MAX = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *prev;
    size_t bytes; /* usable, behind this header */
};

static uint8_t *align_up(uint8_t *p, size_t align)
{
    return (uint8_t *)(((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1));
}

/* Opens a chunk that can hold `bytes` at any alignment up to `align`. What was left of the old one is lost.
 */
static bool chunk_add(struct arena *a, size_t bytes, size_t align)
{
    size_t want = a->head ? a->head->bytes * 2 : CHUNK_MIN;
    if (want > CHUNK_MAX)
        want = CHUNK_MAX;
    if (bytes > SIZE_MAX - align - sizeof(struct arena_chunk))
        return false;
    if (want < bytes + align)
        want = bytes + align;
    struct arena_chunk *c = heap_calloc(1, sizeof *c + want);
    if (!c)
        return false;
    c->prev = a->head;
    c->bytes = want;
    a->head = c;
    a->next = (uint8_t *)(c + 1);
    a->end = a->next + want;
    return true;
}

void *arena_alloc(struct arena *a, size_t bytes, size_t align)
{
    ASSERT(align && (align & (align - 1)) == 0);
    uint8_t *p = align_up(a->next, align);
    if (!a->head || p > a->end || (size_t)(a->end - p) < bytes) {
        if (!chunk_add(a, bytes, align))
            return NULL;
        p = align_up(a->next, align);
    }
    a->next = p + bytes;
    a->bytes += bytes;
    return p;
}

void arena_fini(struct arena *a)
{
    for (struct arena_chunk *c = a->head, *prev; c; c = prev) {
        prev = c->prev;
        heap_free(c);
    }
    memset(a, 0, sizeof *a);
}
