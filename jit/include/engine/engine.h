/* engine.h: one program from bytes to exit code, the same in the command and in the image. */
#ifndef JIT_ENGINE_H
#define JIT_ENGINE_H

#include "options.h"
#include "rt.h"
#include "wasi.h"
#include "wasm.h"

/* Exit codes of the command and the image beside the app's own. */
#define ENGINE_EXIT_BAD  1   /* bad use, bad file, invalid module */
#define ENGINE_EXIT_TRAP 134 /* the app trapped */

/* Runs module `bytes`: a WASI command by its _start, or --invoke's export with the arguments argv[1..).
 * argv[0] is the program's name. Messages go to PLAT_ERR, the report where options say. Returns the exit
 * code. One program a process. */
int engine_run(const struct options *o, const u8 *bytes, size_t len, int argc, const char *const *argv);

/* --- Parts, for the embedding API and tests. --- */
/* Brings up tiers, compiler and thread for these options. */
MUST_CHECK status engine_init(const struct options *o, struct err *e);
/* What the app sees as argv[0] when it lies at `path`: the same in every build, wherever that is. */
const char *engine_program_name(const struct options *o, const char *path);
/* The host function for an import of module "anneal" (jit_runtime.def); NULL if it is none. */
struct rt_func *engine_jit_import(const struct wasm_module *m, const struct wasm_import *imp);
/* Tells the "anneal" imports which instance asks. */
void engine_jit_bind(struct rt_instance *i);
/* Whether a module imports anything of "anneal": it is then measured from the start. */
bool engine_wants_profile(const struct wasm_module *m);

/* Parses `text` as a value of `type` (decimal, 0x hex, decimal fraction, inf, nan, nan:0x and a payload;
 * v128: 0x and 32 hex digits, the highest lane first; null; externref: a number of the host's) into
 * rt_type_cells(type) cells; prints one. */
MUST_CHECK status engine_value_parse(const char *text, rt_type type, rt_cell *out, struct err *e);
size_t engine_value_print(const rt_cell *v, rt_type type, char *buf, size_t size);
/* The same with the sign of a NaN, and its payload when that is not the canonical one. */
size_t engine_value_print_exact(const rt_cell *v, rt_type type, char *buf, size_t size);

/* "trap: unreachable", or "uncaught exception: error(7)" with the tag's name and values, of the last call. */
#define ENGINE_TRAP_TEXT_MAX 256
void engine_trap_text(enum rt_trap t, char *buf, size_t size);
/* Message and wasm backtrace of the last trap (rt_thread), to PLAT_ERR; `o` gave the limits. */
void engine_print_trap(const struct options *o);

/* --- Report (report.c). --- */
struct engine_report {
    const struct rt_instance *inst; /* NULL: the program never got that far */
    u64 first_wasm_ticks;           /* plat_ticks() at the first wasm instruction; 0: none ran */
    u64 end_ticks;                  /* when the app had ended; 0: now */
    int exit_code;
    enum rt_trap trap;
    bool profiled;
};
/* Writes the human table and the JSON lines to `path` ("-": PLAT_LOG). */
MUST_CHECK status engine_report_write(const struct engine_report *r, const char *path);
/* The certificates of all places of `m` that were compiled (patterns.h), to PLAT_OUT; verbose: and what each
 * search took of the time for compiling. */
void engine_patterns_print(const struct wasm_module *m, bool json, bool verbose);
/* What the runs of `m` behind the state `name` (a file) have found out about its places, for these. */
MUST_CHECK status engine_patterns_learnt(const char *name, const struct wasm_module *m, struct err *e);

#endif
