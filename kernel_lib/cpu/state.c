/* state.c: extended processor state: XCR0 and the size of the area that interrupt entry saves.
 *
 * CPUID first, then CR4 and XCR0: a processor without XSAVE (qemu64) must not fault here.
 * Source: Intel SDM volume 1, 13.1-13.3. */
#include "cpu/cpu_priv.h"

#include <cpuid.h>

#define CR4_MCE     (1ull << 6) /* a machine check is reported, instead of ending the machine */
#define CR4_OSXSAVE (1ull << 18)
enum { FXSAVE_BYTES = 512, CPUID_MCE = 1 << 7 };

/* Read by idt_stubs.asm. */
uint64_t cpu_state_bytes = FXSAVE_BYTES;
uint8_t cpu_state_xsave;

static uint64_t mask;

static void xcr0_set(uint64_t value)
{
    __asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

struct state_leaf {
    uint32_t possible, bytes; /* states that there are; bytes for those that XCR0 enables now */
};

/* Not cpuid.h's macro: that is not volatile, and what this leaf says changes with XCR0. */
static struct state_leaf state_leaf(void)
{
    uint32_t a = 0xd, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (struct state_leaf){a, b};
}

static void cr4_set(uint64_t bits)
{
    uint64_t cr4;
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" ::"r"(cr4 | bits));
}

void cpu_state_init(void)
{
    uint32_t a, b, c, d;
    __cpuid(1, a, b, c, d);
    if (d & CPUID_MCE)
        cr4_set(CR4_MCE);
    if (!(c & bit_XSAVE))
        return;
    cr4_set(CR4_OSXSAVE);
    uint32_t have = state_leaf().possible;
    uint64_t want = XCR0_X87_SSE;
    if (have & XCR0_AVX)
        want |= XCR0_AVX;
    if ((want & XCR0_AVX) && (have & XCR0_AVX512) == XCR0_AVX512)
        want |= XCR0_AVX512;
    xcr0_set(want);
    mask = want;
    cpu_state_bytes = state_leaf().bytes;
    cpu_state_xsave = 1;
}

uint64_t cpu_state_mask(void)
{
    return mask;
}
