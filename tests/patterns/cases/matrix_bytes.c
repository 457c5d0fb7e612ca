/* Products of matrices of bytes, with sums of 32 bits that wrap around.
 *
 * replaced: signed_ signed_columns unsigned_ mixed crossed accumulated
 * refused: into_bytes words
 * either: NAME 0 262144 524288 40 40 40
 * either: NAME 0 262144 524288 64 67 129
 * either: NAME 0 262144 524288 1..70 1..70 1..300
 * either: NAME 0..25000*4 100001..300000 300000..500000 1..70 1..70 1..70
 * either: NAME 0 1599 524288 20 20 20
 * either: NAME 0 262144 1599 20 20 20
 * either: NAME 400 1 524288 20 20 20
 * either: into_bytes 0 262144 524288 40 40 40
 * either: words 0 262144 524288 40 40 40
 * unlisted: signed_ convolution (
 * unlisted: signed_columns convolution (
 * unlisted: unsigned_ convolution (
 * unlisted: mixed convolution (
 * unlisted: crossed convolution (
 * unlisted: accumulated convolution (
 * unlisted: into_bytes convolution (
 * unlisted: words convolution (
 */
#include "case.h"

#define KERNEL(name, sum, x, y)                                                                              \
    static INLINE void name##_(sum *c, const x *a, const y *b, int n, int m, int k);                         \
    void EXPORT(name)(int c, int a, int b, int n, int m, int k)                                              \
    {                                                                                                        \
        name##_((sum *)U8(c), (const x *)U8(a), (const y *)U8(b), n, m, k);                                  \
    }                                                                                                        \
    static INLINE void name##_(sum *c, const x *a, const y *b, int n, int m, int k)

#define ROWS                                                                                                 \
    for (int i = 0; i < n; i++) {                                                                            \
        for (int j = 0; j < m; j++) {                                                                        \
            int s = 0;                                                                                       \
            for (int p = 0; p < k; p++)                                                                      \
                s += a[i * k + p] * b[p * m + j];                                                            \
            c[i * m + j] = s;                                                                                \
        }                                                                                                    \
    }

KERNEL(signed_, int32_t, int8_t, int8_t){ROWS}

KERNEL(unsigned_, int32_t, uint8_t, uint8_t){ROWS}

KERNEL(mixed, int32_t, uint8_t, int8_t){ROWS}

KERNEL(crossed, int32_t, int8_t, uint8_t){ROWS}

KERNEL(into_bytes, int8_t, int8_t, int8_t){ROWS}

KERNEL(words, int32_t, int16_t, int16_t){ROWS}

KERNEL(signed_columns, int32_t, int8_t, int8_t)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            int s = -1;
            for (int p = 0; p < k; p++)
                s += a[i * k + p] * b[j * k + p];
            c[i * m + j] = s;
        }
    }
}

KERNEL(accumulated, int32_t, int8_t, int8_t)
{
    for (int i = 0; i < n; i++) {
        for (int p = 0; p < k; p++) {
            for (int j = 0; j < m; j++)
                c[i * m + j] += a[i * k + p] * b[p * m + j];
        }
    }
}
