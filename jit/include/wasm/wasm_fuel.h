/* wasm_fuel.h: what code costs when fuel is limited: the same in every tier, because all take it from here.
 *
 * A unit is one instruction, executed or not, charged ahead: at a function's entry the instructions of its
 * body outside of loops, at every arrival at a loop's header (from above and by a back-edge) those of the
 * loop outside of the loops in it. The instruction `loop` itself is part of what surrounds it, its `end` of
 * the loop. */
#ifndef JIT_WASM_FUEL_H
#define JIT_WASM_FUEL_H

#include "wasm.h"

/* Room that wasm_fuel_costs() needs, in words. */
static inline size_t wasm_fuel_words(const struct wasm_func *f)
{
    return (size_t)f->nloops + 1 + f->max_depth + 1;
}
/* The costs of a validated body: costs[0] of an entry, costs[1 + k] of an arrival at loop k (numbered as
 * wasm_func.nloops). `costs`: wasm_fuel_words(f) words, all zero; what follows the costs is scratch. */
void wasm_fuel_costs(const struct wasm_module *m, const struct wasm_func *f, u32 *costs);

#endif
