/* libc_stdio.c: the standard streams, unbuffered; formatting is LLVM-libc's vsnprintf. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc_priv.h"

#undef stdin
#undef stdout
#undef stderr
#undef fwrite_unlocked
static struct _IO_FILE streams[3] = {
    {._fileno = STDIN_FILENO}, {._fileno = STDOUT_FILENO}, {._fileno = STDERR_FILENO}};
FILE *stdin = &streams[0];
FILE *stdout = &streams[1];
FILE *stderr = &streams[2];

size_t fwrite(const void *restrict buf, size_t size, size_t count, FILE *restrict f)
{
    size_t len;
    if (!size || __builtin_mul_overflow(size, count, &len))
        return 0;
    return write(f->_fileno, buf, len) < 0 ? 0 : count;
}

size_t fwrite_unlocked(const void *restrict buf, size_t size, size_t count, FILE *restrict f)
{
    return fwrite(buf, size, count, f);
}

int fputs(const char *restrict text, FILE *restrict f)
{
    return write(f->_fileno, text, strlen(text)) < 0 ? EOF : 0;
}

int fputc(int c, FILE *f)
{
    unsigned char byte = (unsigned char)c;
    return write(f->_fileno, &byte, 1) < 0 ? EOF : byte;
}

int putc(int c, FILE *f)
{
    return fputc(c, f);
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int puts(const char *text)
{
    return fputs(text, stdout) == EOF ? EOF : putchar('\n');
}

int fflush(FILE *f)
{
    (void)f;
    return 0;
}

void flockfile(FILE *f)
{
    (void)f;
}

void funlockfile(FILE *f)
{
    (void)f;
}

int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
    char small[512];
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    if (n >= 0 && (size_t)n < sizeof small) {
        write(f->_fileno, small, (size_t)n);
    } else if (n >= 0) {
        char *big = malloc((size_t)n + 1);
        if (big) {
            vsnprintf(big, (size_t)n + 1, fmt, again);
            write(f->_fileno, big, (size_t)n);
        }
        free(big);
    }
    va_end(again);
    return n;
}

int fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vfprintf(f, fmt, ap);
    va_end(ap);
    return n;
}

int printf(const char *restrict fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vfprintf(stdout, fmt, ap);
    va_end(ap);
    return n;
}

/* What -D_FORTIFY_SOURCE makes of snprintf and memcpy: the same, with the size that the compiler knows. */
int __snprintf_chk(char *buf, size_t size, int flag, size_t known, const char *fmt, ...);
int __snprintf_chk(char *buf, size_t size, int flag, size_t known, const char *fmt, ...)
{
    (void)flag;
    if (size > known)
        libc_die("buffer overflow in ", "snprintf");
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

void *__memcpy_chk(void *restrict to, const void *restrict from, size_t n, size_t known);
void *__memcpy_chk(void *restrict to, const void *restrict from, size_t n, size_t known)
{
    if (n > known)
        libc_die("buffer overflow in ", "memcpy");
    return memcpy(to, from, n);
}
