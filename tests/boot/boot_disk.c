/* boot_disk.c: the machine's disks, and a store on one of them, over two boots. */
#include "boot_test.h"

#include <string.h>

#include "fmt.h"
#include "plat.h"
#include "store.h"

enum {
    SECTORS_LARGE = 301,
    BYTES_LARGE = SECTORS_LARGE * PLAT_SECTOR
}; /* several requests, the last one odd */

static uint8_t out[BYTES_LARGE + 1], in[BYTES_LARGE + 1];

static void pattern(uint8_t *p, size_t len, uint64_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        p[i] = (uint8_t)(seed >> 56);
    }
}

static void describe(size_t disk, const struct plat_disk *d)
{
    fmt_out(PLAT_OUT, "disk %zu: %s: %llu sectors, blocks of %u%s\n", disk, d->name,
            (unsigned long long)d->sectors, d->block, d->read_only ? ", read-only" : "");
}

static void list(void)
{
    struct plat_disk d;
    size_t n = 0;
    uint64_t start = plat_ticks();
    bool any = plat_disk_at(0, &d) == ST_OK;
    uint64_t ticks = plat_ticks() - start;
    for (; any && plat_disk_at(n, &d) == ST_OK; n++)
        describe(n, &d);
    fmt_out(PLAT_OUT, "%zu disks, found in %llu ticks\n", n, (unsigned long long)ticks);
}

/* Where the tests write: at the start, over a long stretch, and the last block. */
struct place {
    uint64_t sector;
    size_t sectors;
};
enum { PLACES = 3 };

static void places_make(const struct plat_disk *d, struct place *p)
{
    size_t block = d->block / PLAT_SECTOR;
    p[0] = (struct place){0, block};
    p[1] = (struct place){8, SECTORS_LARGE / block * block};
    p[2] = (struct place){d->sectors - block, block};
}

static void write_all(size_t disk, const struct plat_disk *d)
{
    struct place p[PLACES];
    struct err e = {0};
    places_make(d, p);
    for (int i = 0; i < PLACES; i++) {
        pattern(out + 1, p[i].sectors * PLAT_SECTOR, disk * 10 + (unsigned)i); /* an odd address */
        if (i == 0)
            memcpy(out + 1, "written by Anneal", 17);
        CHECK(plat_disk_write(disk, p[i].sector, out + 1, p[i].sectors, &e) == ST_OK);
    }
    CHECK(plat_disk_flush(disk, &e) == ST_OK);
    if (e.code != ST_OK)
        fmt_out(PLAT_OUT, "%s\n", e.text);
}

static void verify_all(size_t disk, const struct plat_disk *d)
{
    struct place p[PLACES];
    struct err e = {0};
    places_make(d, p);
    for (int i = 0; i < PLACES; i++) {
        size_t len = p[i].sectors * PLAT_SECTOR;
        pattern(out + 1, len, disk * 10 + (unsigned)i);
        if (i == 0)
            memcpy(out + 1, "written by Anneal", 17);
        memset(in, 0, sizeof in);
        CHECK(plat_disk_read(disk, p[i].sector, in + 1, p[i].sectors, &e) == ST_OK);
        CHECK(memcmp(in + 1, out + 1, len) == 0 && in[0] == 0 && (len == BYTES_LARGE || in[len + 1] == 0));
    }
    if (e.code != ST_OK)
        fmt_out(PLAT_OUT, "%s\n", e.text);
}

static void refusals(size_t disk, const struct plat_disk *d)
{
    size_t block = d->block / PLAT_SECTOR;
    CHECK(plat_disk_read(disk, d->sectors, in, block, NULL) == E_INVAL);
    CHECK(plat_disk_read(disk, d->sectors - block, in, 2 * block, NULL) == E_INVAL);
    CHECK(plat_disk_write(disk, UINT64_MAX, in, block, NULL) == E_INVAL);
    CHECK(plat_disk_read(disk, d->sectors, in, 0, NULL) == ST_OK);
    if (block > 1)
        CHECK(plat_disk_read(disk, 1, in, block, NULL) == E_INVAL);
}

static void each(void (*f)(size_t, const struct plat_disk *))
{
    struct plat_disk d;
    for (size_t n = 0; plat_disk_at(n, &d) == ST_OK; n++) {
        refusals(n, &d);
        if (d.read_only)
            CHECK(plat_disk_write(n, 0, out, d.block / PLAT_SECTOR, NULL) == E_UNSUPPORTED);
        else
            f(n, &d);
    }
}

void test_disk_write(void)
{
    list();
    each(write_all);
    each(verify_all);
}

void test_disk_verify(void)
{
    list();
    each(verify_all);
}

/* A disk that fails, or answers too late: each request ends, with what was wrong. */
void test_disk_errors(void)
{
    for (int i = 0; i < 2; i++) {
        struct err e = {0};
        uint64_t start = plat_clock_ns(PLAT_CLOCK_MONO);
        status s = plat_disk_read(0, 8, in, SECTORS_LARGE, &e);
        fmt_out(PLAT_OUT, "read: %d %s after %llu s\n", (int)s, e.text,
                (unsigned long long)((plat_clock_ns(PLAT_CLOCK_MONO) - start) / 1000000000));
    }
}

static struct store s;

/* Shows the state of disk 0 and checks every byte of it. */
static void open_state(void)
{
    struct store_record r;
    struct err e = {0};
    enum store_state state = store_open(&s, &(struct store_area){0});
    fmt_out(PLAT_OUT, "state %d generation %llu [%s]\n", (int)state, (unsigned long long)s.generation,
            s.text);
    if (state != STORE_GOOD)
        return;
    CHECK(store_next(&s, &r, &e) == ST_OK && r.type == s.generation && r.bytes == BYTES_LARGE);
    CHECK(store_read(&s, &r, in, &e) == ST_OK);
    pattern(out, BYTES_LARGE, s.generation);
    CHECK(memcmp(in, out, BYTES_LARGE) == 0);
    CHECK(store_next(&s, &r, &e) == E_NOTFOUND);
}

static bool save_state(void)
{
    struct err e = {0};
    uint64_t start = plat_clock_ns(PLAT_CLOCK_MONO);
    bool saved = store_begin(&s, 0, &e) == ST_OK;
    uint64_t next = s.out_generation; /* one that was interrupted has left a number out */
    pattern(out, BYTES_LARGE, next);
    saved = saved && store_put(&s, (uint32_t)next, out, BYTES_LARGE, &e) == ST_OK &&
            store_commit(&s, &e) == ST_OK;
    fmt_out(PLAT_OUT, "saved %d generation %llu in %llu us %s\n", saved, (unsigned long long)s.generation,
            (unsigned long long)(plat_clock_ns(PLAT_CLOCK_MONO) - start) / 1000, e.text);
    return saved;
}

void test_disk_store(void)
{
    open_state();
    save_state();
    store_close(&s);
}

/* Until the power is taken away. */
void test_disk_store_for_ever(void)
{
    open_state();
    while (save_state())
        ;
    CHECK(false);
}
