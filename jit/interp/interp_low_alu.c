/* Numeric operations: forms of their operands, and what they join with. */
#include "interp_low.h"

enum acc_class low_class(char type)
{
    return type == 'f' ? ACC_F32 : type == 'd' ? ACC_F64 : ACC_INT;
}

char low_result_type(enum wasm_opcode op)
{
    return wasm_op_info[op].result;
}

/* The operation that gives the same with its operands exchanged; 0 (unreachable): there is none. */
enum wasm_opcode low_exchanged(enum wasm_opcode op)
{
    static const u16 to[WASM_OP_COUNT] = {
#define SAME(id)        [WASM_OP_##id] = WASM_OP_##id
#define PAIR(id, other) [WASM_OP_##id] = WASM_OP_##other, [WASM_OP_##other] = WASM_OP_##id
#define INTS(p)                                                                                              \
    SAME(p##_ADD), SAME(p##_MUL), SAME(p##_AND), SAME(p##_OR), SAME(p##_XOR), SAME(p##_EQ), SAME(p##_NE),    \
        PAIR(p##_LT_S, p##_GT_S), PAIR(p##_LT_U, p##_GT_U), PAIR(p##_LE_S, p##_GE_S),                        \
        PAIR(p##_LE_U, p##_GE_U)
#define FLOATS(p)                                                                                            \
    SAME(p##_ADD), SAME(p##_MUL), SAME(p##_EQ), SAME(p##_NE), PAIR(p##_LT, p##_GT), PAIR(p##_LE, p##_GE)
        INTS(I32),
        INTS(I64),
        FLOATS(F32),
        FLOATS(F64),
#undef SAME
#undef PAIR
#undef INTS
#undef FLOATS
    };
    return to[op];
}

/* Whether a constant fits the immediate of an operation on `type`. */
static bool is_immediate(const struct value *v, char type)
{
    return !INTERP_SMALL && v->kind == VALUE_CONST && (type != 'l' || (s64)v->bits == (s32)v->bits);
}

static u32 alu_value_bytes(const struct alu *x)
{
    bool wide = wasm_op_info[x->op].sig[0] == 'd', unary = wasm_op_info[x->op].sig[1] == '_';
    switch (x->form) {
    case FORM_RR: return unary ? sizeof(struct ins_2) : sizeof(struct ins_3);
    case FORM_AR: return unary ? sizeof(struct ins_1) : sizeof(struct ins_2);
    case FORM_RA: return sizeof(struct ins_2);
    case FORM_RI:
    case FORM_AI: return wide ? sizeof(struct ins_imm64) : sizeof(struct ins_imm32);
    case FORM_COUNT: break;
    }
    return 0;
}

/* Joins an operation with the one right before it whose result it takes from the accumulator. */
static bool emit_fused(struct lower *l, const struct alu *x, u32 dest)
{
    const struct last *p = &l->last;
    if (INTERP_SMALL || x->form == FORM_RR || x->form == FORM_RI || !p->valid || !p->is_alu ||
        p->dest < l->nlocals || l->acc.at != p->at)
        return false;
    for (u32 k = 0; k < INTERP_FUSIONS; k++) {
        const struct interp_fusion *u = &interp_fusions[k];
        if (u->first != p->op || u->second != x->op || !u->handlers[0][p->form][x->form])
            continue;
        struct ins_fused ins = {.d = dest, .a = p->a, .b = p->b, .c = x->a};
        if (p->form == FORM_RI || p->form == FORM_AI)
            ins.b = (u32)p->imm;
        if (x->form == FORM_AI)
            ins.c = (u32)x->imm;
        enum interp_form form = p->form;
        low_undo(l);
        struct ins_fused *i = low_emit(l, u->handlers[0][form][x->form], sizeof *i);
        ins.h = i->h;
        *i = ins;
        low_computed(l, sizeof *i, dest, low_class(low_result_type(x->op)), u->handlers[1][form][x->form]);
        return true;
    }
    return false;
}

static void emit_alu_value(struct lower *l, const struct alu *x, u32 dest)
{
    if (emit_fused(l, x, dest))
        return;
    u32 bytes = alu_value_bytes(x);
    bool unary = wasm_op_info[x->op].sig[1] == '_';
    void *p = low_emit(l, interp_alu_find(x->op, SENSE_VALUE, x->form), bytes);
    if (x->form == FORM_RI || x->form == FORM_AI) {
        if (bytes == sizeof(struct ins_imm64))
            ((struct ins_imm64 *)p)->imm = x->imm;
        else
            ((struct ins_imm32 *)p)->imm = (s32)x->imm;
    }
    if (x->form == FORM_RR && !unary)
        ((struct ins_3 *)p)->b = x->b;
    if (x->form != FORM_AI && !(x->form == FORM_A && unary))
        ((struct ins_2 *)p)->a = x->a;
    ((struct ins_1 *)p)->d = dest;
    low_computed(l, bytes, dest, low_class(low_result_type(x->op)),
                 interp_alu_find(x->op, SENSE_ACC, x->form));
    l->last.is_alu = true;
    l->last.op = x->op;
    l->last.form = x->form;
    l->last.a = x->a;
    l->last.b = x->b;
    l->last.imm = x->imm;
}

/* Emits the fused branch and returns its jump field. */
s32 *low_alu_branch(struct lower *l, const struct alu *x, enum interp_sense sense)
{
    interp_fn h = interp_alu_find(x->op, sense, x->form);
    bool unary = wasm_op_info[x->op].sig[1] == '_';
    if (x->form == FORM_RI || x->form == FORM_AI) {
        if (wasm_op_info[x->op].sig[0] == 'd') {
            struct ins_br_imm64 *i = low_emit(l, h, sizeof *i);
            i->a = x->a;
            i->imm = x->imm;
            return &i->to;
        }
        struct ins_br_imm32 *i = low_emit(l, h, sizeof *i);
        i->a = x->a;
        i->imm = (s32)x->imm;
        return &i->to;
    }
    if (unary && x->form == FORM_A) {
        struct ins_jump *i = low_emit(l, h, sizeof *i);
        return &i->to;
    }
    struct ins_br *i = low_emit(l, h, sizeof *i);
    i->a = x->a;
    i->b = x->b;
    return &i->to;
}

void low_alu1(struct lower *l, enum wasm_opcode op)
{
    struct value v = low_pop(l);
    struct alu x = {.op = op, .form = FORM_R, .a = low_in_cell(l, &v, l->height)};
    if (low_take_acc(l, x.a, low_class(wasm_op_info[op].sig[0])))
        x.form = FORM_A;
    emit_alu_value(l, &x, low_cell(l, l->height));
    low_push_cell(l);
}

/* x - c is x + -c: fewer forms to fuse with others. */
static void subtraction_to_addition(struct alu *i)
{
    if (i->op == WASM_OP_I32_SUB || (i->op == WASM_OP_I64_SUB && (s64)i->imm != INT32_MIN)) {
        i->op = i->op == WASM_OP_I32_SUB ? WASM_OP_I32_ADD : WASM_OP_I64_ADD;
        i->imm = -i->imm;
    }
}

void low_alu2(struct lower *l, enum wasm_opcode op)
{
    char type = wasm_op_info[op].sig[0];
    enum acc_class class = low_class(type);
    struct value y = low_pop(l), x = low_pop(l);
    u32 nx = l->height, ny = l->height + 1;
    struct alu i = {.op = op};
    if (!is_immediate(&y, type) && is_immediate(&x, type) && low_exchanged(op)) {
        i.op = low_exchanged(op);
        struct value t = x;
        x = y;
        y = t;
        nx = l->height + 1;
        ny = l->height;
    }
    if (is_immediate(&y, type)) {
        i.imm = y.bits;
        subtraction_to_addition(&i);
        i.a = low_in_cell(l, &x, nx);
        i.form = low_take_acc(l, i.a, class) ? FORM_AI : FORM_RI;
    } else {
        u32 a = low_in_cell(l, &x, nx), b = low_in_cell(l, &y, ny);
        i.form = low_take_acc(l, a, class) ? FORM_AR : low_take_acc(l, b, class) ? FORM_RA : FORM_RR;
        i.a = i.form == FORM_AR ? b : a;
        i.b = b;
        if (i.form == FORM_AR && low_exchanged(i.op) == i.op)
            i.form = FORM_RA; /* fewer forms to fuse with others */
    }
    emit_alu_value(l, &i, low_cell(l, l->height));
    low_push_cell(l);
}
