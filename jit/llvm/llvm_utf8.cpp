/* llvm_utf8.cpp: lists loops that tell UTF-8 from other bytes.
 *
 * How it is written does not matter - comparisons, tables of widths, automata, code points that are looked at
 * when they are made - because the loop is executed (llvm_evaluation.h), on strings that are UTF-8 and on
 * strings that are not. On the first kind it shows what it does with text: which ways its branches and
 * comparisons go, and what of its results is always the same. On every one of the others it must then do
 * something else. Only one that knows each rule can: the strings hold whatever may follow what can begin a
 * code point (Unicode, table 3-7), with all bytes behind it one after the other.
 *
 * Which values in front of the loop are the place of the text, and its length or end, is found by trying.
 * What is loose - takes surrogates, or letters that are longer than need be - is not listed, nor what only
 * counts or goes by lead bytes. Nothing is changed. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include <string>

#include "llvm_evaluation.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace
{

/* --- Strings. --- */

typedef SmallVector<uint8_t, 64> String;
typedef SmallVector<uint8_t, 4> Bytes; /* of a code point */

/* What may be behind these bytes, as first ones of a code point. */
struct Continuation {
    uint8_t least = 1, most = 0; /* nothing, if they are one */
    bool is_allowed(unsigned b) const
    {
        return b >= least && b <= most;
    }
};

/* Table 3-7; `begun` is a beginning of a code point. */
Continuation behind(ArrayRef<uint8_t> begun)
{
    uint8_t first = begun[0];
    size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (begun.size() == bytes)
        return {};
    if (begun.size() > 1)
        return {0x80, 0xbf};
    switch (first) {
    case 0xe0: return {0xa0, 0xbf};
    case 0xed: return {0x80, 0x9f};
    case 0xf0: return {0x90, 0xbf};
    case 0xf4: return {0x80, 0x8f};
    default: return {0x80, 0xbf};
    }
}

bool is_lead(unsigned b)
{
    return b >= 0xc2 && b <= 0xf4;
}

/* Letters, digits and spaces, so that what ends at quotes or control characters goes on. */
class Writer
{
  public:
    String text;

    explicit Writer(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15 + 1) {}

    unsigned below(unsigned n)
    {
        state = state * 6364136223846793005 + 1442695040888963407;
        return static_cast<unsigned>((state >> 33) % n);
    }

    void ascii(unsigned n)
    {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789";
        while (n--)
            text.push_back(static_cast<uint8_t>(letters[below(sizeof letters - 1)]));
    }

    /* Goes on with any code point that begins so, but for some that programs treat apart. */
    void point(ArrayRef<uint8_t> begin)
    {
        size_t at = text.size();
        text.append(begin.begin(), begin.end());
        auto made = [&] { return ArrayRef<uint8_t>(text).drop_front(at); };
        for (Continuation c = behind(made()); c.least <= c.most; c = behind(made()))
            text.push_back(static_cast<uint8_t>(c.least + below(c.most - c.least + 1u)));
        if (is_apart(made()))
            text.back() -= 8;
    }

    void point()
    {
        static const uint8_t leads[] = {0xc2, 0xdf, 0xe0, 0xed, 0xee, 0xef, 0xf0, 0xf4};
        uint8_t lead = below(2) ? leads[below(sizeof leads)] : static_cast<uint8_t>(0xc2 + below(0x33));
        point(lead);
    }

    void anything(unsigned pieces)
    {
        while (pieces--) {
            if (below(3))
                point();
            else
                ascii(1 + below(9));
        }
    }

  private:
    uint64_t state;

    /* The mark of the order of bytes, what stands for wrong letters, and what is no character. */
    static bool is_apart(ArrayRef<uint8_t> p)
    {
        bool mark = p.size() == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
        bool other = p.size() == 3 && p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbd;
        bool last = p.size() == 4 && p[1] % 16 == 15 && p[2] == 0xbf && p[3] >= 0xbe;
        return mark || other || last;
    }
};

/* Text number k. */
String text_of(unsigned k)
{
    Writer w(k);
    w.ascii(2 + k % 11);
    w.anything(1 + k % 7);
    if (k & 1)
        w.ascii(k / 2 % 11);
    return w.text;
}

/* What begins code points: for each of these all bytes are tried behind it. */
SmallVector<Bytes, 0> beginnings()
{
    return {{},
            {0xc2},
            {0xd0},
            {0xdf},
            {0xe0},
            {0xe1},
            {0xe9},
            {0xec},
            {0xed},
            {0xee},
            {0xef},
            {0xf0},
            {0xf1},
            {0xf3},
            {0xf4},
            {0xe0, 0xa0},
            {0xe0, 0xbf},
            {0xe1, 0x80},
            {0xec, 0xbf},
            {0xed, 0x80},
            {0xed, 0x9f},
            {0xef, 0xbf},
            {0xf0, 0x90},
            {0xf1, 0x80},
            {0xf3, 0xbf},
            {0xf4, 0x80},
            {0xf4, 0x8f},
            {0xf0, 0x90, 0x80},
            {0xf2, 0xa5, 0xb1},
            {0xf4, 0x8f, 0xbf}};
}

/* --- One loop. --- */

/* A result of the loop, so far always the same on text: as it is, or beside the text's length or end. */
struct Constant {
    static constexpr unsigned kinds = 3;
    uint64_t value[kinds];
    bool holds[kinds] = {false, false, false};

    static uint64_t as(const Evaluation::Result &r, unsigned kind, const Evaluation::Text &t)
    {
        uint64_t end = kind == 0 ? 0 : t.bytes.size() + (kind == 2 ? t.at : 0);
        return (r.value - end) & r.mask;
    }
};

class Validation
{
  public:
    Validation(Loop &l, const DominatorTree &d, GlobalVariable &memory, const struct llvm_unit &u)
        : loop(l), evaluation(l, d, memory, u.module)
    {
        evaluation.value_of_root = [this](unsigned root) { return value_of(root); };
    }

    bool is_found()
    {
        SmallVector<Value *, 16> addresses, conditions;
        if (!evaluation.prepare())
            return false;
        for (BasicBlock *b : loop.blocks()) {
            for (Instruction &i : *b) {
                if (auto *load = dyn_cast<LoadInst>(&i))
                    addresses.push_back(load->getPointerOperand());
            }
            if (loop.isLoopExiting(b))
                conditions.push_back(b->getTerminator()->getOperand(0));
        }
        return try_all(evaluation.roots_of(addresses), evaluation.roots_of(conditions));
    }

    bool has_entered(const Loop &l) const
    {
        return evaluation.has_entered(l.getHeader());
    }

    /* What was found. */
    std::string evidence() const
    {
        std::string text = evaluation.looked_up ? "by a table" : "by comparisons";
        text += setting.bound == none ? ", up to a 0" : ", length known";
        return text + (evaluation.stored ? ", stores" : "");
    }

  private:
    static constexpr unsigned none = 64, texts = 700, further = 200;
    static constexpr unsigned steps_most = 6000; /* for all that may be the text together, if nothing is */
    struct Setting {
        unsigned position, bound; /* roots */
        bool is_end;              /* the bound, not the length */
        unsigned others;          /* what other roots are */
        uint64_t from;            /* the first byte is so far from the position */
    };
    Loop &loop;
    Evaluation evaluation;
    Setting setting = {};
    Evaluation::Text text;
    SmallVector<Constant, 8> constants;
    bool replaces = false; /* text stores U+FFFD, too */

    uint64_t value_of(unsigned root) const
    {
        constexpr uint64_t far = 0x20000000, apart = 0x1000000, roots = 64;
        if (root == setting.position)
            return text.at - setting.from;
        if (root == setting.bound)
            return text.bytes.size() + (setting.is_end ? text.at : 0);
        switch (setting.others) {
        case 0: return 0;
        case 1: return far + root % roots * apart;
        case 2: return far + (roots - root % roots) * apart;
        default: return 1;
        }
    }

    bool try_all(uint64_t positions, uint64_t bounds)
    {
        constexpr unsigned kinds = 4; /* of other roots */
        for (unsigned k = 0; k < kinds; k++) {
            for (unsigned p = 0; p <= none; p++) {
                bool may_stand = p == none || positions >> p & 1;
                for (unsigned b = 0; may_stand && b <= none; b++) {
                    bool may_be = b == none || (bounds >> b & 1 && b != p);
                    for (unsigned end = 0; may_be && end <= (b != none); end++) {
                        setting = {p, b, end != 0, k, 0};
                        if (evaluation.steps > steps_most)
                            return false;
                        if (is_it() || is_it_elsewhere())
                            return true;
                    }
                }
            }
        }
        return false;
    }

    /* The same, with the text where the loop has begun to read. */
    bool is_it_elsewhere()
    {
        constexpr uint64_t far = 1 << 24;
        auto places = evaluation.places;
        uint64_t before = text.at;
        for (uint64_t at : places) {
            setting.from = setting.position == none ? at : at - before;
            bool near = setting.from + far < 2 * far;
            if (setting.from && near && is_it())
                return true;
        }
        return false;
    }

    bool is_it()
    {
        constexpr unsigned some = 24;
        evaluation.forget();
        evaluation.looked_up = evaluation.stored = replaces = false;
        constants.clear();
        if (!learn(first_text(), 0))
            return false;
        for (unsigned k = 1; k < some; k++) {
            if (!learn(text_of(k), k))
                return false;
        }
        if (!tells_some())
            return false;
        for (unsigned k = some; k < texts; k++) {
            if (!learn(text_of(k), k))
                return false;
        }
        if (!learn_points())
            return false;
        for (unsigned k = texts; k < texts + further; k++) {
            if (is_told(text_of(k), k))
                return false;
        }
        return tells_all();
    }

    static String first_text()
    {
        return {'a', 'b', 0xc3, 0xa9, ' ', 0xe2, 0x82, 0xac, 'c', 0xf0, 0x9f, 0x98, 0x80, 'd', 'e', 'f', 'g'};
    }

    Evaluation::End run(const String &s, unsigned k)
    {
        constexpr uint64_t somewhere = 0x70000000;
        text = {s, setting.from + (setting.position == none ? 0 : somewhere + k * 13 % 64)};
        return evaluation.run(text);
    }

    /* Text: all of it must be read. */
    bool learn(const String &s, unsigned k)
    {
        evaluation.learning = true;
        Evaluation::End end = run(s, k);
        evaluation.learning = false;
        uint64_t all = maskTrailingOnes<uint64_t>(static_cast<unsigned>(std::min<size_t>(s.size(), 64)));
        if (end != Evaluation::OVER || (evaluation.bytes_read & all) != all)
            return false;
        replaces |= evaluation.replaced;
        for (size_t r = 0; r < evaluation.results(); r++)
            learn_result(r, k == 0);
        return true;
    }

    void learn_result(size_t r, bool is_first)
    {
        Evaluation::Result result = evaluation.result(r);
        bool is_new = r == constants.size();
        if (is_new)
            constants.emplace_back();
        for (unsigned kind = 0; kind < Constant::kinds; kind++) {
            uint64_t v = Constant::as(result, kind, text);
            Constant &c = constants[r];
            if (is_new && is_first)
                c.value[kind] = v;
            c.holds[kind] =
                result.is_there && ((is_new && is_first) || (c.holds[kind] && c.value[kind] == v));
        }
    }

    /* Whether the loop ends otherwise than with any text: by another way, before the last byte, with another
     * result; or writes down that there was something wrong. What it does on its way is of no matter: it may
     * take something that is not UTF-8 for good after it has looked twice. */
    bool is_told(const String &s, unsigned k)
    {
        Evaluation::End end = run(s, k);
        bool last = s.size() > 64 || evaluation.bytes_read >> (s.size() - 1) & 1;
        if (end != Evaluation::OVER || !last || (evaluation.replaced && !replaces))
            return end != Evaluation::STUCK;
        for (size_t r = 0; r < constants.size(); r++) {
            Evaluation::Result result = evaluation.result(r);
            for (unsigned kind = 0; kind < Constant::kinds; kind++) {
                const Constant &c = constants[r];
                if (c.holds[kind] && c.value[kind] != Constant::as(result, kind, text))
                    return true;
            }
        }
        return false;
    }

    /* What is near to text, and what others take for it. */
    bool tells_some()
    {
        static const char *const wrong[] = {"\x80",
                                            "\xc3",
                                            "\xc0\x80",
                                            "\xc1\xbf",
                                            "\xe0\x80\x80",
                                            "\xe0\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xed\xa0\x80\xed\xb0\x80",
                                            "\xed\xaf\xbf\xed\xbf\xbf",
                                            "\xf0\x80\x80\x80",
                                            "\xf0\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80\x80\x80",
                                            "\xf7\xbf\xbf\xbf",
                                            "\xf8\x88\x80\x80\x80",
                                            "\xfb\xbf\xbf\xbf\xbf",
                                            "\xfc\x84\x80\x80\x80\x80",
                                            "\xfd\xbf\xbf\xbf\xbf\xbf",
                                            "\xfe\x82\x80\x80\x80\x80\x80",
                                            "\xff",
                                            "\xe2\x82",
                                            "\xe1\xc3\xa9",
                                            "\xf1\x80\x80"};
        unsigned k = 0;
        for (StringRef w : wrong) {
            Writer s(k);
            s.ascii(3 + k++);
            s.text.append(w.bytes_begin(), w.bytes_end());
            s.ascii(5);
            if (!is_told(s.text, k))
                return false;
        }
        return true;
    }

    /* Code points with all lead bytes, and what may follow them. */
    bool learn_points()
    {
        unsigned k = 0;
        for (const auto &begin : beginnings()) {
            for (unsigned b = 0; b < 256; b++) {
                bool allowed = begin.empty() ? is_lead(b) : behind(begin).is_allowed(b) && b % 3 == k++ % 3;
                Writer w(b + 1000 * k);
                w.ascii(2 + b % 5);
                Bytes begun = begin;
                begun.push_back(static_cast<uint8_t>(b));
                if (allowed)
                    w.point(begun);
                w.anything(b % 3);
                if (allowed && !learn(w.text, b))
                    return false;
            }
        }
        return true;
    }

    bool tells_all()
    {
        unsigned k = 0;
        for (const auto &begin : beginnings()) {
            for (unsigned b = 0; b < 256; b++) {
                bool wrong = begin.empty() ? b >= 0x80 && !is_lead(b) : !behind(begin).is_allowed(b);
                if (wrong && !tells(begin, b, k++))
                    return false;
            }
            for (unsigned n = 0; !begin.empty() && n < 3; n++) {
                if (!tells_end(begin, n))
                    return false;
            }
        }
        return true;
    }

    bool tells(ArrayRef<uint8_t> begin, unsigned b, unsigned k)
    {
        Writer w(k);
        w.ascii(2 + k % 9);
        w.anything(k % 3);
        w.text.append(begin.begin(), begin.end());
        w.text.push_back(static_cast<uint8_t>(b));
        /* As many as other rules would have. */
        Bytes first = begin.empty() ? Bytes{static_cast<uint8_t>(b)} : Bytes(begin);
        size_t more = first[0] < 0xc0   ? 0
                      : first[0] < 0xe0 ? 1
                      : first[0] < 0xf0 ? 2
                      : first[0] < 0xf8 ? 3
                                        : 4;
        for (size_t n = begin.empty() ? 0 : begin.size(); (b >> 6 == 2 || begin.empty()) && n < more; n++)
            w.text.push_back(static_cast<uint8_t>(0x80 + w.below(64)));
        w.anything(k / 3 % 3);
        w.ascii(2);
        return is_told(w.text, k);
    }

    /* Where text is cut off. */
    bool tells_end(ArrayRef<uint8_t> begin, unsigned k)
    {
        Writer w(k);
        w.ascii(3 + k);
        w.anything(k);
        w.text.append(begin.begin(), begin.end());
        return is_told(w.text, k);
    }
};

/* --- Which loops are looked at. --- */

/* What bytes of UTF-8 are compared with, or masked by. */
bool is_of_utf8(const llvm::Constant &c)
{
    static const uint8_t numbers[] = {0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                      0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xf7, 0xf8};
    auto *i = dyn_cast<ConstantInt>(&c);
    return i && i->getBitWidth() >= 8 && i->getValue().sge(-128) && (i->getValue().slt(256)) &&
           is_contained(numbers, static_cast<uint8_t>(i->getSExtValue()));
}

/* Whether an address is made of something loaded, as in a table. */
bool is_looked_up(const Value *v, unsigned deep = 0)
{
    constexpr unsigned deep_most = 6;
    auto *i = dyn_cast<Instruction>(v);
    if (!i || deep == deep_most)
        return false;
    if (auto *load = dyn_cast<LoadInst>(i))
        return load->getType()->isIntegerTy(8);
    return !isa<PHINode>(i) && !isa<CallInst>(i) &&
           any_of(i->operands(), [&](const Use &u) { return is_looked_up(u, deep + 1); });
}

bool is_possible(const Loop &l)
{
    constexpr unsigned instructions_most = 1500;
    unsigned n = 0;
    bool bytes = false, table = false;
    SmallSet<uint8_t, 8> numbers;
    if (!l.getLoopPreheader())
        return false;
    for (const BasicBlock *b : l.blocks()) {
        for (const Instruction &i : *b) {
            auto *load = dyn_cast<LoadInst>(&i);
            bytes |= load && load->getType()->isIntegerTy(8);
            table = table || (load && is_looked_up(load->getPointerOperand()));
            if (++n > instructions_most)
                return false;
            for (const Use &u : i.operands()) {
                auto *c = dyn_cast<llvm::Constant>(u);
                if (c && is_of_utf8(*c))
                    numbers.insert(static_cast<uint8_t>(cast<ConstantInt>(c)->getSExtValue()));
            }
        }
    }
    return bytes && (table || numbers.size() > 1);
}

class Search
{
  public:
    Search(Function &f, FunctionAnalysisManager &analyses, GlobalVariable &mem, const struct llvm_unit &u)
        : function(f), loops(analyses.getResult<LoopAnalysis>(f)),
          dominators(analyses.getResult<DominatorTreeAnalysis>(f)), memory(mem), unit(u)
    {
    }

    /* Outer loops first: what is in one that is known is a part of it. */
    void run(ArrayRef<Loop *> candidates)
    {
        for (Loop *l : candidates) {
            if (!finds(*l))
                run(l->getSubLoops());
        }
    }

  private:
    Function &function;
    LoopInfo &loops;
    DominatorTree &dominators;
    GlobalVariable &memory;
    const struct llvm_unit &unit;
    SmallPtrSet<const BasicBlock *, 4> known; /* headers of what belongs to loops that are listed */

    bool finds(Loop &l)
    {
        if (known.contains(l.getHeader()) || !is_possible(l))
            return known.contains(l.getHeader());
        Validation v(l, dominators, memory, unit);
        if (!v.is_found())
            return false;
        for (const Loop *other : loops.getLoopsInPreorder()) {
            if (v.has_entered(*other))
                known.insert(other->getHeader());
        }
        struct pattern_site site = site_of(unit, function, &l, loops, PATTERN_UTF8, v.evidence());
        site.text = "there is no kernel for it";
        patterns_note(&site);
        return true;
    }
};

} // namespace

PreservedAnalyses Utf8Pass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer("UTF-8");
    GlobalVariable *memory = f.getParent()->getNamedGlobal("anneal_mem0");
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    if (memory && is_own_function(f) && !loops.empty()) {
        SmallVector<Loop *, 8> outermost(loops.begin(), loops.end());
        Search(f, analyses, *memory, unit).run(outermost);
    }
    return PreservedAnalyses::all();
}
