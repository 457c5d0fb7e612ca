/* rt_fault.c: which processor faults are the guest's, and which trap they mean; where an alarm may end a
 * guest.
 *
 * Runs on the fault stack: looks, decides, fills the resume fields. Nothing else. */
#include "rt_priv.h"

#include "plat.h"

uintptr_t rt_fault_pc;

enum {
    RED_ZONE = 128,        /* below the stack pointer; compiled leaf functions use it */
    GUARD_BYTES = 1 << 20, /* what below the stack counts as its guard: a frame's probes end well inside */
};

static bool in_interpreter(uintptr_t pc)
{
    return pc >= (uintptr_t)interp_text_start && pc < (uintptr_t)interp_text_end;
}

/* Whatever runs in the code arena was compiled from a guest, also parts without an entry in the code map
 * (stubs, functions that a unit keeps to itself). */
static bool is_compiled(uintptr_t pc)
{
    return (pc >= MAP_CODE_BASE && pc < MAP_CODE_END) || rt_code_find(pc);
}

static bool readable_word(uintptr_t p)
{
    return p % sizeof(uintptr_t) == 0 && p >= rt_stack_low && p <= rt_stack_high - sizeof(uintptr_t);
}

bool rt_is_guest(uintptr_t pc)
{
    return is_compiled(pc) || in_interpreter(pc);
}

/* Address inside compiled code that made this access: the fault's own, or, where LLVM made a loop into a call
 * of memset and the like, the return address: on top of the stack, or behind a frame pointer. 0: neither. */
__attribute__((no_sanitize("address"))) static uintptr_t compiled_pc(const struct plat_fault *f)
{
    if (is_compiled(f->pc))
        return f->pc;
    if (readable_word(f->sp)) {
        uintptr_t pc = *(const uintptr_t *)f->sp;
        if (is_compiled(pc - 1))
            return pc - 1;
    }
    if (readable_word(f->fp) && readable_word(f->fp + sizeof(uintptr_t))) {
        uintptr_t pc = ((const uintptr_t *)f->fp)[1];
        if (is_compiled(pc - 1))
            return f->pc; /* the walk finds `pc` behind the callee's frame */
    }
    return 0;
}

static void resume(struct plat_fault *f, enum rt_trap t, uintptr_t pc, uintptr_t sp)
{
    /* A backtrace looks up return addresses minus one; the first byte of a function must not be missed. */
    rt_fault_pc = pc + 1;
    rt_thread.fault_addr = f->addr;
    f->resume_pc = (uintptr_t)rt_fault_landing;
    f->resume_arg = t;
    f->resume_sp = (sp & ~(uintptr_t)15) - sizeof(uintptr_t);
}

/* For the backtrace: handlers keep the instruction they execute in r12, copies of them do not. */
static void note_instruction(const struct plat_fault *f)
{
    struct rt_activation *top = rt_thread.interp_top;
    if (top && in_interpreter(f->pc))
        top->ip = (const void *)f->r12;
    else if (top && interp_copy_contains(top->func, f->pc))
        top->ip = (const void *)f->pc;
}

static bool in_stack_guard(uintptr_t addr)
{
    return addr < rt_stack_low && addr >= rt_stack_low - GUARD_BYTES;
}

/* A frame larger than what is left of the stack. Its locals are dead: go on right below its frame pointer. */
static bool stack_overflow(struct plat_fault *f, uintptr_t pc)
{
    uintptr_t sp = readable_word(f->fp) && f->fp > rt_stack_limit ? f->fp : rt_stack_limit;
    resume(f, TRAP_STACK_EXHAUSTED, pc, sp - RED_ZONE);
    return true;
}

bool plat_on_fault(struct plat_fault *f)
{
    if (f->kind != PLAT_FAULT_ACCESS || !rt_thread.catch_top)
        return false;
    uintptr_t pc = compiled_pc(f);
    if (pc && in_stack_guard(f->addr))
        return stack_overflow(f, pc);
    if (!pc && in_interpreter(f->pc))
        pc = f->pc;
    if (!pc || !rt_memory_at(f->addr))
        return false;
    note_instruction(f);
    resume(f, TRAP_MEMORY_OOB, pc, f->sp - RED_ZONE);
    return true;
}

/* --- Time. --- */

/* Any instruction of guest code is as good as a trap's: what it has half done is the guest's own, and rt_call
 * puts back the rest. Anywhere else something may be held that must be let go first. */
bool plat_on_alarm(struct plat_fault *f)
{
    rt_thread.stack_limit = UINTPTR_MAX;
    if (!rt_thread.catch_top || !rt_is_guest(f->pc))
        return false;
    note_instruction(f);
    resume(f, TRAP_TIMEOUT, f->pc, f->sp - RED_ZONE);
    return true;
}

status rt_timeout_start(u64 ns)
{
    rt_timeout_stop();
    return plat_alarm_start(ns);
}

void rt_timeout_stop(void)
{
    plat_alarm_stop();
    rt_thread.stack_limit = rt_stack_limit;
}
