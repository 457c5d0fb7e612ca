/* dots.h: sum[i] = start + sum over k of x[i][k] * y[k], or of (x[i][k] - y[k])^2, in any order, where what a
 * sum is made of lies next to each other, a template. The includer defines
 *   NAME   of the kernel        T        f32 or f64     BITS    an integer of its size
 *   V      a vector of LANES    WIDTH    sums of a call, at most
 *   ADD(acc, x, y)              acc + the term of x and y
 *   TOGETHER(sums)              makes of LANES vectors one, of the sums of each
 *
 * LANES rows are gone through beside each other, each with a sum of vectors, so that additions need not wait
 * for one another, and these are added up for all rows at once. Nothing is copied. */

typedef T CONCAT(NAME, loose) __attribute__((vector_size(LANES * sizeof(T)), aligned(1), may_alias));
typedef BITS CONCAT(NAME, bits) __attribute__((vector_size(LANES * sizeof(T))));
#define LOOSE  CONCAT(NAME, loose)
#define MASK   CONCAT(NAME, bits)
#define BYTES  (LANES * (s64)sizeof(T))
#define CHAINS 4 /* of additions, where there is one row only */

/* The last `left` elements of a vector that ends where the row ends: others are zero. */
#define PART(at) ((V)((MASK)(*(const LOOSE *)(at)) & mask))
#define MAKE_MASK(left)                                                                                      \
    MASK mask = {0};                                                                                         \
    UNROLL                                                                                                   \
    for (int n = 0; n < LANES; n++)                                                                          \
        mask[n] = n;                                                                                         \
    mask = mask >= (BITS)(LANES - (left));

/* LANES rows, from x on. */
INLINE void CONCAT(NAME, rows)(V *sums, const char *x, s64 x_i, const char *y, s64 nk)
{
    const char *end = y + nk / LANES * BYTES;
    s64 left = nk % LANES;
    UNROLL
    for (int n = 0; n < LANES; n++)
        sums[n] = (V){0};
    for (; y < end; y += BYTES, x += BYTES) {
        V one = *(const LOOSE *)y;
        UNROLL
        for (int n = 0; n < LANES; n++)
            sums[n] = ADD(sums[n], *(const LOOSE *)(x + n * x_i), one);
    }
    if (left) {
        MAKE_MASK(left)
        s64 back = BYTES - left * (s64)sizeof(T);
        V one = PART(y - back);
        UNROLL
        for (int n = 0; n < LANES; n++)
            sums[n] = ADD(sums[n], PART(x - back + n * x_i), one);
    }
    TOGETHER(sums);
}

/* One row. */
INLINE T CONCAT(NAME, row)(const char *x, const char *y, s64 nk)
{
    V sums[CHAINS] = {{0}};
    s64 k = 0;
    for (; k + CHAINS * LANES <= nk; k += CHAINS * LANES) {
        UNROLL
        for (int n = 0; n < CHAINS; n++)
            sums[n] = ADD(sums[n], *(const LOOSE *)(x + k * (s64)sizeof(T) + n * BYTES),
                          *(const LOOSE *)(y + k * (s64)sizeof(T) + n * BYTES));
    }
    for (; k + LANES <= nk; k += LANES)
        sums[0] =
            ADD(sums[0], *(const LOOSE *)(x + k * (s64)sizeof(T)), *(const LOOSE *)(y + k * (s64)sizeof(T)));
    if (k < nk) {
        MAKE_MASK(nk - k)
        s64 at = (nk - LANES) * (s64)sizeof(T);
        sums[1] = ADD(sums[1], PART(x + at), PART(y + at));
    }
    V sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    T all = 0;
    UNROLL
    for (int n = 0; n < LANES; n++)
        all += sum[n];
    return all;
}

/* Sums `i` and up of `ni`, as many as `out` has room for, WIDTH, into it; returns the first. x_k and y_k are
 * sizeof(T), nk is LANES at least. */
VECTORS_OF(LANES * sizeof(T) * 8)
T NAME(T *out, s64 i, s64 ni, const char *x, s64 x_i, s64 x_k, const char *y, s64 y_k, s64 nk, T start)
{
    s64 rows = ni - i < WIDTH ? ni - i : WIDTH, n = 0;
    (void)x_k, (void)y_k;
    x += i * x_i;
    while (rows >= LANES && n < rows) { /* the last ones may be made twice */
        n = n < rows - LANES ? n : rows - LANES;
        V sums[LANES];
        CONCAT(NAME, rows)(sums, x + n * x_i, x_i, y, nk);
        *(LOOSE *)(out + n) = sums[0] + start;
        n += LANES;
    }
    for (; n < rows; n++)
        out[n] = CONCAT(NAME, row)(x + n * x_i, y, nk) + start;
    return out[0];
}

#undef LOOSE
#undef MASK
#undef BYTES
#undef PART
#undef MAKE_MASK
#undef CHAINS
#undef NAME
#undef T
#undef BITS
#undef V
#undef LANES
#undef WIDTH
#undef ADD
#undef TOGETHER
