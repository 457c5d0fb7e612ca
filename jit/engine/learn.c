/* learn.c: while the app runs: the ticker, which samples and says when the state is to be saved; after it:
 * code for the next boot, and whether there is anything left to learn.
 *
 * A save has to come where the engine is not in the middle of something: the next call of a host function, or
 * an interrupt that hits the guest's own code. An app that computes is caught by the one, an app that mostly
 * waits by the other. */
#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "plat.h"
#include "prof.h"
#include "sample.h"
#include "tier_converge.h"
#include "wasi.h"

/* No time-stamp counter is slower. Finding out how fast this one is takes time, which is spent only when the
 * period may be over. */
#define TICKS_PER_SECOND_MIN 400000000ull

static const struct options *options;
static struct rt_instance *inst;
static struct tier_boot_times times;
static u64 saved_at; /* the last save, or the start */
static volatile bool asked;
static bool remembers;

static void tell(void)
{
    static struct tier_converge_rule rule;
    rule.boots = (u32)options->converge_boots;
    if (options->converge_seconds && !rule.ticks)
        rule.ticks = options->converge_seconds * plat_ticks_per_second();
    tier_converge_set_rule(&rule);
    times.wrote = wasi_first_output_ticks();
    tier_boot_times(&times);
}

bool engine_learn_remembers(void)
{
    return remembers;
}

bool engine_learn_save(void)
{
    u64 start = plat_ticks();
    if (!inst || !engine_state_is_open())
        return false;
    enum prof_phase was = prof_enter(PROF_RUNTIME);
    tell();
    bool saved = engine_state_save(options, inst);
    prof_enter(was);
    saved_at = plat_ticks();
    rt_thread.ticks_excluded += saved_at - start;
    return saved;
}

/* --- At a period. --- */

/* Whether so many seconds (0: for ever) have passed; the precise answer takes time the first time. */
static bool passed(u64 ticks, u64 seconds, bool precisely)
{
    return seconds && ticks >= seconds * TICKS_PER_SECOND_MIN &&
           (!precisely || ticks >= seconds * plat_ticks_per_second());
}

static void save_if_due(void)
{
    rt_before_host = NULL;
    if (asked || passed(plat_ticks() - saved_at, options->state_period, true))
        (void)engine_learn_save();
    asked = false;
}

static void on_tick(const struct plat_tick *t)
{
    if (t->asked)
        asked = true;
    else if (sample_is_on())
        sample_tick(t);
    if (options->converge_seconds)
        tier_boot_watch(inst);
    if (!engine_state_is_open() || !(asked || passed(plat_ticks() - saved_at, options->state_period, false)))
        return;
    if (rt_is_guest(t->pc))
        save_if_due();
    else
        rt_before_host = save_if_due;
}

/* --- The run. --- */

status engine_learn_begin(const struct options *o, struct rt_instance *i, struct err *e)
{
    options = o;
    inst = i;
    times = (struct tier_boot_times){0};
    saved_at = plat_ticks();
    remembers = engine_state_is_open();
    if (o->sample_hz && sample_begin(i) != ST_OK)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "--sample: out of memory");
    if (!o->sample_hz && !engine_state_is_open())
        return ST_OK;
    if (plat_ticker_start(o->sample_hz ? 1000000000 / o->sample_hz : 0, on_tick) != ST_OK && o->sample_hz)
        return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "--sample: this machine has no timer");
    return ST_OK;
}

void engine_learn_runs(void)
{
    times.began = plat_ticks();
}

static void announce(const struct options *o)
{
    struct state_boot b;
    tier_boot_now(inst, &b);
    u32 quiet = tier_boots_quiet(inst);
    if (o->converge_boots && quiet >= o->converge_boots)
        fmt_out(PLAT_LOG, "state: converged: no new function and no tier change in the last %u boots of %u\n",
                quiet, b.number);
    else if (tier_state_converged(inst))
        fmt_out(PLAT_LOG, "state: converged: no new function and no tier change in %llu seconds of running\n",
                (unsigned long long)o->converge_seconds);
    else if (o->verbose)
        fmt_out(PLAT_LOG, "state: boot %u: %u new functions, %u tier changes\n", b.number, b.new_functions,
                b.changes);
}

void engine_learn_end(const struct options *o, struct rt_instance *i, enum rt_trap t)
{
    if (!inst) /* it never got so far */
        return;
    plat_ticker_stop();
    rt_before_host = NULL;
    times.ended = plat_ticks();
    tell();
    if (!engine_state_is_open())
        return;
    if (t != TRAP_TIMEOUT)
        tier_settle(i);
    announce(o);
}
