/* wasi_priv.h: what the files of jit/wasi share. */
#ifndef JIT_WASI_PRIV_H
#define JIT_WASI_PRIV_H

#include "wasi.h"
#include "wasi_abi.h"
#include "wasi_fs.h"

/* Implementation of one function: arguments as cells; the result is the guest's errno. */
typedef enum wasi_errno (*wasi_fn)(struct wasi *w, const rt_cell *a);

struct wasi_import { /* a function's slot; also its environment */
    struct rt_func func;
    struct wasi *wasi;
    wasi_fn fn;
    bool snapshot0; /* as "wasi_unstable" has it */
};
enum wasi_fd_kind { WASI_FD_FREE, WASI_FD_STREAM, WASI_FD_FILE };
struct wasi_fd {
    enum wasi_fd_kind kind;
    u32 stream; /* STREAM: 0 input, 1 output, 2 error */
    struct wasi_file *file;
    const char *preopen; /* guest's name of a preopened directory, else NULL */
    u64 pos;
    u64 rights, rights_inheriting;
    u16 flags; /* WASI_FDFLAG_* */
};
#define WASI_FDS_MAX 1024u
struct wasi_strings { /* NUL-ended, one behind the other */
    u32 count, bytes;
    char *text;
};
enum {
    WASI_FUNCS = 0
#define WASI(name, sig, mem) +1
#include "wasi.def"
#undef WASI
};
struct wasi {
    struct rt_memory *mem; /* NULL before wasi_bind */
    struct wasi_strings args, env;
    struct wasi_fd *fds;
    u32 nfds;
    char **preopen_names;
    u32 npreopens;
    bool needs_memory;                         /* a function with pointers was resolved */
    bool snapshot0;                            /* the call that runs came through "wasi_unstable" */
    bool exiting;                              /* the call that runs ends the program */
    struct wasi_import imports[2][WASI_FUNCS]; /* preview 1, snapshot 0 */
};

#define WASI(name, sig, mem) enum wasi_errno wasi_##name(struct wasi *w, const rt_cell *a);
#include "wasi.def"
#undef WASI

/* --- Guest memory (wasi_env.c). Pointers are bounds-checked, alignment does not matter. --- */
/* NULL when [ptr, ptr + len) is not all inside. */
void *wasi_mem(const struct wasi *w, u32 ptr, u64 len);
#define WASI_TRY(expr)                                                                                       \
    do {                                                                                                     \
        enum wasi_errno errno_ = (expr);                                                                     \
        if (errno_ != WASI_SUCCESS)                                                                          \
            return errno_;                                                                                   \
    } while (0)
enum wasi_errno wasi_put_u32(const struct wasi *w, u32 ptr, u32 v);
enum wasi_errno wasi_put_u64(const struct wasi *w, u32 ptr, u64 v);
static inline void wasi_store(u8 *base, u32 offset, u64 v, u32 bytes)
{
    for (u32 k = 0; k < bytes; k++)
        base[offset + k] = (u8)(v >> (8 * k));
}
static inline u64 wasi_load(const u8 *base, u32 offset, u32 bytes)
{
    u64 v = 0;
    for (u32 k = 0; k < bytes; k++)
        v |= (u64)base[offset + k] << (8 * k);
    return v;
}

/* --- Descriptors (wasi_fd.c). --- */
struct wasi_fd *wasi_fd_find(struct wasi *w, u32 fd); /* NULL: not open */
/* Takes `f` on success. The lowest free number. */
enum wasi_errno wasi_fd_add(struct wasi *w, const struct wasi_fd *f, u32 *out);
void wasi_fd_drop(struct wasi_fd *f);
enum wasi_errno wasi_put_filestat(const struct wasi *w, u32 ptr, const struct wasi_stat *s);
/* From times and WASI_FST_* flags as the guest passes them. */
enum wasi_errno wasi_times_get(rt_cell atim, rt_cell mtim, rt_cell flags, struct wasi_times *out);

/* --- Rights (wasi_rights.c). --- */
u64 wasi_rights_of_type(enum wasi_filetype type); /* that mean something for an open file */
u64 wasi_rights_of_stream(u32 stream);
u64 wasi_rights_inherited(enum wasi_filetype type); /* that it can pass on */
u64 wasi_rights_to_open(u32 oflags);                /* that a directory needs for path_open */
u64 wasi_rights_of_fdflags(u32 fdflags);            /* that a descriptor needs to have these flags */

#endif
