/* decoders_zstd.c: one random call of libzstd's decoder. try(seed) makes data, compresses it, perhaps damages
 * it, takes it out again, into a buffer that may be too short, may hold the compressed data too, with a
 * dictionary or piece by piece, and returns a hash of the result and of all of the memory, C's stack
 * included. */
#define ZSTD_STATIC_LINKING_ONLY
#include "zstd.h"

#include <string.h>

#include "decoders.h"

enum { MOST = 300000, DICTIONARY = 5000, MARGIN = 4096 };
static unsigned char plain[MOST], packed[MOST + MOST / 64 + 1024], out[MOST + MARGIN];
static ZSTD_CCtx *packer;
static ZSTD_DCtx *unpacker;

static size_t in_pieces(size_t capacity, size_t n)
{
    ZSTD_outBuffer o = {out, 0, 0};
    ZSTD_inBuffer i = {packed, 0, 0};
    uint32_t step = 1 + any(any(2) ? 100 : 100000);
    size_t r = 1;
    ZSTD_DCtx_reset(unpacker, ZSTD_reset_session_only);
    for (int rounds = 0; rounds < 3000 && r && !ZSTD_isError(r) && (i.size < n || o.pos == o.size);
         rounds++) {
        i.size = i.size + step < n ? i.size + step : n;
        o.size = o.size + 3 * step < capacity ? o.size + 3 * step : capacity;
        r = ZSTD_decompressStream(unpacker, &o, &i);
    }
    return r + o.pos;
}

__attribute__((export_name("try"))) uint64_t try_seed(uint32_t seed)
{
    state = seed * 0x9e3779b97f4a7c15u + 1;
    if (!packer) {
        packer = ZSTD_createCCtx();
        unpacker = ZSTD_createDCtx();
    }
    size_t n = any(8) ? any(MOST) : any(500), dictionary = any(3) ? 0 : DICTIONARY, r = 0;
    fill(plain, n, MOST);
    dictionary = dictionary < n ? dictionary : 0;
    size_t body = n - dictionary;
    size_t size = ZSTD_compress_usingDict(packer, packed, sizeof packed, plain + dictionary, body, plain,
                                          dictionary, 1 + (int)any(12));
    size = damage(packed, ZSTD_isError(size) ? 0 : size);
    size_t capacity = any(3) ? body + any(MARGIN) : any((uint32_t)body + 1);
    size_t shift = any(64) % (MARGIN - (capacity > body ? capacity - body : 0) + 1);
    switch (any(4)) {
    case 0: r = in_pieces(capacity, size); break;
    case 1: /* in place */
        if (size < body) {
            memcpy(out + body + 64 - size, packed, size);
            r = ZSTD_decompress_usingDict(unpacker, out, body + 64, out + body + 64 - size, size, plain,
                                          dictionary);
            break;
        } /* fall through */
    default: r = ZSTD_decompress_usingDict(unpacker, out + shift, capacity, packed, size, plain, dictionary);
    }
    return hash_memory(r);
}
