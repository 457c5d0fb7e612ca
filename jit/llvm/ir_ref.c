/* ir_ref.c: references. A reference is a pointer: to a function's slot, to an exception, or the host's own.
 */
#include "ir_priv.h"

LLVMValueRef ir_not_null(struct ir_func *f, LLVMValueRef ref, enum rt_trap otherwise)
{
    ir_trap_if(f, LLVMBuildIsNull(f->x->b, ref, ""), otherwise);
    return ref;
}

void ir_ref(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    switch ((unsigned)in->op) {
    case WASM_OP_REF_NULL: ir_push(f, LLVMConstNull(x->t_ptr)); break;
    case WASM_OP_REF_IS_NULL: ir_push(f, ir_from_cond(f, LLVMBuildIsNull(x->b, ir_pop(f), ""))); break;
    case WASM_OP_REF_FUNC: ir_push(f, ir_slot(f, in->u.index)); break;
    case WASM_OP_REF_AS_NON_NULL: ir_push(f, ir_not_null(f, ir_pop(f), TRAP_NULL_REFERENCE)); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}
