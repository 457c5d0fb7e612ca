/* kheap.h: the image's general allocator, behind heap.h and behind malloc for LLVM.
 *
 * Over plat_reserve and plat_commit alone, so it also runs hosted, where only its tests use it, by one
 * thread; in the image both processors may. Blocks are aligned to 16. Memory comes in pages; runs of pages
 * hold either one large block or small blocks of one size. Misuse (double free, foreign pointer, a write
 * behind a freed block's back) ends in panic where it is cheap to see. */
#ifndef KERNEL_LIB_KHEAP_H
#define KERNEL_LIB_KHEAP_H

#include <stddef.h>
#include <stdint.h>

void *kheap_alloc(size_t bytes); /* NULL when memory is used up; 0 bytes give a block of its own */
void *kheap_calloc(size_t count, size_t bytes);
void *kheap_realloc(void *p, size_t bytes);      /* NULL leaves `p` valid */
void *kheap_aligned(size_t align, size_t bytes); /* `align`: a power of two, up to 1 MiB */
void kheap_free(void *p);
size_t kheap_usable(const void *p); /* bytes that the block really has */

/* Returns all free pages to the machine. Happens by itself beyond a slack, and before an allocation fails. */
void kheap_trim(void);

/* See heap_budget_* in heap.h. */
void kheap_budget_begin(size_t bytes_max, uint64_t deadline_ticks, void (*on_exceeded)(void));
void kheap_budget_end(void);

struct kheap_stats {
    uint64_t in_use;    /* bytes in blocks handed out now, rounding included */
    uint64_t footprint; /* bytes of pages that hold blocks */
    uint64_t peak;      /* highest footprint so far */
    uint64_t committed; /* footprint and free pages kept for reuse */
    uint64_t blocks;    /* handed out now */
};
void kheap_stats_get(struct kheap_stats *out);

#endif
