/* llvm_stretch.h: loops that read memory 0 in one piece and leave a few values behind, which a kernel can
 * compute: how often such a loop runs, and where it reads. C++. */
#ifndef JIT_LLVM_STRETCH_H
#define JIT_LLVM_STRETCH_H

#include "llvm_substitute.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

class Stretch
{
  public:
    /* Whether `l` is left at its end only, to a block of its own. */
    static bool has_shape(const llvm::Loop &l);
    /* `l` has that shape. */
    Stretch(llvm::Loop &l, llvm::ScalarEvolution &se, llvm::GlobalVariable &memory);

    /* Whether rounds are known before the loop, and each reads the next `bytes`, the first at `pointer`; or,
     * if `downwards`, the `bytes` in front of those of the round before.
     * If so, brings the loop into LCSSA form, so that only then its values are what is used behind it. */
    bool find(llvm::Value *pointer, uint64_t bytes, llvm::LoopInfo &loops, llvm::DominatorTree &dominators,
              bool downwards = false);
    /* Of what the loop computes at most `left` may be used behind it, at least one of them if there are any,
     * and what is known before it; else `why` is something else. */
    bool find_results(llvm::ArrayRef<llvm::Value *> left, const char **why);
    bool is_known(const llvm::SCEV *s) const;
    /* The most rounds that there can be, as far as is known. */
    uint64_t rounds_most() const;

    /* Where the tests stand, and what they are: rounds, which are fewer than 2^32, and bytes are inside of
     * the memory. */
    llvm::Instruction *before() const;
    void require(Substitution &s);
    llvm::Value *rounds = nullptr, *bytes = nullptr; /* i64 */
    Substitution::Range range;                       /* what is read */
    /* Something that is known before the loop, as a value. */
    llvm::Value *expand(Substitution &s, const llvm::SCEV *e);
    llvm::SmallVector<Substitution::Result, 4> results(Substitution &s);
    Substitution::End end() const;

  private:
    struct Behind { /* a value that is used behind the loop: */
        llvm::PHINode *phi;
        const llvm::SCEV *known; /* before it; null: */
        unsigned left;           /* the number of one of those */
    };
    llvm::Loop &loop;
    llvm::ScalarEvolution &evolution;
    llvm::GlobalVariable &memory;
    llvm::SCEVExpander expander;
    uint64_t step = 0;
    bool down = false;
    /* How often the loop goes back to its header: 2^shift times that; or as long as a counter that goes by
     * 2^shift is still less than a bound. */
    const llvm::SCEV *distance = nullptr;
    unsigned shift = 0;
    struct {
        const llvm::SCEV *first = nullptr, *bound; /* of 32 bits */
        bool is_signed;
    } less;
    /* Of the first round's first byte: the index and what it lacks, or the whole distance from the memory's
     * beginning. */
    const llvm::SCEV *index = nullptr;
    int64_t offset = 0;
    llvm::SmallVector<Behind, 4> behind;

    const llvm::SCEV *start_of(const llvm::SCEV *e, const llvm::APInt **by) const;
    bool find_count();
    bool find_counter(const llvm::ICmpInst &compare, bool goes_on);
    llvm::Value *count(Substitution &s);
    llvm::Value *count_less(Substitution &s);
    bool find_start(llvm::Value *pointer);
};

#endif
