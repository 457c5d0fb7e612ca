/* extreme.c: the greatest or least of numbers next to each other, and which of them that is; exact, whatever
 * becomes of NaNs, zeros of both signs and equal numbers. */
#pragma clang diagnostic ignored "-Wtautological-compare" /* no integer is a NaN */
#include "extreme_form.h"
#include "kernel.h"

typedef u64 results __attribute__((vector_size(16)));

#define NAME     extreme_f32
#define T        f32
#define E        f32
#define UE       f32
#define MASK     s32
#define LANES    16
#define FLOATING 1
#include "extreme.h"

#define NAME     extreme_f64
#define T        f64
#define E        f64
#define UE       f64
#define MASK     s64
#define LANES    8
#define FLOATING 1
#include "extreme.h"

#define NAME     extreme_8
#define T        s32
#define E        s8
#define UE       u8
#define MASK     s32
#define LANES    16
#define FLOATING 0
#include "extreme.h"

#define NAME     extreme_16
#define T        s32
#define E        s16
#define UE       u16
#define MASK     s32
#define LANES    16
#define FLOATING 0
#include "extreme.h"

#define NAME     extreme_32
#define T        s32
#define E        s32
#define UE       u32
#define MASK     s32
#define LANES    16
#define FLOATING 0
#include "extreme.h"

#define NAME     extreme_64
#define T        s64
#define E        s64
#define UE       u64
#define MASK     s64
#define LANES    8
#define FLOATING 0
#include "extreme.h"
