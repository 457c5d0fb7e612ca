/* wasi_fs_host.h: between the two files of the host implementation. */
#ifndef JIT_WASI_FS_HOST_H
#define JIT_WASI_FS_HOST_H

#include "wasi_fs.h"

/* Guest's errno of the present errno. */
enum wasi_errno host_errno(void);

/* Walks `path` from directory `root` without ever leaving it: to the directory that holds the last component.
 */
struct host_place {
    int dir;                  /* the caller closes it */
    char name[WASI_NAME_MAX]; /* last component, "." when the path ends in a directory by "." or ".."; no
                                 symbolic link where it was to be followed */
    bool must_be_dir;         /* the path ended with a slash */
};
enum wasi_errno host_walk(int root, const char *path, bool follow, struct host_place *out);

#endif
