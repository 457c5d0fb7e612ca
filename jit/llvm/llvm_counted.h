/* llvm_counted.h: inner loops of one block whose induction variables end them; for passes that have such a
 * loop make smaller steps. C++. */
#ifndef JIT_LLVM_COUNTED_H
#define JIT_LLVM_COUNTED_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Instructions.h"

struct Induction {
    llvm::PHINode *phi;
    llvm::BinaryOperator *next; /* phi + step */
    int64_t step;
};

class CountedLoop
{
  protected:
    CountedLoop(llvm::Loop &l, llvm::ScalarEvolution &se) : loop(l), block(l.getHeader()), evolution(se) {}

    llvm::Loop &loop;
    llvm::BasicBlock *block;
    llvm::ScalarEvolution &evolution;
    unsigned times = 0; /* what a round is to be divided into */
    llvm::SmallVector<Induction, 8> inductions;

    bool is_one_block() const;
    void remove_dead();
    /* The variable's step, if `next` is phi + constant. */
    static const llvm::ConstantInt *step_of(const llvm::PHINode &phi, llvm::Value *next);
    bool is_next(const llvm::Value *v) const;
    /* Whether the loop ends when an induction variable has some value, which it also does first with smaller
     * steps. */
    bool find_exit() const;
    bool divides_steps() const;
    void divide_steps();
    /* Whether the value is an affine function of the rounds, and computed so that it is one of parts of a
     * round, too. */
    bool goes_up(llvm::Value *v) const;
    /* Whether `b` is what goes_up() gives `a` n parts of a round later. */
    bool is_on_by(llvm::Value *a, llvm::Value *b, unsigned n) const;
    /* An intrinsic without effects. */
    static bool is_pure(const llvm::Instruction &i);

  private:
    bool reaches_first(const Induction &v) const;
    bool is_linear(llvm::Value *v) const;
};

#endif
