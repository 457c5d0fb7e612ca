/* llvm_words.cpp: integers in a normal form. */
#include "llvm_words.h"

#include "llvm/ADT/Hashing.h"

using namespace llvm;

static uint64_t ones(unsigned bits)
{
    return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
}

static hash_code hash_value(const Words::Part &p)
{
    return hash_combine(p.product, p.mask);
}

static hash_code hash_value(const Words::Factor &f)
{
    return hash_combine(f.atom, f.by);
}

static hash_code hash_value(const Words::Addend &a)
{
    return hash_combine(a.word, a.times);
}

template <typename T> static uint64_t hash_of(const T &all)
{
    uint64_t h = all.size();
    for (const auto &one : all)
        h = hash_combine(h, hash_value(one));
    return h;
}

Words::Words()
{
    Parts none;
    number_of(none);
    product_number({});
}

/* Sorts and cancels what is there twice. */
Word Words::number_of(Parts &p)
{
    llvm::sort(p, [](const Part &a, const Part &b) { return a.product < b.product; });
    Parts clean;
    for (const Part &part : p) {
        if (!clean.empty() && clean.back().product == part.product)
            clean.back().mask ^= part.mask;
        else
            clean.push_back(part);
        if (clean.back().mask == 0)
            clean.pop_back();
    }
    if (clean.size() > most_parts) {
        failed = true;
        clean.clear();
    }
    return words.number_of(clean, hash_of(clean));
}

uint32_t Words::product_number(const Factors &f)
{
    return products.number_of(f, hash_of(f));
}

uint32_t Words::product(uint32_t a, uint32_t b)
{
    if (a == 0 || a == b)
        return b;
    if (b == 0)
        return a;
    uint64_t key = uint64_t(std::min(a, b)) << 32 | std::max(a, b);
    auto known = joined.find(key);
    if (known != joined.end())
        return known->second;
    Factors f = products[a];
    for (const Factor &x : products[b]) {
        if (!is_contained(f, x))
            f.push_back(x);
    }
    if (f.size() > most_factors) {
        failed = true;
        f.clear();
    }
    llvm::sort(
        f, [](const Factor &x, const Factor &y) { return x.atom != y.atom ? x.atom < y.atom : x.by < y.by; });
    return joined[key] = product_number(f);
}

Word Words::constant(uint64_t value)
{
    Parts p;
    if (value)
        p.push_back({0, value});
    return number_of(p);
}

Word Words::of_atom(uint32_t atom, unsigned bits)
{
    Parts p = {{product_number({{atom, 0}}), ones(bits)}};
    return number_of(p);
}

Word Words::leaf(unsigned bits)
{
    atoms.push_back({bits, no_sum});
    return of_atom(static_cast<uint32_t>(atoms.size() - 1), bits);
}

Word Words::leaf_of(uint32_t atom)
{
    return of_atom(atom, atoms[atom].bits);
}

bool Words::is_constant(Word a, uint64_t *value) const
{
    const Parts &p = words[a];
    *value = p.empty() ? 0 : p[0].mask;
    return p.empty() || (p.size() == 1 && p[0].product == 0);
}

bool Words::is_leaf(Word a) const
{
    const Parts &p = words[a];
    if (p.size() != 1 || products[p[0].product].size() != 1)
        return false;
    Factor f = products[p[0].product][0];
    return f.by == 0 && p[0].mask == ones(atoms[f.atom].bits) && !sum_of(f.atom);
}

uint64_t Words::possible(Word a) const
{
    uint64_t bits = 0;
    for (const Part &p : words[a])
        bits |= p.mask;
    return bits;
}

/* False: there was too much to do. */
bool Words::spend(size_t steps)
{
    work += steps;
    failed |= work > most_work;
    return !failed;
}

/* --- Bit operations. --- */

Word Words::exclusive_or(Word a, Word b)
{
    Parts p = words[a];
    p.append(words[b].begin(), words[b].end());
    return number_of(p);
}

Word Words::conjunction(Word a, Word b)
{
    Parts p, x = words[a], y = words[b];
    if (!spend(x.size() * y.size()))
        return 0;
    for (const Part &i : x) {
        for (const Part &j : y) {
            if (i.mask & j.mask)
                p.push_back({product(i.product, j.product), i.mask & j.mask});
        }
    }
    return number_of(p);
}

Word Words::disjunction(Word a, Word b)
{
    return exclusive_or(exclusive_or(a, b), conjunction(a, b));
}

/* To the left by `by`, which may be negative. */
Word Words::moved(Word a, int by, uint64_t mask)
{
    Parts p;
    Parts from = words[a];
    for (const Part &part : from) {
        uint64_t bits = (by >= 0 ? part.mask << by : part.mask >> -by) & mask;
        if (!bits)
            continue;
        Factors f = products[part.product];
        for (Factor &x : f)
            x.by = (x.by + static_cast<unsigned>(by)) % atoms[x.atom].bits;
        llvm::sort(f, [](const Factor &x, const Factor &y) {
            return x.atom != y.atom ? x.atom < y.atom : x.by < y.by;
        });
        p.push_back({product_number(f), bits});
    }
    return number_of(p);
}

Word Words::left(Word a, unsigned by, unsigned bits)
{
    return moved(a, static_cast<int>(by), ones(bits));
}

Word Words::right(Word a, unsigned by)
{
    return moved(a, -static_cast<int>(by), ~uint64_t(0));
}

Word Words::rotated(Word a, unsigned by, unsigned bits)
{
    by %= bits;
    return by == 0 ? a : exclusive_or(left(a, by, bits), right(a, bits - by));
}

Word Words::bytes_reversed(Word a, unsigned bits)
{
    Word all = 0;
    for (unsigned k = 0; k < bits; k += 8)
        all = exclusive_or(all, left(low(right(a, k), 8), bits - 8 - k, bits));
    return all;
}

Word Words::low(Word a, unsigned bits)
{
    return moved(a, 0, ones(bits));
}

/* --- Sums. --- */

void Words::join(Sum &s, const Sum &o, uint64_t times)
{
    if (!spend(s.addends.size() + o.addends.size()))
        return;
    SmallVector<Addend, 0> all;
    all.reserve(s.addends.size() + o.addends.size());
    size_t k = 0, n = s.addends.size();
    for (const Addend &a : o.addends) {
        while (k < n && s.addends[k].word < a.word)
            all.push_back(s.addends[k++]);
        uint64_t before = k < n && s.addends[k].word == a.word ? s.addends[k++].times : 0;
        uint64_t sum = (before + a.times * times) & ones(s.bits);
        if (sum)
            all.push_back({a.word, sum});
    }
    all.append(s.addends.begin() + static_cast<std::ptrdiff_t>(k), s.addends.end());
    s.addends = std::move(all);
    s.constant = (s.constant + o.constant * times) & ones(s.bits);
    for (const Addend &a : o.addends) {
        if (has_product(a.word))
            complete(s, a.word);
    }
}

bool Words::has_product(Word a) const
{
    return llvm::any_of(words[a], [&](const Part &p) { return products[p.product].size() > 1; });
}

/* Compilers add (e & f) and (~e & g), and then one of them to something else. If another addend has no bit
 * in common with `a`, as often, the two are one. */
void Words::complete(Sum &s, Word a)
{
    auto by_word = [](const Addend &x, Word w) { return x.word < w; };
    auto at = llvm::lower_bound(s.addends, a, by_word);
    if (at == s.addends.end() || at->word != a)
        return;
    uint64_t times = at->times;
    if (!spend(s.addends.size()))
        return;
    for (const Addend &b : s.addends) {
        Word other = b.word;
        if (other == a || b.times != times || !has_product(other) || !apart(a, other))
            continue;
        Word both = exclusive_or(a, other);
        llvm::erase_if(s.addends, [&](const Addend &x) { return x.word == a || x.word == other; });
        at = llvm::lower_bound(s.addends, both, by_word);
        if (at != s.addends.end() && at->word == both)
            at->times += times;
        else
            s.addends.insert(at, {both, times});
        return;
    }
}

/* Whether it is an atom of that width, times a power of 2. */
bool Words::is_shifted_sum(Word a, unsigned bits, uint32_t *atom, unsigned *by) const
{
    const Parts &p = words[a];
    if (p.size() != 1 || products[p[0].product].size() != 1)
        return false;
    Factor f = products[p[0].product][0];
    *atom = f.atom;
    *by = f.by;
    return atoms[f.atom].bits == bits && p[0].mask == (ones(bits) << f.by & ones(bits));
}

void Words::add(Sum &s, Word a, uint64_t times)
{
    uint64_t value;
    uint32_t atom;
    unsigned by;
    if (is_constant(a, &value)) {
        s.constant = (s.constant + value * times) & ones(s.bits);
        return;
    }
    if (is_shifted_sum(a, s.bits, &atom, &by)) {
        Sum one;
        if (const Sum *known = sum_of(atom))
            one = *known;
        else
            one.addends.push_back({leaf_of(atom), 1});
        join(s, one, times << by);
        return;
    }
    const Part &first = words[a][0];
    if (first.product == 0 && first.mask == ones(s.bits)) { /* ~x is -1 - x */
        s.constant = (s.constant - times) & ones(s.bits);
        add(s, exclusive_or(a, constant(ones(s.bits))), 0 - times);
        return;
    }
    Sum one;
    one.addends.push_back({a, 1});
    join(s, one, times);
}

Words::Sum Words::as_sum(Word a, unsigned bits)
{
    Sum s;
    s.bits = bits;
    add(s, a, 1);
    return s;
}

Word Words::of_sum(const Sum &s)
{
    if (s.addends.empty())
        return constant(s.constant);
    if (s.addends.size() == 1 && s.constant == 0) {
        Addend a = s.addends[0];
        uint32_t atom;
        unsigned by;
        if (a.times == 1)
            return a.word;
        if ((a.times & (a.times - 1)) == 0 && is_shifted_sum(a.word, s.bits, &atom, &by))
            return left(a.word, static_cast<unsigned>(__builtin_ctzll(a.times)), s.bits);
    }
    if (s.addends.size() > most_addends) {
        failed = true;
        return 0;
    }
    uint32_t n = sums.number_of(s, hash_combine(hash_of(s.addends), s.constant, s.bits));
    auto known = atom_of_sum.try_emplace(n, static_cast<uint32_t>(atoms.size()));
    if (known.second)
        atoms.push_back({s.bits, n});
    return of_atom(known.first->second, s.bits);
}

/* Whether no bit is 1 in both: nothing is carried when they are added. */
bool Words::apart(Word a, Word b)
{
    if ((possible(a) & possible(b)) == 0)
        return true;
    if (!has_product(a) || !has_product(b) || words[a].size() + words[b].size() > 16)
        return false;
    auto known = known_apart.find(uint64_t(a) << 32 | b);
    if (known != known_apart.end())
        return known->second;
    bool before = failed, result = conjunction(a, b) == 0 && !failed;
    failed = before;
    return known_apart[uint64_t(a) << 32 | b] = result;
}

Word Words::plus(Word a, Word b, unsigned bits)
{
    if (apart(a, b))
        return low(exclusive_or(a, b), bits);
    Sum s = as_sum(a, bits);
    add(s, b, 1);
    return of_sum(s);
}

Word Words::minus(Word a, Word b, unsigned bits)
{
    Sum s = as_sum(a, bits);
    add(s, b, ones(bits));
    return of_sum(s);
}

Word Words::times(Word a, uint64_t by, unsigned bits)
{
    Sum s;
    s.bits = bits;
    add(s, a, by);
    return of_sum(s);
}
