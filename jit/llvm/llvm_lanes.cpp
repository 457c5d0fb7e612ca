/* llvm_lanes.cpp: takes back the vectors of whoever made the module, where this processor's are longer.
 *
 * clang -msimd128 vectorises loops for 128 bits. A loop of one block becomes a loop of scalars, which LLVM
 * vectorises anew, when its round is `times` copies of the same, each with the induction variables a part of
 * a step on. What is compared are not instructions, as in llvm_reroll.cpp, but pieces of values: some bits of
 * a vector, which moving lanes around only renames. A copy is found from its ends, pieces of what is stored
 * and of what is added to a sum, up to pieces of what is loaded, which must lie a part of a step on.
 *
 * In the scalar loop a copy is over before the next begins, while a vector operation does all copies at once.
 * That makes no difference where LLVM's analysis says that rounds of the vector loop may be joined to longer
 * ones, perhaps after a check of addresses: then what is stored late in a copy is not loaded early in a later
 * one. Where the check fails, the loop as it was runs.
 *
 * A sum of integers in vectors becomes one scalar if all that becomes of the vector behind the loop is the
 * sum of its lanes, alone or with those of the same other vectors each time. Sums of floating-point numbers
 * keep their order: such loops stay as they are. */
#include "llvm_counted.h"
#include "llvm_nest.h"
#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/LoopAccessAnalysis.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/LoopVersioning.h"

using namespace llvm;

namespace
{

constexpr unsigned piece_most = 64; /* bits */

unsigned width_of(const Type *t)
{
    return static_cast<unsigned>(t->getScalarType()->isPointerTy() ? 64 : t->getScalarSizeInBits());
}

unsigned lanes_of(const Type *t)
{
    auto *v = dyn_cast<FixedVectorType>(t);
    return v ? v->getNumElements() : 1;
}

struct Piece { /* bits of a value, from the lowest of the first lane; none: v is NULL */
    Value *v;
    unsigned from, bits;

    static Piece none()
    {
        return {nullptr, 0, 0};
    }
    static Piece lane(Value *v, unsigned k)
    {
        unsigned width = width_of(v->getType());
        return {v, k * width, width};
    }
    bool operator==(const Piece &p) const
    {
        return v == p.v && from == p.from && bits == p.bits;
    }
    bool is_lane() const
    {
        return bits == width_of(v->getType()) && from % bits == 0;
    }
    unsigned index() const
    {
        return from / bits;
    }
};

using Key = std::pair<Value *, std::pair<unsigned, unsigned>>;

Key key_of(const Piece &p)
{
    return {p.v, {p.from, p.bits}};
}

/* --- Moving lanes around. --- */

Piece shuffled(const ShuffleVectorInst &s, const Piece &p)
{
    unsigned width = width_of(s.getType()), lane = p.from / width, last = (p.from + p.bits - 1) / width;
    int source = s.getMaskValue(lane), n = static_cast<int>(lanes_of(s.getOperand(0)->getType()));
    for (unsigned k = lane; k <= last; k++) {
        if (source < 0 || s.getMaskValue(k) != source + static_cast<int>(k - lane))
            return Piece::none();
    }
    int end = source + static_cast<int>(last - lane);
    if (source / n != end / n)
        return Piece::none();
    return {s.getOperand(source < n ? 0 : 1), static_cast<unsigned>(source % n) * width + p.from % width,
            p.bits};
}

Piece inserted(const InsertElementInst &i, const Piece &p)
{
    auto *index = dyn_cast<ConstantInt>(i.getOperand(2));
    if (!index)
        return Piece::none();
    unsigned width = width_of(i.getType()), at = static_cast<unsigned>(index->getZExtValue()) * width;
    if (p.from >= at && p.from + p.bits <= at + width)
        return {i.getOperand(1), p.from - at, p.bits};
    bool apart = p.from + p.bits <= at || p.from >= at + width;
    return apart ? Piece{i.getOperand(0), p.from, p.bits} : Piece::none();
}

Piece extracted(ExtractElementInst &i, const Piece &p)
{
    auto *index = dyn_cast<ConstantInt>(i.getIndexOperand());
    if (!index)
        return Piece::none();
    unsigned at = static_cast<unsigned>(index->getZExtValue()) * width_of(i.getType());
    return {i.getVectorOperand(), at + p.from, p.bits};
}

/* As an integer of so many bits. */
Piece of_constant(const Constant &c, const Piece &p)
{
    APInt bits(p.bits, 0);
    unsigned width = width_of(c.getType());
    for (unsigned done = 0; done < p.bits;) {
        unsigned lane = (p.from + done) / width, skip = (p.from + done) % width;
        const Constant *e = c.getType()->isVectorTy() ? c.getAggregateElement(lane) : &c;
        APInt value;
        if (auto *i = dyn_cast_or_null<ConstantInt>(e))
            value = i->getValue();
        else if (auto *f = dyn_cast_or_null<ConstantFP>(e))
            value = f->getValueAPF().bitcastToAPInt();
        else
            return Piece::none();
        unsigned n = std::min(width - skip, p.bits - done);
        bits.insertBits(value.extractBits(n, skip), done);
        done += n;
    }
    return {ConstantInt::get(c.getContext(), bits), 0, p.bits};
}

/* Whether all lanes of a vector are the same. */
bool is_splat(const Value *v, unsigned depth = 4)
{
    if (auto *c = dyn_cast<Constant>(v))
        return c->getType()->isVectorTy() && c->getSplatValue();
    if (auto *s = dyn_cast<ShuffleVectorInst>(v))
        return s->getMaskValue(0) >= 0 && all_equal(s->getShuffleMask());
    bool by_lane = isa<BinaryOperator>(v) || (isa<CastInst>(v) && !isa<BitCastInst>(v));
    return by_lane && v->getType()->isVectorTy() && depth &&
           all_of(cast<Instruction>(v)->operands(), [&](const Value *o) { return is_splat(o, depth - 1); });
}

/* The first of lanes that are the same. */
Piece of_splat(const Piece &p)
{
    unsigned width = width_of(p.v->getType());
    if (!p.v->getType()->isVectorTy() || p.from % width + p.bits > width || !is_splat(p.v))
        return p;
    return {p.v, p.from % width, p.bits};
}

/* Where the bits come from. */
Piece resolve(Piece p)
{
    while (p.v) {
        if (auto *c = dyn_cast<Constant>(p.v))
            return c->getType()->isPtrOrPtrVectorTy() ? p : of_constant(*c, p);
        Piece from = p;
        if (auto *cast = dyn_cast<BitCastInst>(p.v))
            from.v = cast->getOperand(0);
        else if (auto *s = dyn_cast<ShuffleVectorInst>(p.v))
            from = shuffled(*s, p);
        else if (auto *i = dyn_cast<InsertElementInst>(p.v))
            from = inserted(*i, p);
        else if (auto *e = dyn_cast<ExtractElementInst>(p.v))
            from = extracted(*e, p);
        if (from == p)
            return of_splat(p);
        p = from;
    }
    return p;
}

/* --- The loop. --- */

struct VectorInduction {
    PHINode *phi;
    Instruction *next; /* phi + the same constant in all lanes */
    int64_t step;
};

struct Sum {
    PHINode *phi;
    BinaryOperator *next;
    SmallVector<Value *, 4> terms; /* vectors that are added to phi */
    unsigned first;                /* the first of the sums that are added up behind the loop */
    uint32_t with = 0;             /* all of them, a bit each */
};

struct Carried { /* a vector whose last piece a copy takes from the copy before */
    PHINode *phi;
    Value *next;
    SmallVector<Piece, 16> at; /* what copy n takes, the last one: what the next round does; unknown: none */
};

struct Place { /* of a piece of an access: its counterpart in the first copy, and which copy it is in */
    Key first;
    unsigned copy;
    bool operator==(const Place &p) const
    {
        return first == p.first && copy == p.copy;
    }
};

struct Analyses {
    ScalarEvolution &evolution;
    LoopInfo &loops;
    DominatorTree &dominators;
    LoopAccessInfoManager &accesses;
};

class Scalars : CountedLoop
{
  public:
    Scalars(Loop &l, Analyses &with) : CountedLoop(l, with.evolution), analyses(with) {}
    bool run()
    {
        if (!is_one_block() || block->size() > body_most || !has_vectors())
            return false;
        remove_dead();
        exit = loop.getExitBlock();
        if (!exit || !exit->getSinglePredecessor() || !find_phis() || !find_exit() || !find_accesses())
            return false;
        join_addresses();
        formLCSSA(loop, analyses.dominators, &analyses.loops, &evolution);
        if (!find_results())
            return false;
        for (times = times_most; times >= 2; times /= 2) {
            if (divides_steps() && matches())
                return version() && (roll(), true);
        }
        return false;
    }

  private:
    static constexpr size_t body_most = 400, accesses_most = 64, terms_most = 64;
    static constexpr unsigned times_most = 64;

    Analyses &analyses;
    BasicBlock *exit = nullptr;
    SmallVector<VectorInduction, 2> vector_inductions;
    SmallVector<Sum, 4> sums;
    SmallVector<Carried, 4> carried;
    SmallVector<Instruction *, 16> accesses;          /* in order */
    DenseMap<std::pair<Key, unsigned>, Piece> copies; /* of the first copy's pieces in copy n */
    DenseMap<Key, Place> places;
    SmallVector<Piece, 8> stored;   /* pieces of stores in the first copy */
    SmallVector<Piece, 8> added[8]; /* for a sum: pieces of terms in the first copy */
    DenseMap<Key, Value *> made;    /* scalars of the first copy */

    /* --- What there is. --- */

    bool has_vectors() const
    {
        return any_of(*block, [](const Instruction &i) {
            return i.getType()->isVectorTy() ||
                   (isa<StoreInst>(i) && i.getOperand(0)->getType()->isVectorTy());
        });
    }

    bool find_phis()
    {
        for (PHINode &phi : block->phis()) {
            Value *next = phi.getIncomingValueForBlock(block);
            if (const ConstantInt *step = step_of(phi, next))
                inductions.push_back({&phi, cast<BinaryOperator>(next), step->getSExtValue()});
            else if (!find_vector_induction(phi, next) && !find_carried(phi, next) && !find_sum(phi, next))
                return false;
        }
        return sums.empty() || carried.empty();
    }

    bool find_carried(PHINode &phi, Value *next)
    {
        if (!phi.getType()->isVectorTy() || !isa<LoadInst, ShuffleVectorInst, BitCastInst, PHINode>(next))
            return false;
        carried.push_back({&phi, next, {}});
        return true;
    }

    bool find_vector_induction(PHINode &phi, Value *next)
    {
        auto *sum = dyn_cast<BinaryOperator>(next);
        if (!sum || sum->getOpcode() != Instruction::Add || sum->getOperand(0) != &phi)
            return false;
        auto *all = dyn_cast<Constant>(sum->getOperand(1));
        auto *step = all ? dyn_cast_or_null<ConstantInt>(all->getSplatValue()) : nullptr;
        if (!step || step->getBitWidth() > piece_most)
            return false;
        vector_inductions.push_back({&phi, sum, step->getSExtValue()});
        return true;
    }

    bool find_sum(PHINode &phi, Value *next)
    {
        auto *add = dyn_cast<BinaryOperator>(next);
        Sum s{&phi, add, {}, static_cast<unsigned>(sums.size()), 0};
        bool found = false;
        if (!add || !phi.getType()->isVectorTy() || !phi.hasOneUse() || sums.size() == std::size(added))
            return false;
        SmallVector<Value *, 8> todo{add};
        while (!todo.empty()) {
            Value *v = todo.pop_back_val();
            auto *sum = dyn_cast<BinaryOperator>(v);
            if (v == &phi)
                found = true;
            else if (sum && sum->getOpcode() == Instruction::Add && sum->getParent() == block &&
                     (sum == add || sum->hasOneUse()))
                todo.append({sum->getOperand(0), sum->getOperand(1)});
            else
                s.terms.push_back(v);
        }
        sums.push_back(s);
        return found;
    }

    bool find_accesses()
    {
        for (Instruction &i : *block) {
            if (isa<LoadInst, StoreInst>(i))
                accesses.push_back(&i);
            auto *call = dyn_cast<CallBase>(&i);
            if (i.isVolatile() || i.isAtomic() || (call && !is_vectorizable(*call)) ||
                lanes_of(i.getType()) > piece_most)
                return false;
        }
        return accesses.size() <= accesses_most;
    }

    static bool is_vectorizable(const CallBase &call)
    {
        auto *i = dyn_cast<IntrinsicInst>(&call);
        return i && is_pure(call) && isTriviallyVectorizable(i->getIntrinsicID());
    }

    /* Behind the loop only what a round leaves of scalars may be used, and sums' lanes added up. */
    bool find_results()
    {
        for (Instruction &i : *block) {
            Sum *sum = find_if(sums, [&](const Sum &s) { return s.next == &i; });
            for (User *u : i.users()) {
                if (cast<Instruction>(u)->getParent() == block)
                    continue;
                if (sum == sums.end() ? !is_next(&i) : !isa<PHINode>(u))
                    return false;
            }
            if (sum != sums.end() && any_of(i.users(), [&](User *u) {
                    return u != sum->phi && cast<Instruction>(u)->getParent() == block;
                }))
                return false;
        }
        return find_totals();
    }

    /* --- Sums behind the loop: how often each lane of each sum is in a value. --- */

    using Counts = SmallVector<uint32_t, 32>;
    using Form = SmallVector<Counts, 16>; /* a lane each */

    size_t lanes_in_all() const
    {
        size_t n = 0;
        for (const Sum &s : sums)
            n += lanes_of(s.phi->getType());
        return n;
    }

    bool find_totals()
    {
        MapVector<Value *, Form> forms; /* of all that is made of sums */
        size_t lane = 0, all = lanes_in_all();
        for (const Sum &s : sums) {
            Form f(lanes_of(s.phi->getType()), Counts(all, 0));
            for (Counts &c : f)
                c[lane++] = 1;
            for (User *u : s.next->users()) {
                if (cast<Instruction>(u)->getParent() != block)
                    forms[u] = f;
            }
        }
        SmallVector<ExtractElementInst *, 4> ends;
        for (size_t k = 0; k < forms.size(); k++) {
            for (User *u : (forms.begin() + static_cast<ptrdiff_t>(k))->first->users()) {
                if (auto *e = dyn_cast<ExtractElementInst>(u))
                    ends.push_back(e);
                else if (forms.size() > accesses_most || !is_linear_form(*u))
                    return false;
                else
                    forms.insert({u, {}});
            }
        }
        return all_of(ends, [&](ExtractElementInst *e) {
            auto *index = dyn_cast<ConstantInt>(e->getIndexOperand());
            return index && is_total(form_of(e->getVectorOperand(), forms)[index->getZExtValue()]);
        });
    }

    static bool is_linear_form(const User &u)
    {
        return u.getType()->isVectorTy() &&
               (isa<ShuffleVectorInst>(u) || cast<Instruction>(u).getOpcode() == Instruction::Add);
    }

    Form form_of(Value *v, MapVector<Value *, Form> &forms)
    {
        size_t all = lanes_in_all();
        Form f(lanes_of(v->getType()), Counts(all, 0));
        auto known = forms.find(v);
        if (known == forms.end() || !known->second.empty())
            return known == forms.end() ? f : known->second;
        auto *i = cast<Instruction>(v);
        Form x = form_of(i->getOperand(0), forms), y = form_of(i->getOperand(1), forms);
        for (unsigned k = 0; k < f.size(); k++) {
            if (auto *s = dyn_cast<ShuffleVectorInst>(i)) {
                size_t from = static_cast<size_t>(s->getMaskValue(k));
                if (s->getMaskValue(k) >= 0)
                    f[k] = from < x.size() ? x[from] : y[from - x.size()];
                continue;
            }
            for (size_t j = 0; j < all; j++)
                f[k][j] = x[k][j] + y[k][j];
        }
        return forms[v] = f;
    }

    /* Whether some sums are in it with all of their lanes once, and the others not at all, nor in a total
     * with others of them. */
    bool is_total(const Counts &counts)
    {
        size_t lane = 0;
        uint32_t with = 0;
        for (unsigned k = 0; k < sums.size(); k++) {
            uint32_t once = counts[lane];
            for (unsigned n = lanes_of(sums[k].phi->getType()); n; n--) {
                if (counts[lane++] != once || once > 1)
                    return false;
            }
            with |= once << k;
        }
        unsigned first = static_cast<unsigned>(countr_zero(with));
        for (unsigned k = 0; k < sums.size(); k++) {
            if (!(with >> k & 1))
                continue;
            if (sums[k].with && sums[k].with != with)
                return false;
            sums[k].with = with;
            sums[k].first = first;
        }
        return with != 0;
    }

    /* --- Whether it is `times` copies. --- */

    bool matches()
    {
        copies.clear();
        places.clear();
        stored.clear();
        for (auto &a : added)
            a.clear();
        for (Carried &c : carried)
            c.at.clear();
        for (const VectorInduction &v : vector_inductions) {
            if (v.step % times)
                return false;
        }
        return match_stores() && match_carried() && match_sums() && are_whole() && in_order() &&
               !(stored.empty() && sums.empty());
    }

    /* Bytes that an access goes on in a round, if that is always the same. */
    bool step_of_access(Instruction &access, int64_t *step)
    {
        const SCEV *at = evolution.getSCEV(getLoadStorePointerOperand(&access));
        auto *up = dyn_cast<SCEVAddRecExpr>(at);
        *step = 0;
        if (evolution.isLoopInvariant(at, &loop))
            return true;
        if (!up || up->getLoop() != &loop || !up->isAffine())
            return false;
        auto *by = dyn_cast<SCEVConstant>(up->getStepRecurrence(evolution));
        *step = by ? by->getAPInt().getSExtValue() : 0;
        return by && goes_up(getLoadStorePointerOperand(&access));
    }

    /* Bytes from one piece of an access to another. */
    bool apart(const Piece &a, const Piece &b, int64_t *bytes)
    {
        auto at = [&](const Piece &p) { return evolution.getSCEV(getLoadStorePointerOperand(p.v)); };
        auto *d = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(at(b), at(a)));
        if (!d || a.from % 8 || b.from % 8)
            return false;
        *bytes = d->getAPInt().getSExtValue() + static_cast<int64_t>(b.from / 8) -
                 static_cast<int64_t>(a.from / 8);
        return true;
    }

    static Value *stored_by(const Piece &p)
    {
        return cast<StoreInst>(p.v)->getValueOperand();
    }

    static Piece value_of(const Piece &p)
    {
        return {stored_by(p), p.from, p.bits};
    }

    /* All stores in pieces that a copy can store: in each access the first copy's first. */
    bool pieces_of_stores(SmallVectorImpl<Piece> &pieces)
    {
        for (Instruction *i : accesses) {
            int64_t step;
            if (!isa<StoreInst>(i))
                continue;
            Value *v = i->getOperand(0);
            while (isa<BitCastInst>(v))
                v = cast<BitCastInst>(v)->getOperand(0);
            if (!step_of_access(*i, &step) || step == 0 || step % times)
                return false;
            unsigned size = width_of(v->getType()) * lanes_of(v->getType());
            uint64_t part = static_cast<uint64_t>(std::abs(step)) / times * 8;
            unsigned bits = static_cast<unsigned>(std::min<uint64_t>(part, width_of(v->getType())));
            if (bits % 8 || size % bits || part > 1u << 20)
                return false;
            for (unsigned k = 0; k < size / bits; k++)
                pieces.push_back({i, (step > 0 ? k : size / bits - 1 - k) * bits, bits});
        }
        return true;
    }

    bool match_stores()
    {
        SmallVector<Piece, 32> pieces;
        if (!pieces_of_stores(pieces))
            return false;
        for (const Piece &p : pieces) {
            int64_t step;
            if (places.contains(key_of(p)) || !step_of_access(*cast<Instruction>(p.v), &step))
                continue;
            stored.push_back(p);
            places[key_of(p)] = {key_of(p), 0};
            for (unsigned n = 1; n < times; n++) {
                const Piece *q = find_if(pieces, [&](const Piece &x) {
                    int64_t bytes;
                    return x.bits == p.bits && apart(p, x, &bytes) && bytes == step / times * n;
                });
                if (q == pieces.end() || !places.try_emplace(key_of(*q), Place{key_of(p), n}).second ||
                    !same(value_of(p), value_of(*q), n))
                    return false;
            }
        }
        return true;
    }

    /* Whether each copy leaves the same for the next one. What the copies take is known by now. */
    bool match_carried()
    {
        return all_of(carried, [&](const Carried &c) {
            for (unsigned n = 1; n < times; n++) {
                if (c.at.empty() || !c.at[1].v || !c.at[n + 1].v || !same(c.at[1], c.at[n + 1], n))
                    return false;
            }
            return true;
        });
    }

    Carried *find_carried_by(const Value *phi)
    {
        Carried *c = find_if(carried, [&](const Carried &x) { return x.phi == phi; });
        return c == carried.end() ? nullptr : c;
    }

    /* `a` is what the first copy takes from the round before. */
    bool is_taken(Carried &c, const Piece &a, const Piece &b, unsigned n)
    {
        unsigned all = width_of(c.phi->getType()) * lanes_of(c.phi->getType());
        if (a.from + a.bits != all)
            return false;
        if (c.at.empty()) {
            c.at.assign(times + 1, Piece::none());
            c.at.front() = a;
            c.at.back() = resolve({c.next, a.from, a.bits});
        }
        c.at[n] = c.at[n].v ? c.at[n] : b; /* match_carried() checks what is found first */
        return c.at.front() == a && c.at[n] == b;
    }

    /* The pieces of a sum's terms are to be found in any order: addition is associative. */
    bool match_sums()
    {
        for (unsigned k = 0; k < sums.size(); k++) {
            SmallVector<Piece, 32> left;
            for (const Sum &s : sums) {
                for (Value *t : s.terms) {
                    for (unsigned lane = 0; s.first == k && lane < lanes_of(t->getType()); lane++)
                        left.push_back(Piece::lane(t, lane));
                }
            }
            if (left.size() % times || left.size() > terms_most)
                return false;
            for (size_t tries = left.size(); tries && !left.empty(); tries--)
                match_term(left, k);
            if (!left.empty())
                return false;
        }
        return true;
    }

    /* Takes the first one and its copies away, or puts it behind the others. */
    void match_term(SmallVectorImpl<Piece> &left, unsigned sum)
    {
        Piece first = left.front();
        left.erase(left.begin());
        SmallVector<Piece, 32> rest(left.begin(), left.end());
        auto old_copies = copies;
        auto old_places = places;
        for (unsigned n = 1; n < times; n++) {
            Piece *q = find_if(rest, [&](const Piece &x) { return same(first, x, n); });
            if (q == rest.end()) {
                copies = old_copies;
                places = old_places;
                left.push_back(first);
                return;
            }
            rest.erase(q);
        }
        added[sum].push_back(first);
        left.assign(rest.begin(), rest.end());
    }

    bool same(Piece a, Piece b, unsigned n)
    {
        a = resolve(a);
        b = resolve(b);
        if (!a.v || !b.v || a.bits != b.bits)
            return false;
        if (loop.isLoopInvariant(a.v) || loop.isLoopInvariant(b.v))
            return a == b;
        auto known = copies.find({key_of(a), n});
        if (known != copies.end())
            return known->second == b;
        if (!is_copy(a, b, n))
            return false;
        copies[{key_of(a), n}] = b;
        return true;
    }

    bool is_copy(const Piece &a, const Piece &b, unsigned n)
    {
        auto *ia = cast<Instruction>(a.v), *ib = cast<Instruction>(b.v);
        if (is_next(ia))
            return false; /* its step is going to change */
        if (isa<LoadInst>(ia))
            return isa<LoadInst>(ib) && is_loaded_copy(a, b, n);
        if (Carried *c = find_carried_by(ia))
            return is_taken(*c, a, b, n);
        if (!a.is_lane() || !b.is_lane())
            return false;
        if (goes_up(ia))
            return is_on_by(ia, ib, n);
        if (isa<PHINode>(ia))
            return isa<PHINode>(ib) && is_vector_on_by(a, b, n);
        if (isa<PHINode>(ib) || ib->getParent() != block || !ia->isSameOperationAs(ib) || !is_by_lane(*ia))
            return false;
        auto with = [&](unsigned k, unsigned j) { return same(operand(a, k), operand(b, j), n); };
        if (ia->isCommutative() && ia->getNumOperands() == 2)
            return (with(0, 0) && with(1, 1)) || (with(0, 1) && with(1, 0));
        for (unsigned k = 0; k < operands_of(*ia); k++) {
            if (!with(k, k))
                return false;
        }
        return true;
    }

    static unsigned operands_of(const Instruction &i)
    {
        auto *call = dyn_cast<CallBase>(&i);
        return call ? call->arg_size() : i.getNumOperands();
    }

    /* What a lane of an operation, or a scalar one, is computed from. */
    static Piece operand(const Piece &p, unsigned k)
    {
        Value *o = cast<Instruction>(p.v)->getOperand(k);
        return Piece::lane(o, o->getType()->isVectorTy() ? p.index() : 0);
    }

    static bool is_by_lane(const Instruction &i)
    {
        if (!isa<UnaryOperator, BinaryOperator, CastInst, CmpInst, SelectInst, CallInst, GetElementPtrInst>(
                i))
            return false;
        bool vector = i.getType()->isVectorTy();
        return all_of(i.operands(), [&](const Use &o) {
            return !o->getType()->isVectorTy() || (vector && lanes_of(o->getType()) == lanes_of(i.getType()));
        });
    }

    bool is_vector_on_by(const Piece &a, const Piece &b, unsigned n)
    {
        auto of = [&](const Piece &p) {
            return find_if(vector_inductions, [&](const VectorInduction &v) { return v.phi == p.v; });
        };
        auto *va = of(a), *vb = of(b);
        if (va == vector_inductions.end() || vb == vector_inductions.end() || va->step != vb->step)
            return false;
        Piece sa = resolve(start_of(a)), sb = resolve(start_of(b));
        auto *ca = dyn_cast_or_null<ConstantInt>(sa.v), *cb = dyn_cast_or_null<ConstantInt>(sb.v);
        int64_t on = va->step / static_cast<int64_t>(times) * n;
        return ca && cb &&
               (cb->getValue() - ca->getValue()) == APInt(a.bits, static_cast<uint64_t>(on), true);
    }

    Piece start_of(const Piece &p) const
    {
        return {cast<PHINode>(p.v)->getIncomingValueForBlock(loop.getLoopPreheader()), p.from, p.bits};
    }

    bool is_loaded_copy(const Piece &a, const Piece &b, unsigned n)
    {
        auto *la = cast<LoadInst>(a.v), *lb = cast<LoadInst>(b.v);
        int64_t step, bytes;
        if (step_of_access(*la, &step)) {
            if (step == 0)
                return a == b && places.try_emplace(key_of(a), Place{key_of(a), 0}).first->second.copy == 0;
            if (step % times || a.bits % 8 || !apart(a, b, &bytes) || bytes != step / times * n)
                return false;
        } else if (!a.is_lane() || !b.is_lane() || lanes_of(la->getType()) > 1 ||
                   la->getType() != lb->getType() ||
                   !same(Piece::lane(la->getPointerOperand(), 0), Piece::lane(lb->getPointerOperand(), 0),
                         n)) {
            return false;
        }
        return place(a, a, 0) && place(b, a, n);
    }

    bool place(const Piece &p, const Piece &first, unsigned n)
    {
        Place at{key_of(first), n};
        return places.try_emplace(key_of(p), at).first->second == at;
    }

    /* Whether every byte that is accessed is in just one copy. */
    bool are_whole()
    {
        DenseMap<Value *, unsigned> bits;
        for (const auto &p : places)
            bits[p.first.first] += p.first.second.second;
        return all_of(accesses, [&](Instruction *i) {
            Type *t = getLoadStoreType(i);
            return bits.lookup(i) == width_of(t) * lanes_of(t);
        });
    }

    /* Whether the copies of each access come before or behind all copies of another, if one of them writes.
     */
    bool in_order()
    {
        struct Span {
            size_t low, high;
            bool writes;
        };
        MapVector<Key, Span> spans;
        for (size_t k = 0; k < accesses.size(); k++) {
            for (const auto &p : places) {
                if (p.first.first != accesses[k])
                    continue;
                Span &s = spans.insert({p.second.first, {k, k, isa<StoreInst>(accesses[k])}}).first->second;
                s.high = k;
            }
        }
        for (const auto &a : spans) {
            for (const auto &b : spans) {
                if (&a != &b && (a.second.writes || b.second.writes) && a.second.low <= b.second.high &&
                    b.second.low <= a.second.high &&
                    !is_one_access(a.first, b.first, a.second.low, a.second.high))
                    return false;
            }
        }
        return true;
    }

    /* Pieces of the same store. */
    static bool is_one_access(const Key &a, const Key &b, size_t low, size_t high)
    {
        return a.first == b.first && low == high;
    }

    /* --- Whether copies may be one after the other, and the loop as it was where they may not. --- */

    bool version()
    {
        const LoopAccessInfo &info = analyses.accesses.getInfo(loop);
        /* The analysis is forgotten below: its groups are ours. */
        auto &all = const_cast<RuntimePointerChecking &>(*info.getRuntimePointerChecking());
        if (!info.canVectorizeMemory())
            return false;
        join_groups(all);
        SmallVector<RuntimePointerCheck, 8> checks = checks_of(all);
        if (checks.size() > checks_most)
            return false;
        if (all.Need || !info.getPSE().getPredicate().isAlwaysTrue()) {
            LoopVersioning v(info, checks, &loop, &analyses.loops, &analyses.dominators, &evolution);
            v.versionLoop();
            v.annotateLoopWithNoAlias();
            Instruction *choice = loop.getLoopPreheader()->getSinglePredecessor()->getTerminator();
            if (info.getPSE().getPredicate().isAlwaysTrue())
                choice->setMetadata(BRANCH_IF_APART, MDNode::get(choice->getContext(), {}));
        }
        analyses.accesses.clear();
        exit = loop.getExitBlock();
        evolution.forgetAllLoops();
        return true;
    }

    /* LLVM groups neighbours only where it knows of what may depend on what; else each load of a filter has a
     * check of its own against each store. */
    void join_groups(RuntimePointerChecking &all)
    {
        SmallVector<RuntimeCheckingPtrGroup, 2> joined;
        for (const RuntimeCheckingPtrGroup &g : all.CheckingGroups) {
            auto *with = find_if(joined, [&](const auto &other) { return are_neighbours(all, other, g); });
            if (with == joined.end() || !with->addPointer(g.Members.front(), all))
                joined.push_back(g);
        }
        all.CheckingGroups = joined;
    }

    /* Whether `g` is one load, near a load in `other`. */
    bool are_neighbours(const RuntimePointerChecking &all, const RuntimeCheckingPtrGroup &other,
                        const RuntimeCheckingPtrGroup &g)
    {
        const auto &first = all.Pointers[other.Members.front()], &p = all.Pointers[g.Members.front()];
        if (g.Members.size() > 1 || p.IsWritePtr ||
            any_of(other.Members, [&](unsigned m) { return all.Pointers[m].IsWritePtr; }))
            return false;
        auto *distance = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(p.Start, first.Start));
        return distance && distance->getAPInt().abs().ule(near_most);
    }

    static SmallVector<RuntimePointerCheck, 8> checks_of(const RuntimePointerChecking &all)
    {
        SmallVector<RuntimePointerCheck, 8> checks;
        for (const auto *a = all.CheckingGroups.begin(); a != all.CheckingGroups.end(); a++) {
            for (const auto *b = a + 1; b != all.CheckingGroups.end(); b++) {
                if (all.needsChecking(*a, *b))
                    checks.emplace_back(a, b);
            }
        }
        return checks;
    }

    /* LLVM's analysis takes two computations of one address for two arrays that may overlap. */
    void join_addresses()
    {
        SmallVector<GetElementPtrInst *, 32> first;
        for (Instruction &i : make_early_inc_range(*block)) {
            auto *at = dyn_cast<GetElementPtrInst>(&i);
            if (!at)
                continue;
            auto *same = find_if(first, [&](const auto *other) { return other->isIdenticalTo(at); });
            if (same == first.end()) {
                first.push_back(at);
                continue;
            }
            at->replaceAllUsesWith(*same);
            evolution.forgetValue(at);
            at->eraseFromParent();
        }
    }

    static constexpr size_t checks_most = 32;
    static constexpr uint64_t near_most = 64; /* bytes */

    /* --- The scalar loop. --- */

    void roll()
    {
        MapVector<Instruction *, SmallVector<Piece, 4>> first;
        for (const auto &c : copies) {
            if (c.first.second == 1)
                add_first(first, c.first.first);
        }
        for (const Piece &p : stored)
            first[cast<Instruction>(p.v)].push_back(p);
        SmallVector<Instruction *, 64> body(make_pointer_range(*block));
        for (Instruction *i : body) {
            auto of = first.find(i);
            for (size_t k = 0; of != first.end() && k < of->second.size(); k++)
                make(*i, of->second[k]);
        }
        for (unsigned k = 0; k < sums.size(); k++)
            make_sum(k);
        for (const Carried &c : carried)
            carry(c);
        divide_steps();
        remove_vectors();
        simplify();
        addStringMetadataToLoop(&loop, "llvm.loop.vectorize.enable", 1);
        leave_rest();
    }

    /* The module's vectors leave too few rounds for vectors of ours, and for tests in front of them. */
    void leave_rest()
    {
        const Loop *around = loop.getParentLoop();
        for (Loop *l : around ? around->getSubLoops() : analyses.loops.getTopLevelLoops()) {
            if (l != &loop && l->isInnermost() && goes_on_in(*l))
                addStringMetadataToLoop(l, "llvm.loop.isvectorized", 1);
        }
    }

    /* Whether `rest` begins where the loop ends, or, if that did not run, at its beginning. */
    bool goes_on_in(const Loop &rest)
    {
        const BasicBlock *before = rest.getLoopPreheader(), *from = exit;
        while (before && before->getSinglePredecessor() && before != exit)
            before = before->getSinglePredecessor();
        if (!before)
            return false;
        while (from && !is_contained(successors(from), before))
            from = from->getSingleSuccessor();
        return from && any_of(rest.getHeader()->phis(), [&](const PHINode &phi) {
                   auto *start = dyn_cast<PHINode>(phi.getIncomingValueForBlock(rest.getLoopPreheader()));
                   return start && start->getParent() == before;
               });
    }

    static void add_first(MapVector<Instruction *, SmallVector<Piece, 4>> &first, const Key &k)
    {
        first[cast<Instruction>(k.first)].push_back({k.first, k.second.first, k.second.second});
    }

    void make(Instruction &i, const Piece &p)
    {
        IRBuilder<> b(&i);
        if (find_carried_by(&i))
            made[key_of(p)] = PHINode::Create(b.getIntNTy(p.bits), 2, "", block->begin());
        else if (auto *phi = dyn_cast<PHINode>(&i))
            made[key_of(p)] = phi->getType()->isVectorTy() ? make_induction(*phi, p) : phi;
        else if (isa<StoreInst>(i))
            make_store(b, i, p);
        else if (!i.getType()->isVectorTy() && (p.is_lane() || isa<LoadInst>(i)))
            made[key_of(p)] = keep(b, i, p);
        else if (isa<LoadInst>(i))
            made[key_of(p)] = make_load(b, i, p);
        else
            made[key_of(p)] = make_lane(b, i, p);
    }

    Value *keep(IRBuilder<> &b, Instruction &i, const Piece &p)
    {
        if (!p.is_lane())
            return make_load(b, i, p);
        for (unsigned k = 0; !goes_up(&i) && k < operands_of(i); k++) {
            Value *o = i.getOperand(k);
            if (isa<Instruction>(o) && !loop.isLoopInvariant(o) && !goes_up(o))
                i.setOperand(k, use(b, Piece::lane(o, 0), o->getType()));
        }
        return &i;
    }

    Value *make_induction(PHINode &phi, const Piece &p)
    {
        auto *v = find_if(vector_inductions, [&](const VectorInduction &x) { return x.phi == &phi; });
        Type *t = phi.getType()->getScalarType();
        IRBuilder<> b(block, block->begin());
        PHINode *scalar = b.CreatePHI(t, 2);
        b.SetInsertPoint(block->getTerminator());
        Value *next = b.CreateAdd(scalar, ConstantInt::getSigned(t, v->step / static_cast<int64_t>(times)));
        IRBuilder<> before(loop.getLoopPreheader()->getTerminator());
        scalar->addIncoming(use(before, start_of(p), t), loop.getLoopPreheader());
        scalar->addIncoming(next, block);
        return scalar;
    }

    /* What a copy leaves for the next one. */
    void carry(const Carried &c)
    {
        auto *scalar = cast<PHINode>(made.lookup(key_of(c.at[0])));
        BasicBlock *before = loop.getLoopPreheader();
        IRBuilder<> outside(before->getTerminator()), bottom(block->getTerminator());
        Piece start = {c.phi->getIncomingValueForBlock(before), c.at[0].from, c.at[0].bits};
        scalar->addIncoming(use(outside, start, scalar->getType()), before);
        scalar->addIncoming(use(bottom, c.at[1], scalar->getType()), block);
    }

    static Value *address(IRBuilder<> &b, Instruction &access, const Piece &p)
    {
        Value *at = getLoadStorePointerOperand(&access);
        return p.from ? b.CreateGEP(b.getInt8Ty(), at, b.getInt64(p.from / 8)) : at;
    }

    static Value *make_load(IRBuilder<> &b, Instruction &i, const Piece &p)
    {
        Type *t = p.bits == width_of(i.getType()) ? i.getType()->getScalarType() : b.getIntNTy(p.bits);
        LoadInst *load = b.CreateAlignedLoad(t, address(b, i, p), Align(1));
        load->copyMetadata(i);
        return load;
    }

    void make_store(IRBuilder<> &b, Instruction &i, const Piece &p)
    {
        StoreInst *store = b.CreateAlignedStore(use(b, value_of(p), nullptr), address(b, i, p), Align(1));
        store->copyMetadata(i);
    }

    Value *make_lane(IRBuilder<> &b, Instruction &i, const Piece &p)
    {
        SmallVector<Value *, 4> o;
        Type *t = i.getType()->getScalarType();
        for (unsigned k = 0; k < operands_of(i); k++)
            o.push_back(use(b, operand(p, k), i.getOperand(k)->getType()->getScalarType()));
        Instruction *scalar;
        if (isa<UnaryOperator>(i))
            scalar = UnaryOperator::Create(cast<UnaryOperator>(i).getOpcode(), o[0]);
        else if (isa<BinaryOperator>(i))
            scalar = BinaryOperator::Create(cast<BinaryOperator>(i).getOpcode(), o[0], o[1]);
        else if (isa<CastInst>(i))
            scalar = CastInst::Create(cast<CastInst>(i).getOpcode(), o[0], t);
        else if (auto *cmp = dyn_cast<CmpInst>(&i))
            scalar = CmpInst::Create(cmp->getOpcode(), cmp->getPredicate(), o[0], o[1]);
        else if (isa<SelectInst>(i))
            scalar = SelectInst::Create(o[0], o[1], o[2]);
        else
            return b.CreateIntrinsic(t, cast<IntrinsicInst>(i).getIntrinsicID(), o);
        b.Insert(scalar);
        scalar->copyIRFlags(&i);
        for (unsigned n = 1; n < times; n++)
            scalar->andIRFlags(copies.lookup({key_of(p), n}).v);
        return scalar;
    }

    /* A piece as a scalar of type `t`; NULL: of whichever it has. */
    Value *use(IRBuilder<> &b, Piece p, Type *t)
    {
        p = resolve(p);
        Value *v = p.v;
        if (auto *i = dyn_cast<Instruction>(v); i && !loop.isLoopInvariant(v))
            v = made.lookup(key_of(p));
        else if (!isa<Constant>(v))
            v = outside(p);
        return t && v->getType() != t ? b.CreateBitCast(v, t) : v;
    }

    /* A piece of what is computed before the loop. */
    Value *outside(const Piece &p)
    {
        IRBuilder<> b(loop.getLoopPreheader()->getTerminator());
        Value *v = p.v;
        unsigned width = width_of(v->getType());
        auto *c = dyn_cast<CastInst>(v);
        if (c && !isa<BitCastInst>(c) && v->getType()->isVectorTy() && p.is_lane())
            return b.CreateCast(c->getOpcode(), use(b, operand(p, 0), c->getSrcTy()->getScalarType()),
                                v->getType()->getScalarType());
        if (v->getType()->isVectorTy() && p.is_lane())
            return b.CreateExtractElement(v, p.index());
        if (p.is_lane())
            return v;
        v = b.CreateBitCast(v, b.getIntNTy(width * lanes_of(v->getType())));
        return b.CreateTrunc(b.CreateLShr(v, p.from), b.getIntNTy(p.bits));
    }

    /* The scalar sum of all that have `k` as their first: behind the loop it is a lane of that one, and all
     * other lanes are 0. What adds them up there may also do so behind the loop as it was. */
    void make_sum(unsigned k)
    {
        Sum &s = sums[k];
        Type *t = s.phi->getType()->getScalarType();
        if (s.first != k)
            return;
        IRBuilder<> top(block, block->begin()), bottom(block->getTerminator());
        PHINode *phi = top.CreatePHI(t, 2);
        Value *next = phi;
        for (const Piece &p : added[k])
            next = bottom.CreateAdd(next, use(bottom, p, t));
        phi->addIncoming(start_of_sum(k), loop.getLoopPreheader());
        phi->addIncoming(next, block);
        PHINode *result = IRBuilder<>(exit, exit->begin()).CreatePHI(t, 1);
        result->addIncoming(next, block);
        IRBuilder<> behind(exit, exit->getFirstInsertionPt());
        for (unsigned j = 0; j < sums.size(); j++) {
            Value *left = Constant::getNullValue(sums[j].phi->getType());
            if (j == k)
                left = left->getType() == t ? result : behind.CreateInsertElement(left, result, uint64_t(0));
            for (PHINode &of : exit->phis()) {
                if (sums[j].first == k && of.getIncomingValueForBlock(block) == sums[j].next)
                    of.replaceAllUsesWith(left);
            }
        }
    }

    static bool is_zero(const Value *v)
    {
        auto *c = dyn_cast<Constant>(v);
        return c && c->isNullValue();
    }

    Value *start_of_sum(unsigned k)
    {
        IRBuilder<> b(loop.getLoopPreheader()->getTerminator());
        Type *t = sums[k].phi->getType()->getScalarType();
        Value *sum = Constant::getNullValue(t);
        for (const Sum &s : sums) {
            for (unsigned lane = 0; s.first == k && lane < lanes_of(s.phi->getType()); lane++) {
                Value *all = s.phi->getIncomingValueForBlock(loop.getLoopPreheader());
                Piece p = resolve(Piece::lane(all, lane));
                Value *v = p.v ? use(b, p, t) : b.CreateExtractElement(all, lane);
                if (!is_zero(v))
                    sum = is_zero(sum) ? v : b.CreateAdd(sum, v);
            }
        }
        return sum;
    }

    /* To the form that loops of scalars have, which passes behind this one look for. */
    void simplify()
    {
        SmallVector<LoadInst *, 16> loads;
        SmallVector<CastInst *, 16> extended; /* operands before their users: those go with them */
        for (Instruction &i : *block) {
            if (auto *load = dyn_cast<LoadInst>(&i))
                loads.push_back(load);
            else if (auto *e = dyn_cast<CastInst>(&i); e && is_extension(e))
                extended.push_back(e);
        }
        for (LoadInst *load : loads)
            load_as_used(*load);
        for (CastInst *e : extended)
            widen_product(*e);
    }

    /* As what all users take it for. */
    static void load_as_used(LoadInst &load)
    {
        Type *t = load.use_empty() ? load.getType() : load.user_back()->getType();
        if (t == load.getType() ||
            !all_of(load.users(), [&](const User *u) { return isa<BitCastInst>(u) && u->getType() == t; }))
            return;
        auto *same =
            cast<LoadInst>(IRBuilder<>(&load).CreateAlignedLoad(t, load.getPointerOperand(), Align(1)));
        same->copyMetadata(load);
        for (User *u : make_early_inc_range(load.users())) {
            u->replaceAllUsesWith(same);
            cast<Instruction>(u)->eraseFromParent();
        }
        load.eraseFromParent();
    }

    static bool is_extension(const Value *v)
    {
        return isa<SExtInst, ZExtInst>(v);
    }

    /* A product of numbers of half its bits, extended, is one of extended numbers. */
    static void widen_product(CastInst &extended)
    {
        auto *product = dyn_cast<BinaryOperator>(extended.getOperand(0));
        if (!product || product->getOpcode() != Instruction::Mul || !product->hasOneUse() ||
            !all_of(product->operands(), is_extension))
            return;
        auto *x = cast<CastInst>(product->getOperand(0)), *y = cast<CastInst>(product->getOperand(1));
        unsigned bits = width_of(product->getType());
        bool has_sign = isa<SExtInst>(x) || isa<SExtInst>(y);
        if (has_sign != isa<SExtInst>(extended) || 2 * width_of(x->getSrcTy()) > bits ||
            2 * width_of(y->getSrcTy()) > bits)
            return;
        IRBuilder<> b(&extended);
        Type *t = extended.getType();
        extended.replaceAllUsesWith(b.CreateNSWMul(b.CreateCast(x->getOpcode(), x->getOperand(0), t),
                                                   b.CreateCast(y->getOpcode(), y->getOperand(0), t)));
        RecursivelyDeleteTriviallyDeadInstructions(&extended);
    }

    void remove_vectors()
    {
        for (PHINode &phi : make_early_inc_range(exit->phis())) {
            if (phi.use_empty())
                phi.eraseFromParent();
        }
        for (Instruction *i : accesses) {
            if (isa<StoreInst>(i))
                i->eraseFromParent();
        }
        auto remove = [](PHINode *phi) {
            phi->replaceAllUsesWith(PoisonValue::get(phi->getType()));
            phi->eraseFromParent();
        };
        for (const VectorInduction &v : vector_inductions)
            remove(v.phi);
        for (const Sum &s : sums)
            remove(s.phi);
        for (const Carried &c : carried)
            remove(c.phi);
        for (Instruction &i : make_early_inc_range(reverse(*block))) {
            if (isInstructionTriviallyDead(&i))
                i.eraseFromParent();
        }
    }
};

} // namespace

PreservedAnalyses LanesPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    auto longer = TargetTransformInfo::RGK_FixedWidthVector;
    if (analyses.getResult<TargetIRAnalysis>(f).getRegisterBitWidth(longer).getFixedValue() <= 128)
        return PreservedAnalyses::all();
    Analyses with{analyses.getResult<ScalarEvolutionAnalysis>(f), analyses.getResult<LoopAnalysis>(f),
                  analyses.getResult<DominatorTreeAnalysis>(f), analyses.getResult<LoopAccessAnalysis>(f)};
    bool changed = false;
    SmallVector<Loop *, 8> inner;
    copy_if(with.loops.getLoopsInPreorder(), std::back_inserter(inner),
            [](const Loop *l) { return l->isInnermost(); });
    for (Loop *l : inner)
        changed |= Scalars(*l, with).run();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
