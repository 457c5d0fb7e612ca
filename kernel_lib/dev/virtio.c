/* virtio.c: initialisation and the queue, the same behind every transport. */
#include "dev/virtio_priv.h"

#include "cpu/cpu_priv.h"
#include "memory/phys_priv.h"
#include "memory/vm_priv.h"

#include <string.h>

enum { DESC_NEXT = 1, DESC_WRITE = 2, AVAIL_NO_INTERRUPT = 1 };
enum { QUEUE_SIZE = 8, QUEUE_SIZE_MAX = 1024, TRIES_MAX = 1000000, CONFIG_TRIES = 10 };

struct virtio_desc {
    uint64_t phys;
    uint32_t bytes;
    uint16_t flags, next;
};
struct virtio_avail {
    uint16_t flags, index, ring[];
};
struct virtio_used {
    uint16_t flags, index;
    struct {
        uint32_t id, bytes;
    } ring[];
};

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + PLAT_PAGE - 1) & ~(PLAT_PAGE - 1);
}

static bool reset(struct virtio *v)
{
    v->transport->status_set(v, 0);
    for (int i = 0; i < TRIES_MAX; i++) {
        if (v->transport->status(v) == 0)
            return true;
        cpu_pause();
    }
    return false;
}

static const char *agree(struct virtio *v, uint64_t wanted)
{
    const struct virtio_transport *t = v->transport;
    if (!t->legacy)
        wanted |= VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM;
    v->features = t->features(v) & wanted;
    if (!t->legacy && !(v->features & VIRTIO_F_VERSION_1))
        return "it does not speak version 1 of virtio";
    t->features_set(v, v->features);
    if (t->legacy)
        return NULL;
    t->status_set(v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
    return t->status(v) & VIRTIO_FEATURES_OK ? NULL : "it refuses the features that it offered";
}

/* The parts of a queue lie as a legacy device expects them, which suits every other. */
static const char *queue_create(struct virtio *v)
{
    const struct virtio_transport *t = v->transport;
    uint16_t max = t->queue_size_max(v);
    v->size = t->any_size && max > QUEUE_SIZE ? QUEUE_SIZE : max;
    if (v->size == 0 || v->size > QUEUE_SIZE_MAX || (v->size & (v->size - 1)))
        return "its queue has a size that cannot be";
    uint64_t avail = v->size * sizeof(struct virtio_desc);
    uint64_t used = page_up(avail + (3 + v->size) * sizeof(uint16_t));
    uint64_t bytes = used + page_up(3 * sizeof(uint16_t) + v->size * 8ull);
    uint64_t phys = phys_alloc_run(bytes / PLAT_PAGE);
    if (phys == PHYS_NONE)
        return "no memory for its queue";
    uint8_t *at = vm_direct(phys);
    memset(at, 0, bytes);
    v->desc = (void *)at;
    v->avail = (void *)(at + avail);
    v->used = (void *)(at + used);
    v->avail->flags = AVAIL_NO_INTERRUPT;
    v->done = 0;
    struct virtio_ring ring = {v->size, phys, phys + avail, phys + used};
    return t->queue_start(v, &ring) ? NULL : "it does not take the queue";
}

const char *virtio_start(struct virtio *v, uint64_t wanted)
{
    const struct virtio_transport *t = v->transport;
    if (!reset(v))
        return "it cannot be reset";
    t->status_set(v, VIRTIO_ACKNOWLEDGE);
    t->status_set(v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
    const char *wrong = agree(v, wanted);
    if (!wrong)
        wrong = queue_create(v);
    uint8_t status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | (t->legacy ? 0 : VIRTIO_FEATURES_OK);
    t->status_set(v, status | (wrong ? VIRTIO_FAILED : VIRTIO_DRIVER_OK));
    return wrong;
}

/* Two halves that belong together: the upper one is the same before and after the lower one was read. */
uint64_t virtio_config64(struct virtio *v, unsigned offset)
{
    uint64_t low = 0, high = 0;
    for (int i = 0; i < CONFIG_TRIES; i++) {
        high = v->transport->config(v, offset + 4);
        low = v->transport->config(v, offset);
        if (v->transport->config(v, offset + 4) == high)
            break;
    }
    return high << 32 | low;
}

static bool has_ended(const struct virtio *v)
{
    bool ended = v->used->index != v->done;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return ended;
}

/* Most requests end before it is worth asking for the time, whose first use costs milliseconds. */
static bool wait(const struct virtio *v)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        if (has_ended(v))
            return true;
        cpu_pause();
    }
    uint64_t start = plat_ticks(), ticks_max = PLAT_DISK_SECONDS_MAX * plat_ticks_per_second();
    while (plat_ticks() - start < ticks_max) {
        if (has_ended(v))
            return true;
        cpu_pause();
    }
    return false;
}

bool virtio_request(struct virtio *v, const struct virtio_piece *pieces, unsigned count)
{
    ASSERT(count > 0 && count <= v->size);
    if (v->is_dead)
        return false;
    for (unsigned i = 0; i < count; i++) {
        v->desc[i].phys = pieces[i].phys;
        v->desc[i].bytes = pieces[i].bytes;
        v->desc[i].flags = (pieces[i].device_writes ? DESC_WRITE : 0) | (i + 1 < count ? DESC_NEXT : 0);
        v->desc[i].next = (uint16_t)(i + 1);
    }
    v->avail->ring[v->done & (v->size - 1)] = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    v->avail->index = (uint16_t)(v->done + 1);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    v->transport->notify(v);
    if (!wait(v)) {
        v->is_dead = true;
        reset(v);
        return false;
    }
    v->done++;
    return true;
}
