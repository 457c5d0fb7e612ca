/* Loops that write groups of three bytes as four letters, or read them; and what is nearly one.
 *
 * for: icelake-server avx512vbmi
 * replaced: encode encode_word encode_down encode_memory encode_two encode_url decode decode_exits
 * replaced: decode_padding decode_unchecked decode_until decode_two decode_late
 * refused: swapped other_shift six_of_eight wide_letters two_tables counted_letters changed_table
 * refused: stops_at_zero mixed_up four_bits five_letters decode_swapped decode_added decode_wide
 * refused: decode_changed decode_shared
 * either: NAME 0..999 5000..6000 10000..11000 0..300
 * either: NAME 0 5000 10000 1000..3000
 * either: NAME 0..99 5000..5100 10000..11000 20..60
 * either: NAME 3000 9000 3000 1500
 * either: NAME 3000 9000 3001 2500
 * either: NAME 3000 9000 2999 2500
 * either: NAME 3000 9000 2000 2500
 * either: NAME 3000 9000 3900 2500
 * either: NAME 3000 4000 9000 3000
 * either: NAME 3000 9100 9000 3000
 * either: NAME 3000 9000 9100 3000
 * either: NAME 3000 9000 8800 3000
 * either: NAME 3000 9255 6700 3000
 * either: NAME 1046000 5000 10000 2500..2576
 * either: NAME 0 1048300 10000 3000
 * either: NAME 0 5000 1046000 2000
 * either: swapped 0 5000 10000 1000
 * either: other_shift 0 5000 10000 1000
 * either: six_of_eight 0 5000 10000 1000
 * either: wide_letters 0 5000 10000 1000
 * either: two_tables 0 5000 10000 1000
 * either: counted_letters 0 5000 10000 1000
 * either: changed_table 0 5000 10000 1000
 * either: stops_at_zero 0 5000 10000 1000
 * either: mixed_up 0 5000 10000 1000
 * either: four_bits 0 5000 10000 1000
 * either: five_letters 0 5000 10000 1000
 * either: decode_swapped 0 5000 10000 1000
 * either: decode_added 0 5000 10000 1000
 * either: decode_wide 0 5000 10000 1000
 * either: decode_changed 0 5000 10000 1000
 * either: decode_shared 0 5000 10000 1000
 * either: decode_seven 0 5000 10000 1000..3000
 * either: encode_at 4294967000 5000 10000 3000
 * either: encode_at 0 5000 4294966000 3000
 * either: encode_at 0 4294967280 10000 3000
 * either: decode_at 4294967000 5000 10000 3000
 * either: decode_at 0 5000 4294966000 3000
 * either: decode_at 0 4294967040 10000 3000
 * either: decode_at 0 5000 4294967280 3000
 */
#include "case.h"

/* Bytes or letters x, a table t, and y for what comes out: all in the buffer, n of x. */
#define CODE(name, prepare)                                                                                  \
    static INLINE uint32_t name##_(uint8_t *x, uint8_t *t, uint8_t *y, int n);                               \
    uint32_t EXPORT(name)(int a, int b, int c, int n)                                                        \
    {                                                                                                        \
        prepare(U8(a), U8(b), n);                                                                            \
        return name##_(U8(a), U8(b), U8(c), n);                                                              \
    }                                                                                                        \
    static INLINE uint32_t name##_(uint8_t *x, uint8_t *t, uint8_t *y, int n)
#define ENCODE(name) CODE(name, place_letters)
#define DECODE(name) CODE(name, place_values)

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char letters_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static NOINLINE void place_letters(uint8_t *x, uint8_t *t, int n)
{
    for (int k = 0; k < 64; k++)
        t[k] = (uint8_t)letters[(k * 5 + n) & 63];
    x[0] ^= 1;
}

/* Letters in the place of bytes, in every other call one of them wrong. */
static NOINLINE void place_values(uint8_t *x, uint8_t *t, int n)
{
    uint32_t wrong = x[0] * 256u + x[1], which = x[2];
    for (int k = 0; k < n; k++)
        x[k] = (uint8_t)letters[x[k] & 63];
    for (int k = 0; k < 256; k++)
        t[k] = which & 1 ? 64 : 0xff;
    for (int k = 0; k < 64; k++)
        t[(uint8_t)letters[k]] = (uint8_t)k;
    if (n > 8 && which & 2)
        x[wrong % (uint32_t)n] = which & 4 ? '=' : (uint8_t)(which | 0x80);
}

ENCODE(encode)
{
    int k = 0;
    for (int i = 0; i + 2 < n; i += 3) {
        y[k++] = (uint8_t)letters[x[i] >> 2];
        y[k++] = (uint8_t)letters[(x[i] & 3) << 4 | x[i + 1] >> 4];
        y[k++] = (uint8_t)letters[(x[i + 1] & 15) << 2 | x[i + 2] >> 6];
        y[k++] = (uint8_t)letters[x[i + 2] & 63];
    }
    return (uint32_t)k + *t;
}

ENCODE(encode_word)
{
    uint8_t *from = y;
    for (const uint8_t *end = x + n / 3 * 3; x != end; x += 3, y += 4) {
        uint32_t w = (uint32_t)x[0] << 16 | (uint32_t)x[1] << 8 | x[2];
        y[0] = t[w >> 18];
        y[1] = t[w >> 12 & 63];
        y[2] = t[w >> 6 & 63];
        y[3] = t[w & 63];
    }
    return (uint32_t)(y - from);
}

ENCODE(encode_down)
{
    while (n > 2) {
        *y++ = t[x[0] >> 2];
        *y++ = t[((x[0] & 0x03) << 4) + (x[1] >> 4)];
        *y++ = t[((x[1] & 0x0f) << 2) + (x[2] >> 6)];
        *y++ = t[x[2] & 0x3f];
        x += 3;
        n -= 3;
    }
    return *x + (uint32_t)n;
}

/* The table's address is in memory, but nothing that is written can change it. */
static const uint8_t *table_of;
ENCODE(encode_memory)
{
    table_of = t;
    const uint8_t *here = table_of;
    for (int i = 0; i < n / 3; i++, y += 4) {
        uint8_t p = x[3 * i], q = x[3 * i + 1], r = x[3 * i + 2];
        y[0] = here[p / 4];
        y[1] = here[p % 4 * 16 + q / 16];
        y[2] = here[q % 16 * 4 + r / 64];
        y[3] = here[r % 64];
    }
    return *y;
}

ENCODE(encode_two)
{
    for (int i = 0; i + 5 < n; i += 6, y += 8) {
        uint64_t w = (uint64_t)x[i] << 40 | (uint64_t)x[i + 1] << 32 | (uint64_t)x[i + 2] << 24 |
                     (uint64_t)x[i + 3] << 16 | (uint64_t)x[i + 4] << 8 | x[i + 5];
        y[0] = t[w >> 42 & 63];
        y[1] = t[w >> 36 & 63];
        y[2] = t[w >> 30 & 63];
        y[3] = t[w >> 24 & 63];
        y[4] = t[w >> 18 & 63];
        y[5] = t[w >> 12 & 63];
        y[6] = t[w >> 6 & 63];
        y[7] = t[w & 63];
    }
    return *y;
}

ENCODE(encode_url)
{
    const uint8_t *end = x + n;
    while (end - x >= 3) {
        uint8_t p = *x++, q = *x++, r = *x++;
        *y++ = (uint8_t)letters_url[p >> 2];
        *y++ = (uint8_t)letters_url[((p << 4) | (q >> 4)) & 0x3f];
        *y++ = (uint8_t)letters_url[((q << 2) | (r >> 6)) & 0x3f];
        *y++ = (uint8_t)letters_url[r & 0x3f];
    }
    return *t + (uint32_t)(end - x);
}

DECODE(decode)
{
    int i = 0;
    for (; i + 3 < n; i += 4, y += 3) {
        uint8_t p = t[x[i]], q = t[x[i + 1]], r = t[x[i + 2]], s = t[x[i + 3]];
        if ((p | q | r | s) & 0xc0)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return (uint32_t)i;
}

DECODE(decode_exits)
{
    const uint8_t *from = x;
    const int8_t *values = (const int8_t *)t;
    for (; n >= 4; n -= 4) {
        int p = values[*x++], q = values[*x++], r = values[*x++], s = values[*x++];
        if (p < 0 || q < 0)
            return 1;
        if (r < 0)
            return 2;
        if (s < 0 || s > 63 || r > 63 || p > 63 || q > 63)
            return 3;
        uint32_t w = (uint32_t)p << 18 | (uint32_t)q << 12 | (uint32_t)r << 6 | (uint32_t)s;
        *y++ = (uint8_t)(w >> 16);
        *y++ = (uint8_t)(w >> 8);
        *y++ = (uint8_t)w;
    }
    return (uint32_t)(x - from);
}

DECODE(decode_padding)
{
    uint8_t *from = y;
    for (int i = 0; i + 4 <= n; i += 4) {
        uint8_t p = t[x[i]], q = t[x[i + 1]], r = t[x[i + 2]], s = t[x[i + 3]];
        if (p > 63 || q > 63)
            return 0;
        *y++ = (uint8_t)(p << 2 | q >> 4);
        if (x[i + 2] == '=')
            break;
        if (r > 63)
            return 1;
        *y++ = (uint8_t)(q << 4 | r >> 2);
        if (x[i + 3] == '=')
            break;
        if (s > 63)
            return 2;
        *y++ = (uint8_t)(r << 6 | s);
    }
    return (uint32_t)(y - from);
}

/* Values may be any. */
DECODE(decode_unchecked)
{
    for (int i = 0; i < n / 4; i++, x += 4, y += 3) {
        y[0] = (uint8_t)(t[x[0]] << 2 | (t[x[1]] & 0x3f) >> 4);
        y[1] = (uint8_t)(t[x[1]] << 4 | (t[x[2]] & 0x3f) >> 2);
        y[2] = (uint8_t)(t[x[2]] << 6 | (t[x[3]] & 0x3f));
    }
    return *y;
}

/* Until there is no letter. */
DECODE(decode_until)
{
    uint8_t *from = y;
    x[n] = '.';
    for (;; x += 4) {
        uint8_t p = t[x[0]], q = t[x[1]], r = t[x[2]], s = t[x[3]];
        if (p > 63 || q > 63 || r > 63 || s > 63)
            return (uint32_t)(y - from);
        *y++ = (uint8_t)(p << 2 | q >> 4);
        *y++ = (uint8_t)(q << 4 | r >> 2);
        *y++ = (uint8_t)(r << 6 | s);
    }
}

DECODE(decode_two)
{
    int i = 0;
    for (; i + 7 < n; i += 8, y += 6) {
        uint8_t a = t[x[i]], b = t[x[i + 1]], c = t[x[i + 2]], d = t[x[i + 3]];
        uint8_t e = t[x[i + 4]], f = t[x[i + 5]], g = t[x[i + 6]], h = t[x[i + 7]];
        if ((a | b | c | d | e | f | g | h) > 63)
            break;
        y[0] = (uint8_t)(a << 2 | b >> 4);
        y[1] = (uint8_t)(b << 4 | c >> 2);
        y[2] = (uint8_t)(c << 6 | d);
        y[3] = (uint8_t)(e << 2 | f >> 4);
        y[4] = (uint8_t)(f << 4 | g >> 2);
        y[5] = (uint8_t)(g << 6 | h);
    }
    return (uint32_t)i;
}

/* Letters of seven bits only. */
DECODE(decode_seven)
{
    int i = 0;
    for (; i + 3 < n; i += 4, y += 3) {
        if (x[i] > 127 || x[i + 1] > 127 || x[i + 2] > 127 || x[i + 3] > 127)
            break;
        uint8_t p = t[x[i]], q = t[x[i + 1]], r = t[x[i + 2]], s = t[x[i + 3]];
        if (p > 63 || q > 63 || r > 63 || s > 63)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return (uint32_t)i;
}

/* Bytes are stored before the last letter is loaded. */
DECODE(decode_late)
{
    int i = 0;
    for (; i + 3 < n; i += 4, y += 3) {
        uint8_t p = t[x[i]], q = t[x[i + 1]];
        if (p > 63 || q > 63)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        uint8_t r = t[x[i + 2]];
        if (r > 63)
            break;
        y[1] = (uint8_t)(q << 4 | r >> 2);
        uint8_t s = t[x[i + 3]];
        if (s > 63)
            break;
        y[2] = (uint8_t)(r << 6 | s);
    }
    return (uint32_t)i;
}

/* --- Places that wrap around; found, but never done by the kernel. --- */

uint32_t EXPORT(encode_at)(int a, int b, int c, int n)
{
    uint8_t *x = (uint8_t *)a, *t = (uint8_t *)b;
    return encode_down_(x, t, (uint8_t *)c, n);
}

uint32_t EXPORT(decode_at)(int a, int b, int c, int n)
{
    uint8_t *x = (uint8_t *)a, *t = (uint8_t *)b;
    return decode_(x, t, (uint8_t *)c, n);
}

/* --- What is not. --- */

#define GROUPS for (int i = 0; i + 2 < n; i += 3, y += 4)
#define P      x[i]
#define Q      x[i + 1]
#define R      x[i + 2]

ENCODE(swapped)
{
    GROUPS
    {
        y[0] = t[P >> 2];
        y[2] = t[(P & 3) << 4 | Q >> 4];
        y[1] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[R & 63];
    }
    return *y;
}

ENCODE(other_shift)
{
    GROUPS
    {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 5];
        y[3] = t[R & 63];
    }
    return *y;
}

/* Six bits of eight, from the lowest on. */
ENCODE(six_of_eight)
{
    GROUPS
    {
        uint32_t w = P | (uint32_t)Q << 8 | (uint32_t)R << 16;
        y[0] = t[w & 63];
        y[1] = t[w >> 6 & 63];
        y[2] = t[w >> 12 & 63];
        y[3] = t[w >> 18];
    }
    return *y;
}

ENCODE(wide_letters)
{
    uint16_t *wide = (uint16_t *)((uint32_t)y & ~1u), *of = (uint16_t *)((uint32_t)t & ~1u);
    for (int i = 0; i + 2 < n; i += 3, wide += 4) {
        wide[0] = of[P >> 2];
        wide[1] = of[(P & 3) << 4 | Q >> 4];
        wide[2] = of[(Q & 15) << 2 | R >> 6];
        wide[3] = of[R & 63];
    }
    return *wide;
}

ENCODE(two_tables)
{
    GROUPS
    {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = (uint8_t)letters[R & 63];
    }
    return *y;
}

ENCODE(counted_letters)
{
    uint32_t sum = 0;
    GROUPS
    {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[R & 63];
        sum += y[3];
    }
    return sum;
}

ENCODE(changed_table)
{
    GROUPS
    {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[R & 63];
        t[5] = R;
    }
    return *y;
}

ENCODE(stops_at_zero)
{
    GROUPS
    {
        if (P == 0)
            break;
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[R & 63];
    }
    return *y;
}

ENCODE(mixed_up)
{
    GROUPS
    {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | R >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[Q & 63];
    }
    return *y;
}

ENCODE(four_bits)
{
    for (int i = 0; i < n; i++) {
        *y++ = t[P >> 4];
        *y++ = t[P & 15];
    }
    return *y;
}

ENCODE(five_letters)
{
    for (int i = 0; i + 2 < n; i += 3, y += 5) {
        y[0] = t[P >> 2];
        y[1] = t[(P & 3) << 4 | Q >> 4];
        y[2] = t[(Q & 15) << 2 | R >> 6];
        y[3] = t[R & 63];
    }
    return *y;
}

#define FOURS for (int i = 0; i + 3 < n; i += 4, y += 3)
#define S     x[i + 3]

DECODE(decode_swapped)
{
    FOURS
    {
        uint8_t p = t[P], q = t[Q], r = t[R], s = t[S];
        if ((p | q | r | s) & 0xc0)
            break;
        y[0] = (uint8_t)(q << 2 | p >> 4);
        y[1] = (uint8_t)(p << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return *y;
}

DECODE(decode_added)
{
    FOURS
    {
        uint8_t p = t[P], q = t[Q], r = t[R], s = t[S];
        if ((p | q | r | s) & 0xc0)
            break;
        y[0] = (uint8_t)((p << 2 | q >> 4) + 1);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return *y;
}

DECODE(decode_wide)
{
    const uint16_t *of = (const uint16_t *)((uint32_t)t & ~1u);
    FOURS
    {
        uint32_t p = of[P], q = of[Q], r = of[R], s = of[S];
        if ((p | q | r | s) & 0xffc0)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return *y;
}

DECODE(decode_changed)
{
    FOURS
    {
        uint8_t p = t[P], q = t[Q], r = t[R], s = t[S];
        if ((p | q | r | s) & 0xc0)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
        t['A'] = s;
    }
    return *y;
}

/* A valid value ends the loop. */
DECODE(decode_shared)
{
    FOURS
    {
        uint8_t p = t[P], q = t[Q], r = t[R], s = t[S];
        if ((p | q | r | s) & 0xc0 || s == 7)
            break;
        y[0] = (uint8_t)(p << 2 | q >> 4);
        y[1] = (uint8_t)(q << 4 | r >> 2);
        y[2] = (uint8_t)(r << 6 | s);
    }
    return *y;
}
