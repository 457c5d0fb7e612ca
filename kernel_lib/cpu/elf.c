/* elf.c: the program headers of the running image. */
#include "cpu/elf_priv.h"

struct elf_ehdr { /* Elf64_Ehdr */
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

extern const struct elf_ehdr __ehdr_start; /* set by the linker */

size_t elf_segments(void)
{
    return __ehdr_start.phnum;
}

const struct elf_phdr *elf_segment(size_t index)
{
    return (const struct elf_phdr *)((uintptr_t)&__ehdr_start + __ehdr_start.phoff) + index;
}
