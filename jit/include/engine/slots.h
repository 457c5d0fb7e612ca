/* slots.h: the disk that the full image was booted from (kernel option boot=full@GUID, given by the boot
 * loader of tools/mkdisk), and its slots for appliances. */
#ifndef JIT_SLOTS_H
#define JIT_SLOTS_H

#include "boot_disk.h"
#include "export.h"

/* The disk; NULL: the image was not booted from one that has slots. */
const struct boot_disk *slots_disk(void);

/* Takes an appliance for the slot that is not in use. What it replaces is given up before the first byte is
 * written; only what was read back as it was meant is marked to be tried. */
struct slot_writer {
    struct export_sink sink;
    /* The rest is slots.c's. */
    uint8_t *bytes; /* all of it: GRUB2 checks it by a hash that stands before it */
    uint64_t len, filled;
};
void slot_writer_init(struct slot_writer *w);
/* After the last byte: writes and marks it. ST_OK: `text` says where it is now, to follow "N bytes". */
MUST_CHECK status slot_writer_end(struct slot_writer *w, char *text, size_t size, struct err *e);
/* Instead, or after: gives its memory back. */
void slot_writer_close(struct slot_writer *w);

#endif
