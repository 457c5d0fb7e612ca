/* math_x87.h: see math_x87.c. In the image libc_math.c gives these their standard names. */
#ifndef KERNEL_LIB_MATH_X87_H
#define KERNEL_LIB_MATH_X87_H

double x87_pow(double x, double y);
double x87_atan2(double y, double x);
double x87_atan(double x);
double x87_asin(double x);
double x87_acos(double x);
double x87_sinh(double x);
double x87_cosh(double x);
double x87_tanh(double x);
double x87_exp(double x);
long double x87_logl(long double x);

#endif
