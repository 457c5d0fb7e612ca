/* tier_frozen.c: where there is no compiler, what was compiled before is all there will be. */
#include "interp.h"
#include "plat.h"
#include "rt_helpers.h"
#include "tier_priv.h"

bool tier_climb(struct rt_func *f, enum jit_tier t)
{
    (void)t;
    tier_record_of(f)->bailout = BAILOUT_NO_COMPILER;
    tier_borrow_heat(f, INT32_MAX);
    return false;
}

void interp_on_hot_call(struct rt_func *f)
{
    tier_climb(f, TIER_O3);
}

void rt_h_tier_up(struct rt_instance *i, u32 func)
{
    tier_climb(tier_own_func(i, func), TIER_O3);
}

bool interp_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame)
{
    (void)loop, (void)frame;
    return tier_climb(f, TIER_O3);
}

void tier_baseline(struct rt_func *f)
{
    (void)f;
}

u32 tier_compile_hot(struct rt_instance *i)
{
    (void)i;
    return 0;
}

void tier_queue_drop(struct rt_instance *i)
{
    (void)i;
}

void tier_compile_free(struct llvm_code *c)
{
    (void)c; /* it holds nothing: code comes as packed objects only */
}

const char *bailout_text(enum bailout b)
{
    static const char *const texts[] = {
#define BAILOUT(id, text) text,
#include "bailouts.def"
#undef BAILOUT
    };
    return texts[b];
}

u32 tier_reached(struct rt_func *f)
{
    return tier_size(f);
}

/* What is compiled for an appliance has all arms. */
void *rt_h_leave(struct rt_instance *i, u32 func, u32 arm)
{
    (void)i;
    panic("function %u has no code for its arm %u", func, arm);
}
