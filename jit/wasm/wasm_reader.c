/* wasm_reader.c: the checked reader of the binary format (WebAssembly 2.0, 5.2 and 5.3). */
#include "wasm_priv.h"

#include <stdarg.h>
#include <string.h>

#include "fmt.h"

status reader_fail(const struct reader *r, const u8 *at, status code, const char *fmt, ...)
{
    char text[sizeof r->err->text];
    va_list ap;
    va_start(ap, fmt);
    fmt_v(text, sizeof text, fmt, ap);
    va_end(ap);
    return err_set(r->err, code, (u64)(at - r->base), "%s", text);
}

status reader_use(struct reader *r, const u8 *at, enum wasm_feature f, const char *what, ...)
{
    r->m->features |= 1u << f;
    if ((wasm_features_ready | wasm_features_forced) >> f & 1)
        return ST_OK;
    char text[sizeof r->err->text];
    va_list ap;
    va_start(ap, what);
    fmt_v(text, sizeof text, what, ap);
    va_end(ap);
    return reader_fail(r, at, E_UNSUPPORTED, "%s the %s proposal", text, wasm_feature_proposal[f]);
}

status reader_fail_end(const struct reader *r)
{
    return reader_fail(r, r->end, E_INVAL,
                       r->end == r->limit ? "unexpected end" : "unexpected end of section or function");
}

/* Unsigned LEB128 of at most `bits` bits (5.2.2). */
static status leb_unsigned(struct reader *r, u32 bits, u64 *out)
{
    const u8 *start = r->p;
    u64 value = 0;
    for (u32 shift = 0;; shift += 7) {
        if (r->p == r->end)
            return reader_fail_end(r);
        u8 byte = *r->p++;
        if (shift + 7 > bits) { /* the last byte that is allowed */
            if (byte & 0x80)
                return reader_fail(r, start, E_INVAL, "integer representation too long");
            if (byte >> (bits - shift))
                return reader_fail(r, start, E_INVAL, "integer too large");
        }
        value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    *out = value;
    return ST_OK;
}

/* Signed LEB128 of at most `bits` bits: the unused bits of the last byte must repeat the sign. */
static status leb_signed(struct reader *r, u32 bits, s64 *out)
{
    const u8 *start = r->p;
    u64 value = 0;
    u32 shift = 0;
    u8 byte;
    do {
        if (r->p == r->end)
            return reader_fail_end(r);
        byte = *r->p++;
        if (shift + 7 > bits) {
            if (byte & 0x80)
                return reader_fail(r, start, E_INVAL, "integer representation too long");
            u8 unused = 0x7f & (u8)(0xff << (bits - shift - 1));
            if ((byte & unused) != 0 && (byte & unused) != unused)
                return reader_fail(r, start, E_INVAL, "integer too large");
        }
        value |= (u64)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40))
        value |= ~0ull << shift;
    *out = (s64)value;
    return ST_OK;
}

status reader_u32_slow(struct reader *r, u32 *out)
{
    u64 v;
    TRY(leb_unsigned(r, 32, &v));
    *out = (u32)v;
    return ST_OK;
}

status reader_u64(struct reader *r, u64 *out)
{
    return leb_unsigned(r, 64, out);
}

status reader_s32(struct reader *r, s32 *out)
{
    s64 v;
    TRY(leb_signed(r, 32, &v));
    *out = (s32)v;
    return ST_OK;
}

status reader_s64(struct reader *r, s64 *out, u32 bits)
{
    return leb_signed(r, bits, out);
}

status reader_bytes(struct reader *r, size_t n, const u8 **out)
{
    if ((size_t)(r->end - r->p) < n)
        return reader_fail(r, r->p, E_INVAL, "length out of bounds");
    *out = r->p;
    r->p += n;
    return ST_OK;
}

status reader_sub(struct reader *r, size_t len, struct reader *out)
{
    const u8 *start;
    TRY(reader_bytes(r, len, &start));
    *out = *r;
    out->p = start;
    out->end = start + len;
    return ST_OK;
}

/* The number of bytes of the character at `s`, 0 if it is not one (5.2.4: no surrogates, shortest form). */
static u32 utf8_char(const u8 *s, size_t left)
{
    u32 c = s[0];
    if (c < 0x80)
        return 1;
    u32 n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || left < n)
        return 0;
    for (u32 i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c == 0xe0 && s[1] < 0xa0) || (c == 0xf0 && s[1] < 0x90);
    bool surrogate = c == 0xed && s[1] >= 0xa0;
    bool too_big = c == 0xf4 && s[1] >= 0x90;
    return overlong || surrogate || too_big ? 0 : n;
}

bool reader_utf8_ok(const u8 *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        u32 n = utf8_char(s + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

status reader_name(struct reader *r, struct wasm_name *out)
{
    u32 len;
    const u8 *s;
    TRY(reader_u32(r, &len));
    TRY(reader_bytes(r, len, &s));
    if (!reader_utf8_ok(s, len))
        return reader_fail(r, s, E_INVAL, "malformed UTF-8 encoding");
    *out = (struct wasm_name){(const char *)s, len};
    return ST_OK;
}

/* A type that only garbage collection has. */
static bool is_gc_type(u8 byte)
{
    return byte == 0x65 || (byte >= 0x6a && byte <= 0x6e) || (byte >= 0x71 && byte <= 0x74);
}

static status fail_type(struct reader *r, const u8 *at, const char *what)
{
    if (is_gc_type(*at))
        return reader_fail(r, at, E_UNSUPPORTED, "type 0x%02x needs the garbage collection proposal", *at);
    return reader_fail(r, at, E_INVAL, "malformed %s 0x%02x", what, *at);
}

/* A heap type that is an index: function types only. */
static status read_heap_index(struct reader *r, rt_type *out)
{
    const u8 *at = r->p;
    s64 index;
    TRY(reader_s64(r, &index, 33));
    if (index < 0)
        return fail_type(r, at, "heap type");
    TRY(reader_use(r, at, WASM_FEATURE_FUNC_REFS, "a reference to a type needs"));
    if (index >= r->m->ntypes)
        return reader_fail(r, at, E_INVAL, "unknown type %u", (u32)index);
    const struct rt_sig *sig = r->m->types[index].sig;
    if (sig->id >= RT_SIG_IDS)
        return reader_fail(r, at, E_LIMIT, "too many signatures");
    *out = rt_type_of_sig(sig->id);
    return ST_OK;
}

status reader_heaptype(struct reader *r, rt_type *out)
{
    const u8 *at = r->p;
    if (at == r->end)
        return reader_fail_end(r);
    if (*at != RT_FUNCREF && *at != RT_EXTERNREF && *at != RT_EXNREF)
        return read_heap_index(r, out);
    *out = *r->p++;
    return *out == RT_EXNREF ? reader_use(r, at, WASM_FEATURE_EXCEPTIONS, "type 0x%02x needs", *at) : ST_OK;
}

status reader_valtype(struct reader *r, rt_type *out)
{
    const u8 *at = r->p;
    u8 byte;
    TRY(reader_u8(r, &byte));
    *out = byte;
    switch (byte) {
    case RT_I32:
    case RT_I64:
    case RT_F32:
    case RT_F64:
    case RT_FUNCREF:
    case RT_EXTERNREF: return ST_OK;
    case RT_V128: return reader_use(r, at, WASM_FEATURE_SIMD, "type 0x%02x needs", byte);
    case RT_EXNREF: return reader_use(r, at, WASM_FEATURE_EXCEPTIONS, "type 0x%02x needs", byte);
    case REF_TYPE:
    case REF_NULL_TYPE:
        TRY(reader_use(r, at, WASM_FEATURE_FUNC_REFS, "type 0x%02x needs", byte));
        TRY(reader_heaptype(r, out));
        *out |= byte == REF_TYPE ? RT_NONNULL : 0;
        return ST_OK;
    default: return fail_type(r, at, "value type");
    }
}

status reader_reftype(struct reader *r, rt_type *out)
{
    const u8 *at = r->p;
    if (at != r->end && !rt_type_is_ref(*at) && *at != REF_TYPE)
        return fail_type(r, at, "reference type");
    return reader_valtype(r, out);
}

static const struct {
    u32 max;
    const char *text;
} limits[LIMIT_COUNT] = {
#define LIMIT(id, value, text) [LIMIT_##id] = {value, text},
#include "wasm_limits.def"
#undef LIMIT
};

status reader_check_limit(const struct reader *r, const u8 *at, enum limit which, u64 n)
{
    if (n <= limits[which].max)
        return ST_OK;
    return reader_fail(r, at, E_LIMIT, "too many %s: %llu, the limit is %u", limits[which].text,
                       (unsigned long long)n, limits[which].max);
}

status reader_count(struct reader *r, enum limit which, u32 *out)
{
    const u8 *at = r->p;
    TRY(reader_u32(r, out));
    if ((size_t)(r->end - r->p) < *out)
        return reader_fail_end(r);
    return reader_check_limit(r, at, which, *out);
}
