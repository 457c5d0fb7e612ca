/* inflate.c: rounds of the loop by which zlib decodes a block (RFC 1951, 3.2.3; inflate_fast): one symbol a
 * round. That reads one or two bytes of the stream up to five times a round; here it is 64 bits, once. Copies
 * write more than a match has; what was there before is put back at the end. */
#include "rounds.h"

/* What the loop carries: zlib's in, out, hold and bits. */
enum { ROLE_IN, ROLE_OUT, ROLE_HOLD, ROLE_AT_HAND };

enum {
    BYTES_LEAST = 512, /* a call that made fewer is not worth it, */
    ROUNDS_WAIT = 512, /* and so many rounds stay the loop's own */
    IN_ROUND = 32,     /* bytes of the stream, of which a pass here sees no more */
    LENGTH_LEAST = 3,
    LENGTH_MOST = 258,
    OUT_ROUND = LENGTH_MOST + 2, /* bytes that a pass makes */
    COPY_OVER = 32,              /* and those that it may write behind them */
    BLOCK = 64,
    CHUNK = 1024, /* bytes of the output for which is kept what was there before */
    KEPT = (CHUNK + OUT_ROUND + COPY_OVER + BLOCK - 1) / BLOCK * BLOCK,
    OUT_LEFT = OUT_ROUND + COPY_OVER + BLOCK, /* bytes that must be left of the output */
    LENGTH_LOG_MOST = 9,   /* of a table of zlib, without those that it links to; codes have no more bits; */
    DISTANCE_LOG_MOST = 6, /* the same of distances */
    CODE_MOST = 15,        /* bits of any code: zlib has so many at hand, */
    EXTRA_MOST = 5,        /* and one byte more for additional bits of a length, */
    FAR_MOST = 13,         /* two for those of a distance */
    WINDOW = 56            /* bits that are there behind an access of the stream: */
    /* as many as two literals, a length and a distance of the first tables have, and more */
};
typedef s32 block64 __attribute__((vector_size(BLOCK), aligned(1), may_alias));

/* Entries of zlib's tables: what it is, bits of the code, value (2 bytes). */
enum { LITERAL = 0, LINK_MOST = 15, BASE = 16, NEITHER = 255 };
/* Those of the kernel's own: bits of the code and additional ones together, bits of the code, value (2).
 * Either flag stands where these have no bits. */
enum { OWN_OTHER = 1 << 15 };
static const u32 own_literal = 1u << 31;

struct tables {
    const char *memory;
    u64 size, lengths, distances;
    u32 lmask, dmask;
    struct range out; /* nothing in there is a table */
    u32 own_lengths[1 << LENGTH_LOG_MOST], own_distances[1 << DISTANCE_LOG_MOST];
};

struct stream {
    const char *memory;
    u64 hold, bits; /* 0 to 63 of them */
    u64 in;
};

INLINE u64 low(u64 x, u32 n)
{
    return x & ((1ull << n) - 1);
}

INLINE u32 kind_of(u32 entry)
{
    return entry & 255;
}

INLINE u32 bits_of(u32 entry)
{
    return entry >> 8 & 255;
}

INLINE u32 value_of(u32 entry)
{
    return entry >> 16;
}

/* --- The kernel's own tables: what the loop must do itself is OWN_OTHER alone. --- */

INLINE u32 own_base(u32 entry)
{
    return (entry & 0xffff0f00) | (bits_of(entry) + (entry & 15));
}

INLINE int is_base(u32 entry, u32 code_most, u32 extra_most)
{
    return (kind_of(entry) & 0xf0) == BASE && bits_of(entry) <= code_most && (entry & 15) <= extra_most;
}

INLINE u32 own_length(u32 entry, u32 code_most)
{
    u32 most = value_of(entry) + (1u << (entry & 15)) - 1;
    if (kind_of(entry) == LITERAL && bits_of(entry) <= code_most)
        return own_literal | (value_of(entry) & 255) << 16 | bits_of(entry);
    return is_base(entry, code_most, EXTRA_MOST) && value_of(entry) >= LENGTH_LEAST && most <= LENGTH_MOST
               ? own_base(entry)
               : OWN_OTHER;
}

INLINE u32 own_distance(u32 entry, u32 code_most)
{
    return is_base(entry, code_most, FAR_MOST) ? own_base(entry) : OWN_OTHER;
}

INLINE void make_tables(struct tables *t)
{
    for (u32 k = 0; k <= t->lmask; k++)
        t->own_lengths[k] = own_length(get32(t->memory + t->lengths + 4 * k), LENGTH_LOG_MOST);
    for (u32 k = 0; k <= t->dmask; k++)
        t->own_distances[k] = own_distance(get32(t->memory + t->distances + 4 * k), DISTANCE_LOG_MOST);
}

/* What zlib's entry links to, with the bits of both; NEITHER: it does not. */
INLINE u32 follow(const struct tables *t, u64 table, u32 mask, u64 hold)
{
    u32 entry = get32(t->memory + table + 4 * (hold & mask)), bits = bits_of(entry), more = kind_of(entry);
    if (more == LITERAL || more > LINK_MOST || bits + more > CODE_MOST)
        return NEITHER;
    u64 at = table + 4 * (value_of(entry) + low(hold >> bits, more));
    if (at + 4 > t->size || !apart((struct range){at, at + 4}, t->out))
        return NEITHER;
    entry = get32(t->memory + at);
    bits += bits_of(entry);
    return bits > CODE_MOST ? NEITHER : (entry & ~0xff00u) | bits << 8;
}

/* --- The stream. --- */

INLINE void refill(struct stream *s)
{
    s->hold |= get64(s->memory + s->in) << s->bits;
    s->in += (63 - s->bits) >> 3;
    s->bits |= WINDOW;
}

/* What an entry of the kernel's own tables says. */
INLINE void drop(struct stream *s, u32 own)
{
    s->hold >>= own & 63;
    s->bits -= own & 63;
}

/* Its value and additional bits, those of the stream being `hold`; of OWN_OTHER 0. */
INLINE u32 value_with_extra(u32 own, u64 hold)
{
    return value_of(own) + (u32)(low(hold, own & 63) >> (bits_of(own) & 63));
}

/* Number of a bit in the memory. */
INLINE u64 position(const struct stream *s)
{
    return 8 * s->in - s->bits;
}

/* How many bits the loop has at hand behind the first lines of a round that begins with the bit `at`: 15
 * to 30. `odd`: 8 if it has come to an odd address. */
INLINE u32 bits_at_hand(u64 at, u32 odd)
{
    return CODE_MOST + (((u32)odd - (u32)at - CODE_MOST) & 15);
}

/* Whether the loop reads an odd number of single bytes for a match: where additional bits are not at hand.
 * For codes it reads two, if any. */
INLINE u32 reads_odd(u32 bits, u32 length, u32 distance)
{
    u32 length_extra = (length & 63) - bits_of(length), distance_extra = (distance & 63) - bits_of(distance);
    bits -= bits_of(length);
    u32 one = bits < length_extra;
    bits += 8 * one - length_extra;
    bits += bits < CODE_MOST ? 16 : 0;
    bits -= bits_of(distance);
    return one ^ (bits < distance_extra) ^ (bits + 8 < distance_extra);
}

/* --- The output. --- */

INLINE void copy_blocks(char *to, const char *from, u64 n)
{
    for (u64 k = 0; k < n; k += BLOCK)
        *(block64 *)(to + k) = *(const block64 *)(from + k);
}

/* n bytes from `distance` before, one after the other, and up to COPY_OVER behind them. */
INLINE void copy_match(char *to, u64 distance, u64 n)
{
    const char *from = to - distance;
    if (LIKELY(distance >= 16)) {
        copy16(to, from);
        copy16(to + 16, from + 16);
        for (u64 k = 32; UNLIKELY(k < n); k += 32) {
            copy16(to + k, from + k);
            copy16(to + k + 16, from + k + 16);
        }
        return;
    }
    u64 step = 8;
    if (distance < 8) { /* as often as it fits into eight bytes */
        static const u64 often[8] = {0,
                                     0x0101010101010101,
                                     0x0001000100010001,
                                     0x0001000001000001,
                                     1ull << 32 | 1,
                                     1ull << 40 | 1,
                                     1ull << 48 | 1,
                                     1ull << 56 | 1};
        static const u8 steps[8] = {0, 8, 8, 6, 8, 5, 6, 7};
        u64 word = low(get64(from), 8 * (u32)distance) * often[distance];
        step = steps[distance];
        for (u64 k = 0; k < n; k += step)
            *(loose64 *)(to + k) = word;
        return;
    }
    for (u64 k = 0; k < n; k += step)
        copy8(to + k, from + k);
}

INLINE int can_begin(const struct tables *t, struct carried c, u64 last, u64 beginning)
{
    u64 in = *carried_as(c, ROLE_IN);
    u32 bits = *carried_as(c, ROLE_AT_HAND);
    struct range stream = {in, last}, lengths = {t->lengths, t->lengths + 4 * (t->lmask + 1ull)};
    struct range distances = {t->distances, t->distances + 4 * (t->dmask + 1ull)};
    return t->size <= 0x80000000 && in + IN_ROUND <= last && last <= t->size && beginning <= t->out.from &&
           t->out.from + OUT_LEFT <= t->out.to && t->out.to <= t->size && bits < CODE_MOST + 16 &&
           *carried_as(c, ROLE_HOLD) >> bits == 0 && t->lmask < 1u << LENGTH_LOG_MOST &&
           t->dmask < 1u << DISTANCE_LOG_MOST && lengths.to <= t->size && distances.to <= t->size &&
           apart(stream, t->out) && apart(lengths, t->out) && apart(distances, t->out);
}

/* Where rounds have come to. */
struct place {
    struct stream s;
    u64 out;
    u32 entry; /* of own_lengths, for the bits that come next */
    u32 odd;   /* as above */
};

INLINE void look_up(const struct tables *t, struct place *p)
{
    p->entry = t->own_lengths[p->s.hold & t->lmask];
}

INLINE void put_literal(char *memory, const struct tables *t, struct place *p, u32 own)
{
    drop(&p->s, own);
    memory[p->out++] = (char)value_of(own);
    look_up(t, p);
}

/* The round for p->entry, which is no literal. 0: it is left to the loop. */
INLINE int match(char *memory, const struct tables *t, struct place *p, u64 beginning)
{
    struct stream s = p->s;
    u32 length = p->entry;
    if (UNLIKELY(length & OWN_OTHER)) {
        length = own_length(follow(t, t->lengths, t->lmask, s.hold), CODE_MOST);
        if (length & own_literal) {
            put_literal(memory, t, p, length);
            refill(&p->s);
            return 1;
        }
        if (length & OWN_OTHER)
            return 0;
    }
    u64 n = value_with_extra(length, s.hold);
    drop(&s, length);
    u32 base = t->own_distances[s.hold & t->dmask];
    if (UNLIKELY((base & OWN_OTHER) || bits_of(length) > LENGTH_LOG_MOST)) {
        refill(&s);
        base = own_distance(get32(t->memory + t->distances + 4 * (s.hold & t->dmask)), DISTANCE_LOG_MOST);
        if (base & OWN_OTHER)
            base = own_distance(follow(t, t->distances, t->dmask, s.hold), CODE_MOST);
    }
    u64 distance = value_with_extra(base, s.hold);
    if (UNLIKELY((base & OWN_OTHER) || distance - 1 >= p->out - beginning))
        return 0;
    p->odd ^= 8 * reads_odd(bits_at_hand(position(&p->s), p->odd), length, base);
    drop(&s, base);
    refill(&s);
    p->s = s;
    look_up(t, p);
    copy_match(memory + p->out, distance, n);
    p->out += n;
    return 1;
}

/* Rounds up to the addresses given, or until one is left to the loop, which gives 0. */
INLINE int rounds(char *memory, const struct tables *t, struct place *p, u64 in_most, u64 out_most,
                  u64 beginning)
{
    while (p->s.in <= in_most && p->out <= out_most) {
        if (p->entry & own_literal) {
            put_literal(memory, t, p, p->entry);
            if (p->entry & own_literal) {
                put_literal(memory, t, p, p->entry);
                if (p->entry & own_literal) {
                    put_literal(memory, t, p, p->entry);
                    refill(&p->s);
                    continue;
                }
            }
        }
        if (!match(memory, t, p, beginning))
            return 0;
    }
    return 1;
}

/* Does rounds until one comes up that is better left to the loop: near the end of the stream or of the
 * output, the end of the block, matches that begin before the output, what only damaged data has. The loop
 * goes on while in is below `stream_end + last_at`, and out below `room_end + end_at`. `beginning` of the
 * output; `lengths`, `distances`: tables; `lmask`, `dmask`: the highest index of each; `wait`: for how many
 * rounds it is better not to be called. */
void inflate_symbols(char *memory, u64 size, u32 *wait, u32 *values, u32 ncarried, u64 roles, u32 stream_end,
                     s32 last_at, u32 room_end, s32 end_at, u32 beginning, u32 lengths, u32 distances,
                     u32 lmask, u32 dmask)
{
    struct carried c = {values, ncarried, roles};
    u64 last = stream_end + (u32)last_at, end = room_end + (u32)end_at;
    u64 begin = *carried_as(c, ROLE_OUT);
    struct tables t;
    t.memory = memory;
    t.size = size;
    t.lengths = lengths;
    t.distances = distances;
    t.lmask = lmask;
    t.dmask = dmask;
    t.out = (struct range){begin, end};
    *wait = ROUNDS_WAIT;
    if (!can_begin(&t, c, last, beginning))
        return;
    make_tables(&t);
    u64 in = *carried_as(c, ROLE_IN), in_most = last - IN_ROUND, out_most = end - OUT_LEFT;
    struct place p = {
        {memory, *carried_as(c, ROLE_HOLD), *carried_as(c, ROLE_AT_HAND), in}, begin, 0, 8 * (in & 1)};
    refill(&p.s);
    look_up(&t, &p);
    int going = 1;
    while (going && p.s.in <= in_most && p.out <= out_most) {
        char kept[KEPT];
        u64 chunk = p.out, most = out_most - chunk < CHUNK ? out_most : chunk + CHUNK;
        copy_blocks(kept, memory + chunk, most - chunk + OUT_ROUND + COPY_OVER);
        going = rounds(memory, &t, &p, in_most, most, beginning);
        copy16(memory + p.out, kept + (p.out - chunk));
        copy16(memory + p.out + 16, kept + (p.out - chunk) + 16);
    }
    *wait = p.out - begin < BYTES_LEAST ? ROUNDS_WAIT : 0;
    if (p.out == begin)
        return;
    u64 at = position(&p.s);
    u32 at_hand = bits_at_hand(at, p.odd);
    *carried_as(c, ROLE_IN) = (u32)((at + at_hand) / 8);
    *carried_as(c, ROLE_OUT) = (u32)p.out;
    *carried_as(c, ROLE_HOLD) = (u32)low(p.s.hold, at_hand);
    *carried_as(c, ROLE_AT_HAND) = at_hand;
}
