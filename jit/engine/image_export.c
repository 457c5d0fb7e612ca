/* image_export.c: --export: when the app has ended, the image makes an appliance of it (export.h), on a disk
 * of its own (raw.h), in a slot of the disk that was booted (slots.h) or as text over the serial line:
 *
 *     @export begin NAME BYTES XXH64
 *     lines of base64
 *     @export end                            (or "@export failed: ...", and what came is worth nothing) */
#include <string.h>

#include "engine.h"
#include "engine_priv.h"
#include "export.h"
#include "fmt.h"
#include "plat.h"
#include "raw.h"
#include "slots.h"
#include "tier_converge.h"

#define LINE_BYTES 96u /* a multiple of 3 */

static struct work {
    struct export_config config;
    const char *argv0;
    enum target { TO_DISK, TO_SLOT, TO_SERIAL } target;
    struct raw disk;
    size_t disk_number;
    bool implied; /* nobody asked for it: it is no error when it cannot be */
    struct slot_writer slot;
    bool when_converged;
    char where[64]; /* for people: what became of it */
    u8 line[LINE_BYTES];
    size_t filled;
    bool began;
} work;

/* --- To a disk. --- */

static status disk_begin(void *env, u64 bytes, u64 xxh64, struct err *e)
{
    (void)env;
    return raw_begin(&work.disk, bytes, xxh64, e);
}

static status disk_bytes(void *env, const void *data, size_t len, struct err *e)
{
    (void)env;
    return raw_bytes(&work.disk, data, len, e);
}

/* --- Over the serial line. --- */

/* The app's name with another ending, in characters that every shell leaves alone. */
static void file_name(char *out, size_t size)
{
    size_t n = fmt_s(out, size, "%s", work.argv0);
    n = n < size ? n : size - 1;
    if (n > 5 && strcmp(out + n - 5, ".wasm") == 0)
        out[n - 5] = 0;
    for (char *p = out; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                     *p == '-' || *p == '_' || *p == '.';
        *p = plain ? *p : '_';
    }
}

static status serial_begin(void *env, u64 bytes, u64 xxh64, struct err *e)
{
    char name[64];
    (void)env, (void)e;
    file_name(name, sizeof name);
    fmt_out(PLAT_LOG, "@export begin %s.elf %llu %016llx\n", name, (unsigned long long)bytes,
            (unsigned long long)xxh64);
    work.filled = 0;
    work.began = true;
    return ST_OK;
}

static void put_line(void)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[LINE_BYTES / 3 * 4 + 1];
    size_t n = 0;
    for (size_t k = 0; k < work.filled; k += 3) {
        size_t have = work.filled - k < 3 ? work.filled - k : 3;
        u32 bits = 0;
        for (size_t b = 0; b < 3; b++)
            bits = bits << 8 | (b < have ? work.line[k + b] : 0u);
        for (size_t d = 0; d < 4; d++)
            text[n++] = d <= have ? digits[bits >> (18 - 6 * d) & 63] : '=';
    }
    text[n++] = '\n';
    plat_write(PLAT_LOG, text, n);
    work.filled = 0;
}

static status serial_bytes(void *env, const void *data, size_t len, struct err *e)
{
    const u8 *p = data;
    (void)env, (void)e;
    for (size_t k = 0; k < len; k++) {
        work.line[work.filled++] = p[k];
        if (work.filled == LINE_BYTES)
            put_line();
    }
    return ST_OK;
}

/* --- The export. --- */

static status end_it(struct err *e)
{
    switch (work.target) {
    case TO_DISK:
        fmt_s(work.where, sizeof work.where, "to disk %zu", work.disk_number);
        return raw_end(&work.disk, e);
    case TO_SLOT: return slot_writer_end(&work.slot, work.where, sizeof work.where, e);
    case TO_SERIAL: break;
    }
    if (work.filled)
        put_line();
    plat_write(PLAT_LOG, "@export end\n", 12);
    fmt_s(work.where, sizeof work.where, "to serial");
    return ST_OK;
}

static status export_it(struct rt_instance *i, struct export_result *result, struct err *e)
{
    const struct export_sink sinks[] = {
        [TO_DISK] = {.begin = disk_begin, .bytes = disk_bytes},
        [TO_SLOT] = work.slot.sink,
        [TO_SERIAL] = {.begin = serial_begin, .bytes = serial_bytes},
    };
    TRY(export_appliance(i, &work.config, &sinks[work.target], result, e));
    return end_it(e);
}

static int end(int code)
{
    if (work.target == TO_DISK)
        raw_close(&work.disk);
    slot_writer_close(&work.slot);
    return code;
}

/* struct options, finished. */
static int finished(void *env, struct rt_instance *i, int code)
{
    struct err e = {0};
    struct export_result result;
    (void)env;
    if (work.when_converged && !tier_state_converged(i)) {
        if (!work.implied)
            fmt_out(PLAT_LOG, "%s: there is something left to learn\n",
                    work.target == TO_SERIAL ? "@export none" : "export: none");
        return end(code);
    }
    status st = export_it(i, &result, &e);
    if (st == ST_OK) {
        fmt_out(PLAT_LOG, "export: %llu bytes %s, %u functions compiled, %u could not be\n",
                (unsigned long long)result.bytes, work.where, result.functions, result.failed);
    } else {
        if (work.began)
            fmt_out(PLAT_LOG, "@export failed: %s\n", e.text);
        fmt_out(work.implied ? PLAT_LOG : PLAT_ERR, "anneal: export: %s\n", e.text);
        code = code || work.implied ? code : ENGINE_EXIT_BAD;
    }
    return end(code);
}

void image_export_default(struct options *o)
{
    if (!o->export_to && slots_disk() && o->tier == TIER_MODE_AUTO) {
        o->export_to = "slot";
        o->export_when = o->export_when ? o->export_when : "converged";
        work.implied = true;
    }
    if (o->export_to && strcmp(o->export_to, "none") == 0)
        o->export_to = NULL;
}

/* N, N,overwrite, slot or serial. */
static status open_target(const char *to, struct err *e)
{
    const char *rest = to + 1;
    unsigned flags = strcmp(rest, ",overwrite") == 0 ? RAW_OVERWRITE : 0;
    work.target = strcmp(to, "serial") == 0 ? TO_SERIAL : strcmp(to, "slot") == 0 ? TO_SLOT : TO_DISK;
    if (work.target == TO_SERIAL)
        return ST_OK;
    if (work.target == TO_SLOT) {
        slot_writer_init(&work.slot);
        return slots_disk()
                   ? ST_OK
                   : err_set(e, E_NOTFOUND, ERR_NO_OFFSET,
                             "--export=slot: the image was not booted from a disk with slots (tools/mkdisk)");
    }
    if (*to < '0' || *to > '9' || (*rest && !flags))
        return err_set(
            e, E_INVAL, ERR_NO_OFFSET,
            "--export=%s: expected a disk's number, 0 to 9, with ,overwrite if it may hold anything, "
            "slot or serial",
            to);
    struct err why = {0};
    work.disk_number = (size_t)(*to - '0');
    status st = raw_open(&work.disk, work.disk_number, flags, &why);
    return st == ST_OK ? ST_OK : err_set(e, st, ERR_NO_OFFSET, "--export=%s: %s", to, why.text);
}

status image_export_init(struct options *o, const struct image_app *app, struct err *e)
{
    static const char *argv[IMAGE_ARGS_MAX];
    export_init(&work.config);
    if (!export_cpus(&work.config, o->export_cpu ? o->export_cpu : o->cpu))
        return err_set(e, E_INVAL, ERR_NO_OFFSET,
                       "--export-cpu=LIST: up to %d names, with commas between them", EXPORT_CPUS_MAX);
    if (o->export_code && !export_code(&work.config, o->export_code))
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "--export-code: expected hot, called or all");
    if (o->export_state && !export_state(&work.config, o->export_state))
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "--export-state: expected none, init or warm");
    work.when_converged = o->export_when && strcmp(o->export_when, "converged") == 0;
    if (o->export_when && !work.when_converged && strcmp(o->export_when, "end") != 0)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "--export-when: expected end or converged");
    memcpy(argv, app->argv, (size_t)app->argc * sizeof *argv);
    argv[0] = work.argv0 = engine_program_name(o, app->argv[0]);
    work.config.module = app->bytes;
    work.config.module_bytes = app->len;
    work.config.argc = app->argc;
    work.config.argv = argv;
    work.config.options = o->kept;
    o->may_lack_start = work.config.code == TIER_EXPORT_ALL; /* --invoke can come at boot */
    o->finished = finished;
    TRY(export_prepare(&work.config, o, e));
    return open_target(o->export_to, e);
}
