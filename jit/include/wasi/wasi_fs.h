/* wasi_fs.h: where files are: in memory (wasi_ram.c, the image) or in directories of the host
 * (wasi_fs_host.c).
 *
 * A wasi_file is an open file or directory. Paths are relative to a directory and can never leave it, neither
 * by ".." nor by a symbolic link: WASI_NOTCAPABLE (which wasi-libc users see as "Capabilities insufficient").
 * A slash behind the last component means that it has to be a directory. */
#ifndef JIT_WASI_FS_H
#define JIT_WASI_FS_H

#include "plat.h"
#include "rt.h"
#include "wasi_abi.h"

#define WASI_PATH_MAX 4096 /* bytes of a path with its NUL */
#define WASI_NAME_MAX 256  /* bytes of one name with its NUL */

struct wasi_stat {
    u64 dev, ino;
    enum wasi_filetype type;
    u64 nlink, size, atim_ns, mtim_ns, ctim_ns;
};
struct wasi_dirent {
    u64 next; /* cookie of the entry behind it */
    u64 ino;
    enum wasi_filetype type;
    char name[WASI_NAME_MAX];
};
struct wasi_open {
    u32 oflags;  /* WASI_OFLAG_* */
    u32 fdflags; /* WASI_FDFLAG_* */
    bool follow, read, write;
};
struct wasi_times { /* which of both change: WASI_FST_* */
    u32 flags;
    u64 atim_ns, mtim_ns;
};
struct wasi_file {
    const struct wasi_fs_ops *ops;
    enum wasi_filetype type;
};
struct wasi_fs_ops {
    enum wasi_errno (*open)(struct wasi_file *dir, const char *path, const struct wasi_open *how,
                            struct wasi_file **out);
    void (*close)(struct wasi_file *f);
    enum wasi_errno (*stat)(struct wasi_file *f, struct wasi_stat *out);
    enum wasi_errno (*stat_at)(struct wasi_file *dir, const char *path, bool follow, struct wasi_stat *out);
    /* `*got` 0: end of file. */
    enum wasi_errno (*read)(struct wasi_file *f, void *buf, size_t len, u64 at, size_t *got);
    /* `*found` false: no entry at this cookie or behind. Cookie 0 starts anew. */
    enum wasi_errno (*readdir)(struct wasi_file *dir, u64 cookie, struct wasi_dirent *out, bool *found);
    enum wasi_errno (*readlink)(struct wasi_file *dir, const char *path, char *buf, size_t len, size_t *got);
    enum wasi_errno (*write)(struct wasi_file *f, const void *buf, size_t len, u64 at, size_t *put);
    enum wasi_errno (*set_size)(struct wasi_file *f, u64 size);
    /* Makes room for [at, at + len), `len` not 0; the file grows when it ends before. */
    enum wasi_errno (*allocate)(struct wasi_file *f, u64 at, u64 len);
    enum wasi_errno (*sync)(struct wasi_file *f, bool data_only);
    /* WASI_FDFLAG_NONBLOCK for what can block. Appending and syncing are the caller's work. */
    enum wasi_errno (*set_nonblock)(struct wasi_file *f, bool on);
    enum wasi_errno (*set_times)(struct wasi_file *f, const struct wasi_times *t);
    enum wasi_errno (*set_times_at)(struct wasi_file *dir, const char *path, bool follow,
                                    const struct wasi_times *t);
    enum wasi_errno (*make_dir)(struct wasi_file *dir, const char *path);
    enum wasi_errno (*remove)(struct wasi_file *dir, const char *path, bool is_dir);
    enum wasi_errno (*rename)(struct wasi_file *from_dir, const char *from, struct wasi_file *to_dir,
                              const char *to);
    enum wasi_errno (*link)(struct wasi_file *from_dir, const char *from, bool follow,
                            struct wasi_file *to_dir, const char *to);
    enum wasi_errno (*symlink)(struct wasi_file *dir, const char *target, const char *path);
};

/* The walk along a path, the same for both: one component at a time, never above where it began, symbolic
 * links read and followed here. The implementation keeps the directories that were entered. */
struct wasi_walk_ops {
    enum wasi_errno (*enter)(void *env, const char *name); /* a directory that is no link */
    void (*leave)(void *env);                              /* back to where the last `enter` was */
    /* WASI_INVAL or WASI_NOENT: no link there. `*len` at most WASI_PATH_MAX. */
    enum wasi_errno (*readlink)(void *env, const char *name, char *target, size_t *len);
};
struct wasi_walk_end {
    char name[WASI_NAME_MAX + 1]; /* last component, and room for a slash; "." when the path ends in a
                                 directory by "." or ".."; no symbolic link where it was to be followed */
    bool must_be_dir;             /* the path ended with a slash */
};
/* Ends in the directory that holds the last component. */
MUST_CHECK enum wasi_errno wasi_walk(const struct wasi_walk_ops *ops, void *env, const char *path,
                                     bool follow, struct wasi_walk_end *out);

/* One of the two, by build: opens the directory that a preopen names. */
MUST_CHECK enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out);
/* What a program gets when no preopen is given: true with all files under "/" (the image), or false (the
 * command). */
bool wasi_fs_has_default_root(void);
/* Whether standard stream 0..2 is a terminal: programs then flush each line. */
bool wasi_fs_is_terminal(u32 stream);

/* --- Files in memory (wasi_ram.c). ---
 *
 * A tree of files, directories and links. Contents that came with the image are used where they are until
 * they are written: only the pieces that change are copied. `bytes_max` bounds what is allocated for contents
 * and names; what would go beyond fails with WASI_NOSPC. */
struct wasi_ram;
typedef status (*wasi_blob_at_fn)(size_t index, struct plat_blob *out);
/* A tree of the blobs that `at` enumerates (plat_blob_at). Number 0 is the program itself and stays out of
 * sight. Names are taken apart at slashes; one that leaves the tree is passed over, of equal names the first
 * counts. `at` NULL: an empty tree. The blobs' bytes have to stay. */
MUST_CHECK enum wasi_errno wasi_ram_create(wasi_blob_at_fn at, u64 bytes_max, struct wasi_ram **out);
/* Opens directory `path` ("" or "/": everything); nothing above it can be reached from there. */
MUST_CHECK enum wasi_errno wasi_ram_open_root(struct wasi_ram *r, const char *path, struct wasi_file **out);
u64 wasi_ram_bytes(const struct wasi_ram *r); /* allocated now */
/* The tree lives on while files of it are open. */
void wasi_ram_release(struct wasi_ram *r);

#endif
