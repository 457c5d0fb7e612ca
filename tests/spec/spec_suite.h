/* spec_suite.h: which files of vectors run, what is known to fail, and the table of results: the same in the
 * command and in the image. */
#ifndef TESTS_SPEC_SPEC_SUITE_H
#define TESTS_SPEC_SPEC_SUITE_H

#include "options.h"
#include "spec_run.h"

#define SUITE_FILES_MAX 1024
#define SUITE_NAME_MAX  256

struct suite_file {
    char name[SUITE_NAME_MAX]; /* LEVEL/NAME.json */
    int level;
    struct spec_counts *counts; /* whoever runs it sets this */
};
struct suite {
    struct options options;    /* the engine's */
    struct spec_config config; /* suite_begin sets all but `dir` */
    u64 wanted;                /* levels to run, a bit each */
    struct suite_file files[SUITE_FILES_MAX];
    int nfiles;
};

/* Starts with the levels that every tier runs, without files. */
void suite_init(struct suite *s);
/* Takes `--levels=A,B`, `--objects` (compiled code goes through packed objects) or an option of the engine;
 * `*used` says how many of the `n` words. */
MUST_CHECK status suite_option(struct suite *s, const char *const *words, size_t n, size_t *used,
                               struct err *e);
/* Name of a level; NULL behind the last. */
const char *suite_level(int level);
/* Adds LEVEL/NAME.json. */
MUST_CHECK status suite_add(struct suite *s, const char *level, size_t level_len, const char *name,
                            struct err *e);
/* Reads the list of known failures of the tier in the options, `folder`/known-TIER.txt:
 * "LEVEL/NAME.json:LINE" a line, # starts a comment. */
MUST_CHECK status suite_begin(struct suite *s, const char *folder, struct err *e);
/* What of a file did not run did not pass: counts it and says so. `how` and `number`: how the run ended. */
void suite_count_unfinished(const struct suite_file *f, const char *how, int number);
/* Prints the table and the line of counts; returns the exit code: 1 when something failed. */
int suite_print(const struct suite *s);

#endif
