/* rt_simd.h: vectors, and the functions named in wasm_simd.def beyond those of rt_num.h. Source:
 * WebAssembly 2.0, 4.3. Plain C over lanes: what the interpreter and constant folding use; needs
 * -ffp-contract=off. */
#ifndef JIT_RT_SIMD_H
#define JIT_RT_SIMD_H

#include "rt_num.h"

/* Lane 0 is lowest in memory; the members are named as their lane types are. */
typedef union rt_v128 {
    u8 u8[16];
    s8 s8[16];
    u16 u16[8];
    s16 s16[8];
    u32 u32[4];
    s32 s32[4];
    u64 u64[2];
    s64 s64[2];
    f32 f32[4];
    f64 f64[2];
} rt_v128;

/* A vector in two cells, low half first. */
RT_NUM rt_v128 rt_v128_get(const rt_cell *cells)
{
    rt_v128 v;
    __builtin_memcpy(&v, cells, sizeof v);
    return v;
}
RT_NUM void rt_v128_set(rt_cell *cells, rt_v128 v)
{
    __builtin_memcpy(cells, &v, sizeof v);
}

/* The nearest value that the lane can hold. */
#define RT_SIMD_SAT(bits)                                                                                    \
    RT_NUM s##bits rt_sat_s##bits(s32 x)                                                                     \
    {                                                                                                        \
        return (s##bits)(x < INT##bits##_MIN ? INT##bits##_MIN : x > INT##bits##_MAX ? INT##bits##_MAX : x); \
    }                                                                                                        \
    RT_NUM u##bits rt_sat_u##bits(s32 x)                                                                     \
    {                                                                                                        \
        return (u##bits)(x < 0 ? 0 : x > UINT##bits##_MAX ? UINT##bits##_MAX : x);                           \
    }
RT_SIMD_SAT(8)
RT_SIMD_SAT(16)
#undef RT_SIMD_SAT

/* Product of two fractions with 15 bits behind the point, rounded. */
RT_NUM s16 rt_q15mulr(s16 x, s16 y)
{
    return rt_sat_s16(((s32)x * y + 0x4000) >> 15);
}

#endif
