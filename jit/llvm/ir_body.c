/* ir_body.c: one pass over the instructions of a body. Values of the operand stack are LLVM values; locals
 * are allocas, which LLVM turns into registers from O1 on. Instructions behind a branch are read, not
 * translated. */
#include "ir_priv.h"

#include "wasm_counts.h"
#include "wasm_arms.h"

void ir_push(struct ir_func *f, LLVMValueRef v)
{
    f->stack[f->depth++] = v;
}

LLVMValueRef ir_pop(struct ir_func *f)
{
    return f->stack[--f->depth];
}

static void select_value(struct ir_func *f)
{
    LLVMValueRef c = ir_cond(f, ir_pop(f));
    LLVMValueRef otherwise = ir_pop(f);
    LLVMValueRef then = ir_pop(f);
    ir_push(f, LLVMBuildSelect(f->x->b, c, then, otherwise, ""));
}

static void variable(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    switch ((unsigned)in->op) {
    case WASM_OP_DROP: ir_pop(f); break;
    case WASM_OP_SELECT:
    case WASM_OP_SELECT_T: select_value(f); break;
    case WASM_OP_LOCAL_GET:
        ir_push(f, LLVMBuildLoad2(x->b, f->local_types[in->u.index], f->locals[in->u.index], ""));
        break;
    case WASM_OP_LOCAL_SET: LLVMBuildStore(x->b, ir_pop(f), f->locals[in->u.index]); break;
    case WASM_OP_LOCAL_TEE: LLVMBuildStore(x->b, f->stack[f->depth - 1], f->locals[in->u.index]); break;
    default: ir_global(f, in); break;
    }
}

/* Floating-point constants keep their bits, signalling NaNs included. */
static void constant(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    switch ((unsigned)in->op) {
    case WASM_OP_I32_CONST: ir_push(f, ir_int(x->t_i32, (u32)in->u.i32)); break;
    case WASM_OP_I64_CONST: ir_push(f, ir_int(x->t_i64, (u64)in->u.i64)); break;
    case WASM_OP_F32_CONST: ir_push(f, LLVMConstBitCast(ir_int(x->t_i32, in->u.f32_bits), x->t_f32)); break;
    default: ir_push(f, LLVMConstBitCast(ir_int(x->t_i64, in->u.f64_bits), x->t_f64)); break;
    }
}

static void instruction(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((enum wasm_kind)wasm_op_info[in->op].kind) {
    case WASM_KIND_CTL: ir_control(f, in); break;
    case WASM_KIND_CALL: ir_call(f, in); break;
    case WASM_KIND_VAR: variable(f, in); break;
    case WASM_KIND_CONST: constant(f, in); break;
    case WASM_KIND_ALU: ir_alu(f, in->op); break;
    case WASM_KIND_LOAD:
    case WASM_KIND_STORE: ir_access(f, in); break;
    case WASM_KIND_MEMORY: ir_memory(f, in); break;
    case WASM_KIND_TABLE: ir_table(f, in); break;
    case WASM_KIND_REF: ir_ref(f, in); break;
    case WASM_KIND_SIMD: ir_simd(f, in); break;
    }
}

void ir_body(struct ir_func *f, const u8 *p)
{
    while (p < f->f->end) {
        struct wasm_instr in;
        wasm_read_instr(f->x->m, p, &in);
        f->at = p;
        f->next = p = in.next;
        f->arm = f->next_arm;
        f->next_arm += wasm_arms(in.op);
        f->site = f->next_site;
        f->next_site += wasm_count_words(&in);
        if (f->reachable)
            instruction(f, &in);
        else
            ir_control_dead(f, &in);
    }
}
