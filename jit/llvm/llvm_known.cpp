/* llvm_known.cpp: functions, and rounds of loops, that compute something known, replaced by kernels of
 * jit/patterns.
 *
 * They are executed on words (llvm_execution.h), which says what they leave in memory and in values, all of
 * it, as expressions in a normal form; these are compared with those of the algorithm. What is known stays as
 * it is, and in front of it stand tests that it cannot trap, and that what was taken to be apart in memory
 * is. If they hold the kernel runs, and leaves the same in memory, what lies in the stack frame included. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_known.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace
{

class Search
{
  public:
    Search(Function &f, FunctionAnalysisManager &analyses, GlobalVariable &mem, Kernels &k,
           const struct llvm_unit &u)
        : function(f), loops(analyses.getResult<LoopAnalysis>(f)),
          dominators(analyses.getResult<DominatorTreeAnalysis>(f)), memory(mem), kernels(k), unit(u)
    {
    }

    /* Replaces one piece, the first that can be; `done` has the beginnings of those that were looked at. */
    bool run(SmallPtrSetImpl<const BasicBlock *> &done)
    {
        if (rotations(nullptr) < rotations_least)
            return false;
        if (done.insert(&function.getEntryBlock()).second && known(function_piece()))
            return true;
        for (Loop *l : loops.getLoopsInPreorder()) {
            if (done.insert(l->getHeader()).second && rotations(l) >= rotations_least &&
                known(loop_piece(*l)))
                return true;
        }
        return false;
    }

  private:
    /* Different ones; SHA-256 has 10, with some tricks 8. */
    static constexpr int rotations_least = 8;
    Function &function;
    LoopInfo &loops;
    DominatorTree &dominators;
    GlobalVariable &memory;
    Kernels &kernels;
    const struct llvm_unit &unit;

    int rotations(const Loop *l) const
    {
        uint64_t amounts = 0;
        for (const Instruction &i : instructions(function)) {
            auto *call = dyn_cast<IntrinsicInst>(&i);
            bool rotates = call && (call->getIntrinsicID() == Intrinsic::fshl ||
                                    call->getIntrinsicID() == Intrinsic::fshr);
            auto *by = rotates ? dyn_cast<ConstantInt>(call->getArgOperand(2)) : nullptr;
            if (by && (!l || l->contains(&i)))
                amounts |= uint64_t(1) << (by->getZExtValue() % 64);
        }
        return popcount(amounts);
    }

    Piece function_piece()
    {
        Piece p;
        p.start = &behind_stack_check(function);
        if (p.start != &function.getEntryBlock())
            p.before = &function.getEntryBlock();
        return p;
    }

    /* Behind the test of its condition, if it begins with that. */
    static Piece loop_piece(Loop &l)
    {
        Piece p;
        p.loop = &l;
        p.start = l.getHeader();
        auto *br = dyn_cast<BranchInst>(p.start->getTerminator());
        if (br && br->isConditional() && l.contains(br->getSuccessor(0)) != l.contains(br->getSuccessor(1)) &&
            l.getLoopLatch() != p.start) {
            BasicBlock *next = br->getSuccessor(!l.contains(br->getSuccessor(0)));
            if (next->getSinglePredecessor()) {
                p.before = p.start;
                p.start = next;
            }
        }
        return p;
    }

    bool known(const Piece &p)
    {
        if (p.loop)
            formLCSSA(*p.loop, dominators, &loops, nullptr);
        Words words;
        auto inside = [&](const BasicBlock *b) { return p.has(b); };
        Execution execution(words, memory, inside);
        if (!execution.run(p.start, p.loop ? p.loop->getHeader() : nullptr))
            return false;
        Sha256 sha(words, execution);
        const char *why;
        bool is = sha.fits(&why) && replace(p, sha, words, execution, &why);
        if (why)
            certify(p, sha, is, why);
        return is;
    }

    void certify(const Piece &p, const Sha256 &sha, bool replaced, const char *text)
    {
        struct pattern_site s = site_of(unit, function, p.loop, loops, PATTERN_SHA256,
                                        Twine(p.loop ? "a round of the loop" : "the function") +
                                            ", constants " + (sha.has_table ? "in memory" : "in the code") +
                                            ", " + Twine(sha.rest.size()) + " words beside");
        s.replaced = replaced;
        s.text = text;
        patterns_note(&s);
    }

    /* The best one that the processor has all instructions for; null: none. */
    const char *sha256_kernel() const
    {
        static const struct {
            const char *name, *needs;
        } best_first[] = {{"sha256_block", "+sha,+ssse3"},
                          {"sha256_lanes", "+avx512f,+avx512vl"},
                          {"sha256_words", "+avx2,+bmi,+bmi2"}};
        for (const auto &k : best_first) {
            if (kernels.has(k.needs))
                return k.name;
        }
        return nullptr;
    }

    bool replace(const Piece &p, const Sha256 &sha, Words &words, Execution &execution, const char **why)
    {
        Bypass bypass(p, words, execution, memory, unit);
        if (!bypass.possible(why))
            return false;
        const char *name = sha256_kernel();
        *why = name ? name : "there is no kernel for it on this processor";
        if (!name)
            return false;
        bypass.begin();
        IRBuilder<> &b = bypass.builder();
        Value *none = ConstantPointerNull::get(b.getPtrTy()), *out = none;
        if (!sha.rest.empty()) {
            IRBuilder<> entry(&function.getEntryBlock(), function.getEntryBlock().begin());
            out = entry.CreateAlloca(ArrayType::get(b.getInt32Ty(), 80));
        }
        SmallVector<Value *, 5> arguments = {bypass.pointer(sha.state), bypass.pointer(sha.block),
                                             sha.has_table ? bypass.pointer(sha.table) : none,
                                             b.getInt32(sha.reversed), out};
        Function *kernel = kernels.copy_for(function, *why, arguments);
        b.CreateCall(kernel, arguments)->setCallingConv(kernel->getCallingConv());
        store_rest(bypass, sha, out);
        bypass.finish();
        return true;
    }

    /* Words that follow each other go together. */
    static void store_rest(Bypass &bypass, const Sha256 &sha, Value *out)
    {
        IRBuilder<> &b = bypass.builder();
        for (size_t k = 0, n; k < sha.rest.size(); k += n) {
            const Sha256::Rest &first = sha.rest[k];
            auto follows = [&](const Sha256::Rest &r) {
                return r.from == first.from + static_cast<int>(n) && r.to.first == first.to.first &&
                       r.to.second == first.to.second + 4 * static_cast<int64_t>(n);
            };
            for (n = 1; first.from >= 0 && k + n < sha.rest.size() && follows(sha.rest[k + n]);)
                n++;
            Type *t = n == 1 ? b.getInt32Ty()
                             : cast<Type>(FixedVectorType::get(b.getInt32Ty(), static_cast<unsigned>(n)));
            Value *v = b.getInt32(first.number);
            if (first.from >= 0)
                v = b.CreateAlignedLoad(
                    t, b.CreateConstGEP1_32(b.getInt32Ty(), out, static_cast<unsigned>(first.from)),
                    Align(4));
            b.CreateAlignedStore(v, bypass.pointer(first.to), Align(1));
        }
    }
};

} // namespace

PreservedAnalyses KnownPass::run(Module &m, ModuleAnalysisManager &modules)
{
    return replace_patterns("SHA-256", m, modules, *machine.getMCSubtargetInfo(),
                            [&](Function &f, FunctionAnalysisManager &functions, GlobalVariable &memory,
                                Kernels &kernels, SmallPtrSetImpl<const BasicBlock *> &done) {
                                return Search(f, functions, memory, kernels, unit).run(done);
                            });
}
