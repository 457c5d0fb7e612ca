/* decoders_zlib.c: one random call of zlib's decoder. try(seed) makes data, compresses it, perhaps with a
 * dictionary, perhaps damages it, takes it out again, at once or piece by piece, into a buffer that may be
 * too short, goes round, or holds the compressed data, too; perhaps it damages the decoder's tables in
 * between. It returns a hash of the result and of all of the memory, C's stack included. */
#include "zutil.h"

#include "inftrees.h"

#include "inflate.h"

#include <string.h>

#include "decoders.h"

enum { MOST = 150000, MARGIN = 1024, ARENA = 600000, PIECES = 400, DICTIONARY_MOST = 40000, SLACK = 4096 };
static unsigned char plain[MOST], packed[MOST + MOST / 8 + MARGIN], out[MOST + MARGIN + SLACK];
static unsigned char dictionary[DICTIONARY_MOST];
static _Alignas(16) unsigned char arena[ARENA];
static size_t used, dictionary_size;

static voidpf take(voidpf opaque, uInt n, uInt size)
{
    size_t at = used, bytes = ((size_t)n * size + 15) & ~(size_t)15;
    (void)opaque;
    if (bytes > ARENA - at)
        return Z_NULL;
    used += bytes;
    return arena + at;
}

static void leave(voidpf opaque, voidpf p)
{
    (void)opaque;
    (void)p;
}

static z_stream begin(void)
{
    used = 0;
    return (z_stream){.zalloc = take, .zfree = leave};
}

static size_t compress_some(size_t n, int window)
{
    z_stream s = begin();
    int level = (int)any(10), strategy = any(2) ? Z_DEFAULT_STRATEGY : (int)any(5);
    uint32_t step = any(2) ? MOST : 1000 + any(30000);
    if (deflateInit2(&s, level, Z_DEFLATED, window, 1 + (int)any(9), strategy) != Z_OK)
        return 0;
    if (dictionary_size && deflateSetDictionary(&s, dictionary, (uInt)dictionary_size) != Z_OK)
        dictionary_size = 0;
    s.next_in = plain;
    s.next_out = packed;
    for (size_t done = 0; done <= n; done += step) { /* blocks of all kinds, the last one empty */
        s.avail_in = (uInt)(n - done < step ? n - done : step);
        s.avail_out = (uInt)(packed + sizeof packed - s.next_out);
        deflate(&s, n - done < step ? Z_FINISH : (int)any(4));
    }
    return s.total_out;
}

/* Another table entry or bit count than the stream says. No link may lead to itself, nor a length reach
 * beyond SLACK. */
static void damage_state(z_stream *s)
{
    struct inflate_state *i = (struct inflate_state *)s->state;
    code *entry = any(2) ? &i->codes[any(ENOUGH)] : (code *)i->lencode + any(1u << i->lenbits);
    int is_link = entry->op && !(entry->op & 0x50);
    switch (any(5)) {
    case 0: entry->op = (unsigned char)(any(128) | (any(2) ? 16 : 64)); break;
    case 1: entry->bits = (unsigned char)any(34); break;
    case 2: entry->val = (unsigned short)(is_link ? ENOUGH + any(2000) : any(300)); break;
    case 3: entry->val ^= (unsigned short)(is_link ? 0 : 1u << any(9)); break;
    default: i->lenbits = any(10);
    }
}

static uint64_t decode(unsigned char *in, size_t size, size_t capacity, int window, int damaged)
{
    z_stream s = begin();
    uint32_t step = any(3) ? MOST : 1 + any(2000), step_out = any(2) ? (uint32_t)capacity : 1 + any(3000);
    int r = inflateInit2(&s, window), round = any(3) == 0;
    s.next_in = in;
    s.next_out = out;
    if (window < 0 && dictionary_size)
        inflateSetDictionary(&s, dictionary, (uInt)dictionary_size);
    for (int k = 0; k < PIECES && r == Z_OK; k++) {
        size_t left = size - s.total_in, room = (size_t)(out + capacity - s.next_out);
        if (!room && round) {
            s.next_out = out;
            room = capacity;
        }
        s.avail_in = (uInt)(left < step ? left : step);
        s.avail_out = (uInt)(room < step_out ? room : step_out);
        r = inflate(&s, any(8) ? Z_NO_FLUSH : Z_SYNC_FLUSH);
        if (r == Z_NEED_DICT && dictionary_size)
            r = inflateSetDictionary(&s, dictionary, (uInt)dictionary_size);
        if (damaged && any(2))
            damage_state(&s);
    }
    uint64_t h = (uint64_t)s.total_out << 32 ^ s.total_in ^ s.adler ^ (uint64_t)(uint32_t)r << 16;
    inflateEnd(&s);
    return h;
}

__attribute__((export_name("try"))) uint64_t try_seed(uint32_t seed)
{
    static const int added[] = {0, 16, 0}; /* zlib, gzip, none */
    state = seed * 0x9e3779b97f4a7c15u + 1;
    size_t n = any(8) ? any(MOST) : any(600);
    int bits = 9 + (int)any(7), form = (int)any(3), window = form == 2 ? -bits : bits + added[form];
    fill(plain, n, 40000);
    dictionary_size = any(4) || form == 1 ? 0 : 1 + any(DICTIONARY_MOST);
    memcpy(dictionary, plain + any((uint32_t)(MOST - dictionary_size)), dictionary_size);
    size_t size = compress_some(n, window), capacity = any(3) ? n + any(MARGIN) : any((uint32_t)n + 1);
    if (any(8) == 0) { /* as if it were one */
        for (size_t k = 0; k < 64 && k < size; k++)
            packed[size - 1 - k] = (unsigned char)any(256);
    }
    size = any(2) ? size : damage(packed, size);
    unsigned char *in = packed;
    if (any(8) == 0 && size <= capacity) { /* in place */
        in = out + capacity - size;
        memcpy(in, packed, size);
    }
    return hash_memory(decode(in, size, capacity, window, any(4) == 0));
}
