/* llvm_pipeline.cpp: the processor, target machines and pass pipelines. C++ because the C API can neither
 * stop a pipeline when its time is up, nor set target options. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "cpu_features.h"
#include "heap.h"
#include "plat.h"
}

#include <cstring>
#include <new>
#include <string>

#include "llvm_maps.h"
#include "llvm_passes.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/Analysis/InlineCost.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Inliner.h"
#include "llvm/Transforms/IPO/SCCP.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/Reassociate.h"
#include "llvm/Transforms/Scalar/SCCP.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/Mem2Reg.h"

using namespace llvm;

static const char triple_text[] = "x86_64-unknown-linux-gnu";

static void on_fatal(void *, const char *reason, bool)
{
    llvm_fatal(BAILOUT_LLVM_FATAL, reason);
}

static void on_no_memory(void *, const char *, bool)
{
    llvm_fatal(BAILOUT_NO_MEMORY, "out of memory in LLVM");
}

static void on_new_failed()
{
    llvm_fatal(BAILOUT_NO_MEMORY, "out of memory in LLVM");
}

void llvm_pipeline_init(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    const char *options[] = {
        "llvm",
        /* Every instruction of a function runs inside its frame: backtraces and the profiler miss no caller.
         */
        "-enable-shrink-wrap=false",
        /* A store in a loop stays there, and the code generator keeps the order of stores (see moves_stores).
         */
        "-disable-licm-promotion",
        "-combiner-global-alias-analysis=false",
        "-enable-aa-sched-mi=false",
        /* In functions of 100 KB and more these take minutes: looking for chains of values to keep in mask
         * registers, and shortening a constant's live range anew for each of its copies. */
        "-disable-x86-domain-reassignment",
        "-late-remat-update-threshold=4",
        /* CodeGenPrepare goes on with what it changed, as LLVM has it from 10,000 blocks on; below that it
         * begins with the first block again after each change (decision 0064). */
        "-cgpp-huge-func=0",
    };
    cl::ParseCommandLineOptions(sizeof options / sizeof *options, options);
    install_fatal_error_handler(on_fatal);
    install_bad_alloc_error_handler(on_no_memory);
    std::set_new_handler(on_new_failed);
}

void llvm_pipeline_fatal(void)
{
    report_fatal_error("asked for by a test", false);
}

/* --- The processor. --- */

static char *copy(const std::string &s)
{
    char *p = static_cast<char *>(heap_alloc(s.size() + 1));
    if (!p)
        llvm_bail(BAILOUT_NO_MEMORY, "out of memory");
    memcpy(p, s.c_str(), s.size() + 1);
    return p;
}

void llvm_pipeline_cpu(const char *cpu, char **name, char **features)
{
    SubtargetFeatures list;
    std::string cpu_name = cpu;
    if (cpu_name == "native") {
        cpu_name = sys::getHostCPUName().str();
        for (const auto &f : sys::getHostCPUFeatures())
            list.AddFeature(f.first(), f.second);
    }
    /* Gathers lose against scalar loads and inserts on most processors. How long vectors may be is part of
     * what LLVM knows of each processor: 512 bits cost clock rate on some. */
    list.AddFeature("prefer-no-gather");
    *name = copy(cpu_name);
    *features = copy(list.getString());
}

/* What LLVM doesn't know of a processor; see llvm_processors.def. */
struct Traits {
    bool jumps_in_32, waits_for_stores;
};

static Traits traits_of(const TargetMachine &tm)
{
#define PROCESSOR(name, jumps_in_32, waits_for_stores)                                                       \
    if (tm.getTargetCPU() == (name))                                                                         \
        return {jumps_in_32, waits_for_stores};
#include "llvm_processors.def"
#undef PROCESSOR
    return {false, false};
}

/* --- Target machines. --- */

static CodeGenOptLevel codegen_level(enum jit_tier tier)
{
    switch (tier) {
    case TIER_O1: return CodeGenOptLevel::Less;
    case TIER_O2: return CodeGenOptLevel::Default;
    case TIER_O3: return CodeGenOptLevel::Aggressive;
    default: return CodeGenOptLevel::None;
    }
}

LLVMTargetMachineRef llvm_pipeline_target(enum jit_tier tier, const struct llvm_target *t)
{
    std::string error;
    const Target *target = TargetRegistry::lookupTarget(triple_text, error);
    if (!target)
        return nullptr;
    TargetOptions options;
    options.AllowFPOpFusion = FPOpFusion::Strict;
    options.TrapUnreachable =
        true; /* a return address behind a call that does not return stays in its function */
    return reinterpret_cast<LLVMTargetMachineRef>(
        target->createTargetMachine(triple_text, t->cpu, t->features, options, Reloc::Static,
                                    CodeModel::Small, codegen_level(tier), true));
}

/* What of LLVM's list is not in ours is about speed. */
void llvm_pipeline_features(LLVMTargetMachineRef tm, struct cpu_features *out)
{
    const MCSubtargetInfo *s = reinterpret_cast<TargetMachine *>(tm)->getMCSubtargetInfo();
    for (const SubtargetFeatureKV &f : s->getAllProcessorFeatures()) {
        int row = s->getFeatureBits().test(f.Value) ? cpu_feature_find(f.Key, strlen(f.Key)) : -1;
        if (row >= 0)
            cpu_features_add(out, row);
    }
}

/* --- Passes. --- */

/* The region of ir_priv.h that an access is tagged with. */
static StringRef region(const Instruction &i)
{
    const MDNode *access = i.getMetadata(LLVMContext::MD_tbaa);
    return access ? cast<MDString>(cast<MDNode>(access->getOperand(0))->getOperand(0))->getString() : "";
}

/* Whether every path from a value's definition uses it. LLVM sinks a load towards uses that only some paths
 * have, and on the others nothing would trap. */
class Consumption
{
  public:
    bool on_every_path(Instruction &i)
    {
        auto known = results.try_emplace(&i, true); /* in a cycle of phis: what the rest of it says */
        if (!known.second)
            return known.first->second;
        bool result = compute(i);
        results[&i] = result;
        return result;
    }

  private:
    static constexpr unsigned blocks_looked_at = 64; /* then: no */
    struct Uses {
        SmallPtrSet<const BasicBlock *, 8> blocks;
        SmallSet<std::pair<const BasicBlock *, const BasicBlock *>, 4> edges; /* of phis */
    };
    DenseMap<const Instruction *, bool> results;

    /* Where its operands are needed, whatever becomes of its result. Loads stay: unused ones as volatile. */
    static bool is_end(const Instruction &i)
    {
        return i.isTerminator() || i.mayHaveSideEffects() || isa<LoadInst>(i);
    }

    bool compute(Instruction &i)
    {
        Uses uses;
        for (User *u : i.users()) {
            auto &user = *cast<Instruction>(u);
            auto *phi = dyn_cast<PHINode>(&user);
            if (!phi && user.getParent() == i.getParent() && is_end(user))
                return true;
            if (!is_end(user) && !on_every_path(user))
                continue;
            if (!phi && user.getParent() == i.getParent())
                return true;
            if (!phi)
                uses.blocks.insert(user.getParent());
            for (unsigned k = 0; phi && k < phi->getNumIncomingValues(); k++) {
                if (phi->getIncomingValue(k) == &i)
                    uses.edges.insert({phi->getIncomingBlock(k), phi->getParent()});
            }
        }
        return cover(*i.getParent(), uses);
    }

    /* Whether all paths from the end of `from` to a return meet a use; those that end in a trap need not. */
    static bool cover(const BasicBlock &from, const Uses &uses)
    {
        SmallPtrSet<const BasicBlock *, 16> seen;
        SmallVector<const BasicBlock *, 16> todo{&from};
        while (!todo.empty()) {
            const BasicBlock *b = todo.pop_back_val();
            if (isa<ReturnInst>(b->getTerminator()) || seen.size() > blocks_looked_at)
                return false;
            for (const BasicBlock *next : successors(b)) {
                if (uses.edges.contains({b, next}) || uses.blocks.contains(next))
                    continue;
                if (next == &from) /* defined anew */
                    return false;
                if (seen.insert(next).second)
                    todo.push_back(next);
            }
        }
        return true;
    }
};

/* Loads that may trap begin as calls, and become loads here, after simplification has found whose values make
 * no difference. What traps must trap even when nobody wants its value, but LLVM removes a load whose value
 * is not used. A value is wanted when it reaches a store, a call, a branch or a result, whichever way the
 * function goes on; a load that is not becomes volatile. */
class LowerLoadsPass : public PassInfoMixin<LowerLoadsPass>
{
  public:
    PreservedAnalyses run(Module &m, ModuleAnalysisManager &)
    {
        for (Function &f : make_early_inc_range(m)) {
            if (!f.getName().starts_with(IR_LOADER))
                continue;
            for (User *u : make_early_inc_range(f.users()))
                lower(*cast<CallInst>(u));
            f.eraseFromParent();
        }
        for (Function &f : m) {
            if (!f.isDeclaration())
                keep_traps(f);
        }
        return PreservedAnalyses::none();
    }
    static bool isRequired()
    {
        return true;
    }

  private:
    static void lower(CallInst &call)
    {
        IRBuilder<> b(&call);
        LoadInst *load = b.CreateAlignedLoad(call.getType(), call.getArgOperand(0), Align(1));
        load->copyMetadata(call, {LLVMContext::MD_tbaa, call.getContext().getMDKindID(IR_OFFSET)});
        call.replaceAllUsesWith(load);
        call.eraseFromParent();
    }

    static void keep_traps(Function &f)
    {
        Consumption consumption;
        SmallPtrSet<Instruction *, 32> wanted;
        mark(f, wanted);
        for (BasicBlock *b : post_order(&f)) { /* users first: no deep recursion */
            for (Instruction &i : reverse(*b)) {
                bool consumed = consumption.on_every_path(i);
                auto *load = dyn_cast<LoadInst>(&i);
                if (load && region(*load) == "guest" && !(consumed && wanted.contains(load)))
                    load->setVolatile(true);
            }
        }
    }

    static void mark(Function &f, SmallPtrSetImpl<Instruction *> &wanted)
    {
        SmallVector<Instruction *, 64> todo;
        for (Instruction &i : instructions(f)) {
            if (i.isTerminator() || i.mayHaveSideEffects())
                todo.push_back(&i);
        }
        while (!todo.empty()) {
            Instruction *i = todo.pop_back_val();
            if (!wanted.insert(i).second)
                continue;
            for (Value *o : i->operands()) {
                if (auto *from = dyn_cast<Instruction>(o))
                    todo.push_back(from);
            }
        }
    }
};

/* Loops that get no vectors. A vectorised loop writes several elements at once: where it also sets globals, a
 * trap would find some of them ahead of, or behind, the memory. And what a decoder copies in pieces of two
 * words and more is short: to test whether vectors may copy it takes longer than the copy, and to compile
 * them all the longer. */
class ScalarLoopsPass : public PassInfoMixin<ScalarLoopsPass>
{
  public:
    PreservedAnalyses run(Function &f, FunctionAnalysisManager &analyses)
    {
        for (Loop *l : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder()) {
            bool pieces = copies_pieces(*l);
            if (pieces || sets_global(*l))
                addStringMetadataToLoop(l, "llvm.loop.vectorize.enable", 0);
            if (pieces)
                addStringMetadataToLoop(l, "llvm.loop.unroll.disable");
        }
        return PreservedAnalyses::all();
    }
    static bool isRequired()
    {
        return true;
    }

  private:
    static bool sets_global(const Loop &l)
    {
        for (BasicBlock *b : l.blocks()) {
            for (Instruction &i : *b) {
                if (isa<StoreInst>(i) && region(i) == "global")
                    return true;
            }
        }
        return false;
    }

    /* Whether it does nothing but load words and store them, load the next ones and store them. Where a
     * compiler made such a round of several, they have been rolled up. */
    static bool copies_pieces(const Loop &l)
    {
        bool stored = false, again = false;
        for (const Instruction &i : *l.getHeader()) {
            auto *store = dyn_cast<StoreInst>(&i);
            const Value *word = store ? store->getValueOperand() : &i;
            if (!i.mayReadOrWriteMemory())
                continue;
            if (!isa<LoadInst>(word) || !word->getType()->isIntegerTy(64) || !word->hasOneUse())
                return false;
            stored |= store != nullptr;
            again |= stored && !store;
        }
        return l.getNumBlocks() == 1 && again;
    }
};

/* The cheap ones that pay most: locals into registers, then what falls out of that. */
static FunctionPassManager lean_passes(enum jit_tier tier)
{
    FunctionPassManager f;
    f.addPass(PromotePass());
    f.addPass(EarlyCSEPass());
    if (tier > TIER_O1)
        f.addPass(RangesPass()); /* while comparisons are as C had them */
    f.addPass(SimplifyCFGPass());
    f.addPass(InstCombinePass());
    f.addPass(SimplifyCFGPass());
    return f;
}

static bool replaces_patterns(const struct llvm_unit &u)
{
    return u.tier == TIER_O3 && u.fixed_mem && u.short_mem && u.fixed_inst && u.patterns;
}

bool llvm_pipeline_replaces(const struct llvm_unit *u)
{
    return replaces_patterns(*u);
}

/* Arms that had to be there until loops were known by their form (ir_leave.c): what nobody reached goes. */
class UnreachedPass : public PassInfoMixin<UnreachedPass>
{
  public:
    PreservedAnalyses run(Module &m, ModuleAnalysisManager &)
    {
        Function *f = m.getFunction(IR_UNREACHED);
        if (!f)
            return PreservedAnalyses::all();
        remove(*f, ConstantInt::getTrue(m.getContext()));
        remove(*m.getFunction("llvm.sideeffect"), nullptr);
        for (Function &g : m) {
            for (BasicBlock &b : g)
                ConstantFoldTerminator(&b);
            if (!g.isDeclaration())
                removeUnreachableBlocks(g);
        }
        return PreservedAnalyses::none();
    }
    static bool isRequired()
    {
        return true;
    }

  private:
    static void remove(Function &f, Value *result)
    {
        for (User *u : make_early_inc_range(f.users())) {
            if (result)
                u->replaceAllUsesWith(result);
            cast<CallInst>(u)->eraseFromParent();
        }
        f.eraseFromParent();
    }
};

/* Copies are there to be inlined. Those that are still called then would be compiled again in each unit that
 * calls them, and have code of their own all the same: large ones go, unless they were made for what their
 * callers pass. */
class UncopyPass : public PassInfoMixin<UncopyPass>
{
  public:
    PreservedAnalyses run(Module &m, ModuleAnalysisManager &)
    {
        for (Function &f : make_early_inc_range(m)) {
            if (!f.getName().starts_with(IR_SLOT_CALL))
                continue;
            Function *copy = m.getFunction(f.getName().drop_front(strlen(IR_SLOT_CALL)));
            if (copy && copy->getInstructionCount() > small && !is_special(*copy))
                replace(*copy, f);
            f.eraseFromParent();
        }
        return PreservedAnalyses::none();
    }
    static bool isRequired()
    {
        return true;
    }

  private:
    static constexpr unsigned small = 100; /* instructions */

    /* Whether all calls pass the same constant for some parameter, so that IPSCCP has put it there. */
    static bool is_special(const Function &copy)
    {
        return any_of(copy.args(), [&](const Argument &a) {
            const Value *first = nullptr;
            return all_of(copy.users(), [&](const User *u) {
                const Value *v = cast<CallInst>(u)->getArgOperand(a.getArgNo());
                first = first ? first : v;
                return isa<ConstantInt>(v) && v == first;
            });
        });
    }

    static void replace(Function &copy, Function &slot_call)
    {
        for (User *u : make_early_inc_range(copy.users())) {
            auto *call = cast<CallInst>(u);
            InlineFunctionInfo info;
            if (call->isNoInline()) /* CurvesPass: it waits for ElementsPass */
                continue;
            call->setCalledFunction(&slot_call);
            InlineFunction(*call, info);
        }
        if (copy.use_empty())
            copy.eraseFromParent();
    }
};

/* What can show that a loaded value makes no difference, in one function and through calls. */
static ModulePassManager first_passes(const struct llvm_unit &u, TargetMachine &tm, OptimizationLevel level)
{
    ModulePassManager m;
    if (replaces_patterns(u))
        m.addPass(LibraryPass(tm, u, [] { return lean_passes(TIER_O3); }));
    m.addPass(createModuleToFunctionPassAdaptor(lean_passes(u.tier)));
    if (replaces_patterns(u)) {
        m.addPass(RoundsPass(tm, u));
        if (u.forms)
            return m;
        m.addPass(UnreachedPass());
        m.addPass(KnownPass(tm, u));
        m.addPass(CurvesPass(u));
    }
    m.addPass(createModuleToFunctionPassAdaptor(RoundingPass()));
    m.addPass(IPSCCPPass());
    FunctionPassManager behind;
    behind.addPass(EarlyCSEPass());
    behind.addPass(SCCPPass());
    behind.addPass(ReassociatePass());
    behind.addPass(InstCombinePass());
    behind.addPass(SimplifyCFGPass());
    ModuleInlinerWrapperPass inliner(getInlineParams(level.getSpeedupLevel(), level.getSizeLevel()));
    inliner.getPM().addPass(createCGSCCToFunctionPassAdaptor(std::move(behind)));
    m.addPass(std::move(inliner));
    m.addPass(UncopyPass());
    m.addPass(DeadArgumentEliminationPass());
    m.addPass(GlobalDCEPass());
    return m;
}

/* Conversions without traps, as values instead of branches. */
static FunctionPassManager conversions()
{
    FunctionPassManager f;
    f.addPass(RangesPass());
    f.addPass(TruthsPass());
    f.addPass(SimplifyCFGPass());
    return f;
}

static FunctionPassManager wide_addresses(const struct llvm_unit &u, const TargetMachine &tm)
{
    FunctionPassManager f;
    if (replaces_patterns(u))
        f.addPass(BitsPass(u));
    f.addPass(LoopSimplifyPass());
    if (u.tier == TIER_O3)
        f.addPass(IteratorsPass());
    f.addPass(ReversedPass());
    f.addPass(CountsPass());
    f.addPass(TurnPass());
    if (u.tier == TIER_O3)
        f.addPass(IteratorsPass()); /* of loops that were tested on top */
    if (replaces_patterns(u))
        f.addPass(BoundsPass());
    f.addPass(WideAddressesPass());
    f.addPass(RerollPass());
    if (u.tier == TIER_O3) {
        f.addPass(PeeledPass());
        f.addPass(CountsPass(true));
        f.addPass(LanesPass());
        f.addPass(RangesPass()); /* of scalars that were lanes */
    }
    f.addPass(ExitsPass());
    f.addPass(OffsetsPass());
    if (u.tier == TIER_O3)
        f.addPass(TrianglesPass());
    if (u.tier == TIER_O3 && u.fixed_inst && !traits_of(tm).waits_for_stores)
        f.addPass(RefillPass(u));
    return f;
}

static PipelineTuningOptions tuning(enum jit_tier tier)
{
    PipelineTuningOptions o;
    o.LoopVectorization = o.SLPVectorization = tier == TIER_O3;
    o.LoopInterleaving = tier == TIER_O3;
    return o;
}

/* `maps`: null, if no patterns are looked for. */
static ModulePassManager pipeline(PassBuilder &builder, const struct llvm_unit &u, TargetMachine &tm,
                                  MapPlaces *maps)
{
    enum jit_tier tier = u.tier;
    OptimizationLevel level = tier == TIER_O3 ? OptimizationLevel::O3 : OptimizationLevel::O2;
    ModulePassManager m;
    if (tier == TIER_O1)
        m.addPass(createModuleToFunctionPassAdaptor(lean_passes(tier)));
    if (tier > TIER_O1)
        m.addPass(first_passes(u, tm, level));
    if (u.forms)
        return m;
    m.addPass(LowerLoadsPass());
    if (tier > TIER_O1)
        m.addPass(createModuleToFunctionPassAdaptor(conversions()));
    if (tier > TIER_O1 && u.fixed_mem && u.short_mem)
        m.addPass(createModuleToFunctionPassAdaptor(wide_addresses(u, tm)));
    if (replaces_patterns(u)) {
        m.addPass(ElementsPass(tm, u));
        m.addPass(createModuleToFunctionPassAdaptor(NetworksPass(u, *maps)));
        m.addPass(ChecksumPass(tm, u));
        m.addPass(PatternsPass(tm, u, u.fp_relaxed));
        m.addPass(CopiesPass(tm, u));
        m.addPass(ExtremesPass(tm, u));
        m.addPass(TablesPass(tm, u));
        m.addPass(Base64Pass(tm, u));
        m.addPass(createModuleToFunctionPassAdaptor(Utf8Pass(u)));
        m.addPass(TextPass(tm, u));
        m.addPass(createModuleToFunctionPassAdaptor(SearchPass(u)));
    }
    if (tier == TIER_O3 && u.patterns)
        m.addPass(createModuleToFunctionPassAdaptor(SumsPass(u)));
    if (replaces_patterns(u))
        m.addPass(createModuleToFunctionPassAdaptor(ConvolutionPass(u, *maps)));
    if (tier > TIER_O1) {
        m.addPass(createModuleToFunctionPassAdaptor(
            builder.buildFunctionSimplificationPipeline(level, ThinOrFullLTOPhase::None)));
        m.addPass(builder.buildModuleOptimizationPipeline(level, ThinOrFullLTOPhase::None));
        m.addPass(createModuleToFunctionPassAdaptor(ConversionsPass()));
        m.addPass(createModuleToFunctionPassAdaptor(ExtendPass()));
    }
    return m;
}

/* LLVM does not know that accesses of guest memory trap. These passes take a store away because a later one
 * overwrites it, or sink it, across such accesses: after a trap, what the module had written before would be
 * missing. */
static bool moves_stores(StringRef pass)
{
    return pass == "DSEPass" || pass == "MergedLoadStoreMotionPass";
}

namespace
{

struct Analyses { /* in the order in which they refer to each other */
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;

    void add(PassBuilder &builder)
    {
        builder.registerModuleAnalyses(modules);
        builder.registerCGSCCAnalyses(components);
        builder.registerFunctionAnalyses(functions);
        builder.registerLoopAnalyses(loops);
        builder.crossRegisterProxies(loops, functions, components, modules);
    }
};

} // namespace

bool llvm_pipeline_run(LLVMModuleRef m, LLVMTargetMachineRef tm, const struct llvm_unit *u, u64 deadline)
{
    bool in_time = true;
    PassInstrumentationCallbacks callbacks;
    callbacks.registerShouldRunOptionalPassCallback([&](StringRef pass, Any) {
        in_time = in_time && plat_ticks() < deadline && !llvm_is_cancelled();
        return in_time && !moves_stores(pass);
    });
    Analyses analyses;
    PassBuilder builder(reinterpret_cast<TargetMachine *>(tm), tuning(u->tier), std::nullopt, &callbacks);
    MapPlaces *maps =
        replaces_patterns(*u) ? &MapPlaces::listen(unwrap(m)->getContext(), callbacks) : nullptr;
    builder.registerVectorizerStartEPCallback([=](FunctionPassManager &p, OptimizationLevel) {
        p.addPass(ScalarLoopsPass());
        p.addPass(WideVectorsPass());
        if (maps)
            p.addPass(MapsPass(*u, *maps));
        p.addPass(ApartPass());
    });
    analyses.add(builder);
    pipeline(builder, *u, *reinterpret_cast<TargetMachine *>(tm), maps).run(*unwrap(m), analyses.modules);
    return in_time;
}

void llvm_pipeline_look(LLVMModuleRef m, LLVMTargetMachineRef tm, const struct llvm_unit *u,
                        void (*found)(void *env, u32 func), void *env)
{
    Analyses analyses;
    PassInstrumentationCallbacks callbacks;
    callbacks.registerShouldRunOptionalPassCallback([](StringRef, Any) { return !llvm_is_cancelled(); });
    TargetMachine &machine = *reinterpret_cast<TargetMachine *>(tm);
    PassBuilder builder(&machine, tuning(u->tier), std::nullopt, &callbacks);
    analyses.add(builder);
    ModulePassManager p;
    p.addPass(createModuleToFunctionPassAdaptor(lean_passes(u->tier)));
    p.addPass(RoundsPass(machine, *u, [=](uint32_t func) { found(env, func); }));
    p.run(*unwrap(m), analyses.modules);
}

u64 llvm_pipeline_values(LLVMModuleRef m)
{
    u64 n = 0;
    for (const Function &f : *unwrap(m)) {
        for (const BasicBlock &b : f) {
            n += b.size();
            for (const PHINode &phi : b.phis())
                n += phi.getNumIncomingValues();
        }
    }
    return n;
}

/* --- Code generation. --- */

/* Stands behind every pass of the code generator, which has no other place to look at a budget. */
class BudgetPass : public FunctionPass
{
  public:
    static char ID;
    BudgetPass() : FunctionPass(ID) {}
    bool runOnFunction(Function &) override
    {
        llvm_check_budget();
        return false;
    }
    void getAnalysisUsage(AnalysisUsage &u) const override
    {
        u.setPreservesAll();
    }
};
char BudgetPass::ID;

class BudgetedPasses : public legacy::PassManager
{
  public:
    explicit BudgetedPasses(bool wanted) : watched(wanted) {}
    void add(Pass *p) override
    {
        bool of_functions = p->getPassKind() == PT_Function; /* add() may free it */
        legacy::PassManager::add(p);
        if (watched && of_functions)
            legacy::PassManager::add(new BudgetPass);
    }

  private:
    bool watched;
};

static void set_option(StringRef name, StringRef value)
{
    cl::Option *o = cl::getRegisteredOptions().lookup(name);
    o->reset();
    if (!value.empty())
        o->addOccurrence(0, o->ArgStr, value);
}

/* How many spills the greedy allocator has put off since the process began (linker/llvm.mk). It weighs them
 * by that number, so that it must begin anew for each unit: the same unit is the same code. */
extern unsigned
    spills_put_off __asm__("_ZZNK4llvm22DefaultPriorityAdvisor11getPriorityERKNS_12LiveIntervalEE5MemOp");

static void set_code_generator(enum jit_tier tier, const TargetMachine &tm)
{
    bool apart = tier > TIER_O1 && traits_of(tm).jumps_in_32;
    set_option("x86-branches-within-32B-boundaries", apart ? "true" : "");
#define CODEGEN(option, in, value) set_option(option, tier == (in) ? value : "");
#include "llvm_codegen.def"
#undef CODEGEN
    spills_put_off = 0;
}

LLVMMemoryBufferRef llvm_pipeline_emit(LLVMModuleRef m, LLVMTargetMachineRef tm, enum jit_tier tier,
                                       bool assembly, bool watched)
{
    set_code_generator(tier, *reinterpret_cast<TargetMachine *>(tm));
    SmallString<0> code;
    raw_svector_ostream out(code);
    BudgetedPasses passes(watched);
    CodeGenFileType type = assembly ? CodeGenFileType::AssemblyFile : CodeGenFileType::ObjectFile;
    if (reinterpret_cast<TargetMachine *>(tm)->addPassesToEmitFile(passes, out, nullptr, type))
        return nullptr;
    passes.run(*unwrap(m));
    return wrap(MemoryBuffer::getMemBufferCopy(code, "unit").release());
}
