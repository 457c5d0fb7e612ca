/* llvm_maps.cpp: loops that make elements of arrays from those of others, one by one.
 *
 * Whether the stores of a loop are a function of what it loads in the same round is seen in front of LLVM's
 * vectoriser, when the loop has the form that this sees. Nothing is replaced: what makes such a loop fast are
 * LLVM's vectors, and whether there are any only LLVM knows. So each place is listed with what the vectoriser
 * itself remarks about the loop, which is found by its metadata. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

struct Access {
    Instruction *i;
    const SCEV *first; /* pointer of the first round */
    int64_t step;      /* bytes; 0: the same in all rounds, or not a constant */
    uint64_t bytes;
};

/* What is done to an element, from what is loaded to what is stored. */
enum step {
    CONVERT,
    SCALE,
    OFFSET,
    LOW,
    HIGH,
    RELU,
    ROUND_EVEN,
    ROUND_AWAY,
    ROUND_DOWN,
    ROUND_UP,
    ROUND_ZERO,
    MAGNITUDE,
    NEGATE,
    ROOT,
    BITS,
    NAN_RULE,
    STEPS
};

/* A path from one load, or from two that are combined, to a store. */
struct Path {
    Value *start = nullptr;          /* where it begins; a BinaryOperator or an intrinsic: of two paths */
    SmallVector<enum step, 8> steps; /* from the start on */
    bool saturates = false;
};

class Map
{
  public:
    Map(Loop &l, ScalarEvolution &se, const DominatorTree &dom) : loop(l), evolution(se), dominators(dom) {}

    /* Whether each round stores, to places that go up or down evenly, functions of what it loads; perhaps
     * only if some condition on that holds. */
    bool is_one()
    {
        return loop.getLoopPredecessor() && loop.getLoopLatch() && loop.getNumBlocks() <= blocks_most &&
               all_of(loop.blocks(), [&](BasicBlock *b) { return only_accesses(*b); }) && stores_any() &&
               runs_enough() && ends_by_count() &&
               all_of(loop.getHeader()->phis(), [&](PHINode &p) { return counts(&p); }) &&
               all_of(used_behind, [&](Instruction *i) { return counts(i); }) &&
               all_of(accesses, [&](Instruction *i) { return add(*i); }) &&
               all_of(stores, [&](const Access &s) { return is_of_this_round(s); });
    }

    /* What it computes, in words. */
    void describe(raw_ostream &out)
    {
        Value *stored = stores.front().i->getOperand(0);
        name(stored, out);
        out << "; ";
        if (source && source->getType() != stored->getType()) {
            print(*source->getType(), out);
            out << " to ";
        }
        print(*stored->getType(), out);
        if (stores.size() > 1)
            out << ", " << stores.size() << " a round";
        if (any_of(stores, is_strided) || any_of(loads, is_strided))
            out << ", strided";
        if (any_of(stores, [&](const Access &s) { return !in_every_round(*s.i); }))
            out << ", under a condition";
    }

    bool has_own_vectors() const
    {
        return stores.front().i->getOperand(0)->getType()->isVectorTy();
    }

  private:
    static constexpr unsigned rounds_least = 16; /* what other loops leave behind makes fewer */
    static constexpr size_t blocks_most = 16, instructions_most = 200, accesses_most = 32, steps_most = 8;

    Loop &loop;
    ScalarEvolution &evolution;
    const DominatorTree &dominators;
    SmallVector<Instruction *, 16> accesses;
    SmallVector<Instruction *, 4> used_behind;
    SmallVector<Access, 8> loads, stores;
    size_t instructions = 0;
    Value *source = nullptr; /* a load that the first stored value is made of */

    /* --- Whether it is one: what costs little to tell is asked first. --- */

    /* Whether all that it does is to load, to store, and to compute. */
    bool only_accesses(BasicBlock &b)
    {
        for (Instruction &i : b) {
            if (++instructions > instructions_most || !only_accesses(i))
                return false;
            if (any_of(i.users(), [&](User *u) { return !loop.contains(cast<Instruction>(u)); }))
                used_behind.push_back(&i);
        }
        return true;
    }

    bool only_accesses(Instruction &i)
    {
        auto *load = dyn_cast<LoadInst>(&i);
        auto *store = dyn_cast<StoreInst>(&i);
        if (!load && !store)
            return !i.mayHaveSideEffects() && !i.mayReadOrWriteMemory();
        accesses.push_back(&i);
        return load ? load->isSimple() : store->isSimple();
    }

    bool in_every_round(const Instruction &i) const
    {
        return dominators.dominates(i.getParent(), loop.getLoopLatch());
    }

    bool stores_any() const
    {
        return any_of(accesses, [](const Instruction *i) { return isa<StoreInst>(i); });
    }

    bool runs_enough()
    {
        unsigned most = evolution.getSmallConstantMaxTripCount(&loop);
        return !most || most >= rounds_least;
    }

    const SCEVAddRecExpr *going(Value *v)
    {
        if (!evolution.isSCEVable(v->getType()))
            return nullptr;
        auto *at = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(v));
        return at && at->getLoop() == &loop && at->isAffine() ? at : nullptr;
    }
    bool counts(Value *v)
    {
        return going(v) != nullptr;
    }

    /* Whether nothing but numbers of rounds ends it; checks of bounds may come before the last round. */
    bool ends_by_count()
    {
        SmallVector<BasicBlock *, 4> exiting;
        loop.getExitingBlocks(exiting);
        return !exiting.empty() && all_of(exiting, [&](BasicBlock *b) { return is_end(*b); });
    }

    bool is_end(BasicBlock &exiting)
    {
        auto *br = dyn_cast<BranchInst>(exiting.getTerminator());
        auto *compare = br && br->isConditional() ? dyn_cast<ICmpInst>(br->getCondition()) : nullptr;
        if (!compare || !dominators.dominates(&exiting, loop.getLoopLatch()))
            return false;
        Value *x = compare->getOperand(0), *y = compare->getOperand(1);
        return (counts(x) && loop.isLoopInvariant(y)) || (counts(y) && loop.isLoopInvariant(x));
    }

    /* Whether its places are the same in each round, or go up or down evenly; those of stores do. */
    bool add(Instruction &i)
    {
        const DataLayout &layout = i.getModule()->getDataLayout();
        bool stored = isa<StoreInst>(i);
        auto &to = stored ? stores : loads;
        Value &pointer = *getLoadStorePointerOperand(&i);
        const SCEV *at = evolution.getSCEV(&pointer);
        Access a = {&i, at, 0, layout.getTypeStoreSize(getLoadStoreType(&i)).getFixedValue()};
        if (const SCEVAddRecExpr *goes = going(&pointer)) {
            const SCEV *by = goes->getStepRecurrence(evolution);
            a.first = goes->getStart();
            if (auto *c = dyn_cast<SCEVConstant>(by); c && c->getAPInt().getSignificantBits() <= 32)
                a.step = c->getAPInt().getSExtValue();
            else
                return false;
        } else if (!loop.isLoopInvariant(&pointer) && !evolution.isLoopInvariant(at, &loop)) {
            return false;
        }
        to.push_back(a);
        return to.size() <= accesses_most && (!stored || a.step);
    }

    /* No load is known to read what a store of an earlier round has left. */
    bool is_of_this_round(const Access &store)
    {
        return all_of(loads, [&](const Access &load) {
            auto *apart = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(store.first, load.first));
            return !apart || apart->getAPInt().getSignificantBits() > 32 ||
                   !reads_earlier(store, load, apart->getAPInt().getSExtValue());
        });
    }

    /* Of a store that begins `apart` bytes above the load: whether there are m > 0 with
     * apart - load.bytes < m * step < apart + store.bytes. */
    static bool reads_earlier(const Access &store, const Access &load, int64_t apart)
    {
        int64_t read = static_cast<int64_t>(load.bytes), written = static_cast<int64_t>(store.bytes);
        int64_t step = store.step;
        if (load.step != step)
            return true;
        if (step < 0) {
            apart = read - apart - written;
            step = -step;
        }
        int64_t least = std::max<int64_t>(1, apart < read ? 1 : (apart - read) / step + 1);
        return least * step < apart + written;
    }

    static bool is_strided(const Access &a)
    {
        return a.step && static_cast<uint64_t>(std::abs(a.step)) != a.bytes;
    }

    /* --- What it is. --- */

    bool same_each_round(Value *v) const
    {
        if (loop.isLoopInvariant(v))
            return true;
        auto *load = dyn_cast<LoadInst>(v);
        return load && any_of(loads, [&](const Access &a) { return a.i == load && !a.step; });
    }

    /* The operand that is another one each round, if there is only one. */
    Value *only_changing(Value *x, Value *y) const
    {
        if (same_each_round(x) == same_each_round(y))
            return nullptr;
        return same_each_round(x) ? y : x;
    }

    /* One step back from `v`; null: there is none. */
    Value *back(Value *v, Path *p) const
    {
        enum step s = STEPS;
        Value *x = nullptr;
        if (auto *cast = dyn_cast<CastInst>(v)) {
            s = CONVERT, x = cast->getOperand(0);
        } else if (auto *call = dyn_cast<IntrinsicInst>(v)) {
            x = back_of_intrinsic(*call, &s, p);
        } else if (isa<SelectInst>(v)) {
            x = back_of_select(v, &s);
        } else if (match(v, m_FNeg(m_Value(x))) || match(v, m_Neg(m_Value(x)))) {
            s = NEGATE;
        } else if (auto *op = dyn_cast<BinaryOperator>(v)) {
            x = only_changing(op->getOperand(0), op->getOperand(1));
            s = step_of(*op, x == op->getOperand(0));
            if (op->getOpcode() == Instruction::FAdd && op->getOperand(0) == op->getOperand(1))
                s = SCALE, x = op->getOperand(0);
        }
        if (!x || s == STEPS)
            return nullptr;
        p->steps.insert(p->steps.begin(), s);
        return x;
    }

    static enum step step_of(const BinaryOperator &op, bool first)
    {
        switch (op.getOpcode()) {
        case Instruction::FMul:
        case Instruction::Mul:
        case Instruction::Shl: return first || op.isCommutative() ? SCALE : STEPS;
        case Instruction::FDiv: return first ? SCALE : STEPS;
        case Instruction::FAdd:
        case Instruction::Add:
        case Instruction::FSub:
        case Instruction::Sub: return OFFSET;
        case Instruction::And:
        case Instruction::Or:
        case Instruction::Xor:
        case Instruction::LShr:
        case Instruction::AShr: return first || op.isCommutative() ? BITS : STEPS;
        default: return STEPS;
        }
    }

    static enum step low_of(const Value *bound)
    {
        return match(bound, m_CombineOr(m_Zero(), m_AnyZeroFP())) ? RELU : LOW;
    }

    Value *back_of_intrinsic(IntrinsicInst &call, enum step *s, Path *p) const
    {
        Value *x = call.arg_size() ? call.getArgOperand(0) : nullptr;
        switch (call.getIntrinsicID()) {
        case Intrinsic::roundeven:
        case Intrinsic::rint:
        case Intrinsic::nearbyint: *s = ROUND_EVEN; return x;
        case Intrinsic::round: *s = ROUND_AWAY; return x;
        case Intrinsic::floor: *s = ROUND_DOWN; return x;
        case Intrinsic::ceil: *s = ROUND_UP; return x;
        case Intrinsic::trunc: *s = ROUND_ZERO; return x;
        case Intrinsic::abs:
        case Intrinsic::fabs: *s = MAGNITUDE; return x;
        case Intrinsic::sqrt: *s = ROOT; return x;
        case Intrinsic::fptosi_sat:
        case Intrinsic::fptoui_sat:
            *s = CONVERT;
            p->saturates = true;
            return x;
        case Intrinsic::smax:
        case Intrinsic::umax:
        case Intrinsic::maxnum:
        case Intrinsic::maximum:
            x = only_changing(x, call.getArgOperand(1));
            *s = x ? low_of(call.getArgOperand(x == call.getArgOperand(0))) : STEPS;
            return x;
        case Intrinsic::smin:
        case Intrinsic::umin:
        case Intrinsic::minnum:
        case Intrinsic::minimum: *s = HIGH; return only_changing(x, call.getArgOperand(1));
        default: return nullptr;
        }
    }

    /* A bound, or another value for NaN. */
    Value *back_of_select(Value *v, enum step *s) const
    {
        Value *x, *y, *asked;
        auto *select = cast<SelectInst>(v);
        CmpInst::Predicate nan;
        if (match(select->getCondition(), m_FCmp(nan, m_Value(asked), m_Value(y))) &&
            (nan == CmpInst::FCMP_ORD || nan == CmpInst::FCMP_UNO)) {
            *s = NAN_RULE;
            x = select->getOperand(nan == CmpInst::FCMP_ORD ? 1 : 2);
            return same_each_round(select->getOperand(nan == CmpInst::FCMP_ORD ? 2 : 1)) && leads_to(x, asked)
                       ? x
                       : nullptr;
        }
        SelectPatternFlavor flavor = matchSelectPattern(v, x, y).Flavor;
        Value *changing = x && y && SelectPatternResult::isMinOrMax(flavor) ? only_changing(x, y) : nullptr;
        bool most = flavor == SPF_SMIN || flavor == SPF_UMIN || flavor == SPF_FMINNUM;
        if (changing)
            *s = most ? HIGH : low_of(changing == x ? y : x);
        if (flavor == SPF_ABS) {
            *s = MAGNITUDE;
            changing = x;
        }
        return changing;
    }

    /* Whether `x` is made of `from`, which decides whether it is NaN, and nothing else. */
    bool leads_to(Value *x, Value *from) const
    {
        Path p;
        while (x && x != from && p.steps.size() < steps_most)
            x = back(x, &p);
        return x == from;
    }

    Path path_to(Value *v) const
    {
        Path p;
        while (Value *x = p.steps.size() < steps_most ? back(v, &p) : nullptr)
            v = x;
        p.start = v;
        return p;
    }

    bool is_load(Value *v) const
    {
        return isa<LoadInst>(v) && !same_each_round(v);
    }

    /* All but conversions and what is done to NaN. */
    static SmallVector<enum step, 8> in_short(const Path &p)
    {
        SmallVector<enum step, 8> steps;
        copy_if(p.steps, std::back_inserter(steps),
                [](enum step s) { return s != CONVERT && s != NAN_RULE; });
        return steps;
    }

    static bool is_clamp(enum step a, enum step b)
    {
        auto low = [](enum step s) { return s == LOW || s == RELU; };
        return (low(a) && b == HIGH) || (a == HIGH && low(b));
    }

    static void print(ArrayRef<enum step> steps, raw_ostream &out)
    {
        static const char *const names[STEPS] = {
            "convert", "scale", "offset",   "lower bound", "upper bound", "relu", "half even", "half away",
            "floor",   "ceil",  "truncate", "magnitude",   "negate",      "root", "bits",      "NaN"};
        for (size_t k = 0; k < steps.size(); k++) {
            bool both = k + 1 < steps.size() && is_clamp(steps[k], steps[k + 1]);
            out << (k ? ", " : "") << (both ? "clamp" : names[steps[k]]);
            k += both;
        }
    }

    static void print(const Type &t, raw_ostream &out)
    {
        if (auto *v = dyn_cast<FixedVectorType>(&t))
            out << v->getNumElements() << " x ";
        const Type &e = *t.getScalarType();
        out << (e.isFloatingPointTy() ? 'f' : 'i') << e.getPrimitiveSizeInBits().getFixedValue();
    }

    static bool rounds(enum step s)
    {
        return s >= ROUND_EVEN && s <= ROUND_ZERO;
    }

    void name(Value *stored, raw_ostream &out)
    {
        Path p = path_to(stored);
        SmallVector<enum step, 8> steps = in_short(p);
        if (is_load(p.start)) {
            source = p.start;
            name_of_one(*stored->getType(), p, steps, out);
        } else if (same_each_round(p.start) && steps.empty()) {
            out << "fill";
        } else if (counts(p.start)) {
            out << "numbers";
        } else if (name_of_two(p.start, out)) {
            out << (steps.empty() ? "" : ", ");
            print(steps, out);
        } else {
            size_t n = operations(stored);
            out << "expression of " << n << (n == 1 ? " operation" : " operations");
        }
    }

    void name_of_one(Type &to, const Path &p, ArrayRef<enum step> steps, raw_ostream &out)
    {
        Type &from = *p.start->getType();
        bool narrow = to.isIntOrIntVectorTy() && from.isFPOrFPVectorTy();
        bool widens = from.isIntOrIntVectorTy() && to.isFPOrFPVectorTy();
        if (p.steps.empty()) {
            out << "copy";
        } else if (steps.empty()) {
            out << (p.saturates ? "saturating conversion" : "conversion");
        } else {
            if (narrow && (steps.size() > 1 || rounds(steps[0])))
                out << "quantise: ";
            else if (widens && is_contained(steps, SCALE))
                out << "dequantise: ";
            print(steps, out);
            if (narrow && p.saturates)
                out << ", saturating";
        }
    }

    /* Two elements that are combined. */
    bool name_of_two(Value *v, raw_ostream &out)
    {
        const char *what = nullptr;
        Value *x = nullptr, *y = nullptr;
        if (auto *op = dyn_cast<BinaryOperator>(v))
            what = name_of(*op), x = op->getOperand(0), y = op->getOperand(1);
        else if (auto *call = dyn_cast<IntrinsicInst>(v); call && call->arg_size() == 2)
            what = name_of(*call), x = call->getArgOperand(0), y = call->getArgOperand(1);
        else if (isa<SelectInst>(v))
            what = name_of(matchSelectPattern(v, x, y).Flavor);
        if (!what || !x || !y)
            return false;
        Path p = path_to(x), q = path_to(y);
        if (!is_load(p.start) || !is_load(q.start))
            return false;
        source = p.start;
        SmallVector<enum step, 8> before = in_short(p), beside = in_short(q);
        if (before.size() + beside.size() > 2)
            return false;
        before.append(beside);
        print(before, out);
        out << (before.empty() ? "" : ", ") << what;
        return true;
    }

    static const char *name_of(const BinaryOperator &op)
    {
        switch (op.getOpcode()) {
        case Instruction::FAdd:
        case Instruction::Add: return "add";
        case Instruction::FSub:
        case Instruction::Sub: return "subtract";
        case Instruction::FMul:
        case Instruction::Mul: return "multiply";
        case Instruction::FDiv: return "divide";
        case Instruction::And:
        case Instruction::Or:
        case Instruction::Xor: return "bits";
        default: return nullptr;
        }
    }
    static const char *name_of(const IntrinsicInst &call)
    {
        switch (call.getIntrinsicID()) {
        case Intrinsic::sadd_sat:
        case Intrinsic::uadd_sat: return "add, saturating";
        case Intrinsic::ssub_sat:
        case Intrinsic::usub_sat: return "subtract, saturating";
        case Intrinsic::smax:
        case Intrinsic::umax:
        case Intrinsic::maximum:
        case Intrinsic::maxnum: return "maximum";
        case Intrinsic::smin:
        case Intrinsic::umin:
        case Intrinsic::minimum:
        case Intrinsic::minnum: return "minimum";
        default: return nullptr;
        }
    }
    static const char *name_of(SelectPatternFlavor f)
    {
        switch (f) {
        case SPF_SMIN:
        case SPF_UMIN:
        case SPF_FMINNUM: return "minimum";
        case SPF_SMAX:
        case SPF_UMAX:
        case SPF_FMAXNUM: return "maximum";
        default: return nullptr;
        }
    }

    /* Instructions that the value is made by, loads and what leads to their addresses not counted. */
    size_t operations(Value *v)
    {
        SmallPtrSet<Instruction *, 32> seen;
        SmallVector<Value *, 16> todo = {v};
        while (!todo.empty()) {
            auto *i = dyn_cast<Instruction>(todo.pop_back_val());
            if (!i || !loop.contains(i) || counts(i) || isa<LoadInst>(i) || !seen.insert(i).second)
                continue;
            todo.append(i->value_op_begin(), i->value_op_end());
        }
        return seen.size();
    }
};

const char *vectors_of(unsigned lanes)
{
    switch (lanes) {
    case 2: return "vectors of 2";
    case 4: return "vectors of 4";
    case 8: return "vectors of 8";
    case 16: return "vectors of 16";
    case 32: return "vectors of 32";
    case 64: return "vectors of 64";
    default: return "vectors";
    }
}

/* What the vectoriser calls its reasons; null: it is none. */
const char *reason_of(StringRef remark)
{
    return StringSwitch<const char *>(remark)
        .Case("CantComputeNumberOfIterations", "how often it runs is not known before it")
        .Cases("CantReorderMemOps", "UnsafeDep", "what it writes may be what it reads")
        .Cases("CantIdentifyArrayBounds", "CantCheckMemDepsAtRunTime", "where its addresses end is not known")
        .Cases("CantVersionLoopWithOptForSize", "NoTailLoopWithOptForSize", "VectorizationCodeSize",
               "it seldom runs")
        .Case("LowTripCount", "it makes too few rounds")
        .Cases("CFGNotUnderstood", "NoCFGForSelect", "ConditionalStore", "its branches")
        .Cases("VectorizationNotBeneficial", "InterleavingNotBeneficial", "vectors would not be faster")
        .Cases("MissedExplicitlyDisabled", "AllDisabled", "vectors are not allowed in it")
        .StartsWith("Cant", "there are no vectors for what it does")
        .StartsWith("No", "something that it carries from round to round")
        .Default(nullptr);
}

unsigned lanes_in(const DiagnosticInfoIROptimization &remark)
{
    unsigned lanes = 0;
    for (const auto &a : remark.getArgs()) {
        if (a.Key == "VectorizationFactor")
            StringRef(a.Val).getAsInteger(10, lanes);
    }
    return lanes;
}

} // namespace

/* --- What becomes of places. --- */

const char MapPlaces::no_reason[] = "LLVM makes no vectors of it";

MapPlaces::MapPlaces(const DiagnosticHandler &before)
{
    DiagnosticContext = before.DiagnosticContext;
    DiagHandlerCallback = before.DiagHandlerCallback;
}

MapPlaces::~MapPlaces() = default;

MapPlaces &MapPlaces::listen(LLVMContext &context, PassInstrumentationCallbacks &callbacks)
{
    auto *places = new MapPlaces(*context.getDiagHandlerPtr());
    context.setDiagnosticHandler(std::unique_ptr<DiagnosticHandler>(places));
    callbacks.registerBeforeNonSkippedPassCallback([places](StringRef pass, Any) {
        places->running = pass == "LoopVectorizePass" && !places->sites.empty();
    });
    callbacks.registerAfterPassCallback(
        [places](StringRef, Any, const PreservedAnalyses &) { places->running = false; });
    return *places;
}

void MapPlaces::add(Loop &l, const struct pattern_site &site)
{
    addStringMetadataToLoop(&l, LOOP_IS_MAP, static_cast<unsigned>(sites.size()));
    sites.push_back(site);
    patterns_note(&site);
}

bool MapPlaces::isAnalysisRemarkEnabled(StringRef pass) const
{
    return running && pass == "loop-vectorize";
}

bool MapPlaces::isMissedOptRemarkEnabled(StringRef pass) const
{
    return isAnalysisRemarkEnabled(pass);
}

bool MapPlaces::isPassedOptRemarkEnabled(StringRef pass) const
{
    return isAnalysisRemarkEnabled(pass);
}

bool MapPlaces::isAnyRemarkEnabled() const
{
    return running;
}

bool MapPlaces::handleDiagnostics(const DiagnosticInfo &d)
{
    auto *remark = dyn_cast<DiagnosticInfoIROptimization>(&d);
    if (!remark)
        return DiagnosticHandler::handleDiagnostics(d);
    if (running)
        learn(*remark);
    return true;
}

/* The place of the innermost loop that a block is in: whoever goes back from there comes to its header. */
struct pattern_site *MapPlaces::site_of(const BasicBlock &b)
{
    constexpr size_t most = 32;
    SmallSetVector<const BasicBlock *, 8> blocks;
    blocks.insert(&b);
    for (size_t k = 0; k < blocks.size() && k < most; k++) {
        for (const BasicBlock *before : predecessors(blocks[k])) {
            MDNode *loop = before->getTerminator()->getMetadata(LLVMContext::MD_loop);
            MDNode *map = loop ? findOptionMDForLoopID(loop, LOOP_IS_MAP) : nullptr;
            if (map)
                return &sites[mdconst::extract<ConstantInt>(map->getOperand(1))->getZExtValue()];
            blocks.insert(before);
        }
    }
    return nullptr;
}

void MapPlaces::learn(const DiagnosticInfoIROptimization &remark)
{
    auto *block = dyn_cast_or_null<BasicBlock>(remark.getCodeRegion());
    struct pattern_site *site = block ? site_of(*block) : nullptr;
    if (!site || site->replaced)
        return;
    bool vectors = remark.getRemarkName() == "Vectorized";
    const char *reason = vectors ? vectors_of(lanes_in(remark)) : reason_of(remark.getRemarkName());
    if (!reason || (!vectors && site->text != no_reason))
        return;
    site->replaced = vectors;
    site->text = reason;
    patterns_note(site);
}

PreservedAnalyses MapsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("maps");
    if (!is_own_function(f))
        return PreservedAnalyses::all();
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    if (loops.empty())
        return PreservedAnalyses::all();
    auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
    auto &dominators = analyses.getResult<DominatorTreeAnalysis>(f);
    for (Loop *l : loops.getLoopsInPreorder()) {
        if (!l->isInnermost() || findStringMetadataForLoop(l, LOOP_IS_MAP) ||
            findStringMetadataForLoop(l, LOOP_TAKES_SUMS))
            continue;
        Map map(*l, evolution, dominators);
        if (!map.is_one())
            continue;
        SmallString<96> evidence;
        raw_svector_ostream out(evidence);
        map.describe(out);
        struct pattern_site site = site_of(unit, f, l, loops, PATTERN_MAP, evidence);
        site.replaced = map.has_own_vectors();
        site.text = site.replaced ? "the module's own vectors" : MapPlaces::no_reason;
        if (!is_listed(site))
            places.add(*l, site);
    }
    return PreservedAnalyses::all();
}
