#include "wasm.h"

#include "rt_helpers.h"
#include "wasm_build.h"

static void no_cells(struct rt_func *f, rt_cell *cells)
{
    (void)f;
    (void)cells;
}

/* Resolves every import to the same value. */
static bool resolve(void *env, const struct wasm_module *m, const struct wasm_import *imp,
                    struct wasm_extern_value *out)
{
    (void)m;
    (void)imp;
    if (!env)
        return false;
    *out = *(const struct wasm_extern_value *)env;
    return true;
}

struct result {
    struct wasm_module *m;
    struct rt_instance *i;
    status s;
    enum rt_trap trap;
    struct err e;
};

static struct result instantiate(const u8 *bytes, size_t len, struct wasm_extern_value *import)
{
    struct result r = {0};
    r.s = wasm_module_decode(bytes, len, &r.m, &r.e);
    if (!CHECK_EQ(r.s, ST_OK))
        return r;
    struct wasm_instantiate_options o = {.resolve = resolve, .env = import, .func_cells = no_cells};
    r.s = wasm_instantiate(r.m, &o, &r.i, &r.trap, &r.e);
    return r;
}

static void done(struct result *r)
{
    rt_instance_destroy(r->i);
    wasm_module_destroy(r->m);
}

TEST(wasm_instantiate_fills_globals_memory_and_tables)
{
    struct result r = instantiate(MODULE(TYPE_V_V, ONE_FUNC, SEC(4, 1, 0x70, 0, 4), SEC(5, 1, 1, 1, 2),
                                         SEC(6, 2, 0x7f, 0, 0x41, 0x7f, 0x0b, 0x70, 1, 0xd2, 0, 0x0b),
                                         SEC(7, 2, 1, 'm', 2, 0, 1, 'g', 3, 0),
                                         SEC(9, 2, 0, 0x41, 2, 0x0b, 1, 0, 1, 0, 1, 0), CODE(0x01),
                                         SEC(11, 2, 0, 0x41, 3, 0x0b, 2, 'h', 'i', 1, 1, 'p')),
                                  NULL);
    CHECK_STR(r.e.text, "");
    REQUIRE(r.i != NULL);
    CHECK_EQ((u32)r.i->globals[0]->value[0], UINT32_MAX);
    CHECK_EQ(r.i->globals[1]->value[0], (uintptr_t)r.i->funcs[0]);
    CHECK_EQ(r.i->mems[0]->bytes, RT_PAGE);
    CHECK_EQ(r.i->mems[0]->max_pages, 2);
    CHECK(memcmp(r.i->mems[0]->base, "\0\0\0hi\0", 6) == 0);
    CHECK(r.i->tables[0]->elems[1] == NULL);
    CHECK(r.i->tables[0]->elems[2] == r.i->funcs[0]);
    CHECK_EQ(r.i->ndata, 2);
    CHECK_EQ(r.i->data[0].len, 0);
    CHECK_EQ(r.i->data[1].len, 1);
    CHECK_EQ(r.i->elems[1].len, 1);
    CHECK(((void *const *)r.i->elems[1].data)[0] == r.i->funcs[0]);
    CHECK(r.i->funcs[0]->cells == no_cells);
    CHECK_EQ(r.i->funcs[0]->sig_id, r.m->types[0].sig->id);
    struct wasm_extern_value v;
    wasm_instance_export(r.i, wasm_export_find(r.m, "g", 1), &v);
    CHECK(v.kind == WASM_GLOBAL && v.u.global == r.i->globals[0]);
    done(&r);
}

TEST(wasm_instantiate_traps_on_segments_that_do_not_fit)
{
    /* the first data segment stays written, the second traps */
    struct result r = instantiate(MODULE(SEC(5, 1, 0, 1), SEC(11, 2, 0, 0x41, 0, 0x0b, 1, 'a', 0, 0x41, 0xff,
                                                              0xff, 3, 0x0b, 2, 'b', 'c')),
                                  NULL);
    CHECK_EQ(r.s, E_TRAP);
    CHECK_EQ(r.trap, TRAP_MEMORY_OOB);
    CHECK_STR(r.e.text, "out of bounds memory access: data segment 1");
    REQUIRE(r.i != NULL);
    CHECK_EQ(r.i->mems[0]->base[0], 'a');
    CHECK_EQ(r.i->mems[0]->base[65535], 0);
    done(&r);
    /* elements come before data; an empty segment also must lie inside */
    r = instantiate(MODULE(SEC(4, 1, 0x70, 0, 1), SEC(5, 1, 0, 0), SEC(9, 1, 0, 0x41, 2, 0x0b, 0),
                           SEC(11, 1, 0, 0x41, 1, 0x0b, 0)),
                    NULL);
    CHECK_EQ(r.s, E_TRAP);
    CHECK_EQ(r.trap, TRAP_TABLE_OOB);
    done(&r);
}

TEST(wasm_instantiate_matches_imports)
{
    struct rt_global global = {.value = {666}, .type = RT_I32};
    struct wasm_extern_value v = {.kind = WASM_GLOBAL, .u.global = &global};
    struct result r =
        instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'g', 3, 0x7f, 0), SEC(6, 1, 0x7f, 0, 0x23, 0, 0x0b)), &v);
    REQUIRE(r.i != NULL);
    CHECK_EQ(r.i->globals[1]->value[0], 666);
    done(&r);
    r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'g', 3, 0x7f, 1)), &v);
    CHECK_EQ(r.s, E_INVAL);
    CHECK_STR(r.e.text, "incompatible import type \"a\".\"g\": the global is immutable");
    done(&r);
    r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'g', 2, 0, 0)), &v);
    CHECK_STR(r.e.text, "incompatible import type \"a\".\"g\": expected a memory, got a global");
    done(&r);
    r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'g', 3, 0x7f, 0)), NULL);
    CHECK_STR(r.e.text, "unknown import \"a\".\"g\": nothing provides it");
    done(&r);
}

TEST(wasm_instantiate_matches_limits)
{
    struct result from = instantiate(MODULE(SEC(5, 1, 0, 2), SEC(7, 1, 1, 'm', 2, 0)), NULL); /* 2.. pages */
    REQUIRE(from.i != NULL);
    struct wasm_extern_value v = {.kind = WASM_MEMORY, .u.mem = from.i->mems[0]};
    struct result r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'm', 2, 0, 2)), &v);
    CHECK_EQ(r.s, ST_OK);
    CHECK_EQ(v.u.mem->refs, 2);
    done(&r);
    CHECK_EQ(v.u.mem->refs, 1);
    r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'm', 2, 0, 3)), &v);
    CHECK_EQ(r.s, E_INVAL); /* too small */
    done(&r);
    r = instantiate(MODULE(SEC(2, 1, 1, 'a', 1, 'm', 2, 1, 0, 0x80, 0x80, 4)), &v);
    CHECK_EQ(r.s, E_INVAL); /* 0..65536 wants a maximum */
    done(&r);
    done(&from);
}
