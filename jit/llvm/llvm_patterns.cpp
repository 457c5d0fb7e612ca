/* llvm_patterns.cpp: nests of loops that are known algorithms, replaced by kernels of jit/patterns.
 *
 * The nest stays as it is, and in front of it stand tests of what could not be proven: that all of what it
 * accesses lies within the memory as it is now and no address wraps around, that what is written overlaps
 * neither itself nor what is read, that the loops run often enough to be worth it. If they all hold, nothing
 * in the nest can trap, and the kernel, which makes the same additions of each sum in the same order, leaves
 * the same memory. Else the nest runs. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
#include "plat.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/PromoteMemToReg.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace
{

/* The same sum of products, seen as a product of matrices: sum[i][j] from x[i][k] * y[k][j]. Levels of the
 * nest; -1: there is no such level. */
struct MatrixRoles {
    int i = -1, j = -1, k = -1;
    bool swapped = false; /* x is what depends on j */
};

/* Addresses that rounds of a loop take, one after the other. */
struct RoundsLine {
    Value *from, *by; /* i64: bytes from one to the next */
};

/* Quotients that an instruction before `at` has made: the divisor is not 0 then, which nothing else may say.
 */
class MadeBefore : public SCEVRewriteVisitor<MadeBefore>
{
  public:
    MadeBefore(ScalarEvolution &se, const DominatorTree &dt, const Instruction &before)
        : SCEVRewriteVisitor(se), dominators(dt), at(before)
    {
    }
    const SCEV *visitUDivExpr(const SCEVUDivExpr *d)
    {
        if (auto *divisor = dyn_cast<SCEVUnknown>(d->getRHS())) {
            for (User *u : divisor->getValue()->users()) {
                auto *made = dyn_cast<BinaryOperator>(u);
                if (made && made->getOpcode() == Instruction::UDiv && SE.getSCEV(made) == d &&
                    dominators.dominates(made, &at))
                    return SE.getUnknown(made);
            }
        }
        return SCEVRewriteVisitor::visitUDivExpr(d);
    }

  private:
    const DominatorTree &dominators;
    const Instruction &at;
};

/* In place of a nest, or of the inner loop of one each time that it is entered. */
class NestSubstitution : public Substitution
{
  public:
    /* Tests stand at the end of `entry`. */
    NestSubstitution(Nest &n, BasicBlock *entry, ScalarEvolution &se, LoopInfo &li, DominatorTree &dt,
                     GlobalVariable &mem, const struct llvm_unit &u)
        : Substitution(entry->getTerminator(), mem, u), nest(n), evolution(se), loops(li), dominators(dt),
          outer(*n.levels.front()), expander(se, mem.getDataLayout(), "pattern")
    {
    }

    /* Whether all that the tests need can be computed before the nest, and all that is used behind it, too.
     */
    bool possible(const char **why)
    {
        formLCSSARecursively(outer, dominators, &loops, &evolution);
        SmallVector<const NestAddress *, 4> addresses = {&nest.x, &nest.y, &nest.sum};
        if (nest.begin.start)
            addresses.push_back(&nest.begin);
        return find_results(why) && computable(addresses, why);
    }

    /* Whether counts and addresses can be computed where the tests stand. */
    bool computable(ArrayRef<const NestAddress *> addresses, const char **why)
    {
        for (const NestCondition &c : nest.conditions) {
            if (!hoist(c.value, why))
                return false;
        }
        NestCondition last = nest.segments.back().condition;
        if (last.value && !hoist(last.value, why))
            return false;
        for (const Loop *l : nest.levels)
            needed.push_back(evolution.getBackedgeTakenCount(l));
        for (const NestSegment &s : nest.segments) {
            if (s.loop)
                needed.push_back(nest.rounds_of(*s.loop));
        }
        for (const NestAddress *a : addresses) {
            needed.push_back(a->start);
            needed.append(a->strides.begin(), a->strides.end());
        }
        for (const SCEV *s : needed) {
            if (!expander.isSafeToExpandAt(with_quotients(s), before)) {
                *why = "a size is not known before the loop";
                return false;
            }
        }
        return true;
    }

    /* Computes the tests; then rounds of the levels, 1 for -1, and addresses can be asked for. */
    void begin()
    {
        for (const NestCondition &c : nest.conditions)
            require(is(c));
        for (size_t k = 0; k + 1 < nest.levels.size(); k++)
            rounds.push_back(count(evolution.getBackedgeTakenCount(nest.levels[k])));
        rounds.push_back(elements());
        for (Value *r : rounds)
            require(b.CreateICmpULE(r, number(rounds_most)));
        for (const auto &r : results)
            values.push_back({r.first, expand(r.second)});
    }
    Value *rounds_of(int level)
    {
        return level < 0 ? number(1) : rounds[static_cast<size_t>(level)];
    }
    Value *stride(const NestAddress &a, int level)
    {
        return level < 0 ? number(0)
                         : b.CreateSExt(expand(a.strides[static_cast<size_t>(level)]), b.getInt64Ty());
    }
    Value *pointer(const NestAddress &a)
    {
        return Substitution::pointer(first(a));
    }

    /* All bytes that are accessed as `a`, which must lie within the memory. */
    Range range(const NestAddress &a)
    {
        Value *zero = number(0), *from = first(a), *to = from;
        for (size_t k = 0; k < nest.levels.size(); k++) {
            Value *last = b.CreateMul(stride(a, static_cast<int>(k)), b.CreateSub(rounds[k], number(1)));
            from = b.CreateAdd(from, b.CreateBinaryIntrinsic(Intrinsic::smin, last, zero));
            to = b.CreateAdd(to, b.CreateBinaryIntrinsic(Intrinsic::smax, last, zero));
        }
        to = b.CreateAdd(to, number(a.bytes));
        require_inside({from, to}, a.offset_most);
        return {from, to};
    }

    /* Where rounds of the outer level access `a`, in 64 bits: where the tests hold nothing wraps around. */
    RoundsLine line_of(const NestAddress &a)
    {
        return {pointer(a), stride(a, 0)};
    }
    /* Those of one round of the outer level, computed by `at`, where elements follow one another. */
    Range range_of_round(const NestAddress &a, Value *round, IRBuilder<> &at)
    {
        Value *length = b.CreateMul(rounds.back(), number(a.bytes));
        Value *from = at.CreateAdd(first(a), at.CreateMul(stride(a, 0), round));
        return {from, at.CreateAdd(from, length)};
    }

    /* The call of `kernel` in place of the nest, if the tests hold. */
    void finish(const struct pattern_site &site, Function *kernel, ArrayRef<Value *> arguments)
    {
        for (Loop *l : outer.getLoopsInPreorder())
            addStringMetadataToLoop(l, LOOP_IN_ORDER);
        Substitution::finish(site, kernel, arguments, {outer.getLoopLatch(), outer.getUniqueExitBlock()},
                             values);
    }

  private:
    /* Sums of rounds * stride stay far from the ends of 64 bits, and products of three rounds. */
    static constexpr uint64_t rounds_most = 1u << 20;

    Nest &nest;
    ScalarEvolution &evolution;
    LoopInfo &loops;
    DominatorTree &dominators;
    Loop &outer;
    SCEVExpander expander;
    SmallVector<Value *, 3> rounds; /* i64 */
    SmallVector<const SCEV *, 16> needed;
    SmallVector<std::pair<PHINode *, const SCEV *>, 4> results; /* of the exit: what the nest leaves */
    SmallVector<Result, 4> values;

    const SCEV *with_quotients(const SCEV *s)
    {
        return MadeBefore(evolution, dominators, *before).visit(s);
    }

    bool hoist(Value *v, const char **why)
    {
        bool changed = false;
        if (outer.makeLoopInvariant(v, changed, outer.getLoopPreheader()->getTerminator(), nullptr,
                                    &evolution))
            return true;
        *why = "a branch depends on the round";
        return false;
    }

    bool find_results(const char **why)
    {
        for (PHINode &phi : outer.getUniqueExitBlock()->phis()) {
            Value *v = phi.getIncomingValueForBlock(outer.getLoopLatch());
            if (outer.isLoopInvariant(v))
                continue;
            const SCEV *s = value_behind(*v, outer, evolution);
            if (!s) {
                *why = "something else that the loop computes is used behind it";
                return false;
            }
            results.push_back({&phi, s});
            needed.push_back(s);
        }
        return true;
    }

    /* What LLVM knows of a value may hold only where the nest runs; where it does not, any value will do. */
    Value *expand(const SCEV *s)
    {
        Value *v = expander.expandCodeFor(with_quotients(s), s->getType(), before->getIterator());
        return isa<Constant>(v) || isa<Argument>(v) ? v : b.CreateFreeze(v);
    }
    Value *first(const NestAddress &a)
    {
        return b.CreateAdd(b.CreateZExt(expand(a.start), b.getInt64Ty()), number(a.offset));
    }
    Value *is(const NestCondition &c)
    {
        Value *v = b.CreateFreeze(c.value);
        return c.wanted ? v : b.CreateNot(v);
    }

    /* Rounds of a loop, too many if they are more than 32 bits can count. */
    Value *count(const SCEV *but_one)
    {
        Value *n = b.CreateZExtOrTrunc(expand(but_one), b.getInt64Ty());
        require(b.CreateICmpULE(n, number(rounds_most)));
        return b.CreateAdd(n, number(1));
    }

    Value *elements()
    {
        Value *sum = number(0);
        for (const NestSegment &s : nest.segments) {
            Value *n = number(s.elements.size());
            bool last = &s == &nest.segments.back() && nest.segments.size() > 1;
            Value *passed = last && s.condition.value ? is(s.condition) : nullptr;
            if (s.loop)
                n = b.CreateMul(n, passed ? count_if(passed, nest.rounds_of(*s.loop))
                                          : count(nest.rounds_of(*s.loop)));
            sum = b.CreateAdd(sum, passed ? b.CreateSelect(passed, n, number(0)) : n);
        }
        return sum;
    }

    /* The same where the loop is passed over unless `passed`: then its count means nothing. */
    Value *count_if(Value *passed, const SCEV *but_one)
    {
        Value *n = b.CreateZExtOrTrunc(expand(but_one), b.getInt64Ty());
        require(b.CreateOr(b.CreateNot(passed), b.CreateICmpULE(n, number(rounds_most))));
        return b.CreateAdd(n, number(1));
    }
};

/* Sums that a kernel has made ahead, and the rounds of the loop that are to take them. */
class RoundsKept
{
  public:
    static constexpr uint64_t bytes = 64 * sizeof(float); /* WIDTH of kernels/ahead.c and kernels/dots.c */
    AllocaInst *sums;
    PHINode *round; /* i64: how many are over */

    RoundsKept(Function &f, Loop &outer, Type &t)
        : round(PHINode::Create(Type::getInt64Ty(f.getContext()), 2, "", outer.getHeader()->begin())),
          function(f), type(t)
    {
        IRBuilder<> b(&*f.getEntryBlock().getFirstInsertionPt());
        sums = b.CreateAlloca(ArrayType::get(b.getInt8Ty(), bytes));
        sums->setAlignment(Align(64));
        from = b.CreateAlloca(b.getInt64Ty());
        until = b.CreateAlloca(b.getInt64Ty());
        b.SetInsertPoint(outer.getLoopPreheader()->getTerminator());
        b.CreateStore(b.getInt64(0), from);
        b.CreateStore(b.getInt64(0), until);
        b.SetInsertPoint(outer.getLoopLatch()->getTerminator());
        round->addIncoming(b.getInt64(0), outer.getLoopPreheader());
        round->addIncoming(b.CreateAdd(round, b.getInt64(1)), outer.getLoopLatch());
    }

    /* `call` is made where there is no sum for the round, of `rounds`, and what it would have returned is
     * looked up. `left`: another number in memory that is to be a register, or null. */
    void serve(CallInst &call, Value *rounds, AllocaInst *left)
    {
        IRBuilder<> b(&call);
        Value *none = b.CreateICmpUGE(round, b.CreateLoad(b.getInt64Ty(), until));
        Instruction *end = SplitBlockAndInsertIfThen(
            none, &call, false, MDBuilder(function.getContext()).createUnlikelyBranchWeights());
        call.moveBefore(end);
        b.SetInsertPoint(end);
        b.CreateStore(round, from);
        b.CreateStore(
            b.CreateBinaryIntrinsic(Intrinsic::umin, rounds, b.CreateAdd(round, b.getInt64(width()))), until);
        b.SetInsertPoint(&*end->getSuccessor(0)->getFirstInsertionPt());
        Value *at = b.CreateGEP(&type, sums, b.CreateSub(round, b.CreateLoad(b.getInt64Ty(), from)));
        call.replaceAllUsesWith(b.CreateLoad(&type, at));
        SmallVector<AllocaInst *, 3> numbers = {from, until};
        if (left)
            numbers.push_back(left);
        DominatorTree dominators(function);
        PromoteMemToReg(numbers, dominators);
    }

    uint64_t width() const /* sums of a call */
    {
        return bytes / (type.getScalarSizeInBits() / 8);
    }

  private:
    Function &function;
    Type &type;
    AllocaInst *from, *until; /* rounds; none at first */
};

/* The same loop where all its sums have been made before: a copy without what makes them. */
class RoundsApart
{
  public:
    /* `behind`: where the loop goes on, and nothing else; `sum`: the phi that the sum of a round goes
     * through; `stores`: those of nest.others. */
    RoundsApart(const Nest &n, const RoundsKept &k, BasicBlock &exit, PHINode &s,
                ArrayRef<std::pair<StoreInst *, RoundsLine>> st, LoopInfo &li, DominatorTree &dt)
        : nest(n), kept(k), behind(exit), sum(s), stores(st), loops(li), dominators(dt),
          sums(room(exit.getParent()->getEntryBlock()))
    {
    }

    void copy()
    {
        Loop &outer = *nest.levels.front();
        SmallVector<BasicBlock *, 16> blocks;
        before = outer.getLoopPreheader();
        own = SplitBlock(before, before->getTerminator(), &dominators, &loops);
        Loop *rest = cloneLoopWithPreheader(own, before, &outer, map, "", &loops, &dominators, blocks);
        BasicBlock *exit = CloneBasicBlock(&behind, map, "", behind.getParent());
        map[&behind] = exit;
        blocks.push_back(exit);
        remapInstructionsInBlocks(blocks, map);
        addStringMetadataToLoop(rest, LOOP_TAKES_SUMS);
        for (PHINode &phi : behind.getSingleSuccessor()->phis()) {
            Value *v = phi.getIncomingValueForBlock(&behind), *copied = map.lookup(v);
            phi.addIncoming(copied ? copied : v, exit);
        }
        pass_over();
        for (size_t k = 0; k < stores.size(); k++) {
            auto *store = cast<StoreInst>(map[stores[k].first]);
            const RoundsLine &line = stores[k].second;
            IRBuilder<> b(store);
            store->setOperand(1,
                              b.CreateGEP(b.getInt8Ty(), line.from, b.CreateMul(line.by, map[kept.round])));
        }
    }

    /* It runs where the tests hold, which `holds` says, all sums have room and nobody is asked on the way. */
    void enter(Value *holds, AllocaInst *left, Value *rounds, Function &kernel, ArrayRef<Value *> arguments)
    {
        IRBuilder<> b(before->getTerminator());
        uint64_t most = bytes_most / RoundsKept::bytes * kept.width();
        BasicBlock *make = BasicBlock::Create(b.getContext(), "", before->getParent(), own);
        Value *all = b.CreateAnd(holds, b.CreateICmpULE(rounds, b.getInt64(most)));
        Value *count = nullptr;
        if (left) {
            count = b.CreateLoad(b.getInt32Ty(), left);
            all = b.CreateAnd(all, b.CreateICmpSGE(b.CreateSExt(count, b.getInt64Ty()), rounds));
            count = b.CreateSub(count, b.CreateTrunc(rounds, b.getInt32Ty()));
        }
        b.CreateCondBr(all, make, own);
        before->getTerminator()->eraseFromParent();
        b.SetInsertPoint(make);
        make_sums(b, rounds, kernel, arguments, count, left);
    }

  private:
    const Nest &nest;
    const RoundsKept &kept;
    BasicBlock &behind;
    PHINode &sum;
    ArrayRef<std::pair<StoreInst *, RoundsLine>> stores;
    LoopInfo &loops;
    DominatorTree &dominators;
    static constexpr uint64_t bytes_most = 1024 * sizeof(float);
    AllocaInst *sums; /* of all rounds */
    ValueToValueMapTy map;
    BasicBlock *before = nullptr, *own = nullptr; /* in front of both loops; of the one that there was */

    /* One for all places of a function, as no such loop is in another one. */
    static AllocaInst *room(BasicBlock &entry)
    {
        constexpr const char *mark = "anneal.sums";
        for (Instruction &i : entry) {
            if (isa<AllocaInst>(i) && i.hasMetadata(mark))
                return cast<AllocaInst>(&i);
        }
        IRBuilder<> b(&*entry.getFirstInsertionPt());
        AllocaInst *sums = b.CreateAlloca(ArrayType::get(b.getInt8Ty(), bytes_most));
        sums->setAlignment(Align(64));
        sums->setMetadata(mark, MDNode::get(b.getContext(), {}));
        return sums;
    }

    /* From where the rounds would begin to make it, to where the sum is known. */
    void pass_over()
    {
        auto *entry = cast<BasicBlock>(map[nest.entry]), *exit = cast<BasicBlock>(map[sum.getParent()]);
        auto *phi = cast<PHINode>(map[&sum]);
        entry->getTerminator()->eraseFromParent();
        IRBuilder<> b(entry);
        Value *round = map[kept.round], *at = b.CreateGEP(phi->getType(), sums, round);
        Value *made = b.CreateLoad(phi->getType(), at);
        b.CreateBr(exit);
        phi->replaceAllUsesWith(made);
        phi->eraseFromParent();
    }

    /* A call after the other. */
    void make_sums(IRBuilder<> &b, Value *rounds, Function &kernel, ArrayRef<Value *> arguments, Value *count,
                   AllocaInst *left)
    {
        BasicBlock *make = b.GetInsertBlock();
        SmallVector<Value *, 10> now(arguments.begin(), arguments.end());
        PHINode *round = b.CreatePHI(b.getInt64Ty(), 2);
        now[0] = b.CreateGEP(sum.getType(), sums, round);
        now[1] = round;
        if (left)
            b.CreateStore(count, left);
        b.CreateCall(&kernel, now)->setCallingConv(kernel.getCallingConv());
        Value *next = b.CreateAdd(round, b.getInt64(kept.width()));
        round->addIncoming(b.getInt64(0), before);
        round->addIncoming(next, make);
        b.CreateCondBr(b.CreateICmpULT(next, rounds), make, cast<BasicBlock>(map[own]));
    }
};

class Search : Surroundings
{
  public:
    Search(Function &f, FunctionAnalysisManager &analyses, GlobalVariable &mem, Kernels &k,
           const struct llvm_unit &u, bool relaxed)
        : Surroundings(f, analyses, mem, k, u), fp_relaxed(relaxed)
    {
    }

    bool replaces(Loop &l)
    {
        noted = {};
        return l.isInnermost() && multiplies(l) && around(l);
    }

  private:
    static constexpr size_t levels_most = 3;
    bool fp_relaxed;
    struct pattern_site noted = {};

    /* The most loops around `innermost` that make one algorithm. */
    bool around(Loop &innermost)
    {
        SmallVector<Loop *, levels_most> levels;
        for (Loop *l = &innermost; l && levels.size() < levels_most; l = l->getParentLoop())
            levels.insert(levels.begin(), l);
        for (; levels.size() > 1; levels.erase(levels.begin())) {
            Nest nest(levels, evolution, loops, memory);
            const char *text = nullptr;
            bool is = nest.analyse() && matrix(nest, &text);
            if (nest.sums_products && (is || !noted.replaced))
                certify(nest, *levels.back(), is, nest.why ? nest.why : text);
            if (is)
                break;
        }
        if (!noted.replaced)
            rounds_around(innermost);
        if (noted.text)
            patterns_note(&noted);
        return noted.replaced;
    }

    /* The same with a sum for each round of the next loop. */
    void rounds_around(Loop &innermost)
    {
        Loop *outer = innermost.getParentLoop();
        if (!outer)
            return;
        formLCSSARecursively(*outer, dominators, &loops, &evolution);
        for (BasicBlock *b :
             outer->blocks()) { /* conditions that are the same each round may be used behind it */
            auto *br = dyn_cast<BranchInst>(b->getTerminator());
            bool changed;
            if (br && br->isConditional() && outer->getLoopPreheader())
                outer->makeLoopInvariant(br->getCondition(), changed, nullptr, nullptr, &evolution);
        }
        Nest nest({outer, &innermost}, evolution, loops, memory);
        const char *text = nullptr;
        bool is = nest.analyse_rounds(dominators) && ahead(nest, &text);
        if (!nest.sums_products || (noted.text && !is))
            return;
        certify(nest, innermost, is, nest.why ? nest.why : text);
        noted.pattern = PATTERN_AHEAD;
        noted.relaxed = is && StringRef(noted.text).starts_with("dots");
    }

    /* What is kept of this place: that it was replaced, or why the most loops that look like it were not. */
    void certify(const Nest &n, const Loop &innermost, bool replaced, const char *text)
    {
        if (!replaced && noted.text)
            return;
        SmallString<96> evidence;
        raw_svector_ostream line(evidence);
        const NestElement &e = n.segments.front().elements.front();
        line << n.levels.size() << " loops, " << *e.x->getType() << " * " << *e.y->getType() << " to "
             << *n.type << (n.inside ? ", sums in memory" : "") << ", " << n.segments.front().elements.size()
             << " a round";
        if (n.segments.size() > 1)
            line << " and a rest";
        noted = site_of(unit, function, &innermost, loops, PATTERN_MATRIX, evidence);
        noted.replaced = replaced;
        noted.relaxed = replaced && fp_relaxed && !n.type->isIntegerTy();
        noted.text = text;
    }

    struct pattern_site place_of(const Nest &n) const
    {
        return site_of(unit, function, n.levels.back(), loops, PATTERN_MATRIX, "");
    }

    static bool depends(const NestAddress &a, size_t level)
    {
        return !a.strides[level]->isZero();
    }

    /* Each sum has one row of x and one column of y. */
    static bool roles_of(const Nest &n, MatrixRoles *r)
    {
        for (size_t l = 0; l < n.levels.size(); l++) {
            int level = static_cast<int>(l);
            bool x = depends(n.x, l), y = depends(n.y, l), sum = depends(n.sum, l);
            if (!sum) {
                if (r->k >= 0)
                    return false;
                r->k = level;
            } else if (x == y) {
                return false;
            } else if (x ? r->i >= 0 : r->j >= 0) {
                return false;
            } else {
                (x ? r->i : r->j) = level;
            }
        }
        return r->k >= 0 && (n.inside || r->k == static_cast<int>(n.levels.size()) - 1);
    }

    const char *kernel_of(const Nest &n) const
    {
        NestElement e = n.segments.front().elements.front();
        bool wide = kernels.has("+avx512f"), fused = fp_relaxed && kernels.has("+fma");
        bool bytes = e.x->getType()->isIntegerTy(8) && e.y->getType()->isIntegerTy(8);
        if (!kernels.has("+avx2"))
            return nullptr;
        if (e.squared)
            return nullptr;
        if (n.type->isIntegerTy(32) && bytes)
            return kernels.has("+avx512bw,+avx512vnni") ? "matrix_i8_quads_512"
                   : kernels.has("+avx512bw")           ? "matrix_i8_512"
                                                        : "matrix_i8_256";
        if (n.type->isFloatTy())
            return fused ? (wide ? "matrix_f32_512_fused" : "matrix_f32_256_fused")
                         : (wide ? "matrix_f32_512" : "matrix_f32_256");
        if (n.type->isDoubleTy())
            return fused ? (wide ? "matrix_f64_512_fused" : "matrix_f64_256_fused")
                         : (wide ? "matrix_f64_512" : "matrix_f64_256");
        return nullptr;
    }

    bool matrix(Nest &n, const char **why)
    {
        MatrixRoles r;
        if (!roles_of(n, &r)) {
            *why = "sums and factors do not depend on the loops as those of matrices do";
            return false;
        }
        const char *name = kernel_of(n);
        if (!name) {
            *why = "there is no kernel for these types on this processor";
            return false;
        }
        NestSubstitution s(n, n.levels.front()->getLoopPreheader(), evolution, loops, dominators, memory,
                           unit);
        if ((*why = Substitution::forbidden(unit, place_of(n))) || !s.possible(why))
            return false;
        s.begin();
        replace(n, r, name, s);
        *why = name;
        return true;
    }

    /* Sums ahead of the rounds that want them; only one factor may be another one in each round. In relaxed
     * mode those of what lies next to each other are made in vectors of parts of one sum, so that nothing has
     * to be turned around.
     */
    bool ahead(Nest &n, const char **why)
    {
        bool of_x = depends(n.x, 0);
        const NestAddress &rows = of_x ? n.x : n.y, &row = of_x ? n.y : n.x;
        if (of_x == depends(n.y, 0) || rows.bytes != row.bytes ||
            rows.bytes * 8 != n.type->getScalarSizeInBits()) {
            *why = "sums and factors do not depend on the loops as they should";
            return false;
        }
        const auto *zero = dyn_cast<ConstantFP>(n.start);
        bool in_any_order = fp_relaxed && in_one_piece(rows);
        if (in_any_order && !(in_one_piece(row) && zero && zero->isZero() && kernels.has("+avx2,+fma"))) {
            *why = "its sums are made in another order"; /* llvm_sums.cpp */
            return false;
        }
        if (!kernels.has("+avx2")) {
            *why = "there is no kernel for this processor";
            return false;
        }
        NestSubstitution s(n, n.levels.front()->getLoopPreheader(), evolution, loops, dominators, memory,
                           unit);
        SmallVector<const NestAddress *, 8> addresses = {&n.x, &n.y};
        for (const NestAddress &a : n.others)
            addresses.push_back(&a);
        if ((*why = Substitution::forbidden(unit, place_of(n))) || !s.computable(addresses, why))
            return false;
        *why = replace_rounds(n, rows, row, in_any_order, s);
        return true;
    }

    /* Whether elements that a sum takes one after the other lie next to each other. */
    static bool in_one_piece(const NestAddress &a)
    {
        const auto *step = dyn_cast<SCEVConstant>(a.strides[1]);
        return step && step->getAPInt() == a.bytes;
    }

    const char *kernel_of_rounds(const Nest &n, bool in_any_order) const
    {
        static const char *const names[2][2][2][2] = {
            {{{"ahead_f32_256", "ahead_f32_256_squares"}, {"ahead_f32_512", "ahead_f32_512_squares"}},
             {{"ahead_f64_256", "ahead_f64_256_squares"}, {"ahead_f64_512", "ahead_f64_512_squares"}}},
            {{{"dots_f32_256", "dots_f32_256_squares"}, {"dots_f32_512", "dots_f32_512_squares"}},
             {{"dots_f64_256", "dots_f64_256_squares"}, {"dots_f64_512", "dots_f64_512_squares"}}}};
        return names[in_any_order][n.type->isDoubleTy()][kernels.has("+avx512f")]
                    [n.segments.front().elements.front().squared];
    }

    /* The tests stand in front of the outer loop, in which nothing changes them. Returns the kernel's name.
     */
    const char *replace_rounds(Nest &n, const NestAddress &rows, const NestAddress &row, bool in_any_order,
                               NestSubstitution &s)
    {
        constexpr uint64_t sums_least = 8, steps_least = 16;
        const char *name = kernel_of_rounds(n, in_any_order);
        Loop &outer = *n.levels.front();
        SmallVector<StoreInst *, 4> stores = stores_of(outer);
        BasicBlock *behind = split_exit(outer);
        RoundsKept kept(function, outer, *n.type);
        NestSubstitution::End end = split_behind(*n.result);
        PHINode &sum = *end.exit->phis().begin();
        IRBuilder<> &b = s.builder();
        s.begin();
        Value *ni = s.rounds_of(0), *nk = s.rounds_of(1);
        s.require(b.CreateICmpUGE(ni, s.number(sums_least)));
        s.require(b.CreateICmpUGE(nk, s.number(steps_least)));
        Substitution::Range x = s.range(n.x), y = s.range(n.y);
        for (const NestAddress &a : n.others) {
            Substitution::Range other = s.range(a);
            s.require_disjoint(other, x);
            s.require_disjoint(other, y);
        }
        SmallVector<Value *, 10> arguments = {
            kept.sums,      kept.round,       ni, s.pointer(rows), s.stride(rows, 0), s.stride(rows, 1),
            s.pointer(row), s.stride(row, 1), nk, n.start};
        Value *holds = b.CreateFreeze(s.required());
        Substitution in_round(n.entry->getTerminator(), memory, unit);
        in_round.require(holds);
        if (in_any_order)
            compare_loosely(n, s, in_round, kept.round, nk);
        for (const NestSegment &segment : n.segments) {
            if (segment.loop && !in_any_order)
                addStringMetadataToLoop(segment.loop, LOOP_IN_ORDER);
        }
        AllocaInst *left =
            in_round.count_apart(place_of(n), n.levels.front()->getLoopPreheader()->getTerminator(),
                                 &*behind->getFirstInsertionPt());
        Function *kernel = kernels.copy_for(function, name, arguments);
        if (is_small(n)) {
            SmallVector<std::pair<StoreInst *, RoundsLine>, 4> lines;
            for (size_t k = 0; k < stores.size(); k++)
                lines.push_back({stores[k], s.line_of(n.others[k])});
            RoundsApart apart(n, kept, *behind, sum, lines, loops, dominators);
            apart.copy();
            apart.enter(holds, left, ni, *kernel, arguments);
        }
        kept.serve(*in_round.finish(place_of(n), kernel, arguments, end, {{&sum, nullptr}}), ni, left);
        EliminateUnreachableBlocks(function);
        return name;
    }

    /* A block of its own on the way out of `l`, in which nothing is joined. */
    BasicBlock *split_exit(Loop &l)
    {
        BasicBlock *latch = l.getLoopLatch(), *exit = l.getUniqueExitBlock();
        BasicBlock *behind = BasicBlock::Create(function.getContext(), "", &function, exit);
        BranchInst::Create(exit, behind);
        latch->getTerminator()->replaceSuccessorWith(exit, behind);
        exit->replacePhiUsesWith(latch, behind);
        Loop *around = l.getParentLoop();
        while (around && !around->contains(exit))
            around = around->getParentLoop();
        if (around)
            around->addBasicBlockToLoop(behind, loops);
        dominators.recalculate(function);
        return behind;
    }

    /* What the rounds of `l` store themselves. */
    SmallVector<StoreInst *, 4> stores_of(const Loop &l) const
    {
        SmallVector<StoreInst *, 4> stores;
        for (BasicBlock *b : l.blocks()) {
            for (Instruction &i : *b) {
                if (isa<StoreInst>(i) && loops.getLoopFor(b) == &l)
                    stores.push_back(cast<StoreInst>(&i));
            }
        }
        return stores;
    }

    /* Whether all of the loop but what makes the sums is little. */
    bool is_small(const Nest &n) const
    {
        constexpr size_t instructions_most = 64;
        const Loop &outer = *n.levels.front();
        size_t instructions = 0;
        for (const BasicBlock *b : outer.blocks())
            instructions += loops.getLoopFor(b) == &outer ? b->size() : 0;
        return instructions <= instructions_most && all_of(outer.getSubLoops(), [&](const Loop *l) {
                   return any_of(n.segments, [&](const NestSegment &s) { return s.loop == l; });
               });
    }

    static void compare_loosely(const Nest &n, NestSubstitution &s, Substitution &in_round, Value *round,
                                Value *terms)
    {
        unsigned type = n.type->isFloatTy() ? RT_SITE_F32 : RT_SITE_F64;
        in_round.reads(s.range_of_round(n.x, round, in_round.builder()), type);
        in_round.reads(s.range_of_round(n.y, round, in_round.builder()), type);
        if (n.segments.front().elements.front().squared)
            in_round.rounds_differences_otherwise(type, terms);
        else
            in_round.rounds_otherwise(type, terms);
    }

    /* From where `result` is known on, a phi of it in a block of its own. */
    NestSubstitution::End split_behind(PHINode &result)
    {
        BasicBlock *last = result.getParent();
        BasicBlock *exit = SplitBlock(last, &*last->getFirstNonPHIIt(), &dominators, &loops);
        PHINode *phi = PHINode::Create(result.getType(), 2, "", exit->begin());
        result.replaceUsesWithIf(phi, [&](const Use &u) { return u.getUser() != phi; });
        phi->addIncoming(&result, last);
        return {last, exit};
    }

    /* Sums must be apart from each other: one of their strides passes over all that the other reaches. */
    static void require_apart(NestSubstitution &s, const Nest &n, const MatrixRoles &r)
    {
        IRBuilder<> &b = s.builder();
        auto size = [&](int level) {
            Value *by = s.stride(n.sum, level);
            return b.CreateBinaryIntrinsic(Intrinsic::abs, by, b.getFalse());
        };
        Value *bytes = s.number(n.sum.bytes), *i = size(r.i), *j = size(r.j);
        Value *rows =
            b.CreateAnd(b.CreateICmpUGE(j, bytes), b.CreateICmpUGE(i, b.CreateMul(j, s.rounds_of(r.j))));
        Value *columns =
            b.CreateAnd(b.CreateICmpUGE(i, bytes), b.CreateICmpUGE(j, b.CreateMul(i, s.rounds_of(r.i))));
        if (r.i < 0)
            s.require(b.CreateICmpUGE(j, bytes));
        else if (r.j < 0)
            s.require(b.CreateICmpUGE(i, bytes));
        else
            s.require(b.CreateOr(rows, columns));
    }

    void replace(Nest &n, const MatrixRoles &r, const char *name, NestSubstitution &s)
    {
        constexpr uint64_t products_least = 4096, sums_least = 8, steps_least = 4;
        IRBuilder<> &b = s.builder();
        Value *ni = s.rounds_of(r.i), *nj = s.rounds_of(r.j), *nk = s.rounds_of(r.k);
        Value *sums = b.CreateMul(ni, nj);
        s.require(b.CreateICmpUGE(b.CreateMul(sums, nk), s.number(products_least)));
        s.require(b.CreateICmpUGE(sums, s.number(sums_least)));
        s.require(b.CreateICmpUGE(nk, s.number(steps_least)));
        Substitution::Range x = s.range(n.x), y = s.range(n.y), sum = s.range(n.sum);
        unsigned type = n.type->isFloatTy() ? RT_SITE_F32 : n.type->isDoubleTy() ? RT_SITE_F64 : RT_SITE_BITS;
        s.writes(sum, type);
        s.reads(x, type);
        s.reads(y, type);
        if (fp_relaxed && type != RT_SITE_BITS)
            s.rounds_otherwise(type, nk);
        s.require_disjoint(sum, x);
        s.require_disjoint(sum, y);
        require_apart(s, n, r);
        Value *start = n.start ? n.start : Constant::getNullValue(n.type);
        Value *from = ConstantPointerNull::get(b.getPtrTy()), *from_i = s.number(0), *from_j = s.number(0);
        if (n.begin.start) {
            Substitution::Range begin = s.range(n.begin);
            s.reads(begin, type);
            s.require_disjoint(sum, begin);
            from = s.pointer(n.begin), from_i = s.stride(n.begin, r.i), from_j = s.stride(n.begin, r.j);
        }
        SmallVector<Value *, 20> arguments = {s.pointer(n.sum),
                                              s.stride(n.sum, r.i),
                                              s.stride(n.sum, r.j),
                                              s.pointer(n.x),
                                              s.stride(n.x, r.i),
                                              s.stride(n.x, r.k),
                                              s.pointer(n.y),
                                              s.stride(n.y, r.k),
                                              s.stride(n.y, r.j),
                                              ni,
                                              nj,
                                              nk,
                                              start,
                                              from,
                                              from_i,
                                              from_j,
                                              b.getInt32(!n.start && !n.begin.start)};
        const NestElement &e = n.segments.front().elements.front();
        if (n.type->isIntegerTy()) {
            arguments.push_back(b.getInt32(e.extend_x == Instruction::ZExt));
            arguments.push_back(b.getInt32(e.extend_y == Instruction::ZExt));
        }
        Function *kernel = kernels.copy_for(function, name, arguments);
        s.finish(place_of(n), kernel, arguments);
    }
};

} // namespace

PreservedAnalyses PatternsPass::run(Module &m, ModuleAnalysisManager &modules)
{
    return replace_loops<Search>("matrices", m, modules, machine, unit, fp_relaxed);
}
