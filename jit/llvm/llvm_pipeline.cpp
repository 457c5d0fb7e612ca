/* llvm_pipeline.cpp: the processor, target machines and pass pipelines. C++ because the C API can neither
 * stop a pipeline when its time is up, nor set target options. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "heap.h"
#include "plat.h"
}

#include <cstring>
#include <new>
#include <string>

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
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
    /* Gathers lose against scalar loads and inserts on most processors; 512-bit vectors cost clock rate on
     * many. */
    list.AddFeature("prefer-256-bit");
    list.AddFeature("prefer-no-gather");
    *name = copy(cpu_name);
    *features = copy(list.getString());
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

/* --- Passes. --- */

/* What traps must trap even when nobody wants its value, but LLVM removes a load whose value is not used, and
 * a call of a function that only loads. A value is wanted when it reaches a store, a call, a branch or a
 * result; a load that is not becomes volatile, and the result of a call that is not goes into an empty
 * instruction. */
class KeepTrapsPass : public PassInfoMixin<KeepTrapsPass>
{
  public:
    PreservedAnalyses run(Function &f, FunctionAnalysisManager &)
    {
        SmallPtrSet<Instruction *, 32> wanted;
        mark(f, wanted);
        for (Instruction &i : make_early_inc_range(instructions(f))) {
            if (auto *load = dyn_cast<LoadInst>(&i)) {
                if (!wanted.contains(load) && is_guest(*load))
                    load->setVolatile(true);
            } else if (auto *call = dyn_cast<CallInst>(&i)) {
                if (call->use_empty() && is_defined(*call) && !call->getType()->isVoidTy())
                    consume(*call);
            }
        }
        return PreservedAnalyses::none();
    }
    static bool isRequired()
    {
        return true;
    }

  private:
    static bool is_guest(const LoadInst &load)
    {
        const MDNode *access = load.getMetadata(LLVMContext::MD_tbaa);
        return access &&
               cast<MDString>(cast<MDNode>(access->getOperand(0))->getOperand(0))->getString() == "guest";
    }

    static bool is_defined(const CallInst &call)
    {
        const Function *callee = call.getCalledFunction();
        return callee && !callee->isDeclaration();
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

    static void consume(CallInst &call)
    {
        Type *t = call.getType();
        auto *type = FunctionType::get(Type::getVoidTy(t->getContext()), {t}, false);
        auto *nothing = InlineAsm::get(type, "", t->isFloatingPointTy() ? "x" : "r", true);
        IRBuilder<> b(call.getNextNode());
        b.CreateCall(type, nothing, {&call})->setDoesNotAccessMemory();
    }
};

/* Before everything else: locals into registers, so that KeepTrapsPass sees what happens to their values. */
static FunctionPassManager first_passes(enum jit_tier tier)
{
    FunctionPassManager f;
    if (tier > TIER_O0)
        f.addPass(PromotePass());
    f.addPass(KeepTrapsPass());
    return f;
}

/* The cheap ones that pay most: locals into registers, then what falls out of that. */
static ModulePassManager lean_pipeline()
{
    FunctionPassManager f = first_passes(TIER_O1);
    f.addPass(SROAPass(SROAOptions::ModifyCFG));
    f.addPass(EarlyCSEPass(true));
    f.addPass(SimplifyCFGPass());
    f.addPass(InstCombinePass());
    f.addPass(SimplifyCFGPass());
    ModulePassManager m;
    m.addPass(createModuleToFunctionPassAdaptor(std::move(f)));
    return m;
}

static PipelineTuningOptions tuning(enum jit_tier tier)
{
    PipelineTuningOptions o;
    o.LoopVectorization = o.SLPVectorization = tier == TIER_O3;
    o.LoopInterleaving = tier == TIER_O3;
    return o;
}

static ModulePassManager pipeline(PassBuilder &builder, enum jit_tier tier)
{
    switch (tier) {
    case TIER_O1: return lean_pipeline();
    case TIER_O2: return builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2);
    case TIER_O3: return builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3);
    default: {
        ModulePassManager m;
        m.addPass(createModuleToFunctionPassAdaptor(first_passes(TIER_O0)));
        return m;
    }
    }
}

/* LLVM does not know that accesses of guest memory trap. These passes take a store away because a later one
 * overwrites it, or sink it, across such accesses: after a trap, what the module had written before would be
 * missing. */
static bool moves_stores(StringRef pass)
{
    return pass == "DSEPass" || pass == "MergedLoadStoreMotionPass";
}

bool llvm_pipeline_run(LLVMModuleRef m, LLVMTargetMachineRef tm, enum jit_tier tier, u64 deadline)
{
    bool in_time = true;
    PassInstrumentationCallbacks callbacks;
    callbacks.registerShouldRunOptionalPassCallback([&](StringRef pass, Any) {
        in_time = in_time && plat_ticks() < deadline;
        return in_time && !moves_stores(pass);
    });
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager components;
    ModuleAnalysisManager modules;
    PassBuilder builder(reinterpret_cast<TargetMachine *>(tm), tuning(tier), std::nullopt, &callbacks);
    builder.registerPipelineStartEPCallback([&](ModulePassManager &p, OptimizationLevel) {
        p.addPass(createModuleToFunctionPassAdaptor(first_passes(tier)));
    });
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    pipeline(builder, tier).run(*unwrap(m), modules);
    return in_time;
}
