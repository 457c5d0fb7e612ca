/* ir_memory.c: linear memory, tables and globals.
 *
 * Memory 0 at its fixed place is an absolute symbol: an access is one instruction without a base register.
 * Otherwise the base, which never moves, is loaded once in the entry block. Neither needs a check where the
 * address space behind the memory is reserved: what is out of bounds faults. */
#include "ir_priv.h"

#include "plat.h"

/* Head of memory `mem` (struct rt_memory). */
static LLVMValueRef mem_head(struct ir_func *f, u32 mem)
{
    struct ir_unit *x = f->x;
    if (!f->mem_heads[mem]) {
        LLVMValueRef at = ir_offset(x, x->entry, f->inst, x->m->layout.mems + (u64)mem * sizeof(void *));
        f->mem_heads[mem] = ir_load_const(x, x->entry, x->t_ptr, at, IR_REGION_INST);
    }
    return f->mem_heads[mem];
}

static LLVMValueRef mem_base(struct ir_func *f, u32 mem)
{
    struct ir_unit *x = f->x;
    if (mem == 0 && x->u->fixed_mem)
        return x->mem0;
    if (!f->mem_bases[mem]) {
        LLVMValueRef at = ir_offset(x, x->entry, mem_head(f, mem), offsetof(struct rt_memory, base));
        f->mem_bases[mem] = ir_load_const(x, x->entry, x->t_ptr, at, IR_REGION_INST);
    }
    return f->mem_bases[mem];
}

static LLVMValueRef mem_bytes(struct ir_func *f, u32 mem)
{
    struct ir_unit *x = f->x;
    LLVMValueRef at = ir_offset(x, x->b, mem_head(f, mem), offsetof(struct rt_memory, bytes));
    return ir_load(x, x->b, x->t_i64, at, IR_REGION_INST);
}

/* Whether an access beyond the end of `mem` faults by itself. */
static bool guarded(const struct ir_func *f, u32 mem)
{
    const struct rt_instance *i = f->x->u->inst;
    if (f->x->m->mems[mem].limits.is64)
        return false;
    return (mem == 0 && f->x->u->fixed_mem) || !i || i->mems[mem]->guarded;
}

static u64 access_size(const struct ir_unit *x, LLVMTypeRef t)
{
    return t == x->t_i8                     ? 1
           : t == x->t_i16                  ? 2
           : t == x->t_i32 || t == x->t_f32 ? 4
           : t == x->t_v128                 ? 16
                                            : 8;
}

/* An address or a size as 64 bits. */
static LLVMValueRef widen(struct ir_func *f, LLVMValueRef v)
{
    return LLVMTypeOf(v) == f->x->t_i64 ? v : LLVMBuildZExt(f->x->b, v, f->x->t_i64, "");
}

static LLVMValueRef address(struct ir_func *f, const struct wasm_instr *in, LLVMValueRef index,
                            LLVMTypeRef accessed)
{
    struct ir_unit *x = f->x;
    u32 mem = in->u.memarg.mem;
    LLVMValueRef wide = widen(f, index);
    if (!guarded(f, mem)) {
        u64 beyond;
        if (__builtin_add_overflow(in->u.memarg.offset, access_size(x, accessed), &beyond))
            beyond = UINT64_MAX; /* no memory is so big */
        LLVMValueRef args[] = {wide, ir_int(x->t_i64, beyond)};
        LLVMValueRef end = ir_intrinsic(x, "llvm.uadd.sat", &x->t_i64, 1, args, 2);
        ir_trap_if(f, LLVMBuildICmp(x->b, LLVMIntUGT, end, mem_bytes(f, mem), ""), TRAP_MEMORY_OOB);
    }
    LLVMValueRef at = LLVMBuildGEP2(x->b, x->t_i8, mem_base(f, mem), &wide, 1, "");
    return ir_offset(x, x->b, at, in->u.memarg.offset);
}

/* Whether an access can never trap: its address is constant, and the least that the memory can have covers
 * it. */
static bool in_bounds(const struct ir_func *f, const struct wasm_instr *in, LLVMValueRef index,
                      LLVMTypeRef accessed)
{
    if (!LLVMIsAConstantInt(index))
        return false;
    u64 end;
    if (__builtin_add_overflow(LLVMConstIntGetZExtValue(index), in->u.memarg.offset, &end) ||
        __builtin_add_overflow(end, access_size(f->x, accessed), &end))
        return false;
    return end <= f->x->m->mems[in->u.memarg.mem].limits.min * RT_PAGE;
}

/* A load that may trap is a call first, whose result LLVM may forget, but which it neither drops nor moves;
 * see LowerLoadsPass. */
static LLVMValueRef trapping_load(struct ir_func *f, LLVMTypeRef word, LLVMValueRef at)
{
    struct ir_unit *x = f->x;
    if (x->u->tier == TIER_O0)
        return ir_load(x, x->b, word, at, IR_REGION_GUEST);
    LLVMTypeRef type = LLVMFunctionType(word, &x->t_ptr, 1, false);
    LLVMValueRef call = LLVMBuildCall2(x->b, type, ir_loader(x, word, type), &at, 1, "");
    LLVMSetMetadata(call, x->md_tbaa, x->tbaa[IR_REGION_GUEST]);
    return call;
}

/* Patterns are told by where they are in the file. */
static LLVMValueRef note_offset(struct ir_func *f, LLVMValueRef access)
{
    struct ir_unit *x = f->x;
    if (!x->u->patterns || x->u->tier != TIER_O3)
        return access;
    LLVMMetadataRef at = LLVMValueAsMetadata(ir_int(x->t_i32, (u64)(f->at - x->m->bytes)));
    LLVMSetMetadata(access, x->md_offset, LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, &at, 1)));
    return access;
}

LLVMValueRef ir_memory_load(struct ir_func *f, const struct wasm_instr *in, LLVMTypeRef word)
{
    LLVMValueRef index = ir_pop(f), at = address(f, in, index, word);
    bool plain = !guarded(f, in->u.memarg.mem) || in_bounds(f, in, index, word);
    return note_offset(f, plain ? ir_load(f->x, f->x->b, word, at, IR_REGION_GUEST)
                                : trapping_load(f, word, at));
}

void ir_memory_store(struct ir_func *f, const struct wasm_instr *in, LLVMValueRef v)
{
    note_offset(f, ir_store(f->x, v, address(f, in, ir_pop(f), LLVMTypeOf(v)), IR_REGION_GUEST));
}

static void load(struct ir_func *f, const struct wasm_instr *in, LLVMTypeRef word, bool is_signed,
                 LLVMTypeRef cell)
{
    LLVMValueRef v = ir_memory_load(f, in, word);
    if (word != cell)
        v = is_signed ? LLVMBuildSExt(f->x->b, v, cell, "") : LLVMBuildZExt(f->x->b, v, cell, "");
    ir_push(f, v);
}

static void store(struct ir_func *f, const struct wasm_instr *in, LLVMTypeRef word, LLVMTypeRef cell)
{
    LLVMValueRef v = ir_pop(f);
    ir_memory_store(f, in, word == cell ? v : LLVMBuildTrunc(f->x->b, v, word, ""));
}

void ir_access(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
#define LOAD(id, word, cell)                                                                                 \
    case WASM_OP_##id: load(f, in, WORD_##word, SIGN_##word, WORD_##cell); break;
#define STORE(id, word, cell)                                                                                \
    case WASM_OP_##id: store(f, in, WORD_##word, WORD_##cell); break;
#include "wasm_mem.def"
#undef LOAD
#undef STORE
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}

static LLVMValueRef imm(struct ir_func *f, u32 v)
{
    return ir_int(f->x->t_i32, v);
}

/* An operand as helpers want it. */
static LLVMValueRef pop_wide(struct ir_func *f)
{
    return widen(f, ir_pop(f));
}

/* Pushes a size of what has these limits. */
static void push_size(struct ir_func *f, const struct wasm_limits *l, LLVMValueRef v)
{
    ir_push(f, l->is64 ? v : LLVMBuildTrunc(f->x->b, v, f->x->t_i32, ""));
}

/* Helpers of the form (instance, immediate, immediate, destination, source, count). */
static void range_helper(struct ir_func *f, enum ir_helper h, u32 a, u32 b)
{
    LLVMValueRef n = pop_wide(f), src = pop_wide(f), dst = pop_wide(f);
    LLVMValueRef args[] = {f->inst, imm(f, a), imm(f, b), dst, src, n};
    ir_call_helper(f, h, args, 6);
}

static void drop_helper(struct ir_func *f, enum ir_helper h, u32 segment)
{
    LLVMValueRef args[] = {f->inst, imm(f, segment)};
    ir_call_helper(f, h, args, 2);
}

static void memory_size(struct ir_func *f, u32 mem)
{
    struct ir_unit *x = f->x;
    push_size(f, &x->m->mems[mem].limits, LLVMBuildLShr(x->b, mem_bytes(f, mem), ir_int(x->t_i64, 16), ""));
}

static void memory_grow(struct ir_func *f, u32 mem)
{
    LLVMValueRef args[] = {f->inst, imm(f, mem), pop_wide(f)};
    push_size(f, &f->x->m->mems[mem].limits, ir_call_helper(f, IR_HELPER_memory_grow, args, 3));
}

static void memory_fill(struct ir_func *f, u32 mem)
{
    LLVMValueRef n = pop_wide(f), val = ir_pop(f), dst = pop_wide(f);
    LLVMValueRef args[] = {f->inst, imm(f, mem), dst, val, n};
    ir_call_helper(f, IR_HELPER_memory_fill, args, 5);
}

void ir_memory(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_MEMORY_SIZE: memory_size(f, in->u.index); break;
    case WASM_OP_MEMORY_GROW: memory_grow(f, in->u.index); break;
    case WASM_OP_MEMORY_FILL: memory_fill(f, in->u.index); break;
    case WASM_OP_MEMORY_COPY: range_helper(f, IR_HELPER_memory_copy, in->u.pair.a, in->u.pair.b); break;
    case WASM_OP_MEMORY_INIT: range_helper(f, IR_HELPER_memory_init, in->u.pair.b, in->u.pair.a); break;
    case WASM_OP_DATA_DROP: drop_helper(f, IR_HELPER_data_drop, in->u.index); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}

/* --- Tables. --- */

static void table_get(struct ir_func *f, u32 table)
{
    LLVMValueRef args[] = {f->inst, imm(f, table), pop_wide(f)};
    ir_push(f, ir_call_helper(f, IR_HELPER_table_get, args, 3));
}

static void table_set(struct ir_func *f, u32 table)
{
    LLVMValueRef ref = ir_pop(f);
    LLVMValueRef args[] = {f->inst, imm(f, table), pop_wide(f), ref};
    ir_call_helper(f, IR_HELPER_table_set, args, 4);
}

static void table_grow(struct ir_func *f, u32 table)
{
    LLVMValueRef delta = pop_wide(f), init = ir_pop(f);
    LLVMValueRef args[] = {f->inst, imm(f, table), init, delta};
    push_size(f, &f->x->m->tables[table].limits, ir_call_helper(f, IR_HELPER_table_grow, args, 4));
}

static void table_size(struct ir_func *f, u32 table)
{
    LLVMValueRef args[] = {f->inst, imm(f, table)};
    push_size(f, &f->x->m->tables[table].limits, ir_call_helper(f, IR_HELPER_table_size, args, 2));
}

static void table_fill(struct ir_func *f, u32 table)
{
    LLVMValueRef n = pop_wide(f), ref = ir_pop(f), dst = pop_wide(f);
    LLVMValueRef args[] = {f->inst, imm(f, table), dst, ref, n};
    ir_call_helper(f, IR_HELPER_table_fill, args, 5);
}

void ir_table(struct ir_func *f, const struct wasm_instr *in)
{
    switch ((unsigned)in->op) {
    case WASM_OP_TABLE_GET: table_get(f, in->u.index); break;
    case WASM_OP_TABLE_SET: table_set(f, in->u.index); break;
    case WASM_OP_TABLE_GROW: table_grow(f, in->u.index); break;
    case WASM_OP_TABLE_SIZE: table_size(f, in->u.index); break;
    case WASM_OP_TABLE_FILL: table_fill(f, in->u.index); break;
    case WASM_OP_TABLE_COPY: range_helper(f, IR_HELPER_table_copy, in->u.pair.a, in->u.pair.b); break;
    case WASM_OP_TABLE_INIT: range_helper(f, IR_HELPER_table_init, in->u.pair.b, in->u.pair.a); break;
    case WASM_OP_ELEM_DROP: drop_helper(f, IR_HELPER_elem_drop, in->u.index); break;
    default: llvm_bail(BAILOUT_UNSUPPORTED, wasm_op_info[in->op].text);
    }
}

/* --- Globals. --- */

/* To LLVM a global may lie in linear memory (here, and in make_regions()): then it keeps the order of both,
 * and a trap finds globals as they have to be. A constant address says so; offsets from two symbols would be
 * different things. */
static LLVMValueRef global_address(struct ir_func *f, u32 global)
{
    struct ir_unit *x = f->x;
    const struct rt_layout *l = &x->m->layout;
    if (global >= l->imp_globals) {
        u64 by = l->own_globals + (u64)(global - l->imp_globals) * sizeof(struct rt_global);
        return x->u->fixed_inst ? LLVMConstIntToPtr(ir_int(x->t_i64, MAP_DATA_BASE + by), x->t_ptr)
                                : ir_offset(x, x->b, f->inst, by);
    }
    LLVMValueRef at = ir_offset(x, x->b, f->inst, l->globals + (u64)global * sizeof(void *));
    return ir_load_const(x, x->b, x->t_ptr, at, IR_REGION_INST);
}

void ir_global(struct ir_func *f, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    const struct wasm_globaltype *t = &x->m->globals[in->u.index].type;
    LLVMValueRef at = global_address(f, in->u.index);
    if (in->op == WASM_OP_GLOBAL_SET)
        ir_store(x, ir_pop(f), at, IR_REGION_GLOBAL);
    else if (t->mut)
        ir_push(f, ir_load(x, x->b, ir_type(x, t->type), at, IR_REGION_GLOBAL));
    else
        ir_push(f, ir_load_const(x, x->b, ir_type(x, t->type), at, IR_REGION_GLOBAL));
}
