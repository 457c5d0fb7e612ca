/* medium.h: what loop nests of PolyBench's MEDIUM sizes share. Their arrays come from malloc and the kernels
 * get them, and the bounds of their loops, as parameters, as PolyBench has it; only the lengths of rows are
 * known. (poly.c has the other form: static arrays, constant bounds.) Every round makes its inputs anew. */
#ifndef MEDIUM_H
#define MEDIUM_H

#include "row.h"

#include <stdlib.h>

enum { ARRAYS = 8, ELEMENTS = 720 * 480 };

static void *arrays[ARRAYS];
static volatile double input = 1.0;

static inline void allocate(void)
{
    for (int k = 0; k < ARRAYS; k++)
        arrays[k] = arrays[k] ? arrays[k] : malloc(ELEMENTS * sizeof(double));
}

/* The k-th array, with rows of n elements. */
#define MATRIX(k, n) ((double(*)[n])arrays[k])
#define VECTOR(k)    ((double *)arrays[k])

/* In [0, 1), another for each `seed`. */
static inline void fill(void *to, int rows, int columns, int seed)
{
    double *p = to, f = input / (columns + seed);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            p[i * columns + j] = f * ((i * (j + seed) + seed) % (columns + seed));
}

/* Symmetric, and its diagonal outweighs the rest: what solvers can divide by. */
static inline void fill_definite(void *to, int n)
{
    double *p = to, f = input / n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            p[i * n + j] = i == j ? 1.0 * n : f * ((i * j + 1) % n);
}

#endif
