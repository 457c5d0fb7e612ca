/* matrix_bytes.h: c[i][j] = start[i][j] + sum over k of a[i][k] * b[k][j] with c of 32 bits, which wrap
 * around, and a and b of 8, a template. The includer defines NAME   of the kernel        LANES  of a vector
 * of sums COUNT  of vectors in a row of a tile        ROWS  of a tile (ROWS * COUNT + COUNT + 1 vectors are
 * live) PAIRS(x, y)   x[2 * n] * y[2 * n] + x[2 * n + 1] * y[2 * n + 1], of 16 bits each TARGET the
 * instructions that PAIRS needs
 *
 * Steps are taken two at a time: factors as pairs of 16 bits, whose two products make one sum. The order of
 * additions is of no consequence. */

typedef s32 CONCAT(NAME, sums) __attribute__((vector_size(LANES * 4), may_alias));
typedef s32 CONCAT(NAME, loose) __attribute__((vector_size(LANES * 4), aligned(1), may_alias));
typedef s16 CONCAT(NAME, pairs) __attribute__((vector_size(LANES * 4), may_alias));
#define SUMS  CONCAT(NAME, sums)
#define LOOSE CONCAT(NAME, loose)
#define WORDS CONCAT(NAME, pairs)
#define WIDTH (COUNT * LANES)
#define DEPTH (8192 / WIDTH) /* steps of a panel: it has 16 KiB and stays in the first cache */
#define IN    INLINE TARGET

/* Two steps of a row or column as one number; the second is 0 beyond the last step. */
IN s32 CONCAT(NAME, pair)(const char *p, s64 by, s32 is_unsigned, s64 left)
{
    s32 first = is_unsigned ? *(const u8 *)p : *(const s8 *)p, second = 0;
    if (left > 1)
        second = is_unsigned ? *(const u8 *)(p + by) : *(const s8 *)(p + by);
    return (s32)((u32)(first & 0xffff) | (u32)second << 16);
}

IN void CONCAT(NAME, tile)(const int rows, char *c, s64 c_i, const s32 *a, const s32 *panel, s64 pairs)
{
    SUMS sums[ROWS][COUNT];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int n = 0; n < COUNT; n++)
            sums[r][n] = *(const LOOSE *)(c + r * c_i + n * LANES * 4);
    }
    for (s64 k = 0; k < pairs; k++) {
        WORDS b[COUNT];
        UNROLL
        for (int n = 0; n < COUNT; n++)
            b[n] = (WORDS) * (const LOOSE *)(panel + n * LANES);
        UNROLL
        for (int r = 0; r < rows; r++) {
            WORDS x = (WORDS)(a[r] - (SUMS){0});
            UNROLL
            for (int n = 0; n < COUNT; n++)
                sums[r][n] += (SUMS)PAIRS(x, b[n]);
        }
        panel += WIDTH;
        a += ROWS;
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int n = 0; n < COUNT; n++)
            *(LOOSE *)(c + r * c_i + n * LANES * 4) = sums[r][n];
    }
}

IN void CONCAT(NAME, rows)(const int rows, char *c, s64 c_i, s64 c_j, s64 width, const s32 *a,
                           const s32 *panel, s64 pairs)
{
    s32 sums[ROWS * WIDTH];
    if (width == WIDTH && c_j == 4) {
        CONCAT(NAME, tile)(rows, c, c_i, a, panel, pairs);
        return;
    }
    sums_get(sums, WIDTH, c, c_i, c_j, rows, width);
    CONCAT(NAME, tile)(rows, (char *)sums, WIDTH * 4, a, panel, pairs);
    sums_put(sums, WIDTH, c, c_i, c_j, rows, width);
}

/* accumulate: sums start with what is in c; else with what is at `from`, or if that is NULL with `start`.
 * x_unsigned, y_unsigned: how bytes of a and b are extended. */
TARGET void NAME(char *c, s64 c_i, s64 c_j, const char *a, s64 a_i, s64 a_k, const char *b, s64 b_k, s64 b_j,
                 s64 ni, s64 nj, s64 nk, s32 start, const char *from, s64 from_i, s64 from_j, s32 accumulate,
                 s32 x_unsigned, s32 y_unsigned)
{
    s32 panel[DEPTH / 2 * WIDTH] __attribute__((aligned(64))), left[DEPTH / 2 * ROWS];
    if (!accumulate)
        sums_set(c, c_i, c_j, ni, nj, start, from, from_i, from_j);
    for (s64 j = 0; j < nj; j += WIDTH) {
        s64 width = nj - j < WIDTH ? nj - j : WIDTH;
        for (s64 k = 0; k < nk; k += DEPTH) {
            s64 depth = nk - k < DEPTH ? nk - k : DEPTH, pairs = (depth + 1) / 2;
            for (s64 p = 0; p < pairs; p++) {
                const char *at = b + (k + 2 * p) * b_k + j * b_j;
                for (s64 n = 0; n < WIDTH; n++)
                    panel[p * WIDTH + n] =
                        n < width ? CONCAT(NAME, pair)(at + n * b_j, b_k, y_unsigned, depth - 2 * p) : 0;
            }
            for (s64 i = 0; i < ni; i += ROWS) {
                s64 rows = ni - i < ROWS ? ni - i : ROWS;
                char *c_at = c + i * c_i + j * c_j;
                for (s64 p = 0; p < pairs; p++) {
                    const char *at = a + i * a_i + (k + 2 * p) * a_k;
                    for (s64 r = 0; r < rows; r++)
                        left[p * ROWS + r] = CONCAT(NAME, pair)(at + r * a_i, a_k, x_unsigned, depth - 2 * p);
                }
                if (rows == ROWS)
                    CONCAT(NAME, rows)(ROWS, c_at, c_i, c_j, width, left, panel, pairs);
                else
                    for (s64 r = 0; r < rows; r++)
                        CONCAT(NAME, rows)(1, c_at + r * c_i, c_i, c_j, width, left + r, panel, pairs);
            }
        }
    }
}

#undef SUMS
#undef LOOSE
#undef WORDS
#undef WIDTH
#undef DEPTH
#undef IN
#undef NAME
#undef LANES
#undef COUNT
#undef ROWS
#undef PAIRS
#undef TARGET
