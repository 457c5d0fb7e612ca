/* spec.c: the runner of the specification's vectors as a Linux command.
 *
 *     spec [--tier=T] [--memory=fixed|base] [--threshold=N] [--levels=A,B] [--jobs=N] [--no-fork]
 * [--validate-only] [DIR | LEVEL/NAME.json...]
 *
 * Each file of vectors runs in a process of its own, so that a crash costs the rest of that file only; its
 * lines are kept in a temporary file and shown when it ends. Exit code 1: something failed, or passed against
 * the list of known failures. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "options.h"
#include "plat.h"
#include "spec_run.h"

enum { FILES_MAX = 1024, JOBS_MAX = 64, NAME_BYTES = 256, KNOWN_MAX = 4096, FILE_SECONDS_MAX = 120 };

static const struct level_row {
    const char *name;
    const char *missing; /* why it is not run by default; NULL: it is */
} level_rows[] = {
    {"core-2.0", NULL},
    {"core-2.0-published", NULL},
    {"simd", "no SIMD yet"},
    {"extended-const", NULL},
    {"tail-call", "no tail calls yet"},
    {"multi-memory", "one memory a module so far"},
    {"memory64", "32-bit memories and tables so far"},
    {"function-references", "no typed references yet"},
    {"exceptions", "no exceptions yet"},
    {"gc", "no garbage-collected types yet"},
    {"relaxed-simd", "no SIMD yet"},
    {"threads", "no atomics or shared memories yet"},
    {"legacy-exceptions", "no exceptions yet"},
    {"custom-page-sizes", "a proposal"},
    {"wide-arithmetic", "a proposal"},
    {"custom-descriptors", "a proposal"},
};
enum { NLEVELS = sizeof level_rows / sizeof *level_rows };

struct file {
    char name[NAME_BYTES]; /* LEVEL/NAME.json */
    int level;             /* row above */
    struct spec_counts *counts;
    FILE *output;
    pid_t pid; /* 0: not running */
};
struct total {
    struct spec_counts counts;
    unsigned files;
};

static struct file files[FILES_MAX];
static int nfiles;
static bool wanted[NLEVELS];
static struct options engine_options;
static struct spec_config config;
static struct total totals[NLEVELS + 1]; /* the last row sums up */
static int jobs = 1;
static bool use_fork = true;
static bool validate_only;

static struct known {
    char file[NAME_BYTES];
    unsigned line;
} known_rows[KNOWN_MAX];
static int nknown;

_Noreturn static void die(const char *fmt, const char *what)
{
    fprintf(stderr, "spec: ");
    fprintf(stderr, fmt, what);
    fprintf(stderr, "\n");
    exit(1);
}

/* --- What is known to fail: "LEVEL/NAME.json:LINE" a line, # starts a comment. --- */

static bool is_known(const char *file, u32 line)
{
    for (int i = 0; i < nknown; i++)
        if (known_rows[i].line == line && strcmp(known_rows[i].file, file) == 0)
            return true;
    return false;
}

static void known_read(const char *path)
{
    char text[512];
    FILE *f = fopen(path, "r");
    if (!f)
        die("cannot read %s", path);
    while (fgets(text, sizeof text, f)) {
        struct known *k = &known_rows[nknown];
        if (text[0] == '#' || text[0] == '\n')
            continue;
        if (nknown == KNOWN_MAX || sscanf(text, "%255[^:]:%u", k->file, &k->line) != 2)
            die("bad line in the list of known failures: %s", text);
        nknown++;
    }
    fclose(f);
}

static void known_read_for_tier(void)
{
    static const char *const tiers[] = {"auto", "interp", "o0", "o1", "o2", "o3"};
    char path[NAME_BYTES];
    snprintf(path, sizeof path, "%s/known-%s.txt", SPEC_KNOWN_DIR, tiers[engine_options.tier + 1]);
    known_read(path);
}

/* --- Which files. --- */

static int level_find(const char *name, size_t len)
{
    for (int i = 0; i < NLEVELS; i++)
        if (strlen(level_rows[i].name) == len && memcmp(level_rows[i].name, name, len) == 0)
            return i;
    return -1;
}

static void file_add(const char *level, const char *name)
{
    struct file *f = &files[nfiles];
    int row = level_find(level, strlen(level));
    if (row < 0)
        die("no such level: %s", level);
    if (nfiles == FILES_MAX || snprintf(f->name, sizeof f->name, "%s/%s", level, name) >= (int)sizeof f->name)
        die("too many files, or too long a name: %s", name);
    f->level = row;
    nfiles++;
}

/* Without vectors there is nothing to test, which is no failure; a folder asked for by name must be there. */
static void check_folder(bool asked_for)
{
    if (access(config.dir, R_OK) == 0)
        return;
    if (asked_for)
        die("cannot read %s", config.dir);
    printf("no vectors: cannot read %s (set SPEC_DIR to their folder)\n0 passed, 0 failed, 1 skipped\n",
           config.dir);
    exit(0);
}

static int is_json(const struct dirent *d)
{
    size_t len = strlen(d->d_name);
    return len > 5 && strcmp(d->d_name + len - 5, ".json") == 0;
}

static void level_add(int row)
{
    char path[4096];
    struct dirent **list;
    snprintf(path, sizeof path, "%s/%s", config.dir, level_rows[row].name);
    int n = scandir(path, &list, is_json, alphasort);
    if (n < 0)
        die("cannot read %s (set SPEC_DIR to the folder of vectors)", path);
    for (int i = 0; i < n; i++) {
        file_add(level_rows[row].name, list[i]->d_name);
        free(list[i]);
    }
    free(list);
}

static void levels_choose(const char *list)
{
    memset(wanted, 0, sizeof wanted);
    while (*list) {
        size_t len = strcspn(list, ",");
        int row = level_find(list, len);
        if (row < 0)
            die("no such level: %s", list);
        wanted[row] = true;
        list += len + (list[len] == ',');
    }
}

/* DIR/LEVEL/NAME.json, so that one file can be run alone. */
static void file_choose(char *path)
{
    char *name = strrchr(path, '/'), *level;
    if (!name)
        die("%s: expected DIR/LEVEL/NAME.json", path);
    *name++ = 0;
    level = strrchr(path, '/');
    config.dir = level ? path : ".";
    if (level)
        *level++ = 0;
    file_add(level ? level : path, name);
}

/* The engine's own options; returns how many words it took. */
static int engine_option(char **argv, int n)
{
    size_t used;
    struct err e = {0};
    if (options_parse(&engine_options, (const char *const *)argv, (size_t)n, &used, &e) != ST_OK)
        die("%s", e.text);
    return (int)used;
}

static void parse_args(int argc, char **argv)
{
    const char *env = getenv("SPEC_DIR");
    bool asked_for = false; /* the folder, on the command line */
    config.dir = env ? env : "../shared/wasm-spec";
    for (int i = 0; i < NLEVELS; i++)
        wanted[i] = !level_rows[i].missing;
    for (int i = 1; i < argc; i++) {
        char *a = argv[i];
        if (strncmp(a, "--levels=", 9) == 0)
            levels_choose(a + 9);
        else if (strncmp(a, "--jobs=", 7) == 0)
            jobs = atoi(a + 7);
        else if (strcmp(a, "--no-fork") == 0)
            use_fork = false;
        else if (strcmp(a, "--validate-only") == 0)
            validate_only = true;
        else if (a[0] != '-' && strstr(a, ".json"))
            file_choose(a);
        else if (a[0] != '-')
            config.dir = a, asked_for = true;
        else
            i += engine_option(argv + i, argc - i) - 1;
    }
    if (nfiles == 0)
        check_folder(asked_for);
    if (jobs < 1 || jobs > JOBS_MAX)
        die("%s", "--jobs takes 1 to 64");
}

/* --- Running. --- */

static void engine_start(void)
{
    struct err e = {0};
    if (engine_init(&engine_options, &e) != ST_OK)
        die("the engine does not start: %s", e.text);
}

static void run_here(struct file *f)
{
    struct err e = {0};
    status (*run)(const struct spec_config *, const char *, struct spec_counts *, struct err *) =
        validate_only ? spec_validate_file : spec_run_file;
    if (run(&config, f->name, f->counts, &e) != ST_OK) {
        printf("%s: %s\n", f->name, e.text);
        fflush(stdout);
    }
}

static void launch(struct file *f)
{
    fflush(stdout);
    f->output = tmpfile();
    if (!f->output)
        die("no temporary file: %s", strerror(errno));
    f->pid = fork();
    if (f->pid < 0)
        die("cannot fork: %s", strerror(errno));
    if (f->pid > 0)
        return;
    dup2(fileno(f->output), STDOUT_FILENO);
    dup2(fileno(f->output), STDERR_FILENO);
    alarm(FILE_SECONDS_MAX); /* its default action ends a file that never would */
    engine_start();
    run_here(f);
    _exit(0);
}

static void show_output(struct file *f)
{
    char buf[4096];
    size_t n;
    rewind(f->output);
    while ((n = fread(buf, 1, sizeof buf, f->output)) > 0)
        fwrite(buf, 1, n, stdout);
    fclose(f->output);
}

/* What did not run did not pass. */
static void count_unfinished(struct file *f, const char *how, int number)
{
    struct spec_counts *c = f->counts;
    u32 done = c->passed + c->failed + c->known;
    u32 lost = c->assertions > done ? c->assertions - done : 1;
    c->failed += lost;
    printf("%s:%u: the runner ended early (%s %d): %u assertions lost\n", f->name, c->line, how, number,
           lost);
}

static void finish(struct file *f, int wait_status)
{
    f->pid = 0;
    show_output(f);
    if (WIFSIGNALED(wait_status))
        count_unfinished(f, "signal", WTERMSIG(wait_status));
    else if (WEXITSTATUS(wait_status) || !f->counts->finished)
        count_unfinished(f, "exit code", WEXITSTATUS(wait_status));
}

static void wait_for_one(void)
{
    int wait_status;
    pid_t pid = wait(&wait_status);
    for (int i = 0; i < nfiles; i++)
        if (files[i].pid == pid && pid > 0)
            finish(&files[i], wait_status);
}

static void run_forked(void)
{
    int running = 0;
    for (int i = 0; i < nfiles; i++) {
        if (running == jobs) {
            wait_for_one();
            running--;
        }
        launch(&files[i]);
        running++;
    }
    for (; running; running--)
        wait_for_one();
}

static void run_unforked(void)
{
    engine_start();
    for (int i = 0; i < nfiles; i++) {
        run_here(&files[i]);
        if (!files[i].counts->finished)
            count_unfinished(&files[i], "exit code", 1);
    }
}

static void run_all(void)
{
    struct spec_counts *shared =
        mmap(NULL, FILES_MAX * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("no memory: %s", strerror(errno));
    for (int i = 0; i < nfiles; i++)
        files[i].counts = &shared[i];
    if (use_fork)
        run_forked();
    else
        run_unforked();
}

/* --- Summing up. --- */

static void total_add(struct total *t, const struct spec_counts *c)
{
    t->files++;
    t->counts.assertions += c->assertions;
    t->counts.passed += c->passed;
    t->counts.failed += c->failed;
    t->counts.known += c->known;
    t->counts.skipped += c->skipped;
    t->counts.fixed += c->fixed;
    t->counts.compiled += c->compiled;
}

static void print_row(const char *name, const struct total *t)
{
    const struct spec_counts *c = &t->counts;
    printf("%-20s %6u %10u %8u %7u %6u %8u %9llu %12u\n", name, t->files, c->assertions, c->passed, c->failed,
           c->known, c->skipped, (unsigned long long)c->compiled, c->fixed);
}

static void print_table(void)
{
    for (int i = 0; i < nfiles; i++) {
        total_add(&totals[files[i].level], files[i].counts);
        total_add(&totals[NLEVELS], files[i].counts);
    }
    printf("\n%-20s %6s %10s %8s %7s %6s %8s %9s %12s\n", "level", "files", "assertions", "passed", "failed",
           "known", "skipped", "compiled", "fixed memory");
    for (int i = 0; i < NLEVELS; i++) {
        if (totals[i].files)
            print_row(level_rows[i].name, &totals[i]);
        else
            printf("%-20s not run: %s\n", level_rows[i].name,
                   level_rows[i].missing ? level_rows[i].missing : "not asked for");
    }
    print_row("all", &totals[NLEVELS]);
    const struct spec_counts *c = &totals[NLEVELS].counts;
    printf("\nfunctions compiled by LLVM: %llu; assertions on fixed memory: %u\n",
           (unsigned long long)c->compiled, c->fixed);
    printf("%u passed, %u failed, %u skipped\n", c->passed, c->failed, c->skipped + c->known);
}

int main(int argc, char **argv)
{
    options_init(&engine_options);
    parse_args(argc, argv);
    config.want_fixed = !engine_options.base_memory;
    config.known = is_known;
    known_read_for_tier();
    bool named = nfiles > 0; /* files named one by one replace the levels */
    for (int i = 0; i < NLEVELS; i++)
        if (wanted[i] && !named)
            level_add(i);
    run_all();
    print_table();
    return totals[NLEVELS].counts.failed ? 1 : 0;
}
