/* console.c: the three output streams on serial lines and screen.
 *
 * All streams go to COM1, raw; with `console=split` on the kernel's command line the log goes to COM2 and the
 * error stream to COM3 (where such ports are there), so that a program on the other side gets each by itself.
 * The screen shows all of them; it is drawn at most every DRAW_TICKS and whenever the machine waits, ends or
 * panics. */
#include "io/console_priv.h"

#include "cmdline.h"
#include "cpu/cpu_priv.h"
#include "dev/screen_priv.h"
#include "dev/timer_priv.h"
#include "dev/uart_priv.h"
#include "io/input_priv.h"
#include "runtime.h"

#include <string.h>

#define DRAW_TICKS 40000000ull /* some 10 to 40 ms */

static const uint16_t ports[] = {[SERIAL_COM1] = 0x3f8, [SERIAL_COM2] = 0x2f8, [SERIAL_COM3] = 0x3e8};
static struct uart uarts[sizeof ports / sizeof *ports];
static enum serial_line lines[] = {
    [PLAT_OUT] = SERIAL_COM1, [PLAT_ERR] = SERIAL_COM1, [PLAT_LOG] = SERIAL_COM1};
static struct cpu_lock lock;
static uint64_t drawn_at;
static volatile bool dirty, writing;

void console_init(void)
{
    for (int i = SERIAL_COM1; i <= SERIAL_COM3; i++)
        uart_init(&uarts[i], ports[i]);
}

void console_configure(const struct boot_info *info)
{
    char value[16];
    if (cmdline_option(info->cmdline, "console", value, sizeof value) && strcmp(value, "split") == 0) {
        if (serial_present(SERIAL_COM2))
            lines[PLAT_LOG] = SERIAL_COM2;
        if (serial_present(SERIAL_COM3))
            lines[PLAT_ERR] = SERIAL_COM3;
        for (int i = SERIAL_COM1; i <= SERIAL_COM3; i++)
            serial_send((enum serial_line)i, "\x10\x02", 2); /* here our output starts */
    }
    screen_init(&info->fb);
    input_init(info, &uarts[SERIAL_COM1]);
}

void console_finish(void)
{
    console_flush();
    for (int i = SERIAL_COM1; i <= SERIAL_COM3; i++)
        uart_drain(&uarts[i]);
}

bool serial_present(enum serial_line line)
{
    return uarts[line].port != 0;
}

void serial_send(enum serial_line line, const void *buf, size_t len)
{
    uart_write(&uarts[line], buf, len);
}

int serial_receive(enum serial_line line)
{
    return uart_read(&uarts[line]);
}

static void flush(void)
{
    if (!dirty)
        return;
    writing = true;
    dirty = false;
    screen_draw();
    drawn_at = cpu_tsc();
    writing = false;
}

void console_flush(void)
{
    cpu_lock(&lock);
    flush();
    cpu_unlock(&lock);
}

/* From the timer's interrupt: what was written last must not stay unseen while the app computes. */
static void flush_soon(void)
{
    if (!writing)
        console_flush();
}

static void write(enum plat_stream s, const void *buf, size_t len)
{
    uart_write(&uarts[lines[s]], buf, len);
    writing = true;
    bool on_screen = screen_write(buf, len);
    writing = false;
    if (!on_screen)
        return;
    bool first = !dirty;
    dirty = true;
    if (cpu_tsc() - drawn_at > DRAW_TICKS || cpu_number() != CPU_MAIN) /* the timer is the main one's */
        flush();
    else if (first)
        timer_soon(flush_soon);
}

void console_write(enum plat_stream s, const void *buf, size_t len)
{
    cpu_lock(&lock);
    write(s, buf, len);
    cpu_unlock(&lock);
}

void plat_write(enum plat_stream s, const void *buf, size_t len)
{
    console_write(s, buf, len);
}
