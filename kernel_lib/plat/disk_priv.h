/* disk_priv.h: what every platform refuses before it asks a device. */
#ifndef KERNEL_LIB_PLAT_DISK_PRIV_H
#define KERNEL_LIB_PLAT_DISK_PRIV_H

#include "plat.h"

static inline status disk_check_range(const struct plat_disk *d, uint64_t sector, size_t sectors,
                                      struct err *e)
{
    uint64_t per_block = d->block / PLAT_SECTOR;
    if (sector > d->sectors || sectors > d->sectors - sector)
        return err_set(e, E_INVAL, sector * PLAT_SECTOR, "%s: %zu sectors from %llu, but it has %llu",
                       d->name, sectors, (unsigned long long)sector, (unsigned long long)d->sectors);
    if (sector % per_block || sectors % per_block)
        return err_set(e, E_INVAL, sector * PLAT_SECTOR, "%s: not in blocks of %u bytes", d->name, d->block);
    return ST_OK;
}

static inline status disk_check_writable(const struct plat_disk *d, struct err *e)
{
    return d->read_only ? err_set(e, E_UNSUPPORTED, 0, "%s: is read-only", d->name) : ST_OK;
}

#endif
