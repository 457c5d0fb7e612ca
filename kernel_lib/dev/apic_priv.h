/* apic_priv.h: interrupts between processors, by the local APIC that timer.c has found. Full image only. */
#ifndef KERNEL_LIB_APIC_PRIV_H
#define KERNEL_LIB_APIC_PRIV_H

#include <stdbool.h>
#include <stdint.h>

bool apic_is_used(void); /* else nothing of this works */
/* Of the calling processor. */
uint32_t apic_id(void);
/* What to send: a fixed interrupt or a start-up takes a vector. */
enum { APIC_FIXED = 0x4000, APIC_NMI = 0x4400, APIC_INIT = 0x4500, APIC_STARTUP = 0x4600 };
void apic_send(uint32_t id, uint32_t what);
void apic_acknowledge(void);
/* Turns the calling processor's own on, as the first one's is. */
void apic_join(void);

#endif
