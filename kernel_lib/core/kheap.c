/* kheap.c: a size-class allocator over runs of pages.
 *
 * One contiguous reservation; `runs` has a descriptor for each of its pages, of which the first page of a
 * run describes the run and an inner page of a run of small blocks knows its first page. A run holds
 *   - small blocks of one class (up to SMALL_MAX bytes): free blocks form a list, never-used ones are taken
 *     from a rising offset, so that no page is touched before it is needed;
 *   - one large block;
 *   - nothing: free with memory (FREE) or free without (RELEASED). Free neighbours of a kind are merged; the
 *     last page of a free run also knows its first page. Free runs stand in bins by length.
 * A free small block carries a canary in its second word. It is checked when the block is handed out (a
 * write after free shows) and looked for when a block is freed (a double free shows). */
#include "kheap.h"

#include <stdbool.h>
#include <string.h>

#include "cpu/lock_priv.h"
#include "heap.h"
#include "plat.h"

enum {
    SMALL_STEP_MAX = 256, /* classes are 16 bytes apart up to here, then four to a doubling */
    SMALL_MAX = 16384,
    CLASSES = 16 + 4 * 6,
    GROW_PAGES = 64, /* taken from the machine at once */
    BINS_EXACT = 64, /* free runs of 1..63 pages; longer ones in bins of a doubling each */
    BINS = BINS_EXACT + 26,
    SLACK_PAGES = 1024,     /* free pages kept for reuse, beside a quarter of those in use */
    RELEASE_PAGES_MIN = 16, /* shorter free runs are not worth a change of page tables */
    DEADLINE_EVERY = 512,   /* allocations between two looks at the clock */
    ALIGN_MAX = 1 << 20,
};

enum run_state { INNER, FREE, RELEASED, SMALL, LARGE };

struct block {
    struct block *next;
    uintptr_t canary;
};

struct run {
    uint8_t state; /* enum run_state */
    uint8_t class;
    bool listed;    /* SMALL with room: in its class's list. FREE, RELEASED: in a bin */
    uint32_t first; /* INNER of a small run, last page of a free one: index of the first page */
    uint32_t pages;
    uint32_t used;       /* SMALL: blocks handed out */
    uint32_t bump;       /* SMALL: offset of the first block that was never used */
    uint32_t limit;      /* SMALL: end of the last whole block */
    uint32_t bytes;      /* SMALL: of a block */
    uint32_t reciprocal; /* SMALL: 2^32 / bytes, rounded up: to divide an offset in the run */
    struct block *free;
    struct run *prev, *next;
};

static struct {
    uint8_t *base;
    struct run *runs;
    size_t top, max;            /* pages: beginning of what was never used; end of the reservation */
    size_t runs_committed;      /* bytes */
    struct run *rooms[CLASSES]; /* small runs with a free block */
    struct run *bins[2][BINS];  /* [0] FREE, [1] RELEASED */
    uintptr_t secret;
    size_t pages_used, pages_free, pages_peak;
    struct {
        size_t pages_base, pages_max;
        uint64_t deadline;
        void (*on_exceeded)(void);
        unsigned cpu;       /* whose budget it is */
        uint32_t countdown; /* counts down only while a budget is open */
    } budget;
} h;
/* Taken by the interface at the end of this file, nowhere else. */
static struct cpu_lock lock;

static const uint8_t run_pages_of_class[CLASSES] = {
    4,  4,  4,  4,  4,  4,  4,  4,  4, 4, 4, 4, 4, 4, 4, 4, /* 16..256 */
    5,  6,  7,  8,  5,  6,  7,  8,                          /* 320..1024 */
    10, 12, 14, 16, 10, 12, 14, 16,                         /* 1280..4096 */
    20, 24, 28, 32, 20, 24, 28, 32,                         /* 5120..16384 */
};

static size_t class_of(size_t bytes)
{
    if (bytes <= SMALL_STEP_MAX)
        return bytes ? (bytes - 1) / 16 : 0;
    unsigned top = 63 - (unsigned)__builtin_clzll(bytes - 1);
    return 16 + (top - 8) * 4 + ((bytes - 1) >> (top - 2)) - 4;
}

static uint32_t class_bytes(size_t class)
{
    if (class < 16)
        return (uint32_t)(class + 1) * 16;
    uint32_t step = (uint32_t)(class - 16) % 4 + 5;
    return step << (6 + (class - 16) / 4);
}

static size_t page_of(const struct run *r)
{
    return (size_t)(r - h.runs);
}

static uint8_t *address_of(const struct run *r)
{
    return h.base + page_of(r) * PLAT_PAGE;
}

static size_t pages_for(size_t bytes)
{
    return (bytes + PLAT_PAGE - 1) / PLAT_PAGE;
}

static uintptr_t canary_of(const struct block *b)
{
    return (uintptr_t)b ^ h.secret;
}

/* --- Lists. --- */
static void list_push(struct run **head, struct run *r)
{
    r->prev = NULL;
    r->next = *head;
    if (*head)
        (*head)->prev = r;
    *head = r;
    r->listed = true;
}

static void list_remove(struct run **head, struct run *r)
{
    if (r->prev)
        r->prev->next = r->next;
    else
        *head = r->next;
    if (r->next)
        r->next->prev = r->prev;
    r->listed = false;
}

/* --- Runs of pages. --- */
static size_t bin_of(size_t pages)
{
    if (pages < BINS_EXACT)
        return pages;
    return BINS_EXACT + (63 - (size_t)__builtin_clzll(pages)) - 6;
}

static struct run **bin_head(const struct run *r)
{
    return &h.bins[r->state == RELEASED][bin_of(r->pages)];
}

static void free_remove(struct run *r)
{
    list_remove(bin_head(r), r);
    if (r->state == FREE)
        h.pages_free -= r->pages;
}

/* Makes [page, page + pages) one free run of `state`, merged with free neighbours of the same kind. */
static struct run *free_add(size_t page, size_t pages, enum run_state state)
{
    struct run *r = &h.runs[page];
    if (page > 0) {
        struct run *before = &h.runs[page - 1];
        if (before->state == INNER)
            before = &h.runs[before->first];
        if (before->state == state && before->listed && page_of(before) + before->pages == page) {
            free_remove(before);
            r->state = INNER;
            pages += before->pages;
            r = before;
        }
    }
    struct run *after = r + pages;
    if (page_of(after) < h.top && after->state == state && after->listed) {
        free_remove(after);
        after->state = INNER;
        pages += after->pages;
    }
    r->state = (uint8_t)state;
    r->pages = (uint32_t)pages;
    r->first = (uint32_t)page_of(r);
    r[pages - 1].first = r->first;
    list_push(bin_head(r), r);
    if (state == FREE)
        h.pages_free += pages;
    return r;
}

static struct run *bin_find(size_t set, size_t pages)
{
    for (size_t b = bin_of(pages); b < BINS; b++)
        for (struct run *r = h.bins[set][b]; r; r = r->next)
            if (r->pages >= pages)
                return r;
    return NULL;
}

/* The first `pages` of a free run that was taken out of its bin; the rest becomes free again. */
static struct run *run_split(struct run *r, size_t pages)
{
    size_t rest = r->pages - pages;
    if (rest)
        free_add(page_of(r) + pages, rest, r->state);
    r->pages = (uint32_t)pages;
    return r;
}

static bool runs_cover(size_t pages)
{
    size_t need = pages_for(pages * sizeof(struct run)) * PLAT_PAGE;
    if (need <= h.runs_committed)
        return true;
    if (plat_commit((uint8_t *)h.runs + h.runs_committed, need - h.runs_committed, PLAT_RW) != ST_OK)
        return false;
    h.runs_committed = need;
    return true;
}

static bool heap_open(void)
{
    size_t pages = (plat_memory_total() + PLAT_PAGE - 1) / PLAT_PAGE * 2;
    h.base = plat_reserve(NULL, pages * PLAT_PAGE);
    h.runs = plat_reserve(NULL, pages_for(pages * sizeof(struct run)) * PLAT_PAGE);
    if (!h.base || !h.runs)
        return false;
    plat_random(&h.secret, sizeof h.secret);
    h.max = pages;
    return true;
}

/* Takes at least `pages` from the machine at the top of the heap, as one free run. */
static struct run *heap_extend(size_t pages)
{
    if (!h.max && !heap_open())
        return NULL;
    for (size_t want = pages > GROW_PAGES ? pages : GROW_PAGES;; want = pages) {
        if (want <= h.max - h.top && runs_cover(h.top + want) &&
            plat_commit(h.base + h.top * PLAT_PAGE, want * PLAT_PAGE, PLAT_RW) == ST_OK) {
            size_t page = h.top;
            h.top += want;
            return free_add(page, want, FREE);
        }
        if (want == pages)
            return NULL;
    }
}

/* Memory for the beginning of a released run. */
static struct run *released_take(size_t pages)
{
    struct run *r = bin_find(1, pages);
    if (!r || plat_commit(address_of(r), pages * PLAT_PAGE, PLAT_RW) != ST_OK)
        return NULL;
    free_remove(r);
    return run_split(r, pages);
}

static struct run *free_take(size_t pages)
{
    struct run *r = bin_find(0, pages);
    if (!r)
        return NULL;
    free_remove(r);
    return run_split(r, pages);
}

static struct run *run_find(size_t pages)
{
    struct run *r = free_take(pages);
    if (!r)
        r = released_take(pages);
    if (!r && heap_extend(pages))
        r = free_take(pages);
    return r;
}

/* Tells whose budget it is; that may not come back. */
static void budget_exceeded(void)
{
    if (h.budget.cpu != cpu_number())
        return;
    void (*tell)(void) = h.budget.on_exceeded;
    cpu_unlock(&lock);
    tell();
    cpu_lock(&lock);
}

static void budget_check(size_t pages)
{
    if (h.budget.on_exceeded && h.pages_used + pages > h.budget.pages_base + h.budget.pages_max)
        budget_exceeded();
}

static void trim(void);

static struct run *run_alloc(size_t pages, enum run_state state)
{
    budget_check(pages);
    struct run *r = run_find(pages);
    if (!r) { /* scattered free pages may add up */
        trim();
        r = run_find(pages);
        if (!r)
            return NULL;
    }
    r->state = (uint8_t)state;
    h.pages_used += pages;
    if (h.pages_used > h.pages_peak)
        h.pages_peak = h.pages_used;
    return r;
}

static void run_release(struct run *r)
{
    size_t page = page_of(r), pages = r->pages;
    free_remove(r);
    plat_decommit(h.base + page * PLAT_PAGE, pages * PLAT_PAGE);
    free_add(page, pages, RELEASED);
}

static void run_free(struct run *r)
{
    h.pages_used -= r->pages;
    r = free_add(page_of(r), r->pages, FREE);
    if (r->pages >= RELEASE_PAGES_MIN && h.pages_free > SLACK_PAGES + h.pages_used / 4)
        run_release(r);
}

static void trim(void)
{
    for (size_t b = 0; b < BINS; b++)
        while (h.bins[0][b])
            run_release(h.bins[0][b]);
}

/* --- Small blocks. --- */
static struct run *small_run_new(size_t class)
{
    size_t pages = run_pages_of_class[class];
    struct run *r = run_alloc(pages, SMALL);
    if (!r)
        return NULL;
    r->class = (uint8_t)class;
    r->used = r->bump = 0;
    r->free = NULL;
    uint32_t bytes = class_bytes(class);
    r->bytes = bytes;
    r->reciprocal = (uint32_t)(((1ull << 32) + bytes - 1) / bytes);
    r->limit = (uint32_t)(pages * PLAT_PAGE) / bytes * bytes;
    r->first = (uint32_t)page_of(r);
    for (size_t i = 1; i < pages; i++) {
        r[i].state = INNER;
        r[i].first = r->first;
    }
    list_push(&h.rooms[class], r);
    return r;
}

static bool has_room(const struct run *r)
{
    return r->free || r->bump < r->limit;
}

static void *small_alloc(size_t class)
{
    struct run *r = h.rooms[class];
    if (!r && !(r = small_run_new(class)))
        return NULL;
    struct block *b = r->free;
    if (b) {
        if (b->canary != canary_of(b))
            panic("heap: block %p (%u bytes) was written after it was freed", (void *)b, r->bytes);
        r->free = b->next;
    } else {
        b = (struct block *)(address_of(r) + r->bump);
        r->bump += r->bytes;
    }
    b->canary = 0; /* also in a block never used: the pages may have been another class's */
    r->used++;
    if (!has_room(r))
        list_remove(&h.rooms[class], r);
    return b;
}

static void small_free(struct run *r, struct block *b)
{
    if (b->canary == canary_of(b))
        panic("heap: block %p (%u bytes) is freed twice", (void *)b, r->bytes);
    b->canary = canary_of(b);
    b->next = r->free;
    r->free = b;
    struct run **rooms = &h.rooms[r->class];
    if (!r->listed)
        list_push(rooms, r);
    if (--r->used == 0 && (r->next || r->prev)) { /* keep one run of each class that is in use */
        list_remove(rooms, r);
        run_free(r);
    }
}

/* The run that holds the block `p`; panics where `p` is none. */
static struct run *run_of(const void *p)
{
    size_t offset = (size_t)((const uint8_t *)p - h.base);
    size_t page = offset / PLAT_PAGE;
    if (page >= h.top)
        panic("heap: %p is not a block", p);
    struct run *r = &h.runs[page];
    if (r->state == LARGE && offset % PLAT_PAGE == 0)
        return r;
    if (r->state == INNER)
        r = &h.runs[r->first];
    size_t inside = offset - page_of(r) * PLAT_PAGE;
    if (r->state != SMALL || inside >= r->bump || (inside * r->reciprocal >> 32) * r->bytes != inside)
        panic("heap: %p is not a block", p);
    return r;
}

/* --- Blocks of any size. --- */
static void *large_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX - PLAT_PAGE)
        return NULL;
    struct run *r = run_alloc(pages_for(bytes), LARGE);
    return r ? address_of(r) : NULL;
}

static inline void *alloc(size_t bytes)
{
    if (__builtin_expect(h.budget.on_exceeded && --h.budget.countdown == 0, 0)) {
        h.budget.countdown = DEADLINE_EVERY;
        if (plat_ticks() > h.budget.deadline)
            budget_exceeded();
    }
    return bytes <= SMALL_MAX ? small_alloc(class_of(bytes)) : large_alloc(bytes);
}

static inline void free_block(void *p)
{
    struct run *r = run_of(p);
    if (r->state == LARGE)
        run_free(r);
    else
        small_free(r, p);
}

static size_t usable(const struct run *r)
{
    return r->state == LARGE ? r->pages * PLAT_PAGE : r->bytes;
}

/* Gives the pages behind the first `pages` of a large block back. */
static void large_shrink(struct run *r, size_t pages)
{
    size_t rest = r->pages - pages;
    if (!rest)
        return;
    struct run *tail = r + pages;
    r->pages = (uint32_t)pages;
    tail->state = LARGE;
    tail->pages = (uint32_t)rest;
    run_free(tail);
}

/* Takes pages of a free run behind a large block. */
static bool large_grow(struct run *r, size_t pages)
{
    size_t more = pages - r->pages;
    struct run *after = r + r->pages;
    if (page_of(after) >= h.top || after->state != FREE || !after->listed || after->pages < more)
        return false;
    budget_check(more);
    free_remove(after);
    run_split(after, more);
    after->state = INNER;
    r->pages = (uint32_t)pages;
    h.pages_used += more;
    if (h.pages_used > h.pages_peak)
        h.pages_peak = h.pages_used;
    return true;
}

static bool resize_in_place(struct run *r, size_t bytes)
{
    if (r->state == SMALL)
        return bytes <= SMALL_MAX && class_of(bytes) == r->class;
    if (bytes <= SMALL_MAX || bytes > SIZE_MAX - PLAT_PAGE)
        return false;
    size_t pages = pages_for(bytes);
    if (pages <= r->pages) {
        large_shrink(r, pages);
        return true;
    }
    return large_grow(r, pages);
}

static void *resize(void *p, size_t bytes)
{
    struct run *r = run_of(p);
    if (resize_in_place(r, bytes))
        return p;
    void *q = alloc(bytes);
    if (!q)
        return NULL;
    size_t old = usable(r);
    memcpy(q, p, old < bytes ? old : bytes);
    free_block(p);
    return q;
}

/* A run starts at a page, so a block whose size is a multiple of a smaller alignment has it. */
static void *small_aligned(size_t align, size_t bytes)
{
    for (size_t class = class_of(bytes < align ? align : bytes); class < CLASSES; class ++)
        if (class_bytes(class) % align == 0)
            return alloc(class_bytes(class));
    return NULL;
}

static void *large_aligned(size_t align, size_t bytes)
{
    size_t pages = pages_for(bytes), slack = align / PLAT_PAGE;
    struct run *r = run_alloc(pages + slack, LARGE);
    if (!r)
        return NULL;
    size_t skip = (size_t)(-(uintptr_t)address_of(r) & (align - 1)) / PLAT_PAGE;
    if (skip) {
        struct run *head = r;
        r += skip;
        *r = (struct run){.state = LARGE, .pages = head->pages - (uint32_t)skip};
        head->pages = (uint32_t)skip;
        run_free(head);
    }
    large_shrink(r, pages);
    return address_of(r);
}

static void *alloc_aligned(size_t align, size_t bytes)
{
    ASSERT(align && (align & (align - 1)) == 0);
    if (align <= 16)
        return alloc(bytes);
    if (align > ALIGN_MAX || bytes > SIZE_MAX - PLAT_PAGE - align)
        return NULL;
    if (align <= PLAT_PAGE && bytes <= SMALL_MAX)
        return small_aligned(align, bytes);
    return align <= PLAT_PAGE ? large_alloc(bytes) : large_aligned(align, bytes);
}

/* --- The interface. --- */
__attribute__((noinline)) static void *alloc_beside(size_t bytes)
{
    cpu_lock(&lock);
    void *p = alloc(bytes);
    cpu_unlock(&lock);
    return p;
}

void *kheap_alloc(size_t bytes)
{
    return cpu_is_alone() ? alloc(bytes) : alloc_beside(bytes);
}

void *kheap_calloc(size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total))
        return NULL;
    void *p = kheap_alloc(total);
    return p ? memset(p, 0, total) : NULL;
}

__attribute__((noinline)) static void free_beside(void *p)
{
    cpu_lock(&lock);
    free_block(p);
    cpu_unlock(&lock);
}

void kheap_free(void *p)
{
    if (p && cpu_is_alone())
        free_block(p);
    else if (p)
        free_beside(p);
}

size_t kheap_usable(const void *p)
{
    cpu_lock(&lock);
    size_t bytes = usable(run_of(p));
    cpu_unlock(&lock);
    return bytes;
}

void *kheap_realloc(void *p, size_t bytes)
{
    if (!p)
        return kheap_alloc(bytes);
    cpu_lock(&lock);
    void *q = resize(p, bytes);
    cpu_unlock(&lock);
    return q;
}

void *kheap_aligned(size_t align, size_t bytes)
{
    cpu_lock(&lock);
    void *p = alloc_aligned(align, bytes);
    cpu_unlock(&lock);
    return p;
}

void kheap_trim(void)
{
    cpu_lock(&lock);
    trim();
    cpu_unlock(&lock);
}

void kheap_budget_begin(size_t bytes_max, uint64_t deadline_ticks, void (*on_exceeded)(void))
{
    ASSERT(!h.budget.on_exceeded && on_exceeded);
    cpu_lock(&lock);
    h.budget.cpu = cpu_number();
    h.budget.pages_base = h.pages_used;
    h.budget.pages_max = bytes_max / PLAT_PAGE;
    h.budget.deadline = deadline_ticks;
    h.budget.countdown = DEADLINE_EVERY;
    h.budget.on_exceeded = on_exceeded;
    cpu_unlock(&lock);
}

void kheap_budget_end(void)
{
    ASSERT(h.budget.on_exceeded);
    cpu_lock(&lock);
    memset(&h.budget, 0, sizeof h.budget);
    cpu_unlock(&lock);
}

void kheap_stats_get(struct kheap_stats *out)
{
    cpu_lock(&lock);
    *out = (struct kheap_stats){
        .footprint = h.pages_used * PLAT_PAGE,
        .peak = h.pages_peak * PLAT_PAGE,
        .committed = (h.pages_used + h.pages_free) * PLAT_PAGE + h.runs_committed,
    };
    for (size_t page = 0; page < h.top; page += h.runs[page].pages) {
        const struct run *r = &h.runs[page];
        if (r->state == LARGE) {
            out->blocks++;
            out->in_use += r->pages * PLAT_PAGE;
        } else if (r->state == SMALL) {
            out->blocks += r->used;
            out->in_use += (uint64_t)r->used * r->bytes;
        }
    }
    cpu_unlock(&lock);
}
