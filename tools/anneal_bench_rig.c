/* anneal_bench_rig.c: `anneal bench --rig [OPTIONS] MODULE.wasm --mode run|prepare|cold|hostcall --setup N
 * --reps R
 * --min-ms M --warm-ms W --max-ms X [--iters I]`: the protocol by which several engines are compared on the
 * same module, which exports setup(i32) and run(i32 iterations) -> f64. One JSON object a line on PLAT_OUT:
 *
 *   {"ev":"load","compile_ms":..,"instantiate_ms":..}           the module is ready
 *   {"ev":"check","value":..,"setup_ms":..,"first_run_ms":..}   after setup(N) and run(1)
 *   {"ev":"rep","iters":I,"ns":TOTAL,"cpu_ns":C}                R times: run(I) took TOTAL ns, and C of CPU
 * time
 *   {"ev":"prepared","ms":0}                                    mode prepare: nothing is compiled ahead
 *   {"ev":"unsupported"}                                        not such a module
 *
 * run: warms up for W ms by run(k), k doubling until a call takes M/4 ms; then I is what takes M ms, and the
 * repetitions end early after X ms. cold: ends after the check. hostcall: calls nop(i32) -> i32 I times. */
#include "anneal_bench.h"

#include <string.h>

#include "fmt.h"
#include "typed.h"

struct rig {
    struct bench *b;
    const char *mode;
    double setup, reps, min_ms, warm_ms, max_ms, iters;
    struct rt_func *f_setup, *f_run;
};

static double now(void)
{
    return (double)plat_clock_ns(PLAT_CLOCK_MONO);
}

static bool is_mode(const struct rig *r, const char *mode)
{
    return strcmp(r->mode, mode) == 0;
}

struct span {
    double ns, cpu_ns;
};

/* Calls; how long it took. False: it trapped. */
static bool timed_call(const struct rig *r, struct rt_func *f, rt_cell *cells, struct span *out)
{
    double cpu = (double)plat_clock_ns(PLAT_CLOCK_CPU), start = now();
    bool ok = bench_call(r->b, f, cells);
    out->ns = now() - start;
    out->cpu_ns = (double)plat_clock_ns(PLAT_CLOCK_CPU) - cpu;
    return ok;
}

/* run(iters), its result in *value. */
static bool run(const struct rig *r, double iters, struct span *out, f64 *value)
{
    rt_cell cell = (u32)iters;
    bool ok = timed_call(r, r->f_run, &cell, out);
    memcpy(value, &cell, sizeof *value);
    return ok;
}

static void print_rep(double iters, const struct span *t)
{
    fmt_out(PLAT_OUT, "{\"ev\":\"rep\",\"iters\":%.0f,\"ns\":%.0f,\"cpu_ns\":%.0f}\n", iters, t->ns,
            t->cpu_ns);
}

/* --- Mode run. --- */

/* Warms up and returns how many iterations take min_ms; negative: it trapped. */
static double calibrate(const struct rig *r)
{
    double start = now(), k = 1, per;
    struct span t;
    f64 value;
    do {
        if (!run(r, k, &t, &value))
            return -1;
        per = t.ns / k;
        if (t.ns < r->min_ms * 1e6 / 4)
            k = k < 5e8 ? k * 2 : k;
    } while (now() - start < r->warm_ms * 1e6);
    double want = r->min_ms * 1e6 / (per > 0.01 ? per : 0.01) + 1;
    return want < 1e9 ? (double)(u32)want : 1e9;
}

static int mode_run(const struct rig *r)
{
    struct span t;
    f64 value;
    double iters = r->iters > 0 ? r->iters : calibrate(r);
    double start = now();
    for (int k = 0; k < (int)r->reps && iters > 0; k++) {
        if (!run(r, iters, &t, &value))
            return ENGINE_EXIT_TRAP;
        print_rep(iters, &t);
        if (k >= 1 && now() - start > r->max_ms * 1e6)
            break;
    }
    return iters > 0 ? 0 : ENGINE_EXIT_TRAP;
}

/* --- Mode hostcall: as an embedder calls whom anneal_instance_typed() gave it. --- */

static void call_often(s32 (*nop)(s32), double n, struct span *out)
{
    volatile s32 x;
    double cpu = (double)plat_clock_ns(PLAT_CLOCK_CPU), start = now();
    for (s32 k = 0; k < (s32)n; k++)
        x = nop(k);
    out->ns = now() - start;
    out->cpu_ns = (double)plat_clock_ns(PLAT_CLOCK_CPU) - cpu;
    (void)x;
}

static int mode_hostcall(const struct rig *r)
{
    struct typed *entries;
    enum rt_trap why;
    double n = r->iters > 0 ? r->iters : 1000000;
    if (typed_create(r->b->inst, &entries) != ST_OK)
        return ENGINE_EXIT_BAD;
    s32 (*nop)(s32) = (s32(*)(s32))typed_find(entries, wasm_export_find(r->b->module, "nop", strlen("nop")));
    for (int k = -1; k < (int)r->reps; k++) { /* one to warm up */
        struct span t;
        call_often(nop, n, &t);
        if (k >= 0)
            print_rep(n, &t);
    }
    typed_destroy(entries);
    return typed_failed(&why) ? ENGINE_EXIT_TRAP : 0;
}

/* --- All modes. --- */

static bool has_type(const struct rt_func *f, rt_type param, rt_type result)
{
    const struct rt_sig *s = f ? f->sig : NULL;
    return s && s->nparams == 1 && s->nresults == (result != 0) && s->types[0] == param &&
           (!result || s->types[1] == result);
}

static bool find_exports(struct rig *r)
{
    r->f_setup = bench_export(r->b, "setup");
    r->f_run = bench_export(r->b, "run");
    if (!has_type(r->f_setup, RT_I32, 0) || !has_type(r->f_run, RT_I32, RT_F64))
        return false;
    return is_mode(r, "hostcall") ? has_type(bench_export(r->b, "nop"), RT_I32, RT_I32) : true;
}

static int drive(struct rig *r)
{
    rt_cell n = (u32)(s64)r->setup;
    struct span first;
    f64 value;
    char text[64];
    double start = now();
    if (!bench_call(r->b, r->f_setup, &n))
        return ENGINE_EXIT_TRAP;
    double setup_ns = now() - start;
    if (!run(r, is_mode(r, "run") || r->iters < 1 ? 1 : r->iters, &first, &value))
        return ENGINE_EXIT_TRAP;
    rt_cell cell;
    memcpy(&cell, &value, sizeof cell);
    engine_value_print(&cell, RT_F64, text, sizeof text);
    fmt_out(PLAT_OUT, "{\"ev\":\"check\",\"value\":%s,\"setup_ms\":%.3f,\"first_run_ms\":%.3f}\n", text,
            setup_ns / 1e6, first.ns / 1e6);
    if (is_mode(r, "cold"))
        return 0;
    return is_mode(r, "hostcall") ? mode_hostcall(r) : mode_run(r);
}

static int unsupported(void)
{
    fmt_out(PLAT_OUT, "{\"ev\":\"unsupported\"}\n");
    return 0;
}

static int measure(struct rig *r, const char *path)
{
    int code;
    if (is_mode(r, "prepare")) {
        fmt_out(PLAT_OUT, "{\"ev\":\"prepared\",\"ms\":0}\n");
        return 0;
    }
    if (!is_mode(r, "run") && !is_mode(r, "cold") && !is_mode(r, "hostcall"))
        return unsupported();
    if (!bench_open(r->b, 1, &path, &code))
        return code;
    fmt_out(PLAT_OUT, "{\"ev\":\"load\",\"compile_ms\":%.3f,\"instantiate_ms\":%.3f}\n",
            (double)r->b->compile_ns / 1e6, (double)r->b->instantiate_ns / 1e6);
    return find_exports(r) ? drive(r) : unsupported();
}

/* An option of the protocol at args[*k]; moves *k to its last word. */
static bool protocol_option(struct rig *r, const char *const *args, int n, int *k)
{
    const struct {
        const char *name;
        double *to;
    } numbers[] = {{"--setup", &r->setup},     {"--reps", &r->reps},     {"--min-ms", &r->min_ms},
                   {"--warm-ms", &r->warm_ms}, {"--max-ms", &r->max_ms}, {"--iters", &r->iters}};
    for (size_t o = 0; o < sizeof numbers / sizeof *numbers; o++) {
        if (bench_number(args, n, k, numbers[o].name, numbers[o].to))
            return true;
    }
    if (strncmp(args[*k], "--mode=", 7) == 0) {
        r->mode = args[*k] + 7;
        return true;
    }
    if (strcmp(args[*k], "--mode") != 0 || *k + 1 == n)
        return false;
    r->mode = args[++*k];
    return true;
}

int bench_rig(struct bench *b, int argc, const char *const *argv)
{
    struct rig r = {.b = b, .mode = "run", .reps = 7, .min_ms = 20, .warm_ms = 200, .max_ms = 4000};
    const char *path = NULL;
    struct err e = {0};
    for (int k = 0; k < argc; k++) {
        size_t used;
        if (strncmp(argv[k], "--", 2) != 0) {
            path = argv[k];
        } else if (!protocol_option(&r, argv, argc, &k)) {
            if (options_parse(&b->o, argv + k, (size_t)(argc - k), &used, &e) != ST_OK)
                return anneal_bad(&e);
            k += (int)used - 1;
        }
    }
    return path ? measure(&r, path) : anneal_bad_use("bench --rig: which MODULE.wasm?");
}
