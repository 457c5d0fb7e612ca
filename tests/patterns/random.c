/* random.c: random inputs for every kernel, for tests/patterns/random. `random KIND FIRST LAST`: a line for
 * each input with the hash of what came out of it; all NaNs are one. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST    5000 /* numbers of a factor */
#define MATRIX  {1000, 1000, 1000}
#define VECTORS {MOST, 100, 110}
#define ONE     __attribute__((noinline)) static void

static union {
    float f[MOST];
    double d[MOST];
    int8_t s[MOST];
    uint8_t u[MOST];
    int32_t w[MOST];
    uint64_t bits[MOST];
} a, b, c;
static uint64_t state;

static uint32_t next(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) ^ (uint32_t)(state >> 13);
}

enum { TAME, SMALL, SPECIAL, WIDE, ANY, SAME, STYLES };

/* Bits of a number with `exponent` bits: around 1; near the least that there is, denormals too; tame with
 * zeros, infinities and NaNs between; of any magnitude; any bits; whole numbers, whose sums cancel. */
static uint64_t number(int style, int width)
{
    uint64_t bits = (uint64_t)next() << 32 | next(), sign = bits >> 63;
    int fraction = width == 32 ? 23 : 52, bias = width == 32 ? 127 : 1023;
    uint64_t mantissa = bits & ((1ull << fraction) - 1), e;
    uint64_t top = (uint64_t)bias * 2 + 1;
    if (style == SAME) {
        union {
            float f;
            double d;
            uint32_t w;
            uint64_t q;
        } whole = {0};
        if (width == 32)
            whole.f = (float)((int)(bits % 17) - 8);
        else
            whole.d = (double)((int)(bits % 17) - 8);
        return width == 32 ? whole.w : whole.q;
    }
    if (style == ANY)
        return width == 32 ? (uint32_t)bits : bits;
    e = (uint64_t)bias - 2 + next() % 4;
    if (style == SMALL)
        e = next() % 3 ? (uint64_t)bias / 2 - 8 + next() % 16 : next() % 2;
    if (style == WIDE)
        e = next() % top;
    if (style == SPECIAL && next() % 50 == 0) {
        e = next() % 2 ? top : 0;
        mantissa = next() % 3 ? 0 : mantissa;
    }
    return sign << (width - 1) | e << fraction | mantissa;
}

static void fill(int style, int width, const int *used)
{
    void *all[] = {&a, &b, &c};
    for (int k = 0; k < 3; k++) {
        for (int n = 0; n < used[k]; n++) {
            if (width == 64)
                ((uint64_t *)all[k])[n] = number(style, 64);
            else
                ((uint32_t *)all[k])[n] = width == 32 ? (uint32_t)number(style, 32) : next();
        }
    }
}

static uint64_t hash(int width, int used)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int n = 0; n < used; n++) {
        uint64_t bits = width == 64 ? c.bits[n] : (uint32_t)c.w[n];
        if (width == 64 && (bits & INT64_MAX) > 0x7ff0000000000000)
            bits = 0x7ff8000000000000;
        if (width == 32 && (bits & 0x7fffffff) > 0x7f800000)
            bits = 0x7fc00000;
        h = (h ^ bits) * 0x100000001b3u;
        h ^= h >> 29;
    }
    return h;
}

#define PRODUCT(name, sums, factors, other, type)                                                            \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        for (int i = 0; i < n; i++) {                                                                        \
            for (int j = 0; j < m; j++) {                                                                    \
                type sum = 0;                                                                                \
                for (int p = 0; p < k; p++)                                                                  \
                    sum += (type)a.factors[i * k + p] * (type)b.other[p * m + j];                            \
                c.sums[i * m + j] = sum;                                                                     \
            }                                                                                                \
        }                                                                                                    \
    }
PRODUCT(f32, f, f, f, float)
PRODUCT(f64, d, d, d, double)
PRODUCT(i8, w, s, s, int32_t)
PRODUCT(u8, w, u, s, int32_t)

/* Rows are added to what is there, and the second factor lies the other way round. */
#define ADDED(name, sums, factors, type)                                                                     \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        for (int i = 0; i < n; i++) {                                                                        \
            for (int p = 0; p < k; p++) {                                                                    \
                for (int j = 0; j < m; j++)                                                                  \
                    c.sums[i * m + j] += (type)a.factors[i * k + p] * (type)b.factors[j * k + p];            \
            }                                                                                                \
        }                                                                                                    \
    }
ADDED(f32_added, f, f, float)
ADDED(f64_added, d, d, double)
ADDED(i8_added, w, s, int32_t)

/* A matrix and a vector. */
#define VECTOR(name, sums, factors, type)                                                                    \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        int wide = n + m + k, high = MOST / wide;                                                            \
        for (int i = 0; i < high; i++) {                                                                     \
            type sum = c.sums[i];                                                                            \
            for (int p = 0; p < wide; p++)                                                                   \
                sum += (type)a.factors[i * wide + p] * (type)b.factors[p];                                   \
            c.sums[i] = sum;                                                                                 \
        }                                                                                                    \
    }
VECTOR(f32_vector, f, f, float)
VECTOR(f64_vector, d, d, double)
VECTOR(i8_vector, w, s, int32_t)

/* Something else becomes of each row's sum. */
#define ROWS(name, sums, TERM, type)                                                                         \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        int wide = n + m + k, high = MOST / wide;                                                            \
        for (int i = 0; i < high; i++) {                                                                     \
            type sum = 0;                                                                                    \
            for (int p = 0; p < wide; p++)                                                                   \
                sum += TERM(a.sums[i * wide + p], b.sums[p]);                                                \
            c.sums[i] = sum > 1 ? sum : sum / 2;                                                             \
        }                                                                                                    \
    }
#define TIMES(x, y)  ((x) * (y))
#define SQUARE(x, y) (((x) - (y)) * ((x) - (y)))
ROWS(f32_rows, f, TIMES, float)
ROWS(f64_rows, d, TIMES, double)
ROWS(f32_squares, f, SQUARE, float)
ROWS(f64_squares, d, SQUARE, double)

/* The sum is stored at every step. */
ONE f32_through(int n, int m, int k)
{
    float *to = c.f;
    const float *x = a.f, *y = b.f;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < m; j++) {
            for (int p = 0; p < k; p++)
                to[i * m + j] += x[i * k + p] * y[p * m + j];
        }
    }
}

/* Blocks of SHA-256 from a, into c. */
static uint32_t turned(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

ONE compress(uint32_t *to, const uint8_t *p)
{
    static const uint32_t constants[64] = {
#define K(value) value,
#include "sha256_constants.def"
#undef K
    };
    uint32_t w[64], v[8];
    for (int t = 0; t < 16; t++, p += 4)
        w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (int t = 16; t < 64; t++)
        w[t] = w[t - 16] + w[t - 7] + (turned(w[t - 15], 7) ^ turned(w[t - 15], 18) ^ w[t - 15] >> 3) +
               (turned(w[t - 2], 17) ^ turned(w[t - 2], 19) ^ w[t - 2] >> 10);
    for (int t = 0; t < 8; t++)
        v[t] = to[t];
    for (int t = 0; t < 64; t++) {
        uint32_t first = v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) +
                         ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[t] + w[t];
        uint32_t second = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) +
                          ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        for (int r = 7; r > 0; r--)
            v[r] = v[r - 1];
        v[4] += first;
        v[0] = first + second;
    }
    for (int t = 0; t < 8; t++)
        to[t] += v[t];
}

ONE sha256(int n, int m, int k)
{
    for (int i = 0; i < n; i++)
        compress((uint32_t *)c.w, a.u + i * m + k);
}

/* How long a and b are the same, from several places on, and where bytes are. */
ONE search(int n, int m, int k)
{
    memcpy(b.u, a.u, sizeof a.u);
    b.u[n * m + k]++;
    for (int i = 0; i < n; i++) {
        int from = i * k, same = 0, first = 0;
        while (from + same < MOST && a.u[from + same] == b.u[from + same])
            same++;
        while (from + first < MOST && a.u[from + first] != (uint8_t)m)
            first++;
        c.w[i] = same * MOST + first;
    }
}

/* Checks of a range of bytes. */
static uint32_t tables[4][256];
static uint32_t by_bits(uint32_t check, uint32_t polynomial)
{
    for (int k = 0; k < 8; k++)
        check = check & 1 ? check >> 1 ^ polynomial : check >> 1;
    return check;
}
static void fill_tables(void)
{
    for (uint32_t i = 0; i < 256; i++)
        tables[0][i] = by_bits(i, 0xedb88320);
    for (int k = 1; k < 4; k++) {
        for (int i = 0; i < 256; i++)
            tables[k][i] = tables[0][tables[k - 1][i] & 255] ^ tables[k - 1][i] >> 8;
    }
}
#define CHECK(name, step, ...)                                                                               \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        const uint8_t *p = a.u + n, *end = p + (step * 200 + n * m + k) / step * step;                       \
        uint32_t check = (uint32_t)b.w[0];                                                                   \
        if (!tables[0][1])                                                                                   \
            fill_tables();                                                                                   \
        for (; p != end; p += step)                                                                          \
            check = __VA_ARGS__;                                                                             \
        c.w[0] = (int32_t)check;                                                                             \
    }
CHECK(crc32_bytes, 1, tables[0][(check ^ *p) & 255] ^ check >> 8)
CHECK(crc32_bits, 1, by_bits(check ^ *p, 0xedb88320))
CHECK(crc32c_bits, 1, by_bits(check ^ *p, 0x82f63b78))
CHECK(crc32_sliced, 4,
      tables[3][(check ^ p[0]) & 255] ^ tables[2][(check >> 8 ^ p[1]) & 255] ^
          tables[1][(check >> 16 ^ p[2]) & 255] ^ tables[0][check >> 24 ^ p[3]])

/* Both sums of Adler-32, which begin with anything, and in between are taken modulo 65521 or not. */
#define SUMS(name, step, ...)                                                                                \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        const uint8_t *p = a.u + n, *end = p + (step * 120 + n * m + k) / step * step;                       \
        uint32_t first = (uint32_t)b.w[0], second = (uint32_t)b.w[1];                                        \
        for (; p != end; p += step)                                                                          \
            __VA_ARGS__                                                                                      \
        c.w[0] = (int32_t)(m % 2 ? first : first % 65521);                                                   \
        c.w[1] = (int32_t)(m % 2 ? second : second % 65521);                                                 \
    }
#define ADD(k)      first += p[k], second += first
#define ADD_FOUR(k) ADD(k), ADD(k + 1), ADD(k + 2), ADD(k + 3)
SUMS(adler32_bytes, 1, ADD(0);)
SUMS(adler32_unrolled, 16, ADD_FOUR(0), ADD_FOUR(4), ADD_FOUR(8), ADD_FOUR(12);)

/* The greatest and least, and where they are. */
#define FIND(from, take)                                                                                     \
    do {                                                                                                     \
        most = (from);                                                                                       \
        where = -1;                                                                                          \
        for (int i = 0; i < count; i++) {                                                                    \
            x = numbers[i];                                                                                  \
            if (take) {                                                                                      \
                most = x;                                                                                    \
                where = i;                                                                                   \
            }                                                                                                \
        }                                                                                                    \
        sums[at++] = most;                                                                                   \
        sums[at++] = (__typeof__(most))where;                                                                \
    } while (0)
#define EXTREMES(name, type, of, kind, to)                                                                   \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        const type *numbers = (const type *)a.of + n;                                                        \
        kind most, x, *sums = (kind *)c.to;                                                                  \
        int count = n * m + k, where, at = 0;                                                                \
        FIND(numbers[0], x > most);                                                                          \
        FIND(numbers[0], x < most);                                                                          \
        FIND(0, x >= most);                                                                                  \
        FIND(0, x <= most);                                                                                  \
        FIND(numbers[k], !(x <= most));                                                                      \
        FIND(1, !(x > most));                                                                                \
        where = 0;                                                                                           \
        for (int i = 1; i < count; i++)                                                                      \
            where = numbers[i] > numbers[where] ? i : where;                                                 \
        sums[at++] = (kind)where;                                                                            \
    }
EXTREMES(f32_extremes, float, f, float, f)
EXTREMES(f64_extremes, double, d, double, d)
EXTREMES(i8_extremes, int8_t, s, int32_t, w)
EXTREMES(u8_extremes, uint8_t, u, int32_t, w)
EXTREMES(u32_extremes, uint32_t, w, uint32_t, w)

/* f32.min and f64.max, and of either sign. */
#define EXTREMA(name, type, of, least, magnitude)                                                            \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        type first = a.of[n], second = 0;                                                                    \
        for (int i = 0; i < n * m; i++)                                                                      \
            first = least(first, a.of[i]);                                                                   \
        for (int i = 0; i < n * m + k; i++)                                                                  \
            second = magnitude(a.of[i]) > second ? magnitude(a.of[i]) : second;                              \
        c.of[0] = first;                                                                                     \
        c.of[1] = second;                                                                                    \
    }
EXTREMA(f32_extrema, float, f, __builtin_wasm_min_f32, __builtin_fabsf)
EXTREMA(f64_extrema, double, d, __builtin_wasm_max_f64, __builtin_fabs)

/* Numbers of all sizes, and small ones, which all go the same way. */
#define EXPONENTIALS(name, type, of, e)                                                                      \
    ONE name(int n, int m, int k)                                                                            \
    {                                                                                                        \
        type sum = 0;                                                                                        \
        for (int i = 0; i < n * m; i++) {                                                                    \
            c.of[i] = e(a.of[i]);                                                                            \
            sum += c.of[i];                                                                                  \
        }                                                                                                    \
        for (int i = 0; i < n * m; i++)                                                                      \
            a.of[i] = 1 / (1 + e(-(type)(i % k) * (type)0.37));                                              \
        for (int i = 0; i < n * m; i++)                                                                      \
            c.of[i] += e(a.of[i] - k);                                                                       \
        c.of[n * m] = sum;                                                                                   \
    }
EXPONENTIALS(f32_exp, float, f, expf)
EXPONENTIALS(f64_exp, double, d, exp)

#define NUMBERS {1000, 1, 13}
#define CURVES  {1000, 1, 1000}
#define RANGE   {MOST / 4, 2, 2}
static const struct {
    const char *name;
    int width;
    void (*run)(int n, int m, int k);
    int used[3]; /* numbers of a, b, c */
} kinds[] = {{"f32", 32, f32, MATRIX},
             {"f64", 64, f64, MATRIX},
             {"i8", 8, i8, MATRIX},
             {"u8", 8, u8, MATRIX},
             {"f32_added", 32, f32_added, MATRIX},
             {"f64_added", 64, f64_added, MATRIX},
             {"i8_added", 8, i8_added, MATRIX},
             {"f32_vector", 32, f32_vector, VECTORS},
             {"f64_vector", 64, f64_vector, VECTORS},
             {"i8_vector", 8, i8_vector, VECTORS},
             {"f32_rows", 32, f32_rows, VECTORS},
             {"f64_rows", 64, f64_rows, VECTORS},
             {"f32_squares", 32, f32_squares, VECTORS},
             {"f64_squares", 64, f64_squares, VECTORS},
             {"f32_through", 32, f32_through, MATRIX},
             {"sha256", 8, sha256, MATRIX},
             {"search", 8, search, MATRIX},
             {"crc32_bytes", 8, crc32_bytes, RANGE},
             {"crc32_bits", 8, crc32_bits, RANGE},
             {"crc32c_bits", 8, crc32c_bits, RANGE},
             {"crc32_sliced", 8, crc32_sliced, RANGE},
             {"adler32_bytes", 8, adler32_bytes, RANGE},
             {"adler32_unrolled", 8, adler32_unrolled, RANGE},
             {"f32_extremes", 32, f32_extremes, NUMBERS},
             {"f64_extremes", 64, f64_extremes, NUMBERS},
             {"i8_extremes", 8, i8_extremes, NUMBERS},
             {"u8_extremes", 8, u8_extremes, NUMBERS},
             {"u32_extremes", 8, u32_extremes, NUMBERS},
             {"f32_extrema", 32, f32_extrema, NUMBERS},
             {"f64_extrema", 64, f64_extrema, NUMBERS},
             {"f32_exp", 32, f32_exp, CURVES},
             {"f64_exp", 64, f64_exp, CURVES}};

int main(int argc, char **argv)
{
    if (argc < 2) {
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            puts(kinds[k].name);
        return 0;
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (argc != 4 || (strcmp(argv[1], "all") != 0 && strcmp(argv[1], kinds[k].name) != 0))
            continue;
        for (int n = atoi(argv[2]); n < atoi(argv[3]); n++) {
            state = (uint64_t)n * 0x9e3779b97f4a7c15u + k;
            int rows = 17 + (int)(next() % 12), columns = 17 + (int)(next() % 12),
                steps = 16 + (int)(next() % 20);
            fill(n % STYLES, kinds[k].width, kinds[k].used);
            kinds[k].run(rows, columns, steps);
            printf("%d %dx%dx%d %016llx\n", n, rows, columns, steps,
                   (unsigned long long)hash(kinds[k].width, kinds[k].used[2]));
        }
    }
    return 0;
}
