/* llvm_choice.cpp: see llvm_choice.h.
 *
 * The code is executed for every way in which two numbers can stand to each other, their signs and NaNs among
 * it. It may only compare them with each other, look at their signs, and choose: then what it does in one
 * case of a kind is what it does in all, and a table of the cases is all that there is to know of it. */
#include "llvm_choice.h"

extern "C" {
#include "extreme_form.h"
}

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

static constexpr unsigned depth_most = 12;

/* --- One case. --- */

bool Choice::is_nan(const Outcome &o) const
{
    return o.kind == Outcome::NAN_QUIET ||
           (o.kind == Outcome::X && (now.is == X_NAN || now.is == BOTH_NAN)) ||
           (o.kind == Outcome::M && (now.is == M_NAN || now.is == BOTH_NAN));
}

Choice::Outcome Choice::evaluate(Value *v, unsigned depth)
{
    const Outcome unknown = {Outcome::OTHER, false, v};
    if (v == &x)
        return {Outcome::X, false, nullptr};
    if (v == &m)
        return {Outcome::M, false, nullptr};
    if (auto *c = dyn_cast<ConstantInt>(v); c && c->getBitWidth() == 1)
        return {Outcome::TRUTH, c->isOne(), nullptr};
    auto *i = dyn_cast<Instruction>(v);
    if (!i || !depth--)
        return unknown;
    if (auto *s = dyn_cast<SelectInst>(i)) {
        Outcome c = evaluate(s->getCondition(), depth);
        return c.kind == Outcome::TRUTH ? evaluate(c.truth ? s->getTrueValue() : s->getFalseValue(), depth)
                                        : unknown;
    }
    if (auto *phi = dyn_cast<PHINode>(i))
        return evaluate_phi(*phi, depth);
    if (isa<BitCastInst, FreezeInst>(i)) {
        Outcome o = evaluate(i->getOperand(0), depth);
        return o.kind == Outcome::OTHER ? unknown : o;
    }
    if (auto *compare = dyn_cast<FCmpInst>(i))
        return evaluate_compare(*compare, depth);
    if (auto *compare = dyn_cast<ICmpInst>(i))
        return evaluate_compare(*compare, depth);
    if (isa<MinMaxIntrinsic>(i))
        return evaluate_extremum(*i, depth);
    auto *operation = dyn_cast<BinaryOperator>(i);
    if (!operation)
        return unknown;
    if (operation->getType()->isIntegerTy(1))
        return evaluate_truths(*operation, depth);
    return operation->getType()->isIntegerTy() ? evaluate_bits(*operation, depth)
                                               : evaluate_arithmetic(*operation, depth);
}

/* By the way that leads there from where all ways to it part. */
Choice::Outcome Choice::evaluate_phi(PHINode &phi, unsigned depth)
{
    const Outcome unknown = {Outcome::OTHER, false, &phi};
    const DomTreeNode *node = dominators.getNode(phi.getParent());
    if (any_of(phi.blocks(), [&](BasicBlock *from) { return dominators.dominates(phi.getParent(), from); }))
        return unknown; /* of a loop's rounds */
    const BasicBlock *at = node && node->getIDom() ? node->getIDom()->getBlock() : nullptr;
    for (unsigned steps = 0; at && steps < depth_most; steps++) {
        auto *br = dyn_cast<BranchInst>(at->getTerminator());
        if (!br)
            return unknown;
        Outcome c = {Outcome::TRUTH, true, nullptr};
        if (br->isConditional())
            c = evaluate(br->getCondition(), depth);
        if (c.kind != Outcome::TRUTH)
            return unknown;
        const BasicBlock *next = br->getSuccessor(c.truth ? 0 : 1);
        if (next == phi.getParent())
            return evaluate(phi.getIncomingValueForBlock(at), depth);
        at = next;
    }
    return unknown;
}

Choice::Outcome Choice::evaluate_truths(BinaryOperator &i, unsigned depth)
{
    Outcome a = evaluate(i.getOperand(0), depth), b = evaluate(i.getOperand(1), depth);
    if (a.kind != Outcome::TRUTH || b.kind != Outcome::TRUTH)
        return {Outcome::OTHER, false, &i};
    switch (i.getOpcode()) {
    case Instruction::And: return {Outcome::TRUTH, a.truth && b.truth, nullptr};
    case Instruction::Or: return {Outcome::TRUTH, a.truth || b.truth, nullptr};
    case Instruction::Xor: return {Outcome::TRUTH, a.truth != b.truth, nullptr};
    default: return {Outcome::OTHER, false, &i};
    }
}

/* Bits of both joined: those of equal numbers differ at most in the sign of a zero. */
Choice::Outcome Choice::evaluate_bits(BinaryOperator &i, unsigned depth)
{
    Outcome a = evaluate(i.getOperand(0), depth), b = evaluate(i.getOperand(1), depth);
    bool either = i.getOpcode() == Instruction::Or, both = i.getOpcode() == Instruction::And;
    auto number = [](const Outcome &o) { return o.kind == Outcome::X || o.kind == Outcome::M; };
    if (now.is != SAME || !number(a) || !number(b) || (!either && !both) || i.getType()->isIntegerTy(1) ||
        !isa<BitCastInst>(i.getOperand(0)))
        return {Outcome::OTHER, false, &i};
    if (a.kind == b.kind || now.x_negative == now.m_negative)
        return a;
    bool negative = either;
    return {now.x_negative == negative ? Outcome::X : Outcome::M, false, nullptr};
}

/* Only what makes a NaN quiet. */
Choice::Outcome Choice::evaluate_arithmetic(BinaryOperator &i, unsigned depth)
{
    Outcome a = evaluate(i.getOperand(0), depth), b = evaluate(i.getOperand(1), depth);
    bool known = a.kind != Outcome::OTHER || b.kind != Outcome::OTHER;
    if (known && (is_nan(a) || is_nan(b)))
        return {Outcome::NAN_QUIET, false, nullptr};
    bool same = i.getOpcode() == Instruction::FMul && match(i.getOperand(1), m_FPOne());
    return same && a.kind != Outcome::OTHER ? a : Outcome{Outcome::OTHER, false, &i};
}

/* `p` of a and b, of which at least one is x or m. */
Choice::Outcome Choice::of_order(Value *v, CmpInst::Predicate p, const Outcome &a, const Outcome &b)
{
    bool less = false, equal = true, greater = false;
    if (a.kind != b.kind) {
        bool turned = a.kind == Outcome::M;
        if ((a.kind != Outcome::X && a.kind != Outcome::M) || (b.kind != Outcome::X && b.kind != Outcome::M))
            return {Outcome::OTHER, false, v};
        less = now.is == (turned ? ABOVE : BELOW);
        greater = now.is == (turned ? BELOW : ABOVE);
        equal = now.is == SAME;
    } else if (a.kind != Outcome::X && a.kind != Outcome::M) {
        return {Outcome::OTHER, false, v};
    }
    bool holds = (less && (ICmpInst::isLT(p) || ICmpInst::isLE(p))) ||
                 (greater && (ICmpInst::isGT(p) || ICmpInst::isGE(p))) ||
                 (equal && (p == CmpInst::ICMP_EQ || ICmpInst::isLE(p) || ICmpInst::isGE(p))) ||
                 (!equal && p == CmpInst::ICMP_NE);
    return {Outcome::TRUTH, holds, nullptr};
}

Choice::Outcome Choice::evaluate_compare(FCmpInst &i, unsigned depth)
{
    CmpInst::Predicate p = i.getPredicate();
    Outcome a = evaluate(i.getOperand(0), depth), b = evaluate(i.getOperand(1), depth);
    auto constant = [](Value *v) {
        auto *c = dyn_cast<ConstantFP>(v);
        return c && !c->isNaN();
    };
    bool known_a = a.kind != Outcome::OTHER || constant(i.getOperand(0)),
         known_b = b.kind != Outcome::OTHER || constant(i.getOperand(1));
    if (!known_a || !known_b || p == CmpInst::FCMP_TRUE || p == CmpInst::FCMP_FALSE)
        return {Outcome::OTHER, false, &i};
    bool nan = is_nan(a) || is_nan(b);
    if (nan || p == CmpInst::FCMP_UNO || p == CmpInst::FCMP_ORD)
        return {Outcome::TRUTH, nan ? CmpInst::isUnordered(p) : p == CmpInst::FCMP_ORD, nullptr};
    switch (CmpInst::getOrderedPredicate(p)) {
    case CmpInst::FCMP_OLT: p = CmpInst::ICMP_SLT; break;
    case CmpInst::FCMP_OLE: p = CmpInst::ICMP_SLE; break;
    case CmpInst::FCMP_OGT: p = CmpInst::ICMP_SGT; break;
    case CmpInst::FCMP_OGE: p = CmpInst::ICMP_SGE; break;
    case CmpInst::FCMP_OEQ: p = CmpInst::ICMP_EQ; break;
    default: p = CmpInst::ICMP_NE; break;
    }
    return of_order(&i, p, a, b);
}

/* All comparisons of integers must be of one order. */
bool Choice::has_order(bool is_signed)
{
    auto this_one = is_signed ? ORDER_SIGNED : ORDER_UNSIGNED;
    if (order == ORDER_OPEN)
        order = this_one;
    return order == this_one;
}

Choice::Outcome Choice::evaluate_compare(ICmpInst &i, unsigned depth)
{
    if (!x.getType()->isIntegerTy())
        return of_sign(i, depth);
    Outcome a = evaluate(i.getOperand(0), depth), b = evaluate(i.getOperand(1), depth);
    if (!i.isEquality() && (a.kind != Outcome::OTHER || b.kind != Outcome::OTHER) && !has_order(i.isSigned()))
        return {Outcome::OTHER, false, &i};
    return of_order(&i, i.getPredicate(), a, b);
}

/* The highest of the bits of x, of m, or of both joined by exclusive or. */
bool Choice::is_negative(Value *bits, unsigned depth, bool *out)
{
    Value *a, *b;
    if (match(bits, m_Xor(m_Value(a), m_Value(b)))) {
        bool other;
        bool known = is_negative(a, depth, out) && is_negative(b, depth, &other);
        *out = known && *out != other;
        return known;
    }
    if (!isa<BitCastInst>(bits))
        return false;
    Outcome o = evaluate(bits, depth);
    *out = o.kind == Outcome::X ? now.x_negative : now.m_negative;
    return o.kind == Outcome::X || o.kind == Outcome::M;
}

Choice::Outcome Choice::of_sign(ICmpInst &i, unsigned depth)
{
    bool negative;
    if (!is_negative(i.getOperand(0), depth, &negative))
        return {Outcome::OTHER, false, &i};
    if (i.getPredicate() == CmpInst::ICMP_SLT && match(i.getOperand(1), m_Zero()))
        return {Outcome::TRUTH, negative, nullptr};
    if (i.getPredicate() == CmpInst::ICMP_SGT && match(i.getOperand(1), m_AllOnes()))
        return {Outcome::TRUTH, !negative, nullptr};
    return {Outcome::OTHER, false, &i};
}

Choice::Outcome Choice::evaluate_extremum(Instruction &i, unsigned depth)
{
    auto &extremum = cast<MinMaxIntrinsic>(i);
    Outcome a = evaluate(extremum.getLHS(), depth), b = evaluate(extremum.getRHS(), depth);
    Outcome first = of_order(&i, extremum.getPredicate(), a, b);
    if (first.kind != Outcome::TRUTH || !has_order(extremum.isSigned()))
        return {Outcome::OTHER, false, &i};
    return first.truth ? a : b;
}

/* --- All of them. --- */

bool Choice::possible(const Case &c) const
{
    if (x.getType()->isIntegerTy())
        return c.is <= ABOVE && !c.x_negative && !c.m_negative;
    if (x_is_magnitude && c.x_negative)
        return false;
    return !(c.is == BELOW && c.m_negative && !c.x_negative) &&
           !(c.is == ABOVE && c.x_negative && !c.m_negative);
}

/* Executes both for each case. */
bool Choice::enumerate(Value *number, Value *place, function_ref<bool(Value *)> is_new)
{
    for (Relation is : {BELOW, SAME, ABOVE, X_NAN, M_NAN, BOTH_NAN}) {
        for (unsigned signs = 0; signs < 4; signs++) {
            now = {is, (signs & 1) != 0, (signs & 2) != 0};
            Answer one = EITHER, other = EITHER;
            if (!possible(now))
                continue;
            if ((number && !answer_of(evaluate(number, depth_most), &one)) ||
                (place && !answer_of_place(evaluate(place, depth_most), is_new, &other)) ||
                (one != EITHER && other != EITHER && one != other))
                return false;
            answers.push_back({now, one == EITHER ? other : one});
        }
    }
    return true;
}

bool Choice::answer_of(const Outcome &o, Answer *out)
{
    bool quiet = o.kind == Outcome::NAN_QUIET;
    if (o.kind != Outcome::X && o.kind != Outcome::M && !quiet)
        return false;
    *out = o.kind == Outcome::X || (quiet && now.is == X_NAN) ? TAKES : KEEPS;
    if ((now.is == SAME && now.x_negative == now.m_negative) || (now.is == BOTH_NAN && quiet))
        *out = EITHER; /* it is the same number */
    if (!is_nan(o))
        return true;
    bool &seen = quiet ? is_quiet : is_plain;
    seen = true;
    return !(is_quiet && is_plain);
}

bool Choice::answer_of_place(const Outcome &o, function_ref<bool(Value *)> is_new, Answer *out)
{
    if (o.kind != Outcome::OTHER)
        return false;
    *out = is_new(o.other) ? TAKES : KEEPS;
    Value *&known = *out == TAKES ? taken : kept;
    if (!known)
        known = o.other;
    return known == o.other;
}

/* In all cases of a kind; `signs`: whether x and m are negative, only those. */
Choice::Answer Choice::answer(Relation is, std::optional<std::pair<bool, bool>> signs) const
{
    Answer all = EITHER;
    for (const auto &[c, one] : answers) {
        if (c.is != is || (signs && *signs != std::make_pair(c.x_negative, c.m_negative)) || one == EITHER)
            continue;
        if (all != EITHER && all != one)
            return DEPENDS;
        all = one;
    }
    return all;
}

bool Choice::find_zeros()
{
    bool least = form & LEAST;
    Answer equal[] = {answer(SAME, {{false, false}}), answer(SAME, {{true, true}}),
                      answer(SAME, {{true, false}}), answer(SAME, {{false, true}})};
    auto none = [&](Answer a, ArrayRef<unsigned> of) {
        return none_of(of, [&](unsigned k) { return equal[k] == a; });
    };
    if (none(TAKES, {0, 1, 2, 3}))
        return true;
    if (none(KEEPS, {0, 1, 2, 3})) {
        form |= EQUAL;
        return true;
    }
    form |= SIGNED_ZEROS;
    return none(TAKES, {0, 1, least ? 3u : 2u}) && none(KEEPS, {least ? 2u : 3u});
}

bool Choice::find_nans()
{
    static const std::pair<Relation, uint32_t> kinds[] = {
        {X_NAN, TAKES_NAN}, {M_NAN, LEAVES_NAN}, {BOTH_NAN, CHANGES_NAN}};
    for (auto [is, bit] : kinds) {
        Answer a = answer(is, std::nullopt);
        if (a == DEPENDS)
            return false;
        form |= a == TAKES ? bit : 0;
    }
    form |= is_quiet ? QUIET : 0;
    return true;
}

bool Choice::analyse(Value *number, Value *place, function_ref<bool(Value *)> is_new)
{
    if (!enumerate(number, place, is_new))
        return false;
    Answer below = answer(BELOW, std::nullopt), above = answer(ABOVE, std::nullopt);
    form = below == TAKES ? LEAST : 0;
    form |= x_is_magnitude ? MAGNITUDE : 0;
    form |= order == ORDER_UNSIGNED ? UNSIGNED : 0;
    return (below == TAKES ? above == KEEPS : below == KEEPS && above == TAKES) && find_zeros() &&
           find_nans();
}
