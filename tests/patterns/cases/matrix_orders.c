/* The six orders of loops of a product of matrices, pointers and indexes, sums in a local and in memory.
 *
 * replaced: ijk jik ikj kij jki kji transposed_a transposed_b from_bias
 * kernel: NAME 0 262144 524288 37 41 29
 * kernel: NAME 0 262144 524288 64 64 64
 * kernel: NAME 4 262145 524290 5 33 40
 * kernel: NAME 0 262144 524288 16 17 300
 * kernel: NAME 0 262144 262144 33 33 33
 * either: NAME 0 262144 524288 1..45 1..45 1..45
 * either: NAME 0..25000*4 25000..75000*4 75000..125000*4 1..60 1..60 1..60
 * either: pointers 0 262144 524288 1..45 1..45 1..45
 * either: pointers 0 524288 1596 20 20 20
 * loop: NAME 0 262144 524288 1 1 1
 * loop: NAME 0 4 524288 20 20 20
 * loop: NAME 400 0 524288 40 40 40
 * loop: NAME 0 524288 4 20 20 20
 * loop: NAME 0 524288 0 20 20 20
 * loop: NAME 0 524288 1596 20 20 20
 * unlisted: ijk convolution (
 * unlisted: jik convolution (
 * unlisted: ikj convolution (
 * unlisted: kij convolution (
 * unlisted: jki convolution (
 * unlisted: kji convolution (
 * unlisted: transposed_a convolution (
 * unlisted: transposed_b convolution (
 * unlisted: from_bias convolution (
 */
#include "case.h"

#define KERNEL(name)                                                                                         \
    static INLINE void name##_(float *c, const float *a, const float *b, int n, int m, int k);               \
    void EXPORT(name)(int c, int a, int b, int n, int m, int k)                                              \
    {                                                                                                        \
        name##_(F32(c), F32(a), F32(b), n, m, k);                                                            \
    }                                                                                                        \
    static INLINE void name##_(float *c, const float *a, const float *b, int n, int m, int k)

KERNEL(ijk)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[p * m + j];
            c[i * m + j] = s;
        }
    }
}

KERNEL(jik)
{
    for (int j = 0; j < m; j++) {
        for (int i = 0; i < n; i++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[p * m + j];
            c[i * m + j] = s;
        }
    }
}

KERNEL(ikj)
{
    for (int i = 0; i < n; i++) {
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < m; j++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}

KERNEL(kij)
{
    for (int p = 0; p < k; p++) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}

KERNEL(jki)
{
    for (int j = 0; j < m; j++) {
        for (int p = 0; p < k; p++) {
            for (int i = 0; i < n; i++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}

KERNEL(kji)
{
    for (int p = 0; p < k; p++) {
        for (int j = 0; j < m; j++) {
            for (int i = 0; i < n; i++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}

KERNEL(pointers)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            const float *x = a + i * k, *y = b + j;
            float s = 0;
            for (int p = k; p > 0; p--, x++, y += m)
                s = *x * *y + s;
            *c++ = s;
        }
    }
}

KERNEL(transposed_a)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += a[p * n + i] * b[p * m + j];
            c[i * m + j] = s;
        }
    }
}

KERNEL(transposed_b)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[j * k + p];
            c[i * m + j] = s;
        }
    }
}

KERNEL(from_bias)
{
    float bias = (float)(n - m);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            float s = bias;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[p * m + j];
            c[i * m + j] = s;
        }
    }
}
