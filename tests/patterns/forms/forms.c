/* forms.c: naive loops in the styles that people write them in, for tests/patterns/recall. What a function
 * computes is its name up to the first underscore, which recall knows a pattern for. All take the same
 * arguments: places in the buffer (case.h), by byte, and sizes. */
#include "case.h"

#define FORM(name) double EXPORT(name)(int c_at, int a_at, int b_at, int n, int k)
#define ARRAYS(type)                                                                                         \
    type *c = (type *)U8(c_at), *a = (type *)U8(a_at), *b = (type *)U8(b_at);                                \
    (void)a, (void)b, (void)c, (void)k, (void)n

/* --- Sums. TERM is of x and y, of which `two` says whether there are both. --- */

#define SUM_STYLES(name, type, sum_type, TERM)                                                               \
    FORM(name##_int)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0;                                                                                      \
        for (int i = 0; i < n; i++)                                                                          \
            s += TERM(a[i], b[i]);                                                                           \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_unsigned)                                                                                    \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0;                                                                                      \
        for (unsigned i = 0; i != (unsigned)n; ++i)                                                          \
            s = s + TERM(a[i], b[i]);                                                                        \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_bumped)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        const type *end = a + n;                                                                             \
        sum_type s = 0;                                                                                      \
        while (a < end) {                                                                                    \
            s += TERM(*a, *b);                                                                               \
            a++;                                                                                             \
            b++;                                                                                             \
        }                                                                                                    \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_down)                                                                                        \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0;                                                                                      \
        while (n-- > 0) {                                                                                    \
            s += TERM(*a, *b);                                                                               \
            a++, b++;                                                                                        \
        }                                                                                                    \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_dowhile)                                                                                     \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0;                                                                                      \
        __SIZE_TYPE__ i = 0;                                                                                 \
        do {                                                                                                 \
            s += TERM(a[i], b[i]);                                                                           \
            i++;                                                                                             \
        } while (i < (__SIZE_TYPE__)n);                                                                      \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_constant)                                                                                    \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0;                                                                                      \
        for (int i = 0; i < 300; i++)                                                                        \
            s += TERM(a[i], b[i]);                                                                           \
        return (double)s;                                                                                    \
    }                                                                                                        \
    FORM(name##_byfour)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type s = 0, t = 0, u = 0, v = 0;                                                                 \
        int i = 0;                                                                                           \
        for (; i + 3 < n; i += 4) {                                                                          \
            s += TERM(a[i], b[i]);                                                                           \
            t += TERM(a[i + 1], b[i + 1]);                                                                   \
            u += TERM(a[i + 2], b[i + 2]);                                                                   \
            v += TERM(a[i + 3], b[i + 3]);                                                                   \
        }                                                                                                    \
        for (; i < n; i++)                                                                                   \
            s += TERM(a[i], b[i]);                                                                           \
        return (double)(s + t + u + v);                                                                      \
    }                                                                                                        \
    FORM(name##_fields)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        struct {                                                                                             \
            type x, y, z;                                                                                    \
        } *p = (void *)a;                                                                                    \
        sum_type s = 0;                                                                                      \
        for (int i = 0; i < n; i++)                                                                          \
            s += TERM(p[i].x, p[i].z);                                                                       \
        return (double)s;                                                                                    \
    }

#define JUST(x, y)     (x)
#define PRODUCT(x, y)  ((x) * (y))
#define SQUARE(x, y)   ((x) * (x))
#define DISTANCE(x, y) (((x) - (y)) * ((x) - (y)))
SUM_STYLES(sum_f32, float, float, JUST)
SUM_STYLES(sum_f64, double, double, JUST)
SUM_STYLES(sum_widened, float, double, JUST)
SUM_STYLES(dot_f32, float, float, PRODUCT)
SUM_STYLES(dot_f64, double, double, PRODUCT)
SUM_STYLES(norm_f32, float, float, SQUARE)
SUM_STYLES(distance_f32, float, float, DISTANCE)
SUM_STYLES(distance_f64, double, double, DISTANCE)
SUM_STYLES(isum_i32, int32_t, int32_t, JUST)
SUM_STYLES(idot_i8, int8_t, int32_t, PRODUCT)
SUM_STYLES(idot_u8, uint8_t, uint32_t, PRODUCT)
SUM_STYLES(idot_i16, int16_t, int32_t, PRODUCT)
SUM_STYLES(idistance_u8, uint8_t, int32_t, DISTANCE)

FORM(cosine_f32)
{
    ARRAYS(float);
    float ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < n; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / (__builtin_sqrtf(aa) * __builtin_sqrtf(bb));
}

FORM(cosine_bumped)
{
    ARRAYS(double);
    double ab = 0, aa = 0, bb = 0;
    for (const double *end = a + n; a != end; a++, b++) {
        double x = *a, y = *b;
        ab += x * y, aa += x * x, bb += y * y;
    }
    return ab / __builtin_sqrt(aa * bb);
}

/* --- Products of matrices, n x n: all loop orders, with what the sums begin with. --- */

#define EACH(i, index, n) for (index i = 0; i < (index)(n); i++)
#define ORDERS(name, type, sum_type, index, A, B)                                                            \
    FORM(name##_ijk)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(i, index, n) EACH(j, index, n)                                                                  \
        {                                                                                                    \
            sum_type s = 0;                                                                                  \
            EACH(p, index, n) s += (sum_type)A * (sum_type)B;                                                \
            to[i * (index)n + j] = s;                                                                        \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_jik)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(j, index, n) EACH(i, index, n)                                                                  \
        {                                                                                                    \
            sum_type s = to[i * (index)n + j];                                                               \
            EACH(p, index, n) s += (sum_type)A * (sum_type)B;                                                \
            to[i * (index)n + j] = s;                                                                        \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_inmemory)                                                                                    \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(i, index, n)                                                                                    \
        EACH(j, index, n) EACH(p, index, n) to[i * (index)n + j] += (sum_type)A * (sum_type)B;               \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_ikj)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(i, index, n *n) to[i] = 0;                                                                      \
        EACH(i, index, n)                                                                                    \
        EACH(p, index, n) EACH(j, index, n) to[i * (index)n + j] += (sum_type)A * (sum_type)B;               \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_kij)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(p, index, n) EACH(i, index, n)                                                                  \
        {                                                                                                    \
            EACH(j, index, n) to[i * (index)n + j] += (sum_type)A * (sum_type)B;                             \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_jki)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(j, index, n)                                                                                    \
        EACH(p, index, n) EACH(i, index, n) to[i * (index)n + j] += (sum_type)A * (sum_type)B;               \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_kji)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        sum_type *to = (sum_type *)c;                                                                        \
        EACH(p, index, n)                                                                                    \
        EACH(j, index, n) EACH(i, index, n) to[i * (index)n + j] += (sum_type)A * (sum_type)B;               \
        return 0;                                                                                            \
    }

ORDERS(matrix_f32, float, float, int, a[i * n + p], b[p * n + j])
ORDERS(matrix_f64, double, double, unsigned, a[i * (unsigned)n + p], b[p * (unsigned)n + j])
ORDERS(matrix_second, float, float, __SIZE_TYPE__, a[i * (unsigned)n + p], b[j * (unsigned)n + p])
ORDERS(matrix_first, float, float, int, a[p * n + i], b[p * n + j])
ORDERS(matrix_i8, int8_t, int32_t, int, a[i * n + p], b[p * n + j])
ORDERS(matrix_u8, uint8_t, int32_t, int, a[i * n + p], b[j * n + p])
ORDERS(matrix_const, float, float, int, ((float (*)[64])a)[i][p], ((float (*)[64])b)[p][j])

#define SIZES(size)                                                                                          \
    FORM(matrix_f32_##size##x##size)                                                                         \
    {                                                                                                        \
        ARRAYS(float);                                                                                       \
        EACH(i, int, size) EACH(j, int, size)                                                                \
        {                                                                                                    \
            float s = 0;                                                                                     \
            EACH(p, int, size) s += a[i * size + p] * b[p * size + j];                                       \
            c[i * size + j] = s;                                                                             \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(matrix_i8_##size##x##size)                                                                          \
    {                                                                                                        \
        ARRAYS(int8_t);                                                                                      \
        EACH(i, int, size) EACH(j, int, size)                                                                \
        {                                                                                                    \
            int32_t s = 0;                                                                                   \
            EACH(p, int, size) s += a[i * size + p] * b[p * size + j];                                       \
            ((int32_t *)c)[i * size + j] = s;                                                                \
        }                                                                                                    \
        return 0;                                                                                            \
    }
SIZES(16)
SIZES(37)
SIZES(64)
SIZES(128)

FORM(matrix_bumped) /* pointers for all three */
{
    ARRAYS(float);
    for (int i = 0; i < n; i++, a += n) {
        const float *column = b;
        for (int j = 0; j < n; j++, column++) {
            const float *x = a, *y = column;
            float s = 0;
            for (int p = 0; p < n; p++, y += n)
                s += *x++ * *y;
            *c++ = s;
        }
    }
    return 0;
}

FORM(matrix_bias)
{
    ARRAYS(float);
    const float *bias = (const float *)U8(k);
    EACH(i, int, n) EACH(j, int, n)
    {
        float s = bias[j];
        EACH(p, int, n) s += a[i * n + p] * b[p * n + j];
        c[i * n + j] = s;
    }
    return 0;
}

FORM(matrix_biasafter)
{
    ARRAYS(float);
    const float *bias = (const float *)U8(k);
    EACH(i, int, n) EACH(j, int, n)
    {
        float s = 0;
        EACH(p, int, n) s += a[i * n + p] * b[p * n + j];
        c[i * n + j] = s + bias[j];
    }
    return 0;
}

FORM(matrix_added) /* what the sum is is added last */
{
    ARRAYS(float);
    EACH(i, int, n) EACH(j, int, n)
    {
        float s = 0;
        EACH(p, int, n) s += a[i * n + p] * b[p * n + j];
        c[i * n + j] += s;
    }
    return 0;
}

FORM(matrix_scaled)
{
    ARRAYS(float);
    EACH(i, int, n) EACH(j, int, n)
    {
        float s = 0;
        EACH(p, int, n) s += a[i * n + p] * b[p * n + j];
        c[i * n + j] = 0.5f * s;
    }
    return 0;
}

struct matrix {
    int rows, columns, stride;
    float *data;
};

static __attribute__((noinline)) void product(struct matrix *to, const struct matrix *x,
                                              const struct matrix *y)
{
    for (int i = 0; i < x->rows; i++) {
        for (int j = 0; j < y->columns; j++) {
            float s = 0;
            for (int p = 0; p < x->columns; p++)
                s += x->data[i * x->stride + p] * y->data[p * y->stride + j];
            to->data[i * to->stride + j] = s;
        }
    }
}

FORM(matrix_structs)
{
    ARRAYS(float);
    struct matrix x = {n, n, n, a}, y = {n, n, n, b}, to = {n, n, n + k % 2, c};
    product(&to, &x, &y);
    return 0;
}

FORM(matrix_vector)
{
    ARRAYS(float);
    EACH(i, int, n)
    {
        float s = 0;
        EACH(p, int, n) s += a[i * n + p] * b[p];
        c[i] = s;
    }
    return 0;
}

FORM(matrix_vectorinmemory)
{
    ARRAYS(double);
    EACH(i, int, n)
    {
        c[i] = 0;
        EACH(p, int, n) c[i] += a[i * n + p] * b[p];
    }
    return 0;
}

FORM(matrix_ofvector)
{
    ARRAYS(float);
    EACH(p, int, n) EACH(j, int, n) c[j] += a[p] * b[p * n + j];
    return 0;
}

FORM(matrix_batch)
{
    ARRAYS(float);
    EACH(q, int, 3) EACH(i, int, n / 2) EACH(j, int, n / 2)
    {
        float s = 0;
        EACH(p, int, n / 2) s += a[(q * (n / 2) + i) * (n / 2) + p] * b[(q * (n / 2) + p) * (n / 2) + j];
        c[(q * (n / 2) + i) * (n / 2) + j] = s;
    }
    return 0;
}

/* --- A sum for each round of a loop that does something else with it. --- */

FORM(rows_nearest)
{
    ARRAYS(float);
    float least = 1e30f;
    int best = -1;
    EACH(i, int, n)
    {
        float s = 0;
        EACH(p, int, n)
        {
            float d = a[i * n + p] - b[p];
            s += d * d;
        }
        if (s < least) {
            least = s;
            best = i;
        }
    }
    return best;
}

FORM(rows_farthest)
{
    ARRAYS(double);
    const double *row = a;
    double most = 0;
    for (unsigned i = 0; i < (unsigned)n; i++, row += n) {
        double s = 0;
        for (unsigned p = 0; p < (unsigned)n; p++)
            s += (row[p] - b[p]) * (row[p] - b[p]);
        if (s > most)
            most = s;
    }
    return most;
}

FORM(rows_cosines)
{
    ARRAYS(float);
    float most = -1;
    EACH(i, int, n)
    {
        float ab = 0, aa = 0;
        EACH(p, int, n)
        {
            ab += a[i * n + p] * b[p];
            aa += a[i * n + p] * a[i * n + p];
        }
        float s = ab / __builtin_sqrtf(aa);
        most = s > most ? s : most;
    }
    return most;
}

FORM(rows_scaled)
{
    ARRAYS(float);
    EACH(i, int, n)
    {
        float s = 0;
        EACH(p, int, n) s += a[i * n + p] * b[p];
        c[i] = s > 0 ? s : 0;
    }
    return 0;
}

FORM(rows_attention) /* scores of each query, and what becomes of them */
{
    ARRAYS(float);
    EACH(q, int, n)
    {
        float most = -1e30f;
        EACH(i, int, n)
        {
            float s = 0;
            EACH(p, int, n) s += a[q * n + p] * b[i * n + p];
            s *= 0.125f;
            c[i] = s;
            most = s > most ? s : most;
        }
        EACH(i, int, n) c[i] -= most;
    }
    return 0;
}

/* --- Searches. --- */

FORM(search_compare)
{
    ARRAYS(uint8_t);
    for (int i = 0; i < n; i++) {
        if (a[i] != b[i])
            return a[i] - b[i];
    }
    return 0;
}

FORM(search_comparebumped)
{
    ARRAYS(uint8_t);
    const uint8_t *x = a, *y = b;
    while (n && *x == *y)
        x++, y++, n--;
    return n ? *x - *y : 0;
}

FORM(search_length)
{
    ARRAYS(char);
    const char *s = a;
    while (*s)
        s++;
    return s - a;
}

FORM(search_lengthindexed)
{
    ARRAYS(uint8_t);
    unsigned i = 0;
    for (; a[i]; i++)
        ;
    return i;
}

FORM(search_byte)
{
    ARRAYS(uint8_t);
    for (int i = 0; i < n; i++) {
        if (a[i] == (uint8_t)k)
            return i;
    }
    return -1;
}

FORM(search_bytedown)
{
    ARRAYS(uint8_t);
    const uint8_t *s = a;
    for (; n; n--, s++) {
        if (*s == (uint8_t)k)
            return s - a;
    }
    return -1;
}

FORM(search_word)
{
    ARRAYS(int32_t);
    for (int i = 0; i < n; i++) {
        if (a[i] == k)
            return i;
    }
    return -1;
}

FORM(search_string)
{
    ARRAYS(uint8_t);
    while (*a && *a == *b)
        a++, b++;
    return *a - *b;
}

/* --- Elements made of elements: VALUE is of x and y. --- */

#define MAP_STYLES(name, to_type, type, VALUE)                                                               \
    FORM(name##_int)                                                                                         \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        for (int i = 0; i < n; i++)                                                                          \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_unsigned)                                                                                    \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        for (__SIZE_TYPE__ i = 0; i != (__SIZE_TYPE__)n; ++i)                                                \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_bumped)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c, *end = to + n;                                                           \
        while (to < end) {                                                                                   \
            *to++ = (to_type)VALUE(*a, *b);                                                                  \
            a++, b++;                                                                                        \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_down)                                                                                        \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        while (n-- > 0) {                                                                                    \
            *to = (to_type)VALUE(*a, *b);                                                                    \
            to++, a++, b++;                                                                                  \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_dowhile)                                                                                     \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        int i = 0;                                                                                           \
        do {                                                                                                 \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
            i++;                                                                                             \
        } while (i < n);                                                                                     \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_backwards)                                                                                   \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        for (int i = n - 1; i >= 0; i--)                                                                     \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_byfour)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        int i = 0;                                                                                           \
        for (; i + 3 < n; i += 4) {                                                                          \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
            to[i + 1] = (to_type)VALUE(a[i + 1], b[i + 1]);                                                  \
            to[i + 2] = (to_type)VALUE(a[i + 2], b[i + 2]);                                                  \
            to[i + 3] = (to_type)VALUE(a[i + 3], b[i + 3]);                                                  \
        }                                                                                                    \
        for (; i < n; i++)                                                                                   \
            to[i] = (to_type)VALUE(a[i], b[i]);                                                              \
        return 0;                                                                                            \
    }                                                                                                        \
    FORM(name##_rows)                                                                                        \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        to_type *to = (to_type *)c;                                                                          \
        for (int i = 0; i < k; i++) {                                                                        \
            for (int j = 0; j < n; j++)                                                                      \
                to[i * n + j] = (to_type)VALUE(a[i * n + j], b[j]);                                          \
        }                                                                                                    \
        return 0;                                                                                            \
    }

static inline float bounded(float x, float low, float high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}
#define SCALED(x, y)     ((x) * 1.25f)
#define ADDED(x, y)      ((x) + (y))
#define MULTIPLIED(x, y) ((x) * (y))
#define RECTIFIED(x, y)  ((x) > 0 ? (x) : 0)
#define CLAMPED(x, y)    bounded(x, -0.5f, 0.75f)
#define AXPY(x, y)       ((y) + 0.5f * (x))
#define QUANTISED(x, y)  bounded(__builtin_rintf((x) * 50.0f), -128, 127)
#define OPENED(x, y)     ((float)(x) * 0.02f)
#define SATURATED(x, y)  ((x) + (y) > 255 ? 255 : (x) + (y))
#define MIXED(x, y)      (((x) * 3 + (y) * 5) >> 3)
MAP_STYLES(map_scale, float, float, SCALED)
MAP_STYLES(map_scale64, double, double, SCALED)
MAP_STYLES(map_add, float, float, ADDED)
MAP_STYLES(map_multiply, int32_t, int32_t, MULTIPLIED)
MAP_STYLES(map_relu, float, float, RECTIFIED)
MAP_STYLES(map_clamp, float, float, CLAMPED)
MAP_STYLES(map_axpy, float, float, AXPY)
MAP_STYLES(map_quantise, int8_t, float, QUANTISED)
MAP_STYLES(map_dequantise, float, int8_t, OPENED)
MAP_STYLES(map_widen, int32_t, int16_t, JUST)
MAP_STYLES(map_narrow, uint8_t, uint32_t, JUST)
MAP_STYLES(map_tofloat, float, int32_t, JUST)
MAP_STYLES(map_saturate, uint8_t, uint8_t, SATURATED)
MAP_STYLES(map_mix, uint8_t, uint8_t, MIXED)
MAP_STYLES(copy_bytes, uint8_t, uint8_t, JUST)
MAP_STYLES(copy_words, uint32_t, uint32_t, JUST)
MAP_STYLES(copy_f64, double, double, JUST)
#define BYTE(x, y)    7
#define NOTHING(x, y) 0
MAP_STYLES(fill_bytes, uint8_t, uint8_t, BYTE)
MAP_STYLES(fill_words, uint32_t, uint32_t, NOTHING)

FORM(copy_match) /* of what has just been written */
{
    ARRAYS(uint8_t);
    uint8_t *to = c + k;
    const uint8_t *from = c;
    for (; n; n--)
        *to++ = *from++;
    return 0;
}

FORM(copy_moved)
{
    ARRAYS(uint8_t);
    for (int i = n; i > 0; i--)
        a[i] = a[i - 1];
    return 0;
}

FORM(map_stencil3)
{
    ARRAYS(float);
    for (int i = 1; i < n - 1; i++)
        c[i] = 0.25f * a[i - 1] + 0.5f * a[i] + 0.25f * a[i + 1];
    return 0;
}

FORM(map_conv3x3)
{
    ARRAYS(float);
    for (int y = 1; y < k - 1; y++) {
        for (int x = 1; x < n - 1; x++) {
            float s = 0;
            for (int v = -1; v <= 1; v++) {
                for (int u = -1; u <= 1; u++)
                    s += a[(y + v) * n + x + u] * b[(v + 1) * 3 + u + 1];
            }
            c[y * n + x] = s > 0 ? s : 0;
        }
    }
    return 0;
}

FORM(map_stride2)
{
    ARRAYS(float);
    for (int y = 0; y < k / 2 - 1; y++) {
        for (int x = 0; x < n / 2 - 1; x++) {
            float s = b[9];
            for (int v = 0; v < 3; v++) {
                for (int u = 0; u < 3; u++)
                    s += a[(2 * y + v) * n + 2 * x + u] * b[v * 3 + u];
            }
            c[y * n + x] = s;
        }
    }
    return 0;
}

FORM(map_edge)
{
    ARRAYS(uint8_t);
    for (int y = 1; y < k - 1; y++) {
        for (int x = 1; x < n - 1; x++) {
            const uint8_t *p = a + y * n + x;
            int s = 8 * *p - p[-1] - p[1] - p[-n] - p[n] - p[-n - 1] - p[-n + 1] - p[n - 1] - p[n + 1];
            c[y * n + x] = (uint8_t)(s < 0 ? 0 : s > 255 ? 255 : s);
        }
    }
    return 0;
}

/* --- The greatest and least. --- */

#define EXTREME_STYLES(name, type, better)                                                                   \
    FORM(name##_select)                                                                                      \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        type most = a[0];                                                                                    \
        for (int i = 1; i < n * k; i++)                                                                      \
            most = a[i] better most ? a[i] : most;                                                           \
        return (double)most;                                                                                 \
    }                                                                                                        \
    FORM(name##_if)                                                                                          \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        const type *end = a + n * k;                                                                         \
        type most = *a;                                                                                      \
        while (a < end) {                                                                                    \
            if (*a better most)                                                                              \
                most = *a;                                                                                   \
            a++;                                                                                             \
        }                                                                                                    \
        return (double)most;                                                                                 \
    }                                                                                                        \
    FORM(name##_where)                                                                                       \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        type most = a[0];                                                                                    \
        unsigned at = 0;                                                                                     \
        for (unsigned i = 1; i < (unsigned)(n * k); i++) {                                                   \
            if (a[i] better most) {                                                                          \
                most = a[i];                                                                                 \
                at = i;                                                                                      \
            }                                                                                                \
        }                                                                                                    \
        return at;                                                                                           \
    }                                                                                                        \
    FORM(name##_again)                                                                                       \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        int at = 0;                                                                                          \
        for (int i = 1; i < n * k; ++i)                                                                      \
            if (a[at] better a[i])                                                                           \
                at = i;                                                                                      \
        return at;                                                                                           \
    }                                                                                                        \
    FORM(name##_pointer)                                                                                     \
    {                                                                                                        \
        ARRAYS(type);                                                                                        \
        const type *most = a, *end = a + n * k;                                                              \
        for (const type *p = a + 1; p != end; p++) {                                                         \
            if (*p better * most)                                                                            \
                most = p;                                                                                    \
        }                                                                                                    \
        return (double)(most - a);                                                                           \
    }
EXTREME_STYLES(extreme_f32, float, >)
EXTREME_STYLES(extreme_least_f32, float, <=)
EXTREME_STYLES(extreme_f64, double, <)
EXTREME_STYLES(extreme_i32, int32_t, >)
EXTREME_STYLES(extreme_u8, uint8_t, <)
EXTREME_STYLES(extreme_i16, int16_t, >=)
