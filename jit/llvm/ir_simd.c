/* ir_simd.c: vectors; the rows of wasm_simd.def name one of the forms below.
 *
 * On the operand stack, in locals and in calls a v128 is <2 x i64>; each operation views it as the lanes it
 * works on. */
#include "ir_priv.h"

static LLVMTypeRef lanes(LLVMTypeRef lane, unsigned n)
{
    return LLVMVectorType(lane, n);
}

/* A constant v128 as other lanes: without a processor's byte order LLVM does not look into one. */
static LLVMValueRef constant_view(struct ir_func *f, LLVMValueRef v, LLVMTypeRef t)
{
    LLVMTypeRef lane = LLVMGetElementType(t);
    unsigned n = LLVMGetVectorSize(t), bits = 128 / n;
    LLVMTypeRef word = LLVMIntTypeInContext(f->x->ctx, bits);
    LLVMValueRef of[16];
    for (unsigned k = 0; k < n; k++) {
        u64 half = LLVMConstIntGetZExtValue(LLVMGetAggregateElement(v, k * bits / 64));
        of[k] = LLVMConstBitCast(ir_int(word, half >> k * bits % 64), lane);
    }
    return LLVMConstVector(of, n);
}

static LLVMValueRef view(struct ir_func *f, LLVMValueRef v, LLVMTypeRef t)
{
    if (LLVMIsAConstantDataVector(v) && LLVMTypeOf(v) == f->x->t_v128 &&
        LLVMGetTypeKind(t) == LLVMVectorTypeKind)
        return constant_view(f, v, t);
    return LLVMBuildBitCast(f->x->b, v, t, "");
}

static LLVMValueRef pop(struct ir_func *f, LLVMTypeRef t)
{
    return view(f, ir_pop(f), t);
}

static void push(struct ir_func *f, LLVMValueRef v)
{
    ir_push(f, view(f, v, f->x->t_v128));
}

static LLVMValueRef index_of(const struct ir_func *f, unsigned k)
{
    return ir_int(f->x->t_i32, k);
}

static unsigned lane_bits(LLVMValueRef v)
{
    return LLVMGetIntTypeWidth(LLVMGetElementType(LLVMTypeOf(v)));
}

/* Lanes first, first + step, ... of x and y as one; n of them. */
static LLVMValueRef pick(struct ir_func *f, LLVMValueRef x, LLVMValueRef y, unsigned first, unsigned step,
                         unsigned n)
{
    LLVMValueRef mask[32];
    for (unsigned k = 0; k < n; k++)
        mask[k] = index_of(f, first + k * step);
    return LLVMBuildShuffleVector(f->x->b, x, y, LLVMConstVector(mask, n), "");
}

static LLVMValueRef splat(struct ir_func *f, LLVMValueRef scalar, unsigned n)
{
    LLVMTypeRef t = lanes(LLVMTypeOf(scalar), n);
    LLVMValueRef one = LLVMBuildInsertElement(f->x->b, LLVMGetPoison(t), scalar, index_of(f, 0), "");
    return pick(f, one, one, 0, 0, n);
}

static LLVMValueRef all(LLVMValueRef like, u64 v)
{
    LLVMTypeRef t = LLVMTypeOf(like);
    LLVMValueRef of[32], one = LLVMConstInt(LLVMGetElementType(t), v, true);
    unsigned n = LLVMGetVectorSize(t);
    for (unsigned k = 0; k < n; k++)
        of[k] = one;
    return LLVMConstVector(of, n);
}

static LLVMValueRef binary_intrinsic(struct ir_func *f, const char *name, LLVMValueRef x, LLVMValueRef y)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef args[] = {x, y};
    return ir_intrinsic(f->x, name, &t, 1, args, 2);
}

static LLVMValueRef unary_intrinsic(struct ir_func *f, const char *name, LLVMValueRef x)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    return ir_intrinsic(f->x, name, &t, 1, &x, 1);
}

/* --- Lane by lane. --- */

static LLVMValueRef absolute(struct ir_func *f, LLVMValueRef x)
{
    LLVMTypeRef t = LLVMTypeOf(x);
    LLVMValueRef args[] = {x, ir_int(f->x->t_i1, 0)}; /* defined for the lowest */
    return ir_intrinsic(f->x, "llvm.abs", &t, 1, args, 2);
}

static LLVMTypeRef widened(struct ir_func *f, LLVMValueRef x)
{
    return lanes(LLVMIntTypeInContext(f->x->ctx, lane_bits(x) * 2), LLVMGetVectorSize(LLVMTypeOf(x)));
}

static LLVMValueRef average(struct ir_func *f, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef b = f->x->b;
    LLVMTypeRef wide = widened(f, x);
    LLVMValueRef sum = LLVMBuildAdd(b, LLVMBuildZExt(b, x, wide, ""), LLVMBuildZExt(b, y, wide, ""), "");
    sum = LLVMBuildAdd(b, sum, all(sum, 1), "");
    return LLVMBuildTrunc(b, LLVMBuildLShr(b, sum, all(sum, 1), ""), LLVMTypeOf(x), "");
}

static LLVMValueRef q15mulr(struct ir_func *f, LLVMValueRef x, LLVMValueRef y)
{
    LLVMBuilderRef b = f->x->b;
    LLVMTypeRef wide = widened(f, x);
    LLVMValueRef p = LLVMBuildMul(b, LLVMBuildSExt(b, x, wide, ""), LLVMBuildSExt(b, y, wide, ""), "");
    p = LLVMBuildAShr(b, LLVMBuildAdd(b, p, all(p, 0x4000), ""), all(p, 15), "");
    return LLVMBuildTrunc(b, binary_intrinsic(f, "llvm.smin", p, all(p, INT16_MAX)), LLVMTypeOf(x), "");
}

/* y where it is strictly on the `p` side of x. */
static LLVMValueRef pseudo(struct ir_func *f, LLVMRealPredicate p, LLVMValueRef x, LLVMValueRef y)
{
    return LLVMBuildSelect(f->x->b, LLVMBuildFCmp(f->x->b, p, y, x, ""), y, x, "");
}

static LLVMValueRef bitselect(struct ir_func *f, LLVMValueRef x, LLVMValueRef y, LLVMValueRef z)
{
    LLVMBuilderRef b = f->x->b;
    return LLVMBuildOr(b, LLVMBuildAnd(b, x, z, ""), LLVMBuildAnd(b, y, LLVMBuildNot(b, z, ""), ""), "");
}

static LLVMValueRef shift_count(struct ir_func *f, LLVMTypeRef lane, unsigned n)
{
    LLVMBuilderRef b = f->x->b;
    LLVMValueRef s = LLVMBuildAnd(b, ir_pop(f), index_of(f, LLVMGetIntTypeWidth(lane) - 1), "");
    return splat(f, LLVMBuildIntCast2(b, s, lane, false, ""), n);
}

/* --- To a scalar. --- */

static LLVMValueRef lane_mask(struct ir_func *f, LLVMValueRef each)
{
    unsigned n = LLVMGetVectorSize(LLVMTypeOf(each));
    return view(f, each, LLVMIntTypeInContext(f->x->ctx, n));
}

static LLVMValueRef is_zero(struct ir_func *f, LLVMValueRef v)
{
    return LLVMBuildICmp(f->x->b, LLVMIntEQ, v, LLVMConstNull(LLVMTypeOf(v)), "");
}

static LLVMValueRef test_any(struct ir_func *f, LLVMValueRef v)
{
    LLVMValueRef bits = view(f, v, LLVMIntTypeInContext(f->x->ctx, 128));
    return ir_from_cond(f, LLVMBuildNot(f->x->b, is_zero(f, bits), ""));
}

static LLVMValueRef test_all(struct ir_func *f, LLVMValueRef v)
{
    return ir_from_cond(f, is_zero(f, lane_mask(f, is_zero(f, v))));
}

static LLVMValueRef test_bitmask(struct ir_func *f, LLVMValueRef v)
{
    LLVMValueRef sign = LLVMBuildICmp(f->x->b, LLVMIntSLT, v, LLVMConstNull(LLVMTypeOf(v)), "");
    return LLVMBuildZExt(f->x->b, lane_mask(f, sign), f->x->t_i32, "");
}

static LLVMValueRef extract(struct ir_func *f, LLVMValueRef v, unsigned k, bool is_signed, LLVMTypeRef to)
{
    LLVMBuilderRef b = f->x->b;
    LLVMValueRef lane = LLVMBuildExtractElement(b, v, index_of(f, k), "");
    return LLVMTypeOf(lane) == to ? lane : LLVMBuildIntCast2(b, lane, to, is_signed, "");
}

/* The lane that a scalar of the operand stack becomes. */
static LLVMValueRef to_lane(struct ir_func *f, LLVMValueRef scalar, LLVMTypeRef lane)
{
    return LLVMTypeOf(scalar) == lane ? scalar : LLVMBuildTrunc(f->x->b, scalar, lane, "");
}

static LLVMValueRef insert(struct ir_func *f, LLVMValueRef v, LLVMValueRef lane, unsigned k)
{
    return LLVMBuildInsertElement(f->x->b, v, lane, index_of(f, k), "");
}

/* --- Moving bytes. --- */

/* Whether lanes of `width` bytes stay together. */
static bool moves_lanes(const u8 *bytes, unsigned width)
{
    for (unsigned k = 0; k < 16; k++) {
        if (bytes[k] % width != k % width || bytes[k] - bytes[k - k % width] != (int)(k % width))
            return false;
    }
    return true;
}

/* With the widest lanes that stay together: what follows them sees what was moved. */
static void shuffle(struct ir_func *f, const u8 *bytes)
{
    unsigned width = 8;
    while (!moves_lanes(bytes, width))
        width /= 2;
    LLVMTypeRef t = lanes(LLVMIntTypeInContext(f->x->ctx, 8 * width), 16 / width);
    LLVMValueRef y = pop(f, t), x = pop(f, t), mask[16];
    for (unsigned k = 0; k < 16 / width; k++)
        mask[k] = index_of(f, bytes[k * width] / width);
    push(f, LLVMBuildShuffleVector(f->x->b, x, y, LLVMConstVector(mask, 16 / width), ""));
}

static LLVMValueRef swizzle_lane(struct ir_func *f, LLVMValueRef x, LLVMValueRef y, unsigned k)
{
    LLVMBuilderRef b = f->x->b;
    LLVMTypeRef t = f->x->t_i8;
    LLVMValueRef at = LLVMBuildExtractElement(b, y, index_of(f, k), "");
    LLVMValueRef v = LLVMBuildExtractElement(b, x, LLVMBuildAnd(b, at, ir_int(t, 15), ""), "");
    LLVMValueRef in = LLVMBuildICmp(b, LLVMIntULT, at, ir_int(t, 16), "");
    return LLVMBuildSelect(b, in, v, ir_int(t, 0), "");
}

static LLVMValueRef swizzle(struct ir_func *f, LLVMValueRef x, LLVMValueRef y)
{
    if (f->x->has_pshufb) { /* gives 0 where the top bit is set */
        LLVMValueRef args[] = {x, binary_intrinsic(f, "llvm.uadd.sat", y, all(y, 0x70))};
        return ir_intrinsic(f->x, "llvm.x86.ssse3.pshuf.b.128", NULL, 0, args, 2);
    }
    LLVMValueRef r = LLVMConstNull(LLVMTypeOf(x));
    for (unsigned k = 0; k < 16; k++)
        r = insert(f, r, swizzle_lane(f, x, y, k), k);
    return r;
}

/* --- Lanes that change their type. --- */

static LLVMValueRef cast(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMTypeRef lane)
{
    return ir_convert(f, op, x, lanes(lane, LLVMGetVectorSize(LLVMTypeOf(x))));
}

static LLVMValueRef trunc_sat(struct ir_func *f, bool is_signed, LLVMValueRef x, LLVMTypeRef lane)
{
    LLVMTypeRef types[] = {lanes(lane, LLVMGetVectorSize(LLVMTypeOf(x))), LLVMTypeOf(x)};
    return ir_intrinsic(f->x, is_signed ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2, &x, 1);
}

/* Fills up with zeros to 16 bytes. */
static LLVMValueRef fill(struct ir_func *f, LLVMValueRef v, unsigned bits)
{
    unsigned n = LLVMGetVectorSize(LLVMTypeOf(v));
    return n * bits == 128 ? v : pick(f, v, LLVMConstNull(LLVMTypeOf(v)), 0, 1, 2 * n);
}

static LLVMValueRef half(struct ir_func *f, LLVMValueRef v, unsigned n, bool high)
{
    return pick(f, v, v, high ? n : 0, 1, n);
}

static LLVMValueRef narrow(struct ir_func *f, LLVMValueRef x, LLVMValueRef y, bool is_signed,
                           LLVMTypeRef lane)
{
    unsigned n = LLVMGetVectorSize(LLVMTypeOf(x)), bits = LLVMGetIntTypeWidth(lane);
    LLVMValueRef v = pick(f, x, y, 0, 1, 2 * n);
    s64 high = is_signed ? (1ll << (bits - 1)) - 1 : (1ll << bits) - 1;
    v = binary_intrinsic(f, "llvm.smax", v, all(v, is_signed ? (u64)(-high - 1) : 0));
    v = binary_intrinsic(f, "llvm.smin", v, all(v, (u64)high));
    return LLVMBuildTrunc(f->x->b, v, lanes(lane, 2 * n), "");
}

/* Sums of the products of neighbours, whose lanes `op` widens. */
static LLVMValueRef dot(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMValueRef y, LLVMTypeRef lane,
                        unsigned n)
{
    LLVMBuilderRef b = f->x->b;
    LLVMValueRef sum[2];
    for (unsigned k = 0; k < 2; k++)
        sum[k] = LLVMBuildMul(b, cast(f, op, pick(f, x, x, k, 2, n), lane),
                              cast(f, op, pick(f, y, y, k, 2, n), lane), "");
    return LLVMBuildAdd(b, sum[0], sum[1], "");
}

static LLVMValueRef pair_sums(struct ir_func *f, LLVMOpcode op, LLVMValueRef x, LLVMTypeRef lane, unsigned n)
{
    LLVMValueRef even = cast(f, op, pick(f, x, x, 0, 2, n), lane),
                 odd = cast(f, op, pick(f, x, x, 1, 2, n), lane);
    return LLVMBuildAdd(f->x->b, even, odd, "");
}

static LLVMValueRef dot_add(struct ir_func *f, LLVMValueRef x, LLVMValueRef y, LLVMValueRef z)
{
    LLVMValueRef d = dot(f, LLVMSExt, x, y, f->x->t_i16, 8);
    return LLVMBuildAdd(f->x->b, pair_sums(f, LLVMSExt, d, f->x->t_i32, 4), z, "");
}

/* --- The forms of wasm_simd.def, with x, y, z and the result's lane type `to` in scope. --- */
#define NOT             LLVMBuildNot(b, x, "")
#define ABS             absolute(f, x)
#define NEG             LLVMBuildNeg(b, x, "")
#define FNEG            LLVMBuildFNeg(b, x, "")
#define INTRIN(name)    unary_intrinsic(f, "llvm." #name, x)
#define INTRIN2(name)   binary_intrinsic(f, IR_DOTTED(name), x, y)
#define BIN(op)         ir_binary(f, LLVM##op, x, y)
#define ANDNOT          LLVMBuildAnd(b, x, LLVMBuildNot(b, y, ""), "")
#define AVGR            average(f, x, y)
#define Q15MULR         q15mulr(f, x, y)
#define MIN             ir_extremum(f, false, x, y)
#define MAX             ir_extremum(f, true, x, y)
#define PMIN            pseudo(f, LLVMRealOLT, x, y)
#define PMAX            pseudo(f, LLVMRealOGT, x, y)
#define BITSELECT       bitselect(f, x, y, z)
#define MADD            ir_binary(f, LLVMFAdd, ir_binary(f, LLVMFMul, x, y), z)
#define NMADD           ir_binary(f, LLVMFSub, z, ir_binary(f, LLVMFMul, x, y))
#define CMP(pred)       LLVMBuildICmp(b, LLVMInt##pred, x, y, "")
#define FCMP(pred)      LLVMBuildFCmp(b, LLVMReal##pred, x, y, "")
#define TEST_ANY        test_any
#define TEST_ALL        test_all
#define TEST_BITMASK    test_bitmask
#define HALF_LOW        false
#define HALF_HIGH       true
#define CAST(op)        cast(f, LLVM##op, x, to)
#define TRUNC_S         true
#define TRUNC_U         false
#define TRUNC_SAT(sign) trunc_sat(f, TRUNC_##sign, x, to)

/* Names of intrinsics, which have a dot where the table has an underscore. */
#define IR_DOTTED(name) DOTTED_##name
#define DOTTED_sadd_sat "llvm.sadd.sat"
#define DOTTED_uadd_sat "llvm.uadd.sat"
#define DOTTED_ssub_sat "llvm.ssub.sat"
#define DOTTED_usub_sat "llvm.usub.sat"
#define DOTTED_smin     "llvm.smin"
#define DOTTED_umin     "llvm.umin"
#define DOTTED_smax     "llvm.smax"
#define DOTTED_umax     "llvm.umax"

static bool memory(struct ir_func *f, const struct wasm_instr *in)
{
    LLVMTypeRef t = f->x->t_v128;
    LLVMValueRef v;
    switch ((unsigned)in->op) {
#define VLOAD(id)                                                                                            \
    case WASM_OP_##id: ir_push(f, ir_memory_load(f, in, t)); return true;
#define VSTORE(id)                                                                                           \
    case WASM_OP_##id:                                                                                       \
        v = ir_pop(f);                                                                                       \
        ir_memory_store(f, in, v);                                                                           \
        return true;
#define VLOAD_EXTEND(id, from, to, n)                                                                        \
    case WASM_OP_##id:                                                                                       \
        v = view(f, ir_memory_load(f, in, f->x->t_i64), lanes(WORD_##from, n));                              \
        push(f, cast(f, SIGN_##from ? LLVMSExt : LLVMZExt, v, WORD_##to));                                   \
        return true;
#define VLOAD_SPLAT(id, lane, n)                                                                             \
    case WASM_OP_##id: push(f, splat(f, ir_memory_load(f, in, WORD_##lane), n)); return true;
#define VLOAD_ZERO(id, lane, n)                                                                              \
    case WASM_OP_##id:                                                                                       \
        v = ir_memory_load(f, in, WORD_##lane);                                                              \
        push(f, insert(f, LLVMConstNull(lanes(WORD_##lane, n)), v, 0));                                      \
        return true;
#define VLOAD_LANE(id, lane_type, n)                                                                         \
    case WASM_OP_##id:                                                                                       \
        v = pop(f, lanes(WORD_##lane_type, n));                                                              \
        push(f, insert(f, v, ir_memory_load(f, in, WORD_##lane_type), in->u.memarg.lane));                   \
        return true;
#define VSTORE_LANE(id, lane_type, n)                                                                        \
    case WASM_OP_##id:                                                                                       \
        v = pop(f, lanes(WORD_##lane_type, n));                                                              \
        ir_memory_store(f, in, extract(f, v, in->u.memarg.lane, false, WORD_##lane_type));                   \
        return true;
#include "wasm_simd.def"
    default: return false;
    }
}

static bool scalar(struct ir_func *f, const struct wasm_instr *in)
{
    LLVMValueRef v;
    switch ((unsigned)in->op) {
    case WASM_OP_V128_CONST: ir_push(f, ir_v128(f->x, in->u.bytes)); return true;
#define VSPLAT(id, lane, n, type)                                                                            \
    case WASM_OP_##id: push(f, splat(f, to_lane(f, ir_pop(f), WORD_##lane), n)); return true;
#define VEXTRACT(id, lane, n, type)                                                                          \
    case WASM_OP_##id:                                                                                       \
        v = pop(f, lanes(WORD_##lane, n));                                                                   \
        ir_push(f, extract(f, v, in->u.index, SIGN_##lane, WORD_##type));                                    \
        return true;
#define VREPLACE(id, lane, n, type)                                                                          \
    case WASM_OP_##id:                                                                                       \
        v = to_lane(f, ir_pop(f), WORD_##lane);                                                              \
        push(f, insert(f, pop(f, lanes(WORD_##lane, n)), v, in->u.index));                                   \
        return true;
#define VTEST(id, lane, n, test)                                                                             \
    case WASM_OP_##id: ir_push(f, TEST_##test(f, pop(f, lanes(WORD_##lane, n)))); return true;
#define VSHUFFLE(id)                                                                                         \
    case WASM_OP_##id: shuffle(f, in->u.bytes); return true;
#include "wasm_simd.def"
    default: return false;
    }
}

static bool by_lane(struct ir_func *f, const struct wasm_instr *in)
{
    LLVMBuilderRef b = f->x->b;
    LLVMValueRef x, y, z;
    LLVMTypeRef t;
    switch ((unsigned)in->op) {
#define VUN(id, lane, n, expr, form)                                                                         \
    case WASM_OP_##id:                                                                                       \
        x = pop(f, lanes(WORD_##lane, n));                                                                   \
        push(f, form);                                                                                       \
        return true;
#define VBIN(id, lane, n, expr, form)                                                                        \
    case WASM_OP_##id:                                                                                       \
        t = lanes(WORD_##lane, n);                                                                           \
        y = pop(f, t);                                                                                       \
        x = pop(f, t);                                                                                       \
        push(f, form);                                                                                       \
        return true;
#define VTER(id, lane, n, expr, form)                                                                        \
    case WASM_OP_##id:                                                                                       \
        t = lanes(WORD_##lane, n);                                                                           \
        z = pop(f, t);                                                                                       \
        y = pop(f, t);                                                                                       \
        x = pop(f, t);                                                                                       \
        push(f, form);                                                                                       \
        return true;
#define VSHIFT(id, lane, n, expr, form)                                                                      \
    case WASM_OP_##id:                                                                                       \
        y = shift_count(f, WORD_##lane, n);                                                                  \
        x = pop(f, lanes(WORD_##lane, n));                                                                   \
        push(f, form);                                                                                       \
        return true;
#define VCMP(id, lane, mask, n, cond, form)                                                                  \
    case WASM_OP_##id:                                                                                       \
        t = lanes(WORD_##lane, n);                                                                           \
        y = pop(f, t);                                                                                       \
        x = pop(f, t);                                                                                       \
        push(f, LLVMBuildSExt(b, form, lanes(WORD_##mask, n), ""));                                          \
        return true;
#define VSWIZZLE(id)                                                                                         \
    case WASM_OP_##id:                                                                                       \
        t = lanes(f->x->t_i8, 16);                                                                           \
        y = pop(f, t);                                                                                       \
        x = pop(f, t);                                                                                       \
        push(f, swizzle(f, x, y));                                                                           \
        return true;
#include "wasm_simd.def"
    default: return false;
    }
}

/* The source lanes: as many as fill 16 bytes. */
#define SOURCE(from) lanes(WORD_##from, 128 / LANE_BITS(from))
#define LANE_BITS(t) (8 * (unsigned)sizeof(t))

static bool changing(struct ir_func *f, const struct wasm_instr *in)
{
    LLVMBuilderRef b = f->x->b;
    LLVMValueRef x, y, z, wide;
    LLVMTypeRef to;
    switch ((unsigned)in->op) {
#define VCONVERT(id, from, type, n, expr, form)                                                              \
    case WASM_OP_##id:                                                                                       \
        to = WORD_##type;                                                                                    \
        x = pop(f, SOURCE(from));                                                                            \
        push(f, fill(f, form, LANE_BITS(type)));                                                             \
        return true;
#define VEXTEND(id, from, type, n, part, expr, form)                                                         \
    case WASM_OP_##id:                                                                                       \
        to = WORD_##type;                                                                                    \
        x = half(f, pop(f, SOURCE(from)), n, HALF_##part);                                                   \
        push(f, form);                                                                                       \
        return true;
#define VNARROW(id, from, type, n, expr, sign)                                                               \
    case WASM_OP_##id:                                                                                       \
        y = pop(f, SOURCE(from));                                                                            \
        x = pop(f, SOURCE(from));                                                                            \
        push(f, narrow(f, x, y, TRUNC_##sign, WORD_##type));                                                 \
        return true;
#define VEXTMUL(id, from, type, n, part, expr, form)                                                         \
    case WASM_OP_##id:                                                                                       \
        to = WORD_##type;                                                                                    \
        x = half(f, pop(f, SOURCE(from)), n, HALF_##part);                                                   \
        wide = form;                                                                                         \
        x = half(f, pop(f, SOURCE(from)), n, HALF_##part);                                                   \
        push(f, LLVMBuildMul(b, form, wide, ""));                                                            \
        return true;
#include "wasm_simd.def"
    default: break;
    }
#undef CAST
#define CAST(op) LLVM##op
    switch ((unsigned)in->op) {
#define VPAIR1(id, from, type, n, expr, form)                                                                \
    case WASM_OP_##id:                                                                                       \
        x = pop(f, SOURCE(from));                                                                            \
        push(f, pair_sums(f, form, x, WORD_##type, n));                                                      \
        return true;
#define VPAIR2(id, from, type, n, expr, form)                                                                \
    case WASM_OP_##id:                                                                                       \
        y = pop(f, SOURCE(from));                                                                            \
        x = pop(f, SOURCE(from));                                                                            \
        push(f, dot(f, form, x, y, WORD_##type, n));                                                         \
        return true;
#define VDOT_ADD(id)                                                                                         \
    case WASM_OP_##id:                                                                                       \
        z = pop(f, lanes(f->x->t_i32, 4));                                                                   \
        y = pop(f, SOURCE(s8));                                                                              \
        x = pop(f, SOURCE(s8));                                                                              \
        push(f, dot_add(f, x, y, z));                                                                        \
        return true;
#include "wasm_simd.def"
    default: return false;
    }
}

void ir_simd(struct ir_func *f, const struct wasm_instr *in)
{
    if (!memory(f, in) && !scalar(f, in) && !by_lane(f, in) && !changing(f, in))
        llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
}
