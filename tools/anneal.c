/* anneal.c: the command. `anneal help` lists what it does; exit codes are in engine.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"
#include "plat.h"
#include "wasm_inspect.h"

static const char usage[] =
    "usage: anneal run [OPTIONS] FILE.wasm [ARG...]      run a WASI command, or --invoke an export\n"
    "       anneal validate FILE...                      OK, or where and why not\n"
    "       anneal inspect FILE                          sections, imports, exports, features\n"
    "       anneal compile [--tier=T] [--cpu=NAME] [--memory=M] [--verify] FILE\n"
    "                                                    compile every function and count\n"
    "       anneal compile --emit=ir|asm --func=N FILE   show what one function becomes\n"
    "       anneal help                                  this and the options of run\n";

static int bad(const struct err *e)
{
    fmt_out(PLAT_ERR, "anneal: %s\n", e->text);
    return ENGINE_EXIT_BAD;
}

static int bad_use(const char *what)
{
    fmt_out(PLAT_ERR, "anneal: %s\n%s", what, usage);
    return ENGINE_EXIT_BAD;
}

static bool load(const char *path, struct plat_blob *b)
{
    if (plat_blob_find(path, b) == ST_OK)
        return true;
    fmt_out(PLAT_ERR, "anneal: %s: cannot read the file\n", path);
    return false;
}

static int cmd_run(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    options_init(&o);
    int k = 0;
    for (size_t used; k < argc && strncmp(argv[k], "--", 2) == 0; k += (int)used) {
        if (strcmp(argv[k], "--") == 0) {
            k++;
            break;
        }
        if (options_parse(&o, (const char *const *)argv + k, (size_t)(argc - k), &used, &e) != ST_OK)
            return bad(&e);
    }
    if (k == argc)
        return bad_use("run: which FILE.wasm?");
    if (o.report && o.profile < 0)
        o.profile = 1;
    struct plat_blob b;
    if (!load(argv[k], &b))
        return ENGINE_EXIT_BAD;
    return engine_run(&o, b.data, b.len, argc - k, (const char *const *)argv + k);
}

/* Decodes; says OK or why not. NULL: it is not valid. */
static struct wasm_module *decode(const char *path, struct plat_blob *b)
{
    struct wasm_module *m = NULL;
    struct err e = {0};
    if (!load(path, b))
        return NULL;
    if (wasm_module_decode(b->data, b->len, &m, &e) == ST_OK)
        return m;
    if (e.offset == ERR_NO_OFFSET)
        fmt_out(PLAT_OUT, "%s: %s\n", path, e.text);
    else
        fmt_out(PLAT_OUT, "%s: offset 0x%llx: %s\n", path, (unsigned long long)e.offset, e.text);
    return NULL;
}

static int cmd_validate(int argc, char **argv)
{
    int code = 0;
    if (argc == 0)
        return bad_use("validate: which FILE?");
    for (int k = 0; k < argc; k++) {
        struct plat_blob b;
        struct wasm_module *m = decode(argv[k], &b);
        if (!m) {
            code = ENGINE_EXIT_BAD;
            continue;
        }
        if (argc == 1)
            fmt_out(PLAT_OUT, "OK\n");
        else
            fmt_out(PLAT_OUT, "%s: OK\n", argv[k]);
        wasm_module_destroy(m);
        plat_blob_release(&b);
    }
    return code;
}

static int cmd_inspect(int argc, char **argv)
{
    if (argc != 1)
        return bad_use("inspect: one FILE");
    struct plat_blob b;
    struct wasm_module *m = decode(argv[0], &b);
    if (!m)
        return ENGINE_EXIT_BAD;
    wasm_inspect(m, PLAT_OUT);
    wasm_module_destroy(m);
    return 0;
}

struct compile_sums {
    u64 functions, bytes, bailouts, ticks;
};

static struct llvm_unit unit_of(const struct wasm_module *m, const struct llvm_unit_func *f,
                                enum jit_tier tier, bool fixed)
{
    return (struct llvm_unit){.module = m,
                              .tier = tier,
                              .fixed_inst = fixed,
                              .fixed_mem = fixed && m->nmems > m->imp_mems && m->imp_mems == 0,
                              .nfuncs = 1,
                              .funcs = f};
}

static void compile_one(const struct wasm_module *m, u32 func, enum jit_tier tier, bool fixed,
                        struct compile_sums *s)
{
    struct llvm_unit_func uf = {.index = func, .root = true};
    struct llvm_unit u = unit_of(m, &uf, tier, fixed);
    struct llvm_code code;
    enum bailout why = BAILOUT_NONE;
    struct err e = {0};
    u64 start = plat_ticks();
    bool ok = llvm_jit_compile(&u, &code, &why, &e) == ST_OK;
    s->ticks += plat_ticks() - start;
    if (ok) {
        s->functions++;
        s->bytes += code.code_bytes;
        llvm_code_free(&code);
        return;
    }
    char name[160];
    wasm_func_name(m, func, name, sizeof name);
    fmt_out(PLAT_OUT, "bailout: %s: %s%s%s\n", name, bailout_text(why), e.code ? ": " : "",
            e.code ? e.text : "");
    s->bailouts++;
}

static int emit(const struct wasm_module *m, const char *func, const char *form, enum jit_tier tier,
                bool fixed)
{
    char *end, *text;
    unsigned long index = strtoul(func, &end, 10);
    if (*end || end == func || index < m->imp_funcs || index >= m->nfuncs)
        return bad_use("compile: --func=N: the index of a function with a body (anneal inspect counts them)");
    bool assembly = strcmp(form, "asm") == 0;
    if (!assembly && strcmp(form, "ir") != 0)
        return bad_use("compile: --emit=ir or asm");
    struct llvm_unit_func uf = {.index = (u32)index, .root = true};
    struct llvm_unit u = unit_of(m, &uf, tier, fixed);
    struct err e = {0};
    if (llvm_jit_emit_text(&u, assembly, &text, &e) != ST_OK)
        return bad(&e);
    plat_write(PLAT_OUT, text, strlen(text));
    heap_free(text);
    return 0;
}

static int cmd_compile(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    bool verify = false;
    const char *func = NULL, *form = NULL;
    options_init(&o);
    o.tier = TIER_MODE_O3;
    int k = 0;
    for (size_t used = 1; k < argc && strncmp(argv[k], "--", 2) == 0; k += (int)used, used = 1) {
        if (strcmp(argv[k], "--verify") == 0)
            verify = true;
        else if (strncmp(argv[k], "--emit=", 7) == 0)
            form = argv[k] + 7;
        else if (strncmp(argv[k], "--func=", 7) == 0)
            func = argv[k] + 7;
        else if (strncmp(argv[k], "--jobs=", 7) == 0 && strcmp(argv[k] + 7, "1") != 0)
            return bad_use("compile: --jobs=1 is what exists");
        else if (strncmp(argv[k], "--jobs=", 7) != 0 &&
                 options_parse(&o, (const char *const *)argv + k, (size_t)(argc - k), &used, &e) != ST_OK)
            return bad(&e);
    }
    if (o.tier < TIER_MODE_O0)
        return bad_use("compile: --tier=o0, o1, o2 or o3");
    if (argc - k != 1)
        return bad_use("compile: one FILE");
    struct plat_blob b;
    struct wasm_module *m = decode(argv[k], &b);
    if (!m)
        return ENGINE_EXIT_BAD;
    struct llvm_jit_config config = {.cpu = o.cpu, .verify = verify};
    if (llvm_jit_init(&config, &e) != ST_OK)
        return bad(&e);
    if (form || func)
        return emit(m, func ? func : "", form ? form : "", (enum jit_tier)o.tier, !o.base_memory);
    struct compile_sums s = {0};
    for (u32 f = m->imp_funcs; f < m->nfuncs; f++)
        compile_one(m, f, (enum jit_tier)o.tier, !o.base_memory, &s);
    fmt_out(PLAT_OUT, "%llu functions, %llu bytes, %.1f ms, %llu bailouts\n", (unsigned long long)s.functions,
            (unsigned long long)s.bytes, (double)s.ticks * 1e3 / (double)plat_ticks_per_second(),
            (unsigned long long)s.bailouts);
    wasm_module_destroy(m);
    return s.bailouts ? ENGINE_EXIT_BAD : 0;
}

static int cmd_help(int argc, char **argv)
{
    (void)argc, (void)argv;
    fmt_out(PLAT_OUT, "%s\noptions of run:\n", usage);
    options_help(PLAT_OUT);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{"run", cmd_run},         {"validate", cmd_validate}, {"inspect", cmd_inspect},
                    {"compile", cmd_compile}, {"help", cmd_help},         {"--help", cmd_help}};
    if (argc < 2)
        return bad_use("what to do?");
    for (size_t k = 0; k < sizeof commands / sizeof commands[0]; k++) {
        if (strcmp(argv[1], commands[k].name) == 0)
            plat_exit(commands[k].run(argc - 2, argv + 2));
    }
    return bad_use("no such command");
}
