/* screen.c: a text terminal on VGA text memory (2 bytes a cell) or a linear framebuffer (8x16 pixels a cell).
 *
 * The text lives in a ring of rows, so scrolling moves no memory; screen_draw compares it with what is on the
 * display and draws the difference. Understands newline, return, tab and backspace; other control bytes and
 * escape sequences are left out, bytes from 128 on are drawn as a box. */
#include "dev/screen_priv.h"

#include "dev/font_priv.h"
#include "io/port_priv.h"
#include "memory/vm_priv.h"

#include <string.h>

enum { COLS_MAX = 240, ROWS_MAX = 128, TAB = 8, ESC = 27 };
enum { CRTC_INDEX = 0x3d4, CRTC_DATA = 0x3d5, CRTC_CURSOR_HIGH = 0x0e, CRTC_CURSOR_LOW = 0x0f };
enum { ATTR_GREY = 0x07, GREY_LEVEL = 0xaa };

static struct boot_framebuffer fb;
static volatile uint8_t *pixels; /* NULL: no display */
static uint8_t text[ROWS_MAX][COLS_MAX], shown[ROWS_MAX][COLS_MAX];
static unsigned cols, rows, row, col, top; /* `top`: which ring row is the first on the display */
static bool in_escape;

/* A card keeps what is written; an empty bus does not. */
static bool text_memory_answers(volatile uint16_t *cell)
{
    uint16_t old = *cell;
    *cell = 0x0755;
    bool ok = *cell == 0x0755;
    *cell = 0x07aa;
    ok = ok && *cell == 0x07aa;
    *cell = old;
    return ok;
}

static unsigned clip(unsigned value, unsigned max)
{
    return value < max ? value : max;
}

void screen_init(const struct boot_framebuffer *info)
{
    fb = *info;
    bool drawable = fb.text || fb.bits_per_pixel == 32 || fb.bits_per_pixel == 24 || fb.bits_per_pixel == 16;
    if (!fb.base || !drawable)
        return;
    uint8_t *at =
        vm_map_phys(fb.base, (size_t)fb.pitch * fb.height, fb.text ? VM_UNCACHED : VM_WRITE_COMBINING);
    if (!at || (fb.text && !text_memory_answers((volatile uint16_t *)(void *)at)))
        return;
    pixels = at;
    cols = clip(fb.text ? fb.width : fb.width / FONT_WIDTH, COLS_MAX);
    rows = clip(fb.text ? fb.height : fb.height / FONT_HEIGHT, ROWS_MAX);
    memset(text, ' ', sizeof text);
    memset(shown, 0, sizeof shown); /* what was there goes when something is drawn */
}

static void line_feed(void)
{
    if (row + 1 < rows)
        row++;
    else
        top = (top + 1) % rows;
    memset(text[(top + row) % rows], ' ', cols);
}

static void put(char c)
{
    if (in_escape) { /* ends with a letter */
        in_escape = !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
        return;
    }
    switch (c) {
    case '\n':
        col = 0;
        line_feed();
        return;
    case '\r': col = 0; return;
    case '\b': col -= col > 0; return;
    case '\t': col = clip((col / TAB + 1) * TAB, cols - 1); return;
    case ESC: in_escape = true; return;
    }
    if ((uint8_t)c < ' ')
        return;
    if (col == cols) {
        col = 0;
        line_feed();
    }
    text[(top + row) % rows][col++] = (uint8_t)c;
}

bool screen_write(const char *buf, size_t len)
{
    if (!pixels || !cols || !rows)
        return false;
    for (size_t i = 0; i < len; i++)
        put(buf[i]);
    return true;
}

static uint32_t grey(void)
{
    return (uint32_t)(GREY_LEVEL >> (8 - fb.red_bits)) << fb.red_shift |
           (uint32_t)(GREY_LEVEL >> (8 - fb.green_bits)) << fb.green_shift |
           (uint32_t)(GREY_LEVEL >> (8 - fb.blue_bits)) << fb.blue_shift;
}

static void pixel_set(volatile uint8_t *at, uint32_t value)
{
    if (fb.bits_per_pixel == 32) {
        *(volatile uint32_t *)(volatile void *)at = value;
        return;
    }
    for (unsigned i = 0; i < fb.bits_per_pixel / 8u; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void draw_glyph(unsigned y, unsigned x, uint8_t c)
{
    unsigned bytes = fb.bits_per_pixel / 8;
    uint32_t ink = grey();
    for (unsigned r = 0; r < FONT_HEIGHT; r++) {
        volatile uint8_t *at =
            pixels + (size_t)(y * FONT_HEIGHT + r) * fb.pitch + (size_t)x * FONT_WIDTH * bytes;
        uint8_t bits = font_row(c, r);
        for (unsigned i = 0; i < FONT_WIDTH; i++, at += bytes)
            pixel_set(at, bits & 0x80 >> i ? ink : 0);
    }
}

static void draw_cell(unsigned y, unsigned x, uint8_t c)
{
    if (fb.text)
        *(volatile uint16_t *)(volatile void *)(pixels + y * fb.pitch + x * 2) =
            (uint16_t)(ATTR_GREY << 8 | c);
    else
        draw_glyph(y, x, c);
}

static void draw_cursor(void)
{
    unsigned at = row * cols + clip(col, cols - 1);
    port_write8(CRTC_INDEX, CRTC_CURSOR_HIGH);
    port_write8(CRTC_DATA, (uint8_t)(at >> 8));
    port_write8(CRTC_INDEX, CRTC_CURSOR_LOW);
    port_write8(CRTC_DATA, (uint8_t)at);
}

void screen_draw(void)
{
    if (!pixels)
        return;
    for (unsigned y = 0; y < rows; y++)
        for (unsigned x = 0; x < cols; x++) {
            uint8_t c = text[(top + y) % rows][x];
            if (shown[y][x] != c)
                draw_cell(y, x, shown[y][x] = c);
        }
    if (fb.text)
        draw_cursor();
}
