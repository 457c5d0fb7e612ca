/* options.c: options.def gives the list; here is one small parser for each kind of value. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "fmt.h"
#include "plat.h"

enum { STATE_PERIOD_S = 30, CONVERGE_BOOTS = 3, SAMPLE_HZ = 1000, SAMPLE_HZ_MAX = 20000 };

void options_init(struct options *o)
{
    *o = (struct options){.tier = TIER_MODE_AUTO,
                          .patterns = -1,
                          .profile = -1,
                          .osr = -1,
                          .baseline = -1,
                          .state_period = STATE_PERIOD_S,
                          .converge_boots = CONVERGE_BOOTS,
                          .cpu = "native",
                          .max_memory = UINT64_MAX,
                          .fuel = UINT64_MAX};
}

static status bad_value(struct err *e, const char *name, const char *value, const char *want)
{
    return err_set(e, E_INVAL, ERR_NO_OFFSET, "--%s=%s: expected %s", name, value, want);
}

/* Which of `n` words `v` is; `n`: none. */
static int word_of(const char *v, const char *const *words, int n)
{
    int k = 0;
    while (k < n && strcmp(v, words[k]) != 0)
        k++;
    return k;
}

static status parse_tier(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    static const char *const names[] = {"baseline", "auto", "interp", "o0", "o1", "o2", "o3"};
    int k = word_of(v, names, 7);
    *(int *)field = TIER_MODE_BASELINE + k;
    return k < 7 ? ST_OK : bad_value(e, name, v, want);
}

static status parse_compile(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    static const char *const names[] = {"auto", "sync", "background"};
    int k = word_of(v, names, 3);
    *(int *)field = k;
    return k < 3 ? ST_OK : bad_value(e, name, v, want);
}

static status parse_level(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    if (v[0] < '0' || v[0] > '3' || v[1])
        return bad_value(e, name, v, want);
    *(int *)field = TIER_MODE_O0 + (v[0] - '0');
    return ST_OK;
}

static status parse_memory(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    bool base = strcmp(v, "base") == 0;
    if (!base && strcmp(v, "fixed") != 0)
        return bad_value(e, name, v, want);
    *(bool *)field = base;
    return ST_OK;
}

static status parse_on_off(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    bool on = strcmp(v, "on") == 0;
    if (!on && strcmp(v, "off") != 0)
        return bad_value(e, name, v, want);
    *(int *)field = on;
    return ST_OK;
}

static status parse_fp(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    *(bool *)field = v[0] == 'r';
    return strcmp(v, "strict") == 0 || strcmp(v, "relaxed") == 0 ? ST_OK : bad_value(e, name, v, want);
}

static status parse_kernels(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    static const char *const words[] = {"tried", "trusted", "wrong"};
    for (int k = 0; k < 3; k++) {
        if (strcmp(v, words[k]) == 0) {
            *(enum options_kernels *)field = (enum options_kernels)k;
            return ST_OK;
        }
    }
    return bad_value(e, name, v, want);
}

static status parse_flag(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    (void)want;
    if (*v)
        return bad_value(e, name, v, "no value");
    *(bool *)field = true;
    return ST_OK;
}

static status parse_string(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    if (!*v)
        return bad_value(e, name, v, want);
    *(const char **)field = v;
    return ST_OK;
}

static status parse_list(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    struct options_list *l = field;
    if (!*v)
        return bad_value(e, name, v, want);
    if (l->n == OPTIONS_LIST_MAX)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "--%s: at most %d times", name, OPTIONS_LIST_MAX);
    l->item[l->n++] = v;
    return ST_OK;
}

/* The whole of `v` as a decimal number of at most `max`. */
static bool whole_number(const char *v, u64 max, u64 *out)
{
    char *end;
    *out = strtoull(v, &end, 10);
    return *v >= '0' && *v <= '9' && !*end && *out <= max;
}

static status parse_number(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    u64 n;
    if (!whole_number(v, INT32_MAX, &n))
        return bad_value(e, name, v, want);
    *(u64 *)field = n;
    return ST_OK;
}

/* 1 does not differ from 0, which says that nothing was given. */
static status parse_cold(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    bool all = strcmp(v, "all") == 0;
    u64 n = all ? TIER_COLD_ALL : TIER_COLD_OFF;
    if (!all && strcmp(v, "off") != 0 && !whole_number(v, INT32_MAX, &n))
        return bad_value(e, name, v, want);
    *(u32 *)field = n ? (u32)n : 1;
    return ST_OK;
}

static status parse_rate(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    u64 n = SAMPLE_HZ;
    if (*v && (!whole_number(v, SAMPLE_HZ_MAX, &n) || n == 0))
        return bad_value(e, name, v, want);
    *(u64 *)field = n;
    return ST_OK;
}

static status parse_fuel(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    u64 n;
    if (!whole_number(v, INT64_MAX, &n))
        return bad_value(e, name, v, want);
    *(u64 *)field = n;
    return ST_OK;
}

/* Milliseconds to ns. */
static status parse_ms(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    enum { DAYS_MAX = 10000 };
    u64 n;
    if (!whole_number(v, DAYS_MAX * 86400000ull, &n) || n == 0)
        return bad_value(e, name, v, want);
    *(u64 *)field = n * 1000000;
    return ST_OK;
}

static status parse_size(void *field, const char *v, const char *name, const char *want, struct err *e)
{
    char *end;
    unsigned long long n = strtoull(v, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (*v < '0' || *v > '9' || end[shift != 0] || n >= (UINT64_MAX >> shift))
        return bad_value(e, name, v, want);
    *(u64 *)field = (u64)n << shift;
    return ST_OK;
}

#ifdef ANNEAL_APPLIANCE /* nobody asks it */
#define HELP(text) ""
#else
#define HELP(text) text
#endif
static const struct option {
    const char *name;
    status (*parse)(void *field, const char *value, const char *name, const char *want, struct err *e);
    size_t offset;
    const char *arg, *help;
} table[] = {
#define OPTION(name, parser, field, arg, help)                                                               \
    {name, parse_##parser, offsetof(struct options, field), arg, HELP(help)},
#include "options.def"
#undef OPTION
};
#define NOPTIONS (sizeof table / sizeof table[0])

static const struct option *find(const char *arg)
{
    if (arg[0] != '-' || arg[1] != '-')
        return NULL;
    size_t len = strcspn(arg + 2, "=");
    for (size_t k = 0; k < NOPTIONS; k++) {
        if (strlen(table[k].name) == len && memcmp(arg + 2, table[k].name, len) == 0)
            return &table[k];
    }
    return NULL;
}

bool options_knows(const char *arg)
{
    return find(arg) != NULL;
}

/* Options that an appliance of the app has by default as well. */
static void keep(struct options *o, const struct option *opt, const char *const *words, size_t n)
{
    static const char *const kept[] = {"env", "fuel", "invoke", "max-memory", "memory"};
    bool found = false;
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        found |= strcmp(opt->name, kept[k]) == 0;
    for (size_t k = 0; found && k < n && o->kept.n < OPTIONS_LIST_MAX; k++)
        o->kept.item[o->kept.n++] = words[k];
}

status options_parse(struct options *o, const char *const *args, size_t n, size_t *used, struct err *e)
{
    const struct option *opt = find(args[0]);
    *used = 1;
    if (!opt)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "unknown option '%s'", args[0]);
    const char *value = strchr(args[0], '=');
    if (value) {
        value++;
    } else if (*opt->arg && *opt->arg != '[' && n > 1) { /* "[...]": may be missing */
        value = args[1];
        *used = 2;
    }
    keep(o, opt, args, *used);
    return opt->parse((char *)o + opt->offset, value ? value : "", opt->name, opt->arg, e);
}

void options_help(enum plat_stream s)
{
    for (size_t k = 0; k < NOPTIONS; k++) {
        char left[64];
        fmt_s(left, sizeof left, "--%s%s%s", table[k].name, *table[k].arg ? "=" : "", table[k].arg);
        fmt_out(s, "  %-36s %s\n", left, table[k].help);
    }
}
