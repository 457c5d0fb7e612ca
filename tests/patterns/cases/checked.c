/* Loops with the checks of bounds of other languages, which trap in the middle: what they did until then is
 * there, and nothing else. Lengths may be shorter than the loop, indices begin anywhere and wrap around.
 *
 * listed: multiplied map (
 * listed: stored_first map (
 * listed: least_at extreme (
 * listed: counted histogram (
 * listed: added sum (
 * unlisted: looked_for map (
 * either: NAME 0 262144 0..3000 0..3000
 * either: NAME 0 262144 2000..3000 3000..4000
 * either: NAME 0..99 1..99 0..70 0..70
 * either: NAME 1048000 0 100..2000 100..2000
 * either: NAME 0 4096 3000 4294967295
 * either: NAME 0 4096 3000 2147483647
 * either: NAME 0 4096 1 0
 * either: NAME 0 4096 1 1
 * either: from 4294967290 0 20 4294967295
 * either: from 0 4096 100 101
 * either: from 4294967295 4096 100 4294967295
 * either: down 0 4096 100 99
 * either: down 0 4096 100 100
 * either: least_from 0 0 100 100 100
 * either: least_from 0 0 100 100 99
 * either: least_from 0 0 100 100 4294967295
 * either: least_from 0 0 2000..3000 3000 0..2000
 * either: least_of_others 0 262144 100..2000 100..2000
 */
#include "case.h"

#define CHECK(i, len)                                                                                        \
    do {                                                                                                     \
        if ((uint32_t)(i) >= (uint32_t)(len))                                                                \
            __builtin_trap();                                                                                \
    } while (0)
#define LOOP(name) uint32_t EXPORT(name)(int a, int b, uint32_t n, uint32_t len)
#define WORDS(at)  ((uint32_t *)U8(at))

LOOP(multiplied)
{
    for (uint32_t i = 0; i < n; i++) {
        CHECK(i, len);
        ((float *)U8(a))[i] = ((float *)U8(b))[i] * 3.0f;
    }
    return 0;
}

/* The round whose check fails has stored, too. */
LOOP(stored_first)
{
    for (uint32_t i = 0; i < n; i++) {
        WORDS(a)[i] = WORDS(b)[i] ^ 0x55;
        CHECK(i, len);
    }
    return 0;
}

LOOP(least_at)
{
    const double *v = (const double *)U8(a);
    uint32_t w = 0;
    (void)b;
    for (uint32_t i = 1; i < n; i++) {
        CHECK(i, len);
        CHECK(w, len);
        w = v[i] < v[w] ? i : w;
    }
    return w;
}

/* The first place is beyond the length, but not the later ones. */
uint32_t EXPORT(least_from)(int a, int b, uint32_t n, uint32_t len, uint32_t w)
{
    const float *v = (const float *)U8(a);
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        CHECK(w, len);
        w = v[i] < v[w & 1023] ? i : w;
    }
    return w;
}

/* Places that are chosen from others than the elements'. */
LOOP(least_of_others)
{
    const uint8_t *v = U8(a);
    uint32_t w = 0;
    for (uint32_t i = 0; i < n; i++) {
        CHECK(w, len);
        w = v[i] < v[w & 1023] ? v[i] : w + (v[i] == 7);
        U8(b)[i & 1023] = (uint8_t)w;
    }
    return w;
}

LOOP(counted)
{
    for (uint32_t i = 0; i < n; i++) {
        CHECK(i, len);
        WORDS(b)[U8(a)[i]]++;
    }
    return 0;
}

LOOP(added)
{
    uint32_t s = 0;
    (void)b;
    for (uint32_t i = 0; i < n; i++) {
        CHECK(i, len);
        s += U8(a)[i] * 3u;
    }
    return s;
}

/* Of two ways out one is no check. */
LOOP(looked_for)
{
    for (uint32_t i = 0; i < n; i++) {
        CHECK(i, len);
        if (U8(b)[i] == 9)
            return i;
        U8(a)[i] = U8(b)[i];
    }
    return n;
}

/* The index wraps around, and is below the length again. */
LOOP(from)
{
    for (uint32_t i = 0; i < n; i++) {
        CHECK(i + (uint32_t)a, len);
        WORDS(b)[i] = i * 5;
    }
    return 0;
}

LOOP(down)
{
    for (uint32_t i = n; i-- > 0;) {
        CHECK(i, len);
        WORDS(b)[i] = WORDS(a)[i] + 1;
    }
    return 0;
}

/* A second index with another stride. */
LOOP(every_third)
{
    for (uint32_t i = 0; i < n; i++) {
        CHECK(3 * i + 5, len);
        WORDS(a)[i] = U8(b)[3 * i + 5];
    }
    return 0;
}
