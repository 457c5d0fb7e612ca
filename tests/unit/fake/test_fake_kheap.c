/* The heap when memory runs out, and when its user errs: on a machine that the test controls. */
#include "fake_plat.h"
#include "fmt.h"
#include "kheap.h"
#include "plat.h"

#include <string.h>

#include "unit.h"

TEST(fake_kheap_survives_every_failing_commit)
{
    for (size_t n = 0; n < 12; n++) {
        fake_reset();
        fake_commits_left(n);
        void *p[400] = {0};
        size_t got = 0;
        while (got < 400 && (p[got] = kheap_alloc(100 + got * 50)) != NULL)
            memset(p[got], 1, 100 + got * 50), got++;
        if (got < 400)
            CHECK(fake_commits_failed() > 0);
        fake_commits_left(SIZE_MAX);
        void *after = kheap_alloc(1 << 20);
        CHECK(after != NULL);
        kheap_free(after);
        while (got > 0)
            kheap_free(p[--got]);
        kheap_trim();
    }
}

TEST(fake_kheap_failed_realloc_keeps_the_block)
{
    fake_reset();
    uint8_t *p = kheap_alloc(5000);
    REQUIRE(p != NULL);
    memset(p, 9, 5000);
    kheap_trim();
    fake_commits_left(0);
    CHECK(kheap_realloc(p, 8 << 20) == NULL);
    CHECK_EQ(p[4999], 9);
    fake_reset();
    kheap_free(p);
}

static void *landing[5];

/* Runs `fn(arg)` and returns what it panicked with, or "". */
static const char *panic_of(void (*fn)(void *), void *arg)
{
    fake_reset();
    fake_panic_catch(landing);
    if (__builtin_setjmp(landing) == 0)
        fn(arg);
    fake_panic_catch(NULL);
    return fake_output();
}

static void free_it(void *p)
{
    kheap_free(p);
}

static void alloc_some(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++)
        kheap_alloc(200);
}

TEST(fake_kheap_finds_misuse)
{
    static char outside[64];
    char *a = kheap_alloc(100), *b = kheap_alloc(100), *big = kheap_alloc(100000);
    CHECK(strstr(panic_of(free_it, outside), "is not a block"));
    CHECK(strstr(panic_of(free_it, a + 16), "is not a block"));
    CHECK(strstr(panic_of(free_it, big + 4096), "is not a block"));
    kheap_free(a);
    CHECK(strstr(panic_of(free_it, a), "is freed twice"));
    kheap_free(big);
    CHECK(strstr(panic_of(free_it, big), "is not a block"));
    kheap_free(b);
    char *c = kheap_alloc(200), *d = kheap_alloc(200);
    kheap_free(c);
    memset(c, 0, 32);
    CHECK(strstr(panic_of(alloc_some, NULL), "was written after it was freed"));
    kheap_free(d);
}

static int exceeded;
static void count_exceeded(void)
{
    exceeded++;
}

TEST(fake_kheap_deadline_follows_the_clock)
{
    fake_reset();
    exceeded = 0;
    kheap_budget_begin(SIZE_MAX, 1000, count_exceeded);
    for (int i = 0; i < 5000; i++)
        kheap_free(kheap_alloc(10));
    CHECK_EQ(exceeded, 0);
    fake_clock_set(1001);
    for (int i = 0; i < 5000; i++)
        kheap_free(kheap_alloc(10));
    CHECK(exceeded > 0);
    kheap_budget_end();
}

TEST(fake_output_longer_than_the_buffer_of_fmt)
{
    fake_reset();
    fmt_out(PLAT_LOG, "%2000d|", 7);
    CHECK_EQ(strlen(fake_output()), 2001);
}
