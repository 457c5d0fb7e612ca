/* The checksum of the state disk, against values that xxHash's own implementation gives. */
#include "xxh64.h"

#include <string.h>

#include "unit.h"

TEST(xxh64_known_values)
{
    CHECK_EQ(xxh64_of("", 0, 0), 0xef46db3751d8e999);
    CHECK_EQ(xxh64_of("a", 1, 0), 0xd24ec4f1a98c6e5b);
    CHECK_EQ(xxh64_of("abc", 3, 0), 0x44bc2cf5ad770999);
    const char *text = "Nobody inspects the spammish repetition";
    CHECK_EQ(xxh64_of(text, strlen(text), 0), 0xfbcea83c8a378bf1);
}

TEST(xxh64_in_pieces_is_the_same)
{
    uint8_t data[200];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 0; len <= sizeof data; len++) {
        uint64_t whole = xxh64_of(data, len, 7);
        for (size_t cut = 0; cut <= len; cut += 1 + len / 9) {
            struct xxh64 h;
            xxh64_init(&h, 7);
            xxh64_add(&h, data, cut);
            xxh64_add(&h, data + cut, len - cut);
            CHECK_EQ(xxh64_value(&h), whole);
        }
    }
    CHECK(xxh64_of(data, sizeof data, 7) != xxh64_of(data, sizeof data, 8));
}
