/* ahead.c: sums of rows, ahead of the rounds that want them. */
#include "kernel.h"

#pragma STDC FP_CONTRACT OFF

#define PRODUCT(x, y) ((x) * (y))
#define SQUARE(x, y)  (((x) - (y)) * ((x) - (y)))

#define NAME  ahead_f32_256
#define T     f32
#define LANES 8
#define COUNT 8
#define TERM  PRODUCT
#include "ahead.h"

#define NAME  ahead_f32_256_squares
#define T     f32
#define LANES 8
#define COUNT 8
#define TERM  SQUARE
#include "ahead.h"

#define NAME  ahead_f32_512
#define T     f32
#define LANES 16
#define COUNT 4
#define TERM  PRODUCT
#include "ahead.h"

#define NAME  ahead_f32_512_squares
#define T     f32
#define LANES 16
#define COUNT 4
#define TERM  SQUARE
#include "ahead.h"

#define NAME  ahead_f64_256
#define T     f64
#define LANES 4
#define COUNT 8
#define TERM  PRODUCT
#include "ahead.h"

#define NAME  ahead_f64_256_squares
#define T     f64
#define LANES 4
#define COUNT 8
#define TERM  SQUARE
#include "ahead.h"

#define NAME  ahead_f64_512
#define T     f64
#define LANES 8
#define COUNT 4
#define TERM  PRODUCT
#include "ahead.h"

#define NAME  ahead_f64_512_squares
#define T     f64
#define LANES 8
#define COUNT 4
#define TERM  SQUARE
#include "ahead.h"
