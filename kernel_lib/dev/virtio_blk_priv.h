/* virtio_blk_priv.h: virtio block devices.
 *
 * Source: VIRTIO 1.2, 5.2. What is read and written goes through memory of the driver's own, so that a device
 * that answers too late cannot write to memory that has another use by then. */
#ifndef KERNEL_LIB_VIRTIO_BLK_PRIV_H
#define KERNEL_LIB_VIRTIO_BLK_PRIV_H

#include "dev/virtio_priv.h"
#include "plat.h"

struct virtio_blk {
    struct virtio virtio;
    struct plat_disk disk;
    uint32_t bytes_max; /* of one request */
    uint64_t memory;    /* physical: header and status, then `bytes_max` of data */
};

/* Starts a device that was found. NULL, or why it cannot be used. */
const char *virtio_blk_start(struct virtio_blk *b);

/* Whole blocks within the disk. E_IO: the device failed, or did not answer in time. */
MUST_CHECK status virtio_blk_read(struct virtio_blk *b, uint64_t sector, void *buf, size_t sectors,
                                  struct err *e);
MUST_CHECK status virtio_blk_write(struct virtio_blk *b, uint64_t sector, const void *buf, size_t sectors,
                                   struct err *e);
MUST_CHECK status virtio_blk_flush(struct virtio_blk *b, struct err *e);

#endif
