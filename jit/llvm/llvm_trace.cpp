/* llvm_trace.cpp: see llvm_trace.h.
 *
 * A function is executed at points (llvm_numbers.c), which tells what it does there one after the other, and
 * which way its branches go. If that is the same at all of them, it is what nearly all numbers go through:
 * code without branches, of which there are vectors as it stands, operation by operation, so that each lane
 * has the bits that the function would have returned. Conditions of the branches are vectors, too, and say
 * which lanes would have gone elsewhere. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
#include "llvm_trace.h"

#include <cmath>
#include <cstring>
#include <memory>

#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;

/* --- What it is. --- */

/* The number of a point: from -8 to 8, exact as f32. */
static double point(int k, int points)
{
    return ((k * 29 + 7) % points - points / 2) * 0.33203125 + 0.04296875;
}

static bool is_load(const struct number_op &o)
{
    return wasm_op_info[o.op].kind == WASM_KIND_LOAD;
}

/* Those of the operand's and the result's size; no others are in such functions. */
static unsigned bytes_of(const struct number_op &o)
{
    switch (static_cast<unsigned>(o.op)) {
    case WASM_OP_I32_LOAD:
    case WASM_OP_F32_LOAD: return 4;
    case WASM_OP_I64_LOAD:
    case WASM_OP_F64_LOAD: return 8;
    default: return 0;
    }
}

namespace
{

/* Builds one operation on vectors; null: it has none. */
struct Operations {
    IRBuilder<> &b;
    Value **elsewhere; /* lanes that would not have come this way */

    Type *with_lanes(const Value *x, Type *t) const
    {
        auto *v = cast<VectorType>(x->getType());
        return VectorType::get(t, v->getElementCount());
    }
    Value *eqz(Value *x) const
    {
        return truth(b.CreateIsNull(x));
    }
    Value *truth(Value *is) const
    {
        return b.CreateZExt(is, with_lanes(is, b.getInt32Ty()));
    }
    Value *shift(Instruction::BinaryOps op, Value *x, Value *y) const
    {
        uint64_t most = x->getType()->getScalarSizeInBits() - 1;
        return b.CreateBinOp(op, x, b.CreateAnd(y, ConstantInt::get(y->getType(), most)));
    }

    /* By what no lane traps. */
    Value *divide(Instruction::BinaryOps op, Value *x, Value *y) const
    {
        auto *all = dyn_cast<Constant>(y);
        auto *by = dyn_cast_or_null<ConstantInt>(all ? all->getSplatValue() : nullptr);
        return by && !by->isZero() && !by->isMinusOne() ? b.CreateBinOp(op, x, y) : nullptr;
    }
    /* Lanes that would trap, or nearly so, are left to the function; what they are here must be something. */
    Value *truncate(bool is_signed, Value *x, Type *to) const
    {
        unsigned bits = to->getScalarSizeInBits();
        Value *least =
            ConstantFP::get(x->getType(), is_signed ? -std::ldexp(1.0, static_cast<int>(bits - 1)) : 0);
        Value *end = ConstantFP::get(x->getType(), std::ldexp(1.0, static_cast<int>(bits - is_signed)));
        Value *fits = b.CreateAnd(b.CreateFCmpOGE(x, least), b.CreateFCmpOLT(x, end));
        *elsewhere = b.CreateOr(*elsewhere, b.CreateNot(fits));
        return b.CreateFreeze(is_signed ? b.CreateFPToSI(x, to) : b.CreateFPToUI(x, to));
    }

    Value *build(enum wasm_opcode op, Value *x, Value *y) const
    {
#define EQZ              eqz(x)
#define CMP(pred)        truth(b.CreateICmp(CmpInst::ICMP_##pred, x, y))
#define FCMP(pred)       truth(b.CreateFCmp(CmpInst::FCMP_##pred, x, y))
#define COUNT(name)      nullptr
#define INTRIN(name)     b.CreateUnaryIntrinsic(Intrinsic::name, x)
#define INTRIN2(name)    b.CreateBinaryIntrinsic(Intrinsic::name, x, y)
#define BIN(op)          b.CreateBinOp(Instruction::op, x, y)
#define DIV_S            divide(Instruction::SDiv, x, y)
#define DIV_U            divide(Instruction::UDiv, x, y)
#define REM_S            divide(Instruction::SRem, x, y)
#define REM_U            divide(Instruction::URem, x, y)
#define SHIFT(op)        shift(Instruction::op, x, y)
#define ROTATE(name)     nullptr
#define FNEG             b.CreateFNeg(x)
#define MIN              nullptr
#define MAX              nullptr
#define CAST(op)         b.CreateCast(Instruction::op, x, with_lanes(x, to))
#define SEXT_IN(bits)    nullptr
#define TRUNC_TRAP(sign) truncate(#sign[0] == 'S', x, with_lanes(x, to))
#define TRUNC_SAT(sign)  nullptr
#define to_u32           b.getInt32Ty()
#define to_u64           b.getInt64Ty()
#define to_f32           b.getFloatTy()
#define to_f64           b.getDoubleTy()
#define ALU1(id, type, result, interpreter, translator)                                                      \
    case WASM_OP_##id: {                                                                                     \
        [[maybe_unused]] Type *to = to_##result;                                                             \
        return translator;                                                                                   \
    }
#define ALU2(id, type, result, interpreter, translator) ALU1(id, type, result, interpreter, translator)
        switch (static_cast<unsigned>(op)) {
#include "wasm_alu.def"
        default: return nullptr;
        }
#undef ALU1
#undef ALU2
    }
};

} // namespace

/* The least and the greatest number, without a sign, that an integer can be. */
void Trace::bounds_of(unsigned at, uint64_t *least, uint64_t *most, unsigned deep) const
{
    const struct number_op &o = trace.ops[at];
    uint64_t least_a, most_a, least_b, most_b;
    *least = 0;
    *most = UINT64_MAX;
    if (deep == deep_most)
        return;
    switch (static_cast<unsigned>(o.op)) {
    case WASM_OP_I32_CONST:
    case WASM_OP_I64_CONST: *least = *most = o.value; return;
    case WASM_OP_I32_WRAP_I64:
        bounds_of(o.a, &least_a, &most_a, deep + 1);
        if (most_a > UINT32_MAX)
            return;
        *least = least_a;
        *most = most_a;
        return;
    case WASM_OP_I32_AND:
    case WASM_OP_I64_AND:
    case WASM_OP_I32_ADD:
    case WASM_OP_I32_SHL: break;
    default: return;
    }
    bounds_of(o.a, &least_a, &most_a, deep + 1);
    bounds_of(o.b, &least_b, &most_b, deep + 1);
    if (o.op == WASM_OP_I32_AND || o.op == WASM_OP_I64_AND) {
        *most = std::min(most_a, most_b);
    } else if (o.op == WASM_OP_I32_ADD && most_a <= UINT32_MAX && most_b <= UINT32_MAX - most_a) {
        *least = least_a + least_b;
        *most = most_a + most_b;
    } else if (o.op == WASM_OP_I32_SHL && least_b == most_b && most_b < 32 &&
               most_a <= UINT32_MAX >> most_b) {
        *least = least_a << least_b;
        *most = most_a << most_b;
    }
}

/* Nothing can trap if all that may be read is there from the beginning. */
bool Trace::find_constants(const struct wasm_module *m)
{
    for (unsigned k = 1; k < trace.n; k++) {
        const struct number_op &o = trace.ops[k];
        if (!is_load(o))
            continue;
        uint64_t least, most, bytes = bytes_of(o);
        bounds_of(o.a, &least, &most);
        if (!bytes || most > UINT32_MAX || m->nmems == 0 ||
            most + o.value + bytes > m->mems[0].limits.min * RT_PAGE)
            return false;
        read.push_back({least + o.value, most + o.value + bytes});
    }
    sort(read, [](const Constants &a, const Constants &b) { return a.from < b.from; });
    /* What lies near is one range. */
    constexpr uint64_t near = 64;
    size_t n = 0;
    for (const Constants &c : read) {
        if (n && c.from <= read[n - 1].to + near)
            read[n - 1].to = std::max(read[n - 1].to, c.to);
        else
            read[n++] = c;
    }
    read.truncate(n);
    return true;
}

bool Trace::find(const struct wasm_module *m, uint32_t func)
{
    constexpr int points = 48;
    auto other = std::make_unique<struct number_trace>();
    double y;
    if (!llvm_number_is_pure(m, func))
        return false;
    for (int k = 0; k < points; k++) {
        struct number_trace *t = k ? other.get() : &trace;
        if (!llvm_number_trace(m, func, point(k, points), &y, t) || t->n != trace.n ||
            t->result != trace.result || memcmp(t->ops, trace.ops, trace.n * sizeof *t->ops) != 0)
            return false;
    }
    return find_constants(m);
}

/* --- As vectors. --- */

static Type *scalar_of(IRBuilder<> &b, unsigned op)
{
    switch (op) {
    case WASM_OP_I32_CONST:
    case WASM_OP_I32_LOAD: return b.getInt32Ty();
    case WASM_OP_I64_CONST:
    case WASM_OP_I64_LOAD: return b.getInt64Ty();
    case WASM_OP_F32_CONST:
    case WASM_OP_F32_LOAD: return b.getFloatTy();
    default: return b.getDoubleTy();
    }
}

static Value *constant(Type *t, uint64_t bits, ElementCount lanes)
{
    APInt wide(64, bits);
    APInt value = wide.trunc(t->getScalarSizeInBits());
    Constant *c = t->isIntegerTy() ? static_cast<Constant *>(ConstantInt::get(t->getContext(), value))
                                   : ConstantFP::get(t->getContext(), APFloat(t->getFltSemantics(), value));
    return ConstantVector::getSplat(lanes, c);
}

/* Elements of a table, one by one: gathers lose against that on most processors. */
static Value *look_up(IRBuilder<> &b, Type *t, Value *offsets, GlobalVariable &memory, ElementCount lanes)
{
    Value *v = PoisonValue::get(VectorType::get(t, lanes));
    for (unsigned k = 0; k < lanes.getFixedValue(); k++) {
        Value *at = b.CreateGEP(b.getInt8Ty(), &memory, b.CreateExtractElement(offsets, k));
        v = b.CreateInsertElement(v, b.CreateAlignedLoad(t, at, Align(1)), k);
    }
    return v;
}

/* How many lowest bits of an address are those of its least value. */
unsigned Trace::bits_that_stay(unsigned at, unsigned deep) const
{
    constexpr unsigned all = 64;
    const struct number_op &o = trace.ops[at];
    const struct number_op &last = trace.ops[o.b];
    if (deep == deep_most)
        return 0;
    switch (static_cast<unsigned>(o.op)) {
    case WASM_OP_I32_CONST: return all;
    case WASM_OP_I32_ADD: return std::min(bits_that_stay(o.a, deep + 1), bits_that_stay(o.b, deep + 1));
    case WASM_OP_I32_AND:
        return last.op == WASM_OP_I32_CONST ? static_cast<unsigned>(countr_zero(last.value)) : 0;
    case WASM_OP_I32_SHL:
        return last.op == WASM_OP_I32_CONST
                   ? static_cast<unsigned>(last.value & 31) + bits_that_stay(o.a, deep + 1)
                   : 0;
    default: return 0;
    }
}

static constexpr unsigned of_register = 8; /* words of 64 bits in 512 */

/* One of 16 or 32 words of 64 bits, which stay in registers: a permutation of two, or of two pairs. */
static Value *permute(IRBuilder<> &b, ArrayRef<Value *> table, Value *index)
{
    auto pair = [&](unsigned k) {
        return b.CreateIntrinsic(Intrinsic::x86_avx512_vpermi2var_q_512, {}, {table[k], index, table[k + 1]});
    };
    Value *low = pair(0);
    if (table.size() == 2)
        return low;
    Value *high = b.CreateAnd(index, ConstantInt::get(index->getType(), 2 * of_register));
    return b.CreateSelect(b.CreateIsNotNull(high), pair(2), low);
}

/* The same for a small table, whose first word is at `from`. */
static Value *look_up_in_registers(IRBuilder<> &b, IRBuilder<> &before, Value *offsets, uint64_t from,
                                   unsigned words, GlobalVariable &memory, unsigned lanes)
{
    SmallVector<Value *, 4> table, parts;
    for (unsigned k = 0; k < words; k += of_register) {
        Value *at = before.CreateGEP(b.getInt8Ty(), &memory, b.getInt64(from + k * sizeof(uint64_t)));
        table.push_back(
            before.CreateAlignedLoad(FixedVectorType::get(b.getInt64Ty(), of_register), at, Align(1)));
    }
    Type *wide = offsets->getType();
    Value *index = b.CreateLShr(b.CreateSub(offsets, ConstantInt::get(wide, from)), 3);
    for (unsigned k = 0; k < lanes; k += of_register) {
        SmallVector<int, of_register> part;
        for (unsigned n = 0; n < of_register; n++)
            part.push_back(static_cast<int>(k + n));
        parts.push_back(permute(b, table, b.CreateShuffleVector(index, part)));
    }
    return concatenateVectors(b, parts);
}

Value *Trace::build(IRBuilder<> &b, IRBuilder<> &before, Value *x, GlobalVariable &memory, bool permutes,
                    Value **other) const
{
    ElementCount lanes = cast<VectorType>(x->getType())->getElementCount();
    SmallVector<Value *, NUMBER_OPS_MOST> made{x};
    Value *elsewhere = ConstantVector::getSplat(lanes, b.getFalse());
    Operations operations{b, &elsewhere};
    for (unsigned k = 1; k < trace.n; k++) {
        const struct number_op &o = trace.ops[k];
        Value *v = x;
        uint64_t least, most;
        switch (static_cast<unsigned>(o.op)) {
        case WASM_OP_I32_CONST:
        case WASM_OP_I64_CONST:
        case WASM_OP_F32_CONST:
        case WASM_OP_F64_CONST: v = constant(scalar_of(b, o.op), o.value, lanes); break;
        case WASM_OP_SELECT: v = b.CreateSelect(b.CreateIsNotNull(made[o.c]), made[o.a], made[o.b]); break;
        case WASM_OP_BR_IF:
            elsewhere =
                b.CreateOr(elsewhere, o.value ? b.CreateIsNull(made[o.a]) : b.CreateIsNotNull(made[o.a]));
            break;
        default:
            if (!is_load(o)) {
                v = operations.build(static_cast<enum wasm_opcode>(o.op), made[o.a], made[o.b]);
                if (!v)
                    return nullptr;
                break;
            }
            bounds_of(o.a, &least, &most);
            if (least == most) {
                Value *at = before.CreateGEP(b.getInt8Ty(), &memory, b.getInt64(least + o.value));
                v = before.CreateAlignedLoad(scalar_of(b, o.op), at, Align(1));
                v = before.CreateVectorSplat(lanes, v);
            } else {
                Type *wide = VectorType::get(b.getInt64Ty(), lanes);
                Value *at = b.CreateAdd(b.CreateZExt(made[o.a], wide), ConstantInt::get(wide, o.value));
                Type *t = scalar_of(b, o.op);
                uint64_t words = (most - least) / sizeof(uint64_t) + 1;
                bool fits = bytes_of(o) == sizeof(uint64_t) && bits_that_stay(o.a) >= 3 &&
                            (words == 2 * of_register || words == 4 * of_register);
                if (permutes && fits) {
                    v = look_up_in_registers(b, before, at, least + o.value, static_cast<unsigned>(words),
                                             memory, lanes.getFixedValue());
                    v = b.CreateBitCast(v, VectorType::get(t, lanes));
                } else {
                    v = look_up(b, t, at, memory, lanes);
                }
            }
        }
        made.push_back(v);
    }
    *other = elsewhere;
    return made[trace.result];
}
