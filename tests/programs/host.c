/* host.c: an embedder for programs whose imports go beyond WASI: a table of stubs, the same that
 * node_wasi.mjs gives them in Node.
 *
 *   host --tier=T [--dir=HOST::GUEST] [--env=N=V] [--stub=MODULE.NAME=I32]... FILE [ARG...]
 *
 * A stub returns its number and is counted; the counts are printed when the program has ended. */
#include "anneal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 64 };
struct stub {
    int result;
    unsigned calls;
};
static struct stub stubs[MANY];
static anneal_import imports[MANY];
static size_t nstubs;
static anneal_preopen dirs[MANY];
static const char *env[MANY];
static anneal_wasi wasi = {.preopens = dirs, .env = env};
static anneal_config config;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "host: %s\n", what);
    exit(125);
}

static bool call_stub(void *arg, const anneal_value *args, anneal_value *results)
{
    struct stub *s = arg;
    (void)args;
    s->calls++;
    results[0].of.i32 = s->result;
    return true;
}

/* Cuts `text` in two at `at`; what is behind it. */
static char *cut(char *text, const char *at)
{
    char *p = strstr(text, at);
    if (!p)
        die(text);
    *p = 0;
    return p + strlen(at);
}

static void add_stub(char *text)
{
    struct stub *s = &stubs[nstubs];
    s->result = atoi(cut(text, "="));
    char *name = cut(text, ".");
    imports[nstubs++] = (anneal_import){.module = text, .name = name, .fn = call_stub, .env = s};
}

static enum anneal_tier tier(const char *name)
{
    static const char *const names[] = {"auto", "interp", "o0", "o1", "o2", "o3"};
    for (int t = ANNEAL_AUTO; t <= ANNEAL_O3; t++) {
        if (strcmp(names[t], name) == 0)
            return (enum anneal_tier)t;
    }
    die(name);
}

static void option(char *word)
{
    char *value = cut(word, "=");
    if (nstubs == MANY || wasi.npreopens == MANY || wasi.nenv == MANY)
        die("too many options");
    if (strcmp(word, "--tier") == 0) {
        config.tier = tier(value);
    } else if (strcmp(word, "--dir") == 0) {
        const char *guest = cut(value, "::");
        dirs[wasi.npreopens++] = (anneal_preopen){.host = value, .guest = guest};
    } else if (strcmp(word, "--env") == 0) {
        env[wasi.nenv++] = value;
    } else if (strcmp(word, "--stub") == 0) {
        add_stub(value);
    } else {
        die(word);
    }
}

static void *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        die(path);
    *size = (size_t)ftell(f);
    void *bytes = malloc(*size + 1);
    rewind(f);
    if (!bytes || fread(bytes, 1, *size, f) != *size)
        die(path);
    fclose(f);
    return bytes;
}

static int run(const char *path)
{
    size_t size;
    void *bytes = read_file(path, &size);
    anneal_engine *engine = anneal_engine_new(&config);
    anneal_module *module = engine ? anneal_module_new(engine, bytes, size) : NULL;
    anneal_instance *instance = module ? anneal_instance_new(module, imports, nstubs, &wasi) : NULL;
    anneal_func *start = instance ? anneal_instance_func(instance, "_start") : NULL;
    if (!start)
        die(anneal_error());
    bool ok = anneal_call(start, NULL, 0, NULL, 0);
    int code = ok ? 0 : anneal_exit_code();
    if (code < 0)
        die(anneal_error());
    anneal_instance_delete(instance);
    anneal_module_delete(module);
    anneal_engine_delete(engine);
    free(bytes);
    return code;
}

int main(int argc, char **argv)
{
    int k = 1;
    while (k < argc && strncmp(argv[k], "--", 2) == 0)
        option(argv[k++]);
    if (k == argc)
        die("no file");
    wasi.argc = argc - k;
    wasi.argv = (const char *const *)argv + k;
    int code = run(argv[k]);
    for (size_t s = 0; s < nstubs; s++)
        printf("stub %s.%s: %u calls\n", imports[s].module, imports[s].name, stubs[s].calls);
    return code;
}
