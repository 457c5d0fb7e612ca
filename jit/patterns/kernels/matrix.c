/* matrix.c: products of matrices. */
#include "kernel.h"
#include "matrix_sums.h"

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

typedef s16 words_256 __attribute__((vector_size(32)));
typedef s16 words_512 __attribute__((vector_size(64)));
typedef s32 sums_512 __attribute__((vector_size(64)));

#define NAME        matrix_i8_256
#define LANES       8
#define COUNT       2
#define ROWS        4
#define TARGET      __attribute__((target("avx2")))
#define PAIRS(x, y) __builtin_ia32_pmaddwd256((words_256)(x), (words_256)(y))
#include "matrix_bytes.h"

#define NAME        matrix_i8_512
#define LANES       16
#define COUNT       4
#define ROWS        6
#define TARGET      __attribute__((target("avx512bw")))
#define PAIRS(x, y) __builtin_ia32_pmaddwd512((words_512)(x), (words_512)(y))
#include "matrix_bytes.h"

#define NAME                 matrix_i8_quads_512
#define LANES                16
#define COUNT                4
#define ROWS                 6
#define TARGET               __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define ADD_QUADS(sum, x, y) __builtin_ia32_vpdpbusd512((sums_512)(sum), (sums_512)(x), (sums_512)(y))
#include "matrix_quads.h"
