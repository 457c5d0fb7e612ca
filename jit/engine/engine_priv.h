/* engine_priv.h: shared inside jit/engine. */
#ifndef JIT_ENGINE_PRIV_H
#define JIT_ENGINE_PRIV_H

#include "options.h"
#include "rt.h"
#include "wasm.h"

/* fuzz.c: an import of binaryen's fuzzer, NULL if it is none; and the run itself. */
struct rt_func *engine_fuzz_import(const struct wasm_module *m, const struct wasm_import *imp);
MUST_CHECK status engine_fuzz_run(const struct wasm_module *m, struct rt_instance *i, struct err *e);

/* state.c: --state. Opens it and installs what fits, before the first call into `i`. What cannot be used
 * costs a line on PLAT_LOG; fails only when there is no such disk or file. */
MUST_CHECK status engine_state_open(const struct options *o, struct rt_instance *i, struct err *e);
/* Remembers what `i` is now; a line says why not. */
void engine_state_save(const struct options *o, struct rt_instance *i);
void engine_state_close(void);

#endif
