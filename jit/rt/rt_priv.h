/* rt_priv.h: what the files of jit/rt share. */
#ifndef JIT_RT_PRIV_H
#define JIT_RT_PRIV_H

#include "rt.h"

/* --- rt_memory.c --- */
/* The memory whose reserved addresses contain `addr`, or NULL. Only looks at memory. */
const struct rt_memory *rt_memory_at(uintptr_t addr);

/* --- rt_thread.c --- */
/* Bounds of the running thread's C stack. */
extern uintptr_t rt_stack_low, rt_stack_high;
/* What rt_thread.stack_limit is as long as no time is over. */
extern uintptr_t rt_stack_limit;
/* Whether `p` lies on the value stack. */
bool rt_cells_contain(const rt_cell *p);

/* The value stack that is in memory: [rt_cells_base, rt_thread.cells_end). */
extern rt_cell *rt_cells_base;

/* --- rt_table.c, rt_instance.c: all that are alive. --- */
extern struct rt_table *rt_tables;
extern struct rt_instance *rt_instances;

/* --- rt_collect.c --- */
/* Takes over a new object of `bytes` bytes. E_NOMEM. */
MUST_CHECK status rt_collect_add(struct rt_exn *e, u64 bytes);
/* Whether enough was made since the last time that it is worth it. */
bool rt_collect_due(void);
/* Frees every exception that is not found; `values`, `n` of them, are roots too. */
void rt_collect(const rt_cell *values, u32 n);

/* --- rt_try.asm --- */
/* Returns from the call that linked `h`. */
_Noreturn void rt_try_resume(const struct rt_handler *h);
extern const u8 rt_try_returned[]; /* the return address of what rt_try_call calls */

/* --- rt_stubs.asm --- */
/* Calls rt_cells_call(f, cells) with `c` as the place to come back to. False: rt_catch_throw ended it. */
bool rt_catch_run(struct rt_catch *c, struct rt_func *f, rt_cell *cells);
_Noreturn void rt_catch_throw(struct rt_catch *c);
/* Where a guest's fault goes on: builds a frame that returns to rt_fault_pc and calls rt_trap(t). */
void rt_fault_landing(enum rt_trap t);
extern uintptr_t rt_fault_pc; /* rt_fault.c */

/* --- rt_adapter.c: the C halves of the stubs. --- */
/* Argument registers of the System V calling convention, as the stubs spill and load them. */
struct rt_native_regs {
    u64 gpr[6]; /* rdi rsi rdx rcx r8 r9 */
    u64 xmm[8][2];
    rt_cell *cells_top; /* of the caller, while a native call runs */
    u64 unused;
};
_Static_assert(sizeof(struct rt_native_regs) == 192, "rt_stubs.asm knows it");
/* NULL: the call has ended, its first result is in r->gpr[0] and r->xmm[0], and the caller knows which of the
 * two it wants. Else the slot with compiled code to jump to, and `r` what its registers are to be. */
struct rt_func *rt_adapter_enter(struct rt_func *f, struct rt_native_regs *r);
void rt_adapter_leave(struct rt_func *f, rt_cell *cells, struct rt_native_regs *r);
/* rax and xmm0 are in r->gpr[0] and r->xmm[0]. */
void rt_adapter_results(struct rt_func *f, rt_cell *cells, const struct rt_native_regs *r);

#endif
