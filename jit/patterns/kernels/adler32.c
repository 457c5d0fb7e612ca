/* adler32.c: the two sums of Adler-32 (RFC 1950, 8.2) over a range: a += x[i]; b += a; for each byte, modulo
 * 2^32. In a block of k bytes byte j is added to b k - j times; what came before the block, k times. */
#include "kernel.h"

typedef u8 loose16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef u8 loose32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef u8 loose64 __attribute__((vector_size(64), aligned(1), may_alias));
typedef char bytes16 __attribute__((vector_size(16)));
typedef char bytes32 __attribute__((vector_size(32)));
typedef char bytes64 __attribute__((vector_size(64)));
typedef s16 halves8 __attribute__((vector_size(16)));
typedef s16 halves16 __attribute__((vector_size(32)));
typedef s32 words4 __attribute__((vector_size(16)));
typedef s32 words8 __attribute__((vector_size(32)));
typedef s32 words16 __attribute__((vector_size(64)));
typedef u32 sums4 __attribute__((vector_size(16)));
typedef u32 sums8 __attribute__((vector_size(32)));
typedef u32 sums16 __attribute__((vector_size(64)));

#define DOWN_FROM_8(n)  n, n - 1, n - 2, n - 3, n - 4, n - 5, n - 6, n - 7
#define DOWN_FROM_32(n) DOWN_FROM_8(n), DOWN_FROM_8(n - 8), DOWN_FROM_8(n - 16), DOWN_FROM_8(n - 24)

/* What the kernels return: a, b, nothing. */
typedef sums4 both;

#define IN128 INLINE __attribute__((target("ssse3")))
#define IN256 INLINE __attribute__((target("avx2")))
#define IN512 INLINE __attribute__((target("avx512bw,avx512vnni")))

IN128 sums4 plain16(loose16 x)
{
    return (sums4)__builtin_ia32_psadbw128((bytes16)x, (bytes16){});
}

IN128 sums4 weighted16(loose16 x)
{
    const bytes16 by = {DOWN_FROM_8(16), DOWN_FROM_8(8)};
    const halves8 one = {1, 1, 1, 1, 1, 1, 1, 1};
    return (sums4)__builtin_ia32_pmaddwd128((halves8)__builtin_ia32_pmaddubsw128((bytes16)x, by), one);
}

IN256 sums8 plain32(loose32 x)
{
    return (sums8)__builtin_ia32_psadbw256((bytes32)x, (bytes32){});
}

IN256 sums8 weighted32(loose32 x)
{
    const bytes32 by = {DOWN_FROM_32(32)};
    const halves16 one = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    return (sums8)__builtin_ia32_pmaddwd256((halves16)__builtin_ia32_pmaddubsw256((bytes32)x, by), one);
}

IN512 sums16 plain64(loose64 x)
{
    return (sums16)__builtin_ia32_psadbw512((bytes64)x, (bytes64){});
}

IN512 sums16 weighted64(loose64 x)
{
    const bytes64 by = {DOWN_FROM_32(64), DOWN_FROM_32(32)};
    return (sums16)__builtin_ia32_vpdpbusd512((words16){}, (words16)x, (words16)by);
}

/* Whole blocks of as many bytes as `block` has, as long as there are any. */
#define BLOCKS(block, sums, plain, weighted)                                                                 \
    do {                                                                                                     \
        sums total = {}, earlier = {}, inside = {};                                                          \
        b += a * (u32)(n - n % (s64)sizeof(block));                                                          \
        for (; n >= (s64)sizeof(block); p += sizeof(block), n -= (s64)sizeof(block)) {                       \
            block x = *(const block *)p;                                                                     \
            earlier += total;                                                                                \
            total += plain(x);                                                                               \
            inside += weighted(x);                                                                           \
        }                                                                                                    \
        inside += earlier * (u32)sizeof(block);                                                              \
        UNROLL                                                                                               \
        for (unsigned k = 0; k < sizeof(block) / 4; k++) {                                                   \
            a += total[k];                                                                                   \
            b += inside[k];                                                                                  \
        }                                                                                                    \
    } while (0)

#define BYTES                                                                                                \
    for (; n > 0; n--, p++) {                                                                                \
        a += *(const u8 *)p;                                                                                 \
        b += a;                                                                                              \
    }

/* As many bytes as there may be without a sum beyond 32 bits, if both are less than 65521 before. */
#define REDUCED(sums_of)                                                                                     \
    while (n > 0) {                                                                                          \
        const u32 prime = 65521;                                                                             \
        s64 part = n < 5552 ? n : 5552;                                                                      \
        both s = sums_of(a, b, p, part);                                                                     \
        a = s[0] % prime;                                                                                    \
        b = s[1] % prime;                                                                                    \
        p += part;                                                                                           \
        n -= part;                                                                                           \
    }                                                                                                        \
    return (both){a, b};

IN256 both sums256(u32 a, u32 b, const char *p, s64 n)
{
    BLOCKS(loose32, sums8, plain32, weighted32);
    BLOCKS(loose16, sums4, plain16, weighted16);
    BYTES
    return (both){a, b};
}

IN512 both sums512(u32 a, u32 b, const char *p, s64 n)
{
    BLOCKS(loose64, sums16, plain64, weighted64);
    BLOCKS(loose16, sums4, plain16, weighted16);
    BYTES
    return (both){a, b};
}

__attribute__((target("avx2"))) both adler32_256(u32 a, u32 b, const char *p, s64 n)
{
    return sums256(a, b, p, n);
}

__attribute__((target("avx512bw,avx512vnni"))) both adler32_512(u32 a, u32 b, const char *p, s64 n)
{
    return sums512(a, b, p, n);
}

/* Both sums modulo 65521, below which they are before. */
__attribute__((target("avx2"))) both adler32_reduced_256(u32 a, u32 b, const char *p, s64 n)
{
    REDUCED(sums256)
}

__attribute__((target("avx512bw,avx512vnni"))) both adler32_reduced_512(u32 a, u32 b, const char *p, s64 n)
{
    REDUCED(sums512)
}
