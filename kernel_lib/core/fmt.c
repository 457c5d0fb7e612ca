/* fmt.c: a printf subset that needs no libc; see fmt.h for what it understands.
 *
 * One parser writes into a sink. The sink of fmt_v is a buffer; that of fmt_outv a small buffer on the
 * stack, replaced by one of the right size when the text is longer. */
#include "fmt.h"

#include <stdbool.h>
#include <string.h>

#include "heap.h"

struct sink {
    char *buf;
    size_t size; /* 0: only count */
    size_t len;  /* of the full text */
};

struct spec {
    bool left, zero, plus, space, alt;
    int width, precision; /* precision -1: none given */
    char length;          /* 0 h H(hh) l q(ll) z j t */
    char conv;
};

static void put(struct sink *s, char c)
{
    if (s->len + 1 < s->size)
        s->buf[s->len] = c;
    s->len++;
}

static void put_n(struct sink *s, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(s, text[i]);
}

static void pad(struct sink *s, char c, int n)
{
    for (; n > 0; n--)
        put(s, c);
}

/* prefix (sign or 0x), zeros, body; padded to the width on the side and with the digit that `f` asks for. */
static void put_field(struct sink *s, const struct spec *f, const char *prefix, int zeros, const char *body,
                      int n)
{
    int prefix_len = (int)strlen(prefix);
    int gap = f->width - prefix_len - zeros - n;
    if (!f->left && !f->zero)
        pad(s, ' ', gap);
    put_n(s, prefix, (size_t)prefix_len);
    if (!f->left && f->zero)
        pad(s, '0', gap);
    pad(s, '0', zeros);
    put_n(s, body, (size_t)n);
    if (f->left)
        pad(s, ' ', gap);
}

/* Writes the digits of `v` so that they end before `end`; returns the first. No digit for 0. */
static char *digits(char *end, uint64_t v, unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (; v; v /= base)
        *--end = set[v % base];
    return end;
}

static void put_int(struct sink *s, struct spec *f, uint64_t v, bool negative)
{
    char buf[24];
    bool hex = f->conv == 'x' || f->conv == 'X' || f->conv == 'p';
    char *end = buf + sizeof buf;
    char *first = digits(end, v, hex ? 16 : 10, f->conv == 'X');
    int n = (int)(end - first);
    int zeros = (f->precision < 0 ? 1 : f->precision) - n;
    if (f->precision >= 0)
        f->zero = false;
    const char *prefix = negative                                 ? "-"
                         : f->conv == 'p' || (hex && f->alt && v) ? (f->conv == 'X' ? "0X" : "0x")
                         : f->plus                                ? "+"
                         : f->space                               ? " "
                                                                  : "";
    put_field(s, f, prefix, zeros > 0 ? zeros : 0, first, n);
}

static void put_words(struct sink *s, struct spec *f, const char *sign, const char *word)
{
    f->zero = false;
    put_field(s, f, sign, 0, word, (int)strlen(word));
}

/* Rounds half up in decimal at up to 18 digits; further digits are zeros. */
static void put_double(struct sink *s, struct spec *f, double v)
{
    enum { DIGITS_MAX = 18 };
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    const char *sign = bits >> 63 ? "-" : f->plus ? "+" : f->space ? " " : "";
    if (v != v) {
        put_words(s, f, "", "nan");
        return;
    }
    if (v < 0)
        v = -v;
    if (v >= 0x1p63) {
        put_words(s, f, sign, v > 0x1.fffffffffffffp1023 ? "inf" : "huge");
        return;
    }
    int precision = f->precision < 0 ? 6 : f->precision;
    int shown = precision < DIGITS_MAX ? precision : DIGITS_MAX;
    uint64_t scale = 1;
    for (int i = 0; i < shown; i++)
        scale *= 10;
    uint64_t whole = (uint64_t)v;
    uint64_t part = (uint64_t)((v - (double)whole) * (double)scale + 0.5);
    if (part >= scale) {
        part -= scale;
        whole++;
    }
    char buf[64];
    char *end = buf + sizeof buf;
    char *p = end;
    if (precision > 0) {
        p = digits(end, part, 10, false);
        while (end - p < shown)
            *--p = '0';
        *--p = '.';
    }
    char *first = digits(p, whole, 10, false);
    if (first == p)
        *--first = '0';
    struct spec body = *f;
    body.left = false;
    int tail = precision - shown;
    int total = (int)strlen(sign) + (int)(end - first) + tail;
    body.width = f->left ? 0 : f->width - tail;
    put_field(s, &body, sign, 0, first, (int)(end - first));
    pad(s, '0', tail);
    if (f->left)
        pad(s, ' ', f->width - total);
}

static void put_string(struct sink *s, struct spec *f, const char *text)
{
    if (!text)
        text = "(null)";
    size_t n = 0;
    while ((f->precision < 0 || n < (size_t)f->precision) && text[n])
        n++;
    f->zero = false;
    put_field(s, f, "", 0, text, (int)n);
}

static uint64_t signed_arg(char length, va_list *ap)
{
    switch (length) {
    case 'H': return (uint64_t)(signed char)va_arg(*ap, int);
    case 'h': return (uint64_t)(short)va_arg(*ap, int);
    case 'l':
    case 'q':
    case 'j':
    case 'z':
    case 't': return (uint64_t)va_arg(*ap, long);
    default: return (uint64_t)va_arg(*ap, int);
    }
}

static uint64_t unsigned_arg(char length, va_list *ap)
{
    switch (length) {
    case 'H': return (unsigned char)va_arg(*ap, int);
    case 'h': return (unsigned short)va_arg(*ap, int);
    case 'l':
    case 'q':
    case 'j':
    case 'z':
    case 't': return va_arg(*ap, unsigned long);
    default: return va_arg(*ap, unsigned);
    }
}

static const char *parse_flags(const char *p, struct spec *f)
{
    for (;; p++) {
        switch (*p) {
        case '-': f->left = true; break;
        case '0': f->zero = true; break;
        case '+': f->plus = true; break;
        case ' ': f->space = true; break;
        case '#': f->alt = true; break;
        default: return p;
        }
    }
}

static const char *parse_number(const char *p, int *out, va_list *ap)
{
    if (*p == '*') {
        *out = va_arg(*ap, int);
        return p + 1;
    }
    for (*out = 0; *p >= '0' && *p <= '9'; p++)
        *out = *out * 10 + (*p - '0');
    return p;
}

static const char *parse_length(const char *p, char *out)
{
    if (*p == 'h' || *p == 'l') {
        bool twice = p[1] == p[0];
        *out = !twice ? *p : *p == 'h' ? 'H' : 'q';
        return p + (twice ? 2 : 1);
    }
    if (*p == 'z' || *p == 'j' || *p == 't')
        *out = *p++;
    return p;
}

/* `p` is behind the '%'. */
static const char *parse_spec(const char *p, struct spec *f, va_list *ap)
{
    *f = (struct spec){.precision = -1};
    p = parse_flags(p, f);
    p = parse_number(p, &f->width, ap);
    if (f->width < 0) {
        f->left = true;
        f->width = -f->width;
    }
    if (*p == '.')
        p = parse_number(p + 1, &f->precision, ap);
    p = parse_length(p, &f->length);
    f->conv = *p;
    return *p ? p + 1 : p;
}

static void put_conversion(struct sink *s, struct spec *f, va_list *ap)
{
    uint64_t v;
    char c;
    switch (f->conv) {
    case 'd':
    case 'i':
        v = signed_arg(f->length, ap);
        put_int(s, f, (int64_t)v < 0 ? 0 - v : v, (int64_t)v < 0);
        break;
    case 'u':
    case 'x':
    case 'X':
        f->plus = f->space = false;
        put_int(s, f, unsigned_arg(f->length, ap), false);
        break;
    case 'p': put_int(s, f, (uintptr_t)va_arg(*ap, void *), false); break;
    case 'c':
        c = (char)va_arg(*ap, int);
        f->zero = false;
        put_field(s, f, "", 0, &c, 1);
        break;
    case 's': put_string(s, f, va_arg(*ap, const char *)); break;
    case 'f': put_double(s, f, va_arg(*ap, double)); break;
    case '%': put(s, '%'); break;
    default: panic("fmt: unknown conversion '%%%c'", f->conv);
    }
}

static void format(struct sink *s, const char *fmt, va_list *ap)
{
    while (*fmt) {
        if (*fmt != '%') {
            put(s, *fmt++);
            continue;
        }
        struct spec f;
        fmt = parse_spec(fmt + 1, &f, ap);
        put_conversion(s, &f, ap);
    }
}

size_t fmt_v(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct sink s = {.buf = buf, .size = size};
    va_list copy;
    va_copy(copy, ap);
    format(&s, fmt, &copy);
    va_end(copy);
    if (size)
        buf[s.len < size ? s.len : size - 1] = 0;
    return s.len;
}

size_t fmt_s(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_v(buf, size, fmt, ap);
    va_end(ap);
    return n;
}

void fmt_outv(enum plat_stream stream, const char *fmt, va_list ap)
{
    char small[1024];
    size_t n = fmt_v(small, sizeof small, fmt, ap);
    if (n < sizeof small) {
        plat_write(stream, small, n);
        return;
    }
    char *big = heap_alloc(n + 1);
    if (!big) { /* the beginning is better than nothing */
        plat_write(stream, small, sizeof small - 1);
        return;
    }
    fmt_v(big, n + 1, fmt, ap);
    plat_write(stream, big, n);
    heap_free(big);
}

void fmt_out(enum plat_stream s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fmt_outv(s, fmt, ap);
    va_end(ap);
}
