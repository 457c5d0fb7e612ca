/* clock.c: the rate of the time-stamp counter, and the battery clock.
 *
 * The rate comes from CPUID where it says so (no time lost), else from the ACPI timer, else from the PIT.
 * Polling a port costs virtual time under an instruction-counting emulator, so the measurement is short and
 * reads the counter close to each change of the reference. Source: Intel SDM volume 3B, 19.7.3;
 * ACPI 6.5, 4.8.3.3; Motorola MC146818A. */
#include "dev/clock_priv.h"

#include <cpuid.h>

#include "cpu/cpu_priv.h"
#include "dev/acpi_priv.h"
#include "io/port_priv.h"
#include "plat.h"

#define PM_TIMER_HZ 3579545ull
#define PIT_HZ      1193182ull
enum { HYPERVISOR_BIT = 31, LEAF_TSC = 0x15, LEAF_MHZ = 0x16, POLL_MAX = 1000000 };
enum { PIT_CHANNEL2 = 0x42, PIT_COMMAND = 0x43, PIT_GATE = 0x61, PIT_ONESHOT2 = 0xb0, PIT_OUT2 = 0x20 };
#define LEAF_HYPERVISOR     0x40000000u
#define LEAF_HYPERVISOR_TSC 0x40000010u

static uint64_t rate_from_cpuid(void)
{
    uint32_t max, a, b, c, d;
    __cpuid(0, max, b, c, d);
    if (max >= LEAF_TSC) {
        __cpuid(LEAF_TSC, a, b, c, d);
        if (a && b && c)
            return (uint64_t)c * b / a;
    }
    __cpuid(1, a, b, c, d);
    if (c >> HYPERVISOR_BIT & 1) {
        __cpuid(LEAF_HYPERVISOR, a, b, c, d);
        if (a >= LEAF_HYPERVISOR_TSC && a < LEAF_HYPERVISOR + 0x1000) {
            __cpuid(LEAF_HYPERVISOR_TSC, a, b, c, d);
            if (a)
                return a * 1000ull; /* kHz */
        }
        return 0; /* a virtual processor's nominal frequency is not its counter's */
    }
    if (max >= LEAF_MHZ) {
        __cpuid(LEAF_MHZ, a, b, c, d);
        return (a & 0xffff) * 1000000ull;
    }
    return 0;
}

struct edge {
    uint64_t tsc;
    uint32_t count;
    bool ok;
};

/* The moment at which the ACPI timer changes. */
static struct edge pm_edge(uint16_t port)
{
    uint32_t first = port_read32(port);
    for (int i = 0; i < POLL_MAX; i++) {
        uint32_t now = port_read32(port);
        if (now != first)
            return (struct edge){cpu_tsc(), now, true};
    }
    return (struct edge){0};
}

static uint64_t rate_from_pm_timer(void)
{
    const struct acpi_facts *a = acpi_facts();
    if (!a->pm_timer)
        return 0;
    uint32_t mask = a->pm_timer_32 ? 0xffffffff : 0xffffff, want = PM_TIMER_HZ / 250; /* 4 ms */
    struct edge start = pm_edge(a->pm_timer), end = start;
    while (start.ok && end.ok && ((end.count - start.count) & mask) < want)
        end = pm_edge(a->pm_timer);
    if (!start.ok || !end.ok)
        return 0;
    return (end.tsc - start.tsc) * PM_TIMER_HZ / ((end.count - start.count) & mask);
}

static uint64_t rate_from_pit(void)
{
    const uint32_t counts = PIT_HZ / 100;
    port_write8(PIT_GATE, (port_read8(PIT_GATE) & ~3) | 1); /* gate on, speaker off */
    port_write8(PIT_COMMAND, PIT_ONESHOT2);
    port_write8(PIT_CHANNEL2, counts & 0xff);
    port_write8(PIT_CHANNEL2, counts >> 8);
    uint64_t start = cpu_tsc();
    for (int i = 0; i < POLL_MAX; i++)
        if (port_read8(PIT_GATE) & PIT_OUT2)
            return (cpu_tsc() - start) * PIT_HZ / counts;
    return 0;
}

static uint64_t find_rate(void)
{
    uint64_t rate = rate_from_cpuid();
    if (!rate)
        rate = rate_from_pm_timer();
    if (!rate)
        rate = rate_from_pit();
    return rate ? rate : 1000000000; /* without any reference: times are then in units of 10^9 ticks */
}

uint64_t clock_ticks_per_second(void)
{
    static struct cpu_lock lock; /* there is one of each reference */
    static uint64_t rate;
    cpu_lock(&lock);
    if (!rate)
        rate = find_rate();
    cpu_unlock(&lock);
    return rate;
}

/* --- Battery clock --- */

enum {
    CMOS_INDEX = 0x70,
    CMOS_DATA = 0x71,
    RTC_UPDATING = 0x80,
    RTC_BINARY = 0x04,
    RTC_24H = 0x02,
    RTC_PM = 0x80
};
enum rtc {
    RTC_SECOND = 0,
    RTC_MINUTE = 2,
    RTC_HOUR = 4,
    RTC_DAY = 7,
    RTC_MONTH = 8,
    RTC_YEAR = 9,
    RTC_A = 10,
    RTC_B = 11
};

static uint8_t cmos(uint8_t index)
{
    port_write8(CMOS_INDEX, index);
    return port_read8(CMOS_DATA);
}

struct rtc_time {
    uint8_t second, minute, hour, day, month, year;
};

static struct rtc_time rtc_read(void)
{
    for (int i = 0; i < 10000 && (cmos(RTC_A) & RTC_UPDATING); i++)
        cpu_pause();
    return (struct rtc_time){cmos(RTC_SECOND), cmos(RTC_MINUTE), cmos(RTC_HOUR),
                             cmos(RTC_DAY),    cmos(RTC_MONTH),  cmos(RTC_YEAR)};
}

static unsigned from_bcd(uint8_t v, uint8_t mode)
{
    return mode & RTC_BINARY ? v : (v >> 4) * 10u + (v & 15);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static uint64_t days_to(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month <= 2 ? year - 1 : year,
             m = month <= 2 ? month + 9 : month - 3; /* the year starts in March */
    return y * 365ull + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

uint64_t clock_rtc_seconds(void)
{
    struct rtc_time t = rtc_read(), again = rtc_read();
    if (t.second != again.second || t.minute != again.minute)
        t = rtc_read(); /* it was moving on: now there is almost a second of quiet */
    uint8_t mode = cmos(RTC_B);
    unsigned hour = from_bcd(t.hour & ~RTC_PM, mode);
    if (!(mode & RTC_24H))
        hour = hour % 12 + (t.hour & RTC_PM ? 12 : 0);
    uint64_t days = days_to(2000 + from_bcd(t.year, mode), from_bcd(t.month, mode), from_bcd(t.day, mode));
    return days * 86400 + hour * 3600ull + from_bcd(t.minute, mode) * 60 + from_bcd(t.second, mode);
}
