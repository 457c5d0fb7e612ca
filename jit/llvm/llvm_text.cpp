/* llvm_text.cpp: loops over text in which a byte below 0x80, but not one that is 0x80, makes a round that
 * only goes on pass over such bytes many at a time: checks of UTF-8, counts of its code points, and what else
 * treats other bytes apart.
 *
 * A round is executed on words (llvm_advance.h), with bytes that lack their highest bit. If it comes back to
 * the loop's header, has stored nothing, and all that the loop carries has gone on by constants, so many
 * rounds as there are such bytes can be left out: the carried values go on by as many steps. The loop may go
 * on only with some of these bytes, not with 0, say, or a quote; up to two others end the run.
 *
 * At the header stand tests of the next 32 bytes, and a kernel of jit/patterns that goes on behind them.
 * After a try that has not gained much the loop does some rounds of its own before the next one. Nothing is
 * stored, and all that is read lies in the memory, so that nobody can tell. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include <cstring>
#include <string>

#include "llvm_advance.h"
#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace llvm::PatternMatch;

namespace
{

constexpr uint64_t no_high_bit = 0x7f;
constexpr uint64_t at_once = 32; /* bytes */

/* One round of a loop. */
class Text
{
  public:
    /* What is known of bytes: that they lack their highest bit, that they have no other one, or nothing. */
    enum Bytes { ASCII, HIGHEST_BIT, ANY };
    Text(Loop &l, ScalarEvolution &se, GlobalVariable &mem, Bytes bytes) : advance(l, se, mem)
    {
        Execution &e = advance.execution;
        if (bytes == ASCII)
            e.known_bits = [this](Execution::Place p, unsigned bits) {
                return bits == 8 && advance.is_carried(p.first) ? no_high_bit : ~uint64_t(0);
            };
        if (bytes == HIGHEST_BIT)
            e.known_word = [this](Execution::Place p, unsigned bits, Word *w) {
                *w = advance.words.constant(0x80);
                return bits == 8 && advance.is_carried(p.first);
            };
        advance.known = [this](const ICmpInst &i, Word a, uint64_t b, std::optional<bool>, bool *is) {
            return except(i, a, b, is);
        };
    }

    bool goes_on()
    {
        return advance.run() && advance.rows.size() == 1 && advance.others.empty() && !row().written &&
               row().step <= step_most && row().to - row().from <= step_most;
    }

    /* Whether rounds do the same with other bytes. */
    bool is_same(Text &other) const
    {
        auto same = [](const Advance::Step &x, const Advance::Step &y) {
            return x.phi == y.phi && x.by == y.by;
        };
        const auto &theirs = other.advance.steps;
        return other.advance.run() && theirs.size() == advance.steps.size() &&
               std::equal(theirs.begin(), theirs.end(), advance.steps.begin(), same);
    }

    const Advance::Row &row() const
    {
        return advance.rows[0];
    }

    Advance advance;
    SmallVector<uint64_t, 2> others; /* bytes that end a run, too */

  private:
    static constexpr int64_t step_most = 16;
    static constexpr size_t others_most = 2;

    /* Bytes that something is compared with are taken for others. */
    bool except(const ICmpInst &i, Word a, uint64_t b, bool *is)
    {
        Words &words = advance.words;
        ArrayRef<Words::Part> parts = words.parts(a);
        if (!i.isEquality() || b > 0x7f || parts.size() != 1 || words.factors(parts[0].product).size() != 1)
            return false;
        Words::Factor f = words.factors(parts[0].product)[0];
        const Leaf *l = advance.execution.leaf(words.leaf_of(f.atom));
        if (!l || l->kind != Leaf::BYTE || f.by || (parts[0].mask | 0x80) != 0xff ||
            !advance.is_carried(l->place.first))
            return false;
        if (!is_contained(others, b))
            others.push_back(b);
        *is = i.getPredicate() == ICmpInst::ICMP_NE;
        return others.size() <= others_most;
    }
};

/* What can be told in little time: the first thing that is loaded and asked for is a byte, or a few, and
 * there is more than one way through the loop, or nobody else can count its rounds. */
bool is_possible(const Loop &l, ScalarEvolution &evolution)
{
    constexpr size_t instructions_most = 30;
    size_t n = 0;
    if (!l.getLoopPreheader() || !l.getLoopLatch())
        return false;
    const BasicBlock *b = l.getHeader();
    for (bool loaded = false; b; b = b->getSingleSuccessor()) {
        for (const Instruction &i : *b) {
            auto *load = dyn_cast<LoadInst>(&i);
            loaded |= load && load->isSimple() && load->getType()->isIntegerTy();
            if (++n > instructions_most || (i.mayHaveSideEffects() && !load))
                return false;
        }
        if (loaded)
            break;
    }
    return b && !(l.getNumBlocks() == 1 && !isa<SCEVCouldNotCompute>(evolution.getBackedgeTakenCount(&l)));
}

/* Whether the loop ends with the first byte that is something else: llvm_search.cpp knows more of those. */
bool is_search(const Loop &l, const Text &t)
{
    auto adds = [&](const PHINode &phi) {
        return match(phi.getIncomingValueForBlock(l.getLoopLatch()),
                     m_Add(m_Specific(&phi), m_ConstantInt()));
    };
    return l.isInnermost() && t.advance.execution.passed.size() == l.getNumBlocks() &&
           all_of(l.getHeader()->phis(), adds);
}

/* The tests at the header of one loop. */
class Run
{
  public:
    Run(Function &f, Text &t, GlobalVariable &mem, const struct llvm_unit &u, Kernels &k)
        : function(f), text(t), loop(t.advance.loop), header(*loop.getHeader()), memory(mem), unit(u),
          kernels(k), b(f.getContext())
    {
    }

    void insert()
    {
        BasicBlock *before = loop.getLoopPreheader(), *latch = loop.getLoopLatch();
        rest = SplitBlock(&header, header.getFirstNonPHIIt());
        if (latch == &header)
            latch = rest;
        SmallVector<PHINode *, 8> carried;
        for (PHINode &phi : header.phis())
            carried.push_back(&phi);
        header.getTerminator()->eraseFromParent();
        b.SetInsertPoint(&header, header.getFirstNonPHIIt());
        PHINode *wait = b.CreatePHI(b.getInt32Ty(), 2);
        attempt = block();
        leave_out = block();
        b.CreateCondBr(b.CreateIsNull(wait), attempt, leave_out);
        b.SetInsertPoint(leave_out);
        Value *less = b.CreateSub(wait, b.getInt32(1));
        b.CreateBr(rest);
        Value *rounds = try_run();
        Value *much = b.CreateICmpUGE(b.CreateMul(rounds, number(step())), number(gained_least));
        Value *again = b.CreateSelect(much, b.getInt32(0), b.getInt32(rounds_between));
        BasicBlock *last = b.GetInsertBlock();
        SmallVector<std::pair<PHINode *, Value *>, 8> moved;
        for (PHINode *phi : carried)
            moved.push_back({phi, later(*phi, rounds)});
        b.CreateBr(rest);
        b.SetInsertPoint(rest, rest->begin());
        for (auto &[phi, value] : moved)
            merge(*phi, *value, *last);
        PHINode *next = b.CreatePHI(b.getInt32Ty(), 2);
        next->addIncoming(again, last);
        next->addIncoming(less, leave_out);
        wait->addIncoming(b.getInt32(0), before);
        wait->addIncoming(next, latch);
    }

  private:
    static constexpr uint64_t gained_least = 8; /* bytes */
    static constexpr uint32_t rounds_between = 16;
    Function &function;
    Text &text;
    Loop &loop;
    BasicBlock &header;
    GlobalVariable &memory;
    const struct llvm_unit &unit;
    Kernels &kernels;
    IRBuilder<> b;
    BasicBlock *rest = nullptr, *attempt = nullptr, *leave_out = nullptr;
    SmallVector<BasicBlock *, 5> made;
    Value *at = nullptr, *room = nullptr, *most = nullptr;

    uint64_t step() const
    {
        return static_cast<uint64_t>(text.row().step);
    }

    Value *number(uint64_t n)
    {
        return b.getInt64(n);
    }

    BasicBlock *block()
    {
        made.push_back(BasicBlock::Create(function.getContext(), "", &function, rest));
        return made.back();
    }

    uint32_t other(size_t k) const
    {
        return static_cast<uint32_t>(k < text.others.size() ? text.others[k] : 0x80);
    }

    /* Rounds that can be left out. */
    Value *try_run()
    {
        BasicBlock *look = block(), *further = block(), *enough = block();
        b.SetInsertPoint(attempt);
        Instruction *end = b.CreateUnreachable();
        AdvanceValues v(text.advance, memory, unit, end, [](Value *x) { return x; });
        const Advance::Row &row = text.row();
        Value *from = v.start(row);
        most = v.certain();
        room = v.b.CreateSub(v.tools.memory_bytes(), from);
        Value *begins = v.b.CreateAnd(v.begins(row, from), v.b.CreateICmpSGE(room, number(at_once)));
        at = v.tools.pointer(from);
        v.b.CreateCondBr(begins, look, enough);
        end->eraseFromParent();

        b.SetInsertPoint(look);
        Value *first = look_at();
        b.CreateCondBr(b.CreateICmpEQ(first, number(at_once)), further, enough);
        b.SetInsertPoint(further);
        Value *more = b.CreateAdd(run_on(), number(at_once));
        b.CreateBr(enough);

        b.SetInsertPoint(enough);
        PHINode *bytes = b.CreatePHI(b.getInt64Ty(), 3);
        bytes->addIncoming(number(0), attempt);
        bytes->addIncoming(first, look);
        bytes->addIncoming(more, further);
        return b.CreateBinaryIntrinsic(Intrinsic::umin, rounds_of(bytes), most);
    }

    /* How many of the next bytes make rounds that can be left out. */
    Value *look_at()
    {
        Type *type = FixedVectorType::get(b.getInt8Ty(), at_once);
        auto same = [&](uint64_t n) { return ConstantInt::get(type, n); };
        Value *x = b.CreateAlignedLoad(type, at, Align(1)), *ends = b.CreateICmpSLT(x, same(0));
        for (uint64_t n : text.others)
            ends = b.CreateOr(ends, b.CreateICmpEQ(x, same(n)));
        Value *mask = b.CreateBitCast(ends, b.getIntNTy(at_once));
        return b.CreateZExt(b.CreateBinaryIntrinsic(Intrinsic::cttz, mask, b.getFalse()), b.getInt64Ty());
    }

    /* The same behind these, as far as rounds are known and the memory goes. */
    Value *run_on()
    {
        Value *sure = b.CreateBinaryIntrinsic(Intrinsic::umin, most, number(uint64_t(1) << 32));
        Value *wanted = b.CreateAdd(b.CreateMul(sure, number(step())), number(behind()));
        Value *n = b.CreateBinaryIntrinsic(Intrinsic::umin, wanted, room);
        n = b.CreateSub(n, number(at_once));
        SmallVector<Value *, 4> arguments = {b.CreateGEP(b.getInt8Ty(), at, number(at_once)), n,
                                             b.getInt32(other(0)), b.getInt32(other(1))};
        Function *kernel = kernels.copy_for(function, "ascii_run", arguments);
        CallInst *call = b.CreateCall(kernel, arguments);
        call->setCallingConv(kernel->getCallingConv());
        return call;
    }

    /* Bytes that a round looks at behind those by which it goes on. */
    uint64_t behind() const
    {
        int64_t more = text.row().to - text.row().from - text.row().step;
        return more > 0 ? static_cast<uint64_t>(more) : 0;
    }

    Value *rounds_of(Value *bytes)
    {
        Value *own = b.CreateBinaryIntrinsic(Intrinsic::usub_sat, bytes, number(behind()));
        return b.CreateUDiv(own, number(step()));
    }

    Value *later(PHINode &phi, Value *rounds)
    {
        for (const Advance::Step &s : text.advance.steps) {
            if (s.phi == &phi)
                return AdvanceValues::later(b, s, &phi, rounds);
        }
        return &phi;
    }

    /* What stands behind the header uses what the run has left. */
    void merge(PHINode &before, Value &after, BasicBlock &last)
    {
        if (&after == &before)
            return;
        PHINode *both = b.CreatePHI(before.getType(), 2);
        before.replaceUsesWithIf(both, [&](const Use &u) {
            auto *user = cast<Instruction>(u.getUser());
            return user != both && !is_contained(made, user->getParent());
        });
        both->addIncoming(&after, &last);
        both->addIncoming(&before, leave_out);
    }
};

/* A loop that is known to tell UTF-8 from other bytes stays listed so, with this kernel. */
void keep_name(struct pattern_site *site)
{
    uint32_t n;
    const struct pattern_site *sites = patterns_sites(&n);
    for (const struct pattern_site &s : ArrayRef(sites, n)) {
        if (s.owner == site->owner && s.func == site->func && s.at == site->at && s.pattern == PATTERN_UTF8) {
            site->pattern = s.pattern;
            memcpy(site->evidence, s.evidence, sizeof s.evidence);
        }
    }
}

class Search : Surroundings
{
  public:
    using Surroundings::Surroundings;

    bool replaces(Loop &l)
    {
        return is_possible(l, evolution) && known(l);
    }

  private:
    bool known(Loop &l)
    {
        Text text(l, evolution, memory, Text::ASCII);
        if (!text.goes_on() || is_search(l, text))
            return false;
        Text highest(l, evolution, memory, Text::HIGHEST_BIT), any(l, evolution, memory, Text::ANY);
        if (text.is_same(highest) || text.is_same(any))
            return false;
        std::string evidence = "bytes below 0x80 only go on, " + std::to_string(text.row().step) + " a round";
        for (uint64_t n : text.others)
            evidence += ", but for " + std::to_string(n);
        struct pattern_site site = site_of(unit, function, &l, loops, PATTERN_TEXT, evidence);
        site.replaced = true;
        site.text = "ascii_run";
        keep_name(&site);
        Run(function, text, memory, unit, kernels).insert();
        patterns_note(&site);
        return true;
    }
};

} // namespace

PreservedAnalyses TextPass::run(Module &m, ModuleAnalysisManager &modules)
{
    if (!machine.getMCSubtargetInfo()->checkFeatures("+avx2"))
        return PreservedAnalyses::all();
    return replace_loops<Search>("text", m, modules, machine, unit);
}
