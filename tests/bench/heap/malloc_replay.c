/* malloc_replay.c: replays a malloc trace (malloc_trace.c) against an allocator and times it.
 *
 * `malloc_replay TRACE [ROUNDS]`: links with -DKHEAP against our heap, otherwise against whatever malloc the
 * process has (the C library's, or one that LD_PRELOAD brings). Prints ns per call, and the peak of live
 * bytes asked for beside what the allocator took from the system. Every block is written at both ends. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <sys/stat.h>
#include <time.h>

#include "malloc_trace.h"
#ifdef KHEAP
#include "kheap.h"
#define malloc(n)           kheap_alloc(n)
#define calloc(n, m)        kheap_calloc(n, m)
#define realloc(p, n)       kheap_realloc(p, n)
#define aligned_alloc(a, n) kheap_aligned(a, n)
#define free(p)             kheap_free(p)
#endif

struct step {
    uint32_t op, slot;
    size_t size, align;
};

static void *map(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Pointers of the trace become numbers of slots: an open-addressed table of the live ones. */
static struct {
    uint64_t key;
    uint32_t slot;
} *table;
enum { TABLE = 1 << 22 };

static size_t probe(uint64_t key)
{
    size_t i = (key >> 4) * 0x9e3779b97f4a7c15u >> 42;
    while (table[i].key && table[i].key != key)
        i = (i + 1) % TABLE;
    return i;
}

static size_t prepare(const struct trace_event *ev, size_t n, struct step *steps, size_t *peak)
{
    size_t count = 0, live = 0;
    uint32_t slots = 0;
    size_t *sizes = map((n + 1) * sizeof *sizes);
    table = map(TABLE * sizeof *table);
    for (size_t i = 0; i < n; i++) {
        uint32_t op = (uint32_t)(ev[i].op_size >> 56);
        size_t size = ev[i].op_size & 0xffffffffffffffu, at = 0;
        uint32_t slot = 0;
        if (op == TRACE_FREE || (op == TRACE_REALLOC && ev[i].old)) {
            at = probe(ev[i].old);
            slot = table[at].slot;
            if (!slot)
                continue; /* allocated before the trace began */
            table[at].slot = 0;
            live -= sizes[slot];
        } else {
            slot = ++slots;
        }
        if (op != TRACE_FREE) {
            at = probe(ev[i].new);
            table[at].key = ev[i].new;
            table[at].slot = slot;
            sizes[slot] = size;
            live += size;
            if (live > *peak)
                *peak = live;
        }
        steps[count++] = (struct step){op, slot, size, op == TRACE_ALIGNED ? (size_t)ev[i].old : 0};
    }
    return count;
}

static void touch(uint8_t *p, size_t n)
{
    if (n) {
        p[0] = 1;
        p[n - 1] = 1;
    }
}

static void replay(const struct step *s, size_t n, void **slots)
{
    for (size_t i = 0; i < n; i++) {
        void **p = &slots[s[i].slot];
        switch (s[i].op) {
        case TRACE_MALLOC: *p = malloc(s[i].size); break;
        case TRACE_CALLOC: *p = calloc(1, s[i].size); break;
        case TRACE_REALLOC: *p = realloc(*p, s[i].size); break;
        case TRACE_ALIGNED: *p = aligned_alloc(s[i].align, s[i].size); break;
        case TRACE_FREE:
            free(*p);
            *p = NULL;
            continue;
        }
        touch(*p, s[i].size);
    }
}

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The peak of resident memory since the last call. */
static size_t peak_kib(void)
{
    static char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    const char *at = n > 0 ? strstr(text, "VmHWM:") : NULL;
    fd = open("/proc/self/clear_refs", O_WRONLY);
    if (write(fd, "5", 1) != 1)
        return 0;
    close(fd);
    return at ? (size_t)atol(at + 6) : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    int fd = open(argv[1], O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return 2;
    int rounds = argc > 2 ? atoi(argv[2]) : 5;
    size_t n = (size_t)st.st_size / sizeof(struct trace_event), peak = 0;
    struct trace_event *ev = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct step *steps = map(n * sizeof *steps);
    size_t count = prepare(ev, n, steps, &peak);
    munmap(ev, (size_t)st.st_size);
    void **slots = map((n + 1) * sizeof *slots);
    memset(slots, 0, (n + 1) * sizeof *slots);
    peak_kib();
    size_t before = peak_kib();
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < rounds; round++) {
        uint64_t start = now_ns();
        replay(steps, count, slots);
        uint64_t ns = now_ns() - start;
        best = ns < best ? ns : best;
        if (round == 0)
            printf("%zu calls, live peak %zu KiB, resident grew %zu KiB, ", count, peak / 1024,
                   peak_kib() - before);
        for (size_t i = 0; i <= n; i++)
            if (slots[i]) {
                free(slots[i]);
                slots[i] = NULL;
            }
    }
    printf("%.2f ns per call\n", (double)best / (double)count);
#ifdef KHEAP
    struct kheap_stats ks;
    kheap_stats_get(&ks);
    printf("kheap: peak footprint %zu KiB\n", (size_t)ks.peak / 1024);
#endif
    return 0;
}
