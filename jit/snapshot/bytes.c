/* bytes.c: appending to a growing run of bytes (bytes.h). */
#include "bytes.h"

#include <string.h>

#include "heap.h"

status bytes_append(u8 **bytes, size_t *len, size_t *cap, const void *data, size_t n)
{
    if (*len + n > *cap) {
        size_t more = (*len + n) * 2;
        u8 *room = heap_realloc(*bytes, more);
        if (!room)
            return E_NOMEM;
        *bytes = room;
        *cap = more;
    }
    if (n)
        memcpy(*bytes + *len, data, n);
    *len += n;
    return ST_OK;
}
