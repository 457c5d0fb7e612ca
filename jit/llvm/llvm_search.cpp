/* llvm_search.cpp: loops that look for something, many elements at a time.
 *
 * memcmp, strlen, memchr and what compresses data have loops that only load, compare and go on: neither LLVM
 * nor whoever made the module vectorises them, because nobody knows when they end. Such a loop stays as it
 * is, and in front of it another one takes blocks of `block` bytes: as long as no round of a block can be the
 * last, all induction variables are moved on by its rounds; where one can, by the rounds before that. So the
 * loop itself always does the last round, with all that is behind it, and what traps, traps there: blocks lie
 * within the memory. Nothing is stored, so nobody can tell.
 *
 * A round can be the last when a condition of an exit holds, whether the round comes to the exit or not.
 * Conditions are of two kinds: an induction variable compared with something that does not change, from which
 * the rounds before are counted (at least), and anything else that is computed from loads whose addresses go
 * up by their size, or together cover each step (a loop unrolled by whoever made the module), or go down by
 * their size: blocks then lie below the first element, and the last of a block comes first. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
#include "rt.h"
#include "wasm.h"
}

#include "llvm_carried.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/LoopPeel.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

#include <algorithm>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

struct Condition { /* the loop may end where `value` is `wanted`; if there are cases, where its being one of
                      them is */
    Value *value;
    bool wanted;
    SmallVector<ConstantInt *, 4> cases = {};
};

struct Count { /* the loop does not end while `counter` compares so with `bound` */
    CmpInst::Predicate stays;
    const SCEVAddRecExpr *counter; /* i32 */
    Value *bound;
};

using Places = SmallMapVector<LoadInst *, Value *, 4>;

struct Induction {
    PHINode *phi;
    ConstantInt *step;
};

class Search
{
  public:
    Search(Loop &l, ScalarEvolution &se, GlobalVariable &mem, const struct llvm_unit &u)
        : loop(l), evolution(se), memory(mem), unit(u), b(mem.getContext()),
          expander(se, mem.getParent()->getDataLayout(), "search")
    {
    }
    bool is_possible()
    {
        return loop.getLoopPreheader() && loop.getLoopLatch() && find_loads() && find_inductions() &&
               find_conditions() && find_firsts() && are_expandable();
    }

    /* Rounds that come first: most of what looks for something finds it soon. */
    unsigned rounds_first() const
    {
        return static_cast<unsigned>(std::clamp<uint64_t>(first_bytes / step, 1, first_most));
    }

    /* For the list of places. */
    struct pattern_site site(const LoopInfo &loops) const
    {
        SmallString<96> evidence;
        raw_svector_ostream(evidence) << "elements of " << size << (size == 1 ? " byte, " : " bytes, ")
                                      << step / size << " a round" << (down ? ", downwards" : "");
        struct pattern_site s =
            site_of(unit, *loop.getHeader()->getParent(), &loop, loops, PATTERN_SEARCH, evidence);
        s.replaced = true;
        s.text = "blocks of 32 bytes";
        return s;
    }

    void replace()
    {
        BasicBlock *before = loop.getLoopPreheader(), *header = loop.getHeader();
        LLVMContext &context = header->getContext();
        for (PHINode &phi : make_early_inc_range(header->phis())) {
            if (!phi.use_empty())
                continue; /* find_inductions */
            evolution.forgetValue(&phi);
            phi.eraseFromParent();
        }
        auto block_named = [&](const char *name) {
            return BasicBlock::Create(context, name, header->getParent(), header);
        };
        BasicBlock *next = block_named("search"), *within = block_named("search.block"),
                   *enter = block_named("search.end");
        b.SetInsertPoint(before->getTerminator());
        Value *most = rounds(), *bytes = memory_bytes();
        Places places;
        for (auto &[load, start] : starts)
            places[load] = expand(start);
        before->getTerminator()->replaceSuccessorWith(header, next);

        MDNode *usual = MDBuilder(context).createBranchWeights(1u << 10, 1);
        b.SetInsertPoint(next);
        PHINode *done = b.CreatePHI(b.getInt64Ty(), 2);
        Value *at = b.CreateMul(done, number(step)), *inside = b.getTrue();
        for (auto &[load, place] : places) {
            place = down ? b.CreateSub(place, b.CreateAdd(at, number(block - size))) : b.CreateAdd(place, at);
            inside = b.CreateAnd(inside, b.CreateICmpULE(b.CreateAdd(place, number(block)), bytes));
            if (down)
                inside = b.CreateAnd(inside, b.CreateICmpSGE(place, number(0)));
            place = b.CreateGEP(b.getInt8Ty(), &memory, place);
        }
        b.CreateCondBr(inside, within, enter, usual);

        b.SetInsertPoint(within);
        Value *found, *left = b.CreateSub(most, done);
        Value *free = b.CreateUDiv(elements_before(places, &found), number(step / size));
        Value *sum = b.CreateAdd(done, b.CreateBinaryIntrinsic(Intrinsic::umin, free, left));
        Value *more = b.CreateAdd(done, number(block / step));
        Value *last = b.CreateOr(found, b.CreateICmpULE(left, number(block / step)));
        Instruction *back = b.CreateCondBr(last, enter, next);
        back->setMetadata(LLVMContext::MD_loop, plain_loop(context));
        done->addIncoming(number(0), before);
        done->addIncoming(more, within);

        b.SetInsertPoint(enter);
        PHINode *by = b.CreatePHI(b.getInt64Ty(), 2);
        by->addIncoming(done, next);
        by->addIncoming(sum, within);
        for (const Induction &v : inductions) {
            Value *to = b.CreateMul(b.CreateZExtOrTrunc(by, v.phi->getType()), v.step);
            int from = v.phi->getBasicBlockIndex(before);
            v.phi->setIncomingValue(static_cast<unsigned>(from),
                                    b.CreateAdd(v.phi->getIncomingValue(static_cast<unsigned>(from)), to));
            v.phi->setIncomingBlock(static_cast<unsigned>(from), enter);
        }
        b.CreateBr(header);
    }

  private:
    static constexpr uint64_t block = 32, first_bytes = 16, first_most = 8;
    static constexpr size_t instructions_most = 200, conditions_most = 32, cases_most = 8;
    static constexpr unsigned depth_most = 8; /* of what is computed from a load */

    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    const struct llvm_unit &unit;
    IRBuilder<> b;
    SCEVExpander expander;
    uint64_t step = 0, size = 0; /* bytes of a round, of an element */
    bool down = false;           /* step by step */
    SmallPtrSet<LoadInst *, 16> loads;
    SmallVector<Induction, 8> inductions;
    SmallVector<Condition, 16> conditions, firsts; /* from loads; those that stand for a step's elements */
    SmallVector<Count, 4> counts;
    SmallMapVector<LoadInst *, const SCEV *, 4>
        starts; /* of the loads of firsts: distance from the memory's beginning */

    /* --- What there is. --- */

    bool find_loads()
    {
        SmallVector<LoadInst *, 16> found;
        size_t n = 0;
        for (BasicBlock *at : loop.blocks()) {
            for (Instruction &i : *at) {
                auto *load = dyn_cast<LoadInst>(&i);
                if (++n > instructions_most ||
                    (!load && (i.mayHaveSideEffects() || i.mayReadOrWriteMemory())))
                    return false;
                if (load)
                    found.push_back(load);
            }
        }
        return !found.empty() && all_of(found, [&](LoadInst *load) { return add(*load); }) &&
               isPowerOf2_64(step) && step <= block && step % size == 0;
    }

    bool add(LoadInst &load)
    {
        auto *at = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(load.getPointerOperand()));
        if (!is_number(*load.getType()) || load.isAtomic() || !at || at->getLoop() != &loop ||
            !at->isAffine())
            return false;
        auto *by = dyn_cast<SCEVConstant>(at->getStepRecurrence(evolution));
        uint64_t bytes = load.getType()->getPrimitiveSizeInBits() / 8;
        if (!by || by->isZero() || by->getAPInt().abs().ugt(block))
            return false;
        if (loads.empty()) {
            step = by->getAPInt().abs().getZExtValue();
            size = bytes;
            down = by->getAPInt().isNegative();
        }
        loads.insert(&load);
        return step == by->getAPInt().abs().getZExtValue() && size == bytes &&
               down == by->getAPInt().isNegative() && (!down || step == size);
    }

    static bool is_number(const Type &t)
    {
        return t.isIntegerTy() || t.isFloatTy() || t.isDoubleTy();
    }

    bool find_inductions()
    {
        for (PHINode &phi : loop.getHeader()->phis()) {
            ConstantInt *by;
            if (phi.use_empty())
                continue; /* see CarriedLoads */
            if (!phi.getType()->isIntegerTy() || phi.getType()->getIntegerBitWidth() > 64 ||
                !match(phi.getIncomingValueForBlock(loop.getLoopLatch()),
                       m_Add(m_Specific(&phi), m_ConstantInt(by))))
                return false;
            inductions.push_back({&phi, by});
        }
        return !inductions.empty();
    }

    bool find_conditions()
    {
        SmallVector<BasicBlock *, 8> exiting;
        loop.getExitingBlocks(exiting);
        for (BasicBlock *at : exiting) {
            auto *br = dyn_cast<BranchInst>(at->getTerminator());
            auto *choice = dyn_cast<SwitchInst>(at->getTerminator());
            if (choice ? !find_cases(*choice)
                       : !br || !br->isConditional() ||
                             !find_in(br->getCondition(), !loop.contains(br->getSuccessor(0))))
                return false;
        }
        return !conditions.empty();
    }

    /* What is compared with several constants, as LLVM and the compilers of modules leave it: a line that
     * ends with one of two characters. */
    bool find_cases(SwitchInst &choice)
    {
        bool others_end = !loop.contains(choice.getDefaultDest());
        Condition c = {choice.getCondition(), !others_end};
        for (auto &way : choice.cases()) {
            if (loop.contains(way.getCaseSuccessor()) == others_end)
                c.cases.push_back(way.getCaseValue());
        }
        conditions.push_back(c);
        return choice.getParent() != loop.getLoopLatch() && !c.cases.empty() &&
               c.cases.size() <= cases_most && conditions.size() <= conditions_most &&
               is_elementwise(c.value, depth_most) && !loop.isLoopInvariant(c.value);
    }

    bool find_in(Value *v, bool wanted)
    {
        Value *x, *y;
        if (match(v, m_Not(m_Value(x))))
            return find_in(x, !wanted);
        if (wanted ? match(v, m_LogicalOr(m_Value(x), m_Value(y)))
                   : match(v, m_LogicalAnd(m_Value(x), m_Value(y))))
            return find_in(x, wanted) && find_in(y, wanted);
        if (find_count(v, wanted))
            return true;
        conditions.push_back({v, wanted});
        return conditions.size() <= conditions_most && is_elementwise(v, depth_most) &&
               !loop.isLoopInvariant(v);
    }

    bool find_count(Value *v, bool wanted)
    {
        auto *compare = dyn_cast<ICmpInst>(v);
        if (!compare || !compare->getOperand(0)->getType()->isIntegerTy(32))
            return false;
        CmpInst::Predicate stays = wanted ? compare->getInversePredicate() : compare->getPredicate();
        for (unsigned k : {0u, 1u}) {
            auto *counter = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(compare->getOperand(k)));
            Value *bound = compare->getOperand(1 - k);
            if (!counter || counter->getLoop() != &loop || !counter->isAffine() ||
                !isa<SCEVConstant>(counter->getStepRecurrence(evolution)) || !loop.isLoopInvariant(bound))
                continue;
            Count c = {k ? CmpInst::getSwappedPredicate(stays) : stays, counter, bound};
            if (!is_countable(c))
                return false;
            counts.push_back(c);
            return true;
        }
        return false;
    }

    APInt step_of(const Count &c) const
    {
        return cast<SCEVConstant>(c.counter->getStepRecurrence(evolution))->getAPInt();
    }

    /* Whether the counter goes towards the bound. */
    bool is_countable(const Count &c) const
    {
        APInt by = step_of(c);
        if (by.isZero() || by.abs().ugt(RT_SHORT_MEMORY_GAP))
            return false;
        if (c.stays == CmpInst::ICMP_NE)
            return true;
        return c.stays != CmpInst::ICMP_EQ &&
               (ICmpInst::isLT(c.stays) || ICmpInst::isLE(c.stays)) != by.isNegative();
    }

    /* Whether it is computed from one element of each address only, so that vectors can compute it. */
    bool is_elementwise(Value *v, unsigned depth) const
    {
        if (loop.isLoopInvariant(v))
            return is_number(*v->getType());
        auto *i = dyn_cast<Instruction>(v);
        if (!i || !depth || !is_number(*i->getType()))
            return false;
        if (auto *load = dyn_cast<LoadInst>(i))
            return loads.contains(load);
        if (match(i, m_FAbs(m_Value())))
            return is_elementwise(i->getOperand(0), depth - 1);
        bool known = isa<ZExtInst, SExtInst, TruncInst, FreezeInst, CmpInst, SelectInst>(*i) ||
                     (isa<BinaryOperator>(*i) && i->getType()->isIntegerTy() && !i->isIntDivRem() &&
                      (!i->isShift() || isa<ConstantInt>(i->getOperand(1)) ||
                       isPowerOf2_32(i->getType()->getIntegerBitWidth())));
        return known && all_of(i->operands(), [&](Value *o) { return is_elementwise(o, depth - 1); });
    }

    /* --- Steps of several elements. --- */

    /* Chooses of conditions that are the same of elements that follow one another the first one. */
    bool find_firsts()
    {
        uint64_t elements = step / size;
        SmallPtrSet<LoadInst *, 16> covered;
        SmallVector<bool, 32> used(conditions.size(), false);
        for (size_t n = 0; n < conditions.size(); n++) {
            SmallVector<size_t, 32> row = {n};
            for (uint64_t k = 1; k < elements && row.size() == k; k++) {
                auto same = [&](const Condition &c) {
                    return c.wanted == conditions[n].wanted && c.cases == conditions[n].cases &&
                           is_same(conditions[n].value, c.value, k * size);
                };
                auto *at = find_if(conditions, same);
                if (at != conditions.end())
                    row.push_back(static_cast<size_t>(at - conditions.begin()));
            }
            if (row.size() < elements)
                continue;
            firsts.push_back(conditions[n]);
            for (size_t k : row) {
                used[k] = true;
                cover(conditions[k].value, covered, k == n);
            }
        }
        return all_of(used, [](bool u) { return u; }) && covered.size() == loads.size();
    }

    /* Whether y is what x is, of elements `by` bytes on. */
    bool is_same(Value *x, Value *y, uint64_t by) const
    {
        if (loop.isLoopInvariant(x) || loop.isLoopInvariant(y))
            return x == y;
        auto *i = cast<Instruction>(x);
        auto *k = dyn_cast<Instruction>(y);
        if (!k || !i->isSameOperationAs(k, Instruction::CompareIgnoringAlignment))
            return false;
        if (auto *load = dyn_cast<LoadInst>(i)) {
            auto *apart = dyn_cast<SCEVConstant>(
                evolution.getMinusSCEV(evolution.getSCEV(cast<LoadInst>(k)->getPointerOperand()),
                                       evolution.getSCEV(load->getPointerOperand())));
            return apart && apart->getAPInt() == by;
        }
        for (unsigned n = 0; n < i->getNumOperands(); n++) {
            if (!is_same(i->getOperand(n), k->getOperand(n), by))
                return false;
        }
        return true;
    }

    /* Without the function that is called. */
    static iterator_range<User::op_iterator> operands_of(Instruction &i)
    {
        auto *call = dyn_cast<CallInst>(&i);
        return call ? call->args() : i.operands();
    }

    void cover(Value *v, SmallPtrSetImpl<LoadInst *> &covered, bool first)
    {
        if (loop.isLoopInvariant(v))
            return;
        auto *load = dyn_cast<LoadInst>(v);
        if (load)
            covered.insert(load);
        if (load && first)
            starts.insert({load, nullptr});
        for (Value *o : operands_of(*cast<Instruction>(v))) {
            if (!load)
                cover(o, covered, first);
        }
    }

    bool are_expandable()
    {
        Instruction *before = loop.getLoopPreheader()->getTerminator();
        for (auto &[load, start] : starts) {
            auto *at = cast<SCEVAddRecExpr>(evolution.getSCEV(load->getPointerOperand()));
            start = evolution.getMinusSCEV(at->getStart(), evolution.getSCEV(&memory));
            if (isa<SCEVCouldNotCompute>(start) || !expander.isSafeToExpandAt(start, before))
                return false;
        }
        return all_of(
            counts, [&](const Count &c) { return expander.isSafeToExpandAt(c.counter->getStart(), before); });
    }

    /* --- What stands in front of it. --- */

    Value *number(uint64_t n)
    {
        return b.getInt64(n);
    }

    /* What LLVM knows of a value may hold only where the loop uses it; where it does not, any value will do.
     */
    Value *expand(const SCEV *s)
    {
        return b.CreateFreeze(
            expander.expandCodeFor(s, nullptr, loop.getLoopPreheader()->getTerminator()->getIterator()));
    }

    /* Rounds that certainly do not end the loop: up to there the counter does not wrap around. */
    Value *rounds_of(const Count &c)
    {
        APInt by = step_of(c);
        Value *from = expand(c.counter->getStart()), *to = b.CreateFreeze(c.bound);
        if (by.isNegative())
            std::swap(from, to);
        Value *steps = number(by.abs().getZExtValue());
        if (c.stays == CmpInst::ICMP_NE)
            return b.CreateUDiv(b.CreateZExt(b.CreateSub(to, from), b.getInt64Ty()), steps);
        auto wide = [&](Value *v) {
            return CmpInst::isSigned(c.stays) ? b.CreateSExt(v, b.getInt64Ty())
                                              : b.CreateZExt(v, b.getInt64Ty());
        };
        bool inclusive = ICmpInst::isLE(c.stays) || ICmpInst::isGE(c.stays);
        Value *apart = b.CreateSub(wide(to), wide(from));
        Value *up = b.CreateAdd(apart, inclusive ? steps : b.CreateSub(steps, number(1)));
        Value *some = b.CreateICmpSGE(apart, number(inclusive ? 0 : 1));
        return b.CreateSelect(some, b.CreateUDiv(up, steps), number(0));
    }

    Value *rounds()
    {
        Value *n = number(UINT64_MAX);
        for (const Count &c : counts)
            n = b.CreateBinaryIntrinsic(Intrinsic::umin, n, rounds_of(c));
        return n;
    }

    Value *memory_bytes()
    {
        Module &m = *memory.getParent();
        Value *instance = m.getOrInsertGlobal("anneal_inst0", memory.getValueType());
        cast<GlobalValue>(instance)->setVisibility(GlobalValue::HiddenVisibility);
        Value *at = b.CreateGEP(b.getInt8Ty(), instance, number(unit.module->layout.mems));
        Value *head = b.CreateLoad(b.getPtrTy(), at);
        return b.CreateLoad(b.getInt64Ty(),
                            b.CreateGEP(b.getInt8Ty(), head, number(offsetof(struct rt_memory, bytes))));
    }

    unsigned lanes() const
    {
        return static_cast<unsigned>(block / size);
    }

    /* The value of all elements of a block. */
    Value *vector_of(Value *v, const Places &places)
    {
        if (loop.isLoopInvariant(v))
            return b.CreateVectorSplat(lanes(), v);
        auto *i = cast<Instruction>(v);
        if (auto *load = dyn_cast<LoadInst>(i)) {
            Value *all = b.CreateAlignedLoad(FixedVectorType::get(load->getType(), lanes()),
                                             places.lookup(load), Align(1));
            cast<Instruction>(all)->setAAMetadata(load->getAAMetadata());
            return all;
        }
        SmallVector<Value *, 3> of;
        for (Value *o : operands_of(*i))
            of.push_back(vector_of(o, places));
        if (isa<CallInst>(i))
            return b.CreateUnaryIntrinsic(Intrinsic::fabs, of[0]);
        if (isa<FreezeInst>(i))
            return b.CreateFreeze(of[0]);
        if (auto *cast = dyn_cast<CastInst>(i))
            return b.CreateCast(cast->getOpcode(), of[0], FixedVectorType::get(cast->getType(), lanes()));
        if (auto *compare = dyn_cast<CmpInst>(i))
            return b.CreateCmp(compare->getPredicate(), of[0], of[1]);
        if (isa<SelectInst>(i))
            return b.CreateSelect(of[0], of[1], of[2]);
        /* Which of a set's bits it is: the loop may have compared first whether there is such a bit, and does
         * not shift where it has ended. Here all do, so that any value will do, but there must be one. */
        if (i->isShift() && !isa<ConstantInt>(i->getOperand(1)))
            of[1] = b.CreateAnd(of[1],
                                ConstantInt::get(of[1]->getType(), i->getType()->getIntegerBitWidth() - 1));
        return b.CreateBinOp(cast<BinaryOperator>(i)->getOpcode(), of[0], of[1]);
    }

    Value *holds(const Condition &c, const Places &places)
    {
        Value *v = vector_of(c.value, places), *any = c.cases.empty() ? v : nullptr;
        for (ConstantInt *x : c.cases) {
            Value *is = b.CreateICmpEQ(v, b.CreateVectorSplat(lanes(), x));
            any = any ? b.CreateOr(any, is) : is;
        }
        return c.wanted ? any : b.CreateNot(any);
    }

    /* Elements of a block before the first with which the loop may end. */
    Value *elements_before(const Places &places, Value **found)
    {
        Value *any = nullptr;
        for (const Condition &c : firsts) {
            Value *v = holds(c, places);
            any = any ? b.CreateOr(any, v) : v;
        }
        Value *mask = b.CreateBitCast(any, b.getIntNTy(lanes()));
        *found = b.CreateIsNotNull(mask);
        Value *n = b.CreateBinaryIntrinsic(down ? Intrinsic::ctlz : Intrinsic::cttz, mask, b.getFalse());
        return b.CreateZExt(n, b.getInt64Ty());
    }

    static MDNode *plain_loop(LLVMContext &context)
    {
        Metadata *off = MDNode::get(context, MDString::get(context, "llvm.loop.unroll.disable"));
        MDNode *id = MDNode::getDistinct(context, {nullptr, off});
        id->replaceOperandWith(0, id);
        return id;
    }
};

} // namespace

/* Functions that have more such loops than this stay as they are: what is written to be inlined so often
 * finds soon what it looks for (how long matches are, in compressors), and each loop costs time to compile.
 */
static constexpr size_t loops_most = 4;

/* The same where numbers are loaded a round before they are looked at. */
static bool find_carrying(Loop &l, ScalarEvolution &evolution, GlobalVariable &memory,
                          const struct llvm_unit &unit, const LoopInfo &loops,
                          SmallVectorImpl<struct pattern_site> &sites, bool *changed)
{
    CarriedLoads carried(l, evolution);
    if (!carried.load_again())
        return false;
    *changed = true;
    Search s(l, evolution, memory, unit);
    if (!s.is_possible()) {
        carried.take_back();
        return false;
    }
    sites.push_back(s.site(loops));
    carried.keep();
    return true;
}

/* Headers of all that are to be changed, which are listed. */
static SmallVector<BasicBlock *, loops_most + 1> find_searches(Function &f, FunctionAnalysisManager &analyses,
                                                               GlobalVariable &memory,
                                                               const struct llvm_unit &unit, bool *changed)
{
    PatternTimer timer("searches");
    SmallVector<BasicBlock *, loops_most + 1> headers;
    SmallVector<struct pattern_site, loops_most + 1> sites;
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop *l : loops.getLoopsInPreorder()) {
        Search s(*l, evolution, memory, unit);
        if (!l->isInnermost())
            continue;
        if (s.is_possible())
            sites.push_back(s.site(loops));
        else if (!find_carrying(*l, evolution, memory, unit, loops, sites, changed))
            continue;
        headers.push_back(l->getHeader());
        if (headers.size() > loops_most)
            return {};
    }
    for (const struct pattern_site &s : sites)
        patterns_note(&s);
    return headers;
}

PreservedAnalyses SearchPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    if (!memory || f.hasOptSize() || !is_own_function(f))
        return PreservedAnalyses::all();
    bool changed = false;
    SmallVector<BasicBlock *, loops_most + 1> headers = find_searches(f, analyses, *memory, unit, &changed);
    if (headers.empty())
        return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
    auto search_of = [&](BasicBlock &header) {
        auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
        return Search(*analyses.getResult<LoopAnalysis>(f).getLoopFor(&header), evolution, *memory, unit);
    };
    for (BasicBlock *header : headers) {
        auto &loops = analyses.getResult<LoopAnalysis>(f);
        auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
        auto &dominators = analyses.getResult<DominatorTreeAnalysis>(f);
        Loop *l = loops.getLoopFor(header);
        ValueToValueMapTy copied;
        formLCSSA(*l, dominators, &loops, &evolution);
        Search peeled = search_of(*header);
        peelLoop(l, peeled.is_possible() ? peeled.rounds_first() : 0, &loops, &evolution, dominators,
                 &analyses.getResult<AssumptionAnalysis>(f), true, copied);
        analyses.invalidate(f, PreservedAnalyses::none());
        Search search = search_of(*header);
        if (search.is_possible())
            search.replace();
        analyses.invalidate(f, PreservedAnalyses::none());
    }
    return PreservedAnalyses::none();
}
