/* The most flips of all permutations of n numbers, and a sum over all. */
#include "row.h"

enum { MAX = 12 };
static volatile int size;

static int flips(const int *p, int n)
{
    int q[MAX], count = 0;
    for (int i = 0; i < n; i++)
        q[i] = p[i];
    for (int first; (first = q[0]) != 0; count++) {
        for (int low = 0, high = first; low < high; low++, high--) {
            int t = q[low];
            q[low] = q[high];
            q[high] = t;
        }
    }
    return count;
}

/* The next permutation; 0 after the last. `left[i]`: turns of the first i + 1 that remain. */
static int next(int *p, int *left, int n)
{
    for (int r = 1; r < n; r++) {
        int first = p[0];
        for (int i = 0; i < r; i++)
            p[i] = p[i + 1];
        p[r] = first;
        if (--left[r] > 0)
            return 1;
        left[r] = r + 1;
    }
    return 0;
}

static NOINLINE double fannkuch(int n)
{
    int p[MAX], left[MAX], most = 0, sum = 0, sign = 1;
    for (int i = 0; i < n; i++) {
        p[i] = i;
        left[i] = i + 1;
    }
    do {
        int f = flips(p, n);
        most = f > most ? f : most;
        sum += sign * f;
        sign = -sign;
    } while (next(p, left, n));
    return sum + most * 0.001;
}

SETUP(n)
{
    size = n;
}

RUN(iters)
{
    double result = 0;
    REPEAT(iters)
    row_sink = result = fannkuch(size);
    return result;
}
