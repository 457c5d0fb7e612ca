/* input_priv.h: standard input: bytes from COM1 and from the keyboard, in one queue.
 *
 * Kernel option `stdin=`:
 *   (none)   plain: return becomes newline; byte 4 (Ctrl-D) ends the input
 *   framed   from a program: all bytes pass. 0x10 0x02 starts (what came before is noise), 0x10 0x10 is one
 * 0x10, 0x10 0x04 ends; other bytes stand for themselves none     the input is empty */
#ifndef KERNEL_LIB_INPUT_PRIV_H
#define KERNEL_LIB_INPUT_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "boot_info.h"
#include "dev/uart_priv.h"

void input_init(const struct boot_info *info, struct uart *line);
bool input_ready(void);
/* Blocks until a byte is there; 0 at the end of input. */
size_t input_read(void *buf, size_t len);

#endif
