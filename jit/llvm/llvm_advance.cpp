/* llvm_advance.cpp: see llvm_advance.h. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "patterns.h"
}

#include "llvm_advance.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/PatternMatch.h"

#include <memory>

using namespace llvm;
using namespace llvm::PatternMatch;

constexpr int64_t constant_most = 1 << 16; /* in addresses, on either side: far below RT_SHORT_MEMORY_GAP */

Advance::Advance(Loop &l, ScalarEvolution &se, GlobalVariable &mem)
    : loop(l), inside{l}, execution(words, mem, inside), evolution(se)
{
}

bool Advance::run()
{
    find_ends();
    execution.wide_bases = execution.volatile_loads = execution.coarse = true;
    execution.known_phi = [&](const PHINode &phi, Word *w) { return follow(phi, w); };
    execution.assumed = [&](const ICmpInst &i, Word a, Word b, bool *is) { return assume(i, a, b, is); };
    BasicBlock *header = loop.getHeader();
    return execution.run(header, header) && !execution.undecided.compare && execution.globals_kept() &&
           execution.taken_for_zero().empty() && find_steps() && find_rows() && find_counts() &&
           !words.failed;
}

/* --- Ways out. --- */

void Advance::find_ends()
{
    SmallVector<BasicBlock *, 8> exiting;
    loop.getExitingBlocks(exiting);
    for (BasicBlock *at : exiting) {
        auto *br = dyn_cast<BranchInst>(at->getTerminator());
        if (br && br->isConditional())
            find_end(br->getCondition(), !loop.contains(br->getSuccessor(0)));
    }
}

void Advance::find_end(Value *v, bool wanted)
{
    Value *x, *y;
    if (match(v, m_Not(m_Value(x))))
        return find_end(x, !wanted);
    if (wanted ? match(v, m_LogicalOr(m_Value(x), m_Value(y)))
               : match(v, m_LogicalAnd(m_Value(x), m_Value(y)))) {
        find_end(x, wanted);
        return find_end(y, wanted);
    }
    if (auto *compare = dyn_cast<ICmpInst>(v))
        ends[compare] = !wanted;
}

bool Advance::assume(const ICmpInst &i, Word a, Word b, bool *is)
{
    auto end = ends.find(&i);
    std::optional<bool> stays;
    uint64_t n;
    if (end != ends.end())
        stays = end->second;
    if (words.is_constant(b, &n) && known && known(i, a, n, stays, is))
        return true;
    if (!stays)
        return false;
    *is = *stays;
    counts.push_back({*stays ? i.getPredicate() : i.getInversePredicate(), a, b,
                      i.getOperand(0)->getType()->getIntegerBitWidth(), 0});
    return true;
}

/* --- What the loop carries. --- */

/* By which constant a phi is greater than another one, in all rounds, if it is so in one. What was extended
 * is looked at as it was before that. */
std::optional<int64_t> Advance::apart(const PHINode &phi, const PHINode &other)
{
    auto goes = [&](const PHINode &p) {
        return dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(const_cast<PHINode *>(&p)));
    };
    auto start = [&](const SCEVAddRecExpr *e) {
        auto *extended = dyn_cast<SCEVZeroExtendExpr>(e->getStart());
        return extended ? extended->getOperand() : e->getStart();
    };
    if (phi.getType() != other.getType() || !evolution.isSCEVable(phi.getType()))
        return std::nullopt;
    const SCEVAddRecExpr *a = goes(phi), *b = goes(other);
    if (!a || !b || a->getLoop() != &loop || b->getLoop() != &loop ||
        a->getStepRecurrence(evolution) != b->getStepRecurrence(evolution) ||
        start(a)->getType() != start(b)->getType())
        return std::nullopt;
    auto *by = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(start(a), start(b)));
    return by ? by->getAPInt().trySExtValue() : std::nullopt;
}

/* Pointers that go on side by side are one, and a constant. */
bool Advance::follow(const PHINode &phi, Word *w)
{
    for (PHINode &other : loop.getHeader()->phis()) {
        std::optional<int64_t> by;
        if (&other == &phi || !phi.getType()->isIntegerTy())
            return false;
        by = apart(phi, other);
        if (!by)
            continue;
        unsigned bits = phi.getType()->getIntegerBitWidth();
        *w =
            words.minus(execution.value(&other),
                        words.constant(-static_cast<uint64_t>(*by) & maskTrailingOnes<uint64_t>(bits)), bits);
        beside.push_back({const_cast<PHINode *>(&phi), &other, *by});
        return true;
    }
    return false;
}

bool Advance::find_steps()
{
    for (PHINode &phi : loop.getHeader()->phis()) {
        Value *next = phi.getIncomingValueForBlock(execution.end);
        if (next == &phi)
            continue;
        if (!phi.getType()->isIntegerTy())
            return false;
        unsigned bits = phi.getType()->getIntegerBitWidth();
        uint64_t by;
        Word now = execution.value(&phi), after = execution.value(next);
        if (words.failed || !words.is_constant(words.minus(after, now, bits), &by))
            return false;
        if (by)
            steps.push_back({&phi, SignExtend64(by, bits)});
    }
    return !steps.empty();
}

/* The phi that a word is; null: it is none. */
const PHINode *Advance::carried(Word w)
{
    const Leaf *l = execution.leaf(w);
    auto *phi = l && l->kind == Leaf::VALUE ? dyn_cast<PHINode>(l->value) : nullptr;
    return phi && phi->getParent() == loop.getHeader() ? phi : nullptr;
}

bool Advance::is_carried(Word w)
{
    for (const Words::Part &p : words.parts(w)) {
        for (const Words::Factor &f : words.factors(p.product)) {
            if (carried(words.leaf_of(f.atom)))
                return true;
            const Words::Sum *s = words.sum_of(f.atom);
            if (s && any_of(s->addends, [&](const Words::Addend &a) { return is_carried(a.word); }))
                return true;
        }
    }
    return false;
}

std::optional<int64_t> Advance::step_of(Word w, unsigned bits, bool address)
{
    Words::Sum s = words.as_sum(w, bits);
    uint64_t all = 0;
    auto is_narrow = [&](const Words::Addend &a) {
        return bits == 64 && a.times == 1 && words.possible(a.word) >> 32 == 0;
    };
    for (const Words::Addend &a : s.addends) {
        const PHINode *phi = carried(a.word);
        if (!phi && !is_carried(a.word))
            continue;
        if (is_narrow(a)) {                                       /* extended: it may wrap around */
            bool below = address && all_of(s.addends, is_narrow); /* the address */
            std::optional<int64_t> by = below ? step_of(a.word, 32, true) : std::nullopt;
            if (!by)
                return std::nullopt;
            all += static_cast<uint64_t>(*by);
            continue;
        }
        if (!phi || phi->getType()->getIntegerBitWidth() != bits)
            return std::nullopt;
        for (const Step &step : steps)
            all += step.phi == phi ? a.times * static_cast<uint64_t>(step.by) : 0;
    }
    return bits == 64 ? static_cast<int64_t>(all) : SignExtend64(all, bits);
}

bool Advance::find_rows()
{
    for (const auto &[base, a] : execution.bases()) {
        std::optional<int64_t> by;
        if (is_carried(base) && WordValues::can_make(words, execution, base))
            by = step_of(base, words.possible(base) >> 32 ? 64 : 32, true);
        if (!by || *by <= 0) {
            others.push_back(base);
            continue;
        }
        if (a.from < -constant_most || a.to > constant_most || a.index_most > constant_most ||
            *by > constant_most)
            return false;
        rows.push_back({base, a.from, a.to, *by, std::min(a.from, a.index_least), a.written});
    }
    return true;
}

/* One side goes on, towards the other one. */
bool Advance::find_counts()
{
    for (Count &c : counts) {
        std::optional<int64_t> a = step_of(c.a, c.bits, false), b = step_of(c.b, c.bits, false);
        if (!a || !b || (c.bits != 32 && c.bits != 64) || !WordValues::can_make(words, execution, c.a) ||
            !WordValues::can_make(words, execution, c.b) || (*a && *b))
            return false;
        if (*b) {
            std::swap(c.a, c.b);
            c.stays = CmpInst::getSwappedPredicate(c.stays);
        }
        c.by = *b ? *b : *a;
        bool goes_up = c.by > 0, up = ICmpInst::isLT(c.stays) || ICmpInst::isLE(c.stays);
        if (c.by > constant_most || c.by < -constant_most ||
            (c.by && c.stays != CmpInst::ICMP_NE && (c.stays == CmpInst::ICMP_EQ || up != goes_up)))
            return false;
    }
    return true;
}

/* --- In front of it. --- */

AdvanceValues::AdvanceValues(Advance &a, GlobalVariable &mem, const struct llvm_unit &u, Instruction *at,
                             std::function<Value *(Value *)> current)
    : tools(at, mem, u), b(tools.builder()), values(a.words, a.execution, b), advance(a)
{
    auto frozen = std::make_shared<DenseMap<Value *, Value *>>();
    values.as_known = [this, frozen, current](Value *v) {
        Value *&once = (*frozen)[v];
        if (!once)
            once = b.CreateFreeze(current(v));
        return once;
    };
}

Value *AdvanceValues::least(Value *x, Value *y)
{
    return b.CreateBinaryIntrinsic(Intrinsic::umin, x, y);
}

/* Up to there the counter does not wrap around. */
Value *AdvanceValues::rounds_of(const Advance::Count &c)
{
    Type *type = b.getIntNTy(c.bits);
    bool is_signed = CmpInst::isSigned(c.stays);
    auto wide = [&](Word w) {
        Value *v = b.CreateTrunc(values.make(w), type);
        return is_signed ? b.CreateSExt(v, b.getInt64Ty()) : b.CreateZExt(v, b.getInt64Ty());
    };
    Value *from = wide(c.a), *to = wide(c.b), *none = number(0);
    if (!c.by)
        return b.CreateSelect(b.CreateICmp(c.stays, from, to), number(UINT64_MAX), none);
    if (c.by < 0)
        std::swap(from, to);
    Value *apart = b.CreateSub(to, from);
    uint64_t by = static_cast<uint64_t>(c.by < 0 ? -c.by : c.by);
    if (c.stays == CmpInst::ICMP_NE)
        return b.CreateUDiv(b.CreateZExt(b.CreateTrunc(apart, type), b.getInt64Ty()), number(by));
    bool inclusive = ICmpInst::isLE(c.stays) || ICmpInst::isGE(c.stays);
    Value *some = b.CreateICmpSGE(apart, number(inclusive ? 0 : 1));
    if (c.bits == 64) { /* no difference of others is one of 64 bits */
        Value *low = b.CreateLShr(b.CreateOr(from, to), 62);
        some = b.CreateAnd(some, b.CreateICmpEQ(low, none));
    }
    Value *up = b.CreateAdd(apart, number(inclusive ? by : by - 1));
    return b.CreateSelect(some, b.CreateUDiv(up, number(by)), none);
}

Value *AdvanceValues::certain()
{
    Value *n = number(UINT64_MAX);
    for (const Advance::Count &c : advance.counts)
        n = least(n, rounds_of(c));
    for (const Advance::Beside &p : advance.beside) {
        Value *other = values.as_known(p.other), *by = ConstantInt::getSigned(other->getType(), p.by);
        Value *is = b.CreateICmpEQ(values.as_known(p.phi), b.CreateAdd(other, by));
        n = b.CreateSelect(is, n, number(0));
    }
    return n;
}

Value *AdvanceValues::start(const Advance::Row &r)
{
    return b.CreateAdd(values.make(r.base), number(static_cast<uint64_t>(r.from)));
}

Value *AdvanceValues::begins(const Advance::Row &r, Value *start)
{
    Value *lowest = b.CreateAdd(values.make(r.base), number(static_cast<uint64_t>(r.least)));
    return b.CreateICmpSGE(b.CreateOr(lowest, start), number(0));
}

Value *AdvanceValues::inside(const Advance::Row &r, Value *start)
{
    Value *room = b.CreateSub(tools.memory_bytes(), start), *by = number(static_cast<uint64_t>(r.step));
    room = b.CreateSub(room, number(static_cast<uint64_t>(r.to - r.from)));
    Value *some = b.CreateAnd(begins(r, start), b.CreateICmpSGE(room, number(0)));
    return b.CreateSelect(some, b.CreateAdd(b.CreateUDiv(room, by), number(1)), number(0));
}

Value *AdvanceValues::later(IRBuilder<> &b, const Advance::Step &s, Value *now, Value *rounds)
{
    Value *by = ConstantInt::get(now->getType(), static_cast<uint64_t>(s.by), true);
    return b.CreateAdd(now, b.CreateMul(b.CreateZExtOrTrunc(rounds, now->getType()), by));
}
