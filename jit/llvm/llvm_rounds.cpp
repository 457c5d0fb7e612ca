/* llvm_rounds.cpp: loops whose form is in llvm_rounds.def do some of their rounds in a kernel of
 * jit/patterns.
 *
 * The loop stays as it is. At its header, which all that it carries goes through, stands a call of the
 * kernel, which does as many whole rounds as it can do exactly, none at all if need be, and returns what the
 * loop would carry then. So whatever is rare, or ends the loop, or traps, is the loop's own. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_priv.h"

#include "patterns.h"
}

#include "llvm_form.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace
{

enum kernel {
#define KERNEL(id, name) KERNEL_##id,
#define FORM(id, digest, carried, outside, addresses)
#include "llvm_rounds.def"
#undef KERNEL
#undef FORM
};
const char *const kernel_names[] = {
#define KERNEL(id, name) name,
#define FORM(id, digest, carried, outside, addresses)
#include "llvm_rounds.def"
#undef KERNEL
#undef FORM
};

struct Argument {
    bool outside;
    int number;
};
struct Known { /* a row FORM */
    enum kernel kernel;
    const char *digest;
    std::initializer_list<unsigned> carried;
    std::initializer_list<Argument> outside;
    std::initializer_list<unsigned> addresses;
};
#define LIST(...) {__VA_ARGS__}
#define O(n)      {true, n}
#define N(n)      {false, n}
const Known known_forms[] = {
#define KERNEL(id, name)
#define FORM(id, digest, carried, outside, addresses) {KERNEL_##id, digest, carried, outside, addresses},
#include "llvm_rounds.def"
#undef KERNEL
#undef FORM
};
#undef LIST
#undef O
#undef N

/* Of what a value is for the kernel. */
constexpr unsigned role_bits = 5;

/* No loop with fewer instructions has a form that is known. */
constexpr size_t instructions_least = 300;

size_t instructions(const Loop &l)
{
    size_t n = 0;
    for (const BasicBlock *b : l.blocks())
        n += b->size();
    return n;
}

/* What all loops of the table have, and few others: so large, and so much that they carry. A row is made of
 * whatever is large enough. */
bool is_possible(const Loop &l, bool any_carried)
{
    auto phis = l.getHeader()->phis();
    auto n = static_cast<size_t>(std::distance(phis.begin(), phis.end()));
    return (any_carried || any_of(known_forms, [&](const Known &k) { return k.carried.size() == n; })) &&
           instructions(l) >= instructions_least;
}

const Known *known_form(const CodeForm &form)
{
    SmallString<32> digest = form.digest();
    for (const Known &k : known_forms) {
        if (digest == k.digest && form.carried.size() == k.carried.size())
            return &k;
    }
    return nullptr;
}

/* The call at the header of one loop. */
class Call
{
  public:
    Call(Function &f, Loop &l, const Known &k, const CodeForm &lf, GlobalVariable &mem,
         const struct llvm_unit &u)
        : function(f), header(*l.getHeader()), known(k), form(lf), memory(mem), unit(u), b(f.getContext())
    {
    }

    void insert(Kernels &kernels)
    {
        unsigned n = static_cast<unsigned>(known.carried.size());
        b.SetInsertPoint(&function.getEntryBlock(), function.getEntryBlock().begin());
        words = b.CreateAlloca(ArrayType::get(b.getInt32Ty(), n + 1));
        b.CreateStore(b.getInt32(0), word(n));
        BasicBlock *rest = SplitBlock(&header, header.getFirstNonPHIIt());
        BasicBlock *call = block(rest), *wait = block(rest);
        header.getTerminator()->eraseFromParent();
        b.SetInsertPoint(&header);
        Value *rounds = b.CreateLoad(b.getInt32Ty(), word(n));
        b.CreateCondBr(b.CreateICmpEQ(rounds, b.getInt32(0)), call, wait);
        b.SetInsertPoint(wait);
        b.CreateStore(b.CreateSub(rounds, b.getInt32(1)), word(n));
        b.CreateBr(rest);
        b.SetInsertPoint(call);
        for (PHINode *phi : form.carried)
            results.push_back({phi, nullptr});
        for (unsigned k = 0; k < n; k++)
            b.CreateStore(results[k].first, word(k));
        call_kernel(kernels);
        for (unsigned k = 0; k < n; k++)
            results[k].second = b.CreateLoad(b.getInt32Ty(), word(k));
        Instruction *last = b.CreateBr(rest);
        for (auto &r : results)
            merge(*r.first, *r.second, *last->getParent(), *wait, *rest);
    }

  private:
    Function &function;
    BasicBlock &header;
    const Known &known;
    const CodeForm &form;
    GlobalVariable &memory;
    const struct llvm_unit &unit;
    IRBuilder<> b;
    Value *words = nullptr;
    SmallVector<std::pair<PHINode *, Instruction *>, 4> results;

    BasicBlock *block(BasicBlock *before)
    {
        return BasicBlock::Create(function.getContext(), "", &function, before);
    }

    Value *word(unsigned k)
    {
        return b.CreateConstGEP1_32(b.getInt32Ty(), words, k);
    }

    uint64_t roles() const
    {
        uint64_t all = 0;
        unsigned at = 0;
        for (unsigned role : known.carried)
            all |= static_cast<uint64_t>(role) << (role_bits * at++);
        return all;
    }

    void call_kernel(Kernels &kernels)
    {
        Instruction *end = b.CreateUnreachable();
        Value *size = Substitution(end, memory, unit).memory_bytes();
        b.SetInsertPoint(end);
        unsigned n = static_cast<unsigned>(known.carried.size());
        SmallVector<Value *, 16> arguments = {&memory, size,          word(n),
                                              words,   b.getInt32(n), b.getInt64(roles())};
        for (const Argument &a : known.outside)
            arguments.push_back(a.outside ? form.outside[static_cast<unsigned>(a.number)]
                                          : b.getInt32(static_cast<uint32_t>(a.number)));
        for (unsigned at : known.addresses)
            arguments.push_back(form.addresses[at]);
        Function *kernel = kernels.copy_for(function, kernel_names[known.kernel], arguments);
        b.CreateCall(kernel, arguments)->setCallingConv(kernel->getCallingConv());
        b.SetInsertPoint(end->getParent());
        end->eraseFromParent();
    }

    /* What stands behind the header uses what the kernel has left. */
    static void merge(PHINode &before, Instruction &after, BasicBlock &call, BasicBlock &wait,
                      BasicBlock &rest)
    {
        PHINode *both = PHINode::Create(before.getType(), 2, "", rest.begin());
        before.replaceUsesWithIf(both, [&](const Use &u) {
            auto *user = cast<Instruction>(u.getUser());
            return user != both && user->getParent() != &call;
        });
        both->addIncoming(&after, &call);
        both->addIncoming(&before, &wait);
    }
};

void certify(const Function &f, const Loop &l, const LoopInfo &loops, const Known &k,
             const struct llvm_unit &unit)
{
    struct pattern_site s =
        site_of(unit, f, &l, loops, PATTERN_ROUNDS, Twine("the form of the loop is ") + k.digest);
    s.replaced = true;
    s.text = kernel_names[k.kernel];
    patterns_note(&s);
}

} // namespace

PreservedAnalyses RoundsPass::run(Module &m, ModuleAnalysisManager &modules)
{
    auto replace = [&](Function &f, FunctionAnalysisManager &functions, GlobalVariable &memory,
                       Kernels &kernels, SmallPtrSetImpl<const BasicBlock *> &done) {
        LoopInfo &loops = functions.getResult<LoopAnalysis>(f);
        for (Loop *l : loops.getLoopsInPreorder()) {
            if (!done.insert(l->getHeader()).second || !is_possible(*l, unit.forms))
                continue;
            CodeForm form(*l);
            const Known *k = known_form(form);
            if (unit.forms)
                form.print(f);
            if (only) {
                if (k)
                    only(site_of(unit, f, l, loops, PATTERN_ROUNDS, "").func);
                continue;
            }
            if (k)
                certify(f, *l, loops, *k, unit);
            if (!k || unit.forms)
                continue;
            Call(f, *l, *k, form, memory, unit).insert(kernels);
            return true;
        }
        return false;
    };
    return replace_patterns("known rounds", m, modules, *machine.getMCSubtargetInfo(), replace);
}
