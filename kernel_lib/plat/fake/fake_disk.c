/* fake_disk.c: see fake_disk.h. */
#include "fake_disk.h"

#include <stdlib.h>
#include <string.h>

#include "plat.h"
#include "plat/disk_priv.h"

enum { DISKS_MAX = 4 };
#define NEVER SIZE_MAX

struct pending { /* one sector of a write that is not flushed */
    uint64_t sector;
    uint8_t bytes[PLAT_SECTOR];
};

static struct disk {
    struct plat_disk what;
    uint64_t sectors_made;
    uint8_t *seen, *durable;
    struct pending *pending;
    size_t npending, capacity;
    size_t cut_in, fail_read_in, flip_read_in;
    uint64_t cut_seed, flip_bit, bad_sector;
    bool off;
    struct fake_disk_counts counts;
} disks[DISKS_MAX];
static size_t count;

static void *must(void *p)
{
    if (!p)
        panic("fake disk: no memory");
    return p;
}

void fake_disks_reset(void)
{
    for (size_t i = 0; i < count; i++) {
        free(disks[i].seen);
        free(disks[i].durable);
        free(disks[i].pending);
        disks[i] = (struct disk){0};
    }
    count = 0;
}

size_t fake_disk_add(uint64_t sectors, uint32_t block, bool read_only)
{
    ASSERT(count < DISKS_MAX);
    struct disk *d = &disks[count];
    *d = (struct disk){.what = {sectors, block, read_only, "fake disk"},
                       .sectors_made = sectors,
                       .seen = must(calloc(sectors + 1, PLAT_SECTOR)),
                       .durable = must(calloc(sectors + 1, PLAT_SECTOR)),
                       .cut_in = NEVER,
                       .fail_read_in = NEVER,
                       .flip_read_in = NEVER,
                       .bad_sector = UINT64_MAX};
    return count++;
}

uint8_t *fake_disk_bytes(size_t disk)
{
    return disks[disk].seen;
}

void fake_disk_resize(size_t disk, uint64_t sectors)
{
    ASSERT(sectors <= disks[disk].sectors_made);
    disks[disk].what.sectors = sectors;
}

void fake_disk_cut_at(size_t disk, size_t n, uint64_t seed)
{
    disks[disk].cut_in = n;
    disks[disk].cut_seed = seed;
}

bool fake_disk_is_off(size_t disk)
{
    return disks[disk].off;
}

void fake_disk_fail_read(size_t disk, size_t n)
{
    disks[disk].fail_read_in = n;
}

void fake_disk_flip_read(size_t disk, size_t n, uint64_t bit)
{
    disks[disk].flip_read_in = n;
    disks[disk].flip_bit = bit;
}

void fake_disk_bad_sector(size_t disk, uint64_t sector)
{
    disks[disk].bad_sector = sector;
}

struct fake_disk_counts fake_disk_counts(size_t disk)
{
    return disks[disk].counts;
}

/* splitmix64 */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Seeds ending in 0 lose all of the cache, in 1 keep all of it, in 2 keep a prefix; others choose by sector.
 */
static void lose_power(struct disk *d, uint64_t seed)
{
    uint64_t state = seed, kind = seed % 8;
    size_t prefix = d->npending ? random_next(&state) % (d->npending + 1) : 0;
    for (size_t i = 0; i < d->npending; i++) {
        bool kept = kind == 1 || (kind == 2 && i < prefix) || (kind > 2 && random_next(&state) % kind < 2);
        if (kept)
            memcpy(d->durable + d->pending[i].sector * PLAT_SECTOR, d->pending[i].bytes, PLAT_SECTOR);
    }
    d->npending = 0;
    d->off = true;
}

void fake_disk_power_on(size_t disk, uint64_t seed)
{
    struct disk *d = &disks[disk];
    if (!d->off)
        lose_power(d, seed);
    memcpy(d->seen, d->durable, d->sectors_made * PLAT_SECTOR);
    d->off = false;
    d->cut_in = NEVER;
}

/* --- plat.h --- */

static status power_check(struct disk *d, struct err *e)
{
    if (d->off)
        return err_set(e, E_IO, 0, "%s: is off", d->what.name);
    return ST_OK;
}

static bool comes_now(size_t *in)
{
    if (*in == NEVER)
        return false;
    if (*in == 0) {
        *in = NEVER;
        return true;
    }
    --*in;
    return false;
}

static status check(size_t disk, uint64_t sector, size_t sectors, struct err *e)
{
    if (disk >= count)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "no disk %zu", disk);
    TRY(power_check(&disks[disk], e));
    return disk_check_range(&disks[disk].what, sector, sectors, e);
}

status plat_disk_at(size_t disk, struct plat_disk *out)
{
    if (disk >= count)
        return E_NOTFOUND;
    *out = disks[disk].what;
    return ST_OK;
}

status plat_disk_read(size_t disk, uint64_t sector, void *buf, size_t sectors, struct err *e)
{
    TRY(check(disk, sector, sectors, e));
    struct disk *d = &disks[disk];
    d->counts.reads++;
    bool is_bad = d->bad_sector >= sector && d->bad_sector - sector < sectors;
    if (comes_now(&d->fail_read_in) || is_bad)
        return err_set(e, E_IO, sector * PLAT_SECTOR, "%s: read failed", d->what.name);
    memcpy(buf, d->seen + sector * PLAT_SECTOR, sectors * PLAT_SECTOR);
    if (comes_now(&d->flip_read_in)) {
        uint64_t bit = d->flip_bit % (sectors * PLAT_SECTOR * 8);
        ((uint8_t *)buf)[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    return ST_OK;
}

static void pending_add(struct disk *d, uint64_t sector, const uint8_t *bytes)
{
    if (d->npending == d->capacity) {
        d->capacity = d->capacity ? d->capacity * 2 : 64;
        d->pending = must(realloc(d->pending, d->capacity * sizeof *d->pending));
    }
    d->pending[d->npending].sector = sector;
    memcpy(d->pending[d->npending++].bytes, bytes, PLAT_SECTOR);
}

static void make_durable(struct disk *d)
{
    for (size_t i = 0; i < d->npending; i++)
        memcpy(d->durable + d->pending[i].sector * PLAT_SECTOR, d->pending[i].bytes, PLAT_SECTOR);
    d->npending = 0;
}

status plat_disk_write(size_t disk, uint64_t sector, const void *buf, size_t sectors, struct err *e)
{
    TRY(check(disk, sector, sectors, e));
    struct disk *d = &disks[disk];
    TRY(disk_check_writable(&d->what, e));
    d->counts.writes++;
    for (size_t i = 0; i < sectors; i++)
        pending_add(d, sector + i, (const uint8_t *)buf + i * PLAT_SECTOR);
    if (comes_now(&d->cut_in)) {
        lose_power(d, d->cut_seed);
        return power_check(d, e);
    }
    memcpy(d->seen + sector * PLAT_SECTOR, buf, sectors * PLAT_SECTOR);
    return ST_OK;
}

status plat_disk_flush(size_t disk, struct err *e)
{
    TRY(check(disk, 0, 0, e));
    struct disk *d = &disks[disk];
    d->counts.flushes++;
    if (comes_now(&d->cut_in)) {
        lose_power(d, d->cut_seed);
        return power_check(d, e);
    }
    make_durable(d);
    return ST_OK;
}

status plat_disk_attach(const char *path, uint64_t bytes, size_t *disk, struct err *e)
{
    (void)bytes;
    (void)disk;
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s: the fake machine has no files", path);
}
