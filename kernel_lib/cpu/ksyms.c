/* ksyms.c: binary search in the linked-in symbol table; other code is named by the region it lies in. */
#include "cpu/ksyms_priv.h"

#include <stddef.h>

#include "memory/phys_priv.h"
#include "plat.h"

struct ksyms_entry {
    uint32_t start, size, name; /* name: offset into ksyms_names */
};
/* Made by tools/ksyms. The first link of an image has none. */
extern const uint32_t ksyms_count __attribute__((weak));
extern const struct ksyms_entry ksyms_entries[] __attribute__((weak));
extern const char ksyms_names[] __attribute__((weak));

/* Linker script. */
extern const char text_llvm_start[], text_llvm_end[], text_libs_start[], text_libs_end[], image_end[];

static struct ksym find_region(uintptr_t pc)
{
    static const struct {
        const char *name, *start, *end;
    } regions[] = {
        {"(LLVM)", text_llvm_start, text_llvm_end},
        {"(C and C++ libraries)", text_libs_start, text_libs_end},
        {"(the image)", image_start, image_end},
        {"(compiled code)", (const char *)MAP_CODE_BASE, (const char *)MAP_CODE_END},
    };
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        if (pc >= (uintptr_t)regions[i].start && pc < (uintptr_t)regions[i].end)
            return (struct ksym){regions[i].name, pc - (uintptr_t)regions[i].start};
    return (struct ksym){NULL, 0};
}

struct ksym ksyms_find(uintptr_t pc)
{
    size_t low = 0, high = &ksyms_count ? ksyms_count : 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (ksyms_entries[mid].start > pc)
            high = mid;
        else
            low = mid + 1;
    }
    if (low > 0) {
        const struct ksyms_entry *e = &ksyms_entries[low - 1];
        if (pc - e->start < e->size)
            return (struct ksym){ksyms_names + e->name, pc - e->start};
    }
    return find_region(pc);
}
