/* wasm_read.c: reading validated code, for the tiers. Nothing is checked here. */
#include "wasm_priv.h"

#include <string.h>

#include "plat.h"

u64 wasm_leb_u64(const u8 **p)
{
    u64 value = 0;
    u32 shift = 0;
    u8 byte;
    do {
        byte = *(*p)++;
        value |= (u64)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

s64 wasm_leb_s64(const u8 **p)
{
    u64 value = 0;
    u32 shift = 0;
    u8 byte;
    do {
        byte = *(*p)++;
        value |= (u64)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40))
        value |= ~0ull << shift;
    return (s64)value;
}

u32 wasm_read_u32(const u8 **p)
{
    const u8 *s = *p;
    if (*s < 0x80) {
        *p = s + 1;
        return *s;
    }
    return (u32)wasm_leb_u64(p);
}

/* Value types of one byte, so that a block's single result has an array to point to. */
static const rt_type single_types[] = {RT_I32, RT_I64, RT_F32, RT_F64, RT_FUNCREF, RT_EXTERNREF};

rt_type wasm_single_type(u8 byte)
{
    return wasm_single_types(byte) ? byte : 0;
}

const rt_type *wasm_single_types(rt_type t)
{
    for (size_t i = 0; i < sizeof single_types / sizeof *single_types; i++)
        if (single_types[i] == t)
            return &single_types[i];
    return NULL;
}

static void read_blocktype(const struct wasm_module *m, const u8 **p, struct wasm_blocktype *out)
{
    s64 code = wasm_leb_s64(p); /* negative: a value type or 0x40 in seven bits */
    memset(out, 0, sizeof *out);
    if (code >= 0) {
        const struct wasm_functype *t = &m->types[code];
        *out = (struct wasm_blocktype){t->nparams, t->nresults, t->types, t->types + t->nparams};
    } else if ((code & 0x7f) != 0x40) {
        out->nresults = 1;
        out->results = wasm_single_types(code & 0x7f);
    }
}

static void read_memarg(const u8 **p, struct wasm_instr *out)
{
    u32 flags = wasm_read_u32(p);
    out->u.memarg.align = flags;
    out->u.memarg.mem = 0;
    out->u.memarg.offset = wasm_leb_u64(p);
}

static void read_pair(const u8 **p, struct wasm_instr *out)
{
    out->u.pair.a = wasm_read_u32(p);
    out->u.pair.b = wasm_read_u32(p);
}

static void read_labels(const u8 **p, struct wasm_instr *out)
{
    out->u.br_table.count = wasm_read_u32(p);
    out->u.br_table.labels = *p;
    for (u64 n = (u64)out->u.br_table.count + 1; n; n--)
        wasm_read_u32(p);
}

static void read_select_type(const u8 **p, struct wasm_instr *out)
{
    (void)wasm_read_u32(p); /* always one type */
    out->u.type = wasm_single_type(*(*p)++);
}

static void read_imm(const struct wasm_module *m, enum wasm_imm imm, const u8 **p, struct wasm_instr *out)
{
    switch (imm) {
    case WASM_IMM_NONE: break;
    case WASM_IMM_BLOCKTYPE: read_blocktype(m, p, &out->u.block); break;
    case WASM_IMM_LABEL:
    case WASM_IMM_FUNC:
    case WASM_IMM_LOCAL:
    case WASM_IMM_GLOBAL:
    case WASM_IMM_TABLE:
    case WASM_IMM_MEM:
    case WASM_IMM_DATA:
    case WASM_IMM_ELEM: out->u.index = wasm_read_u32(p); break;
    case WASM_IMM_LABELS: read_labels(p, out); break;
    case WASM_IMM_TYPE_TABLE:
    case WASM_IMM_DATA_MEM:
    case WASM_IMM_MEM_MEM:
    case WASM_IMM_ELEM_TABLE:
    case WASM_IMM_TABLE_TABLE: read_pair(p, out); break;
    case WASM_IMM_TYPES: read_select_type(p, out); break;
    case WASM_IMM_MEMARG: read_memarg(p, out); break;
    case WASM_IMM_I32: out->u.i32 = (s32)wasm_leb_s64(p); break;
    case WASM_IMM_I64: out->u.i64 = wasm_leb_s64(p); break;
    case WASM_IMM_F32:
        memcpy(&out->u.f32_bits, *p, 4);
        *p += 4;
        break;
    case WASM_IMM_F64:
        memcpy(&out->u.f64_bits, *p, 8);
        *p += 8;
        break;
    case WASM_IMM_HEAPTYPE: out->u.index = wasm_single_type(*(*p)++); break;
    }
}

void wasm_read_instr(const struct wasm_module *m, const u8 *p, struct wasm_instr *out)
{
    out->pos = p;
    u8 byte = *p++;
    out->op = byte < 0xfc ? wasm_op_of_byte(byte) : wasm_op_find(byte, wasm_read_u32(&p));
    ASSERT(out->op < WASM_OP_COUNT);
    read_imm(m, wasm_op_info[out->op].imm, &p, out);
    out->next = p;
}

rt_type wasm_local_type(const struct wasm_module *m, const struct wasm_func *f, u32 local)
{
    const struct wasm_functype *t = &m->types[f->type];
    if (local < t->nparams)
        return t->types[local];
    u32 low = 0, high = f->nruns;
    while (low + 1 < high) { /* the first run whose end lies above `local` */
        u32 mid = (low + high) / 2;
        if (local < f->runs[mid - 1].end)
            high = mid;
        else
            low = mid;
    }
    return f->runs[low].type;
}
