/* tier_compile.c: the way to the compiler, for images that have one (tier_frozen.c for the others). */
#include "plat.h"
#include "tier_priv.h"

struct tier_code *tier_compile(const struct llvm_unit *u, enum bailout *why)
{
    u64 start = plat_ticks();
    enum prof_phase was = prof_enter(PROF_COMPILER);
    struct llvm_code code;
    tier_sum.compilations++;
    *why = BAILOUT_NONE;
    struct tier_code *kept =
        llvm_jit_compile(u, &code, why, NULL) == ST_OK ? tier_code_keep(u, &code, why) : NULL;
    prof_enter(was);
    u64 ticks = plat_ticks() - start;
    tier_sum.ticks_compiler += ticks;
    rt_thread.ticks_excluded += ticks;
    if (!kept)
        tier_sum.bailouts++;
    return kept;
}

void tier_compile_free(struct llvm_code *c)
{
    llvm_code_free(c);
}
