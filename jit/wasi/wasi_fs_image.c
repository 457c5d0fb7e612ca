/* wasi_fs_image.c: in the image all files are in memory: one tree, filled from the boot modules. */
#include "wasi_fs.h"

#include <string.h>

#include "cmdline.h"
#include "runtime.h"

enum { RAM_SHARE = 2 }; /* files may take 1/RAM_SHARE of the machine's memory */

/* The blobs behind the program's own. An appliance has its program elsewhere. */
static status blob_at(size_t index, struct plat_blob *out)
{
#ifdef ANNEAL_APPLIANCE
    index--;
#endif
    return plat_blob_at(index, out);
}

enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out)
{
    static struct wasi_ram *ram; /* stays: who opens it again finds what was written */
    if (!ram) {
        enum wasi_errno e = wasi_ram_create(blob_at, plat_memory_total() / RAM_SHARE, &ram);
        if (e != WASI_SUCCESS)
            return e;
    }
    return wasi_ram_open_root(ram, host, out);
}

bool wasi_fs_has_default_root(void)
{
    return true;
}

/* A person sits at the console, unless each stream has a line of its own: then a program does (tools/run),
 * and the app is to behave as it does in a pipe. */
bool wasi_fs_is_terminal(u32 stream)
{
    (void)stream;
    char value[16];
    return !cmdline_option(runtime_boot_info()->cmdline, "console", value, sizeof value) ||
           strcmp(value, "split") != 0;
}
