/* rt_trap.c: the one call boundary, how a guest's execution ends early, and where it was.
 *
 * A backtrace merges two lists, both ordered by stack address: compiled functions are found by following
 * frame pointers and looking return addresses up; running interpreter frames are linked
 * (rt_thread.interp_top). */
#include "rt_priv.h"

#include <string.h>

#include "plat.h"

const char *rt_trap_text(enum rt_trap t)
{
    static const char *const texts[TRAP_COUNT] = {
#define TRAP(id, text) text,
#include "traps.def"
#undef TRAP
    };
    return t < TRAP_COUNT ? texts[t] : "unknown trap";
}

/* --- Backtrace. --- */

struct walk {
    uintptr_t low; /* everything below has been visited */
    const struct rt_activation *activation;
    const struct rt_code *below; /* compiled code of the frame that was visited last; NULL: another one */
    const struct rt_handler *handler; /* innermost one not yet passed, */
    const struct rt_catch *boundary;  /* and the call it belongs to */
};

static bool on_stack(uintptr_t p, size_t bytes)
{
    return p % sizeof(u64) == 0 && p >= rt_stack_low && p <= rt_stack_high - bytes;
}

static void record(const struct rt_func *f, u32 tier, u64 offset)
{
    if (rt_thread.nframes < RT_FRAMES_MAX)
        rt_thread.frames[rt_thread.nframes++] =
            (struct rt_frame_record){.func = f, .tier = tier, .offset = offset};
}

/* Records the interpreter frames that lie below `end`. */
__attribute__((no_sanitize("address"))) static void activations_below(struct walk *w, uintptr_t end)
{
    while (w->activation) {
        uintptr_t at = (uintptr_t)w->activation;
        if (at >= end || at < w->low || !on_stack(at, sizeof *w->activation))
            return;
        record(w->activation->func, 0, interp_offset_of(w->activation->func, w->activation->ip));
        w->below = NULL;
        w->low = at + 1;
        w->activation = w->activation->prev;
    }
}

/* The return address at `slot`. Calls by rt_try_call return there: their record has the real one. Records are
 * passed in order of address, call by call. */
static uintptr_t return_address(struct walk *w, const uintptr_t *slot)
{
    if (*slot != (uintptr_t)rt_try_returned)
        return *slot;
    for (; w->boundary; w->handler = w->boundary->handler_top, w->boundary = w->boundary->prev)
        for (; w->handler; w->handler = w->handler->prev)
            if (w->handler->regs[RT_HANDLER_RSP] == (uintptr_t)(slot + 1))
                return w->handler->regs[RT_HANDLER_RETURN];
    return *slot;
}

/* Optimised code that left the call to code which has all of the function (rt_h_leave) is the same call: only
 * then does one call the other of the same function without going through its slot. */
static bool was_left(const struct walk *w, const struct rt_code *c)
{
    return w->below && w->below->func == c->func && w->below->tier == 0 && c->tier > 0 && !c->osr;
}

/* Follows frame pointers only inside the stack and strictly upwards: code without them ends the walk early,
 * nothing worse. */
__attribute__((no_sanitize("address"))) static void backtrace(uintptr_t fp)
{
    struct walk w = {.low = fp,
                     .activation = rt_thread.interp_top,
                     .handler = rt_thread.handler_top,
                     .boundary = rt_thread.catch_top};
    rt_thread.nframes = 0;
    while (on_stack(fp, 2 * sizeof(uintptr_t)) && rt_thread.nframes < RT_FRAMES_MAX) {
        const uintptr_t *frame = (const uintptr_t *)fp;
        /* The call is before the return address, which may already belong to the next function. */
        uintptr_t pc = return_address(&w, frame + 1) - 1;
        const struct rt_code *c = rt_code_find(pc);
        if (c) {
            activations_below(&w, fp);
            if (!was_left(&w, c))
                record(c->func, c->tier, c->offset_of ? c->offset_of(c, pc) : ERR_NO_OFFSET);
        }
        w.below = c;
        if (frame[0] <= fp)
            break;
        fp = frame[0];
    }
    activations_below(&w, UINTPTR_MAX);
}

/* --- Throw and catch. --- */

void rt_trap(enum rt_trap t)
{
    struct rt_catch *c = rt_thread.catch_top;
    if (!c)
        panic("guest trap outside of rt_call: %s", rt_trap_text(t));
    if (t == TRAP_STACK_EXHAUSTED && rt_timed_out())
        t = TRAP_TIMEOUT;
    rt_thread.trap = t;
    rt_thread.nframes = 0;
    if (t != TRAP_EXIT)
        backtrace((uintptr_t)__builtin_frame_address(0));
    rt_catch_throw(c);
}

static enum rt_trap call_on_stack(struct rt_func *f, rt_cell *cells)
{
    struct rt_catch c = {.prev = rt_thread.catch_top,
                         .interp_top = rt_thread.interp_top,
                         .cells_top = rt_thread.cells_top,
                         .handler_top = rt_thread.handler_top};
    rt_thread.catch_top = &c;
    rt_thread.handler_top = NULL; /* what is thrown stops here */
    bool returned = rt_catch_run(&c, f, cells);
    rt_thread.handler_top = c.handler_top;
    rt_thread.catch_top = c.prev;
    rt_thread.interp_top = c.interp_top;
    rt_thread.cells_top = c.cells_top;
    if (returned)
        return TRAP_NONE;
    rt_thread.exception = NULL; /* a timeout may come on its way, or a tail call's */
    rt_thread.tail = NULL;
    return rt_thread.trap;
}

enum rt_trap rt_call(struct rt_func *f, rt_cell *cells)
{
    if (rt_cells_contain(cells))
        return call_on_stack(f, cells);
    const struct rt_sig *s = f->sig;
    rt_cell *own = rt_thread.cells_top;
    rt_cell *end = own + rt_sig_cells(s);
    if (end > rt_thread.cells_end && !rt_cells_reserve(end)) {
        rt_thread.nframes = 0;
        return rt_thread.trap = TRAP_STACK_EXHAUSTED;
    }
    memcpy(own, cells, s->param_cells * sizeof *cells);
    rt_thread.cells_top = end;
    enum rt_trap t = call_on_stack(f, own);
    rt_thread.cells_top = own;
    if (t == TRAP_NONE)
        memcpy(cells, own, s->result_cells * sizeof *cells);
    return t;
}
