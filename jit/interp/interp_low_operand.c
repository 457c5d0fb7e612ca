/* The operand stack, which exists only while lowering. An operand is in its own cell, or still a local's
 * value or a constant that nobody copied yet; the operands that stand for one local form a chain. */
#include "interp_low.h"

void low_push_cell(struct lower *l)
{
    struct value *v = &l->values[l->height++];
    v->kind = VALUE_CELL;
    v->high = false;
}

void low_mark_high(struct lower *l)
{
    l->values[l->height - 1].high = true;
}

bool low_is_vector(const struct lower *l)
{
    return l->values[l->height - 1].high;
}

void low_push_cells(struct lower *l, const rt_type *types, u32 n)
{
    for (u32 k = 0; k < n; k++) {
        low_push_cell(l);
        if (types[k] == RT_V128) {
            low_push_cell(l);
            low_mark_high(l);
        }
    }
}

u32 low_cells_of(const rt_type *types, u32 n)
{
    u32 cells = 0;
    for (u32 k = 0; k < n; k++)
        cells += rt_type_cells(types[k]);
    return cells;
}

void low_push_const(struct lower *l, u64 bits)
{
    struct value *v = &l->values[l->height++];
    v->kind = VALUE_CONST;
    v->high = false;
    v->bits = bits;
}

void low_push_local(struct lower *l, u32 local)
{
    struct value *v = &l->values[l->height];
    v->kind = VALUE_LOCAL;
    v->high = false;
    v->local = local;
    v->older = l->newest[local];
    l->newest[local] = l->height++;
}

/* Removes the top operand; its cell may still be read by the instruction that follows. */
struct value low_pop(struct lower *l)
{
    struct value v = l->values[--l->height];
    if (v.kind == VALUE_LOCAL)
        l->newest[v.local] = v.older;
    if (l->clean > l->height)
        l->clean = l->height;
    return v;
}

void low_const(struct lower *l, u32 cell, u64 bits)
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
    low_wrote(l, cell);
}

void low_copy(struct lower *l, u32 to, u32 from)
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
    low_wrote(l, to);
}

/* Brings operand number `operand` with value `v` into cell `to`. */
void low_move(struct lower *l, u32 to, const struct value *v, u32 operand)
{
    if (v->kind == VALUE_CONST)
        low_const(l, to, v->bits);
    else
        low_copy(l, to, v->kind == VALUE_LOCAL ? v->local : low_cell(l, operand));
}

/* Every operand into its own cell. */
void low_flush(struct lower *l)
{
    for (u32 k = l->clean; k < l->height; k++) {
        struct value *v = &l->values[k];
        low_move(l, low_cell(l, k), v, k);
        if (v->kind == VALUE_LOCAL)
            l->newest[v->local] = NONE;
        v->kind = VALUE_CELL;
    }
    l->clean = l->height;
}

/* Before `local` changes: operands that stand for it get their value. */
void low_detach(struct lower *l, u32 local)
{
    for (u32 k = l->newest[local]; k != NONE; k = l->values[k].older) {
        low_copy(l, low_cell(l, k), local);
        l->values[k].kind = VALUE_CELL;
    }
    l->newest[local] = NONE;
}

/* The cell in which popped operand number `operand` is found; constants are written to its own. */
u32 low_in_cell(struct lower *l, const struct value *v, u32 operand)
{
    if (v->kind == VALUE_LOCAL)
        return v->local;
    if (v->kind == VALUE_CONST)
        low_const(l, low_cell(l, operand), v->bits);
    return low_cell(l, operand);
}

/* Whether the operand in `cell`, just popped, can be taken from the accumulator; the caller must do so then.
 * An operand is used once, so the instruction that computed it need not store it any more. */
bool low_take_acc(struct lower *l, u32 cell, enum acc_class class)
{
    if (INTERP_SMALL || l->acc.cell != cell || l->acc.class != class)
        return false;
    if (cell >= l->nlocals && l->acc.alone && l->st == ST_OK)
        *(interp_opc *)(void *)(l->text + l->acc.at) = (interp_opc)(uintptr_t)l->acc.alone;
    return true;
}

/* Pops an operand into a cell. */
u32 low_pop_cell(struct lower *l)
{
    struct value v = low_pop(l);
    return low_in_cell(l, &v, l->height);
}
