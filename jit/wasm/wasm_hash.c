/* wasm_hash.c: SHA-256 (FIPS 180-4), which names modules in snapshots and reports. */
#include "wasm.h"

#include <immintrin.h>
#include <string.h>

#include "cpu_features.h"

#define BLOCK 64u

static const u32 round_constants[64] = {
#define K(value) value,
#include "sha256_constants.def"
#undef K
};

static u32 rotr(u32 x, u32 n)
{
    return x >> n | x << (32 - n);
}

static u32 load_be32(const u8 *p)
{
    return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void store_be32(u8 *p, u32 x)
{
    p[0] = (u8)(x >> 24);
    p[1] = (u8)(x >> 16);
    p[2] = (u8)(x >> 8);
    p[3] = (u8)x;
}

/* --- Any processor. --- */

/* w[i % 16] becomes word i of the schedule when it is i's turn. */
static inline u32 schedule(u32 w[16], u32 i)
{
    u32 early = w[(i + 1) & 15], late = w[(i + 14) & 15];
    u32 s0 = rotr(early, 7) ^ rotr(early, 18) ^ early >> 3;
    u32 s1 = rotr(late, 17) ^ rotr(late, 19) ^ late >> 10;
    return w[i & 15] += s0 + w[(i + 9) & 15] + s1;
}

/* Round `i`, whose a to h stand in s[-i % 8] and on: the words' names move instead of the words. */
static inline void round_at(u32 s[8], u32 i, u32 add)
{
    u32 a = s[(0 - i) & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
    u32 e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7];
    u32 t = s[(7 - i) & 7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + add;
    s[(3 - i) & 7] += t;
    s[(7 - i) & 7] = t + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
}

static void add_blocks_portable(u32 h[8], const u8 *data, size_t blocks)
{
    for (; blocks; blocks--, data += BLOCK) {
        u32 w[16], s[8];
        for (u32 i = 0; i < 16; i++)
            w[i] = load_be32(data + 4 * i);
        memcpy(s, h, sizeof s);
#pragma clang loop unroll(full)
        for (u32 i = 0; i < 16; i++)
            round_at(s, i, round_constants[i] + w[i]);
        for (u32 k = 16; k < 64; k += 16) {
#pragma clang loop unroll(full)
            for (u32 i = 0; i < 16; i++)
                round_at(s, i, round_constants[k + i] + schedule(w, i));
        }
        for (u32 i = 0; i < 8; i++)
            h[i] += s[i];
    }
}

/* --- Processors with instructions for it (Intel SDM, SHA256RNDS2). --- */

/* The next four words of the schedule, of the sixteen before them. */
__attribute__((target("sha,sse4.1"))) static inline __m128i schedule4(__m128i w0, __m128i w4, __m128i w8,
                                                                      __m128i w12)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

__attribute__((target("sha,sse4.1"))) static void add_blocks_sha(u32 h[8], const u8 *data, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    /* The instructions want the words as (a b e f) and (c d g h), the highest lane first. */
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)h), 0x1b);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(h + 4)), 0x1b);
    __m128i abef = _mm_unpackhi_epi64(efgh, abcd), cdgh = _mm_unpacklo_epi64(efgh, abcd);
    for (; blocks; blocks--, data += BLOCK) {
        __m128i was[2] = {abef, cdgh}, w[4];
#pragma clang loop unroll(full)
        for (u32 k = 0; k < 16; k++) {
            if (k < 4)
                w[k] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + k), swap);
            else
                w[k & 3] = schedule4(w[k & 3], w[(k + 1) & 3], w[(k + 2) & 3], w[(k + 3) & 3]);
            __m128i add =
                _mm_add_epi32(w[k & 3], _mm_loadu_si128((const __m128i *)(round_constants + 4 * k)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, add);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(add, 0x0e));
        }
        abef = _mm_add_epi32(abef, was[0]);
        cdgh = _mm_add_epi32(cdgh, was[1]);
    }
    abcd = _mm_unpackhi_epi64(cdgh, abef);
    efgh = _mm_unpacklo_epi64(cdgh, abef);
    _mm_storeu_si128((__m128i *)h, _mm_shuffle_epi32(abcd, 0x1b));
    _mm_storeu_si128((__m128i *)(h + 4), _mm_shuffle_epi32(efgh, 0x1b));
}

static bool has_sha(void)
{
    struct cpu_features wanted = {{0}}, here;
    cpu_features_add(&wanted, cpu_feature_find("sha", 3));
    cpu_features_add(&wanted, cpu_feature_find("sse4.1", 6));
    cpu_features_here(&here);
    return cpu_features_missing(&wanted, &here) < 0;
}

/* --- */

/* A hash of little is not worth asking the processor, which in a virtual machine takes some time. */
#define LITTLE 65536u

void wasm_sha256(const void *data, size_t len, u8 out[32])
{
    u32 h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t blocks = len / BLOCK, left = len % BLOCK;
    void (*add)(u32 h[8], const u8 *data, size_t blocks) = add_blocks_portable;
    if (len >= LITTLE && has_sha())
        add = add_blocks_sha;
    add(h, data, blocks);
    u8 tail[2 * BLOCK] = {0};
    if (left)
        memcpy(tail, (const u8 *)data + blocks * BLOCK, left);
    tail[left] = 0x80;
    size_t size = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    store_be32(tail + size - 8, (u32)((u64)len >> 29));
    store_be32(tail + size - 4, (u32)((u64)len << 3));
    add(h, tail, size / BLOCK);
    for (int i = 0; i < 8; i++)
        store_be32(out + 4 * i, h[i]);
}

const u8 *wasm_module_hash(struct wasm_module *m)
{
    if (!m->hashed)
        wasm_sha256(m->bytes, m->len, m->hash);
    m->hashed = true;
    return m->hash;
}
