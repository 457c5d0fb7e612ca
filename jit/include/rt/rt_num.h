/* rt_num.h: the numeric operations of WebAssembly that C does not define the same way: the functions named in
 * wasm_alu.def. Source: WebAssembly 2.0, 4.3 "Numerics".
 *
 * SSE2 alone (no roundss, no popcnt); needs -ffp-contract=off. A NaN result is quiet, otherwise any that the
 * specification allows. The ones that can trap call rt_trap() and do not return then. */
#ifndef JIT_RT_NUM_H
#define JIT_RT_NUM_H

#include "rt.h"

#define RT_NUM static inline __attribute__((always_inline))

/* --- Bits. --- */
RT_NUM u32 rt_bits_f32_u32(f32 x)
{
    u32 r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
}
RT_NUM u64 rt_bits_f64_u64(f64 x)
{
    u64 r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
}
RT_NUM f32 rt_bits_u32_f32(u32 x)
{
    f32 r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
}
RT_NUM f64 rt_bits_u64_f64(u64 x)
{
    f64 r;
    __builtin_memcpy(&r, &x, sizeof r);
    return r;
}

/* --- Integers. --- */
RT_NUM u32 rt_clz32(u32 x)
{
    return x ? (u32)__builtin_clz(x) : 32;
}
RT_NUM u32 rt_ctz32(u32 x)
{
    return x ? (u32)__builtin_ctz(x) : 32;
}
RT_NUM u32 rt_popcnt32(u32 x)
{
    return (u32)__builtin_popcount(x);
}
RT_NUM u64 rt_clz64(u64 x)
{
    return x ? (u64)__builtin_clzll(x) : 64;
}
RT_NUM u64 rt_ctz64(u64 x)
{
    return x ? (u64)__builtin_ctzll(x) : 64;
}
RT_NUM u64 rt_popcnt64(u64 x)
{
    return (u64)__builtin_popcountll(x);
}
RT_NUM u32 rt_rotl32(u32 x, u32 y)
{
    return __builtin_rotateleft32(x, y);
}
RT_NUM u32 rt_rotr32(u32 x, u32 y)
{
    return __builtin_rotateright32(x, y);
}
RT_NUM u64 rt_rotl64(u64 x, u64 y)
{
    return __builtin_rotateleft64(x, y);
}
RT_NUM u64 rt_rotr64(u64 x, u64 y)
{
    return __builtin_rotateright64(x, y);
}

RT_NUM void rt_num_trap_if(bool bad, enum rt_trap t)
{
    if (__builtin_expect(bad, 0))
        rt_trap(t);
}

#define RT_NUM_DIVISION(bits)                                                                                \
    RT_NUM u##bits rt_div_s##bits(u##bits x, u##bits y)                                                      \
    {                                                                                                        \
        rt_num_trap_if(y == 0, TRAP_DIV_BY_ZERO);                                                            \
        rt_num_trap_if(x == (u##bits)1 << (bits - 1) && y == (u##bits) - 1, TRAP_INT_OVERFLOW);              \
        return (u##bits)((s##bits)x / (s##bits)y);                                                           \
    }                                                                                                        \
    RT_NUM u##bits rt_div_u##bits(u##bits x, u##bits y)                                                      \
    {                                                                                                        \
        rt_num_trap_if(y == 0, TRAP_DIV_BY_ZERO);                                                            \
        return x / y;                                                                                        \
    }                                                                                                        \
    RT_NUM u##bits rt_rem_s##bits(u##bits x, u##bits y)                                                      \
    {                                                                                                        \
        rt_num_trap_if(y == 0, TRAP_DIV_BY_ZERO);                                                            \
        return y == (u##bits) - 1 ? 0 : (u##bits)((s##bits)x % (s##bits)y);                                  \
    }                                                                                                        \
    RT_NUM u##bits rt_rem_u##bits(u##bits x, u##bits y)                                                      \
    {                                                                                                        \
        rt_num_trap_if(y == 0, TRAP_DIV_BY_ZERO);                                                            \
        return x % y;                                                                                        \
    }
RT_NUM_DIVISION(32)
RT_NUM_DIVISION(64)
#undef RT_NUM_DIVISION

/* --- Floats: sign, rounding, minimum and maximum, for both widths from one text. ---
 * Rounding goes through the integer conversion (or, to nearest, through adding 2^23 or 2^52), which is exact
 * below that magnitude; larger values are integers already, and adding it to itself quiets a NaN. The sign is
 * copied because -0.0 and results that round to it keep theirs. */
#define RT_NUM_FLOAT(bits, big)                                                                              \
    RT_NUM f##bits rt_abs##bits(f##bits x)                                                                   \
    {                                                                                                        \
        return rt_bits_u##bits##_f##bits(rt_bits_f##bits##_u##bits(x) & ~((u##bits)1 << (bits - 1)));        \
    }                                                                                                        \
    RT_NUM f##bits rt_neg##bits(f##bits x)                                                                   \
    {                                                                                                        \
        return rt_bits_u##bits##_f##bits(rt_bits_f##bits##_u##bits(x) ^ ((u##bits)1 << (bits - 1)));         \
    }                                                                                                        \
    RT_NUM f##bits rt_copysign##bits(f##bits x, f##bits y)                                                   \
    {                                                                                                        \
        u##bits sign = (u##bits)1 << (bits - 1);                                                             \
        return rt_bits_u##bits##_f##bits((rt_bits_f##bits##_u##bits(x) & ~sign) |                            \
                                         (rt_bits_f##bits##_u##bits(y) & sign));                             \
    }                                                                                                        \
    RT_NUM f##bits rt_trunc##bits(f##bits x)                                                                 \
    {                                                                                                        \
        if (!(rt_abs##bits(x) < (f##bits)(big)))                                                             \
            return x != x ? x + x : x;                                                                       \
        return rt_copysign##bits((f##bits)(s##bits)x, x);                                                    \
    }                                                                                                        \
    RT_NUM f##bits rt_floor##bits(f##bits x)                                                                 \
    {                                                                                                        \
        if (!(rt_abs##bits(x) < (f##bits)(big)))                                                             \
            return x != x ? x + x : x;                                                                       \
        f##bits t = (f##bits)(s##bits)x;                                                                     \
        return rt_copysign##bits(t > x ? t - 1 : t, x);                                                      \
    }                                                                                                        \
    RT_NUM f##bits rt_ceil##bits(f##bits x)                                                                  \
    {                                                                                                        \
        if (!(rt_abs##bits(x) < (f##bits)(big)))                                                             \
            return x != x ? x + x : x;                                                                       \
        f##bits t = (f##bits)(s##bits)x;                                                                     \
        return rt_copysign##bits(t < x ? t + 1 : t, x);                                                      \
    }                                                                                                        \
    RT_NUM f##bits rt_nearest##bits(f##bits x)                                                               \
    {                                                                                                        \
        f##bits a = rt_abs##bits(x);                                                                         \
        if (!(a < (f##bits)(big)))                                                                           \
            return x != x ? x + x : x;                                                                       \
        return rt_copysign##bits((a + (f##bits)(big)) - (f##bits)(big), x);                                  \
    }                                                                                                        \
    RT_NUM f##bits rt_sqrt##bits(f##bits x)                                                                  \
    {                                                                                                        \
        return __builtin_elementwise_sqrt(x);                                                                \
    }                                                                                                        \
    RT_NUM f##bits rt_min##bits(f##bits x, f##bits y)                                                        \
    {                                                                                                        \
        if (x == y) /* zeros: -0.0 is the smaller one */                                                     \
            return rt_bits_u##bits##_f##bits(rt_bits_f##bits##_u##bits(x) | rt_bits_f##bits##_u##bits(y));   \
        return x < y ? x : y < x ? y : x + y;                                                                \
    }                                                                                                        \
    RT_NUM f##bits rt_max##bits(f##bits x, f##bits y)                                                        \
    {                                                                                                        \
        if (x == y)                                                                                          \
            return rt_bits_u##bits##_f##bits(rt_bits_f##bits##_u##bits(x) & rt_bits_f##bits##_u##bits(y));   \
        return x > y ? x : y > x ? y : x + y;                                                                \
    }
RT_NUM_FLOAT(32, 0x1p23)
RT_NUM_FLOAT(64, 0x1p52)
#undef RT_NUM_FLOAT

/* --- Floats to integers. RT_NUM_TRUNC(float, integer, suffix, what is in range, smallest, largest): trapping
 * and saturating form. The bounds are the exact ones: the largest float below the range and the smallest
 * above it. --- */
#define RT_NUM_TRUNC(from, to, suffix, in_range, smallest, largest)                                          \
    RT_NUM to rt_trunc_##from##_##suffix(from x)                                                             \
    {                                                                                                        \
        if (__builtin_expect(!(in_range), 0))                                                                \
            rt_trap(x != x ? TRAP_INVALID_CONVERSION : TRAP_INT_OVERFLOW);                                   \
        return (to)(suffix)x;                                                                                \
    }                                                                                                        \
    RT_NUM to rt_trunc_sat_##from##_##suffix(from x)                                                         \
    {                                                                                                        \
        if (in_range)                                                                                        \
            return (to)(suffix)x;                                                                            \
        return x != x ? 0 : x < 0 ? (to)(smallest) : (to)(largest);                                          \
    }
RT_NUM_TRUNC(f32, u32, s32, x >= -0x1p31f && x < 0x1p31f, INT32_MIN, INT32_MAX)
RT_NUM_TRUNC(f32, u32, u32, x > -1.0f && x < 0x1p32f, 0, UINT32_MAX)
RT_NUM_TRUNC(f64, u32, s32, x > -2147483649.0 && x < 0x1p31, INT32_MIN, INT32_MAX)
RT_NUM_TRUNC(f64, u32, u32, x > -1.0 && x < 0x1p32, 0, UINT32_MAX)
RT_NUM_TRUNC(f32, u64, s64, x >= -0x1p63f && x < 0x1p63f, INT64_MIN, INT64_MAX)
RT_NUM_TRUNC(f32, u64, u64, x > -1.0f && x < 0x1p64f, 0, UINT64_MAX)
RT_NUM_TRUNC(f64, u64, s64, x >= -0x1p63 && x < 0x1p63, INT64_MIN, INT64_MAX)
RT_NUM_TRUNC(f64, u64, u64, x > -1.0 && x < 0x1p64, 0, UINT64_MAX)
#undef RT_NUM_TRUNC

#endif
