/* fault.c: what happens at an exception: memory comes to where it was promised, a stack grows, the engine
 * takes the fault over, or the machine panics. */
#include "cpu/cpu_priv.h"
#include "memory/lazy_priv.h"
#include "memory/stack_priv.h"
#include "plat.h"

enum { PF_PRESENT = 1, PF_WRITE = 2 };
#define RFLAGS_TF (1ull << 8)
#define RFLAGS_DF (1ull << 10)

static bool kind_of(const struct cpu_frame *f, enum plat_fault_kind *kind)
{
    switch (f->vector) {
    case VEC_PF:
    case VEC_GP: /* an address that is not canonical */
    case VEC_SS: *kind = PLAT_FAULT_ACCESS; return true;
    case VEC_DE:
    case VEC_MF:
    case VEC_XM: *kind = PLAT_FAULT_ARITH; return true;
    case VEC_UD: *kind = PLAT_FAULT_ILLEGAL; return true;
    default: return false;
    }
}

struct plat_fault fault_at(const struct cpu_frame *f)
{
    return (struct plat_fault){.pc = f->rip, .sp = f->rsp, .fp = f->rbp, .r10 = f->r10, .r12 = f->r12};
}

void fault_go_on_at(struct cpu_frame *f, const struct plat_fault *p)
{
    f->rip = p->resume_pc;
    f->rdi = p->resume_arg;
    f->rsp = p->resume_sp;
    f->rflags &= ~(RFLAGS_TF | RFLAGS_DF);
}

/* The app is on the main processor. */
static bool is_taken_over(struct cpu_frame *f, uintptr_t cr2)
{
    struct plat_fault p = fault_at(f);
    if (f->vector == VEC_PF) {
        p.addr = cr2;
        p.write = f->error & PF_WRITE;
    }
    if (cpu_number() != CPU_MAIN || !kind_of(f, &p.kind) || !plat_on_fault(&p))
        return false;
    fault_go_on_at(f, &p);
    return true;
}

void fault_handle(struct cpu_frame *f, uintptr_t cr2)
{
    if (f->vector == VEC_PF && !(f->error & PF_PRESENT) && (lazy_fault(cr2) || stack_grow(cr2)))
        return;
    if (!is_taken_over(f, cr2))
        panic_fault(f, cr2);
}
