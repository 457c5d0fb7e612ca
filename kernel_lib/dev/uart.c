/* uart.c: 16550 UART by polling. Source: National Semiconductor PC16550D data sheet. */
#include "dev/uart_priv.h"

#include "cpu/cpu_priv.h"
#include "io/port_priv.h"

enum { DATA = 0, INT_ENABLE = 1, FIFO = 2, LINE = 3, MODEM = 4, STATUS = 5, SCRATCH = 7 };
enum { LINE_8N1 = 0x03, LINE_DIVISOR = 0x80, FIFO_ON_CLEAR = 0xc7, MODEM_ON = 0x03, MODEM_LOOP = 0x13 };
enum { STATUS_DATA = 0x01, STATUS_EMPTY = 0x20, STATUS_SENT = 0x40 };
enum { FIFO_BYTES = 16, DIVISOR_115200 = 1 };
#define WAIT_TICKS (1ull << 36) /* some 20 to 60 s */

/* Long enough for a reader on the other side of an emulated line to pause; a port that stays silent is given
 * up. */
static bool wait_for(struct uart *u, uint8_t bit)
{
    uint64_t start = cpu_tsc();
    while (!(port_read8(u->port + STATUS) & bit)) {
        if (cpu_tsc() - start > WAIT_TICKS) {
            u->port = 0;
            return false;
        }
    }
    return true;
}

/* Not by loopback: a test byte would mix with input that is already arriving. */
static bool answers(uint16_t port)
{
    port_write8(port + SCRATCH, 0x5a);
    if (port_read8(port + SCRATCH) != 0x5a)
        return false;
    port_write8(port + SCRATCH, 0xa5);
    return port_read8(port + SCRATCH) == 0xa5 && port_read8(port + STATUS) != 0xff;
}

/* Turning the FIFO on drops a byte that has already arrived: it is taken first, in loopback, where no other
 * can follow. The last read tells an emulated line that was held back to go on. */
static void keep_early_byte(struct uart *u, uint16_t port)
{
    port_write8(port + MODEM, MODEM_LOOP);
    if (port_read8(port + STATUS) & STATUS_DATA)
        u->kept = port_read8(port + DATA);
    port_write8(port + FIFO, FIFO_ON_CLEAR);
    port_write8(port + MODEM, MODEM_ON);
    if (!(port_read8(port + STATUS) & STATUS_DATA))
        port_read8(port + DATA);
}

bool uart_init(struct uart *u, uint16_t port)
{
    u->port = 0;
    u->kept = -1;
    if (!answers(port))
        return false;
    port_write8(port + LINE, LINE_DIVISOR);
    port_write8(port + DATA, DIVISOR_115200);
    port_write8(port + INT_ENABLE, 0);
    port_write8(port + LINE, LINE_8N1);
    port_write8(port + INT_ENABLE, 0);
    keep_early_byte(u, port);
    u->port = port;
    return true;
}

void uart_write(struct uart *u, const void *buf, size_t len)
{
    const uint8_t *p = buf;
    while (u->port && len) {
        size_t n = len < FIFO_BYTES ? len : FIFO_BYTES;
        if (!wait_for(u, STATUS_EMPTY))
            return;
        for (size_t i = 0; i < n; i++)
            port_write8(u->port + DATA, p[i]);
        p += n;
        len -= n;
    }
}

void uart_drain(struct uart *u)
{
    if (u->port)
        wait_for(u, STATUS_SENT);
}

int uart_read(struct uart *u)
{
    int kept = u->kept;
    if (kept >= 0) {
        u->kept = -1;
        return kept;
    }
    if (!u->port || !(port_read8(u->port + STATUS) & STATUS_DATA))
        return -1;
    return port_read8(u->port + DATA);
}
