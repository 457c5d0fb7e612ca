/* Loops that look from the end to the beginning, or at numbers of floating point; and what is nearly one.
 *
 * listed: last_slash search (elements of 1 byte, 1 a round, downwards
 * listed: trimmed search (elements of 1 byte, 1 a round, downwards
 * listed: last_word search (elements of 4 bytes, 1 a round, downwards
 * listed: same_end search (elements of 1 byte, 1 a round, downwards
 * listed: first_nan search (elements of 4 bytes
 * listed: above search (elements of 8 bytes
 * listed: large search (elements of 4 bytes
 * unlisted: by_two search (
 * unlisted: towards search (
 * unlisted: summed search (
 * unlisted: sums_up search (
 * either: NAME 0..999 0..3000 32 0..900 47
 * either: NAME 0..999 900..3000 32 0..900 10
 * either: NAME 0..999 900..3000 47 0..70 32
 * either: NAME 0..999 900..3000 0..255 0..3000 0..255
 * either: NAME 1048000 500 32 499 47
 * either: last_slash 0..40 0..70 47 0..70 32
 * either: below_the_memory 0..3000 0..255
 * either: below_the_memory 0..40 0..255
 * either: below_the_memory 100000000 7
 */
#include "case.h"

/* n bytes at `at` are `most`, that at `stop` is `one`. */
#define SCAN(name)                                                                                           \
    static INLINE int name##_(const uint8_t *s, int n);                                                      \
    int EXPORT(name)(int at, int n, int most, int stop, int one)                                             \
    {                                                                                                        \
        prepare(U8(at), n, most, stop, one);                                                                 \
        return name##_(U8(at), n);                                                                           \
    }                                                                                                        \
    static INLINE int name##_(const uint8_t *s, int n)

static NOINLINE void prepare(uint8_t *s, int n, int most, int stop, int one)
{
    for (int i = 0; i < n; i++)
        s[i] = (uint8_t)most;
    if (stop < n)
        s[stop] = (uint8_t)one;
}

SCAN(last_slash)
{
    while (n--) {
        if (s[n] == '/')
            return n;
    }
    return -1;
}

SCAN(trimmed)
{
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n'))
        n--;
    return n;
}

SCAN(last_word)
{
    const int32_t *w = (const int32_t *)(s - (uintptr_t)s % 4);
    for (int i = n / 4 - 1; i >= 0; i--) {
        if (w[i] < 0x20202020)
            return i;
    }
    return -1;
}

/* Two strings whose ends are compared. */
SCAN(same_end)
{
    const uint8_t *p = s + n, *q = s + n / 2;
    while (q > s && p[-1] == q[-1])
        p--, q--;
    return (int)(p - s);
}

SCAN(first_nan)
{
    const float *x = (const float *)(s - (uintptr_t)s % 4);
    int i = 0;
    for (; i < n / 4; i++) {
        if (x[i] != x[i])
            break;
    }
    return i;
}

SCAN(above)
{
    const double *x = (const double *)(s - (uintptr_t)s % 8);
    for (int i = 0; i < n / 8; i++) {
        if (!(x[i] <= 0x1p-30))
            return i;
    }
    return -1;
}

SCAN(large)
{
    const float *x = (const float *)(s - (uintptr_t)s % 4);
    int i = 0;
    while (i < n / 4 && __builtin_fabsf(x[i]) < 1e-18f)
        i++;
    return i;
}

SCAN(by_two)
{
    while (n > 1) {
        n -= 2;
        if (s[n] == '/')
            return n;
    }
    return -1;
}

SCAN(towards) /* from both ends */
{
    const uint8_t *e = s + n;
    while (s < e && *s == e[-1])
        s++, e--;
    return (int)(e - s);
}

SCAN(summed)
{
    int sum = 0;
    while (n--) {
        sum = sum * 3 + s[n];
        if (sum > 100000)
            return n;
    }
    return sum;
}

SCAN(sums_up) /* decided by what was there before */
{
    const float *x = (const float *)(s - (uintptr_t)s % 4);
    float sum = 0;
    int i = 0;
    for (; i < n / 4; i++) {
        sum = sum * 0.5f + x[i];
        if (sum > 1)
            break;
    }
    return i;
}

/* Without a bound: traps, if there is no such byte. */
int EXPORT(below_the_memory)(int from, int one)
{
    uint8_t *p = (uint8_t *)(uintptr_t)from;
    while (*p != one)
        p--;
    return (int)(uintptr_t)p;
}
