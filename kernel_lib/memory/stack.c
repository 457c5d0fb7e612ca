/* stack.c: guarded stacks. The guard is large (it costs only addresses) because compiled functions with big
 * frames may step over a single page. */
#include "memory/stack_priv.h"

#include "memory/space_priv.h"
#include "memory/vm_priv.h"

#define GUARD_BYTES 0x100000ull
#define GROW_BYTES  0x4000ull
enum { STACKS_MAX = 32 };

struct stack {
    const char *name;
    uintptr_t low, high; /* the guard lies below `low` */
};
static struct stack stacks[STACKS_MAX];
static size_t count;

uintptr_t stack_create(const char *name, size_t bytes, bool now)
{
    ASSERT(count < STACKS_MAX);
    uintptr_t base = space_reserve(0, GUARD_BYTES + bytes), low = base + GUARD_BYTES;
    if (!base || (now && vm_commit(low, bytes, PLAT_RW) != ST_OK))
        panic("no memory for the %s stack", name);
    stacks[count++] = (struct stack){name, low, low + bytes};
    return low + bytes;
}

bool stack_find(uintptr_t sp, uintptr_t *low, uintptr_t *high)
{
    for (size_t i = 0; i < count; i++)
        if (sp > stacks[i].low - GUARD_BYTES && sp <= stacks[i].high) {
            *low = stacks[i].low;
            *high = stacks[i].high;
            return true;
        }
    return false;
}

static bool grow(uintptr_t at)
{
    for (size_t i = 0; i < count; i++) {
        const struct stack *s = &stacks[i];
        if (at < s->low || at >= s->high)
            continue;
        if (vm_look(at).committed)
            return false;
        uintptr_t first = at & ~(GROW_BYTES - 1);
        if (first < s->low)
            first = s->low;
        uintptr_t end = (at & ~(GROW_BYTES - 1)) + GROW_BYTES;
        if (end > s->high)
            end = s->high;
        if (vm_commit_urgent(first, end - first, PLAT_RW) != ST_OK)
            panic("no memory to grow the %s stack", s->name);
        return true;
    }
    return false;
}

bool stack_grow(uintptr_t at)
{
    vm_lock();
    bool grown = grow(at);
    vm_unlock();
    return grown;
}

const char *stack_of_guard(uintptr_t at)
{
    for (size_t i = 0; i < count; i++)
        if (at >= stacks[i].low - GUARD_BYTES && at < stacks[i].low)
            return stacks[i].name;
    return NULL;
}
