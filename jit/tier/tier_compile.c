/* tier_compile.c: the way to the compiler, for images that have one (tier_frozen.c for the others). */
#include "heap.h"
#include "plat.h"
#include "tier_priv.h"

/* What the object holds is all that is kept of it. */
static status pack(struct tier_made *m)
{
    u64 start = plat_ticks();
    status st = obj_pack(m->llvm.object, m->llvm.object_bytes, &m->packed, &m->packed_bytes, NULL);
    heap_free(m->llvm.object);
    m->llvm.object = NULL;
    m->llvm.ticks_link = plat_ticks() - start;
    if (st != ST_OK)
        m->why = st == E_NOMEM ? BAILOUT_NO_MEMORY : BAILOUT_LLVM_ERROR;
    return st;
}

void tier_make(const struct llvm_unit *u, struct tier_made *m)
{
    u64 start = plat_ticks();
    *m = (struct tier_made){0};
    m->ok = llvm_jit_compile(u, &m->llvm, &m->why, NULL) == ST_OK;
    if (m->ok && m->llvm.object)
        m->ok = pack(m) == ST_OK;
    m->ticks = plat_ticks() - start;
}

struct tier_code *tier_compile_end(const struct llvm_unit *u, struct tier_made *m, enum bailout *why)
{
    *why = m->why;
    tier_sum.compilations++;
    tier_sum.ticks_compiler += m->ticks;
    struct tier_code *kept = m->ok ? tier_code_keep(u, m, why) : NULL; /* which empties `m` */
    if (!kept)
        tier_sum.bailouts++;
    return kept;
}

struct tier_code *tier_compile(const struct llvm_unit *u, enum bailout *why)
{
    u64 start = plat_ticks();
    enum prof_phase was = prof_enter(PROF_COMPILER);
    struct tier_made made;
    tier_make(u, &made);
    struct tier_code *kept = tier_compile_end(u, &made, why);
    prof_enter(was);
    rt_thread.ticks_excluded += plat_ticks() - start;
    return kept;
}

void tier_compile_free(struct llvm_code *c)
{
    llvm_code_free(c);
}
