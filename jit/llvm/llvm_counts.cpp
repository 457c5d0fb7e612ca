/* llvm_counts.cpp: loops whose number of rounds LLVM cannot tell count them.
 *
 * C says that a counter does not overflow and a pointer does not pass the end of memory; WebAssembly's
 * numbers wrap around, and LLVM must take `p += 4; p < end` for a loop that may pass 2^32 and begin again. It
 * then makes no vectors. But a counter that goes by s, wraps around without having met its bound, and is to
 * meet it later, has 2^32 - 2s before it. If every round accesses an address that goes by s or more, that
 * comes to the gap of RT_SHORT_MEMORY_GAP bytes in front of 4 GiB, where no memory is, wherever it begins:
 * the loop traps before it can end. A loop that ends where its counter is the bound, `p != end`, goes around,
 * too, where the way to it is not a whole number of steps.
 *
 * So the number of rounds is known in 64 bits, more than any trap needs where the counter wraps around, and
 * one of its own ends the loop, with the step of the old one, so that a round can still be divided
 * (llvm_reroll.cpp). */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "rt.h"
}

#include "llvm_passes.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace
{

class Counter
{
  public:
    Counter(Loop &l, ScalarEvolution &se, const DominatorTree &dom, const GlobalVariable &mem, bool equality)
        : loop(l), evolution(se), dominators(dom), memory(mem), ends_at_equality(equality),
          expander(se, mem.getParent()->getDataLayout(), "count")
    {
    }

    bool run()
    {
        if (!find_end() || !isa<SCEVCouldNotCompute>(evolution.getBackedgeTakenCount(&loop)) ||
            !expander.isSafeToExpandAt(counter->getStart(), loop.getLoopPreheader()->getTerminator()))
            return false;
        if (!is_known() || !traps_first())
            return false;
        replace();
        return true;
    }

  private:
    static constexpr uint64_t step_most = RT_SHORT_MEMORY_GAP / 4;
    static constexpr uint64_t rounds_until_trap = uint64_t(1) << 33;

    Loop &loop;
    ScalarEvolution &evolution;
    const DominatorTree &dominators;
    const GlobalVariable &memory;
    bool ends_at_equality;
    SCEVExpander expander;
    BranchInst *branch = nullptr;
    CmpInst::Predicate stays = CmpInst::BAD_ICMP_PREDICATE; /* as long as: counter, this, bound */
    const SCEVAddRecExpr *counter = nullptr;                /* what is compared, i32 */
    Value *bound = nullptr;
    int64_t by = 0;

    bool find_end()
    {
        BasicBlock *latch = loop.getLoopLatch();
        if (!latch || !loop.getLoopPreheader() || loop.getExitingBlock() != latch)
            return false;
        branch = dyn_cast<BranchInst>(latch->getTerminator());
        auto *end = branch && branch->isConditional() ? dyn_cast<ICmpInst>(branch->getCondition()) : nullptr;
        if (!end || end->isEquality() != ends_at_equality || !end->getOperand(0)->getType()->isIntegerTy(32))
            return false;
        CmpInst::Predicate p =
            loop.contains(branch->getSuccessor(0)) ? end->getPredicate() : end->getInversePredicate();
        return is_end(end->getOperand(0), p, end->getOperand(1)) ||
               is_end(end->getOperand(1), CmpInst::getSwappedPredicate(p), end->getOperand(0));
    }

    bool is_end(Value *x, CmpInst::Predicate p, Value *y)
    {
        auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(x));
        if (!goes || goes->getLoop() != &loop || !goes->isAffine() || !loop.isLoopInvariant(y))
            return false;
        auto *step = dyn_cast<SCEVConstant>(goes->getStepRecurrence(evolution));
        if (!step || step->getAPInt().isZero() || step->getAPInt().abs().ugt(step_most))
            return false;
        stays = p, counter = goes, bound = y, by = step->getAPInt().getSExtValue();
        return true;
    }

    /* Whether it goes to its bound, or away from it and around. */
    bool is_known() const
    {
        if (stays == CmpInst::ICMP_NE)
            return true;
        return by > 0 ? ICmpInst::isLT(stays) || ICmpInst::isLE(stays)
                      : ICmpInst::isGT(stays) || ICmpInst::isGE(stays) || goes_around();
    }
    bool goes_around() const
    {
        return by < 0 && stays == CmpInst::ICMP_ULT && isa<ConstantInt>(bound);
    }

    /* Whether the loop traps before it has wrapped around and comes to the bound again. */
    bool traps_first()
    {
        return any_of(loop.blocks(), [&](BasicBlock *b) {
            return dominators.dominates(b, loop.getLoopLatch()) &&
                   any_of(*b, [&](Instruction &i) { return goes_as_far(i); });
        });
    }

    /* Also where the address has 64 bits already. */
    bool goes_as_far(Instruction &i)
    {
        Value *pointer = getLoadStorePointerOperand(&i);
        int64_t offset = 0;
        Value *index = pointer ? memory_index(pointer, &memory, &offset) : nullptr;
        if (!pointer || offset < 0)
            return false;
        auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(index ? index : pointer));
        if (!goes || goes->getLoop() != &loop || !goes->isAffine())
            return false;
        auto *step = dyn_cast<SCEVConstant>(goes->getStepRecurrence(evolution));
        return step && step->getAPInt().abs().uge(static_cast<uint64_t>(std::abs(by))) &&
               step->getAPInt().abs().ule(step_most);
    }

    /* How often the loop goes back, i64. */
    Value *rounds(IRBuilder<> &b)
    {
        return stays == CmpInst::ICMP_NE ? rounds_until_equal(b) : rounds_until_passed(b);
    }

    Value *expand_start()
    {
        Instruction *before = loop.getLoopPreheader()->getTerminator();
        return expander.expandCodeFor(counter->getStart(), Type::getInt32Ty(before->getContext()),
                                      before->getIterator());
    }

    /* What is not a whole number of steps away is not met before the counter has wrapped around. */
    Value *rounds_until_equal(IRBuilder<> &b)
    {
        Value *first = expand_start(), *step = b.getInt32(static_cast<uint32_t>(std::abs(by)));
        Value *way = by > 0 ? b.CreateSub(bound, first) : b.CreateSub(first, bound);
        Value *meets = b.CreateICmpEQ(b.CreateURem(way, step), b.getInt32(0));
        return b.CreateSelect(meets, b.CreateZExt(b.CreateUDiv(way, step), b.getInt64Ty()),
                              b.getInt64(rounds_until_trap));
    }

    Value *rounds_until_passed(IRBuilder<> &b)
    {
        bool is_signed = CmpInst::isSigned(stays), up = by > 0;
        auto wide = [&](Value *v) { return b.CreateIntCast(v, b.getInt64Ty(), is_signed); };
        Value *first = wide(expand_start());
        Value *last = wide(bound), *step = b.getInt64(static_cast<uint64_t>(std::abs(by)));
        Value *some, *way, *lost; /* whether it goes on at all, how far to the last value, whether it wraps */
        if (goes_around()) {
            some = b.CreateICmpSLT(first, last);
            way = first;
        } else {
            if (!ICmpInst::isStrictPredicate(stays))
                last = b.CreateAdd(last, b.getInt64(up ? 1 : uint64_t(-1)));
            some = up ? b.CreateICmpSLT(first, last) : b.CreateICmpSGT(first, last);
            way = b.CreateSub(up ? b.CreateSub(last, first) : b.CreateSub(first, last), b.getInt64(1));
        }
        Value *n = b.CreateAdd(b.CreateUDiv(way, step), b.getInt64(1));
        Value *end = b.CreateAdd(first, b.CreateMul(n, b.getInt64(static_cast<uint64_t>(by))));
        if (goes_around())
            lost = b.CreateICmpSLT(b.CreateAdd(end, b.getInt64(uint64_t(1) << 32)), last);
        else if (up)
            lost = b.CreateICmpSGT(end, b.getInt64(is_signed ? INT32_MAX : UINT32_MAX));
        else
            lost = b.CreateICmpSLT(end, b.getInt64(static_cast<uint64_t>(is_signed ? INT32_MIN : 0)));
        n = b.CreateSelect(lost, b.getInt64(rounds_until_trap), n);
        return b.CreateSelect(some, n, b.getInt64(0));
    }

    void replace()
    {
        uint64_t step = uint64_t(std::abs(by));
        IRBuilder<> b(loop.getLoopPreheader()->getTerminator());
        Value *all = b.CreateMul(b.CreateAdd(rounds(b), b.getInt64(1)), b.getInt64(step), "", true, true);
        b.SetInsertPoint(loop.getHeader(), loop.getHeader()->begin());
        PHINode *done = b.CreatePHI(b.getInt64Ty(), 2);
        b.SetInsertPoint(branch);
        Value *next = b.CreateAdd(done, b.getInt64(step), "", true, true);
        done->addIncoming(b.getInt64(0), loop.getLoopPreheader());
        done->addIncoming(next, loop.getLoopLatch());
        bool first = loop.contains(branch->getSuccessor(0));
        branch->setCondition(b.CreateICmp(first ? CmpInst::ICMP_NE : CmpInst::ICMP_EQ, next, all));
        evolution.forgetLoop(&loop);
    }
};

} // namespace

PreservedAnalyses CountsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    const GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    if (!memory || loops.empty())
        return PreservedAnalyses::all();
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    auto &dominators = analyses.getResult<DominatorTreeAnalysis>(f);
    bool changed = false;
    for (Loop *l : loops.getLoopsInPreorder())
        changed |= l->isInnermost() && Counter(*l, evolution, dominators, *memory, ends_at_equality).run();
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
