/* Products of one row with many, in two loops around what is made of them, as attention does; how many rows
 * and elements there are, what is stored next to, or in, what is read. With --fp=relaxed a kernel takes
 * several rows at a time, which no result may tell by more than rounding.
 *
 * replaced: attend most_alike beside
 * relaxed: attend kernel dots_f32
 * relaxed: most_alike kernel dots_f32
 * relaxed: beside kernel dots_f32
 * relaxed: begun kernel order left open
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
 * near: NAME 524288 4 262140 100 47
 * either: NAME 524288 4292870144 0 100 40
 * either: NAME 0 4294967288 262144 70 40
 * either: NAME 20000 0 262144 80 63
 * either: NAME 20156 0 262144 80 63
 * either: NAME 20160 0 262144 80 63
 * either: NAME 262144 0 262144 80 63
 * either: NAME 262392 0 262144 80 63
 * either: NAME 262396 0 262144 80 63
 * either: NAME 262400 0 262144 80 63
 * either: NAME 261824 0 262144 80 63
 * either: NAME 261828 0 262144 80 63
 * near: begun 524288 0 262144 100 40
 * near: begun 524288 0 262144 17 16
 */
#include "case.h"

enum { QUERIES = 3 };

ON_ROWS(attend, float)
{
    float all = 0;
    for (int q = 0; q < QUERIES; q++) {
        float most = -1e30f;
        for (int i = 0; i < n; i++) {
            float s = 0;
            for (int p = 0; p < k; p++)
                s += b[q * k + p] * a[i * k + p];
            c[i] = s * 0.125f;
            most = c[i] > most ? c[i] : most;
        }
        all += most;
    }
    return all;
}

ON_ROWS(most_alike, float)
{
    float least = 1e30f;
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += (b[p] - a[i * k + p]) * (b[p] - a[i * k + p]);
        c[i] = s;
        least = s < least ? s : least;
    }
    return least;
}

ON_ROWS(beside, float) /* rows begin one number further on, so that they overlap; what is stored goes down */
{
    float all = 0;
    for (int i = 0; i < n; i++) {
        float s = 0;
        for (int p = 0; p < k; p++)
            s += a[i + p] * b[p];
        c[n - 1 - i] = s;
        all += s > 0 ? s : 0;
    }
    return all;
}

ON_ROWS(begun, float) /* sums do not begin with zero */
{
    float most = -1e30f;
    for (int i = 0; i < n; i++) {
        float s = 0.25f;
        for (int p = 0; p < k; p++)
            s += b[p] * a[i * k + p];
        c[i] = s;
        most = s > most ? s : most;
    }
    return most;
}
