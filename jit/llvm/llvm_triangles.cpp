/* llvm_triangles.cpp: small nests whose inner loop runs less often in each round of the outer one.
 *
 * Pairs of a few things (for i < 5, for j = i + 1; j < 5) are a loop around one whose rounds depend on it.
 * LLVM weighs the inner loop before the outer one is gone, when it has no constant number of rounds, and the
 * outer one as if nothing followed from unrolling it; so both stay, and what each pair does waits for what
 * the pair before it has stored. Where all rounds together are few, both loops are marked to be unrolled. */
#include "llvm_passes.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace
{

constexpr unsigned rounds_most = 8;         /* of a loop */
constexpr unsigned instructions_most = 900; /* of all rounds: 10 pairs of bodies have 600 */

unsigned size_of(const Loop &l)
{
    unsigned n = 0;
    for (const BasicBlock *b : l.blocks())
        n += static_cast<unsigned>(b->size());
    return n;
}

bool calls(const Loop &l)
{
    return any_of(l.blocks(), [](const BasicBlock *b) {
        return any_of(*b, [](const Instruction &i) { return isa<CallBase>(i) && !isa<IntrinsicInst>(i); });
    });
}

/* How many rounds all runs of the inner loop have together, if the outer one's round says how many each of
 * them has, and none too many; else 0. A run of no rounds is one that is passed by. */
unsigned inner_rounds(const Loop &inner, unsigned outer_rounds, ScalarEvolution &evolution)
{
    auto *again = dyn_cast<SCEVAddRecExpr>(evolution.getBackedgeTakenCount(&inner));
    if (!again || again->getLoop() != inner.getParentLoop())
        return 0;
    unsigned sum = 0;
    for (unsigned k = 0; k < outer_rounds; k++) {
        const SCEV *number = evolution.getConstant(again->getType(), k);
        auto *taken = dyn_cast<SCEVConstant>(again->evaluateAtIteration(number, evolution));
        if (!taken)
            return 0;
        if (taken->getAPInt().isAllOnes())
            continue;
        if (taken->getAPInt().uge(rounds_most))
            return 0;
        sum += static_cast<unsigned>(taken->getAPInt().getZExtValue()) + 1;
    }
    return sum;
}

bool is_small(const Loop &outer, ScalarEvolution &evolution)
{
    unsigned rounds = evolution.getSmallConstantTripCount(&outer);
    if (rounds < 2 || rounds > rounds_most || outer.getSubLoops().empty() || calls(outer))
        return false;
    unsigned all = rounds * size_of(outer);
    for (const Loop *inner : outer.getSubLoops()) {
        unsigned n = inner->isInnermost() ? inner_rounds(*inner, rounds, evolution) : 0;
        if (!n)
            return false;
        all = all + n * size_of(*inner) - rounds * size_of(*inner);
    }
    return all <= instructions_most;
}

void mark(Loop &l)
{
    addStringMetadataToLoop(&l, "llvm.loop.unroll.full");
}

} // namespace

PreservedAnalyses TrianglesPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    for (Loop *outer : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder()) {
        if (!is_small(*outer, evolution))
            continue;
        mark(*outer);
        for (Loop *inner : outer->getSubLoops())
            mark(*inner);
    }
    return PreservedAnalyses::all();
}
