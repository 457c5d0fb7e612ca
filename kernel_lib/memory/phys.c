/* phys.c: physical pages by bitmap. A set bit is a free page. See phys_priv.h for why. */
#include "memory/phys_priv.h"

#include "cpu/elf_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"

#include <string.h>

enum { PAGES_PER_BLOCK = PHYS_BLOCK / PHYS_PAGE, WORDS_PER_BLOCK = PAGES_PER_BLOCK / 64 };
#define LOW_END 0x100000ull

static uint64_t *bits;       /* from physical address 0; WORDS_PER_BLOCK words a block */
static uint16_t *block_free; /* free pages in each block */
static size_t nblocks;
static size_t page_hint, block_hint; /* blocks to look at first */
static uint64_t pages_free, pages_run, bytes_total;

static uint64_t round_up(uint64_t x, uint64_t to)
{
    return (x + to - 1) & ~(to - 1);
}

static void mark(uint64_t page, bool free)
{
    size_t n = page / PHYS_PAGE;
    uint64_t bit = 1ull << n % 64;
    if (((bits[n / 64] & bit) != 0) == free)
        return;
    bits[n / 64] ^= bit;
    int step = free ? 1 : -1;
    block_free[n / PAGES_PER_BLOCK] += step;
    pages_free += step;
}

static void mark_range(uint64_t base, uint64_t end, bool free)
{
    if (end > nblocks * PHYS_BLOCK)
        end = nblocks * PHYS_BLOCK;
    for (uint64_t at = base & ~(PHYS_PAGE - 1); at < end; at += PHYS_PAGE) {
        if (at % PHYS_BLOCK == 0 && end - at >= PHYS_BLOCK && free) { /* the common case, quickly */
            size_t block = at / PHYS_BLOCK;
            pages_free += PAGES_PER_BLOCK - block_free[block];
            block_free[block] = PAGES_PER_BLOCK;
            memset(&bits[block * WORDS_PER_BLOCK], 0xff, WORDS_PER_BLOCK * sizeof *bits);
            at += PHYS_BLOCK - PHYS_PAGE;
        } else {
            mark(at, free);
        }
    }
}

/* Whether [base, end) touches memory that must stay; then *next is where to look on. */
static bool is_taken(const struct boot_info *info, uint64_t base, uint64_t end, uint64_t *next)
{
    uint64_t image_last = round_up(elf_end(), PHYS_PAGE);
    if (base < image_last && end > LOW_END) {
        *next = image_last;
        return true;
    }
    for (size_t i = 0; i < info->nmodules; i++) {
        const struct boot_module *m = &info->modules[i];
        if (m->len && base < m->base + m->len && end > m->base) {
            *next = round_up(m->base + m->len, PHYS_PAGE);
            return true;
        }
    }
    return false;
}

static uint64_t map_place(const struct boot_info *info, uint64_t bytes)
{
    for (size_t i = 0; i < info->nranges; i++) {
        uint64_t at = info->ranges[i].base, end = at + info->ranges[i].len;
        if (end > VM_EARLY_END)
            end = VM_EARLY_END;
        if (at < LOW_END)
            at = LOW_END;
        while (at < end && end - at >= bytes && is_taken(info, at, at + bytes, &at))
            ;
        if (at < end && end - at >= bytes)
            return at;
    }
    panic("no room for the %llu KiB map of physical memory", (unsigned long long)bytes / 1024);
}

void phys_init(const struct boot_info *info)
{
    uint64_t top = 0;
    for (size_t i = 0; i < info->nranges; i++) {
        bytes_total += info->ranges[i].len;
        top = info->ranges[i].base + info->ranges[i].len;
    }
    nblocks = (top + PHYS_BLOCK - 1) / PHYS_BLOCK;
    uint64_t bytes_bits = nblocks * WORDS_PER_BLOCK * sizeof *bits;
    uint64_t bytes = round_up(bytes_bits + nblocks * sizeof *block_free, PHYS_PAGE);
    uint64_t at = map_place(info, bytes);
    bits = vm_direct(at);
    block_free = vm_direct(at + bytes_bits);
    memset(bits, 0, bytes);
    for (size_t i = 0; i < info->nranges; i++)
        mark_range(info->ranges[i].base, info->ranges[i].base + info->ranges[i].len, true);
    mark_range(0, round_up(elf_end(), PHYS_PAGE), false);
    mark_range(at, at + bytes, false);
    for (size_t i = 0; i < info->nmodules; i++)
        mark_range(info->modules[i].base, info->modules[i].base + info->modules[i].len, false);
}

static uint64_t take_first(size_t block)
{
    for (size_t w = block * WORDS_PER_BLOCK;; w++)
        if (bits[w]) {
            uint64_t page = (w * 64 + (size_t)__builtin_ctzll(bits[w])) * PHYS_PAGE;
            mark(page, false);
            return page;
        }
}

uint64_t phys_alloc_page(void)
{
    if (pages_free == 0)
        return PHYS_NONE;
    if (block_free[page_hint])
        return take_first(page_hint);
    size_t whole = nblocks;
    for (size_t i = 0; i < nblocks; i++) {
        if (block_free[i] == PAGES_PER_BLOCK && whole == nblocks)
            whole = i;
        if (block_free[i] == 0 || block_free[i] == PAGES_PER_BLOCK)
            continue;
        page_hint = i;
        return take_first(i);
    }
    page_hint = whole;
    return take_first(whole);
}

/* The first of so many free pages in one block; nblocks * PAGES_PER_BLOCK: there are not. */
static size_t find_run(size_t pages)
{
    size_t run = 0;
    for (size_t n = 0; n < nblocks * PAGES_PER_BLOCK; n++) {
        bool free = bits[n / 64] >> n % 64 & 1;
        run = !free ? 0 : n % PAGES_PER_BLOCK ? run + 1 : 1;
        if (run == pages)
            return n + 1 - pages;
    }
    return nblocks * PAGES_PER_BLOCK;
}

uint64_t phys_alloc_run(size_t pages)
{
    ASSERT(pages > 0 && pages <= PAGES_PER_BLOCK);
    vm_lock();
    size_t first = find_run(pages);
    bool found = first != nblocks * PAGES_PER_BLOCK;
    if (found) {
        mark_range(first * PHYS_PAGE, (first + pages) * PHYS_PAGE, false);
        pages_run += pages;
    }
    vm_unlock();
    return found ? first * PHYS_PAGE : PHYS_NONE;
}

uint64_t phys_alloc_block(void)
{
    for (size_t i = 0; i < nblocks; i++) {
        size_t block = (block_hint + i) % nblocks;
        if (block_free[block] != PAGES_PER_BLOCK)
            continue;
        memset(&bits[block * WORDS_PER_BLOCK], 0, WORDS_PER_BLOCK * sizeof *bits);
        block_free[block] = 0;
        pages_free -= PAGES_PER_BLOCK;
        block_hint = block;
        return block * PHYS_BLOCK;
    }
    return PHYS_NONE;
}

void phys_free_page(uint64_t page)
{
    ASSERT(!(bits[page / PHYS_PAGE / 64] >> page / PHYS_PAGE % 64 & 1));
    mark(page, true);
}

void phys_free_block(uint64_t block)
{
    for (uint64_t at = block; at < block + PHYS_BLOCK; at += PHYS_PAGE)
        phys_free_page(at);
    block_hint = block / PHYS_BLOCK;
}

uint64_t phys_pages_free(void)
{
    return pages_free;
}

uint64_t phys_bytes_run(void)
{
    return pages_run * PHYS_PAGE;
}

uint64_t phys_bytes_total(void)
{
    return bytes_total;
}

uint64_t phys_end(void)
{
    return nblocks * PHYS_BLOCK;
}
