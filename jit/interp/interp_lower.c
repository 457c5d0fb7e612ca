/* Lowering: one linear pass over a validated body to threaded code for a register machine.
 *
 * The operand stack exists only here: an operand is in its own cell, or is still a local's value or a
 * constant that nobody copied yet (`local.get a; local.get b; i32.add; local.set c` becomes one instruction).
 * Hazards:
 *   - a local that is overwritten while operands still stand for it: they are copied to their cells first;
 * the operands of one local form a chain, so that this costs nothing when there are none;
 *   - paths that join must agree: everything is in its own cell at every block boundary and call;
 *   - the accumulator (interp_priv.h) is known only since the last label.
 * A comparison is taken back when a branch follows it and emitted again as one instruction with it; likewise
 * the target of a result is redirected when it goes straight to a local. */
#include "interp_priv.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

#define NONE UINT32_MAX

enum acc_class { ACC_NONE, ACC_INT, ACC_F32, ACC_F64 };
struct acc {  /* what the accumulator holds */
    u32 cell; /* which also has this value, or NONE */
    enum acc_class class;
    u32 at;          /* the instruction that computed it */
    interp_fn alone; /* its handler that leaves out the store to the cell; may be NULL */
};

enum value_kind { VALUE_CELL, VALUE_LOCAL, VALUE_CONST };
struct value {
    enum value_kind kind;
    u32 local; /* VALUE_LOCAL */
    u32 older; /* VALUE_LOCAL: next lower operand that stands for the same local */
    u64 bits;  /* VALUE_CONST */
};

struct block {
    enum wasm_opcode op; /* BLOCK LOOP IF ELSE */
    u32 height;          /* operands below the block's parameters */
    u32 nparams, nresults;
    u32 start;           /* LOOP: offset of the header */
    u32 to_end, to_else; /* chains of jump fields still to fill in, or NONE */
};

/* The last instruction, if it computed a value and no label came since. */
struct last {
    bool valid;
    bool is_alu;
    u32 at, bytes;
    u32 dest;
    enum wasm_opcode op;
    enum interp_form form;
    u32 a, b;
    u64 imm;
    struct acc before;
};

struct lower {
    const struct wasm_module *m;
    const struct wasm_func *wf;
    const struct rt_func *f;
    u32 nlocals, nresults;
    bool checked; /* memory 0 needs explicit bounds checks */
    status st;    /* first failure; code is dropped from then on */
    /* Code. */
    u8 *text;
    u32 bytes, cap;
    struct last last, prev; /* prev: the one right before, likewise */
    struct acc acc;
    u32 copy_at, copies; /* the last instruction, if it is COPY or COPY2 and no label came since */
    /* Operands. */
    struct value *values;
    u32 height, clean; /* all operands below `clean` are in their cells */
    u32 *newest;       /* per local: highest operand that stands for it, or NONE */
    struct block *blocks;
    u32 nblocks, blocks_cap;
    u32 *loops, nloops;
    /* Offsets for people. */
    bool want_map;
    u32 pos;
    struct interp_map *map;
    u32 nmap, map_cap;
    u8 sink[64]; /* where instructions go after a failure */
};

/* --- Emission. --- */
static bool grow(struct lower *l, void **array, u32 *cap, u32 need, size_t item)
{
    if (need <= *cap)
        return true;
    u32 n = *cap ? *cap : 64;
    while (n < need)
        n *= 2;
    void *p = heap_realloc(*array, n * item);
    if (!p) {
        l->st = E_NOMEM;
        return false;
    }
    *array = p;
    *cap = n;
    return true;
}

/* Room for one instruction (at most 64 bytes); it ends at the new l->bytes. */
static void *emit(struct lower *l, interp_fn handler, u32 bytes)
{
    ASSERT(handler && bytes <= sizeof l->sink);
    if (l->bytes > (u32)INT32_MAX / 2)
        l->st = E_LIMIT; /* distances are 32-bit */
    if (l->st != ST_OK || !grow(l, (void **)&l->text, &l->cap, l->bytes + bytes, 1))
        return l->sink;
    if (l->want_map && grow(l, (void **)&l->map, &l->map_cap, l->nmap + 1, sizeof *l->map))
        l->map[l->nmap++] = (struct interp_map){l->bytes, l->pos};
    u8 *p = l->text + l->bytes;
    memset(p, 0, bytes);
    *(interp_opc *)(void *)p = (interp_opc)(uintptr_t)handler;
    l->bytes += bytes;
    l->prev = l->last;
    l->last.valid = false;
    l->copies = 0;
    return p;
}

static void *emit_plain(struct lower *l, enum interp_plain p)
{
    return emit(l, interp_plain[p], interp_plain_size[p]);
}
#define EMIT(type, var, name) struct type *var = emit_plain(l, PLAIN_##name)

static void unemit_last(struct lower *l)
{
    if (l->st == ST_OK) {
        l->bytes = l->last.at;
        if (l->want_map)
            l->nmap--;
    }
    l->acc = l->last.before;
    l->last = l->prev;
    l->prev.valid = false;
}

/* A cell was written without the accumulator. */
static void wrote(struct lower *l, u32 cell)
{
    if (l->acc.cell == cell)
        l->acc.cell = NONE;
}

static void forget_acc(struct lower *l)
{
    l->acc.cell = NONE;
    l->last.valid = l->prev.valid = false;
    l->copies = 0;
}

/* The instruction just emitted computed `dest`; `alone` leaves it in the accumulator alone. */
static void computed(struct lower *l, u32 bytes, u32 dest, enum acc_class class, interp_fn alone)
{
    l->last.valid = l->st == ST_OK;
    l->last.at = l->bytes - bytes;
    l->last.bytes = bytes;
    l->last.dest = dest;
    l->last.is_alu = false;
    l->last.before = l->acc;
    l->acc = (struct acc){class == ACC_NONE ? NONE : dest, class, l->last.at, alone};
}

/* --- Jumps. A field that waits for its target holds the one before it in its chain. --- */
static void jump_to(struct lower *l, s32 *field, u32 target)
{
    if (l->st == ST_OK)
        *field = (s32)(target - (u32)((u8 *)field - l->text));
}

static void chain_add(struct lower *l, s32 *field, u32 *chain)
{
    if (l->st != ST_OK)
        return;
    *field = (s32)*chain;
    *chain = (u32)((u8 *)field - l->text);
}

static void bind(struct lower *l, u32 *chain)
{
    for (u32 at = *chain; at != NONE && l->st == ST_OK;) {
        s32 *field = (s32 *)(void *)(l->text + at);
        u32 next = (u32)*field;
        jump_to(l, field, l->bytes);
        at = next;
    }
    *chain = NONE;
    forget_acc(l);
}

/* --- Operands. --- */
static u32 cell_of(const struct lower *l, u32 operand)
{
    return l->nlocals + operand;
}

static void push_cell(struct lower *l)
{
    l->values[l->height++].kind = VALUE_CELL;
}

static void push_cells(struct lower *l, u32 n)
{
    while (n--)
        push_cell(l);
}

static void push_const(struct lower *l, u64 bits)
{
    struct value *v = &l->values[l->height++];
    v->kind = VALUE_CONST;
    v->bits = bits;
}

static void push_local(struct lower *l, u32 local)
{
    struct value *v = &l->values[l->height];
    v->kind = VALUE_LOCAL;
    v->local = local;
    v->older = l->newest[local];
    l->newest[local] = l->height++;
}

/* Removes the top operand; its cell may still be read by the instruction that follows. */
static struct value pop(struct lower *l)
{
    struct value v = l->values[--l->height];
    if (v.kind == VALUE_LOCAL)
        l->newest[v.local] = v.older;
    if (l->clean > l->height)
        l->clean = l->height;
    return v;
}

static void emit_const(struct lower *l, u32 cell, u64 bits)
{
    if (bits <= UINT32_MAX) {
        EMIT(ins_imm32, i, CONST32);
        i->d = cell;
        i->imm = (s32)bits;
    } else {
        EMIT(ins_imm64, i, CONST64);
        i->d = cell;
        i->imm = bits;
    }
    wrote(l, cell);
}

static void emit_copy(struct lower *l, u32 to, u32 from)
{
    if (to == from)
        return;
    if (l->copies == 1 && l->st == ST_OK) {
        struct ins_2 first = *(struct ins_2 *)(void *)(l->text + l->copy_at);
        l->bytes = l->copy_at;
        l->nmap -= l->want_map;
        EMIT(ins_copy2, i, COPY2);
        *i = (struct ins_copy2){i->h, first.d, first.a, to, from};
        l->copies = 2;
    } else {
        l->copy_at = l->bytes;
        EMIT(ins_2, i, COPY);
        i->d = to;
        i->a = from;
        l->copies = 1;
    }
    wrote(l, to);
}

/* Brings operand number `operand` with value `v` into cell `to`. */
static void emit_move(struct lower *l, u32 to, const struct value *v, u32 operand)
{
    if (v->kind == VALUE_CONST)
        emit_const(l, to, v->bits);
    else
        emit_copy(l, to, v->kind == VALUE_LOCAL ? v->local : cell_of(l, operand));
}

/* Every operand into its own cell. */
static void flush(struct lower *l)
{
    for (u32 k = l->clean; k < l->height; k++) {
        struct value *v = &l->values[k];
        emit_move(l, cell_of(l, k), v, k);
        if (v->kind == VALUE_LOCAL)
            l->newest[v->local] = NONE;
        v->kind = VALUE_CELL;
    }
    l->clean = l->height;
}

/* Before `local` changes: operands that stand for it get their value. */
static void detach_local(struct lower *l, u32 local)
{
    for (u32 k = l->newest[local]; k != NONE; k = l->values[k].older) {
        emit_copy(l, cell_of(l, k), local);
        l->values[k].kind = VALUE_CELL;
    }
    l->newest[local] = NONE;
}

/* The cell in which popped operand number `operand` is found; constants are written to its own. */
static u32 in_cell(struct lower *l, const struct value *v, u32 operand)
{
    if (v->kind == VALUE_LOCAL)
        return v->local;
    if (v->kind == VALUE_CONST)
        emit_const(l, cell_of(l, operand), v->bits);
    return cell_of(l, operand);
}

/* Whether the operand in `cell`, just popped, can be taken from the accumulator; the caller must do so then.
 * An operand is used once, so the instruction that computed it need not store it any more. */
static bool take_acc(struct lower *l, u32 cell, enum acc_class class)
{
    if (l->acc.cell != cell || l->acc.class != class)
        return false;
    if (cell >= l->nlocals && l->acc.alone && l->st == ST_OK)
        *(interp_opc *)(void *)(l->text + l->acc.at) = (interp_opc)(uintptr_t)l->acc.alone;
    return true;
}

/* Pops an i32 operand into a cell. */
static u32 pop_cell(struct lower *l)
{
    struct value v = pop(l);
    return in_cell(l, &v, l->height);
}

/* --- Numeric operations. --- */
static enum acc_class class_of(char type)
{
    return type == 'f' ? ACC_F32 : type == 'd' ? ACC_F64 : ACC_INT;
}

static char result_of(enum wasm_opcode op)
{
    const char *sig = wasm_op_info[op].sig;
    return sig[strlen(sig) - 1];
}

/* The operation that gives the same with its operands exchanged; 0 (unreachable): there is none. */
static enum wasm_opcode exchanged(enum wasm_opcode op)
{
    static const u16 to[WASM_OP_COUNT] = {
#define SAME(id)        [WASM_OP_##id] = WASM_OP_##id
#define PAIR(id, other) [WASM_OP_##id] = WASM_OP_##other, [WASM_OP_##other] = WASM_OP_##id
#define INTS(p)                                                                                              \
    SAME(p##_ADD), SAME(p##_MUL), SAME(p##_AND), SAME(p##_OR), SAME(p##_XOR), SAME(p##_EQ), SAME(p##_NE),    \
        PAIR(p##_LT_S, p##_GT_S), PAIR(p##_LT_U, p##_GT_U), PAIR(p##_LE_S, p##_GE_S),                        \
        PAIR(p##_LE_U, p##_GE_U)
#define FLOATS(p)                                                                                            \
    SAME(p##_ADD), SAME(p##_MUL), SAME(p##_EQ), SAME(p##_NE), PAIR(p##_LT, p##_GT), PAIR(p##_LE, p##_GE)
        INTS(I32),
        INTS(I64),
        FLOATS(F32),
        FLOATS(F64),
#undef SAME
#undef PAIR
#undef INTS
#undef FLOATS
    };
    return to[op];
}

/* Whether a constant fits the immediate of an operation on `type`. */
static bool is_immediate(const struct value *v, char type)
{
    return v->kind == VALUE_CONST && (type != 'l' || (s64)v->bits == (s32)v->bits);
}

/* How an ALU instruction's operands are encoded, and how many bytes it takes. */
struct alu {
    enum wasm_opcode op;
    enum interp_form form;
    u32 a, b;
    u64 imm;
};

static u32 alu_value_bytes(const struct alu *x)
{
    bool wide = wasm_op_info[x->op].sig[0] == 'd', unary = wasm_op_info[x->op].sig[1] == '_';
    switch (x->form) {
    case FORM_RR: return unary ? sizeof(struct ins_2) : sizeof(struct ins_3);
    case FORM_AR: return unary ? sizeof(struct ins_1) : sizeof(struct ins_2);
    case FORM_RA: return sizeof(struct ins_2);
    case FORM_RI:
    case FORM_AI: return wide ? sizeof(struct ins_imm64) : sizeof(struct ins_imm32);
    case FORM_COUNT: break;
    }
    return 0;
}

/* Joins an operation with the one right before it whose result it takes from the accumulator. */
static bool emit_fused(struct lower *l, const struct alu *x, u32 dest)
{
    const struct last *p = &l->last;
    if (x->form == FORM_RR || x->form == FORM_RI || !p->valid || !p->is_alu || p->dest < l->nlocals ||
        l->acc.at != p->at)
        return false;
    for (u32 k = 0; k < INTERP_FUSIONS; k++) {
        const struct interp_fusion *u = &interp_fusions[k];
        if (u->first != p->op || u->second != x->op || !u->handlers[0][p->form][x->form])
            continue;
        struct ins_fused ins = {.d = dest, .a = p->a, .b = p->b, .c = x->a};
        if (p->form == FORM_RI || p->form == FORM_AI)
            ins.b = (u32)p->imm;
        if (x->form == FORM_AI)
            ins.c = (u32)x->imm;
        enum interp_form form = p->form;
        unemit_last(l);
        struct ins_fused *i = emit(l, u->handlers[0][form][x->form], sizeof *i);
        ins.h = i->h;
        *i = ins;
        computed(l, sizeof *i, dest, class_of(result_of(x->op)), u->handlers[1][form][x->form]);
        return true;
    }
    return false;
}

static void emit_alu_value(struct lower *l, const struct alu *x, u32 dest)
{
    if (emit_fused(l, x, dest))
        return;
    u32 bytes = alu_value_bytes(x);
    bool unary = wasm_op_info[x->op].sig[1] == '_';
    void *p = emit(l, interp_alu[x->op][SENSE_VALUE][x->form], bytes);
    if (x->form == FORM_RI || x->form == FORM_AI) {
        if (bytes == sizeof(struct ins_imm64))
            ((struct ins_imm64 *)p)->imm = x->imm;
        else
            ((struct ins_imm32 *)p)->imm = (s32)x->imm;
    }
    if (x->form == FORM_RR && !unary)
        ((struct ins_3 *)p)->b = x->b;
    if (x->form != FORM_AI && !(x->form == FORM_A && unary))
        ((struct ins_2 *)p)->a = x->a;
    ((struct ins_1 *)p)->d = dest;
    computed(l, bytes, dest, class_of(result_of(x->op)), interp_alu[x->op][SENSE_ACC][x->form]);
    l->last.is_alu = true;
    l->last.op = x->op;
    l->last.form = x->form;
    l->last.a = x->a;
    l->last.b = x->b;
    l->last.imm = x->imm;
}

/* Emits the fused branch and returns its jump field. */
static s32 *emit_alu_branch(struct lower *l, const struct alu *x, enum interp_sense sense)
{
    interp_fn h = interp_alu[x->op][sense][x->form];
    bool unary = wasm_op_info[x->op].sig[1] == '_';
    if (x->form == FORM_RI || x->form == FORM_AI) {
        if (wasm_op_info[x->op].sig[0] == 'd') {
            struct ins_br_imm64 *i = emit(l, h, sizeof *i);
            i->a = x->a;
            i->imm = x->imm;
            return &i->to;
        }
        struct ins_br_imm32 *i = emit(l, h, sizeof *i);
        i->a = x->a;
        i->imm = (s32)x->imm;
        return &i->to;
    }
    if (unary && x->form == FORM_A) {
        struct ins_jump *i = emit(l, h, sizeof *i);
        return &i->to;
    }
    struct ins_br *i = emit(l, h, sizeof *i);
    i->a = x->a;
    i->b = x->b;
    return &i->to;
}

static void lower_alu1(struct lower *l, enum wasm_opcode op)
{
    struct value v = pop(l);
    struct alu x = {.op = op, .form = FORM_R, .a = in_cell(l, &v, l->height)};
    if (take_acc(l, x.a, class_of(wasm_op_info[op].sig[0])))
        x.form = FORM_A;
    emit_alu_value(l, &x, cell_of(l, l->height));
    push_cell(l);
}

/* x - c is x + -c: fewer forms to fuse with others. */
static void subtraction_to_addition(struct alu *i)
{
    if (i->op == WASM_OP_I32_SUB || (i->op == WASM_OP_I64_SUB && (s64)i->imm != INT32_MIN)) {
        i->op = i->op == WASM_OP_I32_SUB ? WASM_OP_I32_ADD : WASM_OP_I64_ADD;
        i->imm = -i->imm;
    }
}

static void lower_alu2(struct lower *l, enum wasm_opcode op)
{
    char type = wasm_op_info[op].sig[0];
    enum acc_class class = class_of(type);
    struct value y = pop(l), x = pop(l);
    u32 nx = l->height, ny = l->height + 1;
    struct alu i = {.op = op};
    if (!is_immediate(&y, type) && is_immediate(&x, type) && exchanged(op)) {
        i.op = exchanged(op);
        struct value t = x;
        x = y;
        y = t;
        nx = l->height + 1;
        ny = l->height;
    }
    if (is_immediate(&y, type)) {
        i.imm = y.bits;
        subtraction_to_addition(&i);
        i.a = in_cell(l, &x, nx);
        i.form = take_acc(l, i.a, class) ? FORM_AI : FORM_RI;
    } else {
        u32 a = in_cell(l, &x, nx), b = in_cell(l, &y, ny);
        i.form = take_acc(l, a, class) ? FORM_AR : take_acc(l, b, class) ? FORM_RA : FORM_RR;
        i.a = i.form == FORM_AR ? b : a;
        i.b = b;
        if (i.form == FORM_AR && exchanged(i.op) == i.op)
            i.form = FORM_RA; /* fewer forms to fuse with others */
    }
    emit_alu_value(l, &i, cell_of(l, l->height));
    push_cell(l);
}

/* --- Memory accesses. --- */
/* A constant address with its offset, if it fits the instruction's field. */
static bool constant_address(const struct value *v, u64 offset, u32 *out)
{
    if (v->kind != VALUE_CONST || (u32)v->bits + offset > UINT32_MAX)
        return false;
    *out = (u32)((u32)v->bits + offset);
    return true;
}

/* An address: form and its operands. */
struct address {
    enum interp_addr form;
    u32 a, b;
};

/* `i32.add; i32.load`: the addition that computed operand cell `cell` joins the access. */
static bool take_sum(struct lower *l, u32 cell, struct address *out)
{
    static const enum interp_addr forms[FORM_COUNT] = {ADDR_RR, ADDR_RI, ADDR_RA, ADDR_AI, ADDR_RA};
    if (!l->last.valid || !l->last.is_alu || l->last.op != WASM_OP_I32_ADD || l->last.dest != cell ||
        cell < l->nlocals)
        return false;
    bool imm = l->last.form == FORM_RI || l->last.form == FORM_AI;
    *out = (struct address){forms[l->last.form], l->last.a, imm ? (u32)l->last.imm : l->last.b};
    unemit_last(l);
    return true;
}

/* `sums`: whether the access has forms for sums. A constant address goes into *offset. */
static struct address take_address(struct lower *l, const struct value *v, u32 operand, u32 *offset,
                                   bool sums)
{
    struct address x = {.form = ADDR_I};
    if (constant_address(v, *offset, offset))
        return x;
    u32 cell = in_cell(l, v, operand);
    if (sums && v->kind == VALUE_CELL && take_sum(l, cell, &x))
        return x;
    x.a = cell;
    x.form = take_acc(l, cell, ACC_INT) ? ADDR_A : ADDR_R;
    return x;
}

static bool is_sum_encoding(enum interp_addr form)
{
    return form == ADDR_RR || form == ADDR_RI || form == ADDR_AI;
}

static void lower_load(struct lower *l, const struct wasm_instr *in)
{
    const interp_fn(*h)[ADDR_COUNT] = interp_loads[l->checked][in->op - WASM_OP_I32_LOAD];
    struct value v = pop(l);
    u32 dest = cell_of(l, l->height), offset = (u32)in->u.memarg.offset, bytes;
    struct address x = take_address(l, &v, l->height, &offset, true);
    if (is_sum_encoding(x.form)) {
        struct ins_load_sum *i = emit(l, h[0][x.form], bytes = sizeof *i);
        *i = (struct ins_load_sum){i->h, dest, x.a, x.b, offset};
    } else {
        struct ins_load *i = emit(l, h[0][x.form], bytes = sizeof *i);
        *i = (struct ins_load){i->h, dest, x.a, offset};
    }
    computed(l, bytes, dest, class_of(result_of(in->op)), h[1][x.form]);
    push_cell(l);
}

static void emit_store(struct lower *l, enum wasm_opcode op, const struct address *x, u32 offset,
                       const struct value *v, u32 operand)
{
    const interp_fn *h = interp_stores[l->checked][op - WASM_OP_I32_STORE][x->form];
    if (v->kind == VALUE_CONST && h[SRC_I]) {
        struct ins_store_imm *i = emit(l, h[SRC_I], sizeof *i);
        *i = (struct ins_store_imm){i->h, x->a, offset, v->bits};
        return;
    }
    u32 cell = in_cell(l, v, operand);
    if (!h[SRC_I]) {
        struct ins_store_sum *i = emit(l, h[SRC_R], sizeof *i);
        *i = (struct ins_store_sum){i->h, x->a, x->b, cell, offset};
        return;
    }
    bool acc = h[SRC_A] && take_acc(l, cell, class_of(wasm_op_info[op].sig[1]));
    struct ins_store *i = emit(l, h[acc ? SRC_A : SRC_R], sizeof *i);
    *i = (struct ins_store){i->h, x->a, cell, offset};
}

static void lower_store(struct lower *l, const struct wasm_instr *in)
{
    struct value v = pop(l), p = pop(l);
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
        unemit_last(l);
        detach_local(l, local);
        u8 *p = emit(l, interp_plain[PLAIN_RETURN], saved.bytes);
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

static void lower_local_set(struct lower *l, u32 local)
{
    struct value v = pop(l);
    if (v.kind == VALUE_LOCAL && v.local == local)
        return;
    if (v.kind == VALUE_CELL && redirect(l, cell_of(l, l->height), local))
        return;
    detach_local(l, local);
    emit_move(l, local, &v, l->height);
}

static void lower_select(struct lower *l)
{
    struct value c = pop(l), y = pop(l), x = pop(l);
    u32 b = in_cell(l, &y, l->height + 1), a = in_cell(l, &x, l->height), k = in_cell(l, &c, l->height + 2);
    u32 dest = cell_of(l, l->height);
    struct ins_select *i = emit_plain(l, take_acc(l, k, ACC_INT) ? PLAIN_SELECT_A : PLAIN_SELECT_R);
    *i = (struct ins_select){i->h, dest, a, b, k};
    computed(l, sizeof *i, dest, ACC_INT, NULL);
    push_cell(l);
}

static u64 global_address(const struct lower *l, u32 global)
{
    return (u64)(uintptr_t)&l->f->inst->globals[global]->value[0];
}

static void lower_global_get(struct lower *l, u32 global)
{
    EMIT(ins_imm64, i, GLOBAL_GET);
    u32 dest = cell_of(l, l->height);
    i->d = dest;
    i->imm = global_address(l, global);
    computed(l, sizeof *i, dest, ACC_NONE, NULL);
    push_cell(l);
}

static void lower_global_set(struct lower *l, u32 global)
{
    u32 a = pop_cell(l);
    EMIT(ins_imm64, i, GLOBAL_SET);
    i->a = a;
    i->imm = global_address(l, global);
}

/* --- Branches. --- */
struct target {
    u32 nvalues, height; /* values that travel; operands below where they go */
    u32 *chain;          /* NULL: backwards to `start` */
    u32 start;
    bool ends_func;
};

static struct target target_of(struct lower *l, u32 label)
{
    struct block *b = &l->blocks[l->nblocks - 1 - label];
    struct target t = {.nvalues = b->nresults, .height = b->height, .chain = &b->to_end};
    t.ends_func = label + 1 == l->nblocks;
    if (b->op == WASM_OP_LOOP)
        t.nvalues = b->nparams, t.chain = NULL, t.start = b->start;
    return t;
}

static void aim(struct lower *l, s32 *field, struct target *t)
{
    if (t->chain)
        chain_add(l, field, t->chain);
    else
        jump_to(l, field, t->start);
}

/* Emits a jump, joined with copies right before it; returns its field. */
static s32 *emit_jump_field(struct lower *l)
{
    u32 copies = l->st == ST_OK ? l->copies : 0;
    struct ins_copy2 moves;
    if (copies) {
        memcpy(&moves, l->text + l->copy_at, copies == 2 ? sizeof moves : sizeof(struct ins_2));
        l->bytes = l->copy_at;
        l->nmap -= l->want_map;
    }
    if (copies == 1) {
        EMIT(ins_copy_jump, i, COPY_JUMP);
        i->d = moves.d;
        i->a = moves.a;
        return &i->to;
    }
    if (copies == 2) {
        EMIT(ins_copy2_jump, i, COPY2_JUMP);
        *i = (struct ins_copy2_jump){i->h, moves.d, moves.a, moves.d2, moves.a2, 0};
        return &i->to;
    }
    EMIT(ins_jump, i, JUMP);
    return &i->to;
}

static void emit_jump(struct lower *l, struct target *t)
{
    aim(l, emit_jump_field(l), t);
}

/* Whether the top values lie elsewhere than where `t` wants them, once they are in their cells. */
static bool must_move(const struct lower *l, const struct target *t)
{
    return t->nvalues && l->height - t->nvalues != t->height;
}

/* Moves the top values (without popping them) down to the target's operands. Ascending: no value is
 * overwritten before it has moved, for each goes down. */
static void emit_moves(struct lower *l, const struct target *t)
{
    u32 first = l->height - t->nvalues;
    for (u32 k = 0; k < t->nvalues; k++)
        emit_move(l, cell_of(l, t->height + k), &l->values[first + k], first + k);
}

/* Leaves the function with the top `nresults` operands. */
static void emit_return(struct lower *l)
{
    u32 n = l->nresults, first = l->height - n;
    if (n == 1) {
        struct value *v = &l->values[first];
        if (v->kind == VALUE_CONST) {
            EMIT(ins_imm64, i, RETURN_I);
            i->imm = v->bits;
            return;
        }
        if (v->kind == VALUE_CELL && l->last.valid && l->last.dest == cell_of(l, first)) {
            /* no operand can stand for local 0 any more that would be read */
            ((struct ins_1 *)(void *)(l->text + l->last.at))->d = 0;
        } else {
            u32 from = v->kind == VALUE_LOCAL ? v->local : cell_of(l, first);
            EMIT(ins_1, i, RETURN_R);
            i->d = from;
            return;
        }
    } else if (n > 1) {
        flush(l); /* their values may be in the very locals that are overwritten now */
        for (u32 k = 0; k < n; k++)
            emit_copy(l, k, cell_of(l, first + k));
    }
    emit_plain(l, PLAIN_RETURN);
}

static void lower_br(struct lower *l, u32 label)
{
    struct target t = target_of(l, label);
    if (t.ends_func) {
        emit_return(l);
        return;
    }
    emit_moves(l, &t);
    emit_jump(l, &t);
}

/* A condition taken from the operand stack: an operation to fuse with the branch, a cell, or a constant. */
struct cond {
    bool fused, constant;
    struct alu alu;
    u32 cell;
    u32 value;
};

static struct cond pop_cond(struct lower *l)
{
    struct value v = pop(l);
    struct cond c = {.cell = cell_of(l, l->height)};
    if (v.kind == VALUE_CONST) {
        c.constant = true;
        c.value = (u32)v.bits;
    } else if (v.kind == VALUE_LOCAL) {
        c.cell = v.local;
    } else if (l->last.valid && l->last.is_alu && l->last.dest == c.cell &&
               interp_alu[l->last.op][SENSE_IF][l->last.form]) {
        c.fused = true;
        c.alu = (struct alu){l->last.op, l->last.form, l->last.a, l->last.b, l->last.imm};
        unemit_last(l);
    }
    return c;
}

/* `i += c` right before a comparison of it; NULL: it is not that. */
static s32 *emit_test(struct lower *l, const struct cond *c, enum interp_sense sense)
{
    const struct last *p = &l->last;
    struct alu x = c->alu;
    if (!c->fused)
        x = (struct alu){.op = WASM_OP_I32_NE, .form = FORM_AI};
    if (sense != SENSE_IF || !p->valid || !p->is_alu || p->op != WASM_OP_I32_ADD || p->form != FORM_RI ||
        l->acc.at != p->at || l->acc.cell == NONE || (c->fused ? x.form == FORM_RR : c->cell != l->acc.cell))
        return NULL;
    if (x.form == FORM_RA && exchanged(x.op))
        x.op = exchanged(x.op), x.form = FORM_AR;
    if (x.form != FORM_AI && x.form != FORM_AR)
        return NULL;
    for (u32 k = 0; k < INTERP_TESTS; k++) {
        const struct interp_test *t = &interp_tests[k];
        if (t->op != x.op)
            continue;
        struct ins_test ins = {.d = p->dest, .a = p->a, .step = (u32)p->imm, .b = x.a};
        if (x.form == FORM_AI)
            ins.b = (u32)x.imm;
        unemit_last(l);
        struct ins_test *i = emit(l, x.form == FORM_AI ? t->constant : t->cell, sizeof *i);
        ins.h = i->h;
        *i = ins;
        l->acc.cell = NONE; /* the counter went through it */
        return &i->to;
    }
    return NULL;
}

/* Emits a jump for when the condition is (`sense` SENSE_IF) or is not fulfilled; returns the jump's field.
 * Copies may have been emitted since pop_cond(): they keep the accumulator. */
static s32 *emit_cond(struct lower *l, const struct cond *c, enum interp_sense sense)
{
    s32 *field = emit_test(l, c, sense);
    if (field)
        return field;
    if (c->fused)
        return emit_alu_branch(l, &c->alu, sense);
    if (take_acc(l, c->cell, ACC_INT)) {
        struct ins_jump *i = emit_plain(l, sense == SENSE_IF ? PLAIN_IF_A : PLAIN_UNLESS_A);
        return &i->to;
    }
    struct ins_br *i = emit_plain(l, sense == SENSE_IF ? PLAIN_IF_R : PLAIN_UNLESS_R);
    i->a = c->cell;
    return &i->to;
}

/* A constant condition becomes one in a cell: rare, and not worth a path of its own. */
static void settle_cond(struct lower *l, struct cond *c)
{
    if (c->constant)
        emit_const(l, c->cell, c->value);
}

static void lower_br_if(struct lower *l, u32 label)
{
    struct cond c = pop_cond(l);
    settle_cond(l, &c);
    struct target t = target_of(l, label);
    flush(l);
    if (!must_move(l, &t)) {
        aim(l, emit_cond(l, &c, SENSE_IF), &t);
        return;
    }
    u32 skip = NONE;
    chain_add(l, emit_cond(l, &c, SENSE_UNLESS), &skip);
    emit_moves(l, &t);
    emit_jump(l, &t);
    bind(l, &skip);
}

/* `i32.const c; i32.add; br_table`: the constant joins the table; *cell becomes the other operand's. */
static u32 take_bias(struct lower *l, u32 *cell)
{
    struct address x;
    if (*cell < l->nlocals || !l->last.valid || (l->last.form != FORM_RI && l->last.form != FORM_AI))
        return 0;
    if (l->last.form == FORM_AI && l->last.before.cell == NONE)
        return 0;
    if (!take_sum(l, *cell, &x))
        return 0;
    *cell = l->acc.cell != NONE && x.form == ADDR_AI ? l->acc.cell : x.a;
    return x.b;
}

static void lower_br_table(struct lower *l, const struct wasm_instr *in)
{
    u32 index = pop_cell(l), count = in->u.br_table.count, bias = take_bias(l, &index);
    flush(l);
    bool acc = take_acc(l, index, ACC_INT);
    struct ins_table *i = emit_plain(l, acc ? PLAIN_TABLE_A : PLAIN_TABLE_R);
    i->a = index;
    i->bias = bias;
    i->count = count;
    u32 at = l->bytes;
    u64 need = (u64)l->bytes + ((u64)count + 1) * sizeof(s32);
    if (need > (u64)INT32_MAX / 2)
        l->st = E_LIMIT;
    if (l->st != ST_OK || !grow(l, (void **)&l->text, &l->cap, (u32)need, 1))
        return;
    l->bytes = (u32)need;
    const u8 *p = in->u.br_table.labels;
    for (u32 k = 0; k <= count; k++) {
        struct target t = target_of(l, wasm_read_u32(&p));
        u32 field = at + k * (u32)sizeof(s32);
        if (must_move(l, &t)) { /* by way of moves of its own behind the table */
            jump_to(l, (s32 *)(void *)(l->text + field), l->bytes);
            emit_moves(l, &t);
            emit_jump(l, &t);
        } else {
            aim(l, (s32 *)(void *)(l->text + field), &t);
        }
    }
    forget_acc(l);
}

/* --- Blocks. --- */
static struct block *push_block(struct lower *l, enum wasm_opcode op, u32 nparams, u32 nresults)
{
    if (!grow(l, (void **)&l->blocks, &l->blocks_cap, l->nblocks + 1, sizeof *l->blocks))
        return NULL;
    struct block *b = &l->blocks[l->nblocks++];
    *b = (struct block){.op = op,
                        .height = l->height - nparams,
                        .nparams = nparams,
                        .nresults = nresults,
                        .to_end = NONE,
                        .to_else = NONE};
    return b;
}

static void number_loop(struct lower *l, u32 header)
{
    ASSERT(l->nloops < l->wf->nloops);
    l->loops[l->nloops++] = header;
}

static void lower_block(struct lower *l, const struct wasm_instr *in)
{
    struct cond c;
    if (in->op == WASM_OP_IF) {
        c = pop_cond(l);
        settle_cond(l, &c);
    }
    flush(l);
    struct block *b = push_block(l, in->op, in->u.block.nparams, in->u.block.nresults);
    if (!b)
        return;
    if (in->op == WASM_OP_IF) {
        chain_add(l, emit_cond(l, &c, SENSE_UNLESS), &b->to_else);
    } else if (in->op == WASM_OP_LOOP) {
        forget_acc(l);
        b->start = l->bytes;
        number_loop(l, l->bytes);
    }
}

/* Operands above a block's base are `n` values in their cells. */
static void set_operands(struct lower *l, u32 height, u32 n)
{
    while (l->height > height)
        pop(l);
    push_cells(l, n);
    l->clean = l->height;
}

/* `reachable`: whether control arrives from above. Both return whether the code behind is reachable. */
static bool lower_else(struct lower *l, bool reachable)
{
    struct block *b = &l->blocks[l->nblocks - 1];
    if (reachable) {
        flush(l);
        chain_add(l, emit_jump_field(l), &b->to_end);
    }
    bind(l, &b->to_else);
    b->op = WASM_OP_ELSE;
    set_operands(l, b->height, b->nparams);
    return true;
}

static bool lower_end(struct lower *l, bool reachable)
{
    struct block *b = &l->blocks[l->nblocks - 1];
    bool joined = b->to_end != NONE || b->to_else != NONE;
    if (l->nblocks == 1 && reachable && !joined) {
        emit_return(l);
    } else if (joined) {
        if (reachable)
            flush(l);
        bind(l, &b->to_end);
        bind(l, &b->to_else); /* `if` without `else`: parameters are the results */
        set_operands(l, b->height, b->nresults);
        if (l->nblocks == 1)
            emit_return(l);
    }
    l->nblocks--;
    return reachable || joined;
}

/* --- Calls, memories, tables. --- */
static void call_results(struct lower *l, u32 nparams, u32 nresults)
{
    l->height -= nparams; /* all are in their cells */
    push_cells(l, nresults);
    l->clean = l->height;
    forget_acc(l);
}

static void lower_call(struct lower *l, u32 func)
{
    const struct wasm_functype *t = wasm_func_type(l->m, func);
    flush(l);
    struct ins_call *i = emit_plain(l, func < l->m->imp_funcs ? PLAIN_CALL_SLOT : PLAIN_CALL);
    i->base = cell_of(l, l->height - t->nparams);
    i->callee = l->f->inst->funcs[func];
    call_results(l, t->nparams, t->nresults);
}

static void lower_call_indirect(struct lower *l, u32 type, u32 table)
{
    const struct wasm_functype *t = &l->m->types[type];
    u32 index = pop_cell(l);
    flush(l);
    EMIT(ins_call_indirect, i, CALL_INDIRECT);
    i->base = cell_of(l, l->height - t->nparams);
    i->a = index;
    i->table = table;
    i->sig_id = t->sig->id;
    call_results(l, t->nparams, t->nresults);
}

/* An operation of the runtime: operands in their cells, at most one result. */
static void lower_helper(struct lower *l, enum interp_plain p, u32 nparams, u32 nresults, u32 x, u32 y)
{
    flush(l);
    struct ins_helper *i = emit_plain(l, p);
    i->base = cell_of(l, l->height - nparams);
    i->x = x;
    i->y = y;
    call_results(l, nparams, nresults);
}

/* --- The pass. --- */
static void lower_special(struct lower *l, const struct wasm_instr *in)
{
    u32 x = in->u.index, a = in->u.pair.a, b = in->u.pair.b;
    switch ((int)in->op) {
    case WASM_OP_NOP: break;
    case WASM_OP_CALL: lower_call(l, x); break;
    case WASM_OP_CALL_INDIRECT: lower_call_indirect(l, a, b); break;
    case WASM_OP_DROP: pop(l); break;
    case WASM_OP_SELECT:
    case WASM_OP_SELECT_T: lower_select(l); break;
    case WASM_OP_LOCAL_GET: push_local(l, x); break;
    case WASM_OP_LOCAL_SET: lower_local_set(l, x); break;
    case WASM_OP_LOCAL_TEE:
        lower_local_set(l, x);
        push_local(l, x);
        break;
    case WASM_OP_GLOBAL_GET: lower_global_get(l, x); break;
    case WASM_OP_GLOBAL_SET: lower_global_set(l, x); break;
    case WASM_OP_I32_CONST: push_const(l, (u32)in->u.i32); break;
    case WASM_OP_I64_CONST: push_const(l, (u64)in->u.i64); break;
    case WASM_OP_F32_CONST: push_const(l, in->u.f32_bits); break;
    case WASM_OP_F64_CONST: push_const(l, in->u.f64_bits); break;
    case WASM_OP_REF_NULL: push_const(l, 0); break;
    case WASM_OP_REF_FUNC: push_const(l, (u64)(uintptr_t)l->f->inst->funcs[x]); break;
    case WASM_OP_REF_IS_NULL: lower_alu1(l, WASM_OP_I64_EQZ); break;
    case WASM_OP_MEMORY_SIZE: lower_helper(l, PLAIN_MEMORY_SIZE, 0, 1, x, 0); break;
    case WASM_OP_MEMORY_GROW: lower_helper(l, PLAIN_MEMORY_GROW, 1, 1, x, 0); break;
    case WASM_OP_MEMORY_INIT: lower_helper(l, PLAIN_MEMORY_INIT, 3, 0, a, b); break;
    case WASM_OP_MEMORY_COPY: lower_helper(l, PLAIN_MEMORY_COPY, 3, 0, a, b); break;
    case WASM_OP_MEMORY_FILL: lower_helper(l, PLAIN_MEMORY_FILL, 3, 0, x, 0); break;
    case WASM_OP_DATA_DROP: lower_helper(l, PLAIN_DATA_DROP, 0, 0, x, 0); break;
    case WASM_OP_TABLE_GET: lower_helper(l, PLAIN_TABLE_GET, 1, 1, x, 0); break;
    case WASM_OP_TABLE_SET: lower_helper(l, PLAIN_TABLE_SET, 2, 0, x, 0); break;
    case WASM_OP_TABLE_SIZE: lower_helper(l, PLAIN_TABLE_SIZE, 0, 1, x, 0); break;
    case WASM_OP_TABLE_GROW: lower_helper(l, PLAIN_TABLE_GROW, 2, 1, x, 0); break;
    case WASM_OP_TABLE_FILL: lower_helper(l, PLAIN_TABLE_FILL, 3, 0, x, 0); break;
    case WASM_OP_TABLE_COPY: lower_helper(l, PLAIN_TABLE_COPY, 3, 0, a, b); break;
    case WASM_OP_TABLE_INIT: lower_helper(l, PLAIN_TABLE_INIT, 3, 0, a, b); break;
    case WASM_OP_ELEM_DROP: lower_helper(l, PLAIN_ELEM_DROP, 0, 0, x, 0); break;
    default: panic("interpreter: cannot lower %s", wasm_op_info[in->op].text);
    }
}

/* Returns whether the code behind is reachable. */
static bool lower_control(struct lower *l, const struct wasm_instr *in)
{
    switch ((int)in->op) {
    case WASM_OP_BLOCK:
    case WASM_OP_LOOP:
    case WASM_OP_IF: lower_block(l, in); return true;
    case WASM_OP_ELSE: return lower_else(l, true);
    case WASM_OP_END: return lower_end(l, true);
    case WASM_OP_BR: lower_br(l, in->u.index); return false;
    case WASM_OP_BR_IF: lower_br_if(l, in->u.index); return true;
    case WASM_OP_BR_TABLE: lower_br_table(l, in); return false;
    case WASM_OP_RETURN: emit_return(l); return false;
    case WASM_OP_UNREACHABLE: emit_plain(l, PLAIN_UNREACHABLE); return false;
    default: lower_special(l, in); return true;
    }
}

/* In dead code only the nesting matters (and loops have numbers). Returns whether code is reachable again. */
static bool skip_dead(struct lower *l, const struct wasm_instr *in, u32 *depth)
{
    switch ((int)in->op) {
    case WASM_OP_LOOP:
        number_loop(l, UINT32_MAX);
        ++*depth;
        return false;
    case WASM_OP_BLOCK:
    case WASM_OP_IF: ++*depth; return false;
    case WASM_OP_ELSE: return *depth == 0 && lower_else(l, false);
    case WASM_OP_END:
        if (*depth == 0)
            return lower_end(l, false);
        --*depth;
        return false;
    default: return false;
    }
}

static void lower_body(struct lower *l)
{
    bool reachable = true;
    u32 dead_depth = 0;
    push_block(l, WASM_OP_BLOCK, 0, l->nresults);
    for (const u8 *p = l->wf->body; p < l->wf->end && l->st == ST_OK;) {
        struct wasm_instr in;
        wasm_read_instr(l->m, p, &in);
        l->pos = (u32)(p - l->m->bytes);
        p = in.next;
        if (!reachable) {
            reachable = skip_dead(l, &in, &dead_depth);
            continue;
        }
        switch (wasm_op_info[in.op].kind) {
        case WASM_KIND_ALU:
            if (wasm_op_info[in.op].sig[1] == '_')
                lower_alu1(l, in.op);
            else
                lower_alu2(l, in.op);
            break;
        case WASM_KIND_LOAD: lower_load(l, &in); break;
        case WASM_KIND_STORE: lower_store(l, &in); break;
        default: reachable = lower_control(l, &in);
        }
    }
}

static status finish(struct lower *l, struct interp_code **out)
{
    size_t loops = (l->bytes + 7u) & ~(size_t)7;
    struct interp_code *c = heap_alloc(sizeof *c + loops + l->nloops * sizeof(u32));
    if (!c)
        return E_NOMEM;
    struct rt_instance *inst = l->f->inst;
    const struct rt_sig *sig = l->f->sig;
    u32 frame = l->nlocals + l->wf->max_stack;
    *c = (struct interp_code){.bytes = l->bytes,
                              .nparams = sig->nparams,
                              .nlocals = l->nlocals,
                              .nloops = l->nloops,
                              .mem = l->m->nmems ? inst->mems[0]->base : NULL};
    /* One more: locals are zeroed in pairs. */
    c->frame_cells = (frame > rt_sig_cells(sig) ? frame : rt_sig_cells(sig)) + 1;
    memcpy(c->text, l->text, l->bytes);
    memcpy(c->text + loops, l->loops, l->nloops * sizeof(u32));
    c->loops = (const u32 *)(const void *)(c->text + loops);
    *out = c;
    return ST_OK;
}

static bool allocate(struct lower *l)
{
    l->values = heap_calloc(l->wf->max_stack + 1, sizeof *l->values);
    l->newest = heap_alloc((l->nlocals + 1) * sizeof *l->newest);
    l->loops = heap_calloc(l->wf->nloops + 1, sizeof *l->loops);
    if (!l->values || !l->newest || !l->loops)
        return false;
    memset(l->newest, 0xff, l->nlocals * sizeof *l->newest);
    return true;
}

status interp_lower_func(const struct rt_func *f, struct interp_code **out, struct interp_map **map,
                         u32 *nmap)
{
    const struct wasm_module *m = wasm_module_of(f->inst);
    const struct wasm_func *wf = &m->funcs[f->index];
    struct lower l = {.m = m,
                      .wf = wf,
                      .f = f,
                      .nlocals = wf->nlocals,
                      .nresults = f->sig->nresults,
                      .acc = {.cell = NONE},
                      .want_map = map != NULL,
                      .checked = m->nmems && !f->inst->mems[0]->guarded};
    if (!allocate(&l))
        l.st = E_NOMEM;
    else
        lower_body(&l);
    if (l.st == ST_OK)
        l.st = finish(&l, out);
    heap_free(l.values);
    heap_free(l.newest);
    heap_free(l.loops);
    heap_free(l.blocks);
    heap_free(l.text);
    if (map && l.st == ST_OK) {
        *map = l.map;
        *nmap = l.nmap;
    } else {
        heap_free(l.map);
    }
    return l.st;
}
