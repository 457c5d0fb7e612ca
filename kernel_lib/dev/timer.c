/* timer.c: one interrupt timer for the sampler and for sleeping.
 *
 * The local APIC's timer is calibrated against the time-stamp counter at its first use; a processor without
 * an APIC uses the PIT at a fixed 1 kHz. Source: Intel SDM volume 3A, chapter 11; Intel 8254 and 8259A data
 * sheets. */
#include "dev/timer_priv.h"

#include <cpuid.h>
#include <stddef.h>

#include "cpu/cpu_priv.h"
#include "dev/apic_priv.h"
#include "dev/clock_priv.h"
#include "io/port_priv.h"
#include "memory/vm_priv.h"
#include "runtime.h"

enum { PIC1 = 0x20, PIC1_DATA = 0x21, PIC2 = 0xa0, PIC2_DATA = 0xa1, PIC_INIT = 0x11, PIC_EOI = 0x20 };
enum {
    PIC_VECTOR = 0x20,
    PIC_CASCADE1 = 4,
    PIC_CASCADE2 = 2,
    PIC_8086 = 1,
    PIC_ALL = 0xff,
    PIC_TIMER_ONLY = 0xfe
};
enum { PIT_CHANNEL0 = 0x40, PIT_COMMAND = 0x43, PIT_RATE = 0x34, PIT_COUNT_1KHZ = 1193 };
enum {
    APIC_ID = 0x20,
    APIC_EOI = 0xb0,
    APIC_TASK = 0x80,
    APIC_SPURIOUS = 0xf0,
    APIC_COMMAND = 0x300,
    APIC_TARGET = 0x310,
    APIC_LVT_TIMER = 0x320,
    APIC_INITIAL = 0x380
};
enum { APIC_CURRENT = 0x390, APIC_DIVIDE = 0x3e0, APIC_BY_16 = 3, APIC_ON = 0x100, LVT_PERIODIC = 1 << 17 };
enum { SOON_COUNTS = 0x200000 }; /* of a clock of 25 MHz to 1 GHz by 16: 30 ms to 1.3 s */
enum { ALARM_TICK_NS = 1000000, WATCHDOG_TICK_NS = 100000000 };
enum { LVT_MASKED = 1 << 16, BASE_X2APIC = 1 << 10, BASE_ON = 1 << 11, X2APIC_MSR = 0x800 };

static enum { TIMER_NONE, TIMER_APIC, TIMER_PIT } kind;
static volatile uint32_t *apic; /* NULL: by MSR (x2APIC) */
static uint64_t apic_hz;
static void (*hook)(const struct timer_sample *);
static uint64_t hook_period_ns;
static void (*later)(void);
static void (*alarm)(struct cpu_frame *);
static uint64_t alarm_at; /* time-stamp counter */
static void (*watchdog)(void);
static uint64_t watchdog_at;

void pic_mask_all(void)
{
    port_write8(PIC1, PIC_INIT);
    port_write8(PIC2, PIC_INIT);
    port_write8(PIC1_DATA, PIC_VECTOR);
    port_write8(PIC2_DATA, PIC_VECTOR + 8);
    port_write8(PIC1_DATA, PIC_CASCADE1);
    port_write8(PIC2_DATA, PIC_CASCADE2);
    port_write8(PIC1_DATA, PIC_8086);
    port_write8(PIC2_DATA, PIC_8086);
    port_write8(PIC1_DATA, PIC_ALL);
    port_write8(PIC2_DATA, PIC_ALL);
}

static void apic_write(unsigned reg, uint32_t value)
{
    if (apic)
        apic[reg / 4] = value;
    else
        cpu_msr_write(X2APIC_MSR + (reg >> 4), value);
}

static uint32_t apic_read(unsigned reg)
{
    return apic ? apic[reg / 4] : (uint32_t)cpu_msr_read(X2APIC_MSR + (reg >> 4));
}

static void sample(const struct cpu_frame *f)
{
    struct timer_sample s = {f->rip, f->rsp, f->rbp};
    if (hook)
        hook(&s);
}

static void on_tick(struct cpu_frame *f)
{
    if (later)
        later();
    sample(f);
    if (watchdog && cpu_tsc() >= watchdog_at)
        watchdog();
    if (alarm && cpu_tsc() >= alarm_at)
        alarm(f);
}

static void on_apic(struct cpu_frame *f)
{
    apic_write(APIC_EOI, 0);
    on_tick(f);
}

static void on_pit(struct cpu_frame *f)
{
    port_write8(PIC1, PIC_EOI);
    on_tick(f);
}

/* Firmware may have left a device that interrupts. Unacknowledged it would block the timer. */
void timer_acknowledge_unknown(void)
{
    if (kind == TIMER_APIC)
        apic_write(APIC_EOI, 0);
}

static bool apic_init(void)
{
    uint32_t a, b, c, d;
    __cpuid(1, a, b, c, d);
    if (!(d & bit_APIC))
        return false;
    uint64_t base = cpu_msr_read(MSR_APIC_BASE);
    if (!(base & BASE_ON))
        return false;
    if (!(base & BASE_X2APIC) && !(apic = vm_map_phys(base & ~0xfffull, PLAT_PAGE, VM_UNCACHED)))
        return false;
    idt_set_handler(VEC_TIMER, on_apic);
    apic_write(APIC_TASK, 0);
    apic_write(APIC_LVT_TIMER, LVT_MASKED | VEC_TIMER);
    apic_write(APIC_SPURIOUS, APIC_ON | VEC_SPURIOUS);
    return true;
}

void timer_init(void)
{
    if (apic_init()) {
        kind = TIMER_APIC;
        return;
    }
    idt_set_handler(PIC_VECTOR, on_pit);
    kind = TIMER_PIT;
}

static void apic_calibrate(void)
{
    if (apic_hz)
        return;
    uint64_t ticks = plat_ticks_per_second() / 1000, start;
    apic_write(APIC_DIVIDE, APIC_BY_16);
    apic_write(APIC_INITIAL, UINT32_MAX);
    uint32_t before = apic_read(APIC_CURRENT);
    start = cpu_tsc();
    while (cpu_tsc() - start < ticks)
        cpu_pause();
    uint64_t counts = before - apic_read(APIC_CURRENT), passed = cpu_tsc() - start;
    apic_write(APIC_INITIAL, 0);
    apic_hz = counts * plat_ticks_per_second() / (passed ? passed : 1);
    if (apic_hz == 0)
        apic_hz = 1;
}

/* 0 ns: SOON_COUNTS, for which nothing is calibrated. */
static void apic_start(uint64_t ns, uint32_t mode)
{
    if (ns)
        apic_calibrate();
    uint64_t counts = ns ? clock_scale(ns, apic_hz, 1000000000) : SOON_COUNTS;
    apic_write(APIC_DIVIDE, APIC_BY_16);
    apic_write(APIC_LVT_TIMER, mode | VEC_TIMER);
    apic_write(APIC_INITIAL, counts > UINT32_MAX ? UINT32_MAX : counts ? (uint32_t)counts : 1);
}

/* Whatever period is asked for, the PIT ticks once a millisecond. */
static void pit_start(void)
{
    port_write8(PIT_COMMAND, PIT_RATE);
    port_write8(PIT_CHANNEL0, PIT_COUNT_1KHZ & 0xff);
    port_write8(PIT_CHANNEL0, PIT_COUNT_1KHZ >> 8);
    port_write8(PIC1_DATA, PIC_TIMER_ONLY);
}

static void stop(void)
{
    if (kind == TIMER_APIC) {
        apic_write(APIC_LVT_TIMER, LVT_MASKED | VEC_TIMER);
        apic_write(APIC_INITIAL, 0);
    } else {
        port_write8(PIC1_DATA, PIC_ALL);
    }
}

static void start(uint64_t ns, uint32_t mode)
{
    if (kind == TIMER_APIC)
        apic_start(ns, mode);
    else
        pit_start();
}

/* What ticks while nobody waits: the sampler, the alarm, the watchdog. */
static bool ticks_by_itself(void)
{
    return hook || alarm || watchdog;
}

/* The alarm does with what a hook ticks at, unless that is nothing in particular. */
static void start_own_ticks(void)
{
    if (ticks_by_itself())
        start(hook && (hook_period_ns || !(alarm || watchdog)) ? hook_period_ns
              : alarm                                          ? ALARM_TICK_NS
                                                               : WATCHDOG_TICK_NS,
              LVT_PERIODIC);
    else
        stop();
}

status timer_set_hook(uint64_t period_ns, void (*new_hook)(const struct timer_sample *))
{
    if (kind == TIMER_NONE)
        return E_UNSUPPORTED;
    uint64_t flags = cpu_irq_save();
    hook = new_hook;
    hook_period_ns = period_ns;
    start_own_ticks();
    cpu_irq_restore(flags);
    return ST_OK;
}

bool timer_alarm(uint64_t ns, void (*f)(struct cpu_frame *))
{
    if (kind == TIMER_NONE)
        return false;
    uint64_t flags = cpu_irq_save();
    alarm = f;
    alarm_at = cpu_tsc() + clock_scale(ns, plat_ticks_per_second(), 1000000000);
    start_own_ticks();
    cpu_irq_restore(flags);
    return true;
}

bool timer_watchdog(uint64_t ns, void (*f)(void))
{
    if (kind == TIMER_NONE)
        return false;
    uint64_t flags = cpu_irq_save();
    watchdog = f;
    watchdog_at = cpu_tsc() + clock_scale(ns, plat_ticks_per_second(), 1000000000);
    start_own_ticks();
    cpu_irq_restore(flags);
    return true;
}

void timer_soon(void (*f)(void))
{
    uint64_t flags = cpu_irq_save();
    later = f;
    if (!ticks_by_itself() &&
        kind == TIMER_APIC) { /* not calibrated: that takes time, and "soon" is good enough */
        apic_write(APIC_DIVIDE, APIC_BY_16);
        apic_write(APIC_LVT_TIMER, VEC_TIMER);
        apic_write(APIC_INITIAL, SOON_COUNTS);
    } else if (!ticks_by_itself() && kind == TIMER_PIT) {
        pit_start();
    }
    cpu_irq_restore(flags);
}

bool timer_wait(uint64_t ns)
{
    if (kind == TIMER_NONE)
        return false;
    bool ticks = hook && hook_period_ns && hook_period_ns <= ns;
    if (!ticks)
        start(alarm && ns > ALARM_TICK_NS ? ALARM_TICK_NS : ns ? ns : 1, 0);
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    if (!ticks)
        start_own_ticks();
    return true;
}

#ifndef ANNEAL_APPLIANCE
/* --- Interrupts between processors (apic_priv.h). --- */

enum { COMMAND_PENDING = 1 << 12, ID_SHIFT = 24 };

bool apic_is_used(void)
{
    return kind == TIMER_APIC;
}

uint32_t apic_id(void)
{
    return apic ? apic_read(APIC_ID) >> ID_SHIFT : apic_read(APIC_ID);
}

void apic_send(uint32_t id, uint32_t what)
{
    if (!apic) {
        __asm__ volatile("mfence; lfence" ::: "memory"); /* this write waits for no other */
        cpu_msr_write(X2APIC_MSR + (APIC_COMMAND >> 4), (uint64_t)id << 32 | what);
        return;
    }
    uint64_t flags = cpu_irq_save();
    while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
        cpu_pause();
    apic_write(APIC_TARGET, id << ID_SHIFT);
    apic_write(APIC_COMMAND, what);
    cpu_irq_restore(flags);
}

void apic_acknowledge(void)
{
    apic_write(APIC_EOI, 0);
}

void apic_join(void)
{
    uint64_t base = cpu_msr_read(MSR_APIC_BASE) | BASE_ON;
    cpu_msr_write(MSR_APIC_BASE, base);
    if (!apic)
        cpu_msr_write(MSR_APIC_BASE, base | BASE_X2APIC);
    apic_write(APIC_TASK, 0);
    apic_write(APIC_LVT_TIMER, LVT_MASKED | VEC_TIMER);
    apic_write(APIC_SPURIOUS, APIC_ON | VEC_SPURIOUS);
}
#endif
