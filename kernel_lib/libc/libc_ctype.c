/* libc_ctype.c: character classes, the "C" locale and wide characters, as libstdc++ and LLVM see them.
 *
 * libstdc++ reads the tables through the fields of a glibc locale object. A wide character is a code point;
 * in the "C" locale only ASCII has classes, and bytes convert one to one. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "libc_priv.h"

enum { TABLE_BELOW = 128, TABLE_BYTES = 384 }; /* indices -128..255 */

static unsigned short class_table[TABLE_BYTES];
static int lower_table[TABLE_BYTES], upper_table[TABLE_BYTES];
static const unsigned short *class_at = class_table + TABLE_BELOW;
static const int *lower_at = lower_table + TABLE_BELOW, *upper_at = upper_table + TABLE_BELOW;

static struct __locale_struct c_locale = {
    .__ctype_b = class_table + TABLE_BELOW,
    .__ctype_tolower = lower_table + TABLE_BELOW,
    .__ctype_toupper = upper_table + TABLE_BELOW,
    .__names = {"C", "C", "C", "C", "C", "C", "C", "C", "C", "C", "C", "C", "C"},
};

static bool in(int c, int first, int last)
{
    return c >= first && c <= last;
}

static unsigned short classes_of(int c)
{
    bool upper = in(c, 'A', 'Z'), lower = in(c, 'a', 'z'), digit = in(c, '0', '9');
    bool graph = in(c, '!', '~');
    unsigned short m = 0;
    m |= upper ? _ISupper : 0;
    m |= lower ? _ISlower : 0;
    m |= upper || lower ? _ISalpha : 0;
    m |= digit ? _ISdigit : 0;
    m |= digit || in(c, 'A', 'F') || in(c, 'a', 'f') ? _ISxdigit : 0;
    m |= c == ' ' || in(c, '\t', '\r') ? _ISspace : 0;
    m |= in(c, ' ', '~') ? _ISprint : 0;
    m |= graph ? _ISgraph : 0;
    m |= c == ' ' || c == '\t' ? _ISblank : 0;
    m |= in(c, 0, 31) || c == 127 ? _IScntrl : 0;
    m |= graph && !(upper || lower || digit) ? _ISpunct : 0;
    m |= upper || lower || digit ? _ISalnum : 0;
    return m;
}

/* Before the constructors of libstdc++, which look at the tables. */
__attribute__((constructor(101))) static void tables_init(void)
{
    for (int i = 0; i < TABLE_BYTES; i++) {
        int c = i - TABLE_BELOW;
        class_table[i] = classes_of(c);
        lower_table[i] = in(c, 'A', 'Z') ? c + 32 : c;
        upper_table[i] = in(c, 'a', 'z') ? c - 32 : c;
    }
}

const unsigned short **__ctype_b_loc(void)
{
    return &class_at;
}

const __int32_t **__ctype_tolower_loc(void)
{
    return &lower_at;
}

const __int32_t **__ctype_toupper_loc(void)
{
    return &upper_at;
}

size_t __ctype_get_mb_cur_max(void)
{
    return 1;
}

/* --- Locales: there is one. --- */
locale_t __newlocale(int mask, const char *name, locale_t base);
locale_t __newlocale(int mask, const char *name, locale_t base)
{
    (void)mask;
    (void)base;
    if (*name && strcmp(name, "C") != 0 && strcmp(name, "POSIX") != 0) {
        libc_fail(ENOENT);
        return NULL;
    }
    return &c_locale;
}

locale_t __duplocale(locale_t l);
locale_t __duplocale(locale_t l)
{
    return l;
}

void __freelocale(locale_t l);
void __freelocale(locale_t l)
{
    (void)l;
}

locale_t __uselocale(locale_t l);
locale_t __uselocale(locale_t l)
{
    (void)l;
    return &c_locale;
}

char *__nl_langinfo_l(nl_item item, locale_t l);
char *__nl_langinfo_l(nl_item item, locale_t l)
{
    static char codeset[] = "ANSI_X3.4-1968", point[] = ".", none[] = "";
    (void)l;
    return item == CODESET ? codeset : item == RADIXCHAR ? point : none;
}

double __strtod_l(const char *text, char **end, locale_t l);
double __strtod_l(const char *text, char **end, locale_t l)
{
    (void)l;
    return strtod(text, end);
}

float __strtof_l(const char *text, char **end, locale_t l);
float __strtof_l(const char *text, char **end, locale_t l)
{
    (void)l;
    return strtof(text, end);
}

long double strtold_l(const char *restrict text, char **restrict end, locale_t l)
{
    (void)l;
    return strtold(text, end);
}

int __strcoll_l(const char *a, const char *b, locale_t l);
int __strcoll_l(const char *a, const char *b, locale_t l)
{
    (void)l;
    return strcmp(a, b);
}

size_t __strxfrm_l(char *to, const char *from, size_t n, locale_t l);
size_t __strxfrm_l(char *to, const char *from, size_t n, locale_t l)
{
    (void)l;
    size_t len = strlen(from);
    if (n)
        strncpy(to, from, n);
    return len;
}

/* --- Wide characters. --- */
wctype_t __wctype_l(const char *name, locale_t l);
wctype_t __wctype_l(const char *name, locale_t l)
{
    static const struct {
        const char *name;
        wctype_t mask;
    } known[] = {{"alnum", _ISalnum}, {"alpha", _ISalpha}, {"blank", _ISblank}, {"cntrl", _IScntrl},
                 {"digit", _ISdigit}, {"graph", _ISgraph}, {"lower", _ISlower}, {"print", _ISprint},
                 {"punct", _ISpunct}, {"space", _ISspace}, {"upper", _ISupper}, {"xdigit", _ISxdigit}};
    (void)l;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0)
            return known[i].mask;
    return 0;
}

int __iswctype_l(wint_t c, wctype_t mask, locale_t l);
int __iswctype_l(wint_t c, wctype_t mask, locale_t l)
{
    (void)l;
    return c < 128 && (class_at[c] & mask);
}

wint_t __towlower_l(wint_t c, locale_t l);
wint_t __towlower_l(wint_t c, locale_t l)
{
    (void)l;
    return c < 128 ? (wint_t)lower_at[c] : c;
}

wint_t __towupper_l(wint_t c, locale_t l);
wint_t __towupper_l(wint_t c, locale_t l)
{
    (void)l;
    return c < 128 ? (wint_t)upper_at[c] : c;
}

wint_t btowc(int c)
{
    return in(c, 0, 127) ? (wint_t)c : WEOF;
}

int wctob(wint_t c)
{
    return c < 128 ? (int)c : EOF;
}

size_t mbrtowc(wchar_t *restrict out, const char *restrict from, size_t n, mbstate_t *restrict state)
{
    (void)state;
    if (!from)
        return 0;
    if (!n)
        return (size_t)-2;
    if (out)
        *out = (unsigned char)*from;
    return *from != 0;
}

size_t wcrtomb(char *restrict out, wchar_t c, mbstate_t *restrict state)
{
    (void)state;
    if (!out)
        return 1;
    if (c < 0 || c > 255)
        return (size_t)libc_fail(EILSEQ);
    *out = (char)c;
    return 1;
}

/* Converts at most `limit` characters, at most `room` of them into `to` (which may be NULL to count). */
size_t mbsnrtowcs(wchar_t *restrict to, const char **restrict from, size_t limit, size_t room,
                  mbstate_t *restrict state)
{
    (void)state;
    size_t n = 0;
    const char *p = *from;
    for (; n < limit && (!to || n < room); n++, p++) {
        if (to)
            to[n] = (unsigned char)*p;
        if (!*p) {
            p = NULL;
            break;
        }
    }
    if (to)
        *from = p;
    return n;
}

size_t mbsrtowcs(wchar_t *restrict to, const char **restrict from, size_t room, mbstate_t *restrict state)
{
    return mbsnrtowcs(to, from, SIZE_MAX, room, state);
}

size_t wcsnrtombs(char *restrict to, const wchar_t **restrict from, size_t limit, size_t room,
                  mbstate_t *restrict state)
{
    (void)state;
    size_t n = 0;
    const wchar_t *p = *from;
    for (; n < limit && (!to || n < room); n++, p++) {
        if (*p < 0 || *p > 255)
            return (size_t)libc_fail(EILSEQ);
        if (to)
            to[n] = (char)*p;
        if (!*p) {
            p = NULL;
            break;
        }
    }
    if (to)
        *from = p;
    return n;
}

size_t wcslen(const wchar_t *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

int wcscmp(const wchar_t *a, const wchar_t *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a < *b ? -1 : *a > *b;
}

int __wcscoll_l(const wchar_t *a, const wchar_t *b, locale_t l);
int __wcscoll_l(const wchar_t *a, const wchar_t *b, locale_t l)
{
    (void)l;
    return wcscmp(a, b);
}

size_t __wcsxfrm_l(wchar_t *to, const wchar_t *from, size_t n, locale_t l);
size_t __wcsxfrm_l(wchar_t *to, const wchar_t *from, size_t n, locale_t l)
{
    (void)l;
    size_t len = wcslen(from);
    if (n)
        wmemcpy(to, from, len < n ? len + 1 : n);
    return len;
}

wchar_t *wmemchr(const wchar_t *s, wchar_t c, size_t n)
{
    for (; n; n--, s++)
        if (*s == c)
            return (wchar_t *)(uintptr_t)s;
    return NULL;
}

wchar_t *wmemcpy(wchar_t *restrict to, const wchar_t *restrict from, size_t n)
{
    return memcpy(to, from, n * sizeof *to);
}

wchar_t *wmemmove(wchar_t *to, const wchar_t *from, size_t n)
{
    return memmove(to, from, n * sizeof *to);
}

wchar_t *wmemset(wchar_t *to, wchar_t c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = c;
    return to;
}

/* --- Translated messages: none. --- */
char *gettext(const char *text)
{
    return (char *)(uintptr_t)text;
}

char *dgettext(const char *domain, const char *text)
{
    (void)domain;
    return (char *)(uintptr_t)text;
}

char *bind_textdomain_codeset(const char *domain, const char *codeset)
{
    (void)domain;
    (void)codeset;
    return NULL;
}
