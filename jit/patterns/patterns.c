/* patterns.c: the list of places. */
#include "patterns.h"

static struct pattern_site sites[PATTERN_SITES_MAX];
static u32 nsites;

const char *pattern_name(enum pattern p)
{
    static const char *const names[] = {
#define PATTERN(id, name, what, strict, relaxed) name,
#include "patterns.def"
#undef PATTERN
    };
    return names[p];
}

void patterns_note(const struct pattern_site *s)
{
    u32 k = 0;
    while (k < nsites && (sites[k].func != s->func || sites[k].loop != s->loop))
        k++;
    if (k == PATTERN_SITES_MAX)
        return;
    sites[k] = *s;
    if (k == nsites)
        nsites++;
}

void patterns_drop_from(u32 n)
{
    if (n < nsites)
        nsites = n;
}

const struct pattern_site *patterns_sites(u32 *n)
{
    *n = nsites;
    return sites;
}
