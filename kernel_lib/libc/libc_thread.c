/* libc_thread.c: locks and one-time initialisation where one thread at a time is in the libraries: the app's,
 * or that of plat.h's worker, which then has them for itself.
 *
 * A compilation can be abandoned by longjmp with locks held and initialisers half run. So a lock that is held
 * is granted all the same (the alternative is to hang), and an initialiser that did not
 * return is run again. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include "libc_priv.h"

int pthread_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
    (void)attr;
    *m = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
    (void)m;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
    m->__data.__lock++;
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
    if (m->__data.__lock && m->__data.__kind != PTHREAD_MUTEX_RECURSIVE)
        return EBUSY;
    m->__data.__lock++;
    return 0;
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
    if (m->__data.__lock > 0)
        m->__data.__lock--;
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
    (void)attr;
    (void)type;
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
    (void)attr;
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
    l->__data.__readers++;
    return 0;
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
    l->__data.__writers++;
    return 0;
}

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
    if (l->__data.__writers)
        l->__data.__writers--;
    else if (l->__data.__readers)
        l->__data.__readers--;
    return 0;
}

int pthread_once(pthread_once_t *once, void (*fn)(void))
{
    enum { DONE = 2 };
    if (*once != DONE) {
        fn();
        *once = DONE;
    }
    return 0;
}

/* --- Initialisation of function-local statics (Itanium C++ ABI 3.3.3): the first byte says done. --- */
int __cxa_guard_acquire(uint64_t *guard);
int __cxa_guard_acquire(uint64_t *guard)
{
    return *(const uint8_t *)guard == 0;
}

void __cxa_guard_release(uint64_t *guard);
void __cxa_guard_release(uint64_t *guard)
{
    *(uint8_t *)guard = 1;
}

void __cxa_guard_abort(uint64_t *guard);
void __cxa_guard_abort(uint64_t *guard)
{
    (void)guard;
}

/* --- Threads: there are none to make, to wake or to wait for. --- */
int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr, void *(*fn)(void *),
                   void *restrict arg)
{
    (void)thread;
    (void)attr;
    (void)fn;
    (void)arg;
    return EAGAIN;
}

int pthread_detach(pthread_t thread)
{
    (void)thread;
    return 0;
}

pthread_t pthread_self(void)
{
    return 1;
}

int pthread_cond_signal(pthread_cond_t *c)
{
    (void)c;
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
    (void)c;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
    (void)c;
    return 0;
}

int pthread_cond_wait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m)
{
    (void)c;
    (void)m;
    libc_die("the only thread would wait for ever in ", "pthread_cond_wait");
}

/* Thread-specific data. */
enum { KEYS_MAX = 32 };
static _Thread_local const void *specific[KEYS_MAX];
static unsigned keys;

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
    (void)destroy;
    if (keys == KEYS_MAX)
        return EAGAIN;
    *key = keys++;
    return 0;
}

int pthread_key_delete(pthread_key_t key)
{
    specific[key] = NULL;
    return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
    return (void *)(uintptr_t)specific[key];
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    specific[key] = value;
    return 0;
}
