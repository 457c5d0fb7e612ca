/* llvm_maps.h: loops that make elements of arrays from those of others, one by one, and what LLVM's
 * vectoriser says that it made of them. C++. */
#ifndef JIT_LLVM_MAPS_H
#define JIT_LLVM_MAPS_H

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/IR/PassManager.h"

#include <vector>

namespace llvm
{
class BasicBlock;
class DiagnosticInfoIROptimization;
class Instruction;
} // namespace llvm
struct llvm_unit;
struct pattern_site;

/* Metadata of listed loops, with their number. LLVM keeps it on the vector loop and on what remains. */
#define LOOP_IS_MAP "anneal.map"

/* Metadata of loops that have come to be by taking sums out of them: they are listed for these. */
#define LOOP_TAKES_SUMS "anneal.takes_sums"

/* The offset in the file that ir_memory.c has left on an access of linear memory (llvm_substitute.cpp); 0:
 * none. */
uint32_t offset_of(const llvm::Instruction &i);

/* The places of one compilation. Listens to what the vectoriser remarks while it runs, about loops that are
 * listed here; all else goes where it went before. Belongs to the context. */
class MapPlaces : public llvm::DiagnosticHandler
{
  public:
    /* Has `context` tell a new one what becomes of loops, when `callbacks` say that the vectoriser runs. */
    static MapPlaces &listen(llvm::LLVMContext &context, llvm::PassInstrumentationCallbacks &callbacks);
    ~MapPlaces() override;

    /* What is said of a loop until the vectoriser has said something. */
    static const char no_reason[];

    /* Lists a place, as one that stays as it is until the vectoriser has said otherwise. */
    void add(llvm::Loop &l, const struct pattern_site &site);

    bool handleDiagnostics(const llvm::DiagnosticInfo &d) override;
    bool isAnalysisRemarkEnabled(llvm::StringRef pass) const override;
    bool isMissedOptRemarkEnabled(llvm::StringRef pass) const override;
    bool isPassedOptRemarkEnabled(llvm::StringRef pass) const override;
    bool isAnyRemarkEnabled() const override;

  private:
    std::vector<struct pattern_site> sites; /* by the number in the loop's metadata */
    bool running = false;

    explicit MapPlaces(const llvm::DiagnosticHandler &before);
    struct pattern_site *site_of(const llvm::BasicBlock &b);
    void learn(const llvm::DiagnosticInfoIROptimization &remark);
};

/* Lists maps. In front of the vectoriser, so that loops have the form that it sees. */
class MapsPass : public llvm::PassInfoMixin<MapsPass>
{
  public:
    MapsPass(const struct llvm_unit &u, MapPlaces &p) : unit(u), places(p) {}
    llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);

  private:
    const struct llvm_unit &unit;
    MapPlaces &places;
};

#endif
