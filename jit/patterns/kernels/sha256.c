/* sha256.c: one block of SHA-256 (FIPS 180-4, 6.2.2). */
#include "kernel.h"

typedef s32 words __attribute__((vector_size(16)));
typedef s32 loose __attribute__((vector_size(16), aligned(1), may_alias));
typedef u8 bytes __attribute__((vector_size(16)));

static const s32 constants[64] = {
#define K(value) (s32) value##u,
#include "sha256_constants.def"
#undef K
};

#define IN INLINE __attribute__((target("sha,ssse3")))

IN words get(const char *p, s32 reversed)
{
    words w = *(const loose *)p;
    bytes b = (bytes)w;
    return reversed
               ? (words)__builtin_shufflevector(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
               : w;
}

/* `state`: a to h. `table`: the 64 constants; null: those of the standard. `reversed`: words of the block
 * begin with their highest byte, as in the standard. `out`, unless null, gets the 64 words of the schedule, a
 * to h behind the last round, and what `state` was. */
__attribute__((target("sha,ssse3"))) void sha256_block(char *state, const char *block, const char *table,
                                                       s32 reversed, char *out)
{
    words w[16], abcd = *(const loose *)state, efgh = *(const loose *)(state + 16);
    words abef = __builtin_shufflevector(abcd, efgh, 5, 4, 1, 0);
    words cdgh = __builtin_shufflevector(abcd, efgh, 7, 6, 3, 2);
    if (!table)
        table = (const char *)constants;
    UNROLL
    for (int g = 0; g < 16; g++) {
        if (g < 4) {
            w[g] = get(block + 16 * g, reversed);
        } else {
            words t = __builtin_ia32_sha256msg1(w[g - 4], w[g - 3]);
            t += __builtin_shufflevector(w[g - 2], w[g - 1], 1, 2, 3, 4);
            w[g] = __builtin_ia32_sha256msg2(t, w[g - 1]);
        }
        words k = w[g] + *(const loose *)(table + 16 * g);
        cdgh = __builtin_ia32_sha256rnds2(cdgh, abef, k);
        k = __builtin_shufflevector(k, k, 2, 3, 0, 1);
        abef = __builtin_ia32_sha256rnds2(abef, cdgh, k);
    }
    words first = __builtin_shufflevector(abef, cdgh, 3, 2, 7, 6);
    words second = __builtin_shufflevector(abef, cdgh, 1, 0, 5, 4);
    *(loose *)state = abcd + first;
    *(loose *)(state + 16) = efgh + second;
    if (!out)
        return;
    UNROLL
    for (int g = 0; g < 16; g++)
        *(loose *)(out + 16 * g) = w[g];
    *(loose *)(out + 256) = first;
    *(loose *)(out + 272) = second;
    *(loose *)(out + 288) = abcd;
    *(loose *)(out + 304) = efgh;
}
