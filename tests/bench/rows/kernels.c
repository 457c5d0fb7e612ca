/* Inner loops of numerical code. n: kernel * 10,000,000 + size. */
#include "row.h"

#include <math.h>

enum { MAX = 1 << 20, SIDE_MAX = 512 };
static float fa[MAX], fb[MAX], fc[MAX];
static double da[MAX], db[MAX];
static int8_t ba[MAX], bb[MAX];
static int32_t ic[SIDE_MAX * SIDE_MAX];
static int kernel, size;
static volatile float input;

static NOINLINE double dot_f32(int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += fa[i] * fb[i];
    return sum;
}

static NOINLINE double distance_f32(int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += (fa[i] - fb[i]) * (fa[i] - fb[i]);
    return sum;
}

static NOINLINE double matmul_f32(int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int k = 0; k < n; k++)
                sum += fa[i * n + k] * fb[k * n + j];
            fc[i * n + j] = sum;
        }
    return fc[n * n / 2 + 1];
}

/* The order of loops that vectorises without changing any sum. */
static NOINLINE double matmul_rows_f32(int n)
{
    for (int i = 0; i < n * n; i++)
        fc[i] = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++)
                fc[i * n + j] += fa[i * n + k] * fb[k * n + j];
    return fc[n * n / 2 + 1];
}

static NOINLINE double matmul_i8(int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int32_t sum = 0;
            for (int k = 0; k < n; k++)
                sum += ba[i * n + k] * bb[k * n + j];
            ic[i * n + j] = sum;
        }
    return ic[n * n / 2 + 1];
}

static NOINLINE double dot_i8(int n)
{
    int32_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += ba[i] * bb[i];
    return sum;
}

static NOINLINE double quantise(int n)
{
    for (int i = 0; i < n; i++) {
        float v = roundf(fa[i] * 90.0f);
        ba[i] = (int8_t)(v < -128 ? -128 : v > 127 ? 127 : v);
    }
    return ba[n / 2] + ba[n - 1] * 1e-3;
}

static NOINLINE double quantise_rint(int n)
{
    for (int i = 0; i < n; i++) {
        float v = rintf(fa[i] * 90.0f);
        ba[i] = (int8_t)(v < -128 ? -128 : v > 127 ? 127 : v);
    }
    return ba[n / 2] + ba[n - 1] * 1e-3;
}

/* 3 by 3 convolution of an n by n picture, negative results cut off. */
static NOINLINE double convolve_relu(int n)
{
    static const float weights[9] = {0.1f, -0.2f, 0.3f, -0.4f, 0.5f, -0.1f, 0.2f, -0.3f, 0.25f};
    for (int y = 1; y < n - 1; y++)
        for (int x = 1; x < n - 1; x++) {
            float sum = 0;
            for (int k = 0; k < 9; k++)
                sum += weights[k] * fa[(y - 1 + k / 3) * n + x - 1 + k % 3];
            fc[y * n + x] = sum > 0 ? sum : 0;
        }
    return fc[n * n / 2 + 1] + fc[n + 2];
}

static NOINLINE double softmax(int n)
{
    float most = fa[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = fa[i] > most ? fa[i] : most;
    for (int i = 0; i < n; i++) {
        fc[i] = expf(fa[i] - most);
        sum += fc[i];
    }
    for (int i = 0; i < n; i++)
        fc[i] /= sum;
    return fc[n / 2];
}

static NOINLINE double sum_f64(int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += da[i];
    return sum;
}

static NOINLINE double scale_f64(int n)
{
    for (int i = 0; i < n; i++)
        db[i] = da[i] * 1.5 + 0.25;
    return db[n / 2];
}

static NOINLINE double product_f64(int n)
{
    for (int i = 0; i < n; i++)
        db[i] = da[i] * da[n - 1 - i];
    return db[n / 3];
}

static NOINLINE double norm_f32(int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += fa[i] * fa[i];
    return sqrtf(sum);
}

static NOINLINE float cosine_of(const float *a, const float *b, int n)
{
    float both = 0, first = 0, second = 0;
    for (int i = 0; i < n; i++) {
        both += a[i] * b[i];
        first += a[i] * a[i];
        second += b[i] * b[i];
    }
    return both / (sqrtf(first) * sqrtf(second));
}

static double cosine_f32(int n)
{
    return cosine_of(fa, fb, n);
}

/* The nearest of n / 1000 points in n % 1000 dimensions. */
static NOINLINE int nearest(const float *points, const float *to, int n, int dimensions, float *distances)
{
    int best = 0;
    for (int i = 0; i < n; i++) {
        float sum = 0;
        for (int j = 0; j < dimensions; j++) {
            float d = points[i * dimensions + j] - to[j];
            sum += d * d;
        }
        distances[i] = sum;
        if (sum < distances[best])
            best = i;
    }
    return best;
}

static double knn_f32(int n)
{
    return nearest(fa, fb, n / 1000, n % 1000, fc) + fc[7];
}

/* 3 by 3 convolution of an n by n picture in one channel, with constant weights. */
static NOINLINE void edges(const float *in, float *out, int n)
{
    static const float weights[9] = {-1, -1, -1, -1, 8, -1, -1, -1, -1};
    for (int y = 1; y < n - 1; y++)
        for (int x = 1; x < n - 1; x++) {
            float sum = 0;
            for (int j = -1; j <= 1; j++)
                for (int i = -1; i <= 1; i++)
                    sum += in[(y + j) * n + x + i] * weights[(j + 1) * 3 + i + 1];
            out[y * n + x] = sum;
        }
}

static double edges_f32(int n)
{
    edges(fa, fc, n);
    return fc[n * n / 2 + 1] + fc[n + 1];
}

/* n queries of n numbers, as many keys and values. */
static NOINLINE void attend(const float *q, const float *k, const float *v, float *out, float *scores, int n)
{
    for (int i = 0; i < n; i++) {
        float most = -1e30f, sum = 0;
        for (int j = 0; j < n; j++) {
            float score = 0;
            for (int d = 0; d < n; d++)
                score += q[i * n + d] * k[j * n + d];
            scores[j] = score * 0.125f;
            most = scores[j] > most ? scores[j] : most;
        }
        for (int j = 0; j < n; j++) {
            scores[j] = expf(scores[j] - most);
            sum += scores[j];
        }
        for (int d = 0; d < n; d++) {
            float mean = 0;
            for (int j = 0; j < n; j++)
                mean += scores[j] * v[j * n + d];
            out[i * n + d] = mean / sum;
        }
    }
}

static double attention(int n)
{
    attend(fa, fb, fa + n * n, fc, fc + n * n, n);
    return fc[n * n / 2 + 1];
}

static NOINLINE double dot_f64(int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += da[i] * db[i];
    return sum;
}

/* Checksums of n bytes: Adler-32 as RFC 1950 has it, with the modulo put off as long as it can be. */
static NOINLINE uint32_t adler32_of(const uint8_t *p, int n)
{
    uint32_t a = 1, b = 0;
    while (n > 0) {
        int most = n < 5552 ? n : 5552;
        for (int i = 0; i < most; i++) {
            a += p[i];
            b += a;
        }
        a %= 65521;
        b %= 65521;
        p += most;
        n -= most;
    }
    return b << 16 | a;
}

static double adler32(int n)
{
    return adler32_of((const uint8_t *)ba, n);
}

/* CRC-32 with a table, with one for each of eight bytes, and a bit at a time. */
static uint32_t tables[8][256];

static uint32_t check_of_bits(uint32_t check)
{
    for (int k = 0; k < 8; k++)
        check = check & 1 ? check >> 1 ^ 0xedb88320 : check >> 1;
    return check;
}

static void fill_tables(void)
{
    for (uint32_t i = 0; i < 256; i++)
        tables[0][i] = check_of_bits(i);
    for (int k = 1; k < 8; k++)
        for (int i = 0; i < 256; i++)
            tables[k][i] = tables[0][tables[k - 1][i] & 255] ^ tables[k - 1][i] >> 8;
}

static NOINLINE double crc32_bytes(int n)
{
    uint32_t check = ~0u;
    for (int i = 0; i < n; i++)
        check = tables[0][(check ^ (uint8_t)ba[i]) & 255] ^ check >> 8;
    return ~check;
}

static NOINLINE double crc32_sliced(int n)
{
    uint32_t check = ~0u, left = (uint32_t)n;
    for (const int8_t *p = ba; left >= 8; left -= 8, p += 8) {
        uint32_t x, y;
        __builtin_memcpy(&x, p, 4);
        __builtin_memcpy(&y, p + 4, 4);
        x ^= check;
        check = tables[7][x & 255] ^ tables[6][x >> 8 & 255] ^ tables[5][x >> 16 & 255] ^ tables[4][x >> 24] ^
                tables[3][y & 255] ^ tables[2][y >> 8 & 255] ^ tables[1][y >> 16 & 255] ^ tables[0][y >> 24];
    }
    return ~check;
}

static NOINLINE double crc32_bits(int n)
{
    uint32_t check = ~0u;
    for (int i = 0; i < n; i++)
        check = check_of_bits(check ^ (uint8_t)ba[i]);
    return ~check;
}

/* The greatest and least, and where they are. */
static NOINLINE double max_f32(int n)
{
    float most = fa[0];
    for (int i = 1; i < n; i++)
        most = fa[i] > most ? fa[i] : most;
    return most;
}

static NOINLINE double min_f64(int n)
{
    double least = da[0];
    for (int i = 1; i < n; i++) {
        if (da[i] < least)
            least = da[i];
    }
    return least;
}

static NOINLINE double argmax_f32(int n)
{
    float most = fa[0];
    int at = 0;
    for (int i = 1; i < n; i++) {
        if (fa[i] > most) {
            most = fa[i];
            at = i;
        }
    }
    return at;
}

static NOINLINE double argmin_again_f32(int n)
{
    int at = 0;
    for (int i = 1; i < n; i++)
        at = fa[i] < fa[at] ? i : at;
    return at;
}

static NOINLINE double argmax_i8(int n)
{
    int at = 0;
    for (int i = 1; i < n; i++)
        at = ba[i] > ba[at] ? i : at;
    return at;
}

static double (*const kernels[])(int) = {
    dot_f32,       distance_f32,  matmul_f32, matmul_rows_f32, matmul_i8,  dot_i8,           quantise,
    quantise_rint, convolve_relu, softmax,    sum_f64,         scale_f64,  product_f64,      norm_f32,
    cosine_f32,    knn_f32,       edges_f32,  attention,       dot_f64,    adler32,          crc32_bytes,
    crc32_sliced,  crc32_bits,    max_f32,    min_f64,         argmax_f32, argmin_again_f32, argmax_i8};

SETUP(n)
{
    kernel = n / 10000000;
    size = n % 10000000;
    for (int i = 0; i < MAX; i++) {
        fa[i] = (float)row_fraction();
        fb[i] = (float)row_fraction();
        da[i] = db[i] = row_fraction();
        ba[i] = (int8_t)row_random();
        bb[i] = (int8_t)row_random();
    }
    fill_tables();
    input = fa[0];
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    {
        fa[0] = input;
        row_sink = result = kernels[kernel](size);
    }
    return result;
}
