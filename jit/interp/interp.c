/* The interpreter's entry from everywhere else, and the life of lowered code. */
#include "interp_copy.h"

#include "heap.h"
#include "plat.h"
#include "rt_helpers.h"

bool interp_profile;
u32 interp_copy_after;

static u64 code_bytes;

static size_t block_bytes(const struct interp_code *c)
{
    return (size_t)((const u8 *)(c->loops + c->nloops) - (const u8 *)c);
}

u64 interp_code_bytes(void)
{
    return code_bytes;
}

status interp_lower(struct rt_func *f)
{
    if (f->code)
        return ST_OK;
    struct interp_code *c;
    TRY(interp_lower_func(f, &c, NULL, NULL));
    f->code = c;
    code_bytes += block_bytes(c);
    return ST_OK;
}

void interp_instance_fini(struct rt_instance *i)
{
    for (u32 k = 0; k < i->layout->nfuncs - i->layout->imp_funcs; k++) {
        struct interp_code *c = i->own_funcs[k].code;
        if (!c)
            continue;
        code_bytes -= block_bytes(c);
#if !INTERP_SMALL
        interp_copy_free(c);
#endif
        heap_free(c);
        i->own_funcs[k].code = NULL;
    }
}

static void run_profiled(struct rt_func *f, rt_cell *cells)
{
    u64 start = plat_ticks() - rt_thread.ticks_excluded;
    interp_run(f, cells);
    rt_h_profile_exit(f->inst, f->index, plat_ticks() - rt_thread.ticks_excluded - start);
}

void interp_call(struct rt_func *f, rt_cell *cells)
{
    if (!f->code && interp_lower(f) != ST_OK)
        rt_trap(TRAP_OUT_OF_MEMORY);
    f->heat -= RT_HEAT_CALL;
    if (f->heat < 0) {
        interp_on_hot_call(f);
        if (f->cells != interp_call) {
            rt_thread.tail = f; /* the new entry takes our place */
            return;
        }
    }
    if (interp_profile)
        run_profiled(f, cells);
    else
        interp_run(f, cells);
}

bool interp_copy_contains(const struct rt_func *f, uintptr_t pc)
{
    const struct interp_code *c = f->code;
    return c && pc - (uintptr_t)c->copy.code < c->copy.bytes;
}

/* Offset in text of the instruction at `ip`, or whose copy is there; UINT32_MAX: it is not of `f`. */
static u32 offset_in_text(const struct rt_func *f, const void *ip)
{
    const struct interp_code *c = f->code;
    if (c && (const u8 *)ip >= c->text && (const u8 *)ip < c->text + c->bytes)
        return (u32)((const u8 *)ip - c->text);
#if !INTERP_SMALL
    if (interp_copy_contains(f, (uintptr_t)ip))
        return interp_copy_locate(c, (uintptr_t)ip);
#endif
    return UINT32_MAX;
}

/* No side table: the function is lowered once more with a record of positions. */
u64 interp_offset_of(const struct rt_func *f, const void *ip)
{
    u32 at = offset_in_text(f, ip);
    if (at == UINT32_MAX)
        return ERR_NO_OFFSET;
    struct interp_code *again;
    struct interp_map *map;
    u32 n;
    if (interp_lower_func(f, &again, &map, &n) != ST_OK)
        return ERR_NO_OFFSET;
    u64 pos = ERR_NO_OFFSET;
    for (u32 k = 0; k < n && map[k].at <= at; k++)
        pos = map[k].pos;
    heap_free(again);
    heap_free(map);
    return pos;
}
