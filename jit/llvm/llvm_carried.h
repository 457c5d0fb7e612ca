/* llvm_carried.h: numbers that a loop loads in one round and looks at in the next one. C++. */
#ifndef JIT_LLVM_CARRIED_H
#define JIT_LLVM_CARRIED_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"

/* As compilers leave `while (*p && *p != c) p++;`: they are loaded again where they are looked at, which is
 * what was loaded before as long as nobody writes. */
class CarriedLoads
{
  public:
    CarriedLoads(llvm::Loop &l, llvm::ScalarEvolution &se) : loop(l), evolution(se) {}
    /* Whether there were any. The phis stay, without a use, until it is said what becomes of them. */
    bool load_again();
    void keep();
    void take_back();

  private:
    struct Carried {
        llvm::PHINode *phi;
        const llvm::SCEV *at; /* where its number lies */
        llvm::Instruction *again = nullptr;
    };
    llvm::Loop &loop;
    llvm::ScalarEvolution &evolution;
    llvm::SmallVector<Carried, 2> carried;

    bool only_reads() const;
    const llvm::SCEV *address(llvm::PHINode &phi);
    bool is_as_it_was(const llvm::Instruction &load) const;
    llvm::Instruction *load(llvm::Value *next, llvm::Value *from) const;
};

#endif
