/* kernel_main.c: brings the machine up in the order in which one part needs the other, then hands over to the
 * engine. */
#include "cpu/cpu_priv.h"
#include "cpu/selftest_priv.h"
#include "dev/timer_priv.h"
#include "io/console_priv.h"
#include "memory/phys_priv.h"
#include "memory/stack_priv.h"
#include "memory/vm_priv.h"
#include "runtime.h"

#define MAIN_STACK_BYTES 0x800000ull /* of addresses; backed as it is touched */

static const struct boot_info *info;

const struct boot_info *runtime_boot_info(void)
{
    return info;
}

/* The libraries' constructors (linker/full.ld); LLVM's wait for the first compilation. */
static void constructors_run(void)
{
    typedef void ctor(void);
    extern ctor *const __init_array_start[], *const __init_array_end[];
    for (ctor *const *c = __init_array_start; c < __init_array_end; c++)
        (*c)();
}

static _Noreturn void on_main_stack(void)
{
    __asm__ volatile("sti");
    constructors_run();
    selftest_run(info);
    plat_exit(image_main(info));
}

/* Calls `to` on a new stack, with nothing above it for backtraces to follow. */
static _Noreturn void stack_switch(uintptr_t top, void (*to)(void))
{
    __asm__ volatile("xor %%ebp, %%ebp; mov %0, %%rsp; call *%1; ud2" ::"r"(top), "r"(to) : "memory");
    __builtin_unreachable();
}

_Noreturn void kernel_main(const struct boot_info *boot)
{
    info = boot;
    console_init();
    idt_init();
    cpu_state_init();
    phys_init(info);
    vm_init(info);
    idt_guard_stacks(CPU_MAIN);
    console_configure(info);
    pic_mask_all();
    timer_init();
    tls_init();
    stack_switch(stack_create("main", MAIN_STACK_BYTES, false), on_main_stack);
}
