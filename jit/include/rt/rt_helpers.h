/* rt_helpers.h: prototypes of rt_helpers.def. `tier_up` and `profile_exit` are defined above (jit/tier,
 * jit/prof). */
#ifndef JIT_RT_HELPERS_H
#define JIT_RT_HELPERS_H

#include "rt.h"

#define HELPER(name, result, params, ir, effects) result rt_h_##name params;
#include "rt_helpers.def"
#undef HELPER

#endif
