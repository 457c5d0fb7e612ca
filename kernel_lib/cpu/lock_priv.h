/* lock_priv.h: locks between the two processors that the full image may use: the one that boots, and plat.h's
 * worker. Until the second one runs a lock costs a test, and nothing where there is never a second one
 * (hosted, in an appliance).
 *
 * A lock may be taken again by the processor that has it, also in an interrupt or a fault: what those do to
 * what they interrupted is the same as with one processor. Locks nest in this order: heap, clock, console,
 * page tables. */
#ifndef KERNEL_LIB_LOCK_PRIV_H
#define KERNEL_LIB_LOCK_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#if defined ANNEAL_IMAGE && !defined ANNEAL_APPLIANCE
enum { CPUS = 2 };
#else
enum { CPUS = 1 };
#endif
enum { CPU_MAIN, CPU_WORKER };

/* Which processor this is; the base of gs points to its number (idt.c). */
static inline unsigned cpu_number(void)
{
    uint32_t n = CPU_MAIN;
    if (CPUS > 1)
        __asm__ volatile("movl %%gs:0, %0" : "=r"(n));
    return n;
}

struct cpu_lock {
    uint32_t owner; /* 1 + processor; 0: nobody */
    uint32_t again; /* how often its owner has taken it beyond the first time */
};
/* Both processors run. Changes only while neither has a lock. */
extern bool cpu_beside;

/* One processor runs: locks do nothing. */
static inline bool cpu_is_alone(void)
{
    return CPUS == 1 || __builtin_expect(!cpu_beside, 1);
}

void cpu_lock_take(struct cpu_lock *l);
void cpu_lock_release(struct cpu_lock *l);
static inline void cpu_lock(struct cpu_lock *l)
{
    if (!cpu_is_alone())
        cpu_lock_take(l);
}
static inline void cpu_unlock(struct cpu_lock *l)
{
    if (!cpu_is_alone())
        cpu_lock_release(l);
}

#endif
