/* loop.c: one function, called once, with one long loop: only on-stack replacement gets it out of the
 * interpreter.
 *
 *     loop [ITERATIONS]      default 100000000 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000000;
    uint32_t x = 1, sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        sum += x >> 7 ^ i;
    }
    printf("%u iterations: %u\n", n, sum);
    return 0;
}
