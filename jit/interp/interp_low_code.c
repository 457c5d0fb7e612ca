/* The code being made: instructions, what is known of the last ones and of the accumulator, jumps. */
#include "interp_low.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

bool low_grow(struct lower *l, void **array, u32 *cap, u32 need, size_t item)
{
    if (need <= *cap)
        return true;
    u32 n = *cap ? *cap : 64;
    while (n < need)
        n *= 2;
    void *p = heap_realloc(*array, n * item);
    if (!p) {
        l->st = E_NOMEM;
        return false;
    }
    *array = p;
    *cap = n;
    return true;
}

/* An instruction begins where the text ends. */
static void mark_start(struct lower *l)
{
    u32 bit = l->bytes / (u32)sizeof(u32), old = l->starts_cap;
    if (INTERP_SMALL || !low_grow(l, (void **)&l->starts, &l->starts_cap, bit / 64 + 1, sizeof *l->starts))
        return;
    if (l->starts_cap > old)
        memset(l->starts + old, 0, (l->starts_cap - old) * sizeof *l->starts);
    l->starts[bit / 64] |= 1ull << bit % 64;
}

static void unmark_start(struct lower *l, u32 at)
{
    u32 bit = at / (u32)sizeof(u32);
    if (!INTERP_SMALL)
        l->starts[bit / 64] &= ~(1ull << bit % 64);
}

/* Room for one instruction (at most 64 bytes); it ends at the new l->bytes. */
void *low_emit(struct lower *l, interp_fn handler, u32 bytes)
{
    ASSERT(handler && bytes <= sizeof l->sink);
    if (l->bytes > (u32)INT32_MAX / 2)
        l->st = E_LIMIT; /* distances are 32-bit */
    if (l->st != ST_OK || !low_grow(l, (void **)&l->text, &l->cap, l->bytes + bytes, 1))
        return l->sink;
    if (l->want_map && low_grow(l, (void **)&l->map, &l->map_cap, l->nmap + 1, sizeof *l->map))
        l->map[l->nmap++] = (struct interp_map){l->bytes, l->pos};
    mark_start(l);
    u8 *p = l->text + l->bytes;
    memset(p, 0, bytes);
    *(interp_opc *)(void *)p = (interp_opc)(uintptr_t)handler;
    l->bytes += bytes;
    l->prev = l->last;
    l->last.valid = false;
    l->copies = 0;
    return p;
}

void *low_emit_plain(struct lower *l, enum interp_plain p)
{
    return low_emit(l, interp_plain[p], interp_plain_size[p]);
}

void low_undo(struct lower *l)
{
    if (l->st == ST_OK) {
        l->bytes = l->last.at;
        unmark_start(l, l->bytes);
        if (l->want_map)
            l->nmap--;
    }
    l->acc = l->last.before;
    l->last = l->prev;
    l->prev.valid = false;
}

void low_keep_from(struct lower *l, u32 cell)
{
    if (l->acc.cell != NONE && l->acc.cell >= cell)
        l->acc.alone = NULL;
}

/* A cell was written without the accumulator. */
void low_wrote(struct lower *l, u32 cell)
{
    if (l->acc.cell == cell)
        l->acc.cell = NONE;
}

void low_forget(struct lower *l)
{
    l->acc.cell = NONE;
    l->last.valid = l->prev.valid = false;
    l->copies = 0;
}

/* The instruction just emitted computed `dest`; `alone` leaves it in the accumulator alone. */
void low_computed(struct lower *l, u32 bytes, u32 dest, enum acc_class class, interp_fn alone)
{
    l->last.valid = l->st == ST_OK;
    l->last.at = l->bytes - bytes;
    l->last.bytes = bytes;
    l->last.dest = dest;
    l->last.is_alu = false;
    l->last.before = l->acc;
    l->acc = (struct acc){class == ACC_NONE ? NONE : dest, class, l->last.at, alone};
}

/* --- Jumps. A field that waits for its target holds the one before it in its chain. --- */
void low_jump_to(struct lower *l, s32 *field, u32 target)
{
    if (l->st == ST_OK)
        *field = (s32)(target - (u32)((u8 *)field - l->text));
}

void low_chain(struct lower *l, s32 *field, u32 *chain)
{
    if (l->st != ST_OK)
        return;
    *field = (s32)*chain;
    *chain = (u32)((u8 *)field - l->text);
}

void low_bind(struct lower *l, u32 *chain)
{
    for (u32 at = *chain; at != NONE && l->st == ST_OK;) {
        s32 *field = (s32 *)(void *)(l->text + at);
        u32 next = (u32)*field;
        low_jump_to(l, field, l->bytes);
        at = next;
    }
    *chain = NONE;
    low_forget(l);
}
