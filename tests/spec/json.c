/* json.c: recursive descent over the text; nesting is bounded, so the C stack is too. */
#include "json.h"

#include <string.h>

enum { DEPTH_MAX = 64 };

struct parser {
    const char *start, *p, *end;
    struct arena *arena;
    struct err *err;
    unsigned depth;
};

static status fail(struct parser *s, const char *what)
{
    return err_set(s->err, E_INVAL, (uint64_t)(s->p - s->start), "%s", what);
}

static void skip_space(struct parser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

static bool take(struct parser *s, char c)
{
    skip_space(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits behind \u. */
static bool take_unit(struct parser *s, uint32_t *out)
{
    if (s->end - s->p < 4)
        return false;
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int d = hex_digit(*s->p++);
        if (d < 0)
            return false;
        *out = *out << 4 | (uint32_t)d;
    }
    return true;
}

static char *put_utf8(char *w, uint32_t c)
{
    if (c < 0x80) {
        *w++ = (char)c;
        return w;
    }
    if (c < 0x800) {
        *w++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *w++ = (char)(0xe0 | c >> 12);
        } else {
            *w++ = (char)(0xf0 | c >> 18);
            *w++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *w++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *w++ = (char)(0x80 | (c & 0x3f));
    return w;
}

static status parse_escape(struct parser *s, char **w)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = s->p < s->end ? *s->p++ : 0;
    if (c == 'u') {
        uint32_t unit, low;
        if (!take_unit(s, &unit))
            return fail(s, "bad \\u escape");
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
                return fail(s, "lone surrogate");
            s->p += 2;
            if (!take_unit(s, &low) || low < 0xdc00 || low >= 0xe000)
                return fail(s, "lone surrogate");
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        *w = put_utf8(*w, unit);
        return ST_OK;
    }
    const char *at = c ? strchr(from, c) : NULL;
    if (!at)
        return fail(s, "bad escape");
    *(*w)++ = to[at - from];
    return ST_OK;
}

/* Behind the opening quote. Decoding never makes a string longer. */
static status parse_string(struct parser *s, struct json_text *out)
{
    const char *close = s->p;
    while (close < s->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= s->end)
        return fail(s, "string without end");
    char *w = arena_alloc(s->arena, (size_t)(close - s->p) + 1, 1);
    if (!w)
        return E_NOMEM;
    out->s = w;
    while (s->p < close) {
        char c = *s->p++;
        if (c == '\\')
            TRY(parse_escape(s, &w));
        else
            *w++ = c;
    }
    *w = 0;
    out->len = (size_t)(w - out->s);
    s->p = close + 1;
    return ST_OK;
}

static status parse_value(struct parser *s, struct json *v);

/* Children of an array or object up to `close`. */
static status parse_children(struct parser *s, struct json *parent, bool keys, char close)
{
    const struct json **tail = &parent->first;
    if (take(s, close))
        return ST_OK;
    do {
        struct json *v = arena_alloc(s->arena, sizeof *v, _Alignof(struct json));
        if (!v)
            return E_NOMEM;
        if (keys) {
            if (!take(s, '"'))
                return fail(s, "expected a key");
            TRY(parse_string(s, &v->key));
            if (!take(s, ':'))
                return fail(s, "expected ':'");
        }
        TRY(parse_value(s, v));
        *tail = v;
        tail = &v->next;
    } while (take(s, ','));
    return take(s, close) ? ST_OK : fail(s, "expected ',' or the end of the list");
}

static status parse_nested(struct parser *s, struct json *v, bool keys, char close)
{
    if (s->depth == DEPTH_MAX)
        return fail(s, "nested too deeply");
    s->depth++;
    v->kind = keys ? JSON_OBJECT : JSON_ARRAY;
    TRY(parse_children(s, v, keys, close));
    s->depth--;
    return ST_OK;
}

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '+' || c == '-' || c == '.';
}

/* Numbers and the three words. */
static status parse_word(struct parser *s, struct json *v)
{
    const char *start = s->p;
    while (s->p < s->end && is_word_char(*s->p))
        s->p++;
    size_t len = (size_t)(s->p - start);
    char *copy = arena_alloc(s->arena, len + 1, 1);
    if (!copy)
        return E_NOMEM;
    memcpy(copy, start, len);
    v->text = (struct json_text){copy, len};
    if (json_text_is(v->text, "null"))
        v->kind = JSON_NULL;
    else if (json_text_is(v->text, "true"))
        v->kind = JSON_TRUE;
    else if (json_text_is(v->text, "false"))
        v->kind = JSON_FALSE;
    else if (len && (*start == '-' || (*start >= '0' && *start <= '9')))
        v->kind = JSON_NUMBER;
    else
        return fail(s, "expected a value");
    return ST_OK;
}

static status parse_value(struct parser *s, struct json *v)
{
    if (take(s, '{'))
        return parse_nested(s, v, true, '}');
    if (take(s, '['))
        return parse_nested(s, v, false, ']');
    if (take(s, '"')) {
        v->kind = JSON_STRING;
        return parse_string(s, &v->text);
    }
    return parse_word(s, v);
}

status json_parse(const char *text, size_t len, struct arena *a, const struct json **out, struct err *e)
{
    struct parser s = {.start = text, .p = text, .end = text + len, .arena = a, .err = e};
    struct json *v = arena_alloc(a, sizeof *v, _Alignof(struct json));
    if (!v)
        return E_NOMEM;
    TRY(parse_value(&s, v));
    skip_space(&s);
    if (s.p != s.end)
        return fail(&s, "text behind the value");
    *out = v;
    return ST_OK;
}

const struct json *json_member(const struct json *object, const char *key)
{
    for (const struct json *v = object ? object->first : NULL; v; v = v->next)
        if (json_text_is(v->key, key))
            return v;
    return NULL;
}

struct json_text json_member_text(const struct json *object, const char *key)
{
    const struct json *v = json_member(object, key);
    return v ? v->text : (struct json_text){NULL, 0};
}

bool json_text_is(struct json_text t, const char *s)
{
    return t.s && strlen(s) == t.len && memcmp(t.s, s, t.len) == 0;
}

bool json_text_equal(struct json_text a, struct json_text b)
{
    return a.len == b.len && (!a.len || memcmp(a.s, b.s, a.len) == 0);
}

bool json_text_u64(struct json_text t, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < t.len; i++) {
        unsigned d = (unsigned)(t.s[i] - '0');
        if (d > 9 || __builtin_mul_overflow(*out, 10u, out) || __builtin_add_overflow(*out, d, out))
            return false;
    }
    return t.len > 0;
}
