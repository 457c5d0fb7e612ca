/* store.h: what is remembered from boot to boot: a sequence of records on a disk, kept twice.
 *
 * A disk (or a part of one) holds two slots. A save writes the slot that is not in use and makes it the newer
 * one as its last step, so that a loss of power at any moment leaves the older state. What is read has been
 * checked; damage is found and named, never delivered. docs/snapshot-format.md has the bytes.
 *
 *     struct store s;
 *     if (store_open(&s, &area) == STORE_GOOD)
 *         while (store_next(&s, &r, &e) == ST_OK)
 *             if (r.type == MINE && (p = heap_alloc(r.bytes)) && store_read(&s, &r, p, &e) == ST_OK) ...
 *     if (store_begin(&s, 0, &e) == ST_OK && store_put(&s, MINE, p, len, &e) == ST_OK)
 *         status = store_commit(&s, &e);
 *     store_close(&s); */
#ifndef SNAPSHOT_STORE_H
#define SNAPSHOT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plat.h"
#include "xxh64.h"

#define STORE_VERSION     1u
#define STORE_BLOCK       4096u
#define STORE_SECTORS_MIN 256u /* 128 KiB: less is no use */
#define STORE_SLOTS       2u

enum store_state {
    STORE_GOOD,    /* the newest whole slot can be read */
    STORE_EMPTY,   /* nothing was saved yet (a disk of zeros, too) */
    STORE_DAMAGED, /* ours, but no slot is whole */
    STORE_OLDER,   /* of an older version of the format: not read; the next save formats it anew */
    /* From here on nothing is written without STORE_OVERWRITE. */
    STORE_FUTURE,  /* of a newer version of the format */
    STORE_FOREIGN, /* neither ours nor zeros */
    STORE_SHRUNK,  /* smaller than when it was formatted, and no slot is whole */
    /* From here on nothing can be written at all. */
    STORE_SMALL,  /* less than STORE_SECTORS_MIN */
    STORE_FAILED, /* the disk is not there, or cannot be read */
};

struct store_area {
    size_t disk;              /* plat.h */
    uint64_t sector, sectors; /* sectors 0: to the end of the disk */
};

struct store_stream { /* a window on a slot's bytes */
    unsigned slot;
    uint64_t at, window; /* position; where the buffer starts (reading) */
    size_t filled;       /* bytes in the buffer */
    uint8_t *buffer;
};

struct store {
    enum store_state state;
    char text[200]; /* what a person should be told about this disk, one line without newline; "": nothing */
    uint64_t generation, bytes, records; /* of the newest whole slot, when STORE_GOOD */
    bool read_only;                      /* the disk is; saving fails */

    /* The rest is store.c's. */
    struct store_area area;
    struct plat_disk disk;
    bool formatted, locked;
    uint8_t repair; /* superblocks to write again, a bit each */
    uint64_t id, area_blocks, slot_block[STORE_SLOTS], slot_blocks, generation_seen;
    struct store_stream in, out;
    bool writing;
    uint64_t out_generation, out_records, out_bytes, out_left;
    struct xxh64 out_sum, record_sum;
};

/* Looks at the area and finds the newest whole slot, of which it reads every byte once. Always leaves a store
 * that store_close takes. */
enum store_state store_open(struct store *s, const struct store_area *area);
void store_close(struct store *s);

/* --- Reading, from the first record on. STORE_GOOD only. --- */
struct store_record {
    uint32_t type;
    uint64_t bytes;
    uint64_t at; /* store.c's */
};
/* E_NOTFOUND: there are no more. E_IO: the disk failed or changed its mind since store_open. */
MUST_CHECK status store_next(struct store *s, struct store_record *r, struct err *e);
/* The record that store_next found last, whole: r->bytes bytes go to `buf`. Anything but ST_OK: `buf` is
 * worth nothing. */
MUST_CHECK status store_read(struct store *s, const struct store_record *r, void *buf, struct err *e);
void store_rewind(struct store *s);

/* --- Saving. The state that is there can be read until store_commit. --- */
enum { STORE_OVERWRITE = 1 }; /* also what is foreign, from the future, or on a disk that has shrunk */
MUST_CHECK status store_begin(struct store *s, unsigned flags, struct err *e);
/* A record of exactly `bytes` bytes, given in pieces. After a failure only store_abandon is allowed. */
MUST_CHECK status store_record(struct store *s, uint32_t type, uint64_t bytes, struct err *e);
MUST_CHECK status store_bytes(struct store *s, const void *data, size_t len, struct err *e);
/* Both at once. */
MUST_CHECK status store_put(struct store *s, uint32_t type, const void *data, size_t len, struct err *e);
/* ST_OK: it is on the disk, survives a loss of power, and is what is read from now on. Else as store_abandon.
 */
MUST_CHECK status store_commit(struct store *s, struct err *e);
/* The state from before stays what it was. Also ends a save that failed. */
void store_abandon(struct store *s);
/* Bytes of records (16 + length rounded up to 8 + 8 each) that fit in a slot; 0: nothing can be written. */
uint64_t store_capacity(const struct store *s);

#endif
