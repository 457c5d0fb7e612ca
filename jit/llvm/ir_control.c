/* ir_control.c: blocks, loops, branches and traps.
 *
 * A label's values go through phis at its target, one for each stack position from `base` on. Usually these
 * are the values a branch carries; in a function that is entered at a loop, they are the whole operand stack,
 * because headers of the first copy are then also reached from the second, where the values below have other
 * names. */
#include "ir_priv.h"

#include <string.h>

#include "wasm_arms.h"

LLVMValueRef ir_cond(struct ir_func *f, LLVMValueRef v)
{
    if (LLVMIsAZExtInst(v) && LLVMTypeOf(LLVMGetOperand(v, 0)) == f->x->t_i1)
        return LLVMGetOperand(v, 0);
    return LLVMBuildICmp(f->x->b, LLVMIntNE, v, ir_int(f->x->t_i32, 0), "");
}

LLVMValueRef ir_from_cond(struct ir_func *f, LLVMValueRef c)
{
    return LLVMBuildZExt(f->x->b, c, f->x->t_i32, "");
}

LLVMValueRef ir_br_cond(struct ir_func *f, LLVMValueRef cond, LLVMBasicBlockRef rare, LLVMBasicBlockRef usual)
{
    LLVMValueRef br = LLVMBuildCondBr(f->x->b, cond, rare, usual);
    LLVMSetMetadata(br, f->x->md_prof, f->x->unlikely);
    return br;
}

/* --- Traps: one block a kind at the end of the function. --- */

void ir_trap_block(struct ir_func *f, LLVMBasicBlockRef at, LLVMValueRef code)
{
    struct ir_unit *x = f->x;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(x->b);
    LLVMPositionBuilderAtEnd(x->b, at);
    LLVMValueRef args[] = {f->inst, code};
    ir_call_helper(f, IR_HELPER_trap, args, 2);
    LLVMBuildUnreachable(x->b);
    LLVMPositionBuilderAtEnd(x->b, here);
}

LLVMBasicBlockRef ir_trap_target(struct ir_func *f, enum rt_trap t)
{
    if (!f->traps[t]) {
        f->traps[t] = ir_block(f);
        ir_trap_block(f, f->traps[t], ir_int(f->x->t_i32, t));
    }
    return f->traps[t];
}

void ir_trap_if(struct ir_func *f, LLVMValueRef cond, enum rt_trap t)
{
    LLVMBasicBlockRef on = ir_block(f);
    ir_br_cond(f, cond, ir_trap_target(f, t), on);
    LLVMPositionBuilderAtEnd(f->x->b, on);
}

/* --- Labels. --- */

void ir_label_push(struct ir_func *f, enum ir_label_kind kind, u32 nparams, u32 nresults,
                   const rt_type *params, const rt_type *results)
{
    if (f->nlabels == f->labels_cap) {
        u32 cap = f->labels_cap ? f->labels_cap * 2 : 16;
        struct ir_label *more = ir_alloc(f->x, cap * sizeof *more);
        if (f->nlabels)
            memcpy(more, f->labels, f->nlabels * sizeof *more);
        f->labels = more;
        f->labels_cap = cap;
    }
    u32 height = f->depth - nparams;
    u32 catching = f->nlabels ? f->labels[f->nlabels - 1].catching : 0;
    bool loop = kind == IR_LABEL_LOOP;
    f->labels[f->nlabels++] = (struct ir_label){.kind = kind,
                                                .base = f->osr ? 0 : height,
                                                .height = height,
                                                .arm = f->arm + WASM_ARM_END,
                                                .nparams = nparams,
                                                .nresults = nresults,
                                                .arity = loop ? nparams : nresults,
                                                .branch_types = loop ? params : results,
                                                .catching = catching};
}

static struct ir_label *top(struct ir_func *f)
{
    return &f->labels[f->nlabels - 1];
}

/* The value that stack position `pos` of the label's target gets from here. */
static LLVMValueRef carried(struct ir_func *f, const struct ir_label *l, u32 pos)
{
    return pos < l->height ? f->stack[pos] : f->stack[f->depth - l->arity + (pos - l->height)];
}

/* Makes the target of a label and its phis, at the first branch to it. */
static void make_target(struct ir_func *f, struct ir_label *l)
{
    struct ir_unit *x = f->x;
    if (l->target)
        return;
    LLVMBasicBlockRef here = LLVMGetInsertBlock(x->b);
    l->target = ir_block(f);
    LLVMPositionBuilderAtEnd(x->b, l->target);
    u32 n = l->height - l->base + l->arity;
    l->phis = ir_alloc(x, n * sizeof *l->phis);
    for (u32 k = 0; k < n; k++)
        l->phis[k] = LLVMBuildPhi(x->b, LLVMTypeOf(carried(f, l, l->base + k)), "");
    LLVMPositionBuilderAtEnd(x->b, here);
}

/* Gives the phis of `l` their values for a branch from the current block. */
void ir_carry(struct ir_func *f, struct ir_label *l)
{
    make_target(f, l);
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->x->b);
    for (u32 k = 0; k < l->height - l->base + l->arity; k++) {
        LLVMValueRef v = carried(f, l, l->base + k);
        LLVMAddIncoming(l->phis[k], &v, &from, 1);
    }
}

void ir_branch(struct ir_func *f, struct ir_label *l)
{
    if (l->kind == IR_LABEL_LOOP)
        ir_count_heat(f, 1);
    ir_carry(f, l);
    LLVMBuildBr(f->x->b, l->target);
}

void ir_restore(struct ir_func *f, const struct ir_label *l)
{
    u32 n = l->height - l->base + l->arity;
    memcpy(f->stack + l->base, l->phis, n * sizeof *f->stack);
    f->depth = l->height + l->arity;
}

void ir_place_target(struct ir_func *f, struct ir_label *l)
{
    ir_place(f, l->target);
    ir_restore(f, l);
    f->reachable = true;
}

/* --- Opening and closing. --- */

static void op_block(struct ir_func *f, const struct wasm_blocktype *t)
{
    ir_label_push(f, IR_LABEL_BLOCK, t->nparams, t->nresults, t->params, t->results);
}

/* OSR: remembers what is open at the loop that the second copy starts at. */
static void take_snapshot(struct ir_func *f, const u8 *pos)
{
    struct ir_unit *x = f->x;
    f->osr_pos = pos;
    f->osr_nlabels = f->nlabels;
    f->osr_depth = f->depth;
    f->osr_nloops = f->nloops;
    f->osr_site = f->site;
    f->osr_labels = ir_alloc(x, f->nlabels * sizeof *f->osr_labels);
    memcpy(f->osr_labels, f->labels, f->nlabels * sizeof *f->osr_labels);
    f->osr_types = ir_alloc(x, f->depth * sizeof *f->osr_types);
    for (u32 k = 0; k < f->depth; k++)
        f->osr_types[k] = LLVMTypeOf(f->stack[k]);
}

static void op_loop(struct ir_func *f, const struct wasm_blocktype *t, const u8 *pos)
{
    if (f->osr && !f->osr_labels && f->nloops == f->x->u->osr_loop)
        take_snapshot(f, pos);
    u32 which = ++f->nloops;
    ir_label_push(f, IR_LABEL_LOOP, t->nparams, t->nresults, t->params, t->results);
    struct ir_label *l = top(f);
    ir_carry(f, l);
    LLVMBuildBr(f->x->b, l->target);
    ir_place_target(f, l);
    ir_loop_begin(f);
    ir_charge_fuel(f, which); /* not on the edges: whoever enters at the loop comes through here */
}

static void op_if(struct ir_func *f, const struct wasm_blocktype *t)
{
    struct ir_unit *x = f->x;
    LLVMValueRef c = ir_cond(f, ir_pop(f));
    ir_label_push(f, IR_LABEL_IF, t->nparams, t->nresults, t->params, t->results);
    struct ir_label *l = top(f);
    LLVMBasicBlockRef then = ir_block(f);
    l->other = ir_block(f);
    l->saved = ir_alloc(x, f->depth * sizeof *l->saved);
    memcpy(l->saved, f->stack, f->depth * sizeof *l->saved);
    ir_count_cond(f, c);
    ir_weigh_cond(f, LLVMBuildCondBr(x->b, c, then, l->other));
    LLVMPositionBuilderAtEnd(x->b, then);
    ir_arm(f, l->arm + WASM_ARM_THEN);
}

/* Starts the arm of an `if` that its condition did not choose so far. */
static void place_other(struct ir_func *f, struct ir_label *l)
{
    ir_place(f, l->other);
    f->depth = l->height + l->nparams;
    memcpy(f->stack, l->saved, f->depth * sizeof *f->stack);
    f->reachable = true;
    l->other = NULL;
}

static void op_else(struct ir_func *f)
{
    struct ir_label *l = top(f);
    if (f->reachable)
        ir_branch(f, l);
    f->reachable = false;
    if (!l->other) /* the second copy, which started inside the first arm */
        return;
    place_other(f, l);
    ir_arm(f, l->arm + WASM_ARM_ELSE);
}

/* `outside`: how many of the outermost labels may catch what is thrown in the block and not caught there. */
static void close_label(struct ir_func *f, u32 outside)
{
    struct ir_label *l = top(f);
    if (l->kind == IR_LABEL_LOOP) {
        f->plain = f->plain == f->nlabels ? 0 : f->plain;
        f->nlabels--;
        return;
    }
    if (f->reachable)
        ir_branch(f, l);
    if (l->kind == IR_LABEL_IF && l->other) { /* without `else`: parameters are results */
        place_other(f, l);
        ir_branch(f, l);
    }
    f->reachable = false;
    if (l->kind == IR_LABEL_FUNC)
        return; /* build_func() makes the return, once for both copies */
    f->nlabels--;
    ir_handler_end(f, l, outside);
    if (!l->target)
        return;
    ir_place_target(f, l);
    if (l->kind == IR_LABEL_BLOCK || l->kind == IR_LABEL_IF)
        ir_arm(f, l->arm);
}

static void op_end(struct ir_func *f)
{
    close_label(f, f->nlabels - 1);
}

/* The label counts from outside of the `try` that ends here. */
static void op_delegate(struct ir_func *f, u32 label)
{
    close_label(f, f->nlabels - 1 - label);
}

/* --- Branches. --- */

static struct ir_label *label_at(struct ir_func *f, u32 depth)
{
    return &f->labels[f->nlabels - 1 - depth];
}

static void op_br(struct ir_func *f, struct ir_label *l)
{
    ir_branch(f, l);
    f->reachable = false;
}

/* Branches to `l` if `c`, with the values on the stack. Returns the branch. */
static LLVMValueRef branch_if(struct ir_func *f, struct ir_label *l, LLVMValueRef c)
{
    struct ir_unit *x = f->x;
    if (l->kind == IR_LABEL_LOOP && x->u->count_heat) {
        LLVMBasicBlockRef edge = ir_block(f), on = ir_block(f);
        LLVMValueRef br = LLVMBuildCondBr(x->b, c, edge, on);
        LLVMPositionBuilderAtEnd(x->b, edge);
        ir_branch(f, l);
        LLVMPositionBuilderAtEnd(x->b, on);
        return br;
    }
    ir_carry(f, l);
    LLVMBasicBlockRef on = ir_block(f);
    LLVMValueRef br = LLVMBuildCondBr(x->b, c, l->target, on);
    LLVMPositionBuilderAtEnd(x->b, on);
    return br;
}

static void op_br_if(struct ir_func *f, struct ir_label *l)
{
    LLVMValueRef c = ir_cond(f, ir_pop(f));
    ir_count_cond(f, c);
    ir_weigh_cond(f, branch_if(f, l, c));
    ir_arm(f, f->arm);
}

static void op_br_on_null(struct ir_func *f, struct ir_label *l)
{
    LLVMValueRef ref = ir_pop(f);
    branch_if(f, l, LLVMBuildIsNull(f->x->b, ref, ""));
    ir_push(f, ref);
}

/* The reference is the last value that the branch carries. */
static void op_br_on_non_null(struct ir_func *f, struct ir_label *l)
{
    branch_if(f, l, LLVMBuildIsNotNull(f->x->b, f->stack[f->depth - 1], ""));
    ir_pop(f);
}

/* How a br_table gets to its labels. */
struct edges {
    LLVMBasicBlockRef
        *to; /* by depth: the block that it goes through, one for all uses in the table; or NULL */
    LLVMBasicBlockRef cold; /* instead of those that nobody has gone to so far; or NULL */
};

static LLVMBasicBlockRef cold_edge(struct ir_func *f, struct edges *e)
{
    struct ir_unit *x = f->x;
    if (!e->cold) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(x->b);
        e->cold = ir_block(f);
        LLVMPositionBuilderAtEnd(x->b, e->cold);
        f->depth++; /* the index is still there: the instruction is executed again */
        ir_leave(f, f->arm);
        f->depth--;
        LLVMPositionBuilderAtEnd(x->b, here);
    }
    return e->cold;
}

static LLVMBasicBlockRef edge_to(struct ir_func *f, struct edges *e, u32 depth)
{
    struct ir_unit *x = f->x;
    if (!f->keep_loops && ir_is_cold_end(f, label_at(f, depth)))
        return cold_edge(f, e);
    if (!e->to[depth]) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(x->b);
        e->to[depth] = ir_block(f);
        LLVMPositionBuilderAtEnd(x->b, e->to[depth]);
        ir_branch(f, label_at(f, depth));
        LLVMPositionBuilderAtEnd(x->b, here);
    }
    return e->to[depth];
}

u32 ir_last_label(const struct wasm_instr *br_table)
{
    const u8 *p = br_table->u.br_table.labels;
    for (u32 k = 0; k < br_table->u.br_table.count; k++)
        wasm_read_u32(&p);
    return wasm_read_u32(&p);
}

static void op_br_table(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    LLVMValueRef index = ir_pop(f);
    struct edges e = {.to = ir_alloc(x, f->nlabels * sizeof(LLVMBasicBlockRef))};
    u32 other = ir_last_label(in);
    ir_count_index(f, index, in->u.br_table.count);
    LLVMValueRef sw = LLVMBuildSwitch(x->b, index, edge_to(f, &e, other), in->u.br_table.count);
    const u8 *p = in->u.br_table.labels;
    for (u32 k = 0; k < in->u.br_table.count; k++) {
        u32 depth = wasm_read_u32(&p);
        if (depth != other)
            LLVMAddCase(sw, ir_int(x->t_i32, k), edge_to(f, &e, depth));
    }
    ir_weigh_switch(f, sw, in);
    f->reachable = false;
}

static void op_unreachable(struct ir_func *f)
{
    LLVMBuildBr(f->x->b, ir_trap_target(f, TRAP_UNREACHABLE));
    f->reachable = false;
}

void ir_control(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_UNREACHABLE: op_unreachable(f); break;
    case WASM_OP_NOP: break;
    case WASM_OP_BLOCK: op_block(f, &in->u.block); break;
    case WASM_OP_LOOP: op_loop(f, &in->u.block, in->pos); break;
    case WASM_OP_IF: op_if(f, &in->u.block); break;
    case WASM_OP_ELSE: op_else(f); break;
    case WASM_OP_END: op_end(f); break;
    case WASM_OP_BR: op_br(f, label_at(f, in->u.index)); break;
    case WASM_OP_BR_IF: op_br_if(f, label_at(f, in->u.index)); break;
    case WASM_OP_BR_ON_NULL: op_br_on_null(f, label_at(f, in->u.index)); break;
    case WASM_OP_BR_ON_NON_NULL: op_br_on_non_null(f, label_at(f, in->u.index)); break;
    case WASM_OP_BR_TABLE: op_br_table(f, in); break;
    case WASM_OP_RETURN: op_br(f, &f->labels[0]); break;
    case WASM_OP_DELEGATE: op_delegate(f, in->u.index); break;
    default: ir_exception(f, in);
    }
}

void ir_control_dead(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_LOOP:
        f->nloops++; /* loops are numbered in code order, reached or not */
        f->dead_depth++;
        break;
    case WASM_OP_BLOCK:
    case WASM_OP_IF:
    case WASM_OP_TRY_TABLE:
    case WASM_OP_TRY: f->dead_depth++; break;
    case WASM_OP_ELSE:
        if (f->dead_depth == 0)
            op_else(f);
        break;
    case WASM_OP_END:
        if (f->dead_depth == 0)
            op_end(f);
        else
            f->dead_depth--;
        break;
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
        if (f->dead_depth == 0)
            ir_exception(f, in);
        break;
    case WASM_OP_DELEGATE:
        if (f->dead_depth == 0)
            op_delegate(f, in->u.index);
        else
            f->dead_depth--;
        break;
    default: break;
    }
}
