/* llvm_checksum.cpp: loops that compute a cyclic redundancy check, or the sums of Adler-32, replaced by a
 * kernel of jit/patterns.
 *
 * A round is executed on words (llvm_execution.h). Where it reads words at an index of eight bits these are
 * tables, which are taken for those of the polynomial: word i is what becomes of the bits of i. Then all that
 * a round makes of check and bytes is an exclusive or of their bits, in a normal form, and is compared with
 * what the polynomial makes of them. Whether the tables are those is tested each time before the kernel runs.
 * The sums of Adler-32 have no tables; of each number that the loop carries the round makes a sum modulo
 * 2^32, in a normal form, too. What an app does to them in between, modulo 65521, is not the loop's; loops
 * that make each of them less than 65521 after each byte have a kernel of their own, if they begin so. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include <set>
#include <string>

#include "llvm_execution.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_stretch.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr unsigned bytes_most = 16; /* of a round */
const uint32_t polynomials[] = {0xedb88320, 0x82f63b78};

struct Table { /* the words that follow `at`, for a byte that `behind` others follow in a round */
    Execution::Place at;
    unsigned behind;
};

/* What becomes of bit `bit` of a byte that `behind` others follow. */
uint32_t image_of(uint32_t polynomial, unsigned bit, unsigned behind)
{
    uint32_t check = 1u << bit;
    for (unsigned k = 0; k < 8 * (behind + 1); k++)
        check = check >> 1 ^ (check & 1 ? polynomial : 0);
    return check;
}

Word image_of_byte(Words &words, Word byte, uint32_t polynomial, unsigned behind)
{
    Word all = 0;
    for (unsigned bit = 0; bit < 8; bit++)
        all = words.exclusive_or(
            all, words.spread(words.low(words.right(byte, bit), 1), image_of(polynomial, bit, behind)));
    return all;
}

/* One round of a loop, and what is taken for its tables. */
class Round
{
  public:
    Round(Loop &l, GlobalVariable &mem) : loop(l), memory(mem) {}

    /* Whether it computes one of the checks: below is said which. */
    bool is_check()
    {
        Words words;
        auto inside = [&](const BasicBlock *b) { return loop.contains(b); };
        Execution execution(words, memory, inside);
        if (!find_tables(words, execution))
            return false;
        for (which = 0; which < std::size(polynomials); which++) {
            if (tables.empty() ? fits(words, execution) : fits_with_tables())
                return true;
        }
        is_sums = tables.empty();
        return is_sums && fits(words, execution);
    }

    SmallVector<Table, 4> tables;
    bool is_sums = false;             /* of Adler-32; else: */
    unsigned which = 0;               /* polynomial */
    SmallVector<PHINode *, 2> checks; /* in the header: the check, or both sums */
    LoadInst *first = nullptr;        /* that of the round's first byte */
    unsigned bytes = 0;               /* of a round */
    /* What the places of the tables count from; null: the beginning of the memory. */
    SmallVector<Value *, 4> table_bases;

  private:
    static constexpr uint64_t index_bits = 0x3fc; /* of a byte times 4 */
    Loop &loop;
    GlobalVariable &memory;

    bool execute(Execution &execution)
    {
        execution.wide_bases = true;
        return execution.run(loop.getHeader(), loop.getHeader());
    }

    /* An address that is a byte times 4 and something else: that, and the byte. */
    static bool split(Words &words, Execution::Place p, Execution::Place *table, Word *index)
    {
        unsigned bits = words.possible(p.first) >> 32 ? 64 : 32;
        Words::Sum s = words.as_sum(p.first, bits);
        auto is_index = [&](const Words::Addend &a) {
            return a.times == 1 && (words.possible(a.word) & ~index_bits) == 0;
        };
        auto found = llvm::find_if(s.addends, is_index);
        if (found == s.addends.end())
            return false;
        SmallVector<Words::Addend, 2> rest;
        for (const Words::Addend &a : s.addends) {
            if (a.word != found->word)
                rest.push_back(a);
        }
        *index = words.right(found->word, 2);
        s.addends = rest;
        if (rest.size() > 1 || s.constant || (!rest.empty() && rest[0].times != 1))
            return false;
        *table = {rest.empty() ? 0 : rest[0].word, p.second};
        return true;
    }

    /* Tables, and for which byte each is: of a round's last bytes the first one has the last table. */
    bool find_tables(Words &words, Execution &execution)
    {
        struct Lookup {
            Execution::Place table;
            Word index;
        };
        SmallVector<Lookup, 16> lookups;
        std::set<Word> of_tables; /* bases of places in them */
        execution.known_word = [&](Execution::Place p, unsigned bits, Word *) {
            Lookup l;
            if (bits == 32 && split(words, p, &l.table, &l.index)) {
                lookups.push_back(l);
                of_tables.insert(p.first);
            }
            /* A round of thousands of bytes, as of a loop around that of Adler-32, takes long. */
            if (execution.bytes_read().size() > bytes_most + sizeof(uint32_t) * lookups.size())
                words.failed = true;
            return false;
        };
        bool ran = execute(execution);
        execution.known_word = nullptr;
        if (!ran)
            return false;
        SmallVector<Execution::Place, 32> data;
        for (const auto &r : execution.bytes_read()) {
            if (!of_tables.count(r.first.first))
                data.push_back(r.first);
        }
        if (data.empty() || data.size() > bytes_most || !are_in_a_row(data))
            return false;
        std::set<Execution::Place> different;
        for (const Lookup &l : lookups)
            different.insert(l.table);
        for (const Lookup &l : lookups) {
            Execution::Place at;
            if (!find_byte(words, execution, l.index, data[0].first, &at))
                return false;
            auto turn = static_cast<unsigned>(at.second - data[0].second) % different.size();
            Table t = {l.table, static_cast<unsigned>(different.size() - 1 - turn)};
            auto known = llvm::find_if(tables, [&](const Table &k) { return k.at == t.at; });
            if (known == tables.end())
                tables.push_back(t);
            else if (known->behind != t.behind)
                return false;
        }
        return find_table_bases(execution);
    }

    static bool are_in_a_row(ArrayRef<Execution::Place> data)
    {
        for (size_t k = 1; k < data.size(); k++) {
            if (data[k] != Execution::Place(data[0].first, data[0].second + static_cast<int64_t>(k)))
                return false;
        }
        return true;
    }

    /* The byte of the range that an index is made of. */
    static bool find_byte(Words &words, Execution &execution, Word index, Word base, Execution::Place *at)
    {
        bool found = false;
        for (const Words::Part &p : words.parts(index)) {
            for (const Words::Factor &f : words.factors(p.product)) {
                const Leaf *l = execution.leaf(words.leaf_of(f.atom));
                if (!l || l->kind != Leaf::BYTE || l->place.first != base)
                    continue;
                if (found && l->place != *at)
                    return false;
                *at = l->place;
                found = true;
            }
        }
        return found;
    }

    bool find_table_bases(Execution &execution)
    {
        for (const Table &t : tables) {
            const Leaf *l = t.at.first ? execution.leaf(t.at.first) : nullptr;
            if (t.at.first && (!l || l->kind != Leaf::VALUE || !loop.isLoopInvariant(l->value)))
                return false;
            table_bases.push_back(l ? l->value : nullptr);
            if (t.at.second < 0)
                return false;
        }
        return true;
    }

    /* With what tables hold in the place of words that are read from them. */
    bool fits_with_tables()
    {
        Words words;
        auto inside = [&](const BasicBlock *b) { return loop.contains(b); };
        Execution execution(words, memory, inside);
        execution.known_word = [&](Execution::Place p, unsigned bits, Word *w) {
            Execution::Place table;
            Word index;
            if (bits != 32 || !split(words, p, &table, &index))
                return false;
            for (size_t k = 0; k < tables.size(); k++) {
                const Leaf *l = table.first ? execution.leaf(table.first) : nullptr;
                if ((l ? l->value : nullptr) != table_bases[k] || table.second != tables[k].at.second)
                    continue;
                *w = image_of_byte(words, index, polynomials[which], tables[k].behind);
                return true;
            }
            return false;
        };
        return execute(execution) && fits(words, execution);
    }

    bool fits(Words &words, Execution &execution)
    {
        SmallVector<Execution::Place, 32> data;
        for (const auto &r : execution.bytes_read())
            data.push_back(r.first);
        if (data.empty() || !are_in_a_row(data) || !execution.written().empty() || !execution.globals_kept())
            return false;
        bytes = static_cast<unsigned>(data.size());
        for (const auto &base : execution.bases()) {
            if (base.second.index_least < 0)
                return false;
        }
        bool found = is_sums ? find_sums(words, execution, data[0]) : find_check(words, execution, data[0]);
        return found && find_first(execution, data[0]);
    }

    bool find_check(Words &words, Execution &execution, Execution::Place data)
    {
        for (PHINode &phi : loop.getHeader()->phis()) {
            if (!phi.getType()->isIntegerTy(32))
                continue;
            Word before = execution.value(&phi);
            Word after = execution.value(phi.getIncomingValueForBlock(loop.getLoopLatch()));
            Word all = bytes < 4 ? words.right(before, 8 * bytes) : 0;
            for (unsigned k = 0; k < bytes; k++) {
                Word byte = execution.initial_bytes({data.first, data.second + k}, 1);
                if (k < 4)
                    byte = words.exclusive_or(byte, words.low(words.right(before, 8 * k), 8));
                all = words.exclusive_or(all, image_of_byte(words, byte, polynomials[which], bytes - 1 - k));
            }
            if (words.failed)
                return false;
            if (after == all) {
                checks = {&phi};
                return true;
            }
        }
        return false;
    }

    /* a grows by all bytes; b by a, as it was before and with each byte: by byte k of n for n - k times. */
    bool find_sums(Words &words, Execution &execution, Execution::Place data)
    {
        SmallVector<Word, bytes_most> all, weighted;
        for (unsigned k = 0; k < bytes; k++) {
            all.push_back(execution.initial_bytes({data.first, data.second + k}, 1));
            weighted.push_back(words.times(all[k], bytes - k, 32));
        }
        auto goes_by = [&](PHINode &phi, ArrayRef<Word> addends) {
            Word after = execution.value(phi.getIncomingValueForBlock(loop.getLoopLatch()));
            Word sum = words.plus(execution.value(&phi), words.sum(addends, 32), 32);
            return after == sum && !words.failed;
        };
        auto find = [&](ArrayRef<Word> addends) {
            for (PHINode &phi : loop.getHeader()->phis()) {
                if (phi.getType()->isIntegerTy(32) && goes_by(phi, addends)) {
                    checks.push_back(&phi);
                    return true;
                }
            }
            return false;
        };
        if (!find(all))
            return false;
        weighted.push_back(words.times(execution.value(checks[0]), bytes, 32));
        return find(weighted);
    }

    bool find_first(Execution &execution, Execution::Place data)
    {
        for (BasicBlock *b : loop.blocks()) {
            for (Instruction &i : *b) {
                auto *load = dyn_cast<LoadInst>(&i);
                Execution::Place p;
                if (load && execution.place(load->getPointerOperand(), &p) && p == data) {
                    first = load;
                    return true;
                }
            }
        }
        return false;
    }
};

/* The sums of Adler-32, each reduced with each byte, by division or, as less than twice the divisor, by
 * subtraction. */
class ReducedSums
{
  public:
    static constexpr uint64_t prime = 65521;

    explicit ReducedSums(Loop &l) : loop(l) {}

    bool is_one()
    {
        SmallVector<PHINode *, 4> words;
        for (PHINode &phi : loop.getHeader()->phis()) {
            if (phi.getType()->isIntegerTy(32))
                words.push_back(&phi);
        }
        for (PHINode *a : words) {
            for (PHINode *b : words) {
                if (a != b && words.size() <= phis_most && adds_all(a, b))
                    return true;
            }
        }
        return false;
    }

    SmallVector<LoadInst *, 8> loads; /* of a round's bytes, in order */
    SmallVector<PHINode *, 2> sums;

  private:
    static constexpr size_t phis_most = 6;
    Loop &loop;

    /* From the end of a round to its beginning. */
    bool adds_all(PHINode *a, PHINode *b)
    {
        Value *x = next(a), *y = next(b), *before_x, *before_y, *byte;
        loads.clear();
        while (x != a) {
            LoadInst *load;
            if (loads.size() == bytes_most || !is_reduced_sum(y, x, &before_y) ||
                !is_sum_with_byte(x, &before_x, &byte) || !(load = dyn_cast<LoadInst>(byte)))
                return false;
            loads.insert(loads.begin(), load);
            x = before_x;
            y = before_y;
        }
        sums = {a, b};
        return y == b && !loads.empty();
    }

    Value *next(PHINode *phi) const
    {
        return phi->getIncomingValueForBlock(loop.getLoopLatch());
    }

    bool is_sum_with_byte(Value *v, Value **before, Value **byte) const
    {
        Value *sum;
        return isa<Instruction>(v) && is_reduced(v, &sum) &&
               match(sum, m_c_Add(m_Value(*before), m_ZExt(m_Value(*byte)))) &&
               (*byte)->getType()->isIntegerTy(8);
    }

    bool is_reduced_sum(Value *v, Value *addend, Value **before) const
    {
        Value *sum;
        return isa<Instruction>(v) && is_reduced(v, &sum) &&
               match(sum, m_c_Add(m_Specific(addend), m_Value(*before)));
    }

    /* Whether `v` is the sum modulo `prime`, if that is less than twice as much. */
    static bool is_reduced(Value *v, Value **sum)
    {
        CmpInst::Predicate p;
        Value *less, *kept;
        uint64_t bound;
        if (match(v, m_URem(m_Value(*sum), m_SpecificInt(prime))))
            return true;
        if (match(v, m_UMin(m_Value(*sum), m_Value(less))))
            return is_less(less, *sum) || (std::swap(less, *sum), is_less(less, *sum));
        if (!match(v, m_Select(m_ICmp(p, m_Value(*sum), m_ConstantInt(bound)), m_Value(less), m_Value(kept))))
            return false;
        if (p == CmpInst::ICMP_ULT || p == CmpInst::ICMP_ULE) {
            p = CmpInst::getInversePredicate(p);
            std::swap(less, kept);
        }
        return kept == *sum && is_less(less, *sum) &&
               ((p == CmpInst::ICMP_UGT && bound == prime - 1) || (p == CmpInst::ICMP_UGE && bound == prime));
    }

    static bool is_less(Value *less, Value *sum)
    {
        return match(less, m_Add(m_Specific(sum), m_SpecificInt(APInt(32, -prime, true)))) ||
               match(less, m_Sub(m_Specific(sum), m_SpecificInt(prime)));
    }
};

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return is_possible(l) && known(l);
    }

  private:
    static constexpr unsigned instructions_most = 400;

    /* What all of them have: something is read, nothing written, and the loop ends at its end. Checks move a
     * number of 32 bits to the right and join it with others by exclusive or; sums are two, and something
     * counts. */
    static bool is_possible(const Loop &l)
    {
        unsigned n = 0, loads = 0, shifts = 0, joins = 0, additions = 0;
        if (!Stretch::has_shape(l))
            return false;
        for (const BasicBlock *b : l.blocks()) {
            for (const Instruction &i : *b) {
                bool load = isa<LoadInst>(i) && !cast<LoadInst>(i).isVolatile();
                if (++n > instructions_most || (!load && (i.mayHaveSideEffects() || i.mayReadFromMemory())))
                    return false;
                bool word = i.getType()->isIntegerTy(32);
                loads += load;
                shifts += word && i.getOpcode() == Instruction::LShr;
                joins += word && i.getOpcode() == Instruction::Xor;
                additions += word && i.getOpcode() == Instruction::Add;
            }
        }
        auto phis = l.getHeader()->phis();
        return loads &&
               ((shifts && joins) || (additions >= 2 && std::distance(phis.begin(), phis.end()) >= 3));
    }

    /* Null: there is none for this processor. */
    const char *kernel_name(const Round &r) const
    {
        if (r.is_sums)
            return kernels.has("+avx512bw,+avx512vnni") ? "adler32_512" : "adler32_256";
        return kernels.has("+pclmul") ? "crc32_fold" : nullptr;
    }

    static std::string evidence(const Round &r)
    {
        std::string bytes = std::to_string(r.bytes) + " bytes a round";
        return r.is_sums ? bytes
                         : "polynomial 0x" + utohexstr(polynomials[r.which], true) + ", " + bytes + ", " +
                               std::to_string(r.tables.size()) + " tables";
    }

    bool known(Loop &l)
    {
        Round round(l, memory);
        if (!round.is_check() || !kernel_name(round))
            return known_reduced(l);
        struct pattern_site site = site_of(unit, function, &l, loops,
                                           round.is_sums ? PATTERN_ADLER32 : PATTERN_CRC32, evidence(round));
        site.text = Substitution::forbidden(unit, site);
        site.replaced = !site.text && replace(l, round, &site);
        patterns_note(&site);
        return site.replaced;
    }

    bool replace(Loop &l, const Round &r, struct pattern_site *site)
    {
        constexpr uint64_t check_least = 256, sums_least = 64;
        Stretch stretch(l, evolution, memory);
        SmallVector<Value *, 2> left;
        site->text = "how often it runs, or where its bytes lie, is not known before it";
        if (!stretch.find(r.first->getPointerOperand(), r.bytes, loops, dominators))
            return false;
        for (PHINode *check : r.checks)
            left.push_back(check->getIncomingValueForBlock(l.getLoopLatch()));
        if (!stretch.find_results(left, &site->text))
            return false;
        site->text = kernel_name(r);
        Substitution s(stretch.before(), memory, unit);
        IRBuilder<> &b = s.builder();
        stretch.require(s);
        uint64_t least = r.is_sums ? sums_least : check_least * std::max<size_t>(1, r.tables.size());
        Value *enough = b.CreateICmpUGE(stretch.bytes, s.number(least));
        s.require(enough);
        for (size_t k = 0; k < r.tables.size(); k++)
            require_table(s, r, k, s.memory_bytes(), enough);
        s.reads(stretch.range, RT_SITE_BITS);
        SmallVector<Value *, 4> arguments;
        for (PHINode *check : r.checks)
            arguments.push_back(check->getIncomingValueForBlock(l.getLoopPreheader()));
        arguments.append({s.pointer(stretch.range.from), stretch.bytes});
        if (!r.is_sums)
            arguments.push_back(b.getInt32(r.which));
        s.finish(*site, kernels.copy_for(function, site->text, arguments), arguments, stretch.end(),
                 stretch.results(s));
        return true;
    }

    bool known_reduced(Loop &l)
    {
        ReducedSums sums(l);
        if (!sums.is_one() || !are_in_a_row(sums.loads))
            return false;
        struct pattern_site site =
            site_of(unit, function, &l, loops, PATTERN_ADLER32,
                    std::to_string(sums.loads.size()) + " bytes a round, reduced each");
        site.text = Substitution::forbidden(unit, site);
        site.replaced = !site.text && replace(l, sums, &site);
        patterns_note(&site);
        return site.replaced;
    }

    bool are_in_a_row(ArrayRef<LoadInst *> loads)
    {
        const SCEV *first = evolution.getSCEV(loads[0]->getPointerOperand());
        for (size_t k = 1; k < loads.size(); k++) {
            auto *apart = dyn_cast<SCEVConstant>(
                evolution.getMinusSCEV(evolution.getSCEV(loads[k]->getPointerOperand()), first));
            if (!apart || apart->getAPInt() != k)
                return false;
        }
        return true;
    }

    bool replace(Loop &l, const ReducedSums &r, struct pattern_site *site)
    {
        constexpr uint64_t sums_least = 64;
        Stretch stretch(l, evolution, memory);
        SmallVector<Value *, 4> left, arguments;
        site->text = "how often it runs, or where its bytes lie, is not known before it";
        if (!stretch.find(r.loads[0]->getPointerOperand(), r.loads.size(), loops, dominators))
            return false;
        for (PHINode *sum : r.sums) {
            left.push_back(sum->getIncomingValueForBlock(l.getLoopLatch()));
            arguments.push_back(sum->getIncomingValueForBlock(l.getLoopPreheader()));
        }
        if (!stretch.find_results(left, &site->text))
            return false;
        site->text = kernels.has("+avx512bw,+avx512vnni") ? "adler32_reduced_512" : "adler32_reduced_256";
        Substitution s(stretch.before(), memory, unit);
        IRBuilder<> &b = s.builder();
        stretch.require(s);
        s.require(b.CreateICmpUGE(stretch.bytes, s.number(sums_least)));
        for (Value *start : arguments)
            s.require(b.CreateICmpULT(start, b.getInt32(ReducedSums::prime)));
        s.reads(stretch.range, RT_SITE_BITS);
        arguments.append({s.pointer(stretch.range.from), stretch.bytes});
        s.finish(*site, kernels.copy_for(function, site->text, arguments), arguments, stretch.end(),
                 stretch.results(s));
        return true;
    }

    void require_table(Substitution &s, const Round &r, size_t k, Value *size, Value *enough)
    {
        IRBuilder<> &b = s.builder();
        Value *at = s.number(static_cast<uint64_t>(r.tables[k].at.second)), *base = r.table_bases[k];
        if (base)
            at = b.CreateAdd(b.CreateFreeze(b.CreateZExt(base, b.getInt64Ty())), at);
        SmallVector<Value *, 12> arguments = {&memory, at, size, b.CreateZExt(enough, b.getInt32Ty())};
        for (unsigned bit = 0; bit < 8; bit++)
            arguments.push_back(b.getInt32(image_of(polynomials[r.which], bit, r.tables[k].behind)));
        Function *kernel = kernels.copy_for(function, "linear_table", arguments);
        CallInst *call = b.CreateCall(kernel, arguments);
        call->setCallingConv(kernel->getCallingConv());
        s.require(b.CreateIsNotNull(call));
    }
};

} // namespace

PreservedAnalyses ChecksumPass::run(Module &m, ModuleAnalysisManager &modules)
{
    if (!machine.getMCSubtargetInfo()->checkFeatures("+avx2"))
        return PreservedAnalyses::all();
    return replace_loops<Search>("checksums", m, modules, machine, unit);
}
