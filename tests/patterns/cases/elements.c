/* Functions of elements: exp as C libraries have it, with a table and branches for what is special, in loops
 * of many forms; and what is nearly that.
 *
 * replaced: exps exps_pointer exps_four softmax softmax_two sigmoid silu_gate other_table other_end exps64
 * replaced: into_table scaled branches truncated halved
 * unlisted: divided function of elements (exp of f32, 1 a round): kernel
 * unlisted: counted function of elements
 * unlisted: remembered function of elements
 * unlisted: two_ways function of elements (exp of f32, 1 a round): kernel
 * unlisted: table_written function of elements
 * unlisted: with_index function of elements
 * unlisted: backwards function of elements (exp of f32, 1 a round): kernel
 * unlisted: product function of elements
 * unlisted: neighbour function of elements
 * unlisted: next_to_it function of elements (exp of f32, 1 a round): kernel
 * either: trapping 0 200000 400000 1000..2000
 * either: trapping 64 0 400000 16..300
 * near: NAME 0 200000 400000 1000..2000
 * near: NAME 0..999 200000 400000 16..80
 * near: NAME 0 200000 400000 0..20
 * near: NAME 0 0 400000 1000..2000
 * near: NAME 0 4 400000 500
 * near: NAME 4 0 400000 500
 * near: NAME 64 0 400000 500
 * near: NAME 0 64 400000 500
 * near: NAME 0 2 400000 500
 * near: NAME 2 0 400000 500
 * near: NAME 0 200000 4 500
 * near: NAME 1048000 0 400000 500
 * near: NAME 0 1048000 400000 500
 * near: NAME 4294967000 0 400000 500
 * near: NAME 0 4294967000 400000 500
 */
#include "case.h"

/* 2^(k/32), less what is added to the exponent for k. */
static uint64_t powers[32 + 128] = {
    0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51, 0x3fef72b83c7d517b,
    0x3fef54873168b9aa, 0x3fef387a6e756238, 0x3fef1e9df51fdee1, 0x3fef06fe0a31b715, 0x3feef1a7373aa9cb,
    0x3feedea64c123422, 0x3feece086061892d, 0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429,
    0x3feea47eb03a5585, 0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74, 0x3feea11473eb0187, 0x3feea589994cce13,
    0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d, 0x3feee89f995ad3ad,
    0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069, 0x3fef5818dcfba487, 0x3fef7c97337b9b5f,
    0x3fefa4afa2a490da, 0x3fefd0765b6e4540,
};
static const uint64_t other_powers[32] = {
    0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51, 0x3fef72b83c7d517b,
    0x3fef54873168b9ad, 0x3fef387a6e756238, 0x3fef1e9df51fdee1, 0x3fef06fe0a31b715, 0x3feef1a7373aa9cb,
    0x3feedea64c123422, 0x3feece086061892d, 0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429,
    0x3feea47eb03a5585, 0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74, 0x3feea11473eb0187, 0x3feea589994cce13,
    0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d, 0x3feee89f995ad3ad,
    0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069, 0x3fef5818dcfba487, 0x3fef7c97337b9b5f,
    0x3fefa4afa2a490da, 0x3fefd0765b6e4540,
};

static uint32_t bits_of(float x)
{
    uint32_t u;
    __builtin_memcpy(&u, &x, 4);
    return u;
}

static INLINE float main_way(float x, const uint64_t *t)
{
    double z = 0x1.71547652b82fep+0 * 32 * x, kd = z + 0x1.8p+52, r, s;
    uint64_t ki;
    __builtin_memcpy(&ki, &kd, 8);
    kd -= 0x1.8p+52;
    r = z - kd;
    ki = t[ki % 32] + (ki << 47);
    __builtin_memcpy(&s, &ki, 8);
    z = 0x1.c6af84b912394p-5 / 32 / 32 / 32 * r + 0x1.ebfce50fac4f3p-3 / 32 / 32;
    return (float)((z * (r * r) + (0x1.62e42ff0c52d6p-1 / 32 * r + 1)) * s);
}

static NOINLINE float overflow_of(float x)
{
    return x * x;
}

#define EXPF(name, table, least, end)                                                                        \
    static NOINLINE float name(float x)                                                                      \
    {                                                                                                        \
        uint32_t top = bits_of(x) >> 20 & 0x7ff;                                                             \
        if (top >= (least)) {                                                                                \
            if (bits_of(x) == 0xff800000)                                                                    \
                return 0;                                                                                    \
            if (top >= 0x7f8)                                                                                \
                return x + x;                                                                                \
            if (x > (end))                                                                                   \
                return overflow_of(0x1p97f);                                                                 \
            if (x < -0x1.9fe368p6f)                                                                          \
                return overflow_of(0x1p-95f);                                                                \
        }                                                                                                    \
        return main_way(x, table);                                                                           \
    }
EXPF(expf_, powers, 0x42b, 0x1.62e42ep6f)
EXPF(other_expf, other_powers, 0x42b, 0x1.62e42ep6f)
EXPF(early_expf, powers, 0x418, 20.0f) /* infinite beyond 20 */

/* By a polynomial, f64. */
static NOINLINE double exp_(double x)
{
    double k, r, sum = 1, s;
    if (!(x < 700 && x > -700))
        return x != x ? x : x > 0 ? 1e300 * 1e300 : 0;
    k = x * 1.4426950408889634 + 0x1.8p+52;
    int64_t bits;
    __builtin_memcpy(&bits, &k, 8);
    k -= 0x1.8p+52;
    r = x - k * 0.6931471805599453;
    for (int n = 16; n > 0; n--)
        sum = 1 + sum * r * (1.0 / n);
    bits = (bits + 1023) << 52;
    __builtin_memcpy(&s, &bits, 8);
    return sum * s;
}

/* Not for every lane the same way: most numbers are on either side. */
static NOINLINE float two_ways_expf(float x)
{
    return x > 0 ? main_way(x, powers) : 1 / main_way(-x, powers);
}

static int calls;
static NOINLINE float counting_expf(float x)
{
    calls++;
    return main_way(x, powers);
}
static float last;
static NOINLINE float remembering_expf(float x)
{
    if (bits_of(x) >> 20 == 0x7f9)
        last = x;
    return main_way(x, powers);
}

/* By an integer that is divided, as in old libraries, after a conversion that may trap. */
#define BY_QUOTIENT(name, ends, quotient)                                                                    \
    static NOINLINE float name(float x)                                                                      \
    {                                                                                                        \
        float z = x * 1.44269504f, r, p, s;                                                                  \
        if (ends && !(x < 88 && x > -80))                                                                    \
            return x > 0 ? __builtin_inff() : 0;                                                             \
        int e = __builtin_wasm_trunc_s_i32_f32(z + __builtin_copysignf(0.5f, z)), half = quotient;           \
        r = x - (float)e * 0.693359375f + (float)e * 2.12194440e-4f;                                         \
        p = 1.f / 24 + r * (1.f / 120 + r * (1.f / 720 + r / 5040));                                         \
        p = 1 + r * (1 + r * (0.5f + r * (1.f / 6 + r * p)));                                                \
        uint32_t bits = (uint32_t)(half + 127) << 23, other = (uint32_t)(e - half + 127) << 23;              \
        __builtin_memcpy(&s, &bits, 4);                                                                      \
        p *= s;                                                                                              \
        __builtin_memcpy(&s, &other, 4);                                                                     \
        return p * s;                                                                                        \
    }
static volatile int two = 2;
BY_QUOTIENT(halved_expf, 1, e / 2)
BY_QUOTIENT(divided_expf, 1, e / (two | 1))
BY_QUOTIENT(trapping_expf, 0, e / 2)

/* As compilers have it for processors that trap: not where it would. */
static NOINLINE float truncated_expf(float x)
{
    float z = x * 1.44269504f, s;
    if (x > 88)
        return __builtin_inff();
    if (x < -80)
        return 0;
    int e = (int)(z < 0 ? z - 1 : z);
    float r = (z - (float)e) * 0.693147181f;
    float p =
        1 +
        r * (1 + r * (0.5f + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720 + r / 5040))))));
    uint32_t bits = (uint32_t)(e + 127) << 23;
    __builtin_memcpy(&s, &bits, 4);
    return p * s;
}

#define CALL(name, type)                                                                                     \
    static INLINE type name##_(type *c, type *a, type *b, int n);                                            \
    double EXPORT(name)(unsigned c, unsigned a, unsigned b, int n)                                           \
    {                                                                                                        \
        return (double)name##_((type *)U8(c), (type *)U8(a), (type *)U8(b), n);                              \
    }                                                                                                        \
    static INLINE type name##_(type *c, type *a, type *b, int n)
#define UNUSED (void)a, (void)b, (void)c
#define EACH                                                                                                 \
    UNUSED;                                                                                                  \
    for (int i = 0; i < n; i++)

CALL(exps, float)
{
    EACH c[i] = expf_(a[i]);
    return 0;
}
CALL(exps_pointer, float)
{
    UNUSED;
    for (float *end = c + n; c < end;)
        *c++ = expf_(*a++);
    return 0;
}
CALL(exps_four, float)
{
    UNUSED;
    for (int i = 0; i + 4 <= n; i += 4) {
        c[i] = expf_(a[i]);
        c[i + 1] = expf_(a[i + 1]);
        c[i + 2] = expf_(a[i + 2]);
        c[i + 3] = expf_(a[i + 3]);
    }
    return 0;
}
CALL(softmax, float)
{
    float most = a[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = a[i] > most ? a[i] : most;
    EACH sum += c[i] = expf_(a[i] - most);
    return sum;
}
CALL(softmax_two, float)
{
    float sum = 1;
    UNUSED;
    for (int i = 0; i + 2 <= n; i += 2) {
        c[i] = expf_(0.125f * a[i] - 3);
        sum += c[i];
        c[i + 1] = expf_(0.125f * a[i + 1] - 3);
        sum += c[i + 1];
    }
    return sum;
}
CALL(sigmoid, float)
{
    EACH c[i] = 1 / (1 + expf_(-a[i]));
    return 0;
}
CALL(silu_gate, float)
{
    EACH c[i] = a[i] / (1 + expf_(-a[i])) * b[i];
    return 0;
}
CALL(scaled, float)
{
    float by = b[0];
    EACH c[i] = expf_(a[i] * by);
    return 0;
}
CALL(other_table, float)
{
    EACH c[i] = other_expf(a[i]);
    return 0;
}
CALL(other_end, float)
{
    EACH c[i] = early_expf(a[i] * 16);
    return 0;
}
CALL(branches, float)
{
    float low = b[0] * 90;
    EACH c[i] = expf_(a[i] > 0 ? a[i] : low);
    return 0;
}
CALL(exps64, double)
{
    EACH c[i] = exp_(a[i]);
    return 0;
}
CALL(truncated, float)
{
    EACH c[i] = truncated_expf(a[i]);
    return 0;
}
CALL(halved, float)
{
    EACH c[i] = halved_expf(a[i]);
    return 0;
}
/* Where a number is too large, behind what has been stored before. */
CALL(trapping, float)
{
    EACH c[i] = trapping_expf(a[i]);
    return 0;
}
CALL(divided, float)
{
    EACH c[i] = divided_expf(a[i]);
    return 0;
}
/* What is stored becomes part of the table. */
CALL(into_table, float)
{
    uint64_t saved[32];
    float *to = (float *)powers + (n & 63);
    UNUSED;
    for (int i = 0; i < 32; i++)
        saved[i] = powers[i];
    for (int i = 0; i < (n & 127); i++)
        to[i] = expf_(a[i]);
    float sum = 0;
    for (int i = 0; i < 64; i++)
        sum += to[i];
    for (int i = 0; i < 32; i++)
        powers[i] = saved[i];
    return sum;
}
/* So that each has two callers: with one it would be inlined. */
double EXPORT(each)(float x)
{
    return (double)(other_expf(x) + early_expf(x) + counting_expf(x) + remembering_expf(x) +
                    two_ways_expf(x) + halved_expf(x) + divided_expf(x) + trapping_expf(x) +
                    truncated_expf(x)) +
           exp_((double)x);
}

CALL(counted, float)
{
    EACH c[i] = counting_expf(a[i]);
    return (float)calls;
}
CALL(remembered, float)
{
    EACH c[i] = remembering_expf(a[i]);
    return last;
}
CALL(two_ways, float)
{
    EACH c[i] = two_ways_expf(a[i]);
    return 0;
}
CALL(table_written, float)
{
    EACH
    {
        c[i] = expf_(a[i]);
        powers[i & 31] ^= 1;
        powers[i & 31] ^= 1;
        b[i] = c[i];
    }
    return 0;
}
CALL(with_index, float)
{
    EACH c[i] = expf_(a[i] * (float)(i & 3));
    return 0;
}
CALL(backwards, float)
{
    UNUSED;
    for (int i = n - 1; i >= 0; i--)
        c[i] = expf_(a[i]);
    return 0;
}
CALL(product, float)
{
    float all = 1;
    EACH
    {
        c[i] = expf_(a[i]);
        all = all * 0.5f + c[i];
        b[0] = all;
    }
    return all;
}
CALL(neighbour, float)
{
    EACH c[i] = i ? expf_(a[i] - c[i - 1]) : 1;
    return 0;
}
CALL(next_to_it, float)
{
    EACH c[i * 2] = expf_(a[i]);
    return 0;
}
