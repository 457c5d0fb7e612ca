/* smp_priv.h: the second processor. Full image only: callers elsewhere ask for CPUS > 1 first. */
#ifndef KERNEL_LIB_SMP_PRIV_H
#define KERNEL_LIB_SMP_PRIV_H

#include <stdbool.h>

#include "cpu/lock_priv.h"
#include "status.h"

/* Whether ACPI knows another processor. Looks at the first call. */
bool smp_is_there(void);
/* Starts it, once: it calls `serve` on a stack of its own (512 KiB), with interrupts on. Waits until it runs,
 * about a millisecond. E_NOMEM; E_UNSUPPORTED: there is none, or it does not answer. */
MUST_CHECK status smp_start(void (*serve)(void));

/* Interrupts the other processor, which does nothing but go on behind its `hlt`. */
void smp_wake_other(void);
/* Until the other processor looks up no address by what the page tables said before. */
void smp_flush_other(void);
/* Does what the other processor waits for. Whoever waits for it with interrupts off calls this meanwhile. */
void smp_answer(void);
/* This processor sleeps: it answers before it touches anything, not at once. */
void smp_set_asleep(bool asleep);

/* Ends what the other processor does, for good: before the machine ends or panics. Who comes second when both
 * do so does not come back. */
void smp_stop_other(void);
/* At an NMI: does not come back when it came from smp_stop_other. */
void smp_end_if_stopped(void);

#endif
