/* xxh64.c: XXH64 on a little-endian machine. */
#include "xxh64.h"

#include <string.h>

#define P1 0x9e3779b185ebca87ull
#define P2 0xc2b2ae3d27d4eb4full
#define P3 0x165667b19e3779f9ull
#define P4 0x85ebca77c2b2ae63ull
#define P5 0x27d4eb2f165667c5ull

enum { STRIPE = 32 };

static uint64_t rotl(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t load(const uint8_t *p, size_t len)
{
    uint64_t v = 0;
    memcpy(&v, p, len);
    return v;
}

static uint64_t round_of(uint64_t lane, uint64_t input)
{
    return rotl(lane + input * P2, 31) * P1;
}

void xxh64_init(struct xxh64 *h, uint64_t seed)
{
    *h = (struct xxh64){.lane = {seed + P1 + P2, seed + P2, seed, seed - P1}, .seed = seed};
}

static const uint8_t *stripes(struct xxh64 *h, const uint8_t *p, size_t count)
{
    uint64_t a = h->lane[0], b = h->lane[1], c = h->lane[2], d = h->lane[3];
    for (; count; count--, p += STRIPE) {
        a = round_of(a, load(p, 8));
        b = round_of(b, load(p + 8, 8));
        c = round_of(c, load(p + 16, 8));
        d = round_of(d, load(p + 24, 8));
    }
    h->lane[0] = a;
    h->lane[1] = b;
    h->lane[2] = c;
    h->lane[3] = d;
    return p;
}

void xxh64_add(struct xxh64 *h, const void *data, size_t len)
{
    const uint8_t *p = data;
    h->total += len;
    if (h->nrest) {
        size_t n = STRIPE - h->nrest < len ? STRIPE - h->nrest : len;
        memcpy(h->rest + h->nrest, p, n);
        h->nrest += n;
        p += n;
        len -= n;
        if (h->nrest < STRIPE)
            return;
        stripes(h, h->rest, 1);
    }
    p = stripes(h, p, len / STRIPE);
    h->nrest = len % STRIPE;
    if (h->nrest)
        memcpy(h->rest, p, h->nrest);
}

static uint64_t join_lanes(const struct xxh64 *h)
{
    const uint64_t *l = h->lane;
    uint64_t v = rotl(l[0], 1) + rotl(l[1], 7) + rotl(l[2], 12) + rotl(l[3], 18);
    for (int i = 0; i < 4; i++)
        v = (v ^ round_of(0, l[i])) * P1 + P4;
    return v;
}

uint64_t xxh64_value(const struct xxh64 *h)
{
    uint64_t v = (h->total >= STRIPE ? join_lanes(h) : h->seed + P5) + h->total;
    const uint8_t *p = h->rest, *end = p + h->nrest;
    for (; end - p >= 8; p += 8)
        v = rotl(v ^ round_of(0, load(p, 8)), 27) * P1 + P4;
    for (; end - p >= 4; p += 4)
        v = rotl(v ^ load(p, 4) * P1, 23) * P2 + P3;
    for (; p < end; p++)
        v = rotl(v ^ *p * P5, 11) * P1;
    v = (v ^ v >> 33) * P2;
    v = (v ^ v >> 29) * P3;
    return v ^ v >> 32;
}

uint64_t xxh64_of(const void *data, size_t len, uint64_t seed)
{
    struct xxh64 h;
    xxh64_init(&h, seed);
    xxh64_add(&h, data, len);
    return xxh64_value(&h);
}
