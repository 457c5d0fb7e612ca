/* host_priv.h: what the files of plat/host share. */
#ifndef KERNEL_LIB_PLAT_HOST_PRIV_H
#define KERNEL_LIB_PLAT_HOST_PRIV_H

#include <stdbool.h>
#include <stdint.h>

/* Name of the function that contains `pc` and the offset in it; NULL: unknown. Reads our own symbol table
 * from disk; no malloc, so a panic may call it. */
const char *host_symbol_find(uintptr_t pc, uintptr_t *offset);

/* Installs the fault handlers and the signal stack of the calling thread. */
void host_fault_init(void);

/* Whether `addr` had been committed lazily and not touched; it is committed then. Called for every fault, in
 * its signal. */
bool host_promise_keep(uintptr_t addr);

#endif
