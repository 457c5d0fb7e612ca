/* Solvers, stencils and dynamic programming of medium.h's kind. n: which. */
#include "medium.h"

#include <math.h>

enum {
    S = 400,
    GM = 200,
    GN = 240,
    WIDE = 720,
    HIGH = 480,
    G = 500,
    A200 = 200,
    F240 = 240,
    H40 = 40,
    J250 = 250
};
enum { STEPS = 100 };

/* --- Solvers. --- */

static NOINLINE void cholesky(int n, double a[][S])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k];
            a[i][j] /= a[j][j];
        }
        for (int k = 0; k < i; k++)
            a[i][i] -= a[i][k] * a[i][k];
        a[i][i] = sqrt(a[i][i]);
    }
}

static double run_cholesky(void)
{
    fill_definite(arrays[0], S);
    cholesky(S, MATRIX(0, S));
    return MATRIX(0, S)[17][5] + MATRIX(0, S)[S - 1][S - 2];
}

static NOINLINE void durbin(int n, double r[], double y[])
{
    double z[S];
    y[0] = -r[0];
    double beta = 1.0, alpha = -r[0];
    for (int k = 1; k < n; k++) {
        beta = (1 - alpha * alpha) * beta;
        double sum = 0;
        for (int i = 0; i < k; i++)
            sum += r[k - i - 1] * y[i];
        alpha = -(r[k] + sum) / beta;
        for (int i = 0; i < k; i++)
            z[i] = y[i] + alpha * y[k - i - 1];
        for (int i = 0; i < k; i++)
            y[i] = z[i];
        y[k] = alpha;
    }
}

static double run_durbin(void)
{
    for (int i = 0; i < S; i++)
        VECTOR(0)[i] = input / (S + 1 + i * 2);
    durbin(S, VECTOR(0), VECTOR(1));
    return VECTOR(1)[17] + VECTOR(1)[S - 1];
}

static NOINLINE void gramschmidt(int m, int n, double a[][GN], double r[][GN], double q[][GN])
{
    for (int k = 0; k < n; k++) {
        double norm = 0;
        for (int i = 0; i < m; i++)
            norm += a[i][k] * a[i][k];
        r[k][k] = sqrt(norm);
        for (int i = 0; i < m; i++)
            q[i][k] = a[i][k] / r[k][k];
        for (int j = k + 1; j < n; j++) {
            r[k][j] = 0;
            for (int i = 0; i < m; i++)
                r[k][j] += q[i][k] * a[i][j];
            for (int i = 0; i < m; i++)
                a[i][j] = a[i][j] - q[i][k] * r[k][j];
        }
    }
}

static double run_gramschmidt(void)
{
    double(*a)[GN] = arrays[0];
    for (int i = 0; i < GM; i++)
        for (int j = 0; j < GN; j++)
            a[i][j] = input * (i * j % GM) / GM * 100 + 10 + (i == j ? 1000 : 0);
    gramschmidt(GM, GM, a, MATRIX(1, GN),
                MATRIX(2, GN)); /* no more columns than rows: the rest would be noise */
    return MATRIX(1, GN)[17][25] + MATRIX(2, GN)[5][17];
}

static NOINLINE void lu(int n, double a[][S])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            for (int k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[k][j];
            a[i][j] /= a[j][j];
        }
        for (int j = i; j < n; j++)
            for (int k = 0; k < i; k++)
                a[i][j] -= a[i][k] * a[k][j];
    }
}

static double run_lu(void)
{
    fill_definite(arrays[0], S);
    lu(S, MATRIX(0, S));
    return MATRIX(0, S)[17][5] + MATRIX(0, S)[S - 1][S - 2];
}

static NOINLINE void ludcmp(int n, double a[][S], double b[], double x[], double y[])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            double w = a[i][j];
            for (int k = 0; k < j; k++)
                w -= a[i][k] * a[k][j];
            a[i][j] = w / a[j][j];
        }
        for (int j = i; j < n; j++) {
            double w = a[i][j];
            for (int k = 0; k < i; k++)
                w -= a[i][k] * a[k][j];
            a[i][j] = w;
        }
    }
    for (int i = 0; i < n; i++) {
        double w = b[i];
        for (int j = 0; j < i; j++)
            w -= a[i][j] * y[j];
        y[i] = w;
    }
    for (int i = n - 1; i >= 0; i--) {
        double w = y[i];
        for (int j = i + 1; j < n; j++)
            w -= a[i][j] * x[j];
        x[i] = w / a[i][i];
    }
}

static double run_ludcmp(void)
{
    fill_definite(arrays[0], S);
    fill(arrays[1], 1, S, 1);
    ludcmp(S, MATRIX(0, S), VECTOR(1), VECTOR(2), VECTOR(3));
    return VECTOR(2)[17] + VECTOR(2)[S - 1];
}

static NOINLINE void trisolv(int n, double l[][S], double x[], double b[])
{
    for (int i = 0; i < n; i++) {
        x[i] = b[i];
        for (int j = 0; j < i; j++)
            x[i] -= l[i][j] * x[j];
        x[i] = x[i] / l[i][i];
    }
}

static double run_trisolv(void)
{
    fill_definite(arrays[0], S);
    fill(arrays[1], 1, S, 1);
    trisolv(S, MATRIX(0, S), VECTOR(2), VECTOR(1));
    return VECTOR(2)[17] + VECTOR(2)[S - 1];
}

/* --- Pictures, paths, pairs. --- */

static NOINLINE void deriche(int w, int h, float alpha, float in[][HIGH], float out[][HIGH], float y1[][HIGH],
                             float y2[][HIGH])
{
    float k = (1.0f - expf(-alpha)) * (1.0f - expf(-alpha)) /
              (1.0f + 2.0f * alpha * expf(-alpha) - expf(2.0f * alpha));
    float a1 = k, a2 = k * expf(-alpha) * (alpha - 1.0f), a3 = k * expf(-alpha) * (alpha + 1.0f);
    float a4 = -k * expf(-2.0f * alpha), b1 = powf(2.0f, -alpha), b2 = -expf(-2.0f * alpha);
    for (int i = 0; i < w; i++) {
        float ym1 = 0, ym2 = 0, xm1 = 0;
        for (int j = 0; j < h; j++) {
            y1[i][j] = a1 * in[i][j] + a2 * xm1 + b1 * ym1 + b2 * ym2;
            xm1 = in[i][j];
            ym2 = ym1;
            ym1 = y1[i][j];
        }
    }
    for (int i = 0; i < w; i++) {
        float yp1 = 0, yp2 = 0, xp1 = 0, xp2 = 0;
        for (int j = h - 1; j >= 0; j--) {
            y2[i][j] = a3 * xp1 + a4 * xp2 + b1 * yp1 + b2 * yp2;
            xp2 = xp1;
            xp1 = in[i][j];
            yp2 = yp1;
            yp1 = y2[i][j];
        }
    }
    for (int i = 0; i < w; i++)
        for (int j = 0; j < h; j++)
            out[i][j] = y1[i][j] + y2[i][j];
    for (int j = 0; j < h; j++) {
        float tm1 = 0, ym1 = 0, ym2 = 0;
        for (int i = 0; i < w; i++) {
            y1[i][j] = a1 * out[i][j] + a2 * tm1 + b1 * ym1 + b2 * ym2;
            tm1 = out[i][j];
            ym2 = ym1;
            ym1 = y1[i][j];
        }
    }
    for (int j = 0; j < h; j++) {
        float tp1 = 0, tp2 = 0, yp1 = 0, yp2 = 0;
        for (int i = w - 1; i >= 0; i--) {
            y2[i][j] = a3 * tp1 + a4 * tp2 + b1 * yp1 + b2 * yp2;
            tp2 = tp1;
            tp1 = out[i][j];
            yp2 = yp1;
            yp1 = y2[i][j];
        }
    }
    for (int i = 0; i < w; i++)
        for (int j = 0; j < h; j++)
            out[i][j] = y1[i][j] + y2[i][j];
}

static double run_deriche(void)
{
    float(*in)[HIGH] = arrays[0], (*out)[HIGH] = arrays[1];
    for (int i = 0; i < WIDE; i++)
        for (int j = 0; j < HIGH; j++)
            in[i][j] = (float)input * ((313 * i + 991 * j) % 65536) / 65535.0f;
    deriche(WIDE, HIGH, 0.25f, in, out, arrays[2], arrays[3]);
    return out[17][5] + out[WIDE - 1][HIGH - 2];
}

static NOINLINE void floyd_warshall(int n, int path[][G])
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                path[i][j] = path[i][j] < path[i][k] + path[k][j] ? path[i][j] : path[i][k] + path[k][j];
}

static double run_floyd_warshall(void)
{
    int(*path)[G] = arrays[0], offset = (int)input;
    for (int i = 0; i < G; i++)
        for (int j = 0; j < G; j++)
            path[i][j] =
                (i + j) % 13 == 0 || (i + j) % 7 == 0 || (i + j) % 11 == 0 ? 999 : i * j % 7 + offset;
    floyd_warshall(G, path);
    return path[17][5] + path[G - 1][G - 2];
}

#define MOST(a, b) ((a) >= (b) ? (a) : (b))

static NOINLINE void nussinov(int n, char base[], int table[][G])
{
    for (int i = n - 1; i >= 0; i--)
        for (int j = i + 1; j < n; j++) {
            if (j - 1 >= 0)
                table[i][j] = MOST(table[i][j], table[i][j - 1]);
            if (i + 1 < n)
                table[i][j] = MOST(table[i][j], table[i + 1][j]);
            if (j - 1 >= 0 && i + 1 < n) {
                if (i < j - 1)
                    table[i][j] = MOST(table[i][j], table[i + 1][j - 1] + (base[i] + base[j] == 3 ? 1 : 0));
                else
                    table[i][j] = MOST(table[i][j], table[i + 1][j - 1]);
            }
            for (int k = i + 1; k < j; k++)
                table[i][j] = MOST(table[i][j], table[i][k] + table[k + 1][j]);
        }
}

static double run_nussinov(void)
{
    int(*table)[G] = arrays[0], offset = (int)input;
    char *base = arrays[1];
    for (int i = 0; i < G; i++) {
        base[i] = (char)((i * 7 + i / 5 + offset) % 4);
        for (int j = 0; j < G; j++)
            table[i][j] = 0;
    }
    nussinov(G, base, table);
    return table[0][G - 1] + table[3][G / 2];
}

/* --- Stencils. --- */

static NOINLINE void adi(int steps, int n, double u[][A200], double v[][A200], double p[][A200],
                         double q[][A200])
{
    double dx = 1.0 / n, dt = 1.0 / steps, m1 = 2.0 * dt / (dx * dx), m2 = 1.0 * dt / (dx * dx);
    double a = -m1 / 2.0, b = 1.0 + m1, c = a, d = -m2 / 2.0, e = 1.0 + m2, f = d;
    for (int t = 1; t <= steps; t++) {
        for (int i = 1; i < n - 1; i++) {
            v[0][i] = 1.0;
            p[i][0] = 0.0;
            q[i][0] = v[0][i];
            for (int j = 1; j < n - 1; j++) {
                p[i][j] = -c / (a * p[i][j - 1] + b);
                q[i][j] = (-d * u[j][i - 1] + (1.0 + 2.0 * d) * u[j][i] - f * u[j][i + 1] - a * q[i][j - 1]) /
                          (a * p[i][j - 1] + b);
            }
            v[n - 1][i] = 1.0;
            for (int j = n - 2; j >= 1; j--)
                v[j][i] = p[i][j] * v[j + 1][i] + q[i][j];
        }
        for (int i = 1; i < n - 1; i++) {
            u[i][0] = 1.0;
            p[i][0] = 0.0;
            q[i][0] = u[i][0];
            for (int j = 1; j < n - 1; j++) {
                p[i][j] = -f / (d * p[i][j - 1] + e);
                q[i][j] = (-a * v[i - 1][j] + (1.0 + 2.0 * a) * v[i][j] - c * v[i + 1][j] - d * q[i][j - 1]) /
                          (d * p[i][j - 1] + e);
            }
            u[i][n - 1] = 1.0;
            for (int j = n - 2; j >= 1; j--)
                u[i][j] = p[i][j] * u[i][j + 1] + q[i][j];
        }
    }
}

static double run_adi(void)
{
    double(*u)[A200] = arrays[0];
    for (int i = 0; i < A200; i++)
        for (int j = 0; j < A200; j++)
            u[i][j] = input * (i + A200 - j) / A200;
    adi(STEPS, A200, u, MATRIX(1, A200), MATRIX(2, A200), MATRIX(3, A200));
    return u[17][5] + u[A200 - 2][A200 - 3];
}

static NOINLINE void fdtd_2d(int steps, int nx, int ny, double ex[][F240], double ey[][F240],
                             double hz[][F240], double fict[])
{
    for (int t = 0; t < steps; t++) {
        for (int j = 0; j < ny; j++)
            ey[0][j] = fict[t];
        for (int i = 1; i < nx; i++)
            for (int j = 0; j < ny; j++)
                ey[i][j] = ey[i][j] - 0.5 * (hz[i][j] - hz[i - 1][j]);
        for (int i = 0; i < nx; i++)
            for (int j = 1; j < ny; j++)
                ex[i][j] = ex[i][j] - 0.5 * (hz[i][j] - hz[i][j - 1]);
        for (int i = 0; i < nx - 1; i++)
            for (int j = 0; j < ny - 1; j++)
                hz[i][j] = hz[i][j] - 0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
    }
}

static double run_fdtd_2d(void)
{
    for (int k = 0; k < 3; k++)
        fill(arrays[k], A200, F240, k + 1);
    fill(arrays[3], 1, STEPS, 4);
    fdtd_2d(STEPS, A200, F240, MATRIX(0, F240), MATRIX(1, F240), MATRIX(2, F240), VECTOR(3));
    return MATRIX(2, F240)[17][5] + MATRIX(2, F240)[A200 - 2][F240 - 3];
}

static inline void heat_step(int n, double to[][H40][H40], double from[][H40][H40])
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            for (int k = 1; k < n - 1; k++)
                to[i][j][k] = 0.125 * (from[i + 1][j][k] - 2.0 * from[i][j][k] + from[i - 1][j][k]) +
                              0.125 * (from[i][j + 1][k] - 2.0 * from[i][j][k] + from[i][j - 1][k]) +
                              0.125 * (from[i][j][k + 1] - 2.0 * from[i][j][k] + from[i][j][k - 1]) +
                              from[i][j][k];
}

static NOINLINE void heat_3d(int steps, int n, double a[][H40][H40], double b[][H40][H40])
{
    for (int t = 1; t <= steps; t++) {
        heat_step(n, b, a);
        heat_step(n, a, b);
    }
}

static double run_heat_3d(void)
{
    double(*a)[H40][H40] = arrays[0], (*b)[H40][H40] = arrays[1];
    for (int i = 0; i < H40; i++)
        for (int j = 0; j < H40; j++)
            for (int k = 0; k < H40; k++)
                a[i][j][k] = b[i][j][k] = input * (i + j + (H40 - k)) * 10 / H40;
    heat_3d(STEPS, H40, a, b);
    return a[7][5][3] + a[H40 - 2][H40 - 3][H40 - 4];
}

static NOINLINE void jacobi_1d(int steps, int n, double a[], double b[])
{
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < n - 1; i++)
            b[i] = 0.33333 * (a[i - 1] + a[i] + a[i + 1]);
        for (int i = 1; i < n - 1; i++)
            a[i] = 0.33333 * (b[i - 1] + b[i] + b[i + 1]);
    }
}

static double run_jacobi_1d(void)
{
    fill(arrays[0], 1, S, 2);
    fill(arrays[1], 1, S, 3);
    jacobi_1d(STEPS, S, VECTOR(0), VECTOR(1));
    return VECTOR(0)[17] + VECTOR(0)[S - 2];
}

static NOINLINE void jacobi_2d(int steps, int n, double a[][J250], double b[][J250])
{
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                b[i][j] = 0.2 * (a[i][j] + a[i][j - 1] + a[i][1 + j] + a[1 + i][j] + a[i - 1][j]);
        for (int i = 1; i < n - 1; i++)
            for (int j = 1; j < n - 1; j++)
                a[i][j] = 0.2 * (b[i][j] + b[i][j - 1] + b[i][1 + j] + b[1 + i][j] + b[i - 1][j]);
    }
}

static double run_jacobi_2d(void)
{
    fill(arrays[0], J250, J250, 2);
    fill(arrays[1], J250, J250, 3);
    jacobi_2d(STEPS, J250, MATRIX(0, J250), MATRIX(1, J250));
    return MATRIX(0, J250)[17][5] + MATRIX(0, J250)[J250 - 2][J250 - 3];
}

static NOINLINE void seidel_2d(int steps, int n, double a[][S])
{
    for (int t = 0; t <= steps - 1; t++)
        for (int i = 1; i <= n - 2; i++)
            for (int j = 1; j <= n - 2; j++)
                a[i][j] = (a[i - 1][j - 1] + a[i - 1][j] + a[i - 1][j + 1] + a[i][j - 1] + a[i][j] +
                           a[i][j + 1] + a[i + 1][j - 1] + a[i + 1][j] + a[i + 1][j + 1]) /
                          9.0;
}

static double run_seidel_2d(void)
{
    fill(arrays[0], S, S, 2);
    seidel_2d(STEPS / 5, S, MATRIX(0, S));
    return MATRIX(0, S)[17][5] + MATRIX(0, S)[S - 2][S - 3];
}

static double (*const nests[])(void) = {run_cholesky,  run_durbin,    run_gramschmidt, run_lu,
                                        run_ludcmp,    run_trisolv,   run_deriche,     run_floyd_warshall,
                                        run_nussinov,  run_adi,       run_fdtd_2d,     run_heat_3d,
                                        run_jacobi_1d, run_jacobi_2d, run_seidel_2d};
static int what;

SETUP(n)
{
    what = n;
    allocate();
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    {
        row_sink = result = nests[what]();
    }
    return result;
}
