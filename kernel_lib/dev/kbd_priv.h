/* kbd_priv.h: PS/2 keyboard through the i8042 controller, US layout, as ASCII. */
#ifndef KERNEL_LIB_KBD_PRIV_H
#define KERNEL_LIB_KBD_PRIV_H

/* Finds the controller; without one, kbd_read gives -1 always. */
void kbd_init(void);
/* The next character typed, or -1. */
int kbd_read(void);

#endif
