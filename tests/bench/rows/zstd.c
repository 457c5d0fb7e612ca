/* Zstandard. n: bytes to take out of a stream of level 3; above 100,000,000: to compress at that level. */
#include "row_same.h"

#include "zstd.h"

enum { MAX = 1 << 20, COMPRESS = 100000000 };
static char plain[MAX], packed[MAX + MAX / 100 + 1024], out[MAX];
static size_t size, packed_size;
static int compress;
static volatile char first;
static ZSTD_CCtx *packer;
static ZSTD_DCtx *unpacker;

SETUP(n)
{
    compress = n >= COMPRESS;
    size = (size_t)n % COMPRESS;
    packer = ZSTD_createCCtx();
    unpacker = ZSTD_createDCtx();
    row_text(plain, (int)size);
    packed_size = ZSTD_compressCCtx(packer, packed, sizeof packed, plain, size, 3);
    first = plain[0];
}

RUN(iters)
{
    size_t r = packed_size;
    REPEAT(iters)
    {
        plain[0] = first;
        r = compress ? ZSTD_compressCCtx(packer, packed, sizeof packed, plain, size, 3)
                     : ZSTD_decompressDCtx(unpacker, out, sizeof out, packed, packed_size);
        row_sink = (double)r;
    }
    if (compress)
        r = ZSTD_decompressDCtx(unpacker, out, sizeof out, packed, r);
    return (double)r + row_same(plain, out, size);
}
