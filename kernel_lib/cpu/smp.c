/* smp.c: finds, starts and stops the second processor, and speaks with it by interrupts.
 *
 * It is started when there is work for it, not at boot. Source: Intel SDM volume 3A, 9.4 (INIT,
 * start-up), 11.6 and 11.12 (interrupts between processors), 4.10.5 (page tables and other processors). */
#include "cpu/smp_priv.h"

#include <string.h>

#include "boot_info.h"
#include "cpu/cpu_priv.h"
#include "dev/acpi_priv.h"
#include "dev/apic_priv.h"
#include "memory/stack_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"
#include "runtime.h"

#define STACK_BYTES  0x80000ull
#define MEMORY_SPARE 0x200000ull /* with less than this nothing is begun: its stacks take 0.7 MiB */
#define LOW_FIRST    0x1000ull   /* where it can start: above the vectors of real mode, */
#define LOW_END      0xa0000ull  /* below the first MiB's devices */
#define INIT_TICKS                                                                                           \
    200000u /* between INIT and the first start-up: some 50 us; no processor with 64 bits needs more */
#define STARTUP_TICKS 2000000u     /* between start-ups: some 500 us */
#define ANSWER_TICKS  (1ull << 31) /* until it counts as missing, or as stopped: about a second */

struct boot_ap boot_ap;
bool cpu_beside;

static uint32_t apic_ids[CPUS];
static bool running;                                                  /* atomic */
static bool flush_wanted[CPUS], asleep[CPUS] = {[CPU_WORKER] = true}; /* atomic */
static uint32_t stopper; /* atomic: 1 + the processor that ends the machine */
static bool stopped;     /* atomic: the other one has gone */
static void (*serve)(void);
static uintptr_t tls;

static unsigned other(void)
{
    return 1 - cpu_number();
}

static bool get(const bool *flag)
{
    return __atomic_load_n(flag, __ATOMIC_SEQ_CST);
}

static void set(bool *flag, bool value)
{
    __atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
}

/* --- Locks. --- */

void cpu_lock_take(struct cpu_lock *l)
{
    uint32_t me = 1 + cpu_number(), nobody = 0;
    if (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) == me) {
        l->again++;
        return;
    }
    while (!__atomic_compare_exchange_n(&l->owner, &nobody, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        nobody = 0;
        smp_answer();
        cpu_pause();
    }
}

void cpu_lock_release(struct cpu_lock *l)
{
    if (l->again)
        l->again--;
    else
        __atomic_store_n(&l->owner, 0, __ATOMIC_RELEASE);
}

/* --- Between the two. --- */

void smp_wake_other(void)
{
    apic_send(apic_ids[other()], APIC_FIXED | VEC_WAKE);
}

void smp_answer(void)
{
    bool *wanted = &flush_wanted[cpu_number()];
    if (!get(wanted))
        return;
    vm_flush_all();
    set(wanted, false);
}

void smp_flush_other(void)
{
    unsigned o = other();
    set(&flush_wanted[o], true);
    if (get(&asleep[o]))
        return;
    apic_send(apic_ids[o], APIC_FIXED | VEC_FLUSH);
    while (get(&flush_wanted[o]) && cpu_beside) {
        smp_answer();
        cpu_pause();
    }
}

void smp_set_asleep(bool now)
{
    set(&asleep[cpu_number()], now);
    if (!now)
        smp_answer();
}

static void on_wake(struct cpu_frame *f)
{
    (void)f;
    apic_acknowledge();
}

static void on_flush(struct cpu_frame *f)
{
    (void)f;
    apic_acknowledge();
    smp_answer();
}

/* --- Finding it. --- */

bool smp_is_there(void)
{
    static bool known, there;
    if (!known && apic_is_used()) {
        apic_ids[CPU_MAIN] = apic_id();
        there = acpi_other_processor(apic_ids[CPU_MAIN], &apic_ids[CPU_WORKER]);
    }
    known = true;
    return there;
}

/* --- Starting it. --- */

static bool is_of_module(uint64_t page)
{
    const struct boot_info *info = runtime_boot_info();
    for (size_t i = 0; i < info->nmodules; i++)
        if (page < info->modules[i].base + info->modules[i].len && page + PLAT_PAGE > info->modules[i].base)
            return true;
    return false;
}

/* A page of RAM below 1 MiB, which nobody was given; 0: none. The boot loader may have left something there.
 */
static uint64_t find_low_page(void)
{
    const struct boot_info *info = runtime_boot_info();
    for (size_t i = 0; i < info->nranges; i++) {
        uint64_t base = info->ranges[i].base, end = base + info->ranges[i].len;
        for (uint64_t at = base < LOW_FIRST ? LOW_FIRST : base; at + PLAT_PAGE <= end && at < LOW_END;
             at += PLAT_PAGE)
            if (!is_of_module(at))
                return at;
    }
    return 0;
}

static bool wait_until(const bool *flag, uint64_t ticks)
{
    uint64_t start = cpu_tsc();
    while (!get(flag) && cpu_tsc() - start < ticks)
        cpu_pause();
    return get(flag);
}

static bool start_at(uint64_t page)
{
    uint32_t id = apic_ids[CPU_WORKER];
    apic_send(id, APIC_INIT);
    (void)wait_until(&running, INIT_TICKS);
    for (uint64_t start = cpu_tsc(); cpu_tsc() - start < ANSWER_TICKS;) {
        apic_send(id, APIC_STARTUP | (uint32_t)(page / PLAT_PAGE));
        if (wait_until(&running, STARTUP_TICKS))
            return true;
    }
    apic_send(id, APIC_INIT); /* it must not come later */
    return false;
}

/* Everything that it finds when it starts. */
static bool prepare(void)
{
    if (memory_bytes_free() < MEMORY_SPARE)
        return false;
    tls = tls ? tls : tls_create();
    if (!boot_ap.stack) {
        idt_guard_stacks(CPU_WORKER);
        boot_ap.stack = stack_create("worker", STACK_BYTES, true);
    }
    boot_ap.tables = vm_root();
    idt_set_handler(VEC_WAKE, on_wake);
    idt_set_handler(VEC_FLUSH, on_flush);
    return true;
}

static bool bring_up(uint64_t page)
{
    static uint8_t before[PLAT_PAGE];
    uint8_t *at = vm_map_phys(page, PLAT_PAGE, VM_CACHED);
    size_t bytes = (uintptr_t)boot_ap_code_end - (uintptr_t)boot_ap_code;
    if (!at)
        return false;
    memcpy(before, at, bytes);
    memcpy(at, boot_ap_code, bytes);
    bool ok = start_at(page);
    memcpy(at, before, bytes);
    return ok;
}

status smp_start(void (*fn)(void))
{
    static bool tried;
    if (get(&running))
        return ST_OK;
    uint64_t page = smp_is_there() && !tried ? find_low_page() : 0;
    if (!page)
        return E_UNSUPPORTED;
    if (!prepare())
        return E_NOMEM;
    tried = true;
    serve = fn;
    cpu_beside = true;
    if (!bring_up(page))
        cpu_beside = false;
    return cpu_beside ? ST_OK : E_UNSUPPORTED;
}

_Noreturn void kernel_ap_main(void)
{
    vm_join();
    idt_load(CPU_WORKER);
    cpu_state_init();
    cpu_msr_write(MSR_FS_BASE, tls);
    apic_join();
    smp_set_asleep(false);
    set(&running, true);
    __asm__ volatile("sti");
    serve();
    panic("the second processor has nothing to do");
}

/* --- Stopping it. --- */

static _Noreturn void end(void)
{
    set(&stopped, true);
    for (;;)
        __asm__ volatile("cli; hlt");
}

void smp_stop_other(void)
{
    uint32_t me = 1 + cpu_number(), nobody = 0;
    if (!cpu_beside)
        return;
    if (!__atomic_compare_exchange_n(&stopper, &nobody, me, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
        nobody != me)
        end();
    apic_send(apic_ids[other()], APIC_NMI);
    (void)wait_until(&stopped, ANSWER_TICKS);
    cpu_beside = false; /* what it had locked is free */
}

void smp_end_if_stopped(void)
{
    uint32_t by = __atomic_load_n(&stopper, __ATOMIC_SEQ_CST);
    if (by && by != 1 + cpu_number())
        end();
}
