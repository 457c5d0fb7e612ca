/* report_learn.c: the part of the report on what boots learn, and on where the samples fell. */
#include "engine_priv.h"
#include "plat.h"
#include "sample.h"
#include "tier.h"
#include "tier_converge.h"

/* The text is long enough without the name. */
#define add engine_text_add

typedef unsigned long long ull;

static u32 own_count(const struct rt_instance *i)
{
    return i->layout->nfuncs - i->layout->imp_funcs;
}

/* --- Convergence. --- */

static void table_boot_row(struct engine_text *t, const struct state_boot *b)
{
    add(t, "%6u %8u %8u %8u %12llu %14llu %14llu %14llu %14llu\n", b->number, b->new_functions, b->changes,
        b->dead_functions, (ull)b->dead_bytes, (ull)b->ticks_first_wasm, (ull)b->ticks_peak,
        (ull)b->ticks_work, (ull)b->ticks_compiler);
}

static void table_boots(struct engine_text *t, const struct rt_instance *i)
{
    enum { ROWS = 10 };
    const struct state_boot *before;
    struct state_boot now;
    u32 n = tier_boots_before(&before);
    tier_boot_now(i, &now);
    add(t, "%6s %8s %8s %8s %12s %14s %14s %14s %14s\n", "boot", "new", "changes", "dead", "dead bytes",
        "first wasm", "peak", "work", "compiler");
    for (u32 k = n > ROWS ? n - ROWS : 0; k < n; k++)
        table_boot_row(t, &before[k]);
    table_boot_row(t, &now);
    add(t,
        "(functions that ran for the first time, tiers that changed, functions that never ran; times in "
        "ticks)\n%s\n\n",
        tier_state_converged(i) ? "converged" : "not converged");
}

static void json_boot(struct engine_text *t, const struct state_boot *b, const char *event)
{
    static const char *const tiers[TIER_COUNT] = {"interp", "o0", "o1", "o2", "o3"};
    add(t,
        "{\"ev\":\"%s\",\"boot\":%u,\"ended\":%s,\"converged\":%s,\"new_functions\":%u,\"changes\":%u,"
        "\"compilations\":%u,"
        "\"dead_functions\":%u,\"dead_bytes\":%llu,\"code_bytes\":%llu,\"ticks_compiler\":%llu,\"ticks_"
        "settling\":%llu,",
        event, b->number, b->flags & STATE_BOOT_ENDED ? "true" : "false",
        b->flags & STATE_BOOT_CONVERGED ? "true" : "false", b->new_functions, b->changes, b->compilations,
        b->dead_functions, (ull)b->dead_bytes, (ull)b->code_bytes, (ull)b->ticks_compiler,
        (ull)b->ticks_settling);
    add(t,
        "\"ticks_first_wasm\":%llu,\"ticks_first_output\":%llu,\"ticks_peak\":%llu,\"ticks_work\":%llu,"
        "\"ticks_quiet\":%llu,"
        "\"tiers\":{",
        (ull)b->ticks_first_wasm, (ull)b->ticks_first_output, (ull)b->ticks_peak, (ull)b->ticks_work,
        (ull)b->ticks_quiet);
    for (int k = 0; k < TIER_COUNT; k++)
        add(t, "%s\"%s\":%u", k ? "," : "", tiers[k], b->tiers[k]);
    add(t, "}");
}

static void json_boots(struct engine_text *t, const struct rt_instance *i)
{
    const struct state_boot *before;
    struct state_boot now;
    u32 n = tier_boots_before(&before);
    for (u32 k = 0; k < n; k++) {
        json_boot(t, &before[k], "before");
        add(t, "}\n");
    }
    tier_boot_now(i, &now);
    now.flags |= tier_state_converged(i) ? STATE_BOOT_CONVERGED : 0;
    json_boot(t, &now, "converge");
    u64 bytes = 0;
    for (u32 k = i->layout->imp_funcs; k < i->layout->nfuncs; k++)
        bytes += wasm_module_of(i)->funcs[k].size;
    add(t, ",\"quiet_boots\":%u,\"functions\":%u,\"function_bytes\":%llu,\"state_bytes\":%llu}\n",
        tier_boots_quiet(i), own_count(i), (ull)bytes, (ull)engine_state_bytes_read());
}

/* --- Samples. --- */

static u64 samples_in(const struct plat_part *p)
{
    u64 n = 0;
    for (uintptr_t at = p->start & ~(uintptr_t)(SAMPLE_STEP - 1); at < p->end; at += SAMPLE_STEP)
        n += sample_at(at);
    return n;
}

static void table_samples(struct engine_text *t, const struct rt_instance *i)
{
    struct plat_part p;
    u64 app = 0, all = sample_count() ? sample_count() : 1;
    add(t, "%-44s %16s %8s\n", "where the time went", "samples", "");
    for (u32 k = 0; k < own_count(i); k++) {
        struct sample_func f = sample_of(k);
        char name[160];
        app += f.interpreted + f.compiled;
        if ((f.interpreted + f.compiled) * 100ull < all)
            continue;
        wasm_func_name(wasm_module_of(i), i->layout->imp_funcs + k, name, sizeof name);
        add(t, "  %-42s %16u %7llu%%\n", name, f.interpreted + f.compiled,
            (ull)((f.interpreted + f.compiled) * 100ull / all));
    }
    add(t, "%-44s %16llu %7llu%%\n", "the app", (ull)app, (ull)(app * 100 / all));
    for (size_t k = 0; plat_part_at(k, &p) == ST_OK; k++) {
        u64 n = p.code ? samples_in(&p) : 0;
        if (n)
            add(t, "%-44s %16llu %7llu%%\n", p.name, (ull)n, (ull)(n * 100 / all));
    }
    add(t, "\n%-44s %16s %16s\n", "of the image", "bytes", "touched");
    for (size_t k = 0; plat_part_at(k, &p) == ST_OK; k++)
        if (p.touched != UINT64_MAX)
            add(t, "%-44s %16llu %16llu\n", p.name, (ull)(p.end - p.start), (ull)p.touched);
    add(t, "\n");
}

static void json_app_samples(struct engine_text *t, const struct rt_instance *i)
{
    u64 executed = 0, dead = 0;
    for (u32 k = 0; k < own_count(i); k++) {
        struct sample_func f = sample_of(k);
        u32 index = i->layout->imp_funcs + k, bytes = wasm_module_of(i)->funcs[index].size;
        bool ran = tier_ran(&i->own_funcs[k]);
        executed += ran ? bytes : 0;
        dead += ran ? 0 : bytes;
        if (ran && f.interpreted + f.compiled == 0)
            continue;
        char name[160];
        wasm_func_name(wasm_module_of(i), index, name, sizeof name);
        add(t, "{\"ev\":\"%s\",\"part\":\"app\",\"func\":%u,\"name\":", ran ? "sample" : "dead", index);
        engine_text_json(t, name);
        if (ran)
            add(t, ",\"bytes\":%u,\"interpreted\":%u,\"compiled\":%u}\n", bytes, f.interpreted, f.compiled);
        else
            add(t, ",\"bytes\":%u}\n", bytes);
    }
    add(t, "{\"ev\":\"bytes\",\"part\":\"app\",\"executed\":%llu,\"dead\":%llu}\n", (ull)executed, (ull)dead);
}

/* Samples by place, as pairs of an offset from the part's start and a count: whoever has the image's symbols
 * can name them all. */
static void json_places(struct engine_text *t, const struct plat_part *p)
{
    add(t, "{\"ev\":\"sample\",\"part\":\"%s\",\"samples\":%llu,\"start\":%llu,\"places\":[", p->name,
        (ull)samples_in(p), (ull)p->start);
    bool first = true;
    uintptr_t start = p->start & ~(uintptr_t)(SAMPLE_STEP - 1);
    for (uintptr_t at = start; at < p->end; at += SAMPLE_STEP) {
        if (sample_at(at) == 0)
            continue;
        add(t, "%s%llu,%u", first ? "" : ",", (ull)(at < p->start ? 0 : at - p->start), sample_at(at));
        first = false;
    }
    add(t, "]}\n");
}

/* A bit for each page from the part's first on, the lowest first in each digit. */
static void json_pages(struct engine_text *t, const struct plat_part *p)
{
    uintptr_t first = p->start & ~(uintptr_t)(PLAT_PAGE - 1);
    add(t,
        "{\"ev\":\"bytes\",\"part\":\"%s\",\"code\":%s,\"start\":%llu,\"executed\":%llu,\"dead\":%llu,"
        "\"pages\":\"",
        p->name, p->code ? "true" : "false", (ull)p->start, (ull)p->touched,
        (ull)(p->end - p->start - p->touched));
    for (uintptr_t at = first; at < p->end; at += 4 * PLAT_PAGE) {
        unsigned digit = 0;
        for (unsigned bit = 0; bit < 4; bit++)
            digit |= at + bit * PLAT_PAGE < p->end && plat_page_touched(at + bit * PLAT_PAGE) ? 1u << bit : 0;
        add(t, "%x", digit);
    }
    add(t, "\"}\n");
}

static void json_samples(struct engine_text *t, const struct rt_instance *i)
{
    struct plat_part p;
    json_app_samples(t, i);
    for (size_t k = 0; plat_part_at(k, &p) == ST_OK; k++) {
        if (p.code)
            json_places(t, &p);
        if (p.touched != UINT64_MAX)
            json_pages(t, &p);
    }
}

void engine_learn_table(struct engine_text *t, const struct rt_instance *i)
{
    if (engine_learn_remembers())
        table_boots(t, i);
    if (sample_is_on())
        table_samples(t, i);
    if (engine_patterns_any(wasm_module_of(i))) {
        add(t, "\n");
        engine_patterns_table(t, wasm_module_of(i));
    }
}

void engine_learn_json(struct engine_text *t, const struct rt_instance *i)
{
    if (engine_learn_remembers())
        json_boots(t, i);
    if (sample_is_on())
        json_samples(t, i);
    if (engine_patterns_any(wasm_module_of(i)))
        engine_patterns_json(t, wasm_module_of(i));
}
