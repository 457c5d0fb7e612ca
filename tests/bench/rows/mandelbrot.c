/* Points of an n by n grid that stay in the Mandelbrot set for 50 steps, as bits of a picture; the steps of
 * all. */
#include "row.h"

static int size;
static volatile double right = 2.0;

static NOINLINE uint32_t row_of_points(double im, double scale)
{
    uint32_t steps = 0, bits = 0;
    for (int x = 0; x < size; x++) {
        double re = x * scale - 1.5, a = 0, b = 0, aa = 0, bb = 0;
        int k = 0;
        for (; k < 50 && aa + bb <= 4.0; k++) {
            b = 2 * a * b + im;
            a = aa - bb + re;
            aa = a * a;
            bb = b * b;
        }
        steps += (uint32_t)k;
        bits = bits << 1 | (k == 50);
        if ((x & 31) == 31)
            row_sink = bits;
    }
    return steps;
}

SETUP(n)
{
    size = n;
}

RUN(iters)
{
    uint32_t sum = 0;
    REPEAT(iters)
    {
        double scale = right / size;
        sum = 0;
        for (int y = 0; y < size; y++)
            sum += row_of_points(y * scale - 1.0, scale);
        row_sink = sum;
    }
    return sum;
}
