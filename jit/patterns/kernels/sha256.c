/* sha256.c: one block of SHA-256 (FIPS 180-4, 6.2.2), with the processor's instructions for it, or without.
 *
 * `state`: a to h. `table`: the 64 constants; null: those of the standard. `reversed`: words of the block
 * begin with their highest byte, as in the standard. `out`, unless null, gets the 64 words of the schedule, a
 * to h behind the last round, and what `state` was. */
#include "kernel.h"

typedef s32 words __attribute__((vector_size(16)));
typedef s32 loose __attribute__((vector_size(16), aligned(1), may_alias));
typedef u8 bytes __attribute__((vector_size(16)));

static const s32 constants[64] = {
#define K(value) (s32) value##u,
#include "sha256_constants.def"
#undef K
};

INLINE __attribute__((target("ssse3"))) words get(const char *p, s32 reversed)
{
    words w = *(const loose *)p;
    bytes b = (bytes)w;
    return reversed
               ? (words)__builtin_shufflevector(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
               : w;
}

/* `before`, `after`: a to h in front of the first round and behind the last. */
INLINE void leave(char *state, char *out, const words *before, const words *after)
{
    *(loose *)state = before[0] + after[0];
    *(loose *)(state + 16) = before[1] + after[1];
    if (!out)
        return;
    *(loose *)(out + 256) = after[0];
    *(loose *)(out + 272) = after[1];
    *(loose *)(out + 288) = before[0];
    *(loose *)(out + 304) = before[1];
}

__attribute__((target("sha,ssse3"))) void sha256_block(char *state, const char *block, const char *table,
                                                       s32 reversed, char *out)
{
    words w[16], before[2] = {*(const loose *)state, *(const loose *)(state + 16)};
    words abef = __builtin_shufflevector(before[0], before[1], 5, 4, 1, 0);
    words cdgh = __builtin_shufflevector(before[0], before[1], 7, 6, 3, 2);
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
    words after[2] = {__builtin_shufflevector(abef, cdgh, 3, 2, 7, 6),
                      __builtin_shufflevector(abef, cdgh, 1, 0, 5, 4)};
    leave(state, out, before, after);
    UNROLL
    for (int g = 0; g < 16 && out; g++)
        *(loose *)(out + 16 * g) = w[g];
}

/* --- Vectors that can be rotated, and combined by any function of three bits. ---
 *
 * e and a go through the same steps, but that e chooses and of a the majority counts. So a vector has both:
 * in lane 0 what e is before round t, in lane 2 what a was before round t - 1. By this delay nothing that a
 * round computes has to go to another lane before the next one can begin:
 *
 *                 lane 0                 lane 2
 *     both[t]     e                      a of t - 1
 *     sums[t]     S1 + Ch + h + W + K    S0 + Maj of t - 1
 *     both[t + 1] sums[t] + d            sums[t] + lane 0 of sums[t - 1]
 *
 * b to d and f to h are what a and e were. There is anything in lanes 1 and 3. */

#define IN INLINE __attribute__((target("avx512f,avx512vl")))
/* In the lanes of a mask; the others have x. */
#define LOGIC(x, y, z, truth, lanes) ((words)__builtin_ia32_pternlogd128_mask(x, y, z, truth, lanes))
#define ALL                          0xff
#define XOR                          0x96
#define MAJORITY                     0xe8
#define CHOICE                       0xca /* x ? y : z */
#define SIGMA(x, a, b, shift)                                                                                \
    LOGIC(__builtin_ia32_prord128(x, a), __builtin_ia32_prord128(x, b),                                      \
          (words)__builtin_ia32_psrldi128(x, shift), XOR, ALL)

/* Four words of the schedule from the 16 before them. */
IN words extend_lanes(const words *w)
{
    words none = {0};
    words t = w[0] + __builtin_shufflevector(w[2], w[3], 1, 2, 3, 4) +
              SIGMA(__builtin_shufflevector(w[0], w[1], 1, 2, 3, 4), 7, 18, 3);
    t += SIGMA(__builtin_shufflevector(w[3], none, 2, 3, 4, 4), 17, 19, 10);
    return t + SIGMA(__builtin_shufflevector(t, none, 4, 4, 0, 1), 17, 19, 10);
}

/* S1 in lane 0, S0 in lane 2. */
IN words sums_of_rotations(words x)
{
    return LOGIC(__builtin_ia32_prorvd128(x, ((words){6, 0, 2, 0})),
                 __builtin_ia32_prorvd128(x, ((words){11, 0, 13, 0})),
                 __builtin_ia32_prorvd128(x, ((words){25, 0, 22, 0})), XOR, ALL);
}

/* Ch in lane 0, Maj in lane 2, which is what is chosen by what was chosen. */
IN words choice_and_majority(words x, words y, words z, u8 lane2)
{
    words choice = LOGIC(x, y, z, CHOICE, ALL);
    return LOGIC(choice, y, z, CHOICE, lane2);
}

/* A mask of lanes. As LLVM does not know what it is, it makes one instruction of an addition under it. */
static const volatile u8 first_lane = 1;

__attribute__((target("avx512f,avx512vl"))) void sha256_lanes(char *state, const char *block,
                                                              const char *table, s32 reversed, char *out)
{
    words w[16], added[16], room[68], *both = room + 3, sums[65];
    words before[2] = {*(const loose *)state, *(const loose *)(state + 16)};
    words abcd = before[0], efgh = before[1];
    /* So that a word is loaded into all lanes, which costs nothing, and not taken out of what was stored. */
    words *volatile hidden = added;
    words *put = hidden;
    const s32 *take = (const s32 *)hidden;
    u8 lane0 = first_lane, lane2 = (u8)(lane0 << 2);
    if (!table)
        table = (const char *)constants;
    UNROLL
    for (int k = 0; k < 3; k++)
        both[-k] = (words){efgh[k], 0, abcd[k + 1], 0};
    both[-3] = (words){efgh[3], 0, 0, 0};
    /* What lane 0 of round -1 was, as a is the sum of it and of this. */
    words t = sums_of_rotations(both[0]) + LOGIC(both[0], both[-1], both[-2], MAJORITY, ALL);
    sums[0] = abcd - __builtin_shufflevector(t, t, 2, 2, 2, 2);
    UNROLL
    for (int k = -16; k < 64; k++) {
        int g = (k + 16) / 4;
        if (k % 4 == 0 && g < 16) {
            w[g] = g < 4 ? get(block + 16 * g, reversed) : extend_lanes(w + g - 4);
            if (out)
                *(loose *)(out + 16 * g) = w[g];
            put[g] = w[g] + *(const loose *)(table + 16 * g);
        }
        if (k < 0)
            continue;
        words one = {take[k], take[k], take[k], take[k]};
        words h = __builtin_ia32_selectd_128(lane0, both[k - 3] + one, (words){0});
        words d = __builtin_shufflevector(both[k - 2], sums[k], 2, 3, 4, 5);
        sums[k + 1] =
            sums_of_rotations(both[k]) + (choice_and_majority(both[k], both[k - 1], both[k - 2], lane2) + h);
        both[k + 1] = sums[k + 1] + d;
    }
    /* a has the last round to come. */
    t = sums_of_rotations(both[64]) + LOGIC(both[64], both[63], both[62], MAJORITY, ALL);
    words a = __builtin_shufflevector(t, t, 2, 2, 2, 2) + sums[64];
    words after[2] = {{a[0], both[64][2], both[63][2], both[62][2]},
                      {both[64][0], both[63][0], both[62][0], both[61][0]}};
    leave(state, out, before, after);
}

/* --- Words, and vectors without rotations for the schedule only. --- */

typedef u32 unsigned_words __attribute__((vector_size(16)));
typedef u64 doubled __attribute__((vector_size(16)));

/* Of words that are there twice; in lanes 0 and 2. */
INLINE words sigma_of_doubled(words x)
{
    return (words)((doubled)x >> 17 ^ (doubled)x >> 19 ^ (doubled)((unsigned_words)x >> 10));
}

INLINE words extend_words(const words *w)
{
    unsigned_words x = (unsigned_words)__builtin_shufflevector(w[0], w[1], 1, 2, 3, 4);
    words none = {0};
    words t = w[0] + __builtin_shufflevector(w[2], w[3], 1, 2, 3, 4) +
              (words)(x >> 7 ^ x << 25 ^ x >> 18 ^ x << 14 ^ x >> 3);
    words s = sigma_of_doubled(__builtin_shufflevector(w[3], w[3], 2, 2, 3, 3));
    t += __builtin_shufflevector(s, none, 0, 2, 4, 4);
    s = sigma_of_doubled(__builtin_shufflevector(t, t, 0, 0, 1, 1));
    return t + __builtin_shufflevector(s, none, 4, 4, 0, 2);
}

INLINE u32 sum_of_rotations(u32 x, unsigned a, unsigned b, unsigned c)
{
    return __builtin_rotateright32(x, a) ^ __builtin_rotateright32(x, b) ^ __builtin_rotateright32(x, c);
}

__attribute__((target("ssse3,bmi,bmi2"))) void sha256_words(char *state, const char *block, const char *table,
                                                            s32 reversed, char *out)
{
    words w[16], added[16];
    words before[2] = {*(const loose *)state, *(const loose *)(state + 16)};
    words *volatile hidden = added; /* as above */
    words *put = hidden;
    const u32 *take = (const u32 *)hidden;
    u32 a = (u32)before[0][0], b = (u32)before[0][1], c = (u32)before[0][2], d = (u32)before[0][3];
    u32 e = (u32)before[1][0], f = (u32)before[1][1], g = (u32)before[1][2], h = (u32)before[1][3];
    u32 other_bc = b ^ c; /* majority: where a and b are the same it is b, else c */
    if (!table)
        table = (const char *)constants;
    UNROLL
    for (int k = -16; k < 64; k++) {
        int i = (k + 16) / 4;
        if (k % 4 == 0 && i < 16) {
            w[i] = i < 4 ? get(block + 16 * i, reversed) : extend_words(w + i - 4);
            if (out)
                *(loose *)(out + 16 * i) = w[i];
            put[i] = w[i] + *(const loose *)(table + 16 * i);
        }
        if (k < 0)
            continue;
        u32 other_ab = a ^ b;
        u32 t1 = h + take[k] + (g ^ (e & (f ^ g))) + sum_of_rotations(e, 6, 11, 25);
        u32 t2 = (b ^ (other_ab & other_bc)) + sum_of_rotations(a, 2, 13, 22);
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        other_bc = other_ab;
    }
    words after[2] = {{(s32)a, (s32)b, (s32)c, (s32)d}, {(s32)e, (s32)f, (s32)g, (s32)h}};
    leave(state, out, before, after);
}
