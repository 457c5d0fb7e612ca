/* A program that Wizer's function prepares; `argv` and the environment are those of the start. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t sieve[1 << 20];
static uint32_t prepared;

__attribute__((export_name("wizer.initialize"))) void initialize(void)
{
    prepared++;
    for (uint32_t k = 2; k < sizeof sieve; k++)
        for (uint32_t n = 2 * k; sieve[k] == 0 && n < sizeof sieve; n += k)
            sieve[n] = 1;
}

int main(int argc, char **argv)
{
    uint32_t n = 0;
    for (uint32_t k = 2; k < sizeof sieve; k++)
        n += sieve[k] == 0;
    printf("%s, %u, %u\n", argc > 1 ? argv[1] : "-", prepared, n);
    return 0;
}
