/* base64.c: groups of 3 bytes as 4 letters and back (RFC 4648), whatever the letters are. */
#include "kernel.h"

typedef char bytes64 __attribute__((vector_size(64)));
typedef short halves32 __attribute__((vector_size(64)));
typedef int words16 __attribute__((vector_size(64)));
typedef u8 loose_64 __attribute__((vector_size(64), aligned(1), may_alias));

#define VBMI __attribute__((target("avx512vbmi,avx512bw")))
#define IN   INLINE VBMI

enum { AT_ONCE = 16 }; /* groups */

IN u64 low(u64 n)
{
    return n >= 64 ? ~(u64)0 : ((u64)1 << n) - 1;
}

IN bytes64 load_some(const char *from, u64 which)
{
    return (bytes64)__builtin_ia32_loaddquqi512_mask((const void *)from, (bytes64){}, which);
}

/* Six bits of a word of four bytes, which are the second, first, third and second one of a group. */
#define SHIFTS(k) 10 + (k), 4 + (k), 22 + (k), 16 + (k)
#define SHIFTS64  SHIFTS(0), SHIFTS(32)
#define BYTES(g)  3 * (g) + 1, 3 * (g), 3 * (g) + 2, 3 * (g) + 1
#define BYTES4(g) BYTES(g), BYTES(g + 1), BYTES(g + 2), BYTES(g + 3)

/* `to` is apart from both others. */
VBMI void base64_encode(const char *letters, const char *from, u64 groups, char *to)
{
    const bytes64 spread = {BYTES4(0), BYTES4(4), BYTES4(8), BYTES4(12)};
    const bytes64 shifts = {SHIFTS64, SHIFTS64, SHIFTS64, SHIFTS64, SHIFTS64, SHIFTS64, SHIFTS64, SHIFTS64};
    bytes64 table = (bytes64) * (const loose_64 *)letters;
    for (u64 done = 0, some; done < groups; done += some) {
        some = groups - done < AT_ONCE ? groups - done : AT_ONCE;
        bytes64 x = load_some(from + 3 * done, low(3 * some));
        x = (bytes64)__builtin_ia32_permvarqi512(x, spread);
        x = (bytes64)__builtin_ia32_vpmultishiftqb512(shifts, x);
        x = (bytes64)__builtin_ia32_permvarqi512(table, x); /* its index has six bits */
        __builtin_ia32_storedquqi512_mask((void *)(to + 4 * done), x, low(4 * some));
    }
}

#define TWICE(...)  __VA_ARGS__, __VA_ARGS__
#define SECOND(g)   4 * (g) + 2, 4 * (g) + 1, 4 * (g)
#define SECOND4(g)  SECOND(g), SECOND(g + 1), SECOND(g + 2), SECOND(g + 3)
#define NOTHING     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define PAIRS       TWICE(TWICE(TWICE(TWICE(TWICE(64, 1)))))
#define PAIRS_AGAIN TWICE(TWICE(TWICE(TWICE(4096, 1))))

/* The values of letters, which have no more than six bits if they are right. */
struct values {
    bytes64 low[2], high[2];
};

IN bytes64 values_of(struct values t, bytes64 x)
{
    bytes64 lower = (bytes64)__builtin_ia32_vpermi2varqi512(t.low[0], x, t.low[1]);
    bytes64 upper = (bytes64)__builtin_ia32_vpermi2varqi512(t.high[0], x, t.high[1]);
    bytes64 is_upper = x < 0;
    return (upper & is_upper) | (lower & ~is_upper);
}

IN u64 wrong_of(bytes64 v)
{
    return __builtin_ia32_cvtb2mask512(v | (v + v));
}

IN void store_groups(char *to, bytes64 v, u64 groups)
{
    const bytes64 pairs = {PAIRS}, order = {SECOND4(0), SECOND4(4), SECOND4(8), SECOND4(12), NOTHING};
    const halves32 pairs_again = {PAIRS_AGAIN};
    halves32 h = (halves32)__builtin_ia32_pmaddubsw512(v, pairs);
    words16 w = (words16)__builtin_ia32_pmaddwd512(h, pairs_again);
    v = (bytes64)__builtin_ia32_permvarqi512((bytes64)w, order);
    __builtin_ia32_storedquqi512_mask((void *)to, v, low(3 * groups));
}

/* Groups up to the first with a letter that is `no` letter, or whose value has more than six bits, but a
 * multiple of `unit`, which divides AT_ONCE. `to` is apart from `values`, and from what is not yet read. */
VBMI u64 base64_decode(const char *values, const char *from, u64 groups, char *to, u64 unit, u64 no0, u64 no1,
                       u64 no2, u64 no3)
{
    const loose_64 *t = (const loose_64 *)values;
    struct values all = {{(bytes64)t[0] | (bytes64)__builtin_ia32_cvtmask2b512(no0),
                          (bytes64)t[1] | (bytes64)__builtin_ia32_cvtmask2b512(no1)},
                         {(bytes64)t[2] | (bytes64)__builtin_ia32_cvtmask2b512(no2),
                          (bytes64)t[3] | (bytes64)__builtin_ia32_cvtmask2b512(no3)}};
    u64 done = 0;
    for (; done + AT_ONCE <= groups; done += AT_ONCE) {
        bytes64 v = values_of(all, (bytes64) * (const loose_64 *)(from + 4 * done));
        if (wrong_of(v))
            break;
        store_groups(to + 3 * done, v, AT_ONCE);
    }
    u64 some = groups - done < AT_ONCE ? groups - done : AT_ONCE, which = low(4 * some);
    bytes64 v = values_of(all, load_some(from + 4 * done, which));
    u64 wrong = wrong_of(v) & which;
    if (wrong)
        some = (u64)__builtin_ctzll(wrong) / 4 / unit * unit;
    store_groups(to + 3 * done, v, some);
    return done + some;
}
