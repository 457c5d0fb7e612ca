/* The functions that fold constants in the image, against values computed with 200 bits. */
#include "math_x87.h"

#include <string.h>

#include "unit.h"

typedef double unary(double);

#define INF __builtin_inf()
#define NAN __builtin_nan("")

static int64_t ordered(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

/* At most one unit in the last place away. */
static void near(double got, double expected, int line)
{
    int64_t distance = ordered(got) - ordered(expected);
    if (distance < -1 || distance > 1)
        unit_check_f64(got, expected, __FILE__, line, "more than 1 ulp away");
}
#define NEAR(got, expected) near((got), (expected), __LINE__)

TEST(math_x87_asin)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.921fb54442d18p+0},     {-0x1.0000000000000p+0, -0x1.921fb54442d18p+0},
        {0x1.0000000000000p-1, 0x1.0c152382d7366p-1},     {-0x1.0000000000000p-1, -0x1.0c152382d7366p-1},
        {0x1.56e1fc2f8f359p-997, 0x1.56e1fc2f8f359p-997}, {0x1.12e0be826d695p-30, 0x1.12e0be826d695p-30},
        {0x1.fffffff768fa1p-1, 0x1.921cc6f77cacbp+0},     {-0x1.6a09e667f3bcdp-1, -0x1.921fb54442d19p-1},
        {-0x1.68ca5e0d58b24p-2, -0x1.70b4b66a4b79bp-2},   {-0x1.6587cb4d766c8p-1, -0x1.8bc98d643a1dfp-1},
        {0x1.351d220c5c7fcp-2, 0x1.3a03195d21c9bp-2},     {-0x1.b5d34316e07c0p-1, -0x1.069a9af1b5cf3p+0},
        {0x1.25f2046063a00p-4, 0x1.2632c1fc88a07p-4},     {-0x1.1311b06ace67cp-2, -0x1.167d4b8df141bp-2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_asin(rows[i][0]), rows[i][1]);
}

TEST(math_x87_acos)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x0.0p+0},
        {-0x1.0000000000000p+0, 0x1.921fb54442d18p+1},
        {0x0.0p+0, 0x1.921fb54442d18p+0},
        {0x1.0000000000000p-1, 0x1.0c152382d7366p+0},
        {-0x1.0000000000000p-1, 0x1.0c152382d7366p+1},
        {0x1.12e0be826d695p-30, 0x1.921fb53ff74e9p+0},
        {0x1.fffffff768fa1p-1, 0x1.772663126c72dp-15},
        {-0x1.ffffde7210be9p-1, 0x1.91f15dfb82062p+1},
        {-0x1.c49bee0b8ed14p-1, 0x1.53dc011278297p+1},
        {0x1.e74ee6deceb80p-7, 0x1.8e510e43f10c3p+0},
        {-0x1.d99abcf4ffae6p-1, 0x1.603cc6f8376dcp+1},
        {-0x1.0fc98b29e5570p-3, 0x1.b432a250a447dp+0},
        {-0x1.b877d1e131f48p-1, 0x1.4da625ae27c10p+1},
        {-0x1.a31c20b97748ap-1, 0x1.43cddff9c5ac6p+1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_acos(rows[i][0]), rows[i][1]);
}

TEST(math_x87_atan)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.921fb54442d18p-1},     {-0x1.0000000000000p+0, -0x1.921fb54442d18p-1},
        {0x1.0000000000000p-1, 0x1.dac670561bb4fp-2},     {0x1.7e43c8800759cp+996, 0x1.921fb54442d18p+0},
        {-0x1.7e43c8800759cp+996, -0x1.921fb54442d18p+0}, {0x1.56e1fc2f8f359p-997, 0x1.56e1fc2f8f359p-997},
        {0x1.9c511dc3a41dfp-29, 0x1.9c511dc3a41dfp-29},   {-0x1.e313c2b0b62c0p+3, -0x1.8130ce2cb835bp+0},
        {0x1.057b50ac8b9d6p+6, 0x1.8e3540de1acf0p+0},     {-0x1.2cf55bbd4149ap+6, -0x1.8eb8ba905953ap+0},
        {-0x1.bad151f1dff42p+5, -0x1.8d7fdaebf8a04p+0},   {0x1.97c94bb932e1cp+4, 0x1.8815a3f2a5fffp+0},
        {0x1.662aca9a2fab0p+6, 0x1.8f43d59cbb03cp+0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_atan(rows[i][0]), rows[i][1]);
}

TEST(math_x87_sinh)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.2cd9fc44eb982p+0},      {-0x1.0000000000000p+0, -0x1.2cd9fc44eb982p+0},
        {0x1.56e1fc2f8f359p-997, 0x1.56e1fc2f8f359p-997},  {0x1.5798ee2308c3ap-27, 0x1.5798ee2308c3ap-27},
        {0x1.3330941c8216cp-2, 0x1.37d16d71c47c6p-2},      {0x1.3335d249e44fap-2, 0x1.37d6e87958965p-2},
        {0x1.6000000000000p+4, 0x1.ab5adb9c43600p+30},     {0x1.6333333333333p+9, 0x1.da98a7371610bp+1023},
        {-0x1.6333333333333p+9, -0x1.da98a7371610bp+1023}, {0x1.ed7578946ee18p+2, 0x1.16e66331803b5p+10},
        {-0x1.4a9f5aec2a0e0p+3, -0x1.dfa7f81c072aep+13},   {0x1.7d010bae1bb1ep+5, 0x1.a2804dc6b0da0p+67},
        {-0x1.6abbddf455610p+5, -0x1.55282e1eea7b5p+64},   {0x1.1ec6572551466p+5, 0x1.a487d2778352dp+50},
        {-0x1.50a0094c2c14cp+4, -0x1.46f56351dff7cp+29},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_sinh(rows[i][0]), rows[i][1]);
}

TEST(math_x87_cosh)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.8b07551d9f550p+0},
        {-0x1.0000000000000p+0, 0x1.8b07551d9f550p+0},
        {0x0.0p+0, 0x1.0000000000000p+0},
        {0x1.5798ee2308c3ap-27, 0x1.0000000000000p+0},
        {0x1.3333333333333p-2, 0x1.0b9b4e0b6ec4cp+0},
        {0x1.6000000000000p+4, 0x1.ab5adb9c43600p+30},
        {0x1.6333333333333p+9, 0x1.da98a7371610bp+1023},
        {-0x1.6333333333333p+9, 0x1.da98a7371610bp+1023},
        {-0x1.1c988f15ee710p+5, 0x1.4044ff72f62a3p+50},
        {-0x1.31c4264ee89c1p+5, 0x1.1a44bbae2d657p+54},
        {-0x1.326dd847f2d3ep+4, 0x1.8c3d8c72e516fp+26},
        {0x1.f9cd5b506689cp+4, 0x1.860457a45e999p+44},
        {-0x1.fed6798b638c5p+4, 0x1.0b2395ed3974ep+45},
        {0x1.051edaa47b540p+3, 0x1.b547d003756e3p+10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_cosh(rows[i][0]), rows[i][1]);
}

TEST(math_x87_tanh)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.85efab514f394p-1},     {-0x1.0000000000000p+0, -0x1.85efab514f394p-1},
        {0x1.56e1fc2f8f359p-997, 0x1.56e1fc2f8f359p-997}, {0x1.5798ee2308c3ap-27, 0x1.5798ee2308c3ap-27},
        {0x1.32fec56d5cfabp-3, 0x1.30b75e7ebe4e1p-3},     {0x1.3367a0f9096bcp-3, 0x1.311de701a0b30p-3},
        {0x1.3000000000000p+4, 0x1.fffffffffffffp-1},     {0x1.6000000000000p+4, 0x1.0000000000000p+0},
        {-0x1.e000000000000p+4, -0x1.0000000000000p+0},   {0x1.639e54bc1e650p+0, 0x1.c41600af07b77p-1},
        {-0x1.46a98be0d27ccp+0, -0x1.b5f9e3305ac97p-1},   {0x1.e8e7408f80740p-2, 0x1.c6daffb883746p-2},
        {-0x1.17d0a782d9bccp+2, -0x1.ffd639e826a67p-1},   {-0x1.19daf1be7aaf0p+2, -0x1.ffd8ce576cf6ep-1},
        {-0x1.785f72f092dcep+1, -0x1.fd2601cbf6928p-1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_tanh(rows[i][0]), rows[i][1]);
}

TEST(math_x87_exp)
{
    static const double rows[][2] = {
        {0x1.0000000000000p+0, 0x1.5bf0a8b145769p+1},     {-0x1.0000000000000p+0, 0x1.78b56362cef38p-2},
        {0x1.0000000000000p-1, 0x1.a61298e1e069cp+0},     {-0x1.999999999999ap-4, 0x1.cf46d99d52b3ap-1},
        {0x1.12e0be826d695p-30, 0x1.000000044b830p+0},    {0x1.d333333333333p+2, 0x1.7213320377b28p+10},
        {-0x1.f99999999999ap+2, 0x1.84c0b61a85917p-12},   {0x1.4400000000000p+4, 0x1.290d76d1966a9p+29},
        {-0x1.24ccccccccccdp+5, 0x1.25878aca16dbep-53},   {0x1.2c20000000000p+8, 0x1.fc0ed35ef0037p+432},
        {-0x1.2cb3333333333p+8, 0x1.225720438e36dp-434},  {0x1.62d999999999ap+9, 0x1.d75ae7a50ee14p+1023},
        {-0x1.6200000000000p+9, 0x1.7c8ab2288c9abp-1022}, {0x1.0000000000000p-30, 0x1.0000000400000p+0},
        {-0x1.62d0e56041893p-2, 0x1.6a10b883d5676p-1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_exp(rows[i][0]), rows[i][1]);
}

TEST(math_x87_pow)
{
    static const double rows[][3] = {
        {0x1.0000000000000p+1, 0x1.4000000000000p+3, 0x1.0000000000000p+10},
        {0x1.0000000000000p+1, -0x1.0c80000000000p+10, 0x0.0000000000001p-1022},
        {0x1.0000000000000p+1, 0x1.0000000000000p-1, 0x1.6a09e667f3bcdp+0},
        {0x1.4000000000000p+3, 0x1.6000000000000p+4, 0x1.0f0cf064dd592p+73},
        {0x1.4000000000000p+3, -0x1.4000000000000p+2, 0x1.4f8b588e368f1p-17},
        {0x1.000000006df38p+0, 0x1.2a05f20000000p+33, 0x1.5bf0aa93f93c0p+1},
        {0x1.fffffca501acbp-1, -0x1.dcd6500000000p+29, 0x1.34950dbea285bp+144},
        {0x1.56e1fc2f8f359p-997, 0x1.0000000000000p-1, 0x1.a2fe76a3f9475p-499},
        {0x1.7e43c8800759cp+996, 0x1.051eb851eb852p+0, 0x1.6c8e5ca239078p+1016},
        {0x1.8000000000000p+1, 0x1.2c00000000000p+9, 0x1.f813b8e393478p+950},
        {0x1.c000000000000p+2, -0x1.2c00000000000p+8, 0x1.bbb9b4e610170p-843},
        {0x1.8000000000000p+0, 0x1.a900000000000p+10, 0x1.5a63b3b6d05e3p+994},
        {0x1.6666666666666p-1, 0x1.db00000000000p+10, 0x1.3d94382448851p-978},
        {0x0.0000000000001p-1022, 0x1.0000000000000p-2, 0x1.6a09e667f3bcdp-269},
        {0x1.b374bb4a89a16p+3, -0x1.cf68c432378c0p+4, 0x1.e25b170bc7938p-110},
        {0x1.921bbeaa7f0d6p+2, 0x1.11cc47516065cp+5, 0x1.ad036fd323e0dp+90},
        {0x1.2209ba6ced34ep+3, -0x1.405f7026508f4p+6, 0x1.3a3f8d0c64e26p-255},
        {0x1.fc67225e619f8p+3, 0x1.3e641ebbf746cp+6, 0x1.7f113977fbc37p+317},
        {0x1.38718b6d18c7ep+2, 0x1.dc4fce9033050p+4, 0x1.11a9b59fd101dp+68},
        {0x1.502031f79bfbap+3, 0x1.2c1c28ba58fa4p+7, 0x1.1547980971359p+509},
        {0x1.d2d850f3e81fcp+3, -0x1.534cb106354c9p+6, 0x1.ffaff58637d77p-329},
        {0x1.39a7ec6aed93bp+4, -0x1.318c20ecce851p+7, 0x1.196b5186aee94p-656},
        {-0x1.0000000000000p+1, 0x1.8000000000000p+1, -0x1.0000000000000p+3},
        {-0x1.0000000000000p+1, 0x1.0000000000000p+2, 0x1.0000000000000p+4},
        {-0x1.8000000000000p+0, -0x1.c000000000000p+2, -0x1.df75680feb65fp-5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        NEAR(x87_pow(rows[i][0], rows[i][1]), rows[i][2]);
}

/* C11 F.10.4.4. */
TEST(math_x87_pow_special_cases)
{
    CHECK_F64(x87_pow(0.0, -3), INF);
    CHECK_F64(x87_pow(-0.0, -3), -INF);
    CHECK_F64(x87_pow(-0.0, -2), INF);
    CHECK_F64(x87_pow(-0.0, 3), -0.0);
    CHECK_F64(x87_pow(-0.0, 2.5), 0.0);
    CHECK_F64(x87_pow(0.0, -INF), INF);
    CHECK_F64(x87_pow(-1, INF), 1);
    CHECK_F64(x87_pow(-1, -INF), 1);
    CHECK_F64(x87_pow(1, NAN), 1);
    CHECK_F64(x87_pow(NAN, 0), 1);
    CHECK_F64(x87_pow(0.5, INF), 0);
    CHECK_F64(x87_pow(0.5, -INF), INF);
    CHECK_F64(x87_pow(-3, INF), INF);
    CHECK_F64(x87_pow(-3, -INF), 0);
    CHECK_F64(x87_pow(INF, -2), 0);
    CHECK_F64(x87_pow(INF, 2), INF);
    CHECK_F64(x87_pow(-INF, 3), -INF);
    CHECK_F64(x87_pow(-INF, -3), -0.0);
    CHECK_F64(x87_pow(-INF, 4), INF);
    CHECK_F64(x87_pow(2, 5000), INF);
    CHECK_F64(x87_pow(2, -5000), 0);
    CHECK_F64(x87_pow(-2, 5001), -INF);
    CHECK_F64(x87_pow(2, 1e300), INF);
    CHECK_F64(x87_pow(2, 1e-300), 1);
    CHECK(x87_pow(-2, 0.5) != x87_pow(-2, 0.5));
    CHECK(x87_pow(NAN, 1) != x87_pow(NAN, 1));
}

TEST(math_x87_special_cases)
{
    static unary *const odd[] = {x87_asin, x87_atan, x87_sinh, x87_tanh};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        CHECK_F64(odd[i](0.0), 0.0);
        CHECK_F64(odd[i](-0.0), -0.0);
        CHECK(odd[i](NAN) != odd[i](NAN));
    }
    CHECK(x87_asin(1.1) != x87_asin(1.1));
    CHECK(x87_acos(-1.1) != x87_acos(-1.1));
    CHECK_F64(x87_acos(1), 0);
    CHECK_F64(x87_sinh(INF), INF);
    CHECK_F64(x87_sinh(-1000), -INF);
    CHECK_F64(x87_cosh(-INF), INF);
    CHECK_F64(x87_cosh(1e300), INF);
    CHECK_F64(x87_tanh(INF), 1);
    CHECK_F64(x87_exp(0), 1);
    CHECK_F64(x87_exp(INF), INF);
    CHECK_F64(x87_exp(-INF), 0);
    CHECK_F64(x87_exp(1e300), INF);
    CHECK(x87_exp(NAN) != x87_exp(NAN));
    CHECK_F64(x87_tanh(-1e300), -1);
    CHECK_F64(x87_atan2(0.0, -1), 0x1.921fb54442d18p+1);
    CHECK_F64(x87_atan2(-0.0, -1), -0x1.921fb54442d18p+1);
    CHECK_F64(x87_atan2(1, 0.0), 0x1.921fb54442d18p+0);
    CHECK_F64(x87_atan2(-1, -1), -0x1.2d97c7f3321d2p+1);
    CHECK_F64((double)x87_logl(1), 0);
    CHECK_F64((double)x87_logl(10), 0x1.26bb1bbb55516p+1);
    CHECK_F64((double)x87_logl(0), -INF);
}
