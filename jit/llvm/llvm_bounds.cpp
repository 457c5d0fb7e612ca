/* llvm_bounds.cpp: nests of loops without the checks of bounds that their source language asks for.
 *
 * Such a check compares an index with a length, and goes where nothing returns from if it is out of range:
 * the loop has several ways out, and nobody can tell beforehand how much of it is done. A nest that
 * multiplies gets a copy without checks, and so does a small inner loop that nothing else but its count ends:
 * what is a map, a sum, a histogram or a check of bytes without them. In front of both stands the test that
 * each check holds in every round, computed in 64 bits from starts, strides and counts of rounds; where it
 * does not, the nest runs as it is, so that all that comes before the check that fails is done, and it fails
 * as it did. An index may also be chosen from several that are known so, as the place of the least is: then
 * all of them are tested. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "patterns.h"
}

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr size_t levels_most = 3, instructions_most = 400;
constexpr size_t simple_most = 100; /* instructions of a loop that does not multiply */
constexpr size_t choices_most = 8;
constexpr uint64_t rounds_most = 1u << 28; /* of a level: sums of three times a stride fit into 64 bits */

/* A number of 32 bits: start + the sum of the strides times the rounds of their loops, modulo 2^32. Start and
 * strides are the same in all rounds of the nest. */
struct Affine {
    const SCEV *start = nullptr;
    SmallVector<std::pair<const Loop *, const SCEV *>, levels_most> strides;
};

/* What must hold in every round. */
struct Comparison {
    CmpInst::Predicate is;
    Affine a, b;
};

/* A branch that stays in the nest if it goes to this successor. */
struct Check {
    BranchInst *branch;
    unsigned stay;
};

/* Whether nothing returns from `b`, whichever way it goes on: what has been inlined may have several. */
bool is_dead_end(BasicBlock *b)
{
    constexpr size_t blocks_most = 16;
    SmallSetVector<BasicBlock *, blocks_most> blocks;
    blocks.insert(b);
    for (size_t k = 0; k < blocks.size(); k++) {
        if (isa<ReturnInst>(blocks[k]->getTerminator()) || blocks.size() > blocks_most)
            return false;
        for (BasicBlock *next : successors(blocks[k]))
            blocks.insert(next);
    }
    return true;
}

/* One nest. */
class Bounds
{
  public:
    Bounds(Loop &outermost, LoopInfo &li, ScalarEvolution &se, DominatorTree &dt)
        : nest(outermost), loops(li), evolution(se), dominators(dt),
          before(nest.getLoopPreheader() ? nest.getLoopPreheader()->getTerminator() : nullptr),
          expander(se, nest.getHeader()->getDataLayout(), "bounds"), b(nest.getHeader()->getContext())
    {
    }

    /* Whether there are checks, and the test of all of them can be computed before the nest. */
    bool can_do_without()
    {
        return before && nest.isLoopSimplifyForm() && is_small() && find_checks() && are_computable();
    }

    /* Whether nothing but numbers of rounds ends it besides: what looks for something goes by its checks. */
    bool is_counted() const;

    void make_copy();

  private:
    struct Span {
        Value *from, *to; /* i64, both included */
    };

    Loop &nest;
    LoopInfo &loops;
    ScalarEvolution &evolution;
    DominatorTree &dominators;
    Instruction *before;
    SCEVExpander expander;
    IRBuilder<> b;
    SmallVector<Check, 4> checks;
    SmallVector<Comparison, 4> comparisons;
    DenseMap<const Loop *, const SCEV *> counts; /* of rounds but the last */
    DenseMap<const SCEV *, Value *> expanded;
    Value *test = nullptr;

    bool is_small() const;
    bool find_checks();
    bool holds(Value *condition, bool truth, const BasicBlock &at);
    bool find_choices(Value *v, const BasicBlock &at, SmallVectorImpl<Affine> *out);
    bool affine(const Value *v, const BasicBlock &at, Affine *out);
    bool is_check(const BasicBlock &exiting) const;
    const SCEV *count_of(const Loop &l) const;
    bool are_computable();
    void require(Value *condition);
    Value *expand(const SCEV *s);
    Value *rounds_but_one(const Loop &l);
    Value *stride(const Affine &a, const Loop &l);
    Span span(Value *start, const Affine &a, const Affine *less);
    void require_no_wrap(const Affine &a, uint64_t most);
    void require_always(const Comparison &c);
    void leave_out_checks(ValueToValueMapTy &copies);
};

bool Bounds::is_small() const
{
    size_t instructions = 0;
    for (const BasicBlock *block : nest.blocks())
        instructions += block->size();
    return instructions <= instructions_most;
}

bool Bounds::find_checks()
{
    for (BasicBlock *block : nest.blocks()) {
        auto *br = dyn_cast<BranchInst>(block->getTerminator());
        for (unsigned k = 0; k < block->getTerminator()->getNumSuccessors(); k++) {
            BasicBlock *to = block->getTerminator()->getSuccessor(k);
            if (nest.contains(to) || !is_dead_end(to))
                continue;
            if (!br || !br->isConditional() || !nest.contains(br->getSuccessor(1 - k)) ||
                !holds(br->getCondition(), k == 1, *block))
                return false;
            checks.push_back({br, 1 - k});
        }
    }
    return !checks.empty();
}

/* Notes what makes `condition` the same as `truth` each time that `at` is reached. */
bool Bounds::holds(Value *condition, bool truth, const BasicBlock &at)
{
    Value *x, *y;
    if (match(condition, m_Not(m_Value(x))))
        return holds(x, !truth, at);
    if (truth ? match(condition, m_LogicalAnd(m_Value(x), m_Value(y)))
              : match(condition, m_LogicalOr(m_Value(x), m_Value(y))))
        return holds(x, truth, at) && holds(y, truth, at);
    auto *compared = dyn_cast<ICmpInst>(condition);
    if (!compared || !compared->getOperand(0)->getType()->isIntegerTy(32))
        return false;
    CmpInst::Predicate is = truth ? compared->getPredicate() : compared->getInversePredicate();
    SmallVector<Affine, 2> a, b;
    if (is == CmpInst::ICMP_EQ || !find_choices(compared->getOperand(0), at, &a) ||
        !find_choices(compared->getOperand(1), at, &b))
        return false;
    auto changes = [](const Affine &one) { return !one.strides.empty(); };
    bool one_each = a.size() == 1 && b.size() == 1; /* else a round may compare what others have left */
    if (!one_each && (any_of(a, changes) ? any_of(b, changes) : false))
        return false;
    for (const Affine &one : a) {
        for (const Affine &other : b)
            comparisons.push_back({is, one, other});
    }
    return true;
}

/* All that `v` may be: it is affine, or chosen from such values, in this round or an earlier one. */
bool Bounds::find_choices(Value *v, const BasicBlock &at, SmallVectorImpl<Affine> *out)
{
    SmallSetVector<Value *, choices_most> values;
    values.insert(v);
    for (size_t k = 0; k < values.size(); k++) {
        auto *i = dyn_cast<Instruction>(values[k]);
        bool inside = i && nest.contains(i);
        Affine one;
        if (values.size() > choices_most)
            return false;
        if (affine(values[k], inside && k > 0 ? *i->getParent() : at, &one))
            out->push_back(one);
        else if (auto *phi = inside ? dyn_cast<PHINode>(i) : nullptr)
            values.insert(phi->op_begin(), phi->op_end());
        else if (auto *select = inside ? dyn_cast<SelectInst>(i) : nullptr)
            values.insert(select->op_begin() + 1, select->op_end());
        else
            return false;
    }
    return true;
}

bool Bounds::is_counted() const
{
    SmallVector<BasicBlock *, 8> exiting;
    nest.getExitingBlocks(exiting);
    return all_of(exiting, [&](const BasicBlock *block) {
        return is_check(*block) || !isa<SCEVCouldNotCompute>(evolution.getExitCount(&nest, block));
    });
}

bool Bounds::affine(const Value *v, const BasicBlock &at, Affine *out)
{
    const SCEV *s = evolution.getSCEVAtScope(const_cast<Value *>(v), loops.getLoopFor(&at));
    for (;;) {
        auto *r = dyn_cast<SCEVAddRecExpr>(s);
        if (!r || !nest.contains(r->getLoop()))
            break;
        const SCEV *by = r->getStepRecurrence(evolution);
        if (!r->isAffine() || !r->getLoop()->contains(&at) || !evolution.isLoopInvariant(by, &nest))
            return false;
        out->strides.push_back({r->getLoop(), by});
        s = r->getStart();
    }
    out->start = s;
    return evolution.isLoopInvariant(s, &nest);
}

bool Bounds::is_check(const BasicBlock &exiting) const
{
    return any_of(checks, [&](const Check &c) { return c.branch->getParent() == &exiting; });
}

/* By any way out that is passed in every round, there are no more. */
const SCEV *Bounds::count_of(const Loop &l) const
{
    SmallVector<BasicBlock *, 8> exiting;
    l.getExitingBlocks(exiting);
    for (const BasicBlock *block : exiting) {
        const SCEV *count = is_check(*block) ? nullptr : evolution.getExitCount(&l, block);
        if (count && !isa<SCEVCouldNotCompute>(count) && evolution.isLoopInvariant(count, &nest) &&
            count->getType()->getIntegerBitWidth() <= 64)
            return count;
    }
    return nullptr;
}

bool Bounds::are_computable()
{
    SmallVector<const SCEV *, 16> needed;
    for (const Comparison &c : comparisons) {
        for (const Affine *a : {&c.a, &c.b}) {
            needed.push_back(a->start);
            for (auto [l, by] : a->strides) {
                const SCEV *count = counts[l] = count_of(*l);
                if (!count)
                    return false;
                needed.append({by, count});
            }
        }
    }
    return all_of(needed, [&](const SCEV *s) { return expander.isSafeToExpandAt(s, before); });
}

/* --- The test. --- */

void Bounds::require(Value *condition)
{
    test = b.CreateAnd(test, condition);
}

/* What LLVM knows of a value may hold only where the nest runs; where it does not, any value will do. */
Value *Bounds::expand(const SCEV *s)
{
    Value *&known = expanded[s];
    if (!known) {
        Value *v = expander.expandCodeFor(s, s->getType(), before->getIterator());
        known = isa<Constant>(v) || isa<Argument>(v) ? v : b.CreateFreeze(v);
    }
    return known;
}

Value *Bounds::rounds_but_one(const Loop &l)
{
    Value *n = expand(counts.lookup(&l));
    if (n->getType()->getIntegerBitWidth() >= 32)
        require(b.CreateICmpULE(n, ConstantInt::get(n->getType(), rounds_most)));
    return b.CreateZExt(n, b.getInt64Ty());
}

Value *Bounds::stride(const Affine &a, const Loop &l)
{
    for (auto [loop, by] : a.strides) {
        if (loop == &l)
            return b.CreateSExt(expand(by), b.getInt64Ty());
    }
    return b.getInt64(0);
}

/* All that `start` and the strides of `a`, without those of `less`, come to. */
Bounds::Span Bounds::span(Value *start, const Affine &a, const Affine *less)
{
    SmallSetVector<const Loop *, levels_most> levels;
    for (const auto &by : a.strides)
        levels.insert(by.first);
    for (size_t k = 0; less && k < less->strides.size(); k++)
        levels.insert(less->strides[k].first);
    Span s = {start, start};
    for (const Loop *l : levels) {
        Value *by = stride(a, *l);
        if (less)
            by = b.CreateSub(by, stride(*less, *l));
        Value *last = b.CreateMul(by, rounds_but_one(*l));
        s.from = b.CreateAdd(s.from, b.CreateBinaryIntrinsic(Intrinsic::smin, last, b.getInt64(0)));
        s.to = b.CreateAdd(s.to, b.CreateBinaryIntrinsic(Intrinsic::smax, last, b.getInt64(0)));
    }
    return s;
}

/* In no round is it anything but the sum in 64 bits, nor above `most`. */
void Bounds::require_no_wrap(const Affine &a, uint64_t most)
{
    Span s = span(b.CreateZExt(expand(a.start), b.getInt64Ty()), a, nullptr);
    require(b.CreateICmpSGE(s.from, b.getInt64(0)));
    require(b.CreateICmpSLE(s.to, b.getInt64(most)));
}

void Bounds::require_always(const Comparison &c)
{
    uint64_t most = ICmpInst::isSigned(c.is) ? INT32_MAX : UINT32_MAX;
    require_no_wrap(c.a, most);
    require_no_wrap(c.b, most);
    Value *zero = b.getInt64(0);
    Value *start = b.CreateSub(b.CreateZExt(expand(c.a.start), b.getInt64Ty()),
                               b.CreateZExt(expand(c.b.start), b.getInt64Ty()));
    Span s = span(start, c.a, &c.b);
    if (c.is == CmpInst::ICMP_NE)
        return require(b.CreateOr(b.CreateICmpSLT(s.to, zero), b.CreateICmpSGT(s.from, zero)));
    CmpInst::Predicate is = ICmpInst::getSignedPredicate(c.is); /* of the difference */
    require(b.CreateICmp(is, ICmpInst::isLT(is) || ICmpInst::isLE(is) ? s.to : s.from, zero));
}

/* --- The copy. --- */

void Bounds::leave_out_checks(ValueToValueMapTy &copies)
{
    for (const Check &c : checks) {
        auto *br = cast<BranchInst>(copies[c.branch]);
        Value *condition = br->getCondition();
        BasicBlock *stay = br->getSuccessor(c.stay);
        BranchInst::Create(stay, br->getIterator());
        br->eraseFromParent();
        RecursivelyDeleteTriviallyDeadInstructions(condition);
    }
}

void Bounds::make_copy()
{
    formLCSSARecursively(nest, dominators, &loops, &evolution);
    b.SetInsertPoint(before);
    test = b.getTrue();
    for (const Comparison &c : comparisons)
        require_always(c);
    SmallVector<BasicBlock *, 16> blocks(nest.blocks()), made;
    BasicBlock *first = before->getParent(), *entry = SplitBlock(first, before, &dominators, &loops);
    blocks.insert(blocks.begin(), entry);
    ValueToValueMapTy copies;
    for (BasicBlock *block : blocks) {
        BasicBlock *copy = CloneBasicBlock(block, copies, "", entry->getParent());
        copies[block] = copy;
        made.push_back(copy);
    }
    remapInstructionsInBlocks(made, copies);
    for (BasicBlock *block : blocks) {
        for (BasicBlock *to : successors(block)) {
            for (PHINode &phi : to->phis()) {
                if (copies.count(to) || is_check(*block))
                    break;
                Value *v = phi.getIncomingValueForBlock(block), *copy = copies.lookup(v);
                phi.addIncoming(copy ? copy : v, cast<BasicBlock>(copies[block]));
            }
        }
    }
    leave_out_checks(copies);
    ReplaceInstWithInst(first->getTerminator(),
                        BranchInst::Create(cast<BasicBlock>(copies[entry]), entry, test));
    for (BasicBlock *copy : made)
        MergeBlockIntoPredecessor(copy);
}

/* Whether all that a loop does is to load, to store and to compute, and little of it. */
bool is_simple(const Loop &l)
{
    size_t n = 0, accesses = 0;
    for (const BasicBlock *block : l.blocks()) {
        for (const Instruction &i : *block) {
            auto *load = dyn_cast<LoadInst>(&i);
            auto *store = dyn_cast<StoreInst>(&i);
            bool simple = (load && load->isSimple()) || (store && store->isSimple());
            if (++n > simple_most || (!simple && (i.mayHaveSideEffects() || i.mayReadOrWriteMemory())))
                return false;
            accesses += simple;
        }
    }
    return accesses > 0;
}

/* Copies one nest, the first that can be; `done` has the headers of inner loops that were looked at. */
bool copy_nest(Function &f, FunctionAnalysisManager &analyses, SmallPtrSetImpl<const BasicBlock *> &done)
{
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop *l : loops.getLoopsInPreorder()) {
        if (!l->isInnermost() || !done.insert(l->getHeader()).second)
            continue;
        bool product = multiplies(*l);
        if (!product && !is_simple(*l))
            continue;
        SmallVector<Loop *, levels_most> levels{l};
        while (product && levels.size() < levels_most && levels.back()->getParentLoop())
            levels.push_back(levels.back()->getParentLoop());
        for (Loop *outermost : reverse(levels)) {
            Bounds bounds(*outermost, loops, analyses.getResult<ScalarEvolutionAnalysis>(f),
                          analyses.getResult<DominatorTreeAnalysis>(f));
            if (bounds.can_do_without() && (product || bounds.is_counted())) {
                bounds.make_copy();
                return true;
            }
        }
    }
    return false;
}

} // namespace

PreservedAnalyses BoundsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("bounds");
    SmallPtrSet<const BasicBlock *, 16> done;
    bool changed = false;
    while (copy_nest(f, analyses, done)) {
        changed = true;
        analyses.invalidate(f, PreservedAnalyses::none());
    }
    if (!changed)
        return PreservedAnalyses::all();
    LoopSimplifyPass().run(f, analyses); /* both leave by the same ways */
    return PreservedAnalyses::none();
}
