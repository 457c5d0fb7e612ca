/* llvm_stretch.cpp: see llvm_stretch.h. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "patterns.h"
}

#include "llvm_stretch.h"
#include "llvm_passes.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

Stretch::Stretch(Loop &l, ScalarEvolution &se, GlobalVariable &mem)
    : loop(l), evolution(se), memory(mem), expander(se, mem.getParent()->getDataLayout(), "stretch")
{
}

bool Stretch::has_shape(const Loop &l)
{
    const BasicBlock *latch = l.getLoopLatch(), *exit = l.getUniqueExitBlock();
    return l.getLoopPreheader() && latch && exit && l.getExitingBlock() == latch &&
           exit->getSinglePredecessor() == latch;
}

Instruction *Stretch::before() const
{
    return loop.getLoopPreheader()->getTerminator();
}

bool Stretch::is_known(const SCEV *s) const
{
    return evolution.isLoopInvariant(s, &loop) && expander.isSafeToExpandAt(s, before());
}

bool Stretch::find(Value *pointer, uint64_t bytes_each, LoopInfo &loops, DominatorTree &dominators,
                   bool downwards)
{
    step = bytes_each;
    down = downwards;
    bool found = find_count() && find_start(pointer) && is_known(index);
    if (found)
        formLCSSARecursively(loop, dominators, &loops, &evolution);
    return found;
}

/* What `e` is in the first round of the loop, if each adds a constant to it; else null. */
const SCEV *Stretch::start_of(const SCEV *e, const APInt **by) const
{
    auto *goes = dyn_cast<SCEVAddRecExpr>(e);
    if (!goes || goes->getLoop() != &loop || !goes->isAffine())
        return nullptr;
    auto *constant = dyn_cast<SCEVConstant>(goes->getStepRecurrence(evolution));
    if (!constant)
        return nullptr;
    *by = &constant->getAPInt();
    return goes->getStart();
}

bool Stretch::find_count()
{
    distance = evolution.getBackedgeTakenCount(&loop);
    if (!isa<SCEVCouldNotCompute>(distance))
        return is_known(distance);
    auto *br = dyn_cast<BranchInst>(loop.getLoopLatch()->getTerminator());
    auto *compare = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
    return compare && evolution.isSCEVable(compare->getOperand(0)->getType()) &&
           find_counter(*compare, br->getSuccessor(0) == loop.getHeader());
}

/* Where a counter that goes by 2^shift ends the loop when it is equal to something, LLVM cannot tell: it ends
 * only if it meets it. Nor can it where a larger step may pass what the counter must be less than, and wrap
 * around. */
bool Stretch::find_counter(const ICmpInst &compare, bool goes_on)
{
    CmpInst::Predicate stays = goes_on ? compare.getPredicate() : compare.getInversePredicate();
    const SCEV *counter = evolution.getSCEV(compare.getOperand(0));
    const SCEV *bound = evolution.getSCEV(compare.getOperand(1));
    if (evolution.isLoopInvariant(counter, &loop)) {
        std::swap(counter, bound);
        stays = CmpInst::getSwappedPredicate(stays);
    }
    const APInt *by = nullptr;
    const SCEV *first = start_of(counter, &by);
    if (!first || !by->abs().isPowerOf2() || !is_known(bound) || !is_known(first))
        return false;
    shift = by->abs().logBase2();
    if (stays == CmpInst::ICMP_NE) {
        distance =
            by->isNegative() ? evolution.getMinusSCEV(first, bound) : evolution.getMinusSCEV(bound, first);
        return !isa<SCEVCouldNotCompute>(distance) && is_known(distance);
    }
    less.first = first;
    less.bound = bound;
    less.is_signed = CmpInst::isSigned(stays);
    return ICmpInst::isLT(stays) && !by->isNegative() && first->getType()->isIntegerTy(32);
}

bool Stretch::find_start(Value *pointer)
{
    const APInt *by = nullptr;
    offset = 0;
    Value *at = memory_index(pointer, &memory, &offset);
    index = start_of(evolution.getSCEV(at ? at : pointer), &by);
    if (!index || (down ? -*by : *by) != step || offset < 0)
        return false;
    if (!at) {
        index = evolution.getMinusSCEV(index, evolution.getSCEV(&memory));
        offset = 0;
    }
    return !isa<SCEVCouldNotCompute>(index);
}

uint64_t Stretch::rounds_most() const
{
    auto *most = dyn_cast<SCEVConstant>(evolution.getConstantMaxBackedgeTakenCount(&loop));
    return most && most->getAPInt().ult(UINT32_MAX) ? most->getAPInt().getZExtValue() + 1 : UINT64_MAX;
}

bool Stretch::find_results(ArrayRef<Value *> left, const char **why)
{
    SmallSet<Value *, 2> used;
    for (PHINode &phi : loop.getUniqueExitBlock()->phis()) {
        Value *v = phi.getIncomingValueForBlock(loop.getLoopLatch());
        auto one = llvm::find(left, v);
        if (one != left.end() && used.insert(v).second) {
            behind.push_back({&phi, nullptr, static_cast<unsigned>(one - left.begin())});
            continue;
        }
        if (loop.isLoopInvariant(v))
            continue;
        const SCEV *s = value_behind(*v, loop, evolution);
        *why = "something else that the loop computes is used behind it";
        if (!s || !is_known(s))
            return false;
        behind.push_back({&phi, s, 0});
    }
    *why = "nothing uses what it computes";
    return left.empty() || !used.empty();
}

Value *Stretch::expand(Substitution &s, const SCEV *e)
{
    return s.builder().CreateFreeze(expander.expandCodeFor(e, e->getType(), before()->getIterator()));
}

/* How often the loop goes back. */
Value *Stretch::count(Substitution &s)
{
    IRBuilder<> &b = s.builder();
    Value *way = b.CreateZExtOrTrunc(expand(s, distance), b.getInt64Ty());
    Value *back = b.CreateLShr(way, shift);
    s.require(b.CreateICmpEQ(b.CreateShl(back, shift), way));
    return back;
}

/* As long as the counter is less than the bound, which it passes before it wraps around. */
Value *Stretch::count_less(Substitution &s)
{
    IRBuilder<> &b = s.builder();
    uint64_t by = uint64_t(1) << shift, most = less.is_signed ? INT32_MAX : UINT32_MAX;
    auto wide = [&](const SCEV *e) {
        Value *v = expand(s, e);
        return less.is_signed ? b.CreateSExt(v, b.getInt64Ty()) : b.CreateZExt(v, b.getInt64Ty());
    };
    Value *from = wide(less.first), *to = wide(less.bound);
    s.require(b.CreateICmpSLE(from, to));
    s.require(b.CreateICmpSLE(to, s.number(most + 1 - by)));
    return b.CreateLShr(b.CreateAdd(b.CreateSub(to, from), s.number(by - 1)), shift);
}

void Stretch::require(Substitution &s)
{
    constexpr uint64_t limit = uint64_t(1) << 32;
    IRBuilder<> &b = s.builder();
    Value *back = less.first ? count_less(s) : count(s);
    range.from =
        b.CreateAdd(b.CreateZExt(expand(s, index), b.getInt64Ty()), s.number(static_cast<uint64_t>(offset)));
    s.require(b.CreateICmpULT(back, s.number(limit)));
    s.require(b.CreateICmpULE(range.from, s.memory_bytes()));
    rounds = b.CreateAdd(back, s.number(1));
    bytes = b.CreateMul(rounds, s.number(step));
    if (down)
        range.from = b.CreateSub(b.CreateAdd(range.from, s.number(step)), bytes);
    range.to = b.CreateAdd(range.from, bytes);
    s.require_inside(range, static_cast<uint64_t>(offset)); /* an index below 0 would wrap around */
}

SmallVector<Substitution::Result, 4> Stretch::results(Substitution &s)
{
    SmallVector<Substitution::Result, 4> all;
    for (const Behind &v : behind)
        all.push_back({v.phi, v.known ? expand(s, v.known) : nullptr, v.left});
    return all;
}

Substitution::End Stretch::end() const
{
    return {loop.getLoopLatch(), loop.getUniqueExitBlock()};
}
