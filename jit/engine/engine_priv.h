/* engine_priv.h: shared inside jit/engine. */
#ifndef JIT_ENGINE_PRIV_H
#define JIT_ENGINE_PRIV_H

#include "rt.h"
#include "wasm.h"

/* fuzz.c: an import of binaryen's fuzzer, NULL if it is none; and the run itself. */
struct rt_func *engine_fuzz_import(const struct wasm_module *m, const struct wasm_import *imp);
MUST_CHECK status engine_fuzz_run(const struct wasm_module *m, struct rt_instance *i, struct err *e);

#endif
