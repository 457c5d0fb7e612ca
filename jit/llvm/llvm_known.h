/* llvm_known.h: a piece of a function that was executed on words (llvm_execution.h) and turned out to be a
 * known one, and the call that stands in its place. C++. */
#ifndef JIT_LLVM_KNOWN_H
#define JIT_LLVM_KNOWN_H

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"

#include "llvm_execution.h"
#include "llvm_values.h"

struct llvm_unit;

/* From the beginning of `start` to a return of the function, or once through a loop. */
struct Piece {
    llvm::Loop *loop = nullptr; /* null: the function */
    llvm::BasicBlock *start = nullptr;
    llvm::BasicBlock *before = nullptr; /* the block of the function or loop that it begins behind */
    bool has(const llvm::BasicBlock *b) const
    {
        return b != before && (!loop || loop->contains(b));
    }
};

/* SHA-256 of one block. `fits`: all that the piece does is that. */
class Sha256
{
  public:
    Sha256(Words &w, Execution &e) : words(w), execution(e) {}
    bool fits(const char **why);

    Execution::Place state, block, table; /* table: only if has_table */
    bool has_table = false, reversed = false;
    /* What is written apart from the state: a word at `to` from word `from` of what the kernel tells
     * (kernels/sha256.c), or a number. */
    struct Rest {
        Execution::Place to;
        int from; /* negative: the number */
        uint32_t number;
    };
    llvm::SmallVector<Rest, 0> rest;

  private:
    Words &words;
    Execution &execution;
    llvm::SmallVector<Word, 80> known; /* as the kernel tells them */

    bool place_of(Word w, Execution::Place *lowest) const;
    bool find_state();
    bool find_block();
    bool find_table();
    bool same();
    bool find_rest(const char **why);
    Word sigma(Word x, unsigned a, unsigned b, unsigned c, bool shift);
    Word addend_at(Execution::Place p, unsigned turn);
    llvm::SmallVector<std::pair<Execution::Place, unsigned>, 0> runs_read() const;
};

/* The way around a piece: tests in front of it, and another end of it behind the kernel. */
class Bypass
{
  public:
    Bypass(const Piece &p, Words &w, Execution &e, llvm::GlobalVariable &mem, const struct llvm_unit &u)
        : piece(p), words(w), execution(e), memory(mem), unit(u), b(p.start->getContext()), values(w, e, b)
    {
    }

    /* Whether all that is needed in front and behind can be computed there. */
    bool possible(const char **why);
    /* Tests that all that is accessed lies within the memory, and that what is reached from different bases
     * is apart if something of it is written. Then code can be added that runs if they hold. */
    void begin();
    llvm::IRBuilder<> &builder()
    {
        return b;
    }
    llvm::Value *pointer(Execution::Place p);
    void finish();

  private:
    const Piece &piece;
    Words &words;
    Execution &execution;
    llvm::GlobalVariable &memory;
    const struct llvm_unit &unit;
    llvm::IRBuilder<> b;
    WordValues values;
    llvm::BasicBlock *instead = nullptr, *otherwise = nullptr;
    llvm::Value *test = nullptr;

    bool is_from_before(const llvm::Value *v) const;
    bool can_end(llvm::Value *v);
    llvm::Value *at_end(llvm::Value *v);
    void require(llvm::Value *condition);
    llvm::Value *memory_bytes();
};

#endif
