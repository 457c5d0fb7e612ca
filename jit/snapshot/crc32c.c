/* crc32c.c: CRC-32C; see crc32c.h. */
#include "crc32c.h"

#include <cpuid.h>
#include <stdbool.h>
#include <string.h>

#define POLYNOMIAL 0x82f63b78u /* reflected */

static const uint32_t *table_get(void)
{
    static uint32_t table[256];
    for (uint32_t k = 0; !table[255] && k < 256; k++) {
        uint32_t v = k;
        for (int bit = 0; bit < 8; bit++)
            v = v >> 1 ^ (v & 1 ? POLYNOMIAL : 0);
        table[k] = v;
    }
    return table;
}

uint32_t crc32c_by_table(uint32_t before, const void *data, size_t len)
{
    const uint8_t *p = data;
    const uint32_t *table = table_get();
    uint32_t crc = ~before;
    while (len--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
    return ~crc;
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

__attribute__((target("crc32"))) static uint32_t by_processor(uint32_t before, const uint8_t *p, size_t len)
{
    uint64_t crc = ~before;
    for (; len >= 128; p += 128, len -= 128) {
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 128; k += 8)
            crc = __builtin_ia32_crc32di(crc, word_at(p + k));
    }
    for (; len >= 8; p += 8, len -= 8)
        crc = __builtin_ia32_crc32di(crc, word_at(p));
    uint32_t low = (uint32_t)crc;
    while (len--)
        low = __builtin_ia32_crc32qi(low, *p++);
    return ~low;
}

static bool processor_can(void)
{
    static int known = -1;
    if (known < 0) {
        uint32_t a, b, c, d;
        __cpuid(1, a, b, c, d);
        known = (c & bit_SSE4_2) != 0;
    }
    return known;
}

uint32_t crc32c(uint32_t before, const void *data, size_t len)
{
    return processor_can() ? by_processor(before, data, len) : crc32c_by_table(before, data, len);
}
