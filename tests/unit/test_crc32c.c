/* CRC-32C against the examples of RFC 3720, B.4, and the table against the instruction. */
#include "crc32c.h"

#include <string.h>

#include "unit.h"

TEST(crc32c_gives_the_published_values)
{
    uint8_t b[32];
    memset(b, 0, sizeof b);
    CHECK_EQ(crc32c(0, b, sizeof b), 0x8a9136aa);
    memset(b, 0xff, sizeof b);
    CHECK_EQ(crc32c(0, b, sizeof b), 0x62a8ab43);
    for (int k = 0; k < 32; k++)
        b[k] = (uint8_t)k;
    CHECK_EQ(crc32c(0, b, sizeof b), 0x46dd794e);
    CHECK_EQ(crc32c_by_table(0, b, sizeof b), 0x46dd794e);
    CHECK_EQ(crc32c(0, b, 0), 0);
}

TEST(crc32c_goes_on_where_it_stopped_and_is_the_same_by_table)
{
    static uint8_t b[1000];
    for (size_t k = 0; k < sizeof b; k++)
        b[k] = (uint8_t)(k * k * 31 + 7);
    for (size_t cut = 0; cut <= sizeof b; cut += 37) {
        CHECK_EQ(crc32c(crc32c(0, b, cut), b + cut, sizeof b - cut), crc32c(0, b, sizeof b));
        CHECK_EQ(crc32c_by_table(0, b, cut), crc32c(0, b, cut));
    }
}
