/* font_priv.h: the console font: 5x7 glyphs drawn for this project, for ASCII 32 to 126. */
#ifndef KERNEL_LIB_FONT_PRIV_H
#define KERNEL_LIB_FONT_PRIV_H

#include <stdint.h>

enum { FONT_WIDTH = 8, FONT_HEIGHT = 16, FONT_FIRST = 32, FONT_LAST = 126 };

/* Pixels of a row (0 top .. 15) of a character's 8x16 cell, most significant bit left; other characters are a
 * box. */
uint8_t font_row(uint8_t character, unsigned row);

#endif
