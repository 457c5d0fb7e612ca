/* llvm_refill.cpp: readers of bits that get more of them without a branch.
 *
 * Decoders keep bits in a number, and take more from memory when so many of them are used up:
 *
 *   if (used >= 16) { used -= 16; bits = bits >> 16 | load16(next) << 16; next += 2; left -= 2; }
 *
 * Whether they are is data, so that the branch is predicted wrong again and again. Such a block is executed
 * always, with selects before what it stores and what comes behind it: each place in memory gets either the
 * block's value or the one that it has, in the same order, whatever the places have in common.
 *
 * Nothing else may trap than did so before. What the block loads and stores at constant distances from one
 * pointer must lie below another access from that pointer, which is over. The address that it loads the bits
 * from is compared with the size of memory in front, and beyond it the block runs as it was. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"
#include "rt.h"
#include "wasm.h"
}

#include "llvm_passes.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

struct Place { /* bytes of memory 0 from zext(index) + offset on; index NULL: not known */
    Value *index;
    int64_t offset, end;
};

Place place_of(Instruction &i, const GlobalVariable &memory)
{
    Place p = {nullptr, 0, 0};
    p.index = memory_index(getLoadStorePointerOperand(&i), &memory, &p.offset);
    p.end = p.offset + static_cast<int64_t>(getLoadStoreType(&i)->getPrimitiveSizeInBits() / 8);
    if (p.offset < 0)
        p.index = nullptr;
    return p;
}

/* Accesses of a function by their index. */
class Accesses
{
  public:
    Accesses(Function &f, const GlobalVariable &memory, const DominatorTree &d) : dominators(d)
    {
        for (Instruction &i : instructions(f)) {
            if (!isa<LoadInst, StoreInst>(i))
                continue;
            Place p = place_of(i, memory);
            if (p.index)
                by_index[p.index].push_back({&i, p.end});
        }
    }
    /* Whether something as far behind its index has been accessed wherever `end`, which a block ends with, is
     * reached. */
    bool reach(const Place &p, const Instruction &end) const
    {
        auto of_index = by_index.find(p.index);
        return of_index != by_index.end() && any_of(of_index->second, [&](const Access &a) {
                   return a.end >= p.end && dominators.dominates(a.i, &end);
               });
    }

  private:
    struct Access {
        const Instruction *i;
        int64_t end;
    };
    const DominatorTree &dominators;
    MapVector<Value *, SmallVector<Access, 4>> by_index;
};

class Refill
{
  public:
    Refill(BasicBlock &block, GlobalVariable &mem, const struct llvm_unit &u)
        : refill(block), memory(mem), unit(u)
    {
    }
    bool is_possible(const Accesses &accesses)
    {
        return is_triangle() && all_of(refill, [&](Instruction &i) { return take(i); }) && bits &&
               makes_number() && loads_first() && all_of(fields, [&](const Instruction *i) {
                   return accesses.reach(place_of(*const_cast<Instruction *>(i), memory),
                                         *before->getTerminator());
               });
    }
    void replace();

  private:
    static constexpr size_t size_most = 32; /* instructions */
    BasicBlock &refill;
    GlobalVariable &memory;
    const struct llvm_unit &unit;
    BasicBlock *before = nullptr, *behind = nullptr;
    Value *condition = nullptr;
    bool if_true = false; /* the block is entered */
    SmallVector<Instruction *, 8> fields;
    LoadInst *bits = nullptr, *next = nullptr; /* next: where from */

    bool is_triangle()
    {
        before = refill.getSinglePredecessor();
        behind = refill.getSingleSuccessor();
        auto *br = before ? dyn_cast<BranchInst>(before->getTerminator()) : nullptr;
        if (!br || !br->isConditional() || !behind || refill.size() > size_most)
            return false;
        condition = br->getCondition();
        if_true = br->getSuccessor(0) == &refill;
        return br->getSuccessor(if_true) == behind && match(condition, m_ICmp(m_Value(), m_ConstantInt()));
    }

    bool is_inside(const Value *v) const
    {
        auto *i = dyn_cast<Instruction>(v);
        return i && i->getParent() == &refill;
    }

    bool take(Instruction &i)
    {
        auto *load = dyn_cast<LoadInst>(&i);
        auto *store = dyn_cast<StoreInst>(&i);
        if (!load && !store)
            return i.isTerminator() || (!isa<PHINode>(i) && !isa<CallBase>(i) && !i.mayReadOrWriteMemory() &&
                                        isSafeToSpeculativelyExecute(&i));
        Place p = place_of(i, memory);
        if (!p.index || (load ? !load->isSimple() : !store->isSimple()))
            return false;
        if (!is_inside(p.index)) {
            fields.push_back(&i);
            return place_of(*fields[0], memory).index == p.index;
        }
        next = dyn_cast<LoadInst>(p.index);
        if (bits || !load || !next)
            return false;
        bits = load;
        return true;
    }

    /* bits << n | x >> n, as nothing else does. */
    bool makes_number() const
    {
        return any_of(refill, [&](Instruction &i) {
            const APInt *up, *down;
            return match(&i, m_c_Or(m_Shl(m_ZExt(m_Specific(bits)), m_APInt(up)),
                                    m_LShr(m_Value(), m_APInt(down)))) &&
                   *up == *down;
        });
    }

    /* Whether `next` is in front of the block what it is in it. */
    bool loads_first() const
    {
        Place p = place_of(*next, memory);
        return all_of(fields, [&](Instruction *i) {
            Place q = place_of(*i, memory);
            return isa<LoadInst>(i) || next->comesBefore(i) || q.end <= p.offset || p.end <= q.offset;
        });
    }

    Value *load_next(IRBuilder<> &b);
    Value *is_in_memory(IRBuilder<> &b, Value *index);
    Value *choose(IRBuilder<> &b, Value *then, Value *otherwise);
    void copy(IRBuilder<> &b, ValueToValueMapTy &copies);
};

/* In front of the block, which may compute its address itself. */
Value *Refill::load_next(IRBuilder<> &b)
{
    Place p = place_of(*next, memory);
    Value *at = b.CreateGEP(b.getInt8Ty(), &memory, b.CreateZExt(p.index, b.getInt64Ty()));
    at = b.CreateGEP(b.getInt8Ty(), at, b.getInt64(static_cast<uint64_t>(p.offset)));
    LoadInst *load = b.CreateAlignedLoad(next->getType(), at, next->getAlign());
    load->copyMetadata(*next);
    return load;
}

Value *Refill::is_in_memory(IRBuilder<> &b, Value *index)
{
    Value *instance = memory.getParent()->getOrInsertGlobal("anneal_inst0", memory.getValueType());
    cast<GlobalValue>(instance)->setVisibility(GlobalValue::HiddenVisibility);
    Value *at = b.CreateGEP(b.getInt8Ty(), instance, b.getInt64(unit.module->layout.mems));
    Value *head = b.CreateLoad(b.getPtrTy(), at);
    at = b.CreateGEP(b.getInt8Ty(), head, b.getInt64(offsetof(struct rt_memory, bytes)));
    int64_t end = place_of(*bits, memory).end;
    Value *to = b.CreateAdd(b.CreateZExt(index, b.getInt64Ty()), b.getInt64(static_cast<uint64_t>(end)));
    return b.CreateICmpULE(to, b.CreateLoad(b.getInt64Ty(), at));
}

Value *Refill::choose(IRBuilder<> &b, Value *then, Value *otherwise)
{
    if (then == otherwise)
        return then;
    Value *v = b.CreateSelect(condition, if_true ? then : otherwise, if_true ? otherwise : then);
    if (auto *select = dyn_cast<SelectInst>(v))
        select->setMetadata(LLVMContext::MD_unpredictable, MDNode::get(v->getContext(), {}));
    return v;
}

void Refill::copy(IRBuilder<> &b, ValueToValueMapTy &copies)
{
    for (Instruction &i : refill) {
        if (i.isTerminator() || &i == next)
            continue;
        Instruction *copy = b.Insert(i.clone());
        RemapInstruction(copy, copies, RF_NoModuleLevelChanges | RF_IgnoreMissingLocals);
        copies[&i] = copy;
        auto *store = dyn_cast<StoreInst>(copy);
        if (!store)
            continue;
        b.SetInsertPoint(store);
        LoadInst *was = b.CreateAlignedLoad(store->getValueOperand()->getType(), store->getPointerOperand(),
                                            store->getAlign());
        was->copyMetadata(*store);
        store->setOperand(0, choose(b, store->getValueOperand(), was));
        b.SetInsertPoint(store->getParent());
    }
}

void Refill::replace()
{
    Function &f = *refill.getParent();
    Instruction *end = before->getTerminator();
    IRBuilder<> b(end);
    ValueToValueMapTy copies;
    Value *first = load_next(b);
    copies[next] = first;
    BasicBlock *always = BasicBlock::Create(f.getContext(), "", &f, &refill);
    BasicBlock *beyond = BasicBlock::Create(f.getContext(), "", &f);
    b.CreateCondBr(is_in_memory(b, first), always, beyond,
                   MDBuilder(f.getContext()).createBranchWeights(1u << 20, 1));
    end->removeFromParent();
    end->insertInto(beyond, beyond->end());
    b.SetInsertPoint(always);
    copy(b, copies);
    for (PHINode &phi : behind->phis()) {
        Value *then = phi.getIncomingValueForBlock(&refill);
        Value *otherwise = phi.getIncomingValueForBlock(before);
        Value *mapped = copies.lookup(then);
        phi.replaceIncomingBlockWith(before, beyond);
        phi.addIncoming(choose(b, mapped ? mapped : then, otherwise), always);
    }
    b.CreateBr(behind);
}

} // namespace

PreservedAnalyses RefillPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    if (!memory || f.hasOptSize())
        return PreservedAnalyses::all();
    Accesses accesses(f, *memory, analyses.getResult<DominatorTreeAnalysis>(f));
    SmallVector<Refill, 8> found;
    for (BasicBlock &block : f) {
        Refill r(block, *memory, unit);
        if (r.is_possible(accesses))
            found.push_back(r);
    }
    for (Refill &r : found)
        r.replace();
    return found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
