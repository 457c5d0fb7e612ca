/* heap.h: general memory for everything above kernel_lib, and arenas for things that die together.
 *
 * Hosted: the C library's malloc (so that sanitizers see every block). Image: the kernel's heap, which also
 * carries malloc/free for LLVM. All blocks are aligned to 16. */
#ifndef KERNEL_LIB_HEAP_H
#define KERNEL_LIB_HEAP_H

#include <stddef.h>
#include <stdint.h>

void *heap_alloc(size_t bytes);                /* NULL when memory is used up */
void *heap_calloc(size_t count, size_t bytes); /* zeroed; NULL also on overflow */
void *heap_realloc(void *p, size_t bytes);     /* NULL leaves `p` valid */
void heap_free(void *p);                       /* NULL is fine */

/* A limit for work that may have to be abandoned (a compilation). While a budget is open, an allocation (also
 * malloc's and new's) that would take the memory used since `begin` beyond `bytes_max`, or that comes after
 * plat_ticks() has passed `deadline_ticks`, calls `on_exceeded`, which may leave by longjmp: the heap is
 * consistent then. What was allocated inside stays allocated, whoever leaves. One budget at a time; it
 * concerns the thread that opened it, though memory that others take meanwhile counts. Hosted
 * there is no limit: both do nothing. */
void heap_budget_begin(size_t bytes_max, uint64_t deadline_ticks, void (*on_exceeded)(void));
void heap_budget_end(void);

struct heap_stats {
    uint64_t in_use; /* bytes in blocks */
    uint64_t peak;   /* highest footprint so far; 0: not known */
};
void heap_stats_get(struct heap_stats *out);

/* A growing region freed at once. Zero-initialise to start. */
struct arena {
    struct arena_chunk *head;
    uint8_t *next, *end;
    size_t bytes; /* handed out in total */
};
void *arena_alloc(struct arena *a, size_t bytes, size_t align); /* zeroed; NULL when memory is used up */
void arena_fini(struct arena *a);                               /* frees everything, ready for reuse */

#endif
