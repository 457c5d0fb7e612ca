/* spec.c: the runner of the specification's vectors as a Linux command.
 *
 *     spec [--tier=T] [--memory=fixed|base] [--threshold=N] [--levels=A,B] [--objects] [--jobs=N] [--no-fork]
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
#include "plat.h"
#include "spec_suite.h"

enum { JOBS_MAX = 64, FILE_SECONDS_MAX = 120 };

struct job { /* a file's process */
    FILE *output;
    pid_t pid; /* 0: not running */
};

static struct suite suite;
static struct job job_rows[SUITE_FILES_MAX]; /* as suite.files */
static int jobs = 1;
static bool use_fork = true;
static bool validate_only;

_Noreturn static void die(const char *fmt, const char *what)
{
    fprintf(stderr, "spec: ");
    fprintf(stderr, fmt, what);
    fprintf(stderr, "\n");
    exit(1);
}

static void check(status st, const struct err *e)
{
    if (st != ST_OK)
        die("%s", e->text);
}

/* --- Which files. --- */

static void file_add(const char *level, const char *name)
{
    struct err e = {0};
    check(suite_add(&suite, level, strlen(level), name, &e), &e);
}

/* Without vectors there is nothing to test, which is no failure; a folder asked for by name must be there. */
static void check_folder(bool asked_for)
{
    if (access(suite.config.dir, R_OK) == 0)
        return;
    if (asked_for)
        die("cannot read %s", suite.config.dir);
    printf("no vectors: cannot read %s (set SPEC_DIR to their folder)\n0 passed, 0 failed, 1 skipped\n",
           suite.config.dir);
    exit(0);
}

static int is_json(const struct dirent *d)
{
    size_t len = strlen(d->d_name);
    return len > 5 && strcmp(d->d_name + len - 5, ".json") == 0;
}

static void level_add(const char *level)
{
    char path[4096];
    struct dirent **list;
    snprintf(path, sizeof path, "%s/%s", suite.config.dir, level);
    int n = scandir(path, &list, is_json, alphasort);
    if (n < 0)
        die("cannot read %s (set SPEC_DIR to the folder of vectors)", path);
    for (int i = 0; i < n; i++) {
        file_add(level, list[i]->d_name);
        free(list[i]);
    }
    free(list);
}

/* DIR/LEVEL/NAME.json, so that one file can be run alone. */
static void file_choose(char *path)
{
    char *name = strrchr(path, '/'), *level;
    if (!name)
        die("%s: expected DIR/LEVEL/NAME.json", path);
    *name++ = 0;
    level = strrchr(path, '/');
    suite.config.dir = level ? path : ".";
    if (level)
        *level++ = 0;
    file_add(level ? level : path, name);
}

/* Returns how many words it took. */
static int option(char **argv, int n)
{
    size_t used;
    struct err e = {0};
    check(suite_option(&suite, (const char *const *)argv, (size_t)n, &used, &e), &e);
    return (int)used;
}

static void parse_args(int argc, char **argv)
{
    const char *env = getenv("SPEC_DIR");
    bool asked_for = false; /* the folder, on the command line */
    suite.config.dir = env ? env : "../shared/wasm-spec";
    for (int i = 1; i < argc; i++) {
        char *a = argv[i];
        if (strncmp(a, "--jobs=", 7) == 0)
            jobs = atoi(a + 7);
        else if (strcmp(a, "--no-fork") == 0)
            use_fork = false;
        else if (strcmp(a, "--validate-only") == 0)
            validate_only = true;
        else if (a[0] != '-' && strstr(a, ".json"))
            file_choose(a);
        else if (a[0] != '-')
            suite.config.dir = a, asked_for = true;
        else
            i += option(argv + i, argc - i) - 1;
    }
    if (suite.nfiles == 0)
        check_folder(asked_for);
    if (jobs < 1 || jobs > JOBS_MAX)
        die("%s", "--jobs takes 1 to 64");
}

/* --- Running. --- */

static void engine_start(void)
{
    struct err e = {0};
    if (engine_init(&suite.options, &e) != ST_OK)
        die("the engine does not start: %s", e.text);
}

static void run_here(const struct suite_file *f)
{
    struct err e = {0};
    status (*run)(const struct spec_config *, const char *, struct spec_counts *, struct err *) =
        validate_only ? spec_validate_file : spec_run_file;
    if (run(&suite.config, f->name, f->counts, &e) != ST_OK) {
        printf("%s: %s\n", f->name, e.text);
        fflush(stdout);
    }
}

static void launch(const struct suite_file *f, struct job *j)
{
    fflush(stdout);
    j->output = tmpfile();
    if (!j->output)
        die("no temporary file: %s", strerror(errno));
    j->pid = fork();
    if (j->pid < 0)
        die("cannot fork: %s", strerror(errno));
    if (j->pid > 0)
        return;
    dup2(fileno(j->output), STDOUT_FILENO);
    dup2(fileno(j->output), STDERR_FILENO);
    alarm(FILE_SECONDS_MAX); /* its default action ends a file that never would */
    engine_start();
    run_here(f);
    _exit(0);
}

static void show_output(FILE *output)
{
    char buf[4096];
    size_t n;
    rewind(output);
    while ((n = fread(buf, 1, sizeof buf, output)) > 0)
        fwrite(buf, 1, n, stdout);
    fclose(output);
    fflush(stdout); /* what counts the results writes below it */
}

static void finish(const struct suite_file *f, struct job *j, int wait_status)
{
    j->pid = 0;
    show_output(j->output);
    if (WIFSIGNALED(wait_status))
        suite_count_unfinished(f, "signal", WTERMSIG(wait_status));
    else if (WEXITSTATUS(wait_status) || !f->counts->finished)
        suite_count_unfinished(f, "exit code", WEXITSTATUS(wait_status));
}

static void wait_for_one(void)
{
    int wait_status;
    pid_t pid = wait(&wait_status);
    for (int i = 0; i < suite.nfiles; i++)
        if (job_rows[i].pid == pid && pid > 0)
            finish(&suite.files[i], &job_rows[i], wait_status);
}

static void run_forked(void)
{
    int running = 0;
    for (int i = 0; i < suite.nfiles; i++) {
        if (running == jobs) {
            wait_for_one();
            running--;
        }
        launch(&suite.files[i], &job_rows[i]);
        running++;
    }
    for (; running; running--)
        wait_for_one();
}

static void run_unforked(void)
{
    engine_start();
    for (int i = 0; i < suite.nfiles; i++) {
        run_here(&suite.files[i]);
        if (!suite.files[i].counts->finished)
            suite_count_unfinished(&suite.files[i], "exit code", 1);
    }
}

static void run_all(void)
{
    struct spec_counts *shared = mmap(NULL, SUITE_FILES_MAX * sizeof *shared, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        die("no memory: %s", strerror(errno));
    for (int i = 0; i < suite.nfiles; i++)
        suite.files[i].counts = &shared[i];
    if (use_fork)
        run_forked();
    else
        run_unforked();
}

int main(int argc, char **argv)
{
    struct err e = {0};
    suite_init(&suite);
    parse_args(argc, argv);
    check(suite_begin(&suite, SPEC_KNOWN_DIR, &e), &e);
    bool named = suite.nfiles > 0; /* files named one by one replace the levels */
    for (int i = 0; suite_level(i); i++)
        if (!named && suite.wanted >> i & 1)
            level_add(suite_level(i));
    run_all();
    return suite_print(&suite);
}
