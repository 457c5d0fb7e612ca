/* fake_plat.c: see fake_plat.h. Addresses and memory are Linux's; everything that can vary is ours. */
#define _GNU_SOURCE
#include "fake_plat.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fmt.h"
#include "plat.h"

enum { OUTPUT_MAX = 65536 };

static struct {
    uint64_t ns;
    size_t commits_left, commits_failed, committed, peak;
    char output[OUTPUT_MAX];
    size_t output_len;
    void **landing;
} fake = {.commits_left = SIZE_MAX};

void fake_reset(void)
{
    fake.ns = 0;
    fake.commits_left = SIZE_MAX;
    fake.commits_failed = 0;
    fake.output_len = 0;
    fake.landing = NULL;
}

void fake_clock_set(uint64_t ns)
{
    fake.ns = ns;
}

void fake_commits_left(size_t n)
{
    fake.commits_left = n;
}

size_t fake_commits_failed(void)
{
    return fake.commits_failed;
}

const char *fake_output(void)
{
    fake.output[fake.output_len] = 0;
    return fake.output;
}

void fake_panic_catch(void **landing)
{
    fake.landing = landing;
}

/* --- Console: kept, and what the test program itself prints also shown. --- */
void plat_write(enum plat_stream s, const void *buf, size_t len)
{
    if (s == PLAT_OUT && write(STDOUT_FILENO, buf, len) < 0)
        _exit(1);
    size_t room = OUTPUT_MAX - 1 - fake.output_len;
    if (len > room)
        len = room;
    memcpy(fake.output + fake.output_len, buf, len);
    fake.output_len += len;
}

size_t plat_read(void *buf, size_t len)
{
    (void)buf;
    (void)len;
    return 0;
}

bool plat_read_ready(void)
{
    return true;
}

/* --- Time: a tick is a nanosecond. --- */
uint64_t plat_ticks(void)
{
    return fake.ns;
}

uint64_t plat_ticks_per_second(void)
{
    return 1000000000u;
}

uint64_t plat_start_ticks(void)
{
    return 0;
}

uint64_t plat_clock_ns(enum plat_clock c)
{
    (void)c;
    return fake.ns;
}

void plat_sleep_ns(uint64_t ns)
{
    fake.ns += ns;
}

status plat_alarm_start(uint64_t ns)
{
    (void)ns;
    return E_UNSUPPORTED;
}

void plat_alarm_stop(void) {}

bool plat_alarm_rings(void)
{
    return false;
}

void plat_random(void *buf, size_t len)
{
    static uint8_t x; /* other bytes each time, the same ones in each run */
    for (uint8_t *p = buf; len > 0; len--)
        *p++ = x = (uint8_t)(x * 5 + 1);
}

/* --- Memory. --- */
static int prot_of(enum plat_prot prot)
{
    switch (prot) {
    case PLAT_NONE: return PROT_NONE;
    case PLAT_R: return PROT_READ;
    case PLAT_RW: return PROT_READ | PROT_WRITE;
    case PLAT_RX: return PROT_READ | PROT_EXEC;
    }
    panic("fake: bad protection");
}

void *plat_reserve(void *want, size_t bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (want ? MAP_FIXED_NOREPLACE : 0);
    void *p = mmap(want, bytes, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

status plat_commit(void *addr, size_t bytes, enum plat_prot prot)
{
    if (fake.commits_left == 0) {
        fake.commits_failed++;
        return E_NOMEM;
    }
    fake.commits_left--;
    fake.committed += bytes;
    if (fake.committed > fake.peak)
        fake.peak = fake.committed;
    return mprotect(addr, bytes, prot_of(prot)) == 0 ? ST_OK : E_NOMEM;
}

status plat_protect(void *addr, size_t bytes, enum plat_prot prot)
{
    return mprotect(addr, bytes, prot_of(prot)) == 0 ? ST_OK : E_NOMEM;
}

void plat_decommit(void *addr, size_t bytes)
{
    fake.committed -= bytes;
    if (mmap(addr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
        panic("fake: decommit failed");
}

void plat_release(void *addr, size_t bytes)
{
    munmap(addr, bytes);
}

uint64_t plat_memory_total(void)
{
    return 256u << 20;
}

uint64_t plat_memory_used(void)
{
    return fake.committed;
}

uint64_t plat_memory_peak(void)
{
    return fake.peak;
}

/* --- End. --- */
_Noreturn void plat_exit(int code)
{
    exit(code);
}

_Noreturn void panic(const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_v(text, sizeof text, fmt, ap);
    va_end(ap);
    plat_write(PLAT_ERR, text, n < sizeof text ? n : sizeof text - 1);
    if (fake.landing)
        __builtin_longjmp(fake.landing, 1);
    (void)!write(STDERR_FILENO, text, strlen(text));
    _exit(70);
}
