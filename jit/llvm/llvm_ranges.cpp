/* llvm_ranges.cpp: conversions of floating-point numbers to integers that cannot trap.
 *
 * Before a conversion stands a branch: a NaN or a number that the integer cannot hold traps. C compilers put
 * another comparison before that, because C leaves the case open and WebAssembly does not, and many programs
 * clamp what they convert. Where a number's range, by how it was computed and by the branches that lead here,
 * lies within that of the integer, the branch goes, and the loop it stood in can be vectorised. */
#include "llvm_passes.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/ConstantRange.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

#include <cmath>
#include <limits>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

/* The numbers from low to high, none if low > high; and perhaps NaN. Of a vector: of any lane, where facts
 * are those of the same lane. */
struct Range {
    double low, high;
    bool nan;

    static Range all()
    {
        return {-infinity, infinity, true};
    }
    Range with(const Range &r) const
    {
        return {std::min(low, r.low), std::max(high, r.high), nan || r.nan};
    }
    bool is_finite() const
    {
        return low <= high && low > -infinity && high < infinity;
    }
};

struct Fact {
    Value *condition;
    bool truth;
};

using Facts = SmallVector<Fact, 8>;

class Ranges
{
  public:
    Ranges(Function &f, DominatorTree &d) : function(f), dominators(d) {}
    bool run()
    {
        bool changed = false;
        for (Instruction &i : make_early_inc_range(instructions(function))) {
            if (isa<FPToSIInst, FPToUIInst>(i) && !i.getType()->isVectorTy())
                changed |= decide(i);
            if (auto *s = dyn_cast<SelectInst>(&i))
                changed |= simplify_nan(*s) || simplify_clamp(*s);
            else if (auto *call = dyn_cast<IntrinsicInst>(&i))
                changed |= simplify_saturation(*call);
        }
        return changed;
    }

  private:
    static constexpr unsigned depth_most = 8, facts_most = 8, blocks_most = 16, splits_most = 3;
    Function &function;
    DominatorTree &dominators;

    /* The branch right before a conversion, if it always goes there. */
    bool decide(Instruction &conversion)
    {
        BasicBlock *to = conversion.getParent(), *from = to->getSinglePredecessor();
        auto *br = from ? dyn_cast<BranchInst>(from->getTerminator()) : nullptr;
        if (!br || !br->isConditional() || br->getSuccessor(0) == br->getSuccessor(1) ||
            isa<Constant>(br->getCondition()))
            return false;
        bool wanted = br->getSuccessor(0) == to, changed = simplify_guard(*from);
        if (!always(br->getCondition(), wanted, facts_at(*from)))
            return changed;
        br->setCondition(ConstantInt::getBool(function.getContext(), wanted));
        return true;
    }

    /* What C compilers put before the trap's branch, |v| < bound: where only a NaN fails it, that it is none.
     */
    bool simplify_guard(BasicBlock &b)
    {
        BasicBlock *above = b.getSinglePredecessor();
        auto *br = above ? dyn_cast<BranchInst>(above->getTerminator()) : nullptr;
        CmpInst::Predicate pred;
        const APFloat *bound;
        Value *v;
        if (!br || !br->isConditional() ||
            !match(br->getCondition(), m_OneUse(m_FCmp(pred, m_FAbs(m_Value(v)), m_APFloat(bound)))) ||
            !is_below(pred)) /* a range cannot say what a lower bound leaves */
            return false;
        Range r = range_where(v, facts_at(*above), splits_most);
        r.nan = false;
        Range m = within_magnitude(r, pred, *bound);
        if (r.low > r.high || m.low > r.low || m.high < r.high)
            return false;
        auto *guard = cast<FCmpInst>(br->getCondition());
        guard->setPredicate(CmpInst::FCMP_ORD);
        guard->setOperand(0, v);
        guard->setOperand(1, ConstantFP::getZero(v->getType()));
        return true;
    }

    /* What RoundingPass makes, a NaN as it is and numbers rounded: rounded only, if nobody sees a NaN's bits.
     */
    static bool simplify_nan(SelectInst &s)
    {
        CmpInst::Predicate pred;
        Value *x = s.getTrueValue();
        if (!match(s.getCondition(), m_FCmp(pred, m_Specific(x), m_Value())) || pred != CmpInst::FCMP_UNO ||
            !match(cast<FCmpInst>(s.getCondition())->getOperand(1),
                   m_CombineOr(m_Specific(x), m_AnyZeroFP())) ||
            !match(s.getFalseValue(), m_Intrinsic<Intrinsic::round>(m_Specific(x))) || shows_bits(s))
            return false;
        s.replaceAllUsesWith(s.getFalseValue());
        return true;
    }

    /* v < low ? low : v > high ? high : v, where the first comparison may as well be of what the second one
     * leaves: then each of both is one operation of the processor. A NaN goes through both. */
    static bool simplify_clamp(SelectInst &s)
    {
        CmpInst::Predicate outer, inner;
        Value *v;
        const APFloat *end, *other;
        auto *rest = dyn_cast<SelectInst>(s.getFalseValue());
        if (!rest || !match(s.getCondition(), m_FCmp(outer, m_Value(v), m_APFloat(end))) ||
            !match(rest->getCondition(), m_FCmp(inner, m_Specific(v), m_APFloat(other))) ||
            !is_number(s.getTrueValue(), *end) || !is_number(rest->getTrueValue(), *other) ||
            rest->getFalseValue() != v)
            return false;
        bool low = is_below(outer) && is_below(CmpInst::getSwappedPredicate(inner)) && *end < *other;
        bool high = is_below(CmpInst::getSwappedPredicate(outer)) && is_below(inner) && *other < *end;
        if (!low && !high)
            return false;
        IRBuilder<> b(&s);
        s.setCondition(b.CreateFCmp(outer, rest, s.getTrueValue()));
        return true;
    }

    static bool is_below(CmpInst::Predicate p)
    {
        return p == CmpInst::FCMP_OLT || p == CmpInst::FCMP_OLE;
    }

    static bool is_number(Value *v, const APFloat &n)
    {
        const APFloat *c;
        return match(v, m_APFloat(c)) && c->bitwiseIsEqual(n);
    }

    /* A conversion that saturates, of what does not need it. */
    bool simplify_saturation(IntrinsicInst &call)
    {
        bool is_signed = call.getIntrinsicID() == Intrinsic::fptosi_sat;
        if ((!is_signed && call.getIntrinsicID() != Intrinsic::fptoui_sat) || call.getType()->isVectorTy())
            return false;
        Value *v = call.getArgOperand(0);
        int bits = static_cast<int>(call.getType()->getIntegerBitWidth());
        double end = std::ldexp(1.0, is_signed ? bits - 1 : bits);
        Range r = range_where(v, facts_at(*call.getParent()), splits_most);
        if (!(r.low <= r.high && r.low >= (is_signed ? -end : 0) && r.high < end))
            return false;
        IRBuilder<> b(&call);
        Value *n = is_signed ? b.CreateFPToSI(v, call.getType()) : b.CreateFPToUI(v, call.getType());
        if (r.nan)
            n = b.CreateSelect(b.CreateFCmpORD(v, ConstantFP::getZero(v->getType())), n,
                               Constant::getNullValue(call.getType()));
        call.replaceAllUsesWith(n);
        call.eraseFromParent();
        return true;
    }

    /* Arithmetic may make any NaN of one. */
    static bool shows_bits(Instruction &i)
    {
        SmallPtrSet<Value *, 16> seen;
        SmallVector<Instruction *, 16> todo{&i};
        while (!todo.empty()) {
            Instruction *v = todo.pop_back_val();
            if (!seen.insert(v).second)
                continue;
            for (User *u : v->users()) {
                auto *user = cast<Instruction>(u);
                if (isa<SelectInst, PHINode>(user) || user->getOpcode() == Instruction::FNeg ||
                    match(user, m_FAbs(m_Value())))
                    todo.push_back(user);
                else if (!isa<FCmpInst, FPToSIInst, FPToUIInst>(user) && !isa<FPMathOperator>(user))
                    return true;
            }
        }
        return false;
    }

    /* --- What branches say. --- */

    Facts facts_at(const BasicBlock &b) const
    {
        Facts facts;
        const DomTreeNode *n = dominators.getNode(&b);
        for (unsigned k = 0; k < blocks_most && n && n->getIDom(); k++, n = n->getIDom()) {
            BasicBlock *above = n->getIDom()->getBlock();
            auto *br = dyn_cast<BranchInst>(above->getTerminator());
            if (!br || !br->isConditional() || br->getSuccessor(0) == br->getSuccessor(1))
                continue;
            for (unsigned way : {0u, 1u}) {
                if (dominators.dominates(BasicBlockEdge(above, br->getSuccessor(way)), &b) &&
                    facts.size() < facts_most)
                    facts.push_back({br->getCondition(), way == 0});
            }
        }
        return facts;
    }

    /* Whether `c` has the value `truth` wherever the facts hold. */
    bool always(Value *c, bool truth, const Facts &facts) const
    {
        Value *a, *b;
        if (match(c, m_Not(m_Value(a))))
            return always(a, !truth, facts);
        bool all = match(c, m_LogicalAnd(m_Value(a), m_Value(b)));
        if (all || match(c, m_LogicalOr(m_Value(a), m_Value(b))))
            return all == truth ? always(a, truth, facts) && always(b, truth, facts)
                                : always(a, truth, facts) || always(b, truth, facts);
        CmpInst::Predicate pred;
        const APFloat *bound;
        if (!match(c, m_FCmp(pred, m_Value(a), m_APFloat(bound))))
            return false;
        Range other = range_where(a, facts, splits_most);
        other = within(other, truth ? CmpInst::getInversePredicate(pred) : pred, *bound);
        return other.low > other.high && !other.nan;
    }

    /* With each alternative of the facts on its own. */
    Range range_where(Value *v, const Facts &facts, unsigned splits) const
    {
        Facts simple;
        SmallVector<Fact, 16> todo(facts.begin(), facts.end());
        while (!todo.empty() && simple.size() < 4 * facts_most) {
            Fact f = todo.pop_back_val();
            Value *a, *b;
            if (match(f.condition, m_Not(m_Value(a)))) {
                todo.push_back({a, !f.truth});
                continue;
            }
            bool all = match(f.condition, m_LogicalAnd(m_Value(a), m_Value(b)));
            if (!all && !match(f.condition, m_LogicalOr(m_Value(a), m_Value(b)))) {
                simple.push_back(f);
            } else if (all == f.truth) {
                todo.push_back({a, f.truth});
                todo.push_back({b, f.truth});
            } else if (splits) {
                Facts one(simple), two;
                one.append(todo.begin(), todo.end());
                two = one;
                one.push_back({a, f.truth});
                two.push_back({b, f.truth});
                return range_where(v, one, splits - 1).with(range_where(v, two, splits - 1));
            }
        }
        return range(v, simple, depth_most);
    }

    /* --- Ranges of values. --- */

    Range range(Value *v, const Facts &facts, unsigned depth) const
    {
        Range r = depth ? computed(v, facts, depth - 1) : Range::all();
        for (const Fact &f : facts) {
            CmpInst::Predicate pred;
            const APFloat *bound;
            if (match(f.condition, m_FCmp(pred, m_APFloat(bound), m_Specific(v))))
                r = within(r,
                           CmpInst::getSwappedPredicate(f.truth ? pred : CmpInst::getInversePredicate(pred)),
                           *bound);
            else if (match(f.condition, m_FCmp(pred, m_Specific(v), m_APFloat(bound))))
                r = within(r, f.truth ? pred : CmpInst::getInversePredicate(pred), *bound);
            else if (match(f.condition, m_FCmp(pred, m_FAbs(m_Specific(v)), m_APFloat(bound))))
                r = within_magnitude(r, f.truth ? pred : CmpInst::getInversePredicate(pred), *bound);
        }
        return r;
    }

    Range computed(Value *v, const Facts &facts, unsigned depth) const
    {
        const APFloat *c;
        if (match(v, m_APFloat(c))) {
            double d = number(*c);
            return c->isNaN() ? Range{infinity, -infinity, true} : Range{d, d, false};
        }
        auto *i = dyn_cast<Instruction>(v);
        if (!i)
            return Range::all();
        switch (i->getOpcode()) {
        case Instruction::Select:
            return of_choice(cast<SelectInst>(*i).getCondition(), i->getOperand(1), i->getOperand(2), facts,
                             depth);
        case Instruction::BitCast:
            return i->getType()->isVectorTy() && i->getOperand(0)->getType()->isVectorTy()
                       ? of_bits(i->getOperand(0), i->getType(), facts, depth)
                       : Range::all();
        case Instruction::ExtractElement: return range(i->getOperand(0), facts, depth);
        case Instruction::SIToFP:
        case Instruction::UIToFP: return of_integer(*i);
        case Instruction::FPExt: return range(i->getOperand(0), facts, depth);
        case Instruction::FNeg: {
            Range r = range(i->getOperand(0), facts, depth);
            return {-r.high, -r.low, r.nan};
        }
        case Instruction::FAdd:
        case Instruction::FMul: return of_arithmetic(*i, facts, depth);
        case Instruction::Call: return of_intrinsic(*i, facts, depth);
        default: return Range::all();
        }
    }

    Range of_choice(Value *condition, Value *x, Value *y, const Facts &facts, unsigned depth) const
    {
        for (const Fact &f : facts) {
            if (f.condition == condition)
                return range(f.truth ? x : y, facts, depth);
        }
        Facts one(facts), two(facts);
        one.push_back({condition, true});
        two.push_back({condition, false});
        return range(x, one, depth).with(range(y, two, depth));
    }

    /* Of vectors from whose bits a comparison chooses lanes. */
    Range of_bits(Value *bits, Type *type, const Facts &facts, unsigned depth) const
    {
        Value *x, *y, *mask, *condition;
        if (!match(bits,
                   m_c_Or(m_And(m_Value(x), m_Value(mask)), m_c_And(m_Value(y), m_Not(m_Deferred(mask))))))
            return Range::all();
        match(mask, m_BitCast(m_Value(mask)));
        x = as(type, x), y = as(type, y);
        if (!x || !y || !match(mask, m_SExt(m_Value(condition))) ||
            !condition->getType()->isIntOrIntVectorTy(1) ||
            cast<VectorType>(condition->getType())->getElementCount() !=
                cast<VectorType>(type)->getElementCount())
            return Range::all();
        return of_choice(condition, x, y, facts, depth);
    }

    /* What has the bits of `v`; NULL: not known. */
    Value *as(Type *type, Value *v) const
    {
        match(v, m_BitCast(m_Value(v)));
        if (auto *c = dyn_cast<Constant>(v); c && c->getType() != type)
            return ConstantFoldCastOperand(Instruction::BitCast, c, type,
                                           function.getParent()->getDataLayout());
        return v->getType() == type ? v : nullptr;
    }

    static Range of_integer(const Instruction &i)
    {
        bool is_signed = i.getOpcode() == Instruction::SIToFP;
        ConstantRange r = computeConstantRange(i.getOperand(0), is_signed);
        unsigned mantissa = i.getType()->isFloatTy() ? 24 : 53;
        APInt low = is_signed ? r.getSignedMin() : r.getUnsignedMin();
        APInt high = is_signed ? r.getSignedMax() : r.getUnsignedMax();
        unsigned width =
            is_signed ? std::max(low.getSignificantBits(), high.getSignificantBits()) : high.getActiveBits();
        if (width > mantissa) { /* rounded, outwards at most to the next power of two */
            double power = std::ldexp(1.0, static_cast<int>(width));
            return {is_signed ? -power : 0, power, false};
        }
        return {low.signedRoundToDouble(), is_signed ? high.signedRoundToDouble() : high.roundToDouble(),
                false};
    }

    /* Rounding to nearest is monotonic; numbers of f32 do not round differently by way of f64. */
    Range of_arithmetic(const Instruction &i, const Facts &facts, unsigned depth) const
    {
        Range a = range(i.getOperand(0), facts, depth), b = range(i.getOperand(1), facts, depth);
        if (!a.is_finite() || !b.is_finite())
            return Range::all();
        auto rounded = [&](double d) { return i.getType()->isFloatTy() ? static_cast<float>(d) : d; };
        bool nan = a.nan || b.nan;
        if (i.getOpcode() == Instruction::FAdd)
            return {rounded(a.low + b.low), rounded(a.high + b.high), nan};
        double p[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
        return {rounded(*std::min_element(p, p + 4)), rounded(*std::max_element(p, p + 4)), nan};
    }

    Range of_intrinsic(const Instruction &i, const Facts &facts, unsigned depth) const
    {
        auto *call = dyn_cast<IntrinsicInst>(&i);
        if (!call)
            return Range::all();
        Intrinsic::ID id = call->getIntrinsicID();
        if (id != Intrinsic::fabs && id != Intrinsic::roundeven && id != Intrinsic::round &&
            id != Intrinsic::floor && id != Intrinsic::ceil && id != Intrinsic::trunc)
            return Range::all();
        Range r = range(call->getArgOperand(0), facts, depth);
        if (r.low > r.high)
            return r;
        switch (id) {
        case Intrinsic::fabs: {
            double least = r.low <= 0 && r.high >= 0 ? 0 : std::min(std::fabs(r.low), std::fabs(r.high));
            return {least, std::max(std::fabs(r.low), std::fabs(r.high)), r.nan};
        }
        case Intrinsic::trunc: return {std::trunc(r.low), std::trunc(r.high), r.nan};
        case Intrinsic::ceil: return {std::ceil(r.low), std::ceil(r.high), r.nan};
        case Intrinsic::round: return {std::round(r.low), std::round(r.high), r.nan};
        default:
            return {std::floor(r.low), id == Intrinsic::floor ? std::floor(r.high) : std::ceil(r.high),
                    r.nan};
        }
    }

    /* --- Comparisons. --- */

    static double number(const APFloat &c)
    {
        return c.convertToDouble(); /* of f32 and f64: exact */
    }

    /* The number of c's type next to c. */
    static double next(APFloat c, bool down)
    {
        c.next(down);
        return number(c);
    }

    /* What of `r` compares so with c. */
    static Range within(Range r, CmpInst::Predicate pred, const APFloat &c)
    {
        if (c.isNaN() || pred == CmpInst::FCMP_TRUE)
            return r;
        r.nan = r.nan && CmpInst::isUnordered(pred);
        switch (pred) {
        case CmpInst::FCMP_OLT:
        case CmpInst::FCMP_ULT:
            if (c.isInfinity() && c.isNegative())
                return {infinity, -infinity, r.nan};
            r.high = std::min(r.high, next(c, true));
            break;
        case CmpInst::FCMP_OGT:
        case CmpInst::FCMP_UGT:
            if (c.isInfinity() && !c.isNegative())
                return {infinity, -infinity, r.nan};
            r.low = std::max(r.low, next(c, false));
            break;
        case CmpInst::FCMP_OLE:
        case CmpInst::FCMP_ULE: r.high = std::min(r.high, number(c)); break;
        case CmpInst::FCMP_OGE:
        case CmpInst::FCMP_UGE: r.low = std::max(r.low, number(c)); break;
        case CmpInst::FCMP_OEQ:
        case CmpInst::FCMP_UEQ:
            r.low = std::max(r.low, number(c));
            r.high = std::min(r.high, number(c));
            break;
        case CmpInst::FCMP_UNO:
        case CmpInst::FCMP_FALSE: return {infinity, -infinity, r.nan};
        default: break;
        }
        return r;
    }

    /* The same for |r|. */
    static Range within_magnitude(Range r, CmpInst::Predicate pred, const APFloat &c)
    {
        Range m = within({0, infinity, r.nan}, pred, c);
        return {std::max(r.low, -m.high), std::min(r.high, m.high), m.nan};
    }
};

} // namespace

PreservedAnalyses RangesPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    if (!Ranges(f, analyses.getResult<DominatorTreeAnalysis>(f)).run())
        return PreservedAnalyses::all();
    PreservedAnalyses kept; /* the way not taken is still there */
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
