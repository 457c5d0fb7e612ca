/* virtio_pci.c: virtio over PCI: by the capabilities of version 1, or by the ports of version 0.9 where a
 * device has nothing else. */
#include "dev/virtio_priv.h"

#include "fmt.h"
#include "io/port_priv.h"
#include "memory/vm_priv.h"

enum { VENDOR = 0x1af4, DEVICE_1_0 = 0x1040, DEVICE_LEGACY = 0x1000, DEVICE_LEGACY_END = 0x1040 };
enum { REG_SUBSYSTEM = 0x2e, CAPABILITY_VENDOR = 9 };

/* --- Version 1: 4.1.4 --- */

enum { CAP_KIND = 3, CAP_BAR = 4, CAP_OFFSET = 8, CAP_LENGTH = 12, CAP_STEP = 16 };
enum { KIND_COMMON = 1, KIND_NOTIFY = 2, KIND_DEVICE = 4 };
enum common {
    DEVICE_FEATURE_SELECT = 0,
    DEVICE_FEATURE = 4,
    DRIVER_FEATURE_SELECT = 8,
    DRIVER_FEATURE = 12,
    STATUS = 20,
    QUEUE_SELECT = 22,
    QUEUE_SIZE = 24,
    QUEUE_ENABLE = 28,
    QUEUE_NOTIFY_OFF = 30,
    QUEUE_DESC = 32,
    QUEUE_AVAIL = 40,
    QUEUE_USED = 48,
    COMMON_BYTES = 56
};

static volatile uint32_t *reg32(const struct virtio *v, enum common at)
{
    return (volatile uint32_t *)(v->common + at);
}

static volatile uint16_t *reg16(const struct virtio *v, enum common at)
{
    return (volatile uint16_t *)(v->common + at);
}

static uint64_t modern_features(struct virtio *v)
{
    *reg32(v, DEVICE_FEATURE_SELECT) = 0;
    uint64_t low = *reg32(v, DEVICE_FEATURE);
    *reg32(v, DEVICE_FEATURE_SELECT) = 1;
    return low | (uint64_t)*reg32(v, DEVICE_FEATURE) << 32;
}

static void modern_features_set(struct virtio *v, uint64_t features)
{
    *reg32(v, DRIVER_FEATURE_SELECT) = 0;
    *reg32(v, DRIVER_FEATURE) = (uint32_t)features;
    *reg32(v, DRIVER_FEATURE_SELECT) = 1;
    *reg32(v, DRIVER_FEATURE) = (uint32_t)(features >> 32);
}

static uint8_t modern_status(struct virtio *v)
{
    return v->common[STATUS];
}

static void modern_status_set(struct virtio *v, uint8_t status)
{
    v->common[STATUS] = status;
}

static uint32_t modern_config(struct virtio *v, unsigned offset)
{
    return *(volatile uint32_t *)(v->device + offset);
}

static uint16_t modern_queue_size_max(struct virtio *v)
{
    *reg16(v, QUEUE_SELECT) = 0;
    return *reg16(v, QUEUE_SIZE);
}

static void address_set(struct virtio *v, enum common at, uint64_t phys)
{
    *reg32(v, at) = (uint32_t)phys;
    *reg32(v, at + 4) = (uint32_t)(phys >> 32);
}

static bool modern_queue_start(struct virtio *v, const struct virtio_ring *r)
{
    *reg16(v, QUEUE_SELECT) = 0;
    *reg16(v, QUEUE_SIZE) = r->size;
    address_set(v, QUEUE_DESC, r->desc);
    address_set(v, QUEUE_AVAIL, r->avail);
    address_set(v, QUEUE_USED, r->used);
    v->doorbell = v->doorbells + (size_t)*reg16(v, QUEUE_NOTIFY_OFF) * v->doorbell_step;
    *reg16(v, QUEUE_ENABLE) = 1;
    return *reg16(v, QUEUE_ENABLE) == 1;
}

static void modern_notify(struct virtio *v)
{
    *(volatile uint16_t *)v->doorbell = 0;
}

static const struct virtio_transport modern = {
    .any_size = true,
    .features = modern_features,
    .features_set = modern_features_set,
    .status = modern_status,
    .status_set = modern_status_set,
    .config = modern_config,
    .queue_size_max = modern_queue_size_max,
    .queue_start = modern_queue_start,
    .notify = modern_notify,
};

/* The registers that a capability describes; NULL: not there, or by ports, which nothing needs. */
static volatile uint8_t *region_map(const struct pci_device *d, uint8_t cap)
{
    struct pci_bar bar;
    uint32_t offset = pci_read(d, cap + CAP_OFFSET, 4), bytes = pci_read(d, cap + CAP_LENGTH, 4);
    if (!pci_bar(d, pci_read(d, cap + CAP_BAR, 1), &bar) || bar.is_port || bytes == 0)
        return NULL;
    return vm_map_phys(bar.base + offset, bytes, VM_UNCACHED);
}

/* The first capability of each kind counts: devices list the preferred one first. */
static bool modern_find(const struct pci_device *d, struct virtio *v)
{
    for (uint8_t cap = 0; (cap = pci_capability(d, CAPABILITY_VENDOR, cap));) {
        uint32_t kind = pci_read(d, cap + CAP_KIND, 1);
        if (kind == KIND_COMMON && !v->common) {
            v->common = region_map(d, cap);
        } else if (kind == KIND_DEVICE && !v->device) {
            v->device = region_map(d, cap);
        } else if (kind == KIND_NOTIFY && !v->doorbells) {
            v->doorbells = region_map(d, cap);
            v->doorbell_step = pci_read(d, cap + CAP_STEP, 4);
        }
    }
    v->transport = &modern;
    return v->common && v->device && v->doorbells;
}

/* --- Version 0.9: 4.1.4.10 --- */

enum legacy {
    OLD_FEATURES = 0,
    OLD_FEATURES_SET = 4,
    OLD_QUEUE_PAGE = 8,
    OLD_QUEUE_SIZE = 12,
    OLD_QUEUE_SELECT = 14,
    OLD_NOTIFY = 16,
    OLD_STATUS = 18,
    OLD_CONFIG = 20
};

static uint64_t legacy_features(struct virtio *v)
{
    return port_read32(v->port + OLD_FEATURES);
}

static void legacy_features_set(struct virtio *v, uint64_t features)
{
    port_write32(v->port + OLD_FEATURES_SET, (uint32_t)features);
}

static uint8_t legacy_status(struct virtio *v)
{
    return port_read8(v->port + OLD_STATUS);
}

static void legacy_status_set(struct virtio *v, uint8_t status)
{
    port_write8(v->port + OLD_STATUS, status);
}

static uint32_t legacy_config(struct virtio *v, unsigned offset)
{
    return port_read32((uint16_t)(v->port + OLD_CONFIG + offset));
}

static uint16_t legacy_queue_size_max(struct virtio *v)
{
    port_write16(v->port + OLD_QUEUE_SELECT, 0);
    return port_read16(v->port + OLD_QUEUE_SIZE);
}

static bool legacy_queue_start(struct virtio *v, const struct virtio_ring *r)
{
    uint32_t page = (uint32_t)(r->desc / PLAT_PAGE);
    port_write16(v->port + OLD_QUEUE_SELECT, 0);
    port_write32(v->port + OLD_QUEUE_PAGE, page);
    return port_read32(v->port + OLD_QUEUE_PAGE) == page;
}

static void legacy_notify(struct virtio *v)
{
    port_write16(v->port + OLD_NOTIFY, 0);
}

static const struct virtio_transport legacy = {
    .legacy = true,
    .features = legacy_features,
    .features_set = legacy_features_set,
    .status = legacy_status,
    .status_set = legacy_status_set,
    .config = legacy_config,
    .queue_size_max = legacy_queue_size_max,
    .queue_start = legacy_queue_start,
    .notify = legacy_notify,
};

static bool legacy_find(const struct pci_device *d, struct virtio *v)
{
    struct pci_bar bar;
    if (d->device >= DEVICE_LEGACY_END || !pci_bar(d, 0, &bar) || !bar.is_port)
        return false;
    v->transport = &legacy;
    v->port = (uint16_t)bar.base;
    return true;
}

/* --- Both --- */

struct scan {
    unsigned kind;
    void (*f)(const struct virtio *, void *);
    void *arg;
};

static unsigned kind_of(const struct pci_device *d)
{
    if (d->vendor != VENDOR || d->device < DEVICE_LEGACY)
        return 0;
    return d->device < DEVICE_LEGACY_END ? pci_read(d, REG_SUBSYSTEM, 2) : d->device - DEVICE_1_0;
}

static void look(const struct pci_device *d, void *arg)
{
    const struct scan *s = arg;
    struct virtio v = {0};
    if (kind_of(d) != s->kind)
        return;
    pci_enable(d);
    fmt_s(v.name, sizeof v.name, "PCI %02x:%02x.%u", d->bus, d->slot, d->function);
    if (modern_find(d, &v) || legacy_find(d, &v))
        s->f(&v, s->arg);
    else
        fmt_out(PLAT_LOG, "anneal: virtio device at %s: it has no registers that can be reached\n", v.name);
}

void virtio_pci_scan(unsigned kind, void (*f)(const struct virtio *, void *), void *arg)
{
    struct scan s = {kind, f, arg};
    pci_scan(look, &s);
}
