/* demo.c: three small functions that start cold and become hot, and what the profile says about them.
 *
 * Results go to standard output and are always the same; the profile, which never is, goes to standard error.
 */
#include <stdint.h>
#include <stdio.h>

#include "anneal_guest.h"

#define NOINLINE __attribute__((noinline))

enum { SUM_MAX = 1024, ROUNDS = 20, FIB_LAST = 24, PRIMES_LAST = 10000, OVERHEAD_CALLS = 100000 };

static uint32_t numbers[SUM_MAX];

NOINLINE static uint32_t fibonacci(uint32_t n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

NOINLINE static uint32_t sum(uint32_t n)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += numbers[i];
    return total;
}

NOINLINE static uint32_t is_prime(uint32_t n)
{
    if (n < 2)
        return 0;
    for (uint32_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return 0;
    return 1;
}

NOINLINE static uint32_t primes(uint32_t below)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < below; n++)
        count += is_prime(n);
    return count;
}

/* Does nothing: its cheapest call is what a call costs together with its measurement. */
NOINLINE static uint32_t empty(uint32_t x)
{
    __asm__ volatile("");
    return x;
}

static const struct row {
    const char *name;
    uint32_t (*func)(uint32_t);
} rows[] = {
    {"fibonacci", fibonacci}, {"sum", sum}, {"is_prime", is_prime}, {"primes", primes}, {"empty", empty}};

/* Each round asks for more, so that early rounds are cold and late ones hot. */
static void run_rounds(void)
{
    for (uint32_t r = 1; r <= ROUNDS; r++) {
        uint32_t n = FIB_LAST * r / ROUNDS, below = PRIMES_LAST * r / ROUNDS;
        uint32_t total = 0, count = 0;
        for (uint32_t k = 0; k < r * 20; k++)
            total += sum(SUM_MAX - k % 16);
        for (uint32_t k = 0; k < r; k++)
            count = primes(below);
        printf("round %2u: fibonacci(%u) = %u, primes below %u: %u, sums: %u\n", r, n, fibonacci(n), below,
               count, total);
    }
}

static void print_profile(void)
{
    static const char *const tiers[] = {"interp", "O0", "O1", "O2", "O3"};
    fprintf(stderr, "%-10s %10s %12s %12s %12s  %s\n", "function", "calls", "avg cycles", "min cycles",
            "max cycles", "tier");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        anneal_func f = ANNEAL_FUNC(rows[i].func);
        fprintf(stderr, "%-10s %10llu %12llu %12llu %12llu  %s\n", rows[i].name, jit_get_call_count(f),
                jit_get_avg_cycles(f), jit_get_min_cycles(f), jit_get_max_cycles(f),
                tiers[jit_get_optimization_level(f)]);
    }
    fprintf(stderr, "call overhead: %llu cycles\n", jit_get_min_cycles(ANNEAL_FUNC(empty)));
}

int main(void)
{
    for (uint32_t i = 0; i < SUM_MAX; i++)
        numbers[i] = i * 2654435761u >> 16;
    jit_profile_begin();
    run_rounds();
    uint32_t x = 0;
    for (uint32_t i = 0; i < OVERHEAD_CALLS; i++)
        x += empty(i);
    jit_profile_end();
    printf("empty calls: %u\n", x);
    print_profile();
    return 0;
}
