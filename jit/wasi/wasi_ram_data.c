/* wasi_ram_data.c: contents of a file in memory, in pieces that are copied when they are first written. */
#include "wasi_ram_priv.h"

#include <string.h>

#include "heap.h"

void *ram_alloc(struct ram_budget *b, size_t bytes)
{
    if (bytes > b->max - b->used)
        return NULL;
    void *p = heap_alloc(bytes);
    if (p)
        b->used += bytes;
    return p;
}

void ram_free(struct ram_budget *b, void *p, size_t bytes)
{
    if (!p)
        return;
    heap_free(p);
    b->used -= bytes;
}

static u64 min(u64 a, u64 b)
{
    return a < b ? a : b;
}

/* What is at [at, at + len), which lies in one piece. */
static void copy_out(const struct ram_data *d, u64 at, u8 *to, size_t len)
{
    u64 k = at / RAM_CHUNK;
    if (k < d->nchunks && d->chunks[k]) {
        memcpy(to, d->chunks[k] + at % RAM_CHUNK, len);
        return;
    }
    size_t given = at < d->blob_len ? (size_t)min(len, d->blob_len - at) : 0;
    if (given)
        memcpy(to, d->blob + at, given);
    memset(to + given, 0, len - given);
}

size_t ram_data_read(const struct ram_data *d, void *buf, size_t len, u64 at)
{
    size_t n = at < d->size ? (size_t)min(len, d->size - at) : 0;
    for (size_t done = 0, part; done < n; done += part) {
        part = (size_t)min(n - done, RAM_CHUNK - (at + done) % RAM_CHUNK);
        copy_out(d, at + done, (u8 *)buf + done, part);
    }
    return n;
}

static enum wasi_errno table_reserve(struct ram_data *d, struct ram_budget *b, u64 n)
{
    if (n <= d->nchunks)
        return WASI_SUCCESS;
    u64 grown = d->nchunks * 2 < n ? n : d->nchunks * 2;
    u8 **chunks = ram_alloc(b, (size_t)grown * sizeof *chunks);
    if (!chunks)
        return WASI_NOSPC;
    if (d->nchunks)
        memcpy(chunks, d->chunks, d->nchunks * sizeof *chunks);
    memset(chunks + d->nchunks, 0, (size_t)(grown - d->nchunks) * sizeof *chunks);
    ram_free(b, d->chunks, d->nchunks * sizeof *chunks);
    d->chunks = chunks;
    d->nchunks = (size_t)grown;
    return WASI_SUCCESS;
}

/* Makes piece `k` one that can be written. */
static enum wasi_errno own(struct ram_data *d, struct ram_budget *b, u64 k)
{
    enum wasi_errno e = table_reserve(d, b, k + 1);
    if (e != WASI_SUCCESS || d->chunks[k])
        return e;
    u8 *chunk = ram_alloc(b, RAM_CHUNK);
    if (!chunk)
        return WASI_NOSPC;
    copy_out(d, k * RAM_CHUNK, chunk, RAM_CHUNK);
    d->chunks[k] = chunk;
    return WASI_SUCCESS;
}

enum wasi_errno ram_data_write(struct ram_data *d, struct ram_budget *b, const void *buf, size_t len, u64 at,
                               size_t *put)
{
    *put = 0;
    if (at > RAM_SIZE_MAX || len > RAM_SIZE_MAX - at)
        return WASI_FBIG;
    for (size_t part; *put < len; *put += part) {
        u64 to = at + *put;
        enum wasi_errno e = own(d, b, to / RAM_CHUNK);
        if (e != WASI_SUCCESS)
            return *put ? WASI_SUCCESS : e;
        part = (size_t)min(len - *put, RAM_CHUNK - to % RAM_CHUNK);
        memcpy(d->chunks[to / RAM_CHUNK] + to % RAM_CHUNK, (const u8 *)buf + *put, part);
        if (to + part > d->size)
            d->size = to + part;
    }
    return WASI_SUCCESS;
}

/* What lies behind the end reads as zeros when the file grows again. */
static void cut(struct ram_data *d, struct ram_budget *b, u64 size)
{
    u64 keep = (size + RAM_CHUNK - 1) / RAM_CHUNK;
    for (u64 k = keep; k < d->nchunks; k++) {
        ram_free(b, d->chunks[k], RAM_CHUNK);
        d->chunks[k] = NULL;
    }
    if (size % RAM_CHUNK && keep <= d->nchunks && d->chunks[keep - 1])
        memset(d->chunks[keep - 1] + size % RAM_CHUNK, 0, RAM_CHUNK - size % RAM_CHUNK);
    d->blob_len = min(d->blob_len, size);
}

enum wasi_errno ram_data_set_size(struct ram_data *d, struct ram_budget *b, u64 size)
{
    if (size > RAM_SIZE_MAX)
        return WASI_FBIG;
    if (size == 0)
        ram_data_fini(d, b);
    else if (size < d->size)
        cut(d, b, size);
    d->size = size;
    return WASI_SUCCESS;
}

enum wasi_errno ram_data_allocate(struct ram_data *d, struct ram_budget *b, u64 at, u64 len)
{
    if (at > RAM_SIZE_MAX || len > RAM_SIZE_MAX - at)
        return WASI_FBIG;
    if (len > b->max)
        return WASI_NOSPC; /* before all memory is taken to find out */
    for (u64 k = at / RAM_CHUNK; k * RAM_CHUNK < at + len; k++) {
        enum wasi_errno e = own(d, b, k);
        if (e != WASI_SUCCESS)
            return e;
    }
    if (at + len > d->size)
        d->size = at + len;
    return WASI_SUCCESS;
}

void ram_data_fini(struct ram_data *d, struct ram_budget *b)
{
    for (size_t k = 0; k < d->nchunks; k++)
        ram_free(b, d->chunks[k], RAM_CHUNK);
    ram_free(b, d->chunks, d->nchunks * sizeof *d->chunks);
    *d = (struct ram_data){0};
}
