/* wasm_disasm.c: instructions and types as text, for debugging and messages. */
#include "wasm_priv.h"

#include "fmt.h"

/* A text that grows inside a caller's buffer and counts what did not fit. */
struct text {
    char *buf;
    size_t size, len;
};

static void text_init(struct text *t, char *buf, size_t size)
{
    *t = (struct text){buf, size, 0};
    if (size)
        buf[0] = 0;
}

#define PUT(t, ...)                                                                                          \
    ((t)->len += (t)->len < (t)->size ? fmt_s((t)->buf + (t)->len, (t)->size - (t)->len, __VA_ARGS__)        \
                                      : fmt_s(NULL, 0, __VA_ARGS__))

static void put_types(struct text *t, const rt_type *types, u32 n)
{
    PUT(t, "(");
    for (u32 i = 0; i < n; i++)
        PUT(t, "%s%s", i ? ", " : "", wasm_type_text(types[i]));
    PUT(t, ")");
}

static void put_signature(struct text *t, const rt_type *params, u32 nparams, const rt_type *results,
                          u32 nresults)
{
    put_types(t, params, nparams);
    PUT(t, " -> ");
    put_types(t, results, nresults);
}

size_t wasm_functype_text(const struct wasm_functype *f, char *buf, size_t size)
{
    struct text t;
    text_init(&t, buf, size);
    put_signature(&t, f->types, f->nparams, f->types + f->nparams, f->nresults);
    return t.len;
}

static void put_func(struct text *t, const struct wasm_module *m, u32 func)
{
    char name[80];
    wasm_func_name(m, func, name, sizeof name);
    PUT(t, " %u <%s>", func, name);
}

static void put_labels(struct text *t, const struct wasm_instr *in)
{
    const u8 *p = in->u.br_table.labels;
    for (u64 n = (u64)in->u.br_table.count + 1; n; n--)
        PUT(t, " %u", wasm_read_u32(&p));
}

static void put_catches(struct text *t, const struct wasm_instr *in)
{
    static const char *const kinds[] = {"catch", "catch_ref", "catch_all", "catch_all_ref"};
    const u8 *p = in->u.try_table.catches;
    for (u32 n = in->u.try_table.count; n; n--) {
        struct wasm_catch c;
        wasm_read_catch(&p, &c);
        PUT(t, " (%s", kinds[c.kind]);
        if (c.kind <= WASM_CATCH_REF)
            PUT(t, " %u", c.tag);
        PUT(t, " %u)", c.label);
    }
}

size_t wasm_disasm(const struct wasm_module *m, const struct wasm_instr *in, char *buf, size_t size)
{
    struct text t;
    const struct wasm_op_info *info = &wasm_op_info[in->op];
    text_init(&t, buf, size);
    PUT(&t, "%s", info->text);
    switch ((enum wasm_imm)info->imm) {
    case WASM_IMM_NONE: break;
    case WASM_IMM_BLOCKTYPE:
        if (in->u.block.nparams || in->u.block.nresults) {
            PUT(&t, " ");
            put_signature(&t, in->u.block.params, in->u.block.nparams, in->u.block.results,
                          in->u.block.nresults);
        }
        break;
    case WASM_IMM_LABELS: put_labels(&t, in); break;
    case WASM_IMM_FUNC: put_func(&t, m, in->u.index); break;
    case WASM_IMM_LABEL:
    case WASM_IMM_LOCAL:
    case WASM_IMM_GLOBAL:
    case WASM_IMM_TABLE:
    case WASM_IMM_MEM:
    case WASM_IMM_DATA:
    case WASM_IMM_ELEM:
    case WASM_IMM_TYPE:
    case WASM_IMM_TAG:
    case WASM_IMM_LANE: PUT(&t, " %u", in->u.index); break;
    case WASM_IMM_TYPE_TABLE: PUT(&t, " type=%u table=%u", in->u.pair.a, in->u.pair.b); break;
    case WASM_IMM_DATA_MEM:
    case WASM_IMM_MEM_MEM:
    case WASM_IMM_ELEM_TABLE:
    case WASM_IMM_TABLE_TABLE: PUT(&t, " %u %u", in->u.pair.a, in->u.pair.b); break;
    case WASM_IMM_TYPES: PUT(&t, " %s", wasm_type_text(in->u.type)); break;
    case WASM_IMM_MEMARG:
    case WASM_IMM_MEMARG_LANE:
        if (in->u.memarg.mem)
            PUT(&t, " memory=%u", in->u.memarg.mem);
        PUT(&t, " offset=%llu align=%u", (unsigned long long)in->u.memarg.offset, 1u << in->u.memarg.align);
        if (info->imm == WASM_IMM_MEMARG_LANE)
            PUT(&t, " lane=%u", in->u.memarg.lane);
        break;
    case WASM_IMM_TRY_TABLE: put_catches(&t, in); break;
    case WASM_IMM_V128:
    case WASM_IMM_SHUFFLE:
        for (u32 k = 0; k < sizeof in->u.bytes; k++)
            PUT(&t, " %u", in->u.bytes[k]);
        break;
    case WASM_IMM_I32: PUT(&t, " %d", in->u.i32); break;
    case WASM_IMM_I64: PUT(&t, " %lld", (long long)in->u.i64); break;
    case WASM_IMM_F32: PUT(&t, " bits=0x%08x", in->u.f32_bits); break;
    case WASM_IMM_F64: PUT(&t, " bits=0x%016llx", (unsigned long long)in->u.f64_bits); break;
    case WASM_IMM_HEAPTYPE: PUT(&t, " %s", wasm_type_text(in->u.index)); break;
    }
    return t.len;
}
