/* host_memory.c: address space of a Linux process.
 *
 * A reservation is an inaccessible MAP_NORESERVE mapping; committing is mprotect, which also gives zeroed
 * pages because decommitting replaces the mapping by a fresh inaccessible one. */
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

void plat_decommit(void *addr, size_t bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (mmap(addr, bytes, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        panic("plat_decommit(%p, %#zx) failed: %d", addr, bytes, errno);
}

void plat_release(void *addr, size_t bytes)
{
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
