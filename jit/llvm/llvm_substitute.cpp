/* llvm_substitute.cpp: kernels as copies in the unit, and the way to them around the code they stand for. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
#include "plat.h"
}

#include "llvm_maps.h"
#include "llvm_nest.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

PatternTimer::PatternTimer(const char *what) : name(what), start(plat_ticks()) {}

PatternTimer::~PatternTimer()
{
    patterns_add_ticks(name, plat_ticks() - start);
}

uint32_t offset_of(const Instruction &i)
{
    const MDNode *at = i.getMetadata(IR_OFFSET);
    return at ? static_cast<uint32_t>(mdconst::extract<ConstantInt>(at->getOperand(0))->getZExtValue()) : 0;
}

/* Where a loop is in the file: the lowest offset of what it does in linear memory, without the loops in it;
 * 0: not known. */
static uint32_t first_offset(const Loop &l, const LoopInfo &loops)
{
    uint32_t first = 0;
    for (const BasicBlock *b : l.blocks()) {
        if (loops.getLoopFor(b) != &l)
            continue;
        for (const Instruction &i : *b) {
            uint32_t at = offset_of(i);
            if (at && (!first || at < first))
                first = at;
        }
    }
    return first;
}

struct pattern_site site_of(const struct llvm_unit &unit, const Function &f, const Loop *l,
                            const LoopInfo &loops, enum pattern pattern, const Twine &evidence)
{
    struct pattern_site s = {};
    s.owner = unit.module;
    s.func = function_index(f);
    if (l) {
        SmallVector<Loop *, 8> all = loops.getLoopsInPreorder();
        s.at = first_offset(*l, loops);
        s.loop = static_cast<uint32_t>(find(all, l) - all.begin());
    }
    s.pattern = pattern;
    SmallString<sizeof s.evidence> room;
    StringRef text = evidence.toStringRef(room);
    memcpy(s.evidence, text.data(), std::min(text.size(), sizeof s.evidence - 1));
    return s;
}

bool is_listed(const struct pattern_site &s)
{
    uint32_t n;
    const struct pattern_site *sites = patterns_sites(&n);
    return std::any_of(sites, sites + n, [&](const struct pattern_site &x) {
        return x.owner == s.owner && x.func == s.func && x.at == s.at && x.pattern != s.pattern;
    });
}

bool is_replaced(const struct pattern_site &s, enum pattern pattern)
{
    uint32_t n;
    const struct pattern_site *sites = patterns_sites(&n);
    return std::any_of(sites, sites + n, [&](const struct pattern_site &x) {
        return x.owner == s.owner && x.func == s.func && x.at == s.at && x.pattern == pattern && x.replaced;
    });
}

const SCEV *value_behind(Value &v, const Loop &l, ScalarEvolution &evolution)
{
    const SCEV *s =
        evolution.isSCEVable(v.getType()) ? evolution.getSCEVAtScope(&v, l.getParentLoop()) : nullptr;
    return s && evolution.isLoopInvariant(s, &l) ? s : nullptr;
}

static bool traps(const BasicBlock &b)
{
    return isa<UnreachableInst>(b.getTerminator());
}

BasicBlock &behind_stack_check(Function &f)
{
    BasicBlock &entry = f.getEntryBlock();
    auto *br = dyn_cast<BranchInst>(entry.getTerminator());
    if (!br || !br->isConditional() || traps(*br->getSuccessor(0)) == traps(*br->getSuccessor(1)))
        return entry;
    BasicBlock *next = br->getSuccessor(traps(*br->getSuccessor(0)));
    return next->getSinglePredecessor() ? *next : entry;
}

/* --- Kernels. --- */

/* For tests: a high bit of all that is stored or returned is another one. */
static void make_wrong(Function &kernel)
{
    for (Instruction &i : instructions(kernel)) {
        auto *ret = dyn_cast<ReturnInst>(&i);
        if (!isa<StoreInst>(i) && !(ret && ret->getReturnValue()))
            continue;
        IRBuilder<> b(&i);
        Value *v = i.getOperand(0);
        Type *type = v->getType(), *bits = type->getWithNewType(b.getIntNTy(type->getScalarSizeInBits()));
        if (!type->isIntOrIntVectorTy() && !type->isFPOrFPVectorTy())
            continue;
        uint64_t high = 1ull << (type->getScalarSizeInBits() - 3);
        Value *other = b.CreateXor(b.CreateBitCast(v, bits), ConstantInt::get(bits, high));
        i.setOperand(0, b.CreateBitCast(other, type));
    }
}

Function *Kernels::copy_for(Function &caller, const char *name, ArrayRef<Value *> arguments)
{
    Function *kernel = load(name);
    if (!kernel || kernel->arg_size() != arguments.size())
        report_fatal_error("a kernel is missing", false);
    ValueToValueMapTy map;
    Function *copy = CloneFunction(kernel, map);
    adopt(*copy, caller);
    for (Argument &a : copy->args()) {
        if (auto *c = dyn_cast<Constant>(arguments[a.getArgNo()]))
            a.replaceAllUsesWith(c);
        else if (isa<AllocaInst>(arguments[a.getArgNo()]))
            a.addAttr(Attribute::NonNull);
    }
    return copy;
}

void Kernels::adopt(Function &kernel, Function &caller)
{
    Attribute vectors = kernel.getFnAttribute("min-legal-vector-width"); /* VECTORS_OF */
    kernel.setName(caller.getName() + ".pattern" + Twine(copies++));
    kernel.setLinkage(GlobalValue::InternalLinkage);
    kernel.setAttributes(
        AttributeList::get(module.getContext(), AttributeList::FunctionIndex,
                           AttrBuilder(module.getContext(), caller.getAttributes().getFnAttrs())));
    kernel.removeFnAttr(Attribute::OptimizeForSize);
    kernel.removeFnAttr(Attribute::MinSize);
    kernel.addFnAttr(Attribute::NoInline);
    kernel.addFnAttr(vectors);
    if (patterns_test_wrong)
        make_wrong(kernel);
}

void Kernels::drop()
{
    for (Function *f : loaded)
        f->eraseFromParent();
    loaded.clear();
}

PreservedAnalyses replace_patterns(const char *what, Module &m, ModuleAnalysisManager &modules,
                                   const MCSubtargetInfo &cpu,
                                   function_ref<bool(Function &, FunctionAnalysisManager &, GlobalVariable &,
                                                     Kernels &, SmallPtrSetImpl<const BasicBlock *> &)>
                                       replace)
{
    PatternTimer timer(what);
    auto &functions = modules.getResult<FunctionAnalysisManagerModuleProxy>(m).getManager();
    GlobalVariable *memory = m.getNamedGlobal("anneal_mem0");
    if (!memory)
        return PreservedAnalyses::all();
    SmallVector<Function *, 16> own;
    for (Function &f : m) {
        if (!f.isDeclaration() && is_own_function(f))
            own.push_back(&f);
    }
    Kernels kernels(m, cpu);
    bool changed = false;
    for (Function *f : own) {
        SmallPtrSet<const BasicBlock *, 16> done;
        for (; replace(*f, functions, *memory, kernels, done); changed = true)
            functions.invalidate(*f, PreservedAnalyses::none());
    }
    kernels.drop();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}

Function *Kernels::load(const char *name)
{
    for (Function *f : loaded) {
        if (f->getName() == name)
            return f;
    }
    StringRef bytes(reinterpret_cast<const char *>(patterns_kernels),
                    static_cast<size_t>(patterns_kernels_end - patterns_kernels));
    auto all = getLazyBitcodeModule(MemoryBufferRef(bytes, "kernels"), module.getContext());
    if (!all) {
        consumeError(all.takeError());
        return nullptr;
    }
    Function *kernel = (*all)->getFunction(name);
    if (!kernel)
        return nullptr;
    Function::Create(kernel->getFunctionType(), GlobalValue::ExternalLinkage, name, module);
    (*all)->setTargetTriple(module.getTargetTriple());
    (*all)->setDataLayout(module.getDataLayout());
    if (Linker::linkModules(module, std::move(*all), Linker::LinkOnlyNeeded))
        return nullptr;
    loaded.push_back(module.getFunction(name));
    return loaded.back();
}

/* --- The tests. --- */

Surroundings::Surroundings(Function &f, FunctionAnalysisManager &analyses, GlobalVariable &mem, Kernels &k,
                           const struct llvm_unit &u)
    : function(f), evolution(analyses.getResult<ScalarEvolutionAnalysis>(f)),
      loops(analyses.getResult<LoopAnalysis>(f)), dominators(analyses.getResult<DominatorTreeAnalysis>(f)),
      memory(mem), kernels(k), unit(u)
{
}

Substitution::Substitution(Instruction *at, GlobalVariable &mem, const struct llvm_unit &u)
    : memory(mem), unit(u), before(at), b(at), test(b.getTrue())
{
}

void Substitution::require(Value *condition)
{
    test = b.CreateAnd(test, condition);
}

void Substitution::require_first(Value *condition)
{
    first = cast<Instruction>(b.CreateFreeze(condition));
}

void Substitution::require_inside(const Range &r, uint64_t least)
{
    require(b.CreateICmpSGE(r.from, number(least)));
    require(b.CreateICmpSLE(r.to, memory_bytes()));
}

void Substitution::require_disjoint(const Range &p, const Range &q)
{
    require(b.CreateOr(b.CreateICmpSLE(p.to, q.from), b.CreateICmpSLE(q.to, p.from)));
}

Value *Substitution::pointer(Value *offset)
{
    return b.CreateGEP(b.getInt8Ty(), &memory, offset);
}

/* As in ir_build.c; LLVM drops it where nothing has used it. */
GlobalVariable *Substitution::symbol(const char *name)
{
    Module &m = *memory.getParent();
    if (GlobalVariable *known = m.getNamedGlobal(name))
        return known;
    auto *g =
        new GlobalVariable(m, memory.getValueType(), false, GlobalValue::ExternalLinkage, nullptr, name);
    g->setVisibility(GlobalValue::HiddenVisibility);
    g->setAlignment(memory.getAlign());
    return g;
}

Value *Substitution::memory_bytes()
{
    if (size)
        return size;
    Value *at = b.CreateGEP(b.getInt8Ty(), symbol("anneal_inst0"), number(unit.module->layout.mems));
    Value *head = b.CreateLoad(b.getPtrTy(), at);
    at = b.CreateGEP(b.getInt8Ty(), head, number(offsetof(struct rt_memory, bytes)));
    return size = b.CreateLoad(b.getInt64Ty(), at);
}

/* --- The call. --- */

const char *Substitution::forbidden(const struct llvm_unit &u, const struct pattern_site &site)
{
    if (patterns_quarantined(site.owner, site.at))
        return "in quarantine: the kernel's result was not the code's";
    if (u.sites == JIT_SITES_TRIED &&
        patterns_trial_number(site.owner, site.func, site.at) == PATTERN_NO_TRIAL)
        return "there are too many places to compare";
    return nullptr;
}

void Substitution::writes(const Range &r, unsigned type)
{
    outputs.push_back({r, type});
}

void Substitution::reads(const Range &r, unsigned type)
{
    inputs.push_back({r, type});
}

void Substitution::rounds_otherwise(unsigned type, Value *count)
{
    unordered = type;
    terms = count;
}

void Substitution::rounds_differences_otherwise(unsigned type, Value *count)
{
    rounds_otherwise(type | RT_SITE_DIFFERENCES, count);
}

AllocaInst *Substitution::count_apart(const struct pattern_site &site, Instruction *from, Instruction *to)
{
    if (unit.sites != JIT_SITES_TRIED)
        return nullptr;
    uint32_t place = patterns_trial_number(site.owner, site.func, site.at);
    IRBuilder<> aside(&*before->getFunction()->getEntryBlock().getFirstInsertionPt());
    left = aside.CreateAlloca(b.getInt32Ty());
    IRBuilder<>::InsertPointGuard here(b);
    b.SetInsertPoint(from);
    b.CreateStore(b.CreateLoad(b.getInt32Ty(), left_at(place)), left);
    b.SetInsertPoint(to);
    b.CreateStore(b.CreateLoad(b.getInt32Ty(), left), left_at(place));
    return left;
}

/* An element of what a kernel returned, of which `type` is the lower part. */
Value *Substitution::element(Value *vector, unsigned number, Type &type)
{
    Value *bits = b.CreateExtractElement(vector, number);
    return b.CreateBitCast(b.CreateTrunc(bits, b.getIntNTy(type.getScalarSizeInBits())), &type);
}

CallInst *Substitution::finish(const struct pattern_site &site, Function *kernel, ArrayRef<Value *> arguments,
                               End end, ArrayRef<Result> results)
{
    LLVMContext &c = before->getContext();
    BasicBlock *head = before->getParent(), *original = SplitBlock(head, before);
    BasicBlock *tests = first ? SplitBlock(head, first->getNextNode()) : head;
    BasicBlock *instead = BasicBlock::Create(c, "", head->getParent(), original), *next = instead;
    PHINode *both = nullptr, *tried = nullptr;
    uint32_t place = 0;
    tests->getTerminator()->eraseFromParent();
    if (first)
        ReplaceInstWithInst(head->getTerminator(), BranchInst::Create(tests, original, first));
    for (const Result &r : results) {
        if (!r.value)
            returned.push_back({r.phi, nullptr, r.element});
    }
    if (outputs.size() > RT_SITE_RANGES || inputs.size() > RT_SITE_RANGES || returned.size() > RT_SITE_VALUES)
        report_fatal_error("a pattern has too many ranges or results", false);
    if (unit.sites == JIT_SITES_TRIED) {
        place = patterns_trial_number(site.owner, site.func, site.at);
        both = PHINode::Create(b.getInt1Ty(), 2, "", instead);
        tried = PHINode::Create(b.getInt1Ty(), 4, "", original->begin());
        if (first)
            tried->addIncoming(b.getFalse(), head);
        tried->addIncoming(b.getFalse(), tests);
        next = ask(place, instead, original, both, tried);
    }
    b.SetInsertPoint(tests);
    b.CreateCondBr(b.CreateFreeze(test), next, original);
    b.SetInsertPoint(instead);
    CallInst *call = b.CreateCall(kernel, arguments);
    call->setCallingConv(kernel->getCallingConv());
    for (Returned &r : returned)
        r.value = call->getType()->isVectorTy() ? element(call, r.element, *r.phi->getType()) : call;
    for (PHINode &phi : end.exit->phis()) {
        Value *v = phi.getIncomingValueForBlock(end.last);
        for (const Result &r : results)
            v = r.phi == &phi && r.value ? r.value : v;
        for (const Returned &r : returned)
            v = r.phi == &phi ? r.value : v;
        phi.addIncoming(v, instead);
    }
    if (!both) {
        b.CreateBr(end.exit);
        return call;
    }
    BasicBlock *aside = BasicBlock::Create(c, "", head->getParent(), original);
    b.CreateCondBr(both, aside, end.exit);
    b.SetInsertPoint(aside);
    put_values(false, nullptr);
    call_shared(offsetof(struct rt_sites, between), b.getVoidTy(), place);
    b.CreateBr(original);
    tried->addIncoming(b.getTrue(), aside);
    compare_after(place, tried, end);
    return call;
}

/* --- Comparing, through rt_thread.sites. --- */

Value *Substitution::shared(size_t offset)
{
    return b.CreateGEP(b.getInt8Ty(), symbol("rt_thread"),
                       number(offsetof(struct rt_thread, sites) + offset));
}

/* How many calls of a place are left until somebody is asked. */
Value *Substitution::left_at(uint32_t place)
{
    return shared(offsetof(struct rt_sites, left) + place * sizeof(int32_t));
}

void Substitution::put(Value *v, size_t offset)
{
    b.CreateStore(v, shared(offset));
}

Value *Substitution::call_shared(size_t offset, Type *result, uint32_t place)
{
    Value *f = b.CreateLoad(b.getPtrTy(), shared(offset));
    return b.CreateCall(FunctionType::get(result, {b.getInt32Ty()}, false), f, {b.getInt32(place)});
}

void Substitution::put_ranges(ArrayRef<Compared> ranges, size_t offset)
{
    for (const Compared &r : ranges) {
        put(pointer(r.range.from), offset + offsetof(struct rt_site_range, from));
        put(pointer(r.range.to), offset + offsetof(struct rt_site_range, to));
        put(number(r.type), offset + offsetof(struct rt_site_range, type));
        offset += sizeof(struct rt_site_range);
    }
}

unsigned Substitution::site_type(const Type &t)
{
    return t.isFloatTy() ? RT_SITE_F32 : t.isDoubleTy() ? RT_SITE_F64 : RT_SITE_BITS;
}

/* What the kernel returned, or the original. */
void Substitution::put_values(bool original, BasicBlock *from)
{
    size_t at = offsetof(struct rt_sites, call) +
                (original ? offsetof(struct rt_site_call, original) : offsetof(struct rt_site_call, kernel));
    for (const Returned &r : returned) {
        put(number(0), at);
        put(original ? r.phi->getIncomingValueForBlock(from) : r.value, at);
        at += sizeof(uint64_t);
    }
}

/* Every so many calls somebody is asked whose turn it is. Returns where that begins. */
BasicBlock *Substitution::ask(uint32_t place, BasicBlock *instead, BasicBlock *original, PHINode *both,
                              PHINode *tried)
{
    constexpr size_t call = offsetof(struct rt_sites, call);
    LLVMContext &c = instead->getContext();
    BasicBlock *count = BasicBlock::Create(c, "", instead->getParent(), instead);
    BasicBlock *turn = BasicBlock::Create(c, "", instead->getParent(), instead);
    b.SetInsertPoint(count);
    Value *count_at = left ? left : left_at(place);
    Value *now = b.CreateSub(b.CreateLoad(b.getInt32Ty(), count_at), b.getInt32(1));
    b.CreateStore(now, count_at);
    b.CreateCondBr(b.CreateICmpSLT(now, b.getInt32(0)), turn, instead,
                   MDBuilder(c).createUnlikelyBranchWeights());
    both->addIncoming(b.getFalse(), count);
    b.SetInsertPoint(turn);
    put_ranges(outputs, call + offsetof(struct rt_site_call, outputs));
    put_ranges(inputs, call + offsetof(struct rt_site_call, inputs));
    put(b.getInt32(static_cast<uint32_t>(outputs.size())), call + offsetof(struct rt_site_call, noutputs));
    put(b.getInt32(static_cast<uint32_t>(inputs.size())), call + offsetof(struct rt_site_call, ninputs));
    put(b.getInt32(unordered), call + offsetof(struct rt_site_call, unordered));
    put(terms ? terms : number(0), call + offsetof(struct rt_site_call, terms));
    put(b.getInt32(static_cast<uint32_t>(returned.size())), call + offsetof(struct rt_site_call, nvalues));
    for (size_t k = 0; k < returned.size(); k++)
        put(number(site_type(*returned[k].phi->getType())),
            call + offsetof(struct rt_site_call, types) + k * sizeof(uint64_t));
    Value *whose = call_shared(offsetof(struct rt_sites, begin), b.getInt32Ty(), place);
    if (left)
        b.CreateStore(b.CreateLoad(b.getInt32Ty(), left_at(place)), left);
    both->addIncoming(b.CreateICmpEQ(whose, b.getInt32(RT_SITE_BOTH)), turn);
    tried->addIncoming(b.getFalse(), turn);
    b.CreateCondBr(b.CreateICmpEQ(whose, b.getInt32(RT_SITE_ORIGINAL)), original, instead);
    return count;
}

/* Behind the original code, when it ran after the kernel. */
void Substitution::compare_after(uint32_t place, PHINode *tried, End end)
{
    LLVMContext &c = end.exit->getContext();
    BasicBlock *after = BasicBlock::Create(c, "", end.exit->getParent(), end.exit);
    BasicBlock *compare = BasicBlock::Create(c, "", end.exit->getParent(), end.exit);
    end.last->getTerminator()->replaceSuccessorWith(end.exit, after);
    end.exit->replacePhiUsesWith(end.last, after);
    b.SetInsertPoint(after);
    b.CreateCondBr(tried, compare, end.exit, MDBuilder(c).createUnlikelyBranchWeights());
    b.SetInsertPoint(compare);
    put_values(true, after);
    call_shared(offsetof(struct rt_sites, end), b.getVoidTy(), place);
    if (left)
        b.CreateStore(b.CreateLoad(b.getInt32Ty(), left_at(place)), left);
    b.CreateBr(end.exit);
    for (PHINode &phi : end.exit->phis())
        phi.addIncoming(phi.getIncomingValueForBlock(after), compare);
}
