/* Disks of the hosted platform: files. */
#define _GNU_SOURCE
#include "plat.h"

#include <string.h>

#include "unit.h"

#ifdef ANNEAL_HOST
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(host_disk_is_a_file)
{
    char path[] = "/tmp/anneal-disk-XXXXXX";
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
    struct err e = {0};
    struct plat_disk d;
    uint8_t out[3 * PLAT_SECTOR], in[3 * PLAT_SECTOR];
    size_t disk, again;
    memset(out, 0x5a, sizeof out);
    CHECK_EQ(plat_disk_attach(path, 65536, &disk, &e), ST_OK);
    CHECK_EQ(plat_disk_attach(path, 65536, &again, &e), E_IO);
    CHECK(strstr(e.text, "in use") != NULL);
    CHECK_EQ(plat_disk_at(disk, &d), ST_OK);
    CHECK_EQ(d.sectors, 128);
    CHECK(!d.read_only && strcmp(d.name, path) == 0);
    CHECK_EQ(plat_disk_write(disk, 125, out, 3, NULL), ST_OK);
    CHECK_EQ(plat_disk_flush(disk, NULL), ST_OK);
    CHECK_EQ(plat_disk_read(disk, 125, in, 3, NULL), ST_OK);
    CHECK(memcmp(in, out, sizeof in) == 0);
    CHECK_EQ(plat_disk_read(disk, 0, in, 1, NULL), ST_OK);
    CHECK(in[0] == 0);
    e = (struct err){0};
    CHECK_EQ(plat_disk_write(disk, 126, out, 3, &e), E_INVAL);
    CHECK_EQ(e.offset, 126 * PLAT_SECTOR);
    CHECK_EQ(plat_disk_read(disk, UINT64_MAX, in, 2, NULL), E_INVAL);
    struct stat st;
    CHECK(stat(path, &st) == 0 && st.st_size == 65536);
    CHECK(truncate(path, 1024) == 0); /* behind its back */
    CHECK_EQ(plat_disk_read(disk, 8, in, 1, NULL), E_IO);
    unlink(path);
}

TEST(host_disk_that_cannot_be)
{
    struct err e = {0};
    size_t disk;
    CHECK_EQ(plat_disk_attach("no/such/folder/state", 65536, &disk, &e), E_NOTFOUND);
    CHECK(strstr(e.text, "No such file") != NULL);
    CHECK_EQ(plat_disk_attach("/tmp/anneal-no-such-file", 0, &disk, NULL), E_NOTFOUND);
    CHECK(plat_disk_attach("/tmp", 65536, &disk, NULL) != ST_OK);
    CHECK(plat_disk_attach("/dev/null", 65536, &disk, NULL) != ST_OK);
}
#endif

TEST(disk_that_is_not_there)
{
    struct plat_disk d;
    uint8_t sector[PLAT_SECTOR];
    CHECK_EQ(plat_disk_at(1000, &d), E_NOTFOUND);
    CHECK_EQ(plat_disk_read(1000, 0, sector, 1, NULL), E_NOTFOUND);
    CHECK_EQ(plat_disk_write(1000, 0, sector, 1, NULL), E_NOTFOUND);
    CHECK_EQ(plat_disk_flush(1000, NULL), E_NOTFOUND);
}
