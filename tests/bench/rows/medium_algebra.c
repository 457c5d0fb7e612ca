/* Linear algebra and statistics of medium.h's kind. n: which. */
#include "medium.h"

#include <math.h>

enum { P180 = 180, P190 = 190, P200 = 200, P210 = 210, P220 = 220, P240 = 240, P250 = 250, P260 = 260 };
enum { V390 = 390, V400 = 400, V410 = 410, QR = 40, QQ = 50, QP = 60 };

/* --- Products. --- */

static NOINLINE void gemm(int ni, int nj, int nk, double alpha, double beta, double c[][P220],
                          double a[][P240], double b[][P220])
{
    for (int i = 0; i < ni; i++) {
        for (int j = 0; j < nj; j++)
            c[i][j] *= beta;
        for (int k = 0; k < nk; k++)
            for (int j = 0; j < nj; j++)
                c[i][j] += alpha * a[i][k] * b[k][j];
    }
}

static double run_gemm(void)
{
    fill(arrays[0], P200, P220, 1);
    fill(arrays[1], P200, P240, 2);
    fill(arrays[2], P240, P220, 3);
    gemm(P200, P220, P240, 1.5, 1.2, MATRIX(0, P220), MATRIX(1, P240), MATRIX(2, P220));
    return MATRIX(0, P220)[17][5] + MATRIX(0, P220)[P200 - 1][P220 - 2];
}

static NOINLINE void two_mm(int ni, int nj, int nk, int nl, double alpha, double beta, double t[][P190],
                            double a[][P210], double b[][P190], double c[][P220], double d[][P220])
{
    for (int i = 0; i < ni; i++)
        for (int j = 0; j < nj; j++) {
            t[i][j] = 0;
            for (int k = 0; k < nk; k++)
                t[i][j] += alpha * a[i][k] * b[k][j];
        }
    for (int i = 0; i < ni; i++)
        for (int j = 0; j < nl; j++) {
            d[i][j] *= beta;
            for (int k = 0; k < nj; k++)
                d[i][j] += t[i][k] * c[k][j];
        }
}

static double run_2mm(void)
{
    fill(arrays[1], P180, P210, 1);
    fill(arrays[2], P210, P190, 2);
    fill(arrays[3], P190, P220, 3);
    fill(arrays[4], P180, P220, 4);
    two_mm(P180, P190, P210, P220, 1.5, 1.2, MATRIX(0, P190), MATRIX(1, P210), MATRIX(2, P190),
           MATRIX(3, P220), MATRIX(4, P220));
    return MATRIX(4, P220)[17][5] + MATRIX(4, P220)[P180 - 1][P220 - 2];
}

static NOINLINE void three_mm(int ni, int nj, int nk, int nl, int nm, double e[][P190], double a[][P200],
                              double b[][P190], double f[][P210], double c[][P220], double d[][P210],
                              double g[][P210])
{
    for (int i = 0; i < ni; i++)
        for (int j = 0; j < nj; j++) {
            e[i][j] = 0;
            for (int k = 0; k < nk; k++)
                e[i][j] += a[i][k] * b[k][j];
        }
    for (int i = 0; i < nj; i++)
        for (int j = 0; j < nl; j++) {
            f[i][j] = 0;
            for (int k = 0; k < nm; k++)
                f[i][j] += c[i][k] * d[k][j];
        }
    for (int i = 0; i < ni; i++)
        for (int j = 0; j < nl; j++) {
            g[i][j] = 0;
            for (int k = 0; k < nj; k++)
                g[i][j] += e[i][k] * f[k][j];
        }
}

static double run_3mm(void)
{
    fill(arrays[1], P180, P200, 1);
    fill(arrays[2], P200, P190, 2);
    fill(arrays[4], P190, P220, 3);
    fill(arrays[5], P220, P210, 4);
    three_mm(P180, P190, P200, P210, P220, MATRIX(0, P190), MATRIX(1, P200), MATRIX(2, P190), MATRIX(3, P210),
             MATRIX(4, P220), MATRIX(5, P210), MATRIX(6, P210));
    return MATRIX(6, P210)[17][5] + MATRIX(6, P210)[P180 - 1][P210 - 2];
}

static NOINLINE void symm(int m, int n, double alpha, double beta, double c[][P240], double a[][P200],
                          double b[][P240])
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double t = 0;
            for (int k = 0; k < i; k++) {
                c[k][j] += alpha * b[i][j] * a[i][k];
                t += b[k][j] * a[i][k];
            }
            c[i][j] = beta * c[i][j] + alpha * b[i][j] * a[i][i] + alpha * t;
        }
}

static double run_symm(void)
{
    fill(arrays[0], P200, P240, 1);
    fill(arrays[1], P200, P200, 2);
    fill(arrays[2], P200, P240, 3);
    symm(P200, P240, 1.5, 1.2, MATRIX(0, P240), MATRIX(1, P200), MATRIX(2, P240));
    return MATRIX(0, P240)[17][5] + MATRIX(0, P240)[P200 - 1][P240 - 2];
}

static NOINLINE void syrk(int n, int m, double alpha, double beta, double c[][P240], double a[][P200])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            c[i][j] *= beta;
        for (int k = 0; k < m; k++)
            for (int j = 0; j <= i; j++)
                c[i][j] += alpha * a[i][k] * a[j][k];
    }
}

static double run_syrk(void)
{
    fill(arrays[0], P240, P240, 1);
    fill(arrays[1], P240, P200, 2);
    syrk(P240, P200, 1.5, 1.2, MATRIX(0, P240), MATRIX(1, P200));
    return MATRIX(0, P240)[17][5] + MATRIX(0, P240)[P240 - 1][P240 - 2];
}

static NOINLINE void syr2k(int n, int m, double alpha, double beta, double c[][P240], double a[][P200],
                           double b[][P200])
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            c[i][j] *= beta;
        for (int k = 0; k < m; k++)
            for (int j = 0; j <= i; j++)
                c[i][j] += a[j][k] * alpha * b[i][k] + b[j][k] * alpha * a[i][k];
    }
}

static double run_syr2k(void)
{
    fill(arrays[0], P240, P240, 1);
    fill(arrays[1], P240, P200, 2);
    fill(arrays[2], P240, P200, 3);
    syr2k(P240, P200, 1.5, 1.2, MATRIX(0, P240), MATRIX(1, P200), MATRIX(2, P200));
    return MATRIX(0, P240)[17][5] + MATRIX(0, P240)[P240 - 1][P240 - 2];
}

static NOINLINE void trmm(int m, int n, double alpha, double a[][P200], double b[][P240])
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            for (int k = i + 1; k < m; k++)
                b[i][j] += a[k][i] * b[k][j];
            b[i][j] *= alpha;
        }
}

static double run_trmm(void)
{
    fill(arrays[0], P200, P200, 1);
    fill(arrays[1], P200, P240, 2);
    trmm(P200, P240, 1.5, MATRIX(0, P200), MATRIX(1, P240));
    return MATRIX(1, P240)[17][5] + MATRIX(1, P240)[P200 - 1][P240 - 2];
}

static NOINLINE void doitgen(int nr, int nq, int np, double a[][QR][QP], double c4[][QP], double sum[])
{
    for (int r = 0; r < nr; r++)
        for (int q = 0; q < nq; q++) {
            for (int p = 0; p < np; p++) {
                sum[p] = 0;
                for (int s = 0; s < np; s++)
                    sum[p] += a[r][q][s] * c4[s][p];
            }
            for (int p = 0; p < np; p++)
                a[r][q][p] = sum[p];
        }
}

static double run_doitgen(void)
{
    fill(arrays[0], QQ * QR, QP, 1);
    fill(arrays[1], QP, QP, 2);
    double(*a)[QR][QP] = arrays[0];
    doitgen(QQ, QR, QP, a, MATRIX(1, QP), VECTOR(2));
    return a[7][5][3] + a[QQ - 1][QR - 2][QP - 3];
}

/* --- Matrix by vector. --- */

static NOINLINE void atax(int m, int n, double a[][V410], double x[], double y[], double t[])
{
    for (int i = 0; i < n; i++)
        y[i] = 0;
    for (int i = 0; i < m; i++) {
        t[i] = 0;
        for (int j = 0; j < n; j++)
            t[i] += a[i][j] * x[j];
        for (int j = 0; j < n; j++)
            y[j] += a[i][j] * t[i];
    }
}

static double run_atax(void)
{
    fill(arrays[0], V390, V410, 1);
    fill(arrays[1], 1, V410, 2);
    atax(V390, V410, MATRIX(0, V410), VECTOR(1), VECTOR(2), VECTOR(3));
    return VECTOR(2)[17] + VECTOR(2)[V410 - 1];
}

static NOINLINE void bicg(int m, int n, double a[][V390], double s[], double q[], double p[], double r[])
{
    for (int i = 0; i < m; i++)
        s[i] = 0;
    for (int i = 0; i < n; i++) {
        q[i] = 0;
        for (int j = 0; j < m; j++) {
            s[j] += r[i] * a[i][j];
            q[i] += a[i][j] * p[j];
        }
    }
}

static double run_bicg(void)
{
    fill(arrays[0], V410, V390, 1);
    fill(arrays[3], 1, V390, 2);
    fill(arrays[4], 1, V410, 3);
    bicg(V390, V410, MATRIX(0, V390), VECTOR(1), VECTOR(2), VECTOR(3), VECTOR(4));
    return VECTOR(1)[17] + VECTOR(2)[V410 - 1];
}

static NOINLINE void mvt(int n, double x1[], double x2[], double y1[], double y2[], double a[][V400])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            x1[i] += a[i][j] * y1[j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            x2[i] += a[j][i] * y2[j];
}

static double run_mvt(void)
{
    fill(arrays[0], V400, V400, 1);
    for (int k = 1; k < 5; k++)
        fill(arrays[k], 1, V400, k);
    mvt(V400, VECTOR(1), VECTOR(2), VECTOR(3), VECTOR(4), MATRIX(0, V400));
    return VECTOR(1)[17] + VECTOR(2)[V400 - 1];
}

static NOINLINE void gemver(int n, double alpha, double beta, double a[][V400], double u1[], double v1[],
                            double u2[], double v2[], double w[], double x[], double y[], double z[])
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            a[i][j] = a[i][j] + u1[i] * v1[j] + u2[i] * v2[j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            x[i] = x[i] + beta * a[j][i] * y[j];
    for (int i = 0; i < n; i++)
        x[i] = x[i] + z[i];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            w[i] = w[i] + alpha * a[i][j] * x[j];
}

static double run_gemver(void)
{
    fill(arrays[0], V400, V400, 1);
    for (int k = 1; k < 8; k++)
        fill(arrays[k], 1, V400, k);
    double *w = VECTOR(1) + 2 * V400;
    fill(w, 1, V400, 9);
    gemver(V400, 1.5, 1.2, MATRIX(0, V400), VECTOR(1), VECTOR(2), VECTOR(3), VECTOR(4), w, VECTOR(5),
           VECTOR(6), VECTOR(7));
    return w[17] + VECTOR(5)[V400 - 1];
}

static NOINLINE void gesummv(int n, double alpha, double beta, double a[][P250], double b[][P250], double t[],
                             double x[], double y[])
{
    for (int i = 0; i < n; i++) {
        t[i] = 0;
        y[i] = 0;
        for (int j = 0; j < n; j++) {
            t[i] = a[i][j] * x[j] + t[i];
            y[i] = b[i][j] * x[j] + y[i];
        }
        y[i] = alpha * t[i] + beta * y[i];
    }
}

static double run_gesummv(void)
{
    fill(arrays[0], P250, P250, 1);
    fill(arrays[1], P250, P250, 2);
    fill(arrays[3], 1, P250, 3);
    gesummv(P250, 1.5, 1.2, MATRIX(0, P250), MATRIX(1, P250), VECTOR(2), VECTOR(3), VECTOR(4));
    return VECTOR(4)[17] + VECTOR(4)[P250 - 1];
}

/* --- Statistics. --- */

static NOINLINE void correlation(int m, int n, double data[][P240], double corr[][P240], double mean[],
                                 double deviation[])
{
    for (int j = 0; j < m; j++) {
        mean[j] = 0;
        for (int i = 0; i < n; i++)
            mean[j] += data[i][j];
        mean[j] /= n;
    }
    for (int j = 0; j < m; j++) {
        deviation[j] = 0;
        for (int i = 0; i < n; i++)
            deviation[j] += (data[i][j] - mean[j]) * (data[i][j] - mean[j]);
        deviation[j] = sqrt(deviation[j] / n);
        deviation[j] = deviation[j] <= 0.1 ? 1.0 : deviation[j];
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            data[i][j] -= mean[j];
            data[i][j] /= sqrt(1.0 * n) * deviation[j];
        }
    for (int i = 0; i < m - 1; i++) {
        corr[i][i] = 1.0;
        for (int j = i + 1; j < m; j++) {
            corr[i][j] = 0;
            for (int k = 0; k < n; k++)
                corr[i][j] += data[k][i] * data[k][j];
            corr[j][i] = corr[i][j];
        }
    }
    corr[m - 1][m - 1] = 1.0;
}

static double run_correlation(void)
{
    fill(arrays[0], P260, P240, 1);
    correlation(P240, P260, MATRIX(0, P240), MATRIX(1, P240), VECTOR(2), VECTOR(3));
    return MATRIX(1, P240)[17][5] + MATRIX(1, P240)[P240 - 1][P240 - 3];
}

static NOINLINE void covariance(int m, int n, double data[][P240], double cov[][P240], double mean[])
{
    for (int j = 0; j < m; j++) {
        mean[j] = 0;
        for (int i = 0; i < n; i++)
            mean[j] += data[i][j];
        mean[j] /= n;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            data[i][j] -= mean[j];
    for (int i = 0; i < m; i++)
        for (int j = i; j < m; j++) {
            cov[i][j] = 0;
            for (int k = 0; k < n; k++)
                cov[i][j] += data[k][i] * data[k][j];
            cov[i][j] /= n - 1.0;
            cov[j][i] = cov[i][j];
        }
}

static double run_covariance(void)
{
    fill(arrays[0], P260, P240, 1);
    covariance(P240, P260, MATRIX(0, P240), MATRIX(1, P240), VECTOR(2));
    return MATRIX(1, P240)[17][5] + MATRIX(1, P240)[P240 - 1][P240 - 3];
}

static double (*const nests[])(void) = {run_gemm,  run_2mm,    run_3mm,     run_symm,        run_syrk,
                                        run_syr2k, run_trmm,   run_doitgen, run_atax,        run_bicg,
                                        run_mvt,   run_gemver, run_gesummv, run_correlation, run_covariance};
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
