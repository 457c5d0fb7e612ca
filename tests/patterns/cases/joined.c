/* Sums of integers, what is joined by and, or, exclusive or, and what is counted: LLVM makes them in any
 * order; and what is nearly one.
 *
 * listed: joined sum (1 sum of i32 by exclusive or
 * listed: any_bit sum (1 sum of i32 by or
 * listed: all_bits sum (1 sum of i32 by and
 * listed: counted sum (1 sum of i
 * listed: magnitudes sum (1 sum of i
 * listed: differ sum (1 sum of i
 * listed: stored sum (1 sum of i
 * listed: stored_short sum (1 sum of i
 * unlisted: joined_and_added sum (
 * unlisted: hashed sum (
 * unlisted: seen sum (
 * unlisted: or_of_all sum (
 * either: NAME 0 262144 0..3000
 * either: NAME 0..99 1..99 0..70
 * either: NAME 1048000 0 100..2000
 * either: stored 0 4 1..3000
 * either: stored 4 0 1..3000
 * either: stored_short 0 2 1..3000
 * either: stored_short 6 0 1..3000
 */
#include "case.h"

#define SUM(name, type)                                                                                      \
    static INLINE type name##_(type *a, const type *b, int n);                                               \
    type EXPORT(name)(int a, int b, int n)                                                                   \
    {                                                                                                        \
        return name##_((type *)U8(a), (const type *)U8(b), n);                                               \
    }                                                                                                        \
    static INLINE type name##_(type *a, const type *b, int n)
#define EACH for (int i = 0; i < n; i++)

SUM(joined, uint32_t)
{
    uint32_t s = 7;
    (void)b;
    EACH s ^= a[i];
    return s;
}

SUM(any_bit, uint32_t)
{
    uint32_t s = 0;
    EACH s |= a[i] ^ b[i];
    return s;
}

SUM(stored, uint32_t) /* has vectors where the two do not overlap */
{
    uint32_t s = 0;
    EACH
    {
        uint32_t x = b[i];
        a[i] = x * 3;
        s += x;
    }
    return s;
}

SUM(stored_short, uint16_t)
{
    uint32_t s = 0;
    EACH
    {
        uint32_t x = b[i];
        a[i] = (uint16_t)(x * 3);
        s += x;
    }
    return (uint16_t)s;
}

SUM(all_bits, uint32_t)
{
    uint32_t s = ~0u;
    (void)b;
    EACH s &= a[i] | 7;
    return s;
}

SUM(counted, uint8_t)
{
    int s = 0;
    EACH s += a[i] == b[0];
    return (uint8_t)s;
}

SUM(magnitudes, int32_t)
{
    int s = 0;
    (void)b;
    EACH s += a[i] < 0 ? -(a[i] & 0xffff) : a[i] & 0xffff;
    return s;
}

SUM(differ, int16_t)
{
    int s = 0;
    EACH
    {
        if (a[i] != b[i])
            s++;
    }
    return (int16_t)s;
}

SUM(joined_and_added, uint32_t)
{
    uint32_t s = 7;
    EACH s = (s ^ a[i]) + b[i];
    return s;
}

SUM(hashed, uint32_t)
{
    uint32_t s = 2166136261u;
    (void)b;
    EACH s = (s ^ a[i]) * 16777619u;
    return s;
}

SUM(seen, uint32_t) /* ends where it says so */
{
    uint32_t s = 0;
    (void)b;
    for (int i = 0; i < n && s < 0xf0; i++)
        s |= a[i] & 0xff;
    return s;
}

SUM(or_of_all, uint32_t) /* each is stored */
{
    uint32_t s = 0;
    EACH
    {
        s |= b[i];
        a[i] = s;
    }
    return s;
}
