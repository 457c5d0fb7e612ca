/* llvm_evaluation.h: a loop executed on numbers, with a string in memory, to see whether it does with some
 * strings what it never does with others. C++.
 *
 * What the loop finds when it begins is computed from roots: values from in front of it of which nothing is
 * known, arguments for instance. Memory is the string, zeros behind it, and what the data segments of the
 * module say; elsewhere it is zero, and what is written is there until the end of the run. Behind the loop
 * execution goes on, for a while, as far as nothing is called. */
#ifndef JIT_LLVM_EVALUATION_H
#define JIT_LLVM_EVALUATION_H

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

struct wasm_module;

class Evaluation
{
  public:
    struct Text { /* bytes that are in memory at `at` */
        llvm::ArrayRef<uint8_t> bytes;
        uint64_t at = 0;
    };
    enum End {
        OVER,    /* of the function, or as far as it can be told */
        STUCK,   /* it takes too long */
        UNKNOWN, /* something in the loop cannot be executed */
        NEWS,    /* something happened behind the loop that is not known */
    };

    Evaluation(const llvm::Loop &l, const llvm::DominatorTree &d, const llvm::GlobalVariable &mem,
               const struct wasm_module *m);

    /* What the first round begins with must be set before anything is run; false: the loop does something
     * that is not known here. */
    bool prepare();

    /* Roots are numbered; their values in a run. */
    std::function<uint64_t(unsigned root)> value_of_root;
    unsigned roots() const
    {
        return static_cast<unsigned>(root_slots.size());
    }
    /* Which ones values come from, but for what is loaded in the loop: a bit for each of the first 64. */
    uint64_t roots_of(llvm::ArrayRef<llvm::Value *> values);

    /* Things that happen are the ways that branches out of the loop go, and branches and comparisons behind
     * it. If `learning`, all that happens is known from then on; else a run ends with the first thing that is
     * not. */
    bool learning = false;
    End run(const Text &t);
    void forget();

    /* Whether anything has been there, in the loop or behind it. */
    bool has_entered(const llvm::BasicBlock *b) const
    {
        return blocks.count(b) != 0;
    }

    uint64_t bytes_read = 0; /* of the text, a bit for each of the first 64 */
    llvm::SmallVector<uint64_t, 3>
        places;             /* that the loop has begun to read at, but for the module's constants */
    bool looked_up = false; /* in the loop, in a data segment; since it was set to false */
    bool stored = false;    /* the same, anything */
    bool replaced = false;  /* the last run has stored U+FFFD */
    unsigned steps = 0;     /* since it was set to 0 */

    /* What the last run has left: values of the loop that are used behind it, what was stored and returned.
     */
    struct Result {
        uint64_t value, mask; /* of its type's bits */
        bool is_there;
    };
    size_t results() const
    {
        return observed.size();
    }
    Result result(size_t k) const;

  private:
    struct Number {
        uint64_t low = 0, high = 0;
    };
    struct Op {
        enum Kind {
            BINARY,
            COMPARE,
            SELECT,
            NARROW,
            SIGNED, /* extended so */
            COPY,   /* extended with zeros */
            ADDRESS,
            LOAD,
            STORE,
            INTRINSIC,
            EXTRACT,
            INSERT,
            SHUFFLE,
            NOTHING,
            UNKNOWN
        } kind = UNKNOWN;
        unsigned code = 0; /* LLVM's: operation, comparison, intrinsic */
        unsigned to = 0, a = 0, b = 0, c = 0;
        unsigned bits = 0, lanes = 0, from_bits = 0; /* of a lane of the result, of the first operand */
        unsigned event = 0;                          /* and the one behind it: false and true; 0: none */
        unsigned more = 0;                           /* ADDRESS: of `terms`, SHUFFLE: of `masks` */
        bool root = false;                           /* LOAD in front of the loop: of anything but the text */
    };
    struct Block;
    struct Edge {
        const llvm::BasicBlock *target = nullptr;
        Block *to = nullptr;
        bool decoded = false;
        llvm::SmallVector<std::pair<unsigned, unsigned>, 4> moves; /* to, from */
        unsigned event = 0;
    };
    struct Block {
        const llvm::BasicBlock *block = nullptr;
        bool in_loop = false;
        std::vector<Op> ops;
        unsigned condition = 0, returned = 0, result = 0; /* where what is returned is kept */
        bool branches = false;                            /* on `condition`, 0 goes to the second edge */
        std::map<uint64_t, unsigned> cases;               /* any number may be one */
        std::vector<Edge> edges;
    };
    struct Root {
        unsigned slot;
        uint64_t mask; /* of its type's bits */
    };
    struct Segment {
        uint64_t from, to;
        const uint8_t *bytes;
    };

    static constexpr unsigned ops_most = 4000, behind_most = 300;  /* of a run, and of it behind the loop */
    static constexpr unsigned outside_most = 200, depth_most = 64; /* of an expression */

    const llvm::Loop &loop;
    const llvm::DominatorTree &dominators;
    const llvm::GlobalVariable &memory;
    const llvm::DataLayout &layout;
    std::vector<Segment> segments;
    llvm::DenseMap<const llvm::Value *, unsigned> slots;
    llvm::DenseMap<const llvm::Value *, uint64_t> globals;
    llvm::DenseMap<const llvm::BasicBlock *, std::unique_ptr<Block>> blocks;
    Edge entry;
    std::vector<Number> numbers;
    std::vector<Op> outside;
    std::vector<Root> root_slots;
    std::vector<llvm::SmallVector<std::pair<unsigned, uint64_t>, 2>> terms;
    std::vector<llvm::SmallVector<int, 16>> masks;
    std::vector<std::pair<unsigned, uint64_t>> observed; /* slot, mask */
    std::vector<uint8_t> known;
    unsigned nevents = 1, depth = 0;
    bool failed = false;

    Text text;
    llvm::DenseMap<uint64_t, uint8_t> written;
    llvm::SmallVector<Number, 8> moved;

    unsigned new_slot();
    unsigned new_slot(const Number &n);
    unsigned new_events(unsigned n);
    unsigned slot_of(llvm::Value *v);
    unsigned slot_outside(llvm::Value *v);
    void new_root(unsigned slot, const llvm::Value &v);
    bool constant(const llvm::Constant *c, Number *n);
    bool is_inside(const llvm::Instruction &i) const;
    Op decode(llvm::Instruction &i);
    void decode_kind(llvm::Instruction &i, Op *op);
    void decode_call(llvm::CallInst &i, Op *op);
    void decode_address(llvm::GetElementPtrInst &i, Op *op);
    void decode_terminator(llvm::Instruction &i, Block *b);
    Block *block_of(const llvm::BasicBlock *b);
    void decode_edge(const llvm::BasicBlock *from, Edge *e);
    void watch(unsigned slot, const llvm::Type *t);
    void begin(unsigned first);
    void move(const Edge &e);
    void decode_further(const llvm::BasicBlock *from, Edge *e);
    bool execute(const Op &op);
    bool note(unsigned event);
    bool note_truth(const Op &op);
    Number lanes_of(const Op &op);
    bool lane_of(const Op &op, unsigned k, uint64_t *out) const;
    void shuffle(const Op &op);
    Number load(uint64_t at, unsigned bytes);
    uint8_t load_byte(uint64_t at);
    void store(uint64_t at, const Number &n, unsigned bytes);
    bool is_text(uint64_t at) const;
    const Segment *segment_of(uint64_t at) const;
    Edge *next(Block *b);
    bool is_end(const Edge &e) const;
};

#endif
