/* extreme.h: the greatest or least of numbers next to each other, and which of them that is, a template. The
 * includer defines NAME of the kernel, T in which numbers are compared, E as which they are loaded, UE the
 * same without a sign, MASK an integer as wide as T, LANES of a vector of T, FLOATING.
 *
 * No number of most blocks takes the place of the one so far, which one comparison of all of them shows. In
 * the others the greatest is found, and then where it is: its bits are those of the first (or last) one that
 * is equal to it, a zero's sign among them. Where NaNs take or lose a place, numbers are done one by one. */

typedef T CONCAT(NAME, vec) __attribute__((vector_size(LANES * sizeof(T))));
typedef E CONCAT(NAME, loose) __attribute__((vector_size(LANES * sizeof(E)), aligned(1), may_alias));
typedef UE CONCAT(NAME, unsigned) __attribute__((vector_size(LANES * sizeof(E)), aligned(1), may_alias));
typedef MASK CONCAT(NAME, mask) __attribute__((vector_size(LANES * sizeof(T))));
typedef E CONCAT(NAME, cell) __attribute__((aligned(1), may_alias));
#define V    CONCAT(NAME, vec)
#define M    CONCAT(NAME, mask)
#define SIGN ((MASK)((u64)1 << (sizeof(T) * 8 - 1)))
#if LANES == 16
#define BACKWARDS(v) __builtin_shufflevector(v, v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#else
#define BACKWARDS(v) __builtin_shufflevector(v, v, 7, 6, 5, 4, 3, 2, 1, 0)
#endif

struct CONCAT(NAME, found) {
    T most; /* of integers without a sign: with the highest bit turned, so that signed comparisons do */
    s64 at; /* the number of it; -1: what it began with */
};
#define FOUND struct CONCAT(NAME, found)

/* Where numbers k to k + n - 1 lie. */
INLINE const char *CONCAT(NAME, place)(const char *p, s64 k, s64 n, u32 form)
{
    return p + (form & DOWNWARDS ? 1 - k - n : k) * (s64)sizeof(E);
}

/* LANES of them, from number k on. */
INLINE void CONCAT(NAME, load)(V *out, const char *p, s64 k, u32 form)
{
    p = CONCAT(NAME, place)(p, k, LANES, form);
#if FLOATING
    *out = *(const CONCAT(NAME, loose) *)p;
    if (form & MAGNITUDE)
        *out = (V)((M)*out & ~SIGN);
#else
    if (form & ZERO_EXTENDED)
        *out = __builtin_convertvector(*(const CONCAT(NAME, unsigned) *)p, V);
    else
        *out = __builtin_convertvector(*(const CONCAT(NAME, loose) *)p, V);
    if (form & UNSIGNED)
        *out ^= SIGN;
#endif
    if (form & DOWNWARDS)
        *out = BACKWARDS(*out);
}

INLINE T CONCAT(NAME, load_one)(const char *p, s64 k, u32 form)
{
    E x = *(const CONCAT(NAME, cell) *)CONCAT(NAME, place)(p, k, 1, form);
#if FLOATING
    MASK bits;
    __builtin_memcpy(&bits, &x, sizeof x);
    bits = form & MAGNITUDE ? bits & ~SIGN : bits;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
#else
    T y = form & ZERO_EXTENDED ? (T)(UE)x : (T)x;
    return form & UNSIGNED ? y ^ SIGN : y;
#endif
}

/* Lanes of x that may take the place of `than`, which is a number. */
INLINE void CONCAT(NAME, takes)(M *out, const V *x, const V *than, u32 form)
{
    const V a = form & LEAST ? *than : *x, b = form & LEAST ? *x : *than;
    if (form & TAKES_NAN)
        *out = form & EQUAL ? ~(a < b) : ~(a <= b);
    else
        *out = form & EQUAL ? a >= b : a > b;
}

INLINE void CONCAT(NAME, one)(FOUND *f, const char *p, s64 k, u32 form)
{
    T x = CONCAT(NAME, load_one)(p, k, form);
    s32 takes = form & LEAST ? x < f->most : x > f->most;
    if (x == f->most)
        takes = (form & EQUAL) != 0;
#if FLOATING
    if (x == f->most && form & SIGNED_ZEROS)
        takes = form & LEAST ? __builtin_signbit(x) && !__builtin_signbit(f->most)
                             : !__builtin_signbit(x) && __builtin_signbit(f->most);
    if (x != x || f->most != f->most)
        takes = (form & (x == x ? LEAVES_NAN : f->most == f->most ? TAKES_NAN : CHANGES_NAN)) != 0;
#endif
    f->most = takes ? x : f->most;
#if FLOATING
    if (form & QUIET && f->most != f->most)
        f->most += f->most;
#endif
    f->at = takes ? k : f->at;
}

INLINE void CONCAT(NAME, one_by_one)(FOUND *f, const char *p, s64 k, s64 end, u32 form)
{
    for (; k < end; k++)
        CONCAT(NAME, one)(f, p, k, form);
}

/* A block of `vectors`, with a number that takes the place of the one so far. */
INLINE void CONCAT(NAME, changes)(FOUND *f, const char *p, s64 k, int vectors, u32 form)
{
    M none = {0}, unordered = none, found, lane = none;
    V best = f->most - (V){0}, x;
    if (f->most != f->most && !(form & (LEAVES_NAN | CHANGES_NAN)))
        return;
    UNROLL
    for (int j = 0; j < LANES; j++)
        lane[j] = j;
    UNROLL
    for (int j = 0; j < vectors; j++) {
        CONCAT(NAME, load)(&x, p, k + j * LANES, form);
        CONCAT(NAME, takes)(&found, &x, &best, form & LEAST);
        best = (V)(((M)x & found) | ((M)best & ~found));
        unordered |= x != x;
    }
    T top = form & LEAST ? __builtin_reduce_min(best) : __builtin_reduce_max(best);
    if (f->most != f->most || (form & TAKES_NAN && __builtin_reduce_or(unordered)) ||
        (form & SIGNED_ZEROS && top == 0))
        return CONCAT(NAME, one_by_one)(f, p, k, k + vectors * LANES, form);
    if (top == f->most && !(form & EQUAL))
        return;
    M at = form & EQUAL ? none - 1 : none + 1024;
    UNROLL
    for (int j = 0; j < vectors; j++) {
        CONCAT(NAME, load)(&x, p, k + j * LANES, form);
        M is = lane + (MASK)(j * LANES);
        found = (x == top) & (form & EQUAL ? is > at : is < at);
        at = (is & found) | (at & ~found);
    }
    f->at = k + (form & EQUAL ? __builtin_reduce_max(at) : __builtin_reduce_min(at));
    f->most = CONCAT(NAME, load_one)(p, f->at, form);
}

INLINE s64 CONCAT(NAME, blocks)(FOUND *f, const char *p, s64 k, s64 n, int vectors, u32 form)
{
    for (; k + vectors * LANES <= n; k += vectors * LANES) {
        M any = {0}, takes;
        V most = f->most - (V){0}, x;
        UNROLL
        for (int j = 0; j < vectors; j++) {
            CONCAT(NAME, load)(&x, p, k + j * LANES, form);
            CONCAT(NAME, takes)(&takes, &x, &most, form & SIGNED_ZEROS ? form | EQUAL : form);
            any |= takes;
        }
        if (__builtin_reduce_or(any) || (form & (LEAVES_NAN | CHANGES_NAN) && f->most != f->most))
            CONCAT(NAME, changes)(f, p, k, vectors, form);
    }
    return k;
}

/* It begins with the bits in `start`. */
INLINE FOUND CONCAT(NAME, begin)(u64 start, u32 form)
{
    FOUND f = {.at = -1};
    MASK bits = (MASK)start;
#if !FLOATING
    bits = form & UNSIGNED ? bits ^ SIGN : bits;
#endif
    __builtin_memcpy(&f.most, &bits, sizeof bits);
#if FLOATING
    if (form & QUIET && f.most != f.most)
        f.most += f.most;
#endif
    return f;
}

INLINE u64 CONCAT(NAME, bits_of)(const FOUND *f, u32 form)
{
    MASK bits;
    __builtin_memcpy(&bits, &f->most, sizeof bits);
    return (u64)(!FLOATING && form & UNSIGNED ? bits ^ SIGN : bits);
}

/* It begins with the number at `from`, or, null, with the bits in `start`. Returns the bits of what comes
 * out, and its index: first + step times its number, or `index`. */
VECTORS_OF(LANES * sizeof(T) * 8)
results NAME(const char *p, s64 n, const char *from, u64 start, u32 form, u64 index, u64 first, u64 step)
{
    FOUND f = CONCAT(NAME, begin)(start, form);
    if (from)
        f.most = CONCAT(NAME, load_one)(from, 0, form);
#if FLOATING
    if (form & QUIET && f.most != f.most)
        f.most += f.most;
#endif
    s64 k = CONCAT(NAME, blocks)(&f, p, 0, n, 4, form);
    k = CONCAT(NAME, blocks)(&f, p, k, n, 1, form);
    CONCAT(NAME, one_by_one)(&f, p, k, n, form);
    return (results){CONCAT(NAME, bits_of)(&f, form), f.at < 0 ? index : first + step * (u64)f.at};
}

#if FLOATING
/* Two of them beside each other, of which nobody asks where they are: the least and the greatest. */
VECTORS_OF(LANES * sizeof(T) * 8)
results CONCAT(NAME, pair)(const char *p, s64 n, u64 start, u32 form, u64 start_other, u32 form_other)
{
    enum { AT_ONCE = 4 * LANES };
    FOUND f = CONCAT(NAME, begin)(start, form), g = CONCAT(NAME, begin)(start_other, form_other);
    s64 k = 0;
    for (; k + AT_ONCE <= n; k += AT_ONCE) {
        CONCAT(NAME, blocks)(&f, p, k, k + AT_ONCE, 4, form);
        CONCAT(NAME, blocks)(&g, p, k, k + AT_ONCE, 4, form_other);
    }
    CONCAT(NAME, one_by_one)(&f, p, k, n, form);
    CONCAT(NAME, one_by_one)(&g, p, k, n, form_other);
    return (results){CONCAT(NAME, bits_of)(&f, form), CONCAT(NAME, bits_of)(&g, form_other)};
}
#endif

#undef BACKWARDS
#undef V
#undef M
#undef SIGN
#undef FOUND
#undef NAME
#undef T
#undef E
#undef UE
#undef MASK
#undef LANES
#undef FLOATING
