/* pages.h: the contents of a memory, packed page by page, so that each can be taken out when it is needed.
 *
 * Pages of zeros are nothing, equal ones are there once. A packed page is a list of 32-bit tokens: kind in
 * bits 0-1, number of 8-byte words - 1 in bits 2-10, distance in bits 16-31. docs/snapshot-format.md has the
 * bytes. */
#ifndef SNAPSHOT_PAGES_H
#define SNAPSHOT_PAGES_H

#include "rt.h"

#define PAGES_PAGE 4096u
enum pages_token {
    PAGES_ZEROS,    /* words of zeros */
    PAGES_LITERALS, /* the words follow */
    PAGES_COPY,     /* words from so many bytes (8 or more) earlier in this page */
};
struct pages_entry { /* of a page that is not zeros */
    u32 at, bytes;   /* in the block of packed pages; PAGES_PAGE bytes are the page as it is */
    u32 crc;         /* CRC-32C of them */
};

/* Unpacks into `page`. False: it is damaged. */
MUST_CHECK bool pages_unpack(const struct pages_entry *x, const u8 *packed, size_t packed_bytes,
                             u8 page[PAGES_PAGE]);

/* --- Packing (not in an appliance). --- */
struct pages {
    u8 *bytes; /* the block of packed pages, heap_free */
    size_t len, cap;
    u32 *slots; /* entries by hash, + 1 */
    struct pages_entry *entries;
    u32 nslots, n, entries_cap;
};
void pages_init(struct pages *p);
void pages_fini(struct pages *p);
/* `out->bytes` 0: the page is zeros. E_NOMEM; E_LIMIT: more than 4 GiB. */
MUST_CHECK status pages_pack(struct pages *p, const u8 page[PAGES_PAGE], struct pages_entry *out);

#endif
