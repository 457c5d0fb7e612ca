/* patterns.c: the list of places, and the numbers of those that are tried.
 *
 * The compiler may run on a thread of its own: it appends, and what it has appended is used only by code that
 * it makes after that. */
#include "patterns.h"

#include "fmt.h"
#include "patterns_priv.h"

static struct pattern_site sites[PATTERN_SITES_MAX];
static u32 nsites; /* atomic */
static const void *owners[RT_SITES];
struct pattern_trial pattern_trials[RT_SITES];
static u32 ntrials; /* atomic */
struct pattern_ticks patterns_ticks;
bool patterns_test_wrong;

void patterns_add_ticks(const char *search, u64 ticks)
{
    struct pattern_search *s = patterns_ticks.searches;
    while (s->name && s->name != search)
        s++;
    ASSERT(s < patterns_ticks.searches + PATTERN_SEARCHES - 1);
    s->name = search;
    s->ticks += ticks;
    patterns_ticks.patterns += ticks;
}

const struct pattern_info pattern_info[PATTERN_COUNT] = {
#define PATTERN(id, ...) [PATTERN_##id] = {__VA_ARGS__},
#include "patterns.def"
#undef PATTERN
};

u32 patterns_trials_count(void)
{
    return __atomic_load_n(&ntrials, __ATOMIC_ACQUIRE);
}

static u32 find(const void *owner, u32 func, u32 at)
{
    u32 n = patterns_trials_count(), k = 0;
    while (k < n && (owners[k] != owner || pattern_trials[k].func != func || pattern_trials[k].at != at))
        k++;
    return k;
}

/* What a later boot is to know of the kernel. */
static void name_trial(const struct pattern_site *s)
{
    u32 k = find(s->owner, s->func, s->at);
    if (!s->replaced || k >= patterns_trials_count())
        return;
    pattern_trials[k].pattern = s->pattern;
    fmt_s(pattern_trials[k].kernel, sizeof pattern_trials[k].kernel, "%s", s->text);
}

void patterns_note(const struct pattern_site *s)
{
    u32 k = 0;
    while (k < nsites && (sites[k].owner != s->owner || sites[k].func != s->func || sites[k].at != s->at ||
                          (!s->at && sites[k].loop != s->loop)))
        k++;
    if (k == PATTERN_SITES_MAX)
        return;
    sites[k] = *s;
    name_trial(s);
    if (k == nsites)
        __atomic_store_n(&nsites, k + 1, __ATOMIC_RELEASE);
}

void patterns_drop_from(u32 n)
{
    if (n < nsites)
        __atomic_store_n(&nsites, n, __ATOMIC_RELEASE);
}

const struct pattern_site *patterns_sites(u32 *n)
{
    *n = __atomic_load_n(&nsites, __ATOMIC_ACQUIRE);
    return sites;
}

/* --- Trials. --- */

u32 patterns_trial_number(const void *owner, u32 func, u32 at)
{
    u32 k = find(owner, func, at);
    if (k == RT_SITES)
        return PATTERN_NO_TRIAL;
    if (k == patterns_trials_count()) {
        owners[k] = owner;
        pattern_trials[k] = (struct pattern_trial){.func = func, .at = at};
        rt_thread.sites.left[k] = 0;
        __atomic_store_n(&ntrials, k + 1, __ATOMIC_RELEASE);
    }
    return k;
}

const struct pattern_trial *patterns_trial(const void *owner, u32 func, u32 at)
{
    u32 k = find(owner, func, at);
    return k < patterns_trials_count() ? &pattern_trials[k] : NULL;
}

bool patterns_quarantined(const void *owner, u32 at)
{
    for (u32 k = 0; k < patterns_trials_count(); k++) {
        if (owners[k] == owner && pattern_trials[k].at == at && pattern_trials[k].differed)
            return true;
    }
    return false;
}

bool patterns_trial_at(const void *owner, u32 number, struct pattern_trial *out)
{
    if (number >= patterns_trials_count())
        return false;
    *out = owners[number] == owner ? pattern_trials[number] : (struct pattern_trial){0};
    return true;
}

void patterns_trials_restore(const void *owner, const struct pattern_trial *t, u32 n)
{
    if (n > RT_SITES)
        n = RT_SITES;
    for (u32 k = 0; k < n; k++) {
        owners[k] = owner;
        pattern_trials[k] = t[k];
    }
    __atomic_store_n(&ntrials, n, __ATOMIC_RELEASE);
}
