/* Loads and stores, locals, globals, select. */
#include "interp_low.h"

#include <string.h>

/* --- Memory accesses. --- */
/* A constant address with its offset, if it fits the instruction's field. */
static bool constant_address(const struct value *v, u64 offset, u32 *out)
{
    if (v->kind != VALUE_CONST || (u32)v->bits + offset > UINT32_MAX)
        return false;
    *out = (u32)((u32)v->bits + offset);
    return true;
}

/* `i32.add; i32.load`: the addition that computed operand cell `cell` joins the access. */
bool low_take_sum(struct lower *l, u32 cell, struct address *out)
{
    static const enum interp_addr forms[FORM_COUNT] = {ADDR_RR, ADDR_RI, ADDR_RA, ADDR_AI, ADDR_RA};
    if (!l->last.valid || !l->last.is_alu || l->last.op != WASM_OP_I32_ADD || l->last.dest != cell ||
        cell < l->nlocals)
        return false;
    bool imm = l->last.form == FORM_RI || l->last.form == FORM_AI;
    *out = (struct address){forms[l->last.form], l->last.a, imm ? (u32)l->last.imm : l->last.b};
    low_undo(l);
    return true;
}

/* `sums`: whether the access has forms for sums. A constant address goes into *offset. */
static struct address take_address(struct lower *l, const struct value *v, u32 operand, u32 *offset,
                                   bool sums)
{
    struct address x = {.form = ADDR_I};
    if (constant_address(v, *offset, offset))
        return x;
    u32 cell = low_in_cell(l, v, operand);
    if (sums && v->kind == VALUE_CELL && low_take_sum(l, cell, &x))
        return x;
    x.a = cell;
    x.form = low_take_acc(l, cell, ACC_INT) ? ADDR_A : ADDR_R;
    return x;
}

static bool is_sum_encoding(enum interp_addr form)
{
    return form == ADDR_RR || form == ADDR_RI || form == ADDR_AI;
}

/* Memory 0 with 32-bit addresses is the one that instructions know where it lies. */
static bool is_far(const struct lower *l, const struct wasm_instr *in)
{
    return INTERP_SMALL || in->u.memarg.mem != 0 || l->m->mems[0].limits.is64;
}

static void load_far(struct lower *l, const struct wasm_instr *in)
{
    bool is64 = l->m->mems[in->u.memarg.mem].limits.is64;
    u32 a = low_pop_cell(l), dest = low_cell(l, l->height);
    struct ins_load_far *i = low_emit(l, interp_loads_far[is64][in->op - WASM_OP_I32_LOAD], sizeof *i);
    *i = (struct ins_load_far){i->h, dest, a, in->u.memarg.mem, in->u.memarg.offset};
    low_computed(l, sizeof *i, dest, low_class(low_result_type(in->op)), NULL);
    low_push_cell(l);
}

static void store_far(struct lower *l, const struct wasm_instr *in)
{
    bool is64 = l->m->mems[in->u.memarg.mem].limits.is64;
    u32 v = low_pop_cell(l), a = low_pop_cell(l);
    struct ins_store_far *i = low_emit(l, interp_stores_far[is64][in->op - WASM_OP_I32_STORE], sizeof *i);
    *i = (struct ins_store_far){i->h, a, v, in->u.memarg.mem, in->u.memarg.offset};
}

void low_load(struct lower *l, const struct wasm_instr *in)
{
    if (is_far(l, in)) {
        load_far(l, in);
        return;
    }
    const interp_fn(*h)[ADDR_COUNT] = interp_loads[l->checked][in->op - WASM_OP_I32_LOAD];
    struct value v = low_pop(l);
    u32 dest = low_cell(l, l->height), offset = (u32)in->u.memarg.offset, bytes;
    struct address x = take_address(l, &v, l->height, &offset, true);
    if (is_sum_encoding(x.form)) {
        struct ins_load_sum *i = low_emit(l, h[0][x.form], bytes = sizeof *i);
        *i = (struct ins_load_sum){i->h, dest, x.a, x.b, offset};
    } else {
        struct ins_load *i = low_emit(l, h[0][x.form], bytes = sizeof *i);
        *i = (struct ins_load){i->h, dest, x.a, offset};
    }
    low_computed(l, bytes, dest, low_class(low_result_type(in->op)), h[1][x.form]);
    low_push_cell(l);
}

static void emit_store(struct lower *l, enum wasm_opcode op, const struct address *x, u32 offset,
                       const struct value *v, u32 operand)
{
    const interp_fn *h = interp_stores[l->checked][op - WASM_OP_I32_STORE][x->form];
    if (v->kind == VALUE_CONST && h[SRC_I]) {
        struct ins_store_imm *i = low_emit(l, h[SRC_I], sizeof *i);
        *i = (struct ins_store_imm){i->h, x->a, offset, v->bits};
        return;
    }
    u32 cell = low_in_cell(l, v, operand);
    if (!h[SRC_I]) {
        struct ins_store_sum *i = low_emit(l, h[SRC_R], sizeof *i);
        *i = (struct ins_store_sum){i->h, x->a, x->b, cell, offset};
        return;
    }
    bool acc = h[SRC_A] && low_take_acc(l, cell, low_class(wasm_op_info[op].sig[1]));
    struct ins_store *i = low_emit(l, h[acc ? SRC_A : SRC_R], sizeof *i);
    *i = (struct ins_store){i->h, x->a, cell, offset};
}

void low_store(struct lower *l, const struct wasm_instr *in)
{
    if (is_far(l, in)) {
        store_far(l, in);
        return;
    }
    struct value v = low_pop(l), p = low_pop(l);
    u32 offset = (u32)in->u.memarg.offset;
    struct address x = take_address(l, &p, l->height, &offset, v.kind == VALUE_LOCAL);
    emit_store(l, in->op, &x, offset, &v, l->height + 1);
}

/* --- Locals, globals, select. --- */
/* Redirects the result of the last instruction, which went to operand cell `from`, to `local`. */
static bool redirect(struct lower *l, u32 from, u32 local)
{
    struct last *last = &l->last;
    if (!last->valid || last->dest != from)
        return false;
    if (l->newest[local] != NONE) { /* the copies come before it; none of them touches its operands */
        u8 ins[sizeof l->sink];
        struct last saved = *last;
        struct acc acc = l->acc;
        memcpy(ins, l->text + last->at, last->bytes);
        low_undo(l);
        low_detach(l, local);
        u8 *p = low_emit(l, interp_plain[PLAIN_RETURN], saved.bytes);
        memcpy(p, ins, saved.bytes);
        *last = saved;
        last->at = l->bytes - saved.bytes;
        last->before = l->acc;
        l->acc = acc;
        l->acc.at = last->at;
        if (l->st != ST_OK)
            return true;
    }
    ((struct ins_1 *)(void *)(l->text + last->at))->d = local;
    last->dest = local;
    if (l->acc.cell == from)
        l->acc.cell = local;
    return true;
}

void low_local_set(struct lower *l, u32 local)
{
    struct value v = low_pop(l);
    if (v.kind == VALUE_LOCAL && v.local == local)
        return;
    if (v.kind == VALUE_CELL && redirect(l, low_cell(l, l->height), local))
        return;
    low_detach(l, local);
    low_move(l, local, &v, l->height);
}

static bool is_vector_local(const struct lower *l, u32 local)
{
    return l->nlocals != l->wf->nlocals && wasm_local_type(l->m, l->wf, local) == RT_V128;
}

static u32 local_cell(const struct lower *l, u32 local)
{
    return l->nlocals == l->wf->nlocals ? local : wasm_local_cell(l->m, l->wf, local);
}

void low_local_get(struct lower *l, u32 local)
{
    u32 cell = local_cell(l, local);
    low_push_local(l, cell);
    if (is_vector_local(l, local)) {
        low_push_local(l, cell + 1);
        low_mark_high(l);
    }
}

void low_set(struct lower *l, u32 local, bool tee)
{
    u32 cell = local_cell(l, local);
    if (is_vector_local(l, local))
        low_local_set(l, cell + 1);
    low_local_set(l, cell);
    if (tee)
        low_local_get(l, local);
}

/* Both halves in turn, with the condition in its cell. */
static void select_vector(struct lower *l, u32 k)
{
    struct value v[4];
    for (u32 n = 4; n--;)
        v[n] = low_pop(l);
    for (u32 n = 0; n < 2; n++) {
        u32 dest = low_cell(l, l->height), a = low_in_cell(l, &v[n], l->height),
            b = low_in_cell(l, &v[2 + n], l->height + 2);
        EMIT(ins_select, i, SELECT_R);
        *i = (struct ins_select){i->h, dest, a, b, k};
        low_wrote(l, dest);
        low_push_cell(l);
    }
    low_mark_high(l);
    low_forget(l); /* the handler passes a half on in the accumulator */
}

void low_select(struct lower *l)
{
    struct value c = low_pop(l);
    if (low_is_vector(l)) {
        select_vector(l, low_in_cell(l, &c, l->height));
        return;
    }
    struct value y = low_pop(l), x = low_pop(l);
    u32 b = low_in_cell(l, &y, l->height + 1), a = low_in_cell(l, &x, l->height),
        k = low_in_cell(l, &c, l->height + 2);
    u32 dest = low_cell(l, l->height);
    struct ins_select *i = low_emit_plain(l, low_take_acc(l, k, ACC_INT) ? PLAIN_SELECT_A : PLAIN_SELECT_R);
    *i = (struct ins_select){i->h, dest, a, b, k};
    low_computed(l, sizeof *i, dest, ACC_INT, NULL);
    low_push_cell(l);
}

static u64 global_address(const struct lower *l, u32 global)
{
    return (u64)(uintptr_t)&l->f->inst->globals[global]->value[0];
}

static void get_global_cell(struct lower *l, u64 address)
{
    EMIT(ins_imm64, i, GLOBAL_GET);
    u32 dest = low_cell(l, l->height);
    i->d = dest;
    i->imm = address;
    low_computed(l, sizeof *i, dest, ACC_NONE, NULL);
    low_push_cell(l);
}

void low_global_get(struct lower *l, u32 global)
{
    get_global_cell(l, global_address(l, global));
    if (l->m->globals[global].type.type == RT_V128) {
        get_global_cell(l, global_address(l, global) + sizeof(rt_cell));
        low_mark_high(l);
    }
}

static void set_global_cell(struct lower *l, u64 address)
{
    u32 a = low_pop_cell(l);
    EMIT(ins_imm64, i, GLOBAL_SET);
    i->a = a;
    i->imm = address;
}

void low_global_set(struct lower *l, u32 global)
{
    if (low_is_vector(l))
        set_global_cell(l, global_address(l, global) + sizeof(rt_cell));
    set_global_cell(l, global_address(l, global));
}

/* --- Vectors. --- */
/* Pops a value; the first of its cells. */
static u32 pop_any(struct lower *l)
{
    if (!low_is_vector(l))
        return low_pop_cell(l);
    u32 high = low_pop_cell(l), low = low_pop_cell(l);
    (void)high; /* the halves of a vector are in the same kind of place */
    return low;
}

static void emit_simd(struct lower *l, const struct wasm_instr *in, u32 dest, const u32 *operands)
{
    interp_fn h = interp_simd[in->op];
    switch (wasm_op_info[in->op].imm) {
    case WASM_IMM_MEMARG:
    case WASM_IMM_MEMARG_LANE: {
        u32 mem = in->u.memarg.mem;
        struct ins_simd_memory *i = low_emit(l, h, sizeof *i);
        *i = (struct ins_simd_memory){i->h,
                                      dest,
                                      operands[0],
                                      operands[1],
                                      mem,
                                      in->u.memarg.lane,
                                      l->m->mems[mem].limits.is64,
                                      in->u.memarg.offset};
        break;
    }
    case WASM_IMM_SHUFFLE: {
        struct ins_shuffle *i = low_emit(l, h, sizeof *i);
        *i = (struct ins_shuffle){.h = i->h, .d = dest, .a = operands[0], .b = operands[1]};
        memcpy(i->bytes, in->u.bytes, sizeof i->bytes);
        break;
    }
    default: {
        struct ins_simd *i = low_emit(l, h, sizeof *i);
        *i = (struct ins_simd){i->h, dest, operands[0], operands[1], operands[2], in->u.index};
    }
    }
}

void low_simd(struct lower *l, const struct wasm_instr *in)
{
    if (in->op == WASM_OP_V128_CONST) {
        u64 half[2];
        memcpy(half, in->u.bytes, sizeof half);
        low_push_const(l, half[0]);
        low_push_const(l, half[1]);
        low_mark_high(l);
        return;
    }
    const char *sig = wasm_op_info[in->op].sig, *end = strchr(sig, '_');
    u32 operands[3] = {0};
    for (u32 n = (u32)(end - sig); n--;)
        operands[n] = pop_any(l);
    u32 dest = low_cell(l, l->height);
    emit_simd(l, in, dest, operands);
    if (end[1] == 0)
        return;
    low_push_cell(l);
    if (end[1] != 'v') {
        low_computed(l, sizeof(struct ins_simd), dest, low_class(end[1]), NULL);
        return;
    }
    low_wrote(l, dest);
    low_wrote(l, dest + 1);
    low_push_cell(l);
    low_mark_high(l);
}
