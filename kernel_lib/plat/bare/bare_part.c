/* bare_part.c: the image by origin, as the linker script (full.ld) and the program headers lay it out. */
#include "cpu/elf_priv.h"
#include "cpu/ksyms_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"

extern const char text_llvm_start[], text_llvm_end[], text_libs_start[], text_libs_end[];

/* The bytes in the file of segment `segment`. */
static struct plat_part of_segment(const struct elf_phdr *p)
{
    bool code = p->flags & ELF_PF_X;
    return (struct plat_part){.name = code                  ? "runtime"
                                      : p->flags & ELF_PF_W ? "data"
                                                            : "constants",
                              .start = p->vaddr,
                              .end = p->vaddr + p->filesz,
                              .code = code};
}

static uint64_t touched(uintptr_t at, uintptr_t end)
{
    uint64_t n = 0;
    if (!vm_sees_accesses())
        return UINT64_MAX;
    while (at < end) {
        uintptr_t next = (at | (PLAT_PAGE - 1)) + 1;
        if (next > end)
            next = end;
        n += vm_accessed(at) ? next - at : 0;
        at = next;
    }
    return n;
}

status plat_part_at(size_t part, struct plat_part *out)
{
    static const struct {
        const char *name, *start, *end;
    } libs[] = {{"llvm", text_llvm_start, text_llvm_end}, {"libraries", text_libs_start, text_libs_end}};
    size_t k = part, nlibs = sizeof libs / sizeof *libs;
    if (k < nlibs) {
        *out = (struct plat_part){.name = libs[k].name,
                                  .start = (uintptr_t)libs[k].start,
                                  .end = (uintptr_t)libs[k].end,
                                  .code = true};
    } else {
        const struct elf_phdr *p = NULL;
        size_t found = 0;
        for (size_t s = 0; s < elf_segments() && !p; s++)
            if (elf_segment(s)->type == ELF_PT_LOAD && found++ == k - nlibs)
                p = elf_segment(s);
        if (!p)
            return E_NOTFOUND;
        *out = of_segment(p);
        if (out->code && out->end > (uintptr_t)text_libs_end && out->start <= (uintptr_t)text_llvm_start)
            out->start = (uintptr_t)text_libs_end; /* the rest of that segment: ours */
    }
    out->touched = touched(out->start, out->end);
    return ST_OK;
}

bool plat_page_touched(uintptr_t at)
{
    return vm_sees_accesses() && vm_accessed(at);
}

const char *plat_code_name(uintptr_t pc)
{
    return ksyms_find(pc).name;
}
