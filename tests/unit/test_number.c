/* Numbers as text: known hard cases of rounding, both ways. */
#include "number.h"

#include <string.h>

#include "unit.h"

static bool reads(const char *text, bool single, double want)
{
    const char *end;
    double v = number_parse(text, single, &end);
    return *end == 0 && memcmp(&v, &want, sizeof v) == 0;
}

TEST(number_parse_rounds_to_nearest)
{
    CHECK(reads("0.1", false, 0.1));
    CHECK(reads("-0", false, -0.0));
    CHECK(reads("9007199254740993", false, 9007199254740992.0)); /* half way: to even */
    CHECK(reads("9007199254740993.0000000000000000000000000001", false, 9007199254740994.0));
    CHECK(reads("1.7976931348623157e308", false, 0x1.fffffffffffffp1023));
    CHECK(reads("1.7976931348623159e308", false, __builtin_inf()));
    CHECK(reads("2.4703282292062327e-324", false, 0.0)); /* just below half of the smallest */
    CHECK(reads("2.4703282292062328e-324", false, 0x1p-1074));
    CHECK(reads("2.2250738585072011e-308", false, 0x0.fffffffffffffp-1022));
    CHECK(reads("1e400", false, __builtin_inf()));
    CHECK(reads("1e-400", false, 0.0));
    CHECK(reads("-inf", false, -__builtin_inf()));
    CHECK(reads("0x1.8p3", false, 12.0));
    CHECK(reads("16777217", true, 16777216.0));
    CHECK(reads("3.4028236e38", true, __builtin_inf()));
}

TEST(number_parse_says_where_it_ends)
{
    const char *end, *const texts[] = {"1e+x", "5.", ".", "", "abc", "0xg"};
    const size_t used[] = {1, 2, 0, 0, 0, 1};
    for (size_t k = 0; k < sizeof used / sizeof *used; k++) {
        (void)number_parse(texts[k], false, &end);
        CHECK_EQ((size_t)(end - texts[k]), used[k]);
    }
}

TEST(number_print_is_percent_g)
{
    static const struct {
        double v;
        int digits;
        const char *text;
    } rows[] = {{0, 1, "0"},
                {-0.0, 5, "-0"},
                {0.1, 17, "0.10000000000000001"},
                {2.5, 1, "2"},
                {3.5, 1, "4"},
                {9.99, 2, "10"},
                {1e6, 6, "1e+06"},
                {123456, 6, "123456"},
                {0.00001234, 3, "1.23e-05"},
                {0.0001234, 3, "0.000123"},
                {0x1p-1074, 3, "4.94e-324"}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char buf[64];
        CHECK_EQ(number_print(rows[k].v, rows[k].digits, buf, sizeof buf), strlen(rows[k].text));
        CHECK_STR(buf, rows[k].text);
    }
}
