/* x64.h: writes x86-64 instructions. Source: Intel 64 and IA-32 Architectures Software Developer's Manual,
 * volume 2. */
#ifndef JIT_BASELINE_X64_H
#define JIT_BASELINE_X64_H

#include "rt.h"

enum x64_reg { /* general registers, then vector registers */
               RAX,
               RCX,
               RDX,
               RBX,
               RSP,
               RBP,
               RSI,
               RDI,
               R8,
               R9,
               R10,
               R11,
               R12,
               R13,
               R14,
               R15,
               XMM0,
               XMM7 = XMM0 + 7,
               XMM8,
               XMM15 = XMM0 + 15,
               X64_REGS,
               NO_REG = 0xff
};

/* Conditions, as in the second half of the opcode of jcc, setcc, cmovcc; the last bit negates. */
enum x64_cc {
    CC_O,
    CC_NO,
    CC_B,
    CC_AE,
    CC_E,
    CC_NE,
    CC_BE,
    CC_A,
    CC_S,
    CC_NS,
    CC_P,
    CC_NP,
    CC_L,
    CC_GE,
    CC_LE,
    CC_G
};

/* Opcodes: the byte, the map it is in, a mandatory prefix, and how operands are encoded. */
#define X64_0F     0x100u
#define X64_66     (0x66u << 16)
#define X64_F2     (0xf2u << 16)
#define X64_F3     (0xf3u << 16)
#define X64_W      (1u << 24) /* 64 bits */
#define X64_BYTE   (1u << 25) /* a general register of 8 bits: needs a prefix to be one of the later ones */
#define X64_PREFIX (0xffu << 16)
enum x64_op {
    X64_ADD = 0x03,
    X64_OR = 0x0b,
    X64_AND = 0x23,
    X64_SUB = 0x2b,
    X64_XOR = 0x33,
    X64_CMP = 0x3b,
    X64_TEST = 0x85,
    X64_MOV = 0x8b,
    X64_STORE = 0x89,
    X64_STORE8 = 0x88 | X64_BYTE,
    X64_STORE16 = 0x89 | X64_66,
    X64_LEA = 0x8d,
    X64_IMUL = X64_0F | 0xaf,
    X64_IMUL_IMM = 0x69,
    X64_MOVSXD = 0x63 | X64_W,
    X64_MOVZX8 = X64_0F | 0xb6 | X64_BYTE,
    X64_MOVZX16 = X64_0F | 0xb7,
    X64_MOVSX8 = X64_0F | 0xbe | X64_BYTE,
    X64_MOVSX16 = X64_0F | 0xbf,
    X64_BSF = X64_0F | 0xbc,
    X64_BSR = X64_0F | 0xbd,
    X64_CMOV = X64_0F | 0x40, /* plus the condition */
    X64_SET = X64_0F | 0x90 | X64_BYTE,
    X64_GROUP1 = 0x81, /* the operation is in the register field: X64_ADD >> 3 and so on; 32-bit immediate */
    X64_GROUP1_SHORT = 0x83,
    X64_GROUP2 = 0xc1, /* shifts by an immediate */
    X64_GROUP2_CL = 0xd3,
    X64_GROUP3 = 0xf7,
    X64_GROUP5 = 0xff,
    X64_STORE_IMM8 = 0xc6,
    X64_STORE_IMM = 0xc7,
    X64_MOVSS = X64_0F | 0x10 | X64_F3,
    X64_MOVSD = X64_0F | 0x10 | X64_F2,
    X64_STORESS = X64_0F | 0x11 | X64_F3,
    X64_STORESD = X64_0F | 0x11 | X64_F2,
    X64_STOREUPS = X64_0F | 0x11,
    X64_MOVAPS = X64_0F | 0x28,
    X64_UCOMIS = X64_0F | 0x2e,
    X64_CVTSI2S = X64_0F | 0x2a,
    X64_CVTTS2SI = X64_0F | 0x2c,
    X64_CVTS2S = X64_0F | 0x5a,
    X64_ANDPS = X64_0F | 0x54,
    X64_ANDNPS = X64_0F | 0x55,
    X64_ORPS = X64_0F | 0x56,
    X64_XORPS = X64_0F | 0x57,
    X64_MOVD = X64_0F | 0x6e | X64_66,
    X64_STORED = X64_0F | 0x7e | X64_66, /* from a vector register, the first operand */
    X64_PCMPEQD = X64_0F | 0x76 | X64_66,
    X64_PSHIFTD = X64_0F | 0x72 | X64_66,
    X64_PSHIFTQ = X64_0F | 0x73 | X64_66,
};
enum { SHIFT_ROL = 0, SHIFT_ROR = 1, SHIFT_SHL = 4, SHIFT_SHR = 5, SHIFT_SAR = 7 };
enum { GROUP3_NEG = 3, GROUP3_DIV = 6, GROUP3_IDIV = 7 };
enum { GROUP5_CALL = 2, GROUP5_JMP = 4 };

struct x64_mem { /* base + index * 2^scale + disp */
    u8 base, index, scale;
    s32 disp;
};

struct x64 {
    u8 *bytes; /* on the heap */
    u32 n, cap;
    bool failed; /* out of memory: what is written is lost */
};

void x64_byte(struct x64 *x, u8 b);
void x64_word(struct x64 *x, u32 w);
void x64_wide(struct x64 *x, u64 w);
/* Operands: registers, or a register and memory. */
void x64_rr(struct x64 *x, u32 op, u32 reg, u32 rm);
void x64_rm(struct x64 *x, u32 op, u32 reg, struct x64_mem m);
/* `op` of X64_ADD to X64_CMP with an immediate; `wide`: X64_W or 0. */
void x64_ri(struct x64 *x, u32 op, u32 wide, u32 reg, s32 imm);
void x64_mi(struct x64 *x, u32 op, u32 wide, struct x64_mem m, s32 imm);
/* Leaves flags alone. */
void x64_const(struct x64 *x, u32 reg, u64 bits);
void x64_push(struct x64 *x, u32 reg);
void x64_pop(struct x64 *x, u32 reg);

/* Jumps forward are chained through their fields until they are bound. 0: an empty chain. */
void x64_jmp(struct x64 *x, u32 *chain);
void x64_jcc(struct x64 *x, enum x64_cc cc, u32 *chain);
void x64_jmp_back(struct x64 *x, u32 to);
void x64_jcc_back(struct x64 *x, enum x64_cc cc, u32 to);
void x64_bind(struct x64 *x, u32 *chain);

#endif
