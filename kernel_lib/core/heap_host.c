/* heap_host.c: the hosted heap is the C library's, so that sanitizers see every block. */
#include "heap.h"

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
