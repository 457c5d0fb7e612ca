/* rt_exn.c: exceptions: making them, and finding who catches.
 *
 * Nothing is unwound frame by frame: no frame of compiled code or of the interpreter needs cleaning, so a
 * throw is a jump to the innermost record. Code that catches nothing pays nothing. */
#include "rt_priv.h"

#include <string.h>

#include "heap.h"

/* The offsets that rt_try.asm names. */
_Static_assert(RT_HANDLER_RSP == 6 && RT_HANDLER_RETURN == 7, "rt_try.asm");
_Static_assert(offsetof(struct rt_handler, target) == 64 && offsetof(struct rt_handler, slot) == 72 &&
                   offsetof(struct rt_handler, prev) == 80 && offsetof(struct rt_handler, interp_top) == 88 &&
                   offsetof(struct rt_handler, cells_top) == 96,
               "rt_try.asm");
_Static_assert(offsetof(struct rt_thread, cells_top) == 8 && offsetof(struct rt_thread, interp_top) == 24 &&
                   offsetof(struct rt_thread, handler_top) == 40,
               "rt_try.asm");

struct rt_exn *rt_exn_new(const struct rt_tag *tag, const rt_cell *cells)
{
    u32 n = tag->sig->param_cells;
    u64 bytes = sizeof(struct rt_exn) + n * sizeof *cells;
    if (rt_collect_due())
        rt_collect(cells, n);
    struct rt_exn *e = heap_alloc(bytes);
    if (!e)
        rt_trap(TRAP_OUT_OF_MEMORY);
    *e = (struct rt_exn){.tag = tag, .ncells = n};
    if (n)
        memcpy(e->cells, cells, n * sizeof *cells);
    if (rt_collect_add(e, bytes) != ST_OK) {
        heap_free(e);
        rt_trap(TRAP_OUT_OF_MEMORY);
    }
    return e;
}

void rt_throw(struct rt_exn *e)
{
    const struct rt_handler *h = rt_thread.handler_top;
    if (!h) {
        rt_thread.uncaught = e;
        rt_trap(TRAP_UNCAUGHT_EXCEPTION);
    }
    rt_thread.handler_top = h->prev;
    rt_thread.interp_top = h->interp_top;
    rt_thread.cells_top = h->cells_top;
    rt_thread.exception = e;
    rt_try_resume(h);
}
