/* slots.c: see slots.h. */
#include "slots.h"

#include <string.h>

#include "cmdline.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"
#include "runtime.h"
#include "wasm.h"

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

/* Eight times as long as the app took here, start of the machine included. */
static unsigned watchdog_for_app(void)
{
    u64 seconds = (plat_ticks() - plat_start_ticks()) / plat_ticks_per_second() * 8;
    return seconds < WATCHDOG_S ? WATCHDOG_S : seconds > WATCHDOG_MAX ? WATCHDOG_MAX : (unsigned)seconds;
}

status slot_writer_end(struct slot_writer *w, char *text, size_t size, struct err *e)
{
    struct slot_appliance a = {
        .bytes = w->bytes, .sectors = w->len / PLAT_SECTOR, .watchdog = watchdog_for_app()};
    unsigned slot;
    ASSERT(known && w->bytes);
    wasm_sha256(w->bytes, w->len, a.sha256);
    TRY(slot_install(&disk, &control, &a, &slot, e));
    if (control.slot[slot] == SLOT_GOOD)
        fmt_s(text, size, "as they stand in slot %c, which is good", 'A' + (int)slot);
    else
        fmt_s(text, size, "to slot %c, which the next boot tries", 'A' + (int)slot);
    return ST_OK;
}
