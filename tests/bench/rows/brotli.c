/* Brotli: takes n bytes out of a stream of quality 5. */
#include "row_same.h"

#include <brotli/decode.h>
#include <brotli/encode.h>

enum { MAX = 1 << 20 };
static uint8_t plain[MAX], packed[MAX + 4096], out[MAX];
static size_t size, packed_size;
static volatile uint8_t first;

SETUP(n)
{
    size = (size_t)n;
    packed_size = sizeof packed;
    row_text((char *)plain, n);
    BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, size, plain, &packed_size, packed);
    first = packed[0];
}

RUN(iters)
{
    size_t r = 0;
    REPEAT(iters)
    {
        packed[0] = first;
        r = sizeof out;
        int ok = BrotliDecoderDecompress(packed_size, packed, &r, out) == BROTLI_DECODER_RESULT_SUCCESS;
        row_sink = (double)r * ok;
    }
    return (double)r + row_same(plain, out, size);
}
