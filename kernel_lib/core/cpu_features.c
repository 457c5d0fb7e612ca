/* cpu_features.c: cpu_features.def against CPUID and XCR0. */
#include "cpu_features.h"

#include <cpuid.h>
#include <string.h>

enum { EAX, EBX, ECX, EDX };
enum { NONE = 0, AVX = 0x6, AVX512 = 0xe6, AMX = 0x60000, APX = 0x80000 };

struct row {
    const char *name;
    uint32_t leaf;
    uint8_t subleaf, reg, bit;
    uint32_t state; /* mask of XCR0 */
};
static const struct row rows[] = {
#define CPU_FEATURE(name, leaf, subleaf, reg, bit, state) {name, leaf, subleaf, reg, bit, state},
#include "cpu_features.def"
#undef CPU_FEATURE
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(ROWS <= CPU_FEATURES_MAX, "a set has a bit for each row");

/* Zeros where the processor has no such leaf. */
static void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
    memset(r, 0, 4 * sizeof *r);
    if (leaf > __get_cpuid_max(leaf & 0x80000000u, NULL))
        return;
    __cpuid_count(leaf, 0, r[EAX], r[EBX], r[ECX], r[EDX]);
    if (leaf == 7 && subleaf > r[EAX])
        memset(r, 0, 4 * sizeof *r);
    else if (subleaf)
        __cpuid_count(leaf, subleaf, r[EAX], r[EBX], r[ECX], r[EDX]);
}

static uint64_t xcr0(void)
{
    uint32_t r[4], low, high;
    cpuid(1, 0, r);
    if (!(r[ECX] & bit_OSXSAVE))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

void cpu_features_here(struct cpu_features *out)
{
    uint64_t saved = xcr0();
    *out = (struct cpu_features){0};
    uint32_t r[4] = {0};
    for (int k = 0; k < ROWS; k++) {
        if (k == 0 || rows[k].leaf != rows[k - 1].leaf || rows[k].subleaf != rows[k - 1].subleaf)
            cpuid(rows[k].leaf, rows[k].subleaf, r);
        if (r[rows[k].reg] >> rows[k].bit & 1 && (saved & rows[k].state) == rows[k].state)
            cpu_features_add(out, k);
    }
}

int cpu_feature_find(const char *name, size_t len)
{
    for (int k = 0; k < ROWS; k++) {
        if (strlen(rows[k].name) == len && memcmp(rows[k].name, name, len) == 0)
            return k;
    }
    return -1;
}

const char *cpu_feature_name(int row)
{
    return row >= 0 && row < ROWS ? rows[row].name : NULL;
}

int cpu_features_missing(const struct cpu_features *wanted, const struct cpu_features *have)
{
    for (int w = 0; w < CPU_FEATURES_MAX / 64; w++) {
        uint64_t missing = wanted->bits[w] & ~have->bits[w];
        if (missing)
            return w * 64 + __builtin_ctzll(missing);
    }
    return -1;
}
