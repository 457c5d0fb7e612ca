/* values.c: wasm values as text, for --invoke. */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "fmt.h"
#include "number.h"

static status parse_int(const char *text, unsigned bits, u64 *out)
{
    bool neg = *text == '-';
    const char *p = text + neg;
    unsigned base = p[0] == '0' && (p[1] == 'x' || p[1] == 'X') ? 16 : 10;
    char *end;
    p += base == 16 ? 2 : 0;
    u64 limit = bits == 64 ? UINT64_MAX : UINT32_MAX;
    unsigned long long v = strtoull(p, &end, (int)base);
    bool digit = (*p >= '0' && *p <= '9') || (base == 16 && ((*p | 32) >= 'a' && (*p | 32) <= 'f'));
    if (!digit || *end || v > limit || (neg && v > (limit >> 1) + 1))
        return E_INVAL;
    if (v == UINT64_MAX) { /* what strtoull also says when it overflows */
        static const char max10[] = "18446744073709551615";
        while (*p == '0')
            p++;
        if (base == 10 ? strcmp(p, max10) != 0 : strlen(p) > 16)
            return E_INVAL;
    }
    *out = (neg ? 0 - (u64)v : (u64)v) & limit;
    return ST_OK;
}

/* 0x and 32 hex digits, high half first. */
static status parse_vector(const char *text, rt_cell *out, struct err *e)
{
    char half[2][19] = {"0x", "0x"};
    if (strlen(text) == 34 && text[0] == '0' && text[1] == 'x') {
        memcpy(half[1] + 2, text + 2, 16);
        memcpy(half[0] + 2, text + 18, 16);
        if (parse_int(half[0], 64, &out[0]) == ST_OK && parse_int(half[1], 64, &out[1]) == ST_OK)
            return ST_OK;
    }
    return err_set(e, E_INVAL, ERR_NO_OFFSET, "argument '%s' is not a v128: 0x and 32 hex digits", text);
}

/* [+-]nan, or [+-]nan:0x and a payload that is not 0, into the bits of a float with so many of fraction. */
static bool parse_nan(const char *text, unsigned fraction, rt_cell *out)
{
    u64 sign = *text == '-', payload = 1ull << (fraction - 1);
    text += *text == '-' || *text == '+';
    if (strncmp(text, "nan", 3) != 0)
        return false;
    if (text[3] && (text[3] != ':' || text[4] != '0' || parse_int(text + 4, 64, &payload) != ST_OK ||
                    payload == 0 || payload >> fraction))
        return false;
    unsigned exponent = fraction == 23 ? 8 : 11;
    *out = (sign << exponent | ((1ull << exponent) - 1)) << fraction | payload;
    return true;
}

status engine_value_parse(const char *text, rt_type type, rt_cell *out, struct err *e)
{
    const char *end = text;
    *out = 0;
    if (type == RT_V128)
        return parse_vector(text, out, e);
    if (type == RT_I32 || type == RT_I64) {
        if (parse_int(text, type == RT_I32 ? 32 : 64, out) == ST_OK)
            return ST_OK;
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "argument '%s' is not an %s", text,
                       type == RT_I32 ? "i32" : "i64");
    }
    if ((type == RT_F32 || type == RT_F64) && parse_nan(text, type == RT_F32 ? 23 : 52, out))
        return ST_OK;
    if (type == RT_F32) {
        f32 v = (f32)number_parse(text, true, &end);
        memcpy(out, &v, sizeof v);
    } else if (type == RT_F64) {
        f64 v = number_parse(text, false, &end);
        memcpy(out, &v, sizeof v);
    } else if (strcmp(text, "null") == 0 && !(type & RT_NONNULL)) {
        return ST_OK;
    } else if ((type & ~RT_NONNULL) == RT_EXTERNREF && parse_int(text, 32, out) == ST_OK) {
        ++*out; /* so that none is null */
        return ST_OK;
    }
    if (end == text || *end)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "argument '%s' is not a value of the parameter's type",
                       text);
    return ST_OK;
}

/* The shortest decimal that reads back as the same value. */
static size_t print_float(double v, bool single, char *buf, size_t size)
{
    if (v != v)
        return fmt_s(buf, size, "nan");
    if (v - v != 0)
        return fmt_s(buf, size, v < 0 ? "-inf" : "inf");
    size_t len = 0;
    for (int digits = 1; digits <= 17; digits++) {
        const char *end;
        len = number_print(v, digits, buf, size);
        if (number_parse(buf, single, &end) == v)
            break;
    }
    return len;
}

size_t engine_value_print(const rt_cell *v, rt_type type, char *buf, size_t size)
{
    f32 f;
    f64 d;
    switch (type) {
    case RT_I32: return fmt_s(buf, size, "%d", (int)(u32)*v);
    case RT_I64: return fmt_s(buf, size, "%lld", (long long)*v);
    case RT_F32: memcpy(&f, v, sizeof f); return print_float(f, true, buf, size);
    case RT_F64: memcpy(&d, v, sizeof d); return print_float(d, false, buf, size);
    case RT_V128:
        return fmt_s(buf, size, "0x%016llx%016llx", (unsigned long long)v[1], (unsigned long long)v[0]);
    default:
        if (*v && (type & ~RT_NONNULL) == RT_EXTERNREF)
            return fmt_s(buf, size, "%llu", (unsigned long long)*v - 1);
        return fmt_s(buf, size, *v ? "ref" : "null");
    }
}

size_t engine_value_print_exact(const rt_cell *v, rt_type type, char *buf, size_t size)
{
    unsigned fraction = type == RT_F32 ? 23 : 52, exponent = type == RT_F32 ? 8 : 11;
    u64 payload = *v & ((1ull << fraction) - 1);
    const char *sign = *v >> (fraction + exponent) & 1 ? "-" : "";
    bool is_nan =
        (type == RT_F32 || type == RT_F64) && payload && (~(*v >> fraction) & ((1ull << exponent) - 1)) == 0;
    if (!is_nan)
        return engine_value_print(v, type, buf, size);
    if (payload == 1ull << (fraction - 1))
        return fmt_s(buf, size, "%snan", sign);
    return fmt_s(buf, size, "%snan:0x%llx", sign, (unsigned long long)payload);
}
