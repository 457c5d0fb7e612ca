/* patterns.h: known algorithms, the kernels that replace them, and what became of each place in an app where
 * one was looked for. */
#ifndef JIT_PATTERNS_H
#define JIT_PATTERNS_H

#include "rt.h"

enum pattern {
#define PATTERN(id, name, what, strict, relaxed) PATTERN_##id,
#include "patterns.def"
#undef PATTERN
    PATTERN_COUNT
};
const char *pattern_name(enum pattern p);

/* LLVM bitcode with all kernels (jit/patterns/kernels). */
extern const u8 patterns_kernels[], patterns_kernels_end[];

/* A nest of loops that looks like a pattern: its certificate, or why it stays as it is. */
struct pattern_site {
    u32 func; /* whose code it stands in, after inlining */
    u32 loop; /* the innermost one, counted among the function's loops from its beginning, callees' included
               */
    enum pattern pattern;
    bool replaced;     /* behind tests, the loops stay for when these fail */
    const char *text;  /* the kernel, or what is in the way; static */
    char evidence[96]; /* what was matched */
};
#define PATTERN_SITES_MAX 256 /* later ones are not kept */

/* Keeps a copy; one of the same place is replaced. Allocates nothing: it runs inside of a compilation's
 * budget.
 */
void patterns_note(const struct pattern_site *s);
/* Those that were noted behind the first `n` did not come to be: their compilation failed. */
void patterns_drop_from(u32 n);
const struct pattern_site *patterns_sites(u32 *n);

#endif
