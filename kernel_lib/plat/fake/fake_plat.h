/* fake_plat.h: a machine that tests control: its clock stands still, its memory runs out when they say so,
 * and what it prints is kept. Hosted only; linked instead of plat/host (build/tests/unit-fake). */
#ifndef KERNEL_LIB_PLAT_FAKE_H
#define KERNEL_LIB_PLAT_FAKE_H

#include <stddef.h>
#include <stdint.h>

/* Forgets printed text, sets the clock to 0 and lets every commit succeed. */
void fake_reset(void);
/* All clocks and ticks show `ns`; plat_sleep_ns moves them on. */
void fake_clock_set(uint64_t ns);
/* The next `n` commits succeed, all later ones fail with E_NOMEM. */
void fake_commits_left(size_t n);
/* Commits that failed since fake_reset. */
size_t fake_commits_failed(void);
/* Text written to any stream since fake_reset, at most 64 KiB of it. */
const char *fake_output(void);
/* Where panic() goes instead of ending the program (a buffer of __builtin_setjmp); NULL: it ends. */
void fake_panic_catch(void **landing);

#endif
