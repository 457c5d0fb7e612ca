/* matrix_quads.h: c[i][j] = start[i][j] + sum over k of a[i][k] * b[k][j] with c of 32 bits, which wrap
 * around, and a and b of 8, for processors that multiply four bytes at a time, a template. The includer
 * defines NAME   of the kernel        LANES  of a vector of sums COUNT  of vectors in a row of a tile ROWS of
 * a tile (ROWS * COUNT + COUNT + 1 vectors are live) ADD_QUADS(sums, x, y)       sums + x[4 * n] * y[4 * n] +
 * ... + x[4 * n + 3] * y[4 * n + 3], x without and y with a sign TARGET the instructions that ADD_QUADS needs
 *
 * Bytes of a with a sign are made 128 more than they are, bytes of b without one 128 less; what that changes
 * is 128 times the sum of a column of b, or of a row of a, and begins each sum. */

typedef s32 CONCAT(NAME, sums) __attribute__((vector_size(LANES * 4), may_alias));
typedef s32 CONCAT(NAME, loose) __attribute__((vector_size(LANES * 4), aligned(1), may_alias));
typedef u8 CONCAT(NAME, bytes) __attribute__((vector_size(16), aligned(1), may_alias));
#define SUMS  CONCAT(NAME, sums)
#define LOOSE CONCAT(NAME, loose)
#define BYTES CONCAT(NAME, bytes)
#define WIDTH (COUNT * LANES)
#define DEPTH (16384 / WIDTH) /* steps of a panel: it has 16 KiB and stays in the first cache */
#define IN    INLINE TARGET

/* Up to four steps of a row or column as one number; those beyond the last step are 0. */
IN s32 CONCAT(NAME, quad)(const char *p, s64 by, s64 left, s32 flip)
{
    u32 quad = 0;
    if (left >= 4 && by == 1)
        return *(const sum_cell *)p ^ flip;
    for (int n = 0; n < 4; n++) {
        if (n < left)
            quad |= (u32)(u8)(p[n * by] ^ (char)flip) << n * 8;
    }
    return (s32)quad;
}

/* Four steps of 16 neighbouring columns. */
IN void CONCAT(NAME, interleave)(s32 *to, const char *p, s64 by, s32 flip)
{
    BYTES f = (u8)flip - (BYTES){0}, first = *(const BYTES *)p ^ f, second = *(const BYTES *)(p + by) ^ f,
          third = *(const BYTES *)(p + 2 * by) ^ f, fourth = *(const BYTES *)(p + 3 * by) ^ f;
    BYTES low =
        __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    BYTES high =
        __builtin_shufflevector(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    BYTES low2 =
        __builtin_shufflevector(third, fourth, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    BYTES high2 =
        __builtin_shufflevector(third, fourth, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    BYTES *out = (BYTES *)to;
    out[0] = __builtin_shufflevector(low, low2, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    out[1] = __builtin_shufflevector(low, low2, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    out[2] = __builtin_shufflevector(high, high2, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
    out[3] =
        __builtin_shufflevector(high, high2, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

/* Columns of b as a panel of quads; columns[]: what each sum begins with for the sake of a's signs. */
IN void CONCAT(NAME, pack)(s32 *panel, s32 *columns, const char *b, s64 b_k, s64 b_j, s64 width, s64 depth,
                           s32 flip, s32 x_unsigned)
{
    SUMS of[COUNT] = {0};
    for (s64 k = 0; k < depth; k += 4, b += 4 * b_k, panel += WIDTH) {
        if (width == WIDTH && b_j == 1 && depth - k >= 4) {
            for (s64 n = 0; n < WIDTH; n += 16)
                CONCAT(NAME, interleave)(panel + n, b + n, b_k, flip);
        } else {
            for (s64 n = 0; n < WIDTH; n++)
                panel[n] = n < width ? CONCAT(NAME, quad)(b + n * b_j, b_k, depth - k, flip) : 0;
        }
        UNROLL
        for (int n = 0; n < COUNT; n++)
            of[n] = (SUMS)ADD_QUADS(of[n], 0x01010101 - (SUMS){0}, *(const LOOSE *)(panel + n * LANES));
    }
    for (int n = 0; n < COUNT; n++)
        *(LOOSE *)(columns + n * LANES) = of[n] * (x_unsigned ? 0 : -128);
}

/* Rows of a as quads, one row behind the other; the same for b's lack of signs. */
IN void CONCAT(NAME, pack_rows)(s32 *left, s32 *rows_of, const char *a, s64 a_i, s64 a_k, s64 rows, s64 depth,
                                s32 flip, s32 y_unsigned)
{
    for (s64 r = 0; r < rows; r++, a += a_i) {
        s32 sum = 0, *to = left + r * (DEPTH / 4);
        s64 done = 0;
        for (; a_k == 1 && done + 16 <= depth; done += 16)
            *(BYTES *)(to + done / 4) = *(const BYTES *)(a + done) ^ ((u8)flip - (BYTES){0});
        for (; done < depth; done += 4)
            to[done / 4] = CONCAT(NAME, quad)(a + done * a_k, a_k, depth - done, flip);
        for (s64 k = 0; k < depth && y_unsigned; k++)
            sum += flip ? ((const s8 *)a)[k * a_k] : ((const u8 *)a)[k * a_k];
        rows_of[r] = sum * 128;
    }
}

IN void CONCAT(NAME, tile)(const int rows, char *c, s64 c_i, const s32 *left, const s32 *rows_of,
                           const s32 *panel, const s32 *columns, s64 quads)
{
    SUMS sums[ROWS][COUNT];
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int n = 0; n < COUNT; n++)
            sums[r][n] = *(const LOOSE *)(c + r * c_i + n * LANES * 4) +
                         *(const LOOSE *)(columns + n * LANES) + rows_of[r];
    }
    for (s64 k = 0; k < quads; k++) {
        SUMS b[COUNT];
        UNROLL
        for (int n = 0; n < COUNT; n++)
            b[n] = *(const LOOSE *)(panel + n * LANES);
        UNROLL
        for (int r = 0; r < rows; r++) {
            SUMS x = left[r * (DEPTH / 4) + k] - (SUMS){0};
            UNROLL
            for (int n = 0; n < COUNT; n++)
                sums[r][n] = (SUMS)ADD_QUADS(sums[r][n], x, b[n]);
        }
        panel += WIDTH;
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        UNROLL
        for (int n = 0; n < COUNT; n++)
            *(LOOSE *)(c + r * c_i + n * LANES * 4) = sums[r][n];
    }
}

IN void CONCAT(NAME, rows)(const int rows, char *c, s64 c_i, s64 c_j, s64 width, const s32 *left,
                           const s32 *rows_of, const s32 *panel, const s32 *columns, s64 quads)
{
    s32 sums[ROWS * WIDTH];
    if (width == WIDTH && c_j == 4) {
        CONCAT(NAME, tile)(rows, c, c_i, left, rows_of, panel, columns, quads);
        return;
    }
    sums_get(sums, WIDTH, c, c_i, c_j, rows, width);
    CONCAT(NAME, tile)(rows, (char *)sums, WIDTH * 4, left, rows_of, panel, columns, quads);
    sums_put(sums, WIDTH, c, c_i, c_j, rows, width);
}

/* As in matrix_bytes.h. */
TARGET void NAME(char *c, s64 c_i, s64 c_j, const char *a, s64 a_i, s64 a_k, const char *b, s64 b_k, s64 b_j,
                 s64 ni, s64 nj, s64 nk, s32 start, const char *from, s64 from_i, s64 from_j, s32 accumulate,
                 s32 x_unsigned, s32 y_unsigned)
{
    s32 panel[DEPTH / 4 * WIDTH] __attribute__((aligned(64))), columns[WIDTH];
    s32 left[DEPTH / 4 * ROWS], rows_of[ROWS];
    s32 flip_x = x_unsigned ? 0 : (s32)0x80808080, flip_y = y_unsigned ? (s32)0x80808080 : 0;
    if (!accumulate)
        sums_set(c, c_i, c_j, ni, nj, start, from, from_i, from_j);
    for (s64 j = 0; j < nj; j += WIDTH) {
        s64 width = nj - j < WIDTH ? nj - j : WIDTH;
        for (s64 k = 0; k < nk; k += DEPTH) {
            s64 depth = nk - k < DEPTH ? nk - k : DEPTH, quads = (depth + 3) / 4;
            CONCAT(NAME, pack)
            (panel, columns, b + k * b_k + j * b_j, b_k, b_j, width, depth, flip_y, x_unsigned);
            for (s64 i = 0; i < ni; i += ROWS) {
                s64 rows = ni - i < ROWS ? ni - i : ROWS;
                char *c_at = c + i * c_i + j * c_j;
                CONCAT(NAME, pack_rows)
                (left, rows_of, a + i * a_i + k * a_k, a_i, a_k, rows, depth, flip_x, y_unsigned);
                if (rows == ROWS)
                    CONCAT(NAME, rows)
                (ROWS, c_at, c_i, c_j, width, left, rows_of, panel, columns, quads);
                else for (s64 r = 0; r < rows; r++)
                    CONCAT(NAME, rows)(1, c_at + r * c_i, c_i, c_j, width, left + r * (DEPTH / 4),
                                       rows_of + r, panel, columns, quads);
            }
        }
    }
}

#undef SUMS
#undef LOOSE
#undef BYTES
#undef WIDTH
#undef DEPTH
#undef IN
#undef NAME
#undef LANES
#undef COUNT
#undef ROWS
#undef ADD_QUADS
#undef TARGET
