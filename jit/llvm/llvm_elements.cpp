/* llvm_elements.cpp: loops that call a function of the module for each element, as vectors.
 *
 * LLVM has no vectors for exp and the like as C libraries have them: they are called, or have branches and
 * tables. But with nearly all numbers such a function goes one way, which there are vectors of
 * (llvm_trace.cpp), so that each element has the same bits. A block of elements of which one would go another
 * way is done one by one, by the function itself, in the order of the loop. What the loop makes of the
 * elements before and behind is done in vectors, too, and their sum in the loop's order (or, with
 * --fp=relaxed, in vectors). Nothing is known here of what the function computes. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_curves.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_stretch.h"
#include "llvm_trace.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

#include <map>
#include <memory>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

CallInst *call_of(const CallInst &mark)
{
    return dyn_cast<CallInst>(mark.getArgOperand(1));
}

/* One loop, and what a round makes of its elements. */
class Elements
{
  public:
    Elements(Loop &l, ScalarEvolution &se, GlobalVariable &mem)
        : loop(l), evolution(se), memory(mem), block(l.getHeader())
    {
    }

    static bool is_possible(const Loop &l)
    {
        if (l.getNumBlocks() != 1 || !Stretch::has_shape(l))
            return false;
        return any_of(*l.getHeader(), [](const Instruction &i) { return curve_marked(i) != CURVES; });
    }

    bool is_one(const struct wasm_module *m)
    {
        return sort_instructions() && are_in_a_row() && is_made_of_elements(*stored(0), 0) && are_alike() &&
               is_in_order() && all_is_used() && find_traces(m) && find_sum();
    }

    Type *type() const
    {
        return stored(0)->getType();
    }
    uint64_t bytes() const
    {
        return type()->getScalarSizeInBits() / 8;
    }
    Value *stored(size_t k) const
    {
        return stores[k]->getValueOperand();
    }
    Value *next_sum() const
    {
        return sum ? sum->getIncomingValueForBlock(block) : nullptr;
    }

    SmallVector<StoreInst *, 8> stores;     /* of a round, by address */
    SmallSetVector<LoadInst *, 2> elements; /* of which the first one of a round is made */
    SmallSetVector<CallInst *, 4> marks;    /* the same */
    SmallSetVector<Value *, 8> invariants;  /* no constants */
    PHINode *sum = nullptr;
    std::map<uint32_t, std::unique_ptr<Trace>> traces; /* by function */

  private:
    static constexpr unsigned deep_most = 16;
    static constexpr int64_t near = 4096; /* bytes */
    static constexpr size_t stores_most = 16, instructions_most = 300;
    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    BasicBlock *block;
    SmallPtrSet<const Value *, 16> parts;                  /* that were found to be made of elements */
    SmallDenseMap<const Value *, const Value *, 16> alike; /* of the element looked at */
    SmallPtrSet<const Value *, 32> used;                   /* loads and marks of all elements */

    /* Nothing has effects but the stores, and calls that are marked. */
    bool sort_instructions()
    {
        SmallPtrSet<const Value *, 8> called;
        for (Instruction &i : *block) {
            if (curve_marked(i) != CURVES)
                called.insert(call_of(cast<CallInst>(i)));
        }
        for (Instruction &i : *block) {
            auto *load = dyn_cast<LoadInst>(&i);
            auto *store = dyn_cast<StoreInst>(&i);
            if (store && store->isSimple())
                stores.push_back(store);
            else if (!(load && load->isSimple()) && !called.contains(&i) && curve_marked(i) == CURVES &&
                     (i.mayHaveSideEffects() || i.mayReadOrWriteMemory()))
                return false;
        }
        return !stores.empty() && stores.size() <= stores_most && block->size() <= instructions_most &&
               (type()->isFloatTy() || type()->isDoubleTy());
    }

    /* Of indices modulo 2^32 it is the distance of the addresses where all of the range that begins with `q`
     * is inside of the memory, which is tested. */
    bool distance(Value *p, Value *q, int64_t *between)
    {
        int64_t offset_p, offset_q;
        Value *x = memory_index(p, &memory, &offset_p), *y = memory_index(q, &memory, &offset_q);
        if (constant_between(p, q, between))
            return true;
        if (x && y && x->getType()->isIntegerTy(32) && y->getType()->isIntegerTy(32))
            return offset_p == offset_q && constant_between(x, y, between);
        const SCEV *step_p, *step_q, *from = narrow_start(p, &step_p), *to = narrow_start(q, &step_q);
        return from && to && step_p == step_q && constant_between(from, to, between);
    }

    /* The number of 32 bits that the distance from the memory's beginning is in the first round. */
    const SCEV *narrow_start(Value *pointer, const SCEV **step)
    {
        const SCEV *all = evolution.getMinusSCEV(evolution.getSCEV(pointer), evolution.getSCEV(&memory));
        auto *goes = dyn_cast<SCEVAddRecExpr>(all);
        if (!goes || goes->getLoop() != &loop || !goes->isAffine())
            return nullptr;
        auto *wide = dyn_cast<SCEVZeroExtendExpr>(goes->getStart());
        *step = goes->getStepRecurrence(evolution);
        return wide && wide->getOperand()->getType()->isIntegerTy(32) ? wide->getOperand() : nullptr;
    }

    bool constant_between(const SCEV *p, const SCEV *q, int64_t *between)
    {
        auto *c = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(p, q));
        if (c)
            *between = c->getAPInt().getSExtValue();
        return c;
    }

    bool constant_between(Value *p, Value *q, int64_t *between)
    {
        return constant_between(evolution.getSCEV(p), evolution.getSCEV(q), between);
    }

    bool are_in_a_row()
    {
        SmallVector<std::pair<int64_t, StoreInst *>, 8> placed;
        for (StoreInst *s : stores) {
            int64_t at;
            if (s->getValueOperand()->getType() != type() ||
                !distance(s->getPointerOperand(), stores[0]->getPointerOperand(), &at))
                return false;
            placed.push_back({at, s});
        }
        sort(placed, [](const auto &a, const auto &b) { return a.first < b.first; });
        for (size_t k = 0; k < placed.size(); k++) {
            if (placed[k].first - placed[0].first != static_cast<int64_t>(k * bytes()))
                return false;
            stores[k] = placed[k].second;
        }
        return true;
    }

    bool goes_with_loop(LoadInst &load)
    {
        auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(load.getPointerOperand()));
        return load.getType() == type() && goes && goes->getLoop() == &loop && goes->isAffine();
    }

    static bool is_computation(const Value &v)
    {
        if (auto *call = dyn_cast<IntrinsicInst>(&v))
            return call->getIntrinsicID() == Intrinsic::fabs;
        auto *binary = dyn_cast<BinaryOperator>(&v);
        return isa<FCmpInst, SelectInst>(v) || (binary && v.getType()->isFloatingPointTy()) ||
               (isa<UnaryOperator>(v) && v.getType()->isFloatingPointTy());
    }

    /* How the first element of a round is made. */
    bool is_made_of_elements(Value &v, unsigned deep)
    {
        if (loop.isLoopInvariant(&v)) {
            if (!isa<Constant>(v))
                invariants.insert(&v);
            return true;
        }
        if (deep == deep_most)
            return false;
        if (!parts.insert(&v).second)
            return true;
        if (auto *load = dyn_cast<LoadInst>(&v)) {
            elements.insert(load);
            return goes_with_loop(*load);
        }
        if (curve_marked(v) != CURVES) {
            auto &mark = cast<CallInst>(v);
            marks.insert(&mark);
            return is_call_of_element(mark) && is_made_of_elements(*mark.getArgOperand(0), deep + 1);
        }
        return is_computation(v) && all_of(cast<Instruction>(v).operands(), [&](Use &o) {
                   return is_intrinsic_itself(v, *o) || is_made_of_elements(*o, deep + 1);
               });
    }

    static bool is_intrinsic_itself(const Value &v, const Value &operand)
    {
        auto *call = dyn_cast<CallInst>(&v);
        return call && call->getCalledOperand() == &operand;
    }

    /* Its other arguments are the same in all rounds. */
    bool is_call_of_element(const CallInst &mark)
    {
        const CallInst *call = call_of(mark);
        if (!call || call->getType() != type() || mark.getType() != type() || !call->getCalledFunction())
            return false;
        unsigned numbers = 0;
        for (Value *a : call->args()) {
            numbers += a == mark.getArgOperand(0);
            if (a != mark.getArgOperand(0) && !loop.isLoopInvariant(a))
                return false;
            if (a != mark.getArgOperand(0) && !isa<Constant>(a))
                invariants.insert(a);
        }
        return numbers == 1;
    }

    /* Whether `w` is of element `k` what `v` is of the first. */
    bool is_alike(const Value &v, const Value &w, size_t k)
    {
        if (loop.isLoopInvariant(&v))
            return &v == &w;
        if (v.getType() != w.getType() || v.getValueID() != w.getValueID())
            return false;
        auto known = alike.try_emplace(&v, &w);
        if (!known.second)
            return known.first->second == &w;
        auto &i = cast<Instruction>(v);
        auto &j = cast<Instruction>(w);
        if (auto *load = dyn_cast<LoadInst>(&v)) {
            int64_t at;
            used.insert(&w);
            return distance(cast<LoadInst>(const_cast<Value &>(w)).getPointerOperand(),
                            const_cast<Value *>(load->getPointerOperand()), &at) &&
                   at == static_cast<int64_t>(k * bytes());
        }
        if (curve_marked(v) != CURVES) {
            if (curve_marked(w) == CURVES)
                return false;
            auto &a = cast<CallInst>(v);
            auto &b = cast<CallInst>(w);
            used.insert(&w);
            used.insert(b.getArgOperand(1));
            return is_call_alike(a, b) && is_alike(*a.getArgOperand(0), *b.getArgOperand(0), k);
        }
        if (i.getNumOperands() != j.getNumOperands() || i.getOpcode() != j.getOpcode() ||
            (isa<FCmpInst>(i) && cast<FCmpInst>(i).getPredicate() != cast<FCmpInst>(j).getPredicate()))
            return false;
        for (unsigned n = 0; n < i.getNumOperands(); n++) {
            if (!is_alike(*i.getOperand(n), *j.getOperand(n), k))
                return false;
        }
        return true;
    }

    static bool is_call_alike(const CallInst &mark, const CallInst &other)
    {
        const CallInst *a = call_of(mark), *b = call_of(other);
        if (!b || a->getCalledOperand() != b->getCalledOperand() || a->arg_size() != b->arg_size())
            return false;
        for (unsigned k = 0; k < a->arg_size(); k++) {
            bool number = a->getArgOperand(k) == mark.getArgOperand(0);
            if (number ? b->getArgOperand(k) != other.getArgOperand(0)
                       : b->getArgOperand(k) != a->getArgOperand(k))
                return false;
        }
        return true;
    }

    bool are_alike()
    {
        for (size_t k = 0; k < stores.size(); k++) {
            alike.clear();
            if (!is_alike(*stored(0), *stored(k), k))
                return false;
        }
        return !marks.empty() && !elements.empty() &&
               none_of(elements, [&](LoadInst *load) { return is_written_before(*load); });
    }

    /* The calls that an element is made of, as Kernel::emit makes them. */
    void add_calls(const Value &v, SmallPtrSetImpl<const Value *> &seen,
                   SmallVectorImpl<const Instruction *> &order)
    {
        auto *i = dyn_cast<Instruction>(&v);
        if (!i || !loop.contains(i) || isa<LoadInst>(i) || !seen.insert(i).second)
            return;
        if (curve_marked(v) != CURVES) {
            add_calls(*i->getOperand(0), seen, order);
            order.push_back(call_of(cast<CallInst>(*i)));
            return;
        }
        for (const Value *o : i->operands())
            add_calls(*o, seen, order);
    }

    /* Whether each element is stored before the next one is made, by addresses, and functions are called as
     * they will be: what one of them finds in memory when it traps, and what is loaded where it has been
     * stored, is what it would have been. */
    bool is_in_order()
    {
        SmallPtrSet<const Value *, 32> seen;
        SmallVector<const Instruction *, 32> order;
        for (StoreInst *s : stores) {
            add_calls(*s->getValueOperand(), seen, order);
            order.push_back(s);
        }
        size_t n = 0;
        for (const Instruction &i : *block)
            n += n < order.size() && &i == order[n];
        return n == order.size();
    }

    /* What an earlier element has become: never a place for vectors. */
    bool is_written_before(LoadInst &load)
    {
        int64_t at;
        return distance(load.getPointerOperand(), stores[0]->getPointerOperand(), &at) && at < 0 &&
               at > -near;
    }

    /* Loads that nothing needs could read anything, and calls belong to elements. */
    bool all_is_used()
    {
        for (Instruction &i : *block) {
            bool must =
                isa<LoadInst>(i) || curve_marked(i) != CURVES || (isa<CallInst>(i) && !isa<IntrinsicInst>(i));
            if (must && !used.contains(&i))
                return false;
        }
        return true;
    }

    bool find_traces(const struct wasm_module *m)
    {
        for (const CallInst *mark : marks) {
            uint32_t func = function_index(*call_of(*mark)->getCalledFunction());
            auto found = traces.try_emplace(func, nullptr);
            if (!found.second)
                continue;
            found.first->second = std::make_unique<Trace>();
            if (!found.first->second->find(m, func))
                return false;
        }
        return true;
    }

    /* All that is stored, added in the order of the elements, or nothing; another number that goes from round
     * to round with these is not known behind the loop. */
    bool find_sum()
    {
        for (PHINode &phi : block->phis()) {
            Value *v = phi.getIncomingValueForBlock(block), *x, *y;
            size_t k = stores.size();
            for (; k > 0 && match(v, m_FAdd(m_Value(x), m_Value(y))); k--) {
                if (x != stored(k - 1) && y != stored(k - 1))
                    break;
                v = x == stored(k - 1) ? y : x;
            }
            if (k == 0 && v == &phi)
                sum = &phi;
        }
        return true;
    }
};

/* What is done in place of the loop, as a function: out, elements, where the sum begins, where the loads are,
 * and what stays. */
class Kernel
{
  public:
    Kernel(const Elements &l, Module &m, GlobalVariable &mem, unsigned width, bool in_vectors, bool avx512)
        : of(l), memory(mem), lanes(width), unordered(in_vectors && l.sum), permutes(avx512),
          c(m.getContext()), before(c), b(c)
    {
        SmallVector<Type *, 8> types = {b.getPtrTy(), b.getInt64Ty(), l.type()};
        types.append(l.elements.size(), b.getPtrTy());
        for (Value *v : l.invariants)
            types.push_back(v->getType());
        Type *result = l.sum ? l.type() : b.getVoidTy();
        function = Function::Create(FunctionType::get(result, types, false), GlobalValue::InternalLinkage,
                                    "elements", m);
    }

    /* Null: something has no vectors. */
    Function *build()
    {
        make_blocks();
        bool built = build_vectors();
        if (built) {
            build_head();
            build_lone();
            before.CreateBr(head);
            return function;
        }
        function->deleteBody();
        function->eraseFromParent();
        return nullptr;
    }

  private:
    const Elements &of;
    GlobalVariable &memory;
    unsigned lanes;
    bool unordered, permutes;
    LLVMContext &c;
    IRBuilder<> before, b;
    Function *function;
    BasicBlock *head = nullptr, *rest = nullptr, *vectors = nullptr, *whole = nullptr, *lone = nullptr,
               *exit = nullptr;
    PHINode *at = nullptr, *sum = nullptr, *sums = nullptr; /* of the head */
    PHINode *limit = nullptr;                               /* up to where elements are done one by one */
    Value *end = nullptr;                                   /* of a block of lanes */
    SmallDenseMap<const Value *, Value *, 16> made;

    Type *vector() const
    {
        return FixedVectorType::get(of.type(), lanes);
    }

    void make_blocks()
    {
        before.SetInsertPoint(BasicBlock::Create(c, "", function));
        for (BasicBlock **block : {&head, &rest, &vectors, &whole, &lone, &exit})
            *block = BasicBlock::Create(c, "", function);
        b.SetInsertPoint(head);
        at = b.CreatePHI(b.getInt64Ty(), 3);
        sum = b.CreatePHI(of.type(), 3);
        sums = b.CreatePHI(vector(), 3);
        at->addIncoming(b.getInt64(0), before.GetInsertBlock());
        sum->addIncoming(function->getArg(2), before.GetInsertBlock());
        /* What nothing has been added to yet is -0. */
        sums->addIncoming(ConstantFP::get(vector(), -0.0), before.GetInsertBlock());
        b.SetInsertPoint(lone);
        limit = b.CreatePHI(b.getInt64Ty(), 3);
    }

    Value *address(Value *from, Value *index)
    {
        return b.CreateGEP(of.type(), from, index);
    }

    /* The number, of one element or of as many as there are lanes. */
    Value *emit(Value &v, Value *index, bool wide, Value **other)
    {
        auto known = made.find(&v);
        if (known != made.end())
            return known->second;
        Value *w = emit_new(v, index, wide, other);
        made[&v] = w;
        return w;
    }

    Value *emit_new(Value &v, Value *index, bool wide, Value **other)
    {
        size_t fixed = 3 + of.elements.size();
        auto *i = dyn_cast<Instruction>(&v);
        if (isa<Constant>(v) || is_contained(of.invariants, &v)) {
            Value *one = isa<Constant>(v)
                             ? &v
                             : function->getArg(fixed + (find(of.invariants, &v) - of.invariants.begin()));
            return wide ? before.CreateVectorSplat(lanes, one) : one;
        }
        if (auto *load = dyn_cast<LoadInst>(&v)) {
            auto which = find(of.elements, load) - of.elements.begin();
            return b.CreateAlignedLoad(wide ? vector() : of.type(),
                                       address(function->getArg(3 + which), index), Align(1));
        }
        if (curve_marked(v) != CURVES)
            return emit_call(cast<CallInst>(v), index, wide, other);
        SmallVector<Value *, 3> operands;
        for (Value *o : i->operands()) {
            if (isa<Function>(o))
                continue;
            Value *w = emit(*o, index, wide, other);
            if (!w)
                return nullptr;
            operands.push_back(w);
        }
        return compute(*i, operands);
    }

    Value *compute(const Instruction &i, ArrayRef<Value *> x)
    {
        if (auto *compare = dyn_cast<FCmpInst>(&i))
            return b.CreateFCmp(compare->getPredicate(), x[0], x[1]);
        if (isa<SelectInst>(i))
            return b.CreateSelect(x[0], x[1], x[2]);
        if (isa<IntrinsicInst>(i))
            return b.CreateUnaryIntrinsic(Intrinsic::fabs, x[0]);
        if (isa<UnaryOperator>(i))
            return b.CreateFNeg(x[0]);
        return b.CreateBinOp(cast<BinaryOperator>(i).getOpcode(), x[0], x[1]);
    }

    Value *emit_call(CallInst &mark, Value *index, bool wide, Value **other)
    {
        Value *x = emit(*mark.getArgOperand(0), index, wide, other);
        CallInst *call = call_of(mark);
        if (!x)
            return nullptr;
        if (wide) {
            Value *elsewhere;
            Value *y = of.traces.at(function_index(*call->getCalledFunction()))
                           ->build(b, before, x, memory, permutes, &elsewhere);
            if (y)
                *other = *other ? b.CreateOr(*other, elsewhere) : elsewhere;
            return y;
        }
        auto *copy = cast<CallInst>(call->clone());
        for (unsigned k = 0; k < call->arg_size(); k++) {
            Value *a = call->getArgOperand(k);
            copy->setArgOperand(k, a == mark.getArgOperand(0) ? x : emit(*a, index, false, other));
        }
        return b.Insert(copy);
    }

    bool build_vectors()
    {
        Value *other = nullptr;
        b.SetInsertPoint(vectors);
        end = b.CreateAdd(at, b.getInt64(lanes));
        Value *v = emit(*of.stored(0), at, true, &other);
        if (!v)
            return false;
        Value *any = b.CreateICmpNE(b.CreateBitCast(b.CreateFreeze(other), b.getIntNTy(lanes)),
                                    ConstantInt::get(b.getIntNTy(lanes), 0));
        b.CreateCondBr(any, lone, whole);
        limit->addIncoming(end, vectors);
        b.SetInsertPoint(whole);
        b.CreateAlignedStore(v, address(function->getArg(0), at), Align(1));
        Value *added = sum;
        if (of.sum && !unordered)
            added = b.CreateFAddReduce(sum, v);
        Value *together = unordered ? b.CreateFAdd(sums, v) : sums;
        b.CreateBr(head);
        at->addIncoming(end, whole);
        sum->addIncoming(added, whole);
        sums->addIncoming(together, whole);
        return true;
    }

    void build_head()
    {
        Value *n = function->getArg(1);
        b.SetInsertPoint(head);
        b.CreateCondBr(b.CreateICmpUGE(b.CreateSub(n, at), b.getInt64(lanes)), vectors, rest);
        b.SetInsertPoint(rest);
        b.CreateCondBr(b.CreateICmpULT(at, n), lone, exit);
        limit->addIncoming(n, rest);
        b.SetInsertPoint(exit);
        if (!of.sum) {
            b.CreateRetVoid();
            return;
        }
        Value *all = sum;
        if (unordered) {
            auto *more = cast<CallInst>(b.CreateFAddReduce(ConstantFP::get(of.type(), -0.0), sums));
            more->setHasAllowReassoc(true);
            all = b.CreateFAdd(sum, more);
        }
        b.CreateRet(all);
    }

    /* One by one, by the function itself. */
    void build_lone()
    {
        BasicBlock *one = BasicBlock::Create(c, "", function, exit);
        Value *other = nullptr;
        made.clear();
        b.SetInsertPoint(lone);
        b.CreateBr(one);
        b.SetInsertPoint(one);
        PHINode *index = b.CreatePHI(b.getInt64Ty(), 2), *so_far = b.CreatePHI(of.type(), 2);
        Value *v = emit(*of.stored(0), index, false, &other);
        b.CreateAlignedStore(v, address(function->getArg(0), index), Align(1));
        Value *added = of.sum ? b.CreateFAdd(so_far, v) : so_far;
        Value *next = b.CreateAdd(index, b.getInt64(1));
        index->addIncoming(at, lone);
        index->addIncoming(next, one);
        so_far->addIncoming(sum, lone);
        so_far->addIncoming(added, one);
        b.CreateCondBr(b.CreateICmpULT(next, limit), one, head);
        at->addIncoming(next, one);
        sum->addIncoming(added, one);
        sums->addIncoming(sums, one);
    }
};

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return l.isInnermost() && Elements::is_possible(l) && known(l);
    }

  private:
    static constexpr uint64_t least = 16; /* elements */

    bool known(Loop &l)
    {
        Elements e(l, evolution, memory);
        if (!e.is_one(unit.module))
            return false;
        Stretch written(l, evolution, memory);
        if (written.rounds_most() < least / e.stores.size()) /* what an unrolled loop leaves */
            return false;
        struct pattern_site site = site_of(unit, function, &l, loops, PATTERN_ELEMENTS, evidence(e));
        site.text = Substitution::forbidden(unit, site);
        site.replaced = !site.text && replace(l, e, written, &site);
        patterns_note(&site);
        return site.replaced;
    }

    static std::string evidence(const Elements &e)
    {
        SmallString<96> line;
        raw_svector_ostream out(line);
        for (const CallInst *mark : e.marks)
            out << (mark == e.marks[0] ? "" : ", ") << curve_name(curve_marked(*mark));
        out << (e.type()->isFloatTy() ? " of f32" : " of f64") << (e.sum ? ", and their sum, " : ", ")
            << e.stores.size() << " a round";
        return std::string(line);
    }

    bool replace(Loop &l, const Elements &e, Stretch &written, struct pattern_site *site)
    {
        uint64_t bytes = e.bytes();
        SmallVector<std::unique_ptr<Stretch>, 2> streams;
        site->text = "how often it runs, or where its elements lie, is not known before it";
        if (!written.find(e.stores.front()->getPointerOperand(), bytes * e.stores.size(), loops, dominators))
            return false;
        for (LoadInst *load : e.elements) {
            streams.push_back(std::make_unique<Stretch>(l, evolution, memory));
            if (!streams.back()->find(load->getPointerOperand(), bytes * e.stores.size(), loops, dominators))
                return false;
        }
        SmallVector<Value *, 1> left;
        if (e.sum)
            left.push_back(e.next_sum());
        if (!written.find_results(left, &site->text))
            return false;
        site->text = "there are no vectors for what its function does";
        unsigned lanes = bytes == 4 ? 16 : 8;
        Function *kernel =
            Kernel(e, *function.getParent(), memory, lanes, unit.fp_relaxed, kernels.has("+avx512f")).build();
        if (!kernel)
            return false;
        kernel->addFnAttr("min-legal-vector-width", "512"); /* functions of many steps, as VECTORS_OF */
        kernels.adopt(*kernel, function);
        site->text = lanes == 16 ? "vectors of 16" : "vectors of 8";
        addStringMetadataToLoop(&l, LOOP_IS_ELEMENTS);
        substitute(l, e, written, streams, *kernel, *site);
        return true;
    }

    void substitute(Loop &l, const Elements &e, Stretch &written, ArrayRef<std::unique_ptr<Stretch>> streams,
                    Function &kernel, const struct pattern_site &site)
    {
        unsigned type = e.type()->isFloatTy() ? RT_SITE_F32 : RT_SITE_F64;
        Substitution s(written.before(), memory, unit);
        IRBuilder<> &b = s.builder();
        written.require(s);
        Value *n = b.CreateMul(written.rounds, s.number(e.stores.size()));
        s.require(b.CreateICmpUGE(n, s.number(least)));
        s.writes(written.range, type);
        Value *start =
            e.sum ? e.sum->getIncomingValueForBlock(l.getLoopPreheader()) : PoisonValue::get(e.type());
        SmallVector<Value *, 8> arguments = {s.pointer(written.range.from), n, start};
        for (const auto &stream : streams) {
            stream->require(s);
            s.require(b.CreateOr(b.CreateICmpULE(written.range.from, stream->range.from),
                                 b.CreateICmpUGE(written.range.from, stream->range.to)));
            arguments.push_back(s.pointer(stream->range.from));
        }
        for (const auto &trace : e.traces) {
            for (const Trace::Constants &c : trace.second->constants())
                s.require_disjoint(written.range, {s.number(c.from), s.number(c.to)});
        }
        arguments.append(e.invariants.begin(), e.invariants.end());
        if (unit.fp_relaxed && e.sum) {
            s.reads(written.range, type); /* the terms of the sum, when they are compared */
            s.rounds_otherwise(type, n);
        }
        s.finish(site, &kernel, arguments, written.end(), written.results(s));
    }
};

/* Calls that were kept for this search, in loops that stay as they are: as if they had never been marked. */
bool inline_calls(Module &m)
{
    constexpr unsigned small = 200; /* instructions */
    SmallVector<CallInst *, 8> calls;
    bool changed = false;
    for (Function &f : m) {
        if (f.isDeclaration() || !is_own_function(f))
            continue;
        for (Instruction &i : instructions(f)) {
            if (CallInst *call = curve_marked(i) == CURVES ? nullptr : call_of(cast<CallInst>(i)))
                calls.push_back(call);
        }
    }
    for (CallInst *call : calls) {
        Function *f = call->getCalledFunction();
        call->removeFnAttr(Attribute::NoInline);
        if (!f || f->isDeclaration() || f == call->getFunction() || f->getInstructionCount() > small)
            continue;
        InlineFunctionInfo info;
        changed |= InlineFunction(*call, info).isSuccess();
    }
    return changed;
}

} // namespace

PreservedAnalyses ElementsPass::run(Module &m, ModuleAnalysisManager &modules)
{
    bool changed = false;
    if (machine.getMCSubtargetInfo()->checkFeatures("+avx2"))
        changed = !replace_loops<Search>("elements", m, modules, machine, unit).areAllPreserved();
    changed |= inline_calls(m);
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
