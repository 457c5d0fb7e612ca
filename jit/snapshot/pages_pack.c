/* pages_pack.c: packs pages (pages.h): runs of zeros, and repetition within the page. What a longer window or
 * bits instead of words would save is not worth its time at every start. */
#include <string.h>

#include "bytes.h"
#include "crc32c.h"
#include "heap.h"
#include "pages.h"
#include "xxh64.h"

enum { WORD = 8, WORDS = PAGES_PAGE / WORD, HASH_BITS = 12, RUN_MIN = 2 };

void pages_init(struct pages *p)
{
    *p = (struct pages){0};
}

void pages_fini(struct pages *p)
{
    heap_free(p->bytes);
    heap_free(p->slots);
    heap_free(p->entries);
    pages_init(p);
}

/* --- One page. --- */

struct packer {
    const u8 *page;
    u16 last[1 << HASH_BITS]; /* offset + 1 of the last 8 bytes with this hash */
    u32 hashed;               /* offsets below are in `last` */
    u8 out[PAGES_PAGE];
    u32 len; /* of `out`; PAGES_PAGE: no gain */
    u32 literals;
};

static u64 word_at(const u8 *p)
{
    u64 w;
    memcpy(&w, p, sizeof w);
    return w;
}

static u32 hash(u64 w)
{
    return (u32)(w * 0x9e3779b97f4a7c15ull >> (64 - HASH_BITS));
}

static void emit(struct packer *k, enum pages_token kind, u32 words, u32 distance, const u8 *literals)
{
    u32 token = (u32)kind | (words - 1) << 2 | distance << 16, more = literals ? words * WORD : 0;
    if (k->len + sizeof token + more >= PAGES_PAGE) {
        k->len = PAGES_PAGE;
        return;
    }
    memcpy(k->out + k->len, &token, sizeof token);
    if (more)
        memcpy(k->out + k->len + sizeof token, literals, more);
    k->len += (u32)sizeof token + more;
}

static void flush_literals(struct packer *k, u32 word)
{
    if (k->literals)
        emit(k, PAGES_LITERALS, k->literals, 0, k->page + (word - k->literals) * WORD);
    k->literals = 0;
}

static u32 zeros_at(const struct packer *k, u32 word)
{
    u32 n = 0;
    while (word + n < WORDS && word_at(k->page + (word + n) * WORD) == 0)
        n++;
    return n;
}

/* Words from `word` on that are the same as those at *distance bytes before. */
static u32 match_at(struct packer *k, u32 word, u32 *distance)
{
    u32 at = word * WORD, n = 0;
    for (; at >= WORD && k->hashed <= at - WORD; k->hashed++)
        k->last[hash(word_at(k->page + k->hashed))] = (u16)(k->hashed + 1);
    u32 found = k->last[hash(word_at(k->page + at))];
    if (!found)
        return 0;
    *distance = at - (found - 1);
    while (word + n < WORDS &&
           word_at(k->page + at + n * WORD) == word_at(k->page + at + n * WORD - *distance))
        n++;
    return n;
}

static void pack(struct packer *k)
{
    for (u32 word = 0; word < WORDS && k->len < PAGES_PAGE;) {
        u32 distance = 0, zeros = zeros_at(k, word),
            n = zeros >= RUN_MIN ? zeros : match_at(k, word, &distance);
        if (n < RUN_MIN) {
            k->literals++;
            word++;
            continue;
        }
        flush_literals(k, word);
        emit(k, distance ? PAGES_COPY : PAGES_ZEROS, n, distance, NULL);
        word += n;
    }
    flush_literals(k, WORDS);
}

/* --- All of them. --- */

static status append(struct pages *p, const u8 *data, u32 len)
{
    if (p->len + len > UINT32_MAX)
        return E_LIMIT;
    return bytes_append(&p->bytes, &p->len, &p->cap, data, len);
}

static u32 *slot_of(const struct pages *p, const u8 *data, u32 len)
{
    u32 k = (u32)xxh64_of(data, len, 0) & (p->nslots - 1);
    for (; p->slots[k]; k = (k + 1) & (p->nslots - 1)) {
        const struct pages_entry *x = &p->entries[p->slots[k] - 1];
        if (x->bytes == len && memcmp(p->bytes + x->at, data, len) == 0)
            break;
    }
    return &p->slots[k];
}

/* Twice the room, at most half full. */
static status grow(struct pages *p)
{
    u32 cap = p->entries_cap ? p->entries_cap * 2 : 256, *slots = heap_calloc(cap * 2, sizeof *slots);
    struct pages_entry *entries = slots ? heap_realloc(p->entries, cap * sizeof *entries) : NULL;
    if (!entries) {
        heap_free(slots);
        return E_NOMEM;
    }
    heap_free(p->slots);
    p->slots = slots;
    p->nslots = cap * 2;
    p->entries = entries;
    p->entries_cap = cap;
    for (u32 k = 0; k < p->n; k++)
        *slot_of(p, p->bytes + entries[k].at, entries[k].bytes) = k + 1;
    return ST_OK;
}

static status keep(struct pages *p, const u8 *data, u32 len, struct pages_entry *out)
{
    if (p->n == p->entries_cap)
        TRY(grow(p));
    u32 *slot = slot_of(p, data, len);
    if (!*slot) {
        struct pages_entry x = {.at = (u32)p->len, .bytes = len, .crc = crc32c(0, data, len)};
        TRY(append(p, data, len));
        p->entries[p->n++] = x;
        *slot = p->n;
    }
    *out = p->entries[*slot - 1];
    return ST_OK;
}

status pages_pack(struct pages *p, const u8 page[PAGES_PAGE], struct pages_entry *out)
{
    static struct packer k;
    memset(&k, 0, sizeof k);
    k.page = page;
    *out = (struct pages_entry){0};
    if (zeros_at(&k, 0) == WORDS)
        return ST_OK;
    pack(&k);
    return k.len < PAGES_PAGE ? keep(p, k.out, k.len, out) : keep(p, page, PAGES_PAGE, out);
}
