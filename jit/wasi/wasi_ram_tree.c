/* wasi_ram_tree.c: nodes and directories of the file system in memory.
 *
 * A directory lists its entries in the order they came; a table over all directories finds one by its name.
 */
#include "wasi_ram_priv.h"

#include <string.h>

#include "heap.h"

enum { BUCKETS_FIRST = 64, SLOTS_FIRST = 8 };

bool ram_at_start;

void ram_touch(struct ram_node *n, bool contents)
{
    n->ctim_ns = ram_at_start ? RAM_TIME_START : plat_clock_ns(PLAT_CLOCK_REAL);
    if (contents)
        n->mtim_ns = n->ctim_ns;
}

enum wasi_errno ram_node_create(struct wasi_ram *r, enum wasi_filetype type, struct ram_node **out)
{
    struct ram_node *n = ram_alloc(&r->budget, sizeof *n);
    if (!n)
        return WASI_NOSPC;
    *n = (struct ram_node){.type = type, .ino = r->next_ino++};
    ram_touch(n, true);
    n->atim_ns = n->mtim_ns;
    *out = n;
    return WASI_SUCCESS;
}

static void node_destroy(struct wasi_ram *r, struct ram_node *n)
{
    if (n->type == WASI_FILETYPE_REGULAR_FILE)
        ram_data_fini(&n->data, &r->budget);
    else if (n->type == WASI_FILETYPE_DIRECTORY)
        ram_free(&r->budget, n->dir.slots, n->dir.capacity * sizeof *n->dir.slots);
    else if (n->target)
        ram_free(&r->budget, n->target, strlen(n->target) + 1);
    ram_free(&r->budget, n, sizeof *n);
}

void ram_node_drop(struct wasi_ram *r, struct ram_node *n)
{
    if (n->links == 0 && n->opens == 0)
        node_destroy(r, n);
}

/* --- The table of names. --- */

static u32 hash_of(const struct ram_node *dir, const char *name)
{
    u32 h = 2166136261u ^ (u32)dir->ino * 2654435761u; /* FNV-1a */
    for (; *name; name++)
        h = (h ^ (u8)*name) * 16777619u;
    return h ^ h >> 15;
}

static struct ram_entry **bucket_of(const struct wasi_ram *r, u32 hash)
{
    return &r->buckets[hash & (r->nbuckets - 1)];
}

/* A table that cannot grow gets slower, not wrong; only the first has to be there. */
static bool buckets_reserve(struct wasi_ram *r)
{
    if (r->nentries < r->nbuckets)
        return true;
    size_t old = r->nbuckets, n = old ? old * 2 : BUCKETS_FIRST;
    struct ram_entry **to = ram_alloc(&r->budget, n * sizeof *to), **from = r->buckets;
    if (!to)
        return old != 0;
    memset(to, 0, n * sizeof *to);
    r->buckets = to;
    r->nbuckets = n;
    for (size_t k = 0; k < old; k++)
        for (struct ram_entry *e = from[k], *next; e; e = next) {
            next = e->hash_next;
            e->hash_next = *bucket_of(r, e->hash);
            *bucket_of(r, e->hash) = e;
        }
    ram_free(&r->budget, from, old * sizeof *from);
    return true;
}

struct ram_entry *ram_entry_find(const struct wasi_ram *r, const struct ram_node *dir, const char *name)
{
    if (!r->nbuckets)
        return NULL;
    u32 hash = hash_of(dir, name);
    struct ram_entry *e = *bucket_of(r, hash);
    while (e && !(e->hash == hash && e->dir == dir && strcmp(e->name, name) == 0))
        e = e->hash_next;
    return e;
}

/* --- A directory's list. --- */

/* Position of the first slot at `seq` or behind. */
static size_t slot_at(const struct ram_dir *d, u64 seq)
{
    size_t low = 0, high = d->nslots;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->slots[mid].seq < seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct ram_entry *ram_entry_at(const struct ram_node *dir, u64 seq)
{
    const struct ram_dir *d = &dir->dir;
    size_t k = slot_at(d, seq);
    while (k < d->nslots && !d->slots[k].entry)
        k++;
    return k < d->nslots ? d->slots[k].entry : NULL;
}

static void slots_compact(struct ram_dir *d)
{
    size_t kept = 0;
    for (size_t k = 0; k < d->nslots; k++)
        if (d->slots[k].entry)
            d->slots[kept++] = d->slots[k];
    d->nslots = kept;
}

static enum wasi_errno slots_reserve(struct ram_dir *d, struct ram_budget *b)
{
    if (d->nslots < d->capacity)
        return WASI_SUCCESS;
    if (d->live < d->nslots / 2) {
        slots_compact(d);
        return WASI_SUCCESS;
    }
    size_t n = d->capacity ? d->capacity * 2 : SLOTS_FIRST;
    struct ram_slot *slots = ram_alloc(b, n * sizeof *slots);
    if (!slots)
        return WASI_NOSPC;
    if (d->nslots)
        memcpy(slots, d->slots, d->nslots * sizeof *slots);
    ram_free(b, d->slots, d->capacity * sizeof *slots);
    d->slots = slots;
    d->capacity = n;
    return WASI_SUCCESS;
}

/* --- Entries. --- */

static void hold(struct ram_entry *e, struct ram_node *n)
{
    e->node = n;
    n->links++;
    if (n->type == WASI_FILETYPE_DIRECTORY) {
        n->dir.parent = e->dir;
        e->dir->dir.subdirs++;
    }
    ram_touch(n, false);
    ram_touch(e->dir, true);
}

static void let_go(struct wasi_ram *r, struct ram_entry *e)
{
    struct ram_node *n = e->node;
    n->links--;
    if (n->type == WASI_FILETYPE_DIRECTORY) {
        e->dir->dir.subdirs--;
        if (n->links == 0)
            n->dir.parent = n; /* it may outlive the one above */
    }
    ram_touch(n, false);
    ram_node_drop(r, n);
}

enum wasi_errno ram_entry_add(struct wasi_ram *r, struct ram_node *dir, const char *name, struct ram_node *n)
{
    if (dir->links == 0)
        return WASI_NOENT; /* removed, yet open */
    enum wasi_errno e = slots_reserve(&dir->dir, &r->budget);
    if (e != WASI_SUCCESS)
        return e;
    size_t len = strlen(name) + 1;
    struct ram_entry *new = buckets_reserve(r) ? ram_alloc(&r->budget, sizeof *new + len) : NULL;
    if (!new)
        return WASI_NOSPC;
    *new = (struct ram_entry){.dir = dir, .seq = dir->dir.next_seq++, .hash = hash_of(dir, name)};
    memcpy(new->name, name, len);
    new->hash_next = *bucket_of(r, new->hash);
    *bucket_of(r, new->hash) = new;
    r->nentries++;
    dir->dir.slots[dir->dir.nslots++] = (struct ram_slot){new->seq, new};
    dir->dir.live++;
    hold(new, n);
    return WASI_SUCCESS;
}

void ram_entry_remove(struct wasi_ram *r, struct ram_entry *e)
{
    struct ram_entry **at = bucket_of(r, e->hash);
    while (*at != e)
        at = &(*at)->hash_next;
    *at = e->hash_next;
    r->nentries--;
    struct ram_dir *d = &e->dir->dir;
    d->slots[slot_at(d, e->seq)].entry = NULL;
    d->live--;
    ram_touch(e->dir, true);
    let_go(r, e);
    ram_free(&r->budget, e, sizeof *e + strlen(e->name) + 1);
}

void ram_entry_replace(struct wasi_ram *r, struct ram_entry *e, struct ram_node *n)
{
    let_go(r, e);
    hold(e, n);
}

void ram_tree_fini(struct wasi_ram *r)
{
    for (size_t k = 0; k < r->nbuckets; k++)
        for (struct ram_entry *e = r->buckets[k], *next; e; e = next) {
            next = e->hash_next;
            if (--e->node->links == 0)
                node_destroy(r, e->node);
            ram_free(&r->budget, e, sizeof *e + strlen(e->name) + 1);
        }
    ram_free(&r->budget, r->buckets, r->nbuckets * sizeof *r->buckets);
    node_destroy(r, r->root);
}
