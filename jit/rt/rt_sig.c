/* rt_sig.c: interned signatures, in a hash table that only grows. */
#include "rt.h"

#include <string.h>

#include "heap.h"
#include "plat.h"

enum { BUCKETS_MIN = 1024 }; /* large modules have some hundred types; hostile ones a million */

struct node {
    struct node *next;
    u32 hash;
    struct rt_sig sig;
    rt_type types[];
};
static struct node **buckets;
static u32 nbuckets, last_id;

/* Keeps chains short. Without memory for more buckets the old ones stay in use; false only if there are none.
 */
static bool buckets_grow(void)
{
    u32 count = nbuckets ? nbuckets * 2 : BUCKETS_MIN;
    struct node **bigger = heap_calloc(count, sizeof *bigger);
    if (!bigger)
        return nbuckets > 0;
    for (u32 k = 0; k < nbuckets; k++)
        for (struct node *n = buckets[k], *next; n; n = next) {
            next = n->next;
            n->next = bigger[n->hash % count];
            bigger[n->hash % count] = n;
        }
    heap_free(buckets);
    buckets = bigger;
    nbuckets = count;
    return true;
}

static u32 hash_of(const rt_type *types, u32 n, u32 nparams)
{
    u32 h = 2166136261u ^ nparams;
    for (u32 k = 0; k < n; k++)
        h = (h ^ types[k]) * 16777619u;
    return h;
}

static u16 cells_of(const rt_type *types, u32 n)
{
    u32 cells = 0;
    for (u32 k = 0; k < n; k++)
        cells += rt_type_cells(types[k]);
    return (u16)cells;
}

static struct node *node_create(const rt_type *types, u32 nparams, u32 nresults, u32 hash)
{
    size_t bytes = (nparams + nresults) * sizeof *types;
    struct node *n = heap_alloc(sizeof *n + bytes);
    if (!n)
        return NULL;
    *n = (struct node){.hash = hash,
                       .sig = {.id = ++last_id,
                               .nparams = (u16)nparams,
                               .nresults = (u16)nresults,
                               .types = n->types,
                               .param_cells = cells_of(types, nparams),
                               .result_cells = cells_of(types + nparams, nresults)}};
    if (bytes)
        memcpy(n->types, types, bytes);
    return n;
}

const struct rt_sig *rt_sig_get(const rt_type *types, u32 nparams, u32 nresults)
{
    ASSERT(nparams <= RT_PARAMS_MAX && nresults <= RT_RESULTS_MAX);
    u32 count = nparams + nresults;
    u32 hash = hash_of(types, count, nparams);
    if (last_id >= nbuckets && !buckets_grow())
        return NULL;
    struct node **bucket = &buckets[hash % nbuckets];
    for (struct node *n = *bucket; n; n = n->next)
        if (n->hash == hash && n->sig.nparams == nparams && n->sig.nresults == nresults &&
            (count == 0 || memcmp(n->types, types, count * sizeof *types) == 0))
            return &n->sig;
    struct node *n = node_create(types, nparams, nresults, hash);
    if (!n)
        return NULL;
    n->next = *bucket;
    *bucket = n;
    return &n->sig;
}
