/* llvm_form.cpp: the text of a loop or function. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "fmt.h"
#include "plat.h"
}

#include "llvm_form.h"

#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/MD5.h"

using namespace llvm;
using namespace llvm::PatternMatch;

CodeForm::CodeForm(const Loop &l) : loop(&l), start(l.getHeader()), out(written)
{
    tell_all();
}

CodeForm::CodeForm(Function &f) : loop(nullptr), start(&f.getEntryBlock()), out(written)
{
    for (Argument &a : f.args())
        outside.push_back(&a);
    tell_all();
}

void CodeForm::tell_all()
{
    walk();
    count_epochs();
    weigh_phis();
    for (BasicBlock *b : order)
        write_block(*b);
    add_rest();
    for (size_t k = 0; k < phis.size(); k++)
        write_phi(*phis[k]);
}

SmallString<32> CodeForm::digest() const
{
    MD5 sum;
    MD5::MD5Result result;
    sum.update(written.str());
    sum.final(result);
    return result.digest();
}

void CodeForm::print(const Function &f) const
{
    fmt_out(PLAT_OUT, "form %s %s\n%s\n", digest().c_str(), f.getName().str().c_str(), text().str().c_str());
}

/* --- What an instruction is. --- */

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

/* Which function of the module is called: itself, or its slot, whichever way this unit calls it. */
static Value *callee(const Instruction &i)
{
    auto *call = dyn_cast<CallInst>(&i);
    if (!call)
        return nullptr;
    if (Function *f = call->getCalledFunction())
        return is_of_module(*f) ? f : nullptr;
    auto *code = dyn_cast<LoadInst>(call->getCalledOperand());
    return code && is_of_instance(code->getPointerOperand()) ? code->getPointerOperand() : nullptr;
}

static bool is_load(const Instruction &i)
{
    auto *call = dyn_cast<CallInst>(&i);
    Function *f = call ? call->getCalledFunction() : nullptr;
    return isa<LoadInst>(i) || (f && f->getName().starts_with(IR_LOADER));
}

/* What others notice, in the order in which it is done. */
static bool is_effect(const Instruction &i)
{
    return !is_load(i) && !i.isTerminator() && i.mayHaveSideEffects();
}

/* A value plus small constants, whoever adds them: places in structures. */
CodeForm::Sum CodeForm::sum(Value *v)
{
    int64_t offset = 0;
    for (;;) {
        auto *i = dyn_cast<Instruction>(v);
        bool adds = i && (i->getOpcode() == Instruction::Add ||
                          (isa<GetElementPtrInst>(i) && i->getNumOperands() == 2 &&
                           cast<GetElementPtrInst>(i)->getSourceElementType()->isIntegerTy(8)));
        auto *by = adds ? dyn_cast<ConstantInt>(i->getOperand(1)) : nullptr;
        if (!by || by->getValue().abs().uge(lowest_data))
            return {v, offset};
        offset += by->getSExtValue();
        v = i->getOperand(0);
    }
}

CodeForm::Compare CodeForm::compare(const ICmpInst &c)
{
    Compare r = {c.getPredicate(), c.getOperand(0), c.getOperand(1), false};
    if (c.isEquality()) {
        r.negated = r.predicate == ICmpInst::ICMP_NE;
        r.predicate = ICmpInst::ICMP_EQ;
        return r;
    }
    if (ICmpInst::isGT(r.predicate) || ICmpInst::isLE(r.predicate)) {
        std::swap(r.left, r.right);
        r.predicate = ICmpInst::getSwappedPredicate(r.predicate);
    }
    if (ICmpInst::isGE(r.predicate)) {
        r.negated = true;
        r.predicate = ICmpInst::getInversePredicate(r.predicate);
    }
    auto *number = dyn_cast<ConstantInt>(r.left);
    bool is_last = number && (c.isSigned() ? number->isMaxValue(true) : number->isMaxValue(false));
    if (number && !is_last) { /* number < x is not x < number + 1 */
        r.left = r.right;
        r.right = ConstantInt::get(number->getContext(), number->getValue() + 1);
        r.negated = !r.negated;
    }
    return r;
}

/* Both conditions, or one of them, in either of LLVM's ways to say so. */
static bool is_both(Value *v, Value *&x, Value *&y)
{
    return v->getType()->isIntegerTy(1) && match(v, m_LogicalAnd(m_Value(x), m_Value(y)));
}

static bool is_any(Value *v, Value *&x, Value *&y)
{
    return v->getType()->isIntegerTy(1) && match(v, m_LogicalOr(m_Value(x), m_Value(y)));
}

static Value *not_negated(Value *v)
{
    while (v->getType()->isIntegerTy(1) && match(v, m_Not(m_Value(v)))) {
    }
    return v;
}

/* Whether the text has the opposite of a condition. */
bool CodeForm::is_negated(Value *v) const
{
    Value *x, *y;
    if (!is_inside(v))
        return false;
    if (auto *c = dyn_cast<ICmpInst>(v))
        return compare(*c).negated;
    if (v->getType()->isIntegerTy(1) && match(v, m_Not(m_Value(x))))
        return !is_negated(x);
    return is_any(v, x, y);
}

SmallVector<BasicBlock *, 2> CodeForm::successors(BasicBlock &b) const
{
    SmallVector<BasicBlock *, 2> all(llvm::successors(&b));
    auto *branch = dyn_cast<BranchInst>(b.getTerminator());
    if (branch && branch->isConditional() && is_negated(branch->getCondition()))
        std::swap(all[0], all[1]);
    return all;
}

bool CodeForm::is_inside(const Value *v) const
{
    auto *i = dyn_cast<Instruction>(v);
    return i && has(i->getParent());
}

/* What is told of an instruction; operands that may change places in an order of their own. */
SmallVector<Value *, 4> CodeForm::operands(Instruction &i)
{
    Value *x, *y;
    SmallVector<Value *, 4> all(i.operands());
    bool any_order = i.isCommutative() && all.size() == 2;
    if (auto *c = dyn_cast<ICmpInst>(&i)) {
        Compare how = compare(*c);
        all = {how.left, how.right};
        any_order = how.predicate == ICmpInst::ICMP_EQ;
    } else if (is_both(&i, x, y) || is_any(&i, x, y)) {
        all = {x, y};
        any_order = true;
    } else if (isa<SelectInst>(i) && is_negated(all[0])) {
        std::swap(all[1], all[2]);
    } else if (Value *f = callee(i)) {
        all.pop_back();
        if (!isa<Function>(f)) /* the slot is passed, too */
            all.erase(all.begin());
    }
    if (any_order && weight(all[1]) < weight(all[0]))
        std::swap(all[0], all[1]);
    return all;
}

/* --- Weights: the same in every copy of the code, for operands that may change places. --- */

static uint64_t mixed(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

uint64_t CodeForm::weight(Value *v)
{
    enum { OUTSIDE = 1, DATA, OTHER, CONSTANT = UINT8_MAX };
    Sum s = sum(v);
    auto *number = dyn_cast<ConstantInt>(s.base);
    if (number && number->getValue().getActiveBits() <= 64)
        return mixed(CONSTANT, number->getZExtValue() < lowest_data ? number->getZExtValue() : DATA);
    if (isa<Constant>(s.base))
        return mixed(CONSTANT, OTHER);
    uint64_t h = mixed(v->getType()->getPrimitiveSizeInBits(), static_cast<uint64_t>(s.offset));
    if (!is_inside(s.base))
        return mixed(h, OUTSIDE);
    if (isa<PHINode>(s.base))
        return mixed(h, phi_weights.lookup(s.base));
    return mixed(h, weight_of(*cast<Instruction>(s.base)));
}

uint64_t CodeForm::weight_of(Instruction &i)
{
    if (auto known = weights.find(&i); known != weights.end())
        return known->second;
    uint64_t h = mixed(i.getOpcode(), i.getType()->getPrimitiveSizeInBits());
    if (is_load(i) || is_effect(i))
        h = mixed(mixed(h, numbers.lookup(i.getParent())), epochs.lookup(&i));
    if (is_load(i) || !is_effect(i)) {
        for (Value *v : operands(i))
            h = mixed(h, weight(v));
    }
    return weights[&i] = h;
}

/* By where they are, then by what they can be, again and again. */
void CodeForm::weigh_phis()
{
    constexpr int times = 3;
    SmallVector<std::pair<PHINode *, SmallVector<Incoming, 4>>, 32> all;
    for (BasicBlock *b : order) {
        for (PHINode &phi : b->phis()) {
            all.push_back({&phi, incoming(phi)});
            phi_weights[&phi] = mixed(numbers.lookup(b), phi.getType()->getPrimitiveSizeInBits());
        }
    }
    for (int k = 0; k < times; k++) {
        DenseMap<const Value *, uint64_t> next;
        for (auto &[phi, from] : all) {
            uint64_t h = phi_weights.lookup(phi);
            for (const Incoming &i : from)
                h = mixed(h, weight(i.value));
            next[phi] = h;
        }
        phi_weights = next;
        weights.clear();
    }
}

/* What a phi is when one comes from blocks of the loop, in their order, once for each: two edges from the
 * same block have the same value. */
SmallVector<CodeForm::Incoming, 4> CodeForm::incoming(PHINode &phi) const
{
    SmallVector<Incoming, 4> all;
    for (unsigned k = 0; k < phi.getNumIncomingValues(); k++) {
        auto number = numbers.find(phi.getIncomingBlock(k));
        if (number != numbers.end())
            all.push_back({number->second, phi.getIncomingValue(k)});
    }
    llvm::sort(all, [](const Incoming &a, const Incoming &b) { return a.block < b.block; });
    all.erase(llvm::unique(all, [](const Incoming &a, const Incoming &b) { return a.block == b.block; }),
              all.end());
    return all;
}

/* --- The text. --- */

/* Depth first, the first way of a branch first. */
void CodeForm::walk()
{
    SmallVector<BasicBlock *, 32> todo{start};
    while (!todo.empty()) {
        BasicBlock *b = todo.pop_back_val();
        if (!numbers.try_emplace(b, order.size()).second)
            continue;
        order.push_back(b);
        SmallVector<BasicBlock *, 2> all = successors(*b);
        for (BasicBlock *next : reverse(all)) {
            if (has(next))
                todo.push_back(next);
        }
    }
}

void CodeForm::count_epochs()
{
    for (BasicBlock *b : order) {
        unsigned epoch = 0;
        for (Instruction &i : *b) {
            epochs[&i] = epoch;
            epoch += is_effect(i);
        }
    }
}

void CodeForm::write_block(BasicBlock &b)
{
    out << "b\n";
    for (Instruction &i : b) {
        if (is_effect(i) && !numbers.contains(&i))
            write(i);
    }
    for (Instruction &i : b) {
        if (is_load(i) && i.use_empty()) /* it may trap */
            tell(&i);
    }
    write_end(b);
}

void CodeForm::write_end(BasicBlock &b)
{
    Instruction *last = b.getTerminator();
    auto *branch = dyn_cast<BranchInst>(last);
    Value *condition = branch && branch->isConditional() ? branch->getCondition() : nullptr;
    SmallVector<Value *, 2> used;
    for (Value *v : last->operands()) {
        if (!isa<BasicBlock>(v))
            used.push_back(v);
    }
    for (Value *v : used)
        tell(v);
    out << last->getOpcodeName();
    for (Value *v : used)
        operand(v, false, v == condition && is_negated(v)); /* so that it is not */
    for (BasicBlock *next : successors(b))
        write_edge(b, *next);
    out << '\n';
}

/* Calls are left in one block for all ways that were not reached (ir_leave.c). Which of them it is makes the
 * difference; without that: null. */
static Value *left_at(const BasicBlock &from, const BasicBlock &b)
{
    for (const PHINode &arm : b.phis()) {
        for (const User *u : arm.users()) {
            auto *call = dyn_cast<CallInst>(u);
            Function *f = call ? call->getCalledFunction() : nullptr;
            if (f && f->getName() == "rt_h_leave")
                return arm.getIncomingValueForBlock(&from);
        }
    }
    return nullptr;
}

void CodeForm::write_edge(const BasicBlock &from, const BasicBlock &to)
{
    if (has(&to)) {
        out << " b" << numbers.lookup(&to);
        return;
    }
    const Value *arm = left_at(from, to);
    out << " x" << exits.try_emplace(arm ? arm : &to, exits.size()).first->second;
}

/* Writes it, if it is the loop's and has not been told. */
void CodeForm::tell(Value *v)
{
    v = not_negated(sum(v).base);
    if (is_inside(v) && !isa<PHINode>(v) && !numbers.contains(v))
        write(*cast<Instruction>(v));
}

void CodeForm::write(Instruction &i)
{
    SmallVector<Value *, 4> all = operands(i);
    for (Value *v : all)
        tell(v);
    Value *x, *y;
    bool both = is_both(&i, x, y), any = is_any(&i, x, y);
    numbers[&i] = values;
    out << 'v' << values++ << ' ' << (both || any ? "both" : i.getOpcodeName()) << ' ';
    i.getType()->print(out);
    if (auto *c = dyn_cast<ICmpInst>(&i))
        out << ' ' << CmpInst::getPredicateName(compare(*c).predicate);
    else if (auto *f = dyn_cast<CmpInst>(&i))
        out << ' ' << f->getPredicate();
    if (auto *g = dyn_cast<GetElementPtrInst>(&i)) {
        out << ' ';
        g->getSourceElementType()->print(out);
    }
    if (Value *f = callee(i))
        out << " f" << functions.try_emplace(f, functions.size()).first->second;
    for (Value *v : all)
        operand(v, isa<GetElementPtrInst>(i),
                any || (!both && isa<SelectInst>(i) && v == i.getOperand(0) && is_negated(v)));
    if (is_load(i))
        out << " b" << numbers.lookup(i.getParent()) << '.' << epochs.lookup(&i);
    out << '\n';
}

template <class List, class T> void CodeForm::numbered(const char *what, List &list, T *v)
{
    auto at = llvm::find(list, v);
    out << what << at - list.begin();
    if (at == list.end())
        list.push_back(v);
}

/* `opposite`: of a condition. */
void CodeForm::operand(Value *v, bool of_address, bool opposite)
{
    auto *number = dyn_cast<ConstantInt>(v);
    out << ' ';
    if (number && of_address && number->getValue().getActiveBits() <= 32 &&
        number->getZExtValue() >= lowest_data)
        numbered("k", addresses, number);
    else if (is_of_instance(v))
        out << 's' << slots.try_emplace(v, slots.size()).first->second;
    else {
        if (opposite != is_negated(v))
            out << '!';
        write_sum(sum(not_negated(v)));
    }
}

void CodeForm::write_sum(const Sum &s)
{
    Value *v = s.base;
    auto *phi = dyn_cast<PHINode>(v);
    if (isa<Constant>(v))
        v->printAsOperand(out, true);
    else if (phi && is_inside(phi) && phi->getParent() != start)
        numbered("p", phis, phi);
    else if (phi && is_inside(phi)) {
        numbered("c", carried, phi);
        if (!is_contained(phis, phi))
            phis.push_back(phi);
    } else if (is_inside(v))
        out << 'v' << numbers.lookup(v);
    else {
        v->getType()->print(out);
        numbered("o", outside, v);
    }
    if (s.offset)
        out << (s.offset < 0 ? "" : "+") << s.offset;
}

/* What else the loop carries, for what stands behind it. */
void CodeForm::add_rest()
{
    SmallVector<PHINode *, 4> rest;
    for (PHINode &phi : start->phis()) {
        if (!is_contained(carried, &phi))
            rest.push_back(&phi);
    }
    llvm::sort(rest, [&](PHINode *a, PHINode *b) { return phi_weights.lookup(a) < phi_weights.lookup(b); });
    phis.append(rest.begin(), rest.end());
    carried.append(rest.begin(), rest.end());
}

/* In the order of the blocks that it comes from; from outside of the loop anything may come. */
void CodeForm::write_phi(PHINode &phi)
{
    SmallVector<Incoming, 4> from = incoming(phi);
    for (const Incoming &i : from)
        tell(i.value);
    out << "phi ";
    phi.getType()->print(out);
    out << " b" << numbers.lookup(phi.getParent());
    for (const Incoming &i : from) {
        out << " b" << i.block;
        operand(i.value, false, false);
    }
    out << '\n';
}
