/* llvm_wide.cpp: vectors of 512 bits where they pay.
 *
 * LLVM prefers 256 bits on processors with AVX-512 that lower their clock for more, and most loops are not
 * faster with 512: accesses that are not aligned cross a line of the cache each, and rests are longer. But a
 * filter over a picture (a convolution whose taps are unrolled) has many operations for each element, on
 * neighbours that come from a few lines. Without the right to fuse them it is bound by its multiplications
 * and additions, of which a vector of twice the size does twice as many (decision 0063).
 *
 * A function that has such a loop is said to prefer 512 bits, all of it: a loop that is told its vectors'
 * width would get no second vector loop for what is left of a row. */
#include "llvm_passes.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

static constexpr unsigned line_bytes = 64, neighbours_least = 2;

static bool prefers_less(const Function &f, const TargetTransformInfo &target)
{
    TypeSize bits = target.getRegisterBitWidth(TargetTransformInfo::RGK_FixedWidthVector);
    return bits.getFixedValue() == 256 &&
           f.getFnAttribute("target-features").getValueAsString().contains("+avx512f");
}

/* How many accesses are not near another one. */
static size_t count_places(ArrayRef<Instruction *> accesses, ScalarEvolution &evolution)
{
    SmallVector<const SCEV *, 8> places;
    for (Instruction *i : accesses) {
        const SCEV *at = evolution.getSCEV(getLoadStorePointerOperand(i));
        if (none_of(places, [&](const SCEV *place) {
                auto *d = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(at, place));
                return d && d->getAPInt().abs().ult(line_bytes);
            }))
            places.push_back(at);
    }
    return places.size();
}

/* Whether half as many operations again as accesses, or more, are made on f32, and the places that are loaded
 * from have a neighbour each, or more. */
static bool computes_much(const Loop &l, ScalarEvolution &evolution)
{
    SmallVector<Instruction *, 16> loads;
    size_t operations = 0, stores = 0;
    if (!l.isInnermost() || l.getNumBlocks() != 1)
        return false;
    for (Instruction &i : *l.getHeader()) {
        if (isa<LoadInst, StoreInst>(i) && !getLoadStoreType(&i)->isFloatTy())
            return false;
        if (isa<LoadInst>(i))
            loads.push_back(&i);
        stores += isa<StoreInst>(i);
        operations += i.getType()->isFloatTy() && isa<BinaryOperator, SelectInst>(i);
    }
    return stores == 1 && 2 * operations >= 3 * (loads.size() + stores) &&
           loads.size() >= neighbours_least * count_places(loads, evolution);
}

PreservedAnalyses WideVectorsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    if (!prefers_less(f, analyses.getResult<TargetIRAnalysis>(f)))
        return PreservedAnalyses::all();
    ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    if (!any_of(loops.getLoopsInPreorder(), [&](Loop *l) { return computes_much(*l, evolution); }))
        return PreservedAnalyses::all();
    f.addFnAttr("prefer-vector-width", "512");
    analyses.clear(f, f.getName()); /* what is known of the target would stay */
    return PreservedAnalyses::all();
}
