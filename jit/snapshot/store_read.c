/* store_read.c: a slot's stream, through a window of it. */
#include "store_priv.h"

#include <string.h>

static status window_load(struct store *s, uint64_t bytes, struct err *e)
{
    struct store_stream *in = &s->in;
    in->window = in->at & ~(uint64_t)(STORE_BLOCK - 1);
    in->filled = 0;
    uint64_t left = (bytes - in->window + STORE_BLOCK - 1) / STORE_BLOCK;
    size_t blocks = left < STORE_BUFFER / STORE_BLOCK ? (size_t)left : STORE_BUFFER / STORE_BLOCK;
    uint64_t block = s->slot_block[in->slot] + 1 + in->window / STORE_BLOCK;
    TRY(store_block_read(s, block, in->buffer, blocks, e));
    in->filled = blocks * STORE_BLOCK;
    return ST_OK;
}

/* What of the stream's `bytes` is in the window from the position on; loads it when nothing is. */
static status window_get(struct store *s, uint64_t bytes, const uint8_t **p, size_t *len, struct err *e)
{
    struct store_stream *in = &s->in;
    if (in->at < in->window || in->at >= in->window + in->filled)
        TRY(window_load(s, bytes, e));
    size_t offset = (size_t)(in->at - in->window), there = in->filled - offset;
    *p = in->buffer + offset;
    *len = bytes - in->at < there ? (size_t)(bytes - in->at) : there;
    return ST_OK;
}

status store_slot_check(struct store *s, const struct store_slot *h, struct err *e)
{
    struct xxh64 sum;
    xxh64_init(&sum, h->generation);
    s->in.slot = h->slot;
    s->in.filled = 0;
    s->in.at = 0;
    while (s->in.at < h->bytes) {
        const uint8_t *p;
        size_t len;
        TRY(window_get(s, h->bytes, &p, &len, e));
        xxh64_add(&sum, p, len);
        s->in.at += len;
    }
    return xxh64_value(&sum) == h->stream_sum ? ST_OK : E_INVAL;
}

void store_slot_use(struct store *s, const struct store_slot *h)
{
    s->state = STORE_GOOD;
    s->generation = h->generation;
    s->bytes = h->bytes;
    s->records = h->records;
    s->in.slot = h->slot;
    s->in.filled = 0;
    s->in.at = 0;
}

void store_rewind(struct store *s)
{
    s->in.at = 0;
}

static status copy(struct store *s, void *dst, uint64_t len, struct err *e)
{
    uint8_t *to = dst;
    while (len) {
        const uint8_t *p;
        size_t n;
        TRY(window_get(s, s->bytes, &p, &n, e));
        if (n > len)
            n = (size_t)len;
        memcpy(to, p, n);
        to += n;
        s->in.at += n;
        len -= n;
    }
    return ST_OK;
}

static status changed(struct store *s, struct err *e)
{
    s->in.filled = 0; /* what is in the window is not to be trusted */
    return err_set(e, E_IO, ERR_NO_OFFSET, "%s: what is read differs from what was checked", s->disk.name);
}

struct store_head store_head_make(uint32_t type, uint64_t bytes, uint64_t generation)
{
    struct store_head h = {.type = type, .bytes = bytes};
    h.check = (uint32_t)xxh64_of(&h, sizeof h, generation);
    return h;
}

status store_next(struct store *s, struct store_record *r, struct err *e)
{
    if (s->state != STORE_GOOD || s->in.at >= s->bytes)
        return E_NOTFOUND;
    struct store_head h;
    uint64_t at = s->in.at, left = s->bytes - at;
    if (left < STORE_HEAD + STORE_TAIL)
        return changed(s, e);
    TRY(copy(s, &h, sizeof h, e));
    struct store_head made = store_head_make(h.type, h.bytes, s->generation);
    left -= STORE_HEAD + STORE_TAIL;
    if (made.check != h.check || h.bytes > left || store_padded(h.bytes) > left) {
        s->in.at = at;
        return changed(s, e);
    }
    *r = (struct store_record){.type = h.type, .bytes = h.bytes, .at = at};
    s->in.at = at + STORE_HEAD + store_padded(h.bytes) + STORE_TAIL;
    return ST_OK;
}

/* The bytes, what fills them up, and their checksum. */
static status body_read(struct store *s, const struct store_record *r, void *buf, struct err *e)
{
    uint8_t rest[7 + STORE_TAIL];
    size_t pad = (size_t)(store_padded(r->bytes) - r->bytes);
    struct store_head h = store_head_make(r->type, r->bytes, s->generation);
    struct xxh64 sum;
    uint64_t kept;
    TRY(copy(s, buf, r->bytes, e));
    TRY(copy(s, rest, pad + STORE_TAIL, e));
    xxh64_init(&sum, s->generation);
    xxh64_add(&sum, &h, sizeof h);
    xxh64_add(&sum, buf, r->bytes);
    xxh64_add(&sum, rest, pad);
    memcpy(&kept, rest + pad, sizeof kept);
    return xxh64_value(&sum) == kept ? ST_OK : changed(s, e);
}

status store_read(struct store *s, const struct store_record *r, void *buf, struct err *e)
{
    uint64_t next = s->in.at;
    ASSERT(s->state == STORE_GOOD && r->at + STORE_HEAD <= s->bytes);
    s->in.at = r->at + STORE_HEAD;
    status st = body_read(s, r, buf, e);
    s->in.at = next;
    return st;
}
