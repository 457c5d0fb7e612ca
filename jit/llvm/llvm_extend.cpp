/* llvm_extend.cpp: addresses are extended to 64 bits where they are made.
 *
 * The processor's 32-bit instructions clear the upper half of their register, so zext(x) costs nothing beside
 * x. LLVM sees that only within a block: in every other block that uses the address there would be an
 * instruction to clear it again. Last of all passes on IR, this one puts the zext behind each x that has one,
 * and makes phis of such values 64 bits wide. */
#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace
{

class Extending
{
  public:
    Extending(Function &f, ScalarEvolution &se, LoopInfo &li) : function(f), evolution(se), loops(li) {}
    bool run()
    {
        SmallVector<Instruction *, 64> narrow;
        for (Instruction &i : instructions(function)) {
            if (i.getType()->isIntegerTy(32) && any_of(i.users(), is_wide))
                narrow.push_back(&i);
        }
        for (Instruction *i : narrow) {
            auto *phi = dyn_cast<PHINode>(i);
            if (!phi)
                join(*i);
            else if (!goes_up(*phi))
                widen(*phi);
        }
        return !narrow.empty();
    }

  private:
    Function &function;
    ScalarEvolution &evolution;
    LoopInfo &loops;
    DenseMap<Instruction *, Value *> wide_values;

    static bool is_wide(const User *u)
    {
        return isa<ZExtInst>(u) && u->getType()->isIntegerTy(64);
    }

    /* The code generator has its own ways with induction variables. */
    bool goes_up(PHINode &phi)
    {
        return loops.isLoopHeader(phi.getParent()) && isa<SCEVAddRecExpr>(evolution.getSCEV(&phi));
    }

    /* The zext of `i` right behind it, for all of them. */
    Value *join(Instruction &i)
    {
        Value *&known = wide_values[&i];
        if (known || isa<TruncInst>(i) || !i.getInsertionPointAfterDef())
            return known;
        auto *wide = new ZExtInst(&i, Type::getInt64Ty(i.getContext()), "", *i.getInsertionPointAfterDef());
        replace_wide(i, wide);
        return known = wide;
    }

    static void replace_wide(Instruction &i, Instruction *wide)
    {
        for (User *u : make_early_inc_range(i.users())) {
            if (u != wide && is_wide(u)) {
                u->replaceAllUsesWith(wide);
                cast<Instruction>(u)->eraseFromParent();
            }
        }
    }

    static bool can_be_wide(Value *v)
    {
        auto *i = dyn_cast<Instruction>(v);
        return isa<ConstantInt>(v) || (i && i->getInsertionPointAfterDef());
    }

    /* For the phi's incoming block `from`, at whose end it is needed. */
    Value *wide_of(Value *v, BasicBlock *from)
    {
        Type *type = Type::getInt64Ty(v->getContext());
        if (auto *c = dyn_cast<ConstantInt>(v))
            return ConstantInt::get(type, c->getZExtValue());
        Value *wide = join(*cast<Instruction>(v));
        return wide ? wide : new ZExtInst(v, type, "", from->getTerminator()->getIterator());
    }

    void widen(PHINode &phi)
    {
        if (!all_of(phi.incoming_values(), [](const Use &u) { return can_be_wide(u.get()); }))
            return;
        PHINode *all = PHINode::Create(Type::getInt64Ty(phi.getContext()), phi.getNumIncomingValues(), "",
                                       phi.getIterator());
        replace_wide(phi, all);
        Instruction *narrow = new TruncInst(all, phi.getType(), "", phi.getParent()->getFirstInsertionPt());
        wide_values[&phi] = wide_values[narrow] = all;
        DenseMap<BasicBlock *, Value *>
            by_block; /* a block may come in more than once, always with the same value */
        for (unsigned k = 0; k < phi.getNumIncomingValues(); k++) {
            BasicBlock *from = phi.getIncomingBlock(k);
            Value *&wide = by_block[from];
            if (!wide)
                wide = wide_of(phi.getIncomingValue(k), from);
            all->addIncoming(wide, from);
        }
        phi.replaceAllUsesWith(narrow);
        wide_values.erase(&phi);
        phi.eraseFromParent();
    }
};

} // namespace

PreservedAnalyses ExtendPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    Extending e(f, analyses.getResult<ScalarEvolutionAnalysis>(f), analyses.getResult<LoopAnalysis>(f));
    return e.run() ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
