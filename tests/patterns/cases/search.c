/* Loops that look for one of several characters, as scanners have them: comparisons that became a switch, or
 * a bit of a set; and what is nearly one.
 *
 * listed: line search (elements of 1 byte
 * listed: spaces search (elements of 1 byte
 * listed: to_the_end search (elements of 1 byte
 * listed: control search (elements of 1 byte
 * listed: halves search (elements of 2 bytes
 * listed: one_or_zero search (elements of 1 byte
 * listed: same_or_zero search (elements of 1 byte
 * unlisted: written_between search (
 * unlisted: looks_back search (
 * unlisted: counts search (
 * unlisted: escapes search (
 * unlisted: depth search (
 * unlisted: moving_bit search (
 * either: NAME 0..999 1..900 32 0..900 10
 * either: NAME 0..999 900..3000 32 0..900 13
 * either: NAME 0..999 900..3000 32 0..70 0
 * either: NAME 0..999 900..3000 97 0..3000 34
 * either: NAME 0..999 900..3000 97 0..3000 92
 * either: NAME 0..999 900..3000 9 100..3000 64
 * either: NAME 0..999 900..3000 48 100..3000 32..128
 * either: NAME 0..999 900..3000 57 100..3000 0..255
 * either: NAME 0..999 900..3000 0..255 100..3000 0..255
 * either: NAME 0..999 900..3000 10 100..3000 42
 * either: NAME 1048000 500 32 499 10
 * either: line 0..999 900..3000 101 2999 10
 * either: until_any 0..999 900..3000 97 0..3000 60
 * either: until_any 0..999 900..3000 42 0..3000 0..255
 * either: only_these 0..999 900..3000 97 0..3000 0..255
 * either: only_these 0..999 900..3000 48 0..3000 58
 * either: set64 0..999 900..3000 57 0..3000 0..255
 * either: set64 0..999 900..3000 9 0..3000 64..255
 * either: one_or_zero 0..999 900..3000 32 0..900 0
 * either: one_or_zero 0..999 900..3000 32 0..900 37
 * either: same_or_zero 0..999 900..3000 32 0..900 0
 * either: written_between 0..999 900..3000 32 0..900 37
 * either: written_between 0..999 900..3000 37 0..900 0
 * either: looks_back 0..999 900..3000 37 0..900 0
 * either: behind_the_memory 1..200 32
 * either: behind_the_memory 1..200 10
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

SCAN(line)
{
    const uint8_t *p = s, *end = s + n;
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    return (int)(p - s);
}

SCAN(until_any)
{
    int i = 0;
    for (; i < n; i++) {
        uint8_t c = s[i];
        if (c == '"' || c == '\\' || c == '\n' || c == '&' || c == '<')
            break;
    }
    return i;
}

SCAN(only_these)
{
    int i = 0;
    for (; i < n; i++) {
        switch (s[i]) {
        case 'a':
        case '0':
        case '9':
        case '*': continue;
        default: return i;
        }
    }
    return -1;
}

SCAN(spaces)
{
    int i = 0;
    while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'))
        i++;
    return i;
}

/* Ends differently by what it has found. */
SCAN(to_the_end)
{
    for (int i = 0; i < n; i++) {
        switch (s[i]) {
        case 0: return -1;
        case '\n': return i;
        case '\\': return -i;
        case '@': return 2 * i;
        default: break;
        }
    }
    return -2;
}

/* What ends a string of JSON. */
SCAN(control)
{
    const uint8_t *p = s, *e = s + n;
    while (p < e && *p >= 0x20 && *p != '"' && *p != '\\')
        p++;
    return (int)(p - s);
}

SCAN(halves)
{
    const uint16_t *h = (const uint16_t *)s;
    int i = 0;
    for (; i < n / 2; i++) {
        if (h[i] == 0x0a0a || h[i] == 0x200a || h[i] == 0x0a20 || h[i] == 0x2028)
            break;
    }
    return i;
}

/* The set has 64 bits; what is above has none. */
SCAN(set64)
{
    static const uint64_t set[2] = {0x03ff000100000200, 0};
    int i = 0;
    for (; i < n; i++) {
        uint8_t c = s[i];
        if (c >= 64 || !(set[0] >> c & 1))
            break;
    }
    return i;
}

/* What a round looks at was loaded by the round before. */
SCAN(one_or_zero)
{
    const char *p = (const char *)s;
    (void)n;
    for (; *p != '%'; p++) {
        if (!*p)
            return -1;
    }
    return (int)(p - (const char *)s);
}

SCAN(same_or_zero)
{
    const uint8_t *p = s, *q = s + n / 2 + 1;
    while (*p && *p == *q)
        p++, q++;
    return (int)(p - s) * 256 + *p - *q;
}

SCAN(written_between) /* the first one is another one since */
{
    uint8_t *p = (uint8_t *)s;
    uint8_t c = *p;
    *p = '%';
    while (c != '%' && c)
        c = *++p;
    return (int)(p - s) + n;
}

SCAN(looks_back) /* at what was loaded two rounds ago */
{
    uint8_t c = 1, d = 1;
    int i = 0;
    while (c && i < n) {
        c = d;
        d = s[i++];
    }
    return i;
}

SCAN(counts)
{
    int lines = 0, i = 0;
    for (; i < n && s[i]; i++) {
        if (s[i] == '\n')
            lines++;
    }
    return lines * 10000 + i;
}

SCAN(escapes)
{
    int i = 0;
    while (i < n && s[i] != '"') {
        if (s[i] == '\\')
            i++;
        i++;
    }
    return i;
}

SCAN(depth)
{
    int deep = 0, i = 0;
    for (; i < n; i++) {
        switch (s[i]) {
        case '0': deep++; break;
        case '9': deep--; break;
        case '"':
        case '\n': return i;
        default: break;
        }
        if (deep > 50)
            break;
    }
    return i * 3 + deep;
}

/* Which bit is looked at depends on how many rounds there were. */
SCAN(moving_bit)
{
    int i = 0;
    for (; i < n; i++) {
        if (s[i] >> (i & 7) & 1)
            break;
    }
    return i;
}

/* From `before` bytes in front of the memory's end, without a bound: traps, if there is no such character. */
int EXPORT(behind_the_memory)(int before, int one)
{
    uint8_t *end = (uint8_t *)(__builtin_wasm_memory_size(0) * 65536), *s = end - before;
    for (uint8_t *p = s; p != end; p++)
        *p = 'x';
    end[-1] = (uint8_t)(before % 3 ? one : 'x');
    uint8_t *p = s;
    while (*p != '\n' && *p != '\r')
        p++;
    return (int)(p - s);
}
