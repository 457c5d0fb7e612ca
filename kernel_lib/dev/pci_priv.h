/* pci_priv.h: PCI configuration space by ports, which every PC has.
 *
 * Buses are found by following bridges from bus 0: root buses of their own (a second host bridge) are not.
 * Source: PCI Local Bus Specification 3.0, 3.2.2.3.2 (mechanism #1), chapter 6. */
#ifndef KERNEL_LIB_PCI_PRIV_H
#define KERNEL_LIB_PCI_PRIV_H

#include <stdbool.h>
#include <stdint.h>

struct pci_device {
    uint8_t bus, slot, function;
    uint16_t vendor, device;
};
/* Calls `f` for every function of every device, in the order of their addresses below each bridge. */
void pci_scan(void (*f)(const struct pci_device *, void *arg), void *arg);

/* `offset` is a multiple of the size. */
uint32_t pci_read(const struct pci_device *d, uint8_t offset, unsigned bytes);
/* Lets the device be accessed by ports and memory and access RAM itself; no interrupts of any kind (with
 * MSI-X on, a legacy virtio device's registers would also be elsewhere). */
void pci_enable(const struct pci_device *d);

struct pci_bar {
    bool is_port;
    uint64_t base; /* port or physical address */
};
/* False when the number has no region, or firmware gave it no address. */
bool pci_bar(const struct pci_device *d, unsigned number, struct pci_bar *out);

/* The offset of the first capability of a kind, or of the next behind `after` (0: from the start); 0: none.
 */
uint8_t pci_capability(const struct pci_device *d, uint8_t id, uint8_t after);

#endif
