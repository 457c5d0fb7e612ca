/* virtio_priv.h: virtio devices: three ways to reach one, one queue, one request at a time, no interrupts.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2: 2.7 (split virtqueues), 3.1 (initialisation), 4.1 (PCI, with its
 * legacy interface), 4.2 (MMIO). */
#ifndef KERNEL_LIB_VIRTIO_PRIV_H
#define KERNEL_LIB_VIRTIO_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/pci_priv.h"
#include "plat.h"

#define VIRTIO_F_VERSION_1       (1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM (1ull << 33)

enum virtio_status {
    VIRTIO_ACKNOWLEDGE = 1,
    VIRTIO_DRIVER = 2,
    VIRTIO_DRIVER_OK = 4,
    VIRTIO_FEATURES_OK = 8,
    VIRTIO_FAILED = 128
};

/* Where a queue's three parts are, physically. On a legacy interface they have fixed distances. */
struct virtio_ring {
    uint16_t size;
    uint64_t desc, avail, used;
};

struct virtio;
struct virtio_transport {
    bool legacy;   /* of version 0.9: 32 features, no agreement about them */
    bool any_size; /* the driver chooses the queue's size, up to queue_size_max */
    uint64_t (*features)(struct virtio *);
    void (*features_set)(struct virtio *, uint64_t);
    uint8_t (*status)(struct virtio *);
    void (*status_set)(struct virtio *, uint8_t);
    uint32_t (*config)(struct virtio *, unsigned offset); /* 32 bits of the device's own */
    uint16_t (*queue_size_max)(struct virtio *);          /* of queue 0; 0: there is none */
    bool (*queue_start)(struct virtio *, const struct virtio_ring *);
    void (*notify)(struct virtio *);
};

struct virtio {
    const struct virtio_transport *transport;
    char name[32];                                 /* where it is */
    uint16_t port;                                 /* legacy PCI */
    volatile uint8_t *common, *device, *doorbells; /* PCI; MMIO: `common` alone */
    uint32_t doorbell_step;
    volatile uint8_t *doorbell;

    uint64_t features;   /* agreed */
    uint16_t size, done; /* of the queue; requests that have ended */
    volatile struct virtio_desc *desc;
    volatile struct virtio_avail *avail;
    volatile struct virtio_used *used;
    bool is_dead; /* it did not answer: it may still write to the memory it was given */
};

/* A piece of memory of a request, physical. Those that the device writes come last. */
struct virtio_piece {
    uint64_t phys;
    uint32_t bytes;
    bool device_writes;
};

/* Every virtio device of a kind on the machine's PCI buses, ready for virtio_start. */
enum { VIRTIO_KIND_BLOCK = 2 };
void virtio_pci_scan(unsigned kind, void (*f)(const struct virtio *, void *), void *arg);
/* The same behind registers at fixed addresses, which ACPI or the kernel's command line names (microvm). */
void virtio_mmio_scan(unsigned kind, void (*f)(const struct virtio *, void *), void *arg);

/* Resets the device, agrees on those of the `wanted` features that it has, gives it a queue. NULL, or why it
 * cannot be used. */
const char *virtio_start(struct virtio *v, uint64_t wanted);
uint64_t virtio_config64(struct virtio *v, unsigned offset);
/* One request, to its end. False: the device did not answer in time, and is not used any more. */
bool virtio_request(struct virtio *v, const struct virtio_piece *pieces, unsigned count);

#endif
