/* panic.c: the last report. No allocation, no device that may block, no fault of its own: memory is read only
 * where the page tables allow it, and a panic inside a panic ends at once.
 *
 * panic() raises an interrupt of its own, so that a failed assertion is reported from a good stack and with
 * all registers, on the same path as an exception. */
#include <stdarg.h>

#include "cpu/cpu_priv.h"
#include "cpu/ksyms_priv.h"
#include "cpu/smp_priv.h"
#include "fmt.h"
#include "io/console_priv.h"
#include "memory/stack_priv.h"
#include "memory/vm_priv.h"
#include "plat.h"
#include "runtime.h"

enum { FRAMES_MAX = 40, NULL_END = 0x10000 };
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_RESERVED = 8, PF_FETCH = 16 };

static char message[512];
static int depth;

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
    char line[640];
    va_list ap;
    va_start(ap, fmt);
    size_t len = fmt_v(line, sizeof line, fmt, ap);
    va_end(ap);
    console_write(PLAT_ERR, line, len < sizeof line ? len : sizeof line - 1);
}

static void say_page_fault(const struct cpu_frame *f, uintptr_t at)
{
    const char *guard = stack_of_guard(at);
    struct vm_page page = vm_look(at);
    const char *access = f->error & PF_FETCH ? "execution" : f->error & PF_WRITE ? "write" : "read";
    if (guard)
        say("stack overflow: guard page of the %s stack, %s at %p", guard, access, (void *)at);
    else if (at < NULL_END)
        say("page fault: null pointer: %s at %p", access, (void *)at);
    else if (f->error & PF_RESERVED)
        say("page fault: damaged page table for %p", (void *)at);
    else if (!(f->error & PF_PRESENT))
        say("page fault: wild pointer: %s at %p, where nothing is mapped", access, (void *)at);
    else if (f->error & PF_FETCH)
        say("page fault: execution of non-executable memory at %p", (void *)at);
    else
        say("page fault: %s to read-only %s at %p", access, page.exec ? "code" : "data", (void *)at);
}

static void say_what(const struct cpu_frame *f, uintptr_t cr2)
{
    static const char *const names[VEC_EXCEPTIONS] = {
        "divide error",
        "debug exception",
        "non-maskable interrupt",
        "breakpoint",
        "overflow",
        "bound range exceeded",
        "invalid opcode",
        "no x87 unit",
        "double fault",
        "x87 segment overrun",
        "invalid task state",
        "segment not present",
        "stack segment fault",
        "general protection fault (an address that is not canonical, or a forbidden instruction)",
        "page fault",
        "reserved exception 15",
        "x87 floating-point error",
        "alignment check",
        "machine check",
        "SIMD floating-point error",
        "virtualization exception",
        "control protection exception"};
    if (f->vector == VEC_PANIC)
        say("%s", message);
    else if (f->vector == VEC_PF)
        say_page_fault(f, cr2);
    else if (f->vector < VEC_EXCEPTIONS && names[f->vector])
        say("%s (error code 0x%llx)", names[f->vector], (unsigned long long)f->error);
    else
        say("exception %llu", (unsigned long long)f->vector);
}

/* `back` 1: a return address, whose call lies before it, perhaps as a function's last instruction. */
static void say_place(const char *label, uintptr_t pc, unsigned back)
{
    struct ksym s = ksyms_find(pc - back);
    if (s.name)
        say("  %s %016llx %s+0x%llx\n", label, (unsigned long long)pc, s.name,
            (unsigned long long)s.offset + back);
    else
        say("  %s %016llx ?\n", label, (unsigned long long)pc);
}

static void say_registers(const struct cpu_frame *f, uintptr_t cr2)
{
    uint64_t cr3;
    __asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
    const struct {
        const char *name;
        uint64_t value;
    } regs[] = {{"rax", f->rax}, {"rbx", f->rbx}, {"rcx", f->rcx}, {"rdx", f->rdx},    {"rsi", f->rsi},
                {"rdi", f->rdi}, {"rbp", f->rbp}, {"rsp", f->rsp}, {"r8 ", f->r8},     {"r9 ", f->r9},
                {"r10", f->r10}, {"r11", f->r11}, {"r12", f->r12}, {"r13", f->r13},    {"r14", f->r14},
                {"r15", f->r15}, {"rip", f->rip}, {"cr2", cr2},    {"flg", f->rflags}, {"cr3", cr3}};
    for (size_t i = 0; i < sizeof regs / sizeof *regs; i++)
        say("  %s %016llx%s", regs[i].name, (unsigned long long)regs[i].value, i % 4 == 3 ? "\n" : "");
}

/* Follows frame pointers upwards, each pair read only where it is mapped. */
static void say_backtrace(const struct cpu_frame *f)
{
    uintptr_t fp = f->rbp, pair[2];
    say("backtrace:\n");
    say_place("at  ", f->rip, 0);
    if (!vm_look(f->rip).exec && vm_read_safely(pair, f->rsp, 8) == 8)
        say_place("from", pair[0], 1); /* a jump into nowhere: the return address is on top of the stack */
    for (int i = 0; i < FRAMES_MAX && fp; i++) {
        if (fp % 8 || vm_read_safely(pair, fp, sizeof pair) != sizeof pair || !pair[1])
            break;
        say_place("from", pair[1], 1);
        if (pair[0] <= fp)
            break;
        fp = pair[0];
    }
}

/* One processor reports. */
static void stop_other(void)
{
    if (CPUS > 1)
        smp_stop_other();
}

_Noreturn void panic_fault(const struct cpu_frame *f, uintptr_t cr2)
{
    stop_other();
    if (depth++ == 0) {
        say("\npanic: ");
        if (cpu_number() != CPU_MAIN)
            say("on the second processor: ");
        say_what(f, cr2);
        say("\n");
        say_registers(f, cr2);
        say_backtrace(f);
    } else if (depth == 2) {
        say("\npanic inside the panic: ");
        say_what(f, cr2);
        say("\n");
    }
    power_end_panic();
}

_Noreturn void panic(const char *fmt, ...)
{
    stop_other();
    if (depth == 0) {
        va_list ap;
        va_start(ap, fmt);
        fmt_v(message, sizeof message, fmt, ap);
        va_end(ap);
    }
    if (idt_is_ready())
        __asm__ volatile("int %0" ::"i"(VEC_PANIC) : "memory");
    say("\npanic: %s\n", message);
    power_end_panic();
}
