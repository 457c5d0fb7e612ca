/* llvm_exits.cpp: inner loops count their rounds in 64 bits where an outer loop's counter ends them.
 *
 * LLVM makes the outer counter 64 bits wide, for addresses, and then compares it with an extension of the
 * inner one: zext(i32 {a,+,1}) == w. Since the sum may wrap around, it can no longer tell how often the inner
 * loop runs, and neither unrolls nor vectorises it. Before that, the number of rounds is known; with a
 * counter of its own for it the question does not come up. */
#include "llvm_passes.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace
{

constexpr unsigned cost_most = 8; /* of computing the number of rounds */

/* The comparison that ends the loop, if one side of it is a counter of 32 bits and the other changes with the
 * loop around. */
ICmpInst *exit_of(Loop &l, ScalarEvolution &evolution)
{
    BasicBlock *latch = l.getLoopLatch();
    Loop *around = l.getParentLoop();
    if (!latch || !around || !l.getLoopPreheader() || l.getExitingBlock() != latch)
        return nullptr;
    auto *br = dyn_cast<BranchInst>(latch->getTerminator());
    auto *end = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
    if (!end || !end->isEquality() || !end->hasOneUse() || !end->getOperand(0)->getType()->isIntegerTy(32))
        return nullptr;
    for (unsigned side : {0u, 1u}) {
        auto *counter = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(end->getOperand(side)));
        Value *bound = end->getOperand(1 - side);
        if (counter && counter->getLoop() == &l && l.isLoopInvariant(bound) &&
            !evolution.isLoopInvariant(evolution.getSCEV(bound), around))
            return end;
    }
    return nullptr;
}

bool count(Loop &l, ScalarEvolution &evolution, const TargetTransformInfo &costs)
{
    ICmpInst *end = exit_of(l, evolution);
    const SCEV *rounds = end ? evolution.getBackedgeTakenCount(&l) : nullptr;
    if (!rounds || isa<SCEVCouldNotCompute>(rounds) || rounds->getType()->getScalarSizeInBits() > 32)
        return false;
    SCEVExpander expander(evolution, end->getModule()->getDataLayout(), "rounds");
    Instruction *before = l.getLoopPreheader()->getTerminator();
    if (!expander.isSafeToExpandAt(rounds, before) ||
        expander.isHighCostExpansion(rounds, &l, cost_most, &costs, before))
        return false;
    Value *narrow = expander.expandCodeFor(rounds, nullptr, before->getIterator());
    IRBuilder<> b(before);
    Value *last = b.CreateZExt(narrow, b.getInt64Ty());
    b.SetInsertPoint(l.getHeader(), l.getHeader()->begin());
    PHINode *round = b.CreatePHI(b.getInt64Ty(), 2);
    b.SetInsertPoint(end);
    Value *next = b.CreateAdd(round, b.getInt64(1), "", true, true);
    round->addIncoming(b.getInt64(0), l.getLoopPreheader());
    round->addIncoming(next, l.getLoopLatch());
    end->setOperand(0, round);
    end->setOperand(1, last);
    evolution.forgetLoop(&l);
    return true;
}

} // namespace

PreservedAnalyses ExitsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    const TargetTransformInfo &costs = analyses.getResult<TargetIRAnalysis>(f);
    bool changed = false;
    for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder())
        changed |= l->isInnermost() && count(*l, evolution, costs);
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
