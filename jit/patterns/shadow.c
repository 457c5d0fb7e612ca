/* shadow.c: kernels compared with the code that they stand for.
 *
 * When it is a place's turn its kernel runs on the app's memory, what it wrote is taken aside, memory is set
 * back, and the original code runs: its results stay, whatever the kernel's were. Only ranges that are
 * written are copied, which the tests in front of the kernel have found to lie inside the memory. A place
 * whose results differ once is in quarantine: it takes the original code for ever.
 *
 * The first calls are compared, but what takes long is not repeated at once: all comparisons together are to
 * take a small part of the time that the kernels need. */
#include <string.h>

#include "fmt.h"
#include "heap.h"
#include "patterns_priv.h"
#include "plat.h"

enum {
    RUNS_FIRST = 3,       /* compared one after the other */
    CALLS_BETWEEN = 1000, /* the least, after that; doubles each time */
    DOUBLINGS_MAX = 12,
    COST_SHARE = 32,      /* of the kernel's time, at most, for further comparisons */
    LONG_MS = 2,          /* original code that takes longer counts as a later run at once */
    BYTES_MAX = 64 << 20, /* of what is written */
    MEMORY_SHARE = 8,     /* of all memory, at most, for both copies */
};

static struct {
    bool active;
    uintptr_t frame; /* of the code that asked: what ended by a trap leaves it behind */
    u32 site;
    u8 *before, *kernel; /* copies of the outputs, one behind the other */
    struct rt_site_call call;
    u64 began, ticks_kernel;
} shadow;

static u64 bytes_of(const struct rt_site_range *r)
{
    return (u64)(r->to - r->from);
}

static void forget(void)
{
    heap_free(shadow.before);
    heap_free(shadow.kernel);
    shadow.before = shadow.kernel = NULL;
    shadow.active = false;
}

/* False: too much. */
static bool take_buffers(const struct rt_site_call *c)
{
    u64 bytes = 1, most = plat_memory_total() / MEMORY_SHARE;
    for (u32 k = 0; k < c->noutputs; k++)
        bytes += bytes_of(&c->outputs[k]);
    if (bytes > BYTES_MAX || bytes * 2 > most)
        return false;
    shadow.before = heap_alloc(bytes);
    shadow.kernel = heap_alloc(bytes);
    if (shadow.before && shadow.kernel)
        return true;
    forget();
    return false;
}

static void copy_out(const struct rt_site_call *c, u8 *to)
{
    for (u32 k = 0; k < c->noutputs; k++) {
        memcpy(to, c->outputs[k].from, bytes_of(&c->outputs[k]));
        to += bytes_of(&c->outputs[k]);
    }
}

static void copy_in(const struct rt_site_call *c, const u8 *from)
{
    for (u32 k = 0; k < c->noutputs; k++) {
        memcpy(c->outputs[k].from, from, bytes_of(&c->outputs[k]));
        from += bytes_of(&c->outputs[k]);
    }
}

static s32 calls_until_next(const struct pattern_trial *t)
{
    bool is_long = t->ticks_original > plat_ticks_per_second() / 1000 * LONG_MS;
    if (t->runs + t->too_much < RUNS_FIRST && !is_long)
        return 0;
    u32 doublings = t->runs + t->too_much < DOUBLINGS_MAX ? t->runs + t->too_much : DOUBLINGS_MAX;
    u64 calls = (u64)CALLS_BETWEEN << doublings;
    u64 gain = t->ticks_kernel ? t->ticks_original / t->ticks_kernel : 0;
    if (calls < gain * COST_SHARE)
        calls = gain * COST_SHARE;
    return calls < INT32_MAX ? (s32)calls : INT32_MAX;
}

static u32 begin(u32 site)
{
    struct pattern_trial *t = &pattern_trials[site];
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    rt_thread.sites.left[site] = 0;
    if (site >= patterns_trials_count() || t->differed)
        return RT_SITE_ORIGINAL;
    if (shadow.active && frame < shadow.frame) /* inside of the original code that runs */
        return RT_SITE_ORIGINAL;
    forget();
    shadow.call = rt_thread.sites.call;
    if (!take_buffers(&shadow.call)) {
        t->too_much++;
        rt_thread.sites.left[site] = calls_until_next(t);
        return RT_SITE_KERNEL;
    }
    shadow.active = true;
    shadow.frame = frame;
    shadow.site = site;
    copy_out(&shadow.call, shadow.before);
    shadow.began = plat_ticks();
    return RT_SITE_BOTH;
}

static void between(u32 site)
{
    (void)site;
    shadow.ticks_kernel = plat_ticks() - shadow.began;
    copy_out(&shadow.call, shadow.kernel);
    copy_in(&shadow.call, shadow.before);
    memcpy(shadow.call.kernel, rt_thread.sites.call.kernel, sizeof shadow.call.kernel);
    shadow.began = plat_ticks();
}

/* --- Comparing. --- */

static f64 number_at(const u8 *p, u64 type)
{
    if (type == RT_SITE_F64) {
        f64 v;
        memcpy(&v, p, sizeof v);
        return v;
    }
    f32 v;
    memcpy(&v, p, sizeof v);
    return (f64)v;
}

static u32 size_of(u64 type)
{
    return type == RT_SITE_F64 ? 8 : type == RT_SITE_F32 ? 4 : 1;
}

static f64 magnitude(f64 v)
{
    return v < 0 ? -v : v;
}

static f64 largest(const u8 *p, u64 bytes, u64 type)
{
    f64 most = 0;
    for (u64 at = 0; at + size_of(type) <= bytes; at += size_of(type)) {
        f64 v = magnitude(number_at(p + at, type));
        most = v > most ? v : most;
    }
    return most;
}

/* How far apart two ways of rounding may be: each is within n * u * (the magnitudes that were added) of the
 * exact sum. Of these the largest that there can be are taken. */
static f64 tolerance(const struct rt_site_call *c)
{
    u32 type = c->unordered & ~RT_SITE_DIFFERENCES;
    if (type == RT_SITE_BITS)
        return 0;
    f64 unit = type == RT_SITE_F64 ? 0x1p-53 : 0x1p-24, terms = (f64)c->terms + 1, product = 1, start = 0,
        difference = 0;
    for (u32 k = 0; k < c->ninputs; k++) {
        f64 v = largest(c->inputs[k].from, bytes_of(&c->inputs[k]), c->inputs[k].type);
        product *= v;
        difference += v;
    }
    if (c->unordered & RT_SITE_DIFFERENCES)
        product = difference * difference;
    const u8 *before = shadow.before;
    for (u32 k = 0; k < c->noutputs; k++) { /* what sums were added to */
        f64 v = largest(before, bytes_of(&c->outputs[k]), c->outputs[k].type);
        start = v > start ? v : start;
        before += bytes_of(&c->outputs[k]);
    }
    f64 most = terms * product + start;
    if (type == RT_SITE_F32 && most > 0x1p127)
        return __builtin_inf(); /* one order may overflow where another does not; so it is with f64 by itself
                                 */
    return 2 * terms * unit * most;
}

static bool same_number(const u8 *p, const u8 *q, u64 type, f64 within)
{
    if (memcmp(p, q, size_of(type)) == 0)
        return true;
    if (type == RT_SITE_BITS)
        return false;
    f64 x = number_at(p, type), y = number_at(q, type);
    if (x != x || y != y)
        return (x != x && y != y) || within > 0; /* where an order of additions overflows, another may not */
    return within > 0 && !(magnitude(x - y) > within);
}

static bool same_range(const u8 *p, const u8 *q, u64 bytes, u64 type, f64 within)
{
    if (memcmp(p, q, bytes) == 0)
        return true;
    for (u64 at = 0; at + size_of(type) <= bytes; at += size_of(type)) {
        if (!same_number(p + at, q + at, type, within))
            return false;
    }
    return bytes % size_of(type) == 0;
}

static bool same(const struct rt_site_call *c)
{
    f64 within = tolerance(c);
    const u8 *kernel = shadow.kernel;
    for (u32 k = 0; k < c->noutputs; k++) {
        const struct rt_site_range *r = &c->outputs[k];
        if (!same_range(kernel, r->from, bytes_of(r), r->type, within))
            return false;
        kernel += bytes_of(r);
    }
    for (u32 k = 0; k < c->nvalues; k++) {
        const u8 *p = (const u8 *)&c->kernel[k], *q = (const u8 *)&c->original[k];
        bool bits = c->types[k] == RT_SITE_BITS;
        if (bits ? c->kernel[k] != c->original[k] : !same_number(p, q, c->types[k], within))
            return false;
    }
    return true;
}

static u64 least(u64 x, u64 y)
{
    return x < y ? x : y;
}

static void end(u32 site)
{
    u64 ticks = plat_ticks() - shadow.began;
    if (!shadow.active || shadow.site != site)
        return;
    struct pattern_trial *t = &pattern_trials[site];
    memcpy(shadow.call.original, rt_thread.sites.call.original, sizeof shadow.call.original);
    if (same(&shadow.call)) {
        t->ticks_original = t->runs ? least(t->ticks_original, ticks) : ticks;
        t->ticks_kernel = t->runs ? least(t->ticks_kernel, shadow.ticks_kernel) : shadow.ticks_kernel;
        t->runs++;
        rt_thread.sites.left[site] = calls_until_next(t);
    } else {
        t->differed++;
        fmt_out(PLAT_LOG,
                "patterns: func[%u], offset 0x%x: a kernel's result was not the code's, which stays: the "
                "kernel is not called again\n",
                t->func, t->at);
    }
    forget();
}

void patterns_shadow_init(void)
{
    rt_thread.sites.begin = begin;
    rt_thread.sites.between = between;
    rt_thread.sites.end = end;
}
