/* number.h: floating-point numbers as text, correctly rounded both ways, without a C library. */
#ifndef KERNEL_LIB_NUMBER_H
#define KERNEL_LIB_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* What strtod (`single`: strtof) would read: decimal or 0x digits with an exponent, inf, infinity, nan.
 * `*end` is the first character that does not belong to it; `text` if it is no number. */
double number_parse(const char *text, bool single, const char **end);
/* What "%.*g" would print with 1 to 17 digits. Returns the length. `v` is finite. */
size_t number_print(double v, int digits, char *buf, size_t size);

#endif
