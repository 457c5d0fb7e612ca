/* rt_instance.c: one block of memory per instance.
 *
 * Head, own functions (each a cache line), own globals, then the pointer arrays over the four index spaces.
 */
#include "rt_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

enum { LINE = 64 };

struct rt_instance *rt_instances;

static void link_instance(struct rt_instance *i)
{
    i->next = rt_instances;
    if (i->next)
        i->next->prev = i;
    rt_instances = i;
}

static void unlink_instance(struct rt_instance *i)
{
    if (i->next)
        i->next->prev = i->prev;
    *(i->prev ? &i->prev->next : &rt_instances) = i->next;
}

static u32 take(u32 *at, u64 count, size_t size)
{
    u32 offset = *at;
    u64 end = offset + count * size;
    ASSERT(end <= UINT32_MAX - LINE); /* the decoder's limits keep far below it */
    *at = (u32)end;
    return offset;
}

void rt_layout_init(struct rt_layout *l, u32 nmems, u32 ntables, u32 nglobals, u32 nfuncs, u32 imp_mems,
                    u32 imp_tables, u32 imp_globals, u32 imp_funcs)
{
    *l = (struct rt_layout){.nmems = nmems,
                            .ntables = ntables,
                            .nglobals = nglobals,
                            .nfuncs = nfuncs,
                            .imp_mems = imp_mems,
                            .imp_tables = imp_tables,
                            .imp_globals = imp_globals,
                            .imp_funcs = imp_funcs};
    u32 at = (sizeof(struct rt_instance) + LINE - 1) & ~(u32)(LINE - 1);
    l->own_funcs = take(&at, nfuncs - imp_funcs, sizeof(struct rt_func));
    l->own_globals = take(&at, nglobals - imp_globals, sizeof(struct rt_global));
    l->mems = take(&at, nmems, sizeof(void *));
    l->tables = take(&at, ntables, sizeof(void *));
    l->globals = take(&at, nglobals, sizeof(void *));
    l->funcs = take(&at, nfuncs, sizeof(void *));
    l->own_mems = l->mems + imp_mems * (u32)sizeof(void *);
    l->own_tables = l->tables + imp_tables * (u32)sizeof(void *);
    l->size = at;
}

static u64 fixed_bytes(const struct rt_layout *l)
{
    return (l->size + PLAT_PAGE - 1) & ~(u64)(PLAT_PAGE - 1);
}

static status block_fixed(const struct rt_layout *l, u8 **out)
{
    u64 bytes = fixed_bytes(l);
    if (bytes > MAP_DATA_END - MAP_DATA_BASE)
        return E_LIMIT;
    u8 *block = plat_reserve((void *)MAP_DATA_BASE, bytes);
    if (!block)
        return E_LIMIT;
    status s = plat_commit(block, bytes, PLAT_RW);
    if (s != ST_OK) {
        plat_release(block, bytes);
        return s;
    }
    *out = block;
    return ST_OK;
}

/* Aligned to a cache line by hand; the heap's own pointer stands in front of the block. */
static status block_heap(const struct rt_layout *l, u8 **out)
{
    u8 *raw = heap_calloc(1, (size_t)l->size + LINE + sizeof(void *));
    if (!raw)
        return E_NOMEM;
    u8 *block = (u8 *)(((uintptr_t)raw + sizeof(void *) + LINE - 1) & ~(uintptr_t)(LINE - 1));
    memcpy(block - sizeof raw, &raw, sizeof raw);
    *out = block;
    return ST_OK;
}

static void wire(struct rt_instance *i, const struct rt_layout *l)
{
    u8 *block = (u8 *)i;
    i->layout = l;
    i->mems = (struct rt_memory **)(block + l->mems);
    i->tables = (struct rt_table **)(block + l->tables);
    i->globals = (struct rt_global **)(block + l->globals);
    i->funcs = (struct rt_func **)(block + l->funcs);
    i->own_funcs = (struct rt_func *)(block + l->own_funcs);
    struct rt_global *own_globals = (struct rt_global *)(block + l->own_globals);
    for (u32 k = l->imp_globals; k < l->nglobals; k++)
        i->globals[k] = &own_globals[k - l->imp_globals];
    for (u32 k = l->imp_funcs; k < l->nfuncs; k++)
        i->funcs[k] = &i->own_funcs[k - l->imp_funcs];
}

status rt_instance_create(const struct rt_layout *l, bool fixed, struct rt_instance **out)
{
    u8 *block;
    TRY(fixed ? block_fixed(l, &block) : block_heap(l, &block));
    struct rt_instance *i = (struct rt_instance *)block;
    wire(i, l);
    i->fixed = fixed;
    link_instance(i);
    *out = i;
    return ST_OK;
}

void rt_instance_destroy(struct rt_instance *i)
{
    if (!i)
        return;
    unlink_instance(i);
    const struct rt_layout *l = i->layout;
    for (u32 k = 0; k < l->nmems; k++)
        if (i->mems[k])
            rt_memory_release(i->mems[k]);
    for (u32 k = 0; k < l->ntables; k++)
        if (i->tables[k])
            rt_table_release(i->tables[k]);
    heap_free(i->data);
    heap_free(i->elems);
    heap_free(i->tags);
    if (i->fixed) {
        plat_release(i, fixed_bytes(l));
        return;
    }
    void *raw;
    memcpy(&raw, (u8 *)i - sizeof raw, sizeof raw);
    heap_free(raw);
}
