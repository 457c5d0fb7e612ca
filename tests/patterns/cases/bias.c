/* Products of matrices whose sums begin with something else in memory, and what is nearly that.
 *
 * replaced: of_column of_row of_each of_vector transposed bytes_of_column
 * refused: of_step stored_first
 * kernel: of_column 0 262144 524288 786432 33 35 37
 * kernel: of_row 0 262144 524288 786432 20..40 20..40 20..40
 * kernel: of_each 0 262144 524288 786432 20..40 20..40 20..40
 * kernel: of_vector 0 262144 524288 786432 90..120 1 60..90
 * kernel: transposed 0 262144 524288 786432 20..40 20..40 20..40
 * loop: of_column 0 262144 524288 4 33 35 37
 * loop: of_column 0 262144 524288 4000 33 35 37
 * loop: of_each 0 262144 524288 4 33 35 37
 * loop: of_vector 0 262144 524288 400 120 1 60
 * either: of_column 0 262144 524288 786432 0..20 0..20 0..20
 * either: of_column 8000 262144 524288 7996 20..40 20..40 20..40
 * either: of_each 0 262144 524288 0 20..40 20..40 20..40
 * either: of_each 0 262144 524288 8 20..40 20..40 20..40
 * either: bytes_of_column 0 262144 524288 786432 20..40 20..40 20..40
 * either: bytes_of_column 0 262144 524288 40 20..40 20..40 20..40
 * either: of_step 0 262144 524288 786432 20..40 20..40 20..40
 * either: stored_first 0 262144 524288 786432 20..40 20..40 20..40
 * either: stored_first 0 262144 524288 100 20..40 20..40 20..40
 */
#include "case.h"

#define KERNEL(name, sum, type)                                                                              \
    static INLINE void name##_(sum *c, const type *a, const type *b, const sum *d, int n, int m, int k);     \
    float EXPORT(name)(int c, int a, int b, int d, int n, int m, int k)                                      \
    {                                                                                                        \
        name##_((sum *)U8(c), (const type *)U8(a), (const type *)U8(b), (const sum *)U8(d), n, m, k);        \
        return 0;                                                                                            \
    }                                                                                                        \
    static INLINE void name##_(sum *c, const type *a, const type *b, const sum *d, int n, int m, int k)

#define ROWS                                                                                                 \
    for (int i = 0; i < n; i++)                                                                              \
        for (int j = 0; j < m; j++)
#define SUM(type, first)                                                                                     \
    ROWS                                                                                                     \
    {                                                                                                        \
        type s = first;                                                                                      \
        for (int p = 0; p < k; p++)                                                                          \
            s += a[i * k + p] * b[p * m + j];                                                                \
        c[i * m + j] = s;                                                                                    \
    }

KERNEL(of_column, float, float)
{
    SUM(float, d[j]);
}

KERNEL(of_row, float, float)
{
    SUM(float, d[i]);
}

KERNEL(of_each, float, float)
{
    SUM(float, d[j * n + i]);
}

KERNEL(bytes_of_column, int32_t, int8_t)
{
    SUM(int32_t, d[j]);
}

KERNEL(of_vector, float, float)
{
    (void)m;
    for (int i = 0; i < n; i++) {
        float s = d[i];
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        c[i] = s;
    }
}

KERNEL(transposed, float, float)
{
    ROWS
    {
        float s = d[j];
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p * m + j];
        c[j * n + i] = s;
    }
}

KERNEL(of_step, float, float) /* another one for each product */
{
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++)
            s = d[p] + s * a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
}

KERNEL(stored_first, float, float) /* where it is read again */
{
    ROWS
    {
        c[j] = d[i];
        float s = d[j];
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
}
