/* wasm_strip.c: a module without the contents of data segments that nobody can read any more. */
#include <string.h>

#include "heap.h"
#include "wasm_priv.h"

enum { SECTION_DATA = 11, LEB_MAX = 5 };

static u32 leb_put(u8 *to, u32 v)
{
    u32 n = 0;
    for (; v >= 0x80; v >>= 7)
        to[n++] = (u8)(v | 0x80);
    to[n++] = (u8)v;
    return n;
}

/* What stands before a segment's length: `at` is where it begins. */
static const u8 *head_end(const struct wasm_data *d, const u8 *at)
{
    if (d->active)
        return d->offset.end;
    wasm_read_u32(&at);
    return at;
}

static const u8 *copy(u8 **to, const u8 *from, const u8 *end)
{
    memcpy(*to, from, (size_t)(end - from));
    *to += end - from;
    return end;
}

static u8 *put_segments(const struct rt_instance *i, const u8 *at, u8 *to)
{
    const struct wasm_module *m = wasm_module_of(i);
    for (u32 k = 0; k < m->ndata; k++) {
        const struct wasm_data *d = &m->data[k];
        copy(&to, at, head_end(d, at));
        u32 len = d->active || i->data[k].len == 0 ? 0 : d->len;
        to += leb_put(to, len);
        copy(&to, d->bytes, d->bytes + len);
        at = d->bytes + d->len;
    }
    return to;
}

/* The data section: its id; *body is behind its size. NULL: there is none. */
static const u8 *find_data(const struct wasm_module *m, const u8 **body, const u8 **end)
{
    for (const u8 *p = m->bytes + 8; p < m->bytes + m->len; p = *end) {
        const u8 *section = p++;
        u32 size = wasm_read_u32(&p);
        *body = p;
        *end = p + size;
        if (*section == SECTION_DATA)
            return section;
    }
    return NULL;
}

status wasm_strip(const struct rt_instance *i, u8 **out, size_t *len)
{
    const struct wasm_module *m = wasm_module_of(i);
    const u8 *body, *end, *section = find_data(m, &body, &end);
    u8 *scratch = heap_alloc(m->len + LEB_MAX), *whole = heap_alloc(m->len + 2 * LEB_MAX);
    if (!scratch || !whole) {
        heap_free(scratch);
        heap_free(whole);
        return E_NOMEM;
    }
    u8 *to = whole;
    copy(&to, m->bytes, section ? section : m->bytes + m->len);
    if (section) {
        const u8 *first = body;
        wasm_read_u32(&first);
        u8 *p = scratch;
        copy(&p, body, first);
        p = put_segments(i, first, p);
        *to++ = SECTION_DATA;
        to += leb_put(to, (u32)(p - scratch));
        copy(&to, scratch, p);
        copy(&to, end, m->bytes + m->len);
    }
    heap_free(scratch);
    *out = whole;
    *len = (size_t)(to - whole);
    return ST_OK;
}
