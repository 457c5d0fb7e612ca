/* matrix_sums.h: sums of 32 bits anywhere in memory, for the templates of products of bytes. */
#ifndef JIT_PATTERNS_MATRIX_SUMS_H
#define JIT_PATTERNS_MATRIX_SUMS_H

#include "kernel.h"

typedef s32 sum_cell __attribute__((aligned(1), may_alias));

/* To what is at `from`, or if that is NULL to `start`. */
INLINE void sums_set(char *c, s64 c_i, s64 c_j, s64 ni, s64 nj, s32 start, const char *from, s64 from_i,
                     s64 from_j)
{
    for (s64 i = 0; i < ni; i++) {
        for (s64 j = 0; j < nj; j++)
            *(sum_cell *)(c + i * c_i + j * c_j) =
                from ? *(const sum_cell *)(from + i * from_i + j * from_j) : start;
    }
}

/* `width` columns of `rows` rows, which stand `room` apart in `sums`; those beyond are 0. */
INLINE void sums_get(s32 *sums, s64 room, const char *c, s64 c_i, s64 c_j, int rows, s64 width)
{
    for (int r = 0; r < rows; r++) {
        for (s64 j = 0; j < room; j++)
            sums[r * room + j] = j < width ? *(const sum_cell *)(c + r * c_i + j * c_j) : 0;
    }
}

INLINE void sums_put(const s32 *sums, s64 room, char *c, s64 c_i, s64 c_j, int rows, s64 width)
{
    for (int r = 0; r < rows; r++) {
        for (s64 j = 0; j < width; j++)
            *(sum_cell *)(c + r * c_i + j * c_j) = sums[r * room + j];
    }
}

#endif
