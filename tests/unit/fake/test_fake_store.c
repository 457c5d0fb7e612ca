/* The store on a disk that loses power, bits and sectors: the older state is never lost, and wrong bytes are
 * never delivered. */
#include "fake_disk.h"
#include "fake_plat.h"
#include "fmt.h"
#include "store.h"

#include <string.h>

#include "unit.h"

enum { KIB = 1024, RECORDS_MAX = 40, BODY_MAX = 256 * KIB };

static struct store s;
static uint8_t body[BODY_MAX], got[BODY_MAX];

/* --- States whose every byte follows from a number --- */

struct shape { /* of a state: how many records, how long about */
    unsigned records;
    size_t bytes;
};

static size_t body_make(unsigned number, unsigned record, const struct shape *sh)
{
    size_t len = sh->bytes ? (sh->bytes + record * 77 + number * 13) % (sh->bytes * 2) : 0;
    uint64_t x = number * 1000003u + record + 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        body[i] = (uint8_t)(x >> 56);
    }
    return len;
}

static status save_flags(unsigned number, const struct shape *sh, unsigned flags, struct err *e)
{
    status st = store_begin(&s, flags, e);
    for (unsigned i = 0; st == ST_OK && i < sh->records; i++) {
        size_t len = body_make(number, i, sh);
        st = store_put(&s, number * 100 + i, body, len, e);
    }
    if (st == ST_OK)
        return store_commit(&s, e);
    store_abandon(&s);
    return st;
}

static status save(unsigned number, const struct shape *sh)
{
    return save_flags(number, sh, 0, NULL);
}

/* ST_OK: what is read is state `number`, whole; E_IO: reading failed; E_INVAL: other bytes came. */
static status holds(unsigned number, const struct shape *sh)
{
    struct store_record r;
    store_rewind(&s);
    for (unsigned i = 0; i < sh->records; i++) {
        status st = store_next(&s, &r, NULL);
        if (st != ST_OK)
            return st;
        size_t len = body_make(number, i, sh);
        if (r.type != number * 100 + i || r.bytes != len)
            return E_INVAL;
        memset(got, 0xee, len);
        st = store_read(&s, &r, got, NULL);
        if (st != ST_OK)
            return st;
        if (memcmp(got, body, len) != 0)
            return E_INVAL;
    }
    status st = store_next(&s, &r, NULL);
    return st == E_NOTFOUND ? ST_OK : st == ST_OK ? E_INVAL : st;
}

static enum store_state reopen_area(struct store_area area)
{
    store_close(&s);
    return store_open(&s, &area);
}

static enum store_state reopen(void)
{
    return reopen_area((struct store_area){0});
}

static void new_disk(uint64_t kib)
{
    fake_disks_reset();
    fake_disk_add(kib * 2, PLAT_SECTOR, false);
}

static const struct shape shapes[] = {{0, 0}, {1, 0}, {3, 100}, {8, 3000}, {20, 9000}, {2, 100000}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Which of two states there is, whole; 0: neither. Their numbers are their generations. */
static unsigned number_of_good(const struct shape *sh, unsigned a, unsigned b)
{
    unsigned number = s.generation == a ? a : b;
    return s.state == STORE_GOOD && s.generation == number && holds(number, sh) == ST_OK ? number : 0;
}

/* --- Without accidents --- */

TEST(fake_store_keeps_states_of_all_sizes)
{
    for (unsigned i = 0; i < SHAPES; i++) {
        new_disk(2048);
        CHECK_EQ(reopen(), STORE_EMPTY);
        CHECK_STR(s.text, "");
        for (unsigned number = 1; number <= 5; number++) {
            CHECK_EQ(save(number, &shapes[i]), ST_OK);
            CHECK_EQ(holds(number, &shapes[i]), ST_OK);
            CHECK_EQ(reopen(), STORE_GOOD);
            CHECK_STR(s.text, "");
            CHECK_EQ(s.generation, number);
            CHECK_EQ(s.records, shapes[i].records);
            CHECK_EQ(holds(number, &shapes[i]), ST_OK);
        }
    }
}

/* Records that end at, before and behind the ends of blocks and buffers. */
TEST(fake_store_boundaries)
{
    const size_t edges[] = {STORE_BLOCK, 65536, 65536 + STORE_BLOCK};
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; i++)
        for (size_t len = edges[i] - 40; len <= edges[i] + 40; len++) {
            new_disk(1024);
            reopen();
            memset(body, 0x77, len);
            body[len - 1] = 1;
            REQUIRE(store_begin(&s, 0, NULL) == ST_OK);
            REQUIRE(store_record(&s, 9, len, NULL) == ST_OK);
            REQUIRE(store_bytes(&s, body, len / 3, NULL) == ST_OK);
            REQUIRE(store_bytes(&s, body + len / 3, len - len / 3, NULL) == ST_OK);
            REQUIRE(store_put(&s, 10, "x", 1, NULL) == ST_OK);
            REQUIRE(store_commit(&s, NULL) == ST_OK);
            REQUIRE(reopen() == STORE_GOOD);
            struct store_record r;
            REQUIRE(store_next(&s, &r, NULL) == ST_OK && r.type == 9 && r.bytes == len);
            REQUIRE(store_read(&s, &r, got, NULL) == ST_OK && memcmp(got, body, len) == 0);
            REQUIRE(store_next(&s, &r, NULL) == ST_OK && r.type == 10 && r.bytes == 1);
            REQUIRE(store_read(&s, &r, got, NULL) == ST_OK && got[0] == 'x');
            REQUIRE(store_next(&s, &r, NULL) == E_NOTFOUND);
        }
}

TEST(fake_store_full)
{
    new_disk(128);
    reopen();
    uint64_t room = store_capacity(&s);
    CHECK_EQ(room, (((128 * KIB) / STORE_BLOCK - 2) / 2 - 1) * STORE_BLOCK);
    memset(body, 3, room);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(store_begin(&s, 0, NULL), ST_OK);
        CHECK_EQ(store_put(&s, 1, body, room - 24, NULL), ST_OK);
        CHECK_EQ(store_commit(&s, NULL), ST_OK);
        CHECK_EQ(store_capacity(&s), room);
    }
    struct err e = {0};
    CHECK_EQ(store_begin(&s, 0, NULL), ST_OK);
    CHECK_EQ(store_put(&s, 1, body, room - 23, &e), E_LIMIT);
    CHECK(strstr(e.text, "does not fit") != NULL);
    CHECK_EQ(store_commit(&s, NULL), E_INVAL);
    CHECK_EQ(store_begin(&s, 0, NULL), ST_OK);
    CHECK_EQ(store_put(&s, 1, body, room - 24, NULL), ST_OK);
    CHECK_EQ(store_put(&s, 1, NULL, 0, NULL), E_LIMIT);
    CHECK_EQ(store_begin(&s, 0, NULL), ST_OK);
    CHECK_EQ(store_record(&s, 1, UINT64_MAX, NULL), E_LIMIT);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(s.generation, 2);
    CHECK_EQ(s.bytes, room);
}

/* What is kept of others is copied from the old state while the new one is written. */
TEST(fake_store_reads_while_it_saves)
{
    const struct shape *sh = &shapes[4];
    struct store_record r;
    new_disk(2048);
    reopen();
    REQUIRE(save(1, sh) == ST_OK && store_begin(&s, 0, NULL) == ST_OK);
    store_rewind(&s);
    while (store_next(&s, &r, NULL) == ST_OK) {
        REQUIRE(store_read(&s, &r, got, NULL) == ST_OK);
        REQUIRE(store_put(&s, r.type, got, r.bytes, NULL) == ST_OK);
    }
    REQUIRE(store_commit(&s, NULL) == ST_OK);
    CHECK_EQ(s.generation, 2);
    CHECK_EQ(holds(1, sh), ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(1, sh), ST_OK);
}

TEST(fake_store_in_a_part_of_a_disk)
{
    struct store_area area = {.sector = 64, .sectors = 1000};
    new_disk(1024);
    uint8_t *p = fake_disk_bytes(0);
    memset(p, 0x11, 64 * PLAT_SECTOR);
    memset(p + 1064 * PLAT_SECTOR, 0x22, 900 * PLAT_SECTOR);
    CHECK_EQ(reopen_area(area), STORE_EMPTY);
    for (unsigned number = 1; number < 4; number++)
        CHECK_EQ(save(number, &shapes[4]), ST_OK);
    CHECK_EQ(reopen_area(area), STORE_GOOD);
    CHECK_EQ(holds(3, &shapes[4]), ST_OK);
    p = fake_disk_bytes(0);
    for (size_t i = 0; i < 64 * PLAT_SECTOR; i++)
        REQUIRE(p[i] == 0x11);
    for (size_t i = 1064 * PLAT_SECTOR; i < 1964 * PLAT_SECTOR; i++)
        REQUIRE(p[i] == 0x22);
    area.sector = 1;
    CHECK_EQ(reopen_area(area), STORE_FOREIGN);
    area.sector = 5000;
    CHECK_EQ(reopen_area(area), STORE_SMALL);
}

/* --- Loss of power --- */

/* One save that is cut at write or flush n; false when it needs fewer. */
static bool cut_once(const struct shape *sh, size_t n, uint64_t seed)
{
    new_disk(1024);
    reopen();
    CHECK(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    fake_disk_cut_at(0, n, seed);
    status st = save(3, sh);
    bool was_cut = fake_disk_is_off(0);
    CHECK(was_cut == (st != ST_OK));
    CHECK(number_of_good(sh, 2, 3) || was_cut);
    fake_disk_power_on(0, seed);
    CHECK_EQ(reopen(), STORE_GOOD);
    unsigned number = number_of_good(sh, 2, 3);
    CHECK(number == 3 || (number == 2 && was_cut));
    CHECK(s.text[0] == 0 || was_cut);
    CHECK_EQ(save(4, sh), ST_OK); /* it goes on from there */
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(4, sh), ST_OK);
    return was_cut;
}

TEST(fake_store_power_loss_at_every_write)
{
    size_t cuts = 0;
    for (unsigned i = 0; i < SHAPES; i++)
        for (uint64_t seed = 0; seed < 24; seed++)
            for (size_t n = 0; cut_once(&shapes[i], n, seed); n++)
                cuts++;
    CHECK(cuts > 200);
    fmt_out(PLAT_OUT, "  %zu losses of power\n", cuts);
}

/* The very first save, which also formats the disk. */
TEST(fake_store_power_loss_at_the_first_save)
{
    const struct shape *sh = &shapes[3];
    for (uint64_t seed = 0; seed < 40; seed++) {
        bool was_cut = true;
        for (size_t n = 0; was_cut; n++) {
            new_disk(512);
            reopen();
            fake_disk_cut_at(0, n, seed);
            status st = save(1, sh);
            was_cut = fake_disk_is_off(0);
            fake_disk_power_on(0, seed);
            enum store_state state = reopen();
            CHECK(state == STORE_GOOD || (was_cut && state == STORE_EMPTY));
            CHECK(state != STORE_GOOD || holds(1, sh) == ST_OK);
            CHECK(st != ST_OK || state == STORE_GOOD);
            CHECK_EQ(save(2, sh), ST_OK);
            CHECK_EQ(reopen(), STORE_GOOD);
            CHECK_EQ(holds(2, sh), ST_OK);
        }
    }
}

/* Many boots, most of which end by a loss of power; the state never goes back before the last good save. */
TEST(fake_store_power_loss_again_and_again)
{
    const struct shape *sh = &shapes[4];
    uint64_t x = 12345;
    unsigned safe = 0, tried = 0;
    new_disk(1024);
    for (unsigned boot = 0; boot < 400; boot++) {
        x = x * 6364136223846793005ull + 1442695040888963407ull;
        enum store_state state = reopen();
        unsigned number = 0;
        for (unsigned i = tried; i >= safe && i > 0 && !number; i--)
            number = state == STORE_GOOD && holds(i, sh) == ST_OK ? i : 0;
        CHECK(number >= safe && (number || state == STORE_EMPTY));
        safe = number;
        fake_disk_cut_at(0, x >> 40 & 15, x >> 33);
        tried = safe + 1 + boot % 3;
        if (save(tried, sh) == ST_OK)
            safe = tried;
        fake_disk_power_on(0, x >> 20);
    }
    CHECK(safe > 50);
}

TEST(fake_store_says_that_a_save_was_interrupted)
{
    const struct shape *sh = &shapes[4];
    new_disk(1024);
    reopen();
    CHECK(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    fake_disk_cut_at(0, 2, 1);
    CHECK_EQ(save(3, sh), E_IO);
    fake_disk_power_on(0, 0);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_STR(s.text, "fake disk: saving generation 3 was interrupted; generation 2 is used");
}

/* --- Damage --- */

static void flip(uint64_t bit)
{
    fake_disk_bytes(0)[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Every bit of the superblocks and slot headers, and one of every byte of both slots. */
TEST(fake_store_finds_every_flipped_bit)
{
    const struct shape *sh = &shapes[3];
    new_disk(256);
    reopen();
    REQUIRE(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    REQUIRE(reopen() == STORE_GOOD);
    uint64_t newest = s.in.slot, bytes = s.bytes, slot[2] = {s.slot_block[0], s.slot_block[1]};
    unsigned noticed = 0, older = 0;
    for (uint64_t at = 0; at < 256 * KIB; at++) {
        uint64_t block = at / STORE_BLOCK, in_block = at % STORE_BLOCK;
        bool is_header = block < 2 || block == slot[0] || block == slot[1];
        bool counts = is_header ? in_block < PLAT_SECTOR : false;
        for (unsigned i = 0; i < 2; i++)
            counts = counts || (block > slot[i] && at - (slot[i] + 1) * STORE_BLOCK < bytes);
        if (!counts)
            continue;
        for (unsigned bit = is_header ? 0 : at % 8; bit < (is_header ? 8 : at % 8 + 1); bit++) {
            flip(at * 8 + bit);
            REQUIRE(reopen() == STORE_GOOD);
            unsigned number = number_of_good(sh, 2, 1);
            REQUIRE(number != 0);
            bool in_newest = block >= slot[newest] && block < slot[newest] + s.slot_blocks;
            REQUIRE((number == 1) == in_newest);
            REQUIRE((s.text[0] != 0) == (in_newest || block == 0 || block == slot[newest ^ 1]));
            noticed += s.text[0] != 0;
            older += number == 1;
            flip(at * 8 + bit);
        }
    }
    CHECK(noticed > 12000 && older > bytes);
}

/* The same while the disk is read: an error of the moment. */
TEST(fake_store_never_delivers_what_it_did_not_check)
{
    const struct shape *sh = &shapes[4];
    new_disk(1024);
    reopen();
    REQUIRE(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    for (size_t n = 0; n < 24; n++)
        for (uint64_t i = 0; i < 60; i++) {
            fake_disk_flip_read(0, n, i * 8951 + i % 8);
            enum store_state state = reopen();
            REQUIRE(state == STORE_GOOD || state == STORE_FOREIGN);
            if (state == STORE_GOOD && holds(2, sh) != ST_OK)
                REQUIRE(holds(2, sh) != E_INVAL || holds(1, sh) == ST_OK);
            fake_disk_flip_read(0, SIZE_MAX, 0);
            fake_disk_fail_read(0, n);
            state = reopen();
            REQUIRE(state == STORE_GOOD);
            status st = holds(2, sh);
            REQUIRE(st == ST_OK || st == E_IO || holds(1, sh) == ST_OK);
            fake_disk_fail_read(0, SIZE_MAX);
        }
}

TEST(fake_store_worn_sectors)
{
    const struct shape *sh = &shapes[3];
    new_disk(256);
    reopen();
    REQUIRE(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    for (uint64_t sector = 0; sector < 512; sector++) {
        fake_disk_bad_sector(0, sector);
        REQUIRE(reopen() == STORE_GOOD);
        REQUIRE(number_of_good(sh, 2, 1) != 0);
    }
    fake_disk_bad_sector(0, UINT64_MAX);
}

/* A superblock that was damaged is written again by the next save. */
TEST(fake_store_repairs_superblocks)
{
    const struct shape *sh = &shapes[2];
    for (unsigned i = 0; i < 2; i++) {
        new_disk(256);
        reopen();
        CHECK_EQ(save(1, sh), ST_OK);
        flip(i * STORE_BLOCK * 8 + 200);
        CHECK_EQ(reopen(), STORE_GOOD);
        CHECK_EQ(save(2, sh), ST_OK);
        CHECK(memcmp(fake_disk_bytes(0), fake_disk_bytes(0) + STORE_BLOCK, STORE_BLOCK) == 0);
        CHECK_EQ(reopen(), STORE_GOOD);
        CHECK_STR(s.text, "");
        CHECK_EQ(holds(2, sh), ST_OK);
    }
}

/* --- Disks that are not ours, or not ours any more --- */

static uint64_t sum_of_disk(uint64_t kib)
{
    return xxh64_of(fake_disk_bytes(0), kib * KIB, 0);
}

TEST(fake_store_leaves_foreign_disks_alone)
{
    for (uint64_t at = 0; at < 512 * KIB; at += 1021) {
        new_disk(512);
        fake_disk_bytes(0)[at] = 0x55; /* one byte that is not zero, anywhere */
        fake_disk_bytes(0)[512 * KIB - 1] = (uint8_t)at;
        uint64_t sum = sum_of_disk(512);
        enum store_state state = reopen();
        REQUIRE(state == (at < 2 * STORE_BLOCK ? STORE_FOREIGN : STORE_EMPTY));
        struct err e = {0};
        REQUIRE(save_flags(1, &shapes[2], 0, &e) == E_UNSUPPORTED);
        REQUIRE(strstr(e.text, "not ours") != NULL && s.state == STORE_FOREIGN);
        REQUIRE(save_flags(1, &shapes[2], 0, NULL) == E_UNSUPPORTED);
        REQUIRE(fake_disk_counts(0).writes == 0 && sum_of_disk(512) == sum);
    }
    CHECK_EQ(save_flags(1, &shapes[2], STORE_OVERWRITE, NULL), ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(1, &shapes[2]), ST_OK);
}

/* Another use begins with the first block, while the copy of the superblock may still be there. */
TEST(fake_store_gives_a_disk_up_that_has_another_use)
{
    new_disk(512);
    reopen();
    CHECK_EQ(save(1, &shapes[3]), ST_OK);
    memset(fake_disk_bytes(0), 0xeb, PLAT_SECTOR);
    uint64_t sum = sum_of_disk(512);
    CHECK_EQ(reopen(), STORE_FOREIGN);
    CHECK_EQ(save(2, &shapes[3]), E_UNSUPPORTED);
    CHECK(sum_of_disk(512) == sum);
}

/* Both superblocks, of another version, as that version would write them. */
static void set_version(uint32_t version)
{
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *p = fake_disk_bytes(0) + i * STORE_BLOCK;
        memcpy(p + 8, &version, sizeof version);
        uint64_t sum = xxh64_of(p, PLAT_SECTOR - 8, 0);
        memcpy(p + PLAT_SECTOR - 8, &sum, sizeof sum);
    }
}

TEST(fake_store_other_versions)
{
    new_disk(512);
    reopen();
    CHECK(save(1, &shapes[3]) == ST_OK && save(2, &shapes[3]) == ST_OK);
    set_version(STORE_VERSION + 1);
    uint64_t sum = sum_of_disk(512);
    CHECK_EQ(reopen(), STORE_FUTURE);
    CHECK(strstr(s.text, "future version") != NULL);
    CHECK_EQ(save(3, &shapes[3]), E_UNSUPPORTED);
    CHECK(sum_of_disk(512) == sum);
    CHECK_EQ(save_flags(3, &shapes[3], STORE_OVERWRITE, NULL), ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(s.generation, 1); /* what was in the other slot belongs to the old format */
    set_version(STORE_VERSION - 1);
    CHECK_EQ(reopen(), STORE_OLDER);
    CHECK(strstr(s.text, "older version") != NULL);
    CHECK_EQ(save(4, &shapes[3]), ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(4, &shapes[3]), ST_OK);
    CHECK_STR(s.text, "");
}

TEST(fake_store_shrunk_and_grown_disks)
{
    const struct shape *sh = &shapes[3];
    for (uint64_t kib = 128; kib <= 1024; kib += 4) {
        new_disk(1024);
        fake_disk_resize(0, 768 * 2);
        reopen();
        REQUIRE(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
        fake_disk_resize(0, kib * 2);
        enum store_state state = reopen();
        unsigned number = number_of_good(sh, 2, 1);
        if (kib >= 768) {
            REQUIRE(state == STORE_GOOD && number == 2 && s.text[0] == 0);
            REQUIRE(save(3, sh) == ST_OK && reopen() == STORE_GOOD && holds(3, sh) == ST_OK);
            continue;
        }
        REQUIRE(strstr(s.text, "has shrunk") != NULL);
        REQUIRE(state == STORE_GOOD ? number == 1 : state == STORE_SHRUNK);
        REQUIRE(save(3, sh) == E_UNSUPPORTED);
        REQUIRE(save_flags(3, sh, STORE_OVERWRITE, NULL) == ST_OK);
        REQUIRE(reopen() == STORE_GOOD && holds(3, sh) == ST_OK);
    }
}

TEST(fake_store_unusable_disks)
{
    fake_disks_reset();
    CHECK_EQ(reopen(), STORE_FAILED);
    CHECK_STR(s.text, "there is no disk 0");
    CHECK_EQ(save(1, &shapes[2]), E_UNSUPPORTED);
    new_disk(STORE_SECTORS_MIN / 2 - 4);
    CHECK_EQ(reopen(), STORE_SMALL);
    CHECK_EQ(store_capacity(&s), 0);
    CHECK_EQ(save_flags(1, &shapes[2], STORE_OVERWRITE, NULL), E_UNSUPPORTED);
    new_disk(0);
    CHECK_EQ(reopen(), STORE_SMALL);
    fake_disks_reset();
    fake_disk_add(2048, 2 * STORE_BLOCK, false);
    CHECK_EQ(reopen(), STORE_FAILED);
    new_disk(512);
    fake_disk_bad_sector(0, 0);
    CHECK_EQ(reopen(), STORE_FAILED);
    CHECK_STR(s.text, "fake disk: read failed");
}

TEST(fake_store_read_only_and_large_blocks)
{
    fake_disks_reset();
    fake_disk_add(2048, 4096, false);
    reopen();
    CHECK(save(1, &shapes[4]) == ST_OK && save(2, &shapes[4]) == ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(2, &shapes[4]), ST_OK);
    static uint8_t kept[1024 * KIB];
    memcpy(kept, fake_disk_bytes(0), sizeof kept);
    fake_disks_reset();
    fake_disk_add(2048, PLAT_SECTOR, true);
    memcpy(fake_disk_bytes(0), kept, sizeof kept);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(2, &shapes[4]), ST_OK);
    CHECK_EQ(save(3, &shapes[4]), E_UNSUPPORTED);
    CHECK_EQ(fake_disk_counts(0).writes, 0);
}

/* A disk that begins to fail in the middle of a save: the state in memory goes on being the old one. */
TEST(fake_store_failed_save_changes_nothing)
{
    const struct shape *sh = &shapes[4];
    new_disk(1024);
    reopen();
    CHECK(save(1, sh) == ST_OK && save(2, sh) == ST_OK);
    fake_disk_cut_at(0, 2, 0);
    CHECK_EQ(save(3, sh), E_IO);
    fake_disk_power_on(0, 0); /* a cable that had come loose: the store was not opened again */
    CHECK_EQ(holds(2, sh), ST_OK);
    CHECK_EQ(save(4, sh), ST_OK);
    CHECK_EQ(holds(4, sh), ST_OK);
    CHECK_EQ(reopen(), STORE_GOOD);
    CHECK_EQ(holds(4, sh), ST_OK);
    fake_disks_reset();
    store_close(&s);
}
