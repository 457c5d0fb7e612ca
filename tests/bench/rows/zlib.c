/* zlib. n: bytes to inflate from a stream of level 6; above 100,000,000: to deflate at that level. */
#include "row_same.h"

#include "zlib.h"

enum { MAX = 1 << 20, COMPRESS = 100000000 };
static Bytef plain[MAX], packed[MAX + MAX / 100 + 1024], out[MAX];
static uLong size, packed_size;
static int deflating;
static volatile Bytef first;

SETUP(n)
{
    deflating = n >= COMPRESS;
    size = (uLong)n % COMPRESS;
    row_text((char *)plain, (int)size);
    packed_size = sizeof packed;
    compress2(packed, &packed_size, plain, size, 6);
    first = plain[0];
}

RUN(iters)
{
    uLongf r = 0;
    REPEAT(iters)
    {
        plain[0] = first;
        r = deflating ? sizeof packed : sizeof out;
        if (deflating)
            compress2(packed, &r, plain, size, 6);
        else
            uncompress(out, &r, packed, packed_size);
        row_sink = (double)r;
    }
    uLongf back = sizeof out;
    uncompress(out, &back, packed, deflating ? r : packed_size);
    return (double)r + row_same(plain, out, size);
}
