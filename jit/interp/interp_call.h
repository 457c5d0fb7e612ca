/* interp_call.h: how a call goes from handler to handler (interp_ops.h). */
#ifndef JIT_INTERP_CALL_H
#define JIT_INTERP_CALL_H

#include "interp_handler.h"

/* Outside of the handlers (interp_run.c): they stay as small as they are. */
void interp_call_slot(struct rt_func *callee, rt_cell *cells); /* through the slot, whatever is behind it */
void interp_finish_tail(rt_cell *cells);
_Noreturn void interp_indirect_trap(const struct rt_table *t, u64 index);
_Noreturn void interp_null_trap(enum rt_trap t);
_Noreturn void interp_fuel_trap(void);
__attribute__((preserve_none)) void interp_call_anything(INTERP_ARGS);
__attribute__((preserve_none)) void interp_call_indirect_anything(INTERP_ARGS);
__attribute__((preserve_none)) void interp_call_indirect64_anything(INTERP_ARGS);
__attribute__((preserve_none)) void interp_call_ref_anything(INTERP_ARGS);

/* Declared locals start as zero, two cells at a time; one cell too many is an operand's, and free. */
static inline __attribute__((always_inline)) void zero_locals(const struct interp_code *c, rt_cell *cells)
{
    typedef u64 pair __attribute__((vector_size(16), aligned(8)));
    for (rt_cell *p = cells + c->nparams, *end = cells + c->nlocals; p < end; p += 2) {
        *(pair *)p = (pair){0, 0};
        __asm__ volatile("" ::: "memory"); /* not memset: most functions have a handful */
    }
}

/* Whether `f` can be entered with lowered code `c` and a frame from `cells` on without asking anybody. */
static inline __attribute__((always_inline)) bool is_ready(const struct rt_func *f,
                                                           const struct interp_code *c, const rt_cell *cells)
{
    return f->cells == interp_call && c && f->heat >= RT_HEAT_CALL &&
           cells + c->frame_cells <= rt_thread.cells_end;
}

/* Runs `callee`, for whose frame there is room. */
static inline __attribute__((always_inline)) void run_code(struct rt_func *callee,
                                                           const struct interp_code *c, rt_cell *cells)
{
    struct rt_activation activation = {.prev = rt_thread.interp_top, .func = callee, .ip = c->text};
    zero_locals(c, cells);
    rt_thread.interp_top = &activation;
    u64 acc;
    f32 acc_f32;
    f64 acc_f64;
    FORGET_ACC();
    ((interp_fn)(uintptr_t)*(const interp_opc *)(const void *)c->text)(c->text, cells, c->mem, callee, acc,
                                                                       acc_f32, acc_f64);
    rt_thread.interp_top = activation.prev;
}

/* What is not so simple goes another way (interp_run.c), from the start. */
#define CALL_TO(callee_, otherwise)                                                                          \
    struct rt_func *callee = (callee_);                                                                      \
    rt_cell *cells = &CELL(base);                                                                            \
    const struct interp_code *c = callee->code;                                                              \
    if (__builtin_expect(!is_ready(callee, c, cells) ||                                                      \
                             (uintptr_t)__builtin_frame_address(0) < rt_thread.stack_limit,                  \
                         0))                                                                                 \
        LEAVE_TO(otherwise);                                                                                 \
    SAVE_IP();                                                                                               \
    callee->heat -= RT_HEAT_CALL;                                                                            \
    run_code(callee, c, cells);                                                                              \
    FORGET_IP();                                                                                             \
    if (__builtin_expect(rt_thread.tail != NULL, 0))                                                         \
        interp_finish_tail(&CELL(base));                                                                     \
    FORGET_ACC();                                                                                            \
    NEXT_INS()

/* Declares `target`, the function at `index_` of the instruction's table. */
#define FIND_TARGET(index_)                                                                                  \
    const struct rt_table *t = f->inst->tables[WORD32(table)];                                               \
    u64 index = (index_);                                                                                    \
    struct rt_func *target = index < t->size ? t->elems[index] : NULL;                                       \
    if (__builtin_expect(!target || target->sig_id != WORD32(sig_id), 0)) {                                  \
        SAVE_IP();                                                                                           \
        interp_indirect_trap(t, index);                                                                      \
    }
/* Declares `target`, the function that cell `a` refers to. */
#define TAKE_TARGET()                                                                                        \
    struct rt_func *target = (struct rt_func *)(uintptr_t)CELL(a);                                           \
    if (__builtin_expect(!target, 0)) {                                                                      \
        SAVE_IP();                                                                                           \
        interp_null_trap(TRAP_NULL_FUNCTION);                                                                \
    }

#endif
