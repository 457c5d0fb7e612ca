/* llvm_networks.cpp: what neural networks are made of where it goes through exp, tanh and the like:
 * activations, softmax, attention.
 *
 * Nothing is replaced. Results stay those of the module's own functions, bit for bit, so that the only
 * vectors that there could be are those that LLVM makes of these functions; what LLVM says of the loop is
 * listed with it, as with maps. Addresses are compared by where they begin, all loops around left out. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_curves.h"
#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include <cmath>

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

/* What an expression is at a point: `x` stands for the number, whatever it is made of. */
class Expression
{
  public:
    Expression(const Value &number, const Loop &l) : x(number), loop(l) {}

    bool at(const Value &v, double point, double *y, unsigned deep = 0) const
    {
        constexpr unsigned deep_most = 24;
        if (&v == &x) {
            *y = point;
            return true;
        }
        if (auto *c = dyn_cast<ConstantFP>(&v)) {
            *y = number_of(*c);
            return true;
        }
        auto *i = dyn_cast<Instruction>(&v);
        if (!i || !loop.contains(i) || deep == deep_most || !of_instruction(*i, point, y, deep + 1))
            return false;
        if (v.getType()->isFloatTy())
            *y = static_cast<float>(*y);
        return true;
    }

  private:
    const Value &x;
    const Loop &loop;

    static double number_of(const ConstantFP &c)
    {
        APFloat f = c.getValueAPF();
        bool loses;
        f.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &loses);
        return f.convertToDouble();
    }

    bool of_instruction(const Instruction &i, double point, double *y, unsigned deep) const
    {
        double a, b;
        enum curve c = curve_marked(i);
        if (c != CURVES) {
            if (!at(*i.getOperand(0), point, &a, deep))
                return false;
            *y = curve_at(c, a);
            return true;
        }
        if (auto *select = dyn_cast<SelectInst>(&i))
            return of_select(*select, point, y, deep);
        if (isa<FPExtInst, FPTruncInst>(i))
            return at(*i.getOperand(0), point, y, deep);
        if (i.getOpcode() == Instruction::FNeg) {
            if (!at(*i.getOperand(0), point, &a, deep))
                return false;
            *y = -a;
            return true;
        }
        if (auto *call = dyn_cast<IntrinsicInst>(&i))
            return of_intrinsic(*call, point, y, deep);
        if (!isa<BinaryOperator>(i) || !at(*i.getOperand(0), point, &a, deep) ||
            !at(*i.getOperand(1), point, &b, deep))
            return false;
        switch (i.getOpcode()) {
        case Instruction::FAdd: *y = a + b; return true;
        case Instruction::FSub: *y = a - b; return true;
        case Instruction::FMul: *y = a * b; return true;
        case Instruction::FDiv: *y = a / b; return true;
        default: return false;
        }
    }

    bool of_intrinsic(const IntrinsicInst &call, double point, double *y, unsigned deep) const
    {
        double a;
        if (call.getIntrinsicID() != Intrinsic::fabs || !at(*call.getArgOperand(0), point, &a, deep))
            return false;
        *y = fabs(a);
        return true;
    }

    bool of_select(const SelectInst &s, double point, double *y, unsigned deep) const
    {
        auto *compare = dyn_cast<FCmpInst>(s.getCondition());
        double a, b;
        if (!compare || !at(*compare->getOperand(0), point, &a, deep) ||
            !at(*compare->getOperand(1), point, &b, deep))
            return false;
        bool yes = FCmpInst::compare(APFloat(a), APFloat(b), compare->getPredicate());
        return at(*(yes ? s.getTrueValue() : s.getFalseValue()), point, y, deep);
    }
};

/* A softmax: what is known of it on the way. */
struct Softmax {
    explicit Softmax(Loop *l) : loop(l) {}
    Loop *loop;
    const SCEV *from = nullptr, *to = nullptr; /* where elements begin; to: null, if they are not stored */
    const Instruction *element = nullptr;      /* a load of one */
    Value *greatest = nullptr;                 /* that is subtracted, or null */
    SmallSetVector<Value *, 8> exps;           /* marks in the loop */
    SmallSetVector<Value *, 16> sums;          /* and what their sum is on its way to the division */
    Instruction *divides = nullptr;
    bool mean = false; /* what is divided is a sum of products with them */
};

class Networks
{
  public:
    Networks(Function &f, FunctionAnalysisManager &analyses, const struct llvm_unit &u, MapPlaces &p)
        : function(f), loops(analyses.getResult<LoopAnalysis>(f)),
          evolution(analyses.getResult<ScalarEvolutionAnalysis>(f)), unit(u), places(p)
    {
    }

    void run(ArrayRef<CallInst *> marks)
    {
        SmallSetVector<Loop *, 4> found;
        for (CallInst *mark : marks) {
            if (Loop *l = loops.getLoopFor(mark->getParent()))
                found.insert(l);
        }
        for (Loop *l : found) {
            Softmax s(l);
            if (is_softmax(s, marks)) {
                note_softmax(s);
                note_attention(s);
            } else {
                note_activation(*l);
            }
        }
    }

  private:
    Function &function;
    LoopInfo &loops;
    ScalarEvolution &evolution;
    const struct llvm_unit &unit;
    MapPlaces &places;

    /* --- Places in memory. --- */

    /* Where an access is in the first rounds of all loops that it goes with: its index of 32 bits, if it has
     * one, as sums wrap around there. */
    const SCEV *begin_of(Value *pointer)
    {
        const SCEV *s = start_of(evolution.getSCEV(pointer));
        auto *sum = dyn_cast<SCEVAddExpr>(s);
        Type *narrow = Type::getInt32Ty(function.getContext());
        const SCEV *index = evolution.getZero(narrow);
        for (const SCEV *part : sum ? sum->operands() : ArrayRef<const SCEV *>()) {
            auto *wide = dyn_cast<SCEVZeroExtendExpr>(part);
            if (wide && wide->getOperand()->getType() == narrow)
                index = evolution.getAddExpr(index, start_of(wide->getOperand()));
            else if (isa<SCEVConstant>(part))
                index = evolution.getAddExpr(index, evolution.getTruncateExpr(part, narrow));
            else if (!part->getType()->isPointerTy())
                return s;
        }
        return sum ? index : s;
    }
    const SCEV *start_of(const SCEV *s)
    {
        while (auto *goes = dyn_cast<SCEVAddRecExpr>(s))
            s = goes->getStart();
        auto *sum = dyn_cast<SCEVAddExpr>(s);
        if (!sum || none_of(sum->operands(), [](const SCEV *o) { return isa<SCEVAddRecExpr>(o); }))
            return s;
        SmallVector<const SCEV *, 4> parts;
        for (const SCEV *o : sum->operands())
            parts.push_back(start_of(o));
        return evolution.getAddExpr(parts);
    }
    const SCEV *begin_of_access(Value *load_or_store)
    {
        return begin_of(getLoadStorePointerOperand(load_or_store));
    }

    bool goes_with(Value *pointer, const Loop &l)
    {
        auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(pointer));
        return goes && goes->getLoop() == &l && goes->isAffine();
    }

    static SmallPtrSet<const SCEV *, 8> unknowns_of(const SCEV *s)
    {
        struct Collect {
            SmallPtrSet<const SCEV *, 8> found;
            bool follow(const SCEV *e)
            {
                if (isa<SCEVUnknown>(e))
                    found.insert(e);
                return true;
            }
            bool isDone() const
            {
                return false;
            }
        } collect;
        visitAll(s, collect);
        return collect.found;
    }

    /* Whether both are in one array: some elements apart, or as many as have been done before. */
    bool same_array(const SCEV *a, const SCEV *b)
    {
        constexpr int64_t near = 64; /* bytes of rounds in front of a loop */
        if (auto *u = dyn_cast_or_null<SCEVUnknown>(b); u && a != b && isa<PHINode>(u->getValue()))
            return goes_on(a, *cast<PHINode>(u->getValue()));
        if (!a || !b || a->getType() != b->getType())
            return false;
        const SCEV *d = evolution.getMinusSCEV(b, a);
        if (isa<SCEVCouldNotCompute>(d))
            return false;
        const SCEV *constant = d;
        if (auto *sum = dyn_cast<SCEVAddExpr>(d))
            constant = sum->getOperand(0);
        if (auto *c = dyn_cast<SCEVConstant>(constant)) {
            if (c->getAPInt().getSignificantBits() > 32 || std::abs(c->getAPInt().getSExtValue()) > near)
                return false;
            if (c == d)
                return true;
        }
        auto of_a = unknowns_of(a);
        return none_of(unknowns_of(d), [&](const SCEV *u) { return of_a.contains(u); });
    }

    /* Whether it is where one of several loops has stopped, each of which began in the array. */
    bool goes_on(const SCEV *a, PHINode &phi)
    {
        Loop *around = loops.getLoopFor(phi.getParent());
        return !(around && around->getHeader() == phi.getParent()) &&
               all_of(phi.incoming_values(),
                      [&](Value *v) { return same_array(a, start_of(evolution.getSCEV(v))); });
    }

    /* --- Softmax. --- */

    /* The same in all rounds of the loop. */
    static bool stays(const Loop &l, const Value *v)
    {
        return l.isLoopInvariant(v);
    }

    /* Takes `x` apart: an element, perhaps less what is subtracted from all of them, perhaps scaled. */
    LoadInst *element_of(Value *x, const Loop &l, Value **less)
    {
        Value *a, *b;
        *less = nullptr;
        for (unsigned k = 0; k < 3; k++) {
            if (match(x, m_FMul(m_Value(a), m_Value(b))) && (stays(l, a) || stays(l, b))) {
                x = stays(l, a) ? b : a;
            } else if (!*less && match(x, m_FSub(m_Value(a), m_Value(b))) && stays(l, b) && !stays(l, a)) {
                *less = b;
                x = a;
            } else {
                break;
            }
        }
        auto *load = dyn_cast<LoadInst>(x);
        return load && l.contains(load) && goes_with(load->getPointerOperand(), l) ? load : nullptr;
    }

    bool has_elements(Softmax &s, ArrayRef<CallInst *> marks)
    {
        for (CallInst *mark : marks) {
            Value *less;
            if (loops.getLoopFor(mark->getParent()) != s.loop)
                continue;
            LoadInst *load = curve_marked(*mark) == CURVE_EXP
                                 ? element_of(mark->getArgOperand(0), *s.loop, &less)
                                 : nullptr;
            if (!load)
                return false;
            const SCEV *from = begin_of_access(load);
            if (s.from && (less != s.greatest || !same_array(s.from, from)))
                return false;
            s.from = s.from ? s.from : from;
            s.greatest = less;
            s.element = load;
            s.exps.insert(mark);
        }
        return s.from != nullptr;
    }

    /* All that is stored in the loop are these numbers. */
    bool stores_them(Softmax &s)
    {
        for (BasicBlock *b : s.loop->blocks()) {
            for (Instruction &i : *b) {
                auto *store = dyn_cast<StoreInst>(&i);
                if (!store)
                    continue;
                if (!s.exps.contains(store->getValueOperand()) ||
                    !goes_with(store->getPointerOperand(), *s.loop))
                    return false;
                const SCEV *to = begin_of_access(store);
                if (s.to && !same_array(s.to, to))
                    return false;
                s.to = s.to ? s.to : to;
            }
        }
        return true;
    }

    /* What a number that is carried around a loop becomes in a round by additions of `terms` only; null. */
    static Instruction *sum_of(PHINode &phi, const Loop &l, function_ref<bool(Value *)> is_term)
    {
        Value *end = phi.getIncomingValueForBlock(l.getLoopLatch()), *v = end;
        unsigned terms = 0;
        while (v != &phi) {
            Value *a, *b;
            if (!match(v, m_FAdd(m_Value(a), m_Value(b))))
                return nullptr;
            if (is_term(a) == is_term(b))
                return nullptr;
            v = is_term(a) ? b : a;
            terms++;
        }
        return terms ? cast<Instruction>(end) : nullptr;
    }

    template <class T> void each_carried(T what)
    {
        for (Loop *l : loops.getLoopsInPreorder()) {
            if (!l->getLoopLatch())
                continue;
            for (PHINode &phi : l->getHeader()->phis()) {
                if (phi.getType()->isFloatingPointTy())
                    what(*l, phi);
            }
        }
    }

    bool is_loaded_from(Value *v, const SCEV *array)
    {
        auto *load = dyn_cast<LoadInst>(v);
        return array && load && same_array(array, begin_of_access(load));
    }

    /* The sum is made as they are, or of what they were stored as. */
    bool sums_them(Softmax &s)
    {
        for (PHINode &phi : s.loop->getHeader()->phis()) {
            unsigned terms = 0;
            Instruction *sum = phi.getType()->isFloatingPointTy() && s.loop->getLoopLatch()
                                   ? sum_of(phi, *s.loop, [&](Value *v) { return s.exps.contains(v); })
                                   : nullptr;
            for (Value *v = sum; v && v != &phi; terms++) {
                auto *add = cast<Instruction>(v);
                v = add->getOperand(s.exps.contains(add->getOperand(0)));
            }
            if (sum && terms == s.exps.size()) {
                s.sums.insert(sum);
                return true;
            }
        }
        each_carried([&](Loop &l, PHINode &phi) {
            Instruction *sum =
                l.contains(s.loop) || &l == s.loop || !s.to ? nullptr : sum_of(phi, l, [&](Value *v) {
                    return isa<LoadInst>(v) && is_loaded_from(v, s.to) &&
                           goes_with(getLoadStorePointerOperand(v), l);
                });
            if (sum && as_many(l, *s.loop))
                s.sums.insert(sum);
        });
        return !s.sums.empty();
    }

    /* But one; traps of what is called in it are no ends. */
    const SCEV *rounds_of(const Loop &l)
    {
        return l.getLoopLatch() ? evolution.getExitCount(&l, l.getLoopLatch())
                                : evolution.getCouldNotCompute();
    }

    /* Whether nothing says that two loops make other numbers of rounds, but for a few in front of one. */
    bool as_many(const Loop &a, const Loop &b)
    {
        const SCEV *x = rounds_of(a), *y = rounds_of(b);
        if (isa<SCEVCouldNotCompute>(x) || isa<SCEVCouldNotCompute>(y))
            return false;
        if (x == y)
            return true;
        if (x->getType() == y->getType()) {
            if (auto *c = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(x, y)))
                return c->getAPInt().getSignificantBits() <= 2;
        }
        auto of_x = unknowns_of(x), of_y = unknowns_of(y); /* unrolled, with rests */
        return !of_x.empty() && all_of(of_x, [&](const SCEV *u) { return of_y.contains(u); });
    }

    /* Through phis, and additions of rounds that stand behind the loop. */
    void follow(Softmax &s)
    {
        constexpr size_t most = 32;
        for (size_t k = 0; k < s.sums.size() && k < most; k++) {
            for (User *u : s.sums[k]->users()) {
                Value *a, *b;
                bool rest = match(u, m_FAdd(m_Value(a), m_Value(b))) &&
                            (curve_marked(*(s.sums.contains(a) ? b : a)) == CURVE_EXP ||
                             is_loaded_from(s.sums.contains(a) ? b : a, s.to));
                bool inverse = match(u, m_FDiv(m_FPOne(), m_Specific(s.sums[k])));
                CmpInst::Predicate p;
                bool not_nan = match(u, m_Select(m_FCmp(p, m_Specific(s.sums[k]), m_AnyZeroFP()), m_Value(),
                                                 m_Specific(s.sums[k]))) &&
                               p == FCmpInst::FCMP_UNO;
                if (isa<PHINode>(u) || rest || inverse || not_nan)
                    s.sums.insert(u);
            }
        }
    }

    /* Products with them that are added up. */
    bool is_mean(Value *v, const Softmax &s, SmallPtrSetImpl<Value *> &seen)
    {
        if (!isa<Instruction>(v) || !seen.insert(v).second || seen.size() > 32)
            return false;
        Value *a, *b;
        if (match(v, m_FMul(m_Value(a), m_Value(b))))
            return is_loaded_from(a, s.to) != is_loaded_from(b, s.to);
        if (match(v, m_FAdd(m_Value(a), m_Value(b))))
            return is_mean(a, s, seen) || is_mean(b, s, seen);
        auto *phi = dyn_cast<PHINode>(v);
        return phi && any_of(phi->incoming_values(), [&](Value *w) { return is_mean(w, s, seen); });
    }

    bool divides_by_it(Softmax &s)
    {
        for (Value *sum : s.sums) {
            for (User *u : sum->users()) {
                Value *a;
                bool by = match(u, m_FDiv(m_Value(a), m_Specific(sum))) ||
                          match(u, m_c_FMul(m_Value(a), m_Specific(sum)));
                SmallPtrSet<Value *, 16> seen;
                bool mean = by && !is_loaded_from(a, s.to) && is_mean(a, s, seen);
                if (!by || !(mean || is_loaded_from(a, s.to) || curve_marked(*a) == CURVE_EXP))
                    continue;
                s.divides = cast<Instruction>(u);
                s.mean = mean;
                return true;
            }
        }
        return false;
    }

    bool is_softmax(Softmax &s, ArrayRef<CallInst *> marks)
    {
        if (!has_elements(s, marks) || !stores_them(s) || !sums_them(s))
            return false;
        follow(s);
        return divides_by_it(s) && (!s.greatest || is_greatest(s));
    }

    /* --- The greatest of the elements. --- */

    /* The two that a value is the greater of. */
    static bool is_greater_of(Value *v, Value **a, Value **b)
    {
        if (match(v, m_Intrinsic<Intrinsic::maxnum>(m_Value(*a), m_Value(*b))) ||
            match(v, m_Intrinsic<Intrinsic::maximum>(m_Value(*a), m_Value(*b))))
            return true;
        CmpInst::Predicate p;
        Value *x, *y;
        if (!match(v, m_Select(m_FCmp(p, m_Value(x), m_Value(y)), m_Value(*a), m_Value(*b))))
            return false;
        if (*a == y && *b == x) {
            std::swap(x, y);
            p = CmpInst::getSwappedPredicate(p);
        }
        return *a == x && *b == y &&
               (p == FCmpInst::FCMP_OGT || p == FCmpInst::FCMP_OGE || p == FCmpInst::FCMP_UGT ||
                p == FCmpInst::FCMP_UGE);
    }

    /* An element of the range, or what is stored as one. */
    bool is_element(Value *v, const Softmax &s)
    {
        return is_loaded_from(v, s.from) || any_of(v->users(), [&](User *u) {
                   auto *store = dyn_cast<StoreInst>(u);
                   return store && store->getValueOperand() == v &&
                          same_array(s.from, begin_of_access(store));
               });
    }

    /* Whether it comes from choices of the greater among elements of the range, in a loop over all of it. */
    bool is_greatest(const Softmax &s)
    {
        constexpr size_t most = 64;
        SmallSetVector<Value *, 16> chosen;
        chosen.insert(s.greatest);
        bool all = false;
        for (size_t k = 0; k < chosen.size(); k++) {
            Value *v = chosen[k], *a, *b;
            if (k == most)
                return false;
            if (is_greater_of(v, &a, &b)) {
                chosen.insert(a);
                chosen.insert(b);
            } else if (is_element(v, s)) {
                Loop *l = isa<Instruction>(v) ? loops.getLoopFor(cast<Instruction>(v)->getParent()) : nullptr;
                all |= l && !l->contains(s.loop) && as_many(*l, *s.loop);
            } else if (auto *phi = dyn_cast<PHINode>(v)) {
                chosen.insert(phi->op_begin(), phi->op_end());
            } else if (!isa<ConstantFP>(v)) {
                return false;
            }
        }
        return all;
    }

    /* --- Attention. --- */

    /* A sum of products that is stored as the softmax's elements are, as it is or scaled. */
    StoreInst *stores_products(const Softmax &s)
    {
        for (Instruction &i : instructions(function)) {
            auto *store = dyn_cast<StoreInst>(&i);
            if (!store || s.loop->contains(store) ||
                !store->getValueOperand()->getType()->isFloatingPointTy() ||
                !same_array(s.from, begin_of_access(store)))
                continue;
            SmallPtrSet<Value *, 32> seen;
            if (is_sum_of_products(store->getValueOperand(), seen))
                return store;
        }
        return nullptr;
    }

    static bool is_product_of_loads(Value *v)
    {
        Value *a, *b;
        return match(v, m_FMul(m_Value(a), m_Value(b))) && isa<LoadInst>(a) && isa<LoadInst>(b);
    }

    bool is_sum_of_products(Value *v, SmallPtrSetImpl<Value *> &seen)
    {
        Value *a, *b;
        if (!isa<Instruction>(v) || !seen.insert(v).second || seen.size() > 48)
            return false;
        if (match(v, m_FMul(m_Value(a), m_Value(b))) || match(v, m_FDiv(m_Value(a), m_Value(b))))
            return is_sum_of_products(a, seen) || is_sum_of_products(b, seen);
        if (match(v, m_FAdd(m_Value(a), m_Value(b))))
            return is_product_of_loads(a) || is_product_of_loads(b) || is_sum_of_products(a, seen) ||
                   is_sum_of_products(b, seen);
        auto *phi = dyn_cast<PHINode>(v);
        return phi && any_of(phi->incoming_values(), [&](Value *w) { return is_sum_of_products(w, seen); });
    }

    /* What the softmax leaves, as a factor of sums. */
    bool multiplies(const Softmax &s)
    {
        const SCEV *left = s.to;
        for (User *u : s.divides->users()) {
            auto *store = dyn_cast<StoreInst>(u);
            if (store && !same_array(s.to, begin_of_access(store)))
                left = begin_of_access(store);
        }
        return s.mean || any_of(instructions(function), [&](Instruction &i) {
                   Value *a, *b;
                   return match(&i, m_FMul(m_Value(a), m_Value(b))) && isa<LoadInst>(a) && isa<LoadInst>(b) &&
                          is_loaded_from(a, left) != is_loaded_from(b, left) &&
                          any_of(i.users(),
                                 [](User *sum) { return match(sum, m_FAdd(m_Value(), m_Value())); });
               });
    }

    /* --- Listing. --- */

    void note_softmax(const Softmax &s)
    {
        SmallString<96> evidence;
        raw_svector_ostream(evidence)
            << "exp of " << type_of(*s.exps.front()) << (s.greatest ? ", greatest subtracted, " : ", ")
            << s.exps.size() << " a round" << (s.to ? "" : ", not stored")
            << (s.mean ? ", sums divided" : "");
        place(*s.loop, PATTERN_SOFTMAX, *s.element, evidence);
    }

    void note_attention(const Softmax &s)
    {
        StoreInst *scores = stores_products(s);
        if (!scores || !multiplies(s))
            return;
        Loop *outer = s.loop->getParentLoop();
        SmallString<96> evidence;
        raw_svector_ostream(evidence) << "softmax of " << type_of(*s.exps.front()) << " between products"
                                      << (s.mean ? ", sums divided" : "");
        struct pattern_site site = site_of(unit, function, outer, loops, PATTERN_ATTENTION, evidence);
        site.at = offset_of(*scores);
        site.text = "its products and its softmax are listed by themselves";
        if (!is_listed(site))
            patterns_note(&site);
    }

    static const char *type_of(const Value &v)
    {
        return v.getType()->isFloatTy() ? "f32" : "f64";
    }

    /* In the file it is where the element is: the function's constants are at one place for all loops. */
    void place(Loop &l, enum pattern pattern, const Instruction &element, StringRef evidence)
    {
        struct pattern_site site = site_of(unit, function, &l, loops, pattern, evidence);
        site.at = offset_of(element);
        site.text = MapPlaces::no_reason;
        if (findStringMetadataForLoop(&l, LOOP_IS_ELEMENTS)) {
            site.text = "its function of elements is listed by itself";
            patterns_note(&site);
            return;
        }
        places.add(l, site);
    }

    /* --- Activations. --- */

    /* Numbers that the stored one may be a curve of: what is loaded, and what is made of that and of numbers
     * that stay by a few operations. */
    void numbers_of(Value *v, const Loop &l, SmallSetVector<Value *, 16> &found)
    {
        constexpr size_t most = 48;
        SmallSetVector<Value *, 32> parts;
        parts.insert(v);
        for (size_t k = 0; k < parts.size() && k < most; k++) {
            auto *i = dyn_cast<Instruction>(parts[k]);
            if (!i || !l.contains(i) || isa<PHINode, LoadInst>(i))
                continue;
            bool marked = curve_marked(*i) != CURVES;
            for (Value *o : i->operands()) {
                if (!marked || o == i->getOperand(0))
                    parts.insert(o);
            }
        }
        for (Value *p : parts) {
            if (auto *load = dyn_cast<LoadInst>(p); load && goes_with(load->getPointerOperand(), l))
                found.insert(p);
        }
        for (Value *p : parts) {
            if (isa<BinaryOperator>(p) && is_of_loads(p, l, 0))
                found.insert(p);
        }
    }

    /* A few operations with numbers that stay, or between elements. */
    bool is_of_loads(Value *v, const Loop &l, unsigned deep)
    {
        if (l.isLoopInvariant(v))
            return true;
        if (auto *load = dyn_cast<LoadInst>(v))
            return goes_with(load->getPointerOperand(), l);
        return deep < 3 && isa<BinaryOperator>(v) && v->getType()->isFloatingPointTy() &&
               all_of(
                   cast<Instruction>(v)->operands(), [&](Value *o) { return is_of_loads(o, l, deep + 1); });
    }

    enum curve curve_from(Value &stored, const Value &number, const Loop &l)
    {
        Expression e(number, l);
        return curve_of([&](double x, double *y) { return e.at(stored, x, y); },
                        stored.getType()->isFloatTy());
    }

    /* The curve, or the operand of a product or sum that is one; `*with` says so. */
    enum curve find_curve(Value &stored, const Loop &l, bool *of_element, const char **with)
    {
        SmallVector<std::pair<Value *, const char *>, 3> tried = {{&stored, ""}};
        auto *op = dyn_cast<BinaryOperator>(&stored);
        if (op && (op->getOpcode() == Instruction::FMul || op->getOpcode() == Instruction::FAdd)) {
            const char *text = op->getOpcode() == Instruction::FMul ? ", multiply" : ", add";
            tried.push_back({op->getOperand(0), text});
            tried.push_back({op->getOperand(1), text});
        }
        for (auto &t : tried) {
            SmallSetVector<Value *, 16> numbers;
            numbers_of(t.first, l, numbers);
            for (Value *n : numbers) {
                enum curve c = n == t.first ? CURVES : curve_from(*t.first, *n, l);
                if (c == CURVES)
                    continue;
                *of_element = isa<LoadInst>(n);
                *with = t.second;
                return c;
            }
        }
        return CURVES;
    }

    void note_activation(Loop &l)
    {
        constexpr unsigned rounds_least = 16; /* what other loops leave behind makes fewer */
        unsigned most = evolution.getSmallConstantMaxTripCount(&l);
        if (most && most < rounds_least)
            return;
        for (BasicBlock *b : l.blocks()) {
            for (Instruction &i : *b) {
                auto *store = dyn_cast<StoreInst>(&i);
                if (!store || loops.getLoopFor(b) != &l || !goes_with(store->getPointerOperand(), l) ||
                    !store->getValueOperand()->getType()->isFloatingPointTy())
                    continue;
                bool of_element;
                const char *with;
                enum curve c = find_curve(*store->getValueOperand(), l, &of_element, &with);
                if (c == CURVES)
                    continue;
                SmallString<96> evidence;
                raw_svector_ostream(evidence) << curve_name(c) << (of_element ? "" : " of an expression")
                                              << with << "; " << type_of(*store->getValueOperand());
                place(l, PATTERN_ACTIVATION, *store, evidence);
                return;
            }
        }
    }
};

} // namespace

PreservedAnalyses NetworksPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("networks");
    SmallVector<CallInst *, 8> marks;
    for (Instruction &i : instructions(f)) {
        if (curve_marked(i) != CURVES)
            marks.push_back(cast<CallInst>(&i));
    }
    if (marks.empty())
        return PreservedAnalyses::all();
    if (is_own_function(f))
        Networks(f, analyses, unit, places).run(marks);
    for (CallInst *mark : marks) {
        mark->replaceAllUsesWith(mark->getArgOperand(1));
        mark->eraseFromParent();
    }
    return PreservedAnalyses::none();
}
