/* ir_leave.c: what no call has reached so far is not compiled. Where control would get there, the call is
 * left to code that has all of it (rt_h_leave), with locals and operands in cells; what that returns is
 * returned. */
#include <string.h>

#include "ir_priv.h"
#include "wasm_arms.h"

/* Less than that is compiled: leaving costs as much code, and is one more way out of a loop. */
enum { LEAVE_BYTES = 32 };

/* Whether as much as LEAVE_BYTES of code follows that is reached only from here, as far as a look tells. */
static bool is_long(const struct ir_func *f)
{
    u32 nested = 0, label = f->nlabels;
    for (const u8 *p = f->next; p < f->next + LEAVE_BYTES;) {
        struct wasm_instr in;
        if (p >= f->f->end)
            return false;
        wasm_read_instr(f->x->m, p, &in);
        p = in.next;
        switch ((unsigned)in.op) {
        case WASM_OP_BLOCK:
        case WASM_OP_LOOP:
        case WASM_OP_IF: nested++; break;
        case WASM_OP_ELSE:
            if (!nested)
                return false;
            break;
        case WASM_OP_END:
            if (nested)
                nested--;
            else if (--label == 0 ||
                     (f->labels[label].kind != IR_LABEL_LOOP && !ir_is_cold_end(f, &f->labels[label])))
                return false;
            break;
        default: break;
        }
    }
    return true;
}

void ir_loop_begin(struct ir_func *f)
{
    if (f->seen && !f->plain &&
        (wasm_loop_is_plain(f->x->m, f->next) || (f->keep_loops && wasm_loop_may_be_known(f->x->m, f->next))))
        f->plain = f->nlabels;
}

bool ir_is_cold_end(const struct ir_func *f, const struct ir_label *l)
{
    return f->seen && !f->plain && (l->kind == IR_LABEL_BLOCK || l->kind == IR_LABEL_IF) && !f->seen[l->arm];
}

/* The arm is there, and a branch that UnreachedPass takes: as long as it isn't, nothing can tell that values
 * which come from there do not. */
static void leave_later(struct ir_func *f, u32 arm)
{
    struct ir_unit *x = f->x;
    LLVMTypeRef type = LLVMFunctionType(x->t_i1, &x->t_i32, 1, false);
    LLVMValueRef fn = LLVMGetNamedFunction(x->mod, IR_UNREACHED), at = ir_int(x->t_i32, arm);
    if (!fn) {
        LLVMAttributeIndex on = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
        fn = LLVMAddFunction(x->mod, IR_UNREACHED, type);
        LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_NOUNWIND]);
        LLVMAddAttributeAtIndex(fn, on, x->attrs[IR_ATTR_READS_NOTHING]);
    }
    unsigned side_effect = LLVMLookupIntrinsicID("llvm.sideeffect", strlen("llvm.sideeffect"));
    LLVMValueRef nothing = LLVMGetIntrinsicDeclaration(x->mod, side_effect, NULL, 0);
    LLVMTypeRef nothing_type = LLVMIntrinsicGetType(x->ctx, side_effect, NULL, 0);
    LLVMBasicBlockRef leave = ir_block(f), stay = ir_block(f);
    LLVMBuildCondBr(x->b, LLVMBuildCall2(x->b, type, fn, &at, 1, ""), leave, stay);
    LLVMPositionBuilderAtEnd(x->b, leave);
    LLVMBuildCall2(x->b, nothing_type, nothing, NULL, 0, ""); /* so that as long the block stays what it is */
    ir_leave(f, arm);
    LLVMPositionBuilderAtEnd(x->b, stay);
}

void ir_arm(struct ir_func *f, u32 arm)
{
    if (!f->seen || f->plain || f->seen[arm] || !is_long(f))
        return;
    if (f->keep_loops) {
        leave_later(f, arm);
        return;
    }
    ir_leave(f, arm);
    f->reachable = false;
}

static LLVMValueRef frame(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    u32 cells = f->f->nlocals + f->f->max_stack;
    if (!f->frame)
        f->frame = LLVMBuildAlloca(x->entry, LLVMArrayType2(x->t_i64, cells ? cells : 1), "");
    return f->frame;
}

static void put(struct ir_func *f, u32 cell, LLVMValueRef v)
{
    struct ir_unit *x = f->x;
    ir_store(x, v, ir_offset(x, x->b, frame(f), (u64)cell * sizeof(rt_cell)), IR_REGION_FRAME);
}

/* Locals that nobody reads any more need not be there. */
static void forget_dead(struct ir_func *f, u32 arm)
{
    u32 n = f->f->nlocals;
    if (!f->live)
        f->live = ir_live(f);
    const u64 *live = f->live + (size_t)arm * (n / 64 + 1);
    for (u32 k = 0; k < n; k++) {
        if (!(live[k / 64] >> k % 64 & 1))
            LLVMBuildStore(f->x->b, LLVMGetPoison(f->local_types[k]), f->locals[k]);
    }
}

void ir_leave(struct ir_func *f, u32 arm)
{
    struct ir_unit *x = f->x;
    for (u32 k = 0; k < f->depth; k++)
        put(f, f->f->nlocals + k, f->stack[k]);
    forget_dead(f, arm);
    LLVMBasicBlockRef from = LLVMGetInsertBlock(x->b);
    if (!f->leaving) {
        f->leaving = ir_block(f);
        LLVMPositionBuilderAtEnd(x->b, f->leaving);
        f->leaving_at = LLVMBuildPhi(x->b, x->t_i32, "");
        LLVMPositionBuilderAtEnd(x->b, from);
    }
    LLVMValueRef at = ir_int(x->t_i32, arm);
    LLVMAddIncoming(f->leaving_at, &at, &from, 1);
    LLVMBuildBr(x->b, f->leaving);
}

/* The call of what goes on, which takes the address of the cells, and has the results of this function. */
static void call_rest(struct ir_func *f, LLVMValueRef code)
{
    struct ir_unit *x = f->x;
    u32 n = f->type->nresults;
    rt_type *types = ir_alloc(x, (1 + n) * sizeof *types);
    types[0] = RT_I64;
    if (n)
        memcpy(types + 1, f->type->types + f->type->nparams, n * sizeof *types);
    const struct wasm_functype t = {.types = types, .nparams = 1, .nresults = n};
    LLVMValueRef cells = LLVMBuildPtrToInt(x->b, frame(f), x->t_i64, "");
    f->depth = 0;
    ir_push_results(f, &t, ir_call_native(f, &t, (struct ir_target){.code = code, .inst = f->inst}, &cells));
}

void ir_leave_end(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    if (!f->leaving)
        return;
    ir_place(f, f->leaving);
    for (u32 k = 0; k < f->f->nlocals; k++)
        put(f, k, LLVMBuildLoad2(x->b, f->local_types[k], f->locals[k], ""));
    LLVMValueRef args[] = {f->inst, ir_int(x->t_i32, f->index), f->leaving_at};
    LLVMValueRef code = ir_call_helper(f, IR_HELPER_leave, args, 3);
    LLVMAddCallSiteAttribute(code, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, x->attrs[IR_ATTR_COLD]);
    call_rest(f, code);
    ir_branch(f, &f->labels[0]);
}
