/* zstd.c: rounds of the loop of Zstandard's decoder (RFC 8878, 3.1.1.3.2 and 3.1.1.4) that takes sequences
 * off the stream and executes them, as libzstd has it for a size_t of 32 bits. That reads 32 bits of the
 * stream up to five times a sequence; here it is 64 bits, once. */
#include "rounds.h"

enum { SYMBOLS = 8 }; /* of a table, looked at together */
typedef u64 symbols __attribute__((vector_size(8 * SYMBOLS), aligned(1), may_alias));

/* libzstd's seqState, which is in the stack frame of C. */
struct __attribute__((packed, aligned(1), may_alias)) state {
    u32 container, consumed, ptr, start, limit;
    u32 states[6]; /* number of a symbol and table, for the lengths of literals, offsets, lengths of matches
                    */
    u32 previous[3];
};
/* litPtr and the sequence (litLength, matchLength, offset) are in that frame, too; where, counted in bytes
 * from seqState, and all of the frame that is used. */
struct frame {
    struct state *state;
    loose32 *lit_ptr, *sequence;
    struct range range;
};
/* What a loop may carry: words of seqState by their number, these two, and what rounds leave as it is. */
enum { ROLE_OP = 30, ROLE_LEFT = 31 };

enum {
    ROUNDS_LEAST = 16,    /* a call that did fewer is not worth it, */
    ROUNDS_WAIT = 32,     /* and so many rounds stay the loop's own */
    STREAM_ROUND = 24,    /* bytes of the stream in front of the last ones that a round may look at */
    LITERALS_OVER = 64,   /* bytes behind the literals that may be read */
    COPY_OVER = 32,       /* WILDCOPY_OVERLENGTH */
    SYMBOLS_LOG_MOST = 9, /* of a table */
    HEADER = 8,           /* bytes in front of a table; the second half is the logarithm of its size */
    BITS_MOST = 24, /* additional bits of a code, so that 32 bits of the stream are enough for libzstd */
    STATE_BITS_MOST = 12,
    WINDOW = 57, /* bits that are there behind an access of the stream */
    SYMBOL = 8   /* bytes: u16 next state, u8 additional bits, u8 bits of the state, u32 base */
};

INLINE int is_of_state(struct carried c, u32 k)
{
    return k < c.n && role(c, k) < sizeof(struct state) / 4;
}

/* Tables of constants that libzstd has in memory are those of its source. */
INLINE int tables_are_right(const char *masks, const char *dec32, const char *dec64)
{
    static const u32 added[8] = {0, 1, 2, 1, 4, 4, 4, 4}, taken[8] = {8, 8, 8, 7, 8, 9, 10, 11};
    u32 wrong = 0;
    for (u32 k = 0; k <= STATE_BITS_MOST; k++)
        wrong |= get32(masks + 4 * k) ^ ((1u << k) - 1);
    for (u32 k = 0; k < 8; k++)
        wrong |= (get32(dec32 + 4 * k) ^ added[k]) | (get32(dec64 + 4 * k) ^ taken[k]);
    return !wrong;
}

/* Whether a table can be read and nothing writes to it. */
INLINE int can_use(u64 table, u64 bytes, u64 size, struct range frame, struct range out)
{
    struct range t = {table, table + bytes};
    return t.to <= size && apart(t, out) && apart(t, frame);
}

/* Marks those that have too many bits, or lead out of the table of `n`; all bits 0 is none of them. */
INLINE void mark_wrong(symbols *wrong, const symbols *s, u32 n)
{
    symbols bits = *s >> 16 & 255, state_bits = *s >> 24 & 255, one = {1, 1, 1, 1, 1, 1, 1, 1};
    *wrong |= (symbols)(bits > BITS_MOST) | (symbols)(state_bits > STATE_BITS_MOST) |
              (symbols)((*s & 0xffff) + (one << (state_bits & 15)) > n);
}

/* Whether `state` is the number of a symbol in a table that says its size, and whatever comes then is one,
 * with so few bits that libzstd has what is on the stream in its 32. */
INLINE int is_table(const char *memory, u32 table, u32 state, u64 size, struct range frame, struct range out)
{
    if (table < HEADER || table > size || get32(memory + table - HEADER / 2) > SYMBOLS_LOG_MOST)
        return 0;
    u32 n = 1u << get32(memory + table - HEADER / 2), wrong = state >= n;
    if (!can_use(table, (u64)n * SYMBOL, size, frame, out))
        return 0;
    symbols any = {0};
    u32 k = 0;
    for (; k + SYMBOLS <= n; k += SYMBOLS)
        mark_wrong(&any, (const symbols *)(memory + table + SYMBOL * k), n);
    for (; k < n; k++)
        mark_wrong(&any, &(symbols){get64(memory + table + SYMBOL * k)}, n);
    UNROLL
    for (u32 lane = 0; lane < SYMBOLS; lane++)
        wrong |= any[lane] != 0;
    return !wrong;
}

/* The next n bits, 0 to 63, of a window on the stream that begins with its highest one. */
INLINE u32 take(u64 *window, u32 n)
{
    u64 v = *window >> 1 >> (63 - n);
    *window <<= n;
    return (u32)v;
}

/* n bytes of literals, and what libzstd writes behind them. */
INLINE void copy_literals(char *to, const char *from, u32 n)
{
    const char *end = to + n;
    copy16(to, from);
    if (LIKELY(n <= 16))
        return;
    copy16(to + 16, from + 16);
    if (n <= 32)
        return;
    do {
        to += 32;
        from += 32;
        copy16(to, from);
        copy16(to + 16, from + 16);
    } while (to + 32 < end);
}

/* n bytes from `offset` before, and what libzstd writes behind them. */
INLINE void copy_match(char *to, u32 offset, u32 n)
{
    static const u8 added[8] = {0, 1, 2, 1, 4, 4, 4, 4}, taken[8] = {8, 8, 8, 7, 8, 9, 10, 11};
    const char *from = to - offset, *end = to + n;
    if (LIKELY(offset >= 16)) {
        copy16(to, from);
        if (LIKELY(n <= 16))
            return;
        for (u32 k = 16; k < n; k += 32) {
            copy16(to + k, from + k);
            copy16(to + k + 16, from + k + 16);
        }
        return;
    }
    if (UNLIKELY(offset < 8)) {
        for (int k = 0; k < 4; k++)
            to[k] = from[k];
        from += added[offset];
        *(loose32 *)(to + 4) = get32(from);
        from -= taken[offset];
    } else {
        copy8(to, from);
    }
    if (n <= 8)
        return;
    do { /* now `from` is 8 to 15 bytes before */
        to += 8;
        from += 8;
        copy8(to, from);
    } while (to + 8 < end);
}

INLINE s32 least(s32 x, s32 y)
{
    return x < y ? x : y;
}

INLINE s32 most(s32 x, s32 y)
{
    return x > y ? x : y;
}

INLINE struct frame frame_at(char *memory, char *state, s32 lit_at, s32 sequence_at)
{
    u64 at = (u64)(state - memory);
    s32 from = least(0, least(lit_at, sequence_at));
    s32 to = most((s32)sizeof(struct state), most(lit_at + 4, sequence_at + 12));
    return (struct frame){(struct state *)state,
                          (loose32 *)(state + lit_at),
                          (loose32 *)(state + sequence_at),
                          {at + (u64)(s64)from, at + (u64)(s64)to}};
}

/* Whether what the loop carries is what is in the frame. */
INLINE int are_the_same(struct carried c, const struct state *s)
{
    u32 wrong = 0;
    UNROLL
    for (u32 k = 0; k < CARRIED_MOST; k++) {
        if (is_of_state(c, k))
            wrong |= c.values[k] ^ ((const loose32 *)s)[role(c, k)];
    }
    return !wrong;
}

/* Whether rounds can be done as here: what they touch is inside of the memory, and apart from what they write
 * where libzstd would notice, `out` up to `end`. */
INLINE int can_begin(const char *memory, u64 size, struct carried c, const struct frame *f, u32 lit_end,
                     u32 end, u32 prefix)
{
    if (size > 0x80000000 || f->range.from > size || f->range.to > size || *carried_as(c, ROLE_LEFT) < 2)
        return 0;
    const struct state *s = f->state;
    if (s->consumed > 7 || !are_the_same(c, s))
        return 0;
    struct range out = {*carried_as(c, ROLE_OP), end};
    struct range stream = {s->limit, (u64)s->ptr + 4}, literals = {*f->lit_ptr, (u64)lit_end + LITERALS_OVER};
    if (stream.to > size || stream.from + STREAM_ROUND > s->ptr || s->container != get32(memory + s->ptr))
        return 0;
    return out.from < out.to && out.to <= size && prefix <= out.from && literals.from <= lit_end &&
           literals.to <= size && apart(stream, out) && apart(f->range, (struct range){prefix, end}) &&
           apart(f->range, stream) && apart(f->range, literals);
}

/* Does rounds, all but the last one at most, until one comes up that is better left to the loop: the end of
 * the stream, of the literals or of the output, matches in dictionaries, what only damaged data has.
 * `values`: what the loop carries; `wait`: for how many rounds it is better not to be called. seqState is
 * addressed both from `pointer` and from the stack pointer. */
void zstd_sequences(char *memory, u64 size, u32 *wait, u32 *values, u32 ncarried, u64 roles, char *pointer,
                    s32 state_at, u32 stack, s32 state_from_stack, s32 lit_at, s32 sequence_at, u32 lit_end,
                    u32 end, u32 prefix, u64 masks, u64 dec32, u64 dec64)
{
    struct frame f = frame_at(memory, pointer + state_at, lit_at, sequence_at);
    struct carried carried = {values, ncarried, roles};
    struct state *s = f.state;
    struct range out = {*carried_as(carried, ROLE_OP), end};
    *wait = ROUNDS_WAIT;
    if ((u64)((char *)s - memory) != (u32)(stack + (u32)state_from_stack) ||
        !can_begin(memory, size, carried, &f, lit_end, end, prefix) ||
        !can_use(masks, 4 * (STATE_BITS_MOST + 1), size, f.range, out) ||
        !can_use(dec32, 32, size, f.range, out) || !can_use(dec64, 32, size, f.range, out) ||
        !tables_are_right(memory + masks, memory + dec32, memory + dec64))
        return;
    u64 l_state = s->states[0], o_state = s->states[2], m_state = s->states[4];
    u32 l_table = s->states[1], o_table = s->states[3], m_table = s->states[5];
    if (!is_table(memory, l_table, s->states[0], size, f.range, out) ||
        !is_table(memory, o_table, s->states[2], size, f.range, out) ||
        !is_table(memory, m_table, s->states[4], size, f.range, out))
        return;
    u32 p0 = s->previous[0], p1 = s->previous[1], p2 = s->previous[2];
    u64 lit = *f.lit_ptr, op = out.from, last_lit = lit, last_op = op, bits = s->consumed;
    u32 first = *carried_as(carried, ROLE_LEFT), left = first;
    u64 stream = s->ptr, stream_least = (u64)s->limit + STREAM_ROUND;
    while (stream >= stream_least) {
        u64 l = get64(memory + l_table + l_state * SYMBOL);
        u64 o = get64(memory + o_table + o_state * SYMBOL);
        u64 m = get64(memory + m_table + m_state * SYMBOL);
        u32 l_bits = (u8)(l >> 16), o_bits = (u8)(o >> 16), m_bits = (u8)(m >> 16);
        u32 l_next = (u8)(l >> 24), o_next = (u8)(o >> 24), m_next = (u8)(m >> 24);
        u32 all_bits = l_bits + o_bits + m_bits, all = all_bits + l_next + o_next + m_next;
        u64 window = get64(memory + stream - 4) << bits;
        u32 q1 = p0, q2 = p1, offset = (u32)(o >> 32);
        if (LIKELY(o_bits > 1)) {
            offset += take(&window, o_bits);
        } else {
            u32 no_literals = l >> 32 == 0;
            q2 = p2;
            if (o_bits == 0) {
                offset = no_literals ? p1 : p0;
                q1 = no_literals ? p0 : p1;
            } else {
                u32 which = offset + no_literals + take(&window, 1);
                if (which > 3)
                    break;
                offset = which == 0 ? p0 : which == 1 ? p1 : which == 2 ? p2 : p0 - 1;
                if (offset == 0) /* only damaged data has it, and versions make different things of it */
                    break;
                q2 = which == 1 ? p2 : p1;
            }
        }
        u64 match_length = (u32)((u32)(m >> 32) + take(&window, m_bits));
        u64 lit_length = (u32)((u32)(l >> 32) + take(&window, l_bits));
        u64 match = op + lit_length;
        if (UNLIKELY(all > WINDOW)) {
            if (all_bits > WINDOW)
                break;
            u64 done = bits + all_bits;
            window = get64(memory + stream - 4 - (done >> 3)) << (done & 7);
        }
        if (UNLIKELY(lit + lit_length > lit_end || match + match_length + COPY_OVER > end ||
                     offset > match - prefix))
            break;
        l_state = (u16)l + take(&window, l_next);
        m_state = (u16)m + take(&window, m_next);
        o_state = (u16)o + take(&window, o_next);
        bits += all;
        stream -= bits >> 3;
        bits &= 7;
        p0 = offset;
        p1 = q1;
        p2 = q2;
        copy_literals(memory + op, memory + lit, (u32)lit_length);
        copy_match(memory + match, offset, (u32)match_length);
        last_lit = lit;
        last_op = op;
        lit += lit_length;
        op = match + match_length;
        if (--left == 1)
            break;
    }
    *wait = first - left < ROUNDS_LEAST ? ROUNDS_WAIT : 0;
    if (left == first)
        return;
    *s = (struct state){get32(memory + stream),
                        (u32)bits,
                        (u32)stream,
                        s->start,
                        s->limit,
                        {(u32)l_state, l_table, (u32)o_state, o_table, (u32)m_state, m_table},
                        {p0, p1, p2}};
    *f.lit_ptr = (u32)lit;
    f.sequence[0] = (u32)(lit - last_lit);
    f.sequence[1] = (u32)(op - last_op - (lit - last_lit));
    f.sequence[2] = p0;
    UNROLL
    for (u32 k = 0; k < CARRIED_MOST; k++) {
        if (is_of_state(carried, k))
            values[k] = ((const loose32 *)s)[role(carried, k)];
    }
    *carried_as(carried, ROLE_OP) = (u32)op;
    *carried_as(carried, ROLE_LEFT) = left;
}
