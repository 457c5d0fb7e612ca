/* llvm_iterators.cpp: loops over iterators, as compilers leave them that simplify little.
 *
 * rustc's ranges, as long as nothing has simplified them, carry whether there is a next number, and go on by
 * that: `more = i < n; i += more; while (more)`. But where the loop goes back, the condition of that branch
 * is known, so that the counter goes up by one. And folds may carry what was found in the round before beside
 * the result, and choose when the next round begins: `most = found ? last : most`. Here they choose where the
 * round ends, and carry what was chosen.
 *
 * Compilers that know no truths, AssemblyScript's say, choose between numbers where ways meet, and test that
 * for zero: `more = i < n ? a[i] == b[i] : 0`. As a truth, the way that it is known on need not meet the
 * other.
 *
 * Iterators over slices have an end, which is also said by a pointer of zero. A pointer that has gone up by
 * no more than the gap behind all memory (RT_SHORT_MEMORY_GAP) from an address that was accessed is not
 * zero. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "rt.h"
}

#include "llvm_passes.h"

#include "llvm/Analysis/InstructionSimplify.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

/* One loop with one way into it and one back. */
class Carried
{
  public:
    Carried(Loop &l, const DominatorTree &dt, const GlobalVariable &mem)
        : loop(l), dominators(dt), memory(mem), before(l.getLoopPreheader()), latch(l.getLoopLatch())
    {
    }

    bool run()
    {
        bool changed = false;
        if (before && latch) {
            changed = know_conditions();
            changed |= choose_early();
        }
        return (loop.isInnermost() && know_pointers()) || changed;
    }

  private:
    static constexpr unsigned depth_most = 4;
    Loop &loop;
    const DominatorTree &dominators;
    const GlobalVariable &memory;
    BasicBlock *before, *latch;
    SmallVector<std::pair<Value *, bool>, 4> facts; /* where the latch goes back */

    /* --- What conditions say. --- */

    void learn(Value *condition, bool truth, unsigned depth)
    {
        Value *x, *y;
        facts.push_back({condition, truth});
        if (!depth || !(truth ? match(condition, m_LogicalAnd(m_Value(x), m_Value(y)))
                              : match(condition, m_LogicalOr(m_Value(x), m_Value(y)))))
            return;
        learn(x, truth, depth - 1);
        learn(y, truth, depth - 1);
    }

    /* `v` where the latch goes back, made in front of `b`; null: it does not depend on that. */
    Value *going_back(Value *v, IRBuilder<> &b, unsigned depth) const
    {
        for (auto [condition, truth] : facts) {
            if (v == condition)
                return b.getInt1(truth);
            auto *s = dyn_cast<SelectInst>(v);
            if (s && s->getCondition() == condition)
                return truth ? s->getTrueValue() : s->getFalseValue();
        }
        auto *i = dyn_cast<Instruction>(v);
        if (!i || !depth || !loop.contains(i))
            return nullptr;
        if (auto *c = dyn_cast<CastInst>(i)) {
            Value *x = going_back(c->getOperand(0), b, depth - 1);
            return x ? b.CreateCast(c->getOpcode(), x, c->getType()) : nullptr;
        }
        auto *o = dyn_cast<BinaryOperator>(i);
        if (!o || o->isIntDivRem())
            return nullptr;
        Value *x = going_back(o->getOperand(0), b, depth - 1),
              *y = going_back(o->getOperand(1), b, depth - 1);
        return x || y ? b.CreateBinOp(o->getOpcode(), x ? x : o->getOperand(0), y ? y : o->getOperand(1))
                      : nullptr;
    }

    bool know_conditions()
    {
        auto *br = dyn_cast<BranchInst>(latch->getTerminator());
        if (!br || !br->isConditional() || br->getSuccessor(0) == br->getSuccessor(1))
            return false;
        learn(br->getCondition(), br->getSuccessor(0) == loop.getHeader(), depth_most);
        IRBuilder<> b(br);
        SmallVector<WeakVH, 8> changed;
        for (PHINode &phi : loop.getHeader()->phis()) {
            Value *known = going_back(phi.getIncomingValueForBlock(latch), b, depth_most);
            if (!known)
                continue;
            phi.setIncomingValueForBlock(latch, known);
            changed.push_back(&phi);
        }
        for (WeakVH &handle : changed) {
            auto *phi = cast_or_null<PHINode>(handle);
            if (Value *same = phi ? phi->hasConstantValue() : nullptr)
                replaceAndRecursivelySimplify(phi, same);
        }
        return !changed.empty();
    }

    /* --- Pointers that are compared with zero. --- */

    /* Whether memory is accessed at `index`, or behind it, before `i`. */
    bool is_accessed_before(const Value *index, const Instruction &i) const
    {
        return any_of(loop.blocks(), [&](BasicBlock *block) {
            return dominators.dominates(block, i.getParent()) && any_of(*block, [&](Instruction &access) {
                       Value *pointer = getLoadStorePointerOperand(&access);
                       int64_t offset = 0;
                       return pointer && memory_index(pointer, &memory, &offset) == index && offset >= 0 &&
                              dominators.dominates(&access, &i);
                   });
        });
    }

    bool know_pointers()
    {
        SmallVector<WeakVH, 4> known;
        for (BasicBlock *block : loop.blocks()) {
            for (Instruction &i : *block) {
                ICmpInst::Predicate is;
                Value *from;
                const APInt *by;
                if (match(&i, m_ICmp(is, m_Add(m_Value(from), m_APInt(by)), m_Zero())) &&
                    ICmpInst::isEquality(is) && from->getType()->isIntegerTy(32) &&
                    by->isStrictlyPositive() && by->ule(RT_SHORT_MEMORY_GAP) && is_accessed_before(from, i))
                    known.push_back(&i);
            }
        }
        for (WeakVH &handle : known) {
            if (auto *i = cast_or_null<ICmpInst>(handle))
                replaceAndRecursivelySimplify(
                    i, ConstantInt::getBool(i->getType(), i->getPredicate() == CmpInst::ICMP_NE));
        }
        return !known.empty();
    }

    /* --- Choices. --- */

    bool is_carried(const Value *v) const
    {
        auto *phi = dyn_cast<PHINode>(v);
        return phi && phi->getParent() == loop.getHeader();
    }

    /* What is carried, as it comes from there. */
    Value *carried_from(Value *v, BasicBlock *from) const
    {
        return is_carried(v) ? cast<PHINode>(v)->getIncomingValueForBlock(from) : v;
    }

    /* Also the number that a truth is carried as. */
    Value *condition_from(Value *v, BasicBlock *from, IRBuilder<> &b) const
    {
        ICmpInst::Predicate is;
        Value *number, *truth;
        if (!match(v, m_ICmp(is, m_Value(number), m_Zero())))
            return carried_from(v, from);
        number = carried_from(number, from);
        if (match(number, m_ZExt(m_Value(truth))) && truth->getType()->isIntegerTy(1))
            return is == CmpInst::ICMP_NE ? truth : b.CreateNot(truth);
        return b.CreateICmp(is, number, Constant::getNullValue(number->getType()));
    }

    bool is_carried_condition(Value *v) const
    {
        ICmpInst::Predicate is;
        Value *number;
        return is_carried(v) || (match(v, m_ICmp(is, m_Value(number), m_Zero())) &&
                                 ICmpInst::isEquality(is) && is_carried(number));
    }

    Value *choice_from(SelectInst &s, BasicBlock *from) const
    {
        IRBuilder<> b(from->getTerminator());
        Value *c = condition_from(s.getCondition(), from, b), *truth = nullptr;
        Value *x = carried_from(s.getTrueValue(), from), *y = carried_from(s.getFalseValue(), from);
        if (match(c, m_Not(m_Value(truth)))) {
            c = truth;
            std::swap(x, y);
        }
        if (auto *known = dyn_cast<ConstantInt>(c))
            return known->isOne() ? x : y;
        return b.CreateSelect(c, x, y);
    }

    /* What the header chooses from nothing but what is carried to it. Each choice moves by one round: in a
     * loop that is one block the new one stands in the header, too, and where numbers are carried in a circle
     * it is again such a choice, so that only those are taken that were there. */
    bool choose_early()
    {
        bool changed = false;
        SmallVector<SelectInst *, 8> choices;
        for (Instruction &i : *loop.getHeader()) {
            if (auto *s = dyn_cast<SelectInst>(&i))
                choices.push_back(s);
        }
        for (SelectInst *s : choices) {
            auto known = [&](Value *v) { return is_carried(v) || loop.isLoopInvariant(v); };
            if (!is_carried_condition(s->getCondition()) || !known(s->getTrueValue()) ||
                !known(s->getFalseValue()))
                continue;
            IRBuilder<> b(loop.getHeader(), loop.getHeader()->begin());
            PHINode *chosen = b.CreatePHI(s->getType(), 2);
            chosen->addIncoming(choice_from(*s, before), before);
            chosen->addIncoming(choice_from(*s, latch), latch);
            s->replaceAllUsesWith(chosen);
            s->eraseFromParent();
            changed = true;
        }
        return changed;
    }
};

/* What a number of 0 or 1 is as a truth; null: it may be another number. */
Value *truth_of(Value *v)
{
    Value *truth;
    if (match(v, m_ZExt(m_Value(truth))) && truth->getType()->isIntegerTy(1))
        return truth;
    if (match(v, m_Zero()) || match(v, m_One()))
        return ConstantInt::getBool(v->getContext(), match(v, m_One()));
    return nullptr;
}

/* Whether nothing but comparisons with zero, which branches go by, use `phi`. */
bool is_only_tested(const PHINode &phi)
{
    ICmpInst::Predicate is;
    return all_of(phi.users(), [&](const User *u) {
        return match(u, m_ICmp(is, m_Specific(&phi), m_Zero())) && ICmpInst::isEquality(is) &&
               u->hasOneUse() && isa<BranchInst>(u->user_back());
    });
}

bool make_truth(PHINode &phi)
{
    if (!phi.getType()->isIntegerTy(32) || !is_only_tested(phi) || !all_of(phi.incoming_values(), truth_of))
        return false;
    PHINode *truth =
        PHINode::Create(Type::getInt1Ty(phi.getContext()), phi.getNumIncomingValues(), "", phi.getIterator());
    for (unsigned k = 0; k < phi.getNumIncomingValues(); k++)
        truth->addIncoming(truth_of(phi.getIncomingValue(k)), phi.getIncomingBlock(k));
    for (User *u : make_early_inc_range(phi.users())) {
        auto *test = cast<ICmpInst>(u);
        auto *br = cast<BranchInst>(test->user_back());
        if (test->getPredicate() == CmpInst::ICMP_EQ)
            br->swapSuccessors();
        br->setCondition(truth);
        test->eraseFromParent();
    }
    phi.eraseFromParent();
    return true;
}

} // namespace

PreservedAnalyses TruthsPass::run(Function &f, FunctionAnalysisManager &)
{
    bool changed = false;
    for (BasicBlock &b : f) {
        for (PHINode &phi : make_early_inc_range(b.phis()))
            changed |= make_truth(phi);
    }
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}

PreservedAnalyses IteratorsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    const GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    const auto &dominators = analyses.getResult<DominatorTreeAnalysis>(f);
    bool changed = false;
    if (!memory)
        return PreservedAnalyses::all();
    for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder())
        changed |= Carried(*l, dominators, *memory).run();
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
