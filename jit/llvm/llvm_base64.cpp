/* llvm_base64.cpp: loops that write groups of three bytes as four letters, or read them, get rounds done by a
 * kernel of jit/patterns in front.
 *
 * A round is executed on words (llvm_advance.h). To write, all that it stores are bytes of a table, at places
 * that are six bits each of what it loads: which letters these are does not matter, as the kernel takes the
 * table as it is. To read, each letter's value comes from a table of 256 bytes, and what is stored is made of
 * six bits of each; the round must come back to the loop's header if all values have no more bits than that,
 * and letters are none with which the loop ends. Where one is, or no table can tell, the kernel stops, and
 * the loop does what it does with it. So the loop's own rounds are the last ones. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include <string>

#include "llvm_advance.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace
{

constexpr int64_t groups_most = 16; /* of a round; what the kernel does at once */
constexpr uint64_t six_bits = 63;

/* One round of a loop. */
class Code
{
  public:
    Code(Loop &l, ScalarEvolution &se, GlobalVariable &mem) : advance(l, se, mem)
    {
        Execution &e = advance.execution;
        e.known_bits = [this](Execution::Place p, unsigned bits) {
            loads_behind |= !advance.execution.written().empty();
            return bits == 8 && letter_in(p.first) ? six_bits : ~uint64_t(0);
        };
        advance.known = [this](const ICmpInst &i, Word a, uint64_t b, std::optional<bool> stays, bool *is) {
            return except(i, a, b, stays, is);
        };
    }

    /* What can be told in little time: bytes are loaded, and stored. */
    static bool is_possible(const Loop &l)
    {
        size_t n = 0, loads = 0, stores = 0;
        if (!l.isInnermost() || !l.getLoopPreheader() || !l.getLoopLatch())
            return false;
        for (const BasicBlock *b : l.blocks()) {
            for (const Instruction &i : *b) {
                bool byte = i.getType()->isIntegerTy(8);
                auto *store = dyn_cast<StoreInst>(&i);
                loads += byte && isa<LoadInst>(i);
                stores += store && store->getValueOperand()->getType()->isIntegerTy(8);
                if (++n > instructions_most)
                    return false;
            }
        }
        return loads >= 4 && stores >= 3;
    }

    bool is_one()
    {
        if (!advance.run() || !find_rows())
            return false;
        groups = from->step / 3;
        if (fits(3, 4) && is_encoder())
            return true;
        groups = from->step / 4;
        decodes = true;
        return fits(4, 3) && is_decoder();
    }

    Advance advance;
    const Advance::Row *from = nullptr, *to = nullptr;
    int64_t groups = 0; /* of a round */
    bool decodes = false, loads_behind = false;
    Word table = 0;           /* where it begins: this, */
    int64_t table_offset = 0; /* and this */
    int64_t table_least = 0;  /* table + table_least: the lowest index */
    uint64_t without[4] = {}; /* letters with which the loop may end */

  private:
    static constexpr size_t instructions_most = 600;
    size_t places = 0; /* of the table */

    bool find_rows()
    {
        if (advance.rows.size() != 2)
            return false;
        const Advance::Row *first = advance.rows.begin(), *second = first + 1;
        from = first->written ? second : first;
        to = first->written ? first : second;
        auto is_output = [&](const auto &byte) { return byte.first.first == to->base; };
        return !from->written && to->written && none_of(advance.execution.bytes_read(), is_output);
    }

    /* All that is loaded and stored in the rows is there for the groups. */
    bool fits(int64_t in, int64_t out) const
    {
        size_t stored = advance.execution.written().size();
        auto wanted = static_cast<size_t>(out * groups);
        return groups > 0 && groups <= groups_most && isPowerOf2_64(static_cast<uint64_t>(groups)) &&
               from->step == in * groups && to->step == out * groups && from->to - from->from >= from->step &&
               to->to - to->from == to->step && stored == wanted;
    }

    Word byte(int64_t k)
    {
        return advance.execution.initial_bytes({from->base, from->from + k}, 1);
    }

    Word stored(int64_t k)
    {
        return advance.execution.final_bytes({to->base, to->from + k}, 1);
    }

    /* The rest of an address without what is added to it, maybe in parts; nullopt: it is not, or there is
     * more. */
    std::optional<Word> without_index(Word base, Word index)
    {
        Words &words = advance.words;
        unsigned bits = words.possible(base) >> 32 ? 64 : 32;
        Word added = 0, rest = base;
        for (const Words::Addend &a : words.as_sum(base, bits).addends) {
            if (WordValues::can_make(words, advance.execution, a.word))
                continue;
            if (a.times != 1)
                return std::nullopt;
            added = words.plus(added, a.word, bits);
            rest = words.minus(rest, a.word, bits);
        }
        return added == index && !advance.is_carried(rest) ? std::optional(rest) : std::nullopt;
    }

    /* The place of the table at an index, the same table each time. */
    bool is_in_table(Execution::Place p, Word index)
    {
        std::optional<Word> rest = without_index(p.first, index);
        const Accesses &a = advance.execution.bases().find(p.first)->second;
        if (!rest || a.written || a.from != p.second || a.to != p.second + 1 || p.second < 0 ||
            a.index_most > p.second)
            return false;
        if (places++ == 0) {
            table = *rest;
            table_offset = p.second;
            table_least = a.index_least;
        }
        table_least = std::min(table_least, a.index_least);
        return table == *rest && table_offset == p.second;
    }

    bool is_encoder()
    {
        Words &w = advance.words;
        for (int64_t g = 0; g < groups; g++) {
            Word x = byte(3 * g), y = byte(3 * g + 1), z = byte(3 * g + 2);
            Word both = w.exclusive_or(w.left(w.low(x, 2), 4, 8), w.right(y, 4));
            Word both_again = w.exclusive_or(w.left(w.low(y, 4), 2, 8), w.right(z, 6));
            Word index[] = {w.right(x, 2), both, both_again, w.low(z, 6)};
            for (int64_t k = 0; k < 4; k++) {
                const Leaf *l = advance.execution.leaf(stored(4 * g + k));
                if (!l || l->kind != Leaf::BYTE || !is_in_table(l->place, index[k]))
                    return false;
            }
        }
        return !w.failed && advance.others.size() == places && places == static_cast<size_t>(4 * groups) &&
               none_of(without, [](uint64_t some) { return some != 0; });
    }

    /* The letter that is added to an address. */
    const Leaf *letter_in(Word base)
    {
        Words &words = advance.words;
        auto is_letter = [&](Word w) {
            const Leaf *l = advance.execution.leaf(w);
            return l && l->kind == Leaf::BYTE && advance.is_carried(l->place.first) ? l : nullptr;
        };
        if (const Leaf *l = is_letter(base))
            return l;
        for (const Words::Addend &a : words.as_sum(base, words.possible(base) >> 32 ? 64 : 32).addends) {
            const Leaf *l = a.times == 1 ? is_letter(a.word) : nullptr;
            if (l)
                return l;
        }
        return nullptr;
    }

    /* The loop ends, or goes another way, with some letters: these are left to it. */
    bool except(const ICmpInst &i, Word a, uint64_t b, std::optional<bool> stays, bool *is)
    {
        const Leaf *l = advance.execution.leaf(a);
        if (!l || l->kind != Leaf::BYTE || !advance.is_carried(l->place.first) || (!stays && !i.isEquality()))
            return false;
        *is = stays ? *stays : i.getPredicate() == ICmpInst::ICMP_NE;
        unsigned bits = i.getOperand(0)->getType()->getIntegerBitWidth();
        for (uint64_t letter = 0; letter < 256; letter++) {
            if (ICmpInst::compare(APInt(bits, letter), APInt(bits, b), i.getPredicate()) != *is)
                without[letter / 64] |= uint64_t(1) << letter % 64;
        }
        return true;
    }

    bool is_decoder()
    {
        Words &w = advance.words;
        SmallVector<Word, 4 * groups_most> values(static_cast<size_t>(4 * groups), 0);
        for (Word base : advance.others) {
            const Leaf *l = letter_in(base);
            int64_t at = l && l->place.first == from->base ? l->place.second - from->from : -1;
            if (at < 0 || at >= 4 * groups)
                return false;
            Execution::Place p = {base, advance.execution.bases().find(base)->second.from};
            if (!is_in_table(p, byte(at)))
                return false;
            values[static_cast<size_t>(at)] =
                w.conjunction(advance.execution.initial_bytes(p, 1), w.constant(six_bits));
        }
        if (places != values.size() || from->to - from->from != from->step)
            return false;
        for (int64_t g = 0; g < groups; g++) {
            Word *v = &values[static_cast<size_t>(4 * g)];
            for (int64_t k = 0; k < 3; k++) {
                unsigned by = static_cast<unsigned>(2 * k + 2);
                Word both = w.exclusive_or(w.left(v[k], by, 8), w.right(v[k + 1], 6 - by));
                if (stored(3 * g + k) != both)
                    return false;
            }
        }
        return !w.failed;
    }
};

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return Code::is_possible(l) && known(l);
    }

  private:
    static constexpr uint64_t groups_least = 8;

    bool known(Loop &l)
    {
        Code code(l, evolution, memory);
        if (!code.is_one())
            return false;
        std::string evidence = code.decodes ? "letters to bytes" : "bytes to letters";
        struct pattern_site site =
            site_of(unit, function, &l, loops, PATTERN_BASE64,
                    evidence + ", " + std::to_string(code.groups) + " groups of 3 a round");
        site.replaced = kernels.has("+avx512vbmi,+avx512bw");
        site.text = !site.replaced ? "there is no kernel for this processor"
                    : code.decodes ? "base64_decode"
                                   : "base64_encode";
        if (site.replaced)
            replace(l, code, site.text);
        patterns_note(&site);
        return site.replaced;
    }

    void replace(Loop &l, Code &code, const char *name)
    {
        BasicBlock *before = l.getLoopPreheader(), *header = l.getHeader();
        auto block = [&] { return BasicBlock::Create(header->getContext(), "", &function, header); };
        BasicBlock *call = block(), *enter = block();
        AdvanceValues v(code.advance, memory, unit, before->getTerminator(), [&](Value *x) {
            auto *phi = dyn_cast<PHINode>(x);
            return phi && phi->getParent() == header ? phi->getIncomingValueForBlock(before) : x;
        });
        IRBuilder<> &b = v.b;
        Value *from = v.start(*code.from), *to = v.start(*code.to);
        Value *table = v.values.make(code.table), *rounds = v.certain();
        rounds = v.least(rounds, v.inside(*code.from, from));
        rounds = v.least(rounds, v.inside(*code.to, to));
        rounds = v.least(rounds, apart(v, code, from, to));
        rounds = v.least(rounds, beside_table(v, code, &table, to));
        rounds = b.CreateFreeze(rounds);
        Value *groups = v.number(static_cast<uint64_t>(code.groups)), *all = b.CreateMul(rounds, groups);
        Instruction *last = b.CreateCondBr(b.CreateICmpUGE(all, v.number(groups_least)), call, enter);
        before->getTerminator()->eraseFromParent();
        b.SetInsertPoint(call);
        SmallVector<Value *, 9> arguments = {v.tools.pointer(table), v.tools.pointer(from), all,
                                             v.tools.pointer(to)};
        if (code.decodes) {
            arguments.push_back(groups);
            for (uint64_t some : code.without)
                arguments.push_back(v.number(some));
        }
        Function *kernel = kernels.copy_for(function, name, arguments);
        CallInst *result = b.CreateCall(kernel, arguments);
        result->setCallingConv(kernel->getCallingConv());
        Value *done = code.decodes ? b.CreateUDiv(result, groups) : rounds;
        b.CreateBr(enter);
        b.SetInsertPoint(enter);
        PHINode *by = b.CreatePHI(b.getInt64Ty(), 2);
        by->addIncoming(v.number(0), last->getParent());
        by->addIncoming(done, call);
        for (const Advance::Step &s : code.advance.steps)
            s.phi->setIncomingValueForBlock(
                before, AdvanceValues::later(b, s, s.phi->getIncomingValueForBlock(before), by));
        b.CreateBr(header);
        header->replacePhiUsesWith(before, enter);
    }

    /* Rounds that write nothing that they, or others, read. Letters may be replaced by their bytes, as the
     * bytes never come to letters that are not yet read, if a round stores behind all that it loads. */
    static Value *apart(AdvanceValues &v, const Code &code, Value *from, Value *to)
    {
        IRBuilder<> &b = v.b;
        auto rounds = [&](Value *x, Value *y, const Advance::Row &r) {
            return b.CreateUDiv(b.CreateSub(y, x), v.number(static_cast<uint64_t>(r.step)));
        };
        Value *below = code.decodes && !code.loads_behind ? v.number(UINT64_MAX) : rounds(to, from, *code.to);
        return b.CreateSelect(b.CreateICmpULE(to, from), below, rounds(from, to, *code.from));
    }

    /* And nothing of the table, which lies in the memory. */
    static Value *beside_table(AdvanceValues &v, const Code &code, Value **table, Value *to)
    {
        IRBuilder<> &b = v.b;
        auto with = [&](int64_t n) { return b.CreateAdd(*table, v.number(static_cast<uint64_t>(n))); };
        Value *lowest = with(std::min<int64_t>(0, code.table_least)), *begin = with(code.table_offset);
        Value *end = b.CreateAdd(begin, v.number(code.decodes ? 256 : 64));
        Value *is_inside = b.CreateAnd(b.CreateICmpSGE(b.CreateOr(lowest, begin), v.number(0)),
                                       b.CreateICmpSLE(end, v.tools.memory_bytes()));
        Value *until = b.CreateUDiv(b.CreateSub(begin, to), v.number(static_cast<uint64_t>(code.to->step)));
        Value *rounds = b.CreateSelect(b.CreateICmpUGE(begin, to), until, v.number(0));
        rounds = b.CreateSelect(b.CreateICmpUGE(to, end), v.number(UINT64_MAX), rounds);
        *table = begin;
        return b.CreateSelect(is_inside, rounds, v.number(0));
    }
};

} // namespace

PreservedAnalyses Base64Pass::run(Module &m, ModuleAnalysisManager &modules)
{
    return replace_loops<Search>("base64", m, modules, machine, unit);
}
