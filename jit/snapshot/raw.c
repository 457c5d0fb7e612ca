/* raw.c: see raw.h. Everything is read and written in chunks, of which the last one of the disk may be
 * shorter. */
#include "raw.h"

#include <string.h>

#include "heap.h"
#include "payload.h"
#include "rt.h"

#define CHUNK     65536u /* a multiple of every block size that is taken */
#define MARK_LEN  8u
#define BOOT_SIGN 510u /* where a boot sector or partition table has 0x55 0xaa */

static status failed(struct err *e, status st, const struct raw *r, const char *why)
{
    return err_set(e, st, ERR_NO_OFFSET, "disk %zu: %s", r->disk, why);
}

static u64 disk_bytes(const struct raw *r)
{
    return r->what.sectors * PLAT_SECTOR;
}

static size_t chunk_at(const struct raw *r, u64 at)
{
    u64 left = disk_bytes(r) - at;
    return left < CHUNK ? (size_t)left : CHUNK;
}

static bool is_zero(const u8 *p, size_t n)
{
    return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static status read_at(struct raw *r, u64 at, u8 *to, size_t n, struct err *e)
{
    return plat_disk_read(r->disk, at / PLAT_SECTOR, to, n / PLAT_SECTOR, e);
}

static status write_at(struct raw *r, u64 at, const u8 *from, size_t n, struct err *e)
{
    return plat_disk_write(r->disk, at / PLAT_SECTOR, from, n / PLAT_SECTOR, e);
}

/* --- What is there. --- */

/* Length of the appliance that the first chunk is the beginning of; 0: it is of none. */
static status appliance(struct raw *r, u64 *bytes, struct err *e)
{
    struct payload_head h;
    u64 at, n;
    *bytes = 0;
    if (!payload_segment(r->first, chunk_at(r, 0), &at, &n))
        return ST_OK;
    u64 chunk = at / CHUNK * CHUNK;
    if (n < sizeof h || at > disk_bytes(r) || disk_bytes(r) - at < n || at % CHUNK > CHUNK - sizeof h)
        return ST_OK;
    TRY(read_at(r, chunk, r->buffer, chunk_at(r, chunk), e));
    memcpy(&h, r->buffer + at % CHUNK, sizeof h);
    if (h.magic == PAYLOAD_MAGIC && h.bytes == n)
        *bytes = at + n;
    return ST_OK;
}

static const char *what_it_is(const u8 *first)
{
    if (memcmp(first, "ANNEALST", 8) == 0)
        return "it holds a state";
    if (first[BOOT_SIGN] == 0x55 && first[BOOT_SIGN + 1] == 0xaa)
        return "it has a partition table or boot sector";
    return "it holds something that is not an appliance";
}

static status look(struct raw *r, struct err *e)
{
    size_t n = chunk_at(r, 0);
    TRY(read_at(r, 0, r->first, n, e));
    TRY(appliance(r, &r->ours, e));
    if (memcmp(r->first, RAW_MARK, MARK_LEN) == 0)
        memcpy(&r->ours, r->first + MARK_LEN, sizeof r->ours);
    if (r->ours > disk_bytes(r))
        r->ours = disk_bytes(r);
    if (r->ours || r->flags & RAW_OVERWRITE || is_zero(r->first, n))
        return ST_OK;
    return failed(e, E_INVAL, r, what_it_is(r->first));
}

status raw_open(struct raw *r, size_t disk, unsigned flags, struct err *e)
{
    *r = (struct raw){.disk = disk, .flags = flags};
    status st = plat_disk_at(disk, &r->what);
    if (st != ST_OK)
        return failed(e, st, r, st == E_NOTFOUND ? "there is none of this number" : "it cannot be used");
    if (r->what.read_only)
        return failed(e, E_UNSUPPORTED, r, "it is read-only");
    if (r->what.block > CHUNK || CHUNK % r->what.block)
        return failed(e, E_UNSUPPORTED, r, "its blocks are too large");
    r->first = heap_alloc(CHUNK);
    r->buffer = heap_alloc(CHUNK);
    st = r->first && r->buffer ? look(r, e) : failed(e, E_NOMEM, r, "out of memory");
    if (st != ST_OK)
        raw_close(r);
    return st;
}

void raw_close(struct raw *r)
{
    heap_free(r->first);
    heap_free(r->buffer);
    r->first = r->buffer = NULL;
}

static status check_chunk(struct raw *r, u64 at, struct err *e)
{
    size_t n = chunk_at(r, at);
    u64 ours = r->ours > at ? r->ours - at : 0;
    if (ours >= n)
        return ST_OK;
    TRY(read_at(r, at, r->buffer, n, e));
    if (is_zero(r->buffer + ours, n - ours))
        return ST_OK;
    return failed(e, E_INVAL, r, "something that is not an appliance is on it");
}

/* Whether nobody will miss what is written over: it is zero or ours, and so is the disk's end, where
 * partition tables have their copy. */
static status check_free(struct raw *r, struct err *e)
{
    if (r->flags & RAW_OVERWRITE)
        return ST_OK;
    for (u64 at = 0; at < r->bytes; at += CHUNK)
        TRY(check_chunk(r, at, e));
    return check_chunk(r, (disk_bytes(r) - 1) / CHUNK * CHUNK, e);
}

/* --- Writing. --- */

static status mark(struct raw *r, struct err *e)
{
    u64 ours = r->ours > r->bytes ? r->ours : r->bytes;
    memset(r->buffer, 0, CHUNK);
    memcpy(r->buffer, RAW_MARK, MARK_LEN);
    memcpy(r->buffer + MARK_LEN, &ours, sizeof ours);
    TRY(write_at(r, 0, r->buffer, r->what.block, e));
    return plat_disk_flush(r->disk, e);
}

status raw_begin(struct raw *r, u64 bytes, u64 xxh64, struct err *e)
{
    r->bytes = bytes;
    r->xxh64 = xxh64;
    r->at = 0;
    r->filled = 0;
    if (bytes > disk_bytes(r))
        return err_set(e, E_LIMIT, ERR_NO_OFFSET,
                       "disk %zu: too small: it has %llu bytes, the appliance %llu", r->disk,
                       (unsigned long long)disk_bytes(r), (unsigned long long)bytes);
    TRY(check_free(r, e));
    return mark(r, e);
}

/* The buffer is full, or the end has come: zeros follow. */
static status put_chunk(struct raw *r, struct err *e)
{
    u64 at = r->at - r->filled;
    memset(r->buffer + r->filled, 0, CHUNK - r->filled);
    r->filled = 0;
    if (at == 0) {
        memcpy(r->first, r->buffer, CHUNK);
        return ST_OK;
    }
    return write_at(r, at, r->buffer, chunk_at(r, at), e);
}

status raw_bytes(struct raw *r, const void *data, size_t len, struct err *e)
{
    const u8 *p = data;
    ASSERT(len <= r->bytes - r->at);
    while (len > 0) {
        size_t n = CHUNK - r->filled < len ? CHUNK - r->filled : len;
        memcpy(r->buffer + r->filled, p, n);
        r->filled += n;
        r->at += n;
        p += n;
        len -= n;
        if (r->filled == CHUNK)
            TRY(put_chunk(r, e));
    }
    return ST_OK;
}

/* Zeros where an earlier appliance was longer. */
static status clear_rest(struct raw *r, struct err *e)
{
    memset(r->buffer, 0, CHUNK);
    for (u64 at = (r->bytes + CHUNK - 1) / CHUNK * CHUNK; at < r->ours; at += CHUNK)
        TRY(write_at(r, at, r->buffer, chunk_at(r, at), e));
    return ST_OK;
}

static status verify(struct raw *r, struct err *e)
{
    struct xxh64 sum;
    xxh64_init(&sum, 0);
    for (u64 at = 0; at < r->bytes; at += CHUNK) {
        size_t n = chunk_at(r, at), head = at == 0 ? r->what.block : 0; /* which is not there yet */
        TRY(read_at(r, at, r->buffer, n, e));
        memcpy(r->buffer, r->first, head);
        xxh64_add(&sum, r->buffer, r->bytes - at < n ? r->bytes - at : n);
    }
    return xxh64_value(&sum) == r->xxh64 ? ST_OK
                                         : failed(e, E_IO, r, "other bytes are read than were written");
}

status raw_end(struct raw *r, struct err *e)
{
    u32 block = r->what.block;
    ASSERT(r->at == r->bytes);
    if (r->filled)
        TRY(put_chunk(r, e));
    TRY(clear_rest(r, e));
    if (chunk_at(r, 0) > block)
        TRY(write_at(r, block, r->first + block, chunk_at(r, 0) - block, e));
    TRY(plat_disk_flush(r->disk, e));
    TRY(verify(r, e));
    TRY(write_at(r, 0, r->first, block, e));
    return plat_disk_flush(r->disk, e);
}
