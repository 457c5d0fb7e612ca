/* report.c: what happened, as aligned tables for people and as one JSON object per line for programs. */
#include <stdarg.h>
#include <string.h>

#include "engine.h"
#include "engine_priv.h"
#include "fmt.h"
#include "heap.h"
#include "interp.h"
#include "plat.h"
#include "prof.h"
#include "tier.h"
#include "wasi.h"

static const char *const tier_names[TIER_COUNT] = {"interp", "o0", "o1", "o2", "o3"};

void engine_text_add(struct engine_text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    size_t need = fmt_v(NULL, 0, fmt, ap) + 1;
    va_end(ap);
    if (t->len + need > t->cap) {
        size_t cap = t->cap * 2 + need + 4096;
        char *more = heap_realloc(t->buf, cap);
        if (!more) {
            t->cut = true;
            return;
        }
        t->buf = more;
        t->cap = cap;
    }
    va_start(ap, fmt);
    t->len += fmt_v(t->buf + t->len, need, fmt, ap);
    va_end(ap);
}

/* The text is long enough without the name. */
#define add engine_text_add

void engine_text_json(struct engine_text *t, const char *s)
{
    add(t, "\"");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            add(t, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            add(t, "\\u%04x", c);
        else
            add(t, "%c", c);
    }
    add(t, "\"");
}

typedef unsigned long long ull;

/* --- Per function. --- */

static void func_name(const struct rt_instance *i, u32 func, char *buf, size_t size)
{
    wasm_func_name(wasm_module_of(i), func, buf, size);
}

/* A function that never ran in any way has nothing to say. */
static bool silent(const struct rt_func *f, const struct tier_func_info *info)
{
    return info->calls == 0 && info->nchanges == 0 && info->bailout == BAILOUT_NONE && !tier_ran(f);
}

static u32 first_own(const struct rt_instance *i)
{
    return i->layout->imp_funcs;
}

static u64 end_of(const struct engine_report *r)
{
    return r->end_ticks ? r->end_ticks : plat_ticks();
}

static u64 since_start(u64 ticks)
{
    return ticks - plat_start_ticks();
}

static void table_functions(struct engine_text *t, const struct engine_report *r)
{
    add(t, "%-32s %6s %12s %14s %12s %12s %12s\n", "function", "tier", "calls", "ticks", "avg", "min", "max");
    for (u32 k = first_own(r->inst); k < r->inst->layout->nfuncs; k++) {
        struct tier_func_info f;
        tier_func_info(r->inst, k, &f);
        if (silent(r->inst->funcs[k], &f))
            continue;
        char name[160];
        func_name(r->inst, k, name, sizeof name);
        add(t, "%-32s %6s", name, tier_names[f.tier]);
        if (r->profiled)
            add(t, " %12llu %14llu %12llu %12llu %12llu\n", (ull)f.calls, (ull)f.ticks,
                (ull)(f.calls ? f.ticks / f.calls : 0), (ull)f.ticks_min, (ull)f.ticks_max);
        else
            add(t, " %12s %14s %12s %12s %12s\n", "-", "-", "-", "-", "-");
    }
    if (!r->profiled)
        add(t, "(calls and ticks are counted with --profile=on)\n");
}

static void table_changes(struct engine_text *t, const struct rt_instance *i)
{
    add(t, "\n%-32s %-18s %16s %12s %16s\n", "tier change", "", "ticks", "code bytes", "compile ticks");
    for (u32 k = first_own(i); k < i->layout->nfuncs; k++) {
        struct tier_func_info f;
        tier_func_info(i, k, &f);
        char name[160];
        func_name(i, k, name, sizeof name);
        for (u32 c = 0; c < f.nchanges; c++) {
            const struct tier_change *x = &f.changes[c];
            char step[40];
            fmt_s(step, sizeof step, "%s -> %s%s", tier_names[x->from], tier_names[x->to],
                  x->osr ? " osr" : "");
            add(t, "%-32s %-18s %16llu %12llu ", name, step, (ull)since_start(x->ticks), (ull)x->code_bytes);
            if (x->stored)
                add(t, "%16s\n", "from state");
            else
                add(t, "%16llu\n", (ull)x->compile_ticks);
        }
        if (f.bailout != BAILOUT_NONE)
            add(t, "%-32s bailout: %s\n", name, bailout_text(f.bailout));
    }
}

/* The platform keeps the two apart; what is in use now was in use at the peak as well. */
static u64 memory_peak(void)
{
    u64 used = plat_memory_used(), peak = plat_memory_peak();
    return used > peak ? used : peak;
}

/* A charge ahead that was more than there was left has used up all of it. */
static s64 fuel_left(void)
{
    return rt_thread.fuel > 0 ? rt_thread.fuel : 0;
}

static void table_boot(struct engine_text *t, const struct engine_report *r, const struct tier_totals *s)
{
    add(t, "\n%-44s %16s\n", "this run", "ticks");
    add(t, "%-44s %16llu\n", "start to first wasm instruction",
        (ull)(r->first_wasm_ticks ? since_start(r->first_wasm_ticks) : 0));
    add(t, "%-44s %16llu\n", "start to end", (ull)since_start(end_of(r)));
    if (r->profiled) {
        add(t, "%-44s %16llu\n", "in the interpreter", (ull)prof_phase_ticks(PROF_INTERP));
        add(t, "%-44s %16llu\n", "in compiled code", (ull)prof_phase_ticks(PROF_COMPILED));
    }
    add(t, "%-44s %16llu\n", "in the compiler", (ull)s->ticks_compiler);
    if (s->ticks_beside)
        add(t, "%-44s %16llu\n", "of these, beside the app", (ull)s->ticks_beside);
    add(t, "\n%-44s %16llu\n", "compilations", (ull)s->compilations);
    add(t, "%-44s %16llu\n", "functions compiled", (ull)s->functions_compiled);
    add(t, "%-44s %16llu\n", "functions loaded from the state", (ull)s->functions_loaded);
    add(t, "%-44s %16llu\n", "ticks to load them", (ull)s->ticks_loading);
    add(t, "%-44s %16llu\n", "entries by OSR", (ull)s->osr_entries);
    add(t, "%-44s %16llu\n", "calls that got to code left out", (ull)s->left);
    add(t, "%-44s %16llu\n", "bailouts", (ull)s->bailouts);
    add(t, "%-44s %16llu\n", "bytes of compiled code alive", (ull)s->code_bytes);
    if (rt_fuel_limited)
        add(t, "%-44s %16lld\n", "fuel left", (long long)fuel_left());
    add(t, "%-44s %16llu\n", "bytes of memory in use", (ull)plat_memory_used());
    add(t, "%-44s %16llu\n", "bytes of memory at the peak", (ull)memory_peak());
    add(t, "\n");
}

/* --- JSON lines. --- */

static void json_functions(struct engine_text *t, const struct engine_report *r)
{
    for (u32 k = first_own(r->inst); k < r->inst->layout->nfuncs; k++) {
        struct tier_func_info f;
        tier_func_info(r->inst, k, &f);
        char name[160];
        func_name(r->inst, k, name, sizeof name);
        for (u32 c = 0; c < f.nchanges; c++) {
            const struct tier_change *x = &f.changes[c];
            add(t, "{\"ev\":\"tier\",\"func\":%u,\"name\":", k);
            engine_text_json(t, name);
            add(t,
                ",\"from\":\"%s\",\"to\":\"%s\",\"osr\":%s,\"stored\":%s,\"ticks\":%llu,\"code_bytes\":%llu,"
                "\"compile_"
                "ticks\":"
                "%llu}\n",
                tier_names[x->from], tier_names[x->to], x->osr ? "true" : "false",
                x->stored ? "true" : "false", (ull)since_start(x->ticks), (ull)x->code_bytes,
                (ull)x->compile_ticks);
        }
        if (f.bailout != BAILOUT_NONE) {
            add(t, "{\"ev\":\"bailout\",\"func\":%u,\"name\":", k);
            engine_text_json(t, name);
            add(t, ",\"reason\":\"%s\"}\n", bailout_text(f.bailout));
        }
        if (silent(r->inst->funcs[k], &f))
            continue;
        add(t, "{\"ev\":\"func\",\"func\":%u,\"name\":", k);
        engine_text_json(t, name);
        if (r->profiled)
            add(t, ",\"calls\":%llu,\"ticks\":%llu,\"ticks_min\":%llu,\"ticks_max\":%llu", (ull)f.calls,
                (ull)f.ticks, (ull)f.ticks_min, (ull)f.ticks_max);
        else
            add(t, ",\"calls\":null,\"ticks\":null");
        add(t, ",\"tier\":\"%s\"}\n", tier_names[f.tier]);
    }
}

static void json(struct engine_text *t, const struct engine_report *r, const struct tier_totals *s)
{
    add(t, "@report begin\n");
    add(t, "{\"ev\":\"boot\",\"ticks_to_first_wasm\":%llu,\"image\":\"%s\",\"cpu\":",
        (ull)(r->first_wasm_ticks ? since_start(r->first_wasm_ticks) : 0), plat_image_kind());
    engine_text_json(t, plat_cpu()->brand);
    add(t, ",\"ticks_to_first_output\":%llu,\"memory_total\":%llu}\n",
        (ull)(wasi_first_output_ticks() ? since_start(wasi_first_output_ticks()) : 0),
        (ull)plat_memory_total());
    if (r->inst) {
        json_functions(t, r);
        engine_learn_json(t, r->inst);
    }
    add(t, "{\"ev\":\"summary\",\"ticks\":%llu,\"ticks_interpreter\":", (ull)since_start(end_of(r)));
    if (r->profiled)
        add(t, "%llu,\"ticks_compiled\":%llu", (ull)prof_phase_ticks(PROF_INTERP),
            (ull)prof_phase_ticks(PROF_COMPILED));
    else
        add(t, "null,\"ticks_compiled\":null");
    add(t,
        ",\"ticks_compiler\":%llu,\"ticks_beside\":%llu,\"compilations\":%llu,\"functions_compiled\":%llu,"
        "\"functions_loaded\":%"
        "llu,\"ticks_loading\":%llu,\"boots_before\":%llu,\"osr_entries\":%llu,"
        "\"left\":%llu,\"bailouts\":%llu,\"code_bytes\":%llu,\"memory_used\":%llu,\"memory_peak\":%llu",
        (ull)s->ticks_compiler, (ull)s->ticks_beside, (ull)s->compilations, (ull)s->functions_compiled,
        (ull)s->functions_loaded, (ull)s->ticks_loading, (ull)s->boots, (ull)s->osr_entries, (ull)s->left,
        (ull)s->bailouts, (ull)s->code_bytes, (ull)plat_memory_used(), (ull)memory_peak());
    if (rt_fuel_limited)
        add(t, ",\"fuel_left\":%lld", (long long)fuel_left());
    add(t, "}\n");
    bool trapped = r->trap != TRAP_NONE && r->trap != TRAP_EXIT;
    add(t, "{\"ev\":\"exit\",\"code\":%d,\"trap\":", r->exit_code);
    if (trapped)
        engine_text_json(t, rt_trap_text(r->trap));
    else
        add(t, "null");
    add(t, "}\n@report end\n");
}

status engine_report_write(const struct engine_report *r, const char *path)
{
    struct engine_text t = {0};
    struct tier_totals sum;
    tier_totals(&sum);
    if (r->inst) {
        table_functions(&t, r);
        table_changes(&t, r->inst);
    }
    table_boot(&t, r, &sum);
    if (r->inst)
        engine_learn_table(&t, r->inst);
    json(&t, r, &sum);
    status st = t.cut ? E_NOMEM : ST_OK;
    if (strcmp(path, "-") == 0)
        plat_write(PLAT_LOG, t.buf, t.len);
    else if (st == ST_OK)
        st = plat_file_write(path, t.buf, t.len);
    heap_free(t.buf);
    return st;
}
