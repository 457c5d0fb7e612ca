/* kernel.h: what the sources of kernels share. They are compiled to LLVM bitcode when Anneal is built, for no
 * processor in particular; the compiler of the app makes a copy for a place in the code, in which what is
 * constant there is a constant, and compiles that for the processor at hand.
 *
 * Addresses are bytes of linear memory of any alignment, strides are bytes. The caller has proven or tested
 * that everything read and written is inside of the memory, and that what is written overlaps nothing that is
 * read, unless the kernel says otherwise. Kernels call nothing and have no writable data. */
#ifndef JIT_PATTERNS_KERNEL_H
#define JIT_PATTERNS_KERNEL_H

typedef signed char s8;
typedef unsigned char u8;
typedef short s16;
typedef unsigned short u16;
typedef int s32;
typedef unsigned u32;
typedef long long s64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

#define INLINE static inline __attribute__((always_inline))
/* The bits of a vector that a kernel cannot do without, because it computes for long: a processor that lowers
 * its clock for them, and that of all the app, would rather have shorter ones, and has in kernels that don't
 * say so. */
#define VECTORS_OF(bits) __attribute__((min_vector_width(bits)))
#define UNROLL           _Pragma("clang loop unroll(full)")

#define CONCAT_(a, b) a##_##b
#define CONCAT(a, b)  CONCAT_(a, b)

#endif
