/* wasi_fs_host.c: directories of the host, for the command. */
#define _GNU_SOURCE
#include "wasi_fs_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "heap.h"
#include "plat.h"

struct host_file {
    struct wasi_file file; /* first */
    int fd;
    /* Directories: the listing as it was at cookie 0; a cookie is a position in it. */
    struct wasi_dirent *list;
    size_t nlist;
};

static const struct wasi_fs_ops host_ops;

static int fd_of(struct wasi_file *f)
{
    return ((struct host_file *)f)->fd;
}

static enum wasi_errno result(int r)
{
    return r < 0 ? host_errno() : WASI_SUCCESS;
}

static enum wasi_filetype type_of_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFBLK: return WASI_FILETYPE_BLOCK_DEVICE;
    case S_IFCHR: return WASI_FILETYPE_CHARACTER_DEVICE;
    case S_IFDIR: return WASI_FILETYPE_DIRECTORY;
    case S_IFREG: return WASI_FILETYPE_REGULAR_FILE;
    case S_IFSOCK: return WASI_FILETYPE_SOCKET_STREAM;
    case S_IFLNK: return WASI_FILETYPE_SYMBOLIC_LINK;
    default: return WASI_FILETYPE_UNKNOWN;
    }
}

static u64 ns_of(struct timespec t)
{
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static void stat_fill(const struct stat *st, struct wasi_stat *out)
{
    *out = (struct wasi_stat){.dev = st->st_dev,
                              .ino = st->st_ino,
                              .type = type_of_mode(st->st_mode),
                              .nlink = st->st_nlink,
                              .size = (u64)st->st_size,
                              .atim_ns = ns_of(st->st_atim),
                              .mtim_ns = ns_of(st->st_mtim),
                              .ctim_ns = ns_of(st->st_ctim)};
}

/* --- Opening. --- */

/* Takes `fd`. */
static enum wasi_errno file_create(int fd, struct wasi_file **out)
{
    struct stat st;
    struct host_file *f = heap_calloc(1, sizeof *f);
    if (!f || fstat(fd, &st) < 0) {
        enum wasi_errno e = f ? host_errno() : WASI_NOMEM;
        heap_free(f);
        close(fd);
        return e;
    }
    *f = (struct host_file){.file = {.ops = &host_ops, .type = type_of_mode(st.st_mode)}, .fd = fd};
    *out = &f->file;
    return WASI_SUCCESS;
}

static int open_flags(const struct wasi_open *how, bool must_be_dir)
{
    int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | (how->fdflags & WASI_FDFLAG_NONBLOCK ? O_NONBLOCK : 0);
    if (how->oflags & WASI_OFLAG_DIRECTORY)
        return flags | O_DIRECTORY | O_RDONLY;
    flags |= must_be_dir ? O_DIRECTORY : 0;
    flags |= how->write ? (how->read ? O_RDWR : O_WRONLY) : O_RDONLY;
    flags |= how->oflags & WASI_OFLAG_CREAT && !must_be_dir ? O_CREAT : 0;
    flags |= how->oflags & WASI_OFLAG_EXCL && !must_be_dir ? O_EXCL : 0;
    flags |= how->oflags & WASI_OFLAG_TRUNC ? O_TRUNC : 0;
    return flags;
}

static enum wasi_errno host_open(struct wasi_file *dir, const char *path, const struct wasi_open *how,
                                 struct wasi_file **out)
{
    struct host_place p;
    bool exclusive = how->oflags & WASI_OFLAG_CREAT && how->oflags & WASI_OFLAG_EXCL;
    enum wasi_errno e = host_walk(fd_of(dir), path, how->follow && !exclusive, &p);
    if (e != WASI_SUCCESS)
        return e;
    int fd = openat(p.dir, p.end.name, open_flags(how, p.end.must_be_dir), 0666);
    e = result(fd);
    close(p.dir);
    return e == WASI_SUCCESS ? file_create(fd, out) : e;
}

static void host_close(struct wasi_file *file)
{
    struct host_file *f = (struct host_file *)file;
    close(f->fd);
    heap_free(f->list);
    heap_free(f);
}

enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out)
{
    int fd = open(host, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? host_errno() : file_create(fd, out);
}

bool wasi_fs_has_default_root(void)
{
    return false;
}

bool wasi_fs_is_terminal(u32 stream)
{
    return isatty((int)stream);
}

/* --- Attributes. --- */

static enum wasi_errno host_stat(struct wasi_file *f, struct wasi_stat *out)
{
    struct stat st;
    enum wasi_errno e = result(fstat(fd_of(f), &st));
    if (e == WASI_SUCCESS)
        stat_fill(&st, out);
    return e;
}

static enum wasi_errno host_stat_at(struct wasi_file *dir, const char *path, bool follow,
                                    struct wasi_stat *out)
{
    struct host_place p;
    enum wasi_errno e = host_walk(fd_of(dir), path, follow, &p);
    if (e != WASI_SUCCESS)
        return e;
    struct stat st;
    e = result(fstatat(p.dir, p.end.name, &st, AT_SYMLINK_NOFOLLOW));
    close(p.dir);
    if (e == WASI_SUCCESS && p.end.must_be_dir && !S_ISDIR(st.st_mode))
        return WASI_NOTDIR;
    if (e == WASI_SUCCESS)
        stat_fill(&st, out);
    return e;
}

static enum wasi_errno host_readlink(struct wasi_file *dir, const char *path, char *buf, size_t len,
                                     size_t *got)
{
    struct host_place p;
    enum wasi_errno e = host_walk(fd_of(dir), path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    char target[WASI_PATH_MAX]; /* a length of 0 is an error for readlinkat, not for WASI */
    ssize_t n = readlinkat(p.dir, p.end.name, target, sizeof target);
    e = n < 0 ? host_errno() : WASI_SUCCESS;
    close(p.dir);
    if (e != WASI_SUCCESS)
        return e;
    *got = (size_t)n < len ? (size_t)n : len;
    memcpy(buf, target, *got);
    return WASI_SUCCESS;
}

/* --- Contents. What cannot seek (a FIFO, a terminal) is read and written where it is. --- */

static enum wasi_errno host_read(struct wasi_file *f, void *buf, size_t len, u64 at, size_t *got)
{
    ssize_t n;
    plat_touch(buf, len);
    do {
        n = pread(fd_of(f), buf, len, (off_t)at);
        if (n < 0 && errno == ESPIPE)
            n = read(fd_of(f), buf, len);
    } while (n < 0 && errno == EINTR && !plat_alarm_rings());
    *got = n < 0 ? 0 : (size_t)n;
    return n < 0 ? host_errno() : WASI_SUCCESS;
}

static enum wasi_errno host_write(struct wasi_file *f, const void *buf, size_t len, u64 at, size_t *put)
{
    ssize_t n;
    plat_touch((void *)(uintptr_t)buf, len);
    do {
        n = pwrite(fd_of(f), buf, len, (off_t)at);
        if (n < 0 && errno == ESPIPE)
            n = write(fd_of(f), buf, len);
    } while (n < 0 && errno == EINTR && !plat_alarm_rings());
    *put = n < 0 ? 0 : (size_t)n;
    return n < 0 ? host_errno() : WASI_SUCCESS;
}

static enum wasi_errno host_set_size(struct wasi_file *f, u64 size)
{
    return result(ftruncate(fd_of(f), (off_t)size));
}

static enum wasi_errno host_allocate(struct wasi_file *f, u64 at, u64 len)
{
    errno = posix_fallocate(fd_of(f), (off_t)at, (off_t)len);
    return errno ? host_errno() : WASI_SUCCESS;
}

static enum wasi_errno host_sync(struct wasi_file *f, bool data_only)
{
    return result(data_only ? fdatasync(fd_of(f)) : fsync(fd_of(f)));
}

static enum wasi_errno host_set_nonblock(struct wasi_file *f, bool on)
{
    int flags = fcntl(fd_of(f), F_GETFL);
    return flags < 0 ? host_errno()
                     : result(fcntl(fd_of(f), F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

static struct timespec time_of(u32 flags, u32 set, u32 now, u64 ns)
{
    if (flags & now)
        return (struct timespec){.tv_nsec = UTIME_NOW};
    if (flags & set)
        return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    return (struct timespec){.tv_nsec = UTIME_OMIT};
}

static void times_fill(const struct wasi_times *t, struct timespec out[2])
{
    out[0] = time_of(t->flags, WASI_FST_ATIM, WASI_FST_ATIM_NOW, t->atim_ns);
    out[1] = time_of(t->flags, WASI_FST_MTIM, WASI_FST_MTIM_NOW, t->mtim_ns);
}

static enum wasi_errno host_set_times(struct wasi_file *f, const struct wasi_times *t)
{
    struct timespec ts[2];
    times_fill(t, ts);
    return result(futimens(fd_of(f), ts));
}

static enum wasi_errno host_set_times_at(struct wasi_file *dir, const char *path, bool follow,
                                         const struct wasi_times *t)
{
    struct host_place p;
    struct timespec ts[2];
    times_fill(t, ts);
    enum wasi_errno e = host_walk(fd_of(dir), path, follow, &p);
    if (e != WASI_SUCCESS)
        return e;
    struct stat st;
    e = result(fstatat(p.dir, p.end.name, &st, AT_SYMLINK_NOFOLLOW));
    if (e == WASI_SUCCESS && p.end.must_be_dir && !S_ISDIR(st.st_mode))
        e = WASI_NOTDIR;
    if (e == WASI_SUCCESS)
        e = result(utimensat(p.dir, p.end.name, ts, AT_SYMLINK_NOFOLLOW));
    close(p.dir);
    return e;
}

/* --- Directories. --- */

static enum wasi_filetype type_of_dirent(unsigned char type)
{
    return type == DT_UNKNOWN ? WASI_FILETYPE_UNKNOWN : type_of_mode(DTTOIF(type));
}

static enum wasi_errno list_add(struct host_file *f, size_t *capacity, const struct dirent *d)
{
    if (f->nlist == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 32;
        struct wasi_dirent *list = heap_realloc(f->list, more * sizeof *list);
        if (!list)
            return WASI_NOMEM;
        f->list = list;
        *capacity = more;
    }
    struct wasi_dirent *e = &f->list[f->nlist++];
    *e = (struct wasi_dirent){.next = f->nlist, .ino = d->d_ino, .type = type_of_dirent(d->d_type)};
    strncpy(e->name, d->d_name, WASI_NAME_MAX - 1);
    return WASI_SUCCESS;
}

static enum wasi_errno list_read(struct host_file *f)
{
    int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        enum wasi_errno e = host_errno();
        if (fd >= 0)
            close(fd);
        return e;
    }
    heap_free(f->list);
    f->list = NULL;
    f->nlist = 0;
    size_t capacity = 0;
    enum wasi_errno e = WASI_SUCCESS;
    for (const struct dirent *d; e == WASI_SUCCESS && (d = readdir(dir));)
        e = list_add(f, &capacity, d);
    closedir(dir);
    return e;
}

static enum wasi_errno host_readdir(struct wasi_file *dir, u64 cookie, struct wasi_dirent *out, bool *found)
{
    struct host_file *f = (struct host_file *)dir;
    if (cookie == 0 || !f->list) {
        enum wasi_errno e = list_read(f);
        if (e != WASI_SUCCESS)
            return e;
    }
    *found = cookie < f->nlist;
    if (*found)
        *out = f->list[cookie];
    return WASI_SUCCESS;
}

/* --- Changing the tree. None of these calls follows a link in its last component, a slash behind it or not.
 * --- */

static enum wasi_errno place_of(struct wasi_file *dir, const char *path, bool follow, struct host_place *p)
{
    enum wasi_errno e = host_walk(fd_of(dir), path, follow, p);
    if (e == WASI_SUCCESS && p->end.must_be_dir)
        strcat(p->end.name, "/"); /* there is room for it */
    return e;
}

static enum wasi_errno host_make_dir(struct wasi_file *dir, const char *path)
{
    struct host_place p;
    enum wasi_errno e = place_of(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    e = result(mkdirat(p.dir, p.end.name, 0777));
    close(p.dir);
    return e;
}

static enum wasi_errno host_remove(struct wasi_file *dir, const char *path, bool is_dir)
{
    struct host_place p;
    enum wasi_errno e = place_of(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    e = result(unlinkat(p.dir, p.end.name, is_dir ? AT_REMOVEDIR : 0));
    close(p.dir);
    return e;
}

/* The places of two paths; the caller closes both. */
static enum wasi_errno two_places(struct wasi_file *from_dir, const char *from, bool follow,
                                  struct wasi_file *to_dir, const char *to, struct host_place *a,
                                  struct host_place *b)
{
    enum wasi_errno e = place_of(from_dir, from, follow, a);
    if (e != WASI_SUCCESS)
        return e;
    e = place_of(to_dir, to, false, b);
    if (e != WASI_SUCCESS)
        close(a->dir);
    return e;
}

static enum wasi_errno host_rename(struct wasi_file *from_dir, const char *from, struct wasi_file *to_dir,
                                   const char *to)
{
    struct host_place a, b;
    enum wasi_errno e = two_places(from_dir, from, false, to_dir, to, &a, &b);
    if (e != WASI_SUCCESS)
        return e;
    e = result(renameat(a.dir, a.end.name, b.dir, b.end.name));
    close(a.dir);
    close(b.dir);
    return e;
}

static enum wasi_errno host_link(struct wasi_file *from_dir, const char *from, bool follow,
                                 struct wasi_file *to_dir, const char *to)
{
    struct host_place a, b;
    enum wasi_errno e = two_places(from_dir, from, follow, to_dir, to, &a, &b);
    if (e != WASI_SUCCESS)
        return e;
    e = result(linkat(a.dir, a.end.name, b.dir, b.end.name, 0));
    close(a.dir);
    close(b.dir);
    return e;
}

static enum wasi_errno host_symlink(struct wasi_file *dir, const char *target, const char *path)
{
    struct host_place p;
    enum wasi_errno e = place_of(dir, path, false, &p);
    if (e != WASI_SUCCESS)
        return e;
    e = result(symlinkat(target, p.dir, p.end.name));
    close(p.dir);
    return e;
}

static const struct wasi_fs_ops host_ops = {
    .open = host_open,
    .close = host_close,
    .stat = host_stat,
    .stat_at = host_stat_at,
    .read = host_read,
    .readdir = host_readdir,
    .readlink = host_readlink,
    .write = host_write,
    .set_size = host_set_size,
    .allocate = host_allocate,
    .sync = host_sync,
    .set_nonblock = host_set_nonblock,
    .set_times = host_set_times,
    .set_times_at = host_set_times_at,
    .make_dir = host_make_dir,
    .remove = host_remove,
    .rename = host_rename,
    .link = host_link,
    .symlink = host_symlink,
};
