/* llvm_bypass.cpp: the way around a piece of a function whose effects are known as words. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"
}

#include "llvm_known.h"

#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

Value *Bypass::pointer(Execution::Place p)
{
    Value *at = b.CreateAdd(values.make(p.first), b.getInt64(static_cast<uint64_t>(p.second)));
    return b.CreateGEP(b.getInt8Ty(), &memory, at);
}

/* --- The end. --- */

bool Bypass::is_from_before(const Value *v) const
{
    auto *i = dyn_cast<Instruction>(v);
    return !i || (i->getParent() != otherwise && !piece.has(i->getParent())) ||
           (i->getParent() == piece.start && isa<PHINode>(i));
}

/* Whether a value can be had behind the kernel: it is from before the piece, or a word. */
bool Bypass::can_end(Value *v)
{
    if (is_from_before(v))
        return true;
    if (!v->getType()->isIntegerTy())
        return false;
    Word w = execution.value(v);
    return !words.failed && values.can_make(w);
}

Value *Bypass::at_end(Value *v)
{
    if (is_from_before(v))
        return v;
    return b.CreateTrunc(values.make(execution.value(v)), v->getType());
}

bool Bypass::possible(const char **why)
{
    *why = "it changes a global";
    if (!execution.globals_kept())
        return false;
    *why = "an address is not known before it";
    for (const auto &a : execution.bases()) {
        if (!values.can_make(a.first))
            return false;
    }
    for (const auto &z : execution.taken_for_zero()) {
        if (!values.can_make(z.first))
            return false;
    }
    *why = "something else that it computes is used behind it";
    Instruction *last = execution.end->getTerminator();
    if (auto *ret = dyn_cast<ReturnInst>(last))
        return !ret->getReturnValue() || can_end(ret->getReturnValue());
    if (execution.undecided.compare &&
        (!values.can_make(execution.undecided.a) || !values.can_make(execution.undecided.b)))
        return false;
    for (BasicBlock *s : successors(last)) {
        for (PHINode &phi : s->phis()) {
            if (!can_end(phi.getIncomingValueForBlock(execution.end)))
                return false;
        }
    }
    return true;
}

/* --- The tests. --- */

void Bypass::require(Value *condition)
{
    test = b.CreateAnd(test, condition);
}

Value *Bypass::memory_bytes()
{
    Module &m = *memory.getParent();
    GlobalVariable *instance = m.getNamedGlobal("anneal_inst0");
    Value *head = b.CreateLoad(b.getPtrTy(),
                               b.CreateGEP(b.getInt8Ty(), instance, b.getInt64(unit.module->layout.mems)));
    Value *at = b.CreateGEP(b.getInt8Ty(), head, b.getInt64(offsetof(struct rt_memory, bytes)));
    return b.CreateLoad(b.getInt64Ty(), at);
}

void Bypass::begin()
{
    struct Range {
        Value *from, *to;
        bool written;
    };
    BasicBlock *head = piece.start;
    otherwise = SplitBlock(head, head->getFirstNonPHIIt());
    instead = BasicBlock::Create(head->getContext(), "", head->getParent(), otherwise);
    head->getTerminator()->eraseFromParent();
    b.SetInsertPoint(head);
    test = b.getTrue();
    Value *size = memory_bytes();
    SmallVector<Range, 4> ranges;
    for (const auto &a : execution.bases()) {
        Value *base = values.make(a.first), *zero = b.getInt64(0);
        int64_t least = std::min(a.second.from, a.second.index_least);
        Range r = {b.CreateAdd(base, b.getInt64(static_cast<uint64_t>(a.second.from))),
                   b.CreateAdd(base, b.getInt64(static_cast<uint64_t>(a.second.to))), a.second.written};
        require(b.CreateICmpSGE(b.CreateAdd(base, b.getInt64(static_cast<uint64_t>(least))), zero));
        require(b.CreateICmpSLE(r.to, size));
        for (const Range &o : ranges) {
            if (o.written || r.written)
                require(b.CreateOr(b.CreateICmpSLE(r.to, o.from), b.CreateICmpSLE(o.to, r.from)));
        }
        ranges.push_back(r);
    }
    for (const auto &z : execution.taken_for_zero())
        require(b.CreateICmpEQ(b.CreateAnd(values.make(z.first), b.getInt64(z.second)), b.getInt64(0)));
    b.CreateCondBr(b.CreateFreeze(test), instead, otherwise);
    b.SetInsertPoint(instead);
}

void Bypass::finish()
{
    BasicBlock *from = execution.end == piece.start ? otherwise : execution.end;
    Instruction *last = from->getTerminator();
    if (auto *ret = dyn_cast<ReturnInst>(last)) {
        Value *v = ret->getReturnValue();
        if (v)
            b.CreateRet(at_end(v));
        else
            b.CreateRetVoid();
        return;
    }
    SmallVector<BasicBlock *, 2> targets;
    if (execution.undecided.compare) {
        Type *t = execution.undecided.compare->getOperand(0)->getType();
        Value *x = b.CreateTrunc(values.make(execution.undecided.a), t);
        Value *y = b.CreateTrunc(values.make(execution.undecided.b), t);
        targets = {last->getSuccessor(0), last->getSuccessor(1)};
        for (BasicBlock *s : targets) {
            for (PHINode &phi : s->phis())
                phi.addIncoming(at_end(phi.getIncomingValueForBlock(from)), instead);
        }
        b.CreateCondBr(b.CreateICmp(execution.undecided.compare->getPredicate(), x, y), targets[0],
                       targets[1]);
        return;
    }
    BasicBlock *again = piece.loop->getHeader();
    for (PHINode &phi : again->phis())
        phi.addIncoming(at_end(phi.getIncomingValueForBlock(from)), instead);
    b.CreateBr(again);
}
