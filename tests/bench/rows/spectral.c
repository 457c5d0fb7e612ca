/* Spectral norm of an n by n matrix that is computed as it is used. */
#include "row.h"

enum { MAX = 1000 };
static double u[MAX], v[MAX], w[MAX];
static int size;

static inline double element(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static NOINLINE void times(const double *x, double *out, int n)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += element(i, j) * x[j];
        out[i] = sum;
    }
}

static NOINLINE void times_transposed(const double *x, double *out, int n)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += element(j, i) * x[j];
        out[i] = sum;
    }
}

SETUP(n)
{
    size = n;
}

RUN(iters)
{
    double norm = 0;
    REPEAT(iters)
    {
        double uv = 0, vv = 0;
        for (int i = 0; i < size; i++)
            u[i] = 1;
        for (int i = 0; i < 5; i++) {
            times(u, w, size);
            times_transposed(w, v, size);
            times(v, w, size);
            times_transposed(w, u, size);
        }
        for (int i = 0; i < size; i++) {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }
        row_sink = norm = __builtin_sqrt(uv / vv);
    }
    return norm;
}
