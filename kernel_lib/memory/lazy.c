/* lazy.c: pages that get their memory when they are touched first.
 *
 * What an app touches is often little of what it has: a heap for the worst case, tables for other inputs.
 * The memory of all of it is promised (vm_promise), so that a touch cannot fail. Whoever goes through
 * memory page by page gets more pages with each fault, up to WINDOW_MAX. */
#include "memory/lazy_priv.h"

#include "memory/phys_priv.h"
#include "memory/vm_priv.h"

enum { RANGES_MAX = 32, WINDOW_MAX = 16 };
#define TABLES_MAX(bytes) ((bytes) / PHYS_BLOCK + 6) /* page tables that backing it may need */

struct range {
    uintptr_t base, end;
    plat_fill_fn fill; /* NULL: zeros */
    void *env;
    uintptr_t next; /* behind the pages that were backed last */
    size_t window;  /* how many those were */
    uint64_t tables;
};
static struct range ranges[RANGES_MAX];
static size_t count;

static struct range *find(uintptr_t at)
{
    for (size_t k = 0; k < count; k++)
        if (at >= ranges[k].base && at < ranges[k].end)
            return &ranges[k];
    return NULL;
}

static struct range *ending_at(uintptr_t at)
{
    for (size_t k = 0; k < count; k++)
        if (ranges[k].end == at)
            return &ranges[k];
    return NULL;
}

status lazy_add(uintptr_t at, size_t bytes)
{
    uint64_t tables = TABLES_MAX(bytes);
    struct range *r = ending_at(at);
    if (!r && count == RANGES_MAX)
        return E_LIMIT;
    TRY(vm_promise(bytes / PLAT_PAGE + tables));
    if (!r) {
        r = &ranges[count++];
        *r = (struct range){.base = at};
    }
    r->end = at + bytes;
    r->tables += tables;
    return ST_OK;
}

void lazy_set_contents(uintptr_t at, plat_fill_fn fill, void *env)
{
    struct range *r = find(at);
    ASSERT(r && r->base == at);
    r->fill = fill;
    r->env = env;
}

void lazy_remove(uintptr_t at, size_t bytes)
{
    for (size_t k = 0; k < count; k++) {
        struct range *r = &ranges[k];
        if (r->base >= at + bytes || r->end <= at)
            continue;
        ASSERT(r->base >= at && r->end <= at + bytes);
        uint64_t backed = 0;
        for (uintptr_t p = r->base; p < r->end; p += PLAT_PAGE)
            backed += vm_look(p).committed;
        vm_keep_promise((r->end - r->base) / PLAT_PAGE - backed + r->tables);
        *r = ranges[--count];
        k--;
    }
}

static void back(const struct range *r, uintptr_t at)
{
    uint8_t *page = vm_back_page(at);
    if (!r->fill || !r->fill(r->env, (void *)at, page))
        vm_zero(page, PLAT_PAGE);
}

void lazy_touch(uintptr_t at, size_t bytes)
{
    const struct range *r = find(at);
    for (uintptr_t end = at + bytes; r && at < end && at < r->end; at += PLAT_PAGE)
        if (!vm_look(at).committed)
            back(r, at);
}

bool lazy_fault(uintptr_t at)
{
    struct range *r = find(at);
    at &= ~(PLAT_PAGE - 1);
    if (!r || vm_look(at).committed)
        return false;
    r->window = at == r->next && r->window < WINDOW_MAX ? r->window * 2 : r->window;
    if (at != r->next)
        r->window = 1;
    for (size_t k = 0; k < r->window && at < r->end && !vm_look(at).committed; k++, at += PLAT_PAGE)
        back(r, at);
    r->next = at;
    return true;
}
