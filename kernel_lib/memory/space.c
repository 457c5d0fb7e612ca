/* space.c: the list of reserved address ranges, sorted by address, in memory of its own that grows page by
 * page.
 *
 * Ranges without a wish are handed out upwards and not used again before the end of the address space is
 * reached: a stale pointer then faults instead of hitting somebody else's memory. */
#include "memory/space_priv.h"

#include "memory/vm_priv.h"

#include <string.h>

#define BIG 0x200000ull

struct range {
    uintptr_t base, end;
};

static struct range *const ranges = (struct range *)VM_TABLE;
static size_t count, capacity;
static uintptr_t any_next = VM_ANY;

/* Index of the first range that ends above `at`. */
static size_t find(uintptr_t at)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (ranges[mid].end > at)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

static bool is_free(uintptr_t base, uintptr_t end)
{
    size_t i = find(base);
    return i == count || ranges[i].base >= end;
}

static bool insert(size_t at, struct range r)
{
    if (count == capacity) {
        uintptr_t page = VM_TABLE + capacity * sizeof *ranges;
        if (page >= VM_TABLE_END || vm_commit(page, PLAT_PAGE, PLAT_RW) != ST_OK)
            return false;
        capacity += PLAT_PAGE / sizeof *ranges;
    }
    memmove(&ranges[at + 1], &ranges[at], (count - at) * sizeof *ranges);
    ranges[at] = r;
    count++;
    return true;
}

static uintptr_t align_for(uintptr_t at, size_t bytes)
{
    uintptr_t align = bytes >= BIG ? BIG : PLAT_PAGE;
    return (at + align - 1) & ~(align - 1);
}

/* The first gap from `from` on with a free page on both sides; 0: none. */
static uintptr_t find_gap(uintptr_t from, size_t bytes)
{
    uintptr_t at = align_for(from, bytes);
    for (size_t i = find(at); i < count && ranges[i].base < at + bytes + PLAT_PAGE; i++)
        at = align_for(ranges[i].end + PLAT_PAGE, bytes);
    return at < VM_ANY_END && bytes < VM_ANY_END - at ? at : 0;
}

static uintptr_t find_any(size_t bytes)
{
    uintptr_t at = find_gap(any_next, bytes);
    if (!at)
        at = find_gap(VM_ANY, bytes);
    if (at)
        any_next = at + bytes + PLAT_PAGE;
    return at;
}

static uintptr_t reserve(uintptr_t want, size_t bytes)
{
    bool wish_fits = want >= PLAT_PAGE && want < VM_ANY_END && bytes <= VM_ANY_END - want;
    if (bytes == 0 || (want && !(wish_fits && is_free(want, want + bytes))))
        return 0;
    uintptr_t at = want ? want : find_any(bytes);
    if (!at || !insert(find(at), (struct range){at, at + bytes}))
        return 0;
    return at;
}

uintptr_t space_reserve(uintptr_t want, size_t bytes)
{
    vm_lock();
    uintptr_t at = reserve(want, bytes);
    vm_unlock();
    return at;
}

bool space_contains(uintptr_t at, size_t bytes)
{
    vm_lock();
    size_t i = find(at);
    bool in = i < count && ranges[i].base <= at && bytes <= ranges[i].end - at;
    vm_unlock();
    return in;
}

static void release(uintptr_t at, size_t bytes)
{
    ASSERT(space_contains(at, bytes));
    size_t i = find(at);
    struct range old = ranges[i], before = {old.base, at}, after = {at + bytes, old.end};
    if (before.base < before.end && after.base < after.end) {
        ranges[i] = before;
        if (!insert(i + 1, after))
            panic("no memory to split a reservation");
    } else if (before.base < before.end) {
        ranges[i] = before;
    } else if (after.base < after.end) {
        ranges[i] = after;
    } else {
        memmove(&ranges[i], &ranges[i + 1], (count - i - 1) * sizeof *ranges);
        count--;
    }
}

void space_release(uintptr_t at, size_t bytes)
{
    vm_lock();
    release(at, bytes);
    vm_unlock();
}
