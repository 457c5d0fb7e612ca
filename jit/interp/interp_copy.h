/* interp_copy.h: copies of handlers in a row, for functions that run often (interp_copy.c). */
#ifndef JIT_INTERP_COPY_H
#define JIT_INTERP_COPY_H

#include "interp_priv.h"

/* Machine code of a function: of each instruction a copy of its handler's template, with its operands in it,
 * one behind the other. What has no template is a jump to the handler, which goes on behind it through the
 * next instruction's first word: that one leads to the copies. `ip` is not kept: a fault tells by its program
 * counter where it was. */
#if !INTERP_SMALL
/* Makes the copy of `f`, which is lowered. Where that fails, everything stays as it was. */
void interp_copy_make(struct rt_func *f);
void interp_copy_free(struct interp_code *c);
/* Offset in text of the instruction whose copy `pc`, which is in the function's, is in. */
u32 interp_copy_locate(const struct interp_code *c, uintptr_t pc);
#endif

/* --- Templates (interp_template.c). --- */
/* An operand in a template: base + 256 times its offset in the instruction. Sums that the compiler makes of
 * it show. */
#define INTERP_HOLE_CELL   0x5a110000 /* of frame cell n: 8 * n */
#define INTERP_HOLE_WORD   0x5a220000 /* 32 bits */
#define INTERP_HOLE_OFFSET 0x5a330000 /* 32 bits, below 2 GiB */
#define INTERP_HOLE_WORD64 0x5a3c1d2e3f440000
#define INTERP_HOLE_HERE   0x5a3c1d2e3f550000 /* the instruction's address, without an operand */
/* The ways out of a template. */
__attribute__((preserve_none)) void interp_template_next(INTERP_ARGS);
__attribute__((preserve_none)) void interp_template_taken(INTERP_ARGS);

/* Shaped like the tables of handlers. */
#define INTERP_PLAIN_TEMPLATES(X)                                                                            \
    X(COPY)                                                                                                  \
    X(COPY2)                                                                                                 \
    X(COPY_JUMP)                                                                                             \
    X(COPY2_JUMP)                                                                                            \
    X(CONST32)                                                                                               \
    X(CONST64)                                                                                               \
    X(SELECT_R)                                                                                              \
    X(SELECT_A)                                                                                              \
    X(IF_R)                                                                                                  \
    X(IF_A)                                                                                                  \
    X(UNLESS_R)                                                                                              \
    X(UNLESS_A)                                                                                              \
    X(IF_NULL)                                                                                               \
    X(IF_NON_NULL)                                                                                           \
    X(RETURN)                                                                                                \
    X(RETURN_R)                                                                                              \
    X(RETURN_I)                                                                                              \
    X(GLOBAL_GET)                                                                                            \
    X(GLOBAL_SET)                                                                                            \
    X(TABLE_R)                                                                                               \
    X(TABLE_A)                                                                                               \
    X(FUEL)                                                                                                  \
    X(CALL)                                                                                                  \
    X(CALL_SLOT)                                                                                             \
    X(CALL_INDIRECT)                                                                                         \
    X(CALL_INDIRECT64)                                                                                       \
    X(CALL_REF)
#if !INTERP_SMALL
extern const interp_fn interp_alu_templates[WASM_OP_COUNT][SENSE_COUNT][FORM_COUNT];
extern const interp_fn interp_loads_templates[2][INTERP_LOADS][2][ADDR_COUNT];
extern const interp_fn interp_stores_templates[2][INTERP_STORES][ADDR_COUNT][SRC_COUNT];
extern const struct interp_fusion interp_fusions_templates[INTERP_FUSIONS];
extern const struct interp_test interp_tests_templates[INTERP_TESTS];
extern const interp_fn interp_plain_templates[PLAIN_COUNT];
#endif

#endif
