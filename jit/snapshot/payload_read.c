/* payload_read.c: what an appliance reads at boot. */
#include "payload.h"

#include <string.h>

#include "xxh64.h"

status payload_open(const u8 *bytes, size_t len, struct err *e)
{
    struct payload_head h;
    if (len < sizeof h)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app is missing");
    memcpy(&h, bytes, sizeof h);
    if (h.magic != PAYLOAD_MAGIC || h.version != PAYLOAD_VERSION)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app's format is not known");
    if (h.bytes < sizeof h || h.bytes > len ||
        xxh64_of(bytes + sizeof h, h.bytes - sizeof h, 0) != h.checksum)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app is damaged: its checksum is wrong");
    return ST_OK;
}

bool payload_next(const u8 *payload, size_t *at, struct payload_record *r, const u8 **contents)
{
    struct payload_head h;
    memcpy(&h, payload, sizeof h);
    if (*at == 0)
        *at = sizeof h;
    if (*at > h.bytes || h.bytes - *at < sizeof *r)
        return false;
    memcpy(r, payload + *at, sizeof *r);
    if (r->bytes > h.bytes - *at - sizeof *r)
        return false;
    *contents = payload + *at + sizeof *r;
    *at += sizeof *r + ((r->bytes + 7) & ~7ull);
    return true;
}
