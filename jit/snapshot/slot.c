/* slot.c: see boot_disk.h. A slot's first sector is a line that GRUB2's `hashsum --check` reads: the SHA-256
 * of the appliance, and where it lies; spaces fill the sector up. */
#include <string.h>

#include "boot_disk.h"
#include "fmt.h"
#include "rt.h"

enum { CHUNK_SECTORS = 128 };

static const unsigned parts[BOOT_SLOTS] = {DISK_PART_SLOT_A, DISK_PART_SLOT_B};

static void make_line(const struct slot_appliance *a, char line[PLAT_SECTOR])
{
    char text[128];
    for (size_t k = 0; k < sizeof a->sha256; k++)
        fmt_s(text + 2 * k, 3, "%02x", a->sha256[k]);
    size_t n = 64 + fmt_s(text + 64, sizeof text - 64, "  %d+%llu\n", SLOT_ELF_SECTOR,
                          (unsigned long long)a->sectors);
    memset(line, ' ', PLAT_SECTOR);
    memcpy(line + PLAT_SECTOR - n, text, n);
}

static bool in_use(const struct boot_control *c, unsigned slot)
{
    return c->slot[slot] == SLOT_GOOD || c->slot[slot] == SLOT_TRY;
}

static bool holds(const struct boot_disk *d, unsigned slot, const char line[PLAT_SECTOR])
{
    char there[PLAT_SECTOR];
    return plat_disk_read(d->disk, d->part[parts[slot]].sector, there, 1, NULL) == ST_OK &&
           memcmp(there, line, PLAT_SECTOR) == 0;
}

/* The slot that the next boot would not take, and of two such the one that was written first. */
static unsigned choose(const struct boot_disk *d, const struct boot_control *c, const char line[PLAT_SECTOR])
{
    for (unsigned k = 0; k < BOOT_SLOTS; k++) {
        if (!in_use(c, k) && (in_use(c, !k) || holds(d, k, line)))
            return k;
    }
    return !c->newest;
}

static status compare(const struct boot_disk *d, u64 sector, const u8 *want, u64 sectors, struct err *e)
{
    static u8 there[CHUNK_SECTORS * PLAT_SECTOR];
    for (u64 k = 0; k < sectors; k += CHUNK_SECTORS) {
        size_t n = sectors - k < CHUNK_SECTORS ? (size_t)(sectors - k) : CHUNK_SECTORS;
        TRY(plat_disk_read(d->disk, sector + k, there, n, e));
        if (memcmp(there, want + k * PLAT_SECTOR, n * PLAT_SECTOR) != 0)
            return err_set(e, E_IO, (sector + k) * PLAT_SECTOR, "the disk does not hold what was written");
    }
    return ST_OK;
}

static status write_and_compare(const struct boot_disk *d, u64 sector, const void *bytes, u64 sectors,
                                struct err *e)
{
    TRY(plat_disk_write(d->disk, sector, bytes, sectors, e));
    TRY(plat_disk_flush(d->disk, e));
    return compare(d, sector, bytes, sectors, e);
}

static status write_slot(const struct boot_disk *d, struct boot_control *c, unsigned slot,
                         const struct slot_appliance *a, const char line[PLAT_SECTOR], struct err *e)
{
    u64 start = d->part[parts[slot]].sector, room = d->part[parts[slot]].sectors;
    if (room < SLOT_ELF_SECTOR + a->sectors)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET,
                       "the appliance (%llu KiB) is larger than its slot (%llu KiB)",
                       (unsigned long long)a->sectors / 2, (unsigned long long)room / 2);
    if (in_use(c, slot)) {
        c->slot[slot] = SLOT_NONE;
        TRY(boot_control_write(d, c, e));
    }
    if (!holds(d, slot, line))
        c->fails[slot] = 0;
    TRY(write_and_compare(d, start + SLOT_ELF_SECTOR, a->bytes, a->sectors, e));
    TRY(write_and_compare(d, start, line, 1, e));
    c->slot[slot] = SLOT_TRY;
    c->newest = slot;
    c->watchdog = a->watchdog;
    return boot_control_write(d, c, e);
}

status slot_install(const struct boot_disk *d, struct boot_control *c, const struct slot_appliance *a,
                    unsigned *slot, struct err *e)
{
    char line[PLAT_SECTOR];
    make_line(a, line);
    for (unsigned k = 0; k < BOOT_SLOTS; k++) {
        *slot = k;
        if (!holds(d, k, line))
            continue;
        if (in_use(c, k))
            return ST_OK;
        if (c->fails[k] >= SLOT_TRIES)
            return err_set(e, E_LIMIT, ERR_NO_OFFSET,
                           "slot %c has this appliance, which failed %d times: it is not tried again",
                           'A' + (int)k, SLOT_TRIES);
    }
    *slot = choose(d, c, line);
    return write_slot(d, c, *slot, a, line, e);
}
