/* libc_math.c: the standard names of math_x87.c. */
#include <math.h>

#include "math_x87.h"

double pow(double x, double y)
{
    return x87_pow(x, y);
}

double atan2(double y, double x)
{
    return x87_atan2(y, x);
}

double atan(double x)
{
    return x87_atan(x);
}

double asin(double x)
{
    return x87_asin(x);
}

double acos(double x)
{
    return x87_acos(x);
}

double sinh(double x)
{
    return x87_sinh(x);
}

double cosh(double x)
{
    return x87_cosh(x);
}

double tanh(double x)
{
    return x87_tanh(x);
}

/* LLVM-libc has one, which is compiled for AVX; the image runs without. */
double exp(double x)
{
    return x87_exp(x);
}

long double logl(long double x)
{
    return x87_logl(x);
}
