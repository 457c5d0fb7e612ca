/* wasm_validate_quick.c: most instructions of a body, at a fraction of what the rules cost.
 *
 * Constants, accesses of the variables, loads, stores and arithmetic whose operands lie on the stack with
 * exactly the right types: the state is held in registers, and nothing is recorded per instruction. Whatever
 * is not like that, or wrong, is left in place for wasm_validate.c, so that there is one set of rules and of
 * messages. */
#include "wasm_validate_priv.h"

enum { OPERANDS_MAX = 3, WINDOW = 16 /* no instruction that is quick has more bytes */ };

enum quick_kind {
    QUICK_NOT,    /* for the rules */
    QUICK_PLAIN,  /* no immediate */
    QUICK_ACCESS, /* alignment and offset, memory 0 */
    QUICK_I32,
    QUICK_I64,
    QUICK_F32,
    QUICK_F64,
    QUICK_DROP,
    QUICK_LOCAL_GET, /* from here on the first immediate is a local */
    QUICK_LOCAL_SET,
    QUICK_LOCAL_TEE,
};

struct quick { /* an instruction: what its row in the table says, the signature's letters as types */
    u8 kind, feature, operands;
    u8 type[OPERANDS_MAX]; /* of the operands, the last one first */
    u8 result;             /* 0: none */
};

#define LETTER(sig, k) ((sig)[(k) < sizeof(sig) ? (k) : sizeof(sig) - 1])
#define OPERANDS(sig)                                                                                        \
    (LETTER(sig, 0) == '_' ? 0 : LETTER(sig, 1) == '_' ? 1 : LETTER(sig, 2) == '_' ? 2 : OPERANDS_MAX)
#define TYPE(letter)                                                                                         \
    ((letter) == 'i' || (letter) == 'a' ? RT_I32                                                             \
     : (letter) == 'l'                  ? RT_I64                                                             \
     : (letter) == 'f'                  ? RT_F32                                                             \
     : (letter) == 'd'                  ? RT_F64                                                             \
                                        : 0)
#define OPERAND(sig, k) (OPERANDS(sig) > (k) ? TYPE(LETTER(sig, OPERANDS(sig) - 1u - (k))) : 0)
#define RESULT(sig)     TYPE(LETTER(sig, sizeof(sig) - 2))
#define POPS(op, sig)                                                                                        \
    ((op) == WASM_OP_LOCAL_GET                                                        ? 0                    \
     : (op) == WASM_OP_LOCAL_SET || (op) == WASM_OP_LOCAL_TEE || (op) == WASM_OP_DROP ? 1                    \
                                                                                      : OPERANDS(sig))
#define KIND(op, imm, sig)                                                                                   \
    ((op) == WASM_OP_LOCAL_GET   ? QUICK_LOCAL_GET                                                           \
     : (op) == WASM_OP_LOCAL_SET ? QUICK_LOCAL_SET                                                           \
     : (op) == WASM_OP_LOCAL_TEE ? QUICK_LOCAL_TEE                                                           \
     : (op) == WASM_OP_DROP      ? QUICK_DROP                                                                \
     : LETTER(sig, 0) == 'S'     ? QUICK_NOT                                                                 \
     : (imm) == WASM_IMM_NONE    ? QUICK_PLAIN                                                               \
     : (imm) == WASM_IMM_MEMARG  ? QUICK_ACCESS                                                              \
     : (imm) == WASM_IMM_I32     ? QUICK_I32                                                                 \
     : (imm) == WASM_IMM_I64     ? QUICK_I64                                                                 \
     : (imm) == WASM_IMM_F32     ? QUICK_F32                                                                 \
     : (imm) == WASM_IMM_F64     ? QUICK_F64                                                                 \
                                 : QUICK_NOT)

/* By the first byte. Instructions that begin with a prefix are for the rules: 0xff, which is none, stands for
 * all of them. */
#define FIRST_BYTE(prefix, code) ((prefix) ? 0xff : (code))
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Winitializer-overrides"
static const struct quick quick[WASM_OP_ROW] = {
#define OP(id, prefix, code, text, imm, sig, op_kind, flags, op_feature)                                     \
    [FIRST_BYTE(prefix, code)] = {.kind = (prefix) ? QUICK_NOT : KIND(WASM_OP_##id, WASM_IMM_##imm, #sig),   \
                                  .feature = WASM_FEATURE_##op_feature,                                      \
                                  .operands = POPS(WASM_OP_##id, #sig),                                      \
                                  .type = {OPERAND(#sig, 0), OPERAND(#sig, 1), OPERAND(#sig, 2)},            \
                                  .result = RESULT(#sig)},
#include "wasm_ops.def"
#undef OP
};
#pragma clang diagnostic pop

/* Behind a LEB128 of at most `most` bytes, none of which can have bits too many; NULL: it is longer. */
static inline const u8 *skip_leb(const u8 *p, u32 most)
{
    for (u32 k = 0; k < most; k++)
        if (p[k] < 0x80)
            return p + k + 1;
    return NULL;
}

static inline const u8 *skip_access(const struct validator *v, const u8 *p)
{
    if (v->m->nmems == 0 || v->m->mems[0].limits.is64 || p[1] > wasm_op_aligns[wasm_op_of_byte(*p)])
        return NULL;
    return skip_leb(p + 2, 4);
}

/* Behind the instruction at `p`, NULL: not quick after all. */
static inline const u8 *skip(const struct validator *v, const u8 *p)
{
    switch ((enum quick_kind)quick[*p].kind) {
    case QUICK_PLAIN:
    case QUICK_DROP: return p + 1;
    case QUICK_ACCESS: return skip_access(v, p);
    case QUICK_I32: return skip_leb(p + 1, 4);
    case QUICK_I64: return skip_leb(p + 1, 9);
    case QUICK_F32: return p + 1 + 4;
    case QUICK_F64: return p + 1 + 8;
    case QUICK_LOCAL_GET:
    case QUICK_LOCAL_SET:
    case QUICK_LOCAL_TEE: return p[1] < 0x80 && p[1] < v->nlocals ? p + 2 : NULL;
    case QUICK_NOT: break;
    }
    return NULL;
}

void validator_quick(struct validator *v)
{
    const u8 *p = v->r->p;
    if (v->has_unset || !v->stack || v->r->end - p < WINDOW)
        return;
    const u8 *last = v->r->end - WINDOW;
    const rt_type *base = v->stack + top_frame(v)->height, *limit = v->stack + v->stack_size;
    rt_type *top = v->stack + v->height, *high = v->stack + v->max_height;
    u32 features = 0;
    while (p <= last && top < limit) {
        const struct quick *q = &quick[*p];
        const u8 *next = skip(v, p);
        if (!next || top - base < q->operands || !(v->allowed >> q->feature & 1))
            break;
        rt_type want = q->type[0], result = q->result;
        if (q->kind >= QUICK_LOCAL_GET) {
            want = v->locals[p[1]];
            result = q->kind == QUICK_LOCAL_SET ? 0 : want;
            if (want == RT_V128)
                break;
        }
        if (q->operands && q->kind != QUICK_DROP && top[-1] != want)
            break;
        if (q->operands > 1 && (top[-2] != q->type[1] || (q->operands > 2 && top[-3] != q->type[2])))
            break;
        top -= q->operands;
        if (result)
            *top++ = result;
        high = top > high ? top : high;
        features |= 1u << q->feature;
        p = next;
    }
    v->r->p = p;
    v->height = (u32)(top - v->stack);
    v->max_height = (u32)(high - v->stack);
    v->m->features |= features;
}
