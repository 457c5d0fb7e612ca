/* Numerics where C and WebAssembly differ. The specification's vectors cover them in full, hosted; this is
 * what the image can check by itself. */
#include "rt_num.h"

#include "unit.h"

TEST(rt_num_rounds)
{
    CHECK_F64(rt_floor64(-0.5), -1.0);
    CHECK_F64(rt_floor64(-0.0), -0.0);
    CHECK_F64(rt_ceil64(-0.5), -0.0);
    CHECK_F64(rt_ceil64(4503599627370495.5), 4503599627370496.0);
    CHECK_F64(rt_trunc64(-1.9), -1.0);
    CHECK_F64(rt_nearest64(2.5), 2.0);
    CHECK_F64(rt_nearest64(3.5), 4.0);
    CHECK_F64(rt_nearest64(-0.5), -0.0);
    CHECK_F64(rt_nearest64(0x1p60), 0x1p60);
    CHECK_F64((f64)rt_nearest32(8388607.5f), 8388608.0);
    CHECK_F64((f64)rt_floor32(-8388607.5f), -8388608.0);
}

TEST(rt_num_quiets_nans)
{
    f64 signaling = rt_bits_u64_f64(0x7ff4000000000000u);
    CHECK_EQ(rt_bits_f64_u64(rt_floor64(signaling)) >> 51, 0xfff);
    CHECK_EQ(rt_bits_f64_u64(rt_nearest64(signaling)) >> 51, 0xfff);
    CHECK_EQ(rt_bits_f64_u64(rt_min64(signaling, 1.0)) >> 51, 0xfff);
    CHECK_EQ(rt_bits_f64_u64(rt_max64(1.0, signaling)) >> 51, 0xfff);
    CHECK_EQ(rt_bits_f64_u64(rt_neg64(signaling)), 0xfff4000000000000u);
    CHECK_EQ(rt_bits_f64_u64(rt_abs64(rt_neg64(signaling))), 0x7ff4000000000000u);
}

TEST(rt_num_orders_zeros)
{
    CHECK_F64(rt_min64(0.0, -0.0), -0.0);
    CHECK_F64(rt_max64(-0.0, 0.0), 0.0);
    CHECK_F64(rt_max64(-0.0, -0.0), -0.0);
    CHECK_F64(rt_min64(-1.0, 2.0), -1.0);
    CHECK_F64(rt_copysign64(3.0, -0.0), -3.0);
}

TEST(rt_num_truncates_to_the_exact_bounds)
{
    CHECK_EQ((s32)rt_trunc_f64_s32(-2147483648.9), INT32_MIN);
    CHECK_EQ(rt_trunc_f64_u32(4294967295.9), UINT32_MAX);
    CHECK_EQ(rt_trunc_f64_u64(-0.9), 0);
    CHECK_EQ(rt_trunc_f64_u64(0x1.fffffffffffffp63), 0xfffffffffffff800u);
    CHECK_EQ(rt_trunc_sat_f32_s32(0x1p31f), INT32_MAX);
    CHECK_EQ(rt_trunc_sat_f32_s64(-0x1p70f), INT64_MIN);
    CHECK_EQ(rt_trunc_sat_f32_u32(-1.0f), 0);
    CHECK_EQ(rt_trunc_sat_f64_u32(0x1p32), UINT32_MAX);
    CHECK_EQ(rt_trunc_sat_f64_s64(__builtin_nan("")), 0);
}

TEST(rt_num_counts_and_divides)
{
    CHECK_EQ(rt_clz32(0), 32);
    CHECK_EQ(rt_ctz64(0), 64);
    CHECK_EQ(rt_popcnt64(UINT64_MAX), 64);
    CHECK_EQ(rt_rotr32(1, 33), 0x80000000u);
    CHECK_EQ(rt_rem_s32(1u << 31, UINT32_MAX), 0);
    CHECK_EQ(rt_div_s64((u64)-7, 2), -3);
}
