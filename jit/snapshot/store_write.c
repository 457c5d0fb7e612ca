/* store_write.c: a save. The slot that is not in use is announced as being written, filled, and made durable;
 * then its header makes it the newest. The order of the announcement does not matter for safety (what is half
 * written fails its checksum); it lets the next boot say what happened. */
#include "store_priv.h"

#include <string.h>

#include "heap.h"

static unsigned target(const struct store *s)
{
    return s->state == STORE_GOOD ? s->in.slot ^ 1 : 0;
}

static status header_write(struct store *s, enum store_slot_state state, struct store_slot *made,
                           struct err *e)
{
    static uint8_t block[STORE_BLOCK]; /* as in store.c */
    struct store_slot *h = (struct store_slot *)block;
    *h = (struct store_slot){.slot = s->out.slot,
                             .state = state,
                             .id = s->id,
                             .generation = s->out_generation,
                             .bytes = s->out.at,
                             .records = s->out_records,
                             .stream_sum = xxh64_value(&s->out_sum)};
    memcpy(h->magic, STORE_SLOT_MAGIC, sizeof h->magic);
    h->sum = store_sector_sum(h);
    *made = *h;
    return store_block_write(s, s->slot_block[s->out.slot], block, 1, e);
}

/* Why nothing can be saved; ST_OK: it can. */
static status permit(struct store *s, unsigned flags, struct err *e)
{
    const char *name = s->disk.name;
    if (s->state >= STORE_SMALL)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s", s->text);
    if (s->read_only)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s: is read-only", name);
    if (s->locked && !(flags & STORE_OVERWRITE))
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s", s->text);
    if (!s->out.buffer && !(s->out.buffer = heap_alloc(STORE_BUFFER)))
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "%s: no memory to save", name);
    return ST_OK;
}

status store_begin(struct store *s, unsigned flags, struct err *e)
{
    struct store_slot h;
    ASSERT(!s->writing);
    TRY(permit(s, flags, e));
    if (!s->formatted || s->locked)
        TRY(store_format(s, flags, e));
    if (s->repair)
        TRY(store_repair(s, e));
    s->out.slot = target(s);
    s->out.at = 0;
    s->out.filled = 0;
    s->out_generation = ++s->generation_seen;
    s->out_records = s->out_left = 0;
    xxh64_init(&s->out_sum, s->out_generation);
    TRY(header_write(s, STORE_SLOT_WRITING, &h, e));
    s->writing = true;
    return ST_OK;
}

void store_abandon(struct store *s)
{
    s->writing = false;
}

static status is_open(struct store *s, struct err *e)
{
    return s->writing ? ST_OK : err_set(e, E_INVAL, ERR_NO_OFFSET, "no save is open");
}

/* Writes what the buffer holds, filled up to whole blocks. */
static status drain(struct store *s, struct err *e)
{
    size_t blocks = (s->out.filled + STORE_BLOCK - 1) / STORE_BLOCK;
    uint64_t first = (s->out.at - s->out.filled) / STORE_BLOCK;
    memset(s->out.buffer + s->out.filled, 0, blocks * STORE_BLOCK - s->out.filled);
    s->out.filled = 0;
    status st = blocks
                    ? store_block_write(s, s->slot_block[s->out.slot] + 1 + first, s->out.buffer, blocks, e)
                    : ST_OK;
    if (st != ST_OK)
        store_abandon(s);
    return st;
}

static status put(struct store *s, const void *data, size_t len, struct err *e)
{
    const uint8_t *p = data;
    xxh64_add(&s->out_sum, p, len);
    while (len) {
        size_t room = STORE_BUFFER - s->out.filled, n = room < len ? room : len;
        memcpy(s->out.buffer + s->out.filled, p, n);
        s->out.filled += n;
        s->out.at += n;
        p += n;
        len -= n;
        if (s->out.filled == STORE_BUFFER)
            TRY(drain(s, e));
    }
    return ST_OK;
}

static status record_end(struct store *s, uint64_t bytes, struct err *e)
{
    static const uint8_t zeros[7];
    size_t pad = (size_t)(store_padded(bytes) - bytes);
    xxh64_add(&s->record_sum, zeros, pad);
    uint64_t sum = xxh64_value(&s->record_sum);
    TRY(put(s, zeros, pad, e));
    return put(s, &sum, sizeof sum, e);
}

status store_record(struct store *s, uint32_t type, uint64_t bytes, struct err *e)
{
    TRY(is_open(s, e));
    ASSERT(s->out_left == 0);
    uint64_t room = store_slot_room(s->slot_blocks), left = room - s->out.at;
    uint64_t padded = store_padded(bytes), extra = STORE_HEAD + STORE_TAIL;
    if (padded < bytes || left < extra || left - extra < padded) {
        store_abandon(s);
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "%s: the state does not fit: a slot has %llu KiB",
                       s->disk.name, (unsigned long long)room / 1024);
    }
    struct store_head h = store_head_make(type, bytes, s->out_generation);
    xxh64_init(&s->record_sum, s->out_generation);
    xxh64_add(&s->record_sum, &h, sizeof h);
    s->out_left = s->out_bytes = bytes;
    s->out_records++;
    TRY(put(s, &h, sizeof h, e));
    return bytes ? ST_OK : record_end(s, bytes, e);
}

status store_bytes(struct store *s, const void *data, size_t len, struct err *e)
{
    TRY(is_open(s, e));
    ASSERT(len <= s->out_left);
    if (len == 0)
        return ST_OK;
    xxh64_add(&s->record_sum, data, len);
    TRY(put(s, data, len, e));
    s->out_left -= len;
    return s->out_left ? ST_OK : record_end(s, s->out_bytes, e);
}

status store_put(struct store *s, uint32_t type, const void *data, size_t len, struct err *e)
{
    TRY(store_record(s, type, len, e));
    return store_bytes(s, data, len, e);
}

static status finish(struct store *s, struct store_slot *h, struct err *e)
{
    TRY(drain(s, e));
    TRY(plat_disk_flush(s->area.disk, e));
    TRY(header_write(s, STORE_SLOT_WHOLE, h, e));
    return plat_disk_flush(s->area.disk, e);
}

status store_commit(struct store *s, struct err *e)
{
    struct store_slot h;
    TRY(is_open(s, e));
    ASSERT(s->out_left == 0);
    status st = finish(s, &h, e);
    store_abandon(s);
    if (st != ST_OK)
        return st;
    store_slot_use(s, &h);
    s->text[0] = 0;
    return ST_OK;
}
