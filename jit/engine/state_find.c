/* state_find.c: the image's state without a word on the command line (--state=auto): a disk that has ours on
 * it. What is blank or somebody else's is only ever used by name. */
#include <string.h>

#include "engine_priv.h"
#include "fmt.h"
#include "slots.h"
#include "store.h"

enum { LOOK_SECTORS = 2 * STORE_BLOCK / PLAT_SECTOR, DISKS_MAX = 10 };

enum contents { OURS, BLANK, OTHER };

static bool is_store(const u8 *block)
{
    return memcmp(block, "ANNEALST", 8) == 0;
}

/* By both superblocks, of which either may be damaged. */
static enum contents look(size_t disk, const struct plat_disk *about)
{
    static u8 start[LOOK_SECTORS * PLAT_SECTOR];
    struct boot_disk parts;
    if (boot_disk_read(disk, &parts, NULL) == ST_OK)
        return parts.part[DISK_PART_STATE].sectors ? OURS : OTHER;
    if (about->sectors < LOOK_SECTORS || plat_disk_read(disk, 0, start, LOOK_SECTORS, NULL) != ST_OK)
        return OTHER;
    if (is_store(start) || is_store(start + sizeof start / 2))
        return OURS;
    for (size_t k = 0; k < sizeof start; k++) {
        if (start[k])
            return OTHER;
    }
    return about->read_only ? OTHER : BLANK;
}

static bool is_export(const struct options *o, size_t disk)
{
    return o->export_to && o->export_to[0] == '0' + (char)disk;
}

static bool find(const struct options *o, size_t *found)
{
    struct plat_disk about, blank;
    size_t blank_disk = DISKS_MAX;
    if (slots_disk() && slots_disk()->part[DISK_PART_STATE].sectors) {
        *found = slots_disk()->disk;
        return true;
    }
    for (size_t disk = 0; disk < DISKS_MAX && plat_disk_at(disk, &about) == ST_OK; disk++) {
        enum contents c = look(disk, &about);
        *found = disk;
        if (c == OURS)
            return true;
        if (c == BLANK && blank_disk == DISKS_MAX && !is_export(o, disk)) {
            blank = about;
            blank_disk = disk;
        }
    }
    if (blank_disk != DISKS_MAX)
        fmt_out(
            PLAT_LOG,
            "state: nothing is remembered; --state=%zu would use disk %zu, which is blank (%s, %llu KiB)\n",
            blank_disk, blank_disk, blank.name, (unsigned long long)blank.sectors / 2);
    return false;
}

void image_state_find(struct options *o)
{
    static char number[2];
    size_t disk;
    if (o->state && strcmp(o->state, "auto") != 0 && strcmp(o->state, "none") != 0)
        return;
    bool wanted = (!o->state || strcmp(o->state, "none") != 0) && !options_interpret(o);
    o->state = NULL;
    if (!wanted || !find(o, &disk))
        return;
    number[0] = (char)('0' + disk);
    o->state = number;
}
