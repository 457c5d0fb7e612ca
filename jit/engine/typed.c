/* typed.c: see typed.h. An entry is two instructions, which load the slot's address and jump to typed_enter;
 * those of an instance lie in one block of the arena for code. */
#include "typed.h"

#include <string.h>

#include "heap.h"
#include "plat.h"
#include "rt_arena.h"

/* typed_enter.asm */
void typed_enter(void);
void typed_trapped(const struct rt_catch *c); /* calls this */

_Static_assert(offsetof(struct rt_func, native) == 0 && offsetof(struct rt_func, inst) == 8, "typed_enter");
_Static_assert(offsetof(struct rt_catch, prev) == 64 && offsetof(struct rt_catch, interp_top) == 72 &&
                   offsetof(struct rt_catch, cells_top) == 80 &&
                   offsetof(struct rt_catch, handler_top) == 88 && sizeof(struct rt_catch) == 96,
               "typed_enter");
_Static_assert(offsetof(struct rt_thread, cells_top) == 8 && offsetof(struct rt_thread, interp_top) == 24 &&
                   offsetof(struct rt_thread, catch_top) == 32 &&
                   offsetof(struct rt_thread, handler_top) == 40,
               "typed_enter");

enum { ENTRY_BYTES = 16 };
struct typed {
    const struct wasm_module *module;
    u8 *code;
    size_t bytes;
};

static bool failed;
static enum rt_trap last_trap;

bool typed_failed(enum rt_trap *why)
{
    bool was = failed;
    failed = false;
    *why = last_trap;
    return was;
}

void typed_trapped(const struct rt_catch *c)
{
    rt_thread.catch_top = c->prev;
    rt_thread.interp_top = c->interp_top;
    rt_thread.cells_top = c->cells_top;
    rt_thread.handler_top = c->handler_top;
    rt_thread.exception = NULL;
    rt_thread.tail = NULL;
    last_trap = rt_thread.trap;
    if (last_trap != TRAP_UNCAUGHT_EXCEPTION)
        rt_thread.uncaught = NULL;
    failed = true;
}

bool typed_fits(const struct rt_sig *s)
{
    u32 fp = 0;
    for (u32 k = 0; k < (u32)s->nparams + s->nresults; k++) {
        if (s->types[k] == RT_V128)
            return false;
        fp += k < s->nparams && rt_type_is_fp(s->types[k]);
    }
    return s->nresults <= 1 && fp <= RT_NATIVE_XMMS && s->nparams - fp < RT_NATIVE_GPRS;
}

/* mov $slot, %r10; jmp typed_enter */
static void put_entry(u8 *at, const struct rt_func *slot)
{
    u64 r10 = (uintptr_t)slot;
    s32 to = (s32)((intptr_t)(uintptr_t)typed_enter - (intptr_t)(uintptr_t)(at + 15));
    at[0] = 0x49;
    at[1] = 0xba;
    memcpy(at + 2, &r10, sizeof r10);
    at[10] = 0xe9;
    memcpy(at + 11, &to, sizeof to);
}

static void put_entries(struct typed *t, const struct rt_instance *i)
{
    for (u32 k = 0; k < t->module->nexports; k++) {
        const struct wasm_export *x = &t->module->exports[k];
        if (x->kind == WASM_FUNC)
            put_entry(t->code + (size_t)k * ENTRY_BYTES, i->funcs[x->index]);
    }
}

status typed_create(const struct rt_instance *i, struct typed **out)
{
    TRY(rt_arena_init(NULL)); /* an interpreter alone has none */
    struct typed *t = heap_calloc(1, sizeof *t);
    if (!t) {
        rt_arena_fini();
        return E_NOMEM;
    }
    t->module = wasm_module_of(i);
    t->bytes = (size_t)(t->module->nexports + 1) * ENTRY_BYTES;
    t->code = rt_arena_alloc(RT_ARENA_CODE, t->bytes);
    status st = t->code ? ST_OK : E_LIMIT;
    if (st == ST_OK) {
        put_entries(t, i);
        st = rt_arena_seal(t->code, t->bytes);
    }
    if (st == ST_OK)
        *out = t;
    else
        typed_destroy(t);
    return st;
}

void typed_destroy(struct typed *t)
{
    if (!t)
        return;
    if (t->code)
        rt_arena_free(t->code, t->bytes);
    rt_arena_fini();
    heap_free(t);
}

typed_fn typed_find(const struct typed *t, const struct wasm_export *x)
{
    const u8 *at = t->code + (size_t)(x - t->module->exports) * ENTRY_BYTES;
    typed_fn fn;
    if (!typed_fits(wasm_func_type(t->module, x->index)->sig))
        return NULL;
    memcpy(&fn, &at, sizeof fn);
    return fn;
}
