/* wasm_arms.h: the arms of a function: places in its body that control gets to by a branch, or by going on
 * where it might have branched.
 *
 * Numbered in code order of the instructions that have any, reached or not:
 *
 *   block      its end
 *   if         its end, its first arm, its `else`
 *   br_if      what follows it
 *   br_table   the instruction itself, with the index on top of the operands
 *
 * A loop's header is reached by who gets to the loop, its end by who gets there inside of it.
 *
 * They say which parts of a function ran. Nobody asks that of functions with hardly any calls, and of loops
 * without: these are what known algorithms are made of, which are recognised by all that they are. */
#ifndef JIT_WASM_ARMS_H
#define JIT_WASM_ARMS_H

#include "wasm.h"

enum { WASM_ARM_END, WASM_ARM_THEN, WASM_ARM_ELSE };
enum { WASM_FEW_CALLS = 2 }; /* wasm_func.narms is 0 */

static inline u32 wasm_arms(enum wasm_opcode op)
{
    switch ((unsigned)op) {
    case WASM_OP_IF: return 3;
    case WASM_OP_BLOCK:
    case WASM_OP_BR_IF:
    case WASM_OP_BR_TABLE: return 1;
    default: return 0;
    }
}

static inline bool wasm_is_call(enum wasm_opcode op)
{
    return wasm_op_info[op].kind == WASM_KIND_CALL;
}

/* Of the loop whose body begins there, in a function without handlers: whether it has no call; where it ends.
 */
bool wasm_loop_is_plain(const struct wasm_module *m, const u8 *body);
const u8 *wasm_loop_end(const struct wasm_module *m, const u8 *body);
/* Whether it has calls and is as large as known loops that have some, where they are rare (those of
 * llvm_rounds.def): it may have to be taken as a whole. Whether a function has such a loop. */
bool wasm_loop_may_be_known(const struct wasm_module *m, const u8 *body);
bool wasm_may_have_known_loop(const struct wasm_module *m, const struct wasm_func *f);

#endif
