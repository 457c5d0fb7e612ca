/* clock_priv.h: clocks of the machine. */
#ifndef KERNEL_LIB_CLOCK_PRIV_H
#define KERNEL_LIB_CLOCK_PRIV_H

#include <stdint.h>

/* a * b / c with 128 bits between; the result must fit into 64. */
static inline uint64_t clock_scale(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t high;
    __asm__("mulq %2; divq %3" : "+a"(a), "=&d"(high) : "r"(b), "r"(c) : "cc");
    return a;
}

/* Ticks of the time-stamp counter a second, measured or asked for at the first call. */
uint64_t clock_ticks_per_second(void);
/* Seconds since 1970 from the battery clock, which is taken to run in UTC. */
uint64_t clock_rtc_seconds(void);

#endif
