/* llvm_nest.cpp: nests of loops that sum products, in whatever form they come.
 *
 * A nest is followed from the value that is stored (or left over) backward through its additions to what the
 * sum began with, so that the order of additions is known, and addresses are compared as affine functions of
 * the rounds. A loop that was unrolled takes several elements a round, and what remains of it stands behind
 * it, as a loop or as code of its own; these are segments of one level when the addresses of each continue
 * those of the one before. Nothing is assumed of names, types of the source language or the order of loops.
 */
#include "llvm_nest.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

Nest::Nest(ArrayRef<Loop *> of, ScalarEvolution &se, LoopInfo &li, GlobalVariable &mem)
    : levels(of.begin(), of.end()), evolution(se), loop_info(li), memory(mem)
{
}

uint32_t function_index(const Function &f)
{
    uint32_t index = 0;
    StringRef digits = f.getName().split('f').second;
    digits.consumeInteger(10, index);
    return index;
}

bool is_own_function(const Function &f)
{
    return !f.getName().contains('.');
}

bool multiplies(const Loop &innermost)
{
    auto is_load = [](const Value *v) {
        auto *c = dyn_cast<CastInst>(v);
        return isa<LoadInst>(c ? c->getOperand(0) : v);
    };
    auto is_factor = [&](const Value *v) {
        auto *difference = dyn_cast<BinaryOperator>(v);
        return is_load(v) || (difference && difference->getOpcode() == Instruction::FSub &&
                              all_of(difference->operands(), is_load));
    };
    for (const BasicBlock *b : innermost.blocks()) {
        for (const Instruction &i : *b) {
            if ((i.getOpcode() == Instruction::FMul || i.getOpcode() == Instruction::Mul) &&
                all_of(i.operands(), is_factor))
                return true;
        }
    }
    return false;
}

bool Nest::refuse(const char *reason)
{
    why = reason;
    return false;
}

bool Nest::invariant(const Value *v) const
{
    return levels.front()->isLoopInvariant(v);
}

bool Nest::analyse()
{
    if (!loops_are_counted() || !walk_levels() || !find_sums() || !nothing_else() || !same_types() ||
        !find_addresses())
        return false;
    erase_if(conditions, [&](const NestCondition &c) { return is_same_either_way(c); });
    return true;
}

bool Nest::analyse_rounds(const DominatorTree &dominators)
{
    return loops_are_counted() && walk_levels() && find_result() && find_made(dominators) && only_reads() &&
           same_types() && find_factors();
}

/* --- The loops. --- */

/* The rest of a loop may begin where ways meet. */
const SCEV *Nest::rounds_of(const Loop &l)
{
    const SCEV *rounds = evolution.getBackedgeTakenCount(&l);
    return isa<SCEVCouldNotCompute>(rounds) || is_contained(levels, &l) ? rounds : settled(rounds);
}

bool Nest::counted(const Loop &l)
{
    if (!l.getLoopPreheader() || !l.getLoopLatch() || l.getExitingBlock() != l.getLoopLatch() ||
        !l.getUniqueExitBlock())
        return refuse("a loop has more than one way out");
    const SCEV *rounds = rounds_of(l);
    if (isa<SCEVCouldNotCompute>(rounds))
        return refuse("how often a loop runs is not known before it");
    if (!evolution.isLoopInvariant(rounds, levels.front()))
        return refuse("a loop does not always run equally often");
    return true;
}

bool Nest::loops_are_counted()
{
    for (const Loop *l : levels) {
        if (!counted(*l))
            return false;
    }
    return innermost()->getNumBlocks() == 1 || refuse("the innermost loop has branches");
}

/* Whether `from` leads to `to` within a round of `l`. */
static bool leads_to(const Loop &l, const BasicBlock *from, const BasicBlock *to)
{
    constexpr size_t blocks_most = 64;
    SmallPtrSet<const BasicBlock *, 16> seen;
    SmallVector<const BasicBlock *, 16> todo{from};
    while (!todo.empty() && seen.size() < blocks_most) {
        const BasicBlock *b = todo.pop_back_val();
        if (b == to)
            return true;
        if (b == l.getHeader() || !l.contains(b) || !seen.insert(b).second)
            continue;
        todo.append(succ_begin(b), succ_end(b));
    }
    return false;
}

/* The block that a round goes on with behind `b`, or null; inner loops are passed over. */
static BasicBlock *behind(BasicBlock *b, const LoopInfo &loops)
{
    BasicBlock *next = b->getSingleSuccessor();
    const Loop *inner = next ? loops.getLoopFor(next) : nullptr;
    return inner && inner->getHeader() == next && !inner->contains(b) ? inner->getUniqueExitBlock() : next;
}

/* Whether there is one way only from `from`, and it comes to `to`. */
static bool comes_to(BasicBlock *from, const BasicBlock *to, const LoopInfo &loops)
{
    constexpr int blocks_most = 16;
    for (int k = 0; k < blocks_most && from && from != to; k++)
        from = behind(from, loops);
    return from == to;
}

/* Which way a round goes on behind the branch `br`: up to the inner loop, the one that leads there, and that
 * it is taken is a condition of the whole; later, the one with something in it, and *join is where it ends.
 */
BasicBlock *Nest::choose(Loop &l, BranchInst &br, const BasicBlock *inner, BasicBlock **join,
                         NestCondition *condition)
{
    BasicBlock *yes = br.getSuccessor(0), *no = br.getSuccessor(1);
    if (inner) {
        bool first = leads_to(l, yes, inner);
        if (first == leads_to(l, no, inner))
            return nullptr;
        if (first || !br.getMetadata(BRANCH_IF_APART)) /* kernels run where that is so */
            conditions.push_back({br.getCondition(), first, &br});
        return first ? yes : no;
    }
    bool first = comes_to(yes, no, loop_info);
    if (*join || (!first && !comes_to(no, yes, loop_info)))
        return nullptr;
    *join = first ? no : yes;
    *condition = {br.getCondition(), first, &br};
    around[*join] = br.getParent();
    return first ? yes : no;
}

/* A round of `l` as it is when all conditions hold. */
bool Nest::walk(Loop &l, const Loop &inner)
{
    BasicBlock *b = l.getHeader(), *join = nullptr;
    const BasicBlock *target = inner.getHeader();
    NestCondition condition;
    body.clear();
    for (;;) {
        if (b == join) {
            join = nullptr;
            condition = {};
        }
        if (!b || loop_info.getLoopFor(b) != &l || !path.insert(b).second)
            return refuse("the loop has branches");
        body.push_back({nullptr, b, condition});
        if (&inner == innermost())
            find_joined(*b);
        if (b == l.getLoopLatch())
            return (!join && !target) || refuse("the loop has branches");
        BasicBlock *last = b, *next = b->getSingleSuccessor();
        auto *br = dyn_cast<BranchInst>(b->getTerminator());
        if (!next && (!br || !(next = choose(l, *br, target, &join, &condition))))
            return refuse("the loop has branches");
        Loop *in = loop_info.getLoopFor(next);
        if (in != &l && in && in->getHeader() == next && in->getParentLoop() == &l) {
            if (!counted(*in))
                return false;
            if (in != &inner || in == innermost()) /* else they follow, from its header on */
                path.insert(in->block_begin(), in->block_end());
            body.push_back({in, nullptr, condition});
            last = in->getLoopLatch();
            next = in->getUniqueExitBlock();
            if (in == &inner)
                target = nullptr;
        }
        came_from[next] = last;
        b = next;
    }
}

bool Nest::walk_levels()
{
    for (size_t k = 0; k + 1 < levels.size(); k++) {
        if (!walk(*levels[k], *levels[k + 1]))
            return false;
        auto loops = count_if(body, [](const Piece &p) { return p.loop != nullptr; });
        if (k + 2 < levels.size() && loops != 1)
            return refuse("there is more than one loop in a loop");
    }
    return true;
}

NestCondition Nest::condition_of(const BasicBlock *b) const
{
    for (const Piece &p : body) {
        if (p.block == b || (p.loop && p.loop->contains(b)))
            return p.condition;
    }
    return {};
}

/* --- The sums. --- */

/* A load in the nest, extended or not, perhaps as a number of the same bits. */
LoadInst *Nest::factor(Value *v, unsigned *extend)
{
    *extend = 0;
    auto *c = dyn_cast<CastInst>(v);
    if (c && type->isFloatingPointTy() ? isa<BitCastInst>(c) : c && isa<SExtInst, ZExtInst>(c)) {
        *extend = isa<BitCastInst>(c) ? 0 : c->getOpcode();
        v = c->getOperand(0);
    }
    auto *load = dyn_cast<LoadInst>(v);
    return load && !load->isAtomic() && !invariant(load) ? load : nullptr;
}

/* Whether `v` is x * y or (x - y)^2. */
bool Nest::element(Value *v, NestElement *e)
{
    auto *product = dyn_cast<BinaryOperator>(v);
    if (!product || (product->getOpcode() != Instruction::FMul && product->getOpcode() != Instruction::Mul) ||
        product->getType() != type || !product->hasOneUse())
        return false;
    const BinaryOperator *factors = product;
    auto *difference = dyn_cast<BinaryOperator>(product->getOperand(0));
    e->squared = difference && difference == product->getOperand(1) &&
                 difference->getOpcode() == Instruction::FSub && difference->hasNUses(2);
    if (e->squared)
        factors = difference;
    e->x = factor(factors->getOperand(0), &e->extend_x);
    e->y = factor(factors->getOperand(1), &e->extend_y);
    return e->x && e->y;
}

/* Whether the next addition is all that `add` is for, and being stored on the way. */
bool Nest::goes_on(const BinaryOperator &add) const
{
    auto others = count_if(add.users(), [&](const User *u) { return !is_contained(through, u); });
    return others == 1;
}

/* Takes additions of elements apart, from `sum` back to what came before: floating point in the order in
 * which it is done, */
bool Nest::take_ordered(Value *sum, const BasicBlock *in, SmallVectorImpl<NestElement> &out, Value **before)
{
    for (Value *v = sum;;) {
        auto *add = dyn_cast<BinaryOperator>(v);
        NestElement first, second;
        *before = v;
        if (!add || (add->getOpcode() != Instruction::FAdd && add->getOpcode() != Instruction::Add) ||
            add->getParent() != in || (v != sum && !goes_on(*add)))
            break;
        bool is_first = element(add->getOperand(0), &first), is_second = element(add->getOperand(1), &second);
        if (is_first == is_second)
            break;
        out.push_back(is_first ? first : second);
        additions.push_back(add);
        v = add->getOperand(is_first ? 1 : 0);
    }
    std::reverse(out.begin(), out.end());
    return !out.empty();
}

/* integers in any order. */
bool Nest::take_unordered(Value *sum, const BasicBlock *in, SmallVectorImpl<NestElement> &out, Value **before)
{
    SmallVector<Value *, 8> todo{sum};
    *before = nullptr;
    while (!todo.empty()) {
        Value *v = todo.pop_back_val();
        NestElement e;
        auto *add = dyn_cast<BinaryOperator>(v);
        if (element(v, &e)) {
            out.push_back(e);
        } else if (add && add->getOpcode() == Instruction::Add && add->getParent() == in &&
                   (v == sum || add->hasOneUse())) {
            todo.append(add->op_begin(), add->op_end());
        } else if (!*before) {
            *before = v;
        } else {
            return false;
        }
    }
    return *before && !out.empty();
}

bool Nest::take_sums(Value *sum, const BasicBlock *in, SmallVectorImpl<NestElement> &out, Value **before)
{
    return type->isIntegerTy() && through.empty() ? take_unordered(sum, in, out, before)
                                                  : take_ordered(sum, in, out, before);
}

/* The sum that a loop leaves. */
bool Nest::follow_loop(Instruction &sum, Value **before)
{
    Loop *l = loop_info.getLoopFor(sum.getParent());
    if (l->getNumBlocks() != 1)
        return refuse("the innermost loop has branches");
    NestSegment s;
    s.loop = l;
    s.condition = condition_of(l->getHeader());
    Value *round = nullptr;
    if (!take_sums(&sum, l->getHeader(), s.elements, &round))
        return refuse("the loop does not add products to a sum");
    auto *phi = dyn_cast<PHINode>(round);
    if (!phi || phi->getParent() != l->getHeader() ||
        phi->getIncomingValueForBlock(l->getLoopLatch()) != &sum)
        return refuse("the loop does not add products to a sum");
    *before = phi->getIncomingValueForBlock(l->getLoopPreheader());
    segments.push_back(s);
    return true;
}

/* From the finished sum back to what it starts with. */
bool Nest::follow(Value *sum)
{
    Value *without = nullptr; /* what the sum is where the code that is being followed is passed over */
    constexpr int segments_most = 4;
    for (int k = 0; k < 4 * segments_most; k++) {
        if (sum == without)
            without = nullptr;
        if (!isa<Instruction>(sum) || invariant(sum)) {
            start = sum;
            break;
        }
        auto *i = cast<Instruction>(sum);
        auto *phi = dyn_cast<PHINode>(i);
        Loop *in = loop_info.getLoopFor(i->getParent());
        if (auto *load = dyn_cast<LoadInst>(i);
            load && is_contained(levels, in) && in != innermost() && segments.size()) {
            segments.back().elements.front().sum = load;
            break;
        }
        if (phi && phi->getNumIncomingValues() == 1) {
            sum = phi->getIncomingValue(0);
        } else if (phi && in == levels[levels.size() - 2] && phi->getParent() != in->getHeader()) {
            if (BasicBlock *b = around.lookup(phi->getParent())) {
                if (without)
                    return refuse("the sum does not go through the loop in one way");
                without = phi->getIncomingValueForBlock(b);
            }
            sum = phi->getIncomingValueForBlock(came_from.lookup(phi->getParent()));
        } else if (in != levels[levels.size() - 2]) {
            if (in->getParentLoop() != levels[levels.size() - 2] || !follow_loop(*i, &sum))
                return refuse(why ? why : "the loop does not add products to a sum");
        } else {
            NestSegment s;
            s.condition = condition_of(i->getParent());
            if (!take_sums(i, i->getParent(), s.elements, &sum))
                return refuse("the loop does not add products to a sum");
            segments.push_back(s);
        }
    }
    std::reverse(segments.begin(), segments.end());
    if (without || segments.empty() || (!start && !segments.front().elements.front().sum))
        return refuse("the loop does not add products to a sum");
    return true;
}

/* The sum is stored when it is complete. */
bool Nest::find_sum_of_store(StoreInst &store)
{
    type = store.getValueOperand()->getType();
    if (condition_of(store.getParent()).value)
        return refuse("the sum is not always stored");
    if (!follow(store.getValueOperand()))
        return false;
    if (levels.back() != segments.front().loop)
        return refuse("the loop is not where the sum begins");
    LoadInst *load = segments.front().elements.front().sum;
    NestElement &first = segments.front().elements.front();
    first.sum = load;
    first.store = &store;
    return true;
}

NestSegment *Nest::segment_of(const Instruction &i)
{
    Loop *l = loop_info.getLoopFor(i.getParent());
    Loop *loop = l == levels.front() && levels.size() > 1 ? nullptr : l;
    if (levels.size() > 1 && l == levels[levels.size() - 2])
        loop = nullptr;
    if (loop && loop->getNumBlocks() != 1)
        return nullptr;
    NestCondition c = condition_of(i.getParent());
    if (!segments.empty() && segments.back().loop == loop && segments.back().condition.value == c.value)
        return &segments.back();
    segments.push_back({loop, c, {}});
    return &segments.back();
}

/* The sums are in memory all the time. */
bool Nest::find_sums_in_memory(ArrayRef<StoreInst *> stores)
{
    inside = true;
    type = stores.front()->getValueOperand()->getType();
    for (StoreInst *st : stores) {
        SmallVector<NestElement, 4> one;
        Value *before;
        NestSegment *s = segment_of(*st);
        if (!s || st->getValueOperand()->getType() != type ||
            !take_sums(st->getValueOperand(), st->getParent(), one, &before) || one.size() != 1)
            return refuse("the loop does not add products to a sum");
        auto *load = dyn_cast<LoadInst>(before);
        if (!load || load->getParent() != st->getParent() || load->isAtomic() ||
            evolution.getSCEV(load->getPointerOperand()) != evolution.getSCEV(st->getPointerOperand()))
            return refuse("the loop does not add products to what is stored");
        one.front().sum = load;
        one.front().store = st;
        s->elements.push_back(one.front());
    }
    return segments.front().loop == levels.back() || refuse("the loop is not where the sums begin");
}

void Nest::forget_sums()
{
    segments.clear();
    additions.clear();
    through.clear();
    again = nullptr;
    start = nullptr;
    inside = false;
    why = nullptr;
}

/* The sum is carried along, and each time that something is added to it, it is stored, too, always at the
 * same place: what is there behind the nest is the sum. */
bool Nest::find_sums_stored_through(ArrayRef<StoreInst *> stores)
{
    StoreInst &last = *stores.back();
    type = last.getValueOperand()->getType();
    through.assign(stores.begin(), stores.end());
    if (!all_of(stores, [](const StoreInst *st) { return st->isSimple(); }) ||
        !follow(last.getValueOperand()))
        return refuse(why ? why : "the loop does not add products to what is stored");
    if (levels.back() != segments.front().loop)
        return refuse("the loop is not where the sum begins");
    bool begins = begins_with(*stores.front());
    if (start && !begins)
        return refuse("the sum is not always stored");
    segments.front().elements.front().store = &last;
    return all_are_stored(stores.drop_front(begins));
}

/* Whether `st` stores what a sum starts with, in whatever type a zero is written; it may be read again. */
bool Nest::begins_with(const StoreInst &st)
{
    const auto *zero = dyn_cast<Constant>(st.getValueOperand());
    const auto *first = dyn_cast_or_null<Constant>(start);
    LoadInst *load = segments.front().elements.front().sum;
    bool null = zero && zero->isNullValue() &&
                zero->getType()->getPrimitiveSizeInBits() == type->getPrimitiveSizeInBits();
    if (loop_info.getLoopFor(st.getParent()) != levels[levels.size() - 2] ||
        condition_of(st.getParent()).value)
        return false;
    if (!load)
        return st.getValueOperand() == start || (null && first && first->isNullValue());
    if (!null || !is_before(st, *load))
        return false;
    again = load;
    segments.front().elements.front().sum = nullptr;
    start = Constant::getNullValue(type);
    return true;
}

/* In a round of the level around the innermost. */
bool Nest::is_before(const Instruction &a, const Instruction &b) const
{
    if (a.getParent() == b.getParent())
        return a.comesBefore(&b);
    for (const Piece &p : body) {
        if (p.block == a.getParent() || p.block == b.getParent())
            return p.block == a.getParent();
    }
    return false;
}

/* Whether the stores are those of what each addition makes, in this order. */
bool Nest::all_are_stored(ArrayRef<StoreInst *> stores)
{
    std::reverse(additions.begin(), additions.end());
    const StoreInst *before = nullptr;
    if (stores.size() != additions.size())
        return refuse("the sum is not always stored");
    for (size_t k = 0; k < stores.size(); k++) {
        const StoreInst *st = stores[k];
        bool behind = !before || before->getParent() != st->getParent() || before->comesBefore(st);
        if (st->getValueOperand() != additions[k] || st->getParent() != additions[k]->getParent() || !behind)
            return refuse("the sum is not always stored");
        before = st;
    }
    return true;
}

bool Nest::find_sums()
{
    SmallVector<StoreInst *, 8> stores;
    if (levels.size() == 1) {
        for (Instruction &i : *levels.front()->getHeader()) {
            if (auto *st = dyn_cast<StoreInst>(&i))
                stores.push_back(st);
        }
    }
    for (const Piece &p : body) {
        for (Instruction &i : p.loop ? *p.loop->getHeader() : *p.block) {
            if (auto *st = dyn_cast<StoreInst>(&i))
                stores.push_back(st);
        }
    }
    if (stores.empty())
        return refuse("nothing is stored");
    bool complete = levels.size() > 1 && stores.size() == 1 &&
                    loop_info.getLoopFor(stores[0]->getParent()) == levels[levels.size() - 2];
    if (complete ? !find_sum_of_store(*stores[0]) : !find_sums_in_memory(stores)) {
        if (levels.size() < 2)
            return false;
        forget_sums();
        if (!find_sums_stored_through(stores))
            return false;
    }
    sums_products = true;
    for (size_t k = 0; k + 1 < segments.size(); k++) {
        if (segments[k].condition.value)
            return refuse("the loop has branches");
    }
    return !segments.front().condition.value || refuse("the loop has branches");
}

/* Whether the nest touches memory, or anything else outside of it, only for its sums. */
bool Nest::nothing_else()
{
    for (const NestSegment &s : segments) {
        for (const NestElement &e : s.elements)
            used.insert({e.x, e.y, e.sum, e.store});
    }
    used.insert(again);
    if (levels.size() == 1)
        path.insert(levels.front()->getHeader());
    for (const BasicBlock *b : path) {
        for (const Instruction &i : *b) {
            if (!used.contains(&i) && !is_contained(through, &i) &&
                (i.mayReadOrWriteMemory() || i.mayHaveSideEffects()))
                return refuse("the loop does something else with memory, or calls");
        }
    }
    return true;
}

/* --- One sum a round. --- */

/* The last phi of the outer level that only the inner loop, and what remains of it, has made. */
bool Nest::find_result()
{
    for (const Piece &p : reverse(body)) {
        if (!p.block || p.block == levels.front()->getHeader())
            continue;
        for (PHINode &phi : p.block->phis()) {
            type = phi.getType();
            segments.clear();
            start = nullptr;
            why = nullptr;
            bool is_sum = (type->isFloatTy() || type->isDoubleTy()) && follow(&phi) && start &&
                          segments.front().loop == innermost();
            sums_products |= is_sum;
            for (const NestSegment &s : segments)
                is_sum &= !s.condition.value || (&s == &segments.back() && segments.size() > 1);
            if (is_sum) {
                result = &phi;
                return true;
            }
        }
    }
    return refuse("no sum of products is made each round");
}

/* Whether `i`, made between the inner loop and the result, is used there only. */
bool Nest::stays_inside(const Instruction &i) const
{
    return all_of(i.users(), [&](const User *u) {
        auto *user = cast<Instruction>(u);
        return made.contains(user->getParent()) ||
               (isa<PHINode>(user) && user->getParent() == result->getParent());
    });
}

/* What is computed in `b` from values before `entry`'s end can be computed there. */
void Nest::move_out(BasicBlock &b)
{
    for (Instruction &i : make_early_inc_range(b)) {
        bool from_outside = none_of(i.operands(), [&](const Value *v) {
            auto *o = dyn_cast<Instruction>(v);
            return o && made.contains(o->getParent());
        });
        if (from_outside && !isa<PHINode>(i) && !i.isTerminator() && !i.mayReadOrWriteMemory() &&
            isSafeToSpeculativelyExecute(&i))
            i.moveBefore(entry->getTerminator());
    }
}

/* What need not run where the result is known. */
bool Nest::find_made(const DominatorTree &dominators)
{
    BasicBlock *end = result->getParent();
    bool in = false;
    entry = dominators.findNearestCommonDominator(innermost()->getLoopPreheader(), end);
    for (const Piece &p : body) {
        if (p.block == end)
            break;
        if (in && p.loop)
            made.insert(p.loop->block_begin(), p.loop->block_end());
        else if (in)
            made.insert(p.block);
        in |= p.block == entry;
    }
    if (!in || entry == end || !made.contains(innermost()->getHeader()))
        return refuse("the loop has branches");
    for (const Piece &p : body) {
        if (p.block && made.contains(p.block))
            move_out(*p.block);
    }
    for (const BasicBlock *b : made) {
        for (const Instruction &i : *b) {
            if (!stays_inside(i))
                return refuse("something else that the loop computes is used behind it");
        }
    }
    for (const PHINode &phi : end->phis()) {
        if (&phi != result && !phi.use_empty())
            return refuse("something else that the loop computes is used behind it");
    }
    return true;
}

/* Whether nothing can come between reading the factors of a round and of those before: the outer loop may
 * only store, to addresses that are known. */
bool Nest::only_reads()
{
    NestSegment once;
    for (const NestSegment &s : segments) {
        for (const NestElement &e : s.elements)
            used.insert({e.x, e.y});
    }
    for (BasicBlock *b : levels.front()->blocks()) {
        for (Instruction &i : *b) {
            auto *store = dyn_cast<StoreInst>(&i);
            bool reads = isa<LoadInst>(i) && !i.isAtomic() && !made.contains(b);
            if (used.contains(&i) || reads || !(i.mayReadOrWriteMemory() || i.mayHaveSideEffects()))
                continue;
            if (!store || !store->isSimple() || loop_info.getLoopFor(b) != levels.front() || made.contains(b))
                return refuse("the loop does something else with memory, or calls");
            NestAddress a;
            if (!address(store->getPointerOperand(), once, &a))
                return false;
            a.bytes = static_cast<unsigned>(
                memory.getDataLayout().getTypeStoreSize(store->getValueOperand()->getType()));
            others.push_back(a);
        }
    }
    return true;
}

/* --- Addresses. --- */

/* Where ways meet, a phi is what it is on the way that a round takes when all conditions hold. */
void Nest::find_joined(BasicBlock &b)
{
    BasicBlock *from = came_from.lookup(&b);
    if (!from || around.contains(&b))
        return;
    for (PHINode &phi : b.phis()) {
        if (evolution.isSCEVable(phi.getType()) && phi.getNumIncomingValues() > 1)
            joined[&phi] =
                evolution.getSCEVAtScope(phi.getIncomingValueForBlock(from), levels[levels.size() - 2]);
    }
}

/* With what is known about joined phis, and behind the loops before. */
const SCEV *Nest::settled(const SCEV *s)
{
    if (levels.size() < 2)
        return s;
    constexpr int deep_most = 4;
    for (int k = 0; k < deep_most; k++) {
        const SCEV *t = SCEVParameterRewriter::rewrite(s, evolution, joined);
        if (t == s)
            break;
        s = t;
    }
    return s;
}

/* Whether a 64-bit index that LLVM has widened is what its start and its steps add up to, as long as that
 * stays below 4 GiB. */
bool Nest::narrow(const SCEV *wide)
{
    for (;;) {
        auto *r = dyn_cast<SCEVAddRecExpr>(wide);
        if (!r || !levels.front()->contains(r->getLoop()))
            break;
        auto *step = r->isAffine() ? dyn_cast<SCEVConstant>(r->getStepRecurrence(evolution)) : nullptr;
        if (!step || step->getAPInt().abs().ugt(INT32_MAX))
            return false;
        wide = r->getStart();
    }
    return evolution.getUnsignedRangeMax(wide).ule(UINT32_MAX);
}

const SCEV *Nest::index_of(Value *index, bool *in_range)
{
    Type *word = Type::getInt32Ty(memory.getContext());
    auto *z = dyn_cast<ZExtInst>(index);
    if (z && z->getOperand(0)->getType() == word) {
        *in_range = true;
        return evolution.getSCEV(z->getOperand(0));
    }
    const SCEV *wide = evolution.getSCEV(index);
    *in_range = narrow(wide);
    return evolution.getTruncateExpr(wide, word);
}

/* The address of an access in segment `s`, its innermost stride that of a round. */
bool Nest::address(Value *pointer, const NestSegment &s, NestAddress *a)
{
    const DataLayout &layout = memory.getDataLayout();
    Type *word = Type::getInt32Ty(memory.getContext());
    const SCEV *index = nullptr;
    a->offset = 0;
    while (pointer != &memory) {
        auto *step = dyn_cast<GEPOperator>(pointer);
        APInt constant(64, 0);
        bool in_range = true;
        if (!step)
            return refuse("an access is not one of memory 0");
        if (step->accumulateConstantOffset(layout, constant)) {
            if (constant.isNegative() || constant.ugt(UINT32_MAX))
                return refuse("an access is not one of memory 0");
            a->offset += constant.getZExtValue();
        } else {
            if (index || step->getNumIndices() != 1 || !step->getSourceElementType()->isIntegerTy(8))
                return refuse("an access is not one of memory 0");
            index = index_of(step->getOperand(1), &in_range);
        }
        if (!in_range)
            return refuse("an address may wrap around");
        pointer = step->getPointerOperand();
    }
    if (!index)
        index = evolution.getZero(word);
    a->strides.assign(levels.size(), evolution.getZero(word));
    bool own = true; /* not yet behind the segment's own loop */
    for (;;) {
        auto *r = dyn_cast<SCEVAddRecExpr>(index);
        if (own && (!r || r->getLoop() != s.loop)) {
            own = false;
            index = settled(index);
            if (levels.size() > 1)
                index = evolution.getSCEVAtScope(index, levels[levels.size() - 2]);
            continue;
        }
        if (!r || !levels.front()->contains(r->getLoop()))
            break;
        auto at = find(levels, r->getLoop());
        size_t level = r->getLoop() == s.loop ? levels.size() - 1 : static_cast<size_t>(at - levels.begin());
        const SCEV *by = r->getStepRecurrence(evolution);
        if ((at == levels.end() && r->getLoop() != s.loop) || !r->isAffine() ||
            !evolution.isLoopInvariant(by, levels.front()))
            return refuse("an address is not an affine function of the rounds");
        a->strides[level] = by;
        index = r->getStart();
    }
    a->start = index;
    a->offset_most = a->offset;
    return evolution.isLoopInvariant(index, levels.front()) ||
           refuse("an address is not an affine function of the rounds");
}

using Pointer = function_ref<Value *(const NestElement &)>;

/* In segment `s`: the address of its first element, and how much further the next one is. */
bool Nest::step_of(NestSegment &s, Pointer pointer, NestAddress *first, const SCEV **by)
{
    *by = nullptr;
    for (size_t k = 0; k < s.elements.size(); k++) {
        NestAddress a;
        if (!address(pointer(s.elements[k]), s, &a))
            return false;
        if (k == 0) {
            *first = a;
            continue;
        }
        first->offset_most = std::max(first->offset_most, a.offset);
        if (a.strides != first->strides)
            return refuse("addresses do not follow one another");
        const SCEV *on = evolution.getMinusSCEV(a.start, first->start);
        on = evolution.getAddExpr(on, evolution.getConstant(on->getType(), a.offset - first->offset));
        if (k == 1)
            *by = on;
        if (on != evolution.getMulExpr(*by, evolution.getConstant(on->getType(), k)))
            return refuse("addresses do not follow one another");
    }
    const SCEV *round = first->strides.back();
    if (!*by)
        *by = round;
    const SCEV *n = evolution.getConstant(round->getType(), s.elements.size());
    return !s.loop || round == evolution.getMulExpr(*by, n) || refuse("addresses do not follow one another");
}

/* How many elements a segment takes, i32. */
const SCEV *Nest::elements_of(const NestSegment &s)
{
    Type *word = Type::getInt32Ty(memory.getContext());
    const SCEV *n = evolution.getConstant(word, s.elements.size());
    if (!s.loop)
        return n;
    const SCEV *rounds = evolution.getTruncateOrZeroExtend(rounds_of(*s.loop), word);
    return evolution.getMulExpr(n, evolution.getAddExpr(rounds, evolution.getOne(word)));
}

/* The address of the first element, with its innermost stride that of an element; segments must continue one
 * another. */
bool Nest::steps(Pointer pointer, NestAddress *out)
{
    const SCEV *step = nullptr, *count = nullptr;
    for (NestSegment &s : segments) {
        NestAddress a;
        const SCEV *by;
        if (!step_of(s, pointer, &a, &by))
            return false;
        if (!step) {
            *out = a;
            step = by;
            count = evolution.getZero(a.start->getType());
        } else {
            out->offset_most = std::max(out->offset_most, a.offset_most);
            bool several = s.loop || s.elements.size() > 1;
            const SCEV *at = evolution.getAddExpr(out->start, evolution.getMulExpr(step, count));
            const SCEV *is = evolution.getAddExpr(
                a.start, evolution.getConstant(a.start->getType(), a.offset - out->offset));
            if ((several && by != step) || !evolution.getMinusSCEV(is, at)->isZero() ||
                !std::equal(a.strides.begin(), a.strides.end() - 1, out->strides.begin()))
                return refuse("addresses do not follow one another");
        }
        count = evolution.getAddExpr(count, elements_of(s));
    }
    out->strides.back() = step;
    return true;
}

/* Products have their factors in any order: in each segment into that of the first. */
void Nest::align_factors()
{
    NestSegment &first = segments.front();
    auto is_like_first = [&](const NestSegment &s, LoadInst *factor) {
        NestAddress a, x0;
        return address(factor->getPointerOperand(), s, &a) &&
               address(first.elements.front().x->getPointerOperand(), first, &x0) &&
               std::equal(a.strides.begin(), a.strides.end() - 1, x0.strides.begin()) &&
               (!s.loop || a.strides.back()->isZero() == x0.strides.back()->isZero());
    };
    for (NestSegment &s : segments) {
        if (is_like_first(s, s.elements.front().x) || !is_like_first(s, s.elements.front().y))
            continue;
        for (NestElement &e : s.elements) {
            std::swap(e.x, e.y);
            std::swap(e.extend_x, e.extend_y);
        }
    }
    why = nullptr;
}

/* Whether all factors are of one type, extended in one way; of floating point they are what sums are. */
bool Nest::same_types()
{
    align_factors();
    const NestElement &first = segments.front().elements.front();
    bool bits = type->isFloatingPointTy();
    for (const NestSegment &s : segments) {
        for (const NestElement &e : s.elements) {
            if ((!bits && (e.x->getType() != first.x->getType() || e.y->getType() != first.y->getType())) ||
                e.extend_x != first.extend_x || e.extend_y != first.extend_y || e.squared != first.squared)
                return refuse("factors have different types");
        }
    }
    return true;
}

/* Elements whose order is of no consequence into that of the addresses of x, or of y, where it is known. */
bool Nest::sort(NestSegment &s, Pointer pointer)
{
    SmallVector<std::pair<int64_t, NestElement>, 4> keyed;
    NestAddress first, a;
    if (!address(pointer(s.elements.front()), s, &first))
        return false;
    for (const NestElement &e : s.elements) {
        if (!address(pointer(e), s, &a))
            return false;
        auto *on = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(a.start, first.start));
        if (!on)
            return false;
        auto offset = static_cast<int32_t>(static_cast<uint32_t>(a.offset - first.offset));
        keyed.push_back({on->getAPInt().getSExtValue() + offset, e});
    }
    llvm::sort(keyed, [](const auto &p, const auto &q) { return p.first < q.first; });
    NestElement front = s.elements.front(); /* where the complete sum is kept */
    for (size_t k = 0; k < keyed.size(); k++) {
        s.elements[k] = keyed[k].second;
        s.elements[k].sum = k ? nullptr : front.sum;
        s.elements[k].store = k ? nullptr : front.store;
    }
    return true;
}

void Nest::sort_elements()
{
    for (NestSegment &s : segments) {
        if (!sort(s, [](const NestElement &e) { return e.x->getPointerOperand(); }))
            sort(s, [](const NestElement &e) { return e.y->getPointerOperand(); });
    }
    why = nullptr;
}

bool Nest::find_sum_address()
{
    if (inside) {
        bool several = any_of(segments, [](const NestSegment &s) { return s.elements.size() > 1; });
        return steps([](const NestElement &e) { return e.store->getPointerOperand(); }, &sum) &&
               (!several || !sum.strides.back()->isZero() ||
                refuse("a sum is written several times a round"));
    }
    const NestElement &first = segments.front().elements.front();
    NestSegment once; /* in the level around */
    NestAddress read;
    if (!address(first.store->getPointerOperand(), once, &sum))
        return false;
    auto elsewhere = [&](Value *pointer) {
        return !address(pointer, once, &read) || read.start != sum.start || read.offset != sum.offset ||
               read.strides != sum.strides;
    };
    if (first.sum && elsewhere(first.sum->getPointerOperand())) {
        if (!through.empty() || !address(first.sum->getPointerOperand(), once, &begin))
            return refuse("sums start with something else in memory");
        begin.bytes = static_cast<unsigned>(memory.getDataLayout().getTypeStoreSize(type));
    }
    if (through.empty())
        return true;
    bool all = none_of(through, [&](StoreInst *st) { return elsewhere(st->getPointerOperand()); }) &&
               !(again && elsewhere(again->getPointerOperand())) && sum.strides.back()->isZero();
    return all || refuse("the loop does not add products to what is stored");
}

bool Nest::find_factors()
{
    const DataLayout &layout = memory.getDataLayout();
    const NestElement &first = segments.front().elements.front();
    if (!steps([](const NestElement &e) { return e.x->getPointerOperand(); }, &x) ||
        !steps([](const NestElement &e) { return e.y->getPointerOperand(); }, &y))
        return false;
    x.bytes = static_cast<unsigned>(layout.getTypeStoreSize(first.x->getType()));
    y.bytes = static_cast<unsigned>(layout.getTypeStoreSize(first.y->getType()));
    return true;
}

bool Nest::find_addresses()
{
    if (type->isIntegerTy() && !inside)
        sort_elements();
    if (!find_factors() || !find_sum_address())
        return false;
    sum.bytes = static_cast<unsigned>(memory.getDataLayout().getTypeStoreSize(type));
    return true;
}

/* --- Branches that make no difference. --- */

/* Whether sums that are carried, when the rest of a loop is entered from `from`, are what they begin with. */
bool Nest::sums_begin(const NestSegment &rest, const BasicBlock *from, const BasicBlock *to)
{
    const Value *first = start ? start : segments.front().elements.front().sum;
    for (const PHINode &phi : rest.loop->getHeader()->phis()) {
        if (evolution.isSCEVable(phi.getType()) &&
            isa<SCEVAddRecExpr>(evolution.getSCEV(const_cast<PHINode *>(&phi))))
            continue;
        const Value *begin = phi.getIncomingValueForBlock(rest.loop->getLoopPreheader());
        if (auto *joins = dyn_cast<PHINode>(begin); joins && joins->getParent() == to)
            begin = joins->getIncomingValueForBlock(from);
        if (inside || begin != first)
            return false;
    }
    return true;
}

/* Whether the rest takes all elements, from the first one on, with what is known in `joined`. */
bool Nest::takes_all(NestSegment &rest, const SCEV *all)
{
    auto begins = [&](Pointer pointer, const NestAddress &whole) {
        NestAddress a;
        const SCEV *by;
        if (!step_of(rest, pointer, &a, &by) || by != whole.strides.back() ||
            !std::equal(a.strides.begin(), a.strides.end() - 1, whole.strides.begin()))
            return false;
        const SCEV *on = evolution.getMinusSCEV(a.start, whole.start);
        return evolution.getAddExpr(on, evolution.getConstant(on->getType(), a.offset - whole.offset))
            ->isZero();
    };
    return evolution.getMinusSCEV(elements_of(rest), all)->isZero() &&
           begins([](const NestElement &e) { return e.x->getPointerOperand(); }, x) &&
           begins([](const NestElement &e) { return e.y->getPointerOperand(); }, y) &&
           (!inside || begins([](const NestElement &e) { return e.store->getPointerOperand(); }, sum));
}

/* Whether a branch that passes over the loop goes to its rest, which then does all of it, as it does when a
 * loop has vectors for most of its rounds. Where kernels run, sums are apart from factors, so that it does
 * not matter how much is done at once. */
bool Nest::is_same_either_way(const NestCondition &c)
{
    if (levels.size() < 2 || segments.size() != 2 || !segments[1].loop || !segments[1].condition.value)
        return false;
    NestSegment &rest = segments[1];
    const BranchInst *br = c.branch;
    BasicBlock *from = const_cast<BasicBlock *>(br->getParent()), *to = br->getSuccessor(c.wanted);
    while (to->getSinglePredecessor() && to->getSingleSuccessor() && to->size() == 1) {
        from = to;
        to = to->getSingleSuccessor();
    }
    const NestCondition passed = rest.condition;
    auto *compared = dyn_cast<ICmpInst>(passed.value);
    if (!path.contains(to) || condition_of(to).value != passed.value || !compared ||
        !compared->isEquality() || (compared->getPredicate() == CmpInst::ICMP_EQ) == passed.wanted ||
        !comes_to(to, rest.loop->getLoopPreheader(), loop_info) || !sums_begin(rest, from, to))
        return false;
    const SCEV *left = elements_of(rest), *all = evolution.getAddExpr(elements_of(segments[0]), left);
    const SCEV *none = settled(evolution.getMinusSCEV(evolution.getSCEV(compared->getOperand(0)),
                                                      evolution.getSCEV(compared->getOperand(1))));
    if (none->getType() != left->getType() || (none != left && none != evolution.getNegativeSCEV(left)))
        return false;
    auto known = joined;
    for (PHINode &phi : to->phis()) {
        if (evolution.isSCEVable(phi.getType()))
            joined[&phi] =
                evolution.getSCEVAtScope(phi.getIncomingValueForBlock(from), levels[levels.size() - 2]);
    }
    bool is = takes_all(rest, all);
    joined = std::move(known);
    why = nullptr;
    return is;
}
