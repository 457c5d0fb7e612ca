/* pci.c: see pci_priv.h. */
#include "dev/pci_priv.h"

#include <stddef.h>

#include "io/port_priv.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
enum { SLOTS = 32, FUNCTIONS = 8, BUSES = 256, BARS = 6, NO_VENDOR = 0xffff };
enum { REG_VENDOR = 0, REG_DEVICE = 2, REG_COMMAND = 4, REG_STATUS = 6, REG_HEADER = 0x0e, REG_BAR0 = 0x10 };
enum { REG_SECONDARY_BUS = 0x19, REG_CAPABILITIES = 0x34 };
enum { COMMAND_PORTS = 1, COMMAND_MEMORY = 2, COMMAND_MASTER = 4, COMMAND_NO_INTX = 0x400 };
enum { STATUS_CAPABILITIES = 0x10, HEADER_MULTI = 0x80, HEADER_KIND = 0x7f, HEADER_BRIDGE = 1 };
enum { CAPABILITY_MSIX = 0x11, MSIX_CONTROL = 2, MSIX_ENABLE = 0x8000 };
enum { BAR_PORT = 1, BAR_KIND = 6, BAR_64 = 4, CAPABILITIES_MAX = 48, CONFIG_HEADER = 0x40 };
#define CONFIG_ENABLE 0x80000000u

static void select(const struct pci_device *d, uint8_t offset)
{
    port_write32(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)d->bus << 16 | (uint32_t)d->slot << 11 |
                                     (uint32_t)d->function << 8 | (offset & 0xfcu));
}

uint32_t pci_read(const struct pci_device *d, uint8_t offset, unsigned bytes)
{
    select(d, offset);
    uint16_t port = CONFIG_DATA + (offset & 3);
    return bytes == 1 ? port_read8(port) : bytes == 2 ? port_read16(port) : port_read32(port);
}

static void write16(const struct pci_device *d, uint8_t offset, uint32_t value)
{
    select(d, offset);
    port_write16(CONFIG_DATA + (offset & 2), (uint16_t)value);
}

void pci_enable(const struct pci_device *d)
{
    uint8_t msix = pci_capability(d, CAPABILITY_MSIX, 0);
    if (msix)
        write16(d, msix + MSIX_CONTROL, pci_read(d, msix + MSIX_CONTROL, 2) & ~(uint32_t)MSIX_ENABLE);
    uint32_t command = pci_read(d, REG_COMMAND, 2);
    write16(d, REG_COMMAND, command | COMMAND_PORTS | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_NO_INTX);
}

bool pci_bar(const struct pci_device *d, unsigned number, struct pci_bar *out)
{
    if (number >= BARS)
        return false;
    uint8_t reg = (uint8_t)(REG_BAR0 + 4 * number);
    uint32_t low = pci_read(d, reg, 4);
    *out = (struct pci_bar){.is_port = low & BAR_PORT, .base = low & (low & BAR_PORT ? ~3u : ~15u)};
    if (!out->is_port && (low & BAR_KIND) == BAR_64 && number + 1 < BARS)
        out->base |= (uint64_t)pci_read(d, reg + 4, 4) << 32;
    return out->base != 0;
}

uint8_t pci_capability(const struct pci_device *d, uint8_t id, uint8_t after)
{
    if (!(pci_read(d, REG_STATUS, 2) & STATUS_CAPABILITIES))
        return 0;
    uint8_t at = (uint8_t)pci_read(d, after ? after + 1 : REG_CAPABILITIES, 1) & 0xfc;
    for (int i = 0; at >= CONFIG_HEADER && i < CAPABILITIES_MAX; i++) { /* a list may be a ring */
        if (pci_read(d, at, 1) == id)
            return at;
        at = (uint8_t)pci_read(d, at + 1, 1) & 0xfc;
    }
    return 0;
}

struct scan {
    void (*f)(const struct pci_device *, void *);
    void *arg;
    uint8_t queue[BUSES]; /* buses to look at: each once, whatever the bridges say */
    bool known[BUSES];
    size_t count;
};

static void add_bus(struct scan *s, uint8_t bus)
{
    if (s->known[bus])
        return;
    s->known[bus] = true;
    s->queue[s->count++] = bus;
}

static void scan_slot(struct scan *s, uint8_t bus, uint8_t slot)
{
    struct pci_device d = {.bus = bus, .slot = slot};
    unsigned functions = 1;
    for (unsigned i = 0; i < functions; i++) {
        d.function = (uint8_t)i;
        d.vendor = (uint16_t)pci_read(&d, REG_VENDOR, 2);
        if (d.vendor == NO_VENDOR)
            continue;
        d.device = (uint16_t)pci_read(&d, REG_DEVICE, 2);
        uint32_t header = pci_read(&d, REG_HEADER, 1);
        if (i == 0 && (header & HEADER_MULTI))
            functions = FUNCTIONS;
        s->f(&d, s->arg);
        if ((header & HEADER_KIND) == HEADER_BRIDGE)
            add_bus(s, (uint8_t)pci_read(&d, REG_SECONDARY_BUS, 1));
    }
}

void pci_scan(void (*f)(const struct pci_device *, void *arg), void *arg)
{
    static struct scan s;
    s = (struct scan){.f = f, .arg = arg};
    port_write32(CONFIG_ADDRESS, CONFIG_ENABLE);
    if (port_read32(CONFIG_ADDRESS) != CONFIG_ENABLE)
        return; /* no PCI */
    add_bus(&s, 0);
    for (size_t i = 0; i < s.count; i++)
        for (uint8_t slot = 0; slot < SLOTS; slot++)
            scan_slot(&s, s.queue[i], slot);
}
