/* virtio_mmio.c: virtio behind registers at fixed addresses (4.2), which ACPI or the kernel's command line
 * names: QEMU's microvm. */
#include "dev/virtio_priv.h"

#include "cmdline.h"
#include "dev/acpi_priv.h"
#include "fmt.h"
#include "memory/vm_priv.h"
#include "runtime.h"

#include <string.h>

enum reg {
    MAGIC = 0x00,
    VERSION = 0x04,
    KIND = 0x08,
    DEVICE_FEATURES = 0x10,
    DEVICE_FEATURES_SELECT = 0x14,
    DRIVER_FEATURES = 0x20,
    DRIVER_FEATURES_SELECT = 0x24,
    OLD_PAGE_SIZE = 0x28,
    QUEUE_SELECT = 0x30,
    QUEUE_SIZE_MAX = 0x34,
    QUEUE_SIZE = 0x38,
    OLD_QUEUE_ALIGN = 0x3c,
    OLD_QUEUE_PAGE = 0x40,
    QUEUE_READY = 0x44,
    QUEUE_NOTIFY = 0x50,
    STATUS = 0x70,
    QUEUE_DESC = 0x80,
    QUEUE_AVAIL = 0x90,
    QUEUE_USED = 0xa0,
    CONFIG = 0x100
};
enum { DEVICES_MAX = 32, REGION_BYTES = 0x200, VERSION_OLD = 1, VERSION_1_0 = 2 };
#define MAGIC_VALUE 0x74726976u /* "virt" */

static uint32_t get(const struct virtio *v, unsigned reg)
{
    return *(volatile uint32_t *)(v->common + reg);
}

static void set(struct virtio *v, unsigned reg, uint32_t value)
{
    *(volatile uint32_t *)(v->common + reg) = value;
}

static uint64_t mmio_features(struct virtio *v)
{
    set(v, DEVICE_FEATURES_SELECT, 0);
    uint64_t low = get(v, DEVICE_FEATURES);
    set(v, DEVICE_FEATURES_SELECT, 1);
    return low | (uint64_t)get(v, DEVICE_FEATURES) << 32;
}

static void mmio_features_set(struct virtio *v, uint64_t features)
{
    set(v, DRIVER_FEATURES_SELECT, 0);
    set(v, DRIVER_FEATURES, (uint32_t)features);
    set(v, DRIVER_FEATURES_SELECT, 1);
    set(v, DRIVER_FEATURES, (uint32_t)(features >> 32));
}

static uint8_t mmio_status(struct virtio *v)
{
    return (uint8_t)get(v, STATUS);
}

static void mmio_status_set(struct virtio *v, uint8_t status)
{
    set(v, STATUS, status);
}

static uint32_t mmio_config(struct virtio *v, unsigned offset)
{
    return get(v, CONFIG + offset);
}

static uint16_t mmio_queue_size_max(struct virtio *v)
{
    set(v, QUEUE_SELECT, 0);
    return (uint16_t)get(v, QUEUE_SIZE_MAX);
}

static void address_set(struct virtio *v, unsigned reg, uint64_t phys)
{
    set(v, reg, (uint32_t)phys);
    set(v, reg + 4, (uint32_t)(phys >> 32));
}

static bool mmio_queue_start(struct virtio *v, const struct virtio_ring *r)
{
    set(v, QUEUE_SELECT, 0);
    set(v, QUEUE_SIZE, r->size);
    address_set(v, QUEUE_DESC, r->desc);
    address_set(v, QUEUE_AVAIL, r->avail);
    address_set(v, QUEUE_USED, r->used);
    set(v, QUEUE_READY, 1);
    return get(v, QUEUE_READY) == 1;
}

static bool old_queue_start(struct virtio *v, const struct virtio_ring *r)
{
    uint32_t page = (uint32_t)(r->desc / PLAT_PAGE);
    set(v, OLD_PAGE_SIZE, PLAT_PAGE);
    set(v, QUEUE_SELECT, 0);
    set(v, QUEUE_SIZE, r->size);
    set(v, OLD_QUEUE_ALIGN, PLAT_PAGE);
    set(v, OLD_QUEUE_PAGE, page);
    return get(v, OLD_QUEUE_PAGE) == page;
}

static void mmio_notify(struct virtio *v)
{
    set(v, QUEUE_NOTIFY, 0);
}

#define COMMON_PARTS                                                                                         \
    .any_size = true, .features = mmio_features, .features_set = mmio_features_set, .status = mmio_status,   \
    .status_set = mmio_status_set, .config = mmio_config, .queue_size_max = mmio_queue_size_max,             \
    .notify = mmio_notify
static const struct virtio_transport mmio = {COMMON_PARTS, .queue_start = mmio_queue_start};
static const struct virtio_transport mmio_old = {COMMON_PARTS, .legacy = true,
                                                 .queue_start = old_queue_start};

/* --- Where they are --- */

static unsigned digit(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* The address in `virtio_mmio.device=SIZE@0xADDRESS:INTERRUPT`; 0: it is another word. */
static uint64_t address_of(const char *word)
{
    static const char name[] = "virtio_mmio.device=";
    uint64_t at = 0;
    if (strncmp(word, name, sizeof name - 1) != 0)
        return 0;
    while (*word && *word != '@')
        word++;
    if (strncmp(word, "@0x", 3) != 0)
        return 0;
    for (word += 3; digit(*word) < 16; word++)
        at = at << 4 | digit(*word);
    return at;
}

/* As Linux is told (its kernel-parameters.txt): what a loader without ACPI does. */
static size_t from_cmdline(uint64_t *out, size_t max)
{
    static char text[sizeof((struct boot_info *)0)->cmdline];
    const char *words[DEVICES_MAX];
    size_t n = 0, count = cmdline_split(runtime_boot_info()->cmdline, text, words, DEVICES_MAX);
    for (size_t i = 0; i < count && i < DEVICES_MAX && n < max; i++) {
        uint64_t at = address_of(words[i]);
        if (at)
            out[n++] = at;
    }
    return n;
}

void virtio_mmio_scan(unsigned kind, void (*f)(const struct virtio *, void *), void *arg)
{
    uint64_t at[DEVICES_MAX];
    size_t count = acpi_registers_of("LNRO0005", at, DEVICES_MAX);
    if (count == 0)
        count = from_cmdline(at, DEVICES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct virtio v = {.common = vm_map_phys(at[i], REGION_BYTES, VM_UNCACHED)};
        if (!v.common || get(&v, MAGIC) != MAGIC_VALUE || get(&v, KIND) != kind)
            continue;
        uint32_t version = get(&v, VERSION);
        if (version != VERSION_OLD && version != VERSION_1_0)
            continue;
        v.transport = version == VERSION_OLD ? &mmio_old : &mmio;
        fmt_s(v.name, sizeof v.name, "%#llx", (unsigned long long)at[i]);
        f(&v, arg);
    }
}
