/* heap_host.c: the hosted heap is the C library's, so that sanitizers see every block. */
#include "heap.h"

#include <malloc.h>
#include <stdlib.h>

void *heap_alloc(size_t bytes)
{
    return malloc(bytes ? bytes : 1);
}

void *heap_calloc(size_t count, size_t bytes)
{
    return count && bytes ? calloc(count, bytes) : calloc(1, 1);
}

void *heap_realloc(void *p, size_t bytes)
{
    return realloc(p, bytes ? bytes : 1);
}

void heap_free(void *p)
{
    free(p);
}

void heap_budget_begin(size_t bytes_max, uint64_t deadline_ticks, void (*on_exceeded)(void))
{
    (void)bytes_max;
    (void)deadline_ticks;
    (void)on_exceeded;
}

void heap_budget_end(void) {}

void heap_stats_get(struct heap_stats *out)
{
    struct mallinfo2 info = mallinfo2();
    *out = (struct heap_stats){.in_use = info.uordblks + info.hblkhd};
}
