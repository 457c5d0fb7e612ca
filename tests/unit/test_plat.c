/* The contract of plat.h, on whichever platform runs. */
#include "plat.h"

#include <string.h>

#include "unit.h"

TEST(plat_memory_is_zeroed_again_after_decommit)
{
    uint8_t *p = plat_reserve(NULL, 16 * PLAT_PAGE);
    REQUIRE(p != NULL);
    REQUIRE(plat_commit(p + PLAT_PAGE, 2 * PLAT_PAGE, PLAT_RW) == ST_OK);
    p[PLAT_PAGE] = 1;
    p[3 * PLAT_PAGE - 1] = 2;
    plat_decommit(p + PLAT_PAGE, 2 * PLAT_PAGE);
    REQUIRE(plat_commit(p + PLAT_PAGE, 2 * PLAT_PAGE, PLAT_RW) == ST_OK);
    CHECK_EQ(p[PLAT_PAGE], 0);
    CHECK_EQ(p[3 * PLAT_PAGE - 1], 0);
    plat_release(p, 16 * PLAT_PAGE);
}

/* More ranges than are remembered to be owed, each in steps; touched by the processor and by the system. */
TEST(plat_lazy_memory_is_there_when_touched)
{
    enum { RANGES = 12, STEP = 16 * PLAT_PAGE };
    uint8_t *at[RANGES];
    for (size_t k = 0; k < RANGES; k++) {
        at[k] = plat_reserve(NULL, 4 * STEP);
        REQUIRE(at[k] != NULL);
        for (size_t step = 0; step < 3; step++)
            REQUIRE(plat_commit_lazily(at[k] + step * STEP, STEP) == ST_OK);
    }
    for (size_t k = 0; k < RANGES; k++) {
        static const uint8_t zeros[32];
        uint8_t *last = at[k] + 3 * STEP - sizeof zeros;
        if (k % 2)
            plat_random(last, sizeof zeros);
        CHECK_EQ(memcmp(last, zeros, sizeof zeros) == 0, k % 2 == 0);
        at[k][STEP] = 1;
        at[k][2 * STEP] = 2;
        CHECK_EQ(at[k][STEP], 1);
        REQUIRE(plat_commit_lazily(at[k] + 3 * STEP, STEP) == ST_OK);
        memset(at[k] + 2 * STEP, 3, 2 * STEP);
        CHECK_EQ(at[k][4 * STEP - 1], 3);
        plat_release(at[k], 4 * STEP);
    }
}

TEST(plat_fixed_ranges_are_free)
{
#ifdef ANNEAL_ASAN
    SKIP("AddressSanitizer owns parts of the fixed map");
#else
    void *code = plat_reserve((void *)MAP_CODE_BASE, MAP_CODE_END - MAP_CODE_BASE);
    void *data = plat_reserve((void *)MAP_DATA_BASE, MAP_DATA_END - MAP_DATA_BASE);
    void *mem0 = plat_reserve((void *)MAP_MEM0_BASE, MAP_GUEST_RESERVE);
    CHECK_EQ(code, MAP_CODE_BASE);
    CHECK_EQ(data, MAP_DATA_BASE);
    CHECK_EQ(mem0, MAP_MEM0_BASE);
    CHECK(plat_reserve((void *)MAP_DATA_BASE, PLAT_PAGE) == NULL);
    if (code)
        plat_release(code, MAP_CODE_END - MAP_CODE_BASE);
    if (data)
        plat_release(data, MAP_DATA_END - MAP_DATA_BASE);
    if (mem0)
        plat_release(mem0, MAP_GUEST_RESERVE);
#endif
}

TEST(plat_protected_code_runs)
{
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    uint8_t *p = plat_reserve(NULL, PLAT_PAGE);
    REQUIRE(p != NULL && plat_commit(p, PLAT_PAGE, PLAT_RW) == ST_OK);
    memcpy(p, code, sizeof code);
    REQUIRE(plat_protect(p, PLAT_PAGE, PLAT_RX) == ST_OK);
    int (*fn)(void);
    memcpy(&fn, &p, sizeof fn);
    CHECK_EQ(fn(), 42);
    plat_release(p, PLAT_PAGE);
}

TEST(plat_clocks_advance)
{
    uint64_t ticks = plat_ticks(), ns = plat_clock_ns(PLAT_CLOCK_MONO);
    plat_sleep_ns(2000000);
    CHECK(plat_clock_ns(PLAT_CLOCK_MONO) - ns >= 2000000);
    CHECK(plat_ticks() > ticks);
    CHECK(plat_start_ticks() != 0 && plat_start_ticks() < ticks);
    CHECK(plat_ticks_per_second() > 10000000u);
    CHECK(plat_clock_ns(PLAT_CLOCK_CPU) > 0);
}

TEST(plat_random_differs)
{
    uint64_t a[4] = {0}, b[4] = {0};
    plat_random(a, sizeof a);
    plat_random(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
}

TEST(plat_stack_bounds_hold_this_frame)
{
    uintptr_t low, high, here = (uintptr_t)__builtin_frame_address(0);
    plat_stack_bounds(&low, &high);
    CHECK(low < here && here < high);
    CHECK(high - low >= 64 * 1024);
}

TEST(plat_memory_figures_are_plausible)
{
    CHECK(plat_memory_total() > 1 << 20);
    CHECK(plat_memory_used() > 0);
    CHECK(plat_memory_used() <= plat_memory_total());
    CHECK(plat_memory_peak() > 0);
}

TEST(plat_blob_that_does_not_exist)
{
    struct plat_blob b;
    CHECK_EQ(plat_blob_find("no/such/file.wasm", &b), E_NOTFOUND);
    CHECK_EQ(plat_blob_at(1000000, &b), E_NOTFOUND);
}

TEST(plat_cpu_is_consistent)
{
    const struct plat_cpu *c = plat_cpu();
    CHECK(!c->avx2 || c->avx);
    CHECK(!c->avx512f || c->avx2);
    CHECK(strlen(c->brand) < sizeof c->brand);
}
