/* x64.c: the encoding of x86-64 instructions. */
#include "x64.h"

#include <string.h>

#include "heap.h"

enum { INSTRUCTION_MAX = 16, FIRST_BYTES = 4096 };

static u8 *room(struct x64 *x)
{
    static u8 lost[INSTRUCTION_MAX];
    if (x->n + INSTRUCTION_MAX > x->cap && !x->failed) {
        u32 cap = x->cap ? x->cap * 2 : FIRST_BYTES;
        u8 *grown = heap_realloc(x->bytes, cap);
        x->failed = !grown;
        if (grown)
            x->bytes = grown, x->cap = cap;
    }
    if (x->failed)
        x->n = 0;
    return x->failed ? lost : x->bytes + x->n;
}

void x64_byte(struct x64 *x, u8 b)
{
    *room(x) = b;
    x->n++;
}

void x64_word(struct x64 *x, u32 w)
{
    memcpy(room(x), &w, sizeof w);
    x->n += (u32)sizeof w;
}

void x64_wide(struct x64 *x, u64 w)
{
    memcpy(room(x), &w, sizeof w);
    x->n += (u32)sizeof w;
}

/* Everything in front of the ModRM byte. */
static void put_opcode(struct x64 *x, u32 op, u32 reg, u32 index, u32 base)
{
    u32 rex = (op & X64_W ? 8u : 0) | (reg >> 1 & 4) | (index >> 2 & 2) | (base >> 3 & 1);
    if (op & X64_PREFIX)
        x64_byte(x, (u8)((op & X64_PREFIX) >> 16));
    if (rex || ((op & X64_BYTE) && (reg >= RSP || base >= RSP)))
        x64_byte(x, (u8)(0x40 | rex));
    if (op & X64_0F)
        x64_byte(x, 0x0f);
    x64_byte(x, (u8)op);
}

static u32 number(u32 reg)
{
    return reg & 15; /* vector registers have the same numbers */
}

void x64_rr(struct x64 *x, u32 op, u32 reg, u32 rm)
{
    reg = number(reg), rm = number(rm);
    put_opcode(x, op, reg, 0, rm);
    x64_byte(x, (u8)(0xc0 | (reg & 7) << 3 | (rm & 7)));
}

static u32 displacement_mode(struct x64_mem m)
{
    if (m.base == NO_REG || (m.disp == 0 && (m.base & 7) != RBP))
        return 0;
    return m.disp == (s8)m.disp ? 1 : 2;
}

void x64_rm(struct x64 *x, u32 op, u32 reg, struct x64_mem m)
{
    u32 base = m.base == NO_REG ? RBP : m.base, index = m.index == NO_REG ? RSP : m.index;
    u32 mode = displacement_mode(m);
    bool sib = m.index != NO_REG || m.base == NO_REG || (base & 7) == RSP;
    reg = number(reg);
    put_opcode(x, op, reg, m.index == NO_REG ? 0 : index, m.base == NO_REG ? 0 : base);
    x64_byte(x, (u8)(mode << 6 | (reg & 7) << 3 | (sib ? RSP : base & 7)));
    if (sib)
        x64_byte(x, (u8)(m.scale << 6 | (index & 7) << 3 | (base & 7)));
    if (mode == 1)
        x64_byte(x, (u8)m.disp);
    else if (mode == 2 || m.base == NO_REG)
        x64_word(x, (u32)m.disp);
}

void x64_ri(struct x64 *x, u32 op, u32 wide, u32 reg, s32 imm)
{
    bool is_short = imm == (s8)imm;
    x64_rr(x, (is_short ? X64_GROUP1_SHORT : X64_GROUP1) | wide, op >> 3, reg);
    if (is_short)
        x64_byte(x, (u8)imm);
    else
        x64_word(x, (u32)imm);
}

void x64_mi(struct x64 *x, u32 op, u32 wide, struct x64_mem m, s32 imm)
{
    bool is_short = imm == (s8)imm;
    x64_rm(x, (is_short ? X64_GROUP1_SHORT : X64_GROUP1) | wide, op >> 3, m);
    if (is_short)
        x64_byte(x, (u8)imm);
    else
        x64_word(x, (u32)imm);
}

void x64_const(struct x64 *x, u32 reg, u64 bits)
{
    bool later = reg >= R8;
    if (bits <= UINT32_MAX) {
        if (later)
            x64_byte(x, 0x41);
        x64_byte(x, (u8)(0xb8 | (reg & 7)));
        x64_word(x, (u32)bits);
    } else if (bits == (u64)(s64)(s32)bits) {
        x64_rr(x, X64_STORE_IMM | X64_W, 0, reg);
        x64_word(x, (u32)bits);
    } else {
        x64_byte(x, later ? 0x49 : 0x48);
        x64_byte(x, (u8)(0xb8 | (reg & 7)));
        x64_wide(x, bits);
    }
}

void x64_push(struct x64 *x, u32 reg)
{
    if (reg >= R8)
        x64_byte(x, 0x41);
    x64_byte(x, (u8)(0x50 | (reg & 7)));
}

void x64_pop(struct x64 *x, u32 reg)
{
    if (reg >= R8)
        x64_byte(x, 0x41);
    x64_byte(x, (u8)(0x58 | (reg & 7)));
}

static void chain(struct x64 *x, u32 *to)
{
    u32 at = x->n;
    x64_word(x, *to);
    *to = at;
}

void x64_jmp(struct x64 *x, u32 *to)
{
    x64_byte(x, 0xe9);
    chain(x, to);
}

void x64_jcc(struct x64 *x, enum x64_cc cc, u32 *to)
{
    x64_byte(x, 0x0f);
    x64_byte(x, (u8)(0x80 | cc));
    chain(x, to);
}

void x64_jmp_back(struct x64 *x, u32 to)
{
    x64_byte(x, 0xe9);
    x64_word(x, to - (x->n + (u32)sizeof(u32)));
}

void x64_jcc_back(struct x64 *x, enum x64_cc cc, u32 to)
{
    x64_byte(x, 0x0f);
    x64_byte(x, (u8)(0x80 | cc));
    x64_word(x, to - (x->n + (u32)sizeof(u32)));
}

void x64_bind(struct x64 *x, u32 *to)
{
    for (u32 at = *to, next; at && !x->failed; at = next) {
        memcpy(&next, x->bytes + at, sizeof next);
        u32 distance = x->n - (at + (u32)sizeof(u32));
        memcpy(x->bytes + at, &distance, sizeof distance);
    }
    *to = 0;
}
