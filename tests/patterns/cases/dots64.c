/* As dots.c, in double precision.
 *
 * size: 8
 * replaced: attend64 apart64 all_apart64
 * unlisted: all_apart64 map (copy
 * relaxed: attend64 kernel dots_f64
 * relaxed: apart64 kernel dots_f64
 * relaxed: all_apart64 kernel dots_f64
 * cpu: haswell ahead_f avx2 fma
 * near: NAME 524288 0 262144 0 33
 * near: NAME 524288 0 262144 7 64
 * near: NAME 524288 0 262144 8 16
 * near: NAME 524288 0 262144 15 17
 * near: NAME 524288 0 262144 16 15
 * near: NAME 524288 0 262144 17 1
 * near: NAME 524288 0 262144 31 0
 * near: NAME 524288 0 262144 64 64
 * near: NAME 524288 0 262144 1024 16
 * near: NAME 524288 0 262144 1025 17
 * near: NAME 524288 0 262144 512 20
 * near: NAME 524288 0 262144 513 16
 * near: NAME 524288 0 262144 65 31
 * near: NAME 524288 0 262144 0..200 0..80
 * near: NAME 524288 8 262136 100 47
 * either: NAME 524288 4292870144 0 100 40
 * either: NAME 0 4294967288 262144 70 40
 * either: NAME 40000 0 262144 80 63
 * either: NAME 40312 0 262144 80 63
 * either: NAME 40320 0 262144 80 63
 * either: NAME 262144 0 262144 80 63
 * either: NAME 262640 0 262144 80 63
 * either: NAME 262648 0 262144 80 63
 * either: NAME 261504 0 262144 80 63
 * either: NAME 261512 0 262144 80 63
 */
#include "case.h"

enum { QUERIES = 3 };

ON_ROWS(attend64, double)
{
    double all = 0;
    for (int q = 0; q < QUERIES; q++) {
        for (int i = 0; i < n; i++) {
            double s = 0;
            for (int p = 0; p < k; p++)
                s += b[q * k + p] * a[i * k + p];
            c[i] = s * 0.125;
            all += c[i];
        }
    }
    return all;
}

ON_ROWS(apart64, double)
{
    double least = 1e300;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int p = 0; p < k; p++) {
            double d = a[i * k + p] - b[p];
            s += d * d;
        }
        least = s < least ? s : least;
    }
    c[0] = least;
    return least;
}

ON_ROWS(all_apart64, double)
{
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int p = 0; p < k; p++) {
            double d = a[i * k + p] - b[p];
            s += d * d;
        }
        c[i] = s;
    }
    return 0;
}
