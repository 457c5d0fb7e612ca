/* trial.c: an appliance that the boot loader took from a slot (kernel option boot=a@GUID) says that it is
 * good: when its app has ended by itself, or still lives after some time. Until then the watchdog restarts
 * the machine, and the boot loader, which finds no good mark, takes the full image (docs/booting.md). */
#include <string.h>

#include "boot_disk.h"
#include "cmdline.h"
#include "engine_priv.h"
#include "fmt.h"
#include "runtime.h"
#include "wasi.h"

#define ALIVE_S 10 /* a call of the app this long after its start is as good as its end */

static struct boot_disk disk;
static unsigned slot;
static uint64_t alive_at; /* plat_ticks */

static void say(const char *text)
{
    fmt_out(PLAT_LOG, "appliance: slot %c: %s\n", 'A' + (int)slot, text);
}

static void mark_good(void)
{
    struct boot_control c;
    struct err e = {0};
    wasi_on_call = NULL;
    status st = boot_control_read(&disk, &c, &e);
    if (st == ST_OK && c.slot[slot] == SLOT_TRYING) {
        c.slot[slot] = SLOT_GOOD;
        c.fails[slot] = 0;
        st = boot_control_write(&disk, &c, &e);
    }
    watchdog_stop();
    if (st != ST_OK)
        say(e.text);
}

static void on_call(void)
{
    if (plat_ticks() >= alive_at)
        mark_good();
}

static void on_end(bool well)
{
    if (well && wasi_on_call)
        mark_good();
}

static status find(const char *guid, struct boot_control *c, struct err *e)
{
    TRY(boot_disk_find(guid, &disk, e));
    TRY(boot_control_read(&disk, c, e));
    return c->slot[slot] == SLOT_TRYING
               ? ST_OK
               : err_set(e, E_INVAL, ERR_NO_OFFSET, "boot control does not say that it was started");
}

void image_boot(const struct boot_info *boot, struct options *o)
{
    char value[64], who[8];
    const char *guid;
    struct boot_control c;
    struct err e = {0};
    if (!cmdline_option(boot->cmdline, "boot", value, sizeof value) || !boot_disk_option(value, who, &guid))
        return;
    slot = strcmp(who, "b") == 0;
    if (find(guid, &c, &e) != ST_OK) {
        say(e.text);
        say("it cannot be marked good: the next boot takes the full image");
        return;
    }
    if (e.code != ST_OK)
        say(e.text);
    if (watchdog_start(c.watchdog) != ST_OK)
        say("no timer: nothing ends it if it hangs");
    alive_at = plat_ticks() + ALIVE_S * plat_ticks_per_second();
    wasi_on_call = on_call;
    o->ended = on_end;
}
