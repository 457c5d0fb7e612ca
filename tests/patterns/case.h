/* case.h: what every case has: a buffer that calls name places in, by byte, filled from a seed, and its hash.
 */
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name))) name
#define INLINE       inline __attribute__((always_inline))
#define NOINLINE     __attribute__((noinline))
#define BYTES        (1 << 20)

static uint32_t memory[BYTES / 4];
#define F32(at) ((float *)((char *)memory + (at)))
#define F64(at) ((double *)((char *)memory + (at)))
#define I32(at) ((int32_t *)((char *)memory + (at)))
#define I8(at)  ((int8_t *)((char *)memory + (at)))
#define U8(at)  ((uint8_t *)((char *)memory + (at)))

static uint32_t state;
static uint32_t next(void)
{
    state = state * 1664525u + 1013904223u;
    return state ^ state >> 15;
}

/* kind 0: numbers around 1 of either sign; 1: the same with some denormals, zeros, infinities and NaNs;
 * 2: any bits. `size`: of a number, 4 or 8. */
void EXPORT(fill)(int seed, int kind, int size)
{
    state = (uint32_t)seed * 2654435761u + 1;
    for (int k = 0; k < BYTES / 4; k++) {
        uint32_t bits = next();
        int high = size == 4 || k % 2;
        if (high && kind < 2)
            bits = size == 4 ? (bits & 0x807fffffu) | (0x3e800000u + (next() >> 30 << 23))
                             : (bits & 0x800fffffu) | (0x3fd00000u + (next() >> 30 << 20));
        if (high && kind == 1 && next() % 64 == 0)
            bits = (bits & 0x80000000u) |
                   (next() % 2  ? 0
                    : size == 4 ? 0x7f800000u
                                : 0x7ff00000u) |
                   next() % 3;
        memory[k] = bits;
    }
}

/* Of the whole buffer; all NaNs of numbers of `size` bytes are one. */
long long EXPORT(hash)(int size)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int k = 0; k < BYTES / 4; k += size / 4) {
        uint64_t bits = memory[k];
        if (size == 4 && (bits & 0x7fffffff) > 0x7f800000)
            bits = 0x7fc00000;
        if (size == 8) {
            bits |= (uint64_t)memory[k + 1] << 32;
            if ((bits & 0x7fffffffffffffff) > 0x7ff0000000000000)
                bits = 0x7ff8000000000000;
        }
        h = (h ^ bits) * 0x100000001b3u;
        h ^= h >> 29;
    }
    return (long long)h;
}

/* A function of rows. c: what is stored; a: n rows of k; b: a row, or several. */
#define ON_ROWS(name, type)                                                                                  \
    static INLINE type name##_(type *c, const type *a, const type *b, int n, int k);                         \
    type EXPORT(name)(int c, int a, int b, int n, int k)                                                     \
    {                                                                                                        \
        return name##_((type *)U8(c), (const type *)U8(a), (const type *)U8(b), n, k);                       \
    }                                                                                                        \
    static INLINE type name##_(type *c, const type *a, const type *b, int n, int k)
