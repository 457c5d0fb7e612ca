/* Products of matrices of f64.
 *
 * size: 8
 * replaced: complete inside
 * kernel: NAME 0 262144 524288 37 41 29
 * kernel: NAME 8 262147 524290 17 33 65
 * either: NAME 0 262144 524288 0..40 0..40 0..40
 * loop: NAME 0 3192 524288 20 20 20
 * loop: NAME 0 524288 3199 20 20 20
 * unlisted: complete convolution (
 * unlisted: inside convolution (
 */
#include "case.h"

#define KERNEL(name)                                                                                         \
    static INLINE void name##_(double *c, const double *a, const double *b, int n, int m, int k);            \
    void EXPORT(name)(int c, int a, int b, int n, int m, int k)                                              \
    {                                                                                                        \
        name##_(F64(c), F64(a), F64(b), n, m, k);                                                            \
    }                                                                                                        \
    static INLINE void name##_(double *c, const double *a, const double *b, int n, int m, int k)

KERNEL(complete)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            double s = c[i * m + j];
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[p * m + j];
            c[i * m + j] = s;
        }
    }
}

KERNEL(inside)
{
    for (int p = 0; p < k; p++) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}
