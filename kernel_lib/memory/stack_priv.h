/* stack_priv.h: stacks, each with an unmapped guard below it that has a name in fault reports. */
#ifndef KERNEL_LIB_STACK_PRIV_H
#define KERNEL_LIB_STACK_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the top (16-byte aligned). `now`: backed at once; else page by page as it is touched. Panics when
 * there is no memory. `name` is kept. */
uintptr_t stack_create(const char *name, size_t bytes, bool now);
/* Backs a stack page that was touched for the first time; false when `at` is not such an address. */
bool stack_grow(uintptr_t at);
/* The name of the stack whose guard covers the address; NULL: none. */
const char *stack_of_guard(uintptr_t at);
/* The bounds of the stack that `sp` is on; false when it is none of ours. */
bool stack_find(uintptr_t sp, uintptr_t *low, uintptr_t *high);

#endif
