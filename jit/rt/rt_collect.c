/* rt_collect.c: reclaims exceptions that nobody can reach any more: mark and sweep.
 *
 * References to exceptions are few and short-lived, and no tier knows where in a frame they are; so what is
 * on the stacks is looked at word by word, and a word that points into an object keeps it. A number that
 * looks like an address keeps one as well: that costs memory, nothing else. */
#include "rt_priv.h"

#include <string.h>

#include "heap.h"

enum { BLOCK_OVERHEAD = 16 };
#define BYTES_FIRST (1ull << 20) /* until there are so many it is not worth a look */

static struct rt_exn **objects; /* all; sorted by address while marking */
static size_t nobjects, capacity;
static u64 bytes_used, bytes_due = BYTES_FIRST;
static struct rt_exn *gray; /* marked, its values not yet looked at */

u64 rt_exn_count(void)
{
    return nobjects;
}

static u64 size_of(const struct rt_exn *e)
{
    return sizeof *e + e->ncells * sizeof *e->cells;
}

bool rt_collect_due(void)
{
    return bytes_used >= bytes_due;
}

status rt_collect_add(struct rt_exn *e, u64 bytes)
{
    if (nobjects == capacity) {
        size_t more = capacity ? capacity * 2 : 256;
        struct rt_exn **grown = heap_realloc(objects, more * sizeof *grown);
        if (!grown)
            return E_NOMEM;
        objects = grown;
        capacity = more;
    }
    objects[nobjects++] = e;
    bytes_used += bytes + BLOCK_OVERHEAD;
    return ST_OK;
}

/* --- Heap sort. --- */
static void sift_down(size_t at, size_t n)
{
    struct rt_exn *e = objects[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && objects[child + 1] > objects[child];
        if (objects[child] <= e)
            break;
        objects[at] = objects[child];
    }
    objects[at] = e;
}

static void sort_objects(void)
{
    for (size_t k = nobjects / 2; k-- > 0;)
        sift_down(k, nobjects);
    for (size_t n = nobjects; n-- > 1;) {
        struct rt_exn *last = objects[n];
        objects[n] = objects[0];
        objects[0] = last;
        sift_down(0, n);
    }
}

/* --- Marking. --- */
static void mark_word(uintptr_t p)
{
    if (p < (uintptr_t)objects[0] || p >= (uintptr_t)objects[nobjects - 1] + size_of(objects[nobjects - 1]))
        return;
    size_t low = 0, high = nobjects; /* the last object at or below p is in [low, high) */
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        *((uintptr_t)objects[mid] <= p ? &low : &high) = mid;
    }
    struct rt_exn *e = objects[low];
    if (e->marked || p >= (uintptr_t)e + size_of(e))
        return;
    e->marked = true;
    e->gray = gray;
    gray = e;
}

__attribute__((no_sanitize("address"))) static void mark_words(const uintptr_t *p, size_t n)
{
    for (size_t k = 0; k < n; k++)
        mark_word(p[k]);
}

/* Not inlined: its frame is below the one that saved the registers. */
static __attribute__((noinline)) void mark_stack(void)
{
    const uintptr_t *low = __builtin_frame_address(0);
    mark_words(low, (rt_stack_high - (uintptr_t)low) / sizeof *low);
}

static __attribute__((noinline)) void mark_registers_and_stack(void)
{
    __builtin_unwind_init(); /* saves every register that belongs to callers */
    mark_stack();
}

static void mark_globals(const struct rt_instance *i)
{
    for (u32 k = 0; k < i->layout->nglobals; k++)
        if (i->globals[k] && (u8)i->globals[k]->type == RT_EXNREF)
            mark_word(i->globals[k]->value[0]);
}

static void mark_roots(void)
{
    mark_registers_and_stack();
    mark_words(rt_cells_base, (size_t)(rt_thread.cells_end - rt_cells_base));
    mark_word((uintptr_t)rt_thread.exception);
    mark_word((uintptr_t)rt_thread.uncaught);
    for (const struct rt_instance *i = rt_instances; i; i = i->next)
        mark_globals(i);
    for (const struct rt_table *t = rt_tables; t; t = t->next)
        if ((u8)t->type == RT_EXNREF)
            mark_words((const uintptr_t *)t->elems, t->size);
}

static void mark_values(void)
{
    while (gray) {
        struct rt_exn *e = gray;
        gray = e->gray;
        mark_words(e->cells, e->ncells);
    }
}

static void sweep(void)
{
    size_t kept = 0;
    bytes_used = 0;
    for (size_t k = 0; k < nobjects; k++) {
        struct rt_exn *e = objects[k];
        if (!e->marked) {
            heap_free(e);
            continue;
        }
        e->marked = false;
        bytes_used += size_of(e) + BLOCK_OVERHEAD;
        objects[kept++] = e;
    }
    nobjects = kept;
    bytes_due = 2 * bytes_used > BYTES_FIRST ? 2 * bytes_used : BYTES_FIRST;
}

void rt_collect(const rt_cell *values, u32 n)
{
    if (nobjects == 0)
        return;
    sort_objects();
    mark_words(values, n);
    mark_roots();
    mark_values();
    sweep();
}
