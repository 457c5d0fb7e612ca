/* boot_disk.c: GUID partition tables, as far as ours need one. Source: UEFI Specification 2.10, chapter 5. */
#include "boot_disk.h"

#include <string.h>

#include "fmt.h"
#include "rt.h"

enum { HEADER_BYTES = 92, ENTRY_BYTES = 128, ENTRIES = 128, TABLE_BYTES = ENTRIES * ENTRY_BYTES };

struct header {
    char signature[8];
    u32 revision, bytes, crc, reserved;
    u64 here, other, first_usable, last_usable;
    u8 guid[16];
    u64 table;
    u32 entries, entry_bytes, table_crc;
};

static u32 crc32(const u8 *p, size_t len)
{
    u32 crc = UINT32_MAX;
    for (size_t k = 0; k < len; k++) {
        crc ^= p[k];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* The first three fields are little-endian. */
static void guid_text(const u8 *g, char out[DISK_GUID_MAX])
{
    static const u8 order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char *at = out;
    for (int k = 0; k < 16; k++) {
        if (k == 4 || k == 6 || k == 8 || k == 10)
            *at++ = '-';
        fmt_s(at, 3, "%02x", g[order[k]]);
        at += 2;
    }
}

/* The table whose header is in `sector`; E_NOTFOUND: there is none. */
static status read_table(size_t disk, u64 sector, struct header *h, u8 *table, struct err *e)
{
    u8 bytes[PLAT_SECTOR];
    TRY(plat_disk_read(disk, sector, bytes, 1, e));
    memcpy(h, bytes, HEADER_BYTES);
    if (memcmp(h->signature, "EFI PART", 8) != 0)
        return E_NOTFOUND;
    u32 crc = h->crc;
    memset(bytes + offsetof(struct header, crc), 0, sizeof crc);
    if (h->bytes != HEADER_BYTES || crc32(bytes, HEADER_BYTES) != crc || h->entries > ENTRIES ||
        h->entry_bytes != ENTRY_BYTES)
        return E_INVAL;
    TRY(plat_disk_read(disk, h->table, table, TABLE_BYTES / PLAT_SECTOR, e));
    return crc32(table, h->entries * ENTRY_BYTES) == h->table_crc ? ST_OK : E_INVAL;
}

static void take_entry(struct boot_disk *d, const u8 *entry, u64 disk_sectors)
{
    static const char *const types[DISK_PARTS] = {
#define DISK_PART(name, guid) [DISK_PART_##name] = guid,
#include "disk_layout.def"
#undef DISK_PART
    };
    char type[DISK_GUID_MAX];
    u64 first, last;
    memcpy(&first, entry + 32, sizeof first);
    memcpy(&last, entry + 40, sizeof last);
    guid_text(entry, type);
    for (int k = 0; k < DISK_PARTS; k++) {
        if (strcmp(type, types[k]) == 0 && !d->part[k].sectors && first <= last && last < disk_sectors) {
            d->part[k].sector = first;
            d->part[k].sectors = last - first + 1;
        }
    }
}

status boot_disk_read(size_t disk, struct boot_disk *out, struct err *e)
{
    static u8 table[TABLE_BYTES];
    struct header h;
    struct plat_disk about;
    *out = (struct boot_disk){.disk = disk};
    TRY(plat_disk_at(disk, &about));
    if (about.block != PLAT_SECTOR || about.sectors < 2 + 2 * TABLE_BYTES / PLAT_SECTOR)
        return E_NOTFOUND;
    status st = read_table(disk, 1, &h, table, e);
    if (st == E_NOTFOUND || st == E_INVAL) {
        status second = read_table(disk, about.sectors - 1, &h, table, e);
        if (second != ST_OK && (st == E_INVAL || second == E_INVAL))
            return err_set(e, E_INVAL, PLAT_SECTOR, "%s: the partition table and its copy are damaged",
                           about.name);
        TRY(second);
        err_set(e, E_INVAL, PLAT_SECTOR, "%s: the partition table is damaged; its copy is used", about.name);
    } else {
        TRY(st);
    }
    guid_text(h.guid, out->guid);
    for (u32 k = 0; k < h.entries; k++)
        take_entry(out, table + k * ENTRY_BYTES, about.sectors);
    return ST_OK;
}

status boot_disk_find(const char *guid, struct boot_disk *out, struct err *e)
{
    struct plat_disk about;
    struct err why = {0};
    size_t disk = 0;
    for (; plat_disk_at(disk, &about) == ST_OK; disk++) {
        struct err this = {0};
        status st = boot_disk_read(disk, out, &this);
        if (st == ST_OK && out->part[DISK_PART_CONTROL].sectors && strcmp(out->guid, guid) == 0) {
            if (e && this.code != ST_OK)
                *e = this;
            return ST_OK;
        }
        if (this.code != ST_OK && why.code == ST_OK)
            why = this;
    }
    if (why.code != ST_OK)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "%s", why.text);
    return err_set(e, E_NOTFOUND, ERR_NO_OFFSET,
                   "the disk that was booted is not among the %zu virtio disks: nothing is written on it",
                   disk);
}

bool boot_disk_option(const char *value, char who[8], const char **guid)
{
    const char *at = strchr(value, '@');
    if (!at || at - value >= 8)
        return false;
    memcpy(who, value, (size_t)(at - value));
    who[at - value] = 0;
    *guid = at + 1;
    return true;
}
