/* llvm_apart.cpp: accesses of one loop that advance by different strides get checks for aliasing.
 *
 * All of memory 0 is one object, and LLVM looks for the distance between any two accesses of one object in a
 * loop before it makes vectors of it. A load that does not move, or that moves by another stride than a store
 * does, has none from it: LLVM 19 then gives up, where it would compare addresses in front of the loop if the
 * objects might be different ones. So such a load gets memory 0 as a frozen pointer, of which nobody can say
 * what object it belongs to. What LLVM compares are ranges, of which it makes one where it knows the
 * distance: two arrays that lie far from each other and all that is between them. So in such a loop loads
 * that are far from every store get a pointer of their own, too. Right before the vectoriser: other passes
 * find out. */
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
        if (!loop.isInnermost() || !loop.getLoopPreheader() || !collect() || stores.empty())
            return false;
        auto *other = partition(loads, [&](LoadInst *l) { return has_stride_of_all(*l); });
        auto *distant = std::partition(loads.begin(), other, [&](LoadInst *l) { return !is_far(*l); });
        if (other == loads.end())
            return false;
        if (other - distant > distant_most)
            distant = other;
        for (LoadInst *load : make_range(distant, loads.end()))
            load->setOperand(0, of_another(load->getPointerOperand()));
        return true;
    }

  private:
    static constexpr uint64_t far = 1 << 16;
    static constexpr ptrdiff_t distant_most = 2; /* LLVM makes so many comparisons and no more */

    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    SmallVector<LoadInst *, 8> loads;
    SmallVector<StoreInst *, 8> stores;

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
                if (auto *store = dyn_cast<StoreInst>(&i))
                    stores.push_back(store);
                else if (getUnderlyingObject(pointer) == &memory)
                    loads.push_back(cast<LoadInst>(&i));
            }
        }
        return true;
    }

    bool has_stride_of_all(LoadInst &load)
    {
        const SCEV *stride = stride_of(load.getPointerOperand());
        return all_of(stores, [&](StoreInst *s) { return stride_of(s->getPointerOperand()) == stride; });
    }

    bool is_far(LoadInst &load)
    {
        const SCEV *at = evolution.getSCEV(load.getPointerOperand());
        return all_of(stores, [&](StoreInst *s) {
            const SCEV *from = evolution.getSCEV(s->getPointerOperand());
            auto *distance = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(at, from));
            return distance && distance->getAPInt().abs().uge(far);
        });
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
