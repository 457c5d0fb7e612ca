/* Products of matrices whose sums are stored each time that something is added to them, and what is nearly
 * one.
 *
 * replaced: carried begun vector
 * refused: late moving elsewhere otherwise
 * kernel: NAME 0 262144 524288 37 33
 * loop: NAME 262144 262144 524288 37 33
 * loop: NAME 0 262144 100 37 33
 * either: NAME 0..400*4 1600 524288 0..40 0..40
 * either: NAME 0 262144 524288 0..40 0..40
 * either: NAME 0 262144 524288 33 2147483647
 * either: NAME 0 4294950000 524288 33 33
 * either: pairs 0 262144 524288 37 33
 * either: late 0 262144 524288 37 33
 * either: moving 0 262144 524288 37 33
 * either: elsewhere 0 262144 524288 37 33
 * either: otherwise 0 262144 524288 37 33
 */
#include "case.h"

#define KERNEL(name)                                                                                         \
    static INLINE void name##_(float *c, const float *a, const float *b, int n, int k);                      \
    void EXPORT(name)(int c, int a, int b, int n, int k)                                                     \
    {                                                                                                        \
        name##_(F32(c), F32(a), F32(b), n, k);                                                               \
    }                                                                                                        \
    static INLINE void name##_(float *c, const float *a, const float *b, int n, int k)
#define ROWS                                                                                                 \
    for (int i = 0; i < n; i++)                                                                              \
        for (int j = 0; j < n; j++)

KERNEL(carried)
{
    ROWS for (int p = 0; p < k; p++) c[i * n + j] += a[i * k + p] * b[p * n + j];
}

KERNEL(begun)
{
    ROWS
    {
        c[i * n + j] = 0;
        for (int p = 0; p < k; p++)
            c[i * n + j] += a[i * k + p] * b[p * n + j];
    }
}

KERNEL(vector)
{
    for (int i = 0; i < n; i++) {
        c[i] = 0;
        for (int p = 0; p < 8 * k; p++)
            c[i] += a[i * k + p] * b[p];
    }
}

KERNEL(pairs) /* n x 33 by 33 x n, whatever k is */
{
    (void)k;
    ROWS for (int p = 0; p < 33; p++) c[i * n + j] += a[i * 33 + p] * b[p * n + j];
}

KERNEL(late) /* what was added last is never stored */
{
    ROWS
    {
        float s = c[i * n + j];
        for (int p = 0; p < k; p++) {
            c[i * n + j] = s;
            s += a[i * k + p] * b[p * n + j];
        }
    }
}

KERNEL(moving) /* all of them stay */
{
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++) {
            s += a[i * k + p] * b[p * n + j];
            c[(i * n + j) * k + p] = s;
        }
    }
}

KERNEL(elsewhere) /* to two places */
{
    ROWS for (int p = 0; p < k; p++)
    {
        c[i * n + j] += a[i * k + p] * b[p * n + j];
        c[n * n] = c[i * n + j];
    }
}

KERNEL(otherwise) /* what is there at first is not what is added to */
{
    ROWS
    {
        float s = 0.5f;
        c[i * n + j] = 7;
        for (int p = 0; p < k; p++) {
            s += a[i * k + p] * b[p * n + j];
            c[i * n + j] = s;
        }
    }
}
