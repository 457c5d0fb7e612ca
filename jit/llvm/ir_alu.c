/* ir_alu.c: the numeric operations; their rows in wasm_alu.def name one of the forms below.
 *
 * Where LLVM leaves something undefined or inexact, the form says what WebAssembly means instead. About NaN:
 * LLVM may replace an operation that changes nothing (x * 1, x - 0, demote(promote x)) by its operand, and so
 * let a signalling NaN through that the operation would have made quiet; quiet() does that by hand where an
 * operand invites it. */
#include "ir_priv.h"

static LLVMValueRef zero_like(LLVMValueRef v)
{
    return LLVMConstNull(LLVMTypeOf(v));
}

static bool is_f32(const struct ir_func *f, LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    return (LLVMGetTypeKind(t) == LLVMVectorTypeKind ? LLVMGetElementType(t) : t) == f->x->t_f32;
}

static LLVMTypeRef bits_type(const struct ir_func *f, LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v), bits = is_f32(f, v) ? f->x->t_i32 : f->x->t_i64;
    return LLVMGetTypeKind(t) == LLVMVectorTypeKind ? LLVMVectorType(bits, LLVMGetVectorSize(t)) : bits;
}

/* `v` in each lane of `t`, or just `v`. */
static LLVMValueRef int_like(LLVMTypeRef t, u64 v)
{
    if (LLVMGetTypeKind(t) != LLVMVectorTypeKind)
        return ir_int(t, v);
    LLVMValueRef one = ir_int(LLVMGetElementType(t), v), all[] = {one, one, one, one};
    return LLVMConstVector(all, LLVMGetVectorSize(t));
}

/* --- Integers. --- */

static LLVMValueRef eqz(struct ir_func *f, LLVMValueRef x)
{
    return ir_from_cond(f, LLVMBuildICmp(f->x->b, LLVMIntEQ, x, zero_like(x), ""));
}

static LLVMValueRef compare(struct ir_func *f, LLVMIntPredicate p, LLVMValueRef x, LLVMValueRef y)
{
    return ir_from_cond(f, LLVMBuildICmp(f->x->b, p, x, y, ""));
}

static LLVMValueRef fcompare(struct ir_func *f, LLVMRealPredicate p, LLVMValueRef x, LLVMValueRef y)
{
    return ir_from_cond(f, LLVMBuildFCmp(f->x->b, p, x, y, ""));
}

static LLVMValueRef call1(struct ir_func *f, const char *name, LLVMValueRef x)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    return ir_intrinsic(f->x, name, &t, 1, &x, 1);
}

static LLVMValueRef call2(struct ir_func *f, const char *name, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef args[] = {x, y};
    return ir_intrinsic(f->x, name, &t, 1, args, 2);
}

static LLVMValueRef count_zeros(struct ir_func *f, const char *name, LLVMValueRef x)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef args[] = {x, ir_int(f->x->t_i1, 0)}; /* defined for zero */
    return ir_intrinsic(f->x, name, &t, 1, args, 2);
}

static LLVMValueRef shift(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef mask = ir_int(t, LLVMGetIntTypeWidth(t) - 1);
    return LLVMBuildBinOp(f->x->b, op, x, LLVMBuildAnd(f->x->b, y, mask, ""), "");
}

static LLVMValueRef rotate(struct ir_func *f, const char *name, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef args[] = {x, x, y};
    return ir_intrinsic(f->x, name, &t, 1, args, 3);
}

static LLVMValueRef sign_extend_in(struct ir_func *f, unsigned bits, LLVMValueRef x)
{
    LLVMTypeRef narrow = LLVMIntTypeInContext(f->x->ctx, bits);
    return LLVMBuildSExt(f->x->b, LLVMBuildTrunc(f->x->b, x, narrow, ""), LLVMTypeOf(x), "");
}

static void check_divisor(struct ir_func *f, LLVMValueRef y)
{
    ir_trap_if(f, LLVMBuildICmp(f->x->b, LLVMIntEQ, y, zero_like(y), ""), TRAP_DIV_BY_ZERO);
}

static LLVMValueRef is_minus_one(struct ir_func *f, LLVMValueRef y)
{
    return LLVMBuildICmp(f->x->b, LLVMIntEQ, y, LLVMConstAllOnes(LLVMTypeOf(y)), "");
}

static LLVMValueRef div_s(struct ir_func *f, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef lowest = ir_int(t, 1ull << (LLVMGetIntTypeWidth(t) - 1));
    check_divisor(f, y);
    LLVMValueRef is_lowest = LLVMBuildICmp(f->x->b, LLVMIntEQ, x, lowest, "");
    ir_trap_if(f, LLVMBuildAnd(f->x->b, is_lowest, is_minus_one(f, y), ""), TRAP_INT_OVERFLOW);
    return LLVMBuildSDiv(f->x->b, x, y, "");
}

/* x rem -1 is 0 for every x; LLVM's srem is undefined for the lowest x. */
static LLVMValueRef rem_s(struct ir_func *f, LLVMValueRef x, LLVMValueRef y)
{
    check_divisor(f, y);
    LLVMValueRef one = ir_int(LLVMTypeOf(y), 1);
    LLVMValueRef safe = LLVMBuildSelect(f->x->b, is_minus_one(f, y), one, y, "");
    return LLVMBuildSRem(f->x->b, x, safe, "");
}

static LLVMValueRef divide_u(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y)
{
    check_divisor(f, y);
    return LLVMBuildBinOp(f->x->b, op, x, y, "");
}

/* --- Floating point. --- */

static LLVMValueRef is_nan(struct ir_func *f, LLVMValueRef x)
{
    return LLVMBuildFCmp(f->x->b, LLVMRealUNO, x, x, "");
}

/* Whether `x` was computed: then a NaN is quiet already. Vectors go from one operation to the next as <2 x
 * i64>. */
static bool is_arithmetic(LLVMValueRef x)
{
    LLVMTypeRef lanes = LLVMTypeOf(x);
    while (LLVMIsABitCastInst(x))
        x = LLVMGetOperand(x, 0);
    if (!LLVMIsAInstruction(x) || LLVMTypeOf(x) != lanes)
        return false;
    LLVMOpcode op = LLVMGetInstructionOpcode(x);
    return op == LLVMFAdd || op == LLVMFSub || op == LLVMFMul || op == LLVMFDiv;
}

/* x, but a NaN is quiet. */
static LLVMValueRef quiet(struct ir_func *f, LLVMValueRef x)
{
    if (is_arithmetic(x))
        return x;
    LLVMBuilderRef b = f->x->b;
    LLVMTypeRef t = bits_type(f, x);
    LLVMValueRef bit = int_like(t, is_f32(f, x) ? 1ull << 22 : 1ull << 51);
    LLVMValueRef set = LLVMBuildOr(b, LLVMBuildBitCast(b, x, t, ""), bit, "");
    return LLVMBuildSelect(b, is_nan(f, x), LLVMBuildBitCast(b, set, LLVMTypeOf(x), ""), x, "");
}

static bool neutral_lane(LLVMOpcode op, LLVMValueRef y)
{
    if (!LLVMIsAConstantFP(y))
        return true;
    LLVMBool loses;
    double v = LLVMConstRealGetDouble(y, &loses);
    return op == LLVMFAdd || op == LLVMFSub ? v == 0 : v == 1 || v == -1;
}

/* Whether `y` is a constant that may leave the other operand of `op` as it is, or only change its sign, in
 * any lane. */
static bool neutral(LLVMOpcode op, LLVMValueRef y)
{
    if (!LLVMIsConstant(y))
        return false;
    if (LLVMGetTypeKind(LLVMTypeOf(y)) != LLVMVectorTypeKind)
        return LLVMIsAConstantFP(y) && neutral_lane(op, y);
    for (unsigned k = 0; k < LLVMGetVectorSize(LLVMTypeOf(y)); k++) {
        LLVMValueRef lane = LLVMGetAggregateElement(y, k);
        if (!lane || neutral_lane(op, lane))
            return true;
    }
    return false;
}

LLVMValueRef ir_binary(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y)
{
    if (op == LLVMFAdd || op == LLVMFSub || op == LLVMFMul || op == LLVMFDiv) {
        LLVMValueRef x0 = x;
        x = neutral(op, y) ? quiet(f, x) : x;
        y = neutral(op, x0) ? quiet(f, y) : y;
    }
    return LLVMBuildBinOp(f->x->b, op, x, y, "");
}

/* Minimum (max: maximum) with -0 below +0; a NaN wins and is quiet. Where x == y, the bits of both differ at
 * most in the sign of zero. */
LLVMValueRef ir_extremum(struct ir_func *f, bool max, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef b = f->x->b;
    LLVMTypeRef t = bits_type(f, x);
    LLVMValueRef xb = LLVMBuildBitCast(b, x, t, ""), yb = LLVMBuildBitCast(b, y, t, "");
    LLVMValueRef both = max ? LLVMBuildAnd(b, xb, yb, "") : LLVMBuildOr(b, xb, yb, "");
    LLVMValueRef same = LLVMBuildBitCast(b, both, LLVMTypeOf(x), "");
    LLVMValueRef wins = LLVMBuildFCmp(b, max ? LLVMRealOGT : LLVMRealOLT, x, y, "");
    LLVMValueRef r = LLVMBuildSelect(b, wins, x, y, "");
    r = LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealOEQ, x, y, ""), same, r, "");
    LLVMValueRef nan = LLVMBuildFCmp(b, LLVMRealUNO, x, y, "");
    return LLVMBuildSelect(b, nan, ir_binary(f, LLVMFAdd, x, y), r, "");
}

LLVMValueRef ir_convert(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMTypeRef to)
{
    if (op == LLVMFPTrunc)
        x = LLVMIsAFPExtInst(x) ? quiet(f, x) : x;
    return LLVMBuildCast(f->x->b, op, x, to, "");
}

/* Bounds of a truncation: the first value below and the first above that are out of range. Where `to` has
 * more bits than the mantissa, the value just below the lowest is not representable: then the lowest itself
 * is the (inclusive) bound. */
struct bounds {
    double low, high;
    bool low_inclusive;
};

static struct bounds trunc_bounds(bool f32_source, unsigned bits, bool is_signed)
{
    double span = bits == 32 ? 4294967296.0 : 18446744073709551616.0;
    if (!is_signed)
        return (struct bounds){-1.0, span, false};
    bool exact = bits == 32 && !f32_source;
    return (struct bounds){exact ? -span / 2 - 1 : -span / 2, span / 2, !exact};
}

static LLVMValueRef trunc_trap(struct ir_func *f, bool is_signed, LLVMValueRef x, LLVMTypeRef to)
{
    LLVMBuilderRef b = f->x->b;
    struct bounds r = trunc_bounds(is_f32(f, x), LLVMGetIntTypeWidth(to), is_signed);
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef above =
        LLVMBuildFCmp(b, r.low_inclusive ? LLVMRealOGE : LLVMRealOGT, x, LLVMConstReal(t, r.low), "");
    LLVMValueRef below = LLVMBuildFCmp(b, LLVMRealOLT, x, LLVMConstReal(t, r.high), "");
    LLVMValueRef bad = LLVMBuildNot(b, LLVMBuildAnd(b, above, below, ""), "");
    LLVMBasicBlockRef on = ir_block(f), trap = ir_block(f);
    ir_br_cond(f, bad, trap, on);
    LLVMPositionBuilderAtEnd(b, trap);
    LLVMBuildCondBr(b, is_nan(f, x), ir_trap_target(f, TRAP_INVALID_CONVERSION),
                    ir_trap_target(f, TRAP_INT_OVERFLOW));
    LLVMPositionBuilderAtEnd(b, on);
    return is_signed ? LLVMBuildFPToSI(b, x, to, "") : LLVMBuildFPToUI(b, x, to, "");
}

static LLVMValueRef trunc_sat(struct ir_func *f, bool is_signed, LLVMValueRef x, LLVMTypeRef to)
{
    LLVMTypeRef types[] = {to, LLVMTypeOf(x)};
    return ir_intrinsic(f->x, is_signed ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2, &x, 1);
}

/* --- The forms of wasm_alu.def, with x, y and the result's type `to` in scope. --- */
#define EQZ              eqz(f, x)
#define CMP(pred)        compare(f, LLVMInt##pred, x, y)
#define FCMP(pred)       fcompare(f, LLVMReal##pred, x, y)
#define COUNT(name)      count_zeros(f, "llvm." #name, x)
#define INTRIN(name)     call1(f, "llvm." #name, x)
#define INTRIN2(name)    call2(f, "llvm." #name, x, y)
#define BIN(op)          ir_binary(f, LLVM##op, x, y)
#define DIV_S            div_s(f, x, y)
#define DIV_U            divide_u(f, LLVMUDiv, x, y)
#define REM_S            rem_s(f, x, y)
#define REM_U            divide_u(f, LLVMURem, x, y)
#define SHIFT(op)        shift(f, LLVM##op, x, y)
#define ROTATE(name)     rotate(f, "llvm." #name, x, y)
#define FNEG             LLVMBuildFNeg(f->x->b, x, "")
#define MIN              ir_extremum(f, false, x, y)
#define MAX              ir_extremum(f, true, x, y)
#define CAST(op)         ir_convert(f, LLVM##op, x, to)
#define SEXT_IN(bits)    sign_extend_in(f, bits, x)
#define TRUNC_S          true
#define TRUNC_U          false
#define TRUNC_TRAP(sign) trunc_trap(f, TRUNC_##sign, x, to)
#define TRUNC_SAT(sign)  trunc_sat(f, TRUNC_##sign, x, to)

#define to_u32 f->x->t_i32
#define to_u64 f->x->t_i64
#define to_f32 f->x->t_f32
#define to_f64 f->x->t_f64

void ir_alu(struct ir_func *f, enum wasm_opcode op)
{
    LLVMValueRef x, y, r;
    LLVMTypeRef to;
    switch ((unsigned)op) {
#define ALU1(id, type, result, interpreter, translator)                                                      \
    case WASM_OP_##id:                                                                                       \
        to = to_##result;                                                                                    \
        x = ir_pop(f);                                                                                       \
        r = translator;                                                                                      \
        break;
#define ALU2(id, type, result, interpreter, translator)                                                      \
    case WASM_OP_##id:                                                                                       \
        to = to_##result;                                                                                    \
        y = ir_pop(f);                                                                                       \
        x = ir_pop(f);                                                                                       \
        r = translator;                                                                                      \
        break;
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[op].text);
    }
    (void)to;
    ir_push(f, r);
}
