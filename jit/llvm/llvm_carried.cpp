/* llvm_carried.cpp: see llvm_carried.h. */
#include "llvm_carried.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

/* The load that `v` is, or is the extension of; null: none. */
static LoadInst *load_of(Value *v)
{
    auto *cast_of = dyn_cast<CastInst>(v);
    auto *load = dyn_cast<LoadInst>(cast_of ? cast_of->getOperand(0) : v);
    return load && load->isSimple() ? load : nullptr;
}

bool CarriedLoads::only_reads() const
{
    return loop.getLoopPreheader() && loop.getLoopLatch() && all_of(loop.blocks(), [](BasicBlock *b) {
               return none_of(*b,
                              [](Instruction &i) { return i.mayWriteToMemory() || i.mayHaveSideEffects(); });
           });
}

/* Whether nothing has been written between a load in front of the loop and the loop. */
bool CarriedLoads::is_as_it_was(const Instruction &load) const
{
    constexpr unsigned blocks_most = 4;
    const BasicBlock *b = loop.getLoopPreheader();
    for (unsigned k = 0; b && k < blocks_most; k++, b = b->getSinglePredecessor()) {
        for (const Instruction &i : reverse(*b)) {
            if (&i == &load)
                return true;
            if (i.mayWriteToMemory())
                return false;
        }
    }
    return false;
}

/* Where the number lies in each round, if the loop loads the next one each time; else null. */
const SCEV *CarriedLoads::address(PHINode &phi)
{
    Value *next = phi.getIncomingValueForBlock(loop.getLoopLatch());
    Value *first = phi.getIncomingValueForBlock(loop.getLoopPreheader());
    LoadInst *load = load_of(next), *before = load_of(first);
    if (!load || !before || !loop.contains(load) || load->getType() != before->getType() ||
        next->getValueID() != first->getValueID() || !is_as_it_was(*before))
        return nullptr;
    auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(load->getPointerOperand()));
    const SCEV *from = evolution.getSCEV(before->getPointerOperand());
    if (!goes || goes->getLoop() != &loop || !goes->isAffine())
        return nullptr;
    const SCEV *by = goes->getStepRecurrence(evolution);
    if (!isa<SCEVConstant>(by) || evolution.getMinusSCEV(goes->getStart(), from) != by)
        return nullptr;
    return evolution.getAddRecExpr(from, by, &loop, SCEV::FlagAnyWrap);
}

/* The same as `next`, extended as that is, of another place. */
Instruction *CarriedLoads::load(Value *next, Value *from) const
{
    BasicBlock *header = loop.getHeader();
    auto *place = dyn_cast<Instruction>(from);
    bool here = place && place->getParent() == header && !isa<PHINode>(place);
    Instruction *again = load_of(next)->clone();
    again->setOperand(0, from);
    again->insertBefore(here ? place->getNextNode() : &*header->getFirstInsertionPt());
    auto *extends = dyn_cast<CastInst>(next);
    if (!extends)
        return again;
    Instruction *extended = extends->clone();
    extended->dropPoisonGeneratingFlags(); /* what they say of `next` need not be so of the first number */
    extended->setOperand(0, again);
    extended->insertAfter(again);
    return extended;
}

bool CarriedLoads::load_again()
{
    if (!only_reads())
        return false;
    BasicBlock *header = loop.getHeader();
    SCEVExpander expander(evolution, header->getModule()->getDataLayout(), "carried");
    for (PHINode &phi : header->phis()) {
        const SCEV *at = address(phi);
        if (at && expander.isSafeToExpandAt(at, &*header->getFirstInsertionPt()))
            carried.push_back({&phi, at});
    }
    for (Carried &c : carried) {
        Value *from = expander.expandCodeFor(c.at, c.at->getType(), header->getFirstInsertionPt());
        c.again = load(c.phi->getIncomingValueForBlock(loop.getLoopLatch()), from);
        c.phi->replaceAllUsesWith(c.again);
        evolution.forgetValue(c.phi);
    }
    return !carried.empty();
}

void CarriedLoads::keep()
{
    for (Carried &c : carried)
        c.phi->eraseFromParent();
}

void CarriedLoads::take_back()
{
    for (Carried &c : carried) {
        evolution.forgetValue(c.again);
        c.again->replaceAllUsesWith(c.phi);
        auto *load = dyn_cast<Instruction>(c.again->getOperand(0));
        bool extended = isa<CastInst>(c.again);
        c.again->eraseFromParent();
        if (extended)
            load->eraseFromParent();
    }
}
