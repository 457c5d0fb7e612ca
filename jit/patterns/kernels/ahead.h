/* ahead.h: sum[i] = start + sum over k of x[i][k] * y[k], or of (x[i][k] - y[k])^2, made ahead of the rounds
 * that want them, a template. The includer defines
 *   NAME   of the kernel        T      f32 or f64
 *   LANES  of a vector of T     COUNT  of vectors (COUNT * 2 + 1 are live)
 *   TERM(x, y)                  what is added
 *   TURN(ROW, to)               16 bytes each of LANES rows, ROW(n), to `to`, one element of all behind
 * another
 *
 * Sums are made COUNT * LANES at a time, and whoever calls keeps them until their rounds come. Each takes its
 * terms one after the other, in the order of k: vectors hold different sums, never parts of one. */

typedef T CONCAT(NAME, vec) __attribute__((vector_size(LANES * sizeof(T))));
typedef T CONCAT(NAME, loose) __attribute__((vector_size(LANES * sizeof(T)), aligned(1), may_alias));
typedef T CONCAT(NAME, piece) __attribute__((vector_size(16), aligned(1), may_alias));
typedef T CONCAT(NAME, cell) __attribute__((aligned(1), may_alias));
#define V     CONCAT(NAME, vec)
#define LOOSE CONCAT(NAME, loose)
#define PIECE CONCAT(NAME, piece)
#define STEPS (16 / (s64)sizeof(T)) /* of a piece */
#define CELL  CONCAT(NAME, cell)
#define WIDTH (COUNT * LANES)
#define DEPTH (16384 / (s64)sizeof(T) / WIDTH) /* steps of a panel: it stays in the first cache */

/* What a step needs next to each other, of LANES rows: the last one stands for those beyond `rows`. */
INLINE void CONCAT(NAME, turn)(T *panel, const char *x, s64 x_i, s64 x_k, s64 rows, s64 depth)
{
    const char *row[LANES];
    s64 k = 0;
    UNROLL
    for (int n = 0; n < LANES; n++)
        row[n] = x + (n < rows ? n : rows - 1) * x_i;
#define ROW(n) (*(const PIECE *)(x + (n) * x_i + k * x_k))
    for (; x_k == (s64)sizeof(T) && rows >= LANES && k + STEPS <= depth; k += STEPS) {
        TURN(ROW, panel + k * WIDTH)
    }
#undef ROW
#define ROW(n) (*(const PIECE *)(row[n] + k * x_k))
    for (; x_k == (s64)sizeof(T) && k + STEPS <= depth; k += STEPS) {
        TURN(ROW, panel + k * WIDTH)
    }
#undef ROW
    for (; k < depth; k++) {
        UNROLL
        for (int n = 0; n < LANES; n++)
            panel[k * WIDTH + n] = *(const CELL *)(row[n] + k * x_k);
    }
}

INLINE void CONCAT(NAME, pack)(T *panel, const char *x, s64 x_i, s64 x_k, s64 rows, s64 depth)
{
    s64 i = 0;
    for (; i < rows; i += LANES)
        CONCAT(NAME, turn)(panel + i, x + i * x_i, x_i, x_k, rows - i, depth);
    for (; i < WIDTH; i += LANES) {
        for (s64 k = 0; k < depth; k++)
            *(V *)(panel + k * WIDTH + i) = (V){0};
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

/* Sums `i` and up of `ni`, as many as `out` has room for, WIDTH, into it; returns the first. */
VECTORS_OF(LANES * sizeof(T) * 8)
T NAME(T *out, s64 i, s64 ni, const char *x, s64 x_i, s64 x_k, const char *y, s64 y_k, s64 nk, T start)
{
    s64 rows = ni - i < WIDTH ? ni - i : WIDTH;
    CONCAT(NAME, sums)(out, x + i * x_i, x_i, x_k, y, y_k, rows, nk, start);
    return out[0];
}

#undef V
#undef LOOSE
#undef PIECE
#undef STEPS
#undef CELL
#undef WIDTH
#undef DEPTH
#undef NAME
#undef T
#undef LANES
#undef COUNT
#undef TERM
#undef TURN
