/* llvm_extremes.cpp: loops that look for the greatest or least number, and where it is, replaced by a kernel
 * of jit/patterns.
 *
 * Each element of a range, or its magnitude, is compared with the greatest so far, whose place it takes if
 * the comparison says so; beside it, perhaps, a value that goes up with the rounds replaces another one.
 * Magnitudes may be made by a comparison with 0, which leaves zeros and NaNs their signs: then it matters
 * that none of these is taken, which is so where the first one to be compared with is not below 0. The
 * greatest may also be loaded again in each round, from where it is. What becomes of NaNs, zeros of both
 * signs and equal numbers is a table of cases (llvm_choice.cpp) that the kernel is told, so that it is exact.
 * Two that are looked for in one loop, the least and the greatest of all, are found one after the other.
 * LLVM leaves such loops as they are, but for integers of which nobody asks where they are: those are listed.
 */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "extreme_form.h"
#include "patterns.h"
}

#include "llvm_choice.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_stretch.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

struct Element { /* what a round looks at */
    LoadInst *load;
    int64_t at;    /* bytes behind the first one's */
    Value *number; /* what is compared: the load, extended, or its magnitude */
};

/* One loop, and what it looks for. */
class Extreme
{
  public:
    /* `of_two`: of two that the loop looks for, the first or the second; -1: there is one. */
    Extreme(Loop &l, ScalarEvolution &se, const DominatorTree &dt, GlobalVariable &mem, int of_two = -1)
        : loop(l), evolution(se), dominators(dt), memory(mem), latch(l.getLoopLatch()), which_of_two(of_two)
    {
    }

    /* Whether that is all that it does; below is said how. */
    bool is_one()
    {
        return find_loads() && find_phis() && find_elements() && (find_chain(0) || find_chain(1));
    }

    SmallVector<Element, 8> elements; /* of a round, in order */
    PHINode *most = nullptr;          /* the greatest so far; null: it is loaded from where `index` says */
    PHINode *index = nullptr;         /* null: nobody asks where */
    const SCEVAddRecExpr *place = nullptr; /* what the index becomes with the first element */
    const SCEV *stride = nullptr;          /* and how much more with each further one */
    const SCEVAddRecExpr *again = nullptr; /* no `most`: `place` as the 32-bit index of the number, and */
    const SCEV *first_again = nullptr;     /* what is in the index at first so */
    int64_t offset = 0;                    /* the number lies beyond that */
    bool narrowed = false;                 /* the first one has only the lower bits of what `most` is then */
    bool chosen = false;                   /* magnitudes are chosen by a comparison with 0 */
    uint32_t form = 0;

    unsigned bits() const
    {
        return elements.front().load->getType()->getScalarSizeInBits();
    }
    Type *type() const
    {
        return elements.front().number->getType();
    }
    bool is_down() const
    {
        return form & DOWNWARDS;
    }
    /* Bytes from an element to the next one. */
    int64_t apart() const
    {
        return (is_down() ? -1 : 1) * static_cast<int64_t>(bits() / 8);
    }
    Value *next(PHINode *phi) const
    {
        return phi ? phi->getIncomingValueForBlock(latch) : nullptr;
    }

  private:
    static constexpr size_t instructions_most = 200, elements_most = 16;
    Loop &loop;
    ScalarEvolution &evolution;
    const DominatorTree &dominators;
    GlobalVariable &memory;
    BasicBlock *latch;
    int which_of_two;
    SmallVector<PHINode *, 2> phis; /* that do not go up with the rounds */
    SmallVector<LoadInst *, 8> loads, reloads;
    const SCEV *reload_index = nullptr; /* of the first one, by the phi `index` */

    const SCEVAddRecExpr *goes_up(Value *v)
    {
        auto *s =
            evolution.isSCEVable(v->getType()) ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(v)) : nullptr;
        return s && s->getLoop() == &loop && s->isAffine() ? s : nullptr;
    }

    bool find_loads()
    {
        if (!Stretch::has_shape(loop))
            return false;
        size_t instructions = 0;
        SmallVector<LoadInst *, 8> all;
        for (BasicBlock *block : loop.blocks()) {
            for (Instruction &i : *block) {
                auto *load = dyn_cast<LoadInst>(&i);
                if (++instructions > instructions_most ||
                    (load ? !load->isSimple() : i.mayHaveSideEffects() || i.mayReadOrWriteMemory()))
                    return false;
                if (load)
                    all.push_back(load);
            }
        }
        for (LoadInst *load : all)
            (goes_up(load->getPointerOperand()) ? loads : reloads).push_back(load);
        return !loads.empty() && loads.size() <= elements_most &&
               (reloads.empty() || reloads.size() == loads.size());
    }

    bool find_phis()
    {
        for (PHINode &phi : loop.getHeader()->phis()) {
            if (!goes_up(&phi))
                phis.push_back(&phi);
        }
        if (which_of_two >= 0) {
            if (phis.size() != 2 || !reloads.empty())
                return false;
            phis = {phis[static_cast<size_t>(which_of_two)]};
        }
        return !phis.empty() && phis.size() <= (reloads.empty() ? 2 : 1);
    }

    /* Elements follow one another, and each round goes on where the one before ended. */
    bool find_elements()
    {
        const SCEVAddRecExpr *first = goes_up(loads.front()->getPointerOperand());
        for (LoadInst *load : loads) {
            auto *apart = dyn_cast<SCEVConstant>(
                evolution.getMinusSCEV(evolution.getSCEV(load->getPointerOperand()), first));
            if (!apart || load->getType() != loads.front()->getType())
                return false;
            elements.push_back({load, apart->getAPInt().getSExtValue(), number_of(*load)});
        }
        auto *by = dyn_cast<SCEVConstant>(first->getStepRecurrence(evolution));
        if (!by)
            return false;
        form = by->getAPInt().isNegative() ? DOWNWARDS : 0;
        sort(elements,
             [&](const Element &a, const Element &b) { return is_down() ? a.at > b.at : a.at < b.at; });
        int64_t bytes = apart();
        for (size_t k = 0; k < elements.size(); k++) {
            if (elements[k].at != elements.front().at + static_cast<int64_t>(k) * bytes ||
                elements[k].number->getType() != type())
                return false;
        }
        return by->getAPInt().getSExtValue() == bytes * static_cast<int64_t>(elements.size()) && find_kind();
    }

    Value *number_of(LoadInst &load) const
    {
        if (Value *magnitude = chosen_magnitude(load))
            return magnitude;
        auto *user = load.hasOneUse() ? cast<Instruction>(*load.user_begin()) : nullptr;
        bool changed = user && (isa<ZExtInst, SExtInst>(user) || match(user, m_FAbs(m_Specific(&load))));
        return changed ? user : &load;
    }

    /* x < 0 ? -x : x, in any of its forms; what becomes of zeros and NaNs is not asked. Null: there is none.
     */
    static Value *chosen_magnitude(LoadInst &load)
    {
        for (User *u : load.users()) {
            CmpInst::Predicate is;
            Value *yes, *no;
            if (!match(u, m_Select(m_FCmp(is, m_Specific(&load), m_AnyZeroFP()), m_Value(yes), m_Value(no))))
                continue;
            CmpInst::Predicate ordered = CmpInst::getOrderedPredicate(is);
            bool below = ordered == CmpInst::FCMP_OLT || ordered == CmpInst::FCMP_OLE;
            bool above = ordered == CmpInst::FCMP_OGT || ordered == CmpInst::FCMP_OGE;
            if ((below && no == &load && match(yes, m_FNeg(m_Specific(&load)))) ||
                (above && yes == &load && match(no, m_FNeg(m_Specific(&load)))))
                return u;
        }
        return nullptr;
    }

    /* Whether no zero and no NaN, whose signs may be others than a magnitude's, can become the greatest: none
     * is above what is there at first, which is tested. */
    bool takes_no_sign() const
    {
        auto *start =
            most ? dyn_cast<ConstantFP>(most->getIncomingValueForBlock(loop.getLoopPreheader())) : nullptr;
        bool negative = start && (start->isNegative() && !start->isZero());
        return most && !negative && !(form & (LEAST | EQUAL | SIGNED_ZEROS | TAKES_NAN | CHANGES_NAN));
    }

    /* Whether there is a kernel for such elements. */
    bool find_kind()
    {
        Value *number = elements.front().number;
        chosen = isa<SelectInst>(number);
        if (type()->isFloatTy() || type()->isDoubleTy())
            return all_of(elements, [&](const Element &e) { return isa<SelectInst>(e.number) == chosen; });
        form |= isa<ZExtInst>(number) ? ZERO_EXTENDED : 0;
        return type()->isIntegerTy() && bits() >= 8 && isPowerOf2_32(bits()) &&
               (bits() == 64) == (type()->getIntegerBitWidth() == 64) && type()->getIntegerBitWidth() <= 64;
    }

    /* --- From the last element of a round to the first. --- */

    bool find_chain(size_t which)
    {
        most = index = nullptr;
        narrowed = false;
        if (which >= phis.size())
            return false;
        if (reloads.empty())
            most = phis[which];
        if (reloads.empty() ? phis.size() == 2 : true)
            index = phis[reloads.empty() ? 1 - which : which];
        if (index && !index->getType()->isIntegerTy(32) && !index->getType()->isIntegerTy(64))
            return false;
        Value *number = next(most), *position = next(index);
        for (size_t k = elements.size(); k-- > 0;) {
            if (!find_choice(k, &number, &position))
                return false;
        }
        return (number == most || is_narrowed(number)) && position == index && (!chosen || takes_no_sign());
    }

    /* The greatest so far, of which the first may be more than an element can be: then it is made one. */
    bool is_narrowed(Value *number)
    {
        auto *c = dyn_cast<CastInst>(elements.front().number);
        uint64_t less = c ? type()->getIntegerBitWidth() - bits() : 0;
        narrowed =
            c && most &&
            (form & ZERO_EXTENDED
                 ? match(number, m_And(m_Specific(most), m_SpecificInt(maskTrailingOnes<uint64_t>(bits()))))
                 : match(number, m_AShr(m_Shl(m_Specific(most), m_SpecificInt(less)), m_SpecificInt(less))));
        return narrowed;
    }

    /* What the element is compared with: of two that are looked for, one is the other's. */
    SmallSetVector<Value *, 4> compared_with(Value *number) const
    {
        SmallSetVector<Value *, 4> found;
        for (User *u : number->users()) {
            if (!isa<CmpInst, MinMaxIntrinsic>(u) || !loop.contains(cast<Instruction>(u)))
                continue;
            Value *other = u->getOperand(u->getOperand(0) == number);
            if (other != number && !isa<Constant>(other) && other->getType() == number->getType())
                found.insert(other);
        }
        return found;
    }

    /* Element k takes the place of what was there before, or does not: `number` and `position` become that.
     */
    bool find_choice(size_t k, Value **number, Value **position)
    {
        Value *x = elements[k].number;
        for (Value *before : compared_with(x)) {
            Choice choice(*x, *before, isa<IntrinsicInst>(x), dominators);
            if (choice.analyse(*number, *position, [&](Value *v) { return goes_up(v) != nullptr; }))
                return take(k, choice, before, number, position);
        }
        return false;
    }

    bool take(size_t k, const Choice &choice, Value *before, Value **number, Value **position)
    {
        uint32_t all = choice.form | (form & (ZERO_EXTENDED | DOWNWARDS)) | (chosen ? MAGNITUDE : 0);
        bool last = k + 1 == elements.size();
        if (!last && form != all)
            return false;
        form = all;
        if (index && !(find_place(k, *choice.taken) && (most || is_loaded_again(k, before, *choice.kept))))
            return false;
        *number = most ? before : nullptr;
        *position = choice.kept;
        return true;
    }

    /* The index becomes affine functions of the rounds that continue one another. */
    bool find_place(size_t k, Value &v)
    {
        const SCEVAddRecExpr *at = goes_up(&v), *later = place;
        const SCEV *by = at->getStepRecurrence(evolution);
        place = at;
        if (k + 1 == elements.size()) {
            stride = elements.size() == 1 ? by : nullptr;
            return elements.size() == 1 || isa<SCEVConstant>(by);
        }
        const SCEV *on = evolution.getMinusSCEV(later, at);
        if (stride && on != stride)
            return false;
        stride = on;
        return isa<SCEVConstant>(on) &&
               (k > 0 ||
                by == evolution.getMulExpr(on, evolution.getConstant(on->getType(), elements.size())));
    }

    /* Whether what element k is compared with is the number that is where `kept` says. */
    bool is_loaded_again(size_t k, Value *before, Value &kept)
    {
        auto *load = dyn_cast<LoadInst>(unextended(before));
        int64_t beyond = 0;
        if (!load || load->getType() != elements[k].load->getType() ||
            (load != before &&
             !cast<Instruction>(before)->isSameOperationAs(cast<Instruction>(elements[k].number))))
            return false;
        Value *at = memory_index(load->getPointerOperand(), &memory, &beyond);
        if (!at || beyond < 0)
            return false;
        const SCEV *s = by_index(evolution.getSCEV(at), kept, evolution.getSCEV(index));
        if (k + 1 < elements.size() && (s != reload_index || beyond != offset))
            return false;
        reload_index = s;
        offset = beyond;
        if (k > 0)
            return true;
        again = dyn_cast<SCEVAddRecExpr>(by_index(s, *index, place));
        first_again =
            by_index(s, *index, evolution.getSCEV(index->getIncomingValueForBlock(loop.getLoopPreheader())));
        return again && again->getLoop() == &loop && again->isAffine() && goes_as_elements(s) &&
               is_first_element();
    }

    static Value *unextended(Value *v)
    {
        auto *cast_of = dyn_cast<CastInst>(v);
        Value *x;
        if (match(v, m_FAbs(m_Value(x))))
            return x;
        return cast_of ? cast_of->getOperand(0) : v;
    }

    /* Whether each step of the index goes to the next element. */
    bool goes_as_elements(const SCEV *s)
    {
        const SCEV *bytes = evolution.getConstant(again->getType(), static_cast<uint64_t>(apart()), true);
        const SCEV *on =
            evolution.getMinusSCEV(by_index(s, *index, evolution.getAddExpr(place, stride)), again);
        const SCEV *round =
            evolution.getMulExpr(bytes, evolution.getConstant(again->getType(), elements.size()));
        return on == bytes && again->getStepRecurrence(evolution) == round;
    }

    /* With the first element the index becomes what says where that lies. */
    bool is_first_element()
    {
        auto *first = goes_up(elements.front().load->getPointerOperand());
        const SCEV *from = evolution.getMinusSCEV(first->getStart(), evolution.getSCEV(&memory));
        const SCEV *at = evolution.getZeroExtendExpr(again->getStart(), from->getType());
        return from == evolution.getAddExpr(
                           at, evolution.getConstant(from->getType(), static_cast<uint64_t>(offset)));
    }

    /* `s` with something else in the place of `v`. */
    const SCEV *by_index(const SCEV *s, Value &v, const SCEV *other)
    {
        ValueToSCEVMapTy map;
        map[&v] = other;
        return SCEVParameterRewriter::rewrite(s, evolution, map);
    }
};

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return l.isInnermost() && known(l);
    }

  private:
    static constexpr uint64_t least = 64; /* elements */

    bool known(Loop &l)
    {
        Extreme e(l, evolution, dominators, memory);
        if (e.is_one())
            return known(l, e, nullptr);
        Extreme first(l, evolution, dominators, memory, 0), second(l, evolution, dominators, memory, 1);
        return first.is_one() && second.is_one() && first.type() == second.type() && known(l, first, &second);
    }

    /* `other`: a second one, or null. */
    bool known(Loop &l, const Extreme &e, const Extreme *other)
    {
        struct pattern_site site = site_of(unit, function, &l, loops, PATTERN_EXTREME, evidence(e, other));
        if (e.type()->isIntegerTy() && !e.index) {
            site.replaced = true;
            site.text = "order left open";
            patterns_note(&site);
            return false;
        }
        Stretch stretch(l, evolution, memory);
        if (stretch.rounds_most() < least / e.elements.size()) /* what an unrolled loop leaves */
            return false;
        site.text = Substitution::forbidden(unit, site);
        site.replaced = !site.text && replace(l, e, other, stretch, &site);
        patterns_note(&site);
        return site.replaced;
    }

    static std::string evidence(const Extreme &e, const Extreme *other)
    {
        SmallString<96> line;
        auto name = [](const Extreme &x) { return x.form & LEAST ? "least " : "greatest "; };
        raw_svector_ostream(line) << name(e) << (other ? "and " : "") << (other ? name(*other) : "")
                                  << (e.form & MAGNITUDE ? "magnitude of " : "of ")
                                  << *e.elements.front().load->getType() << (e.index ? ", and where" : "")
                                  << ", " << e.elements.size() << " a round"
                                  << (e.is_down() ? ", downwards" : "");
        return std::string(line);
    }

    static const char *kernel_name(const Extreme &e, bool two)
    {
        if (two)
            return e.bits() == 32 ? "extreme_f32_pair" : "extreme_f64_pair";
        if (e.type()->isFloatingPointTy())
            return e.bits() == 32 ? "extreme_f32" : "extreme_f64";
        return e.bits() == 8    ? "extreme_8"
               : e.bits() == 16 ? "extreme_16"
               : e.bits() == 32 ? "extreme_32"
                                : "extreme_64";
    }

    bool replace(Loop &l, const Extreme &e, const Extreme *other, Stretch &stretch, struct pattern_site *site)
    {
        uint64_t bytes = e.bits() / 8;
        const Element &lowest = e.is_down() ? e.elements.back() : e.elements.front();
        Value *beside = other ? other->next(other->most) : e.next(e.index);
        site->text = "how often it runs, or where its numbers lie, is not known before it";
        if (!stretch.find(lowest.load->getPointerOperand(), bytes * e.elements.size(), loops, dominators,
                          e.is_down()) ||
            !are_known(e, stretch) || !stretch.find_results({e.next(e.most), beside}, &site->text))
            return false;
        site->text = kernel_name(e, other);
        Substitution s(stretch.before(), memory, unit);
        IRBuilder<> &b = s.builder();
        stretch.require(s);
        Value *n = b.CreateMul(stretch.rounds, s.number(e.elements.size()));
        s.require(b.CreateICmpUGE(n, s.number(least)));
        s.reads(stretch.range, e.type()->isFloatTy()    ? RT_SITE_F32
                               : e.type()->isDoubleTy() ? RT_SITE_F64
                                                        : RT_SITE_BITS);
        for (const Extreme *x : {&e, other}) {
            if (x && x->chosen)
                s.require(b.CreateFCmpOGE(start_of(l, *x), Constant::getNullValue(x->type())));
        }
        Value *first = e.is_down() ? b.CreateSub(stretch.range.to, s.number(bytes)) : stretch.range.from;
        SmallVector<Value *, 8> arguments = {s.pointer(first), n};
        if (other)
            arguments.append(
                {start_bits(l, b, e), b.getInt32(e.form), start_bits(l, b, *other), b.getInt32(other->form)});
        else
            add_arguments(l, s, e, stretch, arguments);
        s.finish(*site, kernels.copy_for(function, site->text, arguments), arguments, stretch.end(),
                 stretch.results(s));
        return true;
    }

    void add_arguments(Loop &l, Substitution &s, const Extreme &e, Stretch &stretch,
                       SmallVectorImpl<Value *> &arguments)
    {
        IRBuilder<> &b = s.builder();
        Value *zero = s.number(0);
        auto wide = [&](Value *v) { return b.CreateZExtOrTrunc(v, b.getInt64Ty()); };
        Value *from = e.most ? Constant::getNullValue(b.getPtrTy()) : start_again(s, e, stretch);
        arguments.append({from, e.most ? start_bits(l, b, e) : zero, b.getInt32(e.form)});
        if (!e.index) {
            arguments.append(3, zero);
            return;
        }
        arguments.append({wide(e.index->getIncomingValueForBlock(l.getLoopPreheader())),
                          wide(stretch.expand(s, e.place->getStart())), wide(stretch.expand(s, e.stride))});
    }

    static bool are_known(const Extreme &e, const Stretch &stretch)
    {
        if (e.index && (!stretch.is_known(e.place->getStart()) || !stretch.is_known(e.stride)))
            return false;
        return e.most || stretch.is_known(e.first_again);
    }

    static Value *start_of(const Loop &l, const Extreme &e)
    {
        return e.most->getIncomingValueForBlock(l.getLoopPreheader());
    }

    static Value *start_bits(Loop &l, IRBuilder<> &b, const Extreme &e)
    {
        Value *start = start_of(l, e);
        Value *bits = b.CreateBitCast(start, b.getIntNTy(start->getType()->getScalarSizeInBits()));
        if (e.narrowed) {
            bits = b.CreateTrunc(bits, b.getIntNTy(e.bits()));
            bits = e.form & ZERO_EXTENDED ? b.CreateZExt(bits, start->getType())
                                          : b.CreateSExt(bits, start->getType());
        }
        return e.form & UNSIGNED ? b.CreateZExt(bits, b.getInt64Ty()) : b.CreateSExt(bits, b.getInt64Ty());
    }

    /* Where the number lies that is the greatest at first: inside of the memory. */
    Value *start_again(Substitution &s, const Extreme &e, Stretch &stretch)
    {
        IRBuilder<> &b = s.builder();
        Value *from = b.CreateAdd(b.CreateZExt(stretch.expand(s, e.first_again), b.getInt64Ty()),
                                  s.number(static_cast<uint64_t>(e.offset)));
        s.require_inside({from, b.CreateAdd(from, s.number(e.bits() / 8))}, 0);
        /* Where it is loaded again the index below it must not have become negative. */
        s.require(b.CreateICmpSGE(stretch.range.from, s.number(static_cast<uint64_t>(e.offset))));
        return s.pointer(from);
    }
};

} // namespace

PreservedAnalyses ExtremesPass::run(Module &m, ModuleAnalysisManager &modules)
{
    if (!machine.getMCSubtargetInfo()->checkFeatures("+avx2"))
        return PreservedAnalyses::all();
    return replace_loops<Search>("extremes", m, modules, machine, unit);
}
