/* llvm_words.cpp: integers in a normal form. */
#include "llvm_words.h"

using namespace llvm;

static uint64_t ones(unsigned bits)
{
    return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1;
}

static uint64_t mixed(uint64_t v)
{
    v = (v + 1) * 0x9e3779b97f4a7c15;
    v = (v ^ v >> 32) * 0xd6e8feb86659fd93;
    return v ^ v >> 29;
}

static bool is_before(const Words::Factor &x, const Words::Factor &y)
{
    return x.atom != y.atom ? x.atom < y.atom : x.by < y.by;
}

Words::Words()
{
    number_of({});
    product_number({});
}

Word Words::number_of(ArrayRef<Part> p)
{
    if (p.size() > most_parts) {
        failed = true;
        p = {};
    }
    uint64_t hash = p.size();
    for (const Part &part : p)
        hash = mixed(hash ^ part.mask) + part.product;
    Word w = words.number_of(p, mixed(hash), [&] { return keep(p); });
    if (w == natures.size())
        natures.push_back(nature(p));
    return w;
}

/* Cancels what is there twice. */
Word Words::number_of_unsorted(Parts &p)
{
    llvm::sort(p, [](const Part &a, const Part &b) { return a.product < b.product; });
    size_t n = 0;
    for (const Part &part : p) {
        if (n && p[n - 1].product == part.product)
            p[n - 1].mask ^= part.mask;
        else
            p[n++] = part;
        n -= p[n - 1].mask == 0;
    }
    return number_of(ArrayRef<Part>(p).take_front(n));
}

uint64_t Words::sample(const Factor &f) const
{
    unsigned bits = atoms[f.atom].bits;
    uint64_t v = mixed(f.atom) & ones(bits);
    if (f.by)
        v = (v << f.by | v >> (bits - f.by)) & ones(bits);
    for (; bits < 64; bits *= 2)
        v |= v << bits;
    return v;
}

Words::Nature Words::nature(ArrayRef<Part> p) const
{
    Nature n = {0, false};
    for (const Part &part : p) {
        uint64_t v = part.mask;
        for (const Factor &f : products[part.product])
            v &= sample(f);
        n.sample ^= v;
        n.has_product |= products[part.product].size() > 1;
    }
    return n;
}

uint32_t Words::product_number(ArrayRef<Factor> f)
{
    uint64_t hash = f.size();
    for (const Factor &x : f)
        hash = mixed(hash ^ (uint64_t(x.by) << 32 | x.atom));
    return products.number_of(f, hash, [&] { return keep(f); });
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
    Factors f(products[a]);
    for (const Factor &x : products[b]) {
        if (!is_contained(f, x))
            f.push_back(x);
    }
    if (f.size() > most_factors) {
        failed = true;
        f.clear();
    }
    llvm::sort(f, is_before);
    return joined[key] = product_number(f);
}

Word Words::constant(uint64_t value)
{
    Part p = {0, value};
    return number_of(ArrayRef<Part>(p).take_front(value != 0));
}

Word Words::of_atom(uint32_t atom, unsigned bits)
{
    Part p = {product_number(Factor{atom, 0}), ones(bits)};
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
    ArrayRef<Part> p = words[a];
    *value = p.empty() ? 0 : p[0].mask;
    return p.empty() || (p.size() == 1 && p[0].product == 0);
}

bool Words::is_leaf(Word a) const
{
    ArrayRef<Part> p = words[a];
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
    ArrayRef<Part> x = words[a], y = words[b];
    Parts p;
    if (x.empty() || y.empty())
        return x.empty() ? b : a;
    while (!x.empty() && !y.empty()) {
        uint32_t i = x[0].product, j = y[0].product;
        Part next = i < j ? x[0] : y[0];
        if (i == j)
            next.mask ^= x[0].mask;
        if (next.mask)
            p.push_back(next);
        x = x.drop_front(i <= j);
        y = y.drop_front(j <= i);
    }
    p.append(x.begin(), x.end());
    p.append(y.begin(), y.end());
    return number_of(p);
}

Word Words::conjunction(Word a, Word b)
{
    ArrayRef<Part> x = words[a], y = words[b];
    Parts p;
    if (!spend(x.size() * y.size()))
        return 0;
    for (const Part &i : x) {
        for (const Part &j : y) {
            if (i.mask & j.mask)
                p.push_back({product(i.product, j.product), i.mask & j.mask});
        }
    }
    return number_of_unsorted(p);
}

Word Words::disjunction(Word a, Word b)
{
    if ((possible(a) & possible(b)) == 0)
        return exclusive_or(a, b);
    return exclusive_or(exclusive_or(a, b), conjunction(a, b));
}

uint32_t Words::product_moved(uint32_t product, int by)
{
    if (by == 0 || product == 0)
        return product;
    Factors f(products[product]);
    for (Factor &x : f)
        x.by = (x.by + static_cast<unsigned>(by)) % atoms[x.atom].bits;
    llvm::sort(f, is_before);
    return product_number(f);
}

/* To the left by `by`, which may be negative; behind what is in `p`. */
void Words::move(Parts &p, Word a, int by, uint64_t mask)
{
    for (const Part &part : words[a]) {
        uint64_t bits = (by >= 0 ? part.mask << by : part.mask >> -by) & mask;
        if (bits)
            p.push_back({product_moved(part.product, by), bits});
    }
}

Word Words::moved(Word a, int by, uint64_t mask)
{
    if (by == 0 && (possible(a) & ~mask) == 0)
        return a;
    Parts p;
    move(p, a, by, mask);
    return number_of_unsorted(p);
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
    Parts p;
    if (by == 0)
        return a;
    move(p, a, static_cast<int>(by), ones(bits));
    move(p, a, static_cast<int>(by) - static_cast<int>(bits), ones(bits));
    return number_of_unsorted(p);
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

Word Words::spread(Word a, uint64_t mask)
{
    Parts p;
    for (const Part &part : words[a]) {
        for (uint64_t left = part.mask & 1 ? mask : 0; left; left &= left - 1) {
            int by = __builtin_ctzll(left);
            p.push_back({product_moved(part.product, by), uint64_t(1) << by});
        }
    }
    if (!spend(p.size()))
        return 0;
    return number_of_unsorted(p);
}

/* --- Sums. --- */

Words::Sum Words::one_addend(Word a, unsigned bits)
{
    return {keep<Addend>(Addend{a, 1}), 0, bits};
}

Words::Sum Words::multiple(const Sum &s, uint64_t times)
{
    Addends all;
    if (!spend(s.addends.size()))
        return s;
    for (const Addend &a : s.addends) {
        if (uint64_t n = a.times * times & ones(s.bits))
            all.push_back({a.word, n});
    }
    return {keep<Addend>(all), s.constant * times & ones(s.bits), s.bits};
}

/* The addends of the shorter one are put among those of the longer one: sums of hundreds get one or two more,
 * time and again. */
Words::Sum Words::total(const Sum &s, const Sum &o)
{
    uint64_t constant = (s.constant + o.constant) & ones(s.bits);
    if (s.addends.size() < o.addends.size())
        return total(o, s);
    if (o.addends.empty() || !spend(s.addends.size()))
        return {s.addends, constant, s.bits};
    Addends all;
    SmallVector<Word, 64> added;
    all.reserve(s.addends.size() + o.addends.size());
    const Addend *old = s.addends.begin();
    for (const Addend &a : o.addends) {
        const Addend *from = old;
        while (old != s.addends.end() && old->word < a.word)
            old++;
        all.append(from, old);
        bool is_there = old != s.addends.end() && old->word == a.word;
        uint64_t sum = ((is_there ? old++->times : 0) + a.times) & ones(s.bits);
        if (sum)
            all.push_back({a.word, sum});
        if (sum && !is_there && natures[a.word].has_product)
            added.push_back(a.word);
    }
    all.append(old, s.addends.end());
    if (!added.empty())
        complete(all, added);
    return {keep<Addend>(all), constant, s.bits};
}

/* Compilers add (e & f) and (~e & g), and then one of them to something else. If another addend has no bit
 * in common with one that was added, as often, the two are one. */
void Words::complete(Addends &all, ArrayRef<Word> added)
{
    struct Candidate {
        uint64_t sample;
        Addend addend;
    };
    auto by_word = [](const Addend &x, Word w) { return x.word < w; };
    SmallVector<Candidate, 64> candidates;
    for (const Addend &a : all) {
        if (natures[a.word].has_product)
            candidates.push_back({natures[a.word].sample, a});
    }
    if (!spend(candidates.size() * added.size()))
        return;
    for (Word a : added) {
        uint64_t sample = natures[a].sample;
        auto at = llvm::lower_bound(all, a, by_word);
        if (at == all.end() || at->word != a)
            continue;
        uint64_t times = at->times;
        auto other = llvm::find_if(candidates, [&](const Candidate &b) {
            return (b.sample & sample) == 0 && b.addend.times == times && b.addend.word != a &&
                   apart(a, b.addend.word);
        });
        if (other == candidates.end())
            continue;
        Word b = other->addend.word, both = exclusive_or(a, b);
        llvm::erase_if(candidates, [&](const Candidate &x) {
            return x.addend.word == a || x.addend.word == b || x.addend.word == both;
        });
        llvm::erase_if(all, [&](const Addend &x) { return x.word == a || x.word == b; });
        at = llvm::lower_bound(all, both, by_word);
        if (at != all.end() && at->word == both)
            at->times += times;
        else
            all.insert(at, {both, times});
    }
}

/* Whether it is an atom of that width, times a power of 2. */
bool Words::is_shifted_sum(Word a, unsigned bits, uint32_t *atom, unsigned *by) const
{
    ArrayRef<Part> p = words[a];
    if (p.size() != 1 || products[p[0].product].size() != 1)
        return false;
    Factor f = products[p[0].product][0];
    *atom = f.atom;
    *by = f.by;
    return atoms[f.atom].bits == bits && p[0].mask == (ones(bits) << f.by & ones(bits));
}

Words::Sum Words::as_sum(Word a, unsigned bits)
{
    uint64_t value;
    uint32_t atom;
    unsigned by;
    if (is_constant(a, &value))
        return {{}, value & ones(bits), bits};
    if (is_shifted_sum(a, bits, &atom, &by)) {
        const Sum *known = sum_of(atom);
        Sum one = known ? *known : one_addend(leaf_of(atom), bits);
        return by ? multiple(one, uint64_t(1) << by) : one;
    }
    Part first = words[a][0];
    if (first.product == 0 && first.mask == ones(bits)) { /* ~x is -1 - x */
        Sum s = multiple(as_sum(exclusive_or(a, constant(ones(bits))), bits), ones(bits));
        s.constant = (s.constant - 1) & ones(bits);
        return s;
    }
    return one_addend(a, bits);
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
    uint64_t hash = mixed(s.constant ^ uint64_t(s.bits) << 56);
    for (const Addend &a : s.addends)
        hash += mixed(a.word) * a.times;
    uint32_t n = sums.number_of(s, mixed(hash), [&] { return s; });
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
    if ((natures[a].sample & natures[b].sample) || !natures[a].has_product || !natures[b].has_product ||
        words[a].size() + words[b].size() > 16)
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
    return of_sum(total(as_sum(a, bits), as_sum(b, bits)));
}

Word Words::sum(ArrayRef<Word> all, unsigned bits)
{
    Sum s = {{}, 0, bits};
    for (Word w : all)
        s = total(s, as_sum(w, bits));
    return of_sum(s);
}

Word Words::minus(Word a, Word b, unsigned bits)
{
    return of_sum(total(as_sum(a, bits), multiple(as_sum(b, bits), ones(bits))));
}

Word Words::times(Word a, uint64_t by, unsigned bits)
{
    return of_sum(multiple(as_sum(a, bits), by));
}
