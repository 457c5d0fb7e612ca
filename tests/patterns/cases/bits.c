/* Loops that count bits of a number, or look for one; and what is nearly that.
 *
 * replaced: added added_by_test added64 joined above_one lowest lowest64 highest
 * replaced: fixed fixed_half unrolled unrolled64 some_bits two_numbers cleared64
 * replaced: above_three spared_on_top odd_rounds odd_cleared turned_by
 * replaced: place_lowest place_lowest64 place_highest place_clear
 * refused: place_from_one place_by_two place_wraps place_early place_squares
 * refused: signed_shift by_two other_bit weighted stored called early sum_of_rest twice_moved
 * refused: reversed above_five not_below turned_by_it turned_now_and_then sum_above
 * either: NAME 0
 * either: NAME 0..999*8
 * either: NAME 0..9999*8
 * either: NAME 8..800*8
 * either: length 0..9999*8
 * either: cleared 0..9999*8
 * either: halved 0..9999*8
 * either: added_left 0..9999*8
 * either: length_left 0..9999*8
 * either: signed_shift 0..999*8
 * either: by_two 0..999*8
 * either: other_bit 0..999*8
 * either: weighted 0..999*8
 * either: stored 0..999*8
 * either: called 0..999*8
 * either: early 0..999*8
 * either: sum_of_rest 0..999*8
 * either: twice_moved 0..999*8
 * either: reversed 0..999*8
 * either: above_five 0..999*8
 * either: not_below 0..999*8
 * either: turned_by_it 0..999*8
 * either: turned_now_and_then 0..999*8
 * either: sum_above 0..999*8
 * either: signed_above 0..999*8
 * either: place_from_one 0..999*8
 * either: place_by_two 0..999*8
 * either: place_wraps 0..999*8
 * either: place_early 0..999*8
 * either: place_squares 0..999*8
 * either: place_before 0..999*8
 * either: place_named 0..999*8
 */
#include "case.h"

#define BITS(name, type)                                                                                     \
    long long name##_(type x);                                                                               \
    long long EXPORT(name)(int a)                                                                            \
    {                                                                                                        \
        uint32_t *p = (uint32_t *)U8(a);                                                                     \
        uint64_t all = p[0] | (uint64_t)p[1] << 32, sum = 0;                                                 \
        for (int k = 0; k < 64; k++) /* of all lengths */                                                    \
            sum = sum * 31 + (uint64_t)name##_((type)(all >> k));                                            \
        sum += (uint64_t)name##_((type)~0ull) + (uint64_t)name##_((type)1 << (sizeof(type) * 8 - 1));        \
        return (long long)sum;                                                                               \
    }                                                                                                        \
    __attribute__((noinline)) long long EXPORT(name##_)(type x)

BITS(added, uint32_t)
{
    int n = 5;
    while (x) {
        n += x & 1;
        x >>= 1;
    }
    return n;
}

BITS(added_by_test, uint32_t)
{
    int n = 0;
    for (; x != 0; x >>= 1) {
        if (x & 1)
            n++;
    }
    return n;
}

BITS(added64, uint64_t)
{
    int n = 0;
    for (; x; x /= 2)
        n += (int)(x % 2);
    return n;
}

BITS(joined, uint32_t)
{
    uint32_t odd = 1;
    for (; x; x >>= 1)
        odd ^= x & 1;
    return odd;
}

BITS(above_one, uint32_t)
{
    int n = 0, rounds = 7;
    do {
        n += x & 1;
        rounds += 3;
        x >>= 1;
    } while (x);
    return n * 1000 + rounds;
}

/* The sum, the rounds, and what is left. */
BITS(halved, uint64_t)
{
    int64_t n = 0, rounds = 0;
    while (x > 0) {
        n += x & 1;
        rounds--;
        x = x >> 1;
    }
    return n * 1000 + rounds + (int64_t)x;
}

BITS(added_left, uint32_t)
{
    int n = 0, rounds = 0;
    for (; x; x <<= 1) {
        n += x >> 31;
        rounds++;
    }
    return n * 100 + rounds;
}

BITS(lowest, uint32_t)
{
    int n = 0;
    if (!x)
        return 32;
    while (!(x & 1)) {
        n++;
        x >>= 1;
    }
    return n * 1000 + (x & 255);
}

BITS(lowest64, uint64_t)
{
    int n = 0;
    if (!x)
        return 64;
    for (; (x & 1) == 0; x >>= 1)
        n++;
    return n;
}

BITS(highest, uint32_t)
{
    int n = 0;
    if (x == 0)
        return -1;
    while ((int32_t)x >= 0) {
        n += 2;
        x <<= 1;
    }
    return n + (x >> 28);
}

BITS(length_left, uint64_t)
{
    int n = 64;
    for (; x; x += x)
        n--;
    return n;
}

BITS(fixed, uint32_t)
{
    int n = 0;
#pragma clang loop unroll(disable)
    for (int k = 0; k < 32; k++, x >>= 1)
        n += x & 1;
    return n;
}

BITS(fixed_half, uint64_t)
{
    uint64_t n = 100;
#pragma clang loop unroll(disable)
    for (int k = 0; k < 20; k++) {
        n += x & 1;
        x >>= 1;
    }
    return (long long)(n * 3 + x);
}

BITS(unrolled, uint32_t)
{
    int n = 0;
#pragma clang loop unroll(full)
    for (int k = 0; k < 32; k++)
        n += x >> k & 1;
    return n;
}

BITS(unrolled64, uint64_t)
{
    int64_t n = 1;
#pragma clang loop unroll(full)
    for (int k = 0; k < 64; k++)
        n += (int64_t)(x >> k & 1);
    return n;
}

BITS(some_bits, uint32_t)
{
    return (x & 1) + (x >> 3 & 1) + (x >> 5 & 1) + (x >> 9 & 1) + (x >> 17 & 1) + (x >> 21 & 1) + (x >> 31) +
           7;
}

BITS(two_numbers, uint32_t)
{
    uint32_t y = x * 2654435761u, n = 0;
#pragma clang loop unroll(full)
    for (int k = 0; k < 16; k++)
        n += (x >> k & 1) + (y >> k & 1);
    return n + (x >> 3 & 1);
}

/* Bits at the end that are never looked at. */
BITS(above_three, uint32_t)
{
    int n = 0;
    do {
        n += 2;
        x >>= 1;
    } while (x > 3);
    return n * 100 + (int)x;
}

BITS(spared_on_top, uint64_t)
{
    int n = 0;
    while (x >= 64) {
        x >>= 1;
        n += 3;
    }
    return n + (long long)x;
}

/* Whether rounds are odd. */
BITS(odd_rounds, uint32_t)
{
    uint32_t odd = 5;
    for (; x; x >>= 1)
        odd ^= 9;
    return odd;
}

BITS(odd_cleared, uint64_t)
{
    int odd = 0;
    while (x) {
        odd = !odd;
        x &= x - 1;
    }
    return odd;
}

BITS(turned_by, uint32_t)
{
    uint32_t by = x * 2654435761u, odd = x ^ 1;
    do {
        odd ^= by;
        x &= x - 1;
    } while (x);
    return odd;
}

/* Those that clang itself knows, at some levels. */
BITS(length, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1)
        n++;
    return n;
}

BITS(cleared, uint32_t)
{
    int n = 0;
    for (; x; x &= x - 1)
        n++;
    return n;
}

BITS(cleared64, uint64_t)
{
    int64_t n = 3;
    while (x) {
        n += 2;
        x = x & (x - 1);
    }
    return n;
}

/* --- What is not. --- */

BITS(signed_shift, uint32_t)
{
    int32_t y = (int32_t)x & 0x7fffffff, n = 0;
    for (; y != 0 && y != -1; y >>= 1)
        n += (y & 1) * 3;
    return n;
}

BITS(by_two, uint32_t)
{
    int n = 0;
    for (; x; x >>= 2)
        n += x & 1;
    return n;
}

BITS(other_bit, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1)
        n += x >> 1 & 1;
    return n;
}

BITS(weighted, uint32_t)
{
    int n = 0, k = 1;
    for (; x; x >>= 1, k++)
        n += x & 1 ? k : 0;
    return n;
}

BITS(stored, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1) {
        n += x & 1;
        memory[n] = x;
    }
    return n;
}

static __attribute__((noinline)) int one(int x)
{
    static volatile int seen;
    return seen = x & 1;
}
BITS(called, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1)
        n += one((int)x);
    return n;
}

BITS(early, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1) {
        n += x & 1;
        if (n == 7)
            return x;
    }
    return n;
}

BITS(sum_of_rest, uint32_t)
{
    uint32_t n = 0;
    for (; x; x >>= 1)
        n += x;
    return n;
}

BITS(twice_moved, uint32_t)
{
    int n = 0;
    for (; x; x >>= 1) {
        n += x & 1;
        x ^= x >> 7 & 2;
    }
    return n;
}

BITS(above_five, uint32_t)
{
    int n = 0;
    for (; x > 5; x >>= 1)
        n += 3;
    return n + (int)x;
}

BITS(not_below, uint32_t)
{
    int n = 0;
    for (uint32_t y = x | 1; y >= 6; y >>= 1)
        n += 3;
    return n;
}

BITS(turned_by_it, uint32_t)
{
    uint32_t y = 0;
    for (; x; x >>= 1)
        y ^= x;
    return y;
}

BITS(turned_now_and_then, uint32_t)
{
    uint32_t y = 0;
    for (; x; x >>= 1)
        y ^= x & 2 ? 5 : 9;
    return y;
}

/* Those that are left are not added. */
BITS(sum_above, uint32_t)
{
    int n = 0;
    for (; x > 7; x >>= 1)
        n += x & 1;
    return n;
}

BITS(signed_above, uint32_t)
{
    int n = 0;
    for (int32_t y = (int32_t)x; y > 3; y >>= 1)
        n += 3;
    return n;
}

BITS(reversed, uint32_t)
{
    uint32_t y = 1;
    for (; x; x >>= 1)
        y = y << 1 | (x & 1);
    return y;
}

/* Bits by their places. */
BITS(place_lowest, uint32_t)
{
    int i = 0;
    if (!x)
        return -1;
    while (!(x & 1u << i))
        i++;
    return i;
}

BITS(place_lowest64, uint64_t)
{
    unsigned i = 0;
    if (!x)
        return 64;
    while (!(x >> i & 1))
        i++;
    return i;
}

BITS(place_highest, uint32_t)
{
    int i = 31;
    if (!x)
        return 99;
    while (!(x >> i & 1))
        i--;
    return i;
}

BITS(place_clear, uint32_t)
{
    int i = 0;
    if (x == ~0u)
        return -7;
    while (x >> i & 1)
        i++;
    return i;
}

/* Something else goes on evenly beside it. */
BITS(place_named, uint32_t)
{
    int i = 0;
    long long sum = 1000;
    if (!x)
        return 5;
    for (; !(x >> i & 1); i++)
        sum -= 17;
    return sum + i * 3;
}

BITS(place_from_one, uint32_t)
{
    int i = 1;
    if (x < 2)
        return -1;
    while (!(x >> i & 1))
        i++;
    return i;
}

BITS(place_by_two, uint32_t)
{
    int i = 0;
    if (!(x & 0x55555555))
        return -1;
    while (!(x >> i & 1))
        i += 2;
    return i;
}

/* The bits above the first ones come before those below. */
BITS(place_wraps, uint32_t)
{
    int i = 5;
    if (!x)
        return -1;
    while (!(x >> (i & 31) & 1))
        i++;
    return i;
}

BITS(place_early, uint32_t)
{
    for (int i = 0; i < 16; i++) {
        if (x >> i & 1)
            return i;
    }
    return -1;
}

/* Nor is what it squares on the way known. */
BITS(place_squares, uint32_t)
{
    uint32_t i = 0, hash = x;
    if (!x)
        return 0;
    for (; !(x >> i & 1); i++)
        hash = hash * hash + i;
    return hash;
}

/* Whichever comes first. */
BITS(place_before, uint32_t)
{
    for (int i = 31; i >= 0; i--) {
        if (x >> i & 1)
            return i;
    }
    return -1;
}
