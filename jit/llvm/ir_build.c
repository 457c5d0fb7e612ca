/* ir_build.c: the LLVM module of a unit: types, symbols, attributes, and the shell around each function's
 * body.
 *
 * Shell of a function: `entry` holds the locals' allocas and what is loaded once (heads of memories), then,
 * in functions that call, the check of the stack. `start` stores parameters and zeroes. A function that is
 * entered at a loop (OSR) gets its body twice: a normal copy whose `start` nothing reaches, and the remainder
 * from the loop on, which joins the first copy at the headers of the loops around it (ir_control.c). */
#include "ir_priv.h"

#include <string.h>

#include <llvm-c/Analysis.h>

#include "fmt.h"
#include "wasm_counts.h"
#include "wasm_fuel.h"

void *ir_alloc(struct ir_unit *x, size_t bytes)
{
    void *p = arena_alloc(x->arena, bytes ? bytes : 1, 16);
    if (!p)
        llvm_bail(BAILOUT_NO_MEMORY, "out of memory in the translator");
    return p;
}

LLVMTypeRef ir_type(const struct ir_unit *x, rt_type t)
{
    switch (t) {
    case RT_I32: return x->t_i32;
    case RT_I64: return x->t_i64;
    case RT_F32: return x->t_f32;
    case RT_F64: return x->t_f64;
    case RT_V128: return x->t_v128;
    default:
        if (rt_type_is_ref(t))
            return x->t_ptr;
        llvm_bail(BAILOUT_UNSUPPORTED, "a value type has no translation yet");
    }
}

LLVMValueRef ir_int(LLVMTypeRef t, u64 v)
{
    return LLVMConstInt(t, v, false);
}

LLVMValueRef ir_v128(const struct ir_unit *x, const u8 *bytes)
{
    u64 half[2];
    memcpy(half, bytes, sizeof half);
    LLVMValueRef v[] = {ir_int(x->t_i64, half[0]), ir_int(x->t_i64, half[1])};
    return LLVMConstVector(v, 2);
}

LLVMValueRef ir_intrinsic(struct ir_unit *x, const char *name, LLVMTypeRef *overloads, unsigned n,
                          LLVMValueRef *args, unsigned nargs)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(x->mod, id, overloads, n);
    return LLVMBuildCall2(x->b, LLVMGlobalGetValueType(fn), fn, args, nargs, "");
}

LLVMBasicBlockRef ir_block(struct ir_func *f)
{
    return LLVMAppendBasicBlockInContext(f->x->ctx, f->fn, "");
}

void ir_place(struct ir_func *f, LLVMBasicBlockRef b)
{
    LLVMBasicBlockRef last = LLVMGetLastBasicBlock(f->fn);
    if (b != last)
        LLVMMoveBasicBlockAfter(b, last);
    LLVMPositionBuilderAtEnd(f->x->b, b);
}

LLVMValueRef ir_offset(struct ir_unit *x, LLVMBuilderRef b, LLVMValueRef base, u64 offset)
{
    LLVMValueRef by = ir_int(x->t_i64, offset);
    return offset ? LLVMBuildGEP2(b, x->t_i8, base, &by, 1, "") : base;
}

static LLVMValueRef tag(struct ir_unit *x, LLVMValueRef access, enum ir_region r, bool vector)
{
    if (r == IR_REGION_GUEST) /* the alignment in the instruction is a hint */
        LLVMSetAlignment(access, 1);
    else if (vector) /* lies in cells */
        LLVMSetAlignment(access, sizeof(rt_cell));
    LLVMSetMetadata(access, x->md_tbaa, x->tbaa[r]);
    return access;
}

LLVMValueRef ir_load(struct ir_unit *x, LLVMBuilderRef b, LLVMTypeRef t, LLVMValueRef addr, enum ir_region r)
{
    return tag(x, LLVMBuildLoad2(b, t, addr, ""), r, t == x->t_v128);
}

LLVMValueRef ir_load_const(struct ir_unit *x, LLVMBuilderRef b, LLVMTypeRef t, LLVMValueRef addr,
                           enum ir_region r)
{
    LLVMValueRef v = ir_load(x, b, t, addr, r);
    LLVMSetMetadata(v, x->md_invariant, x->invariant);
    return v;
}

LLVMValueRef ir_store(struct ir_unit *x, LLVMValueRef v, LLVMValueRef addr, enum ir_region r)
{
    return tag(x, LLVMBuildStore(x->b, v, addr), r, LLVMTypeOf(v) == x->t_v128);
}

/* Reads memory behind its argument; may not return, so that a call is never dropped. */
LLVMValueRef ir_loader(struct ir_unit *x, LLVMTypeRef word, LLVMTypeRef type)
{
    char name[32];
    unsigned bits = LLVMGetTypeKind(word) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(word) : 0;
    const char *kind = bits ? "i" : word == x->t_f32 ? "f32." : word == x->t_f64 ? "f64." : "v128.";
    fmt_s(name, sizeof name, IR_LOADER "%s%u", kind, bits);
    LLVMValueRef fn = LLVMGetNamedFunction(x->mod, name);
    if (fn)
        return fn;
    fn = LLVMAddFunction(x->mod, name, type);
    LLVMAttributeIndex on = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
    LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_NOUNWIND]);
    LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_INLINE_FREE]);
    LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_READS_ARGUMENT]);
    return fn;
}

LLVMValueRef ir_slot(struct ir_func *f, u32 func)
{
    struct ir_unit *x = f->x;
    const struct rt_layout *l = &x->m->layout;
    if (func >= l->imp_funcs)
        return ir_offset(x, x->b, f->inst,
                         l->own_funcs + (u64)(func - l->imp_funcs) * sizeof(struct rt_func));
    LLVMValueRef at = ir_offset(x, x->b, f->inst, l->funcs + (u64)func * sizeof(void *));
    return ir_load_const(x, x->b, x->t_ptr, at, IR_REGION_INST);
}

void ir_count_heat(struct ir_func *f, u32 by)
{
    struct ir_unit *x = f->x;
    if (!x->u->count_heat)
        return;
    LLVMValueRef at = ir_offset(x, x->b, ir_slot(f, f->index), offsetof(struct rt_func, heat));
    LLVMValueRef heat = ir_load(x, x->b, x->t_i32, at, IR_REGION_INST);
    heat = LLVMBuildSub(x->b, heat, ir_int(x->t_i32, by), "");
    ir_store(x, heat, at, IR_REGION_INST);
    LLVMValueRef cold = LLVMBuildICmp(x->b, LLVMIntSLT, heat, ir_int(x->t_i32, 0), "");
    LLVMBasicBlockRef ask = ir_block(f), on = ir_block(f);
    ir_br_cond(f, cold, ask, on);
    LLVMPositionBuilderAtEnd(x->b, ask);
    LLVMValueRef args[] = {f->inst, ir_int(x->t_i32, f->index)};
    ir_call_helper(f, IR_HELPER_tier_up, args, 2);
    LLVMBuildBr(x->b, on);
    LLVMPositionBuilderAtEnd(x->b, on);
}

void ir_charge_fuel(struct ir_func *f, u32 which)
{
    struct ir_unit *x = f->x;
    if (!f->costs)
        return;
    LLVMValueRef at = ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, fuel));
    LLVMValueRef left = ir_load(x, x->b, x->t_i64, at, IR_REGION_THREAD);
    left = LLVMBuildSub(x->b, left, ir_int(x->t_i64, f->costs[which]), "");
    ir_store(x, left, at, IR_REGION_THREAD);
    ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntSLT, left, ir_int(x->t_i64, 0), ""), TRAP_FUEL);
}

/* --- The module. --- */

static void make_types(struct ir_unit *x)
{
    x->t_void = LLVMVoidTypeInContext(x->ctx);
    x->t_i1 = LLVMInt1TypeInContext(x->ctx);
    x->t_i8 = LLVMInt8TypeInContext(x->ctx);
    x->t_i16 = LLVMInt16TypeInContext(x->ctx);
    x->t_i32 = LLVMInt32TypeInContext(x->ctx);
    x->t_i64 = LLVMInt64TypeInContext(x->ctx);
    x->t_f32 = LLVMFloatTypeInContext(x->ctx);
    x->t_f64 = LLVMDoubleTypeInContext(x->ctx);
    x->t_v128 = LLVMVectorType(x->t_i64, 2);
    x->t_ptr = LLVMPointerTypeInContext(x->ctx, 0);
}

/* A symbol with a fixed address below 2 GiB. Its size is unknown to LLVM, so that no access can be
 * speculated. */
static LLVMValueRef symbol(struct ir_unit *x, const char *name)
{
    LLVMValueRef g = LLVMAddGlobal(x->mod, LLVMArrayType2(x->t_i8, 0), name);
    LLVMSetVisibility(g, LLVMHiddenVisibility); /* no indirection through a table of addresses */
    LLVMSetAlignment(g, 8);
    return g;
}

/* Type-based alias analysis with one scalar type a region; globals are a kind of linear memory, see
 * global_address(). */
static void make_regions(struct ir_unit *x)
{
    static const char *const names[] = {"guest", "instance", "global", "table", "thread", "frame", "counts"};
    _Static_assert(sizeof names / sizeof *names == IR_REGION_COUNT, "a name for each region");
    LLVMMetadataRef root_name = LLVMMDStringInContext2(x->ctx, "anneal", 6);
    LLVMMetadataRef root = LLVMMDNodeInContext2(x->ctx, &root_name, 1);
    LLVMMetadataRef zero = LLVMValueAsMetadata(ir_int(x->t_i64, 0));
    LLVMMetadataRef guest = NULL;
    for (int r = 0; r < IR_REGION_COUNT; r++) {
        LLVMMetadataRef parent = r == IR_REGION_GLOBAL ? guest : root;
        LLVMMetadataRef type[] = {LLVMMDStringInContext2(x->ctx, names[r], strlen(names[r])), parent, zero};
        LLVMMetadataRef node = LLVMMDNodeInContext2(x->ctx, type, 3);
        if (r == IR_REGION_GUEST)
            guest = node;
        LLVMMetadataRef access[] = {node, node, zero};
        x->tbaa[r] = LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, access, 3));
    }
}

static void make_metadata(struct ir_unit *x)
{
    x->md_tbaa = LLVMGetMDKindIDInContext(x->ctx, "tbaa", 4);
    x->md_invariant = LLVMGetMDKindIDInContext(x->ctx, "invariant.load", 14);
    x->md_prof = LLVMGetMDKindIDInContext(x->ctx, "prof", 4);
    x->md_offset = LLVMGetMDKindIDInContext(x->ctx, IR_OFFSET, strlen(IR_OFFSET));
    x->invariant = LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, NULL, 0));
    LLVMMetadataRef weights[] = {LLVMMDStringInContext2(x->ctx, "branch_weights", 14),
                                 LLVMValueAsMetadata(ir_int(x->t_i32, 1)),
                                 LLVMValueAsMetadata(ir_int(x->t_i32, 1u << 20))};
    x->unlikely = LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, weights, 3));
    make_regions(x);
}

static LLVMAttributeRef attr_text(struct ir_unit *x, const char *key, const char *value)
{
    return LLVMCreateStringAttribute(x->ctx, key, (unsigned)strlen(key), value, (unsigned)strlen(value));
}

static LLVMAttributeRef attr_enum(struct ir_unit *x, const char *name)
{
    return LLVMCreateEnumAttribute(x->ctx, LLVMGetEnumAttributeKindForName(name, strlen(name)), 0);
}

static void make_attrs(struct ir_unit *x, const struct llvm_target *t)
{
    x->attrs[IR_ATTR_NOUNWIND] = attr_enum(x, "nounwind");
    x->attrs[IR_ATTR_FRAME_POINTER] = attr_text(x, "frame-pointer", "all");
    x->attrs[IR_ATTR_CPU] = attr_text(x, "target-cpu", t->cpu);
    x->attrs[IR_ATTR_FEATURES] = attr_text(x, "target-features", t->features);
    x->attrs[IR_ATTR_PROBE] = attr_text(x, "probe-stack", "inline-asm");
    /* Registers of 512 bits only where the processor prefers them: one use slows all code for a while. */
    x->attrs[IR_ATTR_VECTORS] = attr_text(x, "min-legal-vector-width", "0");
    /* A recursion that never ends must use up the stack, and backtraces need the frames. */
    x->attrs[IR_ATTR_NO_TAIL_CALLS] = attr_text(x, "disable-tail-calls", "true");
    /* A loop over guest memory must not become a call of memcpy or memset: their faults would not be the
     * guest's. */
    x->attrs[IR_ATTR_NO_BUILTINS] = attr_text(x, "no-builtins", "");
    x->attrs[IR_ATTR_NORETURN] = attr_enum(x, "noreturn");
    x->attrs[IR_ATTR_COLD] = attr_enum(x, "cold");
    x->attrs[IR_ATTR_NEST] = attr_enum(x, "nest");
    x->attrs[IR_ATTR_INLINE_FREE] = attr_text(x, "call-inline-cost", "0");
    x->attrs[IR_ATTR_OPTSIZE] = attr_enum(x, "optsize");
    x->attrs[IR_ATTR_MINSIZE] = attr_enum(x, "minsize");
    unsigned memory = LLVMGetEnumAttributeKindForName("memory", 6);
    x->attrs[IR_ATTR_READS_ARGUMENT] = LLVMCreateEnumAttribute(x->ctx, memory, 1); /* argmem: read */
    x->attrs[IR_ATTR_READS_NOTHING] = LLVMCreateEnumAttribute(x->ctx, memory, 0);
}

static LLVMValueRef declare(struct ir_unit *x, const struct llvm_unit_func *uf)
{
    char name[32];
    LLVMTypeRef osr_params[] = {x->t_ptr, x->t_ptr};
    fmt_s(name, sizeof name, "u%uf%u", x->id, uf->index);
    LLVMValueRef fn = x->u->osr
                          ? LLVMAddFunction(x->mod, name, LLVMFunctionType(x->t_void, osr_params, 2, false))
                          : ir_declare(x, wasm_func_type(x->m, uf->index), name);
    if (uf->root)
        LLVMSetVisibility(fn, LLVMHiddenVisibility);
    else
        LLVMSetLinkage(fn, LLVMInternalLinkage);
    for (int a = 0; a < IR_ATTR_FUNC_COUNT; a++)
        LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, x->attrs[a]);
    for (int a = IR_ATTR_OPTSIZE; x->u->small && a <= IR_ATTR_MINSIZE; a++)
        LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, x->attrs[a]);
    return fn;
}

/* --- A function. --- */

static void init_func(struct ir_func *f, struct ir_unit *x, const struct llvm_unit_func *uf)
{
    u32 index = uf->index;
    const struct wasm_func *wf = &x->m->funcs[index];
    *f = (struct ir_func){.x = x, .f = wf, .type = wasm_func_type(x->m, index), .index = index};
    f->fn = x->funcs[index];
    f->counted = uf->counts;
    f->seen = x->u->osr ? NULL : uf->seen;
    f->keep_loops = uf->keep_loops;
    f->osr = x->u->osr;
    f->inst = x->u->fixed_inst ? x->inst0 : ir_inst_param(f);
    f->frame = f->osr ? LLVMGetParam(f->fn, 1) : NULL;
    f->locals = ir_alloc(x, wf->nlocals * sizeof *f->locals);
    f->local_types = ir_alloc(x, wf->nlocals * sizeof *f->local_types);
    f->stack = ir_alloc(x, (wf->max_stack + 1u + ir_handler_operands(x->m, wf)) * sizeof *f->stack);
    f->mem_heads = ir_alloc(x, x->m->nmems * sizeof *f->mem_heads);
    f->mem_bases = ir_alloc(x, x->m->nmems * sizeof *f->mem_bases);
    if (x->u->fuel) {
        f->costs = ir_alloc(x, wasm_fuel_words(wf) * sizeof *f->costs);
        wasm_fuel_costs(x->m, wf, f->costs);
    }
}

static void make_locals(struct ir_func *f)
{
    for (u32 k = 0; k < f->f->nlocals; k++) {
        f->local_types[k] = ir_type(f->x, wasm_local_type(f->x->m, f->f, k));
        f->locals[k] = LLVMBuildAlloca(f->x->entry, f->local_types[k], "");
    }
}

/* Ticks of the guest: those of compilations on the way do not count. */
static LLVMValueRef guest_ticks(struct ir_unit *x)
{
    LLVMValueRef now = ir_intrinsic(x, "llvm.readcyclecounter", NULL, 0, NULL, 0);
    LLVMValueRef at = ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, ticks_excluded));
    return LLVMBuildSub(x->b, now, ir_load(x, x->b, x->t_i64, at, IR_REGION_THREAD), "");
}

static void init_params(struct ir_func *f)
{
    LLVMValueRef *values = ir_alloc(f->x, f->type->nparams * sizeof *values);
    ir_params(f, values);
    for (u32 k = 0; k < f->type->nparams; k++)
        LLVMBuildStore(f->x->b, values[k], f->locals[k]);
}

/* What precedes the body, from where a tail call of the function itself goes on. */
static void init_call(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    if (f->f->flags & WASM_FUNC_TAIL_CALLS) {
        f->again = ir_block(f);
        LLVMBuildBr(x->b, f->again);
        LLVMPositionBuilderAtEnd(x->b, f->again);
    }
    for (u32 k = f->type->nparams; k < f->f->nlocals; k++)
        LLVMBuildStore(x->b, LLVMConstNull(f->local_types[k]), f->locals[k]);
    if (x->u->profile)
        f->ticks = guest_ticks(x);
    ir_count_heat(f, RT_HEAT_CALL);
    ir_charge_fuel(f, 0);
}

/* The frame's address at *cell, which goes on behind a value of type `t`. */
static LLVMValueRef frame_next(struct ir_func *f, LLVMTypeRef t, u32 *cell)
{
    struct ir_unit *x = f->x;
    u64 at = *cell * sizeof(rt_cell);
    *cell += t == x->t_v128 ? 2 : 1;
    return ir_offset(x, x->b, f->frame, at);
}

static LLVMValueRef frame_load(struct ir_func *f, LLVMTypeRef t, u32 *cell)
{
    return ir_load(f->x, f->x->b, t, frame_next(f, t, cell), IR_REGION_FRAME);
}

void ir_frame_put(struct ir_func *f, const LLVMValueRef *values, u32 n)
{
    u32 cell = 0;
    for (u32 k = 0; k < n; k++)
        ir_store(f->x, values[k], frame_next(f, LLVMTypeOf(values[k]), &cell), IR_REGION_FRAME);
}

/* The second copy: everything open at the loop as it was when the first copy passed it, values from the
 * frame. Enclosing loops are those of the first copy; enclosing blocks end in this copy, with what follows
 * them. */
static void enter_at_loop(struct ir_func *f)
{
    struct ir_label function = f->labels[0];
    u32 cell = 0;
    for (u32 k = 0; k < f->f->nlocals; k++)
        LLVMBuildStore(f->x->b, frame_load(f, f->local_types[k], &cell), f->locals[k]);
    for (u32 k = 0; k < f->osr_depth; k++)
        f->stack[k] = frame_load(f, f->osr_types[k], &cell);
    f->depth = f->osr_depth;
    f->nloops = f->osr_nloops;
    f->next_site = f->osr_site;
    f->nlabels = f->osr_nlabels;
    for (u32 k = 0; k < f->nlabels; k++) {
        f->labels[k] = f->osr_labels[k];
        if (f->labels[k].kind == IR_LABEL_LOOP)
            continue;
        if (f->labels[k].kind == IR_LABEL_IF)
            f->labels[k].kind = IR_LABEL_BLOCK;
        f->labels[k].target = f->labels[k].other = NULL;
        f->labels[k].phis = NULL;
        ir_handler_enter(f, k);
    }
    f->labels[0] = function;
    f->reachable = true;
    f->dead_depth = 0;
    const u8 *pos = f->osr_pos;
    f->osr_pos = NULL;
    ir_body(f, pos);
}

void ir_profile_exit(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    if (!f->ticks)
        return;
    LLVMValueRef ticks = LLVMBuildSub(x->b, guest_ticks(x), f->ticks, "");
    LLVMValueRef args[] = {f->inst, ir_int(x->t_i32, f->index), ticks};
    ir_call_helper(f, IR_HELPER_profile_exit, args, 3);
}

/* The function's label was reached: its values are on the stack. */
static void emit_return(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    ir_profile_exit(f);
    if (f->osr)
        ir_frame_put(f, f->stack, f->type->nresults);
    for (u32 k = 1; !f->osr && k < f->type->nresults; k++)
        ir_store(x, f->stack[k], ir_result_addr(f, f->type, k), IR_REGION_THREAD);
    if (f->osr || f->type->nresults == 0)
        LLVMBuildRetVoid(x->b);
    else
        LLVMBuildRet(x->b, f->stack[0]);
}

/* Ends the entry block; a function that calls traps here when the stack is used up. */
static void close_entry(struct ir_func *f, LLVMBasicBlockRef first)
{
    struct ir_unit *x = f->x;
    LLVMPositionBuilderAtEnd(x->b, LLVMGetInsertBlock(x->entry));
    if (!f->calls) {
        LLVMBuildBr(x->b, first);
        return;
    }
    LLVMMetadataRef name = LLVMMDStringInContext2(x->ctx, "rsp", 3);
    LLVMValueRef reg = LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, &name, 1));
    LLVMValueRef sp = ir_intrinsic(x, "llvm.read_register", &x->t_i64, 1, &reg, 1);
    LLVMValueRef at = ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, stack_limit));
    LLVMValueRef limit = ir_load(x, x->b, x->t_i64, at, IR_REGION_THREAD);
    LLVMValueRef low = LLVMBuildICmp(x->b, LLVMIntULT, sp, limit, "");
    ir_br_cond(f, low, ir_trap_target(f, TRAP_STACK_EXHAUSTED), first);
}

static void build_func(struct ir_unit *x, const struct llvm_unit_func *uf)
{
    struct ir_func f;
    init_func(&f, x, uf);
    LLVMBasicBlockRef entry = ir_block(&f), first = ir_block(&f);
    LLVMPositionBuilderAtEnd(x->entry, entry);
    LLVMPositionBuilderAtEnd(x->b, first);
    make_locals(&f);
    ir_counts_begin(&f);
    if (!f.osr) { /* whose first copy's start is never reached */
        init_params(&f);
        init_call(&f);
    }
    ir_label_push(&f, IR_LABEL_FUNC, 0, f.type->nresults, NULL, f.type->types + f.type->nparams);
    f.reachable = true;
    ir_body(&f, f.f->body);
    if (f.osr) {
        if (!f.osr_pos)
            llvm_bail(BAILOUT_OSR_SHAPE, "the loop is never reached");
        first = ir_block(&f);
        LLVMPositionBuilderAtEnd(x->b, first);
        enter_at_loop(&f);
    }
    ir_leave_end(&f);
    if (f.labels[0].target) {
        ir_place(&f, f.labels[0].target);
        for (u32 k = 0; k < f.type->nresults; k++)
            f.stack[k] = f.labels[0].phis[k];
        emit_return(&f);
    }
    close_entry(&f, first);
}

/* What calls of a copy become that are not inlined: the function has code of its own, which its slot leads
 * to, and which need not be made a second time. */
/* Not internal: as long as nothing calls it, it would not be for anybody. */
static void build_slot_call(struct ir_unit *x, u32 func)
{
    char name[48];
    const struct wasm_functype *t = wasm_func_type(x->m, func);
    fmt_s(name, sizeof name, IR_SLOT_CALL "%s", LLVMGetValueName(x->funcs[func]));
    LLVMValueRef fn = LLVMAddFunction(x->mod, name, LLVMGlobalGetValueType(x->funcs[func]));
    struct ir_func f = {.x = x, .fn = fn, .f = &x->m->funcs[func], .type = t, .index = func};
    f.inst = x->u->fixed_inst ? x->inst0 : ir_inst_param(&f);
    LLVMPositionBuilderAtEnd(x->b, ir_block(&f));
    LLVMValueRef *values = ir_alloc(x, t->nparams * sizeof *values);
    ir_params(&f, values);
    LLVMValueRef result = ir_call_slot(&f, values);
    if (t->nresults)
        LLVMBuildRet(x->b, result);
    else
        LLVMBuildRetVoid(x->b);
}

static void init_unit(struct ir_unit *x, const struct llvm_target *t)
{
    make_types(x);
    make_metadata(x);
    make_attrs(x, t);
    x->has_pshufb = strstr(t->features, "+ssse3") != NULL;
    x->mem0 = symbol(x, "anneal_mem0");
    x->inst0 = symbol(x, "anneal_inst0");
    x->text = symbol(x, "anneal_text");
    x->thread = symbol(x, "rt_thread");
    x->funcs = ir_alloc(x, x->m->nfuncs * sizeof *x->funcs);
}

void ir_build(const struct llvm_unit *u, u32 id, const struct llvm_target *t, const struct ir_tools *tools)
{
    struct ir_unit x = {.u = u,
                        .m = u->module,
                        .id = id,
                        .arena = tools->arena,
                        .ctx = LLVMGetModuleContext(tools->mod),
                        .mod = tools->mod,
                        .b = tools->b,
                        .entry = tools->entry};
    init_unit(&x, t);
    for (u32 k = 0; k < u->nfuncs; k++)
        x.uniform = x.uniform || (x.m->funcs[u->funcs[k].index].flags & WASM_FUNC_TAIL_CALLS);
    for (u32 k = 0; k < u->nfuncs; k++)
        x.funcs[u->funcs[k].index] = declare(&x, &u->funcs[k]);
    for (u32 k = 0; k < u->nfuncs; k++)
        build_func(&x, &u->funcs[k]);
    for (u32 k = 0; k < u->nfuncs && !x.uniform; k++) { /* tail calls would not be any */
        if (!u->funcs[k].root)
            build_slot_call(&x, u->funcs[k].index);
    }
}
