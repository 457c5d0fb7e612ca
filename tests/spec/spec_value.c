/* spec_value.c: see the table of values in the vectors' README. A host reference n is the pointer n + 1, so
 * that no host value is the null reference. */
#include "spec_value.h"

#include <string.h>

#include "fmt.h"

#define F32_QUIET 0x00400000u
#define F32_INF   0x7f800000u
#define F64_QUIET 0x0008000000000000ull
#define F64_INF   0x7ff0000000000000ull

static const struct type_row {
    const char *name;
    rt_type type;
} type_rows[] = {
    {"i32", RT_I32},
    {"i64", RT_I64},
    {"f32", RT_F32},
    {"f64", RT_F64},
    {"v128", RT_V128},
    {"funcref", RT_FUNCREF},
    {"externref", RT_EXTERNREF},
    {"exnref", RT_EXNREF},
    {"nullfuncref", RT_FUNCREF}, /* the types of null alone */
    {"nullexternref", RT_EXTERNREF},
    {"nullexnref", RT_EXNREF},
    {"refnull", 0}, /* null of any type */
};

/* The type that the vectors name for references of `type`: they say nothing of nullability or signatures. */
static rt_type family(rt_type type)
{
    rt_type nullable = type & ~RT_NONNULL;
    return (u8)nullable == RT_SIGREF ? RT_FUNCREF : nullable;
}

static const char *type_name(rt_type type)
{
    for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows; i++)
        if (type_rows[i].type == family(type))
            return type_rows[i].name;
    return "?";
}

static bool type_find(struct json_text name, rt_type *out)
{
    for (size_t i = 0; i < sizeof type_rows / sizeof *type_rows; i++) {
        if (json_text_is(name, type_rows[i].name)) {
            *out = type_rows[i].type;
            return true;
        }
    }
    return false;
}

static bool read_ref(struct json_text value, rt_cell *out)
{
    if (json_text_is(value, "null")) {
        *out = 0;
        return true;
    }
    uint64_t n;
    if (!json_text_u64(value, &n))
        return false;
    *out = n + 1;
    return true;
}

/* --- Vectors: a text a lane. --- */

static bool lane_type(const struct json *v, rt_type *type, u32 *bytes)
{
    struct json_text name = json_member_text(v, "lane_type");
    bool narrow = json_text_is(name, "i8") || json_text_is(name, "i16");
    if (narrow)
        *type = RT_I32;
    else if (!type_find(name, type))
        return false;
    *bytes = json_text_is(name, "i8") ? 1 : narrow ? 2 : *type == RT_I32 || *type == RT_F32 ? 4 : 8;
    return true;
}

static bool read_v128(const struct json *v, rt_cell *out)
{
    const struct json *values = json_member(v, "value");
    rt_type type;
    u32 bytes, at = 0;
    if (!values || !lane_type(v, &type, &bytes))
        return false;
    for (const struct json *lane = values->first; lane; lane = lane->next, at += bytes) {
        uint64_t bits;
        if (at + bytes > 16 || !json_text_u64(lane->text, &bits))
            return false;
        memcpy((u8 *)out + at, &bits, bytes);
    }
    return at == 16;
}

/* `type` becomes 0 for a null of any type. */
static bool read_value(const struct json *v, rt_type *type, rt_cell *out)
{
    struct json_text value = json_member_text(v, "value");
    if (!type_find(json_member_text(v, "type"), type))
        return false;
    if (*type == RT_V128)
        return read_v128(v, out);
    return *type == 0 || rt_type_is_ref(*type) ? read_ref(value, out) : json_text_u64(value, out);
}

bool spec_value_read(const struct json *v, rt_type want, rt_cell *out)
{
    rt_type type;
    if (!read_value(v, &type, out))
        return false;
    if (!rt_type_is_ref(want))
        return type == want;
    return (type == 0 || type == family(want)) && (out[0] || !(want & RT_NONNULL));
}

/* Canonical: only the quiet bit is set in the payload; arithmetic: the quiet bit is set. The sign is free. */
static bool nan_matches(struct json_text cls, rt_type type, rt_cell got)
{
    rt_cell inf = type == RT_F32 ? F32_INF : F64_INF, quiet = type == RT_F32 ? F32_QUIET : F64_QUIET;
    rt_cell magnitude = got & (type == RT_F32 ? 0x7fffffffu : 0x7fffffffffffffffull);
    if (json_text_is(cls, "nan:canonical"))
        return magnitude == (inf | quiet);
    return json_text_is(cls, "nan:arithmetic") && (magnitude & (inf | quiet)) == (inf | quiet);
}

static bool ref_matches(const struct json *want, rt_type type, rt_cell got)
{
    struct json_text value = json_member_text(want, "value");
    rt_type want_type;
    rt_cell ref;
    if (!type_find(json_member_text(want, "type"), &want_type) || (want_type && want_type != family(type)))
        return false;
    if (!value.s)
        return got != 0;
    return read_ref(value, &ref) && got == ref;
}

static bool number_matches(const struct json *want, rt_type type, rt_cell got)
{
    struct json_text value = json_member_text(want, "value");
    rt_type want_type;
    rt_cell bits;
    if (!type_find(json_member_text(want, "type"), &want_type) || want_type != type)
        return false;
    if (type == RT_I32 || type == RT_F32)
        got = (u32)got;
    if (json_text_u64(value, &bits))
        return got == bits;
    return rt_type_is_fp(type) && nan_matches(value, type, got);
}

static bool v128_matches(const struct json *want, const rt_cell *got)
{
    const struct json *values = json_member(want, "value");
    rt_type type;
    u32 bytes, at = 0;
    if (!json_text_is(json_member_text(want, "type"), "v128") || !values || !lane_type(want, &type, &bytes))
        return false;
    for (const struct json *lane = values->first; lane; lane = lane->next, at += bytes) {
        rt_cell bits, v = 0;
        if (at + bytes > 16)
            return false;
        memcpy(&v, (const u8 *)got + at, bytes);
        if (json_text_u64(lane->text, &bits) ? v != bits : !nan_matches(lane->text, type, v))
            return false;
    }
    return at == 16;
}

bool spec_value_matches(const struct json *want, rt_type type, const rt_cell *got)
{
    if (json_text_is(json_member_text(want, "type"), "either")) {
        const struct json *values = json_member(want, "values");
        for (const struct json *v = values ? values->first : NULL; v; v = v->next)
            if (spec_value_matches(v, type, got))
                return true;
        return false;
    }
    if (type == RT_V128)
        return v128_matches(want, got);
    return rt_type_is_ref(type) ? ref_matches(want, type, *got) : number_matches(want, type, *got);
}

void spec_value_print_want(const struct json *want, char *buf, size_t size)
{
    rt_type type;
    rt_cell cells[2];
    if (read_value(want, &type, cells)) {
        spec_value_print(type, cells, buf, size);
        return;
    }
    struct json_text name = json_member_text(want, "type"), value = json_member_text(want, "value");
    fmt_s(buf, size, "%s %s", name.s ? name.s : "?", value.s ? value.s : "(any)");
}

void spec_value_print(rt_type type, const rt_cell *cells, char *buf, size_t size)
{
    rt_cell v = cells[0];
    if (type == RT_V128) {
        fmt_s(buf, size, "v128 0x%016llx%016llx", (unsigned long long)cells[1], (unsigned long long)v);
        return;
    }
    if (type == 0 || rt_type_is_ref(type)) {
        if (!v)
            fmt_s(buf, size, "%s null", type_name(type));
        else
            fmt_s(buf, size, "%s 0x%llx", type_name(type), (unsigned long long)v);
        return;
    }
    if (type == RT_I32)
        fmt_s(buf, size, "i32 %d", (s32)v);
    else if (type == RT_I64)
        fmt_s(buf, size, "i64 %lld", (long long)v);
    else
        fmt_s(buf, size, "%s 0x%0*llx", type_name(type), type == RT_F32 ? 8 : 16,
              (unsigned long long)(type == RT_F32 ? (u32)v : v));
}
