/* prof.h: calls and time by function, and time by what the processor was doing.
 *
 * Ticks are those of plat_ticks(). A call's ticks include its callees, so a recursive function's sum exceeds
 * the time that passed. */
#ifndef JIT_PROF_H
#define JIT_PROF_H

#include "rt.h"

struct prof_func { /* of one function */
    u64 calls, ticks, ticks_min, ticks_max;
};
struct prof_record { /* how what rt_func.host points to begins; compiled code names `counts` */
    struct prof_func func;
    u32 *counts; /* wasm_counts.h; NULL: it has no code that counts */
};
/* Clears and starts; stops. Off at first. */
void prof_begin(struct rt_instance *i);
void prof_end(void);
/* Whether finished calls are being counted. */
bool prof_running(void);

/* --- What the processor was doing, from prof_phase_start on. --- */
enum prof_phase { PROF_RUNTIME, PROF_INTERP, PROF_COMPILED, PROF_HOST, PROF_COMPILER, PROF_PHASE_COUNT };
/* Ends the current phase, starts another, returns the former. */
enum prof_phase prof_enter(enum prof_phase p);
/* Ticks in `p` so far. */
u64 prof_phase_ticks(enum prof_phase p);

#endif
