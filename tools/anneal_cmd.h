/* anneal_cmd.h: what the files of the command share. */
#ifndef TOOLS_ANNEAL_CMD_H
#define TOOLS_ANNEAL_CMD_H

#include "engine.h"
#include "plat.h"

/* Say what is wrong on PLAT_ERR (bad_use: with the usage); return the exit code for it. */
int anneal_bad(const struct err *e);
int anneal_bad_use(const char *what);
/* Reads and decodes; NULL: it cannot be read, or is not valid, and PLAT_OUT says where and why. */
struct wasm_module *anneal_decode(const char *path, struct plat_blob *b);

/* "--name=N": the number, plus `add`; false: it is not that, or both make 0. */
bool anneal_number(const char *arg, const char *name, unsigned long add, unsigned long *out);
/* Whether `func` is the index of a function with a body; what is said if it is not. */
bool anneal_has_body(const struct wasm_module *m, unsigned long func);
int anneal_bad_func(void);

/* Subcommands: what stands behind their name; the exit code. */
int anneal_analyze(int argc, char **argv);
int anneal_compile(int argc, char **argv);
int anneal_snapshot(int argc, char **argv);
int anneal_bench(int argc, char **argv);

#endif
