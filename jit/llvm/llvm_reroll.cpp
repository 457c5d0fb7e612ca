/* llvm_reroll.cpp: takes back the unrolling of whoever made the module.
 *
 * clang unrolls loops for WebAssembly two to five times. LLVM then vectorises with strides, by shuffles, or
 * not at all, where the loop as it was written has consecutive elements. A loop of one block is rolled up
 * when its body is `times` copies of the same, each with the induction variables a part of a step on, and the
 * copies' accesses of memory come one copy after the other.
 *
 * A copy is found by comparing from its ends, stores and what goes into the next round, up to where values
 * come from: a value that goes up with the rounds must do so in the copies by the same part, everything else
 * must be the same operation of corresponding values. What a copy takes from the one before (a neighbour that
 * was loaded there) corresponds to what the first copy takes from the round before.
 *
 * A value may also go up by what is only the same in all rounds (i * j of a loop over j): what it has in the
 * next copy, less what it has in the first, is then the part, and `times` parts must make the step. And the
 * copies' stores may come in any order, if those that lie next to each other tell which is whose. */
#include "llvm_counted.h"
#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <algorithm>
#include <optional>
#include <tuple>

using namespace llvm;

namespace
{

struct Recurrence { /* a value that each copy computes from what the copy before has left */
    PHINode *phi;
    SmallVector<Instruction *, 8> chain; /* from phi to what goes into the next round */
};

struct Slope { /* a value that goes up by what is the same in all rounds, but is no constant */
    PHINode *phi;
    BinaryOperator *next;
    Value *step;
    const SCEV *part; /* by which it goes up from copy to copy; unknown: NULL */
};

struct Carried { /* a value that each copy takes from the copy before: what that one has loaded, say */
    PHINode *phi;
    Instruction *last;           /* goes into the next round */
    SmallVector<Value *, 16> at; /* what copy n begins with; unknown: NULL */
};

class Reroller : CountedLoop
{
  public:
    Reroller(Loop &l, ScalarEvolution &se) : CountedLoop(l, se) {}
    bool run()
    {
        if (!is_one_block() || block->size() > body_most)
            return false;
        remove_dead();
        if (!find_phis() || !find_exit() || !find_accesses() || !find_results())
            return false;
        for (times = times_most; times >= 2; times--) {
            if (divides() && (matches() || (sort_stores() && matches()))) {
                roll();
                return true;
            }
        }
        return false;
    }

  private:
    static constexpr size_t body_most = 400, accesses_most = 100;
    static constexpr unsigned times_most = 16;

    SmallVector<Recurrence, 4> recurrences;
    SmallVector<Carried, 4> carried;
    SmallVector<Slope, 4> slopes;
    SmallVector<Instruction *, 16> accesses; /* of memory, in order */
    SmallVector<StoreInst *, 16> stores;
    DenseMap<std::pair<Value *, unsigned>, Value *> copies; /* of the first copy's values in copy n */
    DenseMap<Value *, std::pair<Value *, unsigned>>
        places; /* of accesses: counterpart in the first copy, and n */

    /* --- What there is. --- */

    bool find_phis()
    {
        for (PHINode &phi : block->phis()) {
            Value *next = phi.getIncomingValueForBlock(block);
            if (const ConstantInt *step = step_of(phi, next))
                inductions.push_back({&phi, cast<BinaryOperator>(next), step->getSExtValue()});
            else if (!find_slope(phi, next) && !find_chain(phi, next) && !find_carried(phi, next))
                return false;
        }
        return true;
    }

    bool find_slope(PHINode &phi, Value *next)
    {
        auto *sum = dyn_cast<BinaryOperator>(next);
        if (!sum || sum->getOpcode() != Instruction::Add || !evolution.isSCEVable(sum->getType()))
            return false;
        Value *step = sum->getOperand(sum->getOperand(0) == &phi);
        if (!is_contained(sum->operands(), &phi) || !loop.isLoopInvariant(step))
            return false;
        slopes.push_back({&phi, sum, step, nullptr});
        return true;
    }

    bool find_carried(PHINode &phi, Value *next)
    {
        auto *last = dyn_cast<Instruction>(next);
        if (!last || isa<PHINode>(last) || last->getParent() != block)
            return false;
        carried.push_back({&phi, last, {}});
        return true;
    }

    bool find_chain(PHINode &phi, Value *last)
    {
        Recurrence r{&phi, {}};
        for (Value *v = last; v != &phi;) {
            auto *i = dyn_cast<Instruction>(v);
            if (!i || i->getParent() != block || isa<PHINode>(i) || i->mayReadOrWriteMemory())
                return false;
            r.chain.push_back(i);
            v = nullptr;
            for (Value *o : i->operands()) {
                if (!depends(o, phi))
                    continue;
                if (v)
                    return false;
                v = o;
            }
            if (!v)
                return false;
        }
        std::reverse(r.chain.begin(), r.chain.end());
        recurrences.push_back(r);
        return !r.chain.empty();
    }

    /* Within a round. */
    bool depends(Value *v, const PHINode &phi)
    {
        SmallPtrSet<Value *, 32> seen;
        SmallVector<Value *, 32> todo{v};
        while (!todo.empty()) {
            Value *x = todo.pop_back_val();
            if (x == &phi)
                return true;
            auto *i = dyn_cast<Instruction>(x);
            if (!i || i->getParent() != block || isa<PHINode>(i) || !seen.insert(i).second)
                continue;
            todo.append(i->op_begin(), i->op_end());
        }
        return false;
    }

    bool find_accesses()
    {
        for (Instruction &i : *block) {
            if (auto *store = dyn_cast<StoreInst>(&i))
                stores.push_back(store);
            if (isa<LoadInst, StoreInst>(i))
                accesses.push_back(&i);
            if (i.isVolatile() || i.isAtomic() || (isa<CallBase>(i) && !is_pure(i)))
                return false;
        }
        return accesses.size() <= accesses_most && (!stores.empty() || !recurrences.empty());
    }

    /* Only what a round leaves may be used behind the loop. */
    bool find_results()
    {
        SmallPtrSet<Instruction *, 8> left;
        for (const Induction &v : inductions)
            left.insert(v.next);
        for (const Recurrence &r : recurrences)
            left.insert(r.chain.back());
        for (const Carried &c : carried)
            left.insert(c.last);
        for (Instruction &i : *block) {
            for (User *u : i.users()) {
                if (cast<Instruction>(u)->getParent() != block && !left.contains(&i))
                    return false;
            }
        }
        return true;
    }

    /* --- Whether it is `times` copies. --- */

    bool divides() const
    {
        if (!divides_steps())
            return false;
        for (const Recurrence &r : recurrences) {
            if (r.chain.size() % times)
                return false;
        }
        return stores.size() % times == 0;
    }

    Instruction *left_by(const Recurrence &r, unsigned copy) const
    {
        return r.chain[r.chain.size() / times * (copy + 1) - 1];
    }

    /* --- Stores in another order. --- */

    struct Place {
        unsigned family; /* of stores that are a constant apart */
        int64_t offset;  /* from the first one of it */
        StoreInst *store;
        unsigned copy;
    };

    /* Brings the stores into the order of the copies, by where those lie that are next to each other. Words
     * that are only copied stay: pieces of several, which are short, are better than vectors behind tests. */
    bool sort_stores()
    {
        if (all_of(stores, [](StoreInst *s) { return isa<LoadInst>(s->getValueOperand()); }))
            return false;
        SmallVector<StoreInst *, 4> families;
        SmallVector<Place, 16> found;
        for (StoreInst *s : stores) {
            auto *family = find_if(families, [&](StoreInst *f) { return distance(f, s).has_value(); });
            if (family == families.end())
                family = &families.emplace_back(s);
            found.push_back({static_cast<unsigned>(family - families.begin()), *distance(*family, s), s, 0});
        }
        llvm::sort(found, [](const Place &x, const Place &y) {
            return std::tie(x.family, x.offset) < std::tie(y.family, y.offset);
        });
        MutableArrayRef<Place> rest(found);
        while (!rest.empty()) {
            size_t n = count_neighbours(rest);
            if (!find_copies(rest.take_front(n)))
                return false;
            rest = rest.drop_front(n);
        }
        llvm::sort(found, [](const Place &x, const Place &y) {
            return std::tie(x.copy, x.family, x.offset) < std::tie(y.copy, y.family, y.offset);
        });
        for (size_t k = 0; k < found.size(); k++)
            stores[k] = found[k].store;
        return true;
    }

    /* By how much its address goes up; 0: no constant. */
    int64_t stride_of(StoreInst *store)
    {
        auto *at = dyn_cast<SCEVAddRecExpr>(address_of(store));
        auto *step =
            at && at->getLoop() == &loop ? dyn_cast<SCEVConstant>(at->getStepRecurrence(evolution)) : nullptr;
        return step ? step->getAPInt().getSExtValue() : 0;
    }

    /* How many, from the lowest on, are in the place that a round has. */
    size_t count_neighbours(ArrayRef<Place> places)
    {
        int64_t step = std::abs(stride_of(places.front().store));
        size_t n = 1;
        while (n < places.size() && places[n].family == places.front().family &&
               places[n].offset - places.front().offset < step)
            n++;
        return n;
    }

    bool find_copies(MutableArrayRef<Place> places)
    {
        int64_t part = stride_of(places.front().store) / static_cast<int64_t>(times);
        if (part == 0 || places.size() % times != 0)
            return false;
        int64_t low = places.front().offset;
        for (Place &p : places) {
            int64_t n = (p.offset - low) / std::abs(part);
            if (n >= times)
                return false;
            p.copy = static_cast<unsigned>(part > 0 ? n : times - 1 - n);
        }
        return true;
    }

    const SCEV *address_of(Instruction *access)
    {
        return evolution.getSCEV(getLoadStorePointerOperand(access));
    }

    /* From x to y, in each round. */
    std::optional<int64_t> distance(Instruction *x, Instruction *y)
    {
        auto *c = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(address_of(y), address_of(x)));
        return c ? std::optional(c->getAPInt().getSExtValue()) : std::nullopt;
    }

    bool are_apart(Instruction *x, Instruction *y)
    {
        const DataLayout &layout = block->getModule()->getDataLayout();
        auto bytes = [&](Instruction *i) {
            return static_cast<int64_t>(layout.getTypeStoreSize(getLoadStoreType(i)).getFixedValue());
        };
        std::optional<int64_t> d = distance(x, y);
        return d && (*d >= bytes(x) || -*d >= bytes(y));
    }

    bool matches()
    {
        copies.clear();
        places.clear();
        for (Slope &s : slopes)
            s.part = nullptr;
        for (Carried &c : carried) {
            c.at.assign(times + 1, nullptr);
            c.at.front() = c.phi;
            c.at.back() = c.last;
        }
        size_t stores_each = stores.size() / times;
        for (unsigned n = 1; n < times; n++) {
            for (size_t k = 0; k < stores_each; k++) {
                if (!same_operation(stores[k], stores[n * stores_each + k], n))
                    return false;
            }
            for (const Recurrence &r : recurrences) {
                if (!same(left_by(r, 0), left_by(r, n), n))
                    return false;
            }
        }
        return all_of(carried, [&](const Carried &c) { return is_carried(c); }) && in_order() &&
               all_of(slopes, [&](const Slope &s) { return !s.part || can_expand(s.part); });
    }

    /* Whether each copy leaves the same for the next one. */
    bool is_carried(const Carried &c)
    {
        for (unsigned n = 1; n < times; n++) {
            if (!c.at[1] || !c.at[n + 1] || !same(c.at[1], c.at[n + 1], n))
                return false;
        }
        return true;
    }

    bool same(Value *a, Value *b, unsigned n)
    {
        if (loop.isLoopInvariant(a) || loop.isLoopInvariant(b))
            return a == b;
        if (is_next(a) || any_of(slopes, [&](const Slope &s) { return s.next == a; }))
            return false; /* its step is going to change */
        for (Slope &s : slopes) {
            if (s.phi == a)
                return goes_on_by(s, b, n);
        }
        if (goes_up(a))
            return is_on_by(a, b, n);
        if (auto *phi = dyn_cast<PHINode>(a)) {
            for (const Recurrence &r : recurrences) {
                if (r.phi == phi)
                    return b == left_by(r, n - 1);
            }
            for (Carried &c : carried) {
                if (c.phi != phi)
                    continue;
                c.at[n] = c.at[n] ? c.at[n] : b; /* is_carried() checks what is found first */
                return b == c.at[n];
            }
            return false;
        }
        auto *ia = cast<Instruction>(a), *ib = dyn_cast<Instruction>(b);
        return ib && ib->getParent() == block && same_operation(ia, ib, n);
    }

    /* Modulo 2 to the power of the bits: exact. */
    bool goes_on_by(Slope &s, Value *b, unsigned n)
    {
        if (b->getType() != s.phi->getType())
            return false;
        const SCEV *on = evolution.getMinusSCEV(evolution.getSCEV(b), evolution.getSCEV(s.phi));
        if (!evolution.isLoopInvariant(on, &loop))
            return false;
        if (n == 1 && !s.part && multiple(on, times) == evolution.getSCEV(s.step))
            s.part = on;
        return s.part && on == multiple(s.part, n);
    }

    const SCEV *multiple(const SCEV *s, unsigned n)
    {
        return evolution.getMulExpr(evolution.getConstant(s->getType(), n), s);
    }

    bool same_operation(Instruction *a, Instruction *b, unsigned n)
    {
        auto known = copies.find({a, n});
        if (known != copies.end())
            return known->second == b;
        if (isa<PHINode>(b) || !a->isSameOperationAs(b) || !same_operands(*a, *b, n))
            return false;
        if (isa<LoadInst, StoreInst>(a) && (!place(a, a, 0) || !place(b, a, n)))
            return false;
        copies[{a, n}] = b;
        return true;
    }

    bool same_operands(Instruction &a, Instruction &b, unsigned n)
    {
        auto with = [&](unsigned k, unsigned j) { return same(a.getOperand(k), b.getOperand(j), n); };
        if (a.isCommutative() && a.getNumOperands() == 2)
            return (with(0, 0) && with(1, 1)) || (with(0, 1) && with(1, 0));
        for (unsigned k = 0; k < a.getNumOperands(); k++) {
            if (!with(k, k))
                return false;
        }
        return true;
    }

    /* An access belongs to one copy. */
    bool place(Instruction *i, Instruction *first, unsigned n)
    {
        return places.try_emplace(i, first, n).first->second ==
               std::make_pair(static_cast<Value *>(first), n);
    }

    /* Whether the rolled loop makes the same accesses and none passes a store to the same place. */
    bool in_order()
    {
        SmallVector<std::pair<unsigned, unsigned>, 16> keys;
        DenseMap<Value *, unsigned> order;
        for (Instruction *i : accesses) {
            auto at = places.find(i);
            if (at == places.end())
                return false;
            order[i] = static_cast<unsigned>(order.size());
            keys.push_back({at->second.second, order.lookup(at->second.first)});
        }
        for (size_t y = 0; y < keys.size(); y++) {
            for (size_t x = 0; x < y; x++) {
                if (keys[x] > keys[y] && (isa<StoreInst>(accesses[x]) || isa<StoreInst>(accesses[y])) &&
                    !are_apart(accesses[x], accesses[y]))
                    return false;
            }
        }
        return accesses.size() == times * first_accesses();
    }

    size_t first_accesses() const
    {
        size_t n = 0;
        for (const auto &p : places)
            n += p.second.second == 0;
        return n;
    }

    /* --- Rolling up. --- */

    bool can_expand(const SCEV *part)
    {
        return SCEVExpander(evolution, block->getModule()->getDataLayout(), "part")
            .isSafeToExpandAt(part, loop.getLoopPreheader()->getTerminator());
    }

    void divide_slopes()
    {
        SCEVExpander expander(evolution, block->getModule()->getDataLayout(), "part");
        for (const Slope &s : slopes) {
            if (!s.part)
                continue; /* of another copy */
            s.next->setOperand(s.next->getOperand(0) == s.phi,
                               expander.expandCodeFor(
                                   s.part, nullptr, loop.getLoopPreheader()->getTerminator()->getIterator()));
            s.next->dropPoisonGeneratingFlags();
        }
    }

    void roll()
    {
        divide_slopes();
        evolution.forgetLoop(&loop);
        for (const auto &c : copies)
            cast<Instruction>(c.first.first)->andIRFlags(c.second);
        divide_steps();
        for (const Recurrence &r : recurrences) {
            Instruction *left = left_by(r, 0);
            r.phi->setIncomingValueForBlock(block, left);
            r.chain.back()->replaceUsesOutsideBlock(left, block);
        }
        for (const Carried &c : carried) {
            c.phi->setIncomingValueForBlock(block, c.at[1]);
            c.last->replaceUsesOutsideBlock(c.at[1], block);
        }
        for (size_t k = stores.size() / times; k < stores.size(); k++)
            stores[k]->eraseFromParent();
        for (Instruction &i : make_early_inc_range(reverse(*block))) {
            if (isInstructionTriviallyDead(&i))
                i.eraseFromParent();
        }
    }
};

} // namespace

PreservedAnalyses RerollPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    ScalarEvolution &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    bool changed = false;
    for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder())
        changed |= l->isInnermost() && Reroller(*l, evolution).run();
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
