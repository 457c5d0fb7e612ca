/* llvm_numbers.h: what a function of a module makes of a number. */
#ifndef JIT_LLVM_NUMBERS_H
#define JIT_LLVM_NUMBERS_H

#include "wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one execution has done with the number, in order; operations are known by their place, the argument
 * is at 0. `a`, `b`, `c` are the places of operands, as WebAssembly pushes them.
 *   constants       value
 *   loads           of memory 0 at a + value
 *   WASM_OP_SELECT  a if c is not 0, else b
 *   WASM_OP_BR_IF   a was 0, or (value 1) was not: which way it went
 *   others          of wasm_alu.def */
struct number_op {
    u64 value;
    u16 op, a, b, c;
};
enum { NUMBER_OPS_MOST = 192 };
struct number_trace {
    struct number_op ops[NUMBER_OPS_MOST];
    u32 n, result;
};

/* Executes a function of one parameter, f32 or f64, and a result of the same type. False: it has another
 * signature, or does what has effects, or depends on anything but its argument and the module's data
 * segments, or takes too long. */
MUST_CHECK bool llvm_number_of(const struct wasm_module *m, u32 func, f64 x, f64 *y);

/* The same, and what it has done on the way; false: or that is too much, or a branch by a table. */
MUST_CHECK bool llvm_number_trace(const struct wasm_module *m, u32 func, f64 x, f64 *y,
                                  struct number_trace *trace);

/* Whether a function and all that it calls only compute: they change neither memory nor globals, whatever the
 * argument is. */
MUST_CHECK bool llvm_number_is_pure(const struct wasm_module *m, u32 func);

#ifdef __cplusplus
}
#endif

#endif
