#include "heap.h"

#include <string.h>

#include "unit.h"

TEST(arena_gives_aligned_zeroed_memory)
{
    struct arena a = {0};
    for (size_t align = 1; align <= 4096; align *= 2) {
        uint8_t *p = arena_alloc(&a, 100, align);
        REQUIRE(p != NULL);
        CHECK_EQ((uintptr_t)p % align, 0);
        for (int i = 0; i < 100; i++)
            if (p[i])
                CHECK_EQ(p[i], 0);
        memset(p, 0xff, 100);
    }
    CHECK_EQ(a.bytes, 1300);
    arena_fini(&a);
    CHECK(a.head == NULL);
}

TEST(arena_serves_big_blocks_and_many_small_ones)
{
    struct arena a = {0};
    uint8_t *big = arena_alloc(&a, 3u << 20, 16);
    REQUIRE(big != NULL);
    big[(3u << 20) - 1] = 1;
    uint8_t *last = NULL;
    for (int i = 0; i < 10000; i++) {
        uint8_t *p = arena_alloc(&a, 24, 8);
        REQUIRE(p != NULL);
        CHECK(p != last);
        memset(p, 1, 24);
        last = p;
    }
    arena_fini(&a);
}

TEST(arena_refuses_sizes_beyond_the_address_space)
{
    struct arena a = {0};
    CHECK(arena_alloc(&a, SIZE_MAX, 1) == NULL);
    CHECK(arena_alloc(&a, SIZE_MAX - 64, 64) == NULL);
    CHECK(arena_alloc(&a, 8, 8) != NULL);
    arena_fini(&a);
}
