/* CRC-32 as different libraries write it, and things that nearly are.
 *
 * replaced: bytes sliced4 sliced8 bits bits_masked castagnoli pointed
 * refused: polynomial observed ends_early forward lost shifted written
 * either: init
 * either: bytes 0..1000 300..70000 0..100000
 * either: sliced4 0..1000 2000..70000 0..100000
 * either: sliced8 0..1000 3000..70000 0..100000
 * either: bits 0..1000 200..7000 0..100000
 * either: bits_masked 0..1000 200..7000 0..100000
 * either: castagnoli 0..1000 200..7000 0..100000
 * either: pointed 0..1000 200..7000 0..100000
 * either: bytes 0 0..300 0
 * either: sliced8 3 0..300 0
 * either: bits 3 250..270 5
 * either: bytes 0 -1 7
 * either: sliced8 0 2000000000 7
 * either: castagnoli -5 100000 7
 * either: polynomial 0..1000 300..7000 0..100000
 * either: observed 0..1000 300..7000 0..100000
 * either: ends_early 0..1000 300..7000 0..100000
 * either: forward 0..1000 300..7000 0..100000
 * either: lost 0..1000 300..7000 0..100000
 * either: shifted 0..1000 300..7000 0..100000
 * either: written 0..1000 300..7000 0..100000
 * either: spoil 0..255 1..255
 * either: bytes 0..1000 3000..70000 0..100000
 * either: pointed 0..1000 3000..70000 0..100000
 * either: sliced8 0..1000 3000..70000 0..100000
 * either: init
 * either: spoil 256..2047 1..255
 * either: bytes 0..1000 3000..70000 0..100000
 * either: sliced4 0..1000 3000..70000 0..100000
 * either: sliced8 0..1000 3000..70000 0..100000
 */
#include "case.h"

#define REFLECTED 0xedb88320u
static uint32_t tables[8][256];

void EXPORT(init)(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? c >> 1 ^ REFLECTED : c >> 1;
        tables[0][i] = c;
    }
    for (int k = 1; k < 8; k++) {
        for (int i = 0; i < 256; i++)
            tables[k][i] = tables[0][tables[k - 1][i] & 255] ^ tables[k - 1][i] >> 8;
    }
}
void EXPORT(spoil)(int k, int v)
{
    tables[0][k] ^= (uint32_t)v << 9;
}

#define CHECK(name) uint32_t EXPORT(name)(int at, uint32_t n, uint32_t c)
#define EACH        for (const uint8_t *p = U8(at); n; n--, p++)
CHECK(bytes)
{
    c = ~c;
    EACH c = tables[0][(c ^ *p) & 255] ^ c >> 8;
    return ~c;
}
static uint32_t *volatile somewhere = tables[0];
CHECK(pointed)
{
    const uint32_t *table = somewhere;
    EACH c = c >> 8 ^ table[(uint8_t)c ^ *p];
    return c;
}
typedef uint32_t word __attribute__((aligned(1), may_alias));
CHECK(sliced4)
{
    for (const word *p = (const word *)U8(at); n >= 4; n -= 4) {
        c ^= *p++;
        c = tables[3][c & 255] ^ tables[2][c >> 8 & 255] ^ tables[1][c >> 16 & 255] ^ tables[0][c >> 24];
    }
    return c;
}
CHECK(sliced8)
{
    const word *p = (const word *)U8(at);
    for (; n >= 8; n -= 8) {
        uint32_t a = *p++ ^ c, b = *p++;
        c = tables[0][b >> 24] ^ tables[1][b >> 16 & 255] ^ tables[2][b >> 8 & 255] ^ tables[3][b & 255] ^
            tables[4][a >> 24] ^ tables[5][a >> 16 & 255] ^ tables[6][a >> 8 & 255] ^ tables[7][a & 255];
    }
    return c;
}
/* A bit at a time. */
static INLINE uint32_t by_bits(uint32_t c, uint32_t polynomial)
{
    for (int k = 0; k < 8; k++)
        c = c & 1 ? c >> 1 ^ polynomial : c >> 1;
    return c;
}
CHECK(bits)
{
    EACH c = by_bits(c ^ *p, REFLECTED);
    return c;
}
CHECK(bits_masked)
{
    EACH
    {
        c ^= *p;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (REFLECTED & -(c & 1));
    }
    return c;
}
CHECK(castagnoli)
{
    EACH c = by_bits(c ^ *p, 0x82f63b78);
    return c;
}

/* Another polynomial; each value is stored; a byte ends it; bits in the other order; bits of the check are
 * lost; by another number of bits; the loop changes the table. */
CHECK(polynomial)
{
    EACH c = by_bits(c ^ *p, 0xeb31d82e);
    return c;
}
CHECK(observed)
{
    EACH memory[BYTES / 4 - 1] = c = tables[0][(c ^ *p) & 255] ^ c >> 8;
    return c;
}
CHECK(ends_early)
{
    EACH
    {
        if (*p == 77)
            break;
        c = tables[0][(c ^ *p) & 255] ^ c >> 8;
    }
    return c;
}
CHECK(forward)
{
    EACH c = tables[0][c >> 24 ^ *p] ^ c << 8;
    return c;
}
CHECK(lost)
{
    EACH c = tables[0][(c ^ *p) & 255] ^ (c & 0xffff7fff) >> 8;
    return c;
}
CHECK(shifted)
{
    EACH c = tables[0][(c ^ *p) & 255] ^ c >> 7;
    return c;
}
CHECK(written)
{
    EACH
    {
        c = tables[0][(c ^ *p) & 255] ^ c >> 8;
        tables[0][200] = c;
    }
    return c;
}
