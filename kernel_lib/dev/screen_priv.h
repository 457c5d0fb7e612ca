/* screen_priv.h: text on the VGA text screen or on a linear framebuffer. Keeps the text in memory and draws
 * what changed, because drawing is slow; screen_draw brings the display up to date. */
#ifndef KERNEL_LIB_SCREEN_PRIV_H
#define KERNEL_LIB_SCREEN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "boot_info.h"

/* Without a display all calls do nothing. After vm_init. */
void screen_init(const struct boot_framebuffer *fb);
bool screen_write(const char *text, size_t len); /* false: there is no display */
void screen_draw(void);

#endif
