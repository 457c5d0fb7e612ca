/* heap_image.c: in the image the heap is ours; malloc (libc/) is the same one. */
#include "heap.h"

#include "kheap.h"

void *heap_alloc(size_t bytes)
{
    return kheap_alloc(bytes);
}

void *heap_calloc(size_t count, size_t bytes)
{
    return kheap_calloc(count, bytes);
}

void *heap_realloc(void *p, size_t bytes)
{
    return kheap_realloc(p, bytes);
}

void heap_free(void *p)
{
    kheap_free(p);
}

void heap_budget_begin(size_t bytes_max, uint64_t deadline_ticks, void (*on_exceeded)(void))
{
    kheap_budget_begin(bytes_max, deadline_ticks, on_exceeded);
}

void heap_budget_end(void)
{
    kheap_budget_end();
}

void heap_stats_get(struct heap_stats *out)
{
    struct kheap_stats k;
    kheap_stats_get(&k);
    *out = (struct heap_stats){.in_use = k.in_use, .peak = k.peak};
}
