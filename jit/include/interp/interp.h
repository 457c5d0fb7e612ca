/* interp.h: tier 0. Lowers a validated function at its first call to threaded code over a register file of
 * cells and runs it.
 *
 * Frame: one array of cells per activation. Cells 0..nlocals-1 are the locals (parameters first, so a
 * callee's frame starts at its arguments), cell nlocals+k is operand k. At every call, loop header and block
 * boundary that a branch reaches, each live operand is in its own cell: an OSR entry finds locals and
 * operands there. For it, what the open `catch` and `catch_all` blocks (the legacy instructions) have caught
 * follows behind the operands, from cell nlocals + wasm_func_stack_cells() on, the outermost first. Results
 * are left in cells 0..nresults-1. */
#ifndef JIT_INTERP_H
#define JIT_INTERP_H

#include "rt.h"
#include "wasm.h"

/* rt_func.cells of an interpreted function: lowers at the first call, counts, runs to the end, or to a tail
 * call of something else (rt_thread.tail). Traps through rt_trap. Checks C stack (rt_thread.stack_limit) and
 * value stack. */
void interp_call(struct rt_func *f, rt_cell *cells);

/* Lowers without running; ST_OK if it was already done. E_NOMEM. */
MUST_CHECK status interp_lower(struct rt_func *f);
/* Frees the lowered code of an instance's functions (none may be running). */
void interp_instance_fini(struct rt_instance *i);
/* Bytes of lowered code alive in this process. */
u64 interp_code_bytes(void);

/* After so many calls and turns of loops a function that is lowered from now on gets a copy (interp_copy.h);
 * 0: by its size. */
extern u32 interp_copy_after;

/* Whether rt_h_profile_exit() is to be called for each finished call (jit/prof). Functions then have another
 * `cells` entry, which calls interp_call: calls do not go past it. */
extern bool interp_profile;

/* DEFINED ABOVE (jit/tier): f->heat fell below zero at a call, before the first instruction. May have
 * replaced f->cells; the interpreter then calls the new entry instead of going on. */
void interp_on_hot_call(struct rt_func *f);
/* DEFINED ABOVE (jit/tier): f->heat fell below zero at the back-edge to loop number `loop`
 * (wasm_func.nloops). `frame` holds locals and operands as they are at the loop header. True: the call was
 * finished elsewhere, results are in frame[0..nresults) (or rt_thread.tail is set, see rt_func.cells). False:
 * go on. */
bool interp_on_hot_loop(struct rt_func *f, u32 loop, rt_cell *frame);

#endif
