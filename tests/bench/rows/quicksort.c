/* Quicksort of n numbers, insertion sort below 16. */
#include "row.h"

enum { MAX = 1000000, SMALL = 16 };
static int32_t unsorted[MAX], a[MAX];
static int size;

static void insertion(int32_t *p, int n)
{
    for (int i = 1; i < n; i++) {
        int32_t v = p[i];
        int k = i;
        for (; k > 0 && p[k - 1] > v; k--)
            p[k] = p[k - 1];
        p[k] = v;
    }
}

static void swap(int32_t *x, int32_t *y)
{
    int32_t t = *x;
    *x = *y;
    *y = t;
}

static NOINLINE void quicksort(int32_t *p, int n)
{
    while (n > SMALL) {
        int low = 0, high = n - 1;
        int32_t b = p[n / 2],
                pivot = p[0] < b ? (b < p[high] ? b : p[high]) : (p[0] < p[high] ? p[0] : p[high]);
        while (low <= high) {
            while (p[low] < pivot)
                low++;
            while (p[high] > pivot)
                high--;
            if (low <= high)
                swap(&p[low++], &p[high--]);
        }
        quicksort(p, high + 1);
        p += low;
        n -= low;
    }
    insertion(p, n);
}

SETUP(n)
{
    size = n;
    for (int i = 0; i < n; i++)
        unsorted[i] = (int32_t)row_random();
}

RUN(iters)
{
    double sum = 0;
    REPEAT(iters)
    {
        for (int i = 0; i < size; i++)
            a[i] = unsorted[i];
        quicksort(a, size);
        row_sink = a[size / 2];
    }
    for (int i = 0; i < size; i++)
        sum += (double)a[i] * (i & 15);
    return sum;
}
