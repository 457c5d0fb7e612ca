/* llvm_choice.h: what code that chooses one of two numbers does, in every case that it can tell apart. C++.
 */
#ifndef JIT_LLVM_CHOICE_H
#define JIT_LLVM_CHOICE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

#include <cstdint>
#include <optional>

/* x, and m that it may take the place of; both floating point, or integers of one width. */
class Choice
{
  public:
    Choice(llvm::Value &new_one, llvm::Value &so_far, bool magnitude, const llvm::DominatorTree &dt)
        : x(new_one), m(so_far), x_is_magnitude(magnitude), dominators(dt)
    {
    }

    /* Whether `number` (null: nobody asks) is x where one of both is greater (or less) than the other, and m
     * where it is not; and `place` (or null) one value that `is_new` and another one that is not, in the same
     * cases. Then `form` says which cases these are (extreme_form.h). */
    bool analyse(llvm::Value *number, llvm::Value *place, llvm::function_ref<bool(llvm::Value *)> is_new);
    uint32_t form = 0;
    llvm::Value *taken = nullptr, *kept = nullptr; /* for `place` */

  private:
    enum Relation { BELOW, SAME, ABOVE, X_NAN, M_NAN, BOTH_NAN }; /* x to m */
    struct Case {
        Relation is;
        bool x_negative, m_negative;
    };
    /* What a value is in a case: true or false, x, m, a quiet NaN, or what it is (`other`), if it does not
     * depend on that. */
    struct Outcome {
        enum { TRUTH, X, M, NAN_QUIET, OTHER } kind;
        bool truth;
        llvm::Value *other;
    };
    enum { ORDER_OPEN, ORDER_SIGNED, ORDER_UNSIGNED } order = ORDER_OPEN; /* of integers */

    llvm::Value &x, &m;
    bool x_is_magnitude;
    const llvm::DominatorTree &dominators;
    Case now = {};
    bool is_quiet = false, is_plain = false; /* NaNs that come out */
    enum Answer { TAKES, KEEPS, EITHER, DEPENDS };
    llvm::SmallVector<std::pair<Case, Answer>, 24> answers;

    bool possible(const Case &c) const;
    bool is_nan(const Outcome &o) const;
    Outcome evaluate(llvm::Value *v, unsigned depth);
    Outcome evaluate_phi(llvm::PHINode &phi, unsigned depth);
    Outcome evaluate_truths(llvm::BinaryOperator &i, unsigned depth);
    Outcome evaluate_bits(llvm::BinaryOperator &i, unsigned depth);
    Outcome evaluate_arithmetic(llvm::BinaryOperator &i, unsigned depth);
    Outcome evaluate_compare(llvm::FCmpInst &i, unsigned depth);
    Outcome evaluate_compare(llvm::ICmpInst &i, unsigned depth);
    Outcome evaluate_extremum(llvm::Instruction &i, unsigned depth);
    bool is_negative(llvm::Value *bits, unsigned depth, bool *out);
    Outcome of_sign(llvm::ICmpInst &i, unsigned depth);
    bool has_order(bool is_signed);
    Outcome of_order(llvm::Value *v, llvm::CmpInst::Predicate p, const Outcome &a, const Outcome &b);
    bool enumerate(llvm::Value *number, llvm::Value *place, llvm::function_ref<bool(llvm::Value *)> is_new);
    bool answer_of(const Outcome &o, Answer *out);
    bool answer_of_place(const Outcome &o, llvm::function_ref<bool(llvm::Value *)> is_new, Answer *out);
    Answer answer(Relation is, std::optional<std::pair<bool, bool>> signs) const;
    bool find_zeros();
    bool find_nans();
};

#endif
