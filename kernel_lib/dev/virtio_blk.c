/* virtio_blk.c: see virtio_blk_priv.h. */
#include "dev/virtio_blk_priv.h"

#include "fmt.h"
#include "memory/phys_priv.h"
#include "memory/vm_priv.h"

#include <string.h>

enum feature { F_SIZE_MAX = 1, F_READ_ONLY = 5, F_BLOCK_SIZE = 6, F_FLUSH = 9 };
enum config { CONFIG_SECTORS = 0, CONFIG_SIZE_MAX = 8, CONFIG_BLOCK_SIZE = 20 };
enum request { REQUEST_READ = 0, REQUEST_WRITE = 1, REQUEST_FLUSH = 4 };
enum answer { ANSWER_OK = 0, ANSWER_UNSUPPORTED = 2, ANSWER_NONE = 0xff };
enum { DATA_BYTES = 64 * 1024 };

struct head { /* at the start of `memory` */
    uint32_t request, reserved;
    uint64_t sector;
    uint8_t answer;
};
enum { HEAD_BYTES = 16 }; /* without the answer */

static bool has(const struct virtio_blk *b, enum feature f)
{
    return b->virtio.features >> f & 1;
}

static void *data(const struct virtio_blk *b)
{
    return vm_direct(b->memory + PLAT_PAGE);
}

static const char *disk_describe(struct virtio_blk *b)
{
    struct virtio *v = &b->virtio;
    struct plat_disk *d = &b->disk;
    d->sectors = virtio_config64(v, CONFIG_SECTORS);
    d->block = has(b, F_BLOCK_SIZE) ? v->transport->config(v, CONFIG_BLOCK_SIZE) : PLAT_SECTOR;
    d->read_only = has(b, F_READ_ONLY);
    if (d->block < PLAT_SECTOR || d->block > DATA_BYTES || (d->block & (d->block - 1)))
        return "its blocks have a size that cannot be";
    uint32_t size_max = has(b, F_SIZE_MAX) ? v->transport->config(v, CONFIG_SIZE_MAX) : DATA_BYTES;
    b->bytes_max = (size_max < DATA_BYTES ? size_max : DATA_BYTES) & ~(d->block - 1);
    return b->bytes_max ? NULL : "it takes less than a block at a time";
}

const char *virtio_blk_start(struct virtio_blk *b)
{
    const uint64_t wanted = 1u << F_SIZE_MAX | 1u << F_READ_ONLY | 1u << F_BLOCK_SIZE | 1u << F_FLUSH;
    fmt_s(b->disk.name, sizeof b->disk.name, "virtio disk at %s", b->virtio.name);
    b->memory = phys_alloc_run(1 + DATA_BYTES / PLAT_PAGE);
    if (b->memory == PHYS_NONE)
        return "no memory for its requests";
    const char *wrong = virtio_start(&b->virtio, wanted);
    return wrong ? wrong : disk_describe(b);
}

static const char *const request_names[] = {
    [REQUEST_READ] = "read", [REQUEST_WRITE] = "write", [REQUEST_FLUSH] = "flush"};

static status run(struct virtio_blk *b, enum request what, uint64_t sector, uint32_t bytes, struct err *e)
{
    struct head *h = vm_direct(b->memory);
    *h = (struct head){.request = what, .sector = sector, .answer = ANSWER_NONE};
    struct virtio_piece pieces[3] = {{b->memory, HEAD_BYTES, false}};
    unsigned n = 1;
    if (bytes)
        pieces[n++] = (struct virtio_piece){b->memory + PLAT_PAGE, bytes, what == REQUEST_READ};
    pieces[n++] = (struct virtio_piece){b->memory + offsetof(struct head, answer), 1, true};
    bool answered = virtio_request(&b->virtio, pieces, n);
    uint8_t answer = *(volatile uint8_t *)&h->answer;
    if (answered && answer == ANSWER_OK)
        return ST_OK;
    return err_set(e, E_IO, sector * PLAT_SECTOR, "%s: %s: %s", b->disk.name, request_names[what],
                   !answered                      ? "it has stopped answering"
                   : answer == ANSWER_UNSUPPORTED ? "it does not know this request"
                                                  : "it failed");
}

status virtio_blk_read(struct virtio_blk *b, uint64_t sector, void *buf, size_t sectors, struct err *e)
{
    uint8_t *to = buf;
    uint64_t left = (uint64_t)sectors * PLAT_SECTOR;
    while (left) {
        uint32_t n = left < b->bytes_max ? (uint32_t)left : b->bytes_max;
        TRY(run(b, REQUEST_READ, sector, n, e));
        memcpy(to, data(b), n);
        to += n;
        sector += n / PLAT_SECTOR;
        left -= n;
    }
    return ST_OK;
}

status virtio_blk_write(struct virtio_blk *b, uint64_t sector, const void *buf, size_t sectors, struct err *e)
{
    const uint8_t *from = buf;
    uint64_t left = (uint64_t)sectors * PLAT_SECTOR;
    while (left) {
        uint32_t n = left < b->bytes_max ? (uint32_t)left : b->bytes_max;
        memcpy(data(b), from, n);
        TRY(run(b, REQUEST_WRITE, sector, n, e));
        from += n;
        sector += n / PLAT_SECTOR;
        left -= n;
    }
    return ST_OK;
}

/* A device without this feature has no cache that could be lost. */
status virtio_blk_flush(struct virtio_blk *b, struct err *e)
{
    return has(b, F_FLUSH) ? run(b, REQUEST_FLUSH, 0, 0, e) : ST_OK;
}
