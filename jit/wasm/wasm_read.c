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

/* Others stand in an interned signature, which the validator made: reading cannot fail. */
const rt_type *wasm_single_types(rt_type t)
{
    for (size_t i = 0; i < sizeof single_types / sizeof *single_types; i++)
        if (single_types[i] == t)
            return &single_types[i];
    const struct rt_sig *s = rt_sig_get(&t, 0, 1);
    return s ? s->types : NULL;
}

/* The nullable reference to a heap type. */
static rt_type read_heaptype(const struct wasm_module *m, const u8 **p)
{
    s64 code = wasm_leb_s64(p);
    return code < 0 ? (rt_type)(code & 0x7f) : rt_type_of_sig(m->types[code].sig->id);
}

rt_type wasm_read_valtype(const struct wasm_module *m, const u8 **p)
{
    u8 byte = *(*p)++;
    switch (byte) {
    case REF_NULL_TYPE: return read_heaptype(m, p);
    case REF_TYPE: return read_heaptype(m, p) | RT_NONNULL;
    default: return byte;
    }
}

static void read_blocktype(const struct wasm_module *m, const u8 **p, struct wasm_blocktype *out)
{
    memset(out, 0, sizeof *out);
    if (**p == 0x40) {
        ++*p;
    } else if ((**p & 0xc0) == 0x40) { /* negative in one byte: a value type */
        out->nresults = 1;
        out->results = wasm_single_types(wasm_read_valtype(m, p));
    } else {
        const struct wasm_functype *t = &m->types[wasm_leb_s64(p)];
        *out = (struct wasm_blocktype){t->nparams, t->nresults, t->types, t->types + t->nparams};
    }
}

static void read_memarg(const u8 **p, struct wasm_instr *out)
{
    u32 flags = wasm_read_u32(p);
    out->u.memarg.align = flags & (MEMARG_INDEX - 1);
    out->u.memarg.mem = flags & MEMARG_INDEX ? wasm_read_u32(p) : 0;
    out->u.memarg.offset = wasm_leb_u64(p);
    out->u.memarg.lane = 0;
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

static void read_select_type(const struct wasm_module *m, const u8 **p, struct wasm_instr *out)
{
    (void)wasm_read_u32(p); /* always one type */
    out->u.type = wasm_read_valtype(m, p);
}

void wasm_read_catch(const u8 **p, struct wasm_catch *out)
{
    out->kind = (enum wasm_catch_kind) * (*p)++;
    out->tag = out->kind == WASM_CATCH || out->kind == WASM_CATCH_REF ? wasm_read_u32(p) : 0;
    out->label = wasm_read_u32(p);
}

static void read_try_table(const struct wasm_module *m, const u8 **p, struct wasm_instr *out)
{
    struct wasm_catch c;
    read_blocktype(m, p, &out->u.try_table.type);
    out->u.try_table.count = wasm_read_u32(p);
    out->u.try_table.catches = *p;
    for (u32 n = out->u.try_table.count; n; n--)
        wasm_read_catch(p, &c);
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
    case WASM_IMM_ELEM:
    case WASM_IMM_TYPE:
    case WASM_IMM_TAG: out->u.index = wasm_read_u32(p); break;
    case WASM_IMM_LABELS: read_labels(p, out); break;
    case WASM_IMM_TYPE_TABLE:
    case WASM_IMM_DATA_MEM:
    case WASM_IMM_MEM_MEM:
    case WASM_IMM_ELEM_TABLE:
    case WASM_IMM_TABLE_TABLE: read_pair(p, out); break;
    case WASM_IMM_TYPES: read_select_type(m, p, out); break;
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
    case WASM_IMM_HEAPTYPE: out->u.index = read_heaptype(m, p); break;
    case WASM_IMM_TRY_TABLE: read_try_table(m, p, out); break;
    case WASM_IMM_LANE: out->u.index = *(*p)++; break;
    case WASM_IMM_V128:
    case WASM_IMM_SHUFFLE:
        memcpy(out->u.bytes, *p, sizeof out->u.bytes);
        *p += sizeof out->u.bytes;
        break;
    case WASM_IMM_MEMARG_LANE:
        read_memarg(p, out);
        out->u.memarg.lane = *(*p)++;
        break;
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

/* The run that a local behind the parameters is in. */
static u32 run_find(const struct wasm_func *f, u32 local)
{
    u32 low = 0, high = f->nruns;
    while (low + 1 < high) { /* the first run whose end lies above `local` */
        u32 mid = (low + high) / 2;
        if (local < f->runs[mid - 1].end)
            high = mid;
        else
            low = mid;
    }
    return low;
}

rt_type wasm_local_type(const struct wasm_module *m, const struct wasm_func *f, u32 local)
{
    const struct wasm_functype *t = &m->types[f->type];
    return local < t->nparams ? t->types[local] : f->runs[run_find(f, local)].type;
}

u32 wasm_local_cell(const struct wasm_module *m, const struct wasm_func *f, u32 local)
{
    const struct wasm_functype *t = &m->types[f->type];
    u32 cell = 0;
    if (f->local_cells == f->nlocals)
        return local;
    if (local >= t->nparams) {
        const struct wasm_local_run *run = &f->runs[run_find(f, local)];
        return run->cell_end - (run->end - local) * rt_type_cells(run->type);
    }
    for (u32 k = 0; k < local; k++)
        cell += rt_type_cells(t->types[k]);
    return cell;
}
