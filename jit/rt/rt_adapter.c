/* rt_adapter.c: between the two ways to call a function, by signature: the C halves of rt_stubs.asm.
 *
 * System V x86-64: instance in rdi, then integers and references in rsi rdx rcx r8 r9, floats and vectors in
 * xmm0..7, what is left on the stack in order, eight bytes each, but a vector sixteen, so aligned. */
#include "rt_priv.h"

#include <string.h>

enum { GPRS = 6, XMMS = 8 };

/* The offsets that rt_stubs.asm names. */
_Static_assert(offsetof(struct rt_func, native) == 0 && offsetof(struct rt_func, cells) == 16 &&
                   offsetof(struct rt_func, sig) == 40,
               "rt_stubs.asm");
_Static_assert(offsetof(struct rt_sig, nparams) == 4 && sizeof((struct rt_sig){0}.nparams) == 2,
               "rt_stubs.asm");
_Static_assert(offsetof(struct rt_thread, stack_limit) == 0 && offsetof(struct rt_catch, regs) == 0,
               "rt_stubs.asm");
_Static_assert(TRAP_STACK_EXHAUSTED == 11, "rt_stubs.asm");

/* Where the next parameter of a kind is. `regs` and `stack` may be memory to read or to fill. */
struct cursor {
    u64 *gpr, (*xmm)[2], *stack;
    u32 ngpr, nxmm;
};
static u64 *next_on_stack(struct cursor *c, rt_type t)
{
    if (t == RT_V128)
        c->stack += (uintptr_t)c->stack / 8 % 2;
    u64 *at = c->stack;
    c->stack += rt_type_cells(t);
    return at;
}
static u64 *next_place(struct cursor *c, rt_type t)
{
    if (rt_type_is_fp(t) || t == RT_V128)
        return c->nxmm < XMMS ? c->xmm[c->nxmm++] : next_on_stack(c, t);
    return c->ngpr < GPRS ? &c->gpr[c->ngpr++] : next_on_stack(c, t);
}

static rt_cell *copy_cells(rt_cell *to, const rt_cell *from, u32 n)
{
    to[0] = from[0];
    if (n == 2)
        to[1] = from[1];
    return to + n;
}

/* Cells of the first result: those behind it go through rt_thread.results. */
static u32 first_cells(const struct rt_sig *s)
{
    return rt_type_cells(s->types[s->nparams]);
}

void rt_adapter_enter(struct rt_func *f, struct rt_native_regs *r, const u64 *stack)
{
    const struct rt_sig *s = f->sig;
    rt_cell *cells = rt_thread.cells_top;
    rt_cell *end = cells + rt_sig_cells(s);
    if (end > rt_thread.cells_end && !rt_cells_reserve(end))
        rt_trap(TRAP_STACK_EXHAUSTED);
    struct cursor c = {.gpr = r->gpr, .xmm = r->xmm, .stack = (u64 *)stack, .ngpr = 1};
    rt_cell *at = cells;
    for (u32 k = 0; k < s->nparams; k++)
        at = copy_cells(at, next_place(&c, s->types[k]), rt_type_cells(s->types[k]));
    rt_thread.cells_top = end;
    f->cells(f, cells);
    rt_thread.cells_top = cells;
    if (s->nresults == 0)
        return;
    u32 first = first_cells(s);
    r->gpr[0] = cells[0];
    copy_cells(r->xmm[0], cells, first);
    memcpy(rt_thread.results + first, cells + first, (s->result_cells - first) * sizeof *cells);
}

void rt_adapter_leave(struct rt_func *f, rt_cell *cells, struct rt_native_regs *r, u64 *stack)
{
    const struct rt_sig *s = f->sig;
    struct cursor c = {.gpr = r->gpr, .xmm = r->xmm, .stack = stack, .ngpr = 1};
    r->gpr[0] = (u64)(uintptr_t)f->inst;
    const rt_cell *at = cells;
    for (u32 k = 0; k < s->nparams; k++) {
        u32 n = rt_type_cells(s->types[k]);
        copy_cells(next_place(&c, s->types[k]), at, n);
        at += n;
    }
    r->cells_top = rt_thread.cells_top;
    if (rt_cells_contain(cells))
        rt_thread.cells_top = cells + rt_sig_cells(s);
}

void rt_adapter_results(struct rt_func *f, rt_cell *cells, const struct rt_native_regs *r)
{
    const struct rt_sig *s = f->sig;
    rt_thread.cells_top = r->cells_top;
    if (s->nresults == 0)
        return;
    rt_type t = s->types[s->nparams];
    u32 first = first_cells(s);
    copy_cells(cells, rt_type_is_fp(t) || t == RT_V128 ? r->xmm[0] : r->gpr, first);
    memcpy(cells + first, rt_thread.results + first, (s->result_cells - first) * sizeof *cells);
}

void rt_cells_to_host(struct rt_func *f, rt_cell *cells)
{
    rt_cell *top = rt_thread.cells_top;
    if (rt_cells_contain(cells))
        rt_thread.cells_top = cells + rt_sig_cells(f->sig);
    rt_host_fn fn;
    memcpy(&fn, &f->host, sizeof fn);
    enum rt_trap t = fn(f->code, f->inst, cells);
    rt_thread.cells_top = top;
    if (t == TRAP_UNCAUGHT_EXCEPTION && rt_thread.uncaught)
        rt_throw(rt_thread.uncaught);
    if (t != TRAP_NONE)
        rt_trap(t);
}
