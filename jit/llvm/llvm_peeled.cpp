/* llvm_peeled.cpp: rounds that were taken out in front of a loop go back into it.
 *
 * What is left of a loop that was unrolled stands in front of it or behind it. In front of it there is a
 * round that is done if their number is odd, and if there are more, the loop follows:
 *
 *   if (n & 1) { round; i += 1; }   if (n != 1) do { round; round; } while (...)
 *
 * Once the loop is rolled up (llvm_reroll.cpp) its first round would be the one in front of it, had it begun
 * there. So it does, and nothing else is left: any pass sees the loop that was written. The same goes for a
 * round that stands in front of a loop without a condition, as it does when the exit was between two copies
 * (llvm_turn.cpp), where the loop only makes sums.
 *
 * That both are the same is found by comparing what they store and carry on, back to what is loaded, at the
 * same addresses. A loop that begins earlier is in the same state one round later as it was when it began, so
 * that it goes on and ends as it did. An address of 64 bits (llvm_addresses.cpp) is one of 32 bits, extended:
 * where the one is accessed, the next one has not wrapped around, as there is a gap behind all memory. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "rt.h"
}

#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

/* One loop of one block. */
class Peeled
{
  public:
    Peeled(Loop &l, ScalarEvolution &se, const GlobalVariable &mem)
        : loop(l), block(l.getHeader()), before(l.getLoopPreheader()), evolution(se), memory(mem)
    {
    }

    bool run()
    {
        if (!before || loop.getLoopLatch() != block || block->size() > body_most || !is_counted())
            return false;
        if (find_condition()) {
            if (!is_first_round() || !ends_alike())
                return false;
            put_back();
            return true;
        }
        once = before;
        if (join || !is_first_round() || !goes_on())
            return false;
        begin_earlier();
        return true;
    }

  private:
    static constexpr size_t body_most = 200;
    using Values = DenseMap<const Value *, const SCEV *>;

    Loop &loop;
    BasicBlock *block, *before;
    ScalarEvolution &evolution;
    const GlobalVariable &memory;
    BranchInst *end = nullptr; /* of the loop */

    BasicBlock *once = nullptr; /* has the round in front of the loop */
    /* Where it has a condition: */
    BasicBlock *join = nullptr, *behind = nullptr;
    BranchInst *odd = nullptr, *more = nullptr;
    Values with, without; /* phis of `join`: when it was done, and when it was not */

    DenseMap<const Value *, Value *> copies;       /* of values of the loop, in `once` */
    DenseMap<const PHINode *, Value *> begins;     /* without a condition: sums, before that round */
    SmallPtrSet<const PHINode *, 4> are_addresses; /* of 64 bits, which that round accesses */

    bool is_counted()
    {
        end = dyn_cast<BranchInst>(block->getTerminator());
        auto *compared = end && end->isConditional() ? dyn_cast<ICmpInst>(end->getCondition()) : nullptr;
        return compared && compared->isEquality() && compared->getParent() == block &&
               (end->getSuccessor(0) == block) == (compared->getPredicate() == CmpInst::ICMP_NE);
    }

    /* --- The round in front of it. --- */

    /* Sets `join` where something of that form is there, also when it is something else. */
    bool find_condition()
    {
        BasicBlock *b = before->phis().empty() ? before->getSinglePredecessor() : nullptr;
        more = b ? dyn_cast<BranchInst>(b->getTerminator()) : nullptr;
        if (!more || !more->isConditional() || b->phis().empty() || !b->hasNPredecessors(2))
            return false;
        for (BasicBlock *p : predecessors(b)) {
            odd = p->getSinglePredecessor() && p->getSingleSuccessor()
                      ? dyn_cast<BranchInst>(p->getSinglePredecessor()->getTerminator())
                      : nullptr;
            if (odd && odd->isConditional() && (odd->getSuccessor(0) == b) != (odd->getSuccessor(1) == b)) {
                once = p;
                join = b;
            }
        }
        if (!join)
            return false;
        odd = cast<BranchInst>(once->getSinglePredecessor()->getTerminator());
        behind = more->getSuccessor(more->getSuccessor(0) == before);
        for (PHINode &phi : join->phis()) {
            if (!evolution.isSCEVable(phi.getType()))
                continue;
            if (!isa<SCEVUnknown>(evolution.getSCEV(&phi)))
                return false;
            with[&phi] = evolution.getSCEV(phi.getIncomingValueForBlock(once));
            without[&phi] = evolution.getSCEV(phi.getIncomingValueForBlock(odd->getParent()));
        }
        return behind != before && !loop.contains(behind) && is_used_for_begin_only();
    }

    /* Whether what comes from `join` says only what the loop begins with. */
    bool is_used_for_begin_only()
    {
        SmallPtrSet<const Value *, 16> seen;
        SmallVector<const Instruction *, 16> todo;
        for (const PHINode &phi : join->phis())
            todo.push_back(&phi);
        while (!todo.empty()) {
            for (const Use &u : todo.pop_back_val()->uses()) {
                auto *i = cast<Instruction>(u.getUser());
                auto *phi = dyn_cast<PHINode>(i);
                if (i == more || (phi && i->getParent() == block) ||
                    (phi && i->getParent() == behind && phi->getIncomingBlock(u) == join))
                    continue;
                if (phi || (i->getParent() != join && i->getParent() != before) || i->mayReadOrWriteMemory())
                    return false;
                if (seen.insert(i).second)
                    todo.push_back(i);
            }
        }
        return true;
    }

    const SCEV *rewritten(const SCEV *s, Values &of)
    {
        return SCEVParameterRewriter::rewrite(s, evolution, of);
    }

    /* Sums of the same terms may be in different forms. */
    bool equal(const SCEV *a, const SCEV *b)
    {
        return a && b && a->getType() == b->getType() && (a == b || evolution.getMinusSCEV(a, b)->isZero());
    }

    /* --- Whether it is one of the loop's. --- */

    /* What `l` is in the first round of the loop when it begins earlier; null: something that is loaded. */
    const SCEV *at_first(const SCEV *s)
    {
        if (auto *r = dyn_cast<SCEVAddRecExpr>(s); r && r->getLoop() == &loop) {
            if (!r->isAffine())
                return nullptr;
            s = join ? r->getStart() : evolution.getMinusSCEV(r->getStart(), r->getStepRecurrence(evolution));
        }
        if (!evolution.isLoopInvariant(s, &loop))
            return nullptr;
        return join ? rewritten(s, without) : s;
    }

    const SCEV *narrowed(const SCEV *s)
    {
        return evolution.getTruncateExpr(s, Type::getInt32Ty(evolution.getContext()));
    }

    /* Whether a counter of 64 bits goes up from a number of 32, by no more than the gap. */
    bool is_wide(const SCEV *s)
    {
        auto *r = dyn_cast<SCEVAddRecExpr>(s);
        auto *by = r && r->isAffine() && r->getType()->isIntegerTy(64)
                       ? dyn_cast<SCEVConstant>(r->getOperand(1))
                       : nullptr;
        return by && by->getAPInt().isStrictlyPositive() && by->getAPInt().ule(RT_SHORT_MEMORY_GAP) &&
               evolution.getUnsignedRangeMax(r->getStart()).ule(UINT32_MAX);
    }

    /* As 32 bits, of which both are extensions: what is accessed has not wrapped around. */
    bool same_address(Value *p, Value *l)
    {
        int64_t offset_p = 0, offset_l = 0;
        Value *from = memory_index_of_any(p, &memory, &offset_p),
              *to = memory_index_of_any(l, &memory, &offset_l);
        if (!from || !to || offset_p != offset_l || offset_p < 0 ||
            !(extended_from(from) || is_wide(evolution.getSCEV(from))))
            return false;
        const SCEV *is = narrowed(evolution.getSCEV(from));
        if (Value *same = extended_from(to))
            return equal(at_first(evolution.getSCEV(same)), is);
        const SCEV *wide = evolution.getSCEV(to);
        auto *phi = dyn_cast<PHINode>(to);
        if (!phi || phi->getParent() != block || !is_wide(wide) || !equal(at_first(narrowed(wide)), is))
            return false;
        are_addresses.insert(phi);
        return true;
    }

    static unsigned stores_before(const Instruction &i)
    {
        unsigned n = 0;
        for (const Instruction *p = &i; (p = p->getPrevNode());)
            n += isa<StoreInst>(p);
        return n;
    }

    bool same_load(LoadInst &p, LoadInst &l)
    {
        if (p.getParent() != once || !p.isSimple() || !l.isSimple() || p.getType() != l.getType() ||
            (join && stores_before(p) != stores_before(l)))
            return false;
        return same_address(p.getPointerOperand(), l.getPointerOperand());
    }

    /* Whether `p` is what the round of the loop has as `l`. */
    bool same(Value *p, Value *l)
    {
        if (p->getType() != l->getType())
            return false;
        auto known = copies.find(l);
        if (known != copies.end())
            return known->second == p;
        if (evolution.isSCEVable(l->getType())) {
            const SCEV *first = at_first(evolution.getSCEV(l));
            if (first && equal(first, evolution.getSCEV(p)))
                return true;
        }
        if (loop.isLoopInvariant(l))
            return p == l;
        if (auto *phi = dyn_cast<PHINode>(l))
            return same_begin(p, *phi);
        auto *i = cast<Instruction>(l), *j = dyn_cast<Instruction>(p);
        if (!is_copy(j, *i) && !is_first_term(p, *i))
            return false;
        copies[l] = p;
        return true;
    }

    bool same_begin(Value *p, PHINode &phi)
    {
        Value *start = phi.getIncomingValueForBlock(before);
        if (!join)
            return begins.try_emplace(&phi, p).first->second == p;
        auto *joined = dyn_cast<PHINode>(start);
        if (joined && joined->getParent() == join)
            start = joined->getIncomingValueForBlock(odd->getParent());
        return start == p;
    }

    bool is_copy(Instruction *p, Instruction &l)
    {
        if (!p || isa<PHINode>(p) || !p->isSameOperationAs(&l) || isa<StoreInst>(l) ||
            (l.mayReadOrWriteMemory() && !isa<LoadInst>(l)))
            return false;
        if (auto *load = dyn_cast<LoadInst>(&l))
            return same_load(*cast<LoadInst>(p), *load);
        auto with_operands = [&](unsigned a, unsigned b) {
            return same(p->getOperand(0), l.getOperand(a)) && same(p->getOperand(1), l.getOperand(b));
        };
        if (l.isCommutative() && l.getNumOperands() == 2) {
            auto old_begins = begins;
            auto old_copies = copies;
            if (with_operands(0, 1))
                return true;
            begins = old_begins;
            copies = old_copies;
            return with_operands(1, 0);
        }
        for (unsigned k = 0; k < l.getNumOperands(); k++) {
            if (!same(p->getOperand(k), l.getOperand(k)))
                return false;
        }
        return true;
    }

    /* A term that is added to zero. */
    bool is_first_term(Value *p, Instruction &l)
    {
        Value *x, *y;
        if (join || !match(&l, m_Add(m_Value(x), m_Value(y))))
            return false;
        if (isa<PHINode>(y))
            std::swap(x, y);
        return isa<PHINode>(x) && !loop.isLoopInvariant(x) && same(p, y) &&
               same_begin(Constant::getNullValue(l.getType()), *cast<PHINode>(x));
    }

    bool is_first_round()
    {
        SmallVector<StoreInst *, 4> stores, stores_once;
        SmallVector<LoadInst *, 8> loads;
        for (Instruction &i : *block) {
            if (auto *load = dyn_cast<LoadInst>(&i))
                loads.push_back(load);
            else if (auto *store = dyn_cast<StoreInst>(&i))
                stores.push_back(store);
            else if (i.mayReadOrWriteMemory() || i.mayHaveSideEffects())
                return false;
        }
        if (loads.empty() || (!join && !stores.empty()))
            return false;
        for (Instruction &i : *once) {
            if (auto *store = dyn_cast<StoreInst>(&i); store && join)
                stores_once.push_back(store);
            else if (join && !isa<LoadInst>(i) && (i.mayReadOrWriteMemory() || i.mayHaveSideEffects()))
                return false;
        }
        if (stores.size() != stores_once.size())
            return false;
        for (size_t k = 0; k < stores.size(); k++) {
            if (!stores[k]->isSimple() || !stores_once[k]->isSimple() ||
                !same(stores_once[k]->getValueOperand(), stores[k]->getValueOperand()) ||
                !same_address(stores_once[k]->getPointerOperand(), stores[k]->getPointerOperand()))
                return false;
        }
        return are_carried_on() && all_are_loaded(loads);
    }

    /* Whether the round leaves what the loop begins with. */
    bool are_carried_on()
    {
        for (PHINode &phi : block->phis()) {
            Value *start = phi.getIncomingValueForBlock(before), *next = phi.getIncomingValueForBlock(block);
            auto *r = evolution.isSCEVable(phi.getType()) ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(&phi))
                                                          : nullptr;
            if (r && r->getLoop() == &loop && r->isAffine()) {
                if (!is_carried_on(phi, *r))
                    return false;
                continue;
            }
            auto *joined = dyn_cast<PHINode>(start);
            if (join && (!joined || joined->getParent() != join))
                return false;
            if (!same(join ? joined->getIncomingValueForBlock(once) : start, next) ||
                (!join && !begins.contains(&phi)))
                return false;
        }
        return true;
    }

    bool is_carried_on(const PHINode &phi, const SCEVAddRecExpr &r)
    {
        const SCEV *by = r.getStepRecurrence(evolution), *start = r.getStart();
        if (!join)
            return phi.getType()->isIntegerTy() && isa<SCEVConstant>(by);
        const SCEV *old = rewritten(start, with), *is = rewritten(start, without);
        if (equal(old, evolution.getAddExpr(is, by)))
            return true;
        return is_wide(&r) && are_addresses.contains(&phi) &&
               equal(narrowed(old), evolution.getAddExpr(narrowed(is), narrowed(by)));
    }

    /* Nothing is loaded that was not, and where the round is taken away, everything that was. */
    bool all_are_loaded(ArrayRef<LoadInst *> loads)
    {
        SmallPtrSet<const Value *, 8> found;
        for (const LoadInst *l : loads) {
            Value *p = copies.lookup(l);
            if (!p)
                return false;
            found.insert(p);
        }
        bool writes = false;
        for (Instruction &i : reverse(*once)) {
            auto *load = dyn_cast<LoadInst>(&i);
            if (join ? load && !found.contains(load) : writes && found.contains(&i))
                return false;
            writes |= !load && i.mayWriteToMemory();
        }
        return true;
    }

    /* --- Whether the loop ends as it did. --- */

    /* Without a condition the loop has had a round of its own. */
    bool goes_on()
    {
        auto *compared = cast<ICmpInst>(end->getCondition());
        const SCEV *x = evolution.getSCEV(compared->getOperand(0)),
                   *y = evolution.getSCEV(compared->getOperand(1));
        const SCEV *first = at_first(x), *bound = at_first(y);
        return !begins.empty() && first && bound &&
               evolution.isKnownPredicate(CmpInst::ICMP_NE, first, bound);
    }

    /* 0 where a comparison for equality holds; null: it is not one that leaves for `to`. */
    const SCEV *difference(const BranchInst &br, const BasicBlock *to)
    {
        auto *compared = dyn_cast<ICmpInst>(br.getCondition());
        if (!compared || !compared->isEquality() ||
            !evolution.isSCEVable(compared->getOperand(0)->getType()) ||
            (br.getSuccessor(0) == to) != (compared->getPredicate() == CmpInst::ICMP_EQ))
            return nullptr;
        return evolution.getMinusSCEV(evolution.getSCEV(compared->getOperand(0)),
                                      evolution.getSCEV(compared->getOperand(1)));
    }

    /* It leaves after this round where nothing was left to do, and is not reached without anything to do. */
    bool ends_alike()
    {
        const SCEV *left = difference(*more, behind);
        auto *compared = cast<ICmpInst>(end->getCondition());
        const SCEV *x = at_first(evolution.getSCEV(compared->getOperand(0))),
                   *y = at_first(evolution.getSCEV(compared->getOperand(1)));
        if (!left || !x || !y || x->getType() != left->getType())
            return false;
        const SCEV *ends = evolution.getMinusSCEV(x, y), *was = rewritten(left, with);
        return (equal(ends, was) || equal(ends, evolution.getNegativeSCEV(was))) &&
               is_odd_at_end(rewritten(left, without)) && leaves_the_same();
    }

    /* `left` is not 0 where the round is passed over, since then the number is even. */
    bool is_odd_at_end(const SCEV *left)
    {
        ICmpInst::Predicate is;
        Value *number;
        if (!match(odd->getCondition(), m_ICmp(is, m_And(m_Value(number), m_One()), m_Zero())) ||
            !ICmpInst::isEquality(is) || number->getType() != left->getType() ||
            (odd->getSuccessor(0) == once) != (is == CmpInst::ICMP_NE))
            return false;
        const SCEV *n = evolution.getSCEV(number), *one = evolution.getOne(left->getType());
        return any_of(ArrayRef<const SCEV *>{evolution.getMinusSCEV(n, left), evolution.getAddExpr(n, left)},
                      [&](const SCEV *at_end) {
                          return evolution.getMinTrailingZeros(evolution.getMinusSCEV(at_end, one)) > 0;
                      });
    }

    /* Whether what is used behind it is what the round in front of it has left. */
    bool leaves_the_same()
    {
        BasicBlock *exit = loop.getExitBlock();
        if (!exit || (exit != behind && exit->getSingleSuccessor() != behind))
            return false;
        for (PHINode &phi : behind->phis()) {
            Value *was = phi.getIncomingValueForBlock(join);
            Value *is = phi.getIncomingValueForBlock(exit == behind ? block : exit);
            auto *last = dyn_cast<PHINode>(is);
            if (exit != behind && last && last->getParent() == exit)
                is = last->getIncomingValueForBlock(block);
            auto *joined = dyn_cast<PHINode>(was);
            if (joined && joined->getParent() == join)
                was = joined->getIncomingValueForBlock(once);
            if (!same(was, is))
                return false;
        }
        return exit == behind || exit->getFirstNonPHI()->isTerminator();
    }

    /* --- Putting it back. --- */

    void put_back()
    {
        evolution.forgetTopmostLoop(&loop);
        BasicBlock *from = odd->getParent();
        for (PHINode &phi : make_early_inc_range(join->phis())) {
            Value *v = phi.getIncomingValueForBlock(from);
            evolution.forgetValue(&phi);
            phi.replaceAllUsesWith(v);
            phi.eraseFromParent();
        }
        behind->removePredecessor(join, true);
        ReplaceInstWithInst(more, BranchInst::Create(before));
        ReplaceInstWithInst(odd, BranchInst::Create(join));
        DeleteDeadBlock(once);
    }

    void begin_earlier()
    {
        IRBuilder<> b(before->getTerminator());
        SmallVector<WeakVH, 8> old;
        for (PHINode &phi : block->phis()) {
            if (begins.contains(&phi))
                continue;
            auto *r = cast<SCEVAddRecExpr>(evolution.getSCEV(&phi));
            const APInt &by = cast<SCEVConstant>(r->getStepRecurrence(evolution))->getAPInt();
            Value *start = phi.getIncomingValueForBlock(before);
            Type *wide = start->getType(), *t = are_addresses.contains(&phi) ? b.getInt32Ty() : wide;
            Value *first =
                b.CreateSub(b.CreateTrunc(start, t), ConstantInt::get(t, by.trunc(t->getIntegerBitWidth())));
            begins[&phi] = b.CreateZExt(first, wide);
        }
        evolution.forgetTopmostLoop(&loop);
        for (PHINode &phi : block->phis()) {
            old.push_back(phi.getIncomingValueForBlock(before));
            phi.setIncomingValueForBlock(before, begins.lookup(&phi));
        }
        for (WeakVH &v : old) {
            if (auto *i = dyn_cast_or_null<Instruction>(v))
                RecursivelyDeleteTriviallyDeadInstructions(i);
        }
    }
};

} // namespace

PreservedAnalyses PeeledPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    const GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    SmallPtrSet<const BasicBlock *, 16> done;
    bool changed = false, again = memory != nullptr;
    while (again) {
        again = false;
        for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder()) {
            if (!l->isInnermost() || !done.insert(l->getHeader()).second)
                continue;
            again = Peeled(*l, analyses.getResult<ScalarEvolutionAnalysis>(f), *memory).run();
            if (again)
                break;
        }
        changed |= again;
        if (again)
            analyses.invalidate(f, PreservedAnalyses::none());
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
