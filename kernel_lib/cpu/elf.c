/* elf.c: the program headers of the running image. */
#include "cpu/elf_priv.h"

#include "runtime.h"

struct elf_ehdr { /* Elf64_Ehdr */
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

extern const struct elf_ehdr __ehdr_start; /* set by the linker */
extern const char image_end[];             /* linker script */

size_t elf_segments(void)
{
    return __ehdr_start.phnum;
}

const struct elf_phdr *elf_segment(size_t index)
{
    return (const struct elf_phdr *)((uintptr_t)&__ehdr_start + __ehdr_start.phoff) + index;
}

const void *runtime_payload(size_t *bytes)
{
    for (size_t i = 0; i < elf_segments(); i++) {
        const struct elf_phdr *p = elf_segment(i);
        if (p->type == ELF_PT_LOAD && p->vaddr >= (uintptr_t)image_end) {
            *bytes = p->filesz;
            return (const void *)(uintptr_t)p->vaddr;
        }
    }
    return NULL;
}

uint64_t elf_end(void)
{
    uint64_t end = 0;
    for (size_t i = 0; i < elf_segments(); i++) {
        const struct elf_phdr *p = elf_segment(i);
        if (p->type == ELF_PT_LOAD && p->vaddr + p->memsz > end)
            end = p->vaddr + p->memsz;
    }
    return end;
}
