/* llvm_conversions.cpp: conversions to integers for which a NaN is tested, by one instruction.
 *
 * WebAssembly says, or its compilers have said, which integer a NaN becomes, and for LLVM a conversion of one
 * is poison: so there is a comparison and a select around it. The processor's vectors give 0x80000000 for
 * whatever the integer cannot hold. Where the select gives the same, in the bits that are used, it is not
 * needed. Behind the vectoriser, which knows nothing of the processor's own operations. */
#include "llvm_passes.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr unsigned number_bits = 32;

/* x86's conversion of so many lanes of f32; 0: there is none. */
Intrinsic::ID conversion_of(unsigned lanes)
{
    switch (lanes) {
    case 4: return Intrinsic::x86_sse2_cvttps2dq;
    case 8: return Intrinsic::x86_avx_cvtt_ps2dq_256;
    case 16: return Intrinsic::x86_avx512_mask_cvttps2dq_512;
    default: return Intrinsic::not_intrinsic;
    }
}

/* Whether the processor, with vectors of so many bits, has it for `x`. */
bool is_converted(const Value &x, unsigned width)
{
    auto *t = dyn_cast<FixedVectorType>(x.getType());
    return t && t->getElementType()->isFloatTy() && conversion_of(t->getNumElements()) &&
           t->getNumElements() * number_bits <= width;
}

Value *convert(IRBuilder<> &b, Value *x)
{
    constexpr uint32_t as_truncation_says = 4; /* no rounding mode of its own */
    unsigned lanes = cast<FixedVectorType>(x->getType())->getNumElements();
    if (lanes != 16)
        return b.CreateIntrinsic(conversion_of(lanes), {}, {x});
    Type *to = FixedVectorType::get(b.getInt32Ty(), lanes);
    return b.CreateIntrinsic(conversion_of(lanes), {},
                             {x, PoisonValue::get(to), b.getInt16(0xffff), b.getInt32(as_truncation_says)});
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

} // namespace

PreservedAnalyses ConversionsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    auto longest = TargetTransformInfo::RGK_FixedWidthVector;
    const TargetTransformInfo &target = analyses.getResult<TargetIRAnalysis>(f);
    auto width = static_cast<unsigned>(target.getRegisterBitWidth(longest).getFixedValue());
    bool changed = false;
    for (Instruction &i : make_early_inc_range(instructions(f))) {
        auto *s = dyn_cast<SelectInst>(&i);
        Value *of_nan = nullptr, *x = s ? converted(*s, width, &of_nan) : nullptr;
        if (!x || !is_what_a_nan_gives(*s, of_nan))
            continue;
        IRBuilder<> b(s);
        s->replaceAllUsesWith(b.CreateTrunc(convert(b, x), s->getType()));
        s->eraseFromParent();
        changed = true;
    }
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
