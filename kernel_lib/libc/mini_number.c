/* mini_number.c: strtoull for an image without a C library, as far as our own code asks: no sign, base 10 or
 * 16, the highest value when it does not fit (ISO C11, 7.22.1.4). */
#include <stdlib.h>

#include "plat.h"

unsigned long long strtoull(const char *restrict text, char **restrict end, int base)
{
    unsigned long long v = 0;
    bool over = false;
    for (;; text++) {
        char c = *text, lower = (char)(c | 32);
        int d = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
        if (d >= base)
            break;
        over |= __builtin_mul_overflow(v, (unsigned long long)base, &v);
        over |= __builtin_add_overflow(v, (unsigned long long)d, &v);
    }
    if (end)
        *end = (char *)(uintptr_t)text;
    return over ? UINT64_MAX : v;
}
