/* acpi_priv.h: the few facts of ACPI that the image uses. Read at the first call. */
#ifndef KERNEL_LIB_ACPI_PRIV_H
#define KERNEL_LIB_ACPI_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct acpi_facts {
    bool found;
    uint16_t pm_timer; /* port; 0: none */
    bool pm_timer_32;  /* it counts 32 bits, not 24 */
    uint16_t smi_command, pm1a_control, pm1b_control;
    uint8_t enable;
    bool has_s5;
    uint16_t s5_a, s5_b; /* sleep types */
    uint8_t reset_space; /* 0xff: no reset register; 0 memory, 1 port */
    uint64_t reset_address;
    uint8_t reset_value;
};
const struct acpi_facts *acpi_facts(void);
/* The addresses of the registers of all devices with this hardware identification (8 characters), from the
 * first fixed memory range behind each mention of it in the DSDT: enough for devices that a virtual machine
 * describes one by one. At most `max`; returns how many. */
size_t acpi_registers_of(const char *hid, uint64_t *out, size_t max);
/* Full image only. The APIC id of the first usable processor that is not `self`; false: there is none. */
bool acpi_other_processor(uint32_t self, uint32_t *id);

#endif
