/* input.c: standard input by polling. See input_priv.h for the forms of input. */
#include "io/input_priv.h"

#include "cmdline.h"
#include "cpu/cpu_priv.h"
#include "dev/kbd_priv.h"
#include "dev/timer_priv.h"
#include "io/console_priv.h"
#include "plat.h"
#include "runtime.h"

#include <string.h>

enum {
    END = 0x04,
    BACKSPACE = 0x08,
    DELETE = 0x7f,
    KILL = 0x15,
    START = 0x02,
    ESCAPE = 0x10,
    QUEUE = 4096,
    LINE = 512,
    WAIT_NS = 50000
};
enum mode { MODE_PLAIN, MODE_TTY, MODE_FRAMED_NOISE, MODE_FRAMED };

static struct uart *serial;
static enum mode mode;
static bool escaped, ended;
static uint8_t queue[QUEUE];
static size_t head, tail;  /* bytes taken, bytes put; both count up */
static uint8_t line[LINE]; /* being typed */
static size_t line_len;

void input_init(const struct boot_info *info, struct uart *line)
{
    char value[16] = "";
    serial = line;
    cmdline_option(info->cmdline, "stdin", value, sizeof value);
    if (strcmp(value, "framed") == 0)
        mode = MODE_FRAMED_NOISE;
    else if (strcmp(value, "tty") == 0)
        mode = MODE_TTY;
    if (mode != MODE_FRAMED_NOISE)
        kbd_init();
    ended = strcmp(value, "none") == 0;
}

static void put(uint8_t byte)
{
    queue[tail++ % QUEUE] = byte;
}

static void take_plain(uint8_t byte)
{
    if (byte == END)
        ended = true;
    else
        put(byte == '\r' ? '\n' : byte);
}

static void take_framed(uint8_t byte)
{
    if (!escaped) {
        escaped = byte == ESCAPE;
        if (!escaped && mode == MODE_FRAMED)
            put(byte);
        return;
    }
    escaped = false;
    if (byte == START && mode == MODE_FRAMED_NOISE)
        mode = MODE_FRAMED;
    else if (byte == END && mode == MODE_FRAMED)
        ended = true;
    else if (mode == MODE_FRAMED)
        put(byte);
}

static void echo(const char *text)
{
    console_write(PLAT_OUT, text, strlen(text));
    console_flush();
}

static void line_undo(void)
{
    if (line_len == 0)
        return;
    line_len--;
    echo("\b \b");
}

static void line_done(void)
{
    for (size_t i = 0; i < line_len; i++)
        put(line[i]);
    line_len = 0;
}

/* A person at a terminal: echo, backspace, Ctrl-U; whole lines are handed over. */
static void take_typed(uint8_t byte)
{
    if (byte == BACKSPACE || byte == DELETE) {
        line_undo();
    } else if (byte == KILL) {
        while (line_len)
            line_undo();
    } else if (byte == END) {
        ended = line_len == 0;
        line_done();
    } else if (line_len + 1 < LINE || byte == '\r' || byte == '\n') {
        byte = byte == '\r' ? '\n' : byte;
        line[line_len++] = byte;
        echo(byte == '\n' ? "\r\n" : (char[]){(char)byte, 0});
        if (byte == '\n')
            line_done();
    }
}

static void take(uint8_t byte)
{
    if (mode == MODE_PLAIN)
        take_plain(byte);
    else if (mode == MODE_TTY)
        take_typed(byte);
    else
        take_framed(byte);
}

static bool has_room(void)
{
    return tail - head + LINE <= QUEUE;
}

/* Moves what has arrived into the queue. The rest waits in the UART, which stops the sender. */
static void poll(void)
{
    int c;
    while (!ended && has_room() && (c = uart_read(serial)) >= 0)
        take((uint8_t)c);
    while (!ended && mode < MODE_FRAMED_NOISE && has_room() && (c = kbd_read()) >= 0)
        take((uint8_t)c);
}

static bool ready(void)
{
    poll();
    return head != tail || ended;
}

/* Not by spinning: polling a port keeps an emulator from delivering the next bytes. At 115200 baud a FIFO of
 * 16 bytes takes longer than this to fill. */
static void wait(void)
{
    uint64_t flags = cpu_irq_save();
    timer_wait(WAIT_NS);
    cpu_irq_restore(flags);
}

bool plat_read_ready(void)
{
    return ready();
}

size_t plat_read(void *buf, size_t len)
{
    uint8_t *out = buf;
    size_t n = 0;
    if (len == 0)
        return 0;
    if (!ready())
        console_flush();
    while (!ready() && !plat_alarm_rings())
        wait();
    for (; n < len && head != tail; n++)
        out[n] = queue[head++ % QUEUE];
    return n;
}

int keyboard_receive(void)
{
    return kbd_read();
}
