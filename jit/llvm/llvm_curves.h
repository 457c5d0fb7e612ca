/* llvm_curves.h: functions of one number that networks are made of, known by their values; C++. */
#ifndef JIT_LLVM_CURVES_H
#define JIT_LLVM_CURVES_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace llvm
{
class CallInst;
class Value;
} // namespace llvm

/* Metadata of loops whose calls are done in vectors (llvm_elements.cpp). */
#define LOOP_IS_ELEMENTS "anneal.elements"

enum curve {
#define CURVE(id, name, value, relative) CURVE_##id,
#include "llvm_curves.def"
#undef CURVE
    CURVES /* none of them */
};

const char *curve_name(enum curve c);
double curve_at(enum curve c, double x);

/* Which curve it is that `at` has the points of, within what functions of f32 (`narrow`), else f64, differ
 * by; `at` returns false where it has none. */
enum curve curve_of(llvm::function_ref<bool(double x, double *y)> at, bool narrow);

/* Which curve the value is marked as, by a call of its argument and itself; CURVES: it is no mark. */
enum curve curve_marked(const llvm::Value &v);

#endif
