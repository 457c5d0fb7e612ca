/* llvm_conversions.cpp: what is tested for NaN although the processor's instruction needs no test, most of
 * all conversions to integers.
 *
 * WebAssembly says, or its compilers have said, which integer a NaN becomes, and for LLVM a conversion of one
 * is poison: so there is a comparison and a select around it. The processor's vectors give 0x80000000 for
 * whatever the integer cannot hold. Where the select gives the same, in the bits that are used, it is not
 * needed. Behind the vectoriser, which knows nothing of the processor's own operations.
 *
 * What is rounded, clamped and then converted is clamped first: where R rounds to integers, whichever way,
 * and never puts a greater number below a lesser one, R(v) and an integer C compare as v and C do, but for v
 * whose R(v) is C, and there both sides of "R(v) < C ? C : R(v)" are C. (Zeros may differ in their sign,
 * which no integer has.) Then the conversion does the rounding: to even by an instruction of its own; half
 * away from zero by adding the number next below 1/2, with v's sign, before what is behind the point goes. */
#include "llvm_passes.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr unsigned number_bits = 32;

/* x86's conversion of so many lanes of f32, rounding to even or towards zero; 0: there is none. */
Intrinsic::ID conversion_of(unsigned lanes, bool to_even)
{
    switch (lanes) {
    case 4: return to_even ? Intrinsic::x86_sse2_cvtps2dq : Intrinsic::x86_sse2_cvttps2dq;
    case 8: return to_even ? Intrinsic::x86_avx_cvt_ps2dq_256 : Intrinsic::x86_avx_cvtt_ps2dq_256;
    case 16:
        return to_even ? Intrinsic::x86_avx512_mask_cvtps2dq_512 : Intrinsic::x86_avx512_mask_cvttps2dq_512;
    default: return Intrinsic::not_intrinsic;
    }
}

/* Whether the processor, with vectors of so many bits, has it for `x`. */
bool is_converted(const Value &x, unsigned width)
{
    auto *t = dyn_cast<FixedVectorType>(x.getType());
    return t && t->getElementType()->isFloatTy() && conversion_of(t->getNumElements(), false) &&
           t->getNumElements() * number_bits <= width;
}

/* --- Rounding. --- */

Intrinsic::ID rounding_of(const Value *v)
{
    auto *call = dyn_cast<IntrinsicInst>(v);
    switch (call ? call->getIntrinsicID() : Intrinsic::not_intrinsic) {
    case Intrinsic::rint:
    case Intrinsic::nearbyint:
    case Intrinsic::roundeven: return Intrinsic::roundeven;
    case Intrinsic::round: return Intrinsic::round;
    default: return Intrinsic::not_intrinsic;
    }
}

/* The call that rounds, where `v` is what it gives, or (as RoundingPass has it) that but for NaN. */
IntrinsicInst *rounding(Value *v)
{
    CmpInst::Predicate pred;
    Value *x, *other, *then, *otherwise;
    if (match(v, m_Select(m_FCmp(pred, m_Value(x), m_Value(other)), m_Value(then), m_Value(otherwise))) &&
        (pred == CmpInst::FCMP_UNO || pred == CmpInst::FCMP_ORD) &&
        (other == x || match(other, m_NonNaN()))) {
        Value *of_nan = pred == CmpInst::FCMP_UNO ? then : otherwise;
        v = pred == CmpInst::FCMP_UNO ? otherwise : then;
        if (of_nan != x || !rounding_of(v) || cast<IntrinsicInst>(v)->getArgOperand(0) != x)
            return nullptr;
    }
    return rounding_of(v) ? cast<IntrinsicInst>(v) : nullptr;
}

/* "v < C ? C : v" and its like, with an integer C. */
bool is_clamp(Value *v, Value **clamped, FCmpInst **test)
{
    const APFloat *bound;
    auto *s = dyn_cast<SelectInst>(v);
    *test = s ? dyn_cast<FCmpInst>(s->getCondition()) : nullptr;
    if (!*test)
        return false;
    *clamped = (*test)->getOperand(0);
    Value *c = (*test)->getOperand(1);
    return match(c, m_APFloat(bound)) && bound->isInteger() &&
           ((s->getTrueValue() == c && s->getFalseValue() == *clamped) ||
            (s->getTrueValue() == *clamped && s->getFalseValue() == c));
}

/* Whether nobody but a conversion, and tests for NaN, sees `x`. */
bool is_only_converted(const Value &x)
{
    return all_of(x.users(), [](const User *u) {
        auto *test = dyn_cast<FCmpInst>(u);
        return isa<FPToSIInst>(u) || (test && (test->getPredicate() == CmpInst::FCMP_ORD ||
                                               test->getPredicate() == CmpInst::FCMP_UNO));
    });
}

/* x, of which the numbers are clamped first and rounded then; NULL: it was not rounded, or is so already. */
Value *rounded_last(IRBuilder<> &b, Value *x)
{
    SmallVector<SelectInst *, 4> clamps;
    Value *v = x, *inner;
    FCmpInst *test;
    while (is_clamp(v, &inner, &test) && inner->hasNUses(2)) {
        clamps.push_back(cast<SelectInst>(v));
        v = inner;
    }
    IntrinsicInst *call = rounding(v);
    if (!call || clamps.empty())
        return nullptr;
    Value *now = call->getArgOperand(0), *before = v;
    for (SelectInst *s : reverse(clamps)) {
        auto *compared = cast<FCmpInst>(s->getCondition());
        Value *c = compared->getOperand(1), *is = b.CreateFCmp(compared->getPredicate(), now, c);
        now = s->getTrueValue() == before ? b.CreateSelect(is, now, c) : b.CreateSelect(is, c, now);
        before = s;
    }
    return b.CreateUnaryIntrinsic(rounding_of(call), now);
}

bool put_rounding_last(Function &f, unsigned width)
{
    SmallVector<Value *, 8> found;
    for (Instruction &i : instructions(f)) {
        Value *x = isa<FPToSIInst>(i) ? i.getOperand(0) : nullptr;
        if (x && is_converted(*x, width) && !is_contained(found, x) && is_only_converted(*x))
            found.push_back(x);
    }
    bool changed = false;
    for (Value *x : found) {
        auto *s = dyn_cast<SelectInst>(x);
        if (!s)
            continue;
        IRBuilder<> b(s);
        Value *last = rounded_last(b, s);
        if (!last)
            continue;
        s->replaceAllUsesWith(last);
        RecursivelyDeleteTriviallyDeadInstructions(s);
        changed = true;
    }
    return changed;
}

/* --- Conversions. --- */

/* The number next below 1/2, with x's sign. */
Value *almost_half(IRBuilder<> &b, Value *x)
{
    return b.CreateBinaryIntrinsic(Intrinsic::copysign, ConstantFP::get(x->getType(), 0x1.fffffep-2), x);
}

Value *convert(IRBuilder<> &b, Value *x)
{
    constexpr uint32_t as_usual = 4; /* no rounding mode of its own */
    unsigned lanes = cast<FixedVectorType>(x->getType())->getNumElements();
    IntrinsicInst *call = rounding(x);
    bool to_even = call && rounding_of(call) == Intrinsic::roundeven;
    if (call)
        x = to_even ? call->getArgOperand(0)
                    : b.CreateFAdd(call->getArgOperand(0), almost_half(b, call->getArgOperand(0)));
    if (lanes != 16)
        return b.CreateIntrinsic(conversion_of(lanes, to_even), {}, {x});
    Type *to = FixedVectorType::get(b.getInt32Ty(), lanes);
    return b.CreateIntrinsic(conversion_of(lanes, to_even), {},
                             {x, PoisonValue::get(to), b.getInt16(0xffff), b.getInt32(as_usual)});
}

/* Conversions of rounded numbers, whatever becomes of NaN. */
bool convert_rounded(Function &f, unsigned width)
{
    SmallVector<WeakTrackingVH, 8> dead;
    for (Instruction &i : instructions(f)) {
        if (!isa<FPToSIInst>(i) || i.use_empty() || !i.getType()->isIntOrIntVectorTy(number_bits) ||
            !is_converted(*i.getOperand(0), width) || !rounding(i.getOperand(0)))
            continue;
        IRBuilder<> b(&i);
        i.replaceAllUsesWith(convert(b, i.getOperand(0)));
        dead.emplace_back(&i);
    }
    return RecursivelyDeleteTriviallyDeadInstructionsPermissive(dead);
}

/* The number that is converted, where `s` tests whether it is one; else NULL. */
Value *converted(SelectInst &s, unsigned width, Value **of_nan)
{
    CmpInst::Predicate pred;
    Value *x, *other, *v = nullptr;
    if (!match(s.getCondition(), m_FCmp(pred, m_Value(x), m_Value(other))) ||
        (pred != CmpInst::FCMP_ORD && pred != CmpInst::FCMP_UNO) || !is_converted(*x, width) ||
        (other != x && !match(other, m_NonNaN())))
        return nullptr;
    bool ordered = pred == CmpInst::FCMP_ORD;
    Value *conversion = ordered ? s.getTrueValue() : s.getFalseValue();
    *of_nan = ordered ? s.getFalseValue() : s.getTrueValue();
    match(conversion, m_Trunc(m_Value(conversion)));
    return match(conversion, m_FPToSI(m_Value(v))) && v == x &&
                   conversion->getType()->getScalarSizeInBits() == number_bits
               ? x
               : nullptr;
}

/* Whether the lowest bits of 0x80000000, those that somebody uses, are those of `of_nan`. */
bool is_what_a_nan_gives(const SelectInst &s, Value *of_nan)
{
    const APInt *k;
    if (!match(of_nan, m_APInt(k)))
        return false;
    if (s.getType()->getScalarSizeInBits() < number_bits)
        return k->isZero();
    return k->isMinSignedValue() ||
           (k->isZero() && all_of(s.users(), [](const User *u) { return isa<TruncInst>(u); }));
}

/* Takes the selects away that say what the processor says. */
bool forget_tests(Function &f, unsigned width)
{
    SmallVector<SelectInst *, 8> selects;
    for (Instruction &i : instructions(f)) {
        if (auto *s = dyn_cast<SelectInst>(&i))
            selects.push_back(s);
    }
    SmallVector<WeakTrackingVH, 8> dead;
    for (SelectInst *s : selects) {
        Value *of_nan = nullptr, *x = converted(*s, width, &of_nan);
        if (!x || !is_what_a_nan_gives(*s, of_nan))
            continue;
        IRBuilder<> b(s);
        s->replaceAllUsesWith(b.CreateTrunc(convert(b, x), s->getType()));
        dead.emplace_back(s);
    }
    return RecursivelyDeleteTriviallyDeadInstructionsPermissive(dead);
}

/* --- Quiet NaNs. --- */

/* `x`, or its bits, where `s` is that with its NaN made quiet; else NULL. */
Value *made_quiet(SelectInst &s)
{
    CmpInst::Predicate pred;
    Value *x, *other, *bits;
    const APInt *bit;
    if (!match(s.getCondition(), m_FCmp(pred, m_Value(x), m_Value(other))) ||
        (pred != CmpInst::FCMP_ORD && pred != CmpInst::FCMP_UNO) || (other != x && !match(other, m_NonNaN())))
        return nullptr;
    Value *quiet = pred == CmpInst::FCMP_UNO ? s.getTrueValue() : s.getFalseValue();
    Value *number = pred == CmpInst::FCMP_UNO ? s.getFalseValue() : s.getTrueValue();
    bool integers = s.getType()->isIntOrIntVectorTy();
    if (integers ? !match(quiet, m_Or(m_Value(bits), m_APInt(bit)))
                 : number != x || !match(quiet, m_BitCast(m_Or(m_Value(bits), m_APInt(bit)))))
        return nullptr;
    unsigned mantissa = x->getType()->getScalarType()->isFloatTy() ? 23 : 52; /* bits of it */
    bool same = integers ? bits == number && match(x, m_BitCast(m_Specific(bits)))
                         : match(bits, m_BitCast(m_Specific(x))) || match(x, m_BitCast(m_Specific(bits)));
    return same && bits->getType()->getScalarSizeInBits() == x->getType()->getScalarSizeInBits() &&
                   *bit == APInt::getOneBitSet(bit->getBitWidth(), mantissa - 1)
               ? number
               : nullptr;
}

/* Whether `u` computes with `x`, whatever its other operand is: no constant that leaves x as it is, or only
 * changes its sign; nor a choice that may be of one, in which lanes LLVM does not compute. */
bool makes_quiet(const Use &u)
{
    auto *op = dyn_cast<BinaryOperator>(u.getUser());
    if (!op || !op->getType()->isFPOrFPVectorTy() || op->getOpcode() == Instruction::FRem)
        return false;
    const APFloat *c;
    Value *other = op->getOperand(1 - u.getOperandNo());
    if (!isa<Constant>(other))
        return !isa<SelectInst>(other);
    if (op->getOpcode() == Instruction::FSub && u.getOperandNo() == 1 && match(other, m_PosZeroFP()))
        return true; /* 0 - x is no -x: of 0 it is 0 */
    return match(other, m_APFloat(c)) && c->isFiniteNonZero() && !abs(*c).isExactlyValue(1.0);
}

bool is_number(const Type *t)
{
    return t->getScalarType()->isFloatTy() || t->getScalarType()->isDoubleTy();
}

/* Whether nobody but arithmetic sees `s`, a number or its bits. */
bool is_computed_with(const SelectInst &s)
{
    if (is_number(s.getType()))
        return all_of(s.uses(), makes_quiet);
    return all_of(s.users(), [&](const User *u) {
        return isa<BitCastInst>(u) && is_number(u->getType()) &&
               u->getType()->getScalarSizeInBits() == s.getType()->getScalarSizeInBits() &&
               all_of(u->uses(), makes_quiet);
    });
}

bool leave_noisy(Function &f)
{
    SmallVector<WeakTrackingVH, 8> dead;
    for (Instruction &i : instructions(f)) {
        auto *s = dyn_cast<SelectInst>(&i);
        Value *x = s && !s->use_empty() && is_computed_with(*s) ? made_quiet(*s) : nullptr;
        if (!x)
            continue;
        s->replaceAllUsesWith(x);
        dead.emplace_back(s);
    }
    return RecursivelyDeleteTriviallyDeadInstructionsPermissive(dead);
}

} // namespace

PreservedAnalyses ConversionsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    auto longest = TargetTransformInfo::RGK_FixedWidthVector;
    const TargetTransformInfo &target = analyses.getResult<TargetIRAnalysis>(f);
    auto width = static_cast<unsigned>(target.getRegisterBitWidth(longest).getFixedValue());
    bool changed = put_rounding_last(f, width);
    changed |= forget_tests(f, width);
    changed |= convert_rounded(f, width);
    changed |= leave_noisy(f);
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
