/* llvm_curves.cpp: which functions of the module are exp, tanh and the like, and where loops call them.
 *
 * A C library's functions are compiled into the module, each library's and each compiler's in its own way, so
 * that nothing but what they compute tells them. A function of one number that is called in a loop is
 * executed at points (llvm_numbers.c), and the call is marked before the inliner dissolves it: its value goes
 * through a function that does not exist, with the argument beside it. NetworksPass looks at marks and takes
 * them away again. */
#pragma clang diagnostic ignored "-Wmissing-designated-field-initializers" /* C headers */
extern "C" {
#include "llvm_jit.h"

#include "patterns.h"
}

#include "llvm_curves.h"
#include "llvm_nest.h"
#include "llvm_numbers.h"
#include "llvm_passes.h"
#include "llvm_substitute.h"

#include <cmath>

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

static const char mark_name[] = "anneal.curve.";

/* --- Values. --- */

/* By its series, or by its continued fraction where the series would lose digits. */
static double erf_of(double x)
{
    const double two_by_root_pi = 1.1283791670955126;
    if (fabs(x) < 3) {
        double sum = x, term = x;
        for (int n = 1; n < 60; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return two_by_root_pi * sum;
    }
    double z = fabs(x), fraction = z;
    for (int n = 60; n > 0; n--)
        fraction = z + 0.5 * n / fraction;
    double rest = exp(-z * z) * 0.5 * two_by_root_pi / fraction;
    return x < 0 ? rest - 1 : 1 - rest;
}

const char *curve_name(enum curve c)
{
    static const char *const names[CURVES] = {
#define CURVE(id, name, value, relative) name,
#include "llvm_curves.def"
#undef CURVE
    };
    return names[c];
}

double curve_at(enum curve c, double x)
{
    switch (c) {
#define CURVE(id, name, value, relative)                                                                     \
    case CURVE_##id: return value;
#include "llvm_curves.def"
#undef CURVE
    case CURVES: break;
    }
    return 0;
}

static bool is_relative(enum curve c)
{
    static const bool relative[CURVES] = {
#define CURVE(id, name, value, relative) relative,
#include "llvm_curves.def"
#undef CURVE
    };
    return relative[c];
}

static bool is_near(enum curve c, double x, double y, bool narrow)
{
    double wanted = curve_at(c, x);
    double beside = is_relative(c) ? fabs(wanted) : std::max(1.0, fabs(x));
    return fabs(y - wanted) <= beside * (narrow ? 2e-6 : 1e-10);
}

enum curve curve_of(function_ref<bool(double, double *)> at, bool narrow)
{
    constexpr int points = 48;
    unsigned left = (1u << CURVES) - 1;
    for (int k = 0; k < points && left; k++) {
        /* From -8 to 8, in an order that tells most others at once; exact as f32. */
        double x = ((k * 29 + 7) % points - points / 2) * 0.33203125 + 0.04296875, y;
        if (!at(x, &y))
            return CURVES;
        for (unsigned c = 0; c < CURVES; c++) {
            if (!is_near(static_cast<enum curve>(c), x, y, narrow))
                left &= ~(1u << c);
        }
    }
    return left ? static_cast<enum curve>(llvm::countr_zero(left)) : CURVES;
}

/* --- Marks. --- */

enum curve curve_marked(const Value &v)
{
    auto *call = dyn_cast<CallInst>(&v);
    const Function *f = call ? call->getCalledFunction() : nullptr;
    unsigned c;
    if (!f || !f->getName().starts_with(mark_name) ||
        f->getName().drop_front(sizeof mark_name - 1).split('.').first.getAsInteger(10, c))
        return CURVES;
    return static_cast<enum curve>(c);
}

static void mark(CallInst &call, enum curve c)
{
    Type *t = call.getType();
    Function *f = cast<Function>(
        call.getModule()
            ->getOrInsertFunction(
                (Twine(mark_name) + Twine(unsigned(c)) + (t->isFloatTy() ? ".f32" : ".f64")).str(),
                FunctionType::get(t, {t, t}, false))
            .getCallee());
    f->setDoesNotAccessMemory();
    f->setDoesNotThrow();
    f->setWillReturn();
    IRBuilder<> b(call.getNextNode());
    CallInst *marked = b.CreateCall(f, {call.getArgOperand(1), &call});
    call.setIsNoInline(); /* until ElementsPass has seen the loop */
    call.replaceUsesWithIf(marked, [&](Use &u) { return u.getUser() != marked; });
}

/* A function of one number: the instance and the number are its arguments. */
static bool is_of_number(const CallInst &call)
{
    const Function *f = call.getCalledFunction();
    Type *t = call.getType();
    return f && is_own_function(*f) && f->getName().starts_with("u") && (t->isFloatTy() || t->isDoubleTy()) &&
           call.arg_size() == 2 && call.getArgOperand(1)->getType() == t;
}

PreservedAnalyses CurvesPass::run(Module &m, ModuleAnalysisManager &modules)
{
    PatternTimer timer("networks");
    auto &functions = modules.getResult<FunctionAnalysisManagerModuleProxy>(m).getManager();
    SmallVector<CallInst *, 8> calls;
    for (Function &f : m) {
        if (f.isDeclaration() || !is_own_function(f))
            continue;
        for (Instruction &i : instructions(f)) {
            auto *call = dyn_cast<CallInst>(&i);
            if (call && is_of_number(*call) &&
                functions.getResult<LoopAnalysis>(f).getLoopFor(call->getParent()))
                calls.push_back(call);
        }
    }
    DenseMap<uint32_t, enum curve> known;
    bool marked = false;
    for (CallInst *call : calls) {
        uint32_t func = function_index(*call->getCalledFunction());
        auto found = known.try_emplace(func, CURVES);
        if (found.second)
            found.first->second =
                curve_of([&](double x, double *y) { return llvm_number_of(unit.module, func, x, y); },
                         call->getType()->isFloatTy());
        if (found.first->second == CURVES)
            continue;
        mark(*call, found.first->second);
        marked = true;
    }
    return marked ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
