/* engine_priv.h: shared inside jit/engine. */
#ifndef JIT_ENGINE_PRIV_H
#define JIT_ENGINE_PRIV_H

#include "inst_state.h"
#include "options.h"
#include "rt.h"
#include "wasm.h"

/* fuzz.c: an import of binaryen's fuzzer, NULL if it is none; and the run itself. */
struct rt_func *engine_fuzz_import(const struct wasm_module *m, const struct wasm_import *imp);
MUST_CHECK status engine_fuzz_run(const struct wasm_module *m, struct rt_instance *i, struct err *e);

/* invoke.c. `call` runs a function, as everything that the app does is run. */
struct engine_calls {
    const struct wasm_module *module;
    struct rt_instance *inst;
    enum rt_trap (*call)(void *env, struct rt_func *f, rt_cell *cells);
    void *env;
};
/* Calls `f` with `n` arguments and prints its results, one a line, if it returns. E_INVAL: arguments. */
MUST_CHECK status engine_invoke(const struct engine_calls *c, struct rt_func *f, const char *name, int n,
                                const char *const *args, struct err *e);
/* Makes the calls of `file` ("-": standard input); what they printed is all that is left of their traps.
 * `*ended`: the exit, or used-up fuel or time, that ended the list; else TRAP_NONE. */
MUST_CHECK status engine_invoke_list(const struct engine_calls *c, const char *file, enum rt_trap *ended,
                                     struct err *e);

/* What depends on whether there is a compiler: state.c, and payload.c in an appliance. */
/* wasm_module_decode, or less for what the payload's checksum has proved to be whole and valid. */
MUST_CHECK status engine_module_decode(const u8 *bytes, size_t len, struct wasm_module **out, struct err *e);
/* Whether an instance's contents come from the payload: it is then instantiated without them. */
bool engine_restores(void);
/* Puts them in place, before anything of `i` has run; *phase says how far it has come with them (INST_NEW:
 * not restored, it is as instantiated). */
MUST_CHECK status engine_restore(struct rt_instance *i, enum inst_phase *phase, struct err *e);
/* Makes ready for code: the compiler, unless nothing is compiled, and what of `tier` is about it. */
MUST_CHECK status engine_code_init(const struct options *o, struct tier_config *tier, struct err *e);
/* Installs code from before, from --state or the appliance's own, ahead of the first call into `i`. What
 * cannot be used costs a line on PLAT_LOG; fails only when there is no such disk or file. */
MUST_CHECK status engine_state_open(const struct options *o, struct rt_instance *i, struct err *e);
/* Remembers what `i` is now (--state); a line says why not. */
bool engine_state_save(const struct options *o, struct rt_instance *i);
void engine_state_close(void);

/* learn.c (learn_none.c in an appliance): what is watched and saved while the app runs, and what came of it.
 */
/* Behind engine_state_open: the ticker, if anybody wants it. */
MUST_CHECK status engine_learn_begin(const struct options *o, struct rt_instance *i, struct err *e);
/* The app's first instruction comes next. */
void engine_learn_runs(void);
/* The app has ended, by `t`; then code is compiled for the next boot, if there is a state to keep it and time
 * is not up. */
void engine_learn_end(const struct options *o, struct rt_instance *i, enum rt_trap t);
/* Saves the state, from a host function or an interrupted guest. False: it was not saved. */
bool engine_learn_save(void);
struct engine_text;
void engine_learn_table(struct engine_text *t, const struct rt_instance *i);
void engine_learn_json(struct engine_text *t, const struct rt_instance *i);
bool engine_learn_remembers(void); /* there was a state to save to */
/* state.c: whether there is a state to save to, and bytes of the one that was found. */
bool engine_state_is_open(void);
u64 engine_state_bytes_read(void);

/* report.c: text that grows. What does not fit into memory is cut, and the report says so. */
struct engine_text {
    char *buf;
    size_t len, cap;
    bool cut;
};
void engine_text_add(struct engine_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void engine_text_json(struct engine_text *t, const char *s); /* as a string of JSON */

/* report_patterns.c: the certificates of a module's places. */
void engine_patterns_table(struct engine_text *t, const struct wasm_module *m);
void engine_patterns_json(struct engine_text *t, const struct wasm_module *m);
bool engine_patterns_any(const struct wasm_module *m); /* there are some */

#ifndef ANNEAL_HOST
#include "boot_info.h"
#define IMAGE_ARGS_MAX 512 /* of the app, its name included */
/* image_app.c, payload.c: the app that the image is to run. */
struct image_app {
    const u8 *bytes;
    size_t len;
    int argc;
    const char *const *argv;
};
/* trial.c, slots.c: looks for the disk that was booted, if the boot loader says that there is one. */
void image_boot(const struct boot_info *boot, struct options *o);
#ifndef ANNEAL_APPLIANCE
/* Makes `state` a disk's number, or NULL: no state. For "auto", which is the default, it looks for one. */
void image_state_find(struct options *o);
/* Without a word about it, an image that has slots exports into one when it has converged. */
void image_export_default(struct options *o);
#endif
/* Options that the app brings along, before those of the command line. */
MUST_CHECK status image_app_options(struct options *o, struct err *e);
/* What it is made of (--manifest), to PLAT_LOG; E_UNSUPPORTED: the image is none that was exported. */
MUST_CHECK status image_app_manifest(struct err *e);
/* image_export.c, payload.c: lets the end of the run be followed by an export, if `o` asks for one. Looks at
 * where it is to go now, so that what cannot work fails before the run. `o` and `app` stay as they are until
 * then. */
MUST_CHECK status image_export_init(struct options *o, const struct image_app *app, struct err *e);
/* `args`: those of the kernel command line, NULL: it has none. */
MUST_CHECK status image_app_find(const struct boot_info *boot, size_t nargs, const char *const *args,
                                 struct image_app *out, struct err *e);
#endif

#endif
