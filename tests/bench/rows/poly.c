/* Loop nests of linear algebra and stencils, kinds that PolyBench has. n: which. Every round makes its inputs
 * anew.
 */
#include "row.h"

enum { N = 180, N3 = 40, LONG = 2000, STEPS = 20, STEPS_1D = 200 };
static double a[N][N], b[N][N], c[N][N], d[N][N], x[LONG], y[LONG], z[LONG];
static double p[N3][N3][N3], q[N3][N3][N3];
static int paths[N][N];
static int what;
static volatile double input = 1.0;

static void fill(void)
{
    double f = input;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = f * ((i * j + 1) % N) / N + (i == j ? N : 0);
            b[i][j] = f * ((i * (j + 2)) % N) / N;
            c[i][j] = f * ((i + 3 * j) % 7) / 7;
            paths[i][j] = 1 + (i * 7 + j * 11) % 97;
        }
    for (int i = 0; i < LONG; i++) {
        x[i] = f * (i % 19) / 19;
        y[i] = 0;
        z[i] = f * (i % 23) / 23;
    }
    for (int i = 0; i < N3; i++)
        for (int j = 0; j < N3; j++)
            for (int k = 0; k < N3; k++)
                p[i][j][k] = q[i][j][k] = f * (i + j + (N3 - k)) * 10 / N3;
}

static NOINLINE void gemm(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            c[i][j] *= 1.2;
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                c[i][j] += 1.5 * a[i][k] * b[k][j];
    }
}

static NOINLINE void two_mm(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            d[i][j] = 0;
            for (int k = 0; k < N; k++)
                d[i][j] += 1.5 * a[i][k] * b[k][j];
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            c[i][j] *= 1.2;
            for (int k = 0; k < N; k++)
                c[i][j] += d[i][k] * b[k][j];
        }
}

static NOINLINE void atax(void)
{
    for (int i = 0; i < N; i++) {
        z[i] = 0;
        for (int j = 0; j < N; j++)
            z[i] += a[i][j] * x[j];
        for (int j = 0; j < N; j++)
            y[j] += a[i][j] * z[i];
    }
}

static NOINLINE void bicg(void)
{
    for (int i = 0; i < N; i++) {
        y[N + i] = 0;
        for (int j = 0; j < N; j++) {
            y[j] += x[i] * a[i][j];
            y[N + i] += a[i][j] * z[j];
        }
    }
}

static NOINLINE void mvt(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            x[i] += a[i][j] * z[j];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            y[i] += a[j][i] * z[j];
}

static NOINLINE void gesummv(void)
{
    for (int i = 0; i < N; i++) {
        double t = 0, s = 0;
        for (int j = 0; j < N; j++) {
            t += a[i][j] * x[j];
            s += b[i][j] * x[j];
        }
        y[i] = 1.5 * t + 1.2 * s;
    }
}

static NOINLINE void syrk(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j <= i; j++)
            c[i][j] *= 1.2;
        for (int k = 0; k < N; k++)
            for (int j = 0; j <= i; j++)
                c[i][j] += 1.5 * a[i][k] * a[j][k];
    }
}

static NOINLINE void trmm(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            for (int k = i + 1; k < N; k++)
                b[i][j] += a[k][i] * b[k][j];
            b[i][j] *= 1.5;
        }
}

static NOINLINE void lu(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[k][j];
            a[i][j] /= a[j][j];
        }
        for (int j = i; j < N; j++)
            for (int k = 0; k < i; k++)
                a[i][j] -= a[i][k] * a[k][j];
    }
}

static NOINLINE void cholesky(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k];
            a[i][j] /= a[j][j];
        }
        for (int k = 0; k < i; k++)
            a[i][i] -= a[i][k] * a[i][k];
        a[i][i] = __builtin_sqrt(a[i][i] > 1 ? a[i][i] : 1);
    }
}

static NOINLINE void trisolv(void)
{
    for (int i = 0; i < N; i++) {
        y[i] = x[i];
        for (int j = 0; j < i; j++)
            y[i] -= a[i][j] * y[j];
        y[i] /= a[i][i];
    }
}

static NOINLINE void jacobi_1d(void)
{
    for (int t = 0; t < STEPS_1D; t++) {
        for (int i = 1; i < LONG - 1; i++)
            y[i] = 0.33333 * (x[i - 1] + x[i] + x[i + 1]);
        for (int i = 1; i < LONG - 1; i++)
            x[i] = 0.33333 * (y[i - 1] + y[i] + y[i + 1]);
    }
}

static NOINLINE void jacobi_2d(void)
{
    for (int t = 0; t < STEPS; t++) {
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                b[i][j] = 0.2 * (a[i][j] + a[i][j - 1] + a[i][j + 1] + a[i + 1][j] + a[i - 1][j]);
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                a[i][j] = 0.2 * (b[i][j] + b[i][j - 1] + b[i][j + 1] + b[i + 1][j] + b[i - 1][j]);
    }
}

static NOINLINE void seidel_2d(void)
{
    for (int t = 0; t < STEPS; t++)
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                a[i][j] = (a[i - 1][j - 1] + a[i - 1][j] + a[i - 1][j + 1] + a[i][j - 1] + a[i][j] +
                           a[i][j + 1] + a[i + 1][j - 1] + a[i + 1][j] + a[i + 1][j + 1]) /
                          9.0;
}

static NOINLINE void fdtd_2d(void)
{
    for (int t = 0; t < STEPS; t++) {
        for (int j = 0; j < N; j++)
            b[0][j] = t;
        for (int i = 1; i < N; i++)
            for (int j = 0; j < N; j++)
                b[i][j] -= 0.5 * (c[i][j] - c[i - 1][j]);
        for (int i = 0; i < N; i++)
            for (int j = 1; j < N; j++)
                a[i][j] -= 0.5 * (c[i][j] - c[i][j - 1]);
        for (int i = 0; i < N - 1; i++)
            for (int j = 0; j < N - 1; j++)
                c[i][j] -= 0.7 * (a[i][j + 1] - a[i][j] + b[i + 1][j] - b[i][j]);
    }
}

static void heat_step(double to[N3][N3][N3], double from[N3][N3][N3])
{
    for (int i = 1; i < N3 - 1; i++)
        for (int j = 1; j < N3 - 1; j++)
            for (int k = 1; k < N3 - 1; k++)
                to[i][j][k] = 0.125 * (from[i + 1][j][k] - 2.0 * from[i][j][k] + from[i - 1][j][k]) +
                              0.125 * (from[i][j + 1][k] - 2.0 * from[i][j][k] + from[i][j - 1][k]) +
                              0.125 * (from[i][j][k + 1] - 2.0 * from[i][j][k] + from[i][j][k - 1]) +
                              from[i][j][k];
}

static NOINLINE void heat_3d(void)
{
    for (int t = 0; t < STEPS; t++) {
        heat_step(q, p);
        heat_step(p, q);
    }
    y[0] = p[N3 / 2][N3 / 2][3];
}

static NOINLINE void floyd_warshall(void)
{
    for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                paths[i][j] =
                    paths[i][j] < paths[i][k] + paths[k][j] ? paths[i][j] : paths[i][k] + paths[k][j];
    y[0] = paths[3][N - 5];
}

static NOINLINE void covariance(void)
{
    for (int j = 0; j < N; j++) {
        y[j] = 0;
        for (int i = 0; i < N; i++)
            y[j] += a[i][j];
        y[j] /= N;
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            a[i][j] -= y[j];
    for (int i = 0; i < N; i++)
        for (int j = i; j < N; j++) {
            c[i][j] = 0;
            for (int k = 0; k < N; k++)
                c[i][j] += a[k][i] * a[k][j];
            c[j][i] = c[i][j] /= N - 1.0;
        }
}

static void (*const nests[])(void) = {
    gemm,     two_mm,  atax,      bicg,      mvt,       gesummv, syrk,    trmm,           lu,
    cholesky, trisolv, jacobi_1d, jacobi_2d, seidel_2d, fdtd_2d, heat_3d, floyd_warshall, covariance};

SETUP(n)
{
    what = n;
}

RUN(iters)
{
    double sum = 0;
    REPEAT(iters)
    {
        fill();
        nests[what]();
        row_sink = sum =
            a[5][7] + a[N - 2][N - 3] + b[9][N / 2] + c[N - 1][3] + x[77] + y[0] + y[N / 2] + z[1];
    }
    return sum;
}
