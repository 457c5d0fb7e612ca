/* selftest.c: each test does one thing that must fault; a test that comes back has failed, and says so. */
#include "cpu/selftest_priv.h"

#include <string.h>

#include "cmdline.h"
#include "cpu/cpu_priv.h"
#include "fmt.h"
#include "memory/phys_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"
#include "runtime.h"

static const uint8_t machine_ret = 0xc3;
static uint8_t data_ret[16] = {0xc3};
static volatile uint64_t sink;

static void write_byte(uintptr_t at)
{
    *(volatile uint8_t *)at = 1;
}

static void call(uintptr_t at)
{
    ((void (*)(void))at)();
}

static void write_code(void)
{
    write_byte((uintptr_t)selftest_run);
}

static void write_rodata(void)
{
    write_byte((uintptr_t)&machine_ret);
}

static void exec_data(void)
{
    call((uintptr_t)data_ret);
}

static void exec_heap(void)
{
    uint8_t *page = plat_reserve(NULL, PLAT_PAGE);
    if (!page || plat_commit(page, PLAT_PAGE, PLAT_RW) != ST_OK)
        panic("no memory for the test");
    page[0] = machine_ret;
    call((uintptr_t)page);
}

static void exec_stack(void)
{
    volatile uint8_t local[16] = {machine_ret};
    call((uintptr_t)local);
}

__attribute__((noinline)) static uint64_t recurse(uint64_t n)
{
    volatile uint8_t frame[1000];
    if (n == UINT64_MAX)
        return n;
    frame[n % sizeof frame] = (uint8_t)n;
    return recurse(n + 1) + frame[n % sizeof frame];
}

static void stack(void)
{
    sink = recurse(0);
}

static void wild_read(void)
{
    sink = *(volatile uint64_t *)0x123456789000;
}

static void wild_write(void)
{
    write_byte(0x123456789000);
}

static void null_read(void)
{
    sink = *(volatile uint64_t *)8;
}

static void non_canonical(void)
{
    sink = *(volatile uint64_t *)0x8000123456789000;
}

/* Code that was written and then made executable can neither be written in place nor through the direct map.
 */
static uint8_t *make_code(void)
{
    uint8_t *code = plat_reserve((void *)MAP_CODE_BASE, PHYS_BLOCK);
    if (!code || plat_commit(code, PLAT_PAGE, PLAT_RW) != ST_OK)
        panic("no memory for the test");
    code[0] = machine_ret;
    if (plat_protect(code, PLAT_PAGE, PLAT_RX) != ST_OK)
        panic("cannot protect the test's code");
    call((uintptr_t)code);
    return code;
}

static void write_jit(void)
{
    write_byte((uintptr_t)make_code());
}

static void jit_alias(void)
{
    uint8_t *code = make_code();
    write_byte((uintptr_t)vm_direct(vm_phys((uintptr_t)code)));
}

static void image_alias(void)
{
    write_byte((uintptr_t)vm_direct((uintptr_t)selftest_run));
}

static void divide(void)
{
    uint32_t lo = 1, hi = 0; /* in assembly: in C it would be undefined */
    __asm__ volatile("divl %2" : "+a"(lo), "+d"(hi) : "r"(0) : "cc");
}

static void undefined(void)
{
    __asm__ volatile("ud2");
}

static void assertion(void)
{
    ASSERT(sink == 1);
}

#ifndef ANNEAL_APPLIANCE
static volatile bool beside;

static void wild_read_beside(void)
{
    beside = true;
    wild_read();
}

static void compute_for_ever(void)
{
    beside = true;
    for (;;)
        cpu_pause();
}

static void start_beside(void (*run)(void))
{
    if (plat_worker_start(run) != ST_OK)
        panic("no second processor");
    while (!beside)
        cpu_pause();
}

/* A fault on the second processor, while the first one computes; and the other way around. */
static void worker_wild(void)
{
    start_beside(wild_read_beside);
    compute_for_ever();
}

static void worker_runs(void)
{
    start_beside(compute_for_ever);
    wild_read();
}
#endif

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {{"write-code", write_code},   {"write-rodata", write_rodata},
             {"exec-data", exec_data},     {"exec-heap", exec_heap},
             {"exec-stack", exec_stack},   {"stack", stack},
             {"wild", wild_read},          {"wild-write", wild_write},
             {"null", null_read},          {"non-canonical", non_canonical},
             {"write-jit", write_jit},     {"jit-alias", jit_alias},
             {"image-alias", image_alias}, {"divide", divide},
#ifndef ANNEAL_APPLIANCE
             {"worker-wild", worker_wild}, {"worker-runs", worker_runs},
#endif
             {"undefined", undefined},     {"assert", assertion}};

void selftest_run(const struct boot_info *info)
{
    char name[32];
    if (!cmdline_option(info->cmdline, "selftest", name, sizeof name))
        return;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (strcmp(name, tests[i].name) == 0) {
            tests[i].run();
            fmt_out(PLAT_ERR, "selftest %s: no fault\n", name);
            plat_exit(RUNTIME_EXIT_BAD_USE);
        }
    fmt_out(PLAT_ERR, "selftest %s: no such test\n", name);
    plat_exit(RUNTIME_EXIT_BAD_USE);
}
