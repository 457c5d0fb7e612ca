/* llvm_tables.cpp: loops that look each byte of a range up in a table, or count how often each is there,
 * replaced by a kernel of jit/patterns.
 *
 * A round loads bytes that follow one another, and for each a place of a table, whose beginning is the same
 * in all rounds. What it loads there is stored in a range of its own, or added to a sum, or goes back
 * increased by one. LLVM makes no vectors of that, or gathers; but a table of 256 bytes fits into registers,
 * and counting goes faster where equal bytes that follow one another do not wait for each other. All of the
 * table must lie inside the memory, although the loop might not look at all of it, and what is written apart
 * from what is read. Other counts - of words, of a part of their bits, in several tables, in other numbers
 * than words - have no kernel, and are listed. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_stretch.h"
#include "llvm_substitute.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

#include <optional>

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr uint64_t places = 256; /* of a table */

/* One loop, and what it does with the table. */
class Table
{
  public:
    enum Kind { STORED, ADDED, COUNTED };
    struct Element {
        LoadInst *byte, *looked_up;
        StoreInst *store; /* null: ADDED */
        int64_t at;       /* behind the first byte of the round */
    };

    Table(Loop &l, ScalarEvolution &se, GlobalVariable &mem)
        : loop(l), evolution(se), memory(mem), block(l.getHeader())
    {
    }

    /* What can be told in little time: one block, bytes, and an address that is made of one. */
    static bool is_possible(const Loop &l)
    {
        const BasicBlock *b = l.getHeader();
        size_t n = 0, bytes = 0, others = 0;
        if (l.getNumBlocks() != 1 || !l.getLoopPreheader() || !l.getUniqueExitBlock() ||
            l.getUniqueExitBlock()->getSinglePredecessor() != b)
            return false;
        for (const Instruction &i : *b) {
            auto *load = dyn_cast<LoadInst>(&i);
            auto *store = dyn_cast<StoreInst>(&i);
            bool simple = (load && load->isSimple()) || (store && store->isSimple());
            if (++n > instructions_most || (!simple && (i.mayHaveSideEffects() || i.mayReadOrWriteMemory())))
                return false;
            bytes += load && load->getType()->isIntegerTy(8);
            others += load && !load->getType()->isIntegerTy(8);
        }
        return bytes && (others == bytes || (others == 0 && bytes % 2 == 0));
    }

    bool is_one()
    {
        return find_elements() && find_kind() && are_in_a_row();
    }

    SmallVector<Element, 8> elements; /* of a round, by address */
    Kind kind = STORED;
    uint64_t entry = 1;         /* bytes of a place of the table */
    PHINode *sum = nullptr;     /* ADDED */
    const SCEV *base = nullptr; /* where the table begins: i32 and beyond that, or all of 64 bits */
    int64_t offset = 0;

    Value *next_sum() const
    {
        return sum ? sum->getIncomingValueForBlock(block) : nullptr;
    }

  private:
    static constexpr size_t instructions_most = 100, elements_most = 16;
    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    BasicBlock *block;

    /* Loads by the address of another load are those of the table. */
    bool find_elements()
    {
        SmallVector<LoadInst *, 16> loads;
        for (Instruction &i : *block) {
            if (auto *load = dyn_cast<LoadInst>(&i))
                loads.push_back(load);
        }
        for (LoadInst *load : loads) {
            auto *goes = dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(load->getPointerOperand()));
            if (goes && goes->getLoop() == &loop)
                elements.push_back({load, nullptr, nullptr, 0});
        }
        if (elements.empty() || elements.size() * 2 != loads.size() || elements.size() > elements_most)
            return false;
        for (Element &e : elements) {
            if (!e.byte->getType()->isIntegerTy(8) ||
                !any_of(loads, [&](LoadInst *l) { return is_looked_up(e, *l); }))
                return false;
        }
        return true;
    }

    bool is_looked_up(Element &e, LoadInst &load)
    {
        const SCEV *from = nullptr;
        int64_t beyond = 0;
        uint64_t bytes = load.getType()->isIntegerTy() ? load.getType()->getIntegerBitWidth() / 8 : 0;
        if (&load == e.byte || !(bytes == 1 || bytes == 4) || !find_base(e, load, bytes, &from, &beyond) ||
            (base && (from != base || beyond != offset || bytes != entry)))
            return false;
        base = from;
        offset = beyond;
        entry = bytes;
        e.looked_up = &load;
        return true;
    }

    /* The address without what the byte adds to it. */
    bool find_base(const Element &e, LoadInst &load, uint64_t bytes, const SCEV **from, int64_t *beyond)
    {
        Value *pointer = load.getPointerOperand();
        const SCEV *byte = evolution.getSCEV(e.byte), *at = nullptr;
        auto without = [&](const SCEV *address, Type *type) {
            const SCEV *wide = evolution.getZeroExtendExpr(byte, type);
            return evolution.getMinusSCEV(address,
                                          evolution.getMulExpr(wide, evolution.getConstant(type, bytes)));
        };
        if (Value *index = memory_index(pointer, &memory, beyond)) {
            at = without(evolution.getSCEV(index), index->getType());
            if (*beyond >= 0 && evolution.isLoopInvariant(at, &loop)) {
                *from = at;
                return true;
            }
        }
        *beyond = 0;
        const SCEV *distance = evolution.getMinusSCEV(evolution.getSCEV(pointer), evolution.getSCEV(&memory));
        if (isa<SCEVCouldNotCompute>(distance))
            return false;
        *from = without(distance, distance->getType());
        return evolution.isLoopInvariant(*from, &loop);
    }

    bool find_kind()
    {
        SmallVector<Instruction *, 16> accesses; /* of the table, and all stores, in order */
        for (Instruction &i : *block) {
            if (isa<StoreInst>(i) || any_of(elements, [&](const Element &e) { return e.looked_up == &i; }))
                accesses.push_back(&i);
        }
        if (accesses.size() == elements.size())
            return entry == 1 && find_sum();
        if (accesses.size() != 2 * elements.size())
            return false;
        kind = elements[0].looked_up->hasOneUse() && isa<StoreInst>(*elements[0].looked_up->user_begin())
                   ? STORED
                   : COUNTED;
        for (Element &e : elements) {
            auto at = find_if(accesses, [&](const Instruction *i) { return is_store_of(e, *i); });
            if (at == accesses.end())
                return false;
            e.store = cast<StoreInst>(*at);
        }
        return kind == STORED ? entry == 1 : entry == 4 && are_counted_in_turn(accesses);
    }

    bool is_store_of(const Element &e, const Instruction &i)
    {
        auto *store = dyn_cast<StoreInst>(&i);
        if (!store || kind == STORED)
            return store && store->getValueOperand() == e.looked_up;
        return match(store->getValueOperand(), m_Add(m_Specific(e.looked_up), m_One())) &&
               evolution.getSCEV(const_cast<Value *>(store->getPointerOperand())) ==
                   evolution.getSCEV(e.looked_up->getPointerOperand());
    }

    /* Each count goes back before the next one is loaded. */
    bool are_counted_in_turn(ArrayRef<Instruction *> accesses) const
    {
        for (size_t k = 0; k < accesses.size(); k += 2) {
            auto is = [&](const Element &e) {
                return e.looked_up == accesses[k] && e.store == accesses[k + 1];
            };
            if (!any_of(elements, is))
                return false;
        }
        return true;
    }

    /* All that is looked up is added to one sum. */
    bool find_sum()
    {
        for (PHINode &phi : block->phis()) {
            sum = &phi;
            if (phi.getType()->isIntegerTy(32) && is_sum(*next_sum())) {
                kind = ADDED;
                return true;
            }
        }
        return false;
    }

    bool is_sum(Value &v)
    {
        SmallVector<Value *, 16> todo{&v};
        SmallPtrSet<Value *, 16> added;
        while (!todo.empty()) {
            Value *one = todo.pop_back_val(), *x = nullptr, *y = nullptr;
            if (one == sum || (match(one, m_ZExt(m_Value(x))) && is_looked_up_value(*x))) {
                if (!added.insert(one == sum ? sum : x).second)
                    return false;
            } else if (match(one, m_Add(m_Value(x), m_Value(y))) && todo.size() < elements_most) {
                todo.append({x, y});
            } else {
                return false;
            }
        }
        return added.contains(sum) && added.size() == elements.size() + 1;
    }

    bool is_looked_up_value(const Value &v) const
    {
        return any_of(elements, [&](const Element &e) { return e.looked_up == &v; });
    }

    /* Bytes follow one another, and so do those that are stored, in the same order. */
    bool are_in_a_row()
    {
        for (Element &e : elements) {
            if (!apart(e.byte->getPointerOperand(), elements[0].byte->getPointerOperand(), &e.at))
                return false;
        }
        sort(elements, [](const Element &a, const Element &b) { return a.at < b.at; });
        int64_t first = elements[0].at;
        for (size_t k = 0; k < elements.size(); k++) {
            Element &e = elements[k];
            int64_t to = 0;
            e.at -= first;
            if (e.at != static_cast<int64_t>(k) ||
                (kind == STORED &&
                 (!apart(e.store->getPointerOperand(), elements[0].store->getPointerOperand(), &to) ||
                  to != e.at)))
                return false;
        }
        return true;
    }

    bool apart(Value *p, Value *q, int64_t *bytes)
    {
        auto *c = dyn_cast<SCEVConstant>(evolution.getMinusSCEV(evolution.getSCEV(p), evolution.getSCEV(q)));
        if (c)
            *bytes = c->getAPInt().getSExtValue();
        return c;
    }
};

/* A loop that counts how often what is made of its elements is there, in whatever table. */
class Counts
{
  public:
    Counts(Loop &l, ScalarEvolution &se, GlobalVariable &mem) : loop(l), evolution(se), memory(mem) {}

    /* Whether all that it stores are numbers of a table, increased by one: where they lie is made of what the
     * round has loaded, by bits, and of nothing else that changes. */
    bool is_one()
    {
        return loop.getLoopLatch() && loop.getNumBlocks() <= blocks_most &&
               !isa<SCEVCouldNotCompute>(evolution.getBackedgeTakenCount(&loop)) && find_accesses() &&
               all_of(loop.getHeader()->phis(), [&](PHINode &phi) { return is_even(&phi); }) &&
               all_of(stores, [&](StoreInst *s) { return is_count(*s); }) &&
               loads.size() == counters.size() + elements.size();
    }

    std::string evidence() const
    {
        std::string type = std::to_string((*elements.begin())->getType()->getIntegerBitWidth());
        return "how often each value of i" + type + " is there, " + std::to_string(stores.size()) +
               (stores.size() == 1 ? " a round" : " a round, in one or several tables");
    }

  private:
    static constexpr size_t blocks_most = 3, instructions_most = 100, stores_most = 16;
    static constexpr unsigned depth_most = 8;
    Loop &loop;
    ScalarEvolution &evolution;
    GlobalVariable &memory;
    SmallVector<StoreInst *, 16> stores;
    SmallPtrSet<LoadInst *, 16> loads, counters, elements;

    bool find_accesses()
    {
        size_t n = 0;
        for (BasicBlock *block : loop.blocks()) {
            for (Instruction &i : *block) {
                auto *load = dyn_cast<LoadInst>(&i);
                auto *store = dyn_cast<StoreInst>(&i);
                bool simple = (load && load->isSimple()) || (store && store->isSimple());
                if (++n > instructions_most ||
                    (!simple && (i.mayHaveSideEffects() || i.mayReadOrWriteMemory())))
                    return false;
                if (load)
                    loads.insert(load);
                if (store)
                    stores.push_back(store);
            }
        }
        return !stores.empty() && stores.size() <= stores_most;
    }

    bool is_even(Value *v)
    {
        auto *s =
            evolution.isSCEVable(v->getType()) ? dyn_cast<SCEVAddRecExpr>(evolution.getSCEV(v)) : nullptr;
        return s && s->getLoop() == &loop && s->isAffine();
    }

    bool is_count(StoreInst &store)
    {
        Value *number = nullptr;
        int64_t beyond = 0;
        if (!match(store.getValueOperand(), m_Add(m_Value(number), m_One())))
            return false;
        auto *load = dyn_cast<LoadInst>(number);
        Value *index = memory_index_of_any(store.getPointerOperand(), &memory, &beyond);
        bool of_element = false;
        if (!load || !load->hasOneUse() || !index || !counters.insert(load).second ||
            evolution.getSCEV(load->getPointerOperand()) != evolution.getSCEV(store.getPointerOperand()))
            return false;
        return is_place(index, depth_most, &of_element) && of_element;
    }

    bool is_place(Value *v, unsigned depth, bool *of_element)
    {
        auto *load = dyn_cast<LoadInst>(v);
        if (loop.isLoopInvariant(v))
            return true;
        if (load) {
            elements.insert(load);
            *of_element = true;
            return load->getType()->isIntegerTy() && is_even(load->getPointerOperand());
        }
        auto *i = dyn_cast<Instruction>(v);
        bool known =
            i && (isa<ZExtInst, SExtInst, TruncInst>(i) ||
                  (isa<BinaryOperator>(i) && !i->isIntDivRem() && !i->getType()->isFPOrFPVectorTy()));
        return known && depth &&
               all_of(i->operands(), [&](Value *o) { return is_place(o, depth - 1, of_element); });
    }
};

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return l.isInnermost() && (Table::is_possible(l) ? known(l) : counts(l));
    }

  private:
    static constexpr uint64_t looked_up_least = 64, counted_least = 2048; /* bytes */

    static uint64_t least(const Table &t)
    {
        return t.kind == Table::COUNTED ? counted_least : looked_up_least;
    }

    bool known(Loop &l)
    {
        Table t(l, evolution, memory);
        Stretch read(l, evolution, memory);
        if (!t.is_one())
            return counts(l);
        if (read.rounds_most() < least(t) / t.elements.size()) /* what an unrolled loop leaves */
            return false;
        struct pattern_site site =
            site_of(unit, function, &l, loops, t.kind == Table::COUNTED ? PATTERN_HISTOGRAM : PATTERN_LOOKUP,
                    evidence(t));
        site.text = Substitution::forbidden(unit, site);
        if (!site.text && t.kind != Table::COUNTED && !kernels.has("+avx512vbmi"))
            site.text = "there is no kernel for this processor";
        site.replaced = !site.text && replace(l, t, read, &site);
        patterns_note(&site);
        return site.replaced;
    }

    /* Nothing is replaced. */
    bool counts(Loop &l)
    {
        Counts c(l, evolution, memory);
        if (!c.is_one())
            return false;
        struct pattern_site site = site_of(unit, function, &l, loops, PATTERN_HISTOGRAM, c.evidence());
        site.text = "there is no kernel for anything but bytes that are counted in one table of words";
        patterns_note(&site);
        return false;
    }

    static std::string evidence(const Table &t)
    {
        static const char *const what[] = {"bytes through a table", "sum of what a table has for bytes",
                                           "how often each byte is there"};
        return std::string(what[t.kind]) + ", " + std::to_string(t.elements.size()) + " a round";
    }

    static const char *kernel_name(const Table &t)
    {
        return t.kind == Table::COUNTED ? "histogram_32"
               : t.kind == Table::ADDED ? "lookup_sum"
                                        : "lookup_bytes";
    }

    bool replace(Loop &l, const Table &t, Stretch &read, struct pattern_site *site)
    {
        Stretch written(l, evolution, memory);
        SmallVector<Value *, 1> left;
        site->text = "how often it runs, or where its bytes or the table lie, is not known before it";
        uint64_t n = t.elements.size();
        const Table::Element &first = t.elements.front();
        if (!read.find(first.byte->getPointerOperand(), n, loops, dominators) ||
            (t.kind == Table::STORED &&
             !written.find(first.store->getPointerOperand(), n, loops, dominators)) ||
            !read.is_known(t.base))
            return false;
        if (t.sum)
            left.push_back(t.next_sum());
        if (!read.find_results(left, &site->text))
            return false;
        site->text = kernel_name(t);
        Substitution s(read.before(), memory, unit);
        IRBuilder<> &b = s.builder();
        read.require(s);
        s.require(b.CreateICmpUGE(read.bytes, s.number(least(t))));
        s.reads(read.range, RT_SITE_BITS);
        Substitution::Range table = range_of(s, t, read);
        SmallVector<Value *, 4> arguments = {s.pointer(table.from), s.pointer(read.range.from), read.bytes};
        if (t.kind == Table::COUNTED) {
            s.require_disjoint(table, read.range);
            s.writes(table, RT_SITE_BITS);
        } else {
            s.reads(table, RT_SITE_BITS);
        }
        if (t.kind == Table::STORED) {
            written.require(s);
            s.require_disjoint(table, written.range);
            s.require(b.CreateOr(b.CreateICmpULE(written.range.from, read.range.from),
                                 b.CreateICmpUGE(written.range.from, read.range.to)));
            s.writes(written.range, RT_SITE_BITS);
            arguments.push_back(s.pointer(written.range.from));
        }
        if (t.kind == Table::ADDED)
            arguments.push_back(t.sum->getIncomingValueForBlock(l.getLoopPreheader()));
        s.finish(*site, kernels.copy_for(function, site->text, arguments), arguments, read.end(),
                 read.results(s));
        return true;
    }

    Substitution::Range range_of(Substitution &s, const Table &t, Stretch &stretch)
    {
        IRBuilder<> &b = s.builder();
        Value *from = b.CreateZExt(stretch.expand(s, t.base), b.getInt64Ty());
        from = b.CreateAdd(from, s.number(static_cast<uint64_t>(t.offset)));
        Substitution::Range table = {from, b.CreateAdd(from, s.number(places * t.entry))};
        s.require_inside(table, static_cast<uint64_t>(t.offset));
        return table;
    }
};

} // namespace

PreservedAnalyses TablesPass::run(Module &m, ModuleAnalysisManager &modules)
{
    return replace_loops<Search>("tables", m, modules, machine, unit);
}
