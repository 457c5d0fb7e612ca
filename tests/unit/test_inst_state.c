/* An instance's contents as bytes and back; what cannot be kept is named. */
#include "inst_state.h"

#include <string.h>

#include "heap.h"
#include "rt_helpers.h"
#include "wasm_build.h"

/* A memory, a mutable i32 and externref, a table of funcref and one of externref, an active and a passive
 * segment. */
static const u8 module[] = {HEADER,
                            TYPE_V_V,
                            ONE_FUNC,
                            SEC(4, 2, 0x70, 0, 4, 0x6f, 0, 2),
                            SEC(5, 1, 1, 1, 4),
                            SEC(6, 2, 0x7f, 1, 0x41, 5, 0x0b, 0x6f, 1, 0xd0, 0x6f, 0x0b),
                            SEC(7, 1, 1, 'm', 2, 0),
                            SEC(9, 1, 0, 0x41, 1, 0x0b, 1, 0),
                            SEC(12, 2),
                            CODE(0x01),
                            SEC(11, 2, 0, 0x41, 3, 0x0b, 2, 'h', 'i', 1, 4, 'k', 'e', 'p', 't')};

static void no_cells(struct rt_func *f, rt_cell *cells)
{
    (void)f, (void)cells;
}

struct made {
    struct wasm_module *m;
    struct rt_instance *i;
};

static bool make(const u8 *bytes, size_t len, bool restored, struct made *out)
{
    struct wasm_instantiate_options o = {.func_cells = no_cells, .restored = restored};
    enum rt_trap trap;
    return wasm_module_decode(bytes, len, &out->m, NULL) == ST_OK &&
           wasm_instantiate(out->m, &o, &out->i, &trap, NULL) == ST_OK;
}

static void unmake(struct made *x)
{
    rt_instance_destroy(x->i);
    wasm_module_destroy(x->m);
}

TEST(inst_state_comes_back)
{
    struct made a, b;
    struct inst_state s;
    enum inst_phase phase;
    u8 *rest;
    size_t len;
    REQUIRE(make(module, sizeof module, false, &a));
    REQUIRE(rt_memory_grow(a.i->mems[0], 2) == 1);
    for (u32 k = 70000; k < 150000; k++)
        a.i->mems[0]->base[k] = (u8)(k * k >> 7);
    REQUIRE(rt_memory_grow(a.i->mems[0], 1) == 3); /* a page that nothing has touched */
    a.i->globals[0]->value[0] = 77;
    a.i->tables[0]->elems[3] = a.i->funcs[0];
    REQUIRE(inst_state_take(a.i, INST_INITIALISED, &s, NULL) == ST_OK &&
            wasm_strip(a.i, &rest, &len) == ST_OK);
    CHECK_EQ(len, sizeof module - 5); /* the active segment is in the memory */
    REQUIRE(make(rest, len, true, &b));
    REQUIRE(inst_state_restore(b.i, s.bytes, s.len, s.pages.bytes, s.pages.len, &phase, NULL) == ST_OK);
    CHECK_EQ(phase, INST_INITIALISED);
    CHECK_EQ(b.i->mems[0]->bytes, 4 * RT_PAGE);
    CHECK(memcmp(a.i->mems[0]->base, b.i->mems[0]->base, 4 * RT_PAGE) == 0);
    CHECK_EQ((u32)b.i->globals[0]->value[0], 77);
    for (u32 k = 0; k < 4; k++)
        CHECK(b.i->tables[0]->elems[k] == (k % 2 ? b.i->funcs[0] : NULL));
    CHECK_EQ(b.i->data[0].len, 0);
    CHECK(b.i->data[1].len == 4 && memcmp(b.i->data[1].data, "kept", 4) == 0);
    for (size_t cut = 0; cut < s.len; cut++) /* what is cut off is refused */
        CHECK(inst_state_restore(b.i, s.bytes, cut, s.pages.bytes, s.pages.len, &phase, NULL) != ST_OK);
    unmake(&b);
    heap_free(rest);
    inst_state_fini(&s);
    unmake(&a);
}

TEST(inst_state_names_what_cannot_be_kept)
{
    struct made a;
    struct inst_state s;
    struct err e = {0}, e2 = {0}, e3 = {0};
    struct rt_func foreign = {0};
    REQUIRE(make(module, sizeof module, false, &a));
    a.i->globals[1]->value[0] = 0x1234;
    CHECK_EQ(inst_state_take(a.i, INST_WARM, &s, &e), E_UNSUPPORTED);
    CHECK_STR(e.text, "a reference to an object of the host cannot be kept: global 1");
    inst_state_fini(&s);
    a.i->globals[1]->value[0] = 0;
    a.i->tables[1]->elems[1] = &e;
    CHECK_EQ(inst_state_take(a.i, INST_WARM, &s, &e2), E_UNSUPPORTED);
    CHECK_STR(e2.text, "a reference to an object of the host cannot be kept: table 1, element 1");
    inst_state_fini(&s);
    a.i->tables[1]->elems[1] = NULL;
    a.i->tables[0]->elems[0] = &foreign;
    CHECK_EQ(inst_state_take(a.i, INST_WARM, &s, &e3), E_UNSUPPORTED);
    CHECK_STR(e3.text, "a function of another instance cannot be kept: table 0, element 0");
    inst_state_fini(&s);
    unmake(&a);
}
