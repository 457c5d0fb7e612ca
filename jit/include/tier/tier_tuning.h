/* tier_tuning.h: tuning.def as constants TUNE_*. */
#ifndef JIT_TIER_TUNING_H
#define JIT_TIER_TUNING_H

enum tier_tuning {
#define TUNING(name, value, text) TUNE_##name = value,
#include "tuning.def"
#undef TUNING
};

#endif
