/* unit.c: runs the tests that the linker gathered, and says what failed. */
#include "unit.h"

#include <string.h>

#include "fmt.h"
#include "plat.h"

extern const struct unit_test __start_unit_tests[], __stop_unit_tests[];

static struct {
    const char *name; /* of the running test */
    bool failed, skipped;
} current;

static void fail(const char *file, int line)
{
    if (!current.failed)
        fmt_out(PLAT_OUT, "FAIL %s\n", current.name);
    current.failed = true;
    fmt_out(PLAT_OUT, "  %s:%d: ", file, line);
}

bool unit_check(bool ok, const char *file, int line, const char *text)
{
    if (!ok) {
        fail(file, line);
        fmt_out(PLAT_OUT, "%s\n", text);
    }
    return ok;
}

bool unit_check_eq(int64_t got, int64_t expected, const char *file, int line, const char *text)
{
    if (got != expected) {
        fail(file, line);
        fmt_out(PLAT_OUT, "%s: got %lld (%#llx), expected %lld (%#llx)\n", text, (long long)got,
                (unsigned long long)got, (long long)expected, (unsigned long long)expected);
    }
    return got == expected;
}

bool unit_check_str(const char *got, const char *expected, const char *file, int line, const char *text)
{
    bool ok = got && strcmp(got, expected) == 0;
    if (!ok) {
        fail(file, line);
        fmt_out(PLAT_OUT, "%s: got \"%s\", expected \"%s\"\n", text, got ? got : "(null)", expected);
    }
    return ok;
}

bool unit_check_f64(double got, double expected, const char *file, int line, const char *text)
{
    uint64_t g, e;
    memcpy(&g, &got, sizeof g);
    memcpy(&e, &expected, sizeof e);
    if (g != e) {
        fail(file, line);
        fmt_out(PLAT_OUT, "%s: got %f (%016llx), expected %f (%016llx)\n", text, got, (unsigned long long)g,
                expected, (unsigned long long)e);
    }
    return g == e;
}

void unit_skip(const char *reason)
{
    current.skipped = true;
    fmt_out(PLAT_OUT, "SKIP %s: %s\n", current.name, reason);
}

size_t unit_run(const char *filter)
{
    size_t passed = 0, failed = 0, skipped = 0;
    bool all = !filter || strcmp(filter, "all") == 0;
    for (const struct unit_test *t = __start_unit_tests; t < __stop_unit_tests; t++) {
        if (!all && !strstr(t->name, filter))
            continue;
        current.name = t->name;
        current.failed = current.skipped = false;
        t->run();
        if (current.failed)
            failed++;
        else if (current.skipped)
            skipped++;
        else
            passed++;
    }
    fmt_out(PLAT_OUT, "%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
    return failed;
}
