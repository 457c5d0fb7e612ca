/* llvm_convolution.cpp: convolutions of pictures with small kernels (filters, layers of neural networks), in
 * whatever form the loops over rows, columns, taps and channels come.
 *
 * Sums are followed from where they are complete back to the products that they are made of, through loops
 * and branches (tests for the margin). The proof is in the addresses. Of the loops around a product some,
 * here the positions, move its source but not its weight; in others, taps, both move. It is a convolution if
 * from one tap to another the source goes on by what it does between two positions (or by a fraction, the
 * stride), in two dimensions, and less far than the positions go: so neighbouring positions read the same
 * elements. Products of matrices do not: what moves there with both factors is one dimension, a row, whose
 * elements do not belong to other rows.
 *
 * Nothing is replaced here. What kernels and LLVM's vectors there are is said with it. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr int steps_most = 32; /* taps of a row, or rows, that are looked for */

/* --- Sums. --- */

/* Of two that are added the one that moves, where the other is a number that stays (a zero point). */
LoadInst *moving_of(LoadInst &a, LoadInst &b, const Loop *l)
{
    if (!l)
        return nullptr;
    bool a_stays = l->isLoopInvariant(a.getPointerOperand());
    bool b_stays = l->isLoopInvariant(b.getPointerOperand());
    return a_stays == b_stays ? nullptr : a_stays ? &b : &a;
}

/* A load, or zero instead of it (outside of the picture), perhaps less a number that stays. */
LoadInst *factor(Value *v, const LoopInfo &loops, unsigned deep = 0)
{
    constexpr unsigned deep_most = 6;
    Value *a, *b;
    if (deep == deep_most)
        return nullptr;
    if (auto *load = dyn_cast<LoadInst>(v))
        return load->isAtomic() ? nullptr : load;
    if (auto *cast = dyn_cast<CastInst>(v))
        return factor(cast->getOperand(0), loops, deep + 1);
    if (match(v, m_Add(m_Value(a), m_Value(b))) || match(v, m_Sub(m_Value(a), m_Value(b)))) {
        LoadInst *first = factor(a, loops, deep + 1), *second = factor(b, loops, deep + 1);
        return first && second
                   ? moving_of(*first, *second, loops.getLoopFor(cast<Instruction>(v)->getParent()))
               : first ? first
                       : second;
    }
    SmallVector<Value *, 2> chosen;
    if (auto *select = dyn_cast<SelectInst>(v))
        chosen = {select->getTrueValue(), select->getFalseValue()};
    else if (auto *phi = dyn_cast<PHINode>(v); phi && phi->getNumIncomingValues() <= 2)
        chosen.append(phi->value_op_begin(), phi->value_op_end());
    erase_if(chosen, [](Value *c) {
        auto *constant = dyn_cast<Constant>(c);
        return constant && constant->isZeroValue();
    });
    return chosen.size() == 1 ? factor(chosen[0], loops, deep + 1) : nullptr;
}

/* One product; `y` null: with a number in the code, `constant`, or one that stays, `number`. */
struct Term {
    LoadInst *x, *y;
    Value *number;
    double constant;
};

/* All that a sum is made of. */
class Sum
{
  public:
    Sum(Value &complete, LoopInfo &li) : loops(li)
    {
        add(&complete, 1);
    }

    SmallVector<Term, 16> terms;
    SmallPtrSet<const Loop *, 4> carried_by;
    SmallSetVector<Value *, 32> parts; /* what it is on its way */
    bool biased = false, too_large = false;

  private:
    LoopInfo &loops;
    static constexpr size_t parts_most = 400;

    void add(Value *v, double times)
    {
        if (auto *c = dyn_cast<Constant>(v)) {
            biased |= !c->isZeroValue() && !isa<UndefValue>(c);
            return;
        }
        if (too_large || !parts.insert(v))
            return;
        too_large = parts.size() > parts_most;
        auto *i = dyn_cast<Instruction>(v);
        if (!i || !of_instruction(*i, times))
            biased = true;
    }

    bool of_instruction(Instruction &i, double times)
    {
        if (auto *phi = dyn_cast<PHINode>(&i)) {
            Loop *l = loops.getLoopFor(i.getParent());
            if (l && l->getHeader() == i.getParent())
                carried_by.insert(l);
            for (Value *v : phi->incoming_values())
                add(v, times);
            return true;
        }
        switch (i.getOpcode()) {
        case Instruction::Load: terms.push_back({cast<LoadInst>(&i), nullptr, nullptr, times}); return true;
        case Instruction::FAdd:
        case Instruction::Add:
            add(i.getOperand(0), times);
            add(i.getOperand(1), times);
            return true;
        case Instruction::FSub:
        case Instruction::Sub:
            add(i.getOperand(0), times);
            add(i.getOperand(1), -times);
            return true;
        case Instruction::Or: /* a NaN is made quiet */
            add(i.getOperand(0), times);
            return isa<Constant>(i.getOperand(1));
        case Instruction::FNeg: add(i.getOperand(0), -times); return true;
        case Instruction::Select:
            add(i.getOperand(1), times);
            add(i.getOperand(2), times);
            return true;
        case Instruction::FMul:
        case Instruction::Mul: return of_product(i, times);
        case Instruction::Shl:
            if (auto *by = dyn_cast<ConstantInt>(i.getOperand(1)); by && by->getValue().ult(31))
                add(i.getOperand(0), times * static_cast<double>(1u << by->getZExtValue()));
            return isa<ConstantInt>(i.getOperand(1));
        default: break;
        }
        if (isa<CastInst>(i))
            add(i.getOperand(0), times);
        return isa<CastInst>(i);
    }

    static bool number_of(Value *v, double *n)
    {
        if (auto *c = dyn_cast<ConstantInt>(v))
            *n = static_cast<double>(c->getValue().trySExtValue().value_or(0));
        else if (auto *f = dyn_cast<ConstantFP>(v))
            *n = f->getValueAPF().convertToDouble(); /* of f32 and f64: exact */
        else
            return false;
        return true;
    }

    bool of_product(Instruction &i, double times)
    {
        double n;
        if (number_of(i.getOperand(1), &n) || number_of(i.getOperand(0), &n)) {
            add(i.getOperand(isa<Constant>(i.getOperand(0))), times * n);
            return true;
        }
        LoadInst *x = factor(i.getOperand(0), loops), *y = factor(i.getOperand(1), loops);
        Loop *l = loops.getLoopFor(i.getParent());
        if (!x && !y)
            return false;
        if (x && y)
            terms.push_back({x, y, nullptr, times});
        else if (l && l->isLoopInvariant(i.getOperand(x ? 1 : 0)))
            terms.push_back({x ? x : y, nullptr, i.getOperand(x ? 1 : 0), times});
        return x && y;
    }
};

/* --- Addresses. --- */

/* Where an access goes: start + the sum of strides times rounds, modulo 2^32, of the loops around it, the
 * innermost first; those that nothing is known of are missing. */
struct Place {
    const Value *base = nullptr;
    const SCEV *start = nullptr;
    SmallVector<std::pair<const Loop *, const SCEV *>, 6> strides; /* null: it does not move */
    const Loop *inside = nullptr;                                  /* the innermost */
    SmallVector<const Loop *, 4> same, other; /* not known how, but the same or not in all their rounds */

    /* *is: the stride, or null; false: not known. */
    bool stride(const Loop &l, const SCEV **is) const
    {
        *is = nullptr;
        for (auto &[loop, by] : strides) {
            if (loop == &l) {
                *is = by;
                return true;
            }
        }
        return !inside || !l.contains(inside);
    }
    bool moves(const Loop &l) const
    {
        const SCEV *by;
        return stride(l, &by) ? by != nullptr : is_contained(other, &l);
    }
    bool stays(const Loop &l) const
    {
        const SCEV *by;
        return stride(l, &by) ? !by : is_contained(same, &l);
    }
};

/* What becomes of coordinates outside of the picture: nothing is said of them; they become those of the
 * margin (or come in on the other side); or the loops over taps leave them out. */
enum class Margin { none, clamped, clipped };

/* Addresses as they are inside of the picture. */
class Inside : public SCEVRewriteVisitor<Inside>
{
  public:
    Inside(ScalarEvolution &se, Margin m) : SCEVRewriteVisitor(se), margin(m) {}

    const SCEV *visitSMaxExpr(const SCEVSMaxExpr *s)
    {
        return chosen(*s);
    }
    const SCEV *visitSMinExpr(const SCEVSMinExpr *s)
    {
        return chosen(*s);
    }
    const SCEV *visitUMaxExpr(const SCEVUMaxExpr *s)
    {
        return chosen(*s);
    }
    const SCEV *visitUMinExpr(const SCEVUMinExpr *s)
    {
        return chosen(*s);
    }
    const SCEV *visitUnknown(const SCEVUnknown *s)
    {
        const SCEV *inside = margin == Margin::clamped ? inside_of(*s) : nullptr;
        return inside ? visit(inside) : s;
    }

  private:
    Margin margin;

    /* Of a limit, and what goes on from round to round. */
    const SCEV *chosen(const SCEVMinMaxExpr &s)
    {
        const SCEV *moving = nullptr, *limit = nullptr;
        for (const SCEV *o : s.operands()) {
            const SCEV *&which = goes_on(o) ? moving : limit;
            if (which)
                return &s;
            which = o;
        }
        if (!moving || !limit)
            return &s;
        return visit(margin == Margin::clamped ? moving : limit);
    }
    bool goes_on(const SCEV *s)
    {
        return SCEVExprContains(s, [&](const SCEV *part) {
            auto *unknown = dyn_cast<SCEVUnknown>(part);
            return isa<SCEVAddRecExpr>(part) || (unknown && inside_of(*unknown));
        });
    }

    /* Of a remainder, or a limit by condition. */
    const SCEV *inside_of(const SCEVUnknown &s)
    {
        auto *i = dyn_cast<Instruction>(s.getValue());
        if (i && i->getOpcode() == Instruction::SRem)
            return SE.getSCEV(i->getOperand(0));
        auto *choice = dyn_cast_or_null<SelectInst>(i);
        if (!choice || !isa<ICmpInst>(choice->getCondition()))
            return nullptr;
        const SCEV *a = SE.getSCEV(choice->getTrueValue()), *b = SE.getSCEV(choice->getFalseValue());
        bool a_goes_on = goes_on(a), b_goes_on = goes_on(b);
        return a_goes_on == b_goes_on ? nullptr : a_goes_on ? a : b;
    }
};

/* Whether values do the same in every round of a loop: they come from what stays, through whatever loops and
 * branches there are inside. */
class Steady
{
  public:
    Steady(const Loop &l, const DominatorTree &d) : loop(l), dominators(d) {}

    bool is(const SCEV *s)
    {
        return !SCEVExprContains(s, [&](const SCEV *part) {
            auto *goes = dyn_cast<SCEVAddRecExpr>(part);
            auto *unknown = dyn_cast<SCEVUnknown>(part);
            return (goes && goes->getLoop() == &loop) || (unknown && !is(unknown->getValue()));
        });
    }

    bool is(Value *v)
    {
        add(v);
        for (size_t k = 0; k < parts.size(); k++) {
            auto *i = cast<Instruction>(parts[k]);
            auto *phi = dyn_cast<PHINode>(i);
            if (parts.size() > parts_most || i->mayReadOrWriteMemory() ||
                (phi && phi->getParent() == loop.getHeader()))
                return false;
            for (Value *o : i->operands())
                add(o);
            if (phi)
                add_choices(*phi->getParent());
        }
        return true;
    }

  private:
    const Loop &loop;
    const DominatorTree &dominators;
    SmallSetVector<Value *, 32> parts;
    static constexpr size_t parts_most = 200;

    void add(Value *v)
    {
        auto *i = dyn_cast<Instruction>(v);
        if (i && loop.contains(i))
            parts.insert(i);
    }

    /* Conditions that say which way `to` was reached. */
    void add_choices(BasicBlock &to)
    {
        const DomTreeNode *node = dominators.getNode(&to), *above = node ? node->getIDom() : nullptr;
        SmallSetVector<BasicBlock *, 16> blocks;
        blocks.insert(pred_begin(&to), pred_end(&to));
        for (size_t k = 0; k < blocks.size(); k++) {
            BasicBlock *b = blocks[k];
            if (!loop.contains(b))
                continue;
            if (auto *branch = dyn_cast<BranchInst>(b->getTerminator()); branch && branch->isConditional())
                add(branch->getCondition());
            else if (auto *many = dyn_cast<SwitchInst>(b->getTerminator()))
                add(many->getCondition());
            if (!above || b != above->getBlock())
                blocks.insert(pred_begin(b), pred_end(b));
        }
    }
};

class Places
{
  public:
    Places(Function &f, ScalarEvolution &se, LoopInfo &li, DominatorTree &d)
        : evolution(se), loops(li), dominators(d), word(Type::getInt32Ty(f.getContext()))
    {
    }

    const Place &of(Instruction &access)
    {
        auto known = places.try_emplace({&access, margin});
        if (known.second)
            known.first->second = find(access);
        return known.first->second;
    }

    Margin margin = Margin::none; /* what is taken for granted */

  private:
    ScalarEvolution &evolution;
    LoopInfo &loops;
    DominatorTree &dominators;
    Type *word;
    std::map<std::pair<Instruction *, Margin>, Place> places;

    Place find(Instruction &access)
    {
        Place p;
        Value *pointer = getLoadStorePointerOperand(&access);
        const SCEV *index = evolution.getZero(word);
        while (auto *step = dyn_cast<GEPOperator>(pointer)) {
            APInt constant(64, 0);
            if (step->accumulateConstantOffset(access.getDataLayout(), constant))
                index = evolution.getAddExpr(index, evolution.getConstant(constant.trunc(32)));
            else if (step->getNumIndices() == 1 && step->getSourceElementType()->isIntegerTy(8))
                index = evolution.getAddExpr(index, narrow(step->getOperand(1)));
            else
                return p;
            pointer = step->getPointerOperand();
        }
        if (margin != Margin::none)
            index = Inside(evolution, margin).visit(index);
        p.base = pointer;
        p.inside = loops.getLoopFor(access.getParent());
        for (const Loop *l = p.inside; l; l = l->getParentLoop()) {
            const SCEV *stride;
            if (!take_stride(*l, &index, &stride))
                break;
            p.strides.push_back({l, stride});
        }
        for (const Loop *l = p.inside; l; l = l->getParentLoop()) {
            const SCEV *stride;
            if (!p.stride(*l, &stride))
                (Steady(*l, dominators).is(getLoadStorePointerOperand(&access)) ? p.same : p.other)
                    .push_back(l);
        }
        p.start = index;
        return p;
    }

    /* What `*index` grows by in a round of `l`, or null; it is what it begins with, then. */
    bool take_stride(const Loop &l, const SCEV **index, const SCEV **stride)
    {
        const SCEV *all = evolution.getSCEVAtScope(*index, &l);
        SmallVector<const SCEV *, 4> parts{all};
        if (auto *sum = dyn_cast<SCEVAddExpr>(all))
            parts.assign(sum->operands().begin(), sum->operands().end());
        *stride = nullptr;
        for (const SCEV *&part : parts) {
            auto *goes = dyn_cast<SCEVAddRecExpr>(part);
            if (goes && goes->getLoop() == &l && goes->isAffine() && !*stride) {
                *stride = goes->getStepRecurrence(evolution);
                part = goes->getStart();
            } else if (!evolution.isLoopInvariant(part, &l) && !Steady(l, dominators).is(part)) {
                return false;
            }
        }
        *index = evolution.getAddExpr(parts);
        return true;
    }

    const SCEV *narrow(Value *index)
    {
        auto *z = dyn_cast<ZExtInst>(index);
        if (z && z->getOperand(0)->getType() == word)
            return evolution.getSCEV(z->getOperand(0));
        return evolution.getTruncateExpr(evolution.getSCEV(index), word);
    }
};

/* --- Products in addresses. --- */

/* A number times values that nothing is known of, as far as it can be taken apart. */
struct Product {
    int64_t number = 1;
    SmallVector<const SCEV *, 4> factors;

    bool has(const SCEV *f) const
    {
        return is_contained(factors, f);
    }
    bool is_number() const
    {
        return factors.empty();
    }
    bool shares(const Product &other) const
    {
        return any_of(factors, [&](const SCEV *f) { return other.has(f); });
    }
};

/* What both have; it is taken out of them. */
Product take_common(Product &a, Product &b)
{
    Product both;
    both.number = static_cast<int64_t>(std::gcd(a.number, b.number));
    if (both.number == 0)
        return both;
    a.number /= both.number, b.number /= both.number;
    for (const SCEV *f : SmallVector<const SCEV *, 4>(a.factors)) {
        auto *at = find(b.factors, f);
        if (at == b.factors.end())
            continue;
        both.factors.push_back(f);
        b.factors.erase(at);
        a.factors.erase(find(a.factors, f));
    }
    return both;
}

Product product_of(const SCEV *s, ScalarEvolution &evolution, unsigned deep = 0);

const SCEV *expression_of(const Product &p, Type *type, ScalarEvolution &evolution)
{
    const SCEV *s = evolution.getConstant(type, static_cast<uint64_t>(p.number), true);
    for (const SCEV *f : p.factors)
        s = evolution.getMulExpr(s, f);
    return s;
}

/* 4 * width + 8 is 4 * (width + 2). */
Product product_of_sum(const SCEVAddExpr &sum, ScalarEvolution &evolution, unsigned deep)
{
    Product both = product_of(sum.getOperand(0), evolution, deep + 1);
    for (const SCEV *part : drop_begin(sum.operands())) {
        Product p = product_of(part, evolution, deep + 1);
        both = take_common(both, p);
    }
    const SCEV *rest = evolution.getZero(sum.getType());
    for (const SCEV *part : sum.operands()) {
        Product p = product_of(part, evolution, deep + 1), divisor = both;
        take_common(p, divisor);
        rest = evolution.getAddExpr(rest, expression_of(p, sum.getType(), evolution));
    }
    auto *first = dyn_cast<SCEVAddExpr>(rest);
    if (first && product_of(first->getOperand(0), evolution, deep + 1).number < 0) {
        rest = evolution.getNegativeSCEV(rest);
        both.number = -both.number;
    }
    both.factors.push_back(rest);
    return both;
}

Product product_of(const SCEV *s, ScalarEvolution &evolution, unsigned deep)
{
    constexpr unsigned deep_most = 4;
    Product p;
    if (auto *c = dyn_cast<SCEVConstant>(s)) {
        p.number = c->getAPInt().getSExtValue();
    } else if (auto *product = dyn_cast<SCEVMulExpr>(s)) {
        for (const SCEV *part : product->operands()) {
            Product q = product_of(part, evolution, deep + 1);
            p.number *= q.number;
            p.factors.append(q.factors);
        }
    } else if (auto *sum = dyn_cast<SCEVAddExpr>(s); sum && deep < deep_most) {
        return product_of_sum(*sum, evolution, deep);
    } else {
        p.factors.push_back(s);
    }
    return p;
}

/* --- The proof. --- */

/* How far it is from one tap to another: so many steps of rows and columns. */
struct Step {
    int rows = 0, columns = 0;
};

/* Of a sum: two loops over positions, and taps. */
struct Convolution {
    const Loop *y = nullptr, *x = nullptr;
    int row_steps = 1, column_steps = 1; /* between two positions */
    SmallVector<Step, 16> points;        /* of products that stand next to each other */
    struct Range {                       /* of those in a loop */
        Step step;
        unsigned rounds; /* 0: not known */
    };
    SmallVector<Range, 4> ranges;
    SmallVector<const Loop *, 4> summed; /* over taps and channels */
    bool channels = false;
    bool any_stride = false, dilated = false; /* not known, the same in all rows and in all columns */
    size_t known = 0;                         /* how many of both */

    static constexpr int row_of_step = 4; /* taps may leave elements out */

    /* All rows of taps, or columns; empty: not known. */
    std::set<int> all(int Step::*which) const
    {
        std::set<int> found;
        for (const Step &p : points)
            found.insert(p.*which);
        for (const Range &r : ranges) {
            std::set<int> more;
            if (r.step.*which == 0)
                continue;
            if (!r.rounds || r.rounds > steps_most)
                return {};
            for (int n : found)
                for (int k = 0; k < static_cast<int>(r.rounds); k++)
                    more.insert(n + k * r.step.*which);
            found = more;
        }
        return found;
    }

    /* Whether two taps of a line (a row, or a column) are what one tap is at two positions. */
    bool overlaps(int Step::*along, int Step::*across, int steps, unsigned positions) const
    {
        auto may_be = [&](int n) {
            return n % steps == 0 && n != 0 && std::abs(n) <= row_of_step * steps &&
                   (!positions || std::abs(n) / steps < static_cast<int>(positions));
        };
        for (const Range &r : ranges) {
            if (r.step.*along == 0 || r.step.*across != 0)
                continue;
            int most = r.rounds ? static_cast<int>(r.rounds) - 1 : 1;
            for (int k = 1; k <= std::min(most, row_of_step * steps); k++) {
                if (may_be(k * r.step.*along))
                    return true;
            }
        }
        for (const Step &p : points) {
            for (const Step &q : points) {
                if (p.*across == q.*across && may_be(p.*along - q.*along))
                    return true;
            }
        }
        return false;
    }
};

class Search
{
  public:
    Search(Function &f, FunctionAnalysisManager &analyses, const struct llvm_unit &u, MapPlaces &p)
        : function(f), loops(analyses.getResult<LoopAnalysis>(f)),
          evolution(analyses.getResult<ScalarEvolutionAnalysis>(f)), unit(u), map_places(p),
          places(f, evolution, loops, analyses.getResult<DominatorTreeAnalysis>(f))
    {
    }

    /* Whether anything was changed. */
    bool run()
    {
        for (Loop *l : loops.getLoopsInPreorder())
            join_steps(*l);
        SmallPtrSet<Value *, 32> seen;
        for (BasicBlock *b : post_order(&function)) { /* complete sums first */
            if (loops.getLoopDepth(b) < 2)
                continue;
            for (Instruction &i : reverse(*b)) {
                if (!adds(i) || seen.contains(&i))
                    continue;
                Sum sum(i, loops);
                seen.insert(sum.parts.begin(), sum.parts.end());
                if (!sum.too_large)
                    look_at(sum, i);
            }
        }
        for (PHINode *phi : dead)
            phi->eraseFromParent();
        return !dead.empty();
    }

    static bool adds(const Instruction &i)
    {
        return i.getOpcode() == Instruction::FAdd || i.getOpcode() == Instruction::Add ||
               i.getOpcode() == Instruction::FSub || i.getOpcode() == Instruction::Sub;
    }

  private:
    Function &function;
    LoopInfo &loops;
    ScalarEvolution &evolution;
    const struct llvm_unit &unit;
    MapPlaces &map_places;
    Places places;
    SmallVector<PHINode *, 4> dead;
    SmallVector<const SCEV *, 8> siblings;

    static constexpr size_t constants_least = 6; /* weights in the code: less is a stencil */

    /* A counter that goes on by the same on either side of a branch, as that of rows does where one more row
     * is of use: scalar evolution wants one addition. */
    void join_steps(Loop &l)
    {
        for (PHINode &phi : l.getHeader()->phis()) {
            auto *next = l.getLoopLatch() && phi.getType()->isIntegerTy()
                             ? dyn_cast<PHINode>(phi.getIncomingValueForBlock(l.getLoopLatch()))
                             : nullptr;
            ConstantInt *by = nullptr;
            auto adds = [&](Value *v) {
                ConstantInt *c;
                bool is = match(v, m_Add(m_Specific(&phi), m_ConstantInt(c))) && (!by || by == c);
                by = is ? c : nullptr;
                return is;
            };
            if (!next || loops.getLoopFor(next->getParent()) != &l || !all_of(next->incoming_values(), adds))
                continue;
            auto *one = BinaryOperator::CreateAdd(&phi, by, "", next->getParent()->getFirstNonPHIIt());
            evolution.forgetLoop(&l);
            next->replaceAllUsesWith(one);
            dead.push_back(next);
        }
    }

    /* Weights are loaded, or are in the code and not all the same. */
    void look_at(Sum &sum, Instruction &complete)
    {
        SmallVector<Term, 16> loaded, constant;
        std::set<double> different;
        std::set<Value *> numbers;
        for (const Term &t : sum.terms) {
            (t.y ? loaded : constant).push_back(t);
            if (!t.y)
                different.insert(t.constant), numbers.insert(t.number);
        }
        StoreInst *store = stored(sum);
        places.margin = Margin::none;
        if (store)
            erase_if(constant, [&](const Term &t) { return is_same(*t.x, *store); });
        sum.biased |= !loaded.empty() && !constant.empty();
        if (!loaded.empty() && find_loaded(loaded, sum, store, complete))
            return;
        if (constant.size() >= constants_least && different.size() + numbers.size() > 2)
            find_constant(constant, sum, complete);
    }

    /* Of those loops that a sum goes through (taps that were unrolled, and the rest) one says enough. */
    bool find_loaded(ArrayRef<Term> terms, const Sum &sum, StoreInst *store, Instruction &complete)
    {
        SmallPtrSet<const Loop *, 8> tried;
        for (const Term &t : terms) {
            if (!tried.insert(loops.getLoopFor(t.x->getParent())).second)
                continue;
            for (Margin m : {Margin::none, Margin::clamped, Margin::clipped}) {
                places.margin = m;
                if (find_from(t, terms, sum, store, complete) ||
                    find_from({t.y, t.x, t.number, t.constant}, terms, sum, store, complete))
                    return true;
            }
        }
        return false;
    }

    bool find_from(const Term &first, ArrayRef<Term> terms, const Sum &sum, StoreInst *store,
                   Instruction &complete)
    {
        Convolution c;
        if (!places.of(*first.x).start || !places.of(*first.y).start ||
            !find_taps(terms, first, sum, store, c))
            return false;
        note(c, sum, first, complete);
        return true;
    }

    void find_constant(SmallVectorImpl<Term> &terms, const Sum &sum, Instruction &complete)
    {
        Term first = terms.front();
        for (Margin m : {Margin::none, Margin::clamped}) {
            places.margin = m;
            Convolution c;
            if (places.of(*first.x).start && find_taps(terms, first, sum, nullptr, c) &&
                c.points.size() >= constants_least) {
                note(c, sum, first, complete);
                return;
            }
        }
    }

    /* What the sum is stored by on its way. */
    StoreInst *stored(const Sum &sum)
    {
        for (Value *v : sum.parts) {
            for (User *u : v->users()) {
                if (auto *store = dyn_cast<StoreInst>(u); store && store->getValueOperand() == v)
                    return store;
            }
        }
        return nullptr;
    }
    bool is_same(LoadInst &load, StoreInst &store)
    {
        return evolution.getSCEV(load.getPointerOperand()) == evolution.getSCEV(store.getPointerOperand());
    }

    /* Whether the sum goes on from round to round of `l`, carried along or in memory. */
    bool is_summed_in(const Loop &l, const Sum &sum, StoreInst *store)
    {
        if (sum.carried_by.contains(&l))
            return true;
        return store && l.contains(store) && places.of(*store).stays(l) &&
               any_of(sum.terms, [&](const Term &t) { return !t.y && is_same(*t.x, *store); });
    }

    /* The positions that go with most of the taps. */
    bool find_taps(ArrayRef<Term> terms, const Term &first, const Sum &sum, StoreInst *store,
                   Convolution &best)
    {
        const Place &source = places.of(*first.x);
        SmallVector<const Loop *, 6> positions, taps;
        for (const auto &[l, by] : source.strides) {
            if (!by)
                continue;
            bool stays = !first.y || places.of(*first.y).stays(*l);
            if (stays && !is_of_taps(*l, sum, first))
                positions.push_back(l);
            else if (first.y && places.of(*first.y).moves(*l) && is_summed_in(*l, sum, store))
                taps.push_back(l);
        }
        if (positions.size() < 2 || positions.size() > 5 || terms.size() + taps.size() < 3)
            if (positions.size() < 2 || taps.size() < 2)
                return false;
        SmallVector<Offset, 16> offsets = offsets_of(terms, first);
        find_siblings(first);
        for (bool any_stride : {false, true}) {
            for (const Loop *y : reverse(positions)) {
                for (const Loop *x : positions) {
                    if (x == y || best.known >= offsets.size() + taps.size())
                        continue;
                    if (any_stride)
                        try_any_stride(*y, *x, first, taps, offsets, best);
                    else
                        try_positions(*y, *x, source, taps, offsets, best);
                }
            }
            if (best.x)
                return true;
        }
        return false;
    }

    /* A loop that adds the same source with the same weights again has no position. */
    static bool is_of_taps(const Loop &l, const Sum &sum, const Term &first)
    {
        return !first.y && sum.carried_by.contains(&l);
    }

    /* Where a loop does several positions in a round: from one of them to another. */
    void find_siblings(const Term &first)
    {
        siblings.clear();
        if (!first.y)
            return;
        const Place &source = places.of(*first.x), &weight = places.of(*first.y);
        for (Instruction &i : *first.x->getParent()) {
            if (i.getOpcode() != Instruction::FMul && i.getOpcode() != Instruction::Mul)
                continue;
            LoadInst *x = factor(i.getOperand(0), loops), *y = factor(i.getOperand(1), loops);
            if (x && y && distance(places.of(*x), weight))
                std::swap(x, y);
            const SCEV *d = x && y ? distance(places.of(*x), source) : nullptr;
            const SCEV *same = d ? distance(places.of(*y), weight) : nullptr;
            if (same && same->isZero() && !d->isZero())
                siblings.push_back(d);
        }
    }

    const SCEV *between_positions(const Loop &l, const Place &source)
    {
        constexpr int a_round_most = 8;
        const SCEV *by;
        source.stride(l, &by);
        for (int n = a_round_most; n > 1; n--) {
            auto *d =
                find_if(siblings, [&](const SCEV *d) { return times(d, n) == by || times(d, -n) == by; });
            if (d != siblings.end())
                return times(*d, n) == by ? *d : evolution.getNegativeSCEV(*d);
        }
        return by;
    }

    /* From the first one to another, in bytes; of the weights null where that is not known. */
    struct Offset {
        const SCEV *source, *weight;
    };
    SmallVector<Offset, 16> offsets_of(ArrayRef<Term> terms, const Term &first)
    {
        const Place &source = places.of(*first.x);
        SmallVector<Offset, 16> offsets;
        SmallPtrSet<const SCEV *, 16> different;
        for (const Term &t : terms) {
            for (LoadInst *load : {t.x, t.y}) {
                if (!load || (first.y && load == first.y))
                    continue;
                const SCEV *d = distance(places.of(*load), source);
                LoadInst *weight = load == t.x ? t.y : t.x;
                if (!d)
                    continue;
                if (different.insert(d).second)
                    offsets.push_back(
                        {d, first.y && weight ? distance(places.of(*weight), places.of(*first.y)) : nullptr});
                break;
            }
        }
        return offsets;
    }

    /* In the same loops, or the innermost ones stand side by side. */
    static bool go_alike(const Place &p, const Place &q)
    {
        if (p.strides.size() != q.strides.size())
            return false;
        for (size_t k = 0; k < p.strides.size(); k++) {
            auto [l, l_stride] = p.strides[k];
            auto [m, m_stride] = q.strides[k];
            bool aside = k == 0 && l->getParentLoop() == m->getParentLoop();
            if ((l != m && !aside) || l_stride != m_stride)
                return false;
        }
        return true;
    }

    const SCEV *distance(const Place &p, const Place &from)
    {
        if (!p.start || p.base != from.base || !go_alike(p, from))
            return nullptr;
        const SCEV *d = evolution.getMinusSCEV(p.start, from.start);
        return isa<SCEVCouldNotCompute>(d) ? nullptr : d;
    }

    void try_positions(const Loop &y, const Loop &x, const Place &source, ArrayRef<const Loop *> taps,
                       ArrayRef<Offset> offsets, Convolution &best)
    {
        constexpr int stride_most = 4;
        const SCEV *by_row = between_positions(y, source), *by_column = between_positions(x, source);
        for (int rows = 1; rows <= stride_most; rows++) {
            for (int columns = 1; columns <= stride_most; columns++) {
                Convolution c;
                c.y = &y, c.x = &x, c.row_steps = rows, c.column_steps = columns;
                add_taps(c, source, taps, offsets, by_row, by_column);
                if (c.known > best.known && c.overlaps(&Step::rows, &Step::columns, rows, rounds_of(y)) &&
                    c.overlaps(&Step::columns, &Step::rows, columns, rounds_of(x)))
                    best = c;
                if (best.known == offsets.size() + taps.size())
                    return;
            }
        }
    }

    /* Taps as rows and columns, of which `by_row` and `by_column` are as many as there are between positions.
     */
    void add_taps(Convolution &c, const Place &source, ArrayRef<const Loop *> taps, ArrayRef<Offset> offsets,
                  const SCEV *by_row, const SCEV *by_column)
    {
        for (const Loop *l : taps) {
            const SCEV *by;
            Step s;
            source.stride(*l, &by);
            if (steps_of(by, by_row, by_column, c.row_steps, c.column_steps, s) && !s.rows != !s.columns)
                c.ranges.push_back({s, rounds_of(*l)});
            else
                c.channels = true;
        }
        for (const Offset &o : offsets) {
            Step s;
            if (steps_of(o.source, by_row, by_column, c.row_steps, c.column_steps, s))
                c.points.push_back(s);
            else
                c.channels = true;
        }
        c.summed.append(taps.begin(), taps.end());
        c.known = c.points.size() + c.ranges.size();
    }

    /* --- Strides and dilations that are parameters. ---
     *
     * Between two positions there are `stride` rows (columns), between two taps `dilation`: both are products
     * that share a unit, a row (a column). Products of matrices in blocks can look like that, where a block
     * is a row and all of the matrix the stride. So a row has to have another length in the source than in
     * the weights, where taps lie side by side; none of what a row is made of may be a stride; and no stride
     * may be how many taps there are (patches that lie side by side). */

    struct Taps { /* from one of them to the next, in the source and in the weights */
        const SCEV *source, *weight;
    };

    void try_any_stride(const Loop &y, const Loop &x, const Term &first, ArrayRef<const Loop *> taps,
                        ArrayRef<Offset> offsets, Convolution &best)
    {
        constexpr size_t steps_tried = 16;
        const Place &source = places.of(*first.x);
        SmallVector<Taps, steps_tried> steps;
        for (const Loop *l : taps) {
            Taps t = {};
            source.stride(*l, &t.source);
            places.of(*first.y).stride(*l, &t.weight);
            steps.push_back(t);
        }
        for (const Offset &o : offsets) {
            if (!o.source->isZero() && steps.size() < steps_tried)
                steps.push_back({o.source, o.weight});
        }
        for (const Taps &row : steps) {
            for (const Taps &column : steps) {
                Convolution c;
                c.y = &y, c.x = &x, c.any_stride = true;
                if (&row == &column || !is_any_stride(c, source, row, column, taps, first.y != nullptr))
                    continue;
                add_taps(c, source, taps, offsets, row.source, column.source);
                if (c.known > best.known)
                    best = c;
            }
        }
    }

    /* How positions and taps of one dimension follow one another. */
    struct Pace {
        Product unit, stride, dilation;
        bool has(const Product &p) const
        {
            return stride.shares(p) || dilation.shares(p);
        }
        bool is_small() const
        {
            constexpr int64_t most = 4;
            return stride.number && dilation.number && std::abs(stride.number) <= most &&
                   std::abs(dilation.number) <= most && stride.factors.size() <= 1 &&
                   dilation.factors.size() <= 1;
        }
    };
    Pace pace_of(const Loop &positions, const Place &source, const SCEV *tap)
    {
        Pace p;
        p.stride = product_of(between_positions(positions, source), evolution);
        p.dilation = product_of(tap, evolution);
        p.unit = take_common(p.stride, p.dilation);
        return p;
    }

    bool is_any_stride(Convolution &c, const Place &source, const Taps &row, const Taps &column,
                       ArrayRef<const Loop *> taps, bool loaded)
    {
        Pace down = pace_of(*c.y, source, row.source), along = pace_of(*c.x, source, column.source);
        bool any_stride = !down.stride.is_number(), dilated = !down.dilation.is_number();
        if (!down.is_small() || !along.is_small() || any_stride == along.stride.is_number() ||
            dilated == along.dilation.is_number() || !(any_stride || dilated))
            return false;
        Product width = down.unit, one = along.unit;
        take_common(width, one);
        if (!one.is_number() || std::abs(one.number) != 1 ||
            (width.is_number() && std::abs(width.number) == 1) || down.has(width) || along.has(width))
            return false;
        if (loaded && (!row.weight || !column.weight ||
                       evolution.getMulExpr(row.source, column.weight) ==
                           evolution.getMulExpr(column.source, row.weight)))
            return false;
        c.any_stride = any_stride, c.dilated = dilated;
        c.row_steps = c.column_steps = 1;
        return all_of(
            taps, [&](const Loop *l) { return !counts_to(*l, down.stride) && !counts_to(*l, along.stride); });
    }

    /* Whether how often a loop runs has to do with `p`, or is not known. */
    bool counts_to(const Loop &l, const Product &p)
    {
        bool known = false;
        SmallVector<BasicBlock *, 4> ends;
        l.getExitingBlocks(ends);
        for (BasicBlock *end : ends) {
            const SCEV *count = evolution.getExitCount(&l, end);
            if (isa<SCEVCouldNotCompute>(count))
                continue;
            known = true;
            if (any_of(p.factors, [&](const SCEV *f) { return contains(count, f); }))
                return true;
        }
        return !known;
    }

    /* By how much something goes on does not count: taps that are left out at the margin. */
    static bool contains(const SCEV *s, const SCEV *part)
    {
        if (s == part)
            return true;
        if (auto *goes = dyn_cast<SCEVAddRecExpr>(s))
            return contains(goes->getStart(), part);
        return any_of(s->operands(), [&](const SCEV *o) { return contains(o, part); });
    }

    unsigned rounds_of(const Loop &l)
    {
        return evolution.getSmallConstantTripCount(&l);
    }

    const SCEV *times(const SCEV *s, int n)
    {
        return evolution.getMulExpr(s, evolution.getConstant(s->getType(), static_cast<uint64_t>(n), true));
    }

    /* Whether `by` is some rows and columns, where positions are so many of them apart. */
    bool steps_of(const SCEV *by, const SCEV *by_row, const SCEV *by_column, int rows, int columns, Step &s)
    {
        auto *column = dyn_cast<SCEVConstant>(by_column);
        auto *row = dyn_cast<SCEVConstant>(by_row);
        by = times(by, rows * columns);
        if (by->isZero())
            return true;
        if (row && column && !isa<SCEVConstant>(by))
            return false;
        if (row && column)
            return constant_steps(number(by), number(row) * columns, number(column) * rows, s);
        int64_t a = 0, b = 1;
        if (!row && times_of(by, &a) == times_of(by_row, &b) && a % (b * columns) == 0)
            return with_rows(a / (b * columns), by, by_row, by_column, rows, columns, s);
        return with_rows(0, by, by_row, by_column, rows, columns, s) ||
               with_rows(1, by, by_row, by_column, rows, columns, s);
    }

    /* What a constant is added to, without the constant that it is multiplied by. */
    static const SCEV *times_of(const SCEV *s, int64_t *n)
    {
        *n = 1;
        if (auto *sum = dyn_cast<SCEVAddExpr>(s);
            sum && sum->getNumOperands() == 2 && isa<SCEVConstant>(sum->getOperand(0)))
            s = sum->getOperand(1);
        auto *product = dyn_cast<SCEVMulExpr>(s);
        if (!product || product->getNumOperands() != 2 || !isa<SCEVConstant>(product->getOperand(0)))
            return s;
        *n = number(product->getOperand(0));
        return product->getOperand(1);
    }

    bool with_rows(int64_t n, const SCEV *by, const SCEV *by_row, const SCEV *by_column, int rows,
                   int columns, Step &s)
    {
        if (std::abs(n) > steps_most)
            return false;
        s.rows = static_cast<int>(n);
        const SCEV *rest = evolution.getMinusSCEV(by, times(by_row, s.rows * columns));
        return isa<SCEVConstant>(by_column) ? columns_of(rest, number(by_column) * rows, s.columns)
                                            : columns_of(rest, by_column, rows, s.columns);
    }

    static int64_t number(const SCEV *constant)
    {
        return cast<SCEVConstant>(constant)->getAPInt().getSExtValue();
    }

    /* The nearest row. */
    static bool constant_steps(int64_t by, int64_t row, int64_t column, Step &s)
    {
        if (!row || !column)
            return false;
        int64_t n = by / row, rest = by - n * row;
        if (2 * std::abs(rest) >= std::abs(row)) {
            n += (by < 0) == (row < 0) ? 1 : -1;
            rest = by - n * row;
        }
        s.rows = static_cast<int>(n);
        s.columns = static_cast<int>(rest / column);
        return rest % column == 0 && std::abs(n) <= steps_most && std::abs(rest / column) <= steps_most;
    }

    static bool columns_of(const SCEV *rest, int64_t column, int &n)
    {
        if (!isa<SCEVConstant>(rest) || number(rest) % column || std::abs(number(rest) / column) > steps_most)
            return false;
        n = static_cast<int>(number(rest) / column);
        return true;
    }
    bool columns_of(const SCEV *rest, const SCEV *column, int rows, int &n)
    {
        constexpr int most = 8; /* sizes of pixels that are not known */
        for (n = -most; n <= most; n++) {
            if (rest == times(column, n * rows))
                return true;
        }
        return false;
    }

    /* --- The list. --- */

    static const char *type_of(const Type &t)
    {
        return t.isFloatTy()       ? "f32"
               : t.isDoubleTy()    ? "f64"
               : t.isIntegerTy(8)  ? "i8"
               : t.isIntegerTy(16) ? "i16"
               : t.isIntegerTy(32) ? "i32"
               : t.isIntegerTy(64) ? "i64"
                                   : "vectors";
    }
    /* Of what is loaded to become a part of a sum of type `t`. */
    static const char *type_of(const LoadInst &load, const Type &t)
    {
        bool extended = any_of(load.users(), [](const User *u) { return isa<ZExtInst>(u); });
        if (load.getType()->isIntegerTy(8) && extended)
            return "u8";
        bool bits =
            t.isFloatingPointTy() && t.getPrimitiveSizeInBits() == load.getType()->getPrimitiveSizeInBits();
        return type_of(bits ? t : *load.getType());
    }

    static bool is_bounded(Instruction &sum)
    {
        constexpr size_t users_most = 16;
        auto zero = [](const Value *v) { return match(v, m_AnyZeroFP()) || match(v, m_Zero()); };
        SmallSetVector<User *, users_most> users(sum.user_begin(), sum.user_end());
        for (size_t k = 0; k < users.size() && k < users_most; k++) {
            auto *call = dyn_cast<IntrinsicInst>(users[k]);
            if ((call && chooses_greater(*call) && zero(call->getArgOperand(1))) ||
                (isa<SelectInst>(users[k]) && any_of(users[k]->operands(), zero)))
                return true;
            if (isa<PHINode>(users[k]))
                users.insert(users[k]->user_begin(), users[k]->user_end());
        }
        return false;
    }
    static bool chooses_greater(const IntrinsicInst &call)
    {
        Intrinsic::ID id = call.getIntrinsicID();
        return id == Intrinsic::smax || id == Intrinsic::maximum || id == Intrinsic::maxnum;
    }

    /* Taps that are 0 are not there in the code. */
    static void print_size(const std::set<int> &lines, bool constant, raw_ostream &out)
    {
        if (lines.empty())
            out << "n";
        else
            out << (constant ? static_cast<size_t>(*lines.rbegin() - *lines.begin()) + 1 : lines.size());
    }

    void note(const Convolution &c, const Sum &sum, const Term &first, Instruction &complete)
    {
        const Loop *inner = c.y->contains(c.x) ? c.x : c.y;
        SmallString<96> evidence;
        raw_svector_ostream out(evidence);
        const Type &type = *complete.getType();
        StringRef source = type_of(*first.x, type), weights = first.y ? type_of(*first.y, type) : source;
        out << source;
        if (source != weights)
            out << " * " << weights;
        if (source != type_of(type))
            out << " to " << type_of(type);
        if (!first.y)
            out << ", weights in the code";
        out << ", ";
        print_size(c.all(&Step::rows), !first.y, out);
        out << " x ";
        print_size(c.all(&Step::columns), !first.y, out);
        out << " taps, stride ";
        if (c.any_stride)
            out << "n";
        else
            out << c.row_steps;
        if (c.dilated)
            out << ", dilated";
        bool depthwise = !c.channels && first.y && c.column_steps == c.row_steps;
        if (c.channels)
            out << ", sums over channels";
        if (depthwise && moves_both(c, first))
            out << ", depthwise";
        out << (sum.biased ? ", bias" : "") << (is_bounded(complete) ? ", relu" : "");
        bool unrolled = all_of(c.ranges, [](const Convolution::Range &r) { return r.rounds != 0; });
        list(const_cast<Loop &>(*inner), unrolled && !c.channels, *first.x, evidence);
    }

    /* Whether there is a loop over channels that are not added. */
    bool moves_both(const Convolution &c, const Term &first)
    {
        return any_of(places.of(*first.x).strides, [&](const auto &s) {
            return s.first != c.x && s.first != c.y && s.second && places.of(*first.y).moves(*s.first) &&
                   !is_contained(c.summed, s.first);
        });
    }

    /* At the place of the inner loop over positions; with the kernel that is there, or inside. */
    void list(Loop &inner, bool unrolled, const LoadInst &source, StringRef evidence)
    {
        struct pattern_site site = site_of(unit, function, &inner, loops, PATTERN_CONVOLUTION, evidence);
        if (!site.at)
            site.at = offset_of(source);
        site.text = unrolled ? MapPlaces::no_reason : "there is no kernel for it";
        if (const struct pattern_site *kernel = replaced_at(site)) {
            site.replaced = true;
            site.relaxed = kernel->relaxed;
            site.text = kernel->text;
        }
        if (unrolled)
            map_places.add(inner, site);
        else
            patterns_note(&site);
    }

    static const struct pattern_site *replaced_at(const struct pattern_site &site)
    {
        uint32_t n;
        const struct pattern_site *sites = patterns_sites(&n);
        auto *end = sites + n, *at = std::find_if(sites, end, [&](const struct pattern_site &s) {
            return s.owner == site.owner && s.func == site.func && s.at == site.at && s.replaced;
        });
        return at == end ? nullptr : at;
    }
};

} // namespace

PreservedAnalyses ConvolutionPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("convolutions");
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    bool nested = any_of(loops, [](const Loop *l) { return !l->isInnermost(); });
    bool changed = is_own_function(f) && nested && Search(f, analyses, unit, places).run();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
