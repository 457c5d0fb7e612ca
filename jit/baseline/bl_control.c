/* bl_control.c: blocks and branches. Where paths join, all operands are in their cells; locals are always
 * where they are. What lies below a block's operands is in cells from its begin on, so that a branch takes
 * along nothing but its values. */
#include "bl_priv.h"

#include <string.h>

static u32 *new_trap(struct bl *b, enum rt_trap t)
{
    static u32 lost;
    if (!bl_grow(b, (void **)&b->traps, &b->traps_cap, b->ntraps, sizeof *b->traps))
        return &lost;
    b->traps[b->ntraps] = (struct bl_trap){0, b->pos, t};
    return &b->traps[b->ntraps++].chain;
}

void bl_trap_if(struct bl *b, u32 cc, enum rt_trap t)
{
    x64_jcc(&b->x, cc, new_trap(b, t));
}

void bl_trap(struct bl *b, enum rt_trap t)
{
    x64_jmp(&b->x, new_trap(b, t));
}

void bl_count(struct bl *b, u32 loop, u32 heat)
{
    struct bl_turn *t = &b->turns[b->nturns++];
    *t = (struct bl_turn){.loop = loop};
    x64_mi(&b->x, X64_SUB, 0, bl_at(b, &b->f->heat), (s32)heat);
    x64_jcc(&b->x, CC_S, &t->chain);
    t->back = b->x.n;
}

static bool has_arms(const struct bl *b)
{
    return b->seen && !b->plain;
}

void bl_arm(struct bl *b, u32 arm)
{
    if (!has_arms(b))
        return;
    if (b->arms)
        b->arms[arm] = b->x.n;
    x64_rm(&b->x, X64_STORE_IMM8, 0, bl_at(b, &b->seen[arm]));
    x64_byte(&b->x, true);
}

void bl_count_word(struct bl *b, u32 word)
{
    if (b->counts)
        x64_mi(&b->x, X64_ADD, 0, bl_at(b, &b->counts[b->site + word]), 1);
}

/* --- Labels. --- */

static struct bl_label *push_label(struct bl *b, enum wasm_opcode op, const struct wasm_blocktype *t)
{
    struct bl_label *l = &b->labels[b->nlabels++];
    *l = (struct bl_label){
        .op = op, .height = b->depth - t->nparams, .type = *t, .arm = b->arm + WASM_ARM_END};
    return l;
}

static struct bl_label *label_at(struct bl *b, u32 depth)
{
    return &b->labels[b->nlabels - 1 - depth];
}

static bool is_body(const struct bl *b, const struct bl_label *l)
{
    return l == b->labels;
}

static u32 arity(const struct bl_label *l)
{
    return l->op == WASM_OP_LOOP ? l->type.nparams : l->type.nresults;
}

/* Operands are those below `height` and `n` of these types, all in cells. */
static void restore(struct bl *b, u32 height, const rt_type *types, u32 n)
{
    b->depth = b->clean = height;
    b->busy = 0;
    for (u32 k = 0; k < n; k++)
        bl_push_mem(b, bl_type_of(types[k]));
}

/* --- Ways to a label. --- */

/* The function ends with the top operands, which stay. */
static void give_results(struct bl *b)
{
    const struct rt_sig *s = b->f->sig;
    struct bl_value *v = b->stack + b->depth - s->nresults;
    for (u32 k = 1; k < s->nresults; k++)
        bl_put(b, bl_at(b, &rt_thread.results[k]), &v[k]);
    if (s->nresults)
        bl_load(b, bl_is_fp(v->type) ? (u32)XMM0 : (u32)RAX, v);
}

/* Values that are in cells, to where the label wants them. */
static void carry(struct bl *b, const struct bl_label *l)
{
    u32 n = arity(l), from = b->depth - n;
    for (u32 k = 0; k < n && from != l->height; k++) {
        x64_rm(&b->x, X64_MOV | X64_W, SCRATCH, bl_home(b, b->nlocals + from + k));
        x64_rm(&b->x, X64_STORE | X64_W, SCRATCH, bl_home(b, b->nlocals + l->height + k));
    }
}

static void go(struct bl *b, struct bl_label *l)
{
    if (is_body(b, l)) {
        give_results(b);
        x64_jmp(&b->x, &b->leave);
        return;
    }
    carry(b, l);
    if (l->op == WASM_OP_LOOP)
        x64_jmp_back(&b->x, l->header);
    else
        x64_jmp(&b->x, &l->chain);
}

static void settle_values(struct bl *b, const struct bl_label *l)
{
    if (arity(l) && !is_body(b, l))
        bl_flush(b, b->depth);
}

/* Jumps to where `chain` will be bound, or back to `to`. */
static void jump_if(struct bl *b, u32 cc, u32 *chain, u32 to)
{
    u32 skip = 0;
    if (cc == CC_FEQ)
        x64_jcc(&b->x, CC_P, &skip);
    u32 first = cc == CC_FEQ ? CC_E : cc == CC_FNE ? CC_NE : cc;
    if (chain)
        x64_jcc(&b->x, first, chain);
    else
        x64_jcc_back(&b->x, first, to);
    if (cc == CC_FNE && chain)
        x64_jcc(&b->x, CC_P, chain);
    else if (cc == CC_FNE)
        x64_jcc_back(&b->x, CC_P, to);
    x64_bind(&b->x, &skip);
}

static void branch_if(struct bl *b, struct bl_label *l)
{
    u32 cc = bl_pop_flags(b), skip = 0;
    if (has_arms(b))
        bl_flush(b, b->depth);
    settle_values(b, l);
    if (b->counts || is_body(b, l) || (arity(l) && b->depth - arity(l) != l->height)) {
        jump_if(b, cc ^ 1, &skip, 0);
        bl_count_word(b, 1);
        go(b, l);
        x64_bind(&b->x, &skip);
        bl_count_word(b, 0);
    } else if (l->op == WASM_OP_LOOP) {
        jump_if(b, cc, NULL, l->header);
    } else {
        jump_if(b, cc, &l->chain, 0);
    }
    bl_arm(b, b->arm);
}

static void branch(struct bl *b, struct bl_label *l)
{
    settle_values(b, l);
    go(b, l);
    b->reachable = false;
}

/* --- Tables: of addresses, each of a jump to a label. --- */

static void set_word(struct bl *b, u32 at, u32 w)
{
    if (!b->x.failed)
        memcpy(b->x.bytes + at, &w, sizeof w);
}

static u32 stub_to(struct bl *b, struct bl_label *l)
{
    if (!l->stub) {
        l->stub = b->x.n;
        go(b, l);
    }
    return l->stub;
}

static void count_index(struct bl *b, u32 index)
{
    if (!b->counts)
        return;
    struct x64_mem first = bl_at(b, &b->counts[b->site]);
    x64_mi(&b->x, X64_ADD, 0, (struct x64_mem){first.base, (u8)index, 2, first.disp}, 1);
}

static void branch_table(struct bl *b, const struct wasm_instr *in)
{
    u32 count = in->u.br_table.count, otherwise = 0;
    if (has_arms(b)) {
        bl_flush(b, b->depth);
        bl_arm(b, b->arm);
    }
    struct bl_value v = bl_pop(b);
    u32 index = bl_reg(b, &v);
    bl_release(b, &v);
    const u8 *p = in->u.br_table.labels;
    for (u32 k = 0; k < count; k++)
        wasm_read_u32(&p);
    struct bl_label *last = label_at(b, wasm_read_u32(&p));
    if (arity(last))
        bl_flush(b, b->depth);
    x64_ri(&b->x, X64_CMP, 0, index, (s32)count);
    x64_jcc(&b->x, CC_AE, &otherwise);
    count_index(b, index);
    x64_rm(&b->x, X64_MOV, SCRATCH, (struct x64_mem){NO_REG, (u8)index, 2, 0});
    u32 field = b->x.n - (u32)sizeof(u32);
    bl_fix(b, FIX_ABSOLUTE, field);
    x64_rr(&b->x, X64_GROUP5, GROUP5_JMP, SCRATCH);
    u32 table = b->x.n;
    set_word(b, field, table);
    for (u32 k = 0; k < count; k++) {
        bl_fix(b, FIX_ABSOLUTE, b->x.n);
        x64_word(&b->x, 0);
    }
    for (u32 k = 0; k < b->nlabels; k++)
        b->labels[k].stub = 0;
    x64_bind(&b->x, &otherwise);
    bl_count_word(b, count);
    stub_to(b, last);
    p = in->u.br_table.labels;
    for (u32 k = 0; k < count; k++) {
        u32 stub = stub_to(b, label_at(b, wasm_read_u32(&p)));
        set_word(b, table + k * (u32)sizeof(u32), stub);
    }
    b->reachable = false;
}

/* --- Blocks. --- */

static void begin_if(struct bl *b, const struct wasm_blocktype *t)
{
    u32 cc = bl_pop_flags(b);
    bl_flush(b, b->depth);
    struct bl_label *l = push_label(b, WASM_OP_IF, t);
    if (b->counts) {
        u32 then = 0;
        jump_if(b, cc, &then, 0);
        bl_count_word(b, 0);
        x64_jmp(&b->x, &l->other);
        x64_bind(&b->x, &then);
        bl_count_word(b, 1);
    } else {
        jump_if(b, cc ^ 1, &l->other, 0);
    }
    bl_arm(b, l->arm + WASM_ARM_THEN);
}

static void begin_loop(struct bl *b, const struct wasm_blocktype *t)
{
    bl_flush(b, b->depth);
    struct bl_label *l = push_label(b, WASM_OP_LOOP, t);
    l->header = b->x.n;
    if (has_arms(b) && wasm_loop_is_plain(b->m, b->next))
        b->plain = b->nlabels;
    bl_count(b, b->nloops++, 1);
}

static void begin_else(struct bl *b)
{
    struct bl_label *l = label_at(b, 0);
    if (b->reachable) {
        bl_flush(b, b->depth);
        x64_jmp(&b->x, &l->chain);
    }
    x64_bind(&b->x, &l->other);
    l->op = WASM_OP_ELSE;
    restore(b, l->height, l->type.params, l->type.nparams);
    b->reachable = true;
    bl_arm(b, l->arm + WASM_ARM_ELSE);
}

static void end(struct bl *b)
{
    struct bl_label *l = label_at(b, 0);
    if (is_body(b, l) && b->reachable)
        give_results(b);
    b->plain = b->plain == b->nlabels ? 0 : b->plain;
    b->nlabels--;
    if (b->nlabels == 0)
        return;
    bool joins = l->chain || l->other;
    bool arm = has_arms(b) && l->op != WASM_OP_LOOP && (joins || b->reachable);
    if ((joins || arm) && b->reachable)
        bl_flush(b, b->depth);
    x64_bind(&b->x, &l->chain);
    x64_bind(&b->x, &l->other);
    if (joins || !b->reachable)
        restore(b, l->height, l->type.results, l->type.nresults);
    b->reachable |= joins;
    if (arm)
        bl_arm(b, l->arm);
}

void bl_control(struct bl *b, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_NOP: break;
    case WASM_OP_UNREACHABLE:
        bl_trap(b, TRAP_UNREACHABLE);
        b->reachable = false;
        break;
    case WASM_OP_BLOCK:
        bl_flush(b, b->depth);
        push_label(b, WASM_OP_BLOCK, &in->u.block);
        break;
    case WASM_OP_LOOP: begin_loop(b, &in->u.block); break;
    case WASM_OP_IF: begin_if(b, &in->u.block); break;
    case WASM_OP_ELSE: begin_else(b); break;
    case WASM_OP_END: end(b); break;
    case WASM_OP_BR: branch(b, label_at(b, in->u.index)); break;
    case WASM_OP_BR_IF: branch_if(b, label_at(b, in->u.index)); break;
    case WASM_OP_BR_TABLE: branch_table(b, in); break;
    case WASM_OP_RETURN: branch(b, b->labels); break;
    default: bl_fail(b);
    }
}

/* In dead code only the nesting matters, and loops have numbers. */
void bl_control_dead(struct bl *b, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_LOOP:
        b->nloops++;
        b->dead_depth++;
        break;
    case WASM_OP_BLOCK:
    case WASM_OP_IF: b->dead_depth++; break;
    case WASM_OP_TRY:
    case WASM_OP_TRY_TABLE:
    case WASM_OP_CATCH:
    case WASM_OP_CATCH_ALL:
    case WASM_OP_DELEGATE: bl_fail(b); break;
    case WASM_OP_ELSE:
        if (b->dead_depth == 0)
            begin_else(b);
        break;
    case WASM_OP_END:
        if (b->dead_depth == 0)
            end(b);
        else
            b->dead_depth--;
        break;
    default: break;
    }
}
