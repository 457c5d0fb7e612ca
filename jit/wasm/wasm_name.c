/* wasm_name.c: names of functions for people, from the name section (appendix A.4.2), exports or numbers. */
#include "wasm_priv.h"

#include <string.h>

#include "fmt.h"

enum { SUB_MODULE = 0, SUB_FUNCTIONS = 1 };

/* Function names: indices should ascend; whatever is out of range is skipped. */
static status read_function_names(struct wasm_module *m, struct reader *r)
{
    u32 n, func;
    struct wasm_name name;
    TRY(reader_u32(r, &n));
    if (!m->func_names)
        m->func_names = arena_alloc(&m->arena, m->nfuncs * sizeof *m->func_names, _Alignof(struct wasm_name));
    if (!m->func_names)
        return E_NOMEM;
    for (; n; n--) {
        TRY(reader_u32(r, &func));
        TRY(reader_name(r, &name));
        if (func < m->nfuncs)
            m->func_names[func] = name;
    }
    return ST_OK;
}

static status read_subsection(struct wasm_module *m, struct reader *r)
{
    u8 id;
    u32 size;
    struct reader body;
    TRY(reader_u8(r, &id));
    TRY(reader_u32(r, &size));
    TRY(reader_sub(r, size, &body));
    if (id == SUB_MODULE)
        return reader_name(&body, &m->module_name);
    if (id == SUB_FUNCTIONS)
        return read_function_names(m, &body);
    return ST_OK;
}

static const struct wasm_custom *name_section(const struct wasm_module *m)
{
    for (u32 k = 0; k < m->ncustoms; k++)
        if (m->customs[k].name.len == 4 && memcmp(m->customs[k].name.s, "name", 4) == 0)
            return &m->customs[k];
    return NULL;
}

void wasm_names_read(struct wasm_module *m)
{
    const struct wasm_custom *c = name_section(m);
    m->named = true;
    if (!c)
        return;
    struct reader r = {.p = c->bytes, .end = c->bytes + c->len, .base = m->bytes, .limit = m->bytes + m->len};
    while (r.p != r.end)
        if (read_subsection(m, &r) != ST_OK)
            return;
}

static const struct wasm_name *name_of_import(const struct wasm_module *m, enum wasm_extern kind, u32 index)
{
    for (u32 k = 0; k < m->nimports; k++)
        if (m->imports[k].kind == kind && m->imports[k].index == index)
            return &m->imports[k].name;
    return NULL;
}

static const struct wasm_name *name_of_export(const struct wasm_module *m, enum wasm_extern kind, u32 index)
{
    for (u32 k = 0; k < m->nexports; k++)
        if (m->exports[k].kind == kind && m->exports[k].index == index)
            return &m->exports[k].name;
    return NULL;
}

static const struct wasm_name *func_name(const struct wasm_module *m, u32 func)
{
    if (func >= m->nfuncs)
        return NULL;
    wasm_names_complete(m);
    if (m->func_names && m->func_names[func].len)
        return &m->func_names[func];
    if (func < m->imp_funcs)
        return name_of_import(m, WASM_FUNC, func);
    return m->funcs[func].flags & WASM_FUNC_EXPORTED ? name_of_export(m, WASM_FUNC, func) : NULL;
}

static void put_name(const struct wasm_name *name, const char *what, u32 index, char *buf, size_t size)
{
    if (name && name->len)
        fmt_s(buf, size, "%.*s", (int)(name->len < size ? name->len : size), name->s);
    else
        fmt_s(buf, size, "%s[%u]", what, index);
}

void wasm_func_name(const struct wasm_module *m, u32 func, char *buf, size_t size)
{
    put_name(func_name(m, func), "func", func, buf, size);
}

void wasm_tag_name(const struct wasm_module *m, u32 tag, char *buf, size_t size)
{
    bool imported = tag < m->imp_tags;
    put_name(imported ? name_of_import(m, WASM_TAG, tag) : name_of_export(m, WASM_TAG, tag), "tag", tag, buf,
             size);
}
