/* image_main.c: what the image does once kernel_lib is up: options from the kernel command line, the app from
 * the boot modules, then engine_run.
 *
 * The app is the first module. Its arguments stand behind its name on the module's line (multiboot2), or
 * behind `--` on the kernel's line (PVH, where there is no module line). */
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

/* Engine options stand before `--`, each starting with "--"; the other words there are kernel_lib's
 * (runtime.h). */
static status parse_options(size_t n, const char *const *words, struct options *o, size_t *rest,
                            struct err *e)
{
    size_t k = 0;
    for (; k < n; k++) {
        if (strcmp(words[k], "--") == 0) {
            k++;
            break;
        }
        size_t used;
        if (strncmp(words[k], "--", 2) != 0)
            continue;
        TRY(options_parse(o, words + k, n - k, &used, e));
        k += used - 1;
    }
    *rest = k;
    return ST_OK;
}

int image_main(const struct boot_info *boot)
{
    static char text[sizeof boot->cmdline], app_text[sizeof boot->cmdline], test[128];
    static const char *words[ARGS_MAX], *argv[2 * ARGS_MAX];
    struct options o;
    struct err e = {0};
    options_init(&o);
    size_t n = cmdline_split(boot->cmdline, text, words, ARGS_MAX), rest;
    if (n > ARGS_MAX)
        return bad("the kernel command line has too many words", "");
    if (parse_options(n, words, &o, &rest, &e) != ST_OK)
        return bad(e.text, " (kernel command line)");
    if (!o.report) {
        o.report = "-";
        if (o.profile < 0)
            o.profile = 1;
    }
    if (cmdline_option(boot->cmdline, "test", test, sizeof test)) {
        if (!unit_run)
            return bad("this image carries no tests", "");
        return ended(unit_run(test) ? ENGINE_EXIT_BAD : 0);
    }

    struct plat_blob app;
    if (plat_blob_at(0, &app) != ST_OK)
        return bad("no module: give the image a .wasm file as its first boot module (QEMU: -initrd app.wasm)",
                   "");
    size_t argc = cmdline_split(boot->nmodules ? boot->modules[0].cmdline : "", app_text, argv, ARGS_MAX);
    if (argc > ARGS_MAX)
        return bad("the module's line has too many words", "");
    if (argc == 0)
        argc = 1;
    argv[0] = app.name;
    if (argc == 1) { /* no arguments on the module's line: those of the kernel's */
        for (size_t k = rest; k < n; k++)
            argv[argc++] = words[k];
    }
    return engine_run(&o, app.data, app.len, (int)argc, argv);
}
