/* wasi_fd.c: descriptors: standard streams, files, directories. */
#include "wasi_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

enum { STDERR = 2 };

/* --- The table. --- */

struct wasi_fd *wasi_fd_find(struct wasi *w, u32 fd)
{
    return fd < w->nfds && w->fds[fd].kind != WASI_FD_FREE ? &w->fds[fd] : NULL;
}

/* Makes numbers below `n` valid. */
static enum wasi_errno table_reserve(struct wasi *w, u32 n)
{
    if (n <= w->nfds)
        return WASI_SUCCESS;
    if (n > WASI_FDS_MAX)
        return WASI_MFILE;
    u32 grown = n < 16 ? 16 : n * 2 < WASI_FDS_MAX ? n * 2 : WASI_FDS_MAX;
    struct wasi_fd *fds = heap_realloc(w->fds, grown * sizeof *fds);
    if (!fds)
        return WASI_NOMEM;
    memset(fds + w->nfds, 0, (grown - w->nfds) * sizeof *fds);
    w->fds = fds;
    w->nfds = grown;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_add(struct wasi *w, const struct wasi_fd *f, u32 *out)
{
    u32 fd = 0;
    while (wasi_fd_find(w, fd))
        fd++;
    WASI_TRY(table_reserve(w, fd + 1));
    w->fds[fd] = *f;
    *out = fd;
    return WASI_SUCCESS;
}

void wasi_fd_drop(struct wasi_fd *f)
{
    if (f->kind == WASI_FD_FILE)
        f->file->ops->close(f->file);
    *f = (struct wasi_fd){0};
}

static bool is_dir(const struct wasi_fd *f)
{
    return f->kind == WASI_FD_FILE && f->file->type == WASI_FILETYPE_DIRECTORY;
}

static enum wasi_errno fd_get(struct wasi *w, u32 fd, u64 rights, struct wasi_fd **out)
{
    *out = wasi_fd_find(w, fd);
    if (!*out)
        return WASI_BADF;
    return ((*out)->rights & rights) == rights ? WASI_SUCCESS : WASI_NOTCAPABLE;
}

/* An open file that is neither stream nor directory, with all of `rights`. */
static enum wasi_errno file_get(struct wasi *w, u32 fd, u64 rights, struct wasi_fd **out)
{
    WASI_TRY(fd_get(w, fd, rights, out));
    if ((*out)->kind == WASI_FD_STREAM)
        return WASI_SPIPE;
    return is_dir(*out) ? WASI_ISDIR : WASI_SUCCESS;
}

enum wasi_errno wasi_fd_close(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (!f)
        return WASI_BADF;
    wasi_fd_drop(f);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_renumber(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *from = wasi_fd_find(w, (u32)a[0]);
    struct wasi_fd *to = wasi_fd_find(w, (u32)a[1]);
    if (!from || !to)
        return WASI_BADF;
    if (from == to)
        return WASI_SUCCESS;
    wasi_fd_drop(to);
    *to = *from;
    *from = (struct wasi_fd){0};
    return WASI_SUCCESS;
}

/* --- Vectors of buffers. All are checked before the first byte moves. --- */

struct vector {
    const u8 *iovs;
    u32 count;
    u64 bytes;
};

static enum wasi_errno vector_get(struct wasi *w, u32 ptr, u32 count, struct vector *v)
{
    *v = (struct vector){.iovs = wasi_mem(w, ptr, (u64)count * WASI_IOVEC_BYTES), .count = count};
    if (!v->iovs)
        return WASI_FAULT;
    for (u32 k = 0; k < count; k++) {
        u32 len = (u32)wasi_load(v->iovs, k * WASI_IOVEC_BYTES + 4, 4);
        if (!wasi_mem(w, (u32)wasi_load(v->iovs, k * WASI_IOVEC_BYTES, 4), len))
            return WASI_FAULT;
        v->bytes += len;
    }
    return v->bytes <= UINT32_MAX ? WASI_SUCCESS : WASI_INVAL;
}

/* Checks again: reading into one buffer may have changed what the next one is. NULL then. */
static u8 *vector_at(const struct wasi *w, const struct vector *v, u32 k, u32 *len)
{
    *len = (u32)wasi_load(v->iovs, k * WASI_IOVEC_BYTES + 4, 4);
    return wasi_mem(w, (u32)wasi_load(v->iovs, k * WASI_IOVEC_BYTES, 4), *len);
}

static size_t gather(struct wasi *w, const struct vector *v, u8 *to)
{
    size_t n = 0;
    for (u32 k = 0; k < v->count; k++) {
        u32 len;
        const u8 *p = vector_at(w, v, k, &len);
        memcpy(to + n, p, len);
        n += len;
    }
    return n;
}

static void write_each(struct wasi *w, enum plat_stream to, const struct vector *v)
{
    for (u32 k = 0; k < v->count; k++) {
        u32 len;
        const u8 *p = vector_at(w, v, k, &len);
        if (len)
            plat_write(to, p, len);
    }
}

static u64 first_output;

u64 wasi_first_output_ticks(void)
{
    return first_output;
}

/* All buffers leave in one write, unless there is no memory to put them together. */
static void stream_write(struct wasi *w, u32 stream, const struct vector *v)
{
    static u8 gathered[16384];
    enum plat_stream to = stream == STDERR ? PLAT_ERR : PLAT_OUT;
    u32 filled = 0;
    if (!first_output)
        first_output = plat_ticks();
    for (u32 k = 0; k < v->count; k++)
        filled += wasi_load(v->iovs, k * WASI_IOVEC_BYTES + 4, 4) != 0;
    u8 *room = filled < 2 ? NULL : v->bytes <= sizeof gathered ? gathered : heap_alloc((size_t)v->bytes);
    if (room)
        plat_write(to, room, gather(w, v, room));
    else
        write_each(w, to, v);
    if (room != gathered)
        heap_free(room);
}

static size_t stream_read(struct wasi *w, const struct vector *v)
{
    for (u32 k = 0; k < v->count; k++) {
        u32 len;
        u8 *p = vector_at(w, v, k, &len);
        if (len)
            return plat_read(p, len);
    }
    return 0;
}

static enum wasi_errno file_read(struct wasi *w, struct wasi_file *f, const struct vector *v, u64 at,
                                 u64 *total)
{
    *total = 0;
    for (u32 k = 0; k < v->count; k++) {
        u32 len;
        u8 *p = vector_at(w, v, k, &len);
        if (!p)
            return *total ? WASI_SUCCESS : WASI_FAULT;
        if (!len)
            continue;
        size_t got;
        enum wasi_errno e = f->ops->read(f, p, len, at + *total, &got);
        if (e != WASI_SUCCESS)
            return *total ? WASI_SUCCESS : e;
        *total += got;
        if (got < len)
            break;
    }
    return WASI_SUCCESS;
}

static enum wasi_errno file_write(struct wasi *w, struct wasi_file *f, const struct vector *v, u64 at,
                                  u64 *total)
{
    *total = 0;
    for (u32 k = 0; k < v->count; k++) {
        u32 len;
        const u8 *p = vector_at(w, v, k, &len);
        if (!len)
            continue;
        size_t put;
        enum wasi_errno e = f->ops->write(f, p, len, at + *total, &put);
        if (e != WASI_SUCCESS)
            return *total ? WASI_SUCCESS : e;
        *total += put;
        if (put < len)
            break;
    }
    return WASI_SUCCESS;
}

/* --- Reading and writing. --- */

/* The largest offset that a file can have; WASI's are unsigned, those of hosts are not. */
static enum wasi_errno offset_check(u64 at)
{
    return at <= INT64_MAX ? WASI_SUCCESS : WASI_INVAL;
}

static enum wasi_errno sync_after_write(struct wasi_fd *f)
{
    if (!(f->flags & (WASI_FDFLAG_DSYNC | WASI_FDFLAG_SYNC)))
        return WASI_SUCCESS;
    return f->file->ops->sync(f->file, !(f->flags & WASI_FDFLAG_SYNC));
}

enum wasi_errno wasi_fd_write(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    struct vector v;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_WRITE, &f));
    WASI_TRY(vector_get(w, (u32)a[1], (u32)a[2], &v));
    if (!wasi_mem(w, (u32)a[3], 4))
        return WASI_FAULT; /* before anything is written */
    if (f->kind == WASI_FD_STREAM) {
        stream_write(w, f->stream, &v);
        return wasi_put_u32(w, (u32)a[3], (u32)v.bytes);
    }
    if (f->flags & WASI_FDFLAG_APPEND) {
        struct wasi_stat s;
        WASI_TRY(f->file->ops->stat(f->file, &s));
        f->pos = s.size;
    }
    u64 total;
    WASI_TRY(file_write(w, f->file, &v, f->pos, &total));
    f->pos += total;
    WASI_TRY(sync_after_write(f));
    return wasi_put_u32(w, (u32)a[3], (u32)total);
}

enum wasi_errno wasi_fd_read(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    struct vector v;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_READ, &f));
    WASI_TRY(vector_get(w, (u32)a[1], (u32)a[2], &v));
    if (!wasi_mem(w, (u32)a[3], 4))
        return WASI_FAULT; /* before input is used up */
    if (f->kind == WASI_FD_STREAM) {
        if (f->flags & WASI_FDFLAG_NONBLOCK && v.bytes && !plat_read_ready())
            return WASI_AGAIN;
        return wasi_put_u32(w, (u32)a[3], (u32)stream_read(w, &v));
    }
    u64 total;
    WASI_TRY(file_read(w, f->file, &v, f->pos, &total));
    f->pos += total;
    return wasi_put_u32(w, (u32)a[3], (u32)total);
}

enum wasi_errno wasi_fd_pread(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    struct vector v;
    u64 total;
    WASI_TRY(file_get(w, (u32)a[0], WASI_RIGHT_FD_READ | WASI_RIGHT_FD_SEEK, &f));
    WASI_TRY(offset_check(a[3]));
    WASI_TRY(vector_get(w, (u32)a[1], (u32)a[2], &v));
    WASI_TRY(file_read(w, f->file, &v, a[3], &total));
    return wasi_put_u32(w, (u32)a[4], (u32)total);
}

enum wasi_errno wasi_fd_pwrite(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    struct vector v;
    u64 total;
    WASI_TRY(file_get(w, (u32)a[0], WASI_RIGHT_FD_WRITE | WASI_RIGHT_FD_SEEK, &f));
    WASI_TRY(offset_check(a[3]));
    WASI_TRY(vector_get(w, (u32)a[1], (u32)a[2], &v));
    if (!wasi_mem(w, (u32)a[4], 4))
        return WASI_FAULT;
    WASI_TRY(file_write(w, f->file, &v, a[3], &total));
    WASI_TRY(sync_after_write(f));
    return wasi_put_u32(w, (u32)a[4], (u32)total);
}

/* --- Position. --- */

/* `whence` counts otherwise in wasi_unstable. */
static enum wasi_errno whence_of(const struct wasi *w, rt_cell cell, enum wasi_whence *out)
{
    static const enum wasi_whence snapshot0[] = {WASI_WHENCE_CUR, WASI_WHENCE_END, WASI_WHENCE_SET};
    u32 n = (u32)cell & 0xff;
    if (n > WASI_WHENCE_END)
        return WASI_INVAL;
    *out = w->snapshot0 ? snapshot0[n] : (enum wasi_whence)n;
    return WASI_SUCCESS;
}

static enum wasi_errno seek_base(struct wasi_fd *f, enum wasi_whence whence, u64 *out)
{
    struct wasi_stat s;
    switch (whence) {
    case WASI_WHENCE_SET: *out = 0; break;
    case WASI_WHENCE_CUR: *out = f->pos; break;
    case WASI_WHENCE_END:
        WASI_TRY(f->file->ops->stat(f->file, &s));
        *out = s.size;
        break;
    }
    return WASI_SUCCESS;
}

/* Asking where one is takes the right to tell alone. */
enum wasi_errno wasi_fd_seek(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    u64 base;
    enum wasi_whence whence;
    enum wasi_errno known = whence_of(w, a[2], &whence);
    bool tells = known == WASI_SUCCESS && whence == WASI_WHENCE_CUR && a[1] == 0;
    WASI_TRY(file_get(w, (u32)a[0], tells ? WASI_RIGHT_FD_TELL : WASI_RIGHT_FD_SEEK, &f));
    WASI_TRY(known);
    WASI_TRY(seek_base(f, whence, &base));
    s64 pos;
    if (__builtin_add_overflow((s64)base, (s64)a[1], &pos) || pos < 0)
        return WASI_INVAL;
    WASI_TRY(wasi_put_u64(w, (u32)a[3], (u64)pos));
    f->pos = (u64)pos;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_tell(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    WASI_TRY(file_get(w, (u32)a[0], WASI_RIGHT_FD_TELL, &f));
    return wasi_put_u64(w, (u32)a[1], f->pos);
}

/* Advice is checked, then not needed. */
enum wasi_errno wasi_fd_advise(struct wasi *w, const rt_cell *a)
{
    enum { ADVICES = 6 };
    struct wasi_fd *f;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_ADVISE, &f));
    u64 end;
    if (((u32)a[3] & 0xff) >= ADVICES || __builtin_add_overflow(a[1], a[2], &end) || end > INT64_MAX)
        return WASI_INVAL;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_allocate(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    u64 end;
    WASI_TRY(file_get(w, (u32)a[0], WASI_RIGHT_FD_ALLOCATE, &f));
    if (a[2] == 0 || a[1] > INT64_MAX || a[2] > INT64_MAX)
        return WASI_INVAL;
    if (__builtin_add_overflow(a[1], a[2], &end) || end > INT64_MAX)
        return WASI_FBIG;
    return f->file->ops->allocate(f->file, a[1], a[2]);
}

/* --- Attributes. --- */

static enum wasi_filetype type_of(const struct wasi_fd *f)
{
    if (f->kind == WASI_FD_FILE)
        return f->file->type;
    return wasi_fs_is_terminal(f->stream) ? WASI_FILETYPE_CHARACTER_DEVICE : WASI_FILETYPE_UNKNOWN;
}

enum wasi_errno wasi_fd_fdstat_get(struct wasi *w, const rt_cell *a)
{
    const struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (!f)
        return WASI_BADF;
    u8 *to = wasi_mem(w, (u32)a[1], WASI_FDSTAT_BYTES);
    if (!to)
        return WASI_FAULT;
    wasi_store(to, 0, type_of(f), 2);
    wasi_store(to, 2, f->flags, 2);
    wasi_store(to, 4, 0, 4);
    wasi_store(to, 8, f->rights, 8);
    wasi_store(to, 16, f->rights_inheriting, 8);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_fdstat_set_flags(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    u32 flags = (u32)a[1] & 0xffff;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_FDSTAT_SET_FLAGS | wasi_rights_of_fdflags(flags), &f));
    if (flags & ~WASI_FDFLAGS_ALL)
        return WASI_INVAL;
    if (f->kind == WASI_FD_FILE && (flags ^ f->flags) & WASI_FDFLAG_NONBLOCK)
        WASI_TRY(f->file->ops->set_nonblock(f->file, flags & WASI_FDFLAG_NONBLOCK));
    f->flags = (u16)flags;
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_fdstat_set_rights(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (!f)
        return WASI_BADF;
    if ((a[1] & ~f->rights) || (a[2] & ~f->rights_inheriting))
        return WASI_NOTCAPABLE; /* rights can only be given up */
    f->rights = a[1];
    f->rights_inheriting = a[2];
    return WASI_SUCCESS;
}

static void filestat_store(u8 *to, const struct wasi_stat *s)
{
    wasi_store(to, 0, s->dev, 8);
    wasi_store(to, 8, s->ino, 8);
    wasi_store(to, 16, s->type, 8);
    wasi_store(to, 24, s->nlink, 8);
    wasi_store(to, 32, s->size, 8);
    wasi_store(to, 40, s->atim_ns, 8);
    wasi_store(to, 48, s->mtim_ns, 8);
    wasi_store(to, 56, s->ctim_ns, 8);
}

static void filestat0_store(u8 *to, const struct wasi_stat *s)
{
    wasi_store(to, 0, s->dev, 8);
    wasi_store(to, 8, s->ino, 8);
    wasi_store(to, 16, s->type, 4);
    wasi_store(to, 20, s->nlink, 4);
    wasi_store(to, 24, s->size, 8);
    wasi_store(to, 32, s->atim_ns, 8);
    wasi_store(to, 40, s->mtim_ns, 8);
    wasi_store(to, 48, s->ctim_ns, 8);
}

enum wasi_errno wasi_put_filestat(const struct wasi *w, u32 ptr, const struct wasi_stat *s)
{
    u8 *to = wasi_mem(w, ptr, w->snapshot0 ? WASI_FILESTAT0_BYTES : WASI_FILESTAT_BYTES);
    if (!to)
        return WASI_FAULT;
    if (w->snapshot0)
        filestat0_store(to, s);
    else
        filestat_store(to, s);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_filestat_get(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_FILESTAT_GET, &f));
    struct wasi_stat s = {.type = type_of(f), .nlink = 1};
    if (f->kind == WASI_FD_FILE)
        WASI_TRY(f->file->ops->stat(f->file, &s));
    return wasi_put_filestat(w, (u32)a[1], &s);
}

enum wasi_errno wasi_fd_filestat_set_size(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    WASI_TRY(file_get(w, (u32)a[0], WASI_RIGHT_FD_FILESTAT_SET_SIZE, &f));
    WASI_TRY(offset_check(a[1]));
    return f->file->ops->set_size(f->file, a[1]);
}

/* A time that is both given and now is a contradiction. */
enum wasi_errno wasi_times_get(rt_cell atim, rt_cell mtim, rt_cell flags, struct wasi_times *out)
{
    const u32 atim_both = WASI_FST_ATIM | WASI_FST_ATIM_NOW, mtim_both = WASI_FST_MTIM | WASI_FST_MTIM_NOW;
    u32 f = (u32)flags & 0xffff;
    if (f & ~WASI_FST_ALL || (f & atim_both) == atim_both || (f & mtim_both) == mtim_both)
        return WASI_INVAL;
    *out = (struct wasi_times){.flags = f, .atim_ns = atim, .mtim_ns = mtim};
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_filestat_set_times(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f;
    struct wasi_times t;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_FILESTAT_SET_TIMES, &f));
    WASI_TRY(wasi_times_get(a[1], a[2], a[3], &t));
    return f->file->ops->set_times(f->file, &t);
}

/* The rights to sync have files only. */
static enum wasi_errno sync_fd(struct wasi *w, u32 fd, u64 right, bool data_only)
{
    struct wasi_fd *f;
    WASI_TRY(fd_get(w, fd, right, &f));
    return f->file->ops->sync(f->file, data_only);
}

enum wasi_errno wasi_fd_sync(struct wasi *w, const rt_cell *a)
{
    return sync_fd(w, (u32)a[0], WASI_RIGHT_FD_SYNC, false);
}

enum wasi_errno wasi_fd_datasync(struct wasi *w, const rt_cell *a)
{
    return sync_fd(w, (u32)a[0], WASI_RIGHT_FD_DATASYNC, true);
}

/* --- Preopened directories and reading directories. --- */

enum wasi_errno wasi_fd_prestat_get(struct wasi *w, const rt_cell *a)
{
    const struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (!f || !f->preopen)
        return WASI_BADF;
    u8 *to = wasi_mem(w, (u32)a[1], WASI_PRESTAT_BYTES);
    if (!to)
        return WASI_FAULT;
    wasi_store(to, 0, 0, 4); /* a directory */
    wasi_store(to, 4, strlen(f->preopen), 4);
    return WASI_SUCCESS;
}

enum wasi_errno wasi_fd_prestat_dir_name(struct wasi *w, const rt_cell *a)
{
    const struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (!f || !f->preopen)
        return WASI_BADF;
    size_t n = strlen(f->preopen);
    if (n > (u32)a[2])
        return WASI_NAMETOOLONG;
    u8 *to = wasi_mem(w, (u32)a[1], n);
    if (!to)
        return WASI_FAULT;
    memcpy(to, f->preopen, n);
    return WASI_SUCCESS;
}

/* As much as fits goes to the guest: an entry cut off at the end tells it to ask again with a larger buffer.
 */
static size_t dirent_store(u8 *to, size_t room, const struct wasi_dirent *d)
{
    u8 bytes[WASI_DIRENT_BYTES + WASI_NAME_MAX];
    size_t len = strlen(d->name);
    wasi_store(bytes, 0, d->next, 8);
    wasi_store(bytes, 8, d->ino, 8);
    wasi_store(bytes, 16, len, 4);
    wasi_store(bytes, 20, d->type, 4);
    memcpy(bytes + WASI_DIRENT_BYTES, d->name, len);
    size_t n = WASI_DIRENT_BYTES + len;
    if (n > room)
        n = room;
    memcpy(to, bytes, n);
    return n;
}

enum wasi_errno wasi_fd_readdir(struct wasi *w, const rt_cell *a)
{
    struct wasi_fd *f = wasi_fd_find(w, (u32)a[0]);
    if (f && !is_dir(f))
        return WASI_NOTDIR;
    WASI_TRY(fd_get(w, (u32)a[0], WASI_RIGHT_FD_READDIR, &f));
    size_t size = (u32)a[2], used = 0;
    u8 *to = wasi_mem(w, (u32)a[1], size);
    if (!to)
        return WASI_FAULT;
    u64 cookie = a[3];
    while (used < size) {
        struct wasi_dirent d;
        bool found;
        WASI_TRY(f->file->ops->readdir(f->file, cookie, &d, &found));
        if (!found)
            break;
        used += dirent_store(to + used, size - used, &d);
        cookie = d.next;
    }
    return wasi_put_u32(w, (u32)a[4], (u32)used);
}
