/* host_symbols.c: symbol names for panics, from the ELF file that runs. */
#define _GNU_SOURCE
#include "host_priv.h"

#include "plat.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct symtab {
    const Elf64_Sym *syms;
    size_t count;
    const char *names;
};

static bool symtab_locate(const uint8_t *file, size_t len, struct symtab *out)
{
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)file;
    if (len < sizeof *eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    const Elf64_Shdr *sh = (const Elf64_Shdr *)(file + eh->e_shoff);
    for (size_t i = 0; i < eh->e_shnum; i++) {
        if (sh[i].sh_type != SHT_SYMTAB)
            continue;
        out->syms = (const Elf64_Sym *)(file + sh[i].sh_offset);
        out->count = sh[i].sh_size / sizeof(Elf64_Sym);
        out->names = (const char *)(file + sh[sh[i].sh_link].sh_offset);
        return true;
    }
    return false;
}

/* The mapping stays for the rest of the process: names point into it. */
static const struct symtab *symtab_get(void)
{
    static struct symtab table;
    static bool tried;
    if (tried)
        return &table;
    tried = true;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return &table;
    struct stat st;
    if (fstat(fd, &st) == 0) {
        void *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED && !symtab_locate(file, (size_t)st.st_size, &table))
            munmap(file, (size_t)st.st_size);
    }
    close(fd);
    return &table;
}

const char *host_symbol_find(uintptr_t pc, uintptr_t *offset)
{
    const struct symtab *t = symtab_get();
    for (size_t i = 0; i < t->count; i++) {
        const Elf64_Sym *s = &t->syms[i];
        if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && pc >= s->st_value && pc < s->st_value + s->st_size) {
            *offset = pc - s->st_value;
            return t->names + s->st_name;
        }
    }
    return NULL;
}

/* --- plat.h: one part, whose code came from one link without an order. --- */

extern const char __executable_start[], etext[];

status plat_part_at(size_t part, struct plat_part *out)
{
    if (part > 0)
        return E_NOTFOUND;
    *out = (struct plat_part){.name = "program",
                              .start = (uintptr_t)__executable_start,
                              .end = (uintptr_t)etext,
                              .code = true,
                              .touched = UINT64_MAX};
    return ST_OK;
}

bool plat_page_touched(uintptr_t at)
{
    (void)at;
    return false;
}

const char *plat_code_name(uintptr_t pc)
{
    uintptr_t offset;
    return host_symbol_find(pc, &offset);
}
