/* llvm_addresses.cpp: 32-bit address arithmetic as 64-bit arithmetic, for the loops of LLVM.
 *
 * An address of WebAssembly wraps around at 32 bits. LLVM then sees zext(i32 {a,+,8}) where C has a pointer
 * {a,+,8}: it can neither tell that accesses follow one another, nor use the offset in an instruction. But
 * memory 0 ends RT_SHORT_MEMORY_GAP bytes before 4 GiB at least, and as much before its beginning is
 * unmapped, so in steps of less an address cannot wrap around without an access that traps:
 *
 *   up:    an access of every round at X means X < 4 GiB - gap in every round that has a next, so X + step <
 * 4 GiB; down:  where X - step wraps around, X is beyond the memory's end. The 64-bit address is then
 * negative, before the memory's beginning, and traps in the same round (if the access has no offset that
 * brings it back).
 *
 * Such an X is an anchor. It gets an induction variable of 64 bits, and so do addresses a constant above it
 * that are used when its access in the same round is over (or must come), and a constant below it, if they
 * have no offset: where that wraps around, the access traps beyond the memory's end or before its beginning.
 */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "rt.h"
}

#include "llvm_passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

static const int64_t gap = RT_SHORT_MEMORY_GAP;

Value *extended_from(Value *index)
{
    auto *wide = dyn_cast<ZExtInst>(index);
    return wide && wide->getOperand(0)->getType()->isIntegerTy(32) ? wide->getOperand(0) : nullptr;
}

static Value *index_in(Value *pointer, const GlobalVariable *memory, int64_t *offset, bool extended)
{
    const DataLayout &layout = memory->getParent()->getDataLayout();
    Value *index = nullptr;
    while (pointer != memory) {
        auto *step = dyn_cast<GEPOperator>(pointer);
        APInt constant(64, 0);
        if (!step)
            return nullptr;
        if (step->accumulateConstantOffset(layout, constant)) {
            *offset += constant.getSExtValue();
        } else {
            if (index || step->getNumIndices() != 1 || !step->getSourceElementType()->isIntegerTy(8))
                return nullptr;
            index = extended ? extended_from(step->getOperand(1)) : step->getOperand(1);
            if (!index)
                return nullptr;
        }
        pointer = step->getPointerOperand();
    }
    return index;
}

Value *memory_index(Value *pointer, const GlobalVariable *memory, int64_t *offset)
{
    return index_in(pointer, memory, offset, true);
}

Value *memory_index_of_any(Value *pointer, const GlobalVariable *memory, int64_t *offset)
{
    return index_in(pointer, memory, offset, false);
}

/* A load that LLVM must keep is said to write. */
bool traps_before(const Instruction &first, const Instruction &i, const DominatorTree &dominators)
{
    if (i.getParent() != first.getParent())
        return dominators.dominates(first.getParent(), i.getParent());
    for (const Instruction *p = &i; p; p = p->getNextNode()) {
        if (p == &first)
            return true;
        if (p->mayWriteToMemory() && !isa<LoadInst>(*p))
            break;
    }
    return first.comesBefore(&i);
}

BasicBlock *copy_where_it_traps(BasicBlock &before, Value *traps, BasicBlock &usual, Instruction &from,
                                Instruction &last, ValueToValueMapTy &copied)
{
    LLVMContext &c = before.getContext();
    BasicBlock *aside = BasicBlock::Create(c, "", before.getParent());
    IRBuilder<>(&before).CreateCondBr(traps, aside, &usual, MDBuilder(c).createBranchWeights(1, 1u << 20));
    IRBuilder<> b(aside);
    for (Instruction *i = &from;; i = i->getNextNode()) {
        Instruction *same = i->clone();
        b.Insert(same);
        RemapInstruction(same, copied, RF_IgnoreMissingLocals | RF_NoModuleLevelChanges);
        copied[i] = same;
        if (i == &last)
            break;
    }
    cast<StoreInst>(copied[&last])->setVolatile(true); /* what follows is not reached */
    b.CreateIntrinsic(Intrinsic::trap, {}, {});
    b.CreateUnreachable();
    return aside;
}

namespace
{

struct Access { /* at memory 0 + zext(index) + offset */
    Instruction *i;
    Use *pointer;
    Value *index;
    int64_t offset;
    int64_t above; /* of index, above that of the group's first */
    bool always;   /* in every round that is finished */
    bool done;
};

struct Group { /* accesses of one loop whose indexes are a constant apart */
    Loop *loop;
    int64_t step;
    const SCEV *start; /* of the first member's index */
    SmallVector<Access, 4> members;
};

class Widening
{
  public:
    Widening(Function &f, ScalarEvolution &se, LoopInfo &loops, DominatorTree &dom)
        : memory(f.getParent()->getNamedGlobal("anneal_mem0")), function(f), evolution(se), loop_info(loops),
          dominators(dom)
    {
    }
    bool has_new_blocks() const
    {
        return guarded;
    }
    bool run()
    {
        bool changed = false;
        if (!memory)
            return false;
        for (Instruction &i : instructions(function))
            collect(i);
        for (auto &of_loop : groups) {
            for (Group &g : of_loop.second)
                changed |= rewrite(g);
        }
        return changed;
    }

  private:
    static constexpr size_t groups_most = 32; /* a loop: each new access is compared with all */
    static constexpr int anchors_most = 8;    /* a group: each is compared with all that is left */
    GlobalVariable *memory;
    Function &function;
    ScalarEvolution &evolution;
    LoopInfo &loop_info;
    DominatorTree &dominators;
    MapVector<Loop *, SmallVector<Group, 4>> groups;
    bool guarded = false; /* there are new blocks */

    void collect(Instruction &i)
    {
        Loop *loop = loop_info.getLoopFor(i.getParent());
        if (!loop || !isa<LoadInst, StoreInst>(i) || !loop->getLoopPreheader() || !loop->getLoopLatch())
            return;
        Use &pointer = i.getOperandUse(isa<LoadInst>(i) ? 0 : 1);
        int64_t offset = 0;
        Value *index = memory_index(pointer, memory, &offset);
        auto *s = index ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(index)) : nullptr;
        if (!s || s->getLoop() != loop || !s->isAffine() || offset < 0)
            return;
        auto *by = dyn_cast<SCEVConstant>(s->getStepRecurrence(evolution));
        if (!by || by->isZero() || by->getAPInt().abs().ugt(gap))
            return;
        bool always = dominators.dominates(i.getParent(), loop->getLoopLatch());
        add({&i, &pointer, index, offset, 0, always, false}, loop, by->getAPInt().getSExtValue(),
            s->getStart());
    }

    void add(Access a, Loop *loop, int64_t step, const SCEV *start)
    {
        SmallVectorImpl<Group> &of_loop = groups[loop];
        for (Group &g : of_loop) {
            auto *above =
                g.step == step ? dyn_cast<SCEVConstant>(evolution.getMinusSCEV(start, g.start)) : nullptr;
            if (above) {
                a.above = above->getAPInt().getSExtValue();
                g.members.push_back(a);
                return;
            }
        }
        if (of_loop.size() < groups_most)
            of_loop.push_back({loop, step, start, {a}});
    }

    /* The lowest one; the first one of those that go down, of which the others are likely below. */
    static Access *anchor_of(Group &g)
    {
        Access *anchor = nullptr;
        for (Access &a : g.members) {
            if (!a.done && a.always && (g.step > 0 || a.offset == 0) &&
                (!anchor || (g.step > 0 && a.above < anchor->above)))
                anchor = &a;
        }
        return anchor;
    }

    static bool is_near(const Access &a, int64_t above)
    {
        return above >= 0 ? above <= gap : above >= -gap && a.offset == 0;
    }

    bool rewrite(Group &g)
    {
        bool changed = false;
        Access *anchor;
        for (int k = 0; k < anchors_most && (anchor = anchor_of(g)); k++)
            changed |= rewrite_around(g, *anchor);
        return changed;
    }

    bool rewrite_around(Group &g, Access &anchor)
    {
        anchor.done = true;
        SCEVExpander expander(evolution, function.getParent()->getDataLayout(), "address");
        Instruction *before = g.loop->getLoopPreheader()->getTerminator();
        const SCEV *start = cast<SCEVAddRecExpr>(evolution.getSCEV(anchor.index))->getStart();
        if (!expander.isSafeToExpandAt(start, before))
            return false;
        expander.disableCanonicalMode();
        Value *first = expander.expandCodeFor(start, nullptr, before->getIterator());
        int64_t in_front = most_in_front(g, anchor);
        if (in_front > 0)
            guard(*g.loop, anchor, first, in_front);
        Value *wide = induction(g, first);
        replace(anchor, wide, 0);
        for (Access &a : g.members) {
            int64_t above = a.above - anchor.above;
            bool by_guard = above > 0 && above <= in_front;
            if (a.done || !is_near(a, above) || !(by_guard || traps_before(*anchor.i, *a.i, dominators)))
                continue;
            replace(a, wide, above);
            a.done = true;
        }
        return true;
    }

    /* --- Stores from above. ---
     *
     * Where copies of a loop's body store the last element of a round first, the anchor says nothing of it
     * yet. But it can only have wrapped around in the first round, if the anchor traps there: in another one,
     * it is less than the gap above where the anchor was in memory. Such a first round is a copy up to the
     * anchor, with addresses as they were. */

    /* How far above the anchor stores are that come in front of it, in a loop of one block; 0: none. Copies
     * of words are another matter (llvm_offsets.cpp). */
    int64_t most_in_front(const Group &g, const Access &anchor)
    {
        int64_t most = 0;
        if (g.step < 0 || g.loop->getNumBlocks() != 1 || !isa<StoreInst>(anchor.i))
            return 0;
        for (const Access &a : g.members) {
            int64_t above = a.above - anchor.above;
            auto *store = dyn_cast<StoreInst>(a.i);
            if (!a.done && above + g.step <= gap && store && !isa<LoadInst>(store->getValueOperand()) &&
                store->comesBefore(anchor.i))
                most = std::max(most, above);
        }
        for (Instruction &i : *g.loop->getHeader()) {
            if (&i == anchor.i)
                return most;
            if (isa<CallBase>(i) && !isa<IntrinsicInst>(i))
                break;
        }
        return 0;
    }

    void guard(Loop &loop, const Access &anchor, Value *first, int64_t above)
    {
        BasicBlock *before = loop.getLoopPreheader(), *header = loop.getHeader();
        BasicBlock *usual = SplitBlock(before, before->getTerminator(), &dominators, &loop_info);
        before->getTerminator()->eraseFromParent();
        IRBuilder<> b(before);
        Value *wraps = b.CreateICmpUGE(first, b.getInt32(static_cast<uint32_t>(-above)));
        ValueToValueMapTy copied;
        for (PHINode &phi : header->phis())
            copied[&phi] = phi.getIncomingValueForBlock(usual);
        dominators.addNewBlock(
            copy_where_it_traps(*before, wraps, *usual, *header->getFirstNonPHI(), *anchor.i, copied),
            before);
        guarded = true;
    }

    Value *induction(const Group &g, Value *start)
    {
        BasicBlock *header = g.loop->getHeader(), *latch = g.loop->getLoopLatch();
        IRBuilder<> b(g.loop->getLoopPreheader()->getTerminator());
        Value *first = b.CreateZExt(start, b.getInt64Ty());
        b.SetInsertPoint(header, header->begin());
        PHINode *phi = b.CreatePHI(b.getInt64Ty(), 2);
        b.SetInsertPoint(latch->getTerminator());
        Value *next = b.CreateAdd(phi, b.getInt64(static_cast<uint64_t>(g.step)), "", g.step > 0, true);
        phi->addIncoming(first, g.loop->getLoopPreheader());
        phi->addIncoming(next, latch);
        return phi;
    }

    void replace(const Access &a, Value *wide, int64_t above)
    {
        IRBuilder<> b(a.i);
        Value *at = b.CreateGEP(b.getInt8Ty(), memory, wide);
        int64_t offset = above + a.offset;
        *a.pointer = offset ? b.CreateGEP(b.getInt8Ty(), at, b.getInt64(static_cast<uint64_t>(offset))) : at;
    }
};

} // namespace

PreservedAnalyses WideAddressesPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    Widening w(f, analyses.getResult<ScalarEvolutionAnalysis>(f), analyses.getResult<LoopAnalysis>(f),
               analyses.getResult<DominatorTreeAnalysis>(f));
    if (!w.run())
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserve<DominatorTreeAnalysis>();
    kept.preserve<LoopAnalysis>();
    if (!w.has_new_blocks())
        kept.preserveSet<CFGAnalyses>();
    return kept;
}
