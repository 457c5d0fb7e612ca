/* rt_slab.h: small pieces of code in common pages of the arena for compiled code (rt_slab.c). */
#ifndef JIT_RT_SLAB_H
#define JIT_RT_SLAB_H

#include "rt.h"

/* Room for `bytes` of code, writable until it is sealed: nothing that was made here runs in between, and
 * nothing else is taken. NULL: the arena is full, or its addresses are not free. */
u8 *rt_slab_take(size_t bytes);
/* Makes what was just taken executable. False: it is not, and is to be given back. */
bool rt_slab_seal(u8 *p, size_t bytes);
/* Gives it back. Pages are freed with the last piece in them. */
void rt_slab_free(u8 *p, size_t bytes);

#endif
