/* cmdline.h: one quoting for every command line: the kernel's (QEMU -append, GRUB's multiboot2 line) and the
 * modules'.
 *
 * Words are separated by spaces. "..." keeps them inside a word; a backslash takes the next byte as it is,
 * inside and outside of quotes; "" is an empty word; any other byte stands for itself. So every byte but NUL
 * passes: quote a word by putting it in "..." with a backslash before each " and each backslash. (GRUB2
 * writes its lines like that, but loses empty words.) On the kernel's line, words before a word `--` are
 * options, those behind it the app's arguments. */
#ifndef KERNEL_LIB_CMDLINE_H
#define KERNEL_LIB_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/* Splits `line`. The words go to `text` (NUL-ended, one behind the other; as long as `line` + 1 is always
 * enough), their addresses to argv[0 .. max-1]. Returns how many words there are, which may be more than
 * `max`. */
size_t cmdline_split(const char *line, char *text, const char **argv, size_t max);

/* The value of the last option `name=value` (or of a bare `name`: ""), with or without leading `--`; false
 * when it is not on the line before `--`. The value is cut to `size` - 1 bytes. */
bool cmdline_option(const char *line, const char *name, char *value, size_t size);

#endif
