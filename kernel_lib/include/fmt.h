/* fmt.h: text formatting without libc, the same in both builds (no locale, no allocation).
 *
 * Understands %d %i %u %x %X %c %s %p %% with - 0 width .precision (also `*`) and h hh l ll z j t, and %f
 * with precision for finite doubles below 2^63 (nan and inf as words). */
#ifndef KERNEL_LIB_FMT_H
#define KERNEL_LIB_FMT_H

#include <stdarg.h>
#include <stddef.h>

#include "plat.h"

/* Writes at most `size` bytes including the ending NUL (if size > 0); returns the full length without it. */
size_t fmt_v(char *buf, size_t size, const char *fmt, va_list ap);
size_t fmt_s(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Formats and writes to a stream in one plat_write; of any length. */
void fmt_out(enum plat_stream s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void fmt_outv(enum plat_stream s, const char *fmt, va_list ap);

#endif
