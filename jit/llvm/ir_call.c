/* ir_call.c: calls. Functions of the same unit are called directly; all others through their slots, so that a
 * slot's new code is used from the next call on. */
#include "ir_priv.h"

#include <string.h>

#include "rt_symbols.h"

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

/* --- What is called. --- */

static struct ir_target slot_target(struct ir_func *f, LLVMValueRef slot, LLVMValueRef inst)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, slot, offsetof(struct rt_func, native));
    return (struct ir_target){ir_load(x, x->b, x->t_ptr, at, IR_REGION_INST), slot, inst, true};
}

LLVMValueRef ir_call_slot(struct ir_func *f, const LLVMValueRef *values)
{
    return ir_call_native(f, f->type, slot_target(f, ir_slot(f, f->index), f->inst), values);
}

/* A function of any instance. */
static struct ir_target foreign_target(struct ir_func *f, LLVMValueRef slot)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, slot, offsetof(struct rt_func, inst));
    return slot_target(f, slot, ir_load(x, x->b, x->t_ptr, at, IR_REGION_INST));
}

static LLVMValueRef address(struct ir_unit *x, const void *p)
{
    return LLVMConstIntToPtr(ir_int(x->t_i64, (uintptr_t)p), x->t_ptr);
}

/* Code as a distance from a symbol, so that the call is direct: through a register it takes half as long
 * again. LLVM folds what is shorter than LLVM_REACH into the call. */
static LLVMValueRef code_at(struct ir_unit *x, const void *p)
{
    enum { LLVM_REACH = 16 << 20 };
    static const char name[] = "anneal_text";
    u64 distance = (uintptr_t)p - rt_symbol_find(name, sizeof name - 1)->address;
    if (distance >= LLVM_REACH)
        return address(x, p);
    LLVMValueRef at = ir_int(x->t_i64, distance);
    return LLVMConstGEP2(x->t_i8, x->text, &at, 1);
}

/* An imported function: a host's that compiled code can call as it is, is bound for good. */
static struct ir_target imported_target(struct ir_func *f, u32 func)
{
    struct ir_unit *x = f->x;
    const struct rt_func *slot = x->u->bind && x->u->inst ? x->u->inst->funcs[func] : NULL;
    if (!slot || !(slot->flags & RT_FUNC_NATIVE_HOST))
        return foreign_target(f, ir_slot(f, func));
    return (struct ir_target){.code = code_at(x, slot->native), .inst = address(x, slot->inst)};
}

static struct ir_target direct_target(struct ir_func *f, u32 func)
{
    struct ir_unit *x = f->x;
    bool throws = ir_in_try(f) && ir_may_throw(x, func); /* elsewhere nobody asks */
    /* Calls that catch are never inlined: they would keep a copy that is there for nothing else. */
    bool stays = x->u->tier > TIER_O1 || !x->u->count_heat; /* else the callee is going to be replaced */
    bool direct = x->funcs[func] && stays && !x->u->osr &&
                  !(throws && LLVMGetLinkage(x->funcs[func]) == LLVMInternalLinkage);
    if (direct)
        return (struct ir_target){.code = x->funcs[func], .inst = f->inst, .throws = throws};
    if (func < x->m->layout.imp_funcs)
        return imported_target(f, func);
    struct ir_target to = slot_target(f, ir_slot(f, func), f->inst);
    to.throws = throws;
    return to;
}

/* Pops the index; the slot in the table, which may be null and of any type. */
static LLVMValueRef table_slot(struct ir_func *f, u32 table)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, f->inst, x->m->layout.tables + (u64)table * sizeof(void *));
    LLVMValueRef head = ir_load_const(x, x->b, x->t_ptr, at, IR_REGION_INST);
    LLVMValueRef size =
        ir_load(x, x->b, x->t_i64, ir_offset(x, x->b, head, offsetof(struct rt_table, size)), IR_REGION_INST);
    LLVMValueRef index = LLVMBuildIntCast2(x->b, ir_pop(f), x->t_i64, false, "");
    ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntUGE, index, size, ""), TRAP_UNDEFINED_ELEMENT);
    LLVMValueRef elems = ir_load(x, x->b, x->t_ptr,
                                 ir_offset(x, x->b, head, offsetof(struct rt_table, elems)), IR_REGION_INST);
    return ir_load(x, x->b, x->t_ptr, LLVMBuildGEP2(x->b, x->t_ptr, elems, &index, 1, ""), IR_REGION_TABLE);
}

static void check_slot(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef slot)
{
    struct ir_unit *x = f->x;
    ir_trap_if(f, LLVMBuildIsNull(x->b, slot, ""), TRAP_UNINITIALIZED_ELEMENT);
    LLVMValueRef sig = ir_load(x, x->b, x->t_i32, ir_offset(x, x->b, slot, offsetof(struct rt_func, sig_id)),
                               IR_REGION_INST);
    ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntNE, sig, ir_int(x->t_i32, t->sig->id), ""), TRAP_INDIRECT_TYPE);
}

/* Pops the index; the slot in the table, checked. */
static LLVMValueRef indirect_slot(struct ir_func *f, const struct wasm_functype *t, u32 table)
{
    LLVMValueRef slot = table_slot(f, table);
    check_slot(f, t, slot);
    return slot;
}

/* Pops the reference; the slot it is. */
static LLVMValueRef ref_slot(struct ir_func *f)
{
    return ir_not_null(f, ir_pop(f), TRAP_NULL_FUNCTION);
}

/* --- Calls. --- */

void ir_push_results(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef first)
{
    struct ir_unit *x = f->x;
    for (u32 k = 0; k < t->nresults; k++) {
        LLVMTypeRef rt = ir_type(x, t->types[t->nparams + k]);
        ir_push(f, k == 0 ? first : ir_load(x, x->b, rt, ir_result_addr(f, t, k), IR_REGION_THREAD));
    }
}

/* Pops the arguments, calls, pushes the results. */
static void call(struct ir_func *f, const struct wasm_functype *t, struct ir_target to)
{
    f->calls = true;
    f->depth -= t->nparams;
    bool caught = ir_try_begin(f, &to);
    LLVMValueRef first = ir_call_native(f, t, to, f->stack + f->depth);
    if (caught)
        ir_try_end(f);
    ir_push_results(f, t, first);
}

/* Calls `func`, if it is what the slot leads to. Then it is neither null nor of another type. */
static void call_expected(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef slot, u32 func)
{
    struct ir_unit *x = f->x;
    LLVMBasicBlockRef as_expected = ir_block(f), otherwise = ir_block(f), on = ir_block(f);
    LLVMValueRef same = LLVMBuildICmp(x->b, LLVMIntEQ, slot, ir_slot(f, func), "");
    ir_weigh_expected(f, LLVMBuildCondBr(x->b, same, as_expected, otherwise));
    f->calls = true;
    f->depth -= t->nparams;
    LLVMValueRef result[2];
    LLVMBasicBlockRef from[2];
    LLVMPositionBuilderAtEnd(x->b, as_expected);
    result[0] = ir_call_native(f, t, direct_target(f, func), f->stack + f->depth);
    from[0] = LLVMGetInsertBlock(x->b);
    LLVMBuildBr(x->b, on);
    LLVMPositionBuilderAtEnd(x->b, otherwise);
    check_slot(f, t, slot);
    result[1] = ir_call_native(f, t, foreign_target(f, slot), f->stack + f->depth);
    from[1] = LLVMGetInsertBlock(x->b);
    LLVMBuildBr(x->b, on);
    ir_place(f, on);
    if (t->nresults) {
        LLVMValueRef phi = LLVMBuildPhi(x->b, LLVMTypeOf(result[0]), "");
        LLVMAddIncoming(phi, result, from, 2);
        result[0] = phi;
    }
    ir_push_results(f, t, result[0]);
}

static void call_indirect(struct ir_func *f, const struct wasm_functype *t, u32 table)
{
    LLVMValueRef slot = table_slot(f, table);
    u32 func = ir_in_try(f) ? UINT32_MAX : ir_expected_target(f, t);
    if (func != UINT32_MAX) {
        call_expected(f, t, slot, func);
        return;
    }
    check_slot(f, t, slot);
    ir_count_target(f, slot);
    call(f, t, foreign_target(f, slot));
}

/* --- Tail calls. --- */

/* Code that was entered from the interpreter's frame leaves the call to whoever runs that frame. */
static void leave_tail(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef slot)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, tail));
    ir_frame_put(f, f->stack + f->depth - t->nparams, t->nparams);
    ir_store(x, slot, at, IR_REGION_THREAD);
    LLVMBuildRetVoid(x->b);
    f->reachable = false;
}

static void tail_call(struct ir_func *f, const struct wasm_functype *t, struct ir_target to)
{
    struct ir_unit *x = f->x;
    LLVMValueRef result = ir_call_native(f, t, to, f->stack + f->depth - t->nparams);
    LLVMSetTailCallKind(result, LLVMTailCallKindMustTail);
    if (t->nresults)
        LLVMBuildRet(x->b, result);
    else
        LLVMBuildRetVoid(x->b);
    f->reachable = false;
}

static void tail_call_slot(struct ir_func *f, const struct wasm_functype *t, LLVMValueRef slot)
{
    if (f->osr) {
        leave_tail(f, t, slot);
        return;
    }
    ir_profile_exit(f);
    tail_call(f, t, foreign_target(f, slot));
}

/* A tail call of the function itself: a loop. */
static void tail_call_self(struct ir_func *f)
{
    u32 n = f->type->nparams;
    for (u32 k = 0; k < n; k++)
        LLVMBuildStore(f->x->b, f->stack[f->depth - n + k], f->locals[k]);
    LLVMBuildBr(f->x->b, f->again);
    f->reachable = false;
}

/* Code that is to be replaced when it gets hot uses the slot: a chain of tail calls may never come back. */
static void tail_call_direct(struct ir_func *f, u32 func)
{
    const struct wasm_functype *t = wasm_func_type(f->x->m, func);
    if (f->osr || f->x->u->count_heat) {
        tail_call_slot(f, t, ir_slot(f, func));
        return;
    }
    ir_profile_exit(f);
    if (func == f->index)
        tail_call_self(f);
    else
        tail_call(f, t, direct_target(f, func));
}

void ir_call(struct ir_func *f, const struct wasm_instr *in)
{
    const struct wasm_module *m = f->x->m;
    const struct wasm_functype *t;
    u32 index = in->u.index, table = in->u.pair.b; /* by opcode */
    switch ((unsigned)in->op) {
    case WASM_OP_CALL: call(f, wasm_func_type(m, index), direct_target(f, index)); break;
    case WASM_OP_CALL_INDIRECT: call_indirect(f, &m->types[in->u.pair.a], table); break;
    case WASM_OP_CALL_REF: call(f, &m->types[index], foreign_target(f, ref_slot(f))); break;
    case WASM_OP_RETURN_CALL: tail_call_direct(f, index); break;
    case WASM_OP_RETURN_CALL_INDIRECT:
        t = &m->types[in->u.pair.a];
        tail_call_slot(f, t, indirect_slot(f, t, table));
        break;
    case WASM_OP_RETURN_CALL_REF: tail_call_slot(f, &m->types[index], ref_slot(f)); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}
