/* runtime.h: the machine, for code that runs in the image: console, serial line, keyboard, memory, processor,
 * timer, power.
 *
 * What must also run hosted uses plat.h instead. Nothing here blocks for ever on a device that is missing.
 * All calls are for the boot processor's main thread unless said otherwise. */
#ifndef KERNEL_LIB_RUNTIME_H
#define KERNEL_LIB_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot_info.h"
#include "plat.h"

/* --- Start. --- */
/* DEFINED ABOVE (jit/engine). Called once on the main stack, with memory, faults, clocks and console working.
 * What it returns is the exit code. */
int image_main(const struct boot_info *info);
/* What the boot loader gave us; NULL before kernel_main. */
const struct boot_info *runtime_boot_info(void);
/* The segment that an exporter put behind the image (payload.h), and its length; NULL: there is none. */
const void *runtime_payload(size_t *bytes);
/* Kernel options that kernel_lib reads itself (cmdline.h has the grammar):
 *   console=split          log on COM2, error stream on COM3, if those ports exist; on each the bytes 0x10
 * 0x02 come first, to tell what follows from firmware's and boot loader's output stdin=framed|none      input
 * from a program (framing below), or none exit=poweroff|reboot|halt   how the machine ends, instead of trying
 * each in this order selftest=NAME          a deliberate fault, which must end in the right report
 * (cpu/selftest.c) stdin=framed: 0x10 is an escape: 0x10 0x02 starts the input (what came before is noise),
 * 0x10 0x10 is one byte 0x10, 0x10 0x04 ends the input; all other bytes stand for themselves. Without it the
 * input is plain: return becomes newline and byte 4 (Ctrl-D) ends the input. */

/* --- Console. --- */
/* plat_write and plat_read are the console. This brings the screen up to date, which otherwise happens from
 * time to time, and when the machine waits, ends or panics. */
void console_flush(void);

/* --- Serial lines (16550, 115200 8N1). --- */
enum serial_line { SERIAL_COM1, SERIAL_COM2, SERIAL_COM3 };
bool serial_present(enum serial_line line);
void serial_send(enum serial_line line, const void *buf, size_t len); /* raw; waits are bounded */
int serial_receive(enum serial_line line);                            /* a byte, or -1: none has arrived */

/* --- Keyboard (PS/2, US layout). Its characters are also standard input, unless stdin=framed. --- */
int keyboard_receive(void); /* a character, or -1: none was typed */

/* --- Memory. plat.h reserves and commits. --- */
uint64_t memory_bytes_free(void); /* RAM that nobody uses */
/* Device memory and firmware tables: readable and writable, not cached; NULL: out of memory. Never taken
 * back. */
void *memory_map_device(uint64_t phys, size_t bytes);

/* --- Processor. plat_cpu has what compiled code may use. --- */
uint64_t cpu_state_mask(void); /* XCR0: the register state that is switched on; 0 without XSAVE */

/* --- Timer (local APIC, or the PIT where there is none). --- */
struct timer_sample { /* what the timer interrupted */
    uintptr_t pc, sp, fp;
};
/* Calls `hook` about every `period_ns` (0: as plat_ticker_start) from the interrupt (a stack of its own, all
 * registers saved, interrupts off); NULL stops. E_UNSUPPORTED: no timer. The hook must not allocate, write to
 * the console, or take long. */
MUST_CHECK status timer_set_hook(uint64_t period_ns, void (*hook)(const struct timer_sample *));

/* --- Watchdog: for an image that the boot loader started from a slot (kernel option boot=a@..., boot=b@...).
 * ---
 */
/* Until watchdog_stop, a panic and plat_exit restart that machine where they would have halted or switched it
 * off, and so does a timer `seconds` from now (0: never). E_UNSUPPORTED: there is no timer, the rest holds.
 * It needs interrupts. */
MUST_CHECK status watchdog_start(unsigned seconds);
void watchdog_stop(void);

/* --- End. --- */
/* What QEMU's isa-debug-exit is given when it is not the app's own code; QEMU's status is (code << 1) | 1. */
enum runtime_exit {
    RUNTIME_EXIT_BAD_USE = 1, /* the machine lacks what the image needs */
    RUNTIME_EXIT_PANIC = 2,   /* our bug; the report is on the error stream */
};
/* Each tries one way to end and returns when the machine does not have it. */
void power_debug_exit(int code); /* 7 bits of it */
void power_off(void);            /* ACPI S5 */
void power_reboot(void);         /* ACPI reset register, 0xcf9, i8042 */
_Noreturn void power_halt(void);
/* The end after a panic: the report stays on the screen. */
_Noreturn void power_end_panic(void);

#endif
