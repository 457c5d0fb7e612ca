/* What is nearly a product of matrices, and products that lie or run in unusual ways.
 *
 * replaced: strided vector_row vector_column convolution gram leaves_last
 * refused: minus scaled widened observed early_exit counted_zero
 * kernel: strided 0 262144 524288 37 41 61
 * kernel: vector_row 0 262144 524288 1 130 64
 * kernel: vector_column 0 262144 524288 130 1 64
 * kernel: convolution 0 262144 524288 600 1 20
 * kernel: gram 0 262144 262144 40 1 33
 * loop: strided 0 262144 524288 37 41 60
 * loop: vector_column 0 512 524288 130 1 64
 * loop: convolution 4 0 524288 600 1 20
 * loop: gram 1600 0 0 20 1 30
 * either: backward 0 262144 524288 0..40 0..40 0..40
 * either: strided 4000 262144 524288 0..40 0..40 0..60
 * either: vector_row 0 262144 524288 1 0..200 0..200
 * either: vector_column 0 262144 524288 0..200 1 0..200
 * either: convolution 0 262144 524288 0..900 1 0..40
 * either: minus 0 262144 524288 30 30 30
 * either: scaled 0 262144 524288 30 30 30
 * either: widened 0 262144 524288 30 30 30
 * either: triangle 0 262144 524288 30 30 30
 * either: observed 0 262144 524288 30 30 30
 * either: early_exit 0 262144 524288 30 30 30
 * either: counted_zero 0 262144 524288 30 30 30
 * either: leaves_last 0 262144 524288 30 30 30
 * unlisted: strided convolution (
 * unlisted: vector_row convolution (
 * unlisted: vector_column convolution (
 * unlisted: gram convolution (
 * unlisted: leaves_last convolution (
 * unlisted: minus convolution (
 * unlisted: scaled convolution (
 * unlisted: widened convolution (
 * unlisted: observed convolution (
 * unlisted: early_exit convolution (
 * unlisted: counted_zero convolution (
 * unlisted: backward convolution (
 * unlisted: triangle convolution (
 * unlisted: convolution convolution (
 */
#include "case.h"

#define KERNEL(name, type)                                                                                   \
    static INLINE type name##_(type *c, const type *a, const type *b, int n, int m, int k);                  \
    type EXPORT(name)(int c, int a, int b, int n, int m, int k)                                              \
    {                                                                                                        \
        return name##_((type *)U8(c), (const type *)U8(a), (const type *)U8(b), n, m, k);                    \
    }                                                                                                        \
    static INLINE type name##_(type *c, const type *a, const type *b, int n, int m, int k)
#define ROWS                                                                                                 \
    for (int i = 0; i < n; i++)                                                                              \
        for (int j = 0; j < m; j++)

KERNEL(backward, float) /* the last products first */
{
    ROWS
    {
        float s = 0;
        for (int p = k - 1; p >= 0; p--)
            s += a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(strided, float) /* rows of sums overlap when k is below m + 20 */
{
    ROWS
    {
        float s = 1;
        for (int p = 0; p < k; p++)
            s += a[i * 64 + p] * b[p * 3 + j * 200];
        c[i * (k - 20) + j] = s;
    }
    return 0;
}

KERNEL(vector_row, float)
{
    (void)n;
    for (int j = 0; j < m; j++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[p] * b[p * m + j];
        c[j] = s;
    }
    return 0;
}

KERNEL(vector_column, float)
{
    (void)m;
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        c[i] = s;
    }
    return 0;
}

KERNEL(convolution, float)
{
    (void)m;
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i + p] * b[p];
        c[i] = s;
    }
    return 0;
}

KERNEL(gram, float) /* a matrix and its own transpose */
{
    (void)m, (void)b;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * a[j * k + p];
            c[i * n + j] = s;
        }
    }
    return 0;
}

KERNEL(minus, float)
{
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++)
            s -= a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(scaled, float)
{
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p * m + j] * 1.5f;
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(widened, float) /* sums are rounded at the end only */
{
    ROWS
    {
        double s = 0;
        for (int p = 0; p < k; p++)
            s += (double)a[i * k + p] * (double)b[p * m + j];
        c[i * m + j] = (float)s;
    }
    return 0;
}

KERNEL(triangle, float)
{
    (void)k;
    ROWS
    {
        float s = 0;
        for (int p = 0; p <= i; p++)
            s += a[i * n + p] * b[p * m + j];
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(observed, float) /* somebody else wants to know the sum on the way */
{
    int above = 0;
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++) {
            s += a[i * k + p] * b[p * m + j];
            above += s > 1;
        }
        c[i * m + j] = s;
    }
    return (float)above;
}

KERNEL(early_exit, float)
{
    ROWS
    {
        float s = 0;
        for (int p = 0; p < k; p++) {
            s += a[i * k + p] * b[p * m + j];
            if (s > 2)
                break;
        }
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(counted_zero, float) /* the sum goes on from row to row */
{
    float s = 0;
    ROWS
    {
        if (j == 7)
            s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
    return 0;
}

KERNEL(leaves_last, float) /* the last sum is a result, too */
{
    float s = 0;
    ROWS
    {
        s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p * m + j];
        c[i * m + j] = s;
    }
    return s;
}
