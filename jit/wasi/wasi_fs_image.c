/* wasi_fs_image.c: in the image all files are blobs, and the console is a terminal. */
#include "wasi_fs.h"

enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out)
{
    return wasi_fs_blob_open_root(plat_blob_at, host, out);
}

bool wasi_fs_has_default_root(void)
{
    return true;
}

bool wasi_fs_is_terminal(u32 stream)
{
    (void)stream;
    return true;
}
