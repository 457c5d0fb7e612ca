/* llvm_turn.cpp: loops that are left in the middle, or on top.
 *
 * When clang unrolls a loop whose number of rounds it knows and that does not divide it, the exit stands
 * between two copies. Such a loop of two blocks is turned: the copies before the exit come once in front, and
 * those of the next round behind the others, so that it is one block with the exit at its end, which
 * RerollPass can roll up. Loops whose counter is tested on top, as in code written by hand, are turned, too,
 * so that what comes next sees one form only. LLVM does the same with small loops, later. Addresses that both
 * blocks of the first kind share are computed in each of them first: a loop that is turned would carry them
 * from round to round, as values that nobody can tell from others. */
#include "llvm_passes.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/InstructionSimplify.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/LoopRotationUtils.h"

using namespace llvm;

static const unsigned copied_most = 200; /* instructions */

static size_t count_stores(const BasicBlock &b)
{
    return static_cast<size_t>(count_if(b, [](const Instruction &i) { return isa<StoreInst>(i); }));
}

static bool multiplies(const BasicBlock &b)
{
    return any_of(b, [](const Instruction &i) {
        return i.getOpcode() == Instruction::FMul || i.getOpcode() == Instruction::Mul;
    });
}

/* Both halves store, or make sums of products. */
static bool has_copies(const BasicBlock &header, const BasicBlock &latch)
{
    size_t above = count_stores(header), below = count_stores(latch);
    return above || below ? above && below : multiplies(header) && multiplies(latch);
}

static bool is_left_in_the_middle(const Loop &l)
{
    const BasicBlock *header = l.getHeader(), *latch = l.getLoopLatch();
    if (!latch || l.getNumBlocks() != 2 || header == latch || !l.getLoopPreheader())
        return false;
    auto *br = dyn_cast<BranchInst>(header->getTerminator());
    auto *end = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
    return end && end->isEquality() && latch->getSingleSuccessor() && header->size() <= copied_most &&
           has_copies(*header, *latch);
}

/* The test must be of nothing but what a round counts. */
static bool is_left_on_top(const Loop &l)
{
    const BasicBlock *header = l.getHeader(), *latch = l.getLoopLatch();
    constexpr size_t tested_most = 16; /* instructions */
    return latch && header != latch && l.getLoopPreheader() && l.isLoopExiting(header) &&
           !l.isLoopExiting(latch) && latch->getSingleSuccessor() && header->size() <= tested_most &&
           none_of(*header,
                   [](const Instruction &i) { return i.mayReadOrWriteMemory() || i.mayHaveSideEffects(); });
}

static bool is_of_address(const Instruction &i)
{
    switch (i.getOpcode()) {
    case Instruction::Add:
    case Instruction::Sub:
    case Instruction::Shl:
    case Instruction::ZExt:
    case Instruction::GetElementPtr: return !i.getType()->isVectorTy();
    default: return false;
    }
}

/* Last first, so that operands of what was copied are seen, too. */
static void compute_anew(BasicBlock &from, BasicBlock &in)
{
    for (Instruction &i : reverse(from)) {
        if (!is_of_address(i) || none_of(i.users(), [&](const User *u) {
                return cast<Instruction>(u)->getParent() == &in && !isa<PHINode>(u);
            }))
            continue;
        Instruction *copy = i.clone();
        copy->insertBefore(&*in.getFirstInsertionPt());
        i.replaceUsesWithIf(copy, [&](const Use &u) {
            return cast<Instruction>(u.getUser())->getParent() == &in && !isa<PHINode>(u.getUser());
        });
    }
}

PreservedAnalyses TurnPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    bool changed = false;
    for (Loop *l : loops.getLoopsInPreorder()) {
        if (!is_left_in_the_middle(*l) && !is_left_on_top(*l))
            continue;
        changed = true;
        if (is_left_in_the_middle(*l))
            compute_anew(*l->getHeader(), *l->getLoopLatch());
        AssumptionCache &assumptions = analyses.getResult<AssumptionAnalysis>(f);
        DominatorTree &dominators = analyses.getResult<DominatorTreeAnalysis>(f);
        SimplifyQuery query(f.getParent()->getDataLayout(), nullptr, &dominators, &assumptions);
        LoopRotation(l, &loops, &analyses.getResult<TargetIRAnalysis>(f), &assumptions, &dominators,
                     &analyses.getResult<ScalarEvolutionAnalysis>(f), nullptr, query, true, copied_most,
                     true);
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
