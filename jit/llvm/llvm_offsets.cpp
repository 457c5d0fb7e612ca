/* llvm_offsets.cpp: constants that are added to an address go into the access.
 *
 * p + 8 of WebAssembly wraps around at 32 bits, so that LLVM computes it by itself and does not know that it
 * lies next to p. But memory 0 ends RT_SHORT_MEMORY_GAP bytes before 4 GiB at least, and as much before its
 * beginning is unmapped (see llvm_addresses.cpp, which does the same for what goes up in a loop). With p an
 * i32, c and o constants less than the gap, and zext(p) its value as 64 bits:
 *
 *   - Where an access at p - c is over, neither that nor p + o has wrapped around: the first would have been
 *     beyond the memory's end. So zext(p - c) is zext(p) - c, and zext(p + o) is zext(p) + o.
 *   - An access at p - c itself traps either way if that wraps around: beyond the end, or before the
 *     beginning. (Not if it has an offset, which could bring it back.)
 *   - Where an access at p + c is over, the same holds for p + c as the p above.
 *
 * An access that is not over, but must come next whatever happens, with nothing written before, is as good:
 * one of the two traps. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "rt.h"
}

#include "llvm_passes.h"

#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

struct Access { /* at memory 0 + zext(base + by) + offset */
    Instruction *i;
    Use *pointer;
    Value *index, *base; /* index: base + by */
    int64_t by, offset;
};

struct Copy { /* stores of one block from above */
    Instruction *start;
    Access last;
    Instruction *neighbour; /* stores what lies behind `last` */
};

class Offsets
{
  public:
    Offsets(Function &f, DominatorTree &dom)
        : memory(f.getParent()->getNamedGlobal("anneal_mem0")), dominators(dom)
    {
    }
    void run()
    {
        if (!memory)
            return;
        for (DomTreeNode *n : depth_first(&dominators)) {
            for (Instruction &i : *n->getBlock())
                collect(i);
        }
        for (auto &of_base : groups) {
            for (const Access &a : of_base.second)
                rewrite(of_base.second, a);
        }
        for (DomTreeNode *n : depth_first(&dominators))
            find_copies(*n->getBlock());
        for (const Copy &c : copies)
            guard(c);
    }

  private:
    static constexpr int64_t gap = RT_SHORT_MEMORY_GAP;
    static constexpr size_t accesses_most = 64; /* of a base: each is compared with all */
    GlobalVariable *memory;
    DominatorTree &dominators;
    MapVector<Value *, SmallVector<Access, 4>> groups;
    SmallVector<Copy, 8> copies;

    bool find(Instruction &i, Access *a)
    {
        if (!isa<LoadInst, StoreInst>(i))
            return false;
        int64_t offset = 0;
        Use &pointer = i.getOperandUse(isa<LoadInst>(i) ? 0 : 1);
        Value *index = memory_index(pointer, memory, &offset);
        if (!index || offset < 0)
            return false;
        APInt by(32, 0);
        Value *base = index, *sum;
        const APInt *c;
        while (match(base, m_Add(m_Value(sum), m_APInt(c)))) {
            base = sum;
            by += *c;
        }
        *a = {&i, &pointer, index, base, by.getSExtValue(), offset};
        return !isa<Constant>(base) && by.abs().ule(gap);
    }

    void collect(Instruction &i)
    {
        Access a;
        if (!find(i, &a))
            return;
        SmallVectorImpl<Access> &of_base = groups[a.base];
        if (of_base.size() < accesses_most)
            of_base.push_back(a);
    }

    /* The least constant above which sums are known not to wrap around where `a` is: of an access that is
     * over, or must come; *none: there is no such. */
    int64_t least(ArrayRef<Access> of_base, const Access &a, bool *none)
    {
        int64_t least = 0;
        *none = true;
        for (const Access &other : of_base) {
            if (&other == &a || other.by > a.by || a.by - other.by > gap || (!*none && other.by >= least) ||
                !traps_before(*other.i, *a.i, dominators))
                continue;
            least = other.by;
            *none = false;
        }
        return least;
    }

    /* Else the sum is needed anyway, or worth one instruction for all of its accesses. */
    static bool is_for_one(const Value *index)
    {
        return index->hasOneUse() && (*index->user_begin())->hasOneUse();
    }

    void rewrite(ArrayRef<Access> of_base, const Access &a)
    {
        bool none;
        int64_t from = least(of_base, a, &none);
        if (none && (a.by >= 0 || a.offset != 0))
            return;
        int64_t root = none || from < 0 ? 0 : from;
        if (root == a.by || (root > a.by && !is_for_one(a.index)))
            return;
        rewrite_from(a, root);
    }

    void rewrite_from(const Access &a, int64_t root)
    {
        IRBuilder<> b(a.i);
        Value *narrow = root ? b.CreateAdd(a.base, b.getInt32(static_cast<uint32_t>(root))) : a.base;
        Value *at = b.CreateGEP(b.getInt8Ty(), memory, b.CreateZExt(narrow, b.getInt64Ty()));
        int64_t rest = a.by - root + a.offset;
        a.pointer->set(rest ? b.CreateGEP(b.getInt8Ty(), at, b.getInt64(static_cast<uint64_t>(rest))) : at);
    }

    /* --- Stores from above. ---
     *
     * Copies of a few words are stored from the last word to the first, p + 8 before p: then there is no
     * access that says anything of p + 8. But it can only have wrapped around where the store at p is going
     * to trap. Such a p gets a copy of the instructions up to there. */

    void find_copies(BasicBlock &block)
    {
        SmallVector<Access, 8> above; /* stores since anything else might happen */
        for (Instruction &i : block) {
            Access a;
            if (isa<CallBase>(i))
                above.clear();
            if (!isa<StoreInst>(i) || !find(i, &a))
                continue;
            const Access *next = find_if(above, [&](const Access &x) { return are_neighbours(x, a); });
            if (next != above.end()) {
                const Access *first = find_if(above, [&](const Access &x) { return is_above(x, a); });
                copies.push_back({first->i, a, next->i});
                above.clear();
            } else if (above.size() < accesses_most) {
                above.push_back(a);
            }
        }
    }

    static bool is_above(const Access &x, const Access &a)
    {
        return x.base == a.base && x.by > a.by && x.by - a.by <= gap;
    }

    /* Whether one instruction can store both. */
    static bool are_neighbours(const Access &x, const Access &a)
    {
        Value *vx = x.i->getOperand(0), *va = a.i->getOperand(0);
        bool loaded = isa<LoadInst>(vx) && isa<LoadInst>(va) && vx->hasOneUse() && va->hasOneUse();
        bool constant = isa<Constant>(vx) && isa<Constant>(va);
        return is_above(x, a) && vx->getType() == va->getType() && (loaded || constant) &&
               x.by + x.offset == a.by + a.offset + bytes_of(vx->getType());
    }

    static int64_t bytes_of(const Type *t)
    {
        return static_cast<int64_t>(t->getPrimitiveSizeInBits() / 8);
    }

    void guard(const Copy &c)
    {
        BasicBlock *before = c.start->getParent();
        Instruction *start = start_of(c);
        BasicBlock *usual = before->splitBasicBlock(start);
        before->getTerminator()->eraseFromParent();
        IRBuilder<> b(before);
        Value *p = b.CreateAdd(c.last.base, b.getInt32(static_cast<uint32_t>(c.last.by)));
        Value *none = b.CreateICmpUGE(p, b.getInt32(static_cast<uint32_t>(-gap)));
        ValueToValueMapTy copied;
        copy_where_it_traps(*before, none, *usual, *start, *c.last.i, copied);
        for (Instruction *i = start; i != c.last.i; i = i->getNextNode()) {
            Access a;
            if (find(*i, &a) && is_above(a, c.last))
                rewrite_from(a, c.last.by);
        }
        join(*c.neighbour, *c.last.i);
    }

    /* Both stores as one, if what they store was loaded from neighbours: LLVM would take the first load out
     * of both blocks, and then finds no pair of loads. */
    void join(Instruction &above, Instruction &below)
    {
        auto *high = dyn_cast<LoadInst>(above.getOperand(0)), *low = dyn_cast<LoadInst>(below.getOperand(0));
        Access h, l;
        if (!high || !low || !find(*high, &h) || !find(*low, &l) || h.index != l.index ||
            h.offset != l.offset + bytes_of(low->getType()) || !low->isSimple() || !high->isSimple() ||
            !low->getType()->isIntegerTy() || !low->hasOneUse() || !high->hasOneUse() ||
            touches_between(above, below))
            return;
        Instruction *load = low->getParent() != high->getParent() ? nullptr
                            : low->comesBefore(high)              ? high
                                                                  : low;
        if (!load || touches_between(load == high ? *low : *high, *load))
            return;
        IRBuilder<> b(load);
        Type *pair = low->getType()->isIntegerTy(64)
                         ? static_cast<Type *>(FixedVectorType::get(b.getInt64Ty(), 2))
                         : b.getIntNTy(2 * low->getType()->getIntegerBitWidth());
        LoadInst *both = b.CreateAlignedLoad(pair, low->getPointerOperand(), Align(1));
        both->setAAMetadata(low->getAAMetadata());
        b.SetInsertPoint(&below);
        StoreInst *store = b.CreateAlignedStore(both, cast<StoreInst>(below).getPointerOperand(), Align(1));
        store->setAAMetadata(below.getAAMetadata());
        for (Instruction *i : {&above, &below, cast<Instruction>(high), cast<Instruction>(low)})
            i->eraseFromParent();
    }

    static bool touches_between(const Instruction &from, const Instruction &to)
    {
        for (const Instruction *i = from.getNextNode(); i != &to; i = i->getNextNode()) {
            if (i->mayReadOrWriteMemory())
                return true;
        }
        return false;
    }

    /* From where on the guard's copy goes: the loads of what is stored are to stay in one block with it. */
    static Instruction *start_of(const Copy &c)
    {
        Instruction *start = c.start;
        for (Instruction *i = start->getPrevNode(); i && i != c.last.base && !isa<CallBase, PHINode>(*i);
             i = i->getPrevNode()) {
            if (isa<StoreInst>(*i))
                break;
            if (isa<LoadInst>(*i))
                start = i;
        }
        return start;
    }
};

} // namespace

PreservedAnalyses OffsetsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    Offsets(f, analyses.getResult<DominatorTreeAnalysis>(f)).run();
    return PreservedAnalyses::none();
}
