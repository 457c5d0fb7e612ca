/* malloc_trace.c: LD_PRELOAD shim that records every heap call of a one-threaded program for malloc_replay.
 * The environment variable MALLOC_TRACE_FILE names the output. */
#include "malloc_trace.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

enum { BATCH = 4096 };
static struct trace_event batch[BATCH];
static size_t fill;
static int fd = -1;

__attribute__((destructor)) static void flush(void)
{
    if (fd < 0) {
        const char *path = getenv("MALLOC_TRACE_FILE");
        fd = open(path ? path : "/dev/null", O_CREAT | O_TRUNC | O_WRONLY, 0644);
    }
    if (write(fd, batch, fill * sizeof *batch) < 0)
        _exit(9);
    fill = 0;
}

static void *event(uint64_t op, size_t size, uint64_t old, void *new)
{
    if (fill == BATCH)
        flush();
    batch[fill++] = (struct trace_event){op << 56 | size, old, (uint64_t)new};
    return new;
}

void *malloc(size_t n)
{
    return event(TRACE_MALLOC, n, 0, __libc_malloc(n));
}

void *calloc(size_t n, size_t m)
{
    return event(TRACE_CALLOC, n * m, 0, __libc_calloc(n, m));
}

void *realloc(void *p, size_t n)
{
    return event(TRACE_REALLOC, n, (uint64_t)p, __libc_realloc(p, n));
}

void *aligned_alloc(size_t align, size_t n)
{
    return event(TRACE_ALIGNED, n, align, __libc_memalign(align, n));
}

int posix_memalign(void **out, size_t align, size_t n)
{
    *out = aligned_alloc(align, n);
    return *out ? 0 : 12;
}

void free(void *p)
{
    if (!p)
        return;
    event(TRACE_FREE, 0, (uint64_t)p, NULL);
    __libc_free(p);
}
