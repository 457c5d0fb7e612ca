/* spec_run.h: runs one file of vectors in this process.
 *
 * Every command that does not end as it should gives one line on PLAT_OUT: "LEVEL/FILE.json:LINE: TYPE:
 * expected X, got Y". Nothing above the seam, so that the image can run vectors too. */
#ifndef TESTS_SPEC_SPEC_RUN_H
#define TESTS_SPEC_SPEC_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "rt.h"
#include "status.h"

struct spec_counts {
    u32 line;       /* of the command that is running; 0: none yet */
    u32 assertions; /* in the file, those that need a text parser not counted */
    u32 passed;     /* assertions */
    u32 failed;     /* assertions and other commands */
    u32 known;      /* failed as the list says */
    u32 skipped;    /* assertions that need a text parser */
    u32 fixed;      /* assertions that called into an instance whose memory 0 is at the fixed address */
    u64 compiled;   /* functions that LLVM compiled */
    bool finished;
};
struct spec_config {
    bool want_fixed; /* --memory=fixed */
    const char *dir; /* the vectors */
    /* Whether the list of known failures has this command. */
    bool (*known)(const char *file, u32 line);
};

/* Runs `file` ("LEVEL/NAME.json", below the directory). Fails only if the file cannot be read; `c` then says
 * nothing. */
MUST_CHECK status spec_run_file(const struct spec_config *config, const char *file, struct spec_counts *c,
                                struct err *e);

/* Only decodes and validates the modules of `file`, with every proposal that the decoder knows. */
MUST_CHECK status spec_validate_file(const struct spec_config *config, const char *file,
                                     struct spec_counts *c, struct err *e);

#endif
