/* host_worker.c: plat.h's worker as a POSIX thread. */
#define _GNU_SOURCE
#include "plat.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

enum { STACK_BYTES = 8 << 20 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t worker;
static void (*work)(void);

static void *run(void *arg)
{
    (void)arg;
    work();
    return NULL;
}

/* Timers and the user interrupt the app. What a thread brings upon itself stays its own. */
static void block_signals(sigset_t *before)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t k = 0; k < sizeof own / sizeof *own; k++)
        sigdelset(&blocked, own[k]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

bool plat_has_worker(void)
{
    return true;
}

bool plat_worker_is_beside(void)
{
    cpu_set_t allowed;
    return sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) > 1;
}

status plat_worker_start(void (*fn)(void))
{
    pthread_attr_t attr;
    sigset_t before;
    work = fn;
    if (pthread_attr_init(&attr) != 0)
        return E_NOMEM;
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    block_signals(&before);
    int failed = pthread_create(&worker, &attr, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return failed ? E_NOMEM : ST_OK;
}

void plat_worker_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void plat_worker_unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

void plat_worker_wait(void)
{
    pthread_cond_wait(&changed, &mutex);
}

void plat_worker_wake(void)
{
    pthread_cond_broadcast(&changed);
}

void plat_worker_join(void)
{
    pthread_join(worker, NULL);
}

void plat_worker_at_exit(void (*fn)(void))
{
    atexit(fn);
}
