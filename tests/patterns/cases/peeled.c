/* Loops that were taken apart, and what only looks so: a round in front where their number is odd, most of
 * the rounds in a loop of their own that a test passes over.
 *
 * replaced: odd_first odd_bytes always_first either_way
 * refused: other_row other_sign other_parity stays_behind goes_too_far written_between
 * refused: stored_elsewhere begins_late
 * either: odd_first 0 262144 524288 37
 * either: odd_first 0 262144 524288 38
 * either: odd_first 0 262144 524288 20..60
 * kernel: always_first 0 262144 524288 20..60
 * either: either_way 0 262144 524288 20..60
 * either: odd_first 262144 262140 524288 21
 * loop: either_way 0 4 524288 20..40
 * either: odd_first 0 262144 524288 1..4
 * either: odd_first 0 400 1200 2..17
 * either: odd_bytes 0 262144 524288 20..60
 * either: odd_bytes 0 262144 524288 1..4
 * either: always_first 0 262144 524288 1..4
 * either: either_way 0 262144 524288 1..8
 * either: either_way 0 400 1200 4..17
 * either: other_row 0 262144 524288 20..40
 * either: other_sign 0 262144 524288 20..40
 * either: other_parity 0 262144 524288 20..40
 * either: stays_behind 0 262144 524288 20..40
 * either: goes_too_far 0 262144 524288 20..40
 * either: written_between 0 262144 524288 20..40
 * either: stored_elsewhere 0 262144 524288 20..40
 * either: begins_late 0 262144 524288 20..40
 * either: skips_more 0 262144 524288 20..40
 * either: other_column 0 262144 524288 20..40
 * either: ends_early 0 262144 524288 20..40
 */
#include "case.h"

#define KERNEL(name, sum, type)                                                                              \
    static INLINE void name##_(sum *c, const type *a, const type *b, int n);                                 \
    float EXPORT(name)(int c, int a, int b, int n)                                                           \
    {                                                                                                        \
        name##_((sum *)U8(c), (const type *)U8(a), (const type *)U8(b), n);                                  \
        return 0;                                                                                            \
    }                                                                                                        \
    static INLINE void name##_(sum *c, const type *a, const type *b, int n)

#define ADD(i, p, j)  c[(i) * n + (j)] += a[(i) * n + (p)] * b[(p) * n + (j)]
#define TAKE(i, p, j) c[(i) * n + (j)] -= a[(i) * n + (p)] * b[(p) * n + (j)]
#define ROWS                                                                                                 \
    for (int i = 0; i < n; i++)                                                                              \
        for (int p = 0; p < n; p++)

/* A round if their number is odd, then two at a time: what differs are parity, first round, guard and rest.
 */
#define ODD_FIRST(is_odd, FIRST, is_over, second, goes_on)                                                   \
    ROWS                                                                                                     \
    {                                                                                                        \
        int j = 0;                                                                                           \
        if (is_odd) {                                                                                        \
            FIRST;                                                                                           \
            j = 1;                                                                                           \
        }                                                                                                    \
        if (!(is_over)) {                                                                                    \
            do {                                                                                             \
                ADD(i, p, j);                                                                                \
                ADD(i, p, j + second);                                                                       \
                j += 2;                                                                                      \
            } while (j goes_on n);                                                                           \
        }                                                                                                    \
    }

KERNEL(odd_first, float, float)
{
    ODD_FIRST(n & 1, ADD(i, p, 0), n == 1, 1, !=);
}

KERNEL(odd_bytes, int32_t, int8_t)
{
    ODD_FIRST(n & 1, ADD(i, p, 0), n == 1, 1, !=);
}

KERNEL(other_row, float, float)
{
    ODD_FIRST(n & 1, ADD(i, (p ? p - 1 : 1), 0), n == 1, 1, !=);
}

KERNEL(other_sign, float, float)
{
    ODD_FIRST(n & 1, TAKE(i, p, 0), n == 1, 1, !=);
}

KERNEL(other_parity, float, float) /* of rows: the last round may be one too many */
{
    ODD_FIRST(i & 1, ADD(i, p, 0), n == 1, 1, <);
}

KERNEL(stays_behind, float, float) /* the first one is left out */
{
    ODD_FIRST(n & 1, ADD(i, p, 1), n == 1, 1, !=);
}

KERNEL(goes_too_far, float, float)
{
    ODD_FIRST(n & 1, ADD(i, p, 0), n == 1, 2, !=);
}

KERNEL(written_between, float, float)
{
    ODD_FIRST(n & 1, (ADD(i, p, 0), c[i * n + 1] = 2), n == 1, 1, !=);
}

KERNEL(stored_elsewhere, float, float)
{
    ODD_FIRST(n & 1, c[i * n + 1] = c[i * n] + a[i * n + p] * b[p * n], n == 1, 1, !=);
}

KERNEL(always_first, float, float) /* the number of rounds is a constant and odd */
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            float s = 0;
            int p = 0;
            for (;;) {
                s += a[i * 41 + p] * b[p * 64 + j];
                if (p == 40)
                    break;
                s += a[i * 41 + p + 1] * b[(p + 1) * 64 + j];
                p += 2;
            }
            c[i * n + j] = s;
        }
    }
}

/* (clang -O3 takes the test of n out, and what then remains for a small n is a product.) Where the sum of two
 * numbers says so, most rounds have a loop of their own. */
#define EITHER_WAY(begin, rounds, column, is_over, last)                                                     \
    ROWS                                                                                                     \
    {                                                                                                        \
        int j = begin;                                                                                       \
        if (n > 3 && (i + p) % 3) {                                                                          \
            j = 0;                                                                                           \
            do {                                                                                             \
                ADD(i, p, column);                                                                           \
                j++;                                                                                         \
            } while (j != (rounds));                                                                         \
            if (is_over)                                                                                     \
                continue;                                                                                    \
        }                                                                                                    \
        do {                                                                                                 \
            ADD(i, p, j);                                                                                    \
            j++;                                                                                             \
        } while (j last);                                                                                    \
    }

KERNEL(either_way, float, float)
{
    EITHER_WAY(0, n & ~3, j, j == n, != n);
}

KERNEL(begins_late, float, float)
{
    EITHER_WAY(1, n & ~3, j, j == n, != n);
}

KERNEL(skips_more, float, float)
{
    EITHER_WAY(0, n & ~3, j, j == n || j == n - 1, != n);
}

KERNEL(other_column, float, float)
{
    EITHER_WAY(0, n & ~3, j ^ 1, j == n, != n);
}

KERNEL(ends_early, float, float)
{
    EITHER_WAY(0, n & ~3, j, j == n, < n - 1);
}
