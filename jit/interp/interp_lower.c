/* Lowering: one linear pass over a validated body to threaded code for a register machine.
 *
 * The operand stack exists only here: an operand is in its own cell, or is still a local's value or a
 * constant that nobody copied yet (`local.get a; local.get b; i32.add; local.set c` is one instruction).
 * Hazards:
 *
 *   - A local is overwritten while operands still stand for it: they are copied to their cells first.
 *   - Paths that join must agree: everything is in its own cell at every block boundary and call.
 *   - What the accumulator holds (interp_priv.h) is known only since the last label.
 *   - An operand taken from the accumulator need not be stored, unless a branch on the way takes it as well.
 *
 * An instruction can be taken back while it is the last one: a comparison before a branch, an addition before
 * an access, and others are emitted again as one instruction with what follows; the target of a result is
 * redirected when it goes straight to a local. */
#include "interp_low.h"

#include <string.h>

#include "heap.h"
#include "plat.h"
#include "wasm_fuel.h"

/* --- Branches. --- */
struct target {
    u32 nvalues, height; /* values that travel; operands below where they go */
    u32 *chain;          /* NULL: backwards to `start` */
    u32 start;
    bool ends_func;
};

static struct target target_of(struct lower *l, u32 label)
{
    struct block *b = &l->blocks[l->nblocks - 1 - label];
    struct target t = {.nvalues = b->nresults, .height = b->height, .chain = &b->to_end};
    t.ends_func = label + 1 == l->nblocks;
    if (b->op == WASM_OP_LOOP)
        t.nvalues = b->nparams, t.chain = NULL, t.start = b->start;
    return t;
}

static void aim(struct lower *l, s32 *field, struct target *t)
{
    if (t->chain)
        low_chain(l, field, t->chain);
    else
        low_jump_to(l, field, t->start);
}

/* Emits a jump, joined with copies right before it; returns its field. */
static s32 *emit_jump_field(struct lower *l)
{
    u32 copies = l->st == ST_OK ? l->copies : 0;
    struct ins_copy2 moves;
    if (copies) {
        memcpy(&moves, l->text + l->copy_at, copies == 2 ? sizeof moves : sizeof(struct ins_2));
        l->bytes = l->copy_at;
        l->nmap -= l->want_map;
    }
    if (copies == 1) {
        EMIT(ins_copy_jump, i, COPY_JUMP);
        i->d = moves.d;
        i->a = moves.a;
        return &i->to;
    }
    if (copies == 2) {
        EMIT(ins_copy2_jump, i, COPY2_JUMP);
        *i = (struct ins_copy2_jump){i->h, moves.d, moves.a, moves.d2, moves.a2, 0};
        return &i->to;
    }
    EMIT(ins_jump, i, JUMP);
    return &i->to;
}

static void emit_jump(struct lower *l, struct target *t)
{
    aim(l, emit_jump_field(l), t);
}

/* Whether the top values lie elsewhere than where `t` wants them, once they are in their cells. */
static bool must_move(const struct lower *l, const struct target *t)
{
    return t->nvalues && l->height - t->nvalues != t->height;
}

/* Moves the top `n` operands (without popping them) down to the cells from `to` on. Ascending: no value is
 * overwritten before it has moved. Many are one instruction: code stays linear in the size of the body. */
static void emit_moves(struct lower *l, u32 to, u32 n)
{
    u32 first = l->height - n;
    if (n <= 2) {
        for (u32 k = 0; k < n; k++)
            low_move(l, to + k, &l->values[first + k], first + k);
        return;
    }
    low_flush(l);
    if (to == low_cell(l, first))
        return;
    EMIT(ins_move, i, MOVE);
    i->d = to;
    i->a = low_cell(l, first);
    i->count = n;
    low_forget(l);
}

/* Leaves the function with the top `nresults` operands. */
static void emit_return(struct lower *l)
{
    u32 n = l->nresults, first = l->height - n;
    if (n == 1) {
        struct value *v = &l->values[first];
        if (v->kind == VALUE_CONST) {
            EMIT(ins_imm64, i, RETURN_I);
            i->imm = v->bits;
            return;
        }
        if (v->kind == VALUE_CELL && l->last.valid && l->last.dest == low_cell(l, first)) {
            /* no operand can stand for local 0 any more that would be read */
            ((struct ins_1 *)(void *)(l->text + l->last.at))->d = 0;
        } else {
            u32 from = v->kind == VALUE_LOCAL ? v->local : low_cell(l, first);
            EMIT(ins_1, i, RETURN_R);
            i->d = from;
            return;
        }
    } else if (n > 1) {
        low_flush(l); /* their values may be in the very locals that are overwritten now */
        emit_moves(l, 0, n);
    }
    low_emit_plain(l, PLAIN_RETURN);
}

static void lower_br(struct lower *l, u32 label)
{
    struct target t = target_of(l, label);
    if (t.ends_func) {
        emit_return(l);
        return;
    }
    emit_moves(l, low_cell(l, t.height), t.nvalues);
    emit_jump(l, &t);
}

/* A condition taken from the operand stack: an operation to fuse with the branch, a cell, or a constant; or a
 * reference that is null. */
struct cond {
    bool fused, constant, null;
    struct alu alu;
    u32 cell;
    u32 value;
};

static struct cond pop_cond(struct lower *l)
{
    struct value v = low_pop(l);
    struct cond c = {.cell = low_cell(l, l->height)};
    if (v.kind == VALUE_CONST) {
        c.constant = true;
        c.value = (u32)v.bits;
    } else if (v.kind == VALUE_LOCAL) {
        c.cell = v.local;
    } else if (l->last.valid && l->last.is_alu && l->last.dest == c.cell &&
               interp_alu_find(l->last.op, SENSE_IF, l->last.form)) {
        c.fused = true;
        c.alu = (struct alu){l->last.op, l->last.form, l->last.a, l->last.b, l->last.imm};
        low_undo(l);
    }
    return c;
}

/* `i += c` right before a comparison of it; NULL: it is not that. */
static s32 *emit_test(struct lower *l, const struct cond *c, enum interp_sense sense)
{
    const struct last *p = &l->last;
    struct alu x = c->alu;
    if (!c->fused)
        x = (struct alu){.op = WASM_OP_I32_NE, .form = FORM_AI};
    if (INTERP_SMALL || c->null || sense != SENSE_IF || !p->valid || !p->is_alu || p->op != WASM_OP_I32_ADD ||
        p->form != FORM_RI || l->acc.at != p->at || l->acc.cell == NONE ||
        (c->fused ? x.form == FORM_RR : c->cell != l->acc.cell))
        return NULL;
    if (x.form == FORM_RA && low_exchanged(x.op))
        x.op = low_exchanged(x.op), x.form = FORM_AR;
    if (x.form != FORM_AI && x.form != FORM_AR)
        return NULL;
    for (u32 k = 0; k < INTERP_TESTS; k++) {
        const struct interp_test *t = &interp_tests[k];
        if (t->op != x.op)
            continue;
        struct ins_test ins = {.d = p->dest, .a = p->a, .step = (u32)p->imm, .b = x.a};
        if (x.form == FORM_AI)
            ins.b = (u32)x.imm;
        low_undo(l);
        struct ins_test *i = low_emit(l, x.form == FORM_AI ? t->constant : t->cell, sizeof *i);
        ins.h = i->h;
        *i = ins;
        l->acc = (struct acc){.cell = ins.d, .class = ACC_INT}; /* the counter went through it */
        return &i->to;
    }
    return NULL;
}

/* Emits a jump for when the condition is (`sense` SENSE_IF) or is not fulfilled; returns the jump's field.
 * Copies may have been emitted since pop_cond(): they keep the accumulator. */
static s32 *emit_cond(struct lower *l, const struct cond *c, enum interp_sense sense)
{
    s32 *field = emit_test(l, c, sense);
    if (field)
        return field;
    if (c->null) {
        struct ins_br *i = low_emit_plain(l, sense == SENSE_IF ? PLAIN_IF_NULL : PLAIN_IF_NON_NULL);
        i->a = c->cell;
        return &i->to;
    }
    if (c->fused)
        return low_alu_branch(l, &c->alu, sense);
    if (low_take_acc(l, c->cell, ACC_INT)) {
        struct ins_jump *i = low_emit_plain(l, sense == SENSE_IF ? PLAIN_IF_A : PLAIN_UNLESS_A);
        return &i->to;
    }
    struct ins_br *i = low_emit_plain(l, sense == SENSE_IF ? PLAIN_IF_R : PLAIN_UNLESS_R);
    i->a = c->cell;
    return &i->to;
}

/* A constant condition becomes one in a cell: rare, and not worth a path of its own. */
static void settle_cond(struct lower *l, struct cond *c)
{
    if (c->constant)
        low_const(l, c->cell, c->value);
}

/* A branch for when the condition is (SENSE_IF) or is not fulfilled. */
static void branch_if(struct lower *l, u32 label, const struct cond *c, enum interp_sense sense)
{
    struct target t = target_of(l, label);
    low_flush(l);
    if (!must_move(l, &t)) {
        aim(l, emit_cond(l, c, sense), &t);
        low_keep_from(l, low_cell(l, l->height - t.nvalues));
        return;
    }
    u32 skip = NONE;
    low_chain(l, emit_cond(l, c, sense == SENSE_IF ? SENSE_UNLESS : SENSE_IF), &skip);
    emit_moves(l, low_cell(l, t.height), t.nvalues);
    emit_jump(l, &t);
    low_bind(l, &skip);
}

static void lower_br_if(struct lower *l, u32 label)
{
    struct cond c = pop_cond(l);
    settle_cond(l, &c);
    branch_if(l, label, &c, SENSE_IF);
}

/* The top operand, a reference, is looked at and stays; returns where it is. */
static u32 peek_ref(struct lower *l)
{
    struct value v = low_pop(l);
    u32 cell = low_in_cell(l, &v, l->height);
    low_keep_from(l, cell);
    if (v.kind == VALUE_LOCAL)
        low_push_local(l, v.local);
    else
        low_push_cell(l);
    return cell;
}

/* The values travel; the reference stays behind. */
static void lower_br_on_null(struct lower *l, u32 label)
{
    u32 cell = peek_ref(l);
    struct value v = low_pop(l);
    struct cond c = {.null = true, .cell = cell};
    branch_if(l, label, &c, SENSE_IF);
    if (v.kind == VALUE_LOCAL)
        low_push_local(l, v.local);
    else
        low_push_cell(l);
}

/* The reference is the last value that travels. */
static void lower_br_on_non_null(struct lower *l, u32 label)
{
    struct cond c = {.null = true, .cell = peek_ref(l)};
    branch_if(l, label, &c, SENSE_UNLESS);
    low_pop(l);
}

/* `i32.const c; i32.add; br_table`: the constant joins the table; *cell becomes the other operand's. */
static u32 take_bias(struct lower *l, u32 *cell)
{
    struct address x;
    if (*cell < l->nlocals || !l->last.valid || (l->last.form != FORM_RI && l->last.form != FORM_AI))
        return 0;
    if (l->last.form == FORM_AI && l->last.before.cell == NONE)
        return 0;
    if (!low_take_sum(l, *cell, &x))
        return 0;
    *cell = l->acc.cell != NONE && x.form == ADDR_AI ? l->acc.cell : x.a;
    return x.b;
}

static void lower_br_table(struct lower *l, const struct wasm_instr *in)
{
    u32 index = low_pop_cell(l), count = in->u.br_table.count, bias = take_bias(l, &index);
    low_flush(l);
    bool acc = low_take_acc(l, index, ACC_INT);
    struct ins_table *i = low_emit_plain(l, acc ? PLAIN_TABLE_A : PLAIN_TABLE_R);
    i->a = index;
    i->bias = bias;
    i->count = count;
    u32 at = l->bytes;
    u64 need = (u64)l->bytes + ((u64)count + 1) * sizeof(s32);
    if (need > (u64)INT32_MAX / 2)
        l->st = E_LIMIT;
    if (l->st != ST_OK || !low_grow(l, (void **)&l->text, &l->cap, (u32)need, 1))
        return;
    l->bytes = (u32)need;
    const u8 *p = in->u.br_table.labels;
    for (u32 k = 0; k <= count; k++) {
        struct target t = target_of(l, wasm_read_u32(&p));
        u32 field = at + k * (u32)sizeof(s32);
        if (must_move(l, &t)) { /* by way of moves of its own behind the table */
            low_jump_to(l, (s32 *)(void *)(l->text + field), l->bytes);
            emit_moves(l, low_cell(l, t.height), t.nvalues);
            emit_jump(l, &t);
        } else {
            aim(l, (s32 *)(void *)(l->text + field), &t);
        }
    }
    low_forget(l);
}

/* --- Blocks. --- */
struct block *low_push_block(struct lower *l, enum wasm_opcode op, const struct wasm_blocktype *t)
{
    if (!low_grow(l, (void **)&l->blocks, &l->blocks_cap, l->nblocks + 1, sizeof *l->blocks))
        return NULL;
    struct block *b = &l->blocks[l->nblocks++];
    u32 nparams = low_cells_of(t->params, t->nparams);
    *b = (struct block){.op = op,
                        .height = l->height - nparams,
                        .nparams = nparams,
                        .nresults = low_cells_of(t->results, t->nresults),
                        .type = *t,
                        .to_end = NONE,
                        .to_else = NONE};
    return b;
}

/* A function's entry (`which` 0) and every loop's header count towards a copy, and pay for what follows; see
 * wasm_fuel.h. */
static void lower_count(struct lower *l, u32 which)
{
    if (!INTERP_SMALL)
        low_emit_plain(l, PLAIN_TURN);
    if (!l->costs)
        return;
    EMIT(ins_fuel, i, FUEL);
    i->cost = l->costs[which];
}

static void number_loop(struct lower *l, u32 header)
{
    ASSERT(l->nloops < l->wf->nloops);
    l->loops[l->nloops++] = header;
}

static void lower_block(struct lower *l, const struct wasm_instr *in)
{
    struct cond c;
    if (in->op == WASM_OP_IF) {
        c = pop_cond(l);
        settle_cond(l, &c);
    }
    low_flush(l);
    struct block *b = low_push_block(l, in->op, &in->u.block);
    if (!b)
        return;
    if (in->op == WASM_OP_IF) {
        low_chain(l, emit_cond(l, &c, SENSE_UNLESS), &b->to_else);
        low_keep_from(l, low_cell(l, b->height)); /* both arms take the parameters */
    } else if (in->op == WASM_OP_LOOP) {
        low_forget(l);
        b->start = l->bytes;
        number_loop(l, l->bytes);
        lower_count(l, l->nloops);
    }
}

void low_set_operands(struct lower *l, u32 height, const rt_type *types, u32 n)
{
    while (l->height > height)
        low_pop(l);
    low_push_cells(l, types, n);
    l->clean = l->height;
}

void low_exit_block(struct lower *l, bool reachable)
{
    if (!reachable)
        return;
    low_flush(l);
    low_chain(l, emit_jump_field(l), &l->blocks[l->nblocks - 1].to_end);
}

u32 low_label_cell(struct lower *l, u32 label)
{
    return low_cell(l, target_of(l, label).height);
}

/* Leaves the function with its results in the lowest operand cells. */
static void return_operands(struct lower *l)
{
    u32 from = low_cell(l, 0);
    if (l->nresults == 1) {
        EMIT(ins_1, i, RETURN_R);
        i->d = from;
        return;
    }
    if (l->nresults > 1 && from > 0) {
        EMIT(ins_move, i, MOVE);
        i->a = from;
        i->count = l->nresults;
    }
    low_emit_plain(l, PLAIN_RETURN);
}

void low_branch_there(struct lower *l, u32 label)
{
    struct target t = target_of(l, label);
    if (t.ends_func) {
        return_operands(l);
        return;
    }
    EMIT(ins_jump, i, JUMP);
    aim(l, &i->to, &t);
}

/* `reachable`: whether control arrives from above. Returns whether the code behind is reachable. */
static bool lower_else(struct lower *l, bool reachable)
{
    struct block *b = &l->blocks[l->nblocks - 1];
    low_exit_block(l, reachable);
    low_bind(l, &b->to_else);
    b->op = WASM_OP_ELSE;
    low_set_operands(l, b->height, b->type.params, b->type.nparams);
    return true;
}

bool low_end(struct lower *l, bool reachable)
{
    struct block *b = &l->blocks[l->nblocks - 1];
    if (b->ncatches) {
        low_exit_block(l, reachable);
        low_clauses(l, b);
        reachable = false;
    }
    l->ncaught -= b->op == WASM_OP_CATCH || b->op == WASM_OP_CATCH_ALL;
    bool joined = b->to_end != NONE || b->to_else != NONE;
    if (l->nblocks == 1 && reachable && !joined) {
        emit_return(l);
    } else if (joined) {
        if (reachable)
            low_flush(l);
        low_bind(l, &b->to_end);
        low_bind(l, &b->to_else); /* `if` without `else`: parameters are the results */
        low_set_operands(l, b->height, b->type.results, b->type.nresults);
        if (l->nblocks == 1)
            emit_return(l);
    }
    l->nblocks--;
    return reachable || joined;
}

/* --- Calls, memories, tables. --- */
static void helper_results(struct lower *l, u32 nparams, u32 nresults)
{
    l->height -= nparams; /* all are in their cells */
    while (nresults--)
        low_push_cell(l);
    l->clean = l->height;
    low_forget(l);
}

static void call_results(struct lower *l, const struct wasm_functype *t)
{
    l->height -= t->sig->param_cells;
    low_push_cells(l, t->types + t->nparams, t->nresults);
    l->clean = l->height;
    low_forget(l);
}

static void lower_call(struct lower *l, u32 func)
{
    const struct wasm_functype *t = wasm_func_type(l->m, func);
    low_flush(l);
    struct ins_call *i = low_emit_plain(l, func < l->m->imp_funcs ? PLAIN_CALL_SLOT : PLAIN_CALL);
    i->base = low_cell(l, l->height - t->sig->param_cells);
    i->callee = l->f->inst->funcs[func];
    call_results(l, t);
}

static void lower_call_indirect(struct lower *l, u32 type, u32 table)
{
    const struct wasm_functype *t = &l->m->types[type];
    u32 index = low_pop_cell(l);
    low_flush(l);
    struct ins_call_indirect *i =
        low_emit_plain(l, l->m->tables[table].limits.is64 ? PLAIN_CALL_INDIRECT64 : PLAIN_CALL_INDIRECT);
    i->base = low_cell(l, l->height - t->sig->param_cells);
    i->a = index;
    i->table = table;
    i->sig_id = t->sig->id;
    call_results(l, t);
}

/* An operation of the runtime: operands in their cells, at most one result. */
static void lower_helper(struct lower *l, enum interp_plain p, u32 nparams, u32 nresults, u32 x, u32 y,
                         u32 wide)
{
    low_flush(l);
    struct ins_helper *i = low_emit_plain(l, p);
    i->base = low_cell(l, l->height - nparams);
    i->x = x;
    i->y = y;
    i->wide = wide;
    helper_results(l, nparams, nresults);
}

static void lower_call_ref(struct lower *l, u32 type)
{
    const struct wasm_functype *t = &l->m->types[type];
    u32 ref = low_pop_cell(l);
    low_flush(l);
    EMIT(ins_call_ref, i, CALL_REF);
    i->base = low_cell(l, l->height - t->sig->param_cells);
    i->a = ref;
    call_results(l, t);
}

static void lower_tail_call(struct lower *l, const struct wasm_instr *in)
{
    bool direct = in->op == WASM_OP_RETURN_CALL, indirect = in->op == WASM_OP_RETURN_CALL_INDIRECT;
    const struct wasm_functype *t = direct     ? wasm_func_type(l->m, in->u.index)
                                    : indirect ? &l->m->types[in->u.pair.a]
                                               : &l->m->types[in->u.index];
    u32 target = direct ? NONE : low_pop_cell(l), cells = t->sig->param_cells;
    low_flush(l);
    u32 base = low_cell(l, l->height - t->sig->param_cells);
    /* A function that catches gives its frame up first: what the callee throws is not its own. */
    u32 leave = l->wf->flags & WASM_FUNC_HANDLERS ? PLAIN_LEAVE_CALL - PLAIN_TAIL_CALL : 0;
    if (direct) {
        struct ins_tail_call *i = low_emit_plain(l, PLAIN_TAIL_CALL + leave);
        *i = (struct ins_tail_call){i->h, base, cells, l->f->inst->funcs[in->u.index]};
    } else if (indirect) {
        u32 table = in->u.pair.b;
        struct ins_tail_call_indirect *i = low_emit_plain(
            l, (l->m->tables[table].limits.is64 ? PLAIN_TAIL_CALL_INDIRECT64 : PLAIN_TAIL_CALL_INDIRECT) +
                   leave);
        *i = (struct ins_tail_call_indirect){i->h, base, target, table, t->sig->id, cells};
    } else {
        struct ins_tail_call_ref *i = low_emit_plain(l, PLAIN_TAIL_CALL_REF + leave);
        *i = (struct ins_tail_call_ref){i->h, base, target, cells};
    }
}

/* Which operands (destination, source or value, count) have 64 bits. */
static u32 wide_fill(const struct wasm_limits *to)
{
    return to->is64 ? 5 : 0;
}

static u32 wide_copy(const struct wasm_limits *to, const struct wasm_limits *from)
{
    return (u32)to->is64 | (u32)from->is64 << 1 | (u32)(to->is64 && from->is64) << 2;
}

static void lower_memory(struct lower *l, const struct wasm_instr *in)
{
    const struct wasm_memtype *mems = l->m->mems;
    u32 x = in->u.index, a = in->u.pair.a, b = in->u.pair.b;
    switch ((int)in->op) {
    case WASM_OP_MEMORY_SIZE: lower_helper(l, PLAIN_MEMORY_SIZE, 0, 1, x, 0, 0); break;
    case WASM_OP_MEMORY_GROW: lower_helper(l, PLAIN_MEMORY_GROW, 1, 1, x, 0, mems[x].limits.is64); break;
    case WASM_OP_MEMORY_INIT: lower_helper(l, PLAIN_MEMORY_INIT, 3, 0, a, b, mems[b].limits.is64); break;
    case WASM_OP_MEMORY_COPY:
        lower_helper(l, PLAIN_MEMORY_COPY, 3, 0, a, b, wide_copy(&mems[a].limits, &mems[b].limits));
        break;
    case WASM_OP_MEMORY_FILL:
        lower_helper(l, PLAIN_MEMORY_FILL, 3, 0, x, 0, wide_fill(&mems[x].limits));
        break;
    default: lower_helper(l, PLAIN_DATA_DROP, 0, 0, x, 0, 0);
    }
}

static void lower_table(struct lower *l, const struct wasm_instr *in)
{
    const struct wasm_tabletype *tables = l->m->tables;
    u32 x = in->u.index, a = in->u.pair.a, b = in->u.pair.b;
    switch ((int)in->op) {
    case WASM_OP_TABLE_GET: lower_helper(l, PLAIN_TABLE_GET, 1, 1, x, 0, tables[x].limits.is64); break;
    case WASM_OP_TABLE_SET: lower_helper(l, PLAIN_TABLE_SET, 2, 0, x, 0, tables[x].limits.is64); break;
    case WASM_OP_TABLE_SIZE: lower_helper(l, PLAIN_TABLE_SIZE, 0, 1, x, 0, 0); break;
    case WASM_OP_TABLE_GROW:
        lower_helper(l, PLAIN_TABLE_GROW, 2, 1, x, 0, (u32)tables[x].limits.is64 << 1);
        break;
    case WASM_OP_TABLE_FILL:
        lower_helper(l, PLAIN_TABLE_FILL, 3, 0, x, 0, wide_fill(&tables[x].limits));
        break;
    case WASM_OP_TABLE_COPY:
        lower_helper(l, PLAIN_TABLE_COPY, 3, 0, a, b, wide_copy(&tables[a].limits, &tables[b].limits));
        break;
    case WASM_OP_TABLE_INIT: lower_helper(l, PLAIN_TABLE_INIT, 3, 0, a, b, tables[b].limits.is64); break;
    default: lower_helper(l, PLAIN_ELEM_DROP, 0, 0, x, 0, 0);
    }
}

static void lower_as_non_null(struct lower *l)
{
    u32 cell = peek_ref(l);
    EMIT(ins_1, i, NON_NULL);
    i->d = cell;
}

/* --- The pass. --- */
static void lower_special(struct lower *l, const struct wasm_instr *in)
{
    u32 x = in->u.index, a = in->u.pair.a, b = in->u.pair.b;
    switch ((int)in->op) {
    case WASM_OP_NOP: break;
    case WASM_OP_CALL: lower_call(l, x); break;
    case WASM_OP_CALL_INDIRECT: lower_call_indirect(l, a, b); break;
    case WASM_OP_CALL_REF: lower_call_ref(l, x); break;
    case WASM_OP_REF_AS_NON_NULL: lower_as_non_null(l); break;
    case WASM_OP_BR_ON_NULL: lower_br_on_null(l, x); break;
    case WASM_OP_BR_ON_NON_NULL: lower_br_on_non_null(l, x); break;
    case WASM_OP_DROP:
        if (low_is_vector(l))
            low_pop(l);
        low_pop(l);
        break;
    case WASM_OP_SELECT:
    case WASM_OP_SELECT_T: low_select(l); break;
    case WASM_OP_LOCAL_GET: low_local_get(l, x); break;
    case WASM_OP_LOCAL_SET: low_set(l, x, false); break;
    case WASM_OP_LOCAL_TEE: low_set(l, x, true); break;
    case WASM_OP_GLOBAL_GET: low_global_get(l, x); break;
    case WASM_OP_GLOBAL_SET: low_global_set(l, x); break;
    case WASM_OP_I32_CONST: low_push_const(l, (u32)in->u.i32); break;
    case WASM_OP_I64_CONST: low_push_const(l, (u64)in->u.i64); break;
    case WASM_OP_F32_CONST: low_push_const(l, in->u.f32_bits); break;
    case WASM_OP_F64_CONST: low_push_const(l, in->u.f64_bits); break;
    case WASM_OP_REF_NULL: low_push_const(l, 0); break;
    case WASM_OP_REF_FUNC: low_push_const(l, (u64)(uintptr_t)l->f->inst->funcs[x]); break;
    case WASM_OP_REF_IS_NULL: low_alu1(l, WASM_OP_I64_EQZ); break;
    default: panic("interpreter: cannot lower %s", wasm_op_info[in->op].text);
    }
}

/* Returns whether the code behind is reachable. */
static bool lower_control(struct lower *l, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF: lower_block(l, in); return true;
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE: low_try(l, in); return true;
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL: low_catch(l, in, true); return true;
    case WASM_OP_DELEGATE: return low_delegate(l, in->u.index, true);
    case WASM_OP_THROW: low_throw(l, in->u.index); return false;
    case WASM_OP_THROW_REF: low_throw_ref(l); return false;
    case WASM_OP_RETHROW: low_rethrow(l, in->u.index); return false;
    case WASM_OP_ELSE: return lower_else(l, true);
    case WASM_OP_END: return low_end(l, true);
    case WASM_OP_BR: lower_br(l, in->u.index); return false;
    case WASM_OP_BR_IF: lower_br_if(l, in->u.index); return true;
    case WASM_OP_BR_TABLE: lower_br_table(l, in); return false;
    case WASM_OP_RETURN: emit_return(l); return false;
    case WASM_OP_UNREACHABLE: low_emit_plain(l, PLAIN_UNREACHABLE); return false;
    case WASM_OP_RETURN_CALL:
    case WASM_OP_RETURN_CALL_INDIRECT:
    case WASM_OP_RETURN_CALL_REF: lower_tail_call(l, in); return false;
    default: lower_special(l, in); return true;
    }
}

/* In dead code only the nesting matters (and loops have numbers). Returns whether code is reachable again. */
static bool skip_dead(struct lower *l, const struct wasm_instr *in, u32 *depth)
{
    switch ((int)in->op) {
    case WASM_OP_LOOP:
        number_loop(l, UINT32_MAX);
        ++*depth;
        return false;
    case WASM_OP_BLOCK:
    case WASM_OP_IF:
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE: ++*depth; return false;
    case WASM_OP_ELSE: return *depth == 0 && lower_else(l, false);
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
        if (*depth == 0)
            low_catch(l, in, false);
        return *depth == 0;
    case WASM_OP_DELEGATE:
        if (*depth == 0)
            return low_delegate(l, in->u.index, false);
        --*depth;
        return false;
    case WASM_OP_END:
        if (*depth == 0)
            return low_end(l, false);
        --*depth;
        return false;
    default: return false;
    }
}

static void lower_body(struct lower *l)
{
    bool reachable = true;
    u32 dead_depth = 0;
    const struct rt_sig *sig = l->f->sig;
    l->pos = (u32)(l->wf->body - l->m->bytes);
    lower_count(l, 0);
    if (l->wf->flags & WASM_FUNC_HANDLERS)
        low_emit_plain(l, PLAIN_HANDLERS);
    low_push_block(l, WASM_OP_BLOCK,
                   &(struct wasm_blocktype){.nresults = sig->nresults, .results = sig->types + sig->nparams});
    for (const u8 *p = l->wf->body; p < l->wf->end && l->st == ST_OK;) {
        struct wasm_instr in;
        wasm_read_instr(l->m, p, &in);
        l->pos = (u32)(p - l->m->bytes);
        p = in.next;
        if (!reachable) {
            reachable = skip_dead(l, &in, &dead_depth);
            continue;
        }
        switch (wasm_op_info[in.op].kind) {
        case WASM_KIND_ALU:
            if (wasm_op_info[in.op].sig[1] == '_')
                low_alu1(l, in.op);
            else
                low_alu2(l, in.op);
            break;
        case WASM_KIND_LOAD: low_load(l, &in); break;
        case WASM_KIND_STORE: low_store(l, &in); break;
        case WASM_KIND_SIMD: low_simd(l, &in); break;
        case WASM_KIND_MEMORY: lower_memory(l, &in); break;
        case WASM_KIND_TABLE: lower_table(l, &in); break;
        default: reachable = lower_control(l, &in);
        }
    }
}

/* A copy costs about as much as so many turns and one more for so many bytes of text save. */
enum { YOUNG_TURNS = 100, YOUNG_BYTES = 6 };

/* Words of interp_code.starts. */
static size_t start_words(const struct lower *l)
{
    return INTERP_SMALL ? 0 : l->bytes / sizeof(u32) / 64 + 1;
}

/* A table at the end may be longer than what was marked. */
static void finish_starts(const struct lower *l, struct interp_code *c, u64 *to)
{
    size_t n = start_words(l), known = n < l->starts_cap ? n : l->starts_cap;
    memcpy(to, l->starts, known * sizeof *to);
    memset(to + known, 0, (n - known) * sizeof *to);
    c->starts = to;
}

static status finish(struct lower *l, struct interp_code **out)
{
    size_t clauses = (l->bytes + 7u) & ~(size_t)7;
    size_t starts = clauses + l->nclauses * sizeof *l->clauses;
    size_t loops = starts + start_words(l) * sizeof *l->starts;
    struct interp_code *c = heap_alloc(sizeof *c + loops + l->nloops * sizeof(u32));
    if (!c)
        return E_NOMEM;
    struct rt_instance *inst = l->f->inst;
    const struct rt_sig *sig = l->f->sig;
    u32 frame = l->nlocals + wasm_func_stack_cells(l->wf) + l->max_caught;
    *c = (struct interp_code){.bytes = l->bytes,
                              .young = interp_copy_after ? (s32)(interp_copy_after - 1)
                                                         : (s32)(YOUNG_TURNS + l->bytes / YOUNG_BYTES),
                              .nparams = sig->param_cells,
                              .nlocals = l->nlocals,
                              .nloops = l->nloops,
                              .catches = l->wf->flags & WASM_FUNC_HANDLERS,
                              .nclauses = l->nclauses,
                              .ncaught = l->max_caught,
                              .caught_cell = frame - l->max_caught,
                              .mem = l->m->nmems ? inst->mems[0]->base : NULL};
    /* One more: locals are zeroed in pairs. */
    c->frame_cells = (frame > rt_sig_cells(sig) ? frame : rt_sig_cells(sig)) + 1;
    memcpy(c->text, l->text, l->bytes);
    if (l->nclauses)
        memcpy(c->text + clauses, l->clauses, l->nclauses * sizeof *l->clauses);
    c->clauses = (const struct interp_clause *)(const void *)(c->text + clauses);
    if (!INTERP_SMALL)
        finish_starts(l, c, (u64 *)(void *)(c->text + starts));
    memcpy(c->text + loops, l->loops, l->nloops * sizeof(u32));
    c->loops = (const u32 *)(const void *)(c->text + loops);
    *out = c;
    return ST_OK;
}

static bool allocate(struct lower *l)
{
    l->values = heap_calloc(wasm_func_stack_cells(l->wf) + 1, sizeof *l->values);
    l->newest = heap_alloc((l->nlocals + 1) * sizeof *l->newest);
    l->loops = heap_calloc(l->wf->nloops + 1, sizeof *l->loops);
    if (rt_fuel_limited)
        l->costs = heap_calloc(wasm_fuel_words(l->wf), sizeof *l->costs);
    if (!l->values || !l->newest || !l->loops || (rt_fuel_limited && !l->costs))
        return false;
    if (l->costs)
        wasm_fuel_costs(l->m, l->wf, l->costs);
    memset(l->newest, 0xff, l->nlocals * sizeof *l->newest);
    return true;
}

status interp_lower_func(const struct rt_func *f, struct interp_code **out, struct interp_map **map,
                         u32 *nmap)
{
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    TRY(wasm_func_complete(m, f->index, NULL));
    struct lower l = {.m = m,
                      .wf = wf,
                      .f = f,
                      .nlocals = wf->local_cells,
                      .nresults = f->sig->result_cells,
                      .acc = {.cell = NONE},
                      .want_map = map != NULL,
                      .checked = m->nmems && !f->inst->mems[0]->guarded};
    if (!allocate(&l))
        l.st = E_NOMEM;
    else
        lower_body(&l);
    if (l.st == ST_OK)
        l.st = finish(&l, out);
    heap_free(l.values);
    heap_free(l.newest);
    heap_free(l.loops);
    heap_free(l.costs);
    heap_free(l.blocks);
    heap_free(l.clauses);
    heap_free(l.text);
    heap_free(l.starts);
    if (map && l.st == ST_OK) {
        *map = l.map;
        *nmap = l.nmap;
    } else {
        heap_free(l.map);
    }
    return l.st;
}
