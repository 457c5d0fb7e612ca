/* memory.c: bytes moved and filled. What is read of a range before the first byte is written keeps what
 * overlaps right: both ends of short ranges, the far end of long ones. */
#include "kernel.h"

#define LOOSE aligned(1), may_alias
typedef u16 loose_2 __attribute__((LOOSE));
typedef u32 loose_4 __attribute__((LOOSE));
typedef u64 loose_8 __attribute__((LOOSE));
typedef u8 loose_16 __attribute__((vector_size(16), LOOSE));
typedef u8 loose_32 __attribute__((vector_size(32), LOOSE));
typedef u8 loose_64 __attribute__((vector_size(64), LOOSE));

/* From one to two times the size of `type`. */
#define MOVE_ENDS(type)                                                                                      \
    do {                                                                                                     \
        type first = *(const type *)from, last = *(const type *)(from + n - sizeof(type));                   \
        *(type *)to = first;                                                                                 \
        *(type *)(to + n - sizeof(type)) = last;                                                             \
    } while (0)
/* 256 bytes. */
#define MOVE_FOUR(to, from)                                                                                  \
    do {                                                                                                     \
        const loose_64 *f = (const loose_64 *)(from);                                                        \
        loose_64 *t = (loose_64 *)(to), a = f[0], b = f[1], c = f[2], d = f[3];                              \
        t[0] = a, t[1] = b, t[2] = c, t[3] = d;                                                              \
    } while (0)
#define FILL_ENDS(type, value)                                                                               \
    do {                                                                                                     \
        *(type *)to = value;                                                                                 \
        *(type *)(to + n - sizeof(type)) = value;                                                            \
    } while (0)

INLINE void move_few(char *to, const char *from, s64 n)
{
    if (n >= 8)
        MOVE_ENDS(loose_8);
    else if (n >= 4)
        MOVE_ENDS(loose_4);
    else if (n >= 2)
        MOVE_ENDS(loose_2);
    else if (n)
        *to = *from;
}

INLINE void move(char *to, const char *from, s64 n)
{
    if (n < 16) {
        move_few(to, from, n);
    } else if (n <= 32) {
        MOVE_ENDS(loose_16);
    } else if (n <= 64) {
        MOVE_ENDS(loose_32);
    } else if (n <= 128) {
        MOVE_ENDS(loose_64);
    } else if ((u64)(to - from) >= (u64)n) {
        loose_64 last = *(const loose_64 *)(from + n - 64);
        s64 k = 0;
        for (; k < n - 256; k += 256)
            MOVE_FOUR(to + k, from + k);
        for (; k < n - 64; k += 64)
            *(loose_64 *)(to + k) = *(const loose_64 *)(from + k);
        *(loose_64 *)(to + n - 64) = last;
    } else {
        loose_64 first = *(const loose_64 *)from;
        for (s64 k = n - 64; k > 0; k -= 64)
            *(loose_64 *)(to + k) = *(const loose_64 *)(from + k);
        *(loose_64 *)to = first;
    }
}

/* `n` bytes, as if they were all read first. */
void memory_move(char *to, const char *from, s64 n)
{
    move(to, from, n);
}

/* `n` bytes, one after the other: what has been written is read again. Then `to - from` bytes are repeated,
 * and what is there already is a pattern that grows. */
void memory_forward(char *to, const char *from, s64 n)
{
    for (s64 some; n; to += some, n -= some) {
        some = (u64)(to - from - 1) < (u64)(n - 1) ? to - from : n; /* of 0 bytes apart nothing changes */
        move(to, from, some);
    }
}

/* `n` times the low byte of `value`. */
void memory_fill(char *to, u32 value, s64 n)
{
    u64 all = (value & 0xff) * 0x0101010101010101u;
    loose_64 wide = (u8)value | (loose_64){0};
    if (n >= 64) {
        for (s64 k = 0; k < n - 64; k += 64)
            *(loose_64 *)(to + k) = wide;
        *(loose_64 *)(to + n - 64) = wide;
    } else if (n >= 32) {
        FILL_ENDS(loose_32, (u8)value | (loose_32){0});
    } else if (n >= 16) {
        FILL_ENDS(loose_16, (u8)value | (loose_16){0});
    } else if (n >= 8) {
        FILL_ENDS(loose_8, all);
    } else if (n >= 4) {
        FILL_ENDS(loose_4, (u32)all);
    } else if (n >= 2) {
        FILL_ENDS(loose_2, (u16)all);
    } else if (n) {
        *to = (char)value;
    }
}
