/* spec_validate.c: the vectors as tests of the decoder and validator alone: every module of a file must be
 * accepted and every one of assert_invalid and assert_malformed refused; what would run is skipped. */
#include "spec_run.h"

#include <string.h>

#include "fmt.h"
#include "json.h"
#include "plat.h"
#include "wasm.h"

enum { PATH_BYTES = 1024 };

static const struct expectation {
    const char *type;
    bool valid;
} expectations[] = {
    {"module", true},
    {"module_definition", true},
    {"assert_invalid", false},
    {"assert_malformed", false},
    {"assert_unlinkable", true},
    {"assert_uninstantiable", true},
};

static const struct expectation *expectation_find(const struct json *command)
{
    struct json_text type = json_member_text(command, "type");
    if (json_text_is(json_member_text(command, "module_type"), "text"))
        return NULL;
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (json_text_is(type, expectations[i].type))
            return &expectations[i];
    return NULL;
}

/* The files lie beside `script`. */
static status decode(const char *script, struct json_text filename, struct err *e)
{
    char path[PATH_BYTES];
    struct plat_blob blob;
    struct wasm_module *m = NULL;
    fmt_s(path, sizeof path, "%.*s%s", (int)(strrchr(script, '/') + 1 - script), script, filename.s);
    if (plat_blob_find(path, &blob) != ST_OK)
        return err_set(e, E_IO, ERR_NO_OFFSET, "cannot read %s", path);
    status st = wasm_module_decode(blob.data, blob.len, &m, e);
    wasm_module_destroy(m);
    plat_blob_release(&blob);
    return st;
}

static void check(const char *file, const char *script, const struct json *command, struct spec_counts *c)
{
    const struct expectation *x = expectation_find(command);
    struct err e = {0};
    if (!x) {
        c->skipped++;
        return;
    }
    status st = decode(script, json_member_text(command, "filename"), &e);
    c->assertions++;
    if ((st == ST_OK) == x->valid && st != E_IO) {
        c->passed++;
        return;
    }
    c->failed++;
    fmt_out(PLAT_OUT, "%s:%s: %s: %s\n", file, json_member_text(command, "line").s,
            x->valid ? "refused" : "accepted", st == ST_OK ? json_member_text(command, "text").s : e.text);
}

status spec_validate_file(const struct spec_config *config, const char *file, struct spec_counts *c,
                          struct err *e)
{
    char path[PATH_BYTES];
    struct plat_blob text;
    struct arena arena = {0};
    const struct json *root;
    wasm_features_forced = ~0u;
    fmt_s(path, sizeof path, "%s/%s", config->dir, file);
    if (plat_blob_find(path, &text) != ST_OK)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "cannot read %s", path);
    status st = json_parse((const char *)text.data, text.len, &arena, &root, e);
    if (st == ST_OK) {
        const struct json *commands = json_member(root, "commands");
        for (const struct json *k = commands ? commands->first : NULL; k; k = k->next)
            check(file, path, k, c);
        c->finished = true;
    }
    arena_fini(&arena);
    plat_blob_release(&text);
    return st;
}
