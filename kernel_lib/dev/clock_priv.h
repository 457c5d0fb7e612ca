/* clock_priv.h: clocks of the machine. */
#ifndef KERNEL_LIB_CLOCK_PRIV_H
#define KERNEL_LIB_CLOCK_PRIV_H

#include <stdint.h>

/* Ticks of the time-stamp counter a second, measured or asked for at the first call. */
uint64_t clock_ticks_per_second(void);
/* Seconds since 1970 from the battery clock, which is taken to run in UTC. */
uint64_t clock_rtc_seconds(void);

#endif
