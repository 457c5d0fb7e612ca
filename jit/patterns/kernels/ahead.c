/* ahead.c: sums of rows, ahead of the rounds that want them. */
#include "kernel.h"
#include "pieces.h"

#pragma STDC FP_CONTRACT OFF

#define PRODUCT(x, y) ((x) * (y))
#define SQUARE(x, y)  (((x) - (y)) * ((x) - (y)))

/* Every so many rows, from the `n`th on, one behind the other. */
#define ROWS_SINGLES8(ROW, n)  JOIN4(ROW(n), ROW((n) + 4))
#define ROWS_SINGLES16(ROW, n) JOIN8(JOIN4(ROW(n), ROW((n) + 4)), JOIN4(ROW((n) + 8), ROW((n) + 12)))
#define ROWS_DOUBLES4(ROW, n)  JOIN2(ROW(n), ROW((n) + 2))
#define ROWS_DOUBLES8(ROW, n)  JOIN4(JOIN2(ROW(n), ROW((n) + 2)), JOIN2(ROW((n) + 4), ROW((n) + 6)))

#define TURN_SINGLES(LANES, ROW, to)                                                                         \
    V a = ROWS_SINGLES##LANES(ROW, 0), b = ROWS_SINGLES##LANES(ROW, 1), c = ROWS_SINGLES##LANES(ROW, 2),     \
      d = ROWS_SINGLES##LANES(ROW, 3);                                                                       \
    V ab = LOW_SINGLES##LANES(a, b), cd = LOW_SINGLES##LANES(c, d), ab2 = HIGH_SINGLES##LANES(a, b),         \
      cd2 = HIGH_SINGLES##LANES(c, d);                                                                       \
    *(V *)(to) = LOW_PAIRS##LANES(ab, cd);                                                                   \
    *(V *)((to) + WIDTH) = HIGH_PAIRS##LANES(ab, cd);                                                        \
    *(V *)((to) + 2 * WIDTH) = LOW_PAIRS##LANES(ab2, cd2);                                                   \
    *(V *)((to) + 3 * WIDTH) = HIGH_PAIRS##LANES(ab2, cd2);
#define TURN_DOUBLES(LANES, ROW, to)                                                                         \
    V a = ROWS_DOUBLES##LANES(ROW, 0), b = ROWS_DOUBLES##LANES(ROW, 1);                                      \
    *(V *)(to) = LOW_DOUBLES##LANES(a, b);                                                                   \
    *(V *)((to) + WIDTH) = HIGH_DOUBLES##LANES(a, b);
#define TURN_SINGLES8(ROW, to)  TURN_SINGLES(8, ROW, to)
#define TURN_SINGLES16(ROW, to) TURN_SINGLES(16, ROW, to)
#define TURN_DOUBLES4(ROW, to)  TURN_DOUBLES(4, ROW, to)
#define TURN_DOUBLES8(ROW, to)  TURN_DOUBLES(8, ROW, to)

#define NAME  ahead_f32_256
#define T     f32
#define LANES 8
#define COUNT 8
#define TERM  PRODUCT
#define TURN  TURN_SINGLES8
#include "ahead.h"

#define NAME  ahead_f32_256_squares
#define T     f32
#define LANES 8
#define COUNT 8
#define TERM  SQUARE
#define TURN  TURN_SINGLES8
#include "ahead.h"

#define NAME  ahead_f32_512
#define T     f32
#define LANES 16
#define COUNT 4
#define TERM  PRODUCT
#define TURN  TURN_SINGLES16
#include "ahead.h"

#define NAME  ahead_f32_512_squares
#define T     f32
#define LANES 16
#define COUNT 4
#define TERM  SQUARE
#define TURN  TURN_SINGLES16
#include "ahead.h"

#define NAME  ahead_f64_256
#define T     f64
#define LANES 4
#define COUNT 8
#define TERM  PRODUCT
#define TURN  TURN_DOUBLES4
#include "ahead.h"

#define NAME  ahead_f64_256_squares
#define T     f64
#define LANES 4
#define COUNT 8
#define TERM  SQUARE
#define TURN  TURN_DOUBLES4
#include "ahead.h"

#define NAME  ahead_f64_512
#define T     f64
#define LANES 8
#define COUNT 4
#define TERM  PRODUCT
#define TURN  TURN_DOUBLES8
#include "ahead.h"

#define NAME  ahead_f64_512_squares
#define T     f64
#define LANES 8
#define COUNT 4
#define TERM  SQUARE
#define TURN  TURN_DOUBLES8
#include "ahead.h"
