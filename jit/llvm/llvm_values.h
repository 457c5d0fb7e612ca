/* llvm_values.h: words (llvm_words.h) as values of 64 bits again, in front of the piece that was executed.
 * C++. */
#ifndef JIT_LLVM_VALUES_H
#define JIT_LLVM_VALUES_H

#include <functional>

#include "llvm/IR/IRBuilder.h"

#include "llvm_execution.h"

class WordValues
{
  public:
    /* They are made where `b` stands, which must dominate their uses. */
    WordValues(Words &w, Execution &e, llvm::IRBuilder<> &builder) : words(w), execution(e), b(builder) {}

    /* What stands for a value from before the piece; without it, the value itself. */
    std::function<llvm::Value *(llvm::Value *)> as_known;

    /* Whether it is made of nothing that the piece has loaded from linear memory. */
    static bool can_make(Words &words, Execution &execution, Word w);
    bool can_make(Word w)
    {
        return can_make(words, execution, w);
    }
    llvm::Value *make(Word w);

  private:
    Words &words;
    Execution &execution;
    llvm::IRBuilder<> &b;
    llvm::DenseMap<Word, llvm::Value *> made;

    llvm::Value *make_atom(uint32_t atom);
};

#endif
