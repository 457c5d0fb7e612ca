/* ksyms_priv.h: names for code addresses, from a table that the build links into the image (tools/ksyms), so
 * that a stripped image still names its functions. Never allocates, never faults. */
#ifndef KERNEL_LIB_KSYMS_PRIV_H
#define KERNEL_LIB_KSYMS_PRIV_H

#include <stdint.h>

struct ksym {
    const char *name; /* a function of ours, or a region such as "(LLVM)"; NULL: not the image's code */
    uint64_t offset;  /* into it */
};
struct ksym ksyms_find(uintptr_t pc);

#endif
