/* llvm_sha256.cpp: whether a piece of code computes SHA-256's compression function (FIPS 180-4, 6.2.2), and
 * nothing else.
 *
 * What it leaves in memory is known as expressions in a normal form (llvm_words.h). Those of the standard are
 * computed in the same form from what could be the state, the block and the constants; if they are the same
 * expressions, it is the same function. How it is written does not matter. */
#include "llvm_known.h"

using namespace llvm;

static const uint32_t constants[64] = {
#define K(value) value,
#include "sha256_constants.def"
#undef K
};

/* Places that were read, as runs of bytes. */
SmallVector<std::pair<Execution::Place, unsigned>, 0> Sha256::runs_read() const
{
    SmallVector<std::pair<Execution::Place, unsigned>, 0> runs;
    for (const auto &r : execution.bytes_read()) {
        Execution::Place p = r.first;
        bool follows = !runs.empty() && runs.back().first.first == p.first &&
                       runs.back().first.second + runs.back().second == p.second;
        bool of_state = p.first == state.first && p.second >= state.second && p.second < state.second + 32;
        if (of_state)
            continue;
        if (follows)
            runs.back().second++;
        else
            runs.push_back({p, 1});
    }
    return runs;
}

static bool has_addend(const Words::Sum &s, Word w)
{
    auto at = llvm::lower_bound(s.addends, w, [](const Words::Addend &a, Word x) { return a.word < x; });
    return at != s.addends.end() && at->word == w;
}

/* Eight words that are sums of what they were and something else. */
bool Sha256::find_state()
{
    SmallVector<Execution::Place, 16> candidates;
    for (const auto &c : execution.written()) {
        if (c.second.at == 0)
            candidates.push_back(c.first);
    }
    for (Execution::Place p : candidates) {
        unsigned k = 0;
        for (; k < 32; k += 4) {
            Execution::Place at = {p.first, p.second + k};
            if (!execution.is_written(at) || !execution.bytes_read().count(at))
                break;
            Words::Sum s = words.as_sum(execution.final_bytes(at, 4), 32);
            if (!has_addend(s, execution.initial_bytes(at, 4)))
                break;
        }
        if (k == 32) {
            state = p;
            return true;
        }
    }
    return false;
}

/* Where a word was read from that is four bytes, in either order: the lowest. */
bool Sha256::place_of(Word w, Execution::Place *lowest) const
{
    ArrayRef<Words::Part> parts = words.parts(w);
    for (const Words::Part &p : parts) {
        ArrayRef<Words::Factor> factors = words.factors(p.product);
        const Leaf *l = factors.size() == 1 ? execution.leaf(words.leaf_of(factors[0].atom)) : nullptr;
        if (!l || l->kind != Leaf::BYTE)
            return false;
        *lowest = &p == parts.begin() ? l->place : std::min(*lowest, l->place);
    }
    return parts.size() == 4;
}

/* What becomes of a is a sum of the block's words, of what the schedule makes of all but the first, and other
 * things. */
bool Sha256::find_block()
{
    Words::Sum a = words.as_sum(execution.final_bytes(state, 4), 32);
    Word second = 0;
    for (const Words::Addend &x : a.addends) {
        Execution::Place p;
        if (place_of(x.word, &p) && (!second || p < block) && has_addend(a, sigma(x.word, 7, 18, 3, true))) {
            second = x.word;
            block = p;
        }
    }
    if (!second)
        return false;
    reversed = second != execution.initial_bytes(block, 4);
    block.second -= 4;
    return true;
}

/* What becomes of a is a sum of every fourth constant, and other things. */
bool Sha256::find_table()
{
    Words::Sum a = words.as_sum(execution.final_bytes(state, 4), 32);
    for (const auto &run : runs_read()) {
        for (unsigned k = 0; k + 256 <= run.second; k++) {
            table = {run.first.first, run.first.second + k};
            has_table = has_addend(a, execution.initial_bytes({table.first, table.second + 12}, 4)) &&
                        has_addend(a, execution.initial_bytes({table.first, table.second + 252}, 4));
            if (has_table)
                return true;
        }
    }
    return true; /* then they must be those of the standard */
}

Word Sha256::sigma(Word x, unsigned a, unsigned b, unsigned c, bool shift)
{
    Word last = shift ? words.right(x, c) : words.rotated(x, 32 - c, 32);
    return words.exclusive_or(words.exclusive_or(words.rotated(x, 32 - a, 32), words.rotated(x, 32 - b, 32)),
                              last);
}

bool Sha256::same()
{
    Word w[64], s[8], before[8];
    for (unsigned t = 0; t < 64; t++) {
        if (t < 16) {
            w[t] = execution.initial_bytes({block.first, block.second + 4 * t}, 4);
            if (reversed)
                w[t] = words.bytes_reversed(w[t], 32);
        } else {
            w[t] = words.sum(
                {sigma(w[t - 2], 17, 19, 10, true), w[t - 7], sigma(w[t - 15], 7, 18, 3, true), w[t - 16]},
                32);
        }
    }
    for (unsigned k = 0; k < 8; k++)
        s[k] = before[k] = execution.initial_bytes({state.first, state.second + 4 * k}, 4);
    for (unsigned t = 0; t < 64; t++) {
        Word k = has_table ? execution.initial_bytes({table.first, table.second + 4 * t}, 4)
                           : words.constant(constants[t]);
        Word choice = words.exclusive_or(s[6], words.conjunction(s[4], words.exclusive_or(s[5], s[6])));
        Word both = words.conjunction(s[0], s[1]), one = words.exclusive_or(s[0], s[1]);
        Word majority = words.exclusive_or(both, words.conjunction(s[2], one));
        Word t1 = words.sum({s[7], sigma(s[4], 6, 11, 25, false), choice, k, w[t]}, 32);
        Word t2 = words.plus(sigma(s[0], 2, 13, 22, false), majority, 32);
        for (int i = 7; i > 0; i--)
            s[i] = s[i - 1];
        s[4] = words.plus(s[4], t1, 32);
        s[0] = words.plus(t1, t2, 32);
    }
    known.append(w, w + 64);
    known.append(s, s + 8);
    known.append(before, before + 8);
    for (unsigned k = 0; k < 8; k++) {
        if (execution.final_bytes({state.first, state.second + 4 * k}, 4) != words.plus(before[k], s[k], 32))
            return false;
    }
    return !words.failed;
}

bool Sha256::find_rest(const char **why)
{
    SmallVector<Execution::Place, 0> written;
    for (const auto &c : execution.written()) {
        bool of_state = c.first.first == state.first && c.first.second >= state.second &&
                        c.first.second < state.second + 32;
        if (!of_state)
            written.push_back(c.first);
    }
    for (size_t k = 0; k < written.size(); k += 4) {
        Execution::Place p = written[k];
        *why = "it leaves something else in memory";
        if (k + 3 >= written.size() || written[k + 3] != Execution::Place(p.first, p.second + 3))
            return false;
        Word w = execution.final_bytes(p, 4);
        auto found = llvm::find(known, w);
        uint64_t v = 0;
        if (found == known.end() && !words.is_constant(w, &v))
            return false;
        rest.push_back({p, found == known.end() ? -1 : static_cast<int>(found - known.begin()),
                        static_cast<uint32_t>(v)});
    }
    return true;
}

bool Sha256::fits(const char **why)
{
    *why = nullptr;
    if (!find_state() || !find_block() || !find_table())
        return false;
    *why = "it computes something else from a state of 8 words and a block of 64 bytes";
    return same() && find_rest(why);
}
