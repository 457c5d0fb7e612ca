/* matmul.c: matrix products in f32, f64 and 32-bit integers, plain triple loops, with checksums.
 *
 *     matmul [N] [ROUNDS]      N: size of the square matrices, up to 256 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE_MAX_N = 256 };

#define MATRIX_PRODUCT(name, type)                                                                           \
    static type name##_a[SIZE_MAX_N * SIZE_MAX_N], name##_b[SIZE_MAX_N * SIZE_MAX_N],                        \
        name##_c[SIZE_MAX_N * SIZE_MAX_N];                                                                   \
    static void name##_fill(uint32_t n)                                                                      \
    {                                                                                                        \
        for (uint32_t i = 0; i < n * n; i++) {                                                               \
            name##_a[i] = (type)(int32_t)(i * 7 % 23) - (type)11;                                            \
            name##_b[i] = (type)(int32_t)(i * 13 % 29) / (type)3;                                            \
            name##_c[i] = 0;                                                                                 \
        }                                                                                                    \
    }                                                                                                        \
    __attribute__((noinline)) static void name##_multiply(uint32_t n)                                        \
    {                                                                                                        \
        for (uint32_t i = 0; i < n; i++)                                                                     \
            for (uint32_t j = 0; j < n; j++) {                                                               \
                type total = 0;                                                                              \
                for (uint32_t k = 0; k < n; k++)                                                             \
                    total += name##_a[i * n + k] * name##_b[k * n + j];                                      \
                name##_c[i * n + j] += total;                                                                \
            }                                                                                                \
    }

MATRIX_PRODUCT(f32, float)
MATRIX_PRODUCT(f64, double)
MATRIX_PRODUCT(i32, uint32_t)

/* FNV-1a over the bytes: every bit of the result counts. */
static uint64_t hash(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static uint32_t argument(int argc, char **argv, int i, uint32_t otherwise)
{
    return argc > i ? (uint32_t)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    uint32_t n = argument(argc, argv, 1, 96), rounds = argument(argc, argv, 2, 4);
    if (n < 1 || n > SIZE_MAX_N) {
        fprintf(stderr, "matmul: N must be 1 to %d\n", SIZE_MAX_N);
        return 2;
    }
    f32_fill(n);
    f64_fill(n);
    i32_fill(n);
    for (uint32_t r = 0; r < rounds; r++) {
        f32_multiply(n);
        f64_multiply(n);
        i32_multiply(n);
    }
    size_t cells = (size_t)n * n;
    printf("matmul %u x %u, %u rounds\n", n, n, rounds);
    printf("f32 %.9g %016llx\n", (double)f32_c[cells - 1], hash(f32_c, cells * sizeof *f32_c));
    printf("f64 %.17g %016llx\n", f64_c[cells - 1], hash(f64_c, cells * sizeof *f64_c));
    printf("i32 %u %016llx\n", i32_c[cells - 1], hash(i32_c, cells * sizeof *i32_c));
    return 0;
}
