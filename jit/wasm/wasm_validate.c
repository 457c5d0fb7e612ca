/* wasm_validate.c: the validation algorithm of the specification's appendix A.3, one pass over each body.
 *
 * A stack of operand types and a stack of control frames. Straight-line instructions are checked from the
 * signature column of wasm_ops.def; the SPECIAL ones by hand. Both stacks and the expanded types of the first
 * locals belong to one validator that serves every body of the module, so that a body costs nothing beyond
 * its own bytes. Constant expressions go through the same code, restricted to the opcodes that the table
 * allows there. */
#include "wasm_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

#define BOTTOM 0u /* the type of an operand in unreachable code, which matches every type */

enum { LOCALS_EXPANDED = 256 }; /* locals above are found by search, so that declaring many costs nothing */

struct frame {
    enum wasm_opcode op; /* BLOCK, LOOP, IF, ELSE; the body itself is a BLOCK */
    bool unreachable;
    u32 height; /* of the operand stack below the block's parameters */
    struct wasm_blocktype type;
};

struct validator {
    struct wasm_module *m;
    u32 ndata; /* declared by the data count section, or NDATA_UNKNOWN */
    struct reader *r;
    const u8 *at; /* the instruction that is being checked */
    const struct wasm_op_info *info;
    struct wasm_func *f; /* NULL in constant expressions */
    u32 nlocals;
    rt_type locals[LOCALS_EXPANDED];
    rt_type *stack;
    u32 height, stack_size, max_height;
    struct frame *frames;
    u32 depth, frames_size, max_depth;
};

#define FAIL(v, ...) reader_fail((v)->r, (v)->at, E_INVAL, __VA_ARGS__)

/* --- The two stacks. --- */
static struct frame *top_frame(struct validator *v)
{
    return &v->frames[v->depth - 1];
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

static status push(struct validator *v, rt_type t)
{
    if (v->height == v->stack_size)
        TRY(stack_reserve(v, 1));
    v->stack[v->height++] = t;
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
    if (got != want && got != BOTTOM)
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
        if (got != types[n - k] && got != BOTTOM)
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
    v->frames[v->depth++] = (struct frame){.op = op, .height = v->height, .type = *t};
    if (v->depth > v->max_depth)
        v->max_depth = v->depth;
    return push_types(v, t->params, t->nparams);
}

/* The block ends here: its results, and nothing else, must be on the stack. Takes them. */
static status check_block_end(struct validator *v)
{
    struct frame *f = top_frame(v);
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

static status read_local(struct validator *v, rt_type *out)
{
    u32 local;
    TRY(reader_u32(v->r, &local));
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
        return ST_OK;
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
    u32 flags;
    u64 offset;
    TRY(reader_u32(v->r, &flags));
    if (flags >= 0x80)
        return reader_fail(v->r, at, E_INVAL, "malformed memop flags");
    if (flags >= 0x40)
        return reader_fail(v->r, at, E_UNSUPPORTED,
                           "a memory index in a load or store needs the multi-memory proposal");
    if (flags >= 0x20)
        return reader_fail(v->r, at, E_INVAL, "malformed memop flags");
    TRY(reader_u64(v->r, &offset)); /* 64 bits also for 32-bit memories, as in 3.0's grammar; checked below */
    TRY(check_index(v, 0, v->m->nmems, "memory"));
    if (flags > wasm_op_align(op))
        return FAIL(v, "alignment must not be larger than natural (%s)", v->info->text);
    if (offset > UINT32_MAX)
        return FAIL(v, "offset out of range (%s)", v->info->text);
    return ST_OK;
}

/* --- Instructions by the table. --- */
static rt_type sig_type(char letter)
{
    switch (letter) {
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
        TRY(pop(v, sig_type(sig[k - 1])));
    for (const char *s = sig + n + 1; *s; s++)
        TRY(push(v, sig_type(*s)));
    return ST_OK;
}

/* table.init and table.copy: element types must agree. */
static status check_elem_types(struct validator *v, rt_type to, rt_type from)
{
    return to == from ? ST_OK : fail_mismatch(v, to, from);
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
    case WASM_IMM_MEM: return read_memory(v, &a);
    case WASM_IMM_DATA: return read_data(v, &a);
    case WASM_IMM_ELEM: return read_elem(v, &a);
    case WASM_IMM_TABLE: return read_table(v, &a);
    case WASM_IMM_DATA_MEM:
        TRY(reader_u32(v->r, &a));
        TRY(read_memory(v,
                        &b)); /* the reference interpreter looks at the second index first, here and below */
        return check_data(v, a);
    case WASM_IMM_MEM_MEM: TRY(read_memory(v, &a)); return read_memory(v, &b);
    case WASM_IMM_ELEM_TABLE:
        TRY(reader_u32(v->r, &a));
        TRY(read_table(v, &b));
        TRY(check_index(v, a, m->nelems, "elem segment"));
        return check_elem_types(v, m->tables[b].elem, m->elems[a].type);
    case WASM_IMM_TABLE_TABLE:
        TRY(read_table(v, &a));
        TRY(read_table(v, &b));
        return check_elem_types(v, m->tables[a].elem, m->tables[b].elem);
    case WASM_IMM_BLOCKTYPE:
    case WASM_IMM_LABEL:
    case WASM_IMM_LABELS:
    case WASM_IMM_FUNC:
    case WASM_IMM_TYPE_TABLE:
    case WASM_IMM_TYPES:
    case WASM_IMM_LOCAL:
    case WASM_IMM_GLOBAL:
    case WASM_IMM_HEAPTYPE: break;
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

static status check_end(struct validator *v)
{
    struct frame *f = top_frame(v);
    const struct wasm_blocktype *t = &f->type;
    TRY(check_block_end(v));
    if (f->op == WASM_OP_IF) { /* without `else` the parameters become the results */
        if (t->nparams != t->nresults)
            return FAIL(v, "type mismatch: if without else must have equal parameters and results");
        for (u32 i = 0; i < t->nparams; i++)
            if (t->params[i] != t->results[i])
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

static status check_call(struct validator *v)
{
    u32 func;
    TRY(read_func(v, &func));
    return apply_functype(v, wasm_func_type(v->m, func));
}

static status check_call_indirect(struct validator *v)
{
    u32 type, table;
    TRY(reader_u32(v->r, &type));
    TRY(read_table(v, &table));
    TRY(check_index(v, type, v->m->ntypes, "type"));
    if (v->m->tables[table].elem != RT_FUNCREF)
        return fail_mismatch(v, RT_FUNCREF, v->m->tables[table].elem);
    TRY(pop(v, RT_I32));
    return apply_functype(v, &v->m->types[type]);
}

/* --- Parametric, variable, table, memory and reference instructions. --- */
static status check_select(struct validator *v)
{
    rt_type a, b;
    TRY(pop(v, RT_I32));
    TRY(pop_any(v, &a));
    TRY(pop_any(v, &b));
    if (rt_type_is_ref(a) || rt_type_is_ref(b))
        return FAIL(v, "type mismatch: select without a type needs numbers, got %s",
                    wasm_type_text(rt_type_is_ref(a) ? a : b));
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

static status check_local(struct validator *v, enum wasm_opcode op)
{
    rt_type t;
    TRY(read_local(v, &t));
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
    TRY(pop(v, RT_I32));
    return op == WASM_OP_TABLE_GET ? push(v, t) : ST_OK;
}

static status check_table_grow_fill(struct validator *v, enum wasm_opcode op)
{
    u32 table;
    TRY(read_table(v, &table));
    TRY(pop(v, RT_I32));
    TRY(pop(v, v->m->tables[table].elem));
    return op == WASM_OP_TABLE_GROW ? push(v, RT_I32) : pop(v, RT_I32);
}

/* The type of a memory's addresses and sizes; the place where 64-bit memories come in. */
static status check_memory_size_grow(struct validator *v, enum wasm_opcode op)
{
    u32 mem;
    TRY(read_memory(v, &mem));
    if (op == WASM_OP_MEMORY_GROW)
        TRY(pop(v, RT_I32));
    return push(v, RT_I32);
}

static status check_ref_null(struct validator *v)
{
    rt_type t;
    TRY(reader_reftype(v->r, &t)); /* a heap type has the byte of its reference type */
    return push(v, t);
}

static status check_ref_is_null(struct validator *v)
{
    rt_type t;
    TRY(pop_any(v, &t));
    if (t != BOTTOM && !rt_type_is_ref(t))
        return FAIL(v, "type mismatch: expected a reference, got %s (%s)", wasm_type_text(t), v->info->text);
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
    return push(v, RT_FUNCREF);
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
    switch (op) {
    case WASM_OP_UNREACHABLE: set_unreachable(v); return ST_OK;
    case WASM_OP_NOP: return ST_OK;
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF: return check_block(v, op);
    case WASM_OP_ELSE: return check_else(v);
    case WASM_OP_END: return check_end(v);
    case WASM_OP_BR:
    case WASM_OP_BR_IF: return check_br(v, op);
    case WASM_OP_BR_TABLE: return check_br_table(v);
    case WASM_OP_RETURN: return check_return(v);
    case WASM_OP_CALL: return check_call(v);
    case WASM_OP_CALL_INDIRECT: return check_call_indirect(v);
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
    case WASM_OP_MEMORY_SIZE:
    case WASM_OP_MEMORY_GROW: return check_memory_size_grow(v, op);
    case WASM_OP_REF_NULL: return check_ref_null(v);
    case WASM_OP_REF_IS_NULL: return check_ref_is_null(v);
    case WASM_OP_REF_FUNC: return check_ref_func(v);
#define OP(id, prefix, code, text, imm, sig, kind, flags, feature) CASE_UNLESS_SPECIAL(id, sig)
#include "wasm_ops.def"
#undef OP
    case WASM_OP_COUNT: break;
    }
    panic("no rule for %s", v->info->text);
}

/* --- Bodies. --- */
/* What a byte that starts no instruction of ours would be in a later version; NULL: nothing. */
static const char *later_opcode(u8 byte)
{
    switch (byte) {
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0a:
    case 0x18:
    case 0x19:
    case 0x1f: return "exception handling";
    case 0x12:
    case 0x13: return "tail call";
    case 0x14:
    case 0x15:
    case 0xd4:
    case 0xd5:
    case 0xd6: return "typed function references";
    case 0xd3:
    case 0xfb: return "garbage collection";
    case 0xfd: return "SIMD";
    case 0xfe: return "threads";
    default: return NULL;
    }
}

static status fail_opcode(struct validator *v, u8 byte)
{
    const char *proposal = later_opcode(byte);
    if (proposal)
        return reader_fail(v->r, v->at, E_UNSUPPORTED, "illegal opcode %02x: it needs the %s proposal", byte,
                           proposal);
    return FAIL(v, "illegal opcode %02x", byte);
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
    if (byte != 0xfc) {
        *out = wasm_op_of_byte(byte);
        return *out >= WASM_OP_COUNT ? fail_opcode(v, byte) : ST_OK;
    }
    TRY(reader_u32(v->r, &code));
    *out = wasm_op_find(0xfc, code);
    return *out == WASM_OP_COUNT ? FAIL(v, "illegal opcode fc %02x", code) : ST_OK;
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
        TRY(read_opcode(v, &op));
        v->info = &wasm_op_info[op];
        features |= 1u << v->info->feature;
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
    v->height = v->max_height = v->depth = v->max_depth = v->nlocals = 0;
}

/* Fills the quick table of local types and the runs' ends. */
static void expand_locals(struct validator *v, const struct wasm_functype *t, struct wasm_func *f,
                          struct wasm_local_run *runs)
{
    u32 n = t->nparams;
    for (u32 i = 0; i < t->nparams && i < LOCALS_EXPANDED; i++)
        v->locals[i] = t->types[i];
    for (u32 k = 0; k < f->nruns; k++) {
        u32 end = n + runs[k].count;
        for (u32 i = n; i < end && i < LOCALS_EXPANDED; i++)
            v->locals[i] = runs[k].type;
        n = runs[k].end = end;
    }
    v->nlocals = f->nlocals = n;
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
    for (u32 k = 0; k < f->nruns; k++) {
        TRY(reader_u32(r, &runs[k].count));
        TRY(reader_valtype(r, &runs[k].type));
        total += runs[k].count;
        if (total > UINT32_MAX)
            return reader_fail(r, at, E_INVAL, "too many locals");
    }
    TRY(reader_check_limit(r, at, LIMIT_LOCALS, total));
    f->runs = runs;
    expand_locals(v, t, f, runs);
    return ST_OK;
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
    return ST_OK;
}

status validator_const(struct validator *v, struct reader *r, rt_type want, struct wasm_const_expr *out)
{
    struct wasm_blocktype body = {.nresults = 1, .results = wasm_single_types(want)};
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
    heap_free(v);
}
