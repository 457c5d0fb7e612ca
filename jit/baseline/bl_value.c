/* bl_value.c: registers, cells, and the operand stack. */
#include "bl_priv.h"

#include "plat.h"

enum bl_type bl_type_of(rt_type t)
{
    return t == RT_I32 ? BL_I32 : t == RT_F32 ? BL_F32 : t == RT_F64 ? BL_F64 : BL_I64;
}

/* --- Places. --- */

struct x64_mem bl_home(const struct bl *b, u32 cell)
{
    s32 first = -(s32)((b->nsaved + b->ncells) * sizeof(rt_cell));
    return (struct x64_mem){RBP, NO_REG, 0, first + (s32)(cell * sizeof(rt_cell))};
}

struct x64_mem bl_cell(const struct bl *b, const struct bl_value *v)
{
    return bl_home(b, v->kind == BL_LOCAL ? v->index : b->nlocals + v->index);
}

struct x64_mem bl_at(struct bl *b, const void *p)
{
    u64 at = (uintptr_t)p;
    if (at <= INT32_MAX)
        return (struct x64_mem){NO_REG, NO_REG, 0, (s32)at};
    x64_const(&b->x, SCRATCH, at);
    return (struct x64_mem){SCRATCH, NO_REG, 0, 0};
}

struct x64_mem bl_offset(struct bl *b, u32 index, u64 offset)
{
    if (offset <= INT32_MAX)
        return (struct x64_mem){(u8)index, NO_REG, 0, (s32)offset};
    x64_const(&b->x, SCRATCH, offset);
    return (struct x64_mem){SCRATCH, (u8)index, 0, 0};
}

u32 bl_where(const struct bl *b, const struct bl_value *v)
{
    return v->kind == BL_REG ? v->reg : v->kind == BL_LOCAL ? b->local_reg[v->index] : NO_REG;
}

bool bl_imm(const struct bl_value *v)
{
    if (v->kind != BL_CONST || bl_is_fp(v->type))
        return false;
    return v->type == BL_I32 || v->bits == (u64)(s64)(s32)v->bits;
}

/* --- Moves. --- */

void bl_move(struct bl *b, u32 type, u32 to, u32 from)
{
    if (to == from)
        return;
    if (bl_is_fp(type))
        x64_rr(&b->x, X64_MOVAPS, to, from);
    else
        x64_rr(&b->x, X64_MOV | bl_wide(type), to, from);
}

void bl_store(struct bl *b, struct x64_mem m, u32 type, u32 reg)
{
    static const u32 ops[] = {X64_STORE | X64_W, X64_STORE | X64_W, X64_STORESS, X64_STORESD};
    x64_rm(&b->x, ops[type], reg, m);
}

static const u32 load_ops[] = {X64_MOV, X64_MOV | X64_W, X64_MOVSS, X64_MOVSD};

static void load_constant(struct bl *b, u32 reg, const struct bl_value *v)
{
    if (!bl_is_fp(v->type)) {
        x64_const(&b->x, reg, v->bits);
    } else if (v->bits == 0) {
        x64_rr(&b->x, X64_XORPS, reg, reg);
    } else {
        x64_const(&b->x, SCRATCH, v->bits);
        x64_rr(&b->x, X64_MOVD | (v->type == BL_F64 ? X64_W : 0), reg, SCRATCH);
    }
}

void bl_load_from(struct bl *b, u32 reg, u32 type, struct x64_mem m)
{
    x64_rm(&b->x, load_ops[type], reg, m);
}

void bl_load_cell(struct bl *b, u32 reg, u32 type, u32 cell)
{
    bl_load_from(b, reg, type, bl_home(b, cell));
}

void bl_load(struct bl *b, u32 reg, const struct bl_value *v)
{
    u32 from = bl_where(b, v);
    if (v->kind == BL_CONST)
        load_constant(b, reg, v);
    else if (from != NO_REG)
        bl_move(b, v->type, reg, from);
    else
        bl_load_from(b, reg, v->type, bl_cell(b, v));
}

void bl_op(struct bl *b, u32 op, u32 reg, const struct bl_value *v)
{
    u32 from = bl_where(b, v);
    if (v->kind == BL_CONST) {
        from = bl_is_fp(v->type) ? (u32)SCRATCH_XMM : (u32)SCRATCH;
        bl_load(b, from, v);
    }
    if (from != NO_REG)
        x64_rr(&b->x, op, reg, from);
    else
        x64_rm(&b->x, op, reg, bl_cell(b, v));
}

/* --- Temporaries. --- */

static u32 temps_of(u32 type)
{
    return bl_is_fp(type) ? TEMPS_XMM : TEMPS;
}

/* Operand `k`, which is in a register, into its cell. */
static void spill(struct bl *b, u32 k)
{
    struct bl_value *v = &b->stack[k];
    bl_store(b, bl_home(b, b->nlocals + k), v->type, v->reg);
    b->busy &= ~BIT(v->reg);
    v->kind = BL_MEM;
    v->index = k;
}

u32 bl_alloc(struct bl *b, u32 type)
{
    u32 all = temps_of(type);
    for (u32 k = b->clean; !(all & ~b->busy) && k < b->depth; k++) {
        if (b->stack[k].kind == BL_REG && (all & BIT(b->stack[k].reg)))
            spill(b, k);
    }
    u32 free = all & ~b->busy;
    if (!free)
        panic("baseline: no register is free");
    u32 reg = (u32)__builtin_ctz(free);
    b->busy |= BIT(reg);
    return reg;
}

void bl_claim(struct bl *b, u32 reg)
{
    for (u32 k = b->clean; k < b->depth && (b->busy & BIT(reg)); k++) {
        if (b->stack[k].kind == BL_REG && b->stack[k].reg == reg)
            spill(b, k);
    }
    ASSERT(!(b->busy & BIT(reg)));
    b->busy |= BIT(reg);
}

void bl_release(struct bl *b, const struct bl_value *v)
{
    if (v->kind == BL_REG)
        b->busy &= ~BIT(v->reg);
}

u32 bl_reg(struct bl *b, struct bl_value *v)
{
    u32 reg = bl_where(b, v);
    return reg != NO_REG ? reg : bl_own(b, v);
}

u32 bl_own(struct bl *b, struct bl_value *v)
{
    if (v->kind == BL_REG && (temps_of(v->type) & BIT(v->reg)))
        return v->reg;
    u32 reg = bl_alloc(b, v->type);
    bl_load(b, reg, v);
    *v = (struct bl_value){.kind = BL_REG, .type = v->type, .reg = (u8)reg};
    return reg;
}

/* --- Operands. --- */

void bl_push(struct bl *b, struct bl_value v)
{
    b->stack[b->depth++] = v;
}

void bl_push_reg(struct bl *b, u32 type, u32 reg)
{
    bl_push(b, (struct bl_value){.kind = BL_REG, .type = (u8)type, .reg = (u8)reg});
}

void bl_push_const(struct bl *b, u32 type, u64 bits)
{
    bl_push(b, (struct bl_value){.kind = BL_CONST, .type = (u8)type, .bits = bits});
}

void bl_push_mem(struct bl *b, u32 type)
{
    bl_push(b, (struct bl_value){.kind = BL_MEM, .type = (u8)type, .index = b->depth});
}

void bl_push_flags(struct bl *b, u32 cc)
{
    bl_push(b, (struct bl_value){.kind = BL_FLAGS, .type = BL_I32, .cc = (u8)cc});
}

void bl_drop(struct bl *b, u32 n)
{
    b->depth -= n;
    b->clean = b->clean < b->depth ? b->clean : b->depth;
}

struct bl_value bl_pop(struct bl *b)
{
    bl_drop(b, 1);
    return b->stack[b->depth];
}

static bool uses(const struct bl *b, const struct bl_value *v, u32 reg)
{
    return v && bl_where(b, v) == reg;
}

static bool may_hint(const struct bl *b, u32 type, const struct bl_value *keep)
{
    return b->hint != NO_REG && bl_is_fp(type) == (b->hint >= XMM0) && !uses(b, keep, b->hint);
}

u32 bl_result(struct bl *b, u32 type, const struct bl_value *a, const struct bl_value *keep)
{
    if (may_hint(b, type, keep)) {
        bl_detach(b, b->hint_local);
        bl_release(b, a);
        return b->hint;
    }
    if (a->kind == BL_REG && bl_is_fp(a->type) == bl_is_fp(type) && (temps_of(type) & BIT(a->reg)))
        return a->reg;
    u32 reg = bl_alloc(b, type);
    bl_release(b, a);
    return reg;
}

u32 bl_result_from(struct bl *b, u32 type, struct bl_value *a, const struct bl_value *keep)
{
    if (!may_hint(b, type, keep))
        return bl_own(b, a);
    bl_detach(b, b->hint_local);
    bl_load(b, b->hint, a);
    bl_release(b, a);
    return b->hint;
}

u32 bl_pop_flags(struct bl *b)
{
    struct bl_value c = bl_pop(b);
    if (c.kind == BL_FLAGS)
        return c.cc;
    u32 reg = bl_reg(b, &c);
    x64_rr(&b->x, X64_TEST, reg, reg);
    bl_release(b, &c);
    return CC_NE;
}

static void set_from(struct bl *b, u32 cc, u32 reg)
{
    x64_rr(&b->x, X64_SET + (cc & 15), 0, reg);
}

void bl_settle(struct bl *b)
{
    if (!b->depth || b->stack[b->depth - 1].kind != BL_FLAGS)
        return;
    u32 cc = bl_pop(b).cc;
    u32 reg = bl_alloc(b, BL_I32);
    if (cc >= CC_FEQ) { /* the parity says unordered */
        set_from(b, cc == CC_FEQ ? CC_E : CC_NE, reg);
        set_from(b, cc == CC_FEQ ? CC_NP : CC_P, SCRATCH);
        x64_rr(&b->x, cc == CC_FEQ ? X64_AND : X64_OR, reg, SCRATCH);
    } else {
        set_from(b, cc, reg);
    }
    x64_rr(&b->x, X64_MOVZX8, reg, reg);
    bl_push_reg(b, BL_I32, reg);
}

void bl_put(struct bl *b, struct x64_mem m, const struct bl_value *v)
{
    u32 reg = bl_where(b, v);
    if (reg != NO_REG) {
        bl_store(b, m, v->type, reg);
    } else if (v->kind == BL_CONST && v->bits == (u64)(s64)(s32)v->bits) {
        x64_rm(&b->x, X64_STORE_IMM | X64_W, 0, m);
        x64_word(&b->x, (u32)v->bits);
    } else {
        struct bl_value bits = *v;
        bits.type = BL_I64;
        bl_load(b, SCRATCH, &bits);
        bl_store(b, m, BL_I64, SCRATCH);
    }
}

static void flush_one(struct bl *b, u32 k)
{
    struct bl_value *v = &b->stack[k];
    if (v->kind == BL_MEM)
        return;
    bl_put(b, bl_home(b, b->nlocals + k), v);
    bl_release(b, v);
    v->kind = BL_MEM;
    v->index = k;
}

void bl_flush(struct bl *b, u32 depth)
{
    for (u32 k = b->clean; k < depth; k++)
        flush_one(b, k);
    b->clean = depth > b->clean ? depth : b->clean;
}

void bl_detach(struct bl *b, u32 local)
{
    for (u32 k = b->clean; k < b->depth; k++) {
        if (b->stack[k].kind == BL_LOCAL && b->stack[k].index == local)
            flush_one(b, k);
    }
}

void bl_save_locals(struct bl *b, u32 which)
{
    for (u32 left = b->pinned & which; left; left &= left - 1) {
        u32 reg = (u32)__builtin_ctz(left), k = b->local_of[reg];
        bl_store(b, bl_home(b, k), b->local_type[k], reg);
    }
}

void bl_load_locals(struct bl *b, u32 which)
{
    for (u32 left = b->pinned & which; left; left &= left - 1) {
        u32 reg = (u32)__builtin_ctz(left), k = b->local_of[reg];
        bl_load_cell(b, reg, b->local_type[k], k);
    }
}
