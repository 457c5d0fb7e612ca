/* lazy_default.c: where memory costs nothing before it is touched, committing lazily is committing. The image
 * has its own (bare_memory.c). */
#include "plat.h"

__attribute__((weak)) status plat_commit_lazily(void *addr, size_t bytes)
{
    return plat_commit(addr, bytes, PLAT_RW);
}

__attribute__((weak)) void plat_fill_lazily(void *addr, size_t bytes, plat_fill_fn fill, void *env)
{
    for (uint8_t *p = addr; p < (uint8_t *)addr + bytes; p += PLAT_PAGE)
        (void)!fill(env, p, p); /* the memory is zeroed */
}

__attribute__((weak)) void plat_touch(void *addr, size_t bytes)
{
    (void)addr, (void)bytes;
}
