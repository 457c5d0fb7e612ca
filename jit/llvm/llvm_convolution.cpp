/* llvm_convolution.cpp: convolutions of pictures with small kernels (filters, layers of neural networks), in
 * whatever form the loops over rows, columns, taps and channels come.
 *
 * Sums are followed from where they are complete back to the products that they are made of, through loops
 * and branches (tests for the margin). The proof is in the addresses. Of the loops around a product some,
 * here the positions, move its source but not its weight; in others, taps, both move. It is a convolution if
 * from one tap to another the source goes on by what it does between two positions (or by a fraction, the
 * stride), in two dimensions, and less far than the positions go: so neighbouring positions read the same
 * elements. Products of matrices do not: what moves there with both factors is one dimension, a row, whose
 * elements do not belong to other rows.
 *
 * Nothing is replaced here. What kernels and LLVM's vectors there are is said with it. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include <cstdlib>
#include <map>
#include <set>

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr int steps_most = 32; /* taps of a row, or rows, that are looked for */

/* --- Sums. --- */

/* A load, or zero instead of it (outside of the picture), perhaps less a number that stays. */
LoadInst *factor(Value *v, unsigned deep = 0)
{
    constexpr unsigned deep_most = 6;
    Value *a, *b;
    if (deep == deep_most)
        return nullptr;
    if (auto *load = dyn_cast<LoadInst>(v))
        return load->isAtomic() ? nullptr : load;
    if (auto *cast = dyn_cast<CastInst>(v))
        return factor(cast->getOperand(0), deep + 1);
    if (match(v, m_Add(m_Value(a), m_Value(b))) || match(v, m_Sub(m_Value(a), m_Value(b)))) {
        LoadInst *first = factor(a, deep + 1), *second = factor(b, deep + 1);
        return !first == !second ? nullptr : first ? first : second;
    }
    SmallVector<Value *, 2> chosen;
    if (auto *select = dyn_cast<SelectInst>(v))
        chosen = {select->getTrueValue(), select->getFalseValue()};
    else if (auto *phi = dyn_cast<PHINode>(v); phi && phi->getNumIncomingValues() <= 2)
        chosen.append(phi->value_op_begin(), phi->value_op_end());
    erase_if(chosen, [](Value *c) {
        auto *constant = dyn_cast<Constant>(c);
        return constant && constant->isZeroValue();
    });
    return chosen.size() == 1 ? factor(chosen[0], deep + 1) : nullptr;
}

/* One product; `y` null: with a number in the code, `constant`, or one that stays, `number`. */
struct Term {
    LoadInst *x, *y;
    Value *number;
    double constant;
};

/* All that a sum is made of. */
class Sum
{
  public:
    Sum(Value &complete, LoopInfo &li) : loops(li)
    {
        add(&complete, 1);
    }

    SmallVector<Term, 16> terms;
    SmallPtrSet<const Loop *, 4> carried_by;
    SmallSetVector<Value *, 32> parts; /* what it is on its way */
    bool biased = false, too_large = false;

  private:
    LoopInfo &loops;
    static constexpr size_t parts_most = 400;

    void add(Value *v, double times)
    {
        if (auto *c = dyn_cast<Constant>(v)) {
            biased |= !c->isZeroValue() && !isa<UndefValue>(c);
            return;
        }
        if (too_large || !parts.insert(v))
            return;
        too_large = parts.size() > parts_most;
        auto *i = dyn_cast<Instruction>(v);
        if (!i || !of_instruction(*i, times))
            biased = true;
    }

    bool of_instruction(Instruction &i, double times)
    {
        if (auto *phi = dyn_cast<PHINode>(&i)) {
            Loop *l = loops.getLoopFor(i.getParent());
            if (l && l->getHeader() == i.getParent())
                carried_by.insert(l);
            for (Value *v : phi->incoming_values())
                add(v, times);
            return true;
        }
        switch (i.getOpcode()) {
        case Instruction::Load: terms.push_back({cast<LoadInst>(&i), nullptr, nullptr, times}); return true;
        case Instruction::FAdd:
        case Instruction::Add:
            add(i.getOperand(0), times);
            add(i.getOperand(1), times);
            return true;
        case Instruction::FSub:
        case Instruction::Sub:
            add(i.getOperand(0), times);
            add(i.getOperand(1), -times);
            return true;
        case Instruction::Or: /* a NaN is made quiet */
            add(i.getOperand(0), times);
            return isa<Constant>(i.getOperand(1));
        case Instruction::FNeg: add(i.getOperand(0), -times); return true;
        case Instruction::Select:
            add(i.getOperand(1), times);
            add(i.getOperand(2), times);
            return true;
        case Instruction::FMul:
        case Instruction::Mul: return of_product(i, times);
        case Instruction::Shl:
            if (auto *by = dyn_cast<ConstantInt>(i.getOperand(1)); by && by->getValue().ult(31))
                add(i.getOperand(0), times * static_cast<double>(1u << by->getZExtValue()));
            return isa<ConstantInt>(i.getOperand(1));
        default: break;
        }
        if (isa<CastInst>(i))
            add(i.getOperand(0), times);
        return isa<CastInst>(i);
    }

    static bool number_of(Value *v, double *n)
    {
        if (auto *c = dyn_cast<ConstantInt>(v))
            *n = static_cast<double>(c->getValue().trySExtValue().value_or(0));
        else if (auto *f = dyn_cast<ConstantFP>(v))
            *n = f->getValueAPF().convertToDouble(); /* of f32 and f64: exact */
        else
            return false;
        return true;
    }

    bool of_product(Instruction &i, double times)
    {
        double n;
        if (number_of(i.getOperand(1), &n) || number_of(i.getOperand(0), &n)) {
            add(i.getOperand(isa<Constant>(i.getOperand(0))), times * n);
            return true;
        }
        LoadInst *x = factor(i.getOperand(0)), *y = factor(i.getOperand(1));
        Loop *l = loops.getLoopFor(i.getParent());
        if (!x && !y)
            return false;
        if (x && y)
            terms.push_back({x, y, nullptr, times});
        else if (l && l->isLoopInvariant(i.getOperand(x ? 1 : 0)))
            terms.push_back({x ? x : y, nullptr, i.getOperand(x ? 1 : 0), times});
        return x && y;
    }
};

/* --- Addresses. --- */

/* Where an access goes: start + the sum of strides times rounds, modulo 2^32, of the loops around it, the
 * innermost first; those that nothing is known of are missing. */
struct Place {
    const Value *base = nullptr;
    const SCEV *start = nullptr;
    SmallVector<std::pair<const Loop *, const SCEV *>, 6> strides; /* null: it does not move */
    const Loop *inside = nullptr;                                  /* the innermost */

    /* *is: the stride, or null; false: not known. */
    bool stride(const Loop &l, const SCEV **is) const
    {
        *is = nullptr;
        for (auto &[loop, by] : strides) {
            if (loop == &l) {
                *is = by;
                return true;
            }
        }
        return !inside || !l.contains(inside);
    }
    bool moves(const Loop &l) const
    {
        const SCEV *by;
        return stride(l, &by) && by;
    }
    bool stays(const Loop &l) const
    {
        const SCEV *by;
        return stride(l, &by) && !by;
    }
};

class Places
{
  public:
    Places(Function &f, ScalarEvolution &se, LoopInfo &li)
        : evolution(se), loops(li), word(Type::getInt32Ty(f.getContext()))
    {
    }

    const Place &of(Instruction &access)
    {
        auto known = places.try_emplace(&access);
        if (known.second)
            known.first->second = find(access);
        return known.first->second;
    }

  private:
    ScalarEvolution &evolution;
    LoopInfo &loops;
    Type *word;
    std::map<Instruction *, Place> places;

    Place find(Instruction &access)
    {
        Place p;
        Value *pointer = getLoadStorePointerOperand(&access);
        const SCEV *index = evolution.getZero(word);
        while (auto *step = dyn_cast<GEPOperator>(pointer)) {
            APInt constant(64, 0);
            if (step->accumulateConstantOffset(access.getDataLayout(), constant))
                index = evolution.getAddExpr(index, evolution.getConstant(constant.trunc(32)));
            else if (step->getNumIndices() == 1 && step->getSourceElementType()->isIntegerTy(8))
                index = evolution.getAddExpr(index, narrow(step->getOperand(1)));
            else
                return p;
            pointer = step->getPointerOperand();
        }
        p.base = pointer;
        p.inside = loops.getLoopFor(access.getParent());
        for (const Loop *l = p.inside; l; l = l->getParentLoop()) {
            index = evolution.getSCEVAtScope(index, l);
            auto *goes = dyn_cast<SCEVAddRecExpr>(index);
            if (goes && goes->getLoop() == l && goes->isAffine()) {
                p.strides.push_back({l, goes->getStepRecurrence(evolution)});
                index = goes->getStart();
            } else if (evolution.isLoopInvariant(index, l)) {
                p.strides.push_back({l, nullptr});
            } else {
                break;
            }
        }
        p.start = index;
        return p;
    }

    const SCEV *narrow(Value *index)
    {
        auto *z = dyn_cast<ZExtInst>(index);
        if (z && z->getOperand(0)->getType() == word)
            return evolution.getSCEV(z->getOperand(0));
        return evolution.getTruncateExpr(evolution.getSCEV(index), word);
    }
};

/* --- The proof. --- */

/* How far it is from one tap to another: so many steps of rows and columns. */
struct Step {
    int rows = 0, columns = 0;
};

/* Of a sum: two loops over positions, and taps. */
struct Convolution {
    const Loop *y = nullptr, *x = nullptr;
    int row_steps = 1, column_steps = 1; /* between two positions */
    SmallVector<Step, 16> points;        /* of products that stand next to each other */
    struct Range {                       /* of those in a loop */
        Step step;
        unsigned rounds; /* 0: not known */
    };
    SmallVector<Range, 4> ranges;
    SmallVector<const Loop *, 4> summed; /* over taps and channels */
    bool channels = false;
    size_t known = 0; /* how many of both */

    static constexpr int row_of_step = 4; /* taps may leave elements out */

    /* All rows of taps, or columns; empty: not known. */
    std::set<int> all(int Step::*which) const
    {
        std::set<int> found;
        for (const Step &p : points)
            found.insert(p.*which);
        for (const Range &r : ranges) {
            std::set<int> more;
            if (r.step.*which == 0)
                continue;
            if (!r.rounds || r.rounds > steps_most)
                return {};
            for (int n : found)
                for (int k = 0; k < static_cast<int>(r.rounds); k++)
                    more.insert(n + k * r.step.*which);
            found = more;
        }
        return found;
    }

    /* Whether two taps of a line (a row, or a column) are what one tap is at two positions. */
    bool overlaps(int Step::*along, int Step::*across, int steps, unsigned positions) const
    {
        auto may_be = [&](int n) {
            return n % steps == 0 && n != 0 && std::abs(n) <= row_of_step * steps &&
                   (!positions || std::abs(n) / steps < static_cast<int>(positions));
        };
        for (const Range &r : ranges) {
            if (r.step.*along == 0 || r.step.*across != 0)
                continue;
            int most = r.rounds ? static_cast<int>(r.rounds) - 1 : 1;
            for (int k = 1; k <= std::min(most, row_of_step * steps); k++) {
                if (may_be(k * r.step.*along))
                    return true;
            }
        }
        for (const Step &p : points) {
            for (const Step &q : points) {
                if (p.*across == q.*across && may_be(p.*along - q.*along))
                    return true;
            }
        }
        return false;
    }
};

class Search
{
  public:
    Search(Function &f, FunctionAnalysisManager &analyses, const struct llvm_unit &u, MapPlaces &p)
        : function(f), loops(analyses.getResult<LoopAnalysis>(f)),
          evolution(analyses.getResult<ScalarEvolutionAnalysis>(f)), unit(u), map_places(p),
          places(f, evolution, loops)
    {
    }

    /* Whether anything was changed. */
    bool run()
    {
        for (Loop *l : loops.getLoopsInPreorder())
            join_steps(*l);
        SmallPtrSet<Value *, 32> seen;
        for (BasicBlock *b : post_order(&function)) { /* complete sums first */
            if (loops.getLoopDepth(b) < 2)
                continue;
            for (Instruction &i : reverse(*b)) {
                if (!adds(i) || seen.contains(&i))
                    continue;
                Sum sum(i, loops);
                seen.insert(sum.parts.begin(), sum.parts.end());
                if (!sum.too_large)
                    look_at(sum, i);
            }
        }
        for (PHINode *phi : dead)
            phi->eraseFromParent();
        return !dead.empty();
    }

    static bool adds(const Instruction &i)
    {
        return i.getOpcode() == Instruction::FAdd || i.getOpcode() == Instruction::Add ||
               i.getOpcode() == Instruction::FSub || i.getOpcode() == Instruction::Sub;
    }

  private:
    Function &function;
    LoopInfo &loops;
    ScalarEvolution &evolution;
    const struct llvm_unit &unit;
    MapPlaces &map_places;
    Places places;
    SmallVector<PHINode *, 4> dead;

    static constexpr size_t constants_least = 6; /* weights in the code: less is a stencil */

    /* A counter that goes on by the same on either side of a branch, as that of rows does where one more row
     * is of use: scalar evolution wants one addition. */
    void join_steps(Loop &l)
    {
        for (PHINode &phi : l.getHeader()->phis()) {
            auto *next = l.getLoopLatch() && phi.getType()->isIntegerTy()
                             ? dyn_cast<PHINode>(phi.getIncomingValueForBlock(l.getLoopLatch()))
                             : nullptr;
            ConstantInt *by = nullptr;
            auto adds = [&](Value *v) {
                ConstantInt *c;
                bool is = match(v, m_Add(m_Specific(&phi), m_ConstantInt(c))) && (!by || by == c);
                by = is ? c : nullptr;
                return is;
            };
            if (!next || loops.getLoopFor(next->getParent()) != &l || !all_of(next->incoming_values(), adds))
                continue;
            auto *one = BinaryOperator::CreateAdd(&phi, by, "", next->getParent()->getFirstNonPHIIt());
            evolution.forgetLoop(&l);
            next->replaceAllUsesWith(one);
            dead.push_back(next);
        }
    }

    /* Weights are loaded, or are in the code and not all the same. */
    void look_at(Sum &sum, Instruction &complete)
    {
        SmallVector<Term, 16> loaded, constant;
        std::set<double> different;
        std::set<Value *> numbers;
        for (const Term &t : sum.terms) {
            (t.y ? loaded : constant).push_back(t);
            if (!t.y)
                different.insert(t.constant), numbers.insert(t.number);
        }
        StoreInst *store = stored(sum);
        if (store)
            erase_if(constant, [&](const Term &t) { return is_same(*t.x, *store); });
        sum.biased |= !loaded.empty() && !constant.empty();
        if (!loaded.empty() && find_loaded(loaded, sum, store, complete))
            return;
        if (constant.size() >= constants_least && different.size() + numbers.size() > 2)
            find_constant(constant, sum, complete);
    }

    bool find_loaded(SmallVectorImpl<Term> &terms, const Sum &sum, StoreInst *store, Instruction &complete)
    {
        for (unsigned k = 0; k < 2; k++) {
            Term first = terms.front();
            if (k)
                std::swap(first.x, first.y);
            const Place &source = places.of(*first.x), &weight = places.of(*first.y);
            Convolution c;
            if (!source.start || !weight.start || !find_taps(terms, first, sum, store, c))
                continue;
            note(c, sum, first, complete);
            return true;
        }
        return false;
    }

    void find_constant(SmallVectorImpl<Term> &terms, const Sum &sum, Instruction &complete)
    {
        Term first = terms.front();
        Convolution c;
        if (places.of(*first.x).start && find_taps(terms, first, sum, nullptr, c) &&
            c.points.size() >= constants_least)
            note(c, sum, first, complete);
    }

    /* What the sum is stored by on its way. */
    StoreInst *stored(const Sum &sum)
    {
        for (Value *v : sum.parts) {
            for (User *u : v->users()) {
                if (auto *store = dyn_cast<StoreInst>(u); store && store->getValueOperand() == v)
                    return store;
            }
        }
        return nullptr;
    }
    bool is_same(LoadInst &load, StoreInst &store)
    {
        return evolution.getSCEV(load.getPointerOperand()) == evolution.getSCEV(store.getPointerOperand());
    }

    /* Whether the sum goes on from round to round of `l`, carried along or in memory. */
    bool is_summed_in(const Loop &l, const Sum &sum, StoreInst *store)
    {
        if (sum.carried_by.contains(&l))
            return true;
        return store && l.contains(store) && places.of(*store).stays(l) &&
               any_of(sum.terms, [&](const Term &t) { return !t.y && is_same(*t.x, *store); });
    }

    /* The positions that go with most of the taps. */
    bool find_taps(ArrayRef<Term> terms, const Term &first, const Sum &sum, StoreInst *store,
                   Convolution &best)
    {
        const Place &source = places.of(*first.x);
        SmallVector<const Loop *, 6> positions, taps;
        for (const auto &[l, by] : source.strides) {
            if (!by)
                continue;
            bool stays = !first.y || places.of(*first.y).stays(*l);
            if (stays && !is_of_taps(*l, sum, first))
                positions.push_back(l);
            else if (first.y && places.of(*first.y).moves(*l) && is_summed_in(*l, sum, store))
                taps.push_back(l);
        }
        if (positions.size() < 2 || positions.size() > 5 || terms.size() + taps.size() < 3)
            if (positions.size() < 2 || taps.size() < 2)
                return false;
        SmallVector<const SCEV *, 16> offsets = offsets_of(terms, first);
        for (const Loop *y : reverse(positions)) {
            for (const Loop *x : positions) {
                if (x != y && best.known < offsets.size() + taps.size())
                    try_positions(*y, *x, source, taps, offsets, best);
            }
        }
        return best.x != nullptr;
    }

    /* A loop that adds the same source with the same weights again has no position. */
    static bool is_of_taps(const Loop &l, const Sum &sum, const Term &first)
    {
        return !first.y && sum.carried_by.contains(&l);
    }

    /* From the first one to the others, in bytes. */
    SmallVector<const SCEV *, 16> offsets_of(ArrayRef<Term> terms, const Term &first)
    {
        const Place &source = places.of(*first.x);
        SmallVector<const SCEV *, 16> offsets;
        SmallPtrSet<const SCEV *, 16> different;
        for (const Term &t : terms) {
            for (LoadInst *load : {t.x, t.y}) {
                if (!load || (first.y && load == first.y))
                    continue;
                const Place &p = places.of(*load);
                if (!p.start || p.base != source.base || p.strides != source.strides)
                    continue;
                const SCEV *d = evolution.getMinusSCEV(p.start, source.start);
                if (!isa<SCEVCouldNotCompute>(d) && different.insert(d).second)
                    offsets.push_back(d);
                break;
            }
        }
        return offsets;
    }

    void try_positions(const Loop &y, const Loop &x, const Place &source, ArrayRef<const Loop *> taps,
                       ArrayRef<const SCEV *> offsets, Convolution &best)
    {
        constexpr int stride_most = 4;
        const SCEV *by_row, *by_column;
        source.stride(y, &by_row);
        source.stride(x, &by_column);
        for (int rows = 1; rows <= stride_most; rows++) {
            for (int columns = 1; columns <= stride_most; columns++) {
                Convolution c;
                c.y = &y, c.x = &x, c.row_steps = rows, c.column_steps = columns;
                for (const Loop *l : taps) {
                    const SCEV *by;
                    Step s;
                    source.stride(*l, &by);
                    if (steps_of(by, by_row, by_column, rows, columns, s) && !s.rows != !s.columns)
                        c.ranges.push_back({s, rounds_of(*l)});
                    else
                        c.channels = true;
                }
                for (const SCEV *d : offsets) {
                    Step s;
                    if (steps_of(d, by_row, by_column, rows, columns, s))
                        c.points.push_back(s);
                    else
                        c.channels = true;
                }
                c.summed.append(taps.begin(), taps.end());
                c.known = c.points.size() + c.ranges.size();
                if (c.known > best.known && c.overlaps(&Step::rows, &Step::columns, rows, rounds_of(y)) &&
                    c.overlaps(&Step::columns, &Step::rows, columns, rounds_of(x)))
                    best = c;
                if (best.known == offsets.size() + taps.size())
                    return;
            }
        }
    }

    unsigned rounds_of(const Loop &l)
    {
        return evolution.getSmallConstantTripCount(&l);
    }

    const SCEV *times(const SCEV *s, int n)
    {
        return evolution.getMulExpr(s, evolution.getConstant(s->getType(), static_cast<uint64_t>(n), true));
    }

    /* Whether `by` is some rows and columns, where positions are so many of them apart. */
    bool steps_of(const SCEV *by, const SCEV *by_row, const SCEV *by_column, int rows, int columns, Step &s)
    {
        auto *column = dyn_cast<SCEVConstant>(by_column);
        auto *row = dyn_cast<SCEVConstant>(by_row);
        by = times(by, rows * columns);
        if (by->isZero())
            return true;
        if (row && column && !isa<SCEVConstant>(by))
            return false;
        if (row && column)
            return constant_steps(number(by), number(row) * columns, number(column) * rows, s);
        int64_t a = 0, b = 1;
        if (!row && times_of(by, &a) == times_of(by_row, &b) && a % (b * columns) == 0)
            return with_rows(a / (b * columns), by, by_row, by_column, rows, columns, s);
        return with_rows(0, by, by_row, by_column, rows, columns, s) ||
               with_rows(1, by, by_row, by_column, rows, columns, s);
    }

    /* What a constant is added to, without the constant that it is multiplied by. */
    static const SCEV *times_of(const SCEV *s, int64_t *n)
    {
        *n = 1;
        if (auto *sum = dyn_cast<SCEVAddExpr>(s);
            sum && sum->getNumOperands() == 2 && isa<SCEVConstant>(sum->getOperand(0)))
            s = sum->getOperand(1);
        auto *product = dyn_cast<SCEVMulExpr>(s);
        if (!product || product->getNumOperands() != 2 || !isa<SCEVConstant>(product->getOperand(0)))
            return s;
        *n = number(product->getOperand(0));
        return product->getOperand(1);
    }

    bool with_rows(int64_t n, const SCEV *by, const SCEV *by_row, const SCEV *by_column, int rows,
                   int columns, Step &s)
    {
        if (std::abs(n) > steps_most)
            return false;
        s.rows = static_cast<int>(n);
        const SCEV *rest = evolution.getMinusSCEV(by, times(by_row, s.rows * columns));
        return isa<SCEVConstant>(by_column) ? columns_of(rest, number(by_column) * rows, s.columns)
                                            : columns_of(rest, by_column, rows, s.columns);
    }

    static int64_t number(const SCEV *constant)
    {
        return cast<SCEVConstant>(constant)->getAPInt().getSExtValue();
    }

    /* The nearest row. */
    static bool constant_steps(int64_t by, int64_t row, int64_t column, Step &s)
    {
        if (!row || !column)
            return false;
        int64_t n = by / row, rest = by - n * row;
        if (2 * std::abs(rest) >= std::abs(row)) {
            n += (by < 0) == (row < 0) ? 1 : -1;
            rest = by - n * row;
        }
        s.rows = static_cast<int>(n);
        s.columns = static_cast<int>(rest / column);
        return rest % column == 0 && std::abs(n) <= steps_most && std::abs(rest / column) <= steps_most;
    }

    static bool columns_of(const SCEV *rest, int64_t column, int &n)
    {
        if (!isa<SCEVConstant>(rest) || number(rest) % column || std::abs(number(rest) / column) > steps_most)
            return false;
        n = static_cast<int>(number(rest) / column);
        return true;
    }
    bool columns_of(const SCEV *rest, const SCEV *column, int rows, int &n)
    {
        constexpr int most = 8; /* sizes of pixels that are not known */
        for (n = -most; n <= most; n++) {
            if (rest == times(column, n * rows))
                return true;
        }
        return false;
    }

    /* --- The list. --- */

    static const char *type_of(const Type &t)
    {
        return t.isFloatTy()       ? "f32"
               : t.isDoubleTy()    ? "f64"
               : t.isIntegerTy(8)  ? "i8"
               : t.isIntegerTy(16) ? "i16"
               : t.isIntegerTy(32) ? "i32"
               : t.isIntegerTy(64) ? "i64"
                                   : "vectors";
    }
    /* Of what is loaded to become a part of a sum of type `t`. */
    static const char *type_of(const LoadInst &load, const Type &t)
    {
        bool extended = any_of(load.users(), [](const User *u) { return isa<ZExtInst>(u); });
        if (load.getType()->isIntegerTy(8) && extended)
            return "u8";
        bool bits =
            t.isFloatingPointTy() && t.getPrimitiveSizeInBits() == load.getType()->getPrimitiveSizeInBits();
        return type_of(bits ? t : *load.getType());
    }

    static bool is_bounded(Instruction &sum)
    {
        constexpr size_t users_most = 16;
        auto zero = [](const Value *v) { return match(v, m_AnyZeroFP()) || match(v, m_Zero()); };
        SmallSetVector<User *, users_most> users(sum.user_begin(), sum.user_end());
        for (size_t k = 0; k < users.size() && k < users_most; k++) {
            auto *call = dyn_cast<IntrinsicInst>(users[k]);
            if ((call && chooses_greater(*call) && zero(call->getArgOperand(1))) ||
                (isa<SelectInst>(users[k]) && any_of(users[k]->operands(), zero)))
                return true;
            if (isa<PHINode>(users[k]))
                users.insert(users[k]->user_begin(), users[k]->user_end());
        }
        return false;
    }
    static bool chooses_greater(const IntrinsicInst &call)
    {
        Intrinsic::ID id = call.getIntrinsicID();
        return id == Intrinsic::smax || id == Intrinsic::maximum || id == Intrinsic::maxnum;
    }

    /* Taps that are 0 are not there in the code. */
    static void print_size(const std::set<int> &lines, bool constant, raw_ostream &out)
    {
        if (lines.empty())
            out << "n";
        else
            out << (constant ? static_cast<size_t>(*lines.rbegin() - *lines.begin()) + 1 : lines.size());
    }

    void note(const Convolution &c, const Sum &sum, const Term &first, Instruction &complete)
    {
        const Loop *inner = c.y->contains(c.x) ? c.x : c.y;
        SmallString<96> evidence;
        raw_svector_ostream out(evidence);
        const Type &type = *complete.getType();
        StringRef source = type_of(*first.x, type), weights = first.y ? type_of(*first.y, type) : source;
        out << source;
        if (source != weights)
            out << " * " << weights;
        if (source != type_of(type))
            out << " to " << type_of(type);
        if (!first.y)
            out << ", weights in the code";
        out << ", ";
        print_size(c.all(&Step::rows), !first.y, out);
        out << " x ";
        print_size(c.all(&Step::columns), !first.y, out);
        out << " taps, stride " << c.row_steps;
        bool depthwise = !c.channels && first.y && c.column_steps == c.row_steps;
        if (c.channels)
            out << ", sums over channels";
        if (depthwise && moves_both(c, first))
            out << ", depthwise";
        out << (sum.biased ? ", bias" : "") << (is_bounded(complete) ? ", relu" : "");
        bool unrolled = all_of(c.ranges, [](const Convolution::Range &r) { return r.rounds != 0; });
        list(const_cast<Loop &>(*inner), unrolled && !c.channels, *first.x, evidence);
    }

    /* Whether there is a loop over channels that are not added. */
    bool moves_both(const Convolution &c, const Term &first)
    {
        return any_of(places.of(*first.x).strides, [&](const auto &s) {
            return s.first != c.x && s.first != c.y && s.second && places.of(*first.y).moves(*s.first) &&
                   !is_contained(c.summed, s.first);
        });
    }

    /* At the place of the inner loop over positions; with the kernel that is there, or inside. */
    void list(Loop &inner, bool unrolled, const LoadInst &source, StringRef evidence)
    {
        struct pattern_site site = site_of(unit, function, &inner, loops, PATTERN_CONVOLUTION, evidence);
        if (!site.at)
            site.at = offset_of(source);
        site.text = unrolled ? MapPlaces::no_reason : "there is no kernel for it";
        if (const struct pattern_site *kernel = replaced_at(site)) {
            site.replaced = true;
            site.relaxed = kernel->relaxed;
            site.text = kernel->text;
        }
        if (unrolled)
            map_places.add(inner, site);
        else
            patterns_note(&site);
    }

    static const struct pattern_site *replaced_at(const struct pattern_site &site)
    {
        uint32_t n;
        const struct pattern_site *sites = patterns_sites(&n);
        auto *end = sites + n, *at = std::find_if(sites, end, [&](const struct pattern_site &s) {
            return s.owner == site.owner && s.func == site.func && s.at == site.at && s.replaced;
        });
        return at == end ? nullptr : at;
    }
};

} // namespace

PreservedAnalyses ConvolutionPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("convolutions");
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    bool nested = any_of(loops, [](const Loop *l) { return !l->isInnermost(); });
    bool changed = is_own_function(f) && nested && Search(f, analyses, unit, places).run();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
