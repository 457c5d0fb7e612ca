/* jit_runtime.h: what an application or its host can ask the tier manager while it runs.
 *
 * A guest reaches the same functions as imports of module "anneal" (jit_runtime.def is the list); there a
 * function is named by its pointer, that is by its index in table 0. A module that imports any of them is
 * measured: every finished call of its functions is counted and timed in ticks of the time-stamp counter,
 * callees included. */
#ifndef JIT_RUNTIME_H
#define JIT_RUNTIME_H

#include "rt.h"

/* Measuring starts off; what was counted stays readable after jit_profile_end and is cleared by the next
 * begin. */
void jit_profile_begin(struct rt_instance *i);
void jit_profile_end(struct rt_instance *i);

/* Of function `func` (index in the module's function index space). Unknown and imported functions give 0. */
u64 jit_get_call_count(const struct rt_instance *i, u32 func);
u64 jit_get_avg_cycles(const struct rt_instance *i, u32 func);
u64 jit_get_min_cycles(const struct rt_instance *i, u32 func);
u64 jit_get_max_cycles(const struct rt_instance *i, u32 func);
/* 0 interpreter, 1 O0, 2 O1, 3 O2, 4 O3 (enum jit_tier). */
u32 jit_get_optimization_level(const struct rt_instance *i, u32 func);

/* Calls after which a function of little code leaves the interpreter (warm), O0 (hot) and O1 (very hot); O2
 * is left after FINAL_FACTOR times very_hot. A large function needs more in proportion (SIZE_STEP, both in
 * tuning.def). Loop iterations count as fractions of a call (RT_HEAT_CALL). Ignored unless the tier is auto.
 */
void jit_set_threshold(u32 warm, u32 hot, u32 very_hot);
/* Compiles every function that was called often enough to be warm at the highest tier, now. Returns how many.
 */
u32 jit_optimize_hot_functions(struct rt_instance *i);
/* Saves the state (--state) now, as it is saved at the end and at a period anyway: compiled code and the
 * profile, not the app's memory. 1: it would survive a loss of power; 0: there is no state, or it could not
 * be written (a line on PLAT_LOG says why). */
u32 jit_save_state(void);

#endif
