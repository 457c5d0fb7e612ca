/* llvm_words.h: what integers compute to, in a normal form: whatever order, grouping or tricks a compiler has
 * chosen for additions, bit operations, rotations and the assembly of words from bytes, equal words have
 * equal numbers. C++.
 *
 * A word is an exclusive or of products under masks. A product is the conjunction of rotated atoms (algebraic
 * normal form), and an atom is something unknown (a leaf) or the sum of words, each a number of times, plus a
 * constant, modulo a power of 2. Bits above a value's width are 0. The form is that of each bit, which is
 * unique; of sums only what was written as additions is known. */
#ifndef JIT_LLVM_WORDS_H
#define JIT_LLVM_WORDS_H

#include <cstdint>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Allocator.h"

typedef uint32_t Word;

/* All that was met so far, by number. T: has operator==. */
template <typename T> class Numbered
{
  public:
    /* The number of what equals `t`; if there is none, of what `kept` returns, which equals it and stays. */
    template <typename Kept> uint32_t number_of(const T &t, uint64_t hash, Kept kept)
    {
        if (2 * size() >= table.size())
            grow();
        size_t at = hash & (table.size() - 1);
        for (; table[at]; at = (at + 1) & (table.size() - 1)) {
            uint32_t k = table[at] - 1;
            if (hashes[k] == hash && items[k] == t)
                return k;
        }
        items.push_back(kept());
        hashes.push_back(hash);
        table[at] = size();
        return size() - 1;
    }
    const T &operator[](uint32_t k) const
    {
        return items[k];
    }
    uint32_t size() const
    {
        return static_cast<uint32_t>(items.size());
    }

  private:
    llvm::SmallVector<T, 0> items;
    llvm::SmallVector<uint64_t, 0> hashes;
    llvm::SmallVector<uint32_t, 0> table; /* numbers + 1, 0: free; a power of 2, at most half full */

    void grow()
    {
        size_t n = table.empty() ? 256 : 4 * table.size();
        table.assign(n, 0);
        for (uint32_t k = 0; k < size(); k++) {
            size_t at = hashes[k] & (n - 1);
            while (table[at])
                at = (at + 1) & (n - 1);
            table[at] = k + 1;
        }
    }
};

class Words
{
  public:
    struct Addend {
        Word word;
        uint64_t times;
        bool operator==(const Addend &o) const
        {
            return word == o.word && times == o.times;
        }
    };
    struct Sum {                        /* modulo 2^bits */
        llvm::ArrayRef<Addend> addends; /* sorted by word, times not 0; they stay where they are */
        uint64_t constant = 0;
        unsigned bits = 0;
        bool operator==(const Sum &o) const
        {
            return constant == o.constant && bits == o.bits && addends == o.addends;
        }
    };
    struct Factor { /* bit i of it is bit (i - by) of the atom, modulo its width */
        uint32_t atom, by;
        bool operator==(const Factor &o) const
        {
            return atom == o.atom && by == o.by;
        }
    };
    struct Part {
        uint32_t product; /* 0: the empty one, which is 1 */
        uint64_t mask;
        bool operator==(const Part &o) const
        {
            return product == o.product && mask == o.mask;
        }
    };

    Words();
    Word constant(uint64_t value);
    Word leaf(unsigned bits); /* another one each time; a power of 2 from 8 to 64, or 1 */
    Word exclusive_or(Word a, Word b);
    Word conjunction(Word a, Word b);
    Word disjunction(Word a, Word b);
    Word left(Word a, unsigned by, unsigned bits);
    Word right(Word a, unsigned by);
    Word rotated(Word a, unsigned by, unsigned bits); /* to the left */
    Word bytes_reversed(Word a, unsigned bits);
    Word low(Word a, unsigned bits);
    Word spread(Word a, uint64_t mask); /* all bits of the mask if bit 0 is 1, else none */
    Word plus(Word a, Word b, unsigned bits);
    Word sum(llvm::ArrayRef<Word> all, unsigned bits);
    Word minus(Word a, Word b, unsigned bits);
    Word times(Word a, uint64_t by, unsigned bits);

    /* Something was met that grows beyond all bounds; results since then are worthless. */
    bool failed = false;

    bool is_constant(Word a, uint64_t *value) const;
    bool is_leaf(Word a) const;
    uint64_t possible(Word a) const; /* bits that can be 1 */
    /* As a sum modulo 2^bits: of one addend, if it is nothing but itself. */
    Sum as_sum(Word a, unsigned bits);
    Word of_sum(const Sum &s);
    llvm::ArrayRef<Part> parts(Word a) const /* sorted by product, masks not 0 */
    {
        return words[a];
    }
    llvm::ArrayRef<Factor> factors(uint32_t product) const
    {
        return products[product];
    }
    unsigned width(uint32_t atom) const
    {
        return atoms[atom].bits;
    }
    /* The atom's sum; null: it is a leaf. */
    const Sum *sum_of(uint32_t atom) const
    {
        return atoms[atom].sum == no_sum ? nullptr : &sums[atoms[atom].sum];
    }
    Word leaf_of(uint32_t atom); /* the leaf or sum itself */

  private:
    static constexpr uint32_t no_sum = ~0u;
    static constexpr size_t most_parts = 192, most_factors = 8, most_addends = 1024;
    static constexpr uint64_t most_work = 1000000; /* SHA-256 takes 80,000 */
    typedef llvm::SmallVector<Part, 16> Parts;
    typedef llvm::SmallVector<Factor, 8> Factors;
    typedef llvm::SmallVector<Addend, 64> Addends;
    struct Atom {
        unsigned bits;
        uint32_t sum;
    };

    struct Nature {       /* of a word */
        uint64_t sample;  /* what it is if atoms are some numbers, always the same */
        bool has_product; /* of several factors */
    };

    uint64_t work = 0;

    /* With a size of its own: the sanitized build's functions for LLVM's size would take the place of LLVM's.
     */
    llvm::BumpPtrAllocatorImpl<llvm::MallocAllocator, 1 << 16> storage;
    Numbered<llvm::ArrayRef<Part>> words;
    Numbered<llvm::ArrayRef<Factor>> products;
    Numbered<Sum> sums;
    llvm::SmallVector<Nature, 0> natures; /* by word */
    llvm::SmallVector<Atom, 0> atoms;
    llvm::DenseMap<uint32_t, uint32_t> atom_of_sum;
    llvm::DenseMap<uint64_t, uint32_t> joined; /* two products: their product */
    llvm::DenseMap<uint64_t, bool> known_apart;

    bool spend(size_t steps);
    template <typename T> llvm::ArrayRef<T> keep(llvm::ArrayRef<T> a)
    {
        return a.copy(storage);
    }
    Word number_of(llvm::ArrayRef<Part> p);
    Word number_of_unsorted(Parts &p);
    uint64_t sample(const Factor &f) const;
    Nature nature(llvm::ArrayRef<Part> p) const;
    uint32_t product_number(llvm::ArrayRef<Factor> f);
    uint32_t product(uint32_t a, uint32_t b);
    uint32_t product_moved(uint32_t product, int by);
    Word of_atom(uint32_t atom, unsigned bits);
    void move(Parts &p, Word a, int by, uint64_t mask);
    Word moved(Word a, int by, uint64_t mask);
    bool is_shifted_sum(Word a, unsigned bits, uint32_t *atom, unsigned *by) const;
    bool apart(Word a, Word b);
    Sum one_addend(Word a, unsigned bits);
    Sum multiple(const Sum &s, uint64_t times);
    Sum total(const Sum &s, const Sum &o);
    void complete(Addends &all, llvm::ArrayRef<Word> added);
};

#endif
