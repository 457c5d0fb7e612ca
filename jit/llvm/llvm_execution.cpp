/* llvm_execution.cpp: a piece of a function executed on words. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"
}

#include "llvm_execution.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

/* 0: not a type that a word can have. */
static unsigned width_of(const Type *t)
{
    unsigned bits = t->isVectorTy() ? 0 : t->getScalarSizeInBits();
    return bits == 1 || (bits >= 8 && bits <= 64 && (bits & (bits - 1)) == 0) ? bits : 0;
}

static int64_t sign_extended(uint64_t v, unsigned bits)
{
    return bits >= 64 ? static_cast<int64_t>(v) : static_cast<int64_t>(v << (64 - bits)) >> (64 - bits);
}

Word Execution::fail()
{
    words.failed = true;
    return 0;
}

/* --- Leaves. --- */

Word Execution::new_leaf(const Leaf &l, unsigned bits)
{
    Word w = words.leaf(bits);
    leaves.insert({words.factors(words.parts(w)[0].product)[0].atom, l});
    return w;
}

const Leaf *Execution::leaf(Word w) const
{
    if (!words.is_leaf(w))
        return nullptr;
    auto found = leaves.find(words.factors(words.parts(w)[0].product)[0].atom);
    return found == leaves.end() ? nullptr : &found->second;
}

Word Execution::value(Value *v)
{
    if (auto *c = dyn_cast<ConstantInt>(v))
        return c->getBitWidth() <= 64 ? words.constant(c->getZExtValue()) : fail();
    auto known = values.find(v);
    if (known != values.end())
        return known->second;
    auto *i = dyn_cast<Instruction>(v);
    if ((!i && !isa<Argument>(v)) || (i && inside(i->getParent())) || !width_of(v->getType()))
        return fail();
    Word w = outside(v);
    values[v] = w;
    return w;
}

/* From before the piece: as an expression of what else is from there, so that a difference of two addresses
 * is known to be constant. */
Word Execution::outside(Value *v)
{
    auto *i = dyn_cast<BinaryOperator>(v);
    bool simple = i && isa<ConstantInt>(i->getOperand(1)) &&
                  (i->getOpcode() == Instruction::Add || i->getOpcode() == Instruction::Sub ||
                   i->getOpcode() == Instruction::Or);
    if (simple)
        return binary(*i);
    if (auto *z = dyn_cast<ZExtInst>(v))
        return value(z->getOperand(0));
    return new_leaf({Leaf::VALUE, v, v->getType(), {}}, width_of(v->getType()));
}

/* --- Control. --- */

bool Execution::run(BasicBlock *start, BasicBlock *again)
{
    BasicBlock *b = start;
    BasicBlock::iterator i = b->getFirstNonPHIIt();
    for (PHINode &phi : start->phis()) {
        Word w;
        if (known_phi && known_phi(phi, &w))
            values[&phi] = w;
        else if (width_of(phi.getType()))
            values[&phi] = new_leaf({Leaf::VALUE, &phi, phi.getType(), {}}, width_of(phi.getType()));
    }
    for (;;) {
        for (; !i->isTerminator(); ++i) {
            if (++steps > most_steps || !step(*i) || words.failed)
                return false;
        }
        end = b;
        passed.insert(b);
        bool over = false;
        BasicBlock *to = next(*i, again, &over);
        if (over)
            return !words.failed;
        if (!to || !inside(to))
            return false;
        enter(b, to);
        b = to;
        i = b->getFirstNonPHIIt();
    }
}

BasicBlock *Execution::next(Instruction &terminator, BasicBlock *again, bool *over)
{
    BasicBlock *to = nullptr;
    if (isa<ReturnInst>(terminator)) {
        *over = again == nullptr;
        return nullptr;
    }
    if (auto *br = dyn_cast<BranchInst>(&terminator)) {
        to = br->getSuccessor(0);
        if (br->isConditional()) {
            auto open = comparisons.find(br->getCondition());
            if (open != comparisons.end()) {
                undecided = open->second;
                *over = again && (to == again || br->getSuccessor(1) == again);
                return nullptr;
            }
            uint64_t v;
            if (!words.is_constant(value(br->getCondition()), &v) || words.failed)
                return nullptr;
            to = br->getSuccessor(v ? 0 : 1);
        }
    } else if (auto *s = dyn_cast<SwitchInst>(&terminator)) {
        uint64_t v;
        if (!words.is_constant(value(s->getCondition()), &v) || words.failed)
            return nullptr;
        to = s->findCaseValue(ConstantInt::get(cast<IntegerType>(s->getCondition()->getType()), v))
                 ->getCaseSuccessor();
    }
    *over = to && to == again;
    return to;
}

void Execution::enter(BasicBlock *from, BasicBlock *to)
{
    SmallVector<std::pair<PHINode *, Word>, 16> chosen;
    for (PHINode &phi : to->phis()) {
        if (width_of(phi.getType()))
            chosen.push_back({&phi, value(phi.getIncomingValueForBlock(from))});
    }
    for (auto &c : chosen)
        values[c.first] = c.second;
}

/* --- Values. --- */

bool Execution::step(Instruction &i)
{
    if (isa<GetElementPtrInst>(i) || i.isDebugOrPseudoInst())
        return true; /* pointers are looked at where they are used */
    if (auto *s = dyn_cast<StoreInst>(&i))
        return !s->isVolatile() && width_of(s->getValueOperand()->getType()) >= 8 &&
               store(pointer(s->getPointerOperand()), value(s->getValueOperand()),
                     s->getValueOperand()->getType());
    if (!width_of(i.getType()))
        return false;
    if (auto *l = dyn_cast<LoadInst>(&i)) {
        if (l->isVolatile() && !volatile_loads)
            return false;
        values[&i] = load(pointer(l->getPointerOperand()), l->getType());
        return true;
    }
    auto *call = dyn_cast<CallInst>(&i);
    if (call && !isa<IntrinsicInst>(i)) {
        Function *f = call->getCalledFunction();
        if (!f || !f->getName().starts_with(IR_LOADER))
            return false;
        values[&i] = load(pointer(call->getArgOperand(0)), call->getType());
        return true;
    }
    return compute(i);
}

bool Execution::compute(Instruction &i)
{
    unsigned bits = width_of(i.getType());
    Word w;
    if (auto *op = dyn_cast<BinaryOperator>(&i)) {
        w = binary(*op);
    } else if (auto *c = dyn_cast<ICmpInst>(&i)) {
        w = compare(*c);
    } else if (auto *s = dyn_cast<SelectInst>(&i)) {
        w = select(*s);
    } else if (auto *f = dyn_cast<IntrinsicInst>(&i)) {
        w = intrinsic(*f);
    } else if (isa<ZExtInst>(i) || isa<FreezeInst>(i)) {
        w = value(i.getOperand(0));
    } else if (isa<TruncInst>(i)) {
        w = words.low(value(i.getOperand(0)), bits);
    } else if (isa<SExtInst>(i)) {
        unsigned from = width_of(i.getOperand(0)->getType());
        uint64_t v;
        w = value(i.getOperand(0));
        if (words.is_constant(w, &v))
            w = words.low(words.constant(static_cast<uint64_t>(sign_extended(v, from))), bits);
        else if (from == 1)
            w = words.spread(w, bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1);
        else if (words.possible(w) >> (from - 1))
            return false;
    } else {
        return false;
    }
    values[&i] = w;
    return !words.failed;
}

/* Compilers write x | 4 for an address that they know to be a multiple of 8. */
bool Execution::is_aligned(Word a, Word b)
{
    uint64_t low;
    Words::Sum s = words.as_sum(a, 32);
    if (!words.is_constant(b, &low) || low > lowest_most || s.addends.size() != 1 || s.addends[0].times != 1)
        return false;
    const Leaf *l = leaf(s.addends[0].word);
    if (!l || l->kind == Leaf::BYTE)
        return false;
    if (!llvm::is_contained(zeros, std::make_pair(a, low)))
        zeros.push_back({a, low});
    return true;
}

Word Execution::either(const BinaryOperator &i, Word a, Word b)
{
    uint64_t bits = words.possible(a) | words.possible(b);
    if (!coarse || words.parts(a).size() * words.parts(b).size() < coarse_least ||
        (words.possible(a) & words.possible(b)) == 0)
        return words.disjunction(a, b);
    Word any = new_leaf({Leaf::DECISION, i.getOperand(0), i.getType(), {}}, width_of(i.getType()));
    return words.conjunction(any, words.constant(bits));
}

Word Execution::binary(const BinaryOperator &i)
{
    unsigned bits = width_of(i.getType());
    if (i.isShift())
        return shift(i, bits);
    Word a = value(i.getOperand(0)), b = value(i.getOperand(1));
    uint64_t v;
    switch (i.getOpcode()) {
    case Instruction::Add: return words.plus(a, b, bits);
    case Instruction::Sub: return words.minus(a, b, bits);
    case Instruction::Mul: return words.is_constant(b, &v) ? words.times(a, v, bits) : fail();
    case Instruction::And: return words.conjunction(a, b);
    case Instruction::Or: return is_aligned(a, b) ? words.plus(a, b, bits) : either(i, a, b);
    case Instruction::Xor: return words.exclusive_or(a, b);
    default: return fail();
    }
}

Word Execution::shift(const BinaryOperator &i, unsigned bits)
{
    uint64_t by;
    Word a = value(i.getOperand(0));
    if (!words.is_constant(value(i.getOperand(1)), &by) || by >= bits)
        return fail();
    unsigned n = static_cast<unsigned>(by);
    if (i.getOpcode() == Instruction::Shl)
        return words.left(a, n, bits);
    if (i.getOpcode() == Instruction::AShr && words.possible(a) >> (bits - 1))
        return fail();
    return words.right(a, n);
}

/* Whether all numbers that have no other bits than `a` may have compare so with `b`. */
bool Execution::is_decided(ICmpInst &i, Word a, uint64_t b, bool *is) const
{
    unsigned bits = width_of(i.getOperand(0)->getType());
    APInt most(bits, words.possible(a)), with(bits, b);
    *is = ICmpInst::compare(most, with, i.getPredicate());
    if (i.isEquality()) {
        *is = i.getPredicate() == ICmpInst::ICMP_NE;
        return (b & ~words.possible(a)) != 0;
    }
    return (i.isUnsigned() || most.isNonNegative()) &&
           *is == ICmpInst::compare(APInt(bits, 0), with, i.getPredicate());
}

/* Only equality can be decided where addresses may wrap around. */
Word Execution::compare(ICmpInst &i)
{
    unsigned bits = width_of(i.getOperand(0)->getType());
    if (!bits)
        return fail();
    Word a = value(i.getOperand(0)), b = value(i.getOperand(1));
    uint64_t x, y, apart;
    bool numbers = words.is_constant(a, &x) && words.is_constant(b, &y);
    if (!numbers && i.isEquality() && words.is_constant(words.minus(a, b, bits), &apart)) {
        x = apart;
        y = 0;
        numbers = true;
    }
    comparisons.erase(&i);
    if (numbers)
        return words.constant(ICmpInst::compare(APInt(bits, x), APInt(bits, y), i.getPredicate()));
    bool is;
    if ((words.is_constant(b, &y) && is_decided(i, a, y, &is)) || (assumed && assumed(i, a, b, &is)))
        return words.constant(is);
    comparisons[&i] = {&i, a, b};
    uint64_t bit = words.possible(a);
    if (i.isEquality() && words.is_constant(b, &y) && (bit & (bit - 1)) == 0 && (y == 0 || y == bit)) {
        Word is = words.right(a, static_cast<unsigned>(__builtin_ctzll(bit)));
        bool equal = i.getPredicate() == ICmpInst::ICMP_EQ;
        return words.exclusive_or(is, words.constant(equal == (y == 0)));
    }
    return new_leaf({Leaf::DECISION, &i, i.getType(), {}}, 1);
}

Word Execution::select(SelectInst &i)
{
    uint64_t v;
    Word is = value(i.getCondition()), differ;
    if (words.is_constant(is, &v))
        return value(v ? i.getTrueValue() : i.getFalseValue());
    Word otherwise = value(i.getFalseValue());
    differ = words.exclusive_or(value(i.getTrueValue()), otherwise);
    if (!words.is_constant(differ, &v)) /* products would be many */
        return fail();
    return words.exclusive_or(otherwise, words.spread(is, v));
}

Word Execution::intrinsic(IntrinsicInst &i)
{
    unsigned bits = width_of(i.getType());
    uint64_t by;
    switch (i.getIntrinsicID()) {
    case Intrinsic::bswap: return words.bytes_reversed(value(i.getArgOperand(0)), bits);
    case Intrinsic::fshl:
    case Intrinsic::fshr: {
        Word high = value(i.getArgOperand(0)), low = value(i.getArgOperand(1));
        if (!words.is_constant(value(i.getArgOperand(2)), &by))
            return fail();
        unsigned n = static_cast<unsigned>(by % bits);
        if (i.getIntrinsicID() == Intrinsic::fshr && n == 0)
            return low;
        if (i.getIntrinsicID() == Intrinsic::fshr)
            n = bits - n;
        return n == 0 ? high : words.exclusive_or(words.left(high, n, bits), words.right(low, bits - n));
    }
    default: return fail();
    }
}

/* --- Memory. --- */

Execution::Pointer Execution::place_of(Word index, int64_t offset)
{
    Words::Sum wide = words.as_sum(index, 64);
    offset += static_cast<int64_t>(wide.constant);
    Pointer p;
    if (wide.addends.empty()) {
        p.kind = Pointer::GUEST;
        p.place = {0, offset};
        return p;
    }
    if (wide.addends.size() != 1 || wide.addends[0].times != 1 ||
        words.possible(wide.addends[0].word) >> 32) {
        wide.constant = 0;
        if (wide_bases) {
            p.kind = Pointer::GUEST;
            p.place = {words.of_sum(wide), offset};
        }
        return p;
    }
    Words::Sum narrow = words.as_sum(wide.addends[0].word, 32);
    p.index_offset = sign_extended(narrow.constant, 32);
    if (narrow.addends.size() == 1 && !narrow.constant) { /* a constant in other bits is added, too */
        Word w = narrow.addends[0].word;
        Words::Part first = words.parts(w)[0];
        Word rest = words.exclusive_or(w, words.constant(first.mask));
        if (narrow.addends[0].times == 1 && first.product == 0 && !(words.possible(rest) & first.mask)) {
            p.index_offset = sign_extended(first.mask, 32);
            narrow = words.as_sum(rest, 32);
        }
    }
    narrow.constant = 0;
    p.kind = Pointer::GUEST;
    p.place = {words.of_sum(narrow), p.index_offset + offset};
    return p;
}

Execution::Pointer Execution::pointer(Value *v)
{
    int64_t offset = 0;
    Value *index = nullptr, *at = v;
    for (auto *g = dyn_cast<GEPOperator>(at); g; g = dyn_cast<GEPOperator>(at)) {
        if (g->getNumIndices() != 1 || !g->getSourceElementType()->isIntegerTy(8))
            return {};
        Value *by = g->getOperand(1);
        if (auto *c = dyn_cast<ConstantInt>(by))
            offset += c->getSExtValue();
        else if (index)
            return {};
        else
            index = by;
        at = g->getPointerOperand();
    }
    if (at == &memory)
        return place_of(index ? value(index) : 0, offset);
    Pointer p;
    if (isa<Constant>(v)) {
        p.kind = Pointer::GLOBAL;
        p.global = v;
    }
    return p;
}

bool Execution::place(Value *v, Place *p)
{
    Pointer to = pointer(v);
    *p = to.place;
    return to.kind == Pointer::GUEST && !words.failed;
}

void Execution::note(const Pointer &p, unsigned bytes, bool write)
{
    Accesses &a = accessed[p.place.first];
    a.from = std::min(a.from, p.place.second);
    a.to = std::max(a.to, p.place.second + bytes);
    a.index_least = std::min(a.index_least, p.index_offset);
    a.index_most = std::max(a.index_most, p.index_offset);
    a.written |= write;
}

Word Execution::initial_byte(Place p)
{
    auto found = initial.find(p);
    if (found != initial.end())
        return found->second;
    return initial[p] = new_leaf({Leaf::BYTE, nullptr, nullptr, p}, 8);
}

Word Execution::initial_bytes(Place p, unsigned n)
{
    Word w = 0;
    for (unsigned k = 0; k < n; k++)
        w = words.exclusive_or(w, words.left(initial_byte({p.first, p.second + k}), 8 * k, 64));
    return w;
}

Word Execution::final_bytes(Place p, unsigned n)
{
    Word all = 0;
    for (unsigned k = 0, more; k < n; k += more) {
        auto first = cells.find({p.first, p.second + k}), next = first;
        more = 1;
        if (first == cells.end()) {
            all = words.exclusive_or(all, words.left(initial_byte({p.first, p.second + k}), 8 * k, 64));
            continue;
        }
        const Cell from = first->second;
        while (++next != cells.end() && k + more < n && next->first == Place(p.first, p.second + k + more) &&
               next->second.word == from.word && next->second.at == from.at + more)
            more++;
        Word w = words.low(words.right(from.word, 8 * from.at), 8 * more);
        all = words.exclusive_or(all, words.left(w, 8 * k, 64));
    }
    return all;
}

Word Execution::load(const Pointer &p, Type *t)
{
    unsigned bits = width_of(t);
    if (p.kind == Pointer::GUEST && bits >= 8) {
        Word w;
        if (known_word && known_word(p.place, bits, &w))
            return w;
        note(p, bits / 8, false);
        w = final_bytes(p.place, bits / 8);
        return known_bits ? words.conjunction(w, words.constant(known_bits(p.place, bits))) : w;
    }
    if (p.kind != Pointer::GLOBAL || bits < 8)
        return fail();
    auto known = globals.find(p.global);
    if (known != globals.end())
        return known->second;
    Word w = new_leaf({Leaf::GLOBAL, p.global, t, {}}, bits);
    globals[p.global] = globals_before[p.global] = w;
    return w;
}

bool Execution::store(const Pointer &p, Word w, Type *t)
{
    unsigned bits = width_of(t);
    if (p.kind == Pointer::GLOBAL && globals.count(p.global)) { /* what was not read cannot be put back */
        globals[p.global] = w;
        return true;
    }
    if (p.kind != Pointer::GUEST)
        return false;
    note(p, bits / 8, true);
    for (unsigned k = 0; k < bits / 8; k++)
        cells[{p.place.first, p.place.second + k}] = {w, k};
    return true;
}

bool Execution::globals_kept()
{
    for (auto &g : globals) {
        if (globals_before[g.first] != g.second)
            return false;
    }
    return true;
}
