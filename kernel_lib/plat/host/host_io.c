/* host_io.c: console, clocks, random bytes, files and the end of a Linux process. */
#define _GNU_SOURCE
#include "plat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#ifdef ANNEAL_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#include "host_priv.h"

static uint64_t start_ticks, start_ns;

/* Before every other constructor, so that ticks count from the start and early faults are reported. */
__attribute__((constructor(101))) static void host_init(void)
{
    start_ticks = plat_ticks();
    start_ns = plat_clock_ns(PLAT_CLOCK_MONO);
    host_fault_init();
}

void plat_write(enum plat_stream s, const void *buf, size_t len)
{
    int fd = s == PLAT_OUT ? STDOUT_FILENO : STDERR_FILENO;
    plat_touch((void *)(uintptr_t)buf, len);
    for (const char *p = buf; len > 0;) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EAGAIN) { /* somebody else made the terminal non-blocking */
            poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
            errno = EINTR;
        }
        if (n < 0 && errno == EINTR && !plat_alarm_rings())
            continue;
        if (n <= 0)
            return;
        p += n;
        len -= (size_t)n;
    }
}

size_t plat_read(void *buf, size_t len)
{
    plat_touch(buf, len);
    for (;;) {
        ssize_t n = read(STDIN_FILENO, buf, len);
        if (n >= 0)
            return (size_t)n;
        if (errno == EAGAIN)
            poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, -1);
        else if (errno != EINTR)
            return 0;
        if (plat_alarm_rings())
            return 0;
    }
}

bool plat_read_ready(void)
{
    return poll(&(struct pollfd){.fd = STDIN_FILENO, .events = POLLIN}, 1, 0) > 0;
}

uint64_t plat_ticks(void)
{
    return __rdtsc();
}

/* The longer the process has run, the better the ratio; 5 ms give about 20 parts per million. */
static uint64_t calibrate(void)
{
    enum { SPAN_NS_MIN = 5000000 };
    uint64_t ns;
    while ((ns = plat_clock_ns(PLAT_CLOCK_MONO) - start_ns) < SPAN_NS_MIN)
        ;
    uint64_t ticks = plat_ticks() - start_ticks;
    return (uint64_t)((double)ticks * 1e9 / (double)ns);
}

uint64_t plat_ticks_per_second(void)
{
    static uint64_t rate;
    if (!rate)
        rate = calibrate();
    return rate;
}

uint64_t plat_start_ticks(void)
{
    return start_ticks;
}

uint64_t plat_clock_ns(enum plat_clock c)
{
    clockid_t id = c == PLAT_CLOCK_REAL     ? CLOCK_REALTIME
                   : c == PLAT_CLOCK_CPU    ? CLOCK_PROCESS_CPUTIME_ID
                   : c == PLAT_CLOCK_THREAD ? CLOCK_THREAD_CPUTIME_ID
                                            : CLOCK_MONOTONIC;
    struct timespec ts;
    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void plat_sleep_ns(uint64_t ns)
{
    struct timespec ts = {.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
    while (nanosleep(&ts, &ts) != 0 && errno == EINTR && !plat_alarm_rings())
        ;
}

void plat_random(void *buf, size_t len)
{
    plat_touch(buf, len);
    for (uint8_t *p = buf; len > 0;) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno != EINTR)
            panic("getrandom failed: %d", errno);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
}

static size_t map_bytes(size_t len)
{
    return (len + PLAT_PAGE - 1) & ~(size_t)(PLAT_PAGE - 1);
}

static status errno_status(void)
{
    return errno == ENOENT || errno == ENOTDIR ? E_NOTFOUND : errno == ENOMEM ? E_NOMEM : E_IO;
}

static status blob_map(int fd, size_t len, struct plat_blob *out)
{
    if (len == 0) {
        out->data = (const uint8_t *)"";
        return ST_OK;
    }
    void *p = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return errno_status();
    out->data = p;
    out->len = len;
    return ST_OK;
}

/* Pipes and devices: read to the end into a mapping that grows. */
static status blob_read(int fd, struct plat_blob *out)
{
    size_t size = 1 << 16, len = 0;
    uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return E_NOMEM;
    for (;;) {
        if (len == size) {
            uint8_t *q = mremap(p, size, size * 2, MREMAP_MAYMOVE);
            if (q == MAP_FAILED) {
                munmap(p, size);
                return E_NOMEM;
            }
            p = q;
            size *= 2;
        }
        ssize_t n = read(fd, p + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            munmap(p, size);
            return E_IO;
        }
        if (n == 0)
            break;
        len += (size_t)n;
    }
    if (map_bytes(len) < size) /* so that the length alone says what to unmap */
        munmap(p + map_bytes(len), size - map_bytes(len));
    out->data = len ? p : (const uint8_t *)"";
    out->len = len;
    return ST_OK;
}

status plat_blob_find(const char *name, struct plat_blob *out)
{
    *out = (struct plat_blob){.name = name};
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno_status();
    struct stat st;
    status s;
    if (fstat(fd, &st) != 0)
        s = E_IO;
    else if (S_ISREG(st.st_mode))
        s = blob_map(fd, (size_t)st.st_size, out);
    else
        s = blob_read(fd, out);
    close(fd);
    return s;
}

status plat_blob_at(size_t index, struct plat_blob *out)
{
    (void)index;
    (void)out;
    return E_NOTFOUND;
}

void plat_blob_release(struct plat_blob *b)
{
    if (b->len)
        munmap((void *)(uintptr_t)b->data, b->len);
    *b = (struct plat_blob){0};
}

status plat_file_write(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno_status();
    status s = ST_OK;
    for (const char *p = data; len > 0;) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            s = E_IO;
            break;
        }
        p += n;
        len -= (size_t)n;
    }
    return close(fd) == 0 ? s : E_IO;
}

const char *plat_image_kind(void)
{
    return "hosted";
}

_Noreturn void plat_exit(int code)
{
#ifdef ANNEAL_ASAN
    __lsan_do_leak_check();
#endif
    _exit(code); /* nothing of ours is buffered, and nobody waits for the worker: destructors would take
                    things from it */
}
