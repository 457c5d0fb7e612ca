/* space_priv.h: which address ranges are reserved. plat_reserve and plat_release stand on it. */
#ifndef KERNEL_LIB_SPACE_PRIV_H
#define KERNEL_LIB_SPACE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 when the wish is not free, or nothing is left (`want` 0: anywhere, aligned to 2 MiB from that size on).
 */
uintptr_t space_reserve(uintptr_t want, size_t bytes);
/* Whether [at, at + bytes) lies in one reservation. */
bool space_contains(uintptr_t at, size_t bytes);
/* Takes a part of one reservation out. */
void space_release(uintptr_t at, size_t bytes);

#endif
