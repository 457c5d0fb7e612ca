/* bare_disk.c: the machine's virtio block devices as plat.h's disks: those on PCI first, by address. */
#include "dev/virtio_blk_priv.h"
#include "fmt.h"
#include "plat.h"
#include "plat/disk_priv.h"

enum { DISKS_MAX = 8 };

static struct virtio_blk disks[DISKS_MAX];
static size_t count;

static void add(const struct virtio *v, void *unused)
{
    (void)unused;
    if (count == DISKS_MAX)
        return;
    struct virtio_blk *b = &disks[count];
    *b = (struct virtio_blk){.virtio = *v};
    const char *wrong = virtio_blk_start(b);
    if (wrong)
        fmt_out(PLAT_LOG, "anneal: %s cannot be used: %s\n", b->disk.name, wrong);
    else
        count++;
}

static struct virtio_blk *get(size_t disk)
{
    static bool known;
    if (!known) {
        known = true;
        virtio_pci_scan(VIRTIO_KIND_BLOCK, add, NULL);
        virtio_mmio_scan(VIRTIO_KIND_BLOCK, add, NULL);
    }
    return disk < count ? &disks[disk] : NULL;
}

status plat_disk_at(size_t disk, struct plat_disk *out)
{
    const struct virtio_blk *b = get(disk);
    if (!b)
        return E_NOTFOUND;
    *out = b->disk;
    return ST_OK;
}

static status check(size_t disk, uint64_t sector, size_t sectors, struct virtio_blk **b, struct err *e)
{
    *b = get(disk);
    if (!*b)
        return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "no disk %zu", disk);
    return disk_check_range(&(*b)->disk, sector, sectors, e);
}

status plat_disk_read(size_t disk, uint64_t sector, void *buf, size_t sectors, struct err *e)
{
    struct virtio_blk *b;
    TRY(check(disk, sector, sectors, &b, e));
    return virtio_blk_read(b, sector, buf, sectors, e);
}

status plat_disk_write(size_t disk, uint64_t sector, const void *buf, size_t sectors, struct err *e)
{
    struct virtio_blk *b;
    TRY(check(disk, sector, sectors, &b, e));
    TRY(disk_check_writable(&b->disk, e));
    return virtio_blk_write(b, sector, buf, sectors, e);
}

status plat_disk_flush(size_t disk, struct err *e)
{
    struct virtio_blk *b;
    TRY(check(disk, 0, 0, &b, e));
    return virtio_blk_flush(b, e);
}

status plat_disk_attach(const char *path, uint64_t bytes, size_t *disk, struct err *e)
{
    (void)bytes;
    (void)disk;
    return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "%s: the image's disks are the machine's", path);
}
