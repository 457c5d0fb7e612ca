/* Convolutions whose strides and dilations are parameters, whose coordinates are clamped or whose loops leave
 * out what is outside, and what has such addresses and is none: products of matrices in blocks of any size,
 * contractions of tensors, patches.
 *
 * listed: any_stride convolution (f32, n x n taps, stride n
 * listed: dilated convolution (f32, n x n taps, stride n, dilated
 * listed: two_strides convolution (u8 * i8 to i32, n x n taps, stride n, dilated, sums over channels
 * listed: any_stride_fixed convolution (f32, 3 x 3 taps, stride n
 * listed: backward convolution (f32, n x n taps, stride n
 * listed: clamped convolution (f32, n x n taps, stride 1
 * listed: wrapped convolution (f32, n x n taps, stride 1
 * listed: clipped convolution (f32, n x n taps, stride n
 * listed: bumped convolution (u8 * i8 to i32, n x n taps, stride 1
 * listed: zero_points convolution (u8 * i8 to i32, n x n taps, stride 1
 * unlisted: blocks convolution
 * unlisted: blocks_of_number convolution
 * unlisted: blocks_at_end convolution
 * unlisted: packed convolution
 * unlisted: packed_rows convolution
 * unlisted: packed_apart convolution
 * unlisted: contraction convolution
 * unlisted: contraction_within convolution
 * unlisted: contraction_of_one_size convolution
 * unlisted: contraction_outer convolution
 * unlisted: patches convolution
 * unlisted: weights_by_column convolution
 * unlisted: weights_bumped_on convolution
 * unlisted: weights_by_data convolution
 * unlisted: clamped_product convolution
 * unlisted: distances convolution
 * unlisted: factors convolution
 * unlisted: columns_only convolution
 * either: NAME 0 262144 524288 20 17 3 2
 * either: NAME 0 262144 524288 0 17 3 2
 * either: NAME 0 262144 524288 20 2 3 2
 * either: NAME 0 262144 524288 20 17 0 1
 * either: NAME 262144 262148 524292 9..20 9..20 1..5 1..3
 * either: NAME 262148 262144 262152 9..20 9..20 1..5 1..3
 * either: NAME 0 262148 524296 9..20 9..20 1..5 1..3
 */
#include "case.h"

#define KERNEL(name, sum, source, weight)                                                                    \
    static INLINE void name##_(sum *out, const source *in, const weight *w, int height, int width, int k,    \
                               int s);                                                                       \
    void EXPORT(name)(int out, int in, int w, int height, int width, int k, int s)                           \
    {                                                                                                        \
        name##_((sum *)U8(out), (const source *)U8(in), (const weight *)U8(w), height, width, k, s);         \
    }                                                                                                        \
    static INLINE void name##_(sum *out, const source *in, const weight *w, int height, int width, int k,    \
                               int s)
#define POSITIONS                                                                                            \
    for (int y = 0; y < (height - k) / s; y++)                                                               \
        for (int x = 0; x < (width - k) / s; x++)
#define TAPS                                                                                                 \
    for (int i = 0; i < k; i++)                                                                              \
        for (int j = 0; j < k; j++)
#define SUM_OF(type, X, Y)                                                                                   \
    {                                                                                                        \
        type sum = 0;                                                                                        \
        TAPS sum += (X) * (Y);                                                                               \
        out[y * width + x] = sum;                                                                            \
    }

KERNEL(any_stride, float, float,
       float){POSITIONS SUM_OF(float, in[(y * s + i) * width + x * s + j], w[i * k + j])}

KERNEL(dilated, float, float, float)
{
    int d = *I32(600000) & 3;
    POSITIONS SUM_OF(float, in[(y * s + i * d) * width + x * s + j * d], w[i * k + j])
}

KERNEL(two_strides, int32_t, uint8_t, int8_t)
{
    int s_x = *I32(600000) & 3, d = *I32(600004) & 3, d_x = *I32(600008) & 3, channels = *I32(600012) & 7;
    POSITIONS
    {
        int sum = 0;
        TAPS for (int c = 0; c < channels; c++) sum +=
            in[((y * s + i * d) * width + x * s_x + j * d_x) * channels + c] * w[(i * k + j) * channels + c];
        out[y * width + x] = sum;
    }
}

KERNEL(any_stride_fixed, float, float, float)
{
    for (int y = 0; y < (height - 3) / s; y++)
        for (int x = 0; x < (width - 3) / s; x++) {
            float sum = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    sum += in[(y * s + i) * width + x * s + j] * w[i * 3 + j];
            out[y * width + x] = sum;
        }
}

KERNEL(backward, float, float, float)
{
    POSITIONS SUM_OF(float, in[(y * s + i) * width + x * s + j], w[(k - 1 - i) * k + k - 1 - j])
}

static INLINE int between(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

KERNEL(clamped, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            SUM_OF(float, in[between(y + i - s, 0, height - 1) * width + between(x + j - s, 0, width - 1)],
                   w[i * k + j])
}

KERNEL(wrapped, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            SUM_OF(float, in[(y + i + height) % height * width + (x + j + width) % width], w[i * k + j])
}

KERNEL(clipped, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int y0 = y * s - 1, x0 = x * s - 1;
            int i0 = y0 < 0 ? -y0 : 0, i1 = k < height - y0 ? k : height - y0;
            int j0 = x0 < 0 ? -x0 : 0, j1 = k < width - x0 ? k : width - x0;
            float sum = 0;
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++)
                    sum += in[(y0 + i) * width + x0 + j] * w[i * k + j];
            out[y * width + x] = sum;
        }
}

KERNEL(bumped, int32_t, uint8_t, int8_t) /* weights go on from tap to tap, and begin again */
{
    for (int y = 0; y < height - k; y++)
        for (int x = 0; x < width - k; x++) {
            const int8_t *next = w;
            int sum = s;
            for (int i = 0; i < k; i++) {
                const uint8_t *from = in + (y + i) * width + x;
                for (int j = 0; j < k; j++)
                    sum += *from++ * *next++;
            }
            out[y * width + x] = sum;
        }
}

KERNEL(zero_points, int32_t, uint8_t, int8_t) /* in memory */
{
    const int32_t *zero = I32(600000);
    for (int y = 0; y < height - k; y++)
        for (int x = 0; x < width - k; x++)
            SUM_OF(int32_t, in[(y + i) * width + x + j] - zero[0], w[i * k + j] + zero[1])
    (void)s;
}

/* --- What is none. --- */

/* Products of matrices by blocks: `width` numbers a row, `k` a block. */
#define BLOCKS(name, end_i, end_l, X, Y)                                                                     \
    KERNEL(name, float, float, float)                                                                        \
    {                                                                                                        \
        if (k <= 0)                                                                                          \
            return;                                                                                          \
        int n = width, blocks = n / k;                                                                       \
        (void)blocks, (void)s;                                                                               \
        for (int ib = 0; ib < height / k; ib++)                                                              \
            for (int lb = 0; lb < n / k; lb++)                                                               \
                for (int i = 0; i < (end_i); i++)                                                            \
                    for (int j = 0; j < 5; j++) {                                                            \
                        float sum = out[(ib * k + i) * n + j];                                               \
                        for (int l = 0; l < (end_l); l++)                                                    \
                            sum += (X) * (Y);                                                                \
                        out[(ib * k + i) * n + j] = sum;                                                     \
                    }                                                                                        \
    }
#define OF_ROWS   in[(ib * k + i) * n + lb * k + l]
#define OF_BLOCKS in[(((ib * blocks + lb) * k) + i) * k + l]
BLOCKS(blocks, k, k, OF_ROWS, w[(lb * k + l) * n + j])
BLOCKS(blocks_of_number, k, k, in[(ib * k + i) * (blocks * k) + lb * k + l], w[(lb * k + l) * n + j])
BLOCKS(blocks_at_end, k < height - ib * k ? k : height - ib * k, k < n - lb * k ? k : n - lb * k, OF_ROWS,
       w[(lb * k + l) * n + j])
BLOCKS(packed, k, k, OF_BLOCKS, w[(lb * k + l) * n + j])
BLOCKS(packed_rows, k, k, OF_ROWS, w[((lb * blocks) * k + l) * k + j])
BLOCKS(packed_apart, k, k < n - lb * k ? k : n - lb * k, OF_BLOCKS, w[(lb * s + l) * n + j])

/* Of tensors with sizes a, b, c, d. */
#define CONTRACTION(name, c_size, d_size, X)                                                                 \
    KERNEL(name, float, float, float)                                                                        \
    {                                                                                                        \
        int sizes_c = (c_size), sizes_d = (d_size);                                                          \
        for (int y = 0; y < height; y++)                                                                     \
            for (int x = 0; x < width; x++) {                                                                \
                float sum = 0;                                                                               \
                for (int i = 0; i < k; i++)                                                                  \
                    for (int j = 0; j < s; j++)                                                              \
                        sum += in[X] * w[i * s + j];                                                         \
                out[y * width + x] = sum;                                                                    \
            }                                                                                                \
        (void)sizes_c, (void)sizes_d;                                                                        \
    }
CONTRACTION(contraction, k, s, ((y * k + i) * width + x) * s + j)
CONTRACTION(contraction_within, *I32(600000) & 7, *I32(600004) & 7,
            ((y * sizes_c + i) * width + x) * sizes_d + j)
CONTRACTION(contraction_of_one_size, *I32(600000) & 7, 0, ((y * sizes_c + i) * width + x) * sizes_c + j)
CONTRACTION(contraction_outer, k, s, ((i * height + y) * s + j) * width + x)

KERNEL(patches, float, float, float) /* side by side */
{
    for (int y = 0; y < height / 4; y++)
        for (int x = 0; x < width / 4; x++)
            SUM_OF(float, in[(y * k + i) * width + x * k + j], w[i * k + j])
    (void)s;
}

KERNEL(weights_by_column, float, float,
       float){POSITIONS SUM_OF(float, in[(y * s + i) * width + x * s + j], w[i * k + j + x * s])}

KERNEL(weights_bumped_on, int32_t, uint8_t, int8_t) /* and do not begin again */
{
    const int8_t *next = w;
    for (int y = 0; y < height - k; y++)
        for (int x = 0; x < width - k; x++) {
            int sum = s;
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                    sum += in[(y + i) * width + x + j] * *next++;
            out[y * width + x] = sum;
        }
}

KERNEL(weights_by_data, int32_t, uint8_t, int8_t) /* where they begin is chosen by what is there */
{
    for (int y = 0; y < height - k; y++)
        for (int x = 0; x < width - k; x++) {
            const int8_t *next = in[y * width + x] & 1 ? w : w + k * k;
            int sum = s;
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                    sum += in[(y + i) * width + x + j] * *next++;
            out[y * width + x] = sum;
        }
}

KERNEL(clamped_product, float, float, float) /* of matrices; beyond the last row it is the last one */
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float sum = 0;
            for (int i = 0; i < k; i++)
                sum += in[between(y, 0, s) * k + i] * w[i * width + x];
            out[y * width + x] = sum;
        }
}

KERNEL(distances, float, float, float)
{
    POSITIONS
    {
        float sum = 0;
        TAPS
        {
            float d = in[(y * s + i) * width + x * s + j] - w[i * k + j];
            sum += d * d;
        }
        out[y * width + x] = sum;
    }
}

KERNEL(factors, float, float, float) /* the same weight everywhere */
{POSITIONS SUM_OF(float, in[(y * s + i) * width + x * s + j], w[0])}

KERNEL(columns_only, float, float, float) /* a filter of rows */
{
    POSITIONS
    {
        float sum = 0;
        for (int j = 0; j < k; j++)
            sum += in[y * s * width + x * s + j] * w[j];
        out[y * width + x] = sum;
    }
}
