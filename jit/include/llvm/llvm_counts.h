/* llvm_counts.h: what code of O1 counts, for the code of O3 that follows it.
 *
 * A function that counts has an array of words (struct prof_record): how often it was called, then, for each
 * instruction in code order that has any, reached or not, its words:
 *
 *   if, br_if       how often the condition was false, true
 *   br_table        how often each label was taken, the default last
 *   call_indirect   the lower half of the address of the last callee's slot; calls; how often the callee was
 *                   another than the time before
 *
 * They wrap around, and the app may go on counting while somebody reads: hints, no more. */
#ifndef JIT_LLVM_COUNTS_H
#define JIT_LLVM_COUNTS_H

#include "rt.h"
#include "wasm.h"

enum { LLVM_COUNTS_FIRST = 1 };
#define LLVM_COUNTS_MIN  16u /* so often at least before it says anything */
#define LLVM_COUNTS_SKEW 64u /* one way of a branch so many times as often as the other: it has weights */
#define LLVM_COUNTS_SAME 8u  /* one target: not more than one call in so many finds another than before */

static inline u32 llvm_count_words(const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_IF:
    case WASM_OP_BR_IF: return 2;
    case WASM_OP_BR_TABLE: return in->u.br_table.count + 1;
    case WASM_OP_CALL_INDIRECT: return 3;
    default: return 0;
    }
}

/* The one function of `i` that a call_indirect leads to, by its words; UINT32_MAX: there is none. */
static inline u32 llvm_counted_target(const struct rt_instance *i, const u32 *words)
{
    u32 at = words[0] - (u32)(uintptr_t)i->own_funcs, own = at / (u32)sizeof(struct rt_func);
    if (words[1] < LLVM_COUNTS_MIN || words[2] > words[1] / LLVM_COUNTS_SAME ||
        at % sizeof(struct rt_func) != 0 || own >= i->layout->nfuncs - i->layout->imp_funcs)
        return UINT32_MAX;
    return i->layout->imp_funcs + own;
}

#endif
