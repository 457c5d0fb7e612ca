#include "kheap.h"

#include <string.h>

#include "plat.h"
#include "unit.h"

static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static bool filled_with(const uint8_t *p, uint8_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

TEST(kheap_blocks_are_aligned_and_big_enough)
{
    for (size_t n = 0; n < 70000; n += n < 2000 ? 1 : 997) {
        uint8_t *p = kheap_alloc(n);
        REQUIRE(p != NULL);
        CHECK_EQ((uintptr_t)p % 16, 0);
        CHECK(kheap_usable(p) >= n);
        CHECK(n < 256 || kheap_usable(p) <= n + n / 4 + PLAT_PAGE);
        memset(p, 0xa5, n);
        kheap_free(p);
    }
}

TEST(kheap_aligned_blocks)
{
    for (size_t align = 1; align <= 1 << 20; align *= 2)
        for (size_t n = 1; n < 200000; n = n * 3 + 1) {
            uint8_t *p = kheap_aligned(align, n);
            REQUIRE(p != NULL);
            CHECK_EQ((uintptr_t)p % align, 0);
            memset(p, 1, n);
            kheap_free(p);
        }
}

TEST(kheap_refuses_what_cannot_be)
{
    CHECK(kheap_alloc(SIZE_MAX) == NULL);
    CHECK(kheap_alloc(SIZE_MAX / 2) == NULL);
    CHECK(kheap_calloc(SIZE_MAX / 2, 3) == NULL);
    CHECK(kheap_aligned(64, SIZE_MAX - 8) == NULL);
    void *p = kheap_alloc(100);
    CHECK(kheap_realloc(p, SIZE_MAX) == NULL);
    kheap_free(p);
    kheap_free(NULL);
}

TEST(kheap_calloc_clears_reused_memory)
{
    uint8_t *p = kheap_alloc(300);
    memset(p, 0xff, 300);
    kheap_free(p);
    uint8_t *q = kheap_calloc(3, 100);
    CHECK(filled_with(q, 0, 300));
    kheap_free(q);
}

TEST(kheap_realloc_keeps_the_contents)
{
    uint8_t *p = NULL;
    size_t old = 0;
    for (size_t n = 1; n < 3000000; n = n * 2 + 5) {
        p = kheap_realloc(p, n);
        REQUIRE(p != NULL);
        CHECK(filled_with(p, 7, old));
        memset(p, 7, n);
        old = n;
    }
    for (size_t n = old; n > 0; n /= 3) {
        p = kheap_realloc(p, n);
        REQUIRE(p != NULL);
        CHECK(filled_with(p, 7, n));
    }
    kheap_free(p);
}

/* Every block holds its own number; what is found at free time must be that number. */
TEST(kheap_random_use_keeps_blocks_apart)
{
    enum { SLOTS = 700, STEPS = 60000 };
    static struct {
        uint8_t *p;
        size_t n;
        uint8_t value;
    } slot[SLOTS];
    random_state = 42;
    struct kheap_stats before, after;
    kheap_stats_get(&before);
    for (int i = 0; i < STEPS; i++) {
        size_t k = next_random() % SLOTS;
        if (slot[k].p) {
            CHECK(filled_with(slot[k].p, slot[k].value, slot[k].n));
            kheap_free(slot[k].p);
            slot[k].p = NULL;
            continue;
        }
        uint32_t kind = next_random() % 100;
        size_t n = kind < 80   ? next_random() % 600
                   : kind < 98 ? next_random() % 20000
                               : next_random() % 300000;
        slot[k].p = kheap_alloc(n);
        REQUIRE(slot[k].p != NULL);
        slot[k].n = n;
        slot[k].value = (uint8_t)i;
        memset(slot[k].p, slot[k].value, n);
    }
    for (size_t k = 0; k < SLOTS; k++) {
        kheap_free(slot[k].p);
        slot[k].p = NULL;
    }
    kheap_stats_get(&after);
    CHECK_EQ(after.blocks, before.blocks);
    CHECK_EQ(after.in_use, before.in_use);
}

TEST(kheap_trim_gives_memory_back)
{
    struct kheap_stats s;
    void *p[40];
    for (size_t i = 0; i < 40; i++)
        REQUIRE((p[i] = kheap_alloc(50000 + i * 5000)) != NULL);
    for (size_t i = 0; i < 40; i += 2)
        kheap_free(p[i]);
    kheap_trim();
    for (size_t i = 0; i < 40; i += 2) {
        REQUIRE((p[i] = kheap_alloc(50000 + i * 5000)) != NULL);
        memset(p[i], 1, 50000 + i * 5000);
    }
    for (size_t i = 0; i < 40; i++)
        kheap_free(p[i]);
    kheap_trim();
    kheap_stats_get(&s);
    CHECK(s.peak >= s.footprint);
    CHECK(s.committed >= s.footprint);
    CHECK(s.committed - s.footprint < 1 << 20);
}

static void *landing[5];
static void jump_out(void)
{
    __builtin_longjmp(landing, 1);
}

static volatile size_t allocated;
static uint8_t *volatile blocks[20000];

TEST(kheap_budget_of_memory_stops)
{
    if (__builtin_setjmp(landing) == 0) {
        kheap_budget_begin(4 << 20, UINT64_MAX, jump_out);
        for (allocated = 0; allocated < 20000; allocated++) {
            blocks[allocated] = kheap_alloc(1000);
            memset(blocks[allocated], 1, 1000);
        }
        CHECK(!"a budget must stop the loop");
    }
    kheap_budget_end();
    CHECK(allocated > 3000 && allocated < 5200);
    for (size_t i = 0; i < allocated; i++)
        kheap_free(blocks[i]);
    void *big = kheap_alloc(8 << 20); /* no limit any more */
    CHECK(big != NULL);
    kheap_free(big);
}

TEST(kheap_budget_of_time_stops)
{
    if (__builtin_setjmp(landing) == 0) {
        kheap_budget_begin(SIZE_MAX, plat_ticks() + 1000000, jump_out);
        for (;;)
            kheap_free(kheap_alloc(64));
    }
    kheap_budget_end();
    kheap_free(kheap_alloc(64));
}

TEST(kheap_budget_that_is_kept_changes_nothing)
{
    uint8_t *old = kheap_alloc(48), *kept[200];
    kheap_budget_begin(1 << 30, UINT64_MAX, jump_out);
    for (size_t i = 0; i < 200; i++) {
        kept[i] = kheap_alloc(i * 100);
        memset(kept[i], (int)i, i * 100);
    }
    kheap_free(old);
    kheap_budget_end();
    for (size_t i = 0; i < 200; i++) {
        CHECK(filled_with(kept[i], (uint8_t)i, i * 100));
        kheap_free(kept[i]);
    }
}
