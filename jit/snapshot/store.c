/* store.c: what is on the disk: superblocks, formatting, and the choice of the slot. */
#include "store_priv.h"

#include <string.h>

#include "fmt.h"
#include "heap.h"

#define SLOT_BLOCKS_MIN 2u
enum { NEAR_BITS = 64 }; /* so many bits a damaged superblock may differ from its copy */

void store_say(struct store *s, const char *fmt, ...)
{
    size_t len = strlen(s->text);
    if (len == 0)
        len = fmt_s(s->text, sizeof s->text, "%s: ", s->disk.name);
    else
        len += fmt_s(s->text + len, sizeof s->text - len, "; ");
    if (len >= sizeof s->text)
        return;
    va_list ap;
    va_start(ap, fmt);
    fmt_v(s->text + len, sizeof s->text - len, fmt, ap);
    va_end(ap);
}

static enum store_state found(struct store *s, enum store_state state)
{
    s->locked = s->locked || state >= STORE_FUTURE;
    return s->state = state;
}

status store_block_read(struct store *s, uint64_t block, void *buf, size_t blocks, struct err *e)
{
    return plat_disk_read(s->area.disk, s->area.sector + block * STORE_PER_BLOCK, buf,
                          blocks * STORE_PER_BLOCK, e);
}

status store_block_write(struct store *s, uint64_t block, const void *buf, size_t blocks, struct err *e)
{
    return plat_disk_write(s->area.disk, s->area.sector + block * STORE_PER_BLOCK, buf,
                           blocks * STORE_PER_BLOCK, e);
}

uint64_t store_slot_blocks_for(uint64_t area_blocks)
{
    return (area_blocks - STORE_SUPERS) / STORE_SLOTS;
}

uint64_t store_slot_room(uint64_t slot_blocks)
{
    return (slot_blocks - 1) * STORE_BLOCK;
}

uint64_t store_capacity(const struct store *s)
{
    if (s->read_only || s->state >= STORE_SMALL)
        return 0;
    return store_slot_room(s->formatted ? s->slot_blocks
                                        : store_slot_blocks_for(s->area.sectors / STORE_PER_BLOCK));
}

/* --- Superblocks --- */

enum super { SUPER_BAD, SUPER_OURS, SUPER_OLDER, SUPER_FUTURE };

static enum super super_kind(const void *block)
{
    const struct store_super *p = block;
    if (memcmp(p->magic, STORE_MAGIC, sizeof p->magic) != 0 || p->sum != store_sector_sum(p))
        return SUPER_BAD;
    return p->version == STORE_VERSION ? SUPER_OURS : p->version < STORE_VERSION ? SUPER_OLDER : SUPER_FUTURE;
}

static bool is_zero(const uint8_t *p, size_t len)
{
    return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

static unsigned bits_between(const uint8_t *a, const uint8_t *b)
{
    unsigned bits = 0;
    for (size_t i = 0; i < STORE_BLOCK; i++)
        bits += (unsigned)__builtin_popcount(a[i] ^ b[i]);
    return bits;
}

/* Both superblocks as read. A block that cannot be read is zeros. */
struct supers {
    uint8_t block[STORE_SUPERS][STORE_BLOCK];
    bool readable[STORE_SUPERS];
    struct err why; /* the first one that is not */
};

/* The one to go by, or NULL. The first block decides: if it holds something else now, the disk has another
 * use, even if the second is still as we left it. */
static const struct store_super *super_choose(struct store *s, const struct supers *p)
{
    const uint8_t *first = p->block[0], *second = p->block[1];
    if (super_kind(first) != SUPER_BAD) {
        s->repair = memcmp(first, second, PLAT_SECTOR) != 0 ? 2 : 0;
        return (const void *)first;
    }
    bool is_damage = is_zero(first, STORE_BLOCK) || bits_between(first, second) <= NEAR_BITS;
    if (super_kind(second) == SUPER_BAD || !is_damage)
        return NULL;
    s->repair = 1;
    store_say(s, "the first superblock is %s; its copy is used", p->readable[0] ? "damaged" : "not readable");
    return (const void *)second;
}

static enum store_state super_none(struct store *s, const struct supers *p)
{
    if (!p->readable[0]) {
        fmt_s(s->text, sizeof s->text, "%s", p->why.text);
        return found(s, STORE_FAILED);
    }
    if (is_zero(p->block[0], STORE_BLOCK) && is_zero(p->block[1], STORE_BLOCK))
        return found(s, STORE_EMPTY);
    if (memcmp(p->block[0], STORE_MAGIC, strlen(STORE_MAGIC)) == 0) {
        store_say(s, "both superblocks are damaged (checksum): there is no state");
        return found(s, STORE_DAMAGED);
    }
    store_say(s, "holds something that is not ours: ignored, and left alone");
    return found(s, STORE_FOREIGN);
}

static bool is_sane(const struct store_super *p)
{
    bool ok = p->block == STORE_BLOCK && p->slot_blocks >= SLOT_BLOCKS_MIN &&
              p->slot_blocks <= p->area_blocks && p->area_blocks <= UINT64_MAX / STORE_BLOCK;
    for (unsigned i = 0; ok && i < STORE_SLOTS; i++)
        ok = p->slot_block[i] >= STORE_SUPERS && p->slot_block[i] <= p->area_blocks - p->slot_blocks;
    return ok;
}

static void super_take(struct store *s, const struct store_super *p)
{
    s->formatted = true;
    s->id = p->id;
    s->area_blocks = p->area_blocks;
    s->slot_blocks = p->slot_blocks;
    memcpy(s->slot_block, p->slot_block, sizeof s->slot_block);
}

static status super_write(struct store *s, unsigned copies, struct err *e)
{
    static uint8_t block[STORE_BLOCK]; /* one store is saved at a time; stacks are small */
    struct store_super *p = (struct store_super *)block;
    *p = (struct store_super){.version = STORE_VERSION,
                              .block = STORE_BLOCK,
                              .id = s->id,
                              .area_blocks = s->area_blocks,
                              .slot_blocks = s->slot_blocks};
    memcpy(p->magic, STORE_MAGIC, sizeof p->magic);
    memcpy(p->slot_block, s->slot_block, sizeof p->slot_block);
    p->sum = store_sector_sum(p);
    for (unsigned i = 0; i < STORE_SUPERS; i++)
        if (copies >> i & 1)
            TRY(store_block_write(s, i, block, 1, e));
    return ST_OK;
}

status store_repair(struct store *s, struct err *e)
{
    TRY(super_write(s, s->repair, e));
    s->repair = 0;
    return ST_OK;
}

/* --- Formatting --- */

/* The disk looked blank from its start; before the first write all of it has to be. */
static status check_blank(struct store *s, struct err *e)
{
    uint64_t blocks = s->area.sectors / STORE_PER_BLOCK;
    for (uint64_t at = 0; at < blocks;) {
        uint64_t n = blocks - at < STORE_BUFFER / STORE_BLOCK ? blocks - at : STORE_BUFFER / STORE_BLOCK;
        TRY(store_block_read(s, at, s->out.buffer, n, e));
        if (!is_zero(s->out.buffer, n * STORE_BLOCK)) {
            store_say(s, "holds something that is not ours: ignored, and left alone");
            found(s, STORE_FOREIGN);
            return err_set(e, E_UNSUPPORTED, at * STORE_BLOCK, "%s", s->text);
        }
        at += n;
    }
    return ST_OK;
}

status store_format(struct store *s, unsigned flags, struct err *e)
{
    if (s->state == STORE_EMPTY && !(flags & STORE_OVERWRITE))
        TRY(check_blank(s, e));
    plat_random(&s->id, sizeof s->id); /* slots of an earlier format are not this one's */
    s->area_blocks = s->area.sectors / STORE_PER_BLOCK;
    s->slot_blocks = store_slot_blocks_for(s->area_blocks);
    for (unsigned i = 0; i < STORE_SLOTS; i++)
        s->slot_block[i] = STORE_SUPERS + i * s->slot_blocks;
    s->formatted = s->locked = false;
    s->generation_seen = 0;
    s->state = STORE_DAMAGED; /* half formatted, should this fail */
    TRY(super_write(s, (1u << STORE_SUPERS) - 1, e));
    TRY(plat_disk_flush(s->area.disk, e));
    s->formatted = true;
    s->repair = 0;
    s->state = STORE_EMPTY;
    return ST_OK;
}

/* --- Slots --- */

static char letter(unsigned slot)
{
    return (char)('A' + slot);
}

enum slot { SLOT_NONE, SLOT_BAD, SLOT_INTERRUPTED, SLOT_CANDIDATE };

static bool slot_is_sane(const struct store *s, const struct store_slot *h, unsigned slot)
{
    return h->slot == slot && h->bytes <= store_slot_room(s->slot_blocks) && h->generation != UINT64_MAX;
}

static enum slot slot_look(struct store *s, unsigned slot, struct store_slot *h)
{
    struct err e = {0};
    if (store_block_read(s, s->slot_block[slot], s->in.buffer, 1, &e) != ST_OK) {
        store_say(s, "slot %c cannot be read", letter(slot));
        return SLOT_BAD;
    }
    memcpy(h, s->in.buffer, sizeof *h);
    if (is_zero(s->in.buffer, PLAT_SECTOR))
        return SLOT_NONE;
    if (memcmp(h->magic, STORE_SLOT_MAGIC, sizeof h->magic) != 0 || h->sum != store_sector_sum(h)) {
        store_say(s, "slot %c: its header is damaged (checksum)", letter(slot));
        return SLOT_BAD;
    }
    if (h->id != s->id)
        return SLOT_NONE;
    if (!slot_is_sane(s, h, slot)) {
        store_say(s, "slot %c: its header makes no sense", letter(slot));
        return SLOT_BAD;
    }
    return h->state == STORE_SLOT_WHOLE ? SLOT_CANDIDATE : SLOT_INTERRUPTED;
}

static bool slot_is_whole(struct store *s, const struct store_slot *h)
{
    struct err e = {0};
    status st = store_slot_check(s, h, &e);
    if (st != ST_OK)
        store_say(s, "slot %c, generation %llu: %s", letter(h->slot), (unsigned long long)h->generation,
                  st == E_IO ? "cannot be read" : "damaged (checksum)");
    return st == ST_OK;
}

/* Says so when a save that came after what is used was cut off. */
static void say_interrupted(struct store *s, const struct store_slot *h)
{
    if (s->state != STORE_GOOD || h->generation > s->generation)
        store_say(s, "saving generation %llu was interrupted", (unsigned long long)h->generation);
}

static enum store_state slots_choose(struct store *s)
{
    struct store_slot h[STORE_SLOTS];
    enum slot kind[STORE_SLOTS];
    bool lost = false;
    for (unsigned i = 0; i < STORE_SLOTS; i++) {
        bool is_there = s->slot_block[i] + s->slot_blocks <= s->area.sectors / STORE_PER_BLOCK;
        kind[i] = is_there ? slot_look(s, i, &h[i]) : SLOT_NONE;
        if (kind[i] >= SLOT_INTERRUPTED && h[i].generation > s->generation_seen)
            s->generation_seen = h[i].generation;
        lost = lost || kind[i] == SLOT_BAD || !is_there;
    }
    bool both = kind[0] == SLOT_CANDIDATE && kind[1] == SLOT_CANDIDATE;
    unsigned newest = both ? h[1].generation > h[0].generation : kind[1] == SLOT_CANDIDATE;
    for (unsigned i = 0; i < STORE_SLOTS && s->state != STORE_GOOD; i++) {
        unsigned slot = newest ^ i;
        if (kind[slot] != SLOT_CANDIDATE)
            continue;
        if (slot_is_whole(s, &h[slot]))
            store_slot_use(s, &h[slot]);
        else
            lost = true;
    }
    for (unsigned i = 0; i < STORE_SLOTS; i++)
        if (kind[i] == SLOT_INTERRUPTED)
            say_interrupted(s, &h[i]);
    if (s->text[0])
        store_say(s, s->state == STORE_GOOD ? "generation %llu is used" : "there is no state",
                  (unsigned long long)s->generation);
    return s->state == STORE_GOOD ? STORE_GOOD : found(s, lost ? STORE_DAMAGED : STORE_EMPTY);
}

/* --- Opening --- */

static bool area_fits(struct store *s)
{
    uint64_t left = s->disk.sectors > s->area.sector ? s->disk.sectors - s->area.sector : 0;
    if (s->area.sectors == 0 || s->area.sectors > left)
        s->area.sectors = left;
    s->area.sectors -= s->area.sectors % STORE_PER_BLOCK;
    if (s->disk.block <= STORE_BLOCK && s->area.sector * PLAT_SECTOR % s->disk.block == 0)
        return true;
    store_say(s, "its blocks are too large, or the state's area is not aligned to them");
    return false;
}

static enum store_state super_use(struct store *s, const struct store_super *p)
{
    enum super kind = super_kind(p);
    if (kind == SUPER_OLDER || kind == SUPER_FUTURE) {
        s->repair = 0;
        store_say(s, "state of %s version of the format (%u, this is %u): ignored%s",
                  kind == SUPER_OLDER ? "an older" : "a future", p->version, STORE_VERSION,
                  kind == SUPER_OLDER ? "" : ", and left alone");
        return found(s, kind == SUPER_OLDER ? STORE_OLDER : STORE_FUTURE);
    }
    if (!is_sane(p)) {
        store_say(s, "the superblock makes no sense: there is no state");
        return found(s, STORE_DAMAGED);
    }
    super_take(s, p);
    uint64_t blocks = s->area.sectors / STORE_PER_BLOCK;
    if (s->area_blocks > blocks) {
        s->locked = true;
        store_say(s, "has shrunk from %llu to %llu KiB: nothing more is saved on it",
                  (unsigned long long)s->area_blocks * (STORE_BLOCK / 1024),
                  (unsigned long long)blocks * (STORE_BLOCK / 1024));
    }
    enum store_state state = slots_choose(s);
    return s->locked && state != STORE_GOOD ? found(s, STORE_SHRUNK) : state;
}

static enum store_state look(struct store *s)
{
    struct supers *p = heap_calloc(1, sizeof *p);
    if (!p) {
        store_say(s, "no memory to read it");
        return found(s, STORE_FAILED);
    }
    for (unsigned i = 0; i < STORE_SUPERS; i++)
        p->readable[i] = store_block_read(s, i, p->block[i], 1, &p->why) == ST_OK;
    for (unsigned i = 0; i < STORE_SUPERS; i++)
        if (!p->readable[i])
            memset(p->block[i], 0, STORE_BLOCK);
    const struct store_super *super = super_choose(s, p);
    enum store_state state = super ? super_use(s, super) : super_none(s, p);
    heap_free(p);
    return state;
}

enum store_state store_open(struct store *s, const struct store_area *area)
{
    *s = (struct store){.area = *area};
    if (plat_disk_at(area->disk, &s->disk) != ST_OK) {
        fmt_s(s->text, sizeof s->text, "there is no disk %zu", area->disk);
        return found(s, STORE_FAILED);
    }
    s->read_only = s->disk.read_only;
    if (!area_fits(s))
        return found(s, STORE_FAILED);
    s->in.buffer = heap_alloc(STORE_BUFFER);
    if (!s->in.buffer) {
        store_say(s, "no memory to read it");
        return found(s, STORE_FAILED);
    }
    if (s->area.sectors < STORE_SECTORS_MIN) {
        store_say(s, "too small for state: %llu KiB, at least %u are needed",
                  (unsigned long long)s->area.sectors / 2, STORE_SECTORS_MIN / 2);
        return found(s, STORE_SMALL);
    }
    s->state = STORE_EMPTY;
    return look(s);
}

void store_close(struct store *s)
{
    heap_free(s->in.buffer);
    heap_free(s->out.buffer);
    *s = (struct store){.state = STORE_FAILED};
}
