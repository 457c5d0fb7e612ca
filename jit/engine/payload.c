/* payload.c: an appliance's own app and code, instead of boot modules and a compiler.
 *
 * Code for several processors may be there, the best first: the first whose instructions this one has is
 * taken. If there is none, everything runs in the interpreter. */
#include "payload.h"

#include <string.h>

#include "cpu_features.h"
#include "engine_priv.h"
#include "fmt.h"
#include "plat.h"
#include "rt_arena.h"
#include "runtime.h"
#include "state_format.h"
#include "tier_state.h"

#define ARGS_MAX 256

static const u8 *payload;

static const u8 *find(enum payload_type type, size_t *len)
{
    struct payload_record r;
    const u8 *contents;
    for (size_t at = 0; payload_next(payload, &at, &r, &contents);) {
        if (r.type == (u32)type) {
            *len = r.bytes;
            return contents;
        }
    }
    *len = 0;
    return NULL;
}

/* Strings of a record; the last byte is NUL. */
static size_t strings(enum payload_type type, const char **out, size_t max)
{
    size_t len, n = 0;
    const char *s = (const char *)find(type, &len);
    for (size_t at = 0; s && at < len && s[len - 1] == 0 && n < max; at += strlen(s + at) + 1)
        out[n++] = s + at;
    return n;
}

/* --- What to run. --- */

status image_app_options(struct options *o, struct err *e)
{
    const char *words[ARGS_MAX];
    size_t len = 0;
    const u8 *bytes = runtime_payload(&len);
    TRY(payload_open(bytes, bytes ? len : 0, e));
    payload = bytes;
    size_t n = strings(PAYLOAD_OPTIONS, words, ARGS_MAX);
    for (size_t k = 0, used; k < n; k += used)
        TRY(options_parse(o, words + k, n - k, &used, e));
    return ST_OK;
}

status image_app_find(const struct boot_info *boot, size_t nargs, const char *const *args,
                      struct image_app *out, struct err *e)
{
    static const char *argv[IMAGE_ARGS_MAX];
    (void)boot;
    size_t argc = strings(PAYLOAD_ARGS, argv, ARGS_MAX);
    *out = (struct image_app){.argv = argv};
    out->bytes = find(PAYLOAD_MODULE, &out->len);
    if (!out->bytes || argc == 0)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the app is missing");
    if (args) {
        argc = 1;
        for (size_t k = 0; k < nargs; k++)
            argv[argc++] = args[k];
    }
    out->argc = (int)argc;
    return ST_OK;
}

status engine_module_decode(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e)
{
    return wasm_module_decode_lazily(bytes, len, out, e);
}

status image_app_manifest(struct err *e)
{
    size_t len;
    const u8 *text = find(PAYLOAD_MANIFEST, &len);
    if (!text)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "--manifest: it has none");
    plat_write(PLAT_LOG, text, len);
    return ST_OK;
}

status image_export_init(struct options *o, const struct image_app *app, struct err *e)
{
    (void)o, (void)app;
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "--export: an appliance has no compiler");
}

bool engine_restores(void)
{
    size_t len;
    return find(PAYLOAD_STATE, &len) != NULL;
}

status engine_restore(struct rt_instance *i, enum inst_phase *phase, struct err *e)
{
    size_t len, packed_len;
    const u8 *state = find(PAYLOAD_STATE, &len), *packed = payload_pages(payload, &packed_len);
    *phase = INST_NEW;
    return state ? inst_state_restore(i, state, len, packed, packed_len, phase, e) : ST_OK;
}

/* --- Its code. --- */

status engine_code_init(const struct options *o, struct tier_config *tier, struct err *e)
{
    (void)tier;
    if (o->state)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "--state: an appliance keeps no state");
    if (o->tier != TIER_MODE_AUTO && o->tier != TIER_MODE_INTERP)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET,
                       "--tier: an appliance has no compiler; auto or interp");
    return rt_arena_init(e);
}

/* Whether this processor has what the units behind `at` need; else *lacks says what is missing. */
static bool runs_here(size_t at, const char **lacks)
{
    struct payload_record r;
    const u8 *contents;
    struct cpu_features here;
    cpu_features_here(&here);
    while (payload_next(payload, &at, &r, &contents) && !payload_begins_code(r.type)) {
        struct state_unit u;
        if (r.type != STATE_UNIT || r.bytes < sizeof u)
            continue;
        memcpy(&u, contents, sizeof u);
        int missing = cpu_features_missing(&u.features, &here);
        if (missing >= 0) {
            *lacks = cpu_feature_name(missing) ? cpu_feature_name(missing) : "something unknown";
            return false;
        }
    }
    return true;
}

static void load(struct rt_instance *i, size_t at)
{
    struct payload_record r;
    const u8 *contents;
    struct err e = {0};
    status st = ST_OK;
    while (payload_next(payload, &at, &r, &contents) && !payload_begins_code(r.type) && st == ST_OK) {
        struct state_key k;
        if (r.type == STATE_KEY && r.bytes >= sizeof k) {
            memcpy(&k, contents, sizeof k);
            st = tier_state_fits(i, &k, &e);
        } else if (r.type == STATE_UNIT) {
            st = tier_state_unit(i, contents, r.bytes, &e);
        }
    }
    if (st != ST_OK)
        fmt_out(PLAT_LOG, "appliance: code is not used: %s; the interpreter runs what it was for\n", e.text);
}

/* Code that was made for this processor or a lesser one. */
static void load_fitting(struct rt_instance *i)
{
    struct payload_record r;
    const u8 *contents;
    const char *lacks = NULL;
    for (size_t at = 0; payload_next(payload, &at, &r, &contents);) {
        if (r.type == PAYLOAD_CPU && runs_here(at, &lacks)) {
            load(i, at);
            return;
        }
    }
    if (lacks)
        fmt_out(PLAT_LOG,
                "appliance: this processor lacks %s, which the app's code needs; the interpreter runs it\n",
                lacks);
}

status engine_state_open(const struct options *o, struct rt_instance *i, struct err *e)
{
    struct payload_record r;
    const u8 *contents;
    const char *lacks;
    (void)e;
    if (options_interpret(o))
        return ST_OK;
    load_fitting(i);
    for (size_t at = 0; payload_next(payload, &at, &r, &contents);)
        if (r.type == PAYLOAD_COMMON && runs_here(at, &lacks))
            load(i, at);
    return ST_OK;
}

bool engine_state_save(const struct options *o, struct rt_instance *i)
{
    (void)o, (void)i; /* there is nothing to be learnt without a compiler */
    return false;
}

void engine_state_close(void) {}
