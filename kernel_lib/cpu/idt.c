/* idt.c: descriptor tables and the way from a gate to its handler. Source: Intel SDM volume 3A, 6.14 and 8.7.
 */
#include "cpu/cpu_priv.h"

#include "cpu/smp_priv.h"
#include "dev/timer_priv.h"
#include "memory/stack_priv.h"
#include "plat.h"

#include <string.h>

enum { SEL_CODE = 8, SEL_DATA = 16, SEL_TSS = 24, GATES = 256, STUB_BYTES = 16 };
enum { GATE_INTERRUPT = 0x8e, TSS_AVAILABLE = 0x89 };
enum ist { IST_FAULT = 1, IST_DOUBLE, IST_NMI, IST_MACHINE, IST_IRQ, IST_DEBUG, IST_COUNT = IST_DEBUG };
/* Faults nest (idt_stubs.asm): four levels of 16 KiB. */
enum { IST_LEVEL_BYTES = 16384, IST_FAULT_LEVELS = 4, IST_IRQ_BYTES = 65536 };

struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_mid;
    uint32_t offset_high, zero;
};
struct __attribute__((packed)) tss {
    uint32_t zero;
    uint64_t rsp[3], zero2, ist[7], zero3;
    uint16_t zero4, iomap;
};
struct __attribute__((packed)) table_pointer {
    uint16_t limit;
    uint64_t base;
};

/* What is a processor's own; gs points to it in the full image. idt_stubs.asm knows where things are. */
struct __attribute__((packed, aligned(16))) cpu_own {
    uint32_t number, unused[3];
    struct tss tss;
};

extern const char idt_stubs[];
struct cpu_own idt_own[CPUS];

static struct gate gates[GATES] __attribute__((aligned(16)));
static uint64_t gdt[SEL_TSS / 8 + 2 * CPUS] __attribute__((aligned(16)));
static uint8_t early_stack[IST_LEVEL_BYTES] __attribute__((aligned(64)));
static void (*handlers[GATES])(struct cpu_frame *);
static bool ready;

static enum ist ist_of(unsigned vector)
{
    switch (vector) {
    case VEC_DB:
    case VEC_BP: return IST_DEBUG;
    case VEC_NMI: return IST_NMI;
    case VEC_DF: return IST_DOUBLE;
    case VEC_MC: return IST_MACHINE;
    case VEC_PANIC: return IST_FAULT;
    default: return vector < VEC_EXCEPTIONS ? IST_FAULT : IST_IRQ;
    }
}

static void gates_fill(void)
{
    for (unsigned v = 0; v < GATES; v++) {
        uintptr_t at = (uintptr_t)idt_stubs + v * STUB_BYTES;
        gates[v] = (struct gate){.offset_low = (uint16_t)at,
                                 .selector = SEL_CODE,
                                 .ist = ist_of(v),
                                 .type = GATE_INTERRUPT,
                                 .offset_mid = (uint16_t)(at >> 16),
                                 .offset_high = (uint32_t)(at >> 32)};
    }
}

static void gdt_load(unsigned cpu)
{
    uint64_t base = (uintptr_t)&idt_own[cpu].tss, limit = sizeof(struct tss) - 1,
             *tss = &gdt[SEL_TSS / 8 + 2 * cpu];
    gdt[SEL_CODE / 8] = 0x00af9b000000ffff;
    gdt[SEL_DATA / 8] = 0x00cf93000000ffff;
    tss[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 |
             (base >> 24 & 0xff) << 56;
    tss[1] = base >> 32;
    struct table_pointer p = {sizeof gdt - 1, (uintptr_t)gdt};
    __asm__ volatile("lgdt %0" ::"m"(p));
    __asm__ volatile("ltr %w0" ::"r"(SEL_TSS + 16 * cpu));
    __asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::"i"(SEL_CODE)
                     : "rax", "memory");
}

void idt_load(unsigned cpu)
{
    idt_own[cpu].tss.iomap = sizeof(struct tss);
    gdt_load(cpu);
    struct table_pointer p = {sizeof gates - 1, (uintptr_t)gates};
    __asm__ volatile("lidt %0" ::"m"(p));
    if (CPUS > 1) {
        idt_own[cpu].number = cpu;
        cpu_msr_write(MSR_GS_BASE, (uintptr_t)&idt_own[cpu]);
    }
}

void idt_init(void)
{
    for (int i = 0; i < IST_COUNT; i++)
        idt_own[CPU_MAIN].tss.ist[i] = (uintptr_t)early_stack + sizeof early_stack;
    gates_fill();
    idt_load(CPU_MAIN);
    ready = true;
}

void idt_guard_stacks(unsigned cpu)
{
    static const char *const names[IST_COUNT] = {"fault",         "double fault", "NMI",
                                                 "machine check", "interrupt",    "debug"};
    for (int i = 0; i < IST_COUNT; i++) {
        size_t levels = i + 1 == IST_FAULT ? IST_FAULT_LEVELS : 1;
        bool deep = i + 1 == IST_IRQ && cpu == CPU_MAIN; /* hooks run there */
        idt_own[cpu].tss.ist[i] =
            stack_create(names[i], deep ? IST_IRQ_BYTES : levels * IST_LEVEL_BYTES, !deep);
    }
    /* What the processor itself writes must be there; the rest grows when a hook goes deep
     * (plat_ticker_start). */
    *((volatile uint64_t *)idt_own[cpu].tss.ist[IST_IRQ - 1] - 1) = 0;
}

bool idt_is_ready(void)
{
    return ready;
}

void idt_set_handler(uint8_t vector, void (*handler)(struct cpu_frame *))
{
    ASSERT(vector >= VEC_EXCEPTIONS);
    handlers[vector] = handler;
}

void idt_dispatch(struct cpu_frame *f, uintptr_t cr2);
void idt_dispatch(struct cpu_frame *f, uintptr_t cr2)
{
    if (CPUS > 1 && f->vector == VEC_NMI)
        smp_end_if_stopped();
    if (f->vector < VEC_EXCEPTIONS)
        fault_handle(f, cr2);
    else if (f->vector == VEC_PANIC)
        panic_fault(f, cr2);
    else if (handlers[f->vector])
        handlers[f->vector](f);
    else
        timer_acknowledge_unknown();
}
