/* zstd.c: rounds of the loop of Zstandard's decoder (RFC 8878, 3.1.1.3.2 and 3.1.1.4) that takes sequences
 * off the stream and executes them, as libzstd has it for a size_t of 32 bits. That reads 32 bits of the
 * stream up to five times a sequence; here it is 64 bits, once. */
#include "rounds.h"

enum { SYMBOLS = 8 }; /* of a table, looked at together */
typedef u64 symbols __attribute__((vector_size(8 * SYMBOLS), aligned(1), may_alias));

/* libzstd's seqState, which is in the stack frame of C. */
struct __attribute__((packed, aligned(1), may_alias)) state {
    u32 container, consumed, ptr, start, limit;
    u32 states[6];   /* number of a symbol and table, for the lengths of literals, offsets, lengths of matches
                      */
    u32 previous[3]; /* offsets */
};
/* litPtr and the sequence (litLength, matchLength, offset) are in that frame, too; where, counted in bytes
 * from seqState, and all of the frame that is used. */
struct frame {
    struct state *state;
    loose32 *lit_ptr, *sequence;
    struct range range;
};
struct __attribute__((packed, aligned(1), may_alias)) symbol {
    u16 next; /* state, but for the bits that are added to it */
    u8 bits, state_bits;
    u32 base;
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
    WINDOW = 56,         /* bits that are there behind an access of the stream */
    SHORT_BITS = 64,     /* no fewer than a round takes without additional bits for lengths, */
    SHORT_LITERALS = 16, /* bytes that it copies at most, */
    SHORT_MATCH = 48,
    SHORT_MOST = 64,                         /* such rounds in a row */
    SHORT_OUT = SHORT_LITERALS + SHORT_MATCH /* and makes */
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

/* Marks those that have too many bits, lead out of the table of `n`, or are more than `most` without
 * additional bits; all bits 0 is none of them. */
INLINE void mark_wrong(symbols *wrong, const symbols *s, u32 n, u32 most)
{
    symbols bits = *s >> 16 & 255, state_bits = *s >> 24 & 255, one = {1, 1, 1, 1, 1, 1, 1, 1};
    *wrong |= (symbols)(bits > BITS_MOST) | (symbols)(state_bits > STATE_BITS_MOST) |
              (symbols)((*s & 0xffff) + (one << (state_bits & 15)) > n) |
              ((symbols)(bits == 0) & (symbols)(*s >> 32 > most));
}

/* Whether `state` is the number of a symbol in a table that says its size, and whatever comes then is one,
 * with so few bits that libzstd has what is on the stream in its 32. */
INLINE int is_table(const char *memory, u32 table, u32 state, u32 most, u64 size, struct range frame,
                    struct range out)
{
    if (table < HEADER || table > size || get32(memory + table - HEADER / 2) > SYMBOLS_LOG_MOST)
        return 0;
    u32 n = 1u << get32(memory + table - HEADER / 2), wrong = state >= n;
    if (!can_use(table, n * sizeof(struct symbol), size, frame, out))
        return 0;
    symbols any = {0};
    u32 k = 0;
    for (; k + SYMBOLS <= n; k += SYMBOLS)
        mark_wrong(&any, (const symbols *)(memory + table + sizeof(struct symbol) * k), n, most);
    for (; k < n; k++)
        mark_wrong(&any, &(symbols){get64(memory + table + sizeof(struct symbol) * k)}, n, most);
    UNROLL
    for (u32 lane = 0; lane < SYMBOLS; lane++)
        wrong |= any[lane] != 0;
    return !wrong;
}

/* Bits of the stream that come next: those of `window` below number `end`, modulo 64. */
struct bits {
    u64 window, end;
};

/* What comes in front of bit `at`, which is counted from the beginning of the memory. */
INLINE struct bits bits_at(const char *memory, u64 at)
{
    return (struct bits){get64(memory + (at >> 3) - 7), at | 56};
}

INLINE u64 take(struct bits *b, u64 n)
{
    b->end -= n;
    return b->window >> (b->end & 63) & ((1ull << n) - 1);
}

/* n bytes of literals, and what libzstd writes behind them. */
INLINE void copy_literals(char *to, const char *from, u32 n)
{
    const char *end = to + n;
    copy16(to, from);
    if (n <= 16)
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
    if (stream.to >= size || stream.from + STREAM_ROUND > s->ptr || s->container != get32(memory + s->ptr))
        return 0;
    return out.from < out.to && out.to <= size && prefix <= out.from && literals.from <= lit_end &&
           literals.to <= size && apart(stream, out) && apart(f->range, (struct range){prefix, end}) &&
           apart(f->range, stream) && apart(f->range, literals);
}

/* What rounds carry but for offsets, which go into an array from its end to its beginning. */
struct run {
    u64 at; /* where what is there of the stream ends, in bits from the beginning of the memory */
    u64 l_state, o_state, m_state, lit, op;
    u32 lit_length, match_length; /* of the last one */
};
/* What they leave as it is. */
struct limits {
    char *memory;
    u64 l_table, o_table, m_table, lit_end, end, prefix;
};

INLINE const struct symbol *symbol_at(const char *memory, u64 table, u64 state)
{
    return (const struct symbol *)(memory + table) + state;
}

/* The state behind this one. */
INLINE u64 next_state(const struct symbol *s, struct bits *b)
{
    return s->next + take(b, s->state_bits);
}

/* An offset, and those that are the second and the third then. */
struct offsets {
    u32 first, second, third;
};

/* One of the offsets `p` that were there before, by RFC 8878, 3.1.1.5; 0: none, or what only damaged data
 * has, and versions make different things of. */
INLINE struct offsets repeated(const struct symbol *l, const struct symbol *o, struct bits *b, const u32 *p)
{
    u32 no_literals = l->base == 0;
    if (o->bits == 0)
        return no_literals ? (struct offsets){p[1], p[0], p[2]} : (struct offsets){p[0], p[1], p[2]};
    u32 which = o->base + no_literals + (u32)take(b, 1);
    if (which > 3)
        return (struct offsets){0, 0, 0};
    return (struct offsets){which == 3 ? p[0] - 1 : p[which], p[0], which == 1 ? p[2] : p[1]};
}

/* Whether there is something at an offset from `match`. */
INLINE int reaches(const struct limits *to, u64 match, u32 offset)
{
    return LIKELY((u64)(offset - 1) < match - to->prefix);
}

/* Takes additional bits of lengths off the stream, behind those of the offset. */
INLINE int add_lengths(const struct symbol *l, const struct symbol *o, const struct symbol *m, struct bits b,
                       u32 *lit_length, u32 *match_length)
{
    if (o->bits + m->bits + l->bits > WINDOW)
        return 0;
    b.end -= o->bits;
    *match_length += (u32)take(&b, m->bits);
    *lit_length += (u32)take(&b, l->bits);
    return 1;
}

/* What is done last, so that few registers are enough: the next symbols are looked for. */
INLINE void next_states(struct run *r, const struct symbol *l, const struct symbol *o, const struct symbol *m,
                        struct bits b, u64 start)
{
    r->l_state = next_state(l, &b);
    r->m_state = next_state(m, &b);
    r->o_state = next_state(o, &b);
    r->at -= start - b.end;
}

/* One round, or 0 and nothing is changed. Its offset goes to `offsets`, in front of those before it. */
INLINE int one_round(struct run *r, const struct limits *to, u32 *offsets)
{
    char *memory = to->memory;
    const struct symbol *l = symbol_at(memory, to->l_table, r->l_state);
    const struct symbol *o = symbol_at(memory, to->o_table, r->o_state);
    const struct symbol *m = symbol_at(memory, to->m_table, r->m_state);
    struct bits b = bits_at(memory, r->at);
    u32 match_length = m->base, lit_length = l->base;
    if (!add_lengths(l, o, m, b, &lit_length, &match_length))
        return 0;
    u64 match = r->op + lit_length;
    if (r->lit + lit_length > to->lit_end || match + match_length + COPY_OVER > to->end)
        return 0;
    struct offsets then = {o->base, offsets[1], offsets[2]};
    if (LIKELY(o->bits > 1))
        then.first += (u32)take(&b, o->bits);
    else
        then = repeated(l, o, &b, offsets + 1);
    if (!reaches(to, match, then.first))
        return 0;
    offsets[0] = then.first;
    offsets[1] = then.second;
    offsets[2] = then.third;
    copy_literals(memory + r->op, memory + r->lit, lit_length);
    copy_match(memory + match, then.first, match_length);
    r->lit += lit_length;
    r->op = match + match_length;
    r->lit_length = lit_length;
    r->match_length = match_length;
    r->at -= o->bits + m->bits + l->bits;
    b = bits_at(memory, r->at);
    next_states(r, l, o, m, b, b.end);
    return 1;
}

/* The same for most of them: a new offset that is not short, no additional bits for lengths; and the caller
 * knows that the literals and the output are long enough. */
INLINE int brief_round(struct run *r, const struct limits *to, u32 *offsets)
{
    char *memory = to->memory;
    const struct symbol *l = symbol_at(memory, to->l_table, r->l_state);
    const struct symbol *o = symbol_at(memory, to->o_table, r->o_state);
    const struct symbol *m = symbol_at(memory, to->m_table, r->m_state);
    if (UNLIKELY((l->bits | m->bits) || o->bits < 2))
        return 0;
    struct bits b = bits_at(memory, r->at);
    u64 start = b.end, match = r->op + l->base;
    u32 offset = o->base + (u32)take(&b, o->bits);
    if (UNLIKELY((s64)(offset - 16) > (s64)(match - to->prefix) - 16))
        return 0;
    char *out = memory + match;
    const char *from = out - offset;
    *offsets = offset;
    copy16(memory + r->op, memory + r->lit);
    copy16(out, from);
    if (UNLIKELY(m->base > 16)) {
        copy16(out + 16, from + 16);
        copy16(out + 32, from + 32);
    }
    r->lit += l->base;
    r->op = match + m->base;
    r->lit_length = l->base;
    r->match_length = m->base;
    next_states(r, l, o, m, b, start);
    return 1;
}

INLINE u64 lesser(u64 x, u64 y)
{
    return x < y ? x : y;
}

/* For how many brief rounds there surely is enough of everything, `left` for another one behind them. */
INLINE u32 surely(const struct run *r, const struct limits *to, u64 at_least, u32 left)
{
    u64 room = to->end - r->op;
    u64 n = lesser(left - 2 < SHORT_MOST ? left - 2 : SHORT_MOST, (r->at - at_least) / SHORT_BITS);
    n = lesser(n, (to->lit_end - r->lit) / SHORT_LITERALS);
    return (u32)(room < COPY_OVER ? 0 : lesser(n, (room - COPY_OVER) / SHORT_OUT));
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
    struct limits to = {memory, s->states[1], s->states[3], s->states[5], lit_end, end, prefix};
    if (!is_table(memory, s->states[1], s->states[0], SHORT_LITERALS, size, f.range, out) ||
        !is_table(memory, s->states[3], s->states[2], ~0u, size, f.range, out) ||
        !is_table(memory, s->states[5], s->states[4], SHORT_MATCH, size, f.range, out))
        return;
    struct run r = {8 * ((u64)s->ptr + 4) - s->consumed,
                    s->states[0],
                    s->states[2],
                    s->states[4],
                    *f.lit_ptr,
                    out.from,
                    0,
                    0};
    u32 first = *carried_as(carried, ROLE_LEFT), left = first, kept[SHORT_MOST + 4];
    u32 *offsets = kept;
    for (u32 k = 0; k < 3; k++)
        offsets[k] = s->previous[k];
    u64 at_least = 8 * ((u64)s->limit + STREAM_ROUND + 4);
    while (left > 1 && r.at >= at_least) {
        u32 most = surely(&r, &to, at_least, left), n = most;
        struct offsets now = {offsets[0], offsets[1], offsets[2]};
        kept[n + 1] = now.first;
        kept[n + 2] = now.second;
        kept[n + 3] = now.third;
        while (n && brief_round(&r, &to, kept + n))
            n--;
        left -= most - n;
        offsets = kept + n + 1;
        if (!one_round(&r, &to, kept + n))
            break;
        offsets--;
        left--;
    }
    *wait = first - left < ROUNDS_LEAST ? ROUNDS_WAIT : 0;
    if (left == first)
        return;
    u64 stream = (r.at + 7) / 8 - 4;
    *s = (struct state){
        get32(memory + stream),
        (u32)-r.at & 7,
        (u32)stream,
        s->start,
        s->limit,
        {(u32)r.l_state, (u32)to.l_table, (u32)r.o_state, (u32)to.o_table, (u32)r.m_state, (u32)to.m_table},
        {offsets[0], offsets[1], offsets[2]}};
    *f.lit_ptr = (u32)r.lit;
    f.sequence[0] = r.lit_length;
    f.sequence[1] = r.match_length;
    f.sequence[2] = offsets[0];
    UNROLL
    for (u32 k = 0; k < CARRIED_MOST; k++) {
        if (is_of_state(carried, k))
            values[k] = ((const loose32 *)s)[role(carried, k)];
    }
    *carried_as(carried, ROLE_OP) = (u32)r.op;
    *carried_as(carried, ROLE_LEFT) = left;
}
