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
#include "dev/uart_priv.h"
#include "io/input_priv.h"

#include <string.h>

enum { COM1 = 0x3f8, COM2 = 0x2f8, COM3 = 0x3e8 };
#define DRAW_TICKS 40000000ull /* some 10 to 40 ms */

static struct uart com1, com2, com3;
static const struct uart *lines[] = {[PLAT_OUT] = &com1, [PLAT_ERR] = &com1, [PLAT_LOG] = &com1};
static uint64_t drawn_at;
static bool dirty;

void console_init(void)
{
    uart_init(&com1, COM1);
}

void console_configure(const struct boot_info *info)
{
    char value[16];
    if (cmdline_option(info->cmdline, "console", value, sizeof value) && strcmp(value, "split") == 0) {
        if (uart_init(&com2, COM2))
            lines[PLAT_LOG] = &com2;
        if (uart_init(&com3, COM3))
            lines[PLAT_ERR] = &com3;
    }
    screen_init(&info->fb);
    input_init(info, &com1);
}

void console_flush(void)
{
    if (!dirty)
        return;
    dirty = false;
    screen_draw();
    drawn_at = cpu_tsc();
}

void console_write(enum plat_stream s, const void *buf, size_t len)
{
    uart_write(lines[s], buf, len);
    screen_write(buf, len);
    dirty = true;
    if (cpu_tsc() - drawn_at > DRAW_TICKS)
        console_flush();
}
