/* llvm_copies.cpp: loops that copy or fill memory, in the place of which a kernel of jit/patterns does it.
 *
 * LLVM makes vectors of such a loop behind a test that what is written is apart from what is read, and leaves
 * it as it is where that fails: what moves within an array, and the copies of decoders that read what they
 * have just written, so that a few bytes are repeated. Here a loop of one load and one store of what was
 * loaded is known by that, and where its ranges lie inside the memory nothing can trap, so that what it
 * leaves is known, too, however the ranges lie: upwards, bytes that were written are read again, a pattern as
 * long as the ranges are apart; downwards the same is left to the loop. The loop stays behind the tests as it
 * is, without vectors, for few rounds and for what would trap. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <optional>

using namespace llvm;

namespace
{

struct Place {                   /* the bytes of one round */
    const SCEV *index = nullptr; /* i32, in the first round */
    int64_t offset = 0;
    int64_t step = 0;
};

/* Copies of kernels, one of each for all places of a function in which no argument is a constant. */
class Shared
{
  public:
    explicit Shared(Kernels &k) : kernels(k) {}
    Function *kernel(Function &f, const char *name, ArrayRef<Value *> arguments)
    {
        if (any_of(arguments, [](Value *v) { return isa<Constant>(v); }))
            return kernels.copy_for(f, name, arguments);
        for (const Known &k : known) {
            if (k.caller == &f && StringRef(k.name) == name)
                return k.copy;
        }
        known.push_back({&f, name, kernels.copy_for(f, name, arguments)});
        return known.back().copy;
    }

  private:
    struct Known {
        Function *caller;
        const char *name;
        Function *copy;
    };
    Kernels &kernels;
    SmallVector<Known, 4> known;
};

class Copy
{
  public:
    Copy(Loop &l, LoopInfo &li, ScalarEvolution &se, DominatorTree &dom, GlobalVariable &mem)
        : loop(l), loops(li), evolution(se), dominators(dom), memory(mem),
          expander(se, mem.getParent()->getDataLayout(), "copy")
    {
    }

    /* Whether all that the loop does is to copy or to fill. */
    bool is_one()
    {
        BasicBlock *exiting = loop.getExitingBlock();
        return loop.getLoopPreheader() && loop.getLoopLatch() && loop.getNumBlocks() <= 2 && exiting &&
               loop.getUniqueExitBlock() && isa<BranchInst>(exiting->getTerminator()) &&
               all_of(loop.blocks(), [&](BasicBlock *b) { return only_copies(*b); }) && store && is_value() &&
               find_rounds() && find(*store->getPointerOperand(), &to) &&
               (!load || (find(*load->getPointerOperand(), &from) && from.step == to.step)) &&
               std::abs(to.step) == static_cast<int64_t>(bytes);
    }

    std::string evidence() const
    {
        return std::string(load ? "copy, " : "fill, ") + std::to_string(bytes) +
               (bytes == 1 ? " byte a round, " : " bytes a round, ") +
               (to.step > 0 ? "upwards" : "downwards");
    }
    const char *kernel_name() const
    {
        return !load ? "memory_fill" : to.step > 0 ? "memory_forward" : "memory_move";
    }

    bool replace(Function &f, Shared &shared, const struct llvm_unit &unit, struct pattern_site *site)
    {
        Instruction *before = loop.getLoopPreheader()->getTerminator();
        formLCSSARecursively(loop, dominators, &loops, &evolution);
        SmallVector<std::pair<PHINode *, const SCEV *>, 4> behind;
        for (const SCEV *s : {rounds, to.index, load ? from.index : to.index}) {
            if (!expander.isSafeToExpandAt(s, before)) {
                site->text = "how often it runs, or where its bytes lie, is not known before it";
                return false;
            }
        }
        if (!find_results(before, behind)) {
            site->text = "something else that the loop computes is used behind it";
            return false;
        }
        Substitution s(before, memory, unit);
        IRBuilder<> &b = s.builder();
        Value *turns = b.CreateZExtOrTrunc(expand(rounds, b), b.getInt64Ty());
        s.require(b.CreateICmpULT(turns, s.number(rounds_most)));
        if (loop.getExitingBlock() == loop.getLoopLatch())
            turns = b.CreateAdd(turns, s.number(1));
        Value *n = b.CreateMul(turns, s.number(bytes));
        s.require_first(b.CreateICmpUGE(turns, s.number(rounds_least)));
        Substitution::Range written = range(to, s, n);
        s.writes(written, RT_SITE_BITS);
        Value *source = value ? b.CreateZExtOrTrunc(value, b.getInt32Ty()) : nullptr;
        if (load) {
            Substitution::Range read = range(from, s, n);
            s.reads(read, RT_SITE_BITS);
            require_kernel(s, b.CreateSub(written.from, read.from), n);
            source = s.pointer(read.from);
        }
        SmallVector<Substitution::Result, 4> results;
        for (auto &[phi, after] : behind)
            results.push_back({phi, expand(after, b)});
        SmallVector<Value *, 3> arguments = {s.pointer(written.from), source, n};
        addStringMetadataToLoop(&loop, "llvm.loop.vectorize.enable", 0);
        addStringMetadataToLoop(&loop, "llvm.loop.unroll.disable");
        s.finish(*site, shared.kernel(f, site->text, arguments), arguments,
                 {loop.getExitingBlock(), loop.getUniqueExitBlock()}, results);
        return true;
    }

  private:
    static constexpr size_t instructions_most = 40;
    static constexpr uint64_t rounds_most = uint64_t(1) << 31;
    static constexpr uint64_t rounds_least = 16; /* fewer are as fast by the loop */
    static constexpr uint64_t least_read_again = 32;
    static constexpr uint64_t bytes_most = 4; /* of a round; what decoders move in larger pieces is short */
    static constexpr uint64_t rounds_constant = 64; /* with fewer, if they are known, LLVM does it */

    Loop &loop;
    LoopInfo &loops;
    ScalarEvolution &evolution;
    DominatorTree &dominators;
    GlobalVariable &memory;
    SCEVExpander expander;
    LoadInst *load = nullptr;
    StoreInst *store = nullptr;
    Value *value = nullptr; /* of a fill: i32, its low byte */
    uint64_t bytes = 0;
    const SCEV *rounds = nullptr; /* less one, if the test is at the end */
    Place to, from;
    size_t instructions = 0;

    bool only_copies(BasicBlock &b)
    {
        for (Instruction &i : b) {
            auto *l = dyn_cast<LoadInst>(&i);
            auto *s = dyn_cast<StoreInst>(&i);
            if (++instructions > instructions_most || (l && (load || !l->isSimple())) ||
                (s && (store || !s->isSimple())) ||
                (!l && !s && (i.mayHaveSideEffects() || i.mayReadOrWriteMemory())))
                return false;
            load = l ? l : load;
            store = s ? s : store;
        }
        return true;
    }

    /* What is stored is what was loaded, or the same byte everywhere in all rounds. */
    bool is_value()
    {
        Value *v = store->getValueOperand();
        bytes = memory.getParent()->getDataLayout().getTypeStoreSize(v->getType()).getFixedValue();
        /* A loop of two blocks stores in the second one, behind the test. */
        if (loop.getNumBlocks() == 2 &&
            (store->getParent() != loop.getLoopLatch() || loop.getExitingBlock() != loop.getHeader() ||
             (load && load->getParent() != loop.getLoopLatch())))
            return false;
        if (load)
            return v == load && load->hasOneUse() && bytes <= bytes_most && isPowerOf2_64(bytes);
        if (!v->getType()->isIntegerTy())
            return false;
        auto *low = dyn_cast<TruncInst>(v);
        if (low && bytes == 1 && loop.isLoopInvariant(low->getOperand(0)))
            v = low->getOperand(0);
        if (!loop.isLoopInvariant(v))
            return false;
        auto *c = dyn_cast<ConstantInt>(v);
        Type *word = Type::getInt32Ty(v->getContext());
        if (c && c->getValue().getBitWidth() % 8 == 0 && c->getValue().isSplat(8))
            value = ConstantInt::get(word, c->getValue().extractBitsAsZExtValue(8, 0));
        else if (bytes == 1)
            value = v;
        return value;
    }

    /* How often the loop goes back to its header. */
    bool find_rounds()
    {
        rounds = evolution.getBackedgeTakenCount(&loop);
        auto *c = dyn_cast<SCEVConstant>(rounds);
        return !isa<SCEVCouldNotCompute>(rounds) && !(c && c->getAPInt().ult(rounds_constant));
    }

    bool find(Value &pointer, Place *p)
    {
        Value *index = memory_index(&pointer, &memory, &p->offset);
        const SCEV *at = evolution.getSCEV(index ? index : &pointer);
        auto *goes = dyn_cast<SCEVAddRecExpr>(at);
        if (!goes || goes->getLoop() != &loop || !goes->isAffine() || p->offset < 0)
            return false;
        auto *by = dyn_cast<SCEVConstant>(goes->getStepRecurrence(evolution));
        if (!by)
            return false;
        p->step = by->getAPInt().getSExtValue();
        p->index = goes->getStart();
        if (!index) {
            p->offset = 0;
            p->index = evolution.getMinusSCEV(p->index, evolution.getSCEV(&memory));
        }
        return !isa<SCEVCouldNotCompute>(p->index);
    }

    bool find_results(Instruction *before, SmallVectorImpl<std::pair<PHINode *, const SCEV *>> &behind)
    {
        for (PHINode &phi : loop.getUniqueExitBlock()->phis()) {
            Value *v = phi.getIncomingValueForBlock(loop.getExitingBlock());
            if (loop.isLoopInvariant(v))
                continue;
            const SCEV *s = value_behind(*v, loop, evolution);
            if (!s || !expander.isSafeToExpandAt(s, before))
                return false;
            behind.push_back({&phi, s});
        }
        return true;
    }

    /* What LLVM knows of a value may hold only where the loop runs; where it does not, any value will do. */
    Value *expand(const SCEV *s, IRBuilder<> &b)
    {
        Value *v =
            expander.expandCodeFor(s, s->getType(), loop.getLoopPreheader()->getTerminator()->getIterator());
        return isa<Constant>(v) ? v : b.CreateFreeze(v);
    }

    /* All bytes of all rounds, which must lie inside the memory without an index that wraps around. */
    Substitution::Range range(const Place &p, Substitution &s, Value *n)
    {
        IRBuilder<> &b = s.builder();
        Value *first = b.CreateAdd(b.CreateZExtOrTrunc(expand(p.index, b), b.getInt64Ty()),
                                   s.number(static_cast<uint64_t>(p.offset)));
        Substitution::Range r = {first, b.CreateAdd(first, n)};
        if (p.step < 0) {
            r.to = b.CreateAdd(first, s.number(bytes));
            r.from = b.CreateSub(r.to, n);
        }
        s.require_inside(r, static_cast<uint64_t>(p.offset));
        return r;
    }

    /* What the loop leaves is what the kernel leaves: upwards, unless words overlap themselves; downwards,
     * unless what was written is read again. Few bytes that repeat a pattern are as fast by the loop. */
    void require_kernel(Substitution &s, Value *apart, Value *n)
    {
        IRBuilder<> &b = s.builder();
        if (to.step < 0)
            s.require(b.CreateICmpUGE(b.CreateSub(b.getInt64(0), apart), n));
        else
            s.require(b.CreateOr(b.CreateICmpUGE(apart, n),
                                 b.CreateAnd(b.CreateICmpUGE(n, s.number(least_read_again)),
                                             b.CreateICmpUGE(apart, s.number(bytes)))));
    }
};

} // namespace

PreservedAnalyses CopiesPass::run(Module &m, ModuleAnalysisManager &modules)
{
    std::optional<Shared> shared;
    auto find = [&](Function &f, FunctionAnalysisManager &functions, GlobalVariable &memory, Kernels &kernels,
                    SmallPtrSetImpl<const BasicBlock *> &done) {
        auto &loops = functions.getResult<LoopAnalysis>(f);
        if (!shared)
            shared.emplace(kernels);
        for (Loop *l : loops.getLoopsInPreorder()) {
            if (!l->isInnermost() || !done.insert(l->getHeader()).second)
                continue;
            Copy copy(*l, loops, functions.getResult<ScalarEvolutionAnalysis>(f),
                      functions.getResult<DominatorTreeAnalysis>(f), memory);
            if (!copy.is_one())
                continue;
            struct pattern_site site = site_of(unit, f, l, loops, PATTERN_COPY, copy.evidence());
            site.text = Substitution::forbidden(unit, site);
            if (!site.text) {
                site.text = copy.kernel_name();
                site.replaced = copy.replace(f, *shared, unit, &site);
            }
            patterns_note(&site);
            if (site.replaced)
                return true;
        }
        return false;
    };
    return replace_patterns("copies", m, modules, *machine.getMCSubtargetInfo(), find);
}
