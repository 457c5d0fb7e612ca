/* boot_disk.h: a disk of tools/mkdisk: its partitions (GPT), and boot control, by which the boot loader and
 * the images tell each other which image the next boot takes. docs/booting.md has the protocol,
 * docs/snapshot-format.md the bytes. */
#ifndef SNAPSHOT_BOOT_DISK_H
#define SNAPSHOT_BOOT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plat.h"

enum disk_part {
#define DISK_PART(name, guid) DISK_PART_##name,
#include "disk_layout.def"
#undef DISK_PART
    DISK_PARTS
};
#define DISK_GUID_MAX 37 /* as text, with its end */

struct boot_disk {
    size_t disk; /* plat.h */
    char guid[DISK_GUID_MAX];
    struct {
        uint64_t sector, sectors; /* 0: there is none */
    } part[DISK_PARTS];
};
/* Reads the partition table. E_NOTFOUND: there is none, or no such disk; E_INVAL: it and its copy are
 * damaged. ST_OK with a text in `e`: the copy had to do. */
MUST_CHECK status boot_disk_read(size_t disk, struct boot_disk *out, struct err *e);
/* The disk that is named `guid` and has boot control. E_NOTFOUND. */
MUST_CHECK status boot_disk_find(const char *guid, struct boot_disk *out, struct err *e);
/* The value of the kernel option boot=WHO@GUID: what the boot loader started of which disk. False: there is
 * no such option, or it is none. */
bool boot_disk_option(const char *value, char who[8], const char **guid);

/* --- Boot control. --- */
enum slot_word {
#define SLOT_WORD(name, text, meaning) SLOT_##name,
#include "slot_words.def"
#undef SLOT_WORD
    SLOT_UNKNOWN /* another word, or none: damaged */
};
#define BOOT_SLOTS      2
#define SLOT_TRIES      3   /* boots without a good mark after which an appliance is not tried again */
#define WATCHDOG_S      120 /* default of boot_control.watchdog */
#define WATCHDOG_MAX    1000000
#define SLOT_ELF_SECTOR 8 /* of a slot: where its appliance begins; its first sector says what it is */

struct boot_control {
    enum slot_word slot[BOOT_SLOTS];
    unsigned newest;            /* the slot that was written last */
    unsigned fails[BOOT_SLOTS]; /* boots without a good mark, of what is in the slot */
    unsigned watchdog;          /* seconds for a good mark; 0: any time */
};
const char *slot_word_text(enum slot_word w);
/* E_INVAL: damaged, `e` says how; `*out` then has empty slots. ST_OK with a text in `e`: a part of it was. */
MUST_CHECK status boot_control_read(const struct boot_disk *d, struct boot_control *out, struct err *e);
/* ST_OK: it survives a loss of power. All of it stands in one sector: it is the old one or the new one. */
MUST_CHECK status boot_control_write(const struct boot_disk *d, const struct boot_control *c, struct err *e);

/* --- Slots. --- */
struct slot_appliance {
    const uint8_t *bytes; /* the ELF file, with zeros up to a whole sector */
    uint64_t sectors;
    uint8_t sha256[32]; /* of all these bytes: the boot loader checks it */
    unsigned watchdog;  /* seconds in which it must come to good */
};
/* Puts it into the slot that is not in use, and marks that to be tried. At no moment does boot control speak
 * of a slot whose bytes were not read back as they should be, and the other slot stays what it was. `c` is
 * what boot control says, and follows. ST_OK: it is in `*slot`, which may have had it already. E_LIMIT: it is
 * too large, or was tried SLOT_TRIES times. */
MUST_CHECK status slot_install(const struct boot_disk *d, struct boot_control *c,
                               const struct slot_appliance *a, unsigned *slot, struct err *e);

#endif
