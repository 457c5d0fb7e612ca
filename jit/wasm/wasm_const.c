/* wasm_const.c: evaluates constant expressions (WebAssembly 2.0, 3.3.10), which are validated. */
#include "wasm_priv.h"

#include "plat.h"

static rt_cell global_value(const struct rt_instance *i, u32 index)
{
    return i->globals[index]->value[0];
}

/* The value that a constant instruction pushes. */
static rt_cell value_of(const struct rt_instance *i, const struct wasm_instr *in)
{
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wswitch-enum"
    switch (in->op) {
    case WASM_OP_I32_CONST: return (u32)in->u.i32;
    case WASM_OP_I64_CONST: return (u64)in->u.i64;
    case WASM_OP_F32_CONST: return in->u.f32_bits;
    case WASM_OP_F64_CONST: return in->u.f64_bits;
    case WASM_OP_GLOBAL_GET: return global_value(i, in->u.index);
    case WASM_OP_REF_NULL: return 0;
    case WASM_OP_REF_FUNC: return (rt_cell)(uintptr_t)i->funcs[in->u.index];
    default: panic("%s in a constant expression", wasm_op_info[in->op].text);
    }
#pragma clang diagnostic pop
}

rt_cell wasm_const_eval(const struct rt_instance *i, struct wasm_const_expr x)
{
    const struct wasm_module *m = wasm_module_of(i);
    struct wasm_instr in;
    rt_cell value = 0;
    for (const u8 *p = x.start;; p = in.next) {
        wasm_read_instr(m, p, &in);
        if (in.op == WASM_OP_END)
            return value;
        value = value_of(i, &in); /* without operators the stack never holds a second value */
    }
}
