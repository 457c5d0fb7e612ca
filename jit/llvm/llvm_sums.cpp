/* llvm_sums.cpp: sums, and those of floating point that --fp=relaxed may make in any order.
 *
 * A sum is a value that a loop carries from round to round and only adds to (or, integers, joins by and, or,
 * or exclusive or): nothing in the loop looks at it on its way, so that the loop can tell no order from
 * another. Its additions, and only these, become ones that LLVM may reorder, which makes several sums beside
 * each other, in vectors; products that go nowhere else may be added without being rounded first. A term that
 * is added under a condition is -0 without it, to which nothing is added. Whatever the order, the error of n
 * additions is at most n * 2^-24 (f32) or n * 2^-53 (f64) times the sum of the magnitudes, to first order.
 *
 * Sums of integers are open in their order as they are, and in strict order those of floating point are not:
 * such loops are listed, and left to LLVM. Loops that stay behind the tests of a kernel (llvm_patterns.cpp)
 * keep their order. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace
{

using Chain = SmallVector<BinaryOperator *, 8>; /* additions, in order */
using Choices = SmallVector<SelectInst *, 8>;   /* whether the sum is what it was */

/* The only use of `v` in the loop; null: there are several, or none. */
Use *only_use(Value &v, const Loop &l)
{
    Use *only = nullptr;
    for (Use &u : v.uses()) {
        if (!l.contains(cast<Instruction>(u.getUser())))
            continue;
        if (only)
            return nullptr;
        only = &u;
    }
    return only;
}

bool used_behind(const Value &v, const Loop &l)
{
    return any_of(v.users(), [&](const User *u) { return !l.contains(cast<Instruction>(u)); });
}

/* Operations of one kind may be made in any order; 0: it is of none. */
unsigned kind_of(const Instruction &i, const Use &sum)
{
    switch (i.getOpcode()) {
    case Instruction::FAdd:
    case Instruction::Add: return Instruction::Add;
    case Instruction::FSub:
    case Instruction::Sub: return &sum == &i.getOperandUse(0) ? Instruction::Add : 0;
    case Instruction::And:
    case Instruction::Or:
    case Instruction::Xor: return i.getOpcode();
    default: return 0;
    }
}

/* A choice between `v` and a sum that `v` is added to, and that goes nowhere else: that sum; null: it is
 * none. */
BinaryOperator *added_under_condition(Value &v, const Loop &l, SelectInst **choice)
{
    BinaryOperator *add = nullptr;
    *choice = nullptr;
    for (User *u : v.users()) {
        auto *i = cast<Instruction>(u);
        if (!l.contains(i))
            continue;
        auto *this_add = dyn_cast<BinaryOperator>(i);
        auto *this_choice = dyn_cast<SelectInst>(i);
        if (this_add ? add != nullptr : !this_choice || *choice)
            return nullptr;
        add = this_add ? this_add : add;
        *choice = this_choice ? this_choice : *choice;
    }
    if (!add || !*choice || !add->hasOneUse() || *add->user_begin() != *choice ||
        add->getOpcode() != Instruction::FAdd || add->getOperand(0) == add->getOperand(1))
        return nullptr;
    Value *yes = (*choice)->getTrueValue(), *no = (*choice)->getFalseValue();
    bool other = (yes == add && no == &v) || (no == add && yes == &v);
    return other && (*choice)->getCondition() != &v ? add : nullptr;
}

/* The additions that `phi` goes through in every round, if that is all that becomes of it. */
bool find_chain(PHINode &phi, const Loop &l, Chain &chain, Choices &choices)
{
    unsigned kind = 0;
    Value *end = phi.getIncomingValueForBlock(l.getLoopLatch());
    for (Value *v = &phi; v != end;) {
        SelectInst *choice = nullptr;
        if (auto *add = added_under_condition(*v, l, &choice)) {
            if ((kind && kind != Instruction::Add) || used_behind(*v, l) || used_behind(*add, l))
                return false;
            kind = Instruction::Add;
            chain.push_back(add);
            choices.push_back(choice);
            v = choice;
            continue;
        }
        Use *u = only_use(*v, l);
        auto *add = u ? dyn_cast<BinaryOperator>(u->getUser()) : nullptr;
        unsigned this_one = add ? kind_of(*add, *u) : 0;
        if (!this_one || (kind && kind != this_one) || used_behind(*v, l))
            return false;
        kind = this_one;
        chain.push_back(add);
        v = add;
    }
    Use *back = only_use(*end, l);
    return !chain.empty() && back && back->getUser() == &phi;
}

/* Whether `v` is computed from something that a round loads, by what neither writes nor calls. */
bool is_of_loads(Value *v, const Loop &l, unsigned deep = 0)
{
    constexpr unsigned deep_most = 8;
    auto *i = dyn_cast<Instruction>(v);
    if (!i || !l.contains(i) || deep == deep_most)
        return false;
    if (isa<LoadInst>(i))
        return true;
    return isa<BinaryOperator, UnaryOperator, CastInst, ShuffleVectorInst, CmpInst, SelectInst,
               IntrinsicInst>(i) &&
           any_of(i->operands(), [&](Value *o) { return is_of_loads(o, l, deep + 1); });
}

/* A count of rounds is none. */
bool adds_loads(const Chain &chain, const Loop &l)
{
    return any_of(chain, [&](BinaryOperator *add) {
        return any_of(add->operands(),
                      [&](Value *v) { return !is_contained(chain, v) && is_of_loads(v, l); });
    });
}

/* The sum takes what is added, or -0, to which it adds nothing, in every round. */
void add_always(const Choices &choices)
{
    for (SelectInst *choice : choices) {
        bool yes =
            isa<BinaryOperator>(choice->getTrueValue()) &&
            is_contained(cast<BinaryOperator>(choice->getTrueValue())->operands(), choice->getFalseValue());
        auto *add = cast<BinaryOperator>(yes ? choice->getTrueValue() : choice->getFalseValue());
        Value *before = yes ? choice->getFalseValue() : choice->getTrueValue();
        Use &term = add->getOperandUse(add->getOperand(0) == before ? 1 : 0);
        IRBuilder<> b(choice);
        Value *nothing = ConstantFP::get(add->getType(), -0.0);
        Value *condition = choice->getCondition();
        Value *added = b.CreateSelect(condition, yes ? term.get() : nothing, yes ? nothing : term.get());
        add->moveBefore(choice);
        term.set(added);
        choice->replaceAllUsesWith(add);
        choice->eraseFromParent();
    }
}

void relax(const Chain &chain)
{
    for (BinaryOperator *add : chain) {
        add->setHasAllowReassoc(true);
        add->setHasAllowContract(true);
        for (Value *v : add->operands()) {
            auto *product = dyn_cast<BinaryOperator>(v);
            if (product && product->getOpcode() == Instruction::FMul && product->hasOneUse())
                product->setHasAllowContract(true);
        }
    }
}

/* What joins the terms, if it is no addition. */
const char *joined_by(const Chain &chain)
{
    switch (chain.front()->getOpcode()) {
    case Instruction::And: return " by and";
    case Instruction::Or: return " by or";
    case Instruction::Xor: return " by exclusive or";
    default: return "";
    }
}

/* For the list of places. */
void note(const struct llvm_unit &unit, const Function &f, const Loop &l, const LoopInfo &loops,
          unsigned sums, const Chain &last)
{
    SmallString<96> evidence;
    raw_svector_ostream(evidence) << sums << (sums == 1 ? " sum of " : " sums of ")
                                  << *last.front()->getType() << joined_by(last) << ", " << last.size()
                                  << " a round";
    struct pattern_site site = site_of(unit, f, &l, loops, PATTERN_SUM, evidence);
    bool integers = last.front()->getType()->isIntOrIntVectorTy();
    site.relaxed = unit.fp_relaxed && !integers;
    site.replaced = site.relaxed || integers;
    site.text = site.replaced ? "order left open" : "--fp=strict keeps its order";
    bool ahead = is_replaced(site, PATTERN_AHEAD); /* these are the rounds that its kernel does not do */
    if (!findStringMetadataForLoop(&l, LOOP_IS_MAP) && !ahead && (site.relaxed || !is_listed(site)))
        patterns_note(&site);
}

} // namespace

PreservedAnalyses SumsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("sums");
    if (!is_own_function(f))
        return PreservedAnalyses::all();
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    bool changed = false;
    for (Loop *l : loops.getLoopsInPreorder()) {
        unsigned sums = 0;
        Chain chain, last;
        Choices choices;
        if (l->getLoopLatch() && !findStringMetadataForLoop(l, LOOP_IN_ORDER)) {
            for (PHINode &phi : l->getHeader()->phis()) {
                chain.clear();
                choices.clear();
                bool integers = phi.getType()->isIntOrIntVectorTy();
                if (!(integers || phi.getType()->isFPOrFPVectorTy()) ||
                    !find_chain(phi, *l, chain, choices) || (integers && !adds_loads(chain, *l)))
                    continue;
                if (!integers && unit.fp_relaxed) {
                    add_always(choices);
                    changed |= !choices.empty();
                    relax(chain);
                }
                last = chain;
                sums++;
            }
        }
        if (sums)
            note(unit, f, *l, loops, sums, last);
    }
    if (!changed)
        return PreservedAnalyses::all();
    PreservedAnalyses kept;
    kept.preserveSet<CFGAnalyses>();
    return kept;
}
