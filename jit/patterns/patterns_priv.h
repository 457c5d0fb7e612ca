/* patterns_priv.h: shared inside jit/patterns. */
#ifndef JIT_PATTERNS_PRIV_H
#define JIT_PATTERNS_PRIV_H

#include "patterns.h"

extern struct pattern_trial pattern_trials[RT_SITES]; /* by number */
u32 patterns_trials_count(void);

#endif
