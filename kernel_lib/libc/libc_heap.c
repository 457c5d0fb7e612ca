/* libc_heap.c: malloc and its family are the kernel's heap. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "kheap.h"

static void *or_enomem(void *p)
{
    if (!p)
        errno = ENOMEM;
    return p;
}

void *malloc(size_t bytes)
{
    return or_enomem(kheap_alloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return or_enomem(kheap_calloc(count, bytes));
}

void *realloc(void *p, size_t bytes)
{
    return or_enomem(kheap_realloc(p, bytes));
}

void free(void *p)
{
    kheap_free(p);
}

void *aligned_alloc(size_t align, size_t bytes)
{
    return or_enomem(kheap_aligned(align, bytes));
}

int posix_memalign(void **out, size_t align, size_t bytes)
{
    *out = kheap_aligned(align, bytes);
    return *out ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *p)
{
    return p ? kheap_usable(p) : 0;
}

struct mallinfo2 mallinfo2(void)
{
    struct kheap_stats s;
    kheap_stats_get(&s);
    return (struct mallinfo2){.arena = s.committed, .uordblks = s.in_use, .fordblks = s.committed - s.in_use};
}
