/* rt_thread.c: the one thread that runs guests: its C stack's limit and its value stack.
 *
 * The value stack is reserved in full with a guard page behind it and committed in growing chunks, so that a
 * small app costs little memory. */
#include "rt_priv.h"

#include "plat.h"

#ifdef ANNEAL_ASAN
#define STACK_RESERVE (1024u * 1024) /* instrumented frames are several times larger */
#elif defined ANNEAL_HOST
#define STACK_RESERVE (256u * 1024)
#else
#define STACK_RESERVE (128u * 1024)
#endif
#define STACK_BYTES_MAX (64ull << 20) /* an unlimited stack must not eat all memory */

enum { CELLS_FIRST = 8192, CELLS_MAX = 1 << 20 };

struct rt_thread rt_thread;
bool rt_fuel_limited;
uintptr_t rt_stack_low, rt_stack_high, rt_stack_limit;

rt_cell *rt_cells_base;

size_t rt_cells_bounds(const rt_cell **base)
{
    *base = rt_cells_base;
    return CELLS_MAX * sizeof(rt_cell);
}

bool rt_cells_contain(const rt_cell *p)
{
    return (uintptr_t)p - (uintptr_t)rt_cells_base < CELLS_MAX * sizeof(rt_cell);
}

static bool commit_to(rt_cell *end)
{
    u64 page_mask = PLAT_PAGE - 1;
    u8 *from = (u8 *)rt_thread.cells_end;
    u8 *to = (u8 *)(((uintptr_t)end + page_mask) & ~page_mask);
    if (plat_commit(from, (size_t)(to - from), PLAT_RW) != ST_OK)
        return false;
    rt_thread.cells_end = (rt_cell *)to;
    return true;
}

bool rt_cells_reserve(const rt_cell *end)
{
    if (end <= rt_thread.cells_end)
        return true;
    u64 need = (u64)(end - rt_cells_base);
    u64 have = (u64)(rt_thread.cells_end - rt_cells_base);
    if (!rt_cells_contain(end - 1))
        return false;
    u64 ample = have * 2 > need ? have * 2 : need;
    if (ample > CELLS_MAX)
        ample = CELLS_MAX;
    return commit_to(rt_cells_base + ample) || commit_to(rt_cells_base + need);
}

static status stack_init(void)
{
    plat_stack_bounds(&rt_stack_low, &rt_stack_high);
    uintptr_t low = rt_stack_low;
    if (rt_stack_high - low > STACK_BYTES_MAX)
        low = rt_stack_high - STACK_BYTES_MAX;
    if (rt_stack_high - low < 2 * STACK_RESERVE)
        return E_LIMIT;
    rt_thread.stack_limit = rt_stack_limit = low + STACK_RESERVE;
    return ST_OK;
}

status rt_thread_init(void)
{
    if (rt_cells_base)
        return ST_OK;
    TRY(stack_init());
    rt_cells_base = plat_reserve(NULL, CELLS_MAX * sizeof(rt_cell) + PLAT_PAGE);
    if (!rt_cells_base)
        return E_NOMEM;
    rt_thread.cells_top = rt_thread.cells_end = rt_cells_base;
    if (!commit_to(rt_cells_base + CELLS_FIRST)) {
        plat_release(rt_cells_base, CELLS_MAX * sizeof(rt_cell) + PLAT_PAGE);
        rt_cells_base = NULL;
        return E_NOMEM;
    }
    return ST_OK;
}
