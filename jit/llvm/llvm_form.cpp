/* llvm_form.cpp: the text of a loop. */
#include "llvm_form.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/Support/MD5.h"

using namespace llvm;

LoopForm::LoopForm(const Loop &l) : loop(l), out(written)
{
    walk();
    for (BasicBlock *b : order) {
        out << "b\n";
        for (Instruction &i : *b) {
            if (!isa<PHINode>(i))
                write(i);
        }
    }
    for (size_t k = 0; k < phis.size(); k++)
        write_phi(*phis[k]);
}

SmallString<32> LoopForm::digest() const
{
    MD5 sum;
    MD5::MD5Result result;
    sum.update(written.str());
    sum.final(result);
    return result.digest();
}

/* Depth first, the first way of a branch first. */
void LoopForm::walk()
{
    SmallVector<BasicBlock *, 32> todo{loop.getHeader()};
    unsigned instructions = 0;
    while (!todo.empty()) {
        BasicBlock *b = todo.pop_back_val();
        if (!numbers.try_emplace(b, order.size()).second)
            continue;
        order.push_back(b);
        for (Instruction &i : *b) {
            if (!isa<PHINode>(i))
                numbers[&i] = instructions++;
        }
        Instruction *last = b->getTerminator();
        for (unsigned k = last->getNumSuccessors(); k-- > 0;) {
            if (loop.contains(last->getSuccessor(k)))
                todo.push_back(last->getSuccessor(k));
        }
    }
}

template <class List, class T> void LoopForm::numbered(const char *what, List &list, T *v)
{
    auto at = llvm::find(list, v);
    out << what << at - list.begin();
    if (at == list.end())
        list.push_back(v);
}

static bool is_of_module(const Function &f)
{
    return f.getName().starts_with("u");
}

/* Slots of functions and others, whose place depends on the module. */
static bool is_of_instance(const Value *v)
{
    auto *e = dyn_cast<ConstantExpr>(v);
    return e && e->getOpcode() == Instruction::GetElementPtr && e->getOperand(0)->getName() == "anneal_inst0";
}

void LoopForm::operand(Value *v, bool of_address)
{
    out << ' ';
    auto *number = dyn_cast<ConstantInt>(v);
    auto *phi = dyn_cast<PHINode>(v);
    if (auto *b = dyn_cast<BasicBlock>(v); b && loop.contains(b))
        out << 'b' << numbers.lookup(b);
    else if (b)
        out << 'x' << exits.try_emplace(b, exits.size()).first->second;
    else if (number && of_address && number->getValue().getActiveBits() <= 32 &&
             number->getZExtValue() >= lowest_data)
        numbered("k", addresses, number);
    else if (auto *f = dyn_cast<Function>(v); f && is_of_module(*f))
        out << 'f' << functions.try_emplace(f, functions.size()).first->second;
    else if (is_of_instance(v))
        out << 's' << slots.try_emplace(v, slots.size()).first->second;
    else if (isa<Constant>(v))
        v->printAsOperand(out, true);
    else if (phi && loop.contains(phi) && phi->getParent() != loop.getHeader())
        numbered("p", phis, phi);
    else if (phi && loop.contains(phi)) {
        numbered("c", carried, phi);
        if (!is_contained(phis, phi))
            phis.push_back(phi);
    } else if (auto *i = dyn_cast<Instruction>(v); i && loop.contains(i))
        out << 'i' << numbers.lookup(i);
    else
        write_outside(v);
}

/* Sums of small constants are told, whoever adds them: offsets in structures. */
void LoopForm::write_outside(Value *v)
{
    int64_t sum = 0;
    for (;;) {
        auto *i = dyn_cast<Instruction>(v);
        bool adds = i && (i->getOpcode() == Instruction::Add ||
                          (isa<GetElementPtrInst>(i) && i->getNumOperands() == 2 &&
                           cast<GetElementPtrInst>(i)->getSourceElementType()->isIntegerTy(8)));
        auto *by = adds ? dyn_cast<ConstantInt>(i->getOperand(1)) : nullptr;
        if (!by || by->getValue().abs().uge(lowest_data))
            break;
        sum += by->getSExtValue();
        v = i->getOperand(0);
    }
    v->getType()->print(out);
    numbered("o", outside, v);
    out << '+' << sum;
}

void LoopForm::write(Instruction &i)
{
    out << i.getOpcodeName() << ' ';
    i.getType()->print(out);
    if (auto *c = dyn_cast<CmpInst>(&i))
        out << ' ' << c->getPredicate();
    if (auto *g = dyn_cast<GetElementPtrInst>(&i)) {
        out << ' ';
        g->getSourceElementType()->print(out);
    }
    SmallVector<Value *, 4> operands(i.operands());
    if (i.isCommutative() && operands.size() == 2 && rank(operands[1]) < rank(operands[0]))
        std::swap(operands[0], operands[1]);
    for (Value *v : operands)
        operand(v, isa<GetElementPtrInst>(i));
    out << '\n';
}

/* What comes first of two operands that may stand in any order: the same in every copy of the code. */
std::pair<unsigned, size_t> LoopForm::rank(Value *v) const
{
    auto place = [&](unsigned kind, auto &list) {
        size_t at = static_cast<size_t>(llvm::find(list, v) - list.begin());
        return at == list.size() ? std::pair<unsigned, size_t>(4, 0) : std::pair<unsigned, size_t>(kind, at);
    };
    auto *i = dyn_cast<Instruction>(v);
    if (!i || !loop.contains(i))
        return isa<Constant>(v) ? std::pair<unsigned, size_t>(5, 0) : place(3, outside);
    auto *phi = dyn_cast<PHINode>(i);
    if (!phi)
        return {0, numbers.lookup(i)};
    return phi->getParent() == loop.getHeader() ? place(1, carried) : place(2, phis);
}

/* In the order of the blocks that it comes from; from outside of the loop anything may come. */
void LoopForm::write_phi(PHINode &phi)
{
    out << "phi ";
    phi.getType()->print(out);
    out << " b" << numbers.lookup(phi.getParent());
    for (BasicBlock *b : order) {
        int at = phi.getBasicBlockIndex(b);
        if (at < 0)
            continue;
        out << " b" << numbers.lookup(b);
        operand(phi.getIncomingValue(static_cast<unsigned>(at)), false);
    }
    out << '\n';
}
