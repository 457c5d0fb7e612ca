/* cpu_features.h: which instructions a processor has, as sets that can be stored and compared: code made for
 * one set runs where all of it is there. Names are LLVM's (cpu_features.def). */
#ifndef KERNEL_LIB_CPU_FEATURES_H
#define KERNEL_LIB_CPU_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPU_FEATURES_MAX 192
struct cpu_features {
    uint64_t bits[CPU_FEATURES_MAX / 64]; /* by row of cpu_features.def */
};
/* Those of this processor whose registers the system saves. */
void cpu_features_here(struct cpu_features *out);
/* Row of a name; -1: none. */
int cpu_feature_find(const char *name, size_t len);
/* NULL: no such row. */
const char *cpu_feature_name(int row);
/* First row that `wanted` has and `have` lacks (also one that has no name); -1: there is none. */
int cpu_features_missing(const struct cpu_features *wanted, const struct cpu_features *have);
static inline void cpu_features_add(struct cpu_features *s, int row)
{
    s->bits[row / 64] |= 1ull << (row % 64);
}

#ifdef __cplusplus
}
#endif

#endif
