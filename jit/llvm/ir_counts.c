/* ir_counts.c: what code of O1 counts where no code of the baseline did, and what code of O3 makes of it:
 * weights of branches, and the callee that an indirect call is expected to have (wasm_counts.h). */
#include "ir_priv.h"

#include "wasm_counts.h"
#include "prof.h"

/* --- Counting. The array is found through the slot, so that code can be kept. --- */

void ir_counts_begin(struct ir_func *f)
{
    struct ir_unit *x = f->x;
    if (!x->u->counts)
        return;
    LLVMValueRef at = ir_offset(x, x->entry, ir_slot(f, f->index), offsetof(struct rt_func, host));
    LLVMValueRef record = ir_load_const(x, x->entry, x->t_ptr, at, IR_REGION_INST);
    at = ir_offset(x, x->entry, record, offsetof(struct prof_record, counts));
    f->counts = ir_load_const(x, x->entry, x->t_ptr, at, IR_REGION_INST);
}

static LLVMValueRef word_at(struct ir_func *f, u32 word)
{
    return ir_offset(f->x, f->x->b, f->counts, (u64)word * sizeof(u32));
}

static void add(struct ir_func *f, LLVMValueRef at, LLVMValueRef n)
{
    struct ir_unit *x = f->x;
    LLVMValueRef sum = LLVMBuildAdd(x->b, ir_load(x, x->b, x->t_i32, at, IR_REGION_COUNTS), n, "");
    ir_store(x, sum, at, IR_REGION_COUNTS);
}

/* Word `index` of the instruction's. */
static void count_at(struct ir_func *f, LLVMValueRef index)
{
    struct ir_unit *x = f->x;
    LLVMValueRef wide = LLVMBuildZExt(x->b, index, x->t_i64, "");
    add(f, LLVMBuildGEP2(x->b, x->t_i32, word_at(f, f->site), &wide, 1, ""), ir_int(x->t_i32, 1));
}

void ir_count_cond(struct ir_func *f, LLVMValueRef cond)
{
    if (f->counts)
        count_at(f, cond);
}

void ir_count_index(struct ir_func *f, LLVMValueRef index, u32 labels)
{
    struct ir_unit *x = f->x;
    if (!f->counts)
        return;
    LLVMValueRef last = ir_int(x->t_i32, labels);
    LLVMValueRef other = LLVMBuildICmp(x->b, LLVMIntUGT, index, last, "");
    count_at(f, LLVMBuildSelect(x->b, other, last, index, ""));
}

void ir_count_target(struct ir_func *f, LLVMValueRef slot)
{
    struct ir_unit *x = f->x;
    if (!f->counts)
        return;
    LLVMValueRef last = word_at(f, f->site);
    LLVMValueRef now = LLVMBuildPtrToInt(x->b, slot, x->t_i32, "");
    LLVMValueRef before = ir_load(x, x->b, x->t_i32, last, IR_REGION_COUNTS);
    LLVMValueRef other = LLVMBuildICmp(x->b, LLVMIntNE, now, before, "");
    ir_store(x, now, last, IR_REGION_COUNTS);
    add(f, word_at(f, f->site + 1), ir_int(x->t_i32, 1));
    add(f, word_at(f, f->site + 2), LLVMBuildZExt(x->b, other, x->t_i32, ""));
}

/* --- Using. --- */

/* The instruction's words; NULL: nothing was counted. */
static const u32 *words(const struct ir_func *f)
{
    return f->counted ? f->counted + f->site : NULL;
}

static LLVMMetadataRef weight(struct ir_unit *x, u64 n)
{
    return LLVMValueAsMetadata(ir_int(x->t_i32, n < UINT32_MAX ? n + 1 : n)); /* nothing is impossible */
}

static void weigh(struct ir_unit *x, LLVMValueRef branch, LLVMMetadataRef *node, u32 n)
{
    node[0] = LLVMMDStringInContext2(x->ctx, "branch_weights", 14);
    LLVMSetMetadata(branch, x->md_prof, LLVMMetadataAsValue(x->ctx, LLVMMDNodeInContext2(x->ctx, node, n)));
}

/* Whether a branch goes one way nearly always. What LLVM assumes of other ones, loops of 32 rounds for
 * instance, makes better code than what was counted: it would leave loops of few rounds unaligned (decision
 * 0065). */
static bool is_skewed(u32 a, u32 b)
{
    u32 less = a < b ? a : b, more = a < b ? b : a;
    return more / WASM_COUNTS_SKEW >= less;
}

void ir_weigh_cond(struct ir_func *f, LLVMValueRef branch)
{
    struct ir_unit *x = f->x;
    const u32 *w = words(f);
    if (!w || (u64)w[0] + w[1] < WASM_COUNTS_MIN || !is_skewed(w[0], w[1]))
        return;
    LLVMMetadataRef node[] = {NULL, weight(x, w[1]), weight(x, w[0])};
    weigh(x, branch, node, 3);
}

void ir_weigh_switch(struct ir_func *f, LLVMValueRef branch, const struct wasm_instr *in)
{
    struct ir_unit *x = f->x;
    const u32 *w = words(f);
    u32 n = in->u.br_table.count;
    u64 sum = 0, other = 0;
    for (u32 k = 0; w && k <= n; k++)
        sum += w[k];
    if (!w || sum < WASM_COUNTS_MIN)
        return;
    LLVMMetadataRef *node = ir_alloc(x, (n + 2) * sizeof *node);
    u32 cases = 0;
    const u8 *p = in->u.br_table.labels;
    u32 last = ir_last_label(in);
    for (u32 k = 0; k < n; k++) {
        if (wasm_read_u32(&p) == last)
            other += w[k];
        else
            node[2 + cases++] = weight(x, w[k]);
    }
    node[1] = weight(x, other + w[n]);
    weigh(x, branch, node, 2 + cases);
}

u32 ir_expected_target(const struct ir_func *f, const struct wasm_functype *t)
{
    const struct ir_unit *x = f->x;
    const u32 *w = words(f);
    u32 func = w ? wasm_counted_target(x->u->inst, w) : UINT32_MAX;
    return func != UINT32_MAX && wasm_func_type(x->m, func)->sig == t->sig ? func : UINT32_MAX;
}

void ir_weigh_expected(struct ir_func *f, LLVMValueRef branch)
{
    const u32 *w = words(f);
    LLVMMetadataRef node[] = {NULL, weight(f->x, w[1] - w[2]), weight(f->x, w[2])};
    weigh(f->x, branch, node, 3);
}
