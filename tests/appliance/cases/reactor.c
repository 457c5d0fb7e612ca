/* A reactor: what its constructor computes is there when the export is called, and each call counts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint32_t *table, calls, sum;
static struct timespec at_start;

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int (*order)(const void *, const void *); /* a function's address, in memory */

__attribute__((constructor)) static void prepare(void)
{
    enum { N = 20000 };
    table = malloc(N * sizeof *table);
    for (uint32_t k = 0; k < N; k++)
        table[k] = k * 2654435761u;
    order = by_value;
    qsort(table, N, sizeof *table, order);
    for (uint32_t k = 0; k < N; k++)
        sum = sum * 31 + table[k];
    clock_gettime(CLOCK_REALTIME, &at_start);
}

__attribute__((export_name("find"))) uint32_t find(uint32_t x)
{
    uint32_t *at = bsearch(&x, table, 20000, sizeof x, order);
    char *text = malloc(64);
    snprintf(text, 64, "call %u: %u at %d, %u", ++calls, x, at ? (int)(at - table) : -1, sum);
    puts(text);
    fflush(stdout);
    free(text);
    return calls;
}

/* 1: the clock (a machine's has whole seconds) is not the constructor's, random numbers are not those of the
 * last call. */
__attribute__((export_name("fresh"))) uint32_t fresh(void)
{
    static uint64_t last;
    uint64_t now;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (getentropy(&now, sizeof now) != 0 || now == last)
        return 0;
    last = now;
    return t.tv_sec + 2 > at_start.tv_sec && (t.tv_sec != at_start.tv_sec || t.tv_nsec != at_start.tv_nsec);
}
