/* Loops over text in which bytes below 0x80 only go on; and what is nearly one.
 *
 * replaced: valid valid_index lenient count_points points_and_lines widths after_first
 * refused: sum_of_bytes three_ends copied other_bytes by_table remembers until_high lengths backwards
 * refused: all_ones wide_ones
 * either: NAME 0 5000 0
 * either: NAME 0..40 1000..2000 1..4
 * either: NAME 0 200..300 5
 * either: NAME 0..40 0..70 6..40
 * either: NAME 100 50000 100..300
 * either: NAME 1046000 2576 2
 * either: NAME 1048000..1048575 576 70..80
 * either: NAME 1048500 70 200
 * either: NAME 20 1..40 250
 * either: sum_of_bytes 0 5000 20
 * either: three_ends 0 5000 20
 * either: copied 0 5000 20
 * either: other_bytes 0 5000 20
 * either: by_table 0 5000 20
 * either: remembers 0 5000 20
 * either: until_high 0 5000 20
 * either: lengths 0 5000 20
 * either: backwards 0 5000 20
 * either: all_ones 0 5000 20
 * either: wide_ones 0 5000 20
 * either: valid_words 0..40 3000..5000 1..9
 * either: count_until 0..40 3000..5000 1..9
 * either: valid_at 4294967000 200 0
 * either: valid_at 4294967000 4000 0
 * either: valid_at 1000 4294960000 0
 */
#include "letters.h"

/* Text x of n bytes in the buffer; kind: how many runs of ASCII are between other letters, 0: anything. */
#define TEXT(name)                                                                                           \
    static INLINE uint32_t name##_(const uint8_t *x, int n);                                                 \
    uint32_t EXPORT(name)(int a, int n, int kind)                                                            \
    {                                                                                                        \
        write(U8(a), n, kind);                                                                               \
        return name##_(U8(a), n);                                                                            \
    }                                                                                                        \
    static INLINE uint32_t name##_(const uint8_t *x, int n)

static NOINLINE void write(uint8_t *p, int n, int kind)
{
    write_letters(p, n, kind, 3, 0x3000);
}

/* Unicode, table 3-7. */
TEXT(valid)
{
    const uint8_t *p = x, *end = x + n;
    while (p < end) {
        uint8_t c = *p++;
        if (c < 0x80)
            continue;
        int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || end - p < more)
            return 0;
        if ((c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f) || (c == 0xf0 && *p < 0x90) ||
            (c == 0xf4 && *p > 0x8f))
            return 0;
        for (; more; more--) {
            if ((*p++ & 0xc0) != 0x80)
                return 0;
        }
    }
    return 1;
}

TEXT(valid_index)
{
    int i = 0;
    while (i < n) {
        if (x[i] <= 0x7f) {
            i++;
        } else if (x[i] >= 0xc2 && x[i] <= 0xdf) {
            if (i + 1 >= n || (x[i + 1] & 0xc0) != 0x80)
                break;
            i += 2;
        } else if ((x[i] & 0xf0) == 0xe0) {
            if (i + 2 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80)
                break;
            if ((x[i] == 0xe0 && x[i + 1] < 0xa0) || (x[i] == 0xed && x[i + 1] > 0x9f))
                break;
            i += 3;
        } else if (x[i] >= 0xf0 && x[i] <= 0xf4) {
            if (i + 3 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80 ||
                (x[i + 3] & 0xc0) != 0x80)
                break;
            if ((x[i] == 0xf0 && x[i + 1] < 0x90) || (x[i] == 0xf4 && x[i + 1] > 0x8f))
                break;
            i += 4;
        } else {
            break;
        }
    }
    return (uint32_t)i;
}

typedef uint32_t word __attribute__((aligned(1), may_alias));

/* Four bytes a round where they are ASCII, else one letter. */
TEXT(valid_words)
{
    uint32_t letters = 0, words = 0;
    int i = 0;
    for (; i + 4 <= n;) {
        if (!(*(const word *)(x + i) & 0x80808080)) {
            i += 4;
            words++;
            continue;
        }
        do {
            letters += (x[i] & 0xc0) == 0xc0;
        } while (++i < n && x[i] & 0x80);
    }
    return letters * 65536 + words + (uint32_t)i;
}

/* Takes letters that are too long, and surrogates. */
TEXT(lenient)
{
    const uint8_t *p = x, *end = x + n;
    while (p != end) {
        if (!(*p & 0x80)) {
            p++;
            continue;
        }
        uint8_t c = *p++;
        int more = (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : 0;
        if (!more)
            return 0;
        while (more--) {
            if (p == end || (*p++ & 0xc0) != 0x80)
                return 0;
        }
    }
    return 1;
}

TEXT(count_points)
{
    uint32_t count = 0;
    for (int i = 0; i < n; count++)
        i += x[i] < 0x80 ? 1 : x[i] < 0xe0 ? 2 : x[i] < 0xf0 ? 3 : 4;
    return count;
}

TEXT(count_until)
{
    uint32_t count = 0;
    ((uint8_t *)x)[n] = 0;
    for (const uint8_t *p = x; *p; p++)
        count += (*p & 0xc0) != 0x80;
    return count;
}

/* Lines end a run, too. */
TEXT(points_and_lines)
{
    uint32_t count = 0, lines = 0;
    for (const uint8_t *p = x; p < x + n; p++) {
        if (*p == '\n')
            lines++;
        else if ((int8_t)*p >= -64)
            count++;
        else if (*p == 0xbf)
            lines += 1000;
    }
    return count * 65536 + lines;
}

/* What is behind a lead byte is as wide as it says. */
TEXT(widths)
{
    uint32_t wide = 0;
    for (int i = 0; i < n;) {
        uint8_t c = x[i];
        if (c < 0x80) {
            wide += 1;
            i += 1;
        } else {
            wide += 2;
            while (++i < n && (x[i] & 0xc0) == 0x80)
                ;
        }
    }
    return wide;
}

/* Two bytes are looked at in each round. */
TEXT(after_first)
{
    uint32_t pairs = 0;
    for (int i = 1; i < n; i++) {
        if (x[i] > 0x7f && x[i - 1] > 0x7f)
            pairs += x[i];
    }
    return pairs;
}

uint32_t EXPORT(valid_at)(int a, int n, int kind)
{
    return valid_((const uint8_t *)a, n) + (uint32_t)kind;
}

/* --- What is not. --- */

TEXT(sum_of_bytes)
{
    uint32_t sum = 0;
    const uint8_t *p = x, *end = x + n;
    while (p < end) {
        uint8_t c = *p++;
        sum += c;
        if (c >= 0xc0 && p < end)
            p++;
    }
    return sum;
}

TEXT(three_ends)
{
    uint32_t sum = 0;
    for (const uint8_t *p = x, *end = x + n; p < end; p++) {
        if (*p == 'a')
            sum += 3;
        else if (*p == 'q')
            sum *= 5;
        else if (*p == '\n')
            sum ^= 9;
        else if (*p > 0xc1)
            p++;
    }
    return sum;
}

static uint8_t out[60000];

TEXT(copied)
{
    uint32_t k = 0;
    for (const uint8_t *p = x, *end = x + n; p < end; p++) {
        if (*p < 0x80)
            out[k++] = *p;
        else
            k = k ? k - 1 : 0;
    }
    return k + out[k / 2];
}

/* Here bytes from 0x80 on only go on. */
TEXT(other_bytes)
{
    uint32_t sum = 0;
    for (const uint8_t *p = x, *end = x + n; p < end; p++) {
        if (*p < 0x80)
            sum = sum * 3 + *p;
    }
    return sum;
}

static uint8_t steps[256] = {1, 1, 1, 2};

TEXT(by_table)
{
    uint32_t count = 0;
    steps[n & 255] |= 1;
    for (int i = 0; i < n; count++)
        i += steps[x[i]] | 1;
    return count;
}

TEXT(remembers)
{
    uint32_t count = 0;
    uint8_t last = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] >= 0x80)
            count += last;
        last = x[i];
    }
    return count;
}

TEXT(until_high)
{
    uint32_t i = 0;
    while (i < (uint32_t)n && x[i] & 0x80)
        i++;
    return i;
}

TEXT(lengths)
{
    uint32_t longest = 0, length = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] < 0x80) {
            length++;
            longest = length > longest ? length : longest;
        } else {
            length = 0;
        }
    }
    return longest;
}

TEXT(backwards)
{
    uint32_t count = 0;
    for (int i = n - 1; i >= 0; i--) {
        if (x[i] >= 0x80) {
            while (i > 0 && (x[i] & 0xc0) == 0x80)
                i--;
        }
        count++;
    }
    return count;
}

/* Bytes with their highest bit go on, too, but for one; and words. */
TEXT(all_ones)
{
    uint32_t count = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] == 0xff)
            count = count * 3 + x[i + 1];
    }
    return count;
}

TEXT(wide_ones)
{
    const uint16_t *w = (const uint16_t *)((uint32_t)x & ~1u);
    uint32_t count = 0;
    for (int i = 0; i < n / 2; i++) {
        if (w[i] == 0xfffe)
            count = count * 3 + w[i + 1];
    }
    return count;
}
