/* bytes.h: appending to a growing run of bytes. */
#ifndef SNAPSHOT_BYTES_H
#define SNAPSHOT_BYTES_H

#include "rt.h"

/* `*bytes` (NULL at first, heap_free) holds `*len` bytes and has room for `*cap`. E_NOMEM: nothing has
 * changed. */
MUST_CHECK status bytes_append(u8 **bytes, size_t *len, size_t *cap, const void *data, size_t n);

#endif
