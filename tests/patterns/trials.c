/* trials.c: a program with two products of matrices, for tests/patterns/trials: prints what they come to. */
#include <stdio.h>

#define N 80
static volatile int size = N; /* the compiler is not to know it */
static float a[N * N], b[N * N], c[N * N];
static int x[N * N], y[N];
static signed char p[N * N], q[N];

static __attribute__((noinline)) void product(int n)
{
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = sum;
        }
    }
}

static __attribute__((noinline)) void by_vector(int n)
{
    for (int i = 0; i < n; i++) {
        int sum = 0;
        for (int k = 0; k < n; k++)
            sum += p[i * n + k] * q[k];
        y[i] = sum;
    }
}

int main(void)
{
    double sum = 0;
    long long whole = 0;
    for (int i = 0; i < N * N; i++) {
        a[i] = (float)(i % 17 - 8);
        b[i] = (float)(i % 13) * 0.25f - 1.7f;
        p[i] = (signed char)(i * 7);
        q[i % N] = (signed char)(i * 11);
        x[i] = i;
    }
    for (int round = 0; round < 40; round++) {
        product(size - round % 3);
        by_vector(size);
        q[round % N]++;
        sum += c[round * 5 % (70 * 70)];
        whole += y[round % N] * (long long)(x[round] + 1);
    }
    printf("%.9g %lld\n", sum, whole);
    return 0;
}
