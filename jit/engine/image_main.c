/* image_main.c: what the image does once kernel_lib is up: options from the kernel command line, the app from
 * where it is (image_app.c, payload.c), then engine_run. */
#include <string.h>

#include "boot_info.h"
#include "cmdline.h"
#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "plat.h"
#include "runtime.h"

#define ARGS_MAX 256
/* Whether calls are counted when nobody said: an appliance knows already what is hot. */
#ifdef ANNEAL_APPLIANCE
#define IMAGE_PROFILES 0
#else
#define IMAGE_PROFILES 1
#endif

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
    static char text[sizeof boot->cmdline], test[128];
    static const char *words[ARGS_MAX];
    struct options o;
    struct image_app app;
    struct err e = {0};
    options_init(&o);
    image_boot(boot, &o);
    if (image_app_options(&o, &e) != ST_OK)
        return bad(e.text, "");
    size_t n = cmdline_split(boot->cmdline, text, words, ARGS_MAX), rest;
    if (n > ARGS_MAX)
        return bad("the kernel command line has too many words", "");
    if (parse_options(n, words, &o, &rest, &e) != ST_OK)
        return bad(e.text, " (kernel command line)");
    if (!o.report) {
        o.report = "-";
        if (o.profile < 0)
            o.profile = IMAGE_PROFILES;
    }
    if (cmdline_option(boot->cmdline, "test", test, sizeof test)) {
        if (!unit_run)
            return bad("this image carries no tests", "");
        return ended(unit_run(test) ? ENGINE_EXIT_BAD : 0);
    }
    bool has_args = rest > 0 && strcmp(words[rest - 1], "--") == 0;
    if (image_app_find(boot, n - rest, has_args ? words + rest : NULL, &app, &e) != ST_OK)
        return bad(e.text, "");
    if (o.manifest && image_app_manifest(&e) != ST_OK)
        return bad(e.text, "");
#ifndef ANNEAL_APPLIANCE
    image_state_find(&o);
    image_export_default(&o);
#endif
    if (o.export_to && image_export_init(&o, &app, &e) != ST_OK)
        return bad(e.text, "");
    return engine_run(&o, app.bytes, app.len, app.argc, app.argv);
}
