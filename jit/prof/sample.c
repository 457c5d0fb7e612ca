/* sample.c: counts what was interrupted. sample_tick runs in the interrupt: it finds, adds one, and that is
 * all. */
#include "sample.h"

#include "heap.h"

static const struct rt_instance *inst;
static struct sample_func *funcs;
static u32 nfuncs;
static u32 *places;
static uintptr_t low, high; /* of the program's code */
static u64 total;

static void find_bounds(void)
{
    struct plat_part p;
    low = UINTPTR_MAX;
    high = 0;
    for (size_t k = 0; plat_part_at(k, &p) == ST_OK; k++) {
        if (!p.code || p.start == p.end)
            continue;
        low = p.start < low ? p.start : low;
        high = p.end > high ? p.end : high;
    }
    low &= ~(uintptr_t)(SAMPLE_STEP - 1);
}

status sample_begin(const struct rt_instance *i)
{
    find_bounds();
    nfuncs = i->layout->nfuncs - i->layout->imp_funcs;
    funcs = heap_calloc(nfuncs + 1u, sizeof *funcs);
    places = heap_calloc((high - low) / SAMPLE_STEP + 1, sizeof *places);
    if (!funcs || !places) {
        heap_free(funcs);
        heap_free(places);
        funcs = NULL;
        places = NULL;
        return E_NOMEM;
    }
    inst = i;
    return ST_OK;
}

/* The compiled code's map is only looked into when it cannot be changing: the interrupted code is in the
 * arena. */
static const struct rt_func *app_function(uintptr_t pc, bool *interpreted)
{
    const struct rt_func *top = rt_thread.interp_top ? rt_thread.interp_top->func : NULL;
    *interpreted = (pc >= (uintptr_t)interp_text_start && pc < (uintptr_t)interp_text_end) ||
                   (top && interp_copy_contains(top, pc));
    if (*interpreted)
        return top;
    const struct rt_code *c = rt_is_guest(pc) ? rt_code_find(pc) : NULL;
    return c ? c->func : NULL;
}

void sample_tick(const struct plat_tick *t)
{
    bool interpreted;
    const struct rt_func *f = app_function(t->pc, &interpreted);
    if (!places)
        return;
    total++;
    if (f && f->inst == inst)
        ++*(interpreted ? &funcs[f - inst->own_funcs].interpreted : &funcs[f - inst->own_funcs].compiled);
    else if (t->pc >= low && t->pc < high)
        places[(t->pc - low) / SAMPLE_STEP]++;
}

bool sample_is_on(void)
{
    return places != NULL;
}

u64 sample_count(void)
{
    return total;
}

struct sample_func sample_of(u32 k)
{
    return k < nfuncs ? funcs[k] : (struct sample_func){0};
}

u32 sample_at(uintptr_t at)
{
    return places && at >= low && at < high ? places[(at - low) / SAMPLE_STEP] : 0;
}
