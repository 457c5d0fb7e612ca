/* wasm_counts.h: what code of the baseline counts, for the code of O1 and O3 that follows it; where there is
 * no such code, O1's, for O3's.
 *
 * A function that counts has an array of words (struct prof_record), for each instruction in code order that
 * has any, reached or not:
 *
 *   if, br_if       how often the condition was false, true
 *   br_table        how often each label was taken, the default last
 *   call_indirect   the lower half of the address of the last callee's slot; calls; how often the callee was
 *                   another than the time before
 *
 * They wrap around, and the app may go on counting while somebody reads: hints, no more. */
#ifndef JIT_WASM_COUNTS_H
#define JIT_WASM_COUNTS_H

#include "rt.h"
#include "wasm.h"

#define WASM_COUNTS_MIN  16u /* so often at least before it says anything */
#define WASM_COUNTS_SKEW 64u /* one way of a branch so many times as often as the other: it has weights */
#define WASM_COUNTS_SAME 8u  /* one target: not more than one call in so many finds another than before */

static inline u32 wasm_count_words(const struct wasm_instr *in)
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
static inline u32 wasm_counted_target(const struct rt_instance *i, const u32 *words)
{
    u32 at = words[0] - (u32)(uintptr_t)i->own_funcs, own = at / (u32)sizeof(struct rt_func);
    if (words[1] < WASM_COUNTS_MIN || words[2] > words[1] / WASM_COUNTS_SAME ||
        at % sizeof(struct rt_func) != 0 || own >= i->layout->nfuncs - i->layout->imp_funcs)
        return UINT32_MAX;
    return i->layout->imp_funcs + own;
}

#endif
