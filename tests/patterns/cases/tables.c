/* Loops that look bytes up in a table, or count them; and what is nearly one.
 *
 * for: icelake-server avx512vbmi
 * replaced: looked_up by_pointer in_place of_constant added added_from two_at_once counted counted_here
 * replaced: counted_by_pointer counted_by_two
 * listed: digits histogram (how often each value of i32
 * listed: colours histogram (how often each value of i8 is there, 4
 * listed: narrow histogram (
 * unlisted: places histogram (
 * unlisted: weighted histogram (
 * unlisted: stepped_back histogram (
 * refused: digits colours narrow places stepped_back
 * refused: masked signed_index wide_table moving strided_table turned_round only_some changed_table
 * refused: twice_added by_three weighted halves lost_counts with_total backwards both_ways
 * either: NAME 0..999 5000..6000 10000..11000 0..300
 * either: NAME 0 5000 10000 1000..5000
 * either: NAME 0..99 5000..5100 10000..11000 2048..2100
 * either: NAME 0 5000 10000 60..70
 * either: NAME 3000 5000 3000 1500
 * either: NAME 3000 9000 3001 2500
 * either: NAME 3000 9000 2999 2500
 * either: NAME 3000 9000 3064 4000
 * either: NAME 3000 4000 9000 3000
 * either: NAME 3000 2000 9000 3000
 * either: NAME 3000 2744 9000 3000
 * either: NAME 3000 1976 9000 3000
 * either: NAME 3000 9000 9100 3000
 * either: NAME 3000 9000 6100 3000
 * either: NAME 3000 9000 8745 3000
 * either: NAME 1040000 5000 10000 8000..9000
 * either: NAME 0 1048500 10000 3000
 * either: NAME 0 5000 1047000 3000
 * either: NAME 0 4294967000 10000 3000
 * either: NAME 4294967000 5000 10000 3000
 * either: NAME 1200000 5000 10000 3000
 * either: masked 0 5000 10000 3000
 * either: digits 0 5000 10000 700
 * either: colours 0 5000 10000 700
 * either: narrow 0 5000 10000 3000
 * either: places 0 5000 10000 3000
 * either: stepped_back 0 5000 10000 3000
 * either: signed_index 0 5000 10000 3000
 * either: wide_table 0 5000 10000 3000
 * either: moving 0 5000 10000 3000
 * either: strided_table 0 5000 10000 3000
 * either: turned_round 0 5000 10000 3000
 * either: only_some 0 5000 10000 3000
 * either: changed_table 0 5000 10000 3000
 * either: twice_added 0 5000 10000 3000
 * either: by_three 0 5000 10000 3000
 * either: weighted 0 5000 10000 3000
 * either: halves 0 5000 10000 3000
 * either: lost_counts 0 5000 10000 3000
 * either: with_total 0 5000 10000 3000
 * either: above 0 5000 10000 3000
 * either: backwards 0 5000 10000 3000
 * either: both_ways 0 5000 10000 3000
 */
#include "case.h"

/* Bytes x, a table t, and y for what is found: all in the buffer. */
#define TABLE(name, type, place)                                                                             \
    static INLINE uint32_t name##_(const uint8_t *x, type *t, place *y, int n);                              \
    uint32_t EXPORT(name)(int a, int b, int c, int n)                                                        \
    {                                                                                                        \
        return name##_(U8(a), (type *)U8(b), (place *)U8(c), n);                                             \
    }                                                                                                        \
    static INLINE uint32_t name##_(const uint8_t *x, type *t, place *y, int n)
#define EACH for (int i = 0; i < n; i++)

static uint8_t own_table[256] = {1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41};

TABLE(looked_up, uint8_t, uint8_t)
{
    EACH y[i] = t[x[i]];
    return y[n / 2];
}

TABLE(by_pointer, uint8_t, uint8_t)
{
    for (const uint8_t *end = x + n; x != end;)
        *y++ = t[*x++];
    return *t;
}

TABLE(in_place, uint8_t, uint8_t)
{
    EACH y[i] = t[y[i]];
    return *x;
}

TABLE(of_constant, uint8_t, uint8_t)
{
    own_table[200] = *t;
    EACH y[i] = own_table[x[i]];
    return y[n - 1];
}

TABLE(added, uint8_t, uint8_t)
{
    uint32_t sum = *y;
    EACH sum += t[x[i]];
    return sum;
}

TABLE(added_from, uint8_t, uint8_t)
{
    uint32_t sum = 0xfffffff0u;
    while (n-- > 0)
        sum += t[*x++];
    return sum + *y;
}

TABLE(two_at_once, uint8_t, uint8_t)
{
    for (; n >= 2; n -= 2, x += 2, y += 2) {
        uint8_t a = t[x[0]], b = t[x[1]];
        y[0] = a;
        y[1] = b;
    }
    return *x;
}

static uint32_t own_counts[256];

TABLE(counted, uint8_t, uint8_t)
{
    uint32_t sum = *t + *y;
    own_counts[7] = 0xfffffff0u;
    EACH own_counts[x[i]]++;
    for (int k = 0; k < 256; k++) {
        sum = sum * 31 + own_counts[k];
        own_counts[k] = 0;
    }
    return sum;
}

TABLE(counted_here, uint32_t, uint8_t)
{
    EACH t[x[i]]++;
    return *y;
}

TABLE(counted_by_pointer, uint32_t, uint8_t)
{
    for (const uint8_t *end = x + n; x < end; x++)
        t[*x] += 1;
    return *y;
}

TABLE(counted_by_two, uint32_t, uint8_t)
{
    for (int i = 0; i + 1 < n; i += 2) {
        t[x[i]]++;
        t[x[i + 1]]++;
    }
    return *y;
}

/* --- What is not. --- */

TABLE(masked, uint8_t, uint8_t)
{
    EACH y[i] = t[x[i] & 63];
    return 0;
}

TABLE(signed_index, uint8_t, uint8_t)
{
    EACH y[i] = t[(int8_t)x[i] + 128];
    return 0;
}

TABLE(wide_table, uint16_t, uint16_t)
{
    EACH y[i] = t[x[i]];
    return 0;
}

TABLE(moving, uint8_t, uint8_t)
{
    EACH y[i] = t[i + x[i]];
    return 0;
}

TABLE(strided_table, uint8_t, uint8_t)
{
    EACH y[i] = t[2 * x[i]];
    return 0;
}

TABLE(turned_round, uint8_t, uint8_t)
{
    for (int i = 0; i + 1 < n; i += 2) {
        y[i] = t[x[i + 1]];
        y[i + 1] = t[x[i]];
    }
    return 0;
}

TABLE(only_some, uint8_t, uint8_t)
{
    EACH
    {
        if (t[x[i]])
            y[i] = t[x[i]];
    }
    return 0;
}

TABLE(changed_table, uint8_t, uint8_t)
{
    EACH
    {
        y[i] = t[x[i]];
        t[1] = (uint8_t)i;
    }
    return 0;
}

TABLE(twice_added, uint8_t, uint8_t)
{
    uint32_t sum = 0;
    EACH sum += 2 * t[x[i]];
    return sum + *y;
}

TABLE(by_three, uint32_t, uint8_t)
{
    EACH t[x[i]] += 3;
    return *y;
}

TABLE(weighted, uint32_t, uint8_t)
{
    EACH t[x[i]] += x[i];
    return *y;
}

TABLE(halves, uint16_t, uint8_t)
{
    EACH t[x[i]]++;
    return *y;
}

/* A byte that is there twice is counted once. */
TABLE(lost_counts, uint32_t, uint8_t)
{
    for (int i = 0; i + 1 < n; i += 2) {
        uint32_t a = t[x[i]], b = t[x[i + 1]];
        t[x[i]] = a + 1;
        t[x[i + 1]] = b + 1;
    }
    return *y;
}

TABLE(with_total, uint32_t, uint32_t)
{
    EACH
    {
        t[x[i]]++;
        y[0]++;
    }
    return *y;
}

/* What is stored behind each byte is looked up next: found, but never done by the kernel. */
TABLE(above, uint8_t, uint8_t)
{
    uint8_t *z = (uint8_t *)x;
    EACH z[i + 1] = t[z[i]];
    return *y;
}

TABLE(backwards, uint8_t, uint8_t)
{
    for (int i = n - 1; i >= 0; i--)
        y[i] = t[x[i]];
    return 0;
}

TABLE(both_ways, uint8_t, uint8_t)
{
    EACH y[n - 1 - i] = t[x[i]];
    return 0;
}

/* Counts that have no kernel. */
TABLE(digits, uint32_t, uint32_t)
{
    (void)y;
    EACH((uint32_t *)t)[((const uint32_t *)x)[i] >> 5 & 1023]++;
    return 0;
}

TABLE(colours, uint32_t, uint32_t)
{
    uint32_t(*h)[256] = (void *)t;
    const uint8_t *p = (const uint8_t *)x;
    (void)y;
    for (int i = 0; i < n; i++, p += 4) {
        h[0][p[0]]++;
        h[1][p[1]]++;
        h[2][p[2]]++;
        h[3][p[3]]++;
    }
    return 0;
}

TABLE(narrow, uint8_t, uint8_t)
{
    (void)y;
    EACH((uint16_t *)t)[x[i]]++;
    return 0;
}

/* Of places, not of what is there. */
TABLE(places, uint8_t, uint8_t)
{
    (void)y, (void)x;
    EACH((uint32_t *)t)[i * 7 & 255]++;
    return 0;
}

TABLE(stepped_back, uint8_t, uint8_t)
{
    (void)y;
    EACH((uint32_t *)t)[x[i]]--;
    return 0;
}
