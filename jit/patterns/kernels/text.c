/* text.c: how far bytes are letters of ASCII. */
#include "kernel.h"

typedef char bytes32 __attribute__((vector_size(32)));
typedef u8 loose_32 __attribute__((vector_size(32), aligned(1), may_alias));

#define AVX2 __attribute__((target("avx2")))
#define IN   INLINE AVX2

/* Bytes from 0x80 on, and those that are one of both others, have their highest bit set. */
IN bytes32 ends(const char *from, bytes32 one, bytes32 other)
{
    bytes32 x = (bytes32) * (const loose_32 *)from;
    return x | (x == one) | (x == other);
}

/* Of n bytes those before the first that is `one`, `other` or no ASCII. Whole blocks are looked at, so that
 * the last ones of n may be left out. */
AVX2 s64 ascii_run(const char *from, s64 n, u32 one, u32 other)
{
    bytes32 a = (bytes32){} + (char)one, b = (bytes32){} + (char)other;
    s64 k = 0;
    for (; k <= n - 128; k += 128) {
        bytes32 any = ends(from + k, a, b) | ends(from + k + 32, a, b) | ends(from + k + 64, a, b) |
                      ends(from + k + 96, a, b);
        if (__builtin_ia32_pmovmskb256(any))
            break;
    }
    for (; k <= n - 32; k += 32) {
        u32 found = (u32)__builtin_ia32_pmovmskb256(ends(from + k, a, b));
        if (found)
            return k + __builtin_ctz(found);
    }
    return k;
}
