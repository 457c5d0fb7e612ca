/* wasi.h: WASI preview 1 (module "wasi_snapshot_preview1") whole, and its forerunner "wasi_unstable", as host
 * functions over the seam.
 *
 * One wasi context per program. Files: preopened directories, of the host or of the file system in memory
 * (wasi_fs.h); stdin, stdout, stderr through the console. There are no sockets: the functions for them answer
 * ENOTSOCK for every open descriptor. */
#ifndef JIT_WASI_H
#define JIT_WASI_H

#include "rt.h"
#include "wasm.h"

struct wasi_preopen {
    const char *host, *guest;
}; /* --dir=HOST[::GUEST]; image: host names a directory of the boot modules' tree */
struct wasi_config {
    u32 argc;
    const char *const *argv; /* argv[0] is the program's name; copied */
    u32 nenv;
    const char *const *env; /* "NAME=value"; copied */
    u32 npreopens;
    const struct wasi_preopen *preopens;
};
struct wasi;
MUST_CHECK status wasi_create(const struct wasi_config *c, struct wasi **out, struct err *e);
void wasi_destroy(struct wasi *w);
/* The host function for an import of WASI's module name, with its slot owned by `w`; NULL if the name is not
 * WASI's. A WASI name with another signature gives NULL as well and fills `e`. */
struct rt_func *wasi_resolve(struct wasi *w, const struct wasm_module *m, const struct wasm_import *imp,
                             struct err *e);
/* Tells `w` whose memory the pointers mean; before the first call. E_INVAL: the module exports no memory
 * "memory". */
MUST_CHECK status wasi_bind(struct wasi *w, struct rt_instance *i, struct err *e);
/* plat_ticks() before the first write to standard output or error; 0: there was none. */
u64 wasi_first_output_ticks(void);

/* ST_OK: its descriptors are as wasi_create() made them, so that another program's, made alike, can take its
 * place. E_UNSUPPORTED: `e` names one that is not. */
MUST_CHECK status wasi_is_as_created(const struct wasi *w, struct err *e);

/* When set, called ahead of every call of WASI: a sign that the app lives. */
extern void (*wasi_on_call)(void);

#endif
