/* llvm_advance.h: rounds of a loop that are known in front of them, so that something else can do them. C++.
 *
 * A round is executed on words (llvm_execution.h): ways out of the loop that compare a counter are not taken,
 * and of what is loaded and compared otherwise somebody says what may be taken for known. If it comes back to
 * the header, and all that the loop carries has gone on by constants, such rounds can be done by something
 * else, as long as what was taken for known is, and the loop then goes on behind them. It stays as it is. */
#ifndef JIT_LLVM_ADVANCE_H
#define JIT_LLVM_ADVANCE_H

#include <optional>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"

#include "llvm_execution.h"
#include "llvm_substitute.h"
#include "llvm_values.h"

class Advance
{
  public:
    Advance(llvm::Loop &l, llvm::ScalarEvolution &se, llvm::GlobalVariable &mem);

    llvm::Loop &loop;

  private:
    struct Inside {
        const llvm::Loop &loop;
        bool operator()(const llvm::BasicBlock *b) const
        {
            return loop.contains(b);
        }
    } inside;

  public:
    Words words;
    Execution execution;

    /* Asked for comparisons with a number that nothing decides: whether `is` may be taken for the result.
     * `stays`: what it is as long as it does not end the loop, if it is one that ends it. */
    std::function<bool(const llvm::ICmpInst &i, Word a, uint64_t b, std::optional<bool> stays, bool *is)>
        known;

    bool run();

    struct Row { /* what a round accesses from one base, which goes on by `step` */
        Word base;
        int64_t from, to, step; /* bytes */
        int64_t least;          /* base + least: the lowest index without the constants behind it */
        bool written;
    };
    llvm::SmallVector<Row, 4> rows;
    llvm::SmallVector<Word, 8> others; /* bases of all that is accessed elsewhere */

    /* Whether a word is made of what the loop carries, and goes on with it. */
    bool is_carried(Word w);
    /* By how much a number of so many bits goes on in a round, 0 if it stays. An address: it is a sum of
     * numbers none of which wraps around. */
    std::optional<int64_t> step_of(Word w, unsigned bits, bool address);

    struct Step {
        llvm::PHINode *phi;
        int64_t by;
    };
    llvm::SmallVector<Step, 8> steps; /* of those that go on */
    struct Count {                    /* the loop does not end while a `stays` b */
        llvm::CmpInst::Predicate stays;
        Word a, b;
        unsigned bits;
        int64_t by; /* a goes on by that, b stays */
    };
    llvm::SmallVector<Count, 4> counts;
    struct Beside { /* `phi` is `other` + `by`, if it is so in the first of these rounds */
        llvm::PHINode *phi, *other;
        int64_t by;
    };
    llvm::SmallVector<Beside, 4> beside;

  private:
    llvm::ScalarEvolution &evolution;
    llvm::DenseMap<const llvm::ICmpInst *, bool> ends; /* what they are if the loop goes on */

    void find_ends();
    void find_end(llvm::Value *v, bool wanted);
    bool assume(const llvm::ICmpInst &i, Word a, Word b, bool *is);
    const llvm::PHINode *carried(Word w);
    bool follow(const llvm::PHINode &phi, Word *w);
    std::optional<int64_t> apart(const llvm::PHINode &phi, const llvm::PHINode &other);
    bool find_steps();
    bool find_rows();
    bool find_counts();
};

/* What is known of such rounds in front of them. */
class AdvanceValues
{
  public:
    /* Made in front of `at`, from which the loop goes on; `current`: what stands there for what the loop
     * carries. */
    AdvanceValues(Advance &a, llvm::GlobalVariable &mem, const struct llvm_unit &u, llvm::Instruction *at,
                  std::function<llvm::Value *(llvm::Value *)> current);

    Substitution tools;
    llvm::IRBuilder<> &b;
    WordValues values;

    llvm::Value *number(uint64_t n)
    {
        return b.getInt64(n);
    }
    llvm::Value *least(llvm::Value *x, llvm::Value *y);
    /* Rounds that no counter ends. */
    llvm::Value *certain();
    /* The first byte of the row, in this round. */
    llvm::Value *start(const Advance::Row &r);
    /* Rounds in which all of it is inside of the memory, and no address wraps around. */
    llvm::Value *inside(const Advance::Row &r, llvm::Value *start);
    /* Whether the first one is so. */
    llvm::Value *begins(const Advance::Row &r, llvm::Value *start);
    /* What a number is so many rounds later. */
    static llvm::Value *later(llvm::IRBuilder<> &b, const Advance::Step &s, llvm::Value *now,
                              llvm::Value *rounds);

  private:
    Advance &advance;
    llvm::Value *rounds_of(const Advance::Count &c);
};

#endif
