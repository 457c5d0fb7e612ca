/* payload_read.c: what an appliance reads at boot. */
#include "payload.h"

#include <string.h>

#include "crc32c.h"

static bool is_whole(const struct payload_head *h, const u8 *bytes)
{
    struct payload_head zero = *h;
    zero.checksum = 0;
    u32 crc = crc32c(0, &zero, sizeof zero);
    return crc32c(crc, bytes + sizeof *h, h->records - sizeof *h) == h->checksum;
}

status payload_open(const u8 *bytes, size_t len, struct err *e)
{
    struct payload_head h;
    if (len < sizeof h)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app is missing");
    memcpy(&h, bytes, sizeof h);
    if (h.magic != PAYLOAD_MAGIC || h.version != PAYLOAD_VERSION)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app's format is not known");
    if (h.bytes > len || h.records < sizeof h || h.records > h.bytes || !is_whole(&h, bytes))
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app is damaged: its checksum is wrong");
    return ST_OK;
}

const u8 *payload_pages(const u8 *payload, size_t *len)
{
    struct payload_head h;
    memcpy(&h, payload, sizeof h);
    *len = h.bytes - h.records;
    return payload + h.records;
}

bool payload_next(const u8 *payload, size_t *at, struct payload_record *r, const u8 **contents)
{
    struct payload_head h;
    memcpy(&h, payload, sizeof h);
    if (*at == 0)
        *at = sizeof h;
    if (*at > h.records || h.records - *at < sizeof *r)
        return false;
    memcpy(r, payload + *at, sizeof *r);
    if (r->bytes > h.records - *at - sizeof *r)
        return false;
    *contents = payload + *at + sizeof *r;
    *at += sizeof *r + ((r->bytes + 7) & ~7ull);
    return true;
}
