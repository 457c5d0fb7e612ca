/* xxh64.h: the 64-bit checksum of everything that is kept: XXH64, streamed.
 *
 * Not CRC32C: state has tens of megabytes, where one undetected error in 2^32 is too many, and the
 * table-driven CRC is slower on the baseline processor. Not SHA-256: nobody forges a state disk, and it is
 * ten times slower. Source: the xxHash specification 0.1.1, XXH64 (github.com/Cyan4973/xxHash/blob/dev/doc).
 */
#ifndef SNAPSHOT_XXH64_H
#define SNAPSHOT_XXH64_H

#include <stddef.h>
#include <stdint.h>

struct xxh64 {
    uint64_t lane[4], seed, total;
    uint8_t rest[32]; /* of the last, incomplete stripe */
    size_t nrest;
};
void xxh64_init(struct xxh64 *h, uint64_t seed);
void xxh64_add(struct xxh64 *h, const void *data, size_t len);
/* Of everything added so far; more may follow. */
uint64_t xxh64_value(const struct xxh64 *h);
/* All at once. */
uint64_t xxh64_of(const void *data, size_t len, uint64_t seed);

#endif
