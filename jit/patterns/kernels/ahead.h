/* ahead.h: sum[i] = start + sum over k of x[i][k] * y[k], or of (x[i][k] - y[k])^2, asked for one at a time,
 * a template. The includer defines NAME   of the kernel        T      f32 or f64 LANES  of a vector of T
 * COUNT  of vectors (COUNT * 2 + 1 are live) TERM(x, y)                  what is added
 *
 * Sums are made COUNT * LANES at a time and kept until they are asked for. Each takes its terms one after the
 * other, in the order of k: vectors hold different sums, never parts of one. */

typedef T CONCAT(NAME, vec) __attribute__((vector_size(LANES * sizeof(T))));
typedef T CONCAT(NAME, loose) __attribute__((vector_size(LANES * sizeof(T)), aligned(1), may_alias));
typedef T CONCAT(NAME, four) __attribute__((vector_size(4 * sizeof(T)), aligned(1), may_alias));
typedef T CONCAT(NAME, cell) __attribute__((aligned(1), may_alias));
#define V     CONCAT(NAME, vec)
#define LOOSE CONCAT(NAME, loose)
#define FOUR  CONCAT(NAME, four)
#define CELL  CONCAT(NAME, cell)
#define WIDTH (COUNT * LANES)
#define DEPTH (16384 / (s64)sizeof(T) / WIDTH) /* steps of a panel: it stays in the first cache */

/* Four steps of four rows. */
INLINE void CONCAT(NAME, transpose)(T *to, const char *first, const char *second, const char *third,
                                    const char *fourth)
{
    FOUR a = *(const FOUR *)first, b = *(const FOUR *)second, c = *(const FOUR *)third,
         d = *(const FOUR *)fourth;
    FOUR ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    FOUR ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(FOUR *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(FOUR *)(to + WIDTH) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(FOUR *)(to + 2 * WIDTH) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
    *(FOUR *)(to + 3 * WIDTH) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
}

/* What a step needs next to each other; the last row stands for those beyond `rows`. */
INLINE void CONCAT(NAME, pack)(T *panel, const char *x, s64 x_i, s64 x_k, s64 rows, s64 depth)
{
    for (s64 i = 0; i < WIDTH; i += 4) {
        const char *row[4];
        s64 k = 0;
        UNROLL
        for (int n = 0; n < 4; n++)
            row[n] = x + (i + n < rows ? i + n : rows - 1) * x_i;
        for (; x_k == (s64)sizeof(T) && k + 4 <= depth; k += 4)
            CONCAT(NAME, transpose)
        (panel + k * WIDTH + i, row[0] + k * x_k, row[1] + k * x_k, row[2] + k * x_k, row[3] + k * x_k);
        for (; k < depth; k++) {
            UNROLL
            for (int n = 0; n < 4; n++)
                panel[k * WIDTH + i + n] = *(const CELL *)(row[n] + k * x_k);
        }
    }
}

INLINE void CONCAT(NAME, sums)(T *out, const char *x, s64 x_i, s64 x_k, const char *y, s64 y_k, s64 rows,
                               s64 nk, T start)
{
    T panel[DEPTH * WIDTH] __attribute__((aligned(64)));
    V sums[COUNT];
    UNROLL
    for (int n = 0; n < COUNT; n++)
        sums[n] = start - (V){0};
    for (s64 k = 0; k < nk; k += DEPTH) {
        s64 depth = nk - k < DEPTH ? nk - k : DEPTH, from_k = WIDTH * (s64)sizeof(T);
        const char *from = (const char *)panel;
        if (x_i == (s64)sizeof(T) && rows == WIDTH)
            from = x + k * x_k, from_k = x_k;
        else
            CONCAT(NAME, pack)(panel, x + k * x_k, x_i, x_k, rows, depth);
        for (s64 p = 0; p < depth; p++) {
            V one = *(const CELL *)(y + (k + p) * y_k) - (V){0};
            UNROLL
            for (int n = 0; n < COUNT; n++)
                sums[n] += TERM(*(const LOOSE *)(from + p * from_k + n * LANES * (s64)sizeof(T)), one);
        }
    }
    UNROLL
    for (int n = 0; n < COUNT; n++)
        *(LOOSE *)(out + n * LANES) = sums[n];
}

/* Sum `i` of `ni`. `kept`: two s64 and WIDTH sums: those from the first up to the second number were made
 * ahead, none at first. x and y must not change as long as it is used. */
T NAME(s64 *kept, s64 i, s64 ni, const char *x, s64 x_i, s64 x_k, const char *y, s64 y_k, s64 nk, T start)
{
    T *sums = (T *)(kept + 2);
    if (i < kept[0] || i >= kept[1]) {
        s64 rows = ni - i < WIDTH ? ni - i : WIDTH;
        CONCAT(NAME, sums)(sums, x + i * x_i, x_i, x_k, y, y_k, rows, nk, start);
        kept[0] = i;
        kept[1] = i + rows;
    }
    return sums[i - kept[0]];
}

#undef V
#undef LOOSE
#undef FOUR
#undef CELL
#undef WIDTH
#undef DEPTH
#undef NAME
#undef T
#undef LANES
#undef COUNT
#undef TERM
