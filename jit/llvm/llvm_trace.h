/* llvm_trace.h: the way that a function of the module takes with an ordinary number, as vector code. C++. */
#ifndef JIT_LLVM_TRACE_H
#define JIT_LLVM_TRACE_H

extern "C" {
#include "llvm_numbers.h"
}

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/IRBuilder.h"

class Trace
{
  public:
    /* What a trace reads beside its argument: bytes [from, to) of memory 0. */
    struct Constants {
        uint64_t from, to;
    };

    /* Whether the function takes the same way at many points, does nothing on it that has no vectors or might
     * trap, and has no effects on any other way either. */
    bool find(const struct wasm_module *m, uint32_t func);

    const llvm::SmallVectorImpl<Constants> &constants() const
    {
        return read;
    }

    /* What it makes of the lanes of `x`. `*other`: lanes that take another way, whose result is of no use.
     * What is the same in all lanes is loaded by `before`. `permutes`: for AVX-512, small tables are in
     * registers. */
    llvm::Value *build(llvm::IRBuilder<> &b, llvm::IRBuilder<> &before, llvm::Value *x,
                       llvm::GlobalVariable &memory, bool permutes, llvm::Value **other) const;

  private:
    struct number_trace trace;
    llvm::SmallVector<Constants, 8> read;

    bool find_constants(const struct wasm_module *m);
    unsigned bits_that_stay(unsigned at, unsigned deep = 0) const;
    void bounds_of(unsigned at, uint64_t *least, uint64_t *most, unsigned deep = 0) const;
    static constexpr unsigned deep_most = 10; /* of operations that an address is made of */
};

#endif
