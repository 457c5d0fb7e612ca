/* state.c: the state that outlives a run: --state=FILE hosted, --state=N (a disk's number) in the image. */
#include <string.h>

#include "boot_disk.h"
#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"
#include "patterns.h"
#include "plat.h"
#include "store.h"
#include "tier_state.h"

#define FILE_BYTES (64u << 20) /* of a new file; what is not written takes no room on the host */

static struct store store;
static struct store_record record; /* the one that `next` found */
static bool is_open;
static u64 bytes_read;

static void say(const char *text)
{
    fmt_out(PLAT_LOG, "state: %s\n", text);
}

/* --- tier_state.h's source and sink. --- */

static status next(void *env, u32 *type, u64 *bytes, struct err *e)
{
    (void)env;
    TRY(store_next(&store, &record, e));
    *type = record.type;
    *bytes = record.bytes;
    return ST_OK;
}

static status read_record(void *env, void *buf, struct err *e)
{
    (void)env;
    return store_read(&store, &record, buf, e);
}

static status put_record(void *env, u32 type, u64 bytes, struct err *e)
{
    (void)env;
    return store_record(&store, type, bytes, e);
}

static status put_bytes(void *env, const void *data, size_t len, struct err *e)
{
    (void)env;
    return store_bytes(&store, data, len, e);
}

/* --- Where it is. --- */

/* A disk is used as a whole unless it is partitioned and has a part for it. */
static void choose_part(struct store_area *area)
{
    struct boot_disk parts;
    if (boot_disk_read(area->disk, &parts, NULL) == ST_OK && parts.part[DISK_PART_STATE].sectors) {
        area->sector = parts.part[DISK_PART_STATE].sector;
        area->sectors = parts.part[DISK_PART_STATE].sectors;
    }
}

static status find_disk(const char *name, u64 bytes, size_t *disk, struct err *e)
{
    status st = plat_disk_attach(name, bytes, disk, e);
    if (st != E_UNSUPPORTED)
        return st;
    if (e)
        *e = (struct err){0};
    if (name[0] < '0' || name[0] > '9' || name[1])
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "--state=%s: expected a disk's number, 0 to 9", name);
    *disk = (size_t)(name[0] - '0');
    return ST_OK;
}

static status find_area(const char *name, u64 bytes, struct store_area *area, struct err *e)
{
    *area = (struct store_area){0};
    TRY(find_disk(name, bytes, &area->disk, e));
    choose_part(area);
    return ST_OK;
}

status engine_module_decode(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e)
{
    return wasm_module_decode(bytes, len, out, e);
}

bool engine_restores(void)
{
    return false;
}

status engine_restore(struct rt_instance *i, enum inst_phase *phase, struct err *e)
{
    (void)i, (void)e;
    *phase = INST_NEW;
    return ST_OK;
}

/* With a state, and for an export, the order of compilations is to be the same in every run: what is learnt
 * is compared. On one processor the app would only be slow for longer. */
static bool compiles_behind(const struct options *o)
{
    if (o->tier != TIER_MODE_AUTO || o->compile == COMPILE_SYNC || !plat_has_worker())
        return false;
    return o->compile == COMPILE_BACKGROUND || (!o->state && !o->keep && plat_worker_is_beside());
}

status engine_code_init(const struct options *o, struct tier_config *tier, struct err *e)
{
    tier->background = compiles_behind(o);
    tier->by_counts = o->state || o->keep;
    tier->objects = o->objects || o->state || tier->background;
    struct llvm_jit_config jit = {.cpu = o->cpu, .objects = tier->objects};
    patterns_shadow_init();
    patterns_test_wrong = o->kernels == KERNELS_WRONG;
    return !options_interpret(o) ? llvm_jit_init(&jit, e) : ST_OK;
}

/* What somebody else's runs learnt. Nothing is written there. */
static status take_learnt(const char *name, struct rt_instance *i, struct err *e)
{
    struct store_area area;
    struct tier_source from = {.next = next, .read = read_record};
    TRY(find_area(name, 0, &area, e));
    status st = ST_OK;
    if (store_open(&store, &area) != STORE_GOOD)
        st = store.text[0] ? err_set(e, E_INVAL, ERR_NO_OFFSET, "%s", store.text)
                           : err_set(e, E_INVAL, ERR_NO_OFFSET, "%s: no state was saved there", name);
    if (st == ST_OK) {
        struct err why = {0};
        if (store.text[0])
            say(store.text);
        st = tier_state_profile(i, &from, &why);
        if (st != ST_OK)
            err_set(e, st, ERR_NO_OFFSET, "%s: %s", name, why.text);
    }
    store_close(&store);
    return st;
}

status engine_patterns_learnt(const char *name, const struct wasm_module *m, struct err *e)
{
    struct store_area area;
    struct tier_source from = {.next = next, .read = read_record};
    TRY(find_area(name, 0, &area, e));
    status st = store_open(&store, &area) == STORE_GOOD
                    ? tier_state_sites(m, &from, e)
                    : err_set(e, E_INVAL, ERR_NO_OFFSET, "%s: no state was saved there", name);
    store_close(&store);
    return st;
}

status engine_state_open(const struct options *o, struct rt_instance *i, struct err *e)
{
    if (o->learnt)
        return take_learnt(o->learnt, i, e);
    if (!o->state)
        return ST_OK;
    struct store_area area;
    TRY(find_area(o->state, FILE_BYTES, &area, e));
    enum store_state st = store_open(&store, &area);
    is_open = true;
    if (store.text[0])
        say(store.text);
    if (st != STORE_GOOD)
        return ST_OK;
    bytes_read = store.bytes;
    struct err why = {0};
    struct tier_source from = {.next = next, .read = read_record};
    if (tier_state_load(i, o->cpu, &from, &why) != ST_OK || why.code != ST_OK)
        say(why.text);
    return ST_OK;
}

/* A slot that holds only a part of the state is of no use, so what does not fit is not begun with. */
bool engine_state_save(const struct options *o, struct rt_instance *i)
{
    struct err e = {0};
    struct tier_sink to = {.record = put_record, .bytes = put_bytes};
    if (!engine_state_is_open() || options_interpret(o))
        return false;
    status st = store_begin(&store, 0, &e);
    if (st == ST_OK) {
        st = tier_state_save(i, o->cpu, &to, &e);
        if (st == ST_OK)
            st = store_commit(&store, &e);
        else
            store_abandon(&store);
    }
    if (st != ST_OK)
        say(e.text);
    else if (o->verbose)
        fmt_out(PLAT_LOG, "state: saved, %llu records, %llu bytes\n", (unsigned long long)store.records,
                (unsigned long long)store.bytes);
    return st == ST_OK;
}

u64 engine_state_bytes_read(void)
{
    return bytes_read;
}

bool engine_state_is_open(void)
{
    return is_open;
}

void engine_state_close(void)
{
    if (is_open)
        store_close(&store);
    is_open = false;
}
