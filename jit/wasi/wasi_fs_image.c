/* wasi_fs_image.c: in the image all files are blobs. */
#include "wasi_fs.h"

#include <string.h>

#include "cmdline.h"
#include "runtime.h"

enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out)
{
    return wasi_fs_blob_open_root(plat_blob_at, host, out);
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
