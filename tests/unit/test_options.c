/* Options of the command and of the kernel command line. */
#include <string.h>

#include "options.h"
#include "unit.h"

static status parse(struct options *o, const char *arg, struct err *e)
{
    size_t used;
    *e = (struct err){0};
    return options_parse(o, &arg, 1, &used, e);
}

TEST(options_values)
{
    struct options o;
    struct err e;
    options_init(&o);
    CHECK_EQ(o.tier, TIER_MODE_AUTO);
    CHECK_EQ(parse(&o, "--tier=o2", &e), ST_OK);
    CHECK_EQ(o.tier, TIER_MODE_O2);
    CHECK_EQ(parse(&o, "--opt-level=3", &e), ST_OK);
    CHECK_EQ(o.tier, TIER_MODE_O3);
    CHECK_EQ(parse(&o, "--memory=base", &e), ST_OK);
    CHECK(o.base_memory);
    CHECK_EQ(parse(&o, "--max-memory=3M", &e), ST_OK);
    CHECK_EQ(o.max_memory, 3 << 20);
    CHECK_EQ(o.fuel, UINT64_MAX);
    CHECK_EQ(parse(&o, "--fuel=9223372036854775807", &e), ST_OK);
    CHECK_EQ(o.fuel, INT64_MAX);
    CHECK_EQ(parse(&o, "--timeout=2030", &e), ST_OK);
    CHECK_EQ(o.timeout_ns, 2030000000);
    CHECK_EQ(parse(&o, "--timeout=7", &e), ST_OK);
    CHECK_EQ(o.timeout_ns, 7000000);
    CHECK_EQ(parse(&o, "--env=A=1", &e), ST_OK);
    CHECK_EQ(parse(&o, "--env=B=2", &e), ST_OK);
    CHECK_EQ(o.env.n, 2);
    CHECK_STR(o.env.item[1], "B=2");
}

TEST(options_value_in_the_next_word)
{
    static const char *const words[] = {"--invoke", "fib", "file.wasm"};
    struct options o;
    struct err e = {0};
    size_t used;
    options_init(&o);
    CHECK_EQ(options_parse(&o, words, 3, &used, &e), ST_OK);
    CHECK_EQ(used, 2);
    CHECK_STR(o.invoke, "fib");
    static const char *const flag[] = {"--verbose", "file.wasm"};
    CHECK_EQ(options_parse(&o, flag, 2, &used, &e), ST_OK);
    CHECK_EQ(used, 1);
    CHECK(o.verbose);
}

TEST(options_refused)
{
    static const char *const bad[] = {"--tier",
                                      "--tier=o4",
                                      "--nope",
                                      "tier=o1",
                                      "--opt-level=4",
                                      "--max-memory=x",
                                      "--max-memory=1T",
                                      "--threshold=-1",
                                      "--verbose=maybe",
                                      "--fp=fast",
                                      "--patterns=maybe",
                                      "--env=",
                                      "--",
                                      "--fuel=",
                                      "--fuel=-1",
                                      "--fuel=1k",
                                      "--fuel=9223372036854775808",
                                      "--timeout=0",
                                      "--timeout=",
                                      "--timeout=1.",
                                      "--timeout=0.5",
                                      "--timeout=1.x",
                                      "--timeout=1ms",
                                      "--timeout=864000000001",
                                      "--timeout=-1",
                                      "--max-memory=",
                                      "--max-memory=-1",
                                      "--max-memory=99999999999999999999",
                                      "--max-memory=1KB"};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct options o;
        struct err e;
        options_init(&o);
        CHECK_EQ(parse(&o, bad[k], &e), E_INVAL);
        CHECK(e.text[0] != 0);
    }
}

TEST(options_list_is_bounded)
{
    struct options o;
    struct err e;
    options_init(&o);
    for (int k = 0; k < OPTIONS_LIST_MAX; k++)
        CHECK_EQ(parse(&o, "--env=A=1", &e), ST_OK);
    CHECK_EQ(parse(&o, "--env=A=1", &e), E_LIMIT);
}
