/* anneal_bench.h: what the two halves of `anneal bench` share: a module that is open and can be called. */
#ifndef TOOLS_ANNEAL_BENCH_H
#define TOOLS_ANNEAL_BENCH_H

#include "anneal_cmd.h"

struct bench {
    struct options o;
    struct plat_blob blob;
    struct wasm_module *module;
    struct wasi *wasi;
    struct rt_instance *inst;
    struct err import_err; /* of the first import that WASI refused */
    u64 compile_ns, instantiate_ns;
};

/* Loads and links argv[0], runs its start function and _initialize. On failure PLAT_ERR says why. False on
 * failure; *code is then the exit code. */
bool bench_open(struct bench *b, int argc, const char *const *argv, int *code);
/* NULL: the module exports no such function. */
struct rt_func *bench_export(const struct bench *b, const char *name);
/* Calls; a trap is told on PLAT_ERR. */
bool bench_call(const struct bench *b, struct rt_func *f, rt_cell *cells);
/* "--name N" or "--name=N" at args[*k]: moves *k to the last word of it. */
bool bench_number(const char *const *args, int n, int *k, const char *name, double *out);

/* --rig: see anneal_bench_rig.c. `args` begin behind it. */
int bench_rig(struct bench *b, int argc, const char *const *argv);

#endif
