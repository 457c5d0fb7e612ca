/* number.c: exact by integers of any length: a decimal fraction is one over a power of ten, a double is one
 * times a power of two. Slow (microseconds), and only used for what people type and read. */
#include "number.h"

#include <stdint.h>
#include <string.h>

#include "fmt.h"

/* The longest: 800 digits shifted so far that a division by 10^1145 leaves 64 bits. */
enum { WORDS = 140, DIGITS_MAX = 800, BILLION = 1000000000 };
#define EXPONENT_MAX 100000

struct big {
    uint32_t word[WORDS], n; /* lowest first; word[n - 1] is not 0 */
};

static void multiply_add(struct big *b, uint32_t by, uint32_t plus)
{
    uint64_t carry = plus;
    for (uint32_t k = 0; k < b->n; k++) {
        carry += (uint64_t)b->word[k] * by;
        b->word[k] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry && b->n < WORDS)
        b->word[b->n++] = (uint32_t)carry;
}

/* Returns the remainder. */
static uint32_t divide(struct big *b, uint32_t by)
{
    uint64_t rest = 0;
    for (uint32_t k = b->n; k--;) {
        rest = rest << 32 | b->word[k];
        b->word[k] = (uint32_t)(rest / by);
        rest %= by;
    }
    while (b->n && b->word[b->n - 1] == 0)
        b->n--;
    return (uint32_t)rest;
}

static void shift_words(struct big *b, uint32_t words)
{
    memmove(b->word + words, b->word, b->n * sizeof *b->word);
    memset(b->word, 0, words * sizeof *b->word);
    b->n += words;
}

static void multiply_power(struct big *b, uint32_t base, uint32_t step, uint32_t per_step, uint32_t power)
{
    for (; power >= per_step; power -= per_step)
        multiply_add(b, step, 0);
    while (power--)
        multiply_add(b, base, 0);
}

/* --- From text. --- */

struct format {
    int bits, exponent_min, exponent_max; /* of the highest bit of a normal number */
};

static double power_of_two(int k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double scale(uint64_t m, int k)
{
    return (double)m * power_of_two(k / 2) * power_of_two(k - k / 2);
}

/* m * 2^k, m's highest bit set, `more`: and something; to the nearest, halves to even. */
static double round_to(const struct format *f, uint64_t m, int k, bool more)
{
    int top = k + 63, keep = f->bits;
    if (top > f->exponent_max)
        return power_of_two(1023) * 2;
    if (top < f->exponent_min)
        keep -= f->exponent_min - top;
    if (keep < 0)
        return 0;
    int drop = 64 - keep;
    uint64_t rest = drop == 64 ? m : m << keep, whole = drop == 64 ? 0 : m >> drop, half = 1ull << 63;
    if (rest > half || (rest == half && (more || (whole & 1))))
        whole++;
    if (whole >> f->bits && top == f->exponent_max)
        return power_of_two(1023) * 2;
    return whole ? scale(whole, k + drop) : 0;
}

static uint32_t word_at(const struct big *b, uint32_t below_top)
{
    return below_top < b->n ? b->word[b->n - 1 - below_top] : 0;
}

/* The highest 64 bits; k: the power of two that they are to be multiplied with; *more: there are others. */
static uint64_t top_bits(const struct big *b, int *k, bool *more)
{
    int spare = __builtin_clz(word_at(b, 0));
    uint64_t m = (uint64_t)word_at(b, 0) << 32 | word_at(b, 1);
    uint32_t low = word_at(b, 2);
    *k = ((int)b->n - 2) * 32 - spare;
    *more |= (uint32_t)(low << spare) != 0;
    for (uint32_t w = 3; w < b->n; w++)
        *more |= word_at(b, w) != 0;
    return m << spare | (uint64_t)low >> (32 - spare);
}

/* digits * 10^exponent */
static double from_decimal(const struct format *f, struct big *b, int exponent, bool more)
{
    int shift = 0, k;
    if (exponent >= 0) {
        multiply_power(b, 10, BILLION, 9, (uint32_t)exponent);
    } else {
        uint32_t need = (uint32_t)-exponent * 107 / 1024 + 4; /* words: log2(10) / 32 = 0.1038 */
        if (need > WORDS - b->n)
            need = WORDS - b->n;
        shift_words(b, need);
        shift = -32 * (int)need;
        uint32_t left = (uint32_t)-exponent;
        for (; left >= 9; left -= 9)
            more |= divide(b, BILLION) != 0;
        while (left--)
            more |= divide(b, 10) != 0;
    }
    uint64_t m = top_bits(b, &k, &more);
    return round_to(f, m, k + shift, more);
}

static int digit_of(char c, int base)
{
    int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
    return d < base ? d : -1;
}

/* "e-7" with `mark` e: its value, and behind it; nothing when no digit follows. */
static int exponent_of(const char **p, char mark)
{
    const char *s = *p;
    if ((*s | 32) != mark)
        return 0;
    bool neg = *++s == '-';
    if (*s == '-' || *s == '+')
        s++;
    int e = 0;
    if (digit_of(*s, 10) < 0)
        return 0;
    for (; digit_of(*s, 10) >= 0; s++)
        e = e < EXPONENT_MAX ? e * 10 + (*s - '0') : e;
    *p = s;
    return neg ? -e : e;
}

/* Digits into `b`, scaled by base^*exponent; those behind the first DIGITS_MAX only count as "more". */
static bool digits_of(const char **p, int base, struct big *b, int *exponent, bool *more)
{
    bool any = false, point = false;
    int kept = 0, max = base == 16 ? DIGITS_MAX / 4 : DIGITS_MAX;
    for (;; (*p)++) {
        if (**p == '.' && !point) {
            point = true;
            continue;
        }
        int d = digit_of(**p, base);
        if (d < 0)
            return any;
        any = true;
        *exponent -= point;
        if (kept == max) {
            *more |= d != 0;
            ++*exponent;
        } else if (d || b->n) {
            multiply_add(b, (uint32_t)base, (uint32_t)d);
            kept++;
        }
    }
}

static bool word(const char **p, const char *lower)
{
    size_t n = 0;
    while (lower[n] && ((*p)[n] | 32) == lower[n])
        n++;
    if (lower[n])
        return false;
    *p += n;
    return true;
}

static double magnitude(const char **p, const struct format *f, bool *good)
{
    struct big b = {.n = 0};
    int exponent = 0, k;
    bool more = false;
    *good = true;
    if (word(p, "infinity") || word(p, "inf"))
        return power_of_two(1023) * 2;
    if (word(p, "nan"))
        return __builtin_nan("");
    bool hex = (*p)[0] == '0' && ((*p)[1] | 32) == 'x' &&
               (digit_of((*p)[2], 16) >= 0 || ((*p)[2] == '.' && digit_of((*p)[3], 16) >= 0));
    *p += hex ? 2 : 0;
    *good = digits_of(p, hex ? 16 : 10, &b, &exponent, &more);
    int by = *good ? exponent_of(p, hex ? 'p' : 'e') : 0;
    if (b.n == 0)
        return 0;
    if (hex) {
        uint64_t m = top_bits(&b, &k, &more);
        return round_to(f, m, k + 4 * exponent + by, more);
    }
    exponent += by;
    if (exponent > 400)
        return power_of_two(1023) * 2;
    return exponent < -1145 ? 0 : from_decimal(f, &b, exponent, more);
}

double number_parse(const char *text, bool single, const char **end)
{
    static const struct format formats[] = {{53, -1022, 1023}, {24, -126, 127}};
    const char *p = text;
    while (*p == ' ')
        p++;
    bool neg = *p == '-', good;
    if (*p == '-' || *p == '+')
        p++;
    double v = magnitude(&p, &formats[single], &good);
    *end = good ? p : text;
    return neg ? -v : v;
}

/* --- To text. --- */

/* All digits of |v|, which is 0.DIGITS * 10^*point. */
static size_t all_digits(double v, char *digits, int *point)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    uint64_t m = bits & ((1ull << 52) - 1);
    int e = (int)(bits >> 52 & 0x7ff);
    m |= e ? 1ull << 52 : 0;
    e = (e ? e : 1) - 1075;
    struct big b = {.word = {(uint32_t)m, (uint32_t)(m >> 32)}, .n = m >> 32 ? 2 : m != 0};
    if (e > 0)
        multiply_power(&b, 2, 1u << 31, 31, (uint32_t)e);
    else
        multiply_power(&b, 5, 1220703125, 13, (uint32_t)-e);
    size_t n = 0;
    while (b.n) {
        uint32_t part = divide(&b, BILLION);
        for (int k = 0; k < 9; k++, part /= 10)
            digits[n++] = (char)('0' + part % 10);
    }
    while (n && digits[n - 1] == '0')
        n--;
    for (size_t k = 0; k < n / 2; k++) {
        char c = digits[k];
        digits[k] = digits[n - 1 - k];
        digits[n - 1 - k] = c;
    }
    *point = (int)n + (e < 0 ? e : 0);
    return n;
}

/* The first `want` of `n` digits, rounded: halves to even. */
static size_t round_digits(char *digits, size_t n, size_t want, int *point)
{
    if (n > want) {
        bool up = digits[want] > '5';
        for (size_t k = want + 1; k < n && digits[want] == '5' && !up; k++)
            up = digits[k] != '0';
        if (digits[want] == '5' && !up)
            up = (digits[want - 1] - '0') & 1;
        n = want;
        size_t k = n;
        while (up && k > 0 && digits[k - 1] == '9')
            k--, n--;
        if (up && k == 0) {
            digits[0] = '1';
            n = 1;
            ++*point;
        } else if (up) {
            digits[k - 1]++;
        }
    }
    while (n && digits[n - 1] == '0')
        n--;
    return n;
}

size_t number_print(double v, int digits, char *buf, size_t size)
{
    char all[1100] = {0}, text[64];
    int point;
    size_t n = round_digits(all, all_digits(v, all, &point), (size_t)digits, &point), at = 0;
    if (__builtin_signbit(v))
        text[at++] = '-';
    int e = n ? point - 1 : 0;
    if (e < -4 || e >= digits) { /* d.ddde+dd */
        text[at++] = all[0];
        for (size_t k = 1; k < n; k++) {
            if (k == 1)
                text[at++] = '.';
            text[at++] = all[k];
        }
        at += fmt_s(text + at, sizeof text - at, "e%c%02d", e < 0 ? '-' : '+', e < 0 ? -e : e);
        text[at] = 0;
        return fmt_s(buf, size, "%s", text);
    }
    if (e < 0 || n == 0) {
        text[at++] = '0';
        if (n)
            text[at++] = '.';
        for (int k = -1; k > e; k--)
            text[at++] = '0';
    }
    for (int k = 0; k < (int)n || (e >= 0 && n && k <= e); k++) {
        if (k == e + 1 && e >= 0)
            text[at++] = '.';
        text[at++] = k < (int)n ? all[k] : '0';
    }
    text[at] = 0;
    return fmt_s(buf, size, "%s", text);
}
