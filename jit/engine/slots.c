/* slots.c: see slots.h. A slot's first sector is a line that GRUB2's `hashsum --check` reads: the SHA-256 of
 * the appliance, and where it lies; spaces fill the sector up. */
#include "slots.h"

#include <string.h>

#include "cmdline.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"
#include "runtime.h"
#include "wasm.h"

enum { CHUNK_SECTORS = 128 };

static struct boot_disk disk;
static struct boot_control control;
static bool known;

static void say(const char *text)
{
    fmt_out(PLAT_LOG, "boot: %s\n", text);
}

const struct boot_disk *slots_disk(void)
{
    return known ? &disk : NULL;
}

static unsigned part_of(unsigned slot)
{
    return slot ? DISK_PART_SLOT_B : DISK_PART_SLOT_A;
}

/* --- At the start. --- */

/* What failed is told and counted once. */
static bool take_failures(void)
{
    bool changed = false;
    for (unsigned k = 0; k < BOOT_SLOTS; k++) {
        enum slot_word w = control.slot[k];
        if (w != SLOT_FAILED && w != SLOT_DAMAGED && w != SLOT_UNKNOWN)
            continue;
        fmt_out(PLAT_LOG, "boot: slot %c: %s\n", 'A' + (int)k, slot_word_text(w));
        if (w == SLOT_FAILED && control.fails[k] < SLOT_TRIES)
            control.fails[k]++;
        control.slot[k] = SLOT_OUT;
        changed = true;
    }
    return changed;
}

void image_boot(const struct boot_info *boot, struct options *o)
{
    char value[64], who[8];
    const char *guid;
    struct err e = {0};
    (void)o;
    if (!cmdline_option(boot->cmdline, "boot", value, sizeof value) || !boot_disk_option(value, who, &guid))
        return;
    status st = boot_disk_find(guid, &disk, &e);
    known = st == ST_OK;
    if (st == ST_OK)
        st = boot_control_read(&disk, &control, &e);
    if (e.code != ST_OK)
        say(e.text);
    if (!known || (st != ST_OK && st != E_INVAL))
        return;
    struct err why = {0};
    if ((take_failures() || st == E_INVAL) && boot_control_write(&disk, &control, &why) != ST_OK)
        say(why.text);
}

/* --- Writing. --- */

static status take_begin(void *env, u64 bytes, u64 xxh64, struct err *e)
{
    struct slot_writer *w = env;
    (void)xxh64; /* what is written is compared with what was given */
    w->len = (bytes + PLAT_SECTOR - 1) / PLAT_SECTOR * PLAT_SECTOR;
    w->bytes = heap_calloc(1, w->len + 1);
    return w->bytes ? ST_OK : err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
}

static status take_bytes(void *env, const void *data, size_t len, struct err *e)
{
    struct slot_writer *w = env;
    (void)e;
    ASSERT(len <= w->len - w->filled);
    memcpy(w->bytes + w->filled, data, len);
    w->filled += len;
    return ST_OK;
}

void slot_writer_init(struct slot_writer *w)
{
    *w = (struct slot_writer){.sink = {.begin = take_begin, .bytes = take_bytes, .env = w}};
}

void slot_writer_close(struct slot_writer *w)
{
    heap_free(w->bytes);
    w->bytes = NULL;
}

static void make_line(const struct slot_writer *w, char line[PLAT_SECTOR])
{
    char text[128];
    u8 hash[32];
    wasm_sha256(w->bytes, w->len, hash);
    for (size_t k = 0; k < sizeof hash; k++)
        fmt_s(text + 2 * k, 3, "%02x", hash[k]);
    size_t n = 64 + fmt_s(text + 64, sizeof text - 64, "  %d+%llu\n", SLOT_ELF_SECTOR,
                          (unsigned long long)(w->len / PLAT_SECTOR));
    memset(line, ' ', PLAT_SECTOR);
    memcpy(line + PLAT_SECTOR - n, text, n);
}

static bool in_use(unsigned slot)
{
    return control.slot[slot] == SLOT_GOOD || control.slot[slot] == SLOT_TRY;
}

static bool holds(unsigned slot, const char line[PLAT_SECTOR])
{
    char there[PLAT_SECTOR];
    const unsigned p = part_of(slot);
    return disk.part[p].sectors && plat_disk_read(disk.disk, disk.part[p].sector, there, 1, NULL) == ST_OK &&
           memcmp(there, line, PLAT_SECTOR) == 0;
}

/* The slot that the next boot would not take. */
static unsigned choose(const char line[PLAT_SECTOR])
{
    for (unsigned k = 0; k < BOOT_SLOTS; k++) {
        if (!in_use(k) && (in_use(!k) || holds(k, line)))
            return k;
    }
    return in_use(0) || in_use(1) ? !control.newest : control.newest;
}

static status compare(u64 sector, const u8 *want, u64 sectors, struct err *e)
{
    static u8 there[CHUNK_SECTORS * PLAT_SECTOR];
    for (u64 k = 0; k < sectors; k += CHUNK_SECTORS) {
        size_t n = sectors - k < CHUNK_SECTORS ? (size_t)(sectors - k) : CHUNK_SECTORS;
        TRY(plat_disk_read(disk.disk, sector + k, there, n, e));
        if (memcmp(there, want + k * PLAT_SECTOR, n * PLAT_SECTOR) != 0)
            return err_set(e, E_IO, (sector + k) * PLAT_SECTOR, "the disk does not hold what was written");
    }
    return ST_OK;
}

static status write_and_compare(u64 sector, const void *bytes, u64 sectors, struct err *e)
{
    TRY(plat_disk_write(disk.disk, sector, bytes, sectors, e));
    TRY(plat_disk_flush(disk.disk, e));
    return compare(sector, bytes, sectors, e);
}

/* Eight times as long as the app took here, start of the machine included. */
static unsigned watchdog_for_app(void)
{
    u64 seconds = (plat_ticks() - plat_start_ticks()) / plat_ticks_per_second() * 8;
    return seconds < WATCHDOG_S ? WATCHDOG_S : seconds > WATCHDOG_MAX ? WATCHDOG_MAX : (unsigned)seconds;
}

static status write_slot(const struct slot_writer *w, unsigned slot, const char line[PLAT_SECTOR],
                         struct err *e)
{
    const unsigned p = part_of(slot);
    u64 sectors = w->len / PLAT_SECTOR;
    if (disk.part[p].sectors < SLOT_ELF_SECTOR + sectors)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "the appliance (%llu bytes) is larger than its slot (%llu)",
                       (unsigned long long)w->len, (unsigned long long)disk.part[p].sectors * PLAT_SECTOR);
    if (in_use(slot)) {
        control.slot[slot] = SLOT_NONE;
        TRY(boot_control_write(&disk, &control, e));
    }
    if (!holds(slot, line))
        control.fails[slot] = 0;
    TRY(write_and_compare(disk.part[p].sector + SLOT_ELF_SECTOR, w->bytes, sectors, e));
    TRY(write_and_compare(disk.part[p].sector, line, 1, e));
    control.slot[slot] = SLOT_TRY;
    control.newest = slot;
    control.watchdog = watchdog_for_app();
    return boot_control_write(&disk, &control, e);
}

status slot_writer_end(struct slot_writer *w, char *text, size_t size, struct err *e)
{
    char line[PLAT_SECTOR];
    if (!known)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "the image was not booted from a disk with slots");
    ASSERT(w->bytes);
    make_line(w, line);
    for (unsigned k = 0; k < BOOT_SLOTS; k++) {
        if (in_use(k) && holds(k, line)) {
            fmt_s(text, size, "as they stand in slot %c already", 'A' + (int)k);
            return ST_OK;
        }
        if (!in_use(k) && control.fails[k] >= SLOT_TRIES && holds(k, line))
            return err_set(e, E_LIMIT, ERR_NO_OFFSET,
                           "slot %c has this appliance, which failed %d times: it is not tried again",
                           'A' + (int)k, SLOT_TRIES);
    }
    unsigned slot = choose(line);
    TRY(write_slot(w, slot, line, e));
    fmt_s(text, size, "to slot %c, which the next boot tries", 'A' + (int)slot);
    return ST_OK;
}
