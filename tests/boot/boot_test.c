/* boot_test.c: an image_main that shows that the machine below the engine works. The kernel option
 * `boot-test=NAME` picks one test; without it the machine is described. tests/boot/run boots it and reads
 * what it prints. */
#include "boot_test.h"

#include <string.h>

#include "cmdline.h"
#include "fmt.h"
#include "plat.h"
#include "runtime.h"

enum { EXIT_OK = 42, EXIT_FAILED = 43 };
#define BIG               0x200000ull
#define MEMORY_TO_EXHAUST 0x10000000ull /* touching more takes too long */

static int failures;

void check(bool ok, const char *what, int line)
{
    if (ok)
        return;
    failures++;
    fmt_out(PLAT_OUT, "line %d: not so: %s\n", line, what);
}

/* --- Faults that the layer above takes over --- */

static struct plat_fault seen;
static volatile bool take_next;
static uintptr_t resume_frame[5]; /* for __builtin_setjmp */

static _Noreturn void resume(uintptr_t arg)
{
    (void)arg;
    __builtin_longjmp((void **)resume_frame, 1);
}

static uint8_t resume_stack[4096] __attribute__((aligned(16)));

bool plat_on_fault(struct plat_fault *f)
{
    if (!take_next)
        return false;
    take_next = false;
    seen = *f;
    f->resume_pc = (uintptr_t)resume;
    f->resume_arg = 7;
    f->resume_sp = (uintptr_t)resume_stack + sizeof resume_stack - 8;
    return true;
}

/* Whether calling `f` ends in a fault of that kind at that address. */
static bool faults(void (*f)(void *), void *arg, enum plat_fault_kind kind, uintptr_t addr)
{
    take_next = true;
    if (__builtin_setjmp((void **)resume_frame) == 0) {
        f(arg);
        take_next = false;
        return false;
    }
    return seen.kind == kind && seen.addr == addr;
}

static void write_at(void *p)
{
    *(volatile uint8_t *)p = 1;
}

static void read_at(void *p)
{
    (void)*(volatile uint8_t *)p;
}

static void call_at(void *p)
{
    ((void (*)(void))(uintptr_t)p)();
}

static void divide(void *p)
{
    (void)p;
    uint32_t lo = 1, hi = 0;
    __asm__ volatile("divl %2" : "+a"(lo), "+d"(hi) : "r"(0) : "cc");
}

static void undefined(void *p)
{
    (void)p;
    __asm__ volatile("ud2");
}

static void test_faults(void)
{
    void *wild = (void *)0x23456789000;
    for (int i = 0; i < 1000; i++) /* also: nothing is left behind on the interrupt stacks */
        CHECK(faults(read_at, wild, PLAT_FAULT_ACCESS, (uintptr_t)wild) && !seen.write);
    CHECK(faults(write_at, wild, PLAT_FAULT_ACCESS, (uintptr_t)wild) && seen.write);
    CHECK(faults(call_at, wild, PLAT_FAULT_ACCESS, (uintptr_t)wild) && seen.pc == (uintptr_t)wild);
    CHECK(faults(read_at, (void *)0x8000000000000000, PLAT_FAULT_ACCESS, 0));
    CHECK(faults(divide, NULL, PLAT_FAULT_ARITH, 0));
    CHECK(faults(undefined, NULL, PLAT_FAULT_ILLEGAL, 0));
}

/* --- Memory --- */

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i])
            return false;
    return true;
}

static bool can_read(const void *p)
{
    return !faults(read_at, (void *)p, PLAT_FAULT_ACCESS, (uintptr_t)p);
}

static bool can_write(void *p)
{
    return !faults(write_at, p, PLAT_FAULT_ACCESS, (uintptr_t)p);
}

static bool can_call(uint8_t *p)
{
    return !faults(call_at, p, PLAT_FAULT_ACCESS, (uintptr_t)p);
}

static void test_protections(uint8_t *p, size_t len)
{
    CHECK(!can_read(p));
    CHECK(plat_commit(p, len, PLAT_RW) == ST_OK);
    CHECK(is_zero(p, len));
    memset(p, 0xc3, len);
    CHECK(!can_call(p) && !can_call(p + len - 1));
    CHECK(plat_protect(p, len, PLAT_RX) == ST_OK);
    CHECK(can_call(p) && can_call(p + len - 1) && !can_write(p) && !can_write(p + len - 1));
    CHECK(plat_protect(p, len, PLAT_R) == ST_OK);
    CHECK(can_read(p) && !can_write(p) && !can_call(p));
    CHECK(plat_protect(p, len, PLAT_NONE) == ST_OK);
    CHECK(!can_read(p));
    CHECK(plat_protect(p, len, PLAT_RW) == ST_OK);
    CHECK(p[0] == 0xc3 && p[len - 1] == 0xc3);
    plat_decommit(p, len);
    CHECK(!can_read(p) && !can_read(p + len - 1));
    CHECK(plat_commit(p, len, PLAT_R) == ST_OK);
    CHECK(is_zero(p, len) && !can_write(p));
}

/* A 2 MiB page is split when a part of it changes. */
static void test_split(uint8_t *p)
{
    CHECK(plat_commit(p, 2 * BIG, PLAT_RW) == ST_OK);
    memset(p, 0xc3, 2 * BIG);
    CHECK(plat_protect(p + PLAT_PAGE, PLAT_PAGE, PLAT_RX) == ST_OK);
    CHECK(can_call(p + PLAT_PAGE) && !can_write(p + PLAT_PAGE));
    CHECK(can_write(p) && can_write(p + 2 * PLAT_PAGE) && !can_call(p + 2 * PLAT_PAGE));
    plat_decommit(p + BIG + PLAT_PAGE, PLAT_PAGE);
    CHECK(!can_read(p + BIG + PLAT_PAGE) && p[BIG] == 0xc3 && p[BIG + 2 * PLAT_PAGE] == 0xc3);
    CHECK(plat_commit(p, 2 * BIG, PLAT_RW) == ST_OK); /* keeps what is there */
    CHECK(p[2 * PLAT_PAGE + 1] == 0xc3 && p[BIG + PLAT_PAGE] == 0);
    CHECK(can_write(p + PLAT_PAGE));
}

static void test_reservations(void)
{
    uint8_t *a = plat_reserve((void *)MAP_CODE_BASE, 16 * PLAT_PAGE);
    CHECK(a == (uint8_t *)MAP_CODE_BASE);
    CHECK(plat_reserve((void *)(MAP_CODE_BASE + PLAT_PAGE), PLAT_PAGE) == NULL);
    CHECK(plat_reserve(NULL, 1ull << 60) == NULL);
    CHECK(plat_reserve((void *)0x800000000000, PLAT_PAGE) == NULL);
    CHECK(plat_commit(a + 15 * PLAT_PAGE, 2 * PLAT_PAGE, PLAT_RW) == E_INVAL);
    CHECK(plat_protect(a, PLAT_PAGE, PLAT_RW) == E_INVAL);
    plat_release(a + PLAT_PAGE, PLAT_PAGE);
    CHECK(plat_reserve((void *)(MAP_CODE_BASE + PLAT_PAGE), PLAT_PAGE) == a + PLAT_PAGE);
    plat_release(a + PLAT_PAGE, PLAT_PAGE);
    plat_release(a, PLAT_PAGE);
    plat_release(a + 2 * PLAT_PAGE, 14 * PLAT_PAGE);
    CHECK(plat_commit(a, PLAT_PAGE, PLAT_RW) == E_INVAL);
    for (int i = 0; i < 20000; i++) { /* more 8 GiB reservations than there are addresses */
        uint8_t *p = plat_reserve(NULL, MAP_GUEST_RESERVE);
        CHECK(p && plat_commit(p, PLAT_PAGE, PLAT_RW) == ST_OK);
        if (failures)
            return;
        plat_release(p, MAP_GUEST_RESERVE);
    }
}

/* Asking for more than there is changes nothing, and taking all leaves the machine alive. */
static void test_exhaustion(void)
{
    uint64_t used = plat_memory_used(), all = plat_memory_total();
    uint8_t *p = plat_reserve(NULL, all);
    CHECK(p && plat_commit(p, all & ~(PLAT_PAGE - 1), PLAT_RW) == E_NOMEM);
    CHECK(plat_memory_used() == used && !can_read(p));
    size_t n = 0;
    while (plat_commit(p + n * PLAT_PAGE, PLAT_PAGE, PLAT_RW) == ST_OK)
        p[n++ * PLAT_PAGE] = 1;
    CHECK(memory_bytes_free() < 64 * 1024 * 1024 && n > 1000);
    plat_release(p, all);
    CHECK(plat_memory_used() == used && plat_memory_peak() > used);
}

/* Memory 0 uses 2 MiB pages, in one step or in many: then the tables below are not needed. */
static void test_growth(void)
{
    const size_t step = 65536;
    uint8_t *p = plat_reserve((void *)MAP_MEM0_BASE, MAP_GUEST_RESERVE);
    CHECK(plat_commit(p, 2 * BIG, PLAT_RW) == ST_OK);
    uint64_t used = plat_memory_used();
    plat_decommit(p, 2 * BIG);
    for (size_t at = 0; at < 2 * BIG; at += step) {
        CHECK(plat_commit(p + at, step, PLAT_RW) == ST_OK);
        memset(p + at, (int)(at / step + 1), step);
    }
    CHECK(plat_memory_used() == used);
    for (size_t at = 0; at < 2 * BIG; at += PLAT_PAGE)
        CHECK(p[at] == at / step + 1 && p[at + PLAT_PAGE - 1] == at / step + 1);
    plat_release(p, MAP_GUEST_RESERVE);
}

static void test_memory(void)
{
    CHECK(!can_read(NULL) && !can_read((void *)0xfff));
    uint8_t *mem0 = plat_reserve((void *)MAP_MEM0_BASE, MAP_GUEST_RESERVE);
    CHECK(mem0 == (uint8_t *)MAP_MEM0_BASE);
    plat_release(mem0, MAP_GUEST_RESERVE);
    test_reservations();
    test_growth();
    uint64_t used = plat_memory_used();
    const size_t sizes[] = {PLAT_PAGE, 3 * PLAT_PAGE, BIG, 3 * BIG + 5 * PLAT_PAGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *p = plat_reserve((void *)MAP_MEM0_BASE, MAP_GUEST_RESERVE);
        test_protections(p, sizes[i]);
        plat_release(p, MAP_GUEST_RESERVE);
    }
    uint8_t *p = plat_reserve((void *)MAP_CODE_BASE, 2 * BIG);
    test_split(p);
    plat_release(p, 2 * BIG);
    CHECK(plat_memory_used() <= used + 16 * PLAT_PAGE); /* tables of the direct map's split pages stay */
    if (plat_memory_total() < MEMORY_TO_EXHAUST)
        test_exhaustion();
}

__attribute__((noinline)) static uint64_t deep(uint64_t n)
{
    volatile uint8_t frame[1024];
    frame[0] = (uint8_t)n;
    return n ? deep(n - 1) + frame[0] : 0;
}

static void test_stack(void)
{
    uintptr_t low, high, here = (uintptr_t)__builtin_frame_address(0);
    plat_stack_bounds(&low, &high);
    CHECK(high - low >= 8 << 20 && here > low && here < high && high - here < 65536);
    CHECK(deep(7000) > 0);
}

/* --- Time --- */

static void test_clock(void)
{
    uint64_t rate = plat_ticks_per_second(), before = plat_clock_ns(PLAT_CLOCK_MONO);
    CHECK(rate > 1000000);
    plat_sleep_ns(50000000);
    uint64_t slept = plat_clock_ns(PLAT_CLOCK_MONO) - before;
    CHECK(slept >= 50000000 && slept < 2000000000);
    CHECK(plat_ticks() > plat_start_ticks());
    fmt_out(PLAT_OUT, "real %llu\nrate %llu\n",
            (unsigned long long)plat_clock_ns(PLAT_CLOCK_REAL) / 1000000000, (unsigned long long)rate);
}

static volatile int ticks;
static volatile uintptr_t tick_pc;

static void on_tick(const struct timer_sample *s)
{
    volatile double clobber = ticks; /* uses SSE registers */
    clobber *= 3;
    tick_pc = s->pc;
    ticks++;
}

/* Registers of every width survive an interrupt. */
static bool registers_survive(void)
{
    uint64_t in[4] = {0x1122334455667788, 2, 3, 0x99aabbccddeeff00}, out[4] = {0};
    int start = ticks;
    bool avx = plat_cpu()->avx;
    if (avx)
        __asm__ volatile("vmovups %0, %%ymm15" ::"m"(in) : "xmm15");
    else
        __asm__ volatile("movups %0, %%xmm15" ::"m"(in) : "xmm15");
    while (ticks < start + 3)
        __asm__ volatile("pause");
    if (avx)
        __asm__ volatile("vmovups %%ymm15, %0; vzeroupper" : "=m"(out));
    else
        __asm__ volatile("movups %%xmm15, %0" : "=m"(out));
    return memcmp(in, out, avx ? 32 : 16) == 0;
}

static void test_timer(void)
{
    CHECK(timer_set_hook(1000000, on_tick) == ST_OK);
    uint64_t start = plat_clock_ns(PLAT_CLOCK_MONO);
    while (ticks < 20 && plat_clock_ns(PLAT_CLOCK_MONO) - start < 5000000000)
        ;
    CHECK(ticks >= 20 && tick_pc != 0);
    CHECK(registers_survive());
    plat_sleep_ns(5000000); /* while the hook runs */
    CHECK(timer_set_hook(0, NULL) == ST_OK);
    int stopped = ticks;
    plat_sleep_ns(20000000);
    CHECK(ticks == stopped);
}

static void test_random(void)
{
    uint8_t a[37] = {0}, b[37] = {0};
    plat_random(a, sizeof a);
    plat_random(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0 && !is_zero(a, sizeof a));
}

/* --- Streams --- */

static void test_echo(void)
{
    uint8_t buf[64];
    size_t n;
    while ((n = plat_read(buf, sizeof buf)) > 0)
        plat_write(PLAT_OUT, buf, n);
    CHECK(plat_read_ready() && plat_read(buf, sizeof buf) == 0);
}

static void test_streams(void)
{
    plat_write(PLAT_OUT, "to out\n", 7);
    plat_write(PLAT_ERR, "to err\n", 7);
    plat_write(PLAT_LOG, "to log\n", 7);
}

static void test_flood(void)
{
    char line[101];
    memset(line, 'x', 100);
    line[100] = '\n';
    for (int i = 0; i < 5000; i++)
        plat_write(PLAT_OUT, line, sizeof line);
}

static void test_modules(void)
{
    struct plat_blob b, again;
    for (size_t i = 0; plat_blob_at(i, &b) == ST_OK; i++) {
        uint32_t sum = 0;
        for (size_t k = 0; k < b.len; k++)
            sum = sum * 31 + b.data[k];
        CHECK(plat_blob_find(b.name, &again) == ST_OK && strcmp(again.name, b.name) == 0);
        fmt_out(PLAT_OUT, "blob %s %zu %08x\n", b.name, b.len, sum);
    }
    CHECK(plat_blob_find("not there", &b) == E_NOTFOUND);
    const struct boot_info *info = runtime_boot_info();
    static char text[sizeof info->cmdline];
    const char *argv[32];
    const char *line =
        info->nmodules && info->modules[0].cmdline[0] ? info->modules[0].cmdline : info->cmdline;
    size_t n = cmdline_split(line, text, argv, 32);
    for (size_t i = 0; i < n && i < 32; i++)
        fmt_out(PLAT_OUT, "word [%s]\n", argv[i]);
}

static void test_machine(void)
{
    const struct boot_info *info = runtime_boot_info();
    fmt_out(PLAT_OUT, "loader %s\ncpu %s\nxcr0 0x%llx\n", info->loader, plat_cpu()->brand,
            (unsigned long long)cpu_state_mask());
    fmt_out(PLAT_OUT, "ram %llu KiB, free %llu KiB, used %llu KiB\n",
            (unsigned long long)plat_memory_total() / 1024, (unsigned long long)memory_bytes_free() / 1024,
            (unsigned long long)plat_memory_used() / 1024);
    fmt_out(PLAT_OUT, "cmdline [%s]\n", info->cmdline);
    fmt_out(PLAT_OUT, "ticks to here %llu\n", (unsigned long long)(plat_ticks() - plat_start_ticks()));
    fmt_out(PLAT_OUT, "serial %d %d %d\n", serial_present(SERIAL_COM1), serial_present(SERIAL_COM2),
            serial_present(SERIAL_COM3));
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {{"machine", test_machine},
             {"memory", test_memory},
             {"stack", test_stack},
             {"faults", test_faults},
             {"clock", test_clock},
             {"timer", test_timer},
             {"random", test_random},
             {"echo", test_echo},
             {"streams", test_streams},
             {"modules", test_modules},
             {"flood", test_flood},
             {"disk-write", test_disk_write},
             {"disk-verify", test_disk_verify},
             {"disk-errors", test_disk_errors},
             {"disk-store", test_disk_store},
             {"disk-store-for-ever", test_disk_store_for_ever},
             {"worker", test_worker}};

int image_main(const struct boot_info *info)
{
    char name[32] = "machine";
    cmdline_option(info->cmdline, "boot-test", name, sizeof name);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(name, tests[i].name) == 0) {
            tests[i].run();
            return failures ? EXIT_FAILED : EXIT_OK;
        }
    fmt_out(PLAT_OUT, "no test %s\n", name);
    return EXIT_FAILED;
}
