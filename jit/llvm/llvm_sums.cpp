/* llvm_sums.cpp: sums of floating point that --fp=relaxed may make in any order.
 *
 * A sum is a value that a loop carries from round to round and only adds to: nothing in the loop looks at it
 * on its way, so that the loop can tell no order from another. Its additions, and only these, become ones
 * that LLVM may reorder, which makes several sums beside each other, in vectors; products that go nowhere
 * else may be added without being rounded first. Whatever the order, the error of n additions is at most n *
 * 2^-24 (f32) or n * 2^-53 (f64) times the sum of the magnitudes, to first order.
 *
 * Loops that stay behind the tests of a kernel (llvm_patterns.cpp) keep their order. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_nest.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace
{

using Chain = SmallVector<BinaryOperator *, 8>; /* additions, in order */

/* The only use of `v` in the loop; null: there are several, or none. */
Use *only_use(Value &v, const Loop &l)
{
    Use *only = nullptr;
    for (Use &u : v.uses()) {
        if (!l.contains(cast<Instruction>(u.getUser())))
            continue;
        if (only)
            return nullptr;
        only = &u;
    }
    return only;
}

bool used_behind(const Value &v, const Loop &l)
{
    return any_of(v.users(), [&](const User *u) { return !l.contains(cast<Instruction>(u)); });
}

/* The additions that `phi` goes through in every round, if that is all that becomes of it. */
bool find_chain(PHINode &phi, const Loop &l, Chain &chain)
{
    Value *end = phi.getIncomingValueForBlock(l.getLoopLatch());
    for (Value *v = &phi; v != end;) {
        Use *u = only_use(*v, l);
        auto *add = u ? dyn_cast<BinaryOperator>(u->getUser()) : nullptr;
        bool adds = add && (add->getOpcode() == Instruction::FAdd ||
                            (add->getOpcode() == Instruction::FSub && u == &add->getOperandUse(0)));
        if (!adds || used_behind(*v, l))
            return false;
        chain.push_back(add);
        v = add;
    }
    Use *back = only_use(*end, l);
    return !chain.empty() && back && back->getUser() == &phi;
}

void relax(const Chain &chain)
{
    for (BinaryOperator *add : chain) {
        add->setHasAllowReassoc(true);
        add->setHasAllowContract(true);
        for (Value *v : add->operands()) {
            auto *product = dyn_cast<BinaryOperator>(v);
            if (product && product->getOpcode() == Instruction::FMul && product->hasOneUse())
                product->setHasAllowContract(true);
        }
    }
}

/* For the list of places. */
void note(const struct llvm_unit &unit, const Function &f, const Loop &l, const LoopInfo &loops,
          uint32_t number, unsigned sums, const Chain &last)
{
    SmallString<96> evidence;
    raw_svector_ostream(evidence) << sums << (sums == 1 ? " sum of " : " sums of ")
                                  << *last.front()->getType() << ", " << last.size() << " a round";
    struct pattern_site site = {};
    site.owner = unit.module;
    site.func = function_index(f);
    site.at = first_offset(l, loops);
    site.loop = number;
    site.pattern = PATTERN_SUM;
    site.replaced = site.relaxed = true;
    site.text = "order left open";
    memcpy(site.evidence, evidence.data(), std::min(evidence.size(), sizeof site.evidence - 1));
    patterns_note(&site);
}

} // namespace

PreservedAnalyses RelaxSumsPass::run(Function &f, FunctionAnalysisManager &analyses)
{
    PatternTimer timer;
    if (!is_own_function(f))
        return PreservedAnalyses::all();
    uint32_t number = 0;
    LoopInfo &loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop *l : loops.getLoopsInPreorder()) {
        unsigned sums = 0;
        Chain chain, last;
        if (l->getLoopLatch() && !findStringMetadataForLoop(l, LOOP_IN_ORDER)) {
            for (PHINode &phi : l->getHeader()->phis()) {
                chain.clear();
                if (!phi.getType()->isFPOrFPVectorTy() || !find_chain(phi, *l, chain))
                    continue;
                relax(chain);
                last = chain;
                sums++;
            }
        }
        if (sums)
            note(unit, f, *l, loops, number, sums, last);
        number++;
    }
    return PreservedAnalyses::all();
}
