/* ir_exception.c: throwing and catching.
 *
 * LLVM knows nothing of exceptions: nothing unwinds through its frames, and it needs no tables. A call inside
 * a try block goes through rt_try_call, which returns once: normally, or because something was thrown, which
 * rt_thread.exception tells. A test behind the call then branches to the handlers of the innermost block, so
 * that handlers are ordinary code of the function, and locals and operands ordinary values. Calls outside
 * pay nothing. Who cannot throw is called as outside.
 *
 * A block with handlers has a hidden label, `handler`: what is thrown inside arrives there with the exception
 * as the one value it carries. From there the clauses are tried in order; behind the last one the exception
 * goes on to the next block, or leaves the function. */
#include "ir_priv.h"

#include <string.h>

/* --- The object. --- */

static LLVMValueRef exception_addr(struct ir_unit *x)
{
    return ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, exception));
}

static LLVMValueRef tag_of_instance(struct ir_func *f, u32 tag)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, f->inst, offsetof(struct rt_instance, tags));
    LLVMValueRef tags = ir_load_const(x, x->b, x->t_ptr, at, IR_REGION_INST);
    return ir_load_const(x, x->b, x->t_ptr, ir_offset(x, x->b, tags, (u64)tag * sizeof(void *)),
                         IR_REGION_INST);
}

static const struct wasm_functype *tag_type(const struct ir_func *f, u32 tag)
{
    return &f->x->m->types[f->x->m->tags[tag]];
}

/* Pushes the values of an exception with this tag. */
static void push_values(struct ir_func *f, LLVMValueRef e, u32 tag)
{
    struct ir_unit *x = f->x;
    const struct wasm_functype *t = tag_type(f, tag);
    u64 at = offsetof(struct rt_exn, cells);
    for (u32 k = 0; k < t->nparams; k++) {
        ir_push(f, ir_load(x, x->b, ir_type(x, t->types[k]), ir_offset(x, x->b, e, at), IR_REGION_INST));
        at += rt_type_cells(t->types[k]) * sizeof(rt_cell);
    }
}

/* Pops the values for an exception with this tag, to where results are passed: nobody needs that place now.
 */
static LLVMValueRef pop_values(struct ir_func *f, u32 tag)
{
    struct ir_unit *x = f->x;
    const struct wasm_functype *t = tag_type(f, tag);
    LLVMValueRef values = ir_offset(x, x->b, x->thread, offsetof(struct rt_thread, results));
    u64 at = 0;
    f->depth -= t->nparams;
    for (u32 k = 0; k < t->nparams; k++) {
        ir_store(x, f->stack[f->depth + k], ir_offset(x, x->b, values, at), IR_REGION_THREAD);
        at += rt_type_cells(t->types[k]) * sizeof(rt_cell);
    }
    return values;
}

/* --- Where what is thrown goes. --- */

static struct ir_label *make_handler(struct ir_func *f, const struct ir_label *l)
{
    struct ir_label *h = ir_alloc(f->x, sizeof *h);
    *h = (struct ir_label){.kind = IR_LABEL_BLOCK, .base = l->base, .height = l->height, .arity = 1};
    return h;
}

/* How many of the outermost `n` labels there are up to the innermost one with handlers; 0: none has any. */
static u32 catching(const struct ir_func *f, u32 n)
{
    return n ? f->labels[n - 1].catching : 0;
}

/* The label that was opened last catches. */
static void open_handler(struct ir_func *f)
{
    struct ir_label *l = &f->labels[f->nlabels - 1];
    l->handler = make_handler(f, l);
    l->catching = f->nlabels;
}

/* Throws `e` inside the outermost `n` labels. */
static void throw_in(struct ir_func *f, LLVMValueRef e, u32 n)
{
    n = catching(f, n);
    if (n) {
        struct ir_label *h = f->labels[n - 1].handler;
        ir_push(f, e);
        ir_carry(f, h);
        ir_pop(f);
        LLVMBuildBr(f->x->b, h->target);
    } else {
        LLVMValueRef args[] = {f->inst, e};
        ir_call_helper(f, IR_HELPER_rethrow, args, 2);
        LLVMBuildUnreachable(f->x->b);
    }
    f->reachable = false;
}

/* Goes on where exceptions of this label arrive, with none pending; returns the one. */
static LLVMValueRef enter_handler(struct ir_func *f, struct ir_label *h)
{
    ir_place_target(f, h);
    ir_store(f->x, LLVMConstNull(f->x->t_ptr), exception_addr(f->x), IR_REGION_THREAD);
    return ir_pop(f);
}

/* Branches to `match` if the tag is this one; goes on if not. */
static void branch_on_tag(struct ir_func *f, LLVMValueRef e, u32 tag, LLVMBasicBlockRef match)
{
    struct ir_unit *x = f->x;
    LLVMValueRef got =
        ir_load(x, x->b, x->t_ptr, ir_offset(x, x->b, e, offsetof(struct rt_exn, tag)), IR_REGION_INST);
    LLVMBasicBlockRef on = ir_block(f);
    LLVMBuildCondBr(x->b, LLVMBuildICmp(x->b, LLVMIntEQ, got, tag_of_instance(f, tag), ""), match, on);
    LLVMPositionBuilderAtEnd(x->b, on);
}

/* --- Calls. --- */

enum answer { UNKNOWN, NO, YES };

static bool body_may_throw(struct ir_unit *x, const struct wasm_func *wf)
{
    for (const u8 *p = wf->body; p < wf->end;) {
        struct wasm_instr in;
        wasm_read_instr(x->m, p, &in);
        p = in.next;
        bool direct = in.op == WASM_OP_CALL || in.op == WASM_OP_RETURN_CALL;
        if (wasm_op_info[in.op].kind == WASM_KIND_CALL && !(direct && !ir_may_throw(x, in.u.index)))
            return true;
    }
    return false;
}

/* Leaves are known from validation; others are looked at if they are in the unit, where not throwing lets
 * them be inlined. Traps cannot be caught. */
bool ir_may_throw(struct ir_unit *x, u32 func)
{
    const struct wasm_func *wf = &x->m->funcs[func];
    if (func < x->m->imp_funcs || wf->flags & WASM_FUNC_THROWS)
        return true;
    if (!(wf->flags & WASM_FUNC_CALLS))
        return false;
    if (!x->throws)
        x->throws = ir_alloc(x, x->m->nfuncs);
    if (x->throws[func] == UNKNOWN) {
        x->throws[func] = YES; /* while it is looked at, for recursions */
        if (x->funcs[func] && !body_may_throw(x, wf))
            x->throws[func] = NO;
    }
    return x->throws[func] == YES;
}

/* The record of this activation: one is enough, because its calls do not overlap. */
static LLVMValueRef record(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    if (!f->record) {
        LLVMTypeRef t = LLVMArrayType2(x->t_i64, sizeof(struct rt_handler) / sizeof(u64));
        f->record = LLVMBuildAlloca(x->entry, t, "");
    }
    return f->record;
}

bool ir_in_try(const struct ir_func *f)
{
    return catching(f, f->nlabels) != 0;
}

bool ir_try_begin(struct ir_func *f, struct ir_target *to)
{
    struct ir_unit *x = f->x;
    if (!to->throws || !ir_in_try(f))
        return false;
    LLVMValueRef r = record(f);
    LLVMBuildStore(x->b, to->code, ir_offset(x, x->b, r, offsetof(struct rt_handler, target)));
    if (to->slot)
        LLVMBuildStore(x->b, to->slot, ir_offset(x, x->b, r, offsetof(struct rt_handler, slot)));
    if (!x->try_call) {
        /* Without parameters, so that LLVM does not try to convert arguments: each call has its own type. */
        x->try_call = LLVMAddFunction(x->mod, "rt_try_call", LLVMFunctionType(x->t_void, NULL, 0, false));
        LLVMSetVisibility(x->try_call, LLVMHiddenVisibility);
    }
    to->code = x->try_call;
    to->slot = r;
    return true;
}

void ir_try_end(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    struct ir_label *h = f->labels[catching(f, f->nlabels) - 1].handler;
    LLVMValueRef e = ir_load(x, x->b, x->t_ptr, exception_addr(x), IR_REGION_THREAD);
    ir_push(f, e);
    ir_carry(f, h);
    ir_pop(f);
    LLVMBasicBlockRef on = ir_block(f);
    ir_br_cond(f, LLVMBuildIsNotNull(x->b, e, ""), h->target, on);
    LLVMPositionBuilderAtEnd(x->b, on);
}

/* --- try_table. --- */

static void op_try_table(struct ir_func *f, const struct wasm_instr *in)
{
    const struct wasm_blocktype *t = &in->u.try_table.type;
    ir_label_push(f, IR_LABEL_TRY_TABLE, t->nparams, t->nresults, t->params, t->results);
    struct ir_label *l = &f->labels[f->nlabels - 1];
    l->catches = in->u.try_table.catches;
    l->ncatches = in->u.try_table.count;
    if (l->ncatches)
        open_handler(f);
}

static bool has_tag(enum wasm_catch_kind k)
{
    return k == WASM_CATCH || k == WASM_CATCH_REF;
}

/* Leaves by a clause, for a label among the outermost `n`. */
static void branch_by_clause(struct ir_func *f, LLVMValueRef e, const struct wasm_catch *c, u32 n)
{
    u32 depth = f->depth;
    if (has_tag(c->kind))
        push_values(f, e, c->tag);
    if (c->kind == WASM_CATCH_REF || c->kind == WASM_CATCH_ALL_REF)
        ir_push(f, e);
    ir_branch(f, &f->labels[n - 1 - c->label]);
    f->depth = depth;
}

/* Behind the block: its clauses. */
static void try_table_clauses(struct ir_func *f, struct ir_label *l, u32 outside)
{
    LLVMValueRef e = enter_handler(f, l->handler);
    const u8 *p = l->catches;
    for (u32 k = 0; k < l->ncatches; k++) {
        struct wasm_catch c;
        wasm_read_catch(&p, &c);
        LLVMBasicBlockRef match = NULL, next = NULL;
        if (has_tag(c.kind)) {
            match = ir_block(f);
            branch_on_tag(f, e, c.tag, match);
            next = LLVMGetInsertBlock(f->x->b);
            LLVMPositionBuilderAtEnd(f->x->b, match);
        }
        branch_by_clause(f, e, &c, outside);
        if (!next)
            return;
        LLVMPositionBuilderAtEnd(f->x->b, next);
    }
    throw_in(f, e, outside);
}

/* Whether the clause takes exceptions with this tag. Tags of two indices are different unless both are
 * imported: then they may be one. */
static enum answer takes(const struct ir_func *f, const struct wasm_catch *c, u32 tag)
{
    u32 imported = f->x->m->imp_tags;
    if (!has_tag(c->kind) || c->tag == tag)
        return YES;
    return c->tag < imported && tag < imported ? UNKNOWN : NO;
}

/* The first clause of try_table `l` that may take the tag; *answer NO: there is none. */
static struct wasm_catch first_clause(const struct ir_func *f, const struct ir_label *l, u32 tag,
                                      enum answer *answer)
{
    struct wasm_catch c = {.kind = WASM_CATCH};
    const u8 *p = l->catches;
    *answer = NO;
    for (u32 k = 0; k < l->ncatches && *answer == NO; k++) {
        wasm_read_catch(&p, &c);
        *answer = takes(f, &c, tag);
    }
    return c;
}

/* --- Throwing. --- */

/* Where the clause that takes the exception is known and does not want the object: a branch, and true. Else
 * nobody but the outermost `*n` labels needs to be asked. */
static bool throw_to_clause(struct ir_func *f, u32 tag, u32 *n)
{
    for (*n = catching(f, f->nlabels); *n; *n = catching(f, *n - 1)) {
        struct ir_label *l = &f->labels[*n - 1];
        enum answer answer = UNKNOWN;
        struct wasm_catch c = {.kind = WASM_CATCH};
        if (l->kind == IR_LABEL_TRY_TABLE)
            c = first_clause(f, l, tag, &answer);
        if (answer == YES && (c.kind == WASM_CATCH || c.kind == WASM_CATCH_ALL)) {
            if (c.kind == WASM_CATCH_ALL)
                f->depth -= tag_type(f, tag)->nparams;
            ir_branch(f, &f->labels[*n - 2 - c.label]);
            f->reachable = false;
            return true;
        }
        if (answer != NO)
            break;
    }
    return false;
}

static void op_throw(struct ir_func *f, u32 tag)
{
    struct ir_unit *x = f->x;
    u32 n;
    if (throw_to_clause(f, tag, &n))
        return;
    LLVMValueRef args[] = {f->inst, ir_int(x->t_i32, tag), pop_values(f, tag)};
    if (n) {
        throw_in(f, ir_call_helper(f, IR_HELPER_exn_new, args, 3), n);
        return;
    }
    ir_call_helper(f, IR_HELPER_throw, args, 3);
    LLVMBuildUnreachable(x->b);
    f->reachable = false;
}

static void op_throw_ref(struct ir_func *f)
{
    LLVMValueRef e = ir_not_null(f, ir_pop(f), TRAP_NULL_EXCEPTION);
    throw_in(f, e, f->nlabels);
}

/* --- The older instructions. A catch body is a label of its own kind, and keeps the exception for `rethrow`
 * in a variable, one for each such body that is open. --- */

/* How many catch bodies are open around label `n`: the number of its variable. */
static u32 catch_depth(const struct ir_func *f, u32 n)
{
    u32 depth = 0;
    for (u32 k = 0; k < n; k++)
        depth += f->labels[k].kind == IR_LABEL_CATCH;
    return depth;
}

static LLVMValueRef caught_var(struct ir_func *f, u32 n)
{
    struct ir_unit *x = f->x;
    u32 var = catch_depth(f, n);
    if (!f->caught)
        f->caught = ir_alloc(x, f->f->max_depth * sizeof *f->caught);
    if (!f->caught[var])
        f->caught[var] = LLVMBuildAlloca(x->entry, x->t_ptr, "");
    return f->caught[var];
}

static void op_try(struct ir_func *f, const struct wasm_blocktype *t)
{
    ir_label_push(f, IR_LABEL_TRY, t->nparams, t->nresults, t->params, t->results);
    open_handler(f);
}

/* Ends the body of the `try` that is label `n`, at its first clause. */
static void end_try_body(struct ir_func *f, u32 n)
{
    struct ir_label *l = &f->labels[n];
    l->kind = IR_LABEL_CATCH;
    l->caught = l->handler;
    l->handler = NULL;
    l->catching = catching(f, n);
    if (!l->caught->target)
        return;
    LLVMBuildStore(f->x->b, enter_handler(f, l->caught), caught_var(f, n));
    l->other = LLVMGetInsertBlock(f->x->b);
}

/* Goes on where the clauses so far did not match. */
static LLVMValueRef place_next_clause(struct ir_func *f, struct ir_label *l)
{
    ir_restore(f, l->caught);
    LLVMPositionBuilderAtEnd(f->x->b, l->other);
    l->other = NULL;
    return ir_pop(f);
}

static void op_catch(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_label *l = &f->labels[f->nlabels - 1];
    if (f->reachable)
        ir_branch(f, l);
    f->reachable = false;
    if (l->kind == IR_LABEL_TRY)
        end_try_body(f, f->nlabels - 1);
    if (!l->other) /* nothing arrives here, or all of it was taken */
        return;
    LLVMValueRef e = place_next_clause(f, l);
    f->reachable = true;
    if (in->op == WASM_OP_CATCH_ALL)
        return;
    LLVMBasicBlockRef match = ir_block(f);
    branch_on_tag(f, e, in->u.index, match);
    l->other = LLVMGetInsertBlock(f->x->b);
    ir_place(f, match);
    push_values(f, e, in->u.index);
}

static void op_rethrow(struct ir_func *f, u32 label)
{
    LLVMValueRef e = LLVMBuildLoad2(f->x->b, f->x->t_ptr, caught_var(f, f->nlabels - 1 - label), "");
    throw_in(f, e, f->nlabels);
}

/* --- Labels. --- */

/* The values and the exception that a clause brings. */
u32 ir_handler_operands(const struct wasm_module *m, const struct wasm_func *f)
{
    u32 most = 0;
    for (u32 k = 0; k < m->ntags && f->flags & WASM_FUNC_HANDLERS; k++) {
        u32 n = m->types[m->tags[k]].nparams;
        most = most > n ? most : n;
    }
    return most + 1;
}

void ir_handler_enter(struct ir_func *f, u32 n)
{
    struct ir_unit *x = f->x;
    struct ir_label *l = &f->labels[n];
    if (l->handler)
        l->handler = make_handler(f, l);
    if (l->kind != IR_LABEL_CATCH)
        return;
    u64 cell = (u64)f->f->local_cells + wasm_func_stack_cells(f->f) + catch_depth(f, n);
    LLVMValueRef at = ir_offset(x, x->b, f->frame, cell * sizeof(rt_cell));
    LLVMBuildStore(x->b, ir_load(x, x->b, x->t_ptr, at, IR_REGION_FRAME), caught_var(f, n));
}

void ir_handler_end(struct ir_func *f, struct ir_label *l, u32 outside)
{
    if (l->kind == IR_LABEL_TRY)
        end_try_body(f, f->nlabels);
    if (l->kind == IR_LABEL_CATCH && l->other)
        throw_in(f, place_next_clause(f, l), outside);
    if (l->kind == IR_LABEL_TRY_TABLE && l->handler && l->handler->target)
        try_table_clauses(f, l, outside);
    f->reachable = false;
}

void ir_exception(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_TRY_TABLE: op_try_table(f, in); break;
    case WASM_OP_THROW: op_throw(f, in->u.index); break;
    case WASM_OP_THROW_REF: op_throw_ref(f); break;
    case WASM_OP_TRY: op_try(f, &in->u.block); break;
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL: op_catch(f, in); break;
    case WASM_OP_RETHROW: op_rethrow(f, in->u.index); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}
