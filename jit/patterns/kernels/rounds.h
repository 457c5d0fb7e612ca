/* rounds.h: what kernels share that do rounds of a known loop (llvm_rounds.def): what the loop carries,
 * ranges of the memory, numbers of any alignment. */
#ifndef JIT_PATTERNS_ROUNDS_H
#define JIT_PATTERNS_ROUNDS_H

#include "kernel.h"

typedef u32 loose32 __attribute__((aligned(1), may_alias));
typedef u64 loose64 __attribute__((aligned(1), may_alias));
typedef s32 block16 __attribute__((vector_size(16), aligned(1), may_alias));

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Words that the loop carries, and what each is for the kernel, in five bits, those of the first value the
 * lowest ones. */
enum { ROLE_BITS = 5, CARRIED_MOST = 64 / ROLE_BITS };
struct carried {
    u32 *values, n;
    u64 roles;
};

struct range {
    u64 from, to;
};

INLINE u32 role(struct carried c, u32 k)
{
    return (u32)(c.roles >> (ROLE_BITS * k)) & ((1u << ROLE_BITS) - 1);
}

/* Roles are constants where this runs: loops over them must be gone before it is known how many there are. */
INLINE u32 *carried_as(struct carried c, u32 wanted)
{
    u32 at = 0;
    UNROLL
    for (u32 k = 0; k < CARRIED_MOST; k++)
        at = k < c.n && role(c, k) == wanted ? k : at;
    return c.values + at;
}

INLINE int apart(struct range a, struct range b)
{
    return a.to <= b.from || b.to <= a.from;
}

INLINE u64 get64(const char *p)
{
    return *(const loose64 *)p;
}

INLINE u32 get32(const char *p)
{
    return *(const loose32 *)p;
}

INLINE void copy8(char *to, const char *from)
{
    *(loose64 *)to = *(const loose64 *)from;
}

INLINE void copy16(char *to, const char *from)
{
    *(block16 *)to = *(const block16 *)from;
}

#endif
