/* rt_helpers.h: prototypes of rt_helpers.def. `tier_up`, `leave` and `profile_exit` are defined above
 * (jit/tier, jit/prof). `leave` returns the code to go on with, for who got to an arm (wasm_arms.h) that it
 * has no code for: it is called as a native function whose parameter is the address of cells with the locals
 * and operands, and finishes the call. */
#ifndef JIT_RT_HELPERS_H
#define JIT_RT_HELPERS_H

#include "rt.h"

#define HELPER(name, result, params, ir, effects) result rt_h_##name params;
#include "rt_helpers.def"
#undef HELPER

#endif
