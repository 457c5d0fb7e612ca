/* bl_frame.c: which locals are in registers; the ways into a function and out of it. */
#include "bl_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"
#include "rt_helpers.h"

u32 bl_next_place(struct bl_cursor *c, u32 type)
{
    static const u8 gprs[] = {RSI, RDX, RCX, R8, R9};
    if (bl_is_fp(type))
        return c->nxmm < RT_NATIVE_XMMS ? XMM0 + c->nxmm++ : (u32)NO_REG;
    return c->ngpr < sizeof gprs ? gprs[c->ngpr++] : (u32)NO_REG;
}

/* --- Choosing. What a loop does counts for more, and a call costs a store and a load of every local in a
 * register that it does not save. --- */

enum { LOOP_WEIGHT = 8, LOOP_DEPTH_MAX = 5, USES_MIN = 3 };
struct uses {
    u32 *locals; /* by local */
    u32 calls;
};

static u32 depth_weight(u32 loops)
{
    u32 w = 1;
    for (u32 k = 0; k < loops && k < LOOP_DEPTH_MAX; k++)
        w *= LOOP_WEIGHT;
    return w;
}

static bool is_call(const struct wasm_instr *in)
{
    u32 kind = wasm_op_info[in->op].kind;
    return kind == WASM_KIND_CALL || kind == WASM_KIND_TABLE ||
           (kind == WASM_KIND_MEMORY && in->op != WASM_OP_MEMORY_SIZE);
}

static u32 plus(u32 a, u32 b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* `open`: room for one byte a block. */
static void count_uses(const struct bl *b, u8 *open, struct uses *u)
{
    u32 depth = 0, loops = 0;
    for (const u8 *p = b->wf->body; p < b->wf->end;) {
        struct wasm_instr in;
        wasm_read_instr(b->m, p, &in);
        p = in.next;
        switch ((int)in.op) {
        case WASM_OP_LOOP:
            loops++;
            open[depth++] = 1;
            break;
        case WASM_OP_BLOCK:
        case WASM_OP_IF:
        case WASM_OP_TRY:
        case WASM_OP_TRY_TABLE: open[depth++] = 0; break;
        case WASM_OP_DELEGATE:
        case WASM_OP_END:
            if (depth > 0)
                loops -= open[--depth];
            break;
        case WASM_OP_LOCAL_GET:
        case WASM_OP_LOCAL_SET:
        case WASM_OP_LOCAL_TEE:
            u->locals[in.u.index] = plus(u->locals[in.u.index], depth_weight(loops));
            break;
        default:
            if (is_call(&in))
                u->calls = plus(u->calls, depth_weight(loops));
        }
    }
}

/* Where parameters arrive; NO_REG for other locals. */
static u32 arrives(const struct bl *b, u32 local)
{
    struct bl_cursor c = {0};
    u32 place = NO_REG;
    for (u32 k = 0; k < b->f->sig->nparams && k <= local; k++)
        place = bl_next_place(&c, b->local_type[k]);
    return local < b->f->sig->nparams ? place : (u32)NO_REG;
}

/* Registers in which parameters arrive are for nobody else's. */
static u32 choose(const struct bl *b, u32 local, const struct uses *u)
{
    bool fp = bl_is_fp(b->local_type[local]);
    bool survives = u->locals[local] > 2 * (u64)u->calls;
    u32 place = arrives(b, local), lost = 0;
    if (survives)
        lost = fp ? UNSAVED_XMM : UNSAVED;
    if (place != NO_REG && !fp)
        lost &= ~(BIT(R8) | BIT(R9)) | BIT(place);
    u32 kept = fp ? 0 : SAVED;
    lost &= ~b->pinned;
    kept &= ~b->pinned;
    if (!u->calls && lost)
        return (u32)__builtin_ctz(lost);
    return kept ? (u32)__builtin_ctz(kept) : lost ? (u32)__builtin_ctz(lost) : (u32)NO_REG;
}

static void pin_by_uses(struct bl *b, struct uses *u)
{
    u32 full = 0; /* kinds that found no register any more */
    while (full != 3) {
        u32 best = 0, most = 0;
        for (u32 k = 0; k < b->nlocals; k++) {
            if (u->locals[k] > most && !(full & (bl_is_fp(b->local_type[k]) ? 2 : 1)))
                best = k, most = u->locals[k];
        }
        if (most < USES_MIN)
            return;
        u32 reg = choose(b, best, u);
        u->locals[best] = 0;
        if (reg == NO_REG) {
            full |= bl_is_fp(b->local_type[best]) ? 2 : 1;
            continue;
        }
        b->local_reg[best] = (u8)reg;
        b->local_of[reg] = best;
        b->pinned |= BIT(reg);
    }
}

void bl_pin_locals(struct bl *b)
{
    struct uses u = {.locals = heap_calloc(b->nlocals + 1, sizeof(u32))};
    u8 *open = heap_alloc(b->wf->max_depth + 1);
    if (u.locals && open) {
        count_uses(b, open, &u);
        pin_by_uses(b, &u);
        b->nsaved = (u32)__builtin_popcount(b->pinned & SAVED);
    } else {
        bl_fail(b);
    }
    heap_free(u.locals);
    heap_free(open);
}

/* --- The frame. --- */

static struct x64_mem below_rbp(u32 words)
{
    return (struct x64_mem){RBP, NO_REG, 0, -(s32)(words * sizeof(rt_cell))};
}

static void make_frame(struct bl *b)
{
    x64_push(&b->x, RBP);
    x64_rr(&b->x, X64_MOV | X64_W, RBP, RSP);
    x64_rm(&b->x, X64_CMP | X64_W, RSP, bl_at(b, &rt_thread.stack_limit));
    bl_trap_if(b, CC_B, TRAP_STACK_EXHAUSTED);
    for (u32 reg = 0; reg < XMM0; reg++) {
        if (b->pinned & SAVED & BIT(reg))
            x64_push(&b->x, reg);
    }
    if (b->ncells)
        x64_ri(&b->x, X64_SUB, X64_W, RSP, (s32)(b->ncells * sizeof(rt_cell)));
}

/* Parameters to their places: those in memory first, then those that others' places do not depend on. */
static void take_params(struct bl *b)
{
    u32 n = b->f->sig->nparams;
    for (int pinned = 0; pinned < 2; pinned++) {
        struct bl_cursor c = {0};
        for (u32 k = 0; k < n; k++) {
            u32 type = b->local_type[k], place = bl_next_place(&c, type), reg = b->local_reg[k];
            if ((reg != NO_REG) != pinned || place == NO_REG)
                continue;
            if (!pinned)
                bl_store(b, bl_home(b, k), type, place);
            else if (bl_is_fp(type))
                bl_move(b, type, reg, place);
            else
                x64_rr(&b->x, X64_MOV | bl_wide(type), reg, place);
        }
    }
}

static void take_rest(struct bl *b)
{
    struct bl_cursor c = {0};
    for (u32 k = 0; k < b->f->sig->nparams; k++) {
        u32 type = b->local_type[k];
        if (bl_next_place(&c, type) != NO_REG)
            continue;
        x64_rm(&b->x, X64_MOV | X64_W, SCRATCH, bl_at(b, &rt_thread.args[c.rest++]));
        x64_rm(&b->x, X64_STORE | X64_W, SCRATCH, bl_home(b, k));
        if (b->local_reg[k] != NO_REG)
            bl_load_cell(b, b->local_reg[k], type, k);
    }
}

static void zero_locals(struct bl *b)
{
    u32 from = b->f->sig->nparams;
    bool ready = false;
    for (u32 k = from; k < b->nlocals; k++) {
        u32 reg = b->local_reg[k];
        if (reg != NO_REG) {
            x64_rr(&b->x, bl_is_fp(b->local_type[k]) ? X64_XORPS : X64_XOR, reg, reg);
        } else if (k + 1 < b->nlocals && b->local_reg[k + 1] == NO_REG) {
            if (!ready)
                x64_rr(&b->x, X64_XORPS, SCRATCH_XMM, SCRATCH_XMM);
            ready = true;
            x64_rm(&b->x, X64_STOREUPS, SCRATCH_XMM, bl_home(b, k++));
        } else {
            x64_rm(&b->x, X64_STORE_IMM | X64_W, 0, bl_home(b, k));
            x64_word(&b->x, 0);
        }
    }
}

/* --- With a profile: when the call began, in a cell of its own, and the result while the call is counted.
 * --- */

static u64 guest_ticks(void)
{
    return plat_ticks() - rt_thread.ticks_excluded;
}

static void count_call(struct rt_func *f, u64 since)
{
    rt_h_profile_exit(f->inst, f->index, guest_ticks() - since);
}

static void note_begin(struct bl *b)
{
    bl_save_locals(b, LOST);
    bl_call_address(b, (const void *)(uintptr_t)guest_ticks);
    x64_rm(&b->x, X64_STORE | X64_W, RAX, bl_home(b, b->begun));
    bl_load_locals(b, LOST);
}

static void note_end(struct bl *b)
{
    const struct rt_sig *s = b->f->sig;
    u32 type = s->nresults ? bl_type_of(s->types[s->nparams]) : BL_I32;
    u32 reg = bl_is_fp(type) ? (u32)XMM0 : (u32)RAX;
    bl_store(b, bl_home(b, b->begun + 1), type, reg);
    x64_const(&b->x, RDI, (uintptr_t)b->f);
    x64_rm(&b->x, X64_MOV | X64_W, RSI, bl_home(b, b->begun));
    bl_call_address(b, (const void *)(uintptr_t)count_call);
    bl_load_cell(b, reg, type, b->begun + 1);
}

void bl_enter(struct bl *b)
{
    make_frame(b);
    take_params(b);
    take_rest(b);
    zero_locals(b);
    if (baseline_profile)
        note_begin(b);
    x64_rm(&b->x, X64_STORE_IMM8, 0, bl_at(b, &b->f->entered));
    x64_byte(&b->x, true);
    bl_count(b, BL_ENTRY, RT_HEAT_CALL);
}

void bl_leave(struct bl *b)
{
    x64_bind(&b->x, &b->leave);
    b->left = b->x.n;
    if (baseline_profile)
        note_end(b);
    if (b->nsaved)
        x64_rm(&b->x, X64_LEA | X64_W, RSP, below_rbp(b->nsaved));
    for (u32 reg = XMM0; reg-- > 0;) {
        if (b->pinned & SAVED & BIT(reg))
            x64_pop(&b->x, reg);
    }
    if (b->nsaved)
        x64_pop(&b->x, RBP);
    else
        x64_byte(&b->x, 0xc9); /* leave */
    x64_byte(&b->x, 0xc3);
}

/* The frame's cells are those that rsi leads to. */
void bl_resume(struct bl *b)
{
    enum { REP = 0xf3, REX_W = 0x48, MOVS = 0xa5 };
    b->resume = b->x.n;
    bl_note(b, (u32)(b->wf->body - b->m->bytes));
    make_frame(b);
    x64_rm(&b->x, X64_LEA | X64_W, RDI, bl_home(b, 0));
    x64_const(&b->x, RCX, b->nlocals + b->wf->max_stack);
    x64_byte(&b->x, REP);
    x64_byte(&b->x, REX_W);
    x64_byte(&b->x, MOVS);
    bl_load_locals(b, UINT32_MAX);
    x64_rm(&b->x, X64_STORE_IMM8, 0, bl_at(b, &b->f->entered));
    x64_byte(&b->x, true);
    x64_rm(&b->x, X64_GROUP5, GROUP5_JMP, bl_at(b, &rt_thread.resume));
}

/* --- When heat runs out. --- */

/* Called by code: whether the activation was finished elsewhere, with results beyond the first in their
 * places. */
static u32 hot_loop(struct rt_func *f, u32 loop, rt_cell *frame)
{
    if (!baseline_on_hot_loop(f, loop, frame))
        return false;
    for (u32 k = 1; k < f->sig->nresults; k++)
        rt_thread.results[k] = frame[k];
    return true;
}

static void ask_at_entry(struct bl *b)
{
    bl_save_locals(b, LOST);
    x64_const(&b->x, RDI, (uintptr_t)b->inst);
    x64_const(&b->x, RSI, b->f->index);
    bl_call_address(b, (const void *)(uintptr_t)rt_h_tier_up);
    bl_load_locals(b, LOST);
}

static void ask_in_loop(struct bl *b, u32 loop)
{
    u32 on = 0;
    bl_save_locals(b, UINT32_MAX);
    x64_rm(&b->x, X64_LEA | X64_W, RDX, bl_home(b, 0));
    x64_const(&b->x, RDI, (uintptr_t)b->f);
    x64_const(&b->x, RSI, loop);
    bl_call_address(b, (const void *)(uintptr_t)hot_loop);
    x64_rr(&b->x, X64_TEST, RAX, RAX);
    x64_jcc(&b->x, CC_E, &on);
    const struct rt_sig *s = b->f->sig;
    if (s->nresults) {
        u32 type = bl_type_of(s->types[s->nparams]);
        bl_load_cell(b, bl_is_fp(type) ? (u32)XMM0 : (u32)RAX, type, 0);
    }
    x64_jmp_back(&b->x, b->left);
    x64_bind(&b->x, &on);
    bl_load_locals(b, LOST);
}

void bl_turns(struct bl *b)
{
    for (u32 k = 0; k < b->nturns; k++) {
        struct bl_turn *t = &b->turns[k];
        x64_bind(&b->x, &t->chain);
        if (t->loop == BL_ENTRY)
            ask_at_entry(b);
        else
            ask_in_loop(b, t->loop);
        x64_jmp_back(&b->x, t->back);
    }
}

/* The call is made as if by each of them. */
void bl_traps(struct bl *b)
{
    u32 common = b->x.n;
    x64_const(&b->x, RDI, (uintptr_t)b->inst);
    x64_byte(&b->x, 0xe9);
    bl_relative(b, (const void *)(uintptr_t)rt_h_trap);
    for (u32 k = 0; k < b->ntraps; k++) {
        struct bl_trap *t = &b->traps[k];
        x64_bind(&b->x, &t->chain);
        bl_note(b, t->pos);
        x64_const(&b->x, RSI, t->trap);
        x64_byte(&b->x, 0xe8);
        x64_word(&b->x, common - (b->x.n + (u32)sizeof(u32)));
    }
}

/* --- Entry from the interpreter and hosts: (slot, cells), as rt_cells_to_native, for this one signature. ---
 */

static struct x64_mem cell_of(u32 base, u32 k)
{
    return (struct x64_mem){(u8)base, NO_REG, 0, (s32)(k * sizeof(rt_cell))};
}

/* What the callee's callees take lies above these cells, if they are on the value stack. r10 has them. */
static void raise_cells_top(struct bl *b)
{
    const rt_cell *base;
    u32 elsewhere = 0;
    size_t bytes = rt_cells_bounds(&base);
    x64_const(&b->x, SCRATCH, (uintptr_t)base);
    x64_rr(&b->x, X64_MOV | X64_W, RAX, R10);
    x64_rr(&b->x, X64_SUB | X64_W, RAX, SCRATCH);
    x64_ri(&b->x, X64_CMP, X64_W, RAX, (s32)bytes);
    x64_jcc(&b->x, CC_AE, &elsewhere);
    x64_rm(&b->x, X64_LEA | X64_W, RAX, cell_of(R10, rt_sig_cells(b->f->sig)));
    x64_rm(&b->x, X64_STORE | X64_W, RAX, bl_at(b, &rt_thread.cells_top));
    x64_bind(&b->x, &elsewhere);
}

static void load_params(struct bl *b)
{
    struct bl_cursor c = {0};
    for (u32 k = 0; k < b->f->sig->nparams; k++) {
        u32 type = b->local_type[k], place = bl_next_place(&c, type);
        if (place != NO_REG) {
            bl_load_from(b, place, type, cell_of(R10, k));
            continue;
        }
        x64_rm(&b->x, X64_MOV | X64_W, RAX, cell_of(R10, k));
        x64_rm(&b->x, X64_STORE | X64_W, RAX, bl_at(b, &rt_thread.args[c.rest++]));
    }
}

static void store_results(struct bl *b)
{
    const struct rt_sig *s = b->f->sig;
    u32 type = s->nresults ? bl_type_of(s->types[s->nparams]) : BL_I32;
    if (s->nresults)
        bl_store(b, cell_of(R10, 0), type, bl_is_fp(type) ? (u32)XMM0 : (u32)RAX);
    for (u32 k = 1; k < s->nresults; k++) {
        x64_rm(&b->x, X64_MOV | X64_W, RAX, bl_at(b, &rt_thread.results[k]));
        x64_rm(&b->x, X64_STORE | X64_W, RAX, cell_of(R10, k));
    }
}

u32 bl_cells_entry(struct bl *b)
{
    u32 start = b->x.n;
    x64_push(&b->x, RBP);
    x64_rr(&b->x, X64_MOV | X64_W, RBP, RSP);
    x64_push(&b->x, RSI);
    x64_rr(&b->x, X64_MOV | X64_W, R10, RSI);
    x64_rm(&b->x, X64_MOV | X64_W, RAX, bl_at(b, &rt_thread.cells_top));
    x64_push(&b->x, RAX);
    raise_cells_top(b);
    load_params(b);
    x64_byte(&b->x, 0xe8);
    x64_word(&b->x, 0u - (b->x.n + (u32)sizeof(u32))); /* the function begins at 0 */
    x64_rm(&b->x, X64_MOV | X64_W, R10, below_rbp(1));
    store_results(b);
    x64_pop(&b->x, RAX);
    x64_rm(&b->x, X64_STORE | X64_W, RAX, bl_at(b, &rt_thread.cells_top));
    x64_byte(&b->x, 0xc9);
    x64_byte(&b->x, 0xc3);
    return start;
}
