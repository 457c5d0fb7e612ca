/* obj.c: checks packed objects, relocates and loads them. Survives export: no LLVM, no ELF here. */
#include "obj.h"

#include <string.h>

#include "heap.h"
#include "obj_format.h"
#include "rt_arena.h"
#include "rt_symbols.h"

/* --- Checking. --- */

static struct obj_reloc reloc_at(const struct obj_view *v, u32 k)
{
    struct obj_reloc r;
    memcpy(&r, v->relocs + (size_t)k * sizeof r, sizeof r);
    return r;
}

struct obj_func obj_func_at(const struct obj_view *v, u32 k)
{
    struct obj_func f;
    memcpy(&f, v->funcs + (size_t)k * sizeof f, sizeof f);
    return f;
}

static status bad(struct err *e, const char *what)
{
    return err_set(e, E_INVAL, ERR_NO_OFFSET, "a stored object is damaged: %s", what);
}

static status check_funcs(const struct obj_view *v, struct err *e)
{
    u64 end = 0;
    for (u32 k = 0; k < v->nfuncs; k++) {
        struct obj_func f = obj_func_at(v, k);
        if (f.start < end || f.bytes == 0 || (u64)f.start + f.bytes > v->text_bytes || f.copy > 1)
            return bad(e, "a function lies outside its code");
        end = (u64)f.start + f.bytes;
    }
    return ST_OK;
}

static status check_relocs(const struct obj_view *v, struct err *e)
{
    for (u32 k = 0; k < v->nrelocs; k++) {
        struct obj_reloc r = reloc_at(v, k);
        u32 width = r.kind == OBJ_ABS64 ? 8 : 4;
        u32 room = r.in_data ? v->data_bytes : v->text_bytes;
        if (r.kind >= OBJ_KINDS || r.in_data > 1 || r.target >= OBJ_NAME0 + v->nnames)
            return bad(e, "an unknown relocation");
        if (room < width || r.at > room - width)
            return bad(e, "a relocation lies outside");
    }
    return ST_OK;
}

static status check_names(const struct obj_view *v, struct err *e)
{
    u32 ends = 0;
    for (u32 k = 0; k < v->names_bytes; k++)
        ends += v->names[k] == 0;
    bool whole = v->names_bytes == 0 || v->names[v->names_bytes - 1] == 0;
    return whole && ends == v->nnames ? ST_OK : bad(e, "names do not end");
}

status obj_open(const u8 *bytes, size_t len, struct obj_view *out, struct err *e)
{
    struct obj_head h;
    if (len < sizeof h)
        return bad(e, "too short");
    memcpy(&h, bytes, sizeof h);
    if (h.magic != OBJ_MAGIC)
        return bad(e, "not an object");
    u64 funcs = (u64)h.nfuncs * sizeof(struct obj_func), relocs = (u64)h.nrelocs * sizeof(struct obj_reloc);
    if (sizeof h + funcs + relocs + h.names_bytes + h.text_bytes + h.data_bytes != len)
        return bad(e, "its length is not what its parts say");
    if (h.text_bytes == 0)
        return bad(e, "no code");
    const u8 *p = bytes + sizeof h;
    *out = (struct obj_view){.funcs = p,
                             .relocs = p + funcs,
                             .names = p + funcs + relocs,
                             .text = p + funcs + relocs + h.names_bytes,
                             .data = p + funcs + relocs + h.names_bytes + h.text_bytes,
                             .text_bytes = h.text_bytes,
                             .data_bytes = h.data_bytes,
                             .nfuncs = h.nfuncs,
                             .nrelocs = h.nrelocs,
                             .nnames = h.nnames,
                             .names_bytes = h.names_bytes};
    TRY(check_funcs(out, e));
    TRY(check_names(out, e));
    return check_relocs(out, e);
}

/* --- Relocating. --- */

static bool fits(u64 value, enum obj_reloc_kind kind)
{
    if (kind == OBJ_ABS64)
        return true;
    return kind == OBJ_ABS32 ? value <= UINT32_MAX : (s64)value == (s32)value;
}

/* `base`: addresses by target. */
static status relocate(const struct obj_reloc *r, const struct obj_place *p, const u64 *base, struct err *e)
{
    u8 *at = (r->in_data ? p->data : p->text) + r->at;
    u64 value = base[r->target] + (u64)(s64)r->addend;
    if (r->kind == OBJ_PC32)
        value -= (r->in_data ? p->data_at : p->text_at) + r->at;
    if (!fits(value, (enum obj_reloc_kind)r->kind))
        return bad(e, "an address is out of reach");
    memcpy(at, &value, r->kind == OBJ_ABS64 ? 8 : 4);
    return ST_OK;
}

static status resolve_names(const struct obj_view *v, const struct obj_place *p, u64 *out, struct err *e)
{
    const char *name = (const char *)v->names;
    for (u32 k = 0; k < v->nnames; k++) {
        size_t len = strlen(name);
        if (!p->resolve(p->env, name, len, &out[k]))
            return err_set(e, E_INVAL, ERR_NO_OFFSET, "a stored object names an unknown symbol: %s", name);
        name += len + 1;
    }
    return ST_OK;
}

status obj_place(const struct obj_view *v, const struct obj_place *p, struct err *e)
{
    u64 *base = heap_alloc((OBJ_NAME0 + (size_t)v->nnames) * sizeof *base);
    if (!base)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    base[OBJ_TEXT] = p->text_at;
    base[OBJ_DATA] = p->data_at;
    memcpy(p->text, v->text, v->text_bytes);
    if (v->data_bytes)
        memcpy(p->data, v->data, v->data_bytes);
    status st = resolve_names(v, p, base + OBJ_NAME0, e);
    for (u32 k = 0; k < v->nrelocs && st == ST_OK; k++) {
        struct obj_reloc r = reloc_at(v, k);
        st = relocate(&r, p, base, e);
    }
    heap_free(base);
    return st;
}

/* --- Loading. --- */

static bool resolve_here(void *env, const char *name, size_t len, u64 *address)
{
    (void)env;
    const struct rt_symbol *s = rt_symbol_find(name, len);
    if (s)
        *address = s->address;
    return s != NULL;
}

static status make_room(const struct obj_view *v, struct obj *o, struct err *e)
{
    o->funcs = heap_calloc(v->nfuncs + 1u, sizeof *o->funcs);
    if (!o->funcs)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    o->text_bytes = v->text_bytes;
    o->data_bytes = v->data_bytes;
    o->text = rt_arena_alloc(RT_ARENA_CODE, v->text_bytes);
    o->data = v->data_bytes ? rt_arena_alloc(RT_ARENA_DATA, v->data_bytes) : NULL;
    if (!o->text || (v->data_bytes && !o->data))
        return err_set(e, E_LIMIT, ERR_NO_OFFSET, "the arena for compiled code is full");
    return ST_OK;
}

static status seal(const struct obj *o, struct err *e)
{
    if (rt_arena_seal(o->text, o->text_bytes) != ST_OK ||
        (o->data && rt_arena_seal(o->data, o->data_bytes) != ST_OK))
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "code could not be made executable");
    return ST_OK;
}

/* Makes the functions known to backtraces and to the fault handler. */
static status add_funcs(const struct obj_view *v, struct rt_instance *inst, u8 tier, bool osr, struct obj *o,
                        struct err *e)
{
    for (u32 k = 0; k < v->nfuncs; k++) {
        struct obj_func f = obj_func_at(v, k);
        u8 *start = (u8 *)o->text + f.start;
        const struct rt_layout *l = inst ? inst->layout : NULL;
        if (l && (f.index < l->imp_funcs || f.index >= l->nfuncs))
            return bad(e, "a function that the module does not have");
        struct rt_code c = {.start = (uintptr_t)start,
                            .end = (uintptr_t)start + f.bytes,
                            .func = inst ? &inst->own_funcs[f.index - l->imp_funcs] : NULL,
                            .func_index = f.index,
                            .tier = tier,
                            .osr = osr};
        if (rt_code_add(&c) != ST_OK)
            return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
        o->funcs[o->nfuncs++] = (struct obj_entry){f.index, f.copy, start, f.bytes};
    }
    return ST_OK;
}

status obj_load(const struct obj_view *v, struct rt_instance *inst, u8 tier, bool osr, struct obj *out,
                struct err *e)
{
    *out = (struct obj){0};
    status st = make_room(v, out, e);
    struct obj_place p = {.text = out->text,
                          .data = out->data,
                          .text_at = (uintptr_t)out->text,
                          .data_at = (uintptr_t)out->data,
                          .resolve = resolve_here};
    if (st == ST_OK)
        st = obj_place(v, &p, e);
    if (st == ST_OK)
        st = seal(out, e);
    if (st == ST_OK)
        st = add_funcs(v, inst, tier, osr, out, e);
    if (st != ST_OK)
        obj_free(out);
    return st;
}

void *obj_entry(const struct obj *o, u32 index)
{
    static u32 last; /* whoever asks goes from one to the next */
    for (u32 n = 0; n < o->nfuncs; n++) {
        u32 k = last + n < o->nfuncs ? last + n : (last + n) % o->nfuncs;
        if (o->funcs[k].index != index || o->funcs[k].copy)
            continue;
        last = k + 1;
        return o->funcs[k].start;
    }
    return NULL;
}

void obj_free(struct obj *o)
{
    for (u32 k = 0; k < o->nfuncs; k++)
        rt_code_remove((uintptr_t)o->funcs[k].start);
    if (o->text)
        rt_arena_free(o->text, o->text_bytes);
    if (o->data)
        rt_arena_free(o->data, o->data_bytes);
    heap_free(o->funcs);
    *o = (struct obj){0};
}
