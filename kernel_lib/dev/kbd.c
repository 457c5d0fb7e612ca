/* kbd.c: scancode set 1 (which the controller translates to) by polling. Source: IBM PS/2 Technical
 * Reference, keyboard controller 8042. */
#include "dev/kbd_priv.h"

#include "io/port_priv.h"

#include <stdbool.h>
#include <stddef.h>

enum { DATA = 0x60, STATUS = 0x64, COMMAND = 0x64 };
enum { STATUS_FULL = 0x01, STATUS_BUSY = 0x02, STATUS_MOUSE = 0x20, STATUS_ABSENT = 0xff };
enum { CMD_READ_CONFIG = 0x20, CMD_WRITE_CONFIG = 0x60, CMD_MOUSE_OFF = 0xa7, CMD_KEYBOARD_ON = 0xae };
enum { CONFIG_IRQS = 0x03, CONFIG_KEYBOARD_OFF = 0x10, CONFIG_TRANSLATE = 0x40 };
enum { KEY_RELEASED = 0x80, KEY_EXTENDED = 0xe0, KEY_CTRL = 0x1d, KEY_SHIFT_L = 0x2a, KEY_SHIFT_R = 0x36 };
enum { KEY_CAPS = 0x3a, WAIT_MAX = 20000 };

static const char plain[] = "\0\033"
                            "1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\033"
                              "!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static bool present, shift, ctrl, caps, extended;

static bool wait_status(uint8_t mask, uint8_t want)
{
    for (int i = 0; i < WAIT_MAX; i++)
        if ((port_read8(STATUS) & mask) == want)
            return true;
    return false;
}

static bool command(uint8_t c)
{
    if (!wait_status(STATUS_BUSY, 0))
        return false;
    port_write8(COMMAND, c);
    return true;
}

/* Turns translation on and interrupts off, as this driver needs them. */
static bool configure(void)
{
    if (!command(CMD_READ_CONFIG) || !wait_status(STATUS_FULL, STATUS_FULL))
        return false;
    uint8_t config = port_read8(DATA);
    config = (config | CONFIG_TRANSLATE) & ~(CONFIG_IRQS | CONFIG_KEYBOARD_OFF);
    if (!command(CMD_WRITE_CONFIG) || !wait_status(STATUS_BUSY, 0))
        return false;
    port_write8(DATA, config);
    return command(CMD_KEYBOARD_ON);
}

void kbd_init(void)
{
    if (port_read8(STATUS) == STATUS_ABSENT || !command(CMD_MOUSE_OFF))
        return;
    for (int i = 0; i < 32 && (port_read8(STATUS) & STATUS_FULL); i++)
        port_read8(DATA);
    present = configure();
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int character(uint8_t key)
{
    if (key >= sizeof plain - 1)
        return -1;
    bool upper = shift != (caps && is_letter(plain[key]));
    char c = upper ? shifted[key] : plain[key];
    if (c == 0)
        return -1;
    return ctrl && is_letter(c) ? c & 0x1f : c;
}

/* Follows the modifiers; a key that types something gives its character. */
static int key_event(uint8_t code)
{
    bool pressed = !(code & KEY_RELEASED);
    uint8_t key = code & ~KEY_RELEASED;
    switch (key) {
    case KEY_SHIFT_L:
    case KEY_SHIFT_R: shift = pressed; return -1;
    case KEY_CTRL: ctrl = pressed; return -1;
    case KEY_CAPS: caps ^= pressed; return -1;
    }
    return pressed ? character(key) : -1;
}

int kbd_read(void)
{
    while (present && (port_read8(STATUS) & STATUS_FULL)) {
        bool mouse = port_read8(STATUS) & STATUS_MOUSE;
        uint8_t code = port_read8(DATA);
        if (mouse)
            continue;
        if (code == KEY_EXTENDED) {
            extended = true;
            continue;
        }
        bool skip = extended && (code & ~KEY_RELEASED) != KEY_CTRL && code != 0x1c && code != 0x35;
        extended = false;
        int c = skip ? -1 : key_event(code);
        if (c >= 0)
            return c;
    }
    return -1;
}
