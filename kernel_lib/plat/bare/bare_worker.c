/* bare_worker.c: plat.h's worker on a second processor, if there is one (cpu/smp.c).
 *
 * Who waits halts. Waking counts, so that a wake between the last look and the halt is not missed: interrupts
 * are off from before that look until the halt itself. */
#include "cpu/cpu_priv.h"
#include "cpu/smp_priv.h"
#include "plat.h"

static struct cpu_lock lock;
static uint32_t wakes;     /* atomic */
static void (*work)(void); /* with the lock; NULL: there is none */

bool plat_has_worker(void)
{
    return smp_is_there();
}

bool plat_worker_is_beside(void)
{
    return smp_is_there();
}

void plat_worker_lock(void)
{
    cpu_lock(&lock);
}

void plat_worker_unlock(void)
{
    cpu_unlock(&lock);
}

static uint32_t count_wakes(void)
{
    return __atomic_load_n(&wakes, __ATOMIC_SEQ_CST);
}

void plat_worker_wait(void)
{
    uint32_t before = count_wakes();
    cpu_unlock(&lock);
    uint64_t flags = cpu_irq_save();
    smp_set_asleep(true);
    while (count_wakes() == before)
        __asm__ volatile("sti; hlt; cli" ::: "memory");
    smp_set_asleep(false);
    cpu_irq_restore(flags);
    cpu_lock(&lock);
}

void plat_worker_wake(void)
{
    __atomic_fetch_add(&wakes, 1, __ATOMIC_SEQ_CST);
    smp_wake_other();
}

/* The second processor from its start on. */
static void serve(void)
{
    plat_worker_lock();
    for (;;) {
        while (!work)
            plat_worker_wait();
        void (*run)(void) = work;
        plat_worker_unlock();
        run();
        plat_worker_lock();
        work = NULL;
        plat_worker_wake();
    }
}

status plat_worker_start(void (*run)(void))
{
    TRY(smp_start(serve));
    plat_worker_lock();
    work = run;
    plat_worker_wake();
    plat_worker_unlock();
    return ST_OK;
}

void plat_worker_join(void)
{
    plat_worker_lock();
    while (work)
        plat_worker_wait();
    plat_worker_unlock();
}

/* The image does not end by returning from main: what would run at exit never runs. */
void plat_worker_at_exit(void (*fn)(void))
{
    (void)fn;
}
