/* elf_priv.h: the image's own program headers, which the linker script places at its first address. */
#ifndef KERNEL_LIB_ELF_PRIV_H
#define KERNEL_LIB_ELF_PRIV_H

#include <stddef.h>
#include <stdint.h>

struct elf_phdr { /* Elf64_Phdr */
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
enum { ELF_PT_LOAD = 1, ELF_PT_TLS = 7, ELF_PF_X = 1, ELF_PF_W = 2, ELF_PF_R = 4 };

size_t elf_segments(void);
const struct elf_phdr *elf_segment(size_t index);
/* One past the last address of a segment: where the image ends, with what was packed behind it. */
uint64_t elf_end(void);

#endif
