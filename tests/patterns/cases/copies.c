/* Memory that is copied or filled by hand, however the ranges lie, and what is nearly that.
 *
 * replaced: bytes counted downwards descending pointed words floats until filled cleared shift_left
 * top_tested
 * map: longs copy
 * refused: masked twice strided backwards_ different stops short_ watched skipping
 * either: NAME 524288 262144 1000..3000
 * either: NAME 262144 262145..262160 100..400
 * either: NAME 100 4000000000 300
 * either: NAME 1048500 100 3000000
 * either: sweep 0
 * either: sweep 1
 * either: sweep 2
 * either: sweep 3
 * either: sweep 4
 * either: sweep 5
 * either: sweep 6
 * either: sweep 7
 * either: sweep 8
 * either: sweep 9
 * either: sweep 10
 * either: sweep 11
 * either: sweep 12
 * either: masked 524288 262144 1000
 * either: twice 524288 262144 1000
 * either: strided 524288 262144 1000
 * either: backwards_ 524288 262144 1000
 * either: different 524288 262144 1000
 * either: stops 524288 262144 1000
 * either: short_ 524288 262144 1000
 * either: watched 524288 262144 1000
 * either: skipping 524288 262144 1000
 */
#include "case.h"

#define COPY(name, type)                                                                                     \
    static INLINE int name##_(type *to, const type *from, int n);                                            \
    __attribute__((noinline)) int EXPORT(name)(int to, int from, int n)                                      \
    {                                                                                                        \
        return name##_((type *)U8(to), (type *)U8(from), n);                                                 \
    }                                                                                                        \
    static INLINE int name##_(type *to, const type *from, int n)
#define KEEP _Pragma("clang loop unroll(disable) vectorize(disable)")

COPY(bytes, uint8_t)
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[i];
    return 0;
}

COPY(counted, uint8_t)
{
    KEEP while (n--) *to++ = *from++;
    return (int)(to - U8(0));
}

COPY(downwards, uint8_t)
{
    KEEP while (n-- > 0) to[n] = from[n];
    return 0;
}

COPY(descending, uint16_t)
{
    to += n, from += n;
    KEEP for (; n > 0; n--) *--to = *--from;
    return 0;
}

COPY(pointed, uint8_t)
{
    uint8_t *end = to + n;
    KEEP while (to != end) *to++ = *from++;
    return (int)(from - U8(0));
}

COPY(words, uint32_t)
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[i];
    return 0;
}

COPY(longs, uint64_t) /* at least one, as decoders copy */
{
    uint8_t *end = (uint8_t *)to + n;
    KEEP do
    {
        __builtin_memcpy(to, from, 8);
        to++, from++;
    }
    while ((uint8_t *)to < end)
        ;
    return 0;
}

COPY(floats, float)
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[i];
    return 0;
}

COPY(until, uint8_t) /* in two variables */
{
    unsigned i = 0;
    KEEP for (; i < (unsigned)n; i++) *to++ = from[i];
    return (int)i;
}

COPY(filled, uint8_t)
{
    uint8_t x = (uint8_t)(uintptr_t)from;
    KEEP for (int i = 0; i < n; i++) to[i] = x;
    return 0;
}

COPY(cleared, uint32_t)
{
    (void)from;
    KEEP for (int i = 0; i < n; i++) to[i] = 0;
    return 0;
}

COPY(shift_left, int)
{
    (void)from;
    KEEP for (int i = 0; i < n; i++) to[i] = to[i + 1];
    return 0;
}

COPY(top_tested, uint8_t) /* the test stays on top */
{
    int i = 0;
    KEEP for (;; i++)
    {
        __asm__ volatile("");
        if (i >= n)
            break;
        to[i] = from[i];
    }
    return i;
}

COPY(masked, uint8_t)
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[i] & 0x7f;
    return 0;
}

COPY(twice, uint8_t)
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[i], to[i + 3000] = from[i];
    return 0;
}

COPY(strided, uint8_t)
{
    KEEP for (int i = 0; i < n; i++) to[2 * i] = from[i];
    return 0;
}

COPY(backwards_, uint8_t) /* in the order of a mirror */
{
    KEEP for (int i = 0; i < n; i++) to[i] = from[n - i];
    return 0;
}

COPY(different, uint8_t) /* what is stored is another element's */
{
    uint8_t last = 0;
    KEEP for (int i = 0; i < n; i++)
    {
        to[i] = last;
        last = from[i];
    }
    return 0;
}

COPY(stops, uint8_t)
{
    int i = 0;
    KEEP for (; i < n && from[i]; i++) to[i] = from[i];
    return i;
}

COPY(short_, uint32_t) /* half of what is loaded */
{
    KEEP for (int i = 0; i < n; i++) * (uint16_t *)&to[i] = (uint16_t)from[i];
    return 0;
}

COPY(watched, uint8_t) /* the last byte is used behind the loop */
{
    uint8_t x = 0;
    KEEP for (int i = 0; i < n; i++) to[i] = x = from[i];
    return x;
}

COPY(skipping, uint32_t) /* a round leaves bytes between */
{
    KEEP for (int i = 0; i < n; i++) * (uint8_t *)&to[i] = *(const uint8_t *)&from[i];
    return 0;
}

#define ROOM 1200 /* bytes on each side of what is written */

static int call(int which, int to, int from, int n)
{
    switch (which) {
    case 0: return bytes(to, from, n);
    case 1: return counted(to, from, n);
    case 2: return downwards(to, from, n);
    case 3: return descending(to, from, n / 2);
    case 4: return pointed(to, from, n);
    case 5: return words(to, from, n / 4);
    case 6: return longs(to, from, n);
    case 7: return floats(to, from, n / 4);
    case 8: return until(to, from, n);
    case 9: return filled(to, from, n);
    case 10: return cleared(to, from, n / 4);
    case 11: return shift_left(to, from, n / 4);
    default: return top_tested(to, from, n);
    }
}

/* All distances, many lengths. */
long long EXPORT(sweep)(int which)
{
    uint64_t h = 0;
    for (int n = 0; n < 330; n += n < 20 ? 3 : n < 36 ? 1 : 49) {
        for (int by = -150; by < 150; by += by < -20 || by > 20 ? 11 : 1) {
            for (int k = 0; k < 2 * ROOM; k += 4)
                *(uint32_t *)U8(k) = (uint32_t)k * 2654435761u;
            h = h * 31 + (uint32_t)call(which, ROOM, ROOM + by, n);
            for (int k = 0; k < 2 * ROOM; k += 8)
                h = (h ^ *(uint64_t *)U8(k)) * 0x100000001b3u, h ^= h >> 29;
        }
    }
    return (long long)h;
}
