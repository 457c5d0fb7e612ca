/* anneal_snapshot.c: `anneal snapshot` makes an appliance: runs the app once to learn what is hot, or takes
 * that from a state (--from-disk), and exports it (export.h) into a file. */
#include <string.h>

#include "anneal_cmd.h"
#include "export.h"
#include "fmt.h"
#include "heap.h"
#include "plat.h"

struct snapshot {
    struct options options;
    struct export_config config;
    struct export_result result;
    const char *out;
    u8 *image; /* the appliance, as much of it as has come */
    u64 bytes, at;
    status st;
    struct err err;
};

static int bad(const char *what, const char *detail)
{
    fmt_out(PLAT_ERR, "anneal: snapshot: %s%s\n", what, detail);
    return ENGINE_EXIT_BAD;
}

/* --- The command line. --- */

/* Value of option `name` at words[0], "--name=value" or "--name value", and how many words that is; NULL: it
 * is another one, or has none. */
static const char *value_of(const char *name, int n, char **words, size_t *used)
{
    size_t len = strlen(name);
    if (strncmp(words[0], name, len) != 0)
        return NULL;
    *used = words[0][len] == '=' ? 1 : 2;
    if (words[0][len] == '=')
        return words[0] + len + 1;
    return words[0][len] == 0 && n > 1 ? words[1] : NULL;
}

/* Engine options that have no sense here, or another one. */
static bool is_refused(const char *word)
{
    static const char *const names[] = {"--state",    "--report",  "--export",
                                        "--manifest", "--profile", "--fuzz"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (strncmp(word, names[k], strlen(names[k])) == 0)
            return true;
    }
    return false;
}

/* One option at words[0]; how many words it takes, 0: it is wrong, and that was said. */
static size_t take_option(struct snapshot *s, int n, char **words)
{
    const char *w = words[0];
    size_t used = 1;
    if (strcmp(w, "-o") == 0 && n > 1) {
        s->out = words[1];
        return 2;
    }
    if (strcmp(w, "--all") == 0) {
        (void)!export_code(&s->config, "all");
        return 1;
    }
    const char *value = value_of("--state", n, words, &used);
    if (value) {
        if (export_state(&s->config, value))
            return used;
        bad("--state=none|init|warm: with what the app begins", "");
        return 0;
    }
    value = value_of("--code", n, words, &used);
    if (value) {
        if (export_code(&s->config, value))
            return used;
        bad("--code=hot|called|all: which functions are compiled", "");
        return 0;
    }
    value = value_of("--cpu", n, words, &used);
    if (value) {
        if (export_cpus(&s->config, value))
            return used;
        bad("--cpu=LIST: up to 8 names, with commas between them", "");
        return 0;
    }
    if ((value = value_of("--from-disk", n, words, &used)) ||
        (value = value_of("--profile", n, words, &used))) {
        s->options.learnt = value;
        return used;
    }
    if (is_refused(w)) {
        bad("not possible here: ", w);
        return 0;
    }
    if (options_parse(&s->options, (const char *const *)words, (size_t)n, &used, &s->err) != ST_OK) {
        bad(s->err.text, "");
        return 0;
    }
    return used;
}

/* --- The file. --- */

static status begin(void *env, u64 bytes, u64 xxh64, struct err *e)
{
    struct snapshot *s = env;
    (void)xxh64;
    s->bytes = bytes;
    s->image = heap_alloc(bytes);
    return s->image ? ST_OK : err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
}

static status add(void *env, const void *data, size_t len, struct err *e)
{
    struct snapshot *s = env;
    memcpy(s->image + s->at, data, len);
    s->at += len;
    if (s->at < s->bytes || plat_file_write(s->out, s->image, s->bytes) == ST_OK)
        return ST_OK;
    return err_set(e, E_IO, ERR_NO_OFFSET, "%s: cannot write the file", s->out);
}

static status export_run(struct snapshot *s, struct rt_instance *i)
{
    struct export_sink to = {.begin = begin, .bytes = add, .env = s};
    const char **argv = heap_calloc((size_t)s->config.argc, sizeof *argv);
    if (!argv)
        return err_set(&s->err, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    memcpy(argv, s->config.argv, (size_t)s->config.argc * sizeof *argv);
    argv[0] = engine_program_name(&s->options, argv[0]);
    s->config.argv = argv;
    status st = export_appliance(i, &s->config, &to, &s->result, &s->err);
    heap_free(argv);
    heap_free(s->image);
    return st;
}

/* struct options, finished. */
static int finished(void *env, struct rt_instance *i, int code)
{
    struct snapshot *s = env;
    if (code)
        fmt_out(PLAT_ERR, "anneal: snapshot: the run ended with code %d\n", code);
    s->st = export_run(s, i);
    return code;
}

int anneal_snapshot(int argc, char **argv)
{
    static struct snapshot s;
    struct plat_blob module;
    int k = 0;
    options_init(&s.options);
    export_init(&s.config);
    while (k < argc && argv[k][0] == '-' && argv[k][1]) {
        size_t used = take_option(&s, argc - k, argv + k);
        if (used == 0)
            return ENGINE_EXIT_BAD;
        k += (int)used;
    }
    if (k == argc || !s.out)
        return bad("which -o OUT and FILE.wasm?", "");
    if (plat_blob_find(argv[k], &module) != ST_OK)
        return bad(argv[k], ": cannot read the file");
    s.config.module = module.data;
    s.config.module_bytes = module.len;
    s.config.argc = argc - k;
    s.config.argv = (const char *const *)argv + k;
    s.config.options = s.options.kept;
    s.st = E_INVAL;                                              /* until `finished` was here */
    s.options.may_lack_start = s.config.code == TIER_EXPORT_ALL; /* --invoke can come at boot */
    s.options.finished = finished;
    s.options.finished_env = &s;
    if (export_prepare(&s.config, &s.options, &s.err) != ST_OK)
        return bad(s.err.text, "");
    int code = engine_run(&s.options, module.data, module.len, argc - k, (const char *const *)argv + k);
    if (s.st != ST_OK)
        return s.err.code ? bad(s.err.text, "") : code;
    fmt_out(PLAT_ERR, "anneal: snapshot: %s: %llu bytes, %u functions compiled, %u could not be\n", s.out,
            (unsigned long long)s.result.bytes, s.result.functions, s.result.failed);
    return 0;
}
