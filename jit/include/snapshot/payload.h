/* payload.h: what makes an appliance of the runtime: the app, its code and its defaults, in one block of
 * bytes that lies as a segment of its own behind the runtime in the ELF file. docs/snapshot-format.md has the
 * bytes.
 */
#ifndef SNAPSHOT_PAYLOAD_H
#define SNAPSHOT_PAYLOAD_H

#include "rt.h"

enum payload_type {
    PAYLOAD_MODULE = 0x55444f4d, /* "MODU": the .wasm, without the data that STATE has (wasm_strip) */
    PAYLOAD_STATE = 0x54415453,  /* "STAT": what an instance of it holds at the start (inst_state.h) */
    PAYLOAD_ARGS = 0x53475241, /* "ARGS": argv, strings that end with NUL; the first is the program's name */
    PAYLOAD_OPTIONS = 0x5354504f,  /* "OPTS": engine options, likewise */
    PAYLOAD_MANIFEST = 0x494e414d, /* "MANI": JSON, for people and tools */
    PAYLOAD_CPU = 0x20555043, /* "CPU ": a processor's name; the KEY and UNITs (state_format.h) behind it are
                               * made for it */
    PAYLOAD_COMMON = 0x4d4d4f43, /* "COMM": the same, for every processor beside what is made for it */
};
/* Whether the KEY and UNITs before it end there. */
static inline bool payload_begins_code(u32 type)
{
    return type == PAYLOAD_CPU || type == PAYLOAD_COMMON;
}
#define PAYLOAD_MAGIC   0x59415041u /* "APAY" */
#define PAYLOAD_VERSION 2u
struct payload_head {
    u32 magic, version;
    u64 bytes;    /* all of the payload, this head included */
    u64 checksum; /* CRC-32C of this head, with 0 here, and of the records */
    u64 records;  /* where these end; the packed pages that STATE names (pages.h) follow up to the payload's
                     end, each with a checksum of its own */
};
struct payload_record { /* its contents follow, then zeros up to a multiple of 8 */
    u32 type, zero;
    u64 bytes;
};

/* --- Reading. --- */
/* Checks the head and the checksum. E_INVAL: `e` says what is wrong. */
MUST_CHECK status payload_open(const u8 *bytes, size_t len, struct err *e);
/* The record at `*at` (0: the first) of a checked payload, and its contents; `*at` moves on to the next.
 * False: there are no more. */
const u8 *payload_pages(const u8 *payload, size_t *len); /* the packed pages */
bool payload_next(const u8 *payload, size_t *at, struct payload_record *r, const u8 **contents);

/* --- Writing. --- */
struct payload {
    u8 *bytes; /* heap_free */
    size_t len, cap;
    u64 left; /* of the record that was begun */
    size_t records;
};
MUST_CHECK status payload_begin(struct payload *p);
/* A record: announced, then written in pieces of altogether so many bytes. */
MUST_CHECK status payload_record(struct payload *p, u32 type, u64 bytes);
MUST_CHECK status payload_bytes(struct payload *p, const void *data, size_t len);
/* Behind the last record: the packed pages. */
MUST_CHECK status payload_end_records(struct payload *p, const u8 *pages, size_t len);
/* Completes the head. */
void payload_end(struct payload *p);
/* What stands before it in an appliance: a copy of runtime `elf` whose unused program header names the
 * payload, filled up to where that begins. ST_OK: `*out` (heap_free). E_INVAL: that is no runtime; E_NOMEM.
 */
MUST_CHECK status payload_attach(const u8 *elf, size_t elf_bytes, const struct payload *p, u8 **out,
                                 size_t *out_bytes);
/* Where an appliance that begins with `head` has its payload: offset and length in the file. False: that is
 * the beginning of none. */
bool payload_segment(const u8 *head, size_t len, u64 *offset, u64 *bytes);

#endif
