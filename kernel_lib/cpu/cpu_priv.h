/* cpu_priv.h: model-specific registers, extended state, segments and interrupt entry. */
#ifndef KERNEL_LIB_CPU_PRIV_H
#define KERNEL_LIB_CPU_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/lock_priv.h"
#include "plat.h"

enum { MSR_APIC_BASE = 0x1b, MSR_PAT = 0x277 };
#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u

static inline uint64_t cpu_msr_read(uint32_t msr)
{
    uint32_t lo, hi;
    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (uint64_t)hi << 32 | lo;
}
static inline void cpu_msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}
static inline uint64_t cpu_tsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}
static inline void cpu_pause(void)
{
    __asm__ volatile("pause");
}
static inline uint64_t cpu_irq_save(void)
{
    uint64_t flags;
    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
    return flags;
}
static inline void cpu_irq_restore(uint64_t flags)
{
    __asm__ volatile("pushq %0; popfq" ::"r"(flags) : "memory", "cc");
}

/* Turns on AVX and AVX-512 state where CPUID has it, and sizes the area that interrupt entry saves. On each
 * processor. */
void cpu_state_init(void);
/* XCR0, or 0 without XSAVE; its bits. */
enum { XCR0_X87_SSE = 0x3, XCR0_AVX = 0x4, XCR0_AVX512 = 0xe0 };
uint64_t cpu_state_mask(void);

/* The registers of what was interrupted, in the order in which idt_stubs.asm pushes them. */
struct cpu_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

enum cpu_vector {
    VEC_DE = 0,
    VEC_DB = 1,
    VEC_NMI = 2,
    VEC_BP = 3,
    VEC_UD = 6,
    VEC_DF = 8,
    VEC_SS = 12,
    VEC_GP = 13,
    VEC_PF = 14,
    VEC_MF = 16,
    VEC_MC = 18,
    VEC_XM = 19,
    VEC_EXCEPTIONS = 32,
    VEC_TIMER = 0x40,
    VEC_WAKE = 0x41,  /* smp.c */
    VEC_FLUSH = 0x42, /* smp.c */
    VEC_PANIC = 0x80, /* raised by panic() to get every register and a good stack */
    VEC_SPURIOUS = 0xff,
};

/* Segments, task state and all 256 gates; every entry on an interrupt stack (IST). At first all share one
 * small stack; idt_guard_stacks gives each kind its own with a guard page below. After vm_init. A second
 * processor gets its stacks before it runs, and loads the tables itself. */
void idt_init(void);
void idt_guard_stacks(unsigned cpu);
void idt_load(unsigned cpu);
bool idt_is_ready(void);
/* Interrupts from VEC_EXCEPTIONS up. The handler runs with interrupts off and acknowledges at its device. */
void idt_set_handler(uint8_t vector, void (*handler)(struct cpu_frame *));

/* fault.c: exceptions. Returns to go on, with the frame possibly changed. */
void fault_handle(struct cpu_frame *f, uintptr_t cr2);
/* What plat.h's hooks are told about the interrupted code, and going on where they want. */
struct plat_fault fault_at(const struct cpu_frame *f);
void fault_go_on_at(struct cpu_frame *f, const struct plat_fault *p);
/* panic.c: the report of an exception nobody could handle, then the end. */
_Noreturn void panic_fault(const struct cpu_frame *f, uintptr_t cr2);

/* tls.c: thread-local storage as the x86-64 ELF ABI lays it out (fs:0 points to itself). A thread's own, as
 * the base of fs; and that of the main thread, taken into use. */
uintptr_t tls_create(void);
void tls_init(void);

#endif
