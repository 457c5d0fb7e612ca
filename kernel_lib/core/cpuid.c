/* cpuid.c: the processor's name and features from CPUID and XCR0 alone; the same in both builds.
 *
 * A vector feature counts only when the system also saves its registers (XCR0), as LLVM's own detection
 * does. Source: Intel SDM volume 2A, CPUID; volume 1, 13.3. */
#include "plat.h"

#include <cpuid.h>
#include <string.h>

enum { XCR0_AVX = 0x6, XCR0_AVX512 = 0xe6 };

static uint64_t xcr0_get(void)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

static void brand_get(char out[49])
{
    uint32_t r[12], a, b, c, d;
    memset(r, 0, sizeof r);
    __cpuid(0x80000000u, a, b, c, d);
    if (a >= 0x80000004u)
        for (uint32_t i = 0; i < 3; i++)
            __cpuid(0x80000002u + i, r[i * 4], r[i * 4 + 1], r[i * 4 + 2], r[i * 4 + 3]);
    const char *text = (const char *)r;
    size_t start = 0;
    while (start < sizeof r && text[start] == ' ')
        start++;
    memcpy(out, text + start, sizeof r - start);
    memset(out + sizeof r - start, 0, start + 1);
}

static void detect(struct plat_cpu *cpu)
{
    uint32_t max, a, b, c, d;
    __cpuid(0, max, b, c, d);
    __cpuid(1, a, b, c, d);
    cpu->sse41 = c & bit_SSE4_1;
    uint64_t xcr0 = c & bit_OSXSAVE ? xcr0_get() : 0;
    bool ymm = (xcr0 & XCR0_AVX) == XCR0_AVX;
    cpu->avx = ymm && (c & bit_AVX);
    cpu->fma = ymm && (c & bit_FMA);
    if (max >= 7) {
        __cpuid_count(7, 0, a, b, c, d);
        cpu->avx2 = ymm && (b & bit_AVX2);
        cpu->avx512f = (xcr0 & XCR0_AVX512) == XCR0_AVX512 && (b & bit_AVX512F);
    }
    brand_get(cpu->brand);
}

const struct plat_cpu *plat_cpu(void)
{
    static struct plat_cpu cpu;
    static bool known;
    if (!known) {
        detect(&cpu);
        known = true;
    }
    return &cpu;
}
