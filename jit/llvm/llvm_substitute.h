/* llvm_substitute.h: what the replacement of any pattern is made of: tests in front of the original code, a
 * copy of the kernel that is called where they hold, and, on the first calls, both (jit/patterns). C++. */
#ifndef JIT_LLVM_SUBSTITUTE_H
#define JIT_LLVM_SUBSTITUTE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Target/TargetMachine.h"

namespace llvm
{
class DominatorTree;
class SCEV;
class ScalarEvolution;
} // namespace llvm
struct llvm_unit;
struct pattern_site;

/* Counts the time of looking for patterns, from here to the end of the scope; `what` is looked for, static.
 */
class PatternTimer
{
  public:
    explicit PatternTimer(const char *what);
    ~PatternTimer();

  private:
    const char *name;
    uint64_t start;
};

/* The line of the list of places for what has been found in a loop of `f`, or in all of it (null). What was
 * done there is the caller's to add. */
struct pattern_site site_of(const struct llvm_unit &unit, const llvm::Function &f, const llvm::Loop *l,
                            const llvm::LoopInfo &loops, enum pattern pattern, const llvm::Twine &evidence);

/* Whether something else is listed at that place already: that it was replaced, or why it was not. */
bool is_listed(const struct pattern_site &s);

/* Whether it is replaced there as `pattern`. */
bool is_replaced(const struct pattern_site &s, enum pattern pattern);

/* What a value of a loop is behind it, as something that does not change in the loop; null: it is nothing
 * that is known. */
const llvm::SCEV *value_behind(llvm::Value &v, const llvm::Loop &l, llvm::ScalarEvolution &evolution);

/* Where a function begins, behind the test of the stack's depth if it has one. */
llvm::BasicBlock &behind_stack_check(llvm::Function &f);

/* Kernels in a module that is being compiled. */
class Kernels
{
  public:
    Kernels(llvm::Module &m, const llvm::MCSubtargetInfo &cpu) : module(m), processor(cpu) {}

    /* Instruction sets of the processor, "+avx2" or, all of them, "+avx2,+fma". */
    bool has(const char *feature) const
    {
        return processor.checkFeatures(feature);
    }

    /* A copy of the kernel for `caller`, internal to the module; its arguments that are constants are so in
     * it. */
    llvm::Function *copy_for(llvm::Function &caller, const char *name,
                             llvm::ArrayRef<llvm::Value *> arguments);

    /* The same for a kernel that was written in the module, for this place alone. */
    void adopt(llvm::Function &kernel, llvm::Function &caller);

    /* The originals that copies were made of. */
    void drop();

  private:
    llvm::Module &module;
    const llvm::MCSubtargetInfo &processor;
    llvm::SmallVector<llvm::Function *, 4> loaded;
    unsigned copies = 0;

    llvm::Function *load(const char *name);
};

/* Looks for patterns in the functions of a module, if it has a memory 0. `replace` replaces one place, the
 * first that can be, and is asked again until it returns false; in `done` it keeps what it has looked at.
 * Where it returns false it may have moved values, but keeps loops, dominators and evolution as they are.
 * Counts the time, by `what`, static. */
llvm::PreservedAnalyses
replace_patterns(const char *what, llvm::Module &m, llvm::ModuleAnalysisManager &modules,
                 const llvm::MCSubtargetInfo &cpu,
                 llvm::function_ref<bool(llvm::Function &f, llvm::FunctionAnalysisManager &functions,
                                         llvm::GlobalVariable &memory, Kernels &kernels,
                                         llvm::SmallPtrSetImpl<const llvm::BasicBlock *> &done)>
                     replace);

/* What a search through a function's loops works with. */
struct Surroundings {
    llvm::Function &function;
    llvm::ScalarEvolution &evolution;
    llvm::LoopInfo &loops;
    llvm::DominatorTree &dominators;
    llvm::GlobalVariable &memory;
    Kernels &kernels;
    const struct llvm_unit &unit;

    Surroundings(llvm::Function &f, llvm::FunctionAnalysisManager &analyses, llvm::GlobalVariable &mem,
                 Kernels &k, const struct llvm_unit &u);
};

/* The same for patterns of loops. A Search is made of what Surroundings are made of, and `more`; its
 * replaces(loop) replaces the loop if it can, and is asked once for each. */
template <class Search, class... More>
llvm::PreservedAnalyses replace_loops(const char *what, llvm::Module &m, llvm::ModuleAnalysisManager &modules,
                                      const llvm::TargetMachine &machine, const struct llvm_unit &unit,
                                      More... more)
{
    auto replace = [&](llvm::Function &f, llvm::FunctionAnalysisManager &functions,
                       llvm::GlobalVariable &memory, Kernels &kernels,
                       llvm::SmallPtrSetImpl<const llvm::BasicBlock *> &done) {
        llvm::LoopInfo &loops = functions.getResult<llvm::LoopAnalysis>(f);
        if (loops.empty())
            return false;
        Search search(f, functions, memory, kernels, unit, more...);
        return llvm::any_of(loops.getLoopsInPreorder(), [&](llvm::Loop *l) {
            return done.insert(l->getHeader()).second && search.replaces(*l);
        });
    };
    return replace_patterns(what, m, modules, *machine.getMCSubtargetInfo(), replace);
}

/* One place: tests and the call. What is done in linear memory is told as ranges of memory 0. */
class Substitution
{
  public:
    /* Tests stand before `at`, the terminator of a block from which the original code is always entered. */
    Substitution(llvm::Instruction *at, llvm::GlobalVariable &mem, const struct llvm_unit &u);

    llvm::IRBuilder<> &builder()
    {
        return b;
    }
    llvm::Value *number(uint64_t v)
    {
        return b.getInt64(v);
    }
    /* The kernel is called only if all that is required holds. */
    void require(llvm::Value *condition);
    /* The same, once: where it does not hold nothing of what follows is computed. */
    void require_first(llvm::Value *condition);

    /* Bytes [from, to) of memory 0, i64; `least`: the lowest that `from` may be without a wrapped address. */
    struct Range {
        llvm::Value *from, *to;
    };
    void require_inside(const Range &r, uint64_t least);
    void require_disjoint(const Range &p, const Range &q);
    llvm::Value *pointer(llvm::Value *offset);
    llvm::Value *memory_bytes(); /* as it is now */

    /* What the kernel and the original write, all of it, and read, for the comparison of both: at most
     * RT_SITE_RANGES each; `type` of the numbers in it: enum rt_site_type. */
    void writes(const Range &r, unsigned type);
    void reads(const Range &r, unsigned type);
    /* Results of this type (RT_SITE_F32, RT_SITE_F64) are sums of `terms` (i64) products of one number from
     * each range that is read, and may differ by rounding. */
    void rounds_otherwise(unsigned type, llvm::Value *terms);
    /* The same, but of squares of differences of these numbers. */
    void rounds_differences_otherwise(unsigned type, llvm::Value *terms);

    /* Where the original code ends: by the only edge from `last` to `exit`. */
    struct End {
        llvm::BasicBlock *last, *exit;
    };
    /* A phi of `exit`, and what it is when the kernel ran; value null: what the kernel returns, or this
     * element of the vector of integers that it returns, whose bits it has. Phis that are not here have the
     * same value either way, one that dominates the tests. */
    struct Result {
        llvm::PHINode *phi;
        llvm::Value *value;
        unsigned element = 0;
    };
    /* Completes it. `site` is replaced (forbidden() has nothing against it). Returns the call. */
    llvm::CallInst *finish(const struct pattern_site &site, llvm::Function *kernel,
                           llvm::ArrayRef<llvm::Value *> arguments, End end, llvm::ArrayRef<Result> results);

    /* Where calls are many and short, those that are left until somebody is asked whose turn it is are
     * counted in `left`, an i32, which is memory only to become a register; null if nobody is asked. They are
     * taken out of the list at `from` and put back at `to`, in front of these. */
    llvm::AllocaInst *count_apart(const struct pattern_site &site, llvm::Instruction *from,
                                  llvm::Instruction *to);

    /* Whether the place may be replaced at all; else why not. To be asked before anything is changed. */
    static const char *forbidden(const struct llvm_unit &u, const struct pattern_site &site);

    /* All that has been required so far. */
    llvm::Value *required() const
    {
        return test;
    }

  protected:
    llvm::GlobalVariable &memory;
    const struct llvm_unit &unit;
    llvm::Instruction *before;
    llvm::IRBuilder<> b;

  private:
    struct Compared {
        Range range;
        unsigned type;
    };
    struct Returned { /* by the kernel; and the same of the original */
        llvm::PHINode *phi;
        llvm::Value *value;
        unsigned element;
    };
    llvm::Value *test, *size = nullptr, *terms = nullptr;
    llvm::AllocaInst *left = nullptr;
    llvm::Instruction *first = nullptr;
    unsigned unordered = 0;
    llvm::SmallVector<Compared, 4> outputs, inputs;
    llvm::SmallVector<Returned, 4> returned;

    llvm::GlobalVariable *symbol(const char *name);
    static unsigned site_type(const llvm::Type &t);
    llvm::Value *shared(size_t offset);
    llvm::Value *left_at(uint32_t number);
    void put(llvm::Value *v, size_t offset);
    void put_ranges(llvm::ArrayRef<Compared> ranges, size_t offset);
    void put_values(bool original, llvm::BasicBlock *from);
    llvm::Value *call_shared(size_t offset, llvm::Type *result, uint32_t number);
    llvm::Value *element(llvm::Value *vector, unsigned number, llvm::Type &type);
    void compare_after(uint32_t number, llvm::PHINode *tried, End end);
    llvm::BasicBlock *ask(uint32_t number, llvm::BasicBlock *instead, llvm::BasicBlock *original,
                          llvm::PHINode *both, llvm::PHINode *tried);
};

#endif
