/* llvm_reversed.cpp: counters that go down by exclusive or.
 *
 * When clang unrolls a loop that goes up through one array and down through another, n - 1 - (i + 1) of an
 * even counter i becomes n + (i ^ -2), with fewer ones where only the lower bits matter. No borrow goes from
 * bit to bit in C - i where i has no bit that C has not, so that it is the same; scalar evolution, and with
 * it everything about addresses, knows differences only. */
#include "llvm_passes.h"

#include "llvm/Analysis/DemandedBits.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

/* Whether `x ^ c` is the last number of a loop less its counter, in the `wanted` bits. */
static bool is_difference(const Value *x, const APInt &c, const APInt &wanted, const DataLayout &layout)
{
    APInt lower = APInt::getLowBitsSet(wanted.getBitWidth(), wanted.getActiveBits());
    return (~c & lower).isSubsetOf(computeKnownBits(x, layout).Zero);
}

PreservedAnalyses ReversedPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    auto &loops = analyses.getResult<LoopAnalysis>(f);
    if (loops.empty())
        return PreservedAnalyses::all();
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    SmallVector<Instruction *, 8> found;
    for (Instruction &i : instructions(f)) {
        Value *x = nullptr;
        const APInt *c = nullptr;
        if (match(&i, m_Xor(m_Value(x), m_APInt(c))) && !c->isAllOnes() && loops.getLoopFor(i.getParent()) &&
            isa<SCEVAddRecExpr>(evolution.getSCEV(x)) &&
            is_difference(x, *c, analyses.getResult<DemandedBitsAnalysis>(f).getDemandedBits(&i),
                          f.getParent()->getDataLayout()))
            found.push_back(&i);
    }
    for (Instruction *i : found) {
        auto *difference =
            BinaryOperator::CreateSub(i->getOperand(1), i->getOperand(0), "", i->getIterator());
        evolution.forgetValue(i);
        i->replaceAllUsesWith(difference);
        i->eraseFromParent();
    }
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return found.empty() ? PreservedAnalyses::all() : kept;
}
