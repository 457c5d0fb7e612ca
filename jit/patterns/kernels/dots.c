/* dots.c: sums of rows, ahead of the rounds that want them, in any order (--fp=relaxed). */
#include "kernel.h"
#include "pieces.h"

#pragma STDC FP_CONTRACT OFF

#define PRODUCT(acc, x, y) __builtin_elementwise_fma(x, y, acc)
#define SQUARE(acc, x, y)  __builtin_elementwise_fma((x) - (y), (x) - (y), acc)

typedef f32 singles8 __attribute__((vector_size(32)));
typedef f32 singles16 __attribute__((vector_size(64)));
typedef f64 doubles4 __attribute__((vector_size(32)));
typedef f64 doubles8 __attribute__((vector_size(64)));

/* Of two vectors: what each piece of 128 bits holds, its elements added to one another by two, and by two
 * again, and pieces by two, of vectors of four and of two pieces. */
#define SINGLES8(a, b)  (LOW_SINGLES8(a, b) + HIGH_SINGLES8(a, b))
#define SINGLES16(a, b) (LOW_SINGLES16(a, b) + HIGH_SINGLES16(a, b))
#define PAIRS8(a, b)    (LOW_PAIRS8(a, b) + HIGH_PAIRS8(a, b))
#define PAIRS16(a, b)   (LOW_PAIRS16(a, b) + HIGH_PAIRS16(a, b))
#define DOUBLES4(a, b)  (LOW_DOUBLES4(a, b) + HIGH_DOUBLES4(a, b))
#define DOUBLES8(a, b)  (LOW_DOUBLES8(a, b) + HIGH_DOUBLES8(a, b))
#define PIECES8(a, b)                                                                                        \
    (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +                                               \
     __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define PIECES16(a, b)                                                                                       \
    (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +               \
     __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define PIECES_DOUBLES4(a, b)                                                                                \
    (__builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7))
#define PIECES_DOUBLES8(a, b)                                                                                \
    (__builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13) +                                               \
     __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15))

/* The first COUNT of `s` from twice as many. */
#define FOLD(COUNT, TWO)                                                                                     \
    UNROLL                                                                                                   \
    for (int n = 0; n < (COUNT); n++)                                                                        \
        s[n] = TWO(s[2 * n], s[2 * n + 1]);

/* The first vector of `s` becomes the sums of all. */
INLINE void together_f32_256(singles8 *s)
{
    FOLD(4, SINGLES8)
    FOLD(2, PAIRS8)
    s[0] = PIECES8(s[0], s[1]);
}

INLINE void together_f32_512(singles16 *s)
{
    FOLD(8, SINGLES16)
    FOLD(4, PAIRS16)
    FOLD(2, PIECES16)
    s[0] = PIECES16(s[0], s[1]);
}

INLINE void together_f64_256(doubles4 *s)
{
    FOLD(2, DOUBLES4)
    s[0] = PIECES_DOUBLES4(s[0], s[1]);
}

INLINE void together_f64_512(doubles8 *s)
{
    FOLD(4, DOUBLES8)
    FOLD(2, PIECES_DOUBLES8)
    s[0] = PIECES_DOUBLES8(s[0], s[1]);
}

#define NAME     dots_f32_256
#define T        f32
#define BITS     s32
#define V        singles8
#define LANES    8
#define WIDTH    64
#define ADD      PRODUCT
#define TOGETHER together_f32_256
#include "dots.h"

#define NAME     dots_f32_256_squares
#define T        f32
#define BITS     s32
#define V        singles8
#define LANES    8
#define WIDTH    64
#define ADD      SQUARE
#define TOGETHER together_f32_256
#include "dots.h"

#define NAME     dots_f32_512
#define T        f32
#define BITS     s32
#define V        singles16
#define LANES    16
#define WIDTH    64
#define ADD      PRODUCT
#define TOGETHER together_f32_512
#include "dots.h"

#define NAME     dots_f32_512_squares
#define T        f32
#define BITS     s32
#define V        singles16
#define LANES    16
#define WIDTH    64
#define ADD      SQUARE
#define TOGETHER together_f32_512
#include "dots.h"

#define NAME     dots_f64_256
#define T        f64
#define BITS     s64
#define V        doubles4
#define LANES    4
#define WIDTH    32
#define ADD      PRODUCT
#define TOGETHER together_f64_256
#include "dots.h"

#define NAME     dots_f64_256_squares
#define T        f64
#define BITS     s64
#define V        doubles4
#define LANES    4
#define WIDTH    32
#define ADD      SQUARE
#define TOGETHER together_f64_256
#include "dots.h"

#define NAME     dots_f64_512
#define T        f64
#define BITS     s64
#define V        doubles8
#define LANES    8
#define WIDTH    32
#define ADD      PRODUCT
#define TOGETHER together_f64_512
#include "dots.h"

#define NAME     dots_f64_512_squares
#define T        f64
#define BITS     s64
#define V        doubles8
#define LANES    8
#define WIDTH    32
#define ADD      SQUARE
#define TOGETHER together_f64_512
#include "dots.h"
