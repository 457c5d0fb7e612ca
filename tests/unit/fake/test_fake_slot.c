/* The disk that was booted: its partition table, boot control and slots, with flipped bits and losses of
 * power at every write. */
#include "boot_disk.h"
#include "fake_disk.h"
#include "fake_plat.h"

#include <string.h>

#include "unit.h"

enum {
    SECTORS = 2048,
    TABLE_AT = 2,
    TABLE_BYTES = 16384,
    HEADER_BYTES = 92,
    PARTS = 4,
    SLOT_SECTORS = 200,
    ELF_SECTORS = 150
};
enum { CONTROL_AT = 128, A_AT = 256, B_AT = 456, STATE_AT = 700, BLOCK_AT = (CONTROL_AT + 64) * 512 };

static size_t disk;
static uint8_t elf[3][ELF_SECTORS * PLAT_SECTOR];

/* By the definition, bit by bit, from the other end than the code under test. */
static uint32_t crc_of(const uint8_t *p, size_t n)
{
    uint32_t r = 0xffffffffu, out = 0;
    for (size_t k = 0; k < n * 8; k++) {
        uint32_t in = p[k / 8] >> k % 8 & 1;
        r = r << 1 ^ ((r >> 31 ^ in) ? 0x04c11db7u : 0);
    }
    for (int k = 0; k < 32; k++)
        out |= (r >> k & 1) << (31 - k);
    return ~out;
}

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++)
        at[k] = (uint8_t)(value >> 8 * k);
}

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void put_guid(uint8_t *at, const char *text)
{
    static const uint8_t place[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int k = 0; k < 16; text += 2, k++) {
        text += *text == '-';
        at[place[k]] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
    }
}

#define DISK_GUID "01234567-89ab-cdef-0123-456789abcdef"

static void put_table(uint8_t *header, uint8_t *table, uint64_t table_at)
{
    static const struct {
        const char *type;
        uint64_t first, last;
    } entries[PARTS] = {{"86a3d091-1023-487e-a049-aa2ba8eceaf3", CONTROL_AT, A_AT - 1},
                        {"881191a1-f38a-4dbf-8d75-73fe5118b977", A_AT, B_AT - 1},
                        {"b91dfa1e-9fd2-46ca-8fc5-c8a88fe26e16", B_AT, B_AT + SLOT_SECTORS - 1},
                        {"db917201-424d-4456-87fe-92c5870573d9", STATE_AT, STATE_AT + 299}};
    for (int k = 0; k < PARTS; k++) {
        put_guid(table + 128 * k, entries[k].type);
        put(table + 128 * k + 32, entries[k].first, 8);
        put(table + 128 * k + 40, entries[k].last, 8);
    }
    memcpy(header, "EFI PART", 8);
    put(header + 12, HEADER_BYTES, 4);
    put_guid(header + 56, DISK_GUID);
    put(header + 72, table_at, 8);
    put(header + 80, 128, 4);
    put(header + 84, 128, 4);
    put(header + 88, crc_of(table, TABLE_BYTES), 4);
    put(header + 16, crc_of(header, HEADER_BYTES), 4);
}

static uint8_t *sector(uint64_t n)
{
    return fake_disk_bytes(disk) + n * PLAT_SECTOR;
}

static void new_disk(struct boot_disk *d, struct boot_control *c)
{
    fake_reset();
    fake_disks_reset();
    disk = fake_disk_add(SECTORS, PLAT_SECTOR, false);
    static uint8_t ends[2][33 * PLAT_SECTOR];
    memset(ends, 0, sizeof ends);
    put_table(ends[0], ends[0] + PLAT_SECTOR, TABLE_AT);
    put_table(ends[1] + 32 * PLAT_SECTOR, ends[1], SECTORS - 33);
    CHECK(plat_disk_write(disk, 1, ends[0], 33, NULL) == ST_OK);
    CHECK(plat_disk_write(disk, SECTORS - 33, ends[1], 33, NULL) == ST_OK);
    *c = (struct boot_control){.watchdog = 7};
    CHECK(boot_disk_read(disk, d, NULL) == ST_OK);
    CHECK(boot_control_write(d, c, NULL) == ST_OK);
}

static bool parts_are_right(const struct boot_disk *d)
{
    return strcmp(d->guid, DISK_GUID) == 0 && d->part[DISK_PART_CONTROL].sector == CONTROL_AT &&
           d->part[DISK_PART_SLOT_A].sector == A_AT && d->part[DISK_PART_SLOT_B].sectors == SLOT_SECTORS &&
           d->part[DISK_PART_STATE].sector == STATE_AT && d->part[DISK_PART_STATE].sectors == 300;
}

TEST(boot_disk_flips)
{
    struct boot_disk d;
    struct boot_control c;
    new_disk(&d, &c);
    CHECK(parts_are_right(&d));
    for (size_t bit = 0; bit < (HEADER_BYTES + PARTS * 128) * 8; bit += bit < HEADER_BYTES * 8 ? 1 : 5) {
        size_t byte =
            bit / 8 < HEADER_BYTES ? PLAT_SECTOR + bit / 8 : TABLE_AT * PLAT_SECTOR + bit / 8 - HEADER_BYTES;
        struct err e = {0};
        fake_disk_bytes(disk)[byte] ^= (uint8_t)(1 << bit % 8);
        REQUIRE(boot_disk_read(disk, &d, &e) == ST_OK && parts_are_right(&d));
        CHECK(e.code != ST_OK);
        fake_disk_bytes(disk)[byte] ^= (uint8_t)(1 << bit % 8);
    }
    sector(1)[60] ^= 1;
    sector(SECTORS - 1)[60] ^= 1;
    CHECK(boot_disk_read(disk, &d, NULL) == E_INVAL);
    CHECK(boot_disk_find(DISK_GUID, &d, NULL) == E_NOTFOUND);
    memset(sector(1), 0, PLAT_SECTOR);
    memset(sector(SECTORS - 1), 0, PLAT_SECTOR);
    CHECK(boot_disk_read(disk, &d, NULL) == E_NOTFOUND);
}

TEST(boot_disk_is_found_by_name)
{
    struct boot_disk d;
    struct boot_control c;
    const char *guid;
    char who[8];
    new_disk(&d, &c);
    CHECK(boot_disk_option("a@" DISK_GUID, who, &guid) && strcmp(who, "a") == 0);
    CHECK(boot_disk_find(guid, &d, NULL) == ST_OK && d.disk == disk);
    CHECK(boot_disk_find("01234567-89ab-cdef-0123-456789abcdee", &d, NULL) == E_NOTFOUND);
    CHECK(!boot_disk_option("", who, &guid) && !boot_disk_option("something@" DISK_GUID, who, &guid));
}

/* A flipped bit never makes a slot that is to be booted of one that is not. */
TEST(boot_control_flips)
{
    struct boot_disk d;
    struct boot_control c, got;
    new_disk(&d, &c);
    for (int good = SLOT_NONE; good < SLOT_UNKNOWN; good++) {
        c = (struct boot_control){
            .slot = {(enum slot_word)good, SLOT_NONE}, .newest = 1, .fails = {2, 1}, .watchdog = 300};
        REQUIRE(boot_control_write(&d, &c, NULL) == ST_OK);
        REQUIRE(boot_control_read(&d, &got, NULL) == ST_OK);
        CHECK(memcmp(&c, &got, sizeof c) == 0);
        for (size_t bit = 0; bit < 1024 * 8; bit++) {
            struct err e = {0};
            uint8_t *byte = fake_disk_bytes(disk) + BLOCK_AT + bit / 8;
            *byte ^= (uint8_t)(1 << bit % 8);
            status st = boot_control_read(&d, &got, &e);
            CHECK(st == E_INVAL || got.slot[0] == c.slot[0] || got.slot[0] == SLOT_UNKNOWN);
            CHECK(st == E_INVAL || got.slot[1] == c.slot[1] || got.slot[1] == SLOT_UNKNOWN);
            CHECK((st != E_INVAL && got.slot[0] != SLOT_UNKNOWN && got.slot[1] != SLOT_UNKNOWN) ||
                  e.code != ST_OK);
            *byte ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static struct slot_appliance appliance(unsigned seed)
{
    struct slot_appliance a = {.bytes = elf[seed], .sectors = ELF_SECTORS - seed, .watchdog = 100 + seed};
    for (size_t k = 0; k < sizeof elf[seed]; k++)
        elf[seed][k] = (uint8_t)(k * 7 + k / 512 + seed * 31);
    memset(a.sha256, (int)(0xa0 + seed), sizeof a.sha256);
    return a;
}

/* The number of the appliance that is whole in a slot; -1: none. */
static int whole(unsigned slot)
{
    const uint8_t *at = sector(slot ? B_AT : A_AT);
    for (unsigned k = 0; k < 3; k++) {
        char end[80];
        for (int h = 0; h < 32; h++)
            memcpy(end + 2 * h, k == 0 ? "a0" : k == 1 ? "a1" : "a2", 2);
        memcpy(end + 64, k == 0 ? "  8+150\n" : k == 1 ? "  8+149\n" : "  8+148\n", 8);
        if (memcmp(at + PLAT_SECTOR - 72, end, 72) == 0 && at[0] == ' ' &&
            memcmp(at + SLOT_ELF_SECTOR * PLAT_SECTOR, elf[k], (ELF_SECTORS - k) * PLAT_SECTOR) == 0)
            return (int)k;
    }
    return -1;
}

TEST(slot_turns)
{
    struct boot_disk d;
    struct boot_control c;
    unsigned slot;
    struct slot_appliance a = appliance(0), b = appliance(1), x = appliance(2);
    new_disk(&d, &c);
    REQUIRE(slot_install(&d, &c, &a, &slot, NULL) == ST_OK);
    CHECK(slot == 1 && whole(1) == 0 && c.slot[1] == SLOT_TRY && c.newest == 1);
    c.slot[1] = SLOT_GOOD;
    REQUIRE(slot_install(&d, &c, &a, &slot, NULL) == ST_OK); /* it is there already */
    CHECK(slot == 1 && c.slot[1] == SLOT_GOOD);
    REQUIRE(slot_install(&d, &c, &b, &slot, NULL) == ST_OK);
    CHECK(slot == 0 && whole(0) == 1 && whole(1) == 0 && c.slot[0] == SLOT_TRY && c.slot[1] == SLOT_GOOD &&
          c.newest == 0);
    REQUIRE(slot_install(&d, &c, &x, &slot, NULL) == ST_OK);
    CHECK(slot == 1 && whole(1) == 2 && c.watchdog == 102);
    x.sectors = SLOT_SECTORS;
    x.sha256[0] = 0;
    CHECK(slot_install(&d, &c, &x, &slot, NULL) == E_LIMIT && whole(0) == 1 && c.slot[0] == SLOT_TRY);
}

TEST(slot_fails_thrice)
{
    struct boot_disk d;
    struct boot_control c;
    unsigned slot;
    struct slot_appliance a = appliance(0), b = appliance(1);
    new_disk(&d, &c);
    for (unsigned k = 0; k < SLOT_TRIES; k++) {
        REQUIRE(slot_install(&d, &c, &a, &slot, NULL) == ST_OK && c.fails[slot] == k);
        c.slot[slot] = SLOT_OUT;
        c.fails[slot]++;
    }
    CHECK(slot_install(&d, &c, &a, &slot, NULL) == E_LIMIT);
    CHECK(slot_install(&d, &c, &b, &slot, NULL) == ST_OK && c.fails[slot] == 0);
}

/* At every write: what boot control would have booted is whole, and what was good stays. */
TEST(slot_power_cuts)
{
    struct boot_disk d;
    struct boot_control c, got;
    unsigned slot;
    struct slot_appliance a = appliance(0), b = appliance(1), x = appliance(2);
    bool cut = true;
    size_t n = 0;
    for (; cut; n++) {
        for (uint64_t seed = 1; seed < 6; seed++) {
            new_disk(&d, &c);
            REQUIRE(slot_install(&d, &c, &a, &slot, NULL) == ST_OK);
            c.slot[1] = SLOT_GOOD;
            REQUIRE(slot_install(&d, &c, &b, &slot, NULL) ==
                    ST_OK); /* in A, to be tried; then X would take B */
            c.slot[0] = SLOT_GOOD;
            REQUIRE(boot_control_write(&d, &c, NULL) == ST_OK);
            fake_disk_cut_at(disk, n, seed);
            status st = slot_install(&d, &c, &x, &slot, NULL);
            cut = fake_disk_is_off(disk);
            CHECK((st == ST_OK) == !cut);
            fake_disk_power_on(disk, seed);
            REQUIRE(boot_control_read(&d, &got, NULL) == ST_OK);
            CHECK(got.slot[0] == SLOT_GOOD && whole(0) == 1);
            CHECK(got.slot[1] == SLOT_NONE || (got.slot[1] == SLOT_GOOD && whole(1) == 0) ||
                  (got.slot[1] == SLOT_TRY && whole(1) == 2 && got.newest == 1));
        }
    }
    CHECK(n >= 8); /* writes and flushes of one save */
}
