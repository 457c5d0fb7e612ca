/* pages_read.c: unpacks a page (pages.h). */
#include <string.h>

#include "crc32c.h"
#include "pages.h"

enum { WORD = 8 };

static bool take_literals(const u8 **p, const u8 *end, u8 *to, u32 bytes)
{
    if ((size_t)(end - *p) < bytes)
        return false;
    memcpy(to, *p, bytes);
    *p += bytes;
    return true;
}

static bool copy(u8 *page, u32 to, u32 bytes, u32 distance)
{
    if (distance < WORD || distance > to)
        return false;
    for (u32 k = to; k < to + bytes; k += WORD)
        __builtin_memcpy(page + k, page + k - distance, WORD);
    return true;
}

static bool unpack(const u8 *p, const u8 *end, u8 *page)
{
    u32 at = 0, token;
    while (at < PAGES_PAGE && (size_t)(end - p) >= sizeof token) {
        memcpy(&token, p, sizeof token);
        p += sizeof token;
        u32 bytes = ((token >> 2 & 0x1ff) + 1) * WORD;
        bool good = bytes <= PAGES_PAGE - at;
        switch (good ? token & 3 : PAGES_COPY + 1) {
        case PAGES_ZEROS: memset(page + at, 0, bytes); break;
        case PAGES_LITERALS: good = take_literals(&p, end, page + at, bytes); break;
        case PAGES_COPY: good = copy(page, at, bytes, token >> 16); break;
        default: good = false;
        }
        if (!good)
            return false;
        at += bytes;
    }
    return at == PAGES_PAGE && p == end;
}

bool pages_unpack(const struct pages_entry *x, const u8 *packed, size_t packed_bytes, u8 page[PAGES_PAGE])
{
    if (x->at > packed_bytes || x->bytes > packed_bytes - x->at)
        return false;
    const u8 *p = packed + x->at;
    if (crc32c(0, p, x->bytes) != x->crc)
        return false;
    if (x->bytes != PAGES_PAGE)
        return unpack(p, p + x->bytes, page);
    memcpy(page, p, PAGES_PAGE);
    return true;
}
