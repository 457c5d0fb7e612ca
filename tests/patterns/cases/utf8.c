/* Loops that tell UTF-8 from other bytes, in the forms that they come in, and what is nearly one.
 *
 * listed: ranges UTF-8
 * listed: signed_bytes UTF-8
 * listed: by_switch UTF-8
 * listed: widths UTF-8
 * listed: accepts UTF-8
 * listed: automaton UTF-8
 * listed: automaton_until UTF-8
 * listed: automaton_points UTF-8
 * listed: shifts UTF-8
 * listed: points_first UTF-8
 * listed: points_stored UTF-8
 * listed: replaced_points UTF-8
 * listed: kuhn UTF-8
 * listed: expected UTF-8
 * listed: least_and_most UTF-8
 * listed: ascii_words UTF-8
 * listed: valid_up_to UTF-8
 * listed: state_kept UTF-8
 * listed: utf16_made UTF-8
 * unlisted: latin1 UTF-8
 * unlisted: ascii_only UTF-8
 * unlisted: utf16 UTF-8
 * unlisted: count_points UTF-8
 * unlisted: count_by_lead UTF-8
 * unlisted: surrogates UTF-8
 * unlisted: overlong UTF-8
 * unlisted: five_bytes UTF-8
 * unlisted: lead_only UTF-8
 * unlisted: too_large UTF-8
 * unlisted: last_byte_open UTF-8
 * unlisted: modified UTF-8
 * unlisted: automaton_wrong UTF-8
 * unlisted: base64 UTF-8
 * unlisted: json_string UTF-8
 * unlisted: tokens UTF-8
 * unlisted: lossy UTF-8
 * either: NAME 0..40 300..999 1..9
 * either: NAME 0 200..300 5
 * either: NAME 20 1..40 0
 */
#include "letters.h"

/* Text x of n bytes in the buffer, and a 0 behind it; kind: how many runs of ASCII are between other letters,
 * 0: anything. */
#define TEXT(name)                                                                                           \
    static INLINE uint32_t name##_(const uint8_t *x, uint32_t n, uint32_t *out);                             \
    uint32_t EXPORT(name)(int a, int n, int kind)                                                            \
    {                                                                                                        \
        write(U8(a), n, kind);                                                                               \
        return name##_(U8(a), (uint32_t)n, (uint32_t *)U8(65536));                                           \
    }                                                                                                        \
    static INLINE uint32_t name##_(const uint8_t *x, uint32_t n, uint32_t *out)
#define UNUSED (void)out

static NOINLINE void write(uint8_t *p, int n, int kind)
{
    write_letters(p, n, kind, 255, 0xd780);
    p[n] = 0;
}

/* --- Comparisons. --- */

TEXT(ranges)
{
    UNUSED;
    for (uint32_t i = 0; i < n;) {
        uint8_t c = x[i];
        if (c < 0x80) {
            i++;
        } else if (c >= 0xc2 && c <= 0xdf) {
            if (i + 1 >= n || (x[i + 1] & 0xc0) != 0x80)
                return 0;
            i += 2;
        } else if (c >= 0xe0 && c <= 0xef) {
            if (i + 2 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80)
                return 0;
            if ((c == 0xe0 && x[i + 1] < 0xa0) || (c == 0xed && x[i + 1] > 0x9f))
                return 0;
            i += 3;
        } else if (c >= 0xf0 && c <= 0xf4) {
            if (i + 3 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80 ||
                (x[i + 3] & 0xc0) != 0x80)
                return 0;
            if ((c == 0xf0 && x[i + 1] < 0x90) || (c == 0xf4 && x[i + 1] > 0x8f))
                return 0;
            i += 4;
        } else {
            return 0;
        }
    }
    return 1;
}

/* Pointers go on; a byte that continues is less than -64. */
TEXT(signed_bytes)
{
    UNUSED;
    const int8_t *p = (const int8_t *)x, *end = p + n;
    while (p < end) {
        int8_t c = *p++;
        if (c >= 0)
            continue;
        uint8_t u = (uint8_t)c;
        if (u < 0xc2 || u > 0xf4)
            return 0;
        if (u < 0xe0) {
            if (p == end || *p++ >= -64)
                return 0;
            continue;
        }
        int8_t least = u == 0xe0   ? -96
                       : u == 0xf0 ? -112
                                   : -128,
               most = u == 0xed   ? -97
                      : u == 0xf4 ? -113
                                  : -65;
        if (p == end || *p < least || *p > most)
            return 0;
        p++;
        for (int more = u < 0xf0 ? 1 : 2; more; more--) {
            if (p == end || *p++ >= -64)
                return 0;
        }
    }
    return 1;
}

TEXT(by_switch)
{
    UNUSED;
    const uint8_t *p = x, *end = x + n;
#define NEXT(least, most)                                                                                    \
    if (p == end || *p < (least) || *p > (most))                                                             \
        return 0;                                                                                            \
    p++
    while (p != end) {
        switch (*p++) {
        case 0x00 ... 0x7f: break;
        case 0xc2 ... 0xdf: NEXT(0x80, 0xbf); break;
        case 0xe0:
            NEXT(0xa0, 0xbf);
            NEXT(0x80, 0xbf);
            break;
        case 0xe1 ... 0xec:
        case 0xee ... 0xef:
            NEXT(0x80, 0xbf);
            NEXT(0x80, 0xbf);
            break;
        case 0xed:
            NEXT(0x80, 0x9f);
            NEXT(0x80, 0xbf);
            break;
        case 0xf0:
            NEXT(0x90, 0xbf);
            NEXT(0x80, 0xbf);
            NEXT(0x80, 0xbf);
            break;
        case 0xf1 ... 0xf3:
            NEXT(0x80, 0xbf);
            NEXT(0x80, 0xbf);
            NEXT(0x80, 0xbf);
            break;
        case 0xf4:
            NEXT(0x80, 0x8f);
            NEXT(0x80, 0xbf);
            NEXT(0x80, 0xbf);
            break;
        default: return 0;
        }
    }
    return 1;
}

/* --- Tables. --- */

#define EIGHT(x)   x, x, x, x, x, x, x, x
#define SIXTEEN(x) EIGHT(x), EIGHT(x)

static const uint8_t width_of[256] = {
    SIXTEEN(1), SIXTEEN(1), SIXTEEN(1), SIXTEEN(1), SIXTEEN(1), SIXTEEN(1), SIXTEEN(1),
    SIXTEEN(1), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), 0,          0,
    2,          2,          2,          2,          2,          2,          EIGHT(2),
    SIXTEEN(2), SIXTEEN(3), 4,          4,          4,          4,          4,
};

/* As in Rust's library. */
TEXT(widths)
{
    uint32_t i = 0;
    *out = 0;
    while (i < n) {
        uint32_t old = i;
        uint8_t first = x[i];
        if (first >= 128) {
            uint32_t w = width_of[first];
            if (w == 2) {
                if (++i >= n || (int8_t)x[i] >= -64)
                    goto wrong;
            } else if (w == 3) {
                if (++i >= n)
                    goto wrong;
                uint8_t c = x[i];
                if (!((first == 0xe0 && c >= 0xa0 && c <= 0xbf) ||
                      (first >= 0xe1 && first <= 0xec && c >= 0x80 && c <= 0xbf) ||
                      (first == 0xed && c >= 0x80 && c <= 0x9f) || (first >= 0xee && c >= 0x80 && c <= 0xbf)))
                    goto wrong;
                if (++i >= n || (int8_t)x[i] >= -64)
                    goto wrong;
            } else if (w == 4) {
                if (++i >= n)
                    goto wrong;
                uint8_t c = x[i];
                if (!((first == 0xf0 && c >= 0x90 && c <= 0xbf) ||
                      (first >= 0xf1 && first <= 0xf3 && c >= 0x80 && c <= 0xbf) ||
                      (first == 0xf4 && c >= 0x80 && c <= 0x8f)))
                    goto wrong;
                if (++i >= n || (int8_t)x[i] >= -64)
                    goto wrong;
                if (++i >= n || (int8_t)x[i] >= -64)
                    goto wrong;
            } else {
                goto wrong;
            }
        }
        i++;
        continue;
    wrong:
        *out = old;
        return 0;
    }
    return 1;
}

/* As in Go's library: what is allowed behind a first byte is a row of another table. */
static const uint8_t kind_of[128] = {
    SIXTEEN(0xf1),
    SIXTEEN(0xf1),
    SIXTEEN(0xf1),
    SIXTEEN(0xf1),
    0xf1,
    0xf1,
    2,
    2,
    2,
    2,
    2,
    2,
    EIGHT(2),
    SIXTEEN(2),
    0x13,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    3,
    0x23,
    3,
    3,
    0x34,
    4,
    4,
    4,
    0x44,
    0xf1,
    0xf1,
    0xf1,
    EIGHT(0xf1),
};
static const struct {
    uint8_t least, most;
} allowed[16] = {{0x80, 0xbf}, {0xa0, 0xbf}, {0x80, 0x9f}, {0x90, 0xbf}, {0x80, 0x8f}};

TEXT(accepts)
{
    UNUSED;
    for (uint32_t i = 0; i < n;) {
        uint8_t c = x[i];
        if (c < 0x80) {
            i++;
            continue;
        }
        uint8_t k = kind_of[c - 128];
        uint32_t size = k & 7;
        if (k == 0xf1 || i + size > n)
            return 0;
        if (x[i + 1] < allowed[k >> 4].least || allowed[k >> 4].most < x[i + 1])
            return 0;
        if (size > 2 && (x[i + 2] < 0x80 || 0xbf < x[i + 2]))
            return 0;
        if (size > 3 && (x[i + 3] < 0x80 || 0xbf < x[i + 3]))
            return 0;
        i += size;
    }
    return 1;
}

/* --- Automata: bytes have one of twelve types, states are multiples of 12. --- */

static const uint8_t type_of[256] = {
    SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0),
    SIXTEEN(1), SIXTEEN(9), SIXTEEN(7), SIXTEEN(7), 8,          8,          2,          2,
    2,          2,          2,          2,          EIGHT(2),   SIXTEEN(2), 10,         3,
    3,          3,          3,          3,          3,          3,          3,          3,
    3,          3,          3,          4,          3,          3,          11,         6,
    6,          6,          5,          8,          8,          8,          EIGHT(8),
};
static const uint8_t next_of[108] = {
    0,  12, 24, 36, 60, 96, 84, 12, 12, 12, 48, 72, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
    12, 12, 12, 0,  12, 12, 12, 12, 12, 0,  12, 0,  12, 12, 12, 24, 12, 12, 12, 12, 12, 24,
    12, 24, 12, 12, 12, 12, 12, 12, 12, 12, 12, 24, 12, 12, 12, 12, 12, 24, 12, 12, 12, 12,
    12, 12, 12, 24, 12, 12, 12, 12, 12, 12, 12, 12, 12, 36, 12, 36, 12, 12, 12, 36, 12, 12,
    12, 12, 12, 36, 12, 36, 12, 12, 12, 36, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
};

TEXT(automaton)
{
    UNUSED;
    uint32_t s = 0;
    for (uint32_t i = 0; i < n; i++)
        s = next_of[s + type_of[x[i]]];
    return s == 0;
}

TEXT(automaton_until)
{
    UNUSED;
    uint32_t s = 0;
    (void)n;
    for (; *x; x++) {
        s = next_of[s + type_of[*x]];
        if (s == 12)
            break;
    }
    return s;
}

TEXT(automaton_points)
{
    uint32_t s = 0, c = 0, count = 0;
    for (const uint8_t *end = x + n; x < end; x++) {
        uint32_t type = type_of[*x];
        c = s ? (*x & 0x3fu) | c << 6 : (0xffu >> type) & *x;
        s = next_of[s + type];
        if (s == 12)
            return count + 1000;
        if (s == 0)
            out[count++] = c;
    }
    return s ? count + 2000 : count;
}

/* A state is how far its row is shifted: 0 wrong, 6 right, and so on; rows of words by bytes. */
#define ROW(s0, s1, s2, s3, s4, s5, s6, s7, s8)                                                              \
    ((uint64_t)(s0) | (uint64_t)(s1) << 6 | (uint64_t)(s2) << 12 | (uint64_t)(s3) << 18 |                    \
     (uint64_t)(s4) << 24 | (uint64_t)(s5) << 30 | (uint64_t)(s6) << 36 | (uint64_t)(s7) << 42 |             \
     (uint64_t)(s8) << 48)
/*                 wrong right one two  E0  ED three F0 F4 */
#define R_ASCII ROW(0, 6, 0, 0, 0, 0, 0, 0, 0)
#define R_80    ROW(0, 0, 6, 12, 0, 12, 18, 0, 18)
#define R_90    ROW(0, 0, 6, 12, 0, 12, 18, 18, 0)
#define R_A0    ROW(0, 0, 6, 12, 12, 0, 18, 18, 0)
#define R_C2    ROW(0, 12, 0, 0, 0, 0, 0, 0, 0)
#define R_E0    ROW(0, 24, 0, 0, 0, 0, 0, 0, 0)
#define R_E1    ROW(0, 18, 0, 0, 0, 0, 0, 0, 0)
#define R_ED    ROW(0, 30, 0, 0, 0, 0, 0, 0, 0)
#define R_F0    ROW(0, 42, 0, 0, 0, 0, 0, 0, 0)
#define R_F1    ROW(0, 36, 0, 0, 0, 0, 0, 0, 0)
#define R_F4    ROW(0, 48, 0, 0, 0, 0, 0, 0, 0)
static const uint64_t row_of[256] = {
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_ASCII),
    SIXTEEN(R_80),
    SIXTEEN(R_90),
    SIXTEEN(R_A0),
    SIXTEEN(R_A0),
    0,
    0,
    R_C2,
    R_C2,
    R_C2,
    R_C2,
    R_C2,
    R_C2,
    EIGHT(R_C2),
    SIXTEEN(R_C2),
    R_E0,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_E1,
    R_ED,
    R_E1,
    R_E1,
    R_F0,
    R_F1,
    R_F1,
    R_F1,
    R_F4,
};

TEXT(shifts)
{
    UNUSED;
    uint64_t s = 6;
    for (const uint8_t *end = x + n; x != end; x++)
        s = row_of[*x] >> (s & 63);
    return (s & 63) == 6;
}

/* The state begins, and stays, in memory. */
TEXT(state_kept)
{
    *out = 0;
    for (uint32_t i = 0; i < n; i++)
        *out = next_of[*out + type_of[x[i]]];
    return *out;
}

/* --- Code points first. --- */

TEXT(points_first)
{
    UNUSED;
    const uint8_t *p = x, *end = x + n;
    while (p < end) {
        uint32_t c = *p++, more = 0, least = 0;
        if (c < 0x80)
            continue;
        if ((c & 0xe0) == 0xc0) {
            c &= 0x1f;
            more = 1;
            least = 0x80;
        } else if ((c & 0xf0) == 0xe0) {
            c &= 0x0f;
            more = 2;
            least = 0x800;
        } else if ((c & 0xf8) == 0xf0) {
            c &= 0x07;
            more = 3;
            least = 0x10000;
        } else {
            return 0;
        }
        if ((uint32_t)(end - p) < more)
            return 0;
        for (; more; more--) {
            if ((*p & 0xc0) != 0x80)
                return 0;
            c = c << 6 | (*p++ & 0x3f);
        }
        if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            return 0;
    }
    return 1;
}

TEXT(points_stored)
{
    uint32_t i = 0, count = 0;
    while (i < n) {
        uint32_t c = x[i], more = c < 0x80         ? 0
                                  : (c >> 5) == 6  ? 1
                                  : (c >> 4) == 14 ? 2
                                  : (c >> 3) == 30 ? 3
                                                   : 9;
        if (more == 9 || i + more >= n)
            return 0xffffffff;
        if (more)
            c &= 0x3fu >> more;
        for (uint32_t k = 1; k <= more; k++) {
            if (x[i + k] >> 6 != 2)
                return 0xffffffff;
            c = (c << 6) + (x[i + k] & 63u);
        }
        if ((more == 1 && c < 0x80) || (more == 2 && c < 0x800) || (more == 3 && c < 0x10000) ||
            c > 0x10ffff || c - 0xd800 < 0x800)
            return 0xffffffff;
        out[count++] = c;
        i += more + 1;
    }
    return count;
}

/* What is wrong becomes U+FFFD. */
TEXT(replaced_points)
{
    uint32_t i = 0, count = 0;
    while (i < n) {
        uint32_t c = x[i++], more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
        if (c >= 0x80) {
            uint32_t point = more ? c & 0x3fu >> more : 0xfffd, least = 0x80;
            for (uint32_t k = 0; k < more; k++, least = k == 1 ? 0x800 : 0x10000) {
                if (i == n || (x[i] & 0xc0) != 0x80) {
                    point = 0xfffd;
                    more = 0;
                    break;
                }
                point = point << 6 | (x[i++] & 0x3fu);
            }
            least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0;
            c = point < least || point > 0x10ffff || (point & 0xfffff800) == 0xd800 ? 0xfffd : point;
        }
        out[count++] = c;
    }
    return count;
}

/* After Markus Kuhn; null where nothing is wrong. */
TEXT(kuhn)
{
    const uint8_t *s = x;
    (void)n;
    UNUSED;
    while (*s) {
        if (*s < 0x80) {
            s++;
        } else if ((s[0] & 0xe0) == 0xc0) {
            if ((s[1] & 0xc0) != 0x80 || (s[0] & 0xfe) == 0xc0)
                return (uint32_t)s;
            s += 2;
        } else if ((s[0] & 0xf0) == 0xe0) {
            if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[0] == 0xe0 && (s[1] & 0xe0) == 0x80) ||
                (s[0] == 0xed && (s[1] & 0xe0) == 0xa0) ||
                (s[0] == 0xef && s[1] == 0xbf && (s[2] & 0xfe) == 0xbe))
                return (uint32_t)s;
            s += 3;
        } else if ((s[0] & 0xf8) == 0xf0) {
            if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[3] & 0xc0) != 0x80 ||
                (s[0] == 0xf0 && (s[1] & 0xf0) == 0x80) || (s[0] == 0xf4 && s[1] > 0x8f) || s[0] > 0xf4)
                return (uint32_t)s;
            s += 4;
        } else {
            return (uint32_t)s;
        }
    }
    return 0;
}

/* As in the Encoding Standard: bytes needed, and bounds of the next one. */
TEXT(expected)
{
    UNUSED;
    uint32_t needed = 0, least = 0x80, most = 0xbf;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t b = x[i];
        if (needed == 0) {
            if (b <= 0x7f) {
                continue;
            } else if (b >= 0xc2 && b <= 0xdf) {
                needed = 1;
            } else if (b >= 0xe0 && b <= 0xef) {
                if (b == 0xe0)
                    least = 0xa0;
                if (b == 0xed)
                    most = 0x9f;
                needed = 2;
            } else if (b >= 0xf0 && b <= 0xf4) {
                if (b == 0xf0)
                    least = 0x90;
                if (b == 0xf4)
                    most = 0x8f;
                needed = 3;
            } else {
                return 0;
            }
        } else {
            if (b < least || b > most)
                return 0;
            least = 0x80;
            most = 0xbf;
            needed--;
        }
    }
    return needed == 0;
}

/* Without branches: what is wrong is collected. */
TEXT(bits_joined)
{
    static const uint8_t lengths[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                        0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 3, 3, 4, 0};
    static const int masks[] = {0x00, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {4194304, 0, 128, 2048, 65536};
    static const int shift[] = {0, 18, 12, 6, 0}, shift_wrong[] = {0, 6, 4, 2, 0};
    const uint8_t *s = x, *end = x + n;
    uint32_t wrong = 0;
    UNUSED;
    while (s < end) {
        int length = lengths[s[0] >> 3], e;
        uint32_t c = (uint32_t)(s[0] & masks[length]) << 18;
        c |= (uint32_t)(s[1] & 0x3f) << 12;
        c |= (uint32_t)(s[2] & 0x3f) << 6;
        c |= (uint32_t)(s[3] & 0x3f) << 0;
        c >>= shift[length];
        e = (c < least[length]) << 6;
        e |= ((c >> 11) == 0x1b) << 7;
        e |= (c > 0x10ffff) << 8;
        e |= (s[1] & 0xc0) >> 2;
        e |= (s[2] & 0xc0) >> 4;
        e |= s[3] >> 6;
        e ^= 0x2a;
        e >>= shift_wrong[length];
        wrong |= (uint32_t)e;
        s += length + !length;
    }
    return wrong;
}

TEXT(least_and_most)
{
    UNUSED;
    uint32_t i = 0;
    while (i < n) {
        uint8_t c = x[i];
        if (c <= 0x7f) {
            i += 1;
            continue;
        }
        uint32_t more = c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
        uint8_t least = c == 0xe0   ? 0xa0
                        : c == 0xf0 ? 0x90
                                    : 0x80,
                most = c == 0xed   ? 0x9f
                       : c == 0xf4 ? 0x8f
                                   : 0xbf;
        if (!more || n - i <= more)
            break;
        if (x[i + 1] < least || x[i + 1] > most)
            break;
        if (more >= 2 && (x[i + 2] & 0xc0) != 0x80)
            break;
        if (more == 3 && (x[i + 3] & 0xc0) != 0x80)
            break;
        i += more + 1;
    }
    return i == n;
}

typedef uint64_t wide __attribute__((aligned(1), may_alias));

/* Eight bytes at once where they are ASCII. */
TEXT(ascii_words)
{
    UNUSED;
    const uint8_t *p = x, *end = x + n;
    while (p < end) {
        if (end - p >= 8 && !(*(const wide *)p & 0x8080808080808080)) {
            p += 8;
            continue;
        }
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

/* How far it is right. */
TEXT(valid_up_to)
{
    UNUSED;
    const uint8_t *p = x, *end = x + n;
    for (; p < end;) {
        uint32_t left = (uint32_t)(end - p), c = p[0];
        if (c < 0x80)
            p++;
        else if (c >= 0xc2 && c < 0xe0 && left > 1 && p[1] >> 6 == 2)
            p += 2;
        else if ((c & 0xf0) == 0xe0 && left > 2 && p[1] >> 6 == 2 && p[2] >> 6 == 2 &&
                 !(c == 0xe0 && p[1] < 0xa0) && !(c == 0xed && p[1] >= 0xa0))
            p += 3;
        else if (c >= 0xf0 && c < 0xf5 && left > 3 && p[1] >> 6 == 2 && p[2] >> 6 == 2 && p[3] >> 6 == 2 &&
                 !(c == 0xf0 && p[1] < 0x90) && !(c == 0xf4 && p[1] >= 0x90))
            p += 4;
        else
            break;
    }
    return (uint32_t)(p - x);
}

/* Code units of 16 bits come out. */
TEXT(utf16_made)
{
    uint16_t *to = (uint16_t *)out;
    uint32_t i = 0;
    while (i < n) {
        uint32_t c = x[i];
        if (c < 0x80) {
            *to++ = (uint16_t)c;
            i++;
        } else if (c < 0xe0) {
            if (c < 0xc2 || i + 1 >= n || (x[i + 1] & 0xc0) != 0x80)
                return 0;
            *to++ = (uint16_t)((c & 31) << 6 | (x[i + 1] & 63u));
            i += 2;
        } else if (c < 0xf0) {
            if (i + 2 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80)
                return 0;
            c = (c & 15) << 12 | (x[i + 1] & 63u) << 6 | (x[i + 2] & 63u);
            if (c < 0x800 || (c >= 0xd800 && c < 0xe000))
                return 0;
            *to++ = (uint16_t)c;
            i += 3;
        } else {
            if (c > 0xf4 || i + 3 >= n || (x[i + 1] & 0xc0) != 0x80 || (x[i + 2] & 0xc0) != 0x80 ||
                (x[i + 3] & 0xc0) != 0x80)
                return 0;
            c = (c & 7) << 18 | (x[i + 1] & 63u) << 12 | (x[i + 2] & 63u) << 6 | (x[i + 3] & 63u);
            if (c < 0x10000 || c > 0x10ffff)
                return 0;
            c -= 0x10000;
            *to++ = (uint16_t)(0xd800 + (c >> 10));
            *to++ = (uint16_t)(0xdc00 + (c & 0x3ff));
            i += 4;
        }
    }
    return (uint32_t)(to - (uint16_t *)out);
}

/* --- What is not. --- */

TEXT(latin1)
{
    UNUSED;
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] >= 0x80 && x[i] < 0xa0)
            return 0;
    }
    return 1;
}

TEXT(ascii_only)
{
    UNUSED;
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] & 0x80)
            return (x[i] & 0xc0) == 0xc0;
    }
    return 2;
}

TEXT(utf16)
{
    const uint16_t *w = (const uint16_t *)((uint32_t)x & ~1u);
    UNUSED;
    for (uint32_t i = 0; i < n / 2; i++) {
        if (w[i] >= 0xd800 && w[i] <= 0xdbff) {
            if (i + 1 >= n / 2 || (w[i + 1] & 0xfc00) != 0xdc00)
                return 0;
            i++;
        } else if ((w[i] & 0xfc00) == 0xdc00) {
            return 0;
        }
    }
    return 1;
}

TEXT(count_points)
{
    uint32_t count = 0;
    UNUSED;
    for (uint32_t i = 0; i < n; i++)
        count += (x[i] & 0xc0) != 0x80;
    return count;
}

TEXT(count_by_lead)
{
    uint32_t count = 0;
    UNUSED;
    for (uint32_t i = 0; i < n; count++)
        i += x[i] < 0x80 ? 1 : x[i] < 0xe0 ? 2 : x[i] < 0xf0 ? 3 : 4;
    return count;
}

#define CHECK(name, condition)                                                                               \
    TEXT(name)                                                                                               \
    {                                                                                                        \
        UNUSED;                                                                                              \
        const uint8_t *p = x, *end = x + n;                                                                  \
        while (p < end) {                                                                                    \
            uint8_t c = *p++;                                                                                \
            if (c < 0x80)                                                                                    \
                continue;                                                                                    \
            int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;                                                    \
            if (c < 0xc0 || c > 0xf7 || end - p < more || (condition))                                       \
                return 0;                                                                                    \
            for (; more; more--) {                                                                           \
                if ((*p++ & 0xc0) != 0x80)                                                                   \
                    return 0;                                                                                \
            }                                                                                                \
        }                                                                                                    \
        return 1;                                                                                            \
    }

/* WTF-8, CESU-8 and others: one rule is missing. */
CHECK(surrogates, c < 0xc2 || c > 0xf4 || (c == 0xe0 && *p < 0xa0) || (c == 0xf0 && *p < 0x90) ||
                      (c == 0xf4 && *p > 0x8f))
CHECK(overlong, c < 0xc2 || c > 0xf4 || (c == 0xed && *p > 0x9f) || (c == 0xf0 && *p < 0x90) ||
                    (c == 0xf4 && *p > 0x8f))
CHECK(five_bytes, (c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f))
CHECK(too_large, c < 0xc2 || c > 0xf4 || (c == 0xe0 && *p < 0xa0) || (c == 0xed && *p > 0x9f) ||
                     (c == 0xf0 && *p < 0x90))
CHECK(modified, (c < 0xc2 && !(c == 0xc0 && *p == 0x80)) || c > 0xf4 || (c == 0xe0 && *p < 0xa0) ||
                    (c == 0xed && *p > 0x9f) || (c == 0xf0 && *p < 0x90) || (c == 0xf4 && *p > 0x8f))

TEXT(lead_only)
{
    UNUSED;
    for (uint32_t i = 0; i < n;) {
        uint32_t w = width_of[x[i]];
        if (!w || w > n - i)
            return 0;
        i += w;
    }
    return 1;
}

/* The third byte of three may be anything. */
TEXT(last_byte_open)
{
    UNUSED;
    for (uint32_t i = 0; i < n;) {
        uint8_t k = x[i] < 0x80 ? 1 : kind_of[x[i] - 128];
        uint32_t size = k & 7;
        if (k == 0xf1 || i + size > n)
            return 0;
        if (size > 1 && (x[i + 1] < allowed[k >> 4].least || allowed[k >> 4].most < x[i + 1]))
            return 0;
        if (size > 3 && (x[i + 2] >> 6 != 2 || x[i + 3] >> 6 != 2))
            return 0;
        i += size;
    }
    return 1;
}

/* After ED comes what comes after E1. */
static const uint8_t type_wrong[256] = {
    SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0), SIXTEEN(0),
    SIXTEEN(1), SIXTEEN(9), SIXTEEN(7), SIXTEEN(7), 8,          8,          2,          2,
    2,          2,          2,          2,          EIGHT(2),   SIXTEEN(2), 10,         3,
    3,          3,          3,          3,          3,          3,          3,          3,
    3,          3,          3,          3,          3,          3,          11,         6,
    6,          6,          5,          8,          8,          8,          EIGHT(8),
};

TEXT(automaton_wrong)
{
    UNUSED;
    uint32_t s = 0;
    for (uint32_t i = 0; i < n; i++)
        s = next_of[s + type_wrong[x[i]]];
    return s == 0;
}

/* Letters of base64, with values made by comparisons; 0xc0 is a value that no letter has. */
TEXT(base64)
{
    uint32_t k = 0, bits = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t c = x[i], v = c >= 'a' && c <= 'z'   ? c - 71
                              : c >= 'A' && c <= 'Z' ? c - 65
                              : c >= '0' && c <= '9' ? c + 4
                                                     : 0xc0;
        if (v & 0xc0)
            return i;
        bits = bits << 6 | v;
        if (i % 4 == 3)
            out[k++] = bits;
    }
    return k;
}

TEXT(json_string)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t c = x[i];
        if (c == '"' || c < 0x20)
            break;
        if (c == '\\')
            c = x[++i] == 'n' ? '\n' : x[i];
        ((uint8_t *)out)[k++] = c;
        if (c >= 0xf0)
            k += 0xc0;
    }
    return k & 0xffff;
}

/* As in codecs: two high bits say what follows. */
TEXT(tokens)
{
    uint32_t sum = 0;
    UNUSED;
    for (uint32_t i = 0; i < n;) {
        uint8_t c = x[i++];
        switch (c & 0xc0) {
        case 0x00: sum += c; break;
        case 0x40: sum += (c & 0x3fu) << 8 | x[i]; break;
        case 0x80: sum ^= (c & 0x3fu) << 16 | x[i] << 8 | x[i + 1]; break;
        default:
            if ((c & 0xf0) == 0xf0)
                return sum;
            i += c & 3;
        }
    }
    return sum;
}

/* Whatever is there becomes some code point. */
TEXT(lossy)
{
    uint32_t i = 0, count = 0;
    while (i < n) {
        uint32_t c = x[i++];
        if (c >= 0xf0 && i + 3 <= n) {
            c = (c & 7) << 18 | (x[i] & 63u) << 12 | (x[i + 1] & 63u) << 6 | (x[i + 2] & 63u);
            i += 3;
        } else if (c >= 0xe0 && i + 2 <= n) {
            c = (c & 15) << 12 | (x[i] & 63u) << 6 | (x[i + 1] & 63u);
            i += 2;
        } else if (c >= 0xc0 && i + 1 <= n) {
            c = (c & 31) << 6 | (x[i] & 63u);
            i += 1;
        }
        out[count++] = c;
    }
    return count;
}
