/* wasi_fs_host_path.c: paths below a directory of the host.
 *
 * The walk opens one component at a time without following links, keeps the directories it came through open
 * (".." goes back to one of them, never by the host's own ".."), and reads symbolic links itself. So nothing
 * that changes meanwhile can lead out of the root. */
#define _GNU_SOURCE
#include "wasi_fs_host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, LINKS_MAX = 40 };

struct walk {
    int dirs[DEPTH_MAX]; /* dirs[0] is the root, which is not ours */
    u32 depth;
    u32 links;
    bool follow;
    char rest[2 * WASI_PATH_MAX];
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
    };
    for (size_t k = 0; k < sizeof map / sizeof *map; k++)
        if (map[k].host == errno)
            return map[k].guest;
    return WASI_IO;
}

static int top(const struct walk *w)
{
    return w->dirs[w->depth - 1];
}

static void pop(struct walk *w)
{
    close(w->dirs[--w->depth]);
}

/* Takes the next component off the front. False: there is none. `*last`: nothing but slashes follows. */
static bool next_component(struct walk *w, char *name, bool *last, bool *slash, enum wasi_errno *e)
{
    char *p = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(p, "/");
    if (len >= WASI_NAME_MAX) {
        *e = WASI_NAMETOOLONG;
        return false;
    }
    if (len == 0)
        return false;
    memcpy(name, p, len);
    name[len] = 0;
    p += len;
    *slash = *p == '/';
    *last = p[strspn(p, "/")] == 0;
    memmove(w->rest, p, strlen(p) + 1);
    return true;
}

/* Puts a link's target in front of what is left. */
static enum wasi_errno prepend(struct walk *w, const char *target, size_t len)
{
    if (++w->links > LINKS_MAX)
        return WASI_LOOP;
    if (len == 0)
        return WASI_NOENT;
    if (target[0] == '/')
        return WASI_NOTCAPABLE;
    size_t rest = strlen(w->rest);
    if (len + rest + 1 > sizeof w->rest)
        return WASI_NAMETOOLONG;
    memmove(w->rest + len, w->rest, rest + 1);
    memcpy(w->rest, target, len);
    return WASI_SUCCESS;
}

static enum wasi_errno push(struct walk *w, const char *name)
{
    if (w->depth == DEPTH_MAX)
        return WASI_NAMETOOLONG;
    int fd = openat(top(w), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP ? WASI_NOTDIR : host_errno();
    w->dirs[w->depth++] = fd;
    return WASI_SUCCESS;
}

/* One component; a slash behind it means what it leads to. `*done`: `name` is the last, in the directory on
 * top. */
static enum wasi_errno step(struct walk *w, const char *name, bool last, bool slash, bool *done)
{
    if (strcmp(name, ".") == 0)
        return WASI_SUCCESS;
    if (strcmp(name, "..") == 0) {
        if (w->depth == 1)
            return WASI_NOTCAPABLE;
        pop(w);
        return WASI_SUCCESS;
    }
    if (!last || slash || w->follow) {
        char target[WASI_PATH_MAX];
        ssize_t n = readlinkat(top(w), name, target, sizeof target);
        if (n >= 0)
            return (size_t)n == sizeof target ? WASI_NAMETOOLONG : prepend(w, target, (size_t)n);
    }
    if (last) {
        *done = true;
        return WASI_SUCCESS;
    }
    return push(w, name);
}

static enum wasi_errno walk_all(struct walk *w, struct host_place *out)
{
    enum wasi_errno e = WASI_SUCCESS;
    bool last, slash, done = false;
    while (e == WASI_SUCCESS && !done && next_component(w, out->name, &last, &slash, &e)) {
        e = step(w, out->name, last, slash, &done);
        if (done)
            out->must_be_dir = slash;
    }
    if (e == WASI_SUCCESS && !done)
        memcpy(out->name, ".", 2);
    return e;
}

enum wasi_errno host_walk(int root, const char *path, bool follow, struct host_place *out)
{
    struct walk w = {.dirs = {root}, .depth = 1, .follow = follow};
    size_t n = strlen(path);
    if (n >= WASI_PATH_MAX)
        return WASI_NAMETOOLONG;
    memcpy(w.rest, path, n + 1);
    *out = (struct host_place){0};
    enum wasi_errno e = walk_all(&w, out);
    if (e == WASI_SUCCESS) {
        out->dir = fcntl(top(&w), F_DUPFD_CLOEXEC, 0);
        if (out->dir < 0)
            e = host_errno();
    }
    while (w.depth > 1)
        pop(&w);
    return e;
}
