/* Calls. n: 0 of a host function, 1 indirect, always the same, 2 indirect, four in turn, 3 direct, 4
 * memory.grow of a page, 5 memory.size. nop is what the host calls. */
#include "row.h"

#ifdef __wasm__
__attribute__((import_module("env"), import_name("host_nop"))) int host_nop(int x);
#else
static NOINLINE int host_nop(int x)
{
    __asm__ volatile("" : "+r"(x));
    return x + 1;
}
#endif

EXPORT("nop") NOINLINE int row_nop(int x)
{
    return x + 1;
}
static NOINLINE int add1(int x)
{
    return x + 1;
}
static NOINLINE int flip(int x)
{
    return (x ^ 12) + 1;
}
static NOINLINE int add3(int x)
{
    return x + 3;
}
static NOINLINE int sub2(int x)
{
    return x - 2;
}

static int (*volatile targets[4])(int);
static volatile int start;
static int what;

SETUP(n)
{
    what = n;
    start = 1;
    targets[0] = add1;
    targets[1] = flip;
    targets[2] = add3;
    targets[3] = sub2;
}

static double host_calls(int n)
{
    int x = start;
    for (int i = 0; i < n; i++)
        x = host_nop(x);
    return x - n;
}

static double indirect_calls(int n, int mask)
{
    int x = start;
    for (int i = 0; i < n; i++)
        x = targets[i & mask](x);
    return mask ? x & 0 : x - n;
}

static double direct_calls(int n)
{
    int x = start;
    for (int i = 0; i < n; i++) {
        start = x;
        x = row_nop(x);
    }
    start = 1;
    return x - n;
}

#ifdef __wasm__
static double memory_calls(int n, int pages)
{
    int failed = 0;
    for (int i = 0; i < n; i++)
        failed += (int)__builtin_wasm_memory_grow(0, (size_t)pages) < 0;
    return failed;
}
#else
static double memory_calls(int n, int pages)
{
    return 0 * n * pages;
}
#endif

RUN(iters)
{
    switch (what) {
    case 0: return host_calls(iters);
    case 1: return indirect_calls(iters, 0);
    case 2: return indirect_calls(iters, 3);
    case 3: return direct_calls(iters);
    case 4: return memory_calls(iters, 1);
    default: return memory_calls(iters, 0);
    }
}
