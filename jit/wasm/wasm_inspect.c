/* wasm_inspect.c: `anneal inspect`. Lines are gathered in a buffer, since a module can have 100,000 of them.
 */
#include "wasm_inspect.h"

#include <string.h>

#include "fmt.h"
#include "wasm_priv.h"

enum { LINE_MAX = 1024, NAME_MAX_SHOWN = 200 };

struct sink {
    enum plat_stream stream;
    size_t len;
    char buf[8192];
};

static void flush(struct sink *s)
{
    plat_write(s->stream, s->buf, s->len);
    s->len = 0;
}

__attribute__((format(printf, 2, 3))) static void line(struct sink *s, const char *fmt, ...)
{
    if (sizeof s->buf - s->len < LINE_MAX)
        flush(s);
    va_list ap;
    va_start(ap, fmt);
    size_t n = fmt_v(s->buf + s->len, LINE_MAX, fmt, ap);
    va_end(ap);
    s->len += n < LINE_MAX ? n : LINE_MAX - 1;
}

/* Quoted, with control characters and quotes escaped, cut when very long. */
static const char *quoted(struct wasm_name name, char buf[NAME_MAX_SHOWN * 3 + 8])
{
    size_t n = 0;
    buf[n++] = '"';
    for (u32 i = 0; i < name.len && i < NAME_MAX_SHOWN; i++) {
        u8 c = (u8)name.s[i];
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
            n += fmt_s(buf + n, 4, "\\%02x", c);
        else
            buf[n++] = (char)c;
    }
    buf[n++] = '"';
    if (name.len > NAME_MAX_SHOWN)
        n += fmt_s(buf + n, 4, "...");
    buf[n] = 0;
    return buf;
}

/* --- Types. --- */
static void put_limits(char *buf, size_t size, const struct wasm_limits *l, const char *unit)
{
    if (l->has_max)
        fmt_s(buf, size, "%llu..%llu %s", (unsigned long long)l->min, (unsigned long long)l->max, unit);
    else
        fmt_s(buf, size, "%llu.. %s", (unsigned long long)l->min, unit);
}

static void extern_text(const struct wasm_module *m, enum wasm_extern kind, u32 index, char *buf, size_t size)
{
    char part[600];
    switch (kind) {
    case WASM_FUNC:
        wasm_functype_text(wasm_func_type(m, index), part, sizeof part);
        fmt_s(buf, size, "function %u %s", index, part);
        break;
    case WASM_TABLE:
        put_limits(part, sizeof part, &m->tables[index].limits, wasm_type_text(m->tables[index].elem));
        fmt_s(buf, size, "table %u %s", index, part);
        break;
    case WASM_MEMORY:
        put_limits(part, sizeof part, &m->mems[index].limits, "pages");
        fmt_s(buf, size, "memory %u %s", index, part);
        break;
    case WASM_GLOBAL:
        fmt_s(buf, size, "global %u %s%s", index, m->globals[index].type.mut ? "mut " : "",
              wasm_type_text(m->globals[index].type.type));
        break;
    case WASM_TAG:
        wasm_functype_text(&m->types[m->tags[index]], part, sizeof part);
        fmt_s(buf, size, "tag %u %s", index, part);
        break;
    }
}

/* --- Parts of the listing. --- */
static void put_head(struct sink *s, const struct wasm_module *m)
{
    char name[NAME_MAX_SHOWN * 3 + 8], hex[65];
    u8 hash[32];
    wasm_sha256(m->bytes, m->len, hash);
    for (int i = 0; i < 32; i++)
        fmt_s(hex + 2 * i, 3, "%02x", hash[i]);
    line(s, "module: %zu bytes, sha256 %s\n", m->len, hex);
    if (m->module_name.len)
        line(s, "name: %s\n", quoted(m->module_name, name));
    line(s, "features:");
    for (u32 f = 0; f < WASM_FEATURE_COUNT; f++)
        if (m->features & 1u << f)
            line(s, " %s", wasm_feature_text[f]);
    line(s, "\n");
}

static void put_counts(struct sink *s, const struct wasm_module *m)
{
    u64 code = 0;
    for (u32 k = m->imp_funcs; k < m->nfuncs; k++)
        code += m->funcs[k].size;
    line(s,
         "counts: %u types, %u imports, %u functions (%u imported), %u tables, %u memories, %u globals, %u "
         "exports\n",
         m->ntypes, m->nimports, m->nfuncs, m->imp_funcs, m->ntables, m->nmems, m->nglobals, m->nexports);
    line(s, "        %u element segments, %u data segments, %u custom sections, %llu bytes of instructions\n",
         m->nelems, m->ndata, m->ncustoms, (unsigned long long)code);
    if (m->has_start)
        line(s, "start: function %u\n", m->start);
}

static void put_sections(struct sink *s, const struct wasm_module *m)
{
    static const char *const text[] = {"custom", "type",   "import",     "function", "table",
                                       "memory", "global", "export",     "start",    "element",
                                       "code",   "data",   "data count", "tag"};
    char name[NAME_MAX_SHOWN * 3 + 8];
    u32 custom = 0;
    line(s, "sections:\n");
    for (const u8 *p = m->bytes + 8, *end = m->bytes + m->len; p < end;) {
        u8 id = *p++;
        u32 size = wasm_read_u32(&p);
        line(s, "  %-10s  offset 0x%08llx  size %10u", text[id], (unsigned long long)(p - m->bytes), size);
        line(s, id == 0 ? "  %s\n" : "\n", id == 0 ? quoted(m->customs[custom++].name, name) : "");
        p += size;
    }
}

static void put_types(struct sink *s, const struct wasm_module *m)
{
    char text[700];
    line(s, "types: %u\n", m->ntypes);
    for (u32 k = 0; k < m->ntypes; k++) {
        wasm_functype_text(&m->types[k], text, sizeof text);
        line(s, "  %u %s\n", k, text);
    }
}

static void put_imports(struct sink *s, const struct wasm_module *m)
{
    char text[700], module[NAME_MAX_SHOWN * 3 + 8], name[NAME_MAX_SHOWN * 3 + 8];
    line(s, "imports: %u\n", m->nimports);
    for (u32 k = 0; k < m->nimports; k++) {
        const struct wasm_import *i = &m->imports[k];
        extern_text(m, i->kind, i->index, text, sizeof text);
        line(s, "  %s", quoted(i->module, module));
        line(s, " %s ", quoted(i->name, name));
        line(s, "%s\n", text);
    }
}

static void put_exports(struct sink *s, const struct wasm_module *m)
{
    char text[700], name[NAME_MAX_SHOWN * 3 + 8];
    line(s, "exports: %u\n", m->nexports);
    for (u32 k = 0; k < m->nexports; k++) {
        extern_text(m, m->exports[k].kind, m->exports[k].index, text, sizeof text);
        line(s, "  %s ", quoted(m->exports[k].name, name));
        line(s, "%s\n", text);
    }
}

/* Own tables, memories and globals; imported ones stand among the imports. */
static void put_own(struct sink *s, const struct wasm_module *m)
{
    char text[700];
    const struct {
        enum wasm_extern kind;
        u32 from, to;
    } spaces[] = {{WASM_TABLE, m->imp_tables, m->ntables},
                  {WASM_MEMORY, m->imp_mems, m->nmems},
                  {WASM_GLOBAL, m->imp_globals, m->nglobals}};
    line(s, "own tables, memories, globals: %u\n",
         m->ntables - m->imp_tables + m->nmems - m->imp_mems + m->nglobals - m->imp_globals);
    for (size_t n = 0; n < sizeof spaces / sizeof *spaces; n++)
        for (u32 k = spaces[n].from; k < spaces[n].to; k++) {
            extern_text(m, spaces[n].kind, k, text, sizeof text);
            line(s, "  %s\n", text);
        }
}

static void put_segments(struct sink *s, const struct wasm_module *m)
{
    static const char *const mode[] = {"active", "passive", "declared"};
    line(s, "element segments: %u\n", m->nelems);
    for (u32 k = 0; k < m->nelems; k++)
        line(s, "  %u %s %s, %u items\n", k, mode[m->elems[k].mode],
             wasm_type_text(m->elems[k].funcs ? RT_FUNCREF : m->elems[k].type), m->elems[k].count);
    line(s, "data segments: %u\n", m->ndata);
    for (u32 k = 0; k < m->ndata; k++)
        line(s, "  %u %s, %u bytes\n", k, m->data[k].active ? "active" : "passive", m->data[k].len);
}

void wasm_inspect(const struct wasm_module *m, enum plat_stream stream)
{
    struct sink s;
    s.stream = stream;
    s.len = 0;
    put_head(&s, m);
    put_counts(&s, m);
    put_sections(&s, m);
    put_types(&s, m);
    put_imports(&s, m);
    put_exports(&s, m);
    put_own(&s, m);
    put_segments(&s, m);
    flush(&s);
}
