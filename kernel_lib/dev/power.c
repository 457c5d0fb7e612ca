/* power.c: the ways to end. Writing to a port without a device does nothing, so each is simply tried. */
#include "cmdline.h"
#include "cpu/cpu_priv.h"
#include "cpu/smp_priv.h"
#include "dev/acpi_priv.h"
#include "dev/clock_priv.h"
#include "dev/timer_priv.h"
#include "io/console_priv.h"
#include "io/port_priv.h"
#include "memory/vm_priv.h"
#include "runtime.h"

#include <string.h>

enum { DEBUG_EXIT = 0xf4, RESET_CONTROL = 0xcf9, I8042 = 0x64, I8042_RESET = 0xfe };
enum { SCI_ENABLED = 1, SLEEP_ENABLE = 1 << 13, SLEEP_TYPE_SHIFT = 10, WAIT_MAX = 1000000 };

void power_debug_exit(int code)
{
    port_write32(DEBUG_EXIT, (uint32_t)code & 0x7f);
}

static void acpi_enable(const struct acpi_facts *a)
{
    if (!a->smi_command || !a->enable || (port_read16(a->pm1a_control) & SCI_ENABLED))
        return;
    port_write8(a->smi_command, a->enable);
    for (int i = 0; i < WAIT_MAX && !(port_read16(a->pm1a_control) & SCI_ENABLED); i++)
        cpu_pause();
}

void power_off(void)
{
    const struct acpi_facts *a = acpi_facts();
    if (!a->has_s5 || !a->pm1a_control)
        return;
    acpi_enable(a);
    port_write16(a->pm1a_control, (uint16_t)(a->s5_a << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
    if (a->pm1b_control)
        port_write16(a->pm1b_control, (uint16_t)(a->s5_b << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
    for (int i = 0; i < WAIT_MAX; i++)
        cpu_pause();
}

static void reset_register(const struct acpi_facts *a)
{
    if (a->reset_space == 1) {
        port_write8((uint16_t)a->reset_address, a->reset_value);
    } else if (a->reset_space == 0) {
        volatile uint8_t *at = vm_map_phys(a->reset_address, 1, VM_UNCACHED);
        if (at)
            *at = a->reset_value;
    }
}

void power_reboot(void)
{
    reset_register(acpi_facts());
    port_write8(RESET_CONTROL, 0x02);
    port_write8(RESET_CONTROL, 0x06);
    port_write8(I8042, I8042_RESET);
    for (int i = 0; i < WAIT_MAX; i++)
        cpu_pause();
}

_Noreturn void power_halt(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* --- The watchdog. --- */

static bool stopped;
enum { PANIC_READ_S = 5 }; /* for whoever reads the screen, before the machine restarts */

static void bite(void)
{
    static const char text[] = "anneal: watchdog: time is up, the machine restarts\n";
    (void)timer_watchdog(0, NULL);
    console_write(PLAT_LOG, text, sizeof text - 1);
    console_finish();
    power_reboot();
    power_halt();
}

/* Whether the boot loader started this from a slot (boot=a@..., boot=b@...) and nobody said yet that it is
 * good. */
static bool armed(void)
{
    char who[4] = "";
    const struct boot_info *info = runtime_boot_info();
    return !stopped && info && cmdline_option(info->cmdline, "boot", who, sizeof who) && who[1] == '@';
}

status watchdog_start(unsigned seconds)
{
    acpi_facts(); /* looked for now: not from an interrupt */
    return seconds == 0 || timer_watchdog(seconds * 1000000000ull, bite) ? ST_OK : E_UNSUPPORTED;
}

void watchdog_stop(void)
{
    (void)timer_watchdog(0, NULL);
    stopped = true;
}

_Noreturn void power_end_panic(void)
{
    console_finish();
    power_debug_exit(RUNTIME_EXIT_PANIC);
    if (armed()) {
        for (uint64_t start = cpu_tsc(); cpu_tsc() - start < PANIC_READ_S * clock_ticks_per_second();)
            cpu_pause();
        power_reboot();
    }
    power_halt();
}

_Noreturn void plat_exit(int code)
{
    char how[16] = "";
    const struct boot_info *info = runtime_boot_info();
    if (CPUS > 1)
        smp_stop_other();
    console_finish();
    if (info)
        cmdline_option(info->cmdline, "exit", how, sizeof how);
    if (how[0] == 0)
        power_debug_exit(code);
    if (armed() || strcmp(how, "reboot") == 0)
        power_reboot();
    if (strcmp(how, "halt") == 0)
        power_halt();
    power_off();
    power_reboot();
    power_halt();
}
