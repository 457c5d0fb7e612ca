/* phys_priv.h: physical pages.
 *
 * One bit a 4 KiB page over all of RAM and one counter a 2 MiB block: small pages are taken from blocks that
 * are already broken, so that whole blocks stay for 2 MiB pages. A bitmap rather than a buddy tree: two sizes
 * are all that is asked for, freeing is one bit, and nothing has to be merged. Under vm_lock, but for
 * phys_alloc_run, which takes it, and what only reads. */
#ifndef KERNEL_LIB_PHYS_PRIV_H
#define KERNEL_LIB_PHYS_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot_info.h"

#define PHYS_PAGE  0x1000ull
#define PHYS_BLOCK 0x200000ull
#define PHYS_NONE  UINT64_MAX

/* Takes over all free RAM but the first MiB (firmware, processor start-up), the image and the modules. The
 * map itself lies in RAM below 4 GiB. Panics when there is no room for it. */
void phys_init(const struct boot_info *info);
uint64_t phys_alloc_page(void);        /* contents undefined; PHYS_NONE when used up */
uint64_t phys_alloc_run(size_t pages); /* one behind the other, for devices; at most 2 MiB; PHYS_NONE: none */
uint64_t phys_alloc_block(void);       /* 2 MiB, aligned; PHYS_NONE when no whole block is left */
void phys_free_page(uint64_t page);
void phys_free_block(uint64_t block);
uint64_t phys_pages_free(void);
uint64_t phys_bytes_run(void);   /* given out by phys_alloc_run */
uint64_t phys_bytes_total(void); /* RAM that the loader called free */
uint64_t phys_end(void);         /* one past the highest byte of RAM */

/* The first address of the image (linker script); elf_end() is its last. */
extern char image_start[];

#endif
