/* convolutions.c: filters of pictures and layers of networks in the styles that people write them in, for
 * tests/patterns/recall; forms.c says how. Sizes of kernels, strides and margins are parameters unless a name
 * says that they are fixed. */
#include "case.h"

#define FORM(name) double EXPORT(name)(int c_at, int a_at, int b_at, int n, int k)
#define ARRAYS(sum, source, weight)                                                                          \
    sum *out = (sum *)U8(c_at);                                                                              \
    const source *in = (const source *)U8(a_at);                                                             \
    const weight *w = (const weight *)U8(b_at);                                                              \
    int height = n, width = n + 3;                                                                           \
    (void)height, (void)width, (void)k

/* What callers say of a layer: nobody knows it ahead. */
enum {
    CHANNELS,
    OUTPUTS,
    STRIDE_H,
    STRIDE_W,
    DILATION_H,
    DILATION_W,
    PAD_H,
    PAD_W,
    OFFSET,
    WEIGHT_OFFSET,
    SHIFT,
    GROUPS
};
static int numbers[] = {3, 4, 2, 2, 1, 1, 1, 1, 128, 5, 4, 1};
#define NUMBER(which) (*(volatile int *)&numbers[which])

static INLINE int least(int a, int b)
{
    return a < b ? a : b;
}
static INLINE int most(int a, int b)
{
    return a > b ? a : b;
}
static INLINE int between(int v, int low, int high)
{
    return most(low, least(v, high));
}

/* --- Layers: channels first. --- */

FORM(convolution_planes)
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), pad = NUMBER(PAD_H), channels = NUMBER(CHANNELS);
    int out_h = (height + 2 * pad - k) / stride + 1, out_w = (width + 2 * pad - k) / stride + 1;
    for (int o = 0; o < NUMBER(OUTPUTS); o++)
        for (int y = 0; y < out_h; y++)
            for (int x = 0; x < out_w; x++) {
                float s = 0;
                for (int c = 0; c < channels; c++)
                    for (int i = 0; i < k; i++)
                        for (int j = 0; j < k; j++) {
                            int iy = y * stride + i - pad, ix = x * stride + j - pad;
                            if (iy >= 0 && iy < height && ix >= 0 && ix < width)
                                s += in[(c * height + iy) * width + ix] *
                                     w[((o * channels + c) * k + i) * k + j];
                        }
                out[(o * out_h + y) * out_w + x] = s;
            }
    return 0;
}

FORM(convolution_dilated)
{
    ARRAYS(float, float, float);
    int stride_h = NUMBER(STRIDE_H), stride_w = NUMBER(STRIDE_W), pad_h = NUMBER(PAD_H),
        pad_w = NUMBER(PAD_W);
    int dilation_h = NUMBER(DILATION_H), dilation_w = NUMBER(DILATION_W), channels = NUMBER(CHANNELS),
        k_w = k + 1;
    int out_h = (height + 2 * pad_h - k) / stride_h + 1, out_w = (width + 2 * pad_w - k_w) / stride_w + 1;
    for (int o = 0; o < NUMBER(OUTPUTS); o++)
        for (int y = 0; y < out_h; y++)
            for (int x = 0; x < out_w; x++) {
                float s = w[1000 + o];
                for (int c = 0; c < channels; c++)
                    for (int i = 0; i < k; i++) {
                        int iy = y * stride_h + i * dilation_h - pad_h;
                        if (iy < 0 || iy >= height)
                            continue;
                        for (int j = 0; j < k_w; j++) {
                            int ix = x * stride_w + j * dilation_w - pad_w;
                            if (ix < 0 || ix >= width)
                                continue;
                            s += in[(c * height + iy) * width + ix] *
                                 w[((o * channels + c) * k + i) * k_w + j];
                        }
                    }
                out[(o * out_h + y) * out_w + x] = s > 0 ? s : 0;
            }
    return 0;
}

FORM(convolution_valid_stride) /* no margin */
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), out_h = (height - k) / stride + 1, out_w = (width - k) / stride + 1;
    for (int y = 0; y < out_h; y++)
        for (int x = 0; x < out_w; x++) {
            float s = 0;
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                    s += in[(y * stride + i) * width + x * stride + j] * w[i * k + j];
            out[y * out_w + x] = s;
        }
    return 0;
}

FORM(convolution_fixed_any_stride)
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), out_h = (height - 3) / stride + 1, out_w = (width - 3) / stride + 1;
    for (int y = 0; y < out_h; y++)
        for (int x = 0; x < out_w; x++) {
            float s = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    s += in[(y * stride + i) * width + x * stride + j] * w[i * 3 + j];
            out[y * out_w + x] = s;
        }
    return 0;
}

FORM(convolution_clipped) /* taps outside are not in the loops */
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), pad = NUMBER(PAD_H);
    int out_h = (height + 2 * pad - k) / stride + 1, out_w = (width + 2 * pad - k) / stride + 1;
    for (int y = 0; y < out_h; y++)
        for (int x = 0; x < out_w; x++) {
            int y0 = y * stride - pad, x0 = x * stride - pad;
            int i0 = most(0, -y0), i1 = least(k, height - y0), j0 = most(0, -x0), j1 = least(k, width - x0);
            float s = 0;
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++)
                    s += in[(y0 + i) * width + x0 + j] * w[i * k + j];
            out[y * out_w + x] = s;
        }
    return 0;
}

FORM(convolution_sum_by_channel) /* sums in memory, a channel at a time */
{
    ARRAYS(float, float, float);
    int channels = NUMBER(CHANNELS), out_h = height - k + 1, out_w = width - k + 1;
    for (int o = 0; o < NUMBER(OUTPUTS); o++)
        for (int c = 0; c < channels; c++)
            for (int y = 0; y < out_h; y++)
                for (int x = 0; x < out_w; x++) {
                    float s = 0;
                    for (int i = 0; i < k; i++)
                        for (int j = 0; j < k; j++)
                            s += in[(c * height + y + i) * width + x + j] *
                                 w[((o * channels + c) * k + i) * k + j];
                    out[(o * out_h + y) * out_w + x] += s;
                }
    return 0;
}

FORM(convolution_grouped)
{
    ARRAYS(float, float, float);
    int groups = NUMBER(GROUPS), channels = NUMBER(CHANNELS), outputs = NUMBER(OUTPUTS),
        out_h = height - k + 1, out_w = width - k + 1;
    for (int g = 0; g < groups; g++)
        for (int o = 0; o < outputs; o++)
            for (int y = 0; y < out_h; y++)
                for (int x = 0; x < out_w; x++) {
                    float s = 0;
                    for (int c = 0; c < channels; c++)
                        for (int i = 0; i < k; i++)
                            for (int j = 0; j < k; j++)
                                s += in[((g * channels + c) * height + y + i) * width + x + j] *
                                     w[(((g * outputs + o) * channels + c) * k + i) * k + j];
                    out[((g * outputs + o) * out_h + y) * out_w + x] = s;
                }
    return 0;
}

FORM(convolution_fixed_arrays) /* sizes in the types; sums in memory, taps inside */
{
    float(*out)[10][10] = (float(*)[10][10])U8(c_at);
    float(*in)[14][14] = (float(*)[14][14])U8(a_at);
    float(*w)[16][5][5] = (float(*)[16][5][5])U8(b_at);
    (void)n, (void)k;
    for (int x = 0; x < 6; x++)
        for (int y = 0; y < 16; y++)
            for (int o0 = 0; o0 < 10; o0++)
                for (int o1 = 0; o1 < 10; o1++)
                    for (int w0 = 0; w0 < 5; w0++)
                        for (int w1 = 0; w1 < 5; w1++)
                            out[y][o0][o1] += in[x][o0 + w0][o1 + w1] * w[x][y][w0][w1];
    return 0;
}

FORM(convolution_taps_outside)
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), out_h = (height - k) / stride + 1, out_w = (width - k) / stride + 1;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++)
            for (int y = 0; y < out_h; y++)
                for (int x = 0; x < out_w; x++)
                    out[y * out_w + x] += in[(y * stride + i) * width + x * stride + j] * w[i * k + j];
    return 0;
}

/* --- Layers: channels last. --- */

#define LAST(y, x, c)      (((y) * width + (x)) * channels + (c))
#define WEIGHT(o, i, j, c) ((((o) * k + (i)) * k + (j)) * channels + (c))

FORM(convolution_last)
{
    ARRAYS(float, float, float);
    int stride_h = NUMBER(STRIDE_H), stride_w = NUMBER(STRIDE_W), pad_h = NUMBER(PAD_H),
        pad_w = NUMBER(PAD_W);
    int dilation_h = NUMBER(DILATION_H), dilation_w = NUMBER(DILATION_W), channels = NUMBER(CHANNELS),
        outputs = NUMBER(OUTPUTS);
    int out_h = (height + 2 * pad_h - k) / stride_h + 1, out_w = (width + 2 * pad_w - k) / stride_w + 1;
    for (int y = 0; y < out_h; y++) {
        const int in_y = y * stride_h - pad_h;
        for (int x = 0; x < out_w; x++) {
            const int in_x = x * stride_w - pad_w;
            for (int o = 0; o < outputs; o++) {
                float total = 0;
                for (int i = 0; i < k; i++) {
                    const int iy = in_y + dilation_h * i;
                    for (int j = 0; j < k; j++) {
                        const int ix = in_x + dilation_w * j;
                        if (!(ix >= 0 && ix < width && iy >= 0 && iy < height))
                            continue;
                        for (int c = 0; c < channels; c++)
                            total += in[LAST(iy, ix, c)] * w[WEIGHT(o, i, j, c)];
                    }
                }
                total += w[1000 + o];
                out[(y * out_w + x) * outputs + o] = total < 0 ? 0 : total > 6 ? 6 : total;
            }
        }
    }
    return 0;
}

#define LAST_BYTES(name, source, weight, X, Y, shift)                                                        \
    FORM(name)                                                                                               \
    {                                                                                                        \
        ARRAYS(source, source, weight);                                                                      \
        const int32_t *bias = I32(b_at + 4096), *multiplier = I32(b_at + 8192);                              \
        int stride = NUMBER(STRIDE_H), pad = NUMBER(PAD_H), channels = NUMBER(CHANNELS);                     \
        int outputs = NUMBER(OUTPUTS), zero = NUMBER(OFFSET), weight_zero = NUMBER(WEIGHT_OFFSET);           \
        int out_h = (height + 2 * pad - k) / stride + 1, out_w = (width + 2 * pad - k) / stride + 1;         \
        (void)zero, (void)weight_zero;                                                                       \
        for (int y = 0; y < out_h; y++)                                                                      \
            for (int x = 0; x < out_w; x++)                                                                  \
                for (int o = 0; o < outputs; o++) {                                                          \
                    int32_t s = 0;                                                                           \
                    for (int i = 0; i < k; i++) {                                                            \
                        int iy = y * stride - pad + i;                                                       \
                        for (int j = 0; j < k; j++) {                                                        \
                            int ix = x * stride - pad + j;                                                   \
                            if (iy < 0 || iy >= height || ix < 0 || ix >= width)                             \
                                continue;                                                                    \
                            for (int c = 0; c < channels; c++)                                               \
                                s += (X) * (Y);                                                              \
                        }                                                                                    \
                    }                                                                                        \
                    s += bias[o];                                                                            \
                    s = (int32_t)(((int64_t)s * multiplier[o] + (1 << 30)) >> 31);                           \
                    out[(y * out_w + x) * outputs + o] = (source)between(s - zero, -128, 127);               \
                }                                                                                            \
        return 0;                                                                                            \
    }
LAST_BYTES(convolution_last_i8, int8_t, int8_t, in[LAST(iy, ix, c)] + zero, w[WEIGHT(o, i, j, c)], 0)
LAST_BYTES(convolution_last_u8, uint8_t, uint8_t, in[LAST(iy, ix, c)] + zero,
           w[WEIGHT(o, i, j, c)] + weight_zero, 0)
LAST_BYTES(convolution_last_plain, int8_t, int8_t, in[LAST(iy, ix, c)], w[WEIGHT(o, i, j, c)], 0)

FORM(convolution_last_outputs_inside) /* weights with the outputs last, sums in memory */
{
    ARRAYS(float, float, float);
    int channels = NUMBER(CHANNELS), outputs = NUMBER(OUTPUTS), out_h = height - k + 1, out_w = width - k + 1;
    for (int y = 0; y < out_h; y++)
        for (int x = 0; x < out_w; x++)
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                    for (int c = 0; c < channels; c++)
                        for (int o = 0; o < outputs; o++)
                            out[(y * out_w + x) * outputs + o] +=
                                in[LAST(y + i, x + j, c)] * w[((i * k + j) * channels + c) * outputs + o];
    return 0;
}

FORM(convolution_last_fixed)
{
    ARRAYS(float, float, float);
    const int channels = 8;
    for (int y = 0; y < height - 2; y++)
        for (int x = 0; x < width - 2; x++)
            for (int o = 0; o < 16; o++) {
                float s = 0;
                for (int i = 0; i < 3; i++)
                    for (int j = 0; j < 3; j++)
                        for (int c = 0; c < channels; c++)
                            s += in[LAST(y + i, x + j, c)] * w[((o * 3 + i) * 3 + j) * channels + c];
                out[(y * (width - 2) + x) * 16 + o] = s;
            }
    return 0;
}

/* --- Each channel by itself. --- */

FORM(convolution_depthwise_planes)
{
    ARRAYS(float, float, float);
    int stride = NUMBER(STRIDE_H), pad = NUMBER(PAD_H);
    int out_h = (height + 2 * pad - k) / stride + 1, out_w = (width + 2 * pad - k) / stride + 1;
    for (int c = 0; c < NUMBER(CHANNELS); c++)
        for (int y = 0; y < out_h; y++)
            for (int x = 0; x < out_w; x++) {
                float s = w[1000 + c];
                for (int i = 0; i < k; i++)
                    for (int j = 0; j < k; j++) {
                        int iy = y * stride + i - pad, ix = x * stride + j - pad;
                        if (iy < 0 || iy >= height || ix < 0 || ix >= width)
                            continue;
                        s += in[(c * height + iy) * width + ix] * w[(c * k + i) * k + j];
                    }
                out[(c * out_h + y) * out_w + x] = most(0, (int)s) ? s : 0;
            }
    return 0;
}

#define DEPTHWISE_LAST(name, type, sum, X, Y)                                                                \
    FORM(name)                                                                                               \
    {                                                                                                        \
        ARRAYS(sum, type, type);                                                                             \
        int stride = NUMBER(STRIDE_H), pad = NUMBER(PAD_H), channels = NUMBER(CHANNELS);                     \
        int multiplier = NUMBER(GROUPS), zero = NUMBER(OFFSET), weight_zero = NUMBER(WEIGHT_OFFSET);         \
        int out_h = (height + 2 * pad - k) / stride + 1, out_w = (width + 2 * pad - k) / stride + 1;         \
        (void)zero, (void)weight_zero;                                                                       \
        for (int y = 0; y < out_h; y++)                                                                      \
            for (int x = 0; x < out_w; x++)                                                                  \
                for (int c = 0; c < channels; c++)                                                           \
                    for (int m = 0; m < multiplier; m++) {                                                   \
                        int o = m + c * multiplier;                                                          \
                        sum s = 0;                                                                           \
                        for (int i = 0; i < k; i++)                                                          \
                            for (int j = 0; j < k; j++) {                                                    \
                                int iy = y * stride - pad + i, ix = x * stride - pad + j;                    \
                                if (ix >= 0 && ix < width && iy >= 0 && iy < height)                         \
                                    s += (X) * (Y);                                                          \
                            }                                                                                \
                        out[(y * out_w + x) * channels * multiplier + o] = s;                                \
                    }                                                                                        \
        return 0;                                                                                            \
    }
#define DEPTH_WEIGHT w[(i * k + j) * channels * multiplier + o]
DEPTHWISE_LAST(convolution_depthwise_last, float, float, in[LAST(iy, ix, c)], DEPTH_WEIGHT)
DEPTHWISE_LAST(convolution_depthwise_i8, int8_t, int32_t, in[LAST(iy, ix, c)] + zero, DEPTH_WEIGHT)
DEPTHWISE_LAST(convolution_depthwise_u8, uint8_t, int32_t, in[LAST(iy, ix, c)] + zero,
               DEPTH_WEIGHT + weight_zero)

FORM(convolution_depthwise_memory) /* channels innermost, sums in memory */
{
    ARRAYS(float, float, float);
    int channels = NUMBER(CHANNELS), out_w = width - 2;
    for (int y = 0; y < height - 2; y++)
        for (int x = 0; x < out_w; x++)
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    for (int c = 0; c < channels; c++)
                        out[(y * out_w + x) * channels + c] +=
                            in[LAST(y + i, x + j, c)] * w[(i * 3 + j) * channels + c];
    return 0;
}

FORM(convolution_depthwise_last_valid)
{
    ARRAYS(float, float, float);
    int channels = NUMBER(CHANNELS), out_w = width - k + 1;
    for (int y = 0; y < height - k + 1; y++)
        for (int x = 0; x < out_w; x++)
            for (int c = 0; c < channels; c++) {
                float s = 0;
                for (int i = 0; i < k; i++)
                    for (int j = 0; j < k; j++)
                        s += in[LAST(y + i, x + j, c)] * w[(i * k + j) * channels + c];
                out[(y * out_w + x) * channels + c] = s;
            }
    return 0;
}

/* --- Pictures. --- */

FORM(convolution_canvas) /* four bytes a pixel, sums of three */
{
    ARRAYS(uint8_t, uint8_t, float);
    int half = k / 2;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float r = 0, g = 0, b = 0;
            for (int cy = 0; cy < k; cy++)
                for (int cx = 0; cx < k; cx++) {
                    int sy = y + cy - half, sx = x + cx - half;
                    if (sy >= 0 && sy < height && sx >= 0 && sx < width) {
                        int at = (sy * width + sx) * 4;
                        float wt = w[cy * k + cx];
                        r += (float)in[at] * wt;
                        g += (float)in[at + 1] * wt;
                        b += (float)in[at + 2] * wt;
                    }
                }
            int to = (y * width + x) * 4;
            out[to] = (uint8_t)between((int)r, 0, 255);
            out[to + 1] = (uint8_t)between((int)g, 0, 255);
            out[to + 2] = (uint8_t)between((int)b, 0, 255);
            out[to + 3] = 255;
        }
    return 0;
}

#define CLAMPED(name, sum, source, weight, size, Y, X)                                                       \
    FORM(name)                                                                                               \
    {                                                                                                        \
        ARRAYS(sum, source, weight);                                                                         \
        for (int y = 0; y < height; y++)                                                                     \
            for (int x = 0; x < width; x++) {                                                                \
                sum s = 0;                                                                                   \
                for (int i = -(size / 2); i <= size / 2; i++)                                                \
                    for (int j = -(size / 2); j <= size / 2; j++) {                                          \
                        int iy = (Y), ix = (X);                                                              \
                        s += (sum)in[iy * width + ix] * w[(i + size / 2) * size + j + size / 2];             \
                    }                                                                                        \
                out[y * width + x] = s;                                                                      \
            }                                                                                                \
        return 0;                                                                                            \
    }
#define EDGE_Y between(y + i, 0, height - 1)
#define EDGE_X between(x + j, 0, width - 1)
CLAMPED(convolution_clamped, float, float, float, k, EDGE_Y, EDGE_X)
CLAMPED(convolution_clamped_bytes, int32_t, uint8_t, int32_t, k, EDGE_Y, EDGE_X)
CLAMPED(convolution_clamped_fixed, float, float, float, 3, EDGE_Y, EDGE_X)
CLAMPED(convolution_clamped_fixed_bytes, int32_t, uint8_t, int16_t, 5, EDGE_Y, EDGE_X)
CLAMPED(convolution_wrapped, float, float, float, k, (y + i + height) % height, (x + j + width) % width)

FORM(convolution_clamped_by_ifs)
{
    ARRAYS(float, float, float);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float s = 0;
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++) {
                    int iy = y + i - k / 2, ix = x + j - k / 2;
                    if (iy < 0)
                        iy = 0;
                    if (iy >= height)
                        iy = height - 1;
                    if (ix < 0)
                        ix = 0;
                    if (ix >= width)
                        ix = width - 1;
                    s += in[iy * width + ix] * w[i * k + j];
                }
            out[y * width + x] = s;
        }
    return 0;
}

FORM(convolution_ifs_fixed) /* 3 x 3 */
{
    ARRAYS(float, float, float);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            float s = 0;
            for (int i = -1; i <= 1; i++)
                for (int j = -1; j <= 1; j++)
                    if (y + i >= 0 && y + i < height && x + j >= 0 && x + j < width)
                        s += in[(y + i) * width + x + j] * w[(i + 1) * 3 + j + 1];
            out[y * width + x] = s;
        }
    return 0;
}

FORM(convolution_row_pointers) /* bumped, rows of a stride in bytes */
{
    const uint8_t *in = U8(a_at);
    uint8_t *out = U8(c_at);
    int stride = NUMBER(OFFSET), half = k / 2;
    for (int y = half; y < n - half; y++) {
        uint8_t *to = out + y * stride;
        for (int x = half; x < n - half; x++) {
            const int32_t *weight = I32(b_at);
            int s = 0;
            for (int i = -half; i <= half; i++) {
                const uint8_t *from = in + (y + i) * stride + x - half;
                for (int j = -half; j <= half; j++)
                    s += *from++ * *weight++;
            }
            to[x] = (uint8_t)between(s >> NUMBER(SHIFT), 0, 255);
        }
    }
    return 0;
}

struct picture {
    int width, height, stride;
    uint8_t *pixels;
};
static struct picture from_picture, to_picture;
static __attribute__((noinline)) void filter_picture(struct picture *out, const struct picture *in,
                                                     const int16_t *w, int size, int scale)
{
    for (int y = 0; y < in->height - size; y++)
        for (int x = 0; x < in->width - size; x++) {
            int s = 0;
            for (int i = 0; i < size; i++)
                for (int j = 0; j < size; j++)
                    s += in->pixels[(y + i) * in->stride + x + j] * w[i * size + j];
            out->pixels[y * out->stride + x] = (uint8_t)between(s / scale, 0, 255);
        }
}
FORM(convolution_of_structures)
{
    from_picture = (struct picture){n, n, NUMBER(OFFSET), U8(a_at)};
    to_picture = (struct picture){n, n, NUMBER(OFFSET), U8(c_at)};
    filter_picture(&to_picture, &from_picture, (const int16_t *)U8(b_at), k, 16);
    return 0;
}

FORM(convolution_weights_in_locals)
{
    ARRAYS(float, float, float);
    float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5], w6 = w[6], w7 = w[7], w8 = w[8];
    for (int y = 1; y < height - 1; y++) {
        const float *above = in + (y - 1) * width, *here = above + width, *below = here + width;
        for (int x = 1; x < width - 1; x++)
            out[y * width + x] = above[x - 1] * w0 + above[x] * w1 + above[x + 1] * w2 + here[x - 1] * w3 +
                                 here[x] * w4 + here[x + 1] * w5 + below[x - 1] * w6 + below[x] * w7 +
                                 below[x + 1] * w8;
    }
    return 0;
}

FORM(convolution_table_of_weights)
{
    ARRAYS(uint8_t, uint8_t, uint8_t);
    static const int gauss[5][5] = {
        {1, 4, 7, 4, 1}, {4, 16, 26, 16, 4}, {7, 26, 41, 26, 7}, {4, 16, 26, 16, 4}, {1, 4, 7, 4, 1}};
    (void)w;
    for (int y = 2; y < height - 2; y++)
        for (int x = 2; x < width - 2; x++) {
            int s = 0;
            for (int i = -2; i <= 2; i++)
                for (int j = -2; j <= 2; j++)
                    s += in[(y + i) * width + x + j] * gauss[i + 2][j + 2];
            out[y * width + x] = (uint8_t)(s / 273);
        }
    return 0;
}

FORM(convolution_f64)
{
    ARRAYS(double, double, double);
    for (int y = 0; y <= height - k; ++y)
        for (int x = 0; x <= width - k; ++x) {
            double s = 0;
            for (int i = 0; i < k; ++i)
                for (int j = 0; j < k; ++j)
                    s += in[(y + i) * width + x + j] * w[i * k + j];
            out[y * (width - k + 1) + x] = s;
        }
    return 0;
}

FORM(convolution_fixed_point) /* 16 bits */
{
    ARRAYS(int16_t, int16_t, int16_t);
    int stride = NUMBER(STRIDE_H);
    for (int y = 0; y < (height - k) / stride; ++y)
        for (int x = 0; x < (width - k) / stride; ++x) {
            int s = 1 << 7;
            for (int i = 0; i < k; ++i)
                for (int j = 0; j < k; ++j)
                    s += in[(y * stride + i) * width + x * stride + j] * w[i * k + j];
            out[y * width + x] = (int16_t)(s >> 8);
        }
    return 0;
}
