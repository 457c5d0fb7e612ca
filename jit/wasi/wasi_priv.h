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
    wasi_fn fn; /* NULL: ENOSYS */
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
#define WASI(name, sig, mem)    +1
#define WASI_MISSING(name, sig) +1
#include "wasi.def"
#undef WASI
#undef WASI_MISSING
};
struct wasi {
    struct rt_memory *mem; /* NULL before wasi_bind */
    struct wasi_strings args, env;
    struct wasi_fd *fds;
    u32 nfds;
    char **preopen_names;
    u32 npreopens;
    bool needs_memory; /* a function with pointers was resolved */
    struct wasi_import imports[WASI_FUNCS];
};

#define WASI(name, sig, mem) enum wasi_errno wasi_##name(struct wasi *w, const rt_cell *a);
#define WASI_MISSING(name, sig)
#include "wasi.def"
#undef WASI
#undef WASI_MISSING

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
void wasi_store_filestat(u8 *to, const struct wasi_stat *s);

#endif
