/* rt_adapter.c: between the two ways to call a function, by signature: the C halves of rt_stubs.asm. */
#include "rt_priv.h"

#include <string.h>

/* The offsets that rt_stubs.asm names. */
_Static_assert(offsetof(struct rt_func, native) == 0, "rt_stubs.asm");
_Static_assert(offsetof(struct rt_thread, stack_limit) == 0 && offsetof(struct rt_catch, regs) == 0,
               "rt_stubs.asm");
_Static_assert(TRAP_STACK_EXHAUSTED == 11, "rt_stubs.asm");

/* Where the next parameter of a kind is. */
struct cursor {
    struct rt_native_regs *r;
    u32 ngpr, nxmm;
    rt_cell *rest;
};
static u64 *next_rest(struct cursor *c, rt_type t)
{
    u64 *at = c->rest;
    c->rest += rt_type_cells(t);
    return at;
}
static u64 *next_place(struct cursor *c, rt_type t)
{
    if (rt_type_is_fp(t) || t == RT_V128)
        return c->nxmm < RT_NATIVE_XMMS ? c->r->xmm[c->nxmm++] : next_rest(c, t);
    return c->ngpr < RT_NATIVE_GPRS ? &c->r->gpr[c->ngpr++] : next_rest(c, t);
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

static void take_params(const struct rt_sig *s, struct rt_native_regs *r, rt_cell *cells)
{
    struct cursor c = {.r = r, .ngpr = 1, .rest = rt_thread.args};
    for (u32 k = 0; k < s->nparams; k++)
        cells = copy_cells(cells, next_place(&c, s->types[k]), rt_type_cells(s->types[k]));
}

static void put_params(const struct rt_func *f, const rt_cell *cells, struct rt_native_regs *r)
{
    const struct rt_sig *s = f->sig;
    struct cursor c = {.r = r, .ngpr = 1, .rest = rt_thread.args};
    r->gpr[0] = (u64)(uintptr_t)f->inst;
    for (u32 k = 0; k < s->nparams; k++) {
        u32 n = rt_type_cells(s->types[k]);
        copy_cells(next_place(&c, s->types[k]), cells, n);
        cells += n;
    }
}

void rt_cells_call(struct rt_func *f, rt_cell *cells)
{
    do
        f->cells(f, cells);
    while ((f = rt_take_tail()));
}

/* Tail calls that stay without compiled code are made here; one that does not leaves this frame first. */
static struct rt_func *call_interpreted(struct rt_func *f, rt_cell *cells)
{
    do {
        f->cells(f, cells);
        f = rt_take_tail();
    } while (f && f->native == (void *)rt_native_adapter);
    return f;
}

struct rt_func *rt_adapter_enter(struct rt_func *f, struct rt_native_regs *r)
{
    const struct rt_sig *s = f->sig;
    rt_cell *cells = rt_thread.cells_top;
    rt_cell *end = cells + rt_sig_cells(s);
    if (end > rt_thread.cells_end && !rt_cells_reserve(end))
        rt_trap(TRAP_STACK_EXHAUSTED);
    take_params(s, r, cells);
    rt_thread.cells_top = end;
    struct rt_func *next = call_interpreted(f, cells);
    rt_thread.cells_top = cells;
    if (next) {
        put_params(next, cells, r);
    } else if (s->nresults != 0) {
        u32 first = first_cells(s);
        r->gpr[0] = cells[0];
        copy_cells(r->xmm[0], cells, first);
        memcpy(rt_thread.results + first, cells + first, (s->result_cells - first) * sizeof *cells);
    }
    return next;
}

void rt_adapter_leave(struct rt_func *f, rt_cell *cells, struct rt_native_regs *r)
{
    put_params(f, cells, r);
    r->cells_top = rt_thread.cells_top;
    if (rt_cells_contain(cells))
        rt_thread.cells_top = cells + rt_sig_cells(f->sig);
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

void (*volatile rt_before_host)(void);

void rt_cells_to_host(struct rt_func *f, rt_cell *cells)
{
    void (*before)(void) = rt_before_host;
    if (__builtin_expect(before != NULL, 0))
        before();
    rt_cell *top = rt_thread.cells_top;
    if (rt_cells_contain(cells))
        rt_thread.cells_top = cells + rt_sig_cells(f->sig);
    rt_host_fn fn;
    memcpy(&fn, &f->host, sizeof fn);
    enum rt_trap t = fn(f->code, f->inst, cells);
    rt_thread.cells_top = top;
    if (t == TRAP_UNCAUGHT_EXCEPTION && rt_thread.uncaught)
        rt_throw(rt_thread.uncaught);
    if (t == TRAP_NONE && rt_timed_out()) /* it may have returned early */
        t = TRAP_TIMEOUT;
    if (t != TRAP_NONE)
        rt_trap(t);
}
