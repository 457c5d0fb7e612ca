/* bl_memory.c: linear memory, tables and globals. */
#include "bl_priv.h"

#include "rt_helpers.h"

/* --- Accesses. Memories are guarded: what is out of bounds faults. --- */

/* The instruction that loads `m` as a `t`. */
#define LOAD_s8(t)  (X64_MOVSX8 | bl_wide(t))
#define LOAD_u8(t)  X64_MOVZX8
#define LOAD_s16(t) (X64_MOVSX16 | bl_wide(t))
#define LOAD_u16(t) X64_MOVZX16
#define LOAD_s32(t) X64_MOVSXD
#define LOAD_u32(t) X64_MOV
#define LOAD_u64(t) (X64_MOV | X64_W)
#define LOAD_f32(t) X64_MOVSS
#define LOAD_f64(t) X64_MOVSD
#define STORE_u8    X64_STORE8
#define STORE_u16   X64_STORE16
#define STORE_u32   X64_STORE
#define STORE_u64   (X64_STORE | X64_W)
#define STORE_f32   X64_STORESS
#define STORE_f64   X64_STORESD
enum { BYTES_u8 = 1, BYTES_u16 = 2, BYTES_u32 = 4, BYTES_u64 = 8, BYTES_f32 = 4, BYTES_f64 = 8 };
enum { TYPE_u32 = BL_I32, TYPE_u64 = BL_I64, TYPE_f32 = BL_F32, TYPE_f64 = BL_F64 };

/* NULL: not one that is accessed here. */
static const u8 *memory_base(struct bl *b, u32 mem)
{
    const struct rt_memory *m = b->inst->mems[mem];
    if (m->guarded && !m->is64)
        return m->base;
    bl_fail(b);
    return NULL;
}

/* Takes SCRATCH if anything; a register that `index` is in stays as it is. */
static struct x64_mem address(struct bl *b, const struct wasm_instr *in, const struct bl_value *index)
{
    u64 at = (uintptr_t)memory_base(b, in->u.memarg.mem) + in->u.memarg.offset;
    if (index->kind == BL_CONST)
        return bl_at(b, (const void *)(uintptr_t)(at + (u32)index->bits));
    return bl_offset(b, bl_where(b, index), at);
}

static void load(struct bl *b, const struct wasm_instr *in, u32 op, u32 type)
{
    struct bl_value index = bl_pop(b);
    if (index.kind != BL_CONST)
        bl_reg(b, &index);
    struct bl_value where = index;
    u32 reg = bl_result(b, type, &index, NULL);
    x64_rm(&b->x, op, reg, address(b, in, &where));
    bl_push_reg(b, type, reg);
}

static void store_imm(struct bl *b, const struct wasm_instr *in, u32 bytes, const struct bl_value *index,
                      u64 bits)
{
    struct x64_mem m = address(b, in, index);
    u32 prefix = bytes == 2 ? X64_66 : bytes == 8 ? X64_W : 0;
    x64_rm(&b->x, (bytes == 1 ? X64_STORE_IMM8 : X64_STORE_IMM) | prefix, 0, m);
    x64_byte(&b->x, (u8)bits);
    if (bytes > 1)
        x64_byte(&b->x, (u8)(bits >> 8));
    for (u32 k = 2; k < bytes && k < 4; k++)
        x64_byte(&b->x, (u8)(bits >> 8 * k));
}

static void store(struct bl *b, const struct wasm_instr *in, u32 op, u32 bytes)
{
    struct bl_value v = bl_pop(b), index = bl_pop(b);
    if (index.kind != BL_CONST)
        bl_reg(b, &index);
    if (bl_imm(&v)) {
        store_imm(b, in, bytes, &index, v.bits);
    } else {
        u32 reg = bl_reg(b, &v);
        x64_rm(&b->x, op, reg, address(b, in, &index));
    }
    bl_release(b, &v);
    bl_release(b, &index);
}

void bl_access(struct bl *b, const struct wasm_instr *in)
{
    switch ((int)in->op) {
#define LOAD(id, m, t)                                                                                       \
    case WASM_OP_##id: load(b, in, LOAD_##m(TYPE_##t), TYPE_##t); break;
#define STORE(id, m, t)                                                                                      \
    case WASM_OP_##id: store(b, in, STORE_##m, BYTES_##m); break;
#include "wasm_mem.def"
#undef LOAD
#undef STORE
    default: bl_fail(b);
    }
}

/* --- Globals. --- */

void bl_global(struct bl *b, const struct wasm_instr *in)
{
    rt_type t = b->m->globals[in->u.index].type.type;
    const rt_cell *at = b->inst->globals[in->u.index]->value;
    u32 type = bl_type_of(t);
    if (t == RT_V128) {
        bl_fail(b);
    } else if (in->op == WASM_OP_GLOBAL_SET) {
        struct bl_value v = bl_pop(b);
        u32 reg = bl_reg(b, &v);
        bl_store(b, bl_at(b, at), type, reg);
        bl_release(b, &v);
    } else {
        struct bl_value none = {.kind = BL_CONST, .type = (u8)type};
        u32 reg = bl_result(b, type, &none, NULL);
        bl_load_from(b, reg, type, bl_at(b, at));
        bl_push_reg(b, type, reg);
    }
}

/* --- What the runtime does (rt_helpers.def): the instance, immediates, then operands. --- */

static const u32 arg_regs[] = {RDI, RSI, RDX, RCX, R8, R9};

static struct bl_value constant(u64 bits)
{
    return (struct bl_value){.kind = BL_CONST, .type = BL_I64, .bits = bits};
}

/* Calls with `nimm` of the immediates and the top `n` operands. `result`: its type, or NO_RESULT. */
enum { NO_RESULT = -1 };
static void help(struct bl *b, const void *fn, const u32 imm[2], u32 nimm, u32 n, int result)
{
    struct bl_arg args[6] = {{RDI, constant((uintptr_t)b->inst), 0}};
    for (u32 k = 0; k < nimm; k++)
        args[1 + k] = (struct bl_arg){arg_regs[1 + k], constant(imm[k]), 0};
    bl_drop(b, n);
    for (u32 k = 0; k < n; k++)
        args[1 + nimm + k] = (struct bl_arg){arg_regs[1 + nimm + k], b->stack[b->depth + k], b->depth + k};
    bl_call_c(b, fn, args, 1 + nimm + n);
    if (result == NO_RESULT)
        return;
    b->busy |= BIT(RAX);
    if (result == BL_I32)
        x64_rr(&b->x, X64_MOV, RAX, RAX);
    bl_push_reg(b, (u32)result, RAX);
}
#define HELP(name, nimm, n, result) help(b, (const void *)(uintptr_t)rt_h_##name, imm, nimm, n, result)

static int size_type(const struct wasm_limits *l)
{
    return l->is64 ? BL_I64 : BL_I32;
}

static void memory_size(struct bl *b, u32 mem)
{
    u32 reg = bl_alloc(b, BL_I64);
    x64_rm(&b->x, X64_MOV | X64_W, reg, bl_at(b, &b->inst->mems[mem]->bytes));
    x64_rr(&b->x, X64_GROUP2 | X64_W, SHIFT_SHR, reg);
    x64_byte(&b->x, 16);
    bl_push_reg(b, (u32)size_type(&b->m->mems[mem].limits), reg);
}

void bl_memory(struct bl *b, const struct wasm_instr *in)
{
    const u32 *imm = (const u32[]){in->u.index, 0};
    switch ((int)in->op) {
    case WASM_OP_MEMORY_SIZE: memory_size(b, in->u.index); return;
    case WASM_OP_MEMORY_GROW: HELP(memory_grow, 1, 1, size_type(&b->m->mems[in->u.index].limits)); return;
    case WASM_OP_MEMORY_FILL: HELP(memory_fill, 1, 3, NO_RESULT); return;
    case WASM_OP_DATA_DROP: HELP(data_drop, 1, 0, NO_RESULT); return;
    case WASM_OP_MEMORY_COPY:
        imm = (const u32[]){in->u.pair.a, in->u.pair.b};
        HELP(memory_copy, 2, 3, NO_RESULT);
        return;
    case WASM_OP_MEMORY_INIT:
        imm = (const u32[]){in->u.pair.b, in->u.pair.a};
        HELP(memory_init, 2, 3, NO_RESULT);
        return;
    default: bl_fail(b);
    }
}

void bl_table(struct bl *b, const struct wasm_instr *in)
{
    const u32 *imm = (const u32[]){in->u.index, 0};
    switch ((int)in->op) {
    case WASM_OP_TABLE_GET: HELP(table_get, 1, 1, BL_I64); return;
    case WASM_OP_TABLE_SET: HELP(table_set, 1, 2, NO_RESULT); return;
    case WASM_OP_TABLE_SIZE: HELP(table_size, 1, 0, size_type(&b->m->tables[in->u.index].limits)); return;
    case WASM_OP_TABLE_GROW: HELP(table_grow, 1, 2, size_type(&b->m->tables[in->u.index].limits)); return;
    case WASM_OP_TABLE_FILL: HELP(table_fill, 1, 3, NO_RESULT); return;
    case WASM_OP_ELEM_DROP: HELP(elem_drop, 1, 0, NO_RESULT); return;
    case WASM_OP_TABLE_COPY:
        imm = (const u32[]){in->u.pair.a, in->u.pair.b};
        HELP(table_copy, 2, 3, NO_RESULT);
        return;
    case WASM_OP_TABLE_INIT:
        imm = (const u32[]){in->u.pair.b, in->u.pair.a};
        HELP(table_init, 2, 3, NO_RESULT);
        return;
    default: bl_fail(b);
    }
}
