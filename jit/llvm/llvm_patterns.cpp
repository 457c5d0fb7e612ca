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

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
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
        noted.relaxed = false;
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
     * mode, sums of what lies next to each other are better made one at a time, in vectors (llvm_sums.cpp).
     */
    bool ahead(Nest &n, const char **why)
    {
        bool of_x = depends(n.x, 0);
        const NestAddress &rows = of_x ? n.x : n.y, &row = of_x ? n.y : n.x;
        const auto *step = dyn_cast<SCEVConstant>(rows.strides[1]);
        if (of_x == depends(n.y, 0) || rows.bytes != row.bytes ||
            rows.bytes * 8 != n.type->getScalarSizeInBits()) {
            *why = "sums and factors do not depend on the loops as they should";
            return false;
        }
        if (fp_relaxed && step && step->getAPInt() == rows.bytes) {
            *why = "its sums are made in another order";
            return false;
        }
        if (!kernels.has("+avx2")) {
            *why = "there is no kernel for this processor";
            return false;
        }
        NestSubstitution s(n, n.entry, evolution, loops, dominators, memory, unit);
        SmallVector<const NestAddress *, 8> addresses = {&n.x, &n.y};
        for (const NestAddress &a : n.others)
            addresses.push_back(&a);
        if ((*why = Substitution::forbidden(unit, place_of(n))) || !s.computable(addresses, why))
            return false;
        *why = replace_rounds(n, rows, row, s);
        return true;
    }

    /* The kernel's name. */
    const char *replace_rounds(Nest &n, const NestAddress &rows, const NestAddress &row, NestSubstitution &s)
    {
        static const char *const names[2][2][2] = {
            {{"ahead_f32_256", "ahead_f32_256_squares"}, {"ahead_f32_512", "ahead_f32_512_squares"}},
            {{"ahead_f64_256", "ahead_f64_256_squares"}, {"ahead_f64_512", "ahead_f64_512_squares"}}};
        constexpr uint64_t sums_least = 8, steps_least = 16;
        const char *name =
            names[n.type->isDoubleTy()][kernels.has("+avx512f")][n.segments.front().elements.front().squared];
        Value *round = rounds_before(*n.levels.front()), *kept = keep_sums(*n.levels.front());
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
        SmallVector<Value *, 10> arguments = {kept,
                                              round,
                                              ni,
                                              s.pointer(rows),
                                              s.stride(rows, 0),
                                              s.stride(rows, 1),
                                              s.pointer(row),
                                              s.stride(row, 1),
                                              nk,
                                              n.start};
        Function *kernel = kernels.copy_for(function, name, arguments);
        for (const NestSegment &segment : n.segments) {
            if (segment.loop)
                addStringMetadataToLoop(segment.loop, LOOP_IN_ORDER);
        }
        s.Substitution::finish(place_of(n), kernel, arguments, end, {{&sum, nullptr}});
        return name;
    }

    /* How many rounds of `l` are over. */
    static Value *rounds_before(const Loop &l)
    {
        Type *i64 = Type::getInt64Ty(l.getHeader()->getContext());
        PHINode *n = PHINode::Create(i64, 2, "", l.getHeader()->begin());
        Value *next = BinaryOperator::CreateAdd(n, ConstantInt::get(i64, 1), "",
                                                l.getLoopLatch()->getTerminator()->getIterator());
        n->addIncoming(ConstantInt::get(i64, 0), l.getLoopPreheader());
        n->addIncoming(next, l.getLoopLatch());
        return n;
    }

    /* What kernels keep sums in (kernels/ahead.h), empty before `l`. */
    Value *keep_sums(const Loop &l)
    {
        constexpr uint64_t bytes = 2 * sizeof(int64_t) + 64 * sizeof(float);
        IRBuilder<> b(&*function.getEntryBlock().getFirstInsertionPt());
        AllocaInst *kept = b.CreateAlloca(ArrayType::get(b.getInt8Ty(), bytes));
        kept->setAlignment(Align(64));
        b.SetInsertPoint(l.getLoopPreheader()->getTerminator());
        b.CreateMemSet(kept, b.getInt8(0), 2 * sizeof(int64_t), Align(64));
        return kept;
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
