/* What LLVM and libstdc++ get from the C library: glibc's hosted, ours and LLVM-libc's in the image. */
#define _GNU_SOURCE
#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

int cxx_throw_and_catch(int how);

TEST(libc_cxx_exceptions)
{
    CHECK_EQ(cxx_throw_and_catch(0), 1);
    CHECK_EQ(cxx_throw_and_catch(1), 11);
    CHECK_EQ(cxx_throw_and_catch(2), 21);
}

TEST(libc_formats_and_reads_numbers)
{
    char buf[64];
    snprintf(buf, sizeof buf, "%.17g %e %d %s %#lx", 0.1, 12345.678, -5, "text", 255ul);
    CHECK_STR(buf, "0.10000000000000001 1.234568e+04 -5 text 0xff");
    CHECK_F64(strtod("0x1.8p3", NULL), 12);
    CHECK_F64(strtod("1e-320", NULL), 0x0.00000000007e8p-1022);
    CHECK_EQ(strtoull("18446744073709551615", NULL, 10), UINT64_MAX);
}

TEST(libc_character_classes)
{
    for (int c = 0; c < 256; c++) {
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        CHECK_EQ(isalpha(c) != 0, upper || lower);
        CHECK_EQ(isalnum(c) != 0, upper || lower || digit);
        CHECK_EQ(isspace(c) != 0, c == ' ' || (c >= 9 && c <= 13));
        CHECK_EQ(isprint(c) != 0, c >= 32 && c < 127);
        CHECK_EQ(ispunct(c) != 0, c > 32 && c < 127 && !upper && !lower && !digit);
        CHECK_EQ(tolower(c), upper ? c + 32 : c);
        CHECK_EQ(toupper(c), lower ? c - 32 : c);
    }
}

TEST(libc_aligned_allocation)
{
    for (size_t align = 16; align <= 4096; align *= 2) {
        void *p = NULL;
        CHECK_EQ(posix_memalign(&p, align, 100), 0);
        CHECK_EQ((uintptr_t)p % align, 0);
        free(p);
    }
    char *copy = strdup("copied");
    CHECK_STR(copy, "copied");
    free(copy);
}

static int once_runs;
static void run_once(void)
{
    once_runs++;
}

TEST(libc_once_runs_once)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    once_runs = 0;
    pthread_once(&once, run_once);
    pthread_once(&once, run_once);
    CHECK(once_runs <= 1);
}

static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

TEST(libc_sorts)
{
    int v[100];
    for (int i = 0; i < 100; i++)
        v[i] = i * 37 % 101;
    qsort(v, 100, sizeof *v, compare_ints);
    for (int i = 1; i < 100; i++)
        CHECK(v[i - 1] <= v[i]);
}

/* What LLVM folds constants with. */
TEST(libc_math)
{
    double (*volatile sine)(double) = sin, (*volatile exponential)(double) = exp,
                      (*volatile logarithm)(double) = log;
    double (*volatile power)(double, double) = pow, (*volatile remainder_of)(double, double) = fmod;
    CHECK_F64(sine(1), 0x1.aed548f090ceep-1);
    CHECK_F64(exponential(1), 0x1.5bf0a8b145769p+1);
    CHECK_F64(logarithm(10), 0x1.26bb1bbb55516p+1);
    CHECK_F64(power(2, 10), 1024);
    CHECK_F64(remainder_of(10, 3), 1);
}
