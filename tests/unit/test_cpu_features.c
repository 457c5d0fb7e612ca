/* The table of features against LLVM's own reading of CPUID. */
#include "cpu_features.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

char *LLVMGetHostCPUFeatures(void); /* "+a,-b,..."; free() */

static bool has(const struct cpu_features *s, int row)
{
    return s->bits[row / 64] >> (row % 64) & 1;
}

TEST(cpu_features_are_those_llvm_finds)
{
    struct cpu_features here;
    cpu_features_here(&here);
    char *list = LLVMGetHostCPUFeatures();
    for (const char *p = list; *p; p += *p == ',') {
        size_t len = strcspn(p + 1, ",");
        int row = cpu_feature_find(p + 1, len);
        /* LLVM asks leaf 0x24 with whatever subleaf is in the register. */
        bool unsure = *p == '-' && len == 11 && memcmp(p + 1, "avx10.1-512", len) == 0;
        if (!CHECK(row >= 0) || (!unsure && !CHECK_EQ(has(&here, row), *p == '+')))
            CHECK_STR(p, ""); /* says which */
        p += 1 + len;
    }
    free(list);
}

TEST(cpu_features_missing_names_the_first)
{
    struct cpu_features have = {{0}}, want = {{0}};
    int avx = cpu_feature_find("avx", 3), avx2 = cpu_feature_find("avx2", 4);
    cpu_features_add(&have, avx);
    cpu_features_add(&want, avx);
    CHECK_EQ(cpu_features_missing(&want, &have), -1);
    cpu_features_add(&want, avx2);
    CHECK_EQ(cpu_features_missing(&want, &have), avx2);
    CHECK_STR(cpu_feature_name(avx2), "avx2");
    CHECK_EQ(cpu_feature_name(CPU_FEATURES_MAX - 1) == NULL, true);
    CHECK_EQ(cpu_feature_find("avx3", 4), -1);
}
