/* unit.h: unit tests that run hosted and inside the image, from one list.
 *
 *     TEST(arena_gives_zeroed_memory)
 *     {
 *         struct arena a = {0};
 *         CHECK_EQ(arena_alloc(&a, 8, 8) != NULL, true);
 *     }
 *
 * A failed CHECK prints file:line with what it got and what it expected, and the test goes on; a failed
 * REQUIRE leaves the test function. No allocation, no constructor: tests are found in a linker section. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

#define TEST(test_name)                                                                                      \
    static void test_name(void);                                                                             \
    __attribute__((used, retain, section("unit_tests"),                                                      \
                   no_sanitize("address"))) static const struct unit_test unit_test_##test_name = {          \
        .name = #test_name, .run = test_name};                                                               \
    static void test_name(void)

#define CHECK(cond) unit_check((cond), __FILE__, __LINE__, #cond)
/* Integers and pointers. */
#define CHECK_EQ(got, expected)  unit_check_eq((int64_t)(got), (int64_t)(expected), __FILE__, __LINE__, #got)
#define CHECK_STR(got, expected) unit_check_str((got), (expected), __FILE__, __LINE__, #got)
/* Doubles, bit for bit. */
#define CHECK_F64(got, expected) unit_check_f64((got), (expected), __FILE__, __LINE__, #got)
#define REQUIRE(cond)                                                                                        \
    do {                                                                                                     \
        if (!CHECK(cond))                                                                                    \
            return;                                                                                          \
    } while (0)
/* Leaves a test that cannot run here. */
#define SKIP(reason)                                                                                         \
    do {                                                                                                     \
        unit_skip(reason);                                                                                   \
        return;                                                                                              \
    } while (0)

bool unit_check(bool ok, const char *file, int line, const char *text);
bool unit_check_eq(int64_t got, int64_t expected, const char *file, int line, const char *text);
bool unit_check_str(const char *got, const char *expected, const char *file, int line, const char *text);
bool unit_check_f64(double got, double expected, const char *file, int line, const char *text);
void unit_skip(const char *reason);

/* Runs the tests whose name contains `filter` (NULL or "all": every one), prints what failed and
 * `N passed, N failed, N skipped` on PLAT_OUT. Returns the number of tests that failed. */
size_t unit_run(const char *filter);

#endif
