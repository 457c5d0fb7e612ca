/* vm_priv.h: page tables. Every address that is not named here faults; no page is writable and executable.
 *
 *   0                       page 0: never mapped
 *   1 MiB ...               the image, each segment with the protection of its program header
 *   MAP_CODE_BASE ...       plat.h's fixed ranges, mapped by plat_reserve and plat_commit
 *   VM_ANY ...              reservations without a wish, stacks
 *   VM_DIRECT ...           all of RAM, writable; holes where a page is the image's or executable elsewhere
 *   VM_MMIO ...             device memory and firmware tables
 *   VM_TABLE ...            the list of reservations
 *
 * Source: Intel SDM volume 3A, 4.5 (4-level paging). Each function below can be called by two processors at
 * once, and when one returns, neither looks anything up by what the tables said before. */
#ifndef KERNEL_LIB_VM_PRIV_H
#define KERNEL_LIB_VM_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/lock_priv.h"
#include "plat.h"

#define VM_EARLY_END 0x100000000ull /* the boot page tables reach this far */
#define VM_ANY       0x010000000000ull
#define VM_ANY_END   0x7f0000000000ull
#define VM_DIRECT    0xffff800000000000ull
#define VM_MMIO      0xffffc00000000000ull
#define VM_MMIO_END  0xffffc10000000000ull
#define VM_TABLE     0xffffe00000000000ull
#define VM_TABLE_END 0xffffe00010000000ull

/* Where a physical address of RAM can be read and written (not the image's). */
static inline void *vm_direct(uint64_t phys)
{
    return (void *)(VM_DIRECT + phys);
}

enum vm_cache { VM_CACHED, VM_UNCACHED, VM_WRITE_COMBINING };

/* Around what two processors must not do at once to page tables, physical pages, reservations or stacks. The
 * last vm_unlock waits until the other processor has noticed what has changed. */
void vm_lock_both(void);
void vm_unlock_both(void);
static inline void vm_lock(void)
{
    if (!cpu_is_alone())
        vm_lock_both();
}
static inline void vm_unlock(void)
{
    if (!cpu_is_alone())
        vm_unlock_both();
}
/* For a second processor: where the tables are, and the rest of what vm_init sets on the first one. */
uint64_t vm_root(void);
void vm_join(void);
/* The calling processor forgets all that it has looked up. */
void vm_flush_all(void);

/* Builds and loads the image's own tables; keeps `info`. After phys_init. */
struct boot_info;
void vm_init(const struct boot_info *info);
/* Makes a physical range that is not RAM of ours readable and writable; NULL when address space or memory is
 * used up. Never taken back. Ranges inside RAM or the image give the pointer that exists already. */
void *vm_map_phys(uint64_t phys, size_t bytes, enum vm_cache cache);

/* Below: any page-aligned range of one reservation; pages that are committed already keep their contents. */
MUST_CHECK status vm_commit(uintptr_t at, size_t bytes, enum plat_prot prot);
/* The same from the last pages, which vm_commit leaves: for stacks that grow in a fault. */
MUST_CHECK status vm_commit_urgent(uintptr_t at, size_t bytes, enum plat_prot prot);
MUST_CHECK status vm_protect(uintptr_t at, size_t bytes,
                             enum plat_prot prot); /* E_INVAL: a page is not committed */
void vm_decommit(uintptr_t at, size_t bytes);

/* For lazy.c: keeps `pages` free for later (E_NOMEM), and lets so many of them go again. */
MUST_CHECK status vm_promise(uint64_t pages);
void vm_keep_promise(uint64_t pages);
/* Backs the page at `at`, which is not, with promised memory; returns where to fill it: its contents are
 * undefined. */
uint8_t *vm_back_page(uintptr_t at);
/* `bytes` are a multiple of 4 KiB. */
void vm_zero(void *at, size_t bytes);

struct vm_page {
    bool committed, present, write, exec;
};
/* What the tables say about an address. Never faults; for panics and self-tests. */
struct vm_page vm_look(uintptr_t at);
/* Whether a page of the image was read, written or executed since vm_init; with --sample only
 * (vm_sees_accesses), for which the image is mapped by small pages. */
bool vm_sees_accesses(void);
bool vm_accessed(uintptr_t at);
/* The physical address behind a committed one. */
uint64_t vm_phys(uintptr_t at);
/* Copies up to `len` bytes from any address, stopping before one that cannot be read; returns how many. */
size_t vm_read_safely(void *dst, uintptr_t src, size_t len);

uint64_t vm_bytes_committed(void); /* by vm_commit and for tables, now */
uint64_t vm_bytes_peak(void);

#endif
