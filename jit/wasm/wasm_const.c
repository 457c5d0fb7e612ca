/* wasm_const.c: evaluates constant expressions (WebAssembly 2.0, 3.3.10), which are validated. */
#include "wasm_priv.h"

#include <string.h>

#include "plat.h"

struct value {
    rt_cell cells[2];
};
struct stack {
    struct value values[WASM_LIMIT_CONST_OPERANDS];
    u32 n;
};

static struct value one(rt_cell c)
{
    return (struct value){{c, 0}};
}

static struct value global_value(const struct rt_instance *i, u32 index)
{
    const rt_cell *v = i->globals[index]->value;
    return (struct value){{v[0], i->globals[index]->type == RT_V128 ? v[1] : 0}};
}

static rt_cell pop(struct stack *s)
{
    return s->values[--s->n].cells[0];
}

/* The value that an instruction pushes once it has taken its operands. */
static struct value value_of(const struct rt_instance *i, const struct wasm_instr *in, struct stack *s)
{
#define BINARY(type, op)                                                                                     \
    {                                                                                                        \
        type y = (type)pop(s), x = (type)pop(s);                                                             \
        return one((type)(x op y));                                                                          \
    }
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wswitch-enum"
    switch (in->op) {
    case WASM_OP_I32_CONST: return one((u32)in->u.i32);
    case WASM_OP_I64_CONST: return one((u64)in->u.i64);
    case WASM_OP_F32_CONST: return one(in->u.f32_bits);
    case WASM_OP_F64_CONST: return one(in->u.f64_bits);
    case WASM_OP_GLOBAL_GET: return global_value(i, in->u.index);
    case WASM_OP_REF_NULL: return one(0);
    case WASM_OP_REF_FUNC: return one((rt_cell)(uintptr_t)i->funcs[in->u.index]);
    case WASM_OP_V128_CONST: {
        struct value v;
        memcpy(v.cells, in->u.bytes, sizeof v.cells);
        return v;
    }
    case WASM_OP_I32_ADD: BINARY(u32, +)
    case WASM_OP_I32_SUB: BINARY(u32, -)
    case WASM_OP_I32_MUL: BINARY(u32, *)
    case WASM_OP_I64_ADD: BINARY(u64, +)
    case WASM_OP_I64_SUB: BINARY(u64, -)
    case WASM_OP_I64_MUL: BINARY(u64, *)
    default: panic("%s in a constant expression", wasm_op_info[in->op].text);
    }
#pragma clang diagnostic pop
#undef BINARY
}

void wasm_const_eval_wide(const struct rt_instance *i, struct wasm_const_expr x, rt_cell value[2])
{
    const struct wasm_module *m = wasm_module_of(i);
    struct stack s;
    struct wasm_instr in;
    s.n = 0;
    for (const u8 *p = x.start;; p = in.next) {
        wasm_read_instr(m, p, &in);
        if (in.op == WASM_OP_END)
            break;
        struct value v = value_of(i, &in, &s);
        s.values[s.n++] = v;
    }
    memcpy(value, s.values[0].cells, sizeof s.values[0].cells);
}

rt_cell wasm_const_eval(const struct rt_instance *i, struct wasm_const_expr x)
{
    rt_cell value[2];
    wasm_const_eval_wide(i, x, value);
    return value[0];
}
