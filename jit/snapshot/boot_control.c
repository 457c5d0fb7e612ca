/* boot_control.c: GRUB2's environment block as boot control: `name=value` lines, then `#` up to 1024 bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "boot_disk.h"
#include "fmt.h"
#include "rt.h"

enum { SECTOR = 64, BYTES = 1024 };
static const char head[] = "# GRUB Environment Block\n";

static const struct {
    const char *text, *meaning;
} words[] = {
#define SLOT_WORD(name, text, meaning) [SLOT_##name] = {text, meaning},
#include "slot_words.def"
#undef SLOT_WORD
    [SLOT_UNKNOWN] = {"", "damaged: its entry in boot control"}};

const char *slot_word_text(enum slot_word w)
{
    return words[w].meaning;
}

/* The value of `name` into `out`; false: there is no such line. */
static bool value_of(const char *text, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) != 0 || line[len] != '=')
            continue;
        size_t n = strcspn(line + len + 1, "\n");
        if (n >= size)
            return false;
        memcpy(out, line + len + 1, n);
        out[n] = 0;
        return true;
    }
    return false;
}

static enum slot_word word_of(const char *text, const char *name)
{
    char value[16];
    for (int k = 0; value_of(text, name, value, sizeof value) && k < SLOT_UNKNOWN; k++) {
        if (strcmp(value, words[k].text) == 0)
            return (enum slot_word)k;
    }
    return SLOT_UNKNOWN;
}

static unsigned number_of(const char *text, const char *name, unsigned missing, unsigned max)
{
    char value[16], *end;
    if (!value_of(text, name, value, sizeof value))
        return missing;
    unsigned long long n = strtoull(value, &end, 10);
    return *value >= '0' && *value <= '9' && !*end && n <= max ? (unsigned)n : missing;
}

static status place(const struct boot_disk *d, u64 *sector, struct err *e)
{
    if (d->part[DISK_PART_CONTROL].sectors < SECTOR + BYTES / PLAT_SECTOR)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "boot control: its partition is too small");
    *sector = d->part[DISK_PART_CONTROL].sector + SECTOR;
    return ST_OK;
}

status boot_control_read(const struct boot_disk *d, struct boot_control *out, struct err *e)
{
    char text[BYTES + 1], value[4];
    u64 sector;
    *out = (struct boot_control){.watchdog = WATCHDOG_S};
    TRY(place(d, &sector, e));
    TRY(plat_disk_read(d->disk, sector, text, BYTES / PLAT_SECTOR, e));
    text[BYTES] = 0;
    if (memcmp(text, head, sizeof head - 1) != 0)
        return err_set(e, E_INVAL, sector * PLAT_SECTOR, "boot control is damaged");
    out->slot[0] = word_of(text, "slot_a");
    out->slot[1] = word_of(text, "slot_b");
    out->newest = value_of(text, "slot_new", value, sizeof value) && value[0] == 'b';
    out->fails[0] = number_of(text, "fails_a", 0, SLOT_TRIES);
    out->fails[1] = number_of(text, "fails_b", 0, SLOT_TRIES);
    out->watchdog = number_of(text, "watchdog", WATCHDOG_S, WATCHDOG_MAX);
    for (int k = 0; k < BOOT_SLOTS; k++) {
        if (out->slot[k] == SLOT_UNKNOWN)
            err_set(e, E_INVAL, sector * PLAT_SECTOR, "boot control is damaged where it speaks of slot %c",
                    'A' + k);
    }
    return ST_OK;
}

static const char *text_of(enum slot_word w)
{
    return words[w == SLOT_UNKNOWN ? SLOT_DAMAGED : w].text;
}

status boot_control_write(const struct boot_disk *d, const struct boot_control *c, struct err *e)
{
    char text[BYTES];
    u64 sector;
    TRY(place(d, &sector, e));
    memset(text, '#', sizeof text);
    size_t n =
        fmt_s(text, sizeof text, "%sslot_a=%s\nslot_b=%s\nslot_new=%c\nfails_a=%u\nfails_b=%u\nwatchdog=%u\n",
              head, text_of(c->slot[0]), text_of(c->slot[1]), 'a' + (int)c->newest, c->fails[0], c->fails[1],
              c->watchdog);
    ASSERT(n < PLAT_SECTOR);
    text[n] = '#';
    TRY(plat_disk_write(d->disk, sector, text, BYTES / PLAT_SECTOR, e));
    return plat_disk_flush(d->disk, e);
}
