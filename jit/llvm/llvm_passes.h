/* llvm_passes.h: passes of our own that stand in files of their own; C++. */
#ifndef JIT_LLVM_PASSES_H
#define JIT_LLVM_PASSES_H

#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

namespace llvm
{
class DominatorTree;
class GlobalVariable;
class Instruction;
class TargetMachine;
class Value;
} // namespace llvm
struct llvm_unit;
class MapPlaces;

/* Makes addresses of linear memory 64 bits wide where that cannot be told from wrapping around at 32; see
 * llvm_addresses.cpp. Only for code whose memory 0 is at its fixed place and stays below RT_SHORT_MEMORY. */
class WideAddressesPass : public llvm::PassInfoMixin<WideAddressesPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Takes software rounding, half away from zero, for the operation that it is; see llvm_rounding.cpp. */
class RoundingPass : public llvm::PassInfoMixin<RoundingPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Decides branches to traps of conversions where a range shows which way they go; see llvm_ranges.cpp. */
class RangesPass : public llvm::PassInfoMixin<RangesPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* The 32-bit index of an address, if it is memory + zext(index) + constants; adds these to *offset. NULL: it
 * is not. */
llvm::Value *memory_index(llvm::Value *pointer, const llvm::GlobalVariable *memory, int64_t *offset);
/* The same of an index of 64 bits, whatever it is; and of which number of 32 bits it is the extension, or
 * null. */
llvm::Value *memory_index_of_any(llvm::Value *pointer, const llvm::GlobalVariable *memory, int64_t *offset);
llvm::Value *extended_from(llvm::Value *index);

/* For two accesses of memory 0: whether `first` is over wherever `i` is reached, or follows whatever happens,
 * with nothing written from `i` on: then `i` may trap in its place. */
bool traps_before(const llvm::Instruction &first, const llvm::Instruction &i,
                  const llvm::DominatorTree &dominators);

/* Where `traps` holds, `before`, which has no end yet, goes on to a copy of the instructions from `from` to
 * the store `last`, which is going to trap; else to `usual`. `copied`: what stands for values in the copy.
 * Returns its block. */
llvm::BasicBlock *copy_where_it_traps(llvm::BasicBlock &before, llvm::Value *traps, llvm::BasicBlock &usual,
                                      llvm::Instruction &from, llvm::Instruction &last,
                                      llvm::ValueToValueMapTy &copied);

/* Takes constants out of 32-bit sums that are addresses of memory 0, under the same conditions, and into the
 * access; see llvm_offsets.cpp. */
class OffsetsPass : public llvm::PassInfoMixin<OffsetsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Has the vectoriser compare addresses of accesses with different strides; see llvm_apart.cpp. Right
 * before it. */
class ApartPass : public llvm::PassInfoMixin<ApartPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Has readers of bits take more of them without a branch; see llvm_refill.cpp. Behind OffsetsPass, and only
 * for code of the one instance at its fixed place. */
class RefillPass : public llvm::PassInfoMixin<RefillPass>
{
  public:
    explicit RefillPass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
};

/* Has inner loops that outer counters end count their rounds; see llvm_exits.cpp. */
class ExitsPass : public llvm::PassInfoMixin<ExitsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Marks small nests whose inner loop runs less often in each round to be unrolled; see llvm_triangles.cpp. */
class TrianglesPass : public llvm::PassInfoMixin<TrianglesPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Makes differences of counters that go down by exclusive or; see llvm_reversed.cpp. */
class ReversedPass : public llvm::PassInfoMixin<ReversedPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Gives functions with loops that compute much vectors of 512 bits; see llvm_wide.cpp. */
class WideVectorsPass : public llvm::PassInfoMixin<WideVectorsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Has loops count their rounds where LLVM could not tell how many there are; see llvm_counts.cpp. Under the
 * condition of WideAddressesPass. Those that end where two numbers are the same are others: behind
 * RerollPass, which knows them as they are. */
class CountsPass : public llvm::PassInfoMixin<CountsPass>
{
  public:
    explicit CountsPass(bool equality = false) : ends_at_equality(equality) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    bool ends_at_equality;
};

/* Simplifies what loops over iterators carry and test; see llvm_iterators.cpp. Under the condition of
 * WideAddressesPass; loops must be in simplified form. */
class IteratorsPass : public llvm::PassInfoMixin<IteratorsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Makes truths of numbers that are nothing else; see llvm_iterators.cpp. In front of SimplifyCFG, which has a
 * way on which one is known not meet the others. */
class TruthsPass : public llvm::PassInfoMixin<TruthsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Puts the exits of unrolled loops at their ends; see llvm_turn.cpp. */
class TurnPass : public llvm::PassInfoMixin<TurnPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Has nests of loops run without checks of bounds where all of them hold; see llvm_bounds.cpp. */
class BoundsPass : public llvm::PassInfoMixin<BoundsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Rolls loops up that were unrolled before they came here; see llvm_reroll.cpp. */
class RerollPass : public llvm::PassInfoMixin<RerollPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Puts rounds that stand in front of a loop, where it was unrolled, back into it; see llvm_peeled.cpp. Behind
 * RerollPass, under the condition of WideAddressesPass. */
class PeeledPass : public llvm::PassInfoMixin<PeeledPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Makes scalar loops of loops with vectors of 128 bits, where LLVM can make longer vectors of those; see
 * llvm_lanes.cpp. */
class LanesPass : public llvm::PassInfoMixin<LanesPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Puts kernels of jit/patterns in the place of loops that do what they do; see llvm_patterns.cpp. Under the
 * same condition. */
class PatternsPass : public llvm::PassInfoMixin<PatternsPass>
{
  public:
    PatternsPass(llvm::TargetMachine &tm, const struct llvm_unit &u, bool relaxed)
        : machine(tm), unit(u), fp_relaxed(relaxed)
    {
    }
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
    bool fp_relaxed;
};

/* Lists sums, and with --fp=relaxed lets LLVM reorder those of floating point whose order nothing observes;
 * see llvm_sums.cpp. Behind PatternsPass. */
class SumsPass : public llvm::PassInfoMixin<SumsPass>
{
  public:
    explicit SumsPass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
};

/* Has loops that count bits of a number, or look for one, be the operation that does it; see llvm_bits.cpp.
 */
class BitsPass : public llvm::PassInfoMixin<BitsPass>
{
  public:
    explicit BitsPass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
};

/* Has loops that look for something take many elements at a time; see llvm_search.cpp. Under the same
 * condition. */
class SearchPass : public llvm::PassInfoMixin<SearchPass>
{
  public:
    explicit SearchPass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
};

/* Has kernels of jit/patterns do the work of loops that copy or fill memory; see llvm_copies.cpp. Under the
 * same condition. */
class CopiesPass : public llvm::PassInfoMixin<CopiesPass>
{
  public:
    CopiesPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Puts kernels of jit/patterns in the place of functions and rounds of loops that are known by what they
 * compute; see llvm_known.cpp. Under the same condition; before functions are inlined. */
class KnownPass : public llvm::PassInfoMixin<KnownPass>
{
  public:
    KnownPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Puts kernels of jit/patterns in the place of loops that compute checksums; see llvm_checksum.cpp. Under the
 * same condition. */
class ChecksumPass : public llvm::PassInfoMixin<ChecksumPass>
{
  public:
    ChecksumPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Puts kernels of jit/patterns in the place of loops that look for the greatest or least number; see
 * llvm_extremes.cpp. Under the same condition. */
class ExtremesPass : public llvm::PassInfoMixin<ExtremesPass>
{
  public:
    ExtremesPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Puts kernels of jit/patterns in the place of loops that look bytes up in a table, or count them; see
 * llvm_tables.cpp. Under the same condition. */
class TablesPass : public llvm::PassInfoMixin<TablesPass>
{
  public:
    TablesPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Has a kernel of jit/patterns do rounds of loops that write bytes as letters, six bits each, or read them;
 * see llvm_base64.cpp. Under the same condition. */
class Base64Pass : public llvm::PassInfoMixin<Base64Pass>
{
  public:
    Base64Pass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Lists loops that tell UTF-8 from other bytes; see llvm_utf8.cpp. Changes nothing. */
class Utf8Pass : public llvm::PassInfoMixin<Utf8Pass>
{
  public:
    explicit Utf8Pass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
};

/* Has loops over text pass over bytes of ASCII many at a time; see llvm_text.cpp. Under the same condition.
 */
class TextPass : public llvm::PassInfoMixin<TextPass>
{
  public:
    TextPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Marks calls in loops, of functions that are curves like exp, before functions are inlined; see
 * llvm_curves.cpp. NetworksPass takes the marks away. */
class CurvesPass : public llvm::PassInfoMixin<CurvesPass>
{
  public:
    explicit CurvesPass(const struct llvm_unit &u) : unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &modules);

  private:
    const struct llvm_unit &unit;
};

/* Makes vectors of loops that call such a function for each element; see llvm_elements.cpp. */
class ElementsPass : public llvm::PassInfoMixin<ElementsPass>
{
  public:
    ElementsPass(llvm::TargetMachine &tm, const struct llvm_unit &u) : machine(tm), unit(u) {}
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &analyses);
    static bool isRequired()
    {
        return true;
    }

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
};

/* Lists what neural networks are made of where it goes through such calls; see llvm_networks.cpp. */
class NetworksPass : public llvm::PassInfoMixin<NetworksPass>
{
  public:
    NetworksPass(const struct llvm_unit &u, MapPlaces &p) : unit(u), places(p) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
    static bool isRequired()
    {
        return true;
    }

  private:
    const struct llvm_unit &unit;
    MapPlaces &places;
};

/* Lists convolutions; see llvm_convolution.cpp. Behind all searches that replace something. */
class ConvolutionPass : public llvm::PassInfoMixin<ConvolutionPass>
{
  public:
    ConvolutionPass(const struct llvm_unit &u, MapPlaces &p) : unit(u), places(p) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
    MapPlaces &places;
};

/* Has kernels of jit/patterns do rounds of loops whose form is known; see llvm_rounds.cpp. Under the same
 * condition; before functions are inlined. */
class RoundsPass : public llvm::PassInfoMixin<RoundsPass>
{
  public:
    /* `look`, if there is one: only says in which functions they are. */
    RoundsPass(llvm::TargetMachine &tm, const struct llvm_unit &u, std::function<void(uint32_t)> look = {})
        : machine(tm), unit(u), only(std::move(look))
    {
    }
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &modules);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
    std::function<void(uint32_t)> only;
};

/* Has kernels of jit/patterns do the work of library functions whose form is known; see llvm_library.cpp.
 * Under the same condition, before all other passes; `s`: those that a function goes through before its form
 * is taken. */
class LibraryPass : public llvm::PassInfoMixin<LibraryPass>
{
  public:
    LibraryPass(llvm::TargetMachine &tm, const struct llvm_unit &u, llvm::FunctionPassManager (*s)())
        : machine(tm), unit(u), simplify(s)
    {
    }
    llvm::PreservedAnalyses run(llvm::Module &m, llvm::ModuleAnalysisManager &modules);

  private:
    llvm::TargetMachine &machine;
    const struct llvm_unit &unit;
    llvm::FunctionPassManager (*simplify)();
};

/* Takes tests for NaN away that the processor's conversions do not need; see llvm_conversions.cpp. Behind the
 * vectoriser. */
class ConversionsPass : public llvm::PassInfoMixin<ConversionsPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

/* Extends addresses to 64 bits where they are made, behind all other passes; see llvm_extend.cpp. */
class ExtendPass : public llvm::PassInfoMixin<ExtendPass>
{
  public:
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
};

#endif
