/* Values of --invoke: text to cells and back. */
#include <string.h>

#include "engine.h"
#include "unit.h"

typedef size_t print_fn(const rt_cell *, rt_type, char *, size_t);

static void check(print_fn *print, const char *text, rt_type t, const char *expected)
{
    rt_cell c[2];
    struct err e = {0};
    char buf[64];
    if (!CHECK_EQ(engine_value_parse(text, t, c, &e), ST_OK))
        return;
    print(c, t, buf, sizeof buf);
    CHECK_STR(buf, expected);
}

TEST(values_integers)
{
    check(engine_value_print, "7", RT_I32, "7");
    check(engine_value_print, "-1", RT_I32, "-1");
    check(engine_value_print, "4294967295", RT_I32, "-1");
    check(engine_value_print, "0x80000000", RT_I32, "-2147483648");
    check(engine_value_print, "-2147483648", RT_I32, "-2147483648");
    check(engine_value_print, "18446744073709551615", RT_I64, "-1");
    check(engine_value_print, "-9223372036854775808", RT_I64, "-9223372036854775808");
    check(engine_value_print, "0xffffffffffffffff", RT_I64, "-1");
}

TEST(values_bad_integers)
{
    static const char *const bad32[] = {"",   "-",           "x",  "1x", "4294967296", "-2147483649",
                                        "0x", "0x100000000", " 1", "--1"};
    for (size_t k = 0; k < sizeof bad32 / sizeof bad32[0]; k++) {
        rt_cell c;
        struct err e = {0};
        CHECK_EQ(engine_value_parse(bad32[k], RT_I32, &c, &e), E_INVAL);
        CHECK(strstr(e.text, "is not an i32") != NULL);
    }
    rt_cell c;
    struct err e = {0};
    CHECK_EQ(engine_value_parse("18446744073709551616", RT_I64, &c, &e), E_INVAL);
    CHECK_EQ(engine_value_parse("0x1ffffffffffffffff", RT_I64, &c, &e), E_INVAL);
}

TEST(values_floats)
{
    check(engine_value_print, "0.1", RT_F64, "0.1");
    check(engine_value_print, "0.1", RT_F32, "0.1");
    check(engine_value_print, "-0", RT_F64, "-0");
    check(engine_value_print, "1e300", RT_F64, "1e+300");
    check(engine_value_print, "inf", RT_F32, "inf");
    check(engine_value_print, "-inf", RT_F64, "-inf");
    check(engine_value_print, "nan", RT_F64, "nan");
    check(engine_value_print, "3.141592653589793", RT_F64, "3.141592653589793");
    rt_cell c;
    struct err e = {0};
    CHECK_EQ(engine_value_parse("1.5x", RT_F64, &c, &e), E_INVAL);
    CHECK_EQ(engine_value_parse("", RT_F32, &c, &e), E_INVAL);
}

TEST(values_vectors)
{
    check(engine_value_print, "0x00112233445566778899aabbccddeeff", RT_V128,
          "0x00112233445566778899aabbccddeeff");
    rt_cell c[2];
    struct err e = {0};
    CHECK_EQ(engine_value_parse("0x1", RT_V128, c, &e), E_INVAL);
    CHECK_EQ(engine_value_parse("0x00112233445566778899aabbccddeefg", RT_V128, c, &e), E_INVAL);
}

TEST(values_nan_bits)
{
    check(engine_value_print_exact, "nan", RT_F32, "nan");
    check(engine_value_print_exact, "-nan", RT_F64, "-nan");
    check(engine_value_print_exact, "nan:0x200000", RT_F32, "nan:0x200000");
    check(engine_value_print_exact, "-nan:0x7fffff", RT_F32, "-nan:0x7fffff");
    check(engine_value_print_exact, "+nan:0x400000", RT_F32, "nan");
    check(engine_value_print_exact, "nan:0xfffffffffffff", RT_F64, "nan:0xfffffffffffff");
    check(engine_value_print_exact, "-inf", RT_F32, "-inf");
    check(engine_value_print_exact, "-0", RT_F64, "-0");
    check(engine_value_print_exact, "0x7ff8000000000000", RT_I64, "9221120237041090560");
    check(engine_value_print, "-nan:0x1", RT_F64, "nan");
    static const char *const bad[] = {"nan:0x800000", "nan:0x0", "nan:", "nan:4", "nanx", "--nan"};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        rt_cell c;
        struct err e = {0};
        CHECK_EQ(engine_value_parse(bad[k], RT_F32, &c, &e), E_INVAL);
    }
}

TEST(values_references)
{
    check(engine_value_print, "null", RT_FUNCREF, "null");
    check(engine_value_print, "null", RT_EXTERNREF, "null");
    check(engine_value_print, "0", RT_EXTERNREF, "0");
    check(engine_value_print, "17", RT_EXTERNREF, "17");
    rt_cell c;
    struct err e = {0};
    CHECK_EQ(engine_value_parse("1", RT_FUNCREF, &c, &e), E_INVAL);
    CHECK_EQ(engine_value_parse("-1x", RT_EXTERNREF, &c, &e), E_INVAL);
}
