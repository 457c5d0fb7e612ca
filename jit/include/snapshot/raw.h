/* raw.h: an appliance on a disk of its own, from the first sector on: the disk's contents are then the file,
 * with zeros behind it, and boot like it.
 *
 * What holds anything else is not written. The first block is written last, until then it says that an
 * appliance is being written: a loss of power never leaves one that looks whole and is not.
 *
 *     if (raw_open(&r, disk, 0, &e) == ST_OK) {
 *         if (raw_begin(&r, bytes, xxh64, &e) == ST_OK && raw_bytes(&r, p, bytes, &e) == ST_OK)
 *             status = raw_end(&r, &e);
 *         raw_close(&r);
 *     } */
#ifndef SNAPSHOT_RAW_H
#define SNAPSHOT_RAW_H

#include "plat.h"
#include "xxh64.h"

#define RAW_MARK                                                                                             \
    "ANNEALEX" /* at the start of a disk that is being written; behind it u64 bytes that are ours */

enum { RAW_OVERWRITE = 1 }; /* whatever the disk holds */
struct raw {
    size_t disk;
    struct plat_disk what;
    unsigned flags;
    uint64_t ours; /* bytes from the first on that an earlier export wrote */
    uint64_t bytes, at, xxh64;
    uint8_t *first, *buffer; /* the first chunk, kept back; the one that is being filled */
    size_t filled;
};
/* Looks at what is there. Anything but ST_OK: `e` says why (E_INVAL: something else is there), and there is
 * nothing to close. */
MUST_CHECK status raw_open(struct raw *r, size_t disk, unsigned flags, struct err *e);
/* An appliance of `bytes` bytes follows. Nothing was written if this fails. */
MUST_CHECK status raw_begin(struct raw *r, uint64_t bytes, uint64_t xxh64, struct err *e);
MUST_CHECK status raw_bytes(struct raw *r, const void *data, size_t len, struct err *e);
/* ST_OK: it is on the disk, was read again and is right, and survives a loss of power. */
MUST_CHECK status raw_end(struct raw *r, struct err *e);
void raw_close(struct raw *r);

#endif
