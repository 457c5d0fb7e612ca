/* acpi_priv.h: the few facts of ACPI that the image uses. Read at the first call. */
#ifndef KERNEL_LIB_ACPI_PRIV_H
#define KERNEL_LIB_ACPI_PRIV_H

#include <stdbool.h>
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

#endif
