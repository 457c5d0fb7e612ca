/* baseline.h: machine code of a function in one pass, without LLVM: what runs between the interpreter and O1.
 *
 * Code keeps to the native calling convention (rt.h), so that compiled code of every tier and this call each
 * other without anything between them. A frame has the cells of the interpreter's (interp.h), so that loops
 * are left to the optimising tiers as interpreted ones are. Locals that are used most are in registers.
 *
 * Code counts down rt_func.heat as the interpreter does: a call by RT_HEAT_CALL, a turn of a loop by 1, and
 * below zero asks rt_h_tier_up() or baseline_on_hot_loop(). It sets rt_func.entered, for who wants to tell a
 * new activation from one that goes on: both may have the same frame. */
#ifndef JIT_BASELINE_H
#define JIT_BASELINE_H

#include "rt.h"

/* Whether code calls rt_h_profile_exit() for each finished call (jit/prof). */
extern bool baseline_profile;

struct baseline_code {
    void *entry;       /* native */
    rt_cells_fn cells; /* rt_func.cells of this function */
    u8 *base;
    size_t bytes;
    uintptr_t start; /* of what rt_code_add knows */
    /* With baseline_seen(): the entry for an activation that begins at an arm (wasm_arms.h). Native, for the
     * parameter `cells`: locals and operands as they are there. rt_thread.resume says where that is. Else
     * NULL. */
    u8 *resume;
    u32 *arms; /* baseline_arms(), or NULL so far */
    /* Of the same function, which may still be running: freed with this. Or NULL. */
    struct baseline_code *older;
};

/* Compiles `f` and registers its code; its slot stays as it is. NULL: the function has something that is left
 * to others (vectors, exceptions, tail calls, memories that are checked or have 64-bit addresses, a limit of
 * fuel), or there is no memory. */
struct baseline_code *baseline_compile(struct rt_func *f);
/* Nothing of it may be running. */
void baseline_free(struct baseline_code *c);
/* DEFINED ABOVE (jit/tier): as interp_on_hot_loop (interp.h), for an activation of code made here. */
bool baseline_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame);

/* DEFINED ABOVE (jit/tier): a byte for each arm of `f`, which code sets when it gets there. NULL: nobody
 * wants to know. The same as long as there is code of `f`. */
u8 *baseline_seen(struct rt_func *f);
/* DEFINED ABOVE (jit/tier): the words that code of `f` counts in (wasm_counts.h), or NULL: nobody wants to
 * know. The same as long as there is code of `f`. False: no memory. */
bool baseline_counts(struct rt_func *f, u32 **counts);
/* By arm of `f`, whose code `c` is, and has an entry for them: the distance of its code from c->base; 0: it
 * is never reached. NULL: no memory. */
const u32 *baseline_arms(struct baseline_code *c, struct rt_func *f);

#endif
