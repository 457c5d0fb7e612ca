/* wasm_strip.c: a module without the contents of data segments that nobody can read any more. */
#include <string.h>

#include "heap.h"
#include "wasm_priv.h"

enum { SECTION_DATA = 11, SECTION_DATA_COUNT = 12, LEB_MAX = 5, PASSIVE = 1 };

static u32 leb_put(u8 *to, u32 v)
{
    u32 n = 0;
    for (; v >= 0x80; v >>= 7)
        to[n++] = (u8)(v | 0x80);
    to[n++] = (u8)v;
    return n;
}

static const u8 *copy(u8 **to, const u8 *from, const u8 *end)
{
    memcpy(*to, from, (size_t)(end - from));
    *to += end - from;
    return end;
}

/* Passive and empty is what an active or dropped segment is to the code. */
static u8 *put_segments(const struct rt_instance *i, u8 *to)
{
    const struct wasm_module *m = wasm_module_of(i);
    to += leb_put(to, m->ndata);
    for (u32 k = 0; k < m->ndata; k++) {
        const struct wasm_data *d = &m->data[k];
        u32 len = d->active || i->data[k].len == 0 ? 0 : d->len;
        *to++ = PASSIVE;
        to += leb_put(to, len);
        copy(&to, d->bytes, d->bytes + len);
    }
    return to;
}

/* Section `id`, from its id on; *end is behind it. NULL: there is none. */
static const u8 *find_section(const struct wasm_module *m, u8 id, const u8 **end)
{
    for (const u8 *p = m->bytes + 8; p < m->bytes + m->len; p = *end) {
        const u8 *section = p++;
        u32 size = wasm_read_u32(&p);
        *end = p + size;
        if (*section == id)
            return section;
    }
    return NULL;
}

status wasm_strip(const struct rt_instance *i, u8 **out, size_t *len)
{
    const struct wasm_module *m = wasm_module_of(i);
    const u8 *end, *counted = find_section(m, SECTION_DATA_COUNT, &end);
    const u8 *section = find_section(m, SECTION_DATA, &end);
    u8 *scratch = heap_alloc(m->len + LEB_MAX), *whole = heap_alloc(m->len + 2 * LEB_MAX);
    if (!scratch || !whole) {
        heap_free(scratch);
        heap_free(whole);
        return E_NOMEM;
    }
    u8 *to = whole;
    copy(&to, m->bytes, section ? section : m->bytes + m->len);
    if (section && counted) { /* else no code can name a segment */
        u8 *p = put_segments(i, scratch);
        *to++ = SECTION_DATA;
        to += leb_put(to, (u32)(p - scratch));
        copy(&to, scratch, p);
    }
    if (section)
        copy(&to, end, m->bytes + m->len);
    heap_free(scratch);
    *out = whole;
    *len = (size_t)(to - whole);
    return ST_OK;
}
