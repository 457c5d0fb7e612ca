/* llvm_form.h: a loop, or a function, as a text that says all that it does, and nothing of how its values are
 * called and in which order it computes them: the same for every copy of the same code. C++. */
#ifndef JIT_LLVM_FORM_H
#define JIT_LLVM_FORM_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Support/raw_ostream.h"

/* What a block does for others (stores, calls, where it goes) is in its order, blocks are in that of a walk
 * from its beginning. Values are told when they are first used; a load with its block and how many stores and
 * calls are in front of it there: loads in between may change places, as nothing can tell. Comparisons are
 * eq, ult or slt, conditions may be negated, and what branches and selects choose is in the order that this
 * gives. Small constants that are added to a value are told with its uses.
 *
 * What may differ is numbered by its first use and left open: values from before it, functions of the
 * module and what else the instance has, where the loop goes on behind its end, and constants in addresses
 * from 1024 on, which are those of the module's data. */
class CodeForm
{
  public:
    explicit CodeForm(const llvm::Loop &l);
    explicit CodeForm(llvm::Function &f);

    llvm::StringRef text() const
    {
        return written;
    }
    llvm::SmallString<32> digest() const;      /* MD5, hexadecimal */
    void print(const llvm::Function &f) const; /* digest and text, `f` is where it comes from */

    llvm::SmallVector<llvm::PHINode *, 8> carried; /* phis of the header */
    llvm::SmallVector<llvm::Value *, 8> outside;   /* from before the loop, without small constants added;
                                                      a function's arguments */
    llvm::SmallVector<llvm::ConstantInt *, 4> addresses; /* of data */

  private:
    static constexpr uint64_t lowest_data = 1024;
    struct Sum { /* of a value and a small constant */
        llvm::Value *base;
        int64_t offset;
    };
    struct Compare { /* eq, ult or slt; `negated`: it is the opposite */
        llvm::CmpInst::Predicate predicate;
        llvm::Value *left, *right;
        bool negated;
    };
    struct Incoming { /* of a phi: the number of the block that it comes from */
        unsigned block;
        llvm::Value *value;
    };
    const llvm::Loop *loop; /* null: all of the function */
    llvm::BasicBlock *start;
    llvm::SmallString<0> written;
    llvm::raw_svector_ostream out;
    llvm::SmallVector<llvm::BasicBlock *, 32> order;
    llvm::DenseMap<const llvm::Value *, unsigned> numbers, epochs, functions, slots, exits;
    llvm::DenseMap<const llvm::Value *, uint64_t> weights, phi_weights;
    llvm::SmallVector<llvm::PHINode *, 32> phis;
    unsigned values = 0;

    bool has(const llvm::BasicBlock *b) const
    {
        return !loop || loop->contains(b);
    }
    void tell_all();
    void walk();
    void count_epochs();
    void weigh_phis();
    llvm::SmallVector<Incoming, 4> incoming(llvm::PHINode &phi) const;
    uint64_t weight(llvm::Value *v);
    uint64_t weight_of(llvm::Instruction &i);
    static Sum sum(llvm::Value *v);
    static Compare compare(const llvm::ICmpInst &c);
    bool is_negated(llvm::Value *v) const;
    llvm::SmallVector<llvm::BasicBlock *, 2> successors(llvm::BasicBlock &b) const;
    bool is_inside(const llvm::Value *v) const;
    void tell(llvm::Value *v);
    void write_block(llvm::BasicBlock &b);
    void write_end(llvm::BasicBlock &b);
    void write_edge(const llvm::BasicBlock &from, const llvm::BasicBlock &to);
    void write(llvm::Instruction &i);
    void add_rest();
    void write_phi(llvm::PHINode &phi);
    void operand(llvm::Value *v, bool of_address, bool opposite);
    void write_sum(const Sum &s);
    llvm::SmallVector<llvm::Value *, 4> operands(llvm::Instruction &i);
    template <class List, class T> void numbered(const char *what, List &list, T *v);
};

#endif
