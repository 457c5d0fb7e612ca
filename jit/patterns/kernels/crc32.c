/* crc32.c: cyclic redundancy checks of 32 bits, lowest bit first, of long ranges: carry-less products fold
 * what was read so far onto what comes 64 bytes later (Gopal et al., Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ, Intel 2009). */
#include "kernel.h"

typedef s64 pair __attribute__((vector_size(16)));
typedef s64 loose __attribute__((vector_size(16), aligned(1), may_alias));
typedef s32 eight __attribute__((vector_size(32)));
typedef s32 loose_eight __attribute__((vector_size(32), aligned(1), may_alias));
typedef u32 loose_word __attribute__((aligned(1), may_alias));

#define IN INLINE __attribute__((target("pclmul")))

/* 0: polynomial 0xedb88320 (ISO 3309), 1: 0x82f63b78 (Castagnoli). x^n modulo the polynomial, bits reversed,
 * for n = 512 + 32, 512 - 32, 128 + 32, 128 - 32. */
static const s64 powers[2][4] = {{0x154442bd4, 0x1c6e41596, 0x1751997d0, 0xccaa009e},
                                 {0x740eef02, 0x9e4addf8, 0xf20c0dfe, 0x14cd00bd6}};
/* What becomes of the lowest four bits. */
static const u32 nibbles[2][16] = {
    {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c},
    {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
     0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75}};

INLINE u32 few(u32 crc, const u8 *p, s64 n, s32 which)
{
    for (; n > 0; n--, p++) {
        crc ^= *p;
        crc = crc >> 4 ^ nibbles[which][crc & 15];
        crc = crc >> 4 ^ nibbles[which][crc & 15];
    }
    return crc;
}

IN pair fold(pair a, pair next, pair by)
{
    return (pair)__builtin_ia32_pclmulqdq128(a, by, 0x00) ^ (pair)__builtin_ia32_pclmulqdq128(a, by, 0x11) ^
           next;
}

/* `n` is at least 64; `which` as above. Neither begins nor ends with a complement. */
__attribute__((target("pclmul"))) u32 crc32_fold(u32 crc, const char *p, s64 n, s32 which)
{
    pair far = {powers[which][0], powers[which][1]}, near = {powers[which][2], powers[which][3]}, a[4];
    UNROLL
    for (int k = 0; k < 4; k++)
        a[k] = *(const loose *)(p + 16 * k);
    a[0] ^= (pair){(s64)crc, 0};
    for (p += 64, n -= 64; n >= 64; p += 64, n -= 64) {
        UNROLL
        for (int k = 0; k < 4; k++)
            a[k] = fold(a[k], *(const loose *)(p + 16 * k), far);
    }
    UNROLL
    for (int k = 1; k < 4; k++)
        a[0] = fold(a[0], a[k], near);
    for (; n >= 16; p += 16, n -= 16)
        a[0] = fold(a[0], *(const loose *)p, near);
    u8 last[16];
    *(loose *)last = a[0];
    return few(few(0, last, 16, which), (const u8 *)p, n, which);
}

/* Whether 256 words of linear memory at byte `at` lie within its `bytes` bytes, and are those of a linear
 * function: word i is the exclusive or of `of[k]` for all bits k of i. Not if it is not `wanted`. */
__attribute__((target("avx2"))) s32 linear_table(const char *memory, s64 at, s64 bytes, s32 wanted, u32 of0,
                                                 u32 of1, u32 of2, u32 of3, u32 of4, u32 of5, u32 of6,
                                                 u32 of7)
{
    if (!wanted || at < 0 || at > bytes - 1024)
        return 0;
    const char *table = memory + at;
    s32 high[5] = {(s32)of3, (s32)of4, (s32)of5, (s32)of6, (s32)of7};
    u32 low[8] = {0, of0, of1, of0 ^ of1, of2, of2 ^ of0, of2 ^ of1, of2 ^ of1 ^ of0}, differs = 0;
    UNROLL
    for (int k = 0; k < 8; k++)
        differs |= *(const loose_word *)(table + 4 * k) ^ low[k];
    eight wrong = {};
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < 8 << k; i += 8)
            wrong |= *(const loose_eight *)(table + 4 * (i + (8 << k))) ^
                     *(const loose_eight *)(table + 4 * i) ^ high[k];
    }
    UNROLL
    for (int k = 0; k < 8; k++)
        differs |= (u32)wrong[k];
    return differs == 0;
}
