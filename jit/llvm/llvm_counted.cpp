/* llvm_counted.cpp: see llvm_counted.h. */
#include "llvm_counted.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

bool CountedLoop::is_one_block() const
{
    return block && loop.getLoopLatch() == block && loop.getLoopPreheader();
}

void CountedLoop::remove_dead()
{
    for (Instruction &i : make_early_inc_range(reverse(*block))) {
        if (isInstructionTriviallyDead(&i)) {
            evolution.forgetValue(&i);
            i.eraseFromParent();
        }
    }
}

const ConstantInt *CountedLoop::step_of(const PHINode &phi, Value *next)
{
    auto *sum = dyn_cast<BinaryOperator>(next);
    if (!sum || sum->getOpcode() != Instruction::Add || sum->getOperand(0) != &phi)
        return nullptr;
    auto *step = dyn_cast<ConstantInt>(sum->getOperand(1));
    return step && step->getBitWidth() <= 64 ? step : nullptr;
}

bool CountedLoop::is_next(const Value *v) const
{
    return any_of(inductions, [v](const Induction &i) { return i.next == v; });
}

bool CountedLoop::find_exit() const
{
    auto *br = dyn_cast<BranchInst>(block->getTerminator());
    auto *end = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
    if (!end || !end->isEquality() || !end->hasOneUse() || end->getParent() != block)
        return false;
    for (const Induction &v : inductions) {
        for (unsigned k = 0; k < 2; k++) {
            if (end->getOperand(k) == v.next && loop.isLoopInvariant(end->getOperand(1 - k)))
                return reaches_first(v);
        }
    }
    return false;
}

bool CountedLoop::reaches_first(const Induction &v) const
{
    const APInt step = cast<ConstantInt>(v.next->getOperand(1))->getValue().abs();
    if (step.isPowerOf2())
        return true;
    const SCEV *rounds = evolution.getBackedgeTakenCount(&loop);
    if (isa<SCEVCouldNotCompute>(rounds))
        return false;
    bool over;
    (void)(evolution.getUnsignedRangeMax(rounds).zextOrTrunc(step.getBitWidth()) + 1).umul_ov(step, over);
    return !over && evolution.getUnsignedRangeMax(rounds).getActiveBits() < step.getBitWidth();
}

bool CountedLoop::divides_steps() const
{
    return all_of(inductions, [this](const Induction &v) { return v.step % times == 0; });
}

void CountedLoop::divide_steps()
{
    for (const Induction &v : inductions) {
        auto *step = cast<ConstantInt>(v.next->getOperand(1));
        int64_t part = v.step / static_cast<int64_t>(times);
        v.next->setOperand(1, ConstantInt::getSigned(step->getType(), part));
    }
}

bool CountedLoop::goes_up(Value *v) const
{
    if (!evolution.isSCEVable(v->getType()))
        return false;
    auto *s = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(v));
    return s && s->getLoop() == &loop && s->isAffine() && is_linear(v);
}

static bool is_below(const Value *v, uint64_t bound)
{
    auto *c = dyn_cast<ConstantInt>(v);
    return c && c->getValue().ult(bound);
}

bool CountedLoop::is_linear(Value *v) const
{
    if (loop.isLoopInvariant(v))
        return true;
    for (const Induction &i : inductions) {
        if (v == i.phi || v == i.next)
            return v == i.phi;
    }
    auto *i = cast<Instruction>(v);
    switch (i->getOpcode()) {
    case Instruction::Add:
    case Instruction::Sub: return is_linear(i->getOperand(0)) && is_linear(i->getOperand(1));
    case Instruction::Mul: return is_linear(i->getOperand(0)) && is_below(i->getOperand(1), 1u << 20);
    case Instruction::Shl: return is_linear(i->getOperand(0)) && is_below(i->getOperand(1), 20);
    case Instruction::Trunc: return is_linear(i->getOperand(0));
    case Instruction::GetElementPtr:
        return i->getNumOperands() == 2 && is_linear(i->getOperand(0)) && is_linear(i->getOperand(1));
    default: return false;
    }
}

bool CountedLoop::is_on_by(Value *a, Value *b, unsigned n) const
{
    if (b->getType() != a->getType())
        return false;
    auto *step =
        dyn_cast<SCEVConstant>(cast<SCEVAddRecExpr>(evolution.getSCEV(a))->getStepRecurrence(evolution));
    auto *on = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(evolution.getSCEV(b), evolution.getSCEV(a)));
    return step && on && on->getAPInt().sext(128) * times == step->getAPInt().sext(128) * n;
}

bool CountedLoop::is_pure(const Instruction &i)
{
    return isa<IntrinsicInst>(i) && !i.mayHaveSideEffects() && !i.mayReadOrWriteMemory();
}
