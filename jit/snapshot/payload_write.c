/* payload_write.c: makes a payload, and the runtime ready to stand before it. */
#include "payload.h"

#include <string.h>

#include "bytes.h"
#include "crc32c.h"
#include "heap.h"

static status append(struct payload *p, const void *data, size_t len)
{
    return bytes_append(&p->bytes, &p->len, &p->cap, data, len);
}

status payload_begin(struct payload *p)
{
    *p = (struct payload){0};
    return append(p, &(struct payload_head){PAYLOAD_MAGIC, PAYLOAD_VERSION, 0, 0, 0},
                  sizeof(struct payload_head));
}

status payload_record(struct payload *p, u32 type, u64 bytes)
{
    p->left = bytes;
    return append(p, &(struct payload_record){type, 0, bytes}, sizeof(struct payload_record));
}

status payload_bytes(struct payload *p, const void *data, size_t len)
{
    static const u8 zeros[8];
    TRY(append(p, data, len));
    p->left -= len;
    return p->left ? ST_OK : append(p, zeros, -p->len % 8);
}

status payload_end_records(struct payload *p, const u8 *pages, size_t len)
{
    p->records = p->len;
    return append(p, pages, len);
}

void payload_end(struct payload *p)
{
    struct payload_head h = {PAYLOAD_MAGIC, PAYLOAD_VERSION, p->len, 0, p->records ? p->records : p->len};
    u32 crc = crc32c(0, &h, sizeof h);
    h.checksum = crc32c(crc, p->bytes + sizeof h, h.records - sizeof h);
    memcpy(p->bytes, &h, sizeof h);
}

/* --- Attaching: ELF-64, little-endian (System V ABI, gABI 4.1). --- */

enum { PT_NULL, PT_LOAD, PF_R = 4, PAGE = 4096 };
enum { EHDR_PHOFF = 32, EHDR_SHOFF = 40, EHDR_PHNUM = 56, EHDR_SHNUM = 60, EHDR_BYTES = 64 };
struct phdr {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};

/* Header number `k`; false: there are not so many. */
static bool header(const u8 *elf, size_t bytes, u16 k, size_t *at, struct phdr *h)
{
    u64 first;
    u16 n;
    if (bytes < EHDR_BYTES || memcmp(elf, "\177ELF\2\1", 6) != 0)
        return false;
    memcpy(&first, elf + EHDR_PHOFF, sizeof first);
    memcpy(&n, elf + EHDR_PHNUM, sizeof n);
    if (k >= n || first > bytes || (bytes - first) / sizeof *h < n)
        return false;
    *at = first + k * sizeof *h;
    memcpy(h, elf + *at, sizeof *h);
    return true;
}

/* The unused header, and where the image ends in memory. */
static status read_headers(const u8 *elf, size_t bytes, size_t *unused, u64 *end)
{
    struct phdr h;
    size_t at;
    *unused = 0;
    *end = 0;
    for (u16 k = 0; header(elf, bytes, k, &at, &h); k++) {
        if (h.type == PT_NULL)
            *unused = at;
        if (h.type == PT_LOAD && h.vaddr + h.memsz > *end)
            *end = h.vaddr + h.memsz;
    }
    return *unused && *end ? ST_OK : E_INVAL;
}

bool payload_segment(const u8 *head, size_t len, u64 *offset, u64 *bytes)
{
    struct phdr h;
    size_t at;
    bool found = false;
    for (u16 k = 0; header(head, len, k, &at, &h); k++) {
        if (h.type != PT_LOAD)
            continue;
        found = true; /* it is the last one */
        *offset = h.offset;
        *bytes = h.filesz;
    }
    return found;
}

/* Section headers of the runtime, if there are any, describe nothing that a loader needs. */
static void drop_sections(u8 *elf)
{
    memset(elf + EHDR_SHOFF, 0, sizeof(u64));
    memset(elf + EHDR_SHNUM, 0, 2 * sizeof(u16));
}

status payload_attach(const u8 *elf, size_t elf_bytes, const struct payload *p, u8 **out, size_t *out_bytes)
{
    size_t unused, offset = (elf_bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
    u64 end;
    TRY(read_headers(elf, elf_bytes, &unused, &end));
    u64 at = (end + PAGE - 1) & ~(u64)(PAGE - 1);
    struct phdr h = {PT_LOAD, PF_R, offset, at, at, p->len, p->len, PAGE};
    if (!(*out = heap_calloc(1, offset)))
        return E_NOMEM;
    *out_bytes = offset;
    memcpy(*out, elf, elf_bytes);
    memcpy(*out + unused, &h, sizeof h);
    drop_sections(*out);
    return ST_OK;
}
