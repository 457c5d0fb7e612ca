/* wasi_path.c: operations on paths, all relative to an open directory. */
#include "wasi_priv.h"

#include <string.h>

/* A copy of the guest's text, NUL-ended, for a path or a link's target. */
static enum wasi_errno text_copy(struct wasi *w, u32 ptr, u32 len, char *out)
{
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
    memcpy(out, from, len);
    out[len] = 0;
    return WASI_SUCCESS;
}

/* The directory `fd`, which has all of `rights`, and a copy of the path. */
static enum wasi_errno dir_path(struct wasi *w, u32 fd, u64 rights, u32 ptr, u32 len, struct wasi_fd **dir,
                                char *path)
{
    struct wasi_fd *f = wasi_fd_find(w, fd);
    if (!f)
        return WASI_BADF;
    if (f->kind != WASI_FD_FILE || f->file->type != WASI_FILETYPE_DIRECTORY)
        return WASI_NOTDIR;
    if ((f->rights & rights) != rights)
        return WASI_NOTCAPABLE;
    *dir = f;
    return text_copy(w, ptr, len, path);
}

static bool follows(rt_cell lookupflags)
{
    return (u32)lookupflags & WASI_LOOKUP_SYMLINK_FOLLOW;
}

/* --- Opening. --- */

static enum wasi_errno open_check(const struct wasi_fd *dir, u32 oflags, u32 fdflags, u64 rights)
{
    if (oflags & ~WASI_OFLAGS_ALL || fdflags & ~WASI_FDFLAGS_ALL)
        return WASI_INVAL;
    if (oflags & WASI_OFLAG_CREAT && oflags & WASI_OFLAG_DIRECTORY)
        return WASI_INVAL;
    rights |= wasi_rights_of_fdflags(fdflags);
    return rights & ~dir->rights_inheriting ? WASI_NOTCAPABLE : WASI_SUCCESS;
}

/* Bits that are no rights are passed over: programs ask for all there may be. */
enum wasi_errno wasi_path_open(struct wasi *w, const rt_cell *a)
{
    enum {
        READS = WASI_RIGHT_FD_READ | WASI_RIGHT_FD_READDIR,
        WRITES = WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_ALLOCATE | WASI_RIGHT_FD_FILESTAT_SET_SIZE
    };
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    u32 oflags = (u32)a[4] & 0xffff, fdflags = (u32)a[7] & 0xffff;
    u64 base = a[5] & WASI_RIGHTS_ALL, inheriting = a[6] & WASI_RIGHTS_ALL;
    WASI_TRY(dir_path(w, (u32)a[0], wasi_rights_to_open(oflags), (u32)a[2], (u32)a[3], &dir, path));
    if (!wasi_mem(w, (u32)a[8], 4))
        return WASI_FAULT;
    WASI_TRY(open_check(dir, oflags, fdflags, base | inheriting));
    struct wasi_open how = {.oflags = oflags,
                            .fdflags = fdflags,
                            .follow = follows(a[1]),
                            .read = base & READS,
                            .write = base & WRITES};
    struct wasi_fd f = {.kind = WASI_FD_FILE, .flags = (u16)fdflags};
    WASI_TRY(dir->file->ops->open(dir->file, path, &how, &f.file));
    f.rights = base & wasi_rights_of_type(f.file->type);
    f.rights_inheriting = inheriting & wasi_rights_inherited(f.file->type);
    u32 fd;
    enum wasi_errno e = wasi_fd_add(w, &f, &fd);
    if (e != WASI_SUCCESS) {
        wasi_fd_drop(&f);
        return e;
    }
    return wasi_put_u32(w, (u32)a[8], fd);
}

/* --- Attributes. --- */

enum wasi_errno wasi_path_filestat_get(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_FILESTAT_GET, (u32)a[2], (u32)a[3], &dir, path));
    struct wasi_stat s;
    WASI_TRY(dir->file->ops->stat_at(dir->file, path, follows(a[1]), &s));
    return wasi_put_filestat(w, (u32)a[4], &s);
}

enum wasi_errno wasi_path_filestat_set_times(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    struct wasi_times t;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_FILESTAT_SET_TIMES, (u32)a[2], (u32)a[3], &dir, path));
    WASI_TRY(wasi_times_get(a[4], a[5], a[6], &t));
    return dir->file->ops->set_times_at(dir->file, path, follows(a[1]), &t);
}

enum wasi_errno wasi_path_readlink(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_READLINK, (u32)a[1], (u32)a[2], &dir, path));
    char *to = wasi_mem(w, (u32)a[3], (u32)a[4]);
    if (!to)
        return WASI_FAULT;
    size_t got;
    WASI_TRY(dir->file->ops->readlink(dir->file, path, to, (u32)a[4], &got));
    return wasi_put_u32(w, (u32)a[5], (u32)got);
}

/* --- Changing the tree. --- */

enum wasi_errno wasi_path_create_directory(struct wasi *w, const rt_cell *a)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_CREATE_DIRECTORY, (u32)a[1], (u32)a[2], &dir, path));
    return dir->file->ops->make_dir(dir->file, path);
}

static enum wasi_errno remove_path(struct wasi *w, const rt_cell *a, u64 right, bool is_dir)
{
    char path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[0], right, (u32)a[1], (u32)a[2], &dir, path));
    return dir->file->ops->remove(dir->file, path, is_dir);
}

enum wasi_errno wasi_path_remove_directory(struct wasi *w, const rt_cell *a)
{
    return remove_path(w, a, WASI_RIGHT_PATH_REMOVE_DIRECTORY, true);
}

enum wasi_errno wasi_path_unlink_file(struct wasi *w, const rt_cell *a)
{
    return remove_path(w, a, WASI_RIGHT_PATH_UNLINK_FILE, false);
}

enum wasi_errno wasi_path_rename(struct wasi *w, const rt_cell *a)
{
    char from[WASI_PATH_MAX], to[WASI_PATH_MAX];
    struct wasi_fd *from_dir, *to_dir;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_RENAME_SOURCE, (u32)a[1], (u32)a[2], &from_dir, from));
    WASI_TRY(dir_path(w, (u32)a[3], WASI_RIGHT_PATH_RENAME_TARGET, (u32)a[4], (u32)a[5], &to_dir, to));
    if (from_dir->file->ops != to_dir->file->ops)
        return WASI_XDEV;
    return from_dir->file->ops->rename(from_dir->file, from, to_dir->file, to);
}

enum wasi_errno wasi_path_link(struct wasi *w, const rt_cell *a)
{
    char from[WASI_PATH_MAX], to[WASI_PATH_MAX];
    struct wasi_fd *from_dir, *to_dir;
    WASI_TRY(dir_path(w, (u32)a[0], WASI_RIGHT_PATH_LINK_SOURCE, (u32)a[2], (u32)a[3], &from_dir, from));
    WASI_TRY(dir_path(w, (u32)a[4], WASI_RIGHT_PATH_LINK_TARGET, (u32)a[5], (u32)a[6], &to_dir, to));
    if (from_dir->file->ops != to_dir->file->ops)
        return WASI_XDEV;
    return from_dir->file->ops->link(from_dir->file, from, follows(a[1]), to_dir->file, to);
}

/* A target that starts at the host's root is refused: whoever follows it outside would leave the directory.
 */
enum wasi_errno wasi_path_symlink(struct wasi *w, const rt_cell *a)
{
    char target[WASI_PATH_MAX], path[WASI_PATH_MAX];
    struct wasi_fd *dir;
    WASI_TRY(dir_path(w, (u32)a[2], WASI_RIGHT_PATH_SYMLINK, (u32)a[3], (u32)a[4], &dir, path));
    WASI_TRY(text_copy(w, (u32)a[0], (u32)a[1], target));
    return dir->file->ops->symlink(dir->file, target, path);
}
