/* host_disk.c: files as disks. */
#define _GNU_SOURCE
#include "plat.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include "fmt.h"
#include "plat/disk_priv.h"

enum { DISKS_MAX = 8 };

static struct {
    int fd;
    struct plat_disk disk;
} disks[DISKS_MAX];
static size_t count;

status plat_disk_at(size_t disk, struct plat_disk *out)
{
    if (disk >= count)
        return E_NOTFOUND;
    *out = disks[disk].disk;
    return ST_OK;
}

/* A long path is told by its end. */
static void name_set(char *name, size_t size, const char *path)
{
    size_t len = strlen(path);
    fmt_s(name, size, "%s%s", len < size ? "" : "...", len < size ? path : path + len - (size - 4));
}

/* The size of a file or block device, a file being extended to `bytes`. */
static status size_get(int fd, bool writable, uint64_t bytes, uint64_t *size)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return E_IO;
    *size = (uint64_t)st.st_size;
    if (S_ISBLK(st.st_mode))
        return ioctl(fd, BLKGETSIZE64, size) == 0 ? ST_OK : E_IO;
    if (!S_ISREG(st.st_mode))
        return E_INVAL;
    if (!writable || *size >= bytes)
        return ST_OK;
    *size = bytes;
    return ftruncate(fd, (off_t)bytes) == 0 ? ST_OK : E_IO;
}

static int open_either(const char *path, bool create, bool *writable)
{
    int fd = open(path, O_RDWR | (create ? O_CREAT : 0) | O_CLOEXEC, 0666);
    *writable = fd >= 0;
    if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
        fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd;
}

/* NULL, or why the file cannot be a disk. Two programs that write one disk would spoil it, so all of it is
 * locked; of this kind of lock is also QEMU's on its images. */
static const char *claim(int fd, bool writable, uint64_t bytes, uint64_t *size)
{
    struct flock whole = {.l_type = writable ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
        return errno == EAGAIN || errno == EACCES ? "in use by another program" : strerror(errno);
    status s = size_get(fd, writable, bytes, size);
    return s == ST_OK ? NULL : s == E_INVAL ? "neither a file nor a block device" : strerror(errno);
}

status plat_disk_attach(const char *path, uint64_t bytes, size_t *disk, struct err *e)
{
    bool writable;
    uint64_t size;
    if (count == DISKS_MAX)
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "%s: more than %d disks", path, DISKS_MAX);
    int fd = open_either(path, bytes > 0, &writable);
    if (fd < 0)
        return err_set(e, errno == ENOENT ? E_NOTFOUND : E_IO, ERR_NO_OFFSET, "%s: %s", path,
                       strerror(errno));
    const char *wrong = claim(fd, writable, bytes, &size);
    if (wrong) {
        close(fd);
        return err_set(e, E_IO, ERR_NO_OFFSET, "%s: %s", path, wrong);
    }
    struct plat_disk d = {.sectors = size / PLAT_SECTOR, .block = PLAT_SECTOR, .read_only = !writable};
    name_set(d.name, sizeof d.name, path);
    disks[count].fd = fd;
    disks[count].disk = d;
    *disk = count++;
    return ST_OK;
}

static status check(size_t disk, uint64_t sector, size_t sectors, struct err *e)
{
    if (disk >= count)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "no disk %zu", disk);
    return disk_check_range(&disks[disk].disk, sector, sectors, e);
}

static status failed(size_t disk, const char *what, uint64_t at, struct err *e)
{
    return err_set(e, E_IO, at, "%s: %s: %s", disks[disk].disk.name, what,
                   errno ? strerror(errno) : "short file");
}

status plat_disk_read(size_t disk, uint64_t sector, void *buf, size_t sectors, struct err *e)
{
    TRY(check(disk, sector, sectors, e));
    uint8_t *p = buf;
    uint64_t at = sector * PLAT_SECTOR, end = at + (uint64_t)sectors * PLAT_SECTOR;
    while (at < end) {
        errno = 0;
        ssize_t n = pread(disks[disk].fd, p, end - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(disk, "read", at, e);
        p += n;
        at += (uint64_t)n;
    }
    return ST_OK;
}

status plat_disk_write(size_t disk, uint64_t sector, const void *buf, size_t sectors, struct err *e)
{
    TRY(check(disk, sector, sectors, e));
    TRY(disk_check_writable(&disks[disk].disk, e));
    const uint8_t *p = buf;
    uint64_t at = sector * PLAT_SECTOR, end = at + (uint64_t)sectors * PLAT_SECTOR;
    while (at < end) {
        errno = 0;
        ssize_t n = pwrite(disks[disk].fd, p, end - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(disk, "write", at, e);
        p += n;
        at += (uint64_t)n;
    }
    return ST_OK;
}

status plat_disk_flush(size_t disk, struct err *e)
{
    TRY(check(disk, 0, 0, e));
    if (disks[disk].disk.read_only || fdatasync(disks[disk].fd) == 0)
        return ST_OK;
    return failed(disk, "flush", 0, e);
}
