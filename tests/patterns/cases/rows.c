/* A sum for each round of a loop that does something else with it, and what is nearly one.
 *
 * replaced: nearest scaled columns rows64 squares64 moving sparse
 * refused: running both_rows indirect watched_row own_sums
 * either: NAME 524288 0 262144 100 33
 * either: NAME 524288 0 262144 0..200 0..80
 * either: NAME 524288 0 262144 64 200
 * either: NAME 524292 0..30000*4 300000..500000 65..130 16..70
 * either: NAME 0..2000*4 0 2048 100 30
 * either: NAME 2048 4096 0 100 17
 * either: NAME 4092 4096 8 9 16
 * either: NAME 524288 4294950000 0 100 40
 * either: NAME 524288 0 4294967200 100 40
 * either: NAME 524288 4000000000 0 100 40
 * either: NAME 524288 0 262144 2147483647 16
 * either: running 524288 0 262144 100 40
 * either: both_rows 524288 0 262144 100 40
 * either: indirect 524288 0 262144 100 40
 * either: calls 524288 0 262144 100 40
 * either: watched_row 524288 0 262144 100 40
 * either: own_sums 0 0 262144 100 40
 */
#include "case.h"

ON_ROWS(nearest, float)
{
    int best = 0;
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += (a[i * k + p] - b[p]) * (a[i * k + p] - b[p]);
        c[i] = s;
        if (s < c[best])
            best = i;
    }
    return (float)best;
}

ON_ROWS(scaled, float)
{
    float most = -1e30f;
    for (int i = 0; i < n; i++) {
        float s = 0.25f;
        for (int p = 0; p < k; p++)
            s += b[p] * a[i * k + p];
        c[i] = s * 0.125f;
        most = c[i] > most ? c[i] : most;
    }
    return most;
}

ON_ROWS(columns, float)
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += b[p] * a[p * n + i];
        c[i] = s / 3;
    }
    return 0;
}

ON_ROWS(rows64, double)
{
    double all = 1;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        all = all * 0.5 + s;
    }
    c[0] = all;
    return all;
}

ON_ROWS(squares64, double)
{
    double least = 1e300;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int p = 0; p < k; p++) {
            double d = b[p] - a[i * k + p];
            s += d * d;
        }
        least = s < least ? s : least;
    }
    c[0] = least;
    return least;
}

ON_ROWS(moving, float) /* rows overlap */
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i + p] * b[p];
        c[2 * i] = s > 0 ? s : 0;
        c[2 * i + 1] = -s;
    }
    return 0;
}

ON_ROWS(sparse, float)
{
    for (int i = 0; i < n; i++) {
        float s = 1;
        for (int p = 0; p < k; p++)
            s += a[i * 100 + 3 * p] * b[2 * p];
        c[n - 1 - i] = s + 1;
    }
    return 0;
}

ON_ROWS(running, float) /* each sum begins with the one before */
{
    float s = 0;
    for (int i = 0; i < n; i++) {
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        c[i] = s * 0.5f;
    }
    return s;
}

ON_ROWS(both_rows, float)
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[i * k + p];
        c[i] = s * 0.5f;
    }
    return 0;
}

ON_ROWS(indirect, float) /* what is stored may be a factor of a later round */
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        ((float *)a)[*(const uint32_t *)(c + i) % 8000] = s * 0.5f;
    }
    return 0;
}

__attribute__((noinline)) static float change(float *at, float s)
{
    at[17] = s;
    return s + 1;
}

ON_ROWS(calls, float)
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * b[p];
        c[i] = change((float *)b, s * 0.5f);
    }
    return 0;
}

ON_ROWS(watched_row, float) /* a sum ends when it is large */
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k && s < 8; p++)
            s += a[i * k + p] * b[p];
        c[i] = s * 0.5f;
    }
    return 0;
}

ON_ROWS(own_sums, float) /* the other factor is what the rounds store */
{
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i * k + p] * c[100000 + p];
        c[i] = s * 0.5f;
        ((volatile float *)c)[100000 + i % 30] = s;
    }
    return 0;
}
