/* matrix_float.h: c[i][j] = start[i][j] + sum over k of a[i][k] * b[k][j], a template. The includer defines
 *   NAME   of the kernel        T     f32 or f64
 *   LANES  of a vector of T     ROWS  of a tile (ROWS * 2 + 3 vectors are live)
 *   ADD(acc, x, y)              acc + x * y
 *
 * A tile of ROWS x (2 * LANES) sums is kept in registers. Each sum takes its products one after the other, in
 * the order of k: vectors hold different sums, never parts of one. b is copied into panels, in which what a
 * step needs is next to each other. */

typedef T CONCAT(NAME, vec) __attribute__((vector_size(LANES * sizeof(T))));
typedef T CONCAT(NAME, loose) __attribute__((vector_size(LANES * sizeof(T)), aligned(1), may_alias));
typedef T CONCAT(NAME, cell) __attribute__((aligned(1), may_alias));
#define V     CONCAT(NAME, vec)
#define LOOSE CONCAT(NAME, loose)
#define CELL  CONCAT(NAME, cell)
#define WIDTH (2 * LANES)
#define FEW   (ROWS / 3) /* rows that do not fill a tile: enough of them keep additions from waiting */
#define DEPTH (16384 / (s64)sizeof(T) / WIDTH) /* steps of a panel: it stays in the first cache */

/* Sums of `rows` rows over `depth` steps, in and out through c. */
INLINE void CONCAT(NAME, tile)(const int rows, char *c, s64 c_i, const char *a, s64 a_i, s64 a_k,
                               const T *panel, s64 depth)
{
    V sums[ROWS][2];
    UNROLL
    for (int r = 0; r < rows; r++) {
        sums[r][0] = *(const LOOSE *)(c + r * c_i);
        sums[r][1] = *(const LOOSE *)(c + r * c_i + LANES * (s64)sizeof(T));
    }
    for (s64 k = 0; k < depth; k++) {
        V b0 = *(const LOOSE *)panel, b1 = *(const LOOSE *)(panel + LANES);
        UNROLL
        for (int r = 0; r < rows; r++) {
            T scalar = *(const CELL *)(a + r * a_i);
            V x = scalar - (V){0};
            sums[r][0] = ADD(sums[r][0], x, b0);
            sums[r][1] = ADD(sums[r][1], x, b1);
        }
        panel += WIDTH;
        a += a_k;
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        *(LOOSE *)(c + r * c_i) = sums[r][0];
        *(LOOSE *)(c + r * c_i + LANES * (s64)sizeof(T)) = sums[r][1];
    }
}

/* The same where sums of the tile are not next to each other, or fewer than it holds. */
INLINE void CONCAT(NAME, edge)(const int rows, char *c, s64 c_i, s64 c_j, s64 width, const char *a, s64 a_i,
                               s64 a_k, const T *panel, s64 depth)
{
    T sums[ROWS * WIDTH];
    for (int r = 0; r < rows; r++) {
        for (s64 j = 0; j < WIDTH; j++)
            sums[r * WIDTH + j] = j < width ? *(const CELL *)(c + r * c_i + j * c_j) : 0;
    }
    CONCAT(NAME, tile)(rows, (char *)sums, WIDTH * sizeof(T), a, a_i, a_k, panel, depth);
    for (int r = 0; r < rows; r++) {
        for (s64 j = 0; j < width; j++)
            *(CELL *)(c + r * c_i + j * c_j) = sums[r * WIDTH + j];
    }
}

INLINE void CONCAT(NAME, rows)(const int rows, char *c, s64 c_i, s64 c_j, s64 width, const char *a, s64 a_i,
                               s64 a_k, const T *panel, s64 depth)
{
    if (width == WIDTH && c_j == (s64)sizeof(T))
        CONCAT(NAME, tile)(rows, c, c_i, a, a_i, a_k, panel, depth);
    else
        CONCAT(NAME, edge)(rows, c, c_i, c_j, width, a, a_i, a_k, panel, depth);
}

/* What lies beyond `width` is zero: those sums are not kept. */
INLINE void CONCAT(NAME, pack)(T *panel, const char *b, s64 b_k, s64 b_j, s64 width, s64 depth)
{
    for (s64 k = 0; k < depth; k++) {
        if (width == WIDTH && b_j == (s64)sizeof(T)) {
            *(V *)panel = *(const LOOSE *)(b + k * b_k);
            *(V *)(panel + LANES) = *(const LOOSE *)(b + k * b_k + LANES * (s64)sizeof(T));
        } else {
            for (s64 j = 0; j < WIDTH; j++)
                panel[j] = j < width ? *(const CELL *)(b + k * b_k + j * b_j) : 0;
        }
        panel += WIDTH;
    }
}

INLINE void CONCAT(NAME, start)(char *c, s64 c_i, s64 c_j, s64 ni, s64 nj, T start, const char *from,
                                s64 from_i, s64 from_j)
{
    for (s64 i = 0; i < ni; i++) {
        for (s64 j = 0; j < nj; j++)
            *(CELL *)(c + i * c_i + j * c_j) = from ? *(const CELL *)(from + i * from_i + j * from_j) : start;
    }
}

/* accumulate: sums start with what is in c; else with what is at `from`, or if that is NULL with `start`. */
VECTORS_OF(LANES * sizeof(T) * 8)
void NAME(char *c, s64 c_i, s64 c_j, const char *a, s64 a_i, s64 a_k, const char *b, s64 b_k, s64 b_j, s64 ni,
          s64 nj, s64 nk, T start, const char *from, s64 from_i, s64 from_j, s32 accumulate)
{
    T panel[DEPTH * WIDTH] __attribute__((aligned(64)));
    if (c_j != (s64)sizeof(T) && c_i == (s64)sizeof(T)) { /* the transposed product */
        const char *p = a;
        s64 p_i = a_i, p_k = a_k, n = ni, f_i = from_i;
        a = b, a_i = b_j, a_k = b_k, ni = nj;
        b = p, b_j = p_i, b_k = p_k, nj = n;
        c_i = c_j, c_j = sizeof(T);
        from_i = from_j, from_j = f_i;
    }
    if (!accumulate)
        CONCAT(NAME, start)(c, c_i, c_j, ni, nj, start, from, from_i, from_j);
    for (s64 j = 0; j < nj; j += WIDTH) {
        s64 width = nj - j < WIDTH ? nj - j : WIDTH;
        for (s64 k = 0; k < nk; k += DEPTH) {
            s64 depth = nk - k < DEPTH ? nk - k : DEPTH;
            const char *a_at = a + k * a_k;
            char *c_at = c + j * c_j;
            CONCAT(NAME, pack)(panel, b + k * b_k + j * b_j, b_k, b_j, width, depth);
            s64 i = 0;
            for (; i + ROWS <= ni; i += ROWS)
                CONCAT(NAME, rows)
            (ROWS, c_at + i * c_i, c_i, c_j, width, a_at + i * a_i, a_i, a_k, panel, depth);
            for (; i + FEW <= ni; i += FEW)
                CONCAT(NAME, rows)
            (FEW, c_at + i * c_i, c_i, c_j, width, a_at + i * a_i, a_i, a_k, panel, depth);
            for (; i < ni; i++)
                CONCAT(NAME, rows)
            (1, c_at + i * c_i, c_i, c_j, width, a_at + i * a_i, a_i, a_k, panel, depth);
        }
    }
}

#undef V
#undef LOOSE
#undef CELL
#undef WIDTH
#undef FEW
#undef DEPTH
#undef NAME
#undef T
#undef LANES
#undef ROWS
#undef ADD
