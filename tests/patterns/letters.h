/* letters.h: text for cases of UTF-8, nearly right. */
#ifndef PATTERNS_LETTERS_H
#define PATTERNS_LETTERS_H

#include "case.h"

static NOINLINE int write_point(uint8_t *p, uint32_t c)
{
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    p[0] = (uint8_t)((more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0) | c >> 6 * more);
    for (int k = 1; k <= more; k++)
        p[k] = (uint8_t)(0x80 | (c >> 6 * (more - k) & 63));
    return more + 1;
}

/* Code points between runs of ASCII, from 0x80 on and `usual` different ones; but for those that `rare` masks
 * to 0, which are any, so that now and then one is wrong: a surrogate, too long, too large, or cut off. */
static INLINE void write_letters(uint8_t *p, int n, int kind, uint32_t rare, uint32_t usual)
{
    uint32_t bits = p[0] | p[1] << 8 | p[2] << 16;
    for (int k = 0; kind && k < n;) {
        bits = bits * 1664525u + 1013904223u;
        uint32_t c = bits >> 11, run = (bits >> 8) % ((uint32_t)kind * 16u);
        for (; run && k < n; run--, k++)
            p[k] = p[k] & 0x60 ? p[k] & 0x7f : (uint8_t)(p[k] | 0x40) & 0x7f;
        if (k + 4 < n && bits >> 5 & 7)
            k += write_point(p + k, c & rare ? 0x80 + c % usual : c % 0x110000);
    }
}

#endif
