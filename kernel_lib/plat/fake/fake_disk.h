/* fake_disk.h: disks in memory whose power fails, whose bits flip and whose reads fail when a test says so.
 *
 * A write is first in the disk's cache. A flush makes all of it durable. When power is cut, every sector of
 * every write since the last flush is, by itself, on the disk or not, in any order of the writes: a seed
 * chooses. So writes are torn at sectors, and later ones may have come where earlier ones have not. */
#ifndef KERNEL_LIB_FAKE_DISK_H
#define KERNEL_LIB_FAKE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes all disks away, and adds one with zeros on it; returns its number. */
void fake_disks_reset(void);
size_t fake_disk_add(uint64_t sectors, uint32_t block, bool read_only);
/* What a read would see now; may be written. Stays where it is until fake_disks_reset. */
uint8_t *fake_disk_bytes(size_t disk);
/* A smaller (or again larger, at most as at first) disk with the same start. */
void fake_disk_resize(size_t disk, uint64_t sectors);

/* Power fails in the n-th write or flush from now on (0: the next): from there on everything fails with
 * E_IO. */
void fake_disk_cut_at(size_t disk, size_t n, uint64_t seed);
bool fake_disk_is_off(size_t disk);
/* Power is back (or never failed: then as if it had been cut now): what is durable is what there is. */
void fake_disk_power_on(size_t disk, uint64_t seed);

/* The n-th read from now on (0: the next) fails, or has bit `bit` of what it reads flipped on the way. */
void fake_disk_fail_read(size_t disk, size_t n);
void fake_disk_flip_read(size_t disk, size_t n, uint64_t bit);
/* All reads that touch this sector fail, as on a worn disk; UINT64_MAX: none. */
void fake_disk_bad_sector(size_t disk, uint64_t sector);

/* Requests since the disk was added. */
struct fake_disk_counts {
    size_t reads, writes, flushes;
};
struct fake_disk_counts fake_disk_counts(size_t disk);

#endif
