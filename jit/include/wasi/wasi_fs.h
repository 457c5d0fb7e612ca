/* wasi_fs.h: where files come from: blobs (wasi_fs_blob.c) or directories of the host (wasi_fs_host.c).
 *
 * A wasi_file is an open file or directory. Paths are relative to a directory and can never leave it, neither
 * by ".." nor by a symbolic link: WASI_NOTCAPABLE (which wasi-libc users see as "Capabilities insufficient").
 * Operations that an implementation has not are NULL: the caller answers WASI_ROFS. */
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
    /* May be NULL: */
    enum wasi_errno (*write)(struct wasi_file *f, const void *buf, size_t len, u64 at, size_t *put);
    enum wasi_errno (*set_size)(struct wasi_file *f, u64 size);
    enum wasi_errno (*sync)(struct wasi_file *f);
    enum wasi_errno (*make_dir)(struct wasi_file *dir, const char *path);
    enum wasi_errno (*remove)(struct wasi_file *dir, const char *path, bool is_dir);
    enum wasi_errno (*rename)(struct wasi_file *from_dir, const char *from, struct wasi_file *to_dir,
                              const char *to);
};

/* One of the two, by build: opens the directory that a preopen names. */
MUST_CHECK enum wasi_errno wasi_fs_open_root(const char *host, struct wasi_file **out);
/* What a program gets when no preopen is given: true with all files under "/" (the image), or false (the
 * command). */
bool wasi_fs_has_default_root(void);
/* Whether standard stream 0..2 is a terminal: programs then flush each line. */
bool wasi_fs_is_terminal(u32 stream);

/* Blobs as a tree; `at` enumerates them (plat_blob_at). Number 0 is the program itself and stays out of
 * sight. Names are taken apart at slashes; only those below directory `prefix` ("" all) are seen, without it.
 */
typedef status (*wasi_blob_at_fn)(size_t index, struct plat_blob *out);
MUST_CHECK enum wasi_errno wasi_fs_blob_open_root(wasi_blob_at_fn at, const char *prefix,
                                                  struct wasi_file **out);

#endif
