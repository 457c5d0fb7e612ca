/* uart_priv.h: 16550 serial ports, 115200 8N1. Every wait is bounded: a missing or stuck port loses output,
 * it never stops the machine. */
#ifndef KERNEL_LIB_UART_PRIV_H
#define KERNEL_LIB_UART_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
    uint16_t port; /* 0: not there */
    int kept;      /* a byte that arrived before the port was set up; -1: none */
};

/* Tests by the scratch register whether a UART answers at the port, and sets it up; false: not there. */
bool uart_init(struct uart *u, uint16_t port);
void uart_write(struct uart *u, const void *buf, size_t len);
/* Waits until all of it has left. */
void uart_drain(struct uart *u);
/* One received byte, or -1. */
int uart_read(struct uart *u);

#endif
