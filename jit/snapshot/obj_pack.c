/* obj_pack.c: from an ELF relocatable object to a packed one.
 *
 * A relocation of 24 bytes for nearly every access of guest memory makes ELF objects twice as large as their
 * code. Most need no record at all: memory 0 and the instance's block are at addresses of the map
 * (rt_symbols.def, FIXED), and distances inside the text do not change. */
#include "obj.h"

#include <string.h>

#include "heap.h"
#include "obj_format.h"
#include "rt_symbols.h"

/* --- ELF-64 (System V ABI, and its x86-64 supplement), as much as is needed. --- */

struct elf_head {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_section {
    u32 name, type;
    u64 flags, addr, offset, size;
    u32 link, info;
    u64 align, entsize;
};
struct elf_symbol {
    u32 name;
    u8 info, other;
    u16 section;
    u64 value, size;
};
struct elf_rela {
    u64 offset;
    u32 type, symbol;
    s64 addend;
};
enum { ELF_RELOCATABLE = 1, ELF_X86_64 = 62 };
enum { SECTION_PROGBITS = 1, SECTION_SYMBOLS = 2, SECTION_RELA = 4, SECTION_UNWIND = 0x70000001 };
enum { FLAG_WRITE = 1, FLAG_ALLOC = 2, FLAG_EXEC = 4, FLAG_TLS = 0x400 };
enum { INDEX_UNDEFINED = 0, INDEX_RESERVED = 0xff00, SYMBOL_FUNC = 2 };
enum { R_64 = 1, R_PC32 = 2, R_PLT32 = 4, R_32 = 10, R_32S = 11 };

#define SECTIONS_MAX 4096
#define SECTION_MAX  0x10000000u /* bytes of text or data */
#define NAMES_MAX    1024
#define NOWHERE      UINT32_MAX

struct section {
    struct elf_section h;
    bool in_data;
    u32 at; /* offset in text or data; NOWHERE: it is left out */
};
struct list { /* grows */
    void *items;
    u32 n, cap;
};
struct pack {
    const u8 *elf;
    size_t bytes;
    u32 nsections;
    struct section *sections;
    u8 *content[2]; /* text, data */
    u32 content_bytes[2];
    const u8 *symbols;
    u32 nsymbols;
    const char *strings; /* of the symbols' names */
    u64 strings_bytes;
    struct list funcs, relocs; /* struct obj_func, struct obj_reloc */
    u32 names[NAMES_MAX];      /* symbols by name number */
    u32 nnames;
    struct err *err;
};

static status bad(struct pack *p, const char *what)
{
    return err_set(p->err, E_INVAL, ERR_NO_OFFSET, "not an object: %s", what);
}

static status unexpected(struct pack *p, const char *what, u64 number)
{
    return err_set(p->err, E_UNSUPPORTED, ERR_NO_OFFSET, "an object has %s %llu", what,
                   (unsigned long long)number);
}

static status no_memory(struct pack *p)
{
    return err_set(p->err, E_NOMEM, ERR_NO_OFFSET, "out of memory");
}

static bool inside(const struct pack *p, u64 at, u64 n)
{
    return at <= p->bytes && n <= p->bytes - at;
}

static void *list_add(struct list *l, size_t item)
{
    if (l->n == l->cap) {
        u32 cap = l->cap ? l->cap * 2 : 64;
        void *more = heap_realloc(l->items, cap * item);
        if (!more)
            return NULL;
        l->items = more;
        l->cap = cap;
    }
    return (u8 *)l->items + l->n++ * item;
}

/* --- Sections. --- */

static status read_sections(struct pack *p)
{
    struct elf_head h;
    if (p->bytes < sizeof h)
        return bad(p, "too short");
    memcpy(&h, p->elf, sizeof h);
    if (memcmp(h.ident, "\177ELF\2\1\1", 7) != 0 || h.type != ELF_RELOCATABLE || h.machine != ELF_X86_64)
        return bad(p, "another format");
    if (h.shentsize != sizeof(struct elf_section) || h.shnum > SECTIONS_MAX ||
        !inside(p, h.shoff, (u64)h.shnum * sizeof(struct elf_section)))
        return bad(p, "sections lie outside");
    p->nsections = h.shnum;
    p->sections = heap_calloc(h.shnum + 1u, sizeof *p->sections);
    if (!p->sections)
        return no_memory(p);
    for (u32 k = 0; k < h.shnum; k++) {
        memcpy(&p->sections[k].h, p->elf + h.shoff + k * sizeof(struct elf_section),
               sizeof(struct elf_section));
        p->sections[k].at = NOWHERE;
    }
    return ST_OK;
}

static status place_section(struct pack *p, struct section *s)
{
    if (!(s->h.flags & FLAG_ALLOC) || s->h.size == 0 || s->h.type == SECTION_UNWIND)
        return ST_OK;
    if (s->h.type != SECTION_PROGBITS || s->h.flags & (FLAG_WRITE | FLAG_TLS))
        return unexpected(p, "a section of type", s->h.type);
    u64 align = s->h.align ? s->h.align : 1;
    s->in_data = !(s->h.flags & FLAG_EXEC);
    u32 *end = &p->content_bytes[s->in_data];
    if (align > 4096 || align & (align - 1))
        return unexpected(p, "an alignment of", align);
    if (!inside(p, s->h.offset, s->h.size))
        return bad(p, "a section lies outside");
    u64 at = (*end + align - 1) & ~(align - 1);
    if (at + s->h.size > SECTION_MAX)
        return unexpected(p, "a section that ends at byte", at + s->h.size);
    s->at = (u32)at;
    *end = (u32)(at + s->h.size);
    return ST_OK;
}

static status place_sections(struct pack *p)
{
    for (u32 k = 0; k < p->nsections; k++)
        TRY(place_section(p, &p->sections[k]));
    for (int d = 0; d < 2; d++) {
        p->content[d] = heap_calloc(p->content_bytes[d] + 1u, 1);
        if (!p->content[d])
            return no_memory(p);
    }
    for (u32 k = 0; k < p->nsections; k++) {
        const struct section *s = &p->sections[k];
        if (s->at != NOWHERE)
            memcpy(p->content[s->in_data] + s->at, p->elf + s->h.offset, s->h.size);
    }
    return ST_OK;
}

/* --- Symbols. --- */

static status read_symbols(struct pack *p)
{
    u32 k = 0;
    while (k < p->nsections && p->sections[k].h.type != SECTION_SYMBOLS)
        k++;
    if (k == p->nsections)
        return bad(p, "no symbols");
    const struct elf_section *h = &p->sections[k].h;
    if (h->link >= p->nsections || !inside(p, h->offset, h->size))
        return bad(p, "symbols lie outside");
    const struct elf_section *s = &p->sections[h->link].h;
    if (!inside(p, s->offset, s->size) || s->size == 0 || p->elf[s->offset + s->size - 1] != 0)
        return bad(p, "names lie outside");
    p->symbols = p->elf + h->offset;
    p->nsymbols = (u32)(h->size / sizeof(struct elf_symbol));
    p->strings = (const char *)p->elf + s->offset;
    p->strings_bytes = s->size;
    return ST_OK;
}

static status symbol_at(struct pack *p, u32 k, struct elf_symbol *out)
{
    if (k >= p->nsymbols)
        return bad(p, "a symbol that is not there");
    memcpy(out, p->symbols + (size_t)k * sizeof *out, sizeof *out);
    if (out->name >= p->strings_bytes)
        return bad(p, "a name lies outside");
    return ST_OK;
}

/* u<n>f<index>, and something behind a dot for copies. */
static bool parse_func(const char *name, u32 *index, u32 *copy)
{
    const char *f = strchr(name, 'f');
    if (name[0] != 'u' || !f || f[1] < '0' || f[1] > '9')
        return false;
    u64 n = 0;
    for (f++; *f >= '0' && *f <= '9' && n <= UINT32_MAX; f++)
        n = n * 10 + (u64)(*f - '0');
    *index = (u32)n;
    *copy = *f == '.';
    return n <= UINT32_MAX && (*f == '.' || *f == 0);
}

/* Inserts by address. */
static status add_func(struct pack *p, struct obj_func f)
{
    if (!list_add(&p->funcs, sizeof f))
        return no_memory(p);
    struct obj_func *funcs = p->funcs.items;
    u32 at = p->funcs.n - 1;
    for (; at > 0 && funcs[at - 1].start > f.start; at--)
        funcs[at] = funcs[at - 1];
    funcs[at] = f;
    return ST_OK;
}

static status collect_funcs(struct pack *p)
{
    for (u32 k = 0; k < p->nsymbols; k++) {
        struct elf_symbol s;
        struct obj_func f;
        TRY(symbol_at(p, k, &s));
        if ((s.info & 0xf) != SYMBOL_FUNC || s.section == INDEX_UNDEFINED || s.size == 0)
            continue;
        if (s.section >= p->nsections || p->sections[s.section].at == NOWHERE ||
            p->sections[s.section].in_data || !parse_func(p->strings + s.name, &f.index, &f.copy))
            return unexpected(p, "a function in section", s.section);
        u64 start = p->sections[s.section].at + s.value;
        if (s.value > SECTION_MAX || s.size > SECTION_MAX || start + s.size > p->content_bytes[0])
            return bad(p, "a function lies outside");
        f.start = (u32)start;
        f.bytes = (u32)s.size;
        TRY(add_func(p, f));
    }
    return ST_OK;
}

/* --- Relocations. --- */

/* Number of the name of undefined symbol `k`. */
static status name_number(struct pack *p, u32 k, u16 *out)
{
    u32 n = 0;
    while (n < p->nnames && p->names[n] != k)
        n++;
    if (n == NAMES_MAX)
        return unexpected(p, "names: more than", NAMES_MAX);
    if (n == p->nnames)
        p->names[p->nnames++] = k;
    *out = (u16)(OBJ_NAME0 + n);
    return ST_OK;
}

static status kind_of(struct pack *p, u32 type, u8 *out)
{
    switch (type) {
    case R_64: *out = OBJ_ABS64; return ST_OK;
    case R_32: *out = OBJ_ABS32; return ST_OK;
    case R_32S: *out = OBJ_ABS32S; return ST_OK;
    case R_PC32:
    case R_PLT32: *out = OBJ_PC32; return ST_OK;
    default: return unexpected(p, "a relocation of type", type);
    }
}

static bool fits(s64 value, u8 kind)
{
    return kind == OBJ_ABS64 || (kind == OBJ_ABS32 ? value >= 0 && value <= UINT32_MAX : value == (s32)value);
}

static status store(struct pack *p, const struct obj_reloc *r, s64 value)
{
    if (!fits(value, r->kind))
        return bad(p, "an address is out of reach");
    memcpy(p->content[r->in_data] + r->at, &value, r->kind == OBJ_ABS64 ? 8 : 4);
    return ST_OK;
}

static status keep(struct pack *p, struct obj_reloc r, s64 addend)
{
    if (addend != (s32)addend)
        return bad(p, "an address is out of reach");
    struct obj_reloc *at = list_add(&p->relocs, sizeof r);
    if (!at)
        return no_memory(p);
    r.addend = (s32)addend;
    *at = r;
    return ST_OK;
}

static status outside(struct pack *p, struct obj_reloc r, u32 symbol, const char *name, s64 addend)
{
    const struct rt_symbol *s = rt_symbol_find(name, strlen(name));
    if (!s)
        return err_set(p->err, E_UNSUPPORTED, ERR_NO_OFFSET, "an object names %s", name);
    if (s->fixed && r.kind != OBJ_PC32)
        return store(p, &r, (s64)s->address + addend);
    TRY(name_number(p, symbol, &r.target));
    return keep(p, r, addend);
}

static status add_reloc(struct pack *p, const struct section *s, const struct elf_rela *rela)
{
    struct obj_reloc r = {.in_data = s->in_data};
    struct elf_symbol symbol;
    TRY(kind_of(p, rela->type, &r.kind));
    TRY(symbol_at(p, rela->symbol, &symbol));
    u64 width = r.kind == OBJ_ABS64 ? 8 : 4;
    if (s->h.size < width || rela->offset > s->h.size - width)
        return bad(p, "a relocation lies outside");
    r.at = s->at + (u32)rela->offset;
    if (symbol.section == INDEX_UNDEFINED)
        return outside(p, r, rela->symbol, p->strings + symbol.name, rela->addend);
    if (symbol.section >= p->nsections || p->sections[symbol.section].at == NOWHERE)
        return unexpected(p, "a symbol in section", symbol.section);
    const struct section *to = &p->sections[symbol.section];
    if (symbol.value > to->h.size || rela->addend != (s32)rela->addend)
        return bad(p, "a symbol lies outside");
    s64 addend = (s64)(to->at + symbol.value) + rela->addend;
    if (r.kind == OBJ_PC32 && to->in_data == s->in_data)
        return store(p, &r, addend - (s64)r.at);
    r.target = to->in_data ? OBJ_DATA : OBJ_TEXT;
    return keep(p, r, addend);
}

static status collect_relocs(struct pack *p)
{
    for (u32 k = 0; k < p->nsections; k++) {
        const struct elf_section *h = &p->sections[k].h;
        if (h->type != SECTION_RELA)
            continue;
        if (h->info >= p->nsections || !inside(p, h->offset, h->size))
            return bad(p, "relocations lie outside");
        const struct section *s = &p->sections[h->info];
        for (u64 at = 0; s->at != NOWHERE && h->size - at >= sizeof(struct elf_rela);
             at += sizeof(struct elf_rela)) {
            struct elf_rela r;
            memcpy(&r, p->elf + h->offset + at, sizeof r);
            TRY(add_reloc(p, s, &r));
        }
    }
    return ST_OK;
}

/* --- Writing. --- */

static const char *name_of(const struct pack *p, u32 k)
{
    struct elf_symbol s;
    memcpy(&s, p->symbols + (size_t)p->names[k] * sizeof s, sizeof s);
    return p->strings + s.name;
}

static u8 *put(u8 *to, const void *from, size_t n)
{
    if (n)
        memcpy(to, from, n);
    return to + n;
}

static status write(struct pack *p, u8 **out, size_t *out_bytes)
{
    struct obj_head h = {.magic = OBJ_MAGIC,
                         .text_bytes = p->content_bytes[0],
                         .data_bytes = p->content_bytes[1],
                         .nfuncs = p->funcs.n,
                         .nrelocs = p->relocs.n,
                         .nnames = p->nnames};
    for (u32 k = 0; k < p->nnames; k++)
        h.names_bytes += (u32)strlen(name_of(p, k)) + 1;
    size_t funcs = h.nfuncs * sizeof(struct obj_func), relocs = h.nrelocs * sizeof(struct obj_reloc);
    *out_bytes = sizeof h + funcs + relocs + h.names_bytes + h.text_bytes + h.data_bytes;
    u8 *to = *out = heap_alloc(*out_bytes);
    if (!to)
        return no_memory(p);
    to = put(to, &h, sizeof h);
    to = put(to, p->funcs.items, funcs);
    to = put(to, p->relocs.items, relocs);
    for (u32 k = 0; k < p->nnames; k++)
        to = put(to, name_of(p, k), strlen(name_of(p, k)) + 1);
    to = put(to, p->content[0], h.text_bytes);
    put(to, p->content[1], h.data_bytes);
    return ST_OK;
}

static status run(struct pack *p, u8 **out, size_t *out_bytes)
{
    TRY(read_sections(p));
    TRY(place_sections(p));
    TRY(read_symbols(p));
    TRY(collect_funcs(p));
    TRY(collect_relocs(p));
    return write(p, out, out_bytes);
}

status obj_pack(const u8 *elf, size_t bytes, u8 **out, size_t *out_bytes, struct err *e)
{
    struct pack *p = heap_calloc(1, sizeof *p);
    if (!p)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    p->elf = elf;
    p->bytes = bytes;
    p->err = e;
    status st = run(p, out, out_bytes);
    heap_free(p->sections);
    heap_free(p->content[0]);
    heap_free(p->content[1]);
    heap_free(p->funcs.items);
    heap_free(p->relocs.items);
    heap_free(p);
    return st;
}
