/* llvm_rounding.cpp: a C library's round() and roundf() in software, as the one operation that they are.
 *
 * WebAssembly rounds to even, up, down and towards zero, but not half away from zero, so modules carry a
 * function for it. It is known here by what it computes. Such a function takes a number x apart: m its
 * magnitude's bits, a = |x|, M the first number from which on all are integers (2^23 for f32, 2^52 for f64),
 * y = ((a + M) - M) - a. On every path through the function
 *
 *   x            may be the result where a >= M (or NaN): all of these are their own rounding;
 *   0 * x        where a < 1/2: the zero with x's sign;
 *   +-(a + y)    with x's sign, where a < M and y > -1/2. The sum a + M is rounded to an integer, to nearest,
 *                so that (a + M) - M is a rounded, exactly, and |y| <= 1/2; a + y is that integer again;
 *   +-(a + y + 1) where y = -1/2: a lay in the middle, and went down;
 *   anything     where y > 1/2, which does not happen.
 *
 * The paths must show which of these hold by comparisons of m's upper bits, x's sign, and y with 1/2. NaN
 * comes out as it goes in, all bits of it, which LLVM's operation does not promise: so a select does. */
#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/ConstantRange.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

enum Known { UNKNOWN, NO, YES };

struct Path {
    uint64_t low, high; /* of m: low <= m < high */
    Known negative, tie, impossible;
    DenseMap<Value *, Value *> phis;
};

class Rounding
{
  public:
    explicit Rounding(Function &f) : function(f) {}
    bool run()
    {
        if (!has_shape())
            return false;
        Path start{0, uint64_t(1) << (bits - 1), UNKNOWN, UNKNOWN, UNKNOWN, DenseMap<Value *, Value *>()};
        if (!follow(&function.getEntryBlock(), nullptr, start))
            return false;
        replace();
        return true;
    }

  private:
    static constexpr unsigned most_instructions = 80, most_paths = 64;
    Function &function;
    Argument *x = nullptr;
    unsigned bits = 0, mantissa = 0, paths = 0; /* of the type */

    uint64_t integers_from() const /* M's bits */
    {
        return uint64_t((1u << (bits - mantissa - 2)) - 1 + mantissa) << mantissa;
    }

    uint64_t half() const
    {
        return uint64_t((1u << (bits - mantissa - 2)) - 2) << mantissa;
    }

    /* --- What can be such a function at all. --- */

    bool has_shape()
    {
        Type *type = function.getReturnType();
        if (!type->isFloatTy() && !type->isDoubleTy())
            return false;
        for (Argument &a : function.args()) {
            if (a.getType()->isFloatingPointTy() && (x || a.getType() != type))
                return false;
            if (a.getType()->isFloatingPointTy())
                x = &a;
        }
        bits = type->getScalarSizeInBits();
        mantissa = bits == 32 ? 23 : 52;
        return x && function.getInstructionCount() <= most_instructions && is_pure() && is_acyclic();
    }

    bool is_pure() const
    {
        bool adds = false;
        for (Instruction &i : instructions(function)) {
            if (i.mayReadOrWriteMemory() || i.mayHaveSideEffects())
                return false;
            adds |= match(&i, m_FAdd(m_Value(), m_Value()));
        }
        return adds;
    }

    bool is_acyclic() const
    {
        DominatorTree dominators(function);
        return LoopInfo(dominators).empty();
    }

    /* --- Paths. --- */

    bool follow(BasicBlock *b, BasicBlock *from, Path p)
    {
        if (++paths > most_paths)
            return false;
        DenseMap<Value *, Value *> here;
        for (PHINode &phi : b->phis())
            here[&phi] = resolved(phi.getIncomingValueForBlock(from), p);
        for (auto &v : here)
            p.phis[v.first] = v.second;
        Instruction *end = b->getTerminator();
        if (auto *r = dyn_cast<ReturnInst>(end))
            return is_result(r->getReturnValue(), p, false);
        auto *br = dyn_cast<BranchInst>(end);
        if (!br)
            return false;
        if (br->isUnconditional())
            return follow(br->getSuccessor(0), b, p);
        return split(br->getCondition(), p,
                     [&](Path &then, bool truth) { return follow(br->getSuccessor(!truth), b, then); });
    }

    static Value *resolved(Value *v, const Path &p)
    {
        auto known = p.phis.find(v);
        return known == p.phis.end() ? v : known->second;
    }

    bool is_never(const Path &p) const
    {
        return p.low >= p.high || (p.impossible == YES && p.high <= integers_from());
    }

    template <typename Then> bool split(Value *condition, const Path &p, Then then)
    {
        for (bool truth : {false, true}) {
            Path way = p;
            if (!learn(condition, truth, way))
                return false;
            if (!is_never(way) && !then(way, truth))
                return false;
        }
        return true;
    }

    /* --- What a condition says. --- */

    static bool learn_flag(Known &flag, bool truth, Path &p)
    {
        Known now = truth ? YES : NO;
        if (flag != UNKNOWN && flag != now)
            p.high = p.low; /* never here */
        flag = now;
        return true;
    }

    bool learn(Value *condition, bool truth, Path &p)
    {
        CmpInst::Predicate pred;
        Value *v, *inner;
        const APInt *c;
        const APFloat *f;
        condition = resolved(condition, p);
        if (match(condition, m_Not(m_Value(inner))))
            return learn(inner, !truth, p);
        if (auto *known = dyn_cast<ConstantInt>(condition)) {
            p.high = known->isOne() == truth ? p.high : p.low;
            return true;
        }
        if (match(condition, m_ICmp(pred, m_Value(v), m_APInt(c))))
            return learn_bits(truth ? pred : CmpInst::getInversePredicate(pred), resolved(v, p), *c, p);
        if (match(condition, m_FCmp(pred, m_Value(v), m_APFloat(f))) && is_difference(resolved(v, p), p))
            return learn_difference(truth ? pred : CmpInst::getInversePredicate(pred), *f, p);
        return false;
    }

    bool is_bits(Value *v) const
    {
        return match(v, m_BitCast(m_Specific(x))) && v->getType()->isIntegerTy(bits);
    }

    bool learn_bits(CmpInst::Predicate pred, Value *v, const APInt &c, Path &p)
    {
        if (is_bits(v)) {
            bool negative =
                (pred == CmpInst::ICMP_SLT && c.isZero()) || (pred == CmpInst::ICMP_SLE && c.isAllOnes());
            bool positive =
                (pred == CmpInst::ICMP_SGE && c.isZero()) || (pred == CmpInst::ICMP_SGT && c.isAllOnes());
            return (negative || positive) && learn_flag(p.negative, negative, p);
        }
        uint64_t unit; /* of v, in m */
        if (!is_exponent(v, unit) || c.getBitWidth() <= bits - mantissa)
            return false;
        uint64_t end = (uint64_t(1) << (bits - 1)) / unit;
        ConstantRange where = ConstantRange::makeExactICmpRegion(pred, c).intersectWith(
            ConstantRange(APInt(c.getBitWidth(), 0), APInt(c.getBitWidth(), end)));
        if (where.isWrappedSet() || where.isFullSet())
            return false;
        p.low = std::max(p.low, where.isEmptySet() ? p.high : where.getLower().getZExtValue() * unit);
        p.high = std::min(p.high, where.isEmptySet() ? p.low : where.getUpper().getZExtValue() * unit);
        return true;
    }

    /* x's exponent, in place or shifted down; or all of m. */
    bool is_exponent(Value *v, uint64_t &unit) const
    {
        const APInt *shift, *mask;
        Value *inner;
        uint64_t magnitude = (uint64_t(1) << (bits - 1)) - 1;
        if (match(v, m_Trunc(m_Value(inner))))
            v = inner;
        if (!match(v, m_And(m_Value(inner), m_APInt(mask))))
            return false;
        if (is_bits(inner)) {
            unit = 1;
            return mask->getZExtValue() == magnitude;
        }
        if (match(inner, m_Trunc(m_Value(v))))
            inner = v;
        unit = uint64_t(1) << mantissa;
        return match(inner, m_LShr(m_Value(v), m_APInt(shift))) && is_bits(v) && *shift == mantissa &&
               mask->getZExtValue() == magnitude >> mantissa;
    }

    /* y beside 1/2 and -1/2. It is no NaN where that makes a difference (a < M). */
    bool learn_difference(CmpInst::Predicate pred, const APFloat &c, Path &p)
    {
        bool negative = c.isNegative();
        APFloat middle(c.getSemantics(), "0.5");
        if (abs(c).compare(middle) != APFloat::cmpEqual)
            return false;
        switch (pred) {
        case CmpInst::FCMP_OGT:
        case CmpInst::FCMP_UGT: return learn_flag(negative ? p.tie : p.impossible, !negative, p);
        case CmpInst::FCMP_OLE:
        case CmpInst::FCMP_ULE: return learn_flag(negative ? p.tie : p.impossible, negative, p);
        default: return false;
        }
    }

    /* --- Values. --- */

    bool is_number(Value *v, double d) const
    {
        const APFloat *f;
        return match(v, m_APFloat(f)) && f->convertToDouble() == d;
    }

    bool is_magnitude(Value *v, const Path &p) const
    {
        Value *condition, *then, *other, *bit;
        CmpInst::Predicate pred;
        v = resolved(v, p);
        if (match(v, m_FAbs(m_Specific(x))))
            return true;
        if (p.negative != UNKNOWN && (p.negative == YES ? match(v, m_FNeg(m_Specific(x))) : v == x))
            return true;
        if (!match(v, m_Select(m_Value(condition), m_Value(then), m_Value(other))) ||
            !match(condition, m_ICmp(pred, m_Value(bit), m_Value())) || !is_bits(bit))
            return false;
        auto *compared = cast<ICmpInst>(condition);
        if (pred == CmpInst::ICMP_SLT && match(compared->getOperand(1), m_Zero()))
            return match(then, m_FNeg(m_Specific(x))) && other == x;
        return pred == CmpInst::ICMP_SGT && match(compared->getOperand(1), m_AllOnes()) && then == x &&
               match(other, m_FNeg(m_Specific(x)));
    }

    /* v + d or v - -d; the v. */
    Value *less(Value *v, double d, const Path &p) const
    {
        Value *a, *b;
        if (match(v, m_FAdd(m_Value(a), m_Value(b)))) {
            if (is_number(b, d) || is_number(a, d))
                return resolved(is_number(b, d) ? a : b, p);
        }
        return match(v, m_FSub(m_Value(a), m_Value(b))) && is_number(b, -d) ? resolved(a, p) : nullptr;
    }

    bool is_difference(Value *v, const Path &p) const
    {
        Value *rounded, *a;
        double integers = bits == 32 ? 0x1p23 : 0x1p52;
        if (!match(v, m_FSub(m_Value(rounded), m_Value(a))) || !is_magnitude(a, p))
            return false;
        Value *sum = less(resolved(rounded, p), -integers, p);
        Value *from = sum ? less(sum, integers, p) : nullptr;
        return from && is_magnitude(from, p);
    }

    bool is_sum(Value *v, const Path &p) const
    {
        Value *a, *b;
        if (!match(v, m_FAdd(m_Value(a), m_Value(b))))
            return false;
        a = resolved(a, p);
        b = resolved(b, p);
        return (is_magnitude(a, p) && is_difference(b, p)) || (is_magnitude(b, p) && is_difference(a, p));
    }

    bool is_result(Value *v, const Path &p, bool negated)
    {
        Value *condition, *then, *other;
        v = resolved(v, p);
        if (match(v, m_Select(m_Value(condition), m_Value(then), m_Value(other))))
            return split(condition, p, [&](Path &way, bool truth) {
                return is_result(truth ? then : other, way, negated);
            });
        if (match(v, m_FNeg(m_Value(then))))
            return is_result(then, p, !negated);
        if (v == x && !negated)
            return p.low >= integers_from();
        if (match(v, m_FMul(m_Specific(x), m_PosZeroFP())) && !negated)
            return p.high <= half();
        if (p.high > integers_from() || p.negative != (negated ? YES : NO) || p.tie == UNKNOWN)
            return false;
        Value *sum = p.tie == YES ? less(v, 1.0, p) : v;
        return sum && is_sum(sum, p);
    }

    void replace()
    {
        BasicBlock *old = &function.getEntryBlock();
        BasicBlock *only = BasicBlock::Create(function.getContext(), "", &function, old);
        IRBuilder<> b(only);
        Value *rounded = b.CreateUnaryIntrinsic(Intrinsic::round, x);
        b.CreateRet(b.CreateSelect(b.CreateFCmpUNO(x, x), x, rounded));
        EliminateUnreachableBlocks(function);
    }
};

} // namespace

PreservedAnalyses RoundingPass::run(Function &f, FunctionAnalysisManager &)
{
    return Rounding(f).run() ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
