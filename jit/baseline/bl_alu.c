/* bl_alu.c: numeric instructions, by bl_alu.def. */
#include "bl_priv.h"

#include "rt_num.h"

/* --- Integers. --- */

static void swap(struct bl_value *x, struct bl_value *y)
{
    struct bl_value t = *x;
    *x = *y;
    *y = t;
}

/* Pops y, then x; exchanged if that saves a move. */
static void pop_two(struct bl *b, struct bl_value *x, struct bl_value *y, bool exchangeable)
{
    *y = bl_pop(b);
    *x = bl_pop(b);
    bool hinted = b->hint != NO_REG && bl_where(b, y) == b->hint && bl_where(b, x) != b->hint;
    if (exchangeable && (x->kind == BL_CONST || hinted || (y->kind == BL_REG && x->kind != BL_REG)))
        swap(x, y);
}

static void apply(struct bl *b, u32 op, u32 type, u32 reg, const struct bl_value *y)
{
    if (!bl_imm(y)) {
        bl_op(b, op | bl_wide(type), reg, y);
    } else if (op == X64_IMUL) {
        x64_rr(&b->x, X64_IMUL_IMM | bl_wide(type), reg, reg);
        x64_word(&b->x, (u32)y->bits);
    } else {
        x64_ri(&b->x, op, bl_wide(type), reg, (s32)y->bits);
    }
}

/* x + y into another register than both. */
static void add_three(struct bl *b, u32 type, u32 to, u32 x, const struct bl_value *y)
{
    struct x64_mem sum = {(u8)x, NO_REG, 0, 0};
    if (bl_imm(y))
        sum.disp = (s32)y->bits;
    else
        sum.index = (u8)bl_where(b, y);
    x64_rm(&b->x, X64_LEA | bl_wide(type), to, sum);
}

static void arith(struct bl *b, u32 op, u32 type, bool exchangeable)
{
    struct bl_value x, y;
    pop_two(b, &x, &y, exchangeable);
    u32 from = bl_where(b, &x), reg;
    if (op == X64_ADD && from != NO_REG && (bl_imm(&y) || bl_where(b, &y) != NO_REG)) {
        reg = bl_result(b, type, &x, &y);
        if (reg == from)
            apply(b, op, type, reg, &y);
        else
            add_three(b, type, reg, from, &y);
    } else {
        reg = bl_result_from(b, type, &x, &y);
        apply(b, op, type, reg, &y);
    }
    bl_release(b, &y);
    bl_push_reg(b, type, reg);
}

static void shift_imm(struct bl *b, u32 type, u32 kind, u32 reg, u32 by)
{
    if (!by)
        return;
    x64_rr(&b->x, X64_GROUP2 | bl_wide(type), kind, reg);
    x64_byte(&b->x, (u8)by);
}

/* Into cl. */
static void count_to_rcx(struct bl *b, struct bl_value *x, struct bl_value *y)
{
    if (y->kind == BL_REG && y->reg == RCX)
        return;
    if (x->kind == BL_REG && x->reg == RCX) {
        u32 other = bl_alloc(b, x->type);
        bl_move(b, x->type, other, RCX);
        x->reg = (u8)other; /* rcx stays taken */
    } else {
        bl_claim(b, RCX);
    }
    bl_load(b, RCX, y);
    bl_release(b, y);
    *y = (struct bl_value){.kind = BL_REG, .type = y->type, .reg = RCX};
}

static void shift(struct bl *b, u32 kind, u32 type)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    u32 reg;
    if (y.kind == BL_CONST) {
        reg = bl_result_from(b, type, &x, NULL);
        shift_imm(b, type, kind, reg, (u32)y.bits & (type == BL_I64 ? 63 : 31));
    } else {
        count_to_rcx(b, &x, &y);
        reg = bl_result_from(b, type, &x, NULL);
        x64_rr(&b->x, X64_GROUP2_CL | bl_wide(type), kind, reg);
        bl_release(b, &y);
    }
    bl_push_reg(b, type, reg);
}

/* The divisor in a register that division leaves alone. */
static u32 divisor(struct bl *b, struct bl_value *y)
{
    u32 reg = bl_where(b, y);
    if (reg != NO_REG && reg != RAX && reg != RDX)
        return reg;
    bl_load(b, SCRATCH, y);
    bl_release(b, y);
    *y = (struct bl_value){.kind = BL_CONST, .type = y->type}; /* nothing to release */
    return SCRATCH;
}

/* The dividend in rax; rdx is taken. */
static void dividend(struct bl *b, struct bl_value *x)
{
    if (x->kind == BL_REG && x->reg == RAX) {
        bl_claim(b, RDX);
        return;
    }
    bool in_rdx = x->kind == BL_REG && x->reg == RDX;
    bl_claim(b, RAX);
    bl_load(b, RAX, x);
    if (in_rdx)
        return;
    bl_release(b, x);
    bl_claim(b, RDX);
}

static void divide_signed(struct bl *b, u32 type, u32 by, bool remainder, bool may_be_minus_one)
{
    u32 wide = bl_wide(type), minus_one = 0, done = 0;
    if (may_be_minus_one) {
        x64_ri(&b->x, X64_CMP, wide, by, -1);
        x64_jcc(&b->x, CC_E, &minus_one);
    }
    if (wide)
        x64_byte(&b->x, 0x48);
    x64_byte(&b->x, 0x99); /* sign of rax into rdx */
    x64_rr(&b->x, X64_GROUP3 | wide, GROUP3_IDIV, by);
    if (!may_be_minus_one)
        return;
    x64_jmp(&b->x, &done);
    x64_bind(&b->x, &minus_one);
    if (remainder) {
        x64_rr(&b->x, X64_XOR, RDX, RDX);
    } else {
        x64_rr(&b->x, X64_GROUP3 | wide, GROUP3_NEG, RAX);
        bl_trap_if(b, CC_O, TRAP_INT_OVERFLOW);
    }
    x64_bind(&b->x, &done);
}

static bool is_power_of_two(const struct bl_value *v)
{
    return v->kind == BL_CONST && v->bits && !(v->bits & (v->bits - 1)) && v->bits <= INT32_MAX;
}

static void divide(struct bl *b, u32 type, bool is_signed, bool remainder)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    if (!is_signed && is_power_of_two(&y)) {
        u32 reg = bl_result_from(b, type, &x, NULL);
        if (remainder)
            x64_ri(&b->x, X64_AND, bl_wide(type), reg, (s32)(y.bits - 1));
        else
            shift_imm(b, type, SHIFT_SHR, reg, (u32)__builtin_ctzll(y.bits));
        bl_push_reg(b, type, reg);
        return;
    }
    u64 minus_one = type == BL_I64 ? UINT64_MAX : UINT32_MAX;
    bool may_be_zero = y.kind != BL_CONST || y.bits == 0;
    bool may_be_minus_one = y.kind != BL_CONST || y.bits == minus_one;
    u32 by = divisor(b, &y);
    dividend(b, &x);
    if (may_be_zero) {
        x64_rr(&b->x, X64_TEST | bl_wide(type), by, by);
        bl_trap_if(b, CC_E, TRAP_DIV_BY_ZERO);
    }
    if (is_signed) {
        divide_signed(b, type, by, remainder, may_be_minus_one);
    } else {
        x64_rr(&b->x, X64_XOR, RDX, RDX);
        x64_rr(&b->x, X64_GROUP3 | bl_wide(type), GROUP3_DIV, by);
    }
    bl_release(b, &y);
    b->busy &= ~BIT(remainder ? RAX : RDX);
    bl_push_reg(b, type, remainder ? RDX : RAX);
}

static u32 exchanged(u32 cc)
{
    switch (cc) {
    case CC_L: return CC_G;
    case CC_G: return CC_L;
    case CC_LE: return CC_GE;
    case CC_GE: return CC_LE;
    case CC_B: return CC_A;
    case CC_A: return CC_B;
    case CC_BE: return CC_AE;
    case CC_AE: return CC_BE;
    default: return cc;
    }
}

static void compare(struct bl *b, u32 type, u32 cc)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    if (x.kind == BL_CONST && y.kind != BL_CONST) {
        swap(&x, &y);
        cc = exchanged(cc);
    }
    u32 reg = bl_reg(b, &x);
    if (y.kind == BL_CONST && y.bits == 0)
        x64_rr(&b->x, X64_TEST | bl_wide(type), reg, reg);
    else
        apply(b, X64_CMP, type, reg, &y);
    bl_release(b, &x);
    bl_release(b, &y);
    bl_push_flags(b, cc);
}

static void equal_zero(struct bl *b, u32 type)
{
    struct bl_value v = bl_pop(b);
    if (v.kind == BL_FLAGS) {
        bl_push_flags(b, v.cc ^ 1);
        return;
    }
    u32 reg = bl_reg(b, &v);
    x64_rr(&b->x, X64_TEST | bl_wide(type), reg, reg);
    bl_release(b, &v);
    bl_push_flags(b, CC_E);
}

/* The number of the first or last bit that is set; of zero all of them. bsf and bsr leave the result open
 * then.
 */
static void scan(struct bl *b, u32 type, bool leading)
{
    struct bl_value v = bl_pop(b);
    u32 bits = type == BL_I64 ? 64 : 32, wide = bl_wide(type);
    u32 from = bl_reg(b, &v), reg = bl_result(b, type, &v, NULL);
    x64_rr(&b->x, (leading ? X64_BSR : X64_BSF) | wide, reg, from);
    x64_const(&b->x, SCRATCH, leading ? 2 * bits - 1 : bits);
    x64_rr(&b->x, (X64_CMOV + CC_E) | wide, reg, SCRATCH);
    if (leading)
        x64_ri(&b->x, X64_XOR, wide, reg, (s32)bits - 1);
    bl_push_reg(b, type, reg);
}

/* One operand, one instruction. */
static void unary(struct bl *b, u32 op, u32 to)
{
    struct bl_value v = bl_pop(b);
    u32 reg = bl_result(b, to, &v, NULL);
    bl_op(b, op, reg, &v);
    bl_push_reg(b, to, reg);
}

static void wrap(struct bl *b)
{
    struct bl_value v = bl_pop(b);
    if (v.kind == BL_CONST)
        bl_push_const(b, BL_I32, (u32)v.bits);
    else {
        b->stack[b->depth++] = v;
        unary(b, X64_MOV, BL_I32);
    }
}

static void widen(struct bl *b)
{
    struct bl_value v = bl_pop(b);
    bool in_register = bl_where(b, &v) != NO_REG;
    if (v.kind != BL_CONST && !in_register)
        bl_own(b, &v);
    v.type = BL_I64;
    bl_push(b, v);
}

/* --- Floats. --- */

static u32 scalar(u32 type)
{
    return type == BL_F64 ? X64_F2 : X64_F3;
}

static u32 packed(u32 type)
{
    return type == BL_F64 ? X64_66 : 0;
}

static void float_op(struct bl *b, u32 code, u32 type, bool exchangeable)
{
    struct bl_value x, y;
    pop_two(b, &x, &y, exchangeable);
    u32 reg = bl_result_from(b, type, &x, &y);
    bl_op(b, X64_0F | code | scalar(type), reg, &y);
    bl_release(b, &y);
    bl_push_reg(b, type, reg);
}

static void float_compare(struct bl *b, u32 type, u32 cc, bool exchange)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    if (exchange)
        swap(&x, &y);
    u32 reg = bl_reg(b, &x);
    bl_op(b, X64_UCOMIS | packed(type), reg, &y);
    bl_release(b, &x);
    bl_release(b, &y);
    bl_push_flags(b, cc);
}

/* Zeros are told apart by their signs: the smaller one has all that either has. Of a NaN the sum. */
static void extreme(struct bl *b, u32 type, bool least)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    u32 other = bl_reg(b, &y), reg = bl_result_from(b, type, &x, &y), unordered = 0, equal = 0, done = 0;
    x64_rr(&b->x, X64_UCOMIS | packed(type), reg, other);
    x64_jcc(&b->x, CC_P, &unordered);
    x64_jcc(&b->x, CC_E, &equal);
    x64_rr(&b->x, X64_0F | (least ? 0x5d : 0x5f) | scalar(type), reg, other);
    x64_jmp(&b->x, &done);
    x64_bind(&b->x, &equal);
    x64_rr(&b->x, least ? X64_ORPS : X64_ANDPS, reg, other);
    x64_jmp(&b->x, &done);
    x64_bind(&b->x, &unordered);
    x64_rr(&b->x, X64_0F | 0x58 | scalar(type), reg, other);
    x64_bind(&b->x, &done);
    bl_release(b, &y);
    bl_push_reg(b, type, reg);
}

/* The sign's bit, or (`rest`) all others, into SCRATCH_XMM. */
static void sign_mask(struct bl *b, u32 type, bool rest)
{
    bool wide = type == BL_F64;
    x64_rr(&b->x, X64_PCMPEQD, SCRATCH_XMM, SCRATCH_XMM);
    x64_rr(&b->x, wide ? X64_PSHIFTQ : X64_PSHIFTD, rest ? 2 : 6, SCRATCH_XMM);
    x64_byte(&b->x, rest ? 1 : wide ? 63 : 31);
}

static void with_mask(struct bl *b, u32 op, u32 type, bool rest)
{
    struct bl_value v = bl_pop(b);
    u32 reg = bl_result_from(b, type, &v, NULL);
    sign_mask(b, type, rest);
    x64_rr(&b->x, op, reg, SCRATCH_XMM);
    bl_push_reg(b, type, reg);
}

static void copy_sign(struct bl *b, u32 type)
{
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    u32 sign = bl_reg(b, &y), magnitude = bl_reg(b, &x), reg = bl_alloc(b, type);
    sign_mask(b, type, false);
    x64_rr(&b->x, X64_MOVAPS, reg, SCRATCH_XMM);
    x64_rr(&b->x, X64_ANDNPS, reg, magnitude);
    x64_rr(&b->x, X64_ANDPS, SCRATCH_XMM, sign);
    x64_rr(&b->x, X64_ORPS, reg, SCRATCH_XMM);
    bl_release(b, &x);
    bl_release(b, &y);
    bl_push_reg(b, type, reg);
}

/* --- Conversions. --- */

/* A number of the other width. What stood in the register before would be waited for. */
static void change_width(struct bl *b, u32 from, u32 to)
{
    struct bl_value v = bl_pop(b);
    u32 reg = bl_result(b, to, &v, NULL);
    if (reg != bl_where(b, &v))
        x64_rr(&b->x, X64_XORPS, reg, reg);
    bl_op(b, X64_CVTS2S | scalar(from), reg, &v);
    bl_push_reg(b, to, reg);
}

static void to_float(struct bl *b, u32 wide, u32 to)
{
    struct bl_value v = bl_pop(b);
    u32 from = bl_reg(b, &v), reg = bl_result(b, to, &v, NULL);
    x64_rr(&b->x, X64_XORPS, reg, reg);
    x64_rr(&b->x, X64_CVTSI2S | scalar(to) | wide, reg, from);
    bl_release(b, &v);
    bl_push_reg(b, to, reg);
}

/* Numbers that are no s64: half of it, rounded to odd, twice. */
static void to_float_u64(struct bl *b, u32 to)
{
    struct bl_value v = bl_pop(b);
    u32 from = bl_own(b, &v), reg = bl_alloc(b, to), large = 0, done = 0,
        op = X64_CVTSI2S | scalar(to) | X64_W;
    x64_rr(&b->x, X64_XORPS, reg, reg);
    x64_rr(&b->x, X64_TEST | X64_W, from, from);
    x64_jcc(&b->x, CC_S, &large);
    x64_rr(&b->x, op, reg, from);
    x64_jmp(&b->x, &done);
    x64_bind(&b->x, &large);
    x64_rr(&b->x, X64_MOV | X64_W, SCRATCH, from);
    x64_ri(&b->x, X64_AND, 0, SCRATCH, 1);
    shift_imm(b, BL_I64, SHIFT_SHR, from, 1);
    x64_rr(&b->x, X64_OR | X64_W, from, SCRATCH);
    x64_rr(&b->x, op, reg, from);
    x64_rr(&b->x, X64_0F | 0x58 | scalar(to), reg, reg);
    x64_bind(&b->x, &done);
    bl_release(b, &v);
    bl_push_reg(b, to, reg);
}

struct trunc {
    u32 from, to;
    bool is_signed, saturates;
};

/* Sets `equal` if reg, converted to s64, is the result; jumps there, or on. */
static void check_range(struct bl *b, struct trunc t, u32 reg, u32 *equal)
{
    if (t.to == BL_I64) {
        x64_const(&b->x, SCRATCH, (u64)INT64_MIN); /* also what the instruction gives for all others */
        x64_rr(&b->x, X64_CMP | X64_W, reg, SCRATCH);
        x64_jcc(&b->x, CC_NE, equal);
        return;
    }
    if (t.is_signed) {
        x64_rr(&b->x, X64_MOVSXD, SCRATCH, reg);
    } else {
        x64_rr(&b->x, X64_MOV, SCRATCH, reg);
    }
    x64_rr(&b->x, X64_CMP | X64_W, SCRATCH, reg);
    x64_jcc(&b->x, CC_E, equal);
}

static void saturate(struct bl *b, struct trunc t, u32 reg, u32 x, u32 *done)
{
    bool wide = t.to == BL_I64;
    u64 most = wide ? INT64_MAX : t.is_signed ? INT32_MAX : UINT32_MAX;
    u64 least = wide ? (u64)INT64_MIN : t.is_signed ? (u32)INT32_MIN : 0;
    x64_const(&b->x, reg, 0);
    x64_rr(&b->x, X64_XORPS, SCRATCH_XMM, SCRATCH_XMM);
    x64_rr(&b->x, X64_UCOMIS | packed(t.from), x, SCRATCH_XMM);
    x64_jcc(&b->x, CC_P, done);
    x64_const(&b->x, reg, most);
    x64_jcc(&b->x, CC_A, done);
    x64_const(&b->x, reg, least);
}

static void trap_of_range(struct bl *b, struct trunc t, u32 x)
{
    x64_rr(&b->x, X64_UCOMIS | packed(t.from), x, x);
    bl_trap_if(b, CC_P, TRAP_INVALID_CONVERSION);
    if (t.to == BL_I64) { /* the smallest number looks like none */
        x64_const(&b->x, SCRATCH, t.from == BL_F64 ? rt_bits_f64_u64(-0x1p63) : rt_bits_f32_u32(-0x1p63f));
        x64_rr(&b->x, X64_MOVD | (t.from == BL_F64 ? X64_W : 0), SCRATCH_XMM, SCRATCH);
        x64_rr(&b->x, X64_UCOMIS | packed(t.from), x, SCRATCH_XMM);
        bl_trap_if(b, CC_NE, TRAP_INT_OVERFLOW);
    } else {
        bl_trap(b, TRAP_INT_OVERFLOW);
    }
}

static void truncate(struct bl *b, struct trunc t)
{
    struct bl_value v = bl_pop(b);
    u32 x = bl_reg(b, &v), reg = bl_alloc(b, t.to), done = 0;
    x64_rr(&b->x, X64_CVTTS2SI | scalar(t.from) | X64_W, reg, x);
    check_range(b, t, reg, &done);
    if (t.saturates)
        saturate(b, t, reg, x, &done);
    else
        trap_of_range(b, t, x);
    x64_bind(&b->x, &done);
    if (t.to == BL_I32)
        x64_rr(&b->x, X64_MOV, reg, reg);
    bl_release(b, &v);
    bl_push_reg(b, t.to, reg);
}

static void reinterpret(struct bl *b, u32 from, u32 to)
{
    struct bl_value v = bl_pop(b);
    u32 at = bl_where(b, &v), reg = bl_result(b, to, &v, NULL);
    u32 wide = to == BL_I64 || to == BL_F64 ? X64_W : 0;
    struct bl_value same = v;
    if (at == NO_REG) { /* a cell, or a constant */
        same.type = (u8)to;
        bl_load(b, reg, &same);
    } else if (bl_is_fp(from)) {
        x64_rr(&b->x, X64_STORED | wide, at, reg);
    } else {
        x64_rr(&b->x, X64_MOVD | wide, reg, at);
    }
    bl_push_reg(b, to, reg);
}

/* --- Operations that C does. --- */

#define BY_C1(op, t, r, function)                                                                            \
    static r call_##op(t x)                                                                                  \
    {                                                                                                        \
        return function(x);                                                                                  \
    }
#include "bl_alu.def"

enum { TYPE_u32 = BL_I32, TYPE_u64 = BL_I64, TYPE_f32 = BL_F32, TYPE_f64 = BL_F64 };

static void by_c(struct bl *b, const void *fn, u32 from, u32 to)
{
    struct bl_arg arg = {.reg = bl_is_fp(from) ? (u32)XMM0 : (u32)RDI, .v = bl_pop(b), .cell = b->depth};
    bl_call_c(b, fn, &arg, 1);
    u32 reg = bl_is_fp(to) ? (u32)XMM0 : (u32)RAX;
    if (to == BL_I32)
        x64_rr(&b->x, X64_MOV, RAX, RAX);
    b->busy |= BIT(reg);
    bl_push_reg(b, to, reg);
}

/* --- All of them. --- */

static bool of_width(struct bl *b, enum wasm_opcode op)
{
    switch ((int)op) {
#define BOTH(op, call)                                                                                       \
    case WASM_OP_I32_##op: {                                                                                 \
        const u32 type = BL_I32;                                                                             \
        call;                                                                                                \
        return true;                                                                                         \
    }                                                                                                        \
    case WASM_OP_I64_##op: {                                                                                 \
        const u32 type = BL_I64;                                                                             \
        call;                                                                                                \
        return true;                                                                                         \
    }
#define FLOATS(op, call)                                                                                     \
    case WASM_OP_F32_##op: {                                                                                 \
        const u32 type = BL_F32;                                                                             \
        call;                                                                                                \
        return true;                                                                                         \
    }                                                                                                        \
    case WASM_OP_F64_##op: {                                                                                 \
        const u32 type = BL_F64;                                                                             \
        call;                                                                                                \
        return true;                                                                                         \
    }
#define ARITH(op, code, exchangeable)    BOTH(op, arith(b, code, type, exchangeable))
#define SHIFT(op, kind)                  BOTH(op, shift(b, kind, type))
#define DIVIDE(op, is_signed, remainder) BOTH(op, divide(b, type, is_signed, remainder))
#define COMPARE(op, cc)                  BOTH(op, compare(b, type, cc))
#define FLOAT(op, code, exchangeable)    FLOATS(op, float_op(b, code, type, exchangeable))
#define FLOAT_COMPARE(op, cc, exchanged) FLOATS(op, float_compare(b, type, cc, exchanged))
#define BY_C1(op, t, r, function)                                                                            \
    case WASM_OP_##op: by_c(b, (const void *)(uintptr_t)call_##op, TYPE_##t, TYPE_##r); return true;
#include "bl_alu.def"
        BOTH(EQZ, equal_zero(b, type))
        BOTH(CLZ, scan(b, type, true))
        BOTH(CTZ, scan(b, type, false))
        BOTH(EXTEND8_S, unary(b, X64_MOVSX8 | bl_wide(type), type))
        BOTH(EXTEND16_S, unary(b, X64_MOVSX16 | bl_wide(type), type))
        FLOATS(SQRT, unary(b, X64_0F | 0x51 | scalar(type), type))
        FLOATS(MIN, extreme(b, type, true))
        FLOATS(MAX, extreme(b, type, false))
        FLOATS(ABS, with_mask(b, X64_ANDPS, type, true))
        FLOATS(NEG, with_mask(b, X64_XORPS, type, false))
        FLOATS(COPYSIGN, copy_sign(b, type))
    default: return false;
    }
}

#define TRUNC(from, to, is_signed, saturates)                                                                \
    truncate(b, (struct trunc){BL_##from, BL_##to, is_signed, saturates})
void bl_alu(struct bl *b, enum wasm_opcode op)
{
    if (of_width(b, op))
        return;
    switch ((int)op) {
    case WASM_OP_I32_WRAP_I64: wrap(b); break;
    case WASM_OP_I64_EXTEND_I32_U: widen(b); break;
    case WASM_OP_I64_EXTEND_I32_S:
    case WASM_OP_I64_EXTEND32_S: unary(b, X64_MOVSXD, BL_I64); break;
    case WASM_OP_F32_DEMOTE_F64: change_width(b, BL_F64, BL_F32); break;
    case WASM_OP_F64_PROMOTE_F32: change_width(b, BL_F32, BL_F64); break;
    case WASM_OP_F32_CONVERT_I32_S: to_float(b, 0, BL_F32); break;
    case WASM_OP_F64_CONVERT_I32_S: to_float(b, 0, BL_F64); break;
    case WASM_OP_F32_CONVERT_I32_U:
    case WASM_OP_F32_CONVERT_I64_S: to_float(b, X64_W, BL_F32); break;
    case WASM_OP_F64_CONVERT_I32_U:
    case WASM_OP_F64_CONVERT_I64_S: to_float(b, X64_W, BL_F64); break;
    case WASM_OP_F32_CONVERT_I64_U: to_float_u64(b, BL_F32); break;
    case WASM_OP_F64_CONVERT_I64_U: to_float_u64(b, BL_F64); break;
    case WASM_OP_I32_TRUNC_F32_S: TRUNC(F32, I32, true, false); break;
    case WASM_OP_I32_TRUNC_F32_U: TRUNC(F32, I32, false, false); break;
    case WASM_OP_I32_TRUNC_F64_S: TRUNC(F64, I32, true, false); break;
    case WASM_OP_I32_TRUNC_F64_U: TRUNC(F64, I32, false, false); break;
    case WASM_OP_I64_TRUNC_F32_S: TRUNC(F32, I64, true, false); break;
    case WASM_OP_I64_TRUNC_F64_S: TRUNC(F64, I64, true, false); break;
    case WASM_OP_I32_TRUNC_SAT_F32_S: TRUNC(F32, I32, true, true); break;
    case WASM_OP_I32_TRUNC_SAT_F32_U: TRUNC(F32, I32, false, true); break;
    case WASM_OP_I32_TRUNC_SAT_F64_S: TRUNC(F64, I32, true, true); break;
    case WASM_OP_I32_TRUNC_SAT_F64_U: TRUNC(F64, I32, false, true); break;
    case WASM_OP_I64_TRUNC_SAT_F32_S: TRUNC(F32, I64, true, true); break;
    case WASM_OP_I64_TRUNC_SAT_F64_S: TRUNC(F64, I64, true, true); break;
    case WASM_OP_I32_REINTERPRET_F32: reinterpret(b, BL_F32, BL_I32); break;
    case WASM_OP_I64_REINTERPRET_F64: reinterpret(b, BL_F64, BL_I64); break;
    case WASM_OP_F32_REINTERPRET_I32: reinterpret(b, BL_I32, BL_F32); break;
    case WASM_OP_F64_REINTERPRET_I64: reinterpret(b, BL_I64, BL_F64); break;
    default: bl_fail(b);
    }
}

/* --- Selection. --- */

void bl_select(struct bl *b)
{
    if (b->stack[b->depth - 1].kind == BL_FLAGS && b->stack[b->depth - 1].cc >= CC_FEQ)
        bl_settle(b); /* which takes two flags */
    u32 cc = bl_pop_flags(b);
    struct bl_value y = bl_pop(b), x = bl_pop(b);
    u32 type = x.type, reg = bl_result_from(b, type, &x, &y), on = 0;
    if (bl_is_fp(type)) {
        x64_jcc(&b->x, cc, &on);
        bl_load(b, reg, &y);
        x64_bind(&b->x, &on);
    } else {
        bl_op(b, (X64_CMOV + (cc ^ 1)) | bl_wide(type), reg, &y);
    }
    bl_release(b, &y);
    bl_push_reg(b, type, reg);
}
