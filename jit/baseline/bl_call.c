/* bl_call.c: calls, and where values have to be for them (rt.h). */
#include "bl_priv.h"

#include <string.h>

#include "rt_helpers.h"

/* --- Arguments in registers. --- */

/* Whether another argument that has not moved yet is in `reg`. */
static bool is_awaited(const struct bl *b, const struct bl_arg *args, u32 n, u32 self, u32 reg)
{
    for (u32 k = 0; k < n; k++) {
        if (k != self && args[k].reg != NO_REG && bl_where(b, &args[k].v) == reg)
            return true;
    }
    return false;
}

static void move_argument(struct bl *b, struct bl_arg *a)
{
    bl_load(b, a->reg, &a->v);
    bl_release(b, &a->v);
    a->reg = NO_REG;
}

/* First what is in registers, in an order in which nothing is lost; a ring goes by way of memory, whose
 * cell is the operand's own. */
void bl_place(struct bl *b, struct bl_arg *args, u32 n)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (u32 k = 0; k < n; k++) {
            u32 from = bl_where(b, &args[k].v);
            if (args[k].reg == NO_REG || from == NO_REG || is_awaited(b, args, n, k, args[k].reg))
                continue;
            move_argument(b, &args[k]);
            moved = true;
        }
        for (u32 k = 0; k < n && !moved; k++) {
            struct bl_value *v = &args[k].v;
            u32 from = bl_where(b, v);
            if (args[k].reg == NO_REG || from == NO_REG)
                continue;
            bl_store(b, bl_home(b, b->nlocals + args[k].cell), v->type, from);
            bl_release(b, v);
            *v = (struct bl_value){.kind = BL_MEM, .type = v->type, .index = args[k].cell};
            moved = true;
        }
    }
    for (u32 k = 0; k < n; k++) {
        if (args[k].reg != NO_REG)
            move_argument(b, &args[k]);
    }
}

void bl_fix(struct bl *b, enum bl_fix_kind kind, u32 at)
{
    if (bl_grow(b, (void **)&b->fixes, &b->fixes_cap, b->nfixes, sizeof *b->fixes))
        b->fixes[b->nfixes++] = (struct bl_fix){at, kind};
}

void bl_relative(struct bl *b, const void *to)
{
    bl_fix(b, FIX_RELATIVE, b->x.n);
    x64_word(&b->x, (u32)(uintptr_t)to);
}

void bl_call_address(struct bl *b, const void *fn)
{
    x64_byte(&b->x, 0xe8);
    bl_relative(b, fn);
}

void bl_call_c(struct bl *b, const void *fn, struct bl_arg *args, u32 n)
{
    bl_flush(b, b->depth);
    bl_save_locals(b, LOST);
    bl_place(b, args, n);
    bl_call_address(b, fn);
    bl_load_locals(b, LOST);
}

/* --- Calls of functions. --- */

static void put_rest(struct bl *b, const struct bl_value *v, u32 cell)
{
    bl_put(b, bl_at(b, &rt_thread.args[cell]), v);
    bl_release(b, v);
}

/* The top operands, which are popped, go where the callee takes them. */
static void put_args(struct bl *b, const struct wasm_functype *t)
{
    struct bl_arg args[RT_NATIVE_GPRS + RT_NATIVE_XMMS];
    struct bl_cursor c = {0};
    u32 n = 0;
    bl_drop(b, t->nparams);
    for (u32 k = 0; k < t->nparams; k++) {
        struct bl_value *v = &b->stack[b->depth + k];
        u32 reg = bl_next_place(&c, v->type);
        if (reg == NO_REG)
            put_rest(b, v, c.rest++);
        else
            args[n++] = (struct bl_arg){reg, *v, b->depth + k};
    }
    bl_place(b, args, n);
}

void bl_push_results(struct bl *b, const rt_type *types, u32 n)
{
    for (u32 k = 1; k < n; k++) {
        struct x64_mem from = bl_at(b, &rt_thread.results[k]);
        x64_rm(&b->x, X64_MOV | X64_W, SCRATCH, from);
        x64_rm(&b->x, X64_STORE | X64_W, SCRATCH, bl_home(b, b->nlocals + b->depth + k));
    }
    for (u32 k = 0; k < n; k++) {
        u32 type = bl_type_of(types[k]), reg = bl_is_fp(type) ? (u32)XMM0 : (u32)RAX;
        if (k > 0) {
            bl_push_mem(b, type);
            continue;
        }
        if (type == BL_I32)
            x64_rr(&b->x, X64_MOV, RAX, RAX);
        b->busy |= BIT(reg);
        bl_push_reg(b, type, reg);
    }
}

/* What stays on the stack, and locals, survive the call. */
static void before_call(struct bl *b, const struct wasm_functype *t)
{
    for (u32 k = b->clean; k < b->depth - t->nparams; k++) {
        if (b->stack[k].kind == BL_REG)
            bl_flush(b, k + 1);
    }
    bl_save_locals(b, LOST);
}

static void after_call(struct bl *b, const struct wasm_functype *t)
{
    bl_load_locals(b, LOST);
    bl_push_results(b, t->types + t->nparams, t->nresults);
}

static bool has_vectors(const struct wasm_functype *t)
{
    for (u32 k = 0; k < t->nparams + t->nresults; k++) {
        if (t->types[k] == RT_V128)
            return true;
    }
    return false;
}

static void call_direct(struct bl *b, u32 func)
{
    const struct wasm_functype *t = wasm_func_type(b->m, func);
    struct rt_func *slot = b->inst->funcs[func];
    bool own = func >= b->m->imp_funcs;
    before_call(b, t);
    put_args(b, t);
    x64_const(&b->x, R10, (uintptr_t)slot);
    if (own)
        x64_const(&b->x, RDI, (uintptr_t)b->inst);
    else
        x64_rm(&b->x, X64_MOV | X64_W, RDI, (struct x64_mem){R10, NO_REG, 0, offsetof(struct rt_func, inst)});
    if ((uintptr_t)slot <= INT32_MAX)
        x64_rm(&b->x, X64_GROUP5, GROUP5_CALL, bl_at(b, &slot->native));
    else
        x64_rm(&b->x, X64_GROUP5, GROUP5_CALL,
               (struct x64_mem){R10, NO_REG, 0, offsetof(struct rt_func, native)});
    after_call(b, t);
}

/* r10 is the slot; it may be of any instance. */
static void call_slot(struct bl *b, const struct wasm_functype *t)
{
    put_args(b, t);
    x64_rm(&b->x, X64_MOV | X64_W, RDI, (struct x64_mem){R10, NO_REG, 0, offsetof(struct rt_func, inst)});
    x64_rm(&b->x, X64_GROUP5, GROUP5_CALL,
           (struct x64_mem){R10, NO_REG, 0, offsetof(struct rt_func, native)});
    after_call(b, t);
}

static struct x64_mem field(u32 base, size_t offset)
{
    return (struct x64_mem){(u8)base, NO_REG, 0, (s32)offset};
}

/* r10 is its slot. */
static void count_target(struct bl *b)
{
    u32 same = 0;
    if (!b->counts)
        return;
    struct x64_mem last = bl_at(b, &b->counts[b->site]);
    x64_rm(&b->x, X64_CMP, R10, last);
    x64_jcc(&b->x, CC_E, &same);
    x64_rm(&b->x, X64_STORE, R10, last);
    bl_count_word(b, 2);
    x64_bind(&b->x, &same);
    bl_count_word(b, 1);
}

static void call_indirect(struct bl *b, const struct wasm_functype *t, u32 table)
{
    struct bl_value index = bl_pop(b);
    if (b->m->tables[table].limits.is64) {
        bl_fail(b);
        return;
    }
    before_call(b, t); /* r10 may be a local's */
    u32 reg = bl_reg(b, &index);
    bl_release(b, &index);
    x64_const(&b->x, SCRATCH, (uintptr_t)b->inst->tables[table]);
    x64_rm(&b->x, X64_CMP | X64_W, reg, field(SCRATCH, offsetof(struct rt_table, size)));
    bl_trap_if(b, CC_AE, TRAP_UNDEFINED_ELEMENT);
    x64_rm(&b->x, X64_MOV | X64_W, SCRATCH, field(SCRATCH, offsetof(struct rt_table, elems)));
    x64_rm(&b->x, X64_MOV | X64_W, R10, (struct x64_mem){SCRATCH, (u8)reg, 3, 0});
    x64_rr(&b->x, X64_TEST | X64_W, R10, R10);
    bl_trap_if(b, CC_E, TRAP_UNINITIALIZED_ELEMENT);
    x64_mi(&b->x, X64_CMP, 0, field(R10, offsetof(struct rt_func, sig_id)), (s32)t->sig->id);
    bl_trap_if(b, CC_NE, TRAP_INDIRECT_TYPE);
    count_target(b);
    call_slot(b, t);
}

static void call_ref(struct bl *b, const struct wasm_functype *t)
{
    struct bl_value ref = bl_pop(b);
    before_call(b, t);
    bl_load(b, R10, &ref);
    bl_release(b, &ref);
    x64_rr(&b->x, X64_TEST | X64_W, R10, R10);
    bl_trap_if(b, CC_E, TRAP_NULL_FUNCTION);
    call_slot(b, t);
}

void bl_call(struct bl *b, const struct wasm_instr *in)
{
    u32 type = in->op == WASM_OP_CALL            ? b->m->funcs[in->u.index].type
               : in->op == WASM_OP_CALL_INDIRECT ? in->u.pair.a
                                                 : in->u.index;
    const struct wasm_functype *t = &b->m->types[type];
    if (has_vectors(t)) {
        bl_fail(b);
        return;
    }
    switch ((int)in->op) {
    case WASM_OP_CALL: call_direct(b, in->u.index); break;
    case WASM_OP_CALL_INDIRECT: call_indirect(b, t, in->u.pair.b); break;
    case WASM_OP_CALL_REF: call_ref(b, t); break;
    default: bl_fail(b);
    }
}
