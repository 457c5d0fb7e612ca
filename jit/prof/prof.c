/* prof.c: counters. Everything that runs calls in here with one rdtsc, so nothing else may happen. */
#include "prof.h"

#include <string.h>

#include "plat.h"
#include "rt_helpers.h"

static bool running;
static enum prof_phase phase = PROF_RUNTIME;
static u64 phase_since;
static u64 phase_ticks[PROF_PHASE_COUNT];

static struct prof_func *record_of(struct rt_func *f)
{
    return (struct prof_func *)f->host;
}

void prof_begin(struct rt_instance *i)
{
    const struct rt_layout *l = i->layout;
    for (u32 k = 0; k < l->nfuncs - l->imp_funcs; k++) {
        struct prof_func *p = record_of(&i->own_funcs[k]);
        if (p)
            *p = (struct prof_func){0};
    }
    running = true;
}

void prof_end(void)
{
    running = false;
}

bool prof_running(void)
{
    return running;
}

void rt_h_profile_exit(struct rt_instance *i, u32 func, u64 ticks)
{
    if (!running)
        return;
    struct prof_func *p = record_of(&i->own_funcs[func - i->layout->imp_funcs]);
    if ((s64)ticks < 0) /* a save came between the two readings that it is the difference of */
        ticks = 0;
    if (p->calls++ == 0 || ticks < p->ticks_min)
        p->ticks_min = ticks;
    if (ticks > p->ticks_max)
        p->ticks_max = ticks;
    p->ticks += ticks;
}

enum prof_phase prof_enter(enum prof_phase next)
{
    u64 now = plat_ticks();
    enum prof_phase was = phase;
    if (phase_since)
        phase_ticks[was] += now - phase_since;
    phase_since = now;
    phase = next;
    return was;
}

u64 prof_phase_ticks(enum prof_phase p)
{
    u64 running_now = p == phase && phase_since ? plat_ticks() - phase_since : 0;
    return phase_ticks[p] + running_now;
}
