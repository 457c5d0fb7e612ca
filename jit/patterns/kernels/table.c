/* table.c: bytes looked up in a table of 256, and how often each byte is there. */
#include "kernel.h"

typedef u8 loose_64 __attribute__((vector_size(64), aligned(1), may_alias));
typedef char bytes64 __attribute__((vector_size(64)));
typedef u64 sums8 __attribute__((vector_size(64)));
typedef u32 loose_word __attribute__((aligned(1), may_alias));

#define VBMI __attribute__((target("avx512vbmi,avx512bw")))
#define IN   INLINE VBMI

/* A table in four registers, the lower half and the upper one. */
struct halves {
    bytes64 low[2], high[2];
};

IN struct halves load(const char *table)
{
    const loose_64 *t = (const loose_64 *)table;
    return (struct halves){{(bytes64)t[0], (bytes64)t[1]}, {(bytes64)t[2], (bytes64)t[3]}};
}

/* Seven bits of an index say where in a half, the eighth which one. */
IN bytes64 look_up(struct halves t, bytes64 x)
{
    bytes64 low = (bytes64)__builtin_ia32_vpermi2varqi512(t.low[0], x, t.low[1]);
    bytes64 high = (bytes64)__builtin_ia32_vpermi2varqi512(t.high[0], x, t.high[1]);
    bytes64 upper = x < 0;
    return (high & upper) | (low & ~upper);
}

/* `to` does not lie inside of the range behind its first byte. */
VBMI void lookup_bytes(const char *table, const char *from, s64 n, char *to)
{
    struct halves t = load(table);
    s64 k = 0;
    for (; k <= n - 64; k += 64)
        *(loose_64 *)(to + k) = (loose_64)look_up(t, (bytes64) * (const loose_64 *)(from + k));
    for (; k < n; k++)
        to[k] = table[(u8)from[k]];
}

/* `start` and all that is looked up. */
VBMI u32 lookup_sum(const char *table, const char *from, s64 n, u32 start)
{
    struct halves t = load(table);
    sums8 sum = {};
    s64 k = 0;
    for (; k <= n - 64; k += 64)
        sum += (sums8)__builtin_ia32_psadbw512(look_up(t, (bytes64) * (const loose_64 *)(from + k)),
                                               (bytes64){});
    UNROLL
    for (unsigned lane = 0; lane < 8; lane++)
        start += (u32)sum[lane];
    for (; k < n; k++)
        start += (u8)table[(u8)from[k]];
    return start;
}

/* Every other byte is counted apart, so that one that is repeated does not wait for its count to be stored.
 * More tables cost more than they gain. */
void histogram_32(char *counts, const char *from, s64 n)
{
    u32 others[256] = {};
    loose_word *count = (loose_word *)counts;
    s64 k = 0;
    for (; k <= n - 8; k += 8) {
        UNROLL
        for (int j = 0; j < 8; j += 2) {
            count[(u8)from[k + j]]++;
            others[(u8)from[k + j + 1]]++;
        }
    }
    for (; k < n; k++)
        count[(u8)from[k]]++;
    for (int j = 0; j < 256; j++)
        count[j] += others[j];
}
