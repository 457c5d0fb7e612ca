/* lazy_priv.h: memory that is backed page by page when it is touched (plat_commit_lazily). */
#ifndef KERNEL_LIB_LAZY_PRIV_H
#define KERNEL_LIB_LAZY_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plat.h"

/* Below: page-aligned ranges of one reservation. */
/* E_NOMEM: the machine could not back all of it. E_LIMIT: there are too many ranges already. */
MUST_CHECK status lazy_add(uintptr_t at, size_t bytes);
/* What is in the range that starts at `at`, where it was not touched yet. */
void lazy_set_contents(uintptr_t at, plat_fill_fn fill, void *env);
/* Forgets what lies in the range, which covers lazy memory whole or not at all. Before vm_decommit. */
void lazy_remove(uintptr_t at, size_t bytes);
/* Backs what of the range is lazy and was not touched. */
void lazy_touch(uintptr_t at, size_t bytes);
/* A page fault at `at`, which was not present: true: there is memory now. */
bool lazy_fault(uintptr_t at);

#endif
