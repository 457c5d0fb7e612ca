/* rt_table.c: tables of references. */
#include "rt_priv.h"

#include "heap.h"
#include "plat.h"

struct rt_table *rt_tables;

static void link_table(struct rt_table *t)
{
    t->next = rt_tables;
    if (t->next)
        t->next->prev = t;
    rt_tables = t;
}

static void unlink_table(struct rt_table *t)
{
    if (t->next)
        t->next->prev = t->prev;
    *(t->prev ? &t->prev->next : &rt_tables) = t->next;
}

static bool reserve(struct rt_table *t, u64 size)
{
    if (size <= t->capacity)
        return true;
    u64 capacity = t->capacity * 2 > size ? t->capacity * 2 : size;
    if (capacity > t->max)
        capacity = t->max;
    void **elems = heap_realloc(t->elems, capacity * sizeof *elems);
    if (!elems)
        return false;
    t->elems = elems;
    t->capacity = capacity;
    return true;
}

status rt_table_create(rt_type type, u64 min, u64 max, struct rt_table **out)
{
    if (min > RT_TABLE_MAX)
        return E_LIMIT;
    struct rt_table *t = heap_calloc(1, sizeof *t);
    if (!t)
        return E_NOMEM;
    *t = (struct rt_table){.type = type, .max = max < RT_TABLE_MAX ? max : RT_TABLE_MAX, .refs = 1};
    link_table(t);
    if (rt_table_grow(t, min, NULL) == UINT64_MAX) {
        rt_table_release(t);
        return E_NOMEM;
    }
    *out = t;
    return ST_OK;
}

void rt_table_release(struct rt_table *t)
{
    ASSERT(t->refs > 0);
    if (--t->refs > 0)
        return;
    unlink_table(t);
    heap_free(t->elems);
    heap_free(t);
}

u64 rt_table_grow(struct rt_table *t, u64 delta, void *init)
{
    u64 old = t->size;
    if (delta > t->max - old || !reserve(t, old + delta))
        return UINT64_MAX;
    for (u64 k = old; k < old + delta; k++)
        t->elems[k] = init;
    t->size = old + delta;
    return old;
}
