/* coremix.c: a mix of what small processors do all day: list sorting and searching, integer matrices, a state
 * machine over text, and a CRC over all results.
 *
 *     coremix [ITERATIONS]      default 300 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* --- CRC-16 (CCITT, reflected), bit by bit. --- */

static uint16_t crc_byte(uint16_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int i = 0; i < 8; i++)
        crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1);
    return crc;
}

static uint16_t crc_u32(uint16_t crc, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        crc = crc_byte(crc, (uint8_t)(v >> 8 * i));
    return crc;
}

/* --- A linked list in an array of nodes: find, reverse, merge sort. --- */

enum { NODES = 400 };

struct node {
    struct node *next;
    int32_t key, value;
};
static struct node nodes[NODES];

static struct node *list_build(uint32_t seed)
{
    for (uint32_t i = 0; i < NODES; i++) {
        seed = seed * 1103515245 + 12345;
        nodes[i].key = (int32_t)(seed >> 16 & 0x3ff);
        nodes[i].value = (int32_t)i;
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
    }
    return nodes;
}

static const struct node *list_find(const struct node *l, int32_t key)
{
    while (l && l->key != key)
        l = l->next;
    return l;
}

static struct node *list_reverse(struct node *l)
{
    struct node *done = NULL;
    while (l) {
        struct node *next = l->next;
        l->next = done;
        done = l;
        l = next;
    }
    return done;
}

typedef int (*compare_fn)(const struct node *, const struct node *);

static int by_key(const struct node *a, const struct node *b)
{
    return a->key < b->key ? -1 : a->key > b->key;
}

static int by_value(const struct node *a, const struct node *b)
{
    return a->value < b->value ? -1 : a->value > b->value;
}

static struct node *list_merge(struct node *a, struct node *b, compare_fn compare)
{
    struct node *head = NULL, **tail = &head;
    while (a && b) {
        struct node **least = compare(a, b) <= 0 ? &a : &b;
        *tail = *least;
        tail = &(*least)->next;
        *least = (*least)->next;
    }
    *tail = a ? a : b;
    return head;
}

static struct node *list_sort(struct node *l, compare_fn compare)
{
    if (!l || !l->next)
        return l;
    struct node *slow = l, *fast = l->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *half = slow->next;
    slow->next = NULL;
    return list_merge(list_sort(l, compare), list_sort(half, compare), compare);
}

static uint16_t list_run(uint32_t seed, uint16_t crc)
{
    struct node *l = list_build(seed);
    for (int32_t key = 0; key < 16; key++) {
        const struct node *hit = list_find(l, key * 61 & 0x3ff);
        crc = crc_u32(crc, hit ? (uint32_t)hit->value : 0xffffffff);
    }
    l = list_sort(list_reverse(l), by_key);
    for (const struct node *n = l; n; n = n->next)
        crc = crc_u32(crc, (uint32_t)n->key);
    l = list_sort(l, by_value);
    return crc_u32(crc, (uint32_t)l->value + (uint32_t)l->next->key);
}

/* --- Matrices of 16-bit numbers with 32-bit sums. --- */

enum { SIZE = 24 };

static int16_t matrix_a[SIZE][SIZE], matrix_b[SIZE][SIZE];
static int32_t matrix_c[SIZE][SIZE];

static void matrix_fill(uint32_t seed)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            seed = seed * 69069 + 1;
            matrix_a[i][j] = (int16_t)(seed >> 20);
            matrix_b[i][j] = (int16_t)(seed >> 12);
        }
}

static void matrix_multiply(void)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            uint32_t total = 0;
            for (int k = 0; k < SIZE; k++)
                total += (uint32_t)(matrix_a[i][k] * matrix_b[k][j] >> 2 & 0xfff);
            matrix_c[i][j] = (int32_t)total;
        }
}

static uint16_t matrix_run(uint32_t seed, uint16_t crc)
{
    matrix_fill(seed);
    matrix_multiply();
    for (int i = 0; i < SIZE; i++)
        crc = crc_u32(crc, (uint32_t)matrix_c[i][(i * 5 + (int)(seed & 7)) % SIZE]);
    return crc;
}

/* --- A state machine that sorts numbers out of text. --- */

enum state { START, SIGN, INT, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS, BAD, NSTATES };

static const char text[] =
    "5012,-87.4,+.33e12,hello,1e,3.14159,-0,7e-12,..2,123456789,+,1.5e+3,x9,42,0.001,-9e9,12a,";

static enum state state_next(enum state s, char c)
{
    int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
    switch (s) {
    case START: return digit ? INT : sign ? SIGN : c == '.' ? POINT : BAD;
    case SIGN: return digit ? INT : c == '.' ? POINT : BAD;
    case INT: return digit ? INT : c == '.' ? POINT : c == 'e' ? EXPONENT : BAD;
    case POINT: return digit ? FRACTION : BAD;
    case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : BAD;
    case EXPONENT: return digit ? EXPONENT_DIGITS : sign ? EXPONENT_SIGN : BAD;
    case EXPONENT_SIGN: return digit ? EXPONENT_DIGITS : BAD;
    case EXPONENT_DIGITS: return digit ? EXPONENT_DIGITS : BAD;
    case BAD:
    case NSTATES: break;
    }
    return BAD;
}

static uint16_t state_run(uint32_t seed, uint16_t crc)
{
    uint32_t ends[NSTATES] = {0}, steps = 0;
    enum state s = START;
    for (const char *p = text + seed % 5; *p; p++, steps++) {
        if (*p == ',') {
            ends[s]++;
            s = START;
        } else {
            s = state_next(s, *p);
        }
    }
    for (int i = 0; i < NSTATES; i++)
        crc = crc_u32(crc, ends[i]);
    return crc_u32(crc, steps);
}

int main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 300;
    uint16_t list = 0xffff, matrix = 0xffff, state = 0xffff;
    for (uint32_t i = 0; i < n; i++) {
        list = list_run(i, list);
        matrix = matrix_run(i, matrix);
        state = state_run(i, state);
    }
    printf("coremix, %u iterations\n", n);
    printf("list   0x%04x\nmatrix 0x%04x\nstate  0x%04x\n", list, matrix, state);
    printf("all    0x%04x\n", crc_u32(crc_u32(crc_u32(0, list), matrix), state));
    return 0;
}
