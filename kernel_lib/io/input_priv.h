/* input_priv.h: standard input: bytes from COM1 and from the keyboard in one queue, which plat_read empties.
 * The forms of input (kernel option `stdin=`) stand in runtime.h. */
#ifndef KERNEL_LIB_INPUT_PRIV_H
#define KERNEL_LIB_INPUT_PRIV_H

#include "boot_info.h"
#include "dev/uart_priv.h"

/* Reads the option; `line` is kept. */
void input_init(const struct boot_info *info, struct uart *line);

#endif
