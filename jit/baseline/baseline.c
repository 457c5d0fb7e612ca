/* baseline.c: one pass over a validated body. */
#include "bl_priv.h"

#include <string.h>

#include "heap.h"
#include "rt_slab.h"

enum { FRAME_CELLS_MAX = 2048 };
bool baseline_profile;

bool bl_grow(struct bl *b, void **array, u32 *cap, u32 n, size_t item)
{
    if (n < *cap)
        return true;
    u32 more = *cap ? 2 * *cap : 64;
    void *grown = heap_realloc(*array, more * item);
    if (!grown) {
        bl_fail(b);
        return false;
    }
    *array = grown;
    *cap = more;
    return true;
}

void bl_note(struct bl *b, u32 pos)
{
    b->pos = pos;
    if (b->want_map && bl_grow(b, (void **)&b->map, &b->map_cap, b->nmap, sizeof *b->map))
        b->map[b->nmap++] = (struct bl_place){b->x.n, pos};
}

/* --- Locals. --- */

static void local_get(struct bl *b, u32 local)
{
    bl_push(b, (struct bl_value){.kind = BL_LOCAL, .type = b->local_type[local], .index = local});
}

static void local_set(struct bl *b, u32 local)
{
    struct bl_value v = bl_pop(b);
    u32 reg = b->local_reg[local];
    if (v.kind == BL_REG && v.reg == reg)
        return; /* it was made there */
    if (v.kind == BL_LOCAL && v.index == local)
        return;
    bl_detach(b, local);
    if (reg != NO_REG)
        bl_load(b, reg, &v);
    else
        bl_put(b, bl_home(b, local), &v);
    bl_release(b, &v);
}

static void local_tee(struct bl *b, u32 local)
{
    struct bl_value v = b->stack[b->depth - 1];
    if (b->local_reg[local] != NO_REG || v.kind != BL_REG) {
        local_set(b, local);
        local_get(b, local);
        return;
    }
    bl_detach(b, local);
    bl_put(b, bl_home(b, local), &v);
}

static void variable(struct bl *b, const struct wasm_instr *in)
{
    struct bl_value v;
    switch ((int)in->op) {
    case WASM_OP_LOCAL_GET: local_get(b, in->u.index); break;
    case WASM_OP_LOCAL_SET: local_set(b, in->u.index); break;
    case WASM_OP_LOCAL_TEE: local_tee(b, in->u.index); break;
    case WASM_OP_DROP:
        v = bl_pop(b);
        bl_release(b, &v);
        break;
    case WASM_OP_SELECT:
    case WASM_OP_SELECT_T: bl_select(b); break;
    default: bl_global(b, in);
    }
}

static void constant(struct bl *b, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_I32_CONST: bl_push_const(b, BL_I32, (u32)in->u.i32); break;
    case WASM_OP_I64_CONST: bl_push_const(b, BL_I64, (u64)in->u.i64); break;
    case WASM_OP_F32_CONST: bl_push_const(b, BL_F32, in->u.f32_bits); break;
    default: bl_push_const(b, BL_F64, in->u.f64_bits);
    }
}

static void reference(struct bl *b, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_REF_NULL: bl_push_const(b, BL_I64, 0); break;
    case WASM_OP_REF_FUNC: bl_push_const(b, BL_I64, (uintptr_t)b->inst->funcs[in->u.index]); break;
    case WASM_OP_REF_IS_NULL: bl_alu(b, WASM_OP_I64_EQZ); break;
    default: bl_fail(b);
    }
}

/* --- Instructions. --- */

static bool takes_flags(enum wasm_opcode op)
{
    return op == WASM_OP_BR_IF || op == WASM_OP_IF || op == WASM_OP_SELECT || op == WASM_OP_SELECT_T ||
           op == WASM_OP_I32_EQZ;
}

/* A result that goes to a local that is in a register is made there. */
static void look_ahead(struct bl *b, const u8 *next)
{
    enum { LOCAL_SET = 0x21, LOCAL_TEE = 0x22 };
    b->hint = NO_REG;
    if (next >= b->wf->end || (*next != LOCAL_SET && *next != LOCAL_TEE))
        return;
    next++;
    b->hint_local = wasm_read_u32(&next);
    b->hint = b->local_reg[b->hint_local];
}

static void instruction(struct bl *b, const struct wasm_instr *in)
{
    if (!takes_flags(in->op))
        bl_settle(b);
    switch ((enum wasm_kind)wasm_op_info[in->op].kind) {
    case WASM_KIND_CTL: bl_control(b, in); break;
    case WASM_KIND_CALL: bl_call(b, in); break;
    case WASM_KIND_VAR: variable(b, in); break;
    case WASM_KIND_CONST: constant(b, in); break;
    case WASM_KIND_ALU: bl_alu(b, in->op); break;
    case WASM_KIND_LOAD:
    case WASM_KIND_STORE: bl_access(b, in); break;
    case WASM_KIND_MEMORY: bl_memory(b, in); break;
    case WASM_KIND_TABLE: bl_table(b, in); break;
    case WASM_KIND_REF: reference(b, in); break;
    case WASM_KIND_SIMD: bl_fail(b); break;
    }
}

static void body(struct bl *b)
{
    const struct rt_sig *s = b->f->sig;
    b->reachable = true;
    b->nlabels = 1;
    b->labels[0] = (struct bl_label){.op = WASM_OP_BLOCK,
                                     .type = {.nresults = s->nresults, .results = s->types + s->nparams}};
    for (const u8 *p = b->wf->body; p < b->wf->end && !b->failed;) {
        struct wasm_instr in;
        wasm_read_instr(b->m, p, &in);
        bl_note(b, (u32)(p - b->m->bytes));
        p = in.next;
        b->next = p;
        b->arm = b->next_arm;
        b->next_arm += wasm_arms(in.op);
        b->site = b->next_site;
        b->next_site += wasm_count_words(&in);
        look_ahead(b, p);
        if (b->reachable)
            instruction(b, &in);
        else
            bl_control_dead(b, &in);
    }
}

/* --- The whole function. --- */

static bool is_ours(const struct bl *b)
{
    const u32 others = WASM_FUNC_V128 | WASM_FUNC_TAIL_CALLS | WASM_FUNC_HANDLERS | WASM_FUNC_THROWS;
    if ((b->wf->flags & others) || rt_fuel_limited)
        return false;
    for (u32 k = 0; k < b->nlocals; k++) {
        if (wasm_local_type(b->m, b->wf, k) == RT_V128)
            return false;
    }
    const struct rt_sig *s = b->f->sig;
    return s->result_cells == s->nresults && s->param_cells == s->nparams;
}

static bool allocate(struct bl *b)
{
    u32 cells = b->nlocals + b->wf->max_stack, least = rt_sig_cells(b->f->sig);
    b->ncells = cells > least ? cells : least;
    if (baseline_profile) {
        b->begun = b->ncells;
        b->ncells += 2;
    }
    b->local_type = heap_alloc(b->nlocals + 1);
    b->local_reg = heap_alloc(b->nlocals + 1);
    b->stack = heap_alloc((b->wf->max_stack + 1) * sizeof *b->stack);
    b->labels = heap_alloc((b->wf->max_depth + 1) * sizeof *b->labels);
    b->turns = heap_alloc((b->wf->nloops + 1) * sizeof *b->turns);
    b->seen = baseline_profile ? NULL : baseline_seen(b->f);
    if (!b->local_type || !b->local_reg || !b->stack || !b->labels || !b->turns ||
        !baseline_counts(b->f, &b->counts))
        return false;
    for (u32 k = 0; k < b->nlocals; k++)
        b->local_type[k] = (u8)bl_type_of(wasm_local_type(b->m, b->wf, k));
    memset(b->local_reg, NO_REG, b->nlocals);
    return b->ncells <= FRAME_CELLS_MAX;
}

static void release(struct bl *b)
{
    heap_free(b->x.bytes);
    heap_free(b->local_type);
    heap_free(b->local_reg);
    heap_free(b->stack);
    heap_free(b->labels);
    heap_free(b->turns);
    heap_free(b->fixes);
    heap_free(b->traps);
    heap_free(b->map);
}

/* Where the parts of the code are. */
struct parts {
    u32 known, cells; /* end of what rt_code_add is told; baseline_code.cells */
};

static struct parts generate(struct bl *b)
{
    struct parts p;
    bl_pin_locals(b);
    b->ncells += (b->nsaved + b->ncells) % 2; /* calls find the stack aligned */
    bl_enter(b);
    body(b);
    bl_leave(b);
    if (b->seen)
        bl_resume(b);
    bl_traps(b);
    p.known = b->x.n; /* who left a loop by way of what follows is not in the function any more */
    bl_turns(b);
    p.cells = bl_cells_entry(b);
    b->failed |= b->x.failed;
    return p;
}

static struct bl begin(struct rt_func *f)
{
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    return (struct bl){.m = m,
                       .wf = wf,
                       .f = f,
                       .inst = f->inst,
                       .nlocals = wf->nlocals,
                       .hint = NO_REG,
                       .pos = (u32)(wf->body - m->bytes)};
}

/* No side table: the function is compiled once more with a record of positions. */
static u64 offset_of(const struct rt_code *c, uintptr_t pc)
{
    struct bl b = begin(c->func);
    u64 pos = ERR_NO_OFFSET;
    b.want_map = true;
    if (allocate(&b))
        generate(&b);
    for (u32 k = 0; !b.failed && k < b.nmap && b.map[k].at <= pc - c->start; k++)
        pos = b.map[k].pos;
    release(&b);
    return pos;
}

/* No table of these either: few functions are ever entered there. */
const u32 *baseline_arms(struct baseline_code *c, struct rt_func *f)
{
    if (c->arms)
        return c->arms;
    struct bl b = begin(f);
    b.arms = heap_calloc(b.wf->narms, sizeof *b.arms);
    if (b.arms && allocate(&b))
        generate(&b);
    if (b.failed || b.x.n != c->bytes)
        heap_free(b.arms);
    else
        c->arms = b.arms;
    release(&b);
    return c->arms;
}

static void fix(const struct bl *b, u8 *at)
{
    for (u32 k = 0; k < b->nfixes; k++) {
        u8 *field = at + b->fixes[k].at;
        u32 w;
        memcpy(&w, field, sizeof w);
        w += b->fixes[k].kind == FIX_ABSOLUTE ? (u32)(uintptr_t)at : 0u - (u32)((uintptr_t)field + sizeof w);
        memcpy(field, &w, sizeof w);
    }
}

static struct baseline_code *finish(const struct bl *b, const struct parts *p)
{
    struct baseline_code *c = heap_calloc(1, sizeof *c);
    u8 *at = c ? rt_slab_take(b->x.n) : NULL;
    if (!at) {
        heap_free(c);
        return NULL;
    }
    memcpy(at, b->x.bytes, b->x.n);
    fix(b, at);
    const struct rt_code known = {.offset_of = offset_of,
                                  .start = (uintptr_t)at,
                                  .end = (uintptr_t)at + p->known,
                                  .func = b->f,
                                  .func_index = b->f->index};
    if (!rt_slab_seal(at, b->x.n) || rt_code_add(&known) != ST_OK) {
        rt_slab_free(at, b->x.n);
        heap_free(c);
        return NULL;
    }
    c->entry = c->base = at;
    c->bytes = b->x.n;
    c->start = (uintptr_t)at;
    if (b->seen)
        c->resume = at + b->resume;
    u8 *cells = at + p->cells;
    memcpy(&c->cells, &cells, sizeof cells);
    return c;
}

struct baseline_code *baseline_compile(struct rt_func *f)
{
    const struct wasm_module *m = wasm_module_of(f->inst);
    if (wasm_func_complete(m, f->index, NULL) != ST_OK)
        return NULL;
    struct bl b = begin(f);
    struct baseline_code *c = NULL;
    if (is_ours(&b) && allocate(&b)) {
        struct parts p = generate(&b);
        c = b.failed ? NULL : finish(&b, &p);
    }
    release(&b);
    return c;
}

void baseline_free(struct baseline_code *c)
{
    if (!c)
        return;
    rt_code_remove(c->start);
    rt_slab_free(c->base, c->bytes);
    baseline_free(c->older);
    heap_free(c->arms);
    heap_free(c);
}
