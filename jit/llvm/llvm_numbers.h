/* llvm_numbers.h: what a function of a module makes of a number. */
#ifndef JIT_LLVM_NUMBERS_H
#define JIT_LLVM_NUMBERS_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Executes a function of one parameter, f32 or f64, and a result of the same type. False: it has another
 * signature, or does what has effects, or depends on anything but its argument and the module's data
 * segments, or takes too long. */
MUST_CHECK bool llvm_number_of(const struct wasm_module *m, u32 func, f64 x, f64 *y);

#ifdef __cplusplus
}
#endif

#endif
