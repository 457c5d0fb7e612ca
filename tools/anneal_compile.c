/* anneal_compile.c: `anneal compile`: functions through LLVM one by one, to count, to measure and to look at.
 */
#include <stdlib.h>
#include <string.h>

#include "anneal_cmd.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"

struct compile {
    struct options o;
    bool verify;
    const char *form;                   /* --emit */
    unsigned long func, every, largest; /* 0: not given (--func=N: N + 1) */
    const struct wasm_module *m;
    u64 functions, wasm_bytes, bytes, bailouts, ns; /* sums; ns: CPU time */
};

static struct llvm_unit unit_of(const struct compile *c, const struct llvm_unit_func *f)
{
    const struct wasm_module *m = c->m;
    bool fixed = !c->o.base_memory;
    return (struct llvm_unit){.module = m,
                              .tier = (enum jit_tier)c->o.tier,
                              .fixed_inst = fixed,
                              .fixed_mem = fixed && m->nmems > m->imp_mems && m->imp_mems == 0,
                              .short_mem = m->nmems > 0 && m->mems[0].limits.min * RT_PAGE <= RT_SHORT_MEMORY,
                              .patterns = c->o.patterns != 0,
                              .fp_relaxed = c->o.fp_relaxed,
                              .nfuncs = 1,
                              .funcs = f};
}

static void compile_one(struct compile *c, u32 func)
{
    struct llvm_unit_func uf = {.index = func, .root = true};
    struct llvm_unit u = unit_of(c, &uf);
    struct llvm_code code;
    enum bailout why = BAILOUT_NONE;
    struct err e = {0};
    char name[160];
    u64 start = plat_clock_ns(PLAT_CLOCK_CPU);
    bool ok = llvm_jit_compile(&u, &code, &why, &e) == ST_OK;
    u64 ns = plat_clock_ns(PLAT_CLOCK_CPU) - start;
    c->ns += ns;
    wasm_func_name(c->m, func, name, sizeof name);
    if (c->o.verbose)
        fmt_out(PLAT_LOG, "func[%u] %s: %u bytes, %llu of code, %.1f ms\n", func, name,
                c->m->funcs[func].size, (unsigned long long)code.code_bytes, (double)ns / 1e6);
    if (ok) {
        c->functions++;
        c->wasm_bytes += c->m->funcs[func].size;
        c->bytes += code.code_bytes;
        llvm_code_free(&code);
        return;
    }
    fmt_out(PLAT_OUT, "bailout: func[%u] %s, %u bytes: %s%s%s\n", func, name, c->m->funcs[func].size,
            bailout_text(why), e.code ? ": " : "", e.code ? e.text : "");
    c->bailouts++;
}

/* The size that exactly `n` functions, or some more of the same size, have at least. */
static u32 size_of_largest(const struct wasm_module *m, unsigned long n)
{
    u32 low = 0, high = WASM_LIMIT_BODY_BYTES;
    while (low < high) { /* the highest size that still has n functions */
        u32 mid = low + (high - low + 1) / 2;
        unsigned long count = 0;
        for (u32 f = m->imp_funcs; f < m->nfuncs; f++)
            count += m->funcs[f].size >= mid;
        if (count >= n)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

static void compile_chosen(struct compile *c)
{
    const struct wasm_module *m = c->m;
    u32 least = c->largest ? size_of_largest(m, c->largest) : 0;
    for (u32 f = m->imp_funcs; f < m->nfuncs; f++) {
        if ((c->func && f != c->func - 1) || (c->every && (f - m->imp_funcs) % c->every) ||
            m->funcs[f].size < least)
            continue;
        compile_one(c, f);
    }
    fmt_out(PLAT_OUT,
            "%llu functions of %llu bytes: %llu bytes of code, %.1f ms of CPU time, %llu bailouts, %.0f MB "
            "of memory at the peak\n",
            (unsigned long long)c->functions, (unsigned long long)c->wasm_bytes, (unsigned long long)c->bytes,
            (double)c->ns / 1e6, (unsigned long long)c->bailouts, (double)plat_memory_peak() / 1e6);
}

static int emit(const struct compile *c)
{
    bool assembly = strcmp(c->form, "asm") == 0;
    if (!assembly && strcmp(c->form, "ir") != 0)
        return anneal_bad_use("compile: --emit=ir or asm");
    if (!c->func)
        return anneal_bad_use("compile: --emit needs --func=N");
    struct llvm_unit_func uf = {.index = (u32)c->func - 1, .root = true};
    struct llvm_unit u = unit_of(c, &uf);
    struct err e = {0};
    char *text;
    if (llvm_jit_emit_text(&u, assembly, &text, &e) != ST_OK)
        return anneal_bad(&e);
    plat_write(PLAT_OUT, text, strlen(text));
    heap_free(text);
    return 0;
}

/* Arguments that argv[0] and its value take; 0: `e` says what is wrong with them. */
static size_t option(struct compile *c, int argc, char **argv, struct err *e)
{
    size_t used = 1;
    if (strcmp(argv[0], "--verify") == 0)
        c->verify = true;
    else if (strncmp(argv[0], "--emit=", 7) == 0)
        c->form = argv[0] + 7;
    else if (strcmp(argv[0], "--jobs=1") != 0 && !anneal_number(argv[0], "--func=", 1, &c->func) &&
             !anneal_number(argv[0], "--every=", 0, &c->every) &&
             !anneal_number(argv[0], "--largest=", 0, &c->largest) &&
             options_parse(&c->o, (const char *const *)argv, (size_t)argc, &used, e) != ST_OK)
        return 0;
    return used;
}

static int check(const struct compile *c, int files)
{
    if (c->o.tier < TIER_MODE_O0)
        return anneal_bad_use("compile: --tier=o0, o1, o2 or o3");
    return files == 1 ? 0 : anneal_bad_use("compile: one FILE");
}

int anneal_compile(int argc, char **argv)
{
    struct compile c = {0};
    struct err e = {0};
    struct plat_blob b;
    options_init(&c.o);
    c.o.tier = TIER_MODE_O3;
    int k = 0;
    for (size_t used; k < argc && strncmp(argv[k], "--", 2) == 0; k += (int)used) {
        used = option(&c, argc - k, argv + k, &e);
        if (used == 0)
            return anneal_bad(&e);
    }
    int code = check(&c, argc - k);
    if (code)
        return code;
    struct wasm_module *m = anneal_decode(argv[k], &b);
    if (!m)
        return ENGINE_EXIT_BAD;
    c.m = m;
    if (c.func && !anneal_has_body(m, c.func - 1))
        return anneal_bad_func();
    struct llvm_jit_config config = {.cpu = c.o.cpu, .verify = c.verify};
    if (llvm_jit_init(&config, &e) != ST_OK)
        return anneal_bad(&e);
    if (c.form)
        return emit(&c);
    compile_chosen(&c);
    wasm_module_destroy(m);
    return c.bailouts ? ENGINE_EXIT_BAD : 0;
}
