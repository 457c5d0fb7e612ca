/* LZ4. n: bytes to take out of a stream of level 9; above 100,000,000: to compress, quickly. */
#include "row_same.h"

#include "lz4.h"
#include "lz4hc.h"

enum { MAX = 1 << 20, COMPRESS = 100000000 };
static char plain[MAX], packed[MAX + MAX / 100 + 64], out[MAX];
static int size, packed_size, compress;
static volatile char first;

SETUP(n)
{
    compress = n >= COMPRESS;
    size = n % COMPRESS;
    row_text(plain, size);
    packed_size = LZ4_compress_HC(plain, packed, size, sizeof packed, 9);
    first = plain[0];
}

RUN(iters)
{
    int r = 0;
    REPEAT(iters)
    {
        plain[0] = first;
        row_sink = r = compress ? LZ4_compress_default(plain, packed, size, sizeof packed)
                                : LZ4_decompress_safe(packed, out, packed_size, MAX);
    }
    if (compress) /* the size of the stream depends on that of a pointer */
        r = LZ4_decompress_safe(packed, out, r, MAX);
    return r + row_same(plain, out, (size_t)size);
}
