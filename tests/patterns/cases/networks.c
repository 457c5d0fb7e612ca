/* What neural networks make of exp, tanh and erf, and what is nearly that.
 *
 * listed: softmax softmax (exp of f32, greatest subtracted
 * listed: softmax64 softmax (exp of f64, greatest subtracted
 * listed: softmax_plain softmax (exp of f32,
 * listed: softmax_inverse softmax (exp of f32, greatest subtracted
 * listed: softmax_later softmax (exp of f32, greatest subtracted
 * listed: softmax_rows softmax (exp of f32, greatest subtracted
 * listed: attend attention (softmax of f32 between products, sums divided
 * listed: attend_rows attention (softmax of f32 between products
 * listed: exps activation (exp; f32
 * listed: tanhs activation (tanh; f32
 * listed: tanhs64 activation (tanh; f64
 * listed: sigmoid activation (sigmoid; f32
 * listed: sigmoid_inplace activation (sigmoid; f32
 * listed: silu activation (silu; f32
 * listed: silu_gate activation (silu, multiply; f32
 * listed: gelu activation (gelu (tanh); f32
 * listed: gelu_erf activation (gelu (erf); f32
 * listed: erfs activation (erf; f32
 * listed: gelu_called activation (gelu (tanh); f32
 * listed: gelu_biased activation (gelu (tanh) of an expression; f32
 * unlisted: almost activation
 * unlisted: almost_sum softmax
 * unlisted: gelu_other activation
 * unlisted: not_divided softmax
 * unlisted: least softmax
 * unlisted: other_array softmax
 * unlisted: other_range softmax
 * unlisted: half_range softmax
 * unlisted: sum_of_others softmax
 * unlisted: scores_only attention
 * either: NAME 524288 0 262144 100 7
 * either: attend 524288 0 262144 12 0
 * either: attend_rows 524288 0 262144 12 0
 */
#include "case.h"

/* Such as C libraries have them: by a table of powers of two, or by a polynomial. */
static const double powers[32] = {1.0,
                                  1.0218971486541166,
                                  1.0442737824274138,
                                  1.0671404006768237,
                                  1.0905077326652577,
                                  1.1143867425958924,
                                  1.1387886347566916,
                                  1.1637248587775775,
                                  1.189207115002721,
                                  1.215247359980469,
                                  1.2418578120734840,
                                  1.2690509571917332,
                                  1.2968395546510096,
                                  1.3252366431597413,
                                  1.3542555469368927,
                                  1.3839098819638320,
                                  1.4142135623730951,
                                  1.4451808069770467,
                                  1.4768261459394993,
                                  1.5091644275934228,
                                  1.5422108254079407,
                                  1.5759808451078865,
                                  1.6104903319492543,
                                  1.6457554781539649,
                                  1.6817928305074290,
                                  1.7186192981224779,
                                  1.7562521603732995,
                                  1.7947090750031072,
                                  1.8340080864093424,
                                  1.8741676341103000,
                                  1.9152065613971474,
                                  1.9571441241754002};

static double __attribute__((noinline)) power_of_e(double x)
{
    double z = x * 46.166241308446828, r;
    if (x > 709)
        return 1e308 * 10;
    if (x < -708)
        return 0;
    long long k = (long long)__builtin_rint(z);
    r = x - (double)k * 0.021660849392498290;
    double p = 1 + r * (1 + r * (1. / 2 + r * (1. / 6 + r * (1. / 24 + r * (1. / 120 + r * (1. / 720))))));
    union {
        unsigned long long bits;
        double number;
    } scale = {(unsigned long long)(1023 + (k >> 5)) << 52};
    return powers[k & 31] * p * scale.number;
}

static float __attribute__((noinline)) expf_(float x)
{
    return (float)power_of_e(x);
}

static double __attribute__((noinline)) tanh_(double x)
{
    double e;
    x = x > 20 ? 20 : x;
    x = x < -20 ? -20 : x;
    e = power_of_e(2 * x);
    return (e - 1) / (e + 1);
}

static float __attribute__((noinline)) tanhf_(float x)
{
    return (float)tanh_(x);
}

static float __attribute__((noinline)) erff_(float x)
{
    double a = x < 0 ? -x : x, sum = a, term = a;
    if (a > 4)
        return x < 0 ? -1 : 1;
    for (int n = 1; n < 70; n++) {
        term *= -a * a / n;
        sum += term / (2 * n + 1);
    }
    sum *= 1.1283791670955126;
    return (float)(x < 0 ? -sum : sum);
}

/* A polynomial that is exp's within a thousandth, far from 0 not even that. */
static float __attribute__((noinline)) almost_expf(float x)
{
    float y = 1 + x / 256;
    for (int k = 0; k < 8; k++)
        y *= y;
    return y;
}

#define CALL(name, type)                                                                                     \
    static INLINE float name##_(type *c, type *a, type *b, int n, int k);                                    \
    float EXPORT(name)(int c, int a, int b, int n, int k)                                                    \
    {                                                                                                        \
        return name##_((type *)U8(c), (type *)U8(a), (type *)U8(b), n, k);                                   \
    }                                                                                                        \
    static INLINE float name##_(type *c, type *a, type *b, int n, int k)
#define UNUSED (void)a, (void)b, (void)c, (void)k
#define EACH                                                                                                 \
    UNUSED;                                                                                                  \
    for (int i = 0; i < n; i++)

static INLINE float greatest_of(const float *a, int n)
{
    float most = a[0];
    for (int i = 1; i < n; i++)
        most = a[i] > most ? a[i] : most;
    return most;
}

CALL(softmax, float)
{
    float most = greatest_of(a, n), sum = 0;
    EACH
    {
        c[i] = expf_(a[i] - most);
        sum += c[i];
    }
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(softmax64, double)
{
    double most = -1e300, sum = 0;
    for (int i = 0; i < n; i++)
        if (a[i] > most)
            most = a[i];
    EACH sum += c[i] = power_of_e(a[i] - most);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(softmax_plain, float)
{
    float sum = 0;
    EACH sum += c[i] = expf_(a[i]);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(softmax_inverse, float)
{
    float most = greatest_of(a, n), sum = 0;
    EACH sum += a[i] = expf_(a[i] - most);
    float inverse = 1 / sum;
    for (int i = 0; i < n; i++)
        a[i] *= inverse;
    return 0;
}

CALL(softmax_later, float) /* three loops */
{
    float most = greatest_of(a, n), sum = 0;
    EACH c[i] = expf_(a[i] - most);
    for (int i = 0; i < n; i++)
        sum += c[i];
    for (int i = 0; i < n; i++)
        c[i] = c[i] / sum;
    return 0;
}

CALL(softmax_rows, float) /* k rows of n */
{
    UNUSED;
    for (int r = 0; r < k; r++) {
        float most = a[r * n], sum = 0;
        for (int i = 0; i < n; i++)
            most = a[r * n + i] > most ? a[r * n + i] : most;
        for (int i = 0; i < n; i++) {
            float e = expf_(a[r * n + i] - most);
            c[r * n + i] = e;
            sum += e;
        }
        for (int i = 0; i < n; i++)
            c[r * n + i] /= sum;
    }
    return 0;
}

CALL(attend, float) /* n queries, keys and values of n; scores are behind the results */
{
    float *scores = c + n * n;
    UNUSED;
    for (int i = 0; i < n; i++) {
        float most = -1e30f, sum = 0;
        for (int j = 0; j < n; j++) {
            float score = 0;
            for (int d = 0; d < n; d++)
                score += a[i * n + d] * b[j * n + d];
            scores[j] = score * 0.125f;
            most = scores[j] > most ? scores[j] : most;
        }
        for (int j = 0; j < n; j++) {
            scores[j] = expf_(scores[j] - most);
            sum += scores[j];
        }
        for (int d = 0; d < n; d++) {
            float mean = 0;
            for (int j = 0; j < n; j++)
                mean += scores[j] * a[j * n + d];
            c[i * n + d] = mean / sum;
        }
    }
    return 0;
}

CALL(attend_rows, float) /* product, softmax of its rows, product */
{
    float *scores = c + n * n;
    UNUSED;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            float score = 0;
            for (int d = 0; d < n; d++)
                score += a[i * n + d] * b[j * n + d];
            scores[i * n + j] = score * 0.125f;
        }
    }
    for (int i = 0; i < n; i++) {
        float most = scores[i * n], sum = 0;
        for (int j = 1; j < n; j++)
            most = scores[i * n + j] > most ? scores[i * n + j] : most;
        for (int j = 0; j < n; j++) {
            scores[i * n + j] = expf_(scores[i * n + j] - most);
            sum += scores[i * n + j];
        }
        for (int j = 0; j < n; j++)
            scores[i * n + j] /= sum;
    }
    for (int i = 0; i < n; i++) {
        for (int d = 0; d < n; d++) {
            float mean = 0;
            for (int j = 0; j < n; j++)
                mean += scores[i * n + j] * a[j * n + d];
            c[i * n + d] = mean;
        }
    }
    return 0;
}

CALL(exps, float)
{
    EACH c[i] = expf_(a[i]);
    return 0;
}

CALL(tanhs, float)
{
    EACH c[i] = tanhf_(a[i]);
    return 0;
}

CALL(tanhs64, double)
{
    EACH c[i] = tanh_(a[i]);
    return 0;
}

CALL(sigmoid, float)
{
    EACH c[i] = 1 / (1 + expf_(-a[i]));
    return 0;
}

CALL(sigmoid_inplace, float) /* by tanh */
{
    EACH a[i] = 0.5f * tanhf_(0.5f * a[i]) + 0.5f;
    return 0;
}

CALL(silu, float)
{
    EACH c[i] = a[i] / (1 + expf_(-a[i]));
    return 0;
}

CALL(silu_gate, float)
{
    EACH c[i] = a[i] * (1 / (1 + expf_(-a[i]))) * b[i];
    return 0;
}

static INLINE float gelu_of(float x)
{
    return 0.5f * x * (1 + tanhf_(0.7978845608f * (x + 0.044715f * x * x * x)));
}

CALL(gelu, float)
{
    EACH c[i] = gelu_of(a[i]);
    return 0;
}

CALL(gelu_erf, float)
{
    EACH c[i] = 0.5f * a[i] * (1 + erff_(a[i] * 0.70710678f));
    return 0;
}

CALL(erfs, float)
{
    EACH c[i] = erff_(a[i]);
    return 0;
}

static float __attribute__((noinline)) gelu_by_call(float x)
{
    return gelu_of(x);
}

CALL(gelu_called, float)
{
    EACH c[i] = gelu_by_call(a[i]);
    return 0;
}

CALL(gelu_biased, float)
{
    EACH c[i] = gelu_of(a[i] + b[i]);
    return 0;
}

CALL(almost, float)
{
    EACH c[i] = almost_expf(a[i]);
    return 0;
}

CALL(almost_sum, float)
{
    float most = greatest_of(a, n), sum = 0;
    EACH sum += c[i] = almost_expf(a[i] - most);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(gelu_other, float) /* another constant */
{
    EACH c[i] = 0.5f * a[i] * (1 + tanhf_(0.7978845608f * (a[i] + 0.05f * a[i] * a[i] * a[i])));
    return 0;
}

CALL(not_divided, float)
{
    float most = greatest_of(a, n), sum = 0;
    EACH sum += c[i] = expf_(a[i] - most);
    return sum;
}

CALL(least, float) /* the least is subtracted */
{
    float most = a[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = a[i] < most ? a[i] : most;
    EACH sum += c[i] = expf_(a[i] - most);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(other_array, float) /* the greatest of something else */
{
    float most = greatest_of(b, n), sum = 0;
    EACH sum += c[i] = expf_(a[i] - most);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(other_range, float) /* the greatest of some */
{
    float most = greatest_of(a, k), sum = 0;
    EACH sum += c[i] = expf_(a[i] - most);
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(half_range, float) /* the sum of some */
{
    float most = greatest_of(a, n), sum = 0;
    EACH c[i] = expf_(a[i] - most);
    for (int i = 0; i < k; i++)
        sum += c[i];
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(sum_of_others, float)
{
    float most = greatest_of(a, n), sum = 0;
    EACH
    {
        c[i] = expf_(a[i] - most);
        sum += b[i];
    }
    for (int i = 0; i < n; i++)
        c[i] /= sum;
    return 0;
}

CALL(scores_only, float) /* no product behind the softmax */
{
    UNUSED;
    for (int i = 0; i < n; i++) {
        float most = -1e30f, sum = 0;
        for (int j = 0; j < n; j++) {
            float score = 0;
            for (int d = 0; d < n; d++)
                score += a[i * n + d] * b[j * n + d];
            c[i * n + j] = score;
            most = score > most ? score : most;
        }
        for (int j = 0; j < n; j++)
            sum += c[i * n + j] = expf_(c[i * n + j] - most);
        for (int j = 0; j < n; j++)
            c[i * n + j] /= sum;
    }
    return 0;
}
