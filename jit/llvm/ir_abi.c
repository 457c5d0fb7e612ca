/* ir_abi.c: where values are that go from function to function (rt.h), as LLVM sees it.
 *
 * A function's prototype has the parameters that travel in registers, under their own types. LLVM makes a
 * tail call only between functions of the same prototype; a unit with tail calls therefore uses one and the
 * same for all (per type of first result), which has every register: the machine cannot tell the difference.
 */
#include "ir_priv.h"

enum { GPRS = RT_NATIVE_GPRS - 1, XMMS = RT_NATIVE_XMMS, REGS_MAX = 2 + GPRS + XMMS };

/* --- Places. --- */

enum place_kind { PLACE_GPR, PLACE_XMM, PLACE_REST };
struct place {
    enum place_kind kind;
    u32 n; /* of the register; REST: cell of rt_thread.args */
};
struct cursor {
    u32 ngpr, nxmm, rest;
};

static struct place next_place(struct cursor *c, rt_type t)
{
    bool xmm = rt_type_is_fp(t) || t == RT_V128;
    u32 *used = xmm ? &c->nxmm : &c->ngpr;
    if (*used < (xmm ? XMMS : GPRS))
        return (struct place){xmm ? PLACE_XMM : PLACE_GPR, (*used)++};
    struct place p = {PLACE_REST, c->rest};
    c->rest += rt_type_cells(t);
    return p;
}

static LLVMValueRef rest_addr(struct ir_unit *x, u32 cell)
{
    return ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, args) + (u64)cell * sizeof(rt_cell));
}

LLVMValueRef ir_result_addr(struct ir_func *f, const struct wasm_functype *t, u32 k)
{
    struct ir_unit *x = f->x;
    u64 cell = 0;
    for (u32 i = 0; i < k; i++)
        cell += rt_type_cells(t->types[t->nparams + i]);
    return ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, results) + cell * sizeof(rt_cell));
}

/* --- Prototypes. --- */

static u32 uniform_params(const struct ir_unit *x, LLVMTypeRef *params)
{
    u32 n = 0;
    params[n++] = x->t_ptr;
    params[n++] = x->t_ptr;
    for (u32 k = 0; k < GPRS; k++)
        params[n++] = x->t_i64;
    for (u32 k = 0; k < XMMS; k++)
        params[n++] = x->t_v128;
    return n;
}

static u32 own_params(const struct ir_unit *x, const struct wasm_functype *t, bool nest, LLVMTypeRef *params)
{
    struct cursor c = {0};
    u32 n = 0;
    if (nest)
        params[n++] = x->t_ptr;
    params[n++] = x->t_ptr;
    for (u32 k = 0; k < t->nparams; k++) {
        if (next_place(&c, t->types[k]).kind != PLACE_REST)
            params[n++] = ir_type(x, t->types[k]);
    }
    return n;
}

/* `nest`: with the slot, in r10, as first parameter; the uniform prototype always has it. */
static LLVMTypeRef prototype(const struct ir_unit *x, const struct wasm_functype *t, bool nest)
{
    LLVMTypeRef params[REGS_MAX];
    u32 n = x->uniform ? uniform_params(x, params) : own_params(x, t, nest, params);
    return LLVMFunctionType(t->nresults ? ir_type(x, t->types[t->nparams]) : x->t_void, params, n, false);
}

LLVMValueRef ir_declare(struct ir_unit *x, const struct wasm_functype *t, const char *name)
{
    LLVMValueRef fn = LLVMAddFunction(x->mod, name, prototype(x, t, false));
    if (x->uniform)
        LLVMAddAttributeAtIndex(fn, 1, x->attrs[IR_ATTR_NEST]);
    return fn;
}

/* --- A value in a register of the uniform prototype, and back. --- */

static LLVMValueRef to_gpr(struct ir_unit *x, LLVMValueRef v)
{
    if (LLVMTypeOf(v) == x->t_ptr)
        return LLVMBuildPtrToInt(x->b, v, x->t_i64, "");
    return LLVMBuildZExt(x->b, v, x->t_i64, "");
}

static LLVMValueRef from_gpr(struct ir_unit *x, LLVMValueRef v, LLVMTypeRef t)
{
    if (t == x->t_ptr)
        return LLVMBuildIntToPtr(x->b, v, t, "");
    return LLVMBuildTrunc(x->b, v, t, "");
}

static LLVMTypeRef lanes(const struct ir_unit *x, LLVMTypeRef t)
{
    return LLVMVectorType(t, t == x->t_f32 ? 4 : 2);
}

static LLVMValueRef to_xmm(struct ir_unit *x, LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    if (t == x->t_v128)
        return v;
    LLVMValueRef wide = LLVMBuildInsertElement(x->b, LLVMGetPoison(lanes(x, t)), v, ir_int(x->t_i32, 0), "");
    return LLVMBuildBitCast(x->b, wide, x->t_v128, "");
}

static LLVMValueRef from_xmm(struct ir_unit *x, LLVMValueRef v, LLVMTypeRef t)
{
    if (t == x->t_v128)
        return v;
    LLVMValueRef wide = LLVMBuildBitCast(x->b, v, lanes(x, t), "");
    return LLVMBuildExtractElement(x->b, wide, ir_int(x->t_i32, 0), "");
}

/* --- Callee and caller. --- */

LLVMValueRef ir_inst_param(const struct ir_func *f)
{
    return LLVMGetParam(f->fn, f->x->uniform && !f->osr ? 1 : 0);
}

static LLVMValueRef uniform_param(struct ir_func *f, struct place p, LLVMTypeRef t)
{
    if (p.kind == PLACE_GPR)
        return from_gpr(f->x, LLVMGetParam(f->fn, 2 + p.n), t);
    return from_xmm(f->x, LLVMGetParam(f->fn, 2 + GPRS + p.n), t);
}

void ir_params(struct ir_func *f, LLVMValueRef *values)
{
    struct ir_unit *x = f->x;
    struct cursor c = {0};
    for (u32 k = 0, n = 1; k < f->type->nparams; k++) {
        LLVMTypeRef t = ir_type(x, f->type->types[k]);
        struct place p = next_place(&c, f->type->types[k]);
        if (p.kind == PLACE_REST)
            values[k] = ir_load(x, x->b, t, rest_addr(x, p.n), IR_REGION_THREAD);
        else
            values[k] = x->uniform ? uniform_param(f, p, t) : LLVMGetParam(f->fn, n++);
    }
}

/* Arguments from the place `n` on; returns how many there are. */
static u32 put_args(struct ir_unit *x, const struct wasm_functype *t, const LLVMValueRef *values,
                    LLVMValueRef *args, u32 n)
{
    struct cursor c = {0};
    for (u32 k = 0; k < t->nparams; k++) {
        struct place p = next_place(&c, t->types[k]);
        if (p.kind == PLACE_REST)
            ir_store(x, values[k], rest_addr(x, p.n), IR_REGION_THREAD);
        else if (!x->uniform)
            args[n++] = values[k];
        else if (p.kind == PLACE_GPR)
            args[n + p.n] = to_gpr(x, values[k]);
        else
            args[n + GPRS + p.n] = to_xmm(x, values[k]);
    }
    return x->uniform ? REGS_MAX : n;
}

LLVMValueRef ir_call_native(struct ir_func *f, const struct wasm_functype *t, struct ir_target to,
                            const LLVMValueRef *values)
{
    struct ir_unit *x = f->x;
    LLVMValueRef args[REGS_MAX];
    LLVMTypeRef uniform[REGS_MAX];
    bool nest = to.slot || x->uniform;
    u32 n = 0;
    for (u32 k = 0; x->uniform && k < uniform_params(x, uniform); k++)
        args[k] = LLVMGetPoison(uniform[k]);
    if (nest)
        args[n++] = to.slot ? to.slot : LLVMGetPoison(x->t_ptr);
    args[n++] = to.inst;
    n = put_args(x, t, values, args, n);
    LLVMValueRef call = LLVMBuildCall2(x->b, prototype(x, t, nest), to.code, args, n, "");
    LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                             x->attrs[IR_ATTR_NOUNWIND]);
    if (nest)
        LLVMAddCallSiteAttribute(call, 1, x->attrs[IR_ATTR_NEST]);
    return call;
}
