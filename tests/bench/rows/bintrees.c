/* Makes, counts and frees binary trees of up to n levels: malloc and recursion. */
#include "row.h"

#include <stdlib.h>

struct node {
    struct node *left, *right;
};
static volatile int levels;

static struct node *make(int depth)
{
    struct node *n = malloc(sizeof *n);
    n->left = depth ? make(depth - 1) : NULL;
    n->right = depth ? make(depth - 1) : NULL;
    return n;
}

static int count(const struct node *n)
{
    return n->left ? 1 + count(n->left) + count(n->right) : 1;
}

static void drop(struct node *n)
{
    if (n->left) {
        drop(n->left);
        drop(n->right);
    }
    free(n);
}

SETUP(n)
{
    levels = n;
}

RUN(iters)
{
    int sum = 0;
    REPEAT(iters)
    {
        int n = levels;
        struct node *kept = make(n);
        sum = 0;
        for (int depth = 4; depth <= n; depth += 2) {
            for (int k = 0; k < 1 << (n - depth); k++) {
                struct node *t = make(depth);
                sum += count(t);
                drop(t);
            }
        }
        sum += count(kept);
        drop(kept);
        row_sink = sum;
    }
    return sum;
}
