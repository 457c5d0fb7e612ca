/* store_priv.h: the bytes on the disk (docs/snapshot-format.md), and what store's files share. */
#ifndef SNAPSHOT_STORE_PRIV_H
#define SNAPSHOT_STORE_PRIV_H

#include "store.h"

#define STORE_MAGIC      "ANNEALST"
#define STORE_SLOT_MAGIC "ANNEALSL"

enum {
    STORE_BUFFER = 64 * 1024,
    STORE_SUPERS = 2, /* in blocks 0 and 1 */
    STORE_PER_BLOCK = STORE_BLOCK / PLAT_SECTOR,
    STORE_HEAD = 16, /* of a record */
    STORE_TAIL = 8
};
enum store_slot_state { STORE_SLOT_WRITING = 1, STORE_SLOT_WHOLE = 2 };

/* Both fill the first sector of their block; the rest of it is zero. A sector is written whole or not at all.
 * Magic, version and the place of the checksum are for ever. */
struct store_super {
    char magic[8];
    uint32_t version, block;
    uint64_t id, area_blocks, slot_block[STORE_SLOTS], slot_blocks;
    uint8_t zero[448];
    uint64_t sum;
};
struct store_slot {
    char magic[8];
    uint32_t slot, state; /* enum store_slot_state */
    uint64_t id, generation, bytes, records, stream_sum;
    uint8_t zero[448];
    uint64_t sum;
};
_Static_assert(sizeof(struct store_super) == PLAT_SECTOR, "one sector");
_Static_assert(sizeof(struct store_slot) == PLAT_SECTOR, "one sector");

struct store_head {
    uint32_t type, check;
    uint64_t bytes;
};
_Static_assert(sizeof(struct store_head) == STORE_HEAD, "as documented");

struct store_head store_head_make(uint32_t type, uint64_t bytes, uint64_t generation);

static inline uint64_t store_padded(uint64_t bytes)
{
    return (bytes + 7) & ~7ull;
}
/* Of a superblock or slot header. */
static inline uint64_t store_sector_sum(const void *sector)
{
    return xxh64_of(sector, PLAT_SECTOR - sizeof(uint64_t), 0);
}

/* In blocks of the area. */
status store_block_read(struct store *s, uint64_t block, void *buf, size_t blocks, struct err *e);
status store_block_write(struct store *s, uint64_t block, const void *buf, size_t blocks, struct err *e);

/* Adds to the line for people. */
void store_say(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Superblocks: writes those of s->repair, or lays the area out anew. */
status store_repair(struct store *s, struct err *e);
status store_format(struct store *s, unsigned flags, struct err *e);
/* Whether the bytes of a slot are those that its header speaks of; reads them all. */
status store_slot_check(struct store *s, const struct store_slot *h, struct err *e);
/* Makes a checked slot the one that is read. */
void store_slot_use(struct store *s, const struct store_slot *h);
uint64_t store_slot_room(uint64_t slot_blocks); /* bytes of a slot's stream */
uint64_t store_slot_blocks_for(uint64_t area_blocks);

#endif
