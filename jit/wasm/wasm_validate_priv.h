/* wasm_validate_priv.h: the validator's state, shared by the rules (wasm_validate.c) and the quick path
 * (wasm_validate_quick.c). */
#ifndef JIT_WASM_VALIDATE_PRIV_H
#define JIT_WASM_VALIDATE_PRIV_H

#include "wasm_priv.h"

#define BOTTOM     0u /* the type of an operand in unreachable code, which matches every type */
#define BOTTOM_REF 1u /* of one that is known to be a reference */

enum { LOCALS_EXPANDED = 256 }; /* locals above are found by search, so that declaring many costs nothing */

struct frame {
    enum wasm_opcode op; /* BLOCK, LOOP, IF, ELSE, TRY, CATCH, CATCH_ALL, TRY_TABLE; the body is a BLOCK */
    bool unreachable;
    u32 height; /* of the operand stack below the block's parameters */
    u32 nset;   /* locals without a default that were set before the block */
    struct wasm_blocktype type;
};

struct validator {
    struct wasm_module *m;
    u32 ndata; /* declared by the data count section, or NDATA_UNKNOWN */
    struct reader *r;
    const u8 *at; /* the instruction that is being checked */
    const struct wasm_op_info *info;
    struct wasm_func *f; /* NULL in constant expressions */
    u32 nlocals;
    rt_type locals[LOCALS_EXPANDED];
    bool has_unset; /* the function has locals without a default value, which must be set before they are
                       read: */
    u8 *unset;      /* per local, 1 while it may not be read */
    u32 *set;       /* locals that were set in the open blocks, in that order */
    u32 nset, locals_size;
    u32 allowed;  /* features: ready or forced */
    rt_type addr; /* address type of the memory or table that the immediates named */
    rt_type *stack;
    u32 height, stack_size, max_height;
    struct frame *frames;
    u32 depth, frames_size, max_depth, ncalls;
};

static inline struct frame *top_frame(struct validator *v)
{
    return &v->frames[v->depth - 1];
}

/* Goes on from v->r->p over instructions of a body that are plainly right, and stops before the first one
 * that the rules have to look at. Cannot fail. */
void validator_quick(struct validator *v);

#endif
