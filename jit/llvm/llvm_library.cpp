/* llvm_library.cpp: functions of C libraries whose form is in llvm_library.def have a kernel of jit/patterns
 * do their work.
 *
 * Modules bring a memcpy, memmove and memset of their own, which go by words, and by bytes where addresses
 * are not aligned alike. Where the ranges lie inside the memory nothing can trap, and what the function
 * leaves is known; wherever they do not, or, for memcpy, overlap, the function itself runs. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_form.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace
{

enum library {
#define LIBRARY(id, name, kernel) LIBRARY_##id,
#define FORM(id, digest)
#include "llvm_library.def"
#undef LIBRARY
#undef FORM
};
const struct {
    const char *name, *kernel;
} libraries[] = {
#define LIBRARY(id, name, kernel) {name, kernel},
#define FORM(id, digest)
#include "llvm_library.def"
#undef LIBRARY
#undef FORM
};
const struct Known {
    enum library what;
    const char *digest;
} known_forms[] = {
#define LIBRARY(id, name, kernel)
#define FORM(id, digest) {LIBRARY_##id, digest},
#include "llvm_library.def"
#undef LIBRARY
#undef FORM
};

/* No function with fewer or more instructions, as it was translated, or with more calls, has a form that is
 * known: one is what a stack that is full ends in. */
constexpr unsigned least = 40, most = 4000, calls_most = 2;

bool calls_function(const Instruction &i)
{
    auto *call = dyn_cast<CallInst>(&i);
    return call && !isa<IntrinsicInst>(call) &&
           !(call->getCalledFunction() && call->getCalledFunction()->getName().starts_with(IR_LOADER));
}

/* All of them take and return words, and write a byte somewhere. */
bool is_possible(const Function &f)
{
    unsigned n = 0, calls = 0, bytes = 0;
    auto is_word = [](const Type *t) { return t->isIntegerTy(32); };
    if (f.arg_size() != 4 || !is_word(f.getReturnType()) ||
        !all_of(drop_begin(f.args()), [&](const Argument &a) { return is_word(a.getType()); }))
        return false;
    for (const Instruction &i : instructions(f)) {
        calls += calls_function(i);
        if (++n > most || calls > calls_most)
            return false;
        bytes += isa<StoreInst>(i) && i.getOperand(0)->getType()->isIntegerTy(8);
    }
    return n >= least && bytes;
}

/* What the function is when it is made simpler without regard to how often its branches were taken. */
class Plain
{
  public:
    Plain(Function &f, FunctionAnalysisManager &functions, FunctionPassManager simplify) : analyses(functions)
    {
        ValueToValueMapTy map;
        copy = CloneFunction(&f, map);
        copy->setName(f.getName() + ".plain");
        for (Instruction &i : instructions(*copy))
            i.setMetadata(LLVMContext::MD_prof, nullptr);
        simplify.run(*copy, analyses);
    }
    ~Plain()
    {
        analyses.clear(*copy, copy->getName());
        copy->eraseFromParent();
    }
    Plain(const Plain &) = delete;
    Plain &operator=(const Plain &) = delete;
    Function &function()
    {
        return *copy;
    }

  private:
    FunctionAnalysisManager &analyses;
    Function *copy;
};

const Known *known_form(const CodeForm &form)
{
    SmallString<32> digest = form.digest();
    const Known *k = find_if(known_forms, [&](const Known &x) { return digest == x.digest; });
    return k == std::end(known_forms) ? nullptr : k;
}

/* All returns become one, of a phi with one edge to it. */
Substitution::End join_returns(Function &f, PHINode **result)
{
    LLVMContext &c = f.getContext();
    BasicBlock *last = BasicBlock::Create(c, "", &f), *exit = BasicBlock::Create(c, "", &f);
    PHINode *all = PHINode::Create(f.getReturnType(), 2, "", last);
    for (BasicBlock &b : f) {
        auto *ret = dyn_cast_or_null<ReturnInst>(b.getTerminator());
        if (!ret)
            continue;
        all->addIncoming(ret->getReturnValue(), &b);
        BranchInst::Create(last, &b);
        ret->eraseFromParent();
    }
    BranchInst::Create(exit, last);
    *result = PHINode::Create(f.getReturnType(), 2, "", exit);
    (*result)->addIncoming(all, last);
    ReturnInst::Create(c, *result, exit);
    return {last, exit};
}

void replace(Function &f, enum library what, GlobalVariable &memory, Kernels &kernels,
             const struct llvm_unit &unit, const struct pattern_site &site)
{
    PHINode *result;
    Substitution::End end = join_returns(f, &result);
    BasicBlock &start = behind_stack_check(f);
    SplitBlock(&start, start.getFirstNonPHIOrDbgOrAlloca());
    Substitution s(start.getTerminator(), memory, unit);
    IRBuilder<> &b = s.builder();
    Value *to = f.getArg(1), *from = f.getArg(2), *n = f.getArg(3);
    auto wide = [&](Value *v) { return b.CreateZExt(v, b.getInt64Ty()); };
    auto range = [&](Value *at) -> Substitution::Range { return {wide(at), b.CreateAdd(wide(at), wide(n))}; };
    Substitution::Range written = range(to);
    s.require_inside(written, 0);
    s.writes(written, RT_SITE_BITS);
    if (what != LIBRARY_FILL) {
        Substitution::Range read = range(from);
        s.require_inside(read, 0);
        s.reads(read, RT_SITE_BITS);
        if (what == LIBRARY_COPY)
            s.require_disjoint(written, read);
        else /* where it calls a function instead (memcpy), the form does not say what that does */
            s.require(
                b.CreateICmpUGT(b.CreateSub(from, b.CreateAdd(to, n)), b.CreateMul(n, b.getInt32(-2u))));
    }
    SmallVector<Value *, 3> arguments = {s.pointer(wide(to)),
                                         what == LIBRARY_FILL ? from : s.pointer(wide(from)), wide(n)};
    s.finish(site, kernels.copy_for(f, site.text, arguments), arguments, end, {{result, to}});
}

} // namespace

PreservedAnalyses LibraryPass::run(Module &m, ModuleAnalysisManager &modules)
{
    auto find = [&](Function &f, FunctionAnalysisManager &functions, GlobalVariable &memory, Kernels &kernels,
                    SmallPtrSetImpl<const BasicBlock *> &done) {
        if (!is_possible(f) || !done.insert(&f.getEntryBlock()).second)
            return false;
        Plain plain(f, functions, simplify());
        CodeForm form(plain.function());
        const Known *k = known_form(form);
        if (unit.forms)
            form.print(f);
        if (!k || unit.forms)
            return false;
        struct pattern_site site =
            site_of(unit, f, nullptr, functions.getResult<LoopAnalysis>(f), PATTERN_LIBRARY,
                    Twine(libraries[k->what].name) + ", form " + k->digest);
        site.text = Substitution::forbidden(unit, site);
        site.replaced = !site.text;
        if (site.replaced) {
            site.text = libraries[k->what].kernel;
            replace(f, k->what, memory, kernels, unit, site);
        }
        patterns_note(&site);
        return site.replaced;
    };
    return replace_patterns("library", m, modules, *machine.getMCSubtargetInfo(), find);
}
