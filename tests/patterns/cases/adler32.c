/* The sums of Adler-32 as different libraries write them, whatever they begin with, and things that nearly
 * are.
 *
 * replaced: bytes counted unrolled words second_only whole inside reduced_by_test reduced_four
 * refused: reduced_otherwise reduced_once reduced_before reduced_above
 * refused: with_sign second_first twice observed ends_early shorts exchanged missing wide skips
 * written either: bytes 0..1000 0..70000 0..1000000000 0..1000000000 either: bytes 5 0..200 -1 -1 either:
 * bytes 0 300000 -5 -70000 either: bytes 1048000 600 1 1 either: bytes 0 -1 1 1 either: bytes -5 100000 1 1
 * either: bytes 2000000000 100000 1 1
 * either: counted 0..1000 0..70000 0..1000000000 0..1000000000
 * either: counted 7 60..140 -1 -7
 * either: unrolled 0..1000 0..4000*16 0..1000000000 0..1000000000
 * either: unrolled 3 0..20*16 -1 -9
 * either: words 0..1000 0..20000*4 0..1000000000 0..1000000000
 * either: words 0..3 0..60*4 -1 -1
 * either: second_only 0..1000 0..70000 -1000 -1
 * either: whole 0..1000 0..70000 1 0
 * either: whole 0..1000 0..70000 65520 65520
 * either: whole 0..1000 0..70000 -1 -1
 * either: inside 0..1000 0..70000 1 0
 * either: inside 0..1000 0..7000 65520 65520
 * either: inside 0..1000 0..7000 65521 0
 * either: inside 0..1000 0..7000 -1 -1
 * either: reduced_by_test 0..1000 0..70000 1 0
 * either: reduced_by_test 0..1000 0..7000 65520 65520
 * either: reduced_by_test 0..1000 0..7000 65521 0
 * either: reduced_by_test 0..1000 0..7000 0 65521
 * either: reduced_by_test 0..1000 0..7000 -1 -1
 * either: reduced_by_test 1048000 600 1 1
 * either: reduced_four 0..1000 0..2000*4 1 0
 * either: reduced_four 0..1000 0..2000*4 65520 65520
 * either: reduced_otherwise 0..1000 300..7000 1 0
 * either: reduced_once 0..1000 300..7000 1 0
 * either: reduced_before 0..1000 300..7000 1 0
 * either: reduced_above 0..1000 300..7000 1 0
 * either: with_sign 0..1000 300..7000 1 0
 * either: second_first 0..1000 300..7000 1 0
 * either: twice 0..1000 300..7000 1 0
 * either: observed 0..1000 300..7000 1 0
 * either: ends_early 0..1000 300..7000 1 0
 * either: shorts 0..500*2 300..3500*2 1 0
 * either: inside 0..1000 300..7000 1 0
 * either: exchanged 0..1000 300..3500*2 1 0
 * either: missing 0..1000 300..3500*4 1 0
 * either: wide 0..1000 300..7000 1 0
 * either: skips 0..1000 300..3500*2 1 0
 * either: written 0..1000 300..7000 1 0
 */
#include "case.h"

#define MODULUS    65521
#define SUMS(name) uint64_t EXPORT(name)(int at, uint32_t n, uint32_t a, uint32_t b)
#define BOTH       ((uint64_t)b << 32 | a)
#define EACH       for (const uint8_t *p = U8(at); n; n--, p++)

SUMS(bytes)
{
    EACH
    {
        a += *p;
        b += a;
    }
    return BOTH;
}
SUMS(counted)
{
    const uint8_t *x = U8(at);
    for (uint32_t i = 0; i < n; i++) {
        a += x[i];
        b += a;
    }
    return BOTH + 1; /* another function than the first one, for linkers that merge */
}
#define ONE(i)                                                                                               \
    a += p[i];                                                                                               \
    b += a;
#define FOUR(i) ONE(i) ONE(i + 1) ONE(i + 2) ONE(i + 3)
SUMS(unrolled)
{
    for (const uint8_t *p = U8(at); n >= 16; n -= 16, p += 16) {
        FOUR(0) FOUR(4) FOUR(8) FOUR(12)
    }
    return BOTH;
}
typedef uint32_t word __attribute__((aligned(1), may_alias));
SUMS(words)
{
    for (const word *p = (const word *)U8(at); n >= 4; n -= 4, p++) {
        uint32_t x = *p;
        b += 4 * a + 4 * (x & 255) + 3 * (x >> 8 & 255) + 2 * (x >> 16 & 255) + (x >> 24);
        a += (x & 255) + (x >> 8 & 255) + (x >> 16 & 255) + (x >> 24);
    }
    return BOTH;
}
SUMS(second_only)
{
    EACH
    {
        a += *p;
        b += a;
    }
    return b;
}
SUMS(whole)
{
    const uint8_t *p = U8(at);
    while (n) {
        uint32_t k = n < 5552 ? n : 5552;
        for (n -= k; k; k--, p++) {
            a += *p;
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    return b << 16 | a;
}

/* Bytes have signs; b comes first; twice a; each value is stored; a byte ends it; numbers of 16 bits; modulo
 * in the loop; two bytes in the other order; one of four is left out; sums of 64 bits; every other byte; the
 * loop writes. */
SUMS(with_sign)
{
    EACH
    {
        a += (uint32_t)(int8_t)*p;
        b += a;
    }
    return BOTH;
}
SUMS(second_first)
{
    EACH
    {
        b += a;
        a += *p;
    }
    return BOTH;
}
SUMS(twice)
{
    EACH
    {
        a += *p;
        b += 2 * a;
    }
    return BOTH;
}
SUMS(observed)
{
    EACH
    {
        a += *p;
        b += a;
        memory[BYTES / 4 - 1] = a;
    }
    return BOTH;
}
SUMS(ends_early)
{
    EACH
    {
        if (*p == 77)
            break;
        a += *p;
        b += a;
    }
    return BOTH;
}
SUMS(shorts)
{
    for (const uint16_t *p = (const uint16_t *)memory + at / 2; n >= 2; n -= 2, p++) {
        a += *p;
        b += a;
    }
    return BOTH;
}
SUMS(inside)
{
    EACH
    {
        a = (a + *p) % MODULUS;
        b = (b + a) % MODULUS;
    }
    return BOTH;
}
SUMS(exchanged)
{
    for (const uint8_t *p = U8(at); n >= 2; n -= 2, p += 2) {
        ONE(1) ONE(0)
    }
    return BOTH;
}
SUMS(missing)
{
    for (const uint8_t *p = U8(at); n >= 4; n -= 4, p += 4) {
        ONE(0) ONE(1) ONE(3)
    }
    return BOTH;
}
SUMS(wide)
{
    uint64_t c = a, d = b;
    EACH
    {
        c += *p;
        d += c;
    }
    return d ^ c << 40;
}
SUMS(skips)
{
    for (const uint8_t *p = U8(at); n >= 2; n -= 2, p += 2) {
        ONE(0)
    }
    return BOTH;
}
SUMS(written)
{
    EACH
    {
        a += *p;
        b += a;
        *(uint8_t *)(uintptr_t)p = (uint8_t)b;
    }
    return BOTH;
}

/* --- Modulo 65521 with each byte. --- */

SUMS(reduced_by_test)
{
    EACH
    {
        a += *p;
        if (a >= MODULUS)
            a -= MODULUS;
        b += a;
        if (b >= MODULUS)
            b -= MODULUS;
    }
    return BOTH;
}
SUMS(reduced_four)
{
    const uint8_t *p = U8(at);
    for (; n >= 4; n -= 4, p += 4) {
        for (int k = 0; k < 4; k++) {
            a = (a + p[k]) % MODULUS;
            b = (b + a) % MODULUS;
        }
    }
    return BOTH;
}
SUMS(reduced_otherwise)
{
    EACH
    {
        a = (a + *p) % MODULUS;
        b = (b + a) % 65519;
    }
    return BOTH;
}
SUMS(reduced_once)
{
    EACH
    {
        a += *p;
        b = (b + a) % MODULUS;
    }
    return BOTH;
}
SUMS(reduced_before) /* the second sum takes the first one as it was */
{
    EACH
    {
        b = (b + a) % MODULUS;
        a = (a + *p) % MODULUS;
    }
    return BOTH;
}
SUMS(reduced_above)
{
    EACH
    {
        a += *p;
        if (a > MODULUS)
            a -= MODULUS;
        b += a;
        if (b > MODULUS)
            b -= MODULUS;
    }
    return BOTH;
}
