/* bare_time.c: plat.h's clocks, alarm, sleep and random numbers on the bare machine. */
#include <cpuid.h>
#include <string.h>

#include "cpu/cpu_priv.h"
#include "dev/clock_priv.h"
#include "dev/timer_priv.h"
#include "io/console_priv.h"
#include "plat.h"
#include "runtime.h"

#define NS_PER_S 1000000000ull
enum { RANDOM_TRIES = 16 };
#define SLEEP_STEP_NS 100000000ull /* a timer that fails to fire is noticed by the next step */

uint64_t plat_ticks(void)
{
    return cpu_tsc();
}

uint64_t plat_ticks_per_second(void)
{
    return clock_ticks_per_second();
}

uint64_t plat_start_ticks(void)
{
    return runtime_boot_info()->start_ticks;
}

static uint64_t ns_since_start(void)
{
    return clock_scale(cpu_tsc() - plat_start_ticks(), NS_PER_S, clock_ticks_per_second());
}

uint64_t plat_clock_ns(enum plat_clock c)
{
    static uint64_t epoch; /* the real time at our start */
    if (c != PLAT_CLOCK_REAL)
        return ns_since_start();
    if (!epoch)
        epoch = clock_rtc_seconds() * NS_PER_S - ns_since_start();
    return epoch + ns_since_start();
}

static volatile bool ringing;

static void on_alarm(struct cpu_frame *frame)
{
    struct plat_fault f = fault_at(frame);
    ringing = true;
    if (plat_on_alarm(&f))
        fault_go_on_at(frame, &f);
}

status plat_alarm_start(uint64_t ns)
{
    plat_alarm_stop();
    return timer_alarm(ns, on_alarm) ? ST_OK : E_UNSUPPORTED;
}

void plat_alarm_stop(void)
{
    (void)timer_alarm(0, NULL);
    ringing = false;
}

bool plat_alarm_rings(void)
{
    return ringing;
}

static void (*ticker)(const struct plat_tick *);

static void on_ticker(const struct timer_sample *s)
{
    struct plat_tick t = {.pc = s->pc, .sp = s->sp, .fp = s->fp};
    ticker(&t);
}

status plat_ticker_start(uint64_t period_ns, void (*hook)(const struct plat_tick *))
{
    ticker = hook;
    return timer_set_hook(period_ns, on_ticker);
}

void plat_ticker_stop(void)
{
    (void)!timer_set_hook(0, NULL);
}

void plat_sleep_ns(uint64_t ns)
{
    uint64_t start = ns_since_start();
    console_flush();
    for (;;) {
        uint64_t passed = ns_since_start() - start;
        if (passed >= ns || ringing)
            return;
        uint64_t left = ns - passed < SLEEP_STEP_NS ? ns - passed : SLEEP_STEP_NS;
        uint64_t flags = cpu_irq_save();
        bool waited = timer_wait(left);
        cpu_irq_restore(flags);
        if (!waited)
            cpu_pause();
    }
}

/* --- Random numbers --- */

static bool rdseed(uint64_t *out)
{
    uint8_t ok;
    __asm__ volatile("rdseed %0; setc %1" : "=r"(*out), "=qm"(ok)::"cc");
    return ok;
}

static bool rdrand(uint64_t *out)
{
    uint8_t ok;
    __asm__ volatile("rdrand %0; setc %1" : "=r"(*out), "=qm"(ok)::"cc");
    return ok;
}

static bool from_processor(uint64_t *out)
{
    static int has_seed = -1, has_rand;
    if (has_seed < 0) {
        uint32_t max, a, b, c, d;
        __cpuid(0, max, b, c, d);
        __cpuid(1, a, b, c, d);
        has_rand = (c & bit_RDRND) != 0;
        has_seed = 0;
        if (max >= 7) {
            __cpuid_count(7, 0, a, b, c, d);
            has_seed = (b & bit_RDSEED) != 0;
        }
    }
    for (int i = 0; has_seed && i < RANDOM_TRIES; i++)
        if (rdseed(out))
            return true;
    for (int i = 0; has_rand && i < RANDOM_TRIES; i++)
        if (rdrand(out))
            return true;
    return false;
}

/* splitmix64, seeded by times: unpredictable enough to spread, not to keep a secret. */
static uint64_t from_clock(void)
{
    static uint64_t state;
    if (!state) {
        static const char note[] =
            "anneal: no random number instruction: random numbers come from the clock\n";
        console_write(PLAT_LOG, note, sizeof note - 1);
        state = cpu_tsc() ^ clock_rtc_seconds() << 32;
    }
    uint64_t z = state += 0x9e3779b97f4a7c15ull + (cpu_tsc() & 0xff) * 2;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

void plat_random(void *buf, size_t len)
{
    uint8_t *p = buf;
    while (len) {
        uint64_t v;
        if (!from_processor(&v))
            v = from_clock();
        size_t n = len < sizeof v ? len : sizeof v;
        memcpy(p, &v, n);
        p += n;
        len -= n;
    }
}
