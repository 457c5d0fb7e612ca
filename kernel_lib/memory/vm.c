/* vm.c: the page tables. See vm_priv.h for the map.
 *
 * Leaf entries carry SW_COMMITTED (a bit the processor ignores), so that a page committed without access
 * keeps its memory in a not-present entry. A page that becomes executable leaves the direct map until it is
 * not executable any more: compiled code has no writable alias. Tables that become empty are freed. */
#include "memory/vm_priv.h"

#include "cpu/cpu_priv.h"
#include "cmdline.h"
#include "cpu/elf_priv.h"
#include "cpu/smp_priv.h"
#include "memory/phys_priv.h"

#include <string.h>

#define PTE_P        0x1ull
#define PTE_W        0x2ull
#define PTE_PWT      0x8ull
#define PTE_PCD      0x10ull
#define PTE_A        0x20ull
#define PTE_PS       0x80ull /* level 2: a 2 MiB page */
#define PTE_PAT      0x80ull /* level 1 */
#define SW_COMMITTED 0x200ull
#define PTE_NX       (1ull << 63)
#define PTE_ADDR     0x000ffffffffff000ull
#define KEEP_PAGES   64 /* not given to vm_commit: tables and stacks grow from them */

enum { LEVEL_PAGE = 1, LEVEL_BLOCK = 2, LEVEL_TOP = 4, ENTRIES = 512 };
enum { PAT_WRITE_COMBINING = 1, PAT_ENTRY = 4 };

static uint64_t root; /* physical */
static uint64_t mmio_next = VM_MMIO;
static uint64_t pages_committed, tables, pages_peak, pages_promised;
static const struct boot_info *boot;
static struct cpu_lock lock;
static bool stale; /* the other processor may use an entry that has changed */
static bool fine;  /* the image is mapped by small pages, whose accessed bits say what of it is needed */

static uint64_t span(int level)
{
    return 1ull << (12 + 9 * (level - 1));
}

static size_t index_of(uintptr_t at, int level)
{
    return at >> (12 + 9 * (level - 1)) & (ENTRIES - 1);
}

static uint64_t *table_at(uint64_t entry)
{
    return vm_direct(entry & PTE_ADDR);
}

static uint64_t flags_of(enum plat_prot prot)
{
    switch (prot) {
    case PLAT_NONE: return PTE_NX;
    case PLAT_R: return PTE_P | PTE_NX;
    case PLAT_RW: return PTE_P | PTE_W | PTE_NX;
    case PLAT_RX: return PTE_P;
    }
    panic("bad protection %d", (int)prot);
}

static bool is_exec(uint64_t entry)
{
    return (entry & (PTE_P | PTE_NX)) == PTE_P;
}

static bool is_leaf(uint64_t entry, int level)
{
    return level == LEVEL_PAGE || (entry & PTE_PS);
}

/* After an entry that was present has changed. */
static void flush(uintptr_t at)
{
    __asm__ volatile("invlpg (%0)" ::"r"(at) : "memory");
    if (CPUS > 1)
        stale = true;
}

/* Before what they named is used for something else. */
static void flush_other(void)
{
    if (cpu_is_alone() || !stale)
        return;
    smp_flush_other();
    stale = false;
}

void vm_lock_both(void)
{
    cpu_lock(&lock);
}

void vm_unlock_both(void)
{
    if (!lock.again)
        flush_other();
    cpu_unlock(&lock);
}

static void count_peak(void)
{
    if (pages_committed + tables > pages_peak)
        pages_peak = pages_committed + tables;
}

/* Four times the bytes of a general register at a time, where there are such registers. */
__attribute__((target("avx"))) static void zero_wide(uint8_t *at, const uint8_t *end)
{
    __asm__ volatile("vpxor %%xmm0, %%xmm0, %%xmm0\n"
                     "1: vmovdqa %%ymm0, (%0)\n vmovdqa %%ymm0, 32(%0)\n"
                     "vmovdqa %%ymm0, 64(%0)\n vmovdqa %%ymm0, 96(%0)\n"
                     "vmovdqa %%ymm0, 128(%0)\n vmovdqa %%ymm0, 160(%0)\n"
                     "vmovdqa %%ymm0, 192(%0)\n vmovdqa %%ymm0, 224(%0)\n"
                     "add $256, %0\n cmp %1, %0\n jb 1b\n vzeroupper"
                     : "+r"(at)
                     : "r"(end)
                     : "xmm0", "memory");
}

void vm_zero(void *at, size_t bytes)
{
    if (cpu_state_mask() & XCR0_AVX)
        zero_wide(at, (const uint8_t *)at + bytes);
    else
        memset(at, 0, bytes);
}

static uint64_t table_new(void)
{
    uint64_t page = phys_alloc_page();
    if (page == PHYS_NONE)
        return 0;
    vm_zero(vm_direct(page), PHYS_PAGE);
    tables++;
    count_peak();
    return page | PTE_P | PTE_W;
}

/* The tables of pages that were walked to last, by the 2 MiB that they map: neighbours need no walk. */
enum { NEAR = 8 };
static struct {
    uintptr_t block; /* 1 + number of the 2 MiB; 0: none */
    uint64_t *table;
} near[NEAR];

static uint64_t *near_find(uintptr_t at)
{
    uintptr_t block = at / PHYS_BLOCK;
    return near[block % NEAR].block == block + 1 ? &near[block % NEAR].table[index_of(at, LEVEL_PAGE)] : NULL;
}

static void near_note(uintptr_t at, uint64_t *table)
{
    uintptr_t block = at / PHYS_BLOCK;
    near[block % NEAR].block = block + 1;
    near[block % NEAR].table = table;
}

/* Before a table of pages is freed. */
static void near_forget(void)
{
    memset(near, 0, sizeof near);
}

/* The lowest existing entry for an address: a leaf, or an empty one at *level. */
static uint64_t *entry_find(uintptr_t at, int *level)
{
    uint64_t *quick = near_find(at), *table;
    *level = LEVEL_PAGE;
    if (quick)
        return quick;
    table = table_at(root);
    for (int l = LEVEL_TOP;; l--) {
        uint64_t *e = &table[index_of(at, l)];
        if (*e == 0 || is_leaf(*e, l)) {
            *level = l;
            if (l == LEVEL_PAGE)
                near_note(at, table);
            return e;
        }
        table = table_at(*e);
    }
}

/* Replaces a 2 MiB page by a table of the same 512 pages. */
static bool block_split(uint64_t *e)
{
    uint64_t table = table_new();
    if (!table)
        return false;
    uint64_t *pages = table_at(table), entry = *e & ~PTE_PS;
    for (size_t i = 0; i < ENTRIES; i++)
        pages[i] = entry + i * PHYS_PAGE;
    *e = table;
    return true;
}

/* The entry of an address at a level, with tables made and 2 MiB pages split on the way; NULL: no memory. */
static uint64_t *entry_make(uintptr_t at, int level)
{
    uint64_t *quick = level == LEVEL_PAGE ? near_find(at) : NULL, *table;
    if (quick)
        return quick;
    table = table_at(root);
    for (int l = LEVEL_TOP;; l--) {
        uint64_t *e = &table[index_of(at, l)];
        if (l == level) {
            if (l == LEVEL_PAGE)
                near_note(at, table);
            return e;
        }
        if (*e == 0 && !(*e = table_new()))
            return NULL;
        if (l == LEVEL_BLOCK && (*e & PTE_PS) && !block_split(e))
            return NULL;
        table = table_at(*e);
    }
}

/* Maps a physical range, by 2 MiB pages where both sides allow it. */
static bool map_pages(uintptr_t at, uint64_t phys, uint64_t bytes, uint64_t flags, bool blocks)
{
    while (bytes) {
        bool block = blocks && (at | phys) % PHYS_BLOCK == 0 && bytes >= PHYS_BLOCK && !(flags & PTE_PAT);
        uint64_t step = block ? PHYS_BLOCK : PHYS_PAGE;
        uint64_t *e = entry_make(at, block ? LEVEL_BLOCK : LEVEL_PAGE);
        if (!e)
            return false;
        *e = phys | flags | (block ? PTE_PS : 0);
        at += step;
        phys += step;
        bytes -= step;
    }
    return true;
}

static bool map_range(uintptr_t at, uint64_t phys, uint64_t bytes, uint64_t flags)
{
    return map_pages(at, phys, bytes, flags, true);
}

/* --- The direct map and its holes --- */

/* Takes a page (or block) out of the direct map, or puts it back. */
static bool alias_set(uint64_t phys, int level, bool present)
{
    for (uint64_t at = phys; at < phys + span(level);) {
        int l;
        entry_find(VM_DIRECT + at, &l);
        uint64_t *e = entry_make(VM_DIRECT + at, l == LEVEL_BLOCK && level == LEVEL_BLOCK ? l : LEVEL_PAGE);
        if (!e)
            return false;
        l = l == LEVEL_BLOCK && level == LEVEL_BLOCK ? l : LEVEL_PAGE;
        *e = present ? at | PTE_P | PTE_W | PTE_NX | (l == LEVEL_BLOCK ? PTE_PS : 0) : 0;
        flush(VM_DIRECT + at);
        at += span(l);
    }
    return true;
}

static bool map_direct(const struct boot_info *info)
{
    uint64_t hole = (uintptr_t)image_start, hole_end = (elf_end() + PHYS_PAGE - 1) & ~(PHYS_PAGE - 1);
    for (size_t i = 0; i < info->nranges; i++) {
        uint64_t base = info->ranges[i].base, end = base + info->ranges[i].len;
        uint64_t low_end = end < hole ? end : hole, high = base > hole_end ? base : hole_end;
        if (base < low_end && !map_range(VM_DIRECT + base, base, low_end - base, flags_of(PLAT_RW)))
            return false;
        if (high < end && !map_range(VM_DIRECT + high, high, end - high, flags_of(PLAT_RW)))
            return false;
    }
    return true;
}

static bool map_image(void)
{
    for (size_t i = 0; i < elf_segments(); i++) {
        const struct elf_phdr *p = elf_segment(i);
        if (p->type != ELF_PT_LOAD || p->memsz == 0)
            continue;
        enum plat_prot prot = p->flags & ELF_PF_X ? PLAT_RX : p->flags & ELF_PF_W ? PLAT_RW : PLAT_R;
        uint64_t end = (p->vaddr + p->memsz + PHYS_PAGE - 1) & ~(PHYS_PAGE - 1);
        if (!map_pages(p->vaddr, p->paddr, end - p->vaddr, flags_of(prot), !fine))
            return false;
    }
    return true;
}

uint64_t vm_root(void)
{
    return root & PTE_ADDR;
}

void vm_join(void)
{
    uint64_t pat = cpu_msr_read(MSR_PAT) & ~(0xffull << 8 * PAT_ENTRY);
    cpu_msr_write(MSR_PAT, pat | (uint64_t)PAT_WRITE_COMBINING << 8 * PAT_ENTRY);
}

void vm_flush_all(void)
{
    __asm__ volatile("mov %0, %%cr3" ::"r"(vm_root()) : "memory");
}

void vm_init(const struct boot_info *info)
{
    char rate[8];
    boot = info;
    fine = cmdline_option(info->cmdline, "sample", rate, sizeof rate);
    root = table_new();
    if (!root || !map_image() || !map_direct(info))
        panic("no memory for page tables");
    vm_join();
    vm_flush_all();
}

static bool in_ram(uint64_t phys, size_t bytes)
{
    for (size_t i = 0; i < boot->nranges; i++) {
        const struct boot_range *r = &boot->ranges[i];
        if (phys >= r->base && phys + bytes <= r->base + r->len)
            return true;
    }
    return false;
}

static void *map_phys(uint64_t phys, size_t bytes, enum vm_cache cache)
{
    if (phys >= (uintptr_t)image_start && phys + bytes <= elf_end())
        return (void *)(uintptr_t)phys;
    if (cache == VM_CACHED && in_ram(phys, bytes))
        return vm_direct(phys);
    uint64_t first = phys & ~(PHYS_PAGE - 1), len = (phys + bytes - first + PHYS_PAGE - 1) & ~(PHYS_PAGE - 1);
    uint64_t flags = flags_of(PLAT_RW), at = mmio_next;
    if (cache == VM_UNCACHED)
        flags |= PTE_PCD | PTE_PWT;
    else if (cache == VM_WRITE_COMBINING)
        flags |= PTE_PAT;
    if (len > VM_MMIO_END - at || !map_range(at, first, len, flags))
        return NULL;
    mmio_next += len + PHYS_PAGE;
    return (void *)(at + (phys - first));
}

void *vm_map_phys(uint64_t phys, size_t bytes, enum vm_cache cache)
{
    vm_lock();
    void *at = map_phys(phys, bytes, cache);
    vm_unlock();
    return at;
}

/* --- Committed memory --- */

static uint64_t count_missing(uintptr_t at, uintptr_t end)
{
    uint64_t pages = 0;
    while (at < end) {
        int level;
        uint64_t entry = *entry_find(at, &level), next = (at | (span(level) - 1)) + 1;
        if (next > end || next == 0)
            next = end;
        if (entry == 0)
            pages += (next - at) / PHYS_PAGE;
        at = next;
    }
    return pages;
}

static void fresh_page(uint64_t *e, uint64_t phys, int level)
{
    vm_zero(vm_direct(phys), span(level));
    *e = phys | SW_COMMITTED | flags_of(PLAT_RW) | (level == LEVEL_BLOCK ? PTE_PS : 0);
    pages_committed += span(level) / PHYS_PAGE;
}

/* Backs the page at `at`, or the 2 MiB there, unless it is backed. Returns how far it reached. */
static uint64_t back_one(uintptr_t at, uintptr_t end)
{
    int level;
    uint64_t entry = *entry_find(at, &level);
    if (entry)
        return (at | (span(level) - 1)) + 1;
    if (level >= LEVEL_BLOCK && at % PHYS_BLOCK == 0 && end - at >= PHYS_BLOCK) {
        uint64_t block = phys_alloc_block();
        if (block != PHYS_NONE) {
            uint64_t *e = entry_make(at, LEVEL_BLOCK);
            ASSERT(e);
            fresh_page(e, block, LEVEL_BLOCK);
            return at + PHYS_BLOCK;
        }
    }
    uint64_t *e = entry_make(at, LEVEL_PAGE), page = phys_alloc_page();
    ASSERT(e && page != PHYS_NONE); /* counted before */
    fresh_page(e, page, LEVEL_PAGE);
    return at + PHYS_PAGE;
}

/* The table under a 2 MiB range if it is full of writable pages; else NULL. */
static uint64_t *full_table(uintptr_t at)
{
    int level;
    if (*entry_find(at, &level) == 0 || level != LEVEL_PAGE)
        return NULL;
    uint64_t *table = table_at(*entry_make(at, LEVEL_BLOCK)), want = SW_COMMITTED | flags_of(PLAT_RW);
    for (size_t i = 0; i < ENTRIES; i++)
        if ((table[i] & want) != want)
            return NULL;
    return table;
}

/* Moves the pages of a whole 2 MiB to one big page. */
static void join(uintptr_t at)
{
    uint64_t *table = full_table(at), *e = entry_make(at, LEVEL_BLOCK);
    uint64_t block = table ? phys_alloc_block() : PHYS_NONE, table_page = *e & PTE_ADDR;
    if (block == PHYS_NONE)
        return;
    memcpy(vm_direct(block), (const void *)at, PHYS_BLOCK);
    near_forget();
    *e = block | SW_COMMITTED | flags_of(PLAT_RW) | PTE_PS;
    for (size_t i = 0; i < ENTRIES; i++)
        flush(at + i * PHYS_PAGE);
    flush_other();
    for (size_t i = 0; i < ENTRIES; i++)
        phys_free_page(table[i] & PTE_ADDR);
    phys_free_page(table_page);
    tables--;
}

/* Linear memory grows in steps of 64 KiB and is accessed by the app all the time. Nothing else is worth
 * copying. */
static void join_memory0(uintptr_t at, uintptr_t end)
{
    if (at < MAP_MEM0_BASE || end > MAP_MEM0_BASE + MAP_MEM0_BYTES)
        return;
    for (at &= ~(PHYS_BLOCK - 1); at < end; at += PHYS_BLOCK)
        if (full_table(at))
            join(at);
}

/* Sets one leaf's protection; the direct map never holds an executable page. */
static bool leaf_protect(uint64_t *e, int level, enum plat_prot prot)
{
    uint64_t phys = *e & PTE_ADDR;
    bool exec = prot == PLAT_RX;
    if (exec && !is_exec(*e) && !alias_set(phys, level, false))
        return false;
    if (!exec && is_exec(*e) && !alias_set(phys, level, true))
        return false;
    *e = phys | SW_COMMITTED | flags_of(prot) | (level == LEVEL_BLOCK ? PTE_PS : 0);
    return true;
}

static status protect(uintptr_t at, size_t bytes, enum plat_prot prot)
{
    for (uintptr_t end = at + bytes; at < end;) {
        int level;
        uint64_t *e = entry_find(at, &level);
        if (!(*e & SW_COMMITTED))
            return E_INVAL;
        if (level == LEVEL_BLOCK && (at % PHYS_BLOCK || end - at < PHYS_BLOCK)) {
            if (!(e = entry_make(at, LEVEL_PAGE)))
                return E_NOMEM;
            level = LEVEL_PAGE;
        }
        uint64_t old = *e;
        if (!leaf_protect(e, level, prot))
            return E_NOMEM;
        if ((old & PTE_P) && old != *e)
            flush(at);
        at += span(level);
    }
    return ST_OK;
}

static status commit(uintptr_t at, size_t bytes, enum plat_prot prot, uint64_t keep)
{
    uintptr_t end = at + bytes;
    uint64_t tables_max = bytes / PHYS_BLOCK + 2 * (LEVEL_TOP - 1);
    if (phys_pages_free() < count_missing(at, end) + tables_max + pages_promised + keep)
        return E_NOMEM;
    for (uintptr_t p = at; p < end;)
        p = back_one(p, end);
    count_peak();
    status s = protect(at, bytes, prot);
    if (s == ST_OK && prot == PLAT_RW)
        join_memory0(at, end);
    return s;
}

status vm_commit(uintptr_t at, size_t bytes, enum plat_prot prot)
{
    vm_lock();
    status s = commit(at, bytes, prot, KEEP_PAGES);
    vm_unlock();
    return s;
}

status vm_commit_urgent(uintptr_t at, size_t bytes, enum plat_prot prot)
{
    vm_lock();
    status s = commit(at, bytes, prot, 0);
    vm_unlock();
    return s;
}

status vm_promise(uint64_t pages)
{
    if (phys_pages_free() < pages_promised + pages + KEEP_PAGES)
        return E_NOMEM;
    pages_promised += pages;
    return ST_OK;
}

void vm_keep_promise(uint64_t pages)
{
    ASSERT(pages <= pages_promised);
    pages_promised -= pages;
}

uint8_t *vm_back_page(uintptr_t at)
{
    uint64_t *e = entry_make(at, LEVEL_PAGE), page = phys_alloc_page();
    ASSERT(e && page != PHYS_NONE);
    *e = page | SW_COMMITTED | flags_of(PLAT_RW);
    pages_committed++;
    pages_promised--;
    count_peak();
    return vm_direct(page);
}

status vm_protect(uintptr_t at, size_t bytes, enum plat_prot prot)
{
    vm_lock();
    status s = protect(at, bytes, prot);
    vm_unlock();
    return s;
}

static bool is_empty(const uint64_t *table)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (table[i])
            return false;
    return true;
}

/* Frees the tables over an address from the bottom up, as far as they are empty. */
static void prune(uintptr_t at)
{
    near_forget();
    uint64_t *path[LEVEL_TOP + 1], *table = table_at(root);
    int level = LEVEL_TOP;
    for (;; level--) {
        path[level] = &table[index_of(at, level)];
        if (*path[level] == 0 || level == LEVEL_PAGE || is_leaf(*path[level], level))
            break;
        table = table_at(*path[level]);
    }
    for (int l = level + 1; l <= LEVEL_TOP && is_empty(table_at(*path[l])); l++) {
        phys_free_page(*path[l] & PTE_ADDR);
        *path[l] = 0;
        tables--;
    }
}

static void leaf_free(uint64_t *e, uintptr_t at, int level)
{
    uint64_t phys = *e & PTE_ADDR;
    if (is_exec(*e) && !alias_set(phys, level, true))
        panic("no memory to free code"); /* cannot be: the alias was split when it was taken out */
    *e = 0;
    flush(at);
    pages_committed -= span(level) / PHYS_PAGE;
    if (level == LEVEL_BLOCK)
        phys_free_block(phys);
    else
        phys_free_page(phys);
}

static void decommit(uintptr_t at, size_t bytes)
{
    for (uintptr_t end = at + bytes; at < end;) {
        int level;
        uint64_t *e = entry_find(at, &level);
        uintptr_t next = (at | (span(level) - 1)) + 1;
        if (*e && level == LEVEL_BLOCK && (at % PHYS_BLOCK || end - at < PHYS_BLOCK)) {
            if (!(e = entry_make(at, LEVEL_PAGE)))
                panic("no memory to free part of a 2 MiB page");
            level = LEVEL_PAGE;
            next = at + PHYS_PAGE;
        }
        if (*e) {
            ASSERT(*e & SW_COMMITTED);
            leaf_free(e, at, level);
        }
        if (next >= end || next % PHYS_BLOCK == 0)
            prune(at);
        at = next;
    }
}

void vm_decommit(uintptr_t at, size_t bytes)
{
    vm_lock();
    decommit(at, bytes);
    vm_unlock();
}

/* --- Looking --- */

static struct vm_page look(uintptr_t at)
{
    int level;
    bool canonical = (at >> 47) == 0 || (at >> 47) == 0x1ffff;
    if (!root || !canonical)
        return (struct vm_page){0};
    uint64_t e = *entry_find(at, &level);
    return (struct vm_page){.committed = e & SW_COMMITTED,
                            .present = e & PTE_P,
                            .write = (e & PTE_P) && (e & PTE_W),
                            .exec = is_exec(e)};
}

struct vm_page vm_look(uintptr_t at)
{
    vm_lock();
    struct vm_page p = look(at);
    vm_unlock();
    return p;
}

bool vm_sees_accesses(void)
{
    return fine;
}

bool vm_accessed(uintptr_t at)
{
    int level;
    vm_lock();
    bool accessed = root && (*entry_find(at, &level) & PTE_A);
    vm_unlock();
    return accessed;
}

uint64_t vm_phys(uintptr_t at)
{
    int level;
    vm_lock();
    uint64_t e = *entry_find(at, &level);
    vm_unlock();
    ASSERT(e & SW_COMMITTED);
    return (e & PTE_ADDR) + at % span(level);
}

size_t vm_read_safely(void *dst, uintptr_t src, size_t len)
{
    size_t n = 0;
    for (; n < len; n++) {
        bool ok = root ? vm_look(src + n).present : src + n >= PHYS_PAGE && src + n < VM_EARLY_END;
        if (!ok)
            break;
        ((uint8_t *)dst)[n] = *(const uint8_t *)(src + n);
    }
    return n;
}

uint64_t vm_bytes_committed(void)
{
    return (pages_committed + tables) * PHYS_PAGE;
}

uint64_t vm_bytes_peak(void)
{
    return pages_peak * PHYS_PAGE;
}
