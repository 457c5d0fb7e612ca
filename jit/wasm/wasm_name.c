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

void wasm_names_read(struct wasm_module *m, const u8 *bytes, u32 len)
{
    struct reader r = {.p = bytes, .end = bytes + len, .base = m->bytes, .limit = m->bytes + m->len};
    while (r.p != r.end)
        if (read_subsection(m, &r) != ST_OK)
            return;
}

static const struct wasm_name *name_of_import(const struct wasm_module *m, u32 func)
{
    for (u32 k = 0; k < m->nimports; k++)
        if (m->imports[k].kind == WASM_FUNC && m->imports[k].index == func)
            return &m->imports[k].name;
    return NULL;
}

static const struct wasm_name *name_of_export(const struct wasm_module *m, u32 func)
{
    if (!(m->funcs[func].flags & WASM_FUNC_EXPORTED))
        return NULL;
    for (u32 k = 0; k < m->nexports; k++)
        if (m->exports[k].kind == WASM_FUNC && m->exports[k].index == func)
            return &m->exports[k].name;
    return NULL;
}

void wasm_func_name(const struct wasm_module *m, u32 func, char *buf, size_t size)
{
    const struct wasm_name *name = NULL;
    if (m->func_names && func < m->nfuncs && m->func_names[func].len)
        name = &m->func_names[func];
    else if (func < m->nfuncs)
        name = func < m->imp_funcs ? name_of_import(m, func) : name_of_export(m, func);
    if (name && name->len)
        fmt_s(buf, size, "%.*s", (int)(name->len < size ? name->len : size), name->s);
    else
        fmt_s(buf, size, "func[%u]", func);
}
