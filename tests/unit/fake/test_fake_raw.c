/* An appliance on a disk: nothing of others is overwritten, and a loss of power leaves an appliance or the
 * word that there is none, never something between. */
#include "fake_disk.h"
#include "fake_plat.h"
#include "heap.h"
#include "payload.h"
#include "raw.h"

#include <string.h>

#include "unit.h"

enum { DISK_BYTES = 1 << 20, FILE_MAX = 700000, PHOFF = 64, PHDR_BYTES = 56, PAYLOAD_AT = 4096 };

static uint8_t file[FILE_MAX], other[FILE_MAX];

/* What looks like an appliance of about so many bytes, whose every byte follows from a seed. */
static size_t make(uint8_t *to, size_t bytes, uint64_t seed)
{
    struct payload_head h = {PAYLOAD_MAGIC, PAYLOAD_VERSION, bytes - PAYLOAD_AT, seed, 0};
    uint32_t type[2] = {1, 4};
    uint64_t phoff = PHOFF, where[6] = {PAYLOAD_AT, 0, 0, h.bytes, h.bytes, 4096};
    uint16_t n = 1;
    for (size_t i = 0; i < bytes; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        to[i] = (uint8_t)(seed >> 56);
    }
    memcpy(to, "\177ELF\2\1", 6);
    memcpy(to + 32, &phoff, sizeof phoff);
    memcpy(to + 56, &n, sizeof n);
    memcpy(to + PHOFF, type, sizeof type);
    memcpy(to + PHOFF + sizeof type, where, sizeof where);
    memcpy(to + PAYLOAD_AT, &h, sizeof h);
    return bytes;
}

static status put(size_t disk, const uint8_t *bytes, size_t n, unsigned flags, struct err *e)
{
    struct raw r;
    status st = raw_open(&r, disk, flags, e);
    if (st != ST_OK)
        return st;
    st = raw_begin(&r, n, xxh64_of(bytes, n, 0), e);
    for (size_t at = 0; at < n && st == ST_OK; at += 10000)
        st = raw_bytes(&r, bytes + at, n - at < 10000 ? n - at : 10000, e);
    if (st == ST_OK)
        st = raw_end(&r, e);
    raw_close(&r);
    return st;
}

/* Whether the disk holds exactly that and zeros. */
static bool holds(size_t disk, const uint8_t *bytes, size_t n)
{
    const uint8_t *d = fake_disk_bytes(disk);
    for (size_t k = n; k < DISK_BYTES; k++) {
        if (d[k])
            return false;
    }
    return memcmp(d, bytes, n) == 0;
}

static size_t new_disk(uint32_t block)
{
    fake_reset();
    fake_disks_reset();
    return fake_disk_add(DISK_BYTES / PLAT_SECTOR, block, false);
}

TEST(raw_sizes)
{
    static const size_t sizes[] = {5000, 65536, 65537, 131072, 400001, 300000, 5000, 600008};
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        size_t disk = new_disk(block);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            size_t n = make(file, sizes[k], k + 1);
            REQUIRE(put(disk, file, n, 0, NULL) == ST_OK);
            CHECK(holds(disk, file, n));
        }
    }
}

static bool refused(size_t disk, size_t at, const char *bytes, size_t n, const char *why)
{
    struct err e = {0};
    uint8_t *d = fake_disk_bytes(disk);
    memset(d, 0, DISK_BYTES);
    memcpy(d + at, bytes, n);
    memcpy(other, d, FILE_MAX);
    status st = put(disk, file, make(file, 400000, 1), 0, &e);
    bool same = memcmp(other, d, FILE_MAX) == 0;
    CHECK(strstr(e.text, why));
    return st == E_INVAL && same && put(disk, file, 400000, RAW_OVERWRITE, NULL) == ST_OK;
}

TEST(raw_refuses_what_is_not_its_own)
{
    size_t disk = new_disk(512);
    CHECK(refused(disk, 0, "ANNEALST", 8, "a state"));
    CHECK(refused(disk, 510, "\x55\xaa", 2, "partition table"));
    CHECK(refused(disk, 0, "hello", 5, "not an appliance"));
    CHECK(refused(disk, 0, "\177ELF\2\1", 6, "not an appliance"));
    CHECK(refused(disk, 1080, "\x53\xef", 2, "not an appliance"));
    CHECK(refused(disk, 300000, "x", 1, "not an appliance"));
    CHECK(refused(disk, DISK_BYTES - 512, "EFI PART", 8, "not an appliance"));
}

TEST(raw_refuses_disks)
{
    struct err e = {0};
    size_t disk = new_disk(512), only = fake_disk_add(4096, 512, true),
           small = fake_disk_add(100, 512, false);
    size_t n = make(file, 400000, 1);
    CHECK_EQ(put(7, file, n, 0, &e), E_NOTFOUND);
    CHECK_EQ(put(only, file, n, 0, NULL), E_UNSUPPORTED);
    e = (struct err){0};
    CHECK_EQ(put(small, file, n, 0, &e), E_LIMIT);
    CHECK(strstr(e.text, "51200 bytes, the appliance 400000"));
    CHECK(fake_disk_counts(small).writes == 0);
    CHECK_EQ(put(disk, file, n, 0, NULL), ST_OK);
}

TEST(raw_finds_bytes_that_changed)
{
    struct err e = {0};
    struct raw r;
    size_t disk = new_disk(512), n = make(file, 400000, 1);
    REQUIRE(raw_open(&r, disk, 0, NULL) == ST_OK);
    CHECK_EQ(raw_begin(&r, n, xxh64_of(file, n, 0), NULL), ST_OK);
    CHECK_EQ(raw_bytes(&r, file, n, NULL), ST_OK);
    fake_disk_flip_read(disk, 2, 12345);
    CHECK_EQ(raw_end(&r, &e), E_IO);
    CHECK(memcmp(fake_disk_bytes(disk), RAW_MARK, 8) == 0);
    raw_close(&r);
}

/* After each cut: the old one, the new one, or the mark; and the next export is accepted. */
TEST(raw_survives_cuts)
{
    size_t new_bytes, old_bytes;
    for (size_t old = 0; old < 3; old++) {
        bool done = false;
        for (size_t cut = 0; !done && cut < 100; cut++) {
            size_t disk = new_disk(512);
            old_bytes = old ? make(other, old == 1 ? 200000 : 600000, 3) : 0;
            if (old)
                REQUIRE(put(disk, other, old_bytes, 0, NULL) == ST_OK);
            new_bytes = make(file, 400000, 5);
            fake_disk_cut_at(disk, cut, cut * 77 + old);
            done = put(disk, file, new_bytes, 0, NULL) == ST_OK;
            fake_disk_power_on(disk, cut);
            bool whole = holds(disk, file, new_bytes) || (old && holds(disk, other, old_bytes));
            bool none = memcmp(fake_disk_bytes(disk), "\177ELF", 4) != 0;
            CHECK(done ? holds(disk, file, new_bytes) : whole || none);
            CHECK_EQ(put(disk, file, new_bytes, 0, NULL), ST_OK);
            CHECK(holds(disk, file, new_bytes));
        }
        CHECK(done);
    }
}
