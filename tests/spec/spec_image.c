/* spec_image.c: the runner of the specification's vectors as an image of its own; takes the place of the
 * engine's image_main.
 *
 * The boot module is an archive made by tests/spec/pack: spec/LEVEL/NAME..., and the lists of known failures.
 * Options stand on the kernel command line as on the command's: --tier, --memory, --threshold, --levels. No
 * processes here: a panic ends the run, which then tells no exit code. */
#include <string.h>

#include "cmdline.h"
#include "engine.h"
#include "fmt.h"
#include "plat.h"
#include "runtime.h"
#include "spec_suite.h"

#define FOLDER "spec" /* in the archive */

enum { WORDS_MAX = 256 };

static struct suite suite;
static struct spec_counts counts[SUITE_FILES_MAX];

static int ended(int code)
{
    struct engine_report r = {.exit_code = code};
    (void)!engine_report_write(&r, "-");
    return code;
}

static int bad(const char *what)
{
    fmt_out(PLAT_ERR, "spec: %s\n", what);
    return ended(ENGINE_EXIT_BAD);
}

/* Words that do not start with "--" are kernel_lib's. */
static status parse_options(const char *cmdline, struct err *e)
{
    static char text[sizeof((struct boot_info *)0)->cmdline];
    static const char *words[WORDS_MAX];
    size_t n = cmdline_split(cmdline, text, words, WORDS_MAX), used;
    if (n > WORDS_MAX)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "the kernel command line has too many words");
    for (size_t k = 0; k < n && strcmp(words[k], "--") != 0; k += used) {
        used = 1;
        if (strncmp(words[k], "--", 2) == 0)
            TRY(suite_option(&suite, words + k, n - k, &used, e));
    }
    return ST_OK;
}

/* Adds a member of the archive if it is a list of commands of a level that is wanted. */
static status consider(const char *member, struct err *e)
{
    static const char folder[] = FOLDER "/", suffix[] = ".json";
    size_t len = strlen(member);
    if (strncmp(member, folder, sizeof folder - 1) != 0 || len < sizeof suffix ||
        strcmp(member + len - (sizeof suffix - 1), suffix) != 0)
        return ST_OK;
    const char *level = member + sizeof folder - 1, *slash = strchr(level, '/');
    for (int i = 0; slash && suite_level(i); i++) {
        size_t level_len = (size_t)(slash - level);
        if (suite.wanted >> i & 1 && strlen(suite_level(i)) == level_len &&
            memcmp(suite_level(i), level, level_len) == 0)
            return suite_add(&suite, level, level_len, slash + 1, e);
    }
    return ST_OK;
}

static status choose_files(struct err *e)
{
    struct plat_blob b;
    if (plat_blob_find(FOLDER "/end", &b) != ST_OK)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET,
                       "the boot module is no archive of vectors, or not whole (tests/spec/pack makes one)");
    for (size_t k = 0; plat_blob_at(k, &b) == ST_OK; k++)
        if (b.kind == PLAT_BLOB_FILE)
            TRY(consider(b.name, e));
    if (suite.nfiles == 0)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "no vectors of these levels in the boot module");
    return ST_OK;
}

static status start(const char *cmdline, struct err *e)
{
    suite_init(&suite);
    suite.config.dir = FOLDER;
    TRY(parse_options(cmdline, e));
    TRY(suite_begin(&suite, FOLDER, e));
    TRY(choose_files(e));
    return engine_init(&suite.options, e);
}

int image_main(const struct boot_info *boot)
{
    struct err e = {0};
    if (start(boot->cmdline, &e) != ST_OK)
        return bad(e.text);
    for (int i = 0; i < suite.nfiles; i++) {
        struct suite_file *f = &suite.files[i];
        f->counts = &counts[i];
        if (spec_run_file(&suite.config, f->name, f->counts, &e) != ST_OK)
            fmt_out(PLAT_OUT, "%s: %s\n", f->name, e.text);
        if (!f->counts->finished)
            suite_count_unfinished(f, "exit code", ENGINE_EXIT_BAD);
    }
    return ended(suite_print(&suite));
}
