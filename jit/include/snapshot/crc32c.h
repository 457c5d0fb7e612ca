/* crc32c.h: the checksum of what is read at every start: CRC-32C, the processor's own (SSE4.2), or by a table
 * where it has none.
 *
 * Not XXH64, which guards what is kept on disks: it takes five times the instructions. An appliance is a few
 * hundred KB, finds every error of up to three bits or 32 neighbouring ones, and misses one in 2^32 of the
 * others. Source: RFC 3720, appendix B.4 (polynomial 0x1edc6f41, reflected, inverted before and after). */
#ifndef SNAPSHOT_CRC32C_H
#define SNAPSHOT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of `data` behind what gave `before`; 0: nothing came before. */
uint32_t crc32c(uint32_t before, const void *data, size_t len);
/* The same without the processor's help. */
uint32_t crc32c_by_table(uint32_t before, const void *data, size_t len);

#endif
