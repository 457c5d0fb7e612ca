/* tier_queue.c: compilations that wait for the worker, the one that gains most first.
 *
 * The worker (plat.h) does nothing but compile: what it gets is a unit, which nobody changes meanwhile, and
 * what it gives back is an object. Everything else of jit/tier belongs to the app's thread, which looks here
 * whenever a function that waits has been hot for a while longer: it installs what is ready, and fills the
 * desk of the worker, on which there is one unit more than the one it works at, so that it need not wait for
 * the app. So no slot, record or code changes but between two instructions of the guest. */
#include <string.h>

#include "heap.h"
#include "plat.h"
#include "tier_priv.h"

struct request {
    struct rt_func *f;
    struct tier_osr *osr; /* NULL: the whole function */
    enum jit_tier to;
    u64 seen, recent; /* heat of `f` at the last look, and what it spent lately */
};

enum desk_state { DESK_FREE, DESK_FULL, DESK_DONE }; /* whose it is: the app's, the worker's, the app's */
struct desk {
    enum desk_state state; /* atomic */
    struct llvm_unit unit;
    struct llvm_unit_func funcs[TUNE_UNIT_FUNCS];
    struct request of;
    u32 bytes;             /* of wasm code */
    struct tier_made made; /* DONE */
};

enum { DESKS = 2 };
static struct desk desks[DESKS];
static u32 next_filled, next_taken; /* desks, by number of units */
static struct request *waiting;
static u32 nwaiting, cap;
static bool started, stop; /* `stop`: with the lock */

/* --- The worker. --- */

static enum desk_state state_of(const struct desk *d)
{
    return __atomic_load_n(&d->state, __ATOMIC_ACQUIRE);
}

static void hand_over(struct desk *d, enum desk_state s)
{
    plat_worker_lock();
    __atomic_store_n(&d->state, s, __ATOMIC_RELEASE);
    plat_worker_wake();
    plat_worker_unlock();
}

static bool wait_for_work(const struct desk *d)
{
    plat_worker_lock();
    while (state_of(d) != DESK_FULL && !stop)
        plat_worker_wait();
    bool more = !stop;
    plat_worker_unlock();
    return more;
}

static void leave(void)
{
    llvm_jit_cancel(true);
    plat_worker_lock();
    stop = true;
    plat_worker_wake();
    plat_worker_unlock();
    plat_worker_join();
    llvm_jit_cancel(false);
    started = false;
}

static void leave_at_exit(void)
{
    if (started)
        leave();
}

static void work(void)
{
    static const enum jit_tier steps[] = {TIER_O1, TIER_O3};
    llvm_jit_prepare(steps, sizeof steps / sizeof *steps);
    plat_worker_at_exit(leave_at_exit); /* before what LLVM has destroyed at the exit */
    for (u32 k = 0; wait_for_work(&desks[k % DESKS]); k++) {
        struct desk *d = &desks[k % DESKS];
        tier_make(&d->unit, &d->made);
        hand_over(d, DESK_DONE);
    }
}

static bool have_worker(void)
{
    if (started)
        return true;
    stop = false;
    next_filled = next_taken = 0;
    started = plat_worker_start(work) == ST_OK;
    return started;
}

/* --- Asking. --- */

static bool is_for(const struct request *q, const struct rt_func *f, const struct tier_osr *o)
{
    return q->f == f && q->osr == o;
}

static struct request *find(const struct rt_func *f, const struct tier_osr *o)
{
    for (u32 k = 0; k < nwaiting; k++) {
        if (is_for(&waiting[k], f, o))
            return &waiting[k];
    }
    return NULL;
}

static bool is_on_desk(const struct rt_func *f, const struct tier_osr *o)
{
    for (u32 k = next_taken; k != next_filled; k++) {
        if (is_for(&desks[k % DESKS].of, f, o))
            return true;
    }
    return false;
}

static bool add(const struct request *q)
{
    if (nwaiting == cap) {
        u32 more = cap ? cap * 2 : 32;
        struct request *grown = heap_realloc(waiting, more * sizeof *grown);
        if (!grown)
            return false; /* whoever asks asks again */
        waiting = grown;
        cap = more;
    }
    waiting[nwaiting++] = *q;
    return true;
}

static void fill_desks(void);

void tier_queue_ask(struct rt_func *f, enum jit_tier to, struct tier_osr *o)
{
    if (!have_worker()) {
        tier_cfg.background = false; /* from now on the app waits */
        tier_borrow_heat(f, 0);
        return;
    }
    tier_borrow_heat(f, TUNE_HEAT_POLL);
    struct request *q = find(f, o);
    if (q) {
        q->to = to;
    } else if (!is_on_desk(f, o) && !tier_record_of(f)->on_desk) {
        u64 now = tier_heat_spent(f);
        const struct request fresh = {.f = f, .osr = o, .to = to, .seen = now, .recent = TUNE_HEAT_POLL};
        if (add(&fresh) && o)
            o->asked = true;
    }
    fill_desks();
}

/* --- Choosing. --- */

/* Whether nobody wants it any more. */
static bool is_over(const struct request *q)
{
    const struct tier_record *r = tier_record_of(q->f);
    return !q->osr && ((q->f->tier >= q->to && !r->anew) || r->stuck);
}

/* Expected gain for the time that compiling takes: what was spent lately by the size. Leaving the interpreter
 * gains several times as much as leaving O1. */
static u64 gain(struct request *q, bool anew)
{
    u64 now = tier_heat_spent(q->f);
    if (anew) {
        q->recent = q->recent / 2 + (now - q->seen);
        q->seen = now;
    }
    u32 size = tier_reached(q->f);
    u64 saved = q->f->tier > TIER_INTERP ? q->recent : q->recent * TUNE_GAIN_INTERP;
    return saved * TUNE_SIZE_STEP / (TUNE_SIZE_STEP + size);
}

/* Whether it can be compiled together with what is on the desk. */
static bool can_join(const struct request *q, const struct desk *d)
{
    u32 size = tier_reached(q->f);
    return !q->osr && q->to == d->of.to && q->f->inst == d->of.f->inst && !tier_record_of(q->f)->alone &&
           d->bytes + size <= (q->to == TIER_O1 ? TUNE_UNIT_BYTES_O1 : TUNE_COMPANY_BYTES_O3);
}

/* Takes the best one out of the list, of those that can join `d` if it is not NULL. False: there is none. */
static bool choose(struct request *out, const struct desk *d)
{
    u64 most = 0;
    u32 best = UINT32_MAX;
    for (u32 k = 0; k < nwaiting;) {
        if (is_over(&waiting[k])) {
            waiting[k] = waiting[--nwaiting];
            continue;
        }
        bool can = !tier_record_of(waiting[k].f)->on_desk && (!d || can_join(&waiting[k], d));
        u64 g = can ? gain(&waiting[k], !d) + 1 : 0;
        if (g > most) {
            most = g;
            best = k;
        }
        k++;
    }
    if (best == UINT32_MAX)
        return false;
    *out = waiting[best];
    waiting[best] = waiting[--nwaiting];
    return true;
}

static void mark(const struct desk *d, bool on_desk)
{
    for (u32 k = 0; k < d->unit.nfuncs; k++) {
        if (d->unit.funcs[k].root)
            tier_record_of(tier_own_func(d->unit.inst, d->unit.funcs[k].index))->on_desk = on_desk;
    }
}

/* What waits goes together: LLVM takes as long to begin and to end as for a function of some size, and at O3
 * what is copied for one is there for the others. */
static void add_company(struct desk *d)
{
    struct request q;
    while (d->unit.nfuncs < TUNE_UNIT_FUNCS && choose(&q, d)) {
        if (d->unit.counts && !tier_unit_count(q.f))
            break; /* out of memory; it asks again */
        tier_unit_join(q.f, &d->unit, d->funcs);
        d->bytes += tier_reached(q.f);
        tier_record_of(q.f)->on_desk = true;
    }
}

static void fill(struct desk *d)
{
    bool alone = tier_record_of(d->of.f)->alone;
    d->bytes = tier_reached(d->of.f);
    if (d->of.osr)
        tier_unit_osr(d->of.f, d->of.osr->loop, &d->unit, d->funcs);
    else
        tier_unit_build(d->of.f, d->of.to, true, &d->unit, d->funcs);
    mark(d, true);
    if (!d->of.osr && !alone) {
        add_company(d);
        tier_unit_expand(&d->unit, d->funcs);
        mark(d, true);
    }
    next_filled++;
    hand_over(d, DESK_FULL);
}

/* What is laid on the second desk is decided before the first unit is ready: that should not be long. */
static bool has_room(void)
{
    u32 busy = next_filled - next_taken;
    return busy == 0 || (busy < DESKS && desks[next_taken % DESKS].unit.tier == TIER_O1 &&
                         desks[next_taken % DESKS].bytes <= TUNE_UNIT_BYTES_O1);
}

static void fill_desks(void)
{
    while (has_room() && choose(&desks[next_filled % DESKS].of, NULL))
        fill(&desks[next_filled % DESKS]);
}

/* --- Taking. --- */

/* Memory 0 has grown beyond what the unit was told. */
static bool is_outgrown(const struct llvm_unit *u)
{
    return u->short_mem && u->tier >= TIER_O2 && u->inst->mems[0]->bytes > RT_SHORT_MEMORY;
}

static void failed(const struct desk *d, enum bailout why)
{
    if (why == BAILOUT_CANCELLED)
        return;
    if (d->of.osr) {
        tier_record_of(d->of.f)->bailout = (u8)why;
        tier_count_change(false);
    } else if (d->unit.nfuncs == 1) {
        tier_give_up(d->of.f, why);
    }
    /* Else the company may have been too much: each asks again. */
    for (u32 k = 0; k < d->unit.nfuncs; k++)
        tier_record_of(tier_own_func(d->unit.inst, d->unit.funcs[k].index))->alone = true;
}

static void take(struct desk *d)
{
    enum bailout why = BAILOUT_NONE;
    mark(d, false);
    if (d->of.osr)
        d->of.osr->asked = false;
    tier_sum.ticks_beside += d->made.ticks;
    bool outgrown = d->made.ok && is_outgrown(&d->unit);
    struct tier_code *c = outgrown ? NULL : tier_compile_end(&d->unit, &d->made, &why);
    if (c && d->of.osr)
        tier_osr_install(d->of.osr, c);
    else if (c)
        tier_install(c);
    else if (!outgrown)
        failed(d, why);
    tier_made_free(&d->made);
}

static bool take_all(void)
{
    bool any = false;
    while (next_taken != next_filled && state_of(&desks[next_taken % DESKS]) == DESK_DONE) {
        struct desk *d = &desks[next_taken++ % DESKS];
        take(d);
        __atomic_store_n(&d->state, DESK_FREE, __ATOMIC_RELAXED);
        any = true;
    }
    return any;
}

bool tier_queue_take(void)
{
    if (!take_all())
        return false;
    tier_code_collect();
    fill_desks();
    return true;
}

/* --- Ending. --- */

static void forget(const struct rt_instance *i)
{
    for (u32 k = 0; k < nwaiting;) {
        if (waiting[k].f->inst == i) {
            if (waiting[k].osr)
                waiting[k].osr->asked = false;
            waiting[k] = waiting[--nwaiting];
        } else {
            k++;
        }
    }
}

static void wait_until_done(void)
{
    plat_worker_lock();
    for (u32 k = next_taken; k != next_filled; k++) {
        while (state_of(&desks[k % DESKS]) != DESK_DONE)
            plat_worker_wait();
    }
    plat_worker_unlock();
}

void tier_queue_clear(struct rt_instance *i)
{
    forget(i);
    if (next_taken == next_filled)
        return;
    wait_until_done();
    take_all();
    forget(i); /* what failed would be tried again */
}

void tier_queue_drop(struct rt_instance *i)
{
    llvm_jit_cancel(true);
    tier_queue_clear(i);
    llvm_jit_cancel(false);
}

void tier_fini(void)
{
    if (!started)
        return;
    ASSERT(next_taken == next_filled && nwaiting == 0);
    leave();
    heap_free(waiting);
    waiting = NULL;
    cap = 0;
}
