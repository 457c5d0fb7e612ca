/* Inner loops over bytes and bits. n: kernel * 10,000,000 + size. */
#include "row.h"

enum { MAX = 1 << 20 };
static uint8_t ua[MAX], ub[2 * MAX], runs[MAX], text[MAX], prose[MAX];
static uint32_t wa[MAX / 4], wb[MAX / 4], counts[256];
static uint64_t la[MAX / 8];
static uint8_t bits_of[256];
static int kernel, size;
static volatile uint8_t input;

/* How often each byte is there. */
static NOINLINE uint32_t histogram_of(const uint8_t *p, int n)
{
    for (int i = 0; i < 256; i++)
        counts[i] = 0;
    for (int i = 0; i < n; i++)
        counts[p[i]]++;
    return counts[p[n / 2]] * 3 + counts[255];
}

static double histogram(int n)
{
    return histogram_of(ua, n);
}

static double histogram_runs(int n)
{
    return histogram_of(runs, n);
}

/* Bits that are set in n words, counted one by one. */
static NOINLINE double popcount_shift(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++)
        for (uint32_t x = wa[i]; x; x >>= 1)
            sum += x & 1;
    return sum;
}

static NOINLINE double popcount_clear(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++)
        for (uint32_t x = wa[i]; x; x &= x - 1)
            sum++;
    return sum;
}

static NOINLINE double popcount_table(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += bits_of[ua[i]];
    return sum;
}

static NOINLINE double popcount_fixed(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 32; k++)
            sum += wa[i] >> k & 1;
    return sum;
}

static NOINLINE double popcount_sideways(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++) {
        uint32_t x = wa[i];
        x = x - (x >> 1 & 0x55555555);
        x = (x & 0x33333333) + (x >> 2 & 0x33333333);
        x = (x + (x >> 4)) & 0x0f0f0f0f;
        sum += x * 0x01010101 >> 24;
    }
    return sum;
}

/* Places of the highest and lowest bit. */
static NOINLINE double log2_shift(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++) {
        uint32_t k = 0;
        for (uint32_t x = wa[i] >> (i & 31); x >>= 1;)
            k++;
        sum += k;
    }
    return sum;
}

static NOINLINE double lowest_shift(int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++) {
        uint32_t k = 0;
        for (uint32_t x = (wa[i] | 1) << (i & 31); !(x & 1); x >>= 1)
            k++;
        sum += k;
    }
    return sum;
}

/* Words from bytes, and into them. */
static NOINLINE double load_be32(int n)
{
    uint32_t sum = 0;
    const uint8_t *p = ua + 1;
    for (int i = 0; i < n; i++, p += 4)
        sum = (sum ^ ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3])) * 5;
    return sum;
}

static NOINLINE double load_le64(int n)
{
    uint64_t sum = 0;
    const uint8_t *p = ua + 1;
    for (int i = 0; i < n; i++, p += 8)
        sum = (sum ^
               ((uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
                (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56)) *
              5;
    return (double)(sum >> 20);
}

static NOINLINE double store_be32(int n)
{
    uint8_t *p = ub + 1;
    for (int i = 0; i < n; i++, p += 4) {
        uint32_t x = wa[i];
        p[0] = (uint8_t)(x >> 24);
        p[1] = (uint8_t)(x >> 16);
        p[2] = (uint8_t)(x >> 8);
        p[3] = (uint8_t)x;
    }
    return ub[n] + ub[n / 2];
}

static NOINLINE double store_le64(int n)
{
    uint8_t *p = ub + 1;
    for (int i = 0; i < n; i++, p += 8) {
        uint64_t x = la[i];
        for (int k = 0; k < 8; k++)
            p[k] = (uint8_t)(x >> 8 * k);
    }
    return ub[n] + ub[n / 2];
}

static NOINLINE double convert_be32(int n)
{
    const uint8_t *p = ua;
    for (int i = 0; i < n; i++, p += 4)
        wb[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    return wb[n / 2];
}

/* RFC 4648. */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static uint8_t value_of[256];

static NOINLINE double base64_encode(int n)
{
    uint8_t *to = ub;
    for (int i = 0; i + 2 < n; i += 3, to += 4) {
        uint32_t x = (uint32_t)ua[i] << 16 | (uint32_t)ua[i + 1] << 8 | ua[i + 2];
        to[0] = (uint8_t)digits[x >> 18];
        to[1] = (uint8_t)digits[x >> 12 & 63];
        to[2] = (uint8_t)digits[x >> 6 & 63];
        to[3] = (uint8_t)digits[x & 63];
    }
    return ub[n] + ub[n / 2];
}

static NOINLINE double base64_decode(int n)
{
    uint8_t *to = ub;
    int i = 0;
    for (; i + 3 < n; i += 4, to += 3) {
        uint8_t a = value_of[text[i]], b = value_of[text[i + 1]], c = value_of[text[i + 2]],
                d = value_of[text[i + 3]];
        if ((a | b | c | d) & 0x80)
            break;
        to[0] = (uint8_t)(a << 2 | b >> 4);
        to[1] = (uint8_t)(b << 4 | c >> 2);
        to[2] = (uint8_t)(c << 6 | d);
    }
    return i + ub[n / 2];
}

/* Letters of one case, by a table. */
static NOINLINE double lookup(int n)
{
    for (int i = 0; i < n; i++)
        ub[i] = bits_of[text[i]];
    return ub[n - 1] + ub[n / 2];
}

static double histogram_text(int n)
{
    return histogram_of(prose, n);
}

/* Whether text is UTF-8 (Unicode, table 3-7). */
static NOINLINE int is_utf8(const uint8_t *p, const uint8_t *end)
{
    while (p < end) {
        uint8_t c = *p++;
        if (c < 0x80)
            continue;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || end - p < more)
            return 0;
        if ((c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f) || (c == 0xf0 && *p < 0x90) ||
            (c == 0xf4 && *p > 0x8f))
            return 0;
        for (; more; more--) {
            if ((*p++ & 0xc0) != 0x80)
                return 0;
        }
    }
    return 1;
}

static NOINLINE double utf8_ascii(int n)
{
    return is_utf8(text, text + n);
}

/* A letter of two bytes for about twenty others, and words of such letters. */
static uint8_t latin[MAX], cyrillic[MAX];

static void write_text(uint8_t *p, int end, uint32_t run, uint32_t letters)
{
    for (int k = 0; k < end;) {
        for (uint32_t n = (uint32_t)row_random() % (2 * run); n && k < end; n--)
            p[k++] = "aeinrst "[row_random() & 7];
        for (uint32_t n = letters; n && k + 2 <= end; n--, k += 2) {
            uint32_t c = 0x400 + (row_random() & 0xff);
            p[k] = (uint8_t)(0xc0 | c >> 6);
            p[k + 1] = (uint8_t)(0x80 | (c & 63));
        }
        if (k + 1 == end)
            p[k++] = ' ';
    }
}

static NOINLINE double utf8_latin(int n)
{
    return is_utf8(latin, latin + n);
}

static NOINLINE double utf8_cyrillic(int n)
{
    return is_utf8(cyrillic, cyrillic + n);
}

static double (*const kernels[])(int) = {
    histogram,         histogram_runs, popcount_shift, popcount_clear, popcount_table, popcount_fixed,
    popcount_sideways, log2_shift,     lowest_shift,   load_be32,      load_le64,      store_be32,
    store_le64,        convert_be32,   base64_encode,  base64_decode,  utf8_ascii,     lookup,
    histogram_text,    utf8_latin,     utf8_cyrillic};

SETUP(n)
{
    kernel = n / 10000000;
    size = n % 10000000;
    for (int i = 0; i < MAX; i++) {
        ua[i] = (uint8_t)row_random();
        runs[i] = i % 61 ? runs[i - 1] : (uint8_t)row_random() & 15;
        text[i] = (uint8_t)digits[row_random() & 63];
    }
    row_text((char *)prose, MAX);
    write_text(latin, MAX, 20, 1);
    write_text(cyrillic, MAX, 1, 6);
    for (int i = 0; i < 256; i++) {
        bits_of[i] = (uint8_t)(bits_of[i / 2] + (i & 1));
        value_of[i] = 0xff;
    }
    for (int i = 0; i < 64; i++)
        value_of[(uint8_t)digits[i]] = (uint8_t)i;
    for (int i = 0; i < MAX / 4; i++)
        wa[i] = (uint32_t)row_random();
    for (int i = 0; i < MAX / 8; i++)
        la[i] = (uint64_t)wa[i] << 32 | wa[i + MAX / 8];
    input = ua[0];
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    {
        ua[0] = input;
        row_sink = result = kernels[kernel](size);
    }
    return result;
}
