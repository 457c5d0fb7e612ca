/* wasi.c: creating a program's WASI context, and finding the functions that it imports. */
#include "wasi_priv.h"

#include <string.h>

#include "heap.h"

static const char *const modules[2] = {"wasi_snapshot_preview1", "wasi_unstable"};

static const struct row {
    const char *name, *sig;
    wasi_fn fn;
    bool memory;
} rows[WASI_FUNCS] = {
#define MEM                  true
#define _                    false
#define WASI(name, sig, mem) {#name, sig, wasi_##name, mem},
#include "wasi.def"
#undef WASI
#undef MEM
#undef _
};

/* --- Creation. --- */

static bool strings_copy(struct wasi_strings *s, u32 count, const char *const *items)
{
    size_t bytes = 0;
    for (u32 k = 0; k < count; k++)
        bytes += strlen(items[k]) + 1;
    if (bytes > UINT32_MAX || !(s->text = heap_alloc(bytes)))
        return false;
    char *to = s->text;
    for (u32 k = 0; k < count; k++) {
        size_t n = strlen(items[k]) + 1;
        memcpy(to, items[k], n);
        to += n;
    }
    s->count = count;
    s->bytes = (u32)bytes;
    return true;
}

static enum wasi_errno add_streams(struct wasi *w)
{
    for (u32 k = 0; k < 3; k++) {
        struct wasi_fd f = {.kind = WASI_FD_STREAM, .stream = k, .rights = wasi_rights_of_stream(k)};
        u32 fd;
        WASI_TRY(wasi_fd_add(w, &f, &fd));
    }
    return WASI_SUCCESS;
}

static char *name_copy(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = heap_alloc(n);
    if (copy)
        memcpy(copy, s, n);
    return copy;
}

static enum wasi_errno add_preopen(struct wasi *w, const struct wasi_preopen *p)
{
    char *name = name_copy(p->guest);
    if (!name)
        return WASI_NOMEM;
    w->preopen_names[w->npreopens++] = name;
    struct wasi_fd f = {.kind = WASI_FD_FILE,
                        .preopen = name,
                        .rights = wasi_rights_of_type(WASI_FILETYPE_DIRECTORY),
                        .rights_inheriting = wasi_rights_inherited(WASI_FILETYPE_DIRECTORY)};
    WASI_TRY(wasi_fs_open_root(p->host, &f.file));
    u32 fd;
    enum wasi_errno e = wasi_fd_add(w, &f, &fd);
    if (e != WASI_SUCCESS)
        wasi_fd_drop(&f);
    return e;
}

static status add_preopens(struct wasi *w, const struct wasi_config *c, struct err *e)
{
    static const struct wasi_preopen everything = {.host = "", .guest = "/"};
    u32 n = c->npreopens;
    const struct wasi_preopen *p = c->preopens;
    if (n == 0 && wasi_fs_has_default_root()) {
        n = 1;
        p = &everything;
    }
    w->preopen_names = heap_calloc(n, sizeof *w->preopen_names);
    if (!w->preopen_names)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    for (u32 k = 0; k < n; k++) {
        enum wasi_errno r = add_preopen(w, &p[k]);
        if (r == WASI_NOMEM)
            return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
        if (r != WASI_SUCCESS)
            return err_set(e, E_NOTFOUND, ERR_NO_OFFSET, "--dir=%s: %s", p[k].host,
                           r == WASI_NOTDIR ? "is not a directory" : "cannot be opened");
    }
    return ST_OK;
}

status wasi_create(const struct wasi_config *c, struct wasi **out, struct err *e)
{
    struct wasi *w = heap_calloc(1, sizeof *w);
    if (!w)
        return err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    status s = ST_OK;
    if (!strings_copy(&w->args, c->argc, c->argv) || !strings_copy(&w->env, c->nenv, c->env) ||
        add_streams(w) != WASI_SUCCESS)
        s = err_set(e, E_NOMEM, ERR_NO_OFFSET, "out of memory");
    else
        s = add_preopens(w, c, e);
    if (s != ST_OK) {
        wasi_destroy(w);
        return s;
    }
    *out = w;
    return ST_OK;
}

void wasi_destroy(struct wasi *w)
{
    if (!w)
        return;
    for (u32 k = 0; k < w->nfds; k++)
        wasi_fd_drop(&w->fds[k]);
    for (u32 k = 0; k < w->npreopens; k++)
        heap_free(w->preopen_names[k]);
    heap_free(w->preopen_names);
    heap_free(w->fds);
    heap_free(w->args.text);
    heap_free(w->env.text);
    heap_free(w);
}

status wasi_is_as_created(const struct wasi *w, struct err *e)
{
    u32 given = 3 + w->npreopens;
    for (u32 k = 0; k < given; k++) {
        const struct wasi_fd *f = &w->fds[k];
        if (k < 3 ? f->kind != WASI_FD_STREAM || f->stream != k || f->flags : !f->preopen || f->flags)
            return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET,
                           "descriptor %u was closed or changed, which cannot be kept", k);
    }
    for (u32 k = given; k < w->nfds; k++)
        if (w->fds[k].kind != WASI_FD_FREE)
            return err_set(e, E_UNSUPPORTED, ERR_NO_OFFSET, "an open file cannot be kept: descriptor %u", k);
    return ST_OK;
}

/* --- Resolution. --- */

void (*wasi_on_call)(void);

static enum rt_trap call(void *env, struct rt_instance *caller, rt_cell *cells)
{
    (void)caller;
    if (wasi_on_call)
        wasi_on_call();
    struct wasi_import *i = env;
    i->wasi->snapshot0 = i->snapshot0;
    i->wasi->exiting = false;
    enum wasi_errno e = i->fn(i->wasi, cells);
    if (i->wasi->exiting)
        return TRAP_EXIT;
    cells[0] = (rt_cell)e;
    return TRAP_NONE;
}

static bool named(const struct wasm_name *n, const char *s)
{
    return n->len == strlen(s) && memcmp(n->s, s, n->len) == 0;
}

static const struct rt_sig *sig_of(const char *text)
{
    rt_type types[16];
    u32 n = 0, params = 0;
    for (; *text; text++) {
        if (*text == '_')
            params = n;
        else
            types[n++] = *text == 'l' ? RT_I64 : RT_I32;
    }
    return rt_sig_get(types, params, n - params);
}

static u32 row_find(const struct wasm_name *name)
{
    u32 k = 0;
    while (k < WASI_FUNCS && !named(name, rows[k].name))
        k++;
    return k;
}

struct rt_func *wasi_resolve(struct wasi *w, const struct wasm_module *m, const struct wasm_import *imp,
                             struct err *e)
{
    bool snapshot0 = named(&imp->module, modules[1]);
    if (imp->kind != WASM_FUNC || !(snapshot0 || named(&imp->module, modules[0])))
        return NULL;
    u32 k = row_find(&imp->name);
    if (k == WASI_FUNCS || (snapshot0 && rows[k].fn == wasi_sock_accept))
        return NULL;
    const struct row *r = &rows[k];
    const struct rt_sig *sig = sig_of(r->sig);
    if (!sig || sig != wasm_func_type(m, imp->index)->sig) {
        err_set(e, E_INVAL, ERR_NO_OFFSET,
                "import \"%s\" \"%s\" has another type than WASI preview 1 gives it", modules[snapshot0],
                r->name);
        return NULL;
    }
    struct wasi_import *i = &w->imports[snapshot0][k];
    i->wasi = w;
    i->fn = r->fn;
    i->snapshot0 = snapshot0;
    rt_func_init_host(&i->func, sig, call, i);
    w->needs_memory |= r->memory;
    return &i->func;
}

status wasi_bind(struct wasi *w, struct rt_instance *i, struct err *e)
{
    const struct wasm_export *x = wasm_export_find(wasm_module_of(i), "memory", 6);
    if (x && x->kind == WASM_MEMORY) {
        w->mem = i->mems[x->index];
        return ST_OK;
    }
    if (w->needs_memory)
        return err_set(e, E_INVAL, ERR_NO_OFFSET, "the module uses WASI but exports no memory \"memory\"");
    return ST_OK;
}
