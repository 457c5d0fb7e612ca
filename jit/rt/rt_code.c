/* rt_code.c: ranges of compiled code, sorted by start. */
#include "rt.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

static struct rt_code *codes;
static size_t ncodes, capacity;

/* Index of the first range that starts above `pc`. */
static size_t upper_bound(uintptr_t pc)
{
    size_t low = 0, high = ncodes;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (codes[mid].start <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

status rt_code_add(const struct rt_code *c)
{
    ASSERT(c->start < c->end);
    if (ncodes == capacity) {
        size_t more = capacity ? capacity * 2 : 64;
        struct rt_code *grown = heap_realloc(codes, more * sizeof *grown);
        if (!grown)
            return E_NOMEM;
        codes = grown;
        capacity = more;
    }
    size_t at = upper_bound(c->start);
    ASSERT(at == 0 || codes[at - 1].end <= c->start);
    ASSERT(at == ncodes || c->end <= codes[at].start);
    memmove(codes + at + 1, codes + at, (ncodes - at) * sizeof *codes);
    codes[at] = *c;
    ncodes++;
    return ST_OK;
}

void rt_code_remove(uintptr_t start)
{
    size_t at = upper_bound(start);
    ASSERT(at > 0 && codes[at - 1].start == start);
    memmove(codes + at - 1, codes + at, (ncodes - at) * sizeof *codes);
    ncodes--;
}

const struct rt_code *rt_code_find(uintptr_t pc)
{
    size_t at = upper_bound(pc);
    return at > 0 && pc < codes[at - 1].end ? &codes[at - 1] : NULL;
}
