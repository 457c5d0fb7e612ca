/* llvm_apart.cpp: accesses of one loop that advance by different strides get checks for aliasing.
 *
 * All of memory 0 is one object, and LLVM looks for the distance between any two accesses of one object in a
 * loop before it makes vectors of it. A load that does not move, or that moves by another stride than a store
 * does, has none from it: LLVM 19 then gives up, where it would compare addresses in front of the loop if the
 * objects might be different ones. So such a load gets memory 0 as a frozen pointer, of which nobody can say
 * what object it belongs to. Right before the vectoriser: other passes find out. */
#include "llvm_passes.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace
{

class Apart
{
  public:
    Apart(Loop &l, ScalarEvolution &se, GlobalVariable &mem) : loop(l), evolution(se), memory(mem) {}
    bool run()
    {
        if (!loop.isInnermost() || !loop.getLoopPreheader() || !collect() || strides.empty())
            return false;
        bool changed = false;
        for (LoadInst *load : loads) {
            const SCEV *stride = stride_of(load->getPointerOperand());
            if (all_of(strides, [&](const SCEV *s) { return s == stride; }))
                continue;
            load->setOperand(0, of_another(load->getPointerOperand()));
            changed = true;
        }
        return changed;
    }

  private:
    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    SmallVector<LoadInst *, 8> loads;
    SmallVector<const SCEV *, 8> strides; /* of stores */

    /* NULL: it has none. */
    const SCEV *stride_of(Value *pointer)
    {
        const SCEV *s = evolution.getSCEV(pointer);
        if (evolution.isLoopInvariant(s, &loop))
            return evolution.getZero(Type::getInt64Ty(pointer->getContext()));
        auto *moving = dyn_cast<SCEVAddRecExpr>(s);
        return moving && moving->getLoop() == &loop && moving->isAffine()
                   ? moving->getStepRecurrence(evolution)
                   : nullptr;
    }

    /* Whether all accesses have strides, and those of stores are not 0. */
    bool collect()
    {
        for (BasicBlock *b : loop.blocks()) {
            for (Instruction &i : *b) {
                Value *pointer = getLoadStorePointerOperand(&i);
                const SCEV *stride = pointer ? stride_of(pointer) : nullptr;
                if (!pointer && !i.mayReadOrWriteMemory())
                    continue;
                if (!stride || i.isVolatile() || (isa<StoreInst>(i) && stride->isZero()))
                    return false;
                if (isa<StoreInst>(i))
                    strides.push_back(stride);
                else if (getUnderlyingObject(pointer) == &memory)
                    loads.push_back(cast<LoadInst>(&i));
            }
        }
        return true;
    }

    Value *of_another(Value *pointer)
    {
        IRBuilder<> b(loop.getLoopPreheader()->getTerminator());
        if (loop.isLoopInvariant(pointer))
            return b.CreateFreeze(pointer);
        auto *step = dyn_cast<GetElementPtrInst>(pointer);
        if (!step)
            return pointer;
        auto *copy = cast<GetElementPtrInst>(step->clone());
        copy->insertBefore(step);
        copy->setOperand(0, of_another(step->getPointerOperand()));
        return copy;
    }
};

} // namespace

PreservedAnalyses ApartPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    if (!memory)
        return PreservedAnalyses::all();
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    bool changed = false;
    for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder())
        changed |= Apart(*l, evolution, *memory).run();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
