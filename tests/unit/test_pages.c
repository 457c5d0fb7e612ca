/* Packed pages: what is packed comes back, zeros and repetition cost next to nothing, damage shows. */
#include "pages.h"

#include <string.h>

#include "unit.h"

static u8 page[PAGES_PAGE], back[PAGES_PAGE];

static u32 random_next(u32 *seed)
{
    return *seed = *seed * 1664525 + 1013904223;
}

/* Bytes that the page takes; checks that it comes back. */
static u32 packed_size(struct pages *p)
{
    struct pages_entry x;
    size_t before = p->len;
    CHECK_EQ(pages_pack(p, page, &x), ST_OK);
    memset(back, 0xee, sizeof back);
    CHECK(x.bytes == 0 || (pages_unpack(&x, p->bytes, p->len, back) && memcmp(back, page, sizeof page) == 0));
    return (u32)(p->len - before);
}

TEST(pages_of_zeros_are_nothing_and_equal_ones_are_there_once)
{
    struct pages p;
    u32 seed = 1;
    pages_init(&p);
    memset(page, 0, sizeof page);
    CHECK_EQ(packed_size(&p), 0);
    for (u32 k = 0; k < 5000; k++) { /* the table of pages grows */
        memset(page, 0, sizeof page);
        memcpy(page, &k, sizeof k);
        page[100] = 1;
        CHECK(packed_size(&p) <= 40);
    }
    CHECK_EQ(packed_size(&p), 0);
    for (u32 k = 0; k < sizeof page; k++)
        page[k] = (u8)(random_next(&seed) >> 24);
    CHECK_EQ(packed_size(&p), PAGES_PAGE); /* never more than the page itself */
    CHECK_EQ(packed_size(&p), 0);
    pages_fini(&p);
}

TEST(pages_pack_repetition)
{
    struct pages p;
    pages_init(&p);
    for (u32 period = 1; period < 200; period += 7) {
        for (u32 k = 0; k < sizeof page; k++)
            page[k] = (u8)(k % period * 11 + period);
        CHECK(packed_size(&p) < 8 * period + 64);
    }
    pages_fini(&p);
}

/* Pieces of zeros, noise and copies at odd places. */
TEST(pages_come_back_as_they_were)
{
    struct pages p;
    u32 seed = 7;
    pages_init(&p);
    for (int round = 0; round < 300; round++) {
        memset(page, 0, sizeof page);
        for (int piece = 0; piece < round % 12; piece++) {
            u32 at = random_next(&seed) >> 20, len = (random_next(&seed) >> 16) % 700,
                from = random_next(&seed) >> 20;
            for (u32 k = at; k < at + len && k < PAGES_PAGE; k++)
                page[k] = piece % 3 ? page[(from + k) % PAGES_PAGE] : (u8)(random_next(&seed) >> 24);
        }
        (void)packed_size(&p);
    }
    pages_fini(&p);
}

TEST(pages_damage_is_seen)
{
    struct pages p;
    struct pages_entry x, y;
    pages_init(&p);
    for (u32 k = 0; k < sizeof page; k++)
        page[k] = k % 100 < 30 ? (u8)(k >> 3) : 0;
    REQUIRE(pages_pack(&p, page, &x) == ST_OK && x.bytes > 0 && x.bytes < PAGES_PAGE);
    for (size_t k = 0; k < x.bytes; k++) {
        p.bytes[k] ^= 0x40;
        CHECK(!pages_unpack(&x, p.bytes, p.len, back));
        p.bytes[k] ^= 0x40;
    }
    CHECK(!pages_unpack(&x, p.bytes, p.len - 1, back));
    y = x;
    y.at = 1;
    CHECK(!pages_unpack(&y, p.bytes, p.len, back));
    CHECK(pages_unpack(&x, p.bytes, p.len, back));
    pages_fini(&p);
}
