/* llvm_form.h: a loop as a text that says all that it does, and nothing of how its values are called: the
 * same for every copy of the same code. C++. */
#ifndef JIT_LLVM_FORM_H
#define JIT_LLVM_FORM_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/raw_ostream.h"

/* Blocks and instructions are in the order of a walk from the header, phis in that of their first use. What
 * may differ is numbered by its first use and left open: values from before the loop, functions of the
 * module and what else the instance has, where the loop goes on behind its end, and constants in addresses
 * from 1024 on, which are those of the module's data. */
class LoopForm
{
  public:
    explicit LoopForm(const llvm::Loop &loop);

    llvm::StringRef text() const
    {
        return written;
    }
    llvm::SmallString<32> digest() const; /* MD5, hexadecimal */

    llvm::SmallVector<llvm::PHINode *, 8> carried; /* phis of the header */
    llvm::SmallVector<llvm::Value *, 8> outside;   /* from before the loop, without small constants added */
    llvm::SmallVector<llvm::ConstantInt *, 4> addresses; /* of data */

  private:
    static constexpr uint64_t lowest_data = 1024;
    const llvm::Loop &loop;
    llvm::SmallString<0> written;
    llvm::raw_svector_ostream out;
    llvm::SmallVector<llvm::BasicBlock *, 32> order;
    llvm::DenseMap<const llvm::Value *, unsigned> numbers, functions, slots, exits;
    llvm::SmallVector<llvm::PHINode *, 32> phis;

    void walk();
    void write(llvm::Instruction &i);
    void write_phi(llvm::PHINode &phi);
    void operand(llvm::Value *v, bool of_address);
    void write_outside(llvm::Value *v);
    std::pair<unsigned, size_t> rank(llvm::Value *v) const;
    template <class List, class T> void numbered(const char *what, List &list, T *v);
};

#endif
