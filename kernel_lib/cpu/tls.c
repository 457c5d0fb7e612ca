/* tls.c: one thread's TLS block: the image's PT_TLS data, then the thread control block that fs points to.
 * fs:0 holds its own address, fs:0x28 the stack canary that Debian's archives check. Source: ELF Handling For
 * Thread-Local Storage, variant II. */
#include "cpu/cpu_priv.h"
#include "cpu/elf_priv.h"
#include "plat.h"

#include <string.h>

enum { TCB_BYTES = 256, TCB_SELF = 0, TCB_CANARY = 0x28 };

static const struct elf_phdr *find_tls(void)
{
    for (size_t i = 0; i < elf_segments(); i++)
        if (elf_segment(i)->type == ELF_PT_TLS)
            return elf_segment(i);
    return NULL;
}

uintptr_t tls_create(void)
{
    const struct elf_phdr *tls = find_tls();
    size_t align = tls && tls->align > 16 ? tls->align : 16;
    size_t data = tls ? (tls->memsz + align - 1) & ~(align - 1) : 0;
    size_t bytes = (data + TCB_BYTES + align + PLAT_PAGE - 1) & ~(PLAT_PAGE - 1);
    uint8_t *block = plat_reserve(NULL, bytes);
    if (!block || plat_commit(block, bytes, PLAT_RW) != ST_OK)
        panic("no memory for thread-local storage");
    uint8_t *tcb = block + data; /* a page is aligned enough: no archive asks for more */
    ASSERT(align <= PLAT_PAGE);
    if (tls)
        memcpy(tcb - data, (const void *)tls->vaddr, tls->filesz);
    uint64_t self = (uintptr_t)tcb, canary = cpu_tsc() * 0x9e3779b97f4a7c15ull & ~0xffull;
    memcpy(tcb + TCB_SELF, &self, sizeof self);
    memcpy(tcb + TCB_CANARY, &canary, sizeof canary);
    return self;
}

void tls_init(void)
{
    cpu_msr_write(MSR_FS_BASE, tls_create());
}
