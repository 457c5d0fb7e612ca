/* row.h: common to all rows. A module exports
 *   setup(i32 n)           makes the inputs; n chooses size and variant (rows.py)
 *   run(i32 iters) -> f64  does the work `iters` times; the result, which does not depend on `iters`
 * and imports nothing (calls.c: env.host_nop). The same C is built natively. Each round of the work changes
 * an input through a volatile and keeps its result in one, so that no compiler drops or joins rounds. */
#ifndef ROW_H
#define ROW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name), used))
#else
#define EXPORT(name) __attribute__((used))
#endif
#define NOINLINE __attribute__((noinline))

void row_setup(int n);
double row_run(int iters);
#define SETUP(n)      EXPORT("setup") void row_setup(int n)
#define RUN(iters)    EXPORT("run") double row_run(int iters)
#define REPEAT(iters) for (int repeat = 0; repeat < (iters); repeat++)

static volatile double row_sink;

static inline uint32_t row_random(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

/* In [-1, 1). */
static inline double row_fraction(void)
{
    return ((int)(row_random() & 0xffffff) - 0x800000) / 8388608.0;
}

/* Text of words, some far more frequent than others, with numbers in between. */
static inline void row_text(char *out, int n)
{
    static const char *const words[] = {
        "the",      "of",      "and",        "to",     "in",      "engine", "memory",   "value",
        "a",        "stack",   "loop",       "branch", "store",   "load",   "module",   "table",
        "function", "index",   "result",     "return", "section", "import", "register", "measure",
        "compiler", "latency", "throughput", "vector", "frame",   "trap",   "signal",   "although"};
    int at = 0, column = 0;
    while (at < n) {
        uint32_t r = row_random() & 0xffff;
        for (const char *w = words[r * r / 0x8000000]; *w && at < n; column++)
            out[at++] = *w++;
        for (int digits = row_random() % 32 == 0 ? 4 : 0; digits > 0 && at < n; digits--)
            out[at++] = (char)('0' + row_random() % 10);
        if (at < n)
            out[at++] = column > 72 ? '\n' : ' ';
        column = column > 72 ? 0 : column + 1;
    }
}

#endif
