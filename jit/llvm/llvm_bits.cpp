/* llvm_bits.cpp: loops that count the bits of a number, or look for one, as the operation that does it.
 *
 * In each round of such a loop a number goes right or left by a bit, or loses its lowest one, until nothing
 * is left of it or a bit has come to its end; so how many rounds there are is known from the number, and
 * what else goes up evenly, or adds (or joins by exclusive or) the bit at the end to a sum, is known behind
 * it. All that is arithmetic on values: nothing can trap, and there is nothing to test but that a bit which
 * is looked for is there; without one the loop does not end, and stays. LLVM knows a few of these loops, but
 * none that adds bits, or finds the lowest. The number may also stay, and the rounds ask for one of its bits
 * after the other, from either end, perhaps not further than there are bits. Bits of one number that are
 * added in one expression, as unrolled loops do, are counted, too. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

Value *without_casts(Value *v)
{
    while (isa<ZExtInst, TruncInst>(v))
        v = cast<CastInst>(v)->getOperand(0);
    return v;
}

unsigned width_of(const Value *v)
{
    return v->getType()->getScalarSizeInBits();
}

/* One loop, and what it does. */
class BitLoop
{
  public:
    BitLoop(Loop &l, ScalarEvolution &se, const DataLayout &data)
        : loop(l), evolution(se), expander(se, data, "bits")
    {
    }

    /* What can be told in little time, of a loop in any form. */
    static bool is_possible(const Loop &l)
    {
        size_t n = 0;
        if (l.getNumBlocks() > 2 ||
            none_of(l.getHeader()->phis(), [](const PHINode &phi) { return moves(phi); }))
            return false;
        for (const BasicBlock *block : l.blocks()) {
            for (const Instruction &i : *block) {
                if (++n > instructions_most || i.mayHaveSideEffects() || i.mayReadOrWriteMemory())
                    return false;
            }
        }
        return true;
    }

    /* Whether all that is used behind the loop can be told from what is known before it. The loop is in
     * simplified form and in that of LCSSA. */
    bool is_one()
    {
        before = loop.getLoopPreheader() ? loop.getLoopPreheader()->getTerminator() : nullptr;
        exiting = loop.getExitingBlock();
        exit = loop.getUniqueExitBlock();
        if (!before || !exiting || !exit || !loop.getLoopLatch() ||
            (exiting != loop.getLoopLatch() && exiting != loop.getHeader()) ||
            exit->getSinglePredecessor() != exiting)
            return false;
        auto *br = dyn_cast<BranchInst>(exiting->getTerminator());
        compare = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
        if (!compare)
            return false;
        stays = loop.contains(br->getSuccessor(0)) ? compare->getPredicate() : compare->getInversePredicate();
        at_end = exiting == loop.getLoopLatch();
        return find_number() && find_results();
    }

    /* The operation that takes its place. */
    const char *kernel_name() const
    {
        bool counts = any_of(results, [](const Result &r) { return r.kind == ADDED || r.kind == JOINED; });
        if (counts || move == CLEAR)
            return "population count";
        return (move == RIGHT) == (until == NOTHING) ? "leading zeros" : "trailing zeros";
    }

    std::string evidence() const
    {
        static const char *const moves[] = {"right", "left", "lowest bit cleared"};
        static const char *const ends[] = {"until nothing is left", "until a bit is found",
                                           "rounds are known"};
        return "bits of i" + std::to_string(width_of(number)) + ", " + moves[move] + ", " + ends[until] +
               (spared ? ", the last " + std::to_string(spared) + " left out" : "");
    }

    void replace(DominatorTree &dominators, LoopInfo &loops)
    {
        IRBuilder<> b(before);
        Value *x = number->getIncomingValueForBlock(before->getParent());
        x = b.CreateFreeze(x);
        Value *rounds = until == COUNTED ? nullptr : rounds_of(b, x);
        SmallVector<Value *, 4> values;
        for (const Result &r : results)
            values.push_back(value_of(b, r, x, rounds));
        if (until == BIT) {
            keep_for_none(b, x, values, dominators, loops);
            return;
        }
        for (size_t k = 0; k < results.size(); k++)
            results[k].phi->setIncomingValueForBlock(exiting, values[k]);
        evolution.forgetLoop(&loop);
        deleteDeadLoop(&loop, &dominators, &evolution, &loops);
    }

  private:
    static constexpr size_t instructions_most = 24;
    enum Move { RIGHT, LEFT, CLEAR };
    enum Until { NOTHING, BIT, COUNTED };
    enum Kind {
        EVEN,   /* goes up evenly: `evenly`, in the last round */
        MOVED,  /* the number itself, as it is then */
        ADDED,  /* a sum of all bits that were at the end: that */
        JOINED, /* the same, by exclusive or */
        TURNED, /* another number in every other round: by exclusive or with one that stays */
    };
    struct Result {
        PHINode *phi; /* of the exit */
        Kind kind;
        const SCEVAddRecExpr *evenly;
        PHINode *sum;
        Value *turned_by = nullptr;
    };

    Loop &loop;
    ScalarEvolution &evolution;
    SCEVExpander expander;
    Instruction *before = nullptr;
    BasicBlock *exiting = nullptr, *exit = nullptr;
    ICmpInst *compare = nullptr;
    CmpInst::Predicate stays = CmpInst::BAD_ICMP_PREDICATE; /* how both are compared as long as it goes on */
    bool at_end = false; /* the test stands behind what a round does; else before it */
    PHINode *number = nullptr;
    Value *moved = nullptr; /* the number of the next round */
    Move move = RIGHT;
    Until until = NOTHING;
    unsigned spared = 0; /* NOTHING, to the right: so many bits are not looked at, and left at the end */
    uint64_t rounds_known = 0; /* COUNTED */
    SmallVector<Result, 4> results;

    /* Whether it may be the number. */
    static bool moves(const PHINode &phi)
    {
        return any_of(phi.incoming_values(), [&](const Value *v) {
            auto *by = dyn_cast<BinaryOperator>(v);
            return by &&
                   (by->isShift() || by->getOpcode() == Instruction::And ||
                    (by->getOpcode() == Instruction::Add && by->getOperand(1) == &phi)) &&
                   is_contained(by->operands(), &phi);
        });
    }

    Value *next(const PHINode *phi) const
    {
        return phi->getIncomingValueForBlock(loop.getLoopLatch());
    }

    bool find_number()
    {
        for (PHINode &phi : loop.getHeader()->phis()) {
            Value *v = next(&phi);
            if (!phi.getType()->isIntegerTy(32) && !phi.getType()->isIntegerTy(64))
                continue;
            if (match(v, m_LShr(m_Specific(&phi), m_One())))
                move = RIGHT;
            else if (match(v, m_Shl(m_Specific(&phi), m_One())) ||
                     match(v, m_Add(m_Specific(&phi), m_Specific(&phi))))
                move = LEFT;
            else if (match(v, m_c_And(m_Specific(&phi), m_Add(m_Specific(&phi), m_AllOnes()))))
                move = CLEAR;
            else
                continue;
            number = &phi;
            moved = v;
            if (find_end())
                return true;
        }
        return false;
    }

    /* --- When it ends. --- */

    bool find_end()
    {
        Value *a = compare->getOperand(0), *tested = at_end ? moved : number;
        auto *c = dyn_cast<ConstantInt>(compare->getOperand(1));
        unsigned width = width_of(number);
        APInt one = APInt::getOneBitSet(width, 0), high = APInt::getSignMask(width);
        if (c && a->getType() == number->getType() &&
            ends_with_nothing(*a, c->getValue(), *tested, one, high))
            until = NOTHING;
        else if (c && move != CLEAR && a->getType() == number->getType() &&
                 ends_with_bit(*a, c->getValue(), *tested, one, high))
            until = BIT;
        else
            return is_counted();
        return true;
    }

    /* It goes on as long as `tested` is not 0. */
    bool ends_with_nothing(Value &a, const APInt &c, Value &tested, const APInt &one, const APInt &high)
    {
        if (stays == CmpInst::ICMP_NE && c.isZero() && &a == &tested)
            return true;
        if (move == RIGHT)
            return ends_below(a, stays == CmpInst::ICMP_UGE ? c - one : c, tested);
        return at_end && move == LEFT && stays == CmpInst::ICMP_NE && c.isZero() &&
               match(&a, m_And(m_Specific(number), m_SpecificInt(~high)));
    }

    /* It goes on as long as `tested`, or the number that it is made of, is above `most`, which is all ones.
     */
    bool ends_below(Value &a, const APInt &most, Value &tested)
    {
        bool above = stays == CmpInst::ICMP_UGT || stays == CmpInst::ICMP_UGE;
        bool earlier = at_end && &a == number;
        if (!above || !most.isMask() || most.isAllOnes() || !(earlier || &a == &tested))
            return false;
        spared = most.popcount() - earlier;
        return true;
    }

    /* It goes on as long as `tested` has no bit at the end to which it moves. */
    bool ends_with_bit(Value &a, const APInt &c, Value &tested, const APInt &one, const APInt &high)
    {
        bool none = stays == CmpInst::ICMP_EQ && c.isZero();
        const APInt &last = move == RIGHT ? one : high;
        APInt but_one = move == RIGHT ? one.shl(1) : high.lshr(1);
        bool positive =
            (stays == CmpInst::ICMP_SGT && c.isAllOnes()) || (stays == CmpInst::ICMP_SGE && c.isZero());
        if (move == LEFT && positive && &a == &tested)
            return true;
        return none && (match(&a, m_And(m_Specific(&tested), m_SpecificInt(last))) ||
                        (at_end && match(&a, m_And(m_Specific(number), m_SpecificInt(but_one)))));
    }

    bool is_counted()
    {
        auto *c = dyn_cast<SCEVConstant>(evolution.getBackedgeTakenCount(&loop));
        if (move != RIGHT || !at_end || !c || c->getAPInt().uge(width_of(number)))
            return false;
        until = COUNTED;
        rounds_known = c->getAPInt().getZExtValue() + 1;
        return rounds_known >= bits_least;
    }
    static constexpr uint64_t bits_least = 4;

    /* --- What is used behind it. --- */

    bool find_results()
    {
        bool bits = false;
        for (PHINode &phi : exit->phis()) {
            Value *v = phi.getIncomingValueForBlock(exiting);
            Result r = {&phi, EVEN, nullptr, nullptr};
            if (loop.isLoopInvariant(v))
                continue;
            if (v == (at_end ? moved : number))
                r.kind = MOVED;
            else if (!is_even(*v, &r) && !is_turned(*v, &r) && !is_sum(*v, &r))
                return false;
            bits = bits || r.kind == ADDED || r.kind == JOINED;
            results.push_back(r);
        }
        if (move == CLEAR && until != NOTHING)
            return false;
        return !results.empty() && (until != COUNTED || bits);
    }

    bool is_even(Value &v, Result *r)
    {
        if (!evolution.isSCEVable(v.getType()) || !v.getType()->isIntegerTy())
            return false;
        r->evenly = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(&v));
        return r->evenly && r->evenly->getLoop() == &loop && r->evenly->isAffine() &&
               is_known(r->evenly->getStart()) && is_known(r->evenly->getStepRecurrence(evolution));
    }
    bool is_known(const SCEV *s) const
    {
        return evolution.isLoopInvariant(s, &loop) && expander.isSafeToExpandAt(s, before);
    }

    bool is_turned(Value &v, Result *r)
    {
        for (PHINode &phi : loop.getHeader()->phis()) {
            Value *by = nullptr, *after = next(&phi);
            if (&v != (at_end ? after : &phi) || !match(after, m_c_Xor(m_Specific(&phi), m_Value(by))) ||
                !loop.isLoopInvariant(by))
                continue;
            r->kind = TURNED;
            r->sum = &phi;
            r->turned_by = by;
            return until != COUNTED;
        }
        return false;
    }

    bool is_sum(Value &v, Result *r)
    {
        if (until == BIT || move == CLEAR || spared)
            return false;
        for (PHINode &phi : loop.getHeader()->phis()) {
            Value *bit = nullptr, *after = next(&phi);
            if (&v != (at_end ? after : &phi))
                continue;
            if (match(after, m_c_Add(m_Specific(&phi), m_Value(bit))))
                r->kind = ADDED;
            else if (match(after, m_c_Xor(m_Specific(&phi), m_Value(bit))))
                r->kind = JOINED;
            else
                return false;
            r->sum = &phi;
            return is_bit(*bit);
        }
        return false;
    }

    /* The bit at the end, as 0 or 1. */
    bool is_bit(Value &v) const
    {
        Value *x = without_casts(&v), *y;
        if (move == RIGHT)
            return match(x, m_And(m_Value(y), m_One())) && without_casts(y) == number;
        return match(x, m_LShr(m_Specific(number), m_SpecificInt(width_of(number) - 1)));
    }

    /* --- The same from the number before the loop. --- */

    Value *zeros(IRBuilder<> &b, Value *x, bool leading) const
    {
        return b.CreateBinaryIntrinsic(leading ? Intrinsic::ctlz : Intrinsic::cttz, x, b.getFalse());
    }

    Value *stepped(IRBuilder<> &b, Value *x) const
    {
        return move == RIGHT ? b.CreateLShr(x, 1) : b.CreateShl(x, 1);
    }

    /* How often the number was moved, of its type; where a bit is looked for, if it is there. */
    Value *rounds_of(IRBuilder<> &b, Value *x) const
    {
        Type *type = x->getType();
        Value *one = ConstantInt::get(type, 1);
        if (until == BIT) {
            Value *n = zeros(b, at_end ? stepped(b, x) : x, move == LEFT);
            return at_end ? b.CreateAdd(n, one) : n;
        }
        Value *bits = move == CLEAR
                          ? b.CreateUnaryIntrinsic(Intrinsic::ctpop, x)
                          : b.CreateSub(ConstantInt::get(type, width_of(x)), zeros(b, x, move == RIGHT));
        if (spared)
            bits = b.CreateBinaryIntrinsic(Intrinsic::usub_sat, bits, ConstantInt::get(type, spared));
        return at_end ? b.CreateBinaryIntrinsic(Intrinsic::umax, bits, one) : bits;
    }

    Value *value_of(IRBuilder<> &b, const Result &r, Value *x, Value *rounds)
    {
        Type *type = r.phi->getType();
        if (r.kind == MOVED)
            return until == NOTHING && !spared ? Constant::getNullValue(type) : moved_by(b, x, rounds);
        if (r.kind == TURNED) {
            Value *odd = b.CreateTrunc(rounds, b.getInt1Ty());
            Value *first = r.sum->getIncomingValueForBlock(before->getParent());
            return b.CreateXor(first, b.CreateSelect(odd, r.turned_by, Constant::getNullValue(type)));
        }
        if (r.kind == EVEN) {
            Value *turns =
                until == COUNTED ? ConstantInt::get(type, rounds_known) : b.CreateZExtOrTrunc(rounds, type);
            if (at_end)
                turns = b.CreateSub(turns, ConstantInt::get(type, 1));
            Value *by = expand(r.evenly->getStepRecurrence(evolution));
            return b.CreateAdd(expand(r.evenly->getStart()), b.CreateMul(by, turns));
        }
        unsigned width = width_of(x);
        if (until == COUNTED && rounds_known < width)
            x = b.CreateAnd(x, ConstantInt::get(x->getType(), maskTrailingOnes<uint64_t>(
                                                                  static_cast<unsigned>(rounds_known))));
        Value *bits = b.CreateZExtOrTrunc(b.CreateUnaryIntrinsic(Intrinsic::ctpop, x), type);
        Value *first = r.sum->getIncomingValueForBlock(before->getParent());
        return r.kind == ADDED ? b.CreateAdd(first, bits)
                               : b.CreateXor(first, b.CreateAnd(bits, ConstantInt::get(type, 1)));
    }

    Value *expand(const SCEV *s)
    {
        return expander.expandCodeFor(s, s->getType(), before->getIterator());
    }

    Value *moved_by(IRBuilder<> &b, Value *x, Value *rounds) const
    {
        if (until == COUNTED && rounds_known == width_of(x))
            return Constant::getNullValue(x->getType());
        Value *by = until == COUNTED ? ConstantInt::get(x->getType(), rounds_known) : rounds;
        return move == RIGHT ? b.CreateLShr(x, by) : b.CreateShl(x, by);
    }

    /* Without a bit that could be found the loop stays as it is: it does not end. */
    void keep_for_none(IRBuilder<> &b, Value *x, ArrayRef<Value *> values, DominatorTree &dominators,
                       LoopInfo &loops)
    {
        BasicBlock *head = before->getParent();
        Value *some = b.CreateIsNotNull(at_end ? stepped(b, x) : x);
        BasicBlock *instead = SplitEdge(head, loop.getHeader(), &dominators, &loops);
        instead->setName("bits.none");
        evolution.forgetLoop(&loop);
        for (PHINode &phi : exit->phis()) {
            Value *v = phi.getIncomingValueForBlock(exiting);
            for (size_t k = 0; k < results.size(); k++)
                v = results[k].phi == &phi ? values[k] : v;
            phi.addIncoming(v, head);
        }
        head->getTerminator()->eraseFromParent();
        BranchInst::Create(exit, instead, some, head);
        dominators.insertEdge(head, exit);
    }
};

/* A loop that asks for one bit of a number after the other, from either end, until there is one. */
class NumberedBit
{
  public:
    NumberedBit(Loop &l, ScalarEvolution &se, const DominatorTree &dt, const DataLayout &data)
        : loop(l), evolution(se), dominators(dt), expander(se, data, "bits")
    {
    }

    /* What can be told in little time, of a loop in any form. */
    static bool is_possible(const Loop &l)
    {
        size_t n = 0, shifts = 0;
        if (l.getNumBlocks() > 3)
            return false;
        for (const BasicBlock *block : l.blocks()) {
            for (const Instruction &i : *block) {
                if (++n > instructions_most || i.mayHaveSideEffects() || i.mayReadOrWriteMemory())
                    return false;
                shifts += i.isLogicalShift() && !isa<ConstantInt>(i.getOperand(1));
            }
        }
        return shifts == 1;
    }

    /* Whether all that is used behind it where the bit was found is known from the number. The loop is in
     * simplified form and in that of LCSSA. */
    bool is_one()
    {
        before = loop.getLoopPreheader() ? loop.getLoopPreheader()->getTerminator() : nullptr;
        SmallVector<BasicBlock *, 2> exiting;
        loop.getExitingBlocks(exiting);
        if (!before || !loop.getLoopLatch() || exiting.size() > 2)
            return false;
        for (BasicBlock *block : exiting) {
            if (is_test(*block))
                asks = block;
        }
        return asks && all_of(exiting, [&](BasicBlock *b) { return b == asks || ends_later(*b); }) &&
               results_are_known();
    }

    const char *kernel_name() const
    {
        return down ? "leading zeros" : "trailing zeros";
    }

    std::string evidence() const
    {
        return "bits of i" + std::to_string(width_of(number)) + ", by their places, " +
               (down ? "downwards" : "upwards") + ", until a bit is found";
    }

    /* Without a bit that could be found the loop does what it did. */
    void replace(DominatorTree &tree, LoopInfo &loops)
    {
        IRBuilder<> b(before);
        Value *x = b.CreateFreeze(number);
        x = inverted ? b.CreateNot(x) : x;
        Value *some = b.CreateIsNotNull(x);
        Value *rounds = b.CreateBinaryIntrinsic(down ? Intrinsic::ctlz : Intrinsic::cttz, x, b.getFalse());
        SmallVector<Value *, 4> values;
        for (PHINode &phi : exit->phis())
            values.push_back(value_of(b, phi.getIncomingValueForBlock(asks), rounds));
        BasicBlock *head = before->getParent();
        BasicBlock *instead = SplitEdge(head, loop.getHeader(), &tree, &loops);
        instead->setName("bits.none");
        evolution.forgetLoop(&loop);
        size_t k = 0;
        for (PHINode &phi : exit->phis())
            phi.addIncoming(values[k++], head);
        head->getTerminator()->eraseFromParent();
        BranchInst::Create(exit, instead, some, head);
        tree.insertEdge(head, exit);
    }

  private:
    static constexpr size_t instructions_most = 24;
    Loop &loop;
    ScalarEvolution &evolution;
    const DominatorTree &dominators;
    SCEVExpander expander;
    Instruction *before = nullptr;
    BasicBlock *asks = nullptr, *exit = nullptr; /* where the bit is asked for, and where one leads to */
    Value *number = nullptr;
    bool down = false, inverted = false; /* what is looked for is a bit that is not there */

    /* Whether it leaves the loop by bit n of the number in round n, or by bit width - 1 - n. */
    bool is_test(BasicBlock &block)
    {
        auto *br = dyn_cast<BranchInst>(block.getTerminator());
        auto *compare = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
        Value *x = nullptr, *by = nullptr;
        if (!compare || !compare->isEquality() || !match(compare->getOperand(1), m_Zero()) ||
            !match(compare->getOperand(0), m_CombineOr(m_And(m_LShr(m_Value(x), m_Value(by)), m_One()),
                                                       m_c_And(m_Shl(m_One(), m_Value(by)), m_Value(x)))) ||
            !loop.isLoopInvariant(x) || !(x->getType()->isIntegerTy(32) || x->getType()->isIntegerTy(64)))
            return false;
        bool zero_leaves =
            (compare->getPredicate() == CmpInst::ICMP_EQ) == !loop.contains(br->getSuccessor(0));
        number = x;
        inverted = zero_leaves;
        exit = br->getSuccessor(loop.contains(br->getSuccessor(0)));
        return goes_by_one(by);
    }

    bool goes_by_one(Value *by)
    {
        Value *inner;
        unsigned width = width_of(number);
        while (match(by, m_And(m_Value(inner), m_SpecificInt(width - 1))) || without_casts(by) != by)
            by = without_casts(by) != by ? without_casts(by) : inner;
        auto *place =
            evolution.isSCEVable(by->getType()) ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(by)) : nullptr;
        auto *first = place ? dyn_cast<SCEVConstant>(place->getStart()) : nullptr;
        if (!first || place->getLoop() != &loop || !place->isAffine() || width_of(by) < 8)
            return false;
        const SCEV *step = place->getStepRecurrence(evolution);
        down = step->isAllOnesValue();
        return down ? first->getAPInt() == width - 1 : step->isOne() && first->isZero();
    }

    /* Whether it cannot end this way before all bits were asked for. */
    bool ends_later(BasicBlock &block)
    {
        auto *count = dyn_cast<SCEVConstant>(evolution.getExitCount(&loop, &block));
        bool behind = dominators.dominates(asks, &block);
        return count && count->getAPInt().uge(width_of(number) - behind);
    }

    bool results_are_known()
    {
        return dominators.dominates(asks, loop.getLoopLatch()) && all_of(exit->phis(), [&](PHINode &phi) {
                   Value *v = phi.getIncomingValueForBlock(asks);
                   return loop.isLoopInvariant(v) || goes_evenly(*v);
               });
    }

    bool goes_evenly(Value &v)
    {
        if (isa<ZExtInst>(v))
            return goes_evenly(*cast<ZExtInst>(v).getOperand(0));
        auto *s = v.getType()->isIntegerTy() && evolution.isSCEVable(v.getType())
                      ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(&v))
                      : nullptr;
        return s && s->getLoop() == &loop && s->isAffine() && is_known(s->getStart()) &&
               is_known(s->getStepRecurrence(evolution));
    }
    bool is_known(const SCEV *s) const
    {
        return evolution.isLoopInvariant(s, &loop) && expander.isSafeToExpandAt(s, before);
    }

    Value *value_of(IRBuilder<> &b, Value *v, Value *rounds)
    {
        if (loop.isLoopInvariant(v))
            return v;
        if (auto *wide = dyn_cast<ZExtInst>(v))
            return b.CreateZExt(value_of(b, wide->getOperand(0), rounds), v->getType());
        auto *s = cast<SCEVAddRecExpr>(evolution.getSCEV(v));
        auto expand = [&](const SCEV *e) {
            return expander.expandCodeFor(e, e->getType(), before->getIterator());
        };
        Value *by = expand(s->getStepRecurrence(evolution));
        return b.CreateAdd(expand(s->getStart()), b.CreateMul(by, b.CreateZExtOrTrunc(rounds, v->getType())));
    }
};

/* Bits of one number that an expression adds. */
class AddedBits
{
  public:
    /* Whether `i` is a bit of a number, 0 or 1: of which, and which. */
    static bool is_bit(Value *v, Value **number, unsigned *bit)
    {
        Value *x = without_casts(v), *y = nullptr;
        const APInt *by = nullptr;
        if (match(x, m_And(m_Value(y), m_One()))) {
            y = without_casts(y);
            *number = y;
            *bit = 0;
            if (match(y, m_LShr(m_Value(x), m_APInt(by)))) {
                *number = x;
                *bit = static_cast<unsigned>(by->getZExtValue());
            }
        } else if (match(x, m_LShr(m_Value(y), m_APInt(by))) && *by == width_of(y) - 1) {
            *number = y;
            *bit = width_of(y) - 1;
        }
        return *number && ((*number)->getType()->isIntegerTy(32) || (*number)->getType()->isIntegerTy(64));
    }

    /* The addition at the root of all that adds `i`, in one block. */
    static BinaryOperator *root_of(Instruction &i)
    {
        BinaryOperator *root = nullptr;
        for (Instruction *v = &i; v->hasOneUse();) {
            auto *user = cast<Instruction>(*v->user_begin());
            if (user->getOpcode() == Instruction::Add && user->getParent() == i.getParent())
                root = cast<BinaryOperator>(user);
            else if (root || !isa<ZExtInst, TruncInst>(user))
                break;
            v = user;
        }
        return root;
    }

    explicit AddedBits(BinaryOperator &r) : root(r) {}

    /* Whether enough of them are bits of one number. */
    bool is_one()
    {
        SmallVector<Value *, 64> todo{&root};
        while (!todo.empty()) {
            Value *v = todo.pop_back_val();
            auto *add = dyn_cast<BinaryOperator>(v);
            if (add && add->getOpcode() == Instruction::Add && add->getParent() == root.getParent() &&
                (add == &root || add->hasOneUse()))
                todo.append({add->getOperand(0), add->getOperand(1)});
            else
                take(v);
        }
        return any_of(numbers, [](const auto &n) { return is_enough(n.second); });
    }

    std::string evidence() const
    {
        for (const auto &n : numbers) {
            if (is_enough(n.second))
                return std::to_string(popcount(n.second)) + " bits of i" + std::to_string(width_of(n.first)) +
                       " in one sum";
        }
        return "";
    }

    void replace()
    {
        IRBuilder<> b(&root);
        Value *sum = nullptr;
        auto add = [&](Value *v) { sum = sum ? b.CreateAdd(sum, v) : v; };
        for (const auto &[x, mask] : numbers) {
            if (!is_enough(mask))
                continue;
            Value *of = b.CreateAnd(x, ConstantInt::get(x->getType(), mask));
            add(b.CreateZExtOrTrunc(b.CreateUnaryIntrinsic(Intrinsic::ctpop, of), root.getType()));
        }
        for (const auto &[v, x] : addends) {
            if (!x || !is_enough(numbers.lookup(x)))
                add(v);
        }
        root.replaceAllUsesWith(sum);
        RecursivelyDeleteTriviallyDeadInstructions(&root);
    }

  private:
    static constexpr int bits_least = 6; /* fewer are as fast as they are */
    BinaryOperator &root;
    MapVector<Value *, uint64_t> numbers;                 /* and the bits that are added */
    SmallVector<std::pair<Value *, Value *>, 64> addends; /* and the number of which it is a bit, or null */

    static bool is_enough(uint64_t mask)
    {
        return popcount(mask) >= bits_least;
    }

    void take(Value *v)
    {
        Value *x = nullptr;
        unsigned bit = 0;
        if (!is_bit(v, &x, &bit) || (numbers[x] >> bit & 1)) {
            addends.push_back({v, nullptr});
            return;
        }
        numbers[x] |= uint64_t(1) << bit;
        addends.push_back({v, x});
    }
};

class Search
{
  public:
    Search(Function &f, FunctionAnalysisManager &a, const struct llvm_unit &u)
        : function(f), analyses(a), loops(a.getResult<LoopAnalysis>(f)), unit(u)
    {
    }

    /* Whether anything is replaced; *changed: or has another form. */
    bool run(bool *changed)
    {
        bool replaced = false;
        SmallVector<std::pair<Loop *, struct pattern_site>, 4> possible;
        for (Loop *l : loops.getLoopsInPreorder()) {
            if (l->isInnermost() && (BitLoop::is_possible(*l) || NumberedBit::is_possible(*l)))
                possible.push_back({l, site_of(unit, function, l, loops, PATTERN_BITS, "")});
        }
        for (auto &p : possible)
            replaced |= replace(*p.first, p.second, changed);
        replaced |= add_bits();
        *changed |= replaced;
        return replaced;
    }

  private:
    Function &function;
    FunctionAnalysisManager &analyses;
    LoopInfo &loops;
    const struct llvm_unit &unit;

    static void note(struct pattern_site &site, StringRef evidence, const char *kernel)
    {
        memcpy(site.evidence, evidence.data(), std::min(evidence.size(), sizeof site.evidence - 1));
        site.replaced = true;
        site.text = kernel;
        patterns_note(&site);
    }

    bool replace(Loop &l, struct pattern_site site, bool *changed)
    {
        auto &dominators = analyses.getResult<DominatorTreeAnalysis>(function);
        auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(function);
        auto &assumptions = analyses.getResult<AssumptionAnalysis>(function);
        *changed |= simplifyLoop(&l, &dominators, &loops, &evolution, &assumptions, nullptr, false);
        *changed |= formLCSSA(l, dominators, &loops, &evolution);
        NumberedBit numbered(l, evolution, dominators, function.getDataLayout());
        if (NumberedBit::is_possible(l) && numbered.is_one()) {
            note(site, numbered.evidence(), numbered.kernel_name());
            numbered.replace(dominators, loops);
            return true;
        }
        BitLoop bits(l, evolution, function.getDataLayout());
        if (!BitLoop::is_possible(l) || !bits.is_one())
            return false;
        note(site, bits.evidence(), bits.kernel_name());
        bits.replace(dominators, loops);
        return true;
    }

    bool add_bits()
    {
        SmallVector<WeakTrackingVH, 16> found;
        for (Instruction &i : instructions(function)) {
            if (i.getOpcode() == Instruction::And && match(i.getOperand(1), m_One()))
                found.push_back(&i);
        }
        bool changed = false;
        SmallPtrSet<Value *, 8> seen;
        for (const WeakTrackingVH &v : found) {
            BinaryOperator *root = v ? AddedBits::root_of(*cast<Instruction>(v)) : nullptr;
            if (!root || !seen.insert(root).second)
                continue;
            AddedBits bits(*root);
            if (!bits.is_one())
                continue;
            struct pattern_site site =
                site_of(unit, function, loops.getLoopFor(root->getParent()), loops, PATTERN_BITS, "");
            note(site, bits.evidence(), "population count");
            bits.replace();
            changed = true;
        }
        return changed;
    }
};

} // namespace

PreservedAnalyses BitsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("bits");
    if (!is_own_function(f))
        return PreservedAnalyses::all();
    bool changed = false;
    if (!Search(f, analyses, unit).run(&changed))
        return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
    analyses.invalidate(f, PreservedAnalyses::none());
    FunctionPassManager behind; /* a test for 0 in front of the loop */
    behind.addPass(SimplifyCFGPass());
    behind.addPass(InstCombinePass());
    behind.run(f, analyses);
    return PreservedAnalyses::none();
}
