/* matrix.c: products of matrices. */
#include "kernel.h"

#pragma STDC FP_CONTRACT OFF

#define IN_ORDER(acc, x, y) ((acc) + (x) * (y))
#define FUSED(acc, x, y)    __builtin_elementwise_fma(x, y, acc)

#define NAME  matrix_f32_256
#define T     f32
#define LANES 8
#define ROWS  6
#define ADD   IN_ORDER
#include "matrix_float.h"

#define NAME  matrix_f32_512
#define T     f32
#define LANES 16
#define ROWS  12
#define ADD   IN_ORDER
#include "matrix_float.h"

#define NAME  matrix_f32_256_fused
#define T     f32
#define LANES 8
#define ROWS  6
#define ADD   FUSED
#include "matrix_float.h"

#define NAME  matrix_f32_512_fused
#define T     f32
#define LANES 16
#define ROWS  12
#define ADD   FUSED
#include "matrix_float.h"

#define NAME  matrix_f64_256
#define T     f64
#define LANES 4
#define ROWS  6
#define ADD   IN_ORDER
#include "matrix_float.h"

#define NAME  matrix_f64_512
#define T     f64
#define LANES 8
#define ROWS  12
#define ADD   IN_ORDER
#include "matrix_float.h"

#define NAME  matrix_f64_256_fused
#define T     f64
#define LANES 4
#define ROWS  6
#define ADD   FUSED
#include "matrix_float.h"

#define NAME  matrix_f64_512_fused
#define T     f64
#define LANES 8
#define ROWS  12
#define ADD   FUSED
#include "matrix_float.h"
