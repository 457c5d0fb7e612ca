/* ir_call.c: calls. Functions of the same unit are called directly; all others through their slots, so that a
 * slot's new code is used from the next call on. */
#include "ir_priv.h"

#include <string.h>

LLVMValueRef ir_result_addr(struct ir_func *f, const struct wasm_functype *t, u32 k)
{
    struct ir_unit *x = f->x;
    u64 cell = 0;
    for (u32 i = 0; i < k; i++)
        cell += rt_type_cells(t->types[t->nparams + i]);
    return ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, results) + cell * sizeof(rt_cell));
}

/* --- Helpers of the runtime. --- */

enum effects { TRAPS, COLD, GROWS, PURE };
static const struct {
    const char *name, *signature;
    enum effects effects;
} helper_info[] = {
#define HELPER(name, result, params, ir, effects) {"rt_h_" #name, ir, effects},
#include "rt_helpers.def"
#undef HELPER
};

static LLVMTypeRef letter_type(const struct ir_unit *x, char c)
{
    switch (c) {
    case 'i': return x->t_i32;
    case 'l': return x->t_i64;
    case 'p': return x->t_ptr;
    default: return x->t_void;
    }
}

static void declare_helper(struct ir_unit *x, enum ir_helper h)
{
    LLVMTypeRef params[8];
    const char *s = helper_info[h].signature;
    unsigned n = (unsigned)strlen(s) - 1;
    for (unsigned k = 0; k < n; k++)
        params[k] = letter_type(x, s[k + 1]);
    x->helper_types[h] = LLVMFunctionType(letter_type(x, s[0]), params, n, false);
    LLVMValueRef fn = LLVMAddFunction(x->mod, helper_info[h].name, x->helper_types[h]);
    LLVMSetVisibility(fn, LLVMHiddenVisibility);
    LLVMAttributeIndex on = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_NOUNWIND]);
    if (helper_info[h].effects == COLD) {
        LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_NORETURN]);
        LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_COLD]);
    }
    x->helpers[h] = fn;
}

LLVMValueRef ir_call_helper(struct ir_func *f, enum ir_helper h, LLVMValueRef *args, unsigned nargs)
{
    struct ir_unit *x = f->x;
    if (!x->helpers[h])
        declare_helper(x, h);
    return LLVMBuildCall2(x->b, x->helper_types[h], x->helpers[h], args, nargs, "");
}

/* --- Calls of functions. --- */

/* Pops the arguments into args[at..), calls, pushes the results. */
static void emit_call(struct ir_func *f, const struct wasm_functype *t, LLVMTypeRef type, LLVMValueRef callee,
                      LLVMValueRef *args, u32 at)
{
    struct ir_unit *x = f->x;
    f->calls = true;
    f->depth -= t->nparams;
    memcpy(args + at, f->stack + f->depth, t->nparams * sizeof *args);
    LLVMValueRef call = LLVMBuildCall2(x->b, type, callee, args, at + t->nparams, "");
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             x->attrs[IR_ATTR_NOUNWIND]);
    if (at == 2)
        LLVMAddCallSiteAttribute(call, 1, x->attrs[IR_ATTR_NEST]);
    for (u32 k = 0; k < t->nresults; k++) {
        LLVMTypeRef rt = ir_type(x, t->types[t->nparams + k]);
        ir_push(f, k == 0 ? call : ir_load(x, x->b, rt, ir_result_addr(f, t, k), IR_REGION_THREAD));
    }
}

static void call_slot(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef slot, LLVMValueRef inst)
{
    struct ir_unit *x = f->x;
    LLVMValueRef *args = ir_alloc(x, (t->nparams + 2u) * sizeof *args);
    args[0] = slot;
    args[1] = inst;
    LLVMValueRef at = ir_offset(x, x->b, slot, offsetof(struct rt_func, native));
    LLVMValueRef native = ir_load(x, x->b, x->t_ptr, at, IR_REGION_INST);
    emit_call(f, t, ir_func_type(x, t, true), native, args, 2);
}

static LLVMValueRef slot_inst(struct ir_func *f, LLVMValueRef slot)
{
    struct ir_unit *x = f->x;
    return ir_load(x, x->b, x->t_ptr, ir_offset(x, x->b, slot, offsetof(struct rt_func, inst)),
                   IR_REGION_INST);
}

static void call_direct(struct ir_func *f, u32 func)
{
    struct ir_unit *x = f->x;
    const struct wasm_functype *t = wasm_func_type(x->m, func);
    if (x->funcs[func] && !x->u->osr) {
        LLVMValueRef *args = ir_alloc(x, (t->nparams + 1u) * sizeof *args);
        args[0] = f->inst;
        emit_call(f, t, LLVMGlobalGetValueType(x->funcs[func]), x->funcs[func], args, 1);
        return;
    }
    LLVMValueRef slot = ir_slot(f, func);
    call_slot(f, t, slot, func < x->m->layout.imp_funcs ? slot_inst(f, slot) : f->inst);
}

static void call_indirect(struct ir_func *f, u32 type, u32 table)
{
    struct ir_unit *x = f->x;
    const struct wasm_functype *t = &x->m->types[type];
    LLVMValueRef at = ir_offset(x, x->b, f->inst, x->m->layout.tables + (u64)table * sizeof(void *));
    LLVMValueRef head = ir_load_const(x, x->b, x->t_ptr, at, IR_REGION_INST);
    LLVMValueRef size =
        ir_load(x, x->b, x->t_i64, ir_offset(x, x->b, head, offsetof(struct rt_table, size)), IR_REGION_INST);
    LLVMValueRef index = LLVMBuildIntCast2(x->b, ir_pop(f), x->t_i64, false, "");
    ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntUGE, index, size, ""), TRAP_UNDEFINED_ELEMENT);
    LLVMValueRef elems = ir_load(x, x->b, x->t_ptr,
                                 ir_offset(x, x->b, head, offsetof(struct rt_table, elems)), IR_REGION_INST);
    LLVMValueRef slot =
        ir_load(x, x->b, x->t_ptr, LLVMBuildGEP2(x->b, x->t_ptr, elems, &index, 1, ""), IR_REGION_TABLE);
    ir_trap_if(f, LLVMBuildIsNull(x->b, slot, ""), TRAP_UNINITIALIZED_ELEMENT);
    LLVMValueRef sig = ir_load(x, x->b, x->t_i32, ir_offset(x, x->b, slot, offsetof(struct rt_func, sig_id)),
                               IR_REGION_INST);
    ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntNE, sig, ir_int(x->t_i32, t->sig->id), ""), TRAP_INDIRECT_TYPE);
    call_slot(f, t, slot, slot_inst(f, slot));
}

static void call_ref(struct ir_func *f, u32 type)
{
    LLVMValueRef slot = ir_not_null(f, ir_pop(f), TRAP_NULL_FUNCTION);
    call_slot(f, &f->x->m->types[type], slot, slot_inst(f, slot));
}

void ir_call(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_CALL: call_direct(f, in->u.index); break;
    case WASM_OP_CALL_INDIRECT: call_indirect(f, in->u.pair.a, in->u.pair.b); break;
    case WASM_OP_CALL_REF: call_ref(f, in->u.index); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}
