/* heap.h: general memory for everything above kernel_lib, and arenas for things that die together.
 *
 * Hosted: the C library's malloc (so that sanitizers see every block). Image: the kernel's heap, which also
 * carries malloc/free for LLVM. All blocks are aligned to 16. */
#ifndef KERNEL_LIB_HEAP_H
#define KERNEL_LIB_HEAP_H

#include <stddef.h>
#include <stdint.h>

void *heap_alloc(size_t bytes);                 /* NULL when memory is used up */
void *heap_calloc(size_t count, size_t bytes);  /* zeroed; NULL also on overflow */
void *heap_realloc(void *p, size_t bytes);      /* NULL leaves `p` valid */
void heap_free(void *p);                        /* NULL is fine */

/* A growing region freed at once. Zero-initialise to start. */
struct arena {
    struct arena_chunk *head;
    uint8_t *next, *end;
    size_t bytes; /* handed out in total */
};
void *arena_alloc(struct arena *a, size_t bytes, size_t align); /* zeroed; NULL when memory is used up */
void arena_fini(struct arena *a);                               /* frees everything, ready for reuse */

#endif
