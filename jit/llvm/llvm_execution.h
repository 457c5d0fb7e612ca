/* llvm_execution.h: one pass through a piece of a function, executed on words instead of numbers: what is in
 * memory and in values afterwards, as expressions of what was there before. C++.
 *
 * Branches must be decided by constants, so that loops with constant counts are gone in the result. Addresses
 * are a base, which is any word, and a constant offset. What is reached from different bases is taken to be
 * apart, and no address to wrap around: whoever uses the result must test that (bases()). */
#ifndef JIT_LLVM_EXECUTION_H
#define JIT_LLVM_EXECUTION_H

#include <functional>
#include <map>

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

#include "llvm_words.h"

/* What a leaf stands for. */
struct Leaf {
    enum Kind { VALUE, GLOBAL, BYTE, DECISION } kind;
    llvm::Value *value;             /* VALUE: from before the piece; GLOBAL: its address, a constant */
    llvm::Type *type;               /* of these */
    std::pair<Word, int64_t> place; /* BYTE: of linear memory; DECISION: how a comparison ends */
};

struct Accesses { /* of one base, in bytes from it */
    int64_t from = INT64_MAX, to = INT64_MIN;
    int64_t index_least = INT64_MAX; /* 32-bit parts of addresses begin there */
    int64_t index_most = INT64_MIN;
    bool written = false;
};

class Execution
{
  public:
    typedef std::pair<Word, int64_t> Place; /* base, offset */
    struct Undecided {                      /* the comparison that decides how it goes on behind the end */
        const llvm::ICmpInst *compare = nullptr;
        Word a = 0, b = 0;
    };

    Execution(Words &w, llvm::GlobalVariable &mem, llvm::function_ref<bool(const llvm::BasicBlock *)> in)
        : words(w), memory(mem), inside(in)
    {
    }

    /* Asked for every word that is read from linear memory, with its place: whether it is known otherwise. */
    std::function<bool(Place p, unsigned bits, Word *w)> known_word;

    /* Asked for every word that is read from linear memory: bits that are taken to be 0 in it are not set. */
    std::function<uint64_t(Place p, unsigned bits)> known_bits;
    /* Asked for every comparison that nothing decides: whether `is` may be taken for its result. */
    std::function<bool(const llvm::ICmpInst &i, Word a, Word b, bool *is)> assumed;

    /* Asked for every phi where it begins: whether it is known as a function of those before it. */
    std::function<bool(const llvm::PHINode &phi, Word *w)> known_phi;

    bool wide_bases = false;     /* bases may have 64 bits */
    bool volatile_loads = false; /* what a load has that must trap, even if nobody wants it, is known */
    bool coarse = false;         /* of what would have many products only the possible bits are */

    /* From the beginning of `start` (behind its phis) until `again` would be entered (null: never), a result
     * is returned, or a branch of which one way leads to `again` is not decided. */
    bool run(llvm::BasicBlock *start, llvm::BasicBlock *again);

    llvm::BasicBlock *end = nullptr;                       /* whose terminator is the end */
    Undecided undecided;                                   /* of that */
    llvm::SmallPtrSet<const llvm::BasicBlock *, 8> passed; /* on the way there */
    Word value(llvm::Value *v);                            /* as it is at the end; sets words.failed */

    const std::map<Word, Accesses> &bases() const
    {
        return accessed;
    }
    /* Words with bits that were taken to be 0. */
    llvm::ArrayRef<std::pair<Word, uint64_t>> taken_for_zero() const
    {
        return zeros;
    }
    /* Bytes that were read before they were written, and those that were written. */
    const std::map<Place, Word> &bytes_read() const
    {
        return initial;
    }
    Word initial_bytes(Place p, unsigned n);    /* as an integer */
    bool place(llvm::Value *pointer, Place *p); /* false: not in linear memory */
    Word final_bytes(Place p, unsigned n);
    bool is_written(Place p) const
    {
        return cells.count(p) != 0;
    }
    struct Cell { /* byte `at` of a word */
        Word word;
        unsigned at;
    };
    const std::map<Place, Cell> &written() const
    {
        return cells;
    }
    bool globals_kept();
    const Leaf *leaf(Word w) const; /* null: it is not one */

  private:
    static constexpr unsigned most_steps = 30000; /* SHA-256 takes some 6,000 */
    static constexpr uint64_t lowest_most = 4095;
    static constexpr size_t coarse_least = 16; /* products */
    struct Pointer {
        enum Kind { NONE, GUEST, GLOBAL } kind = NONE;
        Place place;
        int64_t index_offset = 0;
        llvm::Value *global = nullptr;
    };

    Words &words;
    llvm::GlobalVariable &memory;
    llvm::function_ref<bool(const llvm::BasicBlock *)> inside;
    llvm::DenseMap<llvm::Value *, Word> values;
    llvm::DenseMap<llvm::Value *, Undecided> comparisons;
    llvm::DenseMap<llvm::Value *, Word> globals, globals_before;
    std::map<Place, Cell> cells;
    std::map<Place, Word> initial;
    std::map<Word, Accesses> accessed;
    llvm::DenseMap<uint32_t, Leaf> leaves; /* by atom */
    llvm::SmallVector<std::pair<Word, uint64_t>, 4> zeros;
    unsigned steps = 0;

    Word fail();
    Word new_leaf(const Leaf &l, unsigned bits);
    bool step(llvm::Instruction &i);
    llvm::BasicBlock *next(llvm::Instruction &terminator, llvm::BasicBlock *again, bool *over);
    void enter(llvm::BasicBlock *from, llvm::BasicBlock *to);
    bool compute(llvm::Instruction &i);
    bool is_aligned(Word a, Word b);
    Word either(const llvm::BinaryOperator &i, Word a, Word b);
    bool is_decided(llvm::ICmpInst &i, Word a, uint64_t b, bool *is) const;
    Word binary(const llvm::BinaryOperator &i);
    Word shift(const llvm::BinaryOperator &i, unsigned bits);
    Word compare(llvm::ICmpInst &i);
    Word intrinsic(llvm::IntrinsicInst &i);
    Word select(llvm::SelectInst &i);
    Word outside(llvm::Value *v);
    Pointer pointer(llvm::Value *p);
    Pointer place_of(Word index, int64_t offset);
    Word load(const Pointer &p, llvm::Type *t);
    bool store(const Pointer &p, Word w, llvm::Type *t);
    Word initial_byte(Place p);
    void note(const Pointer &p, unsigned bytes, bool write);
};

#endif
