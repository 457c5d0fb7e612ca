/* llvm_nest.h: what is known about a nest of loops that may be an algorithm of jit/patterns: the loops, the
 * sums that they make, and which bytes of linear memory they read and write. C++. */
#ifndef JIT_LLVM_NEST_H
#define JIT_LLVM_NEST_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

/* Functions of the app are named u<id>f<index>, copies of kernels have a dot and more behind that. */
uint32_t function_index(const llvm::Function &f);
bool is_own_function(const llvm::Function &f);

/* Whether there is a product of two loads: the least that all patterns have. */
bool multiplies(const llvm::Loop &innermost);

/* Metadata of loops that stay behind the tests of a kernel: no sum of theirs changes its order. */
#define LOOP_IN_ORDER "anneal.in_order"

/* Metadata of branches to the second of two loops, which does what the first one does if what they write is
 * apart from what they read (LanesPass). */
#define BRANCH_IF_APART "anneal.if_apart"

/* A condition that is the same in all rounds, and the value of it that is meant; null: none. */
struct NestCondition {
    llvm::Value *value = nullptr;
    bool wanted = false;
    const llvm::BranchInst *branch = nullptr; /* on it, where rounds of the nest go on */
};

/* Where an access of linear memory goes: memory 0 + index + offset, with index = start + the sum of
 * strides[level] * round of that level, modulo 2^32. Start and strides are the same in all rounds. */
struct NestAddress {
    const llvm::SCEV *start = nullptr;                /* i32 */
    llvm::SmallVector<const llvm::SCEV *, 3> strides; /* i32 by level, the outermost first */
    uint64_t offset = 0;
    uint64_t offset_most = 0; /* of all accesses that this one stands for */
    unsigned bytes = 0;       /* accessed there */
};

/* One x * y, or (x - y)^2, that is added to a sum. Where the sum is in memory, it is read and written there.
 */
struct NestElement {
    llvm::LoadInst *x = nullptr, *y = nullptr;
    bool squared = false;                /* the second */
    unsigned extend_x = 0, extend_y = 0; /* how they are extended: Instruction::SExt, ZExt or 0 */
    llvm::LoadInst *sum = nullptr;
    llvm::StoreInst *store = nullptr;
};

/* A loop of one block, or code without a loop, that takes elements one after the other. */
struct NestSegment {
    llvm::Loop *loop = nullptr;                 /* null: once */
    NestCondition condition;                    /* else it is passed over */
    llvm::SmallVector<NestElement, 4> elements; /* of a round */
};

class Nest
{
  public:
    /* `levels`: the outermost first, each the parent of the next, the last one of one block. */
    Nest(llvm::ArrayRef<llvm::Loop *> levels, llvm::ScalarEvolution &se, llvm::LoopInfo &li,
         llvm::GlobalVariable &memory);

    /* Finds everything below; false: `why` says what is in the way. */
    bool analyse();
    /* Of two levels, the outer one with anything in it: the inner loop makes one sum a round, `result`, that
     * does not depend on what the outer one does. */
    bool analyse_rounds(const llvm::DominatorTree &dominators);
    const char *why = nullptr;
    bool sums_products =
        false; /* also when it was refused: there is something that looks like the algorithm */

    llvm::SmallVector<llvm::Loop *, 3> levels;
    llvm::SmallVector<NestCondition, 4> conditions; /* all must hold */
    /* Of the innermost level. They continue one another; the last one may depend on a condition. */
    llvm::SmallVector<NestSegment, 2> segments;
    NestAddress x, y, sum;        /* of the first element, strides of the innermost level by element; sum:
                                     only if it is in memory */
    llvm::Value *start = nullptr; /* what sums start with; null: with what is in memory */
    NestAddress begin;            /* there, if that is elsewhere: each sum with what is read in its round */
    llvm::PHINode *result = nullptr;   /* the sum if it is not in memory */
    llvm::Type *type = nullptr;        /* of sums */
    bool inside = false;               /* the sum is read and written for every element */
    llvm::BasicBlock *entry = nullptr; /* analyse_rounds(): from its end to `result` nothing else is made */
    llvm::SmallVector<NestAddress, 4> others; /* analyse_rounds(): all that the outer loop stores */

    bool invariant(const llvm::Value *v) const;
    /* Of a loop in the nest, but the first. */
    const llvm::SCEV *rounds_of(const llvm::Loop &l);

  private:
    struct Piece { /* of a level's body, in order */
        llvm::Loop *loop;
        llvm::BasicBlock *block;
        NestCondition condition;
    };

    llvm::ScalarEvolution &evolution;
    llvm::LoopInfo &loop_info;
    llvm::GlobalVariable &memory;
    llvm::SmallVector<Piece, 8> body;               /* of the level around the innermost */
    llvm::SmallPtrSet<llvm::BasicBlock *, 16> path; /* what is executed if all conditions hold */
    llvm::DenseMap<llvm::BasicBlock *, llvm::BasicBlock *> came_from; /* on that path: the block before */
    llvm::DenseMap<llvm::BasicBlock *, llvm::BasicBlock *> around;    /* and where it may be passed over */
    llvm::DenseMap<const llvm::Value *, const llvm::SCEV *> joined;   /* phis where ways through it meet */
    llvm::SmallPtrSet<const llvm::Instruction *, 16> used;
    llvm::SmallVector<llvm::StoreInst *, 8> through;               /* stores of what a sum is on its way */
    llvm::SmallVector<const llvm::BinaryOperator *, 16> additions; /* to it, the last one first */
    llvm::LoadInst *again = nullptr; /* of what has been stored before the first of them */
    llvm::SmallPtrSet<const llvm::BasicBlock *, 8> made; /* blocks between `entry` and `result` */

    llvm::Loop *innermost() const
    {
        return levels.back();
    }
    bool refuse(const char *reason);
    bool loops_are_counted();
    bool counted(const llvm::Loop &l);
    llvm::BasicBlock *choose(llvm::Loop &l, llvm::BranchInst &br, const llvm::BasicBlock *inner,
                             llvm::BasicBlock **join, NestCondition *condition);
    bool walk(llvm::Loop &l, const llvm::Loop &inner);
    bool walk_levels();
    bool find_sums();
    bool find_sums_in_memory(llvm::ArrayRef<llvm::StoreInst *> stores);
    bool find_sum_of_store(llvm::StoreInst &store);
    bool find_sums_stored_through(llvm::ArrayRef<llvm::StoreInst *> stores);
    bool begins_with(const llvm::StoreInst &st);
    bool is_before(const llvm::Instruction &a, const llvm::Instruction &b) const;
    bool all_are_stored(llvm::ArrayRef<llvm::StoreInst *> stores);
    void forget_sums();
    bool goes_on(const llvm::BinaryOperator &add) const;
    bool follow(llvm::Value *sum);
    bool follow_loop(llvm::Instruction &sum, llvm::Value **before);
    bool take_sums(llvm::Value *sum, const llvm::BasicBlock *in, llvm::SmallVectorImpl<NestElement> &out,
                   llvm::Value **before);
    bool take_ordered(llvm::Value *sum, const llvm::BasicBlock *in, llvm::SmallVectorImpl<NestElement> &out,
                      llvm::Value **before);
    bool take_unordered(llvm::Value *sum, const llvm::BasicBlock *in, llvm::SmallVectorImpl<NestElement> &out,
                        llvm::Value **before);
    bool element(llvm::Value *v, NestElement *e);
    llvm::LoadInst *factor(llvm::Value *v, unsigned *extend);
    NestCondition condition_of(const llvm::BasicBlock *b) const;
    const llvm::SCEV *elements_of(const NestSegment &s);
    bool sums_begin(const NestSegment &rest, const llvm::BasicBlock *from, const llvm::BasicBlock *to);
    bool takes_all(NestSegment &rest, const llvm::SCEV *all);
    bool is_same_either_way(const NestCondition &c);
    NestSegment *segment_of(const llvm::Instruction &i);
    bool nothing_else();
    bool find_result();
    void move_out(llvm::BasicBlock &b);
    bool find_made(const llvm::DominatorTree &dominators);
    bool stays_inside(const llvm::Instruction &i) const;
    bool only_reads();
    void align_factors();
    bool same_types();
    bool find_factors();
    bool find_addresses();
    bool find_sum_address();
    bool sort(NestSegment &s, llvm::function_ref<llvm::Value *(const NestElement &)> pointer);
    void sort_elements();
    void find_joined(llvm::BasicBlock &b);
    bool address(llvm::Value *pointer, const NestSegment &s, NestAddress *a);
    const llvm::SCEV *index_of(llvm::Value *index, bool *in_range);
    bool narrow(const llvm::SCEV *wide);
    bool continues(const llvm::SCEV *first, const llvm::SCEV *by, const llvm::SCEV *count,
                   const llvm::SCEV *at);
    bool steps(llvm::function_ref<llvm::Value *(const NestElement &)> pointer, NestAddress *out);
    bool step_of(NestSegment &s, llvm::function_ref<llvm::Value *(const NestElement &)> pointer,
                 NestAddress *first, const llvm::SCEV **by);
    const llvm::SCEV *settled(const llvm::SCEV *s);
};

#endif
