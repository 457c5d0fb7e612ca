/* rt_arena.h: pages for compiled code, MAP_CODE_BASE..MAP_CODE_END (rt_arena.c). Whoever links code takes
 * them here: the compiler's linker and the loader of stored objects. */
#ifndef JIT_RT_ARENA_H
#define JIT_RT_ARENA_H

#include "rt.h"

enum rt_arena_kind { RT_ARENA_CODE, RT_ARENA_DATA, RT_ARENA_KINDS };
/* Reserves the addresses; whoever needs them calls this, and fini once for each success. */
MUST_CHECK status rt_arena_init(struct err *e);
void rt_arena_fini(void);
/* Writable pages, zeroed; NULL when the arena or memory is full. */
void *rt_arena_alloc(enum rt_arena_kind k, size_t bytes);
/* Makes them executable (code) or read-only (data). */
MUST_CHECK status rt_arena_seal(void *p, size_t bytes);
/* Writable again, and not executable: whole pages, from `p`'s on, in which nothing runs until they are
 * sealed. */
MUST_CHECK status rt_arena_open(void *p, size_t bytes);
void rt_arena_free(void *p, size_t bytes);
/* Bytes in use, and at the peak. */
void rt_arena_usage(u64 *used, u64 *peak);

#endif
