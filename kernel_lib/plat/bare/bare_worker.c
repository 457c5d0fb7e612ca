/* bare_worker.c: one processor runs, and there is one thread. */
#include "plat.h"

bool plat_has_worker(void)
{
    return false;
}

bool plat_worker_is_beside(void)
{
    return false;
}

status plat_worker_start(void (*run)(void))
{
    (void)run;
    return E_UNSUPPORTED;
}

void plat_worker_lock(void) {}

void plat_worker_unlock(void) {}

void plat_worker_wait(void) {}

void plat_worker_wake(void) {}

void plat_worker_join(void) {}

void plat_worker_at_exit(void (*fn)(void))
{
    (void)fn;
}
