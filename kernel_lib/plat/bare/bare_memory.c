/* bare_memory.c: plat.h's address space on page tables. */
#include "cpu/elf_priv.h"
#include "memory/lazy_priv.h"
#include "memory/phys_priv.h"
#include "memory/space_priv.h"
#include "memory/stack_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"
#include "runtime.h"

static bool is_aligned(const void *addr, size_t bytes)
{
    return ((uintptr_t)addr | bytes) % PLAT_PAGE == 0;
}

void *plat_reserve(void *want, size_t bytes)
{
    ASSERT(is_aligned(want, bytes));
    return (void *)space_reserve((uintptr_t)want, bytes);
}

status plat_commit(void *addr, size_t bytes, enum plat_prot prot)
{
    if (!is_aligned(addr, bytes) || !space_contains((uintptr_t)addr, bytes))
        return E_INVAL;
    return vm_commit((uintptr_t)addr, bytes, prot);
}

status plat_commit_lazily(void *addr, size_t bytes)
{
#ifdef ANNEAL_APPLIANCE
    if (!is_aligned(addr, bytes) || !space_contains((uintptr_t)addr, bytes))
        return E_INVAL;
    status st = lazy_add((uintptr_t)addr, bytes);
    if (st != E_LIMIT)
        return st;
#endif
    return plat_commit(addr, bytes, PLAT_RW);
}

void plat_fill_lazily(void *addr, size_t bytes, plat_fill_fn fill, void *env)
{
#ifdef ANNEAL_APPLIANCE
    if (!vm_look((uintptr_t)addr).committed) {
        lazy_set_contents((uintptr_t)addr, fill, env);
        return;
    }
#endif
    for (uint8_t *p = addr; p < (uint8_t *)addr + bytes; p += PLAT_PAGE)
        (void)!fill(env, p, p); /* the memory is zeroed */
}

void plat_touch(void *addr, size_t bytes)
{
#ifdef ANNEAL_APPLIANCE
    lazy_touch((uintptr_t)addr, bytes);
#else
    (void)addr, (void)bytes;
#endif
}

status plat_protect(void *addr, size_t bytes, enum plat_prot prot)
{
    if (!is_aligned(addr, bytes) || !space_contains((uintptr_t)addr, bytes))
        return E_INVAL;
    return vm_protect((uintptr_t)addr, bytes, prot);
}

void plat_decommit(void *addr, size_t bytes)
{
    ASSERT(is_aligned(addr, bytes) && space_contains((uintptr_t)addr, bytes));
    lazy_remove((uintptr_t)addr, bytes);
    vm_decommit((uintptr_t)addr, bytes);
}

void plat_release(void *addr, size_t bytes)
{
    plat_decommit(addr, bytes);
    space_release((uintptr_t)addr, bytes);
}

/* What stays: the image and the boot modules, where the boot loader put them, and what devices were given. */
static uint64_t fixed_bytes(void)
{
    const struct boot_info *info = runtime_boot_info();
    uint64_t bytes = elf_end() - (uintptr_t)image_start + phys_bytes_run();
    for (size_t i = 0; i < info->nmodules; i++)
        bytes += info->modules[i].len;
    return bytes;
}

uint64_t plat_memory_total(void)
{
    return phys_bytes_total();
}

uint64_t plat_memory_used(void)
{
    return fixed_bytes() + vm_bytes_committed();
}

uint64_t plat_memory_peak(void)
{
    return fixed_bytes() + vm_bytes_peak();
}

uint64_t memory_bytes_free(void)
{
    return phys_pages_free() * PHYS_PAGE;
}

void *memory_map_device(uint64_t phys, size_t bytes)
{
    return vm_map_phys(phys, bytes, VM_UNCACHED);
}

void plat_stack_bounds(uintptr_t *low, uintptr_t *high)
{
    if (!stack_find((uintptr_t)__builtin_frame_address(0), low, high))
        panic("on a stack that is not ours");
}
