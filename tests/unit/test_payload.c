/* Payloads of appliances: what is written is read, what was changed is refused. */
#include "payload.h"

#include <string.h>

#include "heap.h"
#include "unit.h"

static bool make(struct payload *p)
{
    return payload_begin(p) == ST_OK && payload_record(p, PAYLOAD_ARGS, 5) == ST_OK &&
           payload_bytes(p, "a\0bc", 5) == ST_OK && payload_record(p, PAYLOAD_MODULE, 16) == ST_OK &&
           payload_bytes(p, "0123456789", 10) == ST_OK && payload_bytes(p, "abcdef", 6) == ST_OK &&
           (payload_end(p), true);
}

TEST(payload_is_read_as_written)
{
    struct payload p;
    struct payload_record r;
    const u8 *contents;
    size_t at = 0;
    REQUIRE(make(&p));
    CHECK_EQ(payload_open(p.bytes, p.len, NULL), ST_OK);
    CHECK(payload_next(p.bytes, &at, &r, &contents) && r.type == PAYLOAD_ARGS && r.bytes == 5 &&
          memcmp(contents, "a\0bc", 5) == 0);
    CHECK(payload_next(p.bytes, &at, &r, &contents) && r.type == PAYLOAD_MODULE && r.bytes == 16 &&
          memcmp(contents, "0123456789abcdef", 16) == 0);
    CHECK(!payload_next(p.bytes, &at, &r, &contents));
    heap_free(p.bytes);
}

TEST(payload_changed_or_cut_is_refused)
{
    struct payload p;
    REQUIRE(make(&p));
    for (size_t k = 0; k < p.len; k++) {
        p.bytes[k] ^= 0x10;
        CHECK_EQ(payload_open(p.bytes, p.len, NULL), E_INVAL);
        p.bytes[k] ^= 0x10;
    }
    for (size_t len = 0; len < p.len; len++)
        CHECK_EQ(payload_open(p.bytes, len, NULL), E_INVAL);
    CHECK_EQ(payload_open(p.bytes, p.len, NULL), ST_OK);
    heap_free(p.bytes);
}

/* Packed pages have checksums of their own, and are not records. */
TEST(payload_pages_lie_behind_the_records)
{
    struct payload p;
    struct payload_record r;
    const u8 *contents;
    size_t at = 0, len = 0;
    REQUIRE(payload_begin(&p) == ST_OK && payload_record(&p, PAYLOAD_ARGS, 2) == ST_OK &&
            payload_bytes(&p, "a", 2) == ST_OK &&
            payload_end_records(&p, (const u8 *)"0123456789abcdefghijklmnopqrstuvwxyz", 36) == ST_OK);
    payload_end(&p);
    p.bytes[p.len - 1] = 'Z';
    CHECK_EQ(payload_open(p.bytes, p.len, NULL), ST_OK);
    CHECK(memcmp(payload_pages(p.bytes, &len), "0123456789", 10) == 0);
    CHECK_EQ(len, 36);
    CHECK(payload_next(p.bytes, &at, &r, &contents));
    CHECK(!payload_next(p.bytes, &at, &r, &contents));
    heap_free(p.bytes);
}

/* A record that says more than there is ends the list. */
TEST(payload_records_stay_inside)
{
    struct payload p;
    struct payload_record r;
    const u8 *contents;
    REQUIRE(make(&p));
    for (u64 bytes = 6; bytes < 200; bytes++) {
        size_t at = 0, n = 0;
        memcpy(p.bytes + sizeof(struct payload_head) + 8, &bytes, sizeof bytes);
        for (; n < 100 && payload_next(p.bytes, &at, &r, &contents); n++)
            CHECK(contents >= p.bytes && contents + r.bytes <= p.bytes + p.len);
        CHECK(n < 100);
    }
    heap_free(p.bytes);
}

TEST(payload_needs_a_runtime)
{
    struct payload p;
    u8 elf[256] = {0x7f, 'E', 'L', 'F', 2, 1}, *out;
    size_t bytes;
    REQUIRE(make(&p));
    CHECK_EQ(payload_attach(elf, 10, &p, &out, &bytes), E_INVAL);
    CHECK_EQ(payload_attach(elf, sizeof elf, &p, &out, &bytes), E_INVAL); /* no unused header */
    elf[56] = 9;                                                          /* program headers behind the end */
    CHECK_EQ(payload_attach(elf, sizeof elf, &p, &out, &bytes), E_INVAL);
    heap_free(p.bytes);
}
