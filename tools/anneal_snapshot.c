/* anneal_snapshot.c: `anneal snapshot` makes an appliance: runs the app once to learn what is hot, compiles
 * that, and puts app, code and default arguments behind the runtime (payload.h), which is linked into this
 * command. */
#include <string.h>

#include "anneal_cmd.h"
#include "fmt.h"
#include "heap.h"
#include "llvm_jit.h"
#include "payload.h"
#include "plat.h"
#include "tier_state.h"
#include "xxh64.h"

#define CPUS_MAX 8

extern const u8 runtime_elf[], runtime_elf_end[];

static size_t runtime_bytes(void)
{
    return (uintptr_t)runtime_elf_end - (uintptr_t)runtime_elf;
}

/* Engine options that the appliance has by default as well; the others are about the run here. */
static const char *const kept_options[] = {"env", "fuel", "invoke", "max-memory", "memory"};

struct snapshot {
    struct options options;
    const char *out;
    bool all;
    const char *cpus[CPUS_MAX];
    u32 ncpus;
    char cpu_text[256];
    struct options_list words; /* kept options, as they were given */
    struct plat_blob module;
    int argc;
    const char *const *argv;
    /* The appliance. */
    struct payload payload;
    struct payload manifest; /* its text, collected in the same way */
    struct xxh64 profile;
    u32 functions, failed;
    bool first_function;
    u64 written;
    status st;
    struct err err;
};

static int bad(const char *what, const char *detail)
{
    fmt_out(PLAT_ERR, "anneal: snapshot: %s%s\n", what, detail);
    return ENGINE_EXIT_BAD;
}

/* --- The command line. --- */

static bool split_cpus(struct snapshot *s, const char *list)
{
    if (strlen(list) >= sizeof s->cpu_text || !*list)
        return false;
    strcpy(s->cpu_text, list);
    s->ncpus = 0;
    for (char *p = s->cpu_text; p; s->ncpus++) {
        char *comma = strchr(p, ',');
        if (s->ncpus == CPUS_MAX || p == comma || !*p)
            return false;
        s->cpus[s->ncpus] = p;
        if (comma)
            *comma++ = 0;
        p = comma;
    }
    return true;
}

static bool is_kept(const char *word)
{
    size_t len = strcspn(word + 2, "=");
    for (size_t k = 0; k < sizeof kept_options / sizeof *kept_options; k++) {
        if (strlen(kept_options[k]) == len && memcmp(word + 2, kept_options[k], len) == 0)
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
        s->all = true;
        return 1;
    }
    if (strcmp(w, "--state=none") == 0)
        return 1;
    if (strncmp(w, "--cpu=", 6) == 0) {
        if (split_cpus(s, w + 6))
            return 1;
        bad("--cpu=LIST: up to 8 names, with commas between them", "");
        return 0;
    }
    if (strncmp(w, "--state", 7) == 0 || strncmp(w, "--report", 8) == 0) {
        bad("not possible here: ", w);
        return 0;
    }
    if (options_parse(&s->options, (const char *const *)words, (size_t)n, &used, &s->err) != ST_OK) {
        bad(s->err.text, "");
        return 0;
    }
    for (size_t k = 0; is_kept(w) && k < used && s->words.n < OPTIONS_LIST_MAX; k++)
        s->words.item[s->words.n++] = words[k];
    return used;
}

/* --- The manifest: JSON, sizes before names, which are in the module. --- */

static void say(struct snapshot *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct snapshot *s, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    size_t n = fmt_v(text, sizeof text, format, ap);
    va_end(ap);
    if (s->st == ST_OK)
        s->st = payload_bytes(&s->manifest, text, n < sizeof text ? n : sizeof text - 1);
}

static void say_function(void *env, const struct tier_exported *f)
{
    struct snapshot *s = env;
    say(s, "%s[%u,%u]", s->first_function ? "" : ",", f->index, f->code_bytes);
    s->first_function = false;
    xxh64_add(&s->profile, &f->index, sizeof f->index);
}

static void say_features(struct snapshot *s, const struct cpu_features *f)
{
    const char *comma = "";
    say(s, "],\"features\":[");
    for (int row = 0; row < CPU_FEATURES_MAX; row++) {
        if (f->bits[row / 64] >> (row % 64) & 1 && cpu_feature_name(row)) {
            say(s, "%s\"%s\"", comma, cpu_feature_name(row));
            comma = ",";
        }
    }
    say(s, "]}");
}

static void say_head(struct snapshot *s)
{
    u8 hash[32];
    wasm_sha256(s->module.data, s->module.len, hash);
    say(s, "{\"manifest\":1,\"module\":{\"bytes\":%llu,\"sha256\":\"", (unsigned long long)s->module.len);
    for (u32 k = 0; k < sizeof hash; k++)
        say(s, "%02x", hash[k]);
    say(s, "\"},\"llvm\":\"%s\",\"runtime_xxh64\":\"%016llx\",\"state\":\"none\",\"tier\":\"o3\",\"code\":[",
        llvm_jit_version(), (unsigned long long)xxh64_of(runtime_elf, runtime_bytes(), 0));
}

/* --- The appliance. --- */

static status put_record(void *env, u32 type, u64 bytes, struct err *e)
{
    (void)e;
    return payload_record(&((struct snapshot *)env)->payload, type, bytes);
}

static status put_bytes(void *env, const void *data, size_t len, struct err *e)
{
    (void)e;
    return payload_bytes(&((struct snapshot *)env)->payload, data, len);
}

static status put(struct snapshot *s, u32 type, const void *data, size_t len)
{
    TRY(payload_record(&s->payload, type, len));
    return payload_bytes(&s->payload, data, len);
}

static status put_strings(struct snapshot *s, u32 type, const char *const *item, u32 n)
{
    u64 bytes = 0;
    for (u32 k = 0; k < n; k++)
        bytes += strlen(item[k]) + 1;
    if (n == 0)
        return ST_OK;
    TRY(payload_record(&s->payload, type, bytes));
    for (u32 k = 0; k < n; k++)
        TRY(payload_bytes(&s->payload, item[k], strlen(item[k]) + 1));
    return ST_OK;
}

static status put_app(struct snapshot *s)
{
    const char **argv = heap_calloc((size_t)s->argc, sizeof *argv);
    if (!argv)
        return E_NOMEM;
    memcpy(argv, s->argv, (size_t)s->argc * sizeof *argv);
    const char *slash = strrchr(argv[0], '/');
    argv[0] = s->options.name ? s->options.name : slash ? slash + 1 : argv[0];
    status st = put_strings(s, PAYLOAD_OPTIONS, s->words.item, s->words.n);
    if (st == ST_OK)
        st = put_strings(s, PAYLOAD_ARGS, argv, (u32)s->argc);
    heap_free(argv);
    TRY(st);
    return put(s, PAYLOAD_MODULE, s->module.data, s->module.len);
}

static status put_code(struct snapshot *s, struct rt_instance *i, u32 cpu)
{
    struct tier_sink to = {.record = put_record, .bytes = put_bytes, .env = s};
    struct tier_export x = {
        .cpu = s->cpus[cpu], .all = s->all, .to = &to, .function = say_function, .env = s};
    TRY(put(s, PAYLOAD_CPU, x.cpu, strlen(x.cpu) + 1));
    say(s, "%s{\"cpu\":\"%s\",\"functions\":[", cpu ? "," : "", x.cpu);
    s->first_function = true;
    TRY(tier_state_export(i, &x, &s->err));
    say_features(s, &x.features);
    s->functions = x.functions;
    s->failed += x.failed;
    return ST_OK;
}

static status build(struct snapshot *s, struct rt_instance *i)
{
    TRY(payload_begin(&s->payload));
    s->manifest.left = UINT64_MAX; /* its length is known at the end */
    xxh64_init(&s->profile, 0);
    TRY(put_app(s));
    say_head(s);
    for (u32 k = 0; k < s->ncpus; k++)
        TRY(put_code(s, i, k));
    say(s, "],\"profile_xxh64\":\"%016llx\"}\n", (unsigned long long)xxh64_value(&s->profile));
    TRY(s->st);
    TRY(put(s, PAYLOAD_MANIFEST, s->manifest.bytes, s->manifest.len));
    payload_end(&s->payload);
    u8 *image;
    size_t bytes;
    TRY(payload_attach(runtime_elf, runtime_bytes(), &s->payload, &image, &bytes));
    status st = plat_file_write(s->out, image, bytes);
    heap_free(image);
    if (st != ST_OK)
        err_set(&s->err, st, ERR_NO_OFFSET, "%s: cannot write the file", s->out);
    s->written = bytes;
    return st;
}

/* struct options, finished. */
static void finished(void *env, struct rt_instance *i, int code)
{
    struct snapshot *s = env;
    if (code)
        fmt_out(PLAT_ERR, "anneal: snapshot: the run ended with code %d\n", code);
    s->st = ST_OK;
    s->st = build(s, i);
    if (s->st != ST_OK && s->err.code == ST_OK)
        err_set(&s->err, s->st, ERR_NO_OFFSET, s->st == E_NOMEM ? "out of memory" : "failed");
}

int anneal_snapshot(int argc, char **argv)
{
    static struct snapshot s;
    int k = 0;
    options_init(&s.options);
    split_cpus(&s, "native");
    while (k < argc && argv[k][0] == '-' && argv[k][1]) {
        size_t used = take_option(&s, argc - k, argv + k);
        if (used == 0)
            return ENGINE_EXIT_BAD;
        k += (int)used;
    }
    if (k == argc || !s.out)
        return bad("which -o OUT and FILE.wasm?", "");
    if (plat_blob_find(argv[k], &s.module) != ST_OK)
        return bad(argv[k], ": cannot read the file");
    s.argc = argc - k;
    s.argv = (const char *const *)argv + k;
    s.st = E_INVAL; /* until `finished` was here */
    s.options.finished = finished;
    s.options.finished_env = &s;
    int code = engine_run(&s.options, s.module.data, s.module.len, s.argc, s.argv);
    if (s.st != ST_OK)
        return s.err.code ? bad(s.err.text, "") : code;
    fmt_out(PLAT_ERR, "anneal: snapshot: %s: %llu bytes, %u functions compiled, %u could not be\n", s.out,
            (unsigned long long)s.written, s.functions, s.failed);
    return 0;
}
