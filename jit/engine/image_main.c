/* image_main.c: what the image does once kernel_lib is up: options from the kernel command line, the app from the boot
 * modules, then engine_run.
 *
 * The app is the first module. Its arguments stand behind its name on the module's line (multiboot2), or behind `--` on the
 * kernel's line (PVH, where there is no module line). */
#include <string.h>

#include "boot_info.h"
#include "cmdline.h"
#include "engine.h"
#include "fmt.h"
#include "plat.h"
#include "runtime.h"

#define ARGS_MAX 256

/* DEFINED ABOVE (tests/unit) in an image that carries the unit tests: returns how many failed. */
size_t unit_run(const char *filter) __attribute__((weak));

/* Whoever reads the report learns of an end before the app as well. */
static int ended(int code)
{
    struct engine_report r = {.exit_code = code};
    (void)!engine_report_write(&r, "-");
    return code;
}

static int bad(const char *what, const char *detail)
{
    fmt_out(PLAT_ERR, "anneal: %s%s\n", what, detail);
    return ended(ENGINE_EXIT_BAD);
}

/* Kernel options (cmdline.h says which words are the kernel's own), ours, and behind `--` the app's arguments. */
static status parse_options(int n, char **words, struct options *o, int *rest, struct err *e)
{
    int k = 0;
    for (; k < n; k++) {
        if (strcmp(words[k], "--") == 0) {
            k++;
            break;
        }
        if (strncmp(words[k], "--", 2) == 0)
            TRY(options_parse(o, words[k], e));
    }
    *rest = k;
    return ST_OK;
}

int image_main(const struct boot_info *boot)
{
    static char line[sizeof boot->cmdline], app_line[sizeof boot->cmdline];
    static char *words[ARGS_MAX], *app_words[ARGS_MAX];
    struct options o;
    struct err e = {0};
    options_init(&o);
    int n = cmdline_split(boot->cmdline, line, sizeof line, words, ARGS_MAX);
    if (n < 0)
        return bad("the kernel command line has too many words", "");
    int rest;
    if (parse_options(n, words, &o, &rest, &e) != ST_OK)
        return bad(e.text, " (kernel command line)");
    if (!o.report) {
        o.report = "-";
        if (o.profile < 0)
            o.profile = 1;
    }
    const char *test = cmdline_value(boot->cmdline, "test");
    if (test && !unit_run)
        return bad("this image carries no tests", "");
    if (test)
        return ended(unit_run(test) ? ENGINE_EXIT_BAD : 0);

    struct plat_blob app;
    if (plat_blob_at(0, &app) != ST_OK)
        return bad("no module: give the image a .wasm file as its first boot module (QEMU: -initrd app.wasm)", "");

    /* argv[0] is the module's name; the rest from whichever line has them. */
    const char *argv[ARGS_MAX + 1] = {app.name};
    int argc = 1;
    int m = cmdline_split(boot->nmodules ? boot->modules[0].cmdline : "", app_line, sizeof app_line, app_words, ARGS_MAX);
    for (int k = 1; k < m; k++)
        argv[argc++] = app_words[k];
    for (int k = rest; argc == 1 + (m > 1 ? m - 1 : 0) + k - rest && k < n && argc < ARGS_MAX; k++)
        argv[argc++] = words[k];
    return engine_run(&o, app.data, app.len, argc, argv);
}
