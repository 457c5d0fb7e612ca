/* Convolutions, in the forms that they come in, and what is nearly one.
 *
 * listed: fixed convolution (f32, 3 x 3 taps, stride 1
 * listed: any_size convolution (f32, n x n taps, stride 1
 * listed: fixed_size convolution (f32, 5 x 5 taps, stride 1
 * listed: margin_any_size convolution (f32, n x n taps, stride 1
 * listed: bytes convolution (i8 to i32, 3 x 3 taps, stride 1
 * listed: gauss convolution (u8 to i16, weights in the code, 3 x 3 taps, stride 1
 * listed: sobel convolution (u8
 * listed: stride convolution (f32, 3 x 3 taps, stride 2
 * listed: channels convolution (f32, n x n taps, stride 1
 * listed: layer convolution (f32, 3 x 3 taps, stride 1, sums over channels, bias
 * listed: depthwise convolution (f32, n x n taps, stride 1
 * listed: backward convolution (f32, n x n taps, stride 1
 * listed: bytes_any_size convolution (i8 to i32, n x n taps, stride 1
 * listed: zero_point convolution (u8 * i8 to i32, n x n taps, stride 1
 * listed: channels_last convolution (f32, 3 x 3 taps, stride 1, sums over channels
 * listed: taps_first convolution (f32, n x n taps, stride 1
 * unlisted: moving_weights convolution
 * unlisted: weights_by_row convolution
 * unlisted: apart convolution
 * unlisted: product convolution
 * unlisted: blocks convolution
 * unlisted: batch convolution
 * unlisted: contraction convolution
 * unlisted: blur convolution
 * unlisted: jacobi convolution
 * unlisted: laplace convolution
 * unlisted: elementwise convolution
 * unlisted: distances convolution
 * unlisted: colours convolution
 * unlisted: dense convolution
 * unlisted: filter convolution
 * either: NAME 0 262144 524288 40 37 3
 * either: NAME 0 262148 524296 9..30 9..30 1..5
 */
#include "case.h"

#define KERNEL(name, sum, source, weight)                                                                    \
    static INLINE void name##_(sum *out, const source *in, const weight *w, int height, int width, int k);   \
    void EXPORT(name)(int out, int in, int w, int height, int width, int k)                                  \
    {                                                                                                        \
        name##_((sum *)U8(out), (const source *)U8(in), (const weight *)U8(w), height, width, k);            \
    }                                                                                                        \
    static INLINE void name##_(sum *out, const source *in, const weight *w, int height, int width, int k)
#define POSITIONS(side)                                                                                      \
    for (int y = 0; y < height - side + 1; y++)                                                              \
        for (int x = 0; x < width - side + 1; x++)
#define TAPS(side)                                                                                           \
    for (int i = 0; i < side; i++)                                                                           \
        for (int j = 0; j < side; j++)

#define DIRECT(name, sum, type, side)                                                                        \
    KERNEL(name, sum, type, type)                                                                            \
    {                                                                                                        \
        POSITIONS(side)                                                                                      \
        {                                                                                                    \
            sum s = 0;                                                                                       \
            TAPS(side)                                                                                       \
            s += in[(y + i) * width + x + j] * w[i * side + j];                                              \
            out[y * width + x] = s;                                                                          \
        }                                                                                                    \
    }
DIRECT(fixed, float, float, 3)
DIRECT(any_size, float, float, k)

KERNEL(fixed_size, float, float, float) /* of the picture, too */
{
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < 60; x++) {
            float s = 0;
            TAPS(5)
            s += in[(y + i) * 64 + x + j] * w[i * 5 + j];
            out[y * 64 + x] = s;
        }
}

KERNEL(margin, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float s = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++) {
                    int iy = y + i - 1, ix = x + j - 1;
                    if (iy < 0 || iy >= height || ix < 0 || ix >= width)
                        continue;
                    s += in[iy * width + ix] * w[i * 3 + j];
                }
            out[y * width + x] = s;
        }
}

KERNEL(margin_any_size, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float s = 0;
            for (int i = 0; i < k; i++) {
                int iy = y + i - k / 2;
                if ((unsigned)iy >= (unsigned)height)
                    continue;
                for (int j = 0; j < k; j++) {
                    int ix = x + j - k / 2;
                    if ((unsigned)ix < (unsigned)width)
                        s += in[iy * width + ix] * w[i * k + j];
                }
            }
            out[y * width + x] = s;
        }
}

DIRECT(bytes, int32_t, int8_t, 3)
DIRECT(bytes_any_size, int32_t, int8_t, k)

KERNEL(zero_point, int32_t, uint8_t, int8_t)
{
    POSITIONS(k)
    {
        int s = 0;
        TAPS(k)
        s += (in[(y + i) * width + x + j] - 128) * w[i * k + j];
        out[y * width + x] = s;
    }
}

KERNEL(picture, uint8_t, uint8_t, int32_t)
{
    POSITIONS(3)
    {
        int s = 0;
        TAPS(3)
        s += in[(y + i) * width + x + j] * w[i * 3 + j];
        s >>= 4;
        out[y * width + x] = (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
    }
}

KERNEL(gauss, uint8_t, uint8_t, int32_t) /* weights in the code */
{
    POSITIONS(3)
    {
        const uint8_t *p = in + y * width + x;
        int s = p[0] + 2 * p[1] + p[2] + 2 * p[width] + 4 * p[width + 1] + 2 * p[width + 2] + p[2 * width] +
                2 * p[2 * width + 1] + p[2 * width + 2];
        out[y * width + x] = (uint8_t)(s / 16);
    }
}

KERNEL(sobel, int32_t, uint8_t, int32_t)
{
    static const int8_t across[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    POSITIONS(3)
    {
        int s = 0;
        TAPS(3)
        s += in[(y + i) * width + x + j] * across[i * 3 + j];
        out[y * width + x] = s < 0 ? -s : s;
    }
}

KERNEL(stride, float, float, float)
{
    for (int y = 0; y < (height - 3) / 2; y++)
        for (int x = 0; x < (width - 3) / 2; x++) {
            float s = 0;
            TAPS(3)
            s += in[(y * 2 + i) * width + x * 2 + j] * w[i * 3 + j];
            out[y * width + x] = s;
        }
}

KERNEL(channels, float, float, float)
{
    for (int o = 0; o < 4; o++)
        POSITIONS(k)
        {
            float s = 0;
            for (int c = 0; c < 3; c++)
                TAPS(k)
            s += in[(c * height + y + i) * width + x + j] * w[((o * 3 + c) * k + i) * k + j];
            out[(o * height + y) * width + x] = s;
        }
}

KERNEL(layer, float, float, float) /* bias and relu */
{
    for (int o = 0; o < 4; o++)
        POSITIONS(3)
        {
            float s = w[200 + o];
            for (int c = 0; c < 3; c++)
                TAPS(3)
            s += in[(c * height + y + i) * width + x + j] * w[((o * 3 + c) * 3 + i) * 3 + j];
            out[(o * height + y) * width + x] = s > 0 ? s : 0;
        }
}

KERNEL(depthwise, float, float, float)
{
    for (int c = 0; c < 3; c++)
        POSITIONS(k)
        {
            float s = 0;
            TAPS(k)
            s += in[(c * height + y + i) * width + x + j] * w[(c * k + i) * k + j];
            out[(c * height + y) * width + x] = s;
        }
}

KERNEL(channels_last, float, float, float)
{
    POSITIONS(3)
    for (int o = 0; o < 4; o++) {
        float s = 0;
        TAPS(3)
        for (int c = 0; c < k; c++)
            s += in[((y + i) * width + x + j) * k + c] * w[((o * 3 + i) * 3 + j) * k + c];
        out[(y * width + x) * 4 + o] = s;
    }
}

KERNEL(taps_first, float, float, float) /* sums in memory */
{
    TAPS(k)
    POSITIONS(k)
    out[y * width + x] += in[(y + i) * width + x + j] * w[i * k + j];
}

KERNEL(backward, float, float, float) /* as mathematics has it */
{
    POSITIONS(k)
    {
        float s = 0;
        TAPS(k)
        s += in[(y + i) * width + x + j] * w[(k - 1 - i) * k + k - 1 - j];
        out[y * width + x] = s;
    }
}

/* --- What is none. --- */

KERNEL(moving_weights, float, float, float)
{
    POSITIONS(3)
    {
        float s = 0;
        TAPS(3)
        s += in[(y + i) * width + x + j] * w[(y + i) * width + j + x];
        out[y * width + x] = s;
    }
}

KERNEL(weights_by_row, float, float, float)
{
    POSITIONS(3)
    {
        float s = 0;
        TAPS(3)
        s += in[(y + i) * width + x + j] * w[(y * 3 + i) * 3 + j];
        out[y * width + x] = s;
    }
}

KERNEL(apart, float, float, float) /* patches */
{
    for (int y = 0; y < height / 4; y++)
        for (int x = 0; x < width / 4; x++) {
            float s = 0;
            TAPS(4)
            s += in[(y * 4 + i) * width + x * 4 + j] * w[i * 4 + j];
            out[y * width + x] = s;
        }
}

KERNEL(product, float, float, float)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float s = 0;
            for (int i = 0; i < k; i++)
                s += in[y * k + i] * w[i * width + x];
            out[y * width + x] = s;
        }
}

KERNEL(blocks, float, float, float) /* a product of matrices by blocks, one transposed */
{
    for (int y0 = 0; y0 < height; y0 += 4)
        for (int x = 0; x < width; x++)
            for (int y = 0; y < 4; y++) {
                float s = 0;
                for (int i = 0; i < 20; i++)
                    s += in[i * 63 + y0 + y] * w[i * width + x];
                out[(y0 + y) * width + x] = s;
            }
}

KERNEL(batch, float, float, float) /* of products of small matrices */
{
    for (int n = 0; n < height; n++)
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++) {
                float s = 0;
                for (int i = 0; i < 4; i++)
                    s += in[n * 16 + y * 4 + i] * w[i * 4 + x];
                out[n * 16 + y * 4 + x] = s;
            }
}

KERNEL(contraction, float, float, float) /* of tensors */
{
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 8; x++) {
            float s = 0;
            for (int i = 0; i < 7; i++)
                for (int j = 0; j < 3; j++)
                    s += in[((i * 5 + y) * 3 + j) * 8 + x] * w[i * 3 + j];
            out[y * 8 + x] = s;
        }
}

KERNEL(blur, float, float, float) /* no weights */
{
    POSITIONS(3)
    {
        float s = 0;
        TAPS(3)
        s += in[(y + i) * width + x + j];
        out[y * width + x] = s / 9;
    }
}

KERNEL(jacobi, float, float, float)
{
    POSITIONS(3)
    {
        const float *p = in + (y + 1) * width + x + 1;
        out[(y + 1) * width + x + 1] = 0.2f * (p[0] + p[1] + p[-1] + p[width] + p[-width]);
    }
}

KERNEL(laplace, float, float, float)
{
    POSITIONS(3)
    {
        const float *p = in + (y + 1) * width + x + 1;
        out[(y + 1) * width + x + 1] = p[0] + 0.1f * (p[1] + p[-1] + p[width] + p[-width] - 4 * p[0]);
    }
}

KERNEL(elementwise, float, float, float) /* nothing is added */
{
    POSITIONS(k)
    TAPS(k)
    out[((y * width + x) * k + i) * k + j] = in[(y + i) * width + x + j] * w[i * k + j];
}

KERNEL(distances, float, float, float)
{
    POSITIONS(k)
    {
        float s = 0;
        TAPS(k)
        {
            float d = in[(y + i) * width + x + j] - w[i * k + j];
            s += d * d;
        }
        out[y * width + x] = s;
    }
}

KERNEL(colours, float, float, float) /* a matrix for each pixel */
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int o = 0; o < 3; o++) {
                float s = 0;
                for (int c = 0; c < 3; c++)
                    s += in[(y * width + x) * 3 + c] * w[o * 3 + c];
                out[(y * width + x) * 3 + o] = s;
            }
}

KERNEL(dense, float, float, float)
{
    for (int n = 0; n < height; n++)
        for (int o = 0; o < 10; o++) {
            float s = w[o];
            for (int y = 0; y < 8; y++)
                for (int x = 0; x < 8; x++)
                    s += in[(n * 8 + y) * 8 + x] * w[(o * 8 + y) * 8 + x + 10];
            out[n * 10 + o] = s > 0 ? s : 0;
        }
}

KERNEL(filter, float, float, float) /* in one dimension, of all rows */
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width - k + 1; x++) {
            float s = 0;
            for (int j = 0; j < k; j++)
                s += in[y * width + x + j] * w[j];
            out[y * width + x] = s;
        }
}
