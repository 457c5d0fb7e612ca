/* The encoding of x86-64 instructions: what nasm writes for the text in front of each. */
#include "x64.h"

#include <string.h>

#include "heap.h"
#include "unit.h"

static struct x64_mem at(u32 base, s32 disp)
{
    return (struct x64_mem){(u8)base, NO_REG, 0, disp};
}

static struct x64 x;

#define ENCODES(text, call, ...)                                                                             \
    do {                                                                                                     \
        static const u8 want[] = {__VA_ARGS__};                                                              \
        x.n = 0;                                                                                             \
        call;                                                                                                \
        CHECK_EQ(x.n, sizeof want);                                                                          \
        CHECK(memcmp(x.bytes, want, sizeof want) == 0);                                                      \
    } while (0)

TEST(x64_registers)
{
    x = (struct x64){0};
    ENCODES("add eax, ecx", x64_rr(&x, X64_ADD, RAX, RCX), 0x03, 0xc1);
    ENCODES("add r15, r8", x64_rr(&x, X64_ADD | X64_W, R15, R8), 0x4d, 0x03, 0xf8);
    ENCODES("movsxd rcx, r11d", x64_rr(&x, X64_MOVSXD, RCX, R11), 0x49, 0x63, 0xcb);
    ENCODES("cmp r15, -1", x64_ri(&x, X64_CMP, X64_W, R15, -1), 0x49, 0x83, 0xff, 0xff);
    ENCODES("sete sil", x64_rr(&x, X64_SET + CC_E, 0, RSI), 0x40, 0x0f, 0x94, 0xc6);
    ENCODES("cmovne r8, r11", x64_rr(&x, (X64_CMOV + CC_NE) | X64_W, R8, R11), 0x4d, 0x0f, 0x45, 0xc3);
    ENCODES("sar ecx, cl", x64_rr(&x, X64_GROUP2_CL, SHIFT_SAR, RCX), 0xd3, 0xf9);
    ENCODES("idiv r11", x64_rr(&x, X64_GROUP3 | X64_W, GROUP3_IDIV, R11), 0x49, 0xf7, 0xfb);
    ENCODES("jmp r11", x64_rr(&x, X64_GROUP5, GROUP5_JMP, R11), 0x41, 0xff, 0xe3);
    ENCODES("push r12", x64_push(&x, R12), 0x41, 0x54);
    ENCODES("pop rbp", x64_pop(&x, RBP), 0x5d);
    ENCODES("mov edi, 7", x64_const(&x, RDI, 7), 0xbf, 7, 0, 0, 0);
    ENCODES("mov r9, -2", x64_const(&x, R9, (u64)-2), 0x49, 0xc7, 0xc1, 0xfe, 0xff, 0xff, 0xff);
    ENCODES("mov r9, 0x123456789a", x64_const(&x, R9, 0x123456789a), 0x49, 0xb9, 0x9a, 0x78, 0x56, 0x34, 0x12,
            0, 0, 0);
    heap_free(x.bytes);
}

TEST(x64_memory)
{
    x = (struct x64){0};
    ENCODES("mov rax, [rbp-8]", x64_rm(&x, X64_MOV | X64_W, RAX, at(RBP, -8)), 0x48, 0x8b, 0x45, 0xf8);
    ENCODES("mov r11d, [rbp-1024]", x64_rm(&x, X64_MOV, R11, at(RBP, -1024)), 0x44, 0x8b, 0x9d, 0, 0xfc, 0xff,
            0xff);
    ENCODES("mov [r12], rdx", x64_rm(&x, X64_STORE | X64_W, RDX, at(R12, 0)), 0x49, 0x89, 0x14, 0x24);
    ENCODES("mov [r13], r9", x64_rm(&x, X64_STORE | X64_W, R9, at(R13, 0)), 0x4d, 0x89, 0x4d, 0);
    ENCODES("mov eax, [0x40000010]", x64_rm(&x, X64_MOV, RAX, at(NO_REG, 0x40000010)), 0x8b, 0x04, 0x25, 0x10,
            0, 0, 0x40);
    ENCODES("mov eax, [rdi+0x40000010]", x64_rm(&x, X64_MOV, RAX, at(RDI, 0x40000010)), 0x8b, 0x87, 0x10, 0,
            0, 0x40);
    ENCODES("mov r11, [r11+rsi*8]", x64_rm(&x, X64_MOV | X64_W, R11, (struct x64_mem){R11, RSI, 3, 0}), 0x4d,
            0x8b, 0x1c, 0xf3);
    ENCODES("mov r11d, [rsi*4+0x10203040]",
            x64_rm(&x, X64_MOV, R11, (struct x64_mem){NO_REG, RSI, 2, 0x10203040}), 0x44, 0x8b, 0x1c, 0xb5,
            0x40, 0x30, 0x20, 0x10);
    ENCODES("mov [rsi+0x12345678], sil", x64_rm(&x, X64_STORE8, RSI, at(RSI, 0x12345678)), 0x40, 0x88, 0xb6,
            0x78, 0x56, 0x34, 0x12);
    ENCODES("movsx r9, word [r10]", x64_rm(&x, X64_MOVSX16 | X64_W, R9, at(R10, 0)), 0x4d, 0x0f, 0xbf, 0x0a);
    ENCODES("lea ebx, [r14+rax]", x64_rm(&x, X64_LEA, RBX, (struct x64_mem){R14, RAX, 0, 0}), 0x41, 0x8d,
            0x1c, 0x06);
    ENCODES("cmp dword [r10+24], 300", x64_mi(&x, X64_CMP, 0, at(R10, 24), 300), 0x41, 0x81, 0x7a, 0x18, 0x2c,
            1, 0, 0);
    ENCODES("call [0x38000040]", x64_rm(&x, X64_GROUP5, GROUP5_CALL, at(NO_REG, 0x38000040)), 0xff, 0x14,
            0x25, 0x40, 0, 0, 0x38);
    heap_free(x.bytes);
}

TEST(x64_vectors)
{
    x = (struct x64){0};
    ENCODES("movsd xmm9, [rbp-24]", x64_rm(&x, X64_MOVSD, XMM0 + 9, at(RBP, -24)), 0xf2, 0x44, 0x0f, 0x10,
            0x4d, 0xe8);
    ENCODES("movss [rbp-32], xmm3", x64_rm(&x, X64_STORESS, XMM0 + 3, at(RBP, -32)), 0xf3, 0x0f, 0x11, 0x5d,
            0xe0);
    ENCODES("addsd xmm1, xmm15", x64_rr(&x, X64_0F | X64_F2 | 0x58, XMM0 + 1, XMM15), 0xf2, 0x41, 0x0f, 0x58,
            0xcf);
    ENCODES("ucomisd xmm8, [rbp-40]", x64_rm(&x, X64_UCOMIS | X64_66, XMM8, at(RBP, -40)), 0x66, 0x44, 0x0f,
            0x2e, 0x45, 0xd8);
    ENCODES("cvttsd2si r9, xmm2", x64_rr(&x, X64_CVTTS2SI | X64_F2 | X64_W, R9, XMM0 + 2), 0xf2, 0x4c, 0x0f,
            0x2c, 0xca);
    ENCODES("movq xmm12, r11", x64_rr(&x, X64_MOVD | X64_W, XMM0 + 12, R11), 0x66, 0x4d, 0x0f, 0x6e, 0xe3);
    ENCODES("movd r11d, xmm5", x64_rr(&x, X64_STORED, XMM0 + 5, R11), 0x66, 0x41, 0x0f, 0x7e, 0xeb);
    heap_free(x.bytes);
}

TEST(x64_jumps)
{
    u32 chain = 0, want;
    x = (struct x64){0};
    x64_byte(&x, 0x90);
    x64_jmp(&x, &chain);
    x64_jcc(&x, CC_NE, &chain);
    x64_bind(&x, &chain);
    CHECK_EQ(chain, 0);
    memcpy(&want, x.bytes + 2, sizeof want);
    CHECK_EQ(want, 6);
    memcpy(&want, x.bytes + 8, sizeof want);
    CHECK_EQ(want, 0);
    x64_jmp_back(&x, 1);
    memcpy(&want, x.bytes + 13, sizeof want);
    CHECK_EQ((s32)want, -16);
    heap_free(x.bytes);
}
