/* console_priv.h: where the three output streams go, and where input comes from. */
#ifndef KERNEL_LIB_CONSOLE_PRIV_H
#define KERNEL_LIB_CONSOLE_PRIV_H

#include "boot_info.h"
#include "plat.h"

/* Finds the serial lines; works before anything else. Then console_configure applies `console=` and starts
 * the screen, which needs vm_init. */
void console_init(void);
void console_configure(const struct boot_info *info);
void console_write(enum plat_stream s, const void *buf, size_t len);
/* Makes sure that the screen shows all that was written. */
void console_flush(void);
/* Before the end: also waits until the serial lines have sent all. */
void console_finish(void);

#endif
