/* timer_priv.h: the interrupt timer: local APIC, or the PIT behind the old interrupt controller. */
#ifndef KERNEL_LIB_TIMER_PRIV_H
#define KERNEL_LIB_TIMER_PRIV_H

#include <stdbool.h>
#include <stdint.h>

/* Moves the old interrupt controller's vectors away from the exceptions and masks all of it. */
void pic_mask_all(void);
/* Finds the local APIC. After vm_init. */
void timer_init(void);
/* Halts until an interrupt or about `ns` later. Interrupts are off before and after. False: there is no
 * timer. */
bool timer_wait(uint64_t ns);
/* Calls `f` from an interrupt some hundredths of a second later, once or more, until the timer is wanted for
 * something else; only while interrupts are on. Never where there is no timer. */
void timer_soon(void (*f)(void));
/* Calls `f` from every tick that comes `ns` from now or later, with what it interrupted; there are such ticks
 * about every millisecond. NULL stops. False: there is no timer. */
struct cpu_frame;
bool timer_alarm(uint64_t ns, void (*f)(struct cpu_frame *));
/* Calls `f` from every tick that comes `ns` from now or later, a few a second. NULL stops. False: there is no
 * timer. */
bool timer_watchdog(uint64_t ns, void (*f)(void));
/* For interrupts that nobody handles. */
void timer_acknowledge_unknown(void);

#endif
