/* wasm_validate.c: the validation algorithm of the specification's appendix A.3, one pass over each body.
 *
 * A stack of operand types and a stack of control frames. Straight-line instructions are checked from the
 * signature column of wasm_ops.def; the SPECIAL ones by hand. Both stacks and the expanded types of the first
 * locals belong to one validator that serves every body of the module, so that a body costs nothing beyond
 * its own bytes. Constant expressions go through the same code, restricted to the opcodes that the table
 * allows there. */
#include "wasm_validate_priv.h"
#include "wasm_arms.h"

#include <string.h>

#include "heap.h"
#include "fmt.h"
#include "plat.h"

#define FAIL(v, ...) reader_fail((v)->r, (v)->at, E_INVAL, __VA_ARGS__)

/* --- The two stacks. --- */
static bool is_ref(rt_type t)
{
    return rt_type_is_ref(t) || t == BOTTOM_REF;
}

static bool matches(rt_type got, rt_type want)
{
    return got == BOTTOM || (got == BOTTOM_REF ? is_ref(want) : rt_type_matches(got, want));
}

static status fail_mismatch(struct validator *v, rt_type want, rt_type got)
{
    return FAIL(v, "type mismatch: expected %s, got %s (%s)", wasm_type_text(want), wasm_type_text(got),
                v->info->text);
}

static status fail_underflow(struct validator *v, rt_type want)
{
    return FAIL(v, "type mismatch: expected %s but nothing on stack (%s)",
                want == BOTTOM ? "a value" : wasm_type_text(want), v->info->text);
}

/* Makes room for `n` more operands. */
static status stack_reserve(struct validator *v, u32 n)
{
    if (v->stack_size - v->height >= n)
        return ST_OK;
    TRY(reader_check_limit(v->r, v->at, LIMIT_OPERANDS, (u64)v->height + n));
    u32 size = v->stack_size * 2 > v->height + n ? v->stack_size * 2 : v->height + n;
    size = size < WASM_LIMIT_OPERANDS ? size : WASM_LIMIT_OPERANDS;
    rt_type *stack = heap_realloc(v->stack, size * sizeof *stack);
    if (!stack)
        return reader_fail(v->r, v->at, E_NOMEM, "out of memory");
    v->stack = stack;
    v->stack_size = size;
    return ST_OK;
}

static void note_v128(struct validator *v)
{
    if (v->f)
        v->f->flags |= WASM_FUNC_V128;
}

static status push(struct validator *v, rt_type t)
{
    if (v->height == v->stack_size)
        TRY(stack_reserve(v, 1));
    v->stack[v->height++] = t;
    if (t == RT_V128)
        note_v128(v);
    if (v->height > v->max_height)
        v->max_height = v->height;
    return ST_OK;
}

static status push_types(struct validator *v, const rt_type *types, u32 n)
{
    TRY(stack_reserve(v, n));
    if (n)
        memcpy(v->stack + v->height, types, n * sizeof *types);
    v->height += n;
    if (v->height > v->max_height)
        v->max_height = v->height;
    if (v->m->features & 1u << WASM_FEATURE_SIMD)
        for (u32 k = 0; k < n; k++)
            if (types[k] == RT_V128)
                note_v128(v);
    return ST_OK;
}

/* Pops one operand of any type. */
static status pop_any(struct validator *v, rt_type *out)
{
    struct frame *f = top_frame(v);
    *out = BOTTOM;
    if (v->height > f->height)
        *out = v->stack[--v->height];
    else if (!f->unreachable)
        return fail_underflow(v, BOTTOM);
    return ST_OK;
}

static status pop(struct validator *v, rt_type want)
{
    struct frame *f = top_frame(v);
    if (v->height == f->height)
        return f->unreachable ? ST_OK : fail_underflow(v, want);
    rt_type got = v->stack[--v->height];
    if (got != want && !matches(got, want))
        return fail_mismatch(v, want, got);
    return ST_OK;
}

static status pop_types(struct validator *v, const rt_type *types, u32 n)
{
    while (n)
        TRY(pop(v, types[--n]));
    return ST_OK;
}

/* Checks the topmost operands without taking them. */
static status check_top(struct validator *v, const rt_type *types, u32 n)
{
    struct frame *f = top_frame(v);
    u32 have = v->height - f->height;
    if (have < n && !f->unreachable)
        return fail_underflow(v, types[n - 1 - have]);
    for (u32 k = 1; k <= n && k <= have; k++) {
        rt_type got = v->stack[v->height - k];
        if (!matches(got, types[n - k]))
            return fail_mismatch(v, types[n - k], got);
    }
    return ST_OK;
}

static void set_unreachable(struct validator *v)
{
    struct frame *f = top_frame(v);
    v->height = f->height;
    f->unreachable = true;
}

static status frames_grow(struct validator *v)
{
    TRY(reader_check_limit(v->r, v->at, LIMIT_NESTING, (u64)v->depth + 1));
    u32 size = v->frames_size ? v->frames_size * 2 : 64;
    size = size < WASM_LIMIT_NESTING
               ? size
               : WASM_LIMIT_NESTING; /* so that the limit is looked at when it is reached */
    struct frame *frames = heap_realloc(v->frames, size * sizeof *frames);
    if (!frames)
        return reader_fail(v->r, v->at, E_NOMEM, "out of memory");
    v->frames = frames;
    v->frames_size = size;
    return ST_OK;
}

/* Opens a block whose parameters have just been popped. */
static status push_frame(struct validator *v, enum wasm_opcode op, const struct wasm_blocktype *t)
{
    if (v->depth == v->frames_size)
        TRY(frames_grow(v));
    v->frames[v->depth++] = (struct frame){.op = op, .height = v->height, .nset = v->nset, .type = *t};
    if (v->depth > v->max_depth)
        v->max_depth = v->depth;
    return push_types(v, t->params, t->nparams);
}

/* The block ends here: its results, and nothing else, must be on the stack. Takes them. What it set of the
 * locals without a default counts no longer. */
static status check_block_end(struct validator *v)
{
    struct frame *f = top_frame(v);
    while (v->nset > f->nset)
        v->unset[v->set[--v->nset]] = 1;
    TRY(pop_types(v, f->type.results, f->type.nresults));
    if (v->height != f->height)
        return FAIL(v, "type mismatch: %u values remain on the stack at the end of the block",
                    v->height - f->height);
    return ST_OK;
}

struct label {
    const rt_type *types;
    u32 n;
};

static status get_label(struct validator *v, u32 index, struct label *out)
{
    if (index >= v->depth)
        return FAIL(v, "unknown label %u", index);
    const struct frame *f = &v->frames[v->depth - 1 - index];
    if (f->op == WASM_OP_LOOP)
        *out = (struct label){f->type.params, f->type.nparams};
    else
        *out = (struct label){f->type.results, f->type.nresults};
    return ST_OK;
}

/* --- Index spaces. --- */
static status check_index(struct validator *v, u32 index, u32 count, const char *what)
{
    return index < count ? ST_OK : FAIL(v, "unknown %s %u", what, index);
}

/* Reads an index and checks it. */
static status read_index(struct validator *v, u32 count, const char *what, u32 *out)
{
    TRY(reader_u32(v->r, out));
    return check_index(v, *out, count, what);
}

static status read_func(struct validator *v, u32 *out)
{
    return read_index(v, v->m->nfuncs, "function", out);
}
static status read_table(struct validator *v, u32 *out)
{
    return read_index(v, v->m->ntables, "table", out);
}
static status read_memory(struct validator *v, u32 *out)
{
    return read_index(v, v->m->nmems, "memory", out);
}
static status read_elem(struct validator *v, u32 *out)
{
    return read_index(v, v->m->nelems, "elem segment", out);
}
static status check_data(struct validator *v, u32 index)
{
    if (v->ndata == NDATA_UNKNOWN)
        return FAIL(v, "data count section required");
    return check_index(v, index, v->ndata, "data segment");
}
static status read_data(struct validator *v, u32 *out)
{
    TRY(reader_u32(v->r, out));
    return check_data(v, *out);
}

static status read_local(struct validator *v, u32 *index, rt_type *out)
{
    u32 local;
    TRY(reader_u32(v->r, &local));
    *index = local;
    if (local >= v->nlocals)
        return FAIL(v, "unknown local %u", local);
    *out = local < LOCALS_EXPANDED ? v->locals[local] : wasm_local_type(v->m, v->f, local);
    return ST_OK;
}

static status read_global(struct validator *v, const struct wasm_globaltype **out)
{
    u32 index;
    TRY(read_index(v, v->m->nglobals, "global", &index));
    *out = &v->m->globals[index].type;
    if (!v->f && index >= v->m->imp_globals)
        return FAIL(v, "unknown global %u: a constant expression can use imported globals only", index);
    if (!v->f && (*out)->mut)
        return FAIL(v, "constant expression required: global %u is mutable", index);
    return ST_OK;
}

static rt_type memory_addr(const struct validator *v, u32 mem)
{
    return wasm_addr_type(&v->m->mems[mem].limits);
}
static rt_type table_addr(const struct validator *v, u32 table)
{
    return wasm_addr_type(&v->m->tables[table].limits);
}
/* The type of a count of elements or bytes that go from one to the other. */
static rt_type copy_addr(rt_type to, rt_type from)
{
    return to == RT_I64 && from == RT_I64 ? RT_I64 : RT_I32;
}

static status read_blocktype(struct validator *v, struct wasm_blocktype *out)
{
    memset(out, 0, sizeof *out);
    struct reader *r = v->r;
    if (r->p != r->end && *r->p == 0x40) {
        r->p++;
        return ST_OK;
    }
    if (r->p != r->end && (*r->p & 0xc0) == 0x40) { /* negative in one byte: a value type */
        rt_type t;
        TRY(reader_valtype(r, &t));
        out->nresults = 1;
        out->results = wasm_single_types(t);
        return out->results ? ST_OK : reader_fail(r, r->p, E_NOMEM, "out of memory");
    }
    s64 index;
    const u8 *at = r->p;
    TRY(reader_s64(r, &index, 33));
    if (index < 0)
        return reader_fail(r, at, E_INVAL, "malformed block type");
    if (index >= v->m->ntypes)
        return FAIL(v, "unknown type %u", (u32)index);
    const struct wasm_functype *t = &v->m->types[index];
    *out = (struct wasm_blocktype){t->nparams, t->nresults, t->types, t->types + t->nparams};
    v->m->features |= 1u << WASM_FEATURE_MULTI_VALUE;
    return ST_OK;
}

static status read_memarg(struct validator *v, enum wasm_opcode op)
{
    const u8 *at = v->r->p;
    u32 flags, mem = 0;
    u64 offset;
    TRY(reader_u32(v->r, &flags));
    if (flags >= 0x80)
        return reader_fail(v->r, at, E_INVAL, "malformed memop flags");
    if (flags & MEMARG_INDEX) {
        TRY(reader_use(v->r, at, WASM_FEATURE_MULTI_MEMORY, "a memory index in a load or store needs"));
        TRY(reader_u32(v->r, &mem));
        flags -= MEMARG_INDEX;
    }
    if (flags >= 0x20)
        return reader_fail(v->r, at, E_INVAL, "malformed memop flags");
    TRY(reader_u64(v->r, &offset)); /* 64 bits also for 32-bit memories, as in 3.0's grammar; checked below */
    TRY(check_index(v, mem, v->m->nmems, "memory"));
    if (flags > wasm_op_align(op))
        return FAIL(v, "alignment must not be larger than natural (%s)", v->info->text);
    v->addr = memory_addr(v, mem);
    if (offset > UINT32_MAX && v->addr == RT_I32)
        return FAIL(v, "offset out of range (%s)", v->info->text);
    return ST_OK;
}

static status read_lane(struct validator *v, enum wasm_opcode op)
{
    u8 lane;
    TRY(reader_u8(v->r, &lane));
    return lane < wasm_op_lanes(op) ? ST_OK : FAIL(v, "invalid lane index %u (%s)", lane, v->info->text);
}

static status read_shuffle(struct validator *v, enum wasm_opcode op)
{
    for (u32 k = 0; k < 16; k++)
        TRY(read_lane(v, op));
    return ST_OK;
}

/* --- Instructions by the table. --- */
static rt_type sig_type(const struct validator *v, char letter)
{
    switch (letter) {
    case 'a': return v->addr;
    case 'v': return RT_V128;
    case 'i': return RT_I32;
    case 'l': return RT_I64;
    case 'f': return RT_F32;
    default: return RT_F64;
    }
}

/* Takes the operands and leaves the results that a signature like "il_i" says. */
static status apply_sig(struct validator *v, const char *sig)
{
    u32 n = 0;
    while (sig[n] != '_')
        n++;
    for (u32 k = n; k; k--)
        TRY(pop(v, sig_type(v, sig[k - 1])));
    for (const char *s = sig + n + 1; *s; s++)
        TRY(push(v, sig_type(v, *s)));
    return ST_OK;
}

/* table.init and table.copy: element types must agree. */
static status check_elem_types(struct validator *v, rt_type to, rt_type from)
{
    return rt_type_matches(from, to) ? ST_OK : fail_mismatch(v, to, from);
}

/* Reads and checks the immediates of an instruction whose signature stands in the table. */
static status check_imm(struct validator *v, enum wasm_opcode op)
{
    struct wasm_module *m = v->m;
    const u8 *bytes;
    u32 a, b;
    s32 i32;
    s64 i64;
    switch ((enum wasm_imm)v->info->imm) {
    case WASM_IMM_NONE: return ST_OK;
    case WASM_IMM_MEMARG: return read_memarg(v, op);
    case WASM_IMM_I32: return reader_s32(v->r, &i32);
    case WASM_IMM_I64: return reader_s64(v->r, &i64, 64);
    case WASM_IMM_F32: return reader_bytes(v->r, 4, &bytes);
    case WASM_IMM_F64: return reader_bytes(v->r, 8, &bytes);
    case WASM_IMM_MEM:
        TRY(read_memory(v, &a));
        v->addr = memory_addr(v, a);
        return ST_OK;
    case WASM_IMM_DATA: return read_data(v, &a);
    case WASM_IMM_ELEM: return read_elem(v, &a);
    case WASM_IMM_TABLE:
        TRY(read_table(v, &a));
        v->addr = table_addr(v, a);
        return ST_OK;
    case WASM_IMM_DATA_MEM:
        TRY(reader_u32(v->r, &a));
        TRY(read_memory(v,
                        &b)); /* the reference interpreter looks at the second index first, here and below */
        v->addr = memory_addr(v, b);
        return check_data(v, a);
    case WASM_IMM_ELEM_TABLE:
        TRY(reader_u32(v->r, &a));
        TRY(read_table(v, &b));
        v->addr = table_addr(v, b);
        TRY(check_index(v, a, m->nelems, "elem segment"));
        return check_elem_types(v, m->tables[b].elem, m->elems[a].type);
    case WASM_IMM_V128: return reader_bytes(v->r, 16, &bytes);
    case WASM_IMM_SHUFFLE: return read_shuffle(v, op);
    case WASM_IMM_LANE: return read_lane(v, op);
    case WASM_IMM_MEMARG_LANE: TRY(read_memarg(v, op)); return read_lane(v, op);
    case WASM_IMM_BLOCKTYPE:
    case WASM_IMM_LABEL:
    case WASM_IMM_LABELS:
    case WASM_IMM_FUNC:
    case WASM_IMM_TYPE_TABLE:
    case WASM_IMM_TYPES:
    case WASM_IMM_LOCAL:
    case WASM_IMM_GLOBAL:
    case WASM_IMM_HEAPTYPE:
    case WASM_IMM_MEM_MEM:
    case WASM_IMM_TABLE_TABLE:
    case WASM_IMM_TYPE:
    case WASM_IMM_TAG:
    case WASM_IMM_TRY_TABLE: break;
    }
    panic("%s should be SPECIAL in wasm_ops.def", v->info->text);
}

/* --- Control instructions. --- */
static status check_block(struct validator *v, enum wasm_opcode op)
{
    struct wasm_blocktype t;
    TRY(read_blocktype(v, &t));
    if (op == WASM_OP_IF)
        TRY(pop(v, RT_I32));
    if (op == WASM_OP_LOOP)
        v->f->nloops++;
    v->f->narms += wasm_arms(op);
    TRY(pop_types(v, t.params, t.nparams));
    return push_frame(v, op, &t);
}

static status check_else(struct validator *v)
{
    struct frame *f = top_frame(v);
    if (f->op != WASM_OP_IF)
        return FAIL(v, "misplaced ELSE opcode");
    TRY(check_block_end(v));
    f->op = WASM_OP_ELSE;
    f->unreachable = false;
    return push_types(v, f->type.params, f->type.nparams);
}

/* Ends the `try` or `catch` before a handler and opens that one. */
static status check_legacy_catch(struct validator *v, enum wasm_opcode op)
{
    u32 tag;
    struct frame *f = top_frame(v);
    const struct wasm_functype *t = NULL;
    if (op == WASM_OP_CATCH) {
        TRY(read_index(v, v->m->ntags, "tag", &tag));
        t = &v->m->types[v->m->tags[tag]];
    }
    if (f->op != WASM_OP_TRY && f->op != WASM_OP_CATCH)
        return FAIL(v, "misplaced %s opcode", op == WASM_OP_CATCH ? "CATCH" : "CATCH_ALL");
    v->f->flags |= WASM_FUNC_HANDLERS;
    TRY(check_block_end(v));
    f->op = op;
    f->unreachable = false;
    return t ? push_types(v, t->types, t->nparams) : ST_OK;
}

/* Ends the `try` as `end` does; the label counts from outside of it. */
static status check_delegate(struct validator *v)
{
    u32 index;
    struct label l;
    struct frame *f = top_frame(v);
    TRY(reader_u32(v->r, &index));
    if (f->op != WASM_OP_TRY)
        return FAIL(v, "misplaced DELEGATE opcode");
    TRY(check_block_end(v));
    v->depth--;
    TRY(get_label(v, index, &l));
    v->f->flags |= WASM_FUNC_HANDLERS;
    return push_types(v, f->type.results, f->type.nresults);
}

static status check_rethrow(struct validator *v)
{
    u32 index;
    struct label l;
    v->f->flags |= WASM_FUNC_THROWS;
    TRY(reader_u32(v->r, &index));
    TRY(get_label(v, index, &l));
    enum wasm_opcode op = v->frames[v->depth - 1 - index].op;
    if (op != WASM_OP_CATCH && op != WASM_OP_CATCH_ALL)
        return FAIL(v, "invalid rethrow label %u", index);
    set_unreachable(v);
    return ST_OK;
}

static status check_throw(struct validator *v)
{
    u32 tag;
    v->f->flags |= WASM_FUNC_THROWS;
    TRY(read_index(v, v->m->ntags, "tag", &tag));
    const struct wasm_functype *t = &v->m->types[v->m->tags[tag]];
    TRY(pop_types(v, t->types, t->nparams));
    set_unreachable(v);
    return ST_OK;
}

static status check_throw_ref(struct validator *v)
{
    v->f->flags |= WASM_FUNC_THROWS;
    TRY(pop(v, RT_EXNREF));
    set_unreachable(v);
    return ST_OK;
}

/* One clause: what it brings (the tag's values, the exception) must be what the label takes. */
static status check_catch(struct validator *v)
{
    u8 kind;
    u32 tag, index, n = 0;
    struct label l;
    const u8 *at = v->r->p;
    const rt_type *types = NULL;
    TRY(reader_u8(v->r, &kind));
    if (kind > WASM_CATCH_ALL_REF)
        return reader_fail(v->r, at, E_INVAL, "malformed catch clause %u", kind);
    if (kind == WASM_CATCH || kind == WASM_CATCH_REF) {
        TRY(read_index(v, v->m->ntags, "tag", &tag));
        const struct wasm_functype *t = &v->m->types[v->m->tags[tag]];
        types = t->types;
        n = t->nparams;
    }
    TRY(reader_u32(v->r, &index));
    TRY(get_label(v, index, &l));
    bool ref = kind == WASM_CATCH_REF || kind == WASM_CATCH_ALL_REF;
    if (l.n != n + ref)
        return FAIL(v, "type mismatch: a catch clause brings %u values, its label takes %u", n + ref, l.n);
    for (u32 k = 0; k < n; k++)
        if (!rt_type_matches(types[k], l.types[k]))
            return fail_mismatch(v, l.types[k], types[k]);
    if (ref && !rt_type_matches(RT_EXNREF | RT_NONNULL, l.types[n]))
        return fail_mismatch(v, l.types[n], RT_EXNREF | RT_NONNULL);
    return ST_OK;
}

static status check_try_table(struct validator *v)
{
    struct wasm_blocktype t;
    u32 count;
    TRY(read_blocktype(v, &t));
    TRY(reader_u32(v->r, &count));
    for (; count; count--)
        TRY(check_catch(v));
    v->f->flags |= WASM_FUNC_HANDLERS;
    TRY(pop_types(v, t.params, t.nparams));
    return push_frame(v, WASM_OP_TRY_TABLE, &t);
}

static status check_end(struct validator *v)
{
    struct frame *f = top_frame(v);
    const struct wasm_blocktype *t = &f->type;
    TRY(check_block_end(v));
    if (f->op == WASM_OP_IF) { /* without `else` the parameters become the results */
        if (t->nparams != t->nresults)
            return FAIL(v, "type mismatch: if without else must have equal parameters and results");
        for (u32 i = 0; i < t->nparams; i++)
            if (!rt_type_matches(t->params[i], t->results[i]))
                return fail_mismatch(v, t->results[i], t->params[i]);
    }
    v->depth--;
    return push_types(v, t->results, t->nresults); /* the popped frame's slot is still in place */
}

static status check_br(struct validator *v, enum wasm_opcode op)
{
    u32 index;
    struct label l;
    TRY(reader_u32(v->r, &index));
    TRY(get_label(v, index, &l));
    v->f->narms += wasm_arms(op);
    if (op == WASM_OP_BR) {
        TRY(check_top(v, l.types, l.n));
        set_unreachable(v);
        return ST_OK;
    }
    TRY(pop(v, RT_I32));
    TRY(pop_types(v, l.types, l.n));
    return push_types(v, l.types, l.n);
}

/* All labels are checked against the operands; one that has the same types as the one before it needs no
 * second look, which keeps big tables of labels with many operands cheap. */
static status check_br_table(struct validator *v)
{
    u32 count, index;
    struct label l, last = {NULL, 0};
    TRY(reader_u32(v->r, &count));
    if ((size_t)(v->r->end - v->r->p) < count)
        return reader_fail_end(v->r);
    v->f->narms += wasm_arms(WASM_OP_BR_TABLE);
    TRY(pop(v, RT_I32));
    for (u64 k = 0; k <= count; k++) {
        TRY(reader_u32(v->r, &index));
        TRY(get_label(v, index, &l));
        if (k > 0 && l.n != last.n)
            return FAIL(v, "type mismatch: labels of br_table have %u and %u operands", last.n, l.n);
        if (k == 0 || l.types != last.types)
            TRY(check_top(v, l.types, l.n));
        last = l;
    }
    set_unreachable(v);
    return ST_OK;
}

static status check_return(struct validator *v)
{
    const struct wasm_blocktype *t = &v->frames[0].type;
    TRY(check_top(v, t->results, t->nresults));
    set_unreachable(v);
    return ST_OK;
}

static status apply_functype(struct validator *v, const struct wasm_functype *t)
{
    v->f->flags |= WASM_FUNC_CALLS;
    TRY(pop_types(v, t->types, t->nparams));
    return push_types(v, t->types + t->nparams, t->nresults);
}

/* A call in place of `return`: takes the parameters; the results must be those of this function. */
static status apply_tail_call(struct validator *v, const struct wasm_functype *t)
{
    const struct wasm_blocktype *own = &v->frames[0].type;
    const rt_type *results = t->types + t->nparams;
    v->f->flags |= WASM_FUNC_CALLS | WASM_FUNC_TAIL_CALLS;
    if (t->nresults != own->nresults)
        return FAIL(v, "type mismatch: expected %u results, got %u (%s)", own->nresults, t->nresults,
                    v->info->text);
    for (u32 k = 0; k < t->nresults; k++)
        if (!rt_type_matches(results[k], own->results[k]))
            return fail_mismatch(v, own->results[k], results[k]);
    TRY(pop_types(v, t->types, t->nparams));
    set_unreachable(v);
    return ST_OK;
}

static status check_call_ref(struct validator *v, enum wasm_opcode op)
{
    u32 type;
    TRY(read_index(v, v->m->ntypes, "type", &type));
    const struct wasm_functype *t = &v->m->types[type];
    TRY(pop(v, rt_type_of_sig(t->sig->id)));
    return op == WASM_OP_CALL_REF ? apply_functype(v, t) : apply_tail_call(v, t);
}

static status check_call(struct validator *v, enum wasm_opcode op)
{
    u32 func;
    TRY(read_func(v, &func));
    const struct wasm_functype *t = wasm_func_type(v->m, func);
    return op == WASM_OP_CALL ? apply_functype(v, t) : apply_tail_call(v, t);
}

static status check_call_indirect(struct validator *v, enum wasm_opcode op)
{
    u32 type, table;
    TRY(reader_u32(v->r, &type));
    TRY(read_table(v, &table));
    TRY(check_index(v, type, v->m->ntypes, "type"));
    if (!rt_type_matches(v->m->tables[table].elem, RT_FUNCREF))
        return fail_mismatch(v, RT_FUNCREF, v->m->tables[table].elem);
    TRY(pop(v, table_addr(v, table)));
    const struct wasm_functype *t = &v->m->types[type];
    return op == WASM_OP_CALL_INDIRECT ? apply_functype(v, t) : apply_tail_call(v, t);
}

/* --- Parametric, variable, table, memory and reference instructions. --- */
static status check_select(struct validator *v)
{
    rt_type a, b;
    TRY(pop(v, RT_I32));
    TRY(pop_any(v, &a));
    TRY(pop_any(v, &b));
    if (is_ref(a) || is_ref(b))
        return FAIL(v, "type mismatch: select without a type needs numbers, got %s",
                    wasm_type_text(is_ref(a) ? a : b));
    if (a != b && a != BOTTOM && b != BOTTOM)
        return fail_mismatch(v, b, a);
    return push(v, a == BOTTOM ? b : a);
}

static status check_select_t(struct validator *v)
{
    u32 count;
    rt_type t = BOTTOM;
    TRY(reader_u32(v->r, &count));
    for (u32 i = 0; i < count; i++)
        TRY(reader_valtype(v->r, &t));
    if (count != 1)
        return FAIL(v, "invalid result arity: select has %u types", count);
    TRY(pop(v, RT_I32));
    TRY(pop(v, t));
    TRY(pop(v, t));
    return push(v, t);
}

/* Reading or writing `local` of a function that has locals without a default. */
static status track_local(struct validator *v, enum wasm_opcode op, u32 local)
{
    if (!v->unset[local])
        return ST_OK;
    if (op == WASM_OP_LOCAL_GET)
        return FAIL(v, "uninitialized local %u", local);
    v->unset[local] = 0;
    v->set[v->nset++] = local;
    return ST_OK;
}

static status check_local(struct validator *v, enum wasm_opcode op)
{
    u32 local;
    rt_type t;
    TRY(read_local(v, &local, &t));
    if (v->has_unset)
        TRY(track_local(v, op, local));
    if (op != WASM_OP_LOCAL_GET)
        TRY(pop(v, t));
    return op == WASM_OP_LOCAL_SET ? ST_OK : push(v, t);
}

static status check_global(struct validator *v, enum wasm_opcode op)
{
    const struct wasm_globaltype *t;
    TRY(read_global(v, &t));
    if (op == WASM_OP_GLOBAL_GET)
        return push(v, t->type);
    if (!t->mut)
        return FAIL(v, "immutable global");
    return pop(v, t->type);
}

static status check_table_get_set(struct validator *v, enum wasm_opcode op)
{
    u32 table;
    TRY(read_table(v, &table));
    rt_type t = v->m->tables[table].elem;
    if (op == WASM_OP_TABLE_SET)
        TRY(pop(v, t));
    TRY(pop(v, table_addr(v, table)));
    return op == WASM_OP_TABLE_GET ? push(v, t) : ST_OK;
}

static status check_table_grow_fill(struct validator *v, enum wasm_opcode op)
{
    u32 table;
    TRY(read_table(v, &table));
    rt_type addr = table_addr(v, table);
    TRY(pop(v, addr));
    TRY(pop(v, v->m->tables[table].elem));
    return op == WASM_OP_TABLE_GROW ? push(v, addr) : pop(v, addr);
}

static status pop_copy(struct validator *v, rt_type to, rt_type from)
{
    TRY(pop(v, copy_addr(to, from)));
    TRY(pop(v, from));
    return pop(v, to);
}

static status check_memory_copy(struct validator *v)
{
    u32 to, from;
    TRY(read_memory(v, &to));
    TRY(read_memory(v, &from));
    return pop_copy(v, memory_addr(v, to), memory_addr(v, from));
}

static status check_table_copy(struct validator *v)
{
    u32 to, from;
    TRY(read_table(v, &to));
    TRY(read_table(v, &from));
    TRY(check_elem_types(v, v->m->tables[to].elem, v->m->tables[from].elem));
    return pop_copy(v, table_addr(v, to), table_addr(v, from));
}

static status check_ref_null(struct validator *v)
{
    rt_type t;
    TRY(reader_heaptype(v->r, &t));
    return push(v, t);
}

/* Pops a reference of any type. */
static status pop_ref(struct validator *v, rt_type *out)
{
    TRY(pop_any(v, out));
    if (*out == BOTTOM)
        *out = BOTTOM_REF;
    if (is_ref(*out))
        return ST_OK;
    return FAIL(v, "type mismatch: expected a reference, got %s (%s)", wasm_type_text(*out), v->info->text);
}

static rt_type non_null(rt_type ref)
{
    return ref == BOTTOM_REF ? ref : ref | RT_NONNULL;
}

static status check_ref_as_non_null(struct validator *v)
{
    rt_type t;
    TRY(pop_ref(v, &t));
    return push(v, non_null(t));
}

/* Branches with the operands below the reference, else leaves the reference. */
static status check_br_on_null(struct validator *v)
{
    u32 index;
    struct label l;
    rt_type t;
    TRY(reader_u32(v->r, &index));
    TRY(get_label(v, index, &l));
    TRY(pop_ref(v, &t));
    TRY(pop_types(v, l.types, l.n));
    TRY(push_types(v, l.types, l.n));
    return push(v, non_null(t));
}

/* Branches with the reference as the label's last operand, else drops it. */
static status check_br_on_non_null(struct validator *v)
{
    u32 index;
    struct label l;
    rt_type t;
    TRY(reader_u32(v->r, &index));
    TRY(get_label(v, index, &l));
    TRY(pop_ref(v, &t));
    if (l.n == 0 || !matches(non_null(t), l.types[l.n - 1]))
        return fail_mismatch(v, l.n ? l.types[l.n - 1] : BOTTOM, t);
    TRY(pop_types(v, l.types, l.n - 1));
    return push_types(v, l.types, l.n - 1);
}

static status check_ref_is_null(struct validator *v)
{
    rt_type t;
    TRY(pop_ref(v, &t));
    return push(v, RT_I32);
}

/* A body may name only functions that occur outside of bodies (3.1.1, C.refs); those in constant expressions
 * count as such an occurrence themselves. */
static status check_ref_func(struct validator *v)
{
    u32 func;
    TRY(read_func(v, &func));
    u32 *flags = &v->m->funcs[func].flags;
    if (v->f && !(*flags & (WASM_FUNC_EXPORTED | WASM_FUNC_REFERENCED)))
        return FAIL(v, "undeclared function reference %u", func);
    *flags |= WASM_FUNC_REFERENCED;
    return push(v, rt_type_of_sig(wasm_func_type(v->m, func)->sig->id) | RT_NONNULL);
}

/* `case` labels for the rows of the table whose signature is not SPECIAL: IS_SPECIAL gives 1 for the word
 * SPECIAL and 0 for any other. */
#define PROBE_SPECIAL                ~, 1
#define SECOND_(a, b, ...)           b
#define SECOND(...)                  SECOND_(__VA_ARGS__)
#define IS_SPECIAL(sig)              SECOND(PROBE_##sig, 0, ~)
#define CASE_1(id)                   /* written by hand below */
#define CASE_0(id)                   case WASM_OP_##id:
#define CASE__(special, id)          CASE_##special(id)
#define CASE_(special, id)           CASE__(special, id)
#define CASE_UNLESS_SPECIAL(id, sig) CASE_(IS_SPECIAL(sig), id)

/* The SPECIAL instructions. The others never come here: their rows in the table say all. */
static status check_special(struct validator *v, enum wasm_opcode op)
{
    v->ncalls += wasm_is_call(op);
    switch (op) {
    case WASM_OP_UNREACHABLE: set_unreachable(v); return ST_OK;
    case WASM_OP_NOP: return ST_OK;
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF:
    case WASM_OP_TRY: return check_block(v, op);
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL: return check_legacy_catch(v, op);
    case WASM_OP_DELEGATE: return check_delegate(v);
    case WASM_OP_RETHROW: return check_rethrow(v);
    case WASM_OP_THROW: return check_throw(v);
    case WASM_OP_THROW_REF: return check_throw_ref(v);
    case WASM_OP_TRY_TABLE: return check_try_table(v);
    case WASM_OP_ELSE: return check_else(v);
    case WASM_OP_END: return check_end(v);
    case WASM_OP_BR:
    case WASM_OP_BR_IF: return check_br(v, op);
    case WASM_OP_BR_TABLE: return check_br_table(v);
    case WASM_OP_RETURN: return check_return(v);
    case WASM_OP_CALL:
    case WASM_OP_RETURN_CALL: return check_call(v, op);
    case WASM_OP_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL_INDIRECT: return check_call_indirect(v, op);
    case WASM_OP_CALL_REF:
    case WASM_OP_RETURN_CALL_REF: return check_call_ref(v, op);
    case WASM_OP_DROP: return pop_any(v, &(rt_type){0});
    case WASM_OP_SELECT: return check_select(v);
    case WASM_OP_SELECT_T: return check_select_t(v);
    case WASM_OP_LOCAL_GET:
    case WASM_OP_LOCAL_SET:
    case WASM_OP_LOCAL_TEE: return check_local(v, op);
    case WASM_OP_GLOBAL_GET:
    case WASM_OP_GLOBAL_SET: return check_global(v, op);
    case WASM_OP_TABLE_GET:
    case WASM_OP_TABLE_SET: return check_table_get_set(v, op);
    case WASM_OP_TABLE_GROW:
    case WASM_OP_TABLE_FILL: return check_table_grow_fill(v, op);
    case WASM_OP_TABLE_COPY: return check_table_copy(v);
    case WASM_OP_MEMORY_COPY: return check_memory_copy(v);
    case WASM_OP_REF_NULL: return check_ref_null(v);
    case WASM_OP_REF_IS_NULL: return check_ref_is_null(v);
    case WASM_OP_REF_AS_NON_NULL: return check_ref_as_non_null(v);
    case WASM_OP_BR_ON_NULL: return check_br_on_null(v);
    case WASM_OP_BR_ON_NON_NULL: return check_br_on_non_null(v);
    case WASM_OP_REF_FUNC: return check_ref_func(v);
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature) CASE_UNLESS_SPECIAL(id, sig)
#include "wasm_ops.def"
#undef OP
    case WASM_OP_COUNT: break;
    }
    panic("no rule for %s", v->info->text);
}

/* --- Bodies. --- */
/* What an opcode that is none of ours would be in a later version; NULL: nothing. */
static const char *later_opcode(u8 byte, u32 code)
{
    switch (byte) {
    case 0xd3:
    case 0xfb: return "garbage collection";
    case 0xfc: return code >= 0x13 && code <= 0x16 ? "wide-arithmetic" : NULL;
    case 0xfe: return "threads";
    default: return NULL;
    }
}

static status fail_opcode(struct validator *v, u8 byte, const u32 *code)
{
    char text[16];
    fmt_s(text, sizeof text, code ? "%02x %02x" : "%02x", byte, code ? *code : 0);
    const char *proposal = later_opcode(byte, code ? *code : 0);
    if (proposal)
        return reader_fail(v->r, v->at, E_UNSUPPORTED, "illegal opcode %s: it needs the %s proposal", text,
                           proposal);
    return FAIL(v, "illegal opcode %s", text);
}

static status read_opcode(struct validator *v, enum wasm_opcode *out)
{
    u8 byte;
    u32 code;
    v->at = v->r->p;
    if (v->r->p == v->r->end)
        return reader_fail(v->r, v->at, E_INVAL,
                           "unexpected end of section or function: END opcode expected");
    TRY(reader_u8(v->r, &byte));
    if (byte != 0xfc && byte != 0xfd) {
        *out = wasm_op_of_byte(byte);
        return *out >= WASM_OP_COUNT ? fail_opcode(v, byte, NULL) : ST_OK;
    }
    TRY(reader_u32(v->r, &code));
    *out = wasm_op_find(byte, code);
    return *out == WASM_OP_COUNT ? fail_opcode(v, byte, &code) : ST_OK;
}

static status check_const(struct validator *v)
{
    if (!v->info->is_const)
        return FAIL(v, "constant expression required, got %s", v->info->text);
    if (v->info->kind == WASM_KIND_ALU)
        return reader_use(v->r, v->at, WASM_FEATURE_EXTENDED_CONST, "%s in a constant expression needs",
                          v->info->text);
    return ST_OK;
}

/* Checks instructions up to the `end` that closes the outermost frame. */
static status check_code(struct validator *v)
{
    u32 features = 0;
    while (v->depth) {
        enum wasm_opcode op;
        if (v->f)
            validator_quick(v);
        TRY(read_opcode(v, &op));
        v->info = &wasm_op_info[op];
        features |= 1u << v->info->feature;
        if (!(v->allowed >> v->info->feature & 1))
            return reader_use(v->r, v->at, (enum wasm_feature)v->info->feature,
                              "illegal opcode %02x: it needs", *v->at);
        if (!v->f)
            TRY(check_const(v));
        if (v->info->sig[0] == 'S') {
            TRY(check_special(v, op));
        } else {
            if (v->info->imm != WASM_IMM_NONE)
                TRY(check_imm(v, op));
            TRY(apply_sig(v, v->info->sig));
        }
    }
    v->m->features |= features;
    return ST_OK;
}

static void begin(struct validator *v, struct reader *r, struct wasm_func *f)
{
    v->r = r;
    v->at = r->p;
    v->info = &wasm_op_info[WASM_OP_NOP];
    v->f = f;
    v->height = v->max_height = v->depth = v->max_depth = v->ncalls = v->nlocals = v->nset = 0;
    v->has_unset = false;
}

/* Fills the quick table of local types and the runs' ends. */
static void expand_locals(struct validator *v, const struct wasm_functype *t, struct wasm_func *f,
                          struct wasm_local_run *runs)
{
    u32 n = t->nparams, cells = t->sig->param_cells;
    for (u32 i = 0; i < t->nparams && i < LOCALS_EXPANDED; i++)
        v->locals[i] = t->types[i];
    for (u32 k = 0; k < f->nruns; k++) {
        u32 end = n + runs[k].count;
        for (u32 i = n; i < end && i < LOCALS_EXPANDED; i++)
            v->locals[i] = runs[k].type;
        n = runs[k].end = end;
        cells += runs[k].count * rt_type_cells(runs[k].type);
        runs[k].cell_end = cells;
    }
    v->nlocals = f->nlocals = n;
    f->local_cells = cells;
}

/* Notes the locals that must be set before they are read. */
static status begin_unset(struct validator *v, struct wasm_func *f)
{
    u32 first = v->m->types[f->type].nparams;
    if (v->locals_size < v->nlocals) {
        u8 *unset = heap_realloc(v->unset, v->nlocals);
        v->unset = unset ? unset : v->unset;
        u32 *set = heap_realloc(v->set, v->nlocals * sizeof *set);
        v->set = set ? set : v->set;
        if (!unset || !set)
            return reader_fail(v->r, v->at, E_NOMEM, "out of memory");
        v->locals_size = v->nlocals;
    }
    memset(v->unset, 0, v->nlocals);
    for (u32 k = 0; k < f->nruns; first = f->runs[k++].end)
        if (f->runs[k].type & RT_NONNULL)
            memset(v->unset + first, 1, f->runs[k].count);
    v->has_unset = true;
    return ST_OK;
}

static status read_locals(struct validator *v, struct reader *r, struct wasm_func *f)
{
    const struct wasm_functype *t = &v->m->types[f->type];
    const u8 *at = r->p;
    TRY(reader_count(r, LIMIT_LOCALS, &f->nruns));
    struct wasm_local_run *runs =
        arena_alloc(&v->m->arena, f->nruns * sizeof *runs, _Alignof(struct wasm_local_run));
    if (!runs)
        return reader_fail(r, at, E_NOMEM, "out of memory");
    u64 total = t->nparams;
    bool has_unset = false;
    for (u32 k = 0; k < f->nruns; k++) {
        TRY(reader_u32(r, &runs[k].count));
        TRY(reader_valtype(r, &runs[k].type));
        total += runs[k].count;
        has_unset |= (runs[k].type & RT_NONNULL) != 0 && runs[k].count;
        if (total > UINT32_MAX)
            return reader_fail(r, at, E_INVAL, "too many locals");
    }
    TRY(reader_check_limit(r, at, LIMIT_LOCALS, total));
    f->runs = runs;
    expand_locals(v, t, f, runs);
    return has_unset ? begin_unset(v, f) : ST_OK;
}

status validator_func(struct validator *v, struct reader *r, struct wasm_func *f)
{
    const struct wasm_functype *t = &v->m->types[f->type];
    struct wasm_blocktype body = {.nresults = t->nresults, .results = t->types + t->nparams};
    begin(v, r, f);
    TRY(read_locals(v, r, f));
    f->body = r->p;
    TRY(push_frame(v, WASM_OP_BLOCK, &body));
    TRY(check_code(v));
    if (r->p != r->end)
        return reader_fail(r, r->p, E_INVAL, "section size mismatch: bytes behind the end of the function");
    f->end = r->p;
    f->size = (u32)(f->end - f->body);
    f->max_stack = v->max_height;
    f->max_depth = v->max_depth;
    f->narms = v->ncalls > WASM_FEW_CALLS ? f->narms : 0;
    return ST_OK;
}

status validator_const(struct validator *v, struct reader *r, rt_type want, struct wasm_const_expr *out)
{
    struct wasm_blocktype body = {.nresults = 1, .results = wasm_single_types(want)};
    if (!body.results)
        return reader_fail(r, r->p, E_NOMEM, "out of memory");
    begin(v, r, NULL);
    out->start = r->p;
    TRY(push_frame(v, WASM_OP_BLOCK, &body));
    TRY(check_code(v));
    TRY(reader_check_limit(r, out->start, LIMIT_CONST_OPERANDS, v->max_height));
    out->end = r->p;
    return ST_OK;
}

status validator_create(struct wasm_module *m, u32 ndata, struct validator **out)
{
    struct validator *v = heap_calloc(1, sizeof *v);
    if (!v)
        return E_NOMEM;
    v->m = m;
    v->ndata = ndata;
    v->allowed = wasm_features_ready | wasm_features_forced;
    *out = v;
    return ST_OK;
}

void validator_set_ndata(struct validator *v, u32 ndata)
{
    v->ndata = ndata;
}

void validator_destroy(struct validator *v)
{
    if (!v)
        return;
    heap_free(v->stack);
    heap_free(v->frames);
    heap_free(v->unset);
    heap_free(v->set);
    heap_free(v);
}
