/* Functions that catch: the rest of such a function runs as a call that catches (rt_try_run), once again from
 * a handler on after each exception that is its own. Other functions know nothing of it. */
#include "interp_handler.h"

#include <string.h>

struct resume {
    struct rt_func *f;
    rt_cell *fp;
    const u8 *ip;
    u8 *mem;
};

static void resume(void *arg)
{
    const struct resume *r = arg;
    u64 acc;
    f32 acc_f32;
    f64 acc_f64;
    FORGET_ACC();
    ((interp_fn)(uintptr_t)*(const interp_opc *)(const void *)r->ip)(r->ip, r->fp, r->mem, r->f, acc, acc_f32,
                                                                     acc_f64);
}

/* The clause that takes what `tag` names when it is thrown at `at`; NULL: none. */
static const struct interp_clause *find_clause(const struct interp_code *c, u32 at, const struct rt_tag *tag)
{
    u32 limit = UINT32_MAX;
    for (const struct interp_clause *x = c->clauses, *end = x + c->nclauses; x < end; x++) {
        if (at < x->from || at >= x->to || x->depth > limit)
            continue;
        if (x->delegates)
            limit = x->limit;
        else if (!x->tag || x->tag == tag)
            return x;
    }
    return NULL;
}

/* Where `e`, thrown by the current instruction of the innermost activation, goes on in it, with its values in
 * their cells; NULL: elsewhere. */
static const u8 *catch_here(const struct interp_code *c, rt_cell *fp, struct rt_exn *e,
                            struct interp_catching *own)
{
    u32 at = (u32)((const u8 *)rt_thread.interp_top->ip - c->text);
    const struct interp_clause *x = find_clause(c, at, e->tag);
    if (!x)
        return NULL;
    if (x->values != INTERP_NONE)
        memcpy(fp + x->values, e->cells, e->ncells * sizeof *e->cells);
    if (x->ref != INTERP_NONE)
        fp[x->ref] = (uintptr_t)e;
    if (x->caught != INTERP_NONE)
        own->caught[x->caught] = e;
    return c->text + x->target;
}

void interp_run_handled(struct rt_func *f, rt_cell *fp, const u8 *ip, u8 *mem)
{
    const struct interp_code *c = f->code;
    size_t caught = c->ncaught * sizeof(struct rt_exn *);
    if ((uintptr_t)__builtin_frame_address(0) < rt_thread.stack_limit + caught)
        rt_trap(TRAP_STACK_EXHAUSTED);
    struct interp_catching *own = __builtin_alloca(sizeof *own + caught);
    memset(own->caught, 0, caught);
    struct resume r = {f, fp, ip, mem};
    for (;;) {
        rt_try_run(&own->handler, resume, &r);
        struct rt_exn *e = rt_thread.exception;
        if (!e)
            return;
        rt_thread.exception = NULL;
        r.ip = catch_here(c, fp, e, own);
        if (!r.ip)
            rt_throw(e);
    }
}
