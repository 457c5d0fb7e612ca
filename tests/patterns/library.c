/* memcpy, memmove and memset of the C library in all ways to lie beside each other; prints a hash of all that
 * they leave. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ROOM 1600
static unsigned char room[ROOM];
/* So that nothing is known of a call. */
static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile move)(void *, const void *, size_t) = memmove;
static void *(*volatile fill)(void *, int, size_t) = memset;

static uint64_t hash(uint64_t h, const unsigned char *p, size_t n)
{
    for (size_t k = 0; k < n; k++)
        h = (h ^ p[k]) * 0x100000001b3u;
    return h;
}

static void begin(void)
{
    for (unsigned k = 0; k < ROOM; k++)
        room[k] = (unsigned char)(k * 167 + (k >> 8));
}

static uint64_t one(uint64_t h, void *result, unsigned to, unsigned n)
{
    h = hash(h, (unsigned char *)&n, sizeof n) + (uintptr_t)result - (uintptr_t)room;
    unsigned from = to < 160 ? 0 : to - 160;
    return hash(h, room + from, to + n + 160 < ROOM ? to + n + 160 - from : ROOM - from);
}

int main(void)
{
    uint64_t copies = 0, moves = 0, fills = 0;
    begin();
    for (unsigned n = 0; n < 500; n += n < 70 ? 1 : n < 140 ? 7 : 61) {
        for (unsigned to = 512; to < 520; to += 1 + n % 3) {
            fills = one(fills, fill(room + to, (int)(n * 259 + to), n), to, n);
            for (int by = -300; by<300; by += by> - 70 && by < 70 ? 1 : 23) {
                unsigned from = to + (unsigned)by;
                moves = one(moves, move(room + to, room + from, n), to, n);
                if (by >= (int)n || -by >= (int)n)
                    copies = one(copies, copy(room + to, room + from, n), to, n);
            }
            begin();
        }
    }
    printf("%016llx %016llx %016llx\n", (unsigned long long)copies, (unsigned long long)moves,
           (unsigned long long)fills);
    return 0;
}
