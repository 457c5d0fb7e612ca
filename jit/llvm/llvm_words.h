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

typedef uint32_t Word;

/* All that was met so far, by number. T: has operator==. */
template <typename T> class Numbered
{
  public:
    uint32_t number_of(const T &t, uint64_t hash)
    {
        hash >>= 2; /* two keys of DenseMap are special */
        auto found = newest.find(hash);
        for (uint32_t k = found == newest.end() ? none : found->second; k != none; k = older[k]) {
            if (items[k] == t)
                return k;
        }
        older.push_back(found == newest.end() ? none : found->second);
        items.push_back(t);
        return newest[hash] = static_cast<uint32_t>(items.size() - 1);
    }
    const T &operator[](uint32_t k) const
    {
        return items[k];
    }

  private:
    static constexpr uint32_t none = ~0u;
    llvm::SmallVector<T, 0> items;
    llvm::SmallVector<uint32_t, 0> older;
    llvm::DenseMap<uint64_t, uint32_t> newest;
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
    struct Sum {                              /* modulo 2^bits */
        llvm::SmallVector<Addend, 0> addends; /* sorted by word, times not 0 */
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
    Word plus(Word a, Word b, unsigned bits);
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
    llvm::ArrayRef<Part> parts(Word a) const
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
    static constexpr size_t most_parts = 96, most_factors = 8, most_addends = 1024;
    static constexpr uint64_t most_work = 20000000; /* steps of a nanosecond or a few */
    typedef llvm::SmallVector<Part, 4> Parts;       /* sorted by product, masks not 0 */
    typedef llvm::SmallVector<Factor, 2> Factors;
    struct Atom {
        unsigned bits;
        uint32_t sum;
    };

    uint64_t work = 0;

    Numbered<Parts> words;
    Numbered<Factors> products;
    Numbered<Sum> sums;
    llvm::SmallVector<Atom, 0> atoms;
    llvm::DenseMap<uint32_t, uint32_t> atom_of_sum;
    llvm::DenseMap<uint64_t, uint32_t> joined; /* two products: their product */
    llvm::DenseMap<uint64_t, bool> known_apart;

    bool spend(size_t steps);
    Word number_of(Parts &p);
    uint32_t product_number(const Factors &f);
    uint32_t product(uint32_t a, uint32_t b);
    Word of_atom(uint32_t atom, unsigned bits);
    Word moved(Word a, int by, uint64_t mask);
    bool is_shifted_sum(Word a, unsigned bits, uint32_t *atom, unsigned *by) const;
    bool apart(Word a, Word b);
    void add(Sum &s, Word a, uint64_t times);
    void join(Sum &s, const Sum &o, uint64_t times);
    bool has_product(Word a) const;
    void complete(Sum &s, Word a);
};

#endif
