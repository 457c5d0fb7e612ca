/* wasi_fs_host_path.c: paths below a directory of the host.
 *
 * The walk opens one component at a time without following links, keeps the directories it came through open
 * (".." goes back to one of them, never by the host's own ".."), and reads symbolic links itself. So nothing
 * that changes meanwhile can lead out of the root. */
#define _GNU_SOURCE
#include "wasi_fs_host.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { DIRS_MAX = 65 }; /* as deep as wasi_walk goes, and the root */

struct trail {
    int dirs[DIRS_MAX]; /* dirs[0] is the root, which is not ours */
    u32 n;
};

enum wasi_errno host_errno(void)
{
    static const struct {
        int host;
        enum wasi_errno guest;
    } map[] = {
        {E2BIG, WASI_2BIG},        {EACCES, WASI_ACCES},   {EAGAIN, WASI_AGAIN},
        {EBADF, WASI_BADF},        {EBUSY, WASI_BUSY},     {EEXIST, WASI_EXIST},
        {EFBIG, WASI_FBIG},        {EINTR, WASI_INTR},     {EINVAL, WASI_INVAL},
        {EISDIR, WASI_ISDIR},      {ELOOP, WASI_LOOP},     {EMFILE, WASI_MFILE},
        {EMLINK, WASI_MLINK},      {ENFILE, WASI_NFILE},   {ENAMETOOLONG, WASI_NAMETOOLONG},
        {ENODEV, WASI_NODEV},      {ENOENT, WASI_NOENT},   {ENOMEM, WASI_NOMEM},
        {ENOSPC, WASI_NOSPC},      {ENOTDIR, WASI_NOTDIR}, {ENOTEMPTY, WASI_NOTEMPTY},
        {EOPNOTSUPP, WASI_NOTSUP}, {ENXIO, WASI_NXIO},     {EOVERFLOW, WASI_OVERFLOW},
        {EPERM, WASI_PERM},        {EPIPE, WASI_PIPE},     {EROFS, WASI_ROFS},
        {ESPIPE, WASI_SPIPE},      {ETXTBSY, WASI_TXTBSY}, {EXDEV, WASI_XDEV},
        {EDQUOT, WASI_DQUOT},
    };
    for (size_t k = 0; k < sizeof map / sizeof *map; k++)
        if (map[k].host == errno)
            return map[k].guest;
    return WASI_IO;
}

static int top(const struct trail *t)
{
    return t->dirs[t->n - 1];
}

static enum wasi_errno enter(void *env, const char *name)
{
    struct trail *t = env;
    int fd = openat(top(t), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP ? WASI_NOTDIR : host_errno();
    t->dirs[t->n++] = fd;
    return WASI_SUCCESS;
}

static void leave(void *env)
{
    struct trail *t = env;
    close(t->dirs[--t->n]);
}

static enum wasi_errno read_link(void *env, const char *name, char *target, size_t *len)
{
    ssize_t n = readlinkat(top(env), name, target, WASI_PATH_MAX);
    if (n < 0)
        return host_errno();
    *len = (size_t)n;
    return WASI_SUCCESS;
}

enum wasi_errno host_walk(int root, const char *path, bool follow, struct host_place *out)
{
    static const struct wasi_walk_ops ops = {.enter = enter, .leave = leave, .readlink = read_link};
    struct trail t;
    t.dirs[0] = root;
    t.n = 1;
    enum wasi_errno e = wasi_walk(&ops, &t, path, follow, &out->end);
    if (e == WASI_SUCCESS) {
        out->dir = fcntl(top(&t), F_DUPFD_CLOEXEC, 0);
        if (out->dir < 0)
            e = host_errno();
    }
    while (t.n > 1)
        leave(&t);
    return e;
}
