/* Lowering of what throws and catches. No code runs when a region that catches is entered or left: a table of
 * clauses says where in the text something thrown goes on. Nothing may move across a region's borders, so
 * each is a label to the layers below. */
#include "interp_low.h"

void low_try(struct lower *l, const struct wasm_instr *in)
{
    low_flush(l);
    low_forget(l);
    struct block *b = low_push_block(l, in->op, &in->u.block);
    if (!b)
        return;
    b->from = l->bytes;
    if (in->op == WASM_OP_TRY_TABLE) {
        b->ncatches = in->u.try_table.count;
        b->catches = in->u.try_table.catches;
    }
}

/* The region is [b->from, to); the clause goes on here. */
static struct interp_clause *add_clause(struct lower *l, const struct block *b, u32 to)
{
    static struct interp_clause sink; /* after a failure */
    if (l->st != ST_OK ||
        !low_grow(l, (void **)&l->clauses, &l->clauses_cap, l->nclauses + 1, sizeof *l->clauses))
        return &sink;
    struct interp_clause *c = &l->clauses[l->nclauses++];
    *c = (struct interp_clause){.from = b->from,
                                .to = to,
                                .target = l->bytes,
                                .depth = (u32)(b - l->blocks),
                                .values = INTERP_NONE,
                                .ref = INTERP_NONE,
                                .caught = INTERP_NONE};
    return c;
}

void low_clauses(struct lower *l, const struct block *b)
{
    u32 to = l->bytes;
    const u8 *p = b->catches;
    for (u32 k = 0; k < b->ncatches; k++) {
        struct wasm_catch x;
        wasm_read_catch(&p, &x);
        low_forget(l);
        struct interp_clause *c = add_clause(l, b, to);
        u32 cell = low_label_cell(l, x.label + 1);
        if (x.kind == WASM_CATCH || x.kind == WASM_CATCH_REF) {
            c->tag = l->f->inst->tags[x.tag];
            c->values = cell;
            cell += c->tag->sig->param_cells;
        }
        if (x.kind == WASM_CATCH_REF || x.kind == WASM_CATCH_ALL_REF)
            c->ref = cell;
        low_branch_there(l, x.label + 1);
    }
    low_forget(l);
}

/* Numbers the catching block. */
static void begin_handlers(struct lower *l, struct block *b)
{
    b->to = l->bytes;
    b->caught = l->ncaught++;
    if (l->ncaught > l->max_caught)
        l->max_caught = l->ncaught;
}

void low_catch(struct lower *l, const struct wasm_instr *in, bool reachable)
{
    struct block *b = &l->blocks[l->nblocks - 1];
    low_exit_block(l, reachable);
    low_forget(l);
    if (b->op == WASM_OP_TRY)
        begin_handlers(l, b);
    b->op = in->op;
    struct interp_clause *c = add_clause(l, b, b->to);
    c->caught = b->caught;
    const struct wasm_functype *t = NULL;
    if (in->op == WASM_OP_CATCH) {
        c->tag = l->f->inst->tags[in->u.index];
        c->values = low_cell(l, b->height);
        t = &l->m->types[l->m->tags[in->u.index]];
    }
    low_set_operands(l, b->height, t ? t->types : NULL, t ? t->nparams : 0);
}

/* The label counts from outside of the `try`. */
bool low_delegate(struct lower *l, u32 label, bool reachable)
{
    low_forget(l);
    struct interp_clause *c = add_clause(l, &l->blocks[l->nblocks - 1], l->bytes);
    c->delegates = true;
    c->limit = l->nblocks - 2 - label;
    return low_end(l, reachable);
}

void low_throw(struct lower *l, u32 tag)
{
    const struct rt_tag *t = l->f->inst->tags[tag];
    low_flush(l);
    EMIT(ins_throw, i, THROW);
    i->base = low_cell(l, l->height - t->sig->param_cells);
    i->tag = t;
}

void low_throw_ref(struct lower *l)
{
    u32 cell = low_pop_cell(l);
    EMIT(ins_1, i, THROW_REF);
    i->d = cell;
}

void low_rethrow(struct lower *l, u32 label)
{
    EMIT(ins_1, i, RETHROW);
    i->d = l->blocks[l->nblocks - 1 - label].caught;
}
