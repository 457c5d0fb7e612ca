/* wasm_inspect.h: a module described for people (`anneal inspect`). */
#ifndef JIT_WASM_INSPECT_H
#define JIT_WASM_INSPECT_H

#include "plat.h"
#include "wasm.h"

/* Writes sections with offsets and sizes, types, imports, exports, memories, tables, globals, segments and
 * the features that the module uses. Text, one fact a line; names are escaped where they hold control
 * characters. */
void wasm_inspect(const struct wasm_module *m, enum plat_stream s);

#endif
