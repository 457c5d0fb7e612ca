/* wasi_path.c: operations on paths, all relative to an open directory. */
#include "wasi_priv.h"

#include <string.h>

/* The directory `fd` and a copy of the path, NUL-ended. */
static enum wasi_errno dir_path(struct wasi *w, u32 fd, u32 ptr, u32 len, struct wasi_fd **dir, char *path)
{
    struct wasi_fd *f = wasi_fd_find(w, fd);
    if (!f)
        return WASI_BADF;
    if (f->kind != WASI_FD_FILE || f->file->type != WASI_FILETYPE_DIRECTORY)
        return WASI_NOTDIR;
    const char *from = wasi_mem(w, ptr, len);
    if (!from)
        return WASI_FAULT;
    if (len >= WASI_PATH_MAX)
        return WASI_NAMETOOLONG;
    if (len == 0)
        return WASI_NOENT;
    if (memchr(from, 0, len))
        return WASI_INVAL;
    if (from[0] == '/')
        return WASI_NOTCAPABLE;
    memcpy(path, from, len);
    path[len] = 0;
    *dir = f;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_path_open(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[2], (u32)a[3], &dir, path));
    if (!wasi_mem(w, (u32)a[8], 4))
        return WASI_FAULT;
    struct wasi_fd f = {.kind = WASI_FD_FILE,
                        .rights = a[5] & dir->rights_inheriting,
                        .rights_inheriting = a[6] & dir->rights_inheriting,
                        .flags = (u16)a[7] & WASI_FDFLAGS_ALL};
    struct wasi_open how = {.oflags = (u32)a[4],
                            .fdflags = f.flags,
                            .follow = (u32)a[1] & WASI_LOOKUP_SYMLINK_FOLLOW,
                            .read = f.rights & (WASI_RIGHT_FD_READ | WASI_RIGHT_FD_READDIR),
                            .write = f.rights & WASI_RIGHT_FD_WRITE};
    WASI_TRY(dir->file->ops->open(dir->file, path, &how, &f.file));
    u32 fd;
    enum wasi_errno e = wasi_fd_add(w, &f, &fd);
    if (e != WASI_SUCCESS) {
        wasi_fd_drop(&f);
        return e;
    }
    return wasi_put_u32(w, (u32)a[8], fd);
}

enum wasi_errno wasi_path_filestat_get(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[2], (u32)a[3], &dir, path));
    u8 *to = wasi_mem(w, (u32)a[4], WASI_FILESTAT_BYTES);
    if (!to)
        return WASI_FAULT;
    struct wasi_stat s;
    WASI_TRY(dir->file->ops->stat_at(dir->file, path, (u32)a[1] & WASI_LOOKUP_SYMLINK_FOLLOW, &s));
    wasi_store_filestat(to, &s);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_path_readlink(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[1], (u32)a[2], &dir, path));
    char *to = wasi_mem(w, (u32)a[3], (u32)a[4]);
    if (!to)
        return WASI_FAULT;
    size_t got;
    WASI_TRY(dir->file->ops->readlink(dir->file, path, to, (u32)a[4], &got));
    return wasi_put_u32(w, (u32)a[5], (u32)got);
}

enum wasi_errno wasi_path_create_directory(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[1], (u32)a[2], &dir, path));
    return dir->file->ops->make_dir ? dir->file->ops->make_dir(dir->file, path) : WASI_ROFS;
}

static enum wasi_errno remove_path(struct wasi *w, const rt_cell *a, bool is_dir)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[1], (u32)a[2], &dir, path));
    return dir->file->ops->remove ? dir->file->ops->remove(dir->file, path, is_dir) : WASI_ROFS;
}

enum wasi_errno wasi_path_remove_directory(struct wasi *w, const rt_cell *a)
{
    return remove_path(w, a, true);
}

enum wasi_errno wasi_path_unlink_file(struct wasi *w, const rt_cell *a)
{
    return remove_path(w, a, false);
}

enum wasi_errno wasi_path_rename(struct wasi *w, const rt_cell *a)
{
    char from[WASI_PATH_MAX], to[WASI_PATH_MAX];
    struct wasi_fd *from_dir, *to_dir;
    WASI_TRY(dir_path(w, (u32)a[0], (u32)a[1], (u32)a[2], &from_dir, from));
    WASI_TRY(dir_path(w, (u32)a[3], (u32)a[4], (u32)a[5], &to_dir, to));
    if (from_dir->file->ops != to_dir->file->ops)
        return WASI_XDEV;
    const struct wasi_fs_ops *ops = from_dir->file->ops;
    return ops->rename ? ops->rename(from_dir->file, from, to_dir->file, to) : WASI_ROFS;
}
