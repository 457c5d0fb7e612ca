/* spec_suite.c: see spec_suite.h. Nothing above the seam. */
#include "spec_suite.h"

#include <string.h>

#include "fmt.h"
#include "json.h"

enum { KNOWN_MAX = 4096 };

static const struct level_row {
    const char *name;
    const char *missing; /* why it is not run by default; NULL: it is */
} level_rows[] = {
    {"core-2.0", NULL},
    {"core-2.0-published", NULL},
    {"simd", NULL},
    {"extended-const", NULL},
    {"tail-call", NULL},
    {"multi-memory", NULL},
    {"memory64", NULL},
    {"function-references", NULL},
    {"exceptions", NULL},
    {"gc", "no garbage-collected types yet"},
    {"relaxed-simd", NULL},
    {"threads", "no atomics or shared memories yet"},
    {"legacy-exceptions", NULL},
    {"custom-page-sizes", "a proposal"},
    {"wide-arithmetic", "a proposal"},
    {"custom-descriptors", "a proposal"},
};
enum { NLEVELS = sizeof level_rows / sizeof *level_rows };
_Static_assert(NLEVELS <= 64, "struct suite has a bit for each");

struct total {
    struct spec_counts counts;
    unsigned files;
};

static struct known {
    char file[SUITE_NAME_MAX];
    u32 line;
} known_rows[KNOWN_MAX];
static int nknown;

/* --- What is known to fail. --- */

static bool is_known(const char *file, u32 line)
{
    for (int i = 0; i < nknown; i++)
        if (known_rows[i].line == line && strcmp(known_rows[i].file, file) == 0)
            return true;
    return false;
}

static bool known_add(const char *line, size_t len)
{
    struct known *k = &known_rows[nknown];
    const char *colon = memchr(line, ':', len);
    uint64_t number;
    if (nknown == KNOWN_MAX || !colon || colon - line >= SUITE_NAME_MAX ||
        !json_text_u64((struct json_text){colon + 1, (size_t)(line + len - colon - 1)}, &number))
        return false;
    memcpy(k->file, line, (size_t)(colon - line));
    k->file[colon - line] = 0;
    k->line = (u32)number;
    nknown++;
    return true;
}

static status known_read(const char *path, struct err *e)
{
    struct plat_blob b;
    status st = plat_blob_find(path, &b);
    if (st != ST_OK)
        return err_set(e, st, ERR_NO_OFFSET, "cannot read %s", path);
    nknown = 0;
    for (size_t at = 0; at < b.len && st == ST_OK;) {
        const char *line = (const char *)b.data + at, *end = memchr(line, '\n', b.len - at);
        size_t len = end ? (size_t)(end - line) : b.len - at;
        if (len && *line != '#' && !known_add(line, len))
            st =
                err_set(e, E_INVAL, at, "%s: too many known failures, or a line that is not FILE:LINE", path);
        at += len + 1;
    }
    plat_blob_release(&b);
    return st;
}

status suite_begin(struct suite *s, const char *folder, struct err *e)
{
    static const char *const tiers[] = {"baseline", "auto", "interp", "o0", "o1", "o2", "o3"};
    char path[SUITE_NAME_MAX];
    fmt_s(path, sizeof path, "%s/known-%s.txt", folder, tiers[s->options.tier - TIER_MODE_BASELINE]);
    s->config.want_fixed = !s->options.base_memory;
    s->config.known = is_known;
    return known_read(path, e);
}

/* --- Levels and files. --- */

void suite_init(struct suite *s)
{
    memset(s, 0, sizeof *s);
    options_init(&s->options);
    for (int i = 0; i < NLEVELS; i++)
        if (!level_rows[i].missing)
            s->wanted |= 1ull << i;
}

const char *suite_level(int level)
{
    return level < NLEVELS ? level_rows[level].name : NULL;
}

static int level_find(const char *name, size_t len)
{
    for (int i = 0; i < NLEVELS; i++)
        if (strlen(level_rows[i].name) == len && memcmp(level_rows[i].name, name, len) == 0)
            return i;
    return -1;
}

static status levels_choose(struct suite *s, const char *list, struct err *e)
{
    s->wanted = 0;
    while (*list) {
        size_t len = strcspn(list, ",");
        int row = level_find(list, len);
        if (row < 0)
            return err_set(e, E_INVAL, ERR_NO_OFFSET, "no such level: %s", list);
        s->wanted |= 1ull << row;
        list += len + (list[len] == ',');
    }
    return ST_OK;
}

status suite_option(struct suite *s, const char *const *words, size_t n, size_t *used, struct err *e)
{
    static const char levels[] = "--levels=";
    if (strcmp(words[0], "--objects") == 0) {
        *used = 1;
        s->options.objects = true;
        return ST_OK;
    }
    if (strncmp(words[0], levels, sizeof levels - 1) != 0)
        return options_parse(&s->options, words, n, used, e);
    *used = 1;
    return levels_choose(s, words[0] + sizeof levels - 1, e);
}

status suite_add(struct suite *s, const char *level, size_t level_len, const char *name, struct err *e)
{
    struct suite_file *f = &s->files[s->nfiles];
    int row = level_find(level, level_len);
    if (row < 0)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "no such level: %.*s", (int)level_len, level);
    if (s->nfiles == SUITE_FILES_MAX ||
        fmt_s(f->name, sizeof f->name, "%s/%s", level_rows[row].name, name) >= sizeof f->name)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "too many files, or too long a name: %s", name);
    f->level = row;
    s->nfiles++;
    return ST_OK;
}

/* --- Summing up. --- */

void suite_count_unfinished(const struct suite_file *f, const char *how, int number)
{
    struct spec_counts *c = f->counts;
    u32 done = c->passed + c->failed + c->known;
    u32 lost = c->assertions > done ? c->assertions - done : 1;
    c->failed += lost;
    fmt_out(PLAT_OUT, "%s:%u: the runner ended early (%s %d): %u assertions lost\n", f->name, c->line, how,
            number, lost);
}

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
    fmt_out(PLAT_OUT, "%-20s %6u %10u %8u %7u %6u %8u %9llu %12u\n", name, t->files, c->assertions, c->passed,
            c->failed, c->known, c->skipped, (unsigned long long)c->compiled, c->fixed);
}

int suite_print(const struct suite *s)
{
    static struct total totals[NLEVELS], all;
    for (int i = 0; i < s->nfiles; i++) {
        total_add(&totals[s->files[i].level], s->files[i].counts);
        total_add(&all, s->files[i].counts);
    }
    fmt_out(PLAT_OUT, "\n%-20s %6s %10s %8s %7s %6s %8s %9s %12s\n", "level", "files", "assertions", "passed",
            "failed", "known", "skipped", "compiled", "fixed memory");
    for (int i = 0; i < NLEVELS; i++) {
        if (totals[i].files)
            print_row(level_rows[i].name, &totals[i]);
        else
            fmt_out(PLAT_OUT, "%-20s not run: %s\n", level_rows[i].name,
                    level_rows[i].missing ? level_rows[i].missing : "not asked for");
    }
    print_row("all", &all);
    const struct spec_counts *c = &all.counts;
    fmt_out(PLAT_OUT, "\nfunctions compiled by LLVM: %llu; assertions on fixed memory: %u\n",
            (unsigned long long)c->compiled, c->fixed);
    fmt_out(PLAT_OUT, "%u passed, %u failed, %u skipped\n", c->passed, c->failed, c->skipped + c->known);
    return c->failed ? 1 : 0;
}
