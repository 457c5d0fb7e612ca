/* host_fault.c: signals to plat_fault, the alarm, and panic.
 *
 * The handler runs on its own stack (the guest may have overflowed the normal one) with all signals
 * blocked, asks plat_on_fault where to go on, and rewrites the saved context so that returning from the
 * handler lands there. */
#define _GNU_SOURCE
#include "plat.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "fmt.h"
#include "host_priv.h"

enum { SIGNAL_STACK_BYTES = 64 * 1024, EXIT_PANIC = 70, FRAMES_MAX = 40, ALARM_AGAIN_US = 1000 };

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
static struct sigaction old_actions[sizeof fault_signals / sizeof *fault_signals];

static void line_out(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void line_out(const char *fmt, ...)
{
    char buf[512];
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_v(buf, sizeof buf, fmt, ap);
    va_end(ap);
    plat_write(PLAT_ERR, buf, n < sizeof buf ? n : sizeof buf - 1);
}

static void frame_out(uintptr_t pc)
{
    uintptr_t offset;
    const char *name = host_symbol_find(pc, &offset);
    if (name)
        line_out("  %#18lx %s+%#lx\n", pc, name, offset);
    else
        line_out("  %#18lx\n", pc);
}

/* Follows frame pointers while they climb inside one stack; code without them ends the walk. */
static void backtrace_out(uintptr_t pc, uintptr_t fp)
{
    frame_out(pc);
    for (int i = 0; i < FRAMES_MAX && fp && fp % 8 == 0; i++) {
        const uintptr_t *frame = (const uintptr_t *)fp;
        if (!frame[1])
            break;
        frame_out(frame[1] - 1);
        if (frame[0] <= fp || frame[0] - fp > (1 << 20))
            break;
        fp = frame[0];
    }
}

static void registers_out(const greg_t *r)
{
    static const struct {
        const char *name;
        int index;
    } regs[] = {{"rax", REG_RAX}, {"rbx", REG_RBX}, {"rcx", REG_RCX}, {"rdx", REG_RDX}, {"rsi", REG_RSI},
                {"rdi", REG_RDI}, {"rbp", REG_RBP}, {"rsp", REG_RSP}, {"r8", REG_R8},   {"r9", REG_R9},
                {"r10", REG_R10}, {"r11", REG_R11}, {"r12", REG_R12}, {"r13", REG_R13}, {"r14", REG_R14},
                {"r15", REG_R15}, {"rip", REG_RIP}, {"rfl", REG_EFL}};
    for (size_t i = 0; i < sizeof regs / sizeof *regs; i++)
        line_out("%s%-3s %016llx%s", i % 4 ? "  " : "  ", regs[i].name, r[regs[i].index],
                 i % 4 == 3 || i + 1 == sizeof regs / sizeof *regs ? "\n" : "");
}

/* A fault inside a panic must end the process, not loop. */
static void panic_once(void)
{
    static volatile bool panicking;
    if (panicking)
        _exit(EXIT_PANIC);
    panicking = true;
}

_Noreturn void panic(const char *fmt, ...)
{
    panic_once();
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    fmt_v(text, sizeof text, fmt, ap);
    va_end(ap);
    line_out("panic: %s\n", text);
    const uintptr_t *frame = __builtin_frame_address(0);
    backtrace_out(frame[1] - 1, frame[0]);
    _exit(EXIT_PANIC);
}

static void fault_panic(int sig, const struct plat_fault *f, const ucontext_t *uc)
{
    panic_once();
    line_out("panic: %s at pc %#lx, address %#lx (%s)\n", strsignal(sig), f->pc, f->addr,
             f->write ? "write" : "read or execute");
    registers_out(uc->uc_mcontext.gregs);
    backtrace_out(f->pc, f->fp);
    _exit(EXIT_PANIC);
}

static enum plat_fault_kind kind_of(int sig)
{
    return sig == SIGFPE ? PLAT_FAULT_ARITH : sig == SIGILL ? PLAT_FAULT_ILLEGAL : PLAT_FAULT_ACCESS;
}

/* A sanitizer explains its own faults better than we do: give it the fault back. */
static bool hand_back(int sig)
{
    for (size_t i = 0; i < sizeof fault_signals / sizeof *fault_signals; i++)
        if (fault_signals[i] == sig && old_actions[i].sa_sigaction != NULL) {
            sigaction(sig, &old_actions[i], NULL);
            return true;
        }
    return false;
}

static struct plat_fault fault_at(const greg_t *r)
{
    return (struct plat_fault){.pc = (uintptr_t)r[REG_RIP],
                               .sp = (uintptr_t)r[REG_RSP],
                               .fp = (uintptr_t)r[REG_RBP],
                               .r10 = (uintptr_t)r[REG_R10],
                               .r12 = (uintptr_t)r[REG_R12]};
}

static void go_on_at(greg_t *r, const struct plat_fault *f)
{
    r[REG_RIP] = (greg_t)f->resume_pc;
    r[REG_RDI] = (greg_t)f->resume_arg;
    r[REG_RSP] = (greg_t)f->resume_sp;
    r[REG_EFL] &= ~0x400ll; /* the ABI wants the direction flag clear */
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    struct plat_fault f = fault_at(r);
    f.kind = kind_of(sig);
    f.addr = (uintptr_t)info->si_addr;
    f.write = r[REG_ERR] & 2;
    if (sig == SIGSEGV && host_promise_keep(f.addr))
        return; /* the instruction again */
    if (plat_on_fault(&f)) {
        go_on_at(r, &f);
        return;
    }
    if (!hand_back(sig))
        fault_panic(sig, &f, uc);
}

/* --- The alarm: SIGALRM, which interrupts system calls that wait. --- */

static volatile sig_atomic_t ringing;

static void on_alarm(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    ucontext_t *uc = context;
    struct plat_fault f = fault_at(uc->uc_mcontext.gregs);
    ringing = 1;
    if (plat_on_alarm(&f))
        go_on_at(uc->uc_mcontext.gregs, &f);
}

static void set_timer(uint64_t ns, long again_us)
{
    uint64_t us = ns / 1000 + (ns % 1000 != 0);
    struct itimerval t = {.it_value = {(time_t)(us / 1000000), (long)(us % 1000000)},
                          .it_interval = {0, again_us}};
    setitimer(ITIMER_REAL, &t, NULL);
}

status plat_alarm_start(uint64_t ns)
{
    struct sigaction sa = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&sa.sa_mask);
    plat_alarm_stop();
    if (sigaction(SIGALRM, &sa, NULL) != 0)
        return E_UNSUPPORTED;
    set_timer(ns ? ns : 1, ALARM_AGAIN_US);
    return ST_OK;
}

void plat_alarm_stop(void)
{
    set_timer(0, 0); /* one that came meanwhile is delivered before this returns */
    ringing = 0;
}

bool plat_alarm_rings(void)
{
    return ringing;
}

/* --- The ticker: SIGPROF, by the processor time that we use; and SIGUSR1. --- */

#define TICKER_NS 50000000ull

static void (*ticker)(const struct plat_tick *);

static void on_ticker(int sig, siginfo_t *info, void *context)
{
    (void)info;
    const ucontext_t *uc = context;
    struct plat_fault f = fault_at(uc->uc_mcontext.gregs);
    struct plat_tick t = {.pc = f.pc, .sp = f.sp, .fp = f.fp, .asked = sig == SIGUSR1};
    int before = errno;
    if (ticker)
        ticker(&t);
    errno = before;
}

static void set_ticker(uint64_t ns)
{
    uint64_t us = ns / 1000 + (ns % 1000 != 0);
    struct timeval every = {(time_t)(us / 1000000), (long)(us % 1000000)};
    struct itimerval t = {every, every};
    setitimer(ITIMER_PROF, &t, NULL);
}

status plat_ticker_start(uint64_t period_ns, void (*hook)(const struct plat_tick *))
{
    struct sigaction sa = {.sa_sigaction = on_ticker, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&sa.sa_mask);
    ticker = hook;
    if (sigaction(SIGPROF, &sa, NULL) != 0 || sigaction(SIGUSR1, &sa, NULL) != 0)
        return E_UNSUPPORTED;
    set_ticker(period_ns ? period_ns : TICKER_NS);
    return ST_OK;
}

/* A signal that is still under way finds no hook. */
void plat_ticker_stop(void)
{
    set_ticker(0);
    ticker = NULL;
}

static void signal_stack_init(void)
{
    stack_t old;
    if (sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE))
        return; /* a sanitizer's: it also frees it */
    static uint8_t stack[SIGNAL_STACK_BYTES] __attribute__((aligned(16)));
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&ss, NULL);
}

void host_fault_init(void)
{
    signal_stack_init();
    struct sigaction sa = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&sa.sa_mask);
    for (size_t i = 0; i < sizeof fault_signals / sizeof *fault_signals; i++)
        sigaction(fault_signals[i], &sa, &old_actions[i]);
}
