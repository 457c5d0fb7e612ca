/* image_app.c: the full image's app is its first boot module. Its arguments stand behind its name on the
 * module's line (multiboot2), or behind `--` on the kernel's line (PVH, where there is no module line). */
#include "cmdline.h"
#include "engine_priv.h"
#include "plat.h"

#define ARGS_MAX 256

status image_app_options(struct options *o, struct err *e)
{
    (void)o, (void)e;
    return ST_OK;
}

status image_app_manifest(struct err *e)
{
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "--manifest: this image is no appliance");
}

status image_app_find(const struct boot_info *boot, size_t nargs, const char *const *args,
                      struct image_app *out, struct err *e)
{
    static char text[sizeof boot->cmdline];
    static const char *argv[IMAGE_ARGS_MAX];
    struct plat_blob app;
    if (plat_blob_at(0, &app) != ST_OK)
        return err_set(
            e, E_NOTFOUND, ERR_NO_OFFSET,
            "no module: give the image a .wasm file as its first boot module (QEMU: -initrd app.wasm)");
    size_t argc = cmdline_split(boot->nmodules ? boot->modules[0].cmdline : "", text, argv, ARGS_MAX);
    if (argc > ARGS_MAX)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "the module's line has too many words");
    if (argc == 0)
        argc = 1;
    argv[0] = app.name;
    if (argc == 1) { /* no arguments on the module's line: those of the kernel's */
        for (size_t k = 0; args && k < nargs; k++)
            argv[argc++] = args[k];
    }
    *out = (struct image_app){app.data, app.len, (int)argc, argv};
    return ST_OK;
}
