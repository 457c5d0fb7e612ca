/* anneal.c: the command. `anneal help` lists what it does; exit codes are in engine.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "anneal_cmd.h"
#include "fmt.h"
#include "wasm_inspect.h"

static const char usage[] =
    "usage: anneal run [OPTIONS] FILE.wasm [ARG...]      run a WASI command, or --invoke an export\n"
    "       anneal validate FILE...                      OK, or where and why not\n"
    "       anneal inspect FILE                          sections, imports, exports, features\n"
    "       anneal analyze [--json] [OPTIONS] FILE       loops that are known algorithms: which kernel, or "
    "why not;\n"
    "                                                    --func=N: of one function; --forms: texts of large "
    "loops;\n"
    "                                                    --verbose: what each search takes of the time\n"
    "       anneal compile [OPTIONS] FILE                compile every function and count: --tier=T "
    "--cpu=NAME\n"
    "                                                    --memory=M --verify, --verbose: a line a function;\n"
    "                                                    only some: --func=N, --every=N, --largest=N\n"
    "       anneal compile --emit=ir|asm --func=N FILE   show what one function becomes\n"
    "       anneal snapshot [--state=none] [--cpu=LIST] [--code=hot|called|all] [OPTIONS] -o OUT FILE "
    "[ARG...]\n"
    "                                                    run it, then make a bootable image of it and its "
    "code\n"
    "       anneal snapshot --from-disk=STATE ...        the same without a run: what is hot is known from a "
    "state\n"
    "                                                    (of run --state, or a disk that the image wrote)\n"
    "       anneal bench [--json] [--warmup=N] [--iterations=N] [OPTIONS] --invoke=NAME FILE [ARG...]\n"
    "                                                    call an export often and time it\n"
    "       anneal bench --rig [OPTIONS] MODULE.wasm ... the protocol of comparisons with other engines\n"
    "       anneal help, anneal COMMAND --help           this and the options of run\n";

int anneal_bad(const struct err *e)
{
    fmt_out(PLAT_ERR, "anneal: %s\n", e->text);
    return ENGINE_EXIT_BAD;
}

int anneal_bad_use(const char *what)
{
    fmt_out(PLAT_ERR, "anneal: %s\n%s", what, usage);
    return ENGINE_EXIT_BAD;
}

bool anneal_number(const char *arg, const char *name, unsigned long add, unsigned long *out)
{
    size_t len = strlen(name);
    char *end;
    if (strncmp(arg, name, len) != 0)
        return false;
    *out = strtoul(arg + len, &end, 10) + add;
    return *end == 0 && end != arg + len && *out;
}

bool anneal_has_body(const struct wasm_module *m, unsigned long func)
{
    return func >= m->imp_funcs && func < m->nfuncs;
}

int anneal_bad_func(void)
{
    return anneal_bad_use("--func=N: the index of a function with a body (anneal inspect counts them)");
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
            return anneal_bad(&e);
    }
    if (k == argc)
        return anneal_bad_use("run: which FILE.wasm?");
    if (o.report && o.profile < 0)
        o.profile = 1;
    struct plat_blob b;
    if (!load(argv[k], &b))
        return ENGINE_EXIT_BAD;
    return engine_run(&o, b.data, b.len, argc - k, (const char *const *)argv + k);
}

struct wasm_module *anneal_decode(const char *path, struct plat_blob *b)
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
        return anneal_bad_use("validate: which FILE?");
    for (int k = 0; k < argc; k++) {
        struct plat_blob b;
        struct wasm_module *m = anneal_decode(argv[k], &b);
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
        return anneal_bad_use("inspect: one FILE");
    struct plat_blob b;
    struct wasm_module *m = anneal_decode(argv[0], &b);
    if (!m)
        return ENGINE_EXIT_BAD;
    wasm_inspect(m, PLAT_OUT);
    wasm_module_destroy(m);
    return 0;
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
    } commands[] = {{"run", cmd_run},
                    {"validate", cmd_validate},
                    {"inspect", cmd_inspect},
                    {"analyze", anneal_analyze},
                    {"compile", anneal_compile},
                    {"snapshot", anneal_snapshot},
                    {"bench", anneal_bench},
                    {"help", cmd_help},
                    {"--help", cmd_help}};
    if (argc < 2)
        return anneal_bad_use("what to do?");
    if (argc > 2 && strcmp(argv[2], "--help") == 0)
        plat_exit(cmd_help(0, NULL));
    for (size_t k = 0; k < sizeof commands / sizeof commands[0]; k++) {
        if (strcmp(argv[1], commands[k].name) == 0)
            plat_exit(commands[k].run(argc - 2, argv + 2));
    }
    return anneal_bad_use("no such command");
}
