/* wasi_fs_host.h: between the two files of the host implementation. */
#ifndef JIT_WASI_FS_HOST_H
#define JIT_WASI_FS_HOST_H

#include "wasi_fs.h"

/* Guest's errno of the present errno. */
enum wasi_errno host_errno(void);

/* Walks `path` from directory `root` without ever leaving it: to the directory that holds the last component.
 */
struct host_place {
    int dir; /* the caller closes it */
    struct wasi_walk_end end;
};
enum wasi_errno host_walk(int root, const char *path, bool follow, struct host_place *out);

#endif
