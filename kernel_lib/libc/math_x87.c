/* math_x87.c: the functions of <math.h> that LLVM-libc 19 lacks and LLVM folds constants with.
 *
 * Computed in the 80-bit registers of the x87, whose 11 extra bits absorb the errors of the steps: results
 * are within 1 unit in the last place (tests/unit/test_math_x87.c compares). Special cases: C11 Annex F.
 * Source: Intel SDM volume 1, 8.3.7 (FYL2X, F2XM1, FPATAN, FSCALE). */
#include "math_x87.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts, the first short enough that its product with an exponent is exact. */
#define LN2_HIGH 0xb17217f7p-32L
#define LN2_LOW  0x1a39ef35793c76730p-97L

static const long double log2_e = 1.442695040888963407359924681001892137L;
static const long double ln_2 = 0.693147180559945309417232121458176568L;

static long double fyl2x(long double x, long double y)
{
    long double r;
    __asm__("fyl2x" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
    return r;
}

static long double f2xm1(long double x) /* |x| <= 1 */
{
    long double r;
    __asm__("f2xm1" : "=t"(r) : "0"(x));
    return r;
}

static long double fpatan(long double y, long double x)
{
    long double r;
    __asm__("fpatan" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
    return r;
}

static long double fscale(long double x, long double n)
{
    long double r;
    __asm__("fscale" : "=t"(r) : "0"(x), "u"(n));
    return r;
}

static long double round_int(long double x)
{
    long double r;
    __asm__("frndint" : "=t"(r) : "0"(x));
    return r;
}

static long double square_root(long double x)
{
    long double r;
    __asm__("fsqrt" : "=t"(r) : "0"(x));
    return r;
}

static long double absolute(long double x)
{
    return __builtin_fabsl(x);
}

static bool is_nan(double x)
{
    return x != x;
}

static bool is_negative(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63;
}

static double with_sign_of(double magnitude, double sign)
{
    return is_negative(sign) ? -magnitude : magnitude;
}

/* e^x - 1 for |x| < 0.3, without cancellation. */
static long double expm1_small(long double x)
{
    return f2xm1(x * log2_e);
}

/* e^x for |x| up to 12000. */
static long double exp_wide(long double x)
{
    long double n = round_int(x * log2_e);
    long double rest = (x - n * LN2_HIGH) - n * LN2_LOW;
    return fscale(1 + f2xm1(rest * log2_e), n);
}

/* 2^x; beyond +-16400 the result is 0 or infinite in every format. */
static long double exp2_wide(long double x)
{
    if (x > 16400)
        x = 16400;
    if (x < -16400)
        x = -16400;
    long double n = round_int(x);
    return fscale(1 + f2xm1(x - n), n);
}

enum oddness { NOT_INTEGER, EVEN, ODD };

static enum oddness oddness_of(double y)
{
    double a = y < 0 ? -y : y;
    if (a >= 0x1p53)
        return EVEN;
    uint64_t whole = (uint64_t)a;
    if ((double)whole != a)
        return NOT_INTEGER;
    return whole & 1 ? ODD : EVEN;
}

/* x is 0 or infinite. */
static double pow_edge(double x, double y, enum oddness odd)
{
    bool huge = (x != 0) == (y > 0);
    double magnitude = huge ? (x == 0 ? 1 / absolute(x) : __builtin_inf()) : 0;
    return odd == ODD ? with_sign_of(magnitude, x) : magnitude;
}

/* y is infinite. */
static double pow_limit(double x, double y)
{
    double a = x < 0 ? -x : x;
    if (a == 1)
        return 1;
    return (a > 1) == (y > 0) ? __builtin_inf() : 0;
}

double x87_pow(double x, double y)
{
    if (x == 1 || y == 0)
        return 1;
    if (is_nan(x) || is_nan(y))
        return x + y;
    if (y == __builtin_inf() || y == -__builtin_inf())
        return pow_limit(x, y);
    enum oddness odd = oddness_of(y);
    if (x == 0 || x == __builtin_inf() || x == -__builtin_inf())
        return pow_edge(x, y, odd);
    if (x < 0 && odd == NOT_INTEGER)
        return (x - x) / (x - x);
    int exponent;
    long double mantissa = __builtin_frexp(x < 0 ? -x : x, &exponent);
    if (mantissa < 0.70710678118654752440L) {
        mantissa *= 2;
        exponent--;
    }
    /* y * exponent is exact in 64 bits unless the result over- or underflows anyway. */
    long double whole = (long double)y * exponent, part = fyl2x(mantissa, y);
    long double r;
    if (absolute(whole) > 16400 || absolute(part) > 16400) {
        r = exp2_wide(whole + part);
    } else {
        long double n = round_int(whole + part);
        r = fscale(1 + f2xm1((whole - n) + part), n);
    }
    return (double)(x < 0 && odd == ODD ? -r : r);
}

double x87_atan2(double y, double x)
{
    return (double)fpatan(y, x);
}

double x87_atan(double x)
{
    return (double)fpatan(x, 1);
}

double x87_asin(double x)
{
    if (x > 1 || x < -1)
        return (x - x) / (x - x);
    return (double)fpatan(x, square_root((1 - (long double)x) * (1 + (long double)x)));
}

double x87_acos(double x)
{
    if (x > 1 || x < -1)
        return (x - x) / (x - x);
    return (double)(2 * fpatan(square_root(1 - (long double)x), square_root(1 + (long double)x)));
}

double x87_sinh(double x)
{
    long double a = absolute(x);
    if (is_nan(x) || x == 0 || a == __builtin_inf())
        return x;
    if (a > 800)
        a = 800;
    long double r;
    if (a < 0.3L) {
        long double t = expm1_small(a);
        r = (t + t / (t + 1)) / 2;
    } else {
        long double e = exp_wide(a);
        r = (e - 1 / e) / 2;
    }
    return (double)(x < 0 ? -r : r);
}

double x87_cosh(double x)
{
    long double a = absolute(x);
    if (is_nan(x) || a == __builtin_inf())
        return x * x;
    if (a > 800)
        a = 800;
    long double e = exp_wide(a);
    return (double)((e + 1 / e) / 2);
}

double x87_exp(double x)
{
    if (is_nan(x))
        return x;
    long double a = x > 800 ? 800 : x < -800 ? -800 : x; /* infinite and 0 as doubles already */
    return (double)exp_wide(a);
}

double x87_tanh(double x)
{
    long double a = absolute(x);
    if (is_nan(x) || x == 0)
        return x;
    long double r = 1;
    if (a < 0.15L) {
        long double t = expm1_small(2 * a);
        r = t / (t + 2);
    } else if (a < 25) {
        r = 1 - 2 / (exp_wide(2 * a) + 1);
    }
    return (double)(x < 0 ? -r : r);
}

long double x87_logl(long double x)
{
    return fyl2x(x, ln_2);
}
