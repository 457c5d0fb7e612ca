/* llvm_numbers.c: executes small functions of numbers, to see which curve they are.
 *
 * Nothing of the running app is touched: calls, locals and operands are here, memory is what the data
 * segments of memory 0 say, and whatever would write, trap or ask for anything else ends the execution. So
 * what comes out is a fact about the module, if the app leaves its constants alone. */
#include "llvm_numbers.h"

#include <string.h>

#include "rt_num.h"

enum { STACK_MOST = 64, LOCALS_MOST = 64, LABELS_MOST = 48, CALLS_MOST = 6, PARAMS_MOST = 8 };
/* A curve takes some hundred steps; a branch passes over as much as the function's size. */
enum { STEPS_MOST = 4000, SIZE_MOST = 4096 };

enum { NOTHING = UINT16_MAX }; /* has written to a local */

struct label {
    const u8 *loop; /* where it goes on; NULL: behind the block's end */
    u32 height, values;
};
struct number_run {
    const struct wasm_module *m;
    struct number_trace *trace; /* or NULL */
    u32 steps, calls;
};
struct frame {
    struct number_run *run;
    const struct wasm_func *f;
    const u8 *at; /* the next instruction */
    u64 stack[STACK_MOST], locals[LOCALS_MOST];
    u16 made[STACK_MOST], local_made[LOCALS_MOST]; /* by which operation, if there is a trace */
    struct label labels[LABELS_MOST];
    u32 height, nlabels;
};

/* A value, and the operation of the trace that made it. */
struct number {
    u64 cell;
    u16 made;
};

static bool call(struct number_run *r, u32 func, const struct number *args, struct number *result);

/* The operand pushed last; of no use if there is none. */
static u64 *top_of(struct frame *f)
{
    return &f->stack[f->height ? f->height - 1 : 0];
}

/* --- The trace. --- */

/* Adds an operation. Returns its place; where there is no trace, or no more room, any. */
static u16 record(struct number_run *r, struct number_op op)
{
    struct number_trace *t = r->trace;
    if (!t)
        return 0;
    if (t->n < NUMBER_OPS_MOST)
        t->ops[t->n] = op;
    else
        r->steps = STEPS_MOST;
    return (u16)t->n++;
}

static void record_branch(struct frame *f, bool taken)
{
    u16 condition = f->made[f->height];
    (void)record(f->run, (struct number_op){.op = WASM_OP_BR_IF, .a = condition, .value = taken});
}

/* --- Cells. --- */

static u32 get_u32(u64 cell)
{
    return (u32)cell;
}
static u64 get_u64(u64 cell)
{
    return cell;
}
static f32 get_f32(u64 cell)
{
    return rt_bits_u32_f32((u32)cell);
}
static f64 get_f64(u64 cell)
{
    return rt_bits_u64_f64(cell);
}
static u64 put_u32(u32 v)
{
    return v;
}
static u64 put_u64(u64 v)
{
    return v;
}
static u64 put_f32(f32 v)
{
    return rt_bits_f32_u32(v);
}
static u64 put_f64(f64 v)
{
    return rt_bits_f64_u64(v);
}

/* --- Straight on. --- */

/* What may trap is executed only where it does not. `cell`: the last operand. */
static bool is_safe(enum wasm_opcode op, u64 cell)
{
    static const f64 most = 2147483520.0, wide = 0x1p62; /* `most`: of f32 below 2^31 */
    f64 x;
    switch ((unsigned)op) {
    case WASM_OP_I32_DIV_S:
    case WASM_OP_I32_DIV_U:
    case WASM_OP_I32_REM_S:
    case WASM_OP_I32_REM_U: return get_u32(cell) != 0 && get_u32(cell) != UINT32_MAX;
    case WASM_OP_I64_DIV_S:
    case WASM_OP_I64_DIV_U:
    case WASM_OP_I64_REM_S:
    case WASM_OP_I64_REM_U: return cell != 0 && cell != UINT64_MAX;
    case WASM_OP_I32_TRUNC_F32_S: x = get_f32(cell); return x >= -most && x <= most;
    case WASM_OP_I32_TRUNC_F64_S: x = get_f64(cell); return x >= -most && x <= most;
    case WASM_OP_I64_TRUNC_F32_S: x = get_f32(cell); return x >= -wide && x <= wide;
    case WASM_OP_I64_TRUNC_F64_S: x = get_f64(cell); return x >= -wide && x <= wide;
    case WASM_OP_I32_TRUNC_F32_U: x = get_f32(cell); return x >= 0 && x <= most;
    case WASM_OP_I32_TRUNC_F64_U: x = get_f64(cell); return x >= 0 && x <= most;
    default: return !wasm_op_info[op].may_trap;
    }
}

static bool compute_cells(struct frame *f, enum wasm_opcode op)
{
    u64 *top = top_of(f);
    if (!is_safe(op, *top))
        return false;
    switch ((unsigned)op) {
#define ALU1(id, t, result, expression, translator)                                                          \
    case WASM_OP_##id: {                                                                                     \
        t x = get_##t(top[0]);                                                                               \
        top[0] = put_##result(expression);                                                                   \
        return true;                                                                                         \
    }
#define ALU2(id, t, result, expression, translator)                                                          \
    case WASM_OP_##id: {                                                                                     \
        t x = get_##t(top[-1]), y = get_##t(top[0]);                                                         \
        top[-1] = put_##result(expression);                                                                  \
        f->height--;                                                                                         \
        return true;                                                                                         \
    }
#include "wasm_alu.def"
#undef ALU1
#undef ALU2
    default: return false;
    }
}

static bool compute(struct frame *f, enum wasm_opcode op)
{
    u32 before = f->height;
    if (!compute_cells(f, op))
        return false;
    u16 *made = &f->made[f->height - 1];
    made[0] = record(f->run,
                     (struct number_op){.op = (u16)op, .a = made[0], .b = f->height < before ? made[1] : 0});
    return true;
}

/* What the data segments put at an address; linkers leave zeros out. */
static bool constants_at(const struct wasm_module *m, u64 address, u32 bytes, u8 *to)
{
    memset(to, 0, bytes);
    for (u32 k = 0; k < m->ndata; k++) {
        const struct wasm_data *d = &m->data[k];
        struct wasm_instr in;
        if (!d->active || d->mem != 0)
            continue;
        wasm_read_instr(m, d->offset.start, &in);
        if (in.op != WASM_OP_I32_CONST)
            return false;
        for (u32 n = 0; n < bytes; n++) {
            u64 at = address + n - (u32)in.u.i32;
            if (at < d->len)
                to[n] = d->bytes[at];
        }
    }
    return m->nmems > 0 && address + bytes <= m->mems[0].limits.min * RT_PAGE;
}

static bool load_cell(struct frame *f, const struct wasm_instr *in)
{
    u64 *top = top_of(f);
    u64 address = (u64)(u32)*top + in->u.memarg.offset;
    if (in->u.memarg.mem != 0 || in->u.memarg.offset > UINT32_MAX)
        return false;
    u8 bytes[16];
    f->run->steps += f->run->m->ndata / 8;
    if (!constants_at(f->run->m, address, 1u << wasm_op_align(in->op), bytes))
        return false;
    switch ((unsigned)in->op) {
#define LOAD(id, in_memory, t)                                                                               \
    case WASM_OP_##id: {                                                                                     \
        in_memory v;                                                                                         \
        memcpy(&v, bytes, sizeof v);                                                                         \
        *top = put_##t((t)v);                                                                                \
        return true;                                                                                         \
    }
#define STORE(id, in_memory, t)
#include "wasm_mem.def"
#undef LOAD
#undef STORE
    default: return false;
    }
}

static bool load(struct frame *f, const struct wasm_instr *in)
{
    if (!load_cell(f, in))
        return false;
    u16 *made = &f->made[f->height - 1];
    *made = record(f->run, (struct number_op){.op = (u16)in->op, .a = *made, .value = in->u.memarg.offset});
    return true;
}

static bool push(struct frame *f, u64 v, u16 made)
{
    if (f->height == STACK_MOST)
        return false;
    f->made[f->height] = made;
    f->stack[f->height++] = v;
    return true;
}

static bool push_constant(struct frame *f, enum wasm_opcode op, u64 v)
{
    return push(f, v, record(f->run, (struct number_op){.op = (u16)op, .value = v}));
}

/* Of a local that nothing has been written to. */
static enum wasm_opcode zero_of(const struct frame *f, u32 local)
{
    switch ((unsigned)wasm_local_type(f->run->m, f->f, local)) {
    case RT_F32: return WASM_OP_F32_CONST;
    case RT_F64: return WASM_OP_F64_CONST;
    case RT_I64: return WASM_OP_I64_CONST;
    default: return WASM_OP_I32_CONST;
    }
}

static bool get_local(struct frame *f, u32 local)
{
    if (f->local_made[local] == NOTHING)
        return push_constant(f, zero_of(f, local), f->locals[local]);
    return push(f, f->locals[local], f->local_made[local]);
}

static void choose(struct frame *f)
{
    u64 *top = top_of(f);
    u16 *made = &f->made[f->height - 1];
    made[-2] =
        record(f->run, (struct number_op){.op = WASM_OP_SELECT, .a = made[-2], .b = made[-1], .c = made[0]});
    top[-2] = (u32)top[0] ? top[-2] : top[-1];
    f->height -= 2;
}

static bool of_variable(struct frame *f, const struct wasm_instr *in)
{
    u64 *top = top_of(f);
    switch ((unsigned)in->op) {
    case WASM_OP_DROP: f->height--; return true;
    case WASM_OP_SELECT:
    case WASM_OP_SELECT_T: choose(f); return true;
    case WASM_OP_LOCAL_GET: return get_local(f, in->u.index);
    case WASM_OP_LOCAL_SET:
    case WASM_OP_LOCAL_TEE:
        f->locals[in->u.index] = *top;
        f->local_made[in->u.index] = f->made[f->height - 1];
        f->height -= in->op == WASM_OP_LOCAL_SET;
        return true;
    default: return false;
    }
}

static bool constant(struct frame *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_I32_CONST: return push_constant(f, in->op, (u32)in->u.i32);
    case WASM_OP_I64_CONST: return push_constant(f, in->op, (u64)in->u.i64);
    case WASM_OP_F32_CONST: return push_constant(f, in->op, in->u.f32_bits);
    case WASM_OP_F64_CONST: return push_constant(f, in->op, in->u.f64_bits);
    default: return false;
    }
}

/* --- Blocks. --- */

static bool opens(enum wasm_opcode op)
{
    return op == WASM_OP_BLOCK || op == WASM_OP_LOOP || op == WASM_OP_IF || op == WASM_OP_TRY ||
           op == WASM_OP_TRY_TABLE;
}

/* Goes behind the end of the block `outward` blocks further out, or behind an else of this one. */
static void pass_over(struct frame *f, u32 outward, bool to_else)
{
    struct wasm_instr in;
    for (u32 depth = outward;; f->at = in.next) {
        wasm_read_instr(f->run->m, f->at, &in);
        if (opens(in.op))
            depth++;
        bool ends = in.op == WASM_OP_END || (to_else && in.op == WASM_OP_ELSE);
        if (depth == 0 && ends)
            break;
        if (in.op == WASM_OP_END)
            depth--;
    }
    if (in.op == WASM_OP_END)
        f->nlabels -= outward + 1;
    f->at = in.next;
}

static bool open_block(struct frame *f, const struct wasm_instr *in)
{
    bool wanted = in->op != WASM_OP_IF || (u32)f->stack[--f->height];
    if (in->op == WASM_OP_IF)
        record_branch(f, wanted);
    bool loops = in->op == WASM_OP_LOOP;
    if (f->nlabels == LABELS_MOST)
        return false;
    f->labels[f->nlabels++] = (struct label){loops ? in->next : NULL, f->height - in->u.block.nparams,
                                             loops ? in->u.block.nparams : in->u.block.nresults};
    if (!wanted)
        pass_over(f, 0, true);
    return true;
}

static void branch(struct frame *f, u32 outward)
{
    struct label to = f->labels[f->nlabels - 1 - outward];
    memmove(&f->stack[to.height], &f->stack[f->height - to.values], to.values * sizeof *f->stack);
    memmove(&f->made[to.height], &f->made[f->height - to.values], to.values * sizeof *f->made);
    f->height = to.height + to.values;
    if (to.loop) {
        f->at = to.loop;
        f->nlabels -= outward;
    } else if (outward + 1 == f->nlabels) {
        f->nlabels = 0;
    } else {
        pass_over(f, outward, false);
    }
}

static void branch_by_table(struct frame *f, const struct wasm_instr *in)
{
    u32 n = (u32)f->stack[--f->height], label = 0;
    const u8 *p = in->u.br_table.labels;
    if (n > in->u.br_table.count)
        n = in->u.br_table.count;
    for (u32 k = 0; k <= n; k++)
        label = wasm_read_u32(&p);
    branch(f, label);
}

static bool go_on(struct frame *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_NOP: return true;
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF: return open_block(f, in);
    case WASM_OP_ELSE: pass_over(f, 0, false); return true;
    case WASM_OP_END: f->nlabels--; return true;
    case WASM_OP_BR: branch(f, in->u.index); return true;
    case WASM_OP_BR_IF:
        record_branch(f, (u32)f->stack[--f->height] != 0);
        if ((u32)f->stack[f->height])
            branch(f, in->u.index);
        return true;
    case WASM_OP_BR_TABLE: branch_by_table(f, in); return !f->run->trace;
    case WASM_OP_RETURN: branch(f, f->nlabels - 1); return true;
    default: return false;
    }
}

/* --- Functions. --- */

static bool call_from(struct frame *f, const struct wasm_instr *in)
{
    if (in->op != WASM_OP_CALL)
        return false;
    const struct wasm_functype *t = wasm_func_type(f->run->m, in->u.index);
    struct number args[PARAMS_MOST], result;
    if (t->nresults != 1 || t->nparams > PARAMS_MOST)
        return false;
    f->height -= t->nparams;
    for (u32 k = 0; k < t->nparams; k++)
        args[k] = (struct number){f->stack[f->height + k], f->made[f->height + k]};
    return call(f->run, in->u.index, args, &result) && push(f, result.cell, result.made);
}

static bool step(struct frame *f)
{
    struct wasm_instr in;
    wasm_read_instr(f->run->m, f->at, &in);
    f->at = in.next;
    switch (wasm_op_info[in.op].kind) {
    case WASM_KIND_CTL: return go_on(f, &in);
    case WASM_KIND_CALL: return call_from(f, &in);
    case WASM_KIND_VAR: return of_variable(f, &in);
    case WASM_KIND_CONST: return constant(f, &in);
    case WASM_KIND_ALU: return compute(f, in.op);
    case WASM_KIND_LOAD: return load(f, &in);
    default: return false;
    }
}

static bool is_known(const struct wasm_module *m, u32 func)
{
    const struct wasm_func *f = &m->funcs[func];
    return func >= m->imp_funcs && !(f->flags & (WASM_FUNC_SKIPPED | WASM_FUNC_V128)) &&
           f->size <= SIZE_MOST && f->nlocals <= LOCALS_MOST && f->local_cells == f->nlocals;
}

static bool call(struct number_run *r, u32 func, const struct number *args, struct number *result)
{
    if (r->calls == CALLS_MOST || !is_known(r->m, func))
        return false;
    const struct wasm_functype *t = wasm_func_type(r->m, func);
    struct frame f = {.run = r, .f = &r->m->funcs[func], .at = r->m->funcs[func].body};
    if (t->nresults != 1 || t->nparams > f.f->nlocals)
        return false;
    for (u32 k = 0; k < f.f->nlocals; k++) {
        f.locals[k] = k < t->nparams ? args[k].cell : 0;
        f.local_made[k] = k < t->nparams ? args[k].made : NOTHING;
    }
    f.labels[f.nlabels++] = (struct label){NULL, 0, 1};
    r->calls++;
    while (f.nlabels) {
        if (r->steps++ >= STEPS_MOST || !step(&f))
            return false;
    }
    r->calls--;
    *result = (struct number){f.stack[0], f.made[0]};
    return true;
}

static bool execute(struct number_run *r, u32 func, f64 x, f64 *y)
{
    const struct wasm_functype *t = wasm_func_type(r->m, func);
    if (t->nparams != 1 || t->nresults != 1 || t->types[0] != t->types[1] || !rt_type_is_fp(t->types[0]))
        return false;
    bool narrow = t->types[0] == RT_F32;
    struct number number = {narrow ? put_f32((f32)x) : put_f64(x), 0};
    if (!call(r, func, &number, &number))
        return false;
    *y = narrow ? get_f32(number.cell) : get_f64(number.cell);
    if (r->trace)
        r->trace->result = number.made;
    return true;
}

bool llvm_number_of(const struct wasm_module *m, u32 func, f64 x, f64 *y)
{
    struct number_run r = {.m = m};
    return execute(&r, func, x, y);
}

bool llvm_number_trace(const struct wasm_module *m, u32 func, f64 x, f64 *y, struct number_trace *trace)
{
    struct number_run r = {.m = m, .trace = trace};
    memset(trace, 0, sizeof *trace);
    trace->n = 1; /* the argument */
    return execute(&r, func, x, y) && trace->n <= NUMBER_OPS_MOST;
}

/* --- What a function never does. --- */

static bool only_computes(const struct wasm_module *m, u32 func, u32 deep)
{
    if (deep == CALLS_MOST || !is_known(m, func))
        return false;
    struct wasm_instr in;
    u32 depth = 1;
    for (const u8 *at = m->funcs[func].body; depth; at = in.next) {
        wasm_read_instr(m, at, &in);
        switch (wasm_op_info[in.op].kind) {
        case WASM_KIND_CTL:
            depth += opens(in.op);
            depth -= in.op == WASM_OP_END;
            break;
        case WASM_KIND_CONST:
        case WASM_KIND_ALU:
        case WASM_KIND_LOAD: break;
        case WASM_KIND_VAR:
            if (in.op == WASM_OP_GLOBAL_SET)
                return false;
            break;
        case WASM_KIND_CALL:
            if (in.op != WASM_OP_CALL || !only_computes(m, in.u.index, deep + 1))
                return false;
            break;
        default: return false;
        }
    }
    return true;
}

bool llvm_number_is_pure(const struct wasm_module *m, u32 func)
{
    return only_computes(m, func, 0);
}
