/* host_memory.c: address space of a Linux process.
 *
 * A reservation is an inaccessible MAP_NORESERVE mapping; committing is mprotect, which also gives zeroed
 * pages because decommitting replaces the mapping by a fresh inaccessible one. What is committed lazily is
 * promised only, and committed at the first access, which faults: see below. */
#define _GNU_SOURCE
#include "plat.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "host_priv.h"

static int prot_of(enum plat_prot prot)
{
    switch (prot) {
    case PLAT_NONE: return PROT_NONE;
    case PLAT_R: return PROT_READ;
    case PLAT_RW: return PROT_READ | PROT_WRITE;
    case PLAT_RX: return PROT_READ | PROT_EXEC;
    }
    panic("plat: bad protection %d", (int)prot);
}

void *plat_reserve(void *want, size_t bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (want ? MAP_FIXED_NOREPLACE : 0);
    void *p = mmap(want, bytes, PROT_NONE, flags, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (want && p != want) { /* a Linux before 4.17 takes the address as a hint */
        munmap(p, bytes);
        return NULL;
    }
    return p;
}

status plat_commit(void *addr, size_t bytes, enum plat_prot prot)
{
    return mprotect(addr, bytes, prot_of(prot)) == 0 ? ST_OK : E_NOMEM;
}

status plat_protect(void *addr, size_t bytes, enum plat_prot prot)
{
    return mprotect(addr, bytes, prot_of(prot)) == 0 ? ST_OK : E_NOMEM;
}

/* --- Committing lazily. ---
 *
 * Memory that grows grows often, by little each time, and the system call would be nearly all that this
 * costs. So what joins a range that was committed lazily before is only noted. Whatever touches it first,
 * guest or host, faults (host_promise_keep); what the kernel is to touch goes through plat_touch, because a
 * system call would answer EFAULT. Either commits all that is noted by then, in one call.
 *
 * The signal costs as much as four or five such calls. Where each step is touched before the next one is
 * made, the next ones are committed at once. */

enum {
    PROMISES = 8,
    STEPS_WORTH = 6,   /* noted before somebody touches them: else the calls would have been cheaper */
    STEPS_AT_ONCE = 32 /* committed by a call each then, before it is tried again */
};

static struct promise {
    uintptr_t from, to; /* to be committed; nothing when they are the same; both 0: free */
    unsigned steps;     /* noted since `from` was committed */
    unsigned at_once;   /* steps to commit at once */
} promises[PROMISES];

/* Where the kernel counts what is made writable against a limit, a promise might be one that it then breaks.
 */
static bool kernel_counts(void)
{
    static enum { UNKNOWN, NO, YES } known;
    if (known == UNKNOWN) {
        struct rlimit data;
        char mode = '0';
        int fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY | O_CLOEXEC);
        bool strict = fd >= 0 && read(fd, &mode, 1) == 1 && mode == '2';
        if (fd >= 0)
            close(fd);
        known = strict || getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur != RLIM_INFINITY ? YES : NO;
    }
    return known == YES;
}

static struct promise *promise_to(uintptr_t end)
{
    for (size_t k = 0; k < PROMISES; k++)
        if (promises[k].to == end)
            return &promises[k];
    return NULL;
}

/* From now on what is committed from `end` on can be promised; not if too many other ranges are owed. */
static void promise_from(uintptr_t end)
{
    for (size_t k = 0; k < PROMISES; k++)
        if (promises[k].from == promises[k].to) {
            promises[k] = (struct promise){.from = end, .to = end};
            return;
        }
}

static void promises_forget(uintptr_t start, uintptr_t end)
{
    for (size_t k = 0; k < PROMISES; k++)
        if (promises[k].to > start && promises[k].from <= end)
            promises[k] = (struct promise){0};
}

static void keep(struct promise *p)
{
    if (mprotect((void *)p->from, p->to - p->from, PROT_READ | PROT_WRITE) != 0)
        panic("the system has no memory for what memory.grow has promised: %d", errno);
    p->from = p->to;
    p->steps = 0;
}

status plat_commit_lazily(void *addr, size_t bytes)
{
    uintptr_t start = (uintptr_t)addr;
    struct promise *p = promise_to(start);
    if (p && !p->at_once && !kernel_counts()) {
        p->to += bytes;
        p->steps++;
        return ST_OK;
    }
    TRY(plat_commit(addr, bytes, PLAT_RW));
    if (!p) {
        promise_from(start + bytes);
    } else {
        p->from = p->to = start + bytes;
        p->at_once -= p->at_once > 0;
    }
    return ST_OK;
}

void plat_touch(void *addr, size_t bytes)
{
    for (size_t k = 0; k < PROMISES; k++)
        if (promises[k].from < (uintptr_t)addr + bytes && promises[k].to > (uintptr_t)addr)
            keep(&promises[k]);
}

bool host_promise_keep(uintptr_t addr)
{
    for (size_t k = 0; k < PROMISES; k++) {
        struct promise *p = &promises[k];
        if (addr < p->from || addr >= p->to)
            continue;
        p->at_once = p->steps < STEPS_WORTH ? STEPS_AT_ONCE : 0;
        keep(p);
        return true;
    }
    return false;
}

void plat_decommit(void *addr, size_t bytes)
{
    promises_forget((uintptr_t)addr, (uintptr_t)addr + bytes);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(addr, bytes, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        panic("plat_decommit(%p, %#zx) failed: %d", addr, bytes, errno);
}

void plat_release(void *addr, size_t bytes)
{
    promises_forget((uintptr_t)addr, (uintptr_t)addr + bytes);
    if (munmap(addr, bytes) != 0)
        panic("plat_release(%p, %#zx) failed: %d", addr, bytes, errno);
}

uint64_t plat_memory_total(void)
{
    struct sysinfo si;
    return sysinfo(&si) == 0 ? (uint64_t)si.totalram * si.mem_unit : 0;
}

/* The resident set: the kernel's view of what is backed by memory. */
uint64_t plat_memory_used(void)
{
    char buf[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    if (n <= 0)
        return 0;
    buf[n] = 0;
    const char *resident = strchr(buf, ' ');
    return resident ? strtoull(resident, NULL, 10) * PLAT_PAGE : 0;
}

uint64_t plat_memory_peak(void)
{
    struct rusage ru;
    return getrusage(RUSAGE_SELF, &ru) == 0 ? (uint64_t)ru.ru_maxrss * 1024 : 0;
}

void plat_stack_bounds(uintptr_t *low, uintptr_t *high)
{
    static _Thread_local uintptr_t known_low, known_high;
    if (!known_high) {
        pthread_attr_t attr;
        void *addr;
        size_t size;
        if (pthread_getattr_np(pthread_self(), &attr) != 0 || pthread_attr_getstack(&attr, &addr, &size) != 0)
            panic("plat_stack_bounds: the C library does not know this thread's stack");
        pthread_attr_destroy(&attr);
        known_low = (uintptr_t)addr;
        known_high = known_low + size;
    }
    *low = known_low;
    *high = known_high;
}

#ifndef ANNEAL_ASAN
/* Linux places the program break up to 1 GiB behind the program, at random: inside the fixed address map.
 * The statically linked C library takes its thread-local storage from there before any code of ours runs,
 * and malloc grows there later. We give the former its memory ourselves and refuse the latter, which then
 * uses mmap; mmap stays far above. (A sanitizer's malloc does not use the break.) */
void *_dl_early_allocate(size_t bytes);
void *_dl_early_allocate(size_t bytes) /* glibc-internal; no errno yet, so no mmap() either */
{
    register long flags __asm__("r10") = MAP_PRIVATE | MAP_ANONYMOUS;
    register long fd __asm__("r8") = -1;
    register long offset __asm__("r9") = 0;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_mmap), "D"(0), "S"(bytes), "d"(PROT_READ | PROT_WRITE), "r"(flags), "r"(fd),
                       "r"(offset)
                     : "rcx", "r11", "memory");
    return result < 0 && result > -4096 ? NULL : (void *)result;
}

void *__sbrk(intptr_t increment);
void *__sbrk(intptr_t increment)
{
    (void)increment;
    errno = ENOMEM;
    return (void *)-1;
}

void *sbrk(intptr_t increment) __attribute__((alias("__sbrk")));
#endif
