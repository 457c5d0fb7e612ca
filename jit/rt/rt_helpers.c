/* rt_helpers.c: the operations that compiled code and the interpreter call instead of doing them inline.
 *
 * Each checks its whole range before it writes (WebAssembly 2.0, 4.4.7). */
#include "rt_helpers.h"

#include <string.h>

/* Whether [at, at + n) lies inside [0, size), without overflow. */
static bool inside(u64 at, u64 n, u64 size)
{
    return n <= size && at <= size - n;
}

static u8 *memory_range(struct rt_instance *i, u32 mem, u64 at, u64 n)
{
    const struct rt_memory *m = i->mems[mem];
    if (!inside(at, n, m->bytes))
        rt_trap(TRAP_MEMORY_OOB);
    return m->base + at;
}

static void **table_range(struct rt_instance *i, u32 table, u64 at, u64 n)
{
    const struct rt_table *t = i->tables[table];
    if (!inside(at, n, t->size))
        rt_trap(TRAP_TABLE_OOB);
    return t->elems ? t->elems + at : NULL;
}

void rt_h_trap(struct rt_instance *i, u32 trap)
{
    (void)i;
    rt_trap((enum rt_trap)trap);
}

/* Bulk operations cost fuel by size, once it is known that they can be done. */
static void charge(u64 n)
{
    if (!rt_fuel_limited)
        return;
    rt_thread.fuel -= (s64)(n / RT_FUEL_BULK);
    if (rt_thread.fuel < 0)
        rt_trap(TRAP_FUEL);
}

u64 rt_h_memory_grow(struct rt_instance *i, u32 mem, u64 delta)
{
    return rt_memory_grow(i->mems[mem], delta);
}

void rt_h_memory_init(struct rt_instance *i, u32 mem, u32 seg, u64 dst, u64 src, u64 n)
{
    const struct rt_segment *s = &i->data[seg];
    if (!inside(src, n, s->len))
        rt_trap(TRAP_MEMORY_OOB);
    u8 *to = memory_range(i, mem, dst, n);
    charge(n);
    if (n)
        memcpy(to, (const u8 *)s->data + src, n);
}

void rt_h_memory_copy(struct rt_instance *i, u32 dmem, u32 smem, u64 dst, u64 src, u64 n)
{
    u8 *to = memory_range(i, dmem, dst, n), *from = memory_range(i, smem, src, n);
    charge(n);
    memmove(to, from, n);
}

void rt_h_memory_fill(struct rt_instance *i, u32 mem, u64 dst, u32 val, u64 n)
{
    u8 *to = memory_range(i, mem, dst, n);
    charge(n);
    memset(to, (int)(val & 0xff), n);
}

void rt_h_data_drop(struct rt_instance *i, u32 seg)
{
    i->data[seg].len = 0;
}

void *rt_h_table_get(struct rt_instance *i, u32 table, u64 index)
{
    return *table_range(i, table, index, 1);
}

void rt_h_table_set(struct rt_instance *i, u32 table, u64 index, void *ref)
{
    *table_range(i, table, index, 1) = ref;
}

u64 rt_h_table_size(struct rt_instance *i, u32 table)
{
    return i->tables[table]->size;
}

u64 rt_h_table_grow(struct rt_instance *i, u32 table, void *init, u64 delta)
{
    u64 old = rt_table_grow(i->tables[table], delta, init);
    if (old != UINT64_MAX)
        charge(delta);
    return old;
}

void rt_h_table_fill(struct rt_instance *i, u32 table, u64 dst, void *ref, u64 n)
{
    void **to = table_range(i, table, dst, n);
    charge(n);
    for (u64 k = 0; k < n; k++)
        to[k] = ref;
}

void rt_h_table_copy(struct rt_instance *i, u32 dtab, u32 stab, u64 dst, u64 src, u64 n)
{
    void **to = table_range(i, dtab, dst, n);
    void **from = table_range(i, stab, src, n);
    charge(n);
    if (n)
        memmove(to, from, n * sizeof *to);
}

void rt_h_table_init(struct rt_instance *i, u32 table, u32 seg, u64 dst, u64 src, u64 n)
{
    const struct rt_segment *s = &i->elems[seg];
    if (!inside(src, n, s->len))
        rt_trap(TRAP_TABLE_OOB);
    void **to = table_range(i, table, dst, n);
    charge(n);
    if (n)
        memcpy(to, (void *const *)s->data + src, n * sizeof *to);
}

void rt_h_elem_drop(struct rt_instance *i, u32 seg)
{
    i->elems[seg].len = 0;
}

struct rt_exn *rt_h_exn_new(struct rt_instance *i, u32 tag, const rt_cell *values)
{
    return rt_exn_new(i->tags[tag], values);
}

void rt_h_throw(struct rt_instance *i, u32 tag, const rt_cell *values)
{
    rt_throw(rt_exn_new(i->tags[tag], values));
}

void rt_h_throw_ref(struct rt_instance *i, struct rt_exn *e)
{
    (void)i;
    if (!e)
        rt_trap(TRAP_NULL_EXCEPTION);
    rt_throw(e);
}

void rt_h_rethrow(struct rt_instance *i, struct rt_exn *e)
{
    (void)i;
    rt_throw(e);
}
