/* report_patterns.c: certificates (patterns.h) as a table and as JSON, for reports and `anneal analyze`. */
#include "engine.h"
#include "engine_priv.h"
#include "heap.h"
#include "patterns.h"
#include "plat.h"

#define add engine_text_add

typedef unsigned long long ull;

/* How many times as long as the kernel the code took, at best; 0: never compared. */
static double gain_of(const struct pattern_trial *t)
{
    return t && t->runs && t->ticks_kernel ? (double)t->ticks_original / (double)t->ticks_kernel : 0;
}

static const char *error_of(const struct pattern_site *s)
{
    return s->relaxed ? pattern_info[s->pattern].error : "";
}

static void row(struct engine_text *t, const struct wasm_module *m, const struct pattern_site *s)
{
    const struct pattern_trial *trial = patterns_trial(s->owner, s->func, s->at);
    char name[160];
    wasm_func_name(m, s->func, name, sizeof name);
    add(t, "func[%u] %s, loop %u: %s (%s): %s%s, offset 0x%x", s->func, name, s->loop,
        pattern_info[s->pattern].name, s->evidence, s->replaced ? "kernel " : "stays, ", s->text, s->at);
    if (*error_of(s))
        add(t, ", error at most %s", error_of(s));
    if (trial && trial->differed && s->replaced)
        add(t, ", IN QUARANTINE: the kernel's result was not the code's");
    if (trial && (trial->runs || trial->too_much))
        add(t, ", compared %u times (%u too large)", trial->runs, trial->too_much);
    if (gain_of(trial) > 0)
        add(t, ", %.1f times as fast", gain_of(trial));
    add(t, "\n");
}

static void row_json(struct engine_text *t, const struct wasm_module *m, const struct pattern_site *s)
{
    const struct pattern_trial *trial = patterns_trial(s->owner, s->func, s->at);
    const struct pattern_info *p = &pattern_info[s->pattern];
    char name[160];
    wasm_func_name(m, s->func, name, sizeof name);
    add(t, "{\"ev\":\"pattern\",\"func\":%u,\"name\":", s->func);
    engine_text_json(t, name);
    add(t, ",\"loop\":%u,\"offset\":%u,\"pattern\":\"%s\",\"category\":\"%s\",\"evidence\":\"%s\",", s->loop,
        s->at, p->name, p->category, s->evidence);
    add(t, "\"proven\":\"%s\",\"guards\":\"%s\",\"%s\":\"%s\",\"error\":\"%s\"", p->evidence, p->guards,
        s->replaced ? "kernel" : "refused", s->text, error_of(s));
    if (trial)
        add(t,
            ",\"compared\":%u,\"too_large\":%u,\"quarantined\":%s,\"ticks_code\":%llu,\"ticks_kernel\":%llu",
            trial->runs, trial->too_much, trial->differed ? "true" : "false", (ull)trial->ticks_original,
            (ull)trial->ticks_kernel);
    if (gain_of(trial) > 0)
        add(t, ",\"gain\":%.2f", gain_of(trial));
    add(t, "}\n");
}

static bool listed(const struct pattern_site *sites, u32 n, const struct pattern_trial *t, const void *owner)
{
    for (u32 k = 0; k < n; k++) {
        if (sites[k].owner == owner && sites[k].func == t->func && sites[k].at == t->at)
            return true;
    }
    return false;
}

/* Of places whose code an earlier boot compiled; nothing else is known of them. */
static void each_remembered(struct engine_text *t, const struct wasm_module *m,
                            void (*put)(struct engine_text *, const struct wasm_module *,
                                        const struct pattern_site *))
{
    u32 n;
    const struct pattern_site *sites = patterns_sites(&n);
    struct pattern_trial trial;
    for (u32 k = 0; patterns_trial_at(m, k, &trial); k++) {
        bool ran = trial.runs || trial.too_much || trial.differed;
        if (!trial.kernel[0] || !ran || listed(sites, n, &trial, m))
            continue;
        struct pattern_site s = {.owner = m,
                                 .func = trial.func,
                                 .at = trial.at,
                                 .pattern = (enum pattern)trial.pattern,
                                 .replaced = true,
                                 .text = trial.kernel,
                                 .evidence = "compiled by an earlier boot"};
        put(t, m, &s);
    }
}

static void each(struct engine_text *t, const struct wasm_module *m,
                 void (*put)(struct engine_text *, const struct wasm_module *, const struct pattern_site *))
{
    u32 n;
    const struct pattern_site *sites = patterns_sites(&n);
    for (u32 k = 0; k < n; k++) {
        if (sites[k].owner == m)
            put(t, m, &sites[k]);
    }
    each_remembered(t, m, put);
}

static u32 places(const struct wasm_module *m)
{
    u32 n, count = 0;
    const struct pattern_site *sites = patterns_sites(&n);
    for (u32 k = 0; k < n; k++)
        count += sites[k].owner == m;
    return count;
}

void engine_patterns_table(struct engine_text *t, const struct wasm_module *m)
{
    each(t, m, row);
    add(t, "%u places; looking for them took %.1f %% of the time for compiling\n", places(m),
        patterns_ticks.compilations
            ? 100.0 * (double)patterns_ticks.patterns / (double)patterns_ticks.compilations
            : 0);
}

/* What each search took of that. */
static void searches(struct engine_text *t)
{
    for (const struct pattern_search *s = patterns_ticks.searches; s->name; s++)
        add(t, "%-16s %.2f %%\n", s->name, 100.0 * (double)s->ticks / (double)patterns_ticks.compilations);
}

void engine_patterns_json(struct engine_text *t, const struct wasm_module *m)
{
    each(t, m, row_json);
    add(t, "{\"ev\":\"patterns\",\"ticks\":%llu,\"ticks_compiler\":%llu}\n", (ull)patterns_ticks.patterns,
        (ull)patterns_ticks.compilations);
}

bool engine_patterns_any(const struct wasm_module *m)
{
    struct pattern_trial t;
    return places(m) > 0 || patterns_trial_at(m, 0, &t);
}

void engine_patterns_print(const struct wasm_module *m, bool json, bool verbose)
{
    struct engine_text t = {0};
    if (json)
        engine_patterns_json(&t, m);
    else
        engine_patterns_table(&t, m);
    if (!json && verbose)
        searches(&t);
    plat_write(PLAT_OUT, t.buf, t.len);
    heap_free(t.buf);
}
