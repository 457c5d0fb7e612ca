#include "fmt.h"

#include <stdint.h>

#include "unit.h"

static const char *f(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *f(const char *fmt, ...)
{
    static char buf[256];
    va_list ap;
    va_start(ap, fmt);
    fmt_v(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return buf;
}

TEST(fmt_integers)
{
    CHECK_STR(f("%d %i %u", -5, 7, 4000000000u), "-5 7 4000000000");
    CHECK_STR(f("%lld %llu", (long long)INT64_MIN, (unsigned long long)UINT64_MAX),
              "-9223372036854775808 18446744073709551615");
    CHECK_STR(f("%hhd %hd %hhu", -1, -1, 255), "-1 -1 255");
    CHECK_STR(f("%x %X %#x %#x", 0xbeefu, 0xbeefu, 0xbeefu, 0u), "beef BEEF 0xbeef 0");
    CHECK_STR(f("%zu %td %jd", (size_t)1, (ptrdiff_t)-2, (intmax_t)3), "1 -2 3");
    CHECK_STR(f("%p", (void *)0x1000), "0x1000");
    CHECK_STR(f("%+d % d", 1, 1), "+1  1");
}

TEST(fmt_width_and_precision)
{
    CHECK_STR(f("[%5d] [%-5d] [%05d]", -42, -42, -42), "[  -42] [-42  ] [-0042]");
    CHECK_STR(f("[%.3d] [%6.3d] [%.0d]", 7, 7, 0), "[007] [   007] []");
    CHECK_STR(f("[%*d] [%-*d] [%*d]", 4, 1, 4, 1, -4, 1), "[   1] [1   ] [1   ]");
    CHECK_STR(f("[%08x] [%#010x]", 0xabcu, 0xabcu), "[00000abc] [0x00000abc]");
    CHECK_STR(f("[%3s] [%-3s] [%.2s] [%.*s]", "a", "a", "abc", 1, "abc"), "[  a] [a  ] [ab] [a]");
    CHECK_STR(f("%c%c%%", 'a', 'b'), "ab%");
}

TEST(fmt_doubles)
{
    CHECK_STR(f("%f %f %f", 0.0, 1.5, -2.25), "0.000000 1.500000 -2.250000");
    CHECK_STR(f("%.0f %.1f %.2f", 2.7, 0.05, 99.999), "3 0.1 100.00");
    CHECK_STR(f("%.3f", -0.0), "-0.000");
    CHECK_STR(f("[%8.2f] [%-8.2f] [%08.2f]", 3.14159, 3.14159, -3.14159), "[    3.14] [3.14    ] [-0003.14]");
    CHECK_STR(f("%.20f", 0.5), "0.50000000000000000000");
    CHECK_STR(f("%f %f", __builtin_inf(), -__builtin_inf()), "inf -inf");
    CHECK_STR(f("%5f", __builtin_nan("")), "  nan");
    CHECK_STR(f("%.1f", 9007199254740993.0), "9007199254740992.0");
}

TEST(fmt_s_truncates_and_counts)
{
    char buf[4] = "zzz";
    CHECK_EQ(fmt_s(buf, sizeof buf, "%s", "hello"), 5);
    CHECK_STR(buf, "hel");
    CHECK_EQ(fmt_s(NULL, 0, "%d", 12345), 5);
    CHECK_STR(f("%s", (const char *)NULL), "(null)");
}
